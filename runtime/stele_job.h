/*
 * stele_job.h - batch jobs: a Lua file of this program, run over a table in batches, for as long as that takes
 *
 * A job is a file J_name.lua beside the migrations in Lua. It says what to read and what to compute; the engine reads, calls the provider of
 * embeddings with no transaction open, writes, and remembers in tables of the ledger's schema how far it is (see docs/jobs.md). Many workers, on
 * many machines, may run one job at once: they share it through PostgreSQL alone. What a job does to the database, it does exactly once.
 *
 *     stele_job *job;
 *     stele_job_options options = {.told = print_progress};
 *     if (stele_job_open(handle, "reembed", &options, &job, &error) == STELE_OK) {
 *         stele_status status = stele_job_run(job, &report, &error);   // returns when there is nothing left to do, or it is paused
 *         stele_job_close(job);
 *     }
 *
 * The conventions of stele.h hold here, too. All of these functions but stele_job_close talk to the server. A job uses its handle's connection, and, while an
 * index is built, where one stands in the way, and for reading ahead, a second one (see stele_options.no_watch); between its statements no transaction is open. All return FAILED,
 * NO_CONNECTION and CANCELLED as stele.h says; USAGE for a job of a name that isn't there; and what they say.
 */
#ifndef STELE_JOB_H
#define STELE_JOB_H

#include "stele.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct stele_job stele_job; /* opaque: one worker of one job; for one thread */

/* Where a job is; also what stele.job has in its column `state`, in these words. */
typedef enum stele_job_state {
    STELE_JOB_NEW,       /* "": never run, or somebody deleted its row */
    STELE_JOB_LOAD,      /* "load": the table is being gone through */
    STELE_JOB_DRAIN,     /* "drain": what was changed meanwhile is done again, until nothing is left */
    STELE_JOB_INDEX,     /* "index": the index is being built */
    STELE_JOB_VERIFY,    /* "verify": what was made is being checked */
    STELE_JOB_READY,     /* "ready": waits for stele_job_switch */
    STELE_JOB_SWITCHED,  /* "switched": stele_job_undo takes it back, until stele_job_finish */
    STELE_JOB_DONE,      /* "done": of a job without a switch; or finished, so that it can't be undone any more */
    STELE_JOB_CANCELLED  /* "cancelled": the next run begins it anew */
} stele_job_state;

/* How it stands, as all workers have told it. */
typedef struct stele_job_report {
    stele_job_state state;
    int paused;             /* 1: nobody works at it until somebody says resume */
    char reason[512];       /* why it is paused, or what went wrong lately; or "" */
    char bound[256];        /* what limits its speed now: "provider: requests per minute", "provider: Could not resolve host: x; retried for 12 s of 600 s", "replica lag"; or "" */
    double fraction;        /* of the table that is done, by blocks or keys: 0 to 1, and never more */
    /* Written, of a job that embeds each row once, however often it was changed and done again; in `dead`; waiting to be done again; in all, estimated: without those that
     * were found done already. */
    int64_t rows, dead, dirty, expected;
    int64_t calls, tokens, refused; /* requests to the provider; tokens as it counted them; 429s among the requests */
    double cost;            /* so far, in the currency of the script's price; 0 without one */
    double expected_cost;
    double rate;            /* rows a second, of the last minute */
    double seconds_left;    /* -1: nobody can tell */
    double read_share, call_share, write_share, wait_share; /* where the workers' time goes; together 1, or 0 */
    double wal_rate;        /* bytes a second, of all the server */
    double wal_budget;      /* the same, allowed; 0: no limit */
    double lag;             /* seconds, of the replica that is furthest behind; -1: none, or nobody may see it */
    int64_t dead_tuples;    /* of the tables that are written */
    unsigned workers;       /* alive */
    char message[256];      /* of the phase: how far an index is, what is being verified; of a run of a job that was done before, that what came since isn't looked at, where that is so; or "" */
} stele_job_report;

/* What the application lends; all zero is fine. */
typedef struct stele_job_options {
    const char *worker; /* a name for this worker, in stele.worker; NULL: host, process and number, "db7 4711 #12" */
    /*
     * Told how the job stands, about once a second and when it changes, from inside the call; by a try, while it waits for the provider, only `bound`; by a run that begins and has to wait for
     * others' locks, only `state` and `bound`: "blocked by process 4711, ...". It must not use the connection.
     */
    void (*told)(void *data, const stele_job_report *report);
    /*
     * The provider of a script that says `embed = callback{...}`: `count` texts in, `count` * `dimensions` numbers out. Returns 0; or another number, and a
     * message, when it can't embed these: the engine then finds out which of them it is. Called while no transaction waits for
     * it: none is open, or it was sent to its COMMIT, which the server does by itself.
     */
    int (*embed)(void *data, const char *model, const char *const *texts, const size_t *lengths, size_t count, unsigned dimensions,
                 float *vectors, char *message, size_t message_size);
    void *data; /* for both */
    /*
     * 1: only to look, to pause, resume or cancel, to set knobs, and for rows that were given up. A script that can't be read, or has a parameter without a value, is then no failure of stele_job_open:
     * these go on without it, a report's reason tells it, and all others fail with it.
     */
    int looks;
} stele_job_options;

/* The jobs of this program: `each` is told name, file and the comment at the file's head. Doesn't talk to the server. */
void stele_job_list(const stele *handle, void (*each)(void *data, const char *name, const char *file, const char *what), void *data);

/*
 * Run the script's outer level, and check what it says. `options` is copied, the strings in it are not; NULL is allowed. Returns OK; USAGE for a name that isn't
 * there; FAILED with file and line where the script is wrong; UNMET when built without Lua, or without libcurl and the script needs that. Only asks the server what
 * the values of parameters are.
 */
stele_status stele_job_open(stele *handle, const char *name, const stele_job_options *options, stele_job **job, stele_error *error);

/* Free what it holds; the handle stays open. NULL is allowed. */
void stele_job_close(stele_job *job);

/* -------------------------------------------------------------------- before */

/* What it would take, all of it, as far as a sample tells; what is done already isn't taken off. */
typedef struct stele_job_estimate {
    int64_t rows, blocks;       /* rows by the server's statistics and a sample of blocks */
    int64_t sample;             /* rows that were looked at */
    double texts_bytes;         /* of the inputs */
    double tokens, cost;        /* a quarter of the bytes, which is typical: requests, limits and max_cost go by more, by what there may be at most; 0 for jobs without a provider; cost 0 without a price */
    double table_bytes;         /* what is written takes so much on the disk, until vacuum has seen to old versions of rows; 0 of a statement of the script's, of which nobody can tell */
    double index_bytes;         /* 0 without an index */
    double wal_bytes;
    double seconds_provider;    /* at the provider's limits; 0 without limits */
    double seconds_database;    /* for the WAL, at the knob "wal"; 0 without one: nothing is written to find out */
    int by_blocks;              /* 1: gone through by blocks; 0: by key */
} stele_job_estimate;

/* What may go wrong, or do harm to others, when it is run. */
typedef struct stele_job_danger {
    int fatal;           /* 1: it will not be run like this */
    const char *what;    /* "the table has the trigger \"touch\", which fires at each of these updates" */
    const char *remedy;  /* or "" */
} stele_job_danger;

/* Look, without writing anything: what it takes, and what is dangerous about it. `estimate` and `danger` may be NULL. Returns OK, or UNMET when something is fatal. */
stele_status stele_job_plan(stele_job *job, stele_job_estimate *estimate, void (*danger)(void *data, const stele_job_danger *danger), void *data,
                            stele_error *error);

/* One row of a try. */
typedef struct stele_job_trial {
    const char *key;    /* "(1, a)" */
    const char *input;  /* the text to embed, what map returned, or ""; cut after some 200 bytes */
    const char *result; /* "vector(1024), norm 1.00: [0.013, ...", the columns and their values, rows of the statement; or "" */
    const char *problem; /* why it would be in `dead`; or "" */
    double seconds;     /* that the provider took for all rows of the try together; 0 without one, with the one built in, and where it wasn't asked */
} stele_job_trial;

/*
 * Do `rows` rows of a random sample for real, provider and all, in transactions that are rolled back. Changes nothing, also nothing of the job's own state. `each` may be NULL. Returns OK, whatever
 * became of the rows; UNMET when the table isn't as the script has it, or the provider lacks something, such as its key; FAILED when the provider
 * doesn't answer.
 */
stele_status stele_job_try(stele_job *job, unsigned rows, void (*each)(void *data, const stele_job_trial *trial), void *data, stele_error *error);

/* -------------------------------------------------------------------- running */

/*
 * Work at it, with whoever else does, until it is ready, done, paused or cancelled; begin it where it is new, or was cancelled before. Goes on where it was left. Returns OK when it is ready, done or switched and nothing
 * is left to do; PENDING when it is paused (report->reason says why) or migrations are pending; UNMET when it can't be run like this (see stele_job_plan), the verification failed, or the script,
 * the model or the key isn't what the job was begun with: the error's detail then has the difference. `report` may be NULL.
 */
stele_status stele_job_run(stele_job *job, stele_job_report *report, stele_error *error);

/* How it stands. Of a job that was never run: NEW; no seconds_left and no lag, and all else zero. */
stele_status stele_job_status(stele_job *job, stele_job_report *report, stele_error *error);

/*
 * What somebody wants of it; workers look once a second. PAUSE: they write what is paid for and stop. RESUME: the next run goes on. CANCEL: it is over; its triggers are dropped, workers write
 * what was answered already and wait for nothing, what was written stays. The same in SQL: UPDATE stele.job SET desired = 'pause', reason = 'why' WHERE name = 'reembed'. Returns OK; UNMET where
 * the job was never run, or isn't in a state for that, or this role may not drop the triggers; LOCKED when the table's users leave no gap to drop them: in both the job is cancelled
 * all the same, as the error says, and the triggers that are left note nothing. Of PAUSE and CANCEL, who said so, from
 * where and when is kept as the job's reason, and behind it `reason`, which may be NULL: its first
 * 239 bytes.
 */
typedef enum stele_job_wish { STELE_JOB_PAUSE, STELE_JOB_RESUME, STELE_JOB_CANCEL } stele_job_wish;
stele_status stele_job_want(stele_job *job, stele_job_wish wish, const char *reason, stele_error *error);

/* Set a knob ("write", "80ms"), from now on, for all workers; NULL sets it back to what the script says. USAGE for one that isn't there, or another kind of value; UNMET where the job was never run. */
stele_status stele_job_set(stele_job *job, const char *knob, const char *value, stele_error *error);

/* Each knob with its value in force and where that comes from ("script", "set", "default"). */
stele_status stele_job_knobs(stele_job *job, void (*each)(void *data, const char *knob, const char *value, const char *from, const char *what), void *data,
                             stele_error *error);

/* A row that was given up. */
typedef struct stele_job_dead {
    const char *key, *stage, *code, *message, *when; /* stage: "text", "embed", "map", "write"; code: an SQLSTATE, an HTTP status, or a word */
    int attempts;
} stele_job_dead;

/* Those that were given up, and not done or tried again since, the oldest first. None of a job that was never run. */
stele_status stele_job_list_dead(stele_job *job, void (*each)(void *data, const stele_job_dead *dead), void *data, stele_error *error);

/* Have them tried again by the next run: all, with `code` NULL, or those of one code. `*count` is how many. UNMET where the job was never run, or is cancelled. */
stele_status stele_job_retry_dead(stele_job *job, const char *code, int64_t *count, stele_error *error);

/* ---------------------------------------------------------------------- after */

/* One check of a verification. */
typedef struct stele_job_check {
    int ok;
    const char *name;    /* "count", "dimensions", "finite", "norm", "distinct", "canary", "resample", "recall", "stale", "zero", "check", "index": stable, for machines */
    const char *title;   /* in words, with what was found: "recall@10 of 100 queries is 0.983, at least 0.950 is asked for" */
    const char *detail;  /* of a failure: the keys, the values; or "" */
} stele_job_check;

/*
 * Check what was made, as the script's `verify` says, and what is always checked. `each` may be NULL. Returns OK, also where nothing is to be checked (of a map or sql without `verify`); UNMET when
 * a check failed, or the job was never run.
 */
stele_status stele_job_verify(stele_job *job, void (*each)(void *data, const stele_job_check *check), void *data, stele_error *error);

/*
 * From here on the new one counts: nothing is stale at that moment, and in one transaction the parameters that the script names get their new values (see repair set), stele.space says
 * which model the space has, and the script's own statements run. Only when READY; what was changed since is done first, as stele_job_run does it. Writers of the table wait meanwhile, some
 * milliseconds; it is tried for a minute (or lock_retry_ms). Returns OK; UNMET when something isn't as it has to be; LOCKED when the table's writers leave no gap.
 */
stele_status stele_job_switch(stele_job *job, const char *reason, stele_error *error);

/*
 * The way back of a switch, in one transaction, which makes no writer of the table wait, unless the script's `undo` does. Only when it is switched, and not finished. The old vectors must still
 * be there: that is checked of the table and column that stele.space named before the switch. Where it named none, as before the first switch of a space, nobody here knows where they are, and it isn't.
 * A program that was built with the old values or with the new ones may do it. Returns OK; UNMET when something was changed since; LOCKED.
 */
stele_status stele_job_undo(stele_job *job, const char *reason, stele_error *error);

/*
 * It is over: the triggers are dropped, what they noted is forgotten, and a switch can't be undone any more. Only when SWITCHED; or of a job without a switch when DONE, which until then
 * notes what is changed for further runs. Returns OK; UNMET when it isn't that far, or this role may not drop the triggers, and nothing was changed then;
 * LOCKED when the table's users leave no gap: it isn't finished then, but triggers that are left note nothing any more, as the error says.
 */
stele_status stele_job_finish(stele_job *job, stele_error *error);

/* What a search has to use: the vectors that a job's last switch made the ones that count. */
typedef struct stele_space {
    char job[200];      /* that switched to it last; "" where its row is gone */
    char model[200];    /* which the query's vector has to come from */
    unsigned dimensions;
    char relation[300]; /* as the script has it, to be put into SQL as it stands */
    char vector[64];    /* its column, unquoted */
    char metric[16];    /* "cosine", "l2", "ip" */
    char since[40];     /* of the switch: "2026-11-20 18:56:03.123456+00" */
} stele_space;

/* Find a space by its name, in one round trip, without a job. UNMET where there is none: nothing was switched to it yet, or that was undone. */
stele_status stele_space_find(stele *handle, const char *name, stele_space *out, stele_error *error);

/*
 * All of the above, behind one address: a generated table that has jobs holds it, and stele_main calls jobs through it. So a program
 * without jobs is linked with nothing of this, nor with libcurl.
 */
struct stele_job_engine {
    void (*list)(const stele *handle, void (*each)(void *data, const char *name, const char *file, const char *what), void *data);
    stele_status (*open)(stele *, const char *, const stele_job_options *, stele_job **, stele_error *);
    void (*close)(stele_job *);
    stele_status (*plan)(stele_job *, stele_job_estimate *, void (*)(void *, const stele_job_danger *), void *, stele_error *);
    stele_status (*try_rows)(stele_job *, unsigned, void (*)(void *, const stele_job_trial *), void *, stele_error *);
    stele_status (*run)(stele_job *, stele_job_report *, stele_error *);
    stele_status (*status)(stele_job *, stele_job_report *, stele_error *);
    stele_status (*want)(stele_job *, stele_job_wish, const char *, stele_error *);
    stele_status (*set)(stele_job *, const char *, const char *, stele_error *);
    stele_status (*knobs)(stele_job *, void (*)(void *, const char *, const char *, const char *, const char *), void *, stele_error *);
    stele_status (*list_dead)(stele_job *, void (*)(void *, const stele_job_dead *), void *, stele_error *);
    stele_status (*retry_dead)(stele_job *, const char *, int64_t *, stele_error *);
    stele_status (*verify)(stele_job *, void (*)(void *, const stele_job_check *), void *, stele_error *);
    stele_status (*switch_over)(stele_job *, const char *, stele_error *);
    stele_status (*undo)(stele_job *, const char *, stele_error *);
    stele_status (*finish)(stele_job *, stele_error *);
    stele_status (*look_first)(stele_job *, stele_job_report *, stele_error *); /* status, before several are run together: see cli/job_run.c */
};
extern const struct stele_job_engine stele_jobs;

#ifdef __cplusplus
}
#endif

#endif

/*
 * job.h - what the rooms of a job share: the job itself, and its tables
 */
#ifndef STELE_JOB_INSIDE_H
#define STELE_JOB_INSIDE_H

#include "../handle.h"
#include "../stele_job.h"
#include "pace.h"
#include "provider.h"
#include "script.h"
#include "spec.h"

enum { STELE_JOB_HELD = 8 };

struct stele_job {
    stele *handle;
    const stele_migration *file; /* the script, with its checksum and modules */
    stele_script *script;
    const stele_job_spec *spec;
    stele_job_options options;
    const char *schema;   /* of the tables below, quoted: the ledger's */
    stele_arena arena;    /* lives as long as the job */
    stele_knobs knobs;    /* in force: stele_job_tick keeps them so */
    stele_arena knob_arena; /* of their texts */
    const stele_error *wrong; /* with the script, where options.looks; then `script` is NULL, and `spec` has hardly more than the name; in the arena */
    const char *version, *making, *code; /* of the script: see stele_job_take_version; in the arena */
    int id;               /* in job; 0 before stele_job_find or stele_job_enter */
    int64_t worker;       /* in worker; 0 for one that only looks */
    const char **read_bytes; /* of each column that is read, for the hash: the function that gives its bytes, or "", and behind its zero byte a type; or NULL: from stele_job_look_at */
    char looked[48];      /* when the row had last changed its state as this worker first looked: see stele_job_enter */
    bool together;        /* `looked` is of stele_job_look_first, and holds for the next run */
    char *knobs_seen;     /* what the row's knobs were when they were last read; in knob_arena, as is */
    const char *knobs_wrong; /* what is wrong with one of them, or NULL */
    int64_t held[STELE_JOB_HELD]; /* the chunks that this worker is at: see stele_job_tick */
    unsigned held_count;
    /* What report.c has added up of this round's chunks, and those before, that are done for good: none up to `below` has to be looked at again. */
    struct stele_job_sums {
        int round;
        unsigned chunk;
        int64_t below;
        double rows, passed, blocks;
        bool earlier;
    } sums;
    /* Of the last report: tokens that workers may use besides what they counted; and those of them of workers that aren't heard of. */
    double reserved, lost;
    stele_status (*between)(void *data, stele_error *error); /* called between two pieces of long work, or NULL: a worker's tick */
    void *between_data;
    struct stele_job_meter {
        int64_t at[16], rows[16]; /* the last minute, every four seconds: a ring */
        unsigned count;
    } meter;
};

/* ------------------------------------------------------------- tables.c: what is remembered */

/*
 * The tables, in the ledger's schema. Keys are text[], each the type's own output with DateStyle ISO and extra_float_digits 1, and are cast back where they are used.
 *
 *   job     id, name, file, source (the script's version), script (its code), identity (what may not change while it runs: a line "what: value" each),
 *           state, desired ('run', 'pause', 'cancel'), reason, knobs (jsonb, what was set), by_blocks, round, planned (no chunk of this round is still to be made),
 *           frontier (text[]: where planning goes on), blocks, expected, message, before (jsonb: what a switch changed, for undo), began, since, moved; and of workers that are gone: calls, tokens,
 *           refused, repeated, read_us, call_us, write_us, wait_us
 *   chunk   job, no, round, kind, lo, hi, keys (text[]: see stripe.h), "cursor" (text[]: done up to here), state, epoch, worker, lease_until, attempts, not_before, rows, again, dead
 *   dead    job, key, stage, code, message, input (bytea: the hash), attempts, died, resolved
 *   dirty   job, seq, key (NULL: everything, after a TRUNCATE)
 *   worker  id, job, name, backend, began, heartbeat, and counters: rows, calls, tokens, reserved, refused, repeated, read_us, call_us, write_us, wait_us, rate, bound, wal_rate, lag
 *   space   name, job, model, dimensions, relation, vector, metric, switched
 */
enum { STELE_CHUNK_RANGE = 0, STELE_CHUNK_DIRTY = 1, STELE_CHUNK_ORPHANS = 2, STELE_CHUNK_INDEX = 3, STELE_CHUNK_VERIFY = 4 }; /* kind */
enum { STELE_CHUNK_FREE = 0, STELE_CHUNK_TAKEN = 1, STELE_CHUNK_DONE = 2 };                                                   /* state */

/* Write SQL of these tables: @ stands for their schema. */
void stele_job_put(stele_text *text, const stele_job *job, const char *sql);

/* Run one statement of these tables, in one round trip, as stele_link_query; UNMET with a hint where the tables are missing or this role may not. */
stele_status stele_job_query(const stele_job *job, const char *sql, int count, const char *const *values, stele_rows **rows, stele_error *error);

/* Make them where they aren't there. Several at once may. */
stele_status stele_job_make_tables(stele_job *job, stele_error *error);

/* Are all of them there? */
stele_status stele_job_have_tables(stele_job *job, bool *there, stele_error *error);

/* ------------------------------------------------------------- state.c, enter.c: the job's row */

typedef struct stele_job_shape stele_job_shape; /* below */

/* The row, as it is. */
typedef struct stele_job_row {
    stele_job_state state;
    char desired[8];
    char reason[512], message[256];
    bool by_blocks, planned;
    int round;
    int64_t blocks, expected;
    unsigned workers; /* alive, this one as well */
    unsigned writers; /* those of them that have something to write, and were heard of in the last seconds: 0 or more */
} stele_job_row;

/* As the column `state` has it. */
const char *stele_job_state_word(stele_job_state state);

/* Find it; job->id stays 0 where it isn't there, nor its table maybe. Reads the knobs. */
stele_status stele_job_find(stele_job *job, stele_job_row *row, stele_error *error);

/*
 * stele_job_status before several handles are run together, whoever begins first: each then knows how the job stood, and none begins anew what is cancelled from here on. A run for which nobody did that
 * looks when it begins.
 */
stele_status stele_job_look_first(stele_job *job, stele_job_report *report, stele_error *error);

/*
 * Find it or begin it, and become one of its workers. UNMET where the script, or what may not change, is another than it was begun with: the detail is the difference, by line. A job that was
 * cancelled is begun anew, with its new script; what it wrote is found to be done by its hashes. But one that was cancelled since this worker first looked (with stele_job_find) is not: of
 * several workers that are started together, the last doesn't begin what was just given up. One that is done stays so.
 */
stele_status stele_job_enter(stele_job *job, const stele_job_shape *shape, stele_job_row *row, stele_error *error);

/* UNMET where the job that was found was begun with another script, as stele_job_enter says it. */
stele_status stele_job_check_script(stele_job *job, stele_error *error);

/* What this worker counts; its row gets it at each tick. */
typedef struct stele_job_counts {
    int64_t rows, calls, tokens, refused, repeated, read_us, call_us, write_us, wait_us;
    int64_t reserved; /* tokens: see budget.c */
    double wal_rate, lag;
    const char *bound;
} stele_job_counts;

/* This worker's row goes, what it counted up to now is added to the job's; never fails. The next stele_job_enter of this handle is another run, which may begin the job anew. */
void stele_job_leave(stele_job *job, const stele_job_counts *counts);

/* Add calls that no worker made to the job's: those of a verification. */
stele_status stele_job_charge(stele_job *job, int64_t calls, int64_t tokens, int64_t refused, stele_error *error);

/*
 * Once a second, one statement: heartbeat, counts with the rate of the last minute, the leases of the chunks that it holds made longer; then the row and the knobs as they are now. A knob that
 * somebody set wrong stays as the script has it, and reports say so. What the server takes for this worker's and the worker doesn't know of, since the answer was lost with a connection,
 * runs out, and is taken by anybody. UNMET where this worker's row is gone, or the job was begun anew with another script.
 */
stele_status stele_job_tick(stele_job *job, const stele_job_counts *counts, stele_job_row *row, stele_error *error);

/* What lasts calls it again and again, with no transaction open: a worker then has its tick. See job->between. */
stele_status stele_job_between(stele_job *job, stele_error *error);

/* From one state to the next, if it is still there: *moved says whether this was who did it. `message` may be NULL. */
stele_status stele_job_move(stele_job *job, stele_job_state from, stele_job_state to, const char *message, bool *moved, stele_error *error);

/* Pause it, and say why. */
stele_status stele_job_stop(stele_job *job, const char *reason, stele_error *error);

/* Say what went wrong, in job.reason, and go on; it stays until somebody resumes or pauses the job. */
stele_status stele_job_warn(stele_job *job, const char *what, stele_error *error);

/* Say what happens, in job.message. */
stele_status stele_job_say(stele_job *job, const char *message, stele_error *error);

/* job->wrong as a failure, where there is one. */
stele_status stele_job_need_script(const stele_job *job, stele_error *error);

/* ------------------------------------------------------------- report.c: how it stands */

/* Fill a report from the row as it was just read: one query. */
stele_status stele_job_report_fill(stele_job *job, const stele_job_row *row, stele_job_report *report, stele_error *error);

/* ------------------------------------------------------------- version.c: what of the script makes a result */

/*
 * What of the script decides on the result of a row, so that another one is another result: `making`, lines "what: value" of columns, provider, values; `code`, its text, without what of its table
 * makes no result; and `version`, the checksum of both, in which comments and white space don't count. It is part of each row's hash. FAILED: memory.
 */
stele_status stele_job_take_version(stele_job *job, stele_error *error);

/* ------------------------------------------------------------- names.c: SQL of the spec */

/* `name` as an identifier of SQL. */
void stele_job_name(stele_text *text, const char *name);

/* The columns, with what stands before each: "s.a, s.b". */
void stele_job_columns(stele_text *text, const char *prefix, const char *const *names, size_t count);

/*
 * The hash of a row's input: an expression of type bytea, of the columns of `alias`. It has the script's version in it. It doesn't depend on the session's settings. After
 * stele_job_look_at only; else the text fails.
 */
void stele_job_hash(const stele_job *job, stele_text *text, const char *alias);

/*
 * A condition that is true, and sets, until the statement ends, what the text form of a value depends on: DateStyle, TimeZone, and so on. Put it first into the WHERE of each statement that
 * returns or compares text of keys or of columns: it is evaluated once, before the first row. Through a pooler there is no other way without a transaction.
 */
void stele_job_pin(stele_text *text);

/* ------------------------------------------------------------- shape.c: the table, as the server has it */

/* Types are as SQL writes them. In the job's arena. */
struct stele_job_shape {
    const char **key_types, **read_types;
    const char *vector_type;     /* with its schema: "public.vector(1024)", "public.halfvec(1024)", "public.sparsevec(1024)" */
    uint32_t vector_oid, vector_array_oid; /* of the type without its modifier */
    char vector_kind;            /* 'v', 'h', 's' */
    uint32_t table_oid, into_oid;
    bool by_blocks;              /* as the spec says, or as is best */
    bool plain;                  /* an ordinary table: has blocks; neither partitioned nor a view */
    bool lockable;               /* a table or a view: neither foreign nor a materialized view */
    int64_t blocks;
    double rows;                 /* by the statistics; -1 where it was never analyzed */
    double wanted;               /* of these, what `where` asks for: all of them, until stele_job_check_sql has asked the planner */
};

/* Look at it, and check that table, key and columns are there, and that the key is unique and not null; UNMET with a hint. Fails as stele_job_need_script does. */
stele_status stele_job_look_at(stele_job *job, stele_job_shape *shape, stele_error *error);

/* ------------------------------------------------------------- follow.c, follow_end.c: rows changed meanwhile */

/* The triggers that note the keys of changed rows in `dirty`; with a short lock_timeout, tried again. UNMET where the role may not: then the sweep has to do. */
stele_status stele_job_make_triggers(stele_job *job, const stele_job_shape *shape, stele_error *error);

/*
 * Away with them, and with their function, when the job is at such an end. UNMET where the role may not; LOCKED where the table's users leave no gap. The error says what then holds: mostly what
 * is left notes nothing any more. One that is cancelled stays so; to finish one is refused before anything is changed, where it is known that this role may not.
 */
typedef enum stele_job_end { STELE_JOB_END_CANCELLED, STELE_JOB_END_FINISHED } stele_job_end;
stele_status stele_job_drop_triggers(stele_job *job, stele_job_end end, stele_error *error);

/* Is there a function that notes? Of a job that is done: until it is finished. */
stele_status stele_job_is_followed(stele_job *job, bool *followed, stele_error *error);

/* ------------------------------------------------------------- index.c: after the load */

/*
 * Build the index, if it isn't there and valid, on the second connection, and meanwhile call `each` about ten times a second; which returns OK to go on. An invalid one that this job left is
 * dropped first. `message` is for job.message.
 */
stele_status stele_job_build_index(stele_job *job, const stele_job_shape *shape, stele_status (*each)(void *data, const char *message, stele_error *error), void *data,
                                   stele_error *error);

#endif

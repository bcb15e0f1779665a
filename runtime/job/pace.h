/*
 * pace.h - how fast a job may go: the knobs, and what the server says
 *
 * Once a second a worker asks the server, in one query: does anybody wait for me? does anybody else write to my table? how far behind are the replicas, and the archiver? how much WAL is written?
 * can vacuum do its work? how many sessions are at work? Any of these slows or stops it, and the first is the reason that is shown. The size of a write tends to the time that a write may take.
 */
#ifndef STELE_JOB_PACE_H
#define STELE_JOB_PACE_H

#include "../handle.h"
#include "provider.h"

/* The knobs in force: a default, or what the script's `pace` says, or what was set in stele.job. See pace.c for the table of them. */
typedef struct stele_knobs {
    unsigned chunk;       /* "chunk": rows that are claimed at once; 5,000 */
    unsigned write_ms;    /* "write": a write shall take so long; 100ms */
    unsigned write_rows;  /* "write_rows": and has at most so many rows; 2,000 */
    unsigned concurrency; /* "concurrency": requests in flight; 4 */
    double rpm, tpm;      /* "rpm", "tpm": of all workers together; 0: no limit */
    double wal;           /* "wal": bytes a second, of all the server, "8MB/s"; 0 */
    double lag;           /* "lag": seconds that a replica may be behind; 2s; 0: don't look */
    double nice;          /* "nice": rest so many times as long as a write took; of all workers together; 0 */
    double beside;        /* "beside": share of the time for writes while others write to the same table, 0.5; 1: don't look */
    double horizon;       /* "horizon": seconds that others may hold vacuum back, or vacuum may be at the table, before it goes slowly; 5min; 0: don't look */
    unsigned archive;     /* "archive": segments of WAL that may wait to be archived; 42; 0: don't look */
    unsigned sessions;    /* "sessions": active sessions of others, at which it stops; 0: don't look */
    unsigned lease_ms;    /* "lease": a worker that isn't heard of for so long has lost what it claimed; 30s */
    double max_cost;      /* "max_cost": paused there; 0 */
    double max_dead;      /* "max_dead": paused when this share of the rows is given up, see limits.c; 0.01 */
    unsigned behind;      /* "behind": rows that may still be in `dirty` at the switch; 0 */
    unsigned min_since, max_since; /* "window": minutes of the day, UTC, between which it works, "22:00-06:00"; both 0: always */
    const char *stop_when; /* "stop_when": a query; while it returns true, nothing is done; or NULL */
} stele_knobs;

/*
 * Read a knob's value, "80ms", "8MB/s", "0.5", into `knobs`. USAGE for what isn't one, or isn't in its range, with what would be right; for a name that isn't there, with the nearest. `knobs` is
 * then as it was. What comes from the script, from the command line and from stele.job is read alike; the caller adds where it stands. The text must live as long as the knobs.
 */
stele_status stele_knob_read(stele_knobs *knobs, const char *name, const char *value, stele_error *error);

/* The defaults. */
void stele_knobs_default(stele_knobs *knobs);

/* Each knob, as text that stele_knob_read takes, in a stable order, and what it is: for listing. */
void stele_knobs_each(const stele_knobs *knobs, void (*each)(void *data, const char *name, const char *value, const char *what), void *data);

typedef enum stele_pace_verdict { STELE_PACE_GO, STELE_PACE_SLOW, STELE_PACE_STOP } stele_pace_verdict;

enum { STELE_PACE_PAST = 64 };

typedef struct stele_pace {
    const stele_knobs *knobs;
    unsigned workers;      /* that write for this job, this one as well; the caller says so. They share what the knobs allow: "wal", "nice", and the time while a replica is behind */
    stele_pace_verdict verdict; /* SLOW is for people: what it takes is in `rows` and `not_before`. STOP: write nothing before another sample says otherwise */
    char reason[128];      /* why it isn't GO: "replica lag 3.2 s (\"west\")", "2 sessions wait for this job, for 0.3 s", "WAL 9.1 of 8.0 MB/s" */
    char notice[512];      /* what this role or this server doesn't let it see, and what that means; each said once: the caller tells it and empties it */
    double wal_rate, lag;  /* as in a report */
    unsigned rows;         /* of the next write */
    int64_t not_before;    /* stele_clock: no write before */
    int64_t sample_at;     /* stele_clock: ask the server then; not later than a second after it was asked */

    /* The rest is the rooms' own. The size of a write: */
    double milliseconds_per_row, fixed_milliseconds; /* as a write took lately */
    double fit[5];         /* the sums of a straight line through rows and milliseconds: n, x, y, xx, xy */
    double factor;         /* of the time that a write may take: less after somebody had to wait */
    double duty;           /* of all time, the share for writes, of all workers together: of three it is 3, and less while a replica is behind */
    double share;          /* of all time, for writes of all workers together, as the other signs have it; 0: no limit */
    bool small;            /* others write to the same table: writes are shorter */
    bool rests;            /* the last write began as soon as its rest was over: so that is what it waited for */
    int64_t rest_until, stop_until, waited_at, duty_at, others_at;
    unsigned waiting;      /* sessions that had to, at waited_at */
    double waited;         /* seconds, the longest of them */
    /* WAL, in bytes: */
    int64_t wal_written, wal_at; /* where it was, and when; -1: not known */
    double wal_left;       /* of the budget, then */
    double wal_spent;      /* by this worker since, as far as it can tell */
    double wal_others;     /* a second, by others */
    double wal_own, wal_mine; /* a second, by this worker; and since wal_own_at */
    int64_t wal_own_at;
    double wal_per_row, wal_of_write; /* what a row takes; what the last write took, -1 where it didn't tell */
    unsigned rows_since;   /* rows written since wal_at, in writes that didn't tell */
    int64_t wal_until;
    /* Replicas: */
    struct { int64_t at, flushed; } past[STELE_PACE_PAST]; /* where WAL was, and when; oldest first */
    unsigned past_count;
    int64_t replayed, replayed_at, behind; /* by the replica that is furthest behind, and when; bytes that it had to replay still */
    double drain;          /* seconds until it has caught up, as fast as it goes */
    bool lagged, lag_stops;
    /* Vacuum: */
    char held_xid[24];     /* the oldest transaction that it has to heed, */
    int64_t held_at;       /* and since when that is so, as far as it was seen */
    /* What can be asked: */
    char tables[24];       /* what this job writes into, as oids */
    char question[1600];   /* what goes with a write */
    unsigned blind;        /* parts of the question that this server doesn't answer, */
    int64_t blind_until;   /* and are asked again then */
    unsigned told;         /* notices that were given */
    int64_t asked_at;
    bool no_monitor;       /* this role may not see replicas */
    unsigned stop_lost;    /* so many times in a row the connection was lost while `stop_when` was asked */
} stele_pace;

void stele_pace_start(stele_pace *pace, const stele_knobs *knobs);

/* What this job writes into, and what it reads: who else writes to them, and whether they are being vacuumed, matters then. 0: none. */
void stele_pace_watch(stele_pace *pace, uint32_t table, uint32_t into);

/*
 * Ask the server, one query; and, where there is a `stop_when`, that, in one more round trip. No transaction and no pipeline may be open. `marks` are the processes that belong to this worker
 * besides the link's own (the second connection's), 0-ended; NULL is allowed. What can't be asked is left out, and said in pace->notice. Returns OK; NO_CONNECTION, then see
 * stele_pace_stop_ends_session; or CANCELLED.
 */
stele_status stele_pace_sample(stele_pace *pace, stele *handle, const int *marks, stele_error *error);

/* Is it `stop_when` that ends the sessions in which it is asked? Of one that was lost nobody knows, of some in a row it is. */
bool stele_pace_stop_ends_session(const stele_pace *pace);

/*
 * Whom a write makes wait, only its own transaction can see: before it nothing is locked, and after it nothing is locked any more. And behind a pooler only there it has a process of its own. So
 * two statements, without parameters, go with each write, in its pipeline: the first one in its transaction, and the last one before COMMIT. Each has one row, which goes to stele_pace_answer,
 * before stele_pace_wrote is called. NULL: nothing to ask this time.
 */
const char *stele_pace_question(const stele_pace *pace, bool last);
void stele_pace_answer(stele_pace *pace, bool last, const stele_rows *rows);

/*
 * Does the server take this `stop_when`, and does it return what it should? It is asked, as a worker does it. USAGE with what is wrong, and where the server tells it: the line and column within
 * the text; with the server's sqlstate, if it was the server that said so. NO_CONNECTION where the connection was lost meanwhile.
 */
stele_status stele_pace_check_stop_when(stele *handle, const char *text, stele_error *error);

/* After a write of so many rows that took so long: the next one's size, and the rest that has to be taken before it. `failed`: it ran into a timeout. */
void stele_pace_wrote(stele_pace *pace, unsigned rows, int64_t microseconds, bool failed);

#endif

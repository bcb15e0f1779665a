/*
 * worker.h - one worker of a job: what it holds, and the pieces of its day
 *
 *     begin.c   before the first phase
 *     blocked.c who is in the way meanwhile
 *     run.c     from coming to going: phase after phase, whatever happens to the connection
 *     phases.c  what there is to do in each state of the job, and what then is the next
 *     flow.c    chunks of the load: read, compute, call, write, each as far as the others allow; see flow.h
 *     drain.c   what was changed or deleted meanwhile
 *     commit.c  a batch, until it is written or can't be
 *     tick.c    once a second: who wants what, and how fast may it go
 *     limits.c  how many rows may be given up
 *     budget.c  what it may cost
 */
#ifndef STELE_JOB_WORKER_H
#define STELE_JOB_WORKER_H

#include "../watch.h"
#include "write.h"

/* Why a worker ends, or goes no further. */
typedef enum stele_leave {
    STELE_STAYS,
    STELE_LEAVES_PAUSED,      /* somebody said so, or something is wrong: row.reason */
    STELE_LEAVES_INTERRUPTED, /* the caller wants to stop */
    STELE_LEAVES_CANCELLED
} stele_leave;

typedef struct stele_worker {
    stele_job *job;
    const stele_job_shape *shape;
    stele_writer writer;
    stele_provider *provider; /* of EMBEDS */
    stele_pace pace;
    stele_watch watch;        /* while it begins */
    stele_job_row row;        /* as the last tick found it */
    bool blind;               /* it was done before, and nothing tells what was changed since */
    char done_at[32];         /* when, as a text, where that is so; else "" */
    stele_job_counts counts;
    stele_leave leave;
    bool stopped;             /* a write failed for good, and the job is paused for it */
    char kept_from[224];      /* what kept it from its last write, so that it left without; or "" */
    int64_t unwritten;        /* rows whose answers were lost with that */
    bool triggers;            /* changed keys are noted */
    int fresh;                /* the round that began with an empty table beside; 0: none, and it is looked what is there already before a row is paid for */
    double budget, share, lacks; /* tokens: what this worker's requests may use in all; its share of what is left; what the next one takes that isn't paid for: see budget.c */
    int64_t spent;            /* tokens that it had used at the tick before */
    bool again;               /* all of the table is to be gone through once more */
    int64_t done;             /* rows that have their vector, as far as that was looked at: see limits.c */
    int64_t ticked, said;     /* stele_clock */
    struct stele_stream *stream; /* of the load, as long as that lasts: see flow.h; or NULL */
    uint64_t serial;          /* of the next page: an answer that comes late is never taken for another page's */
    char bound[256];
    double write_share;       /* of its time, lately, that writes took */
    int64_t shared_at, shared_us; /* when that was last looked at, and write_us then */
    char live_index[128];     /* of the column that is written; "" for none. Asked for when the database becomes what limits it */
    int (*interrupted)(void *data); /* the caller's, which the link doesn't ask meanwhile */
    void *interrupted_data;
} stele_worker;

/* ------------------------------------------------------------ begin.c */

/* Before anything is written: migrations, secrets, the provider. Without them no job is begun. */
stele_status stele_worker_look_around(stele_worker *worker, stele_error *error);

/* Of a worker that has entered: its pace, what its writer has to know, the triggers; and what was edited in the script since. */
stele_status stele_worker_begin(stele_worker *worker, stele_error *error);

/* ---------------------------------------------------------- blocked.c */

/* From here on the caller is told who is in the way of what the server does; until stele_worker_unwatch, which may be called without it. */
stele_status stele_worker_watch(stele_worker *worker, stele_error *error);
void stele_worker_unwatch(stele_worker *worker);

/* ------------------------------------------------------------ phases.c */

/* Do what the job's state asks for, and move it on where that is done by all. `*idle`: only others are at it, so wait; `*over`: nothing is left to do. */
stele_status stele_worker_phase(stele_worker *worker, bool *idle, bool *over, stele_error *error);

/* Where the job stands still for a verification that failed: say what helps, since to check again would find the same where it is rows that are wrong. False: it is for something else. */
bool stele_worker_hint_at_checks(const stele_worker *worker, stele_error *error);

/* ------------------------------------------------------------- tick.c */

/* If a second has passed: heartbeat, pace, the provider's limits, the caller's report. Sets worker->leave. Reconnects where that has to be. */
stele_status stele_worker_tick(stele_worker *worker, stele_error *error);

/* Take what the provider counted into worker->counts. */
void stele_worker_count(stele_worker *worker);

/* Pause the job, for all workers, and leave. */
stele_status stele_worker_pause(stele_worker *worker, const char *reason, stele_error *error);

/* Wait for something to happen, not longer than so many milliseconds, and charge it to one of the counts. */
void stele_worker_rest(stele_worker *worker, int milliseconds, int64_t *charged);

/* Own connection lost: connect anew, for as long as a server may need to come back. Returns OK, or what it failed with. */
stele_status stele_worker_reconnect(stele_worker *worker, stele_error *error);

/* ------------------------------------------------------------- limits.c */

/* Pause where more rows were given up than may be; `ends`: nothing is left to be done, so that it counts of few rows as well. */
stele_status stele_worker_keep_limits(stele_worker *worker, const stele_job_report *report, bool ends, stele_error *error);

/* Where it is paused for that: say what helps. False: it is for something else. */
bool stele_worker_hint_at_dead(const stele_worker *worker, stele_error *error);

/* ------------------------------------------------------------- budget.c */

/* Is there a limit? */
bool stele_worker_has_budget(const stele_worker *worker);

/* Before a tick: what this worker lays claim to until the next one. The tick writes it down. */
void stele_worker_claim(stele_worker *worker, const stele_provider_news *news);

/* After it: what it may use. Pauses where nothing is left. */
stele_status stele_worker_keep_budget(stele_worker *worker, const stele_job_report *report, stele_error *error);

/* ------------------------------------------------------------- commit.c */

/*
 * Write a batch, in parts if it has to be; it is `lost` where the chunk is somebody else's. Waits with deadlocks and the like, gives up rows that the database
 * refuses, and pauses the job where nothing helps. A worker that leaves waits some seconds only: then it is CANCELLED, and the chunk is to be given back.
 */
stele_status stele_worker_commit(stele_worker *worker, stele_job_chunk *chunk, const stele_batch *batch, bool *lost, stele_error *error);

/* A cursor for a batch of dirty keys, which have no order: after a connection that was lost it tells whether this very batch was written. NULL: no memory. */
const char *stele_worker_stamp(stele_worker *worker, const stele_job_chunk *chunk, stele_arena *arena);

/* ------------------------------------------------------------- flow.c, flow_keys.c */

/* Work at chunks of the load, until none is left to take, or the worker has to leave. `*idle`: others still are at some. */
stele_status stele_worker_load(stele_worker *worker, bool *idle, stele_error *error);

/* Compute all rows of a page that was read by keys, and write them; with each, its notes (see stele_batch) go. */
stele_status stele_worker_page(stele_worker *worker, stele_job_chunk *chunk, stele_page *page, const char *notes, bool *lost, stele_error *error);

/* ------------------------------------------------------------- drain.c */

/* Do again what is in `dirty`, until that is nearly empty; take away what is left of rows that are gone. `*idle`: another one is at it. */
stele_status stele_worker_drain(stele_worker *worker, bool *idle, stele_error *error);
stele_status stele_worker_orphans(stele_worker *worker, bool *idle, stele_error *error);

/* Behind the end of it, and without triggers, nobody has noted what was changed since: it is all compared once more. Of one that was finished nobody asks for that. */
stele_status stele_worker_look_at_all(stele_worker *worker, stele_error *error);

#endif

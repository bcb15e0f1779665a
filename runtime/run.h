/*
 * run.h - the statements of one migration, and its ledger rows
 *
 * A migration of one step is sent without waiting for its end: the next one may be sent behind it, and a failure
 * stops all that follow. A migration of several steps is run on its own, with nothing in flight around it.
 */
#ifndef STELE_RUN_H
#define STELE_RUN_H

#include "handle.h"
#include "lock.h"
#include "plan.h"
#include "session.h"

/* What one try of a run leaves for the next. */
typedef struct stele_tries {
    stele_lock lock;
    bool again;               /* try once more */
    bool moved;               /* because of the lock, or because the ledger moved: wait before that */
    bool renew;               /* in a new session */
    bool immediate;           /* a statement found deferred checks still to be made: make them before it */
    size_t immediate_index;   /* of its migration in the table */
    uint32_t immediate_from;  /* the statement */
} stele_tries;

/* Where a run is. One per try. */
typedef struct stele_run {
    stele *handle;
    stele_session session;
    stele_tries *tries;
    const stele_worklist *list;
    bool *applied;      /* per migration of the table */
    int64_t *heads;     /* per component: the last seq that was sent */
    bool in_order;      /* every component's applied set is a beginning of the table */
    const char *enter_sql, *append_sql;
    char host[256];
    stele_text text;    /* the statement being sent */

    char role[64];      /* of a migration that is run step by step: the role that its statements have set */
    size_t in_session;  /* migrations that were sent in this session */
    size_t done;        /* actions that are in */
    size_t earlier;     /* applied by earlier tries of this run, for the progress events */
    int64_t began;      /* when the migration that is run step by step began */
    int64_t took;       /* what the ledger's last row says */
    char head[72];      /* the hash of the last row that is in */
    bool unsynced;      /* something was committed without waiting for the disk */
} stele_run;

/* Does a migration commit more than once, or run outside a transaction? Then it is run by itself, step by step. */
bool stele_is_stepwise(const stele_migration *migration);

/* May this migration leave something in the session that the next one would see? Then that gets a new one, where it is ours. */
bool stele_leaves_traces(const stele_run *run, size_t action);

/* Send one migration of one step. The pipeline is open. */
stele_status stele_run_send(stele_run *run, size_t action, stele_error *error);

/* Run one migration of several steps. No pipeline is open. */
stele_status stele_run_steps(stele_run *run, size_t action, stele_error *error);

/* Make an error of what failed in the pipeline: which migration, which line. `status` is what the pipeline returned. */
stele_status stele_run_failed(stele_run *run, stele_status status, stele_error *error);

/* The pipeline's callback: keep count, tell progress. `data` is the run. */
void stele_run_answered(void *data, uint64_t item, const stele_rows *rows);

#endif

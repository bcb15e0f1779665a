/*
 * run.h - the statements of one migration, and its ledger rows
 *
 * A migration of one step is sent without waiting for its end: the next one may be sent behind it, and a failure
 * stops all that follow. A migration of several steps is run on its own, with nothing in flight around it.
 */
#ifndef STELE_RUN_H
#define STELE_RUN_H

#include "fold.h"
#include "handle.h"
#include "lock.h"
#include "plan.h"
#include "record.h"
#include "session.h"
#include "watch.h"

/* What one try of a run leaves for the next. */
typedef struct stele_tries {
    stele_lock lock;
    stele_watch watch;
    bool again;               /* try once more */
    bool moved;               /* because of the lock, or because the ledger moved: wait before that */
    bool renew;               /* in a new session */
    bool blocked;             /* others held a lock for too long: begin it again after a pause */
    const stele_migration *blocked_in; /* that migration */
    int64_t blocked_since;    /* when it was tried first, by stele_clock */
    unsigned blocked_tries;
    char why[256];            /* for the progress event: what the server said */
    bool immediate;           /* a statement found deferred checks still to be made: make them before it */
    const stele_migration *immediate_in; /* of that migration */
    uint32_t immediate_from;  /* the statement */
} stele_tries;

/* Who runs the steps of a migration that leave the transaction; lease.h. */
typedef struct stele_lease {
    bool pooled;       /* a pooler is in between: nothing of a session holds */
    char mark[40];     /* the comment in front of such a statement, with a blank behind */
    char name[40], application[72]; /* meanwhile, and otherwise, the session's application_name: what other roles see of it */
    char who[80], where[160];
    char said[300];    /* the reason of the row that announces it */
} stele_lease;

/* Where a run is. One per try. */
typedef struct stele_run {
    stele *handle;
    stele_session session;
    stele_tries *tries;
    const stele_worklist *list;
    stele_set set;      /* what is in, as of the last row that was sent */
    int64_t *heads;     /* per component: the last seq that was sent */
    const char *enter_sql, *append_sql;
    char lock_timeout[24]; /* of statements in transactions, unless the file says another; "" for the session's own */
    stele_lease lease;
    bool pooled;        /* there is a pooler in between */
    bool alone;         /* a statement outside a transaction is being run */
    char host[256];
    stele_text text;    /* the statement being sent */
    struct stele_answer *answers; /* to what was asked for the expectations of the migration being run; expect.c */

    char role[64];      /* of a migration that is run step by step: the role that its statements have set */
    size_t fresh;       /* the action that this session began with: what fails there has no past to blame */
    size_t done;        /* actions that are in */
    size_t earlier;     /* applied by earlier tries of this run, for the progress events */
    int64_t began;      /* when the migration that is run step by step began */
    int64_t took;       /* what the ledger's last row says */
    char head[72];      /* the hash of the last row that is in */
    bool stuck;         /* at a step of which nobody knows whether, or how far, it took effect */
    bool unsynced;      /* something was committed without waiting for the disk */
    const char *message; /* while Lua prints: what */
    size_t printing;     /* and for which action */
} stele_run;

/* ---------------------------------------------- what is in flight, by number */

/* What a statement in the pipeline is to its migration. */
enum { ITEM_BEGIN, ITEM_ENTER, ITEM_STATEMENT, ITEM_RESTORE, ITEM_ROLE, ITEM_APPEND, ITEM_COMMIT, ITEM_VERIFY, ITEM_LOOK, ITEM_QUERY,
       ITEM_EXPECT };

uint64_t stele_item(size_t action, unsigned what, uint32_t statement);
size_t stele_item_action(uint64_t item);
unsigned stele_item_what(uint64_t item);

/* ------------------------------------------------------------------ actions */

const stele_migration *stele_run_migration(const stele_run *run, size_t action);

/* Does it commit more than once, or run outside a transaction? Then it is run by itself, step by step. */
bool stele_is_stepwise(const stele_action *action);

/* One that is run step by step, and may set a role: its statements run as that role, the ledger is written as ours. */
bool stele_minds_role(const stele_action *action);

/* May this migration leave something in the session that the next one would see? Then that gets a new one, where it is ours. */
bool stele_leaves_traces(const stele_run *run, size_t action);

/* --------------------------------------------- the pieces of a transaction */

/* Each sends into the open pipeline. */
stele_status stele_run_say(stele_run *run, uint64_t item, const char *sql, stele_error *error);

/*
 * Open the transaction of a step, take the lock and look at the ledger again: READ COMMITTED, unless the file's own BEGIN
 * says otherwise, whatever the default is.
 */
stele_status stele_run_begin(stele_run *run, size_t action, const char *modes, bool commit_later, stele_error *error);

/* Change to a role, where the migration minds it. */
stele_status stele_run_role(stele_run *run, size_t action, const char *role, stele_error *error);

/* A statement with its parameters in place, into run->text. */
void stele_run_render(stele_run *run, const stele_migration *migration, const stele_statement *statement);
stele_status stele_run_statements(stele_run *run, size_t action, const stele_step *step, stele_error *error);

/* Has this action checks to run? */
bool stele_run_verifies(const stele_run *run, size_t action);

/* With options->verify: run the migration's checks, now, outside the pipeline, and come back to it. */
stele_status stele_run_verify(stele_run *run, size_t action, stele_error *error);

/* Everything the ledger is told, as parameters of append(). `took` is in microseconds; below 0, the server measures. */
stele_status stele_run_row(stele_run *run, size_t action, const char *deed, unsigned step, const char *reason, int64_t took,
                           stele_error *error);

/* Count it, and tell the progress callback. */
void stele_run_is_done(stele_run *run, size_t action);
void stele_run_tell(stele_run *run, stele_event_kind kind, size_t action, unsigned step, int64_t took);

/* --------------------------------------------------------------- as a whole */

/* Send an action of one step. The pipeline is open. */
stele_status stele_run_send(stele_run *run, size_t action, stele_error *error);

/*
 * Run the statement of a step outside any transaction, unless it was begun before and is done. No pipeline is open; the lock is held. After a
 * success the link is deaf, until the step's row is in.
 */
stele_status stele_run_alone(stele_run *run, size_t action, const stele_step *step, unsigned number, stele_error *error);

/* A row of its own about a step: that it begins, or that it failed; by its word on the way in or on the way out. */
stele_status stele_run_note(stele_run *run, size_t action, const char *word, const char *down_word, unsigned step, const char *reason,
                            stele_error *error);

/* Run an action of several steps. No pipeline is open. */
stele_status stele_run_steps(stele_run *run, size_t action, stele_error *error);

/* Make an error of what failed in the pipeline: which migration, which line. `status` is what the pipeline returned. */
stele_status stele_run_failed(stele_run *run, stele_status status, stele_error *error);

/* While a run lasts: have what takes long watched, and the progress callback told. */
void stele_run_watch(stele_run *run);
void stele_run_unwatch(stele_run *run);

/* The pipeline's callback: keep count, tell progress. `data` is the run. */
void stele_run_answered(void *data, uint64_t item, const stele_rows *rows);

#endif

#include <stdio.h>
#include <string.h>

#include "error.h"
#include "lease.h"
#include "resume.h"
#include "run.h"

static const stele_action *action_at(const stele_run *run, size_t action)
{
    return &run->list->actions[action];
}

/* On the way out the steps have rows of their own kinds. */
static const char *deed_of(const stele_run *run, size_t action, const char *word, const char *down_word)
{
    return action_at(run, action)->part == &action_at(run, action)->migration->down ? down_word : word;
}

static stele_status start_step(stele_run *run, size_t action, const char *modes, stele_error *error)
{
    stele_status status = stele_pipe_start(&run->handle->link, error);
    return status != STELE_OK ? status : stele_run_begin(run, action, modes, false, error);
}

/* Commit what is in the pipeline, together with its ledger row or rows. */
static stele_status end_step(stele_run *run, size_t action, const char *what, unsigned step, const char *reason,
                             int64_t took, bool last, stele_error *error)
{
    const stele_migration *migration = stele_run_migration(run, action);
    stele_link *link = &run->handle->link;
    uint64_t item = stele_item(action, ITEM_RESTORE, 0);
    stele_status status = last ? stele_run_verify(run, action, error) : STELE_OK;
    if (status == STELE_OK && stele_minds_role(action_at(run, action)))
        status = stele_run_say(run, stele_item(action, ITEM_ROLE, 0), "SELECT pg_catalog.current_setting('role')", error);
    if (status == STELE_OK && last)
        status = stele_session_restore(&run->session, run->handle, migration->flags, false, item, error);
    else if (status == STELE_OK)
        status = stele_run_role(run, action, stele_session_role(&run->session), error);
    if (status == STELE_OK)
        status = stele_run_row(run, action, what, step, reason, took, error);
    if (status == STELE_OK && last)
        status = stele_pipe_wait(link, error); /* so that the last step counts in the whole's duration */
    if (status == STELE_OK && last)
        status = stele_run_row(run, action, action_at(run, action)->deed, 0, NULL, stele_clock() - run->began, error);
    if (status == STELE_OK)
        status = stele_run_say(run, stele_item(action, ITEM_COMMIT, 0), "COMMIT", error);
    if (status == STELE_OK)
        status = stele_pipe_wait(link, error);
    return status != STELE_OK ? status : stele_pipe_stop(link, error);
}

/* The row of the whole, in a transaction of its own, where there is no step left to run. */
static stele_status end_whole(stele_run *run, size_t action, int64_t took, stele_error *error)
{
    stele_link *link = &run->handle->link;
    uint64_t item = stele_item(action, ITEM_RESTORE, 0);
    stele_status status = start_step(run, action, NULL, error);
    if (status == STELE_OK)
        status = stele_run_verify(run, action, error);
    if (status == STELE_OK)
        status = stele_session_restore(&run->session, run->handle, stele_run_migration(run, action)->flags, false, item, error);
    if (status == STELE_OK)
        status = stele_run_row(run, action, action_at(run, action)->deed, 0, NULL, took, error);
    if (status == STELE_OK)
        status = stele_run_say(run, stele_item(action, ITEM_COMMIT, 0), "COMMIT", error);
    if (status == STELE_OK)
        status = stele_pipe_wait(link, error);
    return status != STELE_OK ? status : stele_pipe_stop(link, error);
}

/* A row of its own: that a step begins, or that it failed. */
stele_status stele_run_note(stele_run *run, size_t action, const char *word, const char *down_word, unsigned step, const char *reason,
                            stele_error *error)
{
    stele_status status = start_step(run, action, NULL, error);
    return status != STELE_OK ? status : end_step(run, action, deed_of(run, action, word, down_word), step, reason, -1, false, error);
}

/* The lock that outlasts a transaction: for the first time, or once more. */
static stele_status hold_lock(stele_run *run, bool first, stele_error *error)
{
    bool taken;
    stele_status status = first ? stele_lease_take(run, &taken, error) : stele_lease_keep(run, &taken, error);
    if (status != STELE_OK || taken)
        return status;
    run->tries->again = run->tries->moved = true;
    return STELE_LOCKED;
}

/* In a transaction of its own: the row of a step that ran outside any. */
static stele_status try_record(stele_run *run, size_t action, unsigned step, int64_t took, bool last, stele_error *error)
{
    stele_status status = start_step(run, action, NULL, error);
    return status != STELE_OK ? status : end_step(run, action, deed_of(run, action, "step", "down-step"), step, NULL, took, last, error);
}

/*
 * It did take effect, and only we know: so a failure of ours, no memory mostly, isn't taken at once for the last word.
 */
static stele_status record_alone(stele_run *run, size_t action, unsigned step, int64_t took, bool last, stele_error *error)
{
    stele_link *link = &run->handle->link;
    int64_t *head = &run->heads[stele_component_index(run->handle->table, stele_run_migration(run, action)->component)], before = *head;
    stele_error failure = {0};
    stele_status status = try_record(run, action, step, took, last, &failure);
    if (status != STELE_OK && failure.sqlstate[0] == '\0' && stele_link_alive(link)) {
        stele_pipe_stop(link, NULL);
        stele_link_rollback(link);
        stele_error_clear(&failure);
        *head = before;
        status = try_record(run, action, step, took, last, &failure);
    }
    if (status != STELE_OK && error != NULL && error->status == STELE_OK)
        *error = failure;
    return status;
}

/* The step behind those that are done; `*done` has it when its row is in. */
static stele_status run_step(stele_run *run, size_t action, unsigned *done, stele_error *error)
{
    unsigned number = *done + 1;
    const stele_migration *migration = stele_run_migration(run, action);
    const stele_part *part = action_at(run, action)->part;
    const stele_step *step = &migration->steps[part->first_step + number - 1];
    /* What ran outside a transaction stays, also when a check fails: its row goes in first. */
    bool apart = step->alone && number == part->step_count && stele_run_verifies(run, action);
    bool last = number == part->step_count && !apart;
    int64_t began = stele_clock();
    stele_status status;
    run->alone = false;
    if (step->alone) {
        status = number == run->list->actions[action].first_step + 1 ? STELE_OK : hold_lock(run, false, error);
        if (status == STELE_OK)
            status = stele_run_alone(run, action, step, number, error);
        if (status == STELE_OK)
            status = record_alone(run, action, number, stele_clock() - began, last, error);
    } else {
        status = start_step(run, action, step->modes, error);
        if (status == STELE_OK)
            status = stele_run_statements(run, action, step, error);
        if (status == STELE_OK) /* the server measures how long it took */
            status = end_step(run, action, deed_of(run, action, "step", "down-step"), number, NULL, -1, last, error);
    }
    run->handle->link.deaf = false;
    if (status == STELE_OK) {
        *done = number;
        stele_run_tell(run, STELE_EVENT_STEP, action, number, 0);
    }
    return status == STELE_OK && apart ? end_whole(run, action, stele_clock() - run->began, error) : status;
}

/* After a failure: which steps are in, and where the next run goes on. */
static void tell_steps(const stele_run *run, size_t action, unsigned done, stele_error *error)
{
    const stele_action *item = action_at(run, action);
    const stele_migration *migration = item->migration;
    bool back = item->part == &migration->down, all = done == item->part->step_count;
    char detail[sizeof error->detail], next[64] = "makes the checks again";
    if (error == NULL)
        return;
    if (!all)
        snprintf(next, sizeof next, "goes on with step %u", done + 1);
    stele_error_copy(detail, sizeof detail, error->detail);
    stele_error_detail(error, "%s%s%u of %u steps of %s\"%s\" are in; the next %s %s", detail, detail[0] == '\0' ? "" : "\n", done,
                       item->part->step_count, back ? "the way back of " : "", migration->file, back ? "down" : "up", next);
}

/* On a caller's connection, what the steps that are in have set is put back although the migration isn't done. */
static void put_back(stele_run *run, size_t action)
{
    stele_link *link = &run->handle->link;
    stele_pipe_stop(link, NULL);
    stele_link_rollback(link);
    if (link->own || !stele_link_alive(link))
        return;
    link->deaf = true;
    if (stele_pipe_start(link, NULL) == STELE_OK) {
        uint64_t item = stele_item(action, ITEM_RESTORE, 0);
        stele_run_say(run, item, "BEGIN", NULL);
        stele_session_restore(&run->session, run->handle, stele_run_migration(run, action)->flags, false, item, NULL);
        stele_run_say(run, item, "COMMIT", NULL);
        stele_pipe_stop(link, NULL);
    }
    link->deaf = false;
}

stele_status stele_run_steps(stele_run *run, size_t action, stele_error *error)
{
    const stele_migration *migration = stele_run_migration(run, action);
    const stele_action *item = &run->list->actions[action];
    unsigned done = item->first_step;
    stele_lock_name(&run->tries->lock, run->handle, migration->component);
    stele_status status = hold_lock(run, true, error);
    if (status != STELE_OK)
        return status;
    run->began = stele_clock();
    stele_error_copy(run->role, sizeof run->role, stele_session_role(&run->session));
    stele_run_tell(run, STELE_EVENT_START, action, 0, 0);
    if (done == item->part->step_count) /* all are in, but for the row that says so: a repair said that the last one is */
        status = end_whole(run, action, 0, error);
    else
        status = stele_resume_session(run, action, error);
    while (done < item->part->step_count && status == STELE_OK)
        status = run_step(run, action, &done, error);
    if (status == STELE_OK) {
        stele_run_is_done(run, action);
    } else {
        if (!run->tries->again)
            status = stele_run_failed(run, status, error);
        if (!run->tries->again && !run->stuck && (status != STELE_UNMET || done > 0)) /* refused at the door: no step was begun */
            tell_steps(run, action, done, error);
        put_back(run, action);
    }
    stele_lease_release(run);
    return status;
}


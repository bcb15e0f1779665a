/*
 * alone.c - one statement outside any transaction
 *
 * It is announced in the ledger, run under settings of its own, and what came of it is told there, where anybody can know that. stepwise.c
 * has the steps around it, resume.c what becomes of one that was begun before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "resume.h"
#include "run.h"

enum { ALONE = 4 }; /* settings */

/*
 * The settings that a transaction would get from enter(), for a statement that can't run in one; but it waits for locks without a limit, unless
 * the file says otherwise: a build that gives up leaves an invalid index each time. Through a pooler there is no session to set them for.
 */
static stele_status set_alone(stele_run *run, const stele_migration *migration, const char *saved[ALONE], stele_arena *arena,
                              stele_error *error)
{
    static const char sql[] = "SELECT pg_catalog.current_setting('row_security'), pg_catalog.current_setting('lock_timeout'),"
                              " pg_catalog.current_setting('statement_timeout'), pg_catalog.current_setting('default_transaction_read_only'),"
                              " pg_catalog.set_config('row_security', $1, false),"
                              " pg_catalog.set_config('lock_timeout', $2, false),"
                              " pg_catalog.set_config('statement_timeout', coalesce($3, pg_catalog.current_setting('statement_timeout')), false),"
                              " pg_catalog.set_config('default_transaction_read_only', $4, false)";
    const char *values[ALONE] = {"off", migration->lock_timeout == NULL ? "0" : migration->lock_timeout, migration->statement_timeout, "off"};
    bool restoring = saved[0] != NULL;
    stele_rows *rows;
    if (run->lease.pooled)
        return STELE_OK;
    stele_status status = stele_link_query(&run->handle->link, sql, ALONE, restoring ? saved : values, &rows, error);
    for (int i = 0; i < ALONE && status == STELE_OK && !restoring; i++) {
        const char *text = stele_rows_text(rows, 0, i);
        saved[i] = stele_arena_copy(arena, text, strlen(text));
        if (saved[i] == NULL)
            status = stele_error_memory(error);
    }
    stele_rows_free(rows);
    return status;
}

/* After a failure, what the step left is told; whether that is its own, hangs on the row that announced it. */
static void tell_left(stele_run *run, size_t action, const stele_step *step, int64_t announced, stele_question *question, stele_arena *arena,
                      stele_error *error)
{
    if (!stele_question_builds(question) || !stele_link_alive(&run->handle->link))
        return;
    if (question->began == NULL && stele_resume_ask(question, run, action, step, announced, arena, NULL) != STELE_OK)
        return;
    stele_probe_failed(&run->handle->link, question, error);
}

/* Through a pooler, which passes application_name on: what the session is called for others, who may not see its statement. */
static stele_status call_session(stele_run *run, const char *name, stele_error *error)
{
    const char *values[] = {name};
    if (!run->lease.pooled || !stele_link_alive(&run->handle->link))
        return STELE_OK;
    return stele_link_query(&run->handle->link, "SELECT pg_catalog.set_config('application_name', $1, false)", 1, values, NULL, error);
}

/*
 * Through a pooler, behind the comment by which it is found in the server; in the position that comes with an error, the comment doesn't
 * count.
 */
static stele_status say_alone(stele_run *run, const stele_migration *migration, const stele_statement *statement, bool *sent,
                              stele_error *error)
{
    stele_link *link = &run->handle->link;
    stele_watch *watch = &run->tries->watch;
    stele_text text = {0};
    const char *mark = run->lease.pooled ? run->lease.mark : "";
    unsigned length = (unsigned)strlen(mark);
    stele_run_render(run, migration, statement);
    stele_text_string(&text, mark);
    if (!run->text.failed)
        stele_text_bytes(&text, run->text.bytes, run->text.length);
    *sent = false;
    stele_status status = text.failed || run->text.failed ? stele_error_memory(error) : call_session(run, run->lease.name, error);
    if (status == STELE_OK) {
        *sent = true;
        watch->mark = run->lease.pooled ? mark : NULL;
        status = stele_link_run(link, text.bytes, error);
        watch->mark = NULL;
    }
    stele_text_free(&text);
    unsigned position = link->position > length ? link->position - length : 0;
    bool deaf = link->deaf;
    link->deaf = true;
    call_session(run, run->lease.application, NULL);
    link->deaf = deaf;
    link->position = position;
    return status;
}

/*
 * The number of this process's latest transaction; -1 where that can't be known. A failed statement that is no transaction of its own, a CALL say,
 * may have committed before: then more than its one lie between two such looks.
 */
static int64_t count_transactions(stele_run *run)
{
    stele_rows *rows;
    int64_t count = -1;
    if (!run->lease.pooled &&
        stele_link_query(&run->handle->link,
                         "SELECT pg_catalog.split_part(virtualtransaction, '/', 2) FROM pg_catalog.pg_locks WHERE locktype OPERATOR(pg_catalog.=)"
                         " 'virtualxid' AND pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid() LIMIT 1", 0, NULL, &rows, NULL) == STELE_OK) {
        if (stele_rows_count(rows) > 0)
            count = strtoll(stele_rows_text(rows, 0, 0), NULL, 10);
        stele_rows_free(rows);
    }
    return count;
}

/* It has failed, and may have committed by then; that isn't undone, and to run it again may do it twice. */
static void tell_partly(stele_run *run, size_t action, unsigned number, stele_error *error)
{
    const stele_action *item = &run->list->actions[action];
    const stele_migration *migration = item->migration;
    char detail[sizeof error->detail];
    stele_error_copy(detail, sizeof detail, error->detail);
    stele_error_detail(error, "%s%sstep %u of %u of \"%s\" may have committed before that, and what it has committed stays", detail,
                       detail[0] == '\0' ? "" : "\n", number, (unsigned)item->part->step_count, migration->file);
    stele_error_hint(error, "look how far it came; to have all of it run again: repair retry %s/%s --step %u --reason TEXT; when the rest was done by hand:"
                            " repair done %s/%s --step %u --reason TEXT", migration->component, migration->version, number, migration->component,
                     migration->version, number);
    run->stuck = true;
}

/*
 * The statement itself, between two looks at what it builds. `*told` is whether it is known how it ended: a failure of ours, behind a
 * success of the server's, leaves it in doubt.
 */
static stele_status run_outside(stele_run *run, const stele_migration *migration, const stele_step *step, const stele_question *question,
                                stele_outcome outcome, bool *told, stele_error *error)
{
    stele_link *link = &run->handle->link;
    stele_status status = question->began != NULL ? stele_probe_clear(link, question, run->lease.pooled ? run->lease.mark : "", error) : STELE_OK;
    *told = error->sqlstate[0] != '\0';
    if (status != STELE_OK || outcome == STELE_TO_FINISH)
        return status;
    bool sent, opaque = question->kind == STELE_PROBE_NONE;
    int64_t before = opaque ? count_transactions(run) : 0;
    status = say_alone(run, migration, &migration->statements[step->first], &sent, error);
    link->deaf = status == STELE_OK; /* until its row is in */
    if (status == STELE_OK)
        return stele_probe_done(link, question, told, error);
    *told = !sent || error->sqlstate[0] != '\0';
    if (*told && sent && opaque && link->position == 0 && stele_link_alive(link)) {
        int64_t after = count_transactions(run);
        *told = before >= 0 && after >= 0 && after - before <= 2;
    }
    return status;
}

/* Announced in the ledger, it is run under its own settings; that it failed is put down there, too. */
static stele_status run_announced(stele_run *run, size_t action, const stele_step *step, unsigned number, stele_question *question,
                                  stele_outcome outcome, stele_arena *arena, stele_error *error)
{
    stele_link *link = &run->handle->link;
    const stele_migration *migration = stele_run_migration(run, action);
    const char *saved[ALONE] = {NULL};
    stele_error failure = {0};
    stele_status status = stele_run_note(run, action, "begin", "down-begin", number, run->lease.said, error);
    int64_t announced = run->heads[stele_component_index(run->handle->table, migration->component)];
    if (status != STELE_OK)
        return status;
    status = set_alone(run, migration, saved, arena, &failure);
    bool told = status != STELE_OK; /* nothing was sent */
    run->alone = true;
    link->failed_item = stele_item(action, ITEM_STATEMENT, step->first); /* what the watch speaks of */
    if (status == STELE_OK)
        status = run_outside(run, migration, step, question, outcome, &told, &failure);
    unsigned position = link->position;
    link->deaf = true; /* what follows tidies up, or, after a success, goes on to its row */
    if (stele_link_alive(link)) {
        stele_link_rollback(link);
        if (status != STELE_OK)
            tell_left(run, action, step, announced, question, arena, &failure);
        if (saved[0] != NULL)
            set_alone(run, migration, saved, arena, NULL);
        if (status != STELE_OK && told && stele_run_note(run, action, "fail", "down-fail", number, failure.message, NULL) != STELE_OK) {
            stele_pipe_stop(link, NULL);
            stele_link_rollback(link);
        }
        if (status != STELE_OK && !told && question->kind == STELE_PROBE_NONE)
            tell_partly(run, action, number, &failure);
    }
    link->deaf = status == STELE_OK;
    link->position = status == STELE_OK ? 0 : position;
    link->failed_item = stele_item(action, ITEM_STATEMENT, step->first);
    if (status == STELE_FAILED && strcmp(failure.sqlstate, "42P07") == 0 && failure.hint[0] == '\0')
        stele_error_hint(&failure, "where this step, or somebody by hand, has made it: repair done %s/%s --step %u --reason TEXT", migration->component,
                         migration->version, number);
    if (status != STELE_OK && error != NULL && error->status == STELE_OK)
        *error = failure;
    return status;
}

/* A step that was begun before is settled first: it may be done, or be one that nobody can tell of. */
stele_status stele_run_alone(stele_run *run, size_t action, const stele_step *step, unsigned number, stele_error *error)
{
    const stele_action *item = &run->list->actions[action];
    bool again = item->begun && item->first_begin != NULL && number == item->first_step + 1;
    stele_outcome outcome = STELE_TO_RUN;
    stele_arena arena = {0};
    stele_question question;
    stele_status status = stele_resume_ask(&question, run, action, step, again ? item->first_begin->row.seq : 0, &arena, error);
    if (again && status == STELE_OK)
        status = stele_resume_settle(run, action, &question, number, &outcome, error);
    run->handle->link.position = 0;
    run->handle->link.failed_item = stele_item(action, ITEM_STATEMENT, step->first);
    if (status == STELE_OK && outcome != STELE_IS_DONE)
        status = run_announced(run, action, step, number, &question, outcome, &arena, error);
    stele_arena_free(&arena);
    return status;
}

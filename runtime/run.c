#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "expect.h"
#include "lua_run.h"
#include "record.h"
#include "verify.h"

/* ---------------------------------------------- what is in flight, by number */

uint64_t stele_item(size_t action, unsigned what, uint32_t statement)
{
    return (uint64_t)action << 36 | (uint64_t)what << 32 | statement;
}

size_t stele_item_action(uint64_t item)
{
    return (size_t)(item >> 36);
}

unsigned stele_item_what(uint64_t item)
{
    return (unsigned)(item >> 32) & 15;
}

const stele_migration *stele_run_migration(const stele_run *run, size_t action)
{
    return run->list->actions[action].migration;
}

static uint32_t step_count(const stele_action *action)
{
    return action->part == NULL ? 0 : action->part->step_count;
}

bool stele_is_stepwise(const stele_action *action)
{
    const stele_migration *migration = action->migration;
    return step_count(action) > 1 || action->first_step > 0 || action->begun ||
           (step_count(action) == 1 && migration->steps[action->part->first_step].alone);
}

bool stele_leaves_traces(const stele_run *run, size_t action)
{
    const stele_action *one = &run->list->actions[action];
    return run->handle->link.own && one->part != NULL && one->migration->flags != 0;
}

void stele_run_tell(stele_run *run, stele_event_kind kind, size_t action, unsigned step, int64_t took)
{
    const stele_options *options = &run->handle->options;
    const stele_action *one = &run->list->actions[action];
    stele_event event = {.kind = kind,
                         .migration = one->migration,
                         .deed = one->deed,
                         .index = run->earlier + action + 1,
                         .total = run->earlier + run->list->count,
                         .step = step,
                         .steps = step_count(one),
                         .microseconds = took,
                         .head = kind == STELE_EVENT_APPLIED || kind == STELE_EVENT_REVERTED || kind == STELE_EVENT_RECORDED ? run->head : "",
                         .message = run->message != NULL ? run->message : kind == STELE_EVENT_RECORDED && one->note != NULL ? one->note : "",
                         .severity = "",
                         .sqlstate = ""};
    if (options->progress != NULL)
        options->progress(options->data, &event);
}

/* What append() returned: the row's hash, and the duration that it wrote. */
static void take_row(stele_run *run, const stele_rows *rows)
{
    const char *text = rows == NULL ? NULL : stele_rows_text(rows, 0, 0);
    const char *blank = text == NULL ? NULL : strchr(text, ' ');
    if (blank == NULL)
        return;
    snprintf(run->head, sizeof run->head, "%.*s", (int)(blank - text), text);
    run->took = strtoll(blank, NULL, 10);
}

void stele_run_is_done(stele_run *run, size_t action)
{
    const stele_action *one = &run->list->actions[action];
    run->done = action + 1;
    stele_run_tell(run, one->part == NULL                       ? STELE_EVENT_RECORDED
                        : one->part == &one->migration->down ? STELE_EVENT_REVERTED
                                                              : STELE_EVENT_APPLIED,
                   action, 0, run->took);
}

void stele_run_answered(void *data, uint64_t item, const stele_rows *rows)
{
    stele_run *run = data;
    size_t action = stele_item_action(item);
    bool whole = !stele_is_stepwise(&run->list->actions[action]);
    switch (stele_item_what(item)) {
    case ITEM_BEGIN:
        if (whole && run->list->actions[action].part != NULL)
            stele_run_tell(run, STELE_EVENT_START, action, 0, 0);
        break;
    case ITEM_ENTER:
        if (rows != NULL && stele_rows_columns(rows) > 1)
            run->tries->watch.backend = (int)strtol(stele_rows_text(rows, 0, 0), NULL, 10);
        break;
    case ITEM_ROLE:
        if (rows != NULL)
            stele_error_copy(run->role, sizeof run->role, stele_rows_text(rows, 0, 0));
        break;
    case ITEM_APPEND:
        take_row(run, rows);
        break;
    case ITEM_LOOK:
    case ITEM_QUERY:
        stele_expect_answered(run, item, rows);
        break;
    case ITEM_COMMIT:
        if (whole)
            stele_run_is_done(run, action);
        break;
    default:
        break;
    }
}

/* ------------------------------------------------------------ what is sent */

stele_status stele_run_say(stele_run *run, uint64_t item, const char *sql, stele_error *error)
{
    return stele_pipe_send(&run->handle->link, item, sql, 0, NULL, error);
}

bool stele_minds_role(const stele_action *action)
{
    return stele_is_stepwise(action) && (action->migration->flags & STELE_SETS_SESSION) != 0;
}

stele_status stele_run_role(stele_run *run, size_t action, const char *role, stele_error *error)
{
    const char *values[] = {role};
    if (!stele_minds_role(&run->list->actions[action]))
        return STELE_OK;
    return stele_pipe_send(&run->handle->link, stele_item(action, ITEM_RESTORE, 0), "SELECT pg_catalog.set_config('role', $1, true)", 1,
                           values, error);
}

/* Take the lock and look at the ledger again, in the transaction that was just begun. */
static stele_status send_enter(stele_run *run, size_t action, bool commit_later, stele_error *error)
{
    const stele_migration *migration = stele_run_migration(run, action);
    char head[24];
    stele_lock_name(&run->tries->lock, run->handle, migration->component);
    snprintf(head, sizeof head, "%lld",
             (long long)run->heads[stele_component_index(run->handle->table, migration->component)]);
    const char *values[] = {migration->component, head, run->tries->lock.key1, run->tries->lock.key2, commit_later ? "t" : "f",
                            migration->lock_timeout != NULL ? migration->lock_timeout : run->lock_timeout[0] != '\0' ? run->lock_timeout : NULL,
                            migration->statement_timeout};
    run->unsynced |= commit_later;
    stele_status status = stele_pipe_send(&run->handle->link, stele_item(action, ITEM_ENTER, 0), run->enter_sql, 7, values, error);
    /* The server keeps its answers until it is asked for them, or has done all. Who serves us is wanted before. */
    return status == STELE_OK && run->pooled ? stele_pipe_push(&run->handle->link, error) : status;
}

stele_status stele_run_begin(stele_run *run, size_t action, const char *modes, bool commit_later, stele_error *error)
{
    char begin[256];
    run->handle->link.prepares = run->handle->link.own && (stele_run_migration(run, action)->flags & STELE_MAKES_TEMP) != 0;
    bool level = modes != NULL && strstr(modes, "ISOLATION") != NULL;
    snprintf(begin, sizeof begin, "BEGIN READ WRITE%s%s%s", level ? "" : ", ISOLATION LEVEL READ COMMITTED",
             modes == NULL ? "" : ", ", modes == NULL ? "" : modes);
    stele_status status = stele_run_say(run, stele_item(action, ITEM_BEGIN, 0), begin, error);
    if (status == STELE_OK && run->list->actions[action].before != NULL)
        status = stele_run_say(run, stele_item(action, ITEM_ENTER, 0), run->list->actions[action].before, error);
    if (status == STELE_OK)
        status = stele_run_role(run, action, stele_session_role(&run->session), error);
    if (status == STELE_OK)
        status = send_enter(run, action, commit_later, error);
    return status != STELE_OK ? status : stele_run_role(run, action, run->role, error);
}

void stele_run_render(stele_run *run, const stele_migration *migration, const stele_statement *statement)
{
    run->text.length = 0;
    stele_text_string(&run->text, "");
    stele_render(&run->text, &run->handle->values, run->handle->table, migration, statement);
}

static stele_status leave_pipeline(stele_link *link, stele_error *error)
{
    stele_status status = stele_pipe_wait(link, error);
    return status != STELE_OK ? status : stele_pipe_stop(link, error);
}

static void print_line(void *data, const char *text)
{
    stele_run *run = data;
    run->message = text;
    stele_run_tell(run, STELE_EVENT_PRINT, run->printing, 0, 0);
    run->message = NULL;
}

static stele_status call_lua(stele_run *run, size_t action, stele_error *error)
{
    const stele_action *one = &run->list->actions[action];
    const stele_migrations *table = run->handle->table;
    const stele_lua_host host = {.print = print_line,
                                 .data = run,
                                 .parameters = table->parameters,
                                 .values = run->handle->values.values,
                                 .parameter_count = table->parameter_count};
    run->printing = action;
    return stele_lua_run(&run->handle->link, one->migration, one->part == &one->migration->down ? "down" : "up", &host, error);
}

/* COPY, in or out, and Lua can't be in a pipeline: leave it, with the transaction open, and come back. */
static stele_status run_between(stele_run *run, size_t action, uint32_t index, stele_error *error)
{
    stele_link *link = &run->handle->link;
    const stele_migration *migration = stele_run_migration(run, action);
    const stele_statement *statement = &migration->statements[index];
    stele_status status = leave_pipeline(link, error);
    if (status != STELE_OK)
        return status;
    link->failed_item = stele_item(action, ITEM_STATEMENT, index);
    if (statement->kind == STELE_CALL_LUA)
        status = call_lua(run, action, error);
    else if (statement->kind == STELE_COPY_OUT)
        status = stele_link_run(link, run->text.bytes, error);
    else
        status = stele_link_copy(link, run->text.bytes, migration->text + statement->data_begin,
                                 statement->data_end - statement->data_begin, error);
    return status != STELE_OK ? status : stele_pipe_start(link, error);
}

bool stele_run_verifies(const stele_run *run, size_t action)
{
    const stele_action *one = &run->list->actions[action];
    return run->handle->options.verify && one->part == &one->migration->up && one->migration->verify.step_count > 0;
}

stele_status stele_run_verify(stele_run *run, size_t action, stele_error *error)
{
    const stele_action *one = &run->list->actions[action];
    stele_link *link = &run->handle->link;
    if (!stele_run_verifies(run, action))
        return STELE_OK;
    stele_status status = leave_pipeline(link, error);
    if (status != STELE_OK)
        return status;
    link->failed_item = stele_item(action, ITEM_VERIFY, 0);
    status = stele_verify_here(run->handle, one->migration, error);
    return status != STELE_OK ? status : stele_pipe_start(link, error);
}

stele_status stele_run_statements(stele_run *run, size_t action, const stele_step *step, stele_error *error)
{
    const stele_migration *migration = stele_run_migration(run, action);
    stele_status status = STELE_OK;
    const stele_tries *tries = run->tries;
    bool immediate = tries->immediate && tries->immediate_in == migration;
    for (uint32_t i = step->first; i < step->first + step->count && status == STELE_OK; i++) {
        if (immediate && i >= tries->immediate_from)
            status = stele_run_say(run, stele_item(action, ITEM_STATEMENT, i), "SET CONSTRAINTS ALL IMMEDIATE", error);
        if (status == STELE_OK)
            status = stele_expect_ask(run, action, i, error);
        if (status != STELE_OK)
            break;
        stele_run_render(run, migration, &migration->statements[i]);
        if (run->text.failed)
            return stele_error_memory(error);
        if (migration->statements[i].kind != STELE_RUN)
            status = run_between(run, action, i, error);
        else
            status = stele_run_say(run, stele_item(action, ITEM_STATEMENT, i), run->text.bytes, error);
        if (status == STELE_OK)
            status = stele_expect_judge(run, action, i, error);
    }
    return status;
}

stele_status stele_run_row(stele_run *run, size_t action, const char *deed, unsigned step, const char *reason, int64_t took,
                           stele_error *error)
{
    const stele_migrations *table = run->handle->table;
    size_t component = stele_component_index(table, stele_run_migration(run, action)->component);
    char seq[24], duration[24];
    stele_record record;
    stele_status status = STELE_OK;
    snprintf(seq, sizeof seq, "%lld", (long long)run->heads[component] + 1);
    snprintf(duration, sizeof duration, "%lld", (long long)took);
    if (!stele_record_make(&record, table, &run->handle->values, &run->set, &run->list->actions[action], deed, step, reason))
        status = stele_error_memory(error);
    record.values[RECORD_SEQ] = seq;
    record.values[RECORD_DURATION] = took < 0 ? NULL : duration;
    record.values[RECORD_HOST] = run->host;
    if (status == STELE_OK)
        status = stele_pipe_send(&run->handle->link, stele_item(action, ITEM_APPEND, 0), run->append_sql, RECORD_VALUES,
                                 record.values, error);
    stele_record_free(&record);
    run->heads[component]++;
    return status;
}

/* The step that an action without steps has: one of no statements, for the row's sake. */
static const stele_step *only_step(const stele_action *action)
{
    static const stele_step nothing = {0};
    return step_count(action) == 0 ? &nothing : &action->migration->steps[action->part->first_step];
}

stele_status stele_run_send(stele_run *run, size_t action, stele_error *error)
{
    const stele_action *one = &run->list->actions[action];
    const stele_step *step = only_step(one);
    uint32_t flags = one->part == NULL ? 0 : one->migration->flags;
    bool later = action + 1 < run->list->count;
    run->handle->link.failed_item = stele_item(action, ITEM_BEGIN, 0);
    stele_status status = stele_run_begin(run, action, step->modes, later, error);
    if (status == STELE_OK)
        status = stele_run_statements(run, action, step, error);
    if (status == STELE_OK)
        status = stele_run_verify(run, action, error);
    if (status == STELE_OK)
        status = stele_session_restore(&run->session, run->handle, flags, later, stele_item(action, ITEM_RESTORE, 0), error);
    if (status == STELE_OK)
        status = stele_run_row(run, action, one->deed, one->step, one->reason, one->part == NULL ? 0 : -1, error);
    if (status == STELE_OK)
        status = stele_run_say(run, stele_item(action, ITEM_COMMIT, 0), "COMMIT", error);
    return status != STELE_OK ? status : stele_pipe_push(&run->handle->link, error);
}

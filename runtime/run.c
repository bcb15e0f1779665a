#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "place.h"
#include "probe.h"

/* ---------------------------------------------- what is in flight, by number */

/* What a statement in the pipeline is to its migration. */
enum { BEGIN, ENTER, STATEMENT, RESTORE, ROLE, APPEND, COMMIT };

static uint64_t item_of(size_t action, unsigned what, uint32_t statement)
{
    return (uint64_t)action << 35 | (uint64_t)what << 32 | statement;
}

static size_t action_of(uint64_t item)
{
    return (size_t)(item >> 35);
}

static unsigned what_of(uint64_t item)
{
    return (unsigned)(item >> 32) & 7;
}

static const stele_migration *migration_of(const stele_run *run, size_t action)
{
    return &run->handle->table->migrations[run->list->actions[action].index];
}

bool stele_is_stepwise(const stele_migration *migration)
{
    return migration->up.step_count > 1 ||
           (migration->up.step_count == 1 && migration->steps[migration->up.first_step].alone);
}

bool stele_leaves_traces(const stele_run *run, size_t action)
{
    return run->handle->link.own && migration_of(run, action)->flags != 0;
}

/* The statements of the part that is applied; those of down and verify don't count. */
static uint32_t up_count(const stele_migration *migration)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < migration->up.step_count; i++)
        count += migration->steps[migration->up.first_step + i].count;
    return count;
}

/* Tell the progress callback about an action. */
static void tell(stele_run *run, stele_event_kind kind, size_t action, unsigned step, int64_t took)
{
    const stele_options *options = &run->handle->options;
    const stele_migration *migration = migration_of(run, action);
    stele_event event = {.kind = kind,
                         .migration = migration,
                         .index = run->earlier + action + 1,
                         .total = run->earlier + run->list->count,
                         .step = step,
                         .steps = migration->up.step_count,
                         .microseconds = took,
                         .message = "",
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

static void is_in(stele_run *run, size_t action)
{
    run->done = action + 1;
    tell(run, STELE_EVENT_APPLIED, action, 0, run->took);
}

void stele_run_answered(void *data, uint64_t item, const stele_rows *rows)
{
    stele_run *run = data;
    size_t action = action_of(item);
    bool whole = !stele_is_stepwise(migration_of(run, action));
    switch (what_of(item)) {
    case BEGIN:
        if (whole)
            tell(run, STELE_EVENT_START, action, 0, 0);
        break;
    case ROLE:
        if (rows != NULL)
            stele_error_copy(run->role, sizeof run->role, stele_rows_text(rows, 0, 0));
        break;
    case APPEND:
        take_row(run, rows);
        break;
    case COMMIT:
        if (whole)
            is_in(run, action);
        break;
    default:
        break;
    }
}

/* ------------------------------------------------------------ what is sent */

static stele_status send(stele_run *run, uint64_t item, const char *sql, stele_error *error)
{
    return stele_pipe_send(&run->handle->link, item, sql, 0, NULL, error);
}

/* A migration that is run step by step, and may set a role: its statements run as that role, the ledger is written as ours. */
static bool minds_role(const stele_migration *migration)
{
    return stele_is_stepwise(migration) && (migration->flags & STELE_SETS_SESSION) != 0;
}

static stele_status send_role(stele_run *run, size_t action, const char *role, stele_error *error)
{
    const char *values[] = {role};
    if (!minds_role(migration_of(run, action)))
        return STELE_OK;
    return stele_pipe_send(&run->handle->link, item_of(action, RESTORE, 0), "SELECT pg_catalog.set_config('role', $1, true)", 1,
                           values, error);
}

/* Take the lock and look at the ledger again, in the transaction that was just begun. */
static stele_status send_enter(stele_run *run, size_t action, bool commit_later, stele_error *error)
{
    const stele_migration *migration = migration_of(run, action);
    char head[24];
    stele_lock_name(&run->tries->lock, run->handle, migration->component);
    snprintf(head, sizeof head, "%lld",
             (long long)run->heads[stele_component_index(run->handle->table, migration->component)]);
    const char *values[] = {migration->component, head, run->tries->lock.key1, run->tries->lock.key2, commit_later ? "t" : "f",
                            migration->lock_timeout, migration->statement_timeout};
    run->unsynced |= commit_later;
    return stele_pipe_send(&run->handle->link, item_of(action, ENTER, 0), run->enter_sql, 7, values, error);
}

/* Open the transaction of a step: READ COMMITTED, unless the file's own BEGIN says otherwise, whatever the default is. */
static stele_status send_begin(stele_run *run, size_t action, const char *modes, bool commit_later, stele_error *error)
{
    char begin[256];
    bool level = modes != NULL && strstr(modes, "ISOLATION") != NULL;
    snprintf(begin, sizeof begin, "BEGIN READ WRITE%s%s%s", level ? "" : ", ISOLATION LEVEL READ COMMITTED",
             modes == NULL ? "" : ", ", modes == NULL ? "" : modes);
    stele_status status = send(run, item_of(action, BEGIN, 0), begin, error);
    if (status == STELE_OK)
        status = send_role(run, action, stele_session_role(&run->session), error);
    if (status == STELE_OK)
        status = send_enter(run, action, commit_later, error);
    return status != STELE_OK ? status : send_role(run, action, run->role, error);
}

static void render(stele_run *run, const stele_migration *migration, const stele_statement *statement)
{
    run->text.length = 0;
    stele_text_string(&run->text, "");
    stele_render(&run->text, &run->handle->values, run->handle->table, migration, statement);
}

/* COPY, in or out, can't be in a pipeline: leave it, with the transaction open, and come back. */
static stele_status copy(stele_run *run, size_t action, uint32_t index, stele_error *error)
{
    stele_link *link = &run->handle->link;
    const stele_migration *migration = migration_of(run, action);
    const stele_statement *statement = &migration->statements[index];
    stele_status status = stele_pipe_wait(link, error);
    if (status != STELE_OK)
        return status;
    status = stele_pipe_stop(link, error);
    if (status == STELE_OK && statement->kind == STELE_COPY_OUT)
        status = stele_link_run(link, run->text.bytes, error);
    else if (status == STELE_OK)
        status = stele_link_copy(link, run->text.bytes, migration->text + statement->data_begin,
                                 statement->data_end - statement->data_begin, error);
    link->failed_item = item_of(action, STATEMENT, index);
    return status != STELE_OK ? status : stele_pipe_start(link, error);
}

static stele_status send_statements(stele_run *run, size_t action, const stele_step *step, stele_error *error)
{
    const stele_migration *migration = migration_of(run, action);
    stele_status status = STELE_OK;
    const stele_tries *tries = run->tries;
    bool immediate = tries->immediate && tries->immediate_index == run->list->actions[action].index;
    for (uint32_t i = step->first; i < step->first + step->count && status == STELE_OK; i++) {
        if (immediate && i >= tries->immediate_from)
            status = send(run, item_of(action, STATEMENT, i), "SET CONSTRAINTS ALL IMMEDIATE", error);
        if (status != STELE_OK)
            break;
        render(run, migration, &migration->statements[i]);
        if (run->text.failed)
            return stele_error_memory(error);
        if (migration->statements[i].kind != STELE_RUN)
            status = copy(run, action, i, error);
        else
            status = send(run, item_of(action, STATEMENT, i), run->text.bytes, error);
    }
    return status;
}

/* The digest of the applied set after a row: with this migration, when the row says that it is in. */
static bool state_after(const stele_run *run, size_t index, bool whole, char state[STELE_CHECKSUM_SIZE])
{
    const stele_migrations *table = run->handle->table;
    char before[STELE_CHECKSUM_SIZE];
    if (run->in_order && whole) {
        memcpy(state, table->migrations[index].state, STELE_CHECKSUM_SIZE);
        return true;
    }
    if (!stele_state_with(state, before, table, run->applied, index))
        return false;
    if (!whole)
        memcpy(state, before, sizeof before);
    return true;
}

/* Everything the ledger is told, as parameters of append(). `took` is in microseconds; below 0, the server measures. */
static stele_status send_row(stele_run *run, size_t action, const char *what, unsigned step, const char *reason,
                             int64_t took, stele_error *error)
{
    const stele_migrations *table = run->handle->table;
    size_t index = run->list->actions[action].index;
    const stele_migration *migration = &table->migrations[index];
    size_t component = stele_component_index(table, migration->component);
    bool whole = strcmp(what, "apply") == 0;
    char seq[24], steps[16], statements[16], duration[24], state[STELE_CHECKSUM_SIZE], build[128];
    stele_text down = {0};
    snprintf(seq, sizeof seq, "%lld", (long long)run->heads[component] + 1);
    snprintf(steps, sizeof steps, "%u", step);
    snprintf(statements, sizeof statements, "%u", (unsigned)up_count(migration));
    snprintf(duration, sizeof duration, "%lld", (long long)took);
    snprintf(build, sizeof build, "stele " STELE_VERSION ", %s, %.15s", table->generator,
             table->migrations[table->count - 1].state);
    if (whole && migration->down.end > migration->down.begin)
        stele_text_bytes(&down, migration->text + migration->down.begin, migration->down.end - migration->down.begin);
    if (down.failed || !state_after(run, index, whole, state)) {
        stele_text_free(&down);
        return stele_error_memory(error);
    }
    const char *values[] = {migration->component, seq, what, migration->version, migration->name, migration->file,
                            step == 0 ? NULL : steps, migration->source, migration->tokens, state,
                            run->handle->values.json[component], NULL, migration->one_way, down.bytes, reason, statements,
                            took < 0 ? NULL : duration, run->host, build};
    stele_status status = stele_pipe_send(&run->handle->link, item_of(action, APPEND, 0), run->append_sql, 19, values, error);
    stele_text_free(&down);
    run->heads[component]++;
    run->applied[index] |= whole;
    return status;
}

stele_status stele_run_send(stele_run *run, size_t action, stele_error *error)
{
    const stele_migration *migration = migration_of(run, action);
    static const stele_step nothing = {0};
    const stele_step *step = migration->up.step_count == 0 ? &nothing : &migration->steps[migration->up.first_step];
    bool later = action + 1 < run->list->count;
    run->in_session++;
    run->handle->link.failed_item = item_of(action, BEGIN, 0);
    stele_status status = send_begin(run, action, step->modes, later, error);
    if (status == STELE_OK)
        status = send_statements(run, action, step, error);
    if (status == STELE_OK)
        status = stele_session_restore(&run->session, run->handle, migration->flags, later, item_of(action, RESTORE, 0), error);
    if (status == STELE_OK)
        status = send_row(run, action, "apply", 0, NULL, -1, error);
    if (status == STELE_OK)
        status = send(run, item_of(action, COMMIT, 0), "COMMIT", error);
    return status != STELE_OK ? status : stele_pipe_push(&run->handle->link, error);
}

/* ------------------------------------------------------------ several steps */

static stele_status start_step(stele_run *run, size_t action, const char *modes, stele_error *error)
{
    stele_status status = stele_pipe_start(&run->handle->link, error);
    return status != STELE_OK ? status : send_begin(run, action, modes, false, error);
}

/* Commit what is in the pipeline, together with its ledger row or rows. */
static stele_status end_step(stele_run *run, size_t action, const char *what, unsigned step, const char *reason,
                             int64_t took, bool last, stele_error *error)
{
    const stele_migration *migration = migration_of(run, action);
    stele_link *link = &run->handle->link;
    uint64_t item = item_of(action, RESTORE, 0);
    stele_status status = STELE_OK;
    if (minds_role(migration))
        status = send(run, item_of(action, ROLE, 0), "SELECT pg_catalog.current_setting('role')", error);
    if (status == STELE_OK && last)
        status = stele_session_restore(&run->session, run->handle, migration->flags, false, item, error);
    else if (status == STELE_OK)
        status = send_role(run, action, stele_session_role(&run->session), error);
    if (status == STELE_OK)
        status = send_row(run, action, what, step, reason, took, error);
    if (status == STELE_OK && last)
        status = stele_pipe_wait(link, error); /* so that the last step counts in the whole's duration */
    if (status == STELE_OK && last)
        status = send_row(run, action, "apply", 0, NULL, stele_clock() - run->began, error);
    if (status == STELE_OK)
        status = send(run, item_of(action, COMMIT, 0), "COMMIT", error);
    if (status == STELE_OK)
        status = stele_pipe_wait(link, error);
    return status != STELE_OK ? status : stele_pipe_stop(link, error);
}

/* A row of its own: that a step begins, or that it failed. */
static stele_status note(stele_run *run, size_t action, const char *what, unsigned step, const char *reason,
                         stele_error *error)
{
    stele_status status = start_step(run, action, NULL, error);
    return status != STELE_OK ? status : end_step(run, action, what, step, reason, -1, false, error);
}

/* The settings that a transaction would get from enter(), for a statement that can't run in one. */
static stele_status set_alone(stele_run *run, const stele_migration *migration, const char *saved[3], stele_arena *arena,
                              stele_error *error)
{
    static const char sql[] = "SELECT pg_catalog.current_setting('row_security'), pg_catalog.current_setting('lock_timeout'),"
                              " pg_catalog.current_setting('statement_timeout'), pg_catalog.set_config('row_security', $1, false),"
                              " pg_catalog.set_config('lock_timeout', coalesce($2, pg_catalog.current_setting('lock_timeout')), false),"
                              " pg_catalog.set_config('statement_timeout', coalesce($3, pg_catalog.current_setting('statement_timeout')), false)";
    const char *values[] = {"off", migration->lock_timeout, migration->statement_timeout};
    bool restoring = saved[0] != NULL;
    stele_rows *rows;
    stele_status status = stele_link_query(&run->handle->link, sql, 3, restoring ? saved : values, &rows, error);
    for (int i = 0; i < 3 && status == STELE_OK && !restoring; i++) {
        const char *text = stele_rows_text(rows, 0, i);
        saved[i] = stele_arena_copy(arena, text, strlen(text));
        if (saved[i] == NULL)
            status = stele_error_memory(error);
    }
    stele_rows_free(rows);
    return status;
}

/* The statement itself, between two looks at what it builds. */
static stele_status run_outside(stele_run *run, const stele_action *action, const stele_step *step, bool again,
                                stele_error *error)
{
    stele_link *link = &run->handle->link;
    const stele_migration *migration = &run->handle->table->migrations[action->index];
    bool done = false;
    stele_status status = again ? stele_probe_again(link, step, action->in_doubt, &done, error) : STELE_OK;
    if (status != STELE_OK || done)
        return status;
    render(run, migration, &migration->statements[step->first]);
    status = run->text.failed ? stele_error_memory(error) : stele_link_run(link, run->text.bytes, error);
    unsigned position = link->position;
    if (status == STELE_OK)
        status = stele_probe_done(link, step, error);
    else
        stele_probe_failed(link, step, error);
    link->position = status == STELE_OK ? 0 : position;
    return status;
}

static stele_status run_alone(stele_run *run, size_t action, const stele_step *step, unsigned number, stele_error *error)
{
    stele_link *link = &run->handle->link;
    const stele_action *item = &run->list->actions[action];
    const char *saved[3] = {NULL, NULL, NULL};
    stele_arena arena = {0};
    stele_error failure = {0};
    stele_status status = note(run, action, "begin", number, NULL, error);
    if (status == STELE_OK)
        status = set_alone(run, migration_of(run, action), saved, &arena, error);
    if (status == STELE_OK) {
        status = run_outside(run, item, step, item->begun && number == item->first_step + 1, &failure);
        unsigned position = link->position;
        if (stele_link_alive(link)) {
            stele_link_rollback(link);
            set_alone(run, migration_of(run, action), saved, &arena, NULL);
            if (status != STELE_OK && note(run, action, "fail", number, failure.message, NULL) != STELE_OK) {
                stele_pipe_stop(link, NULL);
                stele_link_rollback(link);
            }
        }
        link->position = position;
        link->failed_item = item_of(action, STATEMENT, step->first);
        if (status != STELE_OK && error != NULL && error->status == STELE_OK)
            *error = failure;
    }
    stele_arena_free(&arena);
    return status;
}

/* Take the session's lock, for the first time or once more. */
static stele_status hold_lock(stele_run *run, stele_error *error)
{
    bool taken;
    stele_status status = stele_lock_session(&run->tries->lock, run->handle, &taken, error);
    if (status != STELE_OK || taken)
        return status;
    run->tries->again = run->tries->moved = true;
    return STELE_LOCKED;
}

static stele_status run_step(stele_run *run, size_t action, unsigned number, stele_error *error)
{
    const stele_migration *migration = migration_of(run, action);
    const stele_step *step = &migration->steps[migration->up.first_step + number - 1];
    bool last = number == migration->up.step_count;
    int64_t began = stele_clock(), took = -1; /* in a transaction, the server measures */
    stele_status status;
    if (step->alone) {
        status = number == run->list->actions[action].first_step + 1 ? STELE_OK : hold_lock(run, error);
        if (status == STELE_OK)
            status = run_alone(run, action, step, number, error);
        took = stele_clock() - began;
        if (status == STELE_OK)
            status = start_step(run, action, NULL, error);
    } else {
        status = start_step(run, action, step->modes, error);
        if (status == STELE_OK)
            status = send_statements(run, action, step, error);
    }
    if (status == STELE_OK)
        status = end_step(run, action, "step", number, NULL, took, last, error);
    if (status == STELE_OK)
        tell(run, STELE_EVENT_STEP, action, number, 0);
    return status;
}

/* After a failure: which steps are in, and where the next run goes on. */
static void tell_steps(const stele_run *run, size_t action, unsigned done, stele_error *error)
{
    const stele_migration *migration = migration_of(run, action);
    const stele_action *item = &run->list->actions[action];
    char detail[sizeof error->detail];
    if (error == NULL)
        return;
    stele_error_copy(detail, sizeof detail, error->detail);
    const stele_step *next = &migration->steps[migration->up.first_step + done];
    const char *doubt = item->in_doubt && done == item->first_step && next->index == NULL
                            ? "; this step had been begun before, and nothing says how that ended: look whether it took effect"
                            : "";
    stele_error_detail(error, "%s%s%u of %u steps of \"%s\" are in%s; the next up goes on with step %u", detail,
                       detail[0] == '\0' ? "" : "\n", done, migration->up.step_count, migration->file, doubt, done + 1);
}

/* On a caller's connection, what the steps that are in have set is put back although the migration isn't done. */
static void put_back(stele_run *run, size_t action)
{
    stele_link *link = &run->handle->link;
    stele_pipe_stop(link, NULL);
    stele_link_rollback(link);
    if (link->own || !stele_link_alive(link) || stele_pipe_start(link, NULL) != STELE_OK)
        return;
    stele_session_restore(&run->session, run->handle, migration_of(run, action)->flags, false,
                          item_of(action, RESTORE, 0), NULL);
    stele_pipe_stop(link, NULL);
}

stele_status stele_run_steps(stele_run *run, size_t action, stele_error *error)
{
    const stele_migration *migration = migration_of(run, action);
    const stele_action *item = &run->list->actions[action];
    unsigned done = item->first_step;
    stele_lock_name(&run->tries->lock, run->handle, migration->component);
    stele_status status = hold_lock(run, error);
    if (status != STELE_OK)
        return status;
    run->in_session++;
    run->began = stele_clock();
    stele_error_copy(run->role, sizeof run->role, stele_session_role(&run->session));
    tell(run, STELE_EVENT_START, action, 0, 0);
    for (; done < migration->up.step_count && status == STELE_OK; done++)
        status = run_step(run, action, done + 1, error);
    if (status == STELE_OK) {
        is_in(run, action);
    } else {
        if (!run->tries->again)
            status = stele_run_failed(run, status, error);
        if (!run->tries->again)
            tell_steps(run, action, done - 1, error);
        put_back(run, action);
    }
    stele_lock_release(&run->tries->lock, run->handle);
    return status;
}

/* ---------------------------------------------------------------- failures */

static const stele_statement *last_statement(const stele_migration *migration)
{
    const stele_step *step = &migration->steps[migration->up.first_step + migration->up.step_count - 1];
    return &migration->statements[step->first + step->count - 1];
}

/*
 * "cannot ALTER TABLE because it has pending trigger events": in one transaction, the deferred checks of the statements before
 * stand in the way; statement by statement, as psql runs a file, each would have been made at its end. The
 * next try makes them before this statement. True once for a statement.
 */
static bool checks_are_due(stele_run *run, uint64_t item, const char *sqlstate)
{
    stele_tries *tries = run->tries;
    size_t index = run->list->actions[action_of(item)].index;
    uint32_t statement = (uint32_t)item;
    if (what_of(item) != STATEMENT || strcmp(sqlstate, "55006") != 0)
        return false;
    if (tries->immediate && tries->immediate_index == index && tries->immediate_from <= statement)
        return false;
    tries->immediate = true;
    tries->immediate_index = index;
    tries->immediate_from = statement;
    return true;
}

/*
 * A session with a past knows plans and types that a migration has changed since: a column's type, say, in a function that was
 * called before. Psql has a new session for each file; so a failure of these kinds is tried again in a new one.
 */
static bool session_is_stale(stele_run *run, uint64_t item, const char *sqlstate)
{
    static const char *const kinds[] = {"42804", "0A000", "XX000"};
    bool kind = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        kind |= strcmp(sqlstate, kinds[i]) == 0;
    if (!kind || what_of(item) != STATEMENT || !run->handle->link.own || run->in_session < 2)
        return false;
    run->tries->renew = true;
    return true;
}

stele_status stele_run_failed(stele_run *run, stele_status status, stele_error *error)
{
    uint64_t item = run->handle->link.failed_item;
    const stele_migration *migration = migration_of(run, action_of(item));
    const char *sqlstate = error == NULL ? "" : error->sqlstate;
    stele_tries *tries = run->tries;
    tries->moved = (what_of(item) == ENTER || what_of(item) == APPEND) &&
                   (strcmp(sqlstate, STELE_TAKEN) == 0 || strcmp(sqlstate, STELE_MOVED) == 0);
    tries->again = tries->moved || checks_are_due(run, item, sqlstate) || session_is_stale(run, item, sqlstate);
    if (tries->again || error == NULL)
        return status;
    if ((what_of(item) == ENTER || what_of(item) == APPEND) && strcmp(sqlstate, "42501") == 0) {
        stele_error_hint(error, "up needs the role that owns the schema %s, or one that is a member of it; USAGE and SELECT are enough for check, status, plan, history and audit",
                         run->handle->schema);
        return error->status = STELE_UNMET;
    }
    stele_error_file(error, migration);
    uint32_t count = up_count(migration);
    if (what_of(item) == STATEMENT)
        stele_place_failure(error, &run->handle->values, run->handle->table, migration, &migration->statements[(uint32_t)item],
                            run->handle->link.position);
    else if (what_of(item) == COMMIT && count > 0)
        stele_error_place(error, migration, last_statement(migration)->begin);
    else
        stele_error_place(error, migration, 0);
    if (what_of(item) == COMMIT && error->hint[0] == '\0')
        stele_error_hint(error, "this came at the commit, from a check that was deferred until then");
    if (strcmp(sqlstate, "55P03") == 0 && error->hint[0] == '\0')
        stele_error_hint(error, "lock_timeout ran out while others held a lock; nothing of this step is in, run it again");
    if (strcmp(sqlstate, "25001") == 0 && error->hint[0] == '\0')
        stele_error_hint(error, "what can't be seen to need it is run outside a transaction with: -- stele: no-transaction");
    if (strcmp(sqlstate, "25006") == 0)
        error->status = status = STELE_UNMET;
    return status;
}

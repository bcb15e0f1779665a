#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "handle.h"
#include "run.h"

/* ------------------------------------------- what must be so before anything runs */

/* "0.8.0" is at least "0.5"? */
static bool is_at_least(const char *version, const char *minimum)
{
    return minimum == NULL || stele_version_compare(version, minimum) >= 0;
}

static stele_status unmet(const stele_migration *migration, const stele_need *need,
                          const char *found, stele_error *error)
{
    size_t offset = 0;
    for (uint32_t line = 1; line < need->line && offset < migration->length; offset++)
        line += migration->text[offset] == '\n';
    stele_error_file(error, migration);
    stele_error_place(error, migration, offset);
    return stele_error_set(error, STELE_UNMET, "\"%s\" needs %s%s%s; the server has %s", migration->file, need->name,
                           need->minimum == NULL ? "" : " >= ", need->minimum == NULL ? "" : need->minimum, found);
}

/* An extension counts in the version that is installed, or would be. */
static stele_status check_extension(stele *handle, const stele_migration *migration, const stele_need *need,
                                    stele_error *error)
{
    const char *values[] = {need->name};
    stele_rows *rows;
    stele_status status = stele_link_query(&handle->link,
                                           "SELECT coalesce(installed_version, default_version)"
                                           " FROM pg_catalog.pg_available_extensions WHERE name OPERATOR(pg_catalog.=) $1",
                                           1, values, &rows, error);
    if (status != STELE_OK)
        return status;
    const char *version = stele_rows_count(rows) == 0 ? NULL : stele_rows_text(rows, 0, 0);
    if (version == NULL) {
        status = unmet(migration, need, "no such extension", error);
        stele_error_hint(error, "install the extension's package on the database's host");
    } else if (!is_at_least(version, need->minimum)) {
        status = unmet(migration, need, version, error);
    }
    stele_rows_free(rows);
    return status;
}

static stele_status check_needs(stele *handle, const stele_migration *migration, stele_error *error)
{
    stele_status status = STELE_OK;
    for (uint32_t i = 0; i < migration->need_count && status == STELE_OK; i++) {
        const stele_need *need = &migration->needs[i];
        char server[32];
        int version = stele_link_version(&handle->link);
        snprintf(server, sizeof server, "%d.%d", version / 10000, version % 10000);
        if (strcmp(need->name, "server") != 0)
            status = check_extension(handle, migration, need, error);
        else if (!is_at_least(server, need->minimum))
            status = unmet(migration, need, server, error);
    }
    return status;
}

/* The parameters in force, as the components' last rows have them. */
static stele_status agree(stele *handle, const stele_survey *survey, stele_error *error)
{
    size_t count = handle->table->component_count;
    const char **in_force = stele_arena_get(&handle->arena, count, sizeof *in_force);
    if (in_force == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < count; i++)
        in_force[i] = survey->last[i] == NULL ? NULL : survey->last[i]->row.parameters;
    return stele_values_agree(&handle->values, handle->table, in_force, &handle->arena, error);
}

stele_status stele_list_check(stele *handle, const stele_survey *survey, const stele_worklist *list, stele_error *error)
{
    stele_status status = agree(handle, survey, error);
    for (size_t i = 0; i < list->count && status == STELE_OK; i++) {
        const stele_migration *migration = &handle->table->migrations[list->actions[i].index];
        status = stele_values_suffice(&handle->values, handle->table, migration, error);
        if (status == STELE_OK)
            status = check_needs(handle, migration, error);
    }
    return status;
}

/* ---------------------------------------------------------- a ledger, if need be */

/* With the lock held: is it still not there? Another process may have made it since we looked. */
static stele_status create(stele *handle, stele_arena *arena, stele_error *error)
{
    const char *anchor = stele_arena_print(arena, "%s.anchor", handle->schema);
    const char *values[] = {anchor, handle->schema};
    stele_rows *rows;
    if (anchor == NULL)
        return stele_error_memory(error);
    stele_status status = stele_link_query(&handle->link,
                                           "SELECT pg_catalog.to_regclass($1) IS NOT NULL, pg_catalog.to_regnamespace($2) IS NOT NULL",
                                           2, values, &rows, error);
    if (status != STELE_OK)
        return status;
    bool there = stele_rows_true(rows, 0, 0), schema = stele_rows_true(rows, 0, 1);
    stele_rows_free(rows);
    if (there)
        return STELE_OK;
    /* A role without CREATE on the database may use a schema that was made for it: so CREATE SCHEMA only where there is none. */
    const char *script = stele_ledger_schema(handle->schema, !schema, arena);
    return script == NULL ? stele_error_memory(error) : stele_link_run(&handle->link, script, error);
}

static stele_status make_ledger(stele *handle, stele_lock *lock, bool *taken, stele_arena *arena, stele_error *error)
{
    stele_lock_name(lock, handle, "");
    const char *values[] = {lock->key1, lock->key2};
    stele_rows *rows = NULL;
    stele_link *link = &handle->link;
    stele_status status = stele_link_run(link, "BEGIN READ WRITE, ISOLATION LEVEL READ COMMITTED", error);
    if (status == STELE_OK)
        status = stele_link_query(link, "SELECT pg_catalog.pg_try_advisory_xact_lock($1::pg_catalog.int4, $2::pg_catalog.int4)", 2,
                                  values, &rows, error);
    *taken = status == STELE_OK && stele_rows_true(rows, 0, 0);
    stele_rows_free(rows);
    if (*taken)
        status = create(handle, arena, error);
    if (*taken && status == STELE_OK)
        status = stele_link_run(link, "COMMIT", error);
    stele_link_rollback(link);
    if (status != STELE_OK && error != NULL && strcmp(error->sqlstate, "42501") == 0) {
        error->status = status = STELE_UNMET;
        stele_error_hint(error, "stele keeps its ledger in the schema %s: have it made, owned by this role, with CREATE SCHEMA %s AUTHORIZATION role",
                         handle->schema, handle->schema);
    }
    return status;
}

/* -------------------------------------------------------------------- the run */

static void forward_notice(void *data, const char *severity, const char *sqlstate, const char *message)
{
    stele_run *run = data;
    const stele_options *options = &run->handle->options;
    if (options->progress == NULL || run->list->count == 0)
        return;
    size_t action = run->done < run->list->count ? run->done : run->list->count - 1;
    stele_event event = {.kind = STELE_EVENT_NOTICE,
                         .migration = &run->handle->table->migrations[run->list->actions[action].index],
                         .index = action + 1,
                         .total = run->list->count,
                         .message = message,
                         .severity = severity,
                         .sqlstate = sqlstate};
    options->progress(options->data, &event);
}

/*
 * Commits may have gone ahead of the disk. Before a failure is reported, one that waits, and that wrote
 * something to wait for, brings all before it to the disk.
 */
static void settle(stele_run *run)
{
    if (run->unsynced && stele_link_alive(&run->handle->link))
        stele_link_run(&run->handle->link,
                       "BEGIN; SET LOCAL synchronous_commit = on; SELECT pg_catalog.pg_logical_emit_message(true, 'stele', ''); COMMIT",
                       NULL);
}

/* Send migrations of one step one behind the other, from `*next` on, until one of several steps or the end. */
static stele_status run_pipeline(stele_run *run, size_t *next, stele_error *error)
{
    const stele_migrations *table = run->handle->table;
    stele_link *link = &run->handle->link;
    stele_status status = stele_pipe_start(link, error);
    size_t first = *next;
    while (status == STELE_OK && *next < run->list->count && (*next == first || !stele_leaves_traces(run, *next - 1)) &&
           !stele_is_stepwise(&table->migrations[run->list->actions[*next].index]))
        status = stele_run_send(run, (*next)++, error);
    if (status == STELE_OK)
        status = stele_pipe_wait(link, error);
    if (status != STELE_OK)
        status = stele_run_failed(run, status, error);
    stele_status stopped = stele_pipe_stop(link, status == STELE_OK ? error : NULL);
    if (status == STELE_OK)
        status = stopped;
    if (status != STELE_OK)
        stele_link_rollback(link);
    return status;
}

static stele_status run_list(stele_run *run, stele_error *error)
{
    const stele_migrations *table = run->handle->table;
    stele_status status = STELE_OK;
    for (size_t next = 0; next < run->list->count && status == STELE_OK;) {
        if (stele_is_stepwise(&table->migrations[run->list->actions[next].index]))
            status = stele_run_steps(run, next++, error);
        else
            status = run_pipeline(run, &next, error);
        if (status == STELE_OK && next < run->list->count && stele_leaves_traces(run, next - 1)) {
            status = stele_link_renew(&run->handle->link, error);
            run->in_session = 0;
        }
    }
    if (status != STELE_OK)
        settle(run);
    return status;
}

static bool may_change_session(const stele *handle, const stele_worklist *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (handle->table->migrations[list->actions[i].index].flags != 0)
            return true;
    return false;
}

static stele_status prepare(stele_run *run, const stele_survey *survey, stele_arena *arena, stele_error *error)
{
    const stele_migrations *table = run->handle->table;
    const char *schema = run->handle->schema;
    run->enter_sql = stele_arena_print(arena, "SELECT %s.enter($1, $2, $3, $4, $5, $6, $7)", schema);
    run->append_sql = stele_arena_print(arena,
                                        "SELECT %s.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
                                        " $14, $15, $16, $17, $18, $19)",
                                        schema);
    run->applied = stele_arena_get(arena, table->count, sizeof *run->applied);
    run->heads = survey->heads;
    run->in_order = true;
    if (run->enter_sql == NULL || run->append_sql == NULL || run->applied == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < table->count; i++) {
        run->applied[i] = survey->places[i].standing == STELE_APPLIED;
        run->in_order &= survey->places[i].standing != STELE_MISPLACED;
    }
    if (gethostname(run->host, sizeof run->host - 1) != 0)
        run->host[0] = '\0';
    if (!run->handle->link.own && may_change_session(run->handle, run->list))
        return stele_session_read(&run->session, run->handle, arena, error);
    return STELE_OK;
}

/* Run a list, and add what it did to the result. */
static stele_status carry_out(stele *handle, const stele_survey *survey, const stele_worklist *list, stele_tries *tries,
                              stele_result *result, stele_arena *arena, stele_error *error)
{
    const stele_migrations *table = handle->table;
    stele_run run = {.handle = handle, .tries = tries, .list = list, .earlier = result->applied};
    stele_error first = {0};
    handle->link.notice = forward_notice;
    handle->link.answered = stele_run_answered;
    handle->link.notice_data = handle->link.answered_data = &run;
    stele_status status = prepare(&run, survey, arena, &first);
    if (status == STELE_OK)
        status = run_list(&run, &first);
    handle->link.notice = NULL;
    handle->link.answered = NULL;
    stele_text_free(&run.text);
    result->applied += run.done;
    result->pending = list->pending + list->count - run.done;
    if (run.done > 0) {
        stele_error_copy(result->head, sizeof result->head, run.head);
        stele_error_copy(result->version, sizeof result->version, table->migrations[list->actions[run.done - 1].index].version);
    }
    if (status != STELE_OK && !tries->again && error != NULL)
        *error = first;
    return status;
}

/* One try: read, compare, plan, check, apply. tries->again is set when it has to be done again. */
static stele_status attempt(stele *handle, const char *target, int64_t rows, stele_tries *tries, stele_result *result,
                            stele_arena *arena, stele_error *error)
{
    stele_ledger ledger;
    stele_survey survey;
    stele_worklist list;
    bool taken = true;
    stele_status status = stele_read_all(handle, rows, &ledger, &survey, arena, error);
    if (status != STELE_OK)
        return status;
    status = stele_worklist_make(&list, handle->table, &survey, target, handle->options.out_of_order, arena, error);
    if (status == STELE_OK)
        status = stele_list_check(handle, &survey, &list, error);
    if (status == STELE_OK && !ledger.exists && list.count > 0)
        status = make_ledger(handle, &tries->lock, &taken, arena, error);
    tries->again = tries->moved = status == STELE_OK && !taken;
    if (status == STELE_OK && taken)
        status = carry_out(handle, &survey, &list, tries, result, arena, error);
    stele_ledger_free(&ledger);
    return status;
}

stele_status stele_apply(stele *handle, const char *target, stele_result *result, stele_error *error)
{
    stele_result unused;
    stele_tries tries = {.again = true};
    size_t end;
    stele_error_clear(error);
    if (result == NULL)
        result = &unused;
    *result = (stele_result){0};
    stele_status status = stele_target_find(handle->table, target, &end, error);
    while (status == STELE_OK && tries.again) {
        stele_arena arena = {0};
        stele_glance glance;
        if (tries.renew)
            status = stele_link_renew(&handle->link, error);
        tries.again = tries.moved = tries.renew = false;
        if (status != STELE_OK)
            break;
        status = stele_look(handle, &glance, &arena, error);
        if (status == STELE_OK && glance.settled)
            stele_result_fill(result, handle, &glance);
        if (status == STELE_OK && (!glance.settled || glance.pending > 0))
            status = attempt(handle, target, glance.rows, &tries, result, &arena, error);
        if (tries.again)
            status = tries.moved ? stele_lock_wait(&tries.lock, handle, error) : STELE_OK;
        stele_arena_free(&arena);
    }
    return status;
}

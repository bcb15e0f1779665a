#define _POSIX_C_SOURCE 200809L

#include "carry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "expect.h"
#include "given.h"
#include "lease.h"
#include "rights.h"
#include "run.h"

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
                         .migration = run->list->actions[action].migration,
                         .index = action + 1,
                         .total = run->list->count,
                         .head = "",
                         .message = message,
                         .severity = severity,
                         .sqlstate = sqlstate};
    options->progress(options->data, &event);
}

/*
 * Commits may have gone ahead of the disk. Before a failure is reported, one that waits, and that wrote
 * something to wait for, brings all before it to the disk.
 */
static stele_status settle(stele_run *run, stele_status status, stele_error *error)
{
    stele_link *link = &run->handle->link;
    if (!run->unsynced || !stele_link_alive(link))
        return status;
    stele_link_run(link, "BEGIN; SET LOCAL synchronous_commit = on; SELECT pg_catalog.pg_logical_emit_message(true, 'stele', ''); COMMIT", NULL);
    if (stele_link_alive(link))
        return status;
    stele_error_clear(error); /* what failed will fail again; what was lost matters more */
    return stele_error_set(error, STELE_NO_CONNECTION, "the connection was lost");
}

/* Send migrations of one step one behind the other, from `*next` on, until one of several steps or the end. */
static stele_status run_pipeline(stele_run *run, size_t *next, stele_error *error)
{
    stele_link *link = &run->handle->link;
    stele_status status = stele_pipe_start(link, error);
    size_t first = *next;
    while (status == STELE_OK && *next < run->list->count && (*next == first || !stele_leaves_traces(run, *next - 1)) &&
           !stele_is_stepwise(&run->list->actions[*next]))
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
    stele_status status = STELE_OK;
    for (size_t next = 0; next < run->list->count && status == STELE_OK;) {
        if (stele_is_stepwise(&run->list->actions[next]))
            status = stele_run_steps(run, next++, error);
        else
            status = run_pipeline(run, &next, error);
        if (status == STELE_OK && next < run->list->count && stele_leaves_traces(run, next - 1)) {
            status = stele_link_renew(&run->handle->link, error);
            run->fresh = next;
            run->tries->watch.backend = run->pooled ? 0 : stele_link_backend(&run->handle->link);
        }
    }
    if (status != STELE_OK)
        status = settle(run, status, error);
    return status;
}

static bool may_change_session(const stele_worklist *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->actions[i].part != NULL && list->actions[i].migration->flags != 0)
            return true;
    return false;
}

static bool any_minds_role(const stele_worklist *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->actions[i].part != NULL && stele_minds_role(&list->actions[i]))
            return true;
    return false;
}

/* Who serves us, and the role's or the database's own lock_timeout, which goes before ours. */
static stele_status meet(stele_run *run, stele_error *error)
{
    stele_link *link = &run->handle->link;
    unsigned timeout = run->handle->options.lock_timeout_ms;
    stele_rows *rows;
    stele_status status = stele_link_query(link, "SELECT pg_catalog.pg_backend_pid(), pg_catalog.current_setting('lock_timeout')", 0, NULL, &rows, error);
    if (status != STELE_OK)
        return status;
    run->tries->watch.backend = (int)strtol(stele_rows_text(rows, 0, 0), NULL, 10);
    run->pooled = run->tries->watch.backend != stele_link_backend(link);
    if (strcmp(stele_rows_text(rows, 0, 1), "0") == 0 && timeout != STELE_FOR_EVER)
        snprintf(run->lock_timeout, sizeof run->lock_timeout, "%u", timeout == 0 ? 5000 : timeout);
    stele_rows_free(rows);
    return STELE_OK;
}

static stele_status prepare(stele_run *run, const stele_survey *survey, stele_arena *arena, stele_error *error)
{
    const char *schema = run->handle->schema;
    stele_status status = meet(run, error);
    if (status != STELE_OK)
        return status;
    /* Through a pooler each transaction may be served by another process: only it tells which. */
    run->enter_sql = stele_arena_print(arena, "SELECT %s%s.enter($1, $2, $3, $4, $5, $6, $7)", run->pooled ? "pg_catalog.pg_backend_pid(), " : "", schema);
    run->append_sql = stele_arena_print(arena, "SELECT %s.append(" STELE_RECORD_PARAMETERS ")", schema);
    run->heads = survey->heads;
    if (run->enter_sql == NULL || run->append_sql == NULL || !stele_expect_prepare(run, arena) ||
        !stele_set_make(&run->set, survey->places, survey->count, arena))
        return stele_error_memory(error);
    if (gethostname(run->host, sizeof run->host - 1) != 0)
        run->host[0] = '\0';
    if (run->handle->link.own ? any_minds_role(run->list) : may_change_session(run->list))
        return stele_session_read(&run->session, run->handle, arena, error);
    return STELE_OK;
}

/* The set has every row that was sent; after a failure, only those that are in count. */
static bool forget_undone(stele_run *run, const stele_survey *survey, stele_arena *arena)
{
    char state[STELE_CHECKSUM_SIZE];
    bool fine = run->done == run->list->count || stele_set_make(&run->set, survey->places, survey->count, arena);
    for (size_t i = 0; i < run->done && run->done < run->list->count && fine; i++) {
        const stele_action *action = &run->list->actions[i];
        fine = stele_set_take(&run->set, action->deed, action->step, action->migration, action->place, state);
    }
    return fine;
}

/* What up would still have to do, of what the program has. */
static size_t count_pending(const stele_set *set, const stele_survey *survey)
{
    size_t pending = 0;
    for (size_t i = 0; i < survey->known; i++) {
        const stele_migration *migration = survey->places[i].migration;
        bool other = migration->repeatable && survey->places[i].standing != STELE_NEWER; /* the newer program's text is right */
        pending += (!set->members[i].in && survey->places[i].covered == NULL) || (other && strcmp(set->members[i].source, migration->source) != 0);
    }
    return pending;
}

/* Add what a run did to the result. */
static void tally(stele_result *result, stele_run *run, const stele_survey *survey, stele_arena *arena)
{
    for (size_t i = 0; i < run->done; i++) {
        const stele_action *action = &run->list->actions[i];
        size_t *count = action->part == NULL                          ? &result->recorded
                        : action->part == &action->migration->down ? &result->reverted
                                                                      : &result->applied;
        ++*count;
    }
    if (run->done > 0)
        stele_error_copy(result->head, sizeof result->head, run->head);
    if (!forget_undone(run, survey, arena))
        return;
    result->pending = count_pending(&run->set, survey);
    if (run->done > 0)
        stele_error_copy(result->version, sizeof result->version,
                         stele_set_version(&run->set, run->list->actions[run->done - 1].migration->component));
}

/* Run a list, and add what it did to the result. */
static stele_status carry_out(stele *handle, const stele_survey *survey, const stele_worklist *list, stele_tries *tries,
                              stele_result *result, stele_arena *arena, stele_error *error)
{
    size_t earlier = result->applied + result->reverted + result->recorded;
    stele_run run = {.handle = handle, .tries = tries, .list = list, .earlier = earlier};
    stele_error first = {0};
    handle->link.notice = forward_notice;
    handle->link.answered = stele_run_answered;
    handle->link.notice_data = handle->link.answered_data = &run;
    stele_run_watch(&run);
    stele_status status = prepare(&run, survey, arena, &first);
    bool prepared = status == STELE_OK;
    if (prepared)
        status = run_list(&run, &first);
    stele_run_unwatch(&run);
    handle->link.notice = NULL;
    handle->link.answered = NULL;
    stele_text_free(&run.text);
    if (prepared)
        tally(result, &run, survey, arena);
    if (status != STELE_OK && !tries->again && error != NULL)
        *error = first;
    return status;
}

/* One try: read, compare, plan, check, run. tries->again is set when it has to be done again. */
static stele_status attempt(stele *handle, const stele_errand *errand, int64_t rows, stele_tries *tries, stele_result *result,
                            stele_arena *arena, stele_error *error)
{
    stele_ledger ledger;
    stele_survey survey;
    stele_worklist list;
    bool taken = true;
    stele_status status = errand->unproven ? stele_read_found(handle, rows, &ledger, &survey, arena, error)
                                           : stele_read_all(handle, rows, &ledger, &survey, arena, error);
    if (status != STELE_OK)
        return status;
    bool busy;
    status = stele_lease_look(handle, &survey, tries, &busy, error);
    if (busy && status == STELE_OK) { /* what is half in or half out is being worked on: nothing is wrong */
        tries->again = tries->moved = true;
        stele_ledger_free(&ledger);
        return STELE_OK;
    }
    if (status == STELE_OK)
        status = errand->plan(errand->data, handle, &survey, &list, arena, error);
    if (status == STELE_OK && !errand->unagreed)
        status = stele_list_check(handle, &ledger, &survey, &list, error);
    if (status == STELE_OK && errand->keeps)
        status = stele_given_plan(handle, &survey, &list, arena, error);
    if (status == STELE_OK && list.count > 0)
        status = stele_rights_tell(handle, &list, NULL, NULL, error);
    if (status == STELE_OK && errand->glance)
        stele_ahead_tell(handle, &survey, result);
    if (status == STELE_OK && !ledger.exists && list.count > 0)
        status = make_ledger(handle, &tries->lock, &taken, arena, error);
    tries->again = tries->moved = status == STELE_OK && !taken;
    if (status == STELE_OK && taken)
        status = carry_out(handle, &survey, &list, tries, result, arena, error);
    stele_ledger_free(&ledger);
    return status;
}

/* Is everything as the table has it, and as it was given? `rows` is how many rows the ledger has. */
static stele_status glance(stele *handle, const stele_errand *errand, int64_t *rows, bool *settled, stele_result *result, stele_arena *arena,
                           stele_error *error)
{
    stele_glance seen;
    stele_status status = stele_look(handle, &seen, arena, error);
    bool kept = true;
    if (status == STELE_OK && seen.settled)
        stele_result_fill(result, handle, &seen);
    if (status == STELE_OK && errand->keeps && seen.settled && seen.pending == 0)
        status = stele_given_look(handle, seen.heads, &kept, arena, error);
    *settled = status == STELE_OK && seen.settled && seen.pending == 0 && kept;
    *rows = status == STELE_OK ? seen.rows : 0;
    return status;
}

/* Half a second, doubled with each try up to a quarter of a minute; between half and all of that, so that two don't meet again. */
static stele_status wait_for_others(stele *handle, const stele_tries *tries, stele_error *error)
{
    int64_t most = INT64_C(500000) << (tries->blocked_tries < 6 ? tries->blocked_tries - 1 : 5);
    int64_t nap = most / 2 + stele_clock() * 1000 % (most / 2);
    unsigned limit = handle->options.lock_retry_ms == 0 ? 120000 : handle->options.lock_retry_ms;
    int64_t left = tries->blocked_since + (int64_t)limit * 1000 - stele_clock();
    if (limit != STELE_FOR_EVER && nap > left)
        nap = left > 0 ? left : 0; /* one more try at the end of the time */
    char message[sizeof tries->why + 64];
    snprintf(message, sizeof message, "%s; begins again in %.1f s", tries->why, (double)nap / 1000000);
    stele_event event = {.kind = STELE_EVENT_RETRY, .migration = tries->blocked_in, .head = "", .message = message, .severity = "", .sqlstate = ""};
    if (handle->options.progress != NULL)
        handle->options.progress(handle->options.data, &event);
    return stele_link_pause(&handle->link, nap, error);
}

stele_status stele_carry(stele *handle, const stele_errand *errand, stele_result *result, stele_error *error)
{
    stele_tries tries = {.again = true};
    stele_status status = STELE_OK;
    while (status == STELE_OK && tries.again) {
        stele_arena arena = {0};
        int64_t rows = 0;
        bool settled = false;
        if (tries.renew)
            status = stele_link_renew(&handle->link, error);
        tries.again = tries.moved = tries.renew = tries.blocked = false;
        if (status == STELE_OK && errand->glance)
            status = glance(handle, errand, &rows, &settled, result, &arena, error);
        if (status == STELE_OK && !settled)
            status = attempt(handle, errand, rows, &tries, result, &arena, error);
        if (tries.again)
            status = tries.blocked ? wait_for_others(handle, &tries, error)
                     : tries.moved ? stele_lock_wait(&tries.lock, handle, error) : STELE_OK;
        stele_arena_free(&arena);
    }
    stele_watch_close(&tries.watch);
    return status;
}

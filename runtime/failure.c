#include <string.h>

#include "error.h"
#include "expect.h"
#include "place.h"
#include "run.h"

static const stele_statement *last_statement(const stele_migration *migration, const stele_part *part)
{
    const stele_step *step = &migration->steps[part->first_step + part->step_count - 1];
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
    const stele_migration *migration = stele_run_migration(run, stele_item_action(item));
    uint32_t statement = (uint32_t)item;
    if (stele_item_what(item) != ITEM_STATEMENT || strcmp(sqlstate, "55006") != 0 || migration->lua)
        return false;
    if (tries->immediate && tries->immediate_in == migration && tries->immediate_from <= statement)
        return false;
    tries->immediate = true;
    tries->immediate_in = migration;
    tries->immediate_from = statement;
    return true;
}

/*
 * A session with a past knows plans and types that a migration has changed since: a column's type, say, in a function that was
 * called before. Psql has a new session for each file; so a failure of these kinds is tried again in a new one. There
 * it is the first, and true: how many were sent says nothing, since those behind it in the pipeline were, too.
 */
static bool session_is_stale(stele_run *run, uint64_t item, const char *sqlstate)
{
    static const char *const kinds[] = {"42804", "0A000", "XX000", NULL};
    bool kind = stele_sqlstate_is(sqlstate, kinds);
    bool theirs = stele_item_what(item) == ITEM_STATEMENT || stele_item_what(item) == ITEM_QUERY;
    if (!kind || !theirs || !run->handle->link.own || stele_item_action(item) <= run->fresh)
        return false;
    run->tries->renew = true;
    return true;
}

/*
 * Others stood in the way: lock_timeout ran out, so that they don't queue behind us, or there was a deadlock. Nothing of the transaction is in:
 * so it is begun again, until that has gone on for too long.
 */
static bool is_blocked(stele_run *run, uint64_t item, const char *sqlstate)
{
    static const char *const kinds[] = {"55P03", "40P01", "40001", NULL};
    const stele_options *options = &run->handle->options;
    const stele_migration *migration = stele_run_migration(run, stele_item_action(item));
    stele_tries *tries = run->tries;
    int64_t now = stele_clock(), limit = (int64_t)(options->lock_retry_ms == 0 ? 120000 : options->lock_retry_ms) * 1000;
    if (run->alone || stele_item_what(item) == ITEM_ENTER || stele_item_what(item) == ITEM_APPEND ||
        !stele_sqlstate_is(sqlstate, kinds))
        return false;
    if (tries->blocked_in != migration) {
        tries->blocked_in = migration;
        tries->blocked_since = now;
        tries->blocked_tries = 0;
    }
    tries->blocked_tries++;
    tries->blocked = !options->no_retry && (options->lock_retry_ms == STELE_FOR_EVER || now - tries->blocked_since < limit);
    return tries->blocked;
}

/* Who stood in the way, as of the last look; for the error, or for the next try's event. */
static void tell_blockers(stele_run *run, stele_error *error)
{
    stele_tries *tries = run->tries;
    const char *blockers = tries->watch.blockers;
    stele_error_copy(tries->why, sizeof tries->why, error->message);
    if (tries->blocked)
        return;
    if (blockers[0] != '\0' && error->detail[0] == '\0')
        stele_error_detail(error, "blocked by %s", blockers);
    if (error->hint[0] == '\0')
        stele_error_hint(error, "nothing of this step is in; it was tried %u %s: end what holds the lock, run it when less is going on, or let it try for longer with"
                                " --lock-retry", tries->blocked_tries, tries->blocked_tries == 1 ? "time" : "times");
}

/* The first migration of a history finds something there already: the schema may be older than the ledger. */
static bool was_there(const stele_run *run, const stele_migration *migration, const char *sqlstate)
{
    static const char *const kinds[] = {"42P07", "42P06", "42710", "42723", NULL};
    const stele_migration *first = run->handle->table->migrations;
    bool kind = stele_sqlstate_is(sqlstate, kinds);
    while (first < migration && strcmp(first->component, migration->component) != 0)
        first++;
    return kind && first == migration && !migration->repeatable;
}

/* What extensions bring, and a schema without them doesn't know: by the message, since its state has roles and indexes, too. */
static bool is_of_extension(const stele_error *error)
{
    static const char *const things[] = {"type \"", "operator class \"", "access method \""};
    bool found = false;
    for (size_t i = 0; i < sizeof things / sizeof *things; i++)
        found = found || strncmp(error->message, things[i], strlen(things[i])) == 0;
    return found && strcmp(error->sqlstate, "42704") == 0;
}

stele_status stele_run_failed(stele_run *run, stele_status status, stele_error *error)
{
    uint64_t item = run->handle->link.failed_item;
    const stele_migration *migration = stele_run_migration(run, stele_item_action(item));
    const char *sqlstate = error == NULL ? "" : error->sqlstate;
    stele_tries *tries = run->tries;
    tries->moved = (stele_item_what(item) == ITEM_ENTER || stele_item_what(item) == ITEM_APPEND) &&
                   (strcmp(sqlstate, STELE_TAKEN) == 0 || strcmp(sqlstate, STELE_MOVED) == 0);
    bool blocked = !tries->moved && is_blocked(run, item, sqlstate);
    tries->again = tries->moved || blocked || checks_are_due(run, item, sqlstate) || session_is_stale(run, item, sqlstate);
    if (error != NULL && tries->blocked_in == migration && tries->blocked_tries > 0 && (blocked || !tries->again))
        tell_blockers(run, error);
    if (tries->again || error == NULL)
        return status;
    if ((stele_item_what(item) == ITEM_ENTER || stele_item_what(item) == ITEM_APPEND) && strcmp(sqlstate, "42501") == 0) {
        stele_error_hint(error, "this needs the role that owns the schema %s, or one that is a member of it; USAGE and SELECT are enough for check, status, plan, history and audit",
                         run->handle->schema);
        return error->status = STELE_UNMET;
    }
    if (stele_item_what(item) == ITEM_VERIFY || (stele_item_what(item) == ITEM_STATEMENT && migration->lua && error->line > 0))
        return status; /* they have said where */
    const stele_part *part = run->list->actions[stele_item_action(item)].part;
    uint32_t count = stele_part_statements(migration, part);
    stele_error_file(error, migration);
    if (part == NULL) /* nothing of the file is run */
        return status;
    if (stele_item_what(item) == ITEM_STATEMENT)
        stele_place_failure(error, &run->handle->values, run->handle->table, migration, &migration->statements[(uint32_t)item],
                            run->handle->link.position);
    else if (stele_expect_is_about(item))
        stele_expect_place(run, item, error);
    else if (stele_item_what(item) == ITEM_COMMIT && count > 0)
        stele_error_place(error, migration, last_statement(migration, part)->begin);
    else
        stele_error_place(error, migration, part->file == NULL ? 0 : part->begin);
    if (stele_item_what(item) == ITEM_COMMIT && error->hint[0] == '\0')
        stele_error_hint(error, "this came at the commit, from a check that was deferred until then");
    if (strcmp(sqlstate, "55P03") == 0 && error->hint[0] == '\0') /* of a statement outside a transaction */
        stele_error_hint(error, "lock_timeout ran out while others held a lock; run it again");
    if (strcmp(sqlstate, "25001") == 0 && error->hint[0] == '\0')
        stele_error_hint(error, "what can't be seen to need it is run outside a transaction with: -- stele: no-transaction");
    if (part == &migration->up && is_of_extension(error) && error->hint[0] == '\0')
        stele_error_hint(error, "if an extension makes it: CREATE EXTENSION comes before, and its schema has to be in search_path");
    if (part == &migration->up && was_there(run, migration, sqlstate) && error->hint[0] == '\0')
        stele_error_hint(error, "where the database had its schema before stele: baseline VERSION --reason TEXT tells up to which version");
    if (status == STELE_CANCELLED && !stele_is_stepwise(&run->list->actions[stele_item_action(item)]) && error->hint[0] == '\0')
        stele_error_hint(error, "nothing of \"%s\" is %s; the next run begins it anew", migration->file, part == &migration->down ? "taken back" : "in");
    if (strcmp(sqlstate, "25006") == 0)
        error->status = status = STELE_UNMET;
    return status;
}

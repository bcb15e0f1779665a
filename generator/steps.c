#include "steps.h"

#include <string.h>

/* One part of one file being cut. `kept` is where its next statement goes, once BEGINs and COMMITs are left out. */
struct cutter {
    struct history *history;
    struct migration *migration;
    size_t first, last; /* its statements */
    size_t kept;
    struct stele_step *step; /* the one that is open; or NULL */
};

static void complain(struct cutter *cutter, const struct statement *statement, const char *message, const char *hint)
{
    diag_error(cutter->history->diag, &cutter->migration->source, statement->table.begin, "%s", message);
    if (hint != NULL)
        diag_hint(cutter->history->diag, "%s", hint);
    cutter->migration->broken = true;
}

static void open_step(struct cutter *cutter, bool alone)
{
    struct migration *migration = cutter->migration;
    migration->steps = memory_grow(cutter->history->memory, migration->steps, migration->step_count,
                                   &migration->step_capacity, sizeof *migration->steps);
    cutter->step = &migration->steps[migration->step_count++];
    *cutter->step = (struct stele_step){.first = (uint32_t)cutter->kept, .alone = alone};
}

static void close_step(struct cutter *cutter)
{
    cutter->step = NULL;
}

static void add_modes(struct cutter *cutter, const char *modes)
{
    const char **where = &cutter->step->modes;
    if (modes != NULL)
        *where = *where == NULL ? modes : memory_print(cutter->history->memory, "%s, %s", *where, modes);
}

/* Put the statement into the open step. A SET TRANSACTION standing first says how the step's transaction begins. */
static void add_statement(struct cutter *cutter, struct statement statement)
{
    struct migration *migration = cutter->migration;
    if (statement.facts.sets_modes && statement.facts.modes != NULL && cutter->step->count == 0 &&
        !cutter->step->alone) {
        add_modes(cutter, statement.facts.modes);
        return;
    }
    migration->statements[cutter->kept++] = statement;
    cutter->step->count++;
}

/* A statement by itself, in a transaction or not. */
static void add_alone(struct cutter *cutter, struct statement statement)
{
    close_step(cutter);
    open_step(cutter, statement.facts.alone != NULL);
    cutter->step->probe = statement.facts.probe;
    add_statement(cutter, statement);
    if (cutter->step->count == 0) /* a SET TRANSACTION with nothing behind it */
        cutter->migration->step_count--;
    close_step(cutter);
}

/* ------------------------------------------- files without own control */

static void cut_plain(struct cutter *cutter)
{
    for (size_t i = cutter->first; i < cutter->last; i++) {
        struct statement statement = cutter->migration->statements[i];
        const struct facts *facts = &statement.facts;
        if (facts->transaction != TRANSACTION_NONE)
            continue;
        if (facts->alone != NULL || facts->adds_value) {
            add_alone(cutter, statement);
            continue;
        }
        if (cutter->step == NULL)
            open_step(cutter, false);
        add_statement(cutter, statement);
    }
    if (cutter->step != NULL && cutter->step->count == 0)
        cutter->migration->step_count--;
    close_step(cutter);
}

/* ---------------------------------------------- files with own control */

static const struct facts *facts_at(const struct cutter *cutter, size_t i)
{
    return &cutter->migration->statements[i].facts;
}

static void warn(struct cutter *cutter, const struct statement *statement, const char *message)
{
    diag_warning(cutter->history->diag, &cutter->migration->source, statement->table.begin, "%s", message);
}

/* A COMMIT or ROLLBACK, with the BEGIN before it, or NULL. Outside of a transaction psql only warns of them. */
static void check_end(struct cutter *cutter, const struct statement *begin, const struct statement *end)
{
    if (begin == NULL)
        warn(cutter, end, end->facts.transaction == TRANSACTION_COMMIT ? "\"commit\" without \"begin\" does nothing"
                                                                      : "\"rollback\" without \"begin\" does nothing");
    else if (end->facts.transaction == TRANSACTION_ROLLBACK)
        complain(cutter, end, "\"rollback\" can't be part of a migration",
                 "leave it out; when a statement fails, stele rolls the migration back");
}

/* Refuse what can't be made exact, warn of what psql warns of. Returns how many BEGIN ... COMMIT pairs there are. */
static size_t check_control(struct cutter *cutter)
{
    const struct statement *begin = NULL;
    size_t pairs = 0;
    for (size_t i = cutter->first; i < cutter->last; i++) {
        const struct statement *statement = &cutter->migration->statements[i];
        const struct facts *facts = &statement->facts;
        if (facts->refusal != NULL) {
            complain(cutter, statement, facts->refusal,
                     facts->transaction == TRANSACTION_BEGIN || facts->sets_modes
                         ? "leave \"read only\" out"
                         : "leave it out, a migration has its own transaction");
            begin = facts->transaction == TRANSACTION_BEGIN      ? statement
                    : facts->transaction == TRANSACTION_PREPARED ? NULL
                                                                 : begin;
        } else if (facts->transaction == TRANSACTION_BEGIN && begin != NULL) {
            warn(cutter, statement, "\"begin\" inside a transaction does nothing");
        } else if (facts->transaction == TRANSACTION_BEGIN) {
            begin = statement;
        } else if (facts->transaction == TRANSACTION_COMMIT || facts->transaction == TRANSACTION_ROLLBACK) {
            check_end(cutter, begin, statement);
            pairs += begin != NULL;
            begin = NULL;
        } else if (begin != NULL && facts->alone != NULL) {
            complain(cutter, statement,
                     memory_print(cutter->history->memory, "%s can't run in a transaction", facts->alone),
                     "move it behind the file's \"commit\"");
        }
    }
    if (begin != NULL)
        complain(cutter, begin, "\"begin\" without \"commit\"",
                 "leave it out, a migration has its own transaction; or end it with \"commit\"");
    return pairs;
}

/* Is the one pair around everything, but for SETs before it? */
static bool surrounds_all(const struct cutter *cutter)
{
    size_t i = cutter->first;
    while (i < cutter->last && facts_at(cutter, i)->is_set)
        i++;
    if (i == cutter->last || facts_at(cutter, i)->transaction != TRANSACTION_BEGIN)
        return false;
    while (i < cutter->last && facts_at(cutter, i)->transaction != TRANSACTION_COMMIT)
        i++;
    for (i++; i < cutter->last; i++)
        if (facts_at(cutter, i)->transaction == TRANSACTION_NONE)
            return false;
    return true;
}

/* Everything is one step, as it is in any migration. */
static void cut_surrounded(struct cutter *cutter)
{
    const struct statement *begin = NULL;
    open_step(cutter, false);
    for (size_t i = cutter->first; i < cutter->last; i++) {
        struct statement *statement = &cutter->migration->statements[i];
        if (statement->facts.transaction == TRANSACTION_BEGIN && begin == NULL) {
            begin = statement;
            add_modes(cutter, statement->facts.modes);
            diag_remark(cutter->history->diag, &cutter->migration->source, statement->table.begin,
                        "\"begin\" and \"commit\" around everything are left out; a migration has its own "
                        "transaction");
        } else if (statement->facts.transaction == TRANSACTION_NONE) {
            add_statement(cutter, *statement);
        }
    }
    if (cutter->step->count == 0)
        cutter->migration->step_count--;
    close_step(cutter);
}

/* Each BEGIN ... COMMIT is a step, and each statement outside of them. */
static void cut_blocks(struct cutter *cutter)
{
    for (size_t i = cutter->first; i < cutter->last; i++) {
        struct statement statement = cutter->migration->statements[i];
        if (statement.facts.transaction == TRANSACTION_BEGIN && cutter->step == NULL) {
            open_step(cutter, false);
            add_modes(cutter, statement.facts.modes);
        } else if (statement.facts.transaction == TRANSACTION_COMMIT && cutter->step != NULL) {
            if (cutter->step->count == 0)
                cutter->migration->step_count--;
            close_step(cutter);
        } else if (statement.facts.transaction == TRANSACTION_NONE && cutter->step != NULL) {
            add_statement(cutter, statement);
        } else if (statement.facts.transaction == TRANSACTION_NONE) {
            add_alone(cutter, statement);
        }
    }
}

/* ---------------------------------------------------------- the parts */

/* Bring the statements of each part together: some tools let a part be taken up again behind another. */
static void gather(struct history *history, struct migration *migration)
{
    size_t count = migration->statement_count, next = 0;
    bool apart = false, taken[PART_COUNT] = {false};
    for (size_t i = 0; i < count; i++) {
        part_kind part = migration->statements[i].part;
        apart |= taken[part] && migration->statements[i - 1].part != part;
        taken[part] = true;
    }
    if (!apart)
        return;
    struct statement *gathered = memory_get(history->memory, count, sizeof *gathered);
    for (part_kind part = PART_UP; part < PART_COUNT; part++)
        for (size_t i = 0; i < count; i++)
            if (migration->statements[i].part == part)
                gathered[next++] = migration->statements[i];
    migration->statements = gathered;
}

/*
 * A verify part is rolled back by whoever runs it, and may say so itself, in its last statement. That is then what COMMIT is
 * elsewhere, the other end of its BEGIN.
 */
static void accept_rollback(const struct cutter *cutter)
{
    struct statement *statements = cutter->migration->statements;
    struct facts *last = &statements[cutter->last - 1].facts;
    bool begun = false;
    for (size_t i = cutter->first; i < cutter->last; i++)
        begun |= statements[i].facts.transaction == TRANSACTION_BEGIN;
    if (begun && last->transaction == TRANSACTION_ROLLBACK && last->refusal == NULL)
        last->transaction = TRANSACTION_COMMIT;
}

/* -------------------------------------------------------------- public */

static void cut_part(struct cutter *cutter, enum part_kind kind)
{
    struct migration *migration = cutter->migration;
    struct stele_part *part = &migration->parts[kind];
    if (kind == PART_VERIFY)
        accept_rollback(cutter);
    size_t first_step = migration->step_count, pairs = check_control(cutter);
    if (migration->broken)
        return;
    if (pairs == 0)
        cut_plain(cutter);
    else if (pairs == 1 && surrounds_all(cutter))
        cut_surrounded(cutter);
    else
        cut_blocks(cutter);
    part->first_step = migration->step_count == first_step ? 0 : (uint32_t)first_step;
    part->step_count = (uint32_t)(migration->step_count - first_step);
}

/* Keep the file's own list where some of its statements may be left out. */
static void keep_written(struct history *history, struct migration *migration)
{
    size_t count = migration->written_count = migration->statement_count, i = 0;
    migration->written = migration->statements;
    while (i < count && migration->statements[i].facts.transaction == TRANSACTION_NONE && !migration->statements[i].facts.sets_modes)
        i++;
    if (i == count)
        return;
    migration->written = memory_get(history->memory, count, sizeof *migration->written);
    memcpy(migration->written, migration->statements, count * sizeof *migration->written);
}

void steps_cut(struct history *history, struct migration *migration)
{
    struct cutter cutter = {.history = history, .migration = migration};
    gather(history, migration);
    size_t count = migration->statement_count;
    keep_written(history, migration);
    for (cutter.first = 0; cutter.first < count; cutter.first = cutter.last) {
        enum part_kind kind = migration->statements[cutter.first].part;
        cutter.last = cutter.first;
        while (cutter.last < count && migration->statements[cutter.last].part == kind) {
            if (kind != PART_VERIFY)
                migration->flags |= migration->statements[cutter.last].facts.flags;
            cutter.last++;
        }
        cut_part(&cutter, kind);
    }
    migration->statement_count = cutter.kept;
}

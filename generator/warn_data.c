/* warn_data.c - rules about what migrations do to rows, see warn.h */
#define _POSIX_C_SOURCE 200809L
#include "warn.h"

#include <stdlib.h>
#include <string.h>

/* A table that others may use meanwhile. */
static bool is_in_use(const struct review *review, const struct deed *deed)
{
    return !(deed->effects & EFFECT_FRESH) && !(deed->flags & (DEED_NEW | DEED_TEMPORARY | DEED_OPEN)) && deed->on.name != NULL &&
           !catalog_is_new(review->catalog, catalog_find(review->catalog, THING_TABLE, deed->on));
}

static bool is_absent(const struct review *review)
{
    return review->thing != NULL && review->thing->state.presence == PRESENCE_ABSENT;
}

/* Has the same migration, up to here, made the column that is set? Then a default would do. */
static bool sets_new_column(const struct review *review)
{
    const struct deed *deed = review->deed;
    for (uint32_t i = 0; i < deed->column_count; i++) {
        const struct column *column = catalog_column(review->thing, deed->columns[i]);
        if (column == NULL || column->state.made.migration != review->migration)
            return false;
    }
    return deed->column_count > 0;
}

/* Do rows follow in the same migration? A table that is filled by migrations is a small one. */
static bool is_filled_anew(const struct review *review)
{
    const struct migration *migration = review->migration;
    for (const struct deed *deed = review->deed + 1; deed < migration->deeds + migration->deed_count; deed++)
        if (deed->kind == DEED_INSERT && !(deed->flags & DEED_QUERY) && deed->on.name != NULL &&
            strcmp(deed->on.name, review->deed->on.name) == 0)
            return true;
    return false;
}

/* ------------------------------------------------------- tables of one row */

/* An UPDATE, and in which migration of the history it is. */
struct update {
    const struct deed *deed;
    size_t place;
};

/* All of them, those that do the same to the same table beside each other. */
struct updates {
    struct update *list;
    size_t count, capacity;
};

static int compare_what(const struct deed *a, const struct deed *b)
{
    int order = strcmp(a->on.name, b->on.name);
    if (order == 0)
        order = (int)(a->flags & DEED_WHERE) - (int)(b->flags & DEED_WHERE);
    if (order == 0 && a->column_count != b->column_count)
        return a->column_count < b->column_count ? -1 : 1;
    for (uint32_t i = 0; i < a->column_count && order == 0; i++)
        order = strcmp(a->columns[i] == NULL ? "" : a->columns[i], b->columns[i] == NULL ? "" : b->columns[i]);
    return order;
}

static int by_what(const void *a, const void *b)
{
    const struct update *p = a, *q = b;
    int order = compare_what(p->deed, q->deed);
    return order != 0 ? order : (p->place > q->place) - (p->place < q->place);
}

static const struct updates *collect(struct review *review)
{
    struct updates *updates = memory_get(review->memory, 1, sizeof *updates);
    for (size_t i = 0; i < history_size(review->all); i++) {
        const struct migration *migration = history_at(review->all, i);
        for (size_t j = 0; j < migration->deed_count; j++) {
            const struct deed *deed = &migration->deeds[j];
            if (deed->kind != DEED_UPDATE || deed->on.name == NULL)
                continue;
            updates->list = memory_grow(review->memory, updates->list, updates->count, &updates->capacity, sizeof *updates->list);
            updates->list[updates->count++] = (struct update){deed, i};
        }
    }
    qsort(updates->list, updates->count, sizeof *updates->list, by_what);
    return review->updates = updates;
}

/* How many migrations do the same as this UPDATE; counting ends at `enough`. */
static size_t count_same(struct review *review, size_t enough)
{
    const struct updates *updates = review->updates != NULL ? review->updates : collect(review);
    size_t low = 0, high = updates->count, found = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_what(updates->list[middle].deed, review->deed) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < updates->count && found < enough && compare_what(updates->list[i].deed, review->deed) == 0; i++)
        found += i == low || updates->list[i].place != updates->list[i - 1].place;
    return found;
}

/*
 * Is it the one row in which an application keeps the version of its schema, or the like? By its name, or since several migrations do
 * the same to it.
 */
static bool is_one_row(struct review *review)
{
    enum { SEVERAL = 3 };
    static const char version[] = "version";
    const char *name = review->deed->on.name;
    size_t length = strlen(name);
    if (length >= sizeof version - 1 && strcmp(name + length - (sizeof version - 1), version) == 0)
        return true;
    return review->deed->kind == DEED_UPDATE && count_same(review, SEVERAL) == SEVERAL;
}

/* ------------------------------------------------------- write-without-where */

void rule_write_without_where(struct review *review)
{
    const struct deed *deed = review->deed;
    bool update = deed->kind == DEED_UPDATE;
    if ((!update && deed->kind != DEED_DELETE) || deed->flags & DEED_WHERE || !is_in_use(review, deed) || is_absent(review) ||
        is_one_row(review) || (!update && is_filled_anew(review)) || (review->thing != NULL && strcmp(review->thing->schema, "pg_temp") == 0))
        return;
    if (!warn(review, "write-without-where", "every row of \"%s\" is %s in one transaction", deed->on.name, update ? "updated" : "deleted"))
        return;
    diag_note(review->all->diag, update ? "each row is written once more, and nobody else can change it until all are; the old ones are left for vacuum"
                                        : "nobody else can change a row until all are deleted; what is left of them stays for vacuum");
    if (!update)
        diag_hint(review->all->diag, "TRUNCATE, when all are meant to go and the table may be locked for a moment; else in batches by key, each "
                                     "between a BEGIN and a COMMIT of its own");
    else if (sets_new_column(review))
        diag_hint(review->all->diag, "for a constant, ADD COLUMN ... DEFAULT fills all rows without writing one; else in batches by key, each "
                                     "between a BEGIN and a COMMIT of its own, WHERE ... IS NULL");
    else
        diag_hint(review->all->diag, "in batches by key, each between a BEGIN and a COMMIT of its own");
}

/* --------------------------------------------------------- ddl-with-backfill */

/* The transaction that a statement is in: of a step that runs in none, each statement is by itself. */
static const stele_step *step_of(const struct migration *migration, const struct statement *statement)
{
    size_t index = (size_t)(statement - migration->statements);
    const stele_part *up = &migration->parts[PART_UP];
    for (uint32_t i = 0; i < up->step_count; i++) {
        const stele_step *step = &migration->steps[up->first_step + i];
        if (step->first <= index && index < step->first + step->count)
            return step->alone ? NULL : step;
    }
    return NULL;
}

static bool is_fixed(const struct deed *deed, const char *name)
{
    for (uint32_t i = 0; i < deed->fixed_count; i++)
        if (strcmp(deed->fixed[i], name) == 0)
            return true;
    return false;
}

/* Does the filter name a key? Then it is about few rows. Of a table whose keys aren't known, any column may be one. */
static bool is_about_few(const struct review *review)
{
    const struct deed *deed = review->deed;
    bool keys = false;
    for (size_t i = 0; review->thing != NULL && i < review->thing->part_count; i++) {
        const struct part *part = &review->thing->parts[i];
        if ((part->constraint != CONSTRAINT_PRIMARY && part->constraint != CONSTRAINT_UNIQUE) || part->column_count == 0)
            continue;
        keys = true;
        if (is_fixed(deed, part->columns[0]))
            return true;
    }
    return is_fixed(deed, "id") || (!keys && deed->fixed_count > 0);
}

/* Does the statement read this table? */
static bool reads(const struct review *review, const char *table)
{
    const struct statement *statement = review->statement;
    for (uint32_t i = 0; i < statement->deed_count; i++) {
        const struct deed *deed = &review->migration->deeds[statement->first_deed + i];
        if (deed->kind == DEED_READ && deed->on.name != NULL && strcmp(deed->on.name, table) == 0)
            return true;
    }
    return false;
}

static bool is_backfill(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind == DEED_UPDATE || deed->kind == DEED_DELETE)
        return is_in_use(review, deed) && !is_absent(review) && !is_about_few(review) && !is_one_row(review);
    return deed->kind == DEED_INSERT && deed->flags & DEED_QUERY && deed->on.name != NULL;
}

/*
 * Does the deed lock what the backfill works on, or keep everybody from a table altogether? What is dropped, nobody waits for. An INSERT
 * from other tables may well be one of few rows.
 */
static bool is_in_the_way(const struct review *review, const struct deed *deed)
{
    bool same = deed->on.name != NULL && strcmp(deed->on.name, review->deed->on.name) == 0;
    if (!thing_is_relation(deed->thing) && deed->thing != THING_TRIGGER && deed->thing != THING_POLICY && deed->thing != THING_RULE)
        return false;
    if (deed->kind == DEED_DROP && thing_is_relation(deed->thing))
        return false;
    if (review->deed->kind == DEED_INSERT && !same && (deed->on.name == NULL || !reads(review, deed->on.name)))
        return false;
    if (deed->kind == DEED_CREATE && (deed->thing == THING_VIEW || deed->thing == THING_MATVIEW))
        return false;
    return is_in_use(review, deed) && (deed->lock == LOCK_ACCESS_EXCLUSIVE || (same && deed->lock >= LOCK_SHARE));
}

/* The first such deed of the same transaction, before this statement; or NULL. */
static const struct deed *find_lock(const struct review *review, const stele_step *step)
{
    const struct migration *migration = review->migration;
    for (const struct statement *at = &migration->statements[step->first]; at < review->statement; at++)
        for (uint32_t i = 0; i < at->deed_count; i++)
            if (is_in_the_way(review, &migration->deeds[at->first_deed + i]))
                return &migration->deeds[at->first_deed + i];
    return NULL;
}

void rule_ddl_with_backfill(struct review *review)
{
    const struct deed *deed = review->deed;
    if (review->migration->broken || review->migration->lua || !is_backfill(review))
        return;
    const stele_step *step = step_of(review->migration, review->statement);
    const struct deed *lock = step == NULL || step == review->backfilled ? NULL : find_lock(review, step);
    if (lock == NULL || !warn(review, "ddl-with-backfill", "\"%s\" is %s while \"%s\" is locked by the same transaction", deed->on.name,
                              deed->kind == DEED_UPDATE ? "updated" : deed->kind == DEED_DELETE ? "deleted from" : "filled", lock->on.name))
        return;
    review->backfilled = step;
    diag_note(review->all->diag, "line %u took the lock (%s), and nobody %s that table until the transaction ends",
              source_line(&review->migration->source, lock->offset), effect_lock_name(lock->lock),
              lock->lock == LOCK_ACCESS_EXCLUSIVE ? "reads or writes" : "writes to");
    diag_hint(review->all->diag, "put BEGIN and COMMIT around the statements that lock, and the rows behind them; or into the next migration");
}

/* --------------------------------------------------------------- given-ids */

/* Rows of constants that say the number which a sequence would give: the sequence knows nothing of it, and gives it out again. */
void rule_given_ids(struct review *review)
{
    const struct deed *deed = review->deed;
    const char *text = review->migration->source.text;
    if (deed->kind != DEED_INSERT || deed->flags & (DEED_QUERY | DEED_CONFLICT | DEED_OPEN))
        return;
    for (uint32_t i = 0; i < deed->column_count; i++) {
        const struct column *column = catalog_column(review->thing, deed->columns[i]);
        if (column == NULL || !column->counts || strstr(text, "setval") != NULL || strstr(text, "SETVAL") != NULL ||
            strstr(text, "restart") != NULL || strstr(text, "RESTART") != NULL)
            continue;
        if (!warn(review, "given-ids", "column \"%s\" of \"%s\" is given, and its sequence doesn't know", column->name, deed->on.name))
            return;
        diag_note(review->all->diag, "the sequence will give out the same numbers, and an INSERT fails then");
        diag_hint(review->all->diag, "afterwards: SELECT setval(pg_get_serial_sequence('%s', '%s'), (SELECT max(%s) FROM %s))", deed->on.name,
                  column->name, column->name, deed->on.name);
        return;
    }
}

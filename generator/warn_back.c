/* warn_back.c - rules about the way back, see warn.h */
#include "warn.h"

#include <string.h>

static const struct statement *first_of(const struct migration *migration, part_kind part)
{
    for (size_t i = 0; i < migration->statement_count; i++)
        if (migration->statements[i].part == part)
            return &migration->statements[i];
    return NULL;
}

void rule_missing_down(struct review *review)
{
    const struct migration *migration = review->migration;
    if (migration->repeatable || migration->broken || migration->has_part[PART_DOWN] || migration->one_way != NULL ||
        (first_of(migration, PART_UP) == NULL && !migration->lua))
        return;
    if (!warn_at(review, "missing-down", migration, SOURCE_WHOLE, "it has no way back"))
        return;
    diag_note(review->all->diag, "\"down\" and \"redo\" stop here");
    diag_hint(review->all->diag, migration->lua ? "write a function down(db) ... end; or say why there is none: -- stele: one-way \"reason\""
                                                : "write it behind \"-- stele: down\"; or say why there is none: -- stele: one-way \"reason\"");
}

void rule_one_way_down(struct review *review)
{
    const struct migration *migration = review->migration;
    if (migration->one_way == NULL || !migration->has_part[PART_DOWN] || migration->broken)
        return;
    const struct statement *statement = first_of(migration, PART_DOWN);
    if (statement == NULL && !migration->lua)
        return;
    if (!warn_at(review, "one-way-down", migration, statement == NULL ? SOURCE_WHOLE : statement->table.begin,
                 "there is a way back, though the migration is one-way"))
        return;
    diag_note(review->all->diag, "\"down\" runs it all the same; one-way says why there is none: \"%s\"", migration->one_way);
    diag_hint(review->all->diag, "leave out the one or the other");
}

/* ----------------------------------------------------------- incomplete-down */

/* Does the deed take the table away, or may it? */
static bool takes_away(const struct deed *deed, const struct thing *table)
{
    bool same = deed->on.name != NULL && strcmp(deed->on.name, table->name) == 0;
    if (deed->kind == DEED_ANYTHING || deed->flags & DEED_OPEN)
        return true;
    if (deed->kind == DEED_DROP)
        return deed->thing == THING_SCHEMA || (same && thing_is_relation(deed->thing)) || deed->flags & DEED_CASCADE ||
               (table->table != NULL && deed->on.name != NULL && strcmp(deed->on.name, table->table->name) == 0);
    return (deed->kind == DEED_RENAME || deed->kind == DEED_MOVE) && (same || deed->thing == THING_SCHEMA);
}

static bool is_taken_away(const struct migration *migration, const struct thing *table)
{
    for (size_t i = 0; i < migration->statement_count; i++) {
        const struct statement *statement = &migration->statements[i];
        for (uint32_t j = 0; j < statement->deed_count && statement->part == PART_DOWN; j++)
            if (takes_away(&migration->deeds[statement->first_deed + j], table))
                return true;
    }
    return false;
}

/* The table that a statement of the up part makes, and that is there when it is through; NULL for any other deed. */
static const struct thing *made_table(const struct review *review, const struct deed *deed)
{
    const struct thing *thing = deed->kind == DEED_CREATE && deed->thing == THING_TABLE && !(deed->flags & (DEED_IF | DEED_TEMPORARY | DEED_OPEN))
                                    ? catalog_find(review->catalog, THING_TABLE, deed->on)
                                    : NULL;
    return catalog_is_new(review->catalog, thing) && thing->deed == deed ? thing : NULL;
}

/* A way back that leaves a table: to go up again fails then. One without any statement is left so on purpose. */
void rule_incomplete_down(struct review *review)
{
    const struct migration *migration = review->migration;
    if (migration->repeatable || migration->broken || migration->lua || first_of(migration, PART_DOWN) == NULL || migration->one_way != NULL)
        return;
    for (size_t i = 0; i < migration->statement_count; i++) {
        const struct statement *statement = &migration->statements[i];
        for (uint32_t j = 0; j < statement->deed_count && statement->part == PART_UP; j++) {
            const struct deed *deed = &migration->deeds[statement->first_deed + j];
            const struct thing *table = made_table(review, deed);
            if (table == NULL || is_taken_away(migration, table))
                continue;
            if (!warn_at(review, "incomplete-down", migration, deed->offset, "the way back doesn't drop table \"%s\"", table->name))
                return;
            diag_note(review->all->diag, "after it, the way up fails: the table is there already");
            diag_hint(review->all->diag, "behind \"-- stele: down\": DROP TABLE %s;", table->name);
        }
    }
}

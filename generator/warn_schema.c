/* warn_schema.c - rules about what goes, or gets another name, while programs use it; see warn.h */
#include "warn.h"

#include <string.h>

/* ---------------------------------------------------------------- renaming */

/* The file says that programs built before it can't live with it, or that they can: then nobody need be told. */
static bool is_stated(const struct migration *migration)
{
    return migration->contract != NULL || migration->expand != NULL;
}

/* ALTER TABLE ... RENAME also takes sequences and indexes, whose names PostgreSQL has made up from the table's. */
static bool has_made_up_name(const char *name)
{
    static const char *const ends[] = {"_seq", "_pkey", "_key", "_idx"};
    size_t length = name == NULL ? 0 : strlen(name);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (length > strlen(ends[i]) && strcmp(name + length - strlen(ends[i]), ends[i]) == 0)
            return true;
    return false;
}

/* Is it a table or view of before this migration? */
static bool is_relation_in_use(const struct review *review)
{
    const struct thing *thing = review->thing;
    if (thing != NULL && (thing->kind == THING_VIEW || thing->kind == THING_MATVIEW || thing->kind == THING_FOREIGN_TABLE))
        return !(review->deed->effects & EFFECT_FRESH) && catalog_is_present(thing);
    if (thing == NULL && has_made_up_name(review->deed->on.name))
        return false;
    return (review->deed->thing == THING_TABLE || review->deed->thing == THING_VIEW || review->deed->thing == THING_MATVIEW) &&
           warn_is_in_use(review);
}

static bool is_name(struct object object, const char *name)
{
    return object.name != NULL && name != NULL && strcmp(object.name, name) == 0;
}

/* Does the old name live on: a view, another table gets it; or does it take a name that was given up right before? */
static bool is_swap(const struct review *review)
{
    const struct deed *end = warn_near_end(review), *renamed = review->deed;
    for (const struct deed *deed = warn_near_first(review); deed < end; deed++) {
        bool takes_old = (deed->kind == DEED_CREATE && thing_is_relation(deed->thing) && is_name(deed->on, renamed->on.name)) ||
                         (deed->kind == DEED_RENAME && is_name(deed->other, renamed->on.name));
        bool gave_new = (deed->kind == DEED_DROP || deed->kind == DEED_RENAME) && is_name(deed->on, renamed->other.name);
        if (deed < renamed ? gave_new : deed > renamed && takes_old)
            return true;
    }
    return false;
}

void rule_rename_table(struct review *review)
{
    const struct deed *deed = review->deed;
    bool moves = deed->kind == DEED_MOVE;
    if ((!moves && deed->kind != DEED_RENAME) || !thing_is_relation(deed->thing) || !is_relation_in_use(review) ||
        is_stated(review->migration) || is_swap(review))
        return;
    const char *kind = warn_kind(review->thing == NULL ? deed->thing : review->thing->kind);
    const char *to = moves ? memory_print(review->memory, "moves to schema \"%s\"", deed->other.schema)
                           : memory_print(review->memory, "becomes \"%s\"", deed->other.name);
    if (!warn(review, "rename-table", "%s \"%s\" %s while programs know it by its old name", kind, deed->on.name, to))
        return;
    struct object new =
        moves ? (struct object){deed->other.schema, deed->on.name} : (struct object){deed->on.schema, deed->other.name};
    diag_note(review->all->diag, "those built before this migration fail until the last one is replaced; those built after it fail "
                                 "until it is applied");
    diag_hint(review->all->diag,
              "in the same migration, CREATE VIEW %s AS SELECT * FROM %s, which takes reads and writes for the table; drop the "
              "view in a later release. Or say that no program is in the way: -- stele: contract \"reason\"",
              warn_spell(review, deed->on), warn_spell(review, new));
}

/* The column's own name lives on, or it takes one that was given up. */
static bool is_column_swap(const struct review *review)
{
    const struct deed *end = warn_near_end(review), *renamed = review->deed;
    for (const struct deed *deed = warn_near_first(review); deed < end; deed++) {
        if (!warn_is_same(deed->on, renamed->on) || deed->part == NULL)
            continue;
        bool takes_old = (deed->kind == DEED_ADD_COLUMN && strcmp(deed->part, renamed->part) == 0) ||
                         (deed->kind == DEED_RENAME_COLUMN && is_name(deed->other, renamed->part));
        bool gave_new = (deed->kind == DEED_DROP_COLUMN || deed->kind == DEED_RENAME_COLUMN) && is_name(renamed->other, deed->part);
        if (deed < renamed ? gave_new : deed > renamed && takes_old)
            return true;
    }
    return false;
}

static bool is_new_column(const struct review *review)
{
    const struct column *column = catalog_column(review->thing, review->deed->part);
    return column != NULL && column->state.presence == PRESENCE_PRESENT && column->state.made.migration == review->migration;
}

void rule_rename_column(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_RENAME_COLUMN || !is_relation_in_use(review) || is_new_column(review) || is_stated(review->migration) ||
        is_column_swap(review))
        return;
    if (!warn(review, "rename-column", "column \"%s\" of \"%s\" becomes \"%s\" while programs know it by its old name", deed->part,
              deed->on.name, deed->other.name))
        return;
    diag_note(review->all->diag, "those built before this migration fail until the last one is replaced; those built after it fail "
                                 "until it is applied");
    diag_hint(review->all->diag,
              "leave the name; or ALTER TABLE %s ADD COLUMN %s, write both, fill the old rows in batches, let the application "
              "switch, and drop \"%s\" in a later release. Or say that no program is in the way: -- stele: contract \"reason\"",
              warn_spell(review, deed->on), warn_spell_name(review, deed->other.name), deed->part);
}

void rule_rename_schema(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_RENAME || deed->thing != THING_SCHEMA || deed->effects & EFFECT_FRESH || deed->flags & DEED_OPEN ||
        is_stated(review->migration) || deed->on.name == NULL ||
        !warn(review, "rename-schema", "schema \"%s\" becomes \"%s\" while programs know it by its old name", deed->on.name,
              deed->other.name))
        return;
    diag_note(review->all->diag, "every name and every search_path with the old one fails, also in functions, whose bodies keep "
                                 "it");
    diag_hint(review->all->diag, "make the new schema, move one table after the other (ALTER TABLE ... SET SCHEMA) with a view in "
                                 "its old place. Or say that no program is in the way: -- stele: contract \"reason\"");
}

void rule_rename_enum_value(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_ALTER || deed->thing != THING_TYPE || deed->part == NULL || deed->effects & EFFECT_FRESH ||
        deed->flags & DEED_OPEN || is_stated(review->migration) ||
        !warn(review, "rename-enum-value", "value \"%s\" of \"%s\" gets another name while programs use the old one", deed->part,
              deed->on.name))
        return;
    diag_note(review->all->diag, "those built before this migration can't write it any more, and read a value that they don't "
                                 "know");
    diag_hint(review->all->diag,
              "ALTER TYPE %s ADD VALUE with the new name, let programs take both, then UPDATE the rows in batches. Or say that no "
              "program is in the way: -- stele: contract \"reason\"",
              warn_spell(review, deed->on));
}

/* ---------------------------------------------------------------- dropping */

/* IF EXISTS of what nothing has made, in a history that begins with an empty database: a leftover of a script that was run again and again. */
static bool is_nothing(const struct review *review)
{
    const struct catalog *catalog = review->catalog;
    if (review->deed->effects & EFFECT_FRESH || review->deed->flags & DEED_OPEN || review->deed->on.name == NULL)
        return true;
    if (!(review->deed->flags & DEED_IF) || catalog_is_present(review->thing))
        return false;
    return review->thing != NULL ? catalog_is_absent(catalog, review->deed->thing, &review->thing->state)
                                 : !catalog->opaque && (catalog->begins_empty || !catalog->touched);
}

/* Another column, which an UPDATE before filled, then gets its name: so its values are kept, and programs find them. */
static bool is_replaced(const struct review *review)
{
    const struct deed *end = warn_near_end(review);
    if (warn_earlier(review, DEED_UPDATE, review->deed->on) == NULL)
        return false;
    for (const struct deed *deed = review->deed + 1; deed < end; deed++)
        if (deed->kind == DEED_RENAME_COLUMN && warn_is_same(deed->on, review->deed->on) &&
            is_name(deed->other, review->deed->part))
            return true;
    return false;
}

/* Of a column that nobody knows the type of: what embedding-loss tells. */
static bool comes_back_as_vector(const struct review *review)
{
    const struct column *column = catalog_column(review->thing, review->deed->part);
    const struct deed *anew = warn_later(review, DEED_ADD_COLUMN, review->deed->on);
    return (column == NULL || column->type == NULL) && anew != NULL && strcmp(anew->part, review->deed->part) == 0 &&
           effect_is_vector(anew->type);
}

void rule_drop_column(struct review *review)
{
    const struct deed *deed = review->deed;
    const struct column *column = catalog_column(review->thing, deed->part);
    if (deed->kind != DEED_DROP_COLUMN || deed->thing != THING_TABLE || !warn_is_in_use(review) || is_new_column(review) ||
        (column != NULL && (effect_is_vector(column->type) || column->state.presence == PRESENCE_ABSENT)))
        return;
    if (is_replaced(review) || comes_back_as_vector(review))
        return;
    bool unknown = review->thing != NULL && review->thing->all_columns && column == NULL;
    if ((unknown && deed->flags & DEED_IF) ||
        !warn(review, "drop-column", "column \"%s\" of \"%s\" is dropped, with what is in it", deed->part, deed->on.name))
        return;
    diag_note(review->all->diag,
              "there is no way back to its values, and programs built before this migration fail where they name it, until the "
              "last one is replaced%s",
              deed->flags & DEED_CASCADE ? "; CASCADE drops what depends on it, too" : "");
    diag_hint(review->all->diag, "first release programs that neither read nor write it, then drop it and say so: -- stele: allow "
                                 "drop-column \"reason\"");
}

/* A table that is made anew: its rows were read for the one that then gets its name, or has got it, when this one was put aside. */
static bool is_rebuilt(const struct review *review)
{
    const struct deed *end = warn_near_end(review);
    bool copied = warn_earlier(review, DEED_READ, review->deed->on) != NULL;
    for (const struct deed *deed = warn_near_first(review); deed < end && copied; deed++)
        if (deed->kind == DEED_RENAME && is_name(deed->other, review->deed->on.name))
            return true;
    return false;
}

void rule_drop_table(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_DROP || deed->thing != THING_TABLE || is_nothing(review) || is_rebuilt(review) ||
        !warn(review, "drop-table", "table \"%s\" is dropped, with its rows", deed->on.name))
        return;
    diag_note(review->all->diag,
              "there is no way back to them, and programs built before this migration fail where they use it, until the last one "
              "is replaced%s",
              deed->flags & DEED_CASCADE ? "; CASCADE drops views, and foreign keys of other tables, too" : "");
    diag_hint(review->all->diag,
              "first release programs that don't use it, keep what it holds if anybody may want it (pg_dump -t %s), then drop it "
              "and say so: -- stele: allow drop-table \"reason\"",
              warn_spell(review, deed->on));
}

void rule_drop_schema(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_DROP || deed->thing != THING_SCHEMA || !(deed->flags & DEED_CASCADE) || is_nothing(review) ||
        !warn(review, "drop-schema", "schema \"%s\" is dropped with all that is in it", deed->on.name))
        return;
    diag_note(review->all->diag, "CASCADE takes every table in it, with its rows, also those that nobody thought of, and what "
                                 "depends on them elsewhere");
    diag_hint(review->all->diag, "drop its tables by name, then DROP SCHEMA %s, which fails when something is left",
              warn_spell_name(review, deed->on.name));
}

/* Has some column a type of this name? */
static bool is_type_used(const struct catalog *catalog, const char *name)
{
    for (const struct thing *thing = catalog->first; thing != NULL; thing = thing->next)
        for (size_t i = 0; i < thing->column_count && catalog_is_present(thing); i++) {
            const struct column *column = &thing->columns[i];
            if (column->state.presence == PRESENCE_PRESENT && column->type != NULL && strcmp(column->type->name.name, name) == 0)
                return true;
        }
    return false;
}

void rule_drop_cascade(struct review *review)
{
    const struct deed *deed = review->deed;
    bool type = deed->thing == THING_TYPE || deed->thing == THING_COMPOSITE;
    if (deed->kind != DEED_DROP || !(deed->flags & DEED_CASCADE) || !(type || deed->thing == THING_EXTENSION) || is_nothing(review))
        return;
    bool known = (review->thing != NULL && review->thing->state.made.migration != NULL) || review->catalog->begins_empty;
    if (type && known && !is_type_used(review->catalog, deed->on.name))
        return;
    if (!warn(review, "drop-cascade", "%s \"%s\" is dropped, and CASCADE drops every column that uses it", warn_kind(deed->thing),
              deed->on.name))
        return;
    diag_note(review->all->diag, "the columns go from their tables with what is in them, and the statement names none of them");
    diag_hint(review->all->diag,
              "drop, or change, those columns by name, then DROP %s %s without CASCADE, which fails when one is left",
              type ? "TYPE" : "EXTENSION", warn_spell(review, deed->on));
}

void rule_drop_database(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_DROP || deed->words == NULL || strcmp(deed->words, "DROP DATABASE") != 0 ||
        !warn(review, "drop-database", "database \"%s\" is dropped", deed->on.name))
        return;
    diag_note(review->all->diag, "a migration is about the database that it is applied to, and runs wherever the program does");
    diag_hint(review->all->diag, "leave it to an operator");
}

void rule_truncate(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_TRUNCATE || !warn_is_in_use(review))
        return;
    bool cascade = (deed->flags & DEED_CASCADE) != 0;
    if (!warn(review, "truncate", "all rows of \"%s\"%s are thrown away", deed->on.name,
              cascade ? ", and of every table that refers to it," : ""))
        return;
    diag_note(review->all->diag, "there is no way back to them%s",
              cascade ? "; which tables CASCADE takes along depends on foreign keys that the statement doesn't name" : "");
    diag_hint(review->all->diag, "%s: -- stele: allow truncate \"reason\"",
              cascade ? "name each table that is meant, without CASCADE, and say why" : "where they can be had again, say so");
}

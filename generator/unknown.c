/* unknown.c - names that nothing made, in a history that begins with an empty database; see warn.h */
#include "warn.h"

#include <string.h>

/* Extensions that bring types, functions and operators, but no table that anybody writes to. */
static bool brings_no_table(const char *extension)
{
    static const char *const names[] = {"btree_gin", "btree_gist", "citext",    "cube",     "earthdistance", "fuzzystrmatch", "hstore", "intarray",
                                        "ltree",     "pg_trgm",    "pgcrypto",  "plpgsql",  "pg_stat_statements", "tablefunc", "unaccent",
                                        "uuid-ossp", "vector",     "isn",       "lo",       "server",        "tcn",           "bloom"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], extension) == 0)
            return true;
    return false;
}

/* Is all that can be there what the statements up to here have made? */
static bool knows_all(const struct review *review)
{
    const struct catalog *catalog = review->catalog;
    if (!catalog->begins_empty || catalog->opaque)
        return false;
    for (const struct thing *thing = catalog->first; thing != NULL; thing = thing->next)
        if (thing->kind == THING_EXTENSION && !brings_no_table(thing->name))
            return false;
    for (size_t i = 0; i < history_size(review->all); i++) {
        const struct migration *migration = history_at(review->all, i);
        if (migration->broken || strcmp(migration->component, review->migration->component) != 0)
            return false;
        for (size_t j = 0; j < migration->after_count; j++)
            if (migration->after[j].component != NULL) /* the database has another history, too */
                return false;
        for (size_t j = 0; j < migration->need_count; j++)
            if (!brings_no_table(migration->needs[j].name))
                return false;
        if (migration == review->migration)
            break;
    }
    return true;
}

/* PostgreSQL makes these by itself, under names that nobody wrote: ALTER TABLE takes them, too. */
static bool may_be_implied(const char *name)
{
    static const char *const endings[] = {"_seq", "_pkey", "_key", "_idx", "_excl", "_check", "_fkey"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (length > strlen(endings[i]) && strcmp(name + length - strlen(endings[i]), endings[i]) == 0)
            return true;
    return false;
}

/* Does it fail where the table isn't there? */
static bool needs_table(const struct deed *deed)
{
    switch (deed->kind) {
    case DEED_CREATE:
        return deed->thing == THING_INDEX || deed->thing == THING_TRIGGER || deed->thing == THING_POLICY;
    case DEED_ADD_COLUMN:
    case DEED_DROP_COLUMN:
    case DEED_RENAME_COLUMN:
    case DEED_SET_TYPE:
    case DEED_SET_NOT_NULL:
    case DEED_DROP_NOT_NULL:
    case DEED_SET_DEFAULT:
    case DEED_DROP_DEFAULT:
    case DEED_ADD_CONSTRAINT:
    case DEED_DROP_CONSTRAINT:
    case DEED_RENAME:
    case DEED_ALTER:
    case DEED_INSERT:
    case DEED_UPDATE:
    case DEED_DELETE:
    case DEED_TRUNCATE:
    case DEED_REFERRED:
        return deed->thing == THING_TABLE || deed->thing == THING_POLICY;
    default:
        return false;
    }
}

/* Is the schema that the name is in one that only this history can have put a table into? */
static bool is_own_schema(const struct review *review, const char *schema)
{
    if (schema == NULL)
        return review->catalog->path != NULL && is_own_schema(review, review->catalog->path);
    return strcmp(schema, "public") == 0 || catalog_is_present(catalog_find(review->catalog, THING_SCHEMA, (struct object){NULL, schema}));
}

/* Was one of that name made while nobody knew what search_path is? */
static bool is_somewhere(const struct review *review, const char *name)
{
    return catalog_find(review->catalog, THING_TABLE, (struct object){"?", name}) != NULL;
}

/* One that was found on the way; the last is the first of the list. */
struct unknown_table {
    const struct migration *migration;
    uint32_t offset;
    const char *name, *nearest;
    size_t number; /* how many there are with it */
    struct unknown_table *next;
};

/* More are no slips of anybody, and needn't be told apart. */
enum { MOST_UNKNOWN = 1000 };

void rule_unknown_table(struct review *review)
{
    const struct deed *deed = review->deed;
    const char *name = deed->on.name;
    size_t before = review->unknown == NULL ? 0 : review->unknown->number;
    if (before == MOST_UNKNOWN || review->thing != NULL || name == NULL || !needs_table(deed) || deed->flags & (DEED_OPEN | DEED_IF_THERE | DEED_TEMPORARY) ||
        (deed->flags & DEED_NEW && deed->kind != DEED_REFERRED) || strncmp(name, "pg_", 3) == 0 || may_be_implied(name) ||
        (deed->kind == DEED_REFERRED && deed->other.name != NULL && strcmp(deed->other.name, name) == 0) || /* to itself, being made */
        !is_own_schema(review, deed->on.schema) || is_somewhere(review, name) || !knows_all(review))
        return;
    for (const struct unknown_table *known = review->unknown; known != NULL; known = known->next)
        if (strcmp(known->name, name) == 0)
            return;
    struct unknown_table *unknown = memory_get(review->memory, 1, sizeof *unknown);
    *unknown = (struct unknown_table){review->migration, deed->offset, name, catalog_nearest(review->catalog, THING_TABLE, name),
                                      before + 1, review->unknown};
    review->unknown = unknown;
}

/* Many of them are no slips: then the history goes on from a schema that stands elsewhere, though it begins with a new table. */
static bool are_slips(const struct review *review)
{
    enum { OTHERS = 4 };
    size_t unknown = 0, made = 0; /* unlike any other */
    for (const struct unknown_table *at = review->unknown; at != NULL; at = at->next)
        unknown += at->nearest == NULL;
    for (const struct thing *thing = review->catalog->first; thing != NULL; thing = thing->next)
        made += thing->kind == THING_TABLE && thing->state.made.migration != NULL;
    if (review->unknown != NULL && review->unknown->number == MOST_UNKNOWN)
        return false;
    return unknown <= 1 || unknown * OTHERS <= made;
}

void rule_unknown_tables(struct review *review)
{
    struct diag *diag = review->all->diag;
    for (const struct unknown_table *at = are_slips(review) ? review->unknown : NULL; at != NULL; at = at->next) {
        if (!warn_at(review, "unknown-table", at->migration, at->offset, "nothing has made table \"%s\"", at->name))
            continue;
        diag_note(diag, "the history begins with an empty database, and there the statement fails");
        if (at->nearest != NULL)
            diag_hint(diag, "did you mean \"%s\"?", at->nearest);
        else
            diag_hint(diag, "where it is made outside of this history, name a file that does: -- stele: given schema.sql");
    }
}

/* ---------------------------------------------------------------- columns */

/* Every table has these. */
static bool is_system_column(const char *name)
{
    static const char *const names[] = {"ctid", "tableoid", "xmin", "xmax", "cmin", "cmax", "oid"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool is_unknown(const struct thing *table, const char *name)
{
    return name != NULL && catalog_column(table, name) == NULL && !is_system_column(name);
}

/* The column that the deed needs and that isn't there; or NULL. */
static const char *missing_column(const struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed_needs_column(deed))
        return !(deed->flags & DEED_IF) && is_unknown(review->thing, deed->part) ? deed->part : NULL;
    switch (deed->kind) {
    case DEED_CREATE:
    case DEED_ADD_CONSTRAINT:
    case DEED_INSERT:
    case DEED_UPDATE:
        for (uint32_t i = 0; i < deed->column_count; i++)
            if (is_unknown(review->thing, deed->columns[i]))
                return deed->columns[i];
        return NULL;
    default:
        return NULL;
    }
}

void rule_unknown_column(struct review *review)
{
    const struct deed *deed = review->deed;
    const struct thing *table = review->thing;
    if (!catalog_is_present(table) || table->kind != THING_TABLE || !table->all_columns || table->inherits || table->table != NULL ||
        table->state.made.migration == NULL || deed->flags & (DEED_OPEN | DEED_NEW | DEED_IF_THERE) || review->catalog->opaque ||
        review->catalog->has_makers)
        return;
    const char *name = missing_column(review), *nearest = name == NULL ? NULL : catalog_nearest_column(table, name);
    if (name == NULL || !warn(review, "unknown-column", "table \"%s\" has no column \"%s\"", table->name, name))
        return;
    diag_note(review->all->diag, "it was made by \"%s\", and nothing has added such a column since", table->state.made.migration->source.name);
    if (nearest != NULL)
        diag_hint(review->all->diag, "did you mean \"%s\"?", nearest);
}

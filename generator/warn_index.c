/* warn_index.c - rules about building and dropping indexes; see warn.h */
#include "warn.h"

#include <string.h>

static bool is_index_build(const struct deed *deed)
{
    return deed->kind == DEED_CREATE && deed->thing == THING_INDEX;
}

/* ---------------------------------------------------------- blocking-index */

/* The name that the index has, or would get from PostgreSQL. */
static const char *index_name(const struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->other.name != NULL)
        return warn_spell_name(review, deed->other.name);
    const char *column = deed->column_count > 0 && deed->columns[0] != NULL ? deed->columns[0] : "expr";
    return warn_spell_name(review, memory_print(review->memory, "%s_%s_idx", deed->on.name, column));
}

/* "CREATE UNIQUE INDEX CONCURRENTLY i ON t (x)": what was written, and shall be. Without a name, a failed build leaves what nobody knows. */
static const char *concurrent_form(const struct review *review)
{
    const struct deed *deed = review->deed;
    bool btree = deed->part == NULL || strcmp(deed->part, "btree") == 0;
    return memory_print(review->memory, "CREATE %sINDEX CONCURRENTLY %s ON %s%s%s (%s)%s", deed->flags & DEED_UNIQUE ? "UNIQUE " : "",
                        index_name(review), warn_spell(review, deed->on), btree ? "" : " USING ", btree ? "" : deed->part,
                        deed->flags & DEED_USING ? "..." : warn_spell_columns(review), deed->flags & DEED_WHERE ? " WHERE ..." : "");
}

/* A partitioned table has no concurrent build of its own; the partitions have. */
static void explain_partitioned(struct review *review)
{
    diag_note(review->all->diag, "the lock (SHARE) is held on every partition, until all their indexes are built");
    diag_hint(review->all->diag,
              "CREATE INDEX i ON ONLY %s (...), then CREATE INDEX CONCURRENTLY on each partition, then ALTER INDEX i ATTACH "
              "PARTITION for each",
              warn_spell(review, review->deed->on));
}

void rule_blocking_index(struct review *review)
{
    const struct deed *deed = review->deed;
    struct diag *diag = review->all->diag;
    if (!is_index_build(deed) || deed->flags & DEED_CONCURRENTLY || !(deed->effects & EFFECT_SCANS) || !warn_is_in_use(review) ||
        warn_is_there(review))
        return;
    bool named = deed->other.name != NULL;
    if (!warn(review, "blocking-index", "%s%s%s is built while nobody can write to \"%s\"", named ? "index \"" : "an index",
              named ? deed->other.name : "", named ? "\"" : "", deed->on.name))
        return;
    if (review->thing != NULL && review->thing->partitioned) {
        explain_partitioned(review);
        return;
    }
    diag_note(diag, "the lock (SHARE) lasts as long as the build, and until the transaction ends");
    diag_hint(diag, "%s; stele runs it outside of a transaction, by itself", concurrent_form(review));
    warn_fix_behind(review, "index", named ? "CONCURRENTLY" : memory_print(review->memory, "CONCURRENTLY %s", index_name(review)));
}

/* -------------------------------------------------------------- concurrent */

void rule_unnamed_concurrent_index(struct review *review)
{
    const struct deed *deed = review->deed;
    if (!is_index_build(deed) || !(deed->flags & DEED_CONCURRENTLY) || deed->other.name != NULL || deed->on.name == NULL)
        return;
    if (!warn(review, "unnamed-concurrent-index", "an index of \"%s\" is built concurrently without a name", deed->on.name))
        return;
    diag_note(review->all->diag, "a build that fails leaves an invalid index, which every write keeps up to date and no query "
                                 "uses; without a name nobody can tell it from others, and the next try makes one more");
    diag_hint(review->all->diag, "give it one: %s", concurrent_form(review));
    warn_fix_behind(review, "concurrently", index_name(review));
}

/* With a DROP INDEX of that name before it, nothing is there that it could hide. */
static bool was_dropped_before(const struct review *review)
{
    return warn_earlier(review, DEED_DROP, review->deed->other) != NULL;
}

void rule_hidden_invalid_index(struct review *review)
{
    const struct deed *deed = review->deed;
    if (!is_index_build(deed) || !(deed->flags & DEED_CONCURRENTLY) || !(deed->flags & DEED_IF) || deed->other.name == NULL ||
        deed->effects & EFFECT_FRESH || was_dropped_before(review))
        return;
    if (!warn(review, "hidden-invalid-index", "IF NOT EXISTS takes an index \"%s\" that a failed build left for a good one",
              deed->other.name))
        return;
    diag_note(review->all->diag, "a concurrent build that fails, or is cancelled, leaves the index behind, invalid: the statement "
                                 "then succeeds, writes keep it up to date, no query uses it, and a unique one enforces nothing "
                                 "for rows before it");
    diag_hint(review->all->diag,
              "leave IF NOT EXISTS out: stele drops what its own build left, and builds it anew; or begin with DROP INDEX "
              "CONCURRENTLY IF EXISTS %s",
              warn_spell(review, deed->other));
}

/* ----------------------------------------------------- blocking-drop-index */

/* Does the index belong to a table that others may be using? Where the history doesn't know it, it may. */
static bool is_index_in_use(const struct review *review)
{
    const struct thing *index = review->thing, *table = index == NULL ? NULL : index->table;
    if (review->deed->effects & EFFECT_FRESH || review->deed->flags & DEED_OPEN)
        return false;
    if (index != NULL && catalog_is_absent(review->catalog, THING_INDEX, &index->state))
        return false;
    if (table == NULL)
        return true;
    return catalog_is_present(table) && !catalog_is_new(review->catalog, table) && !table->partitioned &&
           warn_later(review, DEED_DROP, (struct object){NULL, table->name}) == NULL;
}

/* DROP INDEX IF EXISTS of what this history hasn't made, though it began with an empty database: a name that PostgreSQL chose, or nothing. */
static bool may_be_idle(const struct review *review)
{
    return review->deed->flags & DEED_IF && !catalog_is_present(review->thing) && review->catalog->begins_empty;
}

void rule_blocking_drop_index(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_DROP || deed->thing != THING_INDEX || deed->flags & (DEED_CONCURRENTLY | DEED_CASCADE) ||
        deed->on.name == NULL || !is_index_in_use(review) || may_be_idle(review))
        return;
    if (!warn(review, "blocking-drop-index", "index \"%s\" is dropped under a lock on its table that keeps everybody out",
              deed->on.name))
        return;
    diag_note(review->all->diag, "the lock (ACCESS EXCLUSIVE, on the table, too) waits for every query that runs, and every later "
                                 "one waits behind it; then it is held until the transaction ends");
    diag_hint(review->all->diag, "DROP INDEX CONCURRENTLY %s; stele runs it outside of a transaction, by itself",
              warn_spell(review, deed->on));
    if (review->statement->deed_count == 1) /* concurrently, only one at a time */
        warn_fix_behind(review, "index", "CONCURRENTLY");
}

/* -------------------------------------------------------- blocking-reindex */

void rule_blocking_reindex(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_ALTER || deed->part == NULL || strcmp(deed->part, "reindex") != 0 || deed->flags & DEED_CONCURRENTLY ||
        deed->effects & EFFECT_FRESH || deed->flags & DEED_OPEN || deed->on.name == NULL)
        return;
    if (!warn(review, "blocking-reindex", "%s \"%s\" %s built anew while nobody can write to the table",
              deed->thing == THING_INDEX ? "index" : "all indexes of", deed->on.name, deed->thing == THING_INDEX ? "is" : "are"))
        return;
    diag_note(review->all->diag, "the lock lasts as long as the build; queries that would use the index wait, too");
    diag_hint(review->all->diag, "REINDEX %s CONCURRENTLY %s", deed->thing == THING_INDEX ? "INDEX" : "TABLE",
              warn_spell(review, deed->on));
    warn_fix_behind(review, deed->thing == THING_INDEX ? "index" : "table", "CONCURRENTLY");
}

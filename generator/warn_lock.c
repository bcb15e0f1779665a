/* warn_lock.c - rules about statements that hold a strong lock for long, or several at once; see warn.h */
#include "warn.h"

#include <string.h>

/* -------------------------------------------------------- whole-table work */

static bool has_words(const struct deed *deed, const char *words)
{
    return deed->words != NULL && strcmp(deed->words, words) == 0;
}

void rule_vacuum_full(struct review *review)
{
    const struct deed *deed = review->deed;
    bool cluster = has_words(deed, "CLUSTER");
    if (deed->kind != DEED_ALTER || !(has_words(deed, "VACUUM FULL") || cluster) || !warn_is_in_use(review))
        return;
    if (!warn(review, "vacuum-full", "%s writes \"%s\" and its indexes anew while nobody can read or write it", deed->words,
              deed->on.name))
        return;
    diag_note(review->all->diag, "the lock (ACCESS EXCLUSIVE) lasts as long as that takes, and the disk must hold the table twice");
    diag_hint(review->all->diag, cluster ? "pg_repack puts the rows in order beside the application; it is work for an operator, "
                                           "not for a migration"
                                         : "VACUUM (ANALYZE) makes the room usable again beside everything; to give it back to the "
                                           "disk, pg_repack does it beside the application");
}

void rule_table_rewrite(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_ALTER || !(deed->effects & EFFECT_REWRITES) || deed->words == NULL ||
        strncmp(deed->words, "SET ", 4) != 0 || !warn_is_in_use(review))
        return;
    if (!warn(review, "table-rewrite", "%s writes \"%s\" anew while nobody can read or write it", deed->words, deed->on.name))
        return;
    diag_note(review->all->diag, "the lock (ACCESS EXCLUSIVE) lasts as long as that takes, and all of it goes through the "
                                 "write-ahead log");
    diag_hint(review->all->diag, strcmp(deed->words, "SET TABLESPACE") == 0 ? "pg_repack --tablespace moves it beside the "
                                                                              "application; or do it in a maintenance window"
                                                                            : "make a table beside it that has the property, copy "
                                                                              "in batches, then swap the names; or do it in a "
                                                                              "maintenance window");
}

/* -------------------------------------------------------- blocking-refresh */

/* Whether the history shows a unique index over columns, which a concurrent refresh needs. */
static const char *refresh_needs(const struct review *review)
{
    for (const struct dependent *at = review->thing == NULL ? NULL : review->thing->dependents; at != NULL; at = at->next)
        if (at->thing->kind == THING_INDEX && catalog_is_present(at->thing) && at->thing->deed != NULL &&
            at->thing->deed->flags & DEED_UNIQUE && !(at->thing->deed->flags & DEED_WHERE))
            return "";
    return "; it needs a unique index over columns of the view, without WHERE";
}

/* Made WITH NO DATA, and not filled since: there is nothing to read yet, nor can it be done concurrently. */
static bool is_unfilled(const struct thing *view)
{
    return view != NULL && view->deed != NULL && has_words(view->deed, "WITH NO DATA") && view->filled.migration == NULL;
}

void rule_blocking_refresh(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_ALTER || !has_words(deed, "REFRESH") || deed->flags & (DEED_CONCURRENTLY | DEED_OPEN) ||
        !(deed->effects & EFFECT_REWRITES) || deed->effects & EFFECT_FRESH)
        return;
    if (is_unfilled(review->thing) ||
        !warn(review, "blocking-refresh", "materialized view \"%s\" is filled anew while nobody can read it", deed->on.name))
        return;
    diag_note(review->all->diag, "the lock (ACCESS EXCLUSIVE) lasts as long as its query");
    diag_hint(review->all->diag, "REFRESH MATERIALIZED VIEW CONCURRENTLY %s%s", warn_spell(review, deed->on),
              refresh_needs(review));
    warn_fix_behind(review, "view", "CONCURRENTLY");
}

/* -------------------------------------------------------------- partitions */

/* Is there a validated check that could spare the look? What it says, PostgreSQL knows. */
static bool has_check(const struct thing *thing)
{
    for (size_t i = 0; i < thing->part_count; i++)
        if (thing->parts[i].constraint == CONSTRAINT_CHECK && thing->parts[i].validated &&
            thing->parts[i].state.presence == PRESENCE_PRESENT)
            return true;
    return false;
}

void rule_blocking_attach(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_ATTACH || !(deed->flags & DEED_PARTITIONED) || deed->flags & (DEED_OPEN | DEED_ATTACHED) ||
        deed->effects & EFFECT_FRESH)
        return;
    const struct thing *child = catalog_find(review->catalog, THING_TABLE, deed->other);
    if (!catalog_is_present(child) || child->kind != THING_TABLE || catalog_is_new(review->catalog, child) || child->state.made.migration == NULL ||
        has_check(child) || !child->all_columns)
        return;
    if (!warn(review, "blocking-attach", "all of \"%s\" is read while it becomes a partition of \"%s\"", deed->other.name,
              deed->on.name))
        return;
    diag_note(review->all->diag, "nobody can read or write it meanwhile (ACCESS EXCLUSIVE): each row is checked against the "
                                 "partition's bounds");
    diag_hint(review->all->diag,
              "before it, ALTER TABLE %s ADD CONSTRAINT c CHECK (the bounds, and IS NOT NULL) NOT VALID, and ALTER TABLE %s "
              "VALIDATE CONSTRAINT c in a migration of its own: then nothing is read",
              warn_spell(review, deed->other), warn_spell(review, deed->other));
}

void rule_blocking_detach(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_DETACH || !(deed->flags & DEED_PARTITIONED) || deed->flags & (DEED_CONCURRENTLY | DEED_OPEN) ||
        deed->effects & EFFECT_FRESH)
        return;
    const struct thing *child = catalog_find(review->catalog, THING_TABLE, deed->other);
    if (catalog_is_new(review->catalog, child) ||
        !warn(review, "blocking-detach", "partition \"%s\" is detached under a lock on \"%s\" that keeps everybody out",
              deed->other.name, deed->on.name))
        return;
    diag_note(review->all->diag, "the lock (ACCESS EXCLUSIVE on both) waits for every query that runs, and every later one waits "
                                 "behind it");
    diag_hint(review->all->diag,
              "ALTER TABLE %s DETACH PARTITION %s CONCURRENTLY (PostgreSQL 14 and later; not beside a default partition)",
              warn_spell(review, deed->on), warn_spell(review, deed->other));
    warn_fix_at_end(review, "CONCURRENTLY");
}

/* -------------------------------------------------------------- many-locks */

/* Is it the first deed of its transaction that locks this table so? */
static bool is_first_lock(const struct review *review, const struct deed *deed)
{
    for (const struct deed *before = warn_near_first(review); before < deed; before++)
        if (before->lock == LOCK_ACCESS_EXCLUSIVE && !(before->effects & EFFECT_FRESH) && warn_is_same(before->on, deed->on) &&
            warn_is_one_transaction(review, before))
            return false;
    return true;
}

static bool locks_table(const struct deed *deed)
{
    return deed->lock == LOCK_ACCESS_EXCLUSIVE && !(deed->effects & EFFECT_FRESH) && !(deed->flags & DEED_OPEN) &&
           deed->on.name != NULL &&
           (deed->thing == THING_TABLE || deed->thing == THING_TRIGGER || deed->thing == THING_POLICY || deed->thing == THING_RULE);
}

/* Told once in a transaction, at the third table. */
void rule_many_locks(struct review *review)
{
    enum { MANY = 3 };
    const struct deed *deed = review->deed;
    const char *others[MANY] = {NULL};
    size_t count = 0;
    if (!locks_table(deed) || !is_first_lock(review, deed))
        return;
    for (const struct deed *before = warn_near_first(review); before < deed && count < MANY; before++)
        if (locks_table(before) && warn_is_one_transaction(review, before) && is_first_lock(review, before))
            others[count++] = before->on.name;
    if (count != MANY - 1 || !warn(review, "many-locks", "one transaction locks \"%s\", \"%s\" and \"%s\" against everybody",
                                   others[0], others[1], deed->on.name))
        return;
    diag_note(review->all->diag, "it holds the first lock (ACCESS EXCLUSIVE) while it waits for the next; an application that "
                                 "takes them in another order meets it in a deadlock");
    diag_hint(review->all->diag, "one migration for each table");
}

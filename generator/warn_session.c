/* warn_session.c - rules about settings, which end with the migration that sets them, and those that don't; see warn.h */
#include "warn.h"

#include <string.h>

static bool is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* ---------------------------------------------------------- search-path-lost */

/* Does the migration leave search_path set to this schema? */
static const struct deed *leaves_path(const struct migration *migration, const char *schema)
{
    const struct deed *last = NULL;
    for (size_t i = 0; i < migration->deed_count; i++)
        if (migration->deeds[i].kind == DEED_SET_PATH)
            last = &migration->deeds[i];
    bool holds = last != NULL && !(last->flags & (DEED_LOCAL | DEED_RESET)) && is_same(last->other.schema, schema);
    return holds ? last : NULL;
}

/* Can search_path be another one for reasons that nobody sees here: ALTER ROLE ... SET, a function of somebody's? */
static bool may_be_set_elsewhere(const struct review *review)
{
    return review->catalog->opaque || review->catalog->path == NULL;
}

/*
 * A name without a schema, of a thing that is in one schema only, which an earlier file has set the path to. With psql in one session
 * the name is found; here each migration has the settings of a new session.
 */
void rule_search_path_lost(struct review *review)
{
    const struct deed *deed = review->deed;
    const struct thing *thing = review->thing;
    if (!thing_is_relation(deed->thing) || deed->on.name == NULL || deed->on.schema != NULL || (deed->kind == DEED_CREATE && deed->thing != THING_INDEX) ||
        deed->flags & (DEED_IF | DEED_IF_THERE | DEED_NEW | DEED_OPEN | DEED_TEMPORARY) || !catalog_is_present(thing) ||
        is_same(thing->schema, review->catalog->path) || strcmp(thing->schema, "pg_temp") == 0 || may_be_set_elsewhere(review))
        return;
    for (size_t i = 0; i < history_size(review->all); i++) {
        const struct migration *before = history_at(review->all, i);
        const struct deed *set = before == review->migration ? NULL : leaves_path(before, thing->schema);
        if (before == review->migration)
            return;
        if (set == NULL)
            continue;
        if (!warn(review, "search-path-lost", "\"%s\" is in schema \"%s\", which search_path doesn't lead to here", deed->on.name, thing->schema))
            return;
        diag_note(review->all->diag, "\"%s\" sets it, in line %u, for itself only: each migration begins with the settings of its session",
                  before->source.name, source_line(&before->source, set->offset));
        diag_hint(review->all->diag, "write \"%s.%s\", or set search_path in this file, too", thing->schema, deed->on.name);
        return;
    }
}

/* --------------------------------------------------------- search-path-empty */

static bool is_temporary(const struct migration *migration, const struct deed *deed)
{
    for (const struct deed *at = migration->deeds; at < deed; at++)
        if (at->kind == DEED_CREATE && at->flags & DEED_TEMPORARY && is_same(at->on.name, deed->on.name))
            return true;
    return false;
}

/* Does it need a schema to be looked into? PostgreSQL's own are looked into always. */
static bool needs_path(const struct migration *migration, const struct deed *deed)
{
    bool of_table = deed->thing == THING_TRIGGER || deed->thing == THING_RULE || deed->thing == THING_POLICY;
    return (thing_is_relation(deed->thing) || of_table) && deed->on.name != NULL && deed->on.schema == NULL &&
           strncmp(deed->on.name, "pg_", 3) != 0 && !(deed->flags & (DEED_TEMPORARY | DEED_OPEN | DEED_IF | DEED_IF_THERE)) &&
           !is_temporary(migration, deed);
}

/* What comes behind `set`, up to the next one or code that may do it. */
static const struct deed *unqualified_after(const struct migration *migration, const struct deed *set, const struct deed *end)
{
    for (const struct deed *deed = set + 1; deed < end; deed++) {
        if (deed->kind == DEED_SET_PATH || deed->kind == DEED_ANYTHING || deed->kind == DEED_ROLLBACK)
            return NULL;
        if (needs_path(migration, deed))
            return deed;
    }
    return NULL;
}

/* The deeds of the up part end where those of the down part begin. */
static const struct deed *end_of_up(const struct migration *migration)
{
    for (size_t i = 0; i < migration->statement_count; i++)
        if (migration->statements[i].part != PART_UP && migration->statements[i].deed_count > 0)
            return migration->deeds + migration->statements[i].first_deed;
    return migration->deed_count == 0 ? migration->deeds : migration->deeds + migration->deed_count;
}

void rule_search_path_empty(struct review *review)
{
    const struct migration *migration = review->migration;
    const struct deed *end = end_of_up(migration);
    for (const struct deed *set = migration->deeds; set < end; set++) {
        if (set->kind != DEED_SET_PATH || set->other.name == NULL)
            continue;
        const struct deed *use = unqualified_after(migration, set, end);
        if (use == NULL) {
            diag_remark(review->all->diag, &migration->source, set->offset,
                        "search_path is emptied for the rest of this file; the next migration begins with its own");
            continue;
        }
        if (!warn_at(review, "search-path-empty", migration, use->offset, "\"%s\" isn't found: search_path is empty here", use->on.name))
            return;
        diag_note(review->all->diag, "line %u emptied it%s", source_line(&migration->source, set->offset),
                  set->flags & DEED_QUERY ? ", as pg_dump does" : "");
        diag_hint(review->all->diag, "write \"public.%s\"; or RESET search_path before", use->on.name);
        return;
    }
}

/* ------------------------------------------------------------- setting-stays */

static bool is_put_back(const struct review *review)
{
    const struct migration *migration = review->migration;
    for (const struct deed *deed = review->deed + 1; deed < migration->deeds + migration->deed_count; deed++)
        if ((deed->kind == DEED_SET || deed->kind == DEED_SET_PATH) && deed->flags & DEED_RESET &&
            (is_same(deed->part, review->deed->part) || is_same(deed->part, "all")))
            return true;
    return false;
}

/* The names of settings with a dot aren't listed by the server, so they can't be put back on a connection that is the application's. */
void rule_setting_stays(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_SET || deed->part == NULL || strchr(deed->part, '.') == NULL || deed->flags & (DEED_LOCAL | DEED_RESET) ||
        is_put_back(review) || !warn(review, "setting-stays", "setting \"%s\" stays when the migration is through", deed->part))
        return;
    diag_note(review->all->diag, "stele puts back what PostgreSQL lists, and a name with a dot is not among it: on a connection that the "
                                 "application passes in, it holds from then on");
    diag_hint(review->all->diag, "SET LOCAL, which ends with the transaction; or RESET %s at the end of the file", deed->part);
}

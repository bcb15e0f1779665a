/* warn_repeatable.c - what a repeatable migration can do only once, see warn.h */
#include "warn.h"

#include <string.h>

static bool is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Did the same file take it away, or empty it, before? Then it is made anew each time. */
static bool is_cleared(const struct review *review)
{
    const struct deed *made = review->deed;
    const char *name = made->thing == THING_INDEX && made->kind == DEED_CREATE ? made->other.name : made->on.name;
    for (const struct deed *deed = review->migration->deeds; deed < made; deed++) {
        bool same = is_same(deed->on.name, name) && is_same(deed->part, made->thing == THING_INDEX ? NULL : made->part);
        bool table = is_same(deed->on.name, made->on.name);
        if (deed->kind == DEED_ANYTHING || (deed->kind == DEED_DROP && (same || (table && deed->part == NULL))) ||
            (deed->kind == DEED_DROP && (deed->thing == THING_SCHEMA || deed->flags & DEED_CASCADE)) ||
            ((deed->kind == DEED_DROP_COLUMN || deed->kind == DEED_DROP_CONSTRAINT) && same) ||
            ((deed->kind == DEED_TRUNCATE || deed->kind == DEED_DELETE) && table && made->kind == DEED_INSERT))
            return true;
    }
    return false;
}

/* Is it a part of a table that this file makes? Then the table is what can't be made twice. */
static bool is_of_new_table(const struct review *review)
{
    return catalog_is_new(review->catalog, review->thing) && review->thing->deed != NULL && !(review->thing->deed->flags & DEED_IF);
}

static void check_rows(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->flags & (DEED_CONFLICT | DEED_WHERE | DEED_QUERY) || is_cleared(review) || is_of_new_table(review))
        return;
    if (!warn(review, "not-repeatable", "rows are put into \"%s\" again whenever this file changes", deed->on.name))
        return;
    diag_note(review->all->diag, "the second time they are there twice, or a unique key refuses them");
    if (deed->flags & DEED_DATA)
        diag_hint(review->all->diag, "DELETE what it brings before; or COPY into a temporary table, and INSERT from there with ON CONFLICT");
    else
        diag_hint(review->all->diag, "say what the second time shall do: ON CONFLICT (KEY) DO UPDATE SET ... , or DO NOTHING");
}

/* What people call it, and how it is made so that it may be there. NULL: it is no matter. */
static const char *way_of(const struct deed *deed)
{
    if (deed->kind == DEED_ADD_COLUMN)
        return "ADD COLUMN IF NOT EXISTS";
    if (deed->kind == DEED_ADD_CONSTRAINT)
        return "DROP CONSTRAINT IF EXISTS before it";
    if (deed->kind != DEED_CREATE)
        return NULL;
    switch (deed->thing) {
    case THING_TABLE:
    case THING_FOREIGN_TABLE:
    case THING_SEQUENCE:
    case THING_SCHEMA:
    case THING_EXTENSION:
    case THING_MATVIEW:
        return "IF NOT EXISTS";
    case THING_INDEX:
        return deed->other.name == NULL ? NULL : "IF NOT EXISTS"; /* one without a name is simply made again */
    case THING_VIEW:
    case THING_FUNCTION:
        return "OR REPLACE";
    case THING_TRIGGER:
        return "OR REPLACE, of PostgreSQL 14, or DROP TRIGGER IF EXISTS before it";
    case THING_RULE:
        return "OR REPLACE";
    case THING_TYPE:
    case THING_COMPOSITE:
        return "DROP TYPE IF EXISTS before it; or make it in a versioned migration";
    case THING_POLICY:
        return "DROP POLICY IF EXISTS before it";
    default:
        return NULL;
    }
}

static void check_making(struct review *review)
{
    const struct deed *deed = review->deed;
    const char *way = way_of(deed);
    bool of_table = deed->kind != DEED_CREATE || deed->thing == THING_INDEX || deed->part != NULL;
    uint32_t fine = DEED_IF | DEED_REPLACE | DEED_TEMPORARY | DEED_WITH_COLUMN | (deed->kind == DEED_CREATE ? 0 : DEED_NEW);
    if (way == NULL || deed->flags & fine || is_cleared(review) ||
        (of_table && is_of_new_table(review)) || (deed->kind == DEED_ADD_CONSTRAINT && deed->part == NULL))
        return;
    const char *name = deed->thing == THING_INDEX ? deed->other.name : deed->part != NULL ? deed->part : deed->on.name;
    if (!warn(review, "not-repeatable", "\"%s\" can't be made a second time", name))
        return;
    diag_note(review->all->diag, "a repeatable migration runs again whenever it changes, and then this is there already");
    diag_hint(review->all->diag, "%s", way);
}

void rule_not_repeatable(struct review *review)
{
    const struct deed *deed = review->deed;
    if (!review->migration->repeatable || deed->flags & (DEED_OPEN | DEED_IN_QUERY) || deed->on.name == NULL)
        return;
    if (deed->kind == DEED_INSERT)
        check_rows(review);
    else
        check_making(review);
}

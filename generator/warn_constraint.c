/* warn_constraint.c - rules about constraints that are added while a table is in use; see warn.h */
#include "warn.h"

#include <string.h>

/* The deed adds such a constraint to a table in use, and looks at all its rows. */
static bool checks_all(const struct review *review, constraint_kind kind)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_ADD_CONSTRAINT || deed->constraint != kind || deed->thing != THING_TABLE ||
        !(deed->effects & EFFECT_SCANS) || !warn_is_in_use(review))
        return false;
    return true;
}

/* The deed of the column that the constraint stands behind, in the same ADD COLUMN. */
static const struct deed *column_of(const struct review *review)
{
    const struct deed *first = &review->migration->deeds[review->statement->first_deed], *deed = review->deed;
    while (deed > first && deed->kind != DEED_ADD_COLUMN)
        deed--;
    return deed;
}

/* Of a new column: was it there already (IF NOT EXISTS), so that nothing is added; does the statement fail, or write all rows, anyway; or is another
 * constraint of it told? */
static bool is_lesser(const struct review *review)
{
    if (!(review->deed->flags & DEED_WITH_COLUMN))
        return false;
    const struct deed *added = column_of(review);
    const struct column *column = catalog_column(review->thing, added->part);
    bool told = false; /* a key of the same column, whose index is built under the same lock */
    for (const struct deed *deed = added + 1; deed < review->deed; deed++)
        told |= deed->kind == DEED_ADD_CONSTRAINT && deed->flags & DEED_WITH_COLUMN && deed->effects & EFFECT_SCANS;
    bool there = added->flags & DEED_IF && column != NULL && column->state.made.offset != added->offset;
    bool fails = added->flags & DEED_NOT_NULL && !(added->flags & DEED_DEFAULT);
    return told || there || fails || added->effects & EFFECT_REWRITES;
}

/* The constraint's name as the user gave it, or as PostgreSQL will. */
static const char *name_of(const struct review *review, const char *suffix)
{
    const struct deed *deed = review->deed;
    if (deed->part != NULL)
        return warn_spell_name(review, deed->part);
    const char *column = deed->column_count == 1 && deed->constraint != CONSTRAINT_PRIMARY ? deed->columns[0] : NULL;
    return warn_spell_name(review, column == NULL ? memory_print(review->memory, "%s_%s", deed->on.name, suffix)
                                                  : memory_print(review->memory, "%s_%s_%s", deed->on.name, column, suffix));
}

static const char *table_name(const struct review *review)
{
    return warn_spell(review, review->deed->on);
}

/* --------------------------------------------- blocking-check, -foreign-key */

void rule_blocking_check(struct review *review)
{
    const struct deed *deed = review->deed;
    if (!checks_all(review, CONSTRAINT_CHECK) || is_lesser(review) ||
        !warn(review, "blocking-check", "all of \"%s\" is read to check a new constraint", deed->on.name))
        return;
    const char *name = name_of(review, "check");
    diag_note(review->all->diag, "nobody can read or write the table meanwhile (ACCESS EXCLUSIVE)");
    diag_hint(review->all->diag,
              "ALTER TABLE %s ADD CONSTRAINT %s CHECK (...) NOT VALID, which holds for new rows, and in a migration of its own "
              "ALTER TABLE %s VALIDATE CONSTRAINT %s, beside which rows can be written",
              table_name(review), name, table_name(review), name);
    if (!(deed->flags & DEED_WITH_COLUMN))
        warn_fix_at_end(review, "NOT VALID");
}

void rule_blocking_foreign_key(struct review *review)
{
    const struct deed *deed = review->deed;
    struct diag *diag = review->all->diag;
    if (!checks_all(review, CONSTRAINT_FOREIGN) || is_lesser(review) ||
        !warn(review, "blocking-foreign-key", "every row of \"%s\" is looked up in \"%s\" while nobody can write to either",
              deed->on.name, deed->other.name))
        return;
    const char *name = name_of(review, "fkey"), *table = table_name(review);
    diag_note(diag, "the lock (SHARE ROW EXCLUSIVE on both) lasts as long as that takes, and until the transaction ends");
    if (review->thing != NULL && review->thing->partitioned) {
        diag_hint(diag,
                  "before PostgreSQL 18 a partitioned table can't have one that is NOT VALID: add it to each partition NOT VALID, "
                  "validate it there, and then to %s, which takes these over",
                  table);
        return;
    }
    diag_hint(diag,
              "ALTER TABLE %s ADD CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s ... NOT VALID, with all else that it says, which "
              "holds for new rows, and in a migration of its own ALTER TABLE %s VALIDATE CONSTRAINT %s, beside which rows can be written",
              table, name, warn_spell_columns(review), warn_spell(review, deed->other), table, name);
    if (!(deed->flags & DEED_WITH_COLUMN))
        warn_fix_at_end(review, "NOT VALID");
}

/* --------------------------------------------- blocking-unique, -exclude */

static void tell_of_nulls(struct review *review)
{
    diag_note(review->all->diag, "nobody can read or write the table meanwhile (ACCESS EXCLUSIVE)");
    diag_hint(review->all->diag,
              "before it, ALTER TABLE %s ADD CONSTRAINT c CHECK (%s IS NOT NULL) NOT VALID, and VALIDATE CONSTRAINT c in a "
              "migration of its own, for each column of the key",
              table_name(review), review->deed->column_count > 0 ? warn_spell_name(review, review->deed->columns[0]) : "x");
}

void rule_blocking_unique(struct review *review)
{
    const struct deed *deed = review->deed;
    bool primary = deed->constraint == CONSTRAINT_PRIMARY;
    if (!checks_all(review, primary ? CONSTRAINT_PRIMARY : CONSTRAINT_UNIQUE) || is_lesser(review))
        return;
    if (deed->flags & DEED_USING_INDEX) {
        if (warn(review, "blocking-unique", "all of \"%s\" is read to see that its primary key is never null", deed->on.name))
            tell_of_nulls(review);
        return;
    }
    if (!warn(review, "blocking-unique", "the index of a %s key is built while nobody can read or write \"%s\"",
              primary ? "primary" : "unique", deed->on.name))
        return;
    const char *name = name_of(review, primary ? "pkey" : "key"), *table = table_name(review);
    diag_note(review->all->diag, "the lock (ACCESS EXCLUSIVE) lasts as long as the build, and until the transaction ends");
    if (review->thing != NULL && review->thing->partitioned)
        diag_hint(review->all->diag,
                  "build it on each partition first, with CREATE UNIQUE INDEX CONCURRENTLY and ADD CONSTRAINT ... USING INDEX: a "
                  "constraint of %s takes these over",
                  table);
    else
        diag_hint(review->all->diag,
                  "CREATE UNIQUE INDEX CONCURRENTLY %s ON %s (%s), with INCLUDE and NULLS NOT DISTINCT where it has them; then ALTER TABLE %s "
                  "ADD CONSTRAINT %s %s USING INDEX %s, DEFERRABLE where it is", name,
                  table, warn_spell_columns(review), table, name, primary ? "PRIMARY KEY" : "UNIQUE", name);
}

void rule_blocking_exclude(struct review *review)
{
    const struct deed *deed = review->deed;
    if (!checks_all(review, CONSTRAINT_EXCLUDE) || is_lesser(review) ||
        !warn(review, "blocking-exclude", "the index of an exclusion constraint is built while nobody can read or write \"%s\"",
              deed->on.name))
        return;
    diag_note(review->all->diag, "the lock (ACCESS EXCLUSIVE) lasts as long as the build; there is neither NOT VALID nor USING "
                                 "INDEX for it");
    diag_hint(review->all->diag,
              "make a table with the constraint beside %s, copy the rows in batches, and swap the names; or do it in a maintenance "
              "window",
              table_name(review));
}

/* ------------------------------------------------------- blocking-validate */

/* The strongest lock on the table that the transaction has by now, from before the deed. */
static lock_mode held_lock(const struct review *review)
{
    lock_mode lock = LOCK_NONE;
    for (const struct deed *deed = warn_near_first(review); deed < review->deed; deed++)
        if (deed->lock > lock && warn_is_same(deed->on, review->deed->on) && deed->thing == THING_TABLE &&
            !(deed->effects & EFFECT_FRESH) && warn_is_one_transaction(review, deed))
            lock = deed->lock;
    return lock;
}

void rule_blocking_validate(struct review *review)
{
    const struct deed *deed = review->deed;
    const struct part *part = catalog_part(review->thing, THING_OTHER, deed->part);
    if (deed->kind != DEED_VALIDATE || !warn_is_in_use(review) || (part != NULL && part->validated))
        return;
    lock_mode lock = held_lock(review);
    if (lock < LOCK_SHARE ||
        !warn(review, "blocking-validate", "constraint \"%s\" is validated while the transaction holds a strong lock on \"%s\"",
              deed->part, deed->on.name))
        return;
    diag_note(review->all->diag,
              "an earlier statement took it (%s), and it is held until the transaction ends: so nobody can %s the table while all "
              "of it is read, and NOT VALID has gained nothing",
              effect_lock_name(lock), lock == LOCK_ACCESS_EXCLUSIVE ? "read or write" : "write to");
    diag_hint(review->all->diag, "ALTER TABLE %s VALIDATE CONSTRAINT %s, in a migration of its own", table_name(review),
              warn_spell_name(review, deed->part));
}

/* ------------------------------------------------------- domain-constraint */

/* Has some column this type? */
static bool is_used(const struct catalog *catalog, const char *name)
{
    for (const struct thing *thing = catalog->first; thing != NULL; thing = thing->next)
        for (size_t i = 0; i < thing->column_count && catalog_is_present(thing); i++)
            if (thing->columns[i].state.presence == PRESENCE_PRESENT && thing->columns[i].type != NULL &&
                strcmp(thing->columns[i].type->name.name, name) == 0)
                return true;
    return false;
}

void rule_domain_constraint(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_ADD_CONSTRAINT || deed->thing != THING_TYPE || deed->flags & (DEED_NOT_VALID | DEED_OPEN) ||
        deed->effects & EFFECT_FRESH || deed->on.name == NULL)
        return;
    bool made_here = review->thing != NULL && review->thing->state.made.migration != NULL;
    if (made_here && !is_used(review->catalog, deed->on.name))
        return;
    if (!warn(review, "domain-constraint", "every table with a column of domain \"%s\" is read to check a new constraint",
              deed->on.name))
        return;
    diag_note(review->all->diag, "nobody can write to any of them meanwhile (SHARE)");
    if (deed->constraint == CONSTRAINT_CHECK)
        diag_hint(review->all->diag,
                  "ALTER DOMAIN %s ADD CONSTRAINT c CHECK (...) NOT VALID, which holds for new values, and in a migration of its "
                  "own ALTER DOMAIN %s VALIDATE CONSTRAINT c",
                  warn_spell(review, deed->on), warn_spell(review, deed->on));
    else
        diag_hint(review->all->diag,
                  "ALTER DOMAIN %s ADD CONSTRAINT c CHECK (VALUE IS NOT NULL) NOT VALID, and VALIDATE CONSTRAINT c in a migration "
                  "of its own",
                  warn_spell(review, deed->on));
    if (deed->constraint == CONSTRAINT_CHECK)
        warn_fix_at_end(review, "NOT VALID");
}

/* warn_column.c - rules about columns that are added or changed while a table is in use; see warn.h */
#include "warn.h"

#include <string.h>

/* Does the statement, up to here, do the same to this table, so that one warning is enough? */
static bool is_told(const struct review *review)
{
    const struct deed *first = &review->migration->deeds[review->statement->first_deed];
    for (const struct deed *deed = first; deed < review->deed; deed++)
        if (deed->kind == review->deed->kind && deed->effects & review->deed->effects & (EFFECT_REWRITES | EFFECT_SCANS) &&
            warn_is_same(deed->on, review->deed->on))
            return true;
    return false;
}

/* Does the statement write the table anew anyway? Then it reads it, too. */
static bool is_rewritten(const struct review *review)
{
    const struct deed *first = &review->migration->deeds[review->statement->first_deed];
    for (const struct deed *deed = first; deed < review->deed; deed++)
        if (deed->effects & EFFECT_REWRITES && warn_is_same(deed->on, review->deed->on))
            return true;
    return false;
}

static const char *table_name(const struct review *review)
{
    return warn_spell(review, review->deed->on);
}

static const char *column_name(const struct review *review)
{
    return warn_spell_name(review, review->deed->part);
}

/* ------------------------------------------------------------- new columns */

static bool adds_column(const struct review *review)
{
    return review->deed->kind == DEED_ADD_COLUMN && warn_is_in_use(review) && !warn_is_there(review);
}

static void tell_of_rewrite(struct review *review)
{
    diag_note(review->all->diag, "nobody can read or write the table meanwhile (ACCESS EXCLUSIVE), and its indexes are built anew");
}

void rule_volatile_default(struct review *review)
{
    const struct deed *deed = review->deed;
    bool sure = !(deed->effects & EFFECT_UNSURE);
    if (!(deed->effects & EFFECT_REWRITES) || !(deed->flags & (DEED_VOLATILE | DEED_UNSURE)) ||
        deed->flags & (DEED_SERIAL | DEED_IDENTITY | DEED_STORED) || !adds_column(review) || is_told(review))
        return;
    if (!warn(review, "volatile-default", "the default of \"%s\" is %scomputed for each row, so \"%s\" is written anew", deed->part,
              sure ? "" : "perhaps ", deed->on.name))
        return;
    tell_of_rewrite(review);
    if (!sure)
        diag_note(review->all->diag, "it calls a function of somebody's: only one that is marked STABLE or IMMUTABLE is called "
                                     "once for all rows");
    diag_hint(review->all->diag,
              "ALTER TABLE %s ADD COLUMN %s %s, then ALTER TABLE %s ALTER COLUMN %s SET DEFAULT ..., which is for new rows, and "
              "fill the old ones in batches, in a later migration",
              table_name(review), column_name(review), deed->type->text, table_name(review), column_name(review));
}

void rule_serial_column(struct review *review)
{
    const struct deed *deed = review->deed;
    if (!(deed->flags & (DEED_SERIAL | DEED_IDENTITY)) || !adds_column(review) || is_told(review))
        return;
    if (!warn(review, "serial-column", "every row of \"%s\" gets a number in \"%s\", so the table is written anew", deed->on.name,
              deed->part))
        return;
    tell_of_rewrite(review);
    const char *sequence = warn_spell_name(review, memory_print(review->memory, "%s_%s_seq", deed->on.name, deed->part));
    diag_hint(review->all->diag,
              "CREATE SEQUENCE %s; ALTER TABLE %s ADD COLUMN %s bigint; ALTER TABLE %s ALTER COLUMN %s SET DEFAULT nextval('%s'); "
              "number the old rows in batches, in a later migration; a key of it comes from CREATE UNIQUE INDEX CONCURRENTLY and "
              "ADD PRIMARY KEY USING INDEX",
              sequence, table_name(review), column_name(review), table_name(review), column_name(review), sequence);
}

void rule_generated_column(struct review *review)
{
    const struct deed *deed = review->deed;
    if (!(deed->flags & DEED_STORED) || !adds_column(review) || is_told(review))
        return;
    if (!warn(review, "generated-column", "the generated column \"%s\" is computed for each row, so \"%s\" is written anew",
              deed->part, deed->on.name))
        return;
    tell_of_rewrite(review);
    diag_hint(review->all->diag,
              "ALTER TABLE %s ADD COLUMN %s %s, a trigger that fills it for new rows, and batches, in a later migration, for the "
              "old ones; to search by it, an index over the expression (CREATE INDEX CONCURRENTLY) needs no column at all",
              table_name(review), column_name(review), deed->type->text);
}

void rule_domain_column(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_ADD_COLUMN || deed->flags & (DEED_VOLATILE | DEED_UNSURE | DEED_STORED | DEED_SERIAL) ||
        !effect_is_checked(review->catalog, deed->type) || !adds_column(review) || is_told(review))
        return;
    if (!warn(review, "domain-column", "\"%s\" is of domain %s, which has a constraint, so \"%s\" is written anew", deed->part,
              deed->type->text, deed->on.name))
        return;
    tell_of_rewrite(review);
    diag_hint(review->all->diag,
              "ALTER TABLE %s ADD COLUMN %s of the type under the domain, with ADD CONSTRAINT ... CHECK (...) NOT VALID, and "
              "VALIDATE CONSTRAINT in a migration of its own",
              table_name(review), column_name(review));
}

/* ALTER TABLE ... ADD COLUMN x int NOT NULL. With a default it is all right. */
void rule_required_column(struct review *review)
{
    const struct deed *deed = review->deed;
    if (!(deed->flags & DEED_NOT_NULL) || deed->flags & (DEED_DEFAULT | DEED_STORED | DEED_IDENTITY | DEED_SERIAL) ||
        !adds_column(review))
        return;
    if (!warn(review, "required-column", "column \"%s\" of \"%s\" can't be null and has no default", deed->part, deed->on.name))
        return;
    diag_note(review->all->diag, "where the table holds a row the statement fails; where it holds none, programs that were built "
                                 "before it can't write one");
    diag_hint(review->all->diag,
              "give it a DEFAULT, which costs nothing when it is a constant; or ALTER TABLE %s ADD COLUMN %s %s, fill it in "
              "batches, and set NOT NULL in a later migration",
              table_name(review), column_name(review), deed->type->text);
}

/* ------------------------------------------------------------ set-not-null */

/* How many more columns the statement sets so. */
static uint32_t count_more(const struct review *review)
{
    uint32_t count = 0;
    const struct deed *end = review->migration->deeds + review->statement->first_deed + review->statement->deed_count;
    for (const struct deed *deed = review->deed + 1; deed < end; deed++)
        count += deed->kind == DEED_SET_NOT_NULL;
    return count;
}

/* The column that comes to be not null, and has to be looked at; NULL for other deeds. */
static const char *new_not_null(const struct deed *deed)
{
    if (!(deed->effects & EFFECT_SCANS) || deed->thing != THING_TABLE)
        return NULL;
    if (deed->kind == DEED_SET_NOT_NULL)
        return deed->part;
    bool constraint = deed->kind == DEED_ADD_CONSTRAINT && deed->constraint == CONSTRAINT_NOT_NULL && deed->column_count > 0;
    return constraint ? deed->columns[0] : NULL;
}

void rule_set_not_null(struct review *review)
{
    const struct deed *deed = review->deed;
    const char *column = new_not_null(deed);
    if (column == NULL || !warn_is_in_use(review) || is_rewritten(review) || is_told(review))
        return;
    uint32_t more = count_more(review);
    const char *others = more == 0 ? "" : memory_print(review->memory, " (and %u more)", more);
    if (!warn(review, "set-not-null", "all of \"%s\" is read to see that \"%s\"%s is never null", deed->on.name, column, others))
        return;
    const char *table = table_name(review), *check = warn_spell_name(review, memory_print(review->memory, "%s_not_null", column));
    diag_note(review->all->diag, "nobody can read or write the table meanwhile (ACCESS EXCLUSIVE)");
    diag_hint(review->all->diag,
              "ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s IS NOT NULL) NOT VALID; in a migration of its own ALTER TABLE %s "
              "VALIDATE CONSTRAINT %s; then SET NOT NULL reads nothing, and the check can go",
              table, check, warn_spell_name(review, column), table, check);
}

/* ------------------------------------------------------------- type-change */

/* Nobody knows the old type; but of what people do, only a longer text takes this form, which leaves the rows alone. */
static bool is_likely_wider(const struct deed *deed)
{
    bool text = strcmp(deed->type->name.name, "text") == 0 || strcmp(deed->type->name.name, "varchar") == 0;
    return deed->effects & EFFECT_UNSURE && text && !deed->type->is_array;
}

/* What embedding-loss tells: vectors of another dimension or kind, or of a column that nobody knows. Vectors as text or numbers are kept. */
static bool is_embedding_change(const struct type_name *old, const struct type_name *new)
{
    bool keeps = new->is_array || strcmp(new->name.name, "text") == 0 || strcmp(new->name.name, "varchar") == 0;
    return old == NULL ? effect_is_vector(new) : effect_is_vector(old) && !keeps;
}

static void explain_type(struct review *review, const struct type_name *old)
{
    struct diag *diag = review->all->diag;
    const struct type_name *new = review->deed->type;
    diag_note(diag, "nobody can read or write the table meanwhile (ACCESS EXCLUSIVE), its indexes are built anew, and programs "
                    "that were built before it may not understand the new type");
    if (old != NULL && old->is_array && new->is_array)
        diag_note(diag, "an array is converted element by element, also where the element's own type would change without a "
                        "rewrite");
    else if (old != NULL && strncmp(old->text, "timestamp", 9) == 0 && strncmp(new->text, "timestamp", 9) == 0)
        diag_note(diag, "only in a session whose TimeZone is UTC the rows are left alone, where the precision stays");
}

void rule_type_change(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->kind != DEED_SET_TYPE || deed->thing != THING_TABLE || !(deed->effects & EFFECT_REWRITES) ||
        !warn_is_in_use(review) || is_told(review) || is_likely_wider(deed))
        return;
    const struct column *column = catalog_column(review->thing, deed->part);
    const struct type_name *old = column == NULL ? NULL : column->type;
    if (is_embedding_change(old, deed->type))
        return;
    const char *from = old == NULL ? "" : memory_print(review->memory, " from %s", old->text);
    if (!warn(review, "type-change", "\"%s\" is %swritten anew to change \"%s\"%s to %s", deed->on.name,
              deed->effects & EFFECT_UNSURE ? "perhaps " : "", deed->part, from, deed->type->text))
        return;
    explain_type(review, old);
    const char *new_name = warn_spell_name(review, memory_print(review->memory, "%s_new", deed->part));
    diag_hint(review->all->diag,
              "ALTER TABLE %s ADD COLUMN %s %s, a trigger that writes both, fill the old rows in batches, let the application "
              "switch, and drop the old column in a later release",
              table_name(review), new_name, deed->type->text);
}

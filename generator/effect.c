#include "effect.h"

#include <string.h>

const char *effect_lock_name(lock_mode lock)
{
    static const char *const names[] = {"",
                                        "ACCESS SHARE",
                                        "ROW SHARE",
                                        "ROW EXCLUSIVE",
                                        "SHARE UPDATE EXCLUSIVE",
                                        "SHARE",
                                        "SHARE ROW EXCLUSIVE",
                                        "EXCLUSIVE",
                                        "ACCESS EXCLUSIVE"};
    return names[lock];
}

/* ------------------------------------------------------------------- types */

static bool is_named(const struct type_name *type, const char *name)
{
    return (type->name.schema == NULL || strcmp(type->name.schema, "pg_catalog") == 0) && strcmp(type->name.name, name) == 0;
}

bool effect_is_vector(const struct type_name *type)
{
    static const char *const names[] = {"vector", "halfvec", "sparsevec"};
    for (size_t i = 0; type != NULL && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(type->name.name, names[i]) == 0)
            return true;
    return false;
}

static bool is_one_of(const struct type_name *type, const char *const *names)
{
    for (; *names != NULL; names++)
        if (is_named(type, *names))
            return true;
    return false;
}

/* Is it PostgreSQL's own, or one of a well-known extension, and so no domain of somebody's? */
static bool is_own(const struct type_name *type)
{
    return (type->name.schema != NULL && strcmp(type->name.schema, "pg_catalog") == 0) || effect_is_vector(type) ||
           strcmp(type->name.name, "citext") == 0;
}

/* Do the rows of one serve as rows of the other, as PostgreSQL sees it? Both without limits on their length. */
static bool is_coercible(const struct type_name *old, const struct type_name *new)
{
    static const char *const texts[] = {"text", "varchar", "citext", NULL};
    if (strcmp(old->name.name, new->name.name) == 0)
        return true;
    return (is_one_of(old, texts) && is_one_of(new, texts)) || (is_named(old, "cidr") && is_named(new, "inet"));
}

/* timestamp is timestamp(6). */
static bool is_most_precise(const struct type_name *type)
{
    static const char *const times[] = {"timestamp", "timestamptz", "time", "timetz", NULL};
    return is_one_of(type, times) && type->modifier_count == 1 && type->modifiers[0] >= 6;
}

/* Does whatever fits the old limit fit the new one, so that PostgreSQL needn't look? */
static bool is_within(const struct type_name *old, const struct type_name *new)
{
    static const char *const limited[] = {"varchar", "varbit", "timestamp", "timestamptz", "time", "timetz", "interval", NULL};
    if (!new->has_modifiers || is_most_precise(new))
        return true;
    if (!old->has_modifiers || old->modifier_count == 0 || new->modifier_count == 0 || old->parameter != NULL ||
        new->parameter != NULL)
        return false;
    if (is_one_of(new, limited))
        return new->modifiers[0] >= old->modifiers[0];
    long old_scale = old->modifier_count > 1 ? old->modifiers[1] : 0, new_scale = new->modifier_count > 1 ? new->modifiers[1] : 0;
    return is_named(new, "numeric") && new_scale == old_scale && new->modifiers[0] >= old->modifiers[0];
}

type_change effect_of_types(const struct type_name *old, const struct type_name *new)
{
    if (old == NULL)
        return TYPE_UNKNOWN;
    if (strcmp(old->text, new->text) == 0)
        return TYPE_SAME;
    if (old->is_array || new->is_array) { /* element by element, also where a scalar would be left alone; but for a limit that goes */
        bool same = old->is_array == new->is_array && strcmp(old->name.name, new->name.name) == 0;
        return same && (!new->has_modifiers || is_most_precise(new)) ? TYPE_WIDENED : TYPE_REWRITTEN;
    }
    if (is_coercible(old, new))
        return is_within(old, new) ? TYPE_WIDENED : TYPE_REWRITTEN;
    return is_own(old) && is_own(new) ? TYPE_REWRITTEN : TYPE_UNKNOWN;
}

/* A serial column is of an integer type. */
static const struct type_name *without_serial(const struct type_name *type)
{
    static const struct type_name integers[] = {{.name = {"pg_catalog", "int4"}, .text = "integer"},
                                                {.name = {"pg_catalog", "int8"}, .text = "bigint"},
                                                {.name = {"pg_catalog", "int2"}, .text = "smallint"}};
    static const char *const names[][3] = {{"serial", "bigserial", "smallserial"}, {"serial4", "serial8", "serial2"}};
    for (size_t i = 0; type->name.schema == NULL && i < 6; i++)
        if (strcmp(type->name.name, names[i / 3][i % 3]) == 0)
            return &integers[i % 3];
    return type;
}

/* Of a domain that this history made: the type under it. *checked when the domain may refuse values. */
static const struct type_name *base_of(const struct catalog *catalog, const struct type_name *type, bool *checked)
{
    type = type == NULL ? NULL : without_serial(type);
    for (int depth = 0; type != NULL && !type->is_array && depth < 8; depth++) {
        const struct thing *domain = catalog_find(catalog, THING_TYPE, type->name);
        if (!catalog_is_present(domain) || domain->deed == NULL || domain->deed->type == NULL)
            break;
        *checked |= domain->deed->constraint != CONSTRAINT_NONE;
        for (size_t i = 0; i < domain->part_count; i++)
            *checked |= domain->parts[i].state.presence == PRESENCE_PRESENT;
        type = domain->deed->type;
    }
    return type;
}

bool effect_is_checked(const struct catalog *catalog, const struct type_name *type)
{
    bool checked = false;
    base_of(catalog, type, &checked);
    return checked;
}

/* An enum, composite or range that this history made: nothing but a change of every row makes another type of it. */
static bool is_made_here(const struct catalog *catalog, const struct type_name *type)
{
    const struct thing *thing = catalog_find(catalog, THING_TYPE, type->name);
    return catalog_is_present(thing) && thing->deed != NULL;
}

/* The same, with what the catalog knows of domains, enums and such. */
static type_change change_of_types(const struct catalog *catalog, const struct type_name *old, const struct type_name *new)
{
    bool checked = false, before = false;
    if (old == NULL || strcmp(old->text, new->text) == 0)
        return effect_of_types(old, new);
    const struct type_name *old_base = base_of(catalog, old, &before), *new_base = base_of(catalog, new, &checked);
    if (checked)
        return TYPE_REWRITTEN;
    type_change change = effect_of_types(old_base, new_base);
    if (change == TYPE_UNKNOWN && (is_own(old_base) || is_made_here(catalog, old_base)) &&
        (is_own(new_base) || is_made_here(catalog, new_base)))
        return TYPE_REWRITTEN;
    return change == TYPE_SAME ? TYPE_WIDENED : change;
}

/* ----------------------------------------------------------------- effects */

static void breaks(struct deed *deed, const char *why)
{
    deed->effects |= EFFECT_BREAKS;
    deed->breaks = why;
}

static void derive_add_column(const struct catalog *catalog, struct deed *deed)
{
    const struct made_function *function = catalog_function(catalog, deed->calls);
    bool computed = deed->flags & DEED_VOLATILE || (function != NULL && !function->steady);
    if (computed || deed->flags & (DEED_STORED | DEED_IDENTITY | DEED_SERIAL) || effect_is_checked(catalog, deed->type))
        deed->effects |= EFFECT_REWRITES;
    else if (deed->flags & DEED_UNSURE && function == NULL)
        deed->effects |= EFFECT_REWRITES | EFFECT_UNSURE;
    if (deed->flags & DEED_NOT_NULL && !(deed->flags & (DEED_DEFAULT | DEED_STORED | DEED_IDENTITY)))
        breaks(deed, "it writes rows without the new column, which can't be null");
}

static void derive_set_type(const struct catalog *catalog, const struct thing *thing, struct deed *deed)
{
    const struct column *column = catalog_column(thing, deed->part);
    const struct type_name *old = column == NULL ? NULL : column->type;
    type_change change = deed->flags & DEED_USING ? TYPE_REWRITTEN : change_of_types(catalog, old, deed->type);
    if (change == TYPE_SAME)
        return;
    if (change == TYPE_REWRITTEN || change == TYPE_UNKNOWN)
        deed->effects |= EFFECT_REWRITES | (change == TYPE_UNKNOWN ? EFFECT_UNSURE : 0);
    if (change != TYPE_WIDENED)
        breaks(deed, "it expects the column's old type");
    if (effect_is_vector(old) && change != TYPE_WIDENED)
        deed->effects |= EFFECT_DESTROYS;
}

/* A check that the column isn't null, proven already, spares the look at all rows. */
static bool is_never_null(const struct thing *thing, const char *name)
{
    const struct column *column = catalog_column(thing, name);
    if (column != NULL && column->not_null)
        return true;
    for (size_t i = 0; thing != NULL && i < thing->part_count; i++) {
        const struct part *part = &thing->parts[i];
        if (part->constraint != CONSTRAINT_CHECK || !part->validated || part->state.presence != PRESENCE_PRESENT)
            continue;
        for (uint32_t j = 0; j < part->column_count; j++)
            if (strcmp(part->columns[j], name) == 0)
                return true;
    }
    return false;
}

/* A primary key forbids null: over an index that is there already, this is all that must be looked at. */
static bool is_primary_never_null(const struct catalog *catalog, const struct thing *thing, const struct deed *deed)
{
    const struct thing *index = catalog_find(catalog, THING_INDEX, (struct object){deed->on.schema, deed->other.name});
    if (!catalog_is_present(index) || index->deed == NULL)
        return true;
    for (uint32_t i = 0; i < index->deed->column_count; i++)
        if (index->deed->columns[i] != NULL && !is_never_null(thing, index->deed->columns[i]))
            return false;
    return true;
}

/* A new column's check is looked at for every row; what it refers to only where it has a default other than null. */
static void derive_constraint(const struct catalog *catalog, const struct thing *thing, struct deed *deed)
{
    bool scans = !(deed->flags & (DEED_NOT_VALID | DEED_USING_INDEX)) && deed->words == NULL;
    if (deed->flags & DEED_WITH_COLUMN && deed->constraint == CONSTRAINT_FOREIGN && !(deed->flags & DEED_DEFAULT))
        scans = false;
    if (deed->flags & DEED_USING_INDEX && deed->constraint == CONSTRAINT_PRIMARY)
        scans = !is_primary_never_null(catalog, thing, deed);
    if (deed->constraint == CONSTRAINT_NOT_NULL && deed->column_count > 0)
        scans = !is_never_null(thing, deed->columns[0]);
    if (scans)
        deed->effects |= EFFECT_SCANS;
    if (!(deed->flags & DEED_WITH_COLUMN))
        breaks(deed, "it may write rows that the constraint refuses");
}

/* Where nothing of that name can be there, dropping it IF EXISTS comes to nothing. */
static bool is_idle(const struct catalog *catalog, const struct thing *thing, const struct deed *deed)
{
    if (!(deed->flags & DEED_IF) || !thing_is_relation(deed->thing) || catalog_is_present(thing))
        return false;
    return thing != NULL ? catalog_is_absent(catalog, deed->thing, &thing->state)
                         : !catalog->opaque && (catalog->begins_empty || !catalog->touched);
}

static void derive_drop(const struct catalog *catalog, const struct thing *thing, struct deed *deed)
{
    if (is_idle(catalog, thing, deed))
        return;
    switch (deed->thing) {
    case THING_TABLE:
        deed->effects |= EFFECT_DESTROYS;
        breaks(deed, "it uses what is dropped");
        break;
    case THING_SCHEMA:
        deed->effects |= deed->flags & DEED_CASCADE ? EFFECT_DESTROYS : 0;
        breaks(deed, "it uses what is dropped");
        break;
    case THING_EXTENSION:
        deed->effects |= deed->flags & DEED_CASCADE ? EFFECT_DESTROYS | EFFECT_UNSURE : 0;
        breaks(deed, "it uses what is dropped");
        break;
    case THING_VIEW:
    case THING_MATVIEW:
    case THING_SEQUENCE:
    case THING_FOREIGN_TABLE:
    case THING_TYPE:
    case THING_COMPOSITE:
    case THING_FUNCTION:
        breaks(deed, "it uses what is dropped");
        break;
    default:
        break;
    }
}

/* DROP VIEW and CREATE VIEW of one name in one migration: it isn't gone. Clears what the drop said. */
static void mend_drop(const struct catalog *catalog, const struct deed *deed)
{
    const struct migration *migration = catalog->migration;
    bool data = deed->thing == THING_TABLE || deed->thing == THING_SEQUENCE || deed->thing == THING_SCHEMA;
    for (size_t i = 0; migration != NULL && i < migration->deed_count && !data && &migration->deeds[i] != deed; i++) {
        struct deed *drop = &migration->deeds[i];
        if (drop->kind == DEED_DROP && drop->effects & EFFECT_BREAKS && drop->thing == deed->thing && drop->on.name != NULL &&
            strcmp(drop->on.name, deed->on.name) == 0) {
            drop->effects &= ~(uint32_t)EFFECT_BREAKS;
            drop->breaks = NULL;
        }
    }
}

static void derive_create(const struct catalog *catalog, const struct thing *thing, struct deed *deed)
{
    if (deed->on.name != NULL && deed->thing != THING_INDEX)
        mend_drop(catalog, deed);
    if (deed->thing != THING_INDEX)
        return;
    if (deed->words == NULL || thing == NULL || !thing->partitioned) /* ON ONLY a partitioned table, it is made without contents */
        deed->effects |= EFFECT_SCANS;
    if (deed->flags & DEED_UNIQUE)
        breaks(deed, "it may write rows that the unique index refuses");
}

/* ---------------------------------------------------------- what else is locked */

static void imply(const struct catalog *catalog, struct deed *deed, struct object on, lock_mode lock)
{
    struct implied *implied = memory_get(catalog->memory, 1, sizeof *implied);
    *implied = (struct implied){on, lock, deed->implied};
    deed->implied = implied;
}

/* As it is found without a schema where the statement names none. */
static struct object name_of(const struct thing *thing)
{
    bool plain = strcmp(thing->schema, "public") == 0 || strcmp(thing->schema, "?") == 0;
    return (struct object){plain ? NULL : thing->schema, thing->name};
}

/* ALTER TABLE goes on to the partitions and children, with the same lock. */
static void imply_children(const struct catalog *catalog, const struct thing *thing, struct deed *deed)
{
    for (const struct dependent *at = thing->dependents; at != NULL; at = at->next) {
        if (at->thing->table != thing || at->thing->kind == THING_INDEX || !catalog_is_present(at->thing))
            continue;
        imply(catalog, deed, name_of(at->thing), deed->lock);
        imply_children(catalog, at->thing, deed);
    }
}

/* What a foreign key refers to keeps triggers for it, which go with it. */
static void imply_referred(const struct catalog *catalog, const struct thing *thing, struct deed *deed)
{
    for (size_t i = 0; i < thing->part_count; i++) {
        const struct part *part = &thing->parts[i];
        bool meant = deed->kind == DEED_DROP || (part->name != NULL && deed->part != NULL && strcmp(part->name, deed->part) == 0);
        if (meant && part->thing == THING_OTHER && part->referred.name != NULL && part->state.presence == PRESENCE_PRESENT)
            imply(catalog, deed, part->referred, LOCK_ACCESS_EXCLUSIVE);
    }
}

static bool recurses(const struct deed *deed)
{
    return (deed->kind >= DEED_ADD_COLUMN && deed->kind <= DEED_RENAME_CONSTRAINT) || deed->kind == DEED_TRUNCATE ||
           (deed->kind == DEED_DROP && deed->thing == THING_TABLE);
}

static void derive_implied(const struct catalog *catalog, const struct thing *thing, struct deed *deed)
{
    bool changes_index = deed->thing == THING_INDEX && (deed->kind == DEED_DROP || deed->flags & DEED_SCANS);
    if (thing == NULL)
        return;
    if (changes_index && thing->table != NULL)
        imply(catalog, deed, name_of(thing->table), deed->lock);
    if (deed->kind == DEED_DROP_CONSTRAINT || (deed->kind == DEED_DROP && deed->thing == THING_TABLE))
        imply_referred(catalog, thing, deed);
    if (recurses(deed))
        imply_children(catalog, thing, deed);
}

/* Those of a table's parts. */
static void derive_on_table(const struct catalog *catalog, const struct thing *thing, struct deed *deed)
{
    switch (deed->kind) {
    case DEED_ADD_COLUMN:
        derive_add_column(catalog, deed);
        break;
    case DEED_DROP_COLUMN:
        deed->effects |= EFFECT_DESTROYS;
        breaks(deed, "it uses what is dropped");
        break;
    case DEED_SET_TYPE:
        derive_set_type(catalog, thing, deed);
        break;
    case DEED_SET_NOT_NULL:
        deed->effects |= is_never_null(thing, deed->part) ? 0u : (uint32_t)EFFECT_SCANS;
        breaks(deed, "it may write rows without a value");
        break;
    case DEED_DROP_DEFAULT:
        breaks(deed, "it may write rows without a value");
        break;
    case DEED_ADD_CONSTRAINT:
        derive_constraint(catalog, thing, deed);
        break;
    case DEED_VALIDATE:
        deed->effects |= EFFECT_SCANS;
        break;
    case DEED_DETACH:
        breaks(deed, "it misses the rows of the partition");
        break;
    default:
        break;
    }
}

static void derive(const struct catalog *catalog, const struct thing *thing, struct deed *deed)
{
    switch (deed->kind) {
    case DEED_CREATE:
        derive_create(catalog, thing, deed);
        break;
    case DEED_DROP:
        derive_drop(catalog, thing, deed);
        break;
    case DEED_RENAME:
    case DEED_MOVE:
        if (deed->thing != THING_INDEX && deed->thing != THING_TRIGGER && deed->thing != THING_RULE && deed->thing != THING_POLICY)
            breaks(deed, "it uses the old name");
        break;
    case DEED_RENAME_COLUMN:
        breaks(deed, "it uses the old name");
        break;
    case DEED_REVOKE:
        breaks(deed, "it may need what is revoked");
        break;
    case DEED_TRUNCATE:
    case DEED_DELETE:
        deed->effects |= EFFECT_DESTROYS;
        break;
    case DEED_ALTER:
        if (deed->thing == THING_TYPE)
            breaks(deed, "it uses the old label");
        else if (deed->thing == THING_POLICY)
            breaks(deed, "it may see fewer rows");
        break;
    default:
        derive_on_table(catalog, thing, deed);
        break;
    }
}

void effect_derive(const struct catalog *catalog, struct deed *deed)
{
    const struct thing *thing = catalog_find(catalog, deed->thing == THING_INDEX && deed->kind == DEED_CREATE ? THING_TABLE : deed->thing,
                                             deed->on);
    bool part = deed->thing == THING_TRIGGER || deed->thing == THING_RULE || deed->thing == THING_POLICY;
    if (part)
        thing = catalog_find(catalog, THING_TABLE, deed->on);
    deed->effects = 0;
    deed->breaks = NULL;
    deed->implied = NULL;
    if (deed->flags & (DEED_NEW | DEED_TEMPORARY) || catalog_is_new(catalog, thing)) {
        deed->effects = EFFECT_FRESH;
        return;
    }
    deed->effects = (deed->flags & DEED_REWRITES ? EFFECT_REWRITES : 0u) | (deed->flags & DEED_SCANS ? EFFECT_SCANS : 0u);
    derive(catalog, thing, deed);
    derive_implied(catalog, thing, deed);
}

/* Does a deed of the up part have this kind, or these effects? */
static bool any_deed(const struct migration *migration, deed_kind kind, uint32_t effects)
{
    for (size_t i = 0; i < migration->statement_count; i++) {
        const struct statement *statement = &migration->statements[i];
        for (uint32_t j = 0; j < statement->deed_count && statement->part == PART_UP; j++) {
            const struct deed *deed = &migration->deeds[statement->first_deed + j];
            if (deed->kind == kind || (deed->effects & effects) != 0)
                return true;
        }
    }
    return false;
}

bool effect_contracts(const struct migration *migration)
{
    return migration->contract != NULL || (migration->expand == NULL && any_deed(migration, (deed_kind)-1, EFFECT_BREAKS));
}

bool effect_is_opaque(const struct migration *migration)
{
    return migration->lua || any_deed(migration, DEED_ANYTHING, 0);
}

/* catalog_apply.c - what becomes of the catalog by a deed, see catalog.h */
#include "catalog_inside.h"

/* ------------------------------------------------------------- making, ending */

static struct spot here(const struct catalog *catalog, const struct deed *deed)
{
    return (struct spot){catalog->migration, deed->offset};
}

void catalog_appear(const struct catalog *catalog, struct state *state, const struct deed *deed)
{
    *state = (struct state){.presence = PRESENCE_PRESENT, .made = here(catalog, deed)};
}

/* It is there, since the deed could be done to it; who made it isn't known. */
void catalog_assume(struct state *state)
{
    if (state->presence != PRESENCE_PRESENT)
        *state = (struct state){.presence = PRESENCE_PRESENT};
}

void catalog_vanish(const struct catalog *catalog, struct state *state, const struct deed *deed, const char *now)
{
    struct spot made = state->made;
    *state = (struct state){.presence = PRESENCE_ABSENT, .epoch = catalog->epoch, .implied = catalog->implied, .made = made,
                            .gone = here(catalog, deed), .now = now};
}

static void forget(struct state *state)
{
    *state = (struct state){.presence = PRESENCE_UNKNOWN};
}

static void put_place(struct catalog *catalog, struct thing *thing)
{
    struct thing **place = catalog_place(catalog, thing->schema, thing->hash);
    thing->same_place = *place;
    *place = thing;
}

static void take_out_place(struct catalog *catalog, struct thing *thing)
{
    struct thing **link = catalog_place(catalog, thing->schema, thing->hash);
    while (*link != thing)
        link = &(*link)->same_place;
    *link = thing->same_place;
}

static void put(struct catalog *catalog, struct thing *thing)
{
    thing->hash = hash_string(thing->name);
    struct thing **bucket = &catalog->buckets[thing->hash % catalog->bucket_count];
    thing->same_hash = *bucket;
    *bucket = thing;
    put_place(catalog, thing);
}

static void take_out(struct catalog *catalog, struct thing *thing)
{
    struct thing **link = &catalog->buckets[thing->hash % catalog->bucket_count];
    while (*link != thing)
        link = &(*link)->same_hash;
    *link = thing->same_hash;
    take_out_place(catalog, thing);
}

static struct thing *make_thing(struct catalog *catalog, thing_kind kind, const char *schema, const char *name)
{
    struct thing *thing = memory_get(catalog->memory, 1, sizeof *thing);
    *thing = (struct thing){.kind = kind, .schema = schema, .name = name};
    put(catalog, thing);
    *(catalog->first == NULL ? &catalog->first : &catalog->last->next) = thing;
    catalog->last = thing;
    return thing;
}

/* Where a thing of this name is made; NULL: nobody knows. */
static const char *place_of(const struct catalog *catalog, thing_kind kind, struct object object, uint32_t flags)
{
    if (kind == THING_SCHEMA || kind == THING_EXTENSION)
        return "";
    if (flags & DEED_TEMPORARY)
        return catalog_temporary;
    return object.schema != NULL ? object.schema : catalog->path;
}

/* The thing that the deed makes, without anything from before. */
static struct thing *make(struct catalog *catalog, const struct deed *deed, thing_kind kind, struct object object)
{
    const char *schema = place_of(catalog, kind, object, deed->flags);
    if (object.name == NULL || catalog_space_of(kind) == SPACE_NONE)
        return NULL;
    if (schema == NULL) {
        schema = "?"; /* where only a look at any schema finds it */
        catalog->epoch++; /* whatever of that name is gone may be back */
    }
    struct thing *thing = catalog_find_in(catalog, catalog_space_of(kind), schema, object.name);
    if (thing == NULL)
        thing = make_thing(catalog, kind, schema, object.name);
    *thing = (struct thing){.kind = kind, .schema = thing->schema, .name = thing->name, .hash = thing->hash,
                            .same_hash = thing->same_hash, .same_place = thing->same_place, .next = thing->next, .deed = deed,
                            .component = catalog->migration == NULL ? NULL : catalog->migration->component};
    catalog->has_temporary |= schema == catalog_temporary;
    catalog_appear(catalog, &thing->state, deed);
    return thing;
}

/* The relation that a deed is done to: after that it was surely there. */
struct thing *catalog_need(struct catalog *catalog, const struct deed *deed)
{
    struct thing *thing = catalog_find(catalog, deed->thing, deed->on);
    if (thing == NULL && deed->on.name != NULL && catalog_space_of(deed->thing) == SPACE_RELATION) {
        const char *schema = place_of(catalog, THING_TABLE, deed->on, 0);
        thing = make_thing(catalog, deed->thing == THING_INDEX ? THING_INDEX : THING_TABLE, schema == NULL ? "?" : schema,
                           deed->on.name);
    }
    if (thing != NULL && !(deed->flags & DEED_IF_THERE))
        catalog_assume(&thing->state);
    return thing;
}

/* ------------------------------------------------------------------ things */

static void hang_on(struct catalog *catalog, struct thing *thing, struct thing *table)
{
    if (thing->table == table || table == NULL)
        return;
    struct dependent *link = memory_get(catalog->memory, 1, sizeof *link);
    *link = (struct dependent){thing, table->dependents};
    table->dependents = link;
    thing->table = table;
}

static void apply_index(struct catalog *catalog, const struct deed *deed)
{
    struct thing *table = catalog_need(catalog, deed), *there = catalog_find(catalog, THING_INDEX, deed->other);
    if (deed->flags & DEED_IF && catalog_is_present(there))
        return;
    struct object name = {table == NULL ? deed->on.schema : table->schema, deed->other.name};
    catalog->implied += name.name == NULL || table == NULL || table->partitioned || table->state.made.migration == NULL;
    if (name.name == NULL) /* PostgreSQL makes one up */
        name.name = memory_print(catalog->memory, "?%zu", (size_t)catalog->last);
    hang_on(catalog, make(catalog, deed, THING_INDEX, name), table);
}

/* With two of one name, one that isn't steady decides. */
static void note_function(struct catalog *catalog, const struct deed *deed)
{
    bool steady = !(deed->flags & DEED_VOLATILE);
    struct made_function **bucket = &catalog->functions[hash_string(deed->on.name) % catalog->bucket_count];
    for (struct made_function *at = *bucket; at != NULL; at = at->next)
        if (strcmp(at->name, deed->on.name) == 0) {
            at->steady = steady && (at->steady || deed->flags & DEED_REPLACE);
            return;
        }
    struct made_function *function = memory_get(catalog->memory, 1, sizeof *function);
    *function = (struct made_function){deed->on.name, steady, *bucket};
    *bucket = function;
}

static void apply_create(struct catalog *catalog, const struct deed *deed)
{
    if (deed->thing == THING_FUNCTION && deed->on.name != NULL)
        note_function(catalog, deed);
    bool maker = deed->thing == THING_FUNCTION && deed->flags & DEED_DATA;
    catalog->has_makers |= maker;
    catalog->has_watchers |= maker && deed->flags & DEED_LOCAL;
    if (deed->thing == THING_INDEX) {
        apply_index(catalog, deed);
        return;
    }
    const char *schema = place_of(catalog, deed->thing, deed->on, deed->flags);
    if (deed->flags & DEED_IF && schema != NULL && deed->on.name != NULL && catalog_space_of(deed->thing) != SPACE_NONE) {
        const struct thing *there = catalog_find_in(catalog, catalog_space_of(deed->thing), schema, deed->on.name);
        if (catalog_is_present(there))
            return;
    }
    struct thing *thing = make(catalog, deed, deed->thing, deed->on);
    if (thing == NULL)
        return;
    thing->all_columns = !(deed->flags & (DEED_QUERY | DEED_ATTACHED | DEED_IF));
    thing->partitioned = (deed->flags & DEED_PARTITIONED) != 0;
    if (deed->flags & DEED_QUERY && deed->thing == THING_TABLE)
        thing->filled = here(catalog, deed);
}

/* Indexes and children went with the table, or stand in the way of its drop. */
static void forget_dependents(const struct thing *gone)
{
    for (const struct dependent *at = gone->dependents; at != NULL; at = at->next)
        if (at->thing->table == gone && at->thing->state.presence == PRESENCE_PRESENT)
            forget(&at->thing->state);
}

/* DROP TYPE, EXTENSION ... CASCADE takes columns along: those of the dropped type, at least. */
static void forget_columns(struct catalog *catalog, const struct deed *deed)
{
    for (struct thing *thing = catalog->first; thing != NULL; thing = thing->next)
        for (size_t i = 0; i < thing->column_count; i++) {
            const struct type_name *type = thing->columns[i].type;
            bool own = type != NULL && type->name.schema != NULL && strcmp(type->name.schema, "pg_catalog") == 0;
            if (!own && (deed->thing != THING_TYPE || (type != NULL && strcmp(type->name.name, deed->on.name) == 0)))
                forget(&thing->columns[i].state);
        }
}

static void forget_schema(struct catalog *catalog, const char *schema)
{
    for (struct thing *thing = catalog->first; thing != NULL; thing = thing->next)
        if (strcmp(thing->schema, schema) == 0)
            forget(&thing->state);
}

/* Is this what the name means? One that was found in another schema need not be. */
static bool is_surely(const struct catalog *catalog, const struct thing *thing, struct object object)
{
    return object.schema != NULL || is_same(thing->schema, catalog->path) || thing->schema[0] == '\0' ||
           strcmp(thing->schema, catalog_temporary) == 0;
}

static void apply_drop(struct catalog *catalog, const struct deed *deed)
{
    struct thing *thing = catalog_find(catalog, deed->thing, deed->on);
    if (catalog_space_of(deed->thing) == SPACE_NONE || deed->on.name == NULL)
        return;
    if (thing == NULL) {
        const char *schema = place_of(catalog, deed->thing, deed->on, 0);
        thing = make_thing(catalog, deed->thing, schema == NULL ? "?" : schema, deed->on.name);
    }
    if (is_surely(catalog, thing, deed->on))
        catalog_vanish(catalog, &thing->state, deed, NULL);
    else
        forget(&thing->state);
    thing->column_count = thing->part_count = 0;
    thing->column_index = thing->part_index = (struct name_index){NULL, 0};
    thing->all_columns = false;
    forget_dependents(thing);
    if (deed->thing == THING_SCHEMA)
        forget_schema(catalog, deed->on.name);
    if (deed->flags & DEED_CASCADE && (deed->thing == THING_TYPE || deed->thing == THING_EXTENSION || deed->thing == THING_SCHEMA))
        forget_columns(catalog, deed);
}

/* Under its new name it is what it was; under the old one, it is gone. */
static void rename_thing(struct catalog *catalog, struct thing *thing, const struct deed *deed, const char *schema, const char *name)
{
    take_out(catalog, thing);
    const char *old_schema = thing->schema, *old_name = thing->name;
    thing->schema = schema;
    thing->name = name;
    put(catalog, thing);
    struct thing *old = make_thing(catalog, thing->kind, old_schema, old_name);
    catalog_vanish(catalog, &old->state, deed, strcmp(schema, old_schema) == 0 ? name : memory_print(catalog->memory, "%s.%s", schema, name));
}

static void rename_schema(struct catalog *catalog, const char *old, const char *new)
{
    for (struct thing *thing = catalog->first; thing != NULL; thing = thing->next)
        if (strcmp(thing->schema, old) == 0) {
            take_out_place(catalog, thing);
            thing->schema = new;
            put_place(catalog, thing);
        }
    if (is_same(catalog->path, old))
        catalog->path = NULL;
}

static void apply_rename(struct catalog *catalog, const struct deed *deed)
{
    struct thing *thing = catalog_need(catalog, deed);
    if (thing == NULL && (deed->thing == THING_TYPE || deed->thing == THING_SCHEMA) && deed->on.name != NULL)
        thing = make_thing(catalog, deed->thing, deed->thing == THING_SCHEMA ? "" : "?", deed->on.name);
    if (thing == NULL)
        return;
    bool there = catalog_is_present(thing);
    const char *schema = deed->kind == DEED_MOVE ? deed->other.schema : thing->schema;
    rename_thing(catalog, thing, deed, schema, deed->kind == DEED_MOVE ? thing->name : deed->other.name);
    if (!there && deed->flags & DEED_IF_THERE)
        forget(&thing->state);
    else
        catalog_assume(&thing->state);
    if (deed->thing == THING_SCHEMA)
        rename_schema(catalog, deed->on.name, deed->other.name);
}

/* ------------------------------------------------------------------- rows */

static void apply_rows(struct catalog *catalog, const struct deed *deed)
{
    struct thing *thing = catalog_need(catalog, deed);
    catalog->epoch += catalog->has_makers;
    if (thing == NULL)
        return;
    bool empties = deed->kind == DEED_TRUNCATE || (deed->kind == DEED_DELETE && !(deed->flags & DEED_WHERE));
    if (empties)
        thing->filled = (struct spot){NULL, 0};
    else if (deed->kind == DEED_INSERT && thing->filled.migration == NULL)
        thing->filled = here(catalog, deed);
}

/* SET LOCAL ends with its transaction, of which a file may have several. */
static void apply_path(struct catalog *catalog, const struct deed *deed)
{
    const struct migration *migration = catalog->migration;
    if (deed->flags & DEED_LOCAL && migration != NULL && migration->parts[PART_UP].step_count > 1) {
        catalog->path = NULL;
        return;
    }
    catalog->path = deed->flags & DEED_RESET ? "public" : deed->other.schema;
}

static void apply_attach(struct catalog *catalog, const struct deed *deed)
{
    struct thing *parent = catalog_need(catalog, deed), *child = catalog_find(catalog, THING_TABLE, deed->other);
    catalog->implied++; /* a partition gets the indexes of its table */
    if (child != NULL)
        child->inherits = true;
    if (child != NULL && deed->kind == DEED_ATTACH)
        hang_on(catalog, child, parent);
    else if (child != NULL)
        child->table = NULL;
}

/* ------------------------------------------------------------------ public */

struct catalog *catalog_start(struct memory *memory)
{
    enum { BUCKETS = 1 << 16 };
    struct catalog *catalog = memory_get(memory, 1, sizeof *catalog);
    *catalog = (struct catalog){.memory = memory, .bucket_count = BUCKETS, .path = "public", .epoch = 1};
    catalog->buckets = memory_get(memory, BUCKETS, sizeof(struct thing *));
    catalog->functions = memory_get(memory, BUCKETS, sizeof(struct made_function *));
    catalog->places = memory_get(memory, BUCKETS, sizeof(struct thing *));
    catalog->compared = memory_get(memory, 1, sizeof *catalog->compared);
    return catalog;
}

void catalog_begin(struct catalog *catalog, const struct migration *migration)
{
    catalog->migration = migration;
    catalog->path = "public";
    if (catalog->has_temporary)
        forget_schema(catalog, catalog_temporary);
    catalog->has_temporary = false;
    if (migration != NULL && (migration->lua || migration->broken)) {
        catalog->epoch++;
        catalog->opaque = true;
    }
}

/* The first relation that anything is done to tells whether the history begins with an empty database. */
static void note_beginning(struct catalog *catalog, const struct deed *deed)
{
    if (catalog->touched || catalog->migration == NULL || !thing_is_relation(deed->thing) || deed->on.name == NULL)
        return;
    if (deed->kind == DEED_DROP && deed->flags & DEED_IF) /* as scripts begin that are run again and again */
        return;
    catalog->touched = true;
    catalog->begins_empty = deed->kind == DEED_CREATE && deed->thing != THING_INDEX && !(deed->flags & DEED_IF);
}

void catalog_apply(struct catalog *catalog, const struct deed *deed)
{
    struct thing *thing;
    bool extension = deed->kind == DEED_CREATE && deed->thing == THING_EXTENSION;
    if (deed->kind == DEED_ANYTHING || deed->kind == DEED_ROLLBACK || extension) {
        catalog->epoch++;
        catalog->opaque |= !extension;
    }
    catalog->epoch += catalog->has_watchers;
    if (deed->kind == DEED_SET_PATH)
        apply_path(catalog, deed);
    catalog->opaque |= deed->flags & DEED_OPEN && deed->kind == DEED_CREATE; /* something is there, and nobody knows its name */
    if (deed->flags & DEED_OPEN || deed->on.name == NULL)
        return;
    note_beginning(catalog, deed);
    switch (deed->kind) {
    case DEED_CREATE:
    case DEED_DROP:
    case DEED_RENAME:
    case DEED_MOVE:
        if (deed->thing == THING_TRIGGER || deed->thing == THING_RULE || deed->thing == THING_POLICY)
            catalog_apply_to_part(catalog, deed);
        else if (deed->kind == DEED_CREATE)
            apply_create(catalog, deed);
        else if (deed->kind == DEED_DROP)
            apply_drop(catalog, deed);
        else
            apply_rename(catalog, deed);
        break;
    case DEED_ADD_COLUMN:
    case DEED_DROP_COLUMN:
    case DEED_RENAME_COLUMN:
    case DEED_SET_TYPE:
    case DEED_SET_NOT_NULL:
    case DEED_DROP_NOT_NULL:
    case DEED_SET_DEFAULT:
    case DEED_DROP_DEFAULT:
        if ((thing = catalog_need(catalog, deed)) != NULL && deed->part != NULL)
            catalog_apply_to_column(catalog, thing, deed);
        break;
    case DEED_ADD_CONSTRAINT:
    case DEED_VALIDATE:
    case DEED_DROP_CONSTRAINT:
    case DEED_RENAME_CONSTRAINT:
        if ((thing = catalog_need(catalog, deed)) != NULL)
            catalog_apply_to_constraint(catalog, thing, deed);
        break;
    case DEED_LIKE:
        if ((thing = catalog_need(catalog, deed)) != NULL)
            catalog_apply_like(catalog, thing, deed);
        break;
    case DEED_ATTACH:
    case DEED_DETACH:
        apply_attach(catalog, deed);
        break;
    case DEED_INSERT:
    case DEED_UPDATE:
    case DEED_DELETE:
    case DEED_TRUNCATE:
        apply_rows(catalog, deed);
        break;
    case DEED_ALTER:
        thing = catalog_need(catalog, deed);
        catalog->implied += (deed->flags & DEED_IDENTITY) != 0;
        if (thing != NULL && thing->kind == THING_MATVIEW && deed->flags & DEED_REWRITES)
            thing->filled = here(catalog, deed);
        break;
    case DEED_LOCK:
        catalog_need(catalog, deed);
        break;
    default:
        break;
    }
}

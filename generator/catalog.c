#include "catalog.h"

#include "text.h"

#include <string.h>

/* What shares its names: relations with each other, types, schemas, extensions. */
typedef enum name_space { SPACE_RELATION, SPACE_TYPE, SPACE_SCHEMA, SPACE_EXTENSION, SPACE_NONE } name_space;

static const char temporary[] = "pg_temp";

static name_space space_of(thing_kind kind)
{
    switch (kind) {
    case THING_TYPE:
    case THING_COMPOSITE:
        return SPACE_TYPE;
    case THING_SCHEMA:
        return SPACE_SCHEMA;
    case THING_EXTENSION:
        return SPACE_EXTENSION;
    case THING_FUNCTION: /* may be there several times under one name */
    case THING_OTHER:
        return SPACE_NONE;
    default:
        return SPACE_RELATION;
    }
}

static bool is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* ----------------------------------------------------------------- finding */

static size_t hash(const char *name)
{
    size_t sum = 5381;
    for (; *name != '\0'; name++)
        sum = sum * 33 + (unsigned char)*name;
    return sum;
}

static struct thing **place_bucket(const struct catalog *catalog, const char *schema, size_t sum)
{
    return &catalog->places[(sum + 31 * hash(schema)) % catalog->bucket_count];
}

static struct thing *find_in(const struct catalog *catalog, name_space space, const char *schema, const char *name)
{
    size_t sum = hash(name);
    struct thing *thing = *place_bucket(catalog, schema, sum);
    for (; thing != NULL; thing = thing->same_place)
        if (thing->hash == sum && space_of(thing->kind) == space && strcmp(thing->name, name) == 0 &&
            strcmp(thing->schema, schema) == 0)
            return thing;
    return NULL;
}

/* The only present one of this name in any schema, else an absent one; NULL where there are several, or none. */
static struct thing *find_anywhere(const struct catalog *catalog, name_space space, const char *name)
{
    size_t sum = hash(name);
    struct thing *found = NULL, *thing = catalog->buckets[sum % catalog->bucket_count];
    for (; thing != NULL; thing = thing->same_hash) {
        if (thing->hash != sum || space_of(thing->kind) != space || strcmp(thing->name, name) != 0)
            continue;
        if (found == NULL || (found->state.presence != PRESENCE_PRESENT && thing->state.presence == PRESENCE_PRESENT))
            found = thing;
        else if (thing->state.presence == PRESENCE_PRESENT)
            return NULL;
    }
    return found;
}

struct thing *catalog_find(const struct catalog *catalog, thing_kind kind, struct object object)
{
    name_space space = space_of(kind);
    if (object.name == NULL || space == SPACE_NONE)
        return NULL;
    if (space == SPACE_SCHEMA || space == SPACE_EXTENSION)
        return find_in(catalog, space, "", object.name);
    if (object.schema != NULL)
        return find_in(catalog, space, object.schema, object.name);
    struct thing *found = find_in(catalog, space, temporary, object.name);
    if ((found == NULL || found->state.presence != PRESENCE_PRESENT) && catalog->path != NULL)
        found = find_in(catalog, space, catalog->path, object.name);
    return found != NULL && found->state.presence == PRESENCE_PRESENT ? found : find_anywhere(catalog, space, object.name);
}

/*
 * A column and a part begin with their name, so that one index does for both. `at` is 0 at first, then what the last call left there; the
 * result is a place from 1, or 0 for no more that may have this name.
 */
static size_t next_candidate(const struct name_index *index, size_t count, const char *name, size_t *at)
{
    if (index->room == 0)
        return *at < count ? ++*at : 0;
    return index->slots[(hash(name) + (*at)++) & (index->room - 1)];
}

struct column *catalog_column(const struct thing *thing, const char *name)
{
    if (thing == NULL || name == NULL)
        return NULL;
    for (size_t at = 0, place; (place = next_candidate(&thing->column_index, thing->column_count, name, &at)) > 0;)
        if (strcmp(thing->columns[place - 1].name, name) == 0)
            return &thing->columns[place - 1];
    return NULL;
}

struct part *catalog_part(const struct thing *thing, thing_kind kind, const char *name)
{
    if (thing == NULL || name == NULL)
        return NULL;
    for (size_t at = 0, place; (place = next_candidate(&thing->part_index, thing->part_count, name, &at)) > 0;)
        if (thing->parts[place - 1].thing == kind && is_same(thing->parts[place - 1].name, name))
            return &thing->parts[place - 1];
    return NULL;
}

/* Where an element of a list begins with its name; "" for one without, which is never looked for. */
static const char *name_at(const void *list, size_t size, size_t place)
{
    const char *const *name = (const void *)((const char *)list + place * size);
    return *name == NULL ? "" : *name;
}

/* The last element of the list is new. */
static void note_name(struct catalog *catalog, struct name_index *index, const void *list, size_t count, size_t size)
{
    enum { SHORT = 16 };
    size_t first = count - 1;
    if (count <= SHORT)
        return;
    if (count * 2 > index->room) {
        index->room = index->room == 0 ? 4 * SHORT : index->room * 2;
        index->slots = memory_get(catalog->memory, index->room, sizeof *index->slots);
        first = 0;
    }
    for (size_t i = first; i < count; i++) {
        size_t slot = hash(name_at(list, size, i));
        while (index->slots[slot & (index->room - 1)] != 0)
            slot++;
        index->slots[slot & (index->room - 1)] = (uint32_t)i + 1;
    }
}

const struct made_function *catalog_function(const struct catalog *catalog, const char *name)
{
    const struct made_function *at = name == NULL ? NULL : catalog->functions[hash(name) % catalog->bucket_count];
    while (at != NULL && strcmp(at->name, name) != 0)
        at = at->next;
    return at;
}

bool catalog_is_present(const struct thing *thing)
{
    return thing != NULL && thing->state.presence == PRESENCE_PRESENT;
}

bool catalog_is_absent(const struct catalog *catalog, thing_kind kind, const struct state *state)
{
    bool may_be_implied = kind == THING_INDEX || kind == THING_SEQUENCE || kind == THING_OTHER;
    return state != NULL && state->presence == PRESENCE_ABSENT && state->epoch == catalog->epoch &&
           (!may_be_implied || state->implied == catalog->implied);
}

bool catalog_lacks(const struct catalog *catalog, const struct thing *thing, thing_kind kind, const struct state *state)
{
    return !thing->inherits && catalog_is_absent(catalog, kind, state);
}

bool catalog_is_new(const struct catalog *catalog, const struct thing *thing)
{
    return catalog_is_present(thing) && thing->state.made.migration != NULL &&
           thing->state.made.migration == catalog->migration;
}

/* ------------------------------------------------------------ similar names */

/* Is `candidate` so much like the name that it was probably meant, and more so than the best one so far? */
static bool is_nearer(const char *name, const char *candidate, size_t *best)
{
    size_t distance = edit_distance(name, candidate), length = strlen(name);
    bool holds = length > 3 && strlen(candidate) > 3 && (strstr(candidate, name) != NULL || strstr(name, candidate) != NULL);
    if (holds && distance > length / 3)
        distance = length / 3;
    if (distance > length / 3 || distance >= *best)
        return false;
    *best = distance;
    return true;
}

const char *catalog_nearest(const struct catalog *catalog, thing_kind kind, const char *name)
{
    enum { MOST_COMPARED = 2000000 }; /* half a second: with so many of them nobody reads the hints */
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    for (const struct thing *thing = catalog->first; thing != NULL && ++*catalog->compared < MOST_COMPARED; thing = thing->next)
        if (space_of(thing->kind) == space_of(kind) && catalog_is_present(thing) && strcmp(thing->name, name) != 0 &&
            (thing->kind == THING_INDEX) == (kind == THING_INDEX) && is_nearer(name, thing->name, &best))
            nearest = thing->name;
    return nearest;
}

const char *catalog_nearest_column(const struct thing *thing, const char *name)
{
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    for (size_t i = 0; thing != NULL && i < thing->column_count; i++)
        if (thing->columns[i].state.presence == PRESENCE_PRESENT && is_nearer(name, thing->columns[i].name, &best))
            nearest = thing->columns[i].name;
    return nearest;
}

/* ------------------------------------------------------------- making, ending */

static struct spot here(const struct catalog *catalog, const struct deed *deed)
{
    return (struct spot){catalog->migration, deed->offset};
}

static void appear(const struct catalog *catalog, struct state *state, const struct deed *deed)
{
    *state = (struct state){.presence = PRESENCE_PRESENT, .made = here(catalog, deed)};
}

/* It is there, since the deed could be done to it; who made it isn't known. */
static void assume(struct state *state)
{
    if (state->presence != PRESENCE_PRESENT)
        *state = (struct state){.presence = PRESENCE_PRESENT};
}

static void vanish(const struct catalog *catalog, struct state *state, const struct deed *deed, const char *now)
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
    struct thing **place = place_bucket(catalog, thing->schema, thing->hash);
    thing->same_place = *place;
    *place = thing;
}

static void take_out_place(struct catalog *catalog, struct thing *thing)
{
    struct thing **link = place_bucket(catalog, thing->schema, thing->hash);
    while (*link != thing)
        link = &(*link)->same_place;
    *link = thing->same_place;
}

static void put(struct catalog *catalog, struct thing *thing)
{
    thing->hash = hash(thing->name);
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
        return temporary;
    return object.schema != NULL ? object.schema : catalog->path;
}

/* The thing that the deed makes, without anything from before. */
static struct thing *make(struct catalog *catalog, const struct deed *deed, thing_kind kind, struct object object)
{
    const char *schema = place_of(catalog, kind, object, deed->flags);
    if (object.name == NULL || space_of(kind) == SPACE_NONE)
        return NULL;
    if (schema == NULL) {
        schema = "?"; /* where only a look at any schema finds it */
        catalog->epoch++; /* whatever of that name is gone may be back */
    }
    struct thing *thing = find_in(catalog, space_of(kind), schema, object.name);
    if (thing == NULL)
        thing = make_thing(catalog, kind, schema, object.name);
    *thing = (struct thing){.kind = kind, .schema = thing->schema, .name = thing->name, .hash = thing->hash,
                            .same_hash = thing->same_hash, .same_place = thing->same_place, .next = thing->next, .deed = deed,
                            .component = catalog->migration == NULL ? NULL : catalog->migration->component};
    catalog->has_temporary |= schema == temporary;
    appear(catalog, &thing->state, deed);
    return thing;
}

/* The relation that a deed is done to: after that it was surely there. */
static struct thing *need(struct catalog *catalog, const struct deed *deed)
{
    struct thing *thing = catalog_find(catalog, deed->thing, deed->on);
    if (thing == NULL && deed->on.name != NULL && space_of(deed->thing) == SPACE_RELATION) {
        const char *schema = place_of(catalog, THING_TABLE, deed->on, 0);
        thing = make_thing(catalog, deed->thing == THING_INDEX ? THING_INDEX : THING_TABLE, schema == NULL ? "?" : schema,
                           deed->on.name);
    }
    if (thing != NULL && !(deed->flags & DEED_IF_THERE))
        assume(&thing->state);
    return thing;
}

/* ----------------------------------------------------------------- columns */

static struct column *add_column(struct catalog *catalog, struct thing *thing, const char *name)
{
    struct column *column = catalog_column(thing, name);
    if (column == NULL) {
        thing->columns = memory_grow(catalog->memory, thing->columns, thing->column_count, &thing->column_capacity,
                                     sizeof *thing->columns);
        column = &thing->columns[thing->column_count++];
        column->name = name;
        note_name(catalog, &thing->column_index, thing->columns, thing->column_count, sizeof *column);
    }
    *column = (struct column){.name = name};
    return column;
}

static struct column *need_column(struct catalog *catalog, struct thing *thing, const char *name)
{
    struct column *column = catalog_column(thing, name);
    if (column == NULL)
        column = add_column(catalog, thing, name);
    assume(&column->state);
    return column;
}

static void apply_add_column(struct catalog *catalog, struct thing *thing, const struct deed *deed)
{
    struct column *column = catalog_column(thing, deed->part);
    if (deed->flags & DEED_IF && column != NULL && column->state.presence == PRESENCE_PRESENT)
        return;
    column = add_column(catalog, thing, deed->part);
    column->type = deed->type;
    column->not_null = (deed->flags & DEED_NOT_NULL) != 0;
    column->counts = (deed->flags & (DEED_SERIAL | DEED_IDENTITY)) != 0;
    catalog->implied += (deed->flags & (DEED_SERIAL | DEED_IDENTITY)) != 0;
    appear(catalog, &column->state, deed);
}

static void apply_rename_column(struct catalog *catalog, struct thing *thing, const struct deed *deed)
{
    struct column old = *need_column(catalog, thing, deed->part), *new = add_column(catalog, thing, deed->other.name);
    *new = old;
    new->name = deed->other.name;
    vanish(catalog, &catalog_column(thing, deed->part)->state, deed, deed->other.name);
}

static void apply_like(struct catalog *catalog, struct thing *thing, const struct deed *deed)
{
    const struct thing *like = catalog_find(catalog, THING_TABLE, deed->other);
    catalog->implied++; /* INCLUDING ALL: its indexes, sequences and statistics, with names of their own */
    thing->all_columns &= like != NULL && like->all_columns;
    for (size_t i = 0; like != NULL && like != thing && i < like->column_count; i++) {
        if (like->columns[i].state.presence != PRESENCE_PRESENT)
            continue;
        struct column *column = add_column(catalog, thing, like->columns[i].name);
        column->type = like->columns[i].type;
        column->not_null = like->columns[i].not_null;
        appear(catalog, &column->state, deed);
    }
}

/* What is done to a column or to the parts of a table. */
static void apply_to_column(struct catalog *catalog, struct thing *thing, const struct deed *deed)
{
    switch (deed->kind) {
    case DEED_ADD_COLUMN:
        apply_add_column(catalog, thing, deed);
        break;
    case DEED_DROP_COLUMN:
        vanish(catalog, &need_column(catalog, thing, deed->part)->state, deed, NULL);
        break;
    case DEED_RENAME_COLUMN:
        apply_rename_column(catalog, thing, deed);
        break;
    case DEED_SET_TYPE:
        need_column(catalog, thing, deed->part)->type = deed->type;
        break;
    case DEED_SET_NOT_NULL:
    case DEED_DROP_NOT_NULL:
        need_column(catalog, thing, deed->part)->not_null = deed->kind == DEED_SET_NOT_NULL;
        break;
    default:
        need_column(catalog, thing, deed->part);
        break;
    }
}

/* ------------------------------------------------------------------- parts */

static struct part *add_part(struct catalog *catalog, struct thing *thing, thing_kind kind, const char *name)
{
    struct part *part = catalog_part(thing, kind, name);
    if (part == NULL) {
        thing->parts = memory_grow(catalog->memory, thing->parts, thing->part_count, &thing->part_capacity, sizeof *thing->parts);
        part = &thing->parts[thing->part_count++];
        part->name = name;
        note_name(catalog, &thing->part_index, thing->parts, thing->part_count, sizeof *part);
    }
    *part = (struct part){.name = name, .thing = kind};
    return part;
}

static void add_constraint(struct catalog *catalog, struct thing *thing, const struct deed *deed)
{
    struct part *part = add_part(catalog, thing, THING_OTHER, deed->part);
    part->constraint = deed->constraint;
    part->validated = !(deed->flags & DEED_NOT_VALID);
    part->columns = deed->columns;
    part->column_count = deed->column_count;
    part->referred = deed->constraint == CONSTRAINT_FOREIGN ? deed->other : (struct object){0};
    catalog->implied += deed->part == NULL || (deed->constraint >= CONSTRAINT_UNIQUE && deed->constraint != CONSTRAINT_FOREIGN);
    appear(catalog, &part->state, deed);
    for (uint32_t i = 0; i < deed->column_count && deed->constraint == CONSTRAINT_PRIMARY; i++) {
        struct column *column = catalog_column(thing, deed->columns[i]);
        if (column != NULL)
            column->not_null = true;
    }
}

static void apply_to_constraint(struct catalog *catalog, struct thing *thing, const struct deed *deed)
{
    struct part *part = catalog_part(thing, THING_OTHER, deed->part);
    if (deed->kind == DEED_ADD_CONSTRAINT) {
        add_constraint(catalog, thing, deed);
        return;
    }
    if (part == NULL)
        part = add_part(catalog, thing, THING_OTHER, deed->part);
    if (deed->kind == DEED_VALIDATE)
        part->validated = true;
    if (deed->kind == DEED_DROP_CONSTRAINT)
        vanish(catalog, &part->state, deed, NULL);
    if (deed->kind != DEED_RENAME_CONSTRAINT)
        return;
    struct part old = *part, *new = add_part(catalog, thing, THING_OTHER, deed->other.name);
    *new = old;
    new->name = deed->other.name;
    vanish(catalog, &catalog_part(thing, THING_OTHER, deed->part)->state, deed, deed->other.name);
}

/* A trigger, rule or policy. */
static void apply_to_part(struct catalog *catalog, const struct deed *deed)
{
    struct thing *table = need(catalog, deed);
    if (table == NULL)
        return;
    if (deed->kind == DEED_CREATE)
        appear(catalog, &add_part(catalog, table, deed->thing, deed->part)->state, deed);
    else if (deed->kind == DEED_DROP)
        vanish(catalog, &add_part(catalog, table, deed->thing, deed->part)->state, deed, NULL);
    else if (deed->kind == DEED_RENAME) {
        vanish(catalog, &add_part(catalog, table, deed->thing, deed->part)->state, deed, deed->other.name);
        appear(catalog, &add_part(catalog, table, deed->thing, deed->other.name)->state, deed);
    }
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
    struct thing *table = need(catalog, deed), *there = catalog_find(catalog, THING_INDEX, deed->other);
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
    struct made_function **bucket = &catalog->functions[hash(deed->on.name) % catalog->bucket_count];
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
    if (deed->flags & DEED_IF && schema != NULL && deed->on.name != NULL && space_of(deed->thing) != SPACE_NONE) {
        const struct thing *there = find_in(catalog, space_of(deed->thing), schema, deed->on.name);
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
           strcmp(thing->schema, temporary) == 0;
}

static void apply_drop(struct catalog *catalog, const struct deed *deed)
{
    struct thing *thing = catalog_find(catalog, deed->thing, deed->on);
    if (space_of(deed->thing) == SPACE_NONE || deed->on.name == NULL)
        return;
    if (thing == NULL) {
        const char *schema = place_of(catalog, deed->thing, deed->on, 0);
        thing = make_thing(catalog, deed->thing, schema == NULL ? "?" : schema, deed->on.name);
    }
    if (is_surely(catalog, thing, deed->on))
        vanish(catalog, &thing->state, deed, NULL);
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
    vanish(catalog, &old->state, deed, strcmp(schema, old_schema) == 0 ? name : memory_print(catalog->memory, "%s.%s", schema, name));
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
    struct thing *thing = need(catalog, deed);
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
        assume(&thing->state);
    if (deed->thing == THING_SCHEMA)
        rename_schema(catalog, deed->on.name, deed->other.name);
}

/* ------------------------------------------------------------------- rows */

static void apply_rows(struct catalog *catalog, const struct deed *deed)
{
    struct thing *thing = need(catalog, deed);
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
    struct thing *parent = need(catalog, deed), *child = catalog_find(catalog, THING_TABLE, deed->other);
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
        forget_schema(catalog, temporary);
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
            apply_to_part(catalog, deed);
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
        if ((thing = need(catalog, deed)) != NULL && deed->part != NULL)
            apply_to_column(catalog, thing, deed);
        break;
    case DEED_ADD_CONSTRAINT:
    case DEED_VALIDATE:
    case DEED_DROP_CONSTRAINT:
    case DEED_RENAME_CONSTRAINT:
        if ((thing = need(catalog, deed)) != NULL)
            apply_to_constraint(catalog, thing, deed);
        break;
    case DEED_LIKE:
        if ((thing = need(catalog, deed)) != NULL)
            apply_like(catalog, thing, deed);
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
        thing = need(catalog, deed);
        catalog->implied += (deed->flags & DEED_IDENTITY) != 0;
        if (thing != NULL && thing->kind == THING_MATVIEW && deed->flags & DEED_REWRITES)
            thing->filled = here(catalog, deed);
        break;
    case DEED_LOCK:
        need(catalog, deed);
        break;
    default:
        break;
    }
}

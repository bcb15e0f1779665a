#include "catalog_inside.h"

#include "text.h"

const char catalog_temporary[] = "pg_temp";

name_space catalog_space_of(thing_kind kind)
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

/* ----------------------------------------------------------------- finding */

struct thing **catalog_place(const struct catalog *catalog, const char *schema, size_t sum)
{
    return &catalog->places[(sum + 31 * hash_string(schema)) % catalog->bucket_count];
}

struct thing *catalog_find_in(const struct catalog *catalog, name_space space, const char *schema, const char *name)
{
    size_t sum = hash_string(name);
    struct thing *thing = *catalog_place(catalog, schema, sum);
    for (; thing != NULL; thing = thing->same_place)
        if (thing->hash == sum && catalog_space_of(thing->kind) == space && strcmp(thing->name, name) == 0 &&
            strcmp(thing->schema, schema) == 0)
            return thing;
    return NULL;
}

/* The only present one of this name in any schema, else an absent one; NULL where there are several, or none. */
static struct thing *find_anywhere(const struct catalog *catalog, name_space space, const char *name)
{
    size_t sum = hash_string(name);
    struct thing *found = NULL, *thing = catalog->buckets[sum % catalog->bucket_count];
    for (; thing != NULL; thing = thing->same_hash) {
        if (thing->hash != sum || catalog_space_of(thing->kind) != space || strcmp(thing->name, name) != 0)
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
    name_space space = catalog_space_of(kind);
    if (object.name == NULL || space == SPACE_NONE)
        return NULL;
    if (space == SPACE_SCHEMA || space == SPACE_EXTENSION)
        return catalog_find_in(catalog, space, "", object.name);
    if (object.schema != NULL)
        return catalog_find_in(catalog, space, object.schema, object.name);
    struct thing *found = catalog_find_in(catalog, space, catalog_temporary, object.name);
    if ((found == NULL || found->state.presence != PRESENCE_PRESENT) && catalog->path != NULL)
        found = catalog_find_in(catalog, space, catalog->path, object.name);
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
    return index->slots[(hash_string(name) + (*at)++) & (index->room - 1)];
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
void catalog_note_name(struct catalog *catalog, struct name_index *index, const void *list, size_t count, size_t size)
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
        size_t slot = hash_string(name_at(list, size, i));
        while (index->slots[slot & (index->room - 1)] != 0)
            slot++;
        index->slots[slot & (index->room - 1)] = (uint32_t)i + 1;
    }
}

const struct made_function *catalog_function(const struct catalog *catalog, const char *name)
{
    const struct made_function *at = name == NULL ? NULL : catalog->functions[hash_string(name) % catalog->bucket_count];
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
        if (catalog_space_of(thing->kind) == catalog_space_of(kind) && catalog_is_present(thing) && strcmp(thing->name, name) != 0 &&
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

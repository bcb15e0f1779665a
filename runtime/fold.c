#include "fold.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------- effects */

stele_turn stele_turn_of(const char *action, int step)
{
    static const struct {
        const char *action;
        stele_turn effect;
    } effects[] = {{"apply", STELE_PUTS_IN},          {"step", STELE_TOWARDS_IN},      {"begin", STELE_TOWARDS_IN},
                   {"fail", STELE_TOWARDS_IN},        {"revert", STELE_TAKES_OUT},     {"down-step", STELE_TOWARDS_OUT},
                   {"down-begin", STELE_TOWARDS_OUT}, {"down-fail", STELE_TOWARDS_OUT}, {"baseline", STELE_PUTS_IN},
                   {"mark", STELE_PUTS_IN},           {"accept", STELE_PUTS_IN},       {"forget", STELE_TAKES_OUT},
                   {"squash", STELE_PUTS_IN}};
    if (step > 0 && strcmp(action, "accept") == 0)
        return STELE_GOES_ON;
    for (size_t i = 0; i < sizeof effects / sizeof *effects; i++)
        if (strcmp(action, effects[i].action) == 0)
            return effects[i].effect;
    return STELE_TOUCHES_NONE;
}

bool stele_version_repeats(const char *version)
{
    return strcmp(version, "R") == 0;
}

bool stele_row_unsettles(const char *action, const char *version)
{
    return strcmp(action, "revert") == 0 && !stele_version_repeats(version);
}

bool stele_row_replaces(const char *action)
{
    return strcmp(action, "squash") == 0;
}

/* "begin" or "down-begin"? */
static bool ends_in(const char *action, const char *word)
{
    size_t length = strlen(action), tail = strlen(word);
    return length >= tail && strcmp(action + length - tail, word) == 0;
}

static void take_step(stele_place *place, const stele_entry *entry, bool back)
{
    const char *action = entry->row.action;
    if (place->in && !back) /* a step of what is in already says nothing */
        return;
    if (place->back != back) {
        place->steps_done = 0;
        place->begun = false;
    }
    if (ends_in(action, "begin")) {
        place->first_begin = place->begun ? place->first_begin : entry;
        place->last_begin = entry;
    }
    place->entry = entry;
    place->back = back;
    place->in = false;
    place->standing = STELE_INTERRUPTED;
    place->in_doubt = ends_in(action, "begin");
    place->begun = place->in_doubt || ends_in(action, "fail");
    if (ends_in(action, "step"))
        place->steps_done = (unsigned)entry->row.step;
}

/* Which way it was going, and whether the step was begun before, is what it was: a leftover of that is still to be looked for. */
static void go_on(stele_place *place, const stele_entry *entry)
{
    if (place->in)
        return;
    place->entry = entry;
    place->standing = STELE_INTERRUPTED;
    place->steps_done = (unsigned)entry->row.step - 1;
}

void stele_place_take(stele_place *place, const stele_entry *entry)
{
    const stele_migration *migration = place->migration;
    switch (stele_turn_of(entry->row.action, entry->row.step)) {
    case STELE_PUTS_IN:
        *place = (stele_place){.migration = migration, .entry = entry, .put = entry, .since = place->since != 0 ? place->since : entry->row.seq,
                               .standing = STELE_APPLIED, .in = true};
        break;
    case STELE_TAKES_OUT:
        *place = (stele_place){.migration = migration, .standing = STELE_WAITING};
        break;
    case STELE_TOWARDS_IN:
        take_step(place, entry, false);
        break;
    case STELE_TOWARDS_OUT:
        take_step(place, entry, true);
        break;
    case STELE_GOES_ON:
        go_on(place, entry);
        break;
    case STELE_TOUCHES_NONE:
        break;
    }
}

/* ---------------------------------------------------------------------- set */

static int compare_members(const struct stele_member *a, const struct stele_member *b)
{
    int order = a->component == b->component ? 0 : strcmp(a->component, b->component);
    if (order == 0)
        order = stele_version_compare(a->version, b->version);
    return order != 0 ? order : strcmp(a->name, b->name);
}

/* A merge sort of indices: qsort can't be told where the members are. What is in order already costs one pass. */
static void sort(const struct stele_member *members, size_t *order, size_t *room, size_t count)
{
    size_t sorted = 1;
    while (sorted < count && compare_members(&members[order[sorted - 1]], &members[order[sorted]]) <= 0)
        sorted++;
    if (sorted >= count)
        return;
    size_t half = count / 2, left = 0, right = half;
    sort(members, order, room, half);
    sort(members, order + half, room, count - half);
    for (size_t i = 0; i < count; i++) {
        bool takes_left = right == count ||
                          (left < half && compare_members(&members[order[left]], &members[order[right]]) <= 0);
        room[i] = takes_left ? order[left++] : order[right++];
    }
    memcpy(order, room, count * sizeof *order);
}

static bool begins_component(const stele_set *set, size_t rank)
{
    return rank == 0 || strcmp(set->members[set->order[rank - 1]].component, set->members[set->order[rank]].component) != 0;
}

/*
 * The table has the digest for each beginning of the sealed list. Where a component's set is such a beginning, that is taken over,
 * and nothing has to be hashed.
 */
static void take_over(stele_set *set, const stele_place *places)
{
    bool same = false;
    for (size_t rank = 0; rank < set->count; rank++) {
        const stele_place *place = &places[set->order[rank]];
        same = (same || begins_component(set, rank)) && place->standing == STELE_APPLIED && place->in &&
               place->migration != NULL && !place->migration->repeatable;
        bool last = rank + 1 == set->count || begins_component(set, rank + 1) ||
                    places[set->order[rank + 1]].standing != STELE_APPLIED || !places[set->order[rank + 1]].in;
        if (same && last)
            set->known[rank] = stele_checksum_read(place->migration->state, "d1", set->digests[rank]);
    }
}

bool stele_set_make(stele_set *set, const stele_place *places, size_t count, stele_arena *arena)
{
    *set = (stele_set){.members = stele_arena_get(arena, count, sizeof *set->members),
                       .order = stele_arena_get(arena, count, sizeof *set->order),
                       .rank = stele_arena_get(arena, count, sizeof *set->rank),
                       .count = count,
                       .digests = stele_arena_get(arena, count, sizeof *set->digests),
                       .known = stele_arena_get(arena, count, sizeof *set->known)};
    if (!set->members || !set->order || !set->rank || !set->digests || !set->known)
        return false;
    for (size_t i = 0; i < count; i++) {
        const stele_migration *migration = places[i].migration;
        const stele_row *row = places[i].entry == NULL ? NULL : &places[i].entry->row;
        set->order[i] = i;
        if (migration != NULL)
            set->members[i] = (struct stele_member){migration->component, migration->version, migration->name, migration->source, false};
        if (row != NULL && (places[i].in || migration == NULL))
            set->members[i] = (struct stele_member){row->component, row->version, row->name, row->source, places[i].in};
    }
    sort(set->members, set->order, set->rank, count);
    for (size_t rank = 0; rank < count; rank++)
        set->rank[set->order[rank]] = rank;
    take_over(set, places);
    return true;
}

/* Behind the last member of a component that is in; 0 where none is. */
static size_t component_end(const stele_set *set, const char *component)
{
    size_t end = set->count;
    while (end > 0 && (!set->members[set->order[end - 1]].in ||
                       strcmp(set->members[set->order[end - 1]].component, component) != 0))
        end--;
    return end;
}

/* Make the digests that are missing up to (but not with) `end`; they begin at the last one that is known. */
static bool compute(stele_set *set, size_t end, const char *component, uint8_t digest[STELE_DIGEST_SIZE])
{
    size_t rank = end;
    while (rank > 0 && !begins_component(set, rank - 1) && !set->known[rank - 1])
        rank--;
    if (rank > 0 && set->known[rank - 1]) {
        memcpy(digest, set->digests[rank - 1], STELE_DIGEST_SIZE);
    } else {
        rank -= rank > 0;
        if (!stele_state_start(digest, component))
            return false;
    }
    for (; rank < end; rank++) {
        const struct stele_member *member = &set->members[set->order[rank]];
        if (member->in && !stele_state_add(digest, member->version, member->name, member->source))
            return false;
        memcpy(set->digests[rank], digest, STELE_DIGEST_SIZE);
        set->known[rank] = true;
    }
    return true;
}

bool stele_set_state(stele_set *set, const char *component, char state[STELE_CHECKSUM_SIZE])
{
    uint8_t digest[STELE_DIGEST_SIZE];
    size_t end = component_end(set, component);
    bool fine = end == 0 ? stele_state_start(digest, component) : compute(set, end, component, digest);
    if (fine)
        stele_checksum_write(state, "d1", digest);
    return fine;
}

static void digests_are_stale(stele_set *set, size_t index)
{
    for (size_t rank = set->rank[index]; rank < set->count; rank++)
        set->known[rank] = false;
}

/* The version stays, and so the place in the order. */
void stele_set_rename(stele_set *set, size_t index, const char *name)
{
    if (strcmp(set->members[index].name, name) == 0)
        return;
    set->members[index].name = name;
    digests_are_stale(set, index);
}

bool stele_set_change(stele_set *set, size_t index, const char *source, char state[STELE_CHECKSUM_SIZE])
{
    struct stele_member *member = &set->members[index];
    if (member->in != (source != NULL) || (source != NULL && strcmp(member->source, source) != 0)) {
        member->in = source != NULL;
        if (source != NULL)
            member->source = source;
        digests_are_stale(set, index);
    }
    return stele_set_state(set, member->component, state);
}

/* What a row takes out beside the migration that it is about. */
static void take_others(stele_set *set, const char *action, const stele_migration *migration, size_t index)
{
    bool unsettles = stele_row_unsettles(action, migration->version), replaces = stele_row_replaces(action);
    for (size_t i = 0; i < set->count && (unsettles || replaces); i++) {
        struct stele_member *member = &set->members[i];
        bool goes = stele_version_repeats(member->version)
                        ? unsettles
                        : replaces && i != index && stele_version_compare(member->version, migration->version) < 0;
        if (!goes || !member->in || strcmp(member->component, migration->component) != 0)
            continue;
        member->in = false;
        digests_are_stale(set, i);
    }
}

bool stele_set_take(stele_set *set, const char *action, unsigned step, const stele_migration *migration, size_t index,
                    char state[STELE_CHECKSUM_SIZE])
{
    stele_turn effect = stele_turn_of(action, (int)step);
    take_others(set, action, migration, index);
    if (index < set->count && effect == STELE_PUTS_IN)
        stele_set_rename(set, index, migration->name);
    if (index < set->count && (effect == STELE_PUTS_IN || effect == STELE_TAKES_OUT || effect == STELE_TOWARDS_OUT))
        return stele_set_change(set, index, effect == STELE_PUTS_IN ? migration->source : NULL, state);
    return stele_set_state(set, migration->component, state);
}

const char *stele_set_version(const stele_set *set, const char *component)
{
    for (size_t rank = component_end(set, component); rank > 0; rank--) {
        const struct stele_member *member = &set->members[set->order[rank - 1]];
        if (strcmp(member->component, component) != 0)
            break;
        if (member->in && !stele_version_repeats(member->version))
            return member->version;
    }
    return "";
}

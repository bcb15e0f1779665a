/* demand.c - the list of demands; and those of a statement as its deeds tell them, see demand.h */
#define _POSIX_C_SOURCE 200809L
#include "demand_take.h"

#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- the list */

/* Is it needed in all cases? */
static bool is_certain(const struct demander *demander, uint32_t kind, const char *name)
{
    if (demander->creates_at_most)
        return kind == STELE_NEEDS_CREATE;
    return demander->only == NULL || (name != NULL && strcmp(name, demander->only) == 0);
}

void demand_add(struct demander *demander, uint32_t kind, const char *schema, const char *name)
{
    struct migration *migration = demander->migration;
    const struct statement *statement = demander->statement;
    bool is_need = kind < STELE_NEEDS_UNTOLD;
    if (is_need && (migration->role_set[statement->part] || !is_certain(demander, kind, name)))
        return;
    if (is_need && schema == NULL && migration->path_set[statement->part] && (kind <= STELE_NEEDS_FUNCTION_TO_DROP || kind == STELE_NEEDS_LEAVE)) {
        demander->lost = true;
        return;
    }
    migration->demands = memory_grow(demander->memory, migration->demands, migration->demand_count, &migration->demand_capacity,
                                     sizeof *migration->demands);
    migration->demands[migration->demand_count++] = (struct demand){
        .kind = kind, .part = (int)statement->part, .begin = statement->table.begin, .schema = schema, .name = name};
}

void demand_of(struct demander *demander, uint32_t kind, struct object object)
{
    if (object.name != NULL)
        demand_add(demander, kind, object.schema, object.name);
}

const char *demand_name(uint32_t kind)
{
    static const char *const kinds[] = {"STELE_NEEDS_OWNER", "STELE_NEEDS_TO_DROP", "STELE_NEEDS_TO_REPLACE", "STELE_NEEDS_MAINTAIN",
                                        "STELE_NEEDS_SELECT", "STELE_NEEDS_INSERT", "STELE_NEEDS_UPDATE", "STELE_NEEDS_DELETE",
                                        "STELE_NEEDS_TRUNCATE", "STELE_NEEDS_REFERENCES", "STELE_NEEDS_TRIGGER", "STELE_NEEDS_CREATE",
                                        "STELE_NEEDS_CREATE_BESIDE", "STELE_NEEDS_TYPE", "STELE_NEEDS_TYPE_TO_DROP",
                                        "STELE_NEEDS_FUNCTION", "STELE_NEEDS_FUNCTION_TO_DROP", "STELE_NEEDS_SCHEMA",
                                        "STELE_NEEDS_EXTENSION", "STELE_NEEDS_EXTENSION_TO_DROP", "STELE_NEEDS_NEW_SCHEMA", "STELE_NEEDS_NEW_EXTENSION",
                                        "STELE_NEEDS_MEMBERSHIP", "STELE_NEEDS_LEAVE", "STELE_NEEDS_UNTOLD", "STELE_MAKES", "STELE_MAKES_SCHEMA",
                                        "STELE_CHANGES", "STELE_CHANGES_ALL"};
    return kinds[kind];
}

/* The statement's first words, of which messages call it: "CREATE PUBLICATION", "DO". */
static const char *words_of(const struct demander *demander)
{
    static const char *const pairs[] = {"create", "alter", "drop", "comment", "security", "import", "reassign"};
    const char *text = demander->migration->source.text + demander->statement->table.begin;
    size_t length = 0, first;
    while (is_letter(text[length]))
        length++;
    first = length;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (spells(text, first, pairs[i]) && text[first] == ' ' && is_letter(text[first + 1]))
            for (length = first + 1; is_letter(text[length]);)
                length++;
    char *words = memory_copy(demander->memory, text, length);
    for (size_t i = 0; i < length; i++)
        words[i] = (char)(words[i] >= 'a' && words[i] <= 'z' ? words[i] - 'a' + 'A' : words[i]);
    return words;
}

void demand_untold(struct demander *demander)
{
    demand_add(demander, STELE_NEEDS_UNTOLD, NULL, words_of(demander));
}

void demand_changes_all(struct demander *demander)
{
    demand_add(demander, STELE_CHANGES_ALL, NULL, words_of(demander));
}

void demands_take_unknown(struct memory *memory, struct migration *migration, const struct statement *statement)
{
    struct demander demander = {.memory = memory, .migration = migration, .statement = statement};
    if (statement->part != PART_VERIFY)
        demand_changes_all(&demander);
}

/* --------------------------------------------------------------- settling */

/* A demand, where it stands, and whether it stays. */
struct place {
    const struct demand *demand;
    size_t index;
};

static int compare_text(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int by_name(const void *a, const void *b)
{
    const struct place *p = a, *q = b;
    int difference = p->demand->part - q->demand->part;
    difference = difference != 0 ? difference : compare_text(p->demand->name, q->demand->name);
    return difference != 0 ? difference : (p->index > q->index) - (p->index < q->index);
}

static bool may_be_one(const char *a, const char *b)
{
    return a == NULL || b == NULL || strcmp(a, b) == 0;
}

/* Does `before`, of the same name and part, make this one needless? */
static bool says(const struct demand *before, const struct demand *demand)
{
    if (before->kind == demand->kind && compare_text(before->schema, demand->schema) == 0)
        return demand->kind != STELE_NEEDS_UNTOLD && demand->kind != STELE_CHANGES_ALL;
    return before->kind == STELE_MAKES && (demand->kind < STELE_NEEDS_SCHEMA || demand->kind == STELE_NEEDS_LEAVE) && demand->kind != STELE_NEEDS_CREATE &&
           may_be_one(before->schema, demand->schema);
}

/* Of those that have one name, from `first` on: which stay? Returns where the next name begins. */
static size_t settle_name(const struct place *places, size_t first, size_t count, size_t *kept, bool *stays)
{
    size_t last = first, kept_count = 0;
    for (; last < count && places[last].demand->part == places[first].demand->part &&
           compare_text(places[last].demand->name, places[first].demand->name) == 0; last++) {
        bool needless = false;
        for (size_t i = 0; i < kept_count && !needless; i++)
            needless = says(places[kept[i]].demand, places[last].demand);
        stays[places[last].index] = !needless;
        if (!needless && places[last].demand->kind != STELE_NEEDS_UNTOLD && places[last].demand->kind != STELE_CHANGES_ALL)
            kept[kept_count++] = last;
    }
    return last;
}

/* A statement without a tree is looked at last. */
static int by_begin(const void *a, const void *b)
{
    const struct place *p = a, *q = b;
    int difference = (p->demand->begin > q->demand->begin) - (p->demand->begin < q->demand->begin);
    return difference != 0 ? difference : (p->index > q->index) - (p->index < q->index);
}

void demands_settle(struct memory *memory, struct migration *migration)
{
    size_t count = migration->demand_count, kept_count = 0;
    struct place *places = memory_get(memory, count, sizeof *places);
    size_t *kept = memory_get(memory, count, sizeof *kept);
    bool *stays = memory_get(memory, count, sizeof *stays);
    for (size_t i = 0; i < count; i++)
        places[i] = (struct place){&migration->demands[i], i};
    if (count > 0)
        qsort(places, count, sizeof *places, by_name);
    for (size_t first = 0; first < count;)
        first = settle_name(places, first, count, kept, stays);
    struct demand *settled = memory_get(memory, count, sizeof *settled);
    if (count > 0)
        qsort(places, count, sizeof *places, by_begin);
    for (size_t i = 0; i < count; i++)
        if (stays[places[i].index])
            settled[kept_count++] = *places[i].demand;
    migration->demands = settled;
    migration->demand_count = migration->demand_capacity = kept_count;
}

#include "sums.h"

#include "effect.h"

#include <string.h>

static bool is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static struct sum *sum_of(struct sums *sums, struct memory *memory, struct object on, thing_kind thing)
{
    for (size_t i = 0; i < sums->count; i++)
        if (is_same(sums->list[i].on.name, on.name) && is_same(sums->list[i].on.schema, on.schema) &&
            (sums->list[i].thing == thing || thing_is_relation(thing)))
            return &sums->list[i];
    sums->list = memory_grow(memory, sums->list, sums->count, &sums->capacity, sizeof *sums->list);
    struct sum *sum = &sums->list[sums->count++];
    *sum = (struct sum){.on = on, .thing = thing, .effects = EFFECT_FRESH};
    return sum;
}

static void add(struct sum *sum, lock_mode lock, uint32_t effects)
{
    uint32_t fresh = sum->effects & effects & EFFECT_FRESH;
    sum->lock = lock > sum->lock ? lock : sum->lock;
    sum->effects = ((sum->effects | effects) & ~(uint32_t)EFFECT_FRESH) | fresh;
}

static void take_deed(struct sums *sums, struct memory *memory, const struct deed *deed)
{
    sums->anything |= deed->kind == DEED_ANYTHING;
    if (deed->on.name == NULL || deed->kind == DEED_SET || deed->kind == DEED_SET_PATH)
        return;
    struct sum *sum = sum_of(sums, memory, deed->on, deed->thing);
    add(sum, deed->lock, deed->effects);
    sum->breaks = deed->breaks != NULL ? deed->breaks : sum->breaks;
    sum->open |= (deed->flags & DEED_OPEN) != 0;
    for (const struct implied *implied = deed->implied; implied != NULL; implied = implied->next)
        add(sum_of(sums, memory, implied->on, THING_TABLE), implied->lock, 0);
}

void sums_take(struct sums *sums, struct memory *memory, const struct migration *migration, const struct statement *statement)
{
    sums->count = 0;
    sums->anything = false;
    for (uint32_t i = 0; i < statement->deed_count; i++)
        take_deed(sums, memory, &migration->deeds[statement->first_deed + i]);
}

bool sum_is_notable(const struct sum *sum)
{
    return !(sum->effects & EFFECT_FRESH) && (sum->lock > LOCK_ROW_EXCLUSIVE || sum->effects != 0);
}

/*
 * sums.h - what one statement comes to, thing by thing: ALTER TABLE may do several things to one table
 */
#ifndef STELEC_SUMS_H
#define STELEC_SUMS_H

#include "migration.h"

/* All that is done to one thing. */
struct sum {
    struct object on;
    thing_kind thing;
    lock_mode lock;      /* the strongest */
    uint32_t effects;    /* effect.h; FRESH when all are */
    const char *breaks;  /* or NULL */
    bool open;           /* a parameter is in its name */
};

struct sums {
    struct sum *list;
    size_t count, capacity;
    bool anything; /* the statement may do more than is told */
};

/* Sum up the deeds of a statement of a reviewed migration; the list is used anew. */
void sums_take(struct sums *sums, struct memory *memory, const struct migration *migration, const struct statement *statement);

/* Is it worth a line of the generated table: more than reading or writing rows of what was there before? */
bool sum_is_notable(const struct sum *sum);

#endif

/*
 * nearest.h - the nearest of some words, for "did you mean"
 */
#ifndef STELE_NEAREST_H
#define STELE_NEAREST_H

#include <stddef.h>

/* Start with `best` NULL, and offer all candidates one by one. One that is further than a third of the name's length never is the best. */
typedef struct stele_nearest {
    const char *name, *best;
    size_t distance;
} stele_nearest;

void stele_nearest_offer(stele_nearest *nearest, const char *candidate);

#endif

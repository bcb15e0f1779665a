/*
 * out.h - files that are written, or left alone when nothing would change
 *
 * All of a run's outputs are rendered to memory, compared with what is there, and written to temporary files beside
 * their places; only when that worked for all of them are they renamed, one by one.
 */
#ifndef STELEC_OUT_H
#define STELEC_OUT_H

#include "diag.h"
#include "memory.h"

struct output {
    struct source place; /* its path, to complain about */
    stele_text text;     /* what it is to hold */
    bool changed;        /* it isn't that already */
    char *temporary;     /* written, not renamed yet; or NULL */
};

/* Start an output; write its text with stele_text_*. */
void out_start(struct output *output, const char *path);

/* Is what is there something else? Sets `changed`. What can't be told counts as changed. */
void out_compare(struct output *output, struct memory *memory);

/* Write those that changed. False when one can't be written; then none was, or diag says which. */
bool out_write(struct output *outputs, size_t count, struct memory *memory, struct diag *diag);

/* Give the texts back. */
void out_free(struct output *outputs, size_t count);

#endif

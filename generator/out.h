/*
 * out.h - files that are written, or left alone when nothing would change
 *
 * An output is rendered piece by piece, so that memory doesn't grow with it: each piece is compared with what is there, and from
 * the first difference on goes into a temporary file beside its place. Only when that worked for all outputs of a run are the files
 * renamed, one by one.
 */
#ifndef STELEC_OUT_H
#define STELEC_OUT_H

#include "diag.h"
#include "memory.h"

#include <stdint.h>

struct output {
    struct source place; /* its path, to complain about */
    stele_text text;     /* what was rendered and not handed over yet */
    bool changed;        /* it isn't what is there; known for sure when it is closed */

    struct outputs *all;
    const char *final;     /* where it really is: a link stays a link */
    const char *temporary; /* written, not renamed yet; or NULL */
    int there, file;       /* what is there, the temporary file; -1 for none */
    uint64_t same;         /* so many bytes were found there already */
    int reason;            /* errno of what couldn't be written; or 0 */
};

/* All outputs of a run. */
struct outputs {
    struct memory *memory;
    bool only_compare; /* nothing is written */
    struct output **list;
    size_t count, capacity;
};

/* Prepare for outputs. Should memory run out, or a signal end the program, what was begun is removed, until they are closed. */
void outputs_start(struct outputs *outputs, struct memory *memory, bool only_compare);

/* Start an output; render it with stele_text_* into its text. */
struct output *out_start(struct outputs *outputs, const char *path);

/* To be called now and then: hand over what the text holds, if it is much. */
void out_pass(struct output *output);

/* Hand over these bytes, behind the text. */
void out_bytes(struct output *output, const char *bytes, size_t length);

/* All is rendered. Now `changed` can be looked at. */
void out_end(struct output *output);

/* Leave what is there, whatever was rendered. */
void out_keep(struct output *output);

/* Put those that changed into their places. False when one can't be written; then none was, or diag says which. */
bool outputs_write(struct outputs *outputs, struct diag *diag);

/* Give everything back, and remove what wasn't put into its place. */
void outputs_close(struct outputs *outputs);

#endif

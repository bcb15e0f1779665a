/*
 * probe.h - what became of a step that the ledger can't tell
 *
 * A statement outside a transaction is announced in the ledger, and its end is told there. In between, the process, the server or the
 * network may die. What the statement left in the catalogs then tells how it ended, or that nobody can tell.
 *
 * Only what this step left counts. The ledger's row that announced it was committed before the statement began; so what is the
 * statement's own was written by a later transaction, and has a younger xmin than that row has. An invalid index that is older
 * was there before, and is somebody else's: it is never dropped.
 *
 * Each question is one SELECT, without parameters: a run over a connection sends it, and a script of plan --sql has it in its text.
 */
#ifndef STELE_PROBE_H
#define STELE_PROBE_H

#include <stdbool.h>

#include "mem.h"
#include "pq.h"
#include "stele.h"
#include "value.h"

/* How a step stands that was begun before. */
typedef enum stele_outcome {
    STELE_TO_RUN,    /* it took no effect, or may be run twice: clear what it left away, and run it */
    STELE_TO_FINISH, /* what it left half done, the clearing ends; nothing is run */
    STELE_IS_DONE,   /* it took effect */
    STELE_NOT_KNOWN
} stele_outcome;

/* A probe of the table, with the values of its parameters, and the transaction that announced its step first. */
typedef struct stele_question {
    uint32_t kind;
    bool lenient;
    const char *on, *name; /* as in stele_probe, with parameters in place */
    const char *began;     /* xmin of the row that announced the step first, as SQL: "'123'"; NULL: not known, so that nothing is its own */
} stele_question;

/* All but `began`; in `arena`. False: no memory. */
bool stele_question_make(stele_question *question, const stele_probe *probe, const stele_values *values, stele_arena *arena);

/*
 * As SQL: a SELECT of one word, 'run', 'finish', 'done' or 'unknown'; without a doubt (the ledger says that it failed) never the last
 * two. And a SELECT of statements, one a row, that clear away what the step left; NULL where it can leave nothing. In `arena`;
 * `*bad`: no memory.
 */
const char *stele_question_verdict(const stele_question *question, bool in_doubt, stele_arena *arena, bool *bad);
const char *stele_question_clearing(const stele_question *question, stele_arena *arena, bool *bad);

/*
 * A SELECT about the index that a step builds, which has a row where that is invalid: is it the step's own, and what would drop it. NULL for
 * other steps. In `arena`.
 */
const char *stele_question_invalid(const stele_question *question, stele_arena *arena, bool *bad);

/* Is it one that leaves an index behind, by a name that is known? */
bool stele_question_builds(const stele_question *question);

/* Ask. Reads only; not in a transaction. */
stele_status stele_probe_settle(stele_link *link, const stele_question *question, bool in_doubt, stele_outcome *outcome, stele_error *error);

/* Clear away what the step left, by statements with `mark` in front. Not in a transaction. */
stele_status stele_probe_clear(stele_link *link, const stele_question *question, const char *mark, stele_error *error);

/* After a step that the server says is done: it isn't when its index is invalid, which sets `*invalid` and fails. */
stele_status stele_probe_done(stele_link *link, const stele_question *question, bool *invalid, stele_error *error);

/* After a step that failed: say in the hint what it left. */
void stele_probe_failed(stele_link *link, const stele_question *question, stele_error *error);

#endif

/*
 * guard.h - is the ledger's schema what stele made? and if not, how to make it so again
 *
 * The rows prove themselves by their hashes. What decides whether rows can be changed, get in and are seen, are the objects around
 * them: triggers, functions, primary keys; and that there is nothing else that would interfere.
 */
#ifndef STELE_GUARD_H
#define STELE_GUARD_H

#include "handle.h"

/* One thing that was looked at. */
typedef struct stele_flaw {
    const char *check, *title; /* "ledger/guard/anchor", and what is so, in words */
    const char *object;        /* "trigger append_only" */
    const char *repair;        /* statements, each with its semicolon, that make it as it was; NULL: it is fine */
} stele_flaw;

/*
 * Look at everything, and tell `flaw` in the order in which repairs can be made. What it is told lives as long as `arena`. Reads only; USAGE
 * on the schema is enough.
 */
stele_status stele_guards_look(stele *handle, void (*flaw)(void *data, const stele_flaw *flaw), void *data, stele_arena *arena,
                               stele_error *error);

#endif

/*
 * given.h - values that `up` is given, and that the ledger doesn't have yet
 *
 * A migration that is applied has them in its row. Where none is, as for a parameter that only a job uses, a row of their own has
 * them: what was given is never left out.
 */
#ifndef STELE_GIVEN_H
#define STELE_GIVEN_H

#include "handle.h"

/* Has some component each of the values, by the heads of all? No round trip. OK; FAILED for memory. */
stele_status stele_given_look(const stele *handle, const stele_head *heads, bool *kept, stele_arena *arena, stele_error *error);

/*
 * Where `list` has nothing to do: a row for each of the values that no component has, in each component that has a history (in all, where none
 * has). The values agree with the ledger already. OK; FAILED for memory.
 */
stele_status stele_given_plan(const stele *handle, const stele_survey *survey, stele_worklist *list, stele_arena *arena, stele_error *error);

#endif

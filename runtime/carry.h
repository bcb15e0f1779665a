/*
 * carry.h - an errand, from the first look at the ledger to its last row
 *
 * Whatever writes to the ledger goes this way: read everything, prove it, plan, check, take the lock, run, record; and again from
 * the start when another process was faster. Only the planning differs.
 */
#ifndef STELE_CARRY_H
#define STELE_CARRY_H

#include "handle.h"
#include "plan.h"

/* Say what is to be done, now that the ledger is as `survey` has it. Called again for each new try; so it must not count on the last one's. */
typedef stele_status stele_planner(void *data, stele *handle, const stele_survey *survey, stele_worklist *list, stele_arena *arena,
                                   stele_error *error);

typedef struct stele_errand {
    stele_planner *plan;
    void *data;
    bool unproven;  /* also where the ledger is not what was written */
    bool unagreed;  /* also where parameters differ: the plan has made the values of the rows */
    bool glance; /* nothing is to be done where the database is as the table, and has the values that were given: look at that first */
    bool keeps;  /* where the list is empty, the values that were given and that the ledger doesn't have are put there */
} stele_errand;

/* Do it. `result` is added to. Returns what stele_apply returns. */
stele_status stele_carry(stele *handle, const stele_errand *errand, stele_result *result, stele_error *error);

/* Parameters, requirements and dependencies of what is about to be run: every check that comes before the first statement. */
stele_status stele_list_check(stele *handle, const stele_ledger *ledger, const stele_survey *survey, const stele_worklist *list,
                              stele_error *error);

/* Is what a migration comes after in already, or applied before it by this list, whose first `before` actions count? */
bool stele_is_met(const stele_survey *survey, const stele_worklist *list, size_t before, const stele_dependency *after);

#endif

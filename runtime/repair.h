/*
 * repair.h - planning a repair: what the rooms of it share
 *
 * Each kind has a planner. It is given the ledger as it was read, and says which rows to write; or that there is nothing to
 * repair, and what is so instead.
 */
#ifndef STELE_REPAIR_H
#define STELE_REPAIR_H

#include "carry.h"

typedef struct stele_planning {
    stele *handle;
    const stele_repair *asked;
    const stele_survey *survey;
    stele_worklist *list; /* with room for a row per place, and one per component */
    stele_arena *arena;
    const char *before;  /* GUARDS: the statement that makes them */
    const char *objects; /* GUARDS: what it makes, in words */
    bool bare;           /* GUARDS: no row can be written: a table is gone, or no chain holds */
} stele_planning;

stele_status stele_plan_baseline(stele_planning *p, stele_error *error);
stele_status stele_plan_accept(stele_planning *p, stele_error *error);
stele_status stele_plan_done(stele_planning *p, stele_error *error);
stele_status stele_plan_retry(stele_planning *p, stele_error *error);
stele_status stele_plan_forget(stele_planning *p, stele_error *error);
stele_status stele_plan_set(stele_planning *p, stele_error *error);
stele_status stele_plan_reseal(stele_planning *p, stele_error *error);
stele_status stele_plan_guards(stele_planning *p, stele_error *error);

/* Add a row: about a place of the survey, or about a component as a whole. `note` may be NULL for no memory, which is reported. */
stele_status stele_add_row(stele_planning *p, const char *deed, size_t place, unsigned step, const char *note, stele_error *error);
stele_status stele_add_component_row(stele_planning *p, const char *deed, size_t component, const char *name, const char *source,
                                     const char *before, const char *note, stele_error *error);

/* Is a component of the table meant? */
bool stele_is_asked_for(const stele_planning *p, const char *component);

/* What the guards' flaws come to, in p->before and p->objects. */
stele_status stele_find_flaws(stele_planning *p, stele_error *error);

#endif

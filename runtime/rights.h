/*
 * rights.h - may this role do what is planned?
 *
 * stelec notes what each statement needs of the role that runs it (stele_demand). Before the first statement all of it is asked of the server at
 * once: what can be known by then. What the plan itself makes is the role's own; of what the plan changes before it comes to a statement, and of
 * all that stands behind a DO or the like, nobody can tell, and it isn't refused. A refusal that is wrong would be far worse than one that comes late.
 *
 * rights.c says what is to be asked, rights_ask.c asks and words the answers.
 */
#ifndef STELE_RIGHTS_H
#define STELE_RIGHTS_H

#include "handle.h"
#include "plan.h"

/* A demand of the plan, where it stands in it. */
typedef struct stele_claim {
    const stele_demand *demand;
    const stele_migration *migration;
    size_t order;
    bool behind; /* something before it may change anything: what is missing now may be there by then */
} stele_claim;

typedef struct stele_found {
    stele_right right;
    size_t order; /* of the claim that it is about */
} stele_found;

/* What can't be told, and what is missing. It grows in its arena. */
typedef struct stele_findings {
    stele_arena *arena;
    stele_found *list;
    size_t count, capacity, missing;
} stele_findings;

/* One more; the claim says where. False: no memory. */
bool stele_finding_add(stele_findings *findings, const stele_claim *claim, stele_right right);

/* Ask the server for all of them at once, and add what is missing. */
stele_status stele_claims_ask(stele *handle, const stele_claim *claims, size_t count, stele_findings *findings, stele_error *error);

/*
 * Everything about a list of actions, as the last of the checks that come before the first statement. UNMET where something is missing. `each`, if it
 * isn't NULL, is handed what was found, until it returns anything but 0.
 */
stele_status stele_rights_tell(stele *handle, const stele_worklist *list, int (*each)(void *data, const stele_right *right), void *data,
                               stele_error *error);


#endif

/*
 * demand.h - what a statement needs of the role that runs it
 *
 * Ownership, privileges, membership: taken from a statement's deeds (deed.h) and, where those don't tell, from its tree. The runtime asks
 * the server for all needs of a plan before its first statement, and refuses the plan when one isn't met. So what is taken here must
 * be needed in all cases: a need that isn't known for sure is left out, or noted as one that nobody can tell. The rules are PostgreSQL's, 15 to
 * 18; where each is checked, is in its sources (RangeVarCallbackForAlterRelation, RemoveObjects, ATSimplePermissions, DefineIndex ...).
 */
#ifndef STELEC_DEMAND_H
#define STELEC_DEMAND_H

#include "memory.h"

#include <stdint.h>

struct migration;
struct statement;
struct history;

/* As stele_demand; the statement by its first byte, since its index may change yet. */
struct demand {
    uint32_t kind; /* STELE_NEEDS_OWNER ... */
    int part;      /* PART_UP, PART_DOWN */
    uint32_t begin;
    const char *schema, *name;
};

/* Take the demands of a statement whose deeds were just taken from `tree`, a Node. */
void demands_take(struct history *history, struct migration *migration, const struct statement *statement, const void *tree);

/* The same for a statement without a tree. */
void demands_take_unknown(struct memory *memory, struct migration *migration, const struct statement *statement);

/* The kind as stele.h calls it: "STELE_NEEDS_OWNER". */
const char *demand_name(uint32_t kind);

/* All were taken: leave out what is said already, and needs of what the same part made before. */
void demands_settle(struct memory *memory, struct migration *migration);

#endif

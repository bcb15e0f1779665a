/*
 * demand_take.h - what the rooms share that take demands: demand*.c
 *
 * It includes nothing of PostgreSQL's, so that only the room that looks at trees has to.
 */
#ifndef STELEC_DEMAND_TAKE_H
#define STELEC_DEMAND_TAKE_H

#include "migration.h"
#include "text.h"

/* One statement being looked at. */
struct demander {
    struct memory *memory;
    struct migration *migration;
    const struct statement *statement;
    const char *only;   /* ALTER TABLE IF EXISTS: without what has this name, nothing else is needed; or NULL */
    bool creates_at_most; /* CREATE TABLE IF NOT EXISTS: where it is there, only CREATE was asked for */
    bool lost;          /* a need was left out, since search_path was set */
};

/* A new demand. A need is left out where another role or search_path may be in force by then. */
void demand_add(struct demander *demander, uint32_t kind, const char *schema, const char *name);

/* The same of an object; nothing where it has no name. */
void demand_of(struct demander *demander, uint32_t kind, struct object object);

/* That nobody can tell what the statement needs; what it changes. */
void demand_untold(struct demander *demander);
void demand_changes_all(struct demander *demander);

/* demand_deed.c: what the statement's deeds tell; with `runs`, it reads and writes the rows that it names. */
void demand_take_deeds(struct demander *demander, bool runs);

#endif

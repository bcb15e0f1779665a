/*
 * given.h - `-- stele: given schema.sql`: objects that stand outside of this history
 *
 * A file that the directive names is read, split and parsed as a migration is, for what its statements make: the catalog has that before
 * the migration that names it. It is not applied, not sealed, and not in the output, but for the make rule. One that several
 * migrations name is read, and counts, once.
 */
#ifndef STELEC_GIVEN_H
#define STELEC_GIVEN_H

#include "catalog.h"

/* A file that was given. */
struct given {
    struct migration *file; /* its source and deeds; never one of a history's migrations */
    bool applied;           /* to the catalog */
    struct given *next;
};

/* Read the files that the migration names, those that were not read yet. What is wrong with them is told to the history's diag. */
void given_read(struct history *history, struct migration *migration);

/* Do to the catalog what the files say that the migration names, those that haven't counted yet. Before catalog_begin. */
void given_apply(struct catalog *catalog, const struct migration *migration);

#endif

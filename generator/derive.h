/*
 * derive.h - what a statement's tree says about transactions, settings, temporary objects
 *
 * All that a human would have to remember: which statements can't run in a transaction, which must be alone in one,
 * which may leave the session changed.
 */
#ifndef STELEC_DERIVE_H
#define STELEC_DERIVE_H

#include "migration.h"

/* Fill in statement->facts. `tree` is a Node of PostgreSQL's raw parser; it isn't kept. */
void derive(struct history *history, const struct migration *migration, struct statement *statement, const void *tree);

/* The facts of a statement that has no tree, since a directive kept it from the grammar: the careful ones. */
void derive_unparsed(const struct migration *migration, struct statement *statement);

/* Does this tree take data lines: COPY ... FROM stdin? */
bool derive_takes_data(const void *tree);

#endif

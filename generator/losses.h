/*
 * losses.h - what the statements of a down part take away for good
 *
 * Rows, a column's values: what can't be had back by applying the migration again. An index, a view or a constraint can.
 */
#ifndef STELEC_LOSSES_H
#define STELEC_LOSSES_H

#include "migration.h"

/* Note what this statement of the down part destroys. `tree` as for derive; in the order of the file. */
void losses_note(struct memory *memory, struct migration *migration, const struct statement *statement, const void *tree);

/* The same for a statement without a tree. */
void losses_note_unparsed(struct memory *memory, struct migration *migration, const struct statement *statement);

#endif

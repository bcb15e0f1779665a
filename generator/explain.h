/*
 * explain.h - what stelec knows of one migration, told to people or machines
 */
#ifndef STELEC_EXPLAIN_H
#define STELEC_EXPLAIN_H

#include "migration.h"

/*
 * Write what is known of a migration that the review has passed: its statements with their places, steps and transactions; on each
 * relation the lock, whether it is rewritten, read, emptied; what an older program can't live with; the way back. With `json`, an
 * object a line: the migration first, then its statements in the order of the file (docs/stelec.1 lists the members).
 */
void explain(stele_text *text, struct memory *memory, const struct migration *migration, bool json);

#endif

/*
 * split.h - a file's text into statements, directives applied, with the checksum of its tokens
 *
 * A statement ends where psql ends it: at a semicolon outside parentheses and outside the BEGIN ATOMIC ... END of a
 * SQL-standard function body. COPY ... FROM stdin takes the lines behind it as its data.
 */
#ifndef STELEC_SPLIT_H
#define STELEC_SPLIT_H

#include "migration.h"

/*
 * Fill in the migration's statements, references, blanks, parts, what its directives say, and tokens_sum.
 * What is wrong is told to `diag`, and the migration marked broken; reading goes on where that makes sense.
 */
void split(struct migration *migration, struct memory *memory, struct diag *diag, const struct conf *conf);

#endif

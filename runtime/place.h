/*
 * place.h - where in a file a failed statement is wrong
 */
#ifndef STELE_PLACE_H
#define STELE_PLACE_H

#include "stele.h"
#include "value.h"

/*
 * Set the line and column of an error, and the source line: at the server's `position` in the statement as it was sent (in
 * characters from 1); for COPY, in the data line that the error's context names; else where the statement begins.
 */
void stele_place_failure(stele_error *error, const stele_values *values, const stele_migrations *table,
                         const stele_migration *migration, const stele_statement *statement, unsigned position);

#endif

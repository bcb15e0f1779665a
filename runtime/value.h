/*
 * value.h - parameters: their values, how they are quoted, and a statement with them in place
 *
 * A migration's text is a template; both checksums are over the template. What is sent is
 * made here, and a position that the server reports in it is taken back to the file.
 * Nothing here talks to the server.
 */
#ifndef STELE_VALUE_H
#define STELE_VALUE_H

#include "mem.h"
#include "stele.h"

/* The value of each parameter of a table, in the table's order; NULL where none is known yet. */
typedef struct stele_values {
    const char **values;
    const char **json; /* per component: what its next ledger row will say is in force, an object with keys sorted by bytes */
} stele_values;

/*
 * Take the build parameters' values from the table and the run parameters' from the options.
 * Returns OK; USAGE for a value that names no run parameter, or that isn't of its kind.
 */
stele_status stele_values_given(stele_values *values, const stele_migrations *table, const stele_options *options,
                                stele_arena *arena, stele_error *error);

/*
 * Compare with the values in force in the database, `in_force` after the last row of each component; NULL where
 * there is no row. A run parameter that wasn't given takes the value in force, else its default.
 * Makes values->json. Returns OK; UNMET when a value differs; TAMPERED when a row has not what stele writes.
 */
stele_status stele_values_agree(stele_values *values, const stele_migrations *table, const char *const *in_force,
                                stele_arena *arena, stele_error *error);

/* Check that every parameter that `migration` refers to has a value that can stand there. UNMET if not. */
stele_status stele_values_suffice(const stele_values *values, const stele_migrations *table,
                                  const stele_migration *migration, stele_error *error);

/* Write a statement as it is sent. */
void stele_render(stele_text *text, const stele_values *values, const stele_migrations *table,
                  const stele_migration *migration, const stele_statement *statement);

/*
 * The byte of the migration's text that the server means by character `position` (from 1) of the
 * statement as it was sent. A place inside a value is its reference.
 */
size_t stele_render_origin(const stele_values *values, const stele_migrations *table, const stele_migration *migration,
                           const stele_statement *statement, unsigned position);

#endif

/*
 * value.h - parameters: their values, how they are quoted, and a statement with them in place
 *
 * A migration's text is a template; both checksums are over the template. What is sent is
 * made here, and a position that the server reports in it is taken back to the file.
 * Nothing here talks to the server.
 */
#ifndef STELE_VALUE_H
#define STELE_VALUE_H

#include <stdbool.h>

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
 * there is no row. A run parameter that wasn't given takes the value in force, else its default; the former also where others differ.
 * Makes values->json. Returns OK; UNMET when a value differs; TAMPERED when a row has not what stele writes.
 */
stele_status stele_values_agree(stele_values *values, const stele_migrations *table, const char *const *in_force,
                                stele_arena *arena, stele_error *error);

/* Check that every parameter that `migration` refers to has a value that can stand there. UNMET if not. */
stele_status stele_values_suffice(const stele_values *values, const stele_migrations *table,
                                  const stele_migration *migration, stele_error *error);

/*
 * Is `value` one that parameter `name` may have in a ledger that this program works with: of its kind, and for a build parameter
 * the one that it was built with? `*index` is the parameter. OK or USAGE.
 */
stele_status stele_value_check(const stele_migrations *table, const char *name, const char *value, size_t *index,
                               stele_error *error);

/* Is `value` one of its kind, whatever this program was built with? OK or USAGE. */
stele_status stele_value_fits(const stele_migrations *table, const char *name, const char *value, stele_error *error);

/*
 * The values of a ledger row with that of `name` replaced; `*old` is the one before, NULL where there was none. `in_force` is what the row before it
 * has; where that isn't what stele writes, or is NULL, none. In `arena`; NULL: no memory. With a NULL `name`, as they are.
 */
char *stele_values_replaced(const char *in_force, const char *name, const char *value, const char **old, stele_arena *arena);

/* Is it what stele writes? */
bool stele_values_are_canonical(const char *json, stele_arena *arena);

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

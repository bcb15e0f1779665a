/*
 * script.h - the down script that the ledger keeps
 *
 * A program that doesn't have a migration must be able to take it back. So the row that puts a migration in carries its down
 * section, with parameters in place, headed by comment lines that tell what stelec knew of it: the steps, where each statement
 * ends, and what is lost. psql can run it as well. The format is described in docs/ledger.md.
 */
#ifndef STELE_SCRIPT_H
#define STELE_SCRIPT_H

#include <stdbool.h>

#include "mem.h"
#include "stele.h"
#include "value.h"

/* Has the migration a down section, be it an empty one? */
bool stele_script_exists(const stele_migration *migration);

/* Write the script. Failure to get memory shows in text->failed. */
void stele_script_write(stele_text *text, const stele_values *values, const stele_migrations *table,
                        const stele_migration *migration);

/*
 * Give `migration` (which has no text) the down part, statements, steps, losses and modules that the script tells of. `script`
 * is kept. Returns OK; TAMPERED when it isn't such a script; FAILED for memory.
 */
stele_status stele_script_read(stele_migration *migration, const char *script, stele_arena *arena, stele_error *error);

#endif

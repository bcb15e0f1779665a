/*
 * lua_file.h - one Lua file: its syntax, its names, its directives, its checksum; and a migration made of it
 */
#ifndef STELEC_LUA_FILE_H
#define STELEC_LUA_FILE_H

#include "lua_scope.h"
#include "migration.h"

/*
 * Check a Lua text, and find out what is in it. What is wrong is told to `diag`, and marks the outline broken. Nothing of
 * it is run.
 */
void lua_file_read(struct memory *memory, struct diag *diag, const struct source *source, lua_kind kind,
                   struct lua_outline *outline);

/*
 * Fill in a Lua migration, or a job, whose text was read: what its directives say, its modules, checksums, and of a migration parts
 * and steps. What is wrong is told to the history's diag, and the migration marked broken.
 */
void lua_file_read_migration(struct history *history, struct migration *migration);

#endif

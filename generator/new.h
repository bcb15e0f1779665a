/*
 * new.h - `stelec new NAME`: the next migration, in the style of those that are there
 */
#ifndef STELEC_NEW_H
#define STELEC_NEW_H

#include "migration.h"

/*
 * Create it, or with NEW_REPEATABLE (or a name "R_name") R_name.sql, with a comment in it, and print its path; with NEW_JOB (or a name
 * "J_name") J_name.lua, where Lua files are. In another tool's
 * layout it is called as there. What stands against it is told to the diag. `layout` is that of the command line, or NULL.
 */
typedef enum new_kind { NEW_MIGRATION, NEW_REPEATABLE, NEW_JOB } new_kind;
void new_migration(struct history *history, const char *layout, const char *name, new_kind kind);

#endif

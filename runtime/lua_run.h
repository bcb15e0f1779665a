/*
 * lua_run.h - run one function of a Lua migration, in a sandbox, inside the transaction that is open
 *
 * The rooms of Lua are lua*.c; nobody else includes Lua's headers. Built with -DSTELE_NO_LUA they need no Lua, and
 * stele_lua_run only says so.
 */
#ifndef STELE_LUA_RUN_H
#define STELE_LUA_RUN_H

#include <stdbool.h>

#include "pq.h"

/* What a run took. */
typedef struct stele_lua_usage {
    uint64_t peak;  /* bytes, at its most */
    uint64_t steps; /* instructions, and what counts as such */
} stele_lua_usage;

/* What the caller lends. All zero is fine. */
typedef struct stele_lua_host {
    void (*print)(void *data, const char *text); /* what print was given: one call a line, tabs between the values */
    void *data;
    const stele_parameter *parameters; /* seen as db.parameters.NAME; those whose value is NULL are not there */
    const char *const *values;
    size_t parameter_count;
    stele_lua_usage *usage; /* filled in, also after a failure; or NULL */
} stele_lua_host;

/* Was this library built with Lua? */
bool stele_lua_is_there(void);

/*
 * Run one part ("up", "down" or "verify") of a Lua migration. A transaction is open on the link, no pipeline; it is
 * still open after STELE_OK, and to be rolled back otherwise. Needs the migration's directory, file, source, text,
 * modules, lua_memory and lua_steps only. Sets DateStyle, IntervalStyle, extra_float_digits and bytea_output for the rest of the
 * transaction. Returns OK, FAILED, LOCKED, NO_CONNECTION; UNMET when built without Lua. The error has the file
 * (a module's, where it failed in one) and line; its context the statement and the traceback.
 */
stele_status stele_lua_run(stele_link *link, const stele_migration *migration, const char *part,
                           const stele_lua_host *host, stele_error *error);

#endif

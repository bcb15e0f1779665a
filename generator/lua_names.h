/*
 * lua_names.h - which names a Lua file may use, and what to say about the others
 *
 * The names themselves stand in runtime/lua_globals.h, where the sandbox has them from, too.
 */
#ifndef STELEC_LUA_NAMES_H
#define STELEC_LUA_NAMES_H

#include "migration.h"

/* What a file is, which says what it may use. */
typedef enum lua_kind { LUA_MIGRATION, LUA_MODULE, LUA_JOB } lua_kind;

/* Is there such a global: a function, a value, or a library? */
bool lua_names_has(const char *name, lua_kind kind);

/* Is it a library: a table of functions? */
bool lua_names_is_library(const char *name);

/* Does the library have this field? */
bool lua_names_has_field(const char *library, const char *field);

/* Why there is no such name ("os", "string.dump"), or what to use; NULL for one that Lua doesn't have either. */
const char *lua_names_reason(const char *name, lua_kind kind);

/*
 * The nearest of some words, for "did you mean": start with `best` NULL, offer all candidates one by one. A candidate that
 * is further than a third of the name's length never is.
 */
struct nearest {
    const char *name, *best;
    size_t distance;
};
void nearest_offer(struct nearest *nearest, const char *candidate);

/* Offer all globals; or the fields of one library. */
void lua_names_offer(struct nearest *nearest, lua_kind kind);
void lua_names_offer_fields(struct nearest *nearest, const char *library);

/* "up", "down", "verify". */
const char *lua_part_name(part_kind part);

/* Which part has this name; PART_COUNT for none. */
part_kind lua_part_of(const char *name);

#endif

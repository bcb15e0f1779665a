/*
 * lua_module.h - the Lua files that migrations require
 *
 * `require "text.split"` is text/split.lua in the folder of --lua. A module is read once, however many migrations require
 * it, and becomes part of the source of each.
 */
#ifndef STELEC_LUA_MODULE_H
#define STELEC_LUA_MODULE_H

#include "lua_scope.h"
#include "migration.h"

struct lua_module {
    struct source source;
    const char *name; /* as require has it */
    const char *file; /* in the output: "lua/text/split.lua" */
    char source_sum[STELE_CHECKSUM_SIZE];
    struct lua_outline outline;
    struct lua_module **needs; /* those that it requires itself */
    size_t need_count;
    bool reading; /* it, or one that it needs: who requires it now closes a circle */
    bool broken;
    const struct migration *first_user; /* in the order of the table; manifest.c */
};

/* Where modules come from, and those that were asked for so far. */
struct lua_folder {
    const char *directory; /* of --lua, as the user named it, or of stele.conf; or NULL */
    bool by_option;        /* --lua named it, so that a command to be pasted must, too */
    const char *name;      /* its name in the output */
    bool shared;           /* by several folders of migrations */
    struct lua_module **modules;
    size_t count, capacity;
};

/*
 * Find what a migration requires, and what that requires in turn, into migration->modules, ordered by name. False when
 * something is missing or wrong, which is told to the diag.
 */
bool lua_module_collect(struct history *history, struct migration *migration, const struct lua_outline *outline);

#endif

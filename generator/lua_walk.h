/*
 * lua_walk.h - once through the grammar of a Lua text, for its names
 */
#ifndef STELEC_LUA_WALK_H
#define STELEC_LUA_WALK_H

#include "lua_scope.h"

/*
 * Go through the tokens (comments left out, the last one LUA_TOKEN_END) of a text that Lua has accepted, and tell the
 * scope what is in it. The nesting that Lua allows, 200, bounds how deep this calls itself.
 */
void lua_walk(struct lua_scope *scope, const struct lua_token *tokens);

#endif

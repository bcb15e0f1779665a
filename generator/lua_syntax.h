/*
 * lua_syntax.h - what Lua itself says of a text. The only room of stelec that knows Lua's C API
 */
#ifndef STELEC_LUA_SYNTAX_H
#define STELEC_LUA_SYNTAX_H

#include "diag.h"
#include "memory.h"
#include "source.h"

#include <stdbool.h>

/* Compile a Lua text, never to run it. False when Lua refuses it; its first complaint is told to the diag. */
bool lua_syntax_check(const struct source *source, struct memory *memory, struct diag *diag);

/* The version of Lua that stelec was built with: "Lua 5.4". */
const char *lua_syntax_name(void);

#endif

/*
 * No row leaves anything behind for the next one: once the outer level has run, globals and libraries can't be changed, and math.random begins
 * in each row where that row's values say. What can't be had cheaply: a local of the outer level, or a table in one, that a function writes into keeps
 * what was written, until the state is made anew. The guide says so.
 */
#define _POSIX_C_SOURCE 200809L

#include "script_inside.h"

#ifndef STELE_NO_LUA

#include <string.h>

static const char frozen_key;

/* rawset goes past __newindex; but not here. Upvalue: Lua's. */
static int raw_set(lua_State *L)
{
    if (lua_getmetatable(L, 1)) {
        if (lua_rawgetp(L, -1, &frozen_key) != LUA_TNIL)
            return luaL_error(L, "globals and libraries can't be set in a row's function");
        lua_pop(L, 2);
    }
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* ----------------------------------------------------------------- math.random */

/* FNV-1a over what the row's function sees: rows are alike where all of that is. */
static uint64_t hash_row(const stele_script_row *row)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (int i = 0; i < row->columns.count; i++) {
        size_t length = 0;
        const char *bytes = stele_rows_bytes(row->rows, row->number, row->numbers[i], &length);
        for (size_t j = 0; bytes != NULL && j < length; j++)
            hash = (hash ^ (unsigned char)bytes[j]) * UINT64_C(1099511628211);
        hash = (hash ^ (bytes == NULL ? 256u : 257u)) * UINT64_C(1099511628211);
    }
    return hash;
}

/* Upvalues: Lua's random, and randomseed. */
static int random_of_row(lua_State *L)
{
    stele_script *script = stele_lua_of(L)->script;
    if (script->running && !script->seeded) {
        script->seeded = true;
        lua_pushvalue(L, lua_upvalueindex(2));
        lua_pushinteger(L, (lua_Integer)(hash_row(&script->row) >> 1));
        lua_call(L, 1, 0);
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static int seed_of_row(lua_State *L)
{
    stele_lua_of(L)->script->seeded = true;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 0);
    return 0;
}

void stele_script_open_frozen(lua_State *L)
{
    int top = lua_gettop(L);
    lua_getglobal(L, "rawset");
    lua_pushcclosure(L, raw_set, 1);
    lua_setglobal(L, "rawset");
    lua_getglobal(L, "math");
    lua_getfield(L, -1, "random");
    lua_getfield(L, -2, "randomseed");
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, seed_of_row, 1);
    lua_setfield(L, top + 1, "randomseed");
    lua_pushcclosure(L, random_of_row, 2);
    lua_setfield(L, top + 1, "random");
    lua_settop(L, top);
}

/* --------------------------------------------------------------------- freezing */

static int refuse(lua_State *L)
{
    if (lua_type(L, 2) != LUA_TSTRING)
        lua_settop(L, 1);
    const char *key = lua_gettop(L) < 2 ? "?" : lua_tostring(L, 2), *library = lua_tostring(L, lua_upvalueindex(1));
    const char *message = lua_pushfstring(L, library[0] == '\0' ? "the global \"%s%s\" can't be set in a row's function"
                                                                 : "\"%s.%s\" can't be set in a row's function", library, key);
    return stele_lua_complain(L, message, "write \"local\" before it; a row can't leave anything behind for the next one, whichever that is");
}

/* Move what is in the table at `index` behind a metatable, whose __newindex refuses. `name` is what messages call it. */
static void freeze(lua_State *L, int index, const char *name)
{
    int contents = lua_gettop(L) + 1;
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, contents);
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, index); /* an assignment to a key that is there is allowed here */
    }
    if (lua_getmetatable(L, index))
        lua_setmetatable(L, contents); /* the script's own goes on to say what isn't there */
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, contents);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, name);
    lua_pushcclosure(L, refuse, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushboolean(L, 1);
    lua_rawsetp(L, -2, &frozen_key);
    lua_setmetatable(L, index);
    lua_settop(L, contents);
}

void stele_script_freeze(lua_State *L)
{
    static const char *const libraries[] = {"coroutine", "json", "math", "string", "table", "utf8"};
    int top = lua_gettop(L);
    lua_pushglobaltable(L);
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
        lua_settop(L, top + 1);
        lua_pushstring(L, libraries[i]);
        if (lua_rawget(L, top + 1) == LUA_TTABLE)
            freeze(L, top + 2, libraries[i]);
    }
    lua_settop(L, top + 1);
    freeze(L, top + 1, "");
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE); /* the contents: tracebacks look for names there */
    lua_settop(L, top);
}

#endif

/*
 * What Lua code sees: the names of lua_globals.h, each Lua's own or a better one, and nothing else. The libraries are tables
 * of ours, so that what Lua's own tables have besides (string.dump) can't be reached through a string's metatable.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua_state.h"

#ifndef STELE_NO_LUA

#include <lualib.h>
#include <string.h>

#include "lua_globals.h"
#include "error.h"

/* ------------------------------------------------------------------- loading */

int stele_lua_load(lua_State *L, const char *directory, const char *file, const char *text, size_t length)
{
    const char *name = lua_pushfstring(L, "@%s%s%s", directory, directory[0] == '\0' ? "" : "/", file);
    size_t skipped = length > 0 && text[0] == '#' ? strcspn(text, "\n") : 0; /* #!/usr/bin/lua */
    int status = luaL_loadbufferx(L, text + skipped, length - skipped, name, "t");
    lua_remove(L, -2);
    return status;
}

static const stele_module *find_module(const stele_migration *migration, const char *name)
{
    for (uint32_t i = 0; i < migration->module_count; i++)
        if (strcmp(migration->modules[i]->name, name) == 0)
            return migration->modules[i];
    return NULL;
}

/* Its upvalue has what each module returned; a light userdata until it did. */
static int require(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    lua_settop(L, 1);
    int there = lua_getfield(L, lua_upvalueindex(1), name);
    if (there == LUA_TLIGHTUSERDATA)
        return luaL_error(L, "module \"%s\" requires itself, or has failed before", name);
    if (there != LUA_TNIL)
        return 1;
    const stele_module *module = find_module(stele_lua_of(L)->migration, name);
    if (module == NULL)
        return luaL_error(L, "there is no module \"%s\" in this program", name);
    if (stele_lua_load(L, "", module->file, module->text, module->length) != LUA_OK)
        return lua_error(L);
    lua_pushlightuserdata(L, (void *)module);
    lua_setfield(L, lua_upvalueindex(1), name);
    lua_pushvalue(L, 1);
    lua_pushstring(L, module->file);
    lua_call(L, 2, 1); /* without protection, so that a traceback goes into it */
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, lua_upvalueindex(1), name);
    return 1;
}

/* ----------------------------------------------------------------- odds and ends */

static int print(lua_State *L)
{
    stele_lua *state = stele_lua_of(L);
    int count = lua_gettop(L);
    stele_lua_buffer line;
    stele_lua_buffer_open(L, &line);
    for (int i = 1; i <= count; i++) {
        size_t length;
        const char *text = luaL_tolstring(L, i, &length);
        stele_lua_buffer_add(L, &line, "\t", i > 1);
        stele_lua_buffer_add(L, &line, text, length);
        lua_pop(L, 1);
    }
    stele_lua_buffer_close(L, &line);
    if (state->host->print != NULL) {
        locale_t ours = uselocale(state->locale);
        state->host->print(state->host->data, lua_tostring(L, -1));
        uselocale(ours);
    }
    return 0;
}

/* Random numbers are the same on every run of the same file: its checksum is their seed. */
static void push_seeds(lua_State *L)
{
    const char *source = stele_lua_of(L)->migration->source;
    uint64_t seeds[2] = {0, 0};
    for (size_t i = 0; source != NULL && source[i] != '\0'; i++)
        seeds[i % 2] = seeds[i % 2] * 31 + (unsigned char)source[i];
    lua_pushinteger(L, (lua_Integer)(seeds[0] >> 1));
    lua_pushinteger(L, (lua_Integer)(seeds[1] >> 1));
}

static int seed_random(lua_State *L)
{
    if (lua_gettop(L) == 0)
        push_seeds(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 0);
    return 0;
}

static void open_random(lua_State *L, int globals)
{
    lua_getfield(L, globals, "math");
    lua_getfield(L, -1, "randomseed");
    lua_pushcclosure(L, seed_random, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "randomseed");
    lua_call(L, 0, 0);
    lua_settop(L, globals);
}

/* A string's methods are those of our library; and its metatable, shared by all strings, is nobody's to change. */
static void open_strings(lua_State *L, int globals)
{
    lua_getfield(L, globals, "string");
    stele_lua_open_text(L);
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushvalue(L, globals + 1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_settop(L, globals);
}

/* ------------------------------------------------------------------- the globals */

/* Copy one field of the table at `from` to the table at `to`, or to the library of that name within it. */
static void take(lua_State *L, int from, int to, const char *library, const char *name)
{
    lua_settop(L, to);
    if (library != NULL) {
        lua_getfield(L, from, library);
        luaL_getsubtable(L, to, library);
    } else {
        lua_pushvalue(L, from);
        lua_pushvalue(L, to);
    }
    if (!lua_istable(L, -2))
        return; /* json, which isn't Lua's */
    lua_getfield(L, -2, name);
    lua_setfield(L, -2, name);
}

/* Lua's own libraries, in a table of their own. */
static void open_libraries(lua_State *L)
{
    static const luaL_Reg libraries[] = {{LUA_GNAME, luaopen_base},         {LUA_COLIBNAME, luaopen_coroutine},
                                         {LUA_MATHLIBNAME, luaopen_math},   {LUA_STRLIBNAME, luaopen_string},
                                         {LUA_TABLIBNAME, luaopen_table},   {LUA_UTF8LIBNAME, luaopen_utf8}};
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
}

void stele_lua_open_sandbox(lua_State *L)
{
    lua_settop(L, 0);
    open_libraries(L);
    lua_pushglobaltable(L);
    lua_newtable(L);
#define TAKE(name) take(L, 1, 2, NULL, #name);
#define TAKE_FIELD(library, name) take(L, 1, 2, #library, #name);
    STELE_LUA_GLOBALS(TAKE)
    STELE_LUA_FIELDS(TAKE_FIELD)
#undef TAKE
#undef TAKE_FIELD
    lua_settop(L, 2);
    lua_remove(L, 1);
    stele_lua_guard(L, 1);
    open_strings(L, 1);
    open_random(L, 1);
    stele_lua_open_json(L);
    lua_setfield(L, 1, "json");
    stele_lua_push_null(L);
    lua_setfield(L, 1, "null");
    lua_pushcfunction(L, print);
    lua_setfield(L, 1, "print");
    lua_newtable(L);
    lua_pushcclosure(L, require, 1);
    lua_setfield(L, 1, "require");
    lua_pushvalue(L, 1);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_pushvalue(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE); /* where tracebacks look for names */
}

#endif

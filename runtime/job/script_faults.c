/*
 * All that is wrong with a script's table: where it is only checked, what was told of is taken for unknown, as a parameter without a value is, and the table is
 * read again, until nothing more is wrong.
 */
#include "script_read.h"

#ifndef STELE_NO_LUA

enum { MOST = 100 }; /* faults of one script */

bool stele_reader_is_open(const stele_reader *reader, const char *key)
{
    bool there = stele_reader_push(reader, key), open = there && stele_script_is_open(reader->L, -1);
    lua_pop(reader->L, there);
    return open;
}

bool stele_reader_knows(const stele_reader *reader, const char *key)
{
    return stele_lua_of(reader->L)->script->open == 0 && !stele_reader_is_open(reader, key);
}

/* ------------------------------------------------------------------- reading it again */

static bool goes_on(const stele_script *script)
{
    return script->each != NULL && script->faults < MOST;
}

/* Where it goes on, the key has from here on what `push` pushes. */
static void put(const stele_reader *reader, const char *key, void (*push)(lua_State *L))
{
    stele_script *script = stele_lua_of(reader->L)->script;
    if (!goes_on(script))
        return;
    lua_pushstring(reader->L, key);
    push(reader->L);
    lua_rawset(reader->L, reader->table);
    script->doubted = true;
}

void stele_reader_replace(const stele_reader *reader, const char *key)
{
    put(reader, key, stele_script_push_open);
}

void stele_reader_doubt(const stele_reader *reader, const char *key)
{
    if (!stele_lua_of(reader->L)->script->doubted && !stele_reader_is_open(reader, key))
        stele_reader_replace(reader, key);
}

void stele_reader_drop(const stele_reader *reader, const char *key)
{
    put(reader, key, lua_pushnil);
}

void stele_reader_told(const stele_reader *reader, const stele_error *error)
{
    stele_script *script = stele_lua_of(reader->L)->script;
    if (!script->doubted)
        return;
    script->faults++;
    if (script->wrong)
        script->each(script->each_data, error);
    script->faulty |= script->wrong;
}

static int read_spec(lua_State *L)
{
    stele_script_read_spec(L);
    return 0;
}

void stele_script_read_all(lua_State *L)
{
    stele_script *script = stele_lua_of(L)->script;
    do {
        script->doubted = false;
        script->spec = (stele_job_spec){.name = NULL};
        lua_pushcfunction(L, read_spec);
        lua_pushvalue(L, -2);
        if (lua_pcall(L, 1, 0, 0) == LUA_OK)
            return;
        if (!script->doubted || stele_lua_of(L)->limit != 0)
            lua_error(L);
        lua_pop(L, 1);
    } while (true);
}

#endif

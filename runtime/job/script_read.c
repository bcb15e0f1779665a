#define _POSIX_C_SOURCE 200809L

#include "script_read.h"

#ifndef STELE_NO_LUA

#include <stdio.h>
#include <string.h>

#include "../error.h"

void *stele_reader_get(lua_State *L, size_t count, size_t size)
{
    stele_lua *state = stele_lua_of(L);
    void *memory = stele_arena_get(&state->script->arena, count, size);
    if (memory == NULL) {
        state->limit = STELE_LUA_MEMORY;
        stele_lua_give_up(L);
    }
    return memory;
}

char *stele_reader_keep(lua_State *L, const char *bytes, size_t length)
{
    char *copy = stele_reader_get(L, length + 1, 1);
    memcpy(copy, bytes, length);
    return copy;
}

/* ----------------------------------------------------------------------- messages */

void stele_reader_path(const stele_reader *reader, const char *key, char path[STELE_READER_PATH])
{
    const char *separator = reader->path[0] == '\0' || key == NULL ? "" : ".";
    snprintf(path, STELE_READER_PATH, "%s%s%s", reader->path, separator, key == NULL ? "" : key);
}

/* Where the key stands in the file; or else its table, or nothing but the file. */
static void place(const stele_reader *reader, const char *key, stele_error *error)
{
    const stele_migration *file = stele_lua_of(reader->L)->migration;
    char path[STELE_READER_PATH];
    stele_reader_path(reader, key, path);
    long at = path[0] == '\0' ? -1 : stele_script_find(file->text, file->length, path);
    if (at < 0)
        at = reader->path[0] == '\0' ? -1 : stele_script_find(file->text, file->length, reader->path);
    if (at < 0)
        stele_error_file(error, file);
    else
        stele_error_place(error, file, (size_t)at);
}

int stele_reader_fail(const stele_reader *reader, const char *key, const char *hint, const char *format, ...)
{
    stele_error error = {0};
    char message[512];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    /* What is missing may be there when every parameter has its value. */
    stele_lua_of(reader->L)->script->wrong = key != NULL || stele_lua_of(reader->L)->script->open == 0;
    stele_error_set(&error, STELE_FAILED, "%s", message);
    if (hint != NULL)
        stele_error_hint(&error, "%s", hint);
    place(reader, key, &error);
    if (key != NULL)
        stele_reader_doubt(reader, key);
    stele_reader_told(reader, &error);
    stele_lua_push_failure(reader->L, &error);
    return lua_error(reader->L);
}

void stele_reader_fail_type(const stele_reader *reader, const char *key, const char *expected)
{
    char path[STELE_READER_PATH];
    stele_reader_path(reader, key, path);
    const char *found = stele_script_secret(reader->L, -1) != NULL ? "secret" : luaL_typename(reader->L, -1);
    stele_reader_fail(reader, key, NULL, "\"%s\" has to be %s, and is a %s", path, expected, found);
}

void stele_reader_fail_value(const stele_reader *reader, const char *key, const char *problem)
{
    char path[STELE_READER_PATH];
    stele_reader_path(reader, key, path);
    stele_reader_fail(reader, key, NULL, "\"%s\" %s", path, problem);
}

/* ------------------------------------------------------------------- tables and keys */

stele_reader stele_reader_open(lua_State *L, int index, const char *path, const char *const *keys)
{
    stele_reader reader = {.L = L, .table = lua_absindex(L, index), .path = path};
    luaL_checkstack(L, 16, "job");
    if (!lua_istable(L, index))
        stele_reader_fail_type(&reader, NULL, "a table");
    lua_pushnil(L);
    for (; lua_next(L, reader.table) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            stele_reader_fail(&reader, NULL, NULL, "%s%s%s has a key that is no name but a %s", path[0] == '\0' ? "the job's table" : "\"", path,
                              path[0] == '\0' ? "" : "\"", luaL_typename(L, -2));
    }
    if (keys != NULL)
        stele_reader_check_keys(&reader, keys);
    return reader;
}

bool stele_reader_take_open(const stele_reader *reader)
{
    bool open = stele_script_is_open(reader->L, -1);
    lua_pop(reader->L, open);
    return open;
}

bool stele_reader_enter(const stele_reader *job, const char *key, const char *const *keys, stele_reader *reader)
{
    char path[STELE_READER_PATH];
    if (!stele_reader_push(job, key) || stele_reader_take_open(job))
        return false;
    if (!lua_istable(job->L, -1))
        stele_reader_fail_type(job, key, "a table");
    stele_reader_path(job, key, path);
    *reader = stele_reader_open(job->L, -1, stele_reader_keep(job->L, path, strlen(path)), keys);
    return true;
}

bool stele_reader_push(const stele_reader *reader, const char *key)
{
    lua_pushstring(reader->L, key);
    if (lua_rawget(reader->L, reader->table) != LUA_TNIL)
        return true;
    lua_pop(reader->L, 1);
    return false;
}

bool stele_reader_has(const stele_reader *reader, const char *key)
{
    bool there = stele_reader_push(reader, key);
    lua_pop(reader->L, there);
    return there;
}

void stele_reader_require(const stele_reader *reader, const char *key)
{
    if (stele_reader_has(reader, key))
        return;
    stele_reader_doubt(reader, key);
    if (reader->path[0] == '\0')
        stele_reader_fail(reader, NULL, NULL, "the key \"%s\" is missing", key);
    else
        stele_reader_fail(reader, NULL, NULL, "\"%s\" lacks the key \"%s\"", reader->path, key);
}

#endif

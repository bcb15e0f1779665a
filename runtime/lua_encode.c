/*
 * JSON from Lua values, and the buffer that it is written into. Integers are exact; keys stand in the order of their bytes, so
 * that the same table always gives the same text.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua_state.h"

#ifndef STELE_NO_LUA

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 400 };

/* ------------------------------------------------------------------- a buffer */

void stele_lua_buffer_open(lua_State *L, stele_lua_buffer *buffer)
{
    luaL_checkstack(L, 2, NULL);
    *buffer = (stele_lua_buffer){.capacity = 256};
    buffer->bytes = lua_newuserdatauv(L, buffer->capacity, 0);
    buffer->index = lua_gettop(L);
}

void stele_lua_buffer_add(lua_State *L, stele_lua_buffer *buffer, const char *bytes, size_t length)
{
    if (length > buffer->capacity - buffer->length) {
        size_t capacity = buffer->capacity + length + buffer->capacity / 2;
        if (capacity < length)
            luaL_error(L, "not enough memory");
        luaL_checkstack(L, 1, NULL);
        stele_lua_pass_caller(L); /* if there is no memory, nobody else says where */
        char *moved = lua_newuserdatauv(L, capacity, 0);
        memcpy(moved, buffer->bytes, buffer->length);
        lua_replace(L, buffer->index);
        buffer->bytes = moved;
        buffer->capacity = capacity;
    }
    if (length > 0)
        memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

void stele_lua_buffer_close(lua_State *L, stele_lua_buffer *buffer)
{
    lua_pushlstring(L, buffer->bytes, buffer->length);
    lua_replace(L, buffer->index);
    lua_settop(L, buffer->index);
}

/* ------------------------------------------------------------------- encoding */

static void add_json(lua_State *L, stele_lua_buffer *out, int index, int depth);

static void add_string(lua_State *L, stele_lua_buffer *out, const char *text, size_t length)
{
    char escape[8];
    const char *end = text + length;
    stele_lua_buffer_add(L, out, "\"", 1);
    while (text < end) {
        const char *from = text;
        while (text < end && (unsigned char)*text >= 0x20 && *text != '"' && *text != '\\')
            text++;
        stele_lua_buffer_add(L, out, from, (size_t)(text - from));
        if (text == end)
            break;
        int size = *text == '"' || *text == '\\' ? snprintf(escape, sizeof escape, "\\%c", *text)
                                                 : snprintf(escape, sizeof escape, "\\u%04x", (unsigned)(unsigned char)*text);
        stele_lua_buffer_add(L, out, escape, (size_t)size);
        text++;
    }
    stele_lua_buffer_add(L, out, "\"", 1);
}

static void add_number(lua_State *L, stele_lua_buffer *out, int index)
{
    char text[32];
    if (lua_isinteger(L, index)) {
        snprintf(text, sizeof text, "%lld", (long long)lua_tointeger(L, index));
    } else {
        double number = lua_tonumber(L, index);
        if (!isfinite(number))
            luaL_error(L, "JSON has no number that is infinite or none");
        stele_lua_print_number(number, text);
    }
    stele_lua_buffer_add(L, out, text, strlen(text));
}

static void add_array(lua_State *L, stele_lua_buffer *out, int index, lua_Integer count, int depth)
{
    stele_lua_buffer_add(L, out, "[", 1);
    for (lua_Integer i = 1; i <= count; i++) {
        stele_lua_buffer_add(L, out, ",", i > 1);
        lua_rawgeti(L, index, i);
        add_json(L, out, lua_gettop(L), depth);
        lua_pop(L, 1);
    }
    stele_lua_buffer_add(L, out, "]", 1);
}

typedef struct key {
    const char *text;
    size_t length;
} key;

static int compare_keys(const void *one, const void *other)
{
    const key *a = one, *b = other;
    int order = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

/* The table has `count` keys, all strings: it is them who keep the keys' text alive. */
static void add_object(lua_State *L, stele_lua_buffer *out, int index, size_t count, int depth)
{
    key *keys = lua_newuserdatauv(L, (count + 1) * sizeof *keys, 0);
    size_t i = 0;
    lua_pushnil(L);
    for (; lua_next(L, index) != 0; lua_pop(L, 1), i++)
        keys[i].text = lua_tolstring(L, -2, &keys[i].length);
    qsort(keys, count, sizeof *keys, compare_keys);
    stele_lua_buffer_add(L, out, "{", 1);
    for (i = 0; i < count; i++) {
        stele_lua_buffer_add(L, out, ",", i > 0);
        add_string(L, out, keys[i].text, keys[i].length);
        stele_lua_buffer_add(L, out, ":", 1);
        lua_pushlstring(L, keys[i].text, keys[i].length);
        lua_rawget(L, index);
        add_json(L, out, lua_gettop(L), depth);
        lua_pop(L, 1);
    }
    stele_lua_buffer_add(L, out, "}", 1);
    lua_pop(L, 1);
}

bool stele_lua_is_array(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    luaL_getmetatable(L, STELE_LUA_ARRAY_NAME);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

/* A table is an array when it was made one, or its keys are 1 to n; an object when all are strings. */
static void add_table(lua_State *L, stele_lua_buffer *out, int index, int depth)
{
    size_t count = 0, strings = 0, places = 0;
    lua_Integer highest = 0;
    bool array = stele_lua_is_array(L, index);
    lua_pushnil(L);
    for (; lua_next(L, index) != 0; lua_pop(L, 1), count++) {
        if (lua_type(L, -2) == LUA_TSTRING)
            strings++;
        if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1)
            continue;
        places++;
        if (lua_tointeger(L, -2) > highest)
            highest = lua_tointeger(L, -2);
    }
    stele_lua_charge(L, count);
    if (places == count && (array || count > 0) && (lua_Unsigned)highest == count)
        add_array(L, out, index, highest, depth);
    else if (!array && strings == count)
        add_object(L, out, index, count, depth);
    else
        luaL_error(L, "a table for JSON has keys 1 to n, without a gap, or strings for all keys");
}

static void add_json(lua_State *L, stele_lua_buffer *out, int index, int depth)
{
    size_t length;
    if (depth > DEPTH)
        luaL_error(L, "a table for JSON is nested too deep, or holds itself");
    luaL_checkstack(L, 8, "JSON");
    const char *text = stele_lua_json_text(L, index, &length);
    if (text != NULL) {
        stele_lua_buffer_add(L, out, text, length);
        return;
    }
    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
        text = lua_toboolean(L, index) ? "true" : "false";
        stele_lua_buffer_add(L, out, text, strlen(text));
        return;
    case LUA_TNUMBER:
        add_number(L, out, index);
        return;
    case LUA_TSTRING:
        text = lua_tolstring(L, index, &length);
        add_string(L, out, text, length);
        return;
    case LUA_TTABLE:
        add_table(L, out, index, depth + 1);
        return;
    default:
        if (!stele_lua_is_null(L, index) && !lua_isnil(L, index))
            luaL_error(L, "JSON has no %s value", luaL_typename(L, index));
        stele_lua_buffer_add(L, out, "null", 4);
    }
}

void stele_lua_encode(lua_State *L, int index)
{
    stele_lua_buffer out;
    stele_lua_buffer_open(L, &out);
    add_json(L, &out, index, 0);
    stele_lua_buffer_close(L, &out);
}

#endif

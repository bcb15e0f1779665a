/*
 * Values from the server to Lua: from the text form of each type to what keeps it exact.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua_state.h"

#ifndef STELE_NO_LUA

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void stele_lua_print_number(double number, char buffer[32])
{
    if (isnan(number) || isinf(number)) {
        snprintf(buffer, 32, "%s", isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buffer, 28, "%.*g", digits, number);
        if (strtod(buffer, NULL) == number)
            break;
    }
    if (strpbrk(buffer, ".e") == NULL)
        strcat(buffer, ".0");
}

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/* As bytea_output = 'escape' writes it: \\ and \000. A \x is never in that. */
static void push_escaped(lua_State *L, const char *text, size_t length)
{
    luaL_Buffer out;
    char *bytes = luaL_buffinitsize(L, &out, length), *to = bytes;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\' && i + 3 < length && text[i + 1] != '\\') {
            *to++ = (char)((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 | (text[i + 3] - '0'));
            i += 3;
        } else {
            i += text[i] == '\\' && i + 1 < length;
            *to++ = text[i];
        }
    }
    luaL_pushresultsize(&out, (size_t)(to - bytes));
}

static void push_bytes(lua_State *L, const char *text, size_t length)
{
    luaL_Buffer out;
    if (length < 2 || text[0] != '\\' || text[1] != 'x') {
        push_escaped(L, text, length);
        return;
    }
    char *bytes = luaL_buffinitsize(L, &out, length / 2);
    for (size_t i = 2; i + 1 < length; i += 2)
        *bytes++ = (char)(hex_digit(text[i]) << 4 | hex_digit(text[i + 1]));
    luaL_pushresultsize(&out, length / 2 - 1);
}

/* [1,2.5,3] */
static void push_vector(lua_State *L, const char *text)
{
    lua_newtable(L);
    char *end;
    lua_Integer i = 1;
    for (const char *p = text + (*text == '['); *p != ']' && *p != '\0'; p = *end == ',' ? end + 1 : end) {
        lua_pushnumber(L, strtod(p, &end));
        lua_rawseti(L, -2, i++);
        if (end == p)
            luaL_error(L, "a vector that can't be read: %s", text);
    }
}

/* -------------------------------------------------------------------- arrays */

typedef struct array_reader {
    lua_State *L;
    const stele_lua_type *element;
    const char *at;
} array_reader;

/* An element in quotes: a backslash takes the next character as it is. */
static void push_quoted(array_reader *r)
{
    luaL_Buffer out;
    size_t length;
    luaL_buffinit(r->L, &out);
    for (r->at++; *r->at != '"' && *r->at != '\0'; r->at++) {
        if (*r->at == '\\' && r->at[1] != '\0')
            r->at++;
        luaL_addchar(&out, *r->at);
    }
    r->at += *r->at == '"';
    luaL_pushresult(&out);
    const char *text = lua_tolstring(r->L, -1, &length);
    stele_lua_push_value(r->L, r->element->oid, text, length);
    lua_remove(r->L, -2);
}

static void push_plain(array_reader *r)
{
    const char *from = r->at;
    while (*r->at != '\0' && *r->at != '}' && *r->at != r->element->delimiter)
        r->at++;
    size_t length = (size_t)(r->at - from);
    if (length == 4 && memcmp(from, "NULL", 4) == 0) {
        stele_lua_push_null(r->L);
        return;
    }
    lua_pushlstring(r->L, from, length);
    stele_lua_push_value(r->L, r->element->oid, lua_tostring(r->L, -1), length);
    lua_remove(r->L, -2);
}

/* {...}, at most six deep */
static void push_array(array_reader *r)
{
    luaL_checkstack(r->L, 8, "array");
    lua_newtable(r->L);
    r->at++;
    for (lua_Integer i = 1; *r->at != '}' && *r->at != '\0'; i++) {
        if (*r->at == '{')
            push_array(r);
        else if (*r->at == '"')
            push_quoted(r);
        else
            push_plain(r);
        lua_rawseti(r->L, -2, i);
        r->at += *r->at == r->element->delimiter;
    }
    r->at += *r->at == '}';
}

/* ------------------------------------------------------------------------ all */

void stele_lua_push_value(lua_State *L, uint32_t oid, const char *text, size_t length)
{
    const stele_lua_type *type = stele_lua_type_of(L, oid);
    luaL_checkstack(L, 8, "value");
    switch (type->kind) {
    case STELE_LUA_BOOLEAN:
        lua_pushboolean(L, text[0] == 't');
        break;
    case STELE_LUA_INTEGER:
        lua_pushinteger(L, strtoll(text, NULL, 10));
        break;
    case STELE_LUA_FLOAT:
        lua_pushnumber(L, strtod(text, NULL));
        break;
    case STELE_LUA_BYTEA:
        push_bytes(L, text, length);
        break;
    case STELE_LUA_JSON:
        stele_lua_push_json(L, text, length);
        break;
    case STELE_LUA_VECTOR:
    case STELE_LUA_HALFVEC:
        push_vector(L, text);
        break;
    case STELE_LUA_ARRAY:
        if (text[0] == '{') {
            array_reader r = {.L = L, .element = stele_lua_type_of(L, type->element), .at = text};
            push_array(&r);
            break;
        }
        /* fall through - [0:2]={...} is no list: its first index is not 1 */
    case STELE_LUA_NUMERIC:
    case STELE_LUA_TEXT:
        lua_pushlstring(L, text, length);
    }
}

#endif

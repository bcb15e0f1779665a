/*
 * Values from Lua to the server: by the type that the server says a parameter has. What could lose something on the way is
 * an error here; what a text means, the server knows.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua_state.h"

#ifndef STELE_NO_LUA

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Push what the value is for. */
static const char *push_place(lua_State *L)
{
    const stele_lua *state = stele_lua_of(L);
    if (state->column != NULL)
        return lua_pushfstring(L, "column \"%s\"", state->column);
    return lua_pushfstring(L, "parameter $%d", state->binding);
}

static void refuse(lua_State *L, const stele_lua_type *type, int index)
{
    luaL_error(L, "%s: a %s can't be a value of type %s", push_place(L), luaL_typename(L, index), type->name);
}

static void push_integer(lua_State *L, const stele_lua_type *type, int index)
{
    int exact;
    char text[32];
    lua_Integer value = lua_tointegerx(L, index, &exact);
    if (!exact)
        luaL_error(L, "%s: %f is no whole number that fits 64 bits, and the type is %s", push_place(L),
                   lua_tonumber(L, index), type->name);
    snprintf(text, sizeof text, "%lld", (long long)value);
    lua_pushstring(L, text);
}

/* A number, for what isn't of a type for whole numbers. */
static void push_number(lua_State *L, const stele_lua_type *type, int index)
{
    char text[32];
    if (lua_isinteger(L, index)) {
        push_integer(L, type, index);
        return;
    }
    stele_lua_print_number(lua_tonumber(L, index), text);
    lua_pushstring(L, text);
}

/*
 * The length of a table that has keys 1 to n and no others: else something would be left out without a word. For a gap that
 * comes first the caller finds nil in it.
 */
static lua_Integer list_length(lua_State *L, const stele_lua_type *type, int index)
{
    lua_Integer length = (lua_Integer)lua_rawlen(L, index);
    stele_lua_charge(L, (uint64_t)length);
    luaL_checkstack(L, 2, "array");
    lua_pushnil(L);
    for (; lua_next(L, index) != 0; lua_pop(L, 1))
        if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1 || lua_tointeger(L, -2) > length)
            luaL_error(L, "%s: a table for %s has keys 1 to n, without a gap; null stands for NULL",
                       push_place(L), type->name);
    return length;
}

/* Bytes within an array: as text. */
static void push_hex(lua_State *L, int index)
{
    static const char digits[] = "0123456789abcdef";
    size_t length;
    const char *bytes = lua_tolstring(L, index, &length);
    luaL_Buffer out;
    char *text = luaL_buffinitsize(L, &out, length * 2 + 2);
    *text++ = '\\';
    *text++ = 'x';
    for (size_t i = 0; i < length; i++) {
        *text++ = digits[(unsigned char)bytes[i] >> 4];
        *text++ = digits[(unsigned char)bytes[i] & 15];
    }
    luaL_pushresultsize(&out, length * 2 + 2);
}

static void push_vector(lua_State *L, const stele_lua_type *type, int index)
{
    stele_lua_buffer out;
    char text[32];
    lua_Integer count = list_length(L, type, index);
    stele_lua_buffer_open(L, &out);
    stele_lua_buffer_add(L, &out, "[", 1);
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_rawgeti(L, index, i) != LUA_TNUMBER)
            luaL_error(L, "%s: element %d of a %s is no number", push_place(L), (int)i, type->name);
        snprintf(text, sizeof text, "%s%.9g", i > 1 ? "," : "", lua_tonumber(L, -1));
        stele_lua_buffer_add(L, &out, text, strlen(text));
        lua_pop(L, 1);
    }
    stele_lua_buffer_add(L, &out, "]", 1);
    stele_lua_buffer_close(L, &out);
}

/* -------------------------------------------------------------------- arrays */

/* An element of an array, in quotes. */
static void add_element(lua_State *L, stele_lua_buffer *out, const stele_lua_type *element, int index)
{
    size_t length;
    stele_lua_push_text(L, element, index);
    const char *text = lua_tolstring(L, -1, &length);
    stele_lua_buffer_add(L, out, "\"", 1);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"' || text[i] == '\\')
            stele_lua_buffer_add(L, out, "\\", 1);
        stele_lua_buffer_add(L, out, text + i, 1);
    }
    stele_lua_buffer_add(L, out, "\"", 1);
    lua_pop(L, 1);
}

/* Is a table a value of this type, and not another dimension? */
static bool takes_tables(const stele_lua_type *element)
{
    return element->kind == STELE_LUA_JSON || element->kind == STELE_LUA_VECTOR || element->kind == STELE_LUA_HALFVEC;
}

static void add_array(lua_State *L, stele_lua_buffer *out, const stele_lua_type *type, int index, int depth)
{
    lua_Integer count = list_length(L, type, index);
    const stele_lua_type *element = stele_lua_type_of(L, type->element);
    if (depth > 6)
        luaL_error(L, "%s: an array has six dimensions at most", push_place(L));
    luaL_checkstack(L, 8, "array");
    stele_lua_buffer_add(L, out, "{", 1);
    for (lua_Integer i = 1; i <= count; i++) {
        stele_lua_buffer_add(L, out, &element->delimiter, i > 1);
        lua_rawgeti(L, index, i);
        if (stele_lua_is_null(L, -1))
            stele_lua_buffer_add(L, out, "NULL", 4);
        else if (lua_istable(L, -1) && !takes_tables(element))
            add_array(L, out, type, lua_gettop(L), depth + 1);
        else if (lua_isnil(L, -1))
            luaL_error(L, "%s: the array has a gap at %d; null stands for NULL", push_place(L), (int)i);
        else
            add_element(L, out, element, lua_gettop(L));
        lua_pop(L, 1);
    }
    stele_lua_buffer_add(L, out, "}", 1);
}

static void push_array(lua_State *L, const stele_lua_type *type, int index)
{
    stele_lua_buffer out;
    stele_lua_buffer_open(L, &out);
    add_array(L, &out, type, index, 1);
    stele_lua_buffer_close(L, &out);
}

/* ----------------------------------------------------------------- one value */

static void push_of_table(lua_State *L, const stele_lua_type *type, int index)
{
    if (type->kind == STELE_LUA_JSON)
        stele_lua_encode(L, index);
    else if (type->kind == STELE_LUA_ARRAY)
        push_array(L, type, index);
    else if (type->kind == STELE_LUA_VECTOR || type->kind == STELE_LUA_HALFVEC)
        push_vector(L, type, index);
    else
        refuse(L, type, index);
}

/* Strings go as they are: the server reads them. */
void stele_lua_push_text(lua_State *L, const stele_lua_type *type, int index)
{
    size_t length;
    const char *text = stele_lua_json_text(L, index, &length);
    if (text != NULL) {
        lua_pushlstring(L, text, length);
        return;
    }
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
        if (type->kind == STELE_LUA_BYTEA)
            push_hex(L, index);
        else if (memchr(lua_tolstring(L, index, &length), '\0', lua_rawlen(L, index)) != NULL)
            luaL_error(L, "%s: a zero byte can't be in a value of type %s, only in a bytea", push_place(L),
                       type->name);
        else
            lua_pushvalue(L, index);
        break;
    case LUA_TNUMBER:
        if (type->kind == STELE_LUA_INTEGER)
            push_integer(L, type, index);
        else if (type->kind == STELE_LUA_BOOLEAN || type->kind == STELE_LUA_BYTEA)
            refuse(L, type, index);
        else
            push_number(L, type, index);
        break;
    case LUA_TBOOLEAN:
        if (type->kind != STELE_LUA_BOOLEAN && type->kind != STELE_LUA_TEXT && type->kind != STELE_LUA_JSON)
            refuse(L, type, index);
        lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
        break;
    case LUA_TTABLE:
        push_of_table(L, type, index);
        break;
    default:
        refuse(L, type, index);
    }
}

/* A vector in pgvector's binary form: two int2, the dimensions and nothing, then each as a float4; all of it big-endian. */
static void push_binary_vector(lua_State *L, const stele_lua_type *type, int index)
{
    luaL_Buffer out;
    lua_Integer count = list_length(L, type, index);
    if (count > 32767)
        luaL_error(L, "%s: a vector has 32,767 dimensions at most", push_place(L));
    unsigned char *p = (unsigned char *)luaL_buffinitsize(L, &out, 4 + 4 * (size_t)count);
    *p++ = (unsigned char)(count >> 8);
    *p++ = (unsigned char)count;
    *p++ = 0;
    *p++ = 0;
    for (lua_Integer i = 1; i <= count; i++) {
        uint32_t bits;
        if (lua_rawgeti(L, index, i) != LUA_TNUMBER)
            luaL_error(L, "%s: element %d of a %s is no number", push_place(L), (int)i, type->name);
        float number = (float)lua_tonumber(L, -1);
        lua_pop(L, 1);
        memcpy(&bits, &number, sizeof bits);
        for (int shift = 24; shift >= 0; shift -= 8)
            *p++ = (unsigned char)(bits >> shift);
    }
    luaL_pushresultsize(&out, 4 + 4 * (size_t)count);
}

void stele_lua_bind(lua_State *L, int first, int count, const uint32_t *types, stele_arguments *arguments)
{
    stele_lua *state = stele_lua_of(L);
    luaL_checkstack(L, count + 16, "parameters");
    const char **values = lua_newuserdatauv(L, (size_t)count * sizeof *values, 0);
    int *lengths = lua_newuserdatauv(L, (size_t)count * sizeof *lengths * 2, 0);
    *arguments = (stele_arguments){.count = count, .types = types, .values = values, .lengths = lengths, .formats = lengths + count};
    for (int i = 0; i < count; i++) {
        const stele_lua_type *type = stele_lua_type_of(L, types[i]);
        size_t length;
        values[i] = NULL;
        lengths[i] = lengths[count + i] = 0;
        state->binding = i + 1;
        if (lua_isnil(L, first + i) || stele_lua_is_null(L, first + i))
            continue;
        bool binary = true;
        if (type->kind == STELE_LUA_BYTEA && lua_type(L, first + i) == LUA_TSTRING)
            lua_pushvalue(L, first + i);
        else if (type->kind == STELE_LUA_VECTOR && lua_istable(L, first + i))
            push_binary_vector(L, type, first + i);
        else {
            stele_lua_push_text(L, type, first + i);
            binary = false;
        }
        values[i] = lua_tolstring(L, -1, &length);
        if (length > INT_MAX)
            luaL_error(L, "%s: the value is too long", push_place(L));
        lengths[i] = (int)length;
        lengths[count + i] = binary;
    }
}

#endif

/*
 * The library json, and the values of json columns. Integers are exact or an error; keys are written in the order of their
 * bytes; an array that was read is an array when it is written, also without elements.
 */
#include "lua_state.h"

#ifndef STELE_NO_LUA

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 400 };

static const char JSON[] = "stele.json", ARRAY[] = "stele.array";
static const char null_key;

void stele_lua_push_null(lua_State *L)
{
    lua_pushlightuserdata(L, (void *)&null_key);
}

bool stele_lua_is_null(lua_State *L, int index)
{
    return lua_touserdata(L, index) == (const void *)&null_key;
}

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

/* ------------------------------------------------------------------- decoding */

typedef struct reader {
    lua_State *L;
    const char *begin, *at, *end;
    int depth;
} reader;

static void read_value(reader *r);

static void complain(const reader *r, const char *what)
{
    luaL_error(r->L, "%s at byte %d of the JSON text", what, (int)(r->at - r->begin) + 1);
}

static char peek(reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->at++;
    return r->at < r->end ? *r->at : '\0';
}

static bool take(reader *r, char c)
{
    if (peek(r) != c || r->at >= r->end)
        return false;
    r->at++;
    return true;
}

static unsigned read_hex(reader *r)
{
    unsigned value = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        char c = r->at < r->end ? *r->at : '\0';
        if (c >= '0' && c <= '9')
            value = value * 16 + (unsigned)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            value = value * 16 + (unsigned)((c | 32) - 'a') + 10;
        else
            complain(r, "a \\u without four hexadecimal digits");
    }
    return value;
}

/* \uXXXX, where two of them may make one character. */
static void read_unicode(reader *r, luaL_Buffer *out)
{
    unsigned c = read_hex(r);
    if (c >= 0xD800 && c < 0xDC00) {
        if (r->end - r->at < 6 || r->at[0] != '\\' || r->at[1] != 'u')
            complain(r, "half a surrogate pair");
        r->at += 2;
        unsigned low = read_hex(r);
        if (low < 0xDC00 || low > 0xDFFF)
            complain(r, "half a surrogate pair");
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    } else if (c >= 0xDC00 && c < 0xE000) {
        complain(r, "half a surrogate pair");
    }
    if (c < 0x80) {
        luaL_addchar(out, (char)c);
        return;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    luaL_addchar(out, (char)(lead[more] | (c >> (6 * more))));
    while (more-- > 0)
        luaL_addchar(out, (char)(0x80 | ((c >> (6 * more)) & 0x3F)));
}

static void read_escape(reader *r, luaL_Buffer *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = r->at < r->end ? *r->at++ : '\0';
    const char *found = c == '\0' ? NULL : strchr(from, c);
    if (c == 'u')
        read_unicode(r, out);
    else if (found != NULL)
        luaL_addchar(out, to[found - from]);
    else
        complain(r, "an unknown escape");
}

static void read_string(reader *r)
{
    luaL_Buffer out;
    if (!take(r, '"'))
        complain(r, "a string is missing");
    luaL_buffinit(r->L, &out);
    for (;;) {
        const char *from = r->at;
        while (r->at < r->end && *r->at != '"' && *r->at != '\\' && (unsigned char)*r->at >= 0x20)
            r->at++;
        luaL_addlstring(&out, from, (size_t)(r->at - from));
        if (r->at >= r->end || (unsigned char)*r->at < 0x20)
            complain(r, "a string that does not end");
        if (*r->at++ == '"')
            break;
        read_escape(r, &out);
    }
    luaL_pushresult(&out);
}

/* Behind the digits at p; at least one must be there. */
static const char *skip_digits(reader *r, const char *p)
{
    const char *from = p;
    while (p < r->end && *p >= '0' && *p <= '9')
        p++;
    if (p == from)
        complain(r, "a value is missing, or a number is none");
    return p;
}

/* Behind the number that begins here; `*whole` when it has neither fraction nor exponent. */
static const char *skip_number(reader *r, bool *whole)
{
    const char *p = r->at + (r->at < r->end && *r->at == '-');
    p = p < r->end && *p == '0' ? p + 1 : skip_digits(r, p);
    *whole = p == r->end || (*p != '.' && *p != 'e' && *p != 'E');
    if (p < r->end && *p == '.')
        p = skip_digits(r, p + 1);
    if (p < r->end && (*p == 'e' || *p == 'E')) {
        p++;
        p = skip_digits(r, p + (p < r->end && (*p == '+' || *p == '-')));
    }
    return p;
}

static void read_number(reader *r)
{
    bool whole;
    const char *end = skip_number(r, &whole);
    lua_pushlstring(r->L, r->at, (size_t)(end - r->at)); /* strtod needs an end */
    const char *text = lua_tostring(r->L, -1);
    if (!whole)
        lua_pushnumber(r->L, strtod(text, NULL));
    else if (lua_stringtonumber(r->L, text) == 0 || !lua_isinteger(r->L, -1))
        luaL_error(r->L, "the integer %s of the JSON text does not fit 64 bits; take it out in SQL, as text", text);
    lua_remove(r->L, -2);
    r->at = end;
}

static void read_array(reader *r)
{
    lua_newtable(r->L);
    luaL_setmetatable(r->L, ARRAY);
    r->at++;
    if (take(r, ']'))
        return;
    for (lua_Integer i = 1;; i++) {
        read_value(r);
        lua_rawseti(r->L, -2, i);
        if (take(r, ']'))
            return;
        if (!take(r, ','))
            complain(r, "a comma or ] is missing");
    }
}

static void read_object(reader *r)
{
    lua_newtable(r->L);
    r->at++;
    if (take(r, '}'))
        return;
    for (;;) {
        read_string(r);
        if (!take(r, ':'))
            complain(r, "a colon is missing");
        read_value(r);
        lua_rawset(r->L, -3);
        if (take(r, '}'))
            return;
        if (!take(r, ','))
            complain(r, "a comma or } is missing");
    }
}

static bool take_word(reader *r, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, word, length) != 0)
        return false;
    r->at += length;
    return true;
}

static void read_value(reader *r)
{
    if (++r->depth > DEPTH)
        complain(r, "too deep a nesting");
    luaL_checkstack(r->L, 8, "JSON");
    char c = peek(r);
    if (c == '{')
        read_object(r);
    else if (c == '[')
        read_array(r);
    else if (c == '"')
        read_string(r);
    else if (take_word(r, "true") || take_word(r, "false"))
        lua_pushboolean(r->L, c == 't');
    else if (take_word(r, "null"))
        stele_lua_push_null(r->L);
    else
        read_number(r);
    r->depth--;
}

static void decode_text(lua_State *L, const char *text, size_t length)
{
    reader r = {.L = L, .begin = text, .at = text, .end = text + length};
    stele_lua_charge(L, length / 8);
    read_value(&r);
    if (peek(&r) != '\0' || r.at != r.end)
        complain(&r, "more than one value");
}

static int decode(lua_State *L)
{
    size_t length;
    const char *text = stele_lua_json_text(L, 1, &length);
    if (text == NULL)
        text = luaL_checklstring(L, 1, &length);
    decode_text(L, text, length);
    return 1;
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

static bool is_array(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    luaL_getmetatable(L, ARRAY);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

/* A table is an array when it was made one, or its keys are 1 to n; an object when all are strings. */
static void add_table(lua_State *L, stele_lua_buffer *out, int index, int depth)
{
    size_t count = 0, strings = 0;
    lua_Integer highest = 0;
    bool array = is_array(L, index);
    lua_pushnil(L);
    for (; lua_next(L, index) != 0; lua_pop(L, 1), count++) {
        if (lua_type(L, -2) == LUA_TSTRING)
            strings++;
        else if (lua_isinteger(L, -2) && lua_tointeger(L, -2) > highest)
            highest = lua_tointeger(L, -2);
    }
    stele_lua_charge(L, count);
    if (strings == 0 && (array || count > 0) && (lua_Unsigned)highest == count)
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

static int encode(lua_State *L)
{
    luaL_checkany(L, 1);
    stele_lua_encode(L, 1);
    return 1;
}

/* json.array(table): an array, whatever is in it. */
static int array(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (!is_array(L, 1) && lua_getmetatable(L, 1))
        return luaL_error(L, "the table has a metatable already");
    luaL_setmetatable(L, ARRAY);
    return 1;
}

/* ------------------------------------------------- a value of the database's, as it came */

typedef struct json_value {
    size_t length;
    char text[];
} json_value;

void stele_lua_push_json(lua_State *L, const char *text, size_t length)
{
    json_value *value = lua_newuserdatauv(L, sizeof *value + length + 1, 1);
    value->length = length;
    memcpy(value->text, text, length);
    value->text[length] = '\0';
    luaL_setmetatable(L, JSON);
}

const char *stele_lua_json_text(lua_State *L, int index, size_t *length)
{
    const json_value *value = luaL_testudata(L, index, JSON);
    if (value == NULL)
        return NULL;
    *length = value->length;
    return value->text;
}

/* Push what it decodes to, which it remembers. */
static void look_into(lua_State *L)
{
    const json_value *value = luaL_checkudata(L, 1, JSON);
    if (lua_getiuservalue(L, 1, 1) != LUA_TNIL)
        return;
    lua_pop(L, 1);
    decode_text(L, value->text, value->length);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, 1);
}

static void look_into_table(lua_State *L)
{
    look_into(L);
    if (!lua_istable(L, -1))
        luaL_error(L, "this JSON value is no object and no array; json.decode gives what it is");
}

static int json_index(lua_State *L)
{
    look_into_table(L);
    lua_pushvalue(L, 2);
    lua_rawget(L, -2);
    return 1;
}

static int json_length(lua_State *L)
{
    look_into_table(L);
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
    return 1;
}

static int json_next(lua_State *L)
{
    lua_settop(L, 2);
    if (lua_next(L, 1) != 0)
        return 2;
    lua_pushnil(L);
    return 1;
}

static int json_pairs(lua_State *L)
{
    lua_pushcfunction(L, json_next);
    look_into_table(L);
    return 2;
}

static int json_text(lua_State *L)
{
    const json_value *value = luaL_checkudata(L, 1, JSON);
    lua_pushlstring(L, value->text, value->length);
    return 1;
}

static int json_equal(lua_State *L)
{
    size_t one, other;
    const char *a = stele_lua_json_text(L, 1, &one), *b = stele_lua_json_text(L, 2, &other);
    lua_pushboolean(L, a != NULL && b != NULL && one == other && memcmp(a, b, one) == 0);
    return 1;
}

static int json_refuse(lua_State *L)
{
    return luaL_error(L, "a value of the database can't be changed; json.decode gives a table that can");
}

static int null_text(lua_State *L)
{
    lua_pushliteral(L, "null");
    return 1;
}

/* Metatables are nobody's to change: a __gc in them would run without limits. */
static void protect(lua_State *L)
{
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
}

void stele_lua_open_json(lua_State *L)
{
    static const luaL_Reg functions[] = {{"array", array}, {"decode", decode}, {"encode", encode}, {NULL, NULL}};
    static const luaL_Reg methods[] = {{"__index", json_index},    {"__newindex", json_refuse}, {"__len", json_length},
                                       {"__pairs", json_pairs},    {"__tostring", json_text},   {"__eq", json_equal},
                                       {NULL, NULL}};
    luaL_newmetatable(L, JSON);
    luaL_setfuncs(L, methods, 0);
    protect(L);
    luaL_newmetatable(L, ARRAY);
    protect(L);
    stele_lua_push_null(L); /* all light userdata share a metatable; this is the only one that Lua code ever sees */
    lua_newtable(L);
    lua_pushcfunction(L, null_text);
    lua_setfield(L, -2, "__tostring");
    protect(L);
    lua_setmetatable(L, -2);
    lua_pop(L, 3);
    luaL_newlib(L, functions);
    stele_lua_push_null(L);
    lua_setfield(L, -2, "null");
}

#endif

/*
 * The library json, and the values of json columns. Integers are exact or an error; an array that was read is one when it is
 * written (lua_encode.c), also without elements.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua_state.h"

#ifndef STELE_NO_LUA

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 400 };

static const char JSON[] = "stele.json";
static const char null_key;

void stele_lua_push_null(lua_State *L)
{
    lua_pushlightuserdata(L, (void *)&null_key);
}

bool stele_lua_is_null(lua_State *L, int index)
{
    return lua_touserdata(L, index) == (const void *)&null_key;
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
    if (!whole && isinf(strtod(text, NULL)))
        luaL_error(r->L, "the number %s of the JSON text does not fit a float; take it out in SQL, as text", text);
    else if (!whole)
        lua_pushnumber(r->L, strtod(text, NULL));
    else if (lua_stringtonumber(r->L, text) == 0 || !lua_isinteger(r->L, -1))
        luaL_error(r->L, "the integer %s of the JSON text does not fit 64 bits; take it out in SQL, as text", text);
    lua_remove(r->L, -2);
    r->at = end;
}

static void read_array(reader *r)
{
    lua_newtable(r->L);
    luaL_setmetatable(r->L, STELE_LUA_ARRAY_NAME);
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

/* ----------------------------------------------------------------- the library */

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
    if (!stele_lua_is_array(L, 1) && lua_getmetatable(L, 1))
        return luaL_error(L, "the table has a metatable already");
    luaL_setmetatable(L, STELE_LUA_ARRAY_NAME);
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
    luaL_newmetatable(L, STELE_LUA_ARRAY_NAME);
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

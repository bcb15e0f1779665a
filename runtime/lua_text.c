/*
 * string.find, match, gmatch and gsub: what Lua's do, but that they count their steps.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua_pattern.h"

#ifndef STELE_NO_LUA

#include <ctype.h>
#include <string.h>

static stele_lua_matcher begin(lua_State *L, int text, int pattern, const char **p)
{
    size_t length, pattern_length;
    const char *s = luaL_checklstring(L, text, &length);
    *p = luaL_checklstring(L, pattern, &pattern_length);
    return (stele_lua_matcher){.L = L, .text = s, .text_end = s + length, .pattern_end = *p + pattern_length};
}

/* ------------------------------------------------------------------ find, match */

/* The first place of a plain string, counted by what was looked at. */
static const char *search(stele_lua_matcher *m, const char *s, const char *p)
{
    size_t length = (size_t)(m->pattern_end - p);
    if (length == 0)
        return s;
    while ((size_t)(m->text_end - s) >= length) {
        const char *next = memchr(s, *p, (size_t)(m->text_end - s) - length + 1);
        const char *end = next == NULL ? m->text_end : next;
        stele_lua_charge(m->L, (uint64_t)(end - s) / 64 + length / 64 + 1);
        if (next == NULL || memcmp(next, p, length) == 0)
            return next;
        s = next + 1;
    }
    return NULL;
}

/* Does nothing in the pattern mean anything but itself? It may hold zero bytes. */
static bool is_plain(const char *p, const char *end)
{
    for (; p <= end; p += strlen(p) + 1)
        if (strpbrk(p, "^$*+?.([%-") != NULL)
            return false;
    return true;
}

static int find_plain(stele_lua_matcher *m, const char *s, const char *p)
{
    const char *found = search(m, s, p);
    if (found == NULL) {
        luaL_pushfail(m->L);
        return 1;
    }
    lua_pushinteger(m->L, found - m->text + 1);
    lua_pushinteger(m->L, found - m->text + (m->pattern_end - p));
    return 2;
}

/* The place that argument `index` means: from 1, or from the end with a minus. NULL: behind the end. */
static const char *start(const stele_lua_matcher *m, lua_Integer place)
{
    lua_Integer length = m->text_end - m->text;
    if (place < 0)
        place = place < -length ? 1 : length + place + 1;
    else if (place == 0)
        place = 1;
    return place > length + 1 ? NULL : m->text + place - 1;
}

static int find_or_match(lua_State *L, bool find)
{
    const char *p;
    stele_lua_matcher m = begin(L, 1, 2, &p);
    const char *s = start(&m, luaL_optinteger(L, 3, 1));
    if (s != NULL && find && (lua_toboolean(L, 4) || is_plain(p, m.pattern_end)))
        return find_plain(&m, s, p);
    bool anchored = p < m.pattern_end && *p == '^';
    p += anchored;
    for (; s != NULL && s <= m.text_end; s++) {
        const char *end = stele_lua_match_at(&m, s, p);
        if (end != NULL) {
            stele_lua_charge(L, m.steps);
            if (!find)
                return stele_lua_push_captures(&m, s, end, true);
            lua_pushinteger(L, s - m.text + 1);
            lua_pushinteger(L, end - m.text);
            return 2 + stele_lua_push_captures(&m, s, end, false);
        }
        if (anchored)
            break;
    }
    stele_lua_charge(L, m.steps);
    luaL_pushfail(L);
    return 1;
}

static int find(lua_State *L)
{
    return find_or_match(L, true);
}

static int match_first(lua_State *L)
{
    return find_or_match(L, false);
}

/* ------------------------------------------------------------------------ gmatch */

/* Upvalues: text, pattern, where to go on, where the last match ended (both from 0; -1 for none). */
static int gmatch_next(lua_State *L)
{
    const char *p;
    stele_lua_matcher m = begin(L, lua_upvalueindex(1), lua_upvalueindex(2), &p);
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
    for (const char *s = m.text + lua_tointeger(L, lua_upvalueindex(3)); s <= m.text_end; s++) {
        const char *end = stele_lua_match_at(&m, s, p);
        if (end == NULL || end - m.text == last)
            continue;
        lua_pushinteger(L, end - m.text);
        lua_copy(L, -1, lua_upvalueindex(3));
        lua_replace(L, lua_upvalueindex(4));
        stele_lua_charge(L, m.steps);
        return stele_lua_push_captures(&m, s, end, true);
    }
    lua_pushinteger(L, m.text_end - m.text + 1);
    lua_replace(L, lua_upvalueindex(3));
    stele_lua_charge(L, m.steps);
    return 0;
}

static int gmatch(lua_State *L)
{
    const char *p;
    stele_lua_matcher m = begin(L, 1, 2, &p);
    const char *s = start(&m, luaL_optinteger(L, 3, 1));
    lua_settop(L, 2);
    lua_pushinteger(L, s == NULL ? m.text_end - m.text + 1 : s - m.text);
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, gmatch_next, 4);
    return 1;
}

/* -------------------------------------------------------------------------- gsub */

/* A replacement that is text: %0 to %9 and %% mean something. */
static void add_text(stele_lua_matcher *m, stele_lua_buffer *out, const char *s, const char *end)
{
    size_t length, used;
    const char *text = lua_tolstring(m->L, 3, &length), *text_end = text + length;
    while (text < text_end) {
        const char *percent = memchr(text, '%', (size_t)(text_end - text));
        const char *stop = percent == NULL ? text_end : percent;
        stele_lua_buffer_add(m->L, out, text, (size_t)(stop - text));
        if (percent == NULL)
            return;
        char c = percent + 1 < text_end ? percent[1] : '\0';
        text = percent + 2;
        if (c == '%') {
            stele_lua_buffer_add(m->L, out, "%", 1);
        } else if (c == '0') {
            stele_lua_buffer_add(m->L, out, s, (size_t)(end - s));
        } else if (isdigit((unsigned char)c)) {
            stele_lua_push_capture(m, c - '1', s, end);
            const char *bytes = luaL_tolstring(m->L, -1, &used);
            stele_lua_buffer_add(m->L, out, bytes, used);
            lua_pop(m->L, 2);
        } else {
            luaL_error(m->L, "invalid use of '%%' in replacement string");
        }
    }
}

/* A replacement that a table or a function gives; false and nil leave what was there. */
static void add_value(stele_lua_matcher *m, stele_lua_buffer *out, const char *s, const char *end)
{
    size_t length;
    if (lua_istable(m->L, 3)) {
        stele_lua_push_capture(m, 0, s, end);
        lua_gettable(m->L, 3);
    } else {
        lua_pushvalue(m->L, 3);
        lua_call(m->L, stele_lua_push_captures(m, s, end, true), 1);
    }
    if (!lua_toboolean(m->L, -1))
        stele_lua_buffer_add(m->L, out, s, (size_t)(end - s));
    else if (!lua_isstring(m->L, -1))
        luaL_error(m->L, "invalid replacement value (a %s)", luaL_typename(m->L, -1));
    else {
        const char *bytes = lua_tolstring(m->L, -1, &length);
        stele_lua_buffer_add(m->L, out, bytes, length);
    }
    lua_pop(m->L, 1);
}

static int gsub(lua_State *L)
{
    const char *p, *last = NULL;
    stele_lua_matcher m = begin(L, 1, 2, &p);
    int type = lua_type(L, 3);
    luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
                     "string/function/table");
    lua_Integer most = luaL_optinteger(L, 4, m.text_end - m.text + 1), done = 0;
    bool anchored = p < m.pattern_end && *p == '^';
    stele_lua_buffer out;
    const char *s = m.text;
    lua_settop(L, 4);
    stele_lua_buffer_open(L, &out);
    while (done < most) {
        const char *end = stele_lua_match_at(&m, s, p + anchored);
        if (end != NULL && end != last) {
            done++;
            if (type == LUA_TTABLE || type == LUA_TFUNCTION)
                add_value(&m, &out, s, end);
            else
                add_text(&m, &out, s, end);
            s = last = end;
        } else if (s < m.text_end) {
            stele_lua_buffer_add(L, &out, s++, 1);
        } else {
            break;
        }
        if (anchored)
            break;
    }
    stele_lua_charge(L, m.steps);
    stele_lua_buffer_add(L, &out, s, (size_t)(m.text_end - s));
    stele_lua_buffer_close(L, &out);
    lua_pushinteger(L, done);
    return 2;
}

void stele_lua_open_text(lua_State *L)
{
    static const luaL_Reg functions[] = {{"find", find}, {"match", match_first}, {"gmatch", gmatch}, {"gsub", gsub}, {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}

#endif

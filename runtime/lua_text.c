/*
 * string.find, match, gmatch and gsub, which count their steps: a pattern such as "(.-)*b" can run for years within one call,
 * where Lua's hooks see nothing. The patterns and the results are those of Lua 5.4's manual, part 6.4.1.
 */
#include "lua_state.h"

#ifndef STELE_NO_LUA

#include <ctype.h>
#include <string.h>

enum { CAPTURES = 32, DEPTH = 200, MANY = 4096 };
enum { OPEN = -1, POSITION = -2 }; /* instead of a capture's length */

typedef struct matcher {
    lua_State *L;
    const char *text, *text_end, *pattern_end;
    int level; /* captures, finished or not */
    struct {
        const char *begin;
        ptrdiff_t length;
    } captures[CAPTURES];
    int depth;
    unsigned steps; /* not charged yet */
} matcher;

static const char *match(matcher *m, const char *s, const char *p);

static void count(matcher *m)
{
    if (++m->steps >= MANY) {
        m->steps = 0;
        stele_lua_charge(m->L, MANY);
    }
}

/* ------------------------------------------------------------ single characters */

/* Behind the item that begins at p: a character, %x, or [set]. */
static const char *item_end(matcher *m, const char *p)
{
    if (*p++ == '%') {
        if (p == m->pattern_end)
            luaL_error(m->L, "malformed pattern (ends with '%%')");
        return p + 1;
    }
    if (p[-1] != '[')
        return p;
    if (p < m->pattern_end && *p == '^')
        p++;
    do { /* the first one may be a ] */
        if (p == m->pattern_end)
            luaL_error(m->L, "malformed pattern (missing ']')");
        if (*p++ == '%' && p < m->pattern_end)
            p++;
    } while (p == m->pattern_end || *p != ']');
    return p + 1;
}

static bool is_in_class(int c, int class)
{
    bool found;
    switch (tolower(class)) {
    case 'a': found = isalpha(c) != 0; break;
    case 'c': found = iscntrl(c) != 0; break;
    case 'd': found = isdigit(c) != 0; break;
    case 'g': found = isgraph(c) != 0; break;
    case 'l': found = islower(c) != 0; break;
    case 'p': found = ispunct(c) != 0; break;
    case 's': found = isspace(c) != 0; break;
    case 'u': found = isupper(c) != 0; break;
    case 'w': found = isalnum(c) != 0; break;
    case 'x': found = isxdigit(c) != 0; break;
    default: return class == c;
    }
    return found != (isupper(class) != 0);
}

/* Is c in the set [...], whose ] is at `end`? */
static bool is_in_set(matcher *m, int c, const char *p, const char *end)
{
    bool wanted = true;
    if (*++p == '^') {
        wanted = false;
        p++;
    }
    for (; p < end; p++) {
        count(m);
        if (*p == '%') {
            if (is_in_class(c, (unsigned char)*++p))
                return wanted;
        } else if (p[1] == '-' && p + 2 < end) {
            if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2])
                return wanted;
            p += 2;
        } else if ((unsigned char)*p == c) {
            return wanted;
        }
    }
    return !wanted;
}

static bool is_single(matcher *m, const char *s, const char *p, const char *end)
{
    count(m);
    if (s >= m->text_end)
        return false;
    int c = (unsigned char)*s;
    switch (*p) {
    case '.': return true;
    case '%': return is_in_class(c, (unsigned char)p[1]);
    case '[': return is_in_set(m, c, p, end - 1);
    default: return (unsigned char)*p == c;
    }
}

/* --------------------------------------------------------------- longer items */

/* %bxy */
static const char *match_balance(matcher *m, const char *s, const char *p)
{
    if (m->pattern_end - p < 2)
        luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
    if (s >= m->text_end || *s != p[0])
        return NULL;
    for (size_t open = 1; ++s < m->text_end;) {
        count(m);
        if (*s == p[1]) {
            if (--open == 0)
                return s + 1;
        } else if (*s == p[0]) {
            open++;
        }
    }
    return NULL;
}

/* %f[set] */
static bool is_frontier(matcher *m, const char *s, const char *p, const char *end)
{
    int before = s == m->text ? 0 : (unsigned char)s[-1];
    int after = s == m->text_end ? 0 : (unsigned char)*s;
    return !is_in_set(m, before, p, end - 1) && is_in_set(m, after, p, end - 1);
}

/* As many as there are, then fewer; or with `least`, as few as will do, then more. */
static const char *match_many(matcher *m, const char *s, const char *p, const char *end)
{
    const char *most = s;
    while (is_single(m, most, p, end))
        most++;
    for (; most >= s; most--) {
        const char *found = match(m, most, end + 1);
        if (found != NULL)
            return found;
    }
    return NULL;
}

static const char *match_few(matcher *m, const char *s, const char *p, const char *end)
{
    for (;; s++) {
        const char *found = match(m, s, end + 1);
        if (found != NULL)
            return found;
        if (!is_single(m, s, p, end))
            return NULL;
    }
}

static const char *open_capture(matcher *m, const char *s, const char *p, ptrdiff_t length)
{
    if (m->level >= CAPTURES)
        luaL_error(m->L, "too many captures");
    m->captures[m->level].begin = s;
    m->captures[m->level++].length = length;
    const char *found = match(m, s, p);
    if (found == NULL)
        m->level--;
    return found;
}

static const char *close_capture(matcher *m, const char *s, const char *p)
{
    int last = m->level - 1;
    while (last >= 0 && m->captures[last].length != OPEN)
        last--;
    if (last < 0)
        luaL_error(m->L, "invalid pattern capture");
    m->captures[last].length = s - m->captures[last].begin;
    const char *found = match(m, s, p);
    if (found == NULL)
        m->captures[last].length = OPEN;
    return found;
}

/* %1: what a capture matched, once more. */
static const char *match_again(matcher *m, const char *s, int digit)
{
    int which = digit - '1';
    if (which < 0 || which >= m->level || m->captures[which].length == OPEN)
        luaL_error(m->L, "invalid capture index %%%d", which + 1);
    ptrdiff_t length = m->captures[which].length;
    m->steps += length > 0 ? (unsigned)(length < MANY ? length : MANY) : 0;
    if (length < 0 || m->text_end - s < length || memcmp(m->captures[which].begin, s, (size_t)length) != 0)
        return NULL;
    return s + length;
}

/* ------------------------------------------------------------------- the match */

/* %b, %f and %1. Moves on; false when it doesn't match, `*done` when it isn't one of these. */
static bool match_special(matcher *m, const char **s, const char **p, bool *done)
{
    const char *at = *p + 1;
    *done = true;
    if (at < m->pattern_end && *at == 'b') {
        *s = match_balance(m, *s, at + 1);
        *p += 4;
        return *s != NULL;
    }
    if (at < m->pattern_end && *at == 'f') {
        if (at + 1 == m->pattern_end || at[1] != '[')
            luaL_error(m->L, "missing '[' after '%%f' in pattern");
        const char *end = item_end(m, at + 1);
        *p = end;
        return is_frontier(m, *s, at + 1, end);
    }
    if (at < m->pattern_end && isdigit((unsigned char)*at)) {
        *s = match_again(m, *s, (unsigned char)*at);
        *p += 2;
        return *s != NULL;
    }
    *done = false;
    return true;
}

/* An item with what follows it. Returns true when the loop goes on behind it; else `*found` is the answer. */
static bool match_item(matcher *m, const char **s, const char **p, const char **found)
{
    const char *end = item_end(m, *p);
    char suffix = end < m->pattern_end ? *end : '\0';
    *found = NULL;
    switch (suffix) {
    case '?':
        if (is_single(m, *s, *p, end) && (*found = match(m, *s + 1, end + 1)) != NULL)
            return false;
        *p = end + 1;
        return true;
    case '*':
        *found = match_many(m, *s, *p, end);
        return false;
    case '-':
        *found = match_few(m, *s, *p, end);
        return false;
    default:
        if (!is_single(m, *s, *p, end))
            return false;
        if (suffix == '+') {
            *found = match_many(m, *s + 1, *p, end);
            return false;
        }
        ++*s;
        *p = end;
        return true;
    }
}

static const char *match_from(matcher *m, const char *s, const char *p)
{
    const char *found = NULL;
    while (p != m->pattern_end) {
        bool done = false;
        count(m);
        if (*p == '(')
            return p + 1 < m->pattern_end && p[1] == ')' ? open_capture(m, s, p + 2, POSITION) : open_capture(m, s, p + 1, OPEN);
        if (*p == ')')
            return close_capture(m, s, p + 1);
        if (*p == '$' && p + 1 == m->pattern_end)
            return s == m->text_end ? s : NULL;
        if (*p == '%' && !match_special(m, &s, &p, &done))
            return NULL;
        if (!done && !match_item(m, &s, &p, &found))
            return found;
    }
    return s;
}

/* Where the match of p from s on ends; NULL when there is none. */
static const char *match(matcher *m, const char *s, const char *p)
{
    if (m->depth++ >= DEPTH)
        luaL_error(m->L, "pattern too complex");
    const char *found = match_from(m, s, p);
    m->depth--;
    return found;
}

/* -------------------------------------------------------------------- results */

/* Push capture `which`; capture 0 of a pattern that has none is all that matched. */
static void push_capture(matcher *m, int which, const char *s, const char *end)
{
    if (which >= m->level) {
        if (which != 0)
            luaL_error(m->L, "invalid capture index %%%d", which + 1);
        lua_pushlstring(m->L, s, (size_t)(end - s));
    } else if (m->captures[which].length == POSITION) {
        lua_pushinteger(m->L, m->captures[which].begin - m->text + 1);
    } else {
        if (m->captures[which].length == OPEN)
            luaL_error(m->L, "unfinished capture");
        lua_pushlstring(m->L, m->captures[which].begin, (size_t)m->captures[which].length);
    }
}

static int push_captures(matcher *m, const char *s, const char *end, bool whole)
{
    int count_of = m->level == 0 && whole ? 1 : m->level;
    luaL_checkstack(m->L, count_of, "too many captures");
    for (int i = 0; i < count_of; i++)
        push_capture(m, i, s, end);
    return count_of;
}

static matcher begin(lua_State *L, int text, int pattern, const char **p)
{
    size_t length, pattern_length;
    const char *s = luaL_checklstring(L, text, &length);
    *p = luaL_checklstring(L, pattern, &pattern_length);
    return (matcher){.L = L, .text = s, .text_end = s + length, .pattern_end = *p + pattern_length};
}

/* Match at s, from a clean start. */
static const char *match_at(matcher *m, const char *s, const char *p)
{
    m->level = m->depth = 0;
    return match(m, s, p);
}

/* ------------------------------------------------------------------ find, match */

/* The first place of a plain string, counted by what was looked at. */
static const char *search(matcher *m, const char *s, const char *p)
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

static int find_plain(matcher *m, const char *s, const char *p)
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
static const char *start(const matcher *m, lua_Integer place)
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
    matcher m = begin(L, 1, 2, &p);
    const char *s = start(&m, luaL_optinteger(L, 3, 1));
    if (s != NULL && find && (lua_toboolean(L, 4) || strpbrk(p, "^$*+?.([%-") == NULL) &&
        (lua_toboolean(L, 4) || strlen(p) == (size_t)(m.pattern_end - p)))
        return find_plain(&m, s, p);
    bool anchored = p < m.pattern_end && *p == '^';
    p += anchored;
    for (; s != NULL && s <= m.text_end; s++) {
        const char *end = match_at(&m, s, p);
        if (end != NULL) {
            stele_lua_charge(L, m.steps);
            if (!find)
                return push_captures(&m, s, end, true);
            lua_pushinteger(L, s - m.text + 1);
            lua_pushinteger(L, end - m.text);
            return 2 + push_captures(&m, s, end, false);
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
    matcher m = begin(L, lua_upvalueindex(1), lua_upvalueindex(2), &p);
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
    for (const char *s = m.text + lua_tointeger(L, lua_upvalueindex(3)); s <= m.text_end; s++) {
        const char *end = match_at(&m, s, p);
        if (end == NULL || end - m.text == last)
            continue;
        lua_pushinteger(L, end - m.text);
        lua_copy(L, -1, lua_upvalueindex(3));
        lua_replace(L, lua_upvalueindex(4));
        stele_lua_charge(L, m.steps);
        return push_captures(&m, s, end, true);
    }
    lua_pushinteger(L, m.text_end - m.text + 1);
    lua_replace(L, lua_upvalueindex(3));
    stele_lua_charge(L, m.steps);
    return 0;
}

static int gmatch(lua_State *L)
{
    const char *p;
    matcher m = begin(L, 1, 2, &p);
    const char *s = start(&m, luaL_optinteger(L, 3, 1));
    lua_settop(L, 2);
    lua_pushinteger(L, s == NULL ? m.text_end - m.text + 1 : s - m.text);
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, gmatch_next, 4);
    return 1;
}

/* -------------------------------------------------------------------------- gsub */

/* A replacement that is text: %0 to %9 and %% mean something. */
static void add_text(matcher *m, stele_lua_buffer *out, const char *s, const char *end)
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
            push_capture(m, c - '1', s, end);
            const char *bytes = luaL_tolstring(m->L, -1, &used);
            stele_lua_buffer_add(m->L, out, bytes, used);
            lua_pop(m->L, 2);
        } else {
            luaL_error(m->L, "invalid use of '%%' in replacement string");
        }
    }
}

/* A replacement that a table or a function gives; false and nil leave what was there. */
static void add_value(matcher *m, stele_lua_buffer *out, const char *s, const char *end)
{
    size_t length;
    if (lua_istable(m->L, 3)) {
        push_capture(m, 0, s, end);
        lua_gettable(m->L, 3);
    } else {
        lua_pushvalue(m->L, 3);
        lua_call(m->L, push_captures(m, s, end, true), 1);
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
    matcher m = begin(L, 1, 2, &p);
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
        const char *end = match_at(&m, s, p + anchored);
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

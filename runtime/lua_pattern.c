/*
 * The patterns of Lua 5.4's manual, part 6.4.1, with a step counter: ".-.-.-b" can run for years within one call, where Lua's
 * hooks see nothing.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua_pattern.h"

#ifndef STELE_NO_LUA

#include <ctype.h>
#include <string.h>

enum { DEPTH = 200, MANY = 4096 };
enum { OPEN = -1, POSITION = -2 }; /* instead of a capture's length */

static const char *match(stele_lua_matcher *m, const char *s, const char *p);

static void count(stele_lua_matcher *m)
{
    if (++m->steps >= MANY) {
        m->steps = 0;
        stele_lua_charge(m->L, MANY);
    }
}

/* ------------------------------------------------------------ single characters */

/* Behind the item that begins at p: a character, %x, or [set]. */
static const char *item_end(stele_lua_matcher *m, const char *p)
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
static bool is_in_set(stele_lua_matcher *m, int c, const char *p, const char *end)
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

static bool is_single(stele_lua_matcher *m, const char *s, const char *p, const char *end)
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
static const char *match_balance(stele_lua_matcher *m, const char *s, const char *p)
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
static bool is_frontier(stele_lua_matcher *m, const char *s, const char *p, const char *end)
{
    int before = s == m->text ? 0 : (unsigned char)s[-1];
    int after = s == m->text_end ? 0 : (unsigned char)*s;
    return !is_in_set(m, before, p, end - 1) && is_in_set(m, after, p, end - 1);
}

/* As many as there are, then fewer; or with `least`, as few as will do, then more. */
static const char *match_many(stele_lua_matcher *m, const char *s, const char *p, const char *end)
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

static const char *match_few(stele_lua_matcher *m, const char *s, const char *p, const char *end)
{
    for (;; s++) {
        const char *found = match(m, s, end + 1);
        if (found != NULL)
            return found;
        if (!is_single(m, s, p, end))
            return NULL;
    }
}

static const char *open_capture(stele_lua_matcher *m, const char *s, const char *p, ptrdiff_t length)
{
    if (m->level >= STELE_LUA_CAPTURES)
        luaL_error(m->L, "too many captures");
    m->captures[m->level].begin = s;
    m->captures[m->level++].length = length;
    const char *found = match(m, s, p);
    if (found == NULL)
        m->level--;
    return found;
}

static const char *close_capture(stele_lua_matcher *m, const char *s, const char *p)
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
static const char *match_again(stele_lua_matcher *m, const char *s, int digit)
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
static bool match_special(stele_lua_matcher *m, const char **s, const char **p, bool *done)
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
static bool match_item(stele_lua_matcher *m, const char **s, const char **p, const char **found)
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

static const char *match_from(stele_lua_matcher *m, const char *s, const char *p)
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
static const char *match(stele_lua_matcher *m, const char *s, const char *p)
{
    if (m->depth++ >= DEPTH)
        luaL_error(m->L, "pattern too complex");
    const char *found = match_from(m, s, p);
    m->depth--;
    return found;
}

/* -------------------------------------------------------------------- results */

void stele_lua_push_capture(stele_lua_matcher *m, int which, const char *s, const char *end)
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

int stele_lua_push_captures(stele_lua_matcher *m, const char *s, const char *end, bool whole)
{
    int count_of = m->level == 0 && whole ? 1 : m->level;
    luaL_checkstack(m->L, count_of, "too many captures");
    for (int i = 0; i < count_of; i++)
        stele_lua_push_capture(m, i, s, end);
    return count_of;
}

const char *stele_lua_match_at(stele_lua_matcher *m, const char *s, const char *p)
{
    m->level = m->depth = 0;
    return match(m, s, p);
}

#endif

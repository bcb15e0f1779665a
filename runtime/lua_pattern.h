/*
 * lua_pattern.h - one match of one pattern, for the functions in lua_text.c
 */
#ifndef STELE_LUA_PATTERN_H
#define STELE_LUA_PATTERN_H

#include "lua_state.h"

#ifndef STELE_NO_LUA

enum { STELE_LUA_CAPTURES = 32 };

typedef struct stele_lua_matcher {
    lua_State *L;
    const char *text, *text_end, *pattern_end;
    int level; /* captures, finished or not */
    struct {
        const char *begin;
        ptrdiff_t length;
    } captures[STELE_LUA_CAPTURES];
    int depth;
    unsigned steps; /* not charged yet */
} stele_lua_matcher;

/* Match pattern p at s, from a clean start. Returns where the match ends, or NULL. */
const char *stele_lua_match_at(stele_lua_matcher *m, const char *s, const char *p);

/* Push capture `which`; capture 0 of a pattern that has none is all that matched, from s to end. */
void stele_lua_push_capture(stele_lua_matcher *m, int which, const char *s, const char *end);

/* Push all captures; with `whole`, all that matched where there are none. Returns how many. */
int stele_lua_push_captures(stele_lua_matcher *m, const char *s, const char *end, bool whole);

#endif
#endif

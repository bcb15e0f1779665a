/*
 * lua_lexer.h - the tokens of a Lua text, by the rules of Lua 5.4
 *
 * Lua itself says whether a text is right (lua_syntax.h), but nobody tells where its tokens stand: that is needed for the
 * checksum that knows an edit from a new layout, for directives, and for complaints with a column.
 */
#ifndef STELEC_LUA_LEXER_H
#define STELEC_LUA_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum lua_token_kind {
    LUA_TOKEN_END,
    LUA_TOKEN_COMMENT, /* of a line, or a long one; also a first line that begins with #, which Lua passes over */
    LUA_TOKEN_NAME,
    LUA_TOKEN_KEYWORD,
    LUA_TOKEN_STRING, /* in quotes or long brackets, with these */
    LUA_TOKEN_NUMBER,
    LUA_TOKEN_MARK,  /* an operator or a delimiter, of up to three characters */
    LUA_TOKEN_BROKEN /* what Lua refuses: a string or comment that doesn't end, a character that is none of its own */
} lua_token_kind;

struct lua_token {
    lua_token_kind kind;
    uint32_t begin, end;
};

struct lua_lexer {
    const char *text; /* ends in a zero byte at `length` */
    uint32_t length, at;
};

/* Start at the beginning of `text`. */
void lua_lexer_start(struct lua_lexer *lexer, const char *text, uint32_t length);

/* The next token. White space is passed over, comments are not. A broken one ends at the end of the text or its line. */
struct lua_token lua_lexer_next(struct lua_lexer *lexer);

/* Is it spelled so? */
bool lua_token_is(const char *text, struct lua_token token, const char *spelling);

/* Do the two spell the same? */
bool lua_token_same(const char *text, struct lua_token a, struct lua_token b);

/* A string's bytes without its quotes or brackets, into begin and end; false when there are escapes in it. */
bool lua_token_plain_string(const char *text, struct lua_token token, uint32_t *begin, uint32_t *end);

#endif

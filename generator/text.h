/*
 * text.h - small things about bytes and words, the same in every locale
 */
#ifndef STELEC_TEXT_H
#define STELEC_TEXT_H

#include "memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ASCII only, whatever the locale says: <ctype.h> would make the output depend on it. */
static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What PostgreSQL's lexer takes for white space. */
static inline bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Do these bytes spell `word` (in lower case), in whatever case? */
bool spells(const char *bytes, size_t length, const char *word);

/* "directory/name", with one slash. */
char *path_join(struct memory *memory, const char *directory, const char *name);

/* A number that is seldom the same for two strings: where to look for one. */
size_t hash_string(const char *string);

/* "schema"."name", as to_regclass takes it; `schema` may be NULL. */
const char *quote_name(struct memory *memory, const char *schema, const char *name);

/* One word of a line. */
struct word {
    const char *text;    /* without quotes and escapes */
    uint32_t begin, end; /* where it stands, with its quotes */
    bool quoted;
};

/*
 * Split text[begin..end) into words at white space; "..." is one word, with \" and \\ in it. With `comments`,
 * a word that begins with # ends the line. Returns their number, at most `most` - 1. On trouble *problem says what,
 * and words[returned].begin where.
 */
size_t words_split(struct memory *memory, const char *text, uint32_t begin, uint32_t end, bool comments,
                   struct word *words, size_t most, const char **problem);

/*
 * How many single-character edits (insert, drop, change, swap) lie between two words. For "did you mean": so
 * words of more than 40 characters are simply far apart.
 */
size_t edit_distance(const char *a, const char *b);

#endif

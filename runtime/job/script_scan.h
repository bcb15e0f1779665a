/*
 * script_scan.h - the text of a job's script, word by word
 *
 * Lua's tables don't say where in the text their keys stand, nor what of the text a function is made of. So it is gone through here, without Lua.
 */
#ifndef STELE_JOB_SCRIPT_SCAN_H
#define STELE_JOB_SCRIPT_SCAN_H

#include <stdbool.h>
#include <stddef.h>

typedef enum stele_token_kind { STELE_TOKEN_END, STELE_TOKEN_WORD, STELE_TOKEN_TEXT, STELE_TOKEN_MARK } stele_token_kind;

/* Begin with text, length and at: where it is begun. Comments are no tokens. */
typedef struct stele_scan {
    const char *text;
    size_t length, at;
    stele_token_kind kind;
    size_t begin; /* of the token, which ends at `at` */
    char mark;    /* the character of a MARK; '~' for ==, ~=, <= and >= */
} stele_scan;

stele_token_kind stele_scan_next(stele_scan *s);

bool stele_scan_is_word(const stele_scan *s, const char *word, size_t length);
bool stele_scan_is_mark(const stele_scan *s, char mark);

/* How many blocks the word opens, function ... end; or tables and parentheses the mark; less than 0: closes. */
int stele_scan_blocks(const stele_scan *s);
int stele_scan_depth(const stele_scan *s);

/* Go behind the { of the last table that the file returns, outside of other tables. */
bool stele_scan_table(stele_scan *s);

/* In script_place.c: where in the text of a file this key of the table that it returns stands, "into.vector": the byte; -1 where it isn't found. */
long stele_script_find(const char *text, size_t length, const char *path);

/* The same of a text among the values of the key that stands there; of the key where it isn't found. */
long stele_script_find_text(const char *text, size_t length, long key, const char *value);

#endif

/*
 * json.h - JSON that strangers sent, read from front to end, without a tree
 *
 * An answer of a provider has a million numbers: they go from the text straight to where they are needed. Reading goes on after a fault, with nothing more to be found: look
 * at `bad` once, at the end.
 *
 *     stele_json json = {.at = bytes, .end = bytes + length};
 *     for (bool first = true; stele_json_member(&json, &first, &name);)
 *         stele_json_skip(&json);
 */
#ifndef STELE_JSON_H
#define STELE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "../mem.h"

typedef struct stele_json {
    char *at, *end;
    bool bad;
} stele_json;

/* Some bytes of the text; not ended by a zero byte. */
typedef struct stele_json_text {
    char *bytes;
    size_t length;
} stele_json_text;

/* What comes next: one of { [ " t f n, '0' for a number (NaN and Infinity, which Python writes, count as such); or 0 at the end, and where it can be nothing. */
char stele_json_peek(stele_json *json);

/* Go to the next element of an array, or the next member of an object, into which the first call goes, too. False behind the last, or when there is none. */
bool stele_json_element(stele_json *json, bool *first);
bool stele_json_member(stele_json *json, bool *first, stele_json_text *name);
bool stele_json_is(const stele_json_text *text, const char *what);

/* A string, its escapes replaced in the text itself: so a string can be read once. */
bool stele_json_string(stele_json *json, stele_json_text *text);

/* A number. In no locale, and right to about the last bit of a double. NaN, and too large ones, are what C has for them. */
bool stele_json_number(stele_json *json, double *number);

/* Whatever comes next. */
void stele_json_skip(stele_json *json);

/* Write a string, with its quotes: UTF-8 stays as it is. */
void stele_json_put(stele_text *text, const char *bytes, size_t length);

#endif

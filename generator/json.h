/*
 * json.h - JSON objects, one a line, written member by member
 */
#ifndef STELEC_JSON_H
#define STELEC_JSON_H

#include "../runtime/mem.h"

#include <stdbool.h>

/*
 * A string with its quotes; null for NULL. A byte that isn't of UTF-8, as a path may have it, becomes U+FFFD. Behind the bytes there must be
 * one that continues no character, as a zero byte.
 */
void json_string(stele_text *text, const char *bytes, size_t length);

/* `"name": value`, with the comma before it where it isn't the first member of the object that is open. */
void json_text(stele_text *text, const char *name, const char *value);
void json_number(stele_text *text, const char *name, unsigned long long value);
void json_bool(stele_text *text, const char *name, bool value);

/* `"name": `, for a value that follows; NULL: only the comma, in a list. */
void json_key(stele_text *text, const char *name);

#endif

/*
 * copy.h - the data of COPY in binary form
 *
 * A signature of eleven bytes, flags and the length of an extension, both 0; each row as the number of its fields and each field behind its length, -1 for NULL; -1 for the number behind the last
 * row (https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format").
 */
#ifndef STELE_JOB_COPY_H
#define STELE_JOB_COPY_H

#include <stdbool.h>

#include "../mem.h"

void stele_copy_begin(stele_text *out);
void stele_copy_row(stele_text *out, unsigned fields);
void stele_copy_field(stele_text *out, const char *bytes, size_t length); /* NULL: NULL */
void stele_copy_end(stele_text *out);

/* Is the binary form of this type, as SQL writes it, known here? */
bool stele_copy_knows(const char *type);

/* A field from its text, of a type as SQL writes it. False for a type whose binary form isn't known here, and for a text that isn't of it. */
bool stele_copy_key(stele_text *out, const char *type, const char *text);

#endif

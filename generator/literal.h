/*
 * literal.h - bytes as C literals, comments and names
 *
 * What comes out is ASCII, whatever goes in, and means the same to every C11 compiler, also with trigraphs on.
 */
#ifndef STELEC_LITERAL_H
#define STELEC_LITERAL_H

#include "../runtime/mem.h"

#include <stddef.h>
#include <stdint.h>

/* Write "..." */
void literal_string(stele_text *text, const char *bytes, size_t length);

/* Write "..." of a string, or NULL. */
void literal_or_null(stele_text *text, const char *string);

/* Write a literal per line of the bytes, indented by four, each behind `before`; for no bytes, one "". */
void literal_lines(stele_text *text, const char *before, const char *bytes, size_t length);

/*
 * Write at most `most` characters for a comment: white space as single blanks, nothing that would end it or begin
 * another.
 */
void literal_comment(stele_text *text, const char *bytes, size_t length, size_t most);

/* Write a name's letters and digits, and _ for everything else. */
void literal_name(stele_text *text, const char *name);

#endif

/*
 * psql.h - text as psql takes it
 *
 * psql reads a script with a lexer of its own: it puts variables where :name stands, ends statements at semicolons, and runs what
 * follows a backslash. Here a text is written so that the server gets it as it is, whatever variables are set.
 */
#ifndef STELE_PSQL_H
#define STELE_PSQL_H

#include <stdbool.h>

#include "mem.h"

/* A value as an SQL literal, right under either standard_conforming_strings; NULL for NULL. */
void stele_psql_literal(stele_text *text, const char *value);

/* Any text as $tag$...$tag$, with a tag that isn't in it. NULL for NULL. */
void stele_psql_dollars(stele_text *text, const char *bytes, size_t length);

/* The argument of a psql command such as \echo. */
void stele_psql_argument(stele_text *text, const char *word);

/* A comment's line: a line end in it becomes a blank. */
void stele_psql_comment(stele_text *text, const char *words);

/*
 * A statement, with what ends it and a line end. As it stands where psql is sure to send all of it and nothing else; else as a
 * literal that \gexec has sent: so is an array's slice a[x:y], BEGIN ATOMIC, a backslash.
 */
void stele_psql_statement(stele_text *text, const char *sql, size_t length);

/* Would it stand as it is? Then psql's ROW_COUNT is about it. */
bool stele_psql_is_plain(const char *sql, size_t length);

#endif

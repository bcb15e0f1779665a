/*
 * source.h - one file that is read: its canonical bytes, its lines, where something stands in it
 *
 * Canonical is: UTF-8, no byte order mark, LF at line ends. That text is what is hashed, what is compiled in, and what
 * the server gets, so a checkout with CRLF builds the same binary. (A CR LF inside a string literal or COPY data
 * becomes LF as well. A lone CR stays: PostgreSQL takes it for white space.)
 */
#ifndef STELEC_SOURCE_H
#define STELEC_SOURCE_H

#include "memory.h"

#include <stdbool.h>
#include <stdint.h>

struct diag;

struct source {
    const char *path; /* as the user named it: "migrations/001_x.sql" */
    const char *name; /* the file alone: "001_x.sql" */
    size_t order;     /* where its complaints stand among those of other files */
    const char *text; /* canonical, ends in a zero byte; NULL when it was not read */
    uint32_t length;
    uint32_t *lines; /* the offset of each line's first byte */
    uint32_t line_count;
};

/* A place in a file that has no line: the file itself. */
#define SOURCE_WHOLE UINT32_MAX

/* Where an offset is, for people: both from 1, the column in characters. */
struct position {
    uint32_t line, column;
};

/*
 * Read the file of source->path. False when it can't be read or isn't text; that is told to `diag`.
 * With `missing_is_fine`, a file that isn't there leaves text NULL, and is no complaint.
 */
bool source_read(struct source *source, struct memory *memory, struct diag *diag, bool missing_is_fine);

/* Where `offset` is. An offset behind the end is the end. */
struct position source_position(const struct source *source, uint32_t offset);

/* The line, from 1, of `offset`; without the cost of counting characters. */
uint32_t source_line(const struct source *source, uint32_t offset);

/* The text of a line (from 1), without its line end, into *length. */
const char *source_line_text(const struct source *source, uint32_t line, uint32_t *length);

/* How many bytes the UTF-8 character at `text` has; 0 when it is none. Never looks behind a zero byte. */
uint32_t utf8_length(const char *text);

#endif

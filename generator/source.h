/*
 * source.h - one file that is read: its canonical bytes, its lines, where something stands in it
 *
 * Canonical is: UTF-8, no byte order mark, LF at line ends. That text is what is hashed, what is compiled in, and what
 * the server gets, so a checkout with CRLF builds the same binary. (A CR LF inside a string literal or COPY data
 * becomes LF as well. A lone CR stays: PostgreSQL takes it for white space.)
 *
 * A migration may lie in several files, one for each way. Its text is then theirs, one behind the other, and each offset
 * belongs to one of these pieces: lines and columns are those of the piece's file.
 */
#ifndef STELEC_SOURCE_H
#define STELEC_SOURCE_H

#include "memory.h"

#include <stdbool.h>
#include <stdint.h>

struct diag;
struct source;

/* A file that a text of several is put together from, and where it begins there. */
struct source_piece {
    const struct source *file;
    uint32_t begin;
};

/* A place whose column is known: the next one of the same line is counted from there, since a line may be the whole file. */
struct source_mark {
    uint32_t offset, line, column;
};

struct source {
    const char *path; /* as the user named it: "migrations/001_x.sql" */
    const char *name; /* the file alone: "001_x.sql" */
    size_t order;     /* where its complaints stand among those of other files */
    char *text;       /* canonical, ends in a zero byte; NULL when it was not read */
    uint32_t length;
    uint32_t *lines; /* the offset of each line's first byte; of a text in pieces, the pieces have them */
    uint32_t line_count;
    struct source_mark *mark; /* where a column was last counted */
    struct source_piece *pieces; /* in the order of the text; NULL for a text of one file */
    size_t piece_count;
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

/*
 * Put the files' texts together into source->text; each must have been read. A piece whose file is empty and comes first gets
 * a line end, so that no part of the text but the first begins at 0.
 */
void source_join(struct source *source, struct memory *memory, const struct source *const *files, size_t count);

/* The file that *offset is in, and its offset there: the source itself, but for a text in pieces. */
const struct source *source_file(const struct source *source, uint32_t *offset);

/* Where `offset` is, in its file. An offset behind the end is the end. */
struct position source_position(const struct source *source, uint32_t offset);

/* The line, from 1, of `offset` in its file; without the cost of counting characters. */
uint32_t source_line(const struct source *source, uint32_t offset);

/* The offset of the first byte of the line that `offset` is in. */
uint32_t source_line_begin(const struct source *source, uint32_t offset);

/* The text of a line (from 1), without its line end, into *length. For a source of one file. */
const char *source_line_text(const struct source *source, uint32_t line, uint32_t *length);

/* How many bytes the UTF-8 character at `text` has; 0 when it is none. Never looks behind a zero byte. */
uint32_t utf8_length(const char *text);

#endif

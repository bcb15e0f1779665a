/*
 * splitter.h - what split.c and split_marks.c share while a file is read
 */
#ifndef STELEC_SPLITTER_H
#define STELEC_SPLITTER_H

#include "conform.h"
#include "layout.h"
#include "split.h"
#include "watch.h"

#include <string.h>

/* Where reading stands in one file. */
struct splitter {
    struct migration *migration;
    struct memory *memory;
    struct diag *diag;
    struct lexer lexer;
    stele_digest digest; /* of the tokens */
    part_kind part;
    uint32_t unparsed_at; /* of a directive that waits for its statement; or UINT32_MAX */
    size_t expected;      /* the migration's expectations that have found theirs */
    bool open;            /* in a statement */
    struct statement statement;
    struct watch watch; /* of its words */
    struct conform conform;
    const struct layout *layout;
    const struct source *file; /* that is read: the migration's own, or that of one part */
    uint32_t file_begin;       /* and where it begins in the text */
    bool whole_part;           /* the file is one part, whatever it says */
    bool outside;              /* no mark has said yet that a part begins */
    bool told_outside;
    uint32_t block_at;         /* of a "StatementBegin" without its end so far; or UINT32_MAX */
};

static inline void complain(struct splitter *splitter, uint32_t at, const char *message)
{
    diag_error(splitter->diag, &splitter->migration->source, at, "%s", message);
    splitter->migration->broken = true;
}

static inline void add_blank(struct splitter *splitter, uint32_t begin, uint32_t end, char instead)
{
    struct migration *migration = splitter->migration;
    migration->blanks = memory_grow(splitter->memory, migration->blanks, migration->blank_count,
                                    &migration->blank_capacity, sizeof *migration->blanks);
    migration->blanks[migration->blank_count++] = (struct blank){begin, end, instead};
}

/* The offset behind the line end after `at`. */
static inline uint32_t next_line(const struct splitter *splitter, uint32_t at)
{
    const char *text = splitter->lexer.text;
    const char *end = memchr(text + at, '\n', splitter->lexer.length - at);
    return end == NULL ? splitter->lexer.length : (uint32_t)(end - text) + 1;
}

/* End the statement that is open at `terminator`, the offset of its semicolon, or of whatever stands in for one. */
void split_close_statement(struct splitter *splitter, uint32_t terminator);

/* The comment at [begin, end) ends the statement before it, as a semicolon would. */
void split_end_statement(struct splitter *splitter, uint32_t begin, uint32_t end);

/* The part that is being read ends at `end`, and this one begins, or is taken up again. */
void split_change_part(struct splitter *splitter, part_kind part, uint32_t end, uint32_t begin);

/* At the end of a part: an expectation is about a statement of its own part. */
void split_check_expectations(struct splitter *splitter);

/* What to say of a part that is there already. */
extern const char *const split_second_part[PART_COUNT];

/* Take a comment that is a mark of the layout's tool. False: it is none. */
bool split_take_mark(struct splitter *splitter, struct token token);

/* SQL at `at` stands before the mark that begins the first part: an error, or left out. */
void split_tell_outside(struct splitter *splitter, uint32_t at);

/* Complain about a ${...} that the tool would put something in for, and that nobody has declared. */
void split_refuse_stranger(struct splitter *splitter, const struct stranger *stranger);

#endif

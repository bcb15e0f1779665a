/*
 * directive.h - `-- stele: ...`, a line of its own
 */
#ifndef STELEC_DIRECTIVE_H
#define STELEC_DIRECTIVE_H

#include "migration.h"

typedef enum directive_kind {
    DIRECTIVE_NONE,     /* an ordinary comment */
    DIRECTIVE_FILE,     /* about the file; its meaning is in the migration now */
    DIRECTIVE_UNPARSED, /* the next statement is passed as it is */
    DIRECTIVE_EXPECT,   /* the migration's last expectation is about the next statement; its query is still to be read */
    DIRECTIVE_DOWN,     /* a part begins */
    DIRECTIVE_VERIFY,
    DIRECTIVE_BROKEN /* complained about */
} directive_kind;

/*
 * Take a comment that stands at [begin, end) of the migration's text, in `part`. When it is a directive, it is told
 * in full: into the migration, into `diag` when it is wrong, and into *canonical as the token that the checksum
 * knows: its words with single blanks between, and a query as it is written.
 */
directive_kind directive_take(struct migration *migration, struct memory *memory, struct diag *diag, uint32_t begin,
                              uint32_t end, part_kind part, const char **canonical);

/*
 * The name of the directive that a comment seems to be meant for, though it is none: "-- stelle: down",
 * "-- Stele: down", "-- stele down". NULL for prose.
 */
const char *directive_meant(const struct migration *migration, struct memory *memory, uint32_t begin, uint32_t end);

/*
 * Does this comment begin the down section of another tool's file (goose, dbmate, sql-migrate, rambler)? They are not
 * sections here, and what follows would be applied.
 */
bool directive_is_foreign_down(const char *text, uint32_t begin, uint32_t end);

#endif

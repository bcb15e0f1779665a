/*
 * marks.h - what other tools write into comments
 *
 *     -- +goose Up, Down, StatementBegin, StatementEnd, NO TRANSACTION, ENVSUB ON, ENVSUB OFF
 *     -- migrate:up transaction:false, -- migrate:down                                            dbmate
 *     -- +migrate Up notransaction, Down, StatementBegin, StatementEnd                            sql-migrate
 *     ---- create above / drop below ----                                                         tern
 *     --> statement-breakpoint                                                                    drizzle
 *     -- no-transaction                        at the very beginning of a file                    sqlx
 *     -- atlas:txmode none                     among files that have no marks otherwise           atlas
 *
 * The tools look for them line by line; here they count where the lexer finds a comment, so that none is found in a string.
 */
#ifndef STELEC_MARKS_H
#define STELEC_MARKS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum mark_family {
    MARKS_NONE,
    MARKS_GOOSE,
    MARKS_DBMATE,
    MARKS_SQL_MIGRATE,
    MARKS_TERN,
    MARKS_DRIZZLE,
    MARKS_SQLX,
    MARKS_PLAIN /* sqlx's and atlas's */
} mark_family;

typedef enum mark_kind {
    MARK_NONE,
    MARK_UP, /* the part that is applied begins */
    MARK_DOWN,
    MARK_STATEMENT_BEGIN,
    MARK_STATEMENT_END,
    MARK_NO_TRANSACTION, /* about the whole file */
    MARK_REFERENCES_ON,  /* ${NAME} is replaced from here on */
    MARK_REFERENCES_OFF,
    MARK_BREAK,  /* a statement ends, whether it has its semicolon or not */
    MARK_UNKNOWN /* of the family, and none that it has */
} mark_kind;

struct mark {
    mark_kind kind;
    bool no_transaction; /* in the part that begins */
    uint32_t length;     /* of the mark: what stands behind it on its line is SQL; 0 when the whole comment is the mark */
};

/* The mark of this family that a comment at [begin, end) of a text is. */
struct mark mark_read(mark_family family, const char *text, uint32_t begin, uint32_t end);

/* The family whose Up or Down mark the comment is; MARKS_NONE for any other comment. */
mark_family mark_family_of(const char *text, uint32_t begin, uint32_t end);

/* The family whose Up or Down mark is the first in a text that ends in a zero byte; else that of what stands at its beginning. */
mark_family marks_find(const char *text);

/* Must a file of this family say where its up part begins; and is a statement before it an error, or only left out? */
bool marks_open_parts(mark_family family);
bool marks_forbid_before(mark_family family);

/* May a part be taken up again behind another one? */
bool marks_repeat(mark_family family);

/* The mark that begins the up part, as it is written: "-- +goose Up". */
const char *marks_up(mark_family family);

#endif

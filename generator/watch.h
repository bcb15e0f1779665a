/*
 * watch.h - what can be told from the words of one statement as they go by
 *
 * Whether a semicolon ends it, whether data lines follow: the lexer has to know these before any grammar can look at the
 * statement.
 */
#ifndef STELEC_WATCH_H
#define STELEC_WATCH_H

#include "lexer.h"

struct watch {
    struct token before;             /* the token before this one */
    uint32_t tokens;          /* seen so far */
    uint32_t parens, paren_at;  /* open parentheses, and where the outermost is */
    uint32_t bodies, body_at; /* BEGIN ATOMIC and the CASEs in it */
    char initials[4];         /* of create, or, replace, function, procedure */
    uint32_t word_count;
    bool is_copy, from_stdin; /* COPY, and ... FROM stdin */
    bool calls;                   /* a name directly before a parenthesis: perhaps a function call */
    bool sets_config, names_temp; /* it has set_config, pg_temp; in strings, too */
};

/* A new statement. */
void watch_start(struct watch *watch);

/* Its next token; the lexer stands behind it. Not for comments, and not for the semicolon that ends it. */
void watch_token(struct watch *watch, const struct lexer *lexer, struct token token);

/* Would a semicolon end the statement here? */
bool watch_is_complete(const struct watch *watch);

#endif

/*
 * lexer.h - the tokens of a SQL text, by PostgreSQL's rules
 *
 * The rules are those of PostgreSQL's scan.l and psql's psqlscan.l, to the letter: where a token ends decides
 * where a statement ends, and a wrong guess would send half a function body to the server. What comes out is
 * compared with PostgreSQL's own grammar afterwards (parse.h), so a slip here is an error, never a wrong program.
 *
 * Parameters' references are found here, since only the lexer knows whether ${name} stands in a string. How they are
 * written is the layout's: also ${some.name} for Flyway's placeholders, and :name, :'name', :"name" for psql's variables.
 */
#ifndef STELEC_LEXER_H
#define STELEC_LEXER_H

#include "conf.h"
#include "memory.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum token_kind {
    TOKEN_END,      /* nothing more */
    TOKEN_COMMENT,  /* -- to the end of the line, or a block */
    TOKEN_WORD,     /* an identifier or key word, and a reference among tokens, with what touches it */
    TOKEN_NAME,     /* "..." or U&"..." */
    TOKEN_STRING,   /* '...' with its prefix, or $tag$...$tag$ */
    TOKEN_NUMBER,   /* also $1 */
    TOKEN_OPERATOR, /* also ::, :=, .. */
    TOKEN_MARK,     /* one character: ( ) [ ] , ; : . and whatever is nothing else */
    TOKEN_PSQL,     /* a backslash outside quotes, to the end of the line */
    TOKEN_BROKEN    /* a string, name or comment that never ends; lexer->problem says which */
} token_kind;

struct token {
    token_kind kind;
    uint32_t begin, end;
    bool reference; /* a TOKEN_WORD that holds a reference */
};

struct references {
    stele_reference *list;
    size_t count, capacity;
};

/* How a reference to a parameter is written. */
typedef enum reference_form {
    REFERENCE_BRACES, /* ${name} */
    REFERENCE_FLYWAY, /* and ${some.name}, of the parameter some_name, in any case of letters */
    REFERENCE_PSQL    /* and :name, :'name', :"name" */
} reference_form;

/* A ${...} that no parameter is declared for. */
struct stranger {
    uint32_t begin, end;
};

struct lexer {
    struct memory *memory;
    const struct conf *conf;       /* whose parameters count; NULL for none */
    const char *text;       /* ends in a zero byte at `length` */
    uint32_t length, at;
    bool conforming;        /* standard_conforming_strings: the caller changes it as statements do */
    struct references references;  /* of all tokens so far */
    uint32_t continue_at;   /* where the next piece of a string over several lines begins; or UINT32_MAX */
    char continue_prefix;   /* and what kind of string it goes on: 'e', 'b', 'x', 'u', 'n' or 0 */
    const char *problem;    /* after TOKEN_BROKEN */
    uint32_t unicode_reference; /* the first reference inside U&'...', where none may be; or UINT32_MAX */
    reference_form form;
    bool demanding;             /* a ${...} that isn't declared is noted: its tool would put something there */
    struct stranger *strangers;
    size_t stranger_count, stranger_capacity;
};

/* Start at the beginning of `text`. */
void lexer_start(struct lexer *lexer, struct memory *memory, const struct conf *conf, const char *text,
                 uint32_t length);

/* The next token. White space is passed over, comments are not. */
struct token lexer_next(struct lexer *lexer);

/* The next one that isn't a comment. */
struct token lexer_next_solid(struct lexer *lexer);

/* Does this token spell the key word (lower case)? */
bool token_is(const struct lexer *lexer, struct token token, const char *word);

/* Is it this one character? */
bool token_is_mark(const struct lexer *lexer, struct token token, char mark);

/* May this byte go on an identifier? */
bool is_name_byte(char c);

#endif

/*
 * conform.h - how the strings of a file are read: whether a backslash is a letter in '...', as the file's own statements say
 *
 * standard_conforming_strings is on, unless a SET turns it off. Such a SET lasts as long as any other does: to a RESET, or to the
 * end of its transaction. What can't be seen in the file's words (a function that sets it, a role's own setting) isn't
 * known here.
 */
#ifndef STELEC_CONFORM_H
#define STELEC_CONFORM_H

#include "lexer.h"

/* How far a statement has come that may change the setting. */
typedef enum conform_step {
    CONFORM_NOTHING, /* it is about something else */
    CONFORM_FIRST,   /* its first token is yet to come */
    CONFORM_SET,     /* SET [SESSION | LOCAL] */
    CONFORM_NAME,    /* SET name */
    CONFORM_EQUALS,  /* SET name {= | TO} */
    CONFORM_RESET,   /* RESET, DISCARD */
    CONFORM_CALLS,   /* a query, perhaps with set_config in it */
    CONFORM_CALLED,  /* set_config */
    CONFORM_OPENED,  /* set_config( */
    CONFORM_NAMED,   /* set_config('standard_conforming_strings' */
    CONFORM_COMMA,   /* the same with its comma */
    CONFORM_VALUE,   /* and the value */
    CONFORM_SCOPE,   /* and a comma: whether it is local */
    CONFORM_UNDO     /* ROLLBACK, unless TO follows */
} conform_step;

/* What the statement comes to. */
typedef enum conform_effect {
    CONFORM_KEEPS,
    CONFORM_CHANGES,
    CONFORM_BEGINS,
    CONFORM_COMMITS,
    CONFORM_ROLLS_BACK
} conform_effect;

struct conform {
    bool now;            /* how a string is read now */
    bool session;        /* how, when this transaction has been committed */
    bool before;         /* how, when it has been rolled back */
    bool in_transaction; /* that the file has begun itself */
    /* of the statement that is being read */
    conform_step step;
    bool local, value;
    conform_effect effect;
};

/* Before a file's first statement. */
void conform_start(struct conform *conform);

/* Before each statement. */
static inline void conform_open(struct conform *conform)
{
    conform->step = CONFORM_FIRST;
    conform->effect = CONFORM_KEEPS;
}

/* Its next token. Only few statements matter, so this is asked inline. */
void conform_look(struct conform *conform, const struct lexer *lexer, struct token token);
static inline void conform_token(struct conform *conform, const struct lexer *lexer, struct token token)
{
    if (conform->step != CONFORM_NOTHING)
        conform_look(conform, lexer, token);
}

/* Behind its last token. Returns how strings are read from here. */
bool conform_close(struct conform *conform);

#endif

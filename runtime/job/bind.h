/*
 * bind.h - the :names in a script's own SQL, and what may not be in it
 */
#ifndef STELE_JOB_BIND_H
#define STELE_JOB_BIND_H

#include "../mem.h"

/*
 * Copy `sql`, and where a :name stands among its tokens - not in a string, a quoted name or a comment, nor in a cast - have `put` write what stands for it; which
 * returns 0 where it knows no such name, and it is copied as it is. Returns how many names were known. PostgreSQL's rules for where a token ends are those of its
 * scan.l; of strings, those of standard_conforming_strings.
 */
size_t stele_bind(stele_text *out, const char *sql, int (*put)(void *data, stele_text *out, const char *name, size_t length), void *data);

/* What keeps a text from standing among other SQL, or from being one statement. */
typedef enum stele_sql_flaw {
    STELE_SQL_SOUND,
    STELE_SQL_OPEN,        /* a string, a quoted name or a comment that doesn't end */
    STELE_SQL_PARENTHESES, /* one that closes what isn't open here, or isn't closed */
    STELE_SQL_PARAMETER,   /* $1 */
    STELE_SQL_SEVERAL,     /* something stands behind a ; */
    STELE_SQL_SEMICOLON    /* a ; at the end, and nothing else */
} stele_sql_flaw;

/* The first of them, outside of strings, quoted names and comments. */
stele_sql_flaw stele_sql_look(const char *sql);

#endif

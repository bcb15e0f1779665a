/*
 * bind.h - the :names in a script's own SQL
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

#endif

/*
 * write_sql.h - the statements of a batch, as text
 *
 * Of the relations that stand beside the table, every column has a name that begins with "stele ": so the columns that a script's `where` names are the table's.
 */
#ifndef STELE_JOB_WRITE_SQL_H
#define STELE_JOB_WRITE_SQL_H

#include "write.h"

/* A column that map may set. */
typedef struct stele_column {
    struct stele_column *next;
    const char *name, *type; /* the type as SQL writes it */
    uint32_t oid;
} stele_column;

/* What the statements of a batch fail with, in a message of the server's, with 22P02, where a row's table refuses it without a word. */
#define STELE_REFUSAL "stele: this row is kept out"

/* The chunk: $1 job, $2 no, $3 epoch, $4 where it stands, $5 where it stands then, or NULL, $6 its state then, $7 rows, $8 dead, $9 lease. It fails with 22P02 where that isn't so. */
void stele_sql_fence(const stele_job *job, stele_text *sql);

/* Those that were given up: keys, stage, code, message, hash of the input. */
void stele_sql_dead(const stele_job *job, stele_text *sql);

/*
 * Keys, hashes, vectors; and keys, hashes, and by turns the values of a column and whether it is set. Both return how many rows were written. With `notes`, the keys of those that weren't go into
 * `dirty`.
 */
void stele_sql_write_vectors(const stele_job *job, const stele_job_shape *shape, bool notes, stele_text *sql);
void stele_sql_write_columns(const stele_job *job, const stele_job_shape *shape, bool notes, stele_text *sql, const stele_column *const *columns, size_t count);

/* Of these notes in dirty, $1, an int8[], those of these keys, $2, a text[] of text[], go. */
void stele_sql_notes(const stele_job *job, stele_text *sql);

/* The script's own statement; behind the keys come its binds, as text. */
void stele_sql_user(const stele_job *job, const stele_job_shape *shape, stele_text *sql);

/*
 * Have the server look at the script's `where` and `sql`, without executing them: UNMET, with the script's file and the key's name, where it doesn't take them. How many rows it expects of
 * `where` is the shape's `wanted` from then on.
 */
stele_status stele_job_check_sql(stele_job *job, stele_job_shape *shape, stele_error *error);

/* check_session.c: UNMET where this session's transactions begin read-only, or the server is a standby. */
stele_status stele_job_check_session(stele_job *job, stele_error *error);

/* What stands beside of rows that aren't there any more: $1 is a text[] of their keys. */
void stele_sql_delete_gone(const stele_job *job, const stele_job_shape *shape, stele_text *sql);

/* Those of these keys, $1, a text[] of text[], that were given up with another input than there is now, or whose row isn't there any more. */
void stele_sql_resolve(const stele_job *job, const stele_job_shape *shape, stele_text *sql);

#endif

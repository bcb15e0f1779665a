/*
 * write_inside.h - a transaction that is being put together; for the rooms of write.h only
 *
 *     write.c          from a batch to a transaction, and what became of it
 *     write_parts.c    its statements and their parameters
 *     write_columns.c  what map returned, as columns of arrays; and what it may return
 *     write_try.c      the same, only to see it, and rolled back
 *     write_sql.c      the statements' texts
 *     check_sql.c      does the server take those of the script?
 */
#ifndef STELE_JOB_WRITE_INSIDE_H
#define STELE_JOB_WRITE_INSIDE_H

#include "../pq_statement.h"
#include "write_sql.h"

enum { PARAMETERS = STELE_KEY_COLUMNS + 4 + 2 * STELE_SCRIPT_COLUMNS + 32, STATEMENTS = 13 };

/* The parameters of one statement. */
typedef struct stele_given {
    int count;
    uint32_t types[PARAMETERS];
    const char *values[PARAMETERS];
    int lengths[PARAMETERS], formats[PARAMETERS];
} stele_given;

void stele_give_text(stele_given *g, const char *text);
bool stele_give_array(stele_given *g, stele_binary_array *array, uint32_t type); /* false: no memory */
stele_arguments stele_given_arguments(const stele_given *g);

/* One transaction that is being put together. */
typedef struct stele_transaction {
    stele_writer *writer;
    stele_batched statements[STATEMENTS];
    stele_given given[STATEMENTS];
    stele_text sql[STATEMENTS];
    size_t count;
    size_t fence, data; /* which is what; `count` where it isn't there */
    size_t asked[2];    /* the pace's questions; STATEMENTS where there is none */
    bool copies;        /* the data is a COPY, see stele_copy_rows */
    bool drops;         /* COPY took fewer rows than it was given */
    bool tries;         /* only to see what becomes of it: nothing is remembered, and it is rolled back */
    bool failed;
} stele_transaction;

/* The next statement of it, whose SQL is to be written to t->sql[t->count - 1]. */
stele_given *stele_add_statement(stele_transaction *t);
void stele_add_plain(stele_transaction *t, const char *sql); /* one without parameters */
void stele_add_limits(stele_transaction *t); /* how long it may wait, and last */
void stele_add_fence(stele_transaction *t, const stele_job_chunk *chunk, const stele_batch *batch, int64_t rows, int64_t dead);
void stele_add_dead(stele_transaction *t, const stele_batch *batch);
void stele_add_vectors(stele_transaction *t, const stele_batch *batch);
void stele_add_notes(stele_transaction *t, const stele_batch *batch);
void stele_add_user_statement(stele_transaction *t);

/* The pace's questions: whom it makes wait, only the transaction itself can see. */
void stele_add_question(stele_transaction *t, bool last);
void stele_take_questions(stele_transaction *t);

/* The keys of what is to be written, and with `hashes` these. */
void stele_gather_keys(stele_writer *w, const stele_batch *batch, bool hashes);

/* How many rows are to be written. */
int64_t stele_count_writes(const stele_batch *batch);

/* COPY takes a third less of the server's time than a statement does; false where a key is of a type whose binary form isn't known here. */
bool stele_put_copy(stele_transaction *t);

/* For stele_link_copy_from: the rows of a batch that are to be written, made while the server takes those before. */
typedef struct stele_copying {
    stele_writer *writer;
    const stele_batch *batch;
    size_t next; /* the row; behind the batch when the data's end was made */
} stele_copying;

stele_status stele_copy_rows(void *copying, const char **piece, size_t *length, stele_error *error);

/* The COPY itself; and in write_sql.c, the columns that are written in a table beside: the key's, the hash, the vector. */
void stele_sql_copy(const stele_job *job, stele_text *sql);
void stele_sql_beside(const stele_job *job, stele_text *sql);

/* In write_columns.c: one that map may set, by its name; NULL: the table hasn't got it. */
const stele_column *stele_column_find(const stele_writer *writer, const char *name);

/* All columns that any row of a batch sets. The names live in the slots. */
typedef struct stele_union {
    size_t count;
    const char *names[STELE_SCRIPT_COLUMNS];
    const stele_column *types[STELE_SCRIPT_COLUMNS];
    stele_binary_array values[STELE_SCRIPT_COLUMNS], set[STELE_SCRIPT_COLUMNS];
} stele_union;

bool stele_unite_columns(stele_union *u, const stele_batch *batch); /* false: too many */
void stele_fill_columns(stele_transaction *t, stele_union *u, const stele_batch *batch); /* the statement that writes them, and its arrays */
void stele_free_columns(stele_union *u); /* also the union itself */

/* The statement that writes the rows, or the COPY; how many rows they are. */
stele_status stele_put_data(stele_transaction *t, const stele_batch *batch, stele_union *columns, int64_t *rows, stele_error *error);

/* What was put together, as the link takes it. */
stele_status stele_close_statements(stele_transaction *t, stele_error *error);

/* What the server says of it may quote what it was given: no secret that was bound stays in the error, which may be NULL. */
void stele_hide_binds(const stele_transaction *t, stele_error *error);
void stele_free_transaction(stele_transaction *t); /* NULL is allowed */

#endif

/*
 * pq_statement.h - one statement with typed parameters, its rows one at a time
 *
 * The second half of the room that talks to the server, for statements that a program makes as it runs. It uses the unnamed
 * prepared statement only: a name would outlive the transaction, and a pooler gives it another one. No pipeline may be open.
 */
#ifndef STELE_PQ_STATEMENT_H
#define STELE_PQ_STATEMENT_H

#include "pq.h"

/* The parameters of one statement. */
typedef struct stele_arguments {
    int count;
    const uint32_t *types;     /* as stele_statement_describe told them */
    const char *const *values; /* NULL for null */
    const int *lengths;        /* of the binary ones */
    const int *formats;        /* 0: text, 1: binary */
} stele_arguments;

/*
 * Have the server parse a statement, as the unnamed one, and tell the types of its parameters: `*count` of them, the
 * first `room` in `types`. Nothing is executed.
 */
stele_status stele_statement_describe(stele_link *link, const char *sql, uint32_t *types, int room, int *count,
                                      stele_error *error);

/*
 * Send a statement; with `sql` NULL, the unnamed one once more. With `singly`, its rows come one at a time. Then call
 * stele_statement_next until it gives NULL.
 */
stele_status stele_statement_send(stele_link *link, const char *sql, const stele_arguments *arguments, bool singly,
                                  stele_error *error);

/* The next rows, which the caller frees; the last before NULL are those that stele_rows_affected is for. */
stele_status stele_statement_next(stele_link *link, stele_rows **rows, stele_error *error);

/* Read and drop what is left of a statement, if there is any. */
void stele_statement_drop(stele_link *link);

/* A statement of a batch; its parameters' types, lengths and formats may each be NULL, as libpq has it. */
typedef struct stele_batched {
    const char *sql;
    stele_arguments arguments;
    stele_rows *rows; /* what it returned, also where that is no row; NULL before, and after a failure */
} stele_batched;

/*
 * Statements in one transaction and one round trip: all of them take effect, or none. The transaction isn't begun by a statement, so that it is never left open. After a failure
 * `*failed` says which statement it was; `count` where it was none, and after NO_CONNECTION nobody knows whether they took effect.
 */
stele_status stele_link_batch(stele_link *link, stele_batched *batch, size_t count, size_t *failed, stele_error *error);
void stele_batch_free(stele_batched *batch, size_t count);

/* Is a transaction open and not failed? Doesn't talk to the server. */
bool stele_link_in_transaction(const stele_link *link);

/* Is the connection there, with neither a transaction nor a pipeline, and nothing in flight? Doesn't talk to the server. */
bool stele_link_is_idle(const stele_link *link);

/* How many rows the statement affected or returned, as its command tag says; 0 where the tag has no number. */
int64_t stele_rows_affected(const stele_rows *rows);

/* The columns, counted from 0, and the memory that all of it takes. */
const char *stele_rows_name(const stele_rows *rows, int column);
uint32_t stele_rows_type(const stele_rows *rows, int column);
size_t stele_rows_memory(const stele_rows *rows);

#endif

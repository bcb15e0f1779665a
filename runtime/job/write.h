/*
 * write.h - rows that have come to their end go into the database, with the checkpoint that says so
 *
 * One batch is one transaction in one round trip: the rows whose input is still what it was when it was read are written; the keys of those whose input isn't go into `dirty`; those that
 * were given up go into `dead`; and the chunk goes forward, if it still has the epoch, and stands where it is believed to stand: else nothing of it has happened.
 */
#ifndef STELE_JOB_WRITE_H
#define STELE_JOB_WRITE_H

#include "encode.h"
#include "page.h"

typedef struct stele_write_row {
    const stele_page *page;
    int row;
} stele_write_row;

/* A statement that belongs to the same transaction. */
typedef struct stele_write_extra {
    const char *sql; /* NULL: none */
    int count;
    const char *const *values;
} stele_write_extra;

enum { STELE_WRITE_EXTRAS = 4 };

/* What one batch is. */
typedef struct stele_batch {
    const stele_write_row *rows;
    size_t count;
    const char *cursor;             /* text[]: the chunk is done up to here; of dirty keys, a stamp that tells this batch from any other; NULL: stays */
    const char *notes;              /* int8[], of dirty: those of these rows' keys go with them, so that no row is done twice; or NULL */
    bool completes;                 /* and done with it */
    bool first_load;                /* none of these rows is there yet, as far as anybody knows: COPY. Where one is, the end is WRITE_ROWS */
    stele_write_extra extras[STELE_WRITE_EXTRAS];
} stele_batch;

typedef enum stele_write_end {
    STELE_WRITTEN,
    STELE_WRITE_LOST,      /* somebody else has the chunk now: nothing was written */
    STELE_WRITE_ROWS,      /* it failed because of what is in the rows: try them in parts */
    STELE_WRITE_AGAIN,     /* it failed by chance: try again */
    STELE_WRITE_UNKNOWN,   /* the connection was lost: it may have taken effect */
    STELE_WRITE_STOPS      /* it can't work, whatever is tried */
} stele_write_end;

typedef struct stele_writer {
    stele_job *job;
    const stele_job_shape *shape;
    stele_pace *pace;               /* is told whom a write makes wait; or NULL */
    stele_binary_array keys[STELE_KEY_COLUMNS], hashes, vectors, noted;
    stele_binary_array dead[STELE_KEY_COLUMNS + 4]; /* keys; stage, code, message, input */
    stele_text copied;              /* the data of a COPY: so much memory isn't asked for each time anew */
    stele_binary_array *columns;    /* of map: values and whether they are set, by turns */
    const char *const *names;       /* of map */
    stele_arena arena;              /* of one write */
    stele_arena types;              /* of the writer's life */
    struct stele_column *known;     /* the table's columns, and their types; of those that are generated and can't be set, none */
    bool sent;                      /* all of the write that is under way was sent, and the server ends it by itself */
    bool no_copy;                   /* the server takes no COPY into this table */
    int64_t written, missed;        /* by the last write: rows, and rows that had changed meanwhile */
} stele_writer;

/* `pace` may be NULL. stele_writer_know asks what map may return, and tells the script. */
void stele_writer_start(stele_writer *writer, stele_job *job, const stele_job_shape *shape, stele_pace *pace);
stele_status stele_writer_know(stele_writer *writer, stele_error *error);
void stele_writer_end(stele_writer *writer);

/*
 * Write one batch. After STELE_WRITTEN the chunk is where the batch says. Returns OK whatever became of it, in `*end`, with the error where it isn't WRITTEN; CANCELLED and
 * FAILED (memory) where nothing was tried.
 */
stele_status stele_batch_write(stele_writer *writer, stele_job_chunk *chunk, const stele_batch *batch, stele_write_end *end, stele_error *error);

/* Is this SQLSTATE one of chance - a deadlock, a timeout, no slot for a connection - so that the same may work a moment later? */
bool stele_write_may_pass(const char *sqlstate);

/* Is it what stands in the rows that the server refuses? */
bool stele_write_is_the_rows(const char *sqlstate);

/*
 * What a worker that is frozen in the midst of its COPY has inserted, keeps others waiting, and no timeout of the server ends that: for it is the client who is waited for. So whoever had to wait
 * ends those that have stood still for longer than a lease.
 */
stele_status stele_batch_end_frozen(stele_writer *writer, stele_error *error);

/* After UNKNOWN, on a new connection: did it take effect? Then the chunk is where the batch says. */
stele_status stele_batch_look(stele_writer *writer, stele_job_chunk *chunk, const stele_batch *batch, stele_write_end *end, stele_error *error);

/* Of the first row of a batch: all of it, before and after; either may have no row. And how many rows of the batch were written, or, of a statement of the user's, affected. */
typedef struct stele_write_seen {
    stele_rows *before, *after; /* to be freed by the caller */
    int64_t written;
} stele_write_seen;

/* Write a batch without chunk, dead and dirty, see what becomes of it, and roll it back: so no tables of jobs are needed. Deferred constraints are checked, too. */
stele_status stele_batch_try(stele_writer *writer, const stele_batch *batch, stele_write_seen *seen, stele_error *error);

/* A column that map returned, put into a slot's value. */
void stele_columns_put(stele_text *value, const char *name, const char *bytes, size_t length);

#endif

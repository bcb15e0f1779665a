/*
 * page.h - rows as they were read, and what became of each
 */
#ifndef STELE_JOB_PAGE_H
#define STELE_JOB_PAGE_H

#include "chunk.h"

typedef enum stele_slot_state {
    STELE_SLOT_READ,    /* nothing was done to it yet */
    STELE_SLOT_WAITS,   /* its text is with the provider */
    STELE_SLOT_WRITES,  /* has what is to be written */
    STELE_SLOT_DEAD,    /* was given up, and why */
    STELE_SLOT_LEAVES   /* there is nothing to do to it */
} stele_slot_state;

typedef struct stele_slot {
    stele_slot_state state;
    bool is_null;        /* WRITES: a NULL instead of a vector */
    stele_text value;    /* WRITES: the vector in binary form, or what map returned (see write_columns.c) */
    char *fault;         /* DEAD: stage, code and message, each with its zero byte; malloc'ed */
} stele_slot;

typedef struct stele_page {
    stele_rows *rows;   /* columns: the keys; the place (blocks: ctid; keys that are listed: their number); the hash, as hex; what text and map see, the keys behind */
    int count;
    stele_slot *slots;
    bool ends;          /* the chunk has none behind it */
    const char *cursor; /* blocks: where the next page begins, "(17,0)"; keys that are listed: how many were before it; in the chunk's arena */
} stele_page;

/* Where in a page's rows what is. */
enum { STELE_PAGE_KEYS = 0 };
int stele_page_place(const stele_job *job); /* of blocks, and of keys that are listed */
int stele_page_hash(const stele_job *job);
int stele_page_reads(const stele_job *job);
int stele_page_seen_keys(const stele_job *job); /* as the script sees them: of their own types */

/* What is asked to read a chunk's next page: on whichever connection. The values live in the chunk's arena, or are those that were given. */
typedef struct stele_page_query {
    stele_text sql;
    int count;
    const char *values[2 * STELE_KEY_COLUMNS];
    unsigned rows;      /* by keys: the page ends the chunk when there are fewer */
    const char *cursor; /* by blocks, or by numbers of keys: where the page ends; */
    bool ends;          /* and that is where the chunk does */
} stele_page_query;

/*
 * Ask for the next so many rows of a chunk, behind `after` (its width's texts; NULL: from the chunk's cursor or begin). With `only_new` those of whom what is written is right already are left out.
 * OK or FAILED (memory). Whatever it returns, the caller frees query->sql.
 */
stele_status stele_page_ask(stele_job *job, const stele_job_shape *shape, stele_job_chunk *chunk, const char *const *after, unsigned rows, bool only_new,
                            stele_page_query *query, stele_error *error);

/* The answer, which the page owns from then on, as a page. */
stele_status stele_page_take(const stele_page_query *query, stele_rows *rows, stele_page *page, stele_error *error);

/* " AND ...": the condition of a chunk's rows, all of them, from $1 on; returns how many values it takes. */
int stele_page_range(const stele_job *job, const stele_job_shape *shape, const stele_job_chunk *chunk, stele_text *sql, const char **values);

/* Read the rows of these keys ("{1,a}"), a text[] each; those that aren't there, or that `where` leaves out, don't come. */
stele_status stele_page_read_keys(stele_job *job, const stele_job_shape *shape, const char *const *keys, size_t count, stele_page *page, stele_error *error);

/* So many random rows that the job is about, in a transaction that is read only; `part` is what stands behind the table: " TABLESAMPLE SYSTEM (1)", or "". */
stele_status stele_page_sample(stele_job *job, const char *part, unsigned rows, stele_page *page, stele_error *error);

/* Where the chunk stands when it is done up to this row: a text[], in the arena; NULL: no memory. */
const char *stele_page_cursor(const stele_job *job, const stele_job_chunk *chunk, const stele_page *page, int row, stele_arena *arena);

void stele_page_free(stele_page *page);

/* Give up a row. OK, or FAILED for memory. */
stele_status stele_slot_give_up(stele_slot *slot, const char *stage, const char *code, const char *message, stele_error *error);

#endif

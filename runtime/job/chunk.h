/*
 * chunk.h - the parts that a job is cut into, and who is at which
 *
 * A chunk is a range of keys, or of a table's blocks, or one of the tasks behind the load. Whoever takes one gets an epoch with it: nothing is written for a chunk but with its epoch, so that a
 * worker that was thought dead and isn't writes nothing. Chunks are made as they are needed, from the job's frontier on.
 */
#ifndef STELE_JOB_CHUNK_H
#define STELE_JOB_CHUNK_H

#include "job.h"

enum { STELE_CHUNK_ATTEMPTS = 20 }; /* without anything written in between; then the job is paused */

typedef struct stele_job_chunk {
    int64_t no; /* 0: none */
    int kind, epoch, attempts, round;
    bool by_blocks;
    bool from_start, to_end;                    /* no lower, no upper bound */
    const char *low[STELE_KEY_COLUMNS];         /* exclusive; of blocks: one number, inclusive */
    const char *high[STELE_KEY_COLUMNS];        /* inclusive; of blocks: one number, exclusive */
    bool striped;                               /* its keys are listed in the order in which they are written: see stripe.h */
    int64_t listed, pages;                      /* so many, of so many pages; 0 pages: nobody knows any more */
    const char *cursor[STELE_KEY_COLUMNS];      /* done up to here; of blocks: a ctid; of keys that are listed: a number */
    bool begun;                                 /* there is a cursor */
    stele_job *job;                             /* whose list of what is held it is on; or NULL */
    stele_arena arena;                          /* of these texts */
} stele_job_chunk;

/* Are rows of the table itself changed? Else they are only read, and vectors go into a table of their own. */
bool stele_job_in_place(const stele_job *job);

/* How many texts a cursor has. */
size_t stele_chunk_width(const stele_job *job, const stele_job_chunk *chunk);

/* How many rows a chunk has. */
unsigned stele_chunk_rows(const stele_job *job);

/*
 * Take one of this kind that nobody is at, or that belongs to a worker that isn't heard of any more: chunk->no is 0 where there is none. `*left` is how many
 * of this kind aren't done, this one as well.
 */
stele_status stele_chunk_take(stele_job *job, int kind, stele_job_chunk *chunk, int64_t *left, stele_error *error);

/* Make the next one of the job's range, unless all are made: *made. */
stele_status stele_chunk_plan(stele_job *job, const stele_job_shape *shape, bool *made, stele_error *error);

/* Make a task of this kind, unless there is one of this round already; one that is done is to be done again. */
stele_status stele_chunk_task(stele_job *job, int kind, stele_error *error);

/* Is it still the one that was taken? Where nothing was heard of this worker for too long, it is another's. */
stele_status stele_chunk_is_held(stele_job *job, const stele_job_chunk *chunk, bool *held, stele_error *error);

/* Give it back, as far as it is, or because it is done. Nothing happens where it was lost already. What is forgotten isn't held any more: its lease runs out. */
stele_status stele_chunk_release(stele_job *job, stele_job_chunk *chunk, bool done, stele_error *error);
void stele_chunk_forget(stele_job_chunk *chunk);

/* A text[] of SQL, of so many values; in the arena, NULL: no memory. */
const char *stele_key_array(stele_arena *arena, const char *const *values, size_t count);

/* The inverse: UNMET where it isn't one of so many, none NULL; FAILED: no memory. */
stele_status stele_key_split(stele_arena *arena, const char *array, const char **values, size_t count);

#endif

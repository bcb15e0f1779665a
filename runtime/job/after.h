/*
 * after.h - what the rooms share that come behind the load: triggers, index, verification, switch, plan
 */
#ifndef STELE_JOB_AFTER_H
#define STELE_JOB_AFTER_H

#include "../psql.h"
#include "job.h"

/* ------------------------------------------------------------------- gently.c */

/*
 * Run statements in one transaction, READ COMMITTED, which waits for no lock longer than `wait` milliseconds; and again, after a pause with jitter, for as long as
 * stele_options says (lock_retry_ms): whoever wants the table behind us is held up no longer than that. LOCKED when there was no gap.
 */
stele_status stele_job_gently(stele_job *job, const char *sql, unsigned wait, stele_error *error);

/* The pause between two tries; LOCKED, with `first` as the error, when the time is up: `limit` milliseconds since `began`, by stele_clock. */
stele_status stele_job_wait_within(stele_job *job, int64_t began, unsigned limit, unsigned tries, const stele_error *first, stele_error *error);

/* Was it one of the failures that go away by themselves: a lock timeout, a deadlock, another one who did the same at that moment? */
bool stele_job_may_try_again(const stele_error *error);

/*
 * A query in a transaction of its own, READ ONLY, that lasts at most so many milliseconds; `settings` are statements run before it ("SET LOCAL ...;"), or NULL. When the time is
 * up, status is OK and *rows NULL.
 */
stele_status stele_job_bounded(stele_job *job, unsigned milliseconds, const char *settings, const char *sql, int count, const char *const *values,
                               stele_rows **rows, stele_error *error);

/* A number as SQL takes it, whatever the locale is. */
void stele_job_print_real(char out[32], double number);

/* ------------------------------------------------------------------ tally.c */

/* The key of `alias` as a text[], as `dirty` and `dead` have it; compared byte by byte, whatever its columns' collations say is equal. */
void stele_job_key_array(const stele_job *job, stele_text *text, const char *alias);

/* Where the vectors are, as SQL names it: `into`, or the table. */
const char *stele_job_target(const stele_job *job);

/* Each row of the table, and what became of it. */
typedef struct stele_job_tally {
    int64_t rows;                 /* of the table, that the job is about; each is one of the next four */
    int64_t good, dead, dirty, stale; /* has its vector; was given up; waits to be done; has none, or that of another input */
    int64_t nulls;                /* of the good: the vector is NULL */
    int64_t left;                 /* vectors without a row */
    char stale_key[128], null_key[128], left_key[128]; /* one of each */
    int64_t until;                /* given, by stele_clock: when it has to be over, and no statement takes longer; 0: there is time */
    bool late;                    /* and it wasn't */
} stele_job_tally;

/*
 * Go through all of it, in statements of some thousand blocks each, so that none holds the server's horizon for long. With `exact` false it stops where the first one that is stale or left was
 * found. Of a job that embeds.
 */
stele_status stele_job_take_tally(stele_job *job, const stele_job_shape *shape, bool exact, stele_job_tally *tally, stele_error *error);

/* Is all of the table to be compared, by a note that has no key? */
stele_status stele_job_is_all_due(stele_job *job, bool *due, stele_error *error);

/* ------------------------------------------------------------------- index.c */

/* The index that stele_job_build_index makes; "" where it isn't there. */
stele_status stele_job_find_index(stele_job *job, const stele_job_shape *shape, char name[300], bool *valid, stele_error *error);

/* The name of a vector index of the destination that has the column which is written, cut to `size`; "": there is none. */
stele_status stele_job_live_index(stele_job *job, const stele_job_shape *shape, char *name, size_t size, stele_error *error);

/* ------------------------------------------------------------- check_index.c */

/* Can the script's index be built, as far as its method, column and operator class tell? UNMET where it can't. */
stele_status stele_job_check_index(stele_job *job, const stele_job_shape *shape, stele_error *error);

/* ----------------------------------------------------------- danger_rights.c */

/* May this role do what the job does? UNMET where it may not, with the first that is missing: what a run would meet after hours is told before it begins. */
stele_status stele_job_check_rights(stele_job *job, const stele_job_shape *shape, stele_error *error);

/* ------------------------------------------------------------------- follow.c */

/* Have the table and all of its partitions and children the job's triggers, and are they on? */
stele_status stele_job_has_triggers(stele_job *job, const stele_job_shape *shape, bool *all, stele_error *error);

/* ---------------------------------------------------------------- phases.c */

/* Have a job that is ready go through all of its table once more, for what was changed. */
stele_status stele_job_sweep(stele_job *job, stele_error *error);

#endif

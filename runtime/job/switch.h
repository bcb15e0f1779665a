/*
 * switch.h - what a switch, in switch.c, and the way back, in undo.c, have in common: one transaction, tried until others leave it room
 */
#ifndef STELE_JOB_SWITCH_H
#define STELE_JOB_SWITCH_H

#include "../setting.h"
#include "after.h"

/* How a try ended. */
typedef enum stele_attempt {
    STELE_OVER_ENDED,     /* done, or failed for good */
    STELE_OVER_HELD_UP,   /* others held what it needs */
    STELE_OVER_CHANGED    /* rows were changed that have to be done first */
} stele_attempt;

typedef struct stele_over {
    stele_job *job;
    const stele_job_shape *shape;
    const char *reason;
    bool sweeps;         /* no trigger notes what is changed: it has to be looked for */
    stele_settings settings;
    stele_arena arena;   /* of one try */
} stele_over;

typedef stele_status stele_over_once(stele_over *t, stele_attempt *end, stele_error *error);

/* USAGE without a reason. */
stele_status stele_over_reason(const char *reason, stele_error *error);

/* UNMET, with the state that the job is in: it can't be `what`. `hint` is a format for the job's name, twice, or NULL. */
stele_status stele_over_refuse(const stele_job *job, const stele_job_row *row, const char *what, const char *hint, stele_error *error);

/* The pieces of the transaction; with `lock`, the table's writers wait until its end. The script's own statements are named by `what` in an error. */
stele_status stele_over_begin(stele_over *t, bool lock, stele_error *error);
stele_status stele_over_script(stele_job *job, const char *script, const char *what, stele_error *error);
stele_status stele_over_commit(stele_over *t, stele_error *error);

/* Try it until it ends, for as long as the caller's options say. */
stele_status stele_over_persist(stele_over *t, stele_over_once *once, stele_error *error);

#endif

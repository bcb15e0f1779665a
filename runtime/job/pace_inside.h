/*
 * pace_inside.h - the rooms of the pace: the question (pace_ask.c), and what is made of its answer (pace.c, with pace_size.c, pace_wal.c, pace_lag.c)
 *
 * All but the question is arithmetic on numbers and on a clock's value, so that tests can let a day pass in a moment.
 */
#ifndef STELE_JOB_PACE_INSIDE_H
#define STELE_JOB_PACE_INSIDE_H

#include "pace.h"

enum { STELE_SECOND = 1000000 };

/* What the server said, at one moment. Where it isn't known: -1, or "". */
typedef struct stele_load {
    int minute;               /* of the day, UTC, by the server's clock */
    int64_t written, flushed; /* WAL, in bytes since its beginning */
    unsigned waiting;         /* sessions that wait for this worker, */
    double waited;            /* and the longest of them, in seconds */
    int64_t replayed;         /* by the replica that is furthest behind */
    double replay_lag;        /* of that one, as the server has it */
    char replica[64];
    int hidden;               /* replicas that this role may not see */
    int sessions;             /* active ones, of others */
    char slot[64];            /* the replication slot that is nearest to losing its WAL, */
    double slot_left, slot_share; /* by so many bytes, and as a share of its limit */
    bool stop;                /* as `stop_when` says, */
    char stop_reason[96];     /* or that it failed */
} stele_load;

void stele_load_clear(stele_load *load);

/* The verdict, and all that follows from it. */
void stele_pace_judge(stele_pace *pace, const stele_load *load, int64_t now);

/* What stele_pace_answer and stele_pace_wrote do. */
void stele_pace_saw(stele_pace *pace, bool last, int64_t written, unsigned waiting, double waited, int64_t now);
void stele_pace_wrote_at(stele_pace *pace, unsigned rows, int64_t microseconds, bool failed, int64_t now);

/* pace_size.c: learn from a write; the size of the next one, by the time that it may take. */
void stele_pace_size_learn(stele_pace *pace, unsigned rows, double milliseconds);
void stele_pace_size_choose(stele_pace *pace, unsigned rows);
void stele_pace_size_halve(stele_pace *pace);

/*
 * pace_wal.c: WAL is at `written` now; `own` of what came since the last measurement is this worker's, -1: all of it. A write that didn't tell is charged as its rows took before. Then wal_until is
 * when the next write may begin.
 */
void stele_pace_wal_measure(stele_pace *pace, int64_t written, double own, int64_t now);
void stele_pace_wal_charge(stele_pace *pace, unsigned rows, int64_t now);
void stele_pace_wal_wait(stele_pace *pace);
double stele_pace_wal_rows(const stele_pace *pace, double wanted); /* as many of these as a write may have */
void stele_pace_wal_share(stele_pace *pace, int64_t now);          /* once for each look: how much of it is this worker's own */

/* pace_lag.c: how far behind the replicas are, pace->lag and pace->drain, and so pace->duty; pace->wal_rate, too. */
void stele_pace_lag_measure(stele_pace *pace, const stele_load *load, int64_t now);

#endif

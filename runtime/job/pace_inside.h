/*
 * pace_inside.h - the rooms of the pace: the question (pace_ask.c, of pace_parts.c, and pace_stop.c), and what is made of its answer (pace.c, with pace_size.c, pace_wal.c, pace_lag.c,
 * pace_care.c)
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
    bool others_write;        /* to the tables that this job writes into */
    int64_t replayed;         /* by the replica that is furthest behind */
    double replay_lag;        /* of that one, as the server has it */
    char replica[64];
    int hidden;               /* replicas that this role may not see */
    int sessions;             /* active ones, of others */
    char slot[64];            /* the replication slot that is nearest to losing its WAL, */
    double slot_left, slot_share; /* by so many bytes, and as a share of its limit */
    char held_xid[24];        /* the oldest transaction that vacuum has to heed, */
    char held_by[96];         /* for whom, */
    double held_since;        /* and for how many seconds at most */
    char freeze_database[64]; /* the one that is nearest to a wraparound, */
    double freeze_age, freeze_danger; /* its age in transactions; 0: it is due to be frozen, 1: vacuum does nothing else any more */
    char vacuum_table[128];   /* what is being vacuumed, of what this job writes into, */
    double vacuum_since;      /* for so many seconds */
    bool vacuum_hidden;       /* there are sessions or vacuums that this role may not see */
    bool archiver_fails;      /* it did, the last time; */
    double archiver_behind;   /* and so many segments wait for it */
    bool stop;                /* as `stop_when` says, */
    char stop_reason[96];     /* or that it failed */
} stele_load;

/* Nothing is known. */
void stele_load_clear(stele_load *load);

/* pace_parts.c: what the server is asked, each a row of so many columns. */
typedef enum stele_pace_part {
    STELE_PACE_WAL,
    STELE_PACE_WAITING,
    STELE_PACE_REPLICAS,
    STELE_PACE_SESSIONS,
    STELE_PACE_SLOTS,
    STELE_PACE_HORIZON,
    STELE_PACE_FREEZE,
    STELE_PACE_VACUUM,
    STELE_PACE_ARCHIVER,
    STELE_PACE_NUDGE,
    STELE_PACE_PARTS
} stele_pace_part;

typedef struct stele_pace_part_text {
    const char *sql;
    int columns;
    const char *without; /* what it means when it isn't answered */
} stele_pace_part_text;

extern const stele_pace_part_text stele_pace_parts[STELE_PACE_PARTS];
extern const char stele_pace_clock[], stele_pace_written[];

/* pace_stop.c: ask the knob's query, if there is one: load->stop. */
stele_status stele_pace_stop_when(stele_pace *pace, stele_link *link, stele_load *load, stele_error *error);

/* How long it is from one time to another; 0 where that isn't later. */
double stele_pace_seconds(int64_t from, int64_t to);

/* pace->workers, which nobody may have said: 1 at least. */
double stele_pace_workers(const stele_pace *pace);

/* The first reason of the gravest kind is the one that is told. */
__attribute__((format(printf, 3, 4))) void stele_pace_say(stele_pace *pace, stele_pace_verdict verdict, const char *format, ...);

/* pace_care.c: what keeps vacuum and the archiver from their work, and who else writes to the table: what to stop for, and pace->share. */
void stele_pace_care(stele_pace *pace, const stele_load *load, int64_t now);

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

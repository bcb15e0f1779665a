/*
 * pace.h - how fast a job may go: the knobs, and what the server says
 *
 * Once a second a worker asks the server, in one query: does anybody wait for me? how far behind are the replicas? how much WAL is written? how many sessions are at work? Any of these slows
 * or stops it, and the first is the reason that is shown. The size of a write tends to the time that a write may take.
 */
#ifndef STELE_JOB_PACE_H
#define STELE_JOB_PACE_H

#include "../handle.h"
#include "provider.h"

/* The knobs in force: a default, or what the script's `pace` says, or what was set in stele.job. See pace.c for the table of them. */
typedef struct stele_knobs {
    unsigned chunk;       /* "chunk": rows that are claimed at once; 5,000 */
    unsigned write_ms;    /* "write": a write shall take so long; 100ms */
    unsigned write_rows;  /* "write_rows": and has at most so many rows; 2,000 */
    unsigned concurrency; /* "concurrency": requests in flight; 4 */
    double rpm, tpm;      /* "rpm", "tpm": of all workers together; 0: no limit */
    double wal;           /* "wal": bytes a second, of all the server, "8MB/s"; 0 */
    double lag;           /* "lag": seconds that a replica may be behind; 2s; 0: don't look */
    double nice;          /* "nice": rest so many times as long as a write took; 0 */
    unsigned sessions;    /* "sessions": active sessions of others, at which it stops; 0: don't look */
    unsigned lease_ms;    /* "lease": a worker that isn't heard of for so long has lost what it claimed; 30s */
    double max_cost;      /* "max_cost": paused there; 0 */
    double max_dead;      /* "max_dead": paused when this share of the rows is given up, of at least 200; 0.01 */
    unsigned min_since, max_since; /* "window": minutes of the day, UTC, between which it works, "22:00-06:00"; both 0: always */
    const char *stop_when; /* "stop_when": a query; while it returns true, nothing is done; or NULL */
} stele_knobs;

/* Read a knob's value, "80ms", "8MB/s", "0.5", into `knobs`. USAGE for what isn't one, with the nearest name; `from` is what an error says of its place. The text must live as long as the knobs. */
stele_status stele_knob_read(stele_knobs *knobs, const char *name, const char *value, stele_error *error);

/* The defaults. */
void stele_knobs_default(stele_knobs *knobs);

/* Each knob, as text, in a stable order: for listing. */
void stele_knobs_each(const stele_knobs *knobs, void (*each)(void *data, const char *name, const char *value, const char *what), void *data);

typedef enum stele_verdict_of_pace { STELE_PACE_GO, STELE_PACE_SLOW, STELE_PACE_STOP } stele_verdict_of_pace;

typedef struct stele_pace {
    const stele_knobs *knobs;
    stele_verdict_of_pace verdict;
    char reason[128];      /* why it isn't GO: "replica lag 3.2 s", "2 sessions wait for this job", "WAL 9.1 of 8.0 MB/s" */
    double wal_rate, lag;  /* as in a report */
    unsigned rows;         /* of the next write */
    int64_t not_before;    /* stele_clock: no write before */
    /* pace.c's own: */
    double milliseconds_per_row, factor, wal_seen;
    int64_t sampled_at, stopped_at;
    char lsn[32];
    bool no_monitor;       /* this role may not see replicas */
} stele_pace;

void stele_pace_start(stele_pace *pace, const stele_knobs *knobs);

/* Ask the server, one query. No transaction and no pipeline may be open. `marks` are the processes that belong to this worker besides the link's own (the second connection's), 0-ended. */
stele_status stele_pace_sample(stele_pace *pace, stele *handle, const int *marks, stele_error *error);

/* After a write of so many rows that took so long: the next one's size, and the rest that has to be taken before it. `failed`: it ran into a timeout. */
void stele_pace_wrote(stele_pace *pace, unsigned rows, int64_t microseconds, bool failed);

#endif

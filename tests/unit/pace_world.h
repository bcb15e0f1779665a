/*
 * pace_world.h - a world that is made up, for the tests of a job's pace: a server, its replica and others who write, by a clock that goes as fast as it is computed
 */
#ifndef TESTS_PACE_WORLD_H
#define TESTS_PACE_WORLD_H

#include "job/pace_inside.h"

#include <string.h>

#include "tap.h"

enum { TICK = 5000, LOG_EVERY = 50000, LOG_LIMIT = 20000 };

typedef struct world {
    int64_t now;
    double written, replayed;            /* WAL, in bytes */
    double fixed, each;                  /* milliseconds: of a write, of a row */
    double row_bytes, others;            /* of a row; a second */
    double replica;                      /* what it reads, bytes a second; 0: there is none */
    double noise;                        /* 0.2: each of these differs by up to a fifth */
    bool tells;                          /* the writes ask where WAL is */
    unsigned waiting;                    /* who waits at each write */
    stele_load load;
    double log[LOG_LIMIT];               /* WAL at each 50 ms */
    unsigned logged;
    int64_t started_of_replayed;         /* the time whose WAL was just replayed, by the log */
    double worst_lag;                    /* seconds, really */
    int64_t rows, busy;
    unsigned writes;
    unsigned long seed;
} world;

static stele_knobs knobs;
static stele_pace pace;

static inline double random_of(world *w)
{
    w->seed = (w->seed * 1103515245u + 12345u) & 0x7fffffff;
    return (double)w->seed / 0x7fffffff;
}

static inline double about(world *w, double value)
{
    return value * (1 + w->noise * (2 * random_of(w) - 1));
}

/* Let time pass, in which others write and the replica reads. `own`: bytes that are written meanwhile. */
static inline void pass(world *w, int64_t time, double own)
{
    int64_t begin = w->now;
    while (w->now < begin + time) {
        int64_t step = begin + time - w->now < TICK ? begin + time - w->now : TICK;
        double seconds = (double)step / STELE_SECOND;
        w->written += about(w, w->others) * seconds + own * (double)step / (double)time;
        w->replayed += about(w, w->replica) * seconds;
        w->replayed = w->replayed < w->written ? w->replayed : w->written;
        w->now += step;
        while (w->logged < LOG_LIMIT && w->now >= (int64_t)(w->logged + 1) * LOG_EVERY)
            w->log[w->logged++] = w->written;
        while (w->started_of_replayed < w->logged && w->log[w->started_of_replayed] <= w->replayed)
            w->started_of_replayed++;
        double lag = w->started_of_replayed < w->logged ? (double)(w->now - (w->started_of_replayed + 1) * LOG_EVERY) / STELE_SECOND : 0;
        w->worst_lag = w->replica > 0 && lag > w->worst_lag ? lag : w->worst_lag;
    }
}

/* One worker's look at the server. */
static inline void look(world *w, stele_pace *p)
{
    w->load.written = w->load.flushed = (int64_t)w->written;
    w->load.replayed = w->replica > 0 ? (int64_t)w->replayed : -1;
    stele_pace_judge(p, &w->load, w->now);
}

static inline void sample(world *w)
{
    look(w, &pace);
}

static inline void write_once(world *w)
{
    unsigned rows = pace.rows;
    double time = about(w, w->fixed + w->each * rows) * 1000;
    if (w->tells)
        stele_pace_saw(&pace, false, (int64_t)w->written, 0, 0, w->now);
    pass(w, (int64_t)time + 1, about(w, w->row_bytes) * rows);
    if (w->tells || w->waiting > 0)
        stele_pace_saw(&pace, true, w->tells ? (int64_t)w->written : -1, w->waiting, 0.07, w->now);
    stele_pace_wrote_at(&pace, rows, (int64_t)time, false, w->now);
    w->rows += rows;
    w->busy += (int64_t)time;
    w->writes++;
}

/* Work for so many seconds. */
static inline void work(world *w, double seconds)
{
    for (int64_t end = w->now + (int64_t)(seconds * STELE_SECOND); w->now < end;) {
        if (w->now >= pace.sample_at)
            sample(w);
        if (pace.verdict != STELE_PACE_STOP && w->now >= pace.not_before)
            write_once(w);
        else
            pass(w, 1000, 0);
    }
}

static inline world begin(void)
{
    world w = {.fixed = 1, .each = 0.1, .row_bytes = 500, .seed = 7};
    stele_load_clear(&w.load);
    stele_knobs_default(&knobs);
    stele_pace_start(&pace, &knobs);
    return w;
}

/* The most WAL that any ten seconds had, as a share of the budget. */
static inline double worst_window(const world *w)
{
    const unsigned window = 10 * STELE_SECOND / LOG_EVERY;
    double worst = 0;
    for (unsigned i = window; i < w->logged; i++)
        worst = w->log[i] - w->log[i - window] > worst ? w->log[i] - w->log[i - window] : worst;
    return worst / (10 * knobs.wal);
}

#endif

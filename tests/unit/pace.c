/*
 * pace.c: the controllers of a job's speed, in a world that is made up: a server, its replica and others who write, by a clock that goes as fast as it is computed.
 */
#include "job/pace_inside.h"

#include <stdlib.h>
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

static double random_of(world *w)
{
    w->seed = (w->seed * 1103515245u + 12345u) & 0x7fffffff;
    return (double)w->seed / 0x7fffffff;
}

static double about(world *w, double value)
{
    return value * (1 + w->noise * (2 * random_of(w) - 1));
}

/* Let time pass, in which others write and the replica reads. `own`: bytes that are written meanwhile. */
static void pass(world *w, int64_t time, double own)
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

static void sample(world *w)
{
    w->load.written = w->load.flushed = (int64_t)w->written;
    w->load.replayed = w->replica > 0 ? (int64_t)w->replayed : -1;
    stele_pace_judge(&pace, &w->load, w->now);
}

static void write_once(world *w)
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
static void work(world *w, double seconds)
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

static world begin(void)
{
    world w = {.fixed = 1, .each = 0.1, .row_bytes = 500, .seed = 7};
    stele_load_clear(&w.load);
    stele_knobs_default(&knobs);
    stele_pace_start(&pace, &knobs);
    return w;
}

/* The most WAL that any ten seconds had, as a share of the budget. */
static double worst_window(const world *w)
{
    const unsigned window = 10 * STELE_SECOND / LOG_EVERY;
    double worst = 0;
    for (unsigned i = window; i < w->logged; i++)
        worst = w->log[i] - w->log[i - window] > worst ? w->log[i] - w->log[i - window] : worst;
    return worst / (10 * knobs.wal);
}

/* ------------------------------------------------------------------ together */

enum { CREW = 8, MOMENT = 1000 };

typedef struct mate {
    stele_pace pace;
    int64_t until;     /* when its write ends; 0: it doesn't write */
    double each, took; /* of its write, bytes in a moment; microseconds */
    unsigned in_write;
    double bytes;
    int64_t busy;      /* microseconds, of writes */
} mate;

static void let_one_work(world *w, mate *m)
{
    if (m->until == 0 && w->now >= m->pace.sample_at) {
        w->load.written = w->load.flushed = (int64_t)w->written;
        w->load.replayed = w->replica > 0 ? (int64_t)w->replayed : -1;
        stele_pace_judge(&m->pace, &w->load, w->now);
    }
    if (m->until == 0 && m->pace.verdict != STELE_PACE_STOP && w->now >= m->pace.not_before) {
        m->in_write = m->pace.rows;
        m->took = about(w, w->fixed + w->each * m->in_write) * 1000;
        m->each = about(w, w->row_bytes) * m->in_write * MOMENT / m->took;
        m->until = w->now + (int64_t)m->took;
        if (w->tells)
            stele_pace_saw(&m->pace, false, (int64_t)w->written, 0, 0, w->now);
    }
}

/* So many workers, each on its own, for so many seconds. */
static void work_together(world *w, mate *crew, unsigned count, double seconds)
{
    for (unsigned i = 0; i < count; i++) {
        if (crew[i].pace.knobs == NULL)
            stele_pace_start(&crew[i].pace, &knobs);
        crew[i].pace.workers = count;
        crew[i].bytes = 0;
        crew[i].busy = 0;
    }
    for (int64_t end = w->now + (int64_t)(seconds * STELE_SECOND); w->now < end;) {
        double bytes = 0;
        for (unsigned i = 0; i < count; i++) {
            let_one_work(w, &crew[i]);
            bytes += crew[i].until != 0 ? crew[i].each : 0;
            crew[i].bytes += crew[i].until != 0 ? crew[i].each : 0;
        }
        pass(w, MOMENT, bytes);
        for (unsigned i = 0; i < count; i++) {
            mate *m = &crew[i];
            if (m->until == 0 || w->now < m->until)
                continue;
            m->until = 0;
            m->busy += (int64_t)m->took;
            if (w->tells)
                stele_pace_saw(&m->pace, true, (int64_t)w->written, 0, 0, w->now);
            stele_pace_wrote_at(&m->pace, m->in_write, (int64_t)m->took, false, w->now);
        }
    }
}

static void test_budget_of_many(void)
{
    static const struct {
        unsigned count;
        double budget, row_bytes, each, others;
        bool tells;
    } cases[] = {{3, 2, 700, 0.05, 0, true}, {3, 2, 700, 0.05, 1, true}, {3, 2, 700, 0.05, 0, false}, {8, 2, 700, 0.05, 0, true}, {8, 8, 6000, 0.1, 3, true}, {8, 1, 20000, 0.1, 0, true},
                 {8, 2, 700, 0.05, 0, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static mate crew[CREW];
        double least = 1e12, most = 0;
        memset(crew, 0, sizeof crew);
        world w = begin();
        knobs.wal = cases[i].budget * 1048576;
        w.row_bytes = cases[i].row_bytes;
        w.each = cases[i].each;
        w.others = cases[i].others * 1048576;
        w.noise = 0.3;
        w.tells = cases[i].tells;
        work_together(&w, crew, cases[i].count, 60);
        for (unsigned k = 0; k < cases[i].count; k++) {
            least = crew[k].bytes < least ? crew[k].bytes : least;
            most = crew[k].bytes > most ? crew[k].bytes : most;
        }
        double worst = worst_window(&w), used = w.written / (knobs.wal * 60);
        ok(worst <= 1.1, "%u workers, one budget of %.0f MB/s, rows of %.0f bytes, others %.0f MB/s, %s: any 10 s have %.3f of it", cases[i].count, cases[i].budget, cases[i].row_bytes,
           cases[i].others, cases[i].tells ? "each write tells" : "a sample tells", worst);
        ok(used >= 0.85, "and it is used: %.3f", used);
        ok(least > most / (cases[i].count > 3 ? 10 : 2), "none is left with nothing: %.0f kB, where the first has %.0f", least / 1024, most / 1024);
    }
}

static void test_budget_of_fewer(void)
{
    static mate crew[CREW];
    world w = begin();
    memset(crew, 0, sizeof crew);
    knobs.wal = 2 * 1048576;
    w.tells = true;
    w.noise = 0.3;
    work_together(&w, crew, 4, 20);
    work_together(&w, crew, 1, 10);
    ok(crew[0].bytes > 0.85 * 10 * knobs.wal, "three of four go: the one that is left has all of it (%.3f)", crew[0].bytes / (10 * knobs.wal));
    work_together(&w, crew, 4, 10);
    ok(worst_window(&w) <= 1.1, "they come again: still no ten seconds have more (%.3f)", worst_window(&w));
}

static void test_nice_of_many(void)
{
    static mate crew[CREW];
    for (unsigned count = 1; count <= 4; count += 3) {
        world w = begin();
        memset(crew, 0, sizeof crew);
        knobs.nice = 1;
        double busy = 0;
        work_together(&w, crew, count, 60);
        for (unsigned i = 0; i < count; i++)
            busy += (double)crew[i].busy / STELE_SECOND / 60;
        ok(busy > 0.45 && busy < 0.55, "nice 1 is half of the time, of %u worker%s together (%.3f)", count, count == 1 ? "" : "s", busy);
    }
}

static void test_lag_of_many(void)
{
    static const double ratios[] = {0.3, 2, 10};
    for (size_t i = 0; i < sizeof ratios / sizeof *ratios; i++) {
        static mate crew[CREW];
        world w = begin();
        memset(crew, 0, sizeof crew);
        w.each = 0.02;
        w.noise = 0.1;
        w.replica = 3 * w.row_bytes / w.each * 1000 / ratios[i];
        work_together(&w, crew, 3, 60);
        ok(w.worst_lag < 4 && (ratios[i] > 1 || crew[0].pace.duty == 3), "three workers write %.1f times as fast as the replica reads: the lag is never twice the 2 s (%.2f; duty %.2f)", ratios[i],
           w.worst_lag, crew[0].pace.duty);
    }
}

/* --------------------------------------------------------------------- size */

static void test_size(void)
{
    static const struct {
        double fixed, each, noise, least, most;
    } cases[] = {{1, 0.05, 0, 95, 105}, {1, 0.1, 0.1, 90, 110}, {5, 1, 0.1, 85, 115}, {2, 10, 0.2, 75, 125}, {30, 0.2, 0.05, 85, 115}, {0.5, 40, 0.1, 70, 110},
                 {1, 300, 0.1, 250, 350}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world w = begin();
        w.fixed = cases[i].fixed;
        w.each = cases[i].each;
        w.noise = cases[i].noise;
        work(&w, 5);
        w.busy = w.writes = 0;
        work(&w, 20);
        double mean = (double)w.busy / w.writes / 1000;
        ok(mean >= cases[i].least && mean <= cases[i].most, "a row takes %.2f ms, and a write %.1f: writes tend to 100 ms (%.1f)", cases[i].each, cases[i].fixed, mean);
    }
}

static void test_changes(void)
{
    world w = begin();
    work(&w, 5);
    unsigned before = pace.rows;
    w.each *= 20;
    for (int i = 0; i < 4; i++)
        write_once(&w);
    ok(pace.rows < before / 12 && pace.rows > before / 40, "rows that take twenty times as long: %u become %u within four writes", before, pace.rows);
    w.each /= 20;
    work(&w, 3);
    ok(pace.rows > before * 0.8, "and back (%u)", pace.rows);
    work(&w, 10);
    knobs.write_rows = 50;
    write_once(&w);
    ok(pace.rows == 50, "never more than write_rows");
    knobs.write_rows = 2000;
    knobs.write_ms = 20;
    work(&w, 3);
    ok(pace.rows > 150 && pace.rows < 220, "another time of a write is taken at once (%u)", pace.rows);
}

static void test_far_server(void)
{
    world w = begin();
    w.fixed = 150;
    w.each = 0.1;
    work(&w, 30);
    ok(pace.rows > 300 && w.rows / 30 > 1000, "where a write of one row takes 150 ms, writes don't become ever smaller (%u)", pace.rows);
    w = begin();
    work(&w, 10);
    w.fixed = 150;
    work(&w, 30);
    w.rows = 0;
    work(&w, 30);
    ok(w.rows / 30 > 1000, "nor where it began to take so long later (%.0f a second)", (double)w.rows / 30);
    w = begin();
    stele_pace_wrote_at(&pace, 16, 0, false, 0);
    ok(pace.rows == 32, "a clock that stood still, and growth to twice at most");
    stele_pace_wrote_at(&pace, 0, 5000000, false, 0);
    ok(pace.rows == 32, "a write of no rows teaches nothing");
}

static void test_last_of_chunk(void)
{
    world w = begin();
    w.fixed = 5;
    work(&w, 10);
    unsigned before = pace.rows;
    stele_pace_wrote_at(&pace, 3, 9000, false, w.now);
    ok(pace.rows > before * 0.8 && pace.rows <= before, "a small write at the end of a chunk doesn't change the size (%u, %u)", before, pace.rows);
}

static void test_failed(void)
{
    world w = begin();
    work(&w, 5);
    unsigned before = pace.rows;
    stele_pace_wrote_at(&pace, before, 2000000, true, w.now);
    ok(pace.rows <= before / 2, "a write that ran into a timeout halves the size (%u, %u)", before, pace.rows);
    for (int i = 0; i < 20; i++)
        stele_pace_wrote_at(&pace, pace.rows, 2000000, true, w.now);
    ok(pace.rows == 1, "again and again: one row");
    work(&w, 60);
    ok(pace.rows > before * 0.8, "and it recovers (%u)", pace.rows);
}

/* ------------------------------------------------------------------ waiting */

static void test_waiting(void)
{
    world w = begin();
    work(&w, 5);
    unsigned before = pace.rows;
    w.waiting = 2;
    write_once(&w);
    ok(pace.rows <= before / 2 + 1 && pace.verdict == STELE_PACE_SLOW && strcmp(pace.reason, "2 sessions wait for this job, for 0.1 s") == 0,
       "somebody waits: the size is halved at once (%u, %u): %s", before, pace.rows, pace.reason);
    for (int i = 0; i < 20; i++)
        write_once(&w);
    ok(pace.rows >= before / 32 && pace.rows <= before / 8, "still: to a sixteenth, and no further (%u)", pace.rows);
    w.waiting = 0;
    work(&w, 5);
    ok(pace.rows < before / 4 && pace.verdict == STELE_PACE_GO, "nobody waits: it recovers slowly (%u)", pace.rows);
    work(&w, 40);
    ok(pace.rows > before * 0.8, "but does (%u)", pace.rows);
    w.load.waiting = 1;
    sample(&w);
    ok(pace.verdict == STELE_PACE_SLOW && strcmp(pace.reason, "1 session waits for this job") == 0 && pace.factor == 0.5, "whom another connection of ours makes wait, a sample says");
}

/* ---------------------------------------------------------------------- WAL */

static void test_budget(void)
{
    static const struct {
        double budget, row_bytes, each, others;
        bool tells;
    } cases[] = {{8, 500, 0.02, 0, true}, {8, 500, 0.02, 0, false}, {8, 8000, 0.05, 4, true}, {8, 8000, 0.05, 4, false}, {1, 20000, 0.1, 0, true},
                 {2, 300, 0.01, 1.5, true}, {0.1, 9000, 0.1, 0, true}, {0.1, 9000, 0.1, 0.02, false}, {200, 500, 0.02, 10, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world w = begin();
        knobs.wal = cases[i].budget * 1048576;
        w.row_bytes = cases[i].row_bytes;
        w.each = cases[i].each;
        w.others = cases[i].others * 1048576;
        w.noise = 0.3;
        w.tells = cases[i].tells;
        work(&w, 120);
        double worst = worst_window(&w), used = w.written / (knobs.wal * 120), possible = (w.others + w.row_bytes / w.each * 1000) / knobs.wal;
        ok(worst <= 1.1, "%.1f MB/s, rows of %.0f bytes, others %.1f MB/s, %s: any 10 s have %.3f of it", cases[i].budget, cases[i].row_bytes, cases[i].others,
           cases[i].tells ? "each write tells" : "a sample tells", worst);
        ok(used >= 0.85 || possible < 1, "and it is used: %.3f", used);
    }
}

static void test_budget_of_others(void)
{
    world w = begin();
    knobs.wal = 4 * 1048576;
    w.tells = true;
    work(&w, 20);
    w.others = 10 * 1048576;
    work(&w, 5);
    int64_t rows = w.rows;
    work(&w, 20);
    ok(w.rows - rows < 20 * 100 && pace.verdict == STELE_PACE_STOP && strncmp(pace.reason, "WAL 10.", 7) == 0, "others write more than the budget: it stops: %s", pace.reason);
    w.others = 0;
    work(&w, 12);
    rows = w.rows;
    work(&w, 5);
    ok(w.rows - rows > 5 * 4000 && pace.verdict != STELE_PACE_STOP, "they stop: it goes on within ten seconds");
}

static void test_page_images(void)
{
    world w = begin();
    knobs.wal = 4 * 1048576;
    w.tells = true;
    w.each = 0.02;
    w.noise = 0.2;
    for (int i = 0; i < 6; i++) {
        w.row_bytes = i % 2 == 0 ? 300 : 6000; /* after a checkpoint, a row takes a whole page */
        work(&w, 15);
    }
    double worst = worst_window(&w);
    ok(worst <= 1.1, "after checkpoints, when rows take twenty times as much, any 10 s have %.3f of the budget", worst);
}

static void test_other_server(void)
{
    world w = begin();
    knobs.wal = 4 * 1048576;
    w.tells = true;
    work(&w, 5);
    w.written = 1000;
    work(&w, 5);
    ok(pace.not_before < w.now + 2 * STELE_SECOND && pace.verdict != STELE_PACE_STOP, "a position that went back is another server's");
    w.load.written = w.load.flushed = -1;
    stele_pace_judge(&pace, &w.load, w.now);
    ok(pace.verdict == STELE_PACE_GO && pace.wal_until == 0, "a server that doesn't tell its position: the budget is not known to be used");
}

/* ---------------------------------------------------------------------- lag */

static void test_lag_bound(void)
{
    static const double ratios[] = {0.5, 1.3, 2, 5, 10, 30};
    for (size_t i = 0; i < sizeof ratios / sizeof *ratios; i++) {
        world w = begin();
        w.each = 0.02;
        w.noise = 0.1;
        w.replica = w.row_bytes / w.each * 1000 / ratios[i];
        work(&w, 120);
        double used = w.written / (w.replica * 120 < w.row_bytes / w.each * 120000 ? w.replica * 120 : w.row_bytes / w.each * 120000);
        ok(w.worst_lag < 4, "writes %.1f times as fast as the replica reads: the lag is never twice the 2 s (%.2f)", ratios[i], w.worst_lag);
        ok(used > 0.4, "and %.2f of what is possible is done", used);
    }
}

static void test_lag_of_stall(void)
{
    world w = begin();
    w.replica = 100 * 1048576;
    work(&w, 30);
    ok(pace.verdict == STELE_PACE_GO && pace.duty == 1 && pace.lag >= 0 && pace.lag < 0.2, "a replica that follows slows nothing (%.2f s)", pace.lag);
    w.replica = 0.001; /* a query there stands in its way */
    int64_t rows = w.rows;
    work(&w, 3.4);
    ok(pace.verdict == STELE_PACE_STOP && strstr(pace.reason, "replica lag 3.") == pace.reason, "one that stands still stops it: %s", pace.reason);
    rows = w.rows;
    work(&w, 20);
    ok(w.rows == rows && pace.lag > 22 && pace.lag < 25, "for as long as it does, and the lag is its age (%.1f s)", pace.lag);
    work(&w, 300);
    ok(pace.lag > 318 && pace.lag < 328, "also after minutes (%.1f s)", pace.lag);
    w.replica = 100 * 1048576;
    work(&w, 2);
    ok(pace.verdict != STELE_PACE_STOP && w.rows > rows, "it goes on when the replica does");
    work(&w, 60);
    ok(pace.verdict == STELE_PACE_GO && pace.duty == 1, "and comes back to its speed");
}

static void test_lag_of_others(void)
{
    world w = begin();
    knobs.lag = 0.5;
    w.replica = 2 * 1048576;
    w.others = 2.5 * 1048576;
    work(&w, 20);
    ok(pace.verdict == STELE_PACE_STOP, "where others alone are too much for a replica, it stops: %s", pace.reason);
    knobs.lag = 0;
    sample(&w);
    ok(pace.verdict == STELE_PACE_GO && pace.lag == -1 && pace.duty == 1, "unless nobody looks");
}

static void test_lag_of_idle(void)
{
    world w = begin();
    w.replica = 1e6;
    sample(&w);
    w.now += 60 * STELE_SECOND;
    w.written += 40; /* the head of a page */
    w.load.written = w.load.flushed = (int64_t)w.written;
    w.load.replayed = (int64_t)w.replayed;
    stele_pace_judge(&pace, &w.load, w.now);
    ok(pace.lag == 0 && pace.verdict == STELE_PACE_GO, "a position that differs by a page's head is no lag");
    stele_pace_start(&pace, &knobs);
    w.load.flushed = 50000000;
    w.load.replayed = 1000;
    w.load.replay_lag = 7;
    strcpy(w.load.replica, "west");
    stele_pace_judge(&pace, &w.load, w.now);
    ok(pace.verdict == STELE_PACE_STOP && strcmp(pace.reason, "replica lag 7.0 s (\"west\")") == 0, "what was before the job began, the server says: %s", pace.reason);
}

/* ------------------------------------------------------------------- others */

static void is_in_window(unsigned since, unsigned until, int minute, bool in)
{
    world w = begin();
    knobs.min_since = since;
    knobs.max_since = until;
    w.load.minute = minute;
    sample(&w);
    ok((pace.verdict == STELE_PACE_GO) == in, "at %02d:%02d, %02u:%02u-%02u:%02u: %s", minute / 60, minute % 60, since / 60, since % 60, until / 60, until % 60,
       in ? "it works" : pace.reason);
}

static void test_others(void)
{
    is_in_window(1320, 360, 1319, false);
    is_in_window(1320, 360, 1320, true);
    is_in_window(1320, 360, 0, true);
    is_in_window(1320, 360, 360, false);
    is_in_window(540, 1020, 539, false);
    is_in_window(540, 1020, 1019, true);
    is_in_window(0, 1440, 1439, true);
    is_in_window(1320, 0, 1400, true);
    is_in_window(1320, 0, 0, false);
    is_in_window(1320, 360, -1, true);
    world w = begin();
    knobs.sessions = 8;
    w.load.sessions = 7;
    sample(&w);
    ok(pace.verdict == STELE_PACE_GO, "7 sessions of 8");
    w.load.sessions = 8;
    sample(&w);
    ok(pace.verdict == STELE_PACE_STOP && strcmp(pace.reason, "8 sessions of others are active; it stops at 8") == 0 && pace.not_before > w.now, "8: %s", pace.reason);
    w.load.sessions = -1;
    strcpy(w.load.slot, "s1");
    w.load.slot_left = 300 * 1048576.0;
    w.load.slot_share = 0.3;
    sample(&w);
    ok(pace.verdict == STELE_PACE_GO, "a slot that has 30 %% left");
    w.load.slot_share = 0.2;
    sample(&w);
    ok(pace.verdict == STELE_PACE_SLOW, "20 %%: %s", pace.reason);
    w.load.slot_share = 0.05;
    sample(&w);
    ok(pace.verdict == STELE_PACE_STOP && strcmp(pace.reason, "replication slot \"s1\" loses its WAL in 300 MB") == 0, "5 %%: %s", pace.reason);
    w.load.waiting = 1;
    w.load.stop = true;
    strcpy(w.load.stop_reason, "stop_when is true");
    sample(&w);
    ok(strcmp(pace.reason, "stop_when is true") == 0, "the first of the gravest reasons is told");
    w = begin();
    knobs.nice = 3;
    stele_pace_wrote_at(&pace, 10, 100000, false, 1000000);
    ok(pace.not_before == 1300000, "nice 3: it rests three times as long as it wrote");
}

int main(void)
{
    test_size();
    test_changes();
    test_far_server();
    test_last_of_chunk();
    test_failed();
    test_waiting();
    test_budget();
    test_budget_of_others();
    test_budget_of_many();
    test_budget_of_fewer();
    test_nice_of_many();
    test_lag_of_many();
    test_page_images();
    test_other_server();
    test_lag_bound();
    test_lag_of_stall();
    test_lag_of_others();
    test_lag_of_idle();
    test_others();
    return done();
}

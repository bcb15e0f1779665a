/*
 * pace_limits.c: a job's budget of WAL, and the lag of replicas
 */
#include "pace_world.h"

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

int main(void)
{
    test_budget();
    test_budget_of_others();
    test_page_images();
    test_other_server();
    test_lag_bound();
    test_lag_of_stall();
    test_lag_of_others();
    test_lag_of_idle();
    return done();
}

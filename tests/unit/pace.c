/*
 * pace.c: the size of a job's writes, and what slows or stops it
 */
#include "pace_world.h"

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

/* What an administrator would slow a job for. */
static void test_care(void)
{
    world w = begin();
    strcpy(w.load.held_xid, "700");
    strcpy(w.load.held_by, "pid 12 (app)");
    w.load.held_since = 720;
    sample(&w);
    ok(pace.verdict == STELE_PACE_GO, "one look at an old transaction doesn't tell whether it holds vacuum back");
    strcpy(w.load.held_xid, "702");
    w.now += STELE_SECOND;
    sample(&w);
    ok(pace.verdict == STELE_PACE_GO && pace.share == 0, "nor does another one, when it has a new snapshot");
    w.now += STELE_SECOND;
    sample(&w);
    ok(pace.verdict == STELE_PACE_SLOW && pace.share == 0.25 && strcmp(pace.reason, "vacuum is held back for 12 min by pid 12 (app)") == 0, "the same one does: %s", pace.reason);
    stele_pace_wrote_at(&pace, 10, 100000, false, w.now);
    ok(pace.rest_until == w.now + 300000, "so a quarter of the time is for writes");
    pace.workers = 3;
    stele_pace_wrote_at(&pace, 10, 100000, false, w.now);
    ok(pace.rest_until == w.now + 1100000, "of three workers together");
    w.load.held_since = -1;
    w.now += STELE_SECOND;
    sample(&w);
    ok(pace.verdict == STELE_PACE_GO, "of a slot nobody knows since when");
    for (int i = 0; i < 300; i++) {
        w.now += STELE_SECOND;
        sample(&w);
    }
    ok(pace.verdict == STELE_PACE_SLOW && strncmp(pace.reason, "vacuum is held back for 5 min", 29) == 0, "but how long it was seen: %s", pace.reason);
    stele_load_clear(&w.load);
    strcpy(w.load.vacuum_table, "t");
    w.load.vacuum_since = 299;
    sample(&w);
    ok(pace.verdict == STELE_PACE_GO, "a short vacuum");
    w.load.vacuum_since = 7200;
    sample(&w);
    ok(pace.verdict == STELE_PACE_SLOW && strcmp(pace.reason, "vacuum is at t, for 120 min") == 0, "a long one: %s", pace.reason);
    stele_load_clear(&w.load);
    w.load.archiver_behind = 41;
    sample(&w);
    ok(pace.verdict == STELE_PACE_GO, "an archiver that is a little behind");
    w.load.archiver_behind = 42;
    sample(&w);
    ok(pace.verdict == STELE_PACE_SLOW && strcmp(pace.reason, "the archiver is behind: 42 segments of WAL wait for it") == 0, "by more: %s", pace.reason);
    w.load.archiver_behind = 168;
    sample(&w);
    ok(pace.verdict == STELE_PACE_STOP, "by four times as much");
    w.load.archiver_behind = -1;
    w.load.archiver_fails = true;
    sample(&w);
    ok(pace.verdict == STELE_PACE_SLOW && pace.share == 0.25, "one that fails: %s", pace.reason);
    stele_load_clear(&w.load);
    w.load.freeze_danger = 0.49;
    sample(&w);
    ok(pace.verdict == STELE_PACE_GO && pace.share == 0, "nothing is the matter");
    strcpy(w.load.freeze_database, "app");
    w.load.freeze_age = 1.6e9;
    w.load.freeze_danger = 1;
    sample(&w);
    ok(pace.verdict == STELE_PACE_STOP && strcmp(pace.reason, "a wraparound comes near: database \"app\" has 1600.0 million transactions to freeze") == 0, "a wraparound: %s", pace.reason);
}

static void test_beside(void)
{
    world w = begin();
    work(&w, 10);
    unsigned before = pace.rows;
    w.load.others_write = true;
    w.busy = w.writes = 0;
    work(&w, 20);
    ok(pace.rows < before / 3 && (double)w.busy < 11e6 && (double)w.busy > 9e6, "beside others, writes are smaller (%u, %u), and take half of the time (%.1f of 20 s)", before, pace.rows,
       (double)w.busy / 1e6);
    ok(pace.verdict == STELE_PACE_SLOW && strcmp(pace.reason, "others write to the same table: 50 % of the time is for writes") == 0, "and it says so: %s", pace.reason);
    for (int i = 0; i < 5; i++) { /* its provider has given nothing meanwhile */
        w.now = pace.not_before + STELE_SECOND;
        write_once(&w);
        sample(&w);
    }
    ok(pace.verdict == STELE_PACE_GO, "unless it waited for something else");
    w = begin();
    w.fixed = 60;
    w.each = 0.5;
    w.load.others_write = true;
    work(&w, 20);
    ok(pace.rows > 70 && pace.rows < 110, "where a write of one row takes 60 ms, they don't become ever smaller (%u)", pace.rows);
    w = begin();
    w.load.others_write = true;
    work(&w, 10);
    w.load.others_write = false;
    work(&w, 20);
    ok(pace.rows > before * 0.9 && pace.share == 0, "they go: all is as before (%u)", pace.rows);
}

int main(void)
{
    test_size();
    test_changes();
    test_far_server();
    test_last_of_chunk();
    test_failed();
    test_waiting();
    test_others();
    test_care();
    test_beside();
    return done();
}

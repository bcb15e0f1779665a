/*
 * pace_workers.c: several workers of a job, each on its own, and what they share
 */
#include "pace_world.h"

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
    if (m->until == 0 && w->now >= m->pace.sample_at)
        look(w, &m->pace);
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

int main(void)
{
    test_budget_of_many();
    test_budget_of_fewer();
    test_nice_of_many();
    test_lag_of_many();
    return done();
}

/*
 * pace_wal.c - a budget of WAL
 *
 * What is left of the budget grows with time, up to what a third of a second brings, and falls by all that the server writes, whoever makes it; a write begins when what it will take is there. So
 * any ten seconds have the budget, that third, and the error of one guess. Position by position it is what the server said; in between, this worker's rows are guessed.
 *
 * So several workers keep to one budget without a word between them. But they can't see each other's writes begin: each makes its own as many times smaller as there are workers. And one that
 * had more than its share waits until all is there that may be kept, so that whoever had less comes first.
 */
#include "pace_inside.h"

static const double kept = 0.3, of_a_write = 0.2, of_pages = 0.6, debt = 10; /* seconds of the budget: kept unused; for one write, and for one
                                                                              of which each row takes a page; that others may be over it, before that is forgotten */

static double clamp(double value, double least, double most)
{
    return value < least ? least : value > most ? most : value;
}

/* Over about a second. */
static void learn_rate(double *rate, double bytes, double time)
{
    if (time > 0.001)
        *rate += ((bytes > 0 ? bytes : 0) / time - *rate) * time / (time + 1);
}

/* What came while this worker wrote is its own, but for what its fellows made of it. */
static double own_part(const stele_pace *pace, double bytes, double time)
{
    double own = bytes - pace->wal_others * time, least = bytes / stele_pace_workers(pace);
    return pace->workers > 1 && own < bytes ? own > least ? own : least : bytes;
}

/* What it writes itself, from one look to the next. */
void stele_pace_wal_share(stele_pace *pace, int64_t now)
{
    double time = stele_pace_seconds(pace->wal_own_at, now);
    learn_rate(&pace->wal_own, pace->wal_mine, time);
    pace->wal_mine = 0;
    pace->wal_own_at = now;
}

static void learn_row(stele_pace *pace, double bytes, unsigned rows)
{
    double each = (bytes > 0 ? bytes : 0) / rows;
    pace->wal_per_row = pace->wal_per_row <= 0 ? each : pace->wal_per_row + (each - pace->wal_per_row) / 2;
}

/* Rows that were written without telling: what came is theirs, but for what others make. It may be wrong by much, so it grows slowly. */
static void learn_by_difference(stele_pace *pace, double bytes, double time)
{
    double own = bytes - pace->wal_others * time, most = pace->wal_per_row * 1.5 * pace->rows_since;
    learn_row(pace, pace->wal_per_row > 0 && own > most ? most : own, pace->rows_since);
}

void stele_pace_wal_measure(stele_pace *pace, int64_t written, double own, int64_t now)
{
    double budget = pace->knobs->wal, time = stele_pace_seconds(pace->wal_at, now), bytes = (double)(written - pace->wal_written);
    if (written < 0 || pace->wal_written < 0 || bytes < 0) { /* not known, the first time, or another server */
        pace->wal_left = kept * budget;
    } else {
        if (own >= 0 && pace->rows_since > 0)
            learn_by_difference(pace, bytes, time);
        else if (own >= 0)
            learn_rate(&pace->wal_others, bytes - own, time);
        else
            pace->wal_of_write = own_part(pace, bytes, time);
        pace->wal_left = clamp(pace->wal_left + budget * time - bytes, -debt * budget, kept * budget);
    }
    pace->wal_written = written;
    pace->wal_at = now;
    pace->wal_spent = 0;
    pace->rows_since = 0;
}

void stele_pace_wal_charge(stele_pace *pace, unsigned rows, int64_t now)
{
    pace->wal_mine += pace->wal_of_write >= 0 ? pace->wal_of_write : pace->wal_per_row * rows;
    if (pace->wal_of_write >= 0) {
        learn_row(pace, pace->wal_of_write, rows);
    } else {
        pace->wal_spent += pace->wal_per_row * rows;
        pace->rows_since += rows;
        if (pace->knobs->wal > 0 && (pace->wal_per_row <= 0 || pace->wal_spent > kept * pace->knobs->wal) && pace->sample_at > now)
            pace->sample_at = now;
    }
    pace->wal_of_write = -1;
}

void stele_pace_wal_wait(stele_pace *pace)
{
    double budget = pace->knobs->wal, gain = budget - pace->wal_others, need = pace->wal_per_row * pace->rows;
    bool had_more = pace->workers > 1 && pace->wal_own > budget / pace->workers;
    pace->wal_until = 0;
    if (budget <= 0 || pace->wal_written < 0)
        return;
    double missing = (need < kept * budget && !had_more ? need : kept * budget) - pace->wal_left + pace->wal_spent;
    double least = pace->workers > 1 && !had_more ? budget / 2 / pace->workers : budget / 50; /* its fellows make room for it */
    gain = gain > least ? gain : least;
    if (missing > 0)
        pace->wal_until = pace->wal_at + (int64_t)(clamp(missing / gain, 0, 60) * STELE_SECOND);
}

/*
 * After a checkpoint a row that took 100 bytes takes a page, at once: also then a write may not be much over the budget. Where others write most of the WAL, what a row takes is known badly: it
 * may not make writes ever smaller.
 */
double stele_pace_wal_rows(const stele_pace *pace, double wanted)
{
    const double page = 8192;
    double budget = pace->knobs->wal / stele_pace_workers(pace), rows = wanted;
    if (budget <= 0)
        return wanted;
    if (pace->wal_per_row > 0)
        rows = clamp(of_a_write * budget / pace->wal_per_row, wanted / 32, wanted);
    return rows < of_pages * budget / page ? rows : of_pages * budget / page;
}

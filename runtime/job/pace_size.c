/*
 * pace_size.c - how many rows a write has
 *
 * A write takes a fixed time (the way to the server and back, the commit's way to the disk) and some more for each row. Where the fixed part is long, fewer rows don't make it shorter: who
 * then divides and divides again ends at one row a write. So the fixed part is told apart, by a straight line through the last writes, and what is left is for rows.
 */
#include "pace_inside.h"

enum { FIRST_ROWS = 16, BESIDE_WAL = 128 * 1024 };
static const double beside_others = 0.25;

/* The part that doesn't depend on rows. Where all writes were of one size nothing can be told, and it is taken to be what it was. */
static double fixed_part(const stele_pace *pace)
{
    const double n = pace->fit[0], x = pace->fit[1], y = pace->fit[2], xx = pace->fit[3], xy = pace->fit[4], pull = 0.05 * n;
    double below = (n + pull) * xx - x * x;
    double fixed = below > 0 ? ((y + pull * pace->fixed_milliseconds) * xx - x * xy) / below : 0;
    return fixed > 0 ? fixed : 0;
}

/* A write that takes quite another time than was to be expected tells that things have changed: what was before is as good as forgotten. */
static void fit_line(stele_pace *pace, double rows, double milliseconds)
{
    const double last[5] = {1, rows, milliseconds, rows * rows, rows * milliseconds};
    double expected = pace->fixed_milliseconds + rows * pace->milliseconds_per_row;
    double kept = milliseconds > expected * 1.5 || milliseconds < expected / 1.5 ? 0.03 : 0.9;
    for (size_t i = 0; i < 5; i++)
        pace->fit[i] = pace->fit[i] * kept + last[i];
    double fixed = fixed_part(pace);
    pace->fixed_milliseconds = fixed < milliseconds * 0.95 ? fixed : milliseconds * 0.95;
}

void stele_pace_size_learn(stele_pace *pace, unsigned rows, double milliseconds)
{
    /* The last write of a chunk may be a small one, which tells less of the others. */
    double share = (double)rows / pace->rows, weight = 0.75 * (share < 1 ? share : 1);
    if (milliseconds < 0.01)
        milliseconds = 0.01;
    fit_line(pace, rows, milliseconds);
    double each = (milliseconds - pace->fixed_milliseconds) / rows;
    pace->milliseconds_per_row = pace->milliseconds_per_row == 0 ? each : pace->milliseconds_per_row * (1 - weight) + each * weight;
}

void stele_pace_size_choose(stele_pace *pace, unsigned rows)
{
    /* Where a replica is short of time, what it gets at once is little, too; and whoever commits waits for what others have just written to be on the disk. */
    double gentle = pace->duty >= 0.25 ? 1 : pace->duty > 1.0 / 32 ? pace->duty * 4 : 1.0 / 8;
    gentle = pace->small && gentle > beside_others ? beside_others : gentle;
    double most = pace->knobs->write_rows * gentle, time = pace->knobs->write_ms * pace->factor * gentle, wanted = pace->rows == 0 ? FIRST_ROWS : pace->rows, limit;
    if (pace->milliseconds_per_row > 0) {
        double left = time - pace->fixed_milliseconds, least = time / 2, usual = pace->knobs->write_ms * pace->factor / 2;
        /* Beside others as well, what is paid for each write has to be worth it: it is as much for rows as for the rest, up to what it is without them. */
        if (pace->small && least < pace->fixed_milliseconds && least < usual)
            least = pace->fixed_milliseconds < usual ? pace->fixed_milliseconds : usual;
        wanted = (left > least ? left : least) / pace->milliseconds_per_row;
        limit = rows * 2.0 >= pace->rows ? pace->rows * 2.0 : pace->rows; /* what wasn't tried tells nothing of more */
        wanted = wanted < limit ? wanted : limit;
    }
    /* Who commits beside it waits until all that was written before is on the disk: measured, with vectors of 4 kB, p99 is what it is alone with 100 kB a write, and 1.5 times that with 500 kB. */
    if (pace->small && pace->wal_per_row > 0 && most > BESIDE_WAL / pace->wal_per_row)
        most = BESIDE_WAL / pace->wal_per_row;
    limit = stele_pace_wal_rows(pace, wanted);
    wanted = wanted < limit ? wanted : limit;
    wanted = wanted < most ? wanted : most;
    pace->rows = wanted < 1 ? 1 : (unsigned)wanted;
}

void stele_pace_size_halve(stele_pace *pace)
{
    const double least = 1.0 / 16; /* smaller ones don't help those who wait any more */
    if (pace->factor > least) {
        pace->factor = pace->factor / 2 > least ? pace->factor / 2 : least;
        pace->rows = pace->rows > 1 ? pace->rows / 2 : 1;
    }
}

/*
 * pace_lag.c - how far behind the replicas are, in time
 *
 * A replica is as far behind as it is long ago that WAL was where the replica is now; the server's own replay_lag says what was, at the last commit that arrived. But when that is seen, it
 * may be too late: what was written ten times as fast as a replica reads will keep it busy ten times as long. So what it has still to read is looked at as well, at the speed at which it reads.
 */
#include "pace_inside.h"

enum { ABOUT_NOTHING = 64, WATCH_EVERY = STELE_SECOND / 2 }; /* bytes: positions differ by a page's head, though nothing is behind */

static const double first_duty = 1.0 / 32, least_duty = 1.0 / 64;

/* Where there is no room any more, every second one of the older half goes: so it reaches back twice as far, with less detail there. */
static void thin_out(stele_pace *pace)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < pace->past_count; i++)
        if (i >= STELE_PACE_PAST / 2 || i % 2 == 0)
            pace->past[kept++] = pace->past[i];
    pace->past_count = kept;
}

static void remember(stele_pace *pace, int64_t flushed, int64_t now)
{
    unsigned count = pace->past_count;
    if (count > 0 && flushed < pace->past[count - 1].flushed)
        pace->past_count = 0; /* another server */
    else if (count > 1 && flushed == pace->past[count - 2].flushed)
        pace->past_count--; /* of a time without WAL, its two ends are enough */
    if (pace->past_count == STELE_PACE_PAST)
        thin_out(pace);
    pace->past[pace->past_count].at = now;
    pace->past[pace->past_count++].flushed = flushed;
}

/* All WAL that is on the disk, a second, over the last few. */
static void measure_rate(stele_pace *pace, int64_t now)
{
    unsigned last = pace->past_count - 1, i = last;
    while (i > 0 && now - pace->past[i].at < 3 * STELE_SECOND)
        i--;
    double time = stele_pace_seconds(pace->past[i].at, now);
    if (time > 0)
        pace->wal_rate = (double)(pace->past[last].flushed - pace->past[i].flushed) / time;
}

/* How long ago was WAL there? Between two looks it is taken to have grown evenly. */
static double age_of(const stele_pace *pace, int64_t position, double reported, int64_t now)
{
    unsigned i = pace->past_count;
    while (i > 0 && pace->past[i - 1].flushed > position)
        i--;
    if (i == 0) {
        double at_least = stele_pace_seconds(pace->past[0].at, now);
        return reported > at_least ? reported : at_least;
    }
    if (i == pace->past_count)
        return 0;
    double share = (double)(position - pace->past[i - 1].flushed) / (double)(pace->past[i].flushed - pace->past[i - 1].flushed);
    return stele_pace_seconds(pace->past[i - 1].at, now) - share * stele_pace_seconds(pace->past[i - 1].at, pace->past[i].at);
}

/*
 * Only where it was at work all the time since the last look its speed is known: it read no more than it had to read already; or of all that it had to read by now most is left, and some was
 * then. Else one write just before each look would be taken for more and more.
 */
static void measure_drain(stele_pace *pace, const stele_load *load, int64_t behind, int64_t now)
{
    double time = stele_pace_seconds(pace->replayed_at, now), read = (double)(load->replayed - pace->replayed), left = (double)behind;
    bool busy = pace->replayed >= 0 && time > 0 && read > 0 && pace->behind > ABOUT_NOTHING && (read <= (double)pace->behind || left > (left + read) * 0.6);
    if (busy)
        pace->drain = left * time / read;
    else if (read != 0 || behind <= ABOUT_NOTHING || pace->drain < time)
        pace->drain = 0;
    else
        pace->drain -= time; /* it didn't tell anew */
}

/*
 * The share of time for writes. It begins low, as long as nobody knows what the replicas can take, and grows; from a third of the target on it doesn't, and near the target it is halved, until
 * the replica catches up. How fast a replica reads changes, too: with a query there, or another load; so it is kept well below what would just do.
 */
static void choose_duty(stele_pace *pace, double danger, double before, int64_t now)
{
    double target = pace->knobs->lag, steps = stele_pace_seconds(pace->duty_at, now) * STELE_SECOND / WATCH_EVERY, all = stele_pace_workers(pace);
    bool rises = danger > before * 0.95;
    if (steps < 0.5)
        return;
    steps = steps < 2 ? steps : 2;
    if (danger >= target * 0.8 && rises) {
        pace->duty /= 2;
        pace->lagged = true;
    } else if (danger >= target * 0.4 && rises) {
        pace->duty *= 0.8;
    } else if (danger < target * 0.3) {
        pace->duty *= 1 + (pace->lagged ? 0.1 : 0.4) * steps;
    }
    pace->duty = pace->duty < least_duty ? least_duty : pace->duty > all ? all : pace->duty;
    pace->lagged = pace->lagged && pace->duty < all;
    pace->duty_at = now;
}

void stele_pace_lag_measure(stele_pace *pace, const stele_load *load, int64_t now)
{
    double before = pace->lag > pace->drain ? pace->lag : pace->drain;
    bool first = pace->replayed < 0;
    if (load->flushed >= 0) {
        remember(pace, load->flushed, now);
        measure_rate(pace, now);
    }
    if (load->flushed < 0 || load->replayed < 0 || pace->knobs->lag <= 0) {
        pace->lag = -1;
        pace->drain = 0;
        pace->replayed = -1;
        pace->duty = stele_pace_workers(pace);
        pace->lagged = pace->lag_stops = false;
        return;
    }
    int64_t behind = load->flushed - load->replayed;
    pace->lag = behind <= ABOUT_NOTHING ? 0 : age_of(pace, load->replayed, load->replay_lag, now);
    measure_drain(pace, load, behind, now);
    pace->replayed = load->replayed;
    pace->replayed_at = now;
    pace->behind = behind;
    if (first) {
        pace->duty = first_duty;
        pace->duty_at = now;
    }
    double danger = pace->lag > pace->drain ? pace->lag : pace->drain;
    choose_duty(pace, danger, before, now);
    pace->lag_stops = danger >= pace->knobs->lag * (pace->lag_stops ? 0.8 : 1.25);
    if (pace->sample_at > now + WATCH_EVERY)
        pace->sample_at = now + WATCH_EVERY;
}

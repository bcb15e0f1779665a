#include "pace_inside.h"

#include <stdarg.h>
#include <stdio.h>

#include "../error.h"

static const double megabyte = 1048576;

void stele_pace_start(stele_pace *pace, const stele_knobs *knobs)
{
    *pace = (stele_pace){.knobs = knobs, .workers = 1, .lag = -1, .factor = 1, .duty = 1, .waited_at = INT64_MIN / 2, .others_at = INT64_MIN / 2, .wal_written = -1, .wal_of_write = -1, .replayed = -1};
    stele_pace_watch(pace, 0, 0);
    stele_pace_size_choose(pace, 0);
}

void stele_load_clear(stele_load *load)
{
    *load = (stele_load){.minute = -1, .written = -1, .flushed = -1, .replayed = -1, .sessions = -1, .slot_left = -1, .slot_share = -1, .held_since = -1, .freeze_danger = -1, .vacuum_since = -1, .archiver_behind = -1};
}

double stele_pace_seconds(int64_t from, int64_t to)
{
    return to > from ? (double)(to - from) / STELE_SECOND : 0;
}

double stele_pace_workers(const stele_pace *pace)
{
    return pace->workers < 1 ? 1 : pace->workers;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void set_not_before(stele_pace *pace)
{
    stele_pace_wal_wait(pace);
    pace->not_before = later(pace->rest_until, later(pace->wal_until, pace->stop_until));
}

/* ------------------------------------------------------------- the reasons */

void stele_pace_say(stele_pace *pace, stele_pace_verdict verdict, const char *format, ...)
{
    va_list list;
    char words[256];
    if (verdict <= pace->verdict)
        return;
    pace->verdict = verdict;
    va_start(list, format);
    vsnprintf(words, sizeof words, format, list);
    va_end(list);
    stele_error_copy(pace->reason, sizeof pace->reason, words);
}

static void look_at_window(stele_pace *pace, const stele_load *load)
{
    int since = (int)pace->knobs->min_since, until = (int)pace->knobs->max_since, now = load->minute;
    if (now < 0 || (since == 0 && until == 0))
        return;
    if (since < until ? now < since || now >= until : now < since && now >= until)
        stele_pace_say(pace, STELE_PACE_STOP, "it is %02d:%02d UTC; the window is %02d:%02d-%02d:%02d", now / 60, now % 60, since / 60, since % 60, until / 60, until % 60);
}

/* Who loses his WAL has to be set up anew. */
static void look_at_slots(stele_pace *pace, const stele_load *load)
{
    if (load->slot_share < 0 || load->slot_share >= 0.25)
        return;
    stele_pace_say(pace, load->slot_share < 0.1 ? STELE_PACE_STOP : STELE_PACE_SLOW, "replication slot \"%s\" loses its WAL in %.0f MB", load->slot,
        load->slot_left > 0 ? load->slot_left / megabyte : 0);
}

static void look_at_lag(stele_pace *pace, const stele_load *load)
{
    if (pace->lag < 0)
        return;
    if (pace->drain > pace->lag && pace->drain >= pace->knobs->lag)
        stele_pace_say(pace, pace->lag_stops ? STELE_PACE_STOP : STELE_PACE_SLOW, "replica lag %.1f s, soon %.1f s (\"%s\")", pace->lag, pace->drain, load->replica);
    else if (pace->lag_stops || pace->lag >= pace->knobs->lag)
        stele_pace_say(pace, pace->lag_stops ? STELE_PACE_STOP : STELE_PACE_SLOW, "replica lag %.1f s (\"%s\")", pace->lag, load->replica);
    else if (pace->lagged)
        stele_pace_say(pace, STELE_PACE_SLOW, "replica lag %.1f s (\"%s\"), after more: %.0f %% of the time is for writes", pace->lag, load->replica,
            pace->duty / stele_pace_workers(pace) * 100);
}

static void look_at_wal(stele_pace *pace, int64_t now)
{
    stele_pace_wal_wait(pace);
    if (pace->wal_until > now)
        stele_pace_say(pace, pace->wal_until > now + STELE_SECOND ? STELE_PACE_STOP : STELE_PACE_SLOW, "WAL %.1f of %.1f MB/s", pace->wal_rate / megabyte,
            pace->knobs->wal / megabyte);
}

static void look_at_waiting(stele_pace *pace, int64_t now)
{
    char since[32] = "";
    if (now - pace->waited_at >= 2 * STELE_SECOND)
        return;
    if (pace->waited >= 0.05)
        snprintf(since, sizeof since, ", for %.1f s", pace->waited);
    stele_pace_say(pace, STELE_PACE_SLOW, "%u session%s for this job%s", pace->waiting, pace->waiting == 1 ? " waits" : "s wait", since);
}

/* ------------------------------------------------------------- the verdict */

static void somebody_waits(stele_pace *pace, unsigned waiting, double waited, int64_t now)
{
    stele_pace_size_halve(pace);
    pace->waiting = waiting;
    pace->waited = waited;
    pace->waited_at = now;
}

/* A tenth more in each second in which nobody waits. */
static void recover(stele_pace *pace, int64_t since, int64_t now)
{
    double time = stele_pace_seconds(since, now);
    if (now - pace->waited_at < STELE_SECOND || pace->factor >= 1)
        return;
    pace->factor *= 1 + 0.1 * (time < 2 ? time : 2);
    pace->factor = pace->factor < 1 ? pace->factor : 1;
}

void stele_pace_judge(stele_pace *pace, const stele_load *load, int64_t now)
{
    pace->sample_at = now + STELE_SECOND;
    stele_pace_wal_measure(pace, load->written, pace->wal_spent, now);
    stele_pace_wal_share(pace, now);
    stele_pace_lag_measure(pace, load, now);
    if (load->waiting > 0)
        somebody_waits(pace, load->waiting, load->waited, now);
    recover(pace, pace->asked_at, now);
    pace->asked_at = now;
    pace->verdict = STELE_PACE_GO;
    pace->reason[0] = '\0';
    look_at_window(pace, load);
    if (load->stop)
        stele_pace_say(pace, STELE_PACE_STOP, "%s", load->stop_reason);
    if (pace->knobs->sessions > 0 && load->sessions >= (int)pace->knobs->sessions)
        stele_pace_say(pace, STELE_PACE_STOP, "%d sessions of others are active; it stops at %u", load->sessions, pace->knobs->sessions);
    look_at_slots(pace, load);
    look_at_lag(pace, load);
    look_at_wal(pace, now);
    look_at_waiting(pace, now);
    stele_pace_care(pace, load, now);
    pace->stop_until = pace->verdict == STELE_PACE_STOP ? pace->sample_at : 0;
    set_not_before(pace);
}

void stele_pace_saw(stele_pace *pace, bool last, int64_t written, unsigned waiting, double waited, int64_t now)
{
    if (written >= 0)
        stele_pace_wal_measure(pace, written, last ? -1 : pace->wal_spent, now);
    if (waiting > 0) {
        somebody_waits(pace, waiting, waited, now);
        look_at_waiting(pace, now);
    }
    set_not_before(pace);
}

/* How many times as long as a write took to rest. What the knobs ask of one worker, all of them keep to together: so each rests for the others' writes, too. */
static double rest_of(const stele_pace *pace)
{
    double workers = stele_pace_workers(pace), share = pace->duty < workers ? pace->duty : workers;
    if (pace->knobs->nice > 0 && share > 1 / (1 + pace->knobs->nice))
        share = 1 / (1 + pace->knobs->nice);
    if (pace->share > 0 && share > pace->share)
        share = pace->share;
    return workers / share - 1;
}

void stele_pace_wrote_at(stele_pace *pace, unsigned rows, int64_t microseconds, bool failed, int64_t now)
{
    double took = (double)(microseconds > 0 ? microseconds : 0), rest = rest_of(pace);
    pace->rests = pace->rest_until > 0 && (double)(now - pace->rest_until) < 1.5 * took + 0.02 * STELE_SECOND;
    if (failed) {
        stele_pace_size_halve(pace);
        pace->milliseconds_per_row *= 2;
        stele_pace_size_choose(pace, 0);
        pace->wal_of_write = -1;
    } else if (rows > 0) {
        stele_pace_wal_charge(pace, rows, now);
        stele_pace_size_learn(pace, rows, took / 1000);
        stele_pace_size_choose(pace, rows);
    }
    pace->rest_until = now + (int64_t)(took * rest);
    set_not_before(pace);
}

void stele_pace_wrote(stele_pace *pace, unsigned rows, int64_t microseconds, bool failed)
{
    stele_pace_wrote_at(pace, rows, microseconds, failed, stele_clock());
}

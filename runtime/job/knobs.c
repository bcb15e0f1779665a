#include "pace.h"

#include <stdio.h>
#include <string.h>

#include "../error.h"
#include "../nearest.h"
#include "knob_value.h"

/* ---------------------------------------------------------------- the table */

struct knob {
    const char *name, *what;
    stele_knob_kind kind;
    enum { AS_UNSIGNED, AS_DOUBLE, AS_SECONDS, AS_TWO, AS_TEXT } field; /* AS_SECONDS: a double, of what is read in milliseconds */
    size_t offset;
    double least, most; /* in the unit of its kind */
    bool or_zero;       /* 0 is right, too: it is "no limit", or "don't look" */
    const char *initial;
};

#define AT(member) offsetof(stele_knobs, member)

static const struct knob knobs_of_jobs[] = {
    {"chunk", "rows that a worker claims at once", STELE_KNOB_COUNT, AS_UNSIGNED, AT(chunk), 1, 1e6, false, "5000"},
    {"write", "how long a write shall take", STELE_KNOB_TIME, AS_UNSIGNED, AT(write_ms), 1, 10000, false, "100ms"},
    {"write_rows", "rows that a write has at most", STELE_KNOB_COUNT, AS_UNSIGNED, AT(write_rows), 1, 100000, false, "2500"},
    {"concurrency", "requests to the provider in flight, of one worker", STELE_KNOB_COUNT, AS_UNSIGNED, AT(concurrency), 1, 256, false, "4"},
    {"rpm", "requests to the provider a minute, of all workers; 0: no limit", STELE_KNOB_NUMBER, AS_DOUBLE, AT(rpm), 0.01, 1e9, true, "0"},
    {"tpm", "tokens to the provider a minute, of all workers; 0: no limit", STELE_KNOB_NUMBER, AS_DOUBLE, AT(tpm), 1, 1e12, true, "0"},
    {"wal", "WAL that the whole server may write; 0: no limit", STELE_KNOB_RATE, AS_DOUBLE, AT(wal), 65536, 1099511627776.0, true, "0"},
    {"lag", "how far behind a replica may be; 0: don't look", STELE_KNOB_TIME, AS_SECONDS, AT(lag), 100, 3600000, true, "2s"},
    {"nice", "rest so many times as long as a write took", STELE_KNOB_NUMBER, AS_DOUBLE, AT(nice), 0, 1000, false, "0"},
    {"beside", "share of the time for writes while others write to the same table; 1: don't look", STELE_KNOB_SHARE, AS_DOUBLE, AT(beside), 0.01, 1, false, "0.5"},
    {"horizon", "how long vacuum may be held back, or at the table, before it goes slowly; 0: don't look", STELE_KNOB_TIME, AS_SECONDS, AT(horizon), 1000, 1e9, true, "5min"},
    {"archive", "segments of WAL that may wait for the archiver; 0: don't look", STELE_KNOB_COUNT, AS_UNSIGNED, AT(archive), 1, 1e6, true, "42"},
    {"sessions", "stop while so many sessions of others are active; 0: don't look", STELE_KNOB_COUNT, AS_UNSIGNED, AT(sessions), 1, 1e6, true, "0"},
    {"lease", "a worker that isn't heard of for so long has lost what it claimed", STELE_KNOB_TIME, AS_UNSIGNED, AT(lease_ms), 2000, 3600000, false, "30s"},
    {"max_cost", "pause before it costs more; 0: no limit", STELE_KNOB_NUMBER, AS_DOUBLE, AT(max_cost), 0, 1e12, false, "0"},
    {"max_dead", "pause when this share of the rows is given up", STELE_KNOB_SHARE, AS_DOUBLE, AT(max_dead), 0, 1, false, "0.01"},
    {"behind", "rows, changed a moment ago, that may still wait to be done at the switch", STELE_KNOB_COUNT, AS_UNSIGNED, AT(behind), 0, 1e6, true, "0"},
    {"window", "work between these times of the day only, UTC", STELE_KNOB_WINDOW, AS_TWO, AT(min_since), 0, 0, false, "always"},
    {"stop_when", "a query; stop while it returns true", STELE_KNOB_TEXT, AS_TEXT, AT(stop_when), 0, 0, false, ""},
};
enum { KNOBS = sizeof knobs_of_jobs / sizeof *knobs_of_jobs };

/* What a value looks like. */
static const char *example_of(stele_knob_kind kind)
{
    static const char *const examples[] = {
        [STELE_KNOB_COUNT] = "a whole number, such as \"500\"",
        [STELE_KNOB_NUMBER] = "a number, such as \"3000\" or \"0.5\"",
        [STELE_KNOB_SHARE] = "a share, such as \"0.01\" or \"1%\"",
        [STELE_KNOB_TIME] = "a time with its unit (ms, s, min, h), such as \"80ms\" or \"1.5s\"",
        [STELE_KNOB_RATE] = "bytes a second with their unit (B/s, kB/s, MB/s, GB/s), such as \"8MB/s\"",
        [STELE_KNOB_WINDOW] = "two times of the day, UTC, such as \"22:00-06:00\"; or \"always\"",
        [STELE_KNOB_TEXT] = "a query that returns true or false",
    };
    return examples[kind];
}

/* ------------------------------------------------------------------- names */

static const struct knob *find(const char *name)
{
    for (size_t i = 0; i < KNOBS; i++)
        if (strcmp(name, knobs_of_jobs[i].name) == 0)
            return &knobs_of_jobs[i];
    return NULL;
}

static stele_status refuse_name(const char *name, stele_error *error)
{
    char shown[64], all[256] = "";
    stele_nearest nearest = {.name = name};
    stele_error_copy(shown, sizeof shown, name);
    stele_error_set(error, STELE_USAGE, "there is no knob \"%s\"", shown);
    for (size_t i = 0; i < KNOBS; i++) {
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i == 0 ? "" : ", ", knobs_of_jobs[i].name);
        stele_nearest_offer(&nearest, knobs_of_jobs[i].name);
    }
    stele_error_detail(error, "The knobs are %s.", all);
    if (nearest.best != NULL)
        stele_error_hint(error, "Did you mean \"%s\"?", nearest.best);
    return STELE_USAGE;
}

/* ------------------------------------------------------------------- values */

static stele_status refuse_value(const struct knob *knob, const char *value, stele_error *error)
{
    char shown[64];
    stele_error_copy(shown, sizeof shown, value);
    stele_error_set(error, STELE_USAGE, "\"%s\" is no value for the knob \"%s\"", shown, knob->name);
    stele_error_hint(error, "It is %s.", example_of(knob->kind));
    return STELE_USAGE;
}

static stele_status refuse_range(const struct knob *knob, const char *value, stele_error *error)
{
    char shown[64], low[32], high[32];
    stele_error_copy(shown, sizeof shown, value);
    stele_knob_print(low, sizeof low, knob->kind, knob->least);
    stele_knob_print(high, sizeof high, knob->kind, knob->most);
    stele_error_set(error, STELE_USAGE, "the knob \"%s\" can't be \"%s\"", knob->name, shown);
    stele_error_hint(error, "It is from %s to %s%s.", low, high, knob->or_zero ? ", or 0" : "");
    return STELE_USAGE;
}

static bool is_whole(double number)
{
    return number < 4294967296.0 && number == (double)(unsigned)number;
}

static void store(stele_knobs *knobs, const struct knob *knob, double number)
{
    void *at = (char *)knobs + knob->offset;
    if (knob->field == AS_UNSIGNED)
        *(unsigned *)at = (unsigned)number;
    else
        *(double *)at = knob->field == AS_SECONDS ? number / 1000 : number;
}

/* An empty one is none; but of blanks nobody knows what was meant. */
static stele_status store_text(stele_knobs *knobs, const struct knob *knob, const char *value, stele_error *error)
{
    if (value[0] != '\0' && value[strspn(value, " \t\r\n")] == '\0') {
        stele_error_set(error, STELE_USAGE, "the knob \"%s\" can't be blank", knob->name);
        stele_error_hint(error, "It is %s.", example_of(knob->kind));
        return STELE_USAGE;
    }
    knobs->stop_when = value[0] == '\0' ? NULL : value;
    return STELE_OK;
}

stele_status stele_knob_read(stele_knobs *knobs, const char *name, const char *value, stele_error *error)
{
    const struct knob *knob = find(name == NULL ? "" : name);
    double number = 0;
    if (knob == NULL)
        return refuse_name(name == NULL ? "" : name, error);
    if (value == NULL) {
        stele_error_set(error, STELE_USAGE, "the knob \"%s\" was set to null, which is no value", knob->name);
        stele_error_hint(error, "It is %s.", example_of(knob->kind));
        return STELE_USAGE;
    }
    if (knob->kind == STELE_KNOB_TEXT)
        return store_text(knobs, knob, value, error);
    if (knob->kind == STELE_KNOB_WINDOW)
        return stele_knob_window(value, &knobs->min_since, &knobs->max_since) ? STELE_OK : refuse_value(knob, value, error);
    if (!stele_knob_number(knob->kind, value, &number) || (knob->field == AS_UNSIGNED && !is_whole(number)))
        return refuse_value(knob, value, error);
    if ((number < knob->least && !(knob->or_zero && number == 0)) || number > knob->most)
        return refuse_range(knob, value, error);
    store(knobs, knob, number);
    return STELE_OK;
}

void stele_knobs_default(stele_knobs *knobs)
{
    *knobs = (stele_knobs){0};
    for (size_t i = 0; i < KNOBS; i++)
        stele_knob_read(knobs, knobs_of_jobs[i].name, knobs_of_jobs[i].initial, NULL);
}

void stele_knobs_each(const stele_knobs *knobs, void (*each)(void *data, const char *name, const char *value, const char *what), void *data)
{
    for (size_t i = 0; i < KNOBS; i++) {
        const struct knob *knob = &knobs_of_jobs[i];
        const void *at = (const char *)knobs + knob->offset;
        char buffer[48];
        const char *value = buffer;
        if (knob->field == AS_TEXT)
            value = knobs->stop_when == NULL ? "" : knobs->stop_when;
        else if (knob->field == AS_TWO)
            stele_knob_print_window(buffer, sizeof buffer, knobs->min_since, knobs->max_since);
        else if (knob->field == AS_UNSIGNED)
            stele_knob_print(buffer, sizeof buffer, knob->kind, *(const unsigned *)at);
        else
            stele_knob_print(buffer, sizeof buffer, knob->kind, *(const double *)at * (knob->field == AS_SECONDS ? 1000 : 1));
        each(data, knob->name, value, knob->what);
    }
}

/*
 * knobs.c: what a knob may be set to, and how the knobs are listed.
 */
#include "job/pace.h"

#include <string.h>

#include "tap.h"

static stele_error failure;

static bool reads(stele_knobs *knobs, const char *name, const char *value)
{
    failure = (stele_error){0};
    return stele_knob_read(knobs, name, value, &failure) == STELE_OK;
}

static void test_defaults(void)
{
    stele_knobs knobs;
    memset(&knobs, 0xAA, sizeof knobs);
    stele_knobs_default(&knobs);
    ok(knobs.chunk == 5000 && knobs.write_ms == 100 && knobs.write_rows == 2500 && knobs.concurrency == 4 && knobs.rpm == 0 && knobs.tpm == 0 && knobs.wal == 0 &&
           knobs.lag == 2 && knobs.nice == 0 && knobs.sessions == 0 && knobs.lease_ms == 30000 && knobs.max_cost == 0 && knobs.max_dead == 0.01 &&
           knobs.min_since == 0 && knobs.max_since == 0 && knobs.stop_when == NULL,
       "the defaults");
}

static void test_right_values(void)
{
    static const char query[] = "SELECT count(*) > 9 FROM queue;";
    stele_knobs k;
    stele_knobs_default(&k);
    ok(reads(&k, "write", "80ms") && k.write_ms == 80 && reads(&k, "write", "1.5s") && k.write_ms == 1500 && reads(&k, "write", "2 s") && k.write_ms == 2000,
       "times have units");
    ok(reads(&k, "lag", "500ms") && k.lag == 0.5 && reads(&k, "lag", "2min") && k.lag == 120 && reads(&k, "lag", "1h") && k.lag == 3600 && reads(&k, "lag", "0") && k.lag == 0,
       "a lag is in seconds, and 0 needs no unit");
    ok(reads(&k, "wal", "8MB/s") && k.wal == 8388608 && reads(&k, "wal", "512kB/s") && k.wal == 524288 && reads(&k, "wal", "1.5 GB/s") && k.wal == 1610612736 &&
           reads(&k, "wal", "70000B/s") && k.wal == 70000 && reads(&k, "wal", "1MiB/s") && k.wal == 1048576 && reads(&k, "wal", "0") && k.wal == 0,
       "rates have units");
    ok(reads(&k, "max_dead", "2%") && k.max_dead == 0.02 && reads(&k, "max_dead", "0.5") && k.max_dead == 0.5 && reads(&k, "max_dead", "1e-03") && k.max_dead == 0.001,
       "a share is a number or per cent");
    ok(reads(&k, "rpm", "3000") && k.rpm == 3000 && reads(&k, "rpm", "0.5") && k.rpm == 0.5 && reads(&k, "tpm", "1e+06") && k.tpm == 1000000, "limits are numbers");
    ok(reads(&k, "chunk", "100.0") && k.chunk == 100 && reads(&k, "sessions", "0") && k.sessions == 0 && reads(&k, "sessions", "8") && k.sessions == 8,
       "counts are whole, as Lua or JSON may write them");
    ok(reads(&k, "window", "22:00-06:00") && k.min_since == 1320 && k.max_since == 360 && reads(&k, "window", "00:00-24:00") && k.max_since == 1440 &&
           reads(&k, "window", "always") && k.min_since == 0 && k.max_since == 0,
       "a window is two times of the day");
    ok(reads(&k, "stop_when", query) && k.stop_when == query && !reads(&k, "stop_when", " \n") && k.stop_when == query && reads(&k, "stop_when", "") && k.stop_when == NULL,
       "a query is taken as it is, blanks are refused, and an empty one is none");
}

static void test_wrong_values(void)
{
    static const struct {
        const char *name, *value;
    } wrong[] = {{"write", "80"}, {"write", "80 min utes"}, {"write", "ms"}, {"write", "-80ms"}, {"write", "+80ms"}, {"write", "80MS"}, {"write", "0"}, {"write", "0ms"},
                 {"write", "11s"}, {"write", "1.5ms"}, {"write", " 80ms"}, {"write", "80ms "}, {"write", "0x10ms"}, {"write", "1e400s"}, {"write", ""}, {"write", NULL},
                 {"write", "80,5ms"}, {"write", "1.ms"}, {"write", ".5s"}, {"write", "nan"}, {"write", "inf"}, {"lag", "2"}, {"lag", "50ms"}, {"lag", "2h"},
                 {"wal", "8"}, {"wal", "8MB"}, {"wal", "8Mb/s"}, {"wal", "8mb/s"}, {"wal", "1kB/s"}, {"wal", "8MB/min"}, {"wal", "8  MB/s"},
                 {"chunk", "1.5"}, {"chunk", "0"}, {"chunk", "1000001"}, {"chunk", "99999999999999999999999999999999999999"}, {"chunk", "5k"}, {"chunk", "4294967301"},
                 {"concurrency", "true"}, {"concurrency", "257"}, {"rpm", "3000/min"}, {"rpm", "0.001"}, {"max_dead", "1.1"}, {"max_dead", "101%"}, {"max_dead", "%"},
                 {"max_dead", "-0.1"}, {"nice", "1001"}, {"lease", "1s"}, {"window", "22-6"}, {"window", "22:00-22:00"}, {"window", "25:00-06:00"}, {"window", "22:60-06:00"},
                 {"window", "24:00-06:00"}, {"window", "22:00-06:00 UTC"}, {"window", "22:00"}, {"window", ""}, {"window", "{\"a\": 1}"}, {"nice", "[1, 2]"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        stele_knobs knobs, before;
        memset(&knobs, 0, sizeof knobs);
        stele_knobs_default(&knobs);
        memcpy(&before, &knobs, sizeof knobs);
        bool taken = reads(&knobs, wrong[i].name, wrong[i].value);
        ok(!taken && failure.status == STELE_USAGE && failure.hint[0] != '\0' && strstr(failure.message, wrong[i].name) != NULL && memcmp(&knobs, &before, sizeof knobs) == 0,
           "%s = \"%s\" is refused, and changes nothing: %s; %s", wrong[i].name, wrong[i].value == NULL ? "NULL" : wrong[i].value, failure.message, failure.hint);
    }
}

static void test_names(void)
{
    static const struct {
        const char *name, *hint;
    } names[] = {{"wirte", "Did you mean \"write\"?"}, {"writerows", "Did you mean \"write_rows\"?"}, {"Lag", "Did you mean \"lag\"?"}, {"concurency", "Did you mean \"concurrency\"?"},
                 {"stop-when", "Did you mean \"stop_when\"?"}, {"session", "Did you mean \"sessions\"?"}, {"", ""}, {"temperature", ""}};
    static char long_name[5000];
    stele_knobs knobs;
    stele_knobs_default(&knobs);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ok(!reads(&knobs, names[i].name, "1") && strcmp(failure.hint, names[i].hint) == 0 && strstr(failure.detail, "write_rows") != NULL, "\"%s\": %s %s", names[i].name,
           failure.message, failure.hint);
    memset(long_name, 'x', sizeof long_name - 1);
    ok(!reads(&knobs, long_name, "1") && strlen(failure.message) < 100 && failure.hint[0] == '\0', "a name of 5,000 letters is cut in the message");
    ok(!reads(&knobs, "write", long_name) && strlen(failure.message) < 120, "so is a value");
    ok(!reads(&knobs, NULL, "1"), "no name is no name");
}

static void read_back(void *data, const char *name, const char *value, const char *what)
{
    stele_knobs *copy = data;
    ok(reads(copy, name, value) && what[0] != '\0', "%s: \"%s\" is read again (%s)", name, value, what);
}

struct listed {
    const char *name, *value;
    bool right;
};

static void look_at(void *data, const char *name, const char *value, const char *what)
{
    struct listed *listed = data;
    (void)what;
    if (strcmp(name, listed->name) == 0)
        listed->right = strcmp(value, listed->value) == 0;
}

static void test_listing(void)
{
    static const struct listed values[] = {{"write", "80ms", false}, {"write", "1.5s", false}, {"lag", "90s", false}, {"lag", "0", false}, {"wal", "8MB/s", false},
                                           {"wal", "1.5GB/s", false}, {"wal", "70000B/s", false}, {"rpm", "0.5", false}, {"max_dead", "0.01", false}, {"max_dead", "0.001", false},
                                           {"window", "22:00-06:00", false}, {"stop_when", "SELECT true", false}, {"chunk", "5000", false}, {"lease", "2min", false}};
    stele_knobs knobs, copy;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct listed listed = values[i];
        stele_knobs_default(&knobs);
        reads(&knobs, listed.name, listed.value);
        stele_knobs_each(&knobs, look_at, &listed);
        ok(listed.right, "%s is listed as \"%s\"", listed.name, listed.value);
    }
    stele_knobs_default(&knobs);
    reads(&knobs, "wal", "3.3MB/s");
    reads(&knobs, "tpm", "1234567.25");
    reads(&knobs, "window", "09:05-17:30");
    stele_knobs_default(&copy);
    stele_knobs_each(&knobs, read_back, &copy);
    ok(copy.tpm == knobs.tpm && copy.max_since == knobs.max_since && copy.wal > knobs.wal - 1 && copy.wal < knobs.wal + 1, "what was read again is the same");
}

int main(void)
{
    test_defaults();
    test_right_values();
    test_wrong_values();
    test_names();
    test_listing();
    return done();
}

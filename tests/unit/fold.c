/*
 * fold.c: the digest of the set after any change, against one that is computed from nothing; and what each row does.
 */
#include "fold.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

enum { COUNT = 9 };

/* Two components, in no order; a repeatable each; numbers that don't sort as text. */
static const stele_migration some[COUNT] = {
    {.component = "b", .version = "2", .name = "b2", .source = "s1:b2"},     {.component = "a", .version = "10", .name = "a10", .source = "s1:a10"},
    {.component = "a", .version = "9", .name = "a9", .source = "s1:a9"},     {.component = "a", .version = "R", .name = "z", .source = "s1:z", .repeatable = 1},
    {.component = "a", .version = "R", .name = "y", .source = "s1:y", .repeatable = 1}, {.component = "b", .version = "1", .name = "b1", .source = "s1:b1"},
    {.component = "a", .version = "1.5", .name = "a15", .source = "s1:a15"}, {.component = "b", .version = "R", .name = "v", .source = "s1:v", .repeatable = 1},
    {.component = "a", .version = "1", .name = "a1", .source = "s1:a1"}};
/* By component, version, name. */
static const size_t sorted[COUNT] = {8, 6, 2, 1, 4, 3, 5, 0, 7};

static void expected_state(char state[STELE_CHECKSUM_SIZE], const char *component, const char *const sources[COUNT])
{
    uint8_t digest[STELE_DIGEST_SIZE];
    stele_state_start(digest, component);
    for (size_t i = 0; i < COUNT; i++) {
        const stele_migration *m = &some[sorted[i]];
        if (strcmp(m->component, component) == 0 && sources[sorted[i]] != NULL)
            stele_state_add(digest, m->version, m->name, sources[sorted[i]]);
    }
    stele_checksum_write(state, "d1", digest);
}

static void test_digests(void)
{
    stele_place places[COUNT];
    stele_set set;
    stele_arena arena = {0};
    const char *sources[COUNT] = {0};
    unsigned wrong = 0;
    for (size_t i = 0; i < COUNT; i++)
        places[i] = (stele_place){.migration = &some[i], .standing = STELE_WAITING};
    stele_set_make(&set, places, COUNT, &arena);
    srand(1);
    for (int n = 0; n < 20000; n++) {
        size_t i = (size_t)rand() % COUNT;
        char got[STELE_CHECKSUM_SIZE], expected[STELE_CHECKSUM_SIZE];
        sources[i] = sources[i] != NULL && rand() % 4 != 0 ? NULL : rand() % 3 == 0 ? "s1:other" : some[i].source;
        wrong += !stele_set_change(&set, i, sources[i], got);
        expected_state(expected, some[i].component, sources);
        wrong += strcmp(got, expected) != 0;
        const char *other = some[i].component[0] == 'a' ? "b" : "a";
        wrong += !stele_set_state(&set, other, got);
        expected_state(expected, other, sources);
        wrong += strcmp(got, expected) != 0;
    }
    ok(wrong == 0, "20,000 changes of a set: each digest is that of a set made from nothing");
    for (size_t i = 0; i < COUNT; i++)
        sources[i] = NULL;
    char state[STELE_CHECKSUM_SIZE];
    stele_set_make(&set, places, COUNT, &arena);
    ok(strcmp(stele_set_version(&set, "a"), "") == 0, "an empty set has no version");
    stele_set_change(&set, 3, "s1:z", state);
    ok(strcmp(stele_set_version(&set, "a"), "") == 0, "a repeatable is no version");
    stele_set_change(&set, 2, "s1:a9", state);
    stele_set_change(&set, 8, "s1:a1", state);
    stele_set_change(&set, 0, "s1:b2", state);
    ok(strcmp(stele_set_version(&set, "a"), "9") == 0, "the last version is that of its component");
    char renamed[STELE_CHECKSUM_SIZE], back[STELE_CHECKSUM_SIZE];
    stele_set_change(&set, 8, "s1:a1", state);
    stele_set_rename(&set, 8, "another");
    stele_set_change(&set, 8, "s1:a1", renamed);
    stele_set_rename(&set, 8, some[8].name);
    stele_set_change(&set, 8, "s1:a1", back);
    ok(strcmp(state, renamed) != 0 && strcmp(state, back) == 0, "the digest has a member's name");
    stele_arena_free(&arena);
}

/* A row that stands for those before it takes these out, of its component and its versioned ones alone. */
static void test_replacing(void)
{
    stele_place places[COUNT];
    stele_set set;
    stele_arena arena = {0};
    const char *sources[COUNT] = {"s1:b2", "s1:a10", NULL, "s1:z", "s1:y", "s1:b1", "s1:a15", NULL, "s1:a1"};
    char got[STELE_CHECKSUM_SIZE], expected[STELE_CHECKSUM_SIZE];
    for (size_t i = 0; i < COUNT; i++)
        places[i] = (stele_place){.migration = &some[i], .standing = STELE_WAITING};
    stele_set_make(&set, places, COUNT, &arena);
    for (size_t i = 0; i < COUNT; i++)
        stele_set_change(&set, i, sources[i], got);
    sources[6] = sources[8] = NULL;
    sources[2] = "s1:a9";
    bool fine = stele_set_take(&set, "squash", 0, &some[2], 2, got);
    expected_state(expected, "a", sources);
    ok(fine && strcmp(got, expected) == 0, "a squash takes out what comes before it, and puts itself in");
    expected_state(expected, "b", sources);
    ok(stele_set_state(&set, "b", got) && strcmp(got, expected) == 0, "and leaves other components alone");
    stele_arena_free(&arena);
}

static stele_entry row(const char *action, int step)
{
    return (stele_entry){.row = {.component = "a", .version = "1", .name = "a1", .action = action, .step = step}};
}

static void test_rows(void)
{
    static const struct {
        const char *action;
        int step;
        bool in, back, begun, in_doubt;
        stele_standing standing;
        unsigned done;
    } story[] = {{"step", 1, false, false, false, false, STELE_INTERRUPTED, 1},  {"begin", 2, false, false, true, true, STELE_INTERRUPTED, 1},
                 {"fail", 2, false, false, true, false, STELE_INTERRUPTED, 1},
                 {"accept", 2, false, false, true, false, STELE_INTERRUPTED, 1}, {"forget", 0, false, false, false, false, STELE_WAITING, 0},
                 {"apply", 0, true, false, false, false, STELE_APPLIED, 0},      {"accept", 0, true, false, false, false, STELE_APPLIED, 0},
                 {"down-begin", 1, false, true, true, true, STELE_INTERRUPTED, 0}, {"down-step", 1, false, true, false, false, STELE_INTERRUPTED, 1},
                 {"set", 0, false, true, false, false, STELE_INTERRUPTED, 1},    {"down-fail", 2, false, true, true, false, STELE_INTERRUPTED, 1},
                 {"accept", 2, false, true, true, false, STELE_INTERRUPTED, 1},
                 {"revert", 0, false, false, false, false, STELE_WAITING, 0},    {"step", 1, false, false, false, false, STELE_INTERRUPTED, 1},
                 {"mark", 0, true, false, false, false, STELE_APPLIED, 0},       {"baseline", 0, true, false, false, false, STELE_APPLIED, 0},
                 {"squash", 0, true, false, false, false, STELE_APPLIED, 0}};
    enum { LENGTH = sizeof story / sizeof *story };
    stele_entry entries[LENGTH];
    stele_place place = {.migration = &some[8], .standing = STELE_WAITING};
    for (size_t i = 0; i < LENGTH; i++) {
        entries[i] = row(story[i].action, story[i].step);
        stele_place_take(&place, &entries[i]);
        ok(place.in == story[i].in && place.back == story[i].back && place.begun == story[i].begun &&
               place.in_doubt == story[i].in_doubt && place.standing == story[i].standing && place.steps_done == story[i].done &&
               (place.entry != NULL) == (story[i].standing != STELE_WAITING),
           "after row %zu, %s, it is known what is in", i + 1, story[i].action);
    }
}

int main(void)
{
    test_digests();
    test_replacing();
    test_rows();
    return done();
}

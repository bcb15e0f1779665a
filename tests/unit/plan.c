/*
 * plan.c against every ledger that three migrations can have: each is missing, applied as it is, edited, reformatted,
 * renamed or half applied; and there may be a row of a migration that the program doesn't have, older or newer, which
 * older programs can live with or not. What must come out is said here a second time, in the words of stele.h, for each of them.
 */
#include "plan.h"

#include <string.h>

#include "tap.h"

enum { COUNT = 3 };
enum choice { ABSENT, SAME, EDITED, REFORMATTED, RENAMED, BEGUN, CHOICES };
enum stranger { NOBODY, OLDER, NEWER, EXPANDING, STRANGERS };

static const char *const components[] = {"main"};
static const stele_migration three[COUNT] = {
    {.component = "main", .directory = "m", .version = "1", .name = "a", .file = "1_a.sql", .source = "s1:a", .tokens = "t1:a"},
    {.component = "main", .directory = "m", .version = "02", .name = "b", .file = "02_b.sql", .source = "s1:b", .tokens = "t1:b"},
    {.component = "main", .directory = "m", .version = "10", .name = "c", .file = "10_c.sql", .source = "s1:c", .tokens = "t1:c"}};
static const stele_migrations table = {.format = STELE_TABLE_FORMAT, .migrations = three, .count = COUNT,
                                       .components = components, .component_count = 1};

static const stele_standing standings[CHOICES] = {STELE_WAITING,     STELE_APPLIED, STELE_EDITED,
                                                  STELE_REFORMATTED, STELE_RENAMED, STELE_INTERRUPTED};

static stele_entry entry_of(const stele_migration *m, enum choice choice, int64_t seq)
{
    stele_entry entry = {.row = {.component = m->component, .seq = seq, .action = "apply", .version = m->version, .name = m->name,
                                 .file = m->file, .source = m->source, .tokens = m->tokens, .role = "x"}};
    if (choice == EDITED || choice == REFORMATTED)
        entry.row.source = "s1:other";
    if (choice == EDITED)
        entry.row.tokens = "t1:other";
    if (choice == RENAMED)
        entry.row.name = "other";
    if (choice == BEGUN) {
        entry.row.action = "step";
        entry.row.step = 2;
    }
    return entry;
}

static const stele_migration strangers[STRANGERS] = {
    {.version = ""},
    {.component = "main", .directory = "m", .version = "1.5", .name = "s", .file = "1.5_s.sql", .source = "s1:s", .tokens = "t1:s"},
    {.component = "main", .directory = "m", .version = "11", .name = "s", .file = "11_s.sql", .source = "s1:s", .tokens = "t1:s"},
    {.component = "main", .directory = "m", .version = "11", .name = "s", .file = "11_s.sql", .source = "s1:s", .tokens = "t1:s"}};

static size_t make_ledger(stele_ledger *ledger, stele_entry *entries, const enum choice choices[COUNT], enum stranger stranger)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT; i++) {
        if (choices[i] != ABSENT) {
            entries[count] = entry_of(&three[i], choices[i], (int64_t)count + 1);
            count++;
        }
    }
    if (stranger != NOBODY) {
        entries[count] = entry_of(&strangers[stranger], SAME, (int64_t)count + 1);
        entries[count].row.compat = stranger == EXPANDING ? "expand" : "contract: because";
        count++;
    }
    *ledger = (stele_ledger){.exists = true, .entries = entries, .count = count};
    return count;
}

/* Does a migration stand below one that is applied, in whatever form? */
static bool is_below(const enum choice choices[COUNT], size_t i)
{
    for (size_t j = i + 1; j < COUNT; j++)
        if (choices[j] != ABSENT && choices[j] != BEGUN)
            return true;
    return false;
}

static stele_standing expected_standing(const enum choice choices[COUNT], size_t i)
{
    return choices[i] == ABSENT && is_below(choices, i) ? STELE_MISPLACED : standings[choices[i]];
}

static bool is_pending(const enum choice choices[COUNT])
{
    for (size_t i = 0; i < COUNT; i++)
        if (choices[i] == ABSENT || choices[i] == BEGUN)
            return true;
    return false;
}

static stele_status expected_status(const enum choice choices[COUNT], enum stranger stranger, const stele_options *options)
{
    for (size_t i = 0; i < COUNT; i++) {
        stele_standing standing = expected_standing(choices, i);
        if (standing == STELE_EDITED || standing == STELE_REFORMATTED || standing == STELE_RENAMED ||
            (standing == STELE_MISPLACED && !options->out_of_order))
            return STELE_TAMPERED;
    }
    return stranger == OLDER ? STELE_TAMPERED
           : stranger == NEWER || (stranger == EXPANDING && (options->exact || is_pending(choices))) ? STELE_AHEAD
                                                                                                    : STELE_OK;
}

/* The plan is what isn't applied, in the table's order; of a half applied one, from the step behind those that are in. */
static bool is_right_plan(const stele_worklist *list, const enum choice choices[COUNT], size_t end)
{
    size_t at = 0;
    for (size_t i = 0; i < COUNT; i++) {
        if (choices[i] != ABSENT && choices[i] != BEGUN)
            continue;
        if (i >= end)
            continue;
        if (at == list->count || list->actions[at].place != i || list->actions[at].first_step != (choices[i] == BEGUN ? 2 : 0))
            return false;
        at++;
    }
    return at == list->count;
}

static bool is_right(const enum choice choices[COUNT], enum stranger stranger)
{
    static const char *const targets[] = {NULL, "1", "2", "10", "main/002"};
    static const size_t ends[] = {COUNT, 1, 2, 3, 2};
    stele_entry entries[COUNT + 1];
    stele_ledger ledger;
    stele_survey survey;
    stele_arena arena = {0};
    size_t count = make_ledger(&ledger, entries, choices, stranger);
    bool right = stele_survey_make(&survey, &table, &ledger, &arena) && survey.heads[0] == (int64_t)count &&
                 survey.count - survey.known == (stranger != NOBODY);
    for (size_t i = 0; right && i < COUNT; i++)
        right = survey.places[i].standing == expected_standing(choices, i);
    for (size_t t = 0; right && t < 4 * sizeof targets / sizeof *targets; t++) {
        stele_worklist list;
        stele_error error = {0};
        const stele_options options = {.out_of_order = t % 2 == 1, .exact = t / 2 % 2 == 1};
        stele_status status = stele_worklist_make(&list, &table, &survey, targets[t / 4], &options, &arena, &error);
        right = status == expected_status(choices, stranger, &options) && status == error.status &&
                (status == STELE_OK ? is_right_plan(&list, choices, ends[t / 4]) : error.file[0] != '\0' && error.message[0] != '\0');
    }
    stele_arena_free(&arena);
    return right;
}

static void test_every_ledger(void)
{
    unsigned wrong = 0, tried = 0;
    for (int a = 0; a < CHOICES; a++)
        for (int b = 0; b < CHOICES; b++)
            for (int c = 0; c < CHOICES; c++)
                for (int s = 0; s < STRANGERS; s++) {
                    const enum choice choices[COUNT] = {(enum choice)a, (enum choice)b, (enum choice)c};
                    tried++;
                    if (!is_right(choices, (enum stranger)s)) {
                        wrong++;
                        printf("# wrong for %d %d %d, stranger %d\n", a, b, c, s);
                    }
                }
    ok(wrong == 0, "each of %u ledgers gets the right standings, status and plan", tried);
}

static void test_targets(void)
{
    static const struct {
        const char *target, *message;
    } cases[] = {{"3", "there is no migration \"3\" in this program"}, {"main/3", "there is no migration \"main/3\" in this program"},
                 {"other/1", "there is no migration \"other/1\" in this program"}, {"", "there is no migration \"\" in this program"}};
    stele_ledger ledger = {0};
    stele_survey survey;
    stele_arena arena = {0};
    const stele_options none = {0};
    stele_survey_make(&survey, &table, &ledger, &arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stele_worklist list;
        stele_error error = {0};
        ok(stele_worklist_make(&list, &table, &survey, cases[i].target, &none, &arena, &error) == STELE_USAGE &&
               strcmp(error.message, cases[i].message) == 0,
           "%s", cases[i].message);
    }
    stele_arena_free(&arena);
}

/* The steps of a migration, as the rows of a run that went on after a failure. */
static void test_steps(void)
{
    static const char *const actions[] = {"step", "begin", "fail", "begin", "step", "apply"};
    static const unsigned numbers[] = {1, 2, 2, 2, 2, 0}, done_after[] = {1, 1, 1, 1, 2, 0};
    static const bool doubt_after[] = {false, true, false, true, false, false};
    stele_entry entries[6];
    bool right = true;
    for (size_t i = 0; i < 6; i++) {
        entries[i] = entry_of(&three[0], SAME, (int64_t)i + 1);
        entries[i].row.action = actions[i];
        entries[i].row.step = (int)numbers[i];
        stele_ledger ledger = {.exists = true, .entries = entries, .count = i + 1};
        stele_survey survey;
        stele_arena arena = {0};
        stele_survey_make(&survey, &table, &ledger, &arena);
        const stele_place *place = &survey.places[0];
        right &= place->standing == (i < 5 ? STELE_INTERRUPTED : STELE_APPLIED) && place->steps_done == done_after[i] &&
                 place->in_doubt == doubt_after[i];
        stele_arena_free(&arena);
    }
    ok(right, "after each row of a migration of several steps it is known how many are in, and whether the next is in doubt");
}

/*
 * A file that stands for 1, 2 and 3 against every ledger of those: each missing, as it is, of another text or half applied; the file itself
 * missing or recorded for them, and a later one missing or applied.
 */
enum { OLD = 3 };
static stele_migration squashing[2] = {
    {.component = "main", .directory = "m", .version = "3.1", .name = "base", .file = "3.1_base.sql", .source = "s1:base", .tokens = "t1:base", .state = "",
     .squashes = "3", .squashes_release = "release 1"},
    {.component = "main", .directory = "m", .version = "4", .name = "d", .file = "4_d.sql", .source = "s1:d", .tokens = "t1:d", .state = ""}};
static const stele_migrations squashed = {.format = STELE_TABLE_FORMAT, .migrations = squashing, .count = 2,
                                          .components = components, .component_count = 1};
static const stele_migration old[OLD] = {
    {.component = "main", .version = "1", .name = "a", .file = "1_a.sql", .source = "s1:a", .tokens = "t1:a"},
    {.component = "main", .version = "2", .name = "b", .file = "2_b.sql", .source = "s1:b", .tokens = "t1:b"},
    {.component = "main", .version = "3", .name = "c", .file = "3_c.sql", .source = "s1:c", .tokens = "t1:c"}};

static stele_status expected_squash(const enum choice choices[OLD], bool recorded, bool later, const char *plan[3])
{
    size_t in = 0, exact = 0, last = 0;
    bool half = false;
    for (size_t i = 0; i < OLD && !recorded; i++) {
        half |= choices[i] == BEGUN;
        in += choices[i] == SAME || choices[i] == EDITED;
        exact += choices[i] == SAME;
        last = choices[i] == SAME || choices[i] == EDITED ? i + 1 : last;
    }
    const char *deed = recorded ? NULL : exact == OLD ? "squash" : "apply";
    size_t count = 0;
    if (deed != NULL)
        plan[count++] = deed;
    if (!later)
        plan[count++] = "apply";
    plan[count] = NULL;
    if (half)
        return STELE_AHEAD;
    if (recorded || exact == OLD)
        return STELE_OK;
    return in == 0 ? (later ? STELE_TAMPERED : STELE_OK) : last < OLD ? STELE_AHEAD : STELE_TAMPERED;
}

static bool is_right_squash(const enum choice choices[OLD], bool recorded, bool later)
{
    static const stele_options none = {0};
    stele_entry entries[OLD + 2];
    size_t count = 0;
    const char *plan[3];
    for (size_t i = 0; i < OLD; i++)
        if (choices[i] != ABSENT)
            entries[count++] = entry_of(&old[i], choices[i], 0);
    if (later)
        entries[count++] = entry_of(&squashing[1], SAME, 0);
    if (recorded) {
        entries[count] = entry_of(&squashing[0], SAME, 0);
        entries[count++].row.action = "squash";
    }
    for (size_t i = 0; i < count; i++)
        entries[i].row.seq = (int64_t)i + 1;
    stele_ledger ledger = {.exists = true, .entries = entries, .count = count};
    stele_survey survey;
    stele_worklist list;
    stele_arena arena = {0};
    stele_error error = {0};
    stele_status expected = expected_squash(choices, recorded, later, plan);
    bool right = stele_survey_make(&survey, &squashed, &ledger, &arena) &&
                 stele_worklist_make(&list, &squashed, &survey, NULL, &none, &arena, &error) == expected && error.status == expected;
    for (size_t i = 0; right && expected == STELE_OK && i <= list.count; i++)
        right = i == list.count ? plan[i] == NULL : plan[i] != NULL && strcmp(list.actions[i].deed, plan[i]) == 0;
    stele_arena_free(&arena);
    return right;
}

static void test_squashing(void)
{
    static const enum choice tried[] = {ABSENT, SAME, EDITED, BEGUN};
    static char state[STELE_CHECKSUM_SIZE];
    uint8_t digest[STELE_DIGEST_SIZE];
    unsigned wrong = 0, count = 0;
    stele_state_start(digest, "main");
    for (size_t i = 0; i < OLD; i++)
        stele_state_add(digest, old[i].version, old[i].name, old[i].source);
    stele_checksum_write(state, "d1", digest);
    squashing[0].squashes_state = state;
    for (size_t n = 0; n < 4 * 4 * 4 * 4; n++) {
        const enum choice choices[OLD] = {tried[n % 4], tried[n / 4 % 4], tried[n / 16 % 4]};
        bool recorded = n / 64 % 2 == 1, later = n / 128 == 1;
        if (recorded && (choices[0] == BEGUN || choices[1] == BEGUN || choices[2] == BEGUN))
            continue; /* it is never recorded over one that is half done */
        count++;
        if (!is_right_squash(choices, recorded, later)) {
            wrong++;
            printf("# wrong for %d %d %d, recorded %d, later %d\n", (int)choices[0], (int)choices[1], (int)choices[2], (int)recorded, (int)later);
        }
    }
    ok(wrong == 0, "a file that stands for three, against each of %u ledgers", count);
}

int main(void)
{
    test_every_ledger();
    test_targets();
    test_steps();
    test_squashing();
    return done();
}

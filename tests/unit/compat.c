/*
 * compat.c: what a row says of its migration, and what that means to a program that doesn't have it.
 */
#include "compat.h"

#include <string.h>

#include "tap.h"

static const char text[] = "CREATE TABLE a (x int);\nALTER TABLE b\n\tDROP COLUMN  y;\n-- stele: down\nDROP TABLE a;\n";
static const stele_statement statements[] = {{0, 22, 0, 0, STELE_RUN}, {24, 53, 0, 0, STELE_RUN}, {71, 83, 0, 0, STELE_RUN}};
static const stele_step steps[] = {{.first = 0, .count = 2}, {.first = 2, .count = 1}};
static const stele_effect effects[] = {{1, 8, STELE_BREAKS, "b"}, {2, 8, STELE_BREAKS, "a"}};

static stele_migration one(void)
{
    return (stele_migration){.file = "001_a.sql", .directory = "m", .text = text, .length = sizeof text - 1, .statements = statements, .statement_count = 3,
                             .steps = steps, .step_count = 2, .up = {0, 55, 0, 1, NULL}, .down = {70, 84, 1, 1, NULL}};
}

static void writes(const stele_migration *migration, const char *expected, bool lives)
{
    stele_text written = {0};
    stele_compat_write(&written, migration);
    ok(!written.failed && strcmp(written.bytes, expected) == 0 && stele_compat_lives(written.bytes) == lives, "\"%s\" can%s be lived with", expected,
       lives ? "" : "not");
    if (!written.failed && strcmp(written.bytes, expected) != 0)
        printf("# %s\n", written.bytes);
    stele_text_free(&written);
}

static void test_writing(void)
{
    stele_migration migration = one();
    writes(&migration, "expand", true);
    migration.flags = STELE_SETS_SESSION | STELE_OPAQUE;
    writes(&migration, "opaque", false);
    migration.flags = STELE_OPAQUE | STELE_CONTRACTS;
    writes(&migration, "contract", false);
    migration.effects = &effects[1];
    migration.effect_count = 1;
    writes(&migration, "contract", false); /* what the way back breaks is not meant */
    migration.effects = effects;
    migration.effect_count = 2;
    writes(&migration, "contract: 001_a.sql:2: ALTER TABLE b DROP COLUMN y", false);
    migration.expand = "nobody has it";
    writes(&migration, "expand: nobody has it", true);
    migration.expand = NULL;
    migration.contract = "because";
    writes(&migration, "contract: because", false);
    migration.squashes = "050";
    migration.squashes_state = "d1:x";
    migration.squashes_release = "release 1: the first";
    writes(&migration, "contract: because", false);
    migration.contract = NULL;
    writes(&migration, "squash 050 d1:x: release 1: the first", false);
}

static void test_long_statement(void)
{
    static char long_text[400];
    memset(long_text, 'x', 99);
    for (size_t i = 99; i + 2 < sizeof long_text; i += 2)
        memcpy(long_text + i, "\xC3\xA9", 2);
    const stele_statement statement = {0, 397, 0, 0, STELE_RUN};
    const stele_step step = {.first = 0, .count = 1};
    const stele_effect effect = {0, 8, STELE_BREAKS, NULL};
    const stele_migration migration = {.file = "a.sql", .directory = "m", .text = long_text, .length = 397, .statements = &statement, .statement_count = 1, .steps = &step,
                                       .step_count = 1, .up = {0, 397, 0, 1, NULL}, .effects = &effect, .effect_count = 1, .flags = STELE_CONTRACTS};
    stele_text written = {0};
    stele_compat_write(&written, &migration);
    ok(!written.failed && strcmp(written.bytes + written.length - 7, "x\xC3\xA9 ...") == 0, "a long statement is cut at a character");
    stele_text_free(&written);
}

static void test_reading(void)
{
    static const struct {
        const char *compat, *reason;
        bool lives;
    } cases[] = {{NULL, "the ledger says nothing of it", false}, {"", "the ledger says \"\" of it", false}, {"expand", "", true}, {"expand: because", "because", true},
                 {"expand: ", "the ledger says \"expand: \" of it", false}, {"expandable", "the ledger says \"expandable\" of it", false},
                 {"expand because", "the ledger says \"expand because\" of it", false}, {"Expand", "the ledger says \"Expand\" of it", false},
                 {"contract", "", false}, {"contract: because", "because", false}, {"later: x", "the ledger says \"later: x\" of it", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char words[128];
        stele_compat_reason(cases[i].compat, words, sizeof words);
        ok(stele_compat_lives(cases[i].compat) == cases[i].lives && strcmp(words, cases[i].reason) == 0, "%s: %s", cases[i].compat == NULL ? "NULL" : cases[i].compat,
           words);
    }
}

static void test_squash(void)
{
    static const char *const none[] = {NULL, "", "expand", "squash", "squash ", "squash 050", "squash 050 d1:x", "squash 050: x", "squashes 050 d1:x: y",
                                       "squash 050 d1:0000000000000000000000000000000000000000000000000000000000000000000000: y"};
    stele_squash squash;
    ok(stele_compat_squash("squash 4.105 d1:x: release 1: the first", &squash) && strcmp(squash.version, "4.105") == 0 && strcmp(squash.state, "d1:x") == 0 &&
           strcmp(squash.release, "release 1: the first") == 0,
       "what a file stands for is read again");
    bool right = true;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        right &= !stele_compat_squash(none[i], &squash);
    ok(right, "and what is none isn't taken for one");
}

int main(void)
{
    test_writing();
    test_long_statement();
    test_reading();
    test_squash();
    return done();
}

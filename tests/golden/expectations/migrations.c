/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:79c53f4b0407    14 statements  001_kinds.sql
 *     s1:11cd085ee001     3 statements  002_queries.sql
 *     s1:e80a653528f8     3 statements  003_steps.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 001_kinds.sql */

#define TEXT_main_001__kinds \
    "CREATE TABLE a (x int, t text);\n" \
    "-- stele: expect rows = 2\n" \
    "INSERT INTO a VALUES (1, 'x'), (2, 'y');\n" \
    "-- stele: expect rows >= 1 if table not empty\n" \
    "UPDATE a SET t = 'z';\n" \
    "-- stele: expect   rows   <=   5   if   table   not   empty\n" \
    "WITH gone AS (SELECT 1) DELETE FROM ONLY public . \"a\" /* here */ AS t USING gone WHERE t.x = 1;\n" \
    "-- stele: expect rows > 0\n" \
    "MERGE INTO a AS t USING (VALUES (1)) AS v (x) ON t.x = v.x WHEN NOT MATCHED THEN INSERT VALUES (v.x);\n" \
    "-- stele: expect rows < 9\n" \
    "-- stele: expect rows <> 0\n" \
    "COPY \"a\" (x, t) FROM stdin;\n" \
    "7\t-- stele: expect rows = 1\n" \
    "\\.\n" \
    "-- stele: expect rows = 0\n" \
    "COPY a FROM PROGRAM 'true';\n" \
    "-- stele: expect rows >= 0\n" \
    "SELECT * FROM a;\n" \
    "-- stele: expect rows >= 0\n" \
    "(VALUES (1), (2)) ORDER BY 1;\n" \
    "-- stele: expect rows >= 0\n" \
    "SELECT x INTO b FROM a;\n" \
    "-- stele: expect rows >= 0\n" \
    "CREATE TABLE IF NOT EXISTS c AS TABLE a;\n" \
    "-- stele: unparsed\n" \
    "-- stele: expect rows >= 0\n" \
    "UPDATE a NEWER SYNTAX;\n" \
    "-- stele: expect rows >= 0\n" \
    "-- stele: unparsed\n" \
    "UPDATE a NEWER SYNTAX;\n" \
    "-- stele: down\n" \
    "-- stele: expect rows = 1\n" \
    "DELETE FROM a\n"
_Static_assert(sizeof(TEXT_main_001__kinds) == 1031, "kinds: the text was changed");
static const stele_statement main_001__kinds_statements[] = {
    {0, 30, 0, 0, STELE_RUN}, /* 1: CREATE TABLE a (x int, t text) */
    {58, 97, 0, 0, STELE_RUN}, /* 3: INSERT INTO a VALUES (1, 'x'), (2, 'y') */
    {145, 165, 0, 0, STELE_RUN}, /* 5: UPDATE a SET t = 'z' */
    {227, 321, 0, 0, STELE_RUN}, /* 7: WITH gone AS (SELECT 1) DELETE FROM ONLY public . "a" / * her... */
    {349, 449, 0, 0, STELE_RUN}, /* 9: MERGE INTO a AS t USING (VALUES (1)) AS v (x) ON t.x = v.x W... */
    {504, 530, 532, 560, STELE_COPY}, /* 12: COPY "a" (x, t) FROM stdin */
    {589, 615, 0, 0, STELE_RUN}, /* 16: COPY a FROM PROGRAM 'true' */
    {644, 659, 0, 0, STELE_RUN}, /* 18: SELECT * FROM a */
    {688, 716, 0, 0, STELE_RUN}, /* 20: (VALUES (1), (2)) ORDER BY 1 */
    {745, 767, 0, 0, STELE_RUN}, /* 22: SELECT x INTO b FROM a */
    {796, 835, 0, 0, STELE_RUN}, /* 24: CREATE TABLE IF NOT EXISTS c AS TABLE a */
    {883, 904, 0, 0, STELE_RUN}, /* 27: UPDATE a NEWER SYNTAX */
    {952, 973, 0, 0, STELE_RUN}, /* 30: UPDATE a NEWER SYNTAX */
    {1016, 1029, 0, 0, STELE_RUN}, /* 33: DELETE FROM a */
};
static const stele_step main_001__kinds_steps[] = {
    {.first = 0, .count = 13},
    {.first = 13, .count = 1},
};
static const stele_loss main_001__kinds_losses[] = {
    {STELE_LOSES_TABLE, "\"a\"", NULL, 1016}, /* 33 */
};
static const stele_effect main_001__kinds_effects[] = {
    {13, 3, STELE_DESTROYS, "\"a\""}, /* 33: ROW EXCLUSIVE */
};
static const stele_expectation main_001__kinds_expectations[] = {
    {.statement = 1, .comparison = STELE_ROWS_EQUAL, .rows = 2, .table_begin = 70, .table_end = 71, .begin = 42, .what = "insert"}, /* 2: expect rows = 2 */
    {.statement = 2, .comparison = STELE_ROWS_AT_LEAST, .rows = 1, .table_begin = 152, .table_end = 153, .unless_empty = 1, .begin = 109, .what = "update"}, /* 4: expect rows >= 1 if table not empty */
    {.statement = 3, .comparison = STELE_ROWS_AT_MOST, .rows = 5, .table_begin = 268, .table_end = 280, .unless_empty = 1, .only = 1, .begin = 177, .what = "delete"}, /* 6: expect rows <= 5 if table not empty */
    {.statement = 4, .comparison = STELE_ROWS_MORE, .rows = 0, .table_begin = 360, .table_end = 361, .begin = 333, .what = "merge"}, /* 8: expect rows > 0 */
    {.statement = 5, .comparison = STELE_ROWS_LESS, .rows = 9, .table_begin = 509, .table_end = 512, .begin = 461, .what = "copy"}, /* 10: expect rows < 9 */
    {.statement = 5, .comparison = STELE_ROWS_OTHER, .rows = 0, .table_begin = 509, .table_end = 512, .begin = 487, .what = "copy"}, /* 11: expect rows <> 0 */
    {.statement = 6, .comparison = STELE_ROWS_EQUAL, .rows = 0, .table_begin = 594, .table_end = 595, .begin = 573, .what = "copy"}, /* 15: expect rows = 0 */
    {.statement = 7, .comparison = STELE_ROWS_AT_LEAST, .rows = 0, .begin = 627, .what = "select"}, /* 17: expect rows >= 0 */
    {.statement = 8, .comparison = STELE_ROWS_AT_LEAST, .rows = 0, .begin = 671, .what = "select"}, /* 19: expect rows >= 0 */
    {.statement = 9, .comparison = STELE_ROWS_AT_LEAST, .rows = 0, .begin = 728, .what = "select into"}, /* 21: expect rows >= 0 */
    {.statement = 10, .comparison = STELE_ROWS_AT_LEAST, .rows = 0, .begin = 779, .what = "create table as"}, /* 23: expect rows >= 0 */
    {.statement = 11, .comparison = STELE_ROWS_AT_LEAST, .rows = 0, .begin = 866, .what = "statement"}, /* 26: expect rows >= 0 */
    {.statement = 12, .comparison = STELE_ROWS_AT_LEAST, .rows = 0, .begin = 916, .what = "statement"}, /* 28: expect rows >= 0 */
    {.statement = 13, .comparison = STELE_ROWS_EQUAL, .rows = 1, .table_begin = 1028, .table_end = 1029, .begin = 1000, .what = "delete"}, /* 32: expect rows = 1 */
};
static const stele_demand main_001__kinds_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "a"}, /* 1 */
    {4, STELE_NEEDS_UNTOLD, NULL, "MERGE"}, /* 9 */
    {6, STELE_NEEDS_MEMBERSHIP, NULL, "pg_execute_server_program"}, /* 16 */
    {9, STELE_MAKES, NULL, "b"}, /* 22 */
    {10, STELE_NEEDS_UNTOLD, NULL, "CREATE TABLE"}, /* 24 */
    {11, STELE_CHANGES_ALL, NULL, "UPDATE"}, /* 27 */
    {12, STELE_CHANGES_ALL, NULL, "UPDATE"}, /* 30 */
    {13, STELE_NEEDS_DELETE, NULL, "a"}, /* 33 */
};

/* 002_queries.sql */

#define TEXT_main_002__queries \
    "-- stele: expect rows = (SELECT count(*) FROM a WHERE t = 'a  ) -- b' AND x IN (SELECT 1)) if table not empty\n" \
    "UPDATE a SET x = 1;\n" \
    "--stele:expect rows >= (WITH w AS (VALUES (${least})) SELECT * FROM w)\n" \
    "UPDATE ${owner}.a SET t = '${word}';\n" \
    "-- stele: expect rows =(SELECT count(*) /* ) */ FROM \"${owner}\".a WHERE t = ${word} OR t = $$;${word}$$)if table not empty\n" \
    "INSERT INTO \"${owner}\" . a SELECT 1;\n"
_Static_assert(sizeof(TEXT_main_002__queries) == 399, "queries: the text was changed");
static const stele_statement main_002__queries_statements[] = {
    {110, 128, 0, 0, STELE_RUN}, /* 2: UPDATE a SET x = 1 */
    {201, 236, 0, 0, STELE_RUN}, /* 4: UPDATE ${owner}.a SET t = '${word}' */
    {361, 396, 0, 0, STELE_RUN}, /* 6: INSERT INTO "${owner}" . a SELECT 1 */
};
static const stele_step main_002__queries_steps[] = {
    {.first = 0, .count = 3},
};
static const stele_reference main_002__queries_references[] = {
    {173, 181, 1, STELE_IN_SQL}, /* 3: least */
    {208, 216, 0, STELE_IN_SQL}, /* 4: owner */
    {228, 235, 2, STELE_IN_STRING}, /* 4: word */
    {292, 300, 0, STELE_IN_NAME}, /* 5: owner */
    {314, 321, 2, STELE_IN_SQL}, /* 5: word */
    {332, 339, 2, STELE_IN_DOLLAR}, /* 5: word */
    {374, 382, 0, STELE_IN_NAME}, /* 6: owner */
};
static const stele_expectation main_002__queries_expectations[] = {
    {.statement = 0, .comparison = STELE_ROWS_EQUAL, .query_begin = 25, .query_end = 89, .table_begin = 117, .table_end = 118, .unless_empty = 1, .begin = 10, .what = "update"}, /* 1: expect rows = (SELECT count(*) FROM a WHERE t = 'a ) -- b' A... */
    {.statement = 1, .comparison = STELE_ROWS_AT_LEAST, .query_begin = 154, .query_end = 199, .table_begin = 208, .table_end = 218, .begin = 138, .what = "update"}, /* 3: expect rows >= (WITH w AS (VALUES (${least})) SELECT * FROM ... */
    {.statement = 2, .comparison = STELE_ROWS_EQUAL, .query_begin = 262, .query_end = 341, .table_begin = 373, .table_end = 387, .unless_empty = 1, .begin = 248, .what = "insert"}, /* 5: expect rows =(SELECT count(*) / * ) * / FROM "${owner}".a WHER... */
};
static const stele_demand main_002__queries_demands[] = {
    {0, STELE_NEEDS_UPDATE, NULL, "a"}, /* 2 */
    {1, STELE_NEEDS_UNTOLD, NULL, "UPDATE"}, /* 4 */
    {2, STELE_NEEDS_UNTOLD, NULL, "INSERT"}, /* 6 */
};

/* 003_steps.sql */

#define TEXT_main_003__steps \
    "BEGIN;\n" \
    "-- stele: expect rows = 1\n" \
    "UPDATE a SET x = 1;\n" \
    "COMMIT;\n" \
    "CREATE INDEX CONCURRENTLY a_x ON a (x);\n" \
    "-- stele: expect rows = 2\n" \
    "UPDATE a SET x = 2;\n"
_Static_assert(sizeof(TEXT_main_003__steps) == 148, "steps: the text was changed");
static const stele_statement main_003__steps_statements[] = {
    {33, 51, 0, 0, STELE_RUN}, /* 3: UPDATE a SET x = 1 */
    {61, 99, 0, 0, STELE_RUN}, /* 5: CREATE INDEX CONCURRENTLY a_x ON a (x) */
    {127, 145, 0, 0, STELE_RUN}, /* 7: UPDATE a SET x = 2 */
};
static const stele_step main_003__steps_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_INDEX, .on = "\"a\"", .name = "a_x"}},
    {.first = 2, .count = 1},
};
static const stele_effect main_003__steps_effects[] = {
    {1, 4, STELE_SCANS, "\"a\""}, /* 5: SHARE UPDATE EXCLUSIVE */
};
static const stele_expectation main_003__steps_expectations[] = {
    {.statement = 0, .comparison = STELE_ROWS_EQUAL, .rows = 1, .table_begin = 40, .table_end = 41, .begin = 17, .what = "update"}, /* 2: expect rows = 1 */
    {.statement = 2, .comparison = STELE_ROWS_EQUAL, .rows = 2, .table_begin = 134, .table_end = 135, .begin = 111, .what = "update"}, /* 6: expect rows = 2 */
};
static const stele_demand main_003__steps_demands[] = {
    {0, STELE_NEEDS_UPDATE, NULL, "a"}, /* 3 */
    {1, STELE_NEEDS_OWNER, NULL, "a"}, /* 5 */
    {1, STELE_NEEDS_CREATE_BESIDE, NULL, "a"}, /* 5 */
    {1, STELE_MAKES, NULL, "a_x"}, /* 5 */
};

/*
 * The sealed table: what each migration was when it was sealed, then all the texts. It is one piece and holds no
 * address, so that "stelec inspect PROGRAM" finds and checks it in any program, also in a stripped one.
 */
#define TEXT_manifest \
    "\000stele-sealed-table 1\n" \
    "made by stelec 0.1.0 (libpg_query 17.4)\n" \
    "table migrations\n" \
    "sum ddad5f84b5a318ef56822320c154bf47068612fba3ae8c9b8b6cddc218e54310\n" \
    "migration s1:79c53f4b04075f52bbd922f5eb738c2951adb305afad30e84828869e6b793f0a t1:4c3b17d87972ffee1051eccb773a9b31ffd4187ba052a756b5e5e05e358095f8 d1:ca6d1ce76cf659b55a487d68e73b320c0e4f91d87909715b1ae8af3ad29846fa 1030 main 001 001_kinds.sql\n" \
    "sum 1bd0f4137c6bba63b7194fa69186785ba710018ebba8fe7aefe3e18b0ed1c68a\n" \
    "migration s1:11cd085ee001f3161607d8b6ad60fbe1d7c1d174ada49d9d0a160eeb550d743e t1:29c8264304f55aa9e6ce2e64664d1a76c138f50f6968cd323ddcf839a586752b d1:7ae89f271e8cbb6c0123ca942b72225d2802eef6a585152bc3a71e1a3f2b311e 398 main 002 002_queries.sql\n" \
    "sum 1aa7adb680e305c7b44257ba57c7a5a5b504e76a91235bd42c36cf77c09cec67\n" \
    "migration s1:e80a653528f8fb688f2c2e02a6ff7b1588b8d226157477dcd99cf9f70f75b6d9 t1:e17bc4333c14cb806af3a9dfae4e3ee2602d9c6c7e94884d24d54c4e4608939d d1:9ea754413ce862b06b3825d0e6f8e08bcce297f18e3581f9aeaf039eccad96e6 147 main 003 003_steps.sql\n" \
    "sum 582b06415c22c01999babfea21792a942d4551a41f6fa887e59a32ccb6f3c19a\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_001__kinds[1031];
    char main_002__queries[399];
    char main_003__steps[148];
} sealed = {
    TEXT_manifest,
    TEXT_main_001__kinds,
    TEXT_main_002__queries,
    TEXT_main_003__steps,
};

#pragma GCC diagnostic pop

static const stele_parameter parameter_table[] = {
    {"owner", "app", STELE_IDENTIFIER, 1},
    {"least", "3", STELE_INTEGER, 0},
    {"word", NULL, STELE_LITERAL, 1},
    {NULL, NULL, 0, 0},
};

static const char *const component_table[] = {
    "main",
    NULL,
};

static const stele_migration migration_table[] = {
    {
        .component = "main",
        .version = "001",
        .name = "kinds",
        .directory = "migrations",
        .file = "001_kinds.sql",
        .source = "s1:79c53f4b04075f52bbd922f5eb738c2951adb305afad30e84828869e6b793f0a",
        .tokens = "t1:4c3b17d87972ffee1051eccb773a9b31ffd4187ba052a756b5e5e05e358095f8",
        .state = "d1:ca6d1ce76cf659b55a487d68e73b320c0e4f91d87909715b1ae8af3ad29846fa",
        .text = sealed.main_001__kinds,
        .length = 1030,
        .statements = main_001__kinds_statements,
        .statement_count = 14,
        .steps = main_001__kinds_steps,
        .step_count = 2,
        .losses = main_001__kinds_losses,
        .loss_count = 1,
        .effects = main_001__kinds_effects,
        .effect_count = 1,
        .expectations = main_001__kinds_expectations,
        .expectation_count = 14,
        .demands = main_001__kinds_demands,
        .demand_count = 9,
        .up = {0, 975, 0, 1, NULL},
        .down = {990, 1030, 1, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_OPAQUE,
    },
    {
        .component = "main",
        .version = "002",
        .name = "queries",
        .directory = "migrations",
        .file = "002_queries.sql",
        .source = "s1:11cd085ee001f3161607d8b6ad60fbe1d7c1d174ada49d9d0a160eeb550d743e",
        .tokens = "t1:29c8264304f55aa9e6ce2e64664d1a76c138f50f6968cd323ddcf839a586752b",
        .state = "d1:7ae89f271e8cbb6c0123ca942b72225d2802eef6a585152bc3a71e1a3f2b311e",
        .text = sealed.main_002__queries,
        .length = 398,
        .statements = main_002__queries_statements,
        .statement_count = 3,
        .steps = main_002__queries_steps,
        .step_count = 1,
        .references = main_002__queries_references,
        .reference_count = 7,
        .expectations = main_002__queries_expectations,
        .expectation_count = 3,
        .demands = main_002__queries_demands,
        .demand_count = 3,
        .up = {0, 398, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "003",
        .name = "steps",
        .directory = "migrations",
        .file = "003_steps.sql",
        .source = "s1:e80a653528f8fb688f2c2e02a6ff7b1588b8d226157477dcd99cf9f70f75b6d9",
        .tokens = "t1:e17bc4333c14cb806af3a9dfae4e3ee2602d9c6c7e94884d24d54c4e4608939d",
        .state = "d1:9ea754413ce862b06b3825d0e6f8e08bcce297f18e3581f9aeaf039eccad96e6",
        .text = sealed.main_003__steps,
        .length = 147,
        .statements = main_003__steps_statements,
        .statement_count = 3,
        .steps = main_003__steps_steps,
        .step_count = 3,
        .effects = main_003__steps_effects,
        .effect_count = 1,
        .expectations = main_003__steps_expectations,
        .expectation_count = 2,
        .demands = main_003__steps_demands,
        .demand_count = 4,
        .up = {0, 147, 0, 3, NULL},
    },
    {.version = NULL},
};

const stele_migrations migrations = {
    .format = STELE_TABLE_FORMAT,
    .generator = "stelec 0.1.0",
    .migrations = migration_table,
    .count = sizeof migration_table / sizeof migration_table[0] - 1,
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof parameter_table[0] - 1,
    .components = component_table,
    .component_count = sizeof component_table / sizeof component_table[0] - 1,
    .sealed = sealed.manifest,
};

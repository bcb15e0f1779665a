/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:4a9a35bc8040     5 statements  00001_a.sql
 *     s1:f1bae1d38f91     4 statements  00002_b.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 00001_a.sql */

#define TEXT_main_00001__a \
    "-- comment\n" \
    "-- +goose NO TRANSACTION\n" \
    "-- +goose Up\n" \
    "CREATE TABLE a (x int);\n" \
    "-- +goose StatementBegin\n" \
    "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$\n" \
    "-- +goose StatementEnd\n" \
    "SELECT f();\n" \
    "\n" \
    "-- +goose Down\n" \
    "DROP FUNCTION f();\n" \
    "DROP TABLE a;\n" \
    "-- +goose Strange\n"
_Static_assert(sizeof(TEXT_main_00001__a) == 279, "a: the text was changed");
static const stele_statement main_00001__a_statements[] = {
    {49, 71, 0, 0, STELE_RUN}, /* 4: CREATE TABLE a (x int) */
    {98, 175, 0, 0, STELE_RUN}, /* 6: CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN... */
    {199, 209, 0, 0, STELE_RUN}, /* 8: SELECT f() */
    {227, 244, 0, 0, STELE_RUN}, /* 11: DROP FUNCTION f() */
    {246, 258, 0, 0, STELE_RUN}, /* 12: DROP TABLE a */
};
static const stele_step main_00001__a_steps[] = {
    {.first = 0, .count = 3},
    {.first = 3, .count = 2},
};
static const stele_loss main_00001__a_losses[] = {
    {STELE_LOSES_TABLE, "\"a\"", NULL, 246}, /* 12 */
};
static const stele_effect main_00001__a_effects[] = {
    {3, 0, STELE_BREAKS, NULL}, /* 11:  */
    {4, 8, STELE_DESTROYS | STELE_BREAKS, "\"a\""}, /* 12: ACCESS EXCLUSIVE */
};
static const stele_demand main_00001__a_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 4 */
    {0, STELE_MAKES, NULL, "a"}, /* 4 */
    {1, STELE_MAKES, NULL, "f"}, /* 6 */
    {2, STELE_CHANGES_ALL, NULL, "SELECT"}, /* 8 */
    {3, STELE_NEEDS_FUNCTION_TO_DROP, NULL, "f"}, /* 11 */
    {4, STELE_NEEDS_TO_DROP, NULL, "a"}, /* 12 */
};

/* 00002_b.sql */

#define TEXT_main_00002__b \
    "-- +goose up\n" \
    "CREATE TABLE b (x int);\n" \
    "-- +goose ENVSUB ON\n" \
    "INSERT INTO b SELECT ${N};\n" \
    "-- +goose ENVSUB OFF\n" \
    "INSERT INTO b SELECT length('${M}');\n" \
    "-- +goose down\n" \
    "DROP TABLE b;\n"
_Static_assert(sizeof(TEXT_main_00002__b) == 172, "b: the text was changed");
static const stele_statement main_00002__b_statements[] = {
    {13, 35, 0, 0, STELE_RUN}, /* 2: CREATE TABLE b (x int) */
    {57, 82, 0, 0, STELE_RUN}, /* 4: INSERT INTO b SELECT ${N} */
    {105, 140, 0, 0, STELE_RUN}, /* 6: INSERT INTO b SELECT length('${M}') */
    {157, 169, 0, 0, STELE_RUN}, /* 8: DROP TABLE b */
};
static const stele_step main_00002__b_steps[] = {
    {.first = 0, .count = 3},
    {.first = 3, .count = 1},
};
static const stele_reference main_00002__b_references[] = {
    {78, 82, 0, STELE_IN_SQL}, /* 4: N */
};
static const stele_loss main_00002__b_losses[] = {
    {STELE_LOSES_TABLE, "\"b\"", NULL, 157}, /* 8 */
};
static const stele_effect main_00002__b_effects[] = {
    {3, 8, STELE_DESTROYS | STELE_BREAKS, "\"b\""}, /* 8: ACCESS EXCLUSIVE */
};
static const stele_demand main_00002__b_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 2 */
    {0, STELE_MAKES, NULL, "b"}, /* 2 */
    {3, STELE_NEEDS_TO_DROP, NULL, "b"}, /* 8 */
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
    "migration s1:4a9a35bc8040dfe31b578084d1f741b4bf3e866004e798f4472cc36853bdfdbb t1:6666033e1a7fb131e1a71570912abdb202ca348ea2d36c8134f11345f12512b7 d1:ae5f8aa399d94288d78ea999f85065f8be439e081f949dc17b29777feeb04c7a 278 main 00001 00001_a.sql\n" \
    "sum 520eac63bc3d4c87279561b38bb895e3aa77936fb348907f56f890a999911706\n" \
    "migration s1:f1bae1d38f9117ec52a7945fe88a71e571851c8ef319d117ee7dc8aac911bf1b t1:53d69c3f55e7fc2187951ce7a1dcdcdac1419e3630daa453cacfda68724ac3b4 d1:d08f8608d31215c1f1f3fc4c2702ae80c8982ccd40739f04c79db001ba65f487 171 main 00002 00002_b.sql\n" \
    "sum 7bc6816c37f6f84fbc239f81e583b831b89b871413848181a24715fd472b0325\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_00001__a[279];
    char main_00002__b[172];
} sealed = {
    TEXT_manifest,
    TEXT_main_00001__a,
    TEXT_main_00002__b,
};

#pragma GCC diagnostic pop

static const stele_parameter parameter_table[] = {
    {"N", "5", STELE_INTEGER, 0},
    {NULL, NULL, 0, 0},
};

static const char *const component_table[] = {
    "main",
    NULL,
};

static const stele_migration migration_table[] = {
    {
        .component = "main",
        .version = "00001",
        .name = "a",
        .directory = "migrations",
        .file = "00001_a.sql",
        .source = "s1:4a9a35bc8040dfe31b578084d1f741b4bf3e866004e798f4472cc36853bdfdbb",
        .tokens = "t1:6666033e1a7fb131e1a71570912abdb202ca348ea2d36c8134f11345f12512b7",
        .state = "d1:ae5f8aa399d94288d78ea999f85065f8be439e081f949dc17b29777feeb04c7a",
        .text = sealed.main_00001__a,
        .length = 278,
        .statements = main_00001__a_statements,
        .statement_count = 5,
        .steps = main_00001__a_steps,
        .step_count = 2,
        .losses = main_00001__a_losses,
        .loss_count = 1,
        .effects = main_00001__a_effects,
        .effect_count = 2,
        .demands = main_00001__a_demands,
        .demand_count = 6,
        .up = {0, 212, 0, 1, NULL},
        .down = {227, 278, 1, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_OPAQUE,
    },
    {
        .component = "main",
        .version = "00002",
        .name = "b",
        .directory = "migrations",
        .file = "00002_b.sql",
        .source = "s1:f1bae1d38f9117ec52a7945fe88a71e571851c8ef319d117ee7dc8aac911bf1b",
        .tokens = "t1:53d69c3f55e7fc2187951ce7a1dcdcdac1419e3630daa453cacfda68724ac3b4",
        .state = "d1:d08f8608d31215c1f1f3fc4c2702ae80c8982ccd40739f04c79db001ba65f487",
        .text = sealed.main_00002__b,
        .length = 171,
        .statements = main_00002__b_statements,
        .statement_count = 4,
        .steps = main_00002__b_steps,
        .step_count = 2,
        .references = main_00002__b_references,
        .reference_count = 1,
        .losses = main_00002__b_losses,
        .loss_count = 1,
        .effects = main_00002__b_effects,
        .effect_count = 1,
        .demands = main_00002__b_demands,
        .demand_count = 3,
        .up = {0, 142, 0, 1, NULL},
        .down = {157, 171, 1, 1, NULL},
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

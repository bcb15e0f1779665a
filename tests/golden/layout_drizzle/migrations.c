/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:8d667662670c     3 statements  0000_a.sql
 *     s1:7317858fd859     1 statement   0001_b.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 0000_a.sql */

#define TEXT_main_0000__a \
    "CREATE TABLE \"a\" (x int);--> statement-breakpoint\n" \
    "ALTER TABLE \"a\" ADD COLUMN y int\n" \
    "--> statement-breakpoint\n" \
    "ALTER TABLE \"a\" ADD COLUMN z int;\n"
_Static_assert(sizeof(TEXT_main_0000__a) == 143, "a: the text was changed");
static const stele_statement main_0000__a_statements[] = {
    {0, 24, 0, 0, STELE_RUN}, /* 1: CREATE TABLE "a" (x int) */
    {50, 82, 0, 0, STELE_RUN}, /* 2: ALTER TABLE "a" ADD COLUMN y int */
    {108, 140, 0, 0, STELE_RUN}, /* 4: ALTER TABLE "a" ADD COLUMN z int */
};
static const stele_step main_0000__a_steps[] = {
    {.first = 0, .count = 3},
};
static const stele_demand main_0000__a_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "a"}, /* 1 */
};

/* 0001_b.sql */

#define TEXT_main_0001__b \
    "CREATE TABLE b (x int);\n"
_Static_assert(sizeof(TEXT_main_0001__b) == 25, "b: the text was changed");
static const stele_statement main_0001__b_statements[] = {
    {0, 22, 0, 0, STELE_RUN}, /* 1: CREATE TABLE b (x int) */
};
static const stele_step main_0001__b_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_0001__b_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "b"}, /* 1 */
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
    "migration s1:8d667662670c2c771e42d2d391fc08a3fa3b4bb75675e87a99da5d56e5e4770c t1:78e111ec4ce3013e5a5be24cbd127f80cb945e72e8ec4594f023c043909b1f9c d1:2c7336dcb626e43053784f7fb94db97a26d37f1d90ba9fb8ce28d7a5465b5d3f 142 main 0000 0000_a.sql\n" \
    "sum dc52d9f1b313f25f5de8574df25a3420fafc3aa989550118aa01f6629261fe96\n" \
    "migration s1:7317858fd859086358df8b32b2e5ba36e4fb1f1501aa3d839ae2c8b3027111f3 t1:bbd9fa9f7d3c80bccb39f0d3aeedf22930ee655e09e8f08ec3325c69e2644ec7 d1:2e132da0780f987c7f26b552d05503d759908bb09755827cb12fc56337524416 24 main 0001 0001_b.sql\n" \
    "sum df84577ebef489838045fd1424fafe1587e1f24e4c33f4939794abd6f5f9cb34\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_0000__a[143];
    char main_0001__b[25];
} sealed = {
    TEXT_manifest,
    TEXT_main_0000__a,
    TEXT_main_0001__b,
};

#pragma GCC diagnostic pop

static const stele_parameter parameter_table[] = {
    {NULL, NULL, 0, 0},
};

static const char *const component_table[] = {
    "main",
    NULL,
};

static const stele_migration migration_table[] = {
    {
        .component = "main",
        .version = "0000",
        .name = "a",
        .directory = "migrations",
        .file = "0000_a.sql",
        .source = "s1:8d667662670c2c771e42d2d391fc08a3fa3b4bb75675e87a99da5d56e5e4770c",
        .tokens = "t1:78e111ec4ce3013e5a5be24cbd127f80cb945e72e8ec4594f023c043909b1f9c",
        .state = "d1:2c7336dcb626e43053784f7fb94db97a26d37f1d90ba9fb8ce28d7a5465b5d3f",
        .text = sealed.main_0000__a,
        .length = 142,
        .statements = main_0000__a_statements,
        .statement_count = 3,
        .steps = main_0000__a_steps,
        .step_count = 1,
        .demands = main_0000__a_demands,
        .demand_count = 2,
        .up = {0, 142, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "0001",
        .name = "b",
        .directory = "migrations",
        .file = "0001_b.sql",
        .source = "s1:7317858fd859086358df8b32b2e5ba36e4fb1f1501aa3d839ae2c8b3027111f3",
        .tokens = "t1:bbd9fa9f7d3c80bccb39f0d3aeedf22930ee655e09e8f08ec3325c69e2644ec7",
        .state = "d1:2e132da0780f987c7f26b552d05503d759908bb09755827cb12fc56337524416",
        .text = sealed.main_0001__b,
        .length = 24,
        .statements = main_0001__b_statements,
        .statement_count = 1,
        .steps = main_0001__b_steps,
        .step_count = 1,
        .demands = main_0001__b_demands,
        .demand_count = 2,
        .up = {0, 24, 0, 1, NULL},
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

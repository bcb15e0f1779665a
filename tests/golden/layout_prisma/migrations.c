/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:1c0a5f21cdff     1 statement   0_init/migration.sql
 *     s1:7317858fd859     1 statement   20230615120000_x/migration.sql
 *     s1:0339fa9b2528     1 statement   20240101_y/migration.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 0_init/migration.sql */

#define TEXT_main_0__init \
    "CREATE TABLE a (x int);\n"
_Static_assert(sizeof(TEXT_main_0__init) == 25, "init: the text was changed");
static const stele_statement main_0__init_statements[] = {
    {0, 22, 0, 0, STELE_RUN}, /* 1: CREATE TABLE a (x int) */
};
static const stele_step main_0__init_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_0__init_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "a"}, /* 1 */
};

/* 20230615120000_x/migration.sql */

#define TEXT_main_20230615120000__x \
    "CREATE TABLE b (x int);\n"
_Static_assert(sizeof(TEXT_main_20230615120000__x) == 25, "x: the text was changed");
static const stele_statement main_20230615120000__x_statements[] = {
    {0, 22, 0, 0, STELE_RUN}, /* 1: CREATE TABLE b (x int) */
};
static const stele_step main_20230615120000__x_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_20230615120000__x_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "b"}, /* 1 */
};

/* 20240101_y/migration.sql */

#define TEXT_main_20230615120000_20240101__y \
    "CREATE TABLE c (x int);\n"
_Static_assert(sizeof(TEXT_main_20230615120000_20240101__y) == 25, "y: the text was changed");
static const stele_statement main_20230615120000_20240101__y_statements[] = {
    {0, 22, 0, 0, STELE_RUN}, /* 1: CREATE TABLE c (x int) */
};
static const stele_step main_20230615120000_20240101__y_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_20230615120000_20240101__y_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "c"}, /* 1 */
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
    "migration s1:1c0a5f21cdffcd4210b24724676c9084acc427f170eb1a8bdd097e359601ecca t1:2a70c74cb9ff558432cb003e7b06721c44fa29bdc5a6783ce80d02098ed6bd56 d1:c136c6f6eeb10c62a59158520c90181f370a530c04afff1bf9954846b018bc8c 24 main 0 0_init/migration.sql\n" \
    "sum 15a450858087ac573301cdba6c52d8edbda11ddbfd13ba8addc41bcfdcef1796\n" \
    "migration s1:7317858fd859086358df8b32b2e5ba36e4fb1f1501aa3d839ae2c8b3027111f3 t1:bbd9fa9f7d3c80bccb39f0d3aeedf22930ee655e09e8f08ec3325c69e2644ec7 d1:3e96008cf7e4b8b39ccb947fb0952285fa4eae3c9e29f24887f6105f3f02eae7 24 main 20230615120000 20230615120000_x/migration.sql\n" \
    "sum b67599f5a95a088f8d6a15a5bb30f501e170b79cf208ddc56f2f376fa08387d9\n" \
    "migration s1:0339fa9b25280e4f82e01262d84fb1ba99622492e3b4a6510e168b679c8d21df t1:82f15f3ad8549b1426f62fa578f4791ff03627adffb8822aee2eebc1d8be4c6c d1:66973d326612a2e1c7404b022d1217a77685026e43792dbf60fc424d62af6e26 24 main 20230615120000.20240101 20240101_y/migration.sql\n" \
    "sum 09e9e94d6f00b2ffe2e6eb40452b998a19ad3f7cfa0ddae0ae7f807276f75139\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_0__init[25];
    char main_20230615120000__x[25];
    char main_20230615120000_20240101__y[25];
} sealed = {
    TEXT_manifest,
    TEXT_main_0__init,
    TEXT_main_20230615120000__x,
    TEXT_main_20230615120000_20240101__y,
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
        .version = "0",
        .name = "init",
        .directory = "migrations",
        .file = "0_init/migration.sql",
        .source = "s1:1c0a5f21cdffcd4210b24724676c9084acc427f170eb1a8bdd097e359601ecca",
        .tokens = "t1:2a70c74cb9ff558432cb003e7b06721c44fa29bdc5a6783ce80d02098ed6bd56",
        .state = "d1:c136c6f6eeb10c62a59158520c90181f370a530c04afff1bf9954846b018bc8c",
        .text = sealed.main_0__init,
        .length = 24,
        .statements = main_0__init_statements,
        .statement_count = 1,
        .steps = main_0__init_steps,
        .step_count = 1,
        .demands = main_0__init_demands,
        .demand_count = 2,
        .up = {0, 24, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "20230615120000",
        .name = "x",
        .directory = "migrations",
        .file = "20230615120000_x/migration.sql",
        .source = "s1:7317858fd859086358df8b32b2e5ba36e4fb1f1501aa3d839ae2c8b3027111f3",
        .tokens = "t1:bbd9fa9f7d3c80bccb39f0d3aeedf22930ee655e09e8f08ec3325c69e2644ec7",
        .state = "d1:3e96008cf7e4b8b39ccb947fb0952285fa4eae3c9e29f24887f6105f3f02eae7",
        .text = sealed.main_20230615120000__x,
        .length = 24,
        .statements = main_20230615120000__x_statements,
        .statement_count = 1,
        .steps = main_20230615120000__x_steps,
        .step_count = 1,
        .demands = main_20230615120000__x_demands,
        .demand_count = 2,
        .up = {0, 24, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "20230615120000.20240101",
        .name = "y",
        .directory = "migrations",
        .file = "20240101_y/migration.sql",
        .source = "s1:0339fa9b25280e4f82e01262d84fb1ba99622492e3b4a6510e168b679c8d21df",
        .tokens = "t1:82f15f3ad8549b1426f62fa578f4791ff03627adffb8822aee2eebc1d8be4c6c",
        .state = "d1:66973d326612a2e1c7404b022d1217a77685026e43792dbf60fc424d62af6e26",
        .text = sealed.main_20230615120000_20240101__y,
        .length = 24,
        .statements = main_20230615120000_20240101__y_statements,
        .statement_count = 1,
        .steps = main_20230615120000_20240101__y_steps,
        .step_count = 1,
        .demands = main_20230615120000_20240101__y_demands,
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

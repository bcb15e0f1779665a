/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:86de60f0eb9e     2 statements  1_a.sql
 *     s1:19604e3859f4     2 statements  b.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 1_a.sql */

#define TEXT_main_1__a \
    "-- prose\n" \
    "SELECT nothing;\n" \
    "-- +migrate Up notransaction\n" \
    "CREATE TABLE a (x int);\n" \
    "-- +migrate Down\n" \
    "DROP TABLE a;\n"
_Static_assert(sizeof(TEXT_main_1__a) == 110, "a: the text was changed");
static const stele_statement main_1__a_statements[] = {
    {54, 76, 0, 0, STELE_RUN}, /* 4: CREATE TABLE a (x int) */
    {95, 107, 0, 0, STELE_RUN}, /* 6: DROP TABLE a */
};
static const stele_step main_1__a_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1},
};
static const stele_loss main_1__a_losses[] = {
    {STELE_LOSES_TABLE, "\"a\"", NULL, 95}, /* 6 */
};
static const stele_effect main_1__a_effects[] = {
    {1, 8, STELE_DESTROYS | STELE_BREAKS, "\"a\""}, /* 6: ACCESS EXCLUSIVE */
};
static const stele_demand main_1__a_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 4 */
    {0, STELE_MAKES, NULL, "a"}, /* 4 */
    {1, STELE_NEEDS_TO_DROP, NULL, "a"}, /* 6 */
};

/* b.sql */

#define TEXT_main_1_0__b \
    "-- +migrate Up\n" \
    "CREATE TABLE b (x int);\n" \
    "-- +migrate StatementBegin\n" \
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'\n" \
    "-- +migrate StatementEnd\n"
_Static_assert(sizeof(TEXT_main_1_0__b) == 151, "b: the text was changed");
static const stele_statement main_1_0__b_statements[] = {
    {15, 37, 0, 0, STELE_RUN}, /* 2: CREATE TABLE b (x int) */
    {66, 124, 0, 0, STELE_RUN}, /* 4: CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1' */
};
static const stele_step main_1_0__b_steps[] = {
    {.first = 0, .count = 2},
};
static const stele_demand main_1_0__b_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 2 */
    {0, STELE_MAKES, NULL, "b"}, /* 2 */
    {1, STELE_MAKES, NULL, "f"}, /* 4 */
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
    "migration s1:86de60f0eb9ef7810f93c9c1a645354688f77741e6d39f72d62476b208a3893e t1:5cc7c6ccd8f4d5f4fd78a914d7be3f5bb0028bcea9db3c71f5482d7f790441d9 d1:1311aeeebaecbc34a601e9e587e75683aeda4023dff0ba1d7624b8c92ddd27d1 109 main 1 1_a.sql\n" \
    "sum 78d6d0ba4a627276e64318cc5499750d54f45553913b902c73771e6ad0fb0d00\n" \
    "migration s1:19604e3859f4abdf3727911b6d65421b9c2b0d0d0024678b44797a75e6de3718 t1:4b29be352351e4ed1e521007bbe0094f7b11c694eda526ca6656cfabea862cce d1:dc224c98caa32cd03f68f914db4a6c508ec84c3562428914d09842aa936d7937 150 main 1.0 b.sql\n" \
    "sum bc76679b9acbdd42e9b4cf6a13d043ddb4293aae873d2509202768b1cb1e949c\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_1__a[110];
    char main_1_0__b[151];
} sealed = {
    TEXT_manifest,
    TEXT_main_1__a,
    TEXT_main_1_0__b,
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
        .version = "1",
        .name = "a",
        .directory = "migrations",
        .file = "1_a.sql",
        .source = "s1:86de60f0eb9ef7810f93c9c1a645354688f77741e6d39f72d62476b208a3893e",
        .tokens = "t1:5cc7c6ccd8f4d5f4fd78a914d7be3f5bb0028bcea9db3c71f5482d7f790441d9",
        .state = "d1:1311aeeebaecbc34a601e9e587e75683aeda4023dff0ba1d7624b8c92ddd27d1",
        .text = sealed.main_1__a,
        .length = 109,
        .statements = main_1__a_statements,
        .statement_count = 2,
        .steps = main_1__a_steps,
        .step_count = 2,
        .losses = main_1__a_losses,
        .loss_count = 1,
        .effects = main_1__a_effects,
        .effect_count = 1,
        .demands = main_1__a_demands,
        .demand_count = 3,
        .up = {0, 78, 0, 1, NULL},
        .down = {95, 109, 1, 1, NULL},
    },
    {
        .component = "main",
        .version = "1.0",
        .name = "b",
        .directory = "migrations",
        .file = "b.sql",
        .source = "s1:19604e3859f4abdf3727911b6d65421b9c2b0d0d0024678b44797a75e6de3718",
        .tokens = "t1:4b29be352351e4ed1e521007bbe0094f7b11c694eda526ca6656cfabea862cce",
        .state = "d1:dc224c98caa32cd03f68f914db4a6c508ec84c3562428914d09842aa936d7937",
        .text = sealed.main_1_0__b,
        .length = 150,
        .statements = main_1_0__b_statements,
        .statement_count = 2,
        .steps = main_1_0__b_steps,
        .step_count = 1,
        .demands = main_1_0__b_demands,
        .demand_count = 3,
        .up = {0, 150, 0, 1, NULL},
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

/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s2:03c2de71cc62     4 statements  deploy/appschema.sql
 *     s1:925dac6b0d01     2 statements  deploy/users@v1.0.sql
 *     s1:d0b50e862fc4     1 statement   deploy/users.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* deploy/appschema.sql */

#define TEXT_flipr_1__appschema \
    "-- Deploy\n" \
    "\\set ON_ERROR_STOP on\n" \
    "BEGIN;\n" \
    "CREATE SCHEMA :\"app\";\n" \
    "COMMIT;\n" \
    "BEGIN;\n" \
    "DROP SCHEMA :\"app\";\n" \
    "COMMIT;\n" \
    "BEGIN;\n" \
    "SELECT pg_catalog.has_schema_privilege(:'app', 'usage');\n" \
    "SELECT 1 WHERE false;\n" \
    "ROLLBACK;\n"
_Static_assert(sizeof(TEXT_flipr_1__appschema) == 201, "appschema: the text was changed");
static const stele_statement flipr_1__appschema_statements[] = {
    {39, 59, 0, 0, STELE_RUN}, /* 4: CREATE SCHEMA :"app" */
    {76, 94, 0, 0, STELE_RUN}, /* 2: DROP SCHEMA :"app" */
    {111, 166, 0, 0, STELE_RUN}, /* 2: SELECT pg_catalog.has_schema_privilege(:'app', 'usage') */
    {168, 188, 0, 0, STELE_RUN}, /* 3: SELECT 1 WHERE false */
};
static const stele_step flipr_1__appschema_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1},
    {.first = 2, .count = 2},
};
static const stele_reference flipr_1__appschema_references[] = {
    {53, 59, 0, STELE_AS_NAME}, /* 4: app */
    {88, 94, 0, STELE_AS_NAME}, /* 2: app */
    {150, 156, 0, STELE_AS_LITERAL}, /* 2: app */
};
static const stele_effect flipr_1__appschema_effects[] = {
    {1, 0, STELE_BREAKS, NULL}, /* 2:  */
};
static const stele_demand flipr_1__appschema_demands[] = {
    {0, STELE_NEEDS_UNTOLD, NULL, "CREATE SCHEMA"}, /* 4 */
    {1, STELE_CHANGES_ALL, NULL, "DROP SCHEMA"}, /* 2 */
};

/* deploy/users@v1.0.sql */

#define TEXT_flipr_2__users \
    "BEGIN; CREATE TABLE :app.users (x int, y int[] DEFAULT '{1}'); SELECT y[1:1]::text FROM :app.users; COMMIT;\n"
_Static_assert(sizeof(TEXT_flipr_2__users) == 109, "users: the text was changed");
static const stele_statement flipr_2__users_statements[] = {
    {7, 61, 0, 0, STELE_RUN}, /* 1: CREATE TABLE :app.users (x int, y int[] DEFAULT '{1}') */
    {63, 98, 0, 0, STELE_RUN}, /* 1: SELECT y[1:1]::text FROM :app.users */
};
static const stele_step flipr_2__users_steps[] = {
    {.first = 0, .count = 2},
};
static const stele_reference flipr_2__users_references[] = {
    {20, 24, 0, STELE_IN_SQL}, /* 1: app */
    {88, 92, 0, STELE_IN_SQL}, /* 1: app */
};
static const stele_demand flipr_2__users_demands[] = {
    {0, STELE_NEEDS_UNTOLD, NULL, "CREATE TABLE"}, /* 1 */
    {1, STELE_NEEDS_UNTOLD, NULL, "SELECT"}, /* 1 */
};

/* deploy/users.sql */

#define TEXT_flipr_3__users \
    "ALTER TABLE :app.users ADD COLUMN z int;\n"
_Static_assert(sizeof(TEXT_flipr_3__users) == 42, "users: the text was changed");
static const stele_statement flipr_3__users_statements[] = {
    {0, 39, 0, 0, STELE_RUN}, /* 1: ALTER TABLE :app.users ADD COLUMN z int */
};
static const stele_step flipr_3__users_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_reference flipr_3__users_references[] = {
    {12, 16, 0, STELE_IN_SQL}, /* 1: app */
};
static const stele_effect flipr_3__users_effects[] = {
    {0, 8, 0, NULL}, /* 1: ACCESS EXCLUSIVE */
};
static const stele_demand flipr_3__users_demands[] = {
    {0, STELE_NEEDS_UNTOLD, NULL, "ALTER TABLE"}, /* 1 */
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
    "migration s2:03c2de71cc62d717a7eba1e5c4ab67096f8dc0e544c5a6e39e9d57935e88b69c t1:0ee6feea500aa95bebfd5366dbe42b00d4dbe6ddff14d7bfb991cc4d7f176df2 d1:7cc4ad829fe1dfd7c11c24f2b92a3dff5293e79c115b27115856213740099750 200 flipr 1 deploy/appschema.sql\n" \
    "text s1:c07d4447e25b993b31899075e69763fc957aea63df02828f10897c5a6a083688\n" \
    "file own 0 69\n" \
    "file down 69 35\n" \
    "file verify 104 96\n" \
    "sum 974b782afa5d37da952ef9b129e525a8b8f00dc2583d662ec3a7a9f238f6482f\n" \
    "migration s1:925dac6b0d01dc7575295d95e7815db1c6adf360c61577800a4406a376d5a6fe t1:0481033d0e79ab81f6c2fbc78b5e5ff642a71625ec10e62833e1e14b4bc1a36d d1:d6c2f1078d25ed8cfe1e016973156f14131864a69f2f8cd92c608ef2ccfd0704 108 flipr 2 deploy/users@v1.0.sql\n" \
    "sum c4c064bc27f33d8b1c788f6c2f428c85360c22cdde498b8fbf6111d77784eb88\n" \
    "migration s1:d0b50e862fc4a06877a2079f3e4f5f598fce6325d379f6272f9eb3ac326bd89e t1:5b68d2fdfd9f472f0b709cf4935465065c120c4c2fd4797147c51ebf7cd473a7 d1:7ebde418a7f2be13e5008bea5e25153138b0c6d8ff20b40b22a0a4118b6c6ef7 41 flipr 3 deploy/users.sql\n" \
    "sum 34a2c829851ced4c001ad5f8aa48515d357626cfa7afcf057a2901745b844cf5\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char flipr_1__appschema[201];
    char flipr_2__users[109];
    char flipr_3__users[42];
} sealed = {
    TEXT_manifest,
    TEXT_flipr_1__appschema,
    TEXT_flipr_2__users,
    TEXT_flipr_3__users,
};

#pragma GCC diagnostic pop

static const stele_parameter parameter_table[] = {
    {"app", "flipr", STELE_IDENTIFIER, 0},
    {NULL, NULL, 0, 0},
};

static const char *const component_table[] = {
    "flipr",
    NULL,
};

static const stele_migration migration_table[] = {
    {
        .component = "flipr",
        .version = "1",
        .name = "appschema",
        .directory = "migrations",
        .file = "deploy/appschema.sql",
        .source = "s2:03c2de71cc62d717a7eba1e5c4ab67096f8dc0e544c5a6e39e9d57935e88b69c",
        .tokens = "t1:0ee6feea500aa95bebfd5366dbe42b00d4dbe6ddff14d7bfb991cc4d7f176df2",
        .state = "d1:7cc4ad829fe1dfd7c11c24f2b92a3dff5293e79c115b27115856213740099750",
        .text = sealed.flipr_1__appschema,
        .length = 200,
        .statements = flipr_1__appschema_statements,
        .statement_count = 4,
        .steps = flipr_1__appschema_steps,
        .step_count = 3,
        .references = flipr_1__appschema_references,
        .reference_count = 3,
        .effects = flipr_1__appschema_effects,
        .effect_count = 1,
        .demands = flipr_1__appschema_demands,
        .demand_count = 2,
        .up = {0, 69, 0, 1, NULL},
        .down = {69, 104, 1, 1, "revert/appschema.sql"},
        .verify = {104, 200, 2, 1, "verify/appschema.sql"},
        .flags = STELE_VERIFY_RUNS,
    },
    {
        .component = "flipr",
        .version = "2",
        .name = "users",
        .directory = "migrations",
        .file = "deploy/users@v1.0.sql",
        .source = "s1:925dac6b0d01dc7575295d95e7815db1c6adf360c61577800a4406a376d5a6fe",
        .tokens = "t1:0481033d0e79ab81f6c2fbc78b5e5ff642a71625ec10e62833e1e14b4bc1a36d",
        .state = "d1:d6c2f1078d25ed8cfe1e016973156f14131864a69f2f8cd92c608ef2ccfd0704",
        .text = sealed.flipr_2__users,
        .length = 108,
        .statements = flipr_2__users_statements,
        .statement_count = 2,
        .steps = flipr_2__users_steps,
        .step_count = 1,
        .references = flipr_2__users_references,
        .reference_count = 2,
        .demands = flipr_2__users_demands,
        .demand_count = 2,
        .up = {0, 108, 0, 1, NULL},
    },
    {
        .component = "flipr",
        .version = "3",
        .name = "users",
        .directory = "migrations",
        .file = "deploy/users.sql",
        .source = "s1:d0b50e862fc4a06877a2079f3e4f5f598fce6325d379f6272f9eb3ac326bd89e",
        .tokens = "t1:5b68d2fdfd9f472f0b709cf4935465065c120c4c2fd4797147c51ebf7cd473a7",
        .state = "d1:7ebde418a7f2be13e5008bea5e25153138b0c6d8ff20b40b22a0a4118b6c6ef7",
        .text = sealed.flipr_3__users,
        .length = 41,
        .statements = flipr_3__users_statements,
        .statement_count = 1,
        .steps = flipr_3__users_steps,
        .step_count = 1,
        .references = flipr_3__users_references,
        .reference_count = 1,
        .effects = flipr_3__users_effects,
        .effect_count = 1,
        .demands = flipr_3__users_demands,
        .demand_count = 1,
        .up = {0, 41, 0, 1, NULL},
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

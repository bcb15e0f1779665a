/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s2:e37963202958     2 statements  00000000000000_diesel_initial_setup/up.sql
 *     s2:7c6ef4cba986     1 statement   2021-01-01-000000_b/up.sql
 *     s2:e6e2f8254f36     1 statement   20210202000000_c/up.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 00000000000000_diesel_initial_setup/up.sql */

#define TEXT_main_00000000000000__diesel_initial_setup \
    "CREATE TABLE a (x int);\n" \
    "DROP TABLE a;\n"
_Static_assert(sizeof(TEXT_main_00000000000000__diesel_initial_setup) == 39, "diesel_initial_setup: the text was changed");
static const stele_statement main_00000000000000__diesel_initial_setup_statements[] = {
    {0, 22, 0, 0, STELE_RUN}, /* 1: CREATE TABLE a (x int) */
    {24, 36, 0, 0, STELE_RUN}, /* 1: DROP TABLE a */
};
static const stele_step main_00000000000000__diesel_initial_setup_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1},
};
static const stele_loss main_00000000000000__diesel_initial_setup_losses[] = {
    {STELE_LOSES_TABLE, "\"a\"", NULL, 24}, /* 1 */
};
static const stele_effect main_00000000000000__diesel_initial_setup_effects[] = {
    {1, 8, STELE_DESTROYS | STELE_BREAKS, "\"a\""}, /* 1: ACCESS EXCLUSIVE */
};
static const stele_demand main_00000000000000__diesel_initial_setup_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "a"}, /* 1 */
    {1, STELE_NEEDS_TO_DROP, NULL, "a"}, /* 1 */
};

/* 2021-01-01-000000_b/up.sql */

#define TEXT_main_20210101000000__b \
    "CREATE TABLE b (x int);\n"
_Static_assert(sizeof(TEXT_main_20210101000000__b) == 25, "b: the text was changed");
static const stele_statement main_20210101000000__b_statements[] = {
    {0, 22, 0, 0, STELE_RUN}, /* 1: CREATE TABLE b (x int) */
};
static const stele_step main_20210101000000__b_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_20210101000000__b_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "b"}, /* 1 */
};

/* 20210202000000_c/up.sql */

#define TEXT_main_20210202000000__c \
    "CREATE TABLE c (x int);\n" \
    "\n"
_Static_assert(sizeof(TEXT_main_20210202000000__c) == 26, "c: the text was changed");
static const stele_statement main_20210202000000__c_statements[] = {
    {0, 22, 0, 0, STELE_RUN}, /* 1: CREATE TABLE c (x int) */
};
static const stele_step main_20210202000000__c_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_20210202000000__c_demands[] = {
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
    "migration s2:e37963202958c2144e5c36479ae3831360dd42e6399e35448c6527eda4a1bc94 t1:d8933e474925e4967ad690192fc4f6fc5b5bd252c5b592fb0ba47427cccc985d d1:ad8c4e497c243675ce7fd62c4014e5faf677a6561631369c1b9eaa22c81c1b08 38 main 00000000000000 00000000000000_diesel_initial_setup/up.sql\n" \
    "text s1:1c0a5f21cdffcd4210b24724676c9084acc427f170eb1a8bdd097e359601ecca\n" \
    "file own 0 24\n" \
    "file down 24 14\n" \
    "sum 52f06b0f9eda6c3a49f6b6b8548539e1c1677b6b9c241c01712ee981c3003520\n" \
    "migration s2:7c6ef4cba986ad9bfe794590234dd0c2b67dbcefc3561df1ccf61902f9d594e0 t1:bbd9fa9f7d3c80bccb39f0d3aeedf22930ee655e09e8f08ec3325c69e2644ec7 d1:ba48230aa7314ed57cd7323087331457963fe570ebe2fa3dd4aa8fb14743b5b1 24 main 20210101000000 2021-01-01-000000_b/up.sql\n" \
    "text s1:7317858fd859086358df8b32b2e5ba36e4fb1f1501aa3d839ae2c8b3027111f3\n" \
    "file own 0 24\n" \
    "settings 72756e5f696e5f7472616e73616374696f6e203d2066616c73650a\n" \
    "sum b36359efea5e018e3166a7cc9f8ed6c15c6de1c5a1ef0241700aa20ae6506f45\n" \
    "migration s2:e6e2f8254f3694bec281fac166bb9eb6cd738bd71fb8e16145ff45f50a7b3024 t1:ec03f4765ebe08df473535e67d0c0e0b14e3b9cd6ab45674679db45bad71e5af d1:a8b0126b241c24cc62a81b2546555a3419a86fe8f325c22b3ff05adb34ca348f 25 main 20210202000000 20210202000000_c/up.sql\n" \
    "text s1:0339fa9b25280e4f82e01262d84fb1ba99622492e3b4a6510e168b679c8d21df\n" \
    "file own 0 24\n" \
    "file down 24 1\n" \
    "sum a954e16f9790cbfbfcd2c1b1e6fa004900f08f7002fe8138159c584b298b9b12\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_00000000000000__diesel_initial_setup[39];
    char main_20210101000000__b[25];
    char main_20210202000000__c[26];
} sealed = {
    TEXT_manifest,
    TEXT_main_00000000000000__diesel_initial_setup,
    TEXT_main_20210101000000__b,
    TEXT_main_20210202000000__c,
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
        .version = "00000000000000",
        .name = "diesel_initial_setup",
        .directory = "migrations",
        .file = "00000000000000_diesel_initial_setup/up.sql",
        .source = "s2:e37963202958c2144e5c36479ae3831360dd42e6399e35448c6527eda4a1bc94",
        .tokens = "t1:d8933e474925e4967ad690192fc4f6fc5b5bd252c5b592fb0ba47427cccc985d",
        .state = "d1:ad8c4e497c243675ce7fd62c4014e5faf677a6561631369c1b9eaa22c81c1b08",
        .text = sealed.main_00000000000000__diesel_initial_setup,
        .length = 38,
        .statements = main_00000000000000__diesel_initial_setup_statements,
        .statement_count = 2,
        .steps = main_00000000000000__diesel_initial_setup_steps,
        .step_count = 2,
        .losses = main_00000000000000__diesel_initial_setup_losses,
        .loss_count = 1,
        .effects = main_00000000000000__diesel_initial_setup_effects,
        .effect_count = 1,
        .demands = main_00000000000000__diesel_initial_setup_demands,
        .demand_count = 3,
        .up = {0, 24, 0, 1, NULL},
        .down = {24, 38, 1, 1, "00000000000000_diesel_initial_setup/down.sql"},
    },
    {
        .component = "main",
        .version = "20210101000000",
        .name = "b",
        .directory = "migrations",
        .file = "2021-01-01-000000_b/up.sql",
        .source = "s2:7c6ef4cba986ad9bfe794590234dd0c2b67dbcefc3561df1ccf61902f9d594e0",
        .tokens = "t1:bbd9fa9f7d3c80bccb39f0d3aeedf22930ee655e09e8f08ec3325c69e2644ec7",
        .state = "d1:ba48230aa7314ed57cd7323087331457963fe570ebe2fa3dd4aa8fb14743b5b1",
        .text = sealed.main_20210101000000__b,
        .length = 24,
        .statements = main_20210101000000__b_statements,
        .statement_count = 1,
        .steps = main_20210101000000__b_steps,
        .step_count = 1,
        .demands = main_20210101000000__b_demands,
        .demand_count = 2,
        .up = {0, 24, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "20210202000000",
        .name = "c",
        .directory = "migrations",
        .file = "20210202000000_c/up.sql",
        .source = "s2:e6e2f8254f3694bec281fac166bb9eb6cd738bd71fb8e16145ff45f50a7b3024",
        .tokens = "t1:ec03f4765ebe08df473535e67d0c0e0b14e3b9cd6ab45674679db45bad71e5af",
        .state = "d1:a8b0126b241c24cc62a81b2546555a3419a86fe8f325c22b3ff05adb34ca348f",
        .text = sealed.main_20210202000000__c,
        .length = 25,
        .statements = main_20210202000000__c_statements,
        .statement_count = 1,
        .steps = main_20210202000000__c_steps,
        .step_count = 1,
        .demands = main_20210202000000__c_demands,
        .demand_count = 2,
        .up = {0, 24, 0, 1, NULL},
        .down = {24, 25, 0, 0, "20210202000000_c/down.sql"},
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

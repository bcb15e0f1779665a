/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:9a443017de35     4 statements  20200101_a.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 20200101_a.sql */

#define TEXT_main_20200101__a \
    "-- migrate:up\n" \
    "CREATE TABLE a (x int);\n" \
    "-- migrate:down\n" \
    "DROP TABLE a;\n" \
    "-- migrate:up transaction:false\n" \
    "CREATE TABLE a2 (x int);\n" \
    "-- migrate:down\n" \
    "DROP TABLE a2;\n"
_Static_assert(sizeof(TEXT_main_20200101__a) == 157, "a: the text was changed");
static const stele_statement main_20200101__a_statements[] = {
    {14, 36, 0, 0, STELE_RUN}, /* 2: CREATE TABLE a (x int) */
    {100, 123, 0, 0, STELE_RUN}, /* 6: CREATE TABLE a2 (x int) */
    {54, 66, 0, 0, STELE_RUN}, /* 4: DROP TABLE a */
    {141, 154, 0, 0, STELE_RUN}, /* 8: DROP TABLE a2 */
};
static const stele_step main_20200101__a_steps[] = {
    {.first = 0, .count = 2},
    {.first = 2, .count = 2},
};
static const stele_loss main_20200101__a_losses[] = {
    {STELE_LOSES_TABLE, "\"a\"", NULL, 54}, /* 4 */
    {STELE_LOSES_TABLE, "\"a2\"", NULL, 141}, /* 8 */
};
static const stele_effect main_20200101__a_effects[] = {
    {2, 8, STELE_DESTROYS | STELE_BREAKS, "\"a\""}, /* 4: ACCESS EXCLUSIVE */
    {3, 8, STELE_DESTROYS | STELE_BREAKS, "\"a2\""}, /* 8: ACCESS EXCLUSIVE */
};
static const stele_demand main_20200101__a_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 2 */
    {0, STELE_MAKES, NULL, "a"}, /* 2 */
    {2, STELE_NEEDS_TO_DROP, NULL, "a"}, /* 4 */
    {1, STELE_MAKES, NULL, "a2"}, /* 6 */
    {3, STELE_NEEDS_TO_DROP, NULL, "a2"}, /* 8 */
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
    "migration s1:9a443017de35232b62cd73ab854e3d74c1bc89dc030c951aff7d8f47bf417690 t1:f78b77eb5c830c83387e24fb84c526baedffb874aabfd93ce389d61477825703 d1:1f370ff6d76aa966329687fc5340589a5f53f1818373a910335093eb6500cb70 156 main 20200101 20200101_a.sql\n" \
    "sum b21269c8374568c670a934eb243eef1ce6c265f2f6d009732dcf31fa7af7cd9f\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_20200101__a[157];
} sealed = {
    TEXT_manifest,
    TEXT_main_20200101__a,
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
        .version = "20200101",
        .name = "a",
        .directory = "migrations",
        .file = "20200101_a.sql",
        .source = "s1:9a443017de35232b62cd73ab854e3d74c1bc89dc030c951aff7d8f47bf417690",
        .tokens = "t1:f78b77eb5c830c83387e24fb84c526baedffb874aabfd93ce389d61477825703",
        .state = "d1:1f370ff6d76aa966329687fc5340589a5f53f1818373a910335093eb6500cb70",
        .text = sealed.main_20200101__a,
        .length = 156,
        .statements = main_20200101__a_statements,
        .statement_count = 4,
        .steps = main_20200101__a_steps,
        .step_count = 2,
        .losses = main_20200101__a_losses,
        .loss_count = 2,
        .effects = main_20200101__a_effects,
        .effect_count = 2,
        .demands = main_20200101__a_demands,
        .demand_count = 5,
        .up = {0, 125, 0, 1, NULL},
        .down = {54, 156, 1, 1, NULL},
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

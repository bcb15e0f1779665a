/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:ca03a7a7117d     1 statement   050.1_base.sql
 *     s1:7317858fd859     1 statement   051_b.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 050.1_base.sql */

#define TEXT_main_050_1__base \
    "-- All that release 1.4 had made, in one file.\n" \
    "--\n" \
    "-- stele: squashes 050 d1:32c70f746eb97a74e14ec2cd0269e89ec55e95be2f8313fed1a8fb9120e6b804 \"release 1.4\"\n" \
    "CREATE TABLE a (x int);\n"
_Static_assert(sizeof(TEXT_main_050_1__base) == 180, "base: the text was changed");
static const stele_statement main_050_1__base_statements[] = {
    {155, 177, 0, 0, STELE_RUN}, /* 4: CREATE TABLE a (x int) */
};
static const stele_step main_050_1__base_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_050_1__base_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 4 */
    {0, STELE_MAKES, NULL, "a"}, /* 4 */
};

/* 051_b.sql */

#define TEXT_main_051__b \
    "CREATE TABLE b (x int);\n"
_Static_assert(sizeof(TEXT_main_051__b) == 25, "b: the text was changed");
static const stele_statement main_051__b_statements[] = {
    {0, 22, 0, 0, STELE_RUN}, /* 1: CREATE TABLE b (x int) */
};
static const stele_step main_051__b_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_051__b_demands[] = {
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
    "migration s1:ca03a7a7117df54ec2bc5165b7bbdd79c07f8c83c385872fbe0cd3e8fd4c06c8 t1:a1d1606b658d20122e82a346dc421fbcfd2a4a06d96920f6fa9859d05560fc27 d1:c25f4b0f9cf4da34b79e32401d832c865099208007f26786d121265e7da8108b 179 main 050.1 050.1_base.sql\n" \
    "sum 270a45502a969c807f65c784f6ce17b1cf35ec799de4f13765c6a62e37b3f445\n" \
    "migration s1:7317858fd859086358df8b32b2e5ba36e4fb1f1501aa3d839ae2c8b3027111f3 t1:bbd9fa9f7d3c80bccb39f0d3aeedf22930ee655e09e8f08ec3325c69e2644ec7 d1:51c6d2297d0d6d77db0d405a11f55bfc12fa1f2667fdb86ac7545f88e3ea6420 24 main 051 051_b.sql\n" \
    "sum f713953160771794498108aacfda6197512c8237980334c73dbf5f03cea60980\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_050_1__base[180];
    char main_051__b[25];
} sealed = {
    TEXT_manifest,
    TEXT_main_050_1__base,
    TEXT_main_051__b,
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
        .version = "050.1",
        .name = "base",
        .directory = "migrations",
        .file = "050.1_base.sql",
        .source = "s1:ca03a7a7117df54ec2bc5165b7bbdd79c07f8c83c385872fbe0cd3e8fd4c06c8",
        .tokens = "t1:a1d1606b658d20122e82a346dc421fbcfd2a4a06d96920f6fa9859d05560fc27",
        .state = "d1:c25f4b0f9cf4da34b79e32401d832c865099208007f26786d121265e7da8108b",
        .text = sealed.main_050_1__base,
        .length = 179,
        .statements = main_050_1__base_statements,
        .statement_count = 1,
        .steps = main_050_1__base_steps,
        .step_count = 1,
        .demands = main_050_1__base_demands,
        .demand_count = 2,
        .up = {0, 179, 0, 1, NULL},
        .squashes = "050",
        .squashes_state = "d1:32c70f746eb97a74e14ec2cd0269e89ec55e95be2f8313fed1a8fb9120e6b804",
        .squashes_release = "release 1.4",
    },
    {
        .component = "main",
        .version = "051",
        .name = "b",
        .directory = "migrations",
        .file = "051_b.sql",
        .source = "s1:7317858fd859086358df8b32b2e5ba36e4fb1f1501aa3d839ae2c8b3027111f3",
        .tokens = "t1:bbd9fa9f7d3c80bccb39f0d3aeedf22930ee655e09e8f08ec3325c69e2644ec7",
        .state = "d1:51c6d2297d0d6d77db0d405a11f55bfc12fa1f2667fdb86ac7545f88e3ea6420",
        .text = sealed.main_051__b,
        .length = 24,
        .statements = main_051__b_statements,
        .statement_count = 1,
        .steps = main_051__b_steps,
        .step_count = 1,
        .demands = main_051__b_demands,
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

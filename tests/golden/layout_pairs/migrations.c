/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s2:2bc14206edbf     2 statements  000001_a.up.sql
 *     s2:03ad8a2e6542     3 statements  000002_b.up.sql
 *     s1:4238ec0b4e89     1 statement   000003_c.down.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 000001_a.up.sql */

#define TEXT_main_000001__a \
    "CREATE TABLE a (x int);\n" \
    "DROP TABLE a"
_Static_assert(sizeof(TEXT_main_000001__a) == 37, "a: the text was changed");
static const stele_statement main_000001__a_statements[] = {
    {0, 22, 0, 0, STELE_RUN}, /* 1: CREATE TABLE a (x int) */
    {24, 36, 0, 0, STELE_RUN}, /* 1: DROP TABLE a */
};
static const stele_step main_000001__a_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1},
};
static const stele_loss main_000001__a_losses[] = {
    {STELE_LOSES_TABLE, "\"a\"", NULL, 24}, /* 1 */
};
static const stele_effect main_000001__a_effects[] = {
    {1, 8, STELE_DESTROYS | STELE_BREAKS, "\"a\""}, /* 1: ACCESS EXCLUSIVE */
};
static const stele_demand main_000001__a_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "a"}, /* 1 */
    {1, STELE_NEEDS_TO_DROP, NULL, "a"}, /* 1 */
};

/* 000002_b.up.sql */

#define TEXT_main_000002__b \
    "CREATE TABLE b (x int);\n" \
    "CREATE INDEX CONCURRENTLY b_x ON b (x)-- bye\n" \
    "\n" \
    "DROP TABLE b;\n"
_Static_assert(sizeof(TEXT_main_000002__b) == 85, "b: the text was changed");
static const stele_statement main_000002__b_statements[] = {
    {0, 22, 0, 0, STELE_RUN}, /* 1: CREATE TABLE b (x int) */
    {24, 62, 0, 0, STELE_RUN}, /* 2: CREATE INDEX CONCURRENTLY b_x ON b (x) */
    {70, 82, 0, 0, STELE_RUN}, /* 3: DROP TABLE b */
};
static const stele_step main_000002__b_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_INDEX, .on = "\"b\"", .name = "b_x"}},
    {.first = 2, .count = 1},
};
static const stele_loss main_000002__b_losses[] = {
    {STELE_LOSES_TABLE, "\"b\"", NULL, 70}, /* 3 */
};
static const stele_effect main_000002__b_effects[] = {
    {2, 8, STELE_DESTROYS | STELE_BREAKS, "\"b\""}, /* 3: ACCESS EXCLUSIVE */
};
static const stele_demand main_000002__b_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "b"}, /* 1 */
    {1, STELE_MAKES, NULL, "b_x"}, /* 2 */
    {2, STELE_NEEDS_TO_DROP, NULL, "b"}, /* 3 */
};

/* 000003_c.down.sql */

#define TEXT_main_000003__c \
    "DROP TABLE c;\n"
_Static_assert(sizeof(TEXT_main_000003__c) == 15, "c: the text was changed");
static const stele_statement main_000003__c_statements[] = {
    {0, 12, 0, 0, STELE_RUN}, /* 1: DROP TABLE c */
};
static const stele_step main_000003__c_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_loss main_000003__c_losses[] = {
    {STELE_LOSES_TABLE, "\"c\"", NULL, 0}, /* 1 */
};
static const stele_effect main_000003__c_effects[] = {
    {0, 8, STELE_DESTROYS | STELE_BREAKS, "\"c\""}, /* 1: ACCESS EXCLUSIVE */
};
static const stele_demand main_000003__c_demands[] = {
    {0, STELE_NEEDS_TO_DROP, NULL, "c"}, /* 1 */
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
    "migration s2:2bc14206edbf1819cd84714fd2b4e7fca9dc5c2daf5b2ff927d23c55a4c8db78 t1:b1d0b761c5c2c9287cf9a77230a31c95b5c28f16cd35f66081421ddfc37d281b d1:c33dc60da3bb77f3d6d2a59c3881be77252f398cdeb07c85ad7250e4996aaa4a 36 main 000001 000001_a.up.sql\n" \
    "text s1:1c0a5f21cdffcd4210b24724676c9084acc427f170eb1a8bdd097e359601ecca\n" \
    "file own 0 24\n" \
    "file down 24 12\n" \
    "sum 70faf46d4562c7c78cc8a7be60d15ef4dee3f9dff1ccc5c6266ba8f29f6b41e7\n" \
    "migration s2:03ad8a2e6542c4dc7a46463b6d7e06897d07e9f4fb6fa6f031d64f116a1b2372 t1:d36e0711f66a3736465bad510732a2ff5a53b3b9ed65e42d6697d43d1548a8b4 d1:16493209b7125e69b71d1dc8b9ef0836310f1aebcfba1b1775facde72e2d76b5 84 main 000002 000002_b.up.sql\n" \
    "text s1:342a8419a755efd6d97edd77f4d5ee1d09e907a1bbd044a59a94e13ae1f69917\n" \
    "file own 0 62\n" \
    "file down 62 22\n" \
    "sum fd21caab310d828fca11abb0e7647ff2708d6777d13eb878bd735430306ed2db\n" \
    "migration s1:4238ec0b4e89d9b88d7393c0b4085f9d934b6c75f10690a3e38e853fec9edb68 t1:892d94cef7cd4bbf65eae37e032ef6ee9aeaa4c7b87201c2b44f34b309e70f3d d1:c2a17562ceecef8dd5c296bc0e7ac3e8b18ddd5475ebada1dfa07e6043c382b4 14 main 000003 000003_c.down.sql\n" \
    "sum fa344329ee1f15ff150c30c10a519a6c2f586b3353bebaa1a3ba64855ec814d4\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_000001__a[37];
    char main_000002__b[85];
    char main_000003__c[15];
} sealed = {
    TEXT_manifest,
    TEXT_main_000001__a,
    TEXT_main_000002__b,
    TEXT_main_000003__c,
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
        .version = "000001",
        .name = "a",
        .directory = "migrations",
        .file = "000001_a.up.sql",
        .source = "s2:2bc14206edbf1819cd84714fd2b4e7fca9dc5c2daf5b2ff927d23c55a4c8db78",
        .tokens = "t1:b1d0b761c5c2c9287cf9a77230a31c95b5c28f16cd35f66081421ddfc37d281b",
        .state = "d1:c33dc60da3bb77f3d6d2a59c3881be77252f398cdeb07c85ad7250e4996aaa4a",
        .text = sealed.main_000001__a,
        .length = 36,
        .statements = main_000001__a_statements,
        .statement_count = 2,
        .steps = main_000001__a_steps,
        .step_count = 2,
        .losses = main_000001__a_losses,
        .loss_count = 1,
        .effects = main_000001__a_effects,
        .effect_count = 1,
        .demands = main_000001__a_demands,
        .demand_count = 3,
        .up = {0, 24, 0, 1, NULL},
        .down = {24, 36, 1, 1, "000001_a.down.sql"},
    },
    {
        .component = "main",
        .version = "000002",
        .name = "b",
        .directory = "migrations",
        .file = "000002_b.up.sql",
        .source = "s2:03ad8a2e6542c4dc7a46463b6d7e06897d07e9f4fb6fa6f031d64f116a1b2372",
        .tokens = "t1:d36e0711f66a3736465bad510732a2ff5a53b3b9ed65e42d6697d43d1548a8b4",
        .state = "d1:16493209b7125e69b71d1dc8b9ef0836310f1aebcfba1b1775facde72e2d76b5",
        .text = sealed.main_000002__b,
        .length = 84,
        .statements = main_000002__b_statements,
        .statement_count = 3,
        .steps = main_000002__b_steps,
        .step_count = 3,
        .losses = main_000002__b_losses,
        .loss_count = 1,
        .effects = main_000002__b_effects,
        .effect_count = 1,
        .demands = main_000002__b_demands,
        .demand_count = 4,
        .up = {0, 62, 0, 2, NULL},
        .down = {62, 84, 2, 1, "2_b.down.sql"},
    },
    {
        .component = "main",
        .version = "000003",
        .name = "c",
        .directory = "migrations",
        .file = "000003_c.down.sql",
        .source = "s1:4238ec0b4e89d9b88d7393c0b4085f9d934b6c75f10690a3e38e853fec9edb68",
        .tokens = "t1:892d94cef7cd4bbf65eae37e032ef6ee9aeaa4c7b87201c2b44f34b309e70f3d",
        .state = "d1:c2a17562ceecef8dd5c296bc0e7ac3e8b18ddd5475ebada1dfa07e6043c382b4",
        .text = sealed.main_000003__c,
        .length = 14,
        .statements = main_000003__c_statements,
        .statement_count = 1,
        .steps = main_000003__c_steps,
        .step_count = 1,
        .losses = main_000003__c_losses,
        .loss_count = 1,
        .effects = main_000003__c_effects,
        .effect_count = 1,
        .demands = main_000003__c_demands,
        .demand_count = 1,
        .down = {0, 14, 0, 1, NULL},
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

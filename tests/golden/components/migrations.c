/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:1c0a5f21cdff     1 statement   001_a.sql
 *     s1:846844aeda4a     1 statement   001_b.sql
 *     s1:8d6157ccf2e9     1 statement   4.9_c.sql
 *     s1:cd9d78333a28     1 statement   4.105_d.sql
 *     s1:2e48cff4bb7f     1 statement   00010_e-f g.h.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 001_a.sql */

#define TEXT_main_001__a \
    "CREATE TABLE a (x int);\n"
_Static_assert(sizeof(TEXT_main_001__a) == 25, "a: the text was changed");
static const stele_statement main_001__a_statements[] = {
    {0, 22, 0, 0, STELE_RUN}, /* 1: CREATE TABLE a (x int) */
};
static const stele_step main_001__a_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_001__a_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "a"}, /* 1 */
};

/* 001_b.sql */

#define TEXT_auth_001__b \
    "-- stele: component auth\n" \
    "CREATE TABLE b (x int);\n"
_Static_assert(sizeof(TEXT_auth_001__b) == 50, "b: the text was changed");
static const stele_statement auth_001__b_statements[] = {
    {25, 47, 0, 0, STELE_RUN}, /* 2: CREATE TABLE b (x int) */
};
static const stele_step auth_001__b_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand auth_001__b_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 2 */
    {0, STELE_MAKES, NULL, "b"}, /* 2 */
};

/* 4.9_c.sql */

#define TEXT_main_4_9__c \
    "-- stele: after 1\n" \
    "CREATE TABLE c (x int);\n"
_Static_assert(sizeof(TEXT_main_4_9__c) == 43, "c: the text was changed");
static const stele_statement main_4_9__c_statements[] = {
    {18, 40, 0, 0, STELE_RUN}, /* 2: CREATE TABLE c (x int) */
};
static const stele_step main_4_9__c_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_4_9__c_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 2 */
    {0, STELE_MAKES, NULL, "c"}, /* 2 */
};

/* 4.105_d.sql */

#define TEXT_main_4_105__d \
    "-- stele: after 4.9, 001\n" \
    "CREATE TABLE d (x int);\n"
_Static_assert(sizeof(TEXT_main_4_105__d) == 50, "d: the text was changed");
static const stele_statement main_4_105__d_statements[] = {
    {25, 47, 0, 0, STELE_RUN}, /* 2: CREATE TABLE d (x int) */
};
static const stele_step main_4_105__d_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_4_105__d_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 2 */
    {0, STELE_MAKES, NULL, "d"}, /* 2 */
};

/* 00010_e-f g.h.sql */

#define TEXT_auth_00010__e_f_g_h \
    "-- stele: component auth\n" \
    "CREATE TABLE e (x int);\n"
_Static_assert(sizeof(TEXT_auth_00010__e_f_g_h) == 50, "e_f_g_h: the text was changed");
static const stele_statement auth_00010__e_f_g_h_statements[] = {
    {25, 47, 0, 0, STELE_RUN}, /* 2: CREATE TABLE e (x int) */
};
static const stele_step auth_00010__e_f_g_h_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand auth_00010__e_f_g_h_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 2 */
    {0, STELE_MAKES, NULL, "e"}, /* 2 */
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
    "migration s1:1c0a5f21cdffcd4210b24724676c9084acc427f170eb1a8bdd097e359601ecca t1:2a70c74cb9ff558432cb003e7b06721c44fa29bdc5a6783ce80d02098ed6bd56 d1:c988ce4b2ae75dfdda0bcd1fc348af026417870f376b73cb6d79f9ea287a98a8 24 main 001 001_a.sql\n" \
    "sum ab163da861498d1b4003b1e8e09c25d1e0c6dad8f0669637832c64bb2ea3636e\n" \
    "migration s1:846844aeda4ab1f4254f1349f292cbd4b1cbf5081d7ac82485d956210e8cacd8 t1:458338bc4962ca939e129ee51ad453b7f8c356d8cc3d0685aca0d7ae8f1ebbb2 d1:61472e3b068cef5b0c4965417e2a79c4b166cbe622a014b4ccca62ef76a338dd 49 auth 001 001_b.sql\n" \
    "sum fc6d35c58645c366c550f42e865606fa9e30f3336d480992cb565d4b0eb728b3\n" \
    "migration s1:8d6157ccf2e952631d2aaadecab48c95abf3bc852029d6f88e4e60c66d726529 t1:2e142391ea3d9bd79fa0e0027cb31910986b4e89a2bfe65966aeb645c4ad19b2 d1:70a058c072de985f2de2726d54556cafb4888933c4e737f31733a0c1be023d1e 42 main 4.9 4.9_c.sql\n" \
    "sum 3d3ed97e4f55d783696051e5600982d27e19c7acae13479a454f915a4b7f6cf7\n" \
    "migration s1:cd9d78333a28f17e9410cf0eb1f51351ac4dbb6f3dc11cfe2320a62344df2750 t1:6c60880eaa2afd74f2f838b459d71f5acdd6e25d42d062891cf5fc11ad0e23e1 d1:4c83530d53e3e4eae5f99d0f0a6b092d69474958efb0b42323f5680a8dbf1966 49 main 4.105 4.105_d.sql\n" \
    "sum aabb94c3abf87bf4ce866be79a713c56c1629186667bb5b63331bebb2780a126\n" \
    "migration s1:2e48cff4bb7f76afcbebb8c2425d54b483e74abbeb6acfd4ad36a4e5d480119c t1:8aa7e405f5551f15ec6d67dfbc616a353121a2ed817dc866c6bedb3e2cc9dfb7 d1:72aa1d171971de7f0cbbf3cd498c81fe373daf2492b8fb31b073c29d12a84925 49 auth 00010 00010_e-f g.h.sql\n" \
    "sum 51cd03587e3d46eb105199b555a013e411ea98a646f14e61c752d7e88717a983\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_001__a[25];
    char auth_001__b[50];
    char main_4_9__c[43];
    char main_4_105__d[50];
    char auth_00010__e_f_g_h[50];
} sealed = {
    TEXT_manifest,
    TEXT_main_001__a,
    TEXT_auth_001__b,
    TEXT_main_4_9__c,
    TEXT_main_4_105__d,
    TEXT_auth_00010__e_f_g_h,
};

#pragma GCC diagnostic pop

static const stele_parameter parameter_table[] = {
    {NULL, NULL, 0, 0},
};

static const char *const component_table[] = {
    "main",
    "auth",
    NULL,
};

static const stele_migration migration_table[] = {
    {
        .component = "main",
        .version = "001",
        .name = "a",
        .directory = "migrations",
        .file = "001_a.sql",
        .source = "s1:1c0a5f21cdffcd4210b24724676c9084acc427f170eb1a8bdd097e359601ecca",
        .tokens = "t1:2a70c74cb9ff558432cb003e7b06721c44fa29bdc5a6783ce80d02098ed6bd56",
        .state = "d1:c988ce4b2ae75dfdda0bcd1fc348af026417870f376b73cb6d79f9ea287a98a8",
        .text = sealed.main_001__a,
        .length = 24,
        .statements = main_001__a_statements,
        .statement_count = 1,
        .steps = main_001__a_steps,
        .step_count = 1,
        .demands = main_001__a_demands,
        .demand_count = 2,
        .up = {0, 24, 0, 1, NULL},
    },
    {
        .component = "auth",
        .version = "001",
        .name = "b",
        .directory = "migrations",
        .file = "001_b.sql",
        .source = "s1:846844aeda4ab1f4254f1349f292cbd4b1cbf5081d7ac82485d956210e8cacd8",
        .tokens = "t1:458338bc4962ca939e129ee51ad453b7f8c356d8cc3d0685aca0d7ae8f1ebbb2",
        .state = "d1:61472e3b068cef5b0c4965417e2a79c4b166cbe622a014b4ccca62ef76a338dd",
        .text = sealed.auth_001__b,
        .length = 49,
        .statements = auth_001__b_statements,
        .statement_count = 1,
        .steps = auth_001__b_steps,
        .step_count = 1,
        .demands = auth_001__b_demands,
        .demand_count = 2,
        .up = {0, 49, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "4.9",
        .name = "c",
        .directory = "migrations",
        .file = "4.9_c.sql",
        .source = "s1:8d6157ccf2e952631d2aaadecab48c95abf3bc852029d6f88e4e60c66d726529",
        .tokens = "t1:2e142391ea3d9bd79fa0e0027cb31910986b4e89a2bfe65966aeb645c4ad19b2",
        .state = "d1:70a058c072de985f2de2726d54556cafb4888933c4e737f31733a0c1be023d1e",
        .text = sealed.main_4_9__c,
        .length = 42,
        .statements = main_4_9__c_statements,
        .statement_count = 1,
        .steps = main_4_9__c_steps,
        .step_count = 1,
        .demands = main_4_9__c_demands,
        .demand_count = 2,
        .up = {0, 42, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "4.105",
        .name = "d",
        .directory = "migrations",
        .file = "4.105_d.sql",
        .source = "s1:cd9d78333a28f17e9410cf0eb1f51351ac4dbb6f3dc11cfe2320a62344df2750",
        .tokens = "t1:6c60880eaa2afd74f2f838b459d71f5acdd6e25d42d062891cf5fc11ad0e23e1",
        .state = "d1:4c83530d53e3e4eae5f99d0f0a6b092d69474958efb0b42323f5680a8dbf1966",
        .text = sealed.main_4_105__d,
        .length = 49,
        .statements = main_4_105__d_statements,
        .statement_count = 1,
        .steps = main_4_105__d_steps,
        .step_count = 1,
        .demands = main_4_105__d_demands,
        .demand_count = 2,
        .up = {0, 49, 0, 1, NULL},
    },
    {
        .component = "auth",
        .version = "00010",
        .name = "e-f g.h",
        .directory = "migrations",
        .file = "00010_e-f g.h.sql",
        .source = "s1:2e48cff4bb7f76afcbebb8c2425d54b483e74abbeb6acfd4ad36a4e5d480119c",
        .tokens = "t1:8aa7e405f5551f15ec6d67dfbc616a353121a2ed817dc866c6bedb3e2cc9dfb7",
        .state = "d1:72aa1d171971de7f0cbbf3cd498c81fe373daf2492b8fb31b073c29d12a84925",
        .text = sealed.auth_00010__e_f_g_h,
        .length = 49,
        .statements = auth_00010__e_f_g_h_statements,
        .statement_count = 1,
        .steps = auth_00010__e_f_g_h_steps,
        .step_count = 1,
        .demands = auth_00010__e_f_g_h_demands,
        .demand_count = 2,
        .up = {0, 49, 0, 1, NULL},
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

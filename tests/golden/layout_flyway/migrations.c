/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s2:7bb236cc98b0     2 statements  V1__a.sql
 *     s1:23d8b6f1b10e     1 statement   sub/V1_1__b.sql
 *     s1:bcbe4501f1d6     1 statement   V2__c.sql
 *     s1:01c931ea2724     1 statement   R__views.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* V1__a.sql */

#define TEXT_main_1__a \
    "CREATE TABLE a (x int);\n" \
    "DROP TABLE a;\n"
_Static_assert(sizeof(TEXT_main_1__a) == 39, "a: the text was changed");
static const stele_statement main_1__a_statements[] = {
    {0, 22, 0, 0, STELE_RUN}, /* 1: CREATE TABLE a (x int) */
    {24, 36, 0, 0, STELE_RUN}, /* 1: DROP TABLE a */
};
static const stele_step main_1__a_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1},
};
static const stele_loss main_1__a_losses[] = {
    {STELE_LOSES_TABLE, "\"a\"", NULL, 24}, /* 1 */
};
static const stele_effect main_1__a_effects[] = {
    {1, 8, STELE_DESTROYS | STELE_BREAKS, "\"a\""}, /* 1: ACCESS EXCLUSIVE */
};
static const stele_demand main_1__a_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "a"}, /* 1 */
    {1, STELE_NEEDS_TO_DROP, NULL, "a"}, /* 1 */
};

/* sub/V1_1__b.sql */

#define TEXT_main_1_1__b \
    "CREATE TABLE ${schema.name}.b (x int);\n"
_Static_assert(sizeof(TEXT_main_1_1__b) == 40, "b: the text was changed");
static const stele_statement main_1_1__b_statements[] = {
    {0, 37, 0, 0, STELE_RUN}, /* 1: CREATE TABLE ${schema.name}.b (x int) */
};
static const stele_step main_1_1__b_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_reference main_1_1__b_references[] = {
    {13, 27, 0, STELE_IN_SQL}, /* 1: schema_name */
};
static const stele_demand main_1_1__b_demands[] = {
    {0, STELE_NEEDS_UNTOLD, NULL, "CREATE TABLE"}, /* 1 */
};

/* V2__c.sql */

#define TEXT_main_2__c \
    "SELECT 'left as it is: ${flyway:defaultSchema}'; -- ${foo}\n"
_Static_assert(sizeof(TEXT_main_2__c) == 60, "c: the text was changed");
static const stele_statement main_2__c_statements[] = {
    {0, 47, 0, 0, STELE_RUN}, /* 1: SELECT 'left as it is: ${flyway:defaultSchema}' */
};
static const stele_step main_2__c_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_reference main_2__c_references[] = {
    {23, 46, 1, STELE_IN_STRING}, /* 1: Flyway_DefaultSchema */
};

/* R__views.sql */

#define TEXT_main_R__views \
    "CREATE OR REPLACE VIEW v AS SELECT * FROM a;\n"
_Static_assert(sizeof(TEXT_main_R__views) == 46, "views: the text was changed");
static const stele_statement main_R__views_statements[] = {
    {0, 43, 0, 0, STELE_RUN}, /* 1: CREATE OR REPLACE VIEW v AS SELECT * FROM a */
};
static const stele_step main_R__views_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_effect main_R__views_effects[] = {
    {0, 8, 0, "\"v\""}, /* 1: ACCESS EXCLUSIVE */
};
static const stele_demand main_R__views_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_NEEDS_TO_REPLACE, NULL, "v"}, /* 1 */
    {0, STELE_MAKES, NULL, "v"}, /* 1 */
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
    "migration s2:7bb236cc98b03851359ad86fc1dc90f3ba3b931703732e83da931115fc468def t1:d8933e474925e4967ad690192fc4f6fc5b5bd252c5b592fb0ba47427cccc985d d1:b81617e2140a47ee6fb16d72e49d37f12fc5eb4e31642ae90002369a3ecdbb70 38 main 1 V1__a.sql\n" \
    "text s1:1c0a5f21cdffcd4210b24724676c9084acc427f170eb1a8bdd097e359601ecca\n" \
    "file own 0 24\n" \
    "file down 24 14\n" \
    "settings 65786563757465496e5472616e73616374696f6e3d66616c73650a\n" \
    "sum 0ad3e53aca7864b77e21ec20c711c16b924ed1b6794419c27bc263c7571fd80e\n" \
    "migration s1:23d8b6f1b10ecfd0fd0bca82b4d61723ff35d9d0387e67eb1904670f569d16cc t1:12cbcd7af4e662e60bc38498881188300715813021ec73a5c91bf428f3859321 d1:5b1c4fda2a1a50a201b9e3ca46431b6118dcae61d7367b4dbfbace2bde379e79 39 main 1.1 sub/V1_1__b.sql\n" \
    "sum c07802b62397e2f28c27c3c5348c31359869e3ab9e793bee12ad0be383382933\n" \
    "migration s1:bcbe4501f1d6bfa442ec87fce5d4a338446717b3353ded7aa9ea9e5145a9972e t1:c3fc90a63148723c5ade7ac6d10b5ae645e37e91d93beb5e41f106af8e555bcc d1:c019acff434a51763a80ccc72c0c2e93cf4c29fab7a6deaf796eff546255e4a0 59 main 2 V2__c.sql\n" \
    "sum dc4ff31b421bd5bd388427a57a78571c10f7f03b1968348e89e5f1db249f5dae\n" \
    "repeatable s1:01c931ea272429b4dcfbfa0e184dfa9021ff3a1b509e7826f3d1384058e551a6 t1:1a8cde026dbe6ca87453c745748bf6dbc2b9eaa7c7489624a3a5e9a710df0a4f d1:c1c853ee03a7c9373a08934e4471ac9faeb9a9df3e3981dc13d0764dcc825757 45 main R R__views.sql\n" \
    "sum 472f45e1383b8332f6b69fe2d5987a6fb1bdddac0a838b7bbac82faa84f8a2ad\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_1__a[39];
    char main_1_1__b[40];
    char main_2__c[60];
    char main_R__views[46];
} sealed = {
    TEXT_manifest,
    TEXT_main_1__a,
    TEXT_main_1_1__b,
    TEXT_main_2__c,
    TEXT_main_R__views,
};

#pragma GCC diagnostic pop

static const stele_parameter parameter_table[] = {
    {"schema_name", "public", STELE_IDENTIFIER, 0},
    {"Flyway_DefaultSchema", "public", STELE_LITERAL, 0},
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
        .file = "V1__a.sql",
        .source = "s2:7bb236cc98b03851359ad86fc1dc90f3ba3b931703732e83da931115fc468def",
        .tokens = "t1:d8933e474925e4967ad690192fc4f6fc5b5bd252c5b592fb0ba47427cccc985d",
        .state = "d1:b81617e2140a47ee6fb16d72e49d37f12fc5eb4e31642ae90002369a3ecdbb70",
        .text = sealed.main_1__a,
        .length = 38,
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
        .up = {0, 24, 0, 1, NULL},
        .down = {24, 38, 1, 1, "U1__a.sql"},
    },
    {
        .component = "main",
        .version = "1.1",
        .name = "b",
        .directory = "migrations",
        .file = "sub/V1_1__b.sql",
        .source = "s1:23d8b6f1b10ecfd0fd0bca82b4d61723ff35d9d0387e67eb1904670f569d16cc",
        .tokens = "t1:12cbcd7af4e662e60bc38498881188300715813021ec73a5c91bf428f3859321",
        .state = "d1:5b1c4fda2a1a50a201b9e3ca46431b6118dcae61d7367b4dbfbace2bde379e79",
        .text = sealed.main_1_1__b,
        .length = 39,
        .statements = main_1_1__b_statements,
        .statement_count = 1,
        .steps = main_1_1__b_steps,
        .step_count = 1,
        .references = main_1_1__b_references,
        .reference_count = 1,
        .demands = main_1_1__b_demands,
        .demand_count = 1,
        .up = {0, 39, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "2",
        .name = "c",
        .directory = "migrations",
        .file = "V2__c.sql",
        .source = "s1:bcbe4501f1d6bfa442ec87fce5d4a338446717b3353ded7aa9ea9e5145a9972e",
        .tokens = "t1:c3fc90a63148723c5ade7ac6d10b5ae645e37e91d93beb5e41f106af8e555bcc",
        .state = "d1:c019acff434a51763a80ccc72c0c2e93cf4c29fab7a6deaf796eff546255e4a0",
        .text = sealed.main_2__c,
        .length = 59,
        .statements = main_2__c_statements,
        .statement_count = 1,
        .steps = main_2__c_steps,
        .step_count = 1,
        .references = main_2__c_references,
        .reference_count = 1,
        .up = {0, 59, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "R",
        .name = "views",
        .directory = "migrations",
        .file = "R__views.sql",
        .source = "s1:01c931ea272429b4dcfbfa0e184dfa9021ff3a1b509e7826f3d1384058e551a6",
        .tokens = "t1:1a8cde026dbe6ca87453c745748bf6dbc2b9eaa7c7489624a3a5e9a710df0a4f",
        .state = "d1:c1c853ee03a7c9373a08934e4471ac9faeb9a9df3e3981dc13d0764dcc825757",
        .text = sealed.main_R__views,
        .length = 45,
        .statements = main_R__views_statements,
        .statement_count = 1,
        .steps = main_R__views_steps,
        .step_count = 1,
        .effects = main_R__views_effects,
        .effect_count = 1,
        .demands = main_R__views_demands,
        .demand_count = 3,
        .up = {0, 45, 0, 1, NULL},
        .repeatable = 1,
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

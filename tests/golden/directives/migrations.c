/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:748e1cda92b3     6 statements  001_all.sql
 *     s1:3425ad94bb16     2 statements  002_after.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 001_all.sql */

#define TEXT_billing_001__all \
    "-- stele: component billing\n" \
    "--stele: lock-timeout 5s\n" \
    "   -- stele:   statement-timeout    1.5min\n" \
    "-- stele: one-way \"fact is merged; \\\"there\\\" is no way back\"\n" \
    "-- stele: needs vector >= 0.5\n" \
    "-- stele: needs server >= 14\n" \
    "-- stele: needs pg_trgm\n" \
    "-- stele: allow drop-column \"unused since 1.4\"\n" \
    "CREATE TABLE a (x int);\n" \
    "SELECT '\n" \
    "-- stele: no directive in a string\n" \
    "', $$\n" \
    "-- stele: nor here\n" \
    "$$ /*\n" \
    "-- stele: nor here\n" \
    "*/;\n" \
    "-- stele: unparsed\n" \
    "CREATE TABLE b (x int) NEWER SYNTAX (a; b);\n" \
    "-- stele: verify\n" \
    "SELECT true;\n" \
    "-- stele: unparsed\n" \
    "SELECT SOMETHING NEW\n" \
    "-- stele: down\n" \
    "DROP TABLE a\n"
_Static_assert(sizeof(TEXT_billing_001__all) == 571, "all: the text was changed");
static const stele_statement billing_001__all_statements[] = {
    {287, 309, 0, 0, STELE_RUN}, /* 9: CREATE TABLE a (x int) */
    {311, 382, 0, 0, STELE_RUN}, /* 10: SELECT ' -- stele: no directive in a string ', $$ -- stele: ... */
    {428, 470, 0, 0, STELE_RUN}, /* 18: CREATE TABLE b (x int) NEWER SYNTAX (a; b) */
    {489, 500, 0, 0, STELE_RUN}, /* 20: SELECT true */
    {521, 541, 0, 0, STELE_RUN}, /* 22: SELECT SOMETHING NEW */
    {557, 569, 0, 0, STELE_RUN}, /* 24: DROP TABLE a */
};
static const stele_step billing_001__all_steps[] = {
    {.first = 0, .count = 3},
    {.first = 3, .count = 2},
    {.first = 5, .count = 1},
};
static const stele_need billing_001__all_needs[] = {
    {"vector", "0.5", 5},
    {"server", "14", 6},
    {"pg_trgm", NULL, 7},
};
static const stele_loss billing_001__all_losses[] = {
    {STELE_LOSES_TABLE, "\"a\"", NULL, 557}, /* 24 */
};
static const stele_effect billing_001__all_effects[] = {
    {5, 8, STELE_DESTROYS | STELE_BREAKS, "\"a\""}, /* 24: ACCESS EXCLUSIVE */
};
static const stele_demand billing_001__all_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 9 */
    {0, STELE_MAKES, NULL, "a"}, /* 9 */
    {2, STELE_CHANGES_ALL, NULL, "CREATE TABLE"}, /* 18 */
    {5, STELE_NEEDS_TO_DROP, NULL, "a"}, /* 24 */
};

/* 002_after.sql */

#define TEXT_billing_002__after \
    "-- stele: component billing\n" \
    "-- stele: after 001\n" \
    "SELECT 1\n" \
    "-- stele: down\n" \
    "SELECT 2;\n" \
    "-- stele: verify\n"
_Static_assert(sizeof(TEXT_billing_002__after) == 100, "after: the text was changed");
static const stele_statement billing_002__after_statements[] = {
    {48, 56, 0, 0, STELE_RUN}, /* 3: SELECT 1 */
    {72, 80, 0, 0, STELE_RUN}, /* 5: SELECT 2 */
};
static const stele_step billing_002__after_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1},
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
    "migration s1:748e1cda92b3f557f100677c2f87766a8b315a88de89ec350cab3690e8a4e050 t1:4fedc37415edbd89c74d8e02eaf77acf1f5a878be3c0762b523eed7418e57f02 d1:3a936a5056c604c139ae9eb17f80d455b00c67bb36a46bfc609e14d91b5e0f6d 570 billing 001 001_all.sql\n" \
    "sum aa0b6a14b7625ea26d2f1b82f59e8d215959cb5f4ca24276deddfdab797063c5\n" \
    "migration s1:3425ad94bb16afccd0e04b7f5ea169d696b195f7f2d486a533f071f6efbedc3d t1:14d6840fb04ce5538743dfa8511b55e80571c11f94846e3526b0f0b244259bf4 d1:cef798243cae8efd754c86eed2dad4836306c3889f5b195dff052cf7ac4a2f8f 99 billing 002 002_after.sql\n" \
    "sum 0adc24e10f70bf976f19ba1b925ce7c1446c9b3cf2a596f3d162a65ced2a986b\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char billing_001__all[571];
    char billing_002__after[100];
} sealed = {
    TEXT_manifest,
    TEXT_billing_001__all,
    TEXT_billing_002__after,
};

#pragma GCC diagnostic pop

static const stele_parameter parameter_table[] = {
    {NULL, NULL, 0, 0},
};

static const char *const component_table[] = {
    "billing",
    NULL,
};

static const stele_migration migration_table[] = {
    {
        .component = "billing",
        .version = "001",
        .name = "all",
        .directory = "migrations",
        .file = "001_all.sql",
        .source = "s1:748e1cda92b3f557f100677c2f87766a8b315a88de89ec350cab3690e8a4e050",
        .tokens = "t1:4fedc37415edbd89c74d8e02eaf77acf1f5a878be3c0762b523eed7418e57f02",
        .state = "d1:3a936a5056c604c139ae9eb17f80d455b00c67bb36a46bfc609e14d91b5e0f6d",
        .text = sealed.billing_001__all,
        .length = 570,
        .statements = billing_001__all_statements,
        .statement_count = 6,
        .steps = billing_001__all_steps,
        .step_count = 3,
        .needs = billing_001__all_needs,
        .need_count = 3,
        .losses = billing_001__all_losses,
        .loss_count = 1,
        .effects = billing_001__all_effects,
        .effect_count = 1,
        .demands = billing_001__all_demands,
        .demand_count = 4,
        .up = {0, 472, 0, 1, NULL},
        .down = {557, 570, 2, 1, NULL},
        .verify = {489, 542, 1, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_OPAQUE,
        .one_way = "fact is merged; \"there\" is no way back",
        .lock_timeout = "5s",
        .statement_timeout = "1.5min",
    },
    {
        .component = "billing",
        .version = "002",
        .name = "after",
        .directory = "migrations",
        .file = "002_after.sql",
        .source = "s1:3425ad94bb16afccd0e04b7f5ea169d696b195f7f2d486a533f071f6efbedc3d",
        .tokens = "t1:14d6840fb04ce5538743dfa8511b55e80571c11f94846e3526b0f0b244259bf4",
        .state = "d1:cef798243cae8efd754c86eed2dad4836306c3889f5b195dff052cf7ac4a2f8f",
        .text = sealed.billing_002__after,
        .length = 99,
        .statements = billing_002__after_statements,
        .statement_count = 2,
        .steps = billing_002__after_steps,
        .step_count = 2,
        .up = {0, 57, 0, 1, NULL},
        .down = {72, 82, 1, 1, NULL},
        .verify = {99, 99, 0, 0, NULL},
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

/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:b4c68eb166cf     8 statements  001_tables.sql
 *     s1:ade960023901     7 statements  002_changes.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 001_tables.sql */

#define TEXT_main_001__tables \
    "CREATE TABLE memory (id int PRIMARY KEY, embedding vector(${dim}), half halfvec(16), sparse sparsevec(1000), free vector,\n" \
    "    many vector(2)[], late vector(${late}));\n" \
    "CREATE TABLE IF NOT EXISTS document (embedding vector(12));\n" \
    "CREATE SCHEMA eu CREATE TABLE document (embedding vector(12));\n" \
    "CREATE DOMAIN place AS vector(2);\n" \
    "CREATE TABLE spot (\"where is\" place);\n" \
    "CREATE TABLE gone (embedding vector(1));\n" \
    "CREATE TEMP TABLE passing (embedding vector(1));\n" \
    "CREATE TABLE twin (LIKE memory INCLUDING ALL);\n"
_Static_assert(sizeof(TEXT_main_001__tables) == 500, "tables: the text was changed");
static const stele_statement main_001__tables_statements[] = {
    {0, 165, 0, 0, STELE_RUN}, /* 1: CREATE TABLE memory (id int PRIMARY KEY, embedding vector(${... */
    {167, 225, 0, 0, STELE_RUN}, /* 3: CREATE TABLE IF NOT EXISTS document (embedding vector(12)) */
    {227, 288, 0, 0, STELE_RUN}, /* 4: CREATE SCHEMA eu CREATE TABLE document (embedding vector(12)... */
    {290, 322, 0, 0, STELE_RUN}, /* 5: CREATE DOMAIN place AS vector(2) */
    {324, 360, 0, 0, STELE_RUN}, /* 6: CREATE TABLE spot ("where is" place) */
    {362, 401, 0, 0, STELE_RUN}, /* 7: CREATE TABLE gone (embedding vector(1)) */
    {403, 450, 0, 0, STELE_RUN}, /* 8: CREATE TEMP TABLE passing (embedding vector(1)) */
    {452, 497, 0, 0, STELE_RUN}, /* 9: CREATE TABLE twin (LIKE memory INCLUDING ALL) */
};
static const stele_step main_001__tables_steps[] = {
    {.first = 0, .count = 8},
};
static const stele_reference main_001__tables_references[] = {
    {58, 64, 0, STELE_IN_SQL}, /* 1: dim */
    {156, 163, 1, STELE_IN_SQL}, /* 2: late */
};
static const stele_demand main_001__tables_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "memory"}, /* 1 */
    {1, STELE_MAKES, NULL, "document"}, /* 3 */
    {2, STELE_NEEDS_NEW_SCHEMA, NULL, NULL}, /* 4 */
    {2, STELE_MAKES_SCHEMA, NULL, "eu"}, /* 4 */
    {2, STELE_NEEDS_CREATE, "eu", NULL}, /* 4 */
    {2, STELE_MAKES, "eu", "document"}, /* 4 */
    {3, STELE_MAKES, NULL, "place"}, /* 5 */
    {4, STELE_MAKES, NULL, "spot"}, /* 6 */
    {5, STELE_MAKES, NULL, "gone"}, /* 7 */
    {6, STELE_MAKES, NULL, "passing"}, /* 8 */
    {7, STELE_MAKES, NULL, "twin"}, /* 9 */
};

/* 002_changes.sql */

#define TEXT_main_002__changes \
    "-- stele: allow drop-table \"for the test\"\n" \
    "-- stele: allow drop-column \"for the test\"\n" \
    "DROP TABLE gone;\n" \
    "ALTER TABLE twin DROP COLUMN half, DROP COLUMN late, DROP COLUMN sparse, DROP COLUMN many;\n" \
    "ALTER TABLE twin RENAME COLUMN embedding TO vec;\n" \
    "ALTER TABLE memory ALTER COLUMN sparse TYPE sparsevec(2000);\n" \
    "ALTER TABLE elsewhere ADD COLUMN IF NOT EXISTS embedding vector(7);\n" \
    "SET search_path TO eu;\n" \
    "CREATE TABLE page (embedding vector(5));\n"
_Static_assert(sizeof(TEXT_main_002__changes) == 436, "changes: the text was changed");
static const stele_statement main_002__changes_statements[] = {
    {85, 100, 0, 0, STELE_RUN}, /* 3: DROP TABLE gone */
    {102, 191, 0, 0, STELE_RUN}, /* 4: ALTER TABLE twin DROP COLUMN half, DROP COLUMN late, DROP CO... */
    {193, 240, 0, 0, STELE_RUN}, /* 5: ALTER TABLE twin RENAME COLUMN embedding TO vec */
    {242, 301, 0, 0, STELE_RUN}, /* 6: ALTER TABLE memory ALTER COLUMN sparse TYPE sparsevec(2000) */
    {303, 369, 0, 0, STELE_RUN}, /* 7: ALTER TABLE elsewhere ADD COLUMN IF NOT EXISTS embedding vec... */
    {371, 392, 0, 0, STELE_RUN}, /* 8: SET search_path TO eu */
    {394, 433, 0, 0, STELE_RUN}, /* 9: CREATE TABLE page (embedding vector(5)) */
};
static const stele_step main_002__changes_steps[] = {
    {.first = 0, .count = 7},
};
static const stele_effect main_002__changes_effects[] = {
    {0, 8, STELE_DESTROYS | STELE_BREAKS, "\"gone\""}, /* 3: ACCESS EXCLUSIVE */
    {1, 8, STELE_DESTROYS | STELE_BREAKS, "\"twin\""}, /* 4: ACCESS EXCLUSIVE */
    {2, 8, STELE_BREAKS, "\"twin\""}, /* 5: ACCESS EXCLUSIVE */
    {3, 8, STELE_REWRITES | STELE_DESTROYS | STELE_BREAKS, "\"memory\""}, /* 6: ACCESS EXCLUSIVE */
    {4, 8, 0, "\"elsewhere\""}, /* 7: ACCESS EXCLUSIVE */
};
static const stele_demand main_002__changes_demands[] = {
    {0, STELE_NEEDS_TO_DROP, NULL, "gone"}, /* 3 */
    {1, STELE_NEEDS_OWNER, NULL, "twin"}, /* 4 */
    {3, STELE_NEEDS_OWNER, NULL, "memory"}, /* 6 */
    {4, STELE_NEEDS_OWNER, NULL, "elsewhere"}, /* 7 */
    {6, STELE_MAKES, NULL, "page"}, /* 9 */
    {6, STELE_NEEDS_UNTOLD, NULL, "CREATE TABLE"}, /* 9 */
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
    "migration s1:b4c68eb166cfc4ef07d99c87caf898bf47ac4ccb3212aeeeee0fe8f239a1c895 t1:1a357aba424b9d8a0cdd9e8cb913069aa3fa4ff25badf3616ea510a1540ae493 d1:fcc96074a93435e2e243f4fd3c5b6f9a9922cf86be4c20e463bbc694c31dbea8 499 main 001 001_tables.sql\n" \
    "sum 68d305ee93a7be5deb64acbcdf80978da0b8211a263934b08ffba4d2bb8620df\n" \
    "migration s1:ade9600239018ed628320421cb4d4a76f3de6b767378f541a88e103fc1dcd474 t1:27ffcd34faa9f7cb36a40a0f2228562a06404fb32b70a1b536b2f43595577df0 d1:0d4b6bc9c4efabfb7d177433912d5120ee8caf20b303cb9582ffaa1db9503a01 435 main 002 002_changes.sql\n" \
    "sum 3ad7b440fb1108d86e5a1e698e1853ac04cc31123ebe4782f03d197c0e31cc5f\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_001__tables[500];
    char main_002__changes[436];
} sealed = {
    TEXT_manifest,
    TEXT_main_001__tables,
    TEXT_main_002__changes,
};

#pragma GCC diagnostic pop

static const stele_parameter parameter_table[] = {
    {"dim", "384", STELE_INTEGER, 0},
    {"late", "8", STELE_INTEGER, 1},
    {NULL, NULL, 0, 0},
};

static const char *const component_table[] = {
    "main",
    NULL,
};

static const stele_migration migration_table[] = {
    {
        .component = "main",
        .version = "001",
        .name = "tables",
        .directory = "migrations",
        .file = "001_tables.sql",
        .source = "s1:b4c68eb166cfc4ef07d99c87caf898bf47ac4ccb3212aeeeee0fe8f239a1c895",
        .tokens = "t1:1a357aba424b9d8a0cdd9e8cb913069aa3fa4ff25badf3616ea510a1540ae493",
        .state = "d1:fcc96074a93435e2e243f4fd3c5b6f9a9922cf86be4c20e463bbc694c31dbea8",
        .text = sealed.main_001__tables,
        .length = 499,
        .statements = main_001__tables_statements,
        .statement_count = 8,
        .steps = main_001__tables_steps,
        .step_count = 1,
        .references = main_001__tables_references,
        .reference_count = 2,
        .demands = main_001__tables_demands,
        .demand_count = 12,
        .up = {0, 499, 0, 1, NULL},
        .flags = STELE_MAKES_TEMP,
    },
    {
        .component = "main",
        .version = "002",
        .name = "changes",
        .directory = "migrations",
        .file = "002_changes.sql",
        .source = "s1:ade9600239018ed628320421cb4d4a76f3de6b767378f541a88e103fc1dcd474",
        .tokens = "t1:27ffcd34faa9f7cb36a40a0f2228562a06404fb32b70a1b536b2f43595577df0",
        .state = "d1:0d4b6bc9c4efabfb7d177433912d5120ee8caf20b303cb9582ffaa1db9503a01",
        .text = sealed.main_002__changes,
        .length = 435,
        .statements = main_002__changes_statements,
        .statement_count = 7,
        .steps = main_002__changes_steps,
        .step_count = 1,
        .effects = main_002__changes_effects,
        .effect_count = 5,
        .demands = main_002__changes_demands,
        .demand_count = 6,
        .up = {0, 435, 0, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_CONTRACTS,
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

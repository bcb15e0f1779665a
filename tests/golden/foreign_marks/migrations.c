/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c --layout stele migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:22427a2b2bb7     2 statements  001_goose.sql
 *     s1:0584240d84ef     1 statement   002_dbmate.sql
 *     s1:8d0a117feeba     1 statement   003_none.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 001_goose.sql */

#define TEXT_main_001__goose \
    "-- +goose Up\n" \
    "CREATE TABLE a (x int);\n" \
    "-- +goose Down\n" \
    "DROP TABLE a;\n"
_Static_assert(sizeof(TEXT_main_001__goose) == 67, "goose: the text was changed");
static const stele_statement main_001__goose_statements[] = {
    {13, 35, 0, 0, STELE_RUN}, /* 2: CREATE TABLE a (x int) */
    {52, 64, 0, 0, STELE_RUN}, /* 4: DROP TABLE a */
};
static const stele_step main_001__goose_steps[] = {
    {.first = 0, .count = 2},
};
static const stele_demand main_001__goose_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 2 */
    {0, STELE_MAKES, NULL, "a"}, /* 2 */
};

/* 002_dbmate.sql */

#define TEXT_main_002__dbmate \
    "-- migrate:up\n" \
    "CREATE TABLE a (x int);\n" \
    "\n" \
    "-- migrate:down\n"
_Static_assert(sizeof(TEXT_main_002__dbmate) == 56, "dbmate: the text was changed");
static const stele_statement main_002__dbmate_statements[] = {
    {14, 36, 0, 0, STELE_RUN}, /* 2: CREATE TABLE a (x int) */
};
static const stele_step main_002__dbmate_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_002__dbmate_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 2 */
    {0, STELE_MAKES, NULL, "a"}, /* 2 */
};

/* 003_none.sql */

#define TEXT_main_003__none \
    "SELECT 1; -- +goose Down, or migrate:down, is no mark here\n"
_Static_assert(sizeof(TEXT_main_003__none) == 60, "none: the text was changed");
static const stele_statement main_003__none_statements[] = {
    {0, 8, 0, 0, STELE_RUN}, /* 1: SELECT 1 */
};
static const stele_step main_003__none_steps[] = {
    {.first = 0, .count = 1},
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
    "migration s1:22427a2b2bb764bd149f13b234b653bc853a7b1351b0ad66ce46ae3e912e1a1f t1:f0a3cffb62db3dfafb692cce76883ad1ecc87b840992e902131bcd7b2149f8ec d1:6815d5f78d7167805b4df66f3e0f288b5dbae797a7fdd5abdc74009010bee225 66 main 001 001_goose.sql\n" \
    "sum e142553053b7047e2198abf651c635c7a3e0b039aab5209fe6aebf99cad425af\n" \
    "migration s1:0584240d84ef7cc475455d0b60ec5a6a1fdb0f073390024acdb91194bac93802 t1:2a70c74cb9ff558432cb003e7b06721c44fa29bdc5a6783ce80d02098ed6bd56 d1:937ab5e002e82823b3d1ec8930a9eb7186764da636553d48c258f9b6deb81376 55 main 002 002_dbmate.sql\n" \
    "sum 5dd0a2925f306bae18e7852788e13aaeaa0eccc82b075382f3b1ad3b54fd4c1e\n" \
    "migration s1:8d0a117feeba957563dba43b9150d25beef1828336a5235cada532375146b386 t1:e63ed72a8ecd41f44d701d5e8316088e819c6a588f9f125c816679578d830ee7 d1:8078fd461992eea262811eec2b3eecbb6d1f6fc741b876ca38ddd0e89c84702d 59 main 003 003_none.sql\n" \
    "sum f3e305b2758007ea632c4df3187ab536362dc87c23ff59b35f97ab1438da22a5\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_001__goose[67];
    char main_002__dbmate[56];
    char main_003__none[60];
} sealed = {
    TEXT_manifest,
    TEXT_main_001__goose,
    TEXT_main_002__dbmate,
    TEXT_main_003__none,
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
        .version = "001",
        .name = "goose",
        .directory = "migrations",
        .file = "001_goose.sql",
        .source = "s1:22427a2b2bb764bd149f13b234b653bc853a7b1351b0ad66ce46ae3e912e1a1f",
        .tokens = "t1:f0a3cffb62db3dfafb692cce76883ad1ecc87b840992e902131bcd7b2149f8ec",
        .state = "d1:6815d5f78d7167805b4df66f3e0f288b5dbae797a7fdd5abdc74009010bee225",
        .text = sealed.main_001__goose,
        .length = 66,
        .statements = main_001__goose_statements,
        .statement_count = 2,
        .steps = main_001__goose_steps,
        .step_count = 1,
        .demands = main_001__goose_demands,
        .demand_count = 2,
        .up = {0, 66, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "002",
        .name = "dbmate",
        .directory = "migrations",
        .file = "002_dbmate.sql",
        .source = "s1:0584240d84ef7cc475455d0b60ec5a6a1fdb0f073390024acdb91194bac93802",
        .tokens = "t1:2a70c74cb9ff558432cb003e7b06721c44fa29bdc5a6783ce80d02098ed6bd56",
        .state = "d1:937ab5e002e82823b3d1ec8930a9eb7186764da636553d48c258f9b6deb81376",
        .text = sealed.main_002__dbmate,
        .length = 55,
        .statements = main_002__dbmate_statements,
        .statement_count = 1,
        .steps = main_002__dbmate_steps,
        .step_count = 1,
        .demands = main_002__dbmate_demands,
        .demand_count = 2,
        .up = {0, 55, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "003",
        .name = "none",
        .directory = "migrations",
        .file = "003_none.sql",
        .source = "s1:8d0a117feeba957563dba43b9150d25beef1828336a5235cada532375146b386",
        .tokens = "t1:e63ed72a8ecd41f44d701d5e8316088e819c6a588f9f125c816679578d830ee7",
        .state = "d1:8078fd461992eea262811eec2b3eecbb6d1f6fc741b876ca38ddd0e89c84702d",
        .text = sealed.main_003__none,
        .length = 59,
        .statements = main_003__none_statements,
        .statement_count = 1,
        .steps = main_003__none_steps,
        .step_count = 1,
        .up = {0, 59, 0, 1, NULL},
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

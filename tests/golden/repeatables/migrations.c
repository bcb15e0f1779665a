/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:75d76525a43b     2 statements  001_a.sql
 *     s1:2a1b2f4914d8     1 statement   002_b.sql
 *     s1:543a506d3448     1 statement   R_total.sql
 *     s2:3e2f8ede0a86     1 statement   R_other.sql
 *     s2:3b71039ab246     2 statements  R_latest.sql
 *     s2:2ab16fcceb68     1 statement   R_other2.sql
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
    "CREATE TABLE a (x int);\n" \
    "CREATE VIEW total AS SELECT sum(x) FROM a;\n"
_Static_assert(sizeof(TEXT_main_001__a) == 68, "a: the text was changed");
static const stele_statement main_001__a_statements[] = {
    {0, 22, 0, 0, STELE_RUN}, /* 1: CREATE TABLE a (x int) */
    {24, 65, 0, 0, STELE_RUN}, /* 2: CREATE VIEW total AS SELECT sum(x) FROM a */
};
static const stele_step main_001__a_steps[] = {
    {.first = 0, .count = 2},
};
static const stele_demand main_001__a_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "a"}, /* 1 */
    {1, STELE_MAKES, NULL, "total"}, /* 2 */
};

/* 002_b.sql */

#define TEXT_main_002__b \
    "-- stele: allow use-of-repeatable \"it stands in the base schema, too\"\n" \
    "SELECT * FROM total, latest;\n"
_Static_assert(sizeof(TEXT_main_002__b) == 100, "b: the text was changed");
static const stele_statement main_002__b_statements[] = {
    {70, 97, 0, 0, STELE_RUN}, /* 2: SELECT * FROM total, latest */
};
static const stele_step main_002__b_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_002__b_demands[] = {
    {0, STELE_NEEDS_SELECT, NULL, "total"}, /* 2 */
    {0, STELE_NEEDS_SELECT, NULL, "latest"}, /* 2 */
};

/* R_total.sql */

#define TEXT_main_R__total \
    "CREATE OR REPLACE VIEW total AS SELECT sum(x) FROM a;\n"
_Static_assert(sizeof(TEXT_main_R__total) == 55, "total: the text was changed");
static const stele_statement main_R__total_statements[] = {
    {0, 52, 0, 0, STELE_RUN}, /* 1: CREATE OR REPLACE VIEW total AS SELECT sum(x) FROM a */
};
static const stele_step main_R__total_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_effect main_R__total_effects[] = {
    {0, 8, 0, "\"total\""}, /* 1: ACCESS EXCLUSIVE */
};
static const stele_demand main_R__total_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_NEEDS_TO_REPLACE, NULL, "total"}, /* 1 */
    {0, STELE_MAKES, NULL, "total"}, /* 1 */
};

/* R_other.sql */

#define TEXT_other_R__other \
    "-- stele: component other\n" \
    "-- stele: after main/R_total, main/002, away/7\n" \
    "BEGIN;\n" \
    "CREATE OR REPLACE FUNCTION nothing() RETURNS int LANGUAGE sql AS 'SELECT 1';\n" \
    "COMMIT;\n"
_Static_assert(sizeof(TEXT_other_R__other) == 166, "other: the text was changed");
static const stele_statement other_R__other_statements[] = {
    {80, 155, 0, 0, STELE_RUN}, /* 4: CREATE OR REPLACE FUNCTION nothing() RETURNS int LANGUAGE sq... */
};
static const stele_step other_R__other_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_dependency other_R__other_after[] = {
    {"main", "002", 2},
    {"away", "7", 2},
};
static const stele_demand other_R__other_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 4 */
    {0, STELE_MAKES, NULL, "nothing"}, /* 4 */
};

/* R_latest.sql */

#define TEXT_main_R__latest \
    "-- stele: after R_total, 001\n" \
    "-- stele: after other/R_other\n" \
    "CREATE OR REPLACE VIEW latest AS SELECT * FROM total;\n" \
    "-- stele: verify\n" \
    "SELECT count(*) >= 0 FROM latest;\n"
_Static_assert(sizeof(TEXT_main_R__latest) == 165, "latest: the text was changed");
static const stele_statement main_R__latest_statements[] = {
    {59, 111, 0, 0, STELE_RUN}, /* 3: CREATE OR REPLACE VIEW latest AS SELECT * FROM total */
    {130, 162, 0, 0, STELE_RUN}, /* 5: SELECT count(*) >= 0 FROM latest */
};
static const stele_step main_R__latest_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1},
};
static const stele_effect main_R__latest_effects[] = {
    {0, 8, 0, "\"latest\""}, /* 3: ACCESS EXCLUSIVE */
};
static const stele_demand main_R__latest_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 3 */
    {0, STELE_NEEDS_TO_REPLACE, NULL, "latest"}, /* 3 */
    {0, STELE_MAKES, NULL, "latest"}, /* 3 */
};

/* R_other2.sql */

#define TEXT_main_R__other2 \
    "-- stele: after other/R_other\n" \
    "SELECT 1;\n"
_Static_assert(sizeof(TEXT_main_R__other2) == 41, "other2: the text was changed");
static const stele_statement main_R__other2_statements[] = {
    {30, 38, 0, 0, STELE_RUN}, /* 2: SELECT 1 */
};
static const stele_step main_R__other2_steps[] = {
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
    "migration s1:75d76525a43b4c6432718caa7558b931c16f23cedc94528c232c68b52482d0a4 t1:aa46ab09e3cc7416ed97cd67b32da03e4db07560edea45b79df9b851d7b0bb6b d1:18cb45904200d5dbb44bb4f80886878f215238223b1d42ce30c363816e47140f 67 main 001 001_a.sql\n" \
    "sum d4637f9d54a7204623859af429ee4836c6d633b6d483f733eb589f59f291e157\n" \
    "migration s1:2a1b2f4914d89fb61a752848a4d495537acb8a5be347d2bbf76a58091d3aa62a t1:d6fd54d9b030ad352b00fdb2787026baef2722bcffd5c44a5165a3fa76b85f18 d1:935090ea40165530b83f745ce15ebe29734cf8d29854ce4ac26c794dcd6c9a11 99 main 002 002_b.sql\n" \
    "sum 134a224400dedcec3f75d34ecb6cfcfe91bffd82eb66ae20238c184ae4b4d5b4\n" \
    "repeatable s1:543a506d344891558e4242147394a01acc12f348e4bd32641720dbcc7e58daed t1:a8811b5562a301c1c078b0c151cc97445661c0272ff6857bd66f7490840d4b22 d1:9f9eef2a4751ee3ae6420840028c149ef61ba2032421dab27b4301412c5f0632 54 main R R_total.sql\n" \
    "sum 1b0ccb3edf9113903cf6f6c96975b643dd821121b986685f6755a070f587068a\n" \
    "repeatable s2:3e2f8ede0a866639b4bea35ec20b2682612d05ff214a5646bf52e0e4ecfc47f0 t1:d59a30c2cfc354ec15c7a72bb0f89cb6ecccc861d06e64428f95d8e6dd1b7d5d d1:49e0785f43917471bb5140a212a07980eef4e2da55e37b4824742d4d6dfe0831 165 other R R_other.sql\n" \
    "text s1:1a335603fd0b7636b47e6240908c1fa277041f59981750bc47f34e01373a299c\n" \
    "after s1:543a506d344891558e4242147394a01acc12f348e4bd32641720dbcc7e58daed main/R_total\n" \
    "sum 6f87b0fd3c6fe30e5c8b9cb6c05af050fa271e1a2740646eae986a7daf8ef544\n" \
    "repeatable s2:3b71039ab246ba218335a0d4221b5f1fa755c0a8cd60214c47abe349f8ec1db3 t1:bfe0768045cc20b22ab143dd178b10efab44f84ca15e5e5d25a46ea3cfb4780c d1:027441d9aadd0edf6f81029c72d164e512ce134f37cea0266f84d3211871cb94 164 main R R_latest.sql\n" \
    "text s1:add5a695dda9a41a3f9912d6beab7c2ca8a66b0da750431689bea9b97f9ecb5a\n" \
    "after s1:543a506d344891558e4242147394a01acc12f348e4bd32641720dbcc7e58daed R_total\n" \
    "after s2:3e2f8ede0a866639b4bea35ec20b2682612d05ff214a5646bf52e0e4ecfc47f0 other/R_other\n" \
    "sum 5838a89d0a80469b075787336e62fc9bd65e5b7bc1a69e6df5b11300ed3fc1db\n" \
    "repeatable s2:2ab16fcceb681efb9fcea21461de57bcbc215cf708f3967d95cd0a3f6ec2369c t1:600cc7f1d427655ff51638d706c98c2242f780c1d697177ffe27208abe6d8ade d1:66c7952b2da0ea79933da60d2f25d1bea310980529e608d3f856bded3fa1a514 40 main R R_other2.sql\n" \
    "text s1:aca7eed1f2e4ec1892c7f239c7ce48ec8e9843f9e9a2c367d7b3ec8ddf218bce\n" \
    "after s2:3e2f8ede0a866639b4bea35ec20b2682612d05ff214a5646bf52e0e4ecfc47f0 other/R_other\n" \
    "sum a2a999bf7496d5b6cf823e6bac8c8a2147bfaf3c427e542382c795fb5b41a44f\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_001__a[68];
    char main_002__b[100];
    char main_R__total[55];
    char other_R__other[166];
    char main_R__latest[165];
    char main_R__other2[41];
} sealed = {
    TEXT_manifest,
    TEXT_main_001__a,
    TEXT_main_002__b,
    TEXT_main_R__total,
    TEXT_other_R__other,
    TEXT_main_R__latest,
    TEXT_main_R__other2,
};

#pragma GCC diagnostic pop

static const stele_parameter parameter_table[] = {
    {NULL, NULL, 0, 0},
};

static const char *const component_table[] = {
    "main",
    "other",
    NULL,
};

static const stele_migration migration_table[] = {
    {
        .component = "main",
        .version = "001",
        .name = "a",
        .directory = "migrations",
        .file = "001_a.sql",
        .source = "s1:75d76525a43b4c6432718caa7558b931c16f23cedc94528c232c68b52482d0a4",
        .tokens = "t1:aa46ab09e3cc7416ed97cd67b32da03e4db07560edea45b79df9b851d7b0bb6b",
        .state = "d1:18cb45904200d5dbb44bb4f80886878f215238223b1d42ce30c363816e47140f",
        .text = sealed.main_001__a,
        .length = 67,
        .statements = main_001__a_statements,
        .statement_count = 2,
        .steps = main_001__a_steps,
        .step_count = 1,
        .demands = main_001__a_demands,
        .demand_count = 3,
        .up = {0, 67, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "002",
        .name = "b",
        .directory = "migrations",
        .file = "002_b.sql",
        .source = "s1:2a1b2f4914d89fb61a752848a4d495537acb8a5be347d2bbf76a58091d3aa62a",
        .tokens = "t1:d6fd54d9b030ad352b00fdb2787026baef2722bcffd5c44a5165a3fa76b85f18",
        .state = "d1:935090ea40165530b83f745ce15ebe29734cf8d29854ce4ac26c794dcd6c9a11",
        .text = sealed.main_002__b,
        .length = 99,
        .statements = main_002__b_statements,
        .statement_count = 1,
        .steps = main_002__b_steps,
        .step_count = 1,
        .demands = main_002__b_demands,
        .demand_count = 2,
        .up = {0, 99, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "R",
        .name = "total",
        .directory = "migrations",
        .file = "R_total.sql",
        .source = "s1:543a506d344891558e4242147394a01acc12f348e4bd32641720dbcc7e58daed",
        .tokens = "t1:a8811b5562a301c1c078b0c151cc97445661c0272ff6857bd66f7490840d4b22",
        .state = "d1:9f9eef2a4751ee3ae6420840028c149ef61ba2032421dab27b4301412c5f0632",
        .text = sealed.main_R__total,
        .length = 54,
        .statements = main_R__total_statements,
        .statement_count = 1,
        .steps = main_R__total_steps,
        .step_count = 1,
        .effects = main_R__total_effects,
        .effect_count = 1,
        .demands = main_R__total_demands,
        .demand_count = 3,
        .up = {0, 54, 0, 1, NULL},
        .repeatable = 1,
    },
    {
        .component = "other",
        .version = "R",
        .name = "other",
        .directory = "migrations",
        .file = "R_other.sql",
        .source = "s2:3e2f8ede0a866639b4bea35ec20b2682612d05ff214a5646bf52e0e4ecfc47f0",
        .tokens = "t1:d59a30c2cfc354ec15c7a72bb0f89cb6ecccc861d06e64428f95d8e6dd1b7d5d",
        .state = "d1:49e0785f43917471bb5140a212a07980eef4e2da55e37b4824742d4d6dfe0831",
        .text = sealed.other_R__other,
        .length = 165,
        .statements = other_R__other_statements,
        .statement_count = 1,
        .steps = other_R__other_steps,
        .step_count = 1,
        .after = other_R__other_after,
        .dependency_count = 2,
        .demands = other_R__other_demands,
        .demand_count = 2,
        .up = {0, 165, 0, 1, NULL},
        .repeatable = 1,
    },
    {
        .component = "main",
        .version = "R",
        .name = "latest",
        .directory = "migrations",
        .file = "R_latest.sql",
        .source = "s2:3b71039ab246ba218335a0d4221b5f1fa755c0a8cd60214c47abe349f8ec1db3",
        .tokens = "t1:bfe0768045cc20b22ab143dd178b10efab44f84ca15e5e5d25a46ea3cfb4780c",
        .state = "d1:027441d9aadd0edf6f81029c72d164e512ce134f37cea0266f84d3211871cb94",
        .text = sealed.main_R__latest,
        .length = 164,
        .statements = main_R__latest_statements,
        .statement_count = 2,
        .steps = main_R__latest_steps,
        .step_count = 2,
        .effects = main_R__latest_effects,
        .effect_count = 1,
        .demands = main_R__latest_demands,
        .demand_count = 3,
        .up = {0, 113, 0, 1, NULL},
        .verify = {130, 164, 1, 1, NULL},
        .repeatable = 1,
    },
    {
        .component = "main",
        .version = "R",
        .name = "other2",
        .directory = "migrations",
        .file = "R_other2.sql",
        .source = "s2:2ab16fcceb681efb9fcea21461de57bcbc215cf708f3967d95cd0a3f6ec2369c",
        .tokens = "t1:600cc7f1d427655ff51638d706c98c2242f780c1d697177ffe27208abe6d8ade",
        .state = "d1:66c7952b2da0ea79933da60d2f25d1bea310980529e608d3f856bded3fa1a514",
        .text = sealed.main_R__other2,
        .length = 40,
        .statements = main_R__other2_statements,
        .statement_count = 1,
        .steps = main_R__other2_steps,
        .step_count = 1,
        .up = {0, 40, 0, 1, NULL},
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

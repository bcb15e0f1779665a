/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:89fd0af434c1     2 statements  001_bytes.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 001_bytes.sql */

#define TEXT_main_001__bytes \
    "-- caf\303\251 \346\227\245\346\234\254 \360\237\230\200 ?\?/ ?\?\? \\ \\n \"quoted\" \ttab \001 control \177\n" \
    "SELECT 'caf\303\251' AS \"\346\227\245*/x\", '?\?='\014;\015SELECT 2 /* a\015*/;\n" \
    "-- no line end"
_Static_assert(sizeof(TEXT_main_001__bytes) == 129, "bytes: the text was changed");
static const stele_statement main_001__bytes_statements[] = {
    {60, 93, 0, 0, STELE_RUN}, /* 2: SELECT 'caf?' AS "?* /x", '??=' */
    {96, 104, 0, 0, STELE_RUN}, /* 2: SELECT 2 */
};
static const stele_step main_001__bytes_steps[] = {
    {.first = 0, .count = 2},
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
    "migration s1:89fd0af434c158291fffd2ab97015b52e75e92704a1aaedaca28bef917a5cead t1:73b6cf3cd042b959aec1f72e8e708a1b7ba4a9297c4aaacf87315312df4d86e7 d1:cc532e9c222dc6497c889a37b5d068bfebc5ac794e45c432a9b0c285174f2384 128 main 001 001_bytes.sql\n" \
    "sum 07735ae87a70f1ba780b4905a96a410d46e2d4eb9449bf363840b41a0d85ac01\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_001__bytes[129];
} sealed = {
    TEXT_manifest,
    TEXT_main_001__bytes,
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
        .name = "bytes",
        .directory = "migrations",
        .file = "001_bytes.sql",
        .source = "s1:89fd0af434c158291fffd2ab97015b52e75e92704a1aaedaca28bef917a5cead",
        .tokens = "t1:73b6cf3cd042b959aec1f72e8e708a1b7ba4a9297c4aaacf87315312df4d86e7",
        .state = "d1:cc532e9c222dc6497c889a37b5d068bfebc5ac794e45c432a9b0c285174f2384",
        .text = sealed.main_001__bytes,
        .length = 128,
        .statements = main_001__bytes_statements,
        .statement_count = 2,
        .steps = main_001__bytes_steps,
        .step_count = 1,
        .up = {0, 128, 0, 1, NULL},
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

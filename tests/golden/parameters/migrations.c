/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:45d896dc8b05    11 statements  001_a.sql
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

#define TEXT_memory_001__a \
    "-- ${dim} in a comment is no reference\n" \
    "CREATE TABLE t_${dim} (v vector(${dim}), n int DEFAULT ${offset}) WITH (fillfactor = ${fill});\n" \
    "ALTER TABLE t_${dim} OWNER TO ${owner};\n" \
    "COMMENT ON COLUMN t_${dim}.v IS '${dim} dimensions of ${model}';\n" \
    "INSERT INTO t_${dim} (n) SELECT length(${greeting}) + length(E'${greeting}') + length(${model});\n" \
    "ALTER TABLE t_${dim} RENAME TO \"t_${dim}_${owner}\";\n" \
    "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN ${dim}; END $$;\n" \
    "SELECT '${unknown} is left alone', $$ ${this} too $$;\n" \
    "COPY t FROM stdin;\n" \
    "${dim}\n" \
    "\\.\n" \
    "-- stele: unparsed\n" \
    "ALTER TABLE u ${clause};\n" \
    "CREATE TABLE \"u&${dim}\" (a int);\n" \
    "SELECT U&\"x${owner}\" FROM ${owner}.t, t_${fill};\n"
_Static_assert(sizeof(TEXT_memory_001__a) == 682, "a: the text was changed");
static const stele_statement memory_001__a_statements[] = {
    {39, 132, 0, 0, STELE_RUN}, /* 2: CREATE TABLE t_${dim} (v vector(${dim}), n int DEFAULT ${off... */
    {134, 172, 0, 0, STELE_RUN}, /* 3: ALTER TABLE t_${dim} OWNER TO ${owner} */
    {174, 237, 0, 0, STELE_RUN}, /* 4: COMMENT ON COLUMN t_${dim}.v IS '${dim} dimensions of ${mode... */
    {239, 334, 0, 0, STELE_RUN}, /* 5: INSERT INTO t_${dim} (n) SELECT length(${greeting}) + length... */
    {336, 386, 0, 0, STELE_RUN}, /* 6: ALTER TABLE t_${dim} RENAME TO "t_${dim}_${owner}" */
    {388, 470, 0, 0, STELE_RUN}, /* 7: CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN... */
    {472, 524, 0, 0, STELE_RUN}, /* 8: SELECT '${unknown} is left alone', $$ ${this} too $$ */
    {526, 543, 545, 552, STELE_COPY}, /* 9: COPY t FROM stdin */
    {574, 597, 0, 0, STELE_RUN}, /* 13: ALTER TABLE u ${clause} */
    {599, 630, 0, 0, STELE_RUN}, /* 14: CREATE TABLE "u&${dim}" (a int) */
    {632, 679, 0, 0, STELE_RUN}, /* 15: SELECT U&"x${owner}" FROM ${owner}.t, t_${fill} */
};
static const stele_step memory_001__a_steps[] = {
    {.first = 0, .count = 11},
};
static const stele_reference memory_001__a_references[] = {
    {54, 60, 0, STELE_IN_SQL}, /* 2: dim */
    {71, 77, 0, STELE_IN_SQL}, /* 2: dim */
    {94, 103, 1, STELE_IN_SQL}, /* 2: offset */
    {124, 131, 4, STELE_IN_SQL}, /* 2: fill */
    {148, 154, 0, STELE_IN_SQL}, /* 3: dim */
    {164, 172, 2, STELE_IN_SQL}, /* 3: owner */
    {194, 200, 0, STELE_IN_SQL}, /* 4: dim */
    {207, 213, 0, STELE_IN_STRING}, /* 4: dim */
    {228, 236, 5, STELE_IN_STRING}, /* 4: model */
    {253, 259, 0, STELE_IN_SQL}, /* 5: dim */
    {278, 289, 3, STELE_IN_SQL}, /* 5: greeting */
    {302, 313, 3, STELE_IN_ESTRING}, /* 5: greeting */
    {325, 333, 5, STELE_IN_SQL}, /* 5: model */
    {350, 356, 0, STELE_IN_SQL}, /* 6: dim */
    {370, 376, 0, STELE_IN_NAME}, /* 6: dim */
    {377, 385, 2, STELE_IN_NAME}, /* 6: owner */
    {456, 462, 0, STELE_IN_DOLLAR}, /* 7: dim */
    {588, 597, 6, STELE_IN_SQL}, /* 13: clause */
    {615, 621, 0, STELE_IN_NAME}, /* 14: dim */
    {643, 651, 2, STELE_IN_NAME}, /* 15: owner */
    {658, 666, 2, STELE_IN_SQL}, /* 15: owner */
    {672, 679, 4, STELE_IN_SQL}, /* 15: fill */
};
static const stele_demand memory_001__a_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 2 */
    {0, STELE_MAKES, NULL, "t_000001"}, /* 2 */
    {1, STELE_CHANGES_ALL, NULL, "ALTER TABLE"}, /* 3 */
    {4, STELE_CHANGES_ALL, NULL, "ALTER TABLE"}, /* 6 */
    {5, STELE_MAKES, NULL, "f"}, /* 7 */
    {7, STELE_NEEDS_INSERT, NULL, "t"}, /* 9 */
    {8, STELE_CHANGES_ALL, NULL, "ALTER TABLE"}, /* 13 */
    {9, STELE_NEEDS_UNTOLD, NULL, "CREATE TABLE"}, /* 14 */
    {10, STELE_NEEDS_UNTOLD, NULL, "SELECT"}, /* 15 */
};

/*
 * The sealed table: what each migration was when it was sealed, then all the texts. It is one piece and holds no
 * address, so that "stelec inspect PROGRAM" finds and checks it in any program, also in a stripped one.
 */
#define TEXT_manifest \
    "\000stele-sealed-table 1\n" \
    "made by stelec 0.1.0 (libpg_query 17.4)\n" \
    "table memory_migrations\n" \
    "sum b84aa76c2e7887b12d873548de53fa974a1042dad3bbe84cba8a27ca26887e3a\n" \
    "migration s1:45d896dc8b051f65532ee6add787ee408ee0d12b332052f92eb933cacf64f006 t1:fc654fb540c381f1260c6d83c9bafb0770e4790c1b0893ab34856d3fd5934f36 d1:347aeea419a42a41d346f0f618847fe0287a64068c5368a942945ddf34cc9fbe 681 memory 001 001_a.sql\n" \
    "sum 0c99ac88c336ee6e4d1036f510a32b94d472b4ae8dc91eda8251fc801874832d\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char memory_001__a[682];
} sealed = {
    TEXT_manifest,
    TEXT_memory_001__a,
};

#pragma GCC diagnostic pop

static const stele_parameter parameter_table[] = {
    {"dim", "768", STELE_INTEGER, 0},
    {"offset", "-5", STELE_INTEGER, 0},
    {"owner", "app owner", STELE_IDENTIFIER, 1},
    {"greeting", NULL, STELE_LITERAL, 1},
    {"fill", "70", STELE_RAW, 0},
    {"model", "it's \"new\" \\ \303\251", STELE_LITERAL, 0},
    {"clause", NULL, STELE_RAW, 1},
    {"flag", "it is a literal", STELE_LITERAL, 0},
    {"count", "12", STELE_INTEGER, 0},
    {NULL, NULL, 0, 0},
};

static const char *const component_table[] = {
    "memory",
    NULL,
};

static const stele_migration migration_table[] = {
    {
        .component = "memory",
        .version = "001",
        .name = "a",
        .directory = "migrations",
        .file = "001_a.sql",
        .source = "s1:45d896dc8b051f65532ee6add787ee408ee0d12b332052f92eb933cacf64f006",
        .tokens = "t1:fc654fb540c381f1260c6d83c9bafb0770e4790c1b0893ab34856d3fd5934f36",
        .state = "d1:347aeea419a42a41d346f0f618847fe0287a64068c5368a942945ddf34cc9fbe",
        .text = sealed.memory_001__a,
        .length = 681,
        .statements = memory_001__a_statements,
        .statement_count = 11,
        .steps = memory_001__a_steps,
        .step_count = 1,
        .references = memory_001__a_references,
        .reference_count = 22,
        .demands = memory_001__a_demands,
        .demand_count = 9,
        .up = {0, 681, 0, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_OPAQUE,
    },
    {.version = NULL},
};

const stele_migrations memory_migrations = {
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

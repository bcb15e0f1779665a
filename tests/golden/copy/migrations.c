/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:ad654f4ccf25     7 statements  001_dump.sql
 *     s1:3fe9fc93c773     1 statement   002_to_the_end.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 001_dump.sql */

#define TEXT_main_001__dump \
    "\\restrict 4f7K2nQ\n" \
    "\n" \
    "SET statement_timeout = 0;\n" \
    "SELECT pg_catalog.set_config('search_path', '', false);\n" \
    "\n" \
    "CREATE TABLE public.t (\n" \
    "    id integer NOT NULL,\n" \
    "    note text\n" \
    ");\n" \
    "\n" \
    "COPY public.t (id, note) FROM stdin;\n" \
    "1\tit's; not a statement\n" \
    "2\t$$ nor this -- no comment\n" \
    "3\t\\N\n" \
    "\\.\n" \
    "\n" \
    "COPY public.t FROM STDIN WITH (FORMAT csv);\n" \
    "4,\"not ${a} parameter\"\n" \
    "\\.\n" \
    "COPY public.t (id) FROM stdin; -- nothing\n" \
    "\\.\n" \
    "COPY public.t TO STDOUT;\n" \
    "\n" \
    "\\unrestrict 4f7K2nQ\n"
_Static_assert(sizeof(TEXT_main_001__dump) == 430, "dump: the text was changed");
static const stele_statement main_001__dump_statements[] = {
    {19, 44, 0, 0, STELE_RUN}, /* 3: SET statement_timeout = 0 */
    {46, 100, 0, 0, STELE_RUN}, /* 4: SELECT pg_catalog.set_config('search_path', '', false) */
    {103, 167, 0, 0, STELE_RUN}, /* 6: CREATE TABLE public.t ( id integer NOT NULL, note text ) */
    {170, 205, 207, 264, STELE_COPY}, /* 11: COPY public.t (id, note) FROM stdin */
    {268, 310, 312, 335, STELE_COPY}, /* 17: COPY public.t FROM STDIN WITH (FORMAT csv) */
    {338, 367, 380, 380, STELE_COPY}, /* 20: COPY public.t (id) FROM stdin */
    {383, 406, 0, 0, STELE_COPY_OUT}, /* 22: COPY public.t TO STDOUT */
};
static const stele_step main_001__dump_steps[] = {
    {.first = 0, .count = 7},
};
static const stele_demand main_001__dump_demands[] = {
    {2, STELE_NEEDS_CREATE, "public", NULL}, /* 6 */
    {2, STELE_MAKES, "public", "t"}, /* 6 */
};

/* 002_to_the_end.sql */

#define TEXT_main_002__to_the_end \
    "COPY public.t (id) FROM stdin;\n" \
    "10\n" \
    "11"
_Static_assert(sizeof(TEXT_main_002__to_the_end) == 37, "to_the_end: the text was changed");
static const stele_statement main_002__to_the_end_statements[] = {
    {0, 29, 31, 36, STELE_COPY}, /* 1: COPY public.t (id) FROM stdin */
};
static const stele_step main_002__to_the_end_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_002__to_the_end_demands[] = {
    {0, STELE_NEEDS_INSERT, "public", "t"}, /* 1 */
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
    "migration s1:ad654f4ccf25305efd042bba61a26ab10f2eea98363ef18a20e201a82a687627 t1:8b60d42dfe13aeccfcf383df8e8bea8590f0c8791cec0529be572e321f9edfda d1:7a4d9a1d947dc78a3e6c181e21d05d399438d717cbf93184a9040c1ae6ce878e 429 main 001 001_dump.sql\n" \
    "sum abc55dba87f937eb518950763963af03c79c730b8fde5348fc6c57f1b3e5d058\n" \
    "migration s1:3fe9fc93c773817cd8a4fbad005a4b62ee7e850ac13ef01f12d9ce8f4e4d4d93 t1:b293a21ad34d772d8320cea794cc551bcf783036f368e6eb34d130cea647855f d1:028d940e5e92af051fb626f26d0a8ee76eebf680ed51edbbb09ea65b88c2a4ee 36 main 002 002_to_the_end.sql\n" \
    "sum e38d1364390b73f2ae9828f7af003f5aed7762f887d16a9f2c7f74c5d4c234f5\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_001__dump[430];
    char main_002__to_the_end[37];
} sealed = {
    TEXT_manifest,
    TEXT_main_001__dump,
    TEXT_main_002__to_the_end,
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
        .name = "dump",
        .directory = "migrations",
        .file = "001_dump.sql",
        .source = "s1:ad654f4ccf25305efd042bba61a26ab10f2eea98363ef18a20e201a82a687627",
        .tokens = "t1:8b60d42dfe13aeccfcf383df8e8bea8590f0c8791cec0529be572e321f9edfda",
        .state = "d1:7a4d9a1d947dc78a3e6c181e21d05d399438d717cbf93184a9040c1ae6ce878e",
        .text = sealed.main_001__dump,
        .length = 429,
        .statements = main_001__dump_statements,
        .statement_count = 7,
        .steps = main_001__dump_steps,
        .step_count = 1,
        .demands = main_001__dump_demands,
        .demand_count = 2,
        .up = {0, 429, 0, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP,
    },
    {
        .component = "main",
        .version = "002",
        .name = "to_the_end",
        .directory = "migrations",
        .file = "002_to_the_end.sql",
        .source = "s1:3fe9fc93c773817cd8a4fbad005a4b62ee7e850ac13ef01f12d9ce8f4e4d4d93",
        .tokens = "t1:b293a21ad34d772d8320cea794cc551bcf783036f368e6eb34d130cea647855f",
        .state = "d1:028d940e5e92af051fb626f26d0a8ee76eebf680ed51edbbb09ea65b88c2a4ee",
        .text = sealed.main_002__to_the_end,
        .length = 36,
        .statements = main_002__to_the_end_statements,
        .statement_count = 1,
        .steps = main_002__to_the_end_steps,
        .step_count = 1,
        .demands = main_002__to_the_end_demands,
        .demand_count = 1,
        .up = {0, 36, 0, 1, NULL},
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

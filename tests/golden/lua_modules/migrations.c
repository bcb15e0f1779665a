/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folders "migrations" and "lua".
 * Don't edit it: change the folders, then run
 *     stelec -o migrations.c --lua lua migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:8bb72f80cf52     1 statement   001_table.sql
 *     s2:c18554995472             Lua  002_words.lua
 *     s2:7b670988f4e8             Lua  003_more.lua
 *     s2:445010f59134             Lua  004_lines.lua
 *
 * The modules that they require:
 *
 *     s1:6dd91779987e  lua/text.lua
 *     s1:c872f41db971  lua/text/split.lua
 *     s1:8eceaf7ba2bb  lua/lines.lua
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 001_table.sql */

#define TEXT_main_001__table \
    "CREATE TABLE memory (id bigint PRIMARY KEY, text text, words text[]);\n"
_Static_assert(sizeof(TEXT_main_001__table) == 71, "table: the text was changed");
static const stele_statement main_001__table_statements[] = {
    {0, 68, 0, 0, STELE_RUN}, /* 1: CREATE TABLE memory (id bigint PRIMARY KEY, text text, words... */
};
static const stele_step main_001__table_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_001__table_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "memory"}, /* 1 */
};

/* module text */

#define TEXT_module_text \
    "local split = require \"text.split\"\n" \
    "local M = {}\n" \
    "function M.words(text) return split(text, \"%s\") end\n" \
    "return M\n"
_Static_assert(sizeof(TEXT_module_text) == 110, "text: the text was changed");

/* module text.split */

#define TEXT_module_text_split \
    "return function(text, by)\n" \
    "  local parts = {}\n" \
    "  for part in text:gmatch(\"[^\" .. by .. \"]+\") do parts[#parts + 1] = part end\n" \
    "  return parts\n" \
    "end\n"
_Static_assert(sizeof(TEXT_module_text_split) == 143, "text_split: the text was changed");

/* 002_words.lua */

#define TEXT_main_002__words \
    "local text = require \"text\"\n" \
    "function up(db)\n" \
    "  for row in db:rows(\"SELECT id, text FROM memory\") do\n" \
    "    db:exec(\"UPDATE memory SET words = $2 WHERE id = $1\", row.id, text.words(row.text))\n" \
    "  end\n" \
    "end\n"
_Static_assert(sizeof(TEXT_main_002__words) == 198, "words: the text was changed");
static const stele_statement main_002__words_statements[] = {
    {28, 196, 0, 0, STELE_CALL_LUA}, /* 2: function up(db) for row in db:rows("SELECT id, text FROM mem... */
};
static const stele_step main_002__words_steps[] = {
    {.first = 0, .count = 1},
};

/* 003_more.lua */

#define TEXT_main_003__more \
    "local split = require(\"text.split\")\n" \
    "return { up = function(db) db:exec(\"SELECT $1::text[]\", split(\"a b\", \" \")) end }\n"
_Static_assert(sizeof(TEXT_main_003__more) == 118, "more: the text was changed");
static const stele_statement main_003__more_statements[] = {
    {50, 114, 0, 0, STELE_CALL_LUA}, /* 2: function(db) db:exec("SELECT $1::text[]", split("a b", " "))... */
};
static const stele_step main_003__more_steps[] = {
    {.first = 0, .count = 1},
};

/* module lines */

#define TEXT_module_lines \
    "return { \"one\", \"two\" }\n"
_Static_assert(sizeof(TEXT_module_lines) == 25, "lines: the text was changed");

/* 004_lines.lua */

#define TEXT_main_004__lines \
    "function up(db) return require [[text]].words(\"\"), require 'lines' end\n"
_Static_assert(sizeof(TEXT_main_004__lines) == 72, "lines: the text was changed");
static const stele_statement main_004__lines_statements[] = {
    {0, 70, 0, 0, STELE_CALL_LUA}, /* 1: function up(db) return require [[text]].words(""), require '... */
};
static const stele_step main_004__lines_steps[] = {
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
    "migration s1:8bb72f80cf52479595f49409afc40cefffd983e6748fd8f97b8b64992f5fa397 t1:b6cb7257dbdfdb7cf7d5485a484b0b70afe451e67dd6fc32338c7853e9cf51be d1:3dd12669bc65b3316b4293aa10bd2c9886aa88b76f9a324c27153e7f812f301c 70 main 001 001_table.sql\n" \
    "sum 1feb1eea5ef6bbc4e9874865296cf802514221b8acb5412bcdbb35cc19618bc1\n" \
    "module s1:6dd91779987e59e56a5a9724dcd91b39533a91d11a015bf9951f75e9f95a58c6 109 text\n" \
    "sum e6a2778836be1ccd0d88ad73db214b1ccfbc86e97a126966f14f4e7c3d18fd43\n" \
    "module s1:c872f41db971df6af120fa6657726d2c0582203e074f95f5d512ae29fcee4dbe 142 text.split\n" \
    "sum 30c6e7bae0a0b9a60fcaece7be514521407abc5e1b36b0f2d6d4666e97d7cec4\n" \
    "migration s2:c185549954723935dff2a2f049d33f0cc1f0c9df54f94c40ed84326268721ea7 t1:321de335e8a4261acd517bd36379940a09d3e2103f4e52ef29cfb9551da60983 d1:fe60ee5e9ca305512e36a546ebced404f5729668d3261e861469f788592931a2 197 main 002 002_words.lua\n" \
    "text s1:c674d987df3906424531b368495948441ace97f0f447ab7c0c9b9c5eed737a34\n" \
    "requires text\n" \
    "requires text.split\n" \
    "sum 527ab5812f9daab738d543d49af63671b4d5f70211af09e1887b7d6eb5dfb658\n" \
    "migration s2:7b670988f4e89eb1a61aaaa66ae55b943d0fdbe1f7b18f335410814389057307 t1:568d380d93709a3e732149561dc4e90826fff8569e3222cf4e2e9f4fb0748b5c d1:bf4eb203d7ee5ff5cd9b9f863d680b28274509424598cbde4f354fd3ac198bbe 117 main 003 003_more.lua\n" \
    "text s1:b55812be9621dd3186063fab1dbde65fcdcfe27fb016ceeaac20248f617dc546\n" \
    "requires text.split\n" \
    "sum b1d8a550d1319e508bf522400444cf95656af43986af83e060560c1515314e45\n" \
    "module s1:8eceaf7ba2bbb06a24e47a282be5aa0d6197aa1fe7c07b27b7d2f34812544c5c 24 lines\n" \
    "sum 7bad382114e782a9342d0f72feb0bf7c9810785cc2316206db72bede109f16ed\n" \
    "migration s2:445010f59134f10240b36628cfa209be7a5e3ee70a2c52cf53eaad4940c690ab t1:9ad67bc47532f584a152d92b2de2f0dd018302a3439f817836306f7fe5391ad7 d1:cd5320e5aa1aa3bdaa1d38afedd0a9ee891ad2c59ac98ad2496d943c652562af 71 main 004 004_lines.lua\n" \
    "text s1:76e0b25f74f16b7892069b91c8c677ab6e2ee09db6ae6697770f921456a58618\n" \
    "requires lines\n" \
    "requires text\n" \
    "requires text.split\n" \
    "sum 978de584d7a584ba5e36a0ad025d947e609bb4eae99492b19eeb28cf786e457a\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_001__table[71];
    char module_text[110];
    char module_text_split[143];
    char main_002__words[198];
    char main_003__more[118];
    char module_lines[25];
    char main_004__lines[72];
} sealed = {
    TEXT_manifest,
    TEXT_main_001__table,
    TEXT_module_text,
    TEXT_module_text_split,
    TEXT_main_002__words,
    TEXT_main_003__more,
    TEXT_module_lines,
    TEXT_main_004__lines,
};

#pragma GCC diagnostic pop

static const stele_module module_text = {
    .name = "text",
    .file = "lua/text.lua",
    .text = sealed.module_text,
    .length = 109,
};

static const stele_module module_text_split = {
    .name = "text.split",
    .file = "lua/text/split.lua",
    .text = sealed.module_text_split,
    .length = 142,
};
static const stele_module *const main_002__words_modules[] = {
    &module_text,
    &module_text_split,
};
static const stele_module *const main_003__more_modules[] = {
    &module_text_split,
};

static const stele_module module_lines = {
    .name = "lines",
    .file = "lua/lines.lua",
    .text = sealed.module_lines,
    .length = 24,
};
static const stele_module *const main_004__lines_modules[] = {
    &module_lines,
    &module_text,
    &module_text_split,
};

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
        .name = "table",
        .directory = "migrations",
        .file = "001_table.sql",
        .source = "s1:8bb72f80cf52479595f49409afc40cefffd983e6748fd8f97b8b64992f5fa397",
        .tokens = "t1:b6cb7257dbdfdb7cf7d5485a484b0b70afe451e67dd6fc32338c7853e9cf51be",
        .state = "d1:3dd12669bc65b3316b4293aa10bd2c9886aa88b76f9a324c27153e7f812f301c",
        .text = sealed.main_001__table,
        .length = 70,
        .statements = main_001__table_statements,
        .statement_count = 1,
        .steps = main_001__table_steps,
        .step_count = 1,
        .demands = main_001__table_demands,
        .demand_count = 2,
        .up = {0, 70, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "002",
        .name = "words",
        .directory = "migrations",
        .file = "002_words.lua",
        .source = "s2:c185549954723935dff2a2f049d33f0cc1f0c9df54f94c40ed84326268721ea7",
        .tokens = "t1:321de335e8a4261acd517bd36379940a09d3e2103f4e52ef29cfb9551da60983",
        .state = "d1:fe60ee5e9ca305512e36a546ebced404f5729668d3261e861469f788592931a2",
        .text = sealed.main_002__words,
        .length = 197,
        .statements = main_002__words_statements,
        .statement_count = 1,
        .steps = main_002__words_steps,
        .step_count = 1,
        .modules = main_002__words_modules,
        .module_count = 2,
        .up = {28, 196, 0, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_OPAQUE,
        .lua = 1,
    },
    {
        .component = "main",
        .version = "003",
        .name = "more",
        .directory = "lua",
        .file = "003_more.lua",
        .source = "s2:7b670988f4e89eb1a61aaaa66ae55b943d0fdbe1f7b18f335410814389057307",
        .tokens = "t1:568d380d93709a3e732149561dc4e90826fff8569e3222cf4e2e9f4fb0748b5c",
        .state = "d1:bf4eb203d7ee5ff5cd9b9f863d680b28274509424598cbde4f354fd3ac198bbe",
        .text = sealed.main_003__more,
        .length = 117,
        .statements = main_003__more_statements,
        .statement_count = 1,
        .steps = main_003__more_steps,
        .step_count = 1,
        .modules = main_003__more_modules,
        .module_count = 1,
        .up = {50, 114, 0, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_OPAQUE,
        .lua = 1,
    },
    {
        .component = "main",
        .version = "004",
        .name = "lines",
        .directory = "lua",
        .file = "004_lines.lua",
        .source = "s2:445010f59134f10240b36628cfa209be7a5e3ee70a2c52cf53eaad4940c690ab",
        .tokens = "t1:9ad67bc47532f584a152d92b2de2f0dd018302a3439f817836306f7fe5391ad7",
        .state = "d1:cd5320e5aa1aa3bdaa1d38afedd0a9ee891ad2c59ac98ad2496d943c652562af",
        .text = sealed.main_004__lines,
        .length = 71,
        .statements = main_004__lines_statements,
        .statement_count = 1,
        .steps = main_004__lines_steps,
        .step_count = 1,
        .modules = main_004__lines_modules,
        .module_count = 3,
        .up = {0, 70, 0, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_OPAQUE,
        .lua = 1,
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

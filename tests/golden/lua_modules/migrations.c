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

#if STELE_TABLE_FORMAT != 3
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 001_table.sql */

static const char main_001__table_text[] =
    "CREATE TABLE memory (id bigint PRIMARY KEY, text text, words text[]);\n";
_Static_assert(sizeof main_001__table_text == 71, "table: the text was changed");
static const stele_statement main_001__table_statements[] = {
    {0, 68, 0, 0, STELE_RUN}, /* 1: CREATE TABLE memory (id bigint PRIMARY KEY, text text, words... */
};
static const stele_step main_001__table_steps[] = {
    {.first = 0, .count = 1},
};

/* module text */

static const char module_text_text[] =
    "local split = require \"text.split\"\n"
    "local M = {}\n"
    "function M.words(text) return split(text, \"%s\") end\n"
    "return M\n";
_Static_assert(sizeof module_text_text == 110, "text: the text was changed");
static const stele_module module_text = {
    .name = "text",
    .file = "lua/text.lua",
    .text = module_text_text,
    .length = 109,
};

/* module text.split */

static const char module_text_split_text[] =
    "return function(text, by)\n"
    "  local parts = {}\n"
    "  for part in text:gmatch(\"[^\" .. by .. \"]+\") do parts[#parts + 1] = part end\n"
    "  return parts\n"
    "end\n";
_Static_assert(sizeof module_text_split_text == 143, "text_split: the text was changed");
static const stele_module module_text_split = {
    .name = "text.split",
    .file = "lua/text/split.lua",
    .text = module_text_split_text,
    .length = 142,
};

/* 002_words.lua */

static const char main_002__words_text[] =
    "local text = require \"text\"\n"
    "function up(db)\n"
    "  for row in db:rows(\"SELECT id, text FROM memory\") do\n"
    "    db:exec(\"UPDATE memory SET words = $2 WHERE id = $1\", row.id, text.words(row.text))\n"
    "  end\n"
    "end\n";
_Static_assert(sizeof main_002__words_text == 198, "words: the text was changed");
static const stele_statement main_002__words_statements[] = {
    {28, 196, 0, 0, STELE_CALL_LUA}, /* 2: function up(db) for row in db:rows("SELECT id, text FROM mem... */
};
static const stele_step main_002__words_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_module *const main_002__words_modules[] = {
    &module_text,
    &module_text_split,
};

/* 003_more.lua */

static const char main_003__more_text[] =
    "local split = require(\"text.split\")\n"
    "return { up = function(db) db:exec(\"SELECT $1::text[]\", split(\"a b\", \" \")) end }\n";
_Static_assert(sizeof main_003__more_text == 118, "more: the text was changed");
static const stele_statement main_003__more_statements[] = {
    {50, 114, 0, 0, STELE_CALL_LUA}, /* 2: function(db) db:exec("SELECT $1::text[]", split("a b", " "))... */
};
static const stele_step main_003__more_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_module *const main_003__more_modules[] = {
    &module_text_split,
};

/* module lines */

static const char module_lines_text[] =
    "return { \"one\", \"two\" }\n";
_Static_assert(sizeof module_lines_text == 25, "lines: the text was changed");
static const stele_module module_lines = {
    .name = "lines",
    .file = "lua/lines.lua",
    .text = module_lines_text,
    .length = 24,
};

/* 004_lines.lua */

static const char main_004__lines_text[] =
    "function up(db) return require [[text]].words(\"\"), require 'lines' end\n";
_Static_assert(sizeof main_004__lines_text == 72, "lines: the text was changed");
static const stele_statement main_004__lines_statements[] = {
    {0, 70, 0, 0, STELE_CALL_LUA}, /* 1: function up(db) return require [[text]].words(""), require '... */
};
static const stele_step main_004__lines_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_module *const main_004__lines_modules[] = {
    &module_lines,
    &module_text,
    &module_text_split,
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
        .name = "table",
        .directory = "migrations",
        .file = "001_table.sql",
        .source = "s1:8bb72f80cf52479595f49409afc40cefffd983e6748fd8f97b8b64992f5fa397",
        .tokens = "t1:b6cb7257dbdfdb7cf7d5485a484b0b70afe451e67dd6fc32338c7853e9cf51be",
        .state = "d1:3dd12669bc65b3316b4293aa10bd2c9886aa88b76f9a324c27153e7f812f301c",
        .text = main_001__table_text,
        .length = 70,
        .statements = main_001__table_statements,
        .statement_count = 1,
        .steps = main_001__table_steps,
        .step_count = 1,
        .up = {0, 70, 0, 1},
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
        .text = main_002__words_text,
        .length = 197,
        .statements = main_002__words_statements,
        .statement_count = 1,
        .steps = main_002__words_steps,
        .step_count = 1,
        .modules = main_002__words_modules,
        .module_count = 2,
        .up = {28, 196, 0, 1},
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
        .text = main_003__more_text,
        .length = 117,
        .statements = main_003__more_statements,
        .statement_count = 1,
        .steps = main_003__more_steps,
        .step_count = 1,
        .modules = main_003__more_modules,
        .module_count = 1,
        .up = {50, 114, 0, 1},
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
        .text = main_004__lines_text,
        .length = 71,
        .statements = main_004__lines_statements,
        .statement_count = 1,
        .steps = main_004__lines_steps,
        .step_count = 1,
        .modules = main_004__lines_modules,
        .module_count = 3,
        .up = {0, 70, 0, 1},
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
};

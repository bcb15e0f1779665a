/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:5d62b6b971e0     1 statement   001_table.sql
 *     s1:cde82b87b912             Lua  002_function.lua
 *     s1:85a30ae65e86             Lua  003_globals.lua
 *     s1:aa6268c6e51b             Lua  004_constructor.lua
 *     s1:ee92690c4b43             Lua  005_table.lua
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
    "CREATE TABLE event (id bigint PRIMARY KEY, payload jsonb, kind text);\n"
_Static_assert(sizeof(TEXT_main_001__table) == 71, "table: the text was changed");
static const stele_statement main_001__table_statements[] = {
    {0, 68, 0, 0, STELE_RUN}, /* 1: CREATE TABLE event (id bigint PRIMARY KEY, payload jsonb, ki... */
};
static const stele_step main_001__table_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_001__table_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "event"}, /* 1 */
};

/* 002_function.lua */

#define TEXT_main_002__function \
    "-- One function is up.\n" \
    "return function(db)\n" \
    "  db:exec(\"UPDATE event SET kind = 'none' WHERE kind IS NULL\")\n" \
    "end\n"
_Static_assert(sizeof(TEXT_main_002__function) == 111, "function: the text was changed");
static const stele_statement main_002__function_statements[] = {
    {30, 109, 0, 0, STELE_CALL_LUA}, /* 2: function(db) db:exec("UPDATE event SET kind = 'none' WHERE k... */
};
static const stele_step main_002__function_steps[] = {
    {.first = 0, .count = 1},
};

/* 003_globals.lua */

#define TEXT_events_003__globals \
    "#!/usr/bin/env lua\n" \
    "-- stele: component events\n" \
    "-- stele: lock-timeout 5s\n" \
    "-- stele: needs server >= 12\n" \
    "-- stele: lua-memory 256MB\n" \
    "-- stele: lua-steps 500M\n" \
    "-- stele: allow whole-table \"there are few\"\n" \
    "\n" \
    "local MARK <const> = [==[\n" \
    "--stele: not a directive: this stands in a string ]] \"\n" \
    "]==]\n" \
    "\n" \
    "--[[ stele: nor is this one ]]\n" \
    "function up(db)\n" \
    "  for row in db:rows(\"SELECT id, kind FROM event\") do\n" \
    "    if row.kind == MARK then goto next end\n" \
    "    db:exec(\"UPDATE event SET kind = $2 WHERE id = $1\", row.id, \"\\z\n" \
    "      a\\\"b\\\n" \
    "c\" .. '\\'' .. #row)\n" \
    "    ::next::\n" \
    "  end\n" \
    "end\n" \
    "\n" \
    "down = function(db)\n" \
    "  up(db)\n" \
    "end\n" \
    "\n" \
    "function verify(db)\n" \
    "  return db:one(\"SELECT count(*) = 0 AS fine FROM event\").fine\n" \
    "end\n"
_Static_assert(sizeof(TEXT_events_003__globals) == 675, "globals: the text was changed");
static const stele_statement events_003__globals_statements[] = {
    {316, 551, 0, 0, STELE_CALL_LUA}, /* 14: function up(db) for row in db:rows("SELECT id, kind FROM eve... */
    {560, 585, 0, 0, STELE_CALL_LUA}, /* 24: function(db) up(db) end */
    {587, 673, 0, 0, STELE_CALL_LUA}, /* 28: function verify(db) return db:one("SELECT count(*) = 0 AS fi... */
};
static const stele_step events_003__globals_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1},
    {.first = 2, .count = 1},
};
static const stele_need events_003__globals_needs[] = {
    {"server", "12", 4},
};
static const stele_loss events_003__globals_losses[] = {
    {STELE_LOSES_UNKNOWN, NULL, NULL, 560}, /* 24 */
};

/* 004_constructor.lua */

#define TEXT_events_004__constructor \
    "-- stele: component events\n" \
    "local function fill(db, ...)\n" \
    "  local first <const>, rest <close> = ..., nil\n" \
    "  repeat local done = fill ~= nil until done\n" \
    "  return select(\"#\", ...), first, rest, null\n" \
    "end\n" \
    "\n" \
    "return {\n" \
    "  [\"up\"] = function(db) fill(db, 0x1p-4, 3e+2, .5, 1//2, ~0, 1 << 2 >> 1, \"a\" .. \"b\") end,\n" \
    "  down = fill;\n" \
    "  verify = function(db)\n" \
    "    return db:one(\"SELECT 1\") ~= nil and not (2 ^ 3 <= 1 or 1 >= 2) -- utf8: \303\251\n" \
    "  end,\n" \
    "}\n"
_Static_assert(sizeof(TEXT_events_004__constructor) == 427, "constructor: the text was changed");
static const stele_statement events_004__constructor_statements[] = {
    {218, 296, 0, 0, STELE_CALL_LUA}, /* 9: function(db) fill(db, 0x1p-4, 3e+2, .5, 1//2, ~0, 1 << 2 >> ... */
    {27, 196, 0, 0, STELE_CALL_LUA}, /* 2: local function fill(db, ...) local first <const>, rest <clos... */
    {324, 422, 0, 0, STELE_CALL_LUA}, /* 11: function(db) return db:one("SELECT 1") ~= nil and not (2 ^ 3... */
};
static const stele_step events_004__constructor_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1},
    {.first = 2, .count = 1},
};
static const stele_loss events_004__constructor_losses[] = {
    {STELE_LOSES_UNKNOWN, NULL, NULL, 27}, /* 2 */
};

/* 005_table.lua */

#define TEXT_events_005__table \
    "-- stele: component events\n" \
    "-- stele: after 004\n" \
    "-- stele: one-way \"the kinds are gone\"\n" \
    "local M = {}\n" \
    "local limits = setmetatable({ 1, 2; three = 3, [4] = { 5 } }, { __index = function(self, key) return key end })\n" \
    "\n" \
    "function M.up(db)\n" \
    "  for i = 1, #limits, 1 do\n" \
    "    while i > limits[i] do break end\n" \
    "    local text = (\"x\"):rep(i):upper() .. string.format(\"%d\", limits.three)\n" \
    "    if text == \"\" then return elseif text then print(text) else error { text } end\n" \
    "  end\n" \
    "end\n" \
    "\n" \
    "function M.verify()\n" \
    "  return M ~= nil\n" \
    "end\n" \
    "\n" \
    "return M\n"
_Static_assert(sizeof(TEXT_events_005__table) == 516, "table: the text was changed");
static const stele_statement events_005__table_statements[] = {
    {212, 461, 0, 0, STELE_CALL_LUA}, /* 7: function M.up(db) for i = 1, #limits, 1 do while i > limits[... */
    {463, 504, 0, 0, STELE_CALL_LUA}, /* 15: function M.verify() return M ~= nil end */
};
static const stele_step events_005__table_steps[] = {
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
    "migration s1:5d62b6b971e05109af8fc34b6a351b655f4c92fed8e8fdc61293aaba1d0ad7f0 t1:562641eb74a9ef9b6fab6d1d0dbdeb5f8b8800ca9a242a70ae99cdb8005dc4bc d1:37c23c3a7b0a8ea3129cbf2ccc7f81b499948d938d85ae2d810d7e50bb0acb30 70 main 001 001_table.sql\n" \
    "sum 9eb88bc01cc3786da7b0e264a5a9f0f0f93635d037bfb8f5040722793bc91712\n" \
    "migration s1:cde82b87b91208b2c5c9191e8f5f1dcb0f20cd686e580eee0211b12129c3df62 t1:3446646ed16195430cd5c220b242ea843452ad5d53f8cef9a4fc3715c9831704 d1:05a1844635c5ca66809eead8dce4d4e9dbe7c2854b33f39b3634d8dc76bb9f3a 110 main 002 002_function.lua\n" \
    "sum a9f42f0860cc5255cb38ebf527691dbacfc5a4ff943dcfa3644d3b0eaee26ba1\n" \
    "migration s1:85a30ae65e86721779688ada73af9f4f73f3ae3454e61b2c6c633502f923a5fc t1:5d2d4b234751daf3cfb1ac60a0feb02559e9929f2240549f139a484a36672789 d1:f2e37b5b5d06bf2df2b3cff4367b20ede287fa90ae9b067dfd089431d76f9db2 674 events 003 003_globals.lua\n" \
    "sum 1a1e13b2263409a93c5595c78a21e2031135e7aed41faa55d254be98b6ce62be\n" \
    "migration s1:aa6268c6e51b7edb8256281bdbe61569aeacd123adab426d60ca7651f71519ba t1:85577560e69b4c4da548c4f1996480aee1c0987994fac82c2c126f8e12b6cad0 d1:e815615491b934fcb1fcf52fa015b2fbb84ca264e362261bf479b33b23f65c49 426 events 004 004_constructor.lua\n" \
    "sum 2d4a7b88a91097c50793fa8b352690549e2aec0dd7d1750dd3310ccfc3d62f96\n" \
    "migration s1:ee92690c4b436e036aaed29a9f503e21f2a45deb0629308eb8f273146a0499b9 t1:07f31fd3c5e345cc6456c103014bac03b3028080758f20a5e21612367751652a d1:b7591aef3fc74a48eb678e6a88db6367ef9fc3f7aa9896fd17ffc3ad739e1bd0 515 events 005 005_table.lua\n" \
    "sum 6529652c4b830ef1874f59cfb4551f6fdb463377ba7ea87497e45c630f03dc1f\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_001__table[71];
    char main_002__function[111];
    char events_003__globals[675];
    char events_004__constructor[427];
    char events_005__table[516];
} sealed = {
    TEXT_manifest,
    TEXT_main_001__table,
    TEXT_main_002__function,
    TEXT_events_003__globals,
    TEXT_events_004__constructor,
    TEXT_events_005__table,
};

#pragma GCC diagnostic pop

static const stele_parameter parameter_table[] = {
    {NULL, NULL, 0, 0},
};

static const char *const component_table[] = {
    "main",
    "events",
    NULL,
};

static const stele_migration migration_table[] = {
    {
        .component = "main",
        .version = "001",
        .name = "table",
        .directory = "migrations",
        .file = "001_table.sql",
        .source = "s1:5d62b6b971e05109af8fc34b6a351b655f4c92fed8e8fdc61293aaba1d0ad7f0",
        .tokens = "t1:562641eb74a9ef9b6fab6d1d0dbdeb5f8b8800ca9a242a70ae99cdb8005dc4bc",
        .state = "d1:37c23c3a7b0a8ea3129cbf2ccc7f81b499948d938d85ae2d810d7e50bb0acb30",
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
        .name = "function",
        .directory = "migrations",
        .file = "002_function.lua",
        .source = "s1:cde82b87b91208b2c5c9191e8f5f1dcb0f20cd686e580eee0211b12129c3df62",
        .tokens = "t1:3446646ed16195430cd5c220b242ea843452ad5d53f8cef9a4fc3715c9831704",
        .state = "d1:05a1844635c5ca66809eead8dce4d4e9dbe7c2854b33f39b3634d8dc76bb9f3a",
        .text = sealed.main_002__function,
        .length = 110,
        .statements = main_002__function_statements,
        .statement_count = 1,
        .steps = main_002__function_steps,
        .step_count = 1,
        .up = {30, 109, 0, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_OPAQUE,
        .lua = 1,
    },
    {
        .component = "events",
        .version = "003",
        .name = "globals",
        .directory = "migrations",
        .file = "003_globals.lua",
        .source = "s1:85a30ae65e86721779688ada73af9f4f73f3ae3454e61b2c6c633502f923a5fc",
        .tokens = "t1:5d2d4b234751daf3cfb1ac60a0feb02559e9929f2240549f139a484a36672789",
        .state = "d1:f2e37b5b5d06bf2df2b3cff4367b20ede287fa90ae9b067dfd089431d76f9db2",
        .text = sealed.events_003__globals,
        .length = 674,
        .statements = events_003__globals_statements,
        .statement_count = 3,
        .steps = events_003__globals_steps,
        .step_count = 3,
        .needs = events_003__globals_needs,
        .need_count = 1,
        .losses = events_003__globals_losses,
        .loss_count = 1,
        .up = {316, 551, 0, 1, NULL},
        .down = {560, 585, 1, 1, NULL},
        .verify = {587, 673, 2, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_OPAQUE,
        .lua = 1,
        .lua_memory = 268435456,
        .lua_steps = 500000000,
        .lock_timeout = "5s",
    },
    {
        .component = "events",
        .version = "004",
        .name = "constructor",
        .directory = "migrations",
        .file = "004_constructor.lua",
        .source = "s1:aa6268c6e51b7edb8256281bdbe61569aeacd123adab426d60ca7651f71519ba",
        .tokens = "t1:85577560e69b4c4da548c4f1996480aee1c0987994fac82c2c126f8e12b6cad0",
        .state = "d1:e815615491b934fcb1fcf52fa015b2fbb84ca264e362261bf479b33b23f65c49",
        .text = sealed.events_004__constructor,
        .length = 426,
        .statements = events_004__constructor_statements,
        .statement_count = 3,
        .steps = events_004__constructor_steps,
        .step_count = 3,
        .losses = events_004__constructor_losses,
        .loss_count = 1,
        .up = {218, 296, 0, 1, NULL},
        .down = {27, 196, 1, 1, NULL},
        .verify = {324, 422, 2, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_OPAQUE,
        .lua = 1,
    },
    {
        .component = "events",
        .version = "005",
        .name = "table",
        .directory = "migrations",
        .file = "005_table.lua",
        .source = "s1:ee92690c4b436e036aaed29a9f503e21f2a45deb0629308eb8f273146a0499b9",
        .tokens = "t1:07f31fd3c5e345cc6456c103014bac03b3028080758f20a5e21612367751652a",
        .state = "d1:b7591aef3fc74a48eb678e6a88db6367ef9fc3f7aa9896fd17ffc3ad739e1bd0",
        .text = sealed.events_005__table,
        .length = 515,
        .statements = events_005__table_statements,
        .statement_count = 2,
        .steps = events_005__table_steps,
        .step_count = 2,
        .up = {212, 461, 0, 1, NULL},
        .verify = {463, 504, 1, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_OPAQUE,
        .lua = 1,
        .one_way = "the kinds are gone",
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

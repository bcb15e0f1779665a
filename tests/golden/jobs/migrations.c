/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folders "migrations" and "lua".
 * Don't edit it: change the folders, then run
 *     stelec -o migrations.c --lua lua migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:477da80e9a54     1 statement   001_table.sql
 *     s2:e8d96b793c9b             Lua  002_words.lua
 *
 * The jobs, which are run by themselves:
 *
 *     s2:1d7080c3f913             Lua  J_reembed.lua
 *     s1:03f705ff6e55             Lua  J_seal secrets.lua
 *
 * The modules that they require:
 *
 *     s1:0fc2f1ca21b7  lua/words.lua
 *     s1:0aa6ca3e86b3  lua/limits.lua
 */
#include "migrations.h"
#include "stele_job.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 001_table.sql */

#define TEXT_memory_001__table \
    "CREATE TABLE note (id bigint PRIMARY KEY, content text, secret text, embedding real[], input bytea);\n"
_Static_assert(sizeof(TEXT_memory_001__table) == 102, "table: the text was changed");
static const stele_statement memory_001__table_statements[] = {
    {0, 99, 0, 0, STELE_RUN}, /* 1: CREATE TABLE note (id bigint PRIMARY KEY, content text, secr... */
};
static const stele_step memory_001__table_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand memory_001__table_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "note"}, /* 1 */
};

/* module words */

#define TEXT_module_words \
    "local M = {}\n" \
    "\n" \
    "function M.squeeze(text)\n" \
    "    return (text:gsub(\"%s+\", \" \"))\n" \
    "end\n" \
    "\n" \
    "return M\n"
_Static_assert(sizeof(TEXT_module_words) == 89, "words: the text was changed");

/* 002_words.lua */

#define TEXT_memory_002__words \
    "local words = require \"words\"\n" \
    "\n" \
    "function up(db)\n" \
    "    db:exec(\"INSERT INTO note (id, content) VALUES ($1, $2)\", 1, words.squeeze(\"a  b\"))\n" \
    "end\n"
_Static_assert(sizeof(TEXT_memory_002__words) == 140, "words: the text was changed");
static const stele_statement memory_002__words_statements[] = {
    {31, 138, 0, 0, STELE_CALL_LUA}, /* 3: function up(db) db:exec("INSERT INTO note (id, content) VALU... */
};
static const stele_step memory_002__words_steps[] = {
    {.first = 0, .count = 1},
};

/* module limits */

#define TEXT_module_limits \
    "return { dimensions = 1024 }\n"
_Static_assert(sizeof(TEXT_module_limits) == 30, "limits: the text was changed");

/* J_reembed.lua */

#define TEXT_memory_J__reembed \
    "-- Every note anew, with a model of 1,024 dimensions\n" \
    "-- stele: lua-memory 256MB\n" \
    "-- stele: lua-steps 500M\n" \
    "\n" \
    "local words, limits = require \"words\", require(\"limits\")\n" \
    "\n" \
    "local function text(row)\n" \
    "    return words.squeeze(row.content)\n" \
    "end\n" \
    "\n" \
    "return {\n" \
    "    table = \"note\", key = \"id\", read = { \"content\" },\n" \
    "    embed = http { url = parameter \"embedding_url\", model = \"bge-m3\", dimensions = limits.dimensions, key = secret \"EMBEDDING_KEY\" },\n" \
    "    text = text,\n" \
    "    into = { vector = \"embedding\", hash = \"input\" },\n" \
    "}\n"
_Static_assert(sizeof(TEXT_memory_J__reembed) == 502, "reembed: the text was changed");

/* J_seal secrets.lua */

#define TEXT_memory_J__seal_secrets \
    "-- The column of secrets is sealed, in place\n" \
    "return {\n" \
    "    table = \"note\", key = \"id\", read = { \"secret\" },\n" \
    "    map = function(row)\n" \
    "        return { secret = seal(row.secret, secret \"NOTE_KEY\", row.id) }\n" \
    "    end,\n" \
    "}\n"
_Static_assert(sizeof(TEXT_memory_J__seal_secrets) == 215, "seal_secrets: the text was changed");

/*
 * The sealed table: what each migration was when it was sealed, then all the texts. It is one piece and holds no
 * address, so that "stelec inspect PROGRAM" finds and checks it in any program, also in a stripped one.
 */
#define TEXT_manifest \
    "\000stele-sealed-table 1\n" \
    "made by stelec 0.1.0 (libpg_query 17.4)\n" \
    "table migrations\n" \
    "sum ddad5f84b5a318ef56822320c154bf47068612fba3ae8c9b8b6cddc218e54310\n" \
    "migration s1:477da80e9a543dd871839e8af4e3268bb1dd54f87539f952364f8150ce1df2c9 t1:9b5e04ef30dc8a29268aa7bd8e04506f2d207319efa9ae1783beffdb0d0d109d d1:b9a634c55b5afe3a601b42af9c07176cd93e7fcdac625e28bb53b6082a4eccd2 101 memory 001 001_table.sql\n" \
    "sum f6b0076fe9ff86bf2e586464ad6d5cc25811ccb436d27f416560fd7c50854273\n" \
    "module s1:0fc2f1ca21b72db7ec3398e4968fae17ef9fef7eef26f90cd25c36adb56609bf 88 words\n" \
    "sum d33d256004975fd40392ed2dd0d2e2133bf425962d1f00ba441b644700d88b8b\n" \
    "migration s2:e8d96b793c9bbcc3f9c79db4e6f17940367f4af459acac03704cbff833782c94 t1:98c85963b0f54ce2b47cac7dfc3f0fb68f3952cb6db64afde180b38ca2ff4cfb d1:d314e69a6f2550244c818bfa7584360e3ef3ec0d0e99d2292301db596b77d885 139 memory 002 002_words.lua\n" \
    "text s1:3962ec038a383c8009d305e8346aa3fc4327805872e4e76f92bdc39935f7bc6a\n" \
    "requires words\n" \
    "sum 12880828203efdc5bba1c0fbe42fbeff1dd6196c138e57f8e8b40e49688e5adc\n" \
    "module s1:0aa6ca3e86b3dec22a56a07cb4207adc37018f97ce2ff1874895d98ebe0db191 29 limits\n" \
    "sum 2c14670eeb321e88a40be31c0aff00970ad85d882527a77d6e9ed7e01488e4f1\n" \
    "job s2:1d7080c3f913e25fdcd030f54d308230762e54fbe1e5cc29fe748e3150267936 t1:5e74f13778103866ef265560de3ac4735c1d4f228b3edf00ca7658fd6c5403c6 501 memory J J_reembed.lua\n" \
    "text s1:076a1f6a952b13fef2cbfd2cc7883bb4c60fc4b480ffdf5ef1f1b3f15e45921b\n" \
    "requires limits\n" \
    "requires words\n" \
    "sum 5c6581a0843d02abd81911b0576ca79472c088f3c3aa0bfd7390194d486af3e9\n" \
    "job s1:03f705ff6e555e278c79aa3b9f1e2db5b66edafd9bbe06087e83622d7b96dcc7 t1:f2959d2dc2337d6321f31f23e6d56424b62cd186552ae319ae71d18b82b3f37e 214 memory J J_seal secrets.lua\n" \
    "sum 05060aa48d91363c9f48bf900f1ef0573e2c5835b782188dd038a46596e0ee65\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char memory_001__table[102];
    char module_words[89];
    char memory_002__words[140];
    char module_limits[30];
    char memory_J__reembed[502];
    char memory_J__seal_secrets[215];
} sealed = {
    TEXT_manifest,
    TEXT_memory_001__table,
    TEXT_module_words,
    TEXT_memory_002__words,
    TEXT_module_limits,
    TEXT_memory_J__reembed,
    TEXT_memory_J__seal_secrets,
};

#pragma GCC diagnostic pop

static const stele_module module_words = {
    .name = "words",
    .file = "lua/words.lua",
    .text = sealed.module_words,
    .length = 88,
};
static const stele_module *const memory_002__words_modules[] = {
    &module_words,
};

static const stele_module module_limits = {
    .name = "limits",
    .file = "lua/limits.lua",
    .text = sealed.module_limits,
    .length = 29,
};
static const stele_module *const memory_J__reembed_modules[] = {
    &module_limits,
    &module_words,
};

static const stele_parameter parameter_table[] = {
    {"embedding_url", NULL, STELE_LITERAL, 1},
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
        .name = "table",
        .directory = "migrations",
        .file = "001_table.sql",
        .source = "s1:477da80e9a543dd871839e8af4e3268bb1dd54f87539f952364f8150ce1df2c9",
        .tokens = "t1:9b5e04ef30dc8a29268aa7bd8e04506f2d207319efa9ae1783beffdb0d0d109d",
        .state = "d1:b9a634c55b5afe3a601b42af9c07176cd93e7fcdac625e28bb53b6082a4eccd2",
        .text = sealed.memory_001__table,
        .length = 101,
        .statements = memory_001__table_statements,
        .statement_count = 1,
        .steps = memory_001__table_steps,
        .step_count = 1,
        .demands = memory_001__table_demands,
        .demand_count = 2,
        .up = {0, 101, 0, 1, NULL},
    },
    {
        .component = "memory",
        .version = "002",
        .name = "words",
        .directory = "migrations",
        .file = "002_words.lua",
        .source = "s2:e8d96b793c9bbcc3f9c79db4e6f17940367f4af459acac03704cbff833782c94",
        .tokens = "t1:98c85963b0f54ce2b47cac7dfc3f0fb68f3952cb6db64afde180b38ca2ff4cfb",
        .state = "d1:d314e69a6f2550244c818bfa7584360e3ef3ec0d0e99d2292301db596b77d885",
        .text = sealed.memory_002__words,
        .length = 139,
        .statements = memory_002__words_statements,
        .statement_count = 1,
        .steps = memory_002__words_steps,
        .step_count = 1,
        .modules = memory_002__words_modules,
        .module_count = 1,
        .up = {31, 138, 0, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_OPAQUE,
        .lua = 1,
    },
    {.version = NULL},
};

static const stele_migration job_table[] = {
    {
        .component = "memory",
        .version = "J",
        .name = "reembed",
        .directory = "lua",
        .file = "J_reembed.lua",
        .source = "s2:1d7080c3f913e25fdcd030f54d308230762e54fbe1e5cc29fe748e3150267936",
        .tokens = "t1:5e74f13778103866ef265560de3ac4735c1d4f228b3edf00ca7658fd6c5403c6",
        .text = sealed.memory_J__reembed,
        .length = 501,
        .modules = memory_J__reembed_modules,
        .module_count = 2,
        .lua = 1,
        .lua_memory = 268435456,
        .lua_steps = 500000000,
    },
    {
        .component = "memory",
        .version = "J",
        .name = "seal secrets",
        .directory = "migrations",
        .file = "J_seal secrets.lua",
        .source = "s1:03f705ff6e555e278c79aa3b9f1e2db5b66edafd9bbe06087e83622d7b96dcc7",
        .tokens = "t1:f2959d2dc2337d6321f31f23e6d56424b62cd186552ae319ae71d18b82b3f37e",
        .text = sealed.memory_J__seal_secrets,
        .length = 214,
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
    .jobs = job_table,
    .job_count = sizeof job_table / sizeof job_table[0] - 1,
    .engine = &stele_jobs,
    .components = component_table,
    .component_count = sizeof component_table / sizeof component_table[0] - 1,
    .sealed = sealed.manifest,
};

/*
 * script.c: a down script, written and read back, is the same; and bytes that are not one are refused, without a look beyond them.
 */
#include "script.h"

#include "probe_word.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static const char text[] = "SELECT 1;\n-- stele: down\nDROP TABLE t;\nCOPY \"ü\" FROM stdin;\n1\t\\N\n\\.\nDROP INDEX CONCURRENTLY i\n";
static const stele_statement statements[] = {
    {25, 37, 0, 0, STELE_RUN}, {39, 59, 61, 66, STELE_COPY}, {69, 94, 0, 0, STELE_RUN}};
static const stele_step steps[] = {{.first = 0, .count = 2, .modes = "ISOLATION LEVEL SERIALIZABLE"},
                                   {.first = 2, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_INDEX, .name = "a \"b\\\nc", .on = "\"s\".\"t\""}}};
static const stele_loss losses[] = {{STELE_LOSES_TABLE, "\"t\"", NULL, 25}, {STELE_LOSES_COLUMN, "\"s\".\"t\"", "a b", 25},
                                    {STELE_LOSES_SCHEMA, "\"s\"", NULL, 25}, {STELE_LOSES_UNKNOWN, NULL, NULL, 25}};
static const stele_migration sql = {.component = "a", .version = "1", .name = "n", .directory = "m", .file = "1_n.sql", .text = text,
                                    .length = sizeof text - 1, .statements = statements, .steps = steps, .statement_count = 3,
                                    .step_count = 2, .losses = losses, .loss_count = 4, .down = {25, sizeof text - 1, 0, 2, NULL}};

static const stele_module module = {"x.y", "lua/x/y.lua", "return 1\n", 9};
static const stele_module *const modules[] = {&module};
static const char code[] = "-- stele: lua-memory 5\n-- stele: transaction 3\nreturn {up = function(db) end, down = function(db) end}\n";
static const stele_step call = {.first = 0, .count = 1};
static const stele_migration lua = {.component = "a", .version = "2", .name = "l", .directory = "m", .file = "2_l.lua", .text = code,
                                    .length = sizeof code - 1, .lua = 1, .lua_memory = 5, .lua_steps = 7, .modules = modules,
                                    .module_count = 1, .steps = &call, .step_count = 1, .down = {1, sizeof code - 1, 0, 1, NULL}};

static const stele_values values;
static const stele_migrations table = {.format = STELE_TABLE_FORMAT};

static bool same(const char *a, const char *b)
{
    return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

static bool has_statement(const stele_migration *read, uint32_t i)
{
    const stele_statement *here = &statements[i], *there = &read->statements[i];
    return here->kind == there->kind && here->end - here->begin == there->end - there->begin &&
           memcmp(text + here->begin, read->text + there->begin, here->end - here->begin) == 0 &&
           here->data_end - here->data_begin == there->data_end - there->data_begin &&
           memcmp(text + here->data_begin, read->text + there->data_begin, here->data_end - here->data_begin) == 0;
}

static void test_sql(void)
{
    stele_text script = {0};
    stele_arena arena = {0};
    stele_migration read = {.file = "1_n.sql"};
    stele_script_write(&script, &values, &table, &sql);
    ok(stele_script_read(&read, script.bytes, &arena, NULL) == STELE_OK, "a script of SQL is read");
    bool right = read.statement_count == 3 && read.step_count == 2 && read.loss_count == 4 && read.down.step_count == 2;
    for (uint32_t i = 0; i < 3 && right; i++)
        right = has_statement(&read, i);
    ok(right, "its statements are what was written");
    for (uint32_t i = 0; i < 2 && right; i++)
        right = same(read.steps[i].modes, steps[i].modes) && same(read.steps[i].probe.name, steps[i].probe.name) &&
                same(read.steps[i].probe.on, steps[i].probe.on) && read.steps[i].probe.kind == steps[i].probe.kind &&
                read.steps[i].alone == steps[i].alone &&
                read.steps[i].first == steps[i].first && read.steps[i].count == steps[i].count;
    ok(right, "its steps are");
    for (uint32_t i = 0; i < 4 && right; i++)
        right = read.losses[i].kind == losses[i].kind && same(read.losses[i].relation, losses[i].relation) &&
                same(read.losses[i].column, losses[i].column);
    ok(right, "its losses are");
    stele_text_free(&script);
    stele_arena_free(&arena);
}

static void test_lua(void)
{
    stele_text script = {0};
    stele_arena arena = {0};
    stele_migration read = {.file = "2_l.lua"};
    stele_script_write(&script, &values, &table, &lua);
    ok(stele_script_read(&read, script.bytes, &arena, NULL) == STELE_OK && read.lua && same(read.text, code) && read.module_count == 1 &&
           same(read.modules[0]->text, module.text) && same(read.modules[0]->name, "x.y") && same(read.modules[0]->file, module.file) &&
           read.lua_memory == 5 && read.lua_steps == 7 && read.down.step_count == 1 &&
           read.statements[0].kind == STELE_CALL_LUA,
       "a Lua migration goes into a script with its modules, and comes out");
    stele_text_free(&script);
    stele_arena_free(&arena);
}

static void test_empty(void)
{
    const stele_migration none = {.down = {9, 9, 0, 0, NULL}};
    stele_text script = {0};
    stele_arena arena = {0};
    stele_migration read = {.file = "3.sql"};
    stele_script_write(&script, &values, &table, &none);
    ok(stele_script_read(&read, script.bytes, &arena, NULL) == STELE_OK && read.statement_count == 0 && stele_script_exists(&read),
       "an empty section is a script, too");
    stele_text_free(&script);
    stele_arena_free(&arena);
}

/* What is to be asked about a step by itself, of each kind. */
static void test_probes(void)
{
    static const stele_probe probes[] = {{.kind = STELE_PROBE_NONE}, {.kind = STELE_PROBE_REPEAT},
                                         {.kind = STELE_PROBE_INDEX, .on = "\"t\"", .name = "i"}, {.kind = STELE_PROBE_INDEX, .on = "\"t\"", .lenient = 1, .name = "if"},
                                         {.kind = STELE_PROBE_INDEX, .on = "\"t\""}, {.kind = STELE_PROBE_NO_INDEX, .on = "\"s\".\"i\"", .lenient = 1},
                                         {.kind = STELE_PROBE_REINDEX_INDEX, .on = "\"i\""}, {.kind = STELE_PROBE_REINDEX_TABLE, .on = "\"t\""},
                                         {.kind = STELE_PROBE_REINDEX_SCHEMA, .name = "a \"b\\\nc"}, {.kind = STELE_PROBE_REINDEX_DATABASE},
                                         {.kind = STELE_PROBE_DETACH, .on = "\"p\"", .name = "\"q\""}, {.kind = STELE_PROBE_DATABASE, .name = "d"},
                                         {.kind = STELE_PROBE_NO_DATABASE, .name = "d", .lenient = 1}, {.kind = STELE_PROBE_TABLESPACE, .name = "d"},
                                         {.kind = STELE_PROBE_NO_TABLESPACE, .name = "d"}, {.kind = STELE_PROBE_SUBSCRIPTION, .name = "d"},
                                         {.kind = STELE_PROBE_NO_SUBSCRIPTION, .name = "d"}};
    for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++) {
        const stele_statement statement = {69, 94, 0, 0, STELE_RUN};
        const stele_step step = {.first = 0, .count = 1, .alone = 1, .probe = probes[i]};
        const stele_migration one = {.file = "1_n.sql", .text = text, .length = sizeof text - 1, .statements = &statement, .steps = &step,
                                     .statement_count = 1, .step_count = 1, .down = {25, sizeof text - 1, 0, 1, NULL}};
        stele_text script = {0};
        stele_arena arena = {0};
        stele_migration read = {.file = "1_n.sql"};
        stele_script_write(&script, &values, &table, &one);
        bool right = stele_script_read(&read, script.bytes, &arena, NULL) == STELE_OK && read.step_count == 1 && read.steps[0].alone &&
                     read.statement_count == 1;
        const stele_probe *probe = right ? &read.steps[0].probe : &probes[0];
        ok(right && probe->kind == probes[i].kind && probe->lenient == probes[i].lenient && same(probe->on, probes[i].on) &&
               same(probe->name, probes[i].name) && script.bytes[17] == (probe->kind == STELE_PROBE_NONE ? '1' : '2'),
           "what to ask about a step is kept: %s", stele_probe_word(probes[i].kind));
        stele_text_free(&script);
        stele_arena_free(&arena);
    }
}

/* The first scripts named the index of a step, and its table, and nothing else. */
static void test_first(void)
{
    static const char *const scripts[] = {"-- stele: script 1\n-- stele: alone \"i\" \"\\\"t\\\"\" 6\nVACUUM;\n", "-- stele: script 1\n-- stele: alone 6\nVACUUM;\n"};
    for (size_t i = 0; i < 2; i++) {
        stele_arena arena = {0};
        stele_migration read = {.file = "x"};
        ok(stele_script_read(&read, scripts[i], &arena, NULL) == STELE_OK && read.steps[0].alone &&
               read.steps[0].probe.kind == (i == 0 ? STELE_PROBE_INDEX : STELE_PROBE_NONE) && same(read.steps[0].probe.name, i == 0 ? "i" : NULL) &&
               same(read.steps[0].probe.on, i == 0 ? "\"t\"" : NULL),
           "a script of the first format is read, %zu", i);
        stele_arena_free(&arena);
    }
    static const char *const bad[] = {"-- stele: script 2\n-- stele: alone nonesuch 6\nVACUUM;\n", "-- stele: script 2\n-- stele: alone index 6\nVACUUM;\n",
                                      "-- stele: script 2\n-- stele: alone repeat \"x\" 6\nVACUUM;\n", "-- stele: script 2\n-- stele: alone detach \"x\" 6\nVACUUM;\n",
                                      "-- stele: script 3\n-- stele: alone 6\nVACUUM;\n", "-- stele: script 2\n-- stele: alone none 6\nVACUUM;\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        stele_arena arena = {0};
        stele_migration read = {.file = "x"};
        ok(stele_script_read(&read, bad[i], &arena, NULL) == STELE_TAMPERED, "what isn't a script of stele's is refused, %zu", i);
        stele_arena_free(&arena);
    }
}

/* Each beginning of a script, and each with one byte changed: read without a fault, and refused when it is cut. */
static void test_damage(const stele_migration *migration)
{
    stele_text script = {0};
    unsigned accepted = 0;
    stele_script_write(&script, &values, &table, migration);
    for (size_t length = 0; length < script.length; length++) {
        char *cut = malloc(length + 1);
        stele_arena arena = {0};
        stele_migration read = {.file = "x"};
        memcpy(cut, script.bytes, length);
        cut[length] = '\0';
        bool has_steps = strstr(cut, "-- stele: transaction") != NULL || strstr(cut, "-- stele: lua") != NULL;
        accepted += stele_script_read(&read, cut, &arena, NULL) == STELE_OK && has_steps;
        stele_arena_free(&arena);
        for (int byte = 1; byte < 128; byte += 3) {
            stele_migration other = {.file = "x"};
            char *changed = malloc(script.length + 1);
            memcpy(changed, script.bytes, script.length + 1);
            changed[length] = (char)byte;
            stele_script_read(&other, changed, &arena, NULL);
            stele_arena_free(&arena);
            free(changed);
        }
        free(cut);
    }
    ok(accepted == 0, "%s: no cut script passes for a whole one", migration->file);
    stele_text_free(&script);
}

int main(void)
{
    test_sql();
    test_lua();
    test_empty();
    test_probes();
    test_first();
    test_damage(&sql);
    test_damage(&lua);
    return done();
}

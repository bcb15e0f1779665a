/*
 * Runs one function of a Lua file in a transaction of its own, for tests/t/500-lua.t, and prints what came of it.
 *
 *     lua CONNINFO PART FILE [--memory BYTES] [--steps COUNT] [--parameter NAME=VALUE]... [NAME=FILE]...
 *
 * NAME=FILE is a module. The transaction is committed when the function succeeds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua_run.h"
#include "read_all.h"

enum { MODULES = 8 };

static void print_line(void *data, const char *text)
{
    (void)data;
    printf("print %s\n", text);
}

static void print_outcome(stele_status status, const stele_error *error, const stele_lua_usage *usage)
{
    printf("status %d\n", (int)status);
    if (status != STELE_OK)
        printf("error %s:%u:%u: %s [%s]\ndetail %s\nhint %s\nsource %s\ncontext %s\n", error->file, error->line, error->column,
               error->message, error->sqlstate, error->detail, error->hint, error->source, error->context);
    printf("peak %llu\nsteps %llu\n", (unsigned long long)usage->peak, (unsigned long long)usage->steps);
}

static void fail(const char *what, const stele_error *error)
{
    fprintf(stderr, "lua: %s: %s\n", what, error->message);
    exit(2);
}

int main(int argc, char **argv)
{
    stele_module modules[MODULES];
    const stele_module *pointers[MODULES];
    stele_parameter parameters[MODULES] = {{0}};
    const char *values[MODULES];
    stele_lua_usage usage = {0};
    stele_error error = {0};
    stele_link link;
    if (argc < 4)
        return 2;
    stele_options options = {.conninfo = argv[1]};
    stele_lua_host host = {.print = print_line, .parameters = parameters, .values = values, .usage = &usage};
    stele_migration migration = {.directory = "lua", .file = strrchr(argv[3], '/') == NULL ? argv[3] : strrchr(argv[3], '/') + 1,
                                 .source = "s1:00", .modules = pointers, .lua = 1};
    migration.text = read_all("lua", argv[3], &migration.length);
    for (int i = 4; i + 1 <= argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (strcmp(argv[i], "--memory") == 0)
            migration.lua_memory = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--steps") == 0)
            migration.lua_steps = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--parameter") == 0) {
            equals = strchr(argv[++i], '=');
            *equals = '\0';
            parameters[host.parameter_count].name = argv[i];
            values[host.parameter_count++] = equals + 1;
        } else {
            stele_module *module = &modules[migration.module_count];
            *equals = '\0';
            module->name = argv[i];
            module->text = read_all("lua", equals + 1, &module->length);
            module->file = strrchr(equals + 1, '/') == NULL ? equals + 1 : strrchr(equals + 1, '/') + 1;
            pointers[migration.module_count++] = module;
        }
    }
    if (stele_link_open(&link, &options, &error) != STELE_OK)
        fail("connect", &error);
    if (stele_link_run(&link, "BEGIN", &error) != STELE_OK)
        fail("BEGIN", &error);
    stele_status status = stele_lua_run(&link, &migration, argv[2], &host, &error);
    print_outcome(status, &error, &usage);
    if (status != STELE_OK)
        stele_link_rollback(&link);
    else if (stele_link_run(&link, "COMMIT", &error) != STELE_OK)
        fail("COMMIT", &error);
    stele_link_close(&link);
    free((void *)migration.text);
    for (uint32_t i = 0; i < migration.module_count; i++)
        free((void *)modules[i].text);
    return 0;
}

/* A job's script: any bytes, as the file of a job in a program that has one parameter and one module. There is no server. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../runtime/job/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every text of the spec is there, and ends. */
static size_t weigh(const stele_job_spec *spec)
{
    size_t weight = strlen(spec->name) + strlen(spec->table);
    for (size_t i = 0; i < spec->key_count; i++)
        weight += strlen(spec->keys[i]);
    for (size_t i = 0; i < spec->read_count; i++)
        weight += strlen(spec->reads[i]);
    for (size_t i = 0; i < spec->pace_count; i++)
        weight += strlen(spec->pace[i].name) + strlen(spec->pace[i].value);
    if (spec->kind == STELE_JOB_EMBEDS)
        weight += strlen(spec->vector) + strlen(spec->provider.model) + strlen(spec->metric) + strlen(spec->space);
    return weight;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const stele_parameter parameter = {.name = "url", .value = "http://localhost/v1", .kind = STELE_LITERAL};
    static const stele_module module = {.name = "text.split", .file = "split.lua", .text = "return {words = 1}", .length = 18};
    static const stele_module *const modules[] = {&module};
    static const stele_migrations table = {.parameters = &parameter, .parameter_count = 1};
    static const char *values[] = {"http://localhost/v1"};
    static stele handle;
    char *text = malloc(size + 1);
    stele_script *script = NULL;
    stele_error error = {0};
    if (text == NULL)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    handle.table = &table;
    handle.values.values = values;
    const stele_migration file = {.version = "J", .name = "m", .directory = "lua", .file = "J_m.lua", .source = "s1:00", .text = text, .length = (uint32_t)size,
                                  .modules = modules, .module_count = 1, .lua = 1, .lua_memory = 4 << 20, .lua_steps = 100000};
    stele_status status = stele_script_open(&script, &handle, &file, NULL, NULL, &error);
    if (status == STELE_OK ? weigh(stele_script_spec(script)) == 0 : error.status != status || error.message[0] == '\0')
        abort();
    stele_script_close(script);
    free(text);
    return 0;
}

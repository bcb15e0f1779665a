#include "job_script.h"

#include "../runtime/job/script.h"
#include "lua_module.h"
#include "no_server.h"

#include <stdlib.h>
#include <string.h>

/* As it will be in the table. */
static stele_migration file_of(struct memory *memory, const struct migration *job)
{
    stele_module *modules = memory_get(memory, job->module_count, sizeof *modules);
    const stele_module **pointers = memory_get(memory, job->module_count, sizeof *pointers);
    for (size_t i = 0; i < job->module_count; i++) {
        const struct lua_module *module = job->modules[i];
        modules[i] = (stele_module){.name = module->name, .file = module->file, .text = module->source.text, .length = module->source.length};
        pointers[i] = &modules[i];
    }
    return (stele_migration){.component = job->component, .version = job->version, .name = job->name, .directory = job->folder, .file = job->source.name, .text = job->source.text,
                             .length = job->source.length, .lua = true, .lua_memory = job->lua_memory, .lua_steps = job->lua_steps, .modules = pointers,
                             .module_count = (uint32_t)job->module_count};
}

/* The file that an error names: the job's, or that of a module. */
static const struct source *source_of(const struct migration *job, const stele_error *error)
{
    for (size_t i = 0; i < job->module_count; i++)
        if (strcmp(job->modules[i]->file, error->file) == 0)
            return &job->modules[i]->source;
    return &job->source;
}

static uint32_t offset_of(const struct source *source, const stele_error *error)
{
    if (error->line == 0 || error->line > source->line_count)
        return SOURCE_WHOLE;
    uint32_t offset = source->lines[error->line - 1];
    for (unsigned column = 1; column < error->column && offset < source->length && source->text[offset] != '\n'; column++) {
        uint32_t length = utf8_length(source->text + offset);
        offset += length == 0 ? 1 : length;
    }
    return offset;
}

/* A job, and where to tell what is wrong with it. */
struct hearing {
    struct diag *diag;
    const struct migration *job;
};

static void tell(void *data, const stele_error *error)
{
    const struct hearing *hearing = data;
    const struct source *source = source_of(hearing->job, error);
    diag_error(hearing->diag, source, offset_of(source, error), "%s", error->message);
    if (error->hint[0] != '\0')
        diag_hint(hearing->diag, "%s", error->hint);
}

void script_check(const struct history *all, const struct migration *job)
{
    struct memory *memory = all->memory;
    const struct conf *conf = &all->conf;
    stele_parameter *parameters = memory_get(memory, conf->parameter_count, sizeof *parameters);
    const char **values = memory_get(memory, conf->parameter_count, sizeof *values);
    stele *handle = memory_get(memory, 1, sizeof *handle);
    stele_migration file = file_of(memory, job);
    const stele_migrations table = {.parameters = parameters, .parameter_count = conf->parameter_count};
    struct hearing hearing = {.diag = all->diag, .job = job};
    no_server();
    for (size_t i = 0; i < conf->parameter_count; i++) {
        parameters[i] = conf->parameters[i].table;
        values[i] = parameters[i].value;
    }
    handle->table = &table;
    handle->values.values = values;
    stele_script_check(handle, &file, tell, &hearing);
}

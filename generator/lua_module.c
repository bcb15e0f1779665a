#include "lua_module.h"

#include "lua_file.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static bool load_needs(struct history *history, const struct source *source, const struct lua_outline *outline,
                       struct lua_module **found);

/* "text.split" -> "text/split.lua" */
static char *file_of(struct memory *memory, const char *name)
{
    char *file = memory_print(memory, "%s.lua", name);
    for (size_t i = 0; name[i] != '\0'; i++)
        if (file[i] == '.')
            file[i] = '/';
    return file;
}

/* "text.split" and "text_split" would be one name in the generated C. */
static void check_name(struct history *history, const struct lua_module *module)
{
    for (size_t i = 0; i < history->lua->count; i++) {
        const char *a = module->name, *b = history->lua->modules[i]->name;
        if (history->lua->modules[i] == module)
            continue;
        for (; *a != '\0' && (*a == *b || (strchr("._-", *a) != NULL && *b != '\0' && strchr("._-", *b) != NULL)); a++)
            b++;
        if (*a != '\0' || *b != '\0')
            continue;
        diag_error(history->diag, &module->source, SOURCE_WHOLE, "modules \"%s\" and \"%s\" have one name in C",
                   module->name, history->lua->modules[i]->name);
        diag_hint(history->diag, "rename one of them");
    }
}

/* Read the module's file, and all that it needs. False when it isn't there. */
static bool load(struct history *history, struct lua_module *module)
{
    struct memory *memory = history->memory;
    if (!source_read(&module->source, memory, history->diag, true)) {
        module->broken = true;
        return true;
    }
    if (module->source.text == NULL)
        return false;
    if (!stele_source_checksum(module->source_sum, module->source.text, module->source.length))
        memory_exhausted(memory);
    check_name(history, module);
    lua_file_read(memory, history->diag, &module->source, LUA_MODULE, &module->outline);
    module->needs = memory_get(memory, module->outline.require_count, sizeof *module->needs);
    module->need_count = module->outline.require_count;
    module->reading = true;
    module->broken = !load_needs(history, &module->source, &module->outline, module->needs) || module->outline.broken;
    module->reading = false;
    return true;
}

static struct lua_module *find_or_load(struct history *history, const char *name)
{
    struct lua_folder *folder = history->lua;
    struct memory *memory = history->memory;
    for (size_t i = 0; i < folder->count; i++)
        if (strcmp(folder->modules[i]->name, name) == 0)
            return folder->modules[i];
    struct lua_module *module = memory_get(memory, 1, sizeof *module);
    const char *file = file_of(memory, name);
    module->name = name;
    module->source.path = path_join(memory, folder->directory, file);
    module->source.name = file;
    module->source.order = SIZE_MAX / 2 + folder->count; /* behind the migrations */
    module->file = path_join(memory, folder->name, file);
    folder->modules = memory_grow(memory, folder->modules, folder->count, &folder->capacity, sizeof *folder->modules);
    folder->modules[folder->count++] = module;
    if (load(history, module))
        return module;
    folder->count--;
    return NULL;
}

static struct lua_module *resolve(struct history *history, const struct source *source, const struct lua_literal *require)
{
    struct diag *diag = history->diag;
    if (history->lua->directory == NULL) {
        diag_error(diag, source, require->offset, "no folder to find module \"%s\" in", require->name);
        diag_hint(diag, "say where modules are: --lua DIR, or a line in stele.conf: lua DIR");
        return NULL;
    }
    struct lua_module *module = find_or_load(history, require->name);
    if (module == NULL) {
        diag_error(diag, source, require->offset, "module \"%s\" does not exist", require->name);
        diag_hint(diag, "it would be the file %s",
                  path_join(history->memory, history->lua->directory, file_of(history->memory, require->name)));
    } else if (module->reading) {
        diag_error(diag, source, require->offset, "module \"%s\" requires itself, by way of \"%s\"", require->name,
                   source->path);
        diag_hint(diag, "put what both need into a third module");
        return NULL;
    }
    return module == NULL || module->broken ? NULL : module;
}

static bool load_needs(struct history *history, const struct source *source, const struct lua_outline *outline,
                       struct lua_module **found)
{
    bool fine = true;
    for (size_t i = 0; i < outline->require_count; i++) {
        found[i] = resolve(history, source, &outline->requires[i]);
        fine = fine && found[i] != NULL;
    }
    return fine;
}

static void add(struct memory *memory, struct migration *migration, size_t *capacity, struct lua_module *module)
{
    for (size_t i = 0; i < migration->module_count; i++)
        if (migration->modules[i] == module)
            return;
    migration->modules =
        memory_grow(memory, migration->modules, migration->module_count, capacity, sizeof *migration->modules);
    migration->modules[migration->module_count++] = module;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct lua_module *const *)a)->name, (*(struct lua_module *const *)b)->name);
}

bool lua_module_collect(struct history *history, struct migration *migration, const struct lua_outline *outline)
{
    struct memory *memory = history->memory;
    struct lua_module **direct = memory_get(memory, outline->require_count, sizeof *direct);
    size_t capacity = 0;
    if (!load_needs(history, &migration->source, outline, direct))
        return false;
    for (size_t i = 0; i < outline->require_count; i++)
        add(memory, migration, &capacity, direct[i]);
    for (size_t i = 0; i < migration->module_count; i++) /* which grows meanwhile */
        for (size_t j = 0; j < migration->modules[i]->need_count; j++)
            add(memory, migration, &capacity, migration->modules[i]->needs[j]);
    if (migration->module_count > 0)
        qsort(migration->modules, migration->module_count, sizeof *migration->modules, by_name);
    return true;
}

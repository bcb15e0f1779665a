/* emit_lua.c - what a history with Lua adds to the table, see emit.h */
#include "emit.h"

#include "literal.h"
#include "lua_module.h"

#include <string.h>

void emit_module_name(stele_text *text, const struct lua_module *module)
{
    stele_text_string(text, "module_");
    literal_name(text, module->name);
}

void emit_module(struct output *output, const struct migration *migration, size_t index, const struct emit_options *options)
{
    stele_text *text = &output->text;
    const struct lua_module *module = migration->modules[index];
    if (module->first_user != migration)
        return;
    stele_text_string(text, "\n/* module ");
    literal_comment(text, module->name, strlen(module->name), SIZE_MAX);
    stele_text_string(text, " */\n");
    if (options->binary == NULL)
        stele_text_string(text, "\n");
    emit_module_text(output, module, options);
}

static void put_module(stele_text *text, const struct lua_module *module)
{
    stele_text_string(text, "\nstatic const stele_module ");
    emit_module_name(text, module);
    stele_text_string(text, " = {\n    .name = ");
    literal_or_null(text, module->name);
    stele_text_string(text, ",\n    .file = ");
    literal_or_null(text, module->file);
    stele_text_string(text, ",\n    .text = sealed.");
    emit_module_name(text, module);
    stele_text_print(text, ",\n    .length = %u,\n};\n", module->source.length);
}

static void put_modules(stele_text *text, const struct migration *migration)
{
    if (migration->module_count == 0)
        return;
    stele_text_string(text, "static const stele_module *const ");
    emit_stem(text, migration);
    stele_text_string(text, "_modules[] = {\n");
    for (size_t i = 0; i < migration->module_count; i++) {
        stele_text_string(text, "    &");
        emit_module_name(text, migration->modules[i]);
        stele_text_string(text, ",\n");
    }
    stele_text_string(text, "};\n");
}

void emit_modules(stele_text *text, const struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->count; i++)
        if (manifest->texts[i].module != NULL)
            put_module(text, manifest->texts[i].module);
        else
            put_modules(text, manifest->texts[i].migration);
}

void emit_module_index(stele_text *text, const struct manifest *manifest, int hex)
{
    bool any = false;
    for (size_t i = 0; i < manifest->count; i++) {
        const struct lua_module *module = manifest->texts[i].module;
        if (module == NULL)
            continue;
        if (!any)
            stele_text_string(text, " *\n * The modules that they require:\n *\n");
        stele_text_print(text, " *     %.*s  ", hex, module->source_sum);
        literal_comment(text, module->file, strlen(module->file), SIZE_MAX);
        stele_text_string(text, "\n");
        any = true;
    }
}

void emit_lua_fields(stele_text *text, const struct migration *migration)
{
    if (migration->lua)
        stele_text_string(text, "        .lua = 1,\n");
    if (migration->lua_memory > 0)
        stele_text_print(text, "        .lua_memory = %llu,\n", (unsigned long long)migration->lua_memory);
    if (migration->lua_steps > 0)
        stele_text_print(text, "        .lua_steps = %llu,\n", (unsigned long long)migration->lua_steps);
}

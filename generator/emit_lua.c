/* emit_lua.c - what a history with Lua adds to the table, see emit.h */
#include "emit.h"

#include "literal.h"
#include "lua_module.h"

#include <string.h>

/* Does no earlier migration bring it? */
static bool is_first_use(const struct history *history, const struct migration *migration,
                         const struct lua_module *module)
{
    for (size_t i = 0; i < history->count && history->migrations[i] != migration; i++)
        for (size_t j = 0; j < history->migrations[i]->module_count; j++)
            if (history->migrations[i]->modules[j] == module)
                return false;
    return true;
}

void emit_module_name(stele_text *text, const struct lua_module *module)
{
    stele_text_string(text, "module_");
    literal_name(text, module->name);
}

void emit_module(stele_text *text, const struct history *history, const struct migration *migration, size_t index)
{
    const struct lua_module *module = migration->modules[index];
    if (!is_first_use(history, migration, module))
        return;
    stele_text_string(text, "\n/* module ");
    literal_comment(text, module->name, strlen(module->name), SIZE_MAX);
    stele_text_string(text, " */\n\nstatic const char ");
    emit_module_name(text, module);
    stele_text_string(text, "_text[] =\n");
    literal_lines(text, module->source.text, module->source.length);
    stele_text_string(text, ";\n_Static_assert(sizeof ");
    emit_module_name(text, module);
    stele_text_print(text, "_text == %u, \"", module->source.length + 1);
    literal_name(text, module->name);
    stele_text_string(text, ": the text was changed\");\nstatic const stele_module ");
    emit_module_name(text, module);
    stele_text_string(text, " = {\n    .name = ");
    literal_or_null(text, module->name);
    stele_text_string(text, ",\n    .file = ");
    literal_or_null(text, module->file);
    stele_text_string(text, ",\n    .text = ");
    emit_module_name(text, module);
    stele_text_print(text, "_text,\n    .length = %u,\n};\n", module->source.length);
}

void emit_module_index(stele_text *text, const struct history *history, int hex)
{
    bool any = false;
    for (size_t i = 0; i < history->count; i++)
        for (size_t j = 0; j < history->migrations[i]->module_count; j++) {
            const struct lua_module *module = history->migrations[i]->modules[j];
            if (!is_first_use(history, history->migrations[i], module))
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

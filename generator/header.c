/* header.c - the outputs of emit.h that are not the table: the header, and the make rule */
#include "emit.h"

#include "given.h"
#include "literal.h"
#include "lua_module.h"
#include "text.h"

#include <string.h>

/* An integer as C reads it: without zeros in front, which would make it octal. */
static void put_integer(stele_text *text, const char *value)
{
    bool negative = *value == '-';
    value += negative;
    while (value[0] == '0' && value[1] != '\0')
        value++;
    stele_text_print(text, negative ? "(-%s)" : "%s", value);
}

static void put_parameters(stele_text *text, const struct conf *conf)
{
    bool any = false;
    for (size_t i = 0; i < conf->parameter_count; i++)
        if (conf->parameters[i].table.given_at_run)
            stele_text_print(text, "\n/* No STELE_PARAM_%s: it is given when the migrations are applied (stele_options.values). */\n",
                             conf->parameters[i].table.name);
    for (size_t i = 0; i < conf->parameter_count; i++) {
        const struct stele_parameter *parameter = &conf->parameters[i].table;
        if (parameter->given_at_run)
            continue;
        if (!any)
            stele_text_string(text, "\n/* The parameters that were fixed when this was built. */\n");
        any = true;
        stele_text_print(text, "#define STELE_PARAM_%s ", parameter->name);
        if (parameter->kind == STELE_INTEGER)
            put_integer(text, parameter->value);
        else
            literal_or_null(text, parameter->value);
        stele_text_string(text, "\n");
    }
}

/* Where a migration stands in the table, and that it is its component's head, until another one is. */
static void put_migration(stele_text *text, const struct migration *migration, size_t index)
{
    stele_text_string(text, "\n/* ");
    literal_comment(text, migration->source.name, strlen(migration->source.name), SIZE_MAX);
    stele_text_print(text, " */\n#define STELE_%s_", migration->component);
    literal_name(text, migration->version);
    stele_text_print(text, " %zu\n#undef STELE_HEAD_%s\n#define STELE_HEAD_%s \"%s\"\n", index, migration->component,
                     migration->component, migration->version);
}

/* A dimension that is a run parameter is the runtime's to check: the ledger knows the value. */
static void put_dimensions(stele_text *text, const struct history *history, const struct schema *schema)
{
    if (schema->dimension_count > 0)
        stele_text_string(text, "\n/* The dimensions of the vector columns, as the whole history leaves them. */\n");
    for (size_t i = 0; i < schema->dimension_count; i++) {
        const struct dimension *dimension = &schema->dimensions[i];
        const char *table = schema_name(history->memory, dimension->table);
        if (dimension->type->parameter != NULL)
            stele_text_string(text, "/* ");
        else
            stele_text_print(text, "#define STELE_DIM_%s %ld /* ", dimension->macro, dimension->type->modifiers[0]);
        literal_comment(text, table, strlen(table), SIZE_MAX);
        stele_text_string(text, ".");
        literal_comment(text, dimension->column->name, strlen(dimension->column->name), SIZE_MAX);
        stele_text_print(text, ": %s%s */\n", dimension->type->text,
                         dimension->type->parameter != NULL ? ", compared when the program starts" : "");
    }
}

/* The tables of each component, for an array's initializer. */
static void put_tables(stele_text *text, const struct history *history, const struct schema *schema)
{
    const char *component = "";
    if (schema->table_count > 0)
        stele_text_string(text, "\n/* The tables that each component owns: const char *const tables[] = {STELE_TABLES_name}; */\n");
    for (size_t i = 0; i < schema->table_count; i++) {
        const struct thing *table = schema->tables[i];
        const char *name = schema_name(history->memory, table);
        bool first = strcmp(component, table->component) != 0;
        if (first)
            stele_text_print(text, "#define STELE_TABLES_%s", component = table->component);
        bool last = i + 1 == schema->table_count || strcmp(schema->tables[i + 1]->component, component) != 0;
        stele_text_string(text, " \\\n    ");
        literal_string(text, name, strlen(name));
        stele_text_string(text, last ? "\n" : ",");
    }
}

void emit_header(stele_text *text, const struct history *history, const struct emit_options *options)
{
    emit_banner(text, options, emit_file_name(options->header_file),
                "what an application can check when it is compiled");
    stele_text_string(text, " *\n"
                            " * STELE_<component>_<version> is a migration's index in the table,\n"
                            " * STELE_HEAD_<component> the last version, STELE_PARAM_<name> the value of a\n"
                            " * parameter that is fixed when the application is built,\n"
                            " * STELE_DIM_<table>_<column> the dimension of a vector, STELE_TABLES_<component>\n"
                            " * the names of the tables that a component owns.\n"
                            " */\n");
    stele_text_print(text, "#ifndef STELE_GENERATED_%s_H\n#define STELE_GENERATED_%s_H\n\n#include \"stele.h\"\n",
                     options->symbol, options->symbol);
    put_parameters(text, &history->conf);
    put_dimensions(text, history, options->schema);
    put_tables(text, history, options->schema);
    for (size_t i = 0; i < history->count; i++)
        put_migration(text, history->migrations[i], i);
    stele_text_print(text,
                     "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
                     "extern const stele_migrations %s;\n\n"
                     "#ifdef __cplusplus\n}\n#endif\n\n#endif\n",
                     options->symbol);
}

/* ------------------------------------------------------------- make rule */

static void put_path(stele_text *text, const char *path)
{
    for (; *path != '\0'; path++) {
        bool quotes = *path == '\\' && (path[1] == '\0' || strchr(" #\\:|", path[1]) != NULL); /* else it is itself */
        if (quotes || strchr(" #:|", *path) != NULL)
            stele_text_string(text, "\\");
        else if (*path == '$')
            stele_text_string(text, "$");
        stele_text_bytes(text, path, 1);
    }
}

/*
 * There are names that can't be told to make: a semicolon begins a recipe, wherever it stands; and as a target some are taken
 * for a variable or a pattern. One of the first kind is left out, so that the rule stays one.
 */
static void put_input(stele_text *text, const char *before, const char *path, const char *after)
{
    if (strpbrk(path, after[0] == ':' ? ";|=%" : ";") != NULL)
        return;
    stele_text_string(text, before);
    put_path(text, path);
    stele_text_string(text, after);
}

static void put_files(stele_text *text, const struct migration *migration, const char *before, const char *after)
{
    bool several = false;
    for (int kind = 0; kind < FILE_COUNT; kind++)
        if (migration->files[kind] != NULL) {
            put_input(text, before, migration->files[kind]->path, after);
            several = true;
        }
    if (!several)
        put_input(text, before, migration->source.path, after);
}

/* With a dot behind: "migrations" alone make would take for a program that its own rules make of migrations.c. */
static void put_directory(stele_text *text, struct memory *memory, const char *before, const char *path, const char *after)
{
    put_input(text, before, path_join(memory, path, "."), after);
}

static void put_folder(stele_text *text, const struct history *history, const char *before, const char *after)
{
    put_directory(text, history->memory, before, history->directory, after);
    put_input(text, before, path_join(history->memory, history->directory, "stele.lock"), after);
    if (history->conf.source.text != NULL)
        put_input(text, before, history->conf.source.path, after);
    for (size_t i = 0; i < history->input_count; i++)
        put_input(text, before, history->inputs[i], after);
    for (size_t i = 0; i < history_text_count(history); i++)
        put_files(text, history_text_at(history, i), before, after);
    for (const struct given *given = history->given; given != NULL; given = given->next)
        put_input(text, before, given->file->source.path, after);
}

/* All that was read: each stands in the rule, and in an empty one of its own, so that make bears its removal. */
static void put_inputs(stele_text *text, const struct emit_options *options, const char *before, const char *after)
{
    for (size_t i = 0; i < options->part_count; i++)
        put_folder(text, options->parts[i], before, after);
    if (options->lua->directory != NULL)
        put_directory(text, options->parts[0]->memory, before, options->lua->directory, after);
    for (size_t i = 0; i < options->lua->count; i++)
        put_input(text, before, options->lua->modules[i]->source.path, after);
}

void emit_depfile(stele_text *text, const struct emit_options *options)
{
    put_path(text, options->source_file);
    stele_text_string(text, " ");
    put_path(text, options->header_file);
    if (options->binary != NULL) {
        stele_text_string(text, " ");
        put_path(text, options->binary);
    }
    stele_text_string(text, ":");
    put_inputs(text, options, " \\\n  ", "");
    stele_text_string(text, "\n");
    put_inputs(text, options, "\n", ":\n");
}

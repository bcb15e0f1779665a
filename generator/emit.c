#include "emit.h"

#include "../runtime/probe_word.h"
#include "effect.h"
#include "literal.h"
#include "lua_module.h"
#include "parse.h"
#include "sums.h"
#include "text.h"

#include <string.h>

enum { INDEX_HEX = 12 + 3, COMMENT_WIDTH = 60 };

const char *emit_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* Two underscores keep version 1 of "2_x" and version 1.2 of "x" apart. */
void emit_stem(stele_text *text, const struct migration *migration)
{
    literal_name(text, migration->component);
    stele_text_bytes(text, "_", 1);
    literal_name(text, migration->version);
    stele_text_bytes(text, "__", 2);
    literal_name(text, migration->name);
}

void emit_name(stele_text *text, const struct migration *migration, const char *array)
{
    emit_stem(text, migration);
    stele_text_bytes(text, "_", 1);
    stele_text_string(text, array);
}

static void put_file(stele_text *text, const struct migration *migration)
{
    literal_comment(text, migration->source.name, strlen(migration->source.name), SIZE_MAX);
}

/* --------------------------------------------------------------- banner */

/* The folders' names, each with something before and after it. Between blanks they are arguments of a command. */
static void put_folders(stele_text *text, const struct emit_options *options, const char *between, const char *before,
                        const char *after)
{
    for (size_t i = 0; i < options->part_count; i++) {
        const struct history *part = options->parts[i];
        stele_text_string(text, i == 0 ? " " : between);
        stele_text_string(text, before);
        if (between[0] == ' ' && strcmp(part->argument, part->directory) != 0)
            stele_text_print(text, "%s=", part->conf.component);
        literal_comment(text, part->name, strlen(part->name), SIZE_MAX);
        stele_text_string(text, after);
    }
}

/* A word for the banner, with what stands around it; nothing for NULL. */
static void put_option(stele_text *text, const char *word, const char *before, const char *after)
{
    if (word == NULL)
        return;
    stele_text_string(text, before);
    literal_comment(text, word, strlen(word), SIZE_MAX);
    stele_text_string(text, after);
}

void emit_banner(stele_text *text, const struct emit_options *options, const char *file, const char *what)
{
    bool one = options->part_count == 1 && options->lua->name == NULL;
    stele_text_string(text, "/*\n * ");
    literal_comment(text, file, strlen(file), SIZE_MAX);
    stele_text_print(text, " - %s\n *\n * Written by stelec " STELE_VERSION " (%s) from the folder", what, parse_name());
    stele_text_string(text, one ? "" : "s");
    put_folders(text, options, ", ", "\"", "\"");
    put_option(text, options->lua->name, " and \"", "\"");
    stele_text_string(text, one ? ".\n * Don't edit it: change the folder, then run\n *     stelec -o "
                                : ".\n * Don't edit it: change the folders, then run\n *     stelec -o ");
    literal_comment(text, emit_file_name(options->source_file), strlen(emit_file_name(options->source_file)), SIZE_MAX);
    put_option(text, options->parts[0]->layout_option, " --layout ", "");
    put_option(text, options->lua->name, " --lua ", "");
    put_folders(text, options, " ", "", "");
    stele_text_string(text, "\n");
}

static void put_index_file(stele_text *text, const struct migration *migration, bool several)
{
    if (several) {
        literal_comment(text, migration->folder, strlen(migration->folder), SIZE_MAX);
        stele_text_string(text, "/");
    }
    put_file(text, migration);
    stele_text_string(text, "\n");
}

static void put_job_index(stele_text *text, const struct history *history, bool several)
{
    if (history->job_count > 0)
        stele_text_string(text, " *\n * The jobs, which are run by themselves:\n *\n");
    for (size_t i = 0; i < history->job_count; i++) {
        stele_text_print(text, " *     %.*s             Lua  ", INDEX_HEX, history->jobs[i]->source_sum);
        put_index_file(text, history->jobs[i], several);
    }
}

/* One line a migration: a reviewer compares the start of its checksum with `sha256sum` by eye. */
static void put_index(stele_text *text, const struct history *history, const struct emit_options *options)
{
    bool several = options->part_count > 1;
    stele_text_string(text, " *\n * The migrations, in the order in which they are applied:\n *\n");
    for (size_t i = 0; i < history_size(history); i++) {
        const struct migration *migration = history_at(history, i);
        if (migration->lua)
            stele_text_print(text, " *     %.*s             Lua  ", INDEX_HEX, migration->source_sum);
        else
            stele_text_print(text, " *     %.*s  %4zu statement%s  ", INDEX_HEX, migration->source_sum,
                             migration->statement_count, migration->statement_count == 1 ? " " : "s");
        put_index_file(text, migration, several);
    }
    put_job_index(text, history, several);
    emit_module_index(text, options->manifest, INDEX_HEX);
    stele_text_string(text, " */\n");
}

/* -------------------------------------------------------- one migration */

static void put_statements(stele_text *text, const struct migration *migration)
{
    static const char *const kinds[] = {"STELE_RUN", "STELE_COPY", "STELE_COPY_OUT", "STELE_CALL_LUA"};
    if (migration->statement_count == 0)
        return;
    stele_text_string(text, "static const stele_statement ");
    emit_name(text, migration, "statements[] = {\n");
    for (size_t i = 0; i < migration->statement_count; i++) {
        const struct stele_statement *statement = &migration->statements[i].table;
        stele_text_print(text, "    {%u, %u, %u, %u, %s}, /* %u: ", statement->begin, statement->end,
                         statement->data_begin, statement->data_end,
                         kinds[statement->kind],
                         source_line(&migration->source, statement->begin));
        literal_comment(text, migration->source.text + statement->begin, statement->end - statement->begin,
                        COMMENT_WIDTH);
        stele_text_string(text, " */\n");
    }
    stele_text_string(text, "};\n");
}

/* A field of an initializer; nothing for NULL. */
static void put_member(stele_text *text, const char *field, const char *value)
{
    if (value == NULL)
        return;
    stele_text_print(text, ", .%s = ", field);
    literal_or_null(text, value);
}

/* What to ask when nobody knows how a statement by itself ended; nothing where nothing can tell. */
static void put_probe(stele_text *text, const stele_probe *probe)
{
    if (probe->kind == STELE_PROBE_NONE)
        return;
    stele_text_string(text, ", .probe = {.kind = STELE_PROBE_");
    for (const char *p = stele_probe_word(probe->kind); *p != '\0'; p++)
        stele_text_print(text, "%c", *p == '-' ? '_' : *p - 'a' + 'A');
    if (probe->lenient)
        stele_text_string(text, ", .lenient = 1");
    put_member(text, "on", probe->on);
    put_member(text, "name", probe->name);
    if (probe->on_parameter != 0)
        stele_text_print(text, ", .on_parameter = %u", probe->on_parameter);
    if (probe->name_parameter != 0)
        stele_text_print(text, ", .name_parameter = %u", probe->name_parameter);
    stele_text_string(text, "}");
}

static void put_steps(stele_text *text, const struct migration *migration)
{
    if (migration->step_count == 0)
        return;
    stele_text_string(text, "static const stele_step ");
    emit_name(text, migration, "steps[] = {\n");
    for (size_t i = 0; i < migration->step_count; i++) {
        const struct stele_step *step = &migration->steps[i];
        stele_text_print(text, "    {.first = %u, .count = %u", step->first, step->count);
        if (step->alone) /* outside of a transaction */
            stele_text_string(text, ", .alone = 1");
        put_member(text, "modes", step->modes);
        put_probe(text, &step->probe);
        stele_text_string(text, "},\n");
    }
    stele_text_string(text, "};\n");
}

static void put_references(stele_text *text, const struct history *history, const struct migration *migration)
{
    static const char *const places[] = {"STELE_IN_SQL", "STELE_IN_STRING", "STELE_IN_ESTRING", "STELE_IN_NAME",
                                         "STELE_IN_DOLLAR", "STELE_AS_LITERAL", "STELE_AS_NAME"};
    if (migration->references.count == 0)
        return;
    stele_text_string(text, "static const stele_reference ");
    emit_name(text, migration, "references[] = {\n");
    for (size_t i = 0; i < migration->references.count; i++) {
        const struct stele_reference *reference = &migration->references.list[i];
        stele_text_print(text, "    {%u, %u, %u, %s}, /* %u: %s */\n", reference->begin, reference->end,
                         reference->parameter, places[reference->where],
                         source_line(&migration->source, reference->begin),
                         history->conf.parameters[reference->parameter].table.name);
    }
    stele_text_string(text, "};\n");
}

static void put_needs(stele_text *text, const struct migration *migration)
{
    if (migration->need_count == 0)
        return;
    stele_text_string(text, "static const stele_need ");
    emit_name(text, migration, "needs[] = {\n");
    for (size_t i = 0; i < migration->need_count; i++) {
        const struct stele_need *need = &migration->needs[i];
        stele_text_string(text, "    {");
        literal_or_null(text, need->name);
        stele_text_string(text, ", ");
        literal_or_null(text, need->minimum);
        stele_text_print(text, ", %u},\n", need->line);
    }
    stele_text_string(text, "};\n");
}

/* What must be applied of other components: in this program that holds by the order, in its database it is looked at. */
static bool is_elsewhere(const struct migration *migration, const struct dependency *after)
{
    bool repeatable = after->on != NULL && after->on->repeatable;
    return !repeatable && after->component != NULL && strcmp(after->component, migration->component) != 0;
}

static size_t count_elsewhere(const struct migration *migration)
{
    size_t count = 0;
    for (size_t i = 0; i < migration->after_count; i++)
        count += is_elsewhere(migration, &migration->after[i]);
    return count;
}

static void put_after(stele_text *text, const struct migration *migration)
{
    if (count_elsewhere(migration) == 0)
        return;
    stele_text_string(text, "static const stele_dependency ");
    emit_name(text, migration, "after[] = {\n");
    for (size_t i = 0; i < migration->after_count; i++) {
        const struct dependency *after = &migration->after[i];
        if (is_elsewhere(migration, after))
            stele_text_print(text, "    {\"%s\", \"%s\", %u},\n", after->component,
                             after->on == NULL ? after->version : after->on->version,
                             source_line(&migration->source, after->offset));
    }
    stele_text_string(text, "};\n");
}

static void put_losses(stele_text *text, const struct migration *migration)
{
    static const char *const kinds[] = {"STELE_LOSES_TABLE", "STELE_LOSES_COLUMN", "STELE_LOSES_SCHEMA",
                                        "STELE_LOSES_UNKNOWN"};
    if (migration->loss_count == 0)
        return;
    stele_text_string(text, "static const stele_loss ");
    emit_name(text, migration, "losses[] = {\n");
    for (size_t i = 0; i < migration->loss_count; i++) {
        const stele_loss *loss = &migration->losses[i];
        stele_text_print(text, "    {%s, ", kinds[loss->kind]);
        literal_or_null(text, loss->relation);
        stele_text_string(text, ", ");
        literal_or_null(text, loss->column);
        stele_text_print(text, ", %u}, /* %u */\n", loss->begin, source_line(&migration->source, loss->begin));
    }
    stele_text_string(text, "};\n");
}

static uint32_t public_flags(uint32_t effects)
{
    return (effects & EFFECT_REWRITES ? STELE_REWRITES : 0u) | (effects & EFFECT_SCANS ? STELE_SCANS : 0u) |
           (effects & EFFECT_UNSURE ? STELE_PERHAPS : 0u) | (effects & EFFECT_DESTROYS ? STELE_DESTROYS : 0u) |
           (effects & EFFECT_BREAKS ? STELE_BREAKS : 0u);
}

/* Flags by name, joined: "STELE_SCANS | STELE_BREAKS"; "0" for none. */
static void put_names(stele_text *text, uint32_t flags, const char *const *names)
{
    bool any = false;
    for (uint32_t i = 0; names[i] != NULL; i++) {
        if (!(flags & 1u << i))
            continue;
        stele_text_print(text, "%s%s", any ? " | " : "", names[i]);
        any = true;
    }
    if (!any)
        stele_text_string(text, "0");
}

static void put_effect(stele_text *text, const struct history *history, const struct migration *migration, size_t statement,
                       const struct sum *sum)
{
    static const char *const names[] = {"STELE_REWRITES", "STELE_SCANS", "STELE_PERHAPS", "STELE_DESTROYS", "STELE_BREAKS", NULL};
    bool known = thing_is_relation(sum->thing) && !sum->open;
    stele_text_print(text, "    {%zu, %u, ", statement, (unsigned)sum->lock);
    put_names(text, public_flags(sum->effects), names);
    stele_text_string(text, ", ");
    literal_or_null(text, known ? quote_name(history->memory, sum->on.schema, sum->on.name) : NULL);
    stele_text_print(text, "}, /* %u: %s */\n", source_line(&migration->source, migration->statements[statement].table.begin),
                     effect_lock_name(sum->lock));
}

static void put_effects(stele_text *text, const struct history *history, const struct migration *migration)
{
    struct sums sums = {0};
    if (migration->effect_count == 0)
        return;
    stele_text_string(text, "static const stele_effect ");
    emit_name(text, migration, "effects[] = {\n");
    for (size_t i = 0; i < migration->statement_count; i++) {
        if (migration->statements[i].part == PART_VERIFY)
            continue;
        sums_take(&sums, history->memory, migration, &migration->statements[i]);
        for (size_t j = 0; j < sums.count; j++)
            if (sum_is_notable(&sums.list[j]))
                put_effect(text, history, migration, i, &sums.list[j]);
    }
    stele_text_string(text, "};\n");
}

static void put_migration(struct output *output, const struct history *history, const struct migration *migration,
                          const struct emit_options *options)
{
    stele_text *text = &output->text;
    for (size_t i = 0; i < migration->module_count; i++)
        emit_module(output, migration, i, options);
    stele_text_string(text, "\n/* ");
    put_file(text, migration);
    stele_text_string(text, " */\n\n");
    emit_text(output, migration, options);
    if (options->binary == NULL)
        put_statements(text, migration);
    put_steps(text, migration);
    put_references(text, history, migration);
    put_needs(text, migration);
    put_after(text, migration);
    put_losses(text, migration);
    put_effects(text, history, migration);
    emit_expectations(text, migration);
    emit_demands(text, migration);
    out_pass(output);
}

/* ---------------------------------------------------------------- table */

static void put_field(stele_text *text, const char *field, const char *value)
{
    if (value == NULL)
        return;
    stele_text_print(text, "        .%s = ", field);
    literal_or_null(text, value);
    stele_text_string(text, ",\n");
}

/* An array of the migration and its count; nothing for an empty one. */
static void put_array(stele_text *text, const struct migration *migration, const char *field, const char *count_field,
                      size_t count)
{
    if (count == 0)
        return;
    stele_text_print(text, "        .%s = ", field);
    emit_name(text, migration, field);
    stele_text_print(text, ",\n        .%s = %zu,\n", count_field, count);
}

static void put_part(stele_text *text, const char *field, const struct stele_part *part)
{
    if (part->end == 0)
        return;
    stele_text_print(text, "        .%s = {%u, %u, %u, %u, ", field, part->begin, part->end, part->first_step,
                     part->step_count);
    literal_or_null(text, part->file);
    stele_text_string(text, "},\n");
}

static void put_flags(stele_text *text, const struct migration *migration)
{
    static const char *const names[] = {"STELE_SETS_SESSION", "STELE_MAKES_TEMP", "STELE_CONTRACTS", "STELE_OPAQUE",
                                        "STELE_VERIFY_RUNS", NULL};
    if (migration->flags == 0)
        return;
    stele_text_string(text, "        .flags = ");
    put_names(text, migration->flags, names);
    stele_text_string(text, ",\n");
}

/* Beside a binary file, the statements of all migrations are one table, see emit_sealed.c. */
static void put_statement_array(stele_text *text, const struct migration *migration, const struct emit_options *options)
{
    if (options->binary == NULL || migration->statement_count == 0) {
        put_array(text, migration, "statements", "statement_count", migration->statement_count);
        return;
    }
    stele_text_string(text, "        .statements = statements.");
    emit_stem(text, migration);
    stele_text_print(text, ",\n        .statement_count = %zu,\n", migration->statement_count);
}

static void put_row(stele_text *text, const struct migration *migration, const struct emit_options *options)
{
    stele_text_string(text, "    {\n");
    put_field(text, "component", migration->component);
    put_field(text, "version", migration->version);
    put_field(text, "name", migration->name);
    put_field(text, "directory", migration->folder);
    put_field(text, "file", migration->source.name);
    put_field(text, "source", migration->source_sum);
    put_field(text, "tokens", migration->tokens_sum);
    put_field(text, "state", migration->job ? NULL : migration->state_sum);
    stele_text_string(text, "        .text = sealed.");
    emit_stem(text, migration);
    stele_text_print(text, ",\n        .length = %u,\n", migration->source.length);
    put_statement_array(text, migration, options);
    put_array(text, migration, "steps", "step_count", migration->step_count);
    put_array(text, migration, "references", "reference_count", migration->references.count);
    put_array(text, migration, "needs", "need_count", migration->need_count);
    put_array(text, migration, "after", "dependency_count", count_elsewhere(migration));
    put_array(text, migration, "losses", "loss_count", migration->loss_count);
    put_array(text, migration, "effects", "effect_count", migration->effect_count);
    put_array(text, migration, "expectations", "expectation_count", migration->expectation_count);
    put_array(text, migration, "demands", "demand_count", migration->demand_count);
    put_array(text, migration, "modules", "module_count", migration->module_count);
    put_part(text, "up", &migration->parts[PART_UP]);
    put_part(text, "down", &migration->parts[PART_DOWN]);
    put_part(text, "verify", &migration->parts[PART_VERIFY]);
    put_flags(text, migration);
    emit_lua_fields(text, migration);
    if (migration->repeatable)
        stele_text_string(text, "        .repeatable = 1,\n");
    put_field(text, "one_way", migration->one_way);
    put_field(text, "contract", migration->contract);
    put_field(text, "expand", migration->expand);
    put_field(text, "squashes", migration->squashes);
    put_field(text, "squashes_state", migration->squashes_state);
    put_field(text, "squashes_release", migration->squashes_release);
    put_field(text, "lock_timeout", migration->lock_timeout);
    put_field(text, "statement_timeout", migration->statement_timeout);
    stele_text_string(text, "    },\n");
}

/* Each table ends in an empty row, which is not counted: C has no empty arrays. */
static void put_parameters(stele_text *text, const struct conf *conf)
{
    static const char *const kinds[] = {"STELE_INTEGER", "STELE_IDENTIFIER", "STELE_LITERAL", "STELE_RAW"};
    stele_text_string(text, "\nstatic const stele_parameter parameter_table[] = {\n");
    for (size_t i = 0; i < conf->parameter_count; i++) {
        const struct stele_parameter *parameter = &conf->parameters[i].table;
        stele_text_string(text, "    {");
        literal_or_null(text, parameter->name);
        stele_text_string(text, ", ");
        literal_or_null(text, parameter->value);
        stele_text_print(text, ", %s, %u},\n", kinds[parameter->kind], parameter->given_at_run);
    }
    stele_text_string(text, "    {NULL, NULL, 0, 0},\n};\n");
}

/* Has an earlier migration this component? Those are few, so each is looked for among those that were found. */
static bool is_known(const char *const *known, size_t count, const char *component)
{
    for (size_t i = count; i-- > 0;)
        if (strcmp(known[i], component) == 0)
            return true;
    return false;
}

static void put_components(stele_text *text, const struct history *history)
{
    const char **known = NULL;
    size_t count = 0, capacity = 0;
    stele_text_string(text, "\nstatic const char *const component_table[] = {\n");
    for (size_t i = 0; i < history_size(history); i++) {
        const char *component = history_at(history, i)->component;
        if (is_known(known, count, component))
            continue;
        known = memory_grow(history->memory, known, count, &capacity, sizeof *known);
        known[count++] = component;
        stele_text_print(text, "    \"%s\",\n", component);
    }
    stele_text_string(text, "    NULL,\n};\n");
}

static void put_count(stele_text *text, const char *field, const char *array)
{
    stele_text_print(text, "    .%s = sizeof %s / sizeof %s[0] - 1,\n", field, array, array);
}

static void put_jobs(struct output *output, const struct history *history, const struct emit_options *options)
{
    if (history->job_count == 0)
        return;
    stele_text_string(&output->text, "\nstatic const stele_migration job_table[] = {\n");
    for (size_t i = 0; i < history->job_count; i++) {
        put_row(&output->text, history->jobs[i], options);
        out_pass(output);
    }
    stele_text_string(&output->text, "    {.version = NULL},\n};\n");
}

static void put_public(stele_text *text, const struct history *history, const struct emit_options *options)
{
    stele_text_print(text, "\nconst stele_migrations %s = {\n", options->symbol);
    stele_text_string(text, "    .format = STELE_TABLE_FORMAT,\n    .generator = \"stelec " STELE_VERSION "\",\n"
                            "    .migrations = migration_table,\n");
    put_count(text, "count", "migration_table");
    stele_text_string(text, "    .parameters = parameter_table,\n");
    put_count(text, "parameter_count", "parameter_table");
    if (history->job_count > 0) { /* only then is the engine linked in */
        stele_text_string(text, "    .jobs = job_table,\n");
        put_count(text, "job_count", "job_table");
        stele_text_string(text, "    .engine = &stele_jobs,\n");
    }
    stele_text_string(text, "    .components = component_table,\n");
    put_count(text, "component_count", "component_table");
    stele_text_string(text, "    .sealed = sealed.manifest,\n");
    if (options->binary != NULL)
        stele_text_print(text, "    .sealed_size = sizeof sealed.manifest,\n    .sealed_sum = \"%s\",\n", options->manifest->sum);
    stele_text_string(text, "};\n");
}

void emit_source(struct output *output, const struct history *history, const struct emit_options *options)
{
    stele_text *text = &output->text;
    emit_banner(text, options, emit_file_name(options->source_file), "migrations, and what stele knows of them");
    put_index(text, history, options);
    stele_text_string(text, "#include \"");
    stele_text_string(text, emit_file_name(options->header_file));
    stele_text_string(text, history->job_count > 0 ? "\"\n#include \"stele_job.h\"\n" : "\"\n");
    stele_text_string(text,
                      "\n#include <stddef.h>\n\n"
                      "#if STELE_TABLE_FORMAT != 5\n"
                      "#error \"stele.h is of another version than the stelec that wrote this file\"\n"
                      "#endif\n");
    stele_text_string(text, options->binary == NULL
                                ? "\n/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */\n"
                                : "\n/* What the assembler is given may be longer than the 4,095 bytes that C11 promises for a literal. */\n");
    stele_text_string(text, "#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n");
    for (size_t i = 0; i < history_text_count(history); i++)
        put_migration(output, history, history_text_at(history, i), options);
    emit_sealed(output, history, options);
    stele_text_string(text, "\n#pragma GCC diagnostic pop\n");
    emit_modules(text, options->manifest);
    put_parameters(text, &history->conf);
    put_components(text, history);
    stele_text_string(text, "\nstatic const stele_migration migration_table[] = {\n");
    for (size_t i = 0; i < history_size(history); i++) {
        put_row(text, history_at(history, i), options);
        out_pass(output);
    }
    stele_text_string(text, "    {.version = NULL},\n};\n");
    put_jobs(output, history, options);
    put_public(text, history, options);
}

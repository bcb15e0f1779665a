/* inspect_print.c - what was found in a program, for people and for machines; see inspect.h */
#include "inspect.h"

#include "json.h"

enum { SUM_HEX = 3 + 12 };

static size_t count_of(const struct carried *table, enum carried_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < table->count; i++)
        count += table->texts[i].kind == kind;
    return count;
}

/* ------------------------------------------------------------- for people */

static void put_count(FILE *file, const char *before, size_t count, const char *noun)
{
    fprintf(file, "%s%zu %s%s", before, count, noun, count == 1 ? "" : "s");
}

static void print_text(FILE *file, const struct carried_text *text)
{
    const char *mark = text->good ? "" : "  -- not what was sealed";
    if (text->kind == CARRIED_MODULE)
        fprintf(file, "  %.*s  module %s%s\n", SUM_HEX, text->source, text->file, mark);
    else
        fprintf(file, "  %.*s  %s %s  %s%s\n", SUM_HEX, text->source, text->component, text->version, text->file, mark);
}

void inspect_print(const struct inspection *inspection, FILE *file)
{
    for (size_t i = 0; i < inspection->tables.count; i++) {
        const struct carried *table = inspection->tables.tables[i];
        if (table->sum == NULL)
            continue; /* a manifest that can't be read: that is told */
        size_t modules = count_of(table, CARRIED_MODULE), repeatables = count_of(table, CARRIED_REPEATABLE);
        size_t jobs = count_of(table, CARRIED_JOB);
        fprintf(file, "%s: table \"%s\", made by %s\n", inspection->program.path, table->name == NULL ? "" : table->name,
                table->generator == NULL ? "another program" : table->generator);
        for (size_t j = 0; j < table->count; j++)
            print_text(file, &table->texts[j]);
        put_count(file, "", table->count - modules - repeatables - jobs, "migration");
        if (repeatables > 0)
            fprintf(file, ", %zu repeatable", repeatables);
        if (jobs > 0)
            put_count(file, ", ", jobs, "job");
        if (modules > 0)
            put_count(file, ", ", modules, "module");
        fprintf(file, "%s\n", table->good ? "; each text is what was sealed" : "; not all is what was sealed");
    }
    if (inspection->count > 0 && inspection->diag->errors == 0)
        fprintf(file, "the same as in %s\n", inspection->expected[0].from);
}

/* ------------------------------------------------------------ for machines */

static void put_if(stele_text *text, const char *key, const char *value)
{
    if (value != NULL)
        json_text(text, key, value);
}

static void put_text(stele_text *text, const struct carried_text *of)
{
    static const char *const events[] = {"migration", "repeatable", "job", "module"};
    stele_text_string(text, "{");
    json_text(text, "event", events[of->kind]);
    put_if(text, "component", of->component);
    put_if(text, "version", of->version);
    json_text(text, of->kind == CARRIED_MODULE ? "name" : "file", of->file);
    json_text(text, "source", of->source);
    put_if(text, "tokens", of->tokens);
    put_if(text, "state", of->state);
    json_number(text, "offset", of->offset);
    json_number(text, "length", of->length);
    json_bool(text, "ok", of->good);
    stele_text_string(text, "}\n");
}

static void put_table(stele_text *text, const struct inspection *inspection, const struct carried *table)
{
    stele_text_string(text, "{");
    json_text(text, "event", "table");
    json_text(text, "program", inspection->program.path);
    put_if(text, "name", table->name);
    put_if(text, "generator", table->generator);
    json_number(text, "offset", table->offset);
    json_number(text, "texts", table->sum == NULL ? 0 : table->count);
    json_bool(text, "ok", table->good);
    stele_text_string(text, "}\n");
    for (size_t i = 0; i < table->count && table->sum != NULL; i++)
        put_text(text, &table->texts[i]);
}

static void put_complaint(stele_text *text, struct diag_entry entry)
{
    stele_text_string(text, "{");
    json_text(text, "event", entry.severity);
    json_text(text, "path", entry.path);
    json_text(text, "message", entry.message);
    put_if(text, "hint", entry.hint);
    stele_text_string(text, "}\n");
}

void inspect_print_json(const struct inspection *inspection, FILE *file)
{
    stele_text *text = &inspection->memory->text;
    for (size_t i = 0; i < inspection->tables.count; i++)
        put_table(text, inspection, inspection->tables.tables[i]);
    for (size_t i = 0; i < inspection->diag->count; i++)
        put_complaint(text, diag_get(inspection->diag, i));
    stele_text_string(text, "{");
    json_text(text, "event", "result");
    json_number(text, "status", inspection->diag->errors > 0);
    stele_text_string(text, "}\n");
    if (text->failed)
        memory_exhausted(inspection->memory);
    fwrite(text->bytes, 1, text->length, file);
    stele_text_free(text);
}

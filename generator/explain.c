#include "explain.h"

#include "effect.h"
#include "json.h"
#include "literal.h"
#include "lua_module.h"
#include "probe.h"
#include "sums.h"

#include <string.h>

struct explainer {
    stele_text *text;
    struct memory *memory;
    const struct migration *migration;
    size_t kept; /* how many of the written statements so far are statements of a step */
    size_t demand; /* the first that isn't told yet */
    struct sums sums; /* of the statement that is being told */
};

/* ------------------------------------------------------------------- facts */

/* The step, from 1 within its part, that a statement belongs to; 0 for a BEGIN and such. */
static uint32_t step_of(struct explainer *explainer, const struct statement *statement, const stele_step **step)
{
    const struct migration *migration = explainer->migration;
    const stele_part *part = &migration->parts[statement->part];
    *step = NULL;
    if (explainer->kept == migration->statement_count ||
        migration->statements[explainer->kept].table.begin != statement->table.begin)
        return 0;
    size_t index = explainer->kept++;
    for (uint32_t i = 0; i < part->step_count; i++) {
        const stele_step *one = &migration->steps[part->first_step + i];
        if (index < one->first || index >= one->first + one->count)
            continue;
        *step = one;
        return i + 1;
    }
    return 0;
}

static const char *way_back(const struct migration *migration)
{
    return migration->has_part[PART_DOWN] ? "down" : migration->one_way != NULL ? "one-way" : "none";
}

static bool is_in_one_transaction(const struct migration *migration, part_kind part)
{
    const stele_part *table = &migration->parts[part];
    return table->step_count == 0 || (table->step_count == 1 && !migration->steps[table->first_step].alone);
}

/* Does a statement of the part destroy what was there? */
static bool destroys(const struct migration *migration, part_kind part)
{
    for (size_t i = 0; i < migration->statement_count; i++) {
        const struct statement *statement = &migration->statements[i];
        for (uint32_t j = 0; j < statement->deed_count && statement->part == part; j++)
            if (migration->deeds[statement->first_deed + j].effects & EFFECT_DESTROYS)
                return true;
    }
    return part == PART_DOWN && migration->loss_count > 0;
}

static uint32_t last_line(const struct migration *migration, const struct statement *statement)
{
    uint32_t end = statement->table.data_end > statement->table.end ? statement->table.data_end : statement->table.end;
    return source_line(&migration->source, end > statement->table.begin ? end - 1 : end);
}

static const char *const part_names[] = {"up", "down", "verify"};

/* -------------------------------------------------------------------- JSON */

static void json_migration(stele_text *text, const struct migration *migration)
{
    stele_text_string(text, "{");
    json_key(text, "migration");
    stele_text_string(text, "{");
    json_text(text, "file", migration->source.path);
    json_text(text, "component", migration->component);
    json_text(text, "version", migration->version);
    json_text(text, "name", migration->name);
    json_bool(text, "repeatable", migration->repeatable);
    json_bool(text, "lua", migration->lua);
    json_text(text, "source", migration->source_sum);
    json_text(text, "tokens", migration->tokens_sum[0] == '\0' ? NULL : migration->tokens_sum);
    json_number(text, "statements", migration->lua ? migration->statement_count : migration->written_count);
    json_number(text, "steps", migration->parts[PART_UP].step_count);
    json_bool(text, "transactional", is_in_one_transaction(migration, PART_UP));
    json_text(text, "back", way_back(migration));
    json_text(text, "one_way", migration->one_way);
    json_bool(text, "destroys", destroys(migration, PART_UP));
    json_bool(text, "down_destroys", destroys(migration, PART_DOWN));
    json_bool(text, "contracts", (migration->flags & STELE_CONTRACTS) != 0);
    json_bool(text, "opaque", (migration->flags & STELE_OPAQUE) != 0);
    stele_text_string(text, "}}\n");
}

static void json_job(stele_text *text, const struct migration *job)
{
    stele_text_string(text, "{");
    json_key(text, "job");
    stele_text_string(text, "{");
    json_text(text, "file", job->source.path);
    json_text(text, "component", job->component);
    json_text(text, "name", job->name);
    json_text(text, "source", job->source_sum);
    json_text(text, "tokens", job->tokens_sum);
    json_key(text, "modules");
    stele_text_string(text, "[");
    for (size_t i = 0; i < job->module_count; i++)
        json_text(text, NULL, job->modules[i]->name);
    stele_text_string(text, "]");
    json_key(text, "parameters");
    stele_text_string(text, "[");
    for (size_t i = 0; i < job->asked_count; i++)
        json_text(text, NULL, job->asked[i].name);
    stele_text_string(text, "]}}\n");
}

static void json_sum(stele_text *text, const struct sum *sum)
{
    json_key(text, NULL);
    stele_text_string(text, "{");
    json_text(text, "schema", sum->on.schema);
    json_text(text, "on", sum->on.name);
    json_text(text, "lock", sum->lock == LOCK_NONE ? NULL : effect_lock_name(sum->lock));
    json_bool(text, "new", (sum->effects & EFFECT_FRESH) != 0);
    json_bool(text, "rewrites", (sum->effects & EFFECT_REWRITES) != 0);
    json_bool(text, "perhaps", (sum->effects & EFFECT_UNSURE) != 0);
    json_bool(text, "scans", (sum->effects & EFFECT_SCANS) != 0);
    json_bool(text, "destroys", (sum->effects & EFFECT_DESTROYS) != 0);
    json_text(text, "breaks", sum->breaks);
    stele_text_string(text, "}");
}

/* What it needs of the role that runs it, as far as no statement before it says so. */
static void json_demands(struct explainer *explainer, const struct statement *statement)
{
    const struct migration *migration = explainer->migration;
    stele_text *text = explainer->text;
    json_key(text, "demands");
    stele_text_string(text, "[");
    while (explainer->demand < migration->demand_count && migration->demands[explainer->demand].begin < statement->table.begin)
        explainer->demand++;
    for (; explainer->demand < migration->demand_count; explainer->demand++) {
        const struct demand *demand = &migration->demands[explainer->demand];
        if (demand->begin != statement->table.begin)
            break;
        json_key(text, NULL);
        stele_text_string(text, "{");
        json_text(text, "kind", demand_name(demand->kind) + strlen("STELE_"));
        json_text(text, "schema", demand->schema);
        json_text(text, "name", demand->name);
        stele_text_string(text, "}");
    }
    stele_text_string(text, "]");
}

static void json_statement(struct explainer *explainer, const struct statement *statement, size_t number)
{
    stele_text *text = explainer->text;
    const struct source *source = &explainer->migration->source;
    struct position place = source_position(source, statement->table.begin);
    const stele_step *step;
    uint32_t step_number = step_of(explainer, statement, &step), begin = statement->table.begin;
    const struct source *file = source_file(source, &begin);
    stele_text_string(text, "{");
    json_key(text, "statement");
    stele_text_string(text, "{");
    json_number(text, "number", number);
    json_text(text, "part", part_names[statement->part]);
    if (explainer->migration->parts[statement->part].file != NULL)
        json_text(text, "file", file->path);
    json_number(text, "line", place.line);
    json_number(text, "column", place.column);
    json_number(text, "last_line", last_line(explainer->migration, statement));
    json_number(text, "begin", begin);
    json_number(text, "end", begin + statement->table.end - statement->table.begin);
    json_key(text, "step");
    stele_text_print(text, step == NULL ? "null" : "%u", step_number);
    json_bool(text, "transaction", step != NULL && !step->alone);
    json_text(text, "alone", statement->facts.alone);
    json_text(text, "if_interrupted", step == NULL || !step->alone ? NULL : probe_words(explainer->memory, &step->probe));
    json_bool(text, "copy", statement->table.kind == STELE_COPY);
    json_bool(text, "anything", explainer->sums.anything);
    json_key(text, "effects");
    stele_text_string(text, "[");
    for (size_t i = 0; i < explainer->sums.count; i++)
        json_sum(text, &explainer->sums.list[i]);
    stele_text_string(text, "]");
    json_demands(explainer, statement);
    json_key(text, "text");
    json_string(text, source->text + statement->table.begin, statement->table.end - statement->table.begin);
    stele_text_string(text, "}}\n");
}

/* ------------------------------------------------------------------ people */

static void print_migration(stele_text *text, const struct migration *migration)
{
    uint32_t steps = migration->parts[PART_UP].step_count;
    stele_text_print(text, "%s: %s %s \"%s\"%s\n", migration->source.path, migration->component, migration->version, migration->name,
                     migration->repeatable ? ", repeatable" : "");
    if (migration->lua)
        stele_text_string(text, "    runs Lua, in one transaction\n");
    else if (is_in_one_transaction(migration, PART_UP))
        stele_text_string(text, "    runs in one transaction\n");
    else
        stele_text_print(text, "    runs in %u step%s, each recorded\n", steps, steps == 1 ? "" : "s");
    if (destroys(migration, PART_UP))
        stele_text_string(text, "    destroys data\n");
    stele_text_string(text, "    way back: ");
    if (migration->has_part[PART_DOWN])
        stele_text_string(text, destroys(migration, PART_DOWN) ? "down, which destroys data\n" : "down\n");
    else if (migration->one_way != NULL)
        stele_text_print(text, "none, \"%s\"\n", migration->one_way);
    else
        stele_text_string(text, "none\n");
    if (migration->flags & STELE_CONTRACTS)
        stele_text_string(text, "    programs built before it may fail after it\n");
    else if (migration->flags & STELE_OPAQUE && migration->expand == NULL)
        stele_text_string(text, "    nobody can tell whether programs built before it can live with it; say \"expand\" in the file if they can\n");
    else
        stele_text_string(text, "    programs built before it can live with it\n");
}

static void print_job(stele_text *text, const struct migration *job)
{
    stele_text_print(text, "%s: %s job \"%s\"\n", job->source.path, job->component, job->name);
    stele_text_string(text, "    is no migration: it is run by itself, in as many transactions as it takes\n");
    stele_text_print(text, "    source %s\n", job->source_sum);
    for (size_t i = 0; i < job->module_count; i++)
        stele_text_print(text, "    requires module \"%s\"\n", job->modules[i]->name);
    for (size_t i = 0; i < job->asked_count; i++)
        stele_text_print(text, "    takes parameter \"%s\"\n", job->asked[i].name);
}

static void print_sum(stele_text *text, const struct sum *sum)
{
    if (sum->lock != LOCK_NONE)
        stele_text_print(text, "            %s on ", effect_lock_name(sum->lock));
    else if (sum->effects & ~(uint32_t)EFFECT_FRESH)
        stele_text_string(text, "            on ");
    else
        return;
    stele_text_print(text, "%s%s%s", sum->on.schema == NULL ? "" : sum->on.schema, sum->on.schema == NULL ? "" : ".", sum->on.name);
    if (sum->effects & EFFECT_FRESH)
        stele_text_string(text, ", which is new");
    if (sum->effects & EFFECT_REWRITES)
        stele_text_string(text, sum->effects & EFFECT_UNSURE ? "; perhaps writes all of it anew" : "; writes all of it anew");
    if (sum->effects & EFFECT_SCANS)
        stele_text_string(text, "; reads all of it");
    if (sum->effects & EFFECT_DESTROYS)
        stele_text_string(text, "; destroys data");
    if (sum->breaks != NULL)
        stele_text_print(text, "; breaks an older program: %s", sum->breaks);
    stele_text_string(text, "\n");
}

static void print_statement(struct explainer *explainer, const struct statement *statement, part_kind *part, uint32_t *last_step)
{
    enum { WIDTH = 90 };
    stele_text *text = explainer->text;
    const struct source *source = &explainer->migration->source;
    const stele_step *step;
    uint32_t number = step_of(explainer, statement, &step);
    const char *file = explainer->migration->parts[statement->part].file;
    if (statement->part != *part)
        stele_text_print(text, "\n  %s%s%s\n", part_names[statement->part], file == NULL ? "" : ", ", file == NULL ? "" : file);
    if (explainer->migration->parts[statement->part].step_count > 1 && step != NULL && (number != *last_step || statement->part != *part))
        stele_text_print(text, "  step %u%s\n", number, step->alone ? ", outside a transaction" : "");
    *part = statement->part;
    *last_step = step == NULL ? *last_step : number;
    stele_text_print(text, "%7u  ", source_line(source, statement->table.begin));
    literal_comment(text, source->text + statement->table.begin, statement->table.end - statement->table.begin, WIDTH);
    stele_text_string(text, step == NULL ? "   (left out)\n" : "\n");
    for (size_t i = 0; i < explainer->sums.count; i++)
        print_sum(text, &explainer->sums.list[i]);
    if (explainer->sums.anything && step != NULL)
        stele_text_string(text, "            may do more than can be told here\n");
    if (step != NULL && step->alone)
        stele_text_print(text, "            if interrupted: %s\n", probe_words(explainer->memory, &step->probe));
}

/* ------------------------------------------------------------------ public */

void explain(stele_text *text, struct memory *memory, const struct migration *migration, bool json)
{
    struct explainer explainer = {.text = text, .memory = memory, .migration = migration};
    const struct statement *list = migration->lua ? migration->statements : migration->written;
    size_t count = migration->lua ? 0 : migration->written_count;
    part_kind part = PART_COUNT;
    uint32_t step = 0;
    if (migration->job) {
        (json ? json_job : print_job)(text, migration);
        return;
    }
    if (json)
        json_migration(text, migration);
    else
        print_migration(text, migration);
    for (size_t i = 0; i < count; i++) {
        sums_take(&explainer.sums, memory, migration, &list[i]);
        if (json)
            json_statement(&explainer, &list[i], i + 1);
        else
            print_statement(&explainer, &list[i], &part, &step);
    }
}

#define _POSIX_C_SOURCE 200809L

#include "script.h"

#include <stdlib.h>
#include <string.h>

#include "comparison.h"
#include "error.h"
#include "probe.h"
#include "probe_word.h"
#include "record.h"

/* The number is that of the oldest stele that can read it: the words about a step by itself came with the second. */
static const char heading[] = "-- stele: script 1\n", second[] = "-- stele: script 2\n", directive[] = "-- stele: expect rows";

bool stele_script_exists(const stele_migration *migration)
{
    return migration->down.end > 0;
}

/* ------------------------------------------------------------------ writing */

/* A word of the head: quoted, so that a name may hold anything but a line end, which becomes a blank escape. */
static void put_word(stele_text *text, const char *word)
{
    stele_text_string(text, " \"");
    for (; *word != '\0'; word++) {
        if (*word == '\n')
            stele_text_string(text, "\\n");
        else if (*word == '"' || *word == '\\')
            stele_text_print(text, "\\%c", *word);
        else
            stele_text_bytes(text, word, 1);
    }
    stele_text_string(text, "\"");
}

static const char *const losses[] = {"table", "column", "schema", "unknown"};

static void put_losses(stele_text *text, const stele_migration *migration)
{
    for (uint32_t i = 0; i < migration->loss_count; i++) {
        const stele_loss *loss = &migration->losses[i];
        stele_text_print(text, "-- stele: loses %s", losses[loss->kind]);
        if (loss->relation != NULL)
            put_word(text, loss->relation);
        if (loss->column != NULL)
            put_word(text, loss->column);
        stele_text_string(text, "\n");
    }
}

/* ------------------------------------------------------- writing: expectations */

/* A stretch of the migration's text, with its parameters in place. Returns how many bytes that has. */
static size_t put_stretch(stele_text *text, const stele_values *values, const stele_migrations *table, const stele_migration *migration,
                          uint32_t begin, uint32_t end)
{
    const stele_statement stretch = {.begin = begin, .end = end};
    size_t before = text->length;
    stele_render(text, values, table, migration, &stretch);
    return text->length - before;
}

/* The line of the head: what is found where, of the query in the directive, of the table in the statement. */
static void put_expected(stele_text *text, const stele_values *values, const stele_migrations *table, const stele_migration *migration,
                         const stele_expectation *expectation, uint32_t number)
{
    stele_text scratch = {0};
    uint32_t begin = migration->statements[expectation->statement].begin;
    stele_text_print(text, "-- stele: expect %u", (unsigned)number);
    put_word(text, expectation->what);
    stele_text_print(text, " %s", stele_comparison_sign(expectation->comparison));
    if (expectation->query_end != 0)
        stele_text_print(text, " query %zu",
                         put_stretch(&scratch, values, table, migration, expectation->query_begin, expectation->query_end));
    else
        stele_text_print(text, " rows %lld", (long long)expectation->rows);
    if (expectation->table_end != 0) {
        size_t before = put_stretch(&scratch, values, table, migration, begin, expectation->table_begin);
        stele_text_print(text, " %s %zu %zu", expectation->only ? "only" : "table", before,
                         put_stretch(&scratch, values, table, migration, expectation->table_begin, expectation->table_end));
    }
    stele_text_string(text, expectation->unless_empty ? " unless-empty\n" : "\n");
    text->failed |= scratch.failed;
    stele_text_free(&scratch);
}

/* The directives before a statement, which psql passes over. */
static void put_directives(stele_text *text, const stele_values *values, const stele_migrations *table, const stele_migration *migration,
                           uint32_t statement)
{
    for (uint32_t i = 0; i < migration->expectation_count; i++) {
        const stele_expectation *expectation = &migration->expectations[i];
        if (expectation->statement != statement)
            continue;
        stele_text_print(text, "%s %s ", directive, stele_comparison_sign(expectation->comparison));
        if (expectation->query_end != 0) {
            stele_text_string(text, "(");
            put_stretch(text, values, table, migration, expectation->query_begin, expectation->query_end);
            stele_text_string(text, ")");
        } else {
            stele_text_print(text, "%lld", (long long)expectation->rows);
        }
        stele_text_string(text, expectation->unless_empty ? " if table not empty\n" : "\n");
    }
}

static void put_expectations(stele_text *text, const stele_values *values, const stele_migrations *table, const stele_migration *migration)
{
    const stele_part *part = &migration->down;
    uint32_t first = part->step_count == 0 ? 0 : migration->steps[part->first_step].first;
    uint32_t count = stele_part_statements(migration, part);
    for (uint32_t i = 0; i < migration->expectation_count; i++) {
        const stele_expectation *expectation = &migration->expectations[i];
        if (expectation->statement >= first && expectation->statement - first < count)
            put_expected(text, values, table, migration, expectation, expectation->statement - first);
    }
}

/* --------------------------------------------------------- writing: statements */

/* One statement as psql takes it. Returns how many bytes it has, without its semicolon. */
static size_t put_statement(stele_text *text, const stele_values *values, const stele_migrations *table,
                            const stele_migration *migration, const stele_statement *statement)
{
    size_t begin = text->length;
    stele_render(text, values, table, migration, statement);
    size_t length = text->length - begin;
    stele_text_string(text, ";\n");
    if (statement->kind == STELE_COPY) {
        stele_text_bytes(text, migration->text + statement->data_begin, statement->data_end - statement->data_begin);
        stele_text_string(text, "\\.\n");
    }
    return length;
}

/* What to ask when nobody knows how a step by itself ended: the kind, the name, what it is on. */
static void put_probe(stele_text *head, const stele_values *values, const stele_probe *probe)
{
    stele_arena arena = {0};
    stele_question question = {0};
    if (probe->kind != STELE_PROBE_NONE) {
        head->failed |= !stele_question_make(&question, probe, values, &arena);
        stele_text_print(head, " %s%s", stele_probe_word(probe->kind), probe->lenient ? " if" : "");
        if (question.name != NULL)
            put_word(head, question.name);
        if (question.on != NULL)
            put_word(head, question.on);
    }
    stele_arena_free(&arena);
}

static bool has_probes(const stele_migration *migration)
{
    for (uint32_t i = 0; i < migration->down.step_count; i++)
        if (migration->steps[migration->down.first_step + i].probe.kind != STELE_PROBE_NONE)
            return true;
    return false;
}

static void put_step(stele_text *head, stele_text *body, const stele_values *values, const stele_migrations *table,
                     const stele_migration *migration, const stele_step *step)
{
    static const char *const kinds[] = {"", "copy", "out", "lua"};
    stele_text_string(head, step->alone ? "-- stele: alone" : "-- stele: transaction");
    if (step->modes != NULL)
        put_word(head, step->modes);
    put_probe(head, values, &step->probe);
    for (uint32_t i = step->first; i < step->first + step->count; i++) {
        const stele_statement *statement = &migration->statements[i];
        put_directives(body, values, table, migration, i);
        stele_text_print(head, " %zu%s", put_statement(body, values, table, migration, statement), kinds[statement->kind]);
        if (statement->kind == STELE_COPY)
            stele_text_print(head, "+%u", (unsigned)(statement->data_end - statement->data_begin));
    }
    stele_text_string(head, "\n");
}

/* A Lua migration goes in whole, with its modules. */
static void put_lua(stele_text *head, stele_text *body, const stele_migration *migration)
{
    stele_text_print(head, "-- stele: lua %u %llu %llu\n", (unsigned)migration->length,
                     (unsigned long long)migration->lua_memory, (unsigned long long)migration->lua_steps);
    stele_text_bytes(body, migration->text, migration->length);
    for (uint32_t i = 0; i < migration->module_count; i++) {
        const stele_module *module = migration->modules[i];
        stele_text_string(head, "-- stele: module");
        put_word(head, module->name);
        put_word(head, module->file);
        stele_text_print(head, " %u\n", (unsigned)module->length);
        stele_text_bytes(body, module->text, module->length);
    }
}

void stele_script_write(stele_text *text, const stele_values *values, const stele_migrations *table,
                        const stele_migration *migration)
{
    stele_text body = {0};
    stele_text_string(text, has_probes(migration) ? second : heading);
    put_losses(text, migration);
    put_expectations(text, values, table, migration);
    for (uint32_t i = 0; i < migration->down.step_count && !migration->lua; i++)
        put_step(text, &body, values, table, migration, &migration->steps[migration->down.first_step + i]);
    if (migration->lua)
        put_lua(text, &body, migration);
    stele_text_bytes(text, body.bytes == NULL ? "" : body.bytes, body.length);
    text->failed |= body.failed;
    stele_text_free(&body);
}

/* ------------------------------------------------------------------ reading */

/* What is being read. The head's lines come first; they say how the body divides. */
typedef struct reader {
    const char *at;        /* in the line being read */
    stele_arena *arena;
    stele_migration *migration;
    stele_statement *statements;
    stele_step *steps;
    stele_loss *losses;
    stele_expectation *expectations;
    stele_module *modules;
    const stele_module **module_list;
    bool bad;
} reader;

static char *get_word(reader *r)
{
    char *word = stele_arena_get(r->arena, strcspn(r->at, "\n") + 1, 1), *out = word;
    if (word == NULL || strncmp(r->at, " \"", 2) != 0) {
        r->bad = true;
        return NULL;
    }
    for (r->at += 2; *r->at != '"' && *r->at != '\n' && *r->at != '\0'; r->at++) {
        if (*r->at == '\\' && r->at[1] != '\0')
            *out++ = *++r->at == 'n' ? '\n' : *r->at;
        else
            *out++ = *r->at;
    }
    r->bad |= *r->at != '"';
    r->at += *r->at == '"';
    return word;
}

static uint64_t get_number(reader *r)
{
    char *end;
    if (*r->at != ' ' || r->at[1] < '0' || r->at[1] > '9') {
        r->bad = true;
        return 0;
    }
    uint64_t number = strtoull(r->at + 1, &end, 10);
    r->at = end;
    return number;
}

static bool take(reader *r, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(r->at, word, length) != 0)
        return false;
    r->at += length;
    return true;
}

/* "34" "34copy+100" "34out": lengths only, for now; the second pass makes places of them. */
static void get_statement(reader *r)
{
    stele_statement *statement = &r->statements[r->migration->statement_count++];
    statement->end = (uint32_t)get_number(r);
    if (take(r, "copy+")) {
        statement->kind = STELE_COPY;
        statement->data_end = (uint32_t)strtoul(r->at, NULL, 10);
        r->at += strspn(r->at, "0123456789");
    } else if (take(r, "out")) {
        statement->kind = STELE_COPY_OUT;
    }
}

/* "no-index if": the kind, behind a blank. The first scripts had no such word: what they name is an index that is built. */
static void get_kind(reader *r, stele_probe *probe)
{
    size_t length = strspn(r->at + (*r->at == ' '), "abcdefghijklmnopqrstuvwxyz-");
    if (strncmp(r->at, " \"", 2) == 0)
        probe->kind = STELE_PROBE_INDEX;
    if (*r->at != ' ' || length == 0)
        return;
    for (probe->kind = STELE_PROBE_KINDS - 1; probe->kind > STELE_PROBE_NONE; probe->kind--) {
        const char *word = stele_probe_word(probe->kind);
        if (strlen(word) == length && strncmp(r->at + 1, word, length) == 0)
            break;
    }
    r->bad |= probe->kind == STELE_PROBE_NONE;
    r->at += 1 + length;
    probe->lenient = take(r, " if");
}

/* The name comes before what it is on; an index without a name is one that the server names. */
static void get_probe(reader *r, stele_probe *probe)
{
    const char *words[2] = {NULL, NULL};
    size_t count = 0;
    get_kind(r, probe);
    while (count < 2 && strncmp(r->at, " \"", 2) == 0)
        words[count++] = get_word(r);
    size_t most = (size_t)stele_probe_has_on(probe->kind) + (size_t)stele_probe_has_name(probe->kind);
    r->bad |= count != most && !(probe->kind == STELE_PROBE_INDEX && count == 1);
    if (count > 0 && stele_probe_has_on(probe->kind))
        probe->on = words[count - 1];
    if (count == 2 || (count == 1 && probe->on == NULL))
        probe->name = words[0];
}

static void get_step(reader *r, bool alone)
{
    stele_step *step = &r->steps[r->migration->step_count++];
    *step = (stele_step){.first = r->migration->statement_count, .alone = alone};
    if (alone)
        get_probe(r, &step->probe);
    else if (strncmp(r->at, " \"", 2) == 0)
        step->modes = get_word(r);
    while (*r->at == ' ' && !r->bad) {
        get_statement(r);
        step->count++;
    }
}

static void get_loss(reader *r)
{
    stele_loss *loss = &r->losses[r->migration->loss_count++];
    while (loss->kind < STELE_LOSES_UNKNOWN && !take(r, losses[loss->kind]))
        loss->kind++;
    if (loss->kind == STELE_LOSES_UNKNOWN)
        r->bad |= !take(r, "unknown");
    else
        loss->relation = get_word(r);
    if (loss->kind == STELE_LOSES_COLUMN)
        loss->column = get_word(r);
}

/* The comparison, behind a blank; the longer signs first. */
static uint32_t get_comparison(reader *r)
{
    static const uint32_t order[] = {STELE_ROWS_AT_LEAST, STELE_ROWS_AT_MOST, STELE_ROWS_OTHER, STELE_ROWS_EQUAL, STELE_ROWS_MORE, STELE_ROWS_LESS};
    for (size_t i = 0; i < sizeof order / sizeof order[0] && take(r, " "); i++) {
        if (take(r, stele_comparison_sign(order[i])))
            return order[i];
        r->at--;
    }
    r->bad = true;
    return 0;
}

/* Lengths and places within the statement, for now, as with the statements. */
static void get_expectation(reader *r)
{
    stele_expectation *expectation = &r->expectations[r->migration->expectation_count++];
    expectation->statement = (uint32_t)get_number(r);
    expectation->what = get_word(r);
    expectation->comparison = get_comparison(r);
    if (take(r, " query"))
        expectation->query_end = (uint32_t)get_number(r);
    else if (take(r, " rows"))
        expectation->rows = (int64_t)get_number(r);
    else
        r->bad = true;
    expectation->only = take(r, " only");
    if (expectation->only || take(r, " table")) {
        expectation->table_begin = (uint32_t)get_number(r);
        expectation->table_end = (uint32_t)get_number(r);
    }
    expectation->unless_empty = take(r, " unless-empty");
}

static void get_module(reader *r)
{
    stele_module *module = &r->modules[r->migration->module_count];
    r->module_list[r->migration->module_count++] = module;
    module->name = get_word(r);
    module->file = get_word(r);
    module->length = (uint32_t)get_number(r);
}

static void get_lua(reader *r)
{
    r->migration->lua = 1;
    r->migration->length = (uint32_t)get_number(r);
    r->migration->lua_memory = get_number(r);
    r->migration->lua_steps = get_number(r);
}

/* Behind the line about Lua come those of its modules. A text may well begin with a directive of its own, but none is called so. */
static bool is_lua_text(const reader *r)
{
    static const char module[] = "-- stele: module \"";
    return r->migration->lua && strncmp(r->at, module, sizeof module - 1) != 0;
}

/* The body may begin with the directive of an expectation: the head's line has a number there. */
static bool is_directive(const reader *r)
{
    return strncmp(r->at, directive, sizeof directive - 1) == 0;
}

/* The lines of the head, each of one kind. Returns where the body begins. */
static const char *get_head(reader *r, const char *script)
{
    static const char mark[] = "-- stele: ";
    for (r->at = script + sizeof heading - 1; !r->bad && !is_lua_text(r) && !is_directive(r) && take(r, mark); r->at++) {
        if (take(r, "loses "))
            get_loss(r);
        else if (take(r, "expect"))
            get_expectation(r);
        else if (take(r, "transaction"))
            get_step(r, false);
        else if (take(r, "alone"))
            get_step(r, true);
        else if (take(r, "lua"))
            get_lua(r);
        else if (take(r, "module"))
            get_module(r);
        else
            r->bad = true;
        r->bad |= *r->at != '\n';
    }
    return r->at;
}

/* A stretch of the body; nothing when it isn't that long. */
static const char *get_bytes(reader *r, size_t length)
{
    const char *bytes = r->at;
    if (r->bad || strnlen(bytes, length) < length) {
        r->bad = true;
        return bytes;
    }
    r->at += length;
    return bytes;
}

/* The directive of an expectation, and the query in it. */
static void place_directive(reader *r, stele_expectation *expectation, const char *script)
{
    expectation->begin = (uint32_t)(r->at - script) + sizeof "-- stele: " - 1;
    r->bad = r->bad || !take(r, directive);
    r->bad = r->bad || get_comparison(r) != expectation->comparison;
    if (expectation->query_end != 0) {
        r->bad = r->bad || !take(r, " (");
        expectation->query_begin = (uint32_t)(get_bytes(r, expectation->query_end) - script);
        expectation->query_end += expectation->query_begin;
        r->bad = r->bad || !take(r, ")");
    } else {
        r->bad = r->bad || (int64_t)get_number(r) != expectation->rows;
    }
    r->bad = r->bad || (expectation->unless_empty && !take(r, " if table not empty"));
    r->bad = r->bad || !take(r, "\n");
}

/* The directives before a statement, from the `next`-th expectation on. Returns which is the next one then. */
static uint32_t place_directives(reader *r, uint32_t next, uint32_t statement, const char *script)
{
    for (; next < r->migration->expectation_count && r->expectations[next].statement == statement; next++)
        place_directive(r, &r->expectations[next], script);
    return next;
}

/* The tables, in statements that have their places by now. */
static void place_tables(reader *r)
{
    for (uint32_t i = 0; i < r->migration->expectation_count && !r->bad; i++) {
        stele_expectation *expectation = &r->expectations[i];
        if (expectation->statement >= r->migration->statement_count) {
            r->bad = true;
            return;
        }
        const stele_statement *statement = &r->statements[expectation->statement];
        uint32_t length = statement->end - statement->begin;
        r->bad = expectation->table_begin > length || expectation->table_end > length - expectation->table_begin ||
                 (expectation->unless_empty && expectation->table_end == 0);
        if (expectation->table_end == 0)
            continue;
        expectation->table_begin += statement->begin;
        expectation->table_end += expectation->table_begin;
    }
}

static void place_statements(reader *r, const char *script)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < r->migration->statement_count; i++) {
        stele_statement *statement = &r->statements[i];
        next = place_directives(r, next, i, script);
        statement->begin = (uint32_t)(get_bytes(r, statement->end) - script);
        statement->end += statement->begin;
        r->bad = r->bad || !take(r, ";\n");
        if (statement->kind == STELE_COPY) {
            statement->data_begin = (uint32_t)(get_bytes(r, statement->data_end) - script);
            statement->data_end += statement->data_begin;
            r->bad = r->bad || !take(r, "\\.\n");
        }
    }
    r->bad |= next < r->migration->expectation_count;
    place_tables(r);
}

/* Lua's texts end in a zero byte, as those in a program do: copies. */
static const char *copy_bytes(reader *r, size_t length)
{
    const char *bytes = get_bytes(r, length);
    const char *copy = stele_arena_copy(r->arena, bytes, r->bad ? 0 : length);
    r->bad |= copy == NULL;
    return copy;
}

static void place_lua(reader *r)
{
    stele_migration *migration = r->migration;
    migration->text = copy_bytes(r, migration->length);
    for (uint32_t i = 0; i < migration->module_count; i++) {
        stele_module *module = &r->modules[i];
        module->text = copy_bytes(r, module->length);
    }
    r->steps[0] = (stele_step){.count = 1};
    r->statements[0] = (stele_statement){.end = migration->length, .kind = STELE_CALL_LUA};
    migration->step_count = migration->statement_count = 1;
    migration->flags = STELE_SETS_SESSION | STELE_MAKES_TEMP;
}

stele_status stele_script_read(stele_migration *migration, const char *script, stele_arena *arena, stele_error *error)
{
    size_t length = strlen(script), most = 2;
    for (const char *p = script; *p != '\0'; p++)
        most += *p == ' ' || *p == '\n'; /* no head names more than this of anything */
    reader r = {.arena = arena,
                .migration = migration,
                .statements = stele_arena_get(arena, most, sizeof *r.statements),
                .steps = stele_arena_get(arena, most, sizeof *r.steps),
                .losses = stele_arena_get(arena, most, sizeof *r.losses),
                .expectations = stele_arena_get(arena, most, sizeof *r.expectations),
                .modules = stele_arena_get(arena, most, sizeof *r.modules),
                .module_list = stele_arena_get(arena, most, sizeof *r.module_list)};
    if (!r.statements || !r.steps || !r.losses || !r.expectations || !r.modules || !r.module_list)
        return stele_error_memory(error);
    if (strncmp(script, heading, sizeof heading - 1) != 0 && strncmp(script, second, sizeof second - 1) != 0) {
        r.bad = true;
    } else {
        r.at = get_head(&r, script);
        migration->text = script;
        if (migration->lua)
            place_lua(&r);
        else
            place_statements(&r, script);
    }
    if (r.bad || *r.at != '\0')
        return stele_error_set(error, STELE_TAMPERED, "the down script of \"%s\" in the ledger is not one that stele wrote",
                               migration->file);
    migration->length = migration->lua ? migration->length : (uint32_t)length;
    migration->statements = r.statements;
    migration->steps = r.steps;
    migration->losses = r.losses;
    migration->expectations = r.expectations;
    migration->modules = r.module_list;
    migration->down = (stele_part){0, (uint32_t)length, 0, migration->step_count, NULL};
    if (!migration->lua)
        migration->flags = STELE_SETS_SESSION | STELE_MAKES_TEMP; /* what it may leave behind isn't told: so anything */
    return STELE_OK;
}

#include "value.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

/* ---------------------------------------------------------------- quoting */

/* `value` with each byte that is in `doubled` written twice. */
static void put_doubled(stele_text *text, const char *value, const char *doubled)
{
    for (; *value != '\0'; value++) {
        if (strchr(doubled, *value) != NULL)
            stele_text_bytes(text, value, 1);
        stele_text_bytes(text, value, 1);
    }
}

static void put_token(stele_text *text, uint32_t kind, const char *value)
{
    switch (kind) {
    case STELE_INTEGER:
        /* In parentheses, lest `a -${n}` become a comment. */
        stele_text_print(text, value[0] == '-' ? "(%s)" : "%s", value);
        break;
    case STELE_IDENTIFIER:
        stele_text_string(text, "\"");
        put_doubled(text, value, "\"");
        stele_text_string(text, "\"");
        break;
    case STELE_LITERAL:
        /* E'' where there is a backslash, so that it is right whatever standard_conforming_strings is. */
        stele_text_string(text, strchr(value, '\\') != NULL ? " E'" : "'");
        put_doubled(text, value, "'\\");
        stele_text_string(text, "'");
        break;
    default:
        stele_text_string(text, value);
    }
}

static void put_value(stele_text *text, const stele_reference *reference, const stele_parameter *parameter,
                      const char *value)
{
    switch (reference->where) {
    case STELE_IN_STRING:
        put_doubled(text, value, "'");
        break;
    case STELE_IN_ESTRING:
        put_doubled(text, value, "'\\");
        break;
    case STELE_IN_NAME:
        put_doubled(text, value, "\"");
        break;
    case STELE_AS_LITERAL:
        put_token(text, STELE_LITERAL, value);
        break;
    case STELE_AS_NAME:
        put_token(text, STELE_IDENTIFIER, value);
        break;
    default:
        put_token(text, parameter->kind, value);
    }
}

static bool is_integer(const char *value)
{
    value += *value == '-';
    return *value != '\0' && strspn(value, "0123456789") == strlen(value);
}

static const char *kind_name(uint32_t kind)
{
    static const char *const names[] = {"an integer", "an identifier", "a literal", "raw text"};
    return kind < 4 ? names[kind] : "of an unknown kind";
}

static stele_status check_kind(const stele_parameter *parameter, const char *value, stele_error *error)
{
    bool fine = true;
    if (parameter->kind == STELE_INTEGER)
        fine = is_integer(value);
    else if (parameter->kind == STELE_IDENTIFIER)
        fine = value[0] != '\0' && strlen(value) < 64;
    if (fine)
        return STELE_OK;
    return stele_error_set(error, STELE_USAGE, "parameter \"%s\" is \"%s\", which is not %s", parameter->name, value,
                           kind_name(parameter->kind));
}

/* ----------------------------------------------------------------- values */

static const stele_parameter *find_parameter(const stele_migrations *table, const char *name, size_t *index)
{
    for (*index = 0; *index < table->parameter_count; ++*index)
        if (strcmp(table->parameters[*index].name, name) == 0)
            return &table->parameters[*index];
    return NULL;
}

stele_status stele_value_check(const stele_migrations *table, const char *name, const char *value, size_t *index,
                               stele_error *error)
{
    const stele_parameter *parameter = find_parameter(table, name, index);
    if (parameter == NULL)
        return stele_error_set(error, STELE_USAGE, "there is no parameter \"%s\" in this program", name);
    if (parameter->given_at_run)
        return check_kind(parameter, value, error);
    if (strcmp(parameter->value, value) == 0)
        return STELE_OK;
    stele_error_set(error, STELE_USAGE, "parameter \"%s\" was fixed when this program was built: it is \"%s\"", name,
                    parameter->value);
    stele_error_hint(error, "build again with -D %s=%s", name, value);
    return STELE_USAGE;
}

stele_status stele_value_fits(const stele_migrations *table, const char *name, const char *value, stele_error *error)
{
    size_t index;
    const stele_parameter *parameter = find_parameter(table, name, &index);
    if (parameter == NULL)
        return stele_error_set(error, STELE_USAGE, "there is no parameter \"%s\" in this program", name);
    return check_kind(parameter, value, error);
}

static stele_status take_given(stele_values *values, const stele_migrations *table, const stele_value *given,
                               stele_error *error)
{
    size_t index;
    stele_status status = stele_value_check(table, given->name, given->value, &index, error);
    if (status == STELE_OK && table->parameters[index].given_at_run)
        values->values[index] = given->value;
    return status;
}

stele_status stele_values_given(stele_values *values, const stele_migrations *table, const stele_options *options,
                                stele_arena *arena, stele_error *error)
{
    values->values = stele_arena_get(arena, table->parameter_count, sizeof *values->values);
    values->json = stele_arena_get(arena, table->component_count, sizeof *values->json);
    if (values->values == NULL || values->json == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < table->parameter_count; i++)
        if (!table->parameters[i].given_at_run)
            values->values[i] = table->parameters[i].value;
    for (size_t i = 0; i < options->value_count; i++) {
        stele_status status = take_given(values, table, &options->values[i], error);
        if (status != STELE_OK)
            return status;
    }
    return STELE_OK;
}

/* ------------------------------------------------- the ledger's JSON object */

static void put_json(stele_text *text, const char *value)
{
    stele_text_string(text, "\"");
    for (; *value != '\0'; value++) {
        unsigned char c = (unsigned char)*value;
        if (c == '"' || c == '\\')
            stele_text_print(text, "\\%c", c);
        else if (c < 0x20)
            stele_text_print(text, "\\u%04x", c);
        else
            stele_text_bytes(text, value, 1);
    }
    stele_text_string(text, "\"");
}

/* Read a string of the object: the few escapes that put_json writes. Advances *at. NULL: not canonical. */
static char *get_json(const char **at, stele_arena *arena)
{
    const char *p = *at;
    if (*p++ != '"')
        return NULL;
    char *out = stele_arena_get(arena, strlen(p) + 1, 1);
    for (size_t n = 0; out != NULL && *p != '\0'; n++) {
        if (*p == '"') {
            *at = p + 1;
            return out;
        }
        if (*p != '\\') {
            out[n] = *p++;
        } else if (p[1] == '"' || p[1] == '\\') {
            out[n] = p[1];
            p += 2;
        } else if (strncmp(p, "\\u00", 4) == 0 && p[4] != '\0' && p[5] != '\0') {
            char hex[3] = {p[4], p[5], '\0'};
            out[n] = (char)strtol(hex, NULL, 16);
            p += 6;
        } else {
            return NULL;
        }
    }
    return NULL;
}

typedef struct pair {
    const char *name, *value;
} pair;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const pair *)a)->name, ((const pair *)b)->name);
}

/* The pairs of an object, with room for `more`. False: not canonical, or no memory (*pairs is NULL then). */
static bool read_pairs(const char *json, size_t more, pair **pairs, size_t *count, stele_arena *arena)
{
    size_t most = more;
    for (const char *p = json; p != NULL && *p != '\0'; p++)
        most += *p == ':';
    *count = 0;
    *pairs = stele_arena_get(arena, most, sizeof **pairs);
    if (*pairs == NULL || json == NULL || strcmp(json, "{}") == 0)
        return *pairs != NULL;
    const char *at = json;
    if (*at++ != '{')
        return false;
    for (;; at++) {
        pair *next = &(*pairs)[*count];
        next->name = get_json(&at, arena);
        if (next->name == NULL || *at++ != ':')
            return false;
        next->value = get_json(&at, arena);
        if (next->value == NULL)
            return false;
        ++*count;
        if (*at != ',')
            return strcmp(at, "}") == 0;
    }
}

static const char *value_of(const pair *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(pairs[i].name, name) == 0)
            return pairs[i].value;
    return NULL;
}

/* The job whose switch may have given it the value; or NULL. Of a script there is only its text here. */
static const stele_migration *find_switch(const stele_migrations *table, const char *name)
{
    for (size_t i = 0; i < table->job_count; i++)
        if (strstr(table->jobs[i].text, "switch") != NULL && strstr(table->jobs[i].text, name) != NULL)
            return &table->jobs[i];
    return NULL;
}

static stele_status disagree(const stele_migrations *table, const stele_parameter *parameter, const char *here, const char *there, stele_error *error)
{
    const stele_migration *job = find_switch(table, parameter->name);
    char undo[512] = "";
    if (job != NULL)
        snprintf(undo, sizeof undo, " where the switch of the job \"%.100s\" did that, job undo %.100s --reason TEXT takes it back; or,", job->name, job->name);
    stele_error_set(error, STELE_UNMET, "parameter \"%s\" is \"%s\" in this program, but the database was made with \"%s\"",
                    parameter->name, here, there);
    stele_error_hint(error, "%s the program with the value that the database has; or,%s when the database was changed to this one, tell the ledger:"
                            " repair set %s=%s --reason TEXT", parameter->given_at_run ? "run" : "build", undo, parameter->name, here);
    return STELE_UNMET;
}

static char *write_pairs(pair *pairs, size_t count, stele_arena *arena)
{
    stele_text text = {0};
    qsort(pairs, count, sizeof *pairs, by_name);
    stele_text_string(&text, "{");
    for (size_t i = 0; i < count; i++) {
        stele_text_string(&text, i == 0 ? "" : ",");
        put_json(&text, pairs[i].name);
        stele_text_string(&text, ":");
        put_json(&text, pairs[i].value);
    }
    stele_text_string(&text, "}");
    char *json = text.failed ? NULL : stele_arena_copy(arena, text.bytes, text.length);
    stele_text_free(&text);
    return json;
}

/* A value that wasn't given is taken from a component's last row. */
static void take_in_force(stele_values *values, const stele_migrations *table, const pair *pairs, size_t count)
{
    for (size_t i = 0; i < table->parameter_count; i++)
        if (values->values[i] == NULL)
            values->values[i] = value_of(pairs, count, table->parameters[i].name);
}

/* What that row says, against what is given. */
static stele_status agree_one(const stele_values *values, const stele_migrations *table, const pair *pairs, size_t count, stele_error *error)
{
    for (size_t i = 0; i < table->parameter_count; i++) {
        const char *there = value_of(pairs, count, table->parameters[i].name);
        if (there != NULL && strcmp(values->values[i], there) != 0)
            return disagree(table, &table->parameters[i], values->values[i], there, error);
    }
    return STELE_OK;
}

/* What the component's next row will say: what is in force, and the values that it doesn't have yet. */
static char *next_json(const stele_values *values, const stele_migrations *table, pair *pairs, size_t in_force,
                       stele_arena *arena)
{
    size_t count = in_force;
    for (size_t i = 0; i < table->parameter_count; i++) {
        const char *name = table->parameters[i].name;
        if (values->values[i] != NULL && value_of(pairs, in_force, name) == NULL)
            pairs[count++] = (pair){name, values->values[i]};
    }
    return write_pairs(pairs, count, arena);
}

stele_status stele_values_agree(stele_values *values, const stele_migrations *table, const char *const *in_force,
                                stele_arena *arena, stele_error *error)
{
    pair **pairs = stele_arena_get(arena, table->component_count, sizeof *pairs);
    size_t *counts = stele_arena_get(arena, table->component_count, sizeof *counts);
    if (pairs == NULL || counts == NULL)
        return stele_error_memory(error);
    for (size_t c = 0; c < table->component_count; c++) {
        if (!read_pairs(in_force[c], table->parameter_count, &pairs[c], &counts[c], arena)) {
            if (pairs[c] == NULL)
                return stele_error_memory(error);
            stele_error_set(error, STELE_TAMPERED, "the parameters of the ledger's last row are not what stele writes");
            stele_error_detail(error, "component \"%s\": %s", table->components[c], in_force[c]);
            stele_error_hint(error, "repair reseal --reason TEXT goes on from the last ones that can be read");
            return STELE_TAMPERED;
        }
        take_in_force(values, table, pairs[c], counts[c]);
    }
    for (size_t c = 0; c < table->component_count; c++) {
        stele_status status = agree_one(values, table, pairs[c], counts[c], error);
        if (status != STELE_OK)
            return status;
    }
    for (size_t i = 0; i < table->parameter_count; i++)
        if (values->values[i] == NULL)
            values->values[i] = table->parameters[i].value;
    for (size_t c = 0; c < table->component_count; c++) {
        values->json[c] = next_json(values, table, pairs[c], counts[c], arena);
        if (values->json[c] == NULL)
            return stele_error_memory(error);
    }
    return STELE_OK;
}

bool stele_values_are_canonical(const char *json, stele_arena *arena)
{
    pair *pairs;
    size_t count;
    return read_pairs(json, 0, &pairs, &count, arena);
}

char *stele_values_replaced(const char *in_force, const char *name, const char *value, const char **old, stele_arena *arena)
{
    pair *pairs;
    size_t count;
    if (!read_pairs(in_force, 1, &pairs, &count, arena))
        count = 0;
    if (pairs == NULL)
        return NULL;
    if (name == NULL)
        return write_pairs(pairs, count, arena);
    *old = value_of(pairs, count, name);
    if (*old == NULL)
        pairs[count++].name = name;
    for (size_t i = 0; i < count; i++)
        if (strcmp(pairs[i].name, name) == 0)
            pairs[i].value = value;
    return write_pairs(pairs, count, arena);
}

/* A directive is one line: a value with a line end would end it, in the ledger's script for one. */
static bool breaks_directive(const stele_migration *migration, const stele_reference *reference, const char *value)
{
    bool breaks = false;
    for (uint32_t i = 0; i < migration->expectation_count && strpbrk(value, "\r\n") != NULL; i++)
        breaks |= migration->expectations[i].query_begin <= reference->begin && reference->end <= migration->expectations[i].query_end;
    return breaks;
}

stele_status stele_values_suffice(const stele_values *values, const stele_migrations *table,
                                  const stele_migration *migration, stele_error *error)
{
    for (uint32_t i = 0; i < migration->reference_count; i++) {
        const stele_reference *reference = &migration->references[i];
        const stele_parameter *parameter = &table->parameters[reference->parameter];
        const char *value = values->values[reference->parameter];
        bool ends = value != NULL && breaks_directive(migration, reference, value);
        if (value != NULL && !ends && (reference->where != STELE_IN_DOLLAR || strchr(value, '$') == NULL))
            continue;
        stele_error_file(error, migration);
        stele_error_place(error, migration, reference->begin);
        if (value == NULL) {
            stele_error_set(error, STELE_UNMET, "parameter \"%s\" has no value", parameter->name);
            stele_error_hint(error, "give it one: -D %s=VALUE", parameter->name);
        } else if (ends) {
            stele_error_set(error, STELE_UNMET, "the value of parameter \"%s\" has a line end in it, and can't stand in a directive",
                            parameter->name);
        } else {
            stele_error_set(error, STELE_UNMET, "the value of parameter \"%s\" has a $ in it, and can't stand in a dollar-quoted text",
                            parameter->name);
        }
        return STELE_UNMET;
    }
    return STELE_OK;
}

/* ----------------------------------------------------------------- render */

/* The first reference at or after `offset`; its index, or the count. */
static uint32_t first_reference(const stele_migration *migration, uint32_t offset)
{
    uint32_t low = 0, high = migration->reference_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (migration->references[middle].begin < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void stele_render(stele_text *text, const stele_values *values, const stele_migrations *table,
                  const stele_migration *migration, const stele_statement *statement)
{
    uint32_t at = statement->begin;
    for (uint32_t i = first_reference(migration, at); i < migration->reference_count; i++) {
        const stele_reference *reference = &migration->references[i];
        if (reference->begin >= statement->end)
            break;
        stele_text_bytes(text, migration->text + at, reference->begin - at);
        put_value(text, reference, &table->parameters[reference->parameter], values->values[reference->parameter]);
        at = reference->end;
    }
    stele_text_bytes(text, migration->text + at, statement->end - at);
}

static size_t characters(const char *bytes, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)bytes[i] & 0xC0) != 0x80;
    return count;
}

/* The byte at which character `left` (from 0) of `bytes` begins. */
static size_t byte_of(const char *bytes, size_t length, size_t left)
{
    size_t i = 0;
    for (; i < length; i++)
        if (((unsigned char)bytes[i] & 0xC0) != 0x80 && left-- == 0)
            break;
    return i;
}

size_t stele_render_origin(const stele_values *values, const stele_migrations *table, const stele_migration *migration,
                           const stele_statement *statement, unsigned position)
{
    size_t left = position == 0 ? 0 : position - 1; /* characters before it, still to be passed */
    uint32_t at = statement->begin;
    for (uint32_t i = first_reference(migration, at); i < migration->reference_count; i++) {
        const stele_reference *reference = &migration->references[i];
        if (reference->begin >= statement->end)
            break;
        size_t plain = characters(migration->text + at, reference->begin - at);
        if (left < plain)
            break;
        stele_text value = {0};
        put_value(&value, reference, &table->parameters[reference->parameter], values->values[reference->parameter]);
        size_t length = value.failed ? 0 : characters(value.bytes, value.length);
        stele_text_free(&value);
        if (left - plain < length)
            return reference->begin;
        left -= plain + length;
        at = reference->end;
    }
    return at + byte_of(migration->text + at, statement->end - at, left);
}

#include "write_inside.h"

#include <stdlib.h>
#include <string.h>

#include "../error.h"

/* ------------------------------------------------------------------ what map returned */

void stele_columns_put(stele_text *value, const char *name, const char *bytes, size_t length)
{
    uint64_t size = bytes == NULL ? UINT64_MAX : length;
    stele_text_bytes(value, name, strlen(name) + 1);
    stele_text_bytes(value, (const char *)&size, sizeof size);
    if (bytes != NULL)
        stele_text_bytes(value, bytes, length);
}

/* The inverse, a column at a time: `at` begins as the value's bytes, and false is its end. */
static bool next_column(const stele_text *value, const char **at, const char **name, const char **bytes, size_t *length)
{
    uint64_t size;
    if (*at == NULL || *at >= value->bytes + value->length)
        return false;
    *name = *at;
    *at += strlen(*at) + 1;
    memcpy(&size, *at, sizeof size);
    *at += sizeof size;
    *bytes = size == UINT64_MAX ? NULL : *at;
    *length = size == UINT64_MAX ? 0 : (size_t)size;
    *at += *length;
    return true;
}

static size_t find_name(stele_union *u, const char *name)
{
    size_t i = 0;
    while (i < u->count && strcmp(u->names[i], name) != 0)
        i++;
    return i;
}

bool stele_unite_columns(stele_union *u, const stele_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        const stele_slot *slot = &batch->rows[i].page->slots[batch->rows[i].row];
        const char *at = slot->value.bytes, *name, *bytes;
        size_t length;
        while (slot->state == STELE_SLOT_WRITES && next_column(&slot->value, &at, &name, &bytes, &length)) {
            if (find_name(u, name) < u->count)
                continue;
            if (u->count == STELE_SCRIPT_COLUMNS)
                return false;
            u->names[u->count++] = name;
        }
    }
    return true;
}

static void add_row_columns(stele_union *u, const stele_slot *slot)
{
    const char *at = slot->value.bytes, *name, *bytes;
    size_t length;
    bool set[STELE_SCRIPT_COLUMNS] = {false};
    const char *values[STELE_SCRIPT_COLUMNS] = {NULL};
    size_t lengths[STELE_SCRIPT_COLUMNS] = {0};
    while (next_column(&slot->value, &at, &name, &bytes, &length)) {
        size_t i = find_name(u, name);
        set[i] = true;
        values[i] = bytes;
        lengths[i] = length;
    }
    for (size_t i = 0; i < u->count; i++) {
        stele_array_add(&u->values[i], values[i], lengths[i]);
        stele_array_add(&u->set[i], set[i] ? "\1" : "", 1);
    }
}

void stele_fill_columns(stele_transaction *t, stele_union *u, const stele_batch *batch)
{
    for (size_t i = 0; i < u->count; i++) {
        stele_array_start(&u->values[i], STELE_OID_TEXT);
        stele_array_start(&u->set[i], STELE_OID_BOOL);
    }
    for (size_t i = 0; i < batch->count; i++) {
        const stele_slot *slot = &batch->rows[i].page->slots[batch->rows[i].row];
        if (slot->state == STELE_SLOT_WRITES)
            add_row_columns(u, slot);
    }
    for (size_t i = 0; i < u->count; i++) {
        t->failed |= !stele_give_array(&t->given[t->data], &u->values[i], STELE_OID_TEXT_ARRAY);
        t->failed |= !stele_give_array(&t->given[t->data], &u->set[i], STELE_OID_BOOL_ARRAY);
    }
    stele_sql_write_columns(t->writer->job, t->writer->shape, !t->tries, &t->sql[t->data], u->types, u->count);
}

void stele_free_columns(stele_union *u)
{
    for (size_t i = 0; i < u->count; i++) {
        stele_array_free(&u->values[i]);
        stele_array_free(&u->set[i]);
    }
    free(u);
}

/* ------------------------------------------------------------------ what map may return */

const stele_column *stele_column_find(const stele_writer *writer, const char *name)
{
    const stele_column *column = writer->known;
    while (column != NULL && (column->oid == 0 || strcmp(column->name, name) != 0))
        column = column->next;
    return column;
}

static stele_status add_column(stele_writer *writer, const stele_rows *rows, int row, stele_error *error)
{
    const char *name = stele_rows_text(rows, row, 0), *type = stele_rows_text(rows, row, 1);
    stele_column *column = stele_arena_get(&writer->types, 1, sizeof *column);
    if (column == NULL)
        return stele_error_memory(error);
    *column = (stele_column){writer->known, stele_arena_copy(&writer->types, name, strlen(name)), stele_arena_copy(&writer->types, type, strlen(type)),
                             (uint32_t)strtoul(stele_rows_text(rows, row, 2), NULL, 10)};
    if (column->name == NULL || column->type == NULL)
        return stele_error_memory(error);
    writer->known = column;
    return STELE_OK;
}

static stele_status tell_script(stele_writer *writer, size_t count, stele_error *error)
{
    const char **names = stele_arena_get(&writer->types, count + 1, sizeof *names);
    uint32_t *types = stele_arena_get(&writer->types, count + 1, sizeof *types);
    if (names == NULL || types == NULL)
        return stele_error_memory(error);
    size_t i = 0;
    for (const stele_column *column = writer->known; column != NULL; column = column->next, i++) {
        names[i] = column->name;
        types[i] = column->oid;
    }
    return stele_script_take_types(writer->job->script, names, types, count, error);
}

stele_status stele_writer_know(stele_writer *writer, stele_error *error)
{
    const char *values[] = {writer->job->spec->table};
    stele_rows *rows = NULL;
    if (writer->job->spec->kind != STELE_JOB_MAPS)
        return STELE_OK;
    stele_status status = stele_link_query(&writer->job->handle->link,
        "SELECT attname, pg_catalog.format_type(atttypid, atttypmod), CASE WHEN attgenerated OPERATOR(pg_catalog.=) '' AND attidentity OPERATOR(pg_catalog.<>) 'a' THEN atttypid ELSE 0 END"
        " FROM pg_catalog.pg_attribute WHERE attrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1) AND attnum OPERATOR(pg_catalog.>) 0 AND NOT attisdropped", 1, values, &rows, error);
    int count = status == STELE_OK ? stele_rows_count(rows) : 0;
    for (int i = 0; i < count && status == STELE_OK; i++)
        status = add_column(writer, rows, i, error);
    stele_rows_free(rows);
    return status == STELE_OK ? tell_script(writer, (size_t)count, error) : status;
}

#include "write_inside.h"

#include <stdlib.h>
#include <string.h>

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

/* All columns that any of the rows sets. The names live in the slots. */
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

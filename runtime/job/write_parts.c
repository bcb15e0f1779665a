#include "write_inside.h"

#include <string.h>

#include "../error.h"
#include "copy.h"
#include "secret.h"

/* ------------------------------------------------------------------ parameters */

void stele_give_text(stele_given *g, const char *text)
{
    g->types[g->count] = 0;
    g->values[g->count] = text;
    g->lengths[g->count] = 0;
    g->formats[g->count++] = 0;
}

bool stele_give_array(stele_given *g, stele_binary_array *array, uint32_t type)
{
    if (!stele_array_close(array))
        return false;
    g->types[g->count] = type;
    g->values[g->count] = array->bytes.bytes;
    g->lengths[g->count] = (int)array->bytes.length;
    g->formats[g->count++] = 1;
    return true;
}

stele_arguments stele_given_arguments(const stele_given *g)
{
    return (stele_arguments){.count = g->count, .types = g->types, .values = g->values, .lengths = g->lengths, .formats = g->formats};
}

static void add_hash(stele_binary_array *array, const char *hex)
{
    char bytes[64];
    size_t length = stele_bytes_of_hex(hex, bytes, sizeof bytes);
    stele_array_add(array, hex == NULL ? NULL : bytes, length);
}

static void add_text(stele_binary_array *array, const char *text)
{
    stele_array_add(array, text, text == NULL ? 0 : strlen(text));
}

static void start_keys(stele_binary_array *arrays, size_t count)
{
    for (size_t i = 0; i < count; i++)
        stele_array_start(&arrays[i], STELE_OID_TEXT);
}

static void add_keys(stele_binary_array *arrays, size_t count, const stele_write_row *row)
{
    for (size_t i = 0; i < count; i++)
        add_text(&arrays[i], stele_rows_text(row->page->rows, row->row, STELE_PAGE_KEYS + (int)i));
}

/* ------------------------------------------------------------------ the statements */

stele_given *stele_add_statement(stele_transaction *t)
{
    stele_given *g = &t->given[t->count++];
    g->count = 0;
    return g;
}

void stele_add_plain(stele_transaction *t, const char *sql)
{
    stele_add_statement(t);
    stele_text_string(&t->sql[t->count - 1], sql);
}

/* Whoever waits for a row that somebody else has holds the rows of its batch meanwhile: so it lets them go soon, and tries again. */
void stele_add_limits(stele_transaction *t)
{
    stele_add_plain(t, "SELECT pg_catalog.set_config('lock_timeout', '400ms', true), pg_catalog.set_config('statement_timeout', '30s', true),"
                       " pg_catalog.set_config('idle_in_transaction_session_timeout', '10s', true)");
}

void stele_add_question(stele_transaction *t, bool last)
{
    const char *sql = t->writer->pace == NULL ? NULL : stele_pace_question(t->writer->pace, last);
    t->asked[last] = STATEMENTS;
    if (sql == NULL)
        return;
    t->asked[last] = t->count;
    stele_add_plain(t, sql);
}

void stele_take_questions(stele_transaction *t)
{
    for (int last = 0; last < 2; last++)
        if (t->asked[last] < STATEMENTS)
            stele_pace_answer(t->writer->pace, last != 0, t->statements[t->asked[last]].rows);
}

void stele_add_fence(stele_transaction *t, const stele_job_chunk *chunk, const stele_batch *batch, int64_t rows, int64_t dead)
{
    stele_arena *arena = &t->writer->arena;
    const stele_job *job = t->writer->job;
    t->fence = t->count;
    stele_given *g = stele_add_statement(t);
    stele_give_text(g, stele_arena_print(arena, "%d", job->id));
    stele_give_text(g, stele_arena_print(arena, "%lld", (long long)chunk->no));
    stele_give_text(g, stele_arena_print(arena, "%d", chunk->epoch));
    stele_give_text(g, chunk->begun ? stele_key_array(arena, chunk->cursor, stele_chunk_width(job, chunk)) : NULL);
    stele_give_text(g, batch->cursor);
    stele_give_text(g, batch->completes ? "2" : "1");
    stele_give_text(g, stele_arena_print(arena, "%lld", (long long)rows));
    stele_give_text(g, stele_arena_print(arena, "%lld", (long long)dead));
    stele_give_text(g, stele_arena_print(arena, "%u", job->knobs.lease_ms));
    stele_give_text(g, stele_arena_print(arena, "%lld", (long long)job->worker)); /* of a job that was begun anew, another one's chunk may have this number and epoch */
    stele_sql_fence(job, &t->sql[t->count - 1]);
}

void stele_add_dead(stele_transaction *t, const stele_batch *batch)
{
    stele_writer *w = t->writer;
    size_t keys = w->job->spec->key_count;
    start_keys(w->dead, keys + 3);
    stele_array_start(&w->dead[keys + 3], STELE_OID_BYTEA);
    for (size_t i = 0; i < batch->count; i++) {
        const stele_write_row *row = &batch->rows[i];
        const stele_slot *slot = &row->page->slots[row->row];
        if (slot->state != STELE_SLOT_DEAD)
            continue;
        const char *part = slot->fault;
        add_keys(w->dead, keys, row);
        for (size_t j = 0; j < 3; j++, part += strlen(part) + 1)
            add_text(&w->dead[keys + j], part);
        add_hash(&w->dead[keys + 3], stele_rows_text(row->page->rows, row->row, stele_page_hash(w->job)));
    }
    stele_given *g = stele_add_statement(t);
    for (size_t i = 0; i < keys + 4; i++)
        t->failed |= !stele_give_array(g, &w->dead[i], i == keys + 3 ? STELE_OID_BYTEA_ARRAY : STELE_OID_TEXT_ARRAY);
    stele_sql_dead(w->job, &t->sql[t->count - 1]);
}

int64_t stele_count_writes(const stele_batch *batch)
{
    int64_t count = 0;
    for (size_t i = 0; i < batch->count; i++)
        count += batch->rows[i].page->slots[batch->rows[i].row].state == STELE_SLOT_WRITES;
    return count;
}

void stele_gather_keys(stele_writer *w, const stele_batch *batch, bool hashes)
{
    start_keys(w->keys, w->job->spec->key_count);
    stele_array_start(&w->hashes, STELE_OID_BYTEA);
    for (size_t i = 0; i < batch->count; i++) {
        const stele_write_row *row = &batch->rows[i];
        if (row->page->slots[row->row].state != STELE_SLOT_WRITES)
            continue;
        add_keys(w->keys, w->job->spec->key_count, row);
        if (hashes)
            add_hash(&w->hashes, stele_rows_text(row->page->rows, row->row, stele_page_hash(w->job)));
    }
}

/* All of them, whatever became of their rows. */
void stele_add_notes(stele_transaction *t, const stele_batch *batch)
{
    stele_writer *w = t->writer;
    const char *values[STELE_KEY_COLUMNS];
    stele_array_start(&w->noted, STELE_OID_TEXT);
    for (size_t i = 0; i < batch->count; i++) {
        for (size_t j = 0; j < w->job->spec->key_count; j++)
            values[j] = stele_rows_text(batch->rows[i].page->rows, batch->rows[i].row, STELE_PAGE_KEYS + (int)j);
        const char *key = stele_key_array(&w->arena, values, w->job->spec->key_count);
        t->failed |= key == NULL;
        add_text(&w->noted, key == NULL ? "" : key);
    }
    stele_given *g = stele_add_statement(t);
    stele_give_text(g, batch->notes);
    t->failed |= !stele_give_array(g, &w->noted, STELE_OID_TEXT_ARRAY);
    stele_sql_notes(w->job, &t->sql[t->count - 1]);
}

void stele_add_vectors(stele_transaction *t, const stele_batch *batch)
{
    stele_writer *w = t->writer;
    stele_array_start(&w->vectors, w->shape->vector_oid);
    for (size_t i = 0; i < batch->count; i++) {
        const stele_slot *slot = &batch->rows[i].page->slots[batch->rows[i].row];
        if (slot->state == STELE_SLOT_WRITES)
            stele_array_add(&w->vectors, slot->is_null ? NULL : slot->value.bytes, slot->value.length);
    }
    t->failed |= !stele_give_array(&t->given[t->data], &w->vectors, w->shape->vector_array_oid);
    stele_sql_write_vectors(w->job, w->shape, !t->tries, &t->sql[t->data]);
}

/* ------------------------------------------------------------------ a first load */

static bool copy_row(stele_writer *w, const stele_write_row *row)
{
    const stele_slot *slot = &row->page->slots[row->row];
    char hash[64];
    stele_copy_row(&w->copied, (unsigned)w->job->spec->key_count + 2);
    for (size_t i = 0; i < w->job->spec->key_count; i++)
        if (!stele_copy_key(&w->copied, w->shape->key_types[i], stele_rows_text(row->page->rows, row->row, STELE_PAGE_KEYS + (int)i)))
            return false;
    stele_copy_field(&w->copied, hash, stele_bytes_of_hex(stele_rows_text(row->page->rows, row->row, stele_page_hash(w->job)), hash, sizeof hash));
    stele_copy_field(&w->copied, slot->is_null ? NULL : slot->value.bytes, slot->value.length);
    return true;
}

void stele_sql_copy(const stele_job *job, stele_text *sql)
{
    stele_text_print(sql, "COPY %s (", job->spec->into);
    stele_sql_beside(job, sql);
    stele_text_string(sql, ") FROM STDIN (FORMAT binary)");
}

bool stele_put_copy(stele_transaction *t)
{
    const stele_writer *w = t->writer;
    const stele_job_spec *spec = w->job->spec;
    bool known = spec->kind == STELE_JOB_EMBEDS && spec->into != NULL;
    for (size_t i = 0; i < spec->key_count && known; i++)
        known = stele_copy_knows(w->shape->key_types[i]);
    if (!known)
        return false;
    stele_add_statement(t);
    stele_sql_copy(w->job, &t->sql[t->data]);
    t->copies = true;
    return true;
}

stele_status stele_copy_rows(void *data, const char **piece, size_t *length, stele_error *error)
{
    enum { PIECE = 64 * 1024 };
    stele_copying *c = data;
    stele_text *out = &c->writer->copied;
    out->length = 0;
    out->failed = 0;
    if (c->next == 0)
        stele_copy_begin(out);
    bool is_over = c->next > c->batch->count;
    for (; c->next < c->batch->count && out->length < PIECE && !out->failed; c->next++) {
        const stele_write_row *row = &c->batch->rows[c->next];
        if (row->page->slots[row->row].state == STELE_SLOT_WRITES && !copy_row(c->writer, row))
            return stele_error_set(error, STELE_FAILED, "the server gave a key of \"%s\" that isn't of its type", c->writer->job->spec->table);
    }
    if (c->next == c->batch->count && out->length < PIECE && !is_over) {
        stele_copy_end(out);
        c->next++;
    }
    *piece = out->bytes;
    *length = out->length;
    return out->failed ? stele_error_memory(error) : STELE_OK;
}

/* ------------------------------------------------------------------ the user's statement */

void stele_add_user_statement(stele_transaction *t)
{
    const stele_job_spec *spec = t->writer->job->spec;
    stele_given *g = &t->given[t->data];
    for (size_t i = 0; i < spec->bind_count && g->count < PARAMETERS; i++)
        stele_give_text(g, spec->bind_is_secret[i] ? stele_secret_read(spec->binds[i].value, NULL) : spec->binds[i].value);
    stele_sql_user(t->writer->job, t->writer->shape, &t->sql[t->data]);
}

void stele_hide_binds(const stele_transaction *t, stele_error *error)
{
    const stele_job_spec *spec = t->writer->job->spec;
    for (size_t i = 0; error != NULL && i < spec->bind_count; i++) {
        const char *value = spec->bind_is_secret[i] ? stele_secret_read(spec->binds[i].value, NULL) : NULL;
        if (value != NULL)
            stele_secret_hide(value, error);
    }
}

#include "write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "../pq_statement.h"
#include "bind.h"
#include "copy.h"
#include "sql.h"
#include "write_sql.h"

void stele_writer_start(stele_writer *writer, stele_job *job, const stele_job_shape *shape, stele_pace *pace)
{
    *writer = (stele_writer){.job = job, .shape = shape, .pace = pace};
}

void stele_writer_end(stele_writer *writer)
{
    for (size_t i = 0; i < STELE_KEY_COLUMNS; i++)
        stele_array_free(&writer->keys[i]);
    for (size_t i = 0; i < STELE_KEY_COLUMNS + 4; i++)
        stele_array_free(&writer->dead[i]);
    stele_array_free(&writer->hashes);
    stele_array_free(&writer->vectors);
    stele_arena_free(&writer->arena);
    stele_arena_free(&writer->types);
}

/* ------------------------------------------------------------------ parameters */

enum { PARAMETERS = STELE_KEY_COLUMNS + 4 + 2 * STELE_SCRIPT_COLUMNS + 32, STATEMENTS = 10 };

/* The parameters of one statement. */
typedef struct given {
    int count;
    uint32_t types[PARAMETERS];
    const char *values[PARAMETERS];
    int lengths[PARAMETERS], formats[PARAMETERS];
} given;

static void give_text(given *g, const char *text)
{
    g->types[g->count] = 0;
    g->values[g->count] = text;
    g->lengths[g->count] = 0;
    g->formats[g->count++] = 0;
}

static bool give_array(given *g, stele_binary_array *array, uint32_t type)
{
    if (!stele_array_close(array))
        return false;
    g->types[g->count] = type;
    g->values[g->count] = array->bytes.bytes;
    g->lengths[g->count] = (int)array->bytes.length;
    g->formats[g->count++] = 1;
    return true;
}

static stele_arguments arguments_of(const given *g)
{
    return (stele_arguments){.count = g->count, .types = g->types, .values = g->values, .lengths = g->lengths, .formats = g->formats};
}

/* The hash came as hex. */
static size_t bytes_of_hex(const char *hex, char *bytes, size_t size)
{
    size_t length = hex == NULL ? 0 : strlen(hex) / 2;
    if (length > size)
        length = size;
    for (size_t i = 0; i < length; i++) {
        unsigned high = (unsigned char)hex[2 * i], low = (unsigned char)hex[2 * i + 1];
        high = high <= '9' ? high - '0' : high - 'a' + 10;
        low = low <= '9' ? low - '0' : low - 'a' + 10;
        bytes[i] = (char)(high << 4 | low);
    }
    return length;
}

static void add_hash(stele_binary_array *array, const char *hex)
{
    char bytes[64];
    size_t length = bytes_of_hex(hex, bytes, sizeof bytes);
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

/* One transaction that is being put together. */
typedef struct transaction {
    stele_writer *writer;
    stele_batched statements[STATEMENTS];
    given given[STATEMENTS];
    stele_text sql[STATEMENTS];
    size_t count;
    size_t fence, data; /* which is what; `count` where it isn't there */
    size_t asked[2];    /* the pace's questions; STATEMENTS where there is none */
    size_t copy_at;     /* COPY comes before this statement; STATEMENTS where there is none */
    stele_text copy, copied; /* it, and its data */
    bool failed;
} transaction;

static given *add_statement(transaction *t)
{
    given *g = &t->given[t->count++];
    g->count = 0;
    return g;
}

static void add_plain(transaction *t, const char *sql)
{
    add_statement(t);
    stele_text_string(&t->sql[t->count - 1], sql);
}

static void add_limits(transaction *t)
{
    add_plain(t, "SELECT pg_catalog.set_config('lock_timeout', '1s', true), pg_catalog.set_config('statement_timeout', '30s', true)");
}

/* Whom it makes wait, only the transaction itself can see. */
static void add_question(transaction *t, bool last)
{
    const char *sql = t->writer->pace == NULL ? NULL : stele_pace_question(t->writer->pace, last);
    t->asked[last] = STATEMENTS;
    if (sql == NULL)
        return;
    t->asked[last] = t->count;
    add_plain(t, sql);
}

static void take_questions(transaction *t)
{
    for (int last = 0; last < 2; last++)
        if (t->asked[last] < STATEMENTS)
            stele_pace_answer(t->writer->pace, last != 0, t->statements[t->asked[last]].rows);
}

static void add_fence(transaction *t, const stele_job_chunk *chunk, const stele_batch *batch, int64_t rows, int64_t dead)
{
    stele_arena *arena = &t->writer->arena;
    const stele_job *job = t->writer->job;
    t->fence = t->count;
    given *g = add_statement(t);
    give_text(g, stele_arena_print(arena, "%d", job->id));
    give_text(g, stele_arena_print(arena, "%lld", (long long)chunk->no));
    give_text(g, stele_arena_print(arena, "%d", chunk->epoch));
    give_text(g, chunk->begun ? stele_key_array(arena, chunk->cursor, stele_chunk_width(job, chunk)) : NULL);
    give_text(g, batch->cursor);
    give_text(g, batch->completes ? "2" : "1");
    give_text(g, stele_arena_print(arena, "%lld", (long long)rows));
    give_text(g, stele_arena_print(arena, "%lld", (long long)dead));
    give_text(g, stele_arena_print(arena, "%u", job->knobs.lease_ms));
    stele_sql_fence(job, &t->sql[t->count - 1]);
}

static void add_dead(transaction *t, const stele_batch *batch)
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
    given *g = add_statement(t);
    for (size_t i = 0; i < keys + 4; i++)
        t->failed |= !give_array(g, &w->dead[i], i == keys + 3 ? STELE_OID_BYTEA_ARRAY : STELE_OID_TEXT_ARRAY);
    stele_sql_dead(w->job, &t->sql[t->count - 1]);
}

/* The keys of what is to be written; and how many they are. */
static size_t gather_keys(stele_writer *w, const stele_batch *batch, bool hashes)
{
    size_t count = 0;
    start_keys(w->keys, w->job->spec->key_count);
    stele_array_start(&w->hashes, STELE_OID_BYTEA);
    for (size_t i = 0; i < batch->count; i++) {
        const stele_write_row *row = &batch->rows[i];
        if (row->page->slots[row->row].state != STELE_SLOT_WRITES)
            continue;
        add_keys(w->keys, w->job->spec->key_count, row);
        if (hashes)
            add_hash(&w->hashes, stele_rows_text(row->page->rows, row->row, stele_page_hash(w->job)));
        count++;
    }
    return count;
}

static void add_vectors(transaction *t, const stele_batch *batch)
{
    stele_writer *w = t->writer;
    stele_array_start(&w->vectors, w->shape->vector_oid);
    for (size_t i = 0; i < batch->count; i++) {
        const stele_slot *slot = &batch->rows[i].page->slots[batch->rows[i].row];
        if (slot->state == STELE_SLOT_WRITES)
            stele_array_add(&w->vectors, slot->is_null ? NULL : slot->value.bytes, slot->value.length);
    }
    t->failed |= !give_array(&t->given[t->data], &w->vectors, w->shape->vector_array_oid);
    stele_sql_write_vectors(w->job, w->shape, &t->sql[t->data]);
}

/* ------------------------------------------------------------------ a first load */

static bool copy_row(transaction *t, const stele_write_row *row)
{
    stele_writer *w = t->writer;
    const stele_slot *slot = &row->page->slots[row->row];
    char hash[64];
    stele_copy_row(&t->copied, (unsigned)w->job->spec->key_count + 2);
    for (size_t i = 0; i < w->job->spec->key_count; i++)
        if (!stele_copy_key(&t->copied, w->shape->key_types[i], stele_rows_text(row->page->rows, row->row, STELE_PAGE_KEYS + (int)i)))
            return false;
    stele_copy_field(&t->copied, hash, bytes_of_hex(stele_rows_text(row->page->rows, row->row, stele_page_hash(w->job)), hash, sizeof hash));
    stele_copy_field(&t->copied, slot->is_null ? NULL : slot->value.bytes, slot->value.length);
    return true;
}

/* COPY takes a third less of the server's time than a statement does; false where a key is of a type whose binary form isn't known here. */
static bool put_copy(transaction *t, const stele_batch *batch)
{
    const stele_job_spec *spec = t->writer->job->spec;
    bool known = spec->kind == STELE_JOB_EMBEDS && spec->into != NULL;
    stele_copy_begin(&t->copied);
    for (size_t i = 0; i < batch->count && known; i++)
        if (batch->rows[i].page->slots[batch->rows[i].row].state == STELE_SLOT_WRITES)
            known = copy_row(t, &batch->rows[i]);
    stele_copy_end(&t->copied);
    if (!known) {
        stele_text_free(&t->copied);
        return false;
    }
    stele_text_print(&t->copy, "COPY %s (", spec->into);
    stele_job_columns(&t->copy, "", spec->keys, spec->key_count);
    stele_text_string(&t->copy, ", ");
    stele_job_name(&t->copy, spec->hash);
    stele_text_string(&t->copy, ", ");
    stele_job_name(&t->copy, spec->vector);
    stele_text_string(&t->copy, ") FROM STDIN (FORMAT binary)");
    t->failed |= t->copy.failed || t->copied.failed;
    t->copy_at = t->data = t->count;
    return true;
}

/* ------------------------------------------------------------------ what map returned */

void stele_columns_put(stele_text *value, const char *name, const char *bytes, size_t length)
{
    uint64_t size = bytes == NULL ? UINT64_MAX : length;
    stele_text_bytes(value, name, strlen(name) + 1);
    stele_text_bytes(value, (const char *)&size, sizeof size);
    if (bytes != NULL)
        stele_text_bytes(value, bytes, length);
}

bool stele_columns_next(const stele_text *value, const char **at, const char **name, const char **bytes, size_t *length)
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

typedef struct union_of_columns {
    size_t count;
    const char *names[STELE_SCRIPT_COLUMNS];
    const stele_column *types[STELE_SCRIPT_COLUMNS];
    stele_binary_array values[STELE_SCRIPT_COLUMNS], set[STELE_SCRIPT_COLUMNS];
} union_of_columns;

static size_t find_name(union_of_columns *u, const char *name)
{
    size_t i = 0;
    while (i < u->count && strcmp(u->names[i], name) != 0)
        i++;
    return i;
}

/* All columns that any of the rows sets. The names live in the slots. */
static bool unite(union_of_columns *u, const stele_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        const stele_slot *slot = &batch->rows[i].page->slots[batch->rows[i].row];
        const char *at = slot->value.bytes, *name, *bytes;
        size_t length;
        while (slot->state == STELE_SLOT_WRITES && stele_columns_next(&slot->value, &at, &name, &bytes, &length)) {
            if (find_name(u, name) < u->count)
                continue;
            if (u->count == STELE_SCRIPT_COLUMNS)
                return false;
            u->names[u->count++] = name;
        }
    }
    return true;
}

static void add_row_columns(union_of_columns *u, const stele_slot *slot)
{
    const char *at = slot->value.bytes, *name, *bytes;
    size_t length;
    bool set[STELE_SCRIPT_COLUMNS] = {false};
    const char *values[STELE_SCRIPT_COLUMNS] = {NULL};
    size_t lengths[STELE_SCRIPT_COLUMNS] = {0};
    while (stele_columns_next(&slot->value, &at, &name, &bytes, &length)) {
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

static void fill_columns(transaction *t, union_of_columns *u, const stele_batch *batch)
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
        t->failed |= !give_array(&t->given[t->data], &u->values[i], STELE_OID_TEXT_ARRAY);
        t->failed |= !give_array(&t->given[t->data], &u->set[i], STELE_OID_BOOL_ARRAY);
    }
    stele_sql_write_columns(t->writer->job, t->writer->shape, &t->sql[t->data], u->types, u->count);
}

static void free_columns(union_of_columns *u)
{
    for (size_t i = 0; i < u->count; i++) {
        stele_array_free(&u->values[i]);
        stele_array_free(&u->set[i]);
    }
    free(u);
}

/* ------------------------------------------------------------------ the user's statement */

static int put_bind(void *data, stele_text *out, const char *name, size_t length)
{
    transaction *t = data;
    const stele_job_spec *spec = t->writer->job->spec;
    if (length == 5 && memcmp(name, "batch", 5) == 0) {
        stele_sql_batch(t->writer->job, t->writer->shape, out);
        return 1;
    }
    for (size_t i = 0; i < spec->bind_count; i++)
        if (strlen(spec->binds[i].name) == length && memcmp(spec->binds[i].name, name, length) == 0) {
            stele_text_print(out, "$%zu", spec->key_count + 1 + i);
            return 1;
        }
    return 0;
}

static void add_user_statement(transaction *t)
{
    const stele_job_spec *spec = t->writer->job->spec;
    given *g = &t->given[t->data];
    for (size_t i = 0; i < spec->bind_count && g->count < PARAMETERS; i++)
        give_text(g, spec->bind_is_secret[i] ? getenv(spec->binds[i].value) : spec->binds[i].value);
    stele_bind(&t->sql[t->data], spec->sql, put_bind, t);
}

/* ------------------------------------------------------------------------ all of it */

static stele_status put_data(transaction *t, const stele_batch *batch, union_of_columns *columns, int64_t *rows, stele_error *error)
{
    stele_writer *w = t->writer;
    const stele_job_spec *spec = w->job->spec;
    t->data = t->count;
    *rows = (int64_t)gather_keys(w, batch, spec->kind != STELE_JOB_RUNS_SQL);
    if (*rows == 0)
        return STELE_OK;
    if (batch->first_load && put_copy(t, batch))
        return STELE_OK;
    given *g = add_statement(t);
    for (size_t i = 0; i < spec->key_count; i++)
        t->failed |= !give_array(g, &w->keys[i], STELE_OID_TEXT_ARRAY);
    if (spec->kind == STELE_JOB_RUNS_SQL) {
        add_user_statement(t);
        return STELE_OK;
    }
    t->failed |= !give_array(g, &w->hashes, STELE_OID_BYTEA_ARRAY);
    if (spec->kind == STELE_JOB_EMBEDS) {
        add_vectors(t, batch);
        return STELE_OK;
    }
    if (!unite(columns, batch))
        return stele_error_set(error, STELE_FAILED, "map returned more than %d columns", STELE_SCRIPT_COLUMNS);
    for (size_t i = 0; i < columns->count; i++)
        if ((columns->types[i] = stele_column_find(w, columns->names[i])) == NULL)
            return stele_error_set(error, STELE_FAILED, "map returned \"%s\", which %s doesn't have", columns->names[i], spec->table);
    fill_columns(t, columns, batch);
    return STELE_OK;
}

static int64_t count_dead(const stele_batch *batch)
{
    int64_t dead = 0;
    for (size_t i = 0; i < batch->count; i++)
        dead += batch->rows[i].page->slots[batch->rows[i].row].state == STELE_SLOT_DEAD;
    return dead;
}

static void put_extras(transaction *t, const stele_batch *batch)
{
    for (size_t i = 0; i < STELE_WRITE_EXTRAS && batch->extras[i].sql != NULL; i++) {
        given *g = add_statement(t);
        for (int j = 0; j < batch->extras[i].count; j++)
            give_text(g, batch->extras[i].values[j]);
        stele_text_string(&t->sql[t->count - 1], batch->extras[i].sql);
    }
}

static stele_write_end judge(const transaction *t, stele_status status, size_t failed, const stele_error *error)
{
    static const char *const chances[] = {"40001", "40P01", "55P03", "57014", "53300", "25P03", "57P05"};
    if (status == STELE_NO_CONNECTION)
        return STELE_WRITE_UNKNOWN;
    if (failed == t->fence && strcmp(error->sqlstate, "22P02") == 0)
        return STELE_WRITE_LOST;
    for (size_t i = 0; i < sizeof chances / sizeof chances[0]; i++)
        if (strcmp(error->sqlstate, chances[i]) == 0)
            return STELE_WRITE_AGAIN;
    static const char *const shapes[] = {"22", "23", "44", "P0", "21", "54"};
    for (size_t i = 0; failed == t->data && i < sizeof shapes / sizeof shapes[0]; i++)
        if (strncmp(error->sqlstate, shapes[i], 2) == 0)
            return STELE_WRITE_ROWS;
    return STELE_WRITE_STOPS;
}

/* All of it at once, or, around a COPY, in three parts of one transaction. */
static stele_status send_parts(transaction *t, size_t *failed, stele_error *error)
{
    stele_link *link = &t->writer->job->handle->link;
    if (t->copy_at == STATEMENTS)
        return stele_link_batch(link, t->statements, t->count, failed, error);
    stele_status status = stele_link_batch(link, t->statements, t->copy_at, failed, error);
    if (status == STELE_OK) {
        *failed = t->data;
        status = stele_link_copy(link, t->copy.bytes, t->copied.bytes, t->copied.length, error);
    }
    if (status == STELE_OK) {
        status = stele_link_batch(link, t->statements + t->copy_at, t->count - t->copy_at, failed, error);
        *failed += t->copy_at + 1;
    }
    if (status != STELE_OK)
        stele_link_rollback(link);
    return status;
}

static void count_written(transaction *t, int64_t rows)
{
    bool counted = rows > 0 && t->copy_at == STATEMENTS && t->writer->job->spec->kind != STELE_JOB_RUNS_SQL;
    t->writer->written = counted ? strtoll(stele_rows_text(t->statements[t->data].rows, 0, 0), NULL, 10) : rows;
    t->writer->missed = rows - t->writer->written;
}

static stele_status send(transaction *t, int64_t rows, stele_write_end *end, stele_error *error)
{
    size_t failed;
    for (size_t i = 0; i < t->count; i++) {
        t->statements[i].sql = t->sql[i].bytes;
        t->statements[i].arguments = arguments_of(&t->given[i]);
        t->failed |= t->sql[i].failed != 0;
    }
    if (t->failed)
        return stele_error_memory(error);
    stele_status status = send_parts(t, &failed, error);
    if (status == STELE_CANCELLED)
        return status;
    if (status != STELE_OK) {
        *end = judge(t, status, failed, error);
        return STELE_OK;
    }
    *end = STELE_WRITTEN;
    take_questions(t);
    count_written(t, rows);
    return STELE_OK;
}

/* What the batch says holds now for the chunk. */
static stele_status go_forward(stele_writer *writer, stele_job_chunk *chunk, const stele_batch *batch, stele_error *error)
{
    if (batch->cursor == NULL)
        return STELE_OK;
    chunk->begun = true;
    return stele_key_split(&chunk->arena, batch->cursor, chunk->cursor, stele_chunk_width(writer->job, chunk)) ? STELE_OK : stele_error_memory(error);
}

/* Put the transaction together; the fence, which says how many rows there are, when these are known. */
static stele_status put_together(transaction *t, const stele_job_chunk *chunk, const stele_batch *batch, union_of_columns *columns, int64_t *rows, stele_error *error)
{
    int64_t dead = count_dead(batch);
    if (batch->first_load)
        add_plain(t, "BEGIN");
    add_question(t, false);
    add_limits(t);
    size_t place = t->count++;
    stele_status status = put_data(t, batch, columns, rows, error);
    size_t count = t->count;
    t->count = place;
    add_fence(t, chunk, batch, *rows, dead);
    t->count = count;
    if (status != STELE_OK)
        return status;
    if (dead > 0)
        add_dead(t, batch);
    put_extras(t, batch);
    add_question(t, true);
    if (batch->first_load)
        add_plain(t, "COMMIT");
    return STELE_OK;
}

static void free_transaction(transaction *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < STATEMENTS; i++)
        stele_text_free(&t->sql[i]);
    stele_batch_free(t->statements, STATEMENTS);
    stele_text_free(&t->copy);
    stele_text_free(&t->copied);
    free(t);
}

stele_status stele_batch_write(stele_writer *writer, stele_job_chunk *chunk, const stele_batch *batch, stele_write_end *end, stele_error *error)
{
    int64_t rows = 0;
    transaction *t = calloc(1, sizeof *t);
    union_of_columns *columns = calloc(1, sizeof *columns);
    stele_status status = t == NULL || columns == NULL ? stele_error_memory(error) : STELE_OK;
    *end = STELE_WRITE_STOPS;
    if (status == STELE_OK) {
        t->writer = writer;
        t->copy_at = STATEMENTS;
        status = put_together(t, chunk, batch, columns, &rows, error);
    }
    if (status == STELE_OK)
        status = send(t, rows, end, error);
    if (status == STELE_OK && *end == STELE_WRITTEN)
        status = go_forward(writer, chunk, batch, error);
    free_transaction(t);
    if (columns != NULL)
        free_columns(columns);
    stele_arena_free(&writer->arena);
    return status;
}

stele_status stele_batch_look(stele_writer *writer, stele_job_chunk *chunk, const stele_batch *batch, stele_write_end *end, stele_error *error)
{
    char id[16], no[24], epoch[16];
    const char *values[] = {id, no, epoch, batch->cursor};
    stele_text sql = {0};
    stele_rows *rows = NULL;
    snprintf(id, sizeof id, "%d", writer->job->id);
    snprintf(no, sizeof no, "%lld", (long long)chunk->no);
    snprintf(epoch, sizeof epoch, "%d", chunk->epoch);
    stele_job_put(&sql, writer->job, "SELECT state, \"cursor\" IS NOT DISTINCT FROM $4::pg_catalog.text[] FROM @.chunk WHERE job OPERATOR(pg_catalog.=) $1::pg_catalog.int4"
                     " AND no OPERATOR(pg_catalog.=) $2::pg_catalog.int8 AND epoch OPERATOR(pg_catalog.=) $3::pg_catalog.int4");
    stele_status status = stele_sql_run(writer->job, &sql, 4, values, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) == 0) {
        *end = STELE_WRITE_LOST;
    } else if (status == STELE_OK) {
        long state = strtol(stele_rows_text(rows, 0, 0), NULL, 10);
        bool there = batch->completes ? state == STELE_CHUNK_DONE : batch->cursor != NULL && stele_rows_true(rows, 0, 1);
        *end = there ? STELE_WRITTEN : state == STELE_CHUNK_TAKEN ? STELE_WRITE_AGAIN : STELE_WRITE_LOST;
    }
    stele_rows_free(rows);
    if (status == STELE_OK && *end == STELE_WRITTEN)
        status = go_forward(writer, chunk, batch, error);
    return status;
}

#include "write_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "after.h"
#include "sql.h"

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
    stele_array_free(&writer->noted);
    stele_text_free(&writer->copied);
    stele_arena_free(&writer->arena);
    stele_arena_free(&writer->types);
}

/* ------------------------------------------------------------------------ all of it */

stele_status stele_put_data(stele_transaction *t, const stele_batch *batch, stele_union *columns, int64_t *rows, stele_error *error)
{
    stele_writer *w = t->writer;
    const stele_job_spec *spec = w->job->spec;
    t->data = t->count;
    *rows = stele_count_writes(batch);
    if (*rows == 0 || (batch->first_load && !w->no_copy && stele_put_copy(t)))
        return STELE_OK;
    stele_gather_keys(w, batch, spec->kind != STELE_JOB_RUNS_SQL);
    stele_given *g = stele_add_statement(t);
    for (size_t i = 0; i < spec->key_count; i++)
        t->failed |= !stele_give_array(g, &w->keys[i], STELE_OID_TEXT_ARRAY);
    if (spec->kind == STELE_JOB_RUNS_SQL) {
        stele_add_user_statement(t);
        return STELE_OK;
    }
    t->failed |= !stele_give_array(g, &w->hashes, STELE_OID_BYTEA_ARRAY);
    if (spec->kind == STELE_JOB_EMBEDS) {
        stele_add_vectors(t, batch);
        return STELE_OK;
    }
    if (!stele_unite_columns(columns, batch))
        return stele_error_set(error, STELE_FAILED, "map returned more than %d columns", STELE_SCRIPT_COLUMNS);
    for (size_t i = 0; i < columns->count; i++)
        if ((columns->types[i] = stele_column_find(w, columns->names[i])) == NULL)
            return stele_error_set(error, STELE_FAILED, "map returned \"%s\", which %s doesn't have", columns->names[i], spec->table);
    stele_fill_columns(t, columns, batch);
    return STELE_OK;
}

static int64_t count_dead(const stele_batch *batch)
{
    int64_t dead = 0;
    for (size_t i = 0; i < batch->count; i++)
        dead += batch->rows[i].page->slots[batch->rows[i].row].state == STELE_SLOT_DEAD;
    return dead;
}

static void put_extras(stele_transaction *t, const stele_batch *batch)
{
    for (size_t i = 0; i < STELE_WRITE_EXTRAS && batch->extras[i].sql != NULL; i++) {
        stele_given *g = stele_add_statement(t);
        for (int j = 0; j < batch->extras[i].count; j++)
            stele_give_text(g, batch->extras[i].values[j]);
        stele_text_string(&t->sql[t->count - 1], batch->extras[i].sql);
    }
}

bool stele_write_may_pass(const char *sqlstate)
{
    static const char *const chances[] = {"40001", "40P01", "55P03", "57014", "53300", "25P03", "57P05", NULL};
    return stele_sqlstate_is(sqlstate, chances);
}

bool stele_write_is_the_rows(const char *sqlstate)
{
    static const char *const classes[] = {"22", "23", "44", "P0", "21", "54", NULL};
    return stele_sqlstate_is(sqlstate, classes);
}

/* Did it fail at the end, where deferred constraints are checked? That is at COMMIT or, without one, behind the last statement. */
static bool is_the_end(const stele_transaction *t, size_t failed)
{
    return failed > (t->asked[1] < STATEMENTS ? t->asked[1] : t->fence);
}

static stele_write_end judge(const stele_transaction *t, stele_status status, size_t failed, const stele_error *error)
{
    if (status == STELE_NO_CONNECTION)
        return STELE_WRITE_UNKNOWN;
    if (failed == t->fence && strcmp(error->sqlstate, "22P02") == 0)
        return STELE_WRITE_LOST;
    if (stele_write_may_pass(error->sqlstate))
        return STELE_WRITE_AGAIN;
    if (failed == t->data && t->copies && strcmp(error->sqlstate, "0A000") == 0) {
        t->writer->no_copy = true; /* row security, for one: what can't be copied can be inserted */
        return STELE_WRITE_ROWS;
    }
    if (t->drops)
        return STELE_WRITE_ROWS; /* INSERT tells which */
    bool by_policy = strcmp(error->sqlstate, "42501") == 0 && t->writer->job->handle->link.of_one_row; /* which is of the server's last failure, and this one may be our own */
    bool is_the_rows = stele_write_is_the_rows(error->sqlstate) || by_policy;
    return is_the_rows && (failed == t->data || is_the_end(t, failed)) ? STELE_WRITE_ROWS : STELE_WRITE_STOPS;
}

/* What the statement of write_sql.c could say only as a number that is none. */
static void name_refusal(const stele_transaction *t, stele_error *error)
{
    const stele_job *job = t->writer->job;
    if (strcmp(error->sqlstate, "22P02") != 0 || strstr(error->message, STELE_REFUSAL) == NULL)
        return;
    stele_error_clear(error);
    stele_error_set(error, STELE_FAILED, "a trigger or a rule of %s keeps this row out", stele_job_target(job));
}

static stele_status send_last(stele_transaction *t, size_t from, size_t *failed, stele_error *error)
{
    t->writer->sent = true;
    stele_status status = stele_link_batch(&t->writer->job->handle->link, t->statements + from, t->count - from, failed, error);
    t->writer->sent = false;
    return status;
}

/* All of it at once, or, around a COPY, in three parts of one transaction. */
static stele_status send_parts(stele_transaction *t, const stele_batch *batch, int64_t rows, size_t *failed, stele_error *error)
{
    stele_link *link = &t->writer->job->handle->link;
    size_t first = t->copies ? t->data + 1 : 0;
    stele_status status = t->copies ? stele_link_batch(link, t->statements, t->data, failed, error) : STELE_OK;
    if (status == STELE_OK && t->copies) {
        *failed = t->data;
        status = stele_link_copy_from(link, t->statements[t->data].sql, stele_copy_rows, &(stele_copying){t->writer, batch, 0}, error);
        t->drops = status == STELE_OK && link->affected != rows;
        if (t->drops)
            status = stele_error_set(error, STELE_FAILED, "a trigger of \"%s\" keeps rows out", t->writer->job->spec->into);
    }
    if (status == STELE_OK) {
        status = send_last(t, first, failed, error);
        *failed += first;
    }
    if (status != STELE_OK)
        stele_link_rollback(link);
    return status;
}

static void count_written(stele_transaction *t, int64_t rows)
{
    bool counted = rows > 0 && !t->copies && t->writer->job->spec->kind != STELE_JOB_RUNS_SQL;
    t->writer->written = counted ? strtoll(stele_rows_text(t->statements[t->data].rows, 0, 0), NULL, 10) : rows;
    t->writer->missed = rows - t->writer->written;
}

stele_status stele_close_statements(stele_transaction *t, stele_error *error)
{
    for (size_t i = 0; i < t->count; i++) {
        t->statements[i].sql = t->sql[i].bytes;
        t->statements[i].arguments = stele_given_arguments(&t->given[i]);
        t->failed |= t->sql[i].failed != 0;
    }
    return t->failed ? stele_error_memory(error) : STELE_OK;
}

static stele_status send(stele_transaction *t, const stele_batch *batch, int64_t rows, stele_write_end *end, stele_error *error)
{
    size_t failed;
    stele_status status = stele_close_statements(t, error);
    if (status != STELE_OK)
        return status;
    status = send_parts(t, batch, rows, &failed, error);
    if (status != STELE_OK)
        stele_hide_binds(t, error);
    if (status == STELE_CANCELLED)
        return status;
    if (status != STELE_OK) {
        *end = judge(t, status, failed, error);
        name_refusal(t, error);
        return STELE_OK;
    }
    *end = STELE_WRITTEN;
    stele_take_questions(t);
    count_written(t, rows);
    return STELE_OK;
}

/* What the batch says holds now for the chunk. */
static stele_status go_forward(stele_writer *writer, stele_job_chunk *chunk, const stele_batch *batch, stele_error *error)
{
    if (batch->cursor == NULL)
        return STELE_OK;
    chunk->begun = true;
    return stele_key_split(&chunk->arena, batch->cursor, chunk->cursor, stele_chunk_width(writer->job, chunk)) == STELE_OK ? STELE_OK : stele_error_memory(error);
}

/*
 * Put the transaction together. The fence comes last: it locks the chunk, and all that is long has then reached the server. A worker that is frozen, or cut off, while it sends
 * would else keep the chunk from whoever wants to take it over, for as long as that lasts.
 */
static stele_status put_together(stele_transaction *t, const stele_job_chunk *chunk, const stele_batch *batch, stele_union *columns, int64_t *rows, stele_error *error)
{
    int64_t dead = count_dead(batch);
    if (batch->first_load)
        stele_add_plain(t, "BEGIN");
    stele_add_question(t, false);
    stele_add_limits(t);
    stele_status status = stele_put_data(t, batch, columns, rows, error);
    if (status != STELE_OK)
        return status;
    if (dead > 0)
        stele_add_dead(t, batch);
    if (batch->notes != NULL)
        stele_add_notes(t, batch);
    put_extras(t, batch);
    stele_add_fence(t, chunk, batch, *rows, dead);
    stele_add_question(t, true);
    if (batch->first_load)
        stele_add_plain(t, "COMMIT");
    return STELE_OK;
}

void stele_free_transaction(stele_transaction *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < STATEMENTS; i++)
        stele_text_free(&t->sql[i]);
    stele_batch_free(t->statements, STATEMENTS);
    free(t);
}

stele_status stele_batch_write(stele_writer *writer, stele_job_chunk *chunk, const stele_batch *batch, stele_write_end *end, stele_error *error)
{
    int64_t rows = 0;
    stele_transaction *t = calloc(1, sizeof *t);
    stele_union *columns = calloc(1, sizeof *columns);
    stele_status status = t == NULL || columns == NULL ? stele_error_memory(error) : STELE_OK;
    *end = STELE_WRITE_STOPS;
    if (status == STELE_OK) {
        t->writer = writer;
        status = put_together(t, chunk, batch, columns, &rows, error);
    }
    if (status == STELE_OK)
        status = send(t, batch, rows, end, error);
    if (status == STELE_OK && *end == STELE_WRITTEN)
        status = go_forward(writer, chunk, batch, error);
    stele_free_transaction(t);
    if (columns != NULL)
        stele_free_columns(columns);
    stele_arena_free(&writer->arena);
    return status;
}

stele_status stele_batch_end_frozen(stele_writer *writer, stele_error *error)
{
    stele_text copy = {0}, sql = {0};
    stele_job *job = writer->job;
    char lease[16], id[16];
    if (job->spec->into == NULL)
        return STELE_OK;
    snprintf(lease, sizeof lease, "%u", job->knobs.lease_ms);
    snprintf(id, sizeof id, "%d", job->id);
    stele_sql_copy(job, &copy);
    if (copy.failed) {
        stele_text_free(&copy);
        return stele_error_memory(error);
    }
    /* What is shown of a query may be cut. A backend is a worker's by what it is called, or by its number, where it is as old as the worker. */
    const char *values[] = {lease, copy.bytes, id};
    stele_job_put(&sql, job,
        "SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity AS a WHERE a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()"
        " AND a.usename OPERATOR(pg_catalog.=) current_user AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid() AND a.wait_event OPERATOR(pg_catalog.=) 'ClientRead'"
        " AND pg_catalog.starts_with(a.query, 'COPY ') AND pg_catalog.starts_with($2, a.query) AND a.query_start OPERATOR(pg_catalog.<) (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-)"
        " ($1::pg_catalog.int4 OPERATOR(pg_catalog.*) '1 ms'::pg_catalog.interval)) AND a.state OPERATOR(pg_catalog.=) 'active'"
        " AND ((a.application_name OPERATOR(pg_catalog.=) pg_catalog.current_setting('application_name') AND pg_catalog.starts_with(a.application_name, 'stele'))"
        " OR EXISTS (SELECT FROM @.worker AS w WHERE w.job OPERATOR(pg_catalog.=) $3::pg_catalog.int4 AND w.backend OPERATOR(pg_catalog.=) a.pid"
        " AND a.backend_start OPERATOR(pg_catalog.<=) w.began))");
    stele_status status = stele_sql_run(job, &sql, 3, values, NULL, error);
    stele_text_free(&copy);
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

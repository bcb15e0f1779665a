#include "write_inside.h"

#include <stdlib.h>

#include "../error.h"
#include "sql.h"

/* The row, all of it. */
static void add_row(stele_transaction *t, const stele_write_row *row)
{
    const stele_job *job = t->writer->job;
    stele_given *g = stele_add_statement(t);
    stele_text *sql = &t->sql[t->count - 1];
    for (size_t i = 0; i < job->spec->key_count; i++)
        stele_give_text(g, stele_rows_text(row->page->rows, row->row, STELE_PAGE_KEYS + (int)i));
    stele_text_print(sql, "SELECT s.* FROM %s AS s WHERE ", job->spec->table);
    stele_job_pin(sql);
    stele_text_string(sql, " AND ");
    stele_sql_compare(job, t->writer->shape, sql, "s", "=", 1);
}

/* What the server did, in `seen`; of what came of it, its rows. */
static stele_status try_all(stele_transaction *t, const stele_batch *batch, stele_union *columns, stele_write_seen *seen, stele_error *error)
{
    int64_t rows = 0;
    size_t failed, before;
    stele_add_plain(t, "BEGIN READ WRITE, ISOLATION LEVEL READ COMMITTED");
    stele_add_limits(t);
    stele_add_plain(t, "SET CONSTRAINTS ALL IMMEDIATE");
    before = t->count;
    add_row(t, &batch->rows[0]);
    stele_status status = stele_put_data(t, batch, columns, &rows, error);
    add_row(t, &batch->rows[0]);
    stele_add_plain(t, "ROLLBACK");
    if (status == STELE_OK)
        status = stele_close_statements(t, error);
    if (status != STELE_OK)
        return status;
    status = stele_link_batch(&t->writer->job->handle->link, t->statements, t->count, &failed, error);
    stele_link_rollback(&t->writer->job->handle->link);
    if (status != STELE_OK) {
        stele_hide_binds(t, error);
        return status;
    }
    if (rows > 0)
        seen->written = t->writer->job->spec->kind == STELE_JOB_RUNS_SQL ? stele_rows_affected(t->statements[t->data].rows) : strtoll(stele_rows_text(t->statements[t->data].rows, 0, 0), NULL, 10);
    seen->before = t->statements[before].rows;
    seen->after = t->statements[t->count - 2].rows;
    t->statements[before].rows = t->statements[t->count - 2].rows = NULL;
    return STELE_OK;
}

stele_status stele_batch_try(stele_writer *writer, const stele_batch *batch, stele_write_seen *seen, stele_error *error)
{
    stele_transaction *t = calloc(1, sizeof *t);
    stele_union *columns = calloc(1, sizeof *columns);
    stele_status status = t == NULL || columns == NULL ? stele_error_memory(error) : STELE_OK;
    *seen = (stele_write_seen){0};
    if (status == STELE_OK) {
        t->writer = writer;
        t->tries = true;
        status = try_all(t, batch, columns, seen, error);
    }
    stele_free_transaction(t);
    if (columns != NULL)
        stele_free_columns(columns);
    stele_arena_free(&writer->arena);
    return status;
}

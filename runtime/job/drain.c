#include "worker.h"

#include <string.h>

#include "../error.h"
#include "sql.h"
#include "state.h"
#include "write_sql.h"

enum { KEYS = 1000, ORPHANS = 2000 };

/* ------------------------------------------------------------------ dirty keys */

typedef struct dirty {
    size_t count, key_count;
    const char *keys[KEYS];
    const char *all_keys, *all_seqs; /* text[] of the keys, int8[] of their rows */
    bool everything;                 /* nobody knows which rows: the table was truncated, or a trigger couldn't tell the keys */
    stele_arena arena;
} dirty;

static stele_status read_dirty(stele_worker *worker, dirty *d, stele_error *error)
{
    stele_job *job = worker->job;
    stele_text sql = {0};
    stele_rows *rows = NULL;
    const char *seqs[KEYS];
    *d = (dirty){0};
    stele_job_put(&sql, job, "SELECT seq, key FROM @.dirty WHERE job OPERATOR(pg_catalog.=) ");
    stele_text_print(&sql, "%d ORDER BY seq LIMIT %d", job->id, KEYS);
    stele_status status = stele_sql_run(job, &sql, 0, NULL, &rows, error);
    if (status != STELE_OK)
        return status;
    d->count = (size_t)stele_rows_count(rows);
    for (size_t i = 0; i < d->count; i++) {
        const char *key = stele_rows_text(rows, (int)i, 1);
        seqs[i] = stele_rows_text(rows, (int)i, 0);
        d->everything |= key == NULL;
        if (key != NULL && (d->keys[d->key_count++] = stele_arena_copy(&d->arena, key, strlen(key))) == NULL)
            status = stele_error_memory(error);
    }
    if (status == STELE_OK) {
        d->all_keys = stele_key_array(&d->arena, d->keys, d->key_count);
        d->all_seqs = stele_key_array(&d->arena, seqs, d->count);
        if (d->all_keys == NULL || d->all_seqs == NULL)
            status = stele_error_memory(error);
    }
    stele_rows_free(rows);
    return status;
}

/* In the transaction that takes the note away: else a crash between would lose it. One that was finished has no triggers, and stays so. */
static const char sweep_sql[] = "UPDATE @.job SET " STELE_JOB_NEXT_ROUND " WHERE id OPERATOR(pg_catalog.=) ";

/* In one transaction: what stands beside of rows that are gone goes, and so do the notes; what was given up of rows that are gone, or other ones now, doesn't count any more. */
static stele_status settle(stele_worker *worker, stele_job_chunk *chunk, const dirty *d, bool *lost, stele_error *error)
{
    const stele_job_spec *spec = worker->job->spec;
    stele_text gone = {0}, notes = {0}, again = {0}, dead = {0};
    stele_batch batch = {0};
    size_t extras = 0;
    if (spec->kind == STELE_JOB_EMBEDS && spec->into != NULL && d->key_count > 0) {
        stele_sql_delete_gone(worker->job, worker->shape, &gone);
        batch.extras[extras++] = (stele_write_extra){gone.bytes, 1, &d->all_keys};
    }
    if (d->key_count > 0) {
        stele_sql_resolve(worker->job, worker->shape, &dead);
        batch.extras[extras++] = (stele_write_extra){dead.bytes, 1, &d->all_keys};
    }
    stele_job_put(&notes, worker->job, "DELETE FROM @.dirty WHERE job OPERATOR(pg_catalog.=) ");
    stele_text_print(&notes, "%d AND seq OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.int8[])", worker->job->id);
    batch.extras[extras++] = (stele_write_extra){notes.bytes, 1, &d->all_seqs};
    if (d->everything) {
        stele_job_put(&again, worker->job, sweep_sql);
        stele_text_print(&again, "%d AND state OPERATOR(pg_catalog.=) ANY ('{load,drain,index,verify,ready,switched%s}'::pg_catalog.text[])", worker->job->id, spec->switches ? "" : ",done");
        batch.extras[extras++] = (stele_write_extra){again.bytes, 0, NULL};
    }
    stele_status status = gone.failed || notes.failed || again.failed || dead.failed ? stele_error_memory(error) : stele_worker_commit(worker, chunk, &batch, lost, error);
    worker->again |= status == STELE_OK && !*lost && d->everything && (worker->row.state != STELE_JOB_DONE || !spec->switches);
    stele_text_free(&again);
    stele_text_free(&gone);
    stele_text_free(&notes);
    stele_text_free(&dead);
    return status;
}

static stele_status redo(stele_worker *worker, stele_job_chunk *chunk, const dirty *d, bool *lost, stele_error *error)
{
    stele_page page = {0};
    stele_status status = STELE_OK;
    if (d->key_count > 0)
        status = stele_page_read_keys(worker->job, worker->shape, d->keys, d->key_count, &page, error);
    if (status == STELE_OK && page.count > 0)
        status = stele_worker_page(worker, chunk, &page, d->all_seqs, lost, error);
    stele_page_free(&page);
    if (status == STELE_OK && !*lost && d->everything && worker->job->spec->into != NULL)
        status = stele_chunk_task(worker->job, STELE_CHUNK_ORPHANS, error);
    if (status == STELE_OK && !*lost && worker->leave == STELE_STAYS)
        status = settle(worker, chunk, d, lost, error);
    return status;
}

/* Until a look finds fewer than it could have: under writers that never rest, none would ever find nothing. */
static stele_status drain(stele_worker *worker, stele_job_chunk *chunk, bool *lost, stele_error *error)
{
    bool full = true;
    stele_status status = STELE_OK;
    while (status == STELE_OK && full && !*lost && worker->leave == STELE_STAYS) {
        dirty d;
        status = stele_worker_tick(worker, error);
        if (status != STELE_OK)
            break;
        status = read_dirty(worker, &d, error);
        full = d.count == KEYS;
        if (status == STELE_OK && d.count > 0)
            status = redo(worker, chunk, &d, lost, error);
        stele_arena_free(&d.arena);
    }
    return status;
}

/* ------------------------------------------------------------------ what is left over */

/* Where the next piece of the side table ends; NULL: at its end. */
static stele_status find_piece(stele_worker *worker, const stele_job_chunk *chunk, const char **end, stele_arena *arena, stele_error *error)
{
    const stele_job *job = worker->job;
    stele_text sql = {0};
    stele_rows *rows = NULL;
    const char *values[STELE_KEY_COLUMNS];
    *end = NULL;
    stele_text_string(&sql, "SELECT ");
    stele_sql_key_texts(job, &sql, "v");
    stele_text_print(&sql, " FROM %s AS v WHERE ", job->spec->into);
    stele_job_pin(&sql);
    if (chunk->begun) {
        stele_text_string(&sql, " AND ");
        stele_sql_compare(job, worker->shape, &sql, "v", ">", 1);
    }
    stele_text_string(&sql, " ORDER BY ");
    stele_job_columns(&sql, "v.", job->spec->keys, job->spec->key_count);
    stele_text_print(&sql, " OFFSET %d LIMIT 1", ORPHANS - 1);
    stele_status status = stele_sql_run(worker->job, &sql, chunk->begun ? (int)job->spec->key_count : 0, chunk->cursor, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) == 1) {
        for (size_t i = 0; i < job->spec->key_count; i++)
            values[i] = stele_rows_text(rows, 0, (int)i);
        *end = stele_key_array(arena, values, job->spec->key_count);
        if (*end == NULL)
            status = stele_error_memory(error);
    }
    stele_rows_free(rows);
    return status;
}

/* Of the piece between the cursor and `end`, what has no row in the table. */
static stele_status take_away(stele_worker *worker, stele_job_chunk *chunk, const char *end, bool *lost, stele_error *error)
{
    const stele_job *job = worker->job;
    const stele_job_spec *spec = job->spec;
    stele_text sql = {0};
    stele_arena arena = {0};
    const char *values[2 * STELE_KEY_COLUMNS];
    size_t given = 0;
    stele_text_print(&sql, "DELETE FROM %s AS v WHERE NOT EXISTS (SELECT FROM %s AS s WHERE ", spec->into, spec->table);
    stele_sql_same_key(job, &sql, "s", "v");
    stele_sql_where(job, &sql);
    stele_text_string(&sql, ")");
    if (chunk->begun) {
        stele_text_string(&sql, " AND ");
        stele_sql_compare(job, worker->shape, &sql, "v", ">", 1);
        memcpy(values, chunk->cursor, spec->key_count * sizeof *values);
        given = spec->key_count;
    }
    bool there = end == NULL || stele_key_split(&arena, end, values + given, spec->key_count) == STELE_OK;
    if (end != NULL) {
        stele_text_string(&sql, " AND ");
        stele_sql_compare(job, worker->shape, &sql, "v", "<=", (int)given + 1);
        given += spec->key_count;
    }
    stele_batch batch = {.cursor = end, .extras = {{sql.bytes, (int)given, values}}};
    stele_status status = sql.failed || !there ? stele_error_memory(error) : stele_worker_commit(worker, chunk, &batch, lost, error);
    stele_text_free(&sql);
    stele_arena_free(&arena);
    return status;
}

static stele_status sweep(stele_worker *worker, stele_job_chunk *chunk, bool *lost, stele_error *error)
{
    const char *end = "";
    stele_status status = STELE_OK;
    while (status == STELE_OK && end != NULL && !*lost && worker->leave == STELE_STAYS) {
        stele_arena arena = {0};
        status = stele_worker_tick(worker, error);
        if (status == STELE_OK)
            status = find_piece(worker, chunk, &end, &arena, error);
        if (status == STELE_OK)
            status = take_away(worker, chunk, end, lost, error);
        stele_arena_free(&arena);
    }
    return status;
}

/* ------------------------------------------------------------------ as tasks */

static stele_status do_task(stele_worker *worker, int kind, stele_status (*work)(stele_worker *, stele_job_chunk *, bool *, stele_error *), bool *idle,
                            stele_error *error)
{
    stele_job_chunk chunk;
    int64_t left = 0;
    bool lost = false;
    stele_status status = stele_chunk_take(worker->job, kind, &chunk, &left, error);
    *idle = status == STELE_OK && chunk.no == 0 && left > 0;
    if (status != STELE_OK || chunk.no == 0) {
        stele_chunk_forget(&chunk);
        return status;
    }
    status = work(worker, &chunk, &lost, error);
    stele_status released = STELE_OK;
    if (!lost && stele_link_alive(&worker->job->handle->link))
        released = stele_chunk_release(worker->job, &chunk, status == STELE_OK && worker->leave == STELE_STAYS, status == STELE_OK ? error : NULL);
    if (status == STELE_OK)
        status = released;
    stele_chunk_forget(&chunk);
    return status;
}

stele_status stele_worker_drain(stele_worker *worker, bool *idle, stele_error *error)
{
    return do_task(worker, STELE_CHUNK_DIRTY, drain, idle, error);
}

stele_status stele_worker_orphans(stele_worker *worker, bool *idle, stele_error *error)
{
    return do_task(worker, STELE_CHUNK_ORPHANS, sweep, idle, error);
}

stele_status stele_worker_look_at_all(stele_worker *worker, stele_error *error)
{
    const stele_job_spec *spec = worker->job->spec;
    bool finished = worker->row.state == STELE_JOB_DONE && (spec->switches || spec->triggers);
    bool is_behind = worker->row.state == STELE_JOB_READY || worker->row.state == STELE_JOB_SWITCHED || worker->row.state == STELE_JOB_DONE;
    stele_job_number id;
    const char *value = stele_job_print(id, worker->job->id);
    if (!is_behind || finished || spec->kind != STELE_JOB_EMBEDS)
        return STELE_OK;
    worker->blind = false;
    return stele_job_query(worker->job, "INSERT INTO @.dirty (job, key) SELECT $1::pg_catalog.int4, NULL WHERE NOT EXISTS (SELECT FROM @.dirty WHERE job OPERATOR(pg_catalog.=) $1::pg_catalog.int4"
                           " AND key IS NULL)", 1, &value, NULL, error);
}

#include "chunk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "sql.h"
#include "state.h"

/* ------------------------------------------------------------- keys as text[] */

const char *stele_key_array(stele_arena *arena, const char *const *values, size_t count)
{
    stele_text text = {0};
    stele_text_string(&text, "{");
    for (size_t i = 0; i < count; i++) {
        stele_text_string(&text, i > 0 ? ",\"" : "\"");
        for (const char *p = values[i]; *p != '\0'; p++) {
            if (*p == '"' || *p == '\\')
                stele_text_bytes(&text, "\\", 1);
            stele_text_bytes(&text, p, 1);
        }
        stele_text_string(&text, "\"");
    }
    stele_text_string(&text, "}");
    const char *copy = text.failed ? NULL : stele_arena_copy(arena, text.bytes, text.length);
    stele_text_free(&text);
    return copy;
}

/* One element, from behind the brace or comma; ends at the next of them. NULL where it isn't one. */
static const char *split_one(const char *p, char *out, const char **end)
{
    const char *begin = out;
    bool quoted = *p == '"';
    for (p += quoted; *p != '\0' && (quoted ? *p != '"' : *p != ',' && *p != '}'); p++) {
        if (*p == '\\' && p[1] != '\0')
            p++;
        *out++ = *p;
    }
    *out = '\0';
    if (quoted && *p++ != '"')
        return NULL;
    *end = p;
    return !quoted && strcmp(begin, "NULL") == 0 ? NULL : begin;
}

stele_status stele_key_split(stele_arena *arena, const char *array, const char **values, size_t count)
{
    size_t length = strlen(array), i = 0;
    char *room = stele_arena_get(arena, count * (length + 1), 1);
    const char *p = array;
    if (room == NULL)
        return STELE_FAILED;
    if (*p != '{')
        return STELE_UNMET;
    do {
        if (i == count || (values[i] = split_one(p + 1, room + i * (length + 1), &p)) == NULL)
            return STELE_UNMET;
        i++;
    } while (*p == ',');
    return i == count && *p == '}' && p[1] == '\0' ? STELE_OK : STELE_UNMET;
}

/* ------------------------------------------------------------------ taking one */

size_t stele_chunk_width(const stele_job *job, const stele_job_chunk *chunk)
{
    return chunk->by_blocks || chunk->striped ? 1 : job->spec->key_count;
}

bool stele_job_in_place(const stele_job *job)
{
    return job->spec->into == NULL;
}

unsigned stele_chunk_rows(const stele_job *job)
{
    enum { LISTED = 20000 }; /* all of the list is looked at for each page of it */
    return job->knobs.chunk > LISTED && stele_job_in_place(job) ? LISTED : job->knobs.chunk;
}

static stele_status read_bound(stele_job_chunk *chunk, const char *array, const char **values, size_t count, bool *there)
{
    *there = array != NULL;
    return array == NULL ? STELE_OK : stele_key_split(&chunk->arena, array, values, count);
}

static stele_status read_chunk(stele_job *job, const stele_rows *rows, int kind, stele_job_chunk *chunk, stele_error *error)
{
    bool low, high;
    chunk->no = strtoll(stele_rows_text(rows, 0, 0), NULL, 10);
    chunk->kind = kind;
    chunk->epoch = (int)strtol(stele_rows_text(rows, 0, 1), NULL, 10);
    chunk->attempts = (int)strtol(stele_rows_text(rows, 0, 2), NULL, 10);
    chunk->round = (int)strtol(stele_rows_text(rows, 0, 3), NULL, 10);
    chunk->by_blocks = stele_rows_true(rows, 0, 4);
    chunk->striped = stele_rows_text(rows, 0, 8) != NULL;
    chunk->listed = chunk->striped ? strtoll(stele_rows_text(rows, 0, 8), NULL, 10) : 0;
    size_t width = chunk->by_blocks ? 1 : job->spec->key_count;
    stele_status status = read_bound(chunk, stele_rows_text(rows, 0, 5), chunk->low, width, &low);
    if (status == STELE_OK)
        status = read_bound(chunk, stele_rows_text(rows, 0, 6), chunk->high, width, &high);
    if (status == STELE_OK)
        status = read_bound(chunk, stele_rows_text(rows, 0, 7), chunk->cursor, stele_chunk_width(job, chunk), &chunk->begun);
    if (status == STELE_FAILED)
        return stele_error_memory(error);
    if (status != STELE_OK) {
        stele_error_set(error, STELE_FAILED, "chunk %lld of the job \"%s\" has bounds that this key doesn't have", (long long)chunk->no, job->spec->name);
        stele_error_hint(error, "the table chunk was changed by hand; cancel the job and begin it anew");
        return STELE_FAILED;
    }
    chunk->from_start = !low;
    chunk->to_end = !high;
    if (job->held_count == STELE_JOB_HELD)
        return stele_error_set(error, STELE_FAILED, "a worker of the job \"%s\" is at more than %d chunks at once", job->spec->name, STELE_JOB_HELD);
    chunk->job = job;
    job->held[job->held_count++] = chunk->no;
    return STELE_OK;
}

static void let_go(stele_job *job, int64_t no)
{
    for (unsigned i = 0; job != NULL && i < job->held_count; i++)
        if (job->held[i] == no) {
            job->held[i] = job->held[--job->held_count];
            return;
        }
}

stele_status stele_chunk_take(stele_job *job, int kind, stele_job_chunk *chunk, int64_t *left, stele_error *error)
{
    char id[16], of_kind[16], worker[24], lease[16];
    const char *values[] = {id, of_kind, worker, lease};
    stele_text sql = {0};
    stele_rows *rows = NULL;
    *chunk = (stele_job_chunk){0};
    snprintf(id, sizeof id, "%d", job->id);
    snprintf(of_kind, sizeof of_kind, "%d", kind);
    snprintf(worker, sizeof worker, "%lld", (long long)job->worker);
    snprintf(lease, sizeof lease, "%u", job->knobs.lease_ms);
    stele_job_put(&sql, job,
        "WITH free AS (SELECT job, no FROM @.chunk WHERE job OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND kind OPERATOR(pg_catalog.=) $2::pg_catalog.int2"
        " AND (state OPERATOR(pg_catalog.=) 0 OR state OPERATOR(pg_catalog.=) 1 AND lease_until OPERATOR(pg_catalog.<) pg_catalog.clock_timestamp())"
        " AND coalesce(not_before, '-infinity') OPERATOR(pg_catalog.<=) pg_catalog.clock_timestamp() ORDER BY no LIMIT 1 FOR UPDATE SKIP LOCKED),"
        " taken AS (UPDATE @.chunk AS c SET state = 1, epoch = c.epoch OPERATOR(pg_catalog.+) 1, attempts = c.attempts OPERATOR(pg_catalog.+) 1,"
        " worker = $3::pg_catalog.int8, lease_until = pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) ($4::pg_catalog.int4 OPERATOR(pg_catalog.*)"
        " '1 ms'::pg_catalog.interval) FROM free AS f WHERE c.job OPERATOR(pg_catalog.=) f.job AND c.no OPERATOR(pg_catalog.=) f.no"
        " RETURNING c.no, c.epoch, c.attempts, c.round, c.by_blocks, c.lo, c.hi, c.\"cursor\", pg_catalog.cardinality(c.keys))"
        " SELECT t.*, (SELECT pg_catalog.count(*) FROM @.chunk WHERE job OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND kind OPERATOR(pg_catalog.=)"
        " $2::pg_catalog.int2 AND state OPERATOR(pg_catalog.<) 2) FROM (SELECT) AS one LEFT JOIN taken AS t ON true");
    stele_status status = stele_sql_run(job, &sql, 4, values, &rows, error);
    if (status == STELE_OK && left != NULL)
        *left = strtoll(stele_rows_text(rows, 0, 9), NULL, 10);
    if (status == STELE_OK && stele_rows_text(rows, 0, 0) != NULL)
        status = read_chunk(job, rows, kind, chunk, error);
    stele_rows_free(rows);
    return status;
}

/* --------------------------------------------------------------------- making them */

typedef struct frontier {
    char round[16];
    bool by_blocks, planned;
    const char *array;                        /* NULL: at the beginning */
    const char *values[STELE_KEY_COLUMNS];
    int64_t blocks;
} frontier;

static stele_status read_frontier(stele_job *job, frontier *f, stele_arena *arena, stele_error *error)
{
    char id[16];
    const char *values[] = {id};
    stele_text sql = {0};
    stele_rows *rows = NULL;
    snprintf(id, sizeof id, "%d", job->id);
    stele_job_put(&sql, job, "SELECT round, by_blocks, planned, frontier, coalesce(blocks, 0) FROM @.job WHERE id OPERATOR(pg_catalog.=) $1::pg_catalog.int4");
    stele_status status = stele_sql_run(job, &sql, 1, values, &rows, error);
    if (status != STELE_OK)
        return status;
    *f = (frontier){.planned = true};
    if (stele_rows_count(rows) == 1) {
        const char *array = stele_rows_text(rows, 0, 3);
        stele_error_copy(f->round, sizeof f->round, stele_rows_text(rows, 0, 0));
        f->by_blocks = stele_rows_true(rows, 0, 1);
        f->planned = stele_rows_true(rows, 0, 2);
        f->blocks = strtoll(stele_rows_text(rows, 0, 4), NULL, 10);
        if (array != NULL) {
            f->array = stele_arena_copy(arena, array, strlen(array));
            status = f->array == NULL ? STELE_FAILED : stele_key_split(arena, array, f->values, f->by_blocks ? 1 : job->spec->key_count);
            if (status == STELE_FAILED)
                stele_error_memory(error);
            else if (status != STELE_OK)
                status = stele_error_set(error, STELE_FAILED, "the job \"%s\" is at a place that this key doesn't have: %s", job->spec->name, array);
        }
    }
    stele_rows_free(rows);
    return status;
}

/* Where the next chunk ends; NULL: behind the last row. */
static stele_status find_end(stele_job *job, const stele_job_shape *shape, const frontier *f, const char **end, stele_arena *arena, stele_error *error)
{
    stele_text sql = {0};
    stele_rows *rows = NULL;
    const stele_job_spec *spec = job->spec;
    *end = NULL;
    if (f->by_blocks) {
        double each = shape->rows > 0 && shape->blocks > 0 ? shape->rows / (double)shape->blocks : 50;
        int64_t width = (int64_t)(stele_chunk_rows(job) / (each < 1 ? 1 : each)) + 1, begin = f->array == NULL ? 0 : strtoll(f->values[0], NULL, 10);
        *end = stele_arena_print(arena, "{%lld}", (long long)(begin + width));
        return *end == NULL ? stele_error_memory(error) : STELE_OK;
    }
    stele_text_string(&sql, "SELECT ");
    stele_sql_key_texts(job, &sql, "s");
    stele_text_print(&sql, " FROM %s AS s WHERE ", spec->table);
    stele_job_pin(&sql);
    if (f->array != NULL) {
        stele_text_string(&sql, " AND ");
        stele_sql_compare(job, shape, &sql, "s", ">", 1);
    }
    stele_text_string(&sql, " ORDER BY ");
    stele_job_columns(&sql, "s.", spec->keys, spec->key_count);
    stele_text_print(&sql, " OFFSET %u LIMIT 1", stele_chunk_rows(job) - 1);
    stele_status status = stele_sql_run(job, &sql, f->array == NULL ? 0 : (int)spec->key_count, f->values, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) == 1) {
        const char *values[STELE_KEY_COLUMNS];
        for (size_t i = 0; i < spec->key_count; i++)
            values[i] = stele_rows_text(rows, 0, (int)i);
        *end = stele_key_array(arena, values, spec->key_count);
        status = *end == NULL ? stele_error_memory(error) : STELE_OK;
    }
    stele_rows_free(rows);
    return status;
}

/* The frontier goes forward, if it is still where it was, and the chunk in between is made. */
static stele_status advance(stele_job *job, const frontier *f, const char *end, bool last, stele_error *error)
{
    char id[16];
    const char *values[] = {id, f->round, f->array, end, last ? "t" : "f"};
    stele_text sql = {0};
    snprintf(id, sizeof id, "%d", job->id);
    stele_job_put(&sql, job,
        "WITH j AS (UPDATE @.job SET frontier = $4::pg_catalog.text[], planned = $5::pg_catalog.bool WHERE id OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND round"
        " OPERATOR(pg_catalog.=) $2::pg_catalog.int4 AND NOT planned AND frontier IS NOT DISTINCT FROM $3::pg_catalog.text[] RETURNING id, round, by_blocks)"
        " INSERT INTO @.chunk (job, no, round, kind, by_blocks, lo, hi) SELECT j.id, (SELECT coalesce(pg_catalog.max(no), 0) OPERATOR(pg_catalog.+) 1 FROM @.chunk"
        " WHERE job OPERATOR(pg_catalog.=) $1::pg_catalog.int4), j.round, 0, j.by_blocks, $3::pg_catalog.text[], CASE WHEN $5::pg_catalog.bool AND NOT j.by_blocks THEN NULL"
        " ELSE $4::pg_catalog.text[] END FROM j");
    return stele_sql_run(job, &sql, 5, values, NULL, error);
}

stele_status stele_chunk_plan(stele_job *job, const stele_job_shape *shape, bool *made, stele_error *error)
{
    stele_arena arena = {0};
    frontier f;
    const char *end = NULL;
    *made = false;
    stele_status status = read_frontier(job, &f, &arena, error);
    if (status == STELE_OK && !f.planned) {
        status = find_end(job, shape, &f, &end, &arena, error);
        const char *number[1] = {NULL};
        bool last = end == NULL || (f.by_blocks && stele_key_split(&arena, end, number, 1) == STELE_OK && strtoll(number[0], NULL, 10) >= f.blocks);
        if (status == STELE_OK)
            status = advance(job, &f, end, last, error);
        *made = status == STELE_OK; /* or somebody else has made it at this moment */
    }
    stele_arena_free(&arena);
    return status;
}

static stele_status make_task(stele_job *job, int kind, stele_error *error)
{
    char id[16], of_kind[16];
    const char *values[] = {id, of_kind};
    stele_text sql = {0};
    snprintf(id, sizeof id, "%d", job->id);
    snprintf(of_kind, sizeof of_kind, "%d", kind);
    stele_job_put(&sql, job,
        "WITH j AS (SELECT id, round FROM @.job WHERE id OPERATOR(pg_catalog.=) $1::pg_catalog.int4 FOR UPDATE),"
        " again AS (UPDATE @.chunk AS c SET state = 0, \"cursor\" = NULL, attempts = 0, not_before = NULL FROM j WHERE c.job OPERATOR(pg_catalog.=) j.id AND c.kind"
        " OPERATOR(pg_catalog.=) $2::pg_catalog.int2 AND c.state OPERATOR(pg_catalog.=) 2 RETURNING c.no)"
        " INSERT INTO @.chunk (job, no, round, kind, by_blocks) SELECT j.id, (SELECT coalesce(pg_catalog.max(no), 0) OPERATOR(pg_catalog.+) 1 FROM @.chunk WHERE job"
        " OPERATOR(pg_catalog.=) $1::pg_catalog.int4), j.round, $2::pg_catalog.int2, false FROM j WHERE NOT EXISTS (SELECT FROM @.chunk AS c WHERE c.job"
        " OPERATOR(pg_catalog.=) j.id AND c.kind OPERATOR(pg_catalog.=) $2::pg_catalog.int2)");
    return stele_sql_run(job, &sql, 2, values, NULL, error);
}

/* Of two who do so at the same moment, one waits for the other, and then takes the same number: it doesn't see what came since it began. */
stele_status stele_chunk_task(stele_job *job, int kind, stele_error *error)
{
    enum { TRIES = 10 };
    stele_error own = {0};
    stele_status status = STELE_FAILED;
    for (int i = 0; i < TRIES && (i == 0 || (status == STELE_FAILED && strcmp(own.sqlstate, "23505") == 0)); i++) {
        stele_error_clear(&own);
        status = make_task(job, kind, &own);
    }
    if (status != STELE_OK && error != NULL)
        *error = own;
    return status;
}

/* --------------------------------------------------------------------- giving it back */

stele_status stele_chunk_is_held(stele_job *job, const stele_job_chunk *chunk, bool *held, stele_error *error)
{
    stele_job_number id, no, epoch, worker;
    const char *values[] = {stele_job_print(id, job->id), stele_job_print(no, chunk->no), stele_job_print(epoch, chunk->epoch), stele_job_print(worker, job->worker)};
    stele_rows *rows = NULL;
    stele_status status = stele_job_query(job, "SELECT FROM @.chunk WHERE job OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND no OPERATOR(pg_catalog.=) $2::pg_catalog.int8"
                                          " AND epoch OPERATOR(pg_catalog.=) $3::pg_catalog.int4 AND worker OPERATOR(pg_catalog.=) $4::pg_catalog.int8 AND state OPERATOR(pg_catalog.=) 1", 4, values, &rows, error);
    *held = status == STELE_OK && stele_rows_count(rows) == 1;
    stele_rows_free(rows);
    return status;
}

stele_status stele_chunk_release(stele_job *job, stele_job_chunk *chunk, bool done, stele_error *error)
{
    char id[16], no[24], epoch[16], most[16];
    const char *values[] = {id, no, epoch, done ? "2" : "0", most};
    stele_text sql = {0};
    if (chunk->no == 0)
        return STELE_OK;
    snprintf(id, sizeof id, "%d", job->id);
    snprintf(no, sizeof no, "%lld", (long long)chunk->no);
    snprintf(epoch, sizeof epoch, "%d", chunk->epoch);
    snprintf(most, sizeof most, "%d", STELE_CHUNK_ATTEMPTS);
    stele_job_put(&sql, job,
        "UPDATE @.chunk SET state = $4::pg_catalog.int2, lease_until = NULL, attempts = CASE WHEN attempts OPERATOR(pg_catalog.>) $5::pg_catalog.int4 THEN 0"
        " ELSE attempts OPERATOR(pg_catalog.-) 1 END WHERE job OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND no OPERATOR(pg_catalog.=) $2::pg_catalog.int8 AND epoch OPERATOR(pg_catalog.=) $3::pg_catalog.int4 AND state OPERATOR(pg_catalog.=) 1");
    stele_status status = stele_sql_run(job, &sql, 5, values, NULL, error);
    stele_chunk_forget(chunk);
    return status;
}

void stele_chunk_forget(stele_job_chunk *chunk)
{
    let_go(chunk->job, chunk->no);
    stele_arena_free(&chunk->arena);
    *chunk = (stele_job_chunk){0};
}

#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "after.h"
#include "sql.h"
#include "stripe.h"

int stele_page_place(const stele_job *job)
{
    return (int)job->spec->key_count;
}

int stele_page_hash(const stele_job *job)
{
    return (int)job->spec->key_count + 1;
}

int stele_page_reads(const stele_job *job)
{
    return (int)job->spec->key_count + 2;
}

int stele_page_seen_keys(const stele_job *job)
{
    return stele_page_reads(job) + (int)job->spec->read_count;
}

/* A statement of one batch only sees the keys: it reads the rows itself, when it runs. */
static bool reads_rows(const stele_job *job)
{
    return job->spec->kind != STELE_JOB_RUNS_SQL;
}

static void select_rows(const stele_job *job, stele_text *sql, const char *place)
{
    const stele_job_spec *spec = job->spec;
    stele_text_string(sql, "SELECT ");
    stele_sql_key_texts(job, sql, "s");
    stele_text_print(sql, ", %s, ", place);
    if (reads_rows(job)) {
        stele_text_string(sql, "pg_catalog.encode(");
        stele_job_hash(job, sql, "s");
        stele_text_string(sql, ", 'hex')");
    } else {
        stele_text_string(sql, "NULL");
    }
    if (reads_rows(job) && spec->read_count > 0) {
        stele_text_string(sql, ", ");
        stele_job_columns(sql, "s.", spec->reads, spec->read_count);
    }
    if (reads_rows(job)) {
        stele_text_string(sql, ", ");
        stele_job_columns(sql, "s.", spec->keys, spec->key_count);
    }
}

static void from_table(const stele_job *job, stele_text *sql)
{
    stele_text_print(sql, " FROM %s AS s WHERE ", job->spec->table);
    stele_job_pin(sql);
    stele_text_string(sql, " AND ");
}

/* Leave out those whose vector is of this very input, and those that were given up with it. */
static void leave_out(const stele_job *job, stele_text *sql)
{
    const stele_job_spec *spec = job->spec;
    if (spec->kind != STELE_JOB_EMBEDS)
        return;
    if (spec->into != NULL) {
        stele_text_print(sql, " AND NOT EXISTS (SELECT FROM %s AS v WHERE ", spec->into);
        stele_sql_same_key(job, sql, "v", "s");
        stele_text_string(sql, " AND v.");
        stele_job_name(sql, spec->hash);
        stele_text_string(sql, " OPERATOR(pg_catalog.=) ");
        stele_job_hash(job, sql, "s");
        stele_text_string(sql, ")");
    } else if (spec->hash != NULL) {
        stele_text_string(sql, " AND s.");
        stele_job_name(sql, spec->hash);
        stele_text_string(sql, " IS DISTINCT FROM ");
        stele_job_hash(job, sql, "s");
    } else {
        stele_text_string(sql, " AND s.");
        stele_job_name(sql, spec->vector);
        stele_text_string(sql, " IS NULL");
    }
    stele_text_print(sql, " AND NOT EXISTS (SELECT FROM %s.dead AS d WHERE d.job OPERATOR(pg_catalog.=) %d AND d.resolved IS NULL AND d.key OPERATOR(pg_catalog.=) ARRAY[",
                     job->schema, job->id);
    stele_sql_key_texts(job, sql, "s");
    stele_text_string(sql, "]::pg_catalog.text[] AND d.input OPERATOR(pg_catalog.=) ");
    stele_job_hash(job, sql, "s");
    stele_text_string(sql, ")");
}

static stele_status make_slots(stele_page *page, stele_error *error)
{
    page->count = stele_rows_count(page->rows);
    page->slots = calloc(page->count == 0 ? 1 : (size_t)page->count, sizeof *page->slots);
    return page->slots == NULL ? stele_error_memory(error) : STELE_OK;
}

static stele_status take_rows(stele_job *job, stele_text *sql, int count, const char *const *values, stele_page *page, stele_error *error)
{
    stele_status status = stele_sql_run(job, sql, count, values, &page->rows, error);
    return status == STELE_OK ? make_slots(page, error) : status;
}

/* ---------------------------------------------------------------- a range's next */

static stele_status ask_blocks(stele_job *job, const stele_job_shape *shape, stele_job_chunk *chunk, const char *after, bool only_new, stele_page_query *query, stele_error *error)
{
    double each = shape->rows > 0 && shape->blocks > 0 ? shape->rows / (double)shape->blocks : 50;
    int64_t begin = after[0] == '(' ? strtoll(after + 1, NULL, 10) : 0, width = (int64_t)(query->rows / (each < 1 ? 1 : each)), end = begin + (width < 1 ? 1 : width);
    int64_t high = strtoll(chunk->high[0], NULL, 10);
    query->ends = end >= high;
    query->cursor = stele_arena_print(&chunk->arena, "(%lld,0)", (long long)(query->ends ? high : end));
    if (query->cursor == NULL)
        return stele_error_memory(error);
    query->values[query->count++] = after;
    query->values[query->count++] = query->cursor;
    select_rows(job, &query->sql, "s.ctid");
    from_table(job, &query->sql);
    stele_text_string(&query->sql, "s.ctid OPERATOR(pg_catalog.>) $1::pg_catalog.tid AND s.ctid OPERATOR(pg_catalog.<) $2::pg_catalog.tid");
    stele_sql_where(job, &query->sql);
    if (only_new)
        leave_out(job, &query->sql);
    stele_text_string(&query->sql, " ORDER BY s.ctid");
    return STELE_OK;
}

/* Between these two; NULL: no bound. */
static int put_range(const stele_job *job, const stele_job_shape *shape, const char *const *after, const char *const *high, stele_text *sql, const char **values)
{
    const char *const *bounds[] = {after, high};
    size_t count = job->spec->key_count, given = 0;
    for (int i = 0; i < 2; i++) {
        if (bounds[i] == NULL)
            continue;
        stele_text_string(sql, " AND ");
        stele_sql_compare(job, shape, sql, "s", i == 0 ? ">" : "<=", (int)given + 1);
        memcpy(values + given, bounds[i], count * sizeof *values);
        given += count;
    }
    return (int)given;
}

int stele_page_range(const stele_job *job, const stele_job_shape *shape, const stele_job_chunk *chunk, stele_text *sql, const char **values)
{
    if (!chunk->by_blocks)
        return put_range(job, shape, chunk->from_start ? NULL : chunk->low, chunk->to_end ? NULL : chunk->high, sql, values);
    stele_text_print(sql, " AND s.ctid OPERATOR(pg_catalog.>) '(%s,0)'::pg_catalog.tid AND s.ctid OPERATOR(pg_catalog.<) '(%s,0)'::pg_catalog.tid", chunk->from_start ? "0" : chunk->low[0],
                     chunk->high[0]);
    return 0;
}

static void ask_range(stele_job *job, const stele_job_shape *shape, const stele_job_chunk *chunk, const char *const *after, bool only_new, stele_page_query *query)
{
    select_rows(job, &query->sql, "NULL");
    from_table(job, &query->sql);
    stele_text_string(&query->sql, "true");
    query->count = put_range(job, shape, after, chunk->to_end ? NULL : chunk->high, &query->sql, query->values);
    stele_sql_where(job, &query->sql);
    if (only_new)
        leave_out(job, &query->sql);
    stele_text_string(&query->sql, " ORDER BY ");
    stele_job_columns(&query->sql, "s.", job->spec->keys, job->spec->key_count);
    stele_text_print(&query->sql, " LIMIT %u", query->rows);
}

static stele_status ask_stripes(stele_job *job, const stele_job_shape *shape, stele_job_chunk *chunk, const char *after, bool only_new, stele_page_query *query, stele_error *error)
{
    char place[80];
    int64_t begin = after == NULL ? 0 : strtoll(after, NULL, 10), end = begin + query->rows;
    query->ends = end >= chunk->listed;
    query->cursor = stele_arena_print(&chunk->arena, "%lld", (long long)end);
    if (query->cursor == NULL)
        return stele_error_memory(error);
    snprintf(place, sizeof place, "\"stele place\" OPERATOR(pg_catalog.+) %lld", (long long)begin);
    select_rows(job, &query->sql, place);
    stele_stripe_from(job, shape, chunk, begin, end, &query->sql);
    stele_text_string(&query->sql, " WHERE ");
    stele_job_pin(&query->sql);
    stele_sql_where(job, &query->sql);
    if (only_new)
        leave_out(job, &query->sql);
    stele_text_string(&query->sql, " ORDER BY \"stele place\"");
    return STELE_OK;
}

stele_status stele_page_ask(stele_job *job, const stele_job_shape *shape, stele_job_chunk *chunk, const char *const *after, unsigned rows, bool only_new,
                            stele_page_query *query, stele_error *error)
{
    stele_status status = STELE_OK;
    *query = (stele_page_query){.rows = rows};
    if (after == NULL && chunk->begun)
        after = chunk->cursor;
    if (chunk->striped) {
        status = ask_stripes(job, shape, chunk, after == NULL ? NULL : after[0], only_new, query, error);
    } else if (!chunk->by_blocks) {
        ask_range(job, shape, chunk, after == NULL && !chunk->from_start ? chunk->low : after, only_new, query);
    } else {
        const char *begin = after != NULL ? after[0] : stele_arena_print(&chunk->arena, "(%s,0)", chunk->from_start ? "0" : chunk->low[0]);
        status = begin == NULL ? stele_error_memory(error) : ask_blocks(job, shape, chunk, begin, only_new, query, error);
    }
    return status == STELE_OK && query->sql.failed ? stele_error_memory(error) : status;
}

stele_status stele_page_take(const stele_page_query *query, stele_rows *rows, stele_page *page, stele_error *error)
{
    *page = (stele_page){.rows = rows, .cursor = query->cursor};
    stele_status status = make_slots(page, error);
    page->ends = query->cursor != NULL ? query->ends : page->count < (int)query->rows;
    return status;
}

/* ----------------------------------------------------------------- those of some keys */

stele_status stele_page_read_keys(stele_job *job, const stele_job_shape *shape, const char *const *keys, size_t count, stele_page *page, stele_error *error)
{
    stele_arena arena = {0};
    stele_text sql = {0};
    const char *all;
    *page = (stele_page){.ends = true};
    all = stele_key_array(&arena, keys, count); /* an array of arrays' texts: element by element it is cast */
    select_rows(job, &sql, "NULL");
    from_table(job, &sql);
    stele_sql_key(job, &sql, "s");
    stele_text_string(&sql, " IN (SELECT ");
    for (size_t i = 0; i < job->spec->key_count; i++)
        stele_text_print(&sql, "%s(k::pg_catalog.text[])[%d]::%s", i > 0 ? ", " : "", (int)i + 1, shape->key_types[i]);
    stele_text_string(&sql, " FROM pg_catalog.unnest($1::pg_catalog.text[]) AS \"stele keys\"(k))");
    stele_sql_where(job, &sql);
    leave_out(job, &sql);
    stele_text_string(&sql, " ORDER BY ");
    stele_job_columns(&sql, "s.", job->spec->keys, job->spec->key_count);
    stele_status status = STELE_OK;
    if (all == NULL) {
        stele_text_free(&sql);
        status = stele_error_memory(error);
    } else {
        status = take_rows(job, &sql, 1, &all, page, error);
    }
    stele_arena_free(&arena);
    return status;
}

/* ----------------------------------------------------------------------- at random */

/* Which rows is settled first: only of those that are taken the values are fetched. */
stele_status stele_page_sample(stele_job *job, const char *part, unsigned rows, stele_page *page, stele_error *error)
{
    enum { LONGEST_MS = 60000 };
    stele_text sql = {0};
    *page = (stele_page){.ends = true};
    select_rows(job, &sql, "NULL");
    stele_text_print(&sql, " FROM (SELECT s.* FROM %s AS s%s WHERE true", job->spec->table, part);
    stele_sql_where(job, &sql);
    stele_text_print(&sql, " ORDER BY pg_catalog.random() LIMIT %u) AS s WHERE ", rows);
    stele_job_pin(&sql);
    stele_status status = sql.failed ? stele_error_memory(error) : stele_job_bounded(job, LONGEST_MS, NULL, sql.bytes, 0, NULL, &page->rows, error);
    stele_text_free(&sql);
    if (status == STELE_OK && page->rows == NULL)
        status = stele_error_set(error, STELE_FAILED, "no rows of %s were read within %d s", job->spec->table, LONGEST_MS / 1000);
    return status == STELE_OK ? make_slots(page, error) : status;
}

/* ------------------------------------------------------------------------- slots */

const char *stele_page_cursor(const stele_job *job, const stele_job_chunk *chunk, const stele_page *page, int row, stele_arena *arena)
{
    const char *values[STELE_KEY_COLUMNS];
    size_t width = stele_chunk_width(job, chunk);
    int first = chunk->by_blocks || chunk->striped ? stele_page_place(job) : STELE_PAGE_KEYS;
    for (size_t i = 0; i < width; i++)
        values[i] = stele_rows_text(page->rows, row, first + (int)i);
    return stele_key_array(arena, values, width);
}

void stele_page_free(stele_page *page)
{
    for (int i = 0; page->slots != NULL && i < page->count; i++) {
        stele_text_free(&page->slots[i].value);
        free(page->slots[i].fault);
    }
    free(page->slots);
    stele_rows_free(page->rows);
    *page = (stele_page){0};
}

stele_status stele_slot_give_up(stele_slot *slot, const char *stage, const char *code, const char *message, stele_error *error)
{
    size_t a = strlen(stage) + 1, b = strlen(code) + 1, c = strlen(message) + 1;
    free(slot->fault);
    slot->fault = malloc(a + b + c);
    if (slot->fault == NULL)
        return stele_error_memory(error);
    memcpy(slot->fault, stage, a);
    memcpy(slot->fault + a, code, b);
    memcpy(slot->fault + a + b, message, c);
    stele_text_free(&slot->value);
    slot->state = STELE_SLOT_DEAD;
    return STELE_OK;
}

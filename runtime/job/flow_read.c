#include "flow.h"

#include <string.h>

#include "../error.h"
#include "../pq_statement.h"
#include "stripe.h"

enum { SECOND = 1000000, PATIENCE = 10 * SECOND, AGAIN = 60 * SECOND, HELD_BYTES = 32 * 1024 * 1024 };

stele_flow *stele_stream_reading(stele_stream *s)
{
    for (unsigned i = 0; i < STELE_FLOWS; i++)
        if (s->flows[i].chunk.no != 0 && s->flows[i].reads_on)
            return &s->flows[i];
    return NULL;
}

/* ------------------------------------------------------------------ a page */

static stele_status ask(const stele_stream *s, stele_flow *f, stele_page_query *query, stele_error *error)
{
    const stele_worker *worker = s->worker;
    return stele_page_ask(worker->job, worker->shape, &f->chunk, f->read_any ? f->after : NULL, STELE_FLOW_ROWS, stele_flow_may_be_there(worker, f), query, error);
}

static stele_status note_after(const stele_worker *worker, stele_flow *f, const stele_page *page, stele_error *error)
{
    if (page->cursor != NULL) {
        f->after[0] = page->cursor;
        return STELE_OK;
    }
    for (size_t i = 0; page->count > 0 && i < worker->job->spec->key_count; i++) {
        const char *text = stele_rows_text(page->rows, page->count - 1, STELE_PAGE_KEYS + (int)i);
        f->after[i] = stele_arena_copy(&f->chunk.arena, text, strlen(text));
        if (f->after[i] == NULL)
            return stele_error_memory(error);
    }
    return STELE_OK;
}

/* The rows become the next page. */
static stele_status append(stele_stream *s, stele_flow *f, const stele_page_query *query, stele_rows *rows, stele_error *error)
{
    stele_page *page = &f->pages[f->count];
    stele_status status = stele_page_take(query, rows, page, error);
    if (status == STELE_OK)
        status = note_after(s->worker, f, page, error);
    if (status != STELE_OK) {
        stele_page_free(page);
        return status;
    }
    f->read_any = f->read_any || page->cursor != NULL || page->count > 0;
    f->reads_on = !page->ends;
    if (f->count++ == 0)
        f->serial = s->worker->serial;
    s->worker->serial++;
    return STELE_OK;
}

/* ------------------------------------------------------------------ how much */

static bool is_remote(const stele_worker *worker)
{
    return worker->provider != NULL && worker->job->spec->provider.kind == STELE_PROVIDER_HTTP;
}

/* Rows that aren't written yet. One that was counted though it is would be missing for the next write, which would then wait for nothing. */
static size_t held_rows(const stele_stream *s)
{
    size_t rows = 0;
    for (unsigned i = 0; i < STELE_FLOWS; i++)
        for (unsigned p = 0; p < s->flows[i].count; p++)
            rows += (size_t)(s->flows[i].pages[p].count - (p == 0 ? s->flows[i].next_row : 0));
    return rows;
}

bool stele_stream_is_full(const stele_stream *s)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < STELE_FLOWS && !is_remote(s->worker); i++)
        for (unsigned p = 0; p < s->flows[i].count; p++)
            bytes += stele_rows_memory(s->flows[i].pages[p].rows);
    return bytes >= HELD_BYTES;
}

bool stele_stream_is_behind(const stele_stream *s)
{
    size_t most = 2 * stele_stream_write_rows(s), paid = 0;
    for (unsigned i = 0; i < STELE_FLOWS; i++)
        for (unsigned p = 0; p < s->flows[i].count; p++)
            for (int row = p == 0 ? s->flows[i].next_row : 0; row < s->flows[i].pages[p].count; row++)
                paid += stele_slot_is_paid(&s->flows[i].pages[p].slots[row]);
    return paid >= (most > STELE_FLOW_ROWS ? most : STELE_FLOW_ROWS);
}

/* So much is held as the next write takes, and while one is under way that one's rows; of a provider far away, as it has use for. */
static bool is_enough(const stele_stream *s)
{
    const stele_worker *worker = s->worker;
    if (is_remote(worker))
        return stele_provider_room(worker->provider) == 0;
    size_t most = stele_stream_write_rows(s);
    return held_rows(s) >= (s->writes ? 2 * most + STELE_FLOW_ROWS : most) || stele_stream_is_full(s);
}

/* The chunk of which more is to be read. */
static stele_flow *find_flow(stele_stream *s)
{
    const stele_worker *worker = s->worker;
    stele_flow *f = stele_stream_reading(s);
    bool may = f != NULL && f->count < STELE_FLOW_PAGES && worker->leave == STELE_STAYS && worker->pace.verdict != STELE_PACE_STOP;
    return may && !is_enough(s) && !stele_stream_is_behind(s) ? f : NULL;
}

/* ------------------------------------------------------------------ now */

static void put_bound(stele_text *text, const char *word, const char *const *values, size_t count)
{
    stele_text_string(text, word);
    for (size_t i = 0; i < count; i++)
        stele_text_print(text, "%s%s", i == 0 ? " " : ", ", values[i] == NULL ? "" : values[i]);
}

/* What the server can't read: in which rows that is, as far as it is known; by blocks, their ctids tell. */
static stele_status say_where(const stele_worker *worker, const stele_flow *f, stele_status status, stele_error *error)
{
    const stele_job_chunk *chunk = &f->chunk;
    size_t width = chunk->by_blocks ? 1 : worker->job->spec->key_count;
    stele_text text = {0};
    bool all = (!f->read_any || chunk->striped) && chunk->from_start && chunk->to_end;
    if (status != STELE_FAILED || error == NULL || error->sqlstate[0] == '\0' || chunk->kind != STELE_CHUNK_RANGE || all)
        return status;
    stele_text_print(&text, "%.300s, in rows of %s", error->message, worker->job->spec->table);
    if (f->read_any && !chunk->striped)
        put_bound(&text, " behind", f->after, width);
    else if (!chunk->from_start)
        put_bound(&text, chunk->by_blocks ? " from block" : " behind", chunk->low, width);
    if (!chunk->to_end)
        put_bound(&text, chunk->by_blocks ? " before block" : " up to", chunk->high, width);
    if (!text.failed)
        stele_error_copy(error->message, sizeof error->message, text.bytes);
    stele_text_free(&text);
    return status;
}

stele_status stele_stream_list(stele_stream *s, stele_error *error)
{
    stele_flow *f = stele_stream_reading(s);
    if (f == NULL || f->chunk.striped || f->chunk.begun || !stele_job_in_place(s->worker->job))
        return STELE_OK;
    int64_t begin = stele_clock();
    stele_status status = stele_stripe_make(s->worker->job, s->worker->shape, &f->chunk, error);
    s->worker->counts.read_us += stele_clock() - begin;
    return say_where(s->worker, f, status, error);
}

stele_status stele_stream_read(stele_stream *s, bool *read, stele_error *error)
{
    stele_flow *f = find_flow(s);
    stele_page_query query;
    stele_rows *rows = NULL;
    if (f == NULL || f->computed < f->count || stele_ahead_is_busy(s))
        return STELE_OK;
    int64_t begin = stele_clock();
    stele_status status = ask(s, f, &query, error);
    if (status == STELE_OK)
        status = stele_link_query(&s->worker->job->handle->link, query.sql.bytes, query.count, query.values, &rows, error);
    stele_text_free(&query.sql);
    s->worker->counts.read_us += stele_clock() - begin;
    *read = true;
    return status == STELE_OK ? append(s, f, &query, rows, error) : say_where(s->worker, f, status, error);
}

/* ------------------------------------------------------------------ ahead of time */

/*
 * It is for those whose provider answers at once, or who have none: who waits for answers over the network has time to read meanwhile. What a caller has set on its connection, and another role,
 * a second one hasn't got.
 */
void stele_ahead_start(stele_stream *s)
{
    const stele *handle = s->worker->job->handle;
    bool may = handle->link.own && !handle->link.role_set && !handle->options.no_watch;
    s->ahead = (stele_ahead){.not_before = may && !is_remote(s->worker) ? 0 : INT64_MAX};
}

/* Whatever became of the second connection: what was asked for is read on the first. */
static void give_up(stele_ahead *ahead, int64_t until)
{
    stele_second_close(&ahead->second);
    ahead->flow = NULL;
    if (ahead->not_before < until)
        ahead->not_before = until;
}

void stele_ahead_end(stele_stream *s)
{
    give_up(&s->ahead, INT64_MAX);
}

void stele_ahead_renew(stele_stream *s)
{
    give_up(&s->ahead, 0);
}

bool stele_ahead_is_busy(const stele_stream *s)
{
    return s->ahead.second.state == STELE_SECOND_BUSY;
}

/* A page that can't be read here can't be there: so whose fault it is is told when it is read on the first connection. */
static void take(stele_stream *s, int64_t now)
{
    stele_ahead *ahead = &s->ahead;
    stele_flow *f = ahead->flow;
    stele_rows *rows = stele_second_answer(&ahead->second);
    bool read = rows != NULL && ahead->second.failure[0] == '\0';
    ahead->flow = NULL;
    if (read && f != NULL && s->failed == STELE_OK)
        s->failed = append(s, f, &ahead->query, rows, &s->error);
    else
        stele_rows_free(rows);
    if (!read)
        give_up(ahead, now + AGAIN);
}

static void ask_ahead(stele_stream *s, int64_t now)
{
    stele_ahead *ahead = &s->ahead;
    stele_flow *f = s->writes && s->failed == STELE_OK ? find_flow(s) : NULL;
    if (f == NULL)
        return;
    if (ahead->second.state == STELE_SECOND_NONE) {
        stele_second_open(&ahead->second, &s->worker->job->handle->link, NULL);
    } else {
        s->failed = ask(s, f, &ahead->query, &s->error);
        if (s->failed == STELE_OK && stele_second_ask(&ahead->second, ahead->query.sql.bytes, ahead->query.count, ahead->query.values))
            ahead->flow = f;
        stele_text_free(&ahead->query.sql);
    }
    ahead->since = now;
}

void stele_ahead_turn(stele_stream *s)
{
    stele_ahead *ahead = &s->ahead;
    int64_t now = stele_clock();
    if (now < ahead->not_before)
        return;
    stele_second_state state = stele_second_turn(&ahead->second);
    if (state == STELE_SECOND_ANSWERED) {
        take(s, now);
        state = ahead->second.state;
    }
    bool waits = state == STELE_SECOND_BUSY || state == STELE_SECOND_CONNECTING;
    if (state == STELE_SECOND_LOST || (waits && now - ahead->since > PATIENCE))
        give_up(ahead, now + AGAIN);
    else if (!waits)
        ask_ahead(s, now);
}

#include "compute.h"
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"

/*
 * A chunk that is being worked at: pages that were read and aren't written yet, oldest first. While the last texts of one are with the provider, the next one is
 * begun already, so that the provider is never without work.
 */
enum { SECOND = 1000000, PAGES = 64, FLOWS = 3, PAGE_ROWS = 500, STALE = SECOND, LAST_CALLS = 60 * SECOND };

typedef struct flow {
    stele_job_chunk chunk;
    stele_page pages[PAGES];
    uint64_t serial;       /* of the first page; its tag's upper half */
    unsigned count;
    int next_row;          /* of the first page: the first that isn't written */
    int64_t ready_since;   /* since when there is something that could be written; 0: there isn't */
    const char *after[STELE_KEY_COLUMNS]; /* where reading goes on; in the chunk's arena */
    bool reads_on, read_any;
} flow;

typedef struct stream {
    stele_worker *worker;
    flow flows[FLOWS];     /* those with a chunk */
    int64_t left;          /* chunks that aren't done, when last one was asked for */
    bool no_more;          /* there is none to take now */
} stream;

/* ------------------------------------------------------------------ reading */

static stele_status note_after(stele_worker *worker, flow *f, const stele_page *page, stele_error *error)
{
    if (f->chunk.by_blocks) {
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

/* Some of its rows may be written: a chunk that was another's already may have them behind where it stands. */
static bool may_be_there(const stele_worker *worker, const flow *f)
{
    return worker->only_new || f->chunk.round > 1 || f->chunk.epoch > 1;
}

static stele_status read_page(stream *s, flow *f, stele_error *error)
{
    stele_worker *worker = s->worker;
    stele_page *page = &f->pages[f->count];
    int64_t begin = stele_clock();
    stele_status status = stele_page_read(worker->job, worker->shape, &f->chunk, f->read_any ? f->after : NULL, PAGE_ROWS, may_be_there(worker, f),
                                          page, error);
    worker->counts.read_us += stele_clock() - begin;
    if (status == STELE_OK)
        status = note_after(worker, f, page, error);
    if (status != STELE_OK) {
        stele_page_free(page);
        return status;
    }
    f->read_any = f->read_any || f->chunk.by_blocks || page->count > 0;
    f->reads_on = !page->ends;
    if (f->count == 0)
        f->serial = worker->serial;
    worker->serial++;
    f->count++;
    status = stele_page_compute(worker->job, worker->provider, page, (f->serial + f->count - 1) << 32, error);
    if (worker->provider != NULL && !f->reads_on)
        stele_provider_flush(worker->provider);
    return status;
}

/* ------------------------------------------------------------------ answers */

/* The slot that a tag is of; NULL where its chunk was lost meanwhile. */
static stele_slot *find_slot(stream *s, uint64_t tag)
{
    uint64_t serial = tag >> 32;
    for (unsigned i = 0; i < FLOWS; i++) {
        flow *f = &s->flows[i];
        if (f->chunk.no != 0 && f->count > 0 && serial >= f->serial && serial < f->serial + f->count)
            return &f->pages[serial - f->serial].slots[tag & UINT32_MAX];
    }
    return NULL;
}

static stele_status take_answers(stream *s, stele_error *error)
{
    stele_embedding e;
    stele_status status = STELE_OK;
    while (status == STELE_OK && s->worker->provider != NULL && stele_provider_next(s->worker->provider, &e)) {
        stele_slot *slot = find_slot(s, e.tag);
        if (slot != NULL)
            status = stele_slot_take_vector(s->worker->job, s->worker->shape, slot, &e, error);
    }
    return status;
}

/* ------------------------------------------------------------------ writing */

static bool is_settled(const stele_slot *slot)
{
    return slot->state != STELE_SLOT_READ && slot->state != STELE_SLOT_WAITS;
}

/* The rows, in order, that have come to their end, at most so many. `*all`: there is none behind them. */
static size_t settled_rows(const flow *f, stele_write_row *rows, size_t most, bool *all)
{
    size_t count = 0;
    *all = false;
    for (unsigned p = 0; p < f->count; p++)
        for (int i = p == 0 ? f->next_row : 0; i < f->pages[p].count; i++) {
            if (count == most || !is_settled(&f->pages[p].slots[i]))
                return count;
            rows[count++] = (stele_write_row){&f->pages[p], i};
        }
    *all = !f->reads_on;
    return count;
}

/* The first pages, of whom all is written, go. */
static void drop_written(flow *f, size_t rows)
{
    f->next_row += (int)rows;
    while (f->count > 0 && f->next_row >= f->pages[0].count) {
        f->next_row -= f->pages[0].count;
        stele_page_free(&f->pages[0]);
        memmove(f->pages, f->pages + 1, (f->count - 1) * sizeof f->pages[0]);
        f->pages[--f->count] = (stele_page){0};
        f->serial++;
    }
}

/* Those behind a row that hasn't come to its end, from there on. */
static size_t settled_behind(const flow *f, stele_write_row *rows, size_t most, unsigned *page, int *row)
{
    size_t count = 0;
    while (*page < f->count && count < most) {
        const stele_page *at = &f->pages[*page];
        if (*row < at->count && is_settled(&at->slots[*row]))
            rows[count++] = (stele_write_row){at, *row};
        if (++*row >= at->count) {
            *row = 0;
            (*page)++;
        }
    }
    return count;
}

static void end_flow(flow *f)
{
    for (unsigned i = 0; i < f->count; i++)
        stele_page_free(&f->pages[i]);
    stele_chunk_forget(&f->chunk);
    *f = (flow){0};
}

/* Is it time to write? As much as a write shall have; or the chunk's end; or it has waited; or the worker leaves. */
static bool is_due(const stele_worker *worker, flow *f, size_t count, bool all)
{
    int64_t now = stele_clock();
    if (count == 0 && !all) {
        f->ready_since = 0;
        return false;
    }
    if (f->ready_since == 0)
        f->ready_since = now;
    if (worker->leave != STELE_STAYS)
        return true;
    if (now < worker->pace.not_before || worker->pace.verdict == STELE_PACE_STOP)
        return false;
    /* With the provider's queue full, it has work for as long as the write takes; one that is called in this thread has none meanwhile, whatever its queue. */
    bool is_fed = worker->provider != NULL && worker->job->spec->provider.kind == STELE_PROVIDER_HTTP && count >= PAGE_ROWS && stele_provider_room(worker->provider) == 0;
    return all || is_fed || count >= worker->pace.rows || now - f->ready_since > STALE;
}

static stele_status write_flow(stele_worker *worker, flow *f, bool *wrote, stele_error *error)
{
    enum { MOST = 10000 };
    stele_write_row *rows = malloc(MOST * sizeof *rows);
    stele_arena arena = {0};
    bool all, lost = false;
    size_t most = worker->pace.rows < 1 ? 1 : worker->pace.rows < MOST ? worker->pace.rows : MOST;
    if (rows == NULL)
        return stele_error_memory(error);
    size_t count = settled_rows(f, rows, most, &all);
    stele_status status = STELE_OK;
    if (is_due(worker, f, count, all)) {
        stele_batch batch = {.rows = rows, .count = count, .completes = all, .first_load = !may_be_there(worker, f)};
        if (count > 0)
            batch.cursor = stele_page_cursor(worker->job, &f->chunk, rows[count - 1].page, rows[count - 1].row, &arena);
        if (count > 0 && batch.cursor == NULL)
            status = stele_error_memory(error);
        if (status == STELE_OK)
            status = stele_worker_commit(worker, &f->chunk, &batch, &lost, error);
        *wrote = true;
        f->ready_since = 0;
        if (status == STELE_OK && (lost || all))
            end_flow(f);
        else if (status == STELE_OK)
            drop_written(f, count);
    }
    stele_arena_free(&arena);
    free(rows);
    return status;
}

/* ------------------------------------------------------------------ the stream */

/* The chunk that is being read: the last one that was taken. NULL: none is. */
static flow *reading(stream *s)
{
    for (unsigned i = 0; i < FLOWS; i++)
        if (s->flows[i].chunk.no != 0 && s->flows[i].reads_on)
            return &s->flows[i];
    return NULL;
}

static flow *free_flow(stream *s)
{
    for (unsigned i = 0; i < FLOWS; i++)
        if (s->flows[i].chunk.no == 0)
            return &s->flows[i];
    return NULL;
}

static stele_status take_chunk(stream *s, stele_error *error)
{
    stele_worker *worker = s->worker;
    flow *f = free_flow(s);
    bool made = true;
    stele_status status = STELE_OK;
    if (f == NULL)
        return STELE_OK;
    *f = (flow){0};
    status = stele_chunk_take(worker->job, STELE_CHUNK_RANGE, &f->chunk, &s->left, error);
    while (status == STELE_OK && f->chunk.no == 0 && made) {
        status = stele_chunk_plan(worker->job, worker->shape, &made, error);
        if (status == STELE_OK && made)
            status = stele_chunk_take(worker->job, STELE_CHUNK_RANGE, &f->chunk, &s->left, error);
    }
    f->reads_on = f->chunk.no != 0;
    s->no_more = f->chunk.no == 0;
    if (status == STELE_OK && f->chunk.attempts > STELE_CHUNK_ATTEMPTS)
        status = stele_worker_pause(worker, "one worker after the other has died at the same chunk; look what it has that they die of", error);
    return status;
}

/* May more be read? Not more than is written in a few writes, nor than the provider has use for. */
static bool wants_rows(const stele_worker *worker, const flow *f)
{
    if (worker->leave != STELE_STAYS || worker->pace.verdict == STELE_PACE_STOP || f->count == PAGES)
        return false;
    if (worker->provider != NULL)
        return stele_provider_room(worker->provider) > 0;
    return f->count * PAGE_ROWS < worker->pace.rows + PAGE_ROWS;
}

/* What was answered and isn't written yet, a worker that is killed loses, and it is paid for again. So there is never more of it than two writes take; or a page, where these are small. */
static bool is_behind(const stream *s)
{
    size_t most = 2 * (size_t)s->worker->pace.rows, settled = 0;
    for (unsigned i = 0; i < FLOWS; i++)
        for (unsigned p = 0; p < s->flows[i].count; p++)
            for (int row = p == 0 ? s->flows[i].next_row : 0; row < s->flows[i].pages[p].count; row++)
                settled += is_settled(&s->flows[i].pages[p].slots[row]);
    return settled >= (most > PAGE_ROWS ? most : PAGE_ROWS);
}

static stele_status read_more(stream *s, bool *read, stele_error *error)
{
    stele_worker *worker = s->worker;
    flow *f = reading(s);
    stele_status status = STELE_OK;
    if (worker->leave != STELE_STAYS || is_behind(s))
        return STELE_OK;
    if (f == NULL && (worker->provider == NULL || stele_provider_room(worker->provider) > 0)) {
        status = take_chunk(s, error);
        f = reading(s);
    }
    if (status == STELE_OK && f != NULL && wants_rows(worker, f)) {
        status = read_page(s, f, error);
        *read = true;
    }
    return status;
}

static bool has_work(const stream *s)
{
    for (unsigned i = 0; i < FLOWS; i++)
        if (s->flows[i].chunk.no != 0)
            return true;
    return false;
}

/* Is anything with the provider still, or an answer there that wasn't taken yet? They are paid for. */
static bool has_flying(const stele_worker *worker)
{
    stele_provider_news news;
    if (worker->provider == NULL)
        return false;
    stele_provider_tell(worker->provider, &news);
    return news.ready > 0 || (news.flying > 0 && !news.stopped);
}

static stele_status step(stream *s, bool *busy, stele_error *error)
{
    stele_worker *worker = s->worker;
    *busy = false;
    stele_status status = stele_worker_tick(worker, error);
    if (status == STELE_OK)
        status = take_answers(s, error);
    if (status == STELE_OK)
        status = read_more(s, busy, error);
    for (unsigned i = 0; i < FLOWS && status == STELE_OK; i++)
        if (s->flows[i].chunk.no != 0)
            status = write_flow(worker, &s->flows[i], busy, error);
    return status;
}

/*
 * What was answered behind a row that wasn't is paid for, too. It is written, and the chunk stays where it is: whoever takes it next finds by the hash that these are done. Only where something
 * tells so, and something is paid for.
 */
static stele_status write_behind(stele_worker *worker, flow *f, stele_error *error)
{
    enum { MOST = 500 };
    stele_write_row rows[MOST];
    unsigned page = 0;
    int row = f->next_row;
    bool lost = false;
    size_t most = worker->pace.rows < 1 ? 1 : worker->pace.rows < MOST ? worker->pace.rows : MOST;
    stele_status status = STELE_OK;
    for (size_t count = 1; status == STELE_OK && !lost && worker->provider != NULL && count > 0;) {
        count = settled_behind(f, rows, most, &page, &row);
        if (count > 0)
            status = stele_worker_commit(worker, &f->chunk, &(stele_batch){.rows = rows, .count = count}, &lost, error);
    }
    return status;
}

/* Before it leaves: what is in flight is waited for, and written; and the chunks are given back. */
static stele_status leave(stream *s, stele_error *error)
{
    stele_worker *worker = s->worker;
    int64_t begin = stele_clock();
    bool busy = true;
    stele_status status = STELE_OK;
    if (worker->provider != NULL)
        stele_provider_hold(worker->provider, true);
    while (status == STELE_OK && worker->leave != STELE_LEAVES_CANCELLED && (busy || has_flying(worker)) && stele_clock() - begin < LAST_CALLS) {
        status = step(s, &busy, error);
        if (status == STELE_OK && !busy)
            stele_worker_rest(worker, 50, NULL);
    }
    for (unsigned i = 0; i < FLOWS && status == STELE_OK; i++)
        if (s->flows[i].chunk.no != 0 && worker->leave != STELE_LEAVES_CANCELLED)
            status = write_behind(worker, &s->flows[i], error);
    for (unsigned i = 0; i < FLOWS && status == STELE_OK; i++)
        if (s->flows[i].chunk.no != 0)
            status = stele_chunk_release(worker->job, &s->flows[i].chunk, false, error);
    return status;
}

static stele_status run_stream(stream *s, stele_error *error)
{
    stele_worker *worker = s->worker;
    stele_status status = STELE_OK;
    while (status == STELE_OK && worker->leave == STELE_STAYS) {
        bool busy;
        status = step(s, &busy, error);
        if (status == STELE_OK && s->no_more && !has_work(s))
            return STELE_OK;
        if (status == STELE_OK && !busy)
            stele_worker_rest(worker, 20, worker->provider != NULL && has_flying(worker) ? &worker->counts.call_us : &worker->counts.wait_us);
        if (status == STELE_NO_CONNECTION) {
            stele_error_clear(error);
            status = stele_worker_reconnect(worker, error);
        }
    }
    return status == STELE_OK ? leave(s, error) : status;
}

stele_status stele_worker_load(stele_worker *worker, bool *idle, stele_error *error)
{
    stele_error own;
    stream *s = calloc(1, sizeof *s);
    if (s == NULL)
        return stele_error_memory(error);
    s->worker = worker;
    stele_error_clear(&own);
    stele_status status = run_stream(s, &own);
    *idle = s->left > 0;
    for (unsigned i = 0; i < FLOWS; i++) {
        if (s->flows[i].chunk.no != 0 && stele_link_alive(&worker->job->handle->link))
            stele_chunk_release(worker->job, &s->flows[i].chunk, false, NULL); /* it failed: nobody has to wait for the lease */
        end_flow(&s->flows[i]);
    }
    free(s);
    if (status != STELE_OK && error != NULL)
        *error = own;
    return status;
}

/* ------------------------------------------------------------------ a page by keys */

static bool all_settled(const stele_page *page)
{
    for (int i = 0; i < page->count; i++)
        if (!is_settled(&page->slots[i]))
            return false;
    return true;
}

stele_status stele_worker_page(stele_worker *worker, stele_job_chunk *chunk, stele_page *page, const char *notes, bool *lost, stele_error *error)
{
    stele_arena arena = {0};
    stream s = {.worker = worker};
    flow *f = &s.flows[0];
    stele_write_row *rows = calloc(page->count == 0 ? 1 : (size_t)page->count, sizeof *rows);
    if (rows == NULL)
        return stele_error_memory(error);
    *f = (flow){.chunk = {.no = chunk->no}, .serial = worker->serial++, .count = 1, .pages = {*page}};
    stele_status status = stele_page_compute(worker->job, worker->provider, page, f->serial << 32, error);
    if (worker->provider != NULL)
        stele_provider_flush(worker->provider);
    while (status == STELE_OK && !all_settled(page) && (worker->leave == STELE_STAYS || has_flying(worker))) {
        status = stele_worker_tick(worker, error);
        if (status == STELE_OK)
            status = take_answers(&s, error);
        if (status == STELE_OK && !all_settled(page))
            stele_worker_rest(worker, 20, &worker->counts.call_us);
    }
    size_t count = 0;
    for (int i = 0; i < page->count; i++) /* a worker that leaves may not have all */
        if (is_settled(&page->slots[i]))
            rows[count++] = (stele_write_row){page, i};
    for (size_t done = 0; status == STELE_OK && !*lost && done < count;) {
        size_t most = worker->pace.rows < 1 ? 1 : worker->pace.rows, left = count - done;
        stele_batch batch = {.rows = rows + done, .count = left < most ? left : most, .cursor = stele_worker_stamp(worker, chunk, &arena), .notes = notes};
        status = batch.cursor == NULL ? stele_error_memory(error) : stele_worker_commit(worker, chunk, &batch, lost, error);
        done += batch.count;
    }
    stele_arena_free(&arena);
    free(rows);
    return status;
}

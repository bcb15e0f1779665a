#include "flow.h"

#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "stripe.h"

enum { STALE = 1000000 };

bool stele_slot_is_settled(const stele_slot *slot)
{
    return slot->state != STELE_SLOT_READ && slot->state != STELE_SLOT_WAITS;
}

bool stele_slot_is_paid(const stele_slot *slot)
{
    return slot->state == STELE_SLOT_WRITES || slot->state == STELE_SLOT_DEAD;
}

int64_t stele_page_answered(const stele_page *page, int from)
{
    int64_t rows = 0;
    for (int i = from; i < page->count; i++)
        rows += page->slots[i].state == STELE_SLOT_WRITES && !page->slots[i].is_null;
    return rows;
}

bool stele_flow_may_be_there(const stele_worker *worker, const stele_flow *f)
{
    return f->chunk.round != worker->fresh || f->chunk.epoch > 1;
}

static size_t write_rows(const stele_worker *worker, const stele_flow *f)
{
    size_t pace = worker->pace.rows, stripe = stele_stripe_rows(&f->chunk), rows = pace < stripe ? pace : stripe;
    return rows < 1 ? 1 : rows;
}

size_t stele_stream_write_rows(const stele_stream *s)
{
    size_t most = 0;
    for (unsigned i = 0; i < STELE_FLOWS; i++) {
        size_t rows = s->flows[i].chunk.no == 0 ? 0 : write_rows(s->worker, &s->flows[i]);
        most = rows > most ? rows : most;
    }
    return most;
}

/* The rows, in order, that have come to their end, at most so many. `*end`: that are all that were read. */
static size_t settled_rows(const stele_flow *f, stele_write_row *rows, size_t most, bool *end)
{
    size_t count = 0;
    *end = false;
    for (unsigned p = 0; p < f->count; p++)
        for (int i = p == 0 ? f->next_row : 0; i < f->pages[p].count; i++) {
            if (count == most || !stele_slot_is_settled(&f->pages[p].slots[i]))
                return count;
            rows[count++] = (stele_write_row){&f->pages[p], i};
        }
    *end = true;
    return count;
}

/* The first pages, of whom all is written, go. */
static void drop_written(stele_flow *f, size_t rows)
{
    f->next_row += (int)rows;
    while (f->computed > 0 && f->next_row >= f->pages[0].count) {
        f->next_row -= f->pages[0].count;
        stele_page_free(&f->pages[0]);
        memmove(f->pages, f->pages + 1, (f->count - 1) * sizeof f->pages[0]);
        f->pages[--f->count] = (stele_page){0};
        f->computed--;
        f->serial++;
    }
}

void stele_flow_end(stele_stream *s, stele_flow *f)
{
    for (unsigned i = 0; i < f->count; i++)
        stele_page_free(&f->pages[i]);
    if (s->ahead.flow == f)
        s->ahead.flow = NULL;
    stele_chunk_forget(&f->chunk);
    *f = (stele_flow){0};
}

/* Is it time to write? As much as a write shall have; or the chunk's end; or it has waited; or the worker leaves. */
static bool is_due(const stele_stream *s, stele_flow *f, size_t count, size_t most, bool end)
{
    const stele_worker *worker = s->worker;
    int64_t now = stele_clock();
    bool all = end && !f->reads_on;
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
    bool is_fed = worker->provider != NULL && worker->job->spec->provider.kind == STELE_PROVIDER_HTTP && count >= STELE_FLOW_ROWS && stele_provider_room(worker->provider) == 0;
    return all || is_fed || count >= most || (end && stele_stream_is_full(s)) || now - f->ready_since > STALE;
}

/* What comes next is read meanwhile, from the write's begin on. */
static stele_status commit(stele_stream *s, stele_flow *f, const stele_batch *batch, bool *lost, stele_error *error)
{
    s->writes = true;
    stele_ahead_turn(s);
    stele_status status = stele_worker_commit(s->worker, &f->chunk, batch, lost, error);
    s->writes = false;
    return status;
}

/* Those behind a row that hasn't come to its end, from there on. */
static size_t settled_behind(const stele_flow *f, stele_write_row *rows, size_t most, unsigned *page, int *row)
{
    size_t count = 0;
    while (*page < f->count && count < most) {
        const stele_page *at = &f->pages[*page];
        if (*row < at->count && stele_slot_is_paid(&at->slots[*row]))
            rows[count++] = (stele_write_row){at, *row};
        if (++*row >= at->count) {
            *row = 0;
            (*page)++;
        }
    }
    return count;
}

stele_status stele_flow_write_behind(stele_worker *worker, stele_flow *f, bool *lost, stele_error *error)
{
    enum { MOST = 500 };
    stele_write_row rows[MOST];
    unsigned page = 0;
    int row = f->next_row;
    *lost = false;
    size_t most = write_rows(worker, f);
    stele_status status = STELE_OK;
    most = most < MOST ? most : MOST;
    for (size_t count = 1; status == STELE_OK && !*lost && worker->provider != NULL && count > 0;) {
        count = settled_behind(f, rows, most, &page, &row);
        if (count > 0)
            status = stele_worker_commit(worker, &f->chunk, &(stele_batch){.rows = rows, .count = count}, lost, error);
        for (size_t i = 0; status == STELE_OK && !*lost && i < count; i++) {
            stele_slot *slot = &rows[i].page->slots[rows[i].row];
            slot->state = STELE_SLOT_LEAVES;
            stele_text_free(&slot->value);
        }
    }
    return status;
}

/* One text that is answered late, or never, doesn't hold up what was answered behind it. */
static stele_status pass_by(stele_stream *s, stele_flow *f, bool *wrote, stele_error *error)
{
    const stele_worker *worker = s->worker;
    int64_t now = stele_clock();
    bool lost = false;
    if (worker->provider == NULL || !stele_stream_is_behind(s)) {
        f->held_since = 0;
        return STELE_OK;
    }
    if (f->held_since == 0)
        f->held_since = now;
    if (now - f->held_since < STALE || now < worker->pace.not_before || worker->pace.verdict == STELE_PACE_STOP)
        return STELE_OK;
    f->held_since = 0;
    *wrote = true;
    stele_status status = stele_flow_write_behind(s->worker, f, &lost, error);
    if (status == STELE_OK && lost)
        stele_flow_end(s, f);
    return status;
}

stele_status stele_flow_write(stele_stream *s, stele_flow *f, bool *wrote, stele_error *error)
{
    enum { MOST = 10000 };
    stele_worker *worker = s->worker;
    stele_write_row *rows = malloc(MOST * sizeof *rows);
    stele_arena arena = {0};
    bool end, lost = false;
    size_t most = write_rows(worker, f);
    if (rows == NULL)
        return stele_error_memory(error);
    most = most < MOST ? most : MOST;
    size_t count = settled_rows(f, rows, most, &end);
    bool all = end && !f->reads_on;
    stele_status status = STELE_OK;
    if (is_due(s, f, count, most, end)) {
        stele_batch batch = {.rows = rows, .count = count, .completes = all, .first_load = !stele_flow_may_be_there(worker, f)};
        if (count > 0)
            batch.cursor = stele_page_cursor(worker->job, &f->chunk, rows[count - 1].page, rows[count - 1].row, &arena);
        if (count > 0 && batch.cursor == NULL)
            status = stele_error_memory(error);
        if (status == STELE_OK)
            status = commit(s, f, &batch, &lost, error);
        *wrote = true;
        f->ready_since = f->held_since = 0;
        if (status == STELE_OK && (lost || all))
            stele_flow_end(s, f);
        else if (status == STELE_OK)
            drop_written(f, count);
    }
    stele_arena_free(&arena);
    free(rows);
    return status == STELE_OK && count == 0 && !all ? pass_by(s, f, wrote, error) : status;
}

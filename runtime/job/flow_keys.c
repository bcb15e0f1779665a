#include "flow.h"

#include <stdlib.h>

#include "../error.h"
#include "compute.h"

static bool all_settled(const stele_page *page)
{
    for (int i = 0; i < page->count; i++)
        if (!stele_slot_is_settled(&page->slots[i]))
            return false;
    return true;
}

/* A job that is cancelled waits for no answer. */
static bool waits(const stele_worker *worker)
{
    return worker->leave == STELE_STAYS || (worker->leave != STELE_LEAVES_CANCELLED && stele_worker_has_flying(worker));
}

/* What the script and the provider make of it. */
static stele_status fill(stele_worker *worker, const stele_job_chunk *chunk, stele_page *page, stele_error *error)
{
    bool taken;
    stele_stream *s = calloc(1, sizeof *s);
    if (s == NULL)
        return stele_error_memory(error);
    s->worker = worker;
    s->flows[0] = (stele_flow){.chunk = {.no = chunk->no}, .serial = worker->serial++, .count = 1, .computed = 1, .pages = {*page}};
    stele_status status = stele_page_compute(worker->job, worker->provider, page, s->flows[0].serial << 32, error);
    if (worker->provider != NULL)
        stele_provider_flush(worker->provider);
    while (status == STELE_OK && !all_settled(page) && waits(worker)) {
        status = stele_worker_tick(worker, error);
        if (status == STELE_OK)
            status = stele_stream_take_answers(s, &taken, error);
        if (status == STELE_OK && !all_settled(page))
            stele_worker_rest(worker, 20, &worker->counts.call_us);
    }
    free(s);
    return status;
}

stele_status stele_worker_page(stele_worker *worker, stele_job_chunk *chunk, stele_page *page, const char *notes, bool *lost, stele_error *error)
{
    stele_arena arena = {0};
    stele_write_row *rows = calloc(page->count == 0 ? 1 : (size_t)page->count, sizeof *rows);
    if (rows == NULL)
        return stele_error_memory(error);
    stele_status status = fill(worker, chunk, page, error);
    size_t count = 0, done = 0;
    for (int i = 0; i < page->count; i++) /* a worker that leaves may not have all */
        if (stele_slot_is_settled(&page->slots[i]))
            rows[count++] = (stele_write_row){page, i};
    while (status == STELE_OK && !*lost && done < count) {
        size_t most = worker->pace.rows < 1 ? 1 : worker->pace.rows, left = count - done;
        stele_batch batch = {.rows = rows + done, .count = left < most ? left : most, .cursor = stele_worker_stamp(worker, chunk, &arena), .notes = notes};
        status = batch.cursor == NULL ? stele_error_memory(error) : stele_worker_commit(worker, chunk, &batch, lost, error);
        if (status == STELE_OK)
            done += batch.count;
    }
    if (worker->kept_from[0] != '\0' && worker->provider != NULL)
        worker->unwritten = stele_page_answered(page, rows[done].row);
    stele_arena_free(&arena);
    free(rows);
    return status;
}

#include "worker.h"

#include <stdio.h>
#include <string.h>

#include "../error.h"

enum { SECOND = 1000000, PATIENCE = 60 * SECOND, HURRY = 5 * SECOND };

/* A row that the database refuses by itself. */
static stele_status give_up_row(const stele_write_row *row, const stele_error *why, stele_error *error)
{
    char message[600];
    snprintf(message, sizeof message, "%.300s%s%.250s", why->message, why->detail[0] != '\0' ? ": " : "", why->detail);
    return stele_slot_give_up(&row->page->slots[row->row], "write", why->sqlstate[0] != '\0' ? why->sqlstate : "kept-out", message, error);
}

const char *stele_worker_stamp(stele_worker *worker, const stele_job_chunk *chunk, stele_arena *arena)
{
    const char *values[STELE_KEY_COLUMNS], *stamp = stele_arena_print(arena, "%d.%llu", chunk->epoch, (unsigned long long)worker->serial++);
    size_t width = stele_chunk_width(worker->job, chunk);
    for (size_t i = 0; i < width; i++)
        values[i] = stamp;
    return stamp == NULL ? NULL : stele_key_array(arena, values, width);
}

static stele_status commit_parts(stele_worker *worker, stele_job_chunk *chunk, const stele_batch *batch, bool *lost, stele_error *error)
{
    size_t half = batch->count / 2;
    stele_arena arena = {0};
    stele_batch first = {.rows = batch->rows, .count = half, .notes = batch->notes, .first_load = batch->first_load}, second = *batch;
    stele_status status = STELE_OK;
    second.rows += half;
    second.count -= half;
    if (batch->cursor != NULL || batch->completes) {
        bool moves = chunk->kind == STELE_CHUNK_RANGE;
        first.cursor = moves ? stele_page_cursor(worker->job, chunk, batch->rows[half - 1].page, batch->rows[half - 1].row, &arena) : stele_worker_stamp(worker, chunk, &arena);
        if (first.cursor == NULL)
            status = stele_error_memory(error);
    }
    if (status == STELE_OK)
        status = stele_worker_commit(worker, chunk, &first, lost, error);
    if (status == STELE_OK && !*lost)
        status = stele_worker_commit(worker, chunk, &second, lost, error);
    stele_arena_free(&arena);
    return status;
}

/* Nothing helps: the job is paused, with the reason. It fails for who asked, so that nobody takes the batch for written; run.c makes a pause of it. */
static stele_status stop(stele_worker *worker, const stele_error *why, stele_error *error)
{
    char reason[512];
    bool coded = why->sqlstate[0] != '\0';
    snprintf(reason, sizeof reason, "a write failed: %.400s%s%s%s", why->message, coded ? " [" : "", why->sqlstate, coded ? "]" : "");
    worker->stopped = stele_link_alive(&worker->job->handle->link) && stele_worker_pause(worker, reason, NULL) == STELE_OK;
    if (error != NULL && error->status == STELE_OK)
        *error = *why;
    return why->status == STELE_OK ? STELE_FAILED : why->status;
}

/*
 * One that leaves doesn't try for ever what may work a moment later: HURRY, from the try on in which it was told to, since a statement may last half a minute. What it wanted to write is others' then,
 * with its chunk; and for their sake the job isn't paused.
 */
static bool has_hurried(const stele_worker *worker, int64_t begin, int64_t *since)
{
    if (worker->leave == STELE_STAYS)
        return false;
    if (*since == 0)
        *since = begin;
    return stele_clock() - *since > HURRY;
}

/* As above, it fails for who asked; run.c makes of it what the worker leaves for. */
static stele_status leave_unwritten(stele_worker *worker, const stele_error *why, stele_error *error)
{
    snprintf(worker->kept_from, sizeof worker->kept_from, "%.200s [%s]", why->message, why->sqlstate);
    return stele_error_set(error, STELE_CANCELLED, "a write was left: %s", worker->kept_from);
}

/* After a connection that was lost in the midst of it. The server may be at it still: then the next try runs into the fence, and has to look once more. */
static stele_status find_out(stele_worker *worker, stele_job_chunk *chunk, const stele_batch *batch, stele_write_end *end, stele_error *error)
{
    stele_status status;
    stele_error own;
    do {
        stele_error_clear(&own);
        status = stele_worker_reconnect(worker, error);
        if (status != STELE_OK)
            return status;
        status = stele_batch_look(&worker->writer, chunk, batch, end, &own);
    } while (status == STELE_NO_CONNECTION);
    if (status != STELE_OK && error != NULL)
        *error = own;
    return status;
}

stele_status stele_worker_commit(stele_worker *worker, stele_job_chunk *chunk, const stele_batch *batch, bool *lost, stele_error *error)
{
    int64_t first_try = stele_clock(), begin, hurries = 0;
    stele_write_end end;
    stele_error why;
    bool unseen = false; /* an end of one of the tries */
    for (int pause = 20;; pause = pause < 1000 ? 2 * pause : pause) {
        stele_error_clear(&why);
        begin = stele_clock();
        stele_status status = stele_batch_write(&worker->writer, chunk, batch, &end, &why);
        unseen |= end == STELE_WRITE_UNKNOWN;
        if (status == STELE_OK && (end == STELE_WRITE_UNKNOWN || (end == STELE_WRITE_LOST && unseen)))
            status = find_out(worker, chunk, batch, &end, &why);
        worker->counts.write_us += stele_clock() - begin;
        if (status != STELE_OK) {
            if (error != NULL)
                *error = why;
            return status;
        }
        if (end == STELE_WRITTEN) {
            worker->counts.rows += worker->writer.written;
            stele_pace_wrote(&worker->pace, (unsigned)batch->count, stele_clock() - begin, false);
            return STELE_OK;
        }
        if (end == STELE_WRITE_LOST) {
            *lost = true;
            return STELE_OK;
        }
        if (end == STELE_WRITE_ROWS && batch->first_load) {
            stele_batch once_more = *batch; /* a row was there already */
            once_more.first_load = false;
            return stele_worker_commit(worker, chunk, &once_more, lost, error);
        }
        if (end == STELE_WRITE_ROWS && batch->count > 1)
            return commit_parts(worker, chunk, batch, lost, error);
        if (end == STELE_WRITE_ROWS && batch->count == 1 && batch->rows[0].page->slots[batch->rows[0].row].state == STELE_SLOT_WRITES) {
            status = give_up_row(&batch->rows[0], &why, error);
            if (status != STELE_OK)
                return status;
            continue;
        }
        bool timed_out = strcmp(why.sqlstate, "57014") == 0;
        if (timed_out)
            stele_pace_wrote(&worker->pace, (unsigned)batch->count, stele_clock() - begin, true);
        status = end == STELE_WRITE_AGAIN ? stele_worker_tick(worker, error) : STELE_OK;
        if (status != STELE_OK)
            return status;
        if (end == STELE_WRITE_AGAIN && has_hurried(worker, begin, &hurries))
            return leave_unwritten(worker, &why, error);
        if (timed_out && batch->count > 1)
            return commit_parts(worker, chunk, batch, lost, error);
        if (end != STELE_WRITE_AGAIN || (worker->leave == STELE_STAYS && begin - first_try > PATIENCE))
            return stop(worker, &why, error);
        if (strcmp(why.sqlstate, "55P03") == 0)
            (void)stele_batch_end_frozen(&worker->writer, NULL); /* where it may not, it waits like anybody */
        stele_worker_rest(worker, pause / 2 + (int)(stele_clock() % (pause / 2 + 1)), &worker->counts.wait_us);
    }
}

#include "flow.h"

#include <stdlib.h>

#include "../error.h"

enum { SECOND = 1000000, LAST_CALLS = 60 * SECOND, ASK_AGAIN = SECOND / 5 };

/* ------------------------------------------------------------------ chunks */

static stele_flow *free_flow(stele_stream *s)
{
    for (unsigned i = 0; i < STELE_FLOWS; i++)
        if (s->flows[i].chunk.no == 0)
            return &s->flows[i];
    return NULL;
}

static stele_status take_chunk(stele_stream *s, stele_error *error)
{
    stele_worker *worker = s->worker;
    stele_flow *f = free_flow(s);
    bool made = true;
    stele_status status = STELE_OK;
    if (f == NULL)
        return STELE_OK;
    *f = (stele_flow){0};
    s->asked_at = stele_clock();
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

static bool has_work(const stele_stream *s)
{
    for (unsigned i = 0; i < STELE_FLOWS; i++)
        if (s->flows[i].chunk.no != 0)
            return true;
    return false;
}

/* The next one is taken as soon as this one was read. Where there was none, that isn't asked again at each step. */
static bool wants_chunk(stele_stream *s)
{
    const stele_worker *worker = s->worker;
    if (worker->leave != STELE_STAYS || stele_stream_reading(s) != NULL || stele_stream_is_behind(s) || (worker->provider != NULL && stele_provider_room(worker->provider) == 0))
        return false;
    return !s->no_more || !has_work(s) || stele_clock() - s->asked_at >= ASK_AGAIN;
}

static stele_status step(stele_stream *s, bool *busy, stele_error *error)
{
    bool taken;
    *busy = false;
    stele_status status = stele_worker_tick(s->worker, error);
    if (status == STELE_OK)
        status = stele_stream_take_answers(s, &taken, error);
    if (status == STELE_OK)
        status = wants_chunk(s) ? take_chunk(s, error) : STELE_OK;
    if (status == STELE_OK)
        status = stele_stream_list(s, error);
    if (status == STELE_OK)
        status = stele_stream_read(s, busy, error);
    if (status == STELE_OK && !stele_ahead_is_busy(s))
        status = stele_stream_compute(s, busy, error);
    for (unsigned i = 0; i < STELE_FLOWS && status == STELE_OK; i++)
        if (s->flows[i].chunk.no != 0)
            status = stele_flow_write(s, &s->flows[i], busy, error);
    if (status == STELE_OK && s->failed != STELE_OK) {
        status = s->failed;
        *error = s->error;
    }
    return status;
}

/* What was answered and isn't written yet is. Of a job that is cancelled the table may be gone already, or be another job's: what it doesn't take any more is nobody's fault. */
static stele_status write_last(stele_stream *s, stele_error *error)
{
    stele_worker *worker = s->worker;
    bool taken, lost = false;
    stele_status status = stele_stream_take_answers(s, &taken, error);
    for (unsigned i = 0; i < STELE_FLOWS && status == STELE_OK; i++)
        if (s->flows[i].chunk.no != 0)
            status = stele_flow_write_behind(worker, &s->flows[i], &lost, error);
    if (worker->leave != STELE_LEAVES_CANCELLED || status == STELE_NO_CONNECTION)
        return status;
    stele_error_clear(error);
    return STELE_OK;
}

/* Before it leaves: what is in flight is waited for, but of a job that is cancelled; what was answered is written; and the chunks are given back. */
static stele_status leave(stele_stream *s, stele_error *error)
{
    stele_worker *worker = s->worker;
    int64_t begin = stele_clock();
    bool busy = true;
    stele_status status = STELE_OK;
    stele_ahead_end(s);
    if (worker->provider != NULL)
        stele_provider_hold(worker->provider, true);
    while (status == STELE_OK && worker->leave != STELE_LEAVES_CANCELLED && (busy || stele_worker_has_flying(worker)) && stele_clock() - begin < LAST_CALLS) {
        status = step(s, &busy, error);
        if (status == STELE_OK && !busy)
            stele_worker_rest(worker, 50, NULL);
    }
    if (status == STELE_OK)
        status = write_last(s, error);
    for (unsigned i = 0; i < STELE_FLOWS && status == STELE_OK; i++)
        if (s->flows[i].chunk.no != 0)
            status = stele_chunk_release(worker->job, &s->flows[i].chunk, false, error);
    return status;
}

static stele_status run_stream(stele_stream *s, stele_error *error)
{
    stele_worker *worker = s->worker;
    stele_status status = STELE_OK;
    while (status == STELE_OK && worker->leave == STELE_STAYS) {
        bool busy;
        status = step(s, &busy, error);
        if (status == STELE_OK && s->no_more && !has_work(s))
            return STELE_OK;
        if (status == STELE_OK && !busy)
            stele_worker_rest(worker, 20, worker->provider != NULL && stele_worker_has_flying(worker) ? &worker->counts.call_us : &worker->counts.wait_us);
        if (status == STELE_NO_CONNECTION) {
            stele_error_clear(error);
            status = stele_worker_reconnect(worker, error);
        }
    }
    return status == STELE_OK ? leave(s, error) : status;
}

/* While the server is waited for, a provider that is reached over the network is served; or, where there is none, what is read ahead. */
static void begin(stele_stream *s)
{
    stele_worker *worker = s->worker;
    stele_link *link = &worker->job->handle->link;
    stele_ahead_start(s);
    worker->stream = s;
    if (worker->provider != NULL && worker->job->spec->provider.kind == STELE_PROVIDER_HTTP)
        return;
    s->wait = link->wait;
    s->wait_data = link->wait_data;
    link->wait = stele_stream_wait;
    link->wait_data = s;
}

static void end(stele_stream *s)
{
    stele_link *link = &s->worker->job->handle->link;
    stele_ahead_end(s);
    s->worker->stream = NULL;
    if (link->wait != stele_stream_wait)
        return;
    link->wait = s->wait;
    link->wait_data = s->wait_data;
}

/* What a worker that couldn't write leaves unwritten. */
static void count_unwritten(const stele_stream *s)
{
    stele_worker *worker = s->worker;
    for (unsigned i = 0; worker->provider != NULL && i < STELE_FLOWS; i++)
        for (unsigned p = 0; p < s->flows[i].computed; p++)
            worker->unwritten += stele_page_answered(&s->flows[i].pages[p], p == 0 ? s->flows[i].next_row : 0);
}

stele_status stele_worker_load(stele_worker *worker, bool *idle, stele_error *error)
{
    stele_error own;
    stele_stream *s = calloc(1, sizeof *s);
    if (s == NULL)
        return stele_error_memory(error);
    s->worker = worker;
    stele_error_clear(&own);
    begin(s);
    stele_status status = run_stream(s, &own);
    end(s);
    *idle = s->left > 0;
    if (worker->kept_from[0] != '\0')
        count_unwritten(s);
    for (unsigned i = 0; i < STELE_FLOWS; i++) {
        if (s->flows[i].chunk.no != 0 && stele_link_alive(&worker->job->handle->link))
            stele_chunk_release(worker->job, &s->flows[i].chunk, false, NULL); /* it failed: nobody has to wait for the lease */
        stele_flow_end(s, &s->flows[i]);
    }
    free(s);
    if (status != STELE_OK && error != NULL)
        *error = own;
    return status;
}

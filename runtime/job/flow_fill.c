#define _POSIX_C_SOURCE 200809L

#include "flow.h"

#include <poll.h>
#include <stdio.h>

#include "../error.h"
#include "answer.h"
#include "compute.h"

/* ------------------------------------------------------------------ the script */

static bool has_room(const stele_worker *worker)
{
    return worker->provider == NULL || stele_provider_room(worker->provider) > 0;
}

/* The chunk whose page is next; NULL: all was computed. */
static stele_flow *find_page(stele_stream *s)
{
    stele_flow *found = NULL;
    for (unsigned i = 0; i < STELE_FLOWS; i++) {
        stele_flow *f = &s->flows[i];
        if (f->computed < f->count && (found == NULL || f->serial < found->serial))
            found = f;
    }
    return found;
}

stele_status stele_stream_compute(stele_stream *s, bool *computed, stele_error *error)
{
    stele_worker *worker = s->worker;
    stele_flow *f = worker->leave == STELE_STAYS && has_room(worker) ? find_page(s) : NULL;
    if (f == NULL)
        return STELE_OK;
    *computed = true;
    stele_status status = stele_page_compute(worker->job, worker->provider, &f->pages[f->computed], (f->serial + f->computed) << 32, error);
    f->computed++;
    if (worker->provider != NULL && !f->reads_on && f->computed == f->count)
        stele_provider_flush(worker->provider);
    return status;
}

/* ------------------------------------------------------------------ the provider */

/* The page and the row that a tag is of; NULL where its chunk was lost meanwhile. */
static stele_page *find_row(stele_stream *s, uint64_t tag, int *row)
{
    *row = (int)(tag & UINT32_MAX);
    uint64_t serial = tag >> 32;
    for (unsigned i = 0; i < STELE_FLOWS; i++) {
        stele_flow *f = &s->flows[i];
        if (f->chunk.no != 0 && f->count > 0 && serial >= f->serial && serial < f->serial + f->count)
            return &f->pages[serial - f->serial];
    }
    return NULL;
}

static stele_slot *find_slot(stele_stream *s, uint64_t tag)
{
    int row;
    const stele_page *page = find_row(s, tag, &row);
    return page == NULL ? NULL : &page->slots[row];
}

void stele_stream_name(stele_stream *s, const uint64_t tags[2], char *names, size_t size)
{
    enum { SHOWN = 60 };
    size_t used = 0;
    names[0] = '\0';
    for (int i = 0; i < 2; i++) {
        int row;
        const stele_page *page = find_row(s, tags[i], &row);
        for (size_t k = 0; page != NULL && k < s->worker->job->spec->key_count && used < size; k++) {
            char shown[SHOWN];
            stele_clean(shown, sizeof shown, stele_rows_text(page->rows, row, STELE_PAGE_KEYS + (int)k), NULL);
            used += (size_t)snprintf(names + used, size - used, "%s%s", k > 0 ? ", " : i > 0 ? " and (" : "(", shown);
        }
        if (page == NULL || used + 2 > size) {
            names[0] = '\0';
            return;
        }
        used += (size_t)snprintf(names + used, size - used, ")");
    }
}

stele_status stele_stream_take_answers(stele_stream *s, bool *taken, stele_error *error)
{
    stele_embedding e;
    stele_status status = STELE_OK;
    while (status == STELE_OK && s->worker->provider != NULL && stele_provider_next(s->worker->provider, &e)) {
        stele_slot *slot = find_slot(s, e.tag);
        *taken = true;
        if (slot != NULL)
            status = stele_slot_take_vector(s->worker->job, s->worker->shape, slot, &e, error);
    }
    return status;
}

bool stele_worker_has_flying(const stele_worker *worker)
{
    stele_provider_news news;
    if (worker->provider == NULL)
        return false;
    stele_provider_tell(worker->provider, &news);
    return news.ready > 0 || (news.flying > 0 && !news.stopped);
}

/* ------------------------------------------------------------------ while the server works */

static bool has_texts(const stele_worker *worker)
{
    stele_provider_news news;
    if (worker->provider == NULL)
        return false;
    stele_provider_tell(worker->provider, &news);
    return news.queued + news.flying > 0 && !news.stopped;
}

/* One piece of the user's work; false: there is none, or it would have something wait for it. */
static bool work(stele_stream *s)
{
    enum { A_MOMENT = 1 };
    stele_worker *worker = s->worker;
    bool worked = false;
    if (!worker->writer.sent || stele_ahead_is_busy(s) || s->failed != STELE_OK || worker->leave != STELE_STAYS)
        return false;
    s->failed = stele_stream_compute(s, &worked, &s->error);
    if (!worked && has_texts(worker))
        stele_provider_wait(worker->provider, -1, 0, A_MOMENT);
    if (s->failed == STELE_OK)
        s->failed = stele_stream_take_answers(s, &worked, &s->error);
    return worked;
}

int stele_stream_wait(void *data, int fd, short events, int milliseconds)
{
    stele_stream *s = data;
    int ready = 0;
    for (bool worked = true; worked && ready == 0;) {
        stele_ahead_turn(s);
        worked = (events & POLLOUT) == 0 && work(s);
        ready = stele_second_rest(&s->ahead.second, fd, events, worked ? 0 : milliseconds);
    }
    return ready;
}

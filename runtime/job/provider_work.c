/*
 * provider_work.c - what goes next, and the wait for what comes back
 */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <poll.h>
#include <stdlib.h>

#include "../pq.h"
#include "provider_inside.h"

enum { LOOK_UP_MS = 100, LINGER_US = 60000, CANARY_AFTER = 3 };

/* ---------------------------------------------------------------- what goes next */

/* A text of our own, to see whether the provider answers at all, when there is none but one at which it fails. */
static stele_provider_batch *make_canary(stele_provider *provider)
{
    static const char text[] = "stele";
    stele_provider_batch *batch = calloc(1, sizeof *batch + sizeof *batch->items);
    stele_item *item = batch == NULL ? NULL : stele_provider_make_item(provider, 0, text, sizeof text - 1);
    if (item == NULL) {
        free(batch);
        return NULL;
    }
    item->canary = true;
    batch->items[0] = item;
    batch->count = batch->sent = 1;
    return batch;
}

/* The first that isn't to go behind all others. */
static stele_provider_batch *find_again(const stele_provider *provider)
{
    stele_provider_batch *batch = provider->again.first;
    while (batch != NULL && batch->behind)
        batch = batch->next;
    return batch;
}

static bool may_pack(const stele_provider *provider, const stele_caps *caps, int64_t now)
{
    const stele_queue *queue = &provider->queue;
    return queue->count > 0 && (queue->flushed || stele_queue_is_full(queue, caps) || now - queue->grown_at >= LINGER_US || stele_provider_room(provider) == 0);
}

/* What goes next, taken from where it was: what goes again, what waits, what goes behind. NULL: nothing. */
static stele_provider_batch *choose(stele_provider *provider, const stele_caps *caps, int64_t now)
{
    stele_provider_batch *again = find_again(provider), *behind = provider->again.first, *batch;
    if (again != NULL)
        return stele_batches_take(&provider->again, again);
    if (may_pack(provider, caps, now)) {
        batch = stele_queue_pack(&provider->queue, caps);
        if (batch == NULL)
            stele_provider_stop(provider, "It goes on with what it has when there is memory again.", "out of memory");
        return batch;
    }
    if (behind == NULL || provider->requests > 0)
        return NULL;
    if (behind->sent == 1 && behind->alone >= CANARY_AFTER && !behind->items[0]->canary && provider->successes == behind->successes_then)
        return make_canary(provider);
    return stele_batches_take(&provider->again, behind);
}

static double tokens_of_next(const stele_provider *provider, const stele_caps *caps)
{
    const stele_provider_batch *batch = provider->again.first;
    const stele_queue *queue = &provider->queue;
    double tokens = 0;
    for (size_t i = 0; batch != NULL && i < batch->sent; i++)
        tokens += batch->items[i]->tokens;
    if (batch != NULL)
        return tokens;
    if (queue->count > caps->inputs)
        return fmin(caps->tokens, queue->tokens / (double)queue->count * caps->inputs);
    return fmin(caps->tokens, queue->tokens);
}

/* Send what may go now. Returns microseconds until more may; a long time where only an answer, or a text, brings more. */
static int64_t issue(stele_provider *provider)
{
    enum { LONG = LOOK_UP_MS * 1000 };
    provider->limit.bound = "";
    provider->lacks = 0;
    while (!provider->stopped && !provider->hold && (provider->queue.count > 0 || provider->again.first != NULL)) {
        int64_t now = stele_clock();
        stele_caps caps = stele_provider_caps(provider);
        int64_t wait = stele_limit_wait(&provider->limit, tokens_of_next(provider, &caps), provider->requests, now);
        if (wait != 0)
            return wait < 0 || wait > LONG ? LONG : wait;
        provider->limit.bound = "";
        stele_provider_batch *batch = choose(provider, &caps, now);
        if (batch == NULL)
            return provider->queue.count > 0 ? LINGER_US / 4 : LONG;
        if (!stele_provider_send(provider, batch, now))
            return LONG;
        if (provider->spec->kind != STELE_PROVIDER_HTTP)
            return 0;
    }
    return LONG;
}

/* A text that was refused before anything was accepted waits for others; when there are none, that is that. */
static void end_accusations(stele_provider *provider)
{
    bool idle = provider->queue.count == 0 && provider->again.first == NULL && provider->flying.first == NULL;
    for (stele_item *item; idle && (item = stele_items_take(&provider->accused)) != NULL;)
        stele_items_put(&provider->ready, item);
}

static int64_t work(stele_provider *provider, bool may_compute)
{
    provider->working = true;
    stele_provider_receive(provider, may_compute);
    stele_provider_look_at_time(provider, stele_clock());
    int64_t wait = issue(provider);
    end_accusations(provider);
    provider->working = false;
    return wait;
}

/* ---------------------------------------------------------------------- waiting */

static void pause_for(stele_provider *provider, int fd, short events, int milliseconds)
{
    struct pollfd socket = {.fd = fd, .events = events};
    if (provider->http != NULL && !provider->working)
        stele_http_poll(provider->http, fd, events, milliseconds);
    else
        poll(&socket, fd < 0 ? 0 : 1, milliseconds);
}

int stele_provider_wait(stele_provider *provider, int fd, short events, int milliseconds)
{
    struct pollfd socket = {.fd = fd, .events = events};
    if (milliseconds > LOOK_UP_MS || milliseconds < 0)
        milliseconds = LOOK_UP_MS;
    int64_t until = stele_clock() + (int64_t)milliseconds * 1000, left;
    size_t ready = fd < 0 ? 0 : provider->ready.count;
    bool had_stopped = provider->stopped;
    do {
        int64_t wait = provider->working ? LOOK_UP_MS * 1000 : work(provider, fd < 0);
        if (fd >= 0 && poll(&socket, 1, 0) > 0)
            return socket.revents;
        left = until - stele_clock();
        if (provider->ready.count > ready || provider->stopped != had_stopped || left <= 0)
            break;
        int64_t nap = wait < left ? wait : left;
        pause_for(provider, fd, events, (int)((nap + 999) / 1000));
    } while (left > 0);
    return 0;
}

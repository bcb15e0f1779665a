#include <stdlib.h>

#include "provider_inside.h"

void stele_provider_unpack(stele_provider *provider, stele_provider_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        stele_queue_put(&provider->queue, batch->items[i]);
    provider->queue.flushed = true; /* they have waited long enough */
    free(batch);
}

void stele_provider_release(stele_provider *provider, stele_provider_batch *batch)
{
    for (size_t i = batch->sent; i < batch->count; i++)
        stele_queue_put(&provider->queue, batch->items[i]);
    if (batch->sent < batch->count)
        provider->queue.flushed = true;
    batch->count = batch->sent;
}

/*
 * One of n texts is wrong. Send the first half alone: when it fails, the one is in there, and the other half goes back to the queue, to be sent with what else waits; when it doesn't, the one
 * is in the other half, which needs no request to be known as wrong. So it takes one request for each halving, not two.
 */
void stele_provider_search(stele_provider *provider, stele_provider_batch *batch, stele_batch_mode mode, int64_t lone)
{
    stele_provider_release(provider, batch);
    batch->mode = mode;
    batch->sent = (batch->count + 1) / 2;
    if (lone >= 0 && (size_t)lone < batch->count && !batch->pointed) {
        stele_item *item = batch->items[lone];
        batch->items[lone] = batch->items[0];
        batch->items[0] = item;
        batch->pointed = true;
        batch->sent = 1;
    }
    batch->half = 0;
    batch->alone = 0;
    batch->behind = false;
}

#include <stdlib.h>
#include <string.h>

#include "provider_inside.h"

/* -------------------------------------------------------------------- lists */

void stele_batches_put(stele_batches *list, stele_provider_batch *batch)
{
    if (list->first == NULL)
        list->end = &list->first;
    batch->next = NULL;
    *list->end = batch;
    list->end = &batch->next;
}

stele_provider_batch *stele_batches_take(stele_batches *list, stele_provider_batch *batch)
{
    stele_provider_batch **at = &list->first;
    while (*at != NULL && batch != NULL && *at != batch)
        at = &(*at)->next;
    batch = *at;
    if (batch == NULL)
        return NULL;
    *at = batch->next;
    if (batch->next == NULL)
        list->end = at;
    batch->next = NULL;
    return batch;
}

void stele_items_put(stele_items *list, stele_item *item)
{
    if (list->first == NULL)
        list->end = &list->first;
    item->next = NULL;
    *list->end = item;
    list->end = &item->next;
    list->count++;
}

stele_item *stele_items_take(stele_items *list)
{
    stele_item *item = list->first;
    if (item != NULL) {
        list->first = item->next;
        list->count--;
    }
    return item;
}

void stele_item_free(stele_item *item)
{
    if (item == NULL)
        return;
    if (item->vectors != NULL && --item->vectors->left == 0)
        free(item->vectors);
    free(item->message);
    free(item);
}

/* -------------------------------------------------------------------- queue */

bool stele_queue_reserve(stele_queue *queue, size_t count)
{
    if (count <= queue->room)
        return true;
    size_t room = count + count / 2 + 64;
    stele_item **items = room > SIZE_MAX / sizeof *items ? NULL : realloc(queue->items, room * sizeof *items);
    if (items == NULL)
        return false;
    queue->items = items;
    queue->room = room;
    return true;
}

void stele_queue_put(stele_queue *queue, stele_item *item)
{
    queue->items[queue->count++] = item;
    queue->bytes += item->length;
    queue->tokens += item->tokens;
    queue->sorted = false;
}

bool stele_queue_is_full(const stele_queue *queue, const stele_caps *caps)
{
    return queue->count >= caps->inputs || queue->tokens >= caps->tokens || queue->bytes >= caps->bytes;
}

/* What waits now tells how long texts are; before anything came, they are thought to be short. */
size_t stele_queue_per_request(const stele_queue *queue, const stele_caps *caps)
{
    double count = (double)queue->count, most = caps->inputs;
    if (queue->count == 0)
        return caps->inputs;
    if (most * queue->tokens / count > caps->tokens)
        most = caps->tokens / (queue->tokens / count);
    if (most * (double)queue->bytes / count > caps->bytes)
        most = caps->bytes / ((double)queue->bytes / count);
    return most < 1 ? 1 : (size_t)most;
}

static int by_length(const void *a, const void *b)
{
    const stele_item *one = *(stele_item *const *)a, *other = *(stele_item *const *)b;
    if (one->tokens != other->tokens)
        return one->tokens < other->tokens ? -1 : 1;
    return one->number < other->number ? -1 : one->number > other->number;
}

typedef struct range {
    size_t begin, end, bytes;
    double tokens;
} range;

static bool takes(range *r, const stele_item *item, const stele_caps *caps)
{
    if (r->end - r->begin >= caps->inputs || r->tokens + item->tokens > caps->tokens || r->bytes + item->length > caps->bytes)
        return false;
    r->tokens += item->tokens;
    r->bytes += item->length;
    return true;
}

/* From the oldest on, to whichever side the next text is more alike: so the oldest never waits, and a model that pads its input has little to pad. */
static range choose(const stele_queue *queue, const stele_caps *caps)
{
    size_t oldest = 0;
    for (size_t i = 1; i < queue->count; i++)
        if (queue->items[i]->number < queue->items[oldest]->number)
            oldest = i;
    stele_item **items = queue->items, *seed = items[oldest];
    range r = {.begin = oldest, .end = oldest + 1, .bytes = seed->length, .tokens = seed->tokens};
    bool down = true, up = true;
    while (down || up) {
        down = down && r.begin > 0;
        up = up && r.end < queue->count;
        bool take_lower = down && (!up || seed->tokens - items[r.begin - 1]->tokens <= items[r.end]->tokens - seed->tokens);
        if (take_lower) {
            down = takes(&r, items[r.begin - 1], caps);
            r.begin -= down;
        } else if (up) {
            up = takes(&r, items[r.end], caps);
            r.end += up;
        }
    }
    return r;
}

stele_provider_batch *stele_queue_pack(stele_queue *queue, const stele_caps *caps)
{
    if (!queue->sorted)
        qsort(queue->items, queue->count, sizeof *queue->items, by_length);
    queue->sorted = true;
    range r = choose(queue, caps);
    size_t count = r.end - r.begin;
    stele_provider_batch *batch = calloc(1, sizeof *batch + count * sizeof *batch->items);
    if (batch == NULL)
        return NULL;
    batch->count = batch->sent = count;
    memcpy(batch->items, queue->items + r.begin, count * sizeof *batch->items);
    memmove(queue->items + r.begin, queue->items + r.end, (queue->count - r.end) * sizeof *queue->items);
    queue->count -= count;
    queue->bytes -= r.bytes;
    queue->tokens -= r.tokens;
    if (queue->count == 0) {
        queue->tokens = 0;
        queue->flushed = false;
    }
    return batch;
}

/*
 * provider_settle.c - what becomes of a request that has come to its end
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "provider_inside.h"

/* A wrong answer is asked for once more; a text alone, at which the provider fails, is asked for until it is sure that others don't fail. */
enum { WRONG_TWICE = 2, FAULTS_WITH_PROOF = 2, FAULTS_WITHOUT = 3, ALONE = 2, ACCUSED = 3, HALVED = 3 };

void stele_provider_stop(stele_provider *provider, const char *hint, const char *format, ...)
{
    char message[384];
    va_list list;
    if (provider->stopped)
        return;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    provider->stopped = true;
    stele_error_clear(&provider->error);
    stele_error_set(&provider->error, STELE_FAILED, "%s", message);
    stele_error_hint(&provider->error, "%s", hint);
}

/* -------------------------------------------------------------------- failures */

/* Why it fails; without the words, where there is no memory for them. */
static void note(stele_item *item, const char *code, const char *message)
{
    size_t size = strlen(message) + 1;
    snprintf(item->code, sizeof item->code, "%s", code);
    free(item->message);
    item->message = malloc(size);
    if (item->message != NULL)
        memcpy(item->message, message, size);
}

void stele_provider_fail_item(stele_provider *provider, stele_item *item, const char *code, const char *message)
{
    if (item->canary) {
        stele_item_free(item);
        return;
    }
    note(item, code, message);
    stele_items_put(&provider->ready, item);
}

static void give_up_accused(stele_provider *provider)
{
    for (stele_item *item; (item = stele_items_take(&provider->accused)) != NULL;)
        stele_items_put(&provider->ready, item);
}

/* When nothing was ever accepted, it may be that nothing will be: three are put aside before that is said. */
static void accuse(stele_provider *provider, stele_item *item, const stele_outcome *outcome)
{
    if (provider->successes > 0 || item->canary || outcome->class != STELE_CLASS_TEXT) {
        stele_provider_fail_item(provider, item, outcome->code, outcome->message);
        return;
    }
    note(item, outcome->code, outcome->message);
    stele_items_put(&provider->accused, item);
    if (provider->accused.count < ACCUSED)
        return;
    while ((item = stele_items_take(&provider->accused)) != NULL)
        stele_queue_put(&provider->queue, item);
    stele_provider_stop(provider, "Look at `url`, `model`, `dimensions` and `encoding` of the script.", "the provider refuses every text: %s", outcome->message);
}

/* One text is left, and it is that. Shares nothing any more with its batch, of which the rest goes back to the queue. */
static void give_up(stele_provider *provider, stele_provider_batch *batch, const stele_outcome *outcome)
{
    stele_item *item = batch->items[0];
    if (batch->inputs_then != 0 && outcome->class == STELE_CLASS_SIZE) /* it was one text that was too large for any batch */
        provider->caps = (stele_caps){batch->inputs_then, batch->tokens_then, batch->bytes_then};
    memmove(batch->items, batch->items + 1, (batch->count - 1) * sizeof *batch->items);
    batch->count--;
    accuse(provider, item, outcome);
    stele_provider_unpack(provider, batch);
}

/* The provider's own word on what is too long is better than any estimate: cut a fifth off, and ask again. */
static bool cut(stele_provider *provider, stele_item *item)
{
    size_t length = item->length - item->length / 5;
    if (!provider->spec->clip || item->length < 64)
        return false;
    while (length > 0 && ((unsigned char)item->text[length] & 0xC0) == 0x80)
        length--;
    item->text[length] = '\0';
    item->length = length;
    item->tokens = stele_provider_tokens(item->text, length);
    return length > 0;
}

/* ------------------------------------------------------------------- successes */

static void deliver(stele_provider *provider, stele_provider_batch *batch, stele_vectors *vectors)
{
    unsigned dimensions = provider->spec->dimensions;
    vectors->left = batch->sent + 1;
    for (size_t i = 0; i < batch->sent; i++) {
        stele_item *item = batch->items[i];
        item->vectors = vectors;
        item->vector = vectors->numbers + i * dimensions;
        stele_provider_took(provider, item);
        if (item->canary)
            stele_item_free(item);
        else
            stele_items_put(&provider->ready, item);
    }
    if (--vectors->left == 0)
        free(vectors);
}

/* Halves are right where the whole was not: so it was its size. For a wrong answer, only when that has happened again and again. */
static void learn_size(stele_provider *provider, const stele_provider_batch *batch)
{
    bool halves = batch->mode == STELE_BATCH_HALVES && batch->wrong > 0 && batch->sent == batch->count && batch->half >= batch->sent;
    if (halves && ++provider->halved >= HALVED && provider->caps.inputs > batch->half)
        provider->caps.inputs = (unsigned)batch->half;
}

static void succeed(stele_provider *provider, stele_provider_batch *batch, stele_outcome *outcome)
{
    provider->successes++;
    provider->wrong_run = 0;
    stele_limit_success(&provider->limit);
    give_up_accused(provider);
    learn_size(provider, batch);
    deliver(provider, batch, outcome->vectors);
    outcome->vectors = NULL;
    if (batch->sent == batch->count) {
        free(batch);
        return;
    }
    batch->half = batch->sent;
    batch->count -= batch->sent;
    memmove(batch->items, batch->items + batch->sent, batch->count * sizeof *batch->items);
    batch->sent = batch->mode == STELE_BATCH_HALVES ? batch->count : (batch->count + 1) / 2;
    batch->alone = 0;
    batch->behind = false;
    stele_batches_put(&provider->again, batch);
}

/* --------------------------------------------------------------- classes of fault */

void stele_provider_look_at_time(stele_provider *provider, int64_t now)
{
    const stele_limit *limit = &provider->limit;
    if (stele_limit_is_over(limit, now))
        stele_provider_stop(provider, "When it answers again, resume the job: nothing that was done is done twice.",
                            "no request to the provider has succeeded for %lld s: %s", (long long)((now - limit->failing_since) / SECOND_US), provider->trouble);
}

static void pause(stele_provider *provider, const stele_provider_batch *batch, const stele_outcome *outcome, int64_t now)
{
    snprintf(provider->trouble, sizeof provider->trouble, "%s", outcome->message);
    stele_limit_fault(&provider->limit, outcome->status, outcome->wait_ms, batch->sent_at, now);
    stele_provider_look_at_time(provider, now);
}

/* It may be the provider, it may be a text of this batch: others that succeed meanwhile prove that it isn't the provider. */
static void settle_fault(stele_provider *provider, stele_provider_batch *batch, const stele_outcome *outcome, int64_t now)
{
    unsigned times = batch->sent == 1 ? ++batch->alone : ++batch->faults;
    if (times == 1)
        batch->successes_then = provider->successes;
    bool proof = provider->successes > batch->successes_then;
    if (batch->items[0]->canary) {
        pause(provider, batch, outcome, now);
    } else if (batch->sent > 1 && (proof ? times >= FAULTS_WITH_PROOF : times >= FAULTS_WITHOUT)) {
        stele_provider_search(provider, batch, STELE_BATCH_SEARCH, STELE_NO_SUSPECT);
        batch->behind = !proof;
        if (!proof)
            pause(provider, batch, outcome, now);
    } else if (batch->sent == 1 && proof && times >= ALONE) {
        give_up(provider, batch, outcome);
        return;
    } else {
        pause(provider, batch, outcome, now);
        batch->behind = true;
    }
    stele_batches_put(&provider->again, batch);
}

static void lower(unsigned *cap, size_t to)
{
    if (to < *cap)
        *cap = to < 1 ? 1 : (unsigned)to;
}

/* The next requests are smaller at once; but not for ever, when it turns out that one text is too large for any. */
static void settle_size(stele_provider *provider, stele_provider_batch *batch, const stele_outcome *outcome)
{
    enum { LARGE_BODY = 512 * 1024 };
    size_t bytes = 0, tokens = 0;
    for (size_t i = 0; i < batch->sent; i++) {
        bytes += batch->items[i]->length;
        tokens += batch->items[i]->tokens;
    }
    if (batch->inputs_then == 0) {
        batch->inputs_then = provider->caps.inputs;
        batch->tokens_then = provider->caps.tokens;
        batch->bytes_then = provider->caps.bytes;
    }
    if (outcome->of_tokens)
        lower(&provider->caps.tokens, tokens / 2);
    else if (!outcome->of_inputs && bytes > LARGE_BODY)
        lower(&provider->caps.bytes, bytes / 2);
    else
        lower(&provider->caps.inputs, (batch->sent + 1) / 2);
    stele_provider_search(provider, batch, STELE_BATCH_HALVES, STELE_NO_SUSPECT);
}

static int64_t longest(const stele_provider_batch *batch)
{
    size_t longest = 0;
    for (size_t i = 1; i < batch->sent; i++)
        if (batch->items[i]->tokens > batch->items[longest]->tokens)
            longest = i;
    return (int64_t)longest;
}

/* Refused for what is in it: search for the text, or give it up. */
static void settle_text(stele_provider *provider, stele_provider_batch *batch, const stele_outcome *outcome)
{
    bool is_long = outcome->class == STELE_CLASS_LONG, believes = provider->successes > 0 || provider->accused.count == 0;
    if (batch->sent == 1 && is_long && cut(provider, batch->items[0])) {
        stele_batches_put(&provider->again, batch);
    } else if (batch->sent == 1) {
        give_up(provider, batch, outcome);
    } else {
        if (outcome->class == STELE_CLASS_SIZE)
            settle_size(provider, batch, outcome);
        else
            stele_provider_search(provider, batch, STELE_BATCH_SEARCH,
                                   is_long && outcome->suspect < 0 ? longest(batch) : is_long || believes ? outcome->suspect : STELE_NO_SUSPECT);
        stele_batches_put(&provider->again, batch);
    }
}

/* So many in a row are no text's fault: as many as it takes to find one in the largest batch, and each of those that are in flight may have one. */
static bool is_hopeless(const stele_provider *provider)
{
    enum { TO_FIND_ONE = 16, EACH = 4 };
    return provider->wrong_run >= TO_FIND_ONE + EACH * provider->limit.set.concurrency;
}

/* Once more as a whole; then by parts; and a text alone that gets a wrong answer twice is given up, if others get right ones meanwhile. */
static void settle_wrong(stele_provider *provider, stele_provider_batch *batch, const stele_outcome *outcome)
{
    provider->wrong_run++;
    if (batch->wrong++ == 0)
        batch->successes_then = provider->successes;
    if (batch->sent == 1)
        batch->alone++;
    if (batch->items[0]->canary || is_hopeless(provider)) {
        stele_provider_stop(provider, "Nothing of it was taken. Look at `model` and `dimensions` of the script, and at what the provider's server logs.",
                            "the provider gives wrong answers: %s", outcome->message);
    } else if (batch->sent > 1 && batch->wrong >= WRONG_TWICE) {
        stele_provider_search(provider, batch, STELE_BATCH_HALVES, outcome->suspect);
    } else if (batch->sent == 1 && batch->alone >= ALONE && provider->successes > batch->successes_then) {
        give_up(provider, batch, outcome);
        return;
    } else if (batch->sent == 1) {
        stele_provider_release(provider, batch);
        batch->behind = true;
    }
    stele_batches_put(&provider->again, batch);
}

void stele_provider_settle(stele_provider *provider, stele_provider_batch *batch, stele_outcome *outcome, int64_t now)
{
    provider->faults += outcome->class != STELE_CLASS_OK && outcome->status != 429;
    provider->refused += outcome->status == 429;
    switch (outcome->class) {
    case STELE_CLASS_OK:
        succeed(provider, batch, outcome);
        return;
    case STELE_CLASS_DOWN:
        pause(provider, batch, outcome, now);
        break;
    case STELE_CLASS_FAULT:
        settle_fault(provider, batch, outcome, now);
        return;
    case STELE_CLASS_SIZE:
    case STELE_CLASS_LONG:
    case STELE_CLASS_TEXT:
        settle_text(provider, batch, outcome);
        return;
    case STELE_CLASS_WRONG:
        settle_wrong(provider, batch, outcome);
        return;
    case STELE_CLASS_STOP:
        stele_provider_stop(provider, "Look at `url`, `model` and `key` of the script, and at the values that they have where this program is started; nothing was lost, and a job that was paused is resumed.", "the provider refuses to go on: %s", outcome->message);
    }
    stele_batches_put(&provider->again, batch);
}

#define _POSIX_C_SOURCE 200809L
#include "provider.h"

#include <math.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "../pq.h"
#include "provider_inside.h"

enum { QUEUE_BYTES = 32 * 1024 * 1024, ENOUGH_INPUTS = 64, ENOUGH_TOKENS = 8192, ENOUGH_BYTES = 1024 * 1024 };

/* ------------------------------------------------------------------- opening */

/* The key, if it can stand in a header. */
static stele_status read_key(stele_provider *provider, stele_error *error)
{
    const char *name = provider->spec->key, *value = name == NULL ? NULL : getenv(name);
    if (name == NULL || provider->spec->kind != STELE_PROVIDER_HTTP)
        return STELE_OK;
    if (value == NULL || value[0] == '\0') {
        stele_error_set(error, STELE_UNMET, "the environment variable %s, with the key of the provider of embeddings, is %s", name, value == NULL ? "not set" : "empty");
        stele_error_hint(error, "Set it where this program is started; it is read at the start, and never shown or stored.");
        return STELE_UNMET;
    }
    for (const char *at = value; *at != '\0'; at++)
        if ((unsigned char)*at <= 0x20 || (unsigned char)*at >= 0x7F) {
            stele_error_set(error, STELE_UNMET, "the key in %s has a character in it that no key has: a space, a line end, or one that isn't ASCII", name);
            stele_error_hint(error, "Is there a line end at its end?");
            return STELE_UNMET;
        }
    size_t size = strlen(value) + 1;
    provider->key = malloc(size);
    if (provider->key == NULL)
        return stele_error_memory(error);
    memcpy(provider->key, value, size);
    return STELE_OK;
}

static unsigned or_else(unsigned value, unsigned otherwise)
{
    return value != 0 ? value : otherwise;
}

static stele_status start(stele_provider *provider, stele_error *error)
{
    const stele_job_provider *spec = provider->spec;
    if (spec->kind == STELE_PROVIDER_CALLBACK && provider->options.embed == NULL) {
        stele_error_set(error, STELE_UNMET, "the script says embed = callback{...}, and this program lends no callback");
        stele_error_hint(error, "Set `embed` in the stele_job_options that the program gives to stele_job_open.");
        return STELE_UNMET;
    }
    stele_status status = read_key(provider, error);
    if (status != STELE_OK || spec->kind != STELE_PROVIDER_HTTP)
        return status;
    return stele_http_open(&provider->http, spec, provider->key, error);
}

stele_status stele_provider_open(stele_provider **result, const stele_job_provider *spec, const stele_job_options *options, stele_error *error)
{
    stele_provider *provider = calloc(1, sizeof *provider);
    *result = NULL;
    if (provider == NULL)
        return stele_error_memory(error);
    provider->spec = spec;
    if (options != NULL)
        provider->options = *options;
    provider->caps = (stele_caps){or_else(spec->max_inputs, ENOUGH_INPUTS), UINT32_MAX, or_else(spec->max_bytes, ENOUGH_BYTES)};
    stele_limit_start(&provider->limit, stele_clock());
    stele_status status = start(provider, error);
    if (status != STELE_OK)
        stele_provider_close(provider);
    else
        *result = provider;
    return status;
}

static void free_batches(stele_batches *list)
{
    for (stele_provider_batch *batch; (batch = stele_batches_take(list, NULL)) != NULL; free(batch))
        for (size_t i = 0; i < batch->count; i++)
            stele_item_free(batch->items[i]);
}

static void free_items(stele_items *list)
{
    for (stele_item *item; (item = stele_items_take(list)) != NULL;)
        stele_item_free(item);
}

void stele_provider_close(stele_provider *provider)
{
    if (provider == NULL)
        return;
    stele_http_close(provider->http);
    free_batches(&provider->again);
    free_batches(&provider->flying);
    free_items(&provider->ready);
    free_items(&provider->accused);
    for (size_t i = 0; i < provider->queue.count; i++)
        stele_item_free(provider->queue.items[i]);
    free(provider->queue.items);
    stele_item_free(provider->fetched);
    stele_text_free(&provider->body);
    stele_text_free(&provider->latest_text);
    if (provider->key != NULL)
        OPENSSL_cleanse(provider->key, strlen(provider->key));
    free(provider->key);
    free(provider);
}

/* ------------------------------------------------------------------ texts in */

void stele_provider_limit(stele_provider *provider, const stele_provider_limits *limits)
{
    stele_limit_set(&provider->limit, limits, stele_clock());
}

/* Estimates are of what a text may have at most; what texts of this job really have is learned. */
static double request_tokens(const stele_provider *provider)
{
    return or_else(provider->spec->max_tokens, ENOUGH_TOKENS) / fmin(1, fmax(0.2, provider->limit.ratio * 1.15));
}

/* As much of the budget is left for what isn't sent yet. */
static double left(const stele_provider *provider)
{
    return provider->limit.set.budget - (double)provider->tokens - provider->reserved;
}

bool stele_provider_affords(stele_provider *provider, double estimated)
{
    double tokens = estimated * provider->limit.ratio;
    bool affords = !provider->limit.set.has_budget || tokens <= left(provider);
    provider->lacks = affords ? 0 : tokens;
    return affords;
}

stele_caps stele_provider_caps(const stele_provider *provider)
{
    stele_caps caps = provider->caps;
    double tokens = request_tokens(provider), fits = stele_limit_request(&provider->limit);
    if (provider->limit.set.has_budget) /* the last requests are as large as what is left */
        tokens = fmin(tokens, fmax(1, left(provider) / provider->limit.ratio));
    if (fits > 0)
        tokens = fmin(tokens, fmax(1, fits));
    if (tokens < caps.tokens)
        caps.tokens = (unsigned)tokens;
    return caps;
}

/* Batches that aren't in flight, by texts. */
static size_t waiting(const stele_provider *provider)
{
    size_t count = provider->queue.count + provider->accused.count;
    for (const stele_provider_batch *batch = provider->again.first; batch != NULL; batch = batch->next)
        count += batch->count;
    return count;
}

size_t stele_provider_room(const stele_provider *provider)
{
    stele_caps caps = stele_provider_caps(provider);
    size_t each = stele_queue_per_request(&provider->queue, &caps), wanted = each * ((size_t)provider->limit.set.concurrency + 2);
    size_t has = waiting(provider) + provider->in_flight + provider->ready.count;
    return provider->hold || provider->stopped || has >= wanted || provider->queue.bytes > QUEUE_BYTES ? 0 : wanted - has;
}

/* Most texts are ASCII, which is seen eight bytes at a time: 8, or 0 where one of them isn't, or there are fewer. */
static size_t ascii_word(const char *text, size_t left)
{
    uint64_t word;
    if (left < sizeof word)
        return 0;
    memcpy(&word, text, sizeof word);
    return (word & UINT64_C(0x8080808080808080)) == 0 ? sizeof word : 0;
}

uint32_t stele_provider_tokens(const char *text, size_t length)
{
    size_t ascii = 0, others = 0;
    for (size_t i = 0, size; i < length; i += size > 0 ? size : 1) {
        size = ascii_word(text + i, length - i);
        ascii += size > 0 ? size : (unsigned char)text[i] < 0x80;
        others += (unsigned char)text[i] >= 0xC0;
    }
    size_t tokens = (ascii + 2) / 3 + others;
    return tokens > UINT32_MAX ? UINT32_MAX : (uint32_t)tokens;
}

/* How much of the text has at most so many tokens, cut at a character. */
static size_t clip(const char *text, size_t length, unsigned most)
{
    size_t ascii = 0, others = 0, i = 0;
    for (; i < length; i++) {
        ascii += (unsigned char)text[i] < 0x80;
        others += (unsigned char)text[i] >= 0xC0;
        if ((ascii + 2) / 3 + others > most)
            break;
    }
    return i;
}

stele_item *stele_provider_make_item(stele_provider *provider, uint64_t tag, const char *text, size_t length)
{
    stele_item *item = calloc(1, sizeof *item + length + 1);
    if (item == NULL)
        return NULL;
    item->tag = tag;
    item->number = provider->number++;
    item->length = length;
    item->tokens = stele_provider_tokens(text, length);
    memcpy(item->text, text, length);
    return item;
}

static bool is_utf8(const char *text, size_t length)
{
    for (size_t i = 0, size; i < length; i += size) {
        size = ascii_word(text + i, length - i);
        if (size == 0 && (size = stele_utf8_character(text + i)) == 0)
            return false;
    }
    return true;
}

/* Texts that need not be sent come to their end at once. */
static void take_item(stele_provider *provider, stele_item *item, uint32_t tokens)
{
    const stele_job_provider *spec = provider->spec;
    char message[128];
    if (spec->max_input_tokens > 0 && tokens > spec->max_input_tokens && !spec->clip) {
        snprintf(message, sizeof message, "the text may have %u tokens, and the script allows %u (max_input_tokens)", tokens, spec->max_input_tokens);
        stele_provider_fail_item(provider, item, "too-long", message);
    } else if (item->length == 0) {
        stele_provider_fail_item(provider, item, "refused", "the text is empty");
    } else if (!is_utf8(item->text, item->length)) {
        stele_provider_fail_item(provider, item, "refused", "the text isn't UTF-8");
    } else {
        stele_queue_put(&provider->queue, item);
        provider->queue.grown_at = stele_clock();
        provider->queue.flushed = false;
    }
}

stele_status stele_provider_submit(stele_provider *provider, uint64_t tag, const char *text, size_t length, stele_error *error)
{
    unsigned most = provider->spec->max_input_tokens;
    uint32_t tokens = stele_provider_tokens(text, length);
    if (most > 0 && tokens > most)
        length = clip(text, length, most);
    /* Whatever happens later, a text can go back to the queue. */
    size_t held = waiting(provider) + provider->in_flight + 2;
    stele_item *item = stele_queue_reserve(&provider->queue, held) ? stele_provider_make_item(provider, tag, text, length) : NULL;
    if (item == NULL)
        return stele_error_memory(error);
    take_item(provider, item, tokens);
    return STELE_OK;
}

void stele_provider_flush(stele_provider *provider)
{
    provider->queue.flushed = provider->queue.count > 0;
}

void stele_provider_hold(stele_provider *provider, bool hold)
{
    provider->hold = hold;
}

/* ------------------------------------------------------------------- vectors out */

bool stele_provider_next(stele_provider *provider, stele_embedding *embedding)
{
    stele_item_free(provider->fetched);
    stele_item *item = provider->fetched = stele_items_take(&provider->ready);
    if (item == NULL)
        return false;
    *embedding = (stele_embedding){.tag = item->tag, .vector = item->vector};
    if (item->vector == NULL) {
        memcpy(embedding->code, item->code, sizeof embedding->code);
        stele_error_copy(embedding->message, sizeof embedding->message, item->message != NULL ? item->message : "refused");
    }
    return true;
}

static const char *tell_bound(const stele_provider *provider, int64_t now, char *text, size_t size)
{
    enum { PATIENT_US = 500000 };
    const stele_limit *limit = &provider->limit;
    bool waits = provider->queue.count > 0 || provider->again.first != NULL;
    if (provider->stopped || (!waits && provider->requests == 0))
        return limit->bound;
    if (limit->failing_since != 0 && limit->why != 429 && provider->trouble[0] != '\0') {
        snprintf(text, size, "%.180s; retried for %lld s of %u s", provider->trouble, (long long)((now - limit->failing_since) / SECOND_US), limit->set.retry_for_ms / 1000);
        return text;
    }
    if (provider->requests > 0 && provider->successes == 0 && now - provider->busy_since >= PATIENT_US) {
        snprintf(text, size, "its first answer, for %lld s", (long long)((now - provider->busy_since + SECOND_US - 1) / SECOND_US));
        return text;
    }
    if (now >= limit->pause_until || !waits)
        return limit->bound;
    int64_t seconds = (limit->pause_until - now + SECOND_US - 1) / SECOND_US;
    if (limit->why >= 400)
        snprintf(text, size, "%d, for %lld s", limit->why, (long long)seconds);
    else
        snprintf(text, size, "%s, for %lld s", limit->failures > 0 ? "no answer" : "rate limit", (long long)seconds);
    return text;
}

void stele_provider_tell(const stele_provider *provider, stele_provider_news *news)
{
    int64_t now = stele_clock();
    *news = (stele_provider_news){.stopped = provider->stopped, .error = provider->error, .calls = provider->calls, .tokens = provider->tokens,
                                  .refused = provider->refused, .faults = provider->faults, .repeated = provider->repeated,
                                  .queued = waiting(provider), .flying = provider->in_flight, .ready = provider->ready.count,
                                  .reserved = provider->reserved, .request = request_tokens(provider) * provider->limit.ratio, .lacks = provider->lacks};
    news->unreachable = provider->unreachable;
    news->has_twins = provider->stopped && provider->has_twins && strstr(provider->error.message, "the same vector") != NULL;
    memcpy(news->twins, provider->twins, sizeof news->twins);
    news->busy_us = provider->busy_us + (provider->requests > 0 ? now - provider->busy_since : 0);
    news->bound = tell_bound(provider, now, ((stele_provider *)provider)->bound, sizeof provider->bound);
}

void stele_provider_restart(stele_provider *provider)
{
    provider->stopped = false;
    stele_error_clear(&provider->error);
    provider->limit.failing_since = provider->limit.pause_until = provider->limit.paused_at = 0;
    provider->limit.failures = 0;
    provider->run = provider->wrong_run = 0;
}

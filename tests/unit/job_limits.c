/* job/provider_limit.c, _headers.c, _pack.c, _class.c: what goes when, and what is what, without any clock or network. */
#include "job/provider_inside.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

enum { MS = 1000, A_DAY = 86400000 };

/* ------------------------------------------------------------------- headers */

static void test_headers(void)
{
    static const struct {
        const char *line;
        int field; /* 0 retry-after, 1 limit, 2 remaining, 3 reset of requests; 4 reset of tokens */
        double value;
    } cases[] = {
        {"Retry-After: 7\r\n", 0, 7000}, {"retry-after:0.5", 0, 500}, {"Retry-After-Ms: 1500", 0, 1500}, {"Retry-After: Sun, 06 Nov 1994 08:49:37 GMT", 0, A_DAY},
        {"Retry-After: Thu, 01 Jan 1970 00:17:00 GMT", 0, 20000}, {"Retry-After: soon", 0, -1}, {"Retry-After: -5", 0, -1}, {"Retry-After: ", 0, -1}, {"Retry-After", 0, -1},
        {"Retry-After: 5 apples", 0, -1}, {"Retry-After: Foo, 99 Bar 1994 08:49:37 GMT", 0, -1}, {"x-ratelimit-limit-requests: 3000", 1, 3000},
        {"X-RateLimit-Remaining-Requests: 12", 2, 12}, {"x-ratelimit-remaining-requests: -1", 2, -1}, {"x-ratelimit-reset-requests: 1s", 3, 1000},
        {"x-ratelimit-reset-requests: 6m0s", 3, 360000}, {"x-ratelimit-reset-requests: 12ms", 3, 12}, {"x-ratelimit-reset-tokens: 1h2m3.5s", 4, 3723500},
        {"x-ratelimit-reset-tokens: 59", 4, 59000}, {"x-ratelimit-reset-tokens: 1x", 4, -1}, {"x-ratelimit-reset-tokens: ", 4, -1},
        {"x-ratelimit-reset-tokens: 99999999999999999999999999d", 4, A_DAY}, {"Retry-After: 86399", 0, A_DAY - 1000}, {"Retry-After: 86401", 0, A_DAY},
        {"Retry-After: 99999999999999999999", 0, A_DAY}, {"Retry-After-Ms: 99999999999999999999", 0, A_DAY}, {"Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", 0, A_DAY},
        {"x-ratelimit-reset-requests: 25h", 3, A_DAY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stele_rate_headers h;
        stele_rate_headers_start(&h);
        stele_rate_headers_line(&h, cases[i].line, strlen(cases[i].line), 1000);
        const double fields[] = {h.retry_after_ms, h.limit[0], h.remaining[0], h.reset_ms[0], h.reset_ms[1]};
        ok(fields[cases[i].field] == cases[i].value, "%s: %g", cases[i].line, fields[cases[i].field]);
    }
    stele_rate_headers h;
    stele_rate_headers_start(&h);
    stele_rate_headers_line(&h, "retry-after-ms: 1500", 20, 0);
    stele_rate_headers_line(&h, "retry-after: 2", 14, 0);
    ok(h.retry_after_ms == 1500, "milliseconds are more exact, whatever comes behind");
    static const char date[] = "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT";
    stele_rate_headers_start(&h);
    stele_rate_headers_line(&h, date, sizeof date - 1, 784111777 - 7);
    ok(h.retry_after_ms == 7000, "a date is so far from now");
}

/* -------------------------------------------------------------------- limits */

static void test_buckets(void)
{
    stele_limit limit;
    int64_t now = 1000000000;
    stele_limit_start(&limit, now);
    ok(stele_limit_wait(&limit, 1e9, 0, now) == 0, "without limits nothing waits");
    ok(stele_limit_wait(&limit, 1, 4, now) == -1 && stele_limit_wait(&limit, 1, 3, now) == 0, "but for the number in flight");
    stele_limit_set(&limit, &(stele_provider_limits){.concurrency = 100, .requests_per_minute = 600}, now);
    unsigned sent = 0;
    for (int64_t end = now + 60 * INT64_C(1000000); now < end;) {
        int64_t wait = stele_limit_wait(&limit, 100, 0, now);
        if (wait == 0) {
            stele_limit_take(&limit, 100);
            sent++;
        }
        now += wait == 0 ? 10 : wait;
    }
    ok(sent >= 580 && sent <= 600, "of 600 requests a minute, %u are sent in one", sent);
    now += 3600 * INT64_C(1000000);
    for (sent = 0; stele_limit_wait(&limit, 100, 0, now) == 0; sent++)
        stele_limit_take(&limit, 100);
    ok(sent <= 12, "after an hour of rest, %u are sent at once", sent);
}

static void test_tokens(void)
{
    stele_limit limit;
    int64_t now = 1000000000, begin = now;
    double used = 0;
    stele_limit_start(&limit, now);
    stele_limit_set(&limit, &(stele_provider_limits){.concurrency = 100, .tokens_per_minute = 600000}, now);
    while (now < begin + 60 * INT64_C(1000000)) {
        int64_t wait = stele_limit_wait(&limit, 5000, 0, now);
        if (wait == 0) {
            double taken = stele_limit_take(&limit, 5000);
            stele_limit_learn(&limit, taken, 5000, 3500);
            used += 3500;
        }
        now += wait == 0 ? 10 : wait;
    }
    ok(used >= 570000 && used <= 600000, "of 600,000 tokens a minute, %.0f are used, though a third less than estimated", used);
    ok(limit.ratio > 0.69 && limit.ratio < 0.71, "the ratio is learned: %.3f", limit.ratio);
    stele_limit_learn(&limit, 100, 100, 0);
    stele_limit_learn(&limit, 100, 0, 50);
    stele_limit_learn(&limit, 100, 100, INT64_C(1000000000000));
    ok(limit.ratio < 1.2, "nonsense is hardly believed: %.3f", limit.ratio);
    ok(stele_limit_request(&limit) <= 10000, "requests are no larger than what comes in a second");
    stele_limit_set(&limit, &(stele_provider_limits){.concurrency = 4, .tokens_per_minute = 10000, .requests_per_minute = 3}, now);
    ok(stele_limit_request(&limit) * limit.ratio > 3300, "but with 3 requests a minute, a third of what comes in one");
}

static void test_pauses(void)
{
    stele_limit limit;
    int64_t now = 1000000000;
    stele_limit_start(&limit, now);
    stele_limit_set(&limit, &(stele_provider_limits){.concurrency = 8, .retry_for_ms = 5000}, now);
    stele_limit_fault(&limit, 429, 2000, now - 10, now);
    ok(limit.pause_until >= now + 2000 * MS && limit.pause_until < now + 2500 * MS, "a pause that was asked for");
    ok(limit.window == 4, "half of the requests in flight");
    stele_limit_fault(&limit, 429, -1, now - 5, now + 1);
    ok(limit.window == 4 && limit.failures == 1, "another that was in flight before tells nothing new");
    ok(stele_limit_wait(&limit, 1, 0, now) >= 2000 * MS, "meanwhile nothing goes");
    now = limit.pause_until;
    ok(stele_limit_wait(&limit, 1, 0, now) == 0, "then it goes on");
    int64_t longest = 0;
    for (int i = 0; i < 20; i++) {
        int64_t before = now;
        stele_limit_fault(&limit, 503, -1, now, now);
        now = limit.pause_until;
        if (now - before > longest)
            longest = now - before;
    }
    ok(longest > 30000 * MS && longest <= 90000 * MS, "without being asked, pauses grow up to %lld s", (long long)longest / 1000000);
    ok(stele_limit_is_over(&limit, now), "that was too long");
    stele_limit_success(&limit);
    ok(!stele_limit_is_over(&limit, now) && limit.failures == 0, "one success, and all is well");
    for (int i = 0; i < 100; i++)
        stele_limit_success(&limit);
    ok(limit.window == 8, "as many as before are in flight again");
}

static void test_remaining(void)
{
    stele_limit limit;
    stele_rate_headers h;
    int64_t now = 1000000000;
    stele_limit_start(&limit, now);
    stele_rate_headers_start(&h);
    stele_limit_headers(&limit, &h, now);
    ok(stele_limit_wait(&limit, 1, 0, now) == 0, "no headers, no wait");
    h = (stele_rate_headers){.limit = {10, 1000}, .remaining = {0, 500}, .reset_ms = {60000, 30000}, .retry_after_ms = -1};
    stele_limit_headers(&limit, &h, now);
    int64_t wait = stele_limit_wait(&limit, 1, 0, now);
    ok(wait >= 5900 * MS && wait <= 6100 * MS, "none left of 10, and all are back in a minute: one is in 6 s");
    stele_limit_start(&limit, now);
    h = (stele_rate_headers){.limit = {-1, -1}, .remaining = {-1, 0}, .reset_ms = {-1, 86400000}, .retry_after_ms = -1};
    stele_limit_headers(&limit, &h, now);
    ok(stele_limit_wait(&limit, 1, 0, now) <= 60000 * MS, "a day is not believed");
}

/* ------------------------------------------------------------------- packing */

static stele_item *make(uint64_t number, uint32_t tokens)
{
    stele_item *item = calloc(1, sizeof *item + 1);
    item->number = number;
    item->tokens = tokens;
    item->length = tokens * 3;
    return item;
}

static void test_packing(void)
{
    stele_queue queue = {0};
    stele_caps caps = {.inputs = 10, .tokens = 1000, .bytes = 100000};
    unsigned given = 0, batches = 0, spread = 0, late = 0;
    ok(stele_queue_reserve(&queue, 1000), "room for 1,000");
    for (unsigned i = 0; i < 500; i++)
        stele_queue_put(&queue, make(i, 1 + (i * 7919) % 200));
    while (queue.count > 0) {
        stele_provider_batch *batch = stele_queue_pack(&queue, &caps);
        double tokens = 0;
        uint32_t least = UINT32_MAX, most = 0;
        uint64_t oldest = UINT64_MAX, waiting = UINT64_MAX;
        for (size_t i = 0; i < batch->count; i++) {
            stele_item *item = batch->items[i];
            tokens += item->tokens;
            least = item->tokens < least ? item->tokens : least;
            most = item->tokens > most ? item->tokens : most;
            oldest = item->number < oldest ? item->number : oldest;
            free(item);
        }
        for (size_t i = 0; i < queue.count; i++)
            waiting = queue.items[i]->number < waiting ? queue.items[i]->number : waiting;
        late += waiting < oldest;
        if (batch->count > caps.inputs || tokens > caps.tokens)
            given = 100000;
        given += (unsigned)batch->count;
        spread += most - least;
        batches++;
        free(batch);
    }
    ok(given == 500, "each is in one request, and none is too large");
    ok(batches <= 80, "%u requests", batches);
    ok(late == 0, "the oldest goes first");
    ok(spread / batches < 30, "the lengths in one differ by %u tokens", spread / batches);
    stele_queue_put(&queue, make(1, 5000));
    stele_provider_batch *batch = stele_queue_pack(&queue, &caps);
    ok(batch->count == 1 && queue.count == 0 && queue.bytes == 0, "one that is larger than any request goes alone");
    free(batch->items[0]);
    free(batch);
    free(queue.items);
}

static void test_estimate(void)
{
    ok(stele_provider_tokens("", 0) == 0 && stele_provider_tokens("a", 1) == 1 && stele_provider_tokens("abcdef", 6) == 2, "a third of ASCII");
    ok(stele_provider_tokens("\xe4\xb8\x96\xe7\x95\x8c", 6) == 2, "and one for each other character");
}

/* ------------------------------------------------------------------- classes */

static void test_classes(void)
{
    static const struct {
        int status;
        const char *body;
        stele_class class;
        const char *code;
    } cases[] = {
        {429, "{\"error\":{\"message\":\"Rate limit reached for requests\",\"code\":\"rate_limit_exceeded\"}}", STELE_CLASS_DOWN, "429"},
        {429, "{\"error\":{\"message\":\"You exceeded your current quota\",\"code\":\"insufficient_quota\"}}", STELE_CLASS_STOP, "429"},
        {429, "{\"error\":{\"message\":\"Request too large for text-embedding-3: Limit 1000, Requested 2000\"}}", STELE_CLASS_SIZE, "429"},
        {401, "", STELE_CLASS_STOP, "401"}, {403, "", STELE_CLASS_STOP, "403"}, {404, "{\"error\":\"model \\\"x\\\" not found\"}", STELE_CLASS_STOP, "404"}, {301, "", STELE_CLASS_STOP, "301"},
        {408, "", STELE_CLASS_DOWN, "408"}, {500, "", STELE_CLASS_FAULT, "500"}, {502, "", STELE_CLASS_DOWN, "502"}, {503, "", STELE_CLASS_DOWN, "503"}, {529, "", STELE_CLASS_DOWN, "529"},
        {500, "{\"error\":{\"code\":500,\"message\":\"input is too large to process. increase the physical batch size\",\"type\":\"server_error\"}}", STELE_CLASS_LONG, "too-long"},
        {413, "{\"error\":\"batch size 64 > maximum allowed batch size 32\",\"error_type\":\"Validation\"}", STELE_CLASS_SIZE, "413"},
        {413, "{\"error\":\"`inputs` must have less than 512 tokens. Given: 600\",\"error_type\":\"Validation\"}", STELE_CLASS_LONG, "too-long"}, {413, "", STELE_CLASS_SIZE, "413"},
        {400, "{\"error\":{\"message\":\"This model's maximum context length is 8192 tokens, however you requested 9000 tokens\"}}", STELE_CLASS_LONG, "too-long"},
        {400, "{\"error\":{\"message\":\"Invalid 'input': maximum request size is 300000 tokens per request.\",\"code\":\"max_tokens_per_request\"}}", STELE_CLASS_SIZE, "400"},
        {400, "{\"detail\":\"The max allowed tokens per submitted batch is 120000.\"}", STELE_CLASS_SIZE, "400"}, {400, "{\"error\":{\"message\":\"content refused\"}}", STELE_CLASS_TEXT, "400"},
        {422, "", STELE_CLASS_TEXT, "422"}, {400, "{\"error\":{\"message\":\"bad\",\"code\":\"model_not_found\"}}", STELE_CLASS_STOP, "400"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char copy[512];
        stele_complaint complaint;
        stele_outcome outcome = {0};
        strcpy(copy, cases[i].body);
        stele_complaint_read(&complaint, copy, strlen(copy));
        stele_classify(&outcome, cases[i].status, &complaint, NULL);
        ok(outcome.class == cases[i].class && strcmp(outcome.code, cases[i].code) == 0, "%d %s: %d, %s", cases[i].status, cases[i].body, (int)outcome.class, outcome.message);
    }
}

int main(void)
{
    test_headers();
    test_buckets();
    test_tokens();
    test_pauses();
    test_remaining();
    test_packing();
    test_estimate();
    test_classes();
    return done();
}

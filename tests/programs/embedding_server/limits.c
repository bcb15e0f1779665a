#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "server.h"

/* Requests and tokens of the window that ends now: a ring of when and how many. */
enum { RING = 1 << 16 };
static struct {
    double at, tokens;
} ring[RING];
static unsigned ring_begin, ring_end;
static double ring_tokens;

bool fits(double tokens, double *wait)
{
    double t = now();
    while (ring_begin != ring_end && ring[ring_begin % RING].at + set.window <= t)
        ring_tokens -= ring[ring_begin++ % RING].tokens;
    *wait = ring_begin == ring_end ? 0 : ring[ring_begin % RING].at + set.window - t;
    if ((set.requests > 0 && ring_end - ring_begin >= set.requests) || (set.tokens > 0 && ring_tokens + tokens > set.tokens) || ring_end - ring_begin >= RING)
        return false;
    ring[ring_end % RING].at = t;
    ring[ring_end++ % RING].tokens = tokens;
    ring_tokens += tokens;
    return true;
}

void limit_headers(stele_text *headers)
{
    if ((set.requests == 0 && set.tokens == 0) || set.no_headers != 0)
        return;
    double left = ring_begin == ring_end ? 0 : ring[ring_begin % RING].at + set.window - now();
    unsigned used = ring_end - ring_begin;
    if (set.requests > 0)
        stele_text_print(headers, "x-ratelimit-limit-requests: %.0f\r\nx-ratelimit-remaining-requests: %.0f\r\nx-ratelimit-reset-requests: %.0fms\r\n", set.requests,
                         set.requests - used, left);
    if (set.tokens > 0)
        stele_text_print(headers, "x-ratelimit-limit-tokens: %.0f\r\nx-ratelimit-remaining-tokens: %.0f\r\nx-ratelimit-reset-tokens: %.3fs\r\n", set.tokens,
                         set.tokens - ring_tokens, left / 1000);
}

void retry_header(stele_text *headers, double milliseconds)
{
    if (set.retry_after == 0)
        return;
    if (set.retry_after > 0)
        milliseconds = set.retry_after * 1000;
    if (strcmp(set.retry_form, "date") == 0) {
        char date[64];
        time_t at = time(NULL) + (time_t)(milliseconds / 1000 + 1);
        struct tm parts;
        gmtime_r(&at, &parts);
        strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        stele_text_print(headers, "Retry-After: %s\r\n", date);
    } else if (strcmp(set.retry_form, "ms") == 0) {
        stele_text_print(headers, "retry-after-ms: %.0f\r\n", milliseconds + 1);
    } else {
        stele_text_print(headers, "Retry-After: %.0f\r\n", ceil(milliseconds / 1000));
    }
}

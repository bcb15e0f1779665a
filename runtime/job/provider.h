/*
 * provider.h - from texts to vectors
 *
 * Texts go in one at a time, with a tag; each comes out once, with its vector or with the reason why it can't have one. In between a provider packs them into requests
 * by the limits on inputs, tokens and bytes, keeps several requests in flight, within the limits on requests and tokens a minute, and knows
 * the classes of fault: of the provider as a whole (429, 5xx, no answer: wait, charge nobody, split nothing; 401, no quota: stop and say so),
 * of the shape of a batch (413, too many tokens: halve), of one row (bisect to it). An answer with too few vectors, in another order, of another dimension, or with numbers that are none, is
 * never taken for right. Talks to no PostgreSQL. Built with -DSTELE_NO_CURL, HTTP is refused by name.
 */
#ifndef STELE_JOB_PROVIDER_H
#define STELE_JOB_PROVIDER_H

#include "../stele_job.h"
#include "spec.h"

typedef struct stele_provider stele_provider;

/* What may be changed while it runs. 0: no limit. */
typedef struct stele_provider_limits {
    unsigned concurrency;      /* requests in flight */
    double requests_per_minute, tokens_per_minute; /* of this worker */
    unsigned retry_for_ms;     /* how long no request at all may succeed before it is given up, and the job paused */
    bool has_budget;
    double budget;             /* tokens that all of its requests may use, those in flight as they are estimated */
} stele_provider_limits;

/* `options` lends the callback. Reads the key from the environment. Returns OK, UNMET (no libcurl, no callback, no key), FAILED. */
stele_status stele_provider_open(stele_provider **provider, const stele_job_provider *spec, const stele_job_options *options, stele_error *error);
void stele_provider_close(stele_provider *provider); /* drops what is in flight; NULL is allowed */

/* Other limits, from now on. */
void stele_provider_limit(stele_provider *provider, const stele_provider_limits *limits);

/* How many more texts it wants now, so that what is in flight stays full and nothing piles up; 0: none. */
size_t stele_provider_room(const stele_provider *provider);

/* Hand over a text, which is copied: not empty. `tag` comes back with it. OK or FAILED (memory). */
stele_status stele_provider_submit(stele_provider *provider, uint64_t tag, const char *text, size_t length, stele_error *error);

/* No other comes soon: send what is there, though it is less than fits into a request. */
void stele_provider_flush(stele_provider *provider);

/* Issue no new request (pause, throttle), or go on. What is in flight comes to its end. */
void stele_provider_hold(stele_provider *provider, bool hold);

/*
 * Let it work, and wait until something happens, `milliseconds` are over, or `fd` (-1: none) is ready for `events` (poll's); returns poll's events of that, or 0. Never longer than 100 ms. It
 * may be called in the midst of a wait for the server: see link->wait. A callback of the application, which must not be called then, and fixed vectors are computed only in a call without `fd`.
 */
int stele_provider_wait(stele_provider *provider, int fd, short events, int milliseconds);

/* One text that has come to its end. `vector` has the spec's dimensions, lives until the next call, and is NULL after a failure of this row. */
typedef struct stele_embedding {
    uint64_t tag;
    const float *vector;
    char code[16];     /* of a failure: an HTTP status, or "too-long", "refused", "callback" */
    char message[256];
} stele_embedding;

/* Fetch the next of them; false: none has come to its end. */
bool stele_provider_next(stele_provider *provider, stele_embedding *embedding);

/* What there is to say of it. */
typedef struct stele_provider_news {
    bool stopped;        /* it won't go on by itself: a key that isn't taken, no quota, nothing but faults for too long; `error` says so. The texts that it has
                            stay with it; after stele_provider_restart it tries again */
    stele_error error;
    const char *bound;   /* what limits it now: "requests per minute", "tokens per minute", "concurrency", "429, for 12 s", "its first answer, for 5 s", "faults"; while nothing succeeds,
                            why not: "Could not resolve host: x; retried for 12 s of 600 s"; "" when it waits for texts */
    unsigned unreachable; /* so many requests in a row found no such host, or nobody who listens there */
    int64_t calls, tokens, refused, faults, repeated; /* requests; tokens by `usage`, else estimated; 429s; other failures; texts that were sent more than once */
    size_t queued, flying, ready; /* texts */
    double reserved;     /* tokens of what is in flight, as estimated */
    double request;      /* tokens of a request, as large as they are */
    double lacks;        /* tokens of the next request, where the budget doesn't pay for it; or 0 */
    bool has_twins;      /* it stopped since different texts got the same vector, such as the two of these tags */
    uint64_t twins[2];
    int64_t busy_us;     /* how long at least one request was in flight */
} stele_provider_news;
void stele_provider_tell(const stele_provider *provider, stele_provider_news *news);

/* After it has stopped: try again, with the texts that it has. */
void stele_provider_restart(stele_provider *provider);

/* How many tokens a text may have, at most: a third of its ASCII bytes, and one for each other character. */
uint32_t stele_provider_tokens(const char *text, size_t length);

#endif

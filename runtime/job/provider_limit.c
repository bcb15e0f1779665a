#include <math.h>

#include "provider_inside.h"

/*
 * Of a limit, so much is used: a provider that counts in a sliding window sees the rest as slack for what was sent in one go. A bucket holds what comes in one
 * second, so nothing is sent in a burst that would be too much at once.
 */
static const double MARGIN = 0.985, BURST = 0.8; /* seconds */
static const double CUT = 0.9, LEAST_FACTOR = 0.2, RECOVERY = 0.01; /* of the rates: at a 429, at least, a second */
enum { FIRST_BACKOFF_MS = 400, LONGEST_BACKOFF_MS = 60000, DOUBLINGS = 8, LONGEST_RESET_MS = 60000, RETRY_FOR_MS = 600000, CONCURRENCY = 4 };

/* ------------------------------------------------------------------ buckets */

/* Microseconds until it has `cost`; 0: now. */
static int64_t wait_for_bucket(stele_bucket *bucket, double cost, int64_t now)
{
    if (bucket->rate <= 0)
        return 0;
    if (now > bucket->at) {
        bucket->level = fmin(bucket->most, bucket->level + bucket->rate * (double)(now - bucket->at) / SECOND_US);
        bucket->at = now;
    }
    double lacking = fmin(cost, bucket->most) - bucket->level;
    return lacking <= 1e-9 ? 0 : (int64_t)fmin(ceil(lacking / bucket->rate * SECOND_US), 3600.0 * SECOND_US);
}

static void set_bucket(stele_bucket *bucket, double rate, double most, int64_t now)
{
    bool is_new = bucket->rate <= 0;
    wait_for_bucket(bucket, 0, now);
    bucket->rate = rate;
    bucket->most = most;
    if (is_new) /* as good as empty: others may just have used up the limit */
        bucket->level = most > 1 ? 1 : most;
    if (bucket->level > most)
        bucket->level = most;
    bucket->at = now;
}

/* -------------------------------------------------------------------- rates */

void stele_limit_start(stele_limit *limit, int64_t now)
{
    *limit = (stele_limit){.factor = 1, .ratio = 1, .bound = "", .recovered_at = now, .random = (uint64_t)now ^ (uint64_t)(uintptr_t)limit};
    limit->random |= 1;
    stele_limit_set(limit, &(stele_provider_limits){.concurrency = CONCURRENCY}, now);
    limit->window = limit->set.concurrency;
}

static void set_buckets(stele_limit *limit, int64_t now)
{
    double requests = limit->set.requests_per_minute / 60 * MARGIN * limit->factor, tokens = limit->set.tokens_per_minute / 60 * MARGIN * limit->factor;
    set_bucket(&limit->requests, requests, fmax(1, requests * BURST), now);
    set_bucket(&limit->tokens, tokens, fmax(1, tokens * BURST), now);
}

void stele_limit_set(stele_limit *limit, const stele_provider_limits *set, int64_t now)
{
    unsigned before = limit->set.concurrency;
    limit->set = *set;
    if (limit->set.concurrency == 0)
        limit->set.concurrency = CONCURRENCY;
    if (limit->set.retry_for_ms == 0)
        limit->set.retry_for_ms = RETRY_FOR_MS;
    if (!(limit->set.requests_per_minute > 0))
        limit->set.requests_per_minute = 0;
    if (!(limit->set.tokens_per_minute > 0))
        limit->set.tokens_per_minute = 0;
    if (limit->window > limit->set.concurrency || limit->window >= before)
        limit->window = limit->set.concurrency;
    set_buckets(limit, now);
}

static void recover(stele_limit *limit, int64_t now)
{
    if (limit->factor >= 1 || now - limit->recovered_at < SECOND_US)
        return;
    limit->factor = fmin(1, limit->factor + RECOVERY * (double)(now - limit->recovered_at) / SECOND_US);
    limit->recovered_at = now;
    set_buckets(limit, now);
}

int64_t stele_limit_wait(stele_limit *limit, double estimated, unsigned flying, int64_t now)
{
    recover(limit, now);
    if (now < limit->pause_until) {
        limit->bound = "faults";
        return limit->pause_until - now;
    }
    int64_t requests = wait_for_bucket(&limit->requests, 1, now), tokens = wait_for_bucket(&limit->tokens, estimated * limit->ratio, now);
    int64_t longer = requests > tokens ? requests : tokens;
    if (longer > 0) {
        limit->bound = requests >= tokens ? "requests per minute" : "tokens per minute";
        return longer;
    }
    limit->bound = "concurrency";
    return flying + 1 > limit->window + 1e-9 && flying > 0 ? -1 : 0;
}

double stele_limit_take(stele_limit *limit, double estimated)
{
    double taken = estimated * limit->ratio;
    limit->requests.level -= 1;
    limit->tokens.level -= taken;
    return taken;
}

/* The first answers tell most. A provider that counts nothing, or nonsense, is not believed. */
void stele_limit_learn(stele_limit *limit, double taken, double estimated, int64_t used)
{
    if (used <= 0 || estimated <= 0)
        return;
    double ratio = fmin(4, fmax(0.05, (double)used / estimated));
    limit->tokens.level -= fmin((double)used, estimated * 4) - taken;
    double weight = limit->ratio_samples == 0 ? 1 : fmax(0.1, 1.0 / (double)(limit->ratio_samples + 1));
    limit->ratio += (ratio - limit->ratio) * weight;
    limit->ratio_samples++;
}

/* Where a request would use up what comes in many seconds, it is made smaller; but not so small that requests become what is lacking. */
double stele_limit_request(const stele_limit *limit)
{
    const stele_provider_limits *set = &limit->set;
    if (set->tokens_per_minute <= 0)
        return 0;
    double most = limit->tokens.most;
    if (set->requests_per_minute > 0)
        most = fmax(most, set->tokens_per_minute / set->requests_per_minute);
    return most / limit->ratio;
}

/* ------------------------------------------------------------------- pauses */

/* Between 0 and 1. */
static double chance(stele_limit *limit)
{
    limit->random ^= limit->random << 13;
    limit->random ^= limit->random >> 7;
    limit->random ^= limit->random << 17;
    return (double)(limit->random >> 11) / 9007199254740992.0;
}

void stele_limit_success(stele_limit *limit)
{
    limit->failures = 0;
    limit->failing_since = 0;
    limit->window = fmin(limit->set.concurrency, limit->window + 1 / fmax(1, limit->window));
}

static void pause_until(stele_limit *limit, int64_t until)
{
    if (until > limit->pause_until)
        limit->pause_until = until;
}

/* Requests that were already in flight when it failed before fail for the same reason: they don't make the next pause longer. */
void stele_limit_fault(stele_limit *limit, int status, int64_t wait_ms, int64_t sent_at, int64_t now)
{
    if (limit->failing_since == 0)
        limit->failing_since = now;
    bool first = limit->paused_at == 0 || sent_at >= limit->paused_at;
    if (first) {
        double doubled = FIRST_BACKOFF_MS * (double)(1 << (limit->failures < DOUBLINGS ? limit->failures : DOUBLINGS));
        double backoff = fmin(LONGEST_BACKOFF_MS, doubled) * (0.5 + chance(limit));
        limit->failures++;
        limit->paused_at = now;
        limit->why = status;
        limit->window = fmax(1, floor(limit->window / 2));
        if (status == 429) {
            limit->factor = fmax(LEAST_FACTOR, limit->factor * CUT);
            limit->recovered_at = now;
            set_buckets(limit, now);
        }
        if (wait_ms < 0)
            pause_until(limit, now + (int64_t)backoff * 1000);
    }
    if (wait_ms >= 0) /* and a little more, so that not all workers come back in one moment */
        pause_until(limit, now + (int64_t)((double)wait_ms * 1000 + chance(limit) * (20000 + 50 * (double)(wait_ms < 60000 ? wait_ms : 60000))));
}

/* Of what is used up, as much comes back until `reset` as was used; less than the wait for all of it is enough for the next request. */
static double wait_for(double need, double remaining, double limit, double reset_ms)
{
    if (reset_ms <= 0 || remaining < 0 || remaining >= need)
        return 0;
    double share = limit > remaining ? fmin(1, (need - remaining) / (limit - remaining)) : 1;
    return fmin(LONGEST_RESET_MS, fmax(reset_ms * share, 1));
}

void stele_limit_headers(stele_limit *limit, const stele_rate_headers *headers, int64_t now)
{
    double wait_ms = wait_for(1, headers->remaining[0], headers->limit[0], headers->reset_ms[0]);
    /* What a request takes isn't known here: none left is what counts. */
    wait_ms = fmax(wait_ms, wait_for(1, headers->remaining[1], headers->limit[1], headers->reset_ms[1]));
    if (wait_ms > 0) {
        limit->why = 0;
        pause_until(limit, now + (int64_t)(wait_ms * 1000));
    }
}

bool stele_limit_is_over(const stele_limit *limit, int64_t now)
{
    return limit->failing_since != 0 && (now - limit->failing_since) / 1000 >= limit->set.retry_for_ms;
}

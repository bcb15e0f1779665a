#include "../test_vector.h"
#include "server.h"

bool fails(connection *c, const request *r, stele_text *headers)
{
    static unsigned count;
    double wait = 0;
    bool chance = set.share > 0 && (double)(test_hash(7, (char *)&(unsigned){++count}, sizeof count) >> 40) / 16777216.0 < set.share;
    if (chance || (set.status != 0 && set.share == 0 && take(&set.times))) {
        retry_header(headers, 1000);
        stats.refused += (int)set.status == 429;
        complain(c, (int)set.status, headers->bytes, "test", "status %.0f, as it was told", set.status);
        return true;
    }
    bool there = fits(tokens_of(r), &wait);
    limit_headers(headers);
    if (there)
        return false;
    retry_header(headers, wait);
    stats.refused++;
    complain(c, 429, headers->bytes, "rate_limit_exceeded", "Rate limit reached");
    return true;
}

bool refuses(connection *c, const request *r, const char *headers)
{
    for (size_t i = 0; i < r->count; i++) {
        if (set.refuse[0] != '\0' && has_word(&r->texts[i], set.refuse)) {
            if (set.refuse_names != 0)
                complain(c, (int)set.refuse_status, headers, "invalid_value", "'$.input[%zu]' is invalid", i);
            else
                complain(c, (int)set.refuse_status, headers, "content_filter", "the input was refused\nfor what is in it");
            return true;
        }
        if (set.longest > 0 && (double)r->texts[i].length > set.longest) {
            complain(c, 400, headers, "context_length_exceeded", "This model's maximum context length is %.0f tokens, however you requested %.0f tokens", set.longest / 4,
                     (double)r->texts[i].length / 4);
            return true;
        }
    }
    if (set.max_inputs > 0 && (double)r->count > set.max_inputs)
        complain(c, 413, headers, "Validation", "batch size %zu > maximum allowed batch size %.0f", r->count, set.max_inputs);
    else if (set.max_tokens > 0 && tokens_of(r) > set.max_tokens)
        complain(c, 400, headers, "max_tokens_per_request", "Requested %.0f tokens, max %.0f tokens per request", tokens_of(r), set.max_tokens);
    else
        return false;
    return true;
}

bool is_silent(const request *r)
{
    for (size_t i = 0; i < r->count && set.silent[0] != '\0'; i++)
        if (has_word(&r->texts[i], set.silent))
            return true;
    return false;
}

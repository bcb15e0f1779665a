/*
 * embedding_server [CERTIFICATE KEY] [NAME=VALUE ...] - a provider of embeddings for tests, benches and demos, which misbehaves when it is told to
 *
 * Listens on a free port of 127.0.0.1, prints it, and ends when its standard input does. With a certificate it speaks TLS. Its vectors depend on model, text
 * and dimensions only: see test_vector.h; or, with the setting `words`, on the text's words, so that a search finds something.
 *
 *     POST /v1/embeddings         as OpenAI's
 *     GET /vector?text=...        the vector of a text, as pgvector reads it; also with model=... and dimensions=..., encoded as in a form
 *     GET /stats                  what was counted: lines of NAME VALUE
 *     POST /control               lines of NAME VALUE, for the settings below; "reset" alone sets all of them, and what was counted, back
 */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "job/json.h"
#include "job/provider_inside.h"
#include "test_vector.h"

enum { MOST = 256, DIMENSIONS = 1024 };

/* ------------------------------------------------------------------- settings */

static struct settings {
    double dimensions;       /* where the request doesn't say */
    double latency;          /* milliseconds before each answer */
    double latency_each;     /* the same for each text */
    double requests, tokens; /* limits, in each window; 0: none */
    double window;           /* milliseconds, 60000 */
    double retry_after;      /* seconds, with a 429 or what `status` says; -1: the time until it goes on, 0: no header */
    double no_headers;       /* 1: no x-ratelimit ones */
    double status, times;    /* answer this status, so many times (-1: always) */
    double share;            /* answer `status` to such a share of the requests, too */
    double stall, close, cut; /* so many requests are not answered; hung up on; hung up on in the midst of the answer */
    double trickle;          /* so many answers begin, and stop in their midst */
    double wrong_times;      /* `wrong`, so many times; -1: always */
    double wrong_above;      /* `wrong` only when there are more texts than that */
    double refuse_names;     /* say which text is refused */
    double refuse_status;    /* 400 */
    double longest;          /* bytes of one text, else 400 */
    double max_inputs;       /* else 413 */
    double max_tokens;       /* else 400 */
    double degrade_above;    /* with more texts than that, vectors are slightly other ones */
    double words;            /* 1: vectors as fixed{} computes them */
    double chunked, escape, no_usage, index_last;
    double token_bytes;      /* bytes that are a token: 4 */
} defaults = {.dimensions = DIMENSIONS, .window = 60000, .retry_after = -1, .refuse_status = 400, .token_bytes = 4}, set;

static char wrong[32], wrong_word[64], refuse[64], silent[64], force[16], key[128], retry_form[16], says[512];

static const struct {
    const char *name;
    double *number;
    char *text;
    size_t size;
} names[] = {
#define N(name) {#name, &set.name, NULL, 0}
#define T(name) {#name, NULL, name, sizeof name}
    N(dimensions), N(latency), N(latency_each), N(requests), N(tokens), N(window), N(retry_after), N(no_headers), N(status), N(times), N(share), N(stall), N(close), N(cut), N(trickle),
    N(wrong_times), N(wrong_above), N(refuse_names), N(refuse_status), N(longest), N(max_inputs), N(max_tokens), N(degrade_above), N(chunked), N(escape), N(no_usage), N(index_last),
    N(token_bytes), N(words),
    /*
     * wrong: short, long, order (which is right!), duplicate, missing-index, dimension, nan, infinite, zero, constant, base64, json, empty, text, error. With wrong_word, those of one vector are only
     * for texts with this word in them.
     */
    T(wrong), T(wrong_word),
    T(refuse),     /* 400 for a request in which a text has this word */
    T(silent),     /* no answer to a request in which a text has this word */
    T(force),      /* "float" or "base64", whatever is asked for */
    T(key),        /* 401 without it */
    T(retry_form), /* "date", "ms"; else seconds */
    T(says),       /* the message of `status` and of a refusal */
};

static struct {
    long requests, good, inputs, refused, bad, flying, most_flying, tokens, repeated, good_inputs, connections;
} stats;
static double first_at, last_at; /* of good requests */

/* How often a text was answered, by its hash. */
static uint64_t *seen;
static size_t seen_size, seen_count;

static bool see(uint64_t hash)
{
    if (hash == 0)
        hash = 1;
    if (seen_count * 2 >= seen_size) {
        size_t old_size = seen_size;
        uint64_t *old = seen;
        seen_size = seen_size == 0 ? 4096 : seen_size * 2;
        seen = calloc(seen_size, sizeof *seen);
        for (size_t i = 0; i < old_size; i++)
            if (old[i] != 0)
                for (size_t at = old[i] & (seen_size - 1);; at = (at + 1) & (seen_size - 1))
                    if (seen[at] == 0) {
                        seen[at] = old[i];
                        break;
                    }
        free(old);
    }
    for (size_t at = hash & (seen_size - 1);; at = (at + 1) & (seen_size - 1)) {
        if (seen[at] == hash)
            return true;
        if (seen[at] == 0) {
            seen[at] = hash;
            seen_count++;
            return false;
        }
    }
}

static void reset(void)
{
    set = defaults;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].text != NULL)
            names[i].text[0] = '\0';
    long flying = stats.flying;
    memset(&stats, 0, sizeof stats);
    stats.flying = flying;
    first_at = last_at = 0;
    free(seen);
    seen = NULL;
    seen_size = seen_count = 0;
}

static bool control(char *line)
{
    char *value = line + strcspn(line, " ");
    if (*value != '\0')
        *value++ = '\0';
    if (strcmp(line, "reset") == 0) {
        reset();
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i].name, line) != 0)
            continue;
        if (names[i].number != NULL)
            *names[i].number = atof(value);
        else
            snprintf(names[i].text, names[i].size, "%s", value);
        return true;
    }
    return false;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

/* Takes one of a number of times; -1 is without end. */
static bool take(double *times)
{
    if (*times > 0)
        --*times;
    else if (*times == 0)
        return false;
    return true;
}

/* ---------------------------------------------------------------- connections */

typedef struct connection {
    int socket;
    SSL *tls;
    bool greeted, wants_write, close_after, embeds, ended;
    stele_text in, out;
    size_t sent, stop_at; /* of out; stop_at: then be silent */
    double due;       /* when the answer may go; 0: none is there */
    bool silent;      /* never answer */
} connection;

static connection connections[MOST];
static SSL_CTX *context;

static void hang_up(connection *c)
{
    if (c->embeds)
        stats.flying--;
    if (c->tls != NULL)
        SSL_free(c->tls);
    close(c->socket);
    stele_text_free(&c->in);
    stele_text_free(&c->out);
    *c = (connection){.socket = -1};
}

static ssize_t receive(connection *c, char *bytes, size_t size)
{
    c->wants_write = false;
    if (c->tls == NULL)
        return recv(c->socket, bytes, size, 0);
    int n = SSL_read(c->tls, bytes, (int)size);
    if (n > 0)
        return n;
    int why = SSL_get_error(c->tls, n);
    ERR_clear_error();
    c->wants_write = why == SSL_ERROR_WANT_WRITE;
    errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
    return errno == EAGAIN ? -1 : 0;
}

static ssize_t transmit(connection *c, const char *bytes, size_t size)
{
    if (c->tls == NULL)
        return send(c->socket, bytes, size, MSG_NOSIGNAL);
    int n = SSL_write(c->tls, bytes, size > (1 << 20) ? 1 << 20 : (int)size);
    if (n > 0)
        return n;
    int why = SSL_get_error(c->tls, n);
    ERR_clear_error();
    errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
    return -1;
}

/* --------------------------------------------------------------------- answers */

static void answer(connection *c, int status, const char *headers, const char *body, size_t length)
{
    stele_text *out = &c->out;
    out->length = 0;
    c->sent = 0;
    stele_text_print(out, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n%s", status, status < 300 ? "OK" : "No", headers);
    if (set.chunked != 0 && c->embeds && length > 0) {
        stele_text_string(out, "Transfer-Encoding: chunked\r\n\r\n");
        for (size_t at = 0; at < length; at += 10000) {
            size_t n = length - at < 10000 ? length - at : 10000;
            stele_text_print(out, "%zx\r\n", n);
            stele_text_bytes(out, body + at, n);
            stele_text_string(out, "\r\n");
        }
        stele_text_string(out, "0\r\n\r\n");
    } else {
        stele_text_print(out, "Content-Length: %zu\r\n\r\n", length);
        stele_text_bytes(out, body, length);
    }
}

static void complain(connection *c, int status, const char *headers, const char *code, const char *format, ...)
{
    char message[1000];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    stele_text body = {0};
    stele_text_string(&body, "{\"error\":{\"message\":");
    stele_json_put(&body, says[0] != '\0' ? says : message, strlen(says[0] != '\0' ? says : message));
    stele_text_print(&body, ",\"type\":\"test\",\"param\":null,\"code\":\"%s\"}}", code);
    answer(c, status, headers, body.bytes, body.length);
    stele_text_free(&body);
    stats.bad++;
}

/* Requests and tokens of the window that ends now: a ring of when and how many. */
enum { RING = 1 << 16 };
static struct {
    double at, tokens;
} ring[RING];
static unsigned ring_begin, ring_end;
static double ring_tokens;

static void limit_headers(stele_text *headers)
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

static void retry_header(stele_text *headers, double milliseconds)
{
    if (set.retry_after == 0)
        return;
    if (set.retry_after > 0)
        milliseconds = set.retry_after * 1000;
    if (strcmp(retry_form, "date") == 0) {
        char date[64];
        time_t at = time(NULL) + (time_t)(milliseconds / 1000 + 1);
        struct tm parts;
        gmtime_r(&at, &parts);
        strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        stele_text_print(headers, "Retry-After: %s\r\n", date);
    } else if (strcmp(retry_form, "ms") == 0) {
        stele_text_print(headers, "retry-after-ms: %.0f\r\n", milliseconds + 1);
    } else {
        stele_text_print(headers, "Retry-After: %.0f\r\n", ceil(milliseconds / 1000));
    }
}

/* Is there room in the window? Then it is taken. */
static bool fits(double tokens, double *wait)
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

/* ------------------------------------------------------------------- embeddings */

typedef struct request {
    stele_json_text *texts;
    size_t count, room;
    char model[128];
    unsigned dimensions;
    bool base64;
} request;

static bool read_request(request *r, char *body, size_t length)
{
    stele_json json = {.at = body, .end = body + length};
    stele_json_text name, text;
    double number;
    *r = (request){.dimensions = (unsigned)set.dimensions};
    for (bool first = true; stele_json_member(&json, &first, &name);) {
        if (stele_json_is(&name, "model") && stele_json_string(&json, &text)) {
            snprintf(r->model, sizeof r->model, "%.*s", (int)text.length, text.bytes);
        } else if (stele_json_is(&name, "encoding_format") && stele_json_string(&json, &text)) {
            r->base64 = stele_json_is(&text, "base64");
        } else if (stele_json_is(&name, "dimensions") && stele_json_number(&json, &number)) {
            r->dimensions = (unsigned)number;
        } else if (stele_json_is(&name, "input")) {
            for (bool one = true; stele_json_element(&json, &one);) {
                if (r->count == r->room) {
                    r->room = r->room == 0 ? 64 : r->room * 2;
                    r->texts = realloc(r->texts, r->room * sizeof *r->texts);
                }
                if (!stele_json_string(&json, &r->texts[r->count++]))
                    return false;
            }
        } else {
            return false; /* an unknown field, as strict servers have it */
        }
    }
    return !json.bad && r->count > 0;
}

static bool has_word(const stele_json_text *text, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; length > 0 && i + length <= text->length; i++)
        if (memcmp(text->bytes + i, word, length) == 0)
            return true;
    return false;
}

static void put_base64(stele_text *out, const unsigned char *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *to = stele_text_room(out, (length + 2) / 3 * 4);
    for (size_t i = 0; i < length; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16 | (i + 1 < length ? (uint32_t)bytes[i + 1] << 8 : 0) | (i + 2 < length ? (uint32_t)bytes[i + 2] : 0);
        *to++ = digits[three >> 18];
        *to++ = digits[three >> 12 & 63];
        *to++ = i + 1 < length ? digits[three >> 6 & 63] : '=';
        *to++ = i + 2 < length ? digits[three & 63] : '=';
    }
}

static void put_escaped(stele_text *out, size_t from)
{
    stele_text copy = {0};
    for (size_t i = from; i < out->length; i++) {
        if (out->bytes[i] == '/')
            stele_text_string(&copy, "\\/");
        else if (out->bytes[i] == '+')
            stele_text_string(&copy, "\\u002B");
        else
            stele_text_bytes(&copy, out->bytes + i, 1);
    }
    out->length = from;
    stele_text_bytes(out, copy.bytes, copy.length);
    stele_text_free(&copy);
}

static void put_vector(stele_text *out, const request *r, size_t i, bool is_wrong)
{
    static float vector[1 << 16];
    unsigned dimensions = r->dimensions;
    bool one = is_wrong && (wrong_word[0] == '\0' || has_word(&r->texts[i], wrong_word));
    if (set.words != 0)
        stele_fixed_vector(r->texts[i].bytes, r->texts[i].length, dimensions, vector);
    else
        test_vector(vector, r->model, r->texts[i].bytes, r->texts[i].length, dimensions);
    if (set.degrade_above > 0 && (double)r->count > set.degrade_above)
        for (unsigned d = 0; d < dimensions; d++)
            vector[d] *= d % 2 ? 1.1f : 0.9f;
    if (one && strcmp(wrong, "nan") == 0)
        vector[dimensions / 2] = NAN;
    if (one && strcmp(wrong, "infinite") == 0)
        vector[dimensions / 2] = INFINITY;
    if (one && strcmp(wrong, "zero") == 0)
        memset(vector, 0, sizeof vector);
    if (one && strcmp(wrong, "constant") == 0)
        test_vector(vector, r->model, "", 0, dimensions);
    if (one && strcmp(wrong, "dimension") == 0)
        dimensions--;
    if (force[0] != '\0' ? strcmp(force, "base64") == 0 : r->base64) {
        stele_text_bytes(out, "\"", 1);
        size_t from = out->length;
        put_base64(out, (unsigned char *)vector, dimensions * sizeof(float));
        if (set.escape != 0)
            put_escaped(out, from);
        if (one && strcmp(wrong, "base64") == 0)
            out->bytes[out->length - 3] = '!';
        stele_text_bytes(out, "\"", 1);
    } else {
        for (unsigned d = 0; d < dimensions; d++)
            stele_text_print(out, isnan(vector[d]) ? "%sNaN" : isinf(vector[d]) ? "%sInfinity" : "%s%.9g", d == 0 ? "[" : ",", vector[d]);
        stele_text_bytes(out, "]", 1);
    }
}

static void put_entry(stele_text *out, const request *r, size_t i, size_t index, bool is_wrong)
{
    bool no_index = is_wrong && strcmp(wrong, "missing-index") == 0;
    stele_text_string(out, out->bytes[out->length - 1] == '[' ? "{\"object\":\"embedding\"" : ",{\"object\":\"embedding\"");
    if (!no_index && set.index_last == 0)
        stele_text_print(out, ",\"index\":%zu", index);
    stele_text_string(out, ",\"embedding\":");
    if (is_wrong && strcmp(wrong, "text") == 0)
        stele_text_string(out, "true");
    else
        put_vector(out, r, i, is_wrong);
    if (!no_index && set.index_last != 0)
        stele_text_print(out, ",\"index\":%zu", index);
    stele_text_bytes(out, "}", 1);
}

static double tokens_of(const request *r)
{
    double tokens = 0;
    for (size_t i = 0; i < r->count; i++)
        tokens += ceil((double)r->texts[i].length / set.token_bytes);
    return tokens;
}

static void embed(connection *c, const request *r, const stele_text *headers)
{
    static stele_text out;
    out.length = 0;
    bool is_wrong = wrong[0] != '\0' && (set.wrong_above == 0 || (double)r->count > set.wrong_above) && take(&set.wrong_times);
    bool backwards = is_wrong && strcmp(wrong, "order") == 0;
    size_t count = r->count - (is_wrong && strcmp(wrong, "short") == 0);
    if (is_wrong && strcmp(wrong, "error") == 0) {
        const char *body = "{\"error\":{\"message\":\"Provider returned error\",\"code\":502}}";
        answer(c, 200, headers->bytes, body, strlen(body));
        return;
    }
    if (is_wrong && strcmp(wrong, "empty") == 0) {
        answer(c, 200, headers->bytes, "", 0);
        return;
    }
    stele_text_string(&out, "{\"object\":\"list\",\"data\":[");
    for (size_t n = 0; n < count; n++) {
        size_t i = backwards ? count - 1 - n : n;
        put_entry(&out, r, i, is_wrong && strcmp(wrong, "duplicate") == 0 && i == count - 1 ? 0 : i, is_wrong);
    }
    if (is_wrong && strcmp(wrong, "long") == 0)
        put_entry(&out, r, 0, count, true);
    stele_text_string(&out, is_wrong && strcmp(wrong, "json") == 0 ? "}" : "]");
    stele_text_string(&out, ",\"model\":");
    stele_json_put(&out, r->model, strlen(r->model));
    if (set.no_usage == 0)
        stele_text_print(&out, ",\"usage\":{\"prompt_tokens\":%.0f,\"total_tokens\":%.0f}", tokens_of(r), tokens_of(r));
    stele_text_string(&out, "}");
    answer(c, 200, headers->bytes != NULL ? headers->bytes : "", out.bytes, out.length);
    stats.good++;
    stats.tokens += (long)tokens_of(r);
    last_at = now();
    if (first_at == 0)
        first_at = last_at;
    stats.good_inputs += (long)r->count;
    for (size_t i = 0; i < r->count; i++)
        stats.repeated += see(test_hash(1, r->texts[i].bytes, r->texts[i].length));
}

/* What is wrong with the request itself; true when it was answered. */
static bool refuses(connection *c, const request *r, const char *headers)
{
    for (size_t i = 0; i < r->count; i++) {
        if (refuse[0] != '\0' && has_word(&r->texts[i], refuse)) {
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

/* Chosen faults of the whole server; true when it was answered. */
static bool fails(connection *c, const request *r, stele_text *headers)
{
    static unsigned count;
    double wait = 0;
    bool chance = set.share > 0 && (double)(test_hash(7, (char *)&(unsigned){++count}, sizeof count) >> 40) / 16777216.0 < set.share;
    if (chance || (set.status != 0 && set.share == 0 && take(&set.times))) {
        retry_header(headers, 1000);
        stats.refused += (int)set.status == 429;
        complain(c, (int)set.status, headers->bytes == NULL ? "" : headers->bytes, "test", "status %.0f, as it was told", set.status);
        return true;
    }
    bool there = fits(tokens_of(r), &wait);
    limit_headers(headers);
    if (there)
        return false;
    retry_header(headers, wait);
    stats.refused++;
    complain(c, 429, headers->bytes == NULL ? "" : headers->bytes, "rate_limit_exceeded", "Rate limit reached");
    return true;
}

static bool is_silent(const request *r)
{
    for (size_t i = 0; i < r->count && silent[0] != '\0'; i++)
        if (has_word(&r->texts[i], silent))
            return true;
    return false;
}

static void refuse_key(connection *c, const char *head)
{
    const char *bearer = strstr(head, "Bearer "), *given = bearer == NULL ? "none" : bearer + strlen("Bearer ");
    complain(c, 401, "", "invalid_api_key", "Incorrect API key provided: %.*s", (int)strcspn(given, "\r"), given);
}

static void take_embeddings(connection *c, const char *head, char *body, size_t length)
{
    char authorization[256];
    stele_text headers = {0};
    request r;
    stats.requests++;
    c->embeds = true;
    if (++stats.flying > stats.most_flying)
        stats.most_flying = stats.flying;
    stele_text_string(&headers, "");
    snprintf(authorization, sizeof authorization, "Authorization: Bearer %s\r\n", key);
    bool understood = read_request(&r, body, length);
    stats.inputs += (long)r.count;
    c->due = now() + set.latency + set.latency_each * (double)r.count;
    if (take(&set.stall) || is_silent(&r))
        c->silent = true;
    else if (take(&set.close))
        c->ended = true;
    else if (key[0] != '\0' && strstr(head, authorization) == NULL)
        refuse_key(c, head);
    else if (!understood)
        complain(c, 400, "", "invalid_request", "the request isn't understood");
    else if (!fails(c, &r, &headers) && !refuses(c, &r, headers.bytes))
        embed(c, &r, &headers);
    if (take(&set.cut)) {
        c->out.length = c->out.length * 2 / 3;
        c->close_after = true;
    } else if (take(&set.trickle)) {
        c->stop_at = c->out.length / 2;
    }
    free(r.texts);
    stele_text_free(&headers);
}

/* -------------------------------------------------------------------- all else */

static void decode_form(char *text)
{
    char *to = text;
    for (char *at = text; *at != '\0'; at++) {
        unsigned byte;
        if (*at == '%' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2]) && sscanf(at + 1, "%2x", &byte) == 1) {
            *to++ = (char)byte;
            at += 2;
        } else {
            *to++ = *at == '+' ? ' ' : *at;
        }
    }
    *to = '\0';
}

static void take_vector(connection *c, char *query)
{
    static float vector[1 << 16];
    char *text = NULL, model[128] = "test", *rest = NULL;
    unsigned dimensions = (unsigned)set.dimensions;
    for (char *part = strtok_r(query, "&", &rest); part != NULL; part = strtok_r(NULL, "&", &rest)) {
        decode_form(part);
        if (strncmp(part, "text=", 5) == 0)
            text = part + 5;
        else if (strncmp(part, "model=", 6) == 0)
            snprintf(model, sizeof model, "%s", part + 6);
        else if (strncmp(part, "dimensions=", 11) == 0)
            dimensions = (unsigned)atoi(part + 11);
    }
    stele_text out = {0};
    if (text == NULL)
        text = (char[]){""};
    test_vector(vector, model, text, strlen(text), dimensions);
    for (unsigned i = 0; i < dimensions; i++)
        stele_text_print(&out, "%s%.9g", i == 0 ? "[" : ",", (double)vector[i]);
    stele_text_string(&out, "]\n");
    answer(c, 200, "", out.bytes, out.length);
    stele_text_free(&out);
}

static void take_stats(connection *c)
{
    char text[1000];
    snprintf(text, sizeof text,
             "requests %ld\ngood %ld\ninputs %ld\ngood_inputs %ld\nrefused %ld\nbad %ld\nflying %ld\nmost_flying %ld\ntokens %ld\nrepeated %ld\ntexts %zu\nconnections %ld\nmilliseconds %.0f\n",
             stats.requests, stats.good, stats.inputs, stats.good_inputs, stats.refused, stats.bad, stats.flying, stats.most_flying, stats.tokens, stats.repeated, seen_count,
             stats.connections, last_at - first_at);
    answer(c, 200, "", text, strlen(text));
}

static void take_control(connection *c, char *body, size_t length)
{
    char *copy = malloc(length + 1), *rest = NULL;
    bool ok = true;
    memcpy(copy, body, length);
    copy[length] = '\0';
    for (char *line = strtok_r(copy, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        ok &= control(line);
    free(copy);
    answer(c, ok ? 200 : 400, "", "", 0);
}

static void take_request(connection *c, char *head, char *body, size_t length)
{
    char method[8], path[1 << 16];
    c->due = now();
    if (sscanf(head, "%7s %65535s", method, path) != 2)
        method[0] = path[0] = '\0';
    if (strcmp(path, "/v1/embeddings") == 0)
        take_embeddings(c, head, body, length);
    else if (strncmp(path, "/vector?", 8) == 0)
        take_vector(c, path + 8);
    else if (strcmp(path, "/stats") == 0)
        take_stats(c);
    else if (strcmp(path, "/control") == 0)
        take_control(c, body, length);
    else if (strncmp(path, "/elsewhere/", 11) == 0)
        answer(c, 302, "Location: /v1/embeddings\r\n", "", 0);
    else
        complain(c, 404, "", "not_found", "there is nothing at %.200s", path);
}

/* ------------------------------------------------------------------------ loop */

/* Take a request if it is there as a whole. */
static void look_at(connection *c)
{
    if (c->due != 0 || c->silent || c->in.length == 0)
        return;
    char *end = strstr(c->in.bytes, "\r\n\r\n");
    if (end == NULL)
        return;
    size_t head = (size_t)(end - c->in.bytes) + 4, length = 0;
    for (char *line = strstr(c->in.bytes, "\r\n"); line != NULL && line < end; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, "content-length:", 15) == 0)
            length = (size_t)strtoull(line + 17, NULL, 10);
    if (c->in.length < head + length)
        return;
    char *first = malloc(head + 1);
    memcpy(first, c->in.bytes, head);
    first[head] = '\0';
    take_request(c, first, c->in.bytes + head, length);
    free(first);
    memmove(c->in.bytes, c->in.bytes + head + length, c->in.length - head - length + 1);
    c->in.length -= head + length;
}

static void read_from(connection *c)
{
    static char bytes[1 << 18];
    for (;;) {
        ssize_t n = receive(c, bytes, sizeof bytes);
        if (n > 0) {
            stele_text_bytes(&c->in, bytes, (size_t)n);
            continue;
        }
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            c->ended = true;
        break;
    }
    if (!c->ended)
        look_at(c);
}

static void write_to(connection *c)
{
    size_t until = c->stop_at != 0 ? c->stop_at : c->out.length;
    while (c->sent < until) {
        ssize_t n = transmit(c, c->out.bytes + c->sent, until - c->sent);
        if (n < 0) {
            c->ended |= errno != EAGAIN && errno != EINTR;
            return;
        }
        c->sent += (size_t)n;
    }
    if (c->stop_at != 0) {
        c->silent = true;
        return;
    }
    if (c->embeds)
        stats.flying--;
    c->embeds = false;
    c->due = 0;
    c->ended |= c->close_after;
    if (!c->ended)
        look_at(c);
}

static void accept_one(int listener)
{
    int socket = accept(listener, NULL, NULL), on = 1;
    for (size_t i = 0; socket >= 0 && i < MOST; i++) {
        if (connections[i].socket >= 0)
            continue;
        fcntl(socket, F_SETFL, O_NONBLOCK);
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connections[i] = (connection){.socket = socket};
        stats.connections++;
        if (context != NULL) {
            connections[i].tls = SSL_new(context);
            SSL_set_fd(connections[i].tls, socket);
            SSL_set_accept_state(connections[i].tls);
        }
        return;
    }
    close(socket);
}

static short events_of(const connection *c, double t, double *wait)
{
    if (c->silent || c->due == 0)
        return (short)(POLLIN | (c->wants_write ? POLLOUT : 0));
    if (c->due <= t)
        return POLLOUT;
    if (c->due - t < *wait)
        *wait = c->due - t;
    return 0;
}

static void serve(int listener)
{
    struct pollfd polls[MOST + 2];
    size_t which[MOST + 2], count = 2;
    double t = now(), wait = 1000;
    polls[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    polls[1] = (struct pollfd){.fd = 0, .events = POLLIN};
    for (size_t i = 0; i < MOST; i++) {
        if (connections[i].socket < 0)
            continue;
        which[count] = i;
        polls[count++] = (struct pollfd){.fd = connections[i].socket, .events = events_of(&connections[i], t, &wait)};
    }
    poll(polls, count, (int)ceil(wait));
    char byte;
    if (polls[1].revents != 0 && read(0, &byte, 1) <= 0)
        exit(0);
    for (size_t i = 2; i < count; i++) {
        connection *c = &connections[which[i]];
        if (polls[i].revents & (POLLERR | POLLHUP | POLLNVAL))
            c->ended = true;
        else if (polls[i].revents & POLLOUT && c->due != 0 && !c->silent)
            write_to(c);
        else if (polls[i].revents != 0)
            read_from(c);
        if (c->ended)
            hang_up(c);
    }
    if (polls[0].revents != 0)
        accept_one(listener);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    signal(SIGPIPE, SIG_IGN);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 256) != 0 || getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        perror("embedding_server");
        return 1;
    }
    if (argc > 2 && strchr(argv[1], '=') == NULL) {
        context = SSL_CTX_new(TLS_server_method());
        SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        if (SSL_CTX_use_certificate_file(context, argv[1], SSL_FILETYPE_PEM) != 1 || SSL_CTX_use_PrivateKey_file(context, argv[2], SSL_FILETYPE_PEM) != 1) {
            ERR_print_errors_fp(stderr);
            return 1;
        }
    }
    for (size_t i = 0; i < MOST; i++)
        connections[i].socket = -1;
    reset();
    for (int i = 1; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (equals == NULL)
            continue;
        *equals = ' ';
        if (!control(argv[i])) {
            fprintf(stderr, "embedding_server: there is no setting %s\n", argv[i]);
            return 2;
        }
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;)
        serve(listener);
}

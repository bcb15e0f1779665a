/*
 * http.c - requests by libcurl, many at once, in the caller's own thread
 *
 * HTTP/1.1 with connections kept open: a request for embeddings is one large thing each way, for which HTTP/2 has nothing to give. libcurl writes with MSG_NOSIGNAL where it can;
 * older ones let OpenSSL write, and for these SIGPIPE is blocked in this thread meanwhile, as libpq does it.
 */
#define _POSIX_C_SOURCE 200809L
#include "http.h"

#ifndef STELE_NO_CURL

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../error.h"
#include "../pq.h"
#include "answer.h"
#include "http_inside.h"

enum { CONNECT_MS = 15000, STALL_US = 20000000, BUFFER = 256 * 1024, KEPT = 64, KEPT_BYTES = 1024 * 1024 };

struct transfer {
    struct transfer *next; /* of the idle ones */
    stele_http *http;
    void *owner;
    CURL *easy;
    stele_text body, answer;
    size_t most;
    bool too_large, in_flight;
    int64_t heard_at;
    stele_rate_headers headers;
    char problem[CURL_ERROR_SIZE];
};

/* ------------------------------------------------------------------- SIGPIPE */

typedef struct guard {
    sigset_t before;
    bool on, was_pending;
} guard;

static guard block_sigpipe(const stele_http *http)
{
    guard g = {.on = !http->no_signal_needed};
    sigset_t pipe, pending;
    if (!g.on)
        return g;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    g.was_pending = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    g.on = pthread_sigmask(SIG_BLOCK, &pipe, &g.before) == 0;
    return g;
}

static void unblock_sigpipe(const guard *g)
{
    sigset_t pipe;
    const struct timespec none = {0};
    if (!g->on)
        return;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    if (!g->was_pending)
        while (sigtimedwait(&pipe, NULL, &none) > 0)
            continue;
    pthread_sigmask(SIG_SETMASK, &g->before, NULL);
}

/* ----------------------------------------------------------------- callbacks */

static size_t take_body(char *bytes, size_t size, size_t count, void *data)
{
    transfer *t = data;
    size_t length = size * count;
    t->heard_at = stele_clock();
    size_t room = t->most - t->answer.length, taken = length < room ? length : room;
    t->too_large = taken < length;
    stele_text_bytes(&t->answer, bytes, taken);
    return t->answer.failed ? 0 : taken;
}

static size_t take_header(char *line, size_t size, size_t count, void *data)
{
    transfer *t = data;
    t->heard_at = stele_clock();
    if (size * count >= 5 && memcmp(line, "HTTP/", 5) == 0) /* another answer, after one of 1xx */
        stele_rate_headers_start(&t->headers);
    else
        stele_rate_headers_line(&t->headers, line, size * count, (int64_t)time(NULL));
    return size * count;
}

/* A model may think for as long as the request may take; but an answer that has begun comes without long breaks. */
static int look_up(void *data, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
    const transfer *t = data;
    (void)total, (void)up_total, (void)up_now;
    return now > 0 && stele_clock() - t->heard_at > STALL_US;
}

/* ------------------------------------------------------------------- opening */

static stele_status no_memory(stele_http *http, stele_error *error)
{
    stele_http_close(http);
    return stele_error_memory(error);
}

static bool add_line(stele_http *http, const char *line)
{
    struct curl_slist *more = curl_slist_append(http->lines, line);
    if (more != NULL)
        http->lines = more;
    return more != NULL;
}

/* Without Expect, curl would wait a second for servers that don't know it. */
static bool make_lines(stele_http *http)
{
    stele_text authorization = {0};
    if (http->key != NULL)
        stele_text_print(&authorization, "Authorization: Bearer %s", http->key);
    bool ok = add_line(http, "Content-Type: application/json") && add_line(http, "Accept: application/json") && add_line(http, "Expect:") &&
              !authorization.failed && (http->key == NULL || add_line(http, authorization.bytes));
    stele_text_free(&authorization);
    return ok;
}

/* Since 7.84 curl_global_init may be called by several threads at once. Before, an application with threads calls it itself, first. */
stele_status stele_http_open(stele_http **result, const stele_job_provider *spec, const char *key, stele_error *error)
{
    stele_http *http = calloc(1, sizeof *http);
    *result = NULL;
    if (http == NULL)
        return stele_error_memory(error);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(http);
        return stele_error_set(error, STELE_FAILED, "libcurl can't be initialized");
    }
    http->spec = spec;
    http->key = key;
    http->no_signal_needed = curl_version_info(CURLVERSION_NOW)->version_num >= 0x075800;
    http->multi = curl_multi_init();
    if (http->multi == NULL || !make_lines(http))
        return no_memory(http, error);
    stele_status status = stele_http_find_address(http, error);
    if (status != STELE_OK) {
        stele_http_close(http);
        return status;
    }
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)KEPT);
    *result = http;
    return STELE_OK;
}

static void free_transfer(transfer *t)
{
    if (t->in_flight)
        curl_multi_remove_handle(t->http->multi, t->easy);
    curl_easy_cleanup(t->easy);
    stele_text_free(&t->body);
    stele_text_free(&t->answer);
    free(t);
}

void stele_http_close(stele_http *http)
{
    if (http == NULL)
        return;
    guard g = block_sigpipe(http);
    for (size_t i = 0; i < http->count; i++)
        free_transfer(http->all[i]);
    if (http->multi != NULL)
        curl_multi_cleanup(http->multi);
    unblock_sigpipe(&g);
    curl_slist_free_all(http->lines);
    free(http->all);
    free(http->url);
    free(http);
    curl_global_cleanup();
}

/* ------------------------------------------------------------------- sending */

#define SET(option, value) (curl_easy_setopt(t->easy, option, value) == CURLE_OK)

static bool set_security(const stele_http *http, transfer *t)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    bool ok = SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    bool ok = SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    return ok && SET(CURLOPT_FOLLOWLOCATION, 0L) && SET(CURLOPT_SSL_VERIFYPEER, 1L) && SET(CURLOPT_SSL_VERIFYHOST, 2L) &&
           SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) && (!http->local || SET(CURLOPT_PROXY, "")) &&
           (http->spec->ca_file == NULL || (SET(CURLOPT_CAINFO, http->spec->ca_file) && SET(CURLOPT_CAPATH, NULL)));
}

static bool set_options(const stele_http *http, transfer *t)
{
    long timeout = http->spec->timeout_ms == 0 ? 60000 : (long)http->spec->timeout_ms;
    return set_security(http, t) && SET(CURLOPT_URL, http->url) && SET(CURLOPT_HTTPHEADER, http->lines) && SET(CURLOPT_POST, 1L) && SET(CURLOPT_NOSIGNAL, 1L) &&
           SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) && SET(CURLOPT_USERAGENT, "stele/" STELE_VERSION) && SET(CURLOPT_TCP_KEEPALIVE, 1L) &&
           SET(CURLOPT_TIMEOUT_MS, timeout) && SET(CURLOPT_CONNECTTIMEOUT_MS, timeout < CONNECT_MS ? timeout : (long)CONNECT_MS) &&
           SET(CURLOPT_BUFFERSIZE, (long)BUFFER) && SET(CURLOPT_UPLOAD_BUFFERSIZE, (long)BUFFER) && SET(CURLOPT_ERRORBUFFER, t->problem) &&
           SET(CURLOPT_WRITEFUNCTION, take_body) && SET(CURLOPT_WRITEDATA, t) && SET(CURLOPT_HEADERFUNCTION, take_header) && SET(CURLOPT_HEADERDATA, t) &&
           SET(CURLOPT_XFERINFOFUNCTION, look_up) && SET(CURLOPT_XFERINFODATA, t) && SET(CURLOPT_NOPROGRESS, 0L) && SET(CURLOPT_PRIVATE, t);
}

static transfer *add_transfer(stele_http *http)
{
    if (http->count == http->room) {
        transfer **all = realloc(http->all, (http->room + 16) * sizeof *all);
        if (all == NULL)
            return NULL;
        http->all = all;
        http->room += 16;
    }
    transfer *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->http = http;
    t->easy = curl_easy_init();
    if (t->easy == NULL || !set_options(http, t)) {
        free_transfer(t);
        return NULL;
    }
    return http->all[http->count++] = t;
}

static void put_back(stele_http *http, transfer *t)
{
    if (t->answer.capacity > KEPT_BYTES)
        stele_text_free(&t->answer);
    if (t->body.capacity > KEPT_BYTES)
        stele_text_free(&t->body);
    t->next = http->idle;
    http->idle = t;
}

bool stele_http_send(stele_http *http, void *owner, const stele_text *body, size_t most)
{
    transfer *t = http->idle;
    if (t != NULL)
        http->idle = t->next;
    else if ((t = add_transfer(http)) == NULL)
        return false;
    t->owner = owner;
    t->most = most;
    t->too_large = false;
    t->problem[0] = '\0';
    t->heard_at = stele_clock();
    t->body.length = t->answer.length = 0;
    t->body.failed = t->answer.failed = 0;
    stele_rate_headers_start(&t->headers);
    stele_text_bytes(&t->body, body->bytes, body->length);
    bool ok = !t->body.failed && SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.length) && SET(CURLOPT_POSTFIELDS, t->body.bytes);
    guard g = block_sigpipe(http);
    t->in_flight = ok && curl_multi_add_handle(http->multi, t->easy) == CURLM_OK;
    unblock_sigpipe(&g);
    if (!t->in_flight)
        put_back(http, t);
    return t->in_flight;
}

/* ----------------------------------------------------------------- receiving */

void stele_http_work(stele_http *http)
{
    int running;
    guard g = block_sigpipe(http);
    curl_multi_perform(http->multi, &running);
    unblock_sigpipe(&g);
}

/* Certificates and addresses don't become right by themselves; whatever else may. */
static bool is_forbidden(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
           code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CIPHER;
}

static void tell_problem(stele_reply *reply, const transfer *t, CURLcode code)
{
    char text[CURL_ERROR_SIZE + 32];
    curl_off_t bytes = 0;
    curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &bytes);
    reply->connected = bytes > 0;
    reply->timed_out = code == CURLE_OPERATION_TIMEDOUT || code == CURLE_ABORTED_BY_CALLBACK;
    reply->forbidden = is_forbidden(code);
    reply->unreachable = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY;
    reply->too_large = t->too_large;
    if (t->too_large)
        snprintf(text, sizeof text, "the answer has more than %zu bytes", t->most);
    else if (code == CURLE_ABORTED_BY_CALLBACK)
        snprintf(text, sizeof text, "the answer stopped in its midst");
    else
        snprintf(text, sizeof text, "%s", t->problem[0] != '\0' ? t->problem : curl_easy_strerror(code));
    stele_clean(reply->problem, sizeof reply->problem, text, t->http->key);
}

static void take_status(stele_reply *reply, const transfer *t, long status)
{
    char *url = NULL;
    reply->status = (int)status;
    if (status >= 300 && status < 400 && curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &url) == CURLE_OK && url != NULL)
        stele_http_show_address(reply->leads_to, sizeof reply->leads_to, url);
}

bool stele_http_next(stele_http *http, stele_reply *reply)
{
    int left;
    char *private = NULL;
    if (http->fetched != NULL)
        put_back(http, http->fetched);
    http->fetched = NULL;
    CURLMsg *message = curl_multi_info_read(http->multi, &left);
    if (message == NULL || message->msg != CURLMSG_DONE)
        return false;
    CURLcode code = message->data.result;
    long status = 0;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
    transfer *t = (transfer *)(void *)private;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    *reply = (stele_reply){.owner = t->owner, .headers = t->headers, .body = t->answer.bytes, .length = t->answer.length, .connected = true};
    if (code != CURLE_OK)
        tell_problem(reply, t, code);
    else
        take_status(reply, t, status);
    guard g = block_sigpipe(http);
    curl_multi_remove_handle(http->multi, t->easy);
    unblock_sigpipe(&g);
    t->in_flight = false;
    http->fetched = t;
    return true;
}

void stele_http_poll(stele_http *http, int fd, short events, int milliseconds)
{
    struct curl_waitfd extra = {.fd = fd};
    extra.events = (short)((events & POLLIN ? CURL_WAIT_POLLIN : 0) | (events & POLLOUT ? CURL_WAIT_POLLOUT : 0) | (events & POLLPRI ? CURL_WAIT_POLLPRI : 0));
    curl_multi_poll(http->multi, fd < 0 ? NULL : &extra, fd < 0 ? 0 : 1, milliseconds, NULL);
}

#endif

/*
 * http.h - requests in flight; the only room that includes curl
 *
 * Knows nothing of embeddings: a body goes to one address, and comes to its end with a status, some headers and a body, or with what went wrong. TLS is always verified. Redirects are not
 * followed: the key would go along. The environment's proxies (HTTPS_PROXY, ...) are used as every program with curl does, but never for this machine itself.
 */
#ifndef STELE_HTTP_H
#define STELE_HTTP_H

#include "../mem.h"
#include "provider.h"

/* What headers say of limits. -1: nothing. */
typedef struct stele_rate_headers {
    double limit[2], remaining[2]; /* of requests, of tokens */
    double reset_ms[2];
    double retry_after_ms;
} stele_rate_headers;

void stele_rate_headers_start(stele_rate_headers *headers);
/* One line, without its end. `seconds` is the time since 1970, for dates. No time is longer than a day. */
void stele_rate_headers_line(stele_rate_headers *headers, const char *line, size_t length, int64_t seconds);

typedef struct stele_http stele_http;

typedef struct stele_reply {
    void *owner;              /* as it was given to stele_http_send */
    int status;               /* 0: no answer; `problem` says why */
    bool connected;           /* there was a connection: the request may have reached it */
    bool timed_out, too_large;
    bool unreachable;         /* there is no such host, or nobody listens there */
    bool forbidden;           /* the certificate or the address: it will not work before somebody does something */
    stele_rate_headers headers;
    char *body;               /* until the next call */
    size_t length;
    char problem[256];
    char leads_to[201];       /* where a redirection would go, without user, password and query; or "" */
} stele_reply;

/* UNMET for an address that can't be used; FAILED. */
stele_status stele_http_open(stele_http **http, const stele_job_provider *spec, const char *key, stele_error *error);
void stele_http_close(stele_http *http); /* NULL is allowed */

/* Send a copy of `body`; of an answer of more than `most` bytes so many come, with `too_large`. */
bool stele_http_send(stele_http *http, void *owner, const stele_text *body, size_t most);

/* Go on with all that is in flight; then fetch, one after another, what has come to its end. */
void stele_http_work(stele_http *http);
bool stele_http_next(stele_http *http, stele_reply *reply);

/* Wait for any of them, for `fd` (-1: none), or so long. */
void stele_http_poll(stele_http *http, int fd, short events, int milliseconds);

#endif

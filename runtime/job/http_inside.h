/*
 * http_inside.h - what http.c and http_address.c share
 */
#ifndef STELE_HTTP_INSIDE_H
#define STELE_HTTP_INSIDE_H

#include <curl/curl.h>

#include "http.h"

typedef struct transfer transfer;

struct stele_http {
    const stele_job_provider *spec;
    CURLM *multi;
    struct curl_slist *lines; /* of each request's head */
    transfer *idle;           /* kept for the next requests */
    transfer *fetched;        /* the caller has its body until the next call */
    transfer **all;
    size_t count, room;       /* of all */
    char *url;
    const char *key; /* so that nothing shows it */
    bool local;            /* the address is this machine's: no proxy */
    bool no_signal_needed; /* libcurl itself sees to it that nothing raises SIGPIPE */
};

/* Where requests go to: the spec's address with /embeddings behind it. UNMET for one that can't be used. */
stele_status stele_http_find_address(stele_http *http, stele_error *error);

/* An address for humans to read: without what may be secret in it, which is a user's name, a password, and a query. */
void stele_http_show_address(char *buffer, size_t size, const char *url);

#endif

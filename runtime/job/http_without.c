/*
 * http_without.c - what stands for http.c in a runtime that was built without libcurl: it refuses, and says so
 */
#include "http.h"

#ifdef STELE_NO_CURL

#include "../error.h"

stele_status stele_http_open(stele_http **http, const stele_job_provider *spec, const char *key, stele_error *error)
{
    (void)spec, (void)key;
    *http = NULL;
    stele_error_set(error, STELE_UNMET, "this program was built without libcurl (STELE_NO_CURL), so it can't call a provider of embeddings over HTTP");
    stele_error_hint(error, "Build stele without STELE_NO_CURL, or let the application embed: embed = callback{...}.");
    return STELE_UNMET;
}

void stele_http_close(stele_http *http)
{
    (void)http;
}

bool stele_http_send(stele_http *http, void *owner, const stele_text *body, size_t most)
{
    (void)http, (void)owner, (void)body, (void)most;
    return false;
}

void stele_http_work(stele_http *http)
{
    (void)http;
}

bool stele_http_next(stele_http *http, stele_reply *reply)
{
    (void)http, (void)reply;
    return false;
}

void stele_http_poll(stele_http *http, int fd, short events, int milliseconds)
{
    (void)http, (void)fd, (void)events, (void)milliseconds;
}

#endif

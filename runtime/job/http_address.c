/*
 * http_address.c - where requests go to
 */
#include "http.h"

#ifndef STELE_NO_CURL

#include <stdio.h>
#include <string.h>

#include "../error.h"
#include "answer.h"
#include "http_inside.h"

void stele_http_show_address(char *buffer, size_t size, const char *url)
{
    char text[1024];
    const char *scheme_end = strstr(url, "://"), *host = scheme_end == NULL ? url : scheme_end + 3, *begin = host;
    const char *host_end = host + strcspn(host, "/?#"), *end = host + strcspn(host, "?#");
    for (const char *at = host; at < host_end; at++)
        if (*at == '@')
            begin = at + 1;
    size_t scheme = (size_t)(host - url), rest = (size_t)(end - begin);
    snprintf(text, sizeof text, "%.*s%.*s", (int)(scheme < 16 ? scheme : 16), url, (int)(rest < 900 ? rest : 900), begin);
    stele_clean(buffer, size, text, NULL);
}

static bool make_url(stele_http *http)
{
    const char *url = http->spec->url;
    size_t length = strcspn(url, "?#");
    const char *rest = url + length, *end = "/embeddings";
    while (length > 0 && url[length - 1] == '/')
        length--;
    bool whole = length >= strlen(end) && memcmp(url + length - strlen(end), end, strlen(end)) == 0;
    stele_text text = {0};
    stele_text_bytes(&text, url, length);
    stele_text_string(&text, whole ? "" : end);
    stele_text_bytes(&text, rest, strcspn(rest, "#"));
    if (text.failed)
        stele_text_free(&text);
    http->url = text.bytes;
    return http->url != NULL;
}

static bool is_local(const char *host)
{
    return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 || strcmp(host, "[::1]") == 0;
}

/* curl would take "http:/embeddings" for a host. */
static bool has_host(const char *url)
{
    const char *at = strstr(url, "://");
    return at != NULL && at[3] != '\0' && strchr("/?#", at[3]) == NULL;
}

/* Why the address can't be used; NULL: it can. Or there was no memory to find out. */
static const char *find_fault(stele_http *http, CURLU *parsed, CURLUcode *code)
{
    static const char unreadable[] = "it isn't one that libcurl can read";
    char *scheme = NULL, *host = NULL, *user = NULL, *password = NULL;
    const char *fault = NULL;
    if (!has_host(http->spec->url))
        return unreadable;
    if ((*code = curl_url_set(parsed, CURLUPART_URL, http->url, CURLU_NON_SUPPORT_SCHEME)) != CURLUE_OK ||
        (*code = curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0)) != CURLUE_OK || (*code = curl_url_get(parsed, CURLUPART_HOST, &host, 0)) != CURLUE_OK)
        fault = unreadable;
    else if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
        fault = "it begins neither with http:// nor with https://";
    else if (curl_url_get(parsed, CURLUPART_USER, &user, 0) != CURLUE_NO_USER || curl_url_get(parsed, CURLUPART_PASSWORD, &password, 0) != CURLUE_NO_PASSWORD)
        fault = "there is a user's name or password in it, which would be shown; a key is named by `key`";
    else
        http->local = is_local(host);
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_free(password);
    return fault;
}

stele_status stele_http_find_address(stele_http *http, stele_error *error)
{
    CURLUcode code = CURLUE_OK;
    if (!make_url(http))
        return stele_error_memory(error);
    CURLU *parsed = curl_url();
    const char *fault = parsed == NULL ? NULL : find_fault(http, parsed, &code);
    curl_url_cleanup(parsed);
    if (parsed == NULL || code == CURLUE_OUT_OF_MEMORY)
        return stele_error_memory(error);
    if (fault == NULL)
        return STELE_OK;
    stele_error_set(error, STELE_UNMET, "the address of the provider of embeddings can't be used: %s", fault);
    stele_error_hint(error, "Write it as in http { url = \"https://api.openai.com/v1\" }.");
    return STELE_UNMET;
}

#endif

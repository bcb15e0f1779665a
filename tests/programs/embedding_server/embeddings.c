#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"

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

bool has_word(const stele_json_text *text, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; length > 0 && i + length <= text->length; i++)
        if (memcmp(text->bytes + i, word, length) == 0)
            return true;
    return false;
}

double tokens_of(const request *r)
{
    double tokens = 0;
    for (size_t i = 0; i < r->count; i++)
        tokens += ceil((double)r->texts[i].length / set.token_bytes);
    return tokens;
}

static void embed(connection *c, const request *r, const char *headers)
{
    static stele_text out;
    out.length = 0;
    bool good = put_answer(&out, r);
    answer(c, 200, headers, out.bytes, out.length);
    if (!good)
        return;
    stats.good++;
    stats.good_inputs += (long)r->count;
    stats.tokens += (long)tokens_of(r);
    stats.last_at = now();
    if (stats.first_at == 0)
        stats.first_at = stats.last_at;
    for (size_t i = 0; i < r->count; i++)
        stats.repeated += see(r->texts[i].bytes, r->texts[i].length);
}

static void refuse_key(connection *c, const char *head)
{
    const char *bearer = strstr(head, "Bearer "), *given = bearer == NULL ? "none" : bearer + strlen("Bearer ");
    complain(c, 401, "", "invalid_api_key", "Incorrect API key provided: %.*s", (int)strcspn(given, "\r"), given);
}

void take_embeddings(connection *c, const char *head, char *body, size_t length)
{
    char authorization[256];
    stele_text headers = {0};
    request r;
    stats.requests++;
    c->embeds = true;
    if (++stats.flying > stats.most_flying)
        stats.most_flying = stats.flying;
    stele_text_string(&headers, "");
    snprintf(authorization, sizeof authorization, "Authorization: Bearer %s\r\n", set.key);
    bool understood = read_request(&r, body, length);
    stats.inputs += (long)r.count;
    c->due = now() + set.latency + set.latency_each * (double)r.count;
    if (take(&set.stall) || is_silent(&r))
        c->silent = true;
    else if (take(&set.close))
        c->ended = true;
    else if (set.key[0] != '\0' && strstr(head, authorization) == NULL)
        refuse_key(c, head);
    else if (!understood)
        complain(c, 400, "", "invalid_request", "the request isn't understood");
    else if (!fails(c, &r, &headers) && !refuses(c, &r, headers.bytes))
        embed(c, &r, headers.bytes);
    if (take(&set.cut)) {
        c->out.length = c->out.length * 2 / 3;
        c->close_after = true;
    } else if (take(&set.trickle)) {
        c->stop_at = c->out.length / 2;
    }
    free(r.texts);
    stele_text_free(&headers);
}

/*
 * provider_call.c - a request's way to whoever answers it, and back
 *
 * What is sent is what every provider understands. So there is no "truncate": false, which OpenAI refuses as unknown, and which the servers that know it (TEI, Ollama) take at their own addresses
 * only: that no text is cut in silence is what `max_input_tokens` is for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pq.h"
#include "provider_inside.h"

static const char COMPUTED[] = "callback";

static bool put_body(stele_provider *provider, const stele_provider_batch *batch)
{
    const stele_job_provider *spec = provider->spec;
    stele_text *body = &provider->body;
    body->length = 0;
    body->failed = 0;
    stele_text_string(body, "{\"model\":");
    stele_json_put(body, spec->model, strlen(spec->model));
    stele_text_print(body, ",\"encoding_format\":\"%s\"", spec->encoding != NULL && strcmp(spec->encoding, "float") == 0 ? "float" : "base64");
    if (spec->send_dimensions)
        stele_text_print(body, ",\"dimensions\":%u", spec->dimensions);
    stele_text_string(body, ",\"input\":[");
    for (size_t i = 0; i < batch->sent; i++) {
        if (i > 0)
            stele_text_bytes(body, ",", 1);
        stele_json_put(body, batch->items[i]->text, batch->items[i]->length);
    }
    stele_text_string(body, "]}");
    return !body->failed;
}

/* What an answer may have: numbers in their longest form, and the names between them. One vector more, of whatever dimension, so that one of another dimension than was expected can be told. */
static size_t answer_size(const stele_provider *provider, const stele_provider_batch *batch)
{
    enum { NUMBER = 26, NAMES = 512, ANY_VECTOR = 16000 * NUMBER + 64 * 1024 };
    return batch->sent * ((size_t)provider->spec->dimensions * NUMBER + NAMES) + ANY_VECTOR;
}

static double sum_tokens(const stele_provider_batch *batch)
{
    double tokens = 0;
    for (size_t i = 0; i < batch->sent; i++)
        tokens += batch->items[i]->tokens;
    return tokens;
}

static void count(stele_provider *provider, stele_provider_batch *batch, int64_t now)
{
    for (size_t i = 0; i < batch->sent; i++) {
        provider->repeated += batch->items[i]->sent;
        batch->items[i]->sent = true;
    }
    batch->sent_at = now;
    batch->tokens = stele_limit_take(&provider->limit, sum_tokens(batch));
    provider->reserved += batch->tokens;
    provider->in_flight += batch->count;
    provider->calls++;
    if (provider->requests++ == 0)
        provider->busy_since = now;
}

bool stele_provider_send(stele_provider *provider, stele_provider_batch *batch, int64_t now)
{
    bool http = provider->spec->kind == STELE_PROVIDER_HTTP;
    if (!stele_provider_affords(provider, sum_tokens(batch))) {
        provider->limit.bound = "what max_cost leaves";
        stele_batches_put(&provider->again, batch);
        return false;
    }
    if (http && (!put_body(provider, batch) || !stele_http_send(provider->http, batch, &provider->body, answer_size(provider, batch)))) {
        stele_provider_stop(provider, "It goes on with what it has when there is memory again.", "out of memory for a request of %zu texts", batch->sent);
        stele_batches_put(&provider->again, batch);
        return false;
    }
    count(provider, batch, now);
    stele_batches_put(&provider->flying, batch);
    return true;
}

/* --------------------------------------------------------------- what comes back */

static stele_outcome start_outcome(void)
{
    return (stele_outcome){.wait_ms = -1, .suspect = STELE_NO_SUSPECT, .used = -1};
}

static void come_back(stele_provider *provider, stele_provider_batch *batch, stele_outcome *outcome)
{
    int64_t now = stele_clock();
    double estimated = sum_tokens(batch);
    stele_batches_take(&provider->flying, batch);
    provider->in_flight -= batch->count;
    provider->reserved -= batch->tokens;
    if (--provider->requests == 0)
        provider->busy_us += now - provider->busy_since;
    if (outcome->class == STELE_CLASS_OK || outcome->class == STELE_CLASS_WRONG) {
        stele_limit_learn(&provider->limit, batch->tokens, estimated, outcome->used);
        provider->tokens += outcome->used > 0 ? outcome->used : (int64_t)batch->tokens;
    }
    provider->unreachable = outcome->unreachable ? provider->unreachable + 1 : 0;
    stele_provider_settle(provider, batch, outcome, now);
    free(outcome->vectors);
}

/* What a vector of another dimension is mended by. */
static void put_cure(const stele_provider *provider, const stele_answer *answer, char *cure, size_t size)
{
    const stele_job_provider *spec = provider->spec;
    if (answer->given == 0 || spec->kind != STELE_PROVIDER_HTTP)
        cure[0] = '\0';
    else if (spec->send_dimensions)
        snprintf(cure, size, ", though it was asked for them: `dimensions = %zu` is what the model gives", answer->given);
    else
        snprintf(cure, size, ": `send_dimensions = true` asks a model that can be cut for %u; else `dimensions = %zu` is what it gives", spec->dimensions, answer->given);
}

static void be_wrong(stele_provider *provider, stele_outcome *outcome, const stele_answer *answer)
{
    char cure[160], message[sizeof answer->fault + sizeof cure];
    put_cure(provider, answer, cure, sizeof cure);
    snprintf(message, sizeof message, "%s%s", answer->fault, cure);
    outcome->class = STELE_CLASS_WRONG;
    outcome->suspect = answer->suspect;
    outcome->used = answer->tokens;
    snprintf(outcome->code, sizeof outcome->code, "answer");
    stele_clean(outcome->message, sizeof outcome->message, message, provider->key);
}

static void stop_for_memory(stele_outcome *outcome)
{
    outcome->class = STELE_CLASS_STOP;
    snprintf(outcome->message, sizeof outcome->message, "out of memory for its answer");
}

static stele_vectors *make_vectors(const stele_provider *provider, const stele_provider_batch *batch)
{
    size_t numbers = batch->sent * provider->spec->dimensions;
    return malloc(sizeof(stele_vectors) + numbers * sizeof(float));
}

/* An answer of success: vectors, or an error that a gateway hands on as a success. */
static void read_success(stele_provider *provider, const stele_provider_batch *batch, const stele_reply *reply, stele_outcome *outcome)
{
    stele_answer answer = {.count = batch->sent, .dimensions = provider->spec->dimensions, .tokens = -1, .suspect = STELE_NO_SUSPECT};
    stele_vectors *vectors = make_vectors(provider, batch);
    if (vectors == NULL) {
        stop_for_memory(outcome);
        return;
    }
    answer.vectors = vectors->numbers;
    char *body = reply->body != NULL ? reply->body : (char[]){""};
    if (stele_answer_read(&answer, body, reply->length) && !reply->too_large && stele_provider_trusts(provider, batch, &answer)) {
        outcome->vectors = vectors;
        outcome->used = answer.tokens;
        return;
    }
    free(vectors);
    stele_complaint complaint = {0};
    if (reply->too_large && (answer.is_cut || answer.fault[0] == '\0'))
        snprintf(answer.fault, sizeof answer.fault, "the answer is larger than %zu vectors of %u dimensions can be: does the model give another dimension? see `send_dimensions`", batch->sent,
                 answer.dimensions);
    if (strstr(answer.fault, "no \"data\"") != NULL)
        stele_complaint_read(&complaint, body, reply->length);
    if (answer.fault[0] == '\0')
        stop_for_memory(outcome);
    else if (complaint.is_error && complaint.status != 0)
        stele_classify(outcome, complaint.status, &complaint, provider->key);
    else
        be_wrong(provider, outcome, &answer);
}

static void read_reply(stele_provider *provider, const stele_provider_batch *batch, const stele_reply *reply, stele_outcome *outcome)
{
    stele_complaint complaint;
    if (reply->too_large) {
        read_success(provider, batch, reply, outcome);
    } else if (reply->status == 0) {
        outcome->class = reply->forbidden ? STELE_CLASS_STOP : reply->connected ? STELE_CLASS_FAULT : STELE_CLASS_DOWN;
        snprintf(outcome->code, sizeof outcome->code, "%s", reply->timed_out ? "timeout" : "no-answer");
        snprintf(outcome->message, sizeof outcome->message, "%s", reply->problem);
        outcome->unreachable = reply->unreachable;
    } else if (reply->status >= 200 && reply->status < 300) {
        read_success(provider, batch, reply, outcome);
    } else {
        char *body = reply->body != NULL ? reply->body : (char[]){""};
        stele_complaint_read(&complaint, body, reply->length);
        if (reply->leads_to[0] != '\0')
            snprintf(complaint.message, sizeof complaint.message, "it redirects, which is not followed, to %s: `url` may have to begin with https, or to end with /v1", reply->leads_to);
        stele_classify(outcome, reply->status, &complaint, provider->key);
        if (reply->headers.retry_after_ms > 0) /* 0 stands for "I don't know" as well */
            outcome->wait_ms = (int64_t)reply->headers.retry_after_ms;
    }
}

static void receive_http(stele_provider *provider)
{
    stele_reply reply;
    stele_http_work(provider->http);
    while (stele_http_next(provider->http, &reply)) {
        stele_provider_batch *batch = reply.owner;
        stele_outcome outcome = start_outcome();
        read_reply(provider, batch, &reply, &outcome);
        stele_limit_headers(&provider->limit, &reply.headers, stele_clock());
        come_back(provider, batch, &outcome);
    }
}

/* ----------------------------------------------------------- what is computed here */

static void call_application(stele_provider *provider, const stele_provider_batch *batch, float *vectors, stele_outcome *outcome)
{
    const stele_job_options *options = &provider->options;
    char said[256] = "", message[300];
    const char **texts = malloc(batch->sent * sizeof *texts);
    size_t *lengths = malloc(batch->sent * sizeof *lengths);
    if (texts == NULL || lengths == NULL) {
        stop_for_memory(outcome);
    } else {
        for (size_t i = 0; i < batch->sent; i++) {
            texts[i] = batch->items[i]->text;
            lengths[i] = batch->items[i]->length;
        }
        int result = options->embed(options->data, provider->spec->model, texts, lengths, batch->sent, provider->spec->dimensions, vectors, said, sizeof said);
        said[sizeof said - 1] = '\0';
        if (result != 0) {
            outcome->class = STELE_CLASS_TEXT;
            snprintf(outcome->code, sizeof outcome->code, "%s", COMPUTED);
            snprintf(message, sizeof message, "%s", said[0] != '\0' ? said : "the callback failed, and said nothing");
            stele_clean(outcome->message, sizeof outcome->message, message, NULL);
        }
    }
    free(texts);
    free(lengths);
}

static void compute(stele_provider *provider, const stele_provider_batch *batch, stele_outcome *outcome)
{
    unsigned dimensions = provider->spec->dimensions;
    stele_vectors *vectors = make_vectors(provider, batch);
    if (vectors == NULL) {
        stop_for_memory(outcome);
        return;
    }
    stele_answer answer = {.count = batch->sent, .dimensions = dimensions, .vectors = vectors->numbers, .tokens = -1};
    memset(vectors->numbers, 0, batch->sent * dimensions * sizeof(float));
    if (provider->spec->kind == STELE_PROVIDER_CALLBACK)
        call_application(provider, batch, vectors->numbers, outcome);
    else
        for (size_t i = 0; i < batch->sent; i++)
            stele_fixed_vector(batch->items[i]->text, batch->items[i]->length, dimensions, vectors->numbers + i * dimensions);
    if (outcome->class == STELE_CLASS_OK && stele_answer_check(&answer) && stele_provider_trusts(provider, batch, &answer)) {
        outcome->vectors = vectors;
        return;
    }
    free(vectors);
    if (outcome->class == STELE_CLASS_OK)
        be_wrong(provider, outcome, &answer);
}

void stele_provider_receive(stele_provider *provider, bool may_compute)
{
    if (provider->spec->kind == STELE_PROVIDER_HTTP) {
        receive_http(provider);
    } else if (provider->flying.first != NULL && may_compute) {
        stele_provider_batch *batch = provider->flying.first;
        stele_outcome outcome = start_outcome();
        compute(provider, batch, &outcome);
        come_back(provider, batch, &outcome);
    }
}

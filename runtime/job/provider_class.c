#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>

#include "provider_inside.h"

/* Is one of the phrases in the text? In lower case; a zero pointer ends them. */
static bool says(const char *text, const char *const *phrases)
{
    char lower[1024];
    size_t n = 0;
    for (; text[n] != '\0' && n < sizeof lower - 1; n++)
        lower[n] = text[n] >= 'A' && text[n] <= 'Z' ? (char)(text[n] - 'A' + 'a') : text[n];
    lower[n] = '\0';
    for (; *phrases != NULL; phrases++)
        if (strstr(lower, *phrases) != NULL)
            return true;
    return false;
}

static bool either_says(const stele_complaint *complaint, const char *const *phrases)
{
    return says(complaint->message, phrases) || says(complaint->code, phrases);
}

/* How providers say it: of their documents, their sources, and the threads where people complain of them. */
static const char *const no_quota[] = {"insufficient_quota", "exceeded your current quota", "billing_hard_limit", "billing_not_active", "insufficient_balance",
                                       "insufficient balance", "insufficient credits", "account_deactivated", NULL};
static const char *const no_model[] = {"model_not_found", "model not found", "unknown model", "invalid model", "invalid_model", "no such model", NULL};
static const char *const too_many_inputs[] = {"batch size", "too many inputs", "maximum number of inputs", "max_batch", "array too long", "array_above_max_length",
                                              "number of inputs", "batch is too large", "batch too large", "batch limit", "too many texts", "too many items", NULL};
static const char *const too_many_tokens[] = {"tokens per request", "max_tokens_per_request", "too many tokens", "total tokens", "total number of tokens",
                                              "tokens in the batch", "tokens in your batch", "max allowed tokens per submitted batch", "request too large", NULL};
static const char *const too_long[] = {"maximum context", "context length", "context size", "exceed_context_size", "context_length_exceeded", "input length exceeds", "too long",
                                       "must have less than", "input is too large to process", "maximum sequence length", "string_above_max_length",
                                       "maximum input length", "longer than the", "exceeds the maximum length", NULL};

/* Of one text, of the number of them, of all their tokens; or else. */
static bool is_of_size(stele_outcome *outcome, const stele_complaint *complaint)
{
    bool text = either_says(complaint, too_long);
    outcome->of_tokens = either_says(complaint, too_many_tokens);
    outcome->of_inputs = !text && !outcome->of_tokens && either_says(complaint, too_many_inputs);
    if (outcome->of_inputs || outcome->of_tokens)
        outcome->class = STELE_CLASS_SIZE;
    else if (text)
        outcome->class = STELE_CLASS_LONG;
    return outcome->class != STELE_CLASS_OK;
}

static stele_class class_of(stele_outcome *outcome, int status, const stele_complaint *complaint)
{
    if (status == 429)
        return either_says(complaint, no_quota) ? STELE_CLASS_STOP : says(complaint->message, too_many_tokens) ? STELE_CLASS_SIZE : STELE_CLASS_DOWN;
    if (status == 401 || status == 402 || status == 403 || status == 404 || status == 405 || status == 407 || status == 410 || status < 400)
        return STELE_CLASS_STOP;
    if (status == 408 || status == 409 || status == 425)
        return STELE_CLASS_DOWN;
    if (status >= 501)
        return STELE_CLASS_DOWN;
    if (is_of_size(outcome, complaint))
        return outcome->class;
    if (status == 413)
        return STELE_CLASS_SIZE;
    if (status == 500)
        return STELE_CLASS_FAULT;
    return either_says(complaint, no_quota) || either_says(complaint, no_model) ? STELE_CLASS_STOP : STELE_CLASS_TEXT;
}

void stele_classify(stele_outcome *outcome, int status, const stele_complaint *complaint, const char *key)
{
    char message[sizeof complaint->message + sizeof complaint->code + 32];
    outcome->class = STELE_CLASS_OK;
    outcome->status = status;
    outcome->suspect = complaint->suspect;
    outcome->class = class_of(outcome, status, complaint);
    if (outcome->class == STELE_CLASS_LONG)
        snprintf(outcome->code, sizeof outcome->code, "too-long");
    else
        snprintf(outcome->code, sizeof outcome->code, "%d", status);
    const char *said = complaint->message[0] == '\0' && status < 400 ? "it redirects, which is not followed" : complaint->message;
    bool add_code = complaint->code[0] != '\0' && strstr(complaint->message, complaint->code) == NULL;
    snprintf(message, sizeof message, "%d%s%s%s%s%s", status, said[0] == '\0' ? "" : ": ", said, add_code ? " (" : "",
             add_code ? complaint->code : "", add_code ? ")" : "");
    stele_clean(outcome->message, sizeof outcome->message, message, key);
}

/*
 * provider_trust.c - vectors that are the same for different texts
 *
 * A model that is given more than it can take may give one and the same vector for everything, without any error. But two texts of which it sees no difference rightly have one vector: what
 * it has no token for, what it cuts off. So what looks like the fault is asked for again, alone; and comes that vector again, it is taken only if others were different, and is known from then on.
 */
#include <stdio.h>
#include <stdlib.h>

#include "provider_inside.h"

enum { RUN = 8 }; /* so many different texts, one after another, don't rightly have the same */

static void keep_twins(stele_provider *provider, uint64_t one, uint64_t other)
{
    provider->twins[0] = one;
    provider->twins[1] = other;
    provider->has_twins = true;
}

static bool complain(stele_provider *provider, const stele_provider_batch *batch, stele_answer *answer, uint64_t digest, int64_t suspect)
{
    provider->constant = digest;
    answer->suspect = suspect;
    for (int64_t i = 0; i < suspect; i++)
        if (batch->items[i]->digest == digest)
            keep_twins(provider, batch->items[i]->tag, batch->items[suspect]->tag);
    snprintf(answer->fault, sizeof answer->fault, "different texts have the same vector");
    return false;
}

static int64_t find_twin(const stele_provider *provider, const stele_provider_batch *batch, const stele_answer *answer)
{
    stele_json_text *texts = malloc(batch->sent * sizeof *texts);
    uint64_t *digests = malloc(batch->sent * sizeof *digests);
    int64_t twin = STELE_NO_SUSPECT; /* where there is no memory: that is looked for again when the job is verified */
    for (size_t i = 0; texts != NULL && digests != NULL && i < batch->sent; i++) {
        texts[i] = (stele_json_text){.bytes = batch->items[i]->text, .length = batch->items[i]->length};
        digests[i] = batch->items[i]->digest;
    }
    if (texts != NULL && digests != NULL)
        twin = stele_answer_twins(answer, texts, digests, provider->known);
    free(texts);
    free(digests);
    return twin;
}

bool stele_provider_trusts(stele_provider *provider, const stele_provider_batch *batch, stele_answer *answer)
{
    if (provider->spec->kind == STELE_PROVIDER_FIXED)
        return true;
    for (size_t i = 0; i < batch->sent; i++)
        batch->items[i]->digest = stele_answer_digest(answer->vectors + i * answer->dimensions, answer->dimensions);
    if (batch->sent == 1)
        return batch->items[0]->digest != provider->constant || provider->varied || complain(provider, batch, answer, batch->items[0]->digest, STELE_NO_SUSPECT);
    int64_t twin = find_twin(provider, batch, answer);
    return twin < 0 || complain(provider, batch, answer, batch->items[twin]->digest, twin);
}

static void know(stele_provider *provider, uint64_t digest)
{
    for (size_t i = 0; i < STELE_KNOWN; i++)
        if (provider->known[i] == digest)
            return;
    provider->known[provider->knows++ % STELE_KNOWN] = digest;
}

void stele_provider_took(stele_provider *provider, const stele_item *item)
{
    if (provider->spec->kind == STELE_PROVIDER_FIXED || item->canary)
        return;
    uint64_t digest = item->digest;
    stele_text *text = &provider->latest_text;
    if (digest == provider->constant)
        know(provider, digest);
    provider->varied |= digest != provider->constant;
    if (digest != provider->latest)
        provider->run = 0;
    else if (stele_answer_text_digest(text->bytes, text->length) != stele_answer_text_digest(item->text, item->length) && ++provider->run >= RUN) {
        keep_twins(provider, provider->latest_tag, item->tag);
        stele_provider_stop(provider, "The model doesn't look at its input any more: restart it, or lower `max_inputs`.",
                            "the provider gives the same vector for different texts");
    }
    provider->latest = digest;
    provider->latest_tag = item->tag;
    text->length = 0;
    text->failed = 0;
    stele_text_bytes(text, item->text, item->length);
}

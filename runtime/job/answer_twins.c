/*
 * answer_twins.c - different texts with the same vector: what a model gives that doesn't look at its input any more
 */
#include <stdlib.h>
#include <string.h>

#include "answer.h"

static uint64_t mix(uint64_t digest, uint64_t bits)
{
    digest = (digest ^ bits) * UINT64_C(0xFF51AFD7ED558CCD);
    return digest ^ digest >> 32;
}

/* In four lanes, since a multiplication has to wait for the one before. */
uint64_t stele_answer_digest(const float *vector, unsigned dimensions)
{
    enum { LANES = 4 };
    uint64_t lanes[LANES] = {UINT64_C(0x9E3779B97F4A7C15), 1, 2, 3}, pairs[LANES];
    unsigned i = 0;
    for (; i + 2 * LANES <= dimensions; i += 2 * LANES) {
        memcpy(pairs, vector + i, sizeof pairs);
        for (unsigned lane = 0; lane < LANES; lane++)
            lanes[lane] = mix(lanes[lane], pairs[lane]);
    }
    uint64_t digest = mix(mix(mix(lanes[0], lanes[1]), lanes[2]), lanes[3]);
    for (; i < dimensions; i++) {
        uint32_t bits;
        memcpy(&bits, vector + i, sizeof bits);
        digest = mix(digest, bits);
    }
    return digest == 0 ? 1 : digest;
}

/* The next character that counts, in lower case; -1 at the end. Models without case and punctuation see no more. */
static int next(const char *text, size_t length, size_t *at)
{
    while (*at < length) {
        unsigned char c = (unsigned char)text[(*at)++];
        if (c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'))
            return c;
        if (c >= 'A' && c <= 'Z')
            return c - 'A' + 'a';
    }
    return -1;
}

static bool same_text(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t i = 0, j = 0;
    for (;;) {
        int c = next(a, a_length, &i), d = next(b, b_length, &j);
        if (c != d)
            return false;
        if (c < 0)
            return true;
    }
}

uint64_t stele_answer_text_digest(const char *text, size_t length)
{
    uint64_t digest = UINT64_C(0xCBF29CE484222325);
    size_t at = 0;
    for (int c; (c = next(text, length, &at)) >= 0;)
        digest = (digest ^ (uint64_t)c) * UINT64_C(0x100000001B3);
    return digest;
}

typedef struct slot {
    uint64_t digest; /* 0: empty */
    size_t index;
} slot;

static bool is_known(uint64_t digest, const uint64_t *known)
{
    while (*known != 0 && *known != digest)
        known++;
    return *known != 0;
}

/* Put a vector where its digest says; false when another text's is there. */
static bool place(slot *slots, size_t size, const stele_answer *answer, const stele_json_text *texts, size_t index, uint64_t digest)
{
    const float *vector = answer->vectors + index * answer->dimensions;
    size_t at = (size_t)digest & (size - 1);
    for (; slots[at].digest != 0; at = (at + 1) & (size - 1)) {
        size_t other = slots[at].index;
        if (slots[at].digest == digest && memcmp(vector, answer->vectors + other * answer->dimensions, answer->dimensions * sizeof *vector) == 0)
            return same_text(texts[index].bytes, texts[index].length, texts[other].bytes, texts[other].length);
    }
    slots[at] = (slot){.digest = digest, .index = index};
    return true;
}

int64_t stele_answer_twins(const stele_answer *answer, const stele_json_text *texts, const uint64_t *digests, const uint64_t *known)
{
    size_t size = 4, tolerated = 0;
    while (size < answer->count * 2)
        size *= 2;
    slot *slots = answer->count < 2 ? NULL : calloc(size, sizeof *slots);
    int64_t found = STELE_NO_SUSPECT;
    for (size_t i = 0; slots != NULL && i < answer->count && found < 0; i++)
        if (!place(slots, size, answer, texts, i, digests[i]) && !(is_known(digests[i], known) && ++tolerated <= answer->count / 4))
            found = (int64_t)i;
    free(slots);
    return found;
}

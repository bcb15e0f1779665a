/*
 * fixed.c - vectors that are computed here, for demos and tests: no model, but texts with common words are near to each other
 *
 * Each word, and each three characters of it, stand for a direction that only their letters decide; a text's vector is the sum of these, made one long. It is the same on every machine
 * and for ever: what follows is integers until the end.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "provider_inside.h"

enum { WORD_WEIGHT = 4, WORD_MOST = 64, DIRECTIONS = 16 };

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static uint64_t hash(uint64_t seed, const char *bytes, size_t length)
{
    uint64_t h = seed + UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001B3);
    return mix(h);
}

/* A few coordinates, each up or down: random directions of many dimensions are nearly at right angles, also when they are sparse. */
static void add(float *vector, unsigned dimensions, uint64_t h, int weight)
{
    for (int i = 0; i < DIRECTIONS; i++) {
        h = mix(h + UINT64_C(0x9E3779B97F4A7C15));
        vector[(h >> 1) % dimensions] += (float)(h & 1 ? weight : -weight);
    }
}

static void add_word(float *vector, unsigned dimensions, const char *word, size_t length)
{
    add(vector, dimensions, hash(1, word, length), WORD_WEIGHT);
    for (size_t i = 0; i + 3 <= length; i++)
        add(vector, dimensions, hash(2, word + i, 3), 1);
}

/* Letters and digits, in lower case, and whatever isn't ASCII. Returns false at the end. */
static bool next_word(const char *text, size_t length, size_t *at, char *word, size_t *size)
{
    *size = 0;
    for (; *at < length; ++*at) {
        unsigned char c = (unsigned char)text[*at];
        bool upper = c >= 'A' && c <= 'Z', part = c >= 0x80 || upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (part)
            word[(*size)++] = (char)(upper ? c - 'A' + 'a' : c);
        if (*size == WORD_MOST || (!part && *size > 0)) {
            ++*at;
            return true;
        }
    }
    return *size > 0;
}

void stele_fixed_vector(const char *text, size_t length, unsigned dimensions, float *vector)
{
    char word[WORD_MOST];
    size_t at = 0, size;
    double sum = 0;
    memset(vector, 0, dimensions * sizeof *vector);
    add(vector, dimensions, hash(3, text, length), 1); /* so that no two texts have the same, and none has nothing */
    while (next_word(text, length, &at, word, &size))
        add_word(vector, dimensions, word, size);
    for (unsigned i = 0; i < dimensions; i++)
        sum += (double)vector[i] * vector[i];
    if (sum == 0) {
        vector[0] = 1;
        sum = 1;
    }
    for (unsigned i = 0; i < dimensions; i++)
        vector[i] = (float)(vector[i] / sqrt(sum));
}

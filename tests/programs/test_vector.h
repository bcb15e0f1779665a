/*
 * test_vector.h - the vector that the server of the tests gives for a text: of length one, another for each model, text and number of dimensions
 *
 * Those of the model "latent" have neighbours, as those of a real model have: 48 hidden dimensions, of which the first count most, turned into all of a power of two, and a little noise. Others
 * are random, so that any two are nearly at right angles, and no index finds the nearest.
 */
#ifndef TESTS_TEST_VECTOR_H
#define TESTS_TEST_VECTOR_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t test_hash(uint64_t h, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001B3);
    h ^= h >> 32;
    return h * UINT64_C(0x9E3779B97F4A7C15);
}

static inline float test_random(uint64_t *state)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t x = (*state ^ (*state >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    return (float)((int32_t)(x >> 32)) / 2147483648.0f;
}

static inline int test_is_latent(const char *model, unsigned dimensions)
{
    return strcmp(model, "latent") == 0 && dimensions >= 64 && (dimensions & (dimensions - 1)) == 0;
}

/* Hadamard's transform turns: it keeps lengths and angles. */
static inline void test_latent(float *vector, uint64_t *state, unsigned dimensions)
{
    enum { HIDDEN = 48, NOISE = 4 }; /* in percent, of the length of the rest */
    float sum = 0;
    memset(vector, 0, dimensions * sizeof *vector);
    for (unsigned i = 0; i < HIDDEN; i++) {
        for (int j = 0; j < 3; j++) /* nearly normal */
            vector[i] += test_random(state);
        vector[i] /= 1 + (float)i / 8;
        sum += vector[i] * vector[i];
    }
    for (unsigned width = 1; width < dimensions; width *= 2)
        for (unsigned i = 0; i < dimensions; i += 2 * width)
            for (unsigned j = i; j < i + width; j++) {
                float a = vector[j], b = vector[j + width];
                vector[j] = a + b;
                vector[j + width] = a - b;
            }
    float noise = (float)NOISE / 100 * sqrtf(3 * sum);
    for (unsigned i = 0; i < dimensions; i++)
        vector[i] += noise * test_random(state);
}

static inline void test_vector(float *vector, const char *model, const char *text, size_t length, unsigned dimensions)
{
    uint64_t state = test_hash(test_hash(UINT64_C(0xCBF29CE484222325) + dimensions, model, strlen(model)), text, length);
    double sum = 0;
    if (test_is_latent(model, dimensions))
        test_latent(vector, &state, dimensions);
    else
        for (unsigned i = 0; i < dimensions; i++)
            vector[i] = test_random(&state);
    for (unsigned i = 0; i < dimensions; i++)
        sum += (double)vector[i] * vector[i];
    float scale = (float)(1 / sqrt(sum > 0 ? sum : 1));
    for (unsigned i = 0; i < dimensions; i++)
        vector[i] *= scale;
}

#endif

/*
 * test_vector.h - the vector that the server of the tests gives for a text: of length one, another for each model, text and number of dimensions
 */
#ifndef TESTS_TEST_VECTOR_H
#define TESTS_TEST_VECTOR_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static uint64_t test_hash(uint64_t h, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001B3);
    h ^= h >> 32;
    return h * UINT64_C(0x9E3779B97F4A7C15);
}

static void test_vector(float *vector, const char *model, const char *text, size_t length, unsigned dimensions)
{
    uint64_t state = test_hash(test_hash(UINT64_C(0xCBF29CE484222325) + dimensions, model, strlen(model)), text, length);
    double sum = 0;
    for (unsigned i = 0; i < dimensions; i++) {
        state += UINT64_C(0x9E3779B97F4A7C15);
        uint64_t x = (state ^ (state >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
        vector[i] = (float)((int32_t)(x >> 32)) / 2147483648.0f;
        sum += (double)vector[i] * vector[i];
    }
    float scale = (float)(1 / sqrt(sum > 0 ? sum : 1));
    for (unsigned i = 0; i < dimensions; i++)
        vector[i] *= scale;
}

#endif

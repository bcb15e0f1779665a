#include "encode.h"

#include <math.h>
#include <string.h>

enum { SPARSE_MOST = 16000 }; /* pgvector's SPARSEVEC_MAX_NNZ */

static void put16(char *at, uint16_t number)
{
    at[0] = (char)(number >> 8);
    at[1] = (char)number;
}

static void put32(char *at, uint32_t number)
{
    at[0] = (char)(number >> 24);
    at[1] = (char)(number >> 16);
    at[2] = (char)(number >> 8);
    at[3] = (char)number;
}

static uint16_t get16(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint16_t)(b[0] << 8 | b[1]);
}

static uint32_t get32(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint32_t bits_of(float number)
{
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

/* ------------------------------------------------------------------- arrays */

enum { HEADER = 20 };

void stele_array_start(stele_binary_array *array, uint32_t element)
{
    array->element = element;
    array->count = 0;
    array->bytes.length = 0;
    array->bytes.failed = 0;
    char *header = stele_text_room(&array->bytes, HEADER);
    if (header != NULL)
        memset(header, 0, HEADER);
}

void stele_array_add(stele_binary_array *array, const char *bytes, size_t length)
{
    char *room = stele_text_room(&array->bytes, 4 + (bytes == NULL ? 0 : length));
    if (room == NULL)
        return;
    put32(room, bytes == NULL ? UINT32_MAX : (uint32_t)length);
    if (bytes != NULL)
        memcpy(room + 4, bytes, length);
    else
        put32(array->bytes.bytes + 4, 1);
    array->count++;
}

bool stele_array_close(stele_binary_array *array)
{
    if (array->bytes.failed)
        return false;
    char *header = array->bytes.bytes;
    put32(header, array->count > 0 ? 1 : 0);
    put32(header + 8, array->element);
    put32(header + 12, array->count);
    put32(header + 16, 1);
    if (array->count == 0)
        array->bytes.length = 12; /* no dimension, no bounds */
    return true;
}

void stele_array_free(stele_binary_array *array)
{
    stele_text_free(&array->bytes);
}

size_t stele_bytes_of_hex(const char *hex, char *bytes, size_t size)
{
    size_t length = hex == NULL ? 0 : strlen(hex) / 2;
    if (length > size)
        length = size;
    for (size_t i = 0; i < length; i++) {
        unsigned high = (unsigned char)hex[2 * i], low = (unsigned char)hex[2 * i + 1];
        high = high <= '9' ? high - '0' : high - 'a' + 10;
        low = low <= '9' ? low - '0' : low - 'a' + 10;
        bytes[i] = (char)(high << 4 | low);
    }
    return length;
}

/* ------------------------------------------------------------------- vectors */

/* To the nearest float2, ties to even; an overflow gives infinity. */
static uint16_t half_of(float number)
{
    uint32_t bits = bits_of(number), sign = bits >> 16 & 0x8000, rest = bits & 0x7fffffff;
    if (rest >= 0x47800000) /* 65536 and more */
        return (uint16_t)(sign | 0x7c00);
    if (rest < 0x33000001) /* less than half of the least subnormal, or just that */
        return (uint16_t)sign;
    uint32_t shift = rest < 0x38800000 ? 126 - (rest >> 23) : 13; /* subnormal: 2^-24 is one unit */
    uint32_t mantissa = rest < 0x38800000 ? (rest & 0x7fffff) | 0x800000 : rest - 0x38000000;
    uint32_t whole = mantissa >> shift, left = mantissa & ((1u << shift) - 1), tie = 1u << (shift - 1);
    whole += left > tie || (left == tie && (whole & 1) != 0);
    return (uint16_t)(sign | whole);
}

static float number_of_half(uint16_t half)
{
    int exponent = half >> 10 & 31, mantissa = half & 1023;
    double value = exponent == 0 ? ldexp(mantissa, -24) : exponent == 31 ? HUGE_VAL : ldexp(mantissa + 1024, exponent - 25);
    return (float)((half & 0x8000) != 0 ? -value : value);
}

/*
 * Finite numbers have an exponent that isn't all ones; zeros have no bit but their sign. Two numbers in a word, and two words at a time that don't depend on each other, since every vector is
 * looked at.
 */
bool stele_vector_is_finite(const float *numbers, unsigned dimensions, bool *zero)
{
    enum { AT_ONCE = 4 };
    const uint64_t size = UINT64_C(0x7FFFFFFF7FFFFFFF), over = UINT64_C(0x0080000000800000), sign = UINT64_C(0x8000000080000000); /* size + over has the sign's bit where an exponent is all ones */
    uint64_t words[2], any[2] = {0}, exponents[2] = {0};
    for (unsigned i = 0; i < dimensions; i += AT_ONCE) {
        if (dimensions - i >= AT_ONCE) {
            memcpy(words, numbers + i, sizeof words);
        } else {
            memset(words, 0, sizeof words);
            memcpy(words, numbers + i, (dimensions - i) * sizeof *numbers);
        }
        for (unsigned word = 0; word < 2; word++) {
            any[word] |= words[word] & size;
            exponents[word] |= (words[word] & size) + over;
        }
    }
    *zero = (any[0] | any[1]) == 0;
    return ((exponents[0] | exponents[1]) & sign) == 0;
}

/* As put32, in one piece: it is done to every number. */
static void put_float(char *at, float number)
{
    uint32_t bits = bits_of(number), one = 1;
    if (*(const unsigned char *)&one == 1) /* the last byte comes first here */
        bits = bits >> 24 | (bits >> 8 & 0xFF00) | (bits << 8 & 0xFF0000) | bits << 24;
    memcpy(at, &bits, sizeof bits);
}

static stele_vector_fit write_dense(stele_text *out, bool half, const float *numbers, unsigned dimensions)
{
    size_t size = half ? 2 : 4;
    char *at = stele_text_room(out, 4 + dimensions * size);
    if (at == NULL)
        return STELE_VECTOR_NO_MEMORY;
    put16(at, (uint16_t)dimensions);
    put16(at + 2, 0);
    at += 4;
    for (unsigned i = 0; i < dimensions && !half; i++)
        put_float(at + i * size, numbers[i]);
    for (unsigned i = 0; i < dimensions && half; i++) {
        uint16_t as_half = half_of(numbers[i]);
        if ((as_half & 0x7c00) == 0x7c00)
            return STELE_VECTOR_TOO_LARGE;
        put16(at + i * size, as_half);
    }
    return STELE_VECTOR_FITS;
}

static stele_vector_fit write_sparse(stele_text *out, const float *numbers, unsigned dimensions)
{
    unsigned count = 0;
    for (unsigned i = 0; i < dimensions; i++)
        count += bits_of(numbers[i]) << 1 != 0;
    if (count > SPARSE_MOST)
        return STELE_VECTOR_TOO_DENSE;
    char *at = stele_text_room(out, 12 + (size_t)count * 8), *index = at + 12, *value = index + (size_t)count * 4;
    if (at == NULL)
        return STELE_VECTOR_NO_MEMORY;
    put32(at, dimensions);
    put32(at + 4, count);
    put32(at + 8, 0);
    for (unsigned i = 0; i < dimensions; i++) {
        if (bits_of(numbers[i]) << 1 == 0)
            continue;
        put32(index, i);
        put32(value, bits_of(numbers[i]));
        index += 4;
        value += 4;
    }
    return STELE_VECTOR_FITS;
}

stele_vector_fit stele_vector_write(stele_text *out, char type, const float *numbers, unsigned dimensions)
{
    size_t before = out->length;
    stele_vector_fit fit = type == 's' ? write_sparse(out, numbers, dimensions) : write_dense(out, type == 'h', numbers, dimensions);
    if (fit != STELE_VECTOR_FITS && fit != STELE_VECTOR_NO_MEMORY)
        out->length = before;
    return fit;
}

static bool read_sparse(const char *bytes, size_t length, float *numbers, unsigned dimensions)
{
    if (length < 12 || get32(bytes) != dimensions)
        return false;
    uint32_t count = get32(bytes + 4);
    if (count > dimensions || length != 12 + (size_t)count * 8)
        return false;
    memset(numbers, 0, dimensions * sizeof *numbers);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = get32(bytes + 12 + i * 4), bits = get32(bytes + 12 + (size_t)count * 4 + i * 4);
        if (index >= dimensions)
            return false;
        memcpy(&numbers[index], &bits, sizeof bits);
    }
    return true;
}

bool stele_vector_read(const char *bytes, size_t length, char type, float *numbers, unsigned dimensions)
{
    if (type == 's')
        return read_sparse(bytes, length, numbers, dimensions);
    size_t size = type == 'h' ? 2 : 4;
    if (length != 4 + dimensions * size || get16(bytes) != dimensions)
        return false;
    for (unsigned i = 0; i < dimensions; i++) {
        const char *at = bytes + 4 + i * size;
        uint32_t bits = size == 4 ? get32(at) : 0;
        if (size == 2)
            numbers[i] = number_of_half(get16(at));
        else
            memcpy(&numbers[i], &bits, sizeof bits);
    }
    return true;
}

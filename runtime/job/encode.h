/*
 * encode.h - values in PostgreSQL's binary form: arrays, and pgvector's types
 *
 * An array is, as array_recv reads it: the number of dimensions, whether there are NULLs, the element type; then length and lower bound; then each element, behind its
 * length, -1 for NULL (src/backend/utils/adt/arrayfuncs.c). Of pgvector, vector is int16 dimensions, int16 0, and as many float4; halfvec the same with float2; sparsevec
 * int32 dimensions, int32 count, int32 0, the indices from 0, ascending, and their float4, none 0 (src/{vector,halfvec,sparsevec}.c). All of it big-endian.
 */
#ifndef STELE_JOB_ENCODE_H
#define STELE_JOB_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "../mem.h"

enum { STELE_OID_BOOL = 16, STELE_OID_BYTEA = 17, STELE_OID_TEXT = 25, STELE_OID_BOOL_ARRAY = 1000, STELE_OID_BYTEA_ARRAY = 1001, STELE_OID_TEXT_ARRAY = 1009 };

/* An array that grows by elements, of one dimension. */
typedef struct stele_binary_array {
    stele_text bytes;
    uint32_t element; /* its type */
    uint32_t count;
} stele_binary_array;

void stele_array_start(stele_binary_array *array, uint32_t element);
void stele_array_add(stele_binary_array *array, const char *bytes, size_t length); /* bytes NULL: NULL */
/* Complete it; false where memory ran out. The bytes stay the array's, until it is started again or freed. */
bool stele_array_close(stele_binary_array *array);
void stele_array_free(stele_binary_array *array);

/* The bytes that the server wrote as hex, as many as there is room for: returns how many. NULL has none. */
size_t stele_bytes_of_hex(const char *hex, char *bytes, size_t size);

/* What can't be held by the type, though it is a number. */
typedef enum stele_vector_fit { STELE_VECTOR_FITS, STELE_VECTOR_TOO_LARGE, STELE_VECTOR_TOO_DENSE, STELE_VECTOR_NO_MEMORY } stele_vector_fit;

/* Has it no NaN and nothing infinite? `*zero`: no number of it is another than 0. */
bool stele_vector_is_finite(const float *numbers, unsigned dimensions, bool *zero);

/* Write a vector of type 'v', 'h' or 's', which must be finite, behind what is in `out`. */
stele_vector_fit stele_vector_write(stele_text *out, char type, const float *numbers, unsigned dimensions);

/* The inverse: numbers out of the binary form; false when that isn't one of so many dimensions. */
bool stele_vector_read(const char *bytes, size_t length, char type, float *numbers, unsigned dimensions);

#endif

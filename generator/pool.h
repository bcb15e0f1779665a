/*
 * pool.h - names and types that are kept once, however often they come
 *
 * A history of thousands of files says the same few names and types over and over.
 */
#ifndef STELEC_POOL_H
#define STELEC_POOL_H

#include "deed.h"
#include "memory.h"

struct pool {
    struct memory *memory;
    struct pooled **strings, **types; /* by hash */
};

void pool_start(struct pool *pool, struct memory *memory);

/* The string of these bytes, of which the last is a zero byte. */
const char *pool_string(struct pool *pool, const char *bytes, size_t size);

/* The type that is like this one; its strings are of the pool. */
const struct type_name *pool_type(struct pool *pool, const struct type_name *type);

#endif

#include "pool.h"

#include "text.h"

#include <string.h>

/* A string or a type. */
struct pooled {
    const void *thing;
    size_t hash;
    struct pooled *next;
};

enum { BUCKETS = 1 << 14 };

void pool_start(struct pool *pool, struct memory *memory)
{
    pool->memory = memory;
    pool->strings = memory_get(memory, BUCKETS, sizeof(struct pooled *));
    pool->types = memory_get(memory, BUCKETS, sizeof(struct pooled *));
}

static void add(struct pool *pool, struct pooled **bucket, const void *thing, size_t hash)
{
    struct pooled *new = memory_get(pool->memory, 1, sizeof *new);
    *new = (struct pooled){thing, hash, *bucket};
    *bucket = new;
}

const char *pool_string(struct pool *pool, const char *bytes, size_t size)
{
    size_t hash = hash_string(bytes);
    struct pooled **bucket = &pool->strings[hash % BUCKETS];
    for (const struct pooled *at = *bucket; at != NULL; at = at->next)
        if (at->hash == hash && strcmp(at->thing, bytes) == 0)
            return at->thing;
    const char *string = memory_copy(pool->memory, bytes, size - 1);
    add(pool, bucket, string, hash);
    return string;
}

static bool is_same(const struct type_name *a, const struct type_name *b)
{
    return a->text == b->text && a->name.schema == b->name.schema && a->name.name == b->name.name && a->parameter == b->parameter &&
           a->modifier_count == b->modifier_count && a->has_modifiers == b->has_modifiers && a->is_array == b->is_array &&
           memcmp(a->modifiers, b->modifiers, sizeof a->modifiers) == 0;
}

const struct type_name *pool_type(struct pool *pool, const struct type_name *type)
{
    size_t hash = hash_string(type->text);
    struct pooled **bucket = &pool->types[hash % BUCKETS];
    for (const struct pooled *at = *bucket; at != NULL; at = at->next)
        if (at->hash == hash && is_same(at->thing, type))
            return at->thing;
    struct type_name *copy = memory_get(pool->memory, 1, sizeof *copy);
    *copy = *type;
    add(pool, bucket, copy, hash);
    return copy;
}

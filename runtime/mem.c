#include "mem.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 32 * 1024, LARGE = BLOCK_SIZE / 8 };

struct stele_block {
    struct stele_block *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

static size_t aligned(size_t size)
{
    size_t unit = alignof(max_align_t);
    return (size + unit - 1) / unit * unit;
}

/* One of a size of its own is full at once: the first one goes on being filled. */
static struct stele_block *add_block(stele_arena *arena, size_t room, int own)
{
    struct stele_block *block = calloc(1, sizeof *block + room), *first = arena->blocks;
    if (block == NULL)
        return NULL;
    block->size = room;
    if (first != NULL && own) {
        block->next = first->next;
        first->next = block;
    } else {
        block->next = first;
        arena->blocks = block;
    }
    return block;
}

void *stele_arena_get(stele_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX / 2) / size)
        return NULL;
    size = aligned(count * size == 0 ? 1 : count * size);
    struct stele_block *block = arena->blocks;
    if (block == NULL || block->size - block->used < size)
        block = add_block(arena, size > LARGE ? size : BLOCK_SIZE, size > LARGE);
    if (block == NULL)
        return NULL;
    void *memory = block->bytes + block->used;
    block->used += size;
    return memory;
}

char *stele_arena_copy(stele_arena *arena, const char *bytes, size_t length)
{
    char *copy = stele_arena_get(arena, length + 1, 1);
    if (copy != NULL && length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

char *stele_arena_print(stele_arena *arena, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, list);
    va_end(list);
    char *text = length < 0 ? NULL : stele_arena_get(arena, (size_t)length + 1, 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void stele_arena_join(stele_arena *arena, stele_arena *other)
{
    struct stele_block **last = &other->blocks;
    while (*last != NULL)
        last = &(*last)->next;
    *last = arena->blocks;
    arena->blocks = other->blocks;
    other->blocks = NULL;
}

void stele_arena_free(stele_arena *arena)
{
    while (arena->blocks != NULL) {
        struct stele_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
}

/* Room for `more` bytes and a zero byte. */
static int reserve(stele_text *text, size_t more)
{
    if (text->failed || more > SIZE_MAX / 4 || text->length > SIZE_MAX / 4) {
        text->failed = 1;
        return 0;
    }
    size_t need = text->length + more + 1;
    if (need <= text->capacity)
        return 1;
    size_t capacity = text->capacity * 2 > need ? text->capacity * 2 : need + 64;
    char *bytes = realloc(text->bytes, capacity);
    if (bytes == NULL) {
        text->failed = 1;
        return 0;
    }
    text->bytes = bytes;
    text->capacity = capacity;
    return 1;
}

void stele_text_bytes(stele_text *text, const char *bytes, size_t length)
{
    if (!reserve(text, length))
        return;
    if (length > 0)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

char *stele_text_room(stele_text *text, size_t length)
{
    if (!reserve(text, length))
        return NULL;
    char *room = text->bytes + text->length;
    text->length += length;
    text->bytes[text->length] = '\0';
    return room;
}

void stele_text_string(stele_text *text, const char *string)
{
    stele_text_bytes(text, string, strlen(string));
}

void stele_text_print(stele_text *text, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, list);
    va_end(list);
    if (length < 0)
        text->failed = 1;
    else if (reserve(text, (size_t)length)) {
        vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void stele_text_free(stele_text *text)
{
    free(text->bytes);
    *text = (stele_text){0};
}

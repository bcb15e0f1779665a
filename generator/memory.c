#include "memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

_Noreturn void memory_exhausted(struct memory *memory)
{
    if (memory->abandon != NULL)
        memory->abandon(memory->abandon_data);
    longjmp(memory->exhausted, 1);
}

void *memory_get(struct memory *memory, size_t count, size_t size)
{
    void *bytes = stele_arena_get(memory->is_scratching ? &memory->scratch : &memory->arena, count, size);
    if (bytes == NULL)
        memory_exhausted(memory);
    return bytes;
}

char *memory_copy(struct memory *memory, const char *bytes, size_t length)
{
    char *copy = memory_get(memory, length + 1, 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

char *memory_take(struct memory *memory, stele_text *text)
{
    stele_arena *arena = memory->is_scratching ? &memory->scratch : &memory->arena;
    char *copy = text->failed ? NULL : stele_arena_copy(arena, text->bytes, text->length);
    stele_text_free(text);
    if (copy == NULL)
        memory_exhausted(memory);
    return copy;
}

char *memory_print(struct memory *memory, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, list);
    va_end(list);
    char *text = memory_get(memory, length < 0 ? 1 : (size_t)length + 1, 1);
    if (length >= 0)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void *memory_grow(struct memory *memory, void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    if (*capacity > SIZE_MAX / 4)
        memory_exhausted(memory);
    size_t larger = *capacity == 0 ? 8 : *capacity * 2;
    void *moved = memory_get(memory, larger, size);
    if (count > 0)
        memcpy(moved, array, count * size);
    *capacity = larger;
    return moved;
}

void memory_scratch(struct memory *memory)
{
    memory->is_scratching = true;
}

void memory_settle(struct memory *memory)
{
    memory->is_scratching = false;
}

void memory_keep_scratch(struct memory *memory)
{
    stele_arena_join(&memory->arena, &memory->scratch);
}

void memory_drop_scratch(struct memory *memory)
{
    stele_arena_free(&memory->scratch);
}

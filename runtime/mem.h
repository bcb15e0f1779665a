/*
 * mem.h - memory that is given back all at once
 *
 * Everything a handle remembers hangs from an arena; what one call needs for a while hangs from
 * another. Nothing is freed singly. Running out is reported, never fatal.
 */
#ifndef STELE_MEM_H
#define STELE_MEM_H

#include <stdarg.h>
#include <stddef.h>

typedef struct stele_arena {
    struct stele_block *blocks;
} stele_arena;

/* Zeroed memory, aligned for anything; NULL when there is none. `count` * `size` may not overflow: NULL too. */
void *stele_arena_get(stele_arena *arena, size_t count, size_t size);

/* A copy of `length` bytes with a zero byte behind; or NULL. */
char *stele_arena_copy(stele_arena *arena, const char *bytes, size_t length);

/* printf into the arena; or NULL. */
char *stele_arena_print(stele_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Put what hangs from `other` to `arena`; `other` is empty then. */
void stele_arena_join(stele_arena *arena, stele_arena *other);

/* Give all of it back; the arena is empty and can be used again. */
void stele_arena_free(stele_arena *arena);

/* Text that grows. A failure to get memory sticks: write on, and look at `failed` once at the end. */
typedef struct stele_text {
    char *bytes; /* ends in a zero byte unless failed */
    size_t length, capacity;
    int failed;
} stele_text;

void stele_text_bytes(stele_text *text, const char *bytes, size_t length);
void stele_text_string(stele_text *text, const char *string);
void stele_text_print(stele_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for `length` more bytes, to be written by the caller; or NULL. */
char *stele_text_room(stele_text *text, size_t length);
void stele_text_free(stele_text *text);

#endif

/*
 * memory.h - memory for one run, that never comes back empty
 *
 * stelec reads, decides, writes and ends, so everything it remembers hangs from one arena and is given back
 * at the end. When there is no memory left, the run is over whatever the caller would do: control goes back
 * to main in one jump, and no other room has to look at a pointer.
 */
#ifndef STELEC_MEMORY_H
#define STELEC_MEMORY_H

#include "../runtime/mem.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>

struct memory {
    stele_arena arena, scratch;
    stele_text text; /* what a room has in hand for a moment: given back whatever happens */
    bool is_scratching;
    jmp_buf exhausted; /* set by main; jumped to when memory runs out */
    void (*abandon)(void *data); /* called before that, to remove what is half done; or NULL */
    void *abandon_data;
};

/* Zeroed memory for `count` things of `size` bytes. */
void *memory_get(struct memory *memory, size_t count, size_t size);

/* A copy of `length` bytes with a zero byte behind. */
char *memory_copy(struct memory *memory, const char *bytes, size_t length);

/* A copy of what a text holds, which is given back whatever happens. */
char *memory_take(struct memory *memory, stele_text *text);

/* printf into the arena. */
char *memory_print(struct memory *memory, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Make room for one more element in an array that grows: returns the array, which may have moved.
 * `capacity` is the caller's, and starts at 0 with `array` NULL.
 */
void *memory_grow(struct memory *memory, void *array, size_t count, size_t *capacity, size_t size);

/*
 * What is asked for from here on is for a while only: until it is dropped, or turns out to be needed and is kept. There is one scratch at a
 * time.
 */
void memory_scratch(struct memory *memory);

/* What is asked for is to stay again; what was asked for meanwhile is there until one of the two that follow. */
void memory_settle(struct memory *memory);
void memory_keep_scratch(struct memory *memory);
void memory_drop_scratch(struct memory *memory);

/* End the run: for a buffer of another kind that could not grow. Never returns. */
_Noreturn void memory_exhausted(struct memory *memory);

#endif

/*
 * Preloaded by tests/t/410-memory.t: makes the FAILING_MALLOC-th request for memory fail, of those that the program itself
 * makes; the libraries it uses get theirs. Writes how many there were into the file FAILING_MALLOC_COUNT.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static uintptr_t program_begin, program_end;
static unsigned long failing, count;

/* The program's own range, from the first line of its map. */
__attribute__((constructor)) static void find_program(void)
{
    const char *number = getenv("FAILING_MALLOC");
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4096], first[4096] = "", path[4096];
    unsigned long begin, end, begins = 0, ends = 0;
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %4095s", &begin, &end, path) != 3)
            continue;
        if (first[0] == '\0') {
            snprintf(first, sizeof first, "%s", path);
            begins = begin;
        }
        for (const char *a = first, *b = path;; a++, b++) {
            if (*a != *b)
                break;
            if (*a == '\0') {
                ends = end;
                break;
            }
        }
    }
    if (maps != NULL)
        fclose(maps);
    failing = number == NULL ? 0 : strtoul(number, NULL, 10);
    program_end = ends;
    program_begin = begins;
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("FAILING_MALLOC_COUNT");
    FILE *file = path == NULL ? NULL : fopen(path, "w");
    if (file != NULL) {
        fprintf(file, "%lu\n", count);
        fclose(file);
    }
}

static int fails(void *caller)
{
    uintptr_t at = (uintptr_t)caller;
    if (at < program_begin || at >= program_end)
        return 0;
    return ++count == failing;
}

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(memory, size);
}

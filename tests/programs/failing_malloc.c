/*
 * Preloaded by tests/t/410-memory.t: makes the FAILING_MALLOC-th request for memory fail, of those that the program itself
 * makes; the libraries it uses get theirs. In hexadecimal, FAILING_MALLOC_BELOW and FAILING_MALLOC_FROM say where in the program they must
 * come from. Or of those that a library makes whose file name has FAILING_MALLOC_OF in it. With FAILING_MALLOC_SIZE, all fail that ask for so many bytes. Writes how many there were into the file FAILING_MALLOC_COUNT.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static uintptr_t program_begin, program_end;
static unsigned long failing, count, largest;

/* The range of the program, which the first line of its map names, or of a library. */
__attribute__((constructor)) static void find_program(void)
{
    const char *number = getenv("FAILING_MALLOC"), *size = getenv("FAILING_MALLOC_SIZE"), *library = getenv("FAILING_MALLOC_OF"), *below = getenv("FAILING_MALLOC_BELOW"),
               *from = getenv("FAILING_MALLOC_FROM");
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4096], first[4096] = "", path[4096];
    unsigned long begin, end, begins = 0, ends = 0;
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %4095s", &begin, &end, path) != 3)
            continue;
        if (first[0] == '\0' && (library == NULL || strstr(path, library) != NULL)) {
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
    largest = size == NULL ? 0 : strtoul(size, NULL, 10);
    program_end = below == NULL ? ends : begins + strtoul(below, NULL, 16);
    program_begin = from == NULL ? begins : begins + strtoul(from, NULL, 16);
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

static int fails(void *caller, size_t size)
{
    uintptr_t at = (uintptr_t)caller;
    if (at < program_begin || at >= program_end)
        return 0;
    return ++count == failing || (largest > 0 && size >= largest);
}

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0), size) ? NULL : __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    return fails(__builtin_return_address(0), number * size) ? NULL : __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size)
{
    return fails(__builtin_return_address(0), size) ? NULL : __libc_realloc(memory, size);
}

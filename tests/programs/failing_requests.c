/*
 * Linked into what tests/torture/memory tries: stele's own code is compiled with -Dmalloc=failing_malloc and so on, so that these are its
 * requests for memory alone, under a sanitizer, too. The FAILING_MALLOC-th fails; how many there were goes into the file
 * FAILING_MALLOC_COUNT.
 */
#include <stdio.h>
#include <stdlib.h>

void *failing_malloc(size_t size);
void *failing_calloc(size_t number, size_t size);
void *failing_realloc(void *memory, size_t size);

static unsigned long failing, count;

__attribute__((constructor)) static void begin(void)
{
    const char *number = getenv("FAILING_MALLOC");
    failing = number == NULL ? 0 : strtoul(number, NULL, 10);
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

void *failing_malloc(size_t size)
{
    return ++count == failing ? NULL : malloc(size);
}

void *failing_calloc(size_t number, size_t size)
{
    return ++count == failing ? NULL : calloc(number, size);
}

void *failing_realloc(void *memory, size_t size)
{
    return ++count == failing ? NULL : realloc(memory, size);
}

/*
 * read_all.h - a file's text, up to 1 MB, with a zero byte behind it; a program whose file can't be read ends
 */
#ifndef TESTS_READ_ALL_H
#define TESTS_READ_ALL_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline char *read_all(const char *program, const char *path, uint32_t *length)
{
    static const size_t most = 1 << 20;
    FILE *file = fopen(path, "rb");
    char *text = malloc(most + 1);
    if (file == NULL || text == NULL) {
        fprintf(stderr, "%s: %s can't be read\n", program, path);
        exit(2);
    }
    *length = (uint32_t)fread(text, 1, most, file);
    text[*length] = '\0';
    fclose(file);
    return text;
}

#endif

#define _POSIX_C_SOURCE 200809L
#include "renumber.h"

#include "layout.h"
#include "text.h"

#include <string.h>
#include <time.h>

enum { TIMESTAMP_DIGITS = 14 };

/* The version with its last number one higher, as wide as before: 009 -> 010, 999 -> 1000, 4.105 -> 4.106. */
static char *increment(struct memory *memory, const char *version)
{
    size_t length = strlen(version), at = length;
    char *next = memory_get(memory, length + 2, 1);
    memcpy(next, version, length);
    while (at > 0 && is_digit(next[at - 1])) {
        if (next[at - 1] != '9') {
            next[at - 1]++;
            return next;
        }
        next[--at] = '0';
    }
    memmove(next + at + 1, next + at, length - at);
    next[at] = '1';
    return next;
}

static char *timestamp(struct memory *memory)
{
    char *text = memory_get(memory, TIMESTAMP_DIGITS + 1, 1);
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc) != NULL)
        strftime(text, TIMESTAMP_DIGITS + 1, "%Y%m%d%H%M%S", &utc);
    return text;
}

const char *next_version(struct history *history)
{
    if (history->count == 0)
        return "001";
    const char *head = history->suggested != NULL ? history->suggested : history->migrations[history->count - 1]->version;
    if (strcmp(history->layout->name, "stele") != 0 && strcmp(history->layout->name, "flyway") != 0)
        head = memory_copy(history->memory, head, leading_digits(head)); /* a dot in it is not its file's */
    char *now = timestamp(history->memory);
    if (strlen(head) == TIMESTAMP_DIGITS && strchr(head, '.') == NULL && stele_version_compare(now, head) > 0)
        return history->suggested = now;
    return history->suggested = increment(history->memory, head);
}

/* ------------------------------------------------------------ what to run */

/* Where the version ends that a file's or folder's name begins with, a letter of Flyway's before it; 0 where none does. */
static size_t version_end(const char *name)
{
    size_t length = (name[0] == 'V' || name[0] == 'U') && is_digit(name[1]) ? 1 : 0, digits;
    while ((digits = strspn(name + length, "0123456789")) > 0) {
        length += digits;
        if (strchr(".-_", name[length]) == NULL || name[length] == '\0' || !is_digit(name[length + 1]))
            break;
        length++;
    }
    return length;
}

/* "git mv OLD NEW" of what lies directly in the history's folder: the file, or the folder that it is in. NULL where its name has no version. */
static const char *move_command(const struct history *history, const char *path, const char *version)
{
    size_t folder = strlen(history->directory);
    const char *name = path + folder;
    while (*name == '/')
        name++;
    size_t end = version_end(name), length = strcspn(name, "/"), letter = is_digit(name[0]) ? 0 : 1;
    if (strncmp(path, history->directory, folder) != 0 || end <= letter)
        return NULL;
    return memory_print(history->memory, "git mv %.*s %.*s%s%.*s", (int)(name + length - path), path, (int)(name + letter - path), path,
                        version, (int)(length - end), name + end);
}

const char *renumber_command(struct history *history, const struct migration *migration)
{
    const char *version = next_version(history), *all = NULL;
    bool several = false;
    for (int kind = 0; kind < FILE_COUNT; kind++) {
        const struct source *file = migration->files[kind];
        const char *move = file == NULL ? NULL : move_command(history, file->path, version);
        several |= file != NULL;
        if (file != NULL && move == NULL)
            return NULL;
        if (move != NULL && (all == NULL || strstr(all, move) == NULL)) /* files of one folder move with it */
            all = all == NULL ? move : memory_print(history->memory, "%s && %s", all, move);
    }
    return several ? all : move_command(history, migration->source.path, version);
}

#define _POSIX_C_SOURCE 200809L
#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1024 * 1024 };

/* --------------------------------------------------------- reading, writing */

/* Read so many bytes, or up to the end. -1 when that fails. */
static ssize_t read_some(int file, char *bytes, size_t length)
{
    size_t used = 0;
    while (used < length) {
        ssize_t got = read(file, bytes + used, length - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        used += (size_t)got;
    }
    return (ssize_t)used;
}

static bool write_all(int file, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t put = write(file, bytes, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        bytes += put;
        length -= (size_t)put;
    }
    return true;
}

/* Does what is there go on with these bytes? */
static bool goes_on(int file, const char *bytes, size_t length)
{
    char buffer[16384];
    for (size_t at = 0; at < length;) {
        size_t size = length - at < sizeof buffer ? length - at : sizeof buffer;
        if (read_some(file, buffer, size) != (ssize_t)size || memcmp(bytes + at, buffer, size) != 0)
            return false;
        at += size;
    }
    return true;
}

/* ------------------------------------------------------------ one output */

/* Where the file really is: a link stays a link. */
static const char *final_path(const char *path, struct memory *memory)
{
    char target[4096];
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length <= 0)
        return path;
    target[length] = '\0';
    const char *slash = strrchr(path, '/');
    if (target[0] == '/' || slash == NULL)
        return memory_copy(memory, target, (size_t)length);
    return memory_print(memory, "%.*s/%s", (int)(slash - path), path, target);
}

static void remove_temporary(struct output *output)
{
    if (output->file >= 0)
        close(output->file);
    if (output->temporary != NULL)
        unlink(output->temporary);
    output->file = -1;
    output->temporary = NULL;
}

/* Into the temporary file, unless something failed before. */
static void put(struct output *output, const char *bytes, size_t length)
{
    if (output->file >= 0 && output->reason == 0 && !write_all(output->file, bytes, length))
        output->reason = errno;
}

/* What was compared so far and found the same was not kept: it is copied from what is there. */
static void copy_same(struct output *output)
{
    char buffer[16384];
    if (output->same > 0 && lseek(output->there, 0, SEEK_SET) != 0)
        output->reason = errno;
    for (uint64_t left = output->same; left > 0 && output->reason == 0;) {
        size_t size = left < sizeof buffer ? (size_t)left : sizeof buffer;
        if (read_some(output->there, buffer, size) != (ssize_t)size)
            output->reason = errno != 0 ? errno : EIO;
        else
            put(output, buffer, size);
        left -= size;
    }
}

/* Begin the temporary file, beside its place and under a name that no scan takes for a migration. */
static void differ(struct output *output)
{
    output->changed = true;
    if (output->all->only_compare)
        return;
    const char *slash = strrchr(output->final, '/');
    int folder = slash == NULL ? 0 : (int)(slash - output->final) + 1;
    const char *temporary = memory_print(output->all->memory, "%.*s.%s.%ld", folder, output->final, output->final + folder,
                                         (long)getpid());
    struct stat status;
    output->temporary = temporary; /* first, so that a signal finds it */
    output->file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (output->file < 0) {
        output->reason = errno;
        output->temporary = NULL;
        return;
    }
    if (stat(output->final, &status) == 0 && fchmod(output->file, status.st_mode & 0777) != 0)
        errno = 0; /* somebody else's file: its mode is then that of a new one */
    copy_same(output);
}

void out_bytes(struct output *output, const char *bytes, size_t length)
{
    stele_text *text = &output->text;
    if (text->failed)
        memory_exhausted(output->all->memory);
    if (text->length > 0) {
        size_t held = text->length;
        text->length = 0;
        out_bytes(output, text->bytes, held);
    }
    if (!output->changed && (output->there < 0 || !goes_on(output->there, bytes, length)))
        differ(output);
    if (output->changed)
        put(output, bytes, length);
    else
        output->same += length;
}

void out_pass(struct output *output)
{
    if (output->text.failed || output->text.length >= PIECE)
        out_bytes(output, "", 0);
}

void out_end(struct output *output)
{
    char byte;
    out_bytes(output, "", 0);
    if (!output->changed && (output->there < 0 || read_some(output->there, &byte, 1) != 0))
        differ(output);
    if (output->file >= 0 && close(output->file) != 0 && output->reason == 0)
        output->reason = errno;
    output->file = -1;
}

void out_keep(struct output *output)
{
    remove_temporary(output);
    output->changed = false;
    output->reason = 0;
}

/* ----------------------------------------------------------- all of them */

/* Those that a signal must clear away. */
static struct outputs *volatile begun;

/* Ctrl-C: remove what was begun, then end as without this. Only what may be called at any moment is. */
static void stop(int number)
{
    const struct outputs *outputs = begun;
    for (size_t i = 0; outputs != NULL && i < outputs->count; i++)
        if (outputs->list[i]->temporary != NULL)
            unlink(outputs->list[i]->temporary);
    signal(number, SIG_DFL);
    raise(number);
}

/* A signal that is ignored, as under nohup, stays so. */
static void heed_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction before, after = {.sa_handler = stop};
    sigemptyset(&after.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            sigaction(numbers[i], &after, NULL);
}

static void abandon(void *data)
{
    const struct outputs *outputs = data;
    for (size_t i = 0; i < outputs->count; i++) {
        remove_temporary(outputs->list[i]);
        stele_text_free(&outputs->list[i]->text);
    }
    begun = NULL;
}

void outputs_start(struct outputs *outputs, struct memory *memory, bool only_compare)
{
    *outputs = (struct outputs){.memory = memory, .only_compare = only_compare};
    memory->abandon = abandon;
    memory->abandon_data = outputs;
    begun = outputs;
    heed_signals();
}

struct output *out_start(struct outputs *outputs, const char *path)
{
    struct memory *memory = outputs->memory;
    struct output *output = memory_get(memory, 1, sizeof *output);
    *output = (struct output){.place = {.path = path, .name = path, .order = SIZE_MAX}, .all = outputs, .file = -1, .there = -1};
    output->final = final_path(path, memory);
    outputs->list = memory_grow(memory, outputs->list, outputs->count, &outputs->capacity, sizeof(struct output *));
    outputs->list[outputs->count++] = output;
    output->there = open(path, O_RDONLY | O_CLOEXEC);
    return output;
}

static void complain(struct output *output, struct diag *diag)
{
    diag_error(diag, &output->place, SOURCE_WHOLE, "can't write file: %s", strerror(output->reason));
}

bool outputs_write(struct outputs *outputs, struct diag *diag)
{
    bool fine = true;
    for (size_t i = 0; i < outputs->count; i++)
        if (outputs->list[i]->reason != 0) {
            complain(outputs->list[i], diag);
            fine = false;
        }
    for (size_t i = 0; i < outputs->count && fine; i++) {
        struct output *output = outputs->list[i];
        if (output->temporary == NULL)
            continue;
        if (rename(output->temporary, output->final) != 0) {
            output->reason = errno;
            complain(output, diag);
            fine = false;
        } else {
            output->temporary = NULL;
        }
    }
    return fine;
}

void outputs_close(struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        struct output *output = outputs->list[i];
        remove_temporary(output);
        stele_text_free(&output->text);
        if (output->there >= 0)
            close(output->there);
    }
    outputs->memory->abandon = NULL;
    begun = NULL;
}

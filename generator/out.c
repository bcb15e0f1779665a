#define _POSIX_C_SOURCE 200809L
#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void out_start(struct output *output, const char *path)
{
    *output = (struct output){.place = {.path = path, .name = path, .order = SIZE_MAX}};
}

/* Does the open file hold these bytes? */
static bool holds(int file, const char *bytes, size_t length)
{
    char buffer[16384];
    size_t at = 0;
    for (;;) {
        ssize_t got = read(file, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0 && at == length;
        if ((size_t)got > length - at || memcmp(bytes + at, buffer, (size_t)got) != 0)
            return false;
        at += (size_t)got;
    }
}

void out_compare(struct output *output, struct memory *memory)
{
    if (output->text.failed)
        memory_exhausted(memory);
    int file = open(output->place.path, O_RDONLY | O_CLOEXEC);
    output->changed = file < 0 || !holds(file, output->text.bytes, output->text.length);
    if (file >= 0)
        close(file);
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

/* Where the file really is: a link stays a link. */
static const char *final_path(struct output *output, struct memory *memory)
{
    char target[4096];
    ssize_t length = readlink(output->place.path, target, sizeof target - 1);
    if (length <= 0)
        return output->place.path;
    target[length] = '\0';
    const char *slash = strrchr(output->place.path, '/');
    if (target[0] == '/' || slash == NULL)
        return memory_copy(memory, target, (size_t)length);
    return memory_print(memory, "%.*s/%s", (int)(slash - output->place.path), output->place.path, target);
}

/* Write the text beside its place, under a name that no scan takes for a migration. */
static bool stage(struct output *output, struct memory *memory)
{
    const char *path = final_path(output, memory), *slash = strrchr(path, '/');
    int folder = slash == NULL ? 0 : (int)(slash - path) + 1;
    char *temporary = memory_print(memory, "%.*s.%s.%ld", folder, path, path + folder, (long)getpid());
    struct stat status;
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0)
        return false;
    output->temporary = temporary;
    if (stat(path, &status) == 0 && fchmod(file, status.st_mode & 0777) != 0)
        errno = 0; /* somebody else's file: its mode is then that of a new one */
    bool fine = write_all(file, output->text.bytes, output->text.length);
    int reason = errno;
    if (close(file) != 0 && fine) {
        fine = false;
        reason = errno;
    }
    errno = reason;
    return fine;
}

static void complain(struct output *output, struct diag *diag)
{
    diag_error(diag, &output->place, SOURCE_WHOLE, "can't write file: %s", strerror(errno));
}

static void unstage(struct output *outputs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (outputs[i].temporary != NULL)
            unlink(outputs[i].temporary);
}

bool out_write(struct output *outputs, size_t count, struct memory *memory, struct diag *diag)
{
    bool fine = true;
    for (size_t i = 0; i < count; i++)
        if (outputs[i].changed && !stage(&outputs[i], memory)) {
            complain(&outputs[i], diag);
            fine = false;
        }
    for (size_t i = 0; i < count && fine; i++) {
        if (outputs[i].temporary == NULL)
            continue;
        if (rename(outputs[i].temporary, final_path(&outputs[i], memory)) != 0) {
            complain(&outputs[i], diag);
            fine = false;
        } else {
            outputs[i].temporary = NULL;
        }
    }
    unstage(outputs, count);
    return fine;
}

void out_free(struct output *outputs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        stele_text_free(&outputs[i].text);
}

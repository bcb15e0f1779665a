/*
 * folder.h - what the harnesses share: a folder of migrations, and stelec's own main that is run on it
 *
 * A harness writes its input into one file of a folder that is good otherwise, and runs the whole program, from main to the
 * files that it writes. Whatever the input is: it ends with 0 or 1, and writes nothing when it is 1. The sanitizers see to
 * the rest, libFuzzer to what takes too long.
 */
#ifndef STELE_FUZZ_FOLDER_H
#define STELE_FUZZ_FOLDER_H

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* generator/main.c, compiled under this name. */
int stelec_main(int argc, char **argv);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A folder of this process, in memory where that can be had. It goes with the process. */
static char folder[PATH_MAX - 100];

static void remove_folder(void)
{
    char command[PATH_MAX];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command) != 0)
        fprintf(stderr, "%s: can't be removed\n", folder);
}

static void write_bytes(const char *name, const void *bytes, size_t size)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        perror(path);
        abort();
    }
}

static inline void write_text(const char *name, const char *text)
{
    write_bytes(name, text, strlen(text));
}

static void remove_file(const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

static int is_there(const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

/* Make the folder, at the first call. Returns whether it was. */
static int make_folder(void)
{
    char path[PATH_MAX];
    if (folder[0] != '\0')
        return 0;
    snprintf(folder, sizeof folder, "%s/stele-fuzz.XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(folder) == NULL)
        abort();
    atexit(remove_folder);
    snprintf(path, sizeof path, "%s/m", folder);
    if (mkdir(path, 0700) != 0)
        abort();
    return 1;
}

/* Run stelec on the folder: from scratch, when there is to be no lock but what a harness has written. */
static inline void run_stelec(int keeps_lock)
{
    char migrations[PATH_MAX], output[PATH_MAX], name[] = "stelec", warnings[] = "-Wextra", option[] = "-o";
    char *arguments[] = {name, warnings, option, output, migrations, NULL};
    snprintf(migrations, sizeof migrations, "%s/m", folder);
    snprintf(output, sizeof output, "%s/out.c", folder);
    if (!keeps_lock)
        remove_file("m/stele.lock");
    remove_file("out.c");
    remove_file("out.h");
    int status = stelec_main(5, arguments);
    int written = is_there("out.c") + is_there("out.h");
    if ((status != 0 && status != 1) || written != (status == 0 ? 2 : 0) ||
        (status == 1 && !keeps_lock && is_there("m/stele.lock"))) {
        fprintf(stderr, "exit status %d, %d of 2 files written\n", status, written);
        abort();
    }
}

/* Let stelec explain a file of the folder. */
static inline void explain(const char *file)
{
    char path[PATH_MAX], name[] = "stelec", command[] = "explain", json[] = "--json";
    char *arguments[] = {name, command, json, path, NULL};
    snprintf(path, sizeof path, "%s/%s", folder, file);
    int status = stelec_main(4, arguments);
    if (status != 0 && status != 1)
        abort();
}

#endif

/*
 * job CONNINFO NAME WORKERS [DIMENSIONS] - a program with jobs, as an application would be: it applies its migrations and works at one job, with so many workers, each a process
 *
 * Its callback is as fast as one can be: vectors that are made at the start are copied, and a bit of each text is put in, so that no two are the same. Prints
 *
 *     load SECONDS total SECONDS user SECONDS half KILOBYTES loaded KILOBYTES late KILOBYTES
 *
 * load: until the last worker has left the load; total: until the job was done; user: processor time of all workers. half, loaded, late: the most memory a worker had had when half of
 * the rows were done, when all were, and at its end.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stele.h"
#include "stele_job.h"

extern const stele_migrations migrations;

enum { VECTORS = 64 };

/* Only what is called here is linked. */
const struct stele_job_engine stele_jobs = {.list = stele_job_list, .open = stele_job_open, .close = stele_job_close, .run = stele_job_run, .status = stele_job_status, .look_first = stele_job_status};

typedef struct times {
    double begin, loaded, ended;
    long half, all, late;
    double user;
    int status;
} times;

static float *vectors;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void make_vectors(unsigned dimensions)
{
    uint32_t state = 2463534242u;
    vectors = malloc((size_t)VECTORS * dimensions * sizeof *vectors);
    for (size_t i = 0; vectors != NULL && i < (size_t)VECTORS * dimensions; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        vectors[i] = (float)(int32_t)state / 2147483648.0f / 16;
    }
}

static int embed(void *data, const char *model, const char *const *texts, const size_t *lengths, size_t count, unsigned dimensions, float *out, char *message, size_t size)
{
    (void)data, (void)model, (void)message, (void)size;
    for (size_t i = 0; i < count; i++, out += dimensions) {
        uint32_t sum = 0;
        for (size_t j = 0; j < lengths[i] && j < 24; j++)
            sum = sum * 31 + (unsigned char)texts[i][j];
        memcpy(out, vectors + sum % VECTORS * dimensions, dimensions * sizeof *out);
        out[0] = (float)(sum & 0xffffff) / 268435456.0f;
    }
    return 0;
}

static void take_report(void *data, const stele_job_report *report)
{
    times *told = data;
    struct rusage usage;
    bool is_loaded = report->state != STELE_JOB_NEW && report->state != STELE_JOB_LOAD;
    getrusage(RUSAGE_SELF, &usage);
    if (told->loaded == 0 && is_loaded)
        told->loaded = now();
    if (told->all == 0 && is_loaded)
        told->all = usage.ru_maxrss;
    if (told->half == 0 && (report->fraction >= 0.5 || is_loaded))
        told->half = usage.ru_maxrss;
}

static times run(const char *conninfo, const char *name)
{
    times told = {.begin = now()};
    stele *handle = NULL;
    stele_job *job = NULL;
    stele_error error;
    struct rusage usage;
    const stele_options options = {.conninfo = conninfo};
    const stele_job_options with = {.told = take_report, .embed = embed, .data = &told};
    stele_status status = stele_open(&handle, &migrations, &options, &error);
    if (status == STELE_OK)
        status = stele_job_open(handle, name, &with, &job, &error);
    if (status == STELE_OK)
        status = stele_job_run(job, NULL, &error);
    if (status != STELE_OK)
        fprintf(stderr, "job: %s\n%s\n", error.message, error.detail);
    stele_job_close(job);
    stele_close(handle);
    getrusage(RUSAGE_SELF, &usage);
    told.ended = now();
    told.late = usage.ru_maxrss;
    told.user = (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
    told.status = (int)status;
    if (told.loaded == 0)
        told.loaded = told.ended;
    return told;
}

static int apply(const char *conninfo)
{
    stele *handle = NULL;
    stele_error error;
    const stele_options options = {.conninfo = conninfo};
    stele_status status = stele_open(&handle, &migrations, &options, &error);
    if (status == STELE_OK)
        status = stele_apply(handle, NULL, NULL, &error);
    if (status != STELE_OK)
        fprintf(stderr, "job: %s\n%s\n", error.message, error.detail);
    stele_close(handle);
    return (int)status;
}

int main(int argc, char **argv)
{
    int workers = argc > 3 ? atoi(argv[3]) : 0, ends[2], status;
    times one, all = {0};
    if (argc < 3)
        return 2;
    if (workers == 0 || (status = apply(argv[1])) != 0)
        return apply(argv[1]);
    make_vectors(argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 1024);
    if (vectors == NULL || pipe(ends) != 0)
        return 1;
    all.begin = now();
    for (int i = 0; i < workers; i++)
        if (fork() == 0) {
            one = run(argv[1], argv[2]);
            _exit(write(ends[1], &one, sizeof one) == (ssize_t)sizeof one ? 0 : 1);
        }
    for (int i = 0; i < workers; i++) {
        if (read(ends[0], &one, sizeof one) != (ssize_t)sizeof one)
            return 1;
        all.loaded = one.loaded > all.loaded ? one.loaded : all.loaded;
        all.ended = one.ended > all.ended ? one.ended : all.ended;
        all.half = one.half > all.half ? one.half : all.half;
        all.all = one.all > all.all ? one.all : all.all;
        all.late = one.late > all.late ? one.late : all.late;
        all.user += one.user;
        all.status |= one.status;
    }
    while (wait(NULL) > 0)
        continue;
    printf("load %.3f total %.3f user %.3f half %ld loaded %ld late %ld\n", all.loaded - all.begin, all.ended - all.begin, all.user, all.half, all.all, all.late);
    return all.status;
}

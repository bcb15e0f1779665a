/*
 * A service that keeps a vector for each of its notes: at boot it brings its schema up to date, then it runs the job
 * migrations/J_embed.lua, whose texts it embeds itself. $DATABASE_URL names the database.
 */
#include <ctype.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "notes.h" /* generated: declares `migrations` */
#include "stele_job.h"

/*
 * Here stands for a model what can be told of a text by its letters. Called in this thread, with no transaction open. What it can't embed it says, and only the row
 * that is at fault is given up.
 */
static int embed(void *data, const char *model, const char *const *texts, const size_t *lengths, size_t count, unsigned dimensions,
                 float *vectors, char *message, size_t message_size)
{
    (void)data;
    (void)model;
    for (size_t i = 0; i < count; i++) {
        float *vector = vectors + i * dimensions, sum = 0;
        for (unsigned d = 0; d < dimensions; d++)
            vector[d] = 0;
        for (size_t j = 0; j < lengths[i]; j++)
            if (isalpha((unsigned char)texts[i][j]))
                vector[(unsigned)(tolower((unsigned char)texts[i][j]) - 'a') % dimensions] += 1;
        for (unsigned d = 0; d < dimensions; d++)
            sum += vector[d] * vector[d];
        if (!(sum > 0)) {
            snprintf(message, message_size, "there is no letter in it");
            return 1;
        }
        for (unsigned d = 0; d < dimensions; d++)
            vector[d] /= sqrtf(sum);
    }
    return 0;
}

/* About once a second, from inside stele_job_run. */
static void told(void *data, const stele_job_report *report)
{
    (void)data;
    printf("%.0f %%, %lld notes\n", 100 * report->fraction, (long long)report->rows);
}

/* Whoever stops the service: what is paid for is written, and the next start goes on from there. */
static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

static int is_stopped(void *data)
{
    (void)data;
    return stopped;
}

static void print_dead(void *data, const stele_job_dead *dead)
{
    (void)data;
    printf("note %s has no vector: %s\n", dead->key, dead->message);
}

static stele_status run_job(stele *handle, stele_error *error)
{
    const stele_job_options options = {.embed = embed, .told = told};
    stele_job *job = NULL;
    stele_job_report report;
    stele_status status = stele_job_open(handle, "embed", &options, &job, error);
    if (status == STELE_OK)
        status = stele_job_run(job, &report, error); /* until there is nothing left to do; or it is paused, PENDING */
    if (status == STELE_OK) {
        printf("%lld notes have their vectors\n", (long long)report.rows);
        status = stele_job_list_dead(job, print_dead, NULL, error);
    }
    stele_job_close(job);
    return status;
}

int main(void)
{
    const stele_options options = {.conninfo = getenv("DATABASE_URL"), .interrupted = is_stopped};
    stele *handle = NULL;
    stele_error error;
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    stele_status status = stele_up(&migrations, &options, NULL, &error);
    if (status == STELE_OK)
        status = stele_open(&handle, &migrations, &options, &error);
    if (status == STELE_OK)
        status = run_job(handle, &error);
    if (status != STELE_OK)
        fprintf(stderr, "error: %s\n%s%s%s", error.message, error.hint[0] != '\0' ? "hint: " : "", error.hint, error.hint[0] != '\0' ? "\n" : "");
    stele_close(handle);
    return (int)status;
}

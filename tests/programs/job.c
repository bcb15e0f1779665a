/*
 * A program with jobs, without the command line: for tests of what its functions do.
 *
 *     job CONNINFO [NAME=VALUE...] JOB VERB [ARGUMENT]...
 *
 *     retry=MILLISECONDS   how long it is tried to have a lock; other names are of parameters that are given at run
 *     up  check  audit     of the program as a whole
 *     run  status  verify  pause  resume  cancel  dead  switch REASON  undo REASON  finish  space NAME
 *
 * The verbs run in turn, on one handle, and print what they found, and how long it took where that matters; the first that fails ends it, with its status.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stele_job.h"

extern const stele_migrations migrations;

enum { MOST = 16 };

static void print_report(const stele_job_report *r)
{
    static const char *const states[] = {"new", "load", "drain", "index", "verify", "ready", "switched", "done", "cancelled"};
    printf("%s rows=%" PRId64 " dead=%" PRId64 " dirty=%" PRId64 " paused=%d reason=%s\n", states[r->state], r->rows, r->dead, r->dirty, r->paused, r->reason);
}

static void print_check(void *data, const stele_job_check *check)
{
    (void)data;
    printf("%s %s: %s%s%s\n", check->ok ? "ok" : "NOT OK", check->name, check->title, check->detail[0] == '\0' ? "" : " | ", check->detail);
}

static void print_dead(void *data, const stele_job_dead *dead)
{
    (void)data;
    printf("dead %s %s %s %s\n", dead->key, dead->stage, dead->code, dead->message);
}

static int print_finding(void *data, const stele_finding *finding)
{
    (void)data;
    if (!finding->ok)
        printf("finding: %s %s\n", finding->message, finding->detail);
    return 0;
}

static stele_status find_space(stele *handle, const char *name, stele_error *error)
{
    stele_space space;
    stele_status status = stele_space_find(handle, name, &space, error);
    if (status == STELE_OK)
        printf("space %s: %s|%s|%u|%s|%s|%s|%d\n", name, space.job, space.model, space.dimensions, space.relation, space.vector, space.metric, space.since[0] == '2');
    return status;
}

static stele_status run_job(stele_job *job, int only_look, stele_error *error)
{
    stele_job_report report;
    stele_status status = only_look ? stele_jobs.status(job, &report, error) : stele_jobs.run(job, &report, error);
    if (status == STELE_OK || !only_look)
        print_report(&report);
    return status;
}

static stele_status do_verb(stele *handle, stele_job *job, const char *verb, char ***words, stele_error *error)
{
    stele_result result;
    if (strcmp(verb, "up") == 0)
        return stele_apply(handle, NULL, &result, error);
    if (strcmp(verb, "check") == 0)
        return stele_check(handle, &result, error);
    if (strcmp(verb, "audit") == 0)
        return stele_audit(handle, NULL, print_finding, NULL, error);
    if (strcmp(verb, "run") == 0 || strcmp(verb, "status") == 0)
        return run_job(job, verb[0] == 's', error);
    if (strcmp(verb, "verify") == 0)
        return stele_jobs.verify(job, print_check, NULL, error);
    if (strcmp(verb, "pause") == 0 || strcmp(verb, "resume") == 0 || strcmp(verb, "cancel") == 0)
        return stele_jobs.want(job, verb[0] == 'p' ? STELE_JOB_PAUSE : verb[0] == 'r' ? STELE_JOB_RESUME : STELE_JOB_CANCEL, NULL, error);
    if (strcmp(verb, "dead") == 0)
        return stele_jobs.list_dead(job, print_dead, NULL, error);
    if (strcmp(verb, "switch") == 0)
        return stele_jobs.switch_over(job, *(*words)++, error);
    if (strcmp(verb, "undo") == 0)
        return stele_jobs.undo(job, *(*words)++, error);
    if (strcmp(verb, "finish") == 0)
        return stele_jobs.finish(job, error);
    if (strcmp(verb, "space") == 0)
        return find_space(handle, *(*words)++, error);
    return STELE_USAGE;
}

static stele_status do_verbs(stele *handle, const char *name, char **words, stele_error *error)
{
    stele_job *job = NULL;
    stele_status status = STELE_OK;
    while (status == STELE_OK && *words != NULL) {
        struct timespec begin, end;
        const char *verb = *words++;
        if (job == NULL && strcmp(verb, "up") != 0 && strcmp(verb, "check") != 0 && strcmp(verb, "audit") != 0)
            status = stele_jobs.open(handle, name, NULL, &job, error);
        clock_gettime(CLOCK_MONOTONIC, &begin);
        if (status == STELE_OK)
            status = do_verb(handle, job, verb, &words, error);
        clock_gettime(CLOCK_MONOTONIC, &end);
        if (strcmp(verb, "switch") == 0 || strcmp(verb, "undo") == 0)
            printf("%s took %ld ms\n", verb, (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000);
        fflush(stdout);
    }
    stele_jobs.close(job);
    return status;
}

int main(int argc, char **argv)
{
    stele_error error = {0};
    stele *handle = NULL;
    stele_value values[MOST];
    stele_options options = {.values = values};
    char **words = argv + 2, *value;
    if (argc < 4)
        return 2;
    options.conninfo = argv[1];
    for (; *words != NULL && (value = strchr(*words, '=')) != NULL && options.value_count < MOST; words++) {
        *value++ = '\0';
        if (strcmp(*words, "retry") == 0)
            options.lock_retry_ms = (unsigned)strtoul(value, NULL, 10);
        else
            values[options.value_count++] = (stele_value){*words, value};
    }
    if (*words == NULL)
        return 2;
    stele_status status = stele_open(&handle, &migrations, &options, &error);
    if (status == STELE_OK)
        status = do_verbs(handle, words[0], words + 1, &error);
    if (status != STELE_OK)
        printf("failed: %d\nerror: %s\ndetail: %s\nhint: %s\n", (int)status, error.message, error.detail, error.hint);
    stele_close(handle);
    return (int)status;
}

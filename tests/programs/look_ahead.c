/*
 * For tests/t/65*.t: a job's script and what is done to it, through the public API.
 *
 *     look_ahead CONNINFO NAME [role=ROLE] STEP...
 *
 *     apply     the migrations
 *     plan      the estimate, "name number" a line, and "danger WHAT | REMEDY" or "fatal WHAT | REMEDY"
 *     try=N     "KEY | INPUT | RESULT | PROBLEM" a line
 *     run       the report
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stele.h"
#include "stele_job.h"

extern const stele_migrations migrations;

static void print_danger(void *data, const stele_job_danger *danger)
{
    (void)data;
    printf("%s %s | %s\n", danger->fatal ? "fatal" : "danger", danger->what, danger->remedy);
}

static void print_trial(void *data, const stele_job_trial *trial)
{
    (void)data;
    printf("%s | %s | %s | %s\n", trial->key, trial->input, trial->result, trial->problem);
}

static stele_status plan(stele_job *job, stele_error *error)
{
    stele_job_estimate e = {0};
    stele_status status = stele_job_plan(job, &e, print_danger, NULL, error);
    printf("rows %" PRId64 "\nblocks %" PRId64 "\nsample %" PRId64 "\ntexts_bytes %.0f\ntokens %.0f\ncost %.6f\ntable_bytes %.0f\nindex_bytes %.0f\nwal_bytes %.0f\nseconds_provider %.3f\n"
           "seconds_database %.3f\nby_blocks %d\n", e.rows, e.blocks, e.sample, e.texts_bytes, e.tokens, e.cost, e.table_bytes, e.index_bytes, e.wal_bytes, e.seconds_provider, e.seconds_database, e.by_blocks);
    return status;
}

static stele_status run(stele_job *job, stele_error *error)
{
    stele_job_report r = {0};
    stele_status status = stele_job_run(job, &r, error);
    printf("state %d\nran %" PRId64 "\ndead %" PRId64 "\nused %" PRId64 "\n", (int)r.state, r.rows, r.dead, r.tokens);
    return status;
}

int main(int argc, char **argv)
{
    stele *handle = NULL;
    stele_job *job = NULL;
    stele_error error = {0};
    int first = 3;
    stele_options options = {.conninfo = argc > 1 ? argv[1] : ""};
    if (argc > 3 && strncmp(argv[3], "role=", 5) == 0)
        options.role = argv[first++] + 5;
    stele_status status = stele_open(&handle, &migrations, &options, &error);
    if (status == STELE_OK)
        status = stele_job_open(handle, argc > 2 ? argv[2] : NULL, NULL, &job, &error);
    for (int i = first; i < argc && status == STELE_OK; i++) {
        stele_result result;
        if (strcmp(argv[i], "apply") == 0)
            status = stele_apply(handle, NULL, &result, &error);
        else if (strcmp(argv[i], "plan") == 0)
            status = plan(job, &error);
        else if (strncmp(argv[i], "try=", 4) == 0)
            status = stele_job_try(job, (unsigned)atoi(argv[i] + 4), print_trial, NULL, &error);
        else if (strcmp(argv[i], "run") == 0)
            status = run(job, &error);
        printf("%s: %d\n", argv[i], (int)status);
    }
    if (status != STELE_OK)
        printf("error %s%s%s%s%s\n", error.message, error.detail[0] == '\0' ? "" : " | ", error.detail, error.hint[0] == '\0' ? "" : " | ", error.hint);
    stele_job_close(job);
    stele_close(handle);
    return (int)status;
}

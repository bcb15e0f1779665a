#include "job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"

/* The first comment of the script, without its dashes, up to its line's end. */
static void head_of(const stele_migration *file, char *out, size_t size)
{
    const char *text = file->text;
    out[0] = '\0';
    if (strncmp(text, "--", 2) != 0 || strncmp(text, "--[", 3) == 0)
        return;
    text += 2 + strspn(text + 2, "- ");
    size_t length = strcspn(text, "\n");
    char line[256];
    if (length >= sizeof line)
        length = sizeof line - 1;
    memcpy(line, text, length);
    line[length] = '\0';
    stele_error_copy(out, size, line);
}

void stele_job_list(const stele *handle, void (*each)(void *data, const char *name, const char *file, const char *what), void *data)
{
    char what[200];
    for (size_t i = 0; i < handle->table->job_count; i++) {
        head_of(&handle->table->jobs[i], what, sizeof what);
        each(data, handle->table->jobs[i].name, handle->table->jobs[i].file, what);
    }
}

static const stele_migration *find_file(const stele *handle, const char *name, stele_error *error)
{
    const stele_migrations *table = handle->table;
    for (size_t i = 0; i < table->job_count; i++)
        if (name == NULL ? table->job_count == 1 : strcmp(table->jobs[i].name, name) == 0)
            return &table->jobs[i];
    if (table->job_count == 0)
        stele_error_set(error, STELE_USAGE, "this program has no jobs");
    else if (name == NULL)
        stele_error_set(error, STELE_USAGE, "this program has %zu jobs: which one?", table->job_count);
    else
        stele_error_set(error, STELE_USAGE, "this program has no job \"%s\"", name);
    for (size_t i = 0, length = 0; i < table->job_count && error != NULL && length < 600; i++, length = strlen(error->detail))
        snprintf(error->detail + length, sizeof error->detail - length, "%s%s", i == 0 ? "it has: " : ", ", table->jobs[i].name);
    return NULL;
}

/* What the script says of the knobs. */
static stele_status read_pace(stele_job *job, stele_error *error)
{
    stele_status status = STELE_OK;
    stele_knobs_default(&job->knobs);
    for (size_t i = 0; i < job->spec->pace_count && status == STELE_OK; i++)
        status = stele_knob_read(&job->knobs, job->spec->pace[i].name, job->spec->pace[i].value, error);
    if (status != STELE_OK) {
        stele_error_file(error, job->file);
        return STELE_FAILED;
    }
    return STELE_OK;
}

/*
 * A parameter that is given when migrations are applied has the value that the ledger has of it. Whether migrations are pending, or the program was built with another value of one, is
 * for those to say who run the job: to look at it, and to undo a switch, a program from before it will do.
 */
static stele_status take_parameters(stele *handle, stele_error *error)
{
    size_t i = 0;
    while (i < handle->table->parameter_count && !handle->table->parameters[i].given_at_run)
        i++;
    if (i == handle->table->parameter_count)
        return STELE_OK;
    stele_status status = stele_check(handle, NULL, error);
    if (status != STELE_PENDING && status != STELE_UNMET)
        return status;
    stele_error_clear(error);
    return STELE_OK;
}

/* What a script leaves open that can't be read: its table isn't known, nor what its rows cost. */
static stele_status do_without(stele_job *job, const stele_error *why, stele_error *error)
{
    stele_job_spec *spec = stele_arena_get(&job->arena, 1, sizeof *spec);
    stele_error *wrong = stele_arena_get(&job->arena, 1, sizeof *wrong);
    if (spec == NULL || wrong == NULL)
        return stele_error_memory(error);
    *spec = (stele_job_spec){.name = job->file->name, .kind = STELE_JOB_MAPS, .table = "pg_temp.unknown", .where = "unknown"};
    *wrong = *why;
    job->spec = spec;
    job->wrong = wrong;
    return STELE_OK;
}

/* The script, and what follows from it. */
static stele_status read_script(stele_job *job, stele_error *error)
{
    stele_status status = stele_script_open(&job->script, job->handle, job->file, NULL, NULL, error);
    if (status != STELE_OK)
        return status;
    job->spec = stele_script_spec(job->script);
    status = read_pace(job, error);
    return status == STELE_OK ? stele_job_take_version(job, error) : status;
}

stele_status stele_job_open(stele *handle, const char *name, const stele_job_options *options, stele_job **out, stele_error *error)
{
    stele_error_clear(error);
    *out = NULL;
    const stele_migration *file = find_file(handle, name, error);
    if (file == NULL)
        return STELE_USAGE;
    stele_job *job = calloc(1, sizeof *job);
    if (job == NULL)
        return stele_error_memory(error);
    job->handle = handle;
    job->file = file;
    job->schema = handle->schema;
    if (options != NULL)
        job->options = *options;
    stele_status status = take_parameters(handle, error);
    if (status == STELE_OK) {
        stele_error own = {0};
        status = read_script(job, &own);
        if ((status == STELE_FAILED || status == STELE_UNMET) && job->script == NULL && job->options.looks) {
            stele_knobs_default(&job->knobs);
            status = do_without(job, &own, error);
        } else if (status != STELE_OK && error != NULL) {
            *error = own;
        }
    }
    if (status == STELE_OK)
        *out = job;
    else
        stele_job_close(job);
    return status;
}

void stele_job_close(stele_job *job)
{
    if (job == NULL)
        return;
    stele_script_close(job->script);
    stele_arena_free(&job->arena);
    stele_arena_free(&job->knob_arena);
    free(job);
}

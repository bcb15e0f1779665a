/*
 * begin.c - before a worker's first phase: what has to be there, what its writes go by, and what was edited since the last run
 */
#include "worker.h"

#include <math.h>

#include "../error.h"
#include "after.h"
#include "secret.h"
#include "sql.h"
#include "state.h"

/* Serve the provider while the server is waited for. */
static int wait_for_both(void *data, int fd, short events, int milliseconds)
{
    return stele_provider_wait(data, fd, events, milliseconds);
}

static stele_status refuse_pending(stele_job *job, stele_error *error)
{
    stele_result result;
    stele_status status = stele_check(job->handle, &result, error);
    if (status != STELE_PENDING)
        return status;
    stele_error_set(error, status, "%zu %s pending", result.pending, result.pending == 1 ? "migration is" : "migrations are");
    stele_error_hint(error, "apply the migrations first: a job stands behind all of its program's");
    return status;
}

/* The triggers come before the first row is read. Where this role may make none, what was changed is found by going through it all once more. */
static stele_status follow(stele_worker *worker, stele_error *error)
{
    const stele_job_spec *spec = worker->job->spec;
    stele_error own;
    stele_error_clear(&own);
    worker->blind = worker->row.state == STELE_JOB_DONE;
    if (!spec->follows || worker->row.state == STELE_JOB_CANCELLED)
        return STELE_OK;
    bool followed = true;
    stele_status status = worker->row.state == STELE_JOB_DONE ? stele_job_is_followed(worker->job, &followed, error) : STELE_OK;
    if (status != STELE_OK)
        return status;
    if (!spec->triggers || !followed)
        return stele_worker_look_at_all(worker, error);
    status = stele_job_make_triggers(worker->job, worker->shape, &own);
    worker->triggers = status == STELE_OK;
    worker->blind = worker->blind && !worker->triggers;
    if (status == STELE_UNMET)
        return stele_worker_look_at_all(worker, error);
    if (status != STELE_OK && error != NULL)
        *error = own;
    return status;
}

/* Since when it is done; but not where it became so after this run had looked, by another worker of it. */
static stele_status look_for_end(stele_worker *worker, stele_error *error)
{
    static const char sql[] = "SELECT pg_catalog.to_char(j.moved AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC') FROM @.job AS j WHERE j.id OPERATOR(pg_catalog.=) $1::integer"
                              " AND extract(epoch FROM j.moved)::text OPERATOR(pg_catalog.=) $2";
    stele_job_number id;
    const char *values[] = {stele_job_print(id, worker->job->id), worker->job->looked};
    stele_rows *rows = NULL;
    stele_status status = worker->blind ? stele_job_query(worker->job, sql, 2, values, &rows, error) : STELE_OK;
    if (rows != NULL && stele_rows_count(rows) == 1)
        stele_error_copy(worker->done_at, sizeof worker->done_at, stele_rows_text(rows, 0, 0));
    stele_rows_free(rows);
    return status;
}

static stele_status look_for_fresh(stele_worker *worker, stele_error *error)
{
    static const char sql[] = "SELECT j.fresh FROM @.job AS j WHERE j.id OPERATOR(pg_catalog.=) $1::integer";
    stele_job_number id;
    const char *values[] = {stele_job_print(id, worker->job->id)};
    stele_rows *rows;
    stele_status status = stele_job_query(worker->job, sql, 1, values, &rows, error);
    worker->fresh = status == STELE_OK && stele_rows_count(rows) == 1 ? (int)stele_job_read_number(stele_rows_text(rows, 0, 0)) : 0;
    stele_rows_free(rows);
    return status;
}

static stele_status look_for_secrets(const stele_job_spec *spec, stele_error *error)
{
    for (size_t i = 0; i < spec->bind_count; i++)
        if (spec->bind_is_secret[i] && stele_secret_read(spec->binds[i].value, error) == NULL)
            return STELE_UNMET;
    return STELE_OK;
}

stele_status stele_worker_look_around(stele_worker *worker, stele_error *error)
{
    stele_job *job = worker->job;
    stele_status status = refuse_pending(job, error);
    if (status == STELE_OK)
        status = look_for_secrets(job->spec, error);
    if (status == STELE_OK && job->spec->kind == STELE_JOB_EMBEDS)
        status = stele_provider_open(&worker->provider, &job->spec->provider, &job->options, error);
    return status;
}

/*
 * What was edited behind the load is taken up: an index that isn't there as the script has it now is built, and all is verified again; a switch that isn't in the script any more isn't waited for.
 */
static stele_status take_up(stele_worker *worker, stele_error *error)
{
    const stele_job_spec *spec = worker->job->spec;
    stele_job_state state = worker->row.state, to = state;
    stele_status status = STELE_OK;
    char name[300];
    bool valid = true, moved;
    if ((state == STELE_JOB_VERIFY || state == STELE_JOB_READY) && spec->index != NULL)
        status = stele_job_find_index(worker->job, worker->shape, name, &valid, error);
    if (!valid)
        to = STELE_JOB_INDEX;
    else if (state == STELE_JOB_READY && !spec->switches)
        to = STELE_JOB_DONE;
    if (status == STELE_OK && to != state)
        status = stele_job_move(worker->job, state, to, "", &moved, error);
    worker->ticked = 0;
    return status;
}

stele_status stele_worker_begin(stele_worker *worker, stele_error *error)
{
    stele_job *job = worker->job;
    if (worker->provider != NULL) {
        job->handle->link.wait = wait_for_both;
        job->handle->link.wait_data = worker->provider;
    }
    worker->share = HUGE_VAL; /* nobody knows yet */
    stele_pace_start(&worker->pace, &job->knobs);
    stele_pace_watch(&worker->pace, worker->shape->table_oid, worker->shape->into_oid);
    worker->counts.lag = worker->pace.lag; /* nobody knows yet */
    stele_status status = stele_writer_know(&worker->writer, error);
    if (status == STELE_OK)
        status = follow(worker, error);
    if (status == STELE_OK)
        status = look_for_end(worker, error);
    if (status == STELE_OK)
        status = look_for_fresh(worker, error);
    return status == STELE_OK ? take_up(worker, error) : status;
}

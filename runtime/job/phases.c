#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "after.h"
#include "sql.h"
#include "state.h"

enum { SWEEPS = 5 };

/* ------------------------------------------------------------------ after the load */

/* Is this round's work done by all, so that the job can go on? */
static stele_status is_over(stele_worker *worker, bool *over, int64_t *rows, stele_error *error)
{
    stele_text sql = {0};
    stele_rows *found = NULL;
    char id[16], round[16];
    const char *values[] = {id, round};
    snprintf(id, sizeof id, "%d", worker->job->id);
    snprintf(round, sizeof round, "%d", worker->row.round);
    stele_job_put(&sql, worker->job, "SELECT j.over, CASE WHEN j.over THEN (SELECT coalesce(pg_catalog.sum(rows), 0) FROM @.chunk AS c WHERE c.job OPERATOR(pg_catalog.=) j.id AND c.kind"
                  " OPERATOR(pg_catalog.=) 0 AND c.round OPERATOR(pg_catalog.=) j.round) END FROM (SELECT o.id, o.round, o.planned AND NOT EXISTS (SELECT FROM @.chunk AS c WHERE c.job"
                  " OPERATOR(pg_catalog.=) o.id AND c.kind OPERATOR(pg_catalog.=) 0 AND c.state OPERATOR(pg_catalog.<) 2) AS over FROM @.job AS o WHERE o.id OPERATOR(pg_catalog.=)"
                  " $1::pg_catalog.int4 AND o.round OPERATOR(pg_catalog.=) $2::pg_catalog.int4) AS j");
    stele_status status = stele_sql_run(worker->job, &sql, 2, values, &found, error);
    *over = status == STELE_OK && stele_rows_count(found) == 1 && stele_rows_true(found, 0, 0);
    *rows = *over ? strtoll(stele_rows_text(found, 0, 1), NULL, 10) : 0;
    stele_rows_free(found);
    return status;
}

/* Once more through all of it, by key: what moved while it was gone through by blocks, and, without triggers, what was changed. */
static stele_status begin_round(stele_job *job, int of_round, const char *state, stele_error *error)
{
    stele_text sql = {0};
    char id[16], round[16];
    const char *values[] = {id, of_round < 0 ? NULL : round, state};
    snprintf(id, sizeof id, "%d", job->id);
    snprintf(round, sizeof round, "%d", of_round);
    stele_job_put(&sql, job, "UPDATE @.job SET " STELE_JOB_NEXT_ROUND " WHERE id OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND ($2::pg_catalog.int4 IS NULL OR round"
                  " OPERATOR(pg_catalog.=) $2::pg_catalog.int4) AND state OPERATOR(pg_catalog.=) $3");
    return stele_sql_run(job, &sql, 3, values, NULL, error);
}

static stele_status sweep_again(stele_worker *worker, stele_error *error)
{
    return begin_round(worker->job, worker->row.round, "load", error);
}

stele_status stele_job_sweep(stele_job *job, stele_error *error)
{
    return begin_round(job, -1, "ready", error);
}

/* By key and with triggers, one round sees all there is. Without them a round is as good as it was quiet meanwhile. */
static bool needs_sweep(const stele_worker *worker, int64_t rows)
{
    const stele_job_spec *spec = worker->job->spec;
    if (spec->kind == STELE_JOB_EMBEDS && worker->row.by_blocks)
        return true;
    return spec->follows && !worker->triggers && rows > 0 && worker->row.round < SWEEPS;
}

static stele_status move(stele_worker *worker, stele_job_state to, stele_error *error)
{
    bool moved;
    stele_status status = stele_job_move(worker->job, worker->row.state, to, "", &moved, error);
    worker->row.state = to; /* also when another one did it */
    return status;
}

static stele_status make_tasks(stele_worker *worker, stele_error *error)
{
    stele_status status = stele_chunk_task(worker->job, STELE_CHUNK_DIRTY, error);
    if (status == STELE_OK && worker->job->spec->into != NULL)
        status = stele_chunk_task(worker->job, STELE_CHUNK_ORPHANS, error);
    return status;
}

/* ------------------------------------------------------------------ the phases */

static stele_status do_load(stele_worker *worker, bool *idle, stele_error *error)
{
    bool over;
    int64_t rows;
    stele_status status = stele_worker_load(worker, idle, error);
    if (status != STELE_OK || worker->leave != STELE_STAYS)
        return status;
    status = is_over(worker, &over, &rows, error);
    if (status != STELE_OK || !over)
        return status;
    *idle = false;
    worker->ticked = 0;
    if (needs_sweep(worker, rows))
        return sweep_again(worker, error);
    status = make_tasks(worker, error);
    return status == STELE_OK ? move(worker, STELE_JOB_DRAIN, error) : status;
}

/* A load that could do next to nothing is no load. */
static stele_status look_back(stele_worker *worker, stele_error *error)
{
    stele_job_report report;
    stele_status status = stele_job_report_fill(worker->job, &worker->row, &report, error);
    return status == STELE_OK ? stele_worker_keep_limits(worker, &report, true, error) : status;
}

static stele_status do_drain(stele_worker *worker, bool *idle, stele_error *error)
{
    bool busy = false;
    stele_status status = stele_worker_drain(worker, idle, error);
    if (status == STELE_OK && worker->job->spec->into != NULL && worker->leave == STELE_STAYS)
        status = stele_worker_orphans(worker, &busy, error);
    *idle |= busy;
    if (status != STELE_OK || *idle || worker->leave != STELE_STAYS)
        return status;
    worker->ticked = 0;
    if (worker->again) {
        worker->again = false;
        return STELE_OK;
    }
    status = look_back(worker, error);
    if (status != STELE_OK || worker->leave != STELE_STAYS)
        return status;
    return move(worker, worker->job->spec->index != NULL ? STELE_JOB_INDEX : STELE_JOB_VERIFY, error);
}

static stele_status while_building(void *data, const char *message, stele_error *error)
{
    stele_worker *worker = data;
    int64_t now = stele_clock();
    stele_status status = stele_worker_tick(worker, error);
    if (status == STELE_OK && now - worker->said >= 1000000 && strcmp(message, worker->row.message) != 0) {
        worker->said = now;
        status = stele_job_say(worker->job, message, error);
    }
    if (status == STELE_OK && worker->leave != STELE_STAYS)
        return stele_error_set(error, STELE_CANCELLED, "the building of the index was left");
    stele_worker_rest(worker, 50, NULL);
    return status;
}

/* What was done of a chunk that is another's by now says nothing: that one does it again, and says what comes of it. */
static stele_status move_after(stele_worker *worker, const stele_job_chunk *chunk, stele_job_state next, stele_error *error)
{
    bool held;
    stele_status status = stele_chunk_is_held(worker->job, chunk, &held, error);
    return status == STELE_OK && held ? move(worker, next, error) : status;
}

/* A task that one worker does while the others wait. */
static stele_status do_alone(stele_worker *worker, int kind, stele_status (*work)(stele_worker *worker, const stele_job_chunk *chunk, stele_error *error), stele_job_state next,
                             bool *idle, stele_error *error)
{
    stele_job_chunk chunk;
    int64_t left = 0;
    stele_error own;
    stele_status status = stele_chunk_take(worker->job, kind, &chunk, &left, error);
    if (status != STELE_OK)
        return status;
    if (chunk.no == 0 && left > 0) {
        *idle = true;
        return STELE_OK;
    }
    if (chunk.no == 0) {
        stele_chunk_forget(&chunk);
        return stele_chunk_task(worker->job, kind, error); /* nobody has begun it */
    }
    stele_error_clear(&own);
    status = work(worker, &chunk, &own);
    bool done = status == STELE_OK && worker->leave == STELE_STAYS;
    if (done)
        status = move_after(worker, &chunk, next, &own);
    stele_status released = stele_link_alive(&worker->job->handle->link) ? stele_chunk_release(worker->job, &chunk, done, status == STELE_OK ? error : NULL) : STELE_OK;
    stele_chunk_forget(&chunk);
    if (status == STELE_CANCELLED && worker->leave != STELE_STAYS)
        return STELE_OK;
    if (status != STELE_OK && error != NULL)
        *error = own;
    worker->ticked = 0;
    return status == STELE_OK ? released : status;
}

static stele_status build(stele_worker *worker, const stele_job_chunk *chunk, stele_error *error)
{
    (void)chunk;
    return stele_job_build_index(worker->job, worker->shape, while_building, worker, error);
}

typedef struct verdict {
    unsigned failed;
    bool stale; /* rows were changed, and nobody noted it */
    char first[400];
} verdict;

static void keep_failure(void *data, const stele_job_check *check)
{
    verdict *v = data;
    v->stale |= !check->ok && strcmp(check->name, "stale") == 0;
    if (!check->ok && v->failed++ == 0)
        snprintf(v->first, sizeof v->first, "%s: %.250s%s%.100s", check->name, check->title, check->detail[0] != '\0' ? "; " : "", check->detail);
}

/* It may last longer than a lease. */
static stele_status while_verifying(void *data, stele_error *error)
{
    stele_worker *worker = data;
    stele_status status = stele_worker_tick(worker, error);
    return status == STELE_OK && worker->leave != STELE_STAYS ? stele_error_set(error, STELE_CANCELLED, "the verification was left") : status;
}

static const char wrong[] = "the verification failed: ";

bool stele_worker_hint_at_checks(const stele_worker *worker, stele_error *error)
{
    const char *name = worker->job->spec->name;
    if (worker->row.state != STELE_JOB_VERIFY || strncmp(worker->row.reason, wrong, sizeof wrong - 1) != 0)
        return false;
    stele_error_hint(error, "job verify %s lists all checks; when the cause is gone, job resume %s, then job run %s, checks again; rows that nobody noted are done by job cancel %s, then job run %s, which goes"
                            " through all of the table", name, name, name, name, name);
    return true;
}

/* What is stale isn't found by checking again: the next run goes through all of it first. */
static stele_status verify(stele_worker *worker, const stele_job_chunk *chunk, stele_error *error)
{
    const char *name = worker->job->spec->name;
    verdict v = {0};
    char reason[500];
    bool held;
    worker->job->between = while_verifying;
    worker->job->between_data = worker;
    stele_status status = stele_job_verify(worker->job, keep_failure, &v, error);
    worker->job->between = NULL;
    if (status == STELE_UNMET && v.failed > 0) {
        if (stele_chunk_is_held(worker->job, chunk, &held, NULL) == STELE_OK && !held) {
            stele_error_clear(error);
            return STELE_OK;
        }
        snprintf(reason, sizeof reason, "%s%s", wrong, v.first);
        stele_job_stop(worker->job, reason, NULL);
        stele_error_copy(worker->row.reason, sizeof worker->row.reason, reason);
        stele_error_clear(error);
        stele_error_set(error, STELE_UNMET, "the job \"%s\" is not right yet: %s", name, v.first);
        if (v.stale && begin_round(worker->job, worker->row.round, "verify", NULL) == STELE_OK)
            stele_error_hint(error, "job verify %s lists all checks; job resume %s, then job run %s, goes through all of the table once more, and does what is stale", name, name, name);
        else
            stele_worker_hint_at_checks(worker, error);
    }
    return status;
}

/* Behind the end of it all: what was changed since is done again, for as long as there are triggers that note it; and what was given up, and shall be tried again. */
static stele_status do_rest(stele_worker *worker, bool *idle, bool *over, stele_error *error)
{
    bool busy = false;
    stele_status status = stele_chunk_task(worker->job, STELE_CHUNK_DIRTY, error);
    if (status == STELE_OK)
        status = stele_worker_drain(worker, idle, error);
    if (status == STELE_OK && worker->job->spec->into != NULL)
        status = stele_worker_orphans(worker, &busy, error);
    *idle |= busy;
    *over = !*idle && !worker->again; /* who is at it may be dead: then it is done here, when its lease is over */
    if (worker->again)
        worker->ticked = 0;
    worker->again = false;
    return status;
}

stele_status stele_worker_phase(stele_worker *worker, bool *idle, bool *over, stele_error *error)
{
    stele_job_state end = worker->job->spec->switches ? STELE_JOB_READY : STELE_JOB_DONE;
    switch (worker->row.state) {
    case STELE_JOB_LOAD: return do_load(worker, idle, error);
    case STELE_JOB_DRAIN: return do_drain(worker, idle, error);
    case STELE_JOB_INDEX: return do_alone(worker, STELE_CHUNK_INDEX, build, STELE_JOB_VERIFY, idle, error);
    case STELE_JOB_VERIFY: return do_alone(worker, STELE_CHUNK_VERIFY, verify, end, idle, error);
    case STELE_JOB_NEW:
    case STELE_JOB_READY:
    case STELE_JOB_SWITCHED:
    case STELE_JOB_DONE: return do_rest(worker, idle, over, error);
    case STELE_JOB_CANCELLED: worker->leave = STELE_LEAVES_CANCELLED; break;
    }
    return STELE_OK;
}

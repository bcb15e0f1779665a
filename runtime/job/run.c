#include "worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "after.h"
#include "write_sql.h"

/* ------------------------------------------------------------------ until it is over */

/* What the database refuses for good pauses the job, be it a read or a write: the worker then leaves, and conclude() tells why. What may pass by itself, the next run meets again or not. */
static stele_status pause_after(stele_worker *worker, stele_status status, const stele_error *why)
{
    char reason[512];
    if (status == STELE_CANCELLED && worker->leave != STELE_STAYS) /* it was waited for no longer: what it leaves for is said in the end */
        return STELE_OK;
    if (status == STELE_OK || worker->leave == STELE_LEAVES_CANCELLED)
        return status;
    if (!worker->stopped) {
        if (status != STELE_FAILED || why->sqlstate[0] == '\0' || stele_write_may_pass(why->sqlstate) || !stele_link_alive(&worker->job->handle->link))
            return status;
        snprintf(reason, sizeof reason, "%.400s [%s]", why->message, why->sqlstate);
        if (stele_worker_pause(worker, reason, NULL) != STELE_OK)
            return status;
    }
    worker->leave = STELE_LEAVES_PAUSED;
    return STELE_OK;
}

static stele_status run_phases(stele_worker *worker, stele_error *error)
{
    bool over = false;
    stele_status status = STELE_OK;
    while (status == STELE_OK && !over) {
        bool idle = false;
        stele_error own;
        stele_error_clear(&own);
        status = stele_worker_tick(worker, &own);
        if (status == STELE_OK && worker->leave == STELE_STAYS)
            status = stele_worker_phase(worker, &idle, &over, &own);
        if (status == STELE_NO_CONNECTION && worker->job->handle->link.own) {
            stele_error_clear(&own);
            status = stele_worker_reconnect(worker, &own);
        }
        status = pause_after(worker, status, &own);
        if (status != STELE_OK && error != NULL)
            *error = own;
        if (status == STELE_OK && worker->leave != STELE_STAYS)
            break;
        if (status == STELE_OK && idle)
            stele_worker_rest(worker, 200, &worker->counts.wait_us);
    }
    return status;
}

/* ------------------------------------------------------------------ coming and going */

/* What a last write that didn't come about has cost: also what is with the provider still, since nobody takes that any more. */
static void tell_unwritten(const stele_worker *worker, char *out, size_t size)
{
    stele_provider_news news = {0};
    out[0] = '\0';
    if (worker->kept_from[0] == '\0')
        return;
    if (worker->provider != NULL)
        stele_provider_tell(worker->provider, &news);
    int64_t rows = worker->unwritten + (int64_t)(news.ready + news.flying);
    if (rows > 0)
        snprintf(out, size, "; %" PRId64 " rows that it had asked the provider for are to be asked for again, since their write failed: %s", rows, worker->kept_from);
    else
        snprintf(out, size, "; its last write failed, and is to be done again: %s", worker->kept_from);
}

static stele_status conclude(const stele_worker *worker, stele_error *error)
{
    const char *name = worker->job->spec->name;
    char more[400];
    tell_unwritten(worker, more, sizeof more);
    switch (worker->leave) {
    case STELE_STAYS: return STELE_OK;
    case STELE_LEAVES_INTERRUPTED: return stele_error_set(error, STELE_CANCELLED, "interrupted; the job \"%s\" stays where it is, and the next run goes on%s", name, more);
    case STELE_LEAVES_CANCELLED:
        stele_error_set(error, STELE_UNMET, "the job \"%s\" was cancelled%s", name, more);
        stele_error_hint(error, "what it wrote stays; job run %s begins it anew", name);
        return STELE_UNMET;
    case STELE_LEAVES_PAUSED: break;
    }
    const char *reason = worker->row.reason;
    bool by = strncmp(reason, "paused by ", strlen("paused by ")) == 0; /* it says that itself */
    stele_error_set(error, STELE_PENDING, "the job \"%s\" %s%s%s%s", name, by ? "was " : "is paused", by || reason[0] == '\0' ? "" : ": ", reason, more);
    if (!stele_worker_hint_at_checks(worker, error) && !stele_worker_hint_at_dead(worker, error))
        stele_error_hint(error, "when the cause is gone: job resume %s, then job run %s", name, name);
    return STELE_PENDING;
}

/* A cancellation by plain SQL has nobody else who tidies up. */
static stele_status tidy(stele_worker *worker, stele_error *error)
{
    bool moved;
    if (worker->leave != STELE_LEAVES_CANCELLED)
        return STELE_OK;
    stele_status status = stele_job_drop_triggers(worker->job, STELE_JOB_END_CANCELLED, error);
    if (status == STELE_OK && worker->row.state != STELE_JOB_CANCELLED)
        status = stele_job_move(worker->job, worker->row.state, STELE_JOB_CANCELLED, "", &moved, error);
    return status;
}

static stele_status work(stele_worker *worker, stele_error *error)
{
    stele_job *job = worker->job;
    stele_status status = stele_worker_begin(worker, error);
    stele_worker_unwatch(worker);
    job->handle->link.interrupted = NULL; /* what is paid for from here on is written first */
    if (status == STELE_OK)
        status = run_phases(worker, error);
    if (status == STELE_OK)
        status = tidy(worker, error);
    job->handle->link.wait = NULL;
    stele_writer_end(&worker->writer);
    if (stele_link_alive(&job->handle->link)) {
        stele_worker_count(worker);
        stele_job_leave(job, &worker->counts);
    }
    return status == STELE_OK ? conclude(worker, error) : status;
}

/* What was cancelled before this run is begun anew by it, what is cancelled from here on is not. Tables that an older version made, which can't be read yet, are as good as none. */
static void look(stele_job *job)
{
    stele_job_row row;
    if (!job->together) {
        job->looked[0] = '\0';
        (void)stele_job_find(job, &row, NULL);
    }
    job->together = false;
}

static stele_status enter_and_work(stele_worker *worker, stele_job_shape *shape, stele_error *error)
{
    stele_job *job = worker->job;
    stele_status status = stele_job_need_script(job, error);
    if (status == STELE_OK)
        look(job);
    if (status == STELE_OK)
        status = stele_job_check_session(job, error);
    if (status == STELE_OK)
        status = stele_worker_watch(worker, error);
    if (status == STELE_OK)
        status = stele_worker_look_around(worker, error);
    if (status == STELE_OK)
        status = stele_job_make_tables(job, error);
    if (status == STELE_OK)
        status = stele_job_find(job, &worker->row, error);
    if (status == STELE_OK)
        status = stele_job_look_at(job, shape, error);
    if (status == STELE_OK)
        status = stele_job_check_rights(job, shape, error);
    if (status == STELE_OK)
        status = stele_job_check_sql(job, shape, error);
    if (status == STELE_OK)
        status = stele_job_check_index(job, shape, error);
    if (status == STELE_OK)
        status = stele_job_enter(job, shape, &worker->row, error);
    if (status == STELE_OK) {
        stele_writer_start(&worker->writer, job, shape, &worker->pace);
        status = work(worker, error);
    }
    stele_provider_close(worker->provider);
    return status;
}

/* Of a job that was done before, a run does what was noted to be done again, and no more than that. */
static void tell_blind(const stele_worker *worker, stele_job_report *report)
{
    char text[1024];
    const stele_job_spec *spec = worker->job->spec;
    if (worker->done_at[0] == '\0' || report->state != STELE_JOB_DONE || report->message[0] != '\0')
        return;
    snprintf(text, sizeof text, "it was done at %s, and what came since isn't looked at (%s): job cancel %s, then job run %s, goes through all of it once more", worker->done_at,
             spec->follows ? "nothing notes it any more" : "follow = \"none\"", spec->name, spec->name);
    stele_error_shorten(report->message, sizeof report->message, text);
}

stele_status stele_job_run(stele_job *job, stele_job_report *report, stele_error *error)
{
    stele_job_shape shape = {0};
    stele_link *link = &job->handle->link;
    stele_worker *worker = calloc(1, sizeof *worker);
    stele_error own;
    stele_error_clear(error);
    stele_error_clear(&own);
    if (report != NULL)
        *report = (stele_job_report){0};
    if (worker == NULL)
        return stele_error_memory(error);
    *worker = (stele_worker){.job = job, .shape = &shape, .interrupted = link->interrupted, .interrupted_data = link->interrupted_data};
    stele_status status = enter_and_work(worker, &shape, &own);
    stele_worker_unwatch(worker);
    if (report != NULL && stele_link_alive(link))
        (void)stele_job_status(job, report, NULL);
    if (report != NULL && status == STELE_OK)
        tell_blind(worker, report);
    link->interrupted = worker->interrupted;
    free(worker);
    if (error != NULL)
        *error = own;
    return status;
}

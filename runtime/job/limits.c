/*
 * limits.c - how many of a job's rows may be given up before somebody should look
 *
 * max_dead is a share of the job's rows: those that it wrote and gave up since it was begun, and those that were done before and are so still. It counts from 200 rows on, since the first ones of a
 * good job may well be bad. Where a job comes to its end with fewer, it is one half: 3 of 50 may be given up, but what could do next to nothing isn't done.
 */
#include "worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../error.h"
#include "after.h"
#include "sql.h"
#include "state.h"

enum { ENOUGH = 200, LOOKS_FOR = 5000 };
static const double half = 0.5;
static const char listed[] = ": job dead list lists them";

/* Rows that have their vector, of this input by this script; up to `most`. What isn't found in time isn't counted. */
static stele_status count_done(stele_worker *worker, int64_t most, stele_error *error)
{
    stele_job *job = worker->job;
    const stele_job_spec *spec = job->spec;
    stele_text sql = {0};
    stele_rows *rows = NULL;
    stele_text_print(&sql, "SELECT pg_catalog.count(*) FROM (SELECT FROM (SELECT s.* FROM %s AS s WHERE true", spec->table);
    stele_sql_where(job, &sql);
    stele_text_string(&sql, ") AS s");
    if (spec->into != NULL) {
        stele_text_print(&sql, " JOIN %s AS t ON ", spec->into);
        stele_sql_same_key(job, &sql, "s", "t");
    }
    stele_text_string(&sql, " WHERE ");
    stele_job_pin(&sql);
    stele_sql_done(job, &sql);
    stele_text_print(&sql, " LIMIT %" PRId64 ") AS done", most);
    stele_status status = sql.failed ? stele_error_memory(error) : stele_job_bounded(job, LOOKS_FOR, NULL, sql.bytes, 0, NULL, &rows, error);
    if (status == STELE_OK && rows != NULL)
        worker->done = stele_job_read_number(stele_rows_text(rows, 0, 0));
    stele_rows_free(rows);
    stele_text_free(&sql);
    return status;
}

/* Is it more than that share, also of all that is done? Only where it looks like that, this is looked at; and twice as far as needed, so that it isn't each second. */
static stele_status is_more(stele_worker *worker, const stele_job_report *report, double share, bool *more, stele_error *error)
{
    double dead = (double)report->dead, needed = dead / share;
    stele_status status = STELE_OK;
    *more = dead > share * (double)(report->rows + report->dead);
    if (!*more || worker->job->spec->kind != STELE_JOB_EMBEDS)
        return STELE_OK;
    if ((double)worker->done + dead < needed)
        status = count_done(worker, (int64_t)(2 * needed) + 1, error);
    *more = (double)worker->done + dead < needed;
    return status;
}

stele_status stele_worker_keep_limits(stele_worker *worker, const stele_job_report *report, bool ends, stele_error *error)
{
    const stele_knobs *knobs = &worker->job->knobs;
    char reason[300];
    int64_t seen = report->rows + report->dead;
    bool few = seen < ENOUGH, more = false;
    double share = few && knobs->max_dead < half ? half : knobs->max_dead;
    stele_status status = STELE_OK;
    if (worker->leave != STELE_STAYS)
        return STELE_OK;
    if (report->dead == 0 || knobs->max_dead <= 0 || (few && !ends))
        return STELE_OK;
    status = is_more(worker, report, share, &more, error);
    if (status != STELE_OK || !more)
        return status;
    snprintf(reason, sizeof reason, "%" PRId64 " of %" PRId64 " rows were given up, %s%s", report->dead, seen,
             !few ? "more than max_dead allows" : "more than half (with max_dead = 1, all may be)", listed);
    return stele_worker_pause(worker, reason, error);
}

bool stele_worker_hint_at_dead(const stele_worker *worker, stele_error *error)
{
    const char *name = worker->job->spec->name, *found = strstr(worker->row.reason, listed);
    if (found == NULL || strcmp(found, listed) != 0)
        return false;
    stele_error_hint(error, "job dead list %s shows them, each with its message; when the cause is gone, job dead retry %s has them tried again, with job resume %s, then job run %s; a script whose function was"
                            " edited needs job cancel %s before job run %s", name, name, name, name, name, name);
    return true;
}

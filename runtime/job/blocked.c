/*
 * blocked.c - who is in the way of a worker that begins
 *
 * It looks at tables that may be locked, and waits for as long as that takes. As for a migration a second connection then asks who it is: opened when the first has waited for half a second, and
 * never where none is wanted. Through a pooler nobody can tell which process is served: there it isn't known.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../error.h"
#include "worker.h"

enum { PATIENCE = 500000 };

/* One line of those that are in the way, "; " between them. */
static void tell_blocked(void *data, stele_event_kind kind, const char *message)
{
    const stele_worker *worker = data;
    const stele_job_options *options = &worker->job->options;
    stele_job_report report = {.state = worker->row.state, .seconds_left = -1, .lag = -1};
    size_t length = (size_t)snprintf(report.bound, sizeof report.bound, "blocked by ");
    if (kind != STELE_EVENT_BLOCKED || options->told == NULL)
        return;
    for (; *message != '\0' && length + 2 < sizeof report.bound; message++) {
        if (*message == '\n')
            report.bound[length++] = ';';
        report.bound[length++] = *message == '\n' ? ' ' : *message;
    }
    report.bound[length] = '\0';
    options->told(options->data, &report);
}

stele_status stele_worker_watch(stele_worker *worker, stele_error *error)
{
    stele *handle = worker->job->handle;
    stele_watch *watch = &worker->watch;
    stele_rows *rows;
    stele_status status = stele_link_query(&handle->link, "SELECT pg_catalog.pg_backend_pid()", 0, NULL, &rows, error);
    if (status != STELE_OK)
        return status;
    int backend = (int)strtol(stele_rows_text(rows, 0, 0), NULL, 10);
    stele_rows_free(rows);
    *watch = (stele_watch){.link = &handle->link, .patience = PATIENCE, .backend = backend, .tell = tell_blocked, .data = worker};
    watch->off = handle->options.no_watch || !handle->link.own || backend != stele_link_backend(&handle->link);
    handle->link.meanwhile = stele_watch_meanwhile;
    handle->link.meanwhile_data = watch;
    return STELE_OK;
}

void stele_worker_unwatch(stele_worker *worker)
{
    worker->job->handle->link.meanwhile = NULL;
    stele_watch_close(&worker->watch);
}

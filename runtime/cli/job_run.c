/*
 * job_run.c - run: workers, each a thread with a handle of its own, and what they tell
 *
 * They share the job through PostgreSQL alone, as if they were processes. Of this process they share the output, which one lock guards. All have looked at the job before any
 * begins: of one that is through before another has begun, that one then knows.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "../pq.h"
#include "job.h"

typedef struct crew {
    const cli *c;
    const struct stele_job_engine *engine;
    const char *name;
    pthread_mutex_t lock; /* of the output, and of what follows */
    cli_job_said said;
    char complaint[sizeof((stele_error *)0)->message]; /* the last error that was printed */
    stele_status status;  /* the one that says most */
    stele_job_report report;
} crew;

typedef struct worker {
    crew *crew;
    stele *handle;
    stele_job *job;
    pthread_t thread;
    bool begun;
} worker;

/* ------------------------------------------------------------------- telling */

/* As often as it is of use; and at once where the job comes into another state. */
static void tell(void *data, const stele_job_report *report)
{
    crew *w = data;
    pthread_mutex_lock(&w->lock);
    if ((w->c->json || !w->c->quiet) && cli_job_is_news(w->c, &w->said, report)) {
        if (w->c->json)
            cli_job_json(w->name, report);
        else
            cli_job_live(w->c, w->name, report);
    }
    pthread_mutex_unlock(&w->lock);
}

/* A failure goes before what somebody wanted, and that before a job that is paused. */
static int weight(stele_status status)
{
    return status == STELE_OK ? 0 : status == STELE_PENDING ? 1 : status == STELE_CANCELLED ? 2 : 3;
}

/* At once, since the others may go on for days; but what all of them say, once. */
static void take_end(crew *w, stele_status status, const stele_job_report *report, const stele_error *error)
{
    pthread_mutex_lock(&w->lock);
    if (status == STELE_OK || w->status == STELE_OK)
        w->report = *report;
    if (weight(status) > weight(w->status))
        w->status = status;
    if (status != STELE_OK && strcmp(w->complaint, error->message) != 0) {
        cli_end_progress(w->c);
        cli_error(w->c, error);
        snprintf(w->complaint, sizeof w->complaint, "%s", error->message);
    }
    pthread_mutex_unlock(&w->lock);
}

/* ------------------------------------------------------------------- workers */

static void *work(void *data)
{
    worker *self = data;
    stele_job_report report = {0};
    stele_error error;
    stele_status status = self->crew->engine->run(self->job, &report, &error);
    take_end(self->crew, status, &report, &error);
    return NULL;
}

/* The first is the one that j has opened. */
static stele_status prepare(cli_job *j, worker *self, crew *w, unsigned number, stele_error *error)
{
    stele_job_options options = {.told = tell, .data = w};
    stele_job_report report;
    self->crew = w;
    stele_status status = number == 0 ? STELE_OK : cli_open(j->c, &self->handle, error);
    if (number == 0)
        self->handle = j->handle;
    if (status == STELE_OK)
        status = w->engine->open(self->handle, j->name, &options, &self->job, error);
    if (status == STELE_OK)
        status = w->engine->look_first(self->job, &report, error);
    /* Tables that an older version made: the run brings them up to date. */
    return status == STELE_UNMET && strcmp(error->sqlstate, "42703") == 0 ? STELE_OK : status;
}

/* None has begun then: so nothing is to be put right but the number. */
static void explain_connections(unsigned number, unsigned count, stele_error *error)
{
    char message[sizeof error->message];
    if (error->status != STELE_NO_CONNECTION || count == 1)
        return;
    snprintf(message, sizeof message, "worker %u of %u got no connection: %.800s", number + 1, count, error->message);
    memcpy(error->message, message, sizeof message);
    stele_error_hint(error, "each worker takes a connection, one more while an index is built, and one more to read ahead where no provider is called over the network: %u take up to %u; no worker was begun, and what"
                            " was done before isn't lost: run it with fewer --workers, or when the server has slots", count, 2 * count);
}

static void run_all(worker *workers, unsigned count, crew *w)
{
    for (unsigned i = 1; i < count; i++) {
        workers[i].begun = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
        if (!workers[i].begun)
            fprintf(stderr, "%s: warning: the system gave no thread for worker %u\n", w->c->program, i + 1);
    }
    work(&workers[0]);
    for (unsigned i = 1; i < count; i++)
        if (workers[i].begun)
            pthread_join(workers[i].thread, NULL);
}

/* ------------------------------------------------------------------- the end */

static const char *what_comes(const stele_job_report *report)
{
    return report->state == STELE_JOB_READY      ? "; job verify checks what was made, job switch has it count"
           : report->state == STELE_JOB_SWITCHED ? "; job undo takes the switch back, job finish ends it"
                                                 : "";
}

static void print_end(const crew *w)
{
    cli_number rows;
    cli_end_progress(w->c);
    if (w->c->json) {
        if (w->status == STELE_OK)
            cli_job_json(w->name, &w->report);
    } else if (w->status == STELE_OK && !w->c->quiet) {
        printf("%s is %s: %s %s written", w->name, cli_job_standing(&w->report), cli_count(rows, w->report.rows), cli_rows(w->report.rows));
        if (w->report.dead > 0)
            printf(", %s given up (job dead list)", cli_count(rows, w->report.dead));
        fputs(what_comes(&w->report), stdout);
        if (w->report.state == STELE_JOB_DONE && w->report.message[0] != '\0') {
            fputs("; ", stdout);
            cli_print_foreign(stdout, w->report.message);
        }
        putchar('\n');
    }
}

int cli_job_run(cli_job *j)
{
    stele_error error;
    crew w = {.c = j->c, .engine = j->engine, .name = j->name, .lock = PTHREAD_MUTEX_INITIALIZER};
    unsigned count = j->c->workers == 0 ? 1 : j->c->workers;
    worker workers[CLI_WORKERS_MOST] = {{0}};
    stele_status status = cli_open(j->c, &j->handle, &error);
    if (status != STELE_OK)
        explain_connections(0, count, &error);
    for (unsigned i = 0; i < count && status == STELE_OK; i++) {
        status = prepare(j, &workers[i], &w, i, &error);
        if (status != STELE_OK)
            explain_connections(i, count, &error);
    }
    if (status == STELE_OK) {
        run_all(workers, count, &w);
        print_end(&w);
    }
    for (unsigned i = 0; i < count; i++) {
        j->engine->close(workers[i].job);
        if (i > 0)
            stele_close(workers[i].handle);
    }
    pthread_mutex_destroy(&w.lock);
    return status != STELE_OK ? cli_job_end(j, status, &error) : cli_job_end(j, w.status, NULL);
}

/*
 * job_look.c - status, watch
 */
#define _POSIX_C_SOURCE 200809L

#include <time.h>

#include "job.h"

/* ------------------------------------------------------------------- status */

typedef struct survey {
    cli_job *j;
    stele_status status;
    stele_error *error;
    bool pages; /* one job: over several lines */
} survey;

static void look_at(void *data, const char *name, const char *file, const char *what)
{
    survey *s = data;
    const struct stele_job_engine *engine = s->j->engine;
    const stele_job_options options = {.looks = 1};
    stele_job_report report;
    stele_job *job = s->j->job;
    (void)file;
    (void)what;
    if (s->status != STELE_OK)
        return;
    if (job == NULL)
        s->status = engine->open(s->j->handle, name, &options, &job, s->error);
    if (s->status == STELE_OK)
        s->status = engine->status(job, &report, s->error);
    if (job != s->j->job)
        engine->close(job);
    if (s->status != STELE_OK)
        return;
    if (s->j->c->json) {
        cli_job_json(name, &report);
    } else if (s->pages) {
        cli_job_page(s->j->c, name, &report);
    } else {
        cli_job_line(stdout, name, &report);
        putchar('\n');
    }
}

int cli_job_status(cli_job *j)
{
    stele_error error;
    survey s = {.j = j, .error = &error, .pages = j->name != NULL};
    s.status = cli_job_open(j, &error);
    if (s.status == STELE_OK && j->name != NULL)
        look_at(&s, j->name, "", "");
    else if (s.status == STELE_OK)
        j->engine->list(j->handle, look_at, &s);
    return cli_job_end(j, s.status, &error);
}

/* -------------------------------------------------------------------- watch */

static bool is_at_end(const stele_job_report *r)
{
    return r->paused || r->state == STELE_JOB_READY || r->state == STELE_JOB_SWITCHED || r->state == STELE_JOB_DONE || r->state == STELE_JOB_CANCELLED;
}

/* A second, unless a signal comes. */
static void rest(const cli *c)
{
    const struct timespec part = {.tv_nsec = 100000000};
    for (int i = 0; i < 10 && c->options.interrupted(c->options.data) == 0; i++)
        nanosleep(&part, NULL);
}

static stele_status watch(cli_job *j, stele_job_report *report, stele_error *error)
{
    const cli *c = j->c;
    cli_job_said said = {0};
    stele_status status;
    while ((status = j->engine->status(j->job, report, error)) == STELE_OK) {
        if ((c->json || !c->quiet) && cli_job_is_news(c, &said, report)) {
            if (c->json)
                cli_job_json(j->name, report);
            else
                cli_job_live(c, j->name, report);
        }
        if (is_at_end(report))
            break;
        rest(c);
    }
    if (c->live && !c->json && !c->quiet)
        putchar('\n');
    return status;
}

int cli_job_watch(cli_job *j)
{
    stele_error error;
    stele_job_report report;
    stele_status status = cli_job_open(j, &error);
    if (status == STELE_OK)
        status = watch(j, &report, &error);
    if (status == STELE_OK && report.paused)
        return cli_job_end(j, STELE_PENDING, NULL);
    if (status == STELE_OK && report.state == STELE_JOB_CANCELLED)
        return cli_job_end(j, STELE_UNMET, NULL);
    return cli_job_end(j, status, &error);
}

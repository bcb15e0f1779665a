/*
 * job_after.c - verify, switch, undo, finish
 */
#include "job.h"

typedef struct printer {
    const cli *c;
    size_t count, failed;
} printer;

static void print_check(void *data, const stele_job_check *check)
{
    printer *p = data;
    p->count++;
    p->failed += !check->ok;
    if (p->c->json) {
        cli_json_begin("check");
        printf(",\"ok\":%s", check->ok ? "true" : "false");
        cli_json_field("check", check->name);
        cli_json_field("title", check->title);
        cli_json_field("detail", check->detail);
        cli_json_end();
        return;
    }
    cli_style(p->c, stdout, check->ok ? "32" : "1;31");
    fputs(check->ok ? "  ok      " : "  WRONG   ", stdout);
    cli_style(p->c, stdout, NULL);
    cli_print_foreign(stdout, check->title);
    putchar('\n');
    if (check->detail[0] != '\0') {
        fputs("          ", stdout);
        cli_print_foreign(stdout, check->detail);
        putchar('\n');
    }
    fflush(stdout);
}

/* How the job stands, where it isn't at its end: what it hasn't made yet, nobody has checked. */
static void print_standing(cli_job *j)
{
    stele_job_report report;
    cli_number fraction;
    if (j->engine->status(j->job, &report, NULL) != STELE_OK)
        return;
    bool at_end = report.state == STELE_JOB_READY || report.state == STELE_JOB_SWITCHED || report.state == STELE_JOB_DONE;
    if (!at_end && report.paused)
        printf("; the job is paused, at %s", cli_percent(fraction, report.fraction));
    else if (!at_end)
        printf("; the job is %s, at %s", report.state == STELE_JOB_CANCELLED ? "cancelled" : "not done yet", cli_percent(fraction, report.fraction));
}

static void print_verified(cli_job *j, size_t count)
{
    if (count == 0)
        fputs("nothing is checked: the script has no `verify` (`zero` or `check`)", stdout);
    else
        printf("%zu %s, all well", count, cli_plural(count, "check", "checks"));
    print_standing(j);
    putchar('\n');
}

int cli_job_verify(cli_job *j)
{
    stele_error error;
    printer p = {.c = j->c};
    stele_status status = cli_job_open(j, &error);
    if (status == STELE_OK)
        status = j->engine->verify(j->job, print_check, &p, &error);
    if (status == STELE_OK && !j->c->json)
        print_verified(j, p.count);
    return cli_job_end(j, status, &error);
}

static int say(cli_job *j, stele_status status, const stele_error *error, const char *said)
{
    if (status == STELE_OK && !j->c->json && !j->c->quiet)
        cli_printf(stdout, "%s %s\n", j->name, said);
    return cli_job_end(j, status, error);
}

int cli_job_switch(cli_job *j)
{
    stele_error error;
    stele_status status = cli_job_open(j, &error);
    if (status == STELE_OK)
        status = j->engine->switch_over(j->job, j->c->reason, &error);
    return say(j, status, &error, "is switched: what it made counts from here on; job undo takes that back, job finish ends it");
}

int cli_job_undo(cli_job *j)
{
    stele_error error;
    stele_status status = cli_job_open(j, &error);
    if (status == STELE_OK)
        status = j->engine->undo(j->job, j->c->reason, &error);
    return say(j, status, &error, "is as before the switch, and ready for another one");
}

/* Only a switch has a way back that could be lost. */
int cli_job_finish(cli_job *j)
{
    stele_error error;
    stele_job_report before = {0};
    stele_status status = cli_job_open(j, &error);
    if (status == STELE_OK)
        status = j->engine->status(j->job, &before, &error);
    if (status == STELE_OK)
        status = j->engine->finish(j->job, &error);
    return say(j, status, &error, before.state == STELE_JOB_SWITCHED ? "is over: it has no triggers any more, and there is no way back" : "is finished");
}

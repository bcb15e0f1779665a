/*
 * job_control.c - pause, resume, cancel, set, knobs, dead
 */
#define _POSIX_C_SOURCE 200809L

#include "job.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"

/* ------------------------------------------------------- pause, resume, cancel */

/* What was wanted is done by then: a look that fails is one that nothing is told of. */
static stele_job_report look(cli_job *j)
{
    stele_job_report report = {0};
    if (j->engine->status(j->job, &report, NULL) != STELE_OK)
        report = (stele_job_report){.workers = 1};
    return report;
}

static int want(cli_job *j, stele_job_wish wish, const char *said, const char *said_alone)
{
    stele_error error;
    stele_status status = cli_job_open(j, &error);
    if (status == STELE_OK)
        status = j->engine->want(j->job, wish, j->c->reason, &error);
    if (status == STELE_OK && !j->c->json && !j->c->quiet)
        cli_printf(stdout, "%s %s\n", j->name, said_alone != NULL && look(j).workers == 0 ? said_alone : said);
    return cli_job_end(j, status, &error);
}

int cli_job_pause(cli_job *j)
{
    return want(j, STELE_JOB_PAUSE, "is paused: its workers write what is paid for, and stop within a second or two",
                "is paused: nobody works at it, and job run won't before job resume");
}

int cli_job_resume(cli_job *j)
{
    return want(j, STELE_JOB_RESUME, "may go on: with the next job run", NULL);
}

int cli_job_cancel(cli_job *j)
{
    return want(j, STELE_JOB_CANCEL, "is cancelled: what it wrote stays, its triggers are gone", NULL);
}

/* ----------------------------------------------------------------------- knobs */

/* NAME=VALUE; nothing behind it sets it back, and then = may be in the name: somebody may have written such a one in psql. */
static stele_status set_one(cli_job *j, const char *word, stele_error *error)
{
    const char *last = word + strlen(word) - 1, *equals = *last == '=' ? last : strchr(word, '='), *value = equals[1] == '\0' ? NULL : equals + 1;
    char *name = strdup(word);
    if (name == NULL)
        return stele_error_memory(error);
    name[equals - word] = '\0';
    stele_status status = j->engine->set(j->job, name, value, error);
    if (status == STELE_OK && !j->c->json && !j->c->quiet)
        cli_printf(stdout, value == NULL ? "%s is what the script says\n" : "%s is %s\n", name, value);
    free(name);
    return status;
}

int cli_job_set(cli_job *j)
{
    stele_error error;
    if (j->word_count == 0)
        return cli_job_misuse(j, "job set takes KNOB=VALUE, and job knobs lists them");
    for (size_t i = 0; i < j->word_count; i++)
        if (strchr(j->words[i], '=') == NULL)
            return cli_job_misuse(j, "job set takes KNOB=VALUE behind the job's name");
    stele_status status = cli_job_open(j, &error);
    for (size_t i = 0; i < j->word_count && status == STELE_OK; i++)
        status = set_one(j, j->words[i], &error);
    return cli_job_end(j, status, &error);
}

static void print_knob(void *data, const char *knob, const char *value, const char *from, const char *what)
{
    const cli *c = data;
    if (c->json) {
        cli_json_begin("knob");
        cli_json_field("knob", knob);
        cli_json_field("value", value);
        cli_json_field("from", from);
        cli_json_field("what", what);
        cli_json_end();
        return;
    }
    cli_style(c, stdout, strcmp(from, "default") == 0 ? "2" : "1");
    printf("  %-12s ", knob);
    cli_print_foreign(stdout, value);
    printf("%*s", strlen(value) < 14 ? 14 - (int)strlen(value) : 1, "");
    cli_style(c, stdout, NULL);
    cli_style(c, stdout, "2");
    cli_printf(stdout, "%-8s %s", from, what);
    cli_style(c, stdout, NULL);
    putchar('\n');
}

int cli_job_knobs(cli_job *j)
{
    stele_error error;
    stele_status status = cli_job_open(j, &error);
    if (status == STELE_OK)
        status = j->engine->knobs(j->job, print_knob, j->c, &error);
    return cli_job_end(j, status, &error);
}

/* ------------------------------------------------------- rows that were given up */

typedef struct tally {
    const cli *c;
    size_t count;
} tally;

static void print_dead(void *data, const stele_job_dead *dead)
{
    tally *t = data;
    t->count++;
    if (t->c->json) {
        cli_json_begin("dead");
        cli_json_field("key", dead->key);
        cli_json_field("stage", dead->stage);
        cli_json_field("code", dead->code);
        cli_json_field("message", dead->message);
        cli_json_field("when", dead->when);
        cli_json_number("attempts", dead->attempts);
        cli_json_end();
        return;
    }
    fputs("  ", stdout);
    cli_print_foreign(stdout, dead->key);
    cli_printf(stdout, "  %s ", dead->stage);
    cli_style(t->c, stdout, "31");
    cli_print_foreign(stdout, dead->code);
    cli_style(t->c, stdout, NULL);
    fputs("  ", stdout);
    cli_print_foreign(stdout, dead->message);
    cli_style(t->c, stdout, "2");
    printf("  %.19sZ", dead->when);
    if (dead->attempts > 1)
        printf(", %d times", dead->attempts);
    cli_style(t->c, stdout, NULL);
    putchar('\n');
}

int cli_job_dead_list(cli_job *j)
{
    stele_error error;
    tally t = {.c = j->c};
    stele_status status = cli_job_open(j, &error);
    if (status == STELE_OK)
        status = j->engine->list_dead(j->job, print_dead, &t, &error);
    if (status == STELE_OK && !j->c->json)
        printf("%zu %s given up\n", t.count, cli_plural(t.count, "row was", "rows were"));
    return cli_job_end(j, status, &error);
}

/* The codes of those that were given up, each once. */
typedef struct codes {
    char text[400]; /* "empty, 400" */
    bool more;      /* than are shown */
} codes;

static void take_code(void *data, const stele_job_dead *dead)
{
    codes *c = data;
    size_t length = strlen(c->text), size = strlen(dead->code);
    for (const char *at = c->text; *at != '\0'; at += strcspn(at, ","), at += *at == ',' ? 2 : 0)
        if (strncmp(at, dead->code, size) == 0 && (at[size] == '\0' || at[size] == ','))
            return;
    if (length + size + 3 > sizeof c->text)
        c->more = true;
    else
        snprintf(c->text + length, sizeof c->text - length, "%s%s", length == 0 ? "" : ", ", dead->code);
}

static stele_status tell_none(cli_job *j, const char *code, stele_error *error)
{
    codes c = {0};
    stele_status status = code == NULL ? STELE_OK : j->engine->list_dead(j->job, take_code, &c, error);
    if (status != STELE_OK)
        return status;
    fputs("no row was given up", stdout);
    if (code != NULL) {
        fputs(" with the code \"", stdout);
        cli_print_foreign(stdout, code);
        fputs(c.text[0] == '\0' ? "\", nor with another" : "\"; there are: ", stdout);
        cli_print_foreign(stdout, c.text);
        fputs(c.more ? ", ..." : "", stdout);
    }
    puts(code == NULL || c.text[0] == '\0' ? ": there is nothing to be tried again" : "");
    return STELE_OK;
}

int cli_job_dead_retry(cli_job *j)
{
    stele_error error;
    int64_t count = 0;
    stele_status status = cli_job_open(j, &error);
    if (status == STELE_OK)
        status = j->engine->retry_dead(j->job, j->word_count > 0 ? j->words[0] : NULL, &count, &error);
    if (status == STELE_OK && j->c->json) {
        cli_json_begin("retried");
        cli_json_number("rows", count);
        cli_json_end();
    } else if (status == STELE_OK && !j->c->quiet && count == 0) {
        status = tell_none(j, j->word_count > 0 ? j->words[0] : NULL, &error);
    } else if (status == STELE_OK && !j->c->quiet) {
        stele_job_report report = look(j);
        printf("%" PRId64 " %s tried again: ", count, cli_plural((size_t)count, "row is", "rows are"));
        if (report.paused)
            printf("when the job goes on, which is paused (job resume %s, then job run %s)\n", j->name, j->name);
        else
            puts("by the workers there are, or by the next job run");
    }
    return cli_job_end(j, status, &error);
}

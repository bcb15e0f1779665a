/*
 * job_plan.c - before a job is run: list, plan, try
 */
#include "job.h"

#include <stdlib.h>

/* -------------------------------------------------------------------- list */

static void print_job(void *data, const char *name, const char *file, const char *what)
{
    const cli *c = data;
    if (c->json) {
        cli_json_begin("job");
        cli_json_field("job", name);
        cli_json_field("file", file);
        cli_json_field("what", what);
        cli_json_end();
        return;
    }
    cli_style(c, stdout, "1");
    printf("  %-20s", name);
    cli_style(c, stdout, NULL);
    printf(" %-28s", file);
    cli_style(c, stdout, "2");
    putchar(' ');
    cli_print_foreign(stdout, what);
    cli_style(c, stdout, NULL);
    putchar('\n');
}

int cli_job_list(cli_job *j)
{
    stele_error error;
    stele_status status = cli_job_open(j, &error);
    if (status == STELE_OK)
        j->engine->list(j->handle, print_job, j->c);
    return cli_job_end(j, status, &error);
}

/* -------------------------------------------------------------------- plan */

static void print_danger(void *data, const stele_job_danger *danger)
{
    const cli *c = data;
    if (c->json) {
        cli_json_begin("danger");
        printf(",\"fatal\":%s", danger->fatal ? "true" : "false");
        cli_json_field("what", danger->what);
        cli_json_field("remedy", danger->remedy);
        cli_json_end();
        return;
    }
    cli_style(c, stdout, danger->fatal ? "1;31" : "33");
    fputs(danger->fatal ? "  REFUSED " : "  danger  ", stdout);
    cli_style(c, stdout, NULL);
    cli_print_foreign(stdout, danger->what);
    putchar('\n');
    if (danger->remedy[0] != '\0') {
        fputs("          ", stdout);
        cli_print_foreign(stdout, danger->remedy);
        putchar('\n');
    }
}

static void estimate_json(const char *name, const stele_job_estimate *e)
{
    const struct {
        const char *key;
        double number;
    } numbers[] = {{"texts_bytes", e->texts_bytes}, {"tokens", e->tokens},       {"cost", e->cost},
                   {"table_bytes", e->table_bytes}, {"index_bytes", e->index_bytes}, {"wal_bytes", e->wal_bytes},
                   {"seconds_provider", e->seconds_provider}, {"seconds_database", e->seconds_database}};
    cli_json_begin("estimate");
    cli_json_field("job", name);
    cli_json_number("rows", e->rows);
    cli_json_number("blocks", e->blocks);
    cli_json_number("sample", e->sample);
    cli_json_field("by", e->by_blocks ? "blocks" : "key");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        printf(",\"%s\":%.10g", numbers[i].key, numbers[i].number);
    cli_json_end();
}

static void print_size(const char *label, double bytes)
{
    cli_number number;
    if (bytes > 0)
        printf("  %-8s%s\n", label, cli_bytes(number, bytes));
}

static void print_estimate(const cli *c, const char *name, const stele_job_estimate *e)
{
    cli_number number, other;
    cli_style(c, stdout, "1");
    fputs(name, stdout);
    cli_style(c, stdout, NULL);
    printf(": about %s %s in %s %s, gone through by %s", cli_count(number, e->rows), cli_rows(e->rows), cli_count(other, e->blocks), e->blocks == 1 ? "block" : "blocks",
           e->by_blocks ? "blocks" : "its key");
    if (e->tokens + e->table_bytes + e->index_bytes + e->wal_bytes > 0)
        printf("; by a sample of %s %s it takes\n", cli_count(number, e->sample), cli_rows(e->sample));
    else
        puts(e->rows > 0 ? "; what it takes isn't known before it is run: job try shows what it does" : "; there is nothing to be done");
    if (e->tokens > 0) {
        printf("  texts   %s, %s tokens", cli_bytes(number, e->texts_bytes), cli_count(other, (int64_t)(e->tokens < 9e18 ? e->tokens : 9e18)));
        if (e->cost > 0)
            printf(", which cost %s", cli_cost(number, e->cost));
        putchar('\n');
    }
    print_size("table", e->table_bytes);
    print_size("index", e->index_bytes);
    print_size("WAL", e->wal_bytes);
    if (e->seconds_provider > 0)
        printf("  time    %s at the provider's limits\n", cli_time(number, e->seconds_provider));
    else if (e->tokens > 0)
        puts("  time    not known: plan asks no provider, and pace has no rpm nor tpm; job try tells how fast it answers");
    if (e->seconds_database > 0)
        printf("  time    %s of writing, by one worker\n", cli_time(number, e->seconds_database));
}

int cli_job_plan(cli_job *j)
{
    stele_error error;
    stele_job_estimate estimate = {0};
    stele_status status = cli_job_open(j, &error);
    bool opened = status == STELE_OK;
    if (opened)
        status = j->engine->plan(j->job, &estimate, print_danger, j->c, &error);
    if (opened && (status == STELE_OK || (status == STELE_UNMET && estimate.rows > 0))) {
        if (j->c->json)
            estimate_json(j->name, &estimate);
        else
            print_estimate(j->c, j->name, &estimate);
    }
    return cli_job_end(j, status, &error);
}

/* -------------------------------------------------------------------- try */

enum { TRIALS = 10, MOST_TRIALS = 10000 };

typedef struct trials {
    const cli *c;
    size_t count, problems;
    double seconds;
    unsigned waited; /* seconds */
} trials;

static void print_trial(void *data, const stele_job_trial *trial)
{
    trials *t = data;
    const struct {
        const char *label, *text, *style;
    } lines[] = {{"input", trial->input, "2"}, {"result", trial->result, "32"}, {"problem", trial->problem, "31"}};
    t->count++;
    t->problems += trial->problem[0] != '\0';
    t->seconds = trial->seconds;
    if (t->c->json) {
        cli_json_begin("trial");
        cli_json_field("key", trial->key);
        cli_json_field("input", trial->input);
        cli_json_field("result", trial->result);
        cli_json_field("problem", trial->problem);
        printf(",\"seconds\":%.3f", trial->seconds);
        cli_json_end();
        return;
    }
    cli_style(t->c, stdout, "1");
    cli_print_foreign(stdout, trial->key);
    cli_style(t->c, stdout, NULL);
    putchar('\n');
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (lines[i].text[0] == '\0')
            continue;
        cli_style(t->c, stdout, lines[i].style);
        printf("  %-8s ", lines[i].label);
        cli_print_foreign(stdout, lines[i].text);
        cli_style(t->c, stdout, NULL);
        putchar('\n');
    }
    fflush(stdout);
}

/* On stderr, where nobody takes it for a row: the first time it has to wait, and each ten seconds. */
static void print_wait(void *data, const stele_job_report *report)
{
    enum { APART = 10 };
    trials *t = data;
    if (t->c->json || t->c->quiet || t->waited++ % APART != 0)
        return;
    fprintf(stderr, "%s: waits for ", t->c->program);
    cli_print_foreign(stderr, report->bound);
    fputc('\n', stderr);
}

int cli_job_try(cli_job *j)
{
    stele_error error;
    trials t = {.c = j->c};
    const stele_job_options options = {.told = print_wait, .data = &t};
    unsigned long rows = j->word_count == 0 ? TRIALS : strtoul(j->words[0], NULL, 10);
    if (rows == 0 || rows > MOST_TRIALS)
        return cli_job_misuse(j, "job try takes a number of rows, from 1 to 10,000");
    stele_status status = cli_job_open_with(j, &options, &error);
    if (status == STELE_OK)
        status = j->engine->try_rows(j->job, (unsigned)rows, print_trial, &t, &error);
    if (status == STELE_OK && !j->c->json && t.seconds > 0)
        printf("the provider took %.2f s for these: %.1f a second, as an estimate; larger requests, several at a time, usually give more\n", t.seconds, (double)t.count / t.seconds);
    if (status == STELE_OK && !j->c->json)
        printf("%zu %s tried, %zu of them would be given up; nothing was changed\n", t.count, cli_plural(t.count, "row was", "rows were"), t.problems);
    return cli_job_end(j, status, &error);
}

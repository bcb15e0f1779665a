#include <string.h>

#include "cli.h"

/* ------------------------------------------------------------------- check */

int cli_check(cli *c)
{
    stele *handle;
    stele_result result = {0};
    stele_error error;
    stele_status status = stele_open(&handle, c->migrations, &c->options, &error);
    if (status == STELE_OK)
        status = stele_check(handle, &result, &error);
    stele_close(handle);
    if (status != STELE_OK && status != STELE_PENDING)
        cli_error(c, &error);
    if (c->json) {
        cli_json_begin("result");
        cli_json_number("status", status);
        cli_json_number("pending", (long long)result.pending);
        cli_json_field("version", result.version);
        cli_json_field("head", result.head);
        cli_json_end();
    } else if (status == STELE_PENDING) {
        printf("%zu %s pending\n", result.pending, cli_plural(result.pending, "migration is", "migrations are"));
    } else if (status == STELE_OK) {
        printf("up to date%s%s\n", result.version[0] == '\0' ? "" : ": the database is at ", result.version);
    }
    return (int)status;
}

/* ------------------------------------------------------------------ status */

static const struct {
    const char *name, *style;
} standings[] = {
    [STELE_APPLIED] = {"applied", "32"},       [STELE_WAITING] = {"pending", "33"},
    [STELE_INTERRUPTED] = {"interrupted", "31"}, [STELE_EDITED] = {"edited", "1;31"},
    [STELE_REFORMATTED] = {"reformatted", "1;31"}, [STELE_RENAMED] = {"renamed", "1;31"},
    [STELE_MISPLACED] = {"skipped", "1;31"},   [STELE_UNKNOWN] = {"unknown", "1;31"},
};

typedef struct tally {
    cli *c;
    size_t counts[STELE_UNKNOWN + 1];
} tally;

static void report_json(const stele_report *report)
{
    cli_json_begin("migration");
    cli_json_field("standing", standings[report->standing].name);
    if (report->migration != NULL) {
        cli_json_migration(report->migration);
        cli_json_field("source", report->migration->source);
    } else {
        cli_json_field("component", report->row->component);
        cli_json_field("version", report->row->version);
        cli_json_field("name", report->row->name);
        cli_json_field("file", report->row->file);
    }
    if (report->standing == STELE_INTERRUPTED) {
        cli_json_number("step", report->step);
        cli_json_number("steps", report->steps);
    }
    if (report->row != NULL) {
        cli_json_field("applied_source", report->row->source);
        cli_json_field("applied_at", report->row->started);
        cli_json_field("role", report->row->role);
        cli_json_number("microseconds", report->row->microseconds);
    }
    cli_json_end();
}

static int print_report(void *data, const stele_report *report)
{
    tally *t = data;
    char duration[32];
    t->counts[report->standing]++;
    if (t->c->json) {
        report_json(report);
        return 0;
    }
    const char *component = report->migration != NULL ? report->migration->component : report->row->component;
    const char *file = report->migration != NULL ? report->migration->file : report->row->file;
    cli_style(t->c, stdout, standings[report->standing].style);
    printf("  %-11s", standings[report->standing].name);
    cli_style(t->c, stdout, NULL);
    if (cli_has_components(t->c))
        printf(" %s/%-36s", component, file);
    else
        printf(" %-40s", file);
    cli_style(t->c, stdout, "2");
    if (report->standing == STELE_INTERRUPTED)
        printf(" %u of %u steps are in", report->step, report->steps);
    else if (report->row != NULL)
        printf(" %.19sZ %9s", report->row->started, cli_duration(duration, report->row->microseconds));
    cli_style(t->c, stdout, NULL);
    putchar('\n');
    return 0;
}

static void print_tally(const tally *t)
{
    size_t total = 0;
    for (size_t i = 0; i <= STELE_UNKNOWN; i++)
        total += t->counts[i];
    printf("%zu %s", total, cli_plural(total, "migration", "migrations"));
    for (size_t i = 0, shown = 0; i <= STELE_UNKNOWN; i++)
        if (t->counts[i] > 0)
            printf("%s%zu %s", shown++ == 0 ? ": " : ", ", t->counts[i], standings[i].name);
    putchar('\n');
}

static stele_status status_of(const tally *t)
{
    if (t->counts[STELE_EDITED] + t->counts[STELE_REFORMATTED] + t->counts[STELE_RENAMED] + t->counts[STELE_MISPLACED] > 0)
        return STELE_TAMPERED;
    return t->counts[STELE_WAITING] + t->counts[STELE_INTERRUPTED] > 0 ? STELE_PENDING : STELE_OK;
}

int cli_status(cli *c)
{
    stele *handle;
    stele_error error;
    tally t = {.c = c};
    stele_status status = stele_open(&handle, c->migrations, &c->options, &error);
    if (status == STELE_OK)
        status = stele_report_all(handle, print_report, &t, &error);
    if (status != STELE_OK)
        cli_error(c, &error);
    else if (!c->json)
        print_tally(&t);
    if (status == STELE_OK && c->exit_code) {
        stele_error unused;
        status = stele_check(handle, NULL, &unused);
        if (status == STELE_OK)
            status = status_of(&t);
    }
    cli_json_result(c, status);
    stele_close(handle);
    return (int)status;
}

/* ----------------------------------------------------------------- history */

static void row_json(const stele_row *row)
{
    cli_json_begin("row");
    cli_json_field("component", row->component);
    cli_json_number("seq", row->seq);
    cli_json_field("action", row->action);
    cli_json_field("version", row->version);
    cli_json_field("name", row->name);
    cli_json_field("file", row->file);
    if (row->step > 0)
        cli_json_number("step", row->step);
    cli_json_field("source", row->source);
    cli_json_field("tokens", row->tokens);
    cli_json_field("state", row->state);
    cli_json_field("parameters", row->parameters);
    cli_json_field("reason", row->reason);
    cli_json_field("one_way", row->one_way);
    cli_json_number("statements", row->statements);
    cli_json_field("started", row->started);
    cli_json_number("microseconds", row->microseconds);
    cli_json_field("role", row->role);
    cli_json_field("address", row->address);
    cli_json_field("host", row->host);
    cli_json_field("application", row->application);
    cli_json_field("build", row->build);
    cli_json_field("hash", row->hash);
    cli_json_end();
}

static int print_row(void *data, const stele_row *row)
{
    const cli *c = data;
    char duration[32], step[32] = "";
    if (c->json) {
        row_json(row);
        return 0;
    }
    snprintf(step, sizeof step, row->step > 0 ? "%s %d" : "%s", row->action, row->step);
    printf("%4lld  %.19sZ  ", (long long)row->seq, row->started);
    cli_style(c, stdout, "1");
    printf("%-8s", step);
    cli_style(c, stdout, NULL);
    if (cli_has_components(c))
        printf("  %s/%-32s", row->component, row->file);
    else
        printf("  %-36s", row->file);
    cli_style(c, stdout, "2");
    printf(" %10s  by %s from %s%s%s\n      %s\n", cli_duration(duration, row->microseconds), row->role, row->host,
           row->address == NULL ? "" : " ", row->address == NULL ? "" : row->address, row->hash);
    cli_style(c, stdout, NULL);
    if (row->reason != NULL)
        printf("      %s\n", row->reason);
    return 0;
}

int cli_history(cli *c)
{
    stele *handle;
    stele_error error;
    stele_status status = stele_open(&handle, c->migrations, &c->options, &error);
    if (status == STELE_OK)
        status = stele_history(handle, print_row, c, &error);
    if (status != STELE_OK)
        cli_error(c, &error);
    cli_json_result(c, status);
    stele_close(handle);
    return (int)status;
}

/* -------------------------------------------------------------------- plan */

static unsigned line_of(const stele_migration *migration, uint32_t offset)
{
    unsigned line = 1;
    for (uint32_t i = 0; i < offset; i++)
        line += migration->text[i] == '\n';
    return line;
}

static void plan_json(const stele_migration *migration)
{
    cli_json_begin("migration");
    cli_json_migration(migration);
    cli_json_field("source", migration->source);
    cli_json_number("steps", migration->up.step_count);
    cli_json_end();
    for (uint32_t s = 0; s < migration->up.step_count; s++) {
        const stele_step *step = &migration->steps[migration->up.first_step + s];
        for (uint32_t i = step->first; i < step->first + step->count; i++) {
            const stele_statement *statement = &migration->statements[i];
            cli_json_begin("statement");
            cli_json_field("file", migration->file);
            cli_json_number("line", line_of(migration, statement->begin));
            cli_json_number("step", s + 1);
            printf(",\"transaction\":%s,\"sql\":\"", step->alone ? "false" : "true");
            for (uint32_t at = statement->begin; at < statement->end; at++) {
                char one[2] = {migration->text[at], '\0'};
                unsigned char byte = (unsigned char)one[0];
                if (byte < 0x20 || byte == '"' || byte == '\\')
                    printf("\\u%04x", byte);
                else
                    fputs(one, stdout);
            }
            putchar('"');
            cli_json_end();
        }
    }
}

/* The statement's first words, white space folded, in a line's room. */
static void print_statement(const stele_migration *migration, const stele_statement *statement)
{
    int room = 90;
    bool blank = false;
    printf("  %5u  ", line_of(migration, statement->begin));
    for (uint32_t at = statement->begin; at < statement->end && room > 0; at++) {
        char byte = migration->text[at];
        if (byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r') {
            blank = true;
            continue;
        }
        if (blank)
            putchar(' ');
        putchar(byte);
        room -= (((unsigned char)byte & 0xC0) != 0x80) + blank;
        blank = false;
        if (room <= 0 && at + 1 < statement->end) {
            while (at + 1 < statement->end && ((unsigned char)migration->text[at + 1] & 0xC0) == 0x80)
                putchar(migration->text[++at]);
            fputs(" ...", stdout);
        }
    }
    putchar('\n');
}

typedef struct planned {
    cli *c;
    size_t count;
} planned;

static int print_planned(void *data, const stele_migration *migration)
{
    planned *p = data;
    p->count++;
    if (p->c->json) {
        plan_json(migration);
        return 0;
    }
    cli_style(p->c, stdout, "1");
    if (cli_has_components(p->c))
        printf("%s/", migration->component);
    printf("%s\n", migration->file);
    cli_style(p->c, stdout, NULL);
    for (uint32_t s = 0; s < migration->up.step_count; s++) {
        const stele_step *step = &migration->steps[migration->up.first_step + s];
        if (migration->up.step_count > 1 || step->alone)
            printf("  step %u%s\n", (unsigned)s + 1, step->alone ? ", outside a transaction" : "");
        for (uint32_t i = step->first; i < step->first + step->count; i++)
            print_statement(migration, &migration->statements[i]);
    }
    return 0;
}

int cli_plan(cli *c)
{
    stele *handle;
    stele_error error;
    planned p = {.c = c};
    stele_status status = stele_open(&handle, c->migrations, &c->options, &error);
    if (status == STELE_OK)
        status = stele_plan(handle, c->target, print_planned, &p, &error);
    if (status != STELE_OK)
        cli_error(c, &error);
    else if (!c->json && p.count == 0)
        puts("up to date: nothing to do");
    else if (!c->json)
        printf("%zu %s to apply\n", p.count, cli_plural(p.count, "migration", "migrations"));
    cli_json_result(c, status);
    stele_close(handle);
    return (int)status;
}

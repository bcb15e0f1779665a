#include <string.h>

#include "cli.h"

/* ------------------------------------------------------------------- check */

int cli_check(cli *c)
{
    stele *handle;
    stele_result result = {0};
    stele_error error;
    c->options.progress = cli_progress;
    c->options.data = c;
    stele_status status = cli_open(c, &handle, &error);
    if (status == STELE_OK)
        status = stele_check(handle, &result, &error);
    stele_close(handle);
    if (status != STELE_OK && status != STELE_PENDING)
        cli_error(c, &error);
    if (c->json) {
        cli_json_begin("result");
        cli_json_number("status", cli_exit_code(status));
        cli_json_number("pending", (long long)result.pending);
        cli_json_number("ahead", (long long)result.ahead);
        cli_json_field("version", result.version);
        cli_json_field("head", result.head);
        cli_json_end();
    } else if (status == STELE_PENDING) {
        printf("%zu %s pending\n", result.pending, cli_plural(result.pending, "migration is", "migrations are"));
    } else if (status == STELE_OK && result.ahead == 0) {
        cli_printf(stdout, "up to date%s%s\n", result.version[0] == '\0' ? "" : ": the database is at ", result.version);
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
    [STELE_NEWER] = {"newer", "36"},           [STELE_COVERED] = {"covered", "33"},
};

/* Repeatable, and not in this program any more: up forgets it. */
static bool is_removed(const stele_report *report)
{
    return report->standing == STELE_UNKNOWN && strcmp(report->row->version, "R") == 0;
}

typedef struct tally {
    cli *c;
    size_t counts[STELE_COVERED + 1], removed;
} tally;

static void report_json(const stele_report *report)
{
    cli_json_begin("migration");
    cli_json_field("standing", is_removed(report) ? "removed" : standings[report->standing].name);
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
        cli_json_field("way", report->back ? "down" : "up");
    }
    if (report->row != NULL) {
        cli_json_field("applied_source", report->row->source);
        cli_json_field("applied_at", report->row->started);
        cli_json_field("compat", report->row->compat);
        cli_json_field("role", report->row->role);
        cli_json_number("microseconds", report->row->microseconds);
    }
    cli_json_end();
}

static int print_report(void *data, const stele_report *report)
{
    tally *t = data;
    char duration[32];
    bool removed = is_removed(report);
    const char *name = removed ? "removed" : standings[report->standing].name;
    *(removed ? &t->removed : &t->counts[report->standing]) += 1;
    if (t->c->json) {
        report_json(report);
        return 0;
    }
    const char *component = report->migration != NULL ? report->migration->component : report->row->component;
    const char *file = report->migration != NULL ? report->migration->file : report->row->file;
    cli_style(t->c, stdout, removed ? "33" : standings[report->standing].style);
    printf("  %-11s", name);
    cli_style(t->c, stdout, NULL);
    const bool more = report->standing == STELE_INTERRUPTED || report->row != NULL;
    if (cli_has_components(t->c))
        cli_printf(stdout, " %s/%-*s", component, more ? 36 : 0, file);
    else
        cli_printf(stdout, " %-*s", more ? 40 : 0, file);
    cli_style(t->c, stdout, "2");
    if (report->standing == STELE_INTERRUPTED)
        printf(" %u of %u steps are %s", report->step, report->steps, report->back ? "taken back" : "in");
    else if (report->standing == STELE_WAITING && report->row != NULL)
        cli_printf(stdout, " changed since %.19sZ", report->row->started);
    else if (report->row != NULL)
        cli_printf(stdout, " %.19sZ %9s", report->row->started, cli_duration(duration, report->row->microseconds));
    cli_style(t->c, stdout, NULL);
    putchar('\n');
    return 0;
}

static void print_tally(const tally *t)
{
    size_t total = t->removed, shown = 0;
    for (size_t i = 0; i <= STELE_COVERED; i++)
        total += t->counts[i];
    printf("%zu %s", total, cli_plural(total, "migration", "migrations"));
    for (size_t i = 0; i <= STELE_COVERED; i++)
        if (t->counts[i] > 0)
            printf("%s%zu %s", shown++ == 0 ? ": " : ", ", t->counts[i], standings[i].name);
    if (t->removed > 0)
        printf("%s%zu removed", shown == 0 ? ": " : ", ", t->removed);
    putchar('\n');
}

/* The list has them; here is what they come to. */
static void print_newer(const tally *t)
{
    if (t->counts[STELE_NEWER] > 0 && t->c->options.exact == 0)
        puts("newer ones belong to a newer program; older programs, as this one, can live with them");
}

static stele_status status_of(const tally *t)
{
    if (t->counts[STELE_EDITED] + t->counts[STELE_REFORMATTED] + t->counts[STELE_RENAMED] + t->counts[STELE_MISPLACED] > 0)
        return STELE_TAMPERED;
    return t->counts[STELE_WAITING] + t->counts[STELE_INTERRUPTED] + t->removed > 0 ? STELE_PENDING : STELE_OK;
}

int cli_status(cli *c)
{
    stele *handle;
    stele_error error;
    tally t = {.c = c};
    stele_status status = cli_open(c, &handle, &error);
    if (status == STELE_OK)
        status = stele_report_all(handle, print_report, &t, &error);
    if (status != STELE_OK)
        cli_error(c, &error);
    else if (!c->json)
        print_tally(&t);
    if (status == STELE_OK && !c->json)
        print_newer(&t);
    if (status == STELE_OK && (c->given & CLI_EXIT_CODE) != 0) {
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
    cli_json_field("compat", row->compat);
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
    char duration[32], step[48] = "";
    if (c->json) {
        row_json(row);
        return 0;
    }
    snprintf(step, sizeof step, row->step > 0 ? "%s %d" : "%s", row->action, row->step);
    cli_printf(stdout, "%4lld  %.19sZ  ", (long long)row->seq, row->started);
    cli_style(c, stdout, "1");
    cli_printf(stdout, "%-12s", step);
    cli_style(c, stdout, NULL);
    const char *about = row->version[0] != '\0' ? row->file : row->name; /* a row about a component names a parameter, say */
    if (cli_has_components(c))
        cli_printf(stdout, "  %s/%-32s", row->component, about);
    else
        cli_printf(stdout, "  %-36s", about);
    cli_style(c, stdout, "2");
    cli_printf(stdout, " %10s  by %s from %s%s%s\n      %s\n", cli_duration(duration, row->microseconds), row->role, row->host,
           row->address == NULL ? "" : " ", row->address == NULL ? "" : row->address, row->hash);
    cli_style(c, stdout, NULL);
    if (row->reason != NULL)
        cli_printf(stdout, "      %s\n", row->reason);
    return 0;
}

int cli_history(cli *c)
{
    stele *handle;
    stele_error error;
    stele_status status = cli_open(c, &handle, &error);
    if (status == STELE_OK)
        status = stele_history(handle, print_row, c, &error);
    if (status != STELE_OK)
        cli_error(c, &error);
    cli_json_result(c, status);
    stele_close(handle);
    return (int)status;
}

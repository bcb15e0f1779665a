#include <string.h>

#include "cli.h"

static void progress_json(const stele_event *event)
{
    static const char *const names[] = {"wait", "start", "step", "applied", "notice"};
    cli_json_begin(names[event->kind]);
    if (event->migration != NULL) {
        cli_json_migration(event->migration);
        cli_json_number("index", (long long)event->index);
        cli_json_number("total", (long long)event->total);
    }
    if (event->kind == STELE_EVENT_STEP) {
        cli_json_number("step", event->step);
        cli_json_number("steps", event->steps);
    }
    if (event->kind == STELE_EVENT_APPLIED)
        cli_json_number("microseconds", event->microseconds);
    if (event->kind == STELE_EVENT_NOTICE) {
        cli_json_field("severity", event->severity);
        cli_json_field("sqlstate", event->sqlstate);
    }
    if (event->message[0] != '\0')
        cli_json_field("message", event->message);
    cli_json_end();
}

static void print_name(const cli *c, const stele_event *event)
{
    const stele_migration *migration = event->migration;
    if (cli_has_components(c))
        printf("  %s/%-40s", migration->component, migration->file);
    else
        printf("  %-44s", migration->file);
}

static void print_applied(const cli *c, const stele_event *event)
{
    char duration[32];
    uint32_t count = 0;
    for (uint32_t i = 0; i < event->migration->up.step_count; i++)
        count += event->migration->steps[event->migration->up.first_step + i].count;
    if (c->live)
        printf("\r\033[K");
    print_name(c, event);
    cli_style(c, stdout, "2");
    printf(" %3u %-10s %10s", (unsigned)count, cli_plural(count, "statement", "statements"),
           cli_duration(duration, event->microseconds));
    cli_style(c, stdout, NULL);
    putchar('\n');
}

static void progress(void *data, const stele_event *event)
{
    const cli *c = data;
    if (c->json) {
        progress_json(event);
        return;
    }
    if (event->kind == STELE_EVENT_APPLIED && !c->quiet)
        print_applied(c, event);
    else if (event->kind == STELE_EVENT_START && c->live && !c->quiet) {
        print_name(c, event);
        printf(" (%zu of %zu)", event->index, event->total);
    } else if (event->kind == STELE_EVENT_STEP && c->live && !c->quiet) {
        printf("\r\033[K");
        print_name(c, event);
        printf(" step %u of %u", event->step, event->steps);
    } else if (event->kind == STELE_EVENT_WAIT && !c->quiet) {
        fprintf(stderr, "%s: waiting: the lock is held by %s\n", c->program, event->message);
    } else if (event->kind == STELE_EVENT_NOTICE && strcmp(event->severity, "WARNING") == 0) {
        fprintf(stderr, "%s%s: warning: %s [%s]\n", c->live ? "\n" : "", event->migration->file, event->message, event->sqlstate);
    }
    fflush(stdout);
}

static void print_result(const cli *c, const stele_result *result)
{
    if (c->quiet)
        return;
    if (result->applied > 0)
        printf("applied %zu %s", result->applied, cli_plural(result->applied, "migration", "migrations"));
    else
        printf(result->pending == 0 ? "up to date: nothing to do" : "nothing to do");
    if (result->pending > 0)
        printf(", %zu still pending", result->pending);
    if (result->version[0] != '\0')
        printf("; the database is at %s", result->version);
    putchar('\n');
    if (result->head[0] != '\0') {
        cli_style(c, stdout, "2");
        printf("head %s\n", result->head);
        cli_style(c, stdout, NULL);
    }
}

int cli_up(cli *c)
{
    stele *handle;
    stele_result result = {0};
    stele_error error;
    c->options.progress = progress;
    c->options.data = c;
    stele_status status = stele_open(&handle, c->migrations, &c->options, &error);
    if (status == STELE_OK)
        status = stele_apply(handle, c->target, &result, &error);
    stele_close(handle);
    if (status != STELE_OK) {
        if (c->live && !c->json && !c->quiet)
            printf("\r\033[K");
        cli_error(c, &error);
    }
    if (c->json) {
        cli_json_begin("result");
        cli_json_number("status", status);
        cli_json_number("applied", (long long)result.applied);
        cli_json_number("pending", (long long)result.pending);
        cli_json_field("version", result.version);
        cli_json_field("head", result.head);
        cli_json_end();
    } else if (status == STELE_OK) {
        print_result(c, &result);
    } else if (result.applied > 0) {
        fprintf(stderr, "%s: %zu %s\n", c->program, result.applied,
                cli_plural(result.applied, "migration was applied before that, and stays",
                           "migrations were applied before that, and stay"));
        fprintf(stderr, "head %s\n", result.head);
    }
    return (int)status;
}

#include <string.h>

#include "cli.h"

static void progress_json(const stele_event *event)
{
    static const char *const names[] = {"wait", "start", "step", "applied", "notice", "reverted", "recorded", "print", "blocked", "progress", "retry", "ahead"};
    cli_json_begin(names[event->kind]);
    if (event->migration != NULL) {
        cli_json_migration(event->migration);
        cli_json_number("index", (long long)event->index);
        cli_json_number("total", (long long)event->total);
    }
    if (event->kind == STELE_EVENT_AHEAD)
        cli_json_number("ahead", (long long)event->total);
    if (event->kind == STELE_EVENT_STEP) {
        cli_json_number("step", event->step);
        cli_json_number("steps", event->steps);
    }
    if (event->deed != NULL)
        cli_json_field("deed", event->deed);
    if (event->kind == STELE_EVENT_APPLIED || event->kind == STELE_EVENT_REVERTED)
        cli_json_number("microseconds", event->microseconds);
    if (event->head[0] != '\0')
        cli_json_field("head", event->head);
    if (event->kind == STELE_EVENT_NOTICE) {
        cli_json_field("severity", event->severity);
        cli_json_field("sqlstate", event->sqlstate);
    }
    if (event->message[0] != '\0')
        cli_json_field("message", event->message);
    cli_json_end();
}

/* The name, in a column. */
static void print_name(const cli *c, const stele_migration *migration)
{
    if (cli_has_components(c))
        cli_printf(stdout, "  %s/%-40s", migration->component, migration->file);
    else
        cli_printf(stdout, "  %-44s", migration->file);
}

static void print_done(const cli *c, const stele_event *event)
{
    const stele_migration *migration = event->migration;
    bool back = event->kind == STELE_EVENT_REVERTED;
    const stele_part *part = back ? &migration->down : &migration->up;
    char duration[32];
    uint32_t count = 0;
    for (uint32_t i = 0; i < part->step_count; i++)
        count += migration->steps[part->first_step + i].count;
    print_name(c, migration);
    cli_style(c, stdout, "2");
    if (migration->lua)
        printf("     %-10s", "Lua");
    else
        printf(" %3u %-10s", (unsigned)count, cli_plural(count, "statement", "statements"));
    printf(" %10s%s", cli_duration(duration, event->microseconds), back ? "  taken back" : "");
    cli_style(c, stdout, NULL);
    putchar('\n');
}

/* A row that ran nothing: what was done, by the ledger's word. */
static void print_recorded(const cli *c, const stele_event *event)
{
    if (event->migration->file[0] == '\0') { /* about a component */
        printf("  %s%s%s\n", cli_has_components(c) ? event->migration->component : "", cli_has_components(c) ? ": " : "", event->message);
        return;
    }
    print_name(c, event->migration);
    cli_style(c, stdout, "2");
    cli_printf(stdout, " %s", event->deed);
    cli_style(c, stdout, NULL);
    putchar('\n');
}

/* On a terminal the line of the migration that is under way is written over. */
static void print_under_way(const cli *c, const stele_event *event)
{
    if (!c->live)
        return;
    print_name(c, event->migration);
    if (event->kind == STELE_EVENT_STEP)
        printf(" step %u of %u", event->step, event->steps);
    else if (event->kind == STELE_EVENT_PROGRESS)
        cli_printf(stdout, " %s", event->message);
    else
        printf(" (%zu of %zu)", event->index, event->total);
}

/* Who stands in the way, a line each; or that it begins again. */
static void print_obstacle(const cli *c, const stele_event *event)
{
    const char *line = event->message;
    cli_printf(stderr, "%s: %s: %s", c->program, event->migration->file, event->kind == STELE_EVENT_BLOCKED ? "blocked by " : "");
    for (size_t length; line[0] != '\0'; line += length) {
        length = strcspn(line, "\n");
        cli_printf(stderr, "%.*s\n", (int)length, line);
        length += line[length] == '\n';
        if (line[length] != '\0')
            fputs("    and by ", stderr);
    }
}

static void print_event(const cli *c, const stele_event *event)
{
    if (c->live && event->kind != STELE_EVENT_WAIT && event->kind != STELE_EVENT_NOTICE)
        printf("\r\033[K");
    switch (event->kind) {
    case STELE_EVENT_WAIT:
        cli_printf(stderr, "%s: waiting: the lock is held by %s\n", c->program, event->message);
        break;
    case STELE_EVENT_START:
    case STELE_EVENT_STEP:
        print_under_way(c, event);
        break;
    case STELE_EVENT_APPLIED:
    case STELE_EVENT_REVERTED:
        print_done(c, event);
        break;
    case STELE_EVENT_RECORDED:
        print_recorded(c, event);
        break;
    case STELE_EVENT_PRINT:
        cli_printf(stdout, "      %s\n", event->message); /* deeper than the migrations' own lines, the next of which is its own */
        break;
    case STELE_EVENT_BLOCKED:
    case STELE_EVENT_RETRY:
        print_obstacle(c, event);
        break;
    case STELE_EVENT_PROGRESS:
        print_under_way(c, event);
        break;
    case STELE_EVENT_AHEAD:
        cli_printf(stdout, "%s%s\n", (c->given & CLI_TAP) != 0 ? "# " : "", event->message);
        break;
    case STELE_EVENT_NOTICE:
        break;
    }
}

static void note_head(cli *c, const stele_event *event)
{
    for (size_t i = 0; event->head[0] != '\0' && i < c->migrations->component_count; i++)
        if (strcmp(c->migrations->components[i], event->migration->component) == 0)
            snprintf(c->heads[i], sizeof c->heads[i], "%s", event->head);
}

void cli_print_heads(const cli *c, FILE *stream, const stele_result *result)
{
    bool named = false;
    cli_style(c, stream, "2");
    for (size_t i = 0; i < c->migrations->component_count && cli_has_components(c); i++) {
        if (c->heads[i][0] == '\0')
            continue;
        cli_printf(stream, "head of %s %s\n", c->migrations->components[i], c->heads[i]);
        named = true;
    }
    if (!named && result->head[0] != '\0' && !cli_has_components(c))
        cli_printf(stream, "head %s\n", result->head);
    cli_style(c, stream, NULL);
}

void cli_progress(void *data, const stele_event *event)
{
    cli *c = data;
    note_head(c, event);
    c->ahead = event->kind == STELE_EVENT_AHEAD ? event->total : c->ahead;
    c->squashed += event->kind == STELE_EVENT_RECORDED && strcmp(event->deed, "squash") == 0;
    c->kept += event->kind == STELE_EVENT_RECORDED && strcmp(event->deed, "set") == 0;
    if (c->json)
        progress_json(event);
    else if (event->kind == STELE_EVENT_NOTICE && strcmp(event->severity, "WARNING") == 0)
        cli_printf(stderr, "%s%s: warning: %s [%s]\n", c->live ? "\n" : "", event->migration->file, event->message, event->sqlstate);
    else if (!c->quiet)
        print_event(c, event);
    fflush(stdout);
}

void cli_end_progress(const cli *c)
{
    if (c->live && !c->json && !c->quiet)
        printf("\r\033[K");
}

#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef struct printer {
    const cli *c;
    const char *file; /* of tests; NULL for sections of migrations */
    size_t count, failed;
} printer;

/* "migrations/003_c.sql:12", or of a file of tests, its name. */
static void print_place(const printer *p, const stele_verdict *verdict)
{
    if (verdict->migration == NULL)
        cli_printf(stdout, "%s", p->file);
    else
        cli_printf(stdout, "%s/%s", verdict->migration->directory, verdict->file);
    if (verdict->line > 0)
        printf(":%u", verdict->line);
}

static void verdict_json(const printer *p, const stele_verdict *verdict)
{
    cli_json_begin("verdict");
    printf(",\"ok\":%s", verdict->ok ? "true" : "false");
    if (verdict->migration != NULL) {
        cli_json_field("component", verdict->migration->component);
        cli_json_field("version", verdict->migration->version);
        cli_json_field("name", verdict->migration->name);
    }
    cli_json_field("file", verdict->migration != NULL ? verdict->file : p->file);
    cli_json_number("line", verdict->line);
    cli_json_field("title", verdict->title);
    cli_json_field("message", verdict->message);
    cli_json_field("detail", verdict->detail);
    cli_json_end();
}

/* How it went, in the form that was asked for. */
static void print_outcome(const printer *p, bool ok)
{
    const cli *c = p->c;
    if ((c->given & CLI_TAP) != 0) {
        printf("%s %zu - ", ok ? "ok" : "not ok", p->count);
        return;
    }
    cli_style(c, stdout, ok ? "32" : "1;31");
    fputs(ok ? "  ok      " : "  FAILED  ", stdout);
    cli_style(c, stdout, NULL);
}

static int print_verdict(void *data, const stele_verdict *verdict)
{
    printer *p = data;
    const cli *c = p->c;
    bool tap = (c->given & CLI_TAP) != 0;
    const char *prefix = tap ? "# " : "          ";
    p->count++;
    p->failed += !verdict->ok;
    if (c->json)
        verdict_json(p, verdict);
    if (c->json || (c->quiet && verdict->ok && !tap))
        return 0;
    print_outcome(p, verdict->ok);
    print_place(p, verdict);
    fputs(": ", stdout);
    cli_tap_title(verdict->title);
    if (!verdict->ok) {
        cli_indented(prefix, verdict->message);
        cli_indented(prefix, verdict->detail);
    }
    return 0;
}

/* A file of tests, not VERSION: it ends in .sql, or has a slash that isn't behind a component's name. */
static bool is_file(const cli *c, const char *word)
{
    size_t length = strlen(word);
    const char *slash = strchr(word, '/');
    if (length > 4 && strcmp(word + length - 4, ".sql") == 0)
        return true;
    for (size_t i = 0; i < c->migrations->component_count && slash != NULL; i++) {
        const char *component = c->migrations->components[i];
        if (strlen(component) == (size_t)(slash - word) && strncmp(component, word, strlen(component)) == 0)
            return false;
    }
    return slash != NULL;
}

/* The bytes of a file, with a zero byte behind; NULL when it can't be read, or memory ran out. */
static char *read_bytes(FILE *file)
{
    size_t length = 0, room = 65536;
    char *text = malloc(room);
    while (text != NULL && (length += fread(text + length, 1, room - length - 1, file)) == room - 1) {
        char *more = realloc(text, room *= 2);
        if (more == NULL)
            free(text);
        text = more;
    }
    if (text != NULL && ferror(file)) {
        free(text);
        return NULL;
    }
    if (text != NULL)
        text[length] = '\0';
    return text;
}

static stele_status verify_file(printer *p, stele *handle, const char *path, stele_error *error)
{
    FILE *file = fopen(path, "rb");
    char *script = file == NULL ? NULL : read_bytes(file);
    bool memory = file != NULL && script == NULL && !ferror(file);
    stele_status status = memory ? STELE_FAILED : STELE_USAGE;
    if (file != NULL)
        fclose(file);
    p->file = path;
    if (script != NULL) {
        status = stele_verify_script(handle, script, print_verdict, p, error);
    } else {
        *error = (stele_error){.status = status};
        snprintf(error->message, sizeof error->message, memory ? "out of memory" : "\"%.900s\" could not be read", path);
    }
    free(script);
    return status;
}

/* All that was asked for. A check that fails doesn't keep the others from being made. */
static stele_status verify_all(cli *c, printer *p, stele *handle, stele_error *error)
{
    size_t files = 0;
    while (files < c->word_count && is_file(c, c->words[c->word_count - 1 - files]))
        files++;
    size_t versions = c->word_count - files;
    stele_status status = STELE_OK;
    if (versions > 1) {
        *error = (stele_error){.status = STELE_USAGE, .message = "verify takes one VERSION, and files behind it"};
        return STELE_USAGE;
    }
    if (versions == 1 || files == 0)
        status = stele_verify(handle, versions == 1 ? c->words[0] : NULL, print_verdict, p, error);
    for (size_t i = versions; i < c->word_count && (status == STELE_OK || status == STELE_FAILED); i++)
        status = verify_file(p, handle, c->words[i], error);
    if (p->failed > 0 && status == STELE_OK)
        status = STELE_FAILED;
    return status;
}

static void print_end(const cli *c, const printer *p, stele_status status)
{
    if ((c->given & CLI_TAP) != 0 && (status == STELE_OK || p->failed > 0))
        printf("1..%zu\n", p->count);
    else if ((c->given & CLI_TAP) != 0)
        puts("Bail out! the checks could not be made");
    else if (status == STELE_OK && !c->json && !c->quiet)
        printf(p->count == 0 ? "there is nothing to check: no verify section of what is applied\n" : "%zu %s, all well\n", p->count,
               cli_plural(p->count, "check", "checks"));
}

int cli_verify(cli *c)
{
    stele *handle;
    stele_error error;
    printer p = {.c = c};
    c->options.progress = cli_progress;
    stele_status status = cli_open(c, &handle, &error);
    if (status == STELE_OK)
        status = verify_all(c, &p, handle, &error);
    stele_close(handle);
    if (status == STELE_FAILED && p.failed > 0) {
        error = (stele_error){.status = STELE_FAILED};
        snprintf(error.message, sizeof error.message, "%zu of %zu %s failed", p.failed, p.count, cli_plural(p.count, "check", "checks"));
    }
    print_end(c, &p, status);
    if (status != STELE_OK)
        cli_error(c, &error);
    cli_json_result(c, status);
    return (int)status;
}

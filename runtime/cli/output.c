#include <string.h>

#include "cli.h"

void cli_style(const cli *c, FILE *stream, const char *style)
{
    if (stream == stderr ? c->color_err : c->color)
        fprintf(stream, "\033[%sm", style == NULL ? "0" : style);
}

const char *cli_plural(size_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

const char *cli_duration(char buffer[32], int64_t microseconds)
{
    double ms = (double)microseconds / 1000;
    if (ms < 1000)
        snprintf(buffer, 32, "%.1f ms", ms);
    else if (ms < 60000)
        snprintf(buffer, 32, "%.2f s", ms / 1000);
    else
        snprintf(buffer, 32, "%lld min %02lld s", (long long)(microseconds / 60000000),
                 (long long)(microseconds / 1000000 % 60));
    return buffer;
}

void cli_indented(const char *prefix, const char *text)
{
    if (text[0] == '\0')
        return;
    fputs(prefix, stdout);
    cli_print_lines(stdout, text, prefix);
}

bool cli_has_components(const cli *c)
{
    return c->migrations->component_count > 1;
}

void cli_print_name(const cli *c, const stele_migration *migration)
{
    if (cli_has_components(c))
        cli_printf(stdout, "%s/", migration->component);
    cli_printf(stdout, "%s", migration->file);
}

/* -------------------------------------------------------------------- JSON */

void cli_json_field(const char *key, const char *value)
{
    printf(",\"%s\":", key);
    cli_json_string(stdout, value);
}

void cli_json_number(const char *key, long long value)
{
    printf(",\"%s\":%lld", key, value);
}

void cli_json_migration(const stele_migration *migration)
{
    cli_json_field("component", migration->component);
    cli_json_field("version", migration->version);
    cli_json_field("name", migration->name);
    cli_json_field("file", migration->file);
}

void cli_json_begin(const char *event)
{
    printf("{\"event\":\"%s\"", event);
}

void cli_json_end(void)
{
    puts("}");
    fflush(stdout);
}

void cli_json_result(const cli *c, stele_status status)
{
    if (!c->json)
        return;
    cli_json_begin("result");
    cli_json_number("status", cli_exit_code(status));
    cli_json_end();
}

/* ------------------------------------------------------------------- errors */

static void error_json(const stele_error *error)
{
    cli_json_begin("error");
    cli_json_number("status", cli_exit_code(error->status));
    cli_json_field("sqlstate", error->sqlstate);
    cli_json_field("file", error->file);
    cli_json_number("line", error->line);
    cli_json_number("column", error->column);
    cli_json_field("message", error->message);
    cli_json_field("detail", error->detail);
    cli_json_field("hint", error->hint);
    cli_json_field("context", error->context);
    cli_json_field("source", error->source);
    cli_json_end();
}

/* The source line, and a caret under the column; tabs stay tabs, so that the two line up. */
static void print_source(const cli *c, const stele_error *error)
{
    cli_printf(stderr, "%5u | %s\n      | ", error->line, error->source);
    unsigned column = 1;
    for (const char *s = error->source; *s != '\0' && column < error->column; s++) {
        if (((unsigned char)*s & 0xC0) == 0x80)
            continue;
        putc(*s == '\t' ? '\t' : ' ', stderr);
        column++;
    }
    cli_style(c, stderr, "1;32");
    fputs("^", stderr);
    cli_style(c, stderr, NULL);
    putc('\n', stderr);
}

/* "detail: first line", and the lines after it under the first. */
static void print_more(const char *label, const char *text)
{
    static const char blanks[] = "         ";
    if (text[0] == '\0')
        return;
    fputs(label, stderr);
    cli_print_lines(stderr, text, blanks + sizeof blanks - 1 - strlen(label));
}

void cli_error(const cli *c, const stele_error *error)
{
    if (c->json) {
        error_json(error);
        return;
    }
    fflush(stdout);
    if (error->file[0] == '\0')
        cli_printf(stderr, "%s: ", c->program);
    else if (error->line == 0)
        cli_printf(stderr, "%s: ", error->file);
    else if (error->column == 0)
        cli_printf(stderr, "%s:%u: ", error->file, error->line);
    else
        cli_printf(stderr, "%s:%u:%u: ", error->file, error->line, error->column);
    cli_style(c, stderr, "1;31");
    fputs("error: ", stderr);
    cli_style(c, stderr, NULL);
    cli_style(c, stderr, "1");
    cli_printf(stderr, "%s", error->message);
    cli_style(c, stderr, NULL);
    cli_printf(stderr, error->sqlstate[0] == '\0' ? "\n" : " [%s]\n", error->sqlstate);
    if (error->line > 0 && error->column > 0 && error->source[0] != '\0')
        print_source(c, error);
    print_more("detail: ", error->detail);
    print_more("hint: ", error->hint);
    print_more("context: ", error->context);
}

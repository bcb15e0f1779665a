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

/* '#' would begin a directive. */
void cli_tap_title(const char *text)
{
    for (; *text != '\0'; text++)
        putchar(*text == '#' ? '*' : *text == '\n' ? ' ' : *text);
    putchar('\n');
}

void cli_indented(const char *prefix, const char *text)
{
    if (text[0] == '\0')
        return;
    fputs(prefix, stdout);
    for (; *text != '\0' && (text[0] != '\n' || text[1] != '\0'); text++) {
        putchar(*text);
        if (*text == '\n')
            fputs(prefix, stdout);
    }
    putchar('\n');
}

bool cli_has_components(const cli *c)
{
    return c->migrations->component_count > 1;
}

void cli_print_name(const cli *c, const stele_migration *migration)
{
    if (cli_has_components(c))
        printf("%s/", migration->component);
    fputs(migration->file, stdout);
}

/* -------------------------------------------------------------------- JSON */

/* The length of the UTF-8 character at `s`, or 0 when there is none. */
static size_t character(const unsigned char *s)
{
    size_t length = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF0 && s[1] < 0x90) ||
        (s[0] == 0xF4 && s[1] > 0x8F))
        return 0;
    return length;
}

void cli_json_string(FILE *stream, const char *text)
{
    if (text == NULL) {
        fputs("null", stream);
        return;
    }
    putc('"', stream);
    for (const unsigned char *s = (const unsigned char *)text; *s != '\0';) {
        size_t length = character(s);
        if (length == 0)
            fputs("\\ufffd", stream);
        else if (*s == '"' || *s == '\\')
            fprintf(stream, "\\%c", *s);
        else if (*s == '\n')
            fputs("\\n", stream);
        else if (*s < 0x20 || *s == 0x7F)
            fprintf(stream, "\\u%04x", *s);
        else
            fwrite(s, 1, length, stream);
        s += length == 0 ? 1 : length;
    }
    putc('"', stream);
}

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
    fprintf(stderr, "%5u | %s\n      | ", error->line, error->source);
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

/* "DETAIL: first line", and the lines after it under the first. */
static void print_more(const char *label, const char *text)
{
    if (text[0] == '\0')
        return;
    fprintf(stderr, "%s: ", label);
    for (const char *s = text; *s != '\0'; s++) {
        putc(*s, stderr);
        if (*s == '\n')
            fprintf(stderr, "%*s", (int)strlen(label) + 2, "");
    }
    putc('\n', stderr);
}

void cli_error(const cli *c, const stele_error *error)
{
    if (c->json) {
        error_json(error);
        return;
    }
    fflush(stdout);
    if (error->file[0] == '\0')
        fprintf(stderr, "%s: ", c->program);
    else if (error->line == 0)
        fprintf(stderr, "%s: ", error->file);
    else if (error->column == 0)
        fprintf(stderr, "%s:%u: ", error->file, error->line);
    else
        fprintf(stderr, "%s:%u:%u: ", error->file, error->line, error->column);
    cli_style(c, stderr, "1;31");
    fputs("error: ", stderr);
    cli_style(c, stderr, NULL);
    cli_style(c, stderr, "1");
    fputs(error->message, stderr);
    cli_style(c, stderr, NULL);
    fprintf(stderr, error->sqlstate[0] == '\0' ? "\n" : " [%s]\n", error->sqlstate);
    if (error->line > 0 && error->column > 0 && error->source[0] != '\0')
        print_source(c, error);
    print_more("detail", error->detail);
    print_more("hint", error->hint);
    print_more("context", error->context);
}

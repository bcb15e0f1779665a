/*
 * cli.h - the command line of a migration program
 *
 * One file per family of commands; output.c is the only one that knows how things look. Here, and
 * only here, the library prints.
 */
#ifndef STELE_CLI_H
#define STELE_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "../stele.h"

enum { CLI_VALUES = 64 }; /* -D options at most */

typedef struct cli {
    const char *program;
    const stele_migrations *migrations;
    stele_options options;
    stele_value values[CLI_VALUES];
    char names[CLI_VALUES][64]; /* of the values */
    const char *command;
    const char *target; /* up, plan: VERSION */
    const char *head;   /* audit */
    bool json, tap, quiet, exit_code;
    bool color, color_err; /* per stream: a terminal that wants it */
    bool live;             /* stdout is a terminal: progress may be rewritten */
} cli;

/* Read the arguments. Returns STELE_OK, STELE_USAGE after a message, or -1 when all is done (--help). */
int cli_arguments(cli *c, int argc, char **argv);

/* Commands: run, print, and return the exit code. */
int cli_up(cli *c);
int cli_check(cli *c);
int cli_status(cli *c);
int cli_history(cli *c);
int cli_plan(cli *c);
int cli_audit(cli *c);

/* ------------------------------------------------------------------ output */

/* Switch a style on: "1" bold, "2" dim, "31" red, "32" green, "33" yellow; NULL: off. Nothing without colour. */
void cli_style(const cli *c, FILE *stream, const char *style);

/* An error, in GCC's form, with the source line and a caret, on stderr; or as JSON on stdout. */
void cli_error(const cli *c, const stele_error *error);

/* "1 migration", "2 migrations". */
const char *cli_plural(size_t count, const char *one, const char *many);

/* Microseconds for people: "3.1 ms", "2.4 s". */
const char *cli_duration(char buffer[32], int64_t microseconds);

/* A string as JSON, quotes and all; null for NULL. Bytes that aren't UTF-8 become U+FFFD. */
void cli_json_string(FILE *stream, const char *text);

/* ,"key":"value" or ,"key":number. */
void cli_json_field(const char *key, const char *value);
void cli_json_number(const char *key, long long value);

/* The fields that name a migration. */
void cli_json_migration(const stele_migration *migration);

/* {"event":"NAME": the begin of a line; cli_json_end ends it. */
void cli_json_begin(const char *event);
void cli_json_end(void);

/* The last line of every command with --json: {"event":"result","status":N}. Commands with more to say end it themselves. */
void cli_json_result(const cli *c, stele_status status);

/* Is it more than one component that the program carries? Then names need it. */
bool cli_has_components(const cli *c);

#endif

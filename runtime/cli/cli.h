/*
 * cli.h - the command line of a migration program
 *
 * One file per family of commands; output.c and foreign.c are the only ones that know how things look. Here, and
 * only here, the library prints.
 */
#ifndef STELE_CLI_H
#define STELE_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "../stele.h"

enum { CLI_VALUES = 64 }; /* -D options at most */
enum { CLI_WORKERS_MOST = 64 }; /* threads of one job run */

/* Options that only some commands take: an option without an effect is a mistake that should be seen. */
enum {
    CLI_TAP = 1 << 0,
    CLI_HEAD = 1 << 1,
    CLI_EXIT_CODE = 1 << 2,
    CLI_OUT_OF_ORDER = 1 << 3,
    CLI_VERIFY = 1 << 4,
    CLI_COUNT = 1 << 5, /* -N */
    CLI_DOWN = 1 << 6,
    CLI_ALL = 1 << 7,
    CLI_FROM_LEDGER = 1 << 8,
    CLI_DESTRUCTIVE = 1 << 9,
    CLI_COMPONENT = 1 << 10,
    CLI_SQL = 1 << 11,
    CLI_REASON = 1 << 12,
    CLI_STEP = 1 << 13,
    CLI_READ = 1 << 14,
    CLI_LOCK_TIMEOUT = 1 << 15, /* and --lock-retry */
    CLI_TERMINATE = 1 << 16,
    CLI_EXACT = 1 << 17,
    CLI_WORKERS = 1 << 18,
    CLI_WAY_BACK = CLI_COUNT | CLI_ALL | CLI_DESTRUCTIVE | CLI_COMPONENT /* which migrations to take back */
};

typedef struct cli {
    const char *program;
    const stele_migrations *migrations;
    stele_options options;
    stele_value values[CLI_VALUES];
    char names[CLI_VALUES][64]; /* of the values */
    const char *command;
    const char **words;  /* what follows the command and is no option */
    size_t word_count;
    const char *target;  /* the first of them, or NULL: mostly VERSION */
    unsigned given;      /* CLI_TAP ... */
    const char *head;    /* audit */
    const char *reason;  /* baseline, repair, job switch and undo */
    const char *role;    /* grant */
    unsigned step;       /* repair done; 0 for none */
    unsigned workers;    /* job run; 0 for one */
    stele_way_back back; /* down, redo, plan --down; without the target */
    size_t ahead;        /* migrations of newer programs, which this one can live with */
    size_t squashed;     /* migrations that this command recorded in the place of others */
    size_t kept;         /* rows about values of parameters that up was given, and the ledger didn't have */
    bool rights_headed;  /* the heading of the rights of a plan is printed */
    char (*heads)[72];   /* per component: of its last row that this command wrote; "" for none */
    bool json, quiet, help;
    bool color, color_err; /* per stream: a terminal that wants it */
    bool live;             /* stdout is a terminal: progress may be rewritten */
} cli;

/* A command, and what it takes. */
typedef struct cli_command {
    const char *name;
    int (*run)(cli *c);
    size_t words;     /* at most */
    unsigned options; /* CLI_TAP ... */
} cli_command;

/* Read the arguments; words are to be freed. Returns STELE_OK, STELE_USAGE after a message, or -1 when all is done (--version). */
int cli_arguments(cli *c, int argc, char **argv);

/* Does the command take all that was given? Says what it doesn't. */
bool cli_arguments_fit(const cli *c, const cli_command *command);

/* What it takes to have this option: CLI_TAP ..., or 0 where every command takes it. */
unsigned cli_option_bit(const char *name, size_t length);

/* What --help says, of one command or, for NULL, of all. */
void cli_help(const cli *c, const cli_command *command, FILE *out);

/*
 * stele_open, and from then on SIGINT and SIGTERM interrupt what runs, unless they were ignored or somebody else's; a second one ends the
 * process at once. While it connects they end it as ever: nothing is at stake then.
 */
stele_status cli_open(cli *c, stele **handle, stele_error *error);

/* The exit code: the status, or 128 + the signal where one has interrupted the command. */
int cli_exit_code(stele_status status);

/* The signals as they were before. */
void cli_release_signals(void);

/* Commands: run, print, and return the exit code. */
int cli_up(cli *c);
int cli_check(cli *c);
int cli_status(cli *c);
int cli_history(cli *c);
int cli_plan(cli *c);
int cli_audit(cli *c);
int cli_down(cli *c);
int cli_redo(cli *c);
int cli_verify(cli *c);
int cli_baseline(cli *c);
int cli_repair(cli *c);
int cli_grant(cli *c);
int cli_job_command(cli *c);

/* plan --down: what would be taken back. */
int cli_plan_down(cli *c);
int cli_script(cli *c); /* plan --sql */

/* --------------------------------------------------------------- migrations */

/* "002_b.sql"; where the program carries several components, "main/002_b.sql". */
void cli_print_name(const cli *c, const stele_migration *migration);

/* The steps of a part from this one on, which counts from 1, and their statements, one line each; or as JSON. */
void cli_print_part(const stele_migration *migration, const stele_part *part, unsigned from);
void cli_part_json(const stele_migration *migration, const stele_part *part, unsigned from);

/* A right that is missing, or that can't be checked; `data` is the cli. */
int cli_print_right(void *data, const stele_right *right);

/* What happens meanwhile, as options.progress; `data` is the cli. */
void cli_progress(void *data, const stele_event *event);

/* After a line of progress that may not have ended: begin a new one, before an error. */
void cli_end_progress(const cli *c);

/* ------------------------------------------------------------------ output */

/* Switch a style on: "1" bold, "2" dim, "31" red, "32" green, "33" yellow; NULL: off. Nothing without colour. */
void cli_style(const cli *c, FILE *stream, const char *style);

/* An error, in GCC's form, with the source line and a caret, on stderr; or as JSON on stdout. */
void cli_error(const cli *c, const stele_error *error);

/*
 * The ledger's head, to be noted outside the database: one for each component that rows were written for, by name where
 * the program carries several. Nothing where there is no ledger.
 */
void cli_print_heads(const cli *c, FILE *stream, const stele_result *result);

/* "1 migration", "2 migrations". */
const char *cli_plural(size_t count, const char *one, const char *many);

/* Lines, each behind a prefix, on stdout; nothing for "". */
void cli_indented(const char *prefix, const char *text);

/* Microseconds for people: "3.1 ms", "2.4 s". */
const char *cli_duration(char buffer[32], int64_t microseconds);

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

/* --------------------------------------------------------------- foreign.c */

/*
 * What is printed for people, and has text in it that doesn't stand in this program, is printed by one of these: what could steer a terminal, or turn the direction of writing, becomes U+FFFD, as
 * does what is no UTF-8. Line ends and tabs stay.
 */
__attribute__((format(printf, 2, 3))) void cli_printf(FILE *stream, const char *format, ...);

/* Lines, with the end of the last one; `prefix` stands before each but the first. */
void cli_print_lines(FILE *stream, const char *text, const char *prefix);

/* The same in one line, without its end. */
void cli_print_foreign(FILE *stream, const char *text);

/* A title of TAP, with its line end: TAP's own words in it would change its meaning. */
void cli_tap_title(const char *text);

/* A string as JSON, quotes and all; null for NULL. Bytes that aren't UTF-8 become U+FFFD, and what could steer a terminal is written as its number. */
void cli_json_string(FILE *stream, const char *text);
void cli_json_bytes(FILE *stream, const char *text, size_t length);

#endif

#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pq.h"
#include "cli.h"

static const char help[] =
    "usage: %s COMMAND [options]\n"
    "\n"
    "  up [VERSION]     apply what is pending, or all up to VERSION\n"
    "  status           every migration: applied, pending, edited ...\n"
    "  check            is the database up to date? one round trip, no write\n"
    "  plan [VERSION]   what up would do: migrations and statements\n"
    "  history          the ledger, row by row\n"
    "  audit            prove the ledger, and each applied migration, unchanged\n"
    "\n"
    "  --db URL         the database: a URI or a conninfo string; else DATABASE_URL,\n"
    "                   else libpq's own environment (PGHOST, PGSERVICE ...)\n"
    "  -D NAME=VALUE    a parameter that is given when applied\n"
    "  --json           one JSON object a line\n"
    "  --tap            audit: as TAP, for prove\n"
    "  --head HASH      audit: the ledger's head as you noted it outside the database\n"
    "  --exit-code      status: exit as check and audit would\n"
    "  --lock-wait SEC  how long to wait for another process (60); 0: not at all\n"
    "  --out-of-order   up, plan: allow a migration below one that is applied\n"
    "  --schema NAME    of the ledger (stele)\n"
    "  -q, --quiet      up: print errors only\n"
    "  -h, --help       this text; --version\n"
    "\n"
    "exit: 0 done; 1 failed; 2 usage; 3 no connection; 4 locked; 5 pending (check);\n"
    "      6 edited, missing or tampered; 7 the database is ahead; 9 a requirement is not met\n";

static int usage(const cli *c, const char *what, const char *word)
{
    fprintf(stderr, "%s: %s \"%s\"\nhint: %s --help lists commands and options\n", c->program, what, word, c->program);
    return STELE_USAGE;
}

/* "--name VALUE" or "--name=VALUE": the value, or NULL when `argument` isn't that option. */
static const char *value_of(const char *name, int argc, char **argv, int *at)
{
    size_t length = strlen(name);
    if (strncmp(argv[*at], name, length) != 0)
        return NULL;
    if (argv[*at][length] == '=')
        return argv[*at] + length + 1;
    if (argv[*at][length] == '\0' && *at + 1 < argc)
        return argv[++*at];
    return NULL;
}

static int take_define(cli *c, const char *define)
{
    const char *equals = strchr(define, '=');
    size_t length = equals == NULL ? 0 : (size_t)(equals - define);
    if (length == 0 || length >= sizeof c->names[0])
        return usage(c, "-D takes NAME=VALUE, not", define);
    if (c->options.value_count == CLI_VALUES)
        return usage(c, "too many parameters at", define);
    char *name = c->names[c->options.value_count];
    memcpy(name, define, length);
    name[length] = '\0';
    c->values[c->options.value_count++] = (stele_value){name, equals + 1};
    return STELE_OK;
}

static int take_wait(cli *c, const char *value)
{
    char *end;
    double seconds = strtod(value, &end);
    if (*value == '\0' || *end != '\0' || !(seconds >= 0 && seconds <= 1000000))
        return usage(c, "--lock-wait takes seconds, not", value);
    c->options.lock_wait_ms = (unsigned)(seconds * 1000);
    c->options.no_wait = c->options.lock_wait_ms == 0;
    return STELE_OK;
}

static bool take_flag(cli *c, const char *argument)
{
    if (strcmp(argument, "--json") == 0)
        c->json = true;
    else if (strcmp(argument, "--tap") == 0)
        c->tap = true;
    else if (strcmp(argument, "--quiet") == 0 || strcmp(argument, "-q") == 0)
        c->quiet = true;
    else if (strcmp(argument, "--exit-code") == 0)
        c->exit_code = true;
    else if (strcmp(argument, "--out-of-order") == 0)
        c->options.out_of_order = 1;
    else
        return false;
    return true;
}

static const char *const valued[] = {"--db", "--schema", "--head", "--lock-wait", "-D"};

static int take_option(cli *c, int argc, char **argv, int *at)
{
    const char *argument = argv[*at], *value;
    if (take_flag(c, argument))
        return STELE_OK;
    if ((value = value_of("--db", argc, argv, at)) != NULL) {
        c->options.conninfo = value;
        if (stele_conninfo_has_password(value))
            fprintf(stderr, "%s: warning: a password on the command line can be read by others; put it into DATABASE_URL, "
                            "PGPASSWORD, a service file or ~/.pgpass\n", c->program);
        return STELE_OK;
    }
    if ((value = value_of("--schema", argc, argv, at)) != NULL) {
        c->options.schema = value;
        return STELE_OK;
    }
    if ((value = value_of("--head", argc, argv, at)) != NULL) {
        c->head = value;
        return STELE_OK;
    }
    if ((value = value_of("--lock-wait", argc, argv, at)) != NULL)
        return take_wait(c, value);
    if (strncmp(argument, "-D", 2) == 0 && argument[2] != '\0')
        return take_define(c, argument + 2);
    if ((value = value_of("-D", argc, argv, at)) != NULL)
        return take_define(c, value);
    for (size_t i = 0; i < sizeof valued / sizeof *valued; i++)
        if (strcmp(argument, valued[i]) == 0)
            return usage(c, "a value has to follow", argument);
    return usage(c, "unknown option", argument);
}

static int take_word(cli *c, const char *word)
{
    if (c->command == NULL)
        c->command = word;
    else if (c->target == NULL && (strcmp(c->command, "up") == 0 || strcmp(c->command, "plan") == 0))
        c->target = word;
    else
        return usage(c, "one argument too many:", word);
    return STELE_OK;
}

static bool wants_color(int descriptor)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(descriptor) && (no == NULL || no[0] == '\0') && (term == NULL || strcmp(term, "dumb") != 0);
}

int cli_arguments(cli *c, int argc, char **argv)
{
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    c->program = argc == 0 ? "stele" : slash == NULL ? argv[0] : slash + 1;
    c->options.values = c->values;
    c->options.conninfo = getenv("DATABASE_URL");
    c->color = wants_color(STDOUT_FILENO);
    c->color_err = wants_color(STDERR_FILENO);
    c->live = isatty(STDOUT_FILENO);
    for (int i = 1; i < argc; i++) {
        int status;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            printf(help, c->program);
            return -1;
        }
        if (strcmp(argv[i], "--version") == 0) {
            printf("%s: stele %s, migrations by %s\n", c->program, STELE_VERSION, c->migrations->generator);
            return -1;
        }
        status = argv[i][0] == '-' ? take_option(c, argc, argv, &i) : take_word(c, argv[i]);
        if (status != STELE_OK)
            return status;
    }
    if (c->command == NULL) {
        fprintf(stderr, help, c->program);
        return STELE_USAGE;
    }
    return STELE_OK;
}

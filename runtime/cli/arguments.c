#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pq.h"
#include "cli.h"

/* What may be a connection string has a password in it; nobody quotes that. */
static int usage(const cli *c, const char *what, const char *word)
{
    if (stele_is_like_conninfo(word)) {
        fprintf(stderr, "%s: %s a connection string, which isn't shown\nhint: it goes behind --db, or into DATABASE_URL\n", c->program, what);
        return STELE_USAGE;
    }
    cli_printf(stderr, "%s: %s \"%s\"\nhint: %s --help lists commands and options\n", c->program, what, word, c->program);
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

static int take_database(cli *c, const char *value)
{
    c->options.conninfo = value;
    if (stele_conninfo_has_password(value))
        fprintf(stderr, "%s: warning: a password on the command line can be read by others; put it into DATABASE_URL, "
                        "PGPASSWORD, a service file or ~/.pgpass\n", c->program);
    return STELE_OK;
}

static int take_schema(cli *c, const char *value)
{
    c->options.schema = value;
    return STELE_OK;
}

static int take_head(cli *c, const char *value)
{
    c->head = value;
    return STELE_OK;
}

static int take_component(cli *c, const char *value)
{
    c->back.component = value;
    return STELE_OK;
}

static int take_reason(cli *c, const char *value)
{
    c->reason = value;
    return STELE_OK;
}

static int take_role(cli *c, const char *value)
{
    c->role = value;
    return STELE_OK;
}

static int take_own_role(cli *c, const char *value)
{
    c->options.role = value;
    return STELE_OK;
}

static int take_step(cli *c, const char *value)
{
    unsigned long step = strspn(value, "0123456789") == strlen(value) ? strtoul(value, NULL, 10) : 0;
    if (step == 0 || step > 1000000)
        return usage(c, "--step takes a number from 1, not", value);
    c->step = (unsigned)step;
    return STELE_OK;
}

static int take_workers(cli *c, const char *value)
{
    unsigned long workers = strspn(value, "0123456789") == strlen(value) ? strtoul(value, NULL, 10) : 0;
    if (workers == 0 || workers > CLI_WORKERS_MOST)
        return usage(c, "--workers takes a number from 1 to 64 (more can run as processes, on other machines too), not", value);
    c->workers = (unsigned)workers;
    return STELE_OK;
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

/* A time as PostgreSQL writes it, "500ms", "5s", "2min", "1h", or a number of seconds; in milliseconds. */
static bool read_time(const char *value, unsigned *milliseconds)
{
    static const struct {
        const char *name;
        double milliseconds;
    } units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}};
    char *end;
    double number = strtod(value, &end), most = 1e9;
    bool fine = false;
    *milliseconds = 0;
    for (size_t i = 0; i < sizeof units / sizeof *units && !fine; i++) {
        fine = end != value && strcmp(end, units[i].name) == 0 && number >= 0 && number * units[i].milliseconds <= most;
        if (fine)
            *milliseconds = (unsigned)(number * units[i].milliseconds);
    }
    return fine;
}

static int take_wait(cli *c, const char *value)
{
    if (!read_time(value, &c->options.lock_wait_ms))
        return usage(c, "--lock-wait takes seconds, or a time as 500ms or 2min, not", value);
    c->options.no_wait = c->options.lock_wait_ms == 0;
    return STELE_OK;
}

static int take_lock_timeout(cli *c, const char *value)
{
    if (!read_time(value, &c->options.lock_timeout_ms))
        return usage(c, "--lock-timeout takes seconds, or a time as 500ms or 2min, not", value);
    if (c->options.lock_timeout_ms == 0)
        c->options.lock_timeout_ms = STELE_FOR_EVER;
    return STELE_OK;
}

static int take_lock_retry(cli *c, const char *value)
{
    if (!read_time(value, &c->options.lock_retry_ms))
        return usage(c, "--lock-retry takes seconds, or a time as 500ms or 2min, not", value);
    c->options.no_retry = c->options.lock_retry_ms == 0;
    return STELE_OK;
}

static const struct option {
    const char *name;
    unsigned bit;                           /* CLI_...; 0: every command takes it */
    int (*take)(cli *c, const char *value); /* NULL: it has no value */
} options[] = {
    {"--db", 0, take_database},
    {"--schema", 0, take_schema},
    {"--role", 0, take_own_role},
    {"--lock-wait", 0, take_wait},
    {"--lock-timeout", CLI_LOCK_TIMEOUT, take_lock_timeout},
    {"--lock-retry", CLI_LOCK_TIMEOUT, take_lock_retry},
    {"-D", 0, take_define},
    {"--head", CLI_HEAD, take_head},
    {"--component", CLI_COMPONENT, take_component},
    {"--reason", CLI_REASON, take_reason},
    {"--step", CLI_STEP, take_step},
    {"--read", CLI_READ, take_role},
    {"--workers", CLI_WORKERS, take_workers},
    {"--tap", CLI_TAP, NULL},
    {"--exit-code", CLI_EXIT_CODE, NULL},
    {"--terminate", CLI_TERMINATE, NULL},
    {"--out-of-order", CLI_OUT_OF_ORDER, NULL},
    {"--verify", CLI_VERIFY, NULL},
    {"--exact", CLI_EXACT, NULL},
    {"--down", CLI_DOWN, NULL},
    {"--sql", CLI_SQL, NULL},
    {"--all", CLI_ALL, NULL},
    {"--from-ledger", CLI_FROM_LEDGER, NULL},
    {"--allow-destructive", CLI_DESTRUCTIVE, NULL},
    {"-N", CLI_COUNT, NULL}, /* as messages name it */
};
enum { OPTIONS = sizeof options / sizeof *options };

unsigned cli_option_bit(const char *name, size_t length)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (strlen(options[i].name) == length && strncmp(options[i].name, name, length) == 0)
            return options[i].bit;
    return 0;
}

/* May its value look like a connection string? */
static bool may_be_anything(const struct option *option)
{
    return option->take == take_database || option->take == take_define || option->take == take_reason;
}

static int take_option(cli *c, int argc, char **argv, int *at)
{
    const char *argument = argv[*at], *value;
    if (strcmp(argument, "--json") == 0 || strcmp(argument, "--quiet") == 0 || strcmp(argument, "-q") == 0) {
        *(argument[2] == 'j' ? &c->json : &c->quiet) = true;
        return STELE_OK;
    }
    if (strncmp(argument, "-D", 2) == 0 && argument[2] != '\0')
        return take_define(c, argument + 2);
    for (size_t i = 0; i < OPTIONS; i++) {
        const struct option *option = &options[i];
        if (option->take != NULL && (value = value_of(option->name, argc, argv, at)) != NULL) {
            if (!may_be_anything(option) && stele_is_like_conninfo(value))
                return usage(c, "an option got", value);
            c->given |= option->bit;
            return option->take(c, value);
        }
        if (strcmp(argument, option->name) != 0 || option->bit == CLI_COUNT)
            continue;
        c->given |= option->bit;
        return option->take == NULL ? STELE_OK : usage(c, "a value has to follow", argument);
    }
    return usage(c, "unknown option", argument);
}

/* "-2": how many to take back. */
static bool is_count(const char *argument)
{
    size_t digits = strspn(argument + 1, "0123456789");
    return argument[0] == '-' && digits > 0 && argument[1 + digits] == '\0';
}

static int take_count(cli *c, const char *argument)
{
    unsigned long count = strtoul(argument + 1, NULL, 10);
    if (count == 0 || count > 1000000)
        return usage(c, "that is no number of migrations:", argument);
    c->given |= CLI_COUNT;
    c->back.count = (unsigned)count;
    return STELE_OK;
}

/* NAME=VALUE of `repair set`, whose value may be the address of a service: one without a name or a password in it, and none of a database. */
static bool is_setting(const cli *c, const char *word)
{
    const char *value = strchr(word, '=');
    return value != NULL && c->command != NULL && strcmp(c->command, "repair") == 0 && c->word_count == 1 && strcmp(c->words[0], "set") == 0 && strchr(word, '@') == NULL &&
           strncmp(value + 1, "postgres", 8) != 0 && strstr(word, "password=") == NULL;
}

static int take_word(cli *c, const char *word)
{
    if (stele_is_like_conninfo(word) && !is_setting(c, word))
        return usage(c, "an argument is", word);
    if (c->command == NULL)
        c->command = word;
    else
        c->words[c->word_count++] = word;
    c->target = c->word_count > 0 ? c->words[0] : NULL;
    return STELE_OK;
}

bool cli_arguments_fit(const cli *c, const cli_command *command)
{
    const int ways = (c->target != NULL) + ((c->given & CLI_COUNT) != 0) + ((c->given & CLI_ALL) != 0);
    const char *odd = NULL;
    for (size_t i = 0; i < OPTIONS && odd == NULL; i++)
        if ((c->given & options[i].bit & ~command->options) != 0)
            odd = options[i].name;
    if (odd == NULL && (c->given & CLI_TAP) != 0 && c->json)
        odd = "--tap with --json";
    if (odd == NULL && (c->given & CLI_SQL) != 0 && c->json)
        odd = "--sql with --json";
    if (odd == NULL && (c->given & (CLI_WAY_BACK | CLI_FROM_LEDGER)) != 0 && (command->options & CLI_DOWN) != 0 && (c->given & CLI_DOWN) == 0)
        odd = "what tells the way back, without --down,";
    if (odd == NULL && (command->options & CLI_ALL) != 0 && ways > 1)
        odd = "more than one of VERSION, -N and --all";
    if (odd != NULL)
        cli_printf(stderr, "%s: %s has no meaning for \"%s\"\n", c->program, odd, c->command);
    else if (c->word_count > command->words)
        usage(c, "one argument too many:", c->words[command->words]);
    return odd == NULL && c->word_count <= command->words;
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
    c->words = calloc((size_t)argc + 1, sizeof *c->words);
    if (c->words == NULL) {
        fprintf(stderr, "%s: error: out of memory\n", c->program);
        return STELE_FAILED;
    }
    c->options.conninfo = getenv("DATABASE_URL");
    c->color = wants_color(STDOUT_FILENO);
    c->color_err = wants_color(STDERR_FILENO);
    c->live = isatty(STDOUT_FILENO);
    for (int i = 1; i < argc; i++) {
        int status;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            c->help = true;
            continue;
        }
        if (strcmp(argv[i], "--version") == 0) {
            printf("%s: stele %s, migrations by %s\n", c->program, STELE_VERSION, c->migrations->generator);
            return -1;
        }
        status = is_count(argv[i])      ? take_count(c, argv[i])
                 : argv[i][0] == '-' ? take_option(c, argc, argv, &i)
                                     : take_word(c, argv[i]);
        if (status != STELE_OK)
            return status;
    }
    if (c->help)
        return STELE_OK;
    if (c->command == NULL) {
        cli_help(c, NULL, stderr);
        return STELE_USAGE;
    }
    c->options.terminate = (c->given & CLI_TERMINATE) != 0;
    c->options.out_of_order = (c->given & CLI_OUT_OF_ORDER) != 0;
    c->options.exact = (c->given & CLI_EXACT) != 0;
    c->options.verify = (c->given & CLI_VERIFY) != 0;
    c->back.target = c->target;
    c->back.all = (c->given & CLI_ALL) != 0;
    c->back.from_ledger = (c->given & CLI_FROM_LEDGER) != 0;
    c->back.allow_destructive = (c->given & CLI_DESTRUCTIVE) != 0;
    return STELE_OK;
}

#define _POSIX_C_SOURCE 200809L
#include "options.h"

#include "conf.h"
#include "layout.h"
#include "text.h"

#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "Usage: stelec [OPTION]... -o FILE.c [COMPONENT=]DIR...\n"
    "       stelec seal [OPTION]... [COMPONENT=]DIR...\n"
    "       stelec explain [--json] [OPTION]... FILE\n"
    "       stelec new [--repeatable|--job] NAME[.lua] [DIR]\n"
    "       stelec inspect [--against DIR|FILE.lock]... [--json] PROGRAM\n"
    "\n"
    "Compile the migrations of DIR, in SQL and Lua, into FILE.c, with a header beside\n"
    "it, and seal what is new in DIR/stele.lock. Each of several folders is a history\n"
    "of its own. With seal: only that. With explain: tell of one migration what its\n"
    "statements lock, rewrite, destroy and break. With inspect: print and check what\n"
    "a program carries, without running it. With new: create the next migration (in\n"
    "the folder migrations, if no other is named).\n"
    "\n"
    "  -o FILE.c          the C source to write\n"
    "  -D NAME=VALUE      set a parameter: one of stele.conf, or a new one\n"
    "  --layout NAME      how DIR is laid out, where it doesn't tell: stele, sqitch,\n"
    "                     golang-migrate, sqlx, goose, dbmate, sql-migrate, tern,\n"
    "                     diesel, flyway, prisma, drizzle\n"
    "  --lua DIR          Lua migrations, jobs, and the modules that they require\n"
    "  --component NAME   the history of the files that don't say (main)\n"
    "  --symbol NAME      the name of the table in C (migrations)\n"
    "  --incbin           the texts go into FILE.c.bin, for a large history\n"
    "  --depfile FILE     write a make rule: what the outputs were made from\n"
    "  --cache FILE       remember what was read there: files that look the same from\n"
    "                     outside (size, time) are not parsed again\n"
    "  --check            write nothing; fail when something would change\n"
    "  --sealed           fail when a migration is not in stele.lock yet\n"
    "  --amend VERSION    with seal: seal this one anew, whatever its file is now\n"
    "  --json             with explain, inspect: for machines, one object a line\n"
    "  --repeatable       with new: create R_NAME.sql, which runs whenever it changes\n"
    "  --job              with new: create J_NAME.lua, a job, which is run by itself\n"
    "  -W NAME            warn of that; -Wno-NAME, -Werror[=NAME], -Wextra, -w:\n"
    "                     --help=warnings lists the names\n"
    "  --against WHAT     with inspect: compare with a folder, or with a stele.lock\n"
    "  --verbose          tell also what is worth knowing, though nothing is wrong\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 all is good, 1 the input is refused, 2 wrong command line.\n";

const char *options_help(void)
{
    return help;
}

/* The arguments, one after another. */
struct arguments {
    struct options *options;
    struct memory *memory;
    char **next, **end;
    const char *problem;
    bool no_more_options; /* after -- */
    bool has_command;     /* the word was taken */
    const char **plain;
    size_t plain_count, plain_capacity;
};

/* The value of an option: behind its "=", or the next argument. */
static const char *take_value(struct arguments *arguments, const char *option, const char *attached)
{
    if (attached != NULL)
        return attached;
    if (arguments->next < arguments->end)
        return *arguments->next++;
    arguments->problem = memory_print(arguments->memory, "%s needs a value", option);
    return "";
}

static void append(struct memory *memory, const char ***list, size_t *count, size_t *capacity, const char *value)
{
    *list = memory_grow(memory, *list, *count, capacity, sizeof **list);
    (*list)[(*count)++] = value;
}

/* -o, -D, -W: the value may be attached. */
static bool take_short(struct arguments *arguments, const char *argument)
{
    struct options *options = arguments->options;
    const char *attached = argument[1] != '\0' && argument[2] != '\0' ? argument + 2 : NULL, *problem;
    if (argument[1] == 'o')
        options->output = take_value(arguments, "-o", attached);
    else if (argument[1] == 'D')
        append(arguments->memory, &options->definitions, &options->definition_count, &options->definition_capacity,
               take_value(arguments, "-D", attached));
    else if (argument[1] == 'W' && (problem = warn_take(&options->warnings, arguments->memory, take_value(arguments, "-W", attached))) != NULL)
        arguments->problem = problem;
    else if (argument[1] == 'W')
        return true;
    else if (strcmp(argument, "-w") == 0)
        options->warnings.silent = true;
    else
        return false;
    return true;
}

/* --amend, --against: may be given several times. */
static bool take_repeated(struct arguments *arguments, const char *argument, size_t length, const char *attached)
{
    struct options *options = arguments->options;
    if (length == strlen("--amend") && memcmp(argument, "--amend", length) == 0)
        append(arguments->memory, &options->amend, &options->amend_count, &options->amend_capacity,
               take_value(arguments, "--amend", attached));
    else if (length == strlen("--against") && memcmp(argument, "--against", length) == 0)
        append(arguments->memory, &options->against, &options->against_count, &options->against_capacity,
               take_value(arguments, "--against", attached));
    else
        return false;
    return true;
}

static bool take_long(struct arguments *arguments, const char *argument)
{
    struct options *options = arguments->options;
    const struct {
        const char *name;
        const char **value;
    } valued[] = {{"--component", &options->component}, {"--symbol", &options->symbol},
                  {"--depfile", &options->depfile}, {"--lua", &options->lua}, {"--cache", &options->cache},
                  {"--layout", &options->layout}};
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {{"--check", &options->check},
                 {"--json", &options->json},
                 {"--sealed", &options->sealed},
                 {"--verbose", &options->verbose},
                 {"--incbin", &options->incbin},
                 {"--repeatable", &options->repeatable},
                 {"--job", &options->job}};
    const char *equals = strchr(argument, '=');
    size_t length = equals == NULL ? strlen(argument) : (size_t)(equals - argument);
    const char *attached = equals == NULL ? NULL : equals + 1;
    for (size_t i = 0; i < sizeof valued / sizeof valued[0]; i++)
        if (strlen(valued[i].name) == length && memcmp(valued[i].name, argument, length) == 0) {
            *valued[i].value = take_value(arguments, valued[i].name, attached);
            return true;
        }
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (strcmp(flags[i].name, argument) == 0)
            return *flags[i].flag = true;
    return take_repeated(arguments, argument, length, attached);
}

/* The first word that isn't an option may be the name of a command; a folder of that name is written "./seal". */
static bool take_command(struct arguments *arguments, const char *argument)
{
    static const struct {
        const char *name;
        enum command command;
    } commands[] = {{"seal", COMMAND_SEAL}, {"new", COMMAND_NEW}, {"explain", COMMAND_EXPLAIN}, {"inspect", COMMAND_INSPECT}};
    if (arguments->has_command || arguments->plain_count > 0 || arguments->no_more_options)
        return false;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argument, commands[i].name) == 0) {
            if (arguments->options->command == COMMAND_BUILD)
                arguments->options->command = commands[i].command;
            return arguments->has_command = true;
        }
    return false;
}

static void take_argument(struct arguments *arguments)
{
    const char *argument = *arguments->next++;
    bool known = true;
    if (arguments->no_more_options || argument[0] != '-' || argument[1] == '\0') {
        if (take_command(arguments, argument))
            return;
        append(arguments->memory, &arguments->plain, &arguments->plain_count, &arguments->plain_capacity, argument);
    } else if (strcmp(argument, "--") == 0) {
        arguments->no_more_options = true;
    } else if (strcmp(argument, "--help") == 0) {
        arguments->options->command = COMMAND_HELP;
    } else if (strcmp(argument, "--help=warnings") == 0) {
        arguments->options->command = COMMAND_WARNINGS;
    } else if (strcmp(argument, "--version") == 0) {
        arguments->options->command = COMMAND_VERSION;
    } else {
        known = argument[1] == '-' ? take_long(arguments, argument) : take_short(arguments, argument);
    }
    if (!known)
        arguments->problem = memory_print(arguments->memory, "unknown option \"%s\"", argument);
}

/* A C identifier that the generated file has no other use for. */
static bool is_symbol(const char *name)
{
    static const char *const taken[] = {"migration_table", "parameter_table", "component_table", "job_table", "stele_jobs", "sealed", "statements"};
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        if (strcmp(name, taken[i]) == 0)
            return false;
    if (!is_letter(*name) && *name != '_')
        return false;
    for (; *name != '\0'; name++)
        if (!is_letter(*name) && !is_digit(*name) && *name != '_')
            return false;
    return true;
}

static const char *check_build(struct options *options, struct memory *memory)
{
    size_t length = options->output == NULL ? 0 : strlen(options->output);
    if (options->output == NULL)
        return "-o FILE.c is needed";
    if (length < 3 || strcmp(options->output + length - 2, ".c") != 0)
        return memory_print(memory, "-o takes the name of a C source, not \"%s\"", options->output);
    options->header = memory_print(memory, "%.*s.h", (int)length - 2, options->output);
    options->binary = options->incbin ? memory_print(memory, "%s.bin", options->output) : NULL;
    return NULL;
}

/* "component=DIR" where what stands before the sign is a component's name: a folder called "a=b" is written "./a=b". */
static struct folder_option folder_of(struct memory *memory, const char *argument)
{
    const char *equals = strchr(argument, '=');
    const char *component = equals == NULL ? "" : memory_copy(memory, argument, (size_t)(equals - argument));
    if (!conf_is_component(component))
        return (struct folder_option){argument, argument, NULL};
    return (struct folder_option){argument, equals + 1, component};
}

static bool is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

static const char *check_new(struct options *options, struct memory *memory, const struct arguments *arguments)
{
    size_t plain = arguments->plain_count;
    if (plain == 0)
        return "new needs a name";
    if (plain > 2)
        return memory_print(memory, "one argument too many: \"%s\"", arguments->plain[2]);
    if (options->repeatable && options->job)
        return "--repeatable and --job can't be had together";
    options->name = arguments->plain[0];
    options->folders = memory_get(memory, 1, sizeof *options->folders);
    options->folders[0].directory = plain == 2 ? arguments->plain[1] : "migrations";
    options->folder_count = 1;
    return NULL;
}

/* The folder of the history that a file belongs to: its own, or the one above, where each migration has a folder, or each way has. */
static const char *history_of(struct memory *memory, const char *file)
{
    static const char *const names[] = {"/up.sql", "/down.sql", "/migration.sql"};
    static const char *const folders[] = {"deploy/", "revert/", "verify/"};
    const char *end = strrchr(file, '/'), *name = end;
    if (end == NULL)
        return ".";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            while (end > file && *--end != '/')
                continue;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        for (const char *p = file; (p = strstr(p, folders[i])) != NULL && p < end; p++)
            if (p == file || p[-1] == '/')
                end = p == file ? p : p - 1;
    if (end == file)
        return *file == '/' ? "/" : ".";
    return memory_copy(memory, file, (size_t)(end - file));
}

/* The history that the file belongs to is what it is explained with. */
static const char *check_explain(struct options *options, struct memory *memory, const struct arguments *arguments)
{
    if (arguments->plain_count != 1)
        return arguments->plain_count == 0 ? "explain needs a file"
                                           : memory_print(memory, "one argument too many: \"%s\"", arguments->plain[1]);
    options->file = arguments->plain[0];
    options->folders = memory_get(memory, 1, sizeof *options->folders);
    options->folders[0].argument = options->folders[0].directory = history_of(memory, options->file);
    options->folders[0].component = options->component;
    options->folder_count = 1;
    return NULL;
}

static const char *check_folders(struct options *options, struct memory *memory, const struct arguments *arguments)
{
    size_t count = options->folder_count = arguments->plain_count;
    if (count == 0)
        return "a directory of migrations is needed";
    options->folders = memory_get(memory, count, sizeof *options->folders);
    for (size_t i = 0; i < count; i++) {
        options->folders[i] = folder_of(memory, arguments->plain[i]);
        if (options->folders[i].directory[0] == '\0')
            return "the directory has no name";
    }
    if (options->lua != NULL && options->lua[0] == '\0')
        return "the directory has no name";
    if (options->component == NULL)
        return NULL;
    if (!conf_is_component(options->component))
        return memory_print(memory, "\"%s\" is no name for a component", options->component);
    if (count > 1)
        return "--component is about one directory; of several, write COMPONENT=DIR";
    if (options->folders[0].component == NULL)
        options->folders[0].component = options->component;
    else if (strcmp(options->folders[0].component, options->component) != 0)
        return "--component says something else than COMPONENT=DIR";
    return NULL;
}

/* What --against names is a lock when it is a file; else it is a folder, or complained about as one. */
static const char *check_inspect(struct options *options, struct memory *memory, const struct arguments *arguments)
{
    if (arguments->plain_count == 0)
        return "inspect needs a program";
    if (arguments->plain_count > 1)
        return memory_print(memory, "one argument too many: \"%s\"", arguments->plain[1]);
    if (options->amend_count > 0)
        return "--amend belongs to \"stelec seal\"";
    options->program = arguments->plain[0];
    options->cache = NULL; /* an audit reads every byte */
    options->folders = memory_get(memory, options->against_count, sizeof *options->folders);
    for (size_t i = 0; i < options->against_count; i++) {
        if (options->against[i][0] == '\0')
            return "--against needs a folder or a lock";
        if (!is_file(options->against[i]))
            options->folders[options->folder_count++] = folder_of(memory, options->against[i]);
    }
    if (options->folder_count == 1 && options->folders[0].component == NULL)
        options->folders[0].component = options->component;
    return NULL;
}

/* In several folders a version alone is nobody's. */
static const char *check_amend(const struct options *options, struct memory *memory)
{
    if (options->amend_count > 0 && options->command != COMMAND_SEAL)
        return "--amend belongs to \"stelec seal\"";
    for (size_t i = 0; i < options->amend_count && options->folder_count > 1; i++)
        if (strchr(options->amend[i], '/') == NULL)
            return memory_print(memory, "of several directories, write --amend COMPONENT/%s", options->amend[i]);
    return NULL;
}

static const char *check(struct options *options, struct memory *memory, const struct arguments *arguments)
{
    if (options->layout != NULL && layout_find(options->layout) == NULL)
        return memory_print(memory, "there is no layout \"%s\": %s", options->layout, layout_names(memory));
    if (options->command == COMMAND_NEW)
        return check_new(options, memory, arguments);
    if (options->command == COMMAND_EXPLAIN)
        return check_explain(options, memory, arguments);
    if (options->command == COMMAND_INSPECT)
        return check_inspect(options, memory, arguments);
    if (options->json)
        return "--json belongs to \"stelec explain\" and \"stelec inspect\"";
    if (options->against_count > 0)
        return "--against belongs to \"stelec inspect\"";
    if (options->repeatable || options->job)
        return memory_print(memory, "--%s belongs to \"stelec new\"", options->job ? "job" : "repeatable");
    const char *problem = check_folders(options, memory, arguments);
    if (problem == NULL)
        problem = check_amend(options, memory);
    if (problem != NULL)
        return problem;
    if (!is_symbol(options->symbol))
        return memory_print(memory, "\"%s\" is no name for the table in C", options->symbol);
    return options->command == COMMAND_BUILD ? check_build(options, memory) : NULL;
}

const char *options_read(struct options *options, struct memory *memory, int argc, char **argv)
{
    struct arguments arguments = {.options = options, .memory = memory, .next = argv + 1, .end = argv + argc};
    *options = (struct options){.symbol = "migrations"};
    warn_start(&options->warnings, memory);
    while (arguments.next < arguments.end && arguments.problem == NULL)
        take_argument(&arguments);
    if (options->command == COMMAND_HELP || options->command == COMMAND_WARNINGS || options->command == COMMAND_VERSION || arguments.problem != NULL)
        return arguments.problem;
    return check(options, memory, &arguments);
}

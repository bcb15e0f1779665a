#include <string.h>

#include "cli.h"

static const struct {
    const char *name;
    int (*run)(cli *c);
} commands[] = {
    {"up", cli_up},           {"status", cli_status}, {"check", cli_check},
    {"history", cli_history}, {"plan", cli_plan},     {"audit", cli_audit},
};

/* Options that only some commands know: an option without an effect is a mistake that should be seen. */
static bool options_fit(const cli *c)
{
    bool audit = strcmp(c->command, "audit") == 0, status = strcmp(c->command, "status") == 0;
    const char *odd = c->tap && !audit ? "--tap" : c->head != NULL && !audit ? "--head" : c->exit_code && !status ? "--exit-code" : NULL;
    if (odd == NULL && c->tap && c->json)
        odd = "--tap with --json";
    if (odd != NULL)
        fprintf(stderr, "%s: %s has no meaning for \"%s\"\n", c->program, odd, c->command);
    return odd == NULL;
}

int stele_main(int argc, char **argv, const stele_migrations *migrations)
{
    cli c = {.migrations = migrations};
    int status = cli_arguments(&c, argc, argv);
    if (status < 0)
        status = fflush(stdout) == 0 && !ferror(stdout) ? STELE_OK : STELE_FAILED;
    if (c.command == NULL || status != STELE_OK)
        return status;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, c.command) != 0)
            continue;
        if (!options_fit(&c))
            return STELE_USAGE;
        status = commands[i].run(&c);
        /* Output that can't be written, to a full disk say, must not pass for success. */
        if ((fflush(stdout) != 0 || ferror(stdout)) && status == STELE_OK) {
            fprintf(stderr, "%s: error: the output could not be written\n", c.program);
            status = STELE_FAILED;
        }
        return status;
    }
    fprintf(stderr, "%s: unknown command \"%s\"\nhint: %s --help lists the commands\n", c.program, c.command, c.program);
    return STELE_USAGE;
}

#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { NO_WORDS = 0, ONE_WORD = 1, TWO_WORDS = 2, MANY_WORDS = 1000000 };

static const cli_command commands[] = {
    {"up", cli_up, ONE_WORD, CLI_OUT_OF_ORDER | CLI_VERIFY | CLI_EXACT | CLI_LOCK_TIMEOUT | CLI_TERMINATE},
    {"down", cli_down, ONE_WORD, CLI_WAY_BACK | CLI_FROM_LEDGER | CLI_LOCK_TIMEOUT | CLI_TERMINATE},
    {"redo", cli_redo, ONE_WORD, CLI_WAY_BACK | CLI_VERIFY | CLI_LOCK_TIMEOUT | CLI_TERMINATE},
    {"status", cli_status, NO_WORDS, CLI_EXIT_CODE | CLI_OUT_OF_ORDER | CLI_EXACT},
    {"check", cli_check, NO_WORDS, CLI_OUT_OF_ORDER | CLI_EXACT},
    {"verify", cli_verify, MANY_WORDS, CLI_TAP},
    {"history", cli_history, NO_WORDS, 0},
    {"plan", cli_plan, ONE_WORD, CLI_OUT_OF_ORDER | CLI_EXACT | CLI_SQL | CLI_DOWN | (CLI_WAY_BACK & ~CLI_DESTRUCTIVE) | CLI_FROM_LEDGER},
    {"audit", cli_audit, NO_WORDS, CLI_TAP | CLI_HEAD | CLI_EXACT},
    {"baseline", cli_baseline, ONE_WORD, CLI_REASON | CLI_COMPONENT},
    {"repair", cli_repair, TWO_WORDS, CLI_REASON | CLI_COMPONENT | CLI_STEP | CLI_OUT_OF_ORDER | CLI_TERMINATE},
    {"grant", cli_grant, NO_WORDS, CLI_READ},
    {"job", cli_job_command, MANY_WORDS, CLI_REASON | CLI_WORKERS},
};

static const cli_command *find_command(const cli *c)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, c->command) == 0)
            return &commands[i];
    cli_printf(stderr, "%s: unknown command \"%s\"\nhint: %s --help lists the commands\n", c->program, c->command, c->program);
    return NULL;
}

static int run_command(cli *c)
{
    const cli_command *command = c->help && c->command == NULL ? NULL : find_command(c);
    if (c->help && (command != NULL || c->command == NULL)) {
        cli_help(c, command, stdout);
        return STELE_OK;
    }
    if (command == NULL || !cli_arguments_fit(c, command))
        return STELE_USAGE;
    return command->run(c);
}

int stele_main(int argc, char **argv, const stele_migrations *migrations)
{
    cli c = {.migrations = migrations};
    int status = cli_arguments(&c, argc, argv);
    c.heads = calloc(migrations->component_count + 1, sizeof *c.heads);
    if (status == STELE_OK && c.heads == NULL) {
        fprintf(stderr, "%s: error: out of memory\n", c.program);
        status = STELE_FAILED;
    }
    if (status == STELE_OK)
        status = run_command(&c);
    else if (status < 0)
        status = STELE_OK;
    /* Output that can't be written, to a full disk say, must not pass for success. */
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == STELE_OK) {
        fprintf(stderr, "%s: error: the output could not be written\n", c.program);
        status = STELE_FAILED;
    }
    free(c.heads);
    free(c.words);
    status = cli_exit_code((stele_status)status);
    cli_release_signals();
    return status;
}

/*
 * help.c - what --help prints: all of it, or what one command takes
 *
 * A line that begins with two blanks names a command or an option, and those that are indented further belong to it.
 */
#include <string.h>

#include "cli.h"

static const char commands[] =
    "  up [VERSION]       apply what is pending, or all up to VERSION\n"
    "  down [VERSION|-N]  take back the last migration, the last N, or all after VERSION\n"
    "  redo [VERSION|-N]  take the same back, and apply it again\n"
    "  status             every migration: applied, pending, edited ...\n"
    "  check              is the database up to date? one round trip, no write\n"
    "  plan [VERSION]     what up would do: migrations and statements\n"
    "  verify [VERSION] [FILE...]\n"
    "                     run the verify sections of what is applied, or files of pgTAP tests\n"
    "  history            the ledger, row by row\n"
    "  audit              prove the ledger, and each applied migration, unchanged\n"
    "  baseline VERSION   the schema is there already: all up to VERSION counts as applied\n"
    "  repair accept|done|retry|forget VERSION\n"
    "                     this file for what was applied; a step or a migration that was\n"
    "                     done by hand; a step that took no effect, if nobody knew; one\n"
    "                     that counts as not applied any more\n"
    "  repair set NAME=VALUE|reseal|guards\n"
    "                     another value of a parameter; the ledger as it is found, from\n"
    "                     here on; its tables, functions and triggers made anew\n"
    "  grant --read ROLE  let a role read the ledger, without its scripts\n"
    "  job VERB [NAME]    batch jobs over a table: job --help lists the verbs\n";

/* Behind `job`; the name of a program's only job may be left out. */
static const char job_verbs[] =
    "  job list           the jobs of this program\n"
    "  job plan NAME      what it would take, and what is dangerous about it; writes nothing\n"
    "  job try NAME [N]   do N rows (10) of a sample for real, and take them back\n"
    "  job run NAME       work at it until it is ready, done or paused; several may, on many\n"
    "                     machines; goes on where it was left\n"
    "  job status [NAME]  how it stands\n"
    "  job watch NAME     the same, live, until it is ready, done or paused\n"
    "  job pause NAME     its workers write what is paid for, and stop; may have a --reason\n"
    "  job resume NAME    it may be run again\n"
    "  job cancel NAME    it is over: triggers are dropped, what it wrote stays; the next run\n"
    "                     begins it anew\n"
    "  job set NAME KNOB=VALUE ...\n"
    "                     for all workers, from now on: write=80ms; write= sets it back\n"
    "  job knobs NAME     each knob, its value, and where that comes from\n"
    "  job dead list NAME\n"
    "                     the rows that were given up, and why\n"
    "  job dead retry NAME [CODE]\n"
    "                     have them tried again: all, or those of one code\n"
    "  job verify NAME    check what was made\n"
    "  job switch NAME --reason TEXT\n"
    "                     from here on the new one counts\n"
    "  job undo NAME --reason TEXT\n"
    "                     take the switch back\n"
    "  job finish NAME    end it: no triggers any more, and no way back from the switch\n";

static const char options[] =
    "  --db URL         the database: a URI or a conninfo string; else DATABASE_URL,\n"
    "                   else libpq's own environment (PGHOST, PGSERVICE ...)\n"
    "  -D NAME=VALUE    a parameter that is given when applied, or when a job is run\n"
    "  --json           one JSON object a line\n"
    "  --tap            audit, verify: as TAP, for prove\n"
    "  --head HASH      audit: the ledger's head as you noted it outside the database\n"
    "  --exit-code      status: exit as check and audit would\n"
    "  --exact          up, check, status, plan, audit: refuse a database that is ahead, also\n"
    "                   where older programs can live with that\n"
    "  --verify         up, redo: run each migration's verify section in its transaction\n"
    "  --down           plan: what down would do\n"
    "  --sql            plan: as a script for psql, which leaves the same ledger; with FROM:TO\n"
    "                   in the place of VERSION, without a connection\n"
    "  --all            down, redo, plan --down: everything\n"
    "  --from-ledger    down, plan --down: what this program doesn't have is taken back by\n"
    "                   the script that the ledger keeps\n"
    "  --allow-destructive\n"
    "                   down, redo: also when that destroys data\n"
    "  --component NAME down, redo, plan --down, baseline, repair: of this history\n"
    "  --reason TEXT    baseline, repair: why; the ledger keeps it; job switch, undo, pause,\n"
    "                   cancel: why\n"
    "  --step N         repair done, repair retry: this step\n"
    "  --workers N      job run: so many workers, each with a connection of its own (1)\n"
    "  --lock-wait SEC  how long to wait for another process (60); 0: not at all\n"
    "  --terminate      up, down, redo, repair: end the process that still runs, in the server, a\n"
    "                   step of which the client is gone\n"
    "  --lock-timeout SEC\n"
    "                   up, down, redo: how long a statement may wait for others' locks, and\n"
    "                   have everybody queue behind it (5); 0: for ever\n"
    "  --lock-retry SEC up, down, redo: how long that is tried again, with pauses (120); 0: once\n"
    "  --out-of-order   up, plan, repair done: allow a migration below one that is applied\n"
    "  --role NAME      SET ROLE first: everything is done as this role\n"
    "  --schema NAME    of the ledger (stele)\n"
    "  -q, --quiet      print errors only, and not what is done\n"
    "  -h, --help       this text; behind a command, what it takes; --version\n";

static const char exits[] =
    "exit: 0 done; 1 failed; 2 usage; 3 no connection; 4 locked; 5 pending (check), or the job\n"
    "      is paused; 6 edited, missing or tampered; 7 the database is ahead, in a way that this\n"
    "      program can't live with, or too old for it; 9 a requirement is not met, or a job\n"
    "      can't be run like this; 130, 143 interrupted\n";

/* The end of what begins here: its line, and those indented further. */
static const char *entry_end(const char *entry)
{
    do {
        entry = strchr(entry, '\n') + 1;
    } while (strncmp(entry, "   ", 3) == 0);
    return entry;
}

/* Does this entry say something of the command, or of an option that it takes? */
static bool concerns(const char *entry, const cli_command *command)
{
    const char *name = entry + 2;
    size_t length = strcspn(name, " ,\n");
    if (name[0] == '-')
        return (cli_option_bit(name, length) & ~command->options) == 0;
    return strlen(command->name) == length && strncmp(name, command->name, length) == 0;
}

/* The entries that tell of a command: of `job`, all of its verbs. */
static const char *entries_of(const cli_command *command)
{
    return command != NULL && strcmp(command->name, "job") == 0 ? job_verbs : commands;
}

static void print_entries(const char *text, const cli_command *command, FILE *out)
{
    for (const char *entry = text, *end; *entry != '\0'; entry = end) {
        end = entry_end(entry);
        if (command == NULL || concerns(entry, command))
            fwrite(entry, 1, (size_t)(end - entry), out);
    }
}

/* How each way to use the command is written: as the list of commands has it. */
static void print_usage(const cli *c, const cli_command *command, FILE *out)
{
    const char *word = "usage:";
    for (const char *entry = entries_of(command); *entry != '\0'; entry = entry_end(entry)) {
        const char *use = entry + 2, *end = strstr(use, "  ");
        size_t length = strcspn(use, "\n");
        if (end != NULL && end < use + length)
            length = (size_t)(end - use);
        if (!concerns(entry, command))
            continue;
        fprintf(out, "%s %s %.*s [options]\n", word, c->program, (int)length, use);
        word = "      ";
    }
    fputc('\n', out);
}

void cli_help(const cli *c, const cli_command *command, FILE *out)
{
    if (command == NULL)
        fprintf(out, "usage: %s COMMAND [options]\n\n", c->program);
    else
        print_usage(c, command, out);
    print_entries(entries_of(command), command, out);
    fputc('\n', out);
    print_entries(options, command, out);
    fprintf(out, "\n%s", exits);
}

/*
 * stelec - compile a directory of SQL migrations into one C source
 *
 * The phases in a line: scan, read (directives, statements, trees, steps), seal, render to memory, write. Every
 * complaint of a run is reported; nothing is written unless all is good.
 */
#define _XOPEN_SOURCE 700
#include "emit.h"
#include "history.h"
#include "new.h"
#include "options.h"
#include "out.h"
#include "parse.h"
#include "scan.h"
#include "seal.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GOOD = 0, REFUSED = 1, USAGE = 2 };

/*
 * The directory's name in the output: its last part, as the user wrote it, so that the output doesn't depend on where
 * the folder lies. "." has none, and is looked up.
 */
static const char *last_part(struct memory *memory, const char *directory)
{
    size_t length = strlen(directory);
    while (length > 1 && directory[length - 1] == '/')
        length--;
    size_t begin = length;
    while (begin > 0 && directory[begin - 1] != '/')
        begin--;
    const char *part = memory_copy(memory, directory + begin, length - begin);
    if (strcmp(part, ".") != 0 && strcmp(part, "..") != 0)
        return part;
    char *real = realpath(directory, NULL);
    if (real == NULL)
        return part;
    part = memory_copy(memory, emit_file_name(real), strlen(emit_file_name(real)));
    free(real);
    return part;
}

/* Render what the command asks for, after the lock: the source, the header, the make rule. Returns how many. */
static size_t render(struct output *outputs, const struct history *history, const struct lock *lock,
                     const struct options *options)
{
    size_t count = 0;
    out_start(&outputs[count], lock->source.path);
    lock_render(history, &outputs[count++].text);
    if (options->command != COMMAND_BUILD)
        return count;
    struct emit_options emit = {options->symbol, options->output, options->header,
                                last_part(history->memory, options->directory)};
    out_start(&outputs[count], options->header);
    emit_header(&outputs[count++].text, history, &emit);
    out_start(&outputs[count], options->output);
    emit_source(&outputs[count++].text, history, &emit);
    if (options->depfile != NULL && !options->check) {
        out_start(&outputs[count], options->depfile);
        emit_depfile(&outputs[count++].text, history, &emit);
    }
    return count;
}

/* A lock that differs in its line ends only has not changed. */
static void compare_lock(struct output *output, const struct lock *lock, struct memory *memory)
{
    if (output->text.failed)
        memory_exhausted(memory);
    output->changed = lock->source.text == NULL || lock->source.length != output->text.length ||
                      memcmp(lock->source.text, output->text.bytes, output->text.length) != 0;
}

static void write_outputs(struct history *history, const struct lock *lock, const struct options *options)
{
    enum { MOST_OUTPUTS = 4 };
    struct output *outputs = memory_get(history->memory, MOST_OUTPUTS, sizeof *outputs);
    size_t count = render(outputs, history, lock, options);
    compare_lock(&outputs[0], lock, history->memory);
    for (size_t i = 1; i < count; i++)
        out_compare(&outputs[i], history->memory);
    for (size_t i = 0; i < count && options->check; i++)
        if (outputs[i].changed)
            diag_error(history->diag, &outputs[i].place, SOURCE_WHOLE, "file is stale");
    if (!options->check)
        out_write(outputs, count, history->memory, history->diag);
    out_free(outputs, count);
}

/* The phases. Returns what is wrong with the command line, or NULL; all else is in the diag. */
static const char *build(struct history *history, struct lock *lock, const struct options *options)
{
    struct seal_options seal_options = {options->amend, options->amend_count, options->sealed};
    scan(history);
    if (history->count == 0 && history->diag->errors == 0)
        diag_warning(history->diag, &history->directory_source, SOURCE_WHOLE, "directory holds no migrations");
    conf_read(&history->conf, history->memory, history->diag, history->directory, options->component);
    for (size_t i = 0; i < options->definition_count; i++) {
        const char *problem = conf_define(&history->conf, history->memory, options->definitions[i]);
        if (problem != NULL)
            return problem;
    }
    history_read(history);
    history_check(history);
    if (lock_read(lock, history, options->amend_count > 0))
        seal(lock, history, &seal_options);
    history_check_order(history);
    if (history->diag->errors == 0 && !options->check)
        seal_warn_empty(history);
    if (history->diag->errors == 0)
        write_outputs(history, lock, options);
    if (history->diag->errors == 0 && !options->check && options->command == COMMAND_SEAL)
        seal_print(lock, history, stdout);
    return NULL;
}

static int usage(const char *problem)
{
    fprintf(stderr, "stelec: %s\nstelec: try \"stelec --help\"\n", problem);
    return USAGE;
}

static int run(struct memory *memory, int argc, char **argv)
{
    struct options *options = memory_get(memory, 1, sizeof *options);
    struct history *history = memory_get(memory, 1, sizeof *history);
    struct lock *lock = memory_get(memory, 1, sizeof *lock);
    struct diag *diag = memory_get(memory, 1, sizeof *diag);
    const char *problem = options_read(options, memory, argc, argv), *no_colour = getenv("NO_COLOR");
    if (problem != NULL)
        return usage(problem);
    diag->memory = memory;
    *history = (struct history){.memory = memory, .diag = diag, .directory = options->directory};
    history->directory_source.path = history->directory_source.name = history->directory;
    if (options->command == COMMAND_HELP)
        fputs(options_help(), stdout);
    else if (options->command == COMMAND_VERSION)
        printf("stelec " STELE_VERSION " (%s)\n", parse_name());
    else if (options->command == COMMAND_NEW)
        new_migration(history, options->name);
    else
        problem = build(history, lock, options);
    if (problem != NULL)
        return usage(problem);
    diag_print(diag, stderr, isatty(STDERR_FILENO) && (no_colour == NULL || *no_colour == '\0'), options->verbose);
    return fflush(stdout) != 0 || diag->errors > 0 ? REFUSED : GOOD;
}

/* Everything allocates; where there is no memory left, control comes back here. */
static int protected_run(struct memory *memory, int argc, char **argv)
{
    if (setjmp(memory->exhausted) == 0)
        return run(memory, argc, argv);
    fputs("stelec: out of memory\n", stderr);
    return REFUSED;
}

int main(int argc, char **argv)
{
    struct memory memory = {0};
    int status = protected_run(&memory, argc, argv);
    stele_arena_free(&memory.arena);
    return status;
}

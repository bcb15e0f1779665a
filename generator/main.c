/*
 * stelec - compile folders of migrations, in SQL and Lua, into one C source
 *
 * The phases in a line: scan, read (directives, statements, trees, steps), seal, order, render to memory, write. Every
 * complaint of a run is reported; nothing is written unless all is good.
 */
#define _XOPEN_SOURCE 700
#include "emit.h"
#include "explain.h"
#include "layout.h"
#include "history.h"
#include "inspect.h"
#include "job.h"
#include "lua_module.h"
#include "lua_syntax.h"
#include "macros.h"
#include "new.h"
#include "options.h"
#include "order.h"
#include "out.h"
#include "parse.h"
#include "pool.h"
#include "scan.h"
#include "seal.h"
#include "uses.h"
#include "warn.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GOOD = 0, REFUSED = 1, USAGE = 2 };

/* One run: what every phase may look at. */
struct run {
    struct memory *memory;
    struct diag *diag;
    struct options *options;
    struct history **parts; /* a folder each */
    struct lock *locks;     /* theirs */
    size_t count;
    struct history *all; /* the folders together */
    struct lua_folder *lua;
    struct schema schema;
    struct cache cache;
};

/* The last `parts` parts of a path, as the user wrote it. "." has none, and is looked up. */
static const char *last_parts(struct memory *memory, const char *path, size_t parts)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    size_t begin = length;
    while (begin > 0 && (path[begin - 1] != '/' || --parts > 0))
        begin--;
    const char *name = memory_copy(memory, path + begin, length - begin);
    if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
        return name;
    char *real = realpath(path, NULL);
    if (real == NULL)
        return name;
    name = memory_copy(memory, emit_file_name(real), strlen(emit_file_name(real)));
    free(real);
    return name;
}

/*
 * The folders' names in the output: their last part, so that the output doesn't depend on where they lie; and as many
 * parts more as it takes to tell them apart.
 */
static void name_folders(struct run *run)
{
    enum { MOST_PARTS = 8 };
    bool apart = false;
    for (size_t parts = 1; !apart && parts <= MOST_PARTS; parts++) {
        apart = true;
        for (size_t i = 0; i < run->count; i++) {
            run->parts[i]->name = last_parts(run->memory, run->parts[i]->directory, parts);
            for (size_t j = 0; j < i; j++)
                apart &= strcmp(run->parts[i]->name, run->parts[j]->name) != 0;
        }
    }
}

static void start(struct run *run)
{
    const struct options *options = run->options;
    run->count = options->folder_count;
    run->parts = memory_get(run->memory, run->count, sizeof *run->parts);
    run->locks = memory_get(run->memory, run->count, sizeof *run->locks);
    run->all = memory_get(run->memory, 1, sizeof *run->all);
    run->lua = memory_get(run->memory, 1, sizeof *run->lua);
    *run->lua = (struct lua_folder){.directory = options->lua, .by_option = options->lua != NULL, .shared = run->count > 1};
    if (options->lua != NULL)
        run->lua->name = last_parts(run->memory, options->lua, 1);
    struct pool *pool = memory_get(run->memory, 1, sizeof *pool);
    pool_start(pool, run->memory);
    *run->all = (struct history){.memory = run->memory, .diag = run->diag, .lua = run->lua};
    for (size_t i = 0; i < run->count; i++) {
        struct history *part = memory_get(run->memory, 1, sizeof *part);
        *part = (struct history){.memory = run->memory, .diag = run->diag, .directory = options->folders[i].directory,
                                  .argument = options->folders[i].argument, .lua = run->lua, .pool = pool};
        part->directory_source.path = part->directory_source.name = part->directory;
        run->parts[i] = part;
    }
    name_folders(run);
}

/* A lock that differs in its line ends only has not changed. */
static void render_lock(struct outputs *outputs, const struct lock *lock, const struct history *part)
{
    struct output *output = out_start(outputs, lock->source.path);
    lock_render(part, &output->text);
    if (output->text.failed)
        memory_exhausted(outputs->memory);
    bool same = lock->source.text != NULL && lock->source.length == output->text.length &&
                memcmp(lock->source.text, output->text.bytes, output->text.length) == 0;
    out_end(output);
    if (same)
        out_keep(output);
}

/* The source, the header, the binary file, the make rule. */
static void render_c(const struct run *run, struct outputs *outputs)
{
    const struct options *options = run->options;
    struct manifest manifest;
    struct emit_options emit = {options->symbol, options->output, options->header, run->parts, run->count,
                                run->lua, &run->schema, &manifest, options->binary};
    manifest_make(&manifest, run->all, options->symbol);
    struct output *output = out_start(outputs, options->header);
    emit_header(&output->text, run->all, &emit);
    out_end(output);
    if (options->binary != NULL) {
        output = out_start(outputs, options->binary);
        emit_binary(output, &manifest);
        out_end(output);
    }
    output = out_start(outputs, options->output);
    emit_source(output, run->all, &emit);
    out_end(output);
    if (options->depfile != NULL && !options->check) {
        output = out_start(outputs, options->depfile);
        emit_depfile(&output->text, &emit);
        out_end(output);
    }
}

static void write_outputs(struct run *run)
{
    struct outputs *outputs = memory_get(run->memory, 1, sizeof *outputs);
    outputs_start(outputs, run->memory, run->options->check);
    for (size_t i = 0; i < run->count; i++)
        render_lock(outputs, &run->locks[i], run->parts[i]);
    if (run->options->command == COMMAND_BUILD)
        render_c(run, outputs);
    for (size_t i = 0; i < outputs->count && run->options->check; i++)
        if (outputs->list[i]->changed)
            diag_error(run->diag, &outputs->list[i]->place, SOURCE_WHOLE, "file is stale");
    if (!run->options->check)
        outputs_write(outputs, run->diag);
    outputs_close(outputs);
}

/* The folder of Lua files is that of --lua; else the one that stele.conf names. All migrations of a program share it. */
static void take_lua(struct run *run, const struct conf *conf)
{
    if (conf->lua == NULL || run->options->lua != NULL)
        return;
    if (run->lua->directory == NULL) {
        run->lua->directory = conf->lua;
        run->lua->name = last_parts(run->memory, conf->lua, 1);
    } else if (!scan_is_same_folder(conf->lua, run->lua->directory)) {
        diag_error(run->diag, &conf->source, conf->lua_offset, "the folders have different folders of Lua files");
        diag_hint(run->diag, "a program has one, so that a module has one name: say which with --lua");
    }
}

static void warn_of_none(const struct run *run, const struct history *part)
{
    diag_warning(run->diag, &part->directory_source, SOURCE_WHOLE, "directory holds no migrations");
    if (part->job_count > 0 && run->count == 1)
        diag_hint(run->diag, "a job's state is kept in the ledger's schema, which the first migration makes: write one, for the table that the job writes, say");
}

/* List the folders and read what is declared in them; is their layout known? Returns what is wrong with the command line, or NULL. */
static const char *prepare(struct run *run, bool *known)
{
    const struct options *options = run->options;
    struct conf **confs = memory_get(run->memory, run->count, sizeof *confs);
    size_t files = 0, repeatables = 0;
    for (size_t i = 0; i < run->count; i++) {
        struct history *part = run->parts[i];
        confs[i] = &part->conf;
        conf_read(confs[i], run->memory, run->diag, part->directory, options->folders[i].component);
        take_lua(run, confs[i]);
    }
    for (size_t i = 0; i < run->count; i++) {
        struct history *part = run->parts[i];
        part->first_order = files;
        *known = scan(part, options->layout) && *known;
        files += history_text_count(part);
        repeatables += part->repeatable_count;
        if (history_size(part) == 0 && run->diag->errors == 0)
            warn_of_none(run, part);
    }
    for (size_t i = 0; i < run->count; i++)
        run->parts[i]->has_repeatables = repeatables > 0;
    for (size_t i = 0; i < options->definition_count; i++) {
        const char *problem = conf_define(confs, run->count, run->memory, options->definitions[i]);
        if (problem != NULL)
            return problem;
    }
    return NULL;
}

/* All that reading a file hangs on besides the file. What is only worth a remark isn't kept, so it takes a run without a cache. */
static void open_cache(struct run *run)
{
    const struct options *options = run->options;
    const char *settings = "";
    for (size_t i = 0; i < run->count; i++) {
        const struct history *part = run->parts[i];
        settings = memory_print(run->memory, "%s%s\n%s\n%s\n%d\n", settings, part->directory, part->layout->name,
                                part->conf.source.text == NULL ? "" : part->conf.source.text, part->has_repeatables);
    }
    for (size_t i = 0; i < options->definition_count; i++)
        settings = memory_print(run->memory, "%s-D%s\n", settings, options->definitions[i]);
    cache_open(&run->cache, run->memory, options->verbose ? NULL : options->cache, settings);
}

/* All that is read and checked. Returns what is wrong with the command line, or NULL; all else is in the diag. */
static const char *read_folders(struct run *run)
{
    const struct options *options = run->options;
    struct seal_options seal_options = {options->amend, options->amend_count, options->sealed, run->count > 1};
    bool known = true; /* how the folders are laid out; what would be said without that is noise */
    const char *problem = prepare(run, &known);
    if (problem != NULL || !known)
        return problem;
    open_cache(run);
    for (size_t i = 0; i < run->count; i++)
        history_read(run->parts[i], &run->cache);
    cache_save(&run->cache);
    order_check_components(run->parts, run->count);
    bool *locked = memory_get(run->memory, run->count, sizeof *locked);
    for (size_t i = 0; i < run->count; i++) {
        locked[i] = lock_read(&run->locks[i], run->parts[i], options->amend_count > 0);
        locked[i] &= history_check(run->parts[i], &run->locks[i]);
    }
    for (size_t i = 0; i < run->count; i++)
        if (locked[i])
            seal(&run->locks[i], run->parts[i], &seal_options);
    if (seal_options.several)
        seal_check_amends(run->locks, run->parts, run->count, &seal_options);
    order_join(run->all, run->parts, run->count);
    job_check(run->all);
    uses_check(run->all);
    if (run->diag->errors == 0) /* of half a history there is no telling what is there */
        schema_collect(&run->schema, review(run->all, &options->warnings), run->all, run->parts, run->count);
    macros_check(run->all, &run->schema);
    return NULL;
}

/* The phases. Returns as read_folders. */
static const char *build(struct run *run)
{
    const struct options *options = run->options;
    struct seal_options seal_options = {options->amend, options->amend_count, options->sealed, run->count > 1};
    const char *problem = read_folders(run);
    if (problem != NULL)
        return problem;
    for (size_t i = 0; i < run->count && run->diag->errors == 0 && !options->check; i++)
        seal_warn_empty(run->parts[i]);
    if (run->diag->errors == 0)
        write_outputs(run);
    for (size_t i = 0; i < run->count && run->diag->errors == 0 && !options->check; i++)
        if (options->command == COMMAND_SEAL)
            seal_print(&run->locks[i], run->parts[i], &seal_options, stdout);
    return NULL;
}

/* Is it this one? In some layouts many files have one name, in others the folder is above the one that the file names. */
static bool is_file(const struct source *source, const char *file)
{
    return source != NULL && (strcmp(source->path, file) == 0 ||
                              (strcmp(emit_file_name(source->path), emit_file_name(file)) == 0 && scan_is_same_folder(source->path, file)));
}

/* The migration or job that the file belongs to; or NULL. */
static struct migration *find_file(const struct history *history, const char *file)
{
    for (size_t i = 0; i < history_text_count(history); i++) {
        struct migration *migration = history_text_at(history, i);
        if (is_file(&migration->source, file))
            return migration;
        for (int kind = 0; kind < FILE_COUNT; kind++)
            if (is_file(migration->files[kind], file))
                return migration;
    }
    return NULL;
}

/* A file whose name is no migration's is explained by itself: a history of one. */
static void list_alone(struct run *run)
{
    struct history *part = run->parts[0];
    struct migration *migration = memory_get(run->memory, 1, sizeof *migration);
    migration->home = part;
    migration->folder = part->name;
    migration->source.path = run->options->file;
    migration->source.name = migration->name = emit_file_name(run->options->file);
    migration->version = "";
    migration->source.order = 2;
    part->layout = layout_find("stele"); /* by itself it is in no other */
    part->repeatable_count = part->job_count = 0;
    part->migrations = memory_get(run->memory, 1, sizeof(struct migration *));
    part->migrations[0] = migration;
    part->count = 1;
    run->diag->count = run->diag->errors = 0; /* what the folder looks like is nobody's question */
}

/*
 * One migration, with the history that it stands in. What is wrong with other files isn't told here, and nothing is sealed. Where there is
 * an error, what is told is what could be found out.
 */
static const char *explain_one(struct run *run)
{
    const struct options *options = run->options;
    struct history *part = run->parts[0];
    bool known = true; /* of a folder that nobody knows the layout of, the file is explained alone */
    const char *problem = prepare(run, &known);
    if (problem != NULL)
        return problem;
    if (find_file(part, options->file) == NULL)
        list_alone(run);
    const struct migration *migration = find_file(part, options->file);
    part->keeps_all = true;
    history_read(part, &run->cache);
    history_compute_states(part);
    order_join(run->all, run->parts, run->count);
    size_t errors = diag_only(run->diag, &migration->source);
    if (errors > 0 || migration->broken)
        return NULL;
    review(run->all, &options->warnings);
    diag_only(run->diag, &migration->source);
    stele_text *text = &run->memory->text;
    explain(text, run->memory, migration, options->json);
    if (text->failed)
        memory_exhausted(run->memory);
    fwrite(text->bytes, 1, text->length, stdout);
    stele_text_free(text);
    return NULL;
}

/*
 * What a program should carry: what is in the folders; where they are in disorder, at least what their locks say, so that all is told in
 * one run. Then the locks that were named.
 */
static const char *expect(struct run *run, struct inspection *inspection)
{
    const struct options *options = run->options;
    const char *problem = run->count == 0 ? NULL : read_folders(run);
    if (problem != NULL)
        return problem;
    if (run->diag->errors == 0)
        inspect_expect_history(inspection, run->all);
    for (size_t i = 0; i < run->count && run->diag->errors > 0; i++)
        inspect_expect_lock(inspection, &run->locks[i]);
    for (size_t i = 0, folder = 0; i < options->against_count; i++) {
        if (folder < run->count && strcmp(options->folders[folder].argument, options->against[i]) == 0) {
            folder++;
            continue;
        }
        struct history *nowhere = memory_get(run->memory, 1, sizeof *nowhere);
        struct lock *lock = memory_get(run->memory, 1, sizeof *lock);
        *nowhere = (struct history){.memory = run->memory, .diag = run->diag};
        if (lock_read_file(lock, nowhere, options->against[i]))
            inspect_expect_lock(inspection, lock);
    }
    return NULL;
}

static const char *inspect(struct run *run)
{
    const struct options *options = run->options;
    struct inspection *inspection = memory_get(run->memory, 1, sizeof *inspection); /* complaints are printed later */
    *inspection = (struct inspection){.memory = run->memory, .diag = run->diag};
    inspection->program.path = inspection->program.name = options->program;
    run->diag->reads_only = true;
    const char *problem = expect(run, inspection);
    if (problem != NULL)
        return problem;
    bool read = carried_read(&inspection->tables, &inspection->program, run->memory, run->diag);
    if (read && inspection->tables.count == 0) {
        diag_error(run->diag, &inspection->program, SOURCE_WHOLE, "file carries no sealed table");
        diag_hint(run->diag, "name a program, library or object that the C of stelec is linked into; a packed one must be unpacked");
    } else if (read && options->against_count > 0 && (inspection->count > 0 || run->diag->errors == 0)) {
        inspect_compare(inspection);
    }
    if (options->json)
        inspect_print_json(inspection, stdout);
    else
        inspect_print(inspection, stdout);
    return NULL;
}

/* The next migration. Its version is above those of the Lua folder, too, which stele.conf may name. */
static void begin_migration(struct run *run)
{
    struct history *history = run->parts[0];
    conf_read(&history->conf, run->memory, run->diag, history->directory, NULL);
    take_lua(run, &history->conf);
    new_migration(history, run->options->layout, run->options->name,
                  run->options->job ? NEW_JOB : run->options->repeatable ? NEW_REPEATABLE : NEW_MIGRATION);
}

/* The ways out, once: what is sealed with this run can't simply be edited, and what was sealed before need not be warned of. */
static void say_ways_out(const struct run *run)
{
    const struct history *all = run->all;
    const struct migration *first = all->warned_first, *last = all->warned_last;
    if (run->diag->errors > 0 || run->diag->silent || run->options->check)
        return;
    if (all->warned_new > 0)
        fprintf(stderr, "stelec: %zu warning%s about what is sealed now; to edit it all the same: stelec seal --amend %s%s%s %s\n", all->warned_new,
                all->warned_new == 1 ? "" : "s", run->count > 1 ? first->component : "", run->count > 1 ? "/" : "", first->version,
                first->home->argument);
    if (all->warned_old > 0)
        fprintf(stderr, "stelec: %zu warning%s about what was sealed before; \"warn-after %s\" in %s/stele.conf takes it as it is\n",
                all->warned_old, all->warned_old == 1 ? "" : "s", last->version, last->home->directory);
}

static int usage(const char *problem)
{
    fprintf(stderr, "stelec: %s\nstelec: try \"stelec --help\"\n", problem);
    return USAGE;
}

static int run_command(struct memory *memory, int argc, char **argv)
{
    struct run run = {.memory = memory};
    run.options = memory_get(memory, 1, sizeof *run.options);
    run.diag = memory_get(memory, 1, sizeof *run.diag);
    const char *problem = options_read(run.options, memory, argc, argv), *no_colour = getenv("NO_COLOR");
    if (problem != NULL)
        return usage(problem);
    run.diag->memory = memory;
    run.diag->silent = run.options->warnings.silent;
    start(&run);
    if (run.options->command == COMMAND_HELP)
        fputs(options_help(), stdout);
    else if (run.options->command == COMMAND_WARNINGS)
        warn_list(stdout);
    else if (run.options->command == COMMAND_VERSION)
        printf("stelec " STELE_VERSION " (%s, %s)\n", parse_name(), lua_syntax_name());
    else if (run.options->command == COMMAND_NEW)
        begin_migration(&run);
    else if (run.options->command == COMMAND_EXPLAIN)
        problem = explain_one(&run);
    else if (run.options->command == COMMAND_INSPECT)
        problem = inspect(&run);
    else
        problem = build(&run);
    if (problem != NULL)
        return usage(problem);
    diag_print(run.diag, stderr, isatty(STDERR_FILENO) && (no_colour == NULL || *no_colour == '\0'), run.options->verbose);
    if (run.options->command == COMMAND_BUILD || run.options->command == COMMAND_SEAL)
        say_ways_out(&run);
    return fflush(stdout) != 0 || run.diag->errors > 0 ? REFUSED : GOOD;
}

/* Everything allocates; where there is no memory left, control comes back here. */
static int protected_run(struct memory *memory, int argc, char **argv)
{
    if (setjmp(memory->exhausted) == 0)
        return run_command(memory, argc, argv);
    fputs("stelec: out of memory\n", stderr);
    return REFUSED;
}

int main(int argc, char **argv)
{
    struct memory memory = {0};
    int status = protected_run(&memory, argc, argv);
    stele_text_free(&memory.text);
    stele_arena_free(&memory.arena);
    stele_arena_free(&memory.scratch);
    return status;
}

#define _POSIX_C_SOURCE 200809L
#include "new.h"

#include "layout.h"
#include "lua_module.h"
#include "renumber.h"
#include "scan.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char sql_skeleton[] =
    "-- %s: what this changes, and why\n"
    "--\n"
    "-- The statements follow. They commit together, with their row in the ledger. A line\n"
    "-- \"-- stele: down\" begins the part that takes them back, \"-- stele: verify\" the\n"
    "-- queries that must return true afterwards.\n"
    "\n";

static const char repeatable_skeleton[] =
    "-- %s: what this makes, and for whom\n"
    "--\n"
    "-- It runs behind all versioned migrations, and again whenever this file changes: so each\n"
    "-- statement must do when it is run anew. CREATE OR REPLACE, INSERT ... ON CONFLICT, or\n"
    "-- DROP ... IF EXISTS before CREATE. A line \"-- stele: after R_other\" puts it behind another.\n"
    "\n"
    "-- CREATE OR REPLACE VIEW %s AS\n"
    "-- SELECT ...;\n";

static const char lua_skeleton[] =
    "-- %s: what this changes, and why\n"
    "--\n"
    "-- What up does commits together, with its row in the ledger. Values go behind the SQL,\n"
    "-- for $1, $2 ...; nil is NULL. A function down takes it back, a function verify looks\n"
    "-- whether it is right, and fails by returning false.\n"
    "\n"
    "function up(db)\n"
    "end\n";

static const char job_skeleton[] =
    "-- %s: what this makes of a table's rows, and why\n"
    "--\n"
    "-- A job is no migration: it is run by itself, in as many small transactions as it takes, and\n"
    "-- goes on where it was left. Each row is handed to map, and what that returns, columns and\n"
    "-- their values, is written into the row.\n"
    "\n"
    "return {\n"
    "    table = \"a_table\", key = \"id\", read = { \"a_column\" },\n"
    "    map = function(row)\n"
    "        return {}\n"
    "    end,\n"
    "}\n";

/* How a new migration of a layout is called, and what stands in it, where that isn't a skeleton of stele's own. */
static const struct form {
    const char *layout, *before, *between; /* around the version */
    const char *endings[2];                /* a file for each */
    const char *text;
} forms[] = {
    {"stele", "", "_", {".sql", NULL}, NULL},
    {"golang-migrate", "", "_", {".up.sql", ".down.sql"}, ""},
    {"sqlx", "", "_", {".up.sql", ".down.sql"}, ""},
    {"goose", "", "_", {".sql", NULL}, "-- +goose Up\n\n-- +goose Down\n"},
    {"dbmate", "", "_", {".sql", NULL}, "-- migrate:up\n\n-- migrate:down\n"},
    {"sql-migrate", "", "_", {".sql", NULL}, "-- +migrate Up\n\n-- +migrate Down\n"},
    {"tern", "", "_", {".sql", NULL}, "\n---- create above / drop below ----\n"},
    {"flyway", "V", "__", {".sql", NULL}, NULL},
};

/* The form of the history's layout; NULL where its own tool must make a migration, since it keeps a list or a snapshot. */
static const struct form *find_form(const struct history *history)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(forms[i].layout, history->layout->name) == 0)
            return &forms[i];
    return NULL;
}

/* A name for a file: blanks become underscores; what a shell or a lock file would trip over is refused. */
static const char *file_part(struct memory *memory, const char *name)
{
    char *part = memory_copy(memory, name, strlen(name));
    for (char *p = part; *p != '\0'; p++) {
        if (*p == ' ')
            *p = '_';
        if (!is_letter(*p) && !is_digit(*p) && *p != '_' && *p != '-' && *p != '.')
            return NULL;
    }
    return *part == '\0' ? NULL : part;
}

static bool create(const char *path, const char *name, new_kind kind, bool lua, const char *text)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    FILE *stream = file < 0 ? NULL : fdopen(file, "w");
    if (stream == NULL)
        return false;
    int written = text != NULL ? fprintf(stream, "%s", text) + 1
                  : kind == NEW_JOB        ? fprintf(stream, job_skeleton, name)
                  : kind == NEW_REPEATABLE ? fprintf(stream, repeatable_skeleton, name, name)
                  : lua                    ? fprintf(stream, lua_skeleton, name)
                                           : fprintf(stream, sql_skeleton, name);
    return fclose(stream) == 0 && written > 0;
}

/* "name.lua" asks for Lua, "name.sql" for what it would be anyway. The ending is taken off. */
static bool take_ending(struct memory *memory, const char **name)
{
    size_t length = strlen(*name);
    const char *ending = length > 4 ? *name + length - 4 : "";
    bool lua = strcmp(ending, ".lua") == 0;
    if (lua || strcmp(ending, ".sql") == 0)
        *name = memory_copy(memory, *name, length - 4);
    return lua;
}

/* The files of a new migration, one after another. */
static void create_files(struct history *history, const struct form *form, const char *part, new_kind kind, bool lua)
{
    static const struct form in_lua = {"", "", "_", {".lua", NULL}, NULL};
    struct memory *memory = history->memory;
    struct source *source = &history->directory_source;
    const char *version = kind == NEW_JOB ? "J" : kind == NEW_REPEATABLE ? "R" : next_version(history);
    const char *directory = kind == NEW_JOB && history->lua->directory != NULL ? history->lua->directory : history->directory;
    if (lua)
        form = &in_lua;
    for (size_t i = 0; i < 2 && form->endings[i] != NULL; i++) {
        source->path = path_join(memory, directory,
                                 memory_print(memory, "%s%s%s%s%s", kind == NEW_REPEATABLE ? "" : form->before, version, form->between,
                                              part, form->endings[i]));
        if (!create(source->path, part, kind, lua, form->text)) {
            diag_error(history->diag, source, SOURCE_WHOLE, "can't create file: %s", strerror(errno));
            return;
        }
        puts(source->path);
    }
}

/* What can't be had in a folder of this layout. */
static void check_form(struct history *history, new_kind kind)
{
    const struct form *form = find_form(history);
    const struct source *source = &history->directory_source;
    if (kind == NEW_JOB) {
        if (history->lua->directory != NULL || strcmp(history->layout->name, "stele") == 0)
            return;
        diag_error(history->diag, source, SOURCE_WHOLE, "stelec can't add a job to a folder of %s's", history->layout->name);
        diag_hint(history->diag, "say where Lua files lie: --lua DIR, or \"lua DIR\" in stele.conf");
    } else if (form == NULL || (kind == NEW_REPEATABLE && form->text != NULL)) {
        diag_error(history->diag, source, SOURCE_WHOLE, "stelec can't add %s migration to a folder of %s's",
                   kind == NEW_REPEATABLE ? "a repeatable" : "a", history->layout->name);
        diag_hint(history->diag, "its migrations are %s", history->layout->form);
    }
}

/* "R_name" and "J_name" say what they are. The beginning is taken off. */
static new_kind take_beginning(const char **name, new_kind kind)
{
    bool repeatable = strncmp(*name, "R_", 2) == 0 && kind != NEW_JOB, job = strncmp(*name, "J_", 2) == 0 && kind != NEW_REPEATABLE;
    if (!repeatable && !job)
        return kind;
    *name += 2;
    return job ? NEW_JOB : NEW_REPEATABLE;
}

void new_migration(struct history *history, const char *layout, const char *name, new_kind kind)
{
    bool lua = take_ending(history->memory, &name);
    kind = take_beginning(&name, kind);
    const char *part = file_part(history->memory, name);
    struct source *source = &history->directory_source;
    scan(history, layout);
    if (history->diag->errors > 0 && access(history->directory, F_OK) != 0 && errno == ENOENT)
        diag_hint(history->diag, "mkdir %s", history->directory);
    if (part == NULL) {
        diag_error(history->diag, source, SOURCE_WHOLE, "\"%s\" is no name for a %s", name, kind == NEW_JOB ? "job" : "migration");
        diag_hint(history->diag, "use letters, digits, underscores, dashes and dots");
    }
    if (kind == NEW_REPEATABLE && lua) {
        diag_error(history->diag, source, SOURCE_WHOLE, "a repeatable migration in Lua");
        diag_hint(history->diag, "only SQL can be repeatable");
    }
    if (history->diag->errors == 0)
        check_form(history, kind);
    if (history->diag->errors == 0)
        create_files(history, find_form(history), part, kind, lua || kind == NEW_JOB);
}

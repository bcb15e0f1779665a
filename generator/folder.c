#define _POSIX_C_SOURCE 200809L
#include "folder.h"

#include "layout.h"
#include "scan.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* --------------------------------------------------------------- listing */

bool ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);
    return length >= tail && strcmp(name + length - tail, ending) == 0;
}

size_t leading_digits(const char *name)
{
    return strspn(name, "0123456789");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void complain_of_folder(struct history *history, const char *directory)
{
    struct source *source = memory_get(history->memory, 1, sizeof *source);
    source->name = source->path = directory;
    diag_error(history->diag, source, SOURCE_WHOLE, "can't read directory: %s", strerror(errno));
}

struct folder folder_list(struct history *history, const char *directory)
{
    struct folder folder = {.history = history, .directory = directory, .prefix = ""};
    struct stat status;
    size_t capacity = 0;
    DIR *stream = opendir(directory);
    if (stream == NULL) {
        complain_of_folder(history, directory);
        return folder;
    }
    const struct dirent *found;
    for (errno = 0; (found = readdir(stream)) != NULL; errno = 0) {
        const char *name = found->d_name;
        if (name[0] == '.' || ends_in(name, "~"))
            continue;
        bool known = stat(path_join(history->memory, directory, name), &status) == 0;
        folder.entries = memory_grow(history->memory, folder.entries, folder.count, &capacity, sizeof *folder.entries);
        folder.entries[folder.count++] =
            (struct entry){memory_copy(history->memory, name, strlen(name)), known && S_ISDIR(status.st_mode)};
    }
    if (errno != 0)
        complain_of_folder(history, directory);
    closedir(stream);
    if (folder.count > 0)
        qsort(folder.entries, folder.count, sizeof *folder.entries, by_name);
    return folder;
}

struct folder folder_list_below(const struct folder *folder, const char *below)
{
    struct memory *memory = folder->history->memory;
    const char *path = path_join(memory, folder->directory, below);
    struct folder inner = {.history = folder->history, .directory = path};
    bool circle = false;
    for (const struct folder *above = folder; above != NULL; above = above->above)
        circle |= scan_is_same_folder(path, above->directory);
    if (!circle)
        inner = folder_list(folder->history, path);
    inner.prefix = memory_print(memory, "%s%s/", folder->prefix, below);
    inner.above = folder;
    return inner;
}

bool folder_has(const struct folder *folder, const char *name, bool is_folder)
{
    const struct entry key = {name, is_folder};
    if (folder->count == 0)
        return false;
    const struct entry *found = bsearch(&key, folder->entries, folder->count, sizeof key, by_name);
    return found != NULL && found->is_folder == is_folder;
}

const char *folder_cut(const struct folder *folder, const char *begin, size_t length)
{
    return memory_copy(folder->history->memory, begin, length);
}

/* ------------------------------------------------------------- complaints */

struct source *folder_source(const struct folder *folder, const char *file)
{
    struct memory *memory = folder->history->memory;
    struct source *source = memory_get(memory, 1, sizeof *source);
    source->name = memory_print(memory, "%s%s", folder->prefix, file);
    source->path = path_join(memory, folder->directory, file);
    return source;
}

void folder_refuse(const struct folder *folder, const char *name, const char *message, const char *hint)
{
    diag_error(folder->history->diag, folder_source(folder, name), SOURCE_WHOLE, "%s", message);
    if (hint != NULL)
        diag_hint(folder->history->diag, "%s", hint);
}

void folder_warn(const struct folder *folder, const char *name, const char *message, const char *hint)
{
    diag_warning(folder->history->diag, folder_source(folder, name), SOURCE_WHOLE, "%s", message);
    if (hint != NULL)
        diag_hint(folder->history->diag, "%s", hint);
}

/* ------------------------------------------------------------- migrations */

void folder_add_input(struct history *history, const char *path)
{
    history->inputs = memory_grow(history->memory, history->inputs, history->input_count, &history->input_capacity,
                                  sizeof *history->inputs);
    history->inputs[history->input_count++] = path;
}

/* A bad name can't go into a lock file of lines, nor into a C string that a reviewer trusts. */
static bool is_plain(const char *name)
{
    for (const char *p = name; *p != '\0'; p += utf8_length(p))
        if ((unsigned char)*p < ' ' || *p == 127 || utf8_length(p) == 0)
            return false;
    return true;
}

static void add(struct history *history, struct migration *migration)
{
    bool repeatable = migration->repeatable, job = migration->job;
    struct migration ***list = job ? &history->jobs : repeatable ? &history->repeatables : &history->migrations;
    size_t *count = job ? &history->job_count : repeatable ? &history->repeatable_count : &history->count;
    size_t *capacity = job ? &history->job_capacity : repeatable ? &history->repeatable_capacity : &history->capacity;
    *list = memory_grow(history->memory, *list, *count, capacity, sizeof **list);
    (*list)[(*count)++] = migration;
}

struct migration *folder_add(const struct folder *folder, const char *file, const char *version, const char *name)
{
    struct history *history = folder->history;
    if (!is_plain(file) || !is_plain(folder->prefix)) {
        folder_refuse(folder, file, "file name is not plain UTF-8 text", "rename it: VERSION_name.sql");
        return NULL;
    }
    struct migration *migration = memory_get(history->memory, 1, sizeof *migration);
    migration->home = history;
    migration->folder = history->name;
    migration->source = *folder_source(folder, file);
    migration->lua = ends_in(file, ".lua");
    migration->version = version;
    migration->name = name;
    migration->repeatable = strcmp(version, "R") == 0;
    migration->job = strcmp(version, "J") == 0;
    add(history, migration);
    return migration;
}

void folder_add_part(const struct folder *folder, struct migration *migration, file_kind kind, const char *file)
{
    struct memory *memory = folder->history->memory;
    if (migration->files[FILE_UP] == NULL && migration->files[FILE_DOWN] == NULL) {
        migration->files[FILE_UP] = memory_get(memory, 1, sizeof *migration->files[FILE_UP]);
        *migration->files[FILE_UP] = migration->source;
    }
    migration->files[kind] = folder_source(folder, file);
}

/* ---------------------------------------------------------------- versions */

/* The version behind this one, below the same first number: 5.7 -> 5.7.1 -> 5.7.2. */
static const char *behind(struct memory *memory, const char *last)
{
    const char *dot = strrchr(last, '.');
    if (dot == NULL || dot == strchr(last, '.'))
        return memory_print(memory, "%s.1", last);
    return memory_print(memory, "%.*s.%lu", (int)(dot - last), last, strtoul(dot + 1, NULL, 10) + 1);
}

const char *numbering_next(struct numbering *numbering, struct memory *memory, const char *digits)
{
    const char *last = numbering->last;
    if (digits[0] == '\0')
        digits = "0";
    if (last == NULL || stele_version_compare(digits, last) > 0)
        return numbering->last = digits;
    size_t base = strcspn(last, ".");
    const char *next = memory_print(memory, "%.*s.%s", (int)base, last, digits);
    if (stele_version_compare(next, last) <= 0)
        next = behind(memory, last);
    return numbering->last = next;
}

/* ----------------------------------------------------------- what is left out */

/* Does the name have the ending of a language that migrations are written in elsewhere? */
static bool is_program(const char *name)
{
    static const char *const endings[] = {".go", ".py",  ".java", ".kt",  ".groovy", ".scala", ".class", ".rb", ".sh", ".bash",
                                          ".js", ".cjs", ".mjs",  ".ts", ".php",    ".pl",    ".exs",   ".ex", ".cs", ".fs",
                                          ".rs", ".ps1", ".bat",  ".cmd", ".clj",   ".edn"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (ends_in(name, endings[i]))
            return strstr(name, "_test.") == NULL && strstr(name, ".test.") == NULL && !ends_in(name, ".d.ts");
    return false;
}

/* Does it stand in the sequence? 00002_x.go, 0003-x.js, V3__x.java, R__x.py; and a revision of Alembic's, 1975ea83b712_x.py. */
static bool is_numbered(const char *name)
{
    enum { REVISION = 12 };
    bool lettered = name[0] != '\0' && strchr("VUB", name[0]) != NULL;
    size_t digits = leading_digits(name + lettered), revision = strspn(name, "0123456789abcdef");
    char next = name[lettered + digits];
    if (digits > 0 && (next == '_' || next == '-' || next == '.'))
        return true;
    return (revision >= REVISION && name[revision] == '_') || strncmp(name, "R__", 3) == 0;
}

/* What tools write beside their migrations, and nobody expects to be run. */
static bool is_dump(const char *name)
{
    return strcmp(name, "schema.sql") == 0 || strcmp(name, "structure.sql") == 0;
}

/* Does a folder hold SQL files? Then it may be one that somebody expects to be read. */
static bool holds_sql(const struct folder *folder, const char *name)
{
    bool found = false;
    DIR *stream = opendir(path_join(folder->history->memory, folder->directory, name));
    if (stream == NULL)
        return false;
    for (const struct dirent *entry; !found && (entry = readdir(stream)) != NULL;)
        found = ends_in(entry->d_name, ".sql");
    closedir(stream);
    return found;
}

void folder_leave_out(const struct folder *folder, const struct entry *entry)
{
    const struct layout *layout = folder->history->layout;
    const char *hint = memory_print(folder->history->memory, "in this layout, %s's, migrations are %s", layout->name, layout->form);
    const char *dot = strrchr(entry->name, '.');
    if (entry->is_folder && holds_sql(folder, entry->name))
        folder_warn(folder, entry->name, "folder holds SQL files that are not read", hint);
    else if (entry->is_folder || dot == NULL)
        return;
    else if (strcmp(dot, ".sql") == 0 && !is_dump(entry->name))
        folder_warn(folder, entry->name, "file is not read", hint);
    else if (strcmp(dot, ".sql") != 0 && strcmp(dot, ".lua") != 0 && (strcasecmp(dot, ".sql") == 0 || strcasecmp(dot, ".lua") == 0))
        folder_warn(folder, entry->name, "file is not read: endings are in lower case, .sql and .lua", NULL);
}

void folder_pass_over(const struct folder *folder, const struct entry *entry)
{
    if (!entry->is_folder && is_program(entry->name) && is_numbered(entry->name))
        folder_refuse(folder, entry->name, "a migration that isn't SQL",
                      "write it in SQL, or in Lua as VERSION_name.lua; a file that is no migration belongs elsewhere");
    else
        folder_leave_out(folder, entry);
}

#define _POSIX_C_SOURCE 200809L
#include "scan.h"

#include "lua_module.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* The folder that is being listed: that of the migrations, that of --lua, or both in one. */
struct folder {
    struct history *history;
    const char *directory, *name;
    bool holds_sql, holds_modules;
};

bool scan_is_version(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!is_digit(text[i]) && (text[i] != '.' || i == 0 || i + 1 == length || !is_digit(text[i + 1])))
            return false;
    return length > 0;
}

static bool ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);
    return length >= tail && strcmp(name + length - tail, ending) == 0;
}

/* A file to complain about: scan's complaints come before those about contents, in the order of the names. */
static const struct source *stranger(const struct folder *folder, const char *name)
{
    struct memory *memory = folder->history->memory;
    struct source *source = memory_get(memory, 1, sizeof *source);
    source->name = memory_copy(memory, name, strlen(name));
    source->path = path_join(memory, folder->directory, source->name);
    return source;
}

static void refuse(const struct folder *folder, const char *name, const char *message, const char *hint)
{
    diag_error(folder->history->diag, stranger(folder, name), SOURCE_WHOLE, "%s", message);
    if (hint != NULL)
        diag_hint(folder->history->diag, "%s", hint);
}

/* A migration of this file, whose version has this length. */
static struct migration *make_migration(const struct folder *folder, const char *file, size_t version_length)
{
    struct memory *memory = folder->history->memory;
    struct migration *migration = memory_get(memory, 1, sizeof *migration);
    size_t name_length = strlen(file) - version_length - strlen("_.sql");
    migration->home = folder->history;
    migration->folder = folder->name;
    migration->lua = ends_in(file, ".lua");
    migration->source.name = memory_copy(memory, file, strlen(file));
    migration->source.path = path_join(memory, folder->directory, migration->source.name);
    migration->version = memory_copy(memory, file, version_length);
    migration->name = memory_copy(memory, file + version_length + 1, name_length);
    return migration;
}

static void add_versioned(const struct folder *folder, const char *file, size_t version_length)
{
    struct history *history = folder->history;
    struct migration *migration = make_migration(folder, file, version_length);
    history->migrations = memory_grow(history->memory, history->migrations, history->count, &history->capacity,
                                      sizeof *history->migrations);
    history->migrations[history->count++] = migration;
}

static void add_repeatable(const struct folder *folder, const char *file)
{
    struct history *history = folder->history;
    struct migration *migration = make_migration(folder, file, strlen("R"));
    migration->repeatable = true;
    history->repeatables = memory_grow(history->memory, history->repeatables, history->repeatable_count,
                                       &history->repeatable_capacity, sizeof *history->repeatables);
    history->repeatables[history->repeatable_count++] = migration;
}

/* A bad name can't go into a lock file of lines, nor into a C string that a reviewer trusts. */
static bool is_plain(const char *name)
{
    for (const char *p = name; *p != '\0'; p += utf8_length(p))
        if ((unsigned char)*p < ' ' || *p == 127 || utf8_length(p) == 0)
            return false;
    return true;
}

/* The length of the version that VERSION_name begins with, an ending of four bytes behind; 0 when it has none. */
static size_t version_length(const char *name)
{
    size_t version = strspn(name, "0123456789."), length = strlen(name);
    bool fine = scan_is_version(name, version) && name[version] == '_' && length - version > strlen("_.sql");
    return fine ? version : 0;
}

static void take_sql(const struct folder *folder, const char *name)
{
    size_t version = version_length(name);
    if (!is_plain(name))
        refuse(folder, name, "file name is not plain UTF-8 text", "rename it: VERSION_name.sql");
    else if (strncmp(name, "R_", 2) == 0 && strlen(name) > strlen("R_.sql"))
        add_repeatable(folder, name);
    else if (version == 0)
        refuse(folder, name, "file name is neither VERSION_name.sql nor R_name.sql",
               "a version is digits, or digits with dots: 001_name.sql, 4.105_name.sql");
    else
        add_versioned(folder, name, version);
}

/* Where modules lie, a name that doesn't begin with a digit is one of theirs. */
static void take_lua(const struct folder *folder, const char *name)
{
    size_t version = version_length(name);
    if (folder->holds_modules && !is_digit(*name))
        return;
    if (!is_plain(name))
        refuse(folder, name, "file name is not plain UTF-8 text", "rename it: VERSION_name.lua");
    else if (version == 0 && is_digit(*name))
        refuse(folder, name, "file name is not VERSION_name.lua",
               "a version is digits, or digits with dots: 001_name.lua, 4.105_name.lua");
    else if (version == 0 && strncmp(name, "R_", 2) == 0)
        refuse(folder, name, "a repeatable migration in Lua", "only SQL can be repeatable: R_name.sql");
    else if (version == 0)
        refuse(folder, name, "file name is not VERSION_name.lua",
               "a module belongs into the folder of --lua, from where migrations require it");
    else if (!folder->holds_sql && folder->history->lua->shared)
        refuse(folder, name, "a migration in a folder that several histories share",
               "put it among the migrations that it belongs to; only modules can be shared");
    else
        add_versioned(folder, name, version);
}

/* "001_a.SQL": some file systems take that for the same name, and somebody expects it to be read. */
static bool has_ending(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && (strcasecmp(dot, ".sql") == 0 || strcasecmp(dot, ".lua") == 0);
}

/* Does a folder hold SQL files? Then it may be a layout that somebody expects to be read. */
static bool holds_sql(const char *path)
{
    bool found = false;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return false;
    for (const struct dirent *entry; !found && (entry = readdir(folder)) != NULL;)
        found = ends_in(entry->d_name, ".sql");
    closedir(folder);
    return found;
}

static void take_entry(const struct folder *folder, const char *name)
{
    struct stat status;
    const char *path = path_join(folder->history->memory, folder->directory, name);
    bool known = stat(path, &status) == 0, is_folder = known && S_ISDIR(status.st_mode);
    if (name[0] == '.' || ends_in(name, "~"))
        return;
    if (is_folder && folder->holds_sql && holds_sql(path))
        diag_warning(folder->history->diag, stranger(folder, name), SOURCE_WHOLE,
                     "folder holds SQL files that are not read; layouts of folders are not supported yet");
    else if (!is_folder && folder->holds_sql && ends_in(name, ".sql"))
        take_sql(folder, name);
    else if (!is_folder && ends_in(name, ".lua"))
        take_lua(folder, name);
    else if (!is_folder && folder->holds_sql && has_ending(name))
        diag_warning(folder->history->diag, stranger(folder, name), SOURCE_WHOLE,
                     "file is not read: endings are in lower case, .sql and .lua");
}

static void list(const struct folder *folder)
{
    struct source *source = memory_get(folder->history->memory, 1, sizeof *source);
    source->name = source->path = folder->directory;
    DIR *stream = opendir(folder->directory);
    if (stream == NULL) {
        diag_error(folder->history->diag, source, SOURCE_WHOLE, "can't read directory: %s", strerror(errno));
        return;
    }
    const struct dirent *entry;
    for (errno = 0; (entry = readdir(stream)) != NULL; errno = 0)
        take_entry(folder, entry->d_name);
    if (errno != 0)
        diag_error(folder->history->diag, source, SOURCE_WHOLE, "can't read directory: %s", strerror(errno));
    closedir(stream);
}

bool scan_is_same_folder(const char *a, const char *b)
{
    struct stat p, q;
    return stat(a, &p) == 0 && stat(b, &q) == 0 && p.st_dev == q.st_dev && p.st_ino == q.st_ino;
}

static int by_version(const void *a, const void *b)
{
    const struct migration *p = *(struct migration *const *)a, *q = *(struct migration *const *)b;
    int order = stele_version_compare(p->version, q->version);
    if (order == 0 && p->repeatable)
        return strcmp(p->name, q->name);
    return order != 0 ? order : strcmp(p->source.name, q->source.name);
}

static void sort(struct migration **list, size_t count, size_t first_order)
{
    if (count > 0)
        qsort(list, count, sizeof *list, by_version);
    for (size_t i = 0; i < count; i++)
        list[i]->source.order = first_order + i;
}

void scan(struct history *history)
{
    const char *lua = history->lua->directory;
    bool one = lua != NULL && scan_is_same_folder(lua, history->directory);
    list(&(struct folder){history, history->directory, history->name, true, one});
    if (lua != NULL && !one)
        list(&(struct folder){history, lua, history->lua->name, false, true});
    sort(history->migrations, history->count, history->first_order + 2);
    sort(history->repeatables, history->repeatable_count, history->first_order + 2 + history->count);
}

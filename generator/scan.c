#define _POSIX_C_SOURCE 200809L
#include "scan.h"

#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
static const struct source *stranger(struct history *history, const char *name)
{
    struct source *source = memory_get(history->memory, 1, sizeof *source);
    source->name = memory_copy(history->memory, name, strlen(name));
    source->path = path_join(history->memory, history->directory, source->name);
    return source;
}

static void refuse(struct history *history, const char *name, const char *message, const char *hint)
{
    diag_error(history->diag, stranger(history, name), SOURCE_WHOLE, "%s", message);
    if (hint != NULL)
        diag_hint(history->diag, "%s", hint);
}

/* A migration of this file, whose version has this length. */
static struct migration *make_migration(struct history *history, const char *file, size_t version_length)
{
    struct memory *memory = history->memory;
    struct migration *migration = memory_get(memory, 1, sizeof *migration);
    size_t name_length = strlen(file) - version_length - strlen("_.sql");
    migration->home = history;
    migration->source.name = memory_copy(memory, file, strlen(file));
    migration->source.path = path_join(memory, history->directory, migration->source.name);
    migration->version = memory_copy(memory, file, version_length);
    migration->name = memory_copy(memory, file + version_length + 1, name_length);
    return migration;
}

static void add_versioned(struct history *history, const char *file, size_t version_length)
{
    struct migration *migration = make_migration(history, file, version_length);
    history->migrations = memory_grow(history->memory, history->migrations, history->count, &history->capacity,
                                      sizeof *history->migrations);
    history->migrations[history->count++] = migration;
}

static void add_repeatable(struct history *history, const char *file)
{
    struct migration *migration = make_migration(history, file, strlen("R"));
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

static void take_sql(struct history *history, const char *name)
{
    size_t version = strspn(name, "0123456789."), length = strlen(name);
    if (!is_plain(name))
        refuse(history, name, "file name is not plain UTF-8 text", "rename it: VERSION_name.sql");
    else if (strncmp(name, "R_", 2) == 0 && length > strlen("R_.sql"))
        add_repeatable(history, name);
    else if (!scan_is_version(name, version) || name[version] != '_' || length - version <= strlen("_.sql"))
        refuse(history, name, "file name is neither VERSION_name.sql nor R_name.sql",
               "a version is digits, or digits with dots: 001_name.sql, 4.105_name.sql");
    else
        add_versioned(history, name, version);
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

static void take_entry(struct history *history, const char *name)
{
    struct stat status;
    if (name[0] == '.' || ends_in(name, "~"))
        return;
    const char *path = path_join(history->memory, history->directory, name);
    bool known = stat(path, &status) == 0;
    if (known && S_ISDIR(status.st_mode)) {
        if (holds_sql(path))
            diag_warning(history->diag, stranger(history, name), SOURCE_WHOLE,
                         "folder holds SQL files that are not read; layouts of folders are not supported yet");
    } else if (ends_in(name, ".sql")) {
        take_sql(history, name);
    } else if (ends_in(name, ".lua")) {
        refuse(history, name, "Lua migrations are not supported by this version of stele", NULL);
    }
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
    struct source *source = &history->directory_source;
    source->name = source->path = history->directory;
    DIR *folder = opendir(history->directory);
    if (folder == NULL) {
        diag_error(history->diag, source, SOURCE_WHOLE, "can't read directory: %s", strerror(errno));
        return;
    }
    const struct dirent *entry;
    for (errno = 0; (entry = readdir(folder)) != NULL; errno = 0)
        take_entry(history, entry->d_name);
    if (errno != 0)
        diag_error(history->diag, source, SOURCE_WHOLE, "can't read directory: %s", strerror(errno));
    closedir(folder);
    sort(history->migrations, history->count, history->first_order + 2);
    sort(history->repeatables, history->repeatable_count, history->first_order + 2 + history->count);
}

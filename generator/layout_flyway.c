/*
 * layout_flyway.c - Flyway's names, see layout.h; those of refinery are among them
 *
 *     V1.2__name.sql, V1_2__name.sql     a version; an underscore in it is a dot
 *     U1.2__name.sql                     takes that version back
 *     R__name.sql                        repeatable
 *     V1.2__name.sql.conf                how the script is run
 *
 * Flyway looks into all folders below, orders by the numbers, and passes over files whose names it can't read. Baselines, callbacks
 * and what isn't SQL do something in Flyway that they could not do here: so they are errors.
 */
#include "layout.h"

#include "scan.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* A file in any of the folders. */
struct script {
    struct folder folder; /* that it is in */
    const char *file, *version, *name;
    char prefix; /* 'V', 'U', 'R' */
};

struct scripts {
    struct script *list;
    size_t count, capacity;
};

/* "1_2" is 1.2. NULL when it is no version. */
static const char *read_version(const struct folder *folder, const char *text, size_t length)
{
    char *version = memory_copy(folder->history->memory, text, length);
    for (char *p = version; *p != '\0'; p++)
        if (*p == '_')
            *p = '.';
    return scan_is_version(version, length) ? version : NULL;
}

/* The name of a file with this ending: its prefix, version and name. False when Flyway wouldn't read it. */
static bool read_name(const struct folder *folder, const char *file, const char *ending, struct script *script)
{
    size_t length = strlen(file) - strlen(ending);
    const char *separator = strstr(file, "__"), *end = file + length;
    if (separator == NULL || separator > end)
        separator = end;
    const char *name = separator == end ? end : separator + strlen("__");
    script->folder = *folder;
    script->file = file;
    script->prefix = file[0];
    script->name = name >= end ? "" : folder_cut(folder, name, (size_t)(end - name));
    if (file[0] == 'R' && separator == file + 1) {
        script->version = "R";
        return script->name[0] != '\0';
    }
    if (strchr("VUB", file[0]) == NULL)
        return false;
    script->version = read_version(folder, file + 1, (size_t)(separator - file - 1));
    if (script->name[0] == '\0')
        script->name = folder_cut(folder, file + 1, (size_t)(separator - file - 1));
    return script->version != NULL;
}

/* Files that Flyway runs at some moment, whatever the migrations. */
static bool is_callback(const char *file)
{
    static const char *const events[] = {"before", "after", "createSchema"};
    static const char *const moments[] = {"Migrate", "EachMigrate", "Undo", "EachUndo", "Clean", "Info", "Validate", "Baseline",
                                          "Repair", "Versioned", "Repeatables", "Connect", "CreateSchema"};
    if (strncmp(file, events[2], strlen(events[2])) == 0)
        return true;
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < sizeof moments / sizeof moments[0] && strncmp(file, events[i], strlen(events[i])) == 0; j++)
            if (strncmp(file + strlen(events[i]), moments[j], strlen(moments[j])) == 0)
                return true;
    return false;
}

static void take_sql(const struct folder *folder, const struct entry *entry, struct scripts *scripts)
{
    struct script script;
    struct memory *memory = folder->history->memory;
    if (!read_name(folder, entry->name, ".sql", &script)) {
        if (is_callback(entry->name))
            folder_refuse(folder, entry->name, "a callback, which Flyway runs before or after others",
                          "put what it does into a migration, or into an R__name.sql; then take it out of the folder");
        else
            folder_pass_over(folder, entry);
    } else if (script.prefix == 'B') {
        folder_refuse(folder, entry->name, "a baseline migration, which Flyway runs instead of others",
                      "take it out of the folder: on an empty database all versions run; or make it the first of a folder of its own");
    } else {
        scripts->list = memory_grow(memory, scripts->list, scripts->count, &scripts->capacity, sizeof *scripts->list);
        scripts->list[scripts->count++] = script;
    }
}

/* All folders below, in the order of their names. */
static void walk(const struct folder *folder, struct scripts *scripts)
{
    for (size_t i = 0; i < folder->count; i++) {
        const struct entry *entry = &folder->entries[i];
        if (entry->is_folder) {
            struct folder inner = folder_list_below(folder, entry->name);
            folder_add_input(folder->history, inner.directory);
            walk(&inner, scripts);
        } else if (ends_in(entry->name, ".sql")) {
            take_sql(folder, entry, scripts);
        } else if (!ends_in(entry->name, ".sql.conf")) {
            folder_pass_over(folder, entry);
        }
    }
}

static int by_version(const void *a, const void *b)
{
    const struct script *p = a, *q = b;
    int order = stele_version_compare(p->version, q->version);
    if (order == 0 && p->prefix != q->prefix)
        return p->prefix == 'U' ? 1 : -1; /* behind the one that it takes back */
    return order != 0 ? order : strcmp(p->file, q->file);
}

static struct migration *add(const struct script *script)
{
    const struct folder *folder = &script->folder;
    struct migration *migration = folder_add(folder, script->file, script->version, script->name);
    const char *settings = memory_print(folder->history->memory, "%s.conf", script->file);
    if (migration != NULL && folder_has(folder, settings, false))
        folder_add_part(folder, migration, FILE_SETTINGS, settings);
    return migration;
}

void layout_scan_flyway(const struct folder *folder)
{
    struct scripts scripts = {0};
    struct migration *last = NULL;
    walk(folder, &scripts);
    if (scripts.count > 0)
        qsort(scripts.list, scripts.count, sizeof *scripts.list, by_version);
    for (size_t i = 0; i < scripts.count; i++) {
        const struct script *script = &scripts.list[i];
        if (script->prefix != 'U')
            last = add(script);
        else if (last == NULL || last->repeatable || stele_version_compare(last->version, script->version) != 0)
            folder_refuse(&script->folder, script->file, "takes back a version that isn't there", NULL);
        else
            folder_add_part(&script->folder, last, FILE_DOWN, script->file);
    }
}

/* ------------------------------------------------------------- recognising */

/* The first file that has one of Flyway's names with two underscores in it; or NULL. */
static const char *find(const struct folder *folder, bool below)
{
    struct script script;
    for (size_t i = 0; i < folder->count; i++) {
        const char *name = folder->entries[i].name;
        if (!folder->entries[i].is_folder && ends_in(name, ".sql") && strstr(name, "__") != NULL &&
            read_name(folder, name, ".sql", &script))
            return memory_print(folder->history->memory, "%s%s", folder->prefix, name);
    }
    for (size_t i = 0; i < folder->count && below; i++) {
        if (!folder->entries[i].is_folder)
            continue;
        struct folder inner = folder_list_below(folder, folder->entries[i].name);
        const char *found = find(&inner, true);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* In the folders below only where the folder itself has no SQL. */
bool layout_claims_flyway(const struct folder *folder, const char **why)
{
    bool bare = true;
    for (size_t i = 0; i < folder->count; i++)
        bare &= folder->entries[i].is_folder || !ends_in(folder->entries[i].name, ".sql");
    *why = find(folder, bare);
    return *why != NULL;
}

/*
 * layout_pairs.c - a file for each way, see layout.h: golang-migrate, and sqlx with its simple files
 *
 * golang-migrate reads N_x.up.sql and N_x.down.sql, pairs them by the number alone, and passes over everything else. sqlx reads
 * N_x.sql as well, which has no way back. Both order by the number.
 */
#include "layout.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

/* A file that has a version. */
struct numbered {
    const char *file, *version, *name;
    bool down;
};

/* VERSION_name with this ending behind? Then the version and the name are cut out of it. */
static bool read_name(const struct folder *folder, const struct entry *entry, const char *ending, struct numbered *numbered)
{
    const char *file = entry->name;
    size_t digits = leading_digits(file), length = strlen(file), tail = strlen(ending);
    if (entry->is_folder || digits == 0 || file[digits] != '_' || !ends_in(file, ending) || length < digits + 1 + tail)
        return false;
    numbered->file = file;
    numbered->version = folder_cut(folder, file, digits);
    numbered->name = folder_cut(folder, file + digits + 1, length - digits - 1 - tail);
    numbered->down = strcmp(ending, ".down.sql") == 0;
    if (numbered->name[0] == '\0')
        numbered->name = numbered->version;
    return true;
}

static bool is_pair(const struct folder *folder, const struct entry *entry, struct numbered *numbered)
{
    return read_name(folder, entry, ".up.sql", numbered) || read_name(folder, entry, ".down.sql", numbered);
}

/* Are there pairs, and files that are none? */
static void look(const struct folder *folder, const char **pair, const char **simple)
{
    struct numbered numbered;
    *pair = *simple = NULL;
    for (size_t i = 0; i < folder->count; i++)
        if (is_pair(folder, &folder->entries[i], &numbered))
            *pair = *pair == NULL ? numbered.file : *pair;
        else if (read_name(folder, &folder->entries[i], ".sql", &numbered))
            *simple = *simple == NULL ? numbered.file : *simple;
}

bool layout_claims_golang_migrate(const struct folder *folder, const char **why)
{
    const char *simple;
    look(folder, why, &simple);
    return *why != NULL && simple == NULL;
}

bool layout_claims_sqlx(const struct folder *folder, const char **why)
{
    const char *simple;
    look(folder, why, &simple);
    if (*why == NULL || simple == NULL)
        return false;
    folder_warn(folder, simple, "file is read, since among pairs only sqlx has such a file",
                "golang-migrate doesn't read it: if that is meant, --layout golang-migrate, or \"layout golang-migrate\" in stele.conf");
    return true;
}

/* By the number; of one number, what is applied first. */
static int by_version(const void *a, const void *b)
{
    const struct numbered *p = a, *q = b;
    int order = stele_version_compare(p->version, q->version);
    if (order == 0)
        order = p->down - q->down;
    return order != 0 ? order : strcmp(p->file, q->file);
}

/* A way back that belongs to nothing: its tool applies nothing for this version, too. */
static struct migration *add_down_alone(const struct folder *folder, const struct numbered *down)
{
    struct migration *migration = folder_add(folder, down->file, down->version, down->name);
    folder_warn(folder, down->file, "no file for the way up: this version applies nothing", NULL);
    if (migration != NULL)
        migration->files[FILE_DOWN] = folder_source(folder, down->file);
    return migration;
}

/* Of the migrations of one number, which stand at the end of the history: the one of this name, else the last. */
static struct migration *belongs_to(const struct history *history, const struct numbered *down)
{
    struct migration *last = history->count == 0 ? NULL : history->migrations[history->count - 1], *migration = last;
    for (size_t i = history->count; i > 0; i--) {
        struct migration *one = history->migrations[i - 1];
        if (stele_version_compare(one->version, down->version) != 0)
            break;
        if (strcmp(one->name, down->name) == 0)
            migration = one;
    }
    return last == NULL || stele_version_compare(last->version, down->version) != 0 ? NULL : migration;
}

/* The list is in order: a down file stands behind the up files of its number. */
static void add_all(const struct folder *folder, const struct numbered *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct numbered *next = &list[i];
        struct migration *migration = next->down ? belongs_to(folder->history, next) : NULL;
        if (!next->down)
            folder_add(folder, next->file, next->version, next->name);
        else if (migration == NULL)
            add_down_alone(folder, next);
        else if (migration->files[FILE_DOWN] != NULL)
            folder_refuse(folder, next->file, "a second file for the way back of this version", NULL);
        else
            folder_add_part(folder, migration, FILE_DOWN, next->file);
    }
}

static void scan_pairs(const struct folder *folder, bool simple)
{
    struct numbered *list = memory_get(folder->history->memory, folder->count, sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < folder->count; i++) {
        const struct entry *entry = &folder->entries[i];
        if (is_pair(folder, entry, &list[count]) || (simple && read_name(folder, entry, ".sql", &list[count])))
            count++;
        else
            folder_pass_over(folder, entry);
    }
    if (count > 0)
        qsort(list, count, sizeof *list, by_version);
    add_all(folder, list, count);
}

void layout_scan_golang_migrate(const struct folder *folder)
{
    scan_pairs(folder, false);
}

void layout_scan_sqlx(const struct folder *folder)
{
    scan_pairs(folder, true);
}

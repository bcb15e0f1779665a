/*
 * layout_marks.c - one file for both ways, see layout.h: stele's own, and those where marks in comments divide it
 *
 * goose and tern order by the number, dbmate by the file's name, sql-migrate by the number and then the name. A name need not have
 * more than its digits in dbmate, and not even these in sql-migrate.
 */
#include "layout.h"

#include "scan.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------ stele's own */

/* The length of the version that VERSION_name begins with, an ending of four bytes behind; 0 when it has none. */
static size_t version_length(const char *name)
{
    size_t version = strspn(name, "0123456789."), length = strlen(name);
    bool fine = scan_is_version(name, version) && name[version] == '_' && length - version > strlen("_.sql");
    return fine ? version : 0;
}

/* VERSION_name.sql, or R_name.sql: the name is what stands between the underscore and the ending. */
static void add_named(const struct folder *folder, const char *file, size_t version)
{
    folder_add(folder, file, folder_cut(folder, file, version),
               folder_cut(folder, file + version + 1, strlen(file) - version - strlen("_.sql")));
}

static void take_stele(const struct folder *folder, const struct entry *entry)
{
    const char *name = entry->name;
    size_t version = version_length(name);
    if (entry->is_folder || !ends_in(name, ".sql"))
        folder_pass_over(folder, entry);
    else if (strncmp(name, "R_", 2) == 0 && strlen(name) > strlen("R_.sql"))
        add_named(folder, name, strlen("R"));
    else if (strncmp(name, "J_", 2) == 0)
        folder_refuse(folder, name, "a job in SQL", "a job is a script in Lua, which may have SQL in it: J_name.lua");
    else if (version == 0)
        folder_refuse(folder, name, "file name is neither VERSION_name.sql nor R_name.sql",
                      "a version is digits, or digits with dots: 001_name.sql, 4.105_name.sql");
    else
        add_named(folder, name, version);
}

void layout_scan_stele(const struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++)
        take_stele(folder, &folder->entries[i]);
}

/* ----------------------------------------------------------- with marks */

/* What a file is called without digits, what joins them to it, and ending; its digits where nothing is left. */
static const char *name_of(const struct folder *folder, const char *file)
{
    size_t digits = leading_digits(file), length = strlen(file) - strlen(".sql");
    size_t begin = digits + (digits < length && strchr("_-.", file[digits]) != NULL);
    return begin < length ? folder_cut(folder, file + begin, length - begin) : folder_cut(folder, file, length);
}

/* By number: the version is what the file has. */
static void scan_numbered(const struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++) {
        const struct entry *entry = &folder->entries[i];
        size_t digits = leading_digits(entry->name);
        if (!entry->is_folder && ends_in(entry->name, ".sql") && digits > 0 && entry->name[digits] == '_')
            folder_add(folder, entry->name, folder_cut(folder, entry->name, digits), name_of(folder, entry->name));
        else
            folder_pass_over(folder, entry);
    }
}

void layout_scan_goose(const struct folder *folder)
{
    scan_numbered(folder);
}

void layout_scan_tern(const struct folder *folder)
{
    scan_numbered(folder);
}

/* Those of the list, in its order. */
static void add_in_order(const struct folder *folder, const struct entry *const *list, size_t count)
{
    struct memory *memory = folder->history->memory;
    struct numbering numbering = {NULL};
    for (size_t i = 0; i < count; i++) {
        const char *file = list[i]->name;
        const char *digits = folder_cut(folder, file, leading_digits(file));
        folder_add(folder, file, numbering_next(&numbering, memory, digits), name_of(folder, file));
    }
}

/* The numbers first, then the names, by bytes: sql-migrate's own order. */
static int by_number(const void *a, const void *b)
{
    const char *p = (*(const struct entry *const *)a)->name, *q = (*(const struct entry *const *)b)->name;
    size_t p_digits = leading_digits(p), q_digits = leading_digits(q);
    int order = 0;
    if (p_digits > 0 && q_digits > 0) {
        while (p_digits > 1 && *p == '0')
            p++, p_digits--;
        while (q_digits > 1 && *q == '0')
            q++, q_digits--;
        order = p_digits != q_digits ? (p_digits > q_digits) - (p_digits < q_digits) : strncmp(p, q, p_digits);
    }
    return order != 0 ? order : strcmp((*(const struct entry *const *)a)->name, (*(const struct entry *const *)b)->name);
}

/* Each SQL file, with digits in front where they are needed; by name, or by number and name. */
static void scan_by_name(const struct folder *folder, bool needs_digits, bool numbers)
{
    const struct entry **list = memory_get(folder->history->memory, folder->count, sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < folder->count; i++) {
        const struct entry *entry = &folder->entries[i];
        if (!entry->is_folder && ends_in(entry->name, ".sql") && (is_digit(entry->name[0]) || !needs_digits))
            list[count++] = entry;
        else
            folder_pass_over(folder, entry);
    }
    if (numbers && count > 0)
        qsort(list, count, sizeof *list, by_number);
    add_in_order(folder, list, count);
}

void layout_scan_dbmate(const struct folder *folder)
{
    scan_by_name(folder, true, false);
}

void layout_scan_sql_migrate(const struct folder *folder)
{
    scan_by_name(folder, false, true);
}

/*
 * layout_folders.c - a folder for each migration, see layout.h: diesel, Prisma, and drizzle's newer form
 *
 *     X_name/up.sql, down.sql, metadata.toml               diesel; X is the version, its dashes don't count
 *     X_name/migration.sql beside migration_lock.toml      Prisma
 *     X_name/migration.sql with snapshot.json              drizzle
 *
 * All of them order by text, not by number: so a version that is shorter than the one before may stand behind it.
 */
#include "layout.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool has_file(const struct folder *folder, const char *below, const char *file)
{
    struct memory *memory = folder->history->memory;
    struct stat status;
    return stat(path_join(memory, path_join(memory, folder->directory, below), file), &status) == 0 && S_ISREG(status.st_mode);
}

/* The first folder that has this file; or NULL. */
static const char *find_with(const struct folder *folder, const char *file)
{
    for (size_t i = 0; i < folder->count; i++)
        if (folder->entries[i].is_folder && has_file(folder, folder->entries[i].name, file))
            return folder->entries[i].name;
    return NULL;
}

/* Has the folder migrations in folders that are Prisma's, not drizzle's? Then the first is named. */
static const char *find_prisma(const struct folder *folder)
{
    const char *first = find_with(folder, "migration.sql");
    bool locked = folder_has(folder, "migration_lock.toml", false);
    return first != NULL && (locked || find_with(folder, "snapshot.json") == NULL) ? first : NULL;
}

bool layout_claims_diesel(const struct folder *folder, const char **why)
{
    *why = find_with(folder, "up.sql");
    return *why != NULL;
}

bool layout_claims_prisma(const struct folder *folder, const char **why)
{
    *why = find_prisma(folder);
    return *why != NULL;
}

/* What a folder below is called, and its place among the others. */
struct below {
    const char *folder, *key;
};

static int by_key(const void *a, const void *b)
{
    const struct below *p = a, *q = b;
    int order = strcmp(p->key, q->key);
    return order != 0 ? order : strcmp(p->folder, q->folder);
}

/* "2019-01-01-000000_x" is 20190101000000 to diesel. */
static const char *diesel_key(const struct folder *folder, const char *name)
{
    char *key = memory_get(folder->history->memory, strlen(name) + 1, 1);
    for (size_t from = 0, to = 0; name[from] != '\0' && name[from] != '_'; from++)
        if (name[from] != '-')
            key[to++] = name[from];
    return key;
}

/* The digits of a version: all of it, where it is nothing else, or those in front. */
static const char *digits_of(const struct folder *folder, const char *key)
{
    return folder_cut(folder, key, leading_digits(key));
}

static const char *name_of(const char *name)
{
    const char *underscore = strchr(name, '_');
    return underscore == NULL || underscore[1] == '\0' ? name : underscore + 1;
}

/* What else lies in a migration's folder. */
static void pass_over_rest(const struct folder *inner, const char *const *known)
{
    for (size_t i = 0; i < inner->count; i++) {
        const struct entry *entry = &inner->entries[i];
        bool is_known = false;
        for (size_t j = 0; known[j] != NULL; j++)
            is_known |= strcmp(known[j], entry->name) == 0;
        if (!is_known && !entry->is_folder && ends_in(entry->name, ".sql"))
            folder_warn(inner, entry->name, "file is not read", NULL);
    }
}

static void add_diesel(const struct folder *folder, const struct below *below, struct numbering *numbering)
{
    static const char *const known[] = {"up.sql", "down.sql", "metadata.toml", NULL};
    struct folder inner = folder_list_below(folder, below->folder);
    const char *digits = digits_of(folder, below->key);
    bool again = numbering->last != NULL && stele_version_compare(digits, numbering->last) == 0; /* its ledger has it once */
    const char *version = again ? digits : numbering_next(numbering, folder->history->memory, digits);
    struct migration *migration = folder_add(&inner, "up.sql", version, name_of(below->folder));
    if (migration != NULL && folder_has(&inner, "down.sql", false))
        folder_add_part(&inner, migration, FILE_DOWN, "down.sql");
    if (migration != NULL && folder_has(&inner, "metadata.toml", false))
        folder_add_part(&inner, migration, FILE_SETTINGS, "metadata.toml");
    folder_add_input(folder->history, inner.directory);
    pass_over_rest(&inner, known);
}

static void add_migration_sql(const struct folder *folder, const struct below *below, struct numbering *numbering)
{
    static const char *const known[] = {"migration.sql", NULL};
    struct folder inner = folder_list_below(folder, below->folder);
    const char *version = numbering_next(numbering, folder->history->memory, digits_of(folder, below->key));
    folder_add(&inner, "migration.sql", version, name_of(below->folder));
    folder_add_input(folder->history, inner.directory);
    pass_over_rest(&inner, known);
}

/* Is a folder below one of a tool's own, or empty, so that nobody expects a migration in it? */
static bool is_bare(const struct folder *folder, const char *name)
{
    struct folder inner = folder_list_below(folder, name);
    bool bare = true;
    for (size_t i = 0; i < inner.count; i++)
        bare &= inner.entries[i].is_folder;
    return bare;
}

static void scan_folders(const struct folder *folder, const char *file, bool diesel,
                         void (*take)(const struct folder *folder, const struct below *below, struct numbering *numbering))
{
    struct memory *memory = folder->history->memory;
    struct below *list = memory_get(memory, folder->count, sizeof *list);
    struct numbering numbering = {NULL};
    size_t count = 0;
    for (size_t i = 0; i < folder->count; i++) {
        const char *name = folder->entries[i].name;
        if (!folder->entries[i].is_folder)
            folder_leave_out(folder, &folder->entries[i]);
        else if (has_file(folder, name, file))
            list[count++] = (struct below){name, diesel ? diesel_key(folder, name) : name};
        else if (!is_bare(folder, name) && (is_digit(name[0]) || diesel))
            folder_refuse(folder, name, memory_print(memory, "a migration without \"%s\"", file),
                          "put the file there, empty if there is nothing to do; or take the folder away");
    }
    if (count > 0)
        qsort(list, count, sizeof *list, by_key);
    for (size_t i = 0; i < count; i++)
        take(folder, &list[i], &numbering);
}

void layout_scan_diesel(const struct folder *folder)
{
    scan_folders(folder, "up.sql", true, add_diesel);
}

/* provider = "postgresql" */
static void check_provider(const struct folder *folder)
{
    struct source *lock = folder_source(folder, "migration_lock.toml");
    struct diag *diag = folder->history->diag;
    if (!folder_has(folder, "migration_lock.toml", false) || !source_read(lock, folder->history->memory, diag, false))
        return;
    folder_add_input(folder->history, lock->path);
    for (uint32_t line = 1; line <= lock->line_count; line++) {
        uint32_t length;
        const char *text = source_line_text(lock, line, &length);
        const char *quote = length > 8 && memcmp(text, "provider", 8) == 0 ? memchr(text, '"', length) : NULL;
        if (quote == NULL)
            continue;
        size_t size = strcspn(quote + 1, "\"\n");
        const char *provider = folder_cut(folder, quote + 1, size);
        if (strcmp(provider, "postgresql") != 0 && strcmp(provider, "postgres") != 0 && strcmp(provider, "cockroachdb") != 0)
            diag_error(diag, lock, (uint32_t)(quote - lock->text), "these migrations are for \"%s\", not for PostgreSQL", provider);
    }
}

void layout_scan_prisma(const struct folder *folder)
{
    check_provider(folder);
    scan_folders(folder, "migration.sql", false, add_migration_sql);
}

/* Has drizzle's newer form: is there a snapshot beside a migration? */
bool layout_has_snapshots(const struct folder *folder, const char **why)
{
    *why = find_with(folder, "migration.sql") == NULL || folder_has(folder, "migration_lock.toml", false)
               ? NULL
               : find_with(folder, "snapshot.json");
    return *why != NULL;
}

void layout_scan_snapshots(const struct folder *folder)
{
    scan_folders(folder, "migration.sql", false, add_migration_sql);
}

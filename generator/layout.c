#define _POSIX_C_SOURCE 200809L
#include "layout.h"

#include "text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct layout layouts[] = {
    {.name = "stele", .form = "VERSION_name.sql", .scan = layout_scan_stele, .marks = MARKS_PLAIN},
    {.name = "golang-migrate", .form = "VERSION_name.up.sql, with VERSION_name.down.sql",
     .claims = layout_claims_golang_migrate, .scan = layout_scan_golang_migrate, .marks = MARKS_PLAIN},
    {.name = "sqlx", .form = "VERSION_name.sql, or VERSION_name.up.sql with VERSION_name.down.sql",
     .claims = layout_claims_sqlx, .scan = layout_scan_sqlx, .marks = MARKS_SQLX, .numbered = true},
    {.name = "goose", .form = "VERSION_name.sql", .scan = layout_scan_goose, .marks = MARKS_GOOSE},
    {.name = "dbmate", .form = "VERSION_name.sql", .scan = layout_scan_dbmate, .marks = MARKS_DBMATE},
    {.name = "sql-migrate", .form = "name.sql", .scan = layout_scan_sql_migrate, .marks = MARKS_SQL_MIGRATE},
    {.name = "tern", .form = "VERSION_name.sql", .scan = layout_scan_tern, .marks = MARKS_TERN},
    {.name = "diesel", .form = "VERSION_name/up.sql, with down.sql", .claims = layout_claims_diesel,
     .scan = layout_scan_diesel},
    {.name = "flyway", .form = "VVERSION__name.sql, R__name.sql, UVERSION__name.sql", .claims = layout_claims_flyway,
     .scan = layout_scan_flyway, .form_of_references = REFERENCE_FLYWAY, .demands_references = true},
    {.name = "prisma", .form = "VERSION_name/migration.sql", .claims = layout_claims_prisma, .scan = layout_scan_prisma},
    {.name = "drizzle", .form = "those that meta/_journal.json names, or VERSION_name/migration.sql",
     .claims = layout_claims_drizzle, .scan = layout_scan_drizzle, .marks = MARKS_DRIZZLE, .numbered = true},
    {.name = "sqitch", .form = "those that sqitch.plan names, in deploy, revert and verify",
     .scan = layout_scan_sqitch, .form_of_references = REFERENCE_PSQL,
     .verify_runs = true, .psql = true},
};
enum { LAYOUT_COUNT = sizeof layouts / sizeof layouts[0], FIRST_FILES = 8, FIRST_BYTES = 65536 };

const struct layout *layout_find(const char *name)
{
    for (size_t i = 0; i < LAYOUT_COUNT; i++)
        if (strcmp(layouts[i].name, name) == 0)
            return &layouts[i];
    return NULL;
}

const char *layout_names(struct memory *memory)
{
    const char *names = layouts[0].name;
    for (size_t i = 1; i < LAYOUT_COUNT; i++)
        names = memory_print(memory, "%s, %s", names, layouts[i].name);
    return names;
}

/* ------------------------------------------------------------ recognising */

/* What speaks for which layouts. */
struct evidence {
    const struct folder *folder;
    const struct layout *first, *second;
    const char *first_why, *second_why;
};

static void speak_for(struct evidence *evidence, const struct layout *layout, const char *why)
{
    if (evidence->first == NULL) {
        evidence->first = layout;
        evidence->first_why = why;
    } else if (evidence->second == NULL && evidence->first != layout) {
        evidence->second = layout;
        evidence->second_why = why;
    }
}

/* Is it a file that stele's own layout, or one that has marks, would read? */
static bool is_plain_migration(const struct entry *entry)
{
    return !entry->is_folder && ends_in(entry->name, ".sql") && is_digit(entry->name[0]) &&
           !ends_in(entry->name, ".up.sql") && !ends_in(entry->name, ".down.sql");
}

/* The family that the beginning of a file speaks for. */
static mark_family family_of(const struct folder *folder, const char *name)
{
    struct memory *memory = folder->history->memory;
    char *text = memory_get(memory, FIRST_BYTES + 1, 1);
    struct stat status;
    int file = open(path_join(memory, folder->directory, name), O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would wait for a writer */
    if (file < 0)
        return MARKS_NONE;
    bool regular = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
    ssize_t length = 0, got = regular ? 1 : 0;
    for (; got > 0 && length < FIRST_BYTES; length += got > 0 ? got : 0)
        got = read(file, text + length, (size_t)(FIRST_BYTES - length));
    close(file);
    text[length] = '\0';
    return marks_find(strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text);
}

static void look_for_marks(struct evidence *evidence)
{
    const struct folder *folder = evidence->folder;
    size_t files = 0;
    for (size_t i = 0; i < folder->count && files < FIRST_FILES; i++) {
        const struct entry *entry = &folder->entries[i];
        if (entry->is_folder || !ends_in(entry->name, ".sql"))
            continue;
        files++;
        mark_family family = family_of(folder, entry->name);
        for (size_t j = 0; j < LAYOUT_COUNT && family != MARKS_NONE; j++)
            if (layouts[j].marks == family)
                speak_for(evidence, &layouts[j], entry->name);
    }
}

/* A file that only one tool writes settles it, whatever else lies there: a sqitch project may be a whole source tree. */
static void look_for_lists(struct evidence *evidence)
{
    static const struct {
        const char *layout, *folder, *file;
    } lists[] = {{"sqitch", NULL, "sqitch.plan"}, {"drizzle", "meta", "_journal.json"}, {"prisma", NULL, "migration_lock.toml"}};
    const struct folder *folder = evidence->folder;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct folder below = *folder;
        if (lists[i].folder != NULL && !folder_has(folder, lists[i].folder, true))
            continue;
        if (lists[i].folder != NULL)
            below = folder_list_below(folder, lists[i].folder);
        if (folder_has(&below, lists[i].file, false))
            speak_for(evidence, layout_find(lists[i].layout), lists[i].file);
    }
}

/* Names; where they are those of several layouts, none speaks for one. */
static void look_for_names(struct evidence *evidence)
{
    const struct folder *folder = evidence->folder;
    const char *plain = NULL, *why;
    for (size_t i = 0; i < folder->count && plain == NULL; i++)
        if (is_plain_migration(&folder->entries[i]))
            plain = folder->entries[i].name;
    for (size_t i = 0; i < LAYOUT_COUNT; i++)
        if (layouts[i].claims != NULL && layouts[i].claims(folder, &why))
            speak_for(evidence, &layouts[i], why);
    if (evidence->first != NULL && !evidence->first->numbered && plain != NULL) /* it would be left out */
        speak_for(evidence, &layouts[0], plain);
}

static void refuse_both(const struct evidence *evidence)
{
    const struct folder *folder = evidence->folder;
    struct diag *diag = folder->history->diag;
    diag_error(diag, &folder->history->directory_source, SOURCE_WHOLE, "folder is in two layouts: \"%s\" is %s's, \"%s\" is %s's",
               evidence->first_why, evidence->first->name, evidence->second_why, evidence->second->name);
    diag_hint(diag, "say which: --layout %s, or \"layout %s\" in stele.conf", evidence->first->name, evidence->first->name);
}

const struct layout *layout_of(const struct folder *folder, const char *asked)
{
    struct evidence evidence = {.folder = folder};
    if (asked != NULL)
        return layout_find(asked);
    look_for_lists(&evidence);
    if (evidence.first == NULL)
        look_for_names(&evidence);
    if (evidence.first == NULL)
        look_for_marks(&evidence);
    if (evidence.second != NULL) {
        refuse_both(&evidence);
        return NULL;
    }
    return evidence.first == NULL ? &layouts[0] : evidence.first;
}

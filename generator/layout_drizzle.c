/*
 * layout_drizzle.c - drizzle's journal, see layout.h
 *
 *     meta/_journal.json: {"dialect": "postgresql", "entries": [{"idx": 0, "when": ..., "tag": "0000_name", ...}, ...]}
 *
 * The files are applied in the order of the journal's entries; what it doesn't name isn't. (Drizzle's newer form has a folder for
 * each migration, and no journal: layout_folders.c.)
 */
#include "layout.h"

#include "text.h"

#include <string.h>

static const char journal_name[] = "meta/_journal.json";

/* The journal being read. It is JSON, and read strictly; what isn't asked for is passed over. */
struct journal {
    const struct folder *folder;
    struct source *source;
    const char *at;
    bool failed;
    struct numbering numbering;
};

enum { DEEPEST = 64, LONGEST = 256 };

static void fail(struct journal *journal, const char *message)
{
    if (!journal->failed)
        diag_error(journal->folder->history->diag, journal->source, (uint32_t)(journal->at - journal->source->text), "%s", message);
    journal->failed = true;
}

static void pass_space(struct journal *journal)
{
    journal->at += strspn(journal->at, " \t\r\n");
}

/* Is this character next? Then it is passed. */
static bool take(struct journal *journal, char c)
{
    pass_space(journal);
    if (*journal->at != c)
        return false;
    journal->at++;
    return true;
}

static void expect(struct journal *journal, char c)
{
    if (!journal->failed && !take(journal, c)) {
        const char what[] = {'"', c, '"', '\0'};
        fail(journal, memory_print(journal->folder->history->memory, "%s expected in the journal", what));
    }
}

/* A string, without its quotes. Escapes other than of quote, slash and backslash don't stand in the names that are looked at. */
static void take_string(struct journal *journal, char text[LONGEST])
{
    size_t length = 0;
    expect(journal, '"');
    while (!journal->failed && *journal->at != '"') {
        if (*journal->at == '\\')
            journal->at++;
        if (*journal->at == '\0' || *journal->at == '\n')
            fail(journal, "a string in the journal never ends");
        else if (length + 1 < LONGEST)
            text[length++] = *journal->at++;
        else
            journal->at++;
    }
    text[length] = '\0';
    expect(journal, '"');
}

static void pass_value(struct journal *journal, int depth);

/* Each member of an object, or element of an array, up to the closing bracket. */
static void pass_members(struct journal *journal, char close, int depth)
{
    char key[LONGEST];
    if (take(journal, close))
        return;
    do {
        if (close == '}') {
            take_string(journal, key);
            expect(journal, ':');
        }
        pass_value(journal, depth + 1);
    } while (!journal->failed && take(journal, ','));
    expect(journal, close);
}

static void pass_value(struct journal *journal, int depth)
{
    char text[LONGEST];
    pass_space(journal);
    if (journal->failed || depth > DEEPEST) {
        fail(journal, "the journal is nested too deeply");
    } else if (take(journal, '{')) {
        pass_members(journal, '}', depth);
    } else if (take(journal, '[')) {
        pass_members(journal, ']', depth);
    } else if (*journal->at == '"') {
        take_string(journal, text);
    } else {
        size_t length = strspn(journal->at, "+-.0123456789abcdefghijklmnopqrstuvwxyzE");
        if (length == 0)
            fail(journal, "a value expected in the journal");
        journal->at += length;
    }
}

/* ------------------------------------------------------------- the entries */

/* The migration of one entry. Its version is what its name begins with, or its number in the journal. */
static void add(struct journal *journal, const char *tag, const char *number)
{
    const struct folder *folder = journal->folder;
    struct memory *memory = folder->history->memory;
    const char *file = memory_print(memory, "%s.sql", tag), *digits = folder_cut(folder, tag, leading_digits(tag));
    const char *name = strchr(tag, '_') == NULL || digits[0] == '\0' ? tag : strchr(tag, '_') + 1;
    if (!folder_has(folder, file, false)) {
        fail(journal, memory_print(memory, "there is no file \"%s\"", file));
        return;
    }
    folder_add(folder, file, numbering_next(&journal->numbering, memory, digits[0] == '\0' ? number : digits),
               folder_cut(folder, name, strlen(name)));
}

static void read_entry(struct journal *journal)
{
    char key[LONGEST], tag[LONGEST] = "", number[LONGEST] = "0";
    const char *begin = journal->at;
    expect(journal, '{');
    if (take(journal, '}'))
        return;
    do {
        take_string(journal, key);
        expect(journal, ':');
        pass_space(journal);
        const char *value = journal->at;
        if (strcmp(key, "tag") == 0)
            take_string(journal, tag);
        else
            pass_value(journal, 0);
        size_t digits = leading_digits(value);
        if (strcmp(key, "idx") == 0 && digits > 0 && digits < LONGEST) {
            memcpy(number, value, digits);
            number[digits] = '\0';
        }
    } while (!journal->failed && take(journal, ','));
    expect(journal, '}');
    const char *end = journal->at;
    journal->at = begin; /* to complain about the entry as a whole */
    if (!journal->failed && tag[0] == '\0')
        fail(journal, "an entry without its \"tag\"");
    if (!journal->failed)
        add(journal, tag, folder_cut(journal->folder, number, strlen(number)));
    journal->at = end;
}

static void read_entries(struct journal *journal)
{
    expect(journal, '[');
    if (take(journal, ']'))
        return;
    do {
        pass_space(journal);
        read_entry(journal);
    } while (!journal->failed && take(journal, ','));
    expect(journal, ']');
}

static void read_dialect(struct journal *journal)
{
    char dialect[LONGEST];
    const char *begin = journal->at;
    take_string(journal, dialect);
    if (journal->failed || strcmp(dialect, "postgresql") == 0 || strcmp(dialect, "pg") == 0 || strcmp(dialect, "postgres") == 0)
        return;
    journal->at = begin;
    fail(journal, memory_print(journal->folder->history->memory, "these migrations are for \"%s\", not for PostgreSQL", dialect));
}

static void read_journal(struct journal *journal)
{
    char key[LONGEST];
    expect(journal, '{');
    do {
        take_string(journal, key);
        expect(journal, ':');
        pass_space(journal);
        if (strcmp(key, "entries") == 0)
            read_entries(journal);
        else if (strcmp(key, "dialect") == 0)
            read_dialect(journal);
        else
            pass_value(journal, 0);
    } while (!journal->failed && take(journal, ','));
    expect(journal, '}');
}

/* Is the file of a migration that was just added? */
static bool is_listed(const struct history *history, const char *file)
{
    for (size_t i = 0; i < history->count; i++)
        if (strcmp(history->migrations[i]->source.name, file) == 0)
            return true;
    return false;
}

static void scan_journal(const struct folder *folder)
{
    struct journal journal = {.folder = folder, .source = folder_source(folder, journal_name)};
    if (!source_read(journal.source, folder->history->memory, folder->history->diag, false))
        return;
    folder_add_input(folder->history, journal.source->path);
    journal.at = journal.source->text;
    read_journal(&journal);
    for (size_t i = 0; i < folder->count && !journal.failed; i++)
        if (strcmp(folder->entries[i].name, "meta") != 0 && !is_listed(folder->history, folder->entries[i].name))
            folder_leave_out(folder, &folder->entries[i]);
}

static bool has_journal(const struct folder *folder)
{
    if (!folder_has(folder, "meta", true))
        return false;
    struct folder meta = folder_list_below(folder, "meta");
    return folder_has(&meta, "_journal.json", false);
}

bool layout_claims_drizzle(const struct folder *folder, const char **why)
{
    return layout_has_snapshots(folder, why);
}

void layout_scan_drizzle(const struct folder *folder)
{
    if (has_journal(folder))
        scan_journal(folder);
    else
        layout_scan_snapshots(folder);
}

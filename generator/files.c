#include "files.h"

#include "text.h"

#include <string.h>

const char *files_name(file_kind kind)
{
    static const char *const names[] = {"up", "down", "verify", "settings"};
    return names[kind];
}

file_kind files_first(const struct migration *migration)
{
    return migration->files[FILE_UP] == NULL && migration->files[FILE_DOWN] != NULL ? FILE_DOWN : FILE_UP;
}

/* --------------------------------------------------------------- settings */

/* "key = value" or "key=value" of a line, without quotes; false for any other line. */
static bool read_setting(struct memory *memory, const char *line, size_t length, char **key, char **value)
{
    const char *equals = memchr(line, '=', length), *end = line + length;
    const char *hash = memchr(line, '#', length);
    if (hash != NULL)
        end = hash;
    if (equals == NULL || equals > end)
        return false;
    const char *begin = line, *stop = equals;
    while (begin < stop && is_space(*begin))
        begin++;
    while (stop > begin && is_space(stop[-1]))
        stop--;
    *key = memory_copy(memory, begin, (size_t)(stop - begin));
    for (begin = equals + 1; begin < end && (is_space(*begin) || *begin == '"');)
        begin++;
    while (end > begin && (is_space(end[-1]) || end[-1] == '"'))
        end--;
    *value = memory_copy(memory, begin, (size_t)(end - begin));
    return true;
}

static bool is_word(const char *text, const char *word)
{
    return spells(text, strlen(text), word);
}

/* Outside of a transaction, each part of the migration. */
static void leave_transaction(struct migration *migration)
{
    for (int part = 0; part < PART_COUNT; part++)
        migration->no_transaction[part] = true;
}

/* A line of Flyway's x.sql.conf. What isn't about how the script is run is passed over. */
static void take_flyway(struct history *history, struct migration *migration, uint32_t offset, const char *key,
                        const char *value)
{
    const struct source *file = migration->files[FILE_SETTINGS];
    if (is_word(key, "executeintransaction") && is_word(value, "false")) {
        leave_transaction(migration);
    } else if (is_word(key, "placeholderreplacement") && is_word(value, "false")) {
        migration->literal = true;
    } else if (is_word(key, "shouldexecute") && !is_word(value, "true")) {
        diag_error(history->diag, file, offset, "\"shouldExecute\" can't be had here: a migration is executed");
        diag_hint(history->diag, "take the script out of the folder, or the line out of this file");
        migration->broken = true;
    } else if (is_word(key, "encoding") && !is_word(value, "utf-8") && !is_word(value, "utf8")) {
        diag_error(history->diag, file, offset, "a script in %s", value);
        diag_hint(history->diag, "convert it to UTF-8, with iconv");
        migration->broken = true;
    }
}

/* Diesel's metadata.toml, whose one key is false where the file doesn't have it. */
static void take_metadata(struct history *history, struct migration *migration)
{
    const struct source *file = migration->files[FILE_SETTINGS];
    bool in_transaction = false;
    for (uint32_t line = 1; line <= file->line_count; line++) {
        char *key, *value;
        uint32_t length;
        const char *text = source_line_text(file, line, &length);
        if (read_setting(history->memory, text, length, &key, &value) && strcmp(key, "run_in_transaction") == 0)
            in_transaction = strcmp(value, "true") == 0;
    }
    if (!in_transaction)
        leave_transaction(migration);
}

static void take_settings(struct history *history, struct migration *migration)
{
    const struct source *file = migration->files[FILE_SETTINGS];
    size_t length = strlen(file->name);
    if (length > 5 && strcmp(file->name + length - 5, ".toml") == 0) {
        take_metadata(history, migration);
        return;
    }
    for (uint32_t line = 1; line <= file->line_count; line++) {
        char *key, *value;
        uint32_t size;
        const char *text = source_line_text(file, line, &size);
        if (read_setting(history->memory, text, size, &key, &value))
            take_flyway(history, migration, file->lines[line - 1], key, value);
    }
}

/* ----------------------------------------------------------------- public */

bool files_read(struct history *history, struct migration *migration)
{
    const struct source *texts[FILE_COUNT];
    size_t count = 0;
    bool fine = true, several = false;
    for (int kind = 0; kind < FILE_COUNT; kind++) {
        struct source *file = migration->files[kind];
        if (file == NULL)
            continue;
        several = true;
        file->order = migration->source.order;
        fine = source_read(file, history->memory, history->diag, false) && fine;
        if (kind != FILE_SETTINGS)
            texts[count++] = file;
    }
    if (!several)
        return source_read(&migration->source, history->memory, history->diag, false);
    if (!fine)
        return false;
    source_join(&migration->source, history->memory, texts, count);
    if (migration->files[FILE_SETTINGS] != NULL)
        take_settings(history, migration);
    return true;
}

void files_sum(struct history *history, struct migration *migration)
{
    static const file_kind others[] = {FILE_DOWN, FILE_SETTINGS, FILE_VERIFY}; /* by name */
    const struct source *own = &migration->source;
    stele_source_member members[FILE_COUNT];
    size_t count = 0;
    file_kind first = files_first(migration);
    if (migration->files[first] != NULL)
        own = migration->files[first];
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const struct source *file = migration->files[others[i]];
        if (file != NULL && others[i] != first)
            members[count++] = (stele_source_member){files_name(others[i]), file->text, file->length};
    }
    if (!stele_source_checksum_of(migration->source_sum, own->text, own->length, members, count))
        memory_exhausted(history->memory);
}

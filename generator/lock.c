#include "lock.h"

#include "files.h"
#include "lua_module.h"
#include "scan.h"
#include "text.h"

#include <string.h>

static const char heading[] =
    "# stele.lock 1 -- what each migration was when it was sealed. Written by stelec; commit it.\n"
    "# A sealed migration can't be edited: `stelec seal --amend VERSION DIR` is the deliberate way out.\n";

enum { HEX_SIZE = 64, FIELDS = 6 };

/* -------------------------------------------------------------- reading */

struct reader {
    struct lock *lock;
    struct history *history;
    bool amending, ended, failed;
};

static void complain(struct reader *reader, uint32_t offset, const char *message, const char *hint)
{
    diag_error(reader->history->diag, &reader->lock->source, offset, "%s", message);
    diag_hint(reader->history->diag, "%s", hint);
    reader->failed = true;
}

static void hex_of(const uint8_t digest[STELE_DIGEST_SIZE], char out[STELE_CHECKSUM_SIZE])
{
    stele_checksum_write(out, "  ", digest); /* the tag is passed over: "  :hex" */
    memmove(out, out + 3, HEX_SIZE + 1);
}

/* SHA-256 over text[0..length), in hex. */
static void digest_hex(struct memory *memory, const char *text, size_t length, char out[STELE_CHECKSUM_SIZE])
{
    uint8_t bytes[STELE_DIGEST_SIZE];
    stele_digest digest;
    stele_digest_begin(&digest);
    stele_digest_bytes(&digest, text, length);
    if (!stele_digest_end(&digest, bytes))
        memory_exhausted(memory);
    hex_of(bytes, out);
}

/* The line "end COUNT HEX", as it must be behind what was read up to `offset`. */
static char *end_line(struct memory *memory, const char *text, size_t offset, size_t count)
{
    char hex[STELE_CHECKSUM_SIZE];
    digest_hex(memory, text, offset, hex);
    return memory_print(memory, "end %zu %s", count, hex);
}

static void read_end(struct reader *reader, uint32_t offset, const char *line)
{
    const struct lock *lock = reader->lock;
    const char *expected = end_line(reader->history->memory, lock->source.text, offset, lock->count);
    reader->ended = true;
    if (!reader->amending && strcmp(line, expected) != 0)
        complain(reader, offset, "last line doesn't match: stele.lock was edited by hand, or badly merged",
                 "take it from version control, then run stelec; \"stelec seal --amend VERSION DIR\" repairs it when "
                 "all other lines are right");
}

static bool is_checksum(const char *text, const char *tag)
{
    uint8_t digest[STELE_DIGEST_SIZE];
    return stele_checksum_read(text, tag, digest);
}

/* Cut a line at single blanks into six fields; the last, the file, may hold blanks. */
static bool cut_fields(char *line, const char *fields[FIELDS])
{
    for (int i = 0; i < FIELDS; i++) {
        fields[i] = line;
        char *blank = i + 1 == FIELDS ? line + strlen(line) : strchr(line, ' ');
        if (blank == NULL || blank == line)
            return false;
        line = i + 1 == FIELDS ? blank : blank + 1;
        *blank = '\0';
    }
    return true;
}

static void read_sealed(struct reader *reader, uint32_t offset, char *line)
{
    struct lock *lock = reader->lock;
    const char *fields[FIELDS];
    if (!cut_fields(line, fields) || (!is_checksum(fields[0], "s1") && !is_checksum(fields[0], "s2")) ||
        !is_checksum(fields[1], "t1") || !is_checksum(fields[2], "d1") || !conf_is_component(fields[3]) ||
        !scan_is_version(fields[4], strlen(fields[4]))) {
        complain(reader, offset, "malformed line in stele.lock", "take the file from version control, then run stelec");
        return;
    }
    lock->lines = memory_grow(reader->history->memory, lock->lines, lock->count, &lock->capacity,
                              sizeof *lock->lines);
    lock->lines[lock->count] = (struct sealed){.source_sum = fields[0], .tokens_sum = fields[1],
                                               .state_sum = fields[2], .component = fields[3],
                                               .version = fields[4], .file = fields[5], .offset = offset,
                                               .place = lock->count};
    lock->count++;
}

/* "text CHECKSUM NAME", of the line above. */
static void read_text(struct reader *reader, uint32_t offset, char *line)
{
    struct lock *lock = reader->lock;
    char *sum = line + strlen("text "), *blank = strchr(sum, ' ');
    if (blank != NULL)
        *blank = '\0';
    if (blank == NULL || blank[1] == '\0' || !is_checksum(sum, "s1") || lock->count == 0) {
        complain(reader, offset, "malformed line in stele.lock", "take the file from version control, then run stelec");
        return;
    }
    struct sealed *sealed = &lock->lines[lock->count - 1];
    sealed->texts = memory_grow(reader->history->memory, sealed->texts, sealed->text_count, &sealed->text_capacity,
                                sizeof *sealed->texts);
    sealed->texts[sealed->text_count++] = (struct sealed_text){sum, blank + 1};
}

static bool is_conflict_mark(const char *line)
{
    return strncmp(line, "<<<<<<<", 7) == 0 || strncmp(line, "=======", 7) == 0 ||
           strncmp(line, ">>>>>>>", 7) == 0 || strncmp(line, "|||||||", 7) == 0;
}

static void read_line(struct reader *reader, uint32_t number)
{
    const struct source *source = &reader->lock->source;
    uint32_t length, offset = source->lines[number - 1];
    const char *text = source_line_text(source, number, &length);
    char *line = memory_copy(reader->history->memory, text, length);
    if (is_conflict_mark(line)) {
        complain(reader, offset, "stele.lock has the marks of a merge conflict",
                 memory_print(reader->history->memory,
                              "take %s and the generated C as they are on the branch that others have already (git checkout "
                              "--ours or --theirs of both: in a merge, --ours is the branch that you are on, in a rebase the one "
                              "that you move to), then run stelec again, which adds what is new",
                              source->path));
    } else if (number == 1 && strncmp(line, "# stele.lock ", 13) != 0) {
        complain(reader, offset, "not a stele.lock", "take the file from version control, then run stelec");
    } else if (number == 1 && strncmp(line, "# stele.lock 1 ", 15) != 0) {
        complain(reader, offset, "stele.lock has a format that this stelec doesn't know", "use a newer stelec");
    } else if (reader->ended && (length > 0 || number < source->line_count)) {
        complain(reader, offset, "text behind the last line of stele.lock",
                 "take the file from version control, then run stelec");
    } else if (strncmp(line, "end ", 4) == 0) {
        read_end(reader, offset, line);
    } else if (strncmp(line, "text ", 5) == 0) {
        read_text(reader, offset, line);
    } else if (line[0] != '#' && (length > 0 || number < source->line_count)) {
        read_sealed(reader, offset, line);
    }
}

static bool read_lock(struct lock *lock, struct history *history, const char *path, bool amending, bool missing_is_fine)
{
    struct reader reader = {lock, history, amending, false, false};
    struct source *source = &lock->source;
    source->name = "stele.lock";
    source->path = path;
    source->order = SIZE_MAX;
    if (!source_read(source, history->memory, history->diag, missing_is_fine))
        return false;
    if (source->text == NULL)
        return true;
    for (uint32_t number = 1; number <= source->line_count && !reader.failed; number++)
        read_line(&reader, number);
    if (!reader.failed && !reader.ended && !amending)
        complain(&reader, source->length, "stele.lock lacks its last line",
                 "take the file from version control, then run stelec");
    return !reader.failed;
}

bool lock_read(struct lock *lock, struct history *history, bool amending)
{
    return read_lock(lock, history, path_join(history->memory, history->directory, "stele.lock"), amending, true);
}

bool lock_read_file(struct lock *lock, struct history *history, const char *path)
{
    return read_lock(lock, history, path, false, false);
}

const char *lock_text(const struct sealed *line, const char *name)
{
    for (size_t i = 0; i < line->text_count; i++)
        if (strcmp(line->texts[i].name, name) == 0)
            return line->texts[i].sum;
    return NULL;
}

/* -------------------------------------------------------------- writing */

static void put_text(const struct history *history, const struct source *source, const char *name, stele_text *text)
{
    char sum[STELE_CHECKSUM_SIZE];
    if (!stele_source_checksum(sum, source->text, source->length))
        memory_exhausted(history->memory);
    stele_text_print(text, "text %s %s\n", sum, name);
}

static void put_texts(const struct history *history, const struct migration *migration, stele_text *text)
{
    if (strncmp(migration->source_sum, "s2:", 3) != 0)
        return;
    file_kind first = files_first(migration);
    const struct source *own = migration->files[first] != NULL ? migration->files[first] : &migration->source;
    put_text(history, own, migration->source.name, text);
    for (int kind = (int)first + 1; kind < FILE_COUNT; kind++)
        if (migration->files[kind] != NULL)
            put_text(history, migration->files[kind], files_name((file_kind)kind), text);
    for (size_t i = 0; i < migration->module_count; i++)
        stele_text_print(text, "text %s %s\n", migration->modules[i]->source_sum, migration->modules[i]->name);
}

void lock_render(const struct history *history, stele_text *text)
{
    stele_text_string(text, heading);
    for (size_t i = 0; i < history->count; i++) {
        const struct migration *migration = history->migrations[i];
        stele_text_print(text, "%s %s %s %s %s %s\n", migration->source_sum, migration->tokens_sum,
                         migration->state_sum, migration->component, migration->version, migration->source.name);
        put_texts(history, migration, text);
    }
    if (!text->failed) {
        stele_text_string(text, end_line(history->memory, text->bytes, text->length, history->count));
        stele_text_string(text, "\n");
    }
}

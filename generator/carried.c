#define _XOPEN_SOURCE 700
#include "carried.h"

#include "manifest.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A manifest of 256 MB would be one of a million migrations. */
enum { PIECE = 1024 * 1024, LARGEST = 256 * 1024 * 1024 };

struct reader {
    struct carried_list *list;
    struct source *source;
    struct memory *memory;
    struct diag *diag;
    int file;
    uint64_t size;
    stele_text buffer;     /* of the search */
    stele_text text;       /* one text of a table at a time */
    struct carried *table; /* the one that is being read */
};

/* Read so many bytes at a place, or up to the end of the file. -1 when that fails. */
static ssize_t read_at(const struct reader *reader, uint64_t offset, char *bytes, size_t length)
{
    size_t used = 0;
    while (used < length) {
        ssize_t got = pread(reader->file, bytes + used, length - used, (off_t)(offset + used));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        used += (size_t)got;
    }
    return (ssize_t)used;
}

/* Read into a text, in place of what it holds. False when the file ends before, or can't be read. */
static bool read_into(const struct reader *reader, stele_text *text, uint64_t offset, size_t length)
{
    text->length = 0;
    char *room = stele_text_room(text, length);
    if (room == NULL)
        memory_exhausted(reader->memory);
    return read_at(reader, offset, room, length) == (ssize_t)length;
}

static const char anew[] = "the file was changed after it was linked, or not copied whole: build it anew from its migrations";

static void damaged(const struct reader *reader, const char *what, const char *hint)
{
    diag_error(reader->diag, reader->source, SOURCE_WHOLE, "sealed table at byte %llu: %s",
               (unsigned long long)reader->table->offset, what);
    diag_hint(reader->diag, "%s", hint);
    reader->table->good = false;
}

/* -------------------------------------------------------------- its lines */

/* The next word of a line, which is cut behind it; NULL when there is none. */
static char *take_word(char **line)
{
    char *word = *line, *blank = strchr(word, ' ');
    if (*word == '\0' || blank == word)
        return NULL;
    *line = blank == NULL ? word + strlen(word) : blank + 1;
    if (blank != NULL)
        *blank = '\0';
    return word;
}

static const char *take_sum(char **line, const char *tag, const char *other_tag)
{
    uint8_t digest[STELE_DIGEST_SIZE];
    const char *word = take_word(line);
    bool fine = word != NULL && (stele_checksum_read(word, tag, digest) ||
                                 (other_tag != NULL && stele_checksum_read(word, other_tag, digest)));
    return fine ? word : NULL;
}

static bool take_length(char **line, uint32_t *length)
{
    uint64_t value = 0;
    const char *word = take_word(line);
    if (word == NULL || strlen(word) > 10)
        return false;
    for (; *word != '\0'; word++) {
        if (!is_digit(*word))
            return false;
        value = value * 10 + (uint64_t)(*word - '0');
    }
    *length = (uint32_t)value;
    return value < UINT32_MAX;
}

static struct carried_text *add_text(const struct reader *reader, enum carried_kind kind)
{
    struct carried *table = reader->table;
    table->texts = memory_grow(reader->memory, table->texts, table->count, &table->capacity, sizeof *table->texts);
    struct carried_text *text = &table->texts[table->count++];
    *text = (struct carried_text){.kind = kind, .good = true};
    return text;
}

static bool read_migration(const struct reader *reader, enum carried_kind kind, char *line)
{
    struct carried_text *text = add_text(reader, kind);
    text->source = take_sum(&line, "s1", "s2");
    text->tokens = text->source == NULL ? NULL : take_sum(&line, "t1", NULL);
    if (text->tokens == NULL || (kind != CARRIED_JOB && (text->state = take_sum(&line, "d1", NULL)) == NULL) ||
        !take_length(&line, &text->length))
        return false;
    text->own_length = text->length;
    text->component = take_word(&line);
    text->version = text->component == NULL ? NULL : take_word(&line);
    text->file = line;
    return text->version != NULL && *line != '\0';
}

static bool read_module(const struct reader *reader, char *line)
{
    struct carried_text *text = add_text(reader, CARRIED_MODULE);
    text->source = take_sum(&line, "s1", NULL);
    if (text->source == NULL || !take_length(&line, &text->length))
        return false;
    text->own_length = text->length;
    text->file = line;
    return *line != '\0';
}

static void add_member(const struct reader *reader, struct carried_text *text, struct carried_member member)
{
    text->members = memory_grow(reader->memory, text->members, text->member_count, &text->member_capacity, sizeof member);
    text->members[text->member_count++] = member;
}

/* "NAME BEGIN LENGTH" */
static bool read_file(const struct reader *reader, struct carried_text *text, char *line)
{
    struct carried_member member = {.name = take_word(&line), .is_file = true};
    if (member.name == NULL || !take_length(&line, &member.begin) || !take_length(&line, &member.length) ||
        member.begin > text->length || member.length > text->length - member.begin)
        return false;
    if (strcmp(member.name, "own") == 0) {
        text->own_begin = member.begin;
        text->own_length = member.length;
    } else {
        add_member(reader, text, member);
    }
    return true;
}

static bool read_settings(const struct reader *reader, struct carried_text *text, const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    size_t length = strlen(hex) / 2;
    char *bytes = memory_get(reader->memory, length + 1, 1);
    for (size_t i = 0; i < length; i++) {
        const char *high = strchr(digits, hex[2 * i]), *low = strchr(digits, hex[2 * i + 1]);
        if (high == NULL || low == NULL)
            return false;
        bytes[i] = (char)((high - digits) * 16 + (low - digits));
    }
    add_member(reader, text, (struct carried_member){.name = "settings", .source = bytes});
    return strlen(hex) % 2 == 0;
}

/* A line about the text of the line above. */
static bool read_member(const struct reader *reader, const char *word, char *line)
{
    struct carried *table = reader->table;
    struct carried_text *text = table->count == 0 ? NULL : &table->texts[table->count - 1];
    struct carried_member member = {.name = NULL};
    if (text == NULL || text->kind == CARRIED_MODULE)
        return false;
    if (strcmp(word, "text") == 0)
        return (text->own = take_sum(&line, "s1", NULL)) != NULL && *line == '\0';
    if (strcmp(word, "file") == 0)
        return read_file(reader, text, line);
    if (strcmp(word, "settings") == 0)
        return read_settings(reader, text, line);
    if (strcmp(word, "after") == 0 && (member.source = take_sum(&line, "s1", "s2")) == NULL)
        return false;
    member.name = line;
    add_member(reader, text, member);
    return *line != '\0';
}

static bool read_line(const struct reader *reader, char *line)
{
    const char *word = take_word(&line);
    if (word == NULL)
        return false;
    if (strcmp(word, "made") == 0 && strncmp(line, "by ", 3) == 0)
        reader->table->generator = line + 3;
    else if (strcmp(word, "table") == 0)
        reader->table->name = line;
    else if (strcmp(word, "module") == 0)
        return read_module(reader, line);
    else if (strcmp(word, "migration") == 0)
        return read_migration(reader, CARRIED_MIGRATION, line);
    else if (strcmp(word, "repeatable") == 0)
        return read_migration(reader, CARRIED_REPEATABLE, line);
    else if (strcmp(word, "job") == 0)
        return read_migration(reader, CARRIED_JOB, line);
    else if (strcmp(word, "text") == 0 || strcmp(word, "requires") == 0 || strcmp(word, "after") == 0 ||
             strcmp(word, "file") == 0 || strcmp(word, "settings") == 0)
        return read_member(reader, word, line);
    else
        return false;
    return true;
}

/* UTF-8, and nothing that drives a terminal or breaks a line of output. The text ends in a zero byte. */
static bool is_plain(const char *text)
{
    for (uint32_t size; *text != '\0'; text += size) {
        size = utf8_length(text);
        if (size == 0 || ((unsigned char)*text < ' ' && *text != '\n') || *text == 127)
            return false;
    }
    return true;
}

/* A "sum" line: do the lines before it add up to it? Tells once. */
static void check_sum(const struct reader *reader, const stele_digest *digest, const char *sum)
{
    struct carried *table = reader->table;
    if (table->good && strcmp(sum, manifest_sum(reader->memory, digest)) != 0)
        damaged(reader, "the manifest is not what was sealed", anew);
    table->sum = sum;
}

/*
 * All lines, of which the first is read already. False when one of them is none that stelec writes. Where only a sum isn't that of
 * the lines before, that is told, and the texts are looked at all the same.
 */
static bool read_lines(const struct reader *reader, char *manifest, size_t length)
{
    struct carried *table = reader->table;
    stele_digest digest;
    size_t count = 0;
    bool summed = false;
    if (!is_plain(manifest) || manifest[length - 1] != '\n')
        return false;
    stele_digest_begin(&digest);
    for (char *line = manifest, *next; line < manifest + length; line = next + 1, count++) {
        next = strchr(line, '\n');
        if (next == manifest + length - 1)
            return strncmp(line, "end\n", 4) == 0 && summed && table->generator != NULL && table->name != NULL;
        size_t size = (size_t)(next - line) + 1;
        stele_digest before = digest;
        stele_digest_bytes(&digest, line, size);
        *next = '\0';
        summed = strncmp(line, "sum ", 4) == 0;
        if (summed)
            check_sum(reader, &before, line + 4);
        else if (count > 0 && !read_line(reader, line))
            return false;
    }
    return false;
}

/* ---------------------------------------------------------------- its texts */

static const struct carried_text *find_module(const struct carried *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->texts[i].kind == CARRIED_MODULE && strcmp(table->texts[i].file, name) == 0)
            return &table->texts[i];
    return NULL;
}

/* What the text's sum is, with its members. False when a module that it requires isn't there. */
static bool sum_text(const struct reader *reader, struct carried_text *text)
{
    stele_source_member *members = memory_get(reader->memory, text->member_count, sizeof *members);
    for (size_t i = 0; i < text->member_count; i++) {
        const struct carried_member *member = &text->members[i];
        members[i].name = member->name;
        if (member->is_file) {
            members[i].text = reader->text.bytes + member->begin;
            members[i].length = member->length;
            continue;
        }
        const struct carried_text *module = member->source == NULL ? find_module(reader->table, member->name) : NULL;
        if (member->source == NULL && (module == NULL || module->bytes == NULL))
            return false;
        members[i].text = module == NULL ? member->source : module->bytes;
        members[i].length = module == NULL ? strlen(member->source) : module->length;
    }
    if (!stele_source_checksum_of(text->is, reader->text.bytes + text->own_begin, text->own_length, members, text->member_count))
        memory_exhausted(reader->memory);
    return true;
}

static void edited(const struct reader *reader, const struct carried_text *text, const char *sealed, const char *is)
{
    diag_error(reader->diag, reader->source, SOURCE_WHOLE, "%s\"%s\" is not what was sealed",
               text->kind == CARRIED_MODULE ? "the text of module " : "the text of ", text->file);
    diag_note(reader->diag, "sealed as %s", sealed);
    diag_note(reader->diag, "is        %s", is);
    diag_hint(reader->diag, "%s", anew);
}

static bool has_files(const struct carried_text *text)
{
    for (size_t i = 0; i < text->member_count; i++)
        if (text->members[i].is_file || strcmp(text->members[i].name, "settings") == 0)
            return true;
    return false;
}

/* Is the text what its line says? Where only a module isn't, that was told. */
static void check_text(const struct reader *reader, struct carried_text *text)
{
    char own[STELE_CHECKSUM_SIZE];
    if (text->kind == CARRIED_MODULE)
        text->bytes = memory_copy(reader->memory, reader->text.bytes, text->length);
    bool summed = sum_text(reader, text);
    if (summed && strcmp(text->is, text->source) == 0)
        return;
    text->good = reader->table->good = false;
    if (!stele_source_checksum(own, reader->text.bytes + text->own_begin, text->own_length))
        memory_exhausted(reader->memory);
    if (text->own == NULL)
        edited(reader, text, text->source, summed ? text->is : own);
    else if (strcmp(text->own, own) != 0)
        edited(reader, text, text->own, own);
    else if (summed && has_files(text)) /* another one of them */
        edited(reader, text, text->source, text->is);
}

static void check_texts(struct reader *reader, uint64_t offset)
{
    struct carried *table = reader->table;
    for (size_t i = 0; i < table->count; i++) {
        struct carried_text *text = &table->texts[i];
        text->offset = offset;
        if (offset > reader->size || text->length >= reader->size - offset ||
            !read_into(reader, &reader->text, offset, (size_t)text->length + 1)) {
            for (; i < table->count; i++)
                table->texts[i].good = false;
            damaged(reader, memory_print(reader->memory, "the file ends within the text of \"%s\"", text->file), anew);
            return;
        }
        check_text(reader, text);
        if (reader->text.bytes[text->length] != '\0' && text->good) {
            text->good = table->good = false;
            damaged(reader, memory_print(reader->memory, "the text of \"%s\" doesn't end where it was sealed to end", text->file),
                    anew);
        }
        offset += (uint64_t)text->length + 1;
    }
}

/* ---------------------------------------------------------------- the search */

/* The manifest up to its zero byte, into the arena; its length, or 0 when it doesn't end. */
static size_t read_manifest(const struct reader *reader, uint64_t offset, char **manifest)
{
    stele_text text = {0};
    const char *end = NULL;
    while (end == NULL && text.length < LARGEST) {
        size_t held = text.length;
        char *room = stele_text_room(&text, PIECE);
        if (room == NULL) {
            stele_text_free(&text);
            memory_exhausted(reader->memory);
        }
        ssize_t got = read_at(reader, offset + held, room, PIECE);
        if (got <= 0)
            break;
        end = memchr(room, '\0', (size_t)got);
        text.length = held + (size_t)got;
        if (got < PIECE)
            break;
    }
    size_t length = end == NULL ? 0 : (size_t)(end - text.bytes);
    text.length = length;
    *manifest = memory_take(reader->memory, &text);
    return length;
}

/* What was found at this offset looks like a manifest. Returns where to search on. */
static uint64_t take_table(struct reader *reader, uint64_t offset)
{
    char *manifest;
    size_t mark = MANIFEST_MARK_SIZE - 1 + strlen(MANIFEST_MARK_REST);
    size_t length = read_manifest(reader, offset + 1, &manifest);
    reader->table = memory_get(reader->memory, 1, sizeof *reader->table);
    *reader->table = (struct carried){.offset = offset, .good = true};
    struct carried_list *list = reader->list;
    list->tables = memory_grow(reader->memory, list->tables, list->count, &list->capacity, sizeof(struct carried *));
    list->tables[list->count++] = reader->table;
    if (length == 0) {
        damaged(reader, "the manifest doesn't end", anew);
    } else if (length < mark + 2 || manifest[mark] != '1' || manifest[mark + 1] != '\n') {
        damaged(reader, "its format is none that this stelec knows", "use the stelec that the program was built with");
    } else if (!read_lines(reader, manifest, length)) {
        reader->table->sum = NULL;
        damaged(reader, "the manifest is not what was sealed", anew);
    } else {
        check_texts(reader, offset + 1 + length + 1);
    }
    return offset + MANIFEST_MARK_SIZE;
}

/* The place of the mark in these bytes, or NULL. Its words hold one hyphen, which machine code and zeros rarely do. */
static const char *find_mark(const char *bytes, size_t length)
{
    enum { HYPHEN = 6 };
    static const char mark[] = MANIFEST_MARK;
    for (const char *p = bytes, *end = bytes + length; p < end; p++) {
        p = memchr(p, '-', (size_t)(end - p));
        if (p == NULL)
            return NULL;
        if (p - bytes >= HYPHEN && (size_t)(end - p) >= sizeof mark - 1 - HYPHEN &&
            memcmp(p - HYPHEN, mark, sizeof mark - 1) == 0)
            return p - HYPHEN;
    }
    return NULL;
}

/* Is the rest of the mark there, too? */
static bool is_table(const struct reader *reader, uint64_t offset)
{
    static const char rest[] = MANIFEST_MARK_REST;
    char found[sizeof rest - 1];
    return read_at(reader, offset + MANIFEST_MARK_SIZE, found, sizeof found) == sizeof found &&
           memcmp(found, rest, sizeof found) == 0;
}

/* Look through the file piece by piece; each begins before the end of the last one, so that no mark is cut. */
static bool search(struct reader *reader)
{
    uint64_t at = 0;
    while (at < reader->size) {
        reader->buffer.length = 0;
        char *room = stele_text_room(&reader->buffer, PIECE);
        if (room == NULL)
            memory_exhausted(reader->memory);
        ssize_t got = read_at(reader, at, room, PIECE);
        if (got < 0)
            return false;
        if ((size_t)got < MANIFEST_MARK_SIZE)
            break;
        const char *mark = find_mark(room, (size_t)got);
        if (mark == NULL)
            at += (size_t)got - MANIFEST_MARK_SIZE + 1;
        else if (is_table(reader, at + (size_t)(mark - room)))
            at = take_table(reader, at + (size_t)(mark - room));
        else
            at += (size_t)(mark - room) + MANIFEST_MARK_SIZE;
    }
    return true;
}

bool carried_read(struct carried_list *list, struct source *source, struct memory *memory, struct diag *diag)
{
    struct reader reader = {.list = list, .source = source, .memory = memory, .diag = diag};
    struct stat status;
    reader.file = open(source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would wait for a writer */
    bool fine = reader.file >= 0 && fstat(reader.file, &status) == 0;
    if (fine && !S_ISREG(status.st_mode)) {
        errno = S_ISDIR(status.st_mode) ? EISDIR : ENOTSUP;
        fine = false;
    }
    if (fine) {
        reader.size = (uint64_t)status.st_size;
        fine = search(&reader);
    }
    if (!fine)
        diag_error(diag, source, SOURCE_WHOLE, "can't read file: %s", strerror(errno));
    if (reader.file >= 0)
        close(reader.file);
    stele_text_free(&reader.buffer);
    stele_text_free(&reader.text);
    return fine;
}

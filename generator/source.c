#define _POSIX_C_SOURCE 200809L
#include "source.h"

#include "diag.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* PostgreSQL refuses a statement of 1 GB; a file of a quarter of that, doubled by a copy, still fits. */
enum { LARGEST = 256 * 1024 * 1024 };

/* Read all of a descriptor. NULL, with errno, when that fails; a too long file is cut one byte after LARGEST. */
static char *read_all(struct memory *memory, int file, size_t *length)
{
    struct stat status;
    if (fstat(file, &status) != 0)
        return NULL;
    if (!S_ISREG(status.st_mode)) {
        errno = S_ISDIR(status.st_mode) ? EISDIR : ENOTSUP;
        return NULL;
    }
    size_t room = status.st_size > 0 && status.st_size < LARGEST ? (size_t)status.st_size + 2 : 4096, used = 0;
    char *bytes = memory_get(memory, room, 1);
    for (;;) {
        ssize_t got = read(file, bytes + used, room - used - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return NULL;
        used += (size_t)got;
        if (got == 0 || used > LARGEST)
            break;
        if (room - used < 2) {
            char *moved = memory_get(memory, room * 2, 1);
            memcpy(moved, bytes, used);
            bytes = moved;
            room *= 2;
        }
    }
    *length = used;
    return bytes;
}

uint32_t utf8_length(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    if (p[0] < 0x80)
        return p[0] == 0 ? 0 : 1;
    if (p[0] < 0xc2 || p[0] > 0xf4 || (p[1] & 0xc0) != 0x80)
        return 0;
    if (p[0] < 0xe0)
        return 2;
    if ((p[2] & 0xc0) != 0x80)
        return 0;
    if (p[0] < 0xf0) {
        bool overlong = p[0] == 0xe0 && p[1] < 0xa0, surrogate = p[0] == 0xed && p[1] >= 0xa0;
        return overlong || surrogate ? 0 : 3;
    }
    bool overlong = p[0] == 0xf0 && p[1] < 0x90, beyond = p[0] == 0xf4 && p[1] >= 0x90;
    return overlong || beyond || (p[3] & 0xc0) != 0x80 ? 0 : 4;
}

/* Drop a byte order mark, and the CR of each CR LF, in place. Returns the new length. */
static size_t make_canonical(char *bytes, size_t length)
{
    size_t from = length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    if (from == 0 && memchr(bytes, '\r', length) == NULL)
        return length;
    size_t to = 0;
    for (; from < length; from++)
        if (bytes[from] != '\r' || from + 1 == length || bytes[from + 1] != '\n')
            bytes[to++] = bytes[from];
    bytes[to] = '\0';
    return to;
}

static void find_lines(struct source *source, struct memory *memory)
{
    uint32_t count = 1;
    const char *end = source->text + source->length, *p = source->text;
    while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        count++;
        p++;
    }
    source->lines = memory_get(memory, count, sizeof *source->lines);
    source->mark = memory_get(memory, 1, sizeof *source->mark);
    source->line_count = count;
    uint32_t line = 1;
    for (p = source->text; (p = memchr(p, '\n', (size_t)(end - p))) != NULL && line < count; line++)
        source->lines[line] = (uint32_t)(++p - source->text);
}

/* Are these eight bytes ASCII, and none of them zero? Nearly all are, so this is what reading costs. */
static bool is_plain(const char *text)
{
    uint64_t bytes;
    memcpy(&bytes, text, sizeof bytes);
    uint64_t high = 0x8080808080808080U, zero = (bytes - 0x0101010101010101U) & ~bytes;
    return ((bytes | zero) & high) == 0;
}

/* The first byte that isn't UTF-8 text, or the length. */
static uint32_t find_stranger(const struct source *source)
{
    uint32_t at = 0;
    while (at < source->length) {
        if (source->length - at >= 8 && is_plain(source->text + at)) {
            at += 8;
            continue;
        }
        uint32_t size = utf8_length(source->text + at);
        if (size == 0)
            break;
        at += size;
    }
    return at;
}

static bool is_text(const struct source *source, struct diag *diag)
{
    const unsigned char *bytes = (const unsigned char *)source->text;
    uint32_t at;
    if (source->length >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0)) {
        diag_error(diag, source, SOURCE_WHOLE, "file is UTF-16");
        diag_hint(diag, "convert it to UTF-8: iconv -f UTF-16 -t UTF-8");
    } else if ((at = find_stranger(source)) == source->length) {
        return true;
    } else if (bytes[at] == 0) {
        diag_error(diag, source, at, "zero byte in file");
        diag_hint(diag, "a migration is UTF-8 text");
    } else {
        diag_error(diag, source, at, "invalid UTF-8: byte 0x%02x", bytes[at]);
        diag_hint(diag, "convert the file to UTF-8, for instance: iconv -f LATIN1 -t UTF-8");
    }
    return false;
}

bool source_read(struct source *source, struct memory *memory, struct diag *diag, bool missing_is_fine)
{
    int file = open(source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would wait for a writer */
    if (file < 0 && errno == ENOENT && missing_is_fine)
        return true;
    size_t length = 0;
    char *bytes = file < 0 ? NULL : read_all(memory, file, &length);
    int reason = errno;
    if (file >= 0)
        close(file);
    if (bytes == NULL) {
        diag_error(diag, source, SOURCE_WHOLE, "can't read file: %s", strerror(reason));
        return false;
    }
    if (length > LARGEST) {
        diag_error(diag, source, SOURCE_WHOLE, "file is larger than 256 MB");
        diag_hint(diag, "split it into several migrations");
        return false;
    }
    source->length = (uint32_t)make_canonical(bytes, length);
    source->text = bytes;
    find_lines(source, memory);
    return is_text(source, diag);
}

void source_join(struct source *source, struct memory *memory, const struct source *const *files, size_t count)
{
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += files[i]->length;
    source->text = memory_get(memory, length + 2, 1);
    source->pieces = memory_get(memory, count, sizeof *source->pieces);
    source->piece_count = count;
    source->length = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && source->length == 0)
            source->text[source->length++] = '\n';
        source->pieces[i] = (struct source_piece){files[i], source->length};
        memcpy(source->text + source->length, files[i]->text, files[i]->length);
        source->length += files[i]->length;
    }
}

const struct source *source_file(const struct source *source, uint32_t *offset)
{
    size_t i = source->piece_count;
    if (i == 0)
        return source;
    while (i > 1 && *offset < source->pieces[i - 1].begin)
        i--;
    *offset -= source->pieces[i - 1].begin;
    return source->pieces[i - 1].file;
}

uint32_t source_line(const struct source *source, uint32_t offset)
{
    source = source_file(source, &offset);
    uint32_t low = 0, high = source->line_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->lines[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low + 1;
}

uint32_t source_line_begin(const struct source *source, uint32_t offset)
{
    uint32_t within = offset;
    const struct source *file = source_file(source, &within);
    return offset - within + file->lines[source_line(file, within) - 1];
}

struct position source_position(const struct source *source, uint32_t offset)
{
    source = source_file(source, &offset);
    if (offset > source->length)
        offset = source->length;
    struct position position = {source_line(source, offset), 1};
    uint32_t at = source->lines[position.line - 1];
    struct source_mark *mark = source->mark;
    if (mark->line == position.line && mark->offset <= offset) {
        at = mark->offset;
        position.column = mark->column;
    }
    for (; at < offset; at++)
        if (((unsigned char)source->text[at] & 0xc0) != 0x80)
            position.column++;
    *mark = (struct source_mark){offset, position.line, position.column};
    if (offset < source->length && ((unsigned char)source->text[offset] & 0xc0) == 0x80 && position.column > 1)
        position.column--;
    return position;
}

const char *source_line_text(const struct source *source, uint32_t line, uint32_t *length)
{
    uint32_t begin = source->lines[line - 1];
    uint32_t end = line < source->line_count ? source->lines[line] - 1 : source->length;
    *length = end - begin;
    return source->text + begin;
}

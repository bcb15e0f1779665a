#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void stele_error_clear(stele_error *error)
{
    if (error != NULL)
        *error = (stele_error){0};
}

bool stele_sqlstate_is(const char *sqlstate, const char *const *states)
{
    for (; *states != NULL; states++)
        if (strncmp(sqlstate, *states, strlen(*states)) == 0)
            return true;
    return false;
}

/* The length, at most `length`, at which UTF-8 text may be cut. */
static size_t cut(const char *text, size_t length)
{
    size_t end = length;
    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--;
    return end;
}

void stele_error_copy(char *buffer, size_t size, const char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);
    if (length >= size)
        length = cut(text, size - 1);
    while (length > 0 && text[length - 1] == '\n')
        length--;
    if (length > 0)
        memcpy(buffer, text, length);
    buffer[length] = '\0';
}

void stele_error_shorten(char *buffer, size_t size, const char *text)
{
    static const char dots[] = "...";
    size_t room = text == NULL || strlen(text) < size ? size : size - sizeof dots + 1;
    stele_error_copy(buffer, room, text);
    if (room < size)
        memcpy(buffer + strlen(buffer), dots, sizeof dots);
}

/* Drop a character that stands cut in two at the end of `buffer`. */
static void drop_partial(char *buffer, size_t length)
{
    size_t start = length;
    while (start > 0 && ((unsigned char)buffer[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)buffer[start - 1];
    size_t whole = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (start - 1 + whole > length)
        buffer[start - 1] = '\0';
}

static void print(char *buffer, size_t size, const char *format, va_list list)
{
    int length = vsnprintf(buffer, size, format, list);
    if (length < 0)
        buffer[0] = '\0';
    else if ((size_t)length >= size)
        drop_partial(buffer, size - 1);
}

stele_status stele_error_set(stele_error *error, stele_status status, const char *format, ...)
{
    if (error != NULL && error->status == STELE_OK) {
        va_list list;
        va_start(list, format);
        print(error->message, sizeof error->message, format, list);
        va_end(list);
        error->status = status;
    }
    return status;
}

void stele_error_detail(stele_error *error, const char *format, ...)
{
    if (error == NULL)
        return;
    va_list list;
    va_start(list, format);
    print(error->detail, sizeof error->detail, format, list);
    va_end(list);
}

void stele_error_hint(stele_error *error, const char *format, ...)
{
    if (error == NULL)
        return;
    va_list list;
    va_start(list, format);
    print(error->hint, sizeof error->hint, format, list);
    va_end(list);
}

stele_status stele_error_memory(stele_error *error)
{
    return stele_error_set(error, STELE_FAILED, "out of memory");
}

/* The part that has a file of its own, which this byte of the text is in; or NULL. */
static const stele_part *find_file(const stele_migration *migration, size_t offset)
{
    const stele_part *parts[] = {&migration->down, &migration->verify};
    for (size_t i = 0; i < 2; i++)
        if (parts[i]->file != NULL && offset >= parts[i]->begin &&
            (offset < parts[i]->end || parts[i]->end == migration->length))
            return parts[i];
    return NULL;
}

/* Where the migration's own file ends. */
static size_t next_file(const stele_migration *migration)
{
    if (migration->down.file != NULL)
        return migration->down.begin;
    return migration->verify.file != NULL ? migration->verify.begin : migration->length;
}

const char *stele_file_at(const stele_migration *migration, uint32_t offset, unsigned *line)
{
    const stele_part *part = find_file(migration, offset);
    *line = 1;
    for (uint32_t i = part == NULL ? 0 : part->begin; i < offset; i++)
        *line += migration->text[i] == '\n';
    return part == NULL ? migration->file : part->file;
}

static void name_file(stele_error *error, const stele_migration *migration, const char *file)
{
    char path[sizeof error->file * 2];
    snprintf(path, sizeof path, "%s%s%s", migration->directory, migration->directory[0] == '\0' ? "" : "/", file);
    stele_error_copy(error->file, sizeof error->file, path);
}

void stele_error_file(stele_error *error, const stele_migration *migration)
{
    if (error != NULL)
        name_file(error, migration, migration->file);
}

void stele_error_place(stele_error *error, const stele_migration *migration, size_t offset)
{
    if (error == NULL)
        return;
    const char *text = migration->text;
    if (offset > migration->length)
        offset = migration->length;
    const stele_part *part = find_file(migration, offset);
    size_t start = 0;
    if (part != NULL) {
        name_file(error, migration, part->file);
        start = part->begin;
    }
    error->line = 1;
    for (size_t i = start; i < offset; i++) {
        if (text[i] == '\n') {
            error->line++;
            start = i + 1;
        }
    }
    error->column = 1;
    for (size_t i = start; i < offset; i++)
        error->column += ((unsigned char)text[i] & 0xC0) != 0x80;
    size_t length = strcspn(text + start, "\n"), end = part == NULL ? next_file(migration) : part->end;
    if (length > end - start) /* the next file's text follows, perhaps without a line end between */
        length = end - start;
    if (length >= sizeof error->source)
        length = cut(text + start, sizeof error->source - 1);
    memcpy(error->source, text + start, length);
    error->source[length] = '\0';
}

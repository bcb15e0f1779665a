#include "diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum severity { ERROR, WARNING, REMARK };

struct extra {
    const char *label, *text;
    struct extra *next;
};

struct complaint {
    const struct source *source;
    uint32_t offset;
    enum severity severity;
    size_t number; /* keeps the order in which they came where the place is the same */
    char *message;
    const char *rule; /* in whose name; or NULL */
    struct extra *extras;
    uint32_t fix_begin, fix_end;
    const char *fix; /* what to write there; or NULL */
};

enum { MOST_ERRORS = 100, WIDEST = 160, LONGEST = 600 };

/* One line, of a bearable length: PostgreSQL's messages quote the token they stopped at, however long it is. */
static char *make_line(struct memory *memory, const char *format, va_list list)
{
    va_list again;
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, list);
    size_t room = length < 0 ? 1 : (size_t)length + 1;
    char *text = memory_get(memory, room + 4, 1);
    if (length >= 0)
        vsnprintf(text, room, format, again);
    va_end(again);
    if (room > LONGEST) {
        size_t end = LONGEST;
        while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80)
            end--;
        memcpy(text + end, "...", 4);
    }
    for (char *p = text; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            *p = ' ';
    return text;
}

static void add(struct diag *diag, enum severity severity, const struct source *source, uint32_t offset, char *message)
{
    diag->complaints =
        memory_grow(diag->memory, diag->complaints, diag->count, &diag->capacity, sizeof *diag->complaints);
    struct complaint *new = &diag->complaints[diag->count];
    *new = (struct complaint){.source = source, .offset = offset, .severity = severity, .number = diag->count,
                       .message = message};
    diag->count++;
    diag->errors += severity == ERROR;
    diag->warnings += severity == WARNING;
}

void diag_withdraw(struct diag *diag, const char *path)
{
    size_t kept = 0;
    for (size_t i = 0; i < diag->count; i++) {
        const struct complaint *complaint = &diag->complaints[i];
        if (complaint->offset != SOURCE_WHOLE || strcmp(complaint->source->path, path) != 0) {
            diag->complaints[kept++] = *complaint;
            continue;
        }
        diag->errors -= complaint->severity == ERROR;
        diag->warnings -= complaint->severity == WARNING;
    }
    diag->count = kept;
}

void diag_error(struct diag *diag, const struct source *source, uint32_t offset, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    add(diag, ERROR, source, offset, make_line(diag->memory, format, list));
    va_end(list);
}

void diag_warning(struct diag *diag, const struct source *source, uint32_t offset, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    add(diag, WARNING, source, offset, make_line(diag->memory, format, list));
    va_end(list);
}

void diag_named(struct diag *diag, bool error, const char *rule, const struct source *source, uint32_t offset, const char *format,
                va_list list)
{
    add(diag, error ? ERROR : WARNING, source, offset, make_line(diag->memory, format, list));
    diag->complaints[diag->count - 1].rule = rule;
}

void diag_remark(struct diag *diag, const struct source *source, uint32_t offset, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    add(diag, REMARK, source, offset, make_line(diag->memory, format, list));
    va_end(list);
}

static void add_extra(struct diag *diag, const char *label, char *text)
{
    if (diag->count == 0)
        return;
    struct extra **end = &diag->complaints[diag->count - 1].extras;
    while (*end != NULL)
        end = &(*end)->next;
    *end = memory_get(diag->memory, 1, sizeof **end);
    **end = (struct extra){.label = label, .text = text};
}

void diag_note(struct diag *diag, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    add_extra(diag, "note", make_line(diag->memory, format, list));
    va_end(list);
}

void diag_hint(struct diag *diag, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    add_extra(diag, "hint", make_line(diag->memory, format, list));
    va_end(list);
}

void diag_fix(struct diag *diag, uint32_t begin, uint32_t end, const char *format, ...)
{
    va_list list;
    if (diag->count == 0)
        return;
    struct complaint *complaint = &diag->complaints[diag->count - 1];
    va_start(list, format);
    complaint->fix = make_line(diag->memory, format, list);
    va_end(list);
    complaint->fix_begin = begin;
    complaint->fix_end = end;
}

size_t diag_only(struct diag *diag, const struct source *source)
{
    size_t kept = 0;
    diag->errors = 0;
    for (size_t i = 0; i < diag->count; i++) {
        if (diag->complaints[i].source != source)
            continue;
        diag->errors += diag->complaints[i].severity == ERROR;
        diag->complaints[kept++] = diag->complaints[i];
    }
    diag->count = kept;
    return diag->errors;
}

/* By file, then by place; a complaint about the file itself comes before those about its lines. */
static int by_place(const void *a, const void *b)
{
    const struct complaint *p = a, *q = b;
    if (p->source->order != q->source->order)
        return p->source->order < q->source->order ? -1 : 1;
    int names = strcmp(p->source->path, q->source->path);
    if (names != 0)
        return names;
    if (p->offset != q->offset)
        return p->offset + 1 < q->offset + 1 ? -1 : 1; /* SOURCE_WHOLE + 1 is 0 */
    return p->number < q->number ? -1 : p->number > q->number;
}

/*
 * The line with its number, and a caret under the column. Of a very long line, only a window around the place. Control
 * characters become blanks, so that a file can't drive the terminal; tabs stay, in the caret's line too.
 */
static void print_source_line(FILE *file, const struct source *source, uint32_t offset, struct position place, const char *bold,
                              const char *plain)
{
    uint32_t length, first = place.column > WIDEST ? place.column - WIDEST / 2 : 1, column = place.column;
    const char *text = source_line_text(source, place.line, &length);
    uint32_t at = offset > source->length ? source->length : offset;
    at -= source->lines[place.line - 1];
    while (at > 0 && (column > first || ((unsigned char)text[at] & 0xc0) == 0x80)) /* back to the first that is shown */
        column -= ((unsigned char)text[at--] & 0xc0) != 0x80;
    char caret[4 * WIDEST];
    size_t used = 0;
    int margin = fprintf(file, "%5u | ", place.line) - (int)strlen(" | ");
    for (; at < length && column < first + WIDEST; column++) {
        uint32_t size = utf8_length(text + at) == 0 ? 1 : utf8_length(text + at);
        unsigned char byte = (unsigned char)text[at];
        if (column >= first && (size > 1 || (byte >= ' ' && byte < 127)))
            fwrite(text + at, 1, size, file);
        else if (column >= first)
            fputc(byte == '\t' ? '\t' : ' ', file);
        if (column >= first && column < place.column)
            caret[used++] = byte == '\t' ? '\t' : ' ';
        at += size;
    }
    fprintf(file, "\n%*s | %.*s%s^%s\n", margin > 0 ? margin : 0, "", (int)used, caret, bold, plain);
}

/* What to write, under the place where it belongs, as GCC does; a line of its own where that is another line. */
static void print_fix(FILE *file, const struct complaint *complaint, struct position place, const char *tint, const char *plain)
{
    uint32_t offset = complaint->fix_begin;
    const struct source *source = source_file(complaint->source, &offset);
    struct position at = source_position(source, offset);
    if (at.line != place.line || at.column > WIDEST) {
        fprintf(file, "fix: line %u, column %u: %s%s%s\n", at.line, at.column, tint, complaint->fix, plain);
        return;
    }
    uint32_t length;
    const char *line = source_line_text(source, at.line, &length);
    int margin = snprintf(NULL, 0, "%5u", at.line);
    fprintf(file, "%*s | ", margin, "");
    for (uint32_t i = 0, column = 1; i < length && column < at.column; column++) {
        uint32_t size = utf8_length(line + i) == 0 ? 1 : utf8_length(line + i);
        fputc(line[i] == '\t' ? '\t' : ' ', file);
        i += size;
    }
    fprintf(file, "%s%s%s\n", tint, complaint->fix, plain);
}

static const char *const severities[] = {"error", "warning", "note"};

static void print_one(FILE *file, const struct complaint *complaint, bool colour)
{
    static const char *const colours[] = {"\033[1;31m", "\033[1;35m", "\033[1;36m"};
    const char *bold = colour ? "\033[1m" : "", *tint = colour ? colours[complaint->severity] : "";
    const char *plain = colour ? "\033[0m" : "";
    const struct source *source = complaint->source;
    uint32_t offset = complaint->offset;
    bool placed = offset != SOURCE_WHOLE && source->text != NULL;
    if (placed)
        source = source_file(source, &offset);
    struct position place = placed ? source_position(source, offset) : (struct position){0, 0};
    fprintf(file, "%s%s:", bold, source->path);
    if (placed)
        fprintf(file, "%u:%u:", place.line, place.column);
    fprintf(file, "%s %s%s:%s %s", plain, tint, severities[complaint->severity], plain, complaint->message);
    if (complaint->rule != NULL)
        fprintf(file, " [%s-W%s%s%s]", tint, complaint->severity == ERROR ? "error=" : "", complaint->rule, plain);
    fputc('\n', file);
    if (placed)
        print_source_line(file, source, offset, place, colour ? "\033[1;32m" : "", plain);
    if (placed && complaint->fix != NULL)
        print_fix(file, complaint, place, colour ? "\033[32m" : "", plain);
    for (const struct extra *extra = complaint->extras; extra != NULL; extra = extra->next)
        fprintf(file, "%s%s:%s %s\n", bold, extra->label, plain, extra->text);
}

struct diag_entry diag_get(const struct diag *diag, size_t number)
{
    const struct complaint *complaint = &diag->complaints[number];
    struct diag_entry entry = {severities[complaint->severity], complaint->source->path, complaint->message, NULL};
    for (const struct extra *extra = complaint->extras; extra != NULL; extra = extra->next)
        if (strcmp(extra->label, "hint") == 0)
            entry.hint = extra->text;
    return entry;
}

void diag_print(struct diag *diag, FILE *file, bool colour, bool remarks)
{
    size_t errors = 0;
    if (diag->count > 0)
        qsort(diag->complaints, diag->count, sizeof *diag->complaints, by_place);
    for (size_t i = 0; i < diag->count; i++)
        if ((diag->complaints[i].severity != ERROR || errors++ < MOST_ERRORS) &&
            (diag->complaints[i].severity != REMARK || remarks) && (diag->complaints[i].severity != WARNING || !diag->silent))
            print_one(file, &diag->complaints[i], colour);
    if (errors > MOST_ERRORS)
        fprintf(file, "stelec: the first %d errors are shown\n", MOST_ERRORS);
    if (errors > 0)
        fprintf(file, "stelec: %zu error%s%s\n", errors, errors == 1 ? "" : "s", diag->reads_only ? "" : "; nothing was written");
}

/*
 * diag.h - complaints, in GCC's form
 *
 *     migrations/003_x.sql:17:7: error: syntax error at or near "TABEL"
 *        17 | ALTER TABEL agent_memory ADD COLUMN fact text;
 *           |       ^
 *     hint: ...
 *
 * A run collects all of them and prints them at its end, in the order of the files and their lines. A message is one
 * line, lower case, without a final stop, with names in double quotes; what to do about it is the hint.
 */
#ifndef STELEC_DIAG_H
#define STELEC_DIAG_H

#include "memory.h"
#include "source.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

struct complaint;

struct diag {
    struct memory *memory;
    struct complaint *complaints;
    size_t count, capacity;
    size_t errors, warnings;
    bool silent; /* warnings aren't printed */
    bool reads_only; /* the run would write nothing anyhow */
};

/* A complaint as a program would want it: see diag_get. */
struct diag_entry {
    const char *severity, *path, *message, *hint; /* "error", "warning", "note"; the hint may be NULL */
};

/* Complain about a place in a file: a byte offset, or SOURCE_WHOLE. */
void diag_error(struct diag *diag, const struct source *source, uint32_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void diag_warning(struct diag *diag, const struct source *source, uint32_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same in the name of a rule, which is printed behind the message: "[-Wname]". With `error`, as an error. */
void diag_named(struct diag *diag, bool error, const char *rule, const struct source *source, uint32_t offset, const char *format,
                va_list list);

/* Something worth knowing, though nothing is wrong. */
void diag_remark(struct diag *diag, const struct source *source, uint32_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Add a line to the last complaint: more about it, or what to do. */
void diag_note(struct diag *diag, const char *format, ...) __attribute__((format(printf, 2, 3)));
void diag_hint(struct diag *diag, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Add what to write instead to the last complaint: `text` in place of the bytes [begin, end) of its file, which lie in one line; an insertion
 * where they are none. It is printed under that place.
 */
void diag_fix(struct diag *diag, uint32_t begin, uint32_t end, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Forget the complaints about all other files. Returns how many errors are left. */
size_t diag_only(struct diag *diag, const struct source *source);

/* The complaint of this number, below diag->count, in the order in which they came. */
struct diag_entry diag_get(const struct diag *diag, size_t number);

/* Take back what was said about a file as a whole: its name was taken for that of something else. */
void diag_withdraw(struct diag *diag, const char *path);

/* Print all, sorted, with a count of the errors at the end; remarks when asked to. At most 100 errors are printed. */
void diag_print(struct diag *diag, FILE *file, bool colour, bool remarks);

#endif

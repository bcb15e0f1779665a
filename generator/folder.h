/*
 * folder.h - one folder, listed; and the migrations that are found in it
 */
#ifndef STELEC_FOLDER_H
#define STELEC_FOLDER_H

#include "migration.h"

struct entry {
    const char *name;
    bool is_folder;
};

struct folder {
    struct history *history;
    const char *directory;   /* as a path */
    const char *prefix;      /* before its files' names in messages and in the lock: "", or "2021_x/" of a folder below */
    const struct folder *above; /* that it was found in; NULL for the history's own */
    struct entry *entries;   /* by name, by bytes; without hidden files and editors' copies */
    size_t count;
};

/*
 * List a folder; with `below`, the one of that name inside it, which is empty when a link makes it one of those above. What can't
 * be read is told to the diag.
 */
struct folder folder_list(struct history *history, const char *directory);
struct folder folder_list_below(const struct folder *folder, const char *below);

/* Is there an entry of this name, a file or a folder? */
bool folder_has(const struct folder *folder, const char *name, bool is_folder);

/* Complain about a file or folder in it; what to do may be NULL. Such complaints come before those about contents. */
void folder_refuse(const struct folder *folder, const char *name, const char *message, const char *hint);
void folder_warn(const struct folder *folder, const char *name, const char *message, const char *hint);

/* Make must look at this, too: a path. */
void folder_add_input(struct history *history, const char *path);

/*
 * Add a migration of this file. `version` and `name` are what they are called by; of a repeatable one the version is "R", of a job "J".
 * A file whose name can't stand in a lock is complained about instead, and NULL returned.
 */
struct migration *folder_add(const struct folder *folder, const char *file, const char *version, const char *name);

/* Give a migration a file for one of its parts. The first file that it is made of becomes that of its up part. */
void folder_add_part(const struct folder *folder, struct migration *migration, file_kind kind, const char *file);

/* A file of the folder, as a source that isn't read yet. */
struct source *folder_source(const struct folder *folder, const char *file);

/* How many bytes of a name are the digits that it begins with. */
size_t leading_digits(const char *name);

/* Does `name` end in `ending`? */
bool ends_in(const char *name, const char *ending);

/* The text between two places of a name, as a string of its own. */
const char *folder_cut(const struct folder *folder, const char *begin, size_t length);

/*
 * Versions for a tool whose order isn't that of numbers: by name, or by a list. Ask for each in the tool's order. A version is
 * `digits`, where these are above the last one; else a version behind the last that still tells where it comes from:
 * 20240101 behind 20230615120000 becomes 20230615120000.20240101. So it only hangs on those before it.
 */
struct numbering {
    const char *last; /* NULL at the beginning */
};
const char *numbering_next(struct numbering *numbering, struct memory *memory, const char *digits);

/*
 * Warn of SQL that the history's layout doesn't read, unless it is what tools write beside. With `pass_over`, where files are
 * the migrations: one with a number, in a language that can't be run here, is an error.
 */
void folder_leave_out(const struct folder *folder, const struct entry *entry);
void folder_pass_over(const struct folder *folder, const struct entry *entry);

#endif

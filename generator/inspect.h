/*
 * inspect.h - what a program carries, printed and compared with what it should
 *
 * `stelec inspect PROGRAM` reads the sealed tables out of a file and never runs it. With --against, they are audited: by
 * a folder of migrations, or by a lock file alone.
 */
#ifndef STELEC_INSPECT_H
#define STELEC_INSPECT_H

#include "carried.h"
#include "lock.h"

#include <stdio.h>

/* What a program should carry: one migration, or a job. */
struct expected {
    enum carried_kind kind;
    const char *component, *version, *file, *source, *tokens, *state; /* state: "" for a job */
    bool by_lock;     /* which says nothing of repeatable ones, nor of jobs */
    const char *from; /* the folder or lock that says so */
    bool found;
};

struct inspection {
    struct memory *memory;
    struct diag *diag;
    struct source program; /* its path */
    struct carried_list tables;
    struct expected *expected;
    size_t count, capacity;
};

/* Expect what a lock says, or what a program of these folders would carry. */
void inspect_expect_lock(struct inspection *inspection, const struct lock *lock);
void inspect_expect_history(struct inspection *inspection, const struct history *all);

/* Compare what was read with what is expected; each disagreement is told to the diag. */
void inspect_compare(struct inspection *inspection);

/* Print the tables: for people, or as JSON, an object a line. */
void inspect_print(const struct inspection *inspection, FILE *file);
void inspect_print_json(const struct inspection *inspection, FILE *file);

#endif

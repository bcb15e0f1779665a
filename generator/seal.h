/*
 * seal.h - the migrations against stele.lock
 *
 * What is sealed stays as it is: an edited, removed, renamed or reordered migration is an error that names it. What is
 * new is sealed, behind the head of its component.
 */
#ifndef STELEC_SEAL_H
#define STELEC_SEAL_H

#include "lock.h"

#include <stdio.h>

struct seal_options {
    const char *const *amend; /* VERSION or COMPONENT/VERSION: sealed anew, whatever they are now */
    size_t amend_count;
    bool sealed; /* new migrations are errors */
    bool several; /* folders: an amend may be meant for another one, and files are printed with theirs */
};

/*
 * Compare, and put history->migrations into their sealed order, with their states. Every disagreement is told to the
 * diag. `lock` must have been read.
 */
void seal(struct lock *lock, struct history *history, const struct seal_options *options);

/* Has it nothing to run on the way up? */
bool seal_is_empty(const struct migration *migration);

/* Warn of the files that this run seals though they hold no statement: a later edit of them will be refused. */
void seal_warn_empty(struct history *history);

/* Complain about each amend whose component none of these folders has. For several folders. */
void seal_check_amends(const struct lock *locks, struct history *const *parts, size_t count,
                       const struct seal_options *options);

/* Print what was sealed, amended or removed by this run, a line each; with its folder where there are several. */
void seal_print(const struct lock *lock, const struct history *history, const struct seal_options *options, FILE *file);

#endif

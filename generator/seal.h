/*
 * seal.h - the migrations against stele.lock
 *
 * What is sealed stays as it is: an edited, removed, renamed or reordered migration is an error that names it. What is
 * new is sealed, behind the head of its component.
 */
#ifndef STELEC_SEAL_H
#define STELEC_SEAL_H

#include "lock.h"

struct seal_options {
    const char *const *amend; /* VERSION or COMPONENT/VERSION: sealed anew, whatever they are now */
    size_t amend_count;
    bool sealed; /* new migrations are errors */
};

/*
 * Compare, and put history->migrations into their sealed order, with their states. Every disagreement is told to the
 * diag. `lock` must have been read.
 */
void seal(struct lock *lock, struct history *history, const struct seal_options *options);

#endif

/*
 * squash.h - a history that begins with one file for all that was before it
 *
 * "-- stele: squashes 050 d1:... \"release 1.4\"" stands in the first file of a component, whose version is above 050. What it stands for is
 * not in the folder any more; the digest says exactly what that was, and stele.lock still had it.
 */
#ifndef STELEC_SQUASH_H
#define STELEC_SQUASH_H

#include "lock.h"

/* The file that stands for this version of a component; or NULL. */
struct migration *squash_of(const struct history *history, const char *component, const char *version);

/* Is all well with those that stand for others? `sealed` for a run that may not change the lock. What is wrong is told to the diag. */
void squash_check(const struct lock *lock, const struct history *history, bool sealed);

#endif

/*
 * history.h - the phases that look at each file, and what must hold between files
 */
#ifndef STELEC_HISTORY_H
#define STELEC_HISTORY_H

#include "cache.h"
#include "lock.h"

/*
 * Read every migration, the versioned ones first: its text, directives, statements, trees, steps. Goes on after errors. Files that
 * the cache knows are not parsed.
 */
void history_read(struct history *history, struct cache *cache);

/* Have no two migrations of a component one version? That is told; the lock says which of them is the newcomer. Before sealing. */
bool history_check(struct history *history, const struct lock *lock);

/* Check that no two have one name in the generated C. For all folders of a program together. */
void history_check_names(struct history *history);

/* Compute the state digest of each versioned migration: that of its component up to and including it. */
void history_compute_states(struct history *history);

#endif

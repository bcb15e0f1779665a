/*
 * history.h - the phases that look at each file, and what must hold between files
 */
#ifndef STELEC_HISTORY_H
#define STELEC_HISTORY_H

#include "migration.h"

/* Read every migration: its text, directives, statements, trees, steps. Goes on after errors. */
void history_read(struct history *history);

/* Check what two migrations can't both be: versions, and names in the generated C. Before sealing. */
void history_check(struct history *history);

/* Check that each "after" names a migration that comes before. After sealing, which gives the order. */
void history_check_order(struct history *history);

/* Compute the state digest of each migration: that of its component up to and including it. */
void history_compute_states(struct history *history);

#endif

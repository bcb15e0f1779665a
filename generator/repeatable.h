/*
 * repeatable.h - R_name.sql: what runs behind all versioned migrations, again whenever it changes
 */
#ifndef STELEC_REPEATABLE_H
#define STELEC_REPEATABLE_H

#include "../runtime/checksum.h"
#include "migration.h"

/* Refuse what a repeatable migration can't hold: it is one transaction. After it was cut into steps. */
void repeatable_check(struct history *history, struct migration *migration);

/*
 * Put all repeatable migrations behind those that they come after, else by name, whose dependencies order.c has
 * found. Those that wait for one another are told to the diag; then false.
 */
bool repeatable_order(struct history *all);

/* The repeatable ones that this one comes after, each once, by name: what its checksum covers besides its text. */
stele_source_member *repeatable_members(struct memory *memory, const struct migration *migration, size_t *count);

/* Compute their checksums, which cover those that they come after, and their states. In their order. */
void repeatable_sum(struct history *all);

#endif

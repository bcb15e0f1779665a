/*
 * probe.h - what can be asked of the catalogs after a crash in the middle of a statement outside a transaction
 *
 * Only the statement's tree knows what it makes, drops or leaves behind. So it is written down here, at build time, and asked by the
 * runtime's probe.c, in the one case in which the ledger doesn't tell how a step ended.
 */
#ifndef STELEC_PROBE_H
#define STELEC_PROBE_H

#include "migration.h"

/* The probe of a statement that runs alone. `tree` is a Node of PostgreSQL's raw parser; it isn't kept. */
stele_probe probe_of(const struct history *history, const struct migration *migration, const struct statement *statement, const void *tree);

/* That of one without a tree. */
stele_probe probe_of_unparsed(const struct migration *migration, const struct statement *statement);

/* What the next up or down then does, in words. */
const char *probe_words(struct memory *memory, const stele_probe *probe);

#endif

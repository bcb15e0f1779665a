/*
 * keep.h - what reading a file found out, in one piece
 *
 * While a file is read its lists grow, and what they outgrow is left behind. Afterwards all that later phases need of it is put into a
 * record: bytes that hold no address, so that they can be kept from one run to the next (cache.h), and that are read back into lists of
 * just their size. What isn't in the record: the text, what scan.c knows, the sums of other files, and a Lua file's modules.
 */
#ifndef STELEC_KEEP_H
#define STELEC_KEEP_H

#include "migration.h"
#include "pool.h"

/* Write the record of a migration that was read. */
void keep_write(stele_text *record, const struct migration *migration);

/*
 * Fill the migration from a record. False when it isn't one of this stelec's; the migration is then what it was.
 */
bool keep_read(struct pool *pool, struct migration *migration, const char *record, size_t length);

#endif

/*
 * order.h - the histories of all folders, joined in the one order in which they are applied
 *
 * Each folder's own order is that of its lock. The folders follow one another as the command line has them, except where
 * an "after" demands that one of another folder comes first. Behind all of them stand the repeatable ones.
 */
#ifndef STELEC_ORDER_H
#define STELEC_ORDER_H

#include "migration.h"

/*
 * Check that each of several folders is another one, and has components of its own: its versions are counted, and sealed, by
 * themselves. Told to the diag.
 */
void order_check_components(struct history *const *parts, size_t count);

/*
 * Join what was read from `count` folders into `all`: its migrations, then its repeatables, with their checksums and
 * states, its jobs, and its parameters. What an "after" names and isn't there, or can't come before, is told to the diag.
 */
void order_join(struct history *all, struct history *const *parts, size_t count);

#endif

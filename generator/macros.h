/*
 * macros.h - no macro of the header may stand for two things
 */
#ifndef STELEC_MACROS_H
#define STELEC_MACROS_H

#include "schema.h"

/*
 * Complain where a migration's macro is that of a dimension, a parameter, a component's tables or its head as well: STELE_DIM_note_2 is
 * the second migration of a component DIM_note, and the dimension of a column "2" of "note". Two migrations of one macro, or two
 * dimensions, are told elsewhere.
 */
void macros_check(const struct history *all, const struct schema *schema);

#endif

/*
 * effect.h - what a deed comes to, given what was there before
 *
 * The lock stands in the deed. This room tells the rest: does it write the table anew or read all of it under that lock, does it destroy
 * data, can a program that was built before it live with it. The rules are PostgreSQL's: which ALTER TABLE rewrites is in its
 * manual and in tablecmds.c (ATColumnChangeRequiresRewrite and what calls it).
 */
#ifndef STELEC_EFFECT_H
#define STELEC_EFFECT_H

#include "catalog.h"

enum {
    EFFECT_FRESH = 1 << 0,    /* what it is done to was made by the same migration: nobody waits for it, no rows are lost */
    EFFECT_REWRITES = 1 << 1, /* the whole table is written anew */
    EFFECT_SCANS = 1 << 2,    /* the whole table is read, or an index built over it, under the lock */
    EFFECT_UNSURE = 1 << 3,   /* with REWRITES: or perhaps not, that depends on what isn't known here */
    EFFECT_DESTROYS = 1 << 4, /* rows or values that were there are gone */
    EFFECT_BREAKS = 1 << 5    /* an older program may fail afterwards; deed->breaks says why */
};

/* What a change of type does to the rows. */
typedef enum type_change { TYPE_SAME, TYPE_WIDENED, TYPE_REWRITTEN, TYPE_UNKNOWN } type_change;

/* From `old` (NULL: unknown) to `new`, without a USING. */
type_change effect_of_types(const struct type_name *old, const struct type_name *new);

/* Is it one of pgvector's: vector, halfvec, sparsevec? */
bool effect_is_vector(const struct type_name *type);

/* Is it a domain that refuses values, or null, as far as this history tells? A new column of it is written into every row. */
bool effect_is_checked(const struct catalog *catalog, const struct type_name *type);

/* Note in the deed what it comes to, and what else it locks. The catalog is that before it. */
void effect_derive(const struct catalog *catalog, struct deed *deed);

/* Can an older program live with the migration: does it break something, unless its file says otherwise? And may it do anything? */
bool effect_contracts(const struct migration *migration);
bool effect_is_opaque(const struct migration *migration);

/* The lock's name as PostgreSQL's manual has it: "ACCESS EXCLUSIVE". "" for none. */
const char *effect_lock_name(lock_mode lock);

#endif

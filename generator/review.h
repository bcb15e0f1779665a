/*
 * review.h - the walk through the joined history, with a catalog beside it
 *
 * Deed by deed, in the order of application: what it comes to (effect.h) is noted in it, each rule (warn.h) looks at it with the catalog as
 * it was before, then the catalog follows. Statements of a down part are looked at with the schema as the up part leaves it, and change nothing.
 */
#ifndef STELEC_REVIEW_H
#define STELEC_REVIEW_H

#include "catalog.h"
#include "effect.h"
#include "sums.h"

struct warn_options;

/* Where the walk stands; what a rule may look at. */
struct review {
    struct memory *memory;
    struct history *all;
    const struct warn_options *options;
    struct catalog *catalog;
    struct migration *migration;
    const struct statement *statement; /* NULL at the end of a migration */
    const struct deed *deed;           /* NULL there, too */
    struct sums sums;    /* for whoever sums up, one at a time */
    const stele_step *backfilled;      /* the last one that ddl-with-backfill spoke of: once is enough */
    const struct updates *updates;     /* of the whole history, once warn_data.c needs them */
    struct unknown_table *unknown;     /* what unknown.c speaks of at the end */
    struct thing *thing; /* what the deed is done to, or the table of it: NULL where nothing is known of it */
};

/* Walk. Returns the catalog as the whole history leaves it. */
struct catalog *review(struct history *all, const struct warn_options *options);

#endif

/*
 * follow_inside.h - what the rooms of the triggers share
 *
 *     follow_function.c   the function that they call
 *     follow.c            who has them
 *     follow_end.c        the end of them
 */
#ifndef STELE_JOB_FOLLOW_INSIDE_H
#define STELE_JOB_FOLLOW_INSIDE_H

#include "after.h"

enum { STELE_FOLLOW_CREATE_WAIT = 1000, STELE_FOLLOW_DROP_WAIT = 200 }; /* milliseconds: whoever waits behind us for the table waits so long, too */

/* The table with all below it, $1, as `tree`; and their numbers in a row. */
#define STELE_FOLLOW_TREE                                                                                                            \
    "WITH RECURSIVE tree(oid) AS (SELECT $1::pg_catalog.oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN tree AS t" \
    " ON i.inhparent OPERATOR(pg_catalog.=) t.oid)"
#define STELE_FOLLOW_NUMBERS "(SELECT pg_catalog.string_agg(t.oid::pg_catalog.text, ' ' ORDER BY t.oid) FROM tree AS t)"

/* How the function begins: with the tables that it was made for. So one that isn't below the table any more is found, or is there again; its rows went and came without a trigger. */
#define STELE_FOLLOW_OF "-- of "

/* What the function does when its triggers are about to be dropped: nothing. Where they then weren't, it has to be made anew. */
#define STELE_FOLLOW_IDLE "BEGIN RETURN NULL; END"

/* Its name, as SQL writes it, without brackets. */
void stele_follow_name(const stele_job *job, stele_text *text);

/* Make it; and see that `where` means something there, now and not when somebody writes. */
stele_status stele_follow_make_function(stele_job *job, const stele_job_shape *shape, stele_error *error);

/* CREATE FUNCTION, which then does nothing. */
void stele_follow_put_idle(const stele_job *job, stele_text *text);

/* Of a job that doesn't embed: may something have been changed that nobody noted? */
stele_status stele_follow_find_gap(stele_job *job, bool *gap, stele_error *error);

#endif

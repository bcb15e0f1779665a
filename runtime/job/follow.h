/*
 * follow.h - triggers that note the keys of rows that are changed while a job lasts
 *
 *     follow.c            the triggers: made, looked for, dropped
 *     follow_function.c   their function: what it notes, and as whom it runs
 *
 * One function for each job, in the ledger's schema and of its owner; and for each of the table, its partitions and children, four triggers, since a
 * statement that names a partition fires only that one's. They are triggers of statements, with transition tables: what an application pays is one more
 * INSERT per statement, of the keys of rows whose input was changed: measured with PostgreSQL 17, some 70 us a statement, and of rows of 800 bytes 8 to 18 us each. They see rows that come by
 * INSERT, COPY, MERGE, ON CONFLICT, cascades, and rows that move between partitions; not those of ATTACH and DETACH PARTITION, nor what logical replication applies. A writer needs no right on
 * stele's tables, and a writer is never failed by them: what can't be evaluated any more, after a column went, notes that everything is to be looked at.
 */
#ifndef STELE_JOB_FOLLOW_H
#define STELE_JOB_FOLLOW_H

#include "after.h"

enum { STELE_FOLLOW_WAIT = 1000 }; /* milliseconds for a lock: whoever waits behind us for the table waits so long, too */

/* What the function does when its triggers are about to be dropped: nothing. Where they then weren't, it has to be made anew. */
#define STELE_FOLLOW_IDLE "BEGIN RETURN NULL; END"

/* Its name, with "()" behind. */
void stele_follow_name(const stele_job *job, stele_text *text);

/* Make the function; and see that `where` means something there, now and not when somebody writes. Of a job that embeds, a gap (see below) is noted as everything. */
stele_status stele_follow_make_function(stele_job *job, const stele_job_shape *shape, stele_error *error);

/* Write the statement that makes it do nothing. */
void stele_follow_put_idle(const stele_job *job, stele_text *text);

/*
 * Is there the function already, though a trigger is missing or was off, so that nobody noted what was changed meanwhile? Of a job that embeds: false, since there all is looked at; of another
 * one, all that can be done is to say so.
 */
stele_status stele_follow_find_gap(stele_job *job, bool *gap, stele_error *error);

#endif

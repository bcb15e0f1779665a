/*
 * stripe.h - in what order the rows of a chunk are written that are changed where they are
 *
 * An update makes a new version of its row. Where that finds room on the same page, and no index has a column that changed, no index gets an entry, and the table doesn't grow (HOT). A full page has
 * room only where a version was that nobody sees any more, which one of this very transaction never is. So a transaction must not change many rows of a page: the rows of each page are spread
 * evenly over the chunk, and a write has only a small part of it. The first of a page have to leave it; those that come after have the room of those before.
 *
 * What was written has moved, so that nobody could find this order again. It is fixed before the first row is written: chunk.keys has the keys in it, and the chunk's cursor is how many of them are
 * done. A row that comes later isn't among them, as one that comes behind the cursor isn't.
 */
#ifndef STELE_JOB_STRIPE_H
#define STELE_JOB_STRIPE_H

#include "chunk.h"

/*
 * So many writes has a chunk, at least: a page that is full loses as large a share of its rows, or one row. With 16, pages of 18 rows of 440 bytes lost three, with 24 two. Where most pages have one or
 * two of the chunk's rows, no write has two of one, and so it may have half as many rows as there are pages.
 */
enum { STELE_STRIPE_WRITES = 24 };

/* Fix the order of a chunk of which nothing is written yet. Where it isn't this worker's any more it has no rows: the fence then tells. */
stele_status stele_stripe_make(stele_job *job, const stele_job_shape *shape, stele_job_chunk *chunk, stele_error *error);

/* How many rows a write may have. */
size_t stele_stripe_rows(const stele_job_chunk *chunk);

/* " FROM ..., the chunk's keys from `begin` to `end`, with the table as s, ON ...": "stele place" is a key's number, from 1 on behind `begin`. */
void stele_stripe_from(const stele_job *job, const stele_job_shape *shape, const stele_job_chunk *chunk, int64_t begin, int64_t end, stele_text *sql);

#endif

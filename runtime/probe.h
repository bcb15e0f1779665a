/*
 * probe.h - what became of a step that the ledger can't tell
 *
 * CREATE INDEX CONCURRENTLY leaves an INVALID index behind when it fails, or when its process dies. With IF
 * NOT EXISTS the next try would take that for the index. So the catalogs are asked, before a step is tried again and after it.
 */
#ifndef STELE_PROBE_H
#define STELE_PROBE_H

#include "pq.h"
#include "stele.h"

/* Where the index of a step is looked for, by its name, c.relname, and its table, i.indrelid. */
#define STELE_PROBE_FROM                                                                                  \
    " FROM pg_catalog.pg_index AS i"                                                                      \
    " JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid"                         \
    " JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"

/*
 * Before a step that was begun before: drop an invalid index that it left. `*done` is set when the index stands, and
 * it was in doubt whether the step had ended: then there is nothing left to do.
 */
stele_status stele_probe_again(stele_link *link, const stele_step *step, bool in_doubt, bool *done, stele_error *error);

/* After a step that the server says is done: it isn't when its index is invalid. */
stele_status stele_probe_done(stele_link *link, const stele_step *step, stele_error *error);

/* After a step that failed: say in the hint what it left. */
void stele_probe_failed(stele_link *link, const stele_step *step, stele_error *error);

#endif

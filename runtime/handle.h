/*
 * handle.h - what a handle holds; for the rooms of the runtime only
 */
#ifndef STELE_HANDLE_H
#define STELE_HANDLE_H

#include <stdbool.h>

#include "ledger.h"
#include "mem.h"
#include "plan.h"
#include "pq.h"
#include "stele.h"
#include "value.h"

struct stele {
    stele_link link;
    const stele_migrations *table;
    stele_options options;
    const char *schema; /* of the ledger, quoted */
    stele_values values;
    stele_arena arena; /* lives as long as the handle */
};

/* Take the table and the options, without a connection. Returns OK; USAGE as stele_open; FAILED for memory. */
stele_status stele_handle_prepare(stele *handle, const stele_migrations *table, const stele_options *options, stele_error *error);

/* What the boot check found, in its arena: the heads of the table's components and how far each is. */
typedef struct stele_glance {
    stele_head *heads;
    bool exists;     /* is there a ledger? */
    bool settled;    /* every component is at some point of the table, and nothing is wrong */
    size_t pending;  /* migrations, when settled */
    int64_t rows;    /* of the ledger, of these components */
} stele_glance;

/* Look at the heads: one round trip. Agrees the parameters, too. */
stele_status stele_look(stele *handle, stele_glance *glance, stele_arena *arena, stele_error *error);

/* The whole ledger, `expected` rows if that is known, against the whole table: read, prove, survey. The caller frees the ledger. */
stele_status stele_read_all(stele *handle, int64_t expected, stele_ledger *ledger, stele_survey *survey, stele_arena *arena,
                            stele_error *error);

/* The same without the proof: for repairs. */
stele_status stele_read_found(stele *handle, int64_t expected, stele_ledger *ledger, stele_survey *survey, stele_arena *arena,
                              stele_error *error);

/*
 * Is a component ahead of the program, which can live with that? Then tell the progress callback, unless `result` says so already, and fill it:
 * what a glance can't. `result` may be NULL.
 */
void stele_ahead_tell(const stele *handle, const stele_survey *survey, stele_result *result);

/* Do the parameters in force agree, as the components' last rows have them? */
stele_status stele_survey_values(stele *handle, const stele_survey *survey, stele_error *error);

/* Fill a result from a glance. `result` may be NULL. */
void stele_result_fill(stele_result *result, const stele *handle, const stele_glance *glance);

#endif

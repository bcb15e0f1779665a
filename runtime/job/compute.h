/*
 * compute.h - what becomes of a row between its being read and its being written; for flow.c and trial.c
 */
#ifndef STELE_JOB_COMPUTE_H
#define STELE_JOB_COMPUTE_H

#include "page.h"

/* What the script makes of each row of a page; texts go to the provider, that of the first row with the tag `tag`. */
stele_status stele_page_compute(stele_job *job, stele_provider *provider, stele_page *page, uint64_t tag, stele_error *error);

/* What text(row) returned goes to the provider; or is what the slot comes to at once. */
stele_status stele_slot_take_text(const stele_job *job, stele_provider *provider, stele_slot *slot, const stele_script_text *text, uint64_t tag, stele_error *error);

/* What map(row) returned is to be written. UNMET where the job would take that for a change, and do it again. */
stele_status stele_slot_take_columns(const stele_job *job, stele_slot *slot, const stele_script_columns *columns, stele_error *error);

/* What the provider answered. */
stele_status stele_slot_take_vector(const stele_job *job, const stele_job_shape *shape, stele_slot *slot, const stele_embedding *e, stele_error *error);

#endif

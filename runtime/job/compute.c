/* From a row to what is to be written: what the script makes of it, and what the provider answers. */
#include "compute.h"

#include <stdio.h>
#include <string.h>

#include "../error.h"
#include "write.h"

static stele_status text_failed(stele_slot *slot, const stele_error *why, const char *stage, stele_error *error)
{
    const char *code = why->sqlstate[0] != '\0' ? why->sqlstate : "lua";
    char place[240] = "", message[900];
    if (why->file[0] != '\0' && why->line > 0)
        snprintf(place, sizeof place, "%.200s:%u: ", why->file, why->line);
    snprintf(message, sizeof message, "%s%.400s%s%.200s", place, why->message, why->detail[0] != '\0' ? ": " : "", why->detail);
    return stele_slot_give_up(slot, stage, code, message, error);
}

stele_status stele_slot_take_text(const stele_job *job, stele_provider *provider, stele_slot *slot, const stele_script_text *text, uint64_t tag, stele_error *error)
{
    if (text->failed)
        return text_failed(slot, &text->error, "text", error);
    if (!text->is_nil) {
        slot->state = STELE_SLOT_WAITS;
        return stele_provider_submit(provider, tag, text->text, text->length, error);
    }
    if (!job->spec->null_for_empty)
        return stele_slot_give_up(slot, "text", "empty", "there is no text to embed", error);
    slot->state = STELE_SLOT_WRITES;
    slot->is_null = true;
    return STELE_OK;
}

/* What is followed, and written into what is read, is a change that is done again, at each run. The script's fault, and so none of the row. */
static stele_status check_feedback(const stele_job_spec *spec, const stele_script_columns *columns, stele_error *error)
{
    for (size_t i = 0; spec->follows && !columns->is_nil && i < columns->count; i++)
        for (size_t k = 0; k < spec->read_count; k++)
            if (strcmp(columns->names[i], spec->reads[k]) == 0) {
                stele_error_set(error, STELE_UNMET, "map returned the column \"%s\", which is in read: what the job \"%s\" writes it would take for a change, and do again",
                                columns->names[i], spec->name);
                stele_error_hint(error, "nothing of this row was written; have map write another column, or leave follow out, so that each row is done once");
                return STELE_UNMET;
            }
    return STELE_OK;
}

stele_status stele_slot_take_columns(const stele_job *job, stele_slot *slot, const stele_script_columns *columns, stele_error *error)
{
    if (columns->failed)
        return text_failed(slot, &columns->error, "map", error);
    stele_status status = check_feedback(job->spec, columns, error);
    if (status != STELE_OK)
        return status;
    slot->state = columns->is_nil || columns->count == 0 ? STELE_SLOT_LEAVES : STELE_SLOT_WRITES;
    for (size_t i = 0; !columns->is_nil && i < columns->count; i++)
        stele_columns_put(&slot->value, columns->names[i], columns->values[i], columns->lengths[i]);
    return slot->value.failed ? stele_error_memory(error) : STELE_OK;
}

stele_status stele_page_compute(stele_job *job, stele_provider *provider, stele_page *page, uint64_t tag, stele_error *error)
{
    int first = stele_page_reads(job);
    stele_script_text text;
    stele_script_columns columns;
    stele_status status = STELE_OK;
    for (int i = 0; i < page->count && status == STELE_OK; i++) {
        stele_slot *slot = &page->slots[i];
        if (job->spec->kind == STELE_JOB_RUNS_SQL) {
            slot->state = STELE_SLOT_WRITES;
        } else if (job->spec->kind == STELE_JOB_MAPS) {
            status = stele_script_row_map(job->script, page->rows, i, stele_page_seen_keys(job), first, &columns, error);
            if (status == STELE_OK)
                status = stele_slot_take_columns(job, slot, &columns, error);
        } else {
            status = stele_script_row_text(job->script, page->rows, i, stele_page_seen_keys(job), first, &text, error);
            if (status == STELE_OK)
                status = stele_slot_take_text(job, provider, slot, &text, tag + (uint64_t)i, error);
        }
    }
    return status;
}

stele_status stele_slot_take_vector(const stele_job *job, const stele_job_shape *shape, stele_slot *slot, const stele_embedding *e, stele_error *error)
{
    if (e->vector == NULL)
        return stele_slot_give_up(slot, "embed", e->code, e->message, error);
    switch (stele_vector_write(&slot->value, shape->vector_kind, e->vector, job->spec->provider.dimensions)) {
    case STELE_VECTOR_FITS: slot->state = STELE_SLOT_WRITES; return STELE_OK;
    case STELE_VECTOR_TOO_LARGE: return stele_slot_give_up(slot, "embed", "overflow", "a number of the vector is too large for halfvec", error);
    case STELE_VECTOR_TOO_DENSE: return stele_slot_give_up(slot, "embed", "too-dense", "the vector has more than 16,000 numbers that aren't 0, too many for sparsevec", error);
    case STELE_VECTOR_NO_MEMORY: break;
    }
    return stele_error_memory(error);
}

#include "probe.h"

#include "error.h"
#include "mem.h"

/* What there is of the index that a step builds; NONE also for a step that builds none. */
typedef enum index_state { NONE, INVALID, VALID } index_state;

/* The index by its name and table; `name` gets it as DROP takes it, when it isn't NULL. */
static stele_status look(stele_link *link, const stele_step *step, index_state *state, stele_text *name,
                         stele_error *error)
{
    const char *values[] = {step->index, step->table};
    stele_rows *rows;
    *state = NONE;
    if (step->index == NULL)
        return STELE_OK;
    stele_status status = stele_link_query(
        link,
        "SELECT i.indisvalid, pg_catalog.format('%I.%I', n.nspname, c.relname)" STELE_PROBE_FROM
        " WHERE c.relname OPERATOR(pg_catalog.=) $1 AND i.indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($2)",
        2, values, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) > 0) {
        *state = stele_rows_true(rows, 0, 0) ? VALID : INVALID;
        if (name != NULL)
            stele_text_string(name, stele_rows_text(rows, 0, 1));
    }
    stele_rows_free(rows);
    return status;
}

stele_status stele_probe_again(stele_link *link, const stele_step *step, bool in_doubt, bool *done, stele_error *error)
{
    index_state state;
    stele_text drop = {0};
    stele_text_string(&drop, "DROP INDEX CONCURRENTLY ");
    stele_status status = look(link, step, &state, &drop, error);
    *done = status == STELE_OK && in_doubt && state == VALID;
    if (status == STELE_OK && state == INVALID)
        status = drop.failed ? stele_error_memory(error) : stele_link_run(link, drop.bytes, error);
    stele_text_free(&drop);
    return status;
}

stele_status stele_probe_done(stele_link *link, const stele_step *step, stele_error *error)
{
    index_state state;
    stele_status status = look(link, step, &state, NULL, error);
    if (status != STELE_OK || state != INVALID)
        return status;
    stele_error_set(error, STELE_FAILED, "index \"%s\" was there already, and is invalid", step->index);
    stele_error_hint(error, "an earlier build of it failed; the next try drops it and builds it anew");
    return STELE_FAILED;
}

void stele_probe_failed(stele_link *link, const stele_step *step, stele_error *error)
{
    index_state state;
    if (!stele_link_alive(link) || look(link, step, &state, NULL, NULL) != STELE_OK || state != INVALID)
        return;
    if (error->hint[0] == '\0')
        stele_error_hint(error, "it left the invalid index \"%s\"; the next try drops it and builds it anew", step->index);
}

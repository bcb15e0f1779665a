/* Which model's vectors a search has to use, and where they are. */
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "job.h"

/* A name that is cut names something else. */
static bool take(char *out, size_t size, const char *text)
{
    bool fits = text != NULL && strlen(text) < size;
    if (fits)
        memcpy(out, text, strlen(text) + 1);
    return fits;
}

static stele_status take_space(const stele_rows *rows, const char *name, stele_space *out, stele_error *error)
{
    const struct {
        char *to;
        size_t size;
    } texts[] = {{out->job, sizeof out->job}, {out->model, sizeof out->model}, {out->relation, sizeof out->relation}, {out->vector, sizeof out->vector},
                 {out->metric, sizeof out->metric}, {out->since, sizeof out->since}};
    bool fits = true;
    for (int i = 0; i < 6; i++)
        fits &= take(texts[i].to, texts[i].size, stele_rows_text(rows, 0, i));
    out->dimensions = (unsigned)strtoul(stele_rows_text(rows, 0, 6), NULL, 10);
    return fits ? STELE_OK : stele_error_set(error, STELE_FAILED, "what is said of the space \"%s\" is longer than a name can be", name);
}

stele_status stele_space_find(stele *handle, const char *name, stele_space *out, stele_error *error)
{
    stele_text sql = {0};
    stele_rows *rows = NULL;
    stele_error own = {0};
    *out = (stele_space){.dimensions = 0};
    stele_error_clear(error);
    stele_text_print(&sql, "SELECT coalesce(j.name, ''), s.model, s.relation, s.vector, s.metric, pg_catalog.to_char(s.switched AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00'), s.dimensions"
                     " FROM %s.space AS s LEFT JOIN %s.job AS j ON j.id OPERATOR(pg_catalog.=) s.job WHERE s.name OPERATOR(pg_catalog.=) $1", handle->schema, handle->schema);
    stele_status status = sql.failed ? stele_error_memory(&own) : stele_link_query(&handle->link, sql.bytes, 1, &name, &rows, &own);
    bool missing = status == STELE_OK ? stele_rows_count(rows) == 0 : strcmp(own.sqlstate, "42P01") == 0 || strcmp(own.sqlstate, "3F000") == 0;
    if (missing) {
        stele_error_clear(&own);
        status = stele_error_set(&own, STELE_UNMET, "there is no space \"%s\" in this database", name);
        stele_error_hint(&own, "the switch of a job makes it: job switch NAME --reason TEXT");
    } else if (status == STELE_OK) {
        status = take_space(rows, name, out, &own);
    } else if (strcmp(own.sqlstate, "42501") == 0) {
        own.status = status = STELE_UNMET;
        stele_error_hint(&own, "grant this role USAGE on the schema %s, and SELECT on its tables space and job", handle->schema);
    }
    stele_rows_free(rows);
    stele_text_free(&sql);
    if (status != STELE_OK && error != NULL)
        *error = own;
    return status;
}

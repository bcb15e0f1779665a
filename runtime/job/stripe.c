#include "stripe.h"

#include <stdio.h>
#include <stdlib.h>

#include "../error.h"
#include "page.h"
#include "sql.h"

size_t stele_stripe_rows(const stele_job_chunk *chunk)
{
    int64_t part = chunk->listed / STELE_STRIPE_WRITES, few = chunk->pages / 2, most = part > few ? part : few;
    return !chunk->striped ? SIZE_MAX : most < 1 ? 1 : (size_t)most;
}

/* Each row's key, and which it is of how many of its page. A partition's pages are its own. */
static int put_places(stele_job *job, const stele_job_shape *shape, stele_job_chunk *chunk, stele_text *sql, const char **values)
{
    static const char pages[] = "s.tableoid, (s.ctid::pg_catalog.text::pg_catalog.point)[0]";
    stele_text_string(sql, "SELECT ARRAY[");
    stele_sql_key_texts(job, sql, "s");
    stele_text_print(sql, "]::pg_catalog.text AS key, s.tableoid AS part, s.ctid AS place, pg_catalog.row_number() OVER (PARTITION BY %s ORDER BY s.ctid) AS number,"
                          " pg_catalog.count(*) OVER (PARTITION BY %s) AS rows FROM %s AS s WHERE ",
                     pages, pages, job->spec->table);
    stele_job_pin(sql);
    int count = stele_page_range(job, shape, chunk, sql, values);
    stele_sql_where(job, sql);
    return count;
}

stele_status stele_stripe_make(stele_job *job, const stele_job_shape *shape, stele_job_chunk *chunk, stele_error *error)
{
    const char *values[2 * STELE_KEY_COLUMNS];
    stele_text sql = {0};
    stele_rows *rows = NULL;
    stele_job_put(&sql, job, "UPDATE @.chunk AS c SET keys = listed.keys FROM (SELECT coalesce(pg_catalog.array_agg(r.key ORDER BY (r.number OPERATOR(pg_catalog.-) 0.5::pg_catalog.float8)"
                             " OPERATOR(pg_catalog./) r.rows::pg_catalog.float8, r.part, r.place), '{}') AS keys, pg_catalog.count(*) FILTER (WHERE r.number OPERATOR(pg_catalog.=) 1) AS pages FROM (");
    int count = put_places(job, shape, chunk, &sql, values);
    stele_text_print(&sql, ") AS r) AS listed WHERE c.job OPERATOR(pg_catalog.=) %d AND c.no OPERATOR(pg_catalog.=) %lld AND c.epoch OPERATOR(pg_catalog.=) %d AND c.state OPERATOR(pg_catalog.=) 1"
                           " AND c.\"cursor\" IS NULL RETURNING pg_catalog.cardinality(c.keys), listed.pages", job->id, (long long)chunk->no, chunk->epoch);
    stele_status status = stele_sql_run(job, &sql, count, values, &rows, error);
    chunk->striped = status == STELE_OK;
    chunk->listed = chunk->pages = 0;
    if (status == STELE_OK && stele_rows_count(rows) > 0) {
        chunk->listed = strtoll(stele_rows_text(rows, 0, 0), NULL, 10);
        chunk->pages = strtoll(stele_rows_text(rows, 0, 1), NULL, 10);
    }
    stele_rows_free(rows);
    return status;
}

void stele_stripe_from(const stele_job *job, const stele_job_shape *shape, const stele_job_chunk *chunk, int64_t begin, int64_t end, stele_text *sql)
{
    stele_text_print(sql, " FROM (SELECT keys[%lld:%lld] FROM %s.chunk WHERE job OPERATOR(pg_catalog.=) %d AND no OPERATOR(pg_catalog.=) %lld) AS \"stele chunk\"(\"stele keys\")"
                          " CROSS JOIN LATERAL pg_catalog.unnest(\"stele keys\") WITH ORDINALITY AS \"stele listed\"(\"stele key\", \"stele place\") JOIN %s AS s ON ",
                     (long long)begin + 1, (long long)end, job->schema, job->id, (long long)chunk->no, job->spec->table);
    for (size_t i = 0; i < job->spec->key_count; i++) {
        stele_text_string(sql, i > 0 ? " AND s." : "s.");
        stele_job_name(sql, job->spec->keys[i]);
        stele_text_print(sql, " = (\"stele key\"::pg_catalog.text[])[%zu]::%s", i + 1, shape->key_types[i]);
    }
}

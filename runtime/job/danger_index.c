/* What is dangerous about indexes: those that are there while a job writes, and the one that it is to build. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "planning.h"

/* Of the vector indexes of the destination: name, method, and whether it has the column that is written. */
static stele_status ask_live(stele_job *job, const stele_job_shape *shape, stele_rows **rows, stele_error *error)
{
    static const char sql[] =
        "SELECT ic.relname, m.amname, EXISTS (SELECT FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) d.refobjid"
        " AND a.attnum OPERATOR(pg_catalog.=) d.refobjsubid WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid OPERATOR(pg_catalog.=) ic.oid"
        " AND d.refobjid OPERATOR(pg_catalog.=) i.indrelid AND a.attname OPERATOR(pg_catalog.=) $2) FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS ic ON ic.oid OPERATOR(pg_catalog.=) i.indexrelid"
        " JOIN pg_catalog.pg_am AS m ON m.oid OPERATOR(pg_catalog.=) ic.relam WHERE i.indrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND m.amname IN ('hnsw', 'ivfflat') ORDER BY 1";
    char into[16];
    const char *values[] = {into, job->spec->vector == NULL ? "" : job->spec->vector};
    snprintf(into, sizeof into, "%u", shape->into_oid);
    return stele_link_query(&job->handle->link, sql, 2, values, rows, error);
}

stele_status stele_job_live_index(stele_job *job, const stele_job_shape *shape, char *name, size_t size, stele_error *error)
{
    stele_rows *rows;
    stele_status status = ask_live(job, shape, &rows, error);
    name[0] = '\0';
    for (int i = 0; status == STELE_OK && i < stele_rows_count(rows) && name[0] == '\0'; i++)
        if (stele_rows_true(rows, i, 2))
            stele_error_copy(name, size, stele_rows_text(rows, i, 0));
    stele_rows_free(rows);
    return status;
}

/* Each write puts vectors into a graph that is there; and where the row itself is changed, that is so for each of its indexes. */
static stele_status look_at_live(stele_planning *plan, bool *hnsw, stele_error *error)
{
    const stele_job_spec *spec = plan->job->spec;
    stele_rows *rows;
    stele_status status = ask_live(plan->job, &plan->shape, &rows, error);
    for (int i = 0; status == STELE_OK && i < stele_rows_count(rows); i++) {
        const char *name = stele_rows_text(rows, i, 0), *method = stele_rows_text(rows, i, 1);
        *hnsw |= strcmp(method, "hnsw") == 0;
        if (stele_rows_true(rows, i, 2))
            stele_planning_danger(plan, false, "drop it, and have the job build it behind the load (index = ...): with an HNSW index a write takes some hundred times as long",
                              "the %s index \"%s\" is on the column that is written", method, name);
        else if (stele_job_in_place(plan->job))
            stele_planning_danger(plan, false, "give the vectors a table of their own; or lower the fillfactor, so that updates are HOT", "the %s index \"%s\" of %s gets an entry for each row that is changed, also where its own column isn't",
                              method, name, spec->table);
    }
    stele_rows_free(rows);
    return status;
}

/* Vacuum of an HNSW index could leave it broken before 0.8.4, and such a job leaves much to vacuum. */
static stele_status look_at_version(stele_planning *plan, bool hnsw, stele_error *error)
{
    static const char sql[] = "SELECT e.extversion, pg_catalog.string_to_array(substring(e.extversion from '^[0-9.]*[0-9]'), '.')::pg_catalog.int4[] OPERATOR(pg_catalog.<) '{0,8,4}'::pg_catalog.int4[]"
                              " FROM pg_catalog.pg_extension AS e WHERE e.extname OPERATOR(pg_catalog.=) 'vector'";
    stele_rows *rows;
    if (!hnsw || !stele_job_in_place(plan->job))
        return STELE_OK;
    stele_status status = stele_link_query(&plan->job->handle->link, sql, 0, NULL, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) > 0 && stele_rows_true(rows, 0, 1))
        stele_planning_danger(plan, true, "update pgvector to 0.8.4 or newer, and then ALTER EXTENSION vector UPDATE; or drop the index first",
                          "pgvector %s may leave an HNSW index broken when many updated rows are vacuumed", stele_rows_text(rows, 0, 0));
    stele_rows_free(rows);
    return status;
}

static void look_at_limit(stele_planning *plan, const stele_index_size *index)
{
    const char *type = index->kind == 'v' ? "vector" : index->kind == 'h' ? "halfvec" : index->kind == 's' ? "sparsevec" : "bit", *method = index->method == 'h' ? "hnsw" : "ivfflat";
    unsigned most = index->kind == 'v' ? 2000 : index->kind == 'h' ? 4000 : index->kind == 's' ? 1000 : 64000;
    if (index->method == ' ')
        return;
    if (index->method == 'i' && index->kind == 's')
        stele_planning_danger(plan, true, "use hnsw", "ivfflat has no index of sparsevec");
    else if (index->kind == 's' && index->dimensions > most)
        stele_planning_danger(plan, true, "use halfvec, or a model of fewer dimensions", "an index of sparsevec takes up to %u numbers that aren't 0, and the model's %u dimensions have hardly a 0", most, index->dimensions);
    else if (index->dimensions > most)
        stele_planning_danger(plan, true, index->kind == 'v' ? "use halfvec, as the column's type or in the index: ((embedding::halfvec(n)) halfvec_cosine_ops), up to 4,000; or fewer dimensions" : "use fewer dimensions",
                          "an %s index of %s has up to %u dimensions, and the model has %u", method, type, most, index->dimensions);
}

/* Once the graph doesn't fit any more, each further row is put into it on the disk. */
static stele_status look_at_memory(stele_planning *plan, const stele_index_size *index, stele_error *error)
{
    static const char sql[] = "SELECT s.setting::pg_catalog.float8 OPERATOR(pg_catalog.*) 1024, pg_catalog.current_setting('maintenance_work_mem') FROM pg_catalog.pg_settings AS s"
                              " WHERE s.name OPERATOR(pg_catalog.=) 'maintenance_work_mem'";
    const double megabyte = 1024.0 * 1024;
    char remedy[200];
    stele_rows *rows;
    if (index->method != 'h')
        return STELE_OK;
    stele_status status = stele_link_query(&plan->job->handle->link, sql, 0, NULL, &rows, error);
    if (status == STELE_OK && strtod(stele_rows_text(rows, 0, 0), NULL) < index->memory) {
        snprintf(remedy, sizeof remedy, "ALTER ROLE ... SET maintenance_work_mem = '%.0fMB' for the role that builds it, if the machine has that", index->memory / megabyte + 1);
        stele_planning_danger(plan, false, remedy, "the graph of the HNSW index takes some %.0f MB while it is built, and maintenance_work_mem is %s: the rest would be built many times slower", index->memory / megabyte,
                          stele_rows_text(rows, 0, 1));
    }
    stele_rows_free(rows);
    return status;
}

stele_status stele_planning_indexes(stele_planning *plan, stele_error *error)
{
    const stele_job_spec *spec = plan->job->spec;
    stele_index_size index;
    char name[300] = "";
    bool hnsw = false, valid = false;
    stele_status status = look_at_live(plan, &hnsw, error);
    if (status == STELE_OK)
        status = look_at_version(plan, hnsw, error);
    if (status != STELE_OK || spec->index == NULL || spec->kind != STELE_JOB_EMBEDS)
        return status;
    stele_index_measure(plan->job, &plan->shape, (double)plan->estimate.rows, &index);
    look_at_limit(plan, &index);
    status = stele_job_find_index(plan->job, &plan->shape, name, &valid, error);
    return status == STELE_OK && !valid ? look_at_memory(plan, &index, error) : status;
}

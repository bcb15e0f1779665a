/* What this role may not, or doesn't see. */
#include <stdio.h>
#include <string.h>

#include "../error.h"
#include "planning.h"

enum { MAY_READ, MAY_UPDATE, MAY_INSERT, MAY_READ_BACK, MAY_DELETE, MAY_TRIGGER, MAY_INDEX, HIDES, HIDES_THERE, MAY_MAKE, MAY_DROP, MAY_WORK };
static const char rights_sql[] =
    "SELECT coalesce((SELECT pg_catalog.bool_and(pg_catalog.has_column_privilege($1::pg_catalog.oid, k::pg_catalog.text, 'SELECT')) FROM pg_catalog.unnest($3::pg_catalog.text[] OPERATOR(pg_catalog.||) $5::pg_catalog.text[]) AS k), true),"
    " pg_catalog.has_table_privilege($2::pg_catalog.oid, 'UPDATE') OR pg_catalog.has_any_column_privilege($2::pg_catalog.oid, 'UPDATE'),"
    " pg_catalog.has_table_privilege($2::pg_catalog.oid, 'INSERT') OR pg_catalog.has_any_column_privilege($2::pg_catalog.oid, 'INSERT'),"
    " pg_catalog.has_table_privilege($2::pg_catalog.oid, 'SELECT') OR pg_catalog.has_any_column_privilege($2::pg_catalog.oid, 'SELECT'), pg_catalog.has_table_privilege($2::pg_catalog.oid, 'DELETE'),"
    " pg_catalog.has_table_privilege($1::pg_catalog.oid, 'TRIGGER') AND (pg_catalog.to_regnamespace($4) IS NULL OR pg_catalog.has_schema_privilege(pg_catalog.to_regnamespace($4)::pg_catalog.oid, 'CREATE')),"
    " (SELECT pg_catalog.pg_has_role(c.relowner, 'USAGE') AND pg_catalog.has_schema_privilege(c.relnamespace, 'CREATE') FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) $2::pg_catalog.oid),"
    " pg_catalog.row_security_active($1::pg_catalog.oid), pg_catalog.row_security_active($2::pg_catalog.oid),"
    " CASE WHEN pg_catalog.to_regnamespace($4) IS NULL THEN pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')"
    " ELSE pg_catalog.has_schema_privilege(pg_catalog.to_regnamespace($4)::pg_catalog.oid, 'CREATE') END,"
    " (SELECT pg_catalog.pg_has_role(c.relowner, 'USAGE') FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid),"
    " coalesce((SELECT pg_catalog.has_schema_privilege(pg_catalog.to_regnamespace($4)::pg_catalog.oid, 'USAGE') AND pg_catalog.bool_and(pg_catalog.has_table_privilege(c.oid, p))"
    " FROM pg_catalog.pg_class AS c CROSS JOIN pg_catalog.unnest('{SELECT,INSERT,UPDATE,DELETE}'::pg_catalog.text[]) AS p WHERE c.relnamespace OPERATOR(pg_catalog.=)"
    " pg_catalog.to_regnamespace($4)::pg_catalog.oid AND c.relname OPERATOR(pg_catalog.=) ANY ('{job,chunk,dead,dirty,worker}'::pg_catalog.name[])), true)";

static void tell_rights(stele_planning *plan, const stele_rows *rows)
{
    const stele_job_spec *spec = plan->job->spec;
    const char *table = spec->table, *target = stele_job_target(plan->job), *role = "run it as a role that may, such as the owner, or grant it";
    bool side = spec->into != NULL;
    if (!stele_rows_true(rows, 0, MAY_READ))
        stele_planning_danger(plan, true, role, "this role may not SELECT the columns of %s that the job reads", table);
    if (spec->kind != STELE_JOB_RUNS_SQL && !stele_rows_true(rows, 0, MAY_UPDATE))
        stele_planning_danger(plan, true, role, "this role may not UPDATE %s", target);
    if (side && !(stele_rows_true(rows, 0, MAY_INSERT) && stele_rows_true(rows, 0, MAY_READ_BACK) && stele_rows_true(rows, 0, MAY_DELETE)))
        stele_planning_danger(plan, true, role, "this role may not SELECT, INSERT and DELETE in %s", target);
    if (spec->follows && spec->triggers && !stele_rows_true(rows, 0, MAY_TRIGGER))
        stele_planning_danger(plan, false, "grant TRIGGER on it, and CREATE on the schema of the ledger", "this role may make no trigger on %s: rows that are changed meanwhile are found by going through it all again", table);
    if (spec->follows && spec->triggers && stele_rows_true(rows, 0, MAY_TRIGGER) && !stele_rows_true(rows, 0, MAY_DROP))
        stele_planning_danger(plan, false, "begin it as a role that is a member of the owner of the table; or leave job finish and job cancel to one", "this role can make triggers on %s, and can't drop them: that is for the owner of the table", table);
    if (stele_rows_true(rows, 0, HIDES))
        stele_planning_danger(plan, true, "run it as the owner, or as a role with BYPASSRLS", "row security hides rows of %s from this role: they would be left out without a word", table);
    if (side && stele_rows_true(rows, 0, HIDES_THERE))
        stele_planning_danger(plan, false, "run it as the owner, or as a role with BYPASSRLS", "row security is in force for this role on %s: what it hides counts as not done, and rows are inserted without COPY, which is slower", target);
}

/* One that is there already, as the script has it, isn't made. */
static stele_status tell_index(stele_planning *plan, const stele_rows *rows, stele_error *error)
{
    char name[300];
    bool valid;
    if (plan->job->spec->index == NULL || stele_rows_true(rows, 0, MAY_INDEX))
        return STELE_OK;
    stele_status status = stele_job_find_index(plan->job, &plan->shape, name, &valid, error);
    if (status == STELE_OK && !valid)
        stele_planning_danger(plan, true, "run it as the table's owner; or leave index out, and build it yourself", "this role may make no index on %s", stele_job_target(plan->job));
    return status;
}

/* The tables of jobs, which a first run makes. */
static stele_status tell_tables(stele_planning *plan, const stele_rows *rows, stele_error *error)
{
    bool there;
    stele_status status = stele_job_have_tables(plan->job, &there, error);
    if (status == STELE_OK && !there && !stele_rows_true(rows, 0, MAY_MAKE))
        stele_planning_danger(plan, true, "have the role that applies migrations run a job once, or grant CREATE on the schema", "this role may not make the tables of jobs in %s", plan->job->schema);
    if (status == STELE_OK && !stele_rows_true(rows, 0, MAY_WORK))
        stele_planning_danger(plan, true, "have their owner grant it these, and USAGE on the schema", "this role may not SELECT, INSERT, UPDATE and DELETE in the tables of jobs in %s", plan->job->schema);
    return status;
}

stele_status stele_planning_rights(stele_planning *plan, stele_error *error)
{
    const stele_job_spec *spec = plan->job->spec;
    char table[16], into[16];
    stele_arena arena = {0};
    stele_rows *rows = NULL;
    snprintf(table, sizeof table, "%u", plan->shape.table_oid);
    snprintf(into, sizeof into, "%u", plan->shape.into_oid);
    const char *values[] = {table, into, stele_key_array(&arena, spec->keys, spec->key_count), plan->job->schema, stele_key_array(&arena, spec->reads, spec->read_count)};
    bool failed = values[2] == NULL || values[4] == NULL;
    stele_status status = failed ? stele_error_memory(error) : stele_link_query(&plan->job->handle->link, rights_sql, 5, values, &rows, error);
    if (status == STELE_OK) {
        bool reads = stele_rows_true(rows, 0, MAY_READ);
        tell_rights(plan, rows);
        status = tell_index(plan, rows, error);
        if (status == STELE_OK)
            status = tell_tables(plan, rows, error);
        if (status == STELE_OK && !reads) /* so there is nothing to be sampled */
            status = stele_error_set(error, STELE_UNMET, "this role may not read %s", spec->table);
    }
    stele_rows_free(rows);
    stele_arena_free(&arena);
    return status;
}

stele_status stele_job_check_rights(stele_job *job, const stele_job_shape *shape, stele_error *error)
{
    stele_planning plan = {.job = job, .shape = *shape};
    stele_status status = stele_planning_rights(&plan, error);
    if (!plan.fatal || (status != STELE_OK && status != STELE_UNMET))
        return status;
    stele_error_clear(error);
    status = stele_error_set(error, STELE_UNMET, "%s", plan.first);
    stele_error_hint(error, "%s", plan.first_remedy);
    return status;
}

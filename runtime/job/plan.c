/*
 * plan.c - a look ahead: what a job takes, and what is dangerous about it
 *
 * Nothing is written, no provider is called, and no tables of jobs need be there. Every query is one statement, and what isn't read as a whole is a random sample of blocks. It is told of all the
 * job, also where some of it is done already.
 */
#include "planning.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../error.h"
#include "sql.h"
#include "state.h"
#include "write_sql.h"

enum { SAMPLE = 1000, COUNTED_BLOCKS = 4096, COUNT_MS = 20000 };

void stele_planning_danger(stele_planning *plan, bool fatal, const char *remedy, const char *what, ...)
{
    va_list list;
    char text[512];
    va_start(list, what);
    vsnprintf(text, sizeof text, what, list);
    va_end(list);
    const stele_job_danger danger = {.fatal = fatal, .what = text, .remedy = remedy};
    if (fatal && !plan->fatal) {
        stele_error_copy(plan->first, sizeof plan->first, text);
        stele_error_copy(plan->first_remedy, sizeof plan->first_remedy, remedy);
    }
    plan->fatal |= fatal;
    if (plan->each != NULL)
        plan->each(plan->data, &danger);
}

/* ---------------------------------------------------------------------- how many */

/* What PostgreSQL's planner does: as dense as it was when it was analyzed, over the blocks that there are now. */
stele_status stele_planning_measure(stele_job *job, const stele_job_shape *shape, stele_planning_size *size, stele_error *error)
{
    static const char sql[] =
        "SELECT coalesce(pg_catalog.sum(s.blocks), 0), CASE WHEN pg_catalog.bool_or(s.rows OPERATOR(pg_catalog.<) 0) THEN -1 ELSE coalesce(pg_catalog.sum(s.rows), 0) END FROM (SELECT b.blocks,"
        " CASE WHEN b.blocks OPERATOR(pg_catalog.=) 0 THEN 0 WHEN c.reltuples OPERATOR(pg_catalog.<) 0 OR c.relpages OPERATOR(pg_catalog.=) 0 THEN -1 ELSE"
        " c.reltuples::pg_catalog.float8 OPERATOR(pg_catalog./) c.relpages OPERATOR(pg_catalog.*) b.blocks END AS rows"
        " FROM pg_catalog.pg_class AS c CROSS JOIN LATERAL (SELECT pg_catalog.pg_relation_size(c.oid) OPERATOR(pg_catalog./) pg_catalog.current_setting('block_size')::pg_catalog.int8) AS b(blocks)"
        " WHERE c.relkind OPERATOR(pg_catalog.=) 'r' AND (c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid"
        " OR c.oid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree($1::pg_catalog.oid::pg_catalog.regclass) AS t WHERE t.isleaf))) AS s";
    stele_rows *rows;
    stele_status status = stele_sql_ask_about(job, sql, shape->table_oid, &rows, error);
    if (status == STELE_OK) {
        size->blocks = (double)stele_job_read_number(stele_rows_text(rows, 0, 0));
        size->rows = strtod(stele_rows_text(rows, 0, 1), NULL);
    }
    stele_rows_free(rows);
    return status;
}

/* Whole blocks are taken: a few too many rather than none. In thousandths of a percent, since printf may write a comma. */
void stele_planning_part(const stele_planning_size *size, double rows, char part[64])
{
    enum { LEAST = 100, FEW = 500 };
    double each = size->rows > 0 && size->blocks > 0 ? size->rows / size->blocks : 50;
    double blocks = fmax(LEAST, 2 * rows / fmax(each, 0.1));
    part[0] = '\0';
    if (size->blocks > FEW && blocks < size->blocks)
        snprintf(part, 64, " TABLESAMPLE SYSTEM (%lu / 1000.0)", (unsigned long)ceil(blocks / size->blocks * 100000));
}

/* Rows that the job is about, and the others: small tables are counted, of large ones a part is. */
static stele_status count_rows(stele_planning *plan, const stele_planning_size *size, stele_error *error)
{
    stele_job *job = plan->job;
    stele_rows *rows = NULL;
    stele_text sql = {0};
    unsigned long share = (unsigned long)ceil(COUNTED_BLOCKS / 2 / fmax(size->blocks, 1) * 100000);
    bool whole = size->blocks <= COUNTED_BLOCKS;
    stele_text_string(&sql, "SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE true");
    stele_sql_where(job, &sql);
    stele_text_print(&sql, ") FROM %s AS s", job->spec->table);
    if (!whole)
        stele_text_print(&sql, " TABLESAMPLE SYSTEM (%lu / 1000.0)", share);
    stele_status status = sql.failed ? stele_error_memory(error) : stele_job_bounded(job, COUNT_MS, NULL, sql.bytes, 0, NULL, &rows, error);
    stele_text_free(&sql);
    if (status != STELE_OK)
        return status;
    double counted = rows == NULL ? 0 : strtod(stele_rows_text(rows, 0, 0), NULL), wanted = rows == NULL ? 0 : strtod(stele_rows_text(rows, 0, 1), NULL);
    double part = counted > 0 ? wanted / counted : rows == NULL || size->blocks == 0 ? 1 : 0;
    plan->all_rows = whole && rows != NULL ? counted : size->rows >= 0 ? size->rows : counted * 100000.0 / (double)share;
    plan->estimate.rows = (int64_t)(plan->all_rows * part + 0.5);
    stele_rows_free(rows);
    return STELE_OK;
}

static stele_status take_sample(stele_planning *plan, stele_error *error)
{
    stele_planning_size size = {0};
    char part[64];
    stele_status status = stele_planning_measure(plan->job, &plan->shape, &size, error);
    if (status == STELE_OK)
        status = count_rows(plan, &size, error);
    if (status != STELE_OK)
        return status;
    plan->estimate.blocks = (int64_t)size.blocks;
    plan->estimate.by_blocks = plan->shape.by_blocks;
    double share = plan->all_rows > 0 ? (double)plan->estimate.rows / plan->all_rows : 1;
    stele_planning_part(&size, SAMPLE / fmax(share, 1e-6), part);
    status = stele_page_sample(plan->job, part, SAMPLE, &plan->page, error);
    plan->estimate.sample = plan->page.count;
    return status;
}

/* ------------------------------------------------------------------------ the whole */

/* What a run would be refused with before it looks at any table. */
static stele_status look_around(stele_planning *plan, stele_error *error)
{
    stele_job *job = plan->job;
    stele_result result;
    stele_provider *provider = NULL;
    stele_error own;
    stele_error_clear(&own);
    stele_status status = stele_check(job->handle, &result, &own);
    if (status == STELE_PENDING)
        stele_planning_danger(plan, true, "apply them first: a job stands behind all of its program's migrations", "migrations are pending");
    else if (status == STELE_NO_CONNECTION || status == STELE_CANCELLED)
        return *error = own, status;
    if (job->spec->kind == STELE_JOB_EMBEDS) {
        stele_error_clear(&own);
        if (stele_provider_open(&provider, &job->spec->provider, &job->options, &own) != STELE_OK)
            stele_planning_danger(plan, true, own.hint, "%s", own.message);
        stele_provider_close(provider);
    }
    for (size_t i = 0; i < job->spec->bind_count; i++)
        if (job->spec->bind_is_secret[i] && getenv(job->spec->binds[i].value) == NULL)
            stele_planning_danger(plan, true, "set it where the workers run", "the environment has no %s, which the statement needs as :%s", job->spec->binds[i].value, job->spec->binds[i].name);
    return STELE_OK;
}

/* What is refused before anything is read; without it there is nothing to go on with. */
static stele_status tell_refusal(stele_planning *plan, stele_status status, const stele_error *own, stele_error *error)
{
    if (status == STELE_UNMET && !plan->fatal)
        plan->place = *own;
    if (status == STELE_UNMET)
        stele_planning_danger(plan, true, own->hint, "%s", own->message);
    if (status != STELE_OK)
        *error = *own;
    return status;
}

static stele_status look_at(stele_planning *plan, stele_error *error)
{
    stele_error own;
    stele_error_clear(&own);
    stele_status status = stele_job_look_at(plan->job, &plan->shape, &own);
    return tell_refusal(plan, status, &own, error);
}

static stele_status check_sql(stele_planning *plan, stele_error *error)
{
    stele_error own;
    stele_error_clear(&own);
    stele_status status = stele_job_check_sql(plan->job, &plan->shape, &own);
    if (status == STELE_OK)
        status = stele_job_check_index(plan->job, &plan->shape, &own);
    return tell_refusal(plan, status, &own, error);
}

/* Whether it may write is no matter for the look: a replica will do for that. */
static stele_status check_session(stele_planning *plan, stele_error *error)
{
    stele_error own;
    stele_error_clear(&own);
    stele_status status = stele_job_check_session(plan->job, &own);
    return tell_refusal(plan, status, &own, error) == STELE_UNMET ? STELE_OK : status;
}

static stele_status look_ahead(stele_planning *plan, stele_error *error)
{
    stele_status status = look_around(plan, error);
    if (status == STELE_OK)
        status = check_session(plan, error);
    if (status == STELE_OK)
        status = look_at(plan, error);
    if (status == STELE_OK)
        status = stele_planning_rights(plan, error);
    if (status == STELE_OK)
        status = check_sql(plan, error);
    if (status == STELE_OK)
        status = take_sample(plan, error);
    if (status == STELE_OK)
        status = stele_planning_estimate(plan, error);
    if (status == STELE_OK)
        status = stele_planning_tables(plan, error);
    if (status == STELE_OK)
        status = stele_planning_indexes(plan, error);
    return status;
}

stele_status stele_job_plan(stele_job *job, stele_job_estimate *estimate, void (*danger)(void *data, const stele_job_danger *danger), void *data,
                            stele_error *error)
{
    stele_planning plan = {.job = job, .each = danger, .data = data};
    stele_error own;
    stele_error_clear(&own);
    stele_error_clear(error);
    stele_status status = look_ahead(&plan, &own);
    if (estimate != NULL)
        *estimate = plan.estimate;
    stele_page_free(&plan.page);
    if ((status == STELE_OK || status == STELE_UNMET) && plan.fatal) {
        stele_error_set(error, STELE_UNMET, "the job \"%s\" can't be run like this: %s", job->spec->name, plan.first);
        if (error != NULL) {
            stele_error_copy(error->file, sizeof error->file, plan.place.file);
            stele_error_copy(error->source, sizeof error->source, plan.place.source);
            error->line = plan.place.line;
            error->column = plan.place.column;
        }
        return STELE_UNMET;
    }
    if (status != STELE_OK && error != NULL)
        *error = own;
    return status;
}

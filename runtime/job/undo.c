/*
 * undo.c - the way back of a switch, and its end
 *
 * What the switch changed it left in job.before, with the statements of the script that take its own back. So any program that has the job can do it, also one whose script is newer.
 */
#include "../error.h"
#include "state.h"
#include "switch.h"

/* -------------------------------------------------------------------------- undo */

/* What the switch left: a row per parameter, or one with NULLs. `before` is told back, so that it is still the same when it is taken. */
enum { BEFORE, UNDO_SQL, SPACE_NAME, SPACE_RELATION, SPACE_VECTOR, OWN_SPACE, COMPONENT, NAME, OLD, VALUE };
static const char before_sql[] =
    "SELECT j.before::text, j.before OPERATOR(pg_catalog.->>) 'undo', j.before OPERATOR(pg_catalog.->>) 'name',"
    " j.before OPERATOR(pg_catalog.->) 'space' OPERATOR(pg_catalog.->>) 'relation', j.before OPERATOR(pg_catalog.->) 'space' OPERATOR(pg_catalog.->>) 'vector',"
    " coalesce((SELECT s.job OPERATOR(pg_catalog.=) j.id FROM @.space AS s WHERE s.name OPERATOR(pg_catalog.=) (j.before OPERATOR(pg_catalog.->>) 'name')), true),"
    " p.component, p.name, p.old, p.value FROM @.job AS j LEFT JOIN LATERAL pg_catalog.jsonb_to_recordset(j.before OPERATOR(pg_catalog.->) 'parameters')"
    " AS p(component text, name text, old text, value text) ON true WHERE j.id OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND j.before IS NOT NULL";

/* The other way round, and only where it is what the switch made of it. */
static stele_status plan_back(stele_over *t, const stele_rows *rows, stele_error *error)
{
    size_t count = (size_t)stele_rows_count(rows), wanted = 0;
    stele_wanted *back = stele_arena_get(&t->arena, count, sizeof *back);
    if (back == NULL)
        return stele_error_memory(error);
    for (size_t i = count; i-- > 0;)
        if (stele_rows_text(rows, (int)i, NAME) != NULL)
            back[wanted++] = (stele_wanted){.component = stele_rows_text(rows, (int)i, COMPONENT), .name = stele_rows_text(rows, (int)i, NAME),
                                            .value = stele_rows_text(rows, (int)i, OLD), .expected = stele_rows_text(rows, (int)i, VALUE)};
    return stele_settings_plan(&t->settings, t->job->handle, back, wanted, error);
}

/* The row of the job, if nobody took the switch back meanwhile. */
static stele_status take_back(stele_over *t, const stele_rows *rows, stele_attempt *end, stele_error *error)
{
    static const char sql[] =
        "UPDATE @.job AS j SET state = CASE WHEN j.state OPERATOR(pg_catalog.=) 'switched' THEN 'ready' ELSE j.state END, before = NULL, message = '', moved = pg_catalog.clock_timestamp()"
        " WHERE j.id OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND j.before OPERATOR(pg_catalog.=) $2::pg_catalog.jsonb RETURNING 1";
    stele_job_number id;
    const char *values[] = {stele_job_print(id, t->job->id), stele_rows_text(rows, 0, BEFORE)};
    stele_rows *taken;
    stele_status status = stele_job_query(t->job, sql, 2, values, &taken, error);
    if (status == STELE_OK && stele_rows_count(taken) == 0) {
        *end = STELE_OVER_HELD_UP;
        status = stele_error_set(error, STELE_UNMET, "the job \"%s\" was moved at this moment by somebody else", t->job->spec->name);
    }
    stele_rows_free(taken);
    return status;
}

static stele_status put_space_back(stele_over *t, const stele_rows *rows, stele_error *error)
{
    static const char sql[] =
        "WITH gone AS (DELETE FROM @.space AS s WHERE s.name OPERATOR(pg_catalog.=) $1 AND $2::pg_catalog.jsonb OPERATOR(pg_catalog.->) 'space' OPERATOR(pg_catalog.=) 'null')"
        " INSERT INTO @.space AS s (name, job, model, dimensions, relation, vector, metric, switched) SELECT b.name, (SELECT j.id FROM @.job AS j WHERE j.id OPERATOR(pg_catalog.=) b.job),"
        " b.model, b.dimensions, b.relation, b.vector, b.metric, b.switched FROM pg_catalog.jsonb_to_record(nullif($2::pg_catalog.jsonb OPERATOR(pg_catalog.->) 'space', 'null'))"
        " AS b(name text, job integer, model text, dimensions integer, relation text, vector text, metric text, switched timestamptz) WHERE b.name IS NOT NULL"
        " ON CONFLICT (name) DO UPDATE SET job = excluded.job, model = excluded.model, dimensions = excluded.dimensions, relation = excluded.relation, vector = excluded.vector,"
        " metric = excluded.metric, switched = excluded.switched";
    const char *values[] = {stele_rows_text(rows, 0, SPACE_NAME), stele_rows_text(rows, 0, BEFORE)};
    return stele_job_query(t->job, sql, 2, values, NULL, error);
}

/* Behind the script's `undo`, which may have renamed it: is what the space says there? Where there was no space before, nobody here knows where the old vectors were. */
static stele_status check_old(stele_over *t, const stele_rows *rows, stele_error *error)
{
    static const char sql[] = "SELECT pg_catalog.to_regclass($1) IS NOT NULL, EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid OPERATOR(pg_catalog.=)"
                              " pg_catalog.to_regclass($1)::pg_catalog.oid AND a.attname OPERATOR(pg_catalog.=) $2::pg_catalog.name AND NOT a.attisdropped)";
    const char *values[] = {stele_rows_text(rows, 0, SPACE_RELATION), stele_rows_text(rows, 0, SPACE_VECTOR)};
    stele_rows *found;
    if (values[0] == NULL)
        return STELE_OK;
    stele_status status = stele_link_query(&t->job->handle->link, sql, 2, values, &found, error);
    bool relation = status == STELE_OK && stele_rows_true(found, 0, 0);
    if (status == STELE_OK && (!relation || (values[1] != NULL && !stele_rows_true(found, 0, 1)))) {
        status = stele_error_set(error, STELE_UNMET, "there is no way back: the %s%s%s%s, which had the vectors before, isn't there any more", relation ? "column " : "relation ",
                                 relation ? values[1] : "", relation ? " of " : "", values[0]);
        stele_error_hint(error, "nothing was changed; job finish %s leaves it at the switch", t->job->spec->name);
    }
    stele_rows_free(found);
    return status;
}

static stele_status go_back(stele_over *t, const stele_rows *rows, stele_attempt *end, stele_error *error)
{
    bool again = false;
    stele_status status = plan_back(t, rows, error);
    if (status == STELE_OK)
        status = stele_over_begin(t, false, error);
    if (status == STELE_OK)
        status = take_back(t, rows, end, error);
    if (status == STELE_OK)
        status = stele_settings_write(&t->settings, t->job->handle, t->reason, &again, error);
    if (status == STELE_OK)
        status = put_space_back(t, rows, error);
    if (status == STELE_OK)
        status = stele_over_script(t->job, stele_rows_text(rows, 0, UNDO_SQL), "undo", error);
    if (status == STELE_OK)
        status = check_old(t, rows, error);
    if (status == STELE_OK)
        status = stele_over_commit(t, error);
    if (again)
        *end = STELE_OVER_HELD_UP;
    return status;
}

static const char *why_not_back(const stele_job *job, const stele_job_row *row)
{
    if (!job->spec->switches)
        return "its script has no `switch`, and so there is nothing to undo: what it wrote stays";
    return row->state == STELE_JOB_DONE ? "what was finished can't be undone any more" : "there is nothing to undo before job switch %s";
}

static stele_status undo_once(stele_over *t, stele_attempt *end, stele_error *error)
{
    stele_job *job = t->job;
    stele_job_row row;
    stele_job_number id;
    const char *value = id;
    stele_rows *rows = NULL;
    stele_status status = stele_job_find(job, &row, error);
    stele_job_print(id, job->id);
    if (status == STELE_OK && job->id != 0)
        status = stele_job_query(job, before_sql, 1, &value, &rows, error);
    if (status == STELE_OK && (rows == NULL || stele_rows_count(rows) == 0)) {
        status = stele_over_refuse(job, &row, "taken back", why_not_back(job, &row), error);
    } else if (status == STELE_OK && !stele_rows_true(rows, 0, OWN_SPACE)) {
        status = stele_error_set(error, STELE_UNMET, "the space \"%s\" was switched since by another job: take that back first", stele_rows_text(rows, 0, SPACE_NAME));
    } else if (status == STELE_OK) {
        status = go_back(t, rows, end, error);
    }
    stele_rows_free(rows);
    return status;
}

stele_status stele_job_undo(stele_job *job, const char *reason, stele_error *error)
{
    stele_over t = {.job = job, .reason = reason};
    stele_error_clear(error);
    stele_status status = stele_over_reason(reason, error);
    if (status == STELE_OK)
        status = stele_job_need_script(job, error);
    return status == STELE_OK ? stele_over_persist(&t, undo_once, error) : status;
}

/* ------------------------------------------------------------------------ finish */

/* One without a switch is done by itself, and followed on until somebody ends that. */
static stele_status check_end(const stele_job *job, const stele_job_row *row, stele_error *error)
{
    if (job->id != 0 && (row->state == STELE_JOB_SWITCHED || (row->state == STELE_JOB_DONE && !job->spec->switches)))
        return STELE_OK;
    const char *hint = row->state == STELE_JOB_DONE ? "it is finished already"
                       : job->spec->switches        ? "only a switch is finished: job switch %s --reason TEXT comes first"
                                                    : "only what is done is finished: job run %s goes on until then";
    return stele_over_refuse(job, row, "finished", hint, error);
}

/* Its row was not to be changed, after what went before it was. */
static stele_status explain_half(const stele_job *job, const stele_error *why, stele_error *error)
{
    bool had = job->spec->follows && job->spec->triggers;
    if (error == NULL)
        return why->status;
    *error = *why;
    error->status = STELE_OK;
    stele_error_set(error, why->status, "the job \"%s\" is not finished: %.500s%s", job->spec->name, why->message, had ? "; but it has no triggers any more" : "");
    if (why->hint[0] == '\0')
        stele_error_hint(error, "job finish %s once more does the rest", job->spec->name);
    return why->status;
}

/* The triggers first: where they can't be dropped now, it stays as it is, and finish can be tried again. */
stele_status stele_job_finish(stele_job *job, stele_error *error)
{
    static const char sql[] =
        "WITH j AS (UPDATE @.job AS o SET state = 'done', before = NULL, message = '', moved = CASE WHEN o.state OPERATOR(pg_catalog.=) 'done' THEN o.moved ELSE pg_catalog.clock_timestamp() END"
        " WHERE o.id OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND o.state OPERATOR(pg_catalog.=) ANY ('{switched,done}'::pg_catalog.text[]) RETURNING o.id), d AS (DELETE FROM @.dirty AS y USING j WHERE y.job OPERATOR(pg_catalog.=) j.id) SELECT 1 FROM j";
    stele_job_row row;
    stele_job_number id;
    const char *value = id;
    stele_rows *rows = NULL;
    stele_error why = {0};
    stele_error_clear(error);
    stele_status status = stele_job_need_script(job, error);
    if (status == STELE_OK)
        status = stele_job_find(job, &row, error);
    if (status == STELE_OK)
        status = check_end(job, &row, error);
    stele_job_print(id, job->id);
    if (status == STELE_OK)
        status = stele_job_drop_triggers(job, STELE_JOB_END_FINISHED, error);
    if (status != STELE_OK)
        return status;
    status = stele_job_query(job, sql, 1, &value, &rows, &why);
    if (status == STELE_OK && stele_rows_count(rows) == 0)
        status = stele_error_set(&why, STELE_UNMET, "it was moved at this moment by somebody else");
    stele_rows_free(rows);
    return status == STELE_OK ? STELE_OK : explain_half(job, &why, error);
}

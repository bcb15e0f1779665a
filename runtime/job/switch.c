/*
 * switch.c - from here on the new one counts
 *
 * All of it is one transaction: the parameters in the ledger, the space, the script's own statements, the job's state. A crash leaves it whole or not at all. While it lasts the table's writers
 * wait, so that at that moment no vector is stale: what they wrote before is in `dirty`, which has to be empty, and what they write after is followed as ever.
 */
#include <stdio.h>
#include <string.h>

#include "../error.h"
#include "chunk.h"
#include "state.h"
#include "switch.h"

enum { WAIT = 1000, SECONDS = 60, SWEEP_SECONDS = 5, SWEEPS = 5 };

/* ----------------------------------------------------------------------- refusing */

stele_status stele_over_refuse(const stele_job *job, const stele_job_row *row, const char *what, const char *hint, stele_error *error)
{
    const char *name = job->spec->name;
    if (job->id == 0)
        stele_error_set(error, STELE_UNMET, "the job \"%s\" was never run, and can't be %s", name, what);
    else
        stele_error_set(error, STELE_UNMET, "the job \"%s\" is in state \"%s\", and can't be %s", name, stele_job_state_word(row->state), what);
    if (hint != NULL)
        stele_error_hint(error, hint, name, name);
    return STELE_UNMET;
}

static const char *way_to_ready(const stele_job *job, const stele_job_row *row)
{
    if (job->id == 0)
        return "job run %s begins it, and goes on until it is ready";
    switch (row->state) {
    case STELE_JOB_SWITCHED: return "it is switched already: job undo %s --reason TEXT takes that back, job finish %s leaves it at that";
    case STELE_JOB_DONE: return "it is finished; to have it begun anew, job cancel %s, then job run %s";
    case STELE_JOB_CANCELLED: return "job run %s begins it anew";
    default: return "job run %s goes on until it is ready";
    }
}

stele_status stele_over_reason(const char *reason, stele_error *error)
{
    if (reason != NULL && reason[strspn(reason, " \t\n")] != '\0')
        return STELE_OK;
    stele_error_set(error, STELE_USAGE, "a reason has to be given: the ledger keeps it");
    stele_error_hint(error, "--reason TEXT: say why, for whoever reads the history");
    return STELE_USAGE;
}

static stele_status find_ready(stele_job *job, stele_error *error)
{
    stele_job_row row;
    stele_status status = stele_job_find(job, &row, error);
    if (status == STELE_OK && (job->id == 0 || row.state != STELE_JOB_READY))
        status = stele_over_refuse(job, &row, "switched", way_to_ready(job, &row), error);
    return status;
}

/* --------------------------------------------------------------- in the transaction */

/* READ COMMITTED: what comes behind the lock sees all that was committed before it was had. */
stele_status stele_over_begin(stele_over *t, bool lock, stele_error *error)
{
    stele_text sql = {0};
    stele_text_print(&sql, "BEGIN READ WRITE, ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = %d;", WAIT);
    if (lock)
        stele_text_print(&sql, " LOCK TABLE %s IN SHARE MODE;", t->job->spec->table);
    stele_status status = sql.failed ? stele_error_memory(error) : stele_link_run(&t->job->handle->link, sql.bytes, error);
    stele_text_free(&sql);
    if (status == STELE_FAILED && error != NULL && strcmp(error->sqlstate, "42501") == 0) {
        error->status = status = STELE_UNMET;
        stele_error_hint(error, "for a moment the switch locks %s against writers: that needs UPDATE, DELETE or TRUNCATE on it", t->job->spec->table);
    }
    return status;
}

/* The script's statements, as one: EXECUTE refuses COMMIT and the like, which would tear the transaction apart. */
stele_status stele_over_script(stele_job *job, const char *script, const char *what, stele_error *error)
{
    stele_text body = {0}, sql = {0};
    if (script == NULL)
        return STELE_OK;
    stele_text_string(&body, "BEGIN EXECUTE ");
    stele_psql_dollars(&body, script, strlen(script));
    stele_text_string(&body, "; END");
    stele_text_string(&sql, "DO ");
    if (!body.failed)
        stele_psql_dollars(&sql, body.bytes, body.length);
    stele_status status = body.failed || sql.failed ? stele_error_memory(error) : stele_link_run(&job->handle->link, sql.bytes, error);
    if (status == STELE_FAILED)
        stele_error_hint(error, "it is what the script says in switch.%s; nothing was changed", what);
    stele_text_free(&body);
    stele_text_free(&sql);
    return status;
}

/* What is remembered for the way back: one array for each column. */
static bool remember(stele_over *t, const char *arrays[4])
{
    const stele_settings *s = &t->settings;
    const char **texts = stele_arena_get(&t->arena, 4 * s->count + 1, sizeof *texts);
    for (size_t i = 0; texts != NULL && i < s->count; i++) {
        texts[i] = t->job->handle->table->components[s->changes[i].component];
        texts[s->count + i] = s->changes[i].name;
        texts[2 * s->count + i] = s->changes[i].old;
        texts[3 * s->count + i] = s->changes[i].value;
    }
    for (size_t i = 0; i < 4; i++)
        arrays[i] = texts == NULL ? NULL : stele_key_array(&t->arena, texts + i * s->count, s->count);
    return arrays[0] != NULL && arrays[1] != NULL && arrays[2] != NULL && arrays[3] != NULL;
}

/* If nothing is left to do, or not more rows than the knob "behind" lets wait, and it still is ready: it is switched. A note without a key is of all rows. */
static const char claim_sql[] =
    "WITH d AS (SELECT pg_catalog.count(*) OPERATOR(pg_catalog.>) $8::pg_catalog.int8 OR coalesce(pg_catalog.bool_or(y.key IS NULL), false) AS any FROM (SELECT y.key FROM @.dirty AS y WHERE y.job OPERATOR(pg_catalog.=) $1::pg_catalog.int4"
    " ORDER BY y.key IS NOT NULL LIMIT $8::pg_catalog.int8 OPERATOR(pg_catalog.+) 1) AS y),"
    " j AS (UPDATE @.job AS o SET state = 'switched', message = '', moved = pg_catalog.clock_timestamp(), before = pg_catalog.jsonb_build_object('name', $2::text, 'undo', $3::text,"
    " 'space', (SELECT pg_catalog.to_jsonb(s) FROM @.space AS s WHERE s.name OPERATOR(pg_catalog.=) $2::text), 'parameters', (SELECT coalesce(pg_catalog.jsonb_agg("
    "pg_catalog.jsonb_build_object('component', p.component, 'name', p.name, 'old', p.old, 'value', p.value)), '[]') FROM ROWS FROM (pg_catalog.unnest($4::pg_catalog.text[]),"
    " pg_catalog.unnest($5::pg_catalog.text[]), pg_catalog.unnest($6::pg_catalog.text[]), pg_catalog.unnest($7::pg_catalog.text[])) AS p(component, name, old, value)))"
    " FROM d WHERE o.id OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND o.state OPERATOR(pg_catalog.=) 'ready' AND NOT d.any RETURNING 1)"
    " SELECT d.any, EXISTS (SELECT FROM j) FROM d";

static stele_status claim(stele_over *t, stele_attempt *end, stele_error *error)
{
    stele_job *job = t->job;
    stele_job_number id, behind;
    stele_rows *rows;
    const char *values[8] = {stele_job_print(id, job->id), job->spec->space, job->spec->undo_sql, [7] = stele_job_print(behind, job->knobs.behind)};
    if (!remember(t, values + 3))
        return stele_error_memory(error);
    stele_status status = stele_job_query(job, claim_sql, 8, values, &rows, error);
    if (status == STELE_OK && stele_rows_true(rows, 0, 0)) {
        *end = STELE_OVER_CHANGED;
        status = stele_error_set(error, STELE_LOCKED, "the table %s is being written all the time: whenever it was locked, there were rows to be done first", job->spec->table);
        stele_error_hint(error, "let its writers rest for a moment; or let some rows wait until the next job run: job set %s behind=20", job->spec->name);
    } else if (status == STELE_OK && !stele_rows_true(rows, 0, 1)) {
        status = find_ready(job, error);
        if (status == STELE_OK)
            status = stele_error_set(error, STELE_UNMET, "the job \"%s\" was moved at this moment by somebody else", job->spec->name);
    }
    stele_rows_free(rows);
    return status;
}

/* Without triggers nobody noted what was changed since the last sweep. The writers wait meanwhile, and so it may not take long. */
static stele_status look_for_stale(stele_over *t, stele_attempt *end, stele_error *error)
{
    const stele_job_spec *spec = t->job->spec;
    stele_job_tally tally = {.until = stele_clock() + SWEEP_SECONDS * INT64_C(1000000)};
    if (!t->sweeps)
        return STELE_OK;
    stele_status status = stele_job_take_tally(t->job, t->shape, false, &tally, error);
    if (status == STELE_OK && tally.late) {
        stele_error_set(error, STELE_UNMET, "the table %s can't be looked through within %d s, for which its writers may be held up", spec->table, SWEEP_SECONDS);
        stele_error_hint(error, "with triggers (follow = \"trigger\", and the right to make them) it hasn't to be; or stop the writers for a while, and run follow = \"none\"");
        status = STELE_UNMET;
    } else if (status == STELE_OK && tally.stale + tally.left > 0) {
        *end = STELE_OVER_CHANGED;
        status = stele_error_set(error, STELE_LOCKED, "the table %s is being written all the time: whenever it was locked, there were rows to be done first", spec->table);
    }
    return status;
}

static stele_status put_space(stele_over *t, stele_error *error)
{
    static const char sql[] =
        "INSERT INTO @.space AS s (name, job, model, dimensions, relation, vector, metric) VALUES ($1, $2::pg_catalog.int4, $3, $4::pg_catalog.int4, $5, $6, $7)"
        " ON CONFLICT (name) DO UPDATE SET job = excluded.job, model = excluded.model, dimensions = excluded.dimensions, relation = excluded.relation, vector = excluded.vector,"
        " metric = excluded.metric, switched = pg_catalog.clock_timestamp()";
    const stele_job_spec *spec = t->job->spec;
    stele_job_number id, dimensions;
    const char *values[] = {spec->space, stele_job_print(id, t->job->id), spec->provider.model == NULL ? "" : spec->provider.model,
                            stele_job_print(dimensions, spec->provider.dimensions), stele_job_target(t->job), spec->vector, spec->metric};
    return spec->kind == STELE_JOB_EMBEDS ? stele_job_query(t->job, sql, 7, values, NULL, error) : STELE_OK;
}

stele_status stele_over_commit(stele_over *t, stele_error *error)
{
    stele_status status = stele_link_run(&t->job->handle->link, "COMMIT", error);
    if (status == STELE_NO_CONNECTION)
        stele_error_hint(error, "the connection was lost while it was committed: job status %s tells whether it was", t->job->spec->name);
    if (status == STELE_OK)
        stele_settings_keep(&t->settings, t->job->handle);
    return status;
}

/* ------------------------------------------------------------------------- tries */

static stele_status plan_settings(stele_over *t, stele_error *error)
{
    const stele_job_spec *spec = t->job->spec;
    stele_wanted *wanted = stele_arena_get(&t->arena, spec->parameter_count + 1, sizeof *wanted);
    if (wanted == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < spec->parameter_count; i++)
        wanted[i] = (stele_wanted){.name = spec->parameters[i].name, .value = spec->parameters[i].value};
    return stele_settings_plan(&t->settings, t->job->handle, wanted, spec->parameter_count, error);
}

static stele_status switch_once(stele_over *t, stele_attempt *end, stele_error *error)
{
    bool again = false;
    stele_status status = plan_settings(t, error);
    if (status == STELE_OK)
        status = stele_over_begin(t, t->shape->lockable, error);
    if (status == STELE_OK)
        status = claim(t, end, error);
    if (status == STELE_OK)
        status = look_for_stale(t, end, error);
    if (status == STELE_OK)
        status = stele_settings_write(&t->settings, t->job->handle, t->reason, &again, error);
    if (status == STELE_OK)
        status = put_space(t, error);
    if (status == STELE_OK) /* last: whatever they set, nothing of ours runs under it */
        status = stele_over_script(t->job, t->job->spec->switch_sql, "sql", error);
    if (status == STELE_OK)
        status = stele_over_commit(t, error);
    if (again)
        *end = STELE_OVER_HELD_UP;
    return status;
}

/* One try of either way; nothing stays open. */
static stele_status try_once(stele_over *t, stele_over_once *once, stele_attempt *end, stele_error *error)
{
    *end = STELE_OVER_ENDED;
    stele_status status = once(t, end, error);
    stele_link_rollback(&t->job->handle->link);
    stele_settings_free(&t->settings);
    stele_arena_free(&t->arena);
    if (status == STELE_FAILED && stele_job_may_try_again(error))
        *end = STELE_OVER_HELD_UP;
    return status;
}

/* What was changed is done first: by the drain, or by going through all of it once more. */
static stele_status catch_up(stele_over *t, stele_error *error)
{
    stele_status status = t->sweeps ? stele_job_sweep(t->job, error) : STELE_OK;
    if (status == STELE_OK)
        status = stele_job_run(t->job, NULL, error);
    return status == STELE_OK ? find_ready(t->job, error) : status;
}

stele_status stele_over_persist(stele_over *t, stele_over_once *once, stele_error *error)
{
    const stele_job *job = t->job;
    unsigned limit = job->handle->options.lock_retry_ms == 0 ? SECONDS * 1000 : job->handle->options.lock_retry_ms;
    int64_t began = stele_clock();
    stele_error own;
    stele_status status;
    for (unsigned tries = 0;; tries++) {
        stele_attempt end;
        stele_error_clear(&own);
        status = try_once(t, once, &end, &own);
        if (end == STELE_OVER_ENDED || status == STELE_OK)
            break;
        bool late = limit != STELE_FOR_EVER && stele_clock() - began > (int64_t)limit * 1000;
        if (end == STELE_OVER_HELD_UP || late || (t->sweeps && tries >= SWEEPS))
            status = stele_job_wait_within(t->job, began, end == STELE_OVER_HELD_UP ? limit : 0, tries < 2 ? tries : 2, &own, error);
        else
            status = catch_up(t, error);
        if (status != STELE_OK)
            return status;
    }
    if (status != STELE_OK && error != NULL)
        *error = own;
    return status;
}

stele_status stele_job_switch(stele_job *job, const char *reason, stele_error *error)
{
    stele_job_shape shape = {0};
    bool triggers = false;
    stele_over t = {.job = job, .shape = &shape, .reason = reason};
    stele_error_clear(error);
    stele_status status = stele_over_reason(reason, error);
    if (status == STELE_OK)
        status = stele_job_need_script(job, error);
    if (status == STELE_OK && !job->spec->switches) {
        status = stele_error_set(error, STELE_UNMET, "the script of the job \"%s\" has no `switch`", job->spec->name);
        stele_error_hint(error, "it is done when it is run to its end");
    }
    if (status == STELE_OK)
        status = find_ready(job, error);
    if (status == STELE_OK)
        status = catch_up(&t, error);
    if (status == STELE_OK)
        status = stele_job_look_at(job, &shape, error);
    if (status == STELE_OK)
        status = stele_job_has_triggers(job, &shape, &triggers, error);
    t.sweeps = job->spec->follows && !triggers && job->spec->kind == STELE_JOB_EMBEDS;
    return status == STELE_OK ? stele_over_persist(&t, switch_once, error) : status;
}

/*
 * switch.c - from here on the new one counts; and the way back
 *
 * All of it is one transaction: the parameters in the ledger, the space, the script's own statements, the job's state. A crash leaves it whole or not at all. While it lasts the table's writers
 * wait, so that at that moment no vector is stale: what they wrote before is in `dirty`, which has to be empty, and what they write after is followed as ever.
 */
#include <stdio.h>
#include <string.h>

#include "../error.h"
#include "../setting.h"
#include "after.h"
#include "chunk.h"
#include "state.h"

enum { WAIT = 1000, SECONDS = 60, SWEEP_SECONDS = 5, SWEEPS = 5 };

/* How a try ended. */
typedef enum attempt {
    ENDED,     /* done, or failed for good */
    HELD_UP,   /* others held what it needs */
    CHANGED    /* rows were changed that have to be done first */
} attempt;

typedef struct turn {
    stele_job *job;
    const stele_job_shape *shape;
    const char *reason;
    bool sweeps;         /* no trigger notes what is changed: it has to be looked for */
    stele_settings settings;
    stele_arena arena;   /* of one try */
} turn;

/* ----------------------------------------------------------------------- refusing */

static stele_status refuse(const stele_job *job, const stele_job_row *row, const char *what, const char *hint, stele_error *error)
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

static stele_status check_reason(const char *reason, stele_error *error)
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
        status = refuse(job, &row, "switched", way_to_ready(job, &row), error);
    return status;
}

/* --------------------------------------------------------------- in the transaction */

/* READ COMMITTED: what comes behind the lock sees all that was committed before it was had. */
static stele_status begin(turn *t, bool lock, stele_error *error)
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
static stele_status run_script(stele_job *job, const char *script, const char *what, stele_error *error)
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
static bool remember(turn *t, const char *arrays[4])
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

/* If nothing is left to do, and it still is ready: it is switched. */
static const char claim_sql[] =
    "WITH d AS (SELECT EXISTS (SELECT FROM @.dirty AS y WHERE y.job OPERATOR(pg_catalog.=) $1::pg_catalog.int4) AS any),"
    " j AS (UPDATE @.job AS o SET state = 'switched', message = '', moved = pg_catalog.clock_timestamp(), before = pg_catalog.jsonb_build_object('name', $2::text, 'undo', $3::text,"
    " 'space', (SELECT pg_catalog.to_jsonb(s) FROM @.space AS s WHERE s.name OPERATOR(pg_catalog.=) $2::text), 'parameters', (SELECT coalesce(pg_catalog.jsonb_agg("
    "pg_catalog.jsonb_build_object('component', p.component, 'name', p.name, 'old', p.old, 'value', p.value)), '[]') FROM ROWS FROM (pg_catalog.unnest($4::pg_catalog.text[]),"
    " pg_catalog.unnest($5::pg_catalog.text[]), pg_catalog.unnest($6::pg_catalog.text[]), pg_catalog.unnest($7::pg_catalog.text[])) AS p(component, name, old, value)))"
    " FROM d WHERE o.id OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND o.state OPERATOR(pg_catalog.=) 'ready' AND NOT d.any RETURNING 1)"
    " SELECT d.any, EXISTS (SELECT FROM j) FROM d";

static stele_status claim(turn *t, attempt *end, stele_error *error)
{
    stele_job *job = t->job;
    stele_job_number id;
    stele_rows *rows;
    const char *values[7] = {stele_job_print(id, job->id), job->spec->space, job->spec->undo_sql};
    if (!remember(t, values + 3))
        return stele_error_memory(error);
    stele_status status = stele_job_query(job, claim_sql, 7, values, &rows, error);
    if (status == STELE_OK && stele_rows_true(rows, 0, 0)) {
        *end = CHANGED;
        status = stele_error_set(error, STELE_LOCKED, "the table %s is being written all the time: whenever it was locked, there were rows to be done first", job->spec->table);
    } else if (status == STELE_OK && !stele_rows_true(rows, 0, 1)) {
        status = find_ready(job, error);
        if (status == STELE_OK)
            status = stele_error_set(error, STELE_UNMET, "the job \"%s\" was moved at this moment by somebody else", job->spec->name);
    }
    stele_rows_free(rows);
    return status;
}

/* Without triggers nobody noted what was changed since the last sweep. The writers wait meanwhile, and so it may not take long. */
static stele_status look_for_stale(turn *t, attempt *end, stele_error *error)
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
        *end = CHANGED;
        status = stele_error_set(error, STELE_LOCKED, "the table %s is being written all the time: whenever it was locked, there were rows to be done first", spec->table);
    }
    return status;
}

static stele_status put_space(turn *t, stele_error *error)
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

/* The script's own come last: whatever they set, nothing of ours runs under it. */
static stele_status commit(turn *t, stele_error *error)
{
    stele_status status = stele_link_run(&t->job->handle->link, "COMMIT", error);
    if (status == STELE_NO_CONNECTION)
        stele_error_hint(error, "the connection was lost while it was committed: job status %s tells whether it was", t->job->spec->name);
    if (status == STELE_OK)
        stele_settings_keep(&t->settings, t->job->handle);
    return status;
}

/* ------------------------------------------------------------------------- tries */

static stele_status plan_settings(turn *t, stele_error *error)
{
    const stele_job_spec *spec = t->job->spec;
    stele_wanted *wanted = stele_arena_get(&t->arena, spec->parameter_count + 1, sizeof *wanted);
    if (wanted == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < spec->parameter_count; i++)
        wanted[i] = (stele_wanted){.name = spec->parameters[i].name, .value = spec->parameters[i].value};
    return stele_settings_plan(&t->settings, t->job->handle, wanted, spec->parameter_count, error);
}

static stele_status switch_once(turn *t, attempt *end, stele_error *error)
{
    bool again = false;
    stele_status status = plan_settings(t, error);
    if (status == STELE_OK)
        status = begin(t, t->shape->lockable, error);
    if (status == STELE_OK)
        status = claim(t, end, error);
    if (status == STELE_OK)
        status = look_for_stale(t, end, error);
    if (status == STELE_OK)
        status = stele_settings_write(&t->settings, t->job->handle, t->reason, &again, error);
    if (status == STELE_OK)
        status = put_space(t, error);
    if (status == STELE_OK)
        status = run_script(t->job, t->job->spec->switch_sql, "sql", error);
    if (status == STELE_OK)
        status = commit(t, error);
    if (again)
        *end = HELD_UP;
    return status;
}

/* One try of either way; nothing stays open. */
static stele_status try_once(turn *t, stele_status (*once)(turn *t, attempt *end, stele_error *error), attempt *end, stele_error *error)
{
    *end = ENDED;
    stele_status status = once(t, end, error);
    stele_link_rollback(&t->job->handle->link);
    stele_settings_free(&t->settings);
    stele_arena_free(&t->arena);
    if (status == STELE_FAILED && stele_job_may_try_again(error))
        *end = HELD_UP;
    return status;
}

/* What was changed is done first: by the drain, or by going through all of it once more. */
static stele_status catch_up(turn *t, stele_error *error)
{
    stele_status status = t->sweeps ? stele_job_sweep(t->job, error) : STELE_OK;
    if (status == STELE_OK)
        status = stele_job_run(t->job, NULL, error);
    return status == STELE_OK ? find_ready(t->job, error) : status;
}

static stele_status persist(turn *t, stele_status (*once)(turn *t, attempt *end, stele_error *error), stele_error *error)
{
    const stele_job *job = t->job;
    unsigned limit = job->handle->options.lock_retry_ms == 0 ? SECONDS * 1000 : job->handle->options.lock_retry_ms;
    int64_t began = stele_clock();
    stele_error own;
    stele_status status;
    for (unsigned tries = 0;; tries++) {
        attempt end;
        stele_error_clear(&own);
        status = try_once(t, once, &end, &own);
        if (end == ENDED || status == STELE_OK)
            break;
        bool late = limit != STELE_FOR_EVER && stele_clock() - began > (int64_t)limit * 1000;
        if (end == HELD_UP || late || (t->sweeps && tries >= SWEEPS))
            status = stele_job_wait_within(t->job, began, end == HELD_UP ? limit : 0, tries < 2 ? tries : 2, &own, error);
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
    turn t = {.job = job, .shape = &shape, .reason = reason};
    stele_error_clear(error);
    stele_status status = check_reason(reason, error);
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
    return status == STELE_OK ? persist(&t, switch_once, error) : status;
}

/* -------------------------------------------------------------------------- undo */

/* What the switch left: a row per parameter, or one with NULLs. `before` is told back, so that it is still the same when it is taken. */
enum { BEFORE, UNDO_SQL, SPACE_NAME, SPACE_RELATION, OWN_SPACE, COMPONENT, NAME, OLD, VALUE };
static const char before_sql[] =
    "SELECT j.before::text, j.before OPERATOR(pg_catalog.->>) 'undo', j.before OPERATOR(pg_catalog.->>) 'name',"
    " j.before OPERATOR(pg_catalog.->) 'space' OPERATOR(pg_catalog.->>) 'relation',"
    " coalesce((SELECT s.job OPERATOR(pg_catalog.=) j.id FROM @.space AS s WHERE s.name OPERATOR(pg_catalog.=) (j.before OPERATOR(pg_catalog.->>) 'name')), true),"
    " p.component, p.name, p.old, p.value FROM @.job AS j LEFT JOIN LATERAL pg_catalog.jsonb_to_recordset(j.before OPERATOR(pg_catalog.->) 'parameters')"
    " AS p(component text, name text, old text, value text) ON true WHERE j.id OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND j.before IS NOT NULL";

/* The other way round, and only where it is what the switch made of it. */
static stele_status plan_back(turn *t, const stele_rows *rows, stele_error *error)
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
static stele_status take_back(turn *t, const stele_rows *rows, attempt *end, stele_error *error)
{
    static const char sql[] =
        "UPDATE @.job AS j SET state = CASE WHEN j.state OPERATOR(pg_catalog.=) 'switched' THEN 'ready' ELSE j.state END, before = NULL, message = '', moved = pg_catalog.clock_timestamp()"
        " WHERE j.id OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND j.before OPERATOR(pg_catalog.=) $2::pg_catalog.jsonb RETURNING 1";
    stele_job_number id;
    const char *values[] = {stele_job_print(id, t->job->id), stele_rows_text(rows, 0, BEFORE)};
    stele_rows *taken;
    stele_status status = stele_job_query(t->job, sql, 2, values, &taken, error);
    if (status == STELE_OK && stele_rows_count(taken) == 0) {
        *end = HELD_UP;
        status = stele_error_set(error, STELE_UNMET, "the job \"%s\" was moved at this moment by somebody else", t->job->spec->name);
    }
    stele_rows_free(taken);
    return status;
}

static stele_status put_space_back(turn *t, const stele_rows *rows, stele_error *error)
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

/* Behind the script's `undo`, which may have renamed it: is what the space says there? */
static stele_status check_old(turn *t, const stele_rows *rows, stele_error *error)
{
    const char *relation = stele_rows_text(rows, 0, SPACE_RELATION);
    stele_rows *found;
    if (relation == NULL)
        return STELE_OK;
    stele_status status = stele_link_query(&t->job->handle->link, "SELECT pg_catalog.to_regclass($1) IS NOT NULL", 1, &relation, &found, error);
    if (status == STELE_OK && !stele_rows_true(found, 0, 0)) {
        status = stele_error_set(error, STELE_UNMET, "there is no way back: the relation %s, which had the vectors before, isn't there any more", relation);
        stele_error_hint(error, "nothing was changed; job finish %s leaves it at the switch", t->job->spec->name);
    }
    stele_rows_free(found);
    return status;
}

static stele_status go_back(turn *t, const stele_rows *rows, attempt *end, stele_error *error)
{
    bool again = false;
    stele_status status = plan_back(t, rows, error);
    if (status == STELE_OK)
        status = begin(t, false, error);
    if (status == STELE_OK)
        status = take_back(t, rows, end, error);
    if (status == STELE_OK)
        status = stele_settings_write(&t->settings, t->job->handle, t->reason, &again, error);
    if (status == STELE_OK)
        status = put_space_back(t, rows, error);
    if (status == STELE_OK)
        status = run_script(t->job, stele_rows_text(rows, 0, UNDO_SQL), "undo", error);
    if (status == STELE_OK)
        status = check_old(t, rows, error);
    if (status == STELE_OK)
        status = commit(t, error);
    if (again)
        *end = HELD_UP;
    return status;
}

static stele_status undo_once(turn *t, attempt *end, stele_error *error)
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
        status = refuse(job, &row, "taken back", row.state == STELE_JOB_DONE ? "what was finished can't be undone any more" : "there is nothing to undo before job switch %s", error);
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
    turn t = {.job = job, .reason = reason};
    stele_error_clear(error);
    stele_status status = check_reason(reason, error);
    return status == STELE_OK ? persist(&t, undo_once, error) : status;
}

/* ------------------------------------------------------------------------ finish */

/* The triggers first: where they can't be dropped now, it still is switched, and finish can be tried again. */
stele_status stele_job_finish(stele_job *job, stele_error *error)
{
    static const char sql[] =
        "WITH j AS (UPDATE @.job AS o SET state = 'done', before = NULL, message = '', moved = pg_catalog.clock_timestamp() WHERE o.id OPERATOR(pg_catalog.=) $1::pg_catalog.int4"
        " AND o.state OPERATOR(pg_catalog.=) 'switched' RETURNING o.id), d AS (DELETE FROM @.dirty AS y USING j WHERE y.job OPERATOR(pg_catalog.=) j.id) SELECT 1 FROM j";
    stele_job_row row;
    stele_job_number id;
    const char *value = id;
    stele_rows *rows = NULL;
    stele_error_clear(error);
    stele_status status = stele_job_find(job, &row, error);
    if (status == STELE_OK && (job->id == 0 || row.state != STELE_JOB_SWITCHED))
        return refuse(job, &row, "finished", row.state == STELE_JOB_DONE ? "it is finished already" : "only a switch is finished: job switch %s --reason TEXT comes first", error);
    stele_job_print(id, job->id);
    if (status == STELE_OK)
        status = stele_job_drop_triggers(job, error);
    if (status == STELE_OK)
        status = stele_job_query(job, sql, 1, &value, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) == 0)
        status = stele_error_set(error, STELE_UNMET, "the job \"%s\" was moved at this moment by somebody else", job->spec->name);
    stele_rows_free(rows);
    return status;
}

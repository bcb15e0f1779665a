/*
 * control.c - what somebody wants of a job: pause, resume, cancel, knobs, rows that were given up
 *
 * Each is one UPDATE of the job's tables, and whoever writes the same in psql gets the same; workers look once a second. Here, what can't be is refused, and told.
 */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "state.h"

/* Of a job that isn't there: there is nothing that could be changed. */
static stele_status never_run(const stele_job *job, stele_error *error)
{
    stele_status status = stele_error_set(error, STELE_UNMET, "the job \"%s\" was never run", job->spec->name);
    stele_error_hint(error, "its first run begins it (job run %s); until then what its script says is all there is", job->spec->name);
    return status;
}

/* One statement, that returns a row when it did it: *row is 0, or a number that it returned. */
static stele_status change(stele_job *job, const char *sql, int count, const char *const *values, int64_t *row, stele_error *error)
{
    stele_rows *rows;
    stele_status status = stele_job_query(job, sql, count, values, &rows, error);
    *row = status == STELE_OK && stele_rows_count(rows) > 0 ? stele_job_read_number(stele_rows_text(rows, 0, 0)) : 0;
    stele_rows_free(rows);
    return status;
}

/* ------------------------------------------------------- pause, resume, cancel */

/* $2 who says so, $3 why, or NULL. */
#define SAID(word)                                                                                                                                     \
    "pg_catalog.concat('" word " by ', $2::text, coalesce(' with ' OPERATOR(pg_catalog.||) nullif(pg_catalog.current_setting('application_name'), ''), ''), ', '," \
    " pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), ' UTC', ': ' OPERATOR(pg_catalog.||) $3::text)"

static const char *const want_sql[] = {
    [STELE_JOB_PAUSE] =
        "UPDATE @.job AS j SET desired = 'pause', reason = CASE WHEN j.desired OPERATOR(pg_catalog.=) 'run'"
        " OR ($3::text IS NOT NULL AND pg_catalog.starts_with(j.reason, 'paused by ')) THEN " SAID("paused") " ELSE j.reason END"
        " WHERE j.id OPERATOR(pg_catalog.=) $1::integer AND j.desired OPERATOR(pg_catalog.<>) 'cancel'"
        " AND j.state OPERATOR(pg_catalog.<>) ALL ('{done,cancelled}'::pg_catalog.text[]) RETURNING 1",
    [STELE_JOB_RESUME] =
        "UPDATE @.job AS j SET desired = 'run', reason = ''"
        " WHERE j.id OPERATOR(pg_catalog.=) $1::integer AND j.desired OPERATOR(pg_catalog.<>) 'cancel' AND j.state OPERATOR(pg_catalog.<>) 'cancelled'"
        " AND (j.state OPERATOR(pg_catalog.<>) 'done' OR j.desired OPERATOR(pg_catalog.=) 'pause') RETURNING 1", /* by a limit, one that is done may be paused, too */
    [STELE_JOB_CANCEL] =
        "UPDATE @.job AS j SET state = 'cancelled', desired = 'cancel', message = '', reason = CASE WHEN j.state OPERATOR(pg_catalog.=) 'cancelled' THEN j.reason"
        " ELSE " SAID("cancelled") " END,"
        " moved = CASE WHEN j.state OPERATOR(pg_catalog.=) 'cancelled' THEN j.moved ELSE pg_catalog.clock_timestamp() END"
        " WHERE j.id OPERATOR(pg_catalog.=) $1::integer AND j.state OPERATOR(pg_catalog.<>) 'switched' RETURNING 1",
};

static stele_status refuse_wish(stele_job *job, stele_job_wish wish, stele_error *error)
{
    static const char *const words[] = {[STELE_JOB_PAUSE] = "paused", [STELE_JOB_RESUME] = "resumed", [STELE_JOB_CANCEL] = "cancelled"};
    const char *name = job->spec->name;
    stele_job_row row;
    stele_status status = stele_job_find(job, &row, error);
    if (status != STELE_OK)
        return status;
    if (job->id == 0)
        return never_run(job, error);
    if (row.state == STELE_JOB_SWITCHED) {
        stele_error_set(error, STELE_UNMET, "the job \"%s\" is switched, and can't be %s", name, words[wish]);
        stele_error_hint(error, "take the switch back first (job undo %s --reason TEXT), or leave it at that (job finish %s)", name, name);
    } else if (row.state == STELE_JOB_DONE) {
        stele_error_set(error, STELE_UNMET, "the job \"%s\" is done, and can't be %s any more", name, words[wish]);
        stele_error_hint(error, "to have it begun anew, job cancel %s, then job run %s", name, name);
    } else {
        stele_error_set(error, STELE_UNMET, "the job \"%s\" was cancelled, and can't be %s", name, words[wish]);
        stele_error_hint(error, "job run %s begins it anew; what it wrote is found to be done where a hash of the input tells so", name);
    }
    return STELE_UNMET;
}

stele_status stele_job_want(stele_job *job, stele_job_wish wish, const char *reason, stele_error *error)
{
    stele_job_row row;
    stele_job_number id;
    stele_job_host host;
    char who[160], why[240]; /* so that both are shown: a reason is read once a second, by every worker */
    const char *values[] = {id, who, reason == NULL || reason[strspn(reason, " \t\r\n")] == '\0' ? NULL : why};
    int64_t done = 0;
    stele_error_clear(error);
    stele_error_shorten(why, sizeof why, reason);
    snprintf(who, sizeof who, "%.80s@%s", stele_link_user(&job->handle->link), stele_job_find_host(host));
    stele_status status = stele_job_find(job, &row, error);
    stele_job_print(id, job->id);
    if (status == STELE_OK && job->id != 0)
        status = change(job, want_sql[wish], wish == STELE_JOB_RESUME ? 1 : 3, values, &done, error);
    if (status != STELE_OK)
        return status;
    if (done == 0)
        return refuse_wish(job, wish, error);
    return wish == STELE_JOB_CANCEL ? stele_job_drop_triggers(job, STELE_JOB_END_CANCELLED, error) : STELE_OK;
}

/* ----------------------------------------------------------------------- knobs */

typedef struct search {
    const char *name;
    bool found;
} search;

static void look_for(void *data, const char *name, const char *value, const char *what)
{
    search *s = data;
    (void)value;
    (void)what;
    s->found = s->found || strcmp(s->name, name) == 0;
}

/* Is it a knob, and is this a value of it? NULL is one: it is set back. */
static stele_status check_knob(const stele_job *job, const char *knob, const char *value, stele_error *error)
{
    stele_knobs knobs = job->knobs;
    search s = {.name = knob};
    stele_knobs_each(&knobs, look_for, &s);
    if (s.found && value == NULL)
        return STELE_OK;
    return stele_knob_read(&knobs, knob, value == NULL ? "" : value, error);
}

/* Whatever it is called: what was written in psql may be no knob, and is told of until it is gone. *done: it was there. */
static stele_status take_away(stele_job *job, const char *knob, int64_t *done, stele_error *error)
{
    static const char sql[] = "UPDATE @.job AS j SET knobs = j.knobs OPERATOR(pg_catalog.-) $2::text"
                              " WHERE j.id OPERATOR(pg_catalog.=) $1::integer AND j.knobs OPERATOR(pg_catalog.?) $2::text RETURNING 1";
    stele_job_number id;
    const char *values[] = {stele_job_print(id, job->id), knob};
    *done = 0;
    return job->id == 0 ? STELE_OK : change(job, sql, 2, values, done, error);
}

/* A brake that can't work would be drawn for ever, and nobody would know before the next look at the status. */
static stele_status check_query(const stele_job *job, const char *knob, const char *value, stele_error *error)
{
    stele_error why = {0};
    if (value == NULL || strcmp(knob, "stop_when") != 0 || value[0] == '\0')
        return STELE_OK;
    stele_status status = stele_pace_check_stop_when(job->handle, value, &why);
    if (status != STELE_USAGE) {
        if (status != STELE_OK && error != NULL)
            *error = why;
        return status;
    }
    stele_error_set(error, status, "stop_when can't be this query: %s", why.message);
    if (error != NULL)
        stele_error_copy(error->sqlstate, sizeof error->sqlstate, why.sqlstate);
    if (why.line > 0)
        stele_error_detail(error, "at line %u, column %u of it", why.line, why.column);
    stele_error_hint(error, "%s", why.hint);
    return status;
}

stele_status stele_job_set(stele_job *job, const char *knob, const char *value, stele_error *error)
{
    static const char sql[] =
        "UPDATE @.job AS j SET knobs = j.knobs OPERATOR(pg_catalog.||) pg_catalog.jsonb_build_object($2::text, $3::text)"
        " WHERE j.id OPERATOR(pg_catalog.=) $1::integer RETURNING 1";
    stele_job_row row;
    stele_job_number id;
    const char *values[] = {id, knob, value};
    int64_t done = 0;
    stele_error_clear(error);
    stele_status status = stele_job_find(job, &row, error);
    if (status == STELE_OK && value == NULL)
        status = take_away(job, knob, &done, error);
    if (status != STELE_OK || done != 0)
        return status;
    status = check_knob(job, knob, value, error);
    if (status == STELE_OK)
        status = check_query(job, knob, value, error);
    if (status != STELE_OK)
        return status;
    if (job->id == 0)
        return never_run(job, error);
    stele_job_print(id, job->id);
    return value == NULL ? STELE_OK : change(job, sql, 3, values, &done, error);
}

typedef struct listing {
    const stele_job *job;
    void (*each)(void *data, const char *knob, const char *value, const char *from, const char *what);
    void *data;
} listing;

/* Was it set, to something that could be read? What was set is "NAME 037 VALUE", 036 between. */
static bool is_set(const stele_job *job, const char *name)
{
    size_t length = strlen(name);
    for (const char *pair = job->knobs_seen; pair != NULL && *pair != '\0'; pair += strcspn(pair, "\036"), pair += *pair != '\0') {
        size_t size = strcspn(pair, "\036");
        if (size <= length || strncmp(pair, name, length) != 0 || pair[length] != '\037')
            continue;
        stele_knobs knobs = job->knobs;
        stele_arena arena = {0};
        char *value = stele_arena_copy(&arena, pair + length + 1, size - length - 1);
        bool right = value != NULL && strcmp(value, STELE_JOB_NULL_KNOB) != 0 && stele_knob_read(&knobs, name, value, NULL) == STELE_OK;
        stele_arena_free(&arena);
        return right;
    }
    return false;
}

static void list_knob(void *data, const char *name, const char *value, const char *what)
{
    const listing *l = data;
    const stele_job_spec *spec = l->job->spec;
    const char *from = is_set(l->job, name) ? "set" : "default";
    for (size_t i = 0; i < spec->pace_count && strcmp(from, "default") == 0; i++)
        if (strcmp(spec->pace[i].name, name) == 0)
            from = "script";
    l->each(l->data, name, value, from, what);
}

stele_status stele_job_knobs(stele_job *job, void (*each)(void *data, const char *knob, const char *value, const char *from, const char *what), void *data,
                             stele_error *error)
{
    stele_job_row row;
    listing l = {.job = job, .each = each, .data = data};
    stele_error_clear(error);
    stele_status status = stele_job_find(job, &row, error);
    if (status == STELE_OK)
        stele_knobs_each(&job->knobs, list_knob, &l);
    return status;
}

/* ------------------------------------------------------- rows that were given up */

stele_status stele_job_list_dead(stele_job *job, void (*each)(void *data, const stele_job_dead *dead), void *data, stele_error *error)
{
    static const char sql[] =
        "SELECT CASE WHEN pg_catalog.cardinality(d.key) OPERATOR(pg_catalog.=) 1 THEN d.key[1]"
        " ELSE '(' OPERATOR(pg_catalog.||) pg_catalog.array_to_string(d.key, ', ') OPERATOR(pg_catalog.||) ')' END,"
        " d.stage, d.code, d.message, pg_catalog.to_char(d.died AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00'), d.attempts"
        " FROM @.dead AS d WHERE d.job OPERATOR(pg_catalog.=) $1::integer AND d.resolved IS NULL ORDER BY d.died, d.key";
    stele_job_row row;
    stele_job_number id;
    const char *values[] = {id};
    stele_rows *rows;
    stele_error_clear(error);
    stele_status status = stele_job_find(job, &row, error);
    if (status != STELE_OK || job->id == 0)
        return status;
    stele_job_print(id, job->id);
    status = stele_job_query(job, sql, 1, values, &rows, error);
    for (int i = 0; status == STELE_OK && i < stele_rows_count(rows); i++) {
        const stele_job_dead dead = {.key = stele_rows_text(rows, i, 0), .stage = stele_rows_text(rows, i, 1), .code = stele_rows_text(rows, i, 2),
                                     .message = stele_rows_text(rows, i, 3), .when = stele_rows_text(rows, i, 4), .attempts = atoi(stele_rows_text(rows, i, 5))};
        each(data, &dead);
    }
    stele_rows_free(rows);
    return status;
}

/* They wait in `dirty`, with what was changed meanwhile: each run does that, also of a job that is ready, switched or done. */
stele_status stele_job_retry_dead(stele_job *job, const char *code, int64_t *count, stele_error *error)
{
    static const char sql[] =
        "WITH d AS (UPDATE @.dead AS o SET resolved = pg_catalog.clock_timestamp() WHERE o.job OPERATOR(pg_catalog.=) $1::integer AND o.resolved IS NULL"
        " AND ($2::text IS NULL OR o.code OPERATOR(pg_catalog.=) $2::text) RETURNING o.key),"
        " i AS (INSERT INTO @.dirty (job, key) SELECT $1::integer, d.key FROM d)"
        " SELECT pg_catalog.count(*) FROM d";
    stele_job_row row;
    stele_job_number id;
    const char *values[] = {id, code};
    stele_error_clear(error);
    *count = 0;
    stele_status status = stele_job_find(job, &row, error);
    if (status != STELE_OK)
        return status;
    if (job->id == 0)
        return never_run(job, error);
    if (row.state == STELE_JOB_CANCELLED || strcmp(row.desired, "cancel") == 0) {
        stele_error_set(error, STELE_UNMET, "the job \"%s\" was cancelled", job->spec->name);
        stele_error_hint(error, "job run %s begins it anew, with all of its rows", job->spec->name);
        return STELE_UNMET;
    }
    stele_job_print(id, job->id);
    return change(job, sql, 2, values, count, error);
}

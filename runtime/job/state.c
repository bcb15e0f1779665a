#include "job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "after.h"
#include "state.h"

static const char *const words[] = {"", "load", "drain", "index", "verify", "ready", "switched", "done", "cancelled"};

const char *stele_job_state_word(stele_job_state state)
{
    return (size_t)state < sizeof words / sizeof *words ? words[state] : "";
}

static stele_job_state read_state(const char *word)
{
    size_t i = sizeof words / sizeof *words;
    while (--i > 0)
        if (strcmp(words[i], word) == 0)
            return (stele_job_state)i;
    return STELE_JOB_NEW;
}

static const char *text_at(const stele_rows *rows, int column)
{
    const char *text = stele_rows_text(rows, 0, column);
    return text == NULL ? "" : text;
}

/* ------------------------------------------------------------------- the row */

const char *stele_job_print(stele_job_number out, int64_t number)
{
    snprintf(out, sizeof(stele_job_number), "%" PRId64, number);
    return out;
}

int64_t stele_job_read_number(const char *text)
{
    return text == NULL ? 0 : strtoll(text, NULL, 10);
}

static void read_row(stele_job *job, const stele_rows *rows, stele_job_row *row)
{
    *row = (stele_job_row){.state = read_state(text_at(rows, 1)),
                           .by_blocks = stele_rows_true(rows, 0, 5),
                           .planned = stele_rows_true(rows, 0, 6),
                           .round = atoi(text_at(rows, 7)),
                           .blocks = stele_job_read_number(stele_rows_text(rows, 0, 8)),
                           .expected = stele_job_read_number(stele_rows_text(rows, 0, 9)),
                           .workers = (unsigned)strtoul(text_at(rows, 10), NULL, 10),
                           .writers = (unsigned)strtoul(text_at(rows, STELE_JOB_ROW_WRITERS), NULL, 10)};
    job->id = atoi(text_at(rows, 0));
    stele_error_copy(row->desired, sizeof row->desired, text_at(rows, 2));
    stele_error_shorten(row->reason, sizeof row->reason, text_at(rows, 3));
    stele_error_shorten(row->message, sizeof row->message, text_at(rows, 4));
    if (job->looked[0] == '\0')
        snprintf(job->looked, sizeof job->looked, "%s", text_at(rows, STELE_JOB_ROW_MOVED));
}

/* ----------------------------------------------------------------- the knobs */

/* One that was set, NAME 037 VALUE. What can't be read is not taken. */
static stele_status read_knob(stele_knobs *knobs, char *pair, stele_error *error)
{
    char *value = strchr(pair, '\037');
    if (value == NULL)
        return STELE_OK;
    *value++ = '\0';
    stele_knobs kept = *knobs;
    stele_status status = stele_knob_read(knobs, pair, strcmp(value, STELE_JOB_NULL_KNOB) == 0 ? NULL : value, error);
    if (status != STELE_OK)
        *knobs = kept;
    return status;
}

/* The defaults, what the script says, and over both what was set: "NAME 037 VALUE", 036 between. */
static stele_status read_knobs(stele_job *job, stele_knobs *knobs, char *pairs, stele_error *error)
{
    stele_knobs_default(knobs);
    stele_status status = STELE_OK;
    for (size_t i = 0; i < job->spec->pace_count && status == STELE_OK; i++)
        status = stele_knob_read(knobs, job->spec->pace[i].name, job->spec->pace[i].value, error);
    for (char *pair = pairs, *next; pair != NULL && *pair != '\0'; pair = next) {
        next = strchr(pair, '\036');
        if (next != NULL)
            *next++ = '\0';
        stele_status one = read_knob(knobs, pair, error);
        if (one == STELE_FAILED)
            return one;
    }
    return status;
}

/* The knobs in force. Somebody's slip of the pen in SQL must not stop a job that runs: it is told in the reports, and the knob stays as the script has it. So FAILED is for memory only. */
static stele_status take_knobs(stele_job *job, const char *set, stele_error *error)
{
    stele_arena arena = {0};
    stele_error wrong = {0};
    stele_knobs knobs;
    if (job->knobs_seen != NULL && strcmp(job->knobs_seen, set) == 0)
        return STELE_OK;
    char *seen = stele_arena_copy(&arena, set, strlen(set)), *pairs = stele_arena_copy(&arena, set, strlen(set));
    if (seen == NULL || pairs == NULL) {
        stele_arena_free(&arena);
        return stele_error_memory(error);
    }
    stele_status status = read_knobs(job, &knobs, pairs, &wrong);
    if (status == STELE_FAILED) {
        stele_arena_free(&arena);
        if (error != NULL)
            *error = wrong;
        return status;
    }
    job->knobs = knobs;
    stele_arena_free(&job->knob_arena);
    job->knobs_wrong = wrong.status == STELE_OK ? NULL : stele_arena_print(&arena, "%.200s; it stays as the script has it", wrong.message);
    job->knob_arena = arena;
    job->knobs_seen = seen;
    return STELE_OK;
}

stele_status stele_job_take_row(stele_job *job, const stele_rows *rows, stele_job_row *row, stele_error *error)
{
    read_row(job, rows, row);
    return take_knobs(job, text_at(rows, STELE_JOB_ROW_KNOBS), error);
}

/* Before the first run of any job there are no tables, nor a schema. */
static bool is_not_there(const stele_error *error)
{
    return strcmp(error->sqlstate, "42P01") == 0 || strcmp(error->sqlstate, "3F000") == 0;
}

stele_status stele_job_find(stele_job *job, stele_job_row *row, stele_error *error)
{
    static const char sql[] = "SELECT " STELE_JOB_ROW " FROM @.job AS j WHERE j.name OPERATOR(pg_catalog.=) $2";
    stele_job_number lease;
    const char *values[] = {stele_job_print(lease, job->knobs.lease_ms), job->spec->name};
    stele_rows *rows;
    stele_error own = {0};
    *row = (stele_job_row){0};
    stele_status status = stele_job_query(job, sql, 2, values, &rows, &own);
    if (status == STELE_OK && stele_rows_count(rows) > 0) {
        status = stele_job_take_row(job, rows, row, &own);
    } else if (status == STELE_OK || is_not_there(&own)) {
        job->id = 0; /* not before it is known: a worker that lost its connection here goes on with the same job */
        if (job->looked[0] == '\0')
            snprintf(job->looked, sizeof job->looked, "never");
        stele_error_clear(&own);
        status = take_knobs(job, "", &own);
    }
    stele_rows_free(rows);
    if (status != STELE_OK && error != NULL)
        *error = own;
    return status;
}

/* ------------------------------------------------------------------ the tick */

/* Rows a second in the last minute, from samples that are at least four seconds apart. */
static double measure(struct stele_job_meter *meter, int64_t now, int64_t rows)
{
    enum { SIZE = sizeof meter->at / sizeof *meter->at, APART = 4000000 };
    unsigned last = (meter->count + SIZE - 1) % SIZE;
    unsigned first = meter->count < SIZE ? 0 : meter->count % SIZE;
    if (meter->count == 0 || now - meter->at[last] >= APART) {
        meter->at[meter->count % SIZE] = now;
        meter->rows[meter->count % SIZE] = rows;
        meter->count++;
    }
    double seconds = (double)(now - meter->at[first]) / 1e6;
    return seconds < 0.5 ? 0 : (double)(rows - meter->rows[first]) / seconds;
}

static const char tick_sql[] =
    "WITH me AS (UPDATE @.worker AS w SET heartbeat = pg_catalog.clock_timestamp(), rows = $4::bigint, calls = $5::bigint, tokens = $6::bigint,"
    " refused = $7::bigint, repeated = $8::bigint, read_us = $9::bigint, call_us = $10::bigint, write_us = $11::bigint, wait_us = $12::bigint,"
    " rate = $13::float8, wal_rate = $14::float8, lag = $15::float8, bound = $16, reserved = $18::bigint WHERE w.id OPERATOR(pg_catalog.=) $3::bigint RETURNING w.id),"
    " mine AS (UPDATE @.chunk AS c SET lease_until = pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+)"
    " ($1::pg_catalog.float8 OPERATOR(pg_catalog.*) '1 ms'::pg_catalog.interval) WHERE c.job OPERATOR(pg_catalog.=) $2::integer"
    " AND c.state OPERATOR(pg_catalog.=) 1 AND c.worker OPERATOR(pg_catalog.=) $3::bigint AND c.no OPERATOR(pg_catalog.=) ANY ($17::bigint[]) RETURNING 1)"
    " SELECT " STELE_JOB_ROW ", EXISTS (SELECT FROM me) FROM @.job AS j WHERE j.id OPERATOR(pg_catalog.=) $2::integer";

static stele_status check_tick(const stele_job *job, const stele_rows *rows, stele_error *error)
{
    if (stele_rows_count(rows) == 0)
        return stele_error_set(error, STELE_UNMET, "the job \"%s\" is gone: somebody deleted its row", job->spec->name);
    if (strcmp(text_at(rows, STELE_JOB_ROW_SOURCE), job->version) != 0) {
        stele_status status = stele_error_set(error, STELE_UNMET, "the job \"%s\" was cancelled, and begun anew with another script than this worker has", job->spec->name);
        stele_error_hint(error, "start the worker of the newer program");
        return status;
    }
    if (!stele_rows_true(rows, 0, STELE_JOB_ROW_COLUMNS)) {
        stele_status status = stele_error_set(error, STELE_UNMET, "this worker of the job \"%s\" was given up: nothing was heard of it for too long", job->spec->name);
        stele_error_hint(error, "run it again: what it had claimed is done by others, or by that run");
        return status;
    }
    return STELE_OK;
}

/* The chunks that are held, as bigint[]. */
static void print_held(const stele_job *job, char *out, size_t size)
{
    size_t length = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < job->held_count && length < size; i++)
        length += (size_t)snprintf(out + length, size - length, "%s%lld", i == 0 ? "{" : ",", (long long)job->held[i]);
    stele_error_copy(out + length, size - length, length == 0 ? "{}" : "}");
}

stele_status stele_job_between(stele_job *job, stele_error *error)
{
    return job->between == NULL ? STELE_OK : job->between(job->between_data, error);
}

stele_status stele_job_tick(stele_job *job, const stele_job_counts *counts, stele_job_row *row, stele_error *error)
{
    const int64_t counters[] = {job->knobs.lease_ms, job->id,          job->worker,     counts->rows,    counts->calls,    counts->tokens,
                                counts->refused,     counts->repeated, counts->read_us, counts->call_us, counts->write_us, counts->wait_us};
    enum { COUNTERS = sizeof counters / sizeof *counters };
    stele_job_number numbers[COUNTERS];
    char rate[32], wal_rate[32], lag[32], held[24 * STELE_JOB_HELD];
    stele_job_number reserved;
    const char *values[COUNTERS + 6];
    for (size_t i = 0; i < COUNTERS; i++)
        values[i] = stele_job_print(numbers[i], counters[i]);
    stele_job_print_real(rate, measure(&job->meter, stele_clock(), counts->rows));
    stele_job_print_real(wal_rate, counts->wal_rate);
    stele_job_print_real(lag, counts->lag);
    values[COUNTERS] = rate;
    values[COUNTERS + 1] = wal_rate;
    values[COUNTERS + 2] = lag;
    values[COUNTERS + 3] = counts->bound == NULL ? "" : counts->bound;
    print_held(job, held, sizeof held);
    values[COUNTERS + 4] = held;
    values[COUNTERS + 5] = stele_job_print(reserved, counts->reserved);
    stele_rows *rows;
    stele_status status = stele_job_query(job, tick_sql, COUNTERS + 6, values, &rows, error);
    if (status == STELE_OK)
        status = check_tick(job, rows, error);
    if (status == STELE_OK)
        status = stele_job_take_row(job, rows, row, error);
    stele_rows_free(rows);
    return status;
}

/* ------------------------------------------------------------- what is changed */

/* One that is switched, and had to go through all of its table once more, comes back to that, and not to be switched again. */
stele_status stele_job_move(stele_job *job, stele_job_state from, stele_job_state to, const char *message, bool *moved, stele_error *error)
{
    static const char sql[] =
        "UPDATE @.job AS j SET state = CASE WHEN $3 OPERATOR(pg_catalog.=) 'ready' AND j.before IS NOT NULL THEN 'switched' ELSE $3 END, message = coalesce($4, ''), moved = pg_catalog.clock_timestamp()"
        " WHERE j.id OPERATOR(pg_catalog.=) $1::integer AND j.state OPERATOR(pg_catalog.=) $2 RETURNING 1";
    stele_job_number id;
    const char *values[] = {stele_job_print(id, job->id), words[from], words[to], message};
    stele_rows *rows;
    stele_status status = stele_job_query(job, sql, 4, values, &rows, error);
    *moved = status == STELE_OK && stele_rows_count(rows) == 1;
    stele_rows_free(rows);
    return status;
}

stele_status stele_job_stop(stele_job *job, const char *reason, stele_error *error)
{
    static const char sql[] =
        "UPDATE @.job AS j SET desired = 'pause', reason = $2 WHERE j.id OPERATOR(pg_catalog.=) $1::integer AND j.desired OPERATOR(pg_catalog.=) 'run'";
    stele_job_number id;
    const char *values[] = {stele_job_print(id, job->id), reason};
    return stele_job_query(job, sql, 2, values, NULL, error);
}

stele_status stele_job_warn(stele_job *job, const char *what, stele_error *error)
{
    static const char sql[] = "UPDATE @.job AS j SET reason = $2 WHERE j.id OPERATOR(pg_catalog.=) $1::integer AND j.desired OPERATOR(pg_catalog.=) 'run'";
    stele_job_number id;
    const char *values[] = {stele_job_print(id, job->id), what};
    return stele_job_query(job, sql, 2, values, NULL, error);
}

stele_status stele_job_say(stele_job *job, const char *message, stele_error *error)
{
    static const char sql[] = "UPDATE @.job AS j SET message = $2 WHERE j.id OPERATOR(pg_catalog.=) $1::integer AND j.message OPERATOR(pg_catalog.<>) $2";
    stele_job_number id;
    const char *values[] = {stele_job_print(id, job->id), message};
    return stele_job_query(job, sql, 2, values, NULL, error);
}

stele_status stele_job_need_script(const stele_job *job, stele_error *error)
{
    if (job->wrong == NULL)
        return STELE_OK;
    if (error != NULL)
        *error = *job->wrong;
    return job->wrong->status;
}

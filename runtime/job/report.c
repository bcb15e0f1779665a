/*
 * report.c - how a job stands, from what its workers have written down
 *
 * One query, that a worker asks each second. Chunks that are done are added up once: a job may have a hundred thousand of them. What is counted there anybody may have changed by hand, and estimates are estimates: the numbers are
 * made sense of here, so that no share is above 1 whatever they are.
 */
#include "chunk.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "state.h"

/* ------------------------------------------------------------------- the query */

/* A sum as a number that can't overflow. */
#define SUM(what) "coalesce(pg_catalog.sum(" what "), 0)::float8"
#define SUM_IF(condition, what) "coalesce(pg_catalog.sum(" what ") FILTER (WHERE " condition "), 0)::float8"
#define ALIVE                                                                                                                      \
    "w.heartbeat OPERATOR(pg_catalog.>) (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) ($2::float8 OPERATOR(pg_catalog.*)" \
    " '1 ms'::pg_catalog.interval))"
/* A block out of a bound, and out of a place in the table, "(b,o)". */
#define BLOCK(bound) "substring(c." bound "[1] from '^[0-9]{1,10}$')::float8"
#define PLACE "substring(c.\"cursor\"[1] from '^[(]([0-9]{1,10}),')::float8"
#define THIS_ROUND "c.kind OPERATOR(pg_catalog.=) 0 AND c.round OPERATOR(pg_catalog.=) $4::integer"
#define DONE "c.state OPERATOR(pg_catalog.=) 2"
#define COUNTED "(c.rows::float8 OPERATOR(pg_catalog.+) c.dead::float8)"

/* What workers that are gone have counted, and those that are there. */
#define BOTH(count) "j." count "::float8 OPERATOR(pg_catalog.+) w." count

enum {
    ROWS, PASSED, OPEN, BLOCKS, EARLIER, SETTLED, /* of the chunks */
    ALIVE_WORKERS, RATE, BOUND, WAL_RATE, LAG,    /* of the workers */
    CALLS, TOKENS, REFUSED, READ_US, CALL_US, WRITE_US, WAIT_US, RESERVED, LOST,
    DEAD, DIRTY, ALL_DIRTY, DEAD_TUPLES
};

/*
 * $1 the job, $2 how many milliseconds a worker may be silent, $3 the table that is written, $4 the round, $5 the rows of a chunk, $6 the table's blocks, $7 whether each row is written, since there is no `where` and none is found done;
 * chunks of the table above $8, with all others; or with $9, of the table only, those up to that.
 * A chunk of keys that is done has as many rows of the table as chunks have, also where most of them weren't to be written: but the last one, whose end is open.
 */
static const char chunks_sql[] =
    "WITH c AS (SELECT " SUM("c.rows::float8 OPERATOR(pg_catalog.-) c.again::float8") " AS rows,"
    " " SUM_IF(THIS_ROUND, "CASE WHEN " DONE " AND c.hi IS NOT NULL AND NOT ($7::boolean AND " COUNTED " OPERATOR(pg_catalog.>) 0)"
                           " THEN greatest(" COUNTED ", $5::float8) ELSE " COUNTED " END") " AS passed,"
    " " SUM_IF(THIS_ROUND " AND NOT (" DONE ")", "greatest($5::float8 OPERATOR(pg_catalog.-) " COUNTED ", 1)") " AS open,"
    " " SUM_IF(THIS_ROUND " AND c.by_blocks", "greatest(least(CASE WHEN " DONE " THEN " BLOCK("hi") " ELSE coalesce(" PLACE ", 0) END, " BLOCK("hi") ", $6::float8)"
                                              " OPERATOR(pg_catalog.-) coalesce(" BLOCK("lo") ", 0), 0)") " AS blocks,"
    " coalesce(pg_catalog.bool_or(c.kind OPERATOR(pg_catalog.=) 0 AND c.round OPERATOR(pg_catalog.<) $4::integer), false) AS earlier,"
    " coalesce(pg_catalog.min(c.no) FILTER (WHERE c.kind OPERATOR(pg_catalog.=) 0 AND NOT (" DONE ")) OPERATOR(pg_catalog.-) 1,"
    " pg_catalog.max(c.no) FILTER (WHERE c.kind OPERATOR(pg_catalog.=) 0)) AS settled"
    " FROM (SELECT d.* FROM @.chunk AS d WHERE d.job OPERATOR(pg_catalog.=) $1::integer AND d.kind OPERATOR(pg_catalog.=) 0 AND d.no OPERATOR(pg_catalog.>) $8::bigint"
    " AND d.no OPERATOR(pg_catalog.<=) coalesce($9::bigint, 9223372036854775807)"
    " UNION ALL SELECT d.* FROM @.chunk AS d WHERE d.job OPERATOR(pg_catalog.=) $1::integer AND d.kind OPERATOR(pg_catalog.>) 0 AND $9::bigint IS NULL) AS c)";

static const char only_sql[] = " SELECT c.* FROM c WHERE $2::float8 IS NOT NULL AND $3::text IS NOT NULL";

static const char rest_sql[] =
    ", w AS (SELECT pg_catalog.count(*) FILTER (WHERE " ALIVE ") AS alive, " SUM_IF(ALIVE, "w.rate") " AS rate,"
    " pg_catalog.mode() WITHIN GROUP (ORDER BY w.bound COLLATE pg_catalog.\"C\") FILTER (WHERE " ALIVE " AND w.bound OPERATOR(pg_catalog.<>) '') AS bound,"
    " pg_catalog.max(w.wal_rate) FILTER (WHERE " ALIVE ") AS wal_rate, pg_catalog.max(w.lag) FILTER (WHERE " ALIVE ") AS lag,"
    " " SUM("w.calls") " AS calls, " SUM("w.tokens") " AS tokens, " SUM("w.refused") " AS refused, " SUM("w.read_us") " AS read_us, "
    SUM("w.call_us") " AS call_us, " SUM("w.write_us") " AS write_us, " SUM("w.wait_us") " AS wait_us,"
    " " SUM("w.reserved") " AS reserved, " SUM_IF("NOT (" ALIVE ")", "w.reserved") " AS lost"
    " FROM @.worker AS w WHERE w.job OPERATOR(pg_catalog.=) $1::integer)"
    " SELECT c.rows, c.passed, c.open, c.blocks, c.earlier, c.settled, w.alive, w.rate, w.bound, w.wal_rate, w.lag,"
    " " BOTH("calls") ", " BOTH("tokens") ", " BOTH("refused") ", " BOTH("read_us") ", " BOTH("call_us") ", " BOTH("write_us") ", " BOTH("wait_us") ", w.reserved, w.lost,"
    " (SELECT pg_catalog.count(*) FROM @.dead AS d WHERE d.job OPERATOR(pg_catalog.=) j.id AND d.resolved IS NULL),"
    " y.dirty, y.everything,"
    " (SELECT " SUM("s.n_dead_tup") " FROM pg_catalog.pg_stat_all_tables AS s WHERE s.relid OPERATOR(pg_catalog.=) ANY (ARRAY("
    "SELECT pg_catalog.to_regclass($3)::oid UNION SELECT t.relid::oid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass($3)) AS t)))"
    " FROM @.job AS j CROSS JOIN c CROSS JOIN w CROSS JOIN (SELECT pg_catalog.count(*) AS dirty, coalesce(pg_catalog.bool_or(d.key IS NULL), false) AS everything FROM @.dirty AS d"
    " WHERE d.job OPERATOR(pg_catalog.=) $1::integer) AS y WHERE j.id OPERATOR(pg_catalog.=) $1::integer";

/* -------------------------------------------------------------------- numbers */

/* A number that makes sense: from 0 on. */
static double number_at(const stele_rows *rows, int column)
{
    const char *text = stele_rows_text(rows, 0, column);
    double number = text == NULL ? 0 : strtod(text, NULL);
    return isfinite(number) && number > 0 ? number : 0;
}

static int64_t whole(double number)
{
    return number >= 9e18 ? INT64_MAX : (int64_t)number;
}

static int64_t whole_at(const stele_rows *rows, int column)
{
    return whole(number_at(rows, column));
}

static double share(double part, double all)
{
    double found = all > 0 ? part / all : 0;
    return found < 1 ? found : 1;
}

/* ------------------------------------------------------------------ of the chunks */

/* What the chunks that were looked at come to, with those that were added up before. */
typedef struct sums {
    double rows, passed, open, blocks;
    bool earlier;
} sums;

static void add_up(const stele_job *job, const stele_rows *rows, sums *all)
{
    const struct stele_job_sums *before = &job->sums;
    *all = (sums){before->rows + number_at(rows, ROWS), before->passed + number_at(rows, PASSED), number_at(rows, OPEN),
                  before->blocks + number_at(rows, BLOCKS), before->earlier || stele_rows_true(rows, 0, EARLIER)};
}

static void keep(stele_job *job, const sums *all, int64_t below)
{
    struct stele_job_sums *kept = &job->sums;
    *kept = (struct stele_job_sums){kept->round, kept->chunk, below, all->rows, all->passed, all->blocks, all->earlier};
}

/* ------------------------------------------------------------------ how far it is */

static bool is_behind_load(stele_job_state state)
{
    return state != STELE_JOB_NEW && state != STELE_JOB_LOAD && state != STELE_JOB_CANCELLED;
}

/* Of this round; of keys there is an estimate of what is left only. It is 1 where nothing is left, and else less. */
static double fraction_of_round(const stele_job *job, const stele_job_row *row, const sums *all)
{
    double passed = all->passed, rest = all->open;
    if (row->by_blocks)
        return share(all->blocks, (double)row->blocks);
    if (!row->planned) {
        rest += stele_chunk_rows(job);
        if ((double)row->expected - passed > rest)
            rest = (double)row->expected - passed;
    }
    return passed + rest > 0 ? share(passed, passed + rest) : row->planned ? 1 : 0;
}

/* Also what that will be in all, and cost. */
static void fill_progress(const stele_job *job, const stele_job_row *row, const sums *all, stele_job_report *report)
{
    bool again = all->earlier; /* all of it was gone through, and is once more */
    double found = fraction_of_round(job, row, all), done = all->rows + (double)report->dead;
    report->fraction = again || is_behind_load(row->state) ? 1 : found;
    /* An estimate by what is done is better than the statistics, once it is some of it. */
    if (report->fraction >= 0.02)
        report->expected = whole(done / report->fraction);
    else
        report->expected = whole(done > (double)row->expected ? done : (double)row->expected);
    if (done > 0)
        report->expected_cost = report->cost * (report->fraction < 1 ? (double)report->expected / done : 1);
    if (again && row->state == STELE_JOB_LOAD && strlen(report->message) + 16 < sizeof report->message)
        snprintf(report->message + strlen(report->message), 16, "%s%.0f %%", report->message[0] == '\0' ? "" : ", ", 100 * found);
}

/* -1: nobody works at it, or it waits for somebody, or what is left can't be counted. */
static double seconds_left(const stele_job_row *row, const stele_job_report *report)
{
    double rest = row->state == STELE_JOB_LOAD    ? (double)report->expected - (double)report->rows - (double)report->dead
                  : row->state == STELE_JOB_DRAIN ? (double)report->dirty
                                                  : -1;
    if (report->paused || report->rate <= 0 || rest < 0 || (row->state == STELE_JOB_LOAD && (report->fraction <= 0 || report->fraction >= 1)))
        return -1;
    return rest / report->rate;
}

/* -------------------------------------------------------------------- the report */

static void fill_counts(stele_job *job, const stele_rows *rows, const sums *of_chunks, stele_job_report *report)
{
    const int times[] = {READ_US, CALL_US, WRITE_US, WAIT_US};
    double all = 0;
    double *const shares[] = {&report->read_share, &report->call_share, &report->write_share, &report->wait_share};
    report->rows = whole(of_chunks->rows);
    report->dead = whole_at(rows, DEAD);
    report->dirty = whole_at(rows, DIRTY);
    report->dead_tuples = whole_at(rows, DEAD_TUPLES);
    if (stele_rows_true(rows, 0, ALL_DIRTY) && report->message[0] == '\0')
        stele_error_copy(report->message, sizeof report->message, "all rows are to be compared");
    report->calls = whole_at(rows, CALLS);
    report->tokens = whole_at(rows, TOKENS);
    report->refused = whole_at(rows, REFUSED);
    job->reserved = number_at(rows, RESERVED);
    job->lost = number_at(rows, LOST);
    if (job->spec->kind == STELE_JOB_EMBEDS)
        report->cost = number_at(rows, TOKENS) * job->spec->provider.price / 1e6;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        all += number_at(rows, times[i]);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        *shares[i] = share(number_at(rows, times[i]), all);
}

static void fill_workers(const stele_job *job, const stele_rows *rows, stele_job_report *report)
{
    const char *bound = stele_rows_text(rows, 0, BOUND), *lag = stele_rows_text(rows, 0, LAG);
    report->workers = (unsigned)number_at(rows, ALIVE_WORKERS);
    report->rate = number_at(rows, RATE);
    report->wal_rate = number_at(rows, WAL_RATE);
    report->wal_budget = job->knobs.wal;
    report->lag = lag == NULL || lag[0] == '-' ? -1 : number_at(rows, LAG);
    stele_error_copy(report->bound, sizeof report->bound, bound == NULL || report->paused || report->state == STELE_JOB_INDEX || report->state == STELE_JOB_VERIFY ? "" : bound);
}

/* With `high`, the chunks up to that only, and nothing else. */
static stele_status ask(const stele_job *job, const stele_job_row *row, const char *high, stele_rows **rows, stele_error *error)
{
    const stele_job_spec *spec = job->spec;
    stele_text sql = {0};
    stele_job_number id, lease, round, chunk, blocks, low;
    const char *values[] = {stele_job_print(id, job->id),       stele_job_print(lease, job->knobs.lease_ms), spec->into != NULL ? spec->into : spec->table,
                            stele_job_print(round, row->round), stele_job_print(chunk, stele_chunk_rows(job)), stele_job_print(blocks, row->blocks),
                            spec->where == NULL && spec->kind != STELE_JOB_EMBEDS ? "t" : "f",    stele_job_print(low, job->sums.below),       high};
    *rows = NULL;
    stele_text_string(&sql, chunks_sql);
    stele_text_string(&sql, high == NULL ? rest_sql : only_sql);
    stele_status status = sql.failed ? stele_error_memory(error) : stele_job_query(job, sql.bytes, sizeof values / sizeof *values, values, rows, error);
    stele_text_free(&sql);
    return status;
}

/* Chunks come in order, and are done nearly so: once enough are done in a row, they are added up, and not looked at again. */
static stele_status settle(stele_job *job, const stele_job_row *row, int64_t settled, stele_error *error)
{
    enum { ENOUGH = 500 };
    stele_job_number high;
    stele_rows *rows;
    sums all;
    if (settled - job->sums.below < ENOUGH)
        return STELE_OK;
    stele_status status = ask(job, row, stele_job_print(high, settled), &rows, error);
    if (status == STELE_OK) {
        add_up(job, rows, &all);
        keep(job, &all, settled);
    }
    stele_rows_free(rows);
    return status;
}

/* What is kept holds for this round, and for this size of chunks. */
static void forget_others(stele_job *job, const stele_job_row *row)
{
    if (job->sums.round != row->round || job->sums.chunk != job->knobs.chunk)
        job->sums = (struct stele_job_sums){.round = row->round, .chunk = job->knobs.chunk};
}

stele_status stele_job_report_fill(stele_job *job, const stele_job_row *row, stele_job_report *report, stele_error *error)
{
    stele_rows *rows;
    bool cancelled = strcmp(row->desired, "cancel") == 0; /* by plain SQL, and no worker has seen it yet */
    *report = (stele_job_report){.state = cancelled ? STELE_JOB_CANCELLED : row->state, .seconds_left = -1, .lag = -1};
    if (job->wrong != NULL)
        snprintf(report->reason, sizeof report->reason, "the script can't be run: %.150s:%u: %.300s", job->wrong->file, job->wrong->line, job->wrong->message);
    if (job->id == 0)
        return STELE_OK;
    report->paused = strcmp(row->desired, "pause") == 0;
    if (row->reason[0] != '\0' || job->wrong == NULL)
        stele_error_copy(report->reason, sizeof report->reason, !report->paused && job->knobs_wrong != NULL ? job->knobs_wrong : row->reason);
    stele_error_copy(report->message, sizeof report->message, row->message);
    forget_others(job, row);
    stele_status status = ask(job, row, NULL, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) == 1) {
        sums all;
        add_up(job, rows, &all);
        fill_counts(job, rows, &all, report);
        fill_workers(job, rows, report);
        fill_progress(job, row, &all, report);
        report->seconds_left = seconds_left(row, report);
        status = settle(job, row, stele_job_read_number(stele_rows_text(rows, 0, SETTLED)), error);
    }
    stele_rows_free(rows);
    return status;
}

stele_status stele_job_status(stele_job *job, stele_job_report *report, stele_error *error)
{
    stele_job_row row;
    stele_error_clear(error);
    stele_status status = stele_job_find(job, &row, error);
    return status == STELE_OK ? stele_job_report_fill(job, &row, report, error) : status;
}

stele_status stele_job_look_first(stele_job *job, stele_job_report *report, stele_error *error)
{
    job->looked[0] = '\0';
    job->together = true;
    return stele_job_status(job, report, error);
}

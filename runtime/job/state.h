/*
 * state.h - reading the job's row, and numbers as its statements take them
 */
#ifndef STELE_JOB_STATE_H
#define STELE_JOB_STATE_H

#include "job.h"

/* The columns that stele_job_take_row reads, of j, the job's row; $1 is how many milliseconds a worker may be silent. */
#define STELE_JOB_ROW                                                                                                                    \
    "j.id, j.state, j.desired, pg_catalog.left(j.reason, 512), pg_catalog.left(j.message, 512), j.by_blocks, j.planned, j.round, j.blocks, j.expected," \
    " (SELECT pg_catalog.count(*) FROM @.worker AS o WHERE o.job OPERATOR(pg_catalog.=) j.id AND o.heartbeat OPERATOR(pg_catalog.>)"     \
    " (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) ($1::pg_catalog.float8 OPERATOR(pg_catalog.*) '1 ms'::pg_catalog.interval)))," \
    " (SELECT pg_catalog.string_agg(k.key OPERATOR(pg_catalog.||) E'\\037' OPERATOR(pg_catalog.||) coalesce(k.value, E'\\035'), E'\\036'"      \
    " ORDER BY k.key) FROM pg_catalog.jsonb_each_text(j.knobs) AS k), j.source, extract(epoch FROM j.moved),"                                            \
    " (SELECT pg_catalog.count(*) FROM @.worker AS o WHERE o.job OPERATOR(pg_catalog.=) j.id AND o.heartbeat OPERATOR(pg_catalog.>)"     \
    " (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) '5 s'::pg_catalog.interval) AND EXISTS (SELECT FROM @.chunk AS c WHERE c.job" \
    " OPERATOR(pg_catalog.=) j.id AND c.state OPERATOR(pg_catalog.=) 1 AND c.worker OPERATOR(pg_catalog.=) o.id))"
enum { STELE_JOB_ROW_KNOBS = 11, STELE_JOB_ROW_SOURCE, STELE_JOB_ROW_MOVED, STELE_JOB_ROW_WRITERS, STELE_JOB_ROW_COLUMNS };

/* What a null of JSON comes as. */
#define STELE_JOB_NULL_KNOB "\035"

/* What is set where all of the table is to be gone through once more. */
#define STELE_JOB_NEXT_ROUND                                                                                                                \
    "state = 'load', round = round OPERATOR(pg_catalog.+) 1, planned = false, frontier = NULL, by_blocks = false, message = 'looks for what was missed'"

/* From the first of `rows`; the knobs, too. Returns OK or FAILED. */
stele_status stele_job_take_row(stele_job *job, const stele_rows *rows, stele_job_row *row, stele_error *error);

/* Numbers as parameters, and back. */
typedef char stele_job_number[24];
const char *stele_job_print(stele_job_number out, int64_t number);
int64_t stele_job_read_number(const char *text); /* 0 for NULL */

/* The name of this machine; "?" where it has none. */
typedef char stele_job_host[64];
const char *stele_job_find_host(stele_job_host host);

/* Add what workers counted that are gone, rows of the CTE `gone`, to the job's row, j. */
#define STELE_JOB_KEEP(column) column " = j." column " OPERATOR(pg_catalog.+) (SELECT coalesce(pg_catalog.sum(g." column "), 0) FROM gone AS g)::bigint"
#define STELE_JOB_KEEP_COUNTS                                                                                                             \
    STELE_JOB_KEEP("calls") ", " STELE_JOB_KEEP("tokens") ", " STELE_JOB_KEEP("refused") ", " STELE_JOB_KEEP("repeated") ", "             \
    STELE_JOB_KEEP("read_us") ", " STELE_JOB_KEEP("call_us") ", " STELE_JOB_KEEP("write_us") ", " STELE_JOB_KEEP("wait_us")

#endif

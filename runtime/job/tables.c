#include "job.h"

#include <string.h>

#include "../error.h"

/*
 * @ stands for the schema. Everything is made in one transaction, so that there are all of them or none; and each
 * IF NOT EXISTS, so that a later version can add to what an earlier one made. The comments are for whoever looks with psql.
 */
static const char job_table[] =
    "CREATE TABLE IF NOT EXISTS @.job (\n"
    "  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
    "  name text COLLATE \"C\" NOT NULL UNIQUE,\n"
    "  file text COLLATE \"C\" NOT NULL,\n"
    "  source text COLLATE \"C\" NOT NULL,\n"
    "  script text COLLATE \"C\" NOT NULL,\n"
    "  identity text COLLATE \"C\" NOT NULL,\n"
    "  state text COLLATE \"C\" NOT NULL DEFAULT 'load' CHECK (state OPERATOR(pg_catalog.=) ANY\n"
    "    ('{load,drain,index,verify,ready,switched,done,cancelled}'::pg_catalog.text[])),\n"
    "  desired text COLLATE \"C\" NOT NULL DEFAULT 'run' CHECK (desired OPERATOR(pg_catalog.=) ANY ('{run,pause,cancel}'::pg_catalog.text[])),\n"
    "  reason text NOT NULL DEFAULT '',\n"
    "  knobs jsonb NOT NULL DEFAULT '{}' CHECK (pg_catalog.jsonb_typeof(knobs) OPERATOR(pg_catalog.=) 'object'),\n"
    "  by_blocks boolean NOT NULL DEFAULT false,\n"
    "  round integer NOT NULL DEFAULT 1,\n"
    "  planned boolean NOT NULL DEFAULT false,\n"
    "  frontier text[],\n"
    "  blocks bigint NOT NULL DEFAULT 0,\n"
    "  expected bigint NOT NULL DEFAULT 0,\n"
    "  message text NOT NULL DEFAULT '',\n"
    "  before jsonb,\n"
    "  began timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),\n"
    "  moved timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),\n"
    "  calls bigint NOT NULL DEFAULT 0,\n"
    "  tokens bigint NOT NULL DEFAULT 0,\n"
    "  refused bigint NOT NULL DEFAULT 0,\n"
    "  repeated bigint NOT NULL DEFAULT 0,\n"
    "  read_us bigint NOT NULL DEFAULT 0,\n"
    "  call_us bigint NOT NULL DEFAULT 0,\n"
    "  write_us bigint NOT NULL DEFAULT 0,\n"
    "  wait_us bigint NOT NULL DEFAULT 0\n"
    ") WITH (fillfactor = 50);\n"
    "COMMENT ON TABLE @.job IS 'stele: batch jobs, a row each; desired and knobs may be changed by hand, and workers follow within a second';\n"
    "COMMENT ON COLUMN @.job.state IS 'load, drain, index, verify, ready, switched, done or cancelled; changed by workers and commands only';\n"
    "COMMENT ON COLUMN @.job.desired IS 'UPDATE it to pause, run or cancel';\n"
    "COMMENT ON COLUMN @.job.reason IS 'why it is paused, or what went wrong while it goes on; it ends with the next change of desired';\n"
    "COMMENT ON COLUMN @.job.knobs IS 'what was set instead of what the script says: SET knobs = knobs || ''{\"write\": \"50ms\"}'', and to set it back"
    " SET knobs = knobs - ''write''; the program''s job knobs lists them';\n"
    "COMMENT ON COLUMN @.job.identity IS 'what may not change while the job goes on';\n"
    "COMMENT ON COLUMN @.job.source IS 'the checksum of the script that it was begun with, without its comments and white space';\n"
    "COMMENT ON COLUMN @.job.planned IS 'all of the table is cut into chunks';\n"
    "COMMENT ON COLUMN @.job.frontier IS 'where the next chunk begins: a block, or the key behind which it goes on';\n"
    "COMMENT ON COLUMN @.job.expected IS 'rows, estimated when it was begun';\n"
    "COMMENT ON COLUMN @.job.before IS 'what the switch changed, for the way back';\n"
    "COMMENT ON COLUMN @.job.calls IS 'this and what follows: counted by workers that are gone; the others'' is in worker';\n";

/* Whoever changes what is wanted, and gives no reason, would leave that of the pause before: psql has no other one who takes it away. */
static const char wish_trigger[] =
    "CREATE OR REPLACE FUNCTION @.job_wish() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $stele$\n"
    "BEGIN NEW.reason := ''; RETURN NEW; END $stele$;\n"
    "CREATE OR REPLACE TRIGGER wish BEFORE UPDATE OF desired ON @.job FOR EACH ROW\n"
    "  WHEN (OLD.desired OPERATOR(pg_catalog.<>) NEW.desired AND OLD.reason OPERATOR(pg_catalog.=) NEW.reason) EXECUTE FUNCTION @.job_wish();\n"
    "COMMENT ON TRIGGER wish ON @.job IS 'a reason is that of one pause: another desired without a reason of its own has none';\n";

static const char chunk_table[] =
    "CREATE TABLE IF NOT EXISTS @.chunk (\n"
    "  job integer NOT NULL REFERENCES @.job ON DELETE CASCADE,\n"
    "  no bigint NOT NULL,\n"
    "  round integer NOT NULL,\n"
    "  kind smallint NOT NULL DEFAULT 0 CHECK (kind BETWEEN 0 AND 4),\n"
    "  by_blocks boolean NOT NULL DEFAULT false,\n"
    "  lo text[],\n"
    "  hi text[],\n"
    "  keys text[],\n"
    "  \"cursor\" text[],\n"
    "  state smallint NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),\n"
    "  epoch bigint NOT NULL DEFAULT 0,\n"
    "  worker bigint,\n"
    "  lease_until timestamptz,\n"
    "  attempts integer NOT NULL DEFAULT 0,\n"
    "  not_before timestamptz,\n"
    "  rows bigint NOT NULL DEFAULT 0,\n"
    "  again bigint NOT NULL DEFAULT 0,\n"
    "  dead bigint NOT NULL DEFAULT 0,\n"
    "  PRIMARY KEY (job, no)\n"
    ") WITH (fillfactor = 50);\n"
    "CREATE INDEX IF NOT EXISTS chunk_open ON @.chunk (job, round, no) WHERE state < 2;\n"
    "CREATE INDEX IF NOT EXISTS chunk_task ON @.chunk (job) WHERE kind > 0;\n"
    "COMMENT ON TABLE @.chunk IS 'stele: pieces of a job''s work; each is claimed by one worker, for as long as its lease runs';\n"
    "COMMENT ON COLUMN @.chunk.kind IS '0 a range of the table, 1 keys of rows that were changed, 2 what is left over, 3 the index, 4 the verification';\n"
    "COMMENT ON COLUMN @.chunk.keys IS 'of rows that are changed where they are: all of them, in the order in which they are written';\n"
    "COMMENT ON COLUMN @.chunk.\"cursor\" IS 'done up to here; where there are keys, so many of them';\n"
    "COMMENT ON COLUMN @.chunk.state IS '0 free, 1 taken, 2 done';\n"
    "COMMENT ON COLUMN @.chunk.epoch IS 'goes up with each claim: a worker that lost the chunk can''t write any more';\n"
    "COMMENT ON COLUMN @.chunk.rows IS 'written, or found to be others than those that were read';\n"
    "COMMENT ON COLUMN @.chunk.again IS 'of these, rows that count elsewhere: they were written before, or will be, since they had changed';\n";

static const char dead_table[] =
    "CREATE TABLE IF NOT EXISTS @.dead (\n"
    "  job integer NOT NULL REFERENCES @.job ON DELETE CASCADE,\n"
    "  key text[] NOT NULL,\n"
    "  stage text COLLATE \"C\" NOT NULL,\n"
    "  code text COLLATE \"C\" NOT NULL,\n"
    "  message text NOT NULL DEFAULT '',\n"
    "  input bytea,\n"
    "  attempts integer NOT NULL DEFAULT 1,\n"
    "  died timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),\n"
    "  resolved timestamptz,\n"
    "  PRIMARY KEY (job, key)\n"
    ");\n"
    "COMMENT ON TABLE @.dead IS 'stele: rows that a job gave up; the program''s job dead list lists them, job dead retry has them tried again';\n"
    "COMMENT ON COLUMN @.dead.stage IS 'where it failed: text, embed, map or write';\n"
    "COMMENT ON COLUMN @.dead.code IS 'an SQLSTATE, an HTTP status, or a word';\n"
    "COMMENT ON COLUMN @.dead.input IS 'the hash of what was read';\n"
    "COMMENT ON COLUMN @.dead.resolved IS 'since when it doesn''t count any more: it was done after all, or is tried again';\n";

/*
 * The application's own statements write here, through the triggers. So there is no reference to job: checking it would lock the job's row in each of these, which all
 * writers share, and fail them when the row is gone.
 */
static const char dirty_table[] =
    "CREATE TABLE IF NOT EXISTS @.dirty (\n"
    "  job integer NOT NULL,\n"
    "  seq bigint GENERATED ALWAYS AS IDENTITY,\n"
    "  key text[],\n"
    "  PRIMARY KEY (job, seq)\n"
    ");\n"
    "COMMENT ON TABLE @.dirty IS 'stele: keys of rows that are to be done again; NULL stands for all of them';\n";

static const char worker_table[] =
    "CREATE TABLE IF NOT EXISTS @.worker (\n"
    "  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
    "  job integer NOT NULL REFERENCES @.job ON DELETE CASCADE,\n"
    "  name text NOT NULL,\n"
    "  backend integer,\n"
    "  began timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),\n"
    "  heartbeat timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),\n"
    "  rows bigint NOT NULL DEFAULT 0,\n"
    "  calls bigint NOT NULL DEFAULT 0,\n"
    "  tokens bigint NOT NULL DEFAULT 0,\n"
    "  refused bigint NOT NULL DEFAULT 0,\n"
    "  repeated bigint NOT NULL DEFAULT 0,\n"
    "  read_us bigint NOT NULL DEFAULT 0,\n"
    "  call_us bigint NOT NULL DEFAULT 0,\n"
    "  write_us bigint NOT NULL DEFAULT 0,\n"
    "  wait_us bigint NOT NULL DEFAULT 0,\n"
    "  rate double precision NOT NULL DEFAULT 0,\n"
    "  bound text NOT NULL DEFAULT '',\n"
    "  wal_rate double precision NOT NULL DEFAULT 0,\n"
    "  lag double precision NOT NULL DEFAULT -1\n"
    ") WITH (fillfactor = 50);\n"
    "CREATE INDEX IF NOT EXISTS worker_job ON @.worker (job);\n"
    "COMMENT ON TABLE @.worker IS 'stele: who works at a job, and what it counted so far; one that died leaves its row';\n"
    "COMMENT ON COLUMN @.worker.backend IS 'the server process as the worker knows it; behind a pooler it may be another';\n"
    "COMMENT ON COLUMN @.worker.rate IS 'rows a second, of the last minute';\n"
    "COMMENT ON COLUMN @.worker.bound IS 'what limits it';\n"
    "COMMENT ON COLUMN @.worker.lag IS 'seconds that the replica furthest behind is behind; -1: nobody can tell';\n";

static const char space_table[] =
    "CREATE TABLE IF NOT EXISTS @.space (\n"
    "  name text COLLATE \"C\" PRIMARY KEY,\n"
    "  job integer REFERENCES @.job ON DELETE SET NULL,\n"
    "  model text NOT NULL,\n"
    "  dimensions integer NOT NULL,\n"
    "  relation text NOT NULL,\n"
    "  vector text NOT NULL,\n"
    "  metric text NOT NULL,\n"
    "  switched timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()\n"
    ");\n"
    "COMMENT ON TABLE @.space IS 'stele: which model''s vectors a search has to use, and where they are; a job''s switch changes it';\n";

/* What came later, of whatever table: so tables that an older program made become those of this one. ADDED are the columns, by which it is known that all of it is there. */
static const char added[] =
    "ALTER TABLE @.job ADD COLUMN IF NOT EXISTS fresh integer NOT NULL DEFAULT 0, ADD COLUMN IF NOT EXISTS since xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id();\n"
    "ALTER TABLE @.worker ADD COLUMN IF NOT EXISTS reserved bigint NOT NULL DEFAULT 0;\n"
    "COMMENT ON COLUMN @.job.fresh IS 'the round that began with nothing in the table beside: what it reads was never written; 0: there was something';\n"
    "COMMENT ON COLUMN @.job.since IS 'the transaction that began it: vectors of its own table that are older are another script''s';\n"
    "COMMENT ON COLUMN @.worker.reserved IS 'tokens that it may use besides, until it is heard of again, where there is max_cost';\n";
#define ADDED "{fresh,since,reserved}"
#define ADDED_COUNT "3"

static const char rights[] = "REVOKE ALL ON @.job, @.chunk, @.dead, @.dirty, @.worker, @.space FROM PUBLIC;\n";

void stele_job_put(stele_text *text, const stele_job *job, const char *sql)
{
    while (*sql != '\0') {
        size_t plain = strcspn(sql, "@");
        stele_text_bytes(text, sql, plain);
        sql += plain;
        if (*sql == '@') {
            stele_text_string(text, job->schema);
            sql++;
        }
    }
}

/* A missing table or right is nothing that happened to the job: it is what somebody has to do first. */
static stele_status explain(const stele_job *job, stele_status status, stele_error *error)
{
    const char *role = job->handle->link.role != NULL ? job->handle->link.role : stele_link_user(&job->handle->link);
    if (status != STELE_FAILED || error == NULL)
        return status;
    if (strcmp(error->sqlstate, "42P01") == 0 || strcmp(error->sqlstate, "3F000") == 0) {
        error->status = status = STELE_UNMET;
        if (job->handle->table->count == 0)
            stele_error_hint(error, "the first migration makes the schema %s, and this program has none: write one, for the table that the job writes, say", job->schema);
        else
            stele_error_hint(error, "bring the database up to date first (up); the first run of a job then makes its tables in the schema %s", job->schema);
    } else if (strcmp(error->sqlstate, "42703") == 0) {
        error->status = status = STELE_UNMET;
        stele_error_hint(error, "the tables of jobs in the schema %s are those of an older version of this program: the next job run brings them up to date", job->schema);
    } else if (strcmp(error->sqlstate, "42501") == 0) {
        error->status = status = STELE_UNMET;
        stele_error_hint(error, "the role that owns the schema %s makes the tables of jobs, with its first run of one; a role that works at jobs needs SELECT, INSERT, UPDATE and DELETE on"
                                " them, one that only looks SELECT: grant them to %s", job->schema, role);
    }
    return status;
}

stele_status stele_job_query(const stele_job *job, const char *sql, int count, const char *const *values, stele_rows **rows, stele_error *error)
{
    stele_text text = {0};
    stele_error own = {0};
    if (error == NULL)
        error = &own;
    if (rows != NULL)
        *rows = NULL;
    stele_job_put(&text, job, sql);
    stele_status status = text.failed ? stele_error_memory(error) : stele_link_query(&job->handle->link, text.bytes, count, values, rows, error);
    stele_text_free(&text);
    return explain(job, status, error);
}

stele_status stele_job_have_tables(stele_job *job, bool *there, stele_error *error)
{
    static const char sql[] =
        "SELECT pg_catalog.count(*) OPERATOR(pg_catalog.=) 6 FROM pg_catalog.pg_class AS c WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.to_regnamespace($1)"
        " AND c.relname OPERATOR(pg_catalog.=) ANY ('{job,chunk,dead,dirty,worker,space}'::pg_catalog.name[])";
    stele_rows *rows;
    stele_status status = stele_link_query(&job->handle->link, sql, 1, &job->schema, &rows, error);
    *there = status == STELE_OK && stele_rows_true(rows, 0, 0);
    stele_rows_free(rows);
    return status;
}

/* Have they all that belongs to them? A program of an earlier version may have made them. */
static stele_status are_current(stele_job *job, bool *current, stele_error *error)
{
    static const char sql[] =
        "SELECT pg_catalog.count(*) OPERATOR(pg_catalog.=) " ADDED_COUNT " AND EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgname OPERATOR(pg_catalog.=) 'wish'"
        " AND t.tgrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1 OPERATOR(pg_catalog.||) '.job')) FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) a.attrelid"
        " WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.to_regnamespace($1) AND c.relname OPERATOR(pg_catalog.=) ANY ('{job,worker}'::pg_catalog.name[])"
        " AND a.attname OPERATOR(pg_catalog.=) ANY ('" ADDED "'::pg_catalog.name[]) AND NOT a.attisdropped";
    stele_rows *rows;
    stele_status status = stele_link_query(&job->handle->link, sql, 1, &job->schema, &rows, error);
    *current = status == STELE_OK && stele_rows_true(rows, 0, 0);
    stele_rows_free(rows);
    return status;
}

/* Did another one make them at the same moment? The server has no lock on names that aren't there yet, and so says it in several ways. */
static bool is_race(const stele_error *error)
{
    static const char *const states[] = {"23505", "42P07", "42710", "40P01", "40001", "XX000", NULL};
    return stele_sqlstate_is(error->sqlstate, states);
}

static stele_status make(stele_job *job, stele_error *error)
{
    static const char *const all[] = {job_table, wish_trigger, chunk_table, dead_table, dirty_table, worker_table, space_table, added, rights};
    stele_text text = {0};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        stele_job_put(&text, job, all[i]);
    stele_status status = text.failed ? stele_error_memory(error) : stele_link_run(&job->handle->link, text.bytes, error);
    stele_text_free(&text);
    return status;
}

stele_status stele_job_make_tables(stele_job *job, stele_error *error)
{
    enum { TRIES = 20, PAUSE = 50000 };
    stele_error own;
    for (unsigned tries = 1;; tries++) {
        bool there;
        stele_status status = stele_job_have_tables(job, &there, error);
        if (status == STELE_OK && there)
            status = are_current(job, &there, error);
        if (status != STELE_OK || there)
            return status;
        stele_error_clear(&own);
        status = make(job, &own);
        if (status == STELE_OK)
            return STELE_OK;
        if (status != STELE_FAILED || !is_race(&own) || tries == TRIES) {
            explain(job, status, &own);
            if (error != NULL)
                *error = own;
            return own.status;
        }
        status = stele_link_pause(&job->handle->link, PAUSE, error);
        if (status != STELE_OK)
            return status;
    }
}

#include "job.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../error.h"
#include "sql.h"
#include "state.h"

/* ------------------------------------------------------- what may not change */

static void put_list(stele_text *text, const char *what, const char *const *names, const char *const *types, size_t count)
{
    stele_text_print(text, "%s: ", what);
    for (size_t i = 0; i < count; i++)
        stele_text_print(text, "%s%s%s%s", i == 0 ? "" : ", ", names[i], types == NULL ? "" : " ", types == NULL ? "" : types[i]);
    stele_text_string(text, "\n");
}

/* A line of it; what is written over several lines stands in one. */
static void put_line(stele_text *text, const char *what, const char *value)
{
    if (value == NULL)
        return;
    stele_text_print(text, "%s: ", what);
    for (; *value != '\0'; value++)
        stele_text_bytes(text, *value == '\n' || *value == '\r' ? " " : value, 1);
    stele_text_string(text, "\n");
}

static void put_identity(stele_text *text, const stele_job *job, const stele_job_shape *shape)
{
    const stele_job_spec *spec = job->spec;
    static const char *const kinds[] = {"embeds", "maps", "runs SQL"};
    put_line(text, "kind", kinds[spec->kind]);
    put_line(text, "table", spec->table);
    put_list(text, "key", spec->keys, shape->key_types, spec->key_count);
    put_line(text, "where", spec->where);
    put_line(text, "sql", spec->sql);
    put_line(text, "by", spec->order == STELE_JOB_ANY_ORDER ? NULL : spec->order == STELE_JOB_BY_KEY ? "key" : "blocks");
    put_line(text, "follow", !spec->follows ? "none" : spec->triggers ? "trigger" : "sweep");
    stele_text_string(text, job->making);
    if (spec->kind != STELE_JOB_EMBEDS)
        return;
    put_line(text, "into", spec->into);
    stele_text_print(text, "vector: %s %s\n", spec->vector, shape->vector_kind == 'v' ? "vector" : shape->vector_kind == 'h' ? "halfvec" : "sparsevec");
    put_line(text, "hash", spec->hash);
}

/* ------------------------------------------------------------- the difference */

/* Is this line, of so many bytes, in the text? */
static bool has_line(const char *text, const char *line, size_t length)
{
    while (text != NULL && *text != '\0') {
        size_t other = strcspn(text, "\n");
        if (other == length && memcmp(text, line, length) == 0)
            return true;
        text += other + (text[other] == '\n');
    }
    return false;
}

/* The lines of one text that the other one doesn't have, with a sign before each. */
static void put_difference(stele_text *out, const char *sign, const char *text, const char *other)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        if (strspn(text, " \t\r") < length && !has_line(other, text, length)) {
            stele_text_print(out, "%s%s ", out->length == 0 ? "" : "\n", sign);
            stele_text_bytes(out, text, length);
        }
        text += length + (text[length] == '\n');
    }
}

/* What is done again by a job that is begun anew: what is `another` result, and paid for again where somebody is paid; of an `embed` else the hashes tell of each row that it is done. */
static const char *what_again(const stele_job *job, bool another)
{
    const stele_job_spec *spec = job->spec;
    bool embeds = spec->kind == STELE_JOB_EMBEDS, paid = embeds && spec->provider.kind != STELE_PROVIDER_FIXED;
    if (!embeds)
        return spec->where != NULL ? "does all that `where` asks for" : "does all of it once more";
    if (another)
        return paid ? "pays for it again" : "embeds all of it again";
    return paid ? "what is done already by this very script isn't paid for again" : "what is done already by this very script isn't done again";
}

static stele_status refuse(const stele_job *job, const char *what, const char *was, const char *is, bool another, stele_error *error)
{
    stele_text text = {0};
    put_difference(&text, "-", was, is);
    put_difference(&text, "+", is, was);
    stele_status status = stele_error_set(error, STELE_UNMET, "the job \"%s\" was begun with another %s", job->spec->name, what);
    stele_error_detail(error, "%s", text.bytes == NULL || text.failed ? "" : text.bytes);
    stele_error_hint(error, "go on with the program that it was begun with; or give it up (job cancel %s), then job run %s with this one: it goes through the table anew, and %s", job->spec->name,
                     job->spec->name, what_again(job, another));
    stele_text_free(&text);
    return status;
}

/* ------------------------------------------------------------------ beginning */

/* What is written of a job when it is begun. */
typedef struct beginning {
    stele_text identity;
    char rows[32];
    stele_job_number blocks, lease;
    const stele_job_shape *shape;
} beginning;

static const char insert_sql[] =
    "INSERT INTO @.job AS j (name, file, source, script, identity, by_blocks, blocks, expected, fresh)"
    " VALUES ($1, $2, $3, $4, $5, $6::boolean, $7::bigint, $8::bigint, $9::boolean::integer) ON CONFLICT (name) DO NOTHING";

/* One that came to its end, from its beginning: if its row is still as it was seen. $10 is its id, $11 when it moved last. */
static const char again_sql[] =
    "WITH j AS (UPDATE @.job AS o SET file = $2, source = $3, script = $4, identity = $5, by_blocks = $6::boolean, blocks = $7::bigint,"
    " expected = $8::bigint, state = 'load', desired = 'run', reason = '', message = '', before = NULL, round = o.round OPERATOR(pg_catalog.+) 1,"
    " fresh = CASE WHEN $9::boolean THEN o.round OPERATOR(pg_catalog.+) 1 ELSE 0 END, planned = false, frontier = NULL, began = pg_catalog.clock_timestamp(), since = pg_catalog.pg_current_xact_id(),"
    " moved = pg_catalog.clock_timestamp(), calls = 0, tokens = 0, refused = 0,"
    " repeated = 0, read_us = 0, call_us = 0, write_us = 0, wait_us = 0"
    " WHERE o.name OPERATOR(pg_catalog.=) $1 AND o.id OPERATOR(pg_catalog.=) $10::integer AND extract(epoch FROM o.moved)::text OPERATOR(pg_catalog.=) $11 RETURNING o.id),"
    " c AS (DELETE FROM @.chunk AS o USING j WHERE o.job OPERATOR(pg_catalog.=) j.id),"
    " w AS (DELETE FROM @.worker AS o USING j WHERE o.job OPERATOR(pg_catalog.=) j.id),"
    " d AS (UPDATE @.dead AS o SET resolved = pg_catalog.clock_timestamp() FROM j WHERE o.job OPERATOR(pg_catalog.=) j.id AND o.resolved IS NULL)"
    " SELECT 1 FROM j";

/* Is nothing in the table beside? Then nothing that is read has to be looked for there. */
static stele_status find_fresh(stele_job *job, bool *fresh, stele_error *error)
{
    stele_text sql = {0};
    stele_rows *rows = NULL;
    *fresh = false;
    if (job->spec->kind != STELE_JOB_EMBEDS || job->spec->into == NULL)
        return STELE_OK;
    stele_text_print(&sql, "SELECT NOT EXISTS (SELECT FROM %s)", job->spec->into);
    stele_status status = stele_sql_run(job, &sql, 0, NULL, &rows, error);
    *fresh = status == STELE_OK && stele_rows_true(rows, 0, 0);
    stele_rows_free(rows);
    return status;
}

static stele_status begin(stele_job *job, const beginning *b, const char *id, const char *moved, stele_error *error)
{
    bool fresh;
    stele_status status = find_fresh(job, &fresh, error);
    const char *values[] = {job->spec->name, job->file->file, job->version, job->code, b->identity.bytes, b->shape->by_blocks ? "t" : "f", b->blocks, b->rows,
                            fresh ? "t" : "f", id,             moved};
    return status == STELE_OK ? stele_job_query(job, id == NULL ? insert_sql : again_sql, id == NULL ? 9 : 11, values, NULL, error) : status;
}

/* May it be begun anew? One that is done may not: a second run by mistake must not do anything twice. Cancelling it is the way to say so. */
static bool is_over(const stele_job_row *row)
{
    return row->state == STELE_JOB_CANCELLED || strcmp(row->desired, "cancel") == 0;
}

static stele_status check_identity(const stele_job *job, const beginning *b, const stele_rows *rows, stele_error *error)
{
    const char *identity = stele_rows_text(rows, 0, STELE_JOB_ROW_COLUMNS), *script = stele_rows_text(rows, 0, STELE_JOB_ROW_COLUMNS + 1);
    const char *source = stele_rows_text(rows, 0, STELE_JOB_ROW_SOURCE);
    if (strcmp(identity, b->identity.bytes) != 0)
        return refuse(job, "table, model or destination", identity, b->identity.bytes, strcmp(source, job->version) != 0, error);
    return strcmp(source, job->version) == 0 ? STELE_OK : refuse(job, "script", script, job->code, true, error);
}

/*
 * One look at the row: `again` tells to look once more, after it was begun by this worker or by another one at the same moment.
 */
static stele_status look(stele_job *job, const beginning *b, stele_job_row *row, bool *again, stele_error *error)
{
    static const char sql[] = "SELECT " STELE_JOB_ROW ", j.identity, j.script FROM @.job AS j WHERE j.name OPERATOR(pg_catalog.=) $2";
    const char *values[] = {b->lease, job->spec->name};
    stele_rows *rows;
    stele_status status = stele_job_query(job, sql, 2, values, &rows, error);
    *again = false;
    if (status == STELE_OK && stele_rows_count(rows) == 0) {
        *again = true;
        if (job->looked[0] == '\0')
            snprintf(job->looked, sizeof job->looked, "never");
        status = begin(job, b, NULL, NULL, error);
    } else if (status == STELE_OK) {
        status = stele_job_take_row(job, rows, row, error);
        const char *moved = stele_rows_text(rows, 0, STELE_JOB_ROW_MOVED);
        if (status == STELE_OK && is_over(row) && strcmp(job->looked, moved) == 0) {
            *again = true;
            status = begin(job, b, stele_rows_text(rows, 0, 0), moved, error);
        } else if (status == STELE_OK && !is_over(row)) {
            status = check_identity(job, b, rows, error);
        }
    }
    stele_rows_free(rows);
    return status;
}

const char *stele_job_find_host(stele_job_host host)
{
    if (gethostname(host, sizeof(stele_job_host)) != 0 || host[0] == '\0')
        memcpy(host, "?", 2);
    host[sizeof(stele_job_host) - 1] = '\0';
    return host;
}

/* A process may have several, in threads: so its number stands behind. */
static stele_status name_itself(stele_job *job, const char *name, stele_error *error)
{
    static const char sql[] = "UPDATE @.worker AS w SET name = $2 OPERATOR(pg_catalog.||) ' #' OPERATOR(pg_catalog.||) w.id::text WHERE w.id OPERATOR(pg_catalog.=) $1::bigint";
    stele_job_number id;
    const char *values[] = {stele_job_print(id, job->worker), name};
    return stele_job_query(job, sql, 2, values, NULL, error);
}

/* Become one of its workers; those that were not heard of for a day are taken off the list first, what they counted is kept. */
static stele_status join(stele_job *job, stele_error *error)
{
    static const char sql[] =
        "WITH gone AS (DELETE FROM @.worker AS w WHERE w.job OPERATOR(pg_catalog.=) $1::integer AND w.heartbeat OPERATOR(pg_catalog.<)"
        " (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) '1 day'::pg_catalog.interval) RETURNING w.*),"
        " kept AS (UPDATE @.job AS j SET " STELE_JOB_KEEP_COUNTS " WHERE j.id OPERATOR(pg_catalog.=) $1::integer AND EXISTS (SELECT FROM gone))"
        " INSERT INTO @.worker AS w (job, name, backend) VALUES ($1::integer, $2, $3::integer) RETURNING w.id";
    stele_job_host host;
    char name[128];
    stele_job_number id, backend;
    snprintf(name, sizeof name, "%s %ld", stele_job_find_host(host), (long)getpid());
    const char *values[] = {stele_job_print(id, job->id), job->options.worker != NULL ? job->options.worker : name,
                            stele_job_print(backend, stele_link_backend(&job->handle->link))};
    stele_rows *rows;
    stele_status status = stele_job_query(job, sql, 3, values, &rows, error);
    if (status == STELE_OK)
        job->worker = stele_job_read_number(stele_rows_text(rows, 0, 0));
    stele_rows_free(rows);
    return status == STELE_OK && job->options.worker == NULL ? name_itself(job, name, error) : status;
}

stele_status stele_job_enter(stele_job *job, const stele_job_shape *shape, stele_job_row *row, stele_error *error)
{
    beginning b = {.shape = shape};
    bool again = true;
    put_identity(&b.identity, job, shape);
    snprintf(b.rows, sizeof b.rows, "%.0f", shape->wanted > 0 ? shape->wanted : 0);
    stele_job_print(b.blocks, shape->blocks);
    stele_job_print(b.lease, job->knobs.lease_ms);
    stele_status status = b.identity.failed ? stele_error_memory(error) : STELE_OK;
    while (status == STELE_OK && again)
        status = look(job, &b, row, &again, error);
    stele_text_free(&b.identity);
    if (status == STELE_OK && job->worker == 0)
        status = join(job, error);
    memset(&job->meter, 0, sizeof job->meter);
    return status;
}

stele_status stele_job_check_script(stele_job *job, stele_error *error)
{
    static const char sql[] = "SELECT j.source, j.script FROM @.job AS j WHERE j.id OPERATOR(pg_catalog.=) $1::integer";
    stele_job_number id;
    const char *values[] = {stele_job_print(id, job->id)};
    stele_rows *rows;
    stele_status status = stele_job_query(job, sql, 1, values, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) == 1 && strcmp(stele_rows_text(rows, 0, 0), job->version) != 0)
        status = refuse(job, "script", stele_rows_text(rows, 0, 1), job->code, true, error);
    stele_rows_free(rows);
    return status;
}

/* What was counted since the last tick is in no row yet. */
void stele_job_leave(stele_job *job, const stele_job_counts *counts)
{
    static const char sql[] =
        "WITH gone AS (DELETE FROM @.worker AS w WHERE w.id OPERATOR(pg_catalog.=) $1::bigint RETURNING w.job, $2::bigint AS calls, $3::bigint AS tokens, $4::bigint AS refused,"
        " $5::bigint AS repeated, $6::bigint AS read_us, $7::bigint AS call_us, $8::bigint AS write_us, $9::bigint AS wait_us)"
        " UPDATE @.job AS j SET " STELE_JOB_KEEP_COUNTS " WHERE j.id OPERATOR(pg_catalog.=) (SELECT job FROM gone)";
    const int64_t numbers[] = {job->worker,      counts->calls,   counts->tokens,   counts->refused, counts->repeated,
                               counts->read_us, counts->call_us, counts->write_us, counts->wait_us};
    enum { COUNT = sizeof numbers / sizeof *numbers };
    stele_job_number texts[COUNT];
    const char *values[COUNT];
    bool deaf = job->handle->link.deaf;
    job->looked[0] = '\0'; /* what is begun from here on is another run */
    if (job->worker == 0)
        return;
    for (size_t i = 0; i < COUNT; i++)
        values[i] = stele_job_print(texts[i], numbers[i]);
    job->handle->link.deaf = true; /* also when the caller wants to stop: that is why it leaves */
    stele_job_query(job, sql, COUNT, values, NULL, NULL);
    job->handle->link.deaf = deaf;
    job->worker = 0;
}

stele_status stele_job_charge(stele_job *job, int64_t calls, int64_t tokens, int64_t refused, stele_error *error)
{
    static const char sql[] =
        "UPDATE @.job AS j SET calls = j.calls OPERATOR(pg_catalog.+) $2::bigint, tokens = j.tokens OPERATOR(pg_catalog.+) $3::bigint,"
        " refused = j.refused OPERATOR(pg_catalog.+) $4::bigint WHERE j.id OPERATOR(pg_catalog.=) $1::integer";
    stele_job_number id, numbers[3];
    const char *values[] = {stele_job_print(id, job->id), stele_job_print(numbers[0], calls), stele_job_print(numbers[1], tokens), stele_job_print(numbers[2], refused)};
    return stele_job_query(job, sql, 4, values, NULL, error);
}

/*
 * index.c - the index, built once the table is loaded
 *
 * CREATE INDEX CONCURRENTLY runs on the second connection, since it takes hours, and the first one tells meanwhile that this worker is alive. Its name follows from the
 * table, the column and what the script says of it: so an index of that name is this job's, and one that is invalid is what an attempt left that
 * was interrupted. A client that is gone doesn't end the server's work: one that is still being built is waited for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../checksum.h"
#include "../error.h"
#include "after.h"

/* How long an interrupted build may take to end. */
enum { SECONDS_TO_END = 60 };

typedef struct build {
    stele_job *job;
    char name[64], table_oid[16];
    char table[300], index[300]; /* as SQL names them; index "" where it isn't there */
    bool partitioned, valid, building;
    stele_status (*each)(void *data, const char *message, stele_error *error);
    void *data;
    stele_second second;
    char message[160];
    int64_t looked; /* for the progress, by stele_clock */
} build;

/* -------------------------------------------------------------------- the name */

static bool name_index(build *b, const stele_job_shape *shape, const char *relation)
{
    char table[31], column[16], sum[STELE_CHECKSUM_SIZE];
    stele_text text = {0};
    stele_text_print(&text, "%u\n%s", shape->into_oid, b->job->spec->index);
    bool fine = !text.failed && stele_source_checksum(sum, text.bytes, text.length);
    stele_text_free(&text);
    stele_error_copy(table, sizeof table, relation);
    stele_error_copy(column, sizeof column, b->job->spec->vector);
    snprintf(b->name, sizeof b->name, "%s_%s_%.8s", table, column, fine ? sum + 3 : "");
    return fine;
}

/* ------------------------------------------------------------ what there is now */

static const char the_table[] =
    "SELECT c.relname, pg_catalog.format('%I.%I', n.nspname, c.relname), c.relkind OPERATOR(pg_catalog.=) 'p'"
    " FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid";

static const char the_index[] =
    "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), i.indisvalid AND i.indisready AND i.indislive,"
    " EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p WHERE p.index_relid OPERATOR(pg_catalog.=) i.indexrelid)"
    " FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid"
    " JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " WHERE i.indrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND c.relname OPERATOR(pg_catalog.=) $2";

static stele_status find_table(build *b, const stele_job_shape *shape, stele_error *error)
{
    const char *value = b->table_oid;
    stele_rows *rows;
    snprintf(b->table_oid, sizeof b->table_oid, "%u", shape->into_oid);
    stele_status status = stele_link_query(&b->job->handle->link, the_table, 1, &value, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) == 0)
        status = stele_error_set(error, STELE_UNMET, "the table of the vectors isn't there any more");
    if (status == STELE_OK && !name_index(b, shape, stele_rows_text(rows, 0, 0)))
        status = stele_error_memory(error);
    if (status == STELE_OK) {
        stele_error_copy(b->table, sizeof b->table, stele_rows_text(rows, 0, 1));
        b->partitioned = stele_rows_true(rows, 0, 2);
    }
    stele_rows_free(rows);
    return status;
}

static stele_status find_index(build *b, stele_error *error)
{
    const char *values[] = {b->table_oid, b->name};
    stele_rows *rows;
    stele_status status = stele_link_query(&b->job->handle->link, the_index, 2, values, &rows, error);
    bool there = status == STELE_OK && stele_rows_count(rows) > 0;
    stele_error_copy(b->index, sizeof b->index, there ? stele_rows_text(rows, 0, 0) : "");
    b->valid = there && stele_rows_true(rows, 0, 1);
    b->building = there && stele_rows_true(rows, 0, 2);
    stele_rows_free(rows);
    return status;
}

/* ----------------------------------------------------------------- while it lasts */

static const char progress[] =
    "SELECT p.phase, p.blocks_done, p.blocks_total, p.tuples_done, p.tuples_total, p.lockers_done, p.lockers_total"
    " FROM pg_catalog.pg_stat_progress_create_index AS p JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) p.index_relid"
    " WHERE p.relid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND c.relname OPERATOR(pg_catalog.=) $2";

static void write_progress(build *b, const stele_rows *rows)
{
    static const char *const what[] = {"blocks", "rows", "transactions waited for"};
    int length = snprintf(b->message, sizeof b->message, "index %s: %s", b->name, stele_rows_text(rows, 0, 0));
    for (int i = 0; i < 3 && length > 0 && (size_t)length < sizeof b->message; i++) {
        const char *done = stele_rows_text(rows, 0, 1 + 2 * i), *total = stele_rows_text(rows, 0, 2 + 2 * i);
        if (done == NULL || total == NULL || strtoll(total, NULL, 10) <= 0)
            continue;
        snprintf(b->message + length, sizeof b->message - (size_t)length, ", %s of %s %s", done, total, what[i]);
        break;
    }
}

/* Once a second the server is asked how far it is; each time the caller. */
static stele_status tell(build *b, stele_error *error)
{
    const char *values[] = {b->table_oid, b->name};
    int64_t now = stele_clock();
    if (now - b->looked >= 1000000) {
        stele_rows *rows;
        stele_status status = stele_link_query(&b->job->handle->link, progress, 2, values, &rows, error);
        if (status == STELE_OK && stele_rows_count(rows) > 0)
            write_progress(b, rows);
        stele_rows_free(rows);
        if (status != STELE_OK)
            return status;
        b->looked = now;
    }
    return b->each == NULL ? STELE_OK : b->each(b->data, b->message, error);
}

/* Somebody else's build, or one whose client is gone, is waited for. */
static stele_status wait_for_builder(build *b, stele_error *error)
{
    stele_status status = find_index(b, error);
    while (status == STELE_OK && b->building) {
        status = tell(b, error);
        if (status == STELE_OK)
            status = stele_link_pause(&b->job->handle->link, 100000, error);
        if (status == STELE_OK)
            status = find_index(b, error);
    }
    return status;
}

/* ------------------------------------------------------- on the second connection */

static stele_status tell_lost(stele_error *error)
{
    return stele_error_set(error, STELE_NO_CONNECTION, "the second connection, which builds the index, was lost or couldn't be made");
}

/* What was begun is ended: a build nobody waits for goes on in the server. */
static void end_it(build *b)
{
    int64_t until = stele_clock() + (int64_t)SECONDS_TO_END * 1000000, again = 0;
    while (stele_second_turn(&b->second) == STELE_SECOND_BUSY && stele_clock() < until) {
        if (stele_clock() >= again) {
            stele_second_cancel(&b->second);
            again = stele_clock() + 300000;
        }
        stele_second_rest(&b->second, -1, 0, 100);
    }
}

/* Wait for a state, and call the caller meanwhile. */
static stele_status reach(build *b, stele_second_state wanted, stele_error *error)
{
    stele_status status = STELE_OK;
    int64_t told = 0;
    while (status == STELE_OK && stele_second_turn(&b->second) != wanted) {
        if (b->second.state == STELE_SECOND_LOST || b->second.state == STELE_SECOND_NONE)
            return tell_lost(error);
        if (stele_link_is_asked(&b->job->handle->link)) {
            status = stele_link_pause(&b->job->handle->link, 0, error);
        } else if (stele_clock() - told >= 100000) {
            told = stele_clock();
            status = tell(b, error);
        } else {
            stele_second_rest(&b->second, -1, 0, 50);
        }
    }
    if (status != STELE_OK)
        end_it(b);
    return status;
}

/* One statement to its end. */
static stele_status ask(build *b, const char *sql, stele_error *error)
{
    if (!stele_second_ask(&b->second, sql, 0, NULL))
        return tell_lost(error);
    stele_status status = reach(b, STELE_SECOND_ANSWERED, error);
    if (status != STELE_OK)
        return status;
    stele_rows_free(stele_second_answer(&b->second));
    if (b->second.failure[0] == '\0')
        return STELE_OK;
    status = stele_error_set(error, STELE_FAILED, "%s", b->second.failure);
    if (error != NULL)
        stele_error_copy(error->sqlstate, sizeof error->sqlstate, b->second.sqlstate);
    stele_error_detail(error, "%s", sql);
    return status;
}

/*
 * What of this session a new one hasn't got: the path that the operator class is found in, the role; and no timeout. Through a pooler nothing of a session holds, so nothing is set: a
 * timeout of the role's then ends the build.
 */
static stele_status settle(build *b, stele_error *error)
{
    stele_link *link = &b->job->handle->link;
    stele_rows *rows;
    stele_text text = {0};
    stele_status status = stele_link_query(link, "SELECT pg_catalog.pg_backend_pid(), pg_catalog.current_setting('search_path')", 0, NULL, &rows, error);
    if (status != STELE_OK)
        return status;
    if (atoi(stele_rows_text(rows, 0, 0)) == stele_link_backend(link)) {
        stele_text_string(&text, "SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_catalog.set_config('search_path', ");
        stele_psql_literal(&text, stele_rows_text(rows, 0, 1));
        stele_text_string(&text, ", false)");
        if (link->role_set) {
            stele_text_string(&text, ", pg_catalog.set_config('role', ");
            stele_psql_literal(&text, link->role);
            stele_text_string(&text, ", false)");
        }
        status = text.failed ? stele_error_memory(error) : ask(b, text.bytes, error);
    }
    stele_rows_free(rows);
    stele_text_free(&text);
    return status;
}

static stele_status drop_rest(build *b, stele_error *error)
{
    char sql[340];
    snprintf(b->message, sizeof b->message, "index %s: dropping what an interrupted build left", b->name);
    snprintf(sql, sizeof sql, "DROP INDEX CONCURRENTLY IF EXISTS %s", b->index);
    return ask(b, sql, error);
}

static stele_status create(build *b, stele_error *error)
{
    stele_text text = {0};
    snprintf(b->message, sizeof b->message, "index %s: begins", b->name);
    stele_text_string(&text, "CREATE INDEX CONCURRENTLY ");
    stele_job_name(&text, b->name);
    stele_text_print(&text, " ON %s %s", b->table, b->job->spec->index);
    stele_status status = text.failed ? stele_error_memory(error) : ask(b, text.bytes, error);
    stele_text_free(&text);
    if (status == STELE_FAILED && strcmp(b->second.sqlstate, "57014") == 0)
        stele_error_hint(error, "a statement_timeout of the role's or the database's ends it, or somebody cancelled it; what it left is dropped by the next try");
    return status;
}

static stele_status build_it(build *b, stele_error *error)
{
    stele_second_open(&b->second, &b->job->handle->link, "stele watch");
    stele_status status = reach(b, STELE_SECOND_IDLE, error);
    if (status == STELE_OK)
        status = settle(b, error);
    if (status == STELE_OK && b->index[0] != '\0')
        status = drop_rest(b, error);
    if (status == STELE_OK)
        status = create(b, error);
    stele_second_close(&b->second);
    if (status == STELE_OK)
        status = find_index(b, error);
    if (status == STELE_OK && !b->valid) {
        status = stele_error_set(error, STELE_FAILED, "the index %s was built, but isn't valid", b->name);
        stele_error_hint(error, "the next try drops it, and builds it anew");
    }
    return status;
}

stele_status stele_job_build_index(stele_job *job, const stele_job_shape *shape, stele_status (*each)(void *data, const char *message, stele_error *error), void *data,
                                   stele_error *error)
{
    build b = {.job = job, .each = each, .data = data};
    if (job->spec->index == NULL)
        return STELE_OK;
    stele_status status = find_table(&b, shape, error);
    if (status == STELE_OK && b.partitioned) {
        stele_error_set(error, STELE_UNMET, "%s is partitioned, so its index can't be built concurrently", b.table);
        stele_error_hint(error, "leave `index` out, and build one concurrently on each of its partitions");
        return STELE_UNMET;
    }
    if (status == STELE_OK)
        status = wait_for_builder(&b, error);
    return status != STELE_OK || b.valid ? status : build_it(&b, error);
}

stele_status stele_job_find_index(stele_job *job, const stele_job_shape *shape, char name[300], bool *valid, stele_error *error)
{
    build b = {.job = job};
    stele_status status = find_table(&b, shape, error);
    if (status == STELE_OK)
        status = find_index(&b, error);
    stele_error_copy(name, 300, b.index);
    *valid = b.valid;
    return status;
}

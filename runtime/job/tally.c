/*
 * tally.c - what became of each row: it has its vector, or was given up, or waits, or is stale; and vectors that no row belongs to
 *
 * A row is stale where the hash that was stored is another than the one of its columns now. What a trigger noted commits with the change itself, so
 * in one statement, which sees one moment, every row that is stale rightly so is found in `dirty`.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../error.h"
#include "after.h"
#include "sql.h"

enum { BLOCKS = 512 }; /* of one statement */

/* ------------------------------------------------------------------------ SQL */

void stele_job_key_array(const stele_job *job, stele_text *text, const char *alias)
{
    stele_text_string(text, "ARRAY[");
    stele_sql_key_texts(job, text, alias);
    stele_text_string(text, "]::pg_catalog.text[] COLLATE pg_catalog.\"C\"");
}

const char *stele_job_target(const stele_job *job)
{
    return job->spec->into != NULL ? job->spec->into : job->spec->table;
}

/* Was this very key noted? That all is to be looked at says nothing of a row: whoever asks this looks at it. */
static void put_noted(const stele_job *job, stele_text *text, const char *key)
{
    stele_text_print(text, "%s OPERATOR(pg_catalog.=) ANY (SELECT y.key FROM %s.dirty AS y WHERE y.job OPERATOR(pg_catalog.=) %d AND y.key IS NOT NULL)", key, job->schema, job->id);
}

/* " AND alias.ctid ..." for the blocks from $1 up to $2, which may be NULL. */
static void put_blocks(stele_text *text, bool blocks, const char *alias)
{
    if (blocks)
        stele_text_print(text, " AND %s.ctid OPERATOR(pg_catalog.>=) $1::pg_catalog.tid AND %s.ctid OPERATOR(pg_catalog.<) $2::pg_catalog.tid", alias, alias);
}

/* Each row's key, k; the hash of its columns now, h; whether a vector is stored, has, or a NULL, none; and the hash that is stored, g. */
static void put_pairs(const stele_job *job, stele_text *text, bool blocks)
{
    const stele_job_spec *spec = job->spec;
    const char *target = spec->into != NULL ? "t" : "s";
    stele_text_string(text, "SELECT ");
    stele_job_key_array(job, text, "s");
    stele_text_string(text, " AS k, ");
    stele_job_hash(job, text, "s");
    stele_text_string(text, " AS h, ");
    if (spec->into != NULL) {
        stele_text_string(text, "t.");
        stele_job_name(text, spec->keys[0]);
        stele_text_string(text, " IS NOT NULL");
    } else if (spec->hash != NULL) {
        stele_text_string(text, "true");
    } else {
        stele_text_string(text, "s.");
        stele_job_name(text, spec->vector);
        stele_text_string(text, " IS NOT NULL");
    }
    stele_text_print(text, " AS has, %s.", target);
    stele_job_name(text, spec->vector);
    stele_text_string(text, " IS NULL AS none, ");
    if (spec->hash == NULL) {
        stele_text_string(text, "NULL::pg_catalog.bytea");
    } else {
        stele_text_print(text, "%s.", target);
        stele_job_name(text, spec->hash);
    }
    stele_text_string(text, " AS g FROM ");
    if (spec->into == NULL)
        stele_text_print(text, "%s AS s WHERE ", spec->table);
    else
        stele_text_print(text, "(SELECT s.* FROM %s AS s WHERE true", spec->table);
    if (spec->into == NULL)
        stele_job_pin(text);
    put_blocks(text, blocks, "s");
    stele_sql_where(job, text);
    if (spec->into != NULL) {
        stele_text_print(text, ") AS s LEFT JOIN %s AS t ON ", spec->into);
        stele_sql_same_key(job, text, "s", "t");
        stele_text_string(text, " WHERE ");
        stele_job_pin(text);
    }
}

/* What each row is: good, dead, dirty, stale. */
static void put_rows(const stele_job *job, stele_text *text, bool blocks)
{
    const char *same = job->spec->hash == NULL ? "" : " AND r.g OPERATOR(pg_catalog.=) r.h";
    stele_text_print(text,
                     "SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE c.what OPERATOR(pg_catalog.=) 'g'), pg_catalog.count(*) FILTER (WHERE c.what OPERATOR(pg_catalog.=) 'd'),"
                     " pg_catalog.count(*) FILTER (WHERE c.what OPERATOR(pg_catalog.=) 'y'), pg_catalog.count(*) FILTER (WHERE c.what OPERATOR(pg_catalog.=) 's'),"
                     " pg_catalog.count(*) FILTER (WHERE c.what OPERATOR(pg_catalog.=) 'g' AND c.none), pg_catalog.min(c.k::pg_catalog.text) FILTER (WHERE c.what OPERATOR(pg_catalog.=) 's'),"
                     " pg_catalog.min(c.k::pg_catalog.text) FILTER (WHERE c.what OPERATOR(pg_catalog.=) 'g' AND c.none) FROM (SELECT r.none, CASE WHEN r.has%s AND NOT r.none THEN NULL ELSE r.k END AS k,"
                     " CASE WHEN r.has%s THEN 'g' WHEN EXISTS (SELECT FROM %s.dead AS d WHERE d.job OPERATOR(pg_catalog.=) %d AND d.resolved IS NULL"
                     " AND d.key OPERATOR(pg_catalog.=) r.k AND d.input OPERATOR(pg_catalog.=) r.h) THEN 'd' WHEN ",
                     same, same, job->schema, job->id);
    put_noted(job, text, "r.k");
    stele_text_string(text, " THEN 'y' ELSE 's' END AS what FROM (");
    put_pairs(job, text, blocks);
    stele_text_string(text, ") AS r) AS c");
}

/* Vectors of a table of their own, without a row; what a trigger noted is still being seen to. */
static void put_left(const stele_job *job, stele_text *text, bool blocks)
{
    const stele_job_spec *spec = job->spec;
    stele_text_string(text, "SELECT pg_catalog.count(*), pg_catalog.min(l.k::pg_catalog.text) FROM (SELECT ");
    stele_job_key_array(job, text, "t");
    stele_text_print(text, " AS k FROM %s AS t WHERE ", spec->into);
    stele_job_pin(text);
    put_blocks(text, blocks, "t");
    stele_text_print(text, " AND NOT EXISTS (SELECT FROM %s AS s WHERE ", spec->table);
    stele_sql_same_key(job, text, "s", "t");
    stele_sql_where(job, text);
    stele_text_string(text, ")) AS l WHERE NOT ");
    put_noted(job, text, "l.k");
}

/* ---------------------------------------------------------------------- pieces */

/* Run a query for all blocks of a relation, or where it has none, once. `take` returns false when it wants no more. */
static stele_status go_through(stele_job *job, uint32_t relation, const char *sql, bool blocks, bool (*take)(void *data, const stele_rows *rows), void *data, stele_error *error)
{
    static const char size[] =
        "SELECT pg_catalog.pg_relation_size($1::pg_catalog.oid::pg_catalog.regclass) OPERATOR(pg_catalog./) pg_catalog.current_setting('block_size')::pg_catalog.int8";
    char low[32], high[32];
    const char *range[] = {low, high};
    int64_t count = 0;
    stele_rows *rows;
    stele_status status = STELE_OK;
    if (blocks && (status = stele_sql_ask_about(job, size, relation, &rows, error)) == STELE_OK) {
        count = strtoll(stele_rows_text(rows, 0, 0), NULL, 10);
        stele_rows_free(rows);
    }
    for (int64_t at = 0; status == STELE_OK && (at == 0 || at <= count); at += BLOCKS) {
        snprintf(low, sizeof low, "(%" PRId64 ",0)", at);
        snprintf(high, sizeof high, "(%" PRId64 ",0)", at + BLOCKS);
        status = stele_job_between(job, error);
        if (status != STELE_OK)
            break;
        status = stele_link_query(&job->handle->link, sql, blocks ? 2 : 0, range, &rows, error);
        bool more = status == STELE_OK && take(data, rows);
        stele_rows_free(rows);
        if (!more || !blocks)
            break;
    }
    return status;
}

typedef struct taking {
    stele_job_tally *tally;
    bool exact;
} taking;

static void take_key(char key[128], const char *text)
{
    if (key[0] == '\0' && text != NULL)
        stele_error_copy(key, 128, text);
}

/* What was counted last may have been all there is; then it doesn't matter that it took a moment too long, but nobody can tell. */
static bool is_late(stele_job_tally *tally)
{
    tally->late |= tally->until != 0 && stele_clock() > tally->until;
    return tally->late;
}

static bool take_rows(void *data, const stele_rows *rows)
{
    taking *taken = data;
    stele_job_tally *tally = taken->tally;
    int64_t *const counts[] = {&tally->rows, &tally->good, &tally->dead, &tally->dirty, &tally->stale, &tally->nulls};
    for (int i = 0; i < 6; i++)
        *counts[i] += strtoll(stele_rows_text(rows, 0, i), NULL, 10);
    take_key(tally->stale_key, stele_rows_text(rows, 0, 6));
    take_key(tally->null_key, stele_rows_text(rows, 0, 7));
    return !is_late(tally) && (taken->exact || tally->stale == 0);
}

static bool take_left(void *data, const stele_rows *rows)
{
    taking *taken = data;
    taken->tally->left += strtoll(stele_rows_text(rows, 0, 0), NULL, 10);
    take_key(taken->tally->left_key, stele_rows_text(rows, 0, 1));
    return !is_late(taken->tally) && (taken->exact || taken->tally->left == 0);
}

/* Is it one table, with blocks of its own? */
static stele_status is_plain(stele_job *job, uint32_t relation, bool *plain, stele_error *error)
{
    static const char sql[] =
        "SELECT c.relkind OPERATOR(pg_catalog.=) ANY ('{r,m}'::\"char\"[]) AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhparent OPERATOR(pg_catalog.=) c.oid)"
        " FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid";
    stele_rows *rows;
    stele_status status = stele_sql_ask_about(job, sql, relation, &rows, error);
    *plain = status == STELE_OK && stele_rows_count(rows) > 0 && stele_rows_true(rows, 0, 0);
    stele_rows_free(rows);
    return status;
}

stele_status stele_job_take_tally(stele_job *job, const stele_job_shape *shape, bool exact, stele_job_tally *tally, stele_error *error)
{
    taking taken = {.tally = tally, .exact = exact};
    stele_text text = {0};
    bool plain;
    *tally = (stele_job_tally){.until = tally->until};
    stele_status status = is_plain(job, shape->table_oid, &plain, error);
    if (status == STELE_OK) {
        put_rows(job, &text, plain);
        status = text.failed ? stele_error_memory(error) : go_through(job, shape->table_oid, text.bytes, plain, take_rows, &taken, error);
    }
    if (status == STELE_OK && job->spec->into != NULL && !tally->late && (exact || tally->stale == 0) &&
        (status = is_plain(job, shape->into_oid, &plain, error)) == STELE_OK) {
        text.length = 0;
        put_left(job, &text, plain);
        status = text.failed ? stele_error_memory(error) : go_through(job, shape->into_oid, text.bytes, plain, take_left, &taken, error);
    }
    stele_text_free(&text);
    return status;
}

stele_status stele_job_is_all_due(stele_job *job, bool *due, stele_error *error)
{
    char id[16];
    const char *value = id;
    stele_rows *rows;
    snprintf(id, sizeof id, "%d", job->id);
    stele_status status = stele_job_query(job, "SELECT EXISTS (SELECT FROM @.dirty AS y WHERE y.job OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND y.key IS NULL)", 1, &value, &rows, error);
    *due = status == STELE_OK && stele_rows_true(rows, 0, 0);
    stele_rows_free(rows);
    return status;
}

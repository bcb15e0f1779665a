#include "write_sql.h"

#include <string.h>

#include "after.h"
#include "bind.h"
#include "sql.h"

void stele_sql_fence(const stele_job *job, stele_text *sql)
{
    stele_job_put(sql, job,
        "WITH held AS (UPDATE @.chunk SET \"cursor\" = coalesce($5::pg_catalog.text[], \"cursor\"), state = $6::pg_catalog.int2,"
        " keys = CASE WHEN $6::pg_catalog.int2 OPERATOR(pg_catalog.<) 2 THEN keys END, rows = rows OPERATOR(pg_catalog.+) $7::pg_catalog.int8,"
        " again = again OPERATOR(pg_catalog.+) CASE WHEN coalesce(pg_catalog.current_setting('stele.written', true), '') OPERATOR(pg_catalog.=) '' THEN 0"
        " ELSE $7::pg_catalog.int8 OPERATOR(pg_catalog.-) pg_catalog.split_part(pg_catalog.current_setting('stele.written'), ' ', CASE WHEN kind OPERATOR(pg_catalog.=) 0 AND round OPERATOR(pg_catalog.=)"
        " (SELECT f.round FROM @.chunk AS f WHERE f.job OPERATOR(pg_catalog.=) $1::pg_catalog.int4 ORDER BY f.no LIMIT 1) THEN 1 ELSE 2 END)::pg_catalog.int8 END,"
        " dead = dead OPERATOR(pg_catalog.+) $8::pg_catalog.int8, attempts = 1, lease_until = pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+)"
        " ($9::pg_catalog.int4 OPERATOR(pg_catalog.*) '1 ms'::pg_catalog.interval) WHERE job OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND no OPERATOR(pg_catalog.=)"
        " $2::pg_catalog.int8 AND epoch OPERATOR(pg_catalog.=) $3::pg_catalog.int4 AND state OPERATOR(pg_catalog.=) 1 AND worker OPERATOR(pg_catalog.=) $10::pg_catalog.int8"
        " AND \"cursor\" IS NOT DISTINCT FROM $4::pg_catalog.text[] RETURNING no) SELECT CASE WHEN NOT EXISTS (SELECT FROM held) THEN ('the lease is lost' OPERATOR(pg_catalog.||)"
        " (SELECT pg_catalog.count(*) FROM held)::pg_catalog.text)::pg_catalog.int4 END");
}

/* "stele 1" and so on: the keys, as the text that they came as. */
static void key_names(const stele_job *job, stele_text *sql)
{
    for (size_t i = 0; i < job->spec->key_count; i++)
        stele_text_print(sql, "%s\"stele %zu\"", i > 0 ? ", " : "", i + 1);
}

/* Beginning with the first parameter: as many arrays, side by side. With a schema, unnest takes only one. */
static void unnest(stele_text *sql, size_t count)
{
    stele_text_string(sql, "ROWS FROM (");
    for (size_t i = 0; i < count; i++)
        stele_text_print(sql, "%spg_catalog.unnest($%zu)", i > 0 ? ", " : "", i + 1);
    stele_text_string(sql, ")");
}

/* "s.a = b."stele 1"::int8 AND ..." */
static void same_key(const stele_job *job, const stele_job_shape *shape, stele_text *sql, const char *alias)
{
    for (size_t i = 0; i < job->spec->key_count; i++) {
        stele_text_print(sql, "%s%s.", i > 0 ? " AND " : "", alias);
        stele_job_name(sql, job->spec->keys[i]);
        stele_text_print(sql, " = \"stele batch\".\"stele %zu\"::%s", i + 1, shape->key_types[i]);
    }
}

void stele_sql_dead(const stele_job *job, stele_text *sql)
{
    stele_job_put(sql, job, "INSERT INTO @.dead AS d (job, key, stage, code, message, input) SELECT ");
    stele_text_print(sql, "%d, ARRAY[", job->id);
    key_names(job, sql);
    stele_text_string(sql, "], \"stele stage\", \"stele code\", \"stele message\", \"stele hash\" FROM ");
    unnest(sql, job->spec->key_count + 4);
    stele_text_string(sql, " AS b(");
    key_names(job, sql);
    stele_text_string(sql, ", \"stele stage\", \"stele code\", \"stele message\", \"stele hash\") ON CONFLICT (job, key) DO UPDATE SET stage = excluded.stage, code = excluded.code,"
                           " message = excluded.message, input = excluded.input, attempts = d.attempts OPERATOR(pg_catalog.+) 1, died = pg_catalog.clock_timestamp(), resolved = NULL");
}

/* WITH "stele batch" AS (...), from the parameters: keys, hash, and what `more` names. */
static void with_batch(const stele_job *job, stele_text *sql, const char *more, size_t more_count)
{
    stele_text_string(sql, "WITH \"stele batch\" AS (SELECT * FROM ");
    unnest(sql, job->spec->key_count + 1 + more_count);
    stele_text_string(sql, " AS b(");
    key_names(job, sql);
    stele_text_print(sql, ", \"stele hash\"%s)), ", more);
}

/*
 * The job's number, for a row that wasn't written because it is another one now. If it isn't, the table has refused it without a word, by a trigger or a rule, and would refuse it for ever: that is
 * an error of the row. In the list that is selected, which is computed of rows that were missed only. In place, an UPDATE misses also what somebody changed after this statement began: so it's the
 * newest version that counts, which is the one that can be locked as UPDATE locks it. (A lock for KEY SHARE is also given on an old one.)
 */
static void put_number(const stele_job *job, const stele_job_shape *shape, stele_text *sql)
{
    stele_text_print(sql, "CASE WHEN EXISTS (SELECT FROM %s AS s WHERE ", job->spec->table);
    same_key(job, shape, sql, "s");
    stele_text_string(sql, " AND \"stele batch\".\"stele hash\" OPERATOR(pg_catalog.=) ");
    stele_job_hash(job, sql, "s");
    stele_sql_where(job, sql);
    stele_text_string(sql, job->spec->into == NULL ? " FOR NO KEY UPDATE" : "");
    stele_text_print(sql, ") THEN pg_catalog.concat('" STELE_REFUSAL "', pg_catalog.left(\"stele batch\".\"stele 1\", 0))::pg_catalog.int4 ELSE %d END", job->id);
}

/* The keys of rows that weren't written are dirty. */
static void note_missed(const stele_job *job, const stele_job_shape *shape, stele_text *sql)
{
    stele_job_put(sql, job, ", \"stele missed\" AS (INSERT INTO @.dirty (job, key) SELECT ");
    put_number(job, shape, sql);
    stele_text_string(sql, ", ARRAY[");
    key_names(job, sql);
    stele_text_string(sql, "] FROM \"stele batch\" WHERE NOT EXISTS (SELECT FROM \"stele written\" AS w WHERE ");
    for (size_t i = 0; i < job->spec->key_count; i++)
        stele_text_print(sql, "%sw.\"stele key %zu\" = \"stele batch\".\"stele %zu\"::%s", i > 0 ? " AND " : "", i + 1, i + 1, shape->key_types[i]);
    stele_text_string(sql, "))");
}

/*
 * " AND ...": o has its vector from this job, and not from before it was begun. Vectors of their own table nobody else writes, so that its rows tell; in the table itself a hash does, as long as the
 * job wasn't begun anew: then, all count. Without a hash only what is NULL is written.
 */
static void put_since_begun(const stele_job *job, stele_text *sql)
{
    const stele_job_spec *spec = job->spec;
    if (spec->into != NULL) {
        stele_job_put(sql, job, " AND pg_catalog.age(o.xmin) OPERATOR(pg_catalog.<=) (SELECT pg_catalog.age(j.since::pg_catalog.xid) FROM @.job AS j WHERE j.id OPERATOR(pg_catalog.=) ");
        stele_text_print(sql, "%d)", job->id);
    } else if (spec->hash != NULL) {
        stele_text_string(sql, " AND o.");
        stele_job_name(sql, spec->hash);
        stele_job_put(sql, job, " IS NOT NULL AND (SELECT c.round FROM @.chunk AS c WHERE c.job OPERATOR(pg_catalog.=) ");
        stele_text_print(sql, "%d ORDER BY c.no LIMIT 1) OPERATOR(pg_catalog.=) 1", job->id);
    }
}

/* " FILTER (...)": of "stele written", those that had no vector before this statement; or with `since_begun`, none by this job. What map writes, nobody knows whether it was there. */
static void put_first(const stele_job *job, bool since_begun, stele_text *sql)
{
    const stele_job_spec *spec = job->spec;
    if (spec->kind != STELE_JOB_EMBEDS)
        return;
    stele_text_print(sql, " FILTER (WHERE NOT EXISTS (SELECT FROM %s AS o WHERE ", stele_job_target(job));
    for (size_t i = 0; i < spec->key_count; i++) {
        stele_text_string(sql, "o.");
        stele_job_name(sql, spec->keys[i]);
        stele_text_print(sql, " = w.\"stele key %zu\" AND ", i + 1);
    }
    stele_text_string(sql, "o.");
    stele_job_name(sql, spec->vector);
    stele_text_string(sql, " IS NOT NULL");
    if (since_begun)
        put_since_begun(job, sql);
    stele_text_string(sql, "))");
}

/*
 * How many were written. For the fence, which comes later in the transaction, how many of these this job hadn't written before, and how many had no vector: it counts by the former in a load, which
 * may find vectors of another script, and by the latter in what is done again behind it. A try has no fence, and nothing to note.
 */
static void count_and_note(const stele_job *job, const stele_job_shape *shape, bool notes, stele_text *sql)
{
    if (notes)
        note_missed(job, shape, sql);
    stele_text_string(sql, " SELECT pg_catalog.count(*)");
    if (notes) {
        stele_text_string(sql, ", pg_catalog.set_config('stele.written', pg_catalog.concat(pg_catalog.count(*)");
        put_first(job, true, sql);
        stele_text_string(sql, ", ' ', pg_catalog.count(*)");
        put_first(job, false, sql);
        stele_text_string(sql, "), true)");
    }
    stele_text_string(sql, " FROM \"stele written\" AS w");
}

/* ""stele written"("stele key 1", ...) AS (": a name for each key that is returned. */
static void begin_written(const stele_job *job, stele_text *sql)
{
    stele_text_string(sql, "\"stele written\"(");
    for (size_t i = 0; i < job->spec->key_count; i++)
        stele_text_print(sql, "%s\"stele key %zu\"", i > 0 ? ", " : "", i + 1);
    stele_text_string(sql, ") AS (");
}

static void returning_keys(const stele_job *job, stele_text *sql)
{
    stele_text_string(sql, " RETURNING ");
    stele_job_columns(sql, "t.", job->spec->keys, job->spec->key_count);
    stele_text_string(sql, ")");
}

void stele_sql_beside(const stele_job *job, stele_text *sql)
{
    const stele_job_spec *spec = job->spec;
    stele_job_columns(sql, "", spec->keys, spec->key_count);
    stele_text_string(sql, ", ");
    stele_job_name(sql, spec->hash);
    stele_text_string(sql, ", ");
    stele_job_name(sql, spec->vector);
}

static void upsert(const stele_job *job, const stele_job_shape *shape, stele_text *sql)
{
    const stele_job_spec *spec = job->spec;
    stele_text_print(sql, "INSERT INTO %s AS t (", spec->into);
    stele_sql_beside(job, sql);
    stele_text_string(sql, ") OVERRIDING SYSTEM VALUE SELECT ");
    stele_job_columns(sql, "s.", spec->keys, spec->key_count);
    stele_text_print(sql, ", \"stele hash\", \"stele vector\" FROM \"stele batch\" JOIN %s AS s ON ", spec->table);
    same_key(job, shape, sql, "s");
    stele_text_string(sql, " WHERE \"stele hash\" OPERATOR(pg_catalog.=) ");
    stele_job_hash(job, sql, "s");
    stele_sql_where(job, sql);
    stele_text_string(sql, " ORDER BY ");
    stele_job_columns(sql, "s.", spec->keys, spec->key_count);
    stele_text_string(sql, " ON CONFLICT (");
    stele_job_columns(sql, "", spec->keys, spec->key_count);
    stele_text_string(sql, ") DO UPDATE SET ");
    stele_job_name(sql, spec->hash);
    stele_text_string(sql, " = excluded.");
    stele_job_name(sql, spec->hash);
    stele_text_string(sql, ", ");
    stele_job_name(sql, spec->vector);
    stele_text_string(sql, " = excluded.");
    stele_job_name(sql, spec->vector);
}

static void behind_set(const stele_job *job, const stele_job_shape *shape, stele_text *sql)
{
    stele_text_string(sql, " FROM \"stele batch\" WHERE ");
    same_key(job, shape, sql, "t");
    stele_text_string(sql, " AND \"stele hash\" OPERATOR(pg_catalog.=) ");
    stele_job_hash(job, sql, "t");
    stele_sql_where(job, sql);
}

void stele_sql_write_vectors(const stele_job *job, const stele_job_shape *shape, bool notes, stele_text *sql)
{
    const stele_job_spec *spec = job->spec;
    with_batch(job, sql, ", \"stele vector\"", 1);
    begin_written(job, sql);
    if (spec->into != NULL) {
        upsert(job, shape, sql);
    } else {
        stele_text_print(sql, "UPDATE %s AS t SET ", spec->table);
        stele_job_name(sql, spec->vector);
        stele_text_string(sql, " = \"stele vector\"");
        if (spec->hash != NULL) {
            stele_text_string(sql, ", ");
            stele_job_name(sql, spec->hash);
            stele_text_string(sql, " = \"stele hash\"");
        }
        behind_set(job, shape, sql);
    }
    returning_keys(job, sql);
    count_and_note(job, shape, notes, sql);
}

void stele_sql_write_columns(const stele_job *job, const stele_job_shape *shape, bool notes, stele_text *sql, const stele_column *const *columns, size_t count)
{
    stele_text more = {0};
    for (size_t i = 0; i < count; i++)
        stele_text_print(&more, ", \"stele value %zu\", \"stele set %zu\"", i + 1, i + 1);
    with_batch(job, sql, more.bytes == NULL ? "" : more.bytes, 2 * count);
    sql->failed |= more.failed;
    stele_text_free(&more);
    begin_written(job, sql);
    stele_text_print(sql, "UPDATE %s AS t SET ", job->spec->table);
    for (size_t i = 0; i < count; i++) {
        stele_text_string(sql, i > 0 ? ", " : "");
        stele_job_name(sql, columns[i]->name);
        stele_text_print(sql, " = CASE WHEN \"stele set %zu\" THEN \"stele value %zu\"::%s ELSE t.", i + 1, i + 1, columns[i]->type);
        stele_job_name(sql, columns[i]->name);
        stele_text_string(sql, " END");
    }
    behind_set(job, shape, sql);
    returning_keys(job, sql);
    count_and_note(job, shape, notes, sql);
}

void stele_sql_notes(const stele_job *job, stele_text *sql)
{
    stele_job_put(sql, job, "DELETE FROM @.dirty WHERE job OPERATOR(pg_catalog.=) ");
    stele_text_print(sql, "%d AND seq OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.int8[]) AND EXISTS (SELECT FROM pg_catalog.unnest($2) AS k"
                     " WHERE k::pg_catalog.text[] OPERATOR(pg_catalog.=) key)", job->id);
}

/* What :batch stands for: the rows of these keys, as they are now. */
static void put_batch(const stele_job *job, const stele_job_shape *shape, stele_text *sql)
{
    const stele_job_spec *spec = job->spec;
    stele_text_string(sql, "(SELECT ");
    stele_job_columns(sql, "s.", spec->keys, spec->key_count);
    if (spec->read_count > 0) {
        stele_text_string(sql, ", ");
        stele_job_columns(sql, "s.", spec->reads, spec->read_count);
    }
    stele_text_string(sql, " FROM ");
    unnest(sql, spec->key_count);
    stele_text_string(sql, " AS \"stele batch\"(");
    key_names(job, sql);
    stele_text_print(sql, ") JOIN %s AS s ON ", spec->table);
    same_key(job, shape, sql, "s");
    stele_text_string(sql, " WHERE true");
    stele_sql_where(job, sql);
    stele_text_string(sql, ")");
}

typedef struct of_user {
    const stele_job *job;
    const stele_job_shape *shape;
} of_user;

static int put_bind(void *data, stele_text *out, const char *name, size_t length)
{
    const of_user *u = data;
    const stele_job_spec *spec = u->job->spec;
    if (length == 5 && memcmp(name, "batch", 5) == 0) {
        put_batch(u->job, u->shape, out);
        return 1;
    }
    for (size_t i = 0; i < spec->bind_count; i++)
        if (strlen(spec->binds[i].name) == length && memcmp(spec->binds[i].name, name, length) == 0) {
            stele_text_print(out, "$%zu", spec->key_count + 1 + i);
            return 1;
        }
    return 0;
}

void stele_sql_user(const stele_job *job, const stele_job_shape *shape, stele_text *sql)
{
    of_user u = {job, shape};
    stele_bind(sql, job->spec->sql, put_bind, &u);
}

void stele_sql_delete_gone(const stele_job *job, const stele_job_shape *shape, stele_text *sql)
{
    const stele_job_spec *spec = job->spec;
    stele_text_print(sql, "DELETE FROM %s AS v WHERE ", spec->into);
    stele_sql_key(job, sql, "v");
    stele_text_string(sql, " IN (SELECT ");
    for (size_t i = 0; i < spec->key_count; i++)
        stele_text_print(sql, "%s(k::pg_catalog.text[])[%zu]::%s", i > 0 ? ", " : "", i + 1, shape->key_types[i]);
    stele_text_print(sql, " FROM pg_catalog.unnest($1::pg_catalog.text[]) AS \"stele keys\"(k)) AND NOT EXISTS (SELECT FROM %s AS s WHERE ", spec->table);
    stele_sql_same_key(job, sql, "s", "v");
    stele_sql_where(job, sql);
    stele_text_string(sql, ")");
}

void stele_sql_resolve(const stele_job *job, const stele_job_shape *shape, stele_text *sql)
{
    const stele_job_spec *spec = job->spec;
    stele_job_put(sql, job, "UPDATE @.dead AS d SET resolved = pg_catalog.clock_timestamp() FROM pg_catalog.unnest($1::pg_catalog.text[]) AS k WHERE d.job OPERATOR(pg_catalog.=) ");
    stele_text_print(sql, "%d AND d.resolved IS NULL AND d.key OPERATOR(pg_catalog.=) k::pg_catalog.text[] AND NOT EXISTS (SELECT FROM %s AS s WHERE ", job->id, spec->table);
    for (size_t i = 0; i < spec->key_count; i++) {
        stele_text_string(sql, i > 0 ? " AND s." : "s.");
        stele_job_name(sql, spec->keys[i]);
        stele_text_print(sql, " = d.key[%zu]::%s", i + 1, shape->key_types[i]);
    }
    if (spec->kind != STELE_JOB_RUNS_SQL) {
        stele_text_string(sql, " AND d.input OPERATOR(pg_catalog.=) ");
        stele_job_hash(job, sql, "s");
    }
    stele_sql_where(job, sql);
    stele_text_string(sql, ")");
}

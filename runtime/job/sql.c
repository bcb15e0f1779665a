#include "sql.h"

#include <stdio.h>

#include "../error.h"

stele_status stele_sql_run(stele_job *job, stele_text *sql, int count, const char *const *values, stele_rows **rows, stele_error *error)
{
    stele_status status = sql->failed ? stele_error_memory(error) : stele_link_query(&job->handle->link, sql->bytes, count, values, rows, error);
    stele_text_free(sql);
    return status;
}

stele_status stele_sql_ask_about(const stele_job *job, const char *sql, uint32_t relation, stele_rows **rows, stele_error *error)
{
    char oid[16];
    const char *value = oid;
    snprintf(oid, sizeof oid, "%u", relation);
    return stele_link_query(&job->handle->link, sql, 1, &value, rows, error);
}

static void one_key(const stele_job *job, stele_text *sql, const char *alias, size_t i)
{
    if (alias != NULL)
        stele_text_print(sql, "%s.", alias);
    stele_job_name(sql, job->spec->keys[i]);
}

void stele_sql_key_texts(const stele_job *job, stele_text *sql, const char *alias)
{
    for (size_t i = 0; i < job->spec->key_count; i++) {
        stele_text_string(sql, i > 0 ? ", " : "");
        one_key(job, sql, alias, i);
        stele_text_string(sql, "::pg_catalog.text");
    }
}

void stele_sql_key(const stele_job *job, stele_text *sql, const char *alias)
{
    size_t count = job->spec->key_count;
    stele_text_string(sql, count > 1 ? "(" : "");
    for (size_t i = 0; i < count; i++) {
        stele_text_string(sql, i > 0 ? ", " : "");
        one_key(job, sql, alias, i);
    }
    stele_text_string(sql, count > 1 ? ")" : "");
}

/* The signs are the types' own, whatever schema these are in: nothing else is asked of the names in sight. */
void stele_sql_compare(const stele_job *job, const stele_job_shape *shape, stele_text *sql, const char *alias, const char *sign, int first)
{
    size_t count = job->spec->key_count;
    stele_sql_key(job, sql, alias);
    stele_text_print(sql, " %s %s", sign, count > 1 ? "(" : "");
    for (size_t i = 0; i < count; i++)
        stele_text_print(sql, "%s$%d::%s", i > 0 ? ", " : "", first + (int)i, shape->key_types[i]);
    stele_text_string(sql, count > 1 ? ")" : "");
}

void stele_sql_same_key(const stele_job *job, stele_text *sql, const char *one, const char *other)
{
    for (size_t i = 0; i < job->spec->key_count; i++) {
        stele_text_string(sql, i > 0 ? " AND " : "");
        one_key(job, sql, one, i);
        stele_text_string(sql, " = ");
        one_key(job, sql, other, i);
    }
}

void stele_sql_done(const stele_job *job, stele_text *sql)
{
    const char *target = job->spec->into != NULL ? "t" : "s";
    stele_text_print(sql, " AND %s.", target);
    stele_job_name(sql, job->spec->vector);
    stele_text_string(sql, " IS NOT NULL");
    if (job->spec->hash == NULL)
        return;
    stele_text_print(sql, " AND %s.", target);
    stele_job_name(sql, job->spec->hash);
    stele_text_string(sql, " OPERATOR(pg_catalog.=) ");
    stele_job_hash(job, sql, "s");
}

void stele_sql_where(const stele_job *job, stele_text *sql)
{
    if (job->spec->where != NULL)
        stele_text_print(sql, " AND (%s\n)", job->spec->where); /* it may end in a comment */
}

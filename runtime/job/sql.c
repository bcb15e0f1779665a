#include "sql.h"

#include "../error.h"

stele_status stele_sql_run(stele_job *job, stele_text *sql, int count, const char *const *values, stele_rows **rows, stele_error *error)
{
    stele_status status = sql->failed ? stele_error_memory(error) : stele_link_query(&job->handle->link, sql->bytes, count, values, rows, error);
    stele_text_free(sql);
    return status;
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

void stele_sql_where(const stele_job *job, stele_text *sql)
{
    if (job->spec->where != NULL)
        stele_text_print(sql, " AND (%s\n)", job->spec->where); /* it may end in a comment */
}

/*
 * sql.h - pieces of SQL that reading and writing share
 */
#ifndef STELE_JOB_SQL_H
#define STELE_JOB_SQL_H

#include "job.h"

/* Run what is in `sql`, which is freed, with text parameters. */
stele_status stele_sql_run(stele_job *job, stele_text *sql, int count, const char *const *values, stele_rows **rows, stele_error *error);

/* Ask about one relation: $1 is its oid. */
stele_status stele_sql_ask_about(const stele_job *job, const char *sql, uint32_t relation, stele_rows **rows, stele_error *error);

/* The key's columns of `alias` as text, the same for every session, each under no name: "s.a::text, ...". */
void stele_sql_key_texts(const stele_job *job, stele_text *sql, const char *alias);

/* The key's columns as one value to be compared: "(s.a, s.b)", of one column "s.a". */
void stele_sql_key(const stele_job *job, stele_text *sql, const char *alias);

/* "(s.a, s.b) > ($1::int8, $2::text)": the key against parameters from `first` on. */
void stele_sql_compare(const stele_job *job, const stele_job_shape *shape, stele_text *sql, const char *alias, const char *sign, int first);

/* "s.a = u.a AND s.b = u.b" */
void stele_sql_same_key(const stele_job *job, stele_text *sql, const char *one, const char *other);

/* " AND ...": its vector is there, and of the input that it has now. Of rows of the table, s, with where that is another one, those of the vectors, t. */
void stele_sql_done(const stele_job *job, stele_text *sql);

/* " AND (WHERE of the spec)", whose columns are those of the only table in sight; nothing where there is none. */
void stele_sql_where(const stele_job *job, stele_text *sql);

#endif

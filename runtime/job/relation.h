/*
 * relation.h - one table, as the catalog tells of it; for shape.c and destination.c
 */
#ifndef STELE_JOB_RELATION_H
#define STELE_JOB_RELATION_H

#include "job.h"

/* A table, and the rows that tell of its columns and its unique indexes. */
typedef struct stele_relation {
    const stele_job *job;
    const char *name, *key; /* as the script has it, and the key that it stands behind: "table", "into.table" */
    stele_rows *self, *columns, *indexes;
} stele_relation;

/* Of self. */
enum { SELF_OID, SELF_KIND, SELF_HEAP, SELF_PARENT, SELF_BLOCKS, SELF_ROWS };

/* Of columns. Types are as SQL writes them; where it is a domain, the base is what it stands for. */
enum { COLUMN_NAME, COLUMN_TYPE, COLUMN_BARE_TYPE, COLUMN_BASE, COLUMN_BASE_NAME, COLUMN_ARRAY, COLUMN_SIZE,
       COLUMN_NOT_NULL, COLUMN_GENERATED, COLUMN_HAS_VALUE, COLUMN_SEND, COLUMN_HIDES };

/* Read it; UNMET when it isn't there, or isn't a table that a job can go through. To be freed in any case. */
stele_status stele_relation_read(stele_job *job, stele_relation *r, const char *name, const char *key, stele_error *error);
void stele_relation_free(stele_relation *r);

/* A value of its own, or NULL; and one of a column's row, or "". */
const char *stele_relation_self(const stele_relation *r, int column);
const char *stele_relation_cell(const stele_relation *r, int row, int column);

/* The row that tells of a column, which stands behind this key of the script; UNMET when it isn't there. */
stele_status stele_relation_column(const stele_relation *r, const char *name, const char *key, int *row, stele_error *error);

/* Has it a unique index of exactly the key's columns, with `ordered` one that gives their order, and is each NOT NULL? UNMET else. */
stele_status stele_relation_check_key(const stele_relation *r, const stele_job_spec *spec, bool ordered, stele_error *error);

/* Has it no unique index of these columns that can be deferred? ON CONFLICT, which names columns, takes none such for its arbiter, nor another of the same columns beside it. UNMET else. */
stele_status stele_relation_check_conflict(const stele_relation *r, const stele_job_spec *spec, stele_error *error);

/* Put the place of what is wrong into an error that has none: of the key, and of `name` among its values, which may be NULL. Returns the error's status. */
stele_status stele_relation_place(const stele_job *job, const char *key, const char *name, stele_status status, stele_error *error);

/* UNMET, with a hint unless that is "". Where REFUSE is used there is a buffer, `message`, and `error`. */
stele_status stele_relation_unmet(stele_error *error, const char *hint, const char *message);
#define REFUSE(hint, ...) (snprintf(message, sizeof message, __VA_ARGS__), stele_relation_unmet(error, hint, message))

/* Of a job that embeds: where do the vectors go, and can they? Fills what the shape says of it. */
stele_status stele_shape_destination(stele_job *job, const stele_relation *table, stele_job_shape *shape, stele_error *error);

#endif

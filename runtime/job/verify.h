/*
 * verify.h - what the rooms of a verification share
 */
#ifndef STELE_JOB_VERIFY_H
#define STELE_JOB_VERIFY_H

#include "after.h"

typedef struct stele_verifying {
    stele_job *job;
    const stele_job_shape *shape;
    void (*each)(void *data, const stele_job_check *check);
    void *data;
    bool failed;       /* any of them */
    bool due;          /* all of the table is to be compared, by the next run */
    bool stale;        /* rows were changed, and nobody noted it */
    char detail[1024]; /* for the next stele_verify_tell */
} stele_verifying;

/* Tell of one check, in words, with what is in v->detail where it failed. */
void stele_verify_tell(stele_verifying *v, const char *name, bool ok, const char *title, ...) __attribute__((format(printf, 4, 5)));

/* Add to v->detail. */
void stele_verify_note(stele_verifying *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How to take a random part of a relation, as SQL behind its alias: "TABLESAMPLE SYSTEM (1.5)"; "" where it is small enough to be read as a whole. */
stele_status stele_verify_part(stele_verifying *v, uint32_t relation, unsigned rows, stele_text *text, stele_error *error);

/* How many rows are looked at where not all are. */
enum { STELE_VERIFY_ROWS = 20000, STELE_VERIFY_TEXTS = 2000, STELE_VERIFY_CANARY = 8, STELE_VERIFY_SECONDS = 120 };

/*
 * verify_rows.c: random rows that have their vector, of this input, and aren't NULL. Columns: the key as a text[]; the vector in hex, as its type's send function writes it, or with `digest` a
 * sha256 of that; and what text sees, the key first.
 */
enum { STELE_VERIFY_KEY, STELE_VERIFY_VECTOR, STELE_VERIFY_ROW };
stele_status stele_verify_rows(stele_verifying *v, unsigned rows, bool digest, stele_rows **out, stele_error *error);

/* The text of one of them; NULL where there is none any more: blank, nil, or an error. In `arena`. */
stele_status stele_verify_text(stele_verifying *v, const stele_rows *rows, int row, stele_arena *arena, const char **text, size_t *length, stele_error *error);

/* distinct, check */
stele_status stele_verify_distinct(stele_verifying *v, stele_error *error);
stele_status stele_verify_check(stele_verifying *v, stele_error *error);

/* verify_vectors.c: dimensions, finite, norm */
stele_status stele_verify_vectors(stele_verifying *v, stele_error *error);

/* verify_provider.c: canary, resample */
stele_status stele_verify_provider(stele_verifying *v, stele_error *error);

/* verify_recall.c: recall */
stele_status stele_verify_recall(stele_verifying *v, stele_error *error);

/* In verify.c: the schema of pgvector, as SQL writes it; in the job's arena, NULL: no memory. */
const char *stele_verify_schema(const stele_verifying *v);

#endif

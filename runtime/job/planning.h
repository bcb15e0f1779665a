/*
 * planning.h - what a look ahead shares: a random sample, what it tells, and what is dangerous
 *
 *     plan.c      how many rows there are, and a sample of them
 *     estimate.c  texts, tokens, money, bytes, time
 *     size.c      how PostgreSQL and pgvector lay rows out
 *     dangers.c   what is dangerous about the tables; danger_index.c: and about their indexes; danger_rights.c: and what this role may not
 *     trial.c     some rows for real, rolled back
 */
#ifndef STELE_JOB_PLANNING_H
#define STELE_JOB_PLANNING_H

#include "after.h"
#include "page.h"

typedef struct stele_planning {
    stele_job *job;
    stele_job_shape shape;
    stele_job_estimate estimate;
    void (*each)(void *data, const stele_job_danger *danger);
    void *data;
    bool fatal;      /* one of them was */
    char first[512], first_remedy[256]; /* the first that was */
    stele_error place; /* where in the script that is, where it is there */
    stele_page page; /* the sample */
    int looked, failed, blank; /* of the sample: rows that the script was called for, at which it fails, and that have no text */
    int ran_out;     /* and at which it ran into the limit of its steps */
    char first_failure[512];
    double all_rows; /* of the table, also those that `where` leaves out */
    double moved;    /* the share of rows that have no room on their page for what is written */
} stele_planning;

/* Tell of a danger; `remedy` may be "". */
void stele_planning_danger(stele_planning *plan, bool fatal, const char *remedy, const char *what, ...) __attribute__((format(printf, 4, 5)));

/* The blocks of a table, with its partitions; its rows by the statistics, -1 where these aren't there; and of what a random part of it is that has so many rows, as SQL behind its alias. */
typedef struct stele_planning_size {
    double blocks, rows;
} stele_planning_size;
stele_status stele_planning_measure(stele_job *job, const stele_job_shape *shape, stele_planning_size *size, stele_error *error);
void stele_planning_part(const stele_planning_size *size, double rows, char part[64]);

/* Fill the estimate from the sample, and tell where the script fails. */
stele_status stele_planning_estimate(stele_planning *plan, stele_error *error);

/* size.c: what so many rows, each of so many bytes, take: whole pages, that are filled so far (0 to 1). */
double stele_datum_bytes(char kind, unsigned dimensions);
double stele_heap_bytes(double rows, double row, double fill);
double stele_btree_bytes(double rows, double key, double fill);
double stele_toast_bytes(double rows, double datum);
double stele_toast_wal(double datum); /* of one row */

/* What the script's index takes. `method` is 'h', 'i', or ' ' for one that isn't known; `memory` what its graph takes while it is built. */
typedef struct stele_index_size {
    char method, kind;
    unsigned dimensions, m, lists;
    double bytes, wal, memory;
} stele_index_size;
void stele_index_measure(const stele_job *job, const stele_job_shape *shape, double rows, stele_index_size *out);

/* Tell of what is dangerous: see above. */
stele_status stele_planning_rights(stele_planning *plan, stele_error *error);
stele_status stele_planning_tables(stele_planning *plan, stele_error *error);
stele_status stele_planning_indexes(stele_planning *plan, stele_error *error);

#endif

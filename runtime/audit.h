/*
 * audit.h - what the two rooms of an audit share: the ledger by itself, and the migrations against it
 */
#ifndef STELE_AUDIT_H
#define STELE_AUDIT_H

#include "plan.h"

typedef struct stele_auditor {
    int (*finding)(void *data, const stele_finding *finding);
    void *data;
    const stele_migrations *table;
    size_t faults;       /* tampering */
    size_t newer;        /* migrations that are only newer than this program */
    stele_error skew;    /* the first that is neither: the database is too old, or at another branch */
    size_t in_component; /* faults of the component being proven */
    const char *component;
    bool stopped;
} stele_auditor;

/* Hand over a check. One that isn't `ok` counts as a fault. */
void stele_audit_tell(stele_auditor *a, bool ok, const char *check, const char *title, const char *message, const char *file,
                      const char *detail, const char *hint);

/* Each migration against the ledger; with `exact`, newer ones are no good, either. */
void stele_audit_migrations(stele_auditor *a, const stele_survey *survey, bool exact);

#endif

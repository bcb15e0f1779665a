/*
 * setting.h - parameters that get new values within a transaction of somebody else's: what `repair set` writes, as part of more
 *
 * Read and proven before the transaction begins; in it the ledger must still be where it was read.
 */
#ifndef STELE_SETTING_H
#define STELE_SETTING_H

#include "handle.h"

/* One row of the ledger to be: a component's parameter, its value before and after. */
typedef struct stele_change {
    size_t component;
    const char *name, *old, *value;
    char *json; /* what is in force then */
} stele_change;

typedef struct stele_settings {
    stele_ledger ledger;
    stele_survey survey;
    stele_change *changes; /* of one component one behind the other, in their order */
    size_t count;
    stele_arena arena;
} stele_settings;

/* What is wanted. `component` NULL: all that have it. `expected` may be NULL; else the value that it must have now, or `value` already. */
typedef struct stele_wanted {
    const char *component, *name, *value, *expected;
} stele_wanted;

/*
 * Read and prove the ledger, and say what has to be written. A value that is in force is left out. Of build parameters the values may be others than this program's. Returns OK; UNMET for one that
 * no component has, has another value than is expected, or isn't of its kind; TAMPERED; free it in any case.
 */
stele_status stele_settings_plan(stele_settings *settings, stele *handle, const stele_wanted *wanted, size_t count, stele_error *error);

/*
 * In an open transaction: take the locks, see that the ledger is where it was, write the rows. `again` is set, with an error, where another process was faster, or is at work: roll back, plan anew.
 */
stele_status stele_settings_write(stele_settings *settings, stele *handle, const char *reason, bool *again, stele_error *error);

/* After the commit: what is given at run is what this handle goes on with. */
void stele_settings_keep(const stele_settings *settings, stele *handle);

void stele_settings_free(stele_settings *settings);

#endif

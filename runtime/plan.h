/*
 * plan.h - given this table and this ledger, what should happen?
 *
 * Pure: no server, no clock, nothing remembered. What was read goes in; what stands, what is to be
 * done, or the first disagreement comes out.
 */
#ifndef STELE_PLAN_H
#define STELE_PLAN_H

#include <stdbool.h>

#include "ledger.h"
#include "mem.h"
#include "stele.h"

/* One migration of the table, against the ledger. */
typedef struct stele_place {
    stele_standing standing;
    const stele_entry *entry; /* the row that applied it, or that began it; NULL where there is none */
    unsigned steps_done;      /* INTERRUPTED: so many of its steps are in */
    bool begun;               /* INTERRUPTED: the step after them was begun before */
    bool in_doubt;            /* and nothing says how it ended */
} stele_place;

/* The whole table against the whole ledger. */
typedef struct stele_survey {
    stele_place *places;          /* one per migration, in the table's order */
    const stele_entry **unknown;  /* applied, of the table's components, but not in the table */
    size_t unknown_count;
    int64_t *heads;               /* per component: the seq of its last row, 0 for none */
    const stele_entry **last;     /* per component: its last row, or NULL */
} stele_survey;

/* Fill `survey`, in `arena`. False: no memory. */
bool stele_survey_make(stele_survey *survey, const stele_migrations *table, const stele_ledger *ledger,
                       stele_arena *arena);

/* One migration to apply, from which step on. */
typedef struct stele_action {
    size_t index;        /* in the table */
    unsigned first_step; /* from 0 */
    bool begun;          /* that step was begun before */
    bool in_doubt;       /* and nothing says how it ended */
} stele_action;

typedef struct stele_worklist {
    stele_action *actions;
    size_t count;
    size_t pending; /* what is left to apply after these, behind the target */
} stele_worklist;

/*
 * What to apply, up to `target` (see stele_apply). `out_of_order` allows a migration
 * below one that is applied. Returns OK; USAGE for an unknown target; TAMPERED or AHEAD for the
 * first disagreement, with the number of others in the hint.
 */
stele_status stele_worklist_make(stele_worklist *plan, const stele_migrations *table, const stele_survey *survey,
                             const char *target, bool out_of_order, stele_arena *arena, stele_error *error);

/* Is `target` (see stele_apply; NULL for all) the name of one migration? `*end` is the index behind it. OK or USAGE. */
stele_status stele_target_find(const stele_migrations *table, const char *target, size_t *end, stele_error *error);

/* Describe what is wrong with a place, or with an unknown migration (`entry`), into `error`. */
stele_status stele_place_error(const stele_migration *migration, const stele_place *place,
                               stele_error *error);
stele_status stele_unknown_error(const stele_migrations *table, const stele_entry *entry, stele_error *error);

/*
 * The digests of a component's applied set: `before` and after the migration at `index` is in.
 * `applied[i]` tells of each migration of the table. False: no memory.
 */
bool stele_state_with(char after[STELE_CHECKSUM_SIZE], char before[STELE_CHECKSUM_SIZE], const stele_migrations *table,
                      const bool *applied, size_t index);

#endif

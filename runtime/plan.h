/*
 * plan.h - given this table and this ledger, what should happen?
 *
 * Pure: no server, no clock, nothing remembered. What was read goes in; what stands, what is to be
 * done, or the first disagreement comes out.
 */
#ifndef STELE_PLAN_H
#define STELE_PLAN_H

#include <stdbool.h>

#include "fold.h"
#include "ledger.h"
#include "mem.h"
#include "stele.h"

/* The whole table against the whole ledger. */
typedef struct stele_survey {
    stele_place *places;      /* one per migration, in the table's order; behind them, those that only the ledger knows */
    size_t count, known;      /* of all places; of those in the table */
    int64_t *heads;           /* per component: the seq of its last row, 0 for none */
    const stele_entry **last; /* per component: its last row, or NULL */
    size_t *newer;            /* per component: migrations that only newer programs have, when this one can live with what they made; else 0 */
    const stele_ledger *ledger; /* what it was made of */
} stele_survey;

/* Fill `survey`, in `arena`. False: no memory. */
bool stele_survey_make(stele_survey *survey, const stele_migrations *table, const stele_ledger *ledger,
                       stele_arena *arena);

/* Something to do: run a part of a migration and write a row, or write a row alone. */
typedef struct stele_action {
    const char *deed;    /* the ledger's word for it: "apply", "revert", "forget" ... */
    const stele_migration *migration; /* of the table; or made from the ledger */
    const stele_part *part; /* what is run; NULL: the row alone */
    size_t place;        /* in the survey; its count for a deed that is about no migration */
    unsigned first_step; /* from 0 */
    bool begun;          /* that step was begun before */
    bool in_doubt;       /* and nothing says how it ended */
    const stele_entry *first_begin, *last_begin; /* begun: the rows that announced it, for the first and for the last time */
    unsigned step;       /* of the row, where it names one */
    const char *reason;  /* of the row, or NULL */
    const char *note;    /* what a row alone changes, in words; or NULL */
    const char *parameters; /* of a row alone: what is in force after it; NULL: what is in force in its component when the list is run */
    const char *before;  /* a statement for the beginning of its transaction, before the lock is taken; or NULL */
} stele_action;

typedef struct stele_worklist {
    stele_action *actions;
    size_t count;
} stele_worklist;

/*
 * What to apply, up to `target` (see stele_apply); the repeatable ones only without one. Of the options, `out_of_order` allows a migration
 * below one that is applied, `exact` no newer ones. Where a component is ahead of the program there is nothing to do in it.
 * Returns OK; USAGE for an unknown target; TAMPERED or AHEAD for the first disagreement, with the number of others in the hint.
 */
stele_status stele_worklist_make(stele_worklist *plan, const stele_migrations *table, const stele_survey *survey, const char *target,
                                 const stele_options *options, stele_arena *arena, stele_error *error);

/* The first disagreement between table and ledger, as above. */
stele_status stele_survey_agrees(const stele_migrations *table, const stele_survey *survey, const stele_options *options,
                                 stele_error *error);

/* A migration that only the ledger knows, as far as the ledger tells; without a text. In `arena`; NULL: no memory. */
stele_migration *stele_migration_of(const stele_entry *entry, stele_arena *arena);

/* Does `target`, "version" or "component/version", name this one? */
bool stele_is_named(const char *component, const char *version, const char *target);

/* Is `target` (see stele_apply; NULL for all) the name of one migration? `*end` is the index behind it. OK or USAGE. */
stele_status stele_target_find(const stele_migrations *table, const char *target, size_t *end, stele_error *error);

/* Describe what is wrong with a place of the table, or with a migration that it doesn't have, into `error`. */
stele_status stele_place_error(const stele_place *place, stele_error *error);
stele_status stele_unknown_error(const stele_migrations *table, const stele_place *place, stele_error *error);

/*
 * Is the unknown migration of `entry` newer than everything that the table has of its component? So is one that stands for others, from
 * another history than the table's.
 */
bool stele_is_newer(const stele_migrations *table, const stele_entry *entry);

#endif

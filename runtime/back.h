/*
 * back.h - the way back: what is chosen, and what it destroys
 *
 * choose.c says which migrations go, destroy.c counts what goes with them, back.c makes the list of it that is carried out.
 */
#ifndef STELE_BACK_H
#define STELE_BACK_H

#include "handle.h"
#include "plan.h"

/* A migration to be taken back, as it was at the first look: if another process puts it in anew, that is another deed. */
typedef struct stele_choice {
    const char *component, *version;
    int64_t since; /* the seq of the row that put it in */
} stele_choice;

/* What was asked for, and what was chosen for it at the first look: later tries only do what is left of that. */
typedef struct stele_way {
    const stele_way_back *asked;
    bool again;  /* apply them again */
    bool look;   /* only a plan: destruction is shown, not refused */
    bool chosen, shown;
    int (*show)(void *data, const stele_reversal *reversal);
    void *data;
    stele_arena arena;
    stele_choice *choices; /* in the order in which they are taken back */
    size_t count;
    int64_t youngest; /* at the first look: what is younger was put in meanwhile */
    size_t gaps;      /* at the first look: what is not in, though it comes before one that is chosen */
} stele_way;

/* Is there anything of it to take back? */
bool stele_goes_back(const stele_place *place);

/* Choose. Returns OK; USAGE for what names nothing; FAILED where a migration is half applied. */
stele_status stele_way_choose(stele_way *way, const stele_migrations *table, const stele_survey *survey, stele_error *error);

/* How many migrations that aren't in come before one that was chosen. */
size_t stele_way_gaps(const stele_way *way, const stele_survey *survey);

/* Is it one of those that were chosen? NULL if not. */
const stele_choice *stele_way_choice(const stele_way *way, const char *component, const char *version);

/* What the down section of a migration would destroy now, in `arena`. Those that are empty are left out. */
stele_status stele_casualties_count(stele *handle, const stele_migration *migration, stele_casualty **casualties, size_t *count,
                                    stele_arena *arena, stele_error *error);

/* The refusal of the first of them. */
stele_status stele_casualties_refuse(const stele_reversal *reversal, stele_error *error);

/* Why there is no way back from a migration without a down section. */
stele_status stele_one_way_error(const stele_migration *migration, stele_error *error);

#endif

/*
 * fold.h - what the rows of a ledger come to
 *
 * The ledger is a list of deeds; what counts is the set of migrations that are in after them. Here is what
 * each deed does to that set, and the digest of the set. Pure: nothing here talks to the server.
 */
#ifndef STELE_FOLD_H
#define STELE_FOLD_H

#include <stdbool.h>

#include "ledger.h"
#include "mem.h"
#include "stele.h"

/* What a row does to the migration that it names. */
typedef enum stele_turn {
    STELE_PUTS_IN,     /* apply, baseline, mark, accept, squash: it is in now, as the row describes it */
    STELE_TAKES_OUT,   /* revert, forget */
    STELE_TOWARDS_IN,  /* begin, step, fail: some of its steps are in */
    STELE_TOWARDS_OUT, /* down-begin, down-step, down-fail: it is not whole any more */
    STELE_GOES_ON,     /* accept with a step: what is done of it stays done, and that step of another file is the next */
    STELE_TOUCHES_NONE /* set, reseal: about the component as a whole */
} stele_turn;

/* `step` is the row's, 0 where it has none. */
stele_turn stele_turn_of(const char *action, int step);

/*
 * Does the row take the repeatable migrations of its component out as well? What they made may stand on what a revert took away:
 * so the next up runs them again.
 */
bool stele_row_unsettles(const char *action, const char *version);

/* Does the row take those of the component's versioned migrations out that come before it? It stands for all of them. */
bool stele_row_replaces(const char *action);

/* Is it a repeatable migration that a version names? Its identity is its name. */
bool stele_version_repeats(const char *version);

/* Of a migration that stands for others, and isn't in: what there is of those. */
typedef enum stele_squashing {
    STELE_SQUASHES_NONE,  /* nothing: it is run like any other */
    STELE_SQUASHES_ALL,   /* all of them, exactly: it is recorded in their place */
    STELE_SQUASHES_BELOW, /* not all yet */
    STELE_SQUASHES_HALF,  /* one of them is half in, or half out */
    STELE_SQUASHES_OTHER  /* others than those that it stands for */
} stele_squashing;

/* A migration that the ledger knows, or the program, or both. */
typedef struct stele_place {
    const stele_migration *migration; /* NULL: the program doesn't have it */
    const stele_entry *entry; /* the row that put it in, or the last step towards or from that; NULL where there is none */
    const stele_entry *put;   /* the last row that put it in; it stays while it is on the way out */
    int64_t since;            /* the seq of the first such row: an accepted file doesn't make a migration younger */
    stele_standing standing;
    bool in;                  /* it is applied, whole */
    bool back;                /* INTERRUPTED, on the way out */
    unsigned steps_done;      /* INTERRUPTED: so many of its steps are done */
    bool begun;               /* INTERRUPTED: the step after them was begun before */
    bool in_doubt;            /* and nothing says how it ended */
    const stele_entry *first_begin, *last_begin; /* begun: the rows that announced it, for the first and for the last time */
    stele_squashing squashing; /* of one that stands for others: are they in, in its place? */
    const stele_entry *reached; /* and the last of them that is in, or half in */
    const stele_entry *covered; /* APPLIED, by the row of a migration of a newer program that stands for it; not `in` itself */
} stele_place;

/* Take one more row about this migration. `standing` is left to the survey. */
void stele_place_take(stele_place *place, const stele_entry *entry);

/*
 * The members of all components' sets, in the order of the digest, with the digest after each. A member that isn't in
 * keeps its room. One member per place of a survey, by the same index.
 */
typedef struct stele_set {
    struct stele_member {
        const char *component, *version, *name, *source;
        bool in;
    } *members;
    size_t *order;   /* by component, version, name */
    size_t *rank;    /* of each member in that order */
    size_t count;
    uint8_t (*digests)[STELE_DIGEST_SIZE]; /* by rank: of the component's members up to there */
    bool *known;                           /* by rank: is that digest computed? */
} stele_set;

/* The set as the places have it. False: no memory. */
bool stele_set_make(stele_set *set, const stele_place *places, size_t count, stele_arena *arena);

/* Put a member in with this source, or (NULL) take it out; returns the digest of its component's set after that. False: no memory. */
bool stele_set_change(stele_set *set, size_t member, const char *source, char state[STELE_CHECKSUM_SIZE]);

/* What a row does to the set that it is about, and the digest after it. `index` is the member; beyond the last for none. False: no memory. */
bool stele_set_take(stele_set *set, const char *action, unsigned step, const stele_migration *migration, size_t index,
                    char state[STELE_CHECKSUM_SIZE]);

/* Give a member the name that its file has now; before it is changed. */
void stele_set_rename(stele_set *set, size_t member, const char *name);

/* The digest of the set of a component. False: no memory. */
bool stele_set_state(stele_set *set, const char *component, char state[STELE_CHECKSUM_SIZE]);

/* The version of the last migration of a component's set that isn't repeatable; "" for none. */
const char *stele_set_version(const stele_set *set, const char *component);

#endif

/*
 * offline.h - a worklist as a script for psql
 *
 * The script does what a run over a connection would do, and writes the same rows. It is written in four rooms: what goes into
 * it (offline.c), the look at the database that it begins with (offline_check.c), the migrations (offline_script.c), and what is expected
 * of their statements (offline_expect.c).
 *
 * While it runs, psql's variable stele_seq_N is the ledger's last seq of component N, which is one of the table's. enter() and
 * append() refuse when the ledger has moved away from it.
 */
#ifndef STELE_OFFLINE_H
#define STELE_OFFLINE_H

#include "fold.h"
#include "handle.h"
#include "lock.h"
#include "plan.h"

/* What the script has to find, and what it changes, of one component. */
typedef struct stele_bound {
    bool used;           /* the script is about it */
    bool begun;          /* the ledger has rows of it */
    const char *state;   /* expected: of the set that is in; where `blind`, of its versioned migrations alone */
    bool blind;          /* nobody knows which repeatables are in: the script looks */
    int64_t seq;         /* planned over a connection: of the last row, */
    const char *hash;    /* and its hash, "r1:..."; "" without a row. NULL: planned without one */
    char now[STELE_CHECKSUM_SIZE]; /* while it is written: `state` after the last row */
} stele_bound;

/* Another component's migration, of which only the database can tell whether it is in. */
typedef struct stele_condition {
    const char *component, *version;
    bool in;             /* must it be, or must it not be? */
    const char *message; /* if it isn't so */
} stele_condition;

typedef struct stele_sheet {
    stele *handle; /* without a connection where the plan was made without one */
    const stele_survey *survey;
    const stele_worklist *list;
    stele_bound *bounds; /* per component of the table */
    stele_condition *conditions;
    size_t condition_count;
    stele_set set;
    stele_text text;
} stele_sheet;

/*
 * Write the script of a list that was planned over a connection. Nothing is handed to `write` unless all is well. Returns OK; UNMET where
 * Lua would have to be run; FAILED for memory.
 */
stele_status stele_sheet_write(stele *handle, const stele_ledger *ledger, const stele_survey *survey, const stele_worklist *list,
                               stele_write write, void *data, stele_error *error);

/* The first part: settings, and a transaction that looks whether all is as it must be, and makes the ledger where there is none. */
void stele_sheet_begin(stele_sheet *sheet);

/* One action of the list, with its rows. */
void stele_sheet_action(stele_sheet *sheet, size_t action);

/*
 * The three pieces of a statement with expectations: what is asked before it; the statement itself, `sql`, in a form whose rows can be
 * counted (but for COPY, which the caller writes); and what stops the script when they aren't as expected.
 */
void stele_sheet_ask(stele_sheet *sheet, const stele_migration *migration, uint32_t statement);
void stele_sheet_counted(stele_sheet *sheet, const stele_text *sql);
void stele_sheet_judge(stele_sheet *sheet, const stele_migration *migration, uint32_t statement);

/* Can psql count the rows of all statements of this list that something is expected of? OK or UNMET. */
stele_status stele_sheet_counts(const stele_sheet *sheet, stele_error *error);

/* What a new session begins with. */
void stele_sheet_session(stele_sheet *sheet);

/*
 * The digest of a component's set, as an expression: that of its versioned migrations, `digest`, and of the repeatables that the
 * ledger says are in; of those `name` is left out and, with `source`, put in. Both may be NULL.
 */
void stele_sheet_fold(stele_sheet *sheet, const char *component, const char *digest, const char *name, const char *source);

/* The repeatables of a component by their last deeds: a SELECT of name, source and action. */
void stele_sheet_repeatables(stele_sheet *sheet, const char *component);

/* As elements of an array: the actions that put in (an accept with a step does not), and those that take out. */
#define STELE_PUTTING_IN "apply,baseline,mark,accept,squash"
#define STELE_TAKING_OUT "revert,forget,down-begin,down-step,down-fail"
/* And those after which it is neither in nor out. */
#define STELE_UNDER_WAY "begin,step,fail,down-begin,down-step,down-fail"

#endif

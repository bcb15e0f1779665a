/*
 * migration.h - what stelec knows of one file, filled in phase by phase
 */
#ifndef STELEC_MIGRATION_H
#define STELEC_MIGRATION_H

#include "../runtime/checksum.h"
#include "../runtime/stele.h"
#include "deed.h"
#include "demand.h"
#include "lexer.h"
#include "source.h"

/* The parts of a file. The first is what stands before any "-- stele: down" or "-- stele: verify". */
typedef enum part_kind { PART_UP, PART_DOWN, PART_VERIFY, PART_COUNT } part_kind;

/* What a statement has to do with transactions; derived from its tree. */
typedef enum transaction_kind {
    TRANSACTION_NONE, /* an ordinary statement */
    TRANSACTION_BEGIN,
    TRANSACTION_COMMIT,
    TRANSACTION_ROLLBACK,
    TRANSACTION_PREPARED /* PREPARE TRANSACTION and what may follow it */
} transaction_kind;

/* What derive.c finds out about a statement. */
struct facts {
    transaction_kind transaction;
    const char *refusal;     /* why it can't be part of a migration at all, or NULL */
    const char *alone;       /* why it can't run in a transaction: "VACUUM"; or NULL */
    const char *modes;       /* of a BEGIN or SET TRANSACTION: "ISOLATION LEVEL SERIALIZABLE"; or NULL */
    bool adds_value;         /* to an enum: committed by itself, since up to PostgreSQL 16 no value can be used before that */
    stele_probe probe;       /* of one that is alone: what to ask after a crash */
    bool sets_modes;         /* it is a SET TRANSACTION, which must come before any query */
    bool is_set;             /* it is a SET or RESET */
    uint32_t flags;          /* STELE_SETS_SESSION, STELE_MAKES_TEMP */
};

struct statement {
    stele_statement table; /* as it goes into the generated table */
    uint32_t terminator;   /* the offset of its semicolon, or of what ends it in place of one */
    part_kind part;
    bool conforming; /* standard_conforming_strings, as far as the file's own SETs say */
    bool unparsed;   /* passed on as it is, by a directive */
    bool calls;      /* a name directly before a parenthesis: perhaps a function call */
    bool sets_config, names_temp; /* it has the word set_config, pg_temp */
    bool broken; /* never ends, complained about */
    size_t first_expectation, expectation_count; /* in the migration's: what directives expect of it */
    struct facts facts;
    uint32_t first_deed, deed_count; /* what it does: in the migration's deeds */
};

/* A stretch of the file that the grammar must not see: COPY data, psql lines, unparsed statements. */
struct blank {
    uint32_t begin, end;
    char instead; /* written at its first byte: a semicolon, where a directive ends a statement, or a blank */
};

/* What an "after" names; order.c finds it. */
struct dependency {
    const char *component; /* NULL: the migration's own */
    const char *version;   /* "005"; of a repeatable one, "R_name" */
    const char *change;    /* of a sqitch project: the name that it is found by; else NULL */
    uint32_t offset;       /* where the directive names it */
    struct migration *on;  /* NULL: of a component that isn't in this program */
};

/* A file that "given" names; given.c reads it. */
struct outside {
    const char *name;    /* as it is written: from the folder of migrations */
    uint32_t offset;     /* where the directive names it */
    struct given *given; /* NULL: not read */
};

struct lua_literal;
struct lua_module;
struct lua_folder;

/* The files of a migration that has several. */
typedef enum file_kind {
    FILE_UP,
    FILE_DOWN,
    FILE_VERIFY,
    FILE_SETTINGS, /* no text of it: x.sql.conf, metadata.toml */
    FILE_COUNT
} file_kind;

struct layout;

struct migration {
    struct source source; /* its text; of several files put together, and then named like the first */
    struct source *files[FILE_COUNT]; /* the file of each part that has one; all NULL where one file holds everything */
    struct history *home;  /* the folder whose history it belongs to */
    const char *folder;    /* the name in the output of the folder that it is in: a Lua file may be in that of --lua */
    const char *component; /* the file's own, or the default */
    const char *version, *name;
    bool repeatable; /* R_name.sql; its version is "R" */
    bool job;        /* J_name.lua: no migration; its version is "J". job.c */
    bool placed;     /* order.c has put it into the program's order */
    size_t place;    /* in its folder's sealed order */
    char source_sum[STELE_CHECKSUM_SIZE], tokens_sum[STELE_CHECKSUM_SIZE], state_sum[STELE_CHECKSUM_SIZE];

    struct statement *statements;
    size_t statement_count, statement_capacity;
    struct statement *written; /* all that the file has, also a BEGIN or COMMIT that is no statement of a step */
    size_t written_count;
    struct references references;
    struct blank *blanks;
    size_t blank_count, blank_capacity;
    stele_step *steps;
    size_t step_count, step_capacity;
    stele_part parts[PART_COUNT];
    bool has_part[PART_COUNT];

    /* from directives */
    stele_need *needs;
    size_t need_count, need_capacity;
    struct dependency *after;
    size_t after_count, after_capacity;
    struct outside *outsides;
    size_t outside_count, outside_capacity;
    bool no_transaction[PART_COUNT];
    bool idempotent; /* what runs outside a transaction may be run twice */
    bool is_given; /* no migration: a file that "given" names, which is in no tool's layout */
    bool literal; /* what looks like a placeholder of its layout is text */
    uint64_t lua_memory, lua_steps; /* 0: the runtime's own */
    const char **allows; /* names of rules */
    size_t allow_count, allow_capacity;
    bool allows_use; /* of what a repeatable one makes, in a versioned one; or of what this repeatable one makes */
    const char *contract, *expand; /* why older programs can't, can live with it */
    const char *squashes, *squashes_state, *squashes_release; /* it stands for all up to this version, with that digest, of this release; squash.c */
    uint32_t squashes_at; /* where it says so */
    const char *own_component, *one_way, *lock_timeout, *statement_timeout;

    struct deed *deeds; /* of its statements; deed.h */
    size_t deed_count, deed_capacity;
    size_t effect_count; /* of the deeds that the generated table tells of; review.c */

    stele_expectation *expectations; /* expect.c */
    size_t expectation_count, expectation_capacity;

    struct demand *demands; /* what its statements need of the role that runs them; demand.c */
    size_t demand_count, demand_capacity;
    bool path_set[PART_COUNT], role_set[PART_COUNT]; /* while they are taken: a statement so far may have */

    struct use *uses; /* what its statements make, drop and use; uses.c */
    size_t use_count, use_capacity;

    bool lua;                    /* VERSION_name.lua */
    struct lua_module **modules; /* that it requires, also those that they require; by name */
    size_t module_count;
    struct lua_literal *asked;   /* by a job: parameter "name", as far as that is plain from the text */
    size_t asked_count;

    stele_loss *losses; /* of the down part; losses.c */
    size_t loss_count, loss_capacity;
    const char **made, **given; /* by the down part so far: quoted tables that it creates; plain names that it gives to others */
    size_t made_count, made_capacity, given_count, given_capacity;
    bool path_changed; /* and it set search_path */

    const char **procedures; /* that it creates and that end a transaction; of the history's */
    size_t procedure_count;

    uint32_t flags;
    bool broken; /* something was complained about; later phases leave it alone */
    bool is_sealed; /* stele.lock has a line about it */
    const char *sealing; /* what this run does about that line: "sealed", "amended"; or NULL */
};

/* One folder of migrations: everything that the phases work on. And, once order.c has joined them, all folders' together. */
struct history {
    struct memory *memory;
    struct diag *diag;
    const char *directory; /* as the user named it */
    const struct layout *layout;
    const char *layout_option; /* that of the command line, or NULL */
    const char **inputs; /* what else was looked at: folders below, a journal or plan, as paths */
    size_t input_count, input_capacity;
    const char *argument;  /* the same on the command line: "auth=migrations" */
    const char *name;      /* the folder's name in the output, which doesn't depend on where it lies */
    struct source directory_source; /* to complain about the directory itself */
    size_t first_order; /* where the complaints of this folder stand among those of others */
    struct lua_folder *lua; /* where Lua files are, too; of all folders, never NULL */
    struct conf conf;
    struct migration **migrations; /* the versioned ones, in the order they are applied, once seal.c has put them so */
    size_t count, capacity;
    struct migration **repeatables;
    size_t repeatable_count, repeatable_capacity;
    struct migration **jobs; /* by name */
    size_t job_count, job_capacity;
    struct given *given;  /* the files that its migrations name, the last first */
    struct pool *pool;     /* of names and types, of all folders */
    size_t warned_new, warned_old;      /* warnings about what this run seals, and what was sealed before */
    const struct migration *warned_last; /* the last of the latter that was warned of; or NULL */
    const struct migration *warned_first; /* the first of the former */
    const char *suggested; /* the last version that somebody was told is free; or NULL */
    bool keeps_all;       /* that reading finds out: for explain */
    bool has_repeatables; /* this folder, or another of the program */
    const char **procedures; /* names of procedures that end a transaction, as they are created */
    size_t procedure_count, procedure_capacity;
    char *scratch; /* of parse.c: one file's text at a time */
    size_t scratch_size;
};

/* All migrations, in the order of the generated table: the versioned ones, then the repeatable ones. */
static inline size_t history_size(const struct history *history)
{
    return history->count + history->repeatable_count;
}

static inline struct migration *history_at(const struct history *history, size_t i)
{
    return i < history->count ? history->migrations[i] : history->repeatables[i - history->count];
}

/* The same with the jobs behind them: all that has a text in the generated table. */
static inline size_t history_text_count(const struct history *history)
{
    return history_size(history) + history->job_count;
}

static inline struct migration *history_text_at(const struct history *history, size_t i)
{
    return i < history_size(history) ? history_at(history, i) : history->jobs[i - history_size(history)];
}

#endif

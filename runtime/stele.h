/*
 * stele.h - apply the migrations that are compiled into this program, and
 *           prove that what was applied is what was compiled
 *
 * stelec, the generator, turns a directory of migrations into one C source: a
 * constant table of type stele_migrations. This library brings a PostgreSQL
 * database up to date with such a table and keeps a ledger, in a schema of its
 * own, of what it did. At boot an application does this:
 *
 *     #include "stele.h"
 *     #include "migrations.h"                  // generated: declares `migrations`
 *
 *     stele_options options = {.conninfo = getenv("DATABASE_URL")};
 *     stele_result result;
 *     stele_error error;
 *     if (stele_up(&migrations, &options, &result, &error) != STELE_OK) {
 *         if (error.line > 0)
 *             fprintf(stderr, "%s:%u:%u: ", error.file, error.line, error.column);
 *         else if (error.file[0] != '\0')
 *             fprintf(stderr, "%s: ", error.file);
 *         fprintf(stderr, "%s\n%s\n%s\n", error.message, error.detail, error.hint);
 *         exit(error.status);
 *     }
 *
 * When nothing is pending that costs one round trip and writes nothing.
 *
 * Conventions, true of every function below
 *
 * Status.    A function that can fail returns a stele_status: STELE_OK, or what
 *            went wrong. The values are the exit codes of stele_main. A failure
 *            fills the caller's stele_error once; on STELE_OK it is cleared.
 *            Where a stele_error pointer is taken, NULL is allowed.
 * Ownership. What the caller passes in, the caller owns, and keeps alive for as
 *            long as the call, or for as long as the handle it was given to.
 *            Pointers handed to a callback live until the callback returns.
 *            Nothing returned has to be freed, but for the handle of stele_open,
 *            which stele_close frees. Errors and results are plain structs
 *            without pointers: copy them, keep them, drop them.
 * Text.      Strings are UTF-8 and end in a zero byte. Buffers in structs always
 *            end in one: a message too long for its buffer is cut at a character.
 * Threads.   There is no state but the handle and the connection. A handle may
 *            be used by one thread at a time; two handles by two threads.
 * Process.   The library never exits, aborts or prints, installs no signal
 *            handler (but for stele_main), and changes neither environment nor locale. Memory is
 *            taken from malloc; running out of it is an ordinary error.
 * Server.    PostgreSQL 12 or later. Each function says whether it talks to it.
 * Caller's connection. It may be used as long as no transaction is open on it
 *            and it isn't in pipeline or nonblocking mode. It is given back with
 *            the client encoding, role, search_path and other settings that it
 *            came with, also after a failure. What the server doesn't list stays
 *            as a migration left it: settings with a dot in their name, prepared
 *            statements, LISTEN, advisory locks; and temporary tables, if the caller
 *            has some itself. It keeps its own notice receiver.
 */
#ifndef STELE_H
#define STELE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STELE_VERSION "0.1.0"

/* What libpq calls a connection; <libpq-fe.h> need not be included to use this header. */
typedef struct pg_conn stele_pgconn;

/* ------------------------------------------------------------------ status */

/* What a call came to; also the exit codes of stele_main. */
typedef enum stele_status {
    STELE_OK = 0,            /* done, or nothing to do */
    STELE_FAILED = 1,        /* a statement failed, or memory ran out; the error says what is left */
    STELE_USAGE = 2,         /* arguments or options that make no sense */
    STELE_NO_CONNECTION = 3, /* no connection, or it was lost */
    STELE_LOCKED = 4,        /* another process holds the lock, or lock_timeout ran out */
    STELE_PENDING = 5,       /* migrations are pending (stele_check only) */
    STELE_TAMPERED = 6,      /* an applied migration was edited or is missing, or the ledger was changed */
    STELE_AHEAD = 7,         /* the database is ahead of this program, in a way that it can't live with; or too old for it */
    STELE_DRIFT = 8,         /* reserved: the schema is not what the migrations made */
    STELE_UNMET = 9,         /* a requirement is not met, or a parameter differs */
    STELE_CANCELLED = 130    /* options->interrupted asked for it; stele_main exits 143 when that was a SIGTERM */
} stele_status;

/*
 * What went wrong, where, and what to do next. Fields that don't apply are ""
 * or 0. `line` and `column` count from 1; columns count characters, not bytes.
 */
typedef struct stele_error {
    stele_status status;
    char sqlstate[6];      /* the server's, or "" where the server had no part in it */
    char file[256];        /* the migration's file, as the generator read it */
    unsigned line, column; /* in that file; 0 where no place is known */
    char message[1024];    /* one line, no final stop */
    char detail[1024];     /* more about it: the server's DETAIL, or both checksums */
    char hint[1024];       /* what to do next */
    char context[1024];    /* the server's CONTEXT: the function, the COPY line */
    char source[512];      /* the line of the file that `line` names, without its line end */
} stele_error;

/* ------------------------------------------------- the generated table */

/*
 * stelec writes these structs as constants; an application only takes the
 * address of the table. They are public so that a program can list what it
 * carries. All offsets are bytes from the start of the migration's text.
 */

/* Incremented when a struct below changes its meaning; generated code checks it. */
#define STELE_TABLE_FORMAT 5

/* How a statement is sent. */
enum {
    STELE_RUN = 0,     /* as it stands */
    STELE_COPY = 1,    /* COPY ... FROM stdin, followed by its data lines */
    STELE_COPY_OUT = 2, /* COPY ... TO stdout; what it sends is dropped */
    STELE_CALL_LUA = 3  /* the Lua function of this part: up, down or verify */
};

/* One statement, without its semicolon. */
typedef struct stele_statement {
    uint32_t begin, end;           /* the statement's text */
    uint32_t data_begin, data_end; /* STELE_COPY: the data lines, without the final \. ; else 0 */
    uint32_t kind;                 /* STELE_RUN ... */
} stele_statement;

/*
 * How it is found out, after a crash, what became of a statement outside a transaction: the ledger has it announced, and no word of its
 * end. STELE_PROBE_REPEAT also stands for what may be run twice without a look.
 */
enum {
    STELE_PROBE_NONE = 0,          /* nothing can tell: somebody has to look, and say so with a repair */
    STELE_PROBE_REPEAT = 1,        /* run again, whatever became of it */
    STELE_PROBE_INDEX = 2,         /* CREATE INDEX CONCURRENTLY: `on` is the table, `name` the index, NULL when the server names it */
    STELE_PROBE_NO_INDEX = 3,      /* DROP INDEX CONCURRENTLY: `on` is the index */
    STELE_PROBE_REINDEX_INDEX = 4, /* REINDEX ... CONCURRENTLY: `on` is the index, */
    STELE_PROBE_REINDEX_TABLE = 5, /* the table, */
    STELE_PROBE_REINDEX_SCHEMA = 6, /* `name` the schema, */
    STELE_PROBE_REINDEX_DATABASE = 7, /* nothing is named */
    STELE_PROBE_DETACH = 8,        /* DETACH PARTITION CONCURRENTLY: `on` is the parent, `name` the partition, quoted as `on` is */
    STELE_PROBE_DATABASE = 9,      /* what is made, or is dropped, under `name` */
    STELE_PROBE_NO_DATABASE = 10,
    STELE_PROBE_TABLESPACE = 11,
    STELE_PROBE_NO_TABLESPACE = 12,
    STELE_PROBE_SUBSCRIPTION = 13,
    STELE_PROBE_NO_SUBSCRIPTION = 14
};

typedef struct stele_probe {
    uint32_t kind;           /* STELE_PROBE_... */
    uint32_t lenient;        /* 1: it said IF EXISTS or IF NOT EXISTS */
    const char *on;          /* quoted, as to_regclass takes it: "\"s\".\"t\""; NULL where there is none */
    const char *name;        /* as it is: "i"; NULL where there is none */
    uint32_t on_parameter;   /* 1 + the index of the parameter that is the schema of `on`; or, where that is NULL, all of it; 0: none */
    uint32_t name_parameter; /* the same for `name` of STELE_PROBE_DETACH */
} stele_probe;

/*
 * Statements that commit together, with the ledger's record of them. A migration
 * has one step, unless it holds a statement that can't run in a transaction, or
 * commits on its own: then every such part is a step.
 */
typedef struct stele_step {
    uint32_t first, count; /* in the migration's statements */
    uint32_t alone;        /* 1: one statement, outside any transaction; 0: in one */
    const char *modes;     /* what the file's own BEGIN said: "ISOLATION LEVEL SERIALIZABLE"; or NULL */
    stele_probe probe;     /* of a statement by itself: what to ask when nobody knows how it ended */
} stele_step;

/* Where the text of a parameter's reference stands, and how its value is written there. */
enum {
    STELE_IN_SQL = 0,    /* among tokens: quoted by its kind */
    STELE_IN_STRING = 1, /* inside '...': quotes (in E'' strings, backslashes too) are doubled */
    STELE_IN_ESTRING = 2,
    STELE_IN_NAME = 3,  /* inside "...": double quotes are doubled */
    STELE_IN_DOLLAR = 4, /* inside $tag$...$tag$: as among tokens; a value with a $ is refused */
    STELE_AS_LITERAL = 5, /* among tokens, 'quoted' whatever its kind: psql's :'name' */
    STELE_AS_NAME = 6     /* among tokens, "quoted": psql's :"name" */
};

typedef struct stele_reference {
    uint32_t begin, end; /* of ${name} */
    uint32_t parameter;  /* index in the table's parameters */
    uint32_t where;      /* STELE_IN_... */
} stele_reference;

/* What a parameter's value may be, and how it is quoted. */
enum {
    STELE_INTEGER = 0,    /* digits with an optional minus; written as it is */
    STELE_IDENTIFIER = 1, /* a name; written "quoted" */
    STELE_LITERAL = 2,    /* any text; written 'quoted' */
    STELE_RAW = 3         /* written as it is; the author vouches for it */
};

typedef struct stele_parameter {
    const char *name;
    const char *value;      /* the value of a build parameter, the default of a run parameter, or NULL */
    uint32_t kind;          /* STELE_INTEGER ... */
    uint32_t given_at_run;  /* 1: fixed when applied; 0: fixed when built */
} stele_parameter;

/* What the server must have before any statement runs. */
typedef struct stele_need {
    const char *name;    /* an extension, or "server" */
    const char *minimum; /* the least version, "0.5"; NULL for any */
    uint32_t line;       /* where the file says so */
} stele_need;

/* Facts about a migration, derived by stelec; may be or'ed. */
enum {
    STELE_SETS_SESSION = 1, /* may change a setting or the role for the rest of the session: put back */
    STELE_MAKES_TEMP = 2,   /* may leave temporary objects, prepared statements or cursors behind: dropped */
    STELE_CONTRACTS = 4,    /* a program that was built before it may fail after it: an effect breaks something, or the file says so */
    STELE_OPAQUE = 8,       /* what else it does, nobody can tell before it runs: a DO, a CALL, Lua */
    STELE_VERIFY_RUNS = 16  /* its verify part passes when it runs without an error, whatever it returns */
};

/* What an effect comes to; may be or'ed. */
enum {
    STELE_REWRITES = 1, /* the whole table is written anew, under the lock */
    STELE_SCANS = 2,    /* the whole table is read, or an index built over it, under the lock */
    STELE_PERHAPS = 4,  /* with STELE_REWRITES: that depends on what stelec doesn't know */
    STELE_DESTROYS = 8, /* rows or values are gone afterwards */
    STELE_BREAKS = 16   /* an older program may fail afterwards */
};

/*
 * What one statement does to one relation that was there before this migration, where that is more than reading or writing
 * rows. Derived by stelec; `stelec explain` shows it.
 */
typedef struct stele_effect {
    uint32_t statement;   /* index in the migration's statements */
    uint32_t lock;        /* PostgreSQL's number of the table lock: 4 is SHARE UPDATE EXCLUSIVE, 8 ACCESS EXCLUSIVE; 0 for none */
    uint32_t flags;       /* STELE_REWRITES ... */
    const char *relation; /* quoted, as to_regclass takes it; NULL where it is no relation, or a parameter is in its name */
} stele_effect;

/*
 * What a statement needs of the role that it runs as. A need of an object that isn't there is none; nor is one of what the same part of the
 * migration made before. The last ones say what makes the needs of later statements, also of other migrations, impossible to tell.
 */
enum {
    STELE_NEEDS_OWNER = 0,       /* to own the relation, as by membership */
    STELE_NEEDS_TO_DROP = 1,     /* to own the relation, or its schema; it is gone afterwards */
    STELE_NEEDS_TO_REPLACE = 2,  /* to own the relation that stands where one of this name would be made */
    STELE_NEEDS_MAINTAIN = 3,    /* to own the relation; from PostgreSQL 17 on MAINTAIN is enough */
    STELE_NEEDS_SELECT = 4,      /* this privilege on the relation; on one of its columns is enough, where there is such a thing */
    STELE_NEEDS_INSERT = 5,
    STELE_NEEDS_UPDATE = 6,
    STELE_NEEDS_DELETE = 7,
    STELE_NEEDS_TRUNCATE = 8,
    STELE_NEEDS_REFERENCES = 9,
    STELE_NEEDS_TRIGGER = 10,
    STELE_NEEDS_CREATE = 11,     /* CREATE on the schema; NULL: on that which search_path makes things in */
    STELE_NEEDS_CREATE_BESIDE = 12, /* CREATE on the schema that the relation is in */
    STELE_NEEDS_TYPE = 13,       /* to own the type */
    STELE_NEEDS_TYPE_TO_DROP = 14,
    STELE_NEEDS_FUNCTION = 15,   /* to own the function, where it is the only one of its name */
    STELE_NEEDS_FUNCTION_TO_DROP = 16,
    STELE_NEEDS_SCHEMA = 17,     /* to own the schema `name` */
    STELE_NEEDS_EXTENSION = 18,  /* to own the extension */
    STELE_NEEDS_EXTENSION_TO_DROP = 19,
    STELE_NEEDS_NEW_SCHEMA = 20, /* CREATE on the database */
    STELE_NEEDS_NEW_EXTENSION = 21, /* the same, where the extension is trusted and isn't there yet */
    STELE_NEEDS_MEMBERSHIP = 22, /* to be a member of the role `name` */
    STELE_NEEDS_LEAVE = 23,      /* to own the relation, or the leave of a hosted server, which nobody can tell of */
    STELE_NEEDS_UNTOLD = 24,     /* nobody can tell: `name` says of what statement */
    STELE_MAKES = 25,            /* something of this name is made */
    STELE_MAKES_SCHEMA = 26,     /* a schema, which search_path may come to begin with */
    STELE_CHANGES = 27,          /* what has this name is dropped, renamed, or comes to have another owner or other privileges */
    STELE_CHANGES_ALL = 28       /* anything may be another one's afterwards, or have other privileges: `name` says by what */
};

typedef struct stele_demand {
    uint32_t statement; /* index in the migration's statements: the first of its part that has it */
    uint32_t kind;      /* STELE_NEEDS_OWNER ... */
    const char *schema; /* NULL: whichever search_path finds */
    const char *name;   /* neither is quoted */
} stele_demand;

/* A Lua file that a Lua migration requires; compiled in, sealed and checksummed with it. */
typedef struct stele_module {
    const char *name; /* as require names it: "lineage", "text.split" */
    const char *file; /* "lua/lineage.lua", for messages */
    const char *text; /* UTF-8, no BOM, LF; ends in a zero byte */
    uint32_t length;  /* in bytes */
} stele_module;

/* A migration of another component that must be applied before this one. */
typedef struct stele_dependency {
    const char *component, *version;
    uint32_t line; /* where the file says so */
} stele_dependency;

/* What a down section takes away. */
enum {
    STELE_LOSES_TABLE = 0,  /* the rows of `relation`: it is dropped, truncated or deleted from */
    STELE_LOSES_COLUMN = 1, /* the values of one column */
    STELE_LOSES_SCHEMA = 2, /* the rows of all tables of the schema `relation` */
    STELE_LOSES_UNKNOWN = 3 /* only running it would tell: a DO, a CALL, Lua */
};

typedef struct stele_loss {
    uint32_t kind;        /* STELE_LOSES_TABLE ... */
    const char *relation; /* quoted, as to_regclass takes it; NULL for UNKNOWN */
    const char *column;   /* not quoted; NULL but for COLUMN */
    uint32_t begin;       /* of the statement, in the migration's text */
} stele_loss;

/* How the number of rows that a statement affected is held against the number that was expected. */
enum {
    STELE_ROWS_EQUAL = 0,    /* = */
    STELE_ROWS_AT_LEAST = 1, /* >= */
    STELE_ROWS_AT_MOST = 2,  /* <= */
    STELE_ROWS_MORE = 3,     /* > */
    STELE_ROWS_LESS = 4,     /* < */
    STELE_ROWS_OTHER = 5     /* <> */
};

/*
 * How many rows a statement must affect (a SELECT: return), as a directive says. It is judged directly behind the statement, in its
 * transaction; what is asked for it is asked directly before.
 */
typedef struct stele_expectation {
    uint32_t statement;              /* in the migration's statements; several may be about one */
    uint32_t comparison;             /* STELE_ROWS_EQUAL ... */
    int64_t rows;                    /* the number; 0 where a query gives it */
    uint32_t query_begin, query_end; /* that SELECT, in the migration's text; both 0 where there is none */
    uint32_t table_begin, table_end; /* the table that the statement changes, as it names it; both 0 where there is none */
    uint32_t unless_empty;           /* 1: not judged where that table is empty before the statement */
    uint32_t only;                   /* 1: the statement says ONLY of that table */
    uint32_t begin;                  /* of the directive's words: "expect rows ...", to the end of the line */
    const char *what;                /* what the statement is, for messages: "update" */
} stele_expectation;

/*
 * The parts of a migration's text. A part that the file doesn't have is all zero; one that it has may hold no statement, and
 * then ends where it begins or later, but never at 0. Where a part comes in several pieces, with another one between, it ends
 * with the last.
 */
typedef struct stele_part {
    uint32_t begin, end;              /* its text */
    uint32_t first_step, step_count;  /* in the migration's steps */
    const char *file;                 /* the whole of which is this part, "001_x.down.sql"; NULL: it is in the migration's own */
} stele_part;

typedef struct stele_migration {
    const char *component; /* the history that it belongs to */
    const char *version;   /* as written: "001", "20250117000001", "4.105"; "R" for a repeatable one */
    const char *name;      /* "add_fact" */
    const char *directory; /* the directory as named in messages: "migrations" */
    const char *file;      /* "001_add_fact.sql", for messages */
    const char *source;    /* "s1:" or "s2:" and the SHA-256 of the text and what belongs to it, see docs/ledger.md */
    const char *tokens;    /* "t1:" and the SHA-256 of its token stream, see docs/ledger.md */
    const char *state;     /* "d1:" and the digest of this component's set up to and including this one */
    const char *text;      /* the file: UTF-8, no BOM, LF; ends in a zero byte */
    const stele_statement *statements;
    const stele_step *steps;
    const stele_reference *references;
    const stele_need *needs;
    const stele_dependency *after; /* other components' only: the table's order has the component's own */
    const stele_loss *losses;      /* of the down part */
    const stele_effect *effects;   /* of the up and the down part, in the order of the statements */
    const stele_expectation *expectations; /* the same */
    const stele_demand *demands;   /* the same */
    const stele_module *const *modules; /* of a Lua migration, by name */
    uint32_t dependency_count, loss_count, effect_count, expectation_count, demand_count, module_count;
    uint32_t length; /* of text, in bytes */
    uint32_t statement_count, step_count, reference_count, need_count; /* of all three parts together */
    stele_part up, down, verify;
    uint32_t flags;                /* STELE_SETS_SESSION ... */
    uint32_t repeatable;           /* 1: R_name.sql, run again whenever `source` changes; its identity is its name */
    uint32_t lua;                  /* 1: the text is Lua; up, down and verify hold one STELE_CALL_LUA each */
    uint64_t lua_memory;           /* bytes that its Lua may use; 0 for 64 MB */
    uint64_t lua_steps;            /* instructions that it may run; 0 for 10,000 million */
    const char *one_way;           /* why there is no way back; or NULL */
    const char *contract;          /* why the file says that older programs can't live with it; or NULL */
    const char *expand;            /* why it says that they can, whatever is derived; or NULL */
    const char *squashes;          /* of a component's first: it stands for all up to this version, which the table doesn't have; or NULL */
    const char *squashes_state;    /* "d1:" and the digest of the set of those */
    const char *squashes_release;  /* what brings a database there, in the file's words */
    const char *lock_timeout;      /* "5s": what PostgreSQL takes; or NULL */
    const char *statement_timeout; /* the same */
} stele_migration;

/* The file, without its directory, that a byte of a migration's text is in, and its line there, from 1. */
const char *stele_file_at(const stele_migration *migration, uint32_t offset, unsigned *line);

/* Everything stelec made of one run: the sealed list, in the order it is applied. */
typedef struct stele_migrations {
    uint32_t format;           /* STELE_TABLE_FORMAT of the generator that wrote it */
    const char *generator;     /* "stelec 0.1.0", for the ledger */
    const stele_migration *migrations; /* the versioned ones, then the repeatable ones */
    size_t count;
    const stele_parameter *parameters;
    size_t parameter_count;
    const stele_migration *jobs;       /* J_name.lua: no migrations, but built alike; their version is "J". See stele_job.h */
    size_t job_count;
    const struct stele_job_engine *engine; /* &stele_jobs where there are jobs; else NULL */
    const char *const *components; /* the names, each once, in order of appearance */
    size_t component_count;
    const char *sealed;     /* a zero byte, the manifest, and all texts behind it: what `stelec inspect` reads */
    size_t sealed_size;     /* of the manifest, where it comes from a binary file, */
    const char *sealed_sum; /* whose last sum must then be this; else 0 and NULL */
} stele_migrations;

/* ----------------------------------------------------------------- options */

/* What a progress callback is told. */
typedef enum stele_event_kind {
    STELE_EVENT_WAIT,    /* another process holds the lock; `message` says who */
    STELE_EVENT_START,   /* a migration begins */
    STELE_EVENT_STEP,    /* a step of a migration with several was recorded; `step` of `steps` */
    STELE_EVENT_APPLIED, /* a migration is in, with its ledger row; `microseconds` it took */
    STELE_EVENT_NOTICE,  /* the server said something; `message` has its text and `sqlstate` */
    STELE_EVENT_REVERTED, /* a migration was taken back, with its ledger row; `microseconds` it took */
    STELE_EVENT_RECORDED, /* a row was written that runs nothing: `deed` says what */
    STELE_EVENT_PRINT,   /* Lua called print; `message` is its line */
    STELE_EVENT_BLOCKED, /* a statement waits for others' locks; `message` has a line for each of them */
    STELE_EVENT_PROGRESS, /* a statement that takes long; `message` says how far it is, as the server tells */
    STELE_EVENT_RETRY,   /* lock_timeout ran out, or there was a deadlock: the migration is begun again; `message` says why and when */
    STELE_EVENT_AHEAD    /* the database is ahead of this program, which can live with that; `total` migrations, that `message` names */
} stele_event_kind;

typedef struct stele_event {
    stele_event_kind kind;
    const stele_migration *migration; /* NULL for WAIT and AHEAD; its version is "" for a deed that is about a component */
    const char *deed;                 /* the ledger's word for what is done: "apply", "revert"; NULL for WAIT, NOTICE, RETRY and AHEAD */
    size_t index, total;              /* of the migrations of this run, from 1; index is 0 for WAIT, RETRY and AHEAD */
    unsigned step, steps;             /* STEP: which was recorded, from 1, of how many. Of the others, step is 0: also of START and APPLIED */
    int64_t microseconds;
    const char *head;     /* APPLIED, REVERTED, RECORDED: "r1:" and the hash of the row; else "" */
    const char *message;  /* or "" */
    const char *severity; /* NOTICE: "NOTICE", "WARNING"; else "" */
    const char *sqlstate; /* NOTICE: the notice's; else "" */
} stele_event;

/* A value for a run parameter. */
typedef struct stele_value {
    const char *name, *value;
} stele_value;

/* For a time that has no limit. */
#define STELE_FOR_EVER 0xFFFFFFFFu

/* All zero is a sensible default: connect as libpq's environment says, wait a minute for the lock. */
typedef struct stele_options {
    stele_pgconn *connection; /* the caller's own, see above; or NULL to use conninfo */
    const char *conninfo;     /* a conninfo string or URI; NULL or "" for libpq's environment */
    const char *schema;       /* of the ledger; NULL for "stele" */
    const char *role;         /* SET ROLE to this one: all that is read, run and written is so as that role; NULL for none. The ledger
                                 names the role of the connection all the same. Not through a pooler, which is noticed */
    const char *application;  /* application_name of a connection made here; NULL for "stele" */
    unsigned lock_wait_ms;    /* how long to wait for another process; 0 for 60,000 */
    int no_wait;              /* 1: don't wait at all */
    unsigned lock_timeout_ms; /* how long a statement in a transaction may wait for others' locks at a time, and make everybody else queue behind
                                 it; 0 for 5,000, STELE_FOR_EVER for no limit. What the file says, or the role's or the database's own
                                 setting, goes before */
    unsigned lock_retry_ms;   /* how long a migration is tried again for which that ran out, or that met a deadlock, with growing pauses; 0 for
                                 120,000; STELE_FOR_EVER */
    int no_retry;             /* 1: it isn't tried again at all */
    int no_watch;             /* 1: no second connection is ever opened, but for a job's index. It is where a statement takes longer than half a second,
                                 for who blocks it and how far it is, through a pooler for the lock on a step outside a transaction, and for
                                 what a job reads ahead; with the same parameters as the first, a caller's as well */
    int terminate;            /* 1: where the server still runs a step outside a transaction that was interrupted, that process is ended */
    int out_of_order;         /* 1: a migration may be applied after a later one of its component */
    int exact;                /* 1: a database that is ahead is refused, also where this program could live with that */
    int verify;               /* 1: stele_apply runs each migration's verify section in its transaction, and rolls back when it fails */
    const stele_value *values; /* run parameters */
    size_t value_count;
    /* Told what happens, from inside stele_apply, in this thread. It must not use the connection. */
    void (*progress)(void *data, const stele_event *event);
    /*
     * Asked at least ten times a second while something is waited for, and before each statement, in the thread of the call: anything
     * but 0 ends that call. The running statement is cancelled, its transaction rolled back, and the call returns STELE_CANCELLED; what is
     * in stays, and the next run goes on from there. Connecting isn't interrupted. Not asked again once it has said so. Typically it reads
     * a flag that another thread, or a signal handler, has set. It must not use the connection. NULL: never.
     */
    int (*interrupted)(void *data);
    void *data; /* for both */
} stele_options;

/* ------------------------------------------------------------ bring it up */

/*
 * What a run did. When it ended with STELE_NO_CONNECTION, this is what the server had confirmed: where the server has crashed, the last of
 * it may be lost, since commits but the last of a run don't wait for the disk. Nothing that a run with another outcome tells of is.
 */
typedef struct stele_result {
    size_t applied;       /* migrations applied by this call */
    size_t reverted;      /* taken back by it */
    size_t recorded;      /* rows that it wrote without running anything */
    size_t pending;       /* still to apply after it */
    size_t ahead;         /* migrations that only newer programs have, and that this one can live with */
    char version[128];    /* of the last migration that is applied, of the component last worked on; "" for none */
    char head[72];        /* "r1:" and the hash of the ledger's last row of that migration's component; keep it
                             outside the database and `audit --head` proves that no row was taken back */
} stele_result;

/*
 * Bring a database up to date: connect (unless options->connection is set), check,
 * apply what is pending, close what was opened. The one call for an application's boot.
 *
 * `migrations` is the generated table, `options` may be NULL. `result` may be NULL.
 * Talks to the server: one round trip when nothing is pending. Every check comes
 * before the first statement; each migration commits together with its ledger row.
 *
 * A database that is ahead of the program is left as it is, and that is STELE_OK, when the
 * ledger says of all that is newer that older programs can live with it: result->ahead and
 * STELE_EVENT_AHEAD tell of it, options->exact refuses it.
 *
 * Returns STELE_OK, or FAILED, NO_CONNECTION, LOCKED, TAMPERED, AHEAD, UNMET, USAGE, CANCELLED as
 * listed at stele_status. After FAILED, the migrations before the failed one are in, and
 * the failed one left no trace, unless error->detail says which of its steps are in.
 */
stele_status stele_up(const stele_migrations *migrations, const stele_options *options, stele_result *result,
                      stele_error *error);

/* --------------------------------------------------------------- handles */

/* One connection, one table. Opaque. */
typedef struct stele stele;

/*
 * Connect, or take over the caller's connection for the life of the handle.
 * `options` is copied, the strings in it are not. On failure *handle is NULL.
 * Talks to the server only to connect. Returns STELE_OK, NO_CONNECTION, USAGE
 * (a connection in a transaction, an unknown parameter, a table of another
 * format) or FAILED (memory).
 */
stele_status stele_open(stele **handle, const stele_migrations *migrations, const stele_options *options,
                        stele_error *error);

/* Give the caller's connection back as it was, or close our own. NULL is allowed. */
void stele_close(stele *handle);

/*
 * Is the database up to date? One round trip, no write; read access to the
 * ledger's schema is enough, a hot standby too. It compares the state that the ledger's anchor has
 * for each component with the table; an edit to the rows behind it is for stele_audit to find.
 * Where the state is none of the table's, the database being ahead, say, a second one reads the whole ledger.
 * Returns STELE_OK, PENDING (result->pending says how many), TAMPERED, AHEAD, UNMET,
 * NO_CONNECTION or FAILED.
 */
stele_status stele_check(stele *handle, stele_result *result, stele_error *error);

/*
 * Apply what is pending, up to and including `target` (a version, "component/version"
 * where several components have it, or NULL for all). The ledger keeps the values that were given:
 * where nothing is pending and it doesn't have one, that is written, in a row of its own. Returns as stele_up; USAGE when
 * the table has no such version.
 */
stele_status stele_apply(stele *handle, const char *target, stele_result *result, stele_error *error);

/* What became of one migration. */
typedef enum stele_standing {
    STELE_APPLIED,     /* in the ledger, and the same here and there */
    STELE_WAITING,     /* not applied yet */
    STELE_INTERRUPTED, /* some of its steps are in, or are taken back already */
    STELE_EDITED,      /* applied, but another text */
    STELE_REFORMATTED, /* applied; only comments and white space differ */
    STELE_RENAMED,     /* applied under another name */
    STELE_MISPLACED,   /* not applied, though a later one of its component is */
    STELE_UNKNOWN,     /* applied, but not in this program */
    STELE_NEWER,       /* the same, or another text of a repeatable one: of a newer program, and this one can live with it */
    STELE_COVERED      /* applied, and not in this program, but for a file that stands for it: see stele_migration.squashes */
} stele_standing;

/* One row of the ledger. Fields that a row doesn't have are NULL or 0. */
typedef struct stele_row {
    const char *component;
    int64_t seq;        /* from 1, without gaps, per component */
    const char *action; /* "apply", "revert" ...: all of them in docs/ledger.md */
    const char *version, *name, *file;
    int step; /* from 1; 0 where the row is about the whole migration */
    const char *source, *tokens, *state;
    const char *parameters; /* a JSON object: the values in force after this row */
    const char *reason;
    const char *one_way;
    const char *compat; /* can older programs live with it? "expand", "contract: why" ...: docs/ledger.md */
    int statements;
    const char *started; /* "2026-11-20 18:56:03.123456Z" */
    int64_t microseconds;
    const char *role, *address, *host, *application, *build;
    const char *hash; /* "r1:" and hex */
} stele_row;

/* What stele_status reports of one migration. */
typedef struct stele_report {
    stele_standing standing;
    const stele_migration *migration; /* NULL where this program doesn't have it */
    const stele_row *row;             /* the row that applied it; NULL where there is none */
    int back;                         /* INTERRUPTED: 1 when it is on the way out; the steps are those of its down section */
    unsigned step, steps;             /* INTERRUPTED: the steps that are done, of how many */
} stele_report;

/*
 * Report every migration, in the order of the table; then those that only the ledger
 * knows. `report` returns 0 to go on. Reads the whole ledger in one round trip and
 * writes nothing. Returns STELE_OK when the ledger could be read, whatever it says.
 */
stele_status stele_report_all(stele *handle, int (*report)(void *data, const stele_report *report), void *data,
                              stele_error *error);

/* Hand over every row of the ledger, component by component, oldest first. Otherwise as stele_report_all. */
stele_status stele_history(stele *handle, int (*row)(void *data, const stele_row *row), void *data,
                           stele_error *error);

/*
 * Make every check that stele_apply makes, and hand over, in order, what it would apply up
 * to `target`. A repeatable migration that this program doesn't have any more, and that would be forgotten, has the directory ""
 * and no text; one that would be recorded in the place of those that it stands for, and not run, has an empty up part. What the role lacks is
 * looked at last, when all was handed over. Reads only. Returns as stele_apply does before its first statement.
 */
stele_status stele_plan(stele *handle, const char *target,
                        int (*each)(void *data, const stele_migration *migration), void *data, stele_error *error);

/* A migration of a plan, and where in it the work begins. */
typedef struct stele_planned {
    const stele_migration *migration; /* as stele_plan hands it over */
    unsigned step;                    /* the first of its up part that would be run, from 1: those before it are in. One more than there are
                                         when all are in, but for the row that says so */
    int undecided;                    /* 1: that step was begun, and nothing will tell how it ended: stele_apply refuses to run it again */
} stele_planned;

/* As stele_plan, with what an interrupted migration has in already. */
stele_status stele_plan_steps(stele *handle, const char *target, int (*each)(void *data, const stele_planned *planned), void *data,
                              stele_error *error);

typedef struct stele_way_back stele_way_back; /* see stele_down */

/* What the role that is connected lacks for a plan, or nobody can tell of a statement before it runs. */
typedef struct stele_right {
    int missing;                      /* 1: the role lacks it, and the plan is refused; 0: it can't be checked */
    int now;                          /* 1: it can't, since something before it may change anything; as it is now, the role lacks it */
    const stele_migration *migration; /* the first that needs it */
    uint32_t begin;                   /* of the statement, in the migration's text */
    const char *what;                 /* "TRUNCATE on table public.fact"; of what can't be checked, the statement or the object */
    const char *why;                  /* in a sentence */
    const char *remedy;               /* what to run, and who; "" where nothing is missing, nor now */
} stele_right;

/*
 * Ask the server whether this role may do what stele_apply would do up to `target`, with the ownership and privileges that the statements need, and
 * hand over what can't be told and what is missing, in the order of the plan. stele_apply and stele_plan ask the same, the former before its first
 * statement, the latter last. Reads only. Returns as stele_plan; UNMET where something is missing, and then the error is about the first of it.
 */
stele_status stele_plan_rights(stele *handle, const char *target, int (*each)(void *data, const stele_right *right), void *data,
                               stele_error *error);

/* The same of stele_down. */
stele_status stele_plan_down_rights(stele *handle, const stele_way_back *way, int (*each)(void *data, const stele_right *right),
                                    void *data, stele_error *error);

/* One check of an audit. */
typedef struct stele_finding {
    int ok;
    const char *check;   /* "ledger/chain", "migration/003": stable, for machines */
    const char *title;   /* what was checked, in words */
    const char *message; /* what is wrong; "" when ok */
    const char *file;    /* the migration, or "" */
    const char *detail;  /* both values; "" when ok */
    const char *hint;    /* what to do about it; "" when ok */
} stele_finding;

/*
 * Check everything that can be checked: the ledger's format, each row's hash, the numbering, the chain against
 * its anchor, each state digest, the guards of the tables, and each applied migration against the table; and,
 * where `head` is not NULL, that this hash ("r1:...", kept outside the database) is in the chain. Reads
 * the whole ledger, writes nothing, goes on after a finding. Returns STELE_OK when all is well, TAMPERED when not,
 * AHEAD when all that is wrong is newer migrations that this program can't live with, or that it begins above where the database is.
 */
stele_status stele_audit(stele *handle, const char *head, int (*finding)(void *data, const stele_finding *finding),
                         void *data, stele_error *error);

/* ------------------------------------------------------------- the way back */

/* What a down section would destroy: as stele_loss, with what there is now. */
typedef struct stele_casualty {
    const stele_loss *loss;
    int64_t rows; /* rows, or values that aren't null; -1: nobody can tell before it runs */
} stele_casualty;

/* One migration that would be taken back. */
typedef struct stele_reversal {
    const stele_migration *migration; /* its `down` part is what runs; made from the ledger where `from_ledger` */
    const stele_row *row;             /* the row that put it in */
    int from_ledger;                  /* 1: its text is the ledger's script */
    const stele_casualty *casualties; /* what there is to destroy; those that are empty are left out */
    size_t casualty_count;
} stele_reversal;

/* Which migrations to take back. All zero: the last one that was applied. */
struct stele_way_back {
    const char *component; /* of this history; NULL where the program has only one, or `target` says it */
    const char *target;    /* everything above this version, which stays: "004", "memory/004"; or NULL */
    unsigned count;        /* without target: the last so many; 0 for one */
    int all;               /* 1: everything */
    int from_ledger;       /* 1: a migration that this program doesn't have, or has as another text, is taken back by the script
                              that the ledger keeps */
    int allow_destructive; /* 1: also when that destroys data */
    /* Told of each migration before the first is taken back; returns 0 to go on, else nothing is. May be NULL. */
    int (*show)(void *data, const stele_reversal *reversal);
    void *data;
};

/*
 * Make every check that stele_down makes, and hand over, in order, what it would take back, with what that destroys.
 * allow_destructive is not asked for here. Reads only. Returns as stele_down does before its first statement.
 */
stele_status stele_plan_down(stele *handle, const stele_way_back *way, int (*each)(void *data, const stele_reversal *reversal),
                             void *data, stele_error *error);

/*
 * Take migrations back, the last applied first, each in a transaction with its ledger row ("revert"). What is taken back is
 * chosen before the first statement, and checked: each must have a down section, be whole, and be what this program has; no migration of
 * another component that stays may come after it. NULL for `way` is all zero. One that is half taken back already is among the chosen,
 * and gone on with. The component's repeatable migrations count as pending after it, since they may stand on what went away.
 *
 * Talks to the server. Returns STELE_OK; USAGE for a target that names nothing; UNMET when one of them has no way back, would
 * destroy data and allow_destructive is not set, or isn't in this program and from_ledger is not set; else as stele_apply.
 */
stele_status stele_down(stele *handle, const stele_way_back *way, stele_result *result, stele_error *error);

/*
 * Take migrations back as stele_down does, and apply the same ones again; then, unless others are pending, the component's repeatable
 * ones. from_ledger has no meaning here.
 */
stele_status stele_redo(stele *handle, const stele_way_back *way, stele_result *result, stele_error *error);

/* ----------------------------------------------------------- scripts for psql */

/*
 * Where only psql may touch a database: an SQL script that psql runs, and that leaves the same schema and the same rows in the
 * ledger as stele_apply and stele_down would, but for times and who did it. It begins with a look whether the database
 * is where the script begins, and does nothing if it isn't. A script is a function of the program, the parameters and, with a
 * connection, the ledger.
 */

/* Takes the script: in one piece, and only when there is one. What it returns is not looked at. */
typedef int (*stele_write)(void *data, const char *bytes, size_t length);

/*
 * What stele_apply would do up to `target`, as a script. Makes every check that stele_apply makes; reads only. Returns as
 * stele_plan; UNMET also where Lua would have to be run.
 */
stele_status stele_script_up(stele *handle, const char *target, stele_write write, void *data, stele_error *error);

/* What stele_down would do, as a script: also where that destroys data, as in stele_plan_down. */
stele_status stele_script_down(stele *handle, const stele_way_back *way, stele_write write, void *data, stele_error *error);

/*
 * The same without a connection, from where the database is said to be. `ranges` is "FROM:TO": FROM is the version that the database
 * is at, "" an empty database (or, on the way back, the last version); TO is the version that it will be at,
 * "" the end, with the repeatable migrations (or, on the way back, an empty database). A version may be named as
 * component/version; a program of several components needs that, or takes all of them from nothing; several ranges are separated by
 * commas. With `down`, the way back. Of the options, the schema and the values count.
 *
 * Talks to no server. Returns STELE_OK; USAGE for a range that names nothing, and as stele_open; UNMET for a parameter
 * without a value, a migration in Lua, one without a way back, or one that comes after another that isn't in.
 */
stele_status stele_script_offline(const stele_migrations *migrations, const stele_options *options, const char *ranges, int down,
                                  stele_write write, void *data, stele_error *error);

/* -------------------------------------------------------------------- repair */

/*
 * What is told to the ledger without running anything. Nothing is ever put right by editing its tables: each repair is a row, with a
 * reason, and is refused where there is nothing of its kind to repair. docs/guide.md lists every state that stele refuses, and the repair for it.
 */
typedef enum stele_repair_kind {
    STELE_BASELINE, /* the schema is there already: everything up to and including `target` counts as applied; only where nothing is */
    STELE_ACCEPT,   /* the file that this program has, for what was applied: edited, reformatted or renamed since */
    STELE_DONE,     /* the next step of a half applied migration was done by hand; or all of one that isn't applied; the same on the way out */
    STELE_FORGET,   /* it counts as not applied: half applied, half taken back, missing from this program, edited, or repeatable */
    STELE_SET,      /* the value of a parameter is another one now */
    STELE_RESEAL,   /* the ledger as it is found, right or wrong, is taken for true from here on */
    STELE_GUARDS,   /* the ledger's tables, functions and triggers are made as they were */
    STELE_RETRY     /* the step of which nobody knows whether it took effect did not: it is run again */
} stele_repair_kind;

typedef struct stele_repair {
    stele_repair_kind kind;
    const char *target;    /* "003", "memory/003", "R_views"; SET: "NAME=VALUE"; RESEAL and GUARDS: NULL */
    const char *component; /* only of this history; NULL: the one that target names, and for the last three all */
    unsigned step;         /* DONE and RETRY: this step, from 1; 0: the next one */
    const char *reason;    /* why; the ledger keeps it. It must be there, and not be empty */
} stele_repair;

/* One row that a repair would write. */
typedef struct stele_mend {
    const char *action;               /* the ledger's word */
    const stele_migration *migration; /* what it is about; of a row about a component, `version` is "" */
    unsigned step;                    /* from 1; 0 where it is about the whole */
    const char *note;                 /* what it changes, in words */
} stele_mend;

/*
 * Look whether there is anything of this kind to repair, and hand over the rows that would be written. Reads only. Returns as
 * stele_make_repair does before its first row.
 */
stele_status stele_plan_repair(stele *handle, const stele_repair *repair, int (*each)(void *data, const stele_mend *mend), void *data,
                               stele_error *error);

/*
 * Write them, each in a transaction of its own. Talks to the server; needs the role that owns the ledger. Returns STELE_OK; USAGE without a reason, for
 * a target that names nothing, and where there is nothing of this kind to repair, in which case the error says what is so; else as stele_apply.
 */
stele_status stele_make_repair(stele *handle, const stele_repair *repair, stele_result *result, stele_error *error);

/*
 * Let a role read the ledger: enough for everything that only reads, and for stele_apply with nothing to do. The down scripts stay
 * hidden. `role` is a name as it is, or "public" for everybody. Returns STELE_OK, USAGE without a ledger or a role, FAILED, UNMET.
 */
stele_status stele_grant(stele *handle, const char *role, stele_error *error);

/* ------------------------------------------------------------------- verify */

/* One check of a verify section. */
typedef struct stele_verdict {
    const stele_migration *migration; /* NULL for a check of stele_verify_script */
    int ok;
    const char *title;   /* the statement's first words; or a pgTAP test's own */
    const char *message; /* why it failed; "" when it passed, or when the detail says it */
    const char *detail;  /* a pgTAP test's diagnostics, or "" */
    const char *file;    /* of the migration, where the check stands: "001_x.sql", "verify/x.sql"; NULL for a script */
    unsigned line;       /* of the statement in the file */
} stele_verdict;

/*
 * Run the verify sections of what is applied, or only of `target`, each in a transaction that is rolled back. A statement passes
 * when every value of every row is true (and there is a row; of a sqitch project, when it succeeds); or, where it returns lines of TAP, as pgTAP's
 * functions do, when none of them is "not ok". Goes on after a failure. Returns STELE_OK, FAILED when a check
 * failed, USAGE for a target that isn't applied, else as stele_plan.
 */
stele_status stele_verify(stele *handle, const char *target, int (*verdict)(void *data, const stele_verdict *verdict),
                          void *data, stele_error *error);

/*
 * Run a file of pgTAP tests (its text, UTF-8) in a transaction that is rolled back, and hand over each test's outcome. Of the lines
 * that begin with a backslash, psql's own, those that set how output looks are left out, and others are an error. The file may
 * have a BEGIN and a ROLLBACK of its own. Returns as stele_verify; USAGE for psql's lines.
 */
stele_status stele_verify_script(stele *handle, const char *script, int (*verdict)(void *data, const stele_verdict *verdict),
                                 void *data, stele_error *error);

/* ------------------------------------------------------------ command line */

/*
 * The whole command line of a migration program: up, down, redo, status, check, verify, history, plan, audit, baseline, repair, grant.
 * For main() to call and return; it prints, and returns the exit code, a stele_status. While it talks to a server, SIGINT and SIGTERM,
 * where their action is the default one, cancel the running statement; it then returns 130 or 143. A second one ends the process. It stands in
 * the folder cli/; without that folder the library is whole but for this function.
 */
int stele_main(int argc, char **argv, const stele_migrations *migrations);

#ifdef __cplusplus
}
#endif

#endif

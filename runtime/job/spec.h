/*
 * spec.h - what a job's script says, checked; filled by script_spec.c, read by all others
 *
 * All strings live as long as the script. A name of a table is as it was written, to be put into SQL as it stands ("docs", "\"S\".docs"); columns are unquoted names.
 */
#ifndef STELE_JOB_SPEC_H
#define STELE_JOB_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum stele_job_kind {
    STELE_JOB_EMBEDS, /* text(row) -> provider -> a vector, into a side table or a column */
    STELE_JOB_MAPS,   /* map(row) -> columns of the same row */
    STELE_JOB_RUNS_SQL /* one statement per batch, with :batch */
} stele_job_kind;

typedef enum stele_provider_kind { STELE_PROVIDER_HTTP, STELE_PROVIDER_CALLBACK, STELE_PROVIDER_FIXED } stele_provider_kind;

/* A secret is named, not held: its value is read from the environment where it is used, and never shown. */
typedef struct stele_job_provider {
    stele_provider_kind kind;
    const char *url;            /* HTTP: the base, "https://api.openai.com/v1"; "/embeddings" is put behind it unless it ends so */
    const char *model;
    unsigned dimensions;
    bool send_dimensions;       /* ask for that many: of models that can be cut */
    const char *key;            /* the environment variable with the key, or NULL */
    const char *encoding;       /* "base64" or "float": what is asked for; both are understood */
    unsigned max_inputs;        /* of one request */
    unsigned max_tokens;        /* the same */
    unsigned max_bytes;
    unsigned max_input_tokens;  /* of one input; 0: the provider says */
    unsigned timeout_ms;        /* of one request */
    bool clip;                  /* too_long = "clip": cut at max_input_tokens; else such a row is given up ("dead") */
    double price;               /* for a million tokens; 0: none */
    const char *ca_file;        /* certificates to trust instead of the system's; or NULL */
} stele_job_provider;

typedef enum stele_job_order { STELE_JOB_ANY_ORDER, STELE_JOB_BY_KEY, STELE_JOB_BY_BLOCKS } stele_job_order;

enum { STELE_KEY_COLUMNS = 8 }; /* that a key has at most */

/* A name and a text, of knobs, parameters and secrets. */
typedef struct stele_job_pair {
    const char *name, *value;
} stele_job_pair;

typedef struct stele_job_verification {
    double recall;              /* at least so much of what an exact search finds; 0: not asked for */
    unsigned recall_at, recall_queries; /* 10 and 100 where the script doesn't say */
    double norm_least, norm_most; /* both 0: not asked for */
    unsigned resample;          /* so many rows are embedded again and compared */
    double cosine;              /* how near a vector has to be to the one that is made of the same text again; 0: 0.9999 in the same minute, 0.999 to what is stored */
    double distinct;            /* the share of distinct texts that may have the vector of another one; 0.01 where the script doesn't say */
    const char **zero;          /* queries that must return 0, or no row */
    size_t zero_count;
    unsigned sample;            /* so many rows are given to check(row) */
    bool has_check;
    const char **check_reads;   /* columns that check reads, of the table; */
    size_t check_read_count;
} stele_job_verification;

typedef struct stele_job_spec {
    const char *name;
    stele_job_kind kind;
    const char *table;
    const char **keys;          /* the unique key */
    size_t key_count;
    const char **reads;         /* columns that text, map and :batch see; their hash says whether a row was changed */
    size_t read_count;
    const char *where;          /* SQL, of the table's columns; or NULL */
    stele_job_order order;

    /* EMBEDS: where to. `into` NULL: a column of the same table. */
    const char *into;           /* a table whose key has the same column names */
    const char *vector;         /* its column */
    const char *hash;           /* its column of type bytea for the hash of the input; NULL only where `into` is */
    stele_job_provider provider;
    bool null_for_empty;        /* empty = "null": a text that is nil or blank gives a NULL; else the row is given up */
    const char *index;          /* what stands behind CREATE INDEX CONCURRENTLY name ON into: "USING hnsw (embedding vector_cosine_ops)"; or NULL */
    const char *metric;         /* "cosine", "l2", "ip": what recall is measured with; "cosine" where the script doesn't say */
    const char *space;          /* the name in stele.space; the job's own where the script doesn't say */

    const char *sql;            /* RUNS_SQL: with :batch, and :name for what is in binds */
    const stele_job_pair *binds; /* value: the environment variable of a secret, or a text */
    const bool *bind_is_secret;
    size_t bind_count;

    bool triggers;              /* follow = "trigger", the default for EMBEDS; false: "sweep" */
    bool follows;               /* false: follow = "none", the default for MAPS and RUNS_SQL */
    const stele_job_pair *pace; /* knobs, by the script */
    size_t pace_count;
    stele_job_verification verify;
    bool switches;              /* there is a switch */
    const stele_job_pair *parameters; /* their values after it */
    size_t parameter_count;
    const char *switch_sql, *undo_sql; /* run in its transaction; or NULL */
} stele_job_spec;

#endif

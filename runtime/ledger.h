/*
 * ledger.h - the ledger: made, read, proven, written
 *
 * The tables, the byte encoding of a row and the functions that write it are described in docs/ledger.md.
 * The encoding is what PostgreSQL sends for the row's columns in its binary format. The server computes a row's hash, from an encoding of its own making, as it
 * writes the row; the client computes it again: two implementations that check each other.
 */
#ifndef STELE_LEDGER_H
#define STELE_LEDGER_H

#include <stdbool.h>

#include "checksum.h"
#include "mem.h"
#include "pq.h"
#include "stele.h"

enum { STELE_LEDGER_FORMAT = 1 }; /* of the rows that this stele writes, and the newest that it reads */

/*
 * One row. Texts live as long as the ledger. row.started and row.hash are NULL: thousands of rows are read, and
 * few are shown; stele_entry_row makes these texts.
 */
typedef struct stele_entry {
    stele_row row;
    int format;
    int64_t started;                   /* microseconds since 2000-01-01 00:00 UTC */
    uint8_t digest[STELE_DIGEST_SIZE]; /* of the row's bytes, as they came */
    uint8_t hash[STELE_DIGEST_SIZE];   /* as the row has it */
    bool linked;                       /* proven already: the hash follows from the row before it */
} stele_entry;

/* Room for the texts of one row. */
typedef struct stele_row_texts {
    char started[48], hash[STELE_CHECKSUM_SIZE];
} stele_row_texts;

/* The public form of a row; what it points at lives as long as the ledger and `texts`. */
stele_row stele_entry_row(const stele_entry *entry, stele_row_texts *texts);

/* The head of a component's chain, as the anchor table has it. */
typedef struct stele_anchor {
    const char *component;
    int format, reader;
    int64_t seq;
    uint8_t hash[STELE_DIGEST_SIZE];
    const char *state, *parameters; /* of the last row, as it has them */
} stele_anchor;

typedef struct stele_ledger {
    bool exists;
    stele_entry *entries; /* by component, then seq */
    size_t count;
    stele_anchor *anchors;
    size_t anchor_count;
    size_t capacity, anchor_capacity;
    struct stele_chunk {
        struct stele_chunk *next;
        stele_rows *rows;
    } *chunks; /* what the texts point into */
    stele_digest hasher;
    stele_text buffer;
    stele_arena arena;
} stele_ledger;

/* What the anchor says of a component: the whole of the check at boot. */
typedef struct stele_head {
    const char *component;
    int64_t seq; /* 0: nothing in the ledger */
    int reader;  /* the format that a reader must understand */
    const char *state, *parameters, *hash; /* of the last row, the hash as "r1:..."; NULL without one */
} stele_head;

/*
 * Read the heads of the table's components, in their order, into `heads`: one round trip.
 * Without a ledger each seq is 0. The texts live in `arena`.
 */
stele_status stele_ledger_heads(stele_link *link, const char *schema, const stele_migrations *table, stele_head *heads,
                                bool *exists, stele_arena *arena, stele_error *error);

/*
 * Read every row: of the table's components, or with a NULL table of all. One round trip. `expected` is the
 * number of rows where it is known, else 0.
 */
stele_status stele_ledger_read(stele_ledger *ledger, stele_link *link, const char *schema, const stele_migrations *table,
                               int64_t expected, stele_error *error);
void stele_ledger_free(stele_ledger *ledger);

/* The index of a component in the table; component_count when it isn't there. */
size_t stele_component_index(const stele_migrations *table, const char *component);

/* The anchor of a component, or NULL. */
const stele_anchor *stele_ledger_anchor(const stele_ledger *ledger, const char *component);

/*
 * Told of each thing that is wrong with the ledger; `entry` may be NULL. What a later row of kind "reseal" has accepted comes with
 * that row as `seal`; then it doesn't count.
 */
typedef void stele_fault(void *data, const stele_entry *entry, const char *component, const char *message, const char *detail,
                         const stele_entry *seal);

/*
 * Prove the numbering, each row's hash, and the anchors; tell `fault` of everything that is wrong.
 * Returns false when memory ran out.
 */
bool stele_ledger_prove(const stele_ledger *ledger, stele_fault *fault, void *data);

/* The same for the state digests: is each that of what the rows up to it come to? */
bool stele_ledger_prove_states(const stele_ledger *ledger, stele_fault *fault, void *data, stele_arena *arena);

/*
 * The digest of a component's rows as they are found, right or wrong: what a reseal accepts, and nothing else. `count` entries,
 * which stand one behind the other. False: out of memory.
 */
bool stele_ledger_found(const stele_entry *entries, size_t count, uint8_t digest[STELE_DIGEST_SIZE]);

/* The hash of a row that follows one with hash `previous`. */
bool stele_entry_hash(const stele_entry *entry, const uint8_t previous[STELE_DIGEST_SIZE], stele_digest *hasher,
                      uint8_t hash[STELE_DIGEST_SIZE]);

/* The statements that make the ledger, and with `whole` its schema, by its quoted name; in `arena`. NULL: no memory. */
char *stele_ledger_schema(const char *schema, bool whole, stele_arena *arena);

/* One object of the ledger's schema, and the statements that make it. */
typedef struct stele_piece {
    enum {
        STELE_PIECE_SCHEMA,
        STELE_PIECE_TABLE,    /* `of` is its primary key */
        STELE_PIECE_FUNCTION, /* `of` has its arguments' types */
        STELE_PIECE_GUARD,    /* a trigger; `of` is its table */
        STELE_PIECE_VIEW,
        STELE_PIECE_RIGHTS
    } kind;
    const char *name, *of;
    const char *text; /* @ stands for the schema */
} stele_piece;

/* All of them, in the order in which they can be made; NULL behind the last. */
const stele_piece *stele_ledger_piece(size_t index);

/* The statements, and of a function its body, for a schema by its quoted name; in `arena`. NULL: no memory. */
char *stele_piece_text(const stele_piece *piece, const char *schema, stele_arena *arena);
char *stele_piece_body(const stele_piece *piece, const char *schema, stele_arena *arena);

/* "schema", quoted as an identifier. NULL: no memory. */
char *stele_quoted_name(const char *name, stele_arena *arena);

#endif

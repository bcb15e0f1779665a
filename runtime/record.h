/*
 * record.h - what a row of the ledger says, as the values that append() takes
 *
 * Whoever writes a row, over a connection or into a script, has its values made here: so that the same deed
 * leaves the same row. Nothing here talks to the server.
 */
#ifndef STELE_RECORD_H
#define STELE_RECORD_H

#include "plan.h"
#include "value.h"

/* The parameters of append(), in its order. */
enum {
    RECORD_COMPONENT, RECORD_SEQ, RECORD_ACTION, RECORD_VERSION, RECORD_NAME, RECORD_FILE, RECORD_STEP, RECORD_SOURCE,
    RECORD_TOKENS, RECORD_STATE, RECORD_PARAMETERS, RECORD_COMPAT, RECORD_ONE_WAY, RECORD_DOWN, RECORD_REASON,
    RECORD_STATEMENTS, RECORD_DURATION, RECORD_HOST, RECORD_BUILD, RECORD_VALUES
};

/* As they stand in the call. */
#define STELE_RECORD_PARAMETERS "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19"

/* One row; NULL for null. The texts are the record's own, or those of the migration and the values. Don't copy it. */
typedef struct stele_record {
    const char *values[RECORD_VALUES];
    char step[16], statements[16], state[STELE_CHECKSUM_SIZE], build[128];
    stele_text down, compat;
} stele_record;

/*
 * Make the row of `action` that says `deed` (its own, or that a step began ...), and take that into `set`. What only
 * the writer knows is NULL: seq, duration and host. False: no memory. Free it in either case.
 */
bool stele_record_make(stele_record *record, const stele_migrations *table, const stele_values *values, stele_set *set,
                       const stele_action *action, const char *deed, unsigned step, const char *reason);
void stele_record_free(stele_record *record);

/* How many statements a part has; 0 for NULL. */
uint32_t stele_part_statements(const stele_migration *migration, const stele_part *part);

/* What a ledger row says of the program that wrote it. */
void stele_build_name(char name[128], const stele_migrations *table);

#endif

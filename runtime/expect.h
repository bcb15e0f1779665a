/*
 * expect.h - the number of rows that a statement affected, held against what a directive expects
 *
 * What has to be known beforehand is asked directly before the statement, in the pipeline: whether the table is empty, the number that
 * a query gives. Directly behind it the pipeline is drained, and the number in the server's tag is judged: so the migration stops
 * there, with its transaction still open to look why. A statement that nothing is expected of is never waited for.
 */
#ifndef STELE_EXPECT_H
#define STELE_EXPECT_H

#include "run.h"

/* Make room for the answers of any migration of the list. False: no memory. */
bool stele_expect_prepare(stele_run *run, stele_arena *arena);

/*
 * The first expectation that is about this statement, or a later one, by its index; and does this index stand for one about this
 * statement? They are in the order of the statements.
 */
uint32_t stele_expect_first(const stele_migration *migration, uint32_t statement);
bool stele_expect_concerns(const stele_migration *migration, uint32_t index, uint32_t statement);

/* Is anything expected of this statement? */
bool stele_expects(const stele_migration *migration, uint32_t statement);

/* Ask what has to be known before this statement. A pipeline is open. */
stele_status stele_expect_ask(stele_run *run, size_t action, uint32_t statement, stele_error *error);

/* The pipeline's answer to that. */
void stele_expect_answered(stele_run *run, uint64_t item, const stele_rows *rows);

/* Wait for this statement, and judge it. Does nothing where nothing is expected of it. */
stele_status stele_expect_judge(stele_run *run, size_t action, uint32_t statement, stele_error *error);

/* Is the failure of this item one of an expectation? Then say where in the file. */
bool stele_expect_is_about(uint64_t item);
void stele_expect_place(const stele_run *run, uint64_t item, stele_error *error);

/* The table as the migration names it, with its parameters in place; nothing where none is known. */
void stele_expect_table(stele_text *text, const stele *handle, const stele_migration *migration, const stele_expectation *expectation);

/* "SELECT EXISTS (...)" of that table. */
void stele_expect_look(stele_text *text, const stele *handle, const stele_migration *migration, const stele_expectation *expectation);

/* The query, with its parameters in place. */
void stele_expect_query(stele_text *text, const stele *handle, const stele_migration *migration, const stele_expectation *expectation);

/* What a statement does with rows, for messages. */
const char *stele_expect_verb(const stele_expectation *expectation);

/* What to do about it: where policies hide rows, %s is the table; and where none do, NULL if there is nothing to say. */
#define STELE_HIDDEN_FROM_OWNER                                                                                                            \
    "row level security hides rows of %s, also from its owner: FORCE is on; migrate as a role with BYPASSRLS, or put ALTER TABLE ... NO "  \
    "FORCE ROW LEVEL SECURITY before the statement, and FORCE behind it"
#define STELE_HIDDEN_FROM_OTHERS                                                                                                           \
    "row level security hides rows of %s from this role: migrate as the table's owner, or as a role with BYPASSRLS"
const char *stele_expect_advice(const stele_expectation *expectation);

#endif

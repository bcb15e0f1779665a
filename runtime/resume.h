/*
 * resume.h - going on with a migration some steps of which are in
 *
 * A step outside a transaction may have been begun before: the ledger has it announced, and perhaps that it failed. Whether it has to be
 * run is found out before it is announced once more: so a step whose outcome nobody knows stays what it is, in doubt, until a repair
 * says how it ended.
 *
 * What the steps that are in have set, search_path or a role, is gone with their session. It is set again, or the rest
 * would mean other objects.
 */
#ifndef STELE_RESUME_H
#define STELE_RESUME_H

#include "probe.h"
#include "run.h"

/* Does a statement do nothing but set something for the session: SET, RESET, SELECT set_config(...)? */
bool stele_sets_session(const char *sql);

/* Of a part of which `step` steps are in: the first statement of those to be looked at for what they set. Behind the last DISCARD. */
uint32_t stele_resume_from(const stele_migration *migration, const stele_part *part, unsigned step);

/* Set again what the steps before the first that is to be run have set. No transaction is open. */
stele_status stele_resume_session(stele_run *run, size_t action, stele_error *error);

/*
 * The question about a step, and the transaction of the row that announced it first, `seq`; 0: that isn't asked. No transaction is open:
 * the ledger is read as our own role, whatever the migration has set. In `arena`.
 */
stele_status stele_resume_ask(stele_question *question, stele_run *run, size_t action, const stele_step *step, int64_t seq,
                              stele_arena *arena, stele_error *error);

/* How does the step stand? Where nobody knows, FAILED, with what is known and the two ways on; the place is left to the caller. */
stele_status stele_resume_settle(stele_run *run, size_t action, const stele_question *question, unsigned number, stele_outcome *outcome,
                                 stele_error *error);

/* That error alone, which a script of plan --sql raises. */
void stele_resume_unknown(const stele_action *action, unsigned number, stele_error *error);

#endif

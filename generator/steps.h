/*
 * steps.h - which statements commit together
 *
 * A migration has its own transaction, so the file's own BEGIN and COMMIT are not sent. What must be cut is cut here:
 * at statements that can't run in a transaction, at a new enum value (which can't be used in the transaction that adds
 * it), and at the file's own COMMITs.
 */
#ifndef STELEC_STEPS_H
#define STELEC_STEPS_H

#include "migration.h"

/*
 * Fill in the migration's steps, drop its BEGINs and COMMITs from its statements, and set its flags. What can't be
 * made exact is told to `diag`. For a migration that isn't broken.
 */
void steps_cut(struct history *history, struct migration *migration);

#endif

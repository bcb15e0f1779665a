/*
 * verify.h - the checks of a verify section
 */
#ifndef STELE_VERIFY_H
#define STELE_VERIFY_H

#include "handle.h"

/*
 * Run the verify section of a migration in the transaction that is open, leaving no trace in it. The first check that fails is
 * the error: FAILED, with its place. `host` is for Lua's print; NULL for none.
 */
stele_status stele_verify_here(stele *handle, const stele_migration *migration, stele_error *error);

#endif

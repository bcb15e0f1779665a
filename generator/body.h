/*
 * body.h - the bodies of DO blocks and procedures, as far as transactions go
 */
#ifndef STELEC_BODY_H
#define STELEC_BODY_H

#include "memory.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Does this PL/pgSQL text hold a COMMIT or ROLLBACK statement, or the CALL of one of these procedures, which do? Then
 * nothing can be around it.
 */
bool body_ends_transaction(struct memory *memory, const char *text, const char *const *procedures, size_t count);

/* Does this text hold ADD VALUE, perhaps in a string that is executed? Then what follows may use a new enum value. */
bool body_adds_value(const char *text);

#endif

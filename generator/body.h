/*
 * body.h - the bodies of DO blocks and procedures, as far as transactions go
 */
#ifndef STELEC_BODY_H
#define STELEC_BODY_H

#include "memory.h"

#include <stdbool.h>

/* Does this PL/pgSQL text hold a COMMIT or ROLLBACK statement? Then nothing can be around it. */
bool body_ends_transaction(struct memory *memory, const char *text);

/* Does this text hold ADD VALUE, perhaps in a string that is executed? Then what follows may use a new enum value. */
bool body_adds_value(const char *text);

#endif

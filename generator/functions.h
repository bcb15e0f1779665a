/*
 * functions.h - what is known of PostgreSQL's own functions, as migrations call them
 */
#ifndef STELEC_FUNCTIONS_H
#define STELEC_FUNCTIONS_H

#include <stdbool.h>

/* Does it only read, or change nothing that lasts but a sequence or a setting? False for what isn't known. `schema` may be NULL. */
bool function_only_reads(const char *schema, const char *name);

/* Is it computed anew for every row: random(), gen_random_uuid()? Also of well-known extensions. */
bool function_is_volatile(const char *name);

/* Is it known not to be, as now() is not? */
bool function_is_steady(const char *schema, const char *name);

#endif

/*
 * comparison.h - a number of rows held against the number that was expected
 *
 * Used by the generator and by the runtime. Nothing here talks to the server.
 */
#ifndef STELE_COMPARISON_H
#define STELE_COMPARISON_H

#include <stdbool.h>

#include "stele.h"

/* "=", ">=": how STELE_ROWS_EQUAL and so on are written. */
const char *stele_comparison_sign(uint32_t comparison);

/* The one that is written so; false when there is none. */
bool stele_comparison_of(const char *sign, uint32_t *comparison);

/* Is it as expected? */
bool stele_comparison_holds(uint32_t comparison, int64_t rows, int64_t expected);

/* A number of rows in digits, with a minus perhaps, and nothing else; false when it isn't one, or is absurd: over 18 digits. */
bool stele_rows_number(const char *text, int64_t *rows);

#endif

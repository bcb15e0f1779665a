/*
 * compat.h - can programs that were built before a migration live with it?
 *
 * stelec derives it, or the file says it; the ledger keeps it, in the column compat, for programs that don't have the migration. Here is
 * how that is written and read: docs/ledger.md has it byte by byte. Pure.
 */
#ifndef STELE_COMPAT_H
#define STELE_COMPAT_H

#include <stdbool.h>

#include "checksum.h"
#include "mem.h"
#include "stele.h"

/* What the row of a migration says of it. */
void stele_compat_write(stele_text *text, const stele_migration *migration);

/* May an older program go on beside it, as the row says? Not where the row says nothing, or what this stele doesn't know. */
bool stele_compat_lives(const char *compat);

/* Why not, in words, or the reason why it may. */
void stele_compat_reason(const char *compat, char *words, size_t size);

/* A history that begins with one file for all that was before it. */
typedef struct stele_squash {
    char version[128];              /* the last one that it stands for */
    char state[STELE_CHECKSUM_SIZE]; /* of the set of those: "d1:..." */
    const char *release;            /* what brings a database there, in the file's words */
} stele_squash;

/* Does the row say that it is such a file's? What `squash` has lives as long as the row. */
bool stele_compat_squash(const char *compat, stele_squash *squash);

#endif

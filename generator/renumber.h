/*
 * renumber.h - versions that are free, and what to run to give one to a migration
 */
#ifndef STELEC_RENUMBER_H
#define STELEC_RENUMBER_H

#include "migration.h"

/* The next version in the style of the last one; another one each time it is asked for. */
const char *next_version(struct history *history);

/*
 * What to type to give the migration that version: "git mv migrations/004_x.sql migrations/009_x.sql". NULL where a name in a plan or journal
 * of its tool would have to change as well.
 */
const char *renumber_command(struct history *history, const struct migration *migration);

#endif

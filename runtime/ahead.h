/*
 * ahead.h - a program and what is newer than it: version skew
 *
 * A database may have migrations that only newer programs have. Here is decided whether this program can live with them, by what the ledger
 * says of each; and what becomes of a history whose begin was put into one file. docs/guide.md, "Rolling deployments", has the rules
 * in the operator's words. Pure.
 */
#ifndef STELE_AHEAD_H
#define STELE_AHEAD_H

#include "plan.h"

/*
 * Look at one that stands for others, which isn't in: are they, in its place? Those become COVERED. And, of one that only the ledger knows and
 * that is in: does it stand for what this table has? Then those become APPLIED. False: no memory.
 */
bool stele_squashes_find(stele_survey *survey, const stele_migrations *table, stele_arena *arena);

/* Fill survey->newer: where a component is ahead, and this program can live with that, what is newer becomes NEWER. */
void stele_newer_find(stele_survey *survey, const stele_migrations *table);

/* Is it one of this program that isn't in, while the component is ahead? Then it is refused, by the second of these. */
bool stele_is_behind(const stele_survey *survey, const stele_migrations *table, const stele_place *place);
stele_status stele_behind_error(const stele_survey *survey, const stele_migrations *table, const stele_place *place, stele_error *error);

/* Why the place's migration, which stands for others, can't be recorded for them. OK where it can, or stands for none. */
stele_status stele_squash_error(const stele_place *place, stele_error *error);

/* Why a program that doesn't know it can't live with it: ", which older programs can't live with: because". "" where it can. */
void stele_not_lived_with(const stele_entry *entry, char *words, size_t size);

/*
 * "the database is ahead of this program by 2 migrations, which ...: 004_x.sql, 005_y.sql": of one component, or for NULL of all. Returns how
 * many migrations that are; 0, and nothing is written, where it isn't ahead.
 */
size_t stele_ahead_words(const stele_survey *survey, const stele_migrations *table, const char *component, char *words, size_t size);

#endif

/*
 * error.h - filling the caller's stele_error, once
 *
 * The first failure wins: nothing overwrites an error on its way up. All buffers are cut at a character.
 */
#ifndef STELE_ERROR_H
#define STELE_ERROR_H

#include <stdbool.h>

#include "stele.h"

/* Forget an earlier call's error. NULL is allowed, here and below. */
void stele_error_clear(stele_error *error);

/* Say what happened; returns `status`, so that a caller can return it. Keeps an error that is there already. */
stele_status stele_error_set(stele_error *error, stele_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Add to an error that was just set. */
void stele_error_detail(stele_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
void stele_error_hint(stele_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Out of memory. */
stele_status stele_error_memory(stele_error *error);

/*
 * Name the migration's file, as DIRECTORY/FILE; and with `offset`, the line and column of that byte of its text, in the file of
 * the part that it is in, when that has one.
 */
void stele_error_file(stele_error *error, const stele_migration *migration);
void stele_error_place(stele_error *error, const stele_migration *migration, size_t offset);

/* Is an SQLSTATE one of these, or of one of these classes ("23")? Ended by NULL. */
bool stele_sqlstate_is(const char *sqlstate, const char *const *states);

/* Copy as much of `text` as fits, cut at a character; without a line end at its end. */
void stele_error_copy(char *buffer, size_t size, const char *text);

/* The same, with "..." where it is cut; of four bytes at least. */
void stele_error_shorten(char *buffer, size_t size, const char *text);

#endif

/*
 * knob_value.h - numbers with units, as knobs have them
 *
 * Read and written by hand: the C library's functions take the decimal point of the application's locale.
 */
#ifndef STELE_JOB_KNOB_VALUE_H
#define STELE_JOB_KNOB_VALUE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum stele_knob_kind {
    STELE_KNOB_COUNT,  /* "5000": a whole number */
    STELE_KNOB_NUMBER, /* "0.5" */
    STELE_KNOB_SHARE,  /* "0.01", "1%" */
    STELE_KNOB_TIME,   /* "80ms", "1.5s", "2min", "1h": in milliseconds */
    STELE_KNOB_RATE,   /* "8MB/s": in bytes a second; 1 MB is 1,024 kB, as for PostgreSQL */
    STELE_KNOB_WINDOW, /* "22:00-06:00", "always" */
    STELE_KNOB_TEXT
} stele_knob_kind;

/* Read a number of this kind, not WINDOW nor TEXT. 0 needs no unit. False when it isn't one. */
bool stele_knob_number(stele_knob_kind kind, const char *text, double *number);

/* Read a window, in minutes of the day; both 0 for "always". */
bool stele_knob_window(const char *text, unsigned *since, unsigned *until);

/* Write them so that they are read as the same. */
void stele_knob_print(char *buffer, size_t size, stele_knob_kind kind, double number);
void stele_knob_print_window(char *buffer, size_t size, unsigned since, unsigned until);

#endif

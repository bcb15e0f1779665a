/*
 * tap.h - TAP for the C tests: ok() for each thing that is so, done() at the end of main
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static unsigned tap_count, tap_failed;

/* One test. The name says what is true when it passes. */
__attribute__((format(printf, 2, 3))) static bool ok(bool is_so, const char *name, ...)
{
    va_list list;
    printf("%sok %u - ", is_so ? "" : "not ", ++tap_count);
    va_start(list, name);
    vprintf(name, list);
    va_end(list);
    putchar('\n');
    tap_failed += !is_so;
    return is_so;
}

/* The plan; returns main's exit code. */
static int done(void)
{
    printf("1..%u\n", tap_count);
    return tap_failed == 0 ? 0 : 1;
}

#endif

/*
 * utf8.h - is it UTF-8, as PostgreSQL takes it?
 */
#ifndef STELE_UTF8_H
#define STELE_UTF8_H

#include <stddef.h>

/* How many bytes at the beginning are UTF-8: `length`, where all of them are. No overlong forms, no surrogates, nothing above U+10FFFF. */
size_t stele_utf8_valid(const char *text, size_t length);

#endif

/*
 * scan.h - a directory to a sorted list of migrations
 *
 * What its files are called is a matter of the layout, see layout.h. Stele's own has VERSION_name.sql, with a version of
 * digits, or digits with dots. Ordered by the numbers in the version, never by bytes: 4.9 before 4.105, 0009 before 00010.
 * And R_name.sql, which is repeatable; ordered by the name. In all layouts, VERSION_name.lua stands in the same
 * sequence; it may lie in the folder of --lua, where modules are, too.
 */
#ifndef STELEC_SCAN_H
#define STELEC_SCAN_H

#include "migration.h"

/*
 * List history->directory, and that of --lua, into history->migrations and ->repeatables, and find out its layout; `layout`
 * is the one of the command line, or NULL. What looks like a migration and can't be one is told to the diag. False when nobody
 * can say in which layout the folder is; then there is nothing to go on with.
 */
bool scan(struct history *history, const char *layout);

/* Do two paths name one folder? False when one of them isn't there. */
bool scan_is_same_folder(const char *a, const char *b);

/* A version: digits, or digits with single dots between. */
bool scan_is_version(const char *text, size_t length);

#endif

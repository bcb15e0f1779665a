/*
 * files.h - the text of a migration, from one file or from several
 *
 * Where a tool keeps the way up, the way back and the verification in files of their own, these are read one by one, and their
 * texts put together; what stands beside them about the whole, x.sql.conf or metadata.toml, is looked at for what it says.
 */
#ifndef STELEC_FILES_H
#define STELEC_FILES_H

#include "migration.h"

/* Read the migration's files into its source, and what its settings say into it. False when that fails; then it was told. */
bool files_read(struct history *history, struct migration *migration);

/* The checksum of what was read, into source_sum: "s2:" of several files, whose members are "down", "settings", "verify". */
void files_sum(struct history *history, struct migration *migration);

/* What the checksum calls a file: "down". That of the first one is the migration's own. */
const char *files_name(file_kind kind);

/* The kind of the file that the source is named after: FILE_UP, or FILE_DOWN where there is no up. */
file_kind files_first(const struct migration *migration);

#endif

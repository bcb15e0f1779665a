/*
 * parse.h - what PostgreSQL's own grammar says of a file
 *
 * libpg_query is PostgreSQL's parser as a library. One call parses a whole file; its trees go to derive.h while they
 * live. Statements must end where split.h found them to end; where the two disagree, the file is refused.
 */
#ifndef STELEC_PARSE_H
#define STELEC_PARSE_H

#include "migration.h"

/* Parse the migration's statements and fill in their facts. Every syntax error is told to the history's diag. */
void parse(struct history *history, struct migration *migration);

/* What parses: "libpg_query 17.4", for the banner. Another one may take other SQL. */
const char *parse_name(void);

#endif

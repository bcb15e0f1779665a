/*
 * tree.h - small questions about PostgreSQL's trees, for the rooms that read them
 *
 * Include it last, behind PostgreSQL's own headers: its port.h renames printf and its kin.
 */
#ifndef STELEC_TREE_H
#define STELEC_TREE_H

#include "memory.h"

#include <pg_query.h>
#include <pg_query/pg_query_internal.h>

#include "nodes/parsenodes.h"

/* The last part of a possibly qualified name. */
const char *tree_last_name(const List *names);

/* The part before the last; or NULL. */
const char *tree_schema_name(const List *names);

/* The option of this name; or NULL. */
const DefElem *tree_option(const List *options, const char *name);

/* Is an option there, and not off? A bare option is on. */
bool tree_is_on(const List *options, const char *name, bool otherwise);

/* The relation that a statement creates; or NULL. */
const RangeVar *tree_created(const Node *tree);

#endif

/*
 * schema.h - what an application can check of the schema when it is compiled: from the catalog, as the whole history leaves it
 */
#ifndef STELEC_SCHEMA_H
#define STELEC_SCHEMA_H

#include "catalog.h"

/* The dimension of a vector, halfvec or sparsevec column. */
struct dimension {
    const char *macro; /* behind STELE_DIM_ */
    const struct thing *table;
    const struct column *column;
    const struct type_name *type; /* the column's, or that of its domain */
};

struct schema {
    struct dimension *dimensions; /* by macro */
    size_t dimension_count, dimension_capacity;
    const struct thing **tables; /* that a component of this program owns: by component and name */
    size_t table_count, table_capacity;
};

/* Collect them. Two dimensions that would have one macro are told to the diag, with the way to name them. */
void schema_collect(struct schema *schema, const struct catalog *catalog, struct history *all, struct history *const *parts,
                    size_t part_count);

/* A relation's name for messages and for to_regclass without quotes where none are needed: "agent", "eu.document". */
const char *schema_name(struct memory *memory, const struct thing *thing);

#endif

/*
 * catalog_inside.h - what the rooms share that make up the catalog: catalog.c finds, catalog_apply.c follows a deed, catalog_table.c does so in a
 * table
 */
#ifndef STELEC_CATALOG_INSIDE_H
#define STELEC_CATALOG_INSIDE_H

#include "catalog.h"
#include "text.h"

#include <string.h>

/* What shares its names: relations with each other, types, schemas, extensions. */
typedef enum name_space { SPACE_RELATION, SPACE_TYPE, SPACE_SCHEMA, SPACE_EXTENSION, SPACE_NONE } name_space;

/* The schema of temporary tables, by this address. */
extern const char catalog_temporary[];

name_space catalog_space_of(thing_kind kind);

/* Where the things of this schema and this hash of the name are; and the one of this very name, or NULL. */
struct thing **catalog_place(const struct catalog *catalog, const char *schema, size_t sum);
struct thing *catalog_find_in(const struct catalog *catalog, name_space space, const char *schema, const char *name);

/* The last element of a list, which begins with its name, is new: the index of a long list follows. */
void catalog_note_name(struct catalog *catalog, struct name_index *index, const void *list, size_t count, size_t size);

/* It is there, made by the deed; it is there, since the deed could be done to it; it is gone, or has another name `now`. */
void catalog_appear(const struct catalog *catalog, struct state *state, const struct deed *deed);
void catalog_assume(struct state *state);
void catalog_vanish(const struct catalog *catalog, struct state *state, const struct deed *deed, const char *now);

/* The relation that a deed is done to: after that it was surely there. NULL where it has no name. */
struct thing *catalog_need(struct catalog *catalog, const struct deed *deed);

/* What a deed does to a column, a constraint, a trigger, rule or policy; LIKE. */
void catalog_apply_to_column(struct catalog *catalog, struct thing *thing, const struct deed *deed);
void catalog_apply_like(struct catalog *catalog, struct thing *thing, const struct deed *deed);
void catalog_apply_to_constraint(struct catalog *catalog, struct thing *thing, const struct deed *deed);
void catalog_apply_to_part(struct catalog *catalog, const struct deed *deed);

static inline bool is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

#endif

/*
 * names.h - what a statement names: relations, functions, types, with their places
 */
#ifndef STELEC_NAMES_H
#define STELEC_NAMES_H

#include "memory.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum name_kind { NAME_RELATION, NAME_FUNCTION, NAME_TYPE } name_kind;

struct name {
    name_kind kind;
    const char *schema; /* or NULL */
    const char *name;
    long location;  /* a byte offset in the parsed text; -1 where the tree has none */
    long arguments; /* of a function; -1 where that isn't told */
};

/* Longer statements are data, and their trees may be deeper than a stack. Ask no names of them. */
enum { NAMES_LONGEST = 64 * 1024 };

struct names {
    struct name *list;
    size_t count, capacity;
};

/*
 * All names that a statement's tree holds, in the order of the tree, those that it creates among them; names of its own WITH
 * queries are left out. `tree` is a Node of PostgreSQL's raw parser, while it lives. Strings that hold code aren't looked into.
 */
void names_collect(struct names *names, struct memory *memory, const void *tree);

#endif

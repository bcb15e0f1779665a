/*
 * deed_take.h - what the rooms share that take deeds from trees: deed*.c, type_name.c
 *
 * Include it last, behind PostgreSQL's own headers: its port.h renames printf and its kin.
 */
#ifndef STELEC_DEED_TAKE_H
#define STELEC_DEED_TAKE_H

#include "deed.h"
#include "migration.h"
#include "tree.h"

/* One statement being looked at. */
struct taker {
    struct history *history;
    struct memory *memory;
    struct migration *migration;
    const struct statement *statement;
    uint32_t base;      /* where the parsed text begins in the file */
    size_t first;       /* the statement's first deed */
    const char *schema; /* of the elements of a CREATE SCHEMA; or NULL */
    uint32_t flags;     /* for every deed that comes: DEED_IN_QUERY within inner statements */
    uint32_t found;     /* where the last word was found: of thousands of names the next one stands behind it */
    bool open;          /* a parameter stands in one of the names */
};

/* A new deed. The pointer holds until the next one. `location` is the tree's, -1 for the statement itself. */
struct deed *taker_add(struct taker *taker, deed_kind kind, thing_kind thing, struct object on, int location);

/* A name of the tree, to keep; NULL stays NULL. */
const char *taker_name(struct taker *taker, const char *name);
struct object taker_object(struct taker *taker, const char *schema, const char *name); /* of CREATE SCHEMA's, where it names none */
struct object taker_relation(struct taker *taker, const RangeVar *relation);
struct object taker_names(struct taker *taker, const List *names);

/* The strings of a list. */
const char *const *taker_strings(struct taker *taker, const List *list, uint32_t *count);

/* Where a word stands in the statement, at or behind the tree's location; as a location. -1 where it isn't found. */
int taker_find(struct taker *taker, const char *word, int location);

/* deed.c: any statement; one that may do anything. */
void take_tree(struct taker *taker, const Node *tree);
void take_anything(struct taker *taker);

/* deed_make.c: a statement that makes something; false for any other. */
bool take_making(struct taker *taker, const Node *tree);
struct deed *take_named(struct taker *taker, deed_kind kind, thing_kind thing, const List *names);
void take_query_relation(struct taker *taker, const RangeVar *relation, thing_kind thing, uint32_t flags, Node *query);
void take_policy(struct taker *taker, deed_kind kind, const RangeVar *table, const char *name);
void take_domain_change(struct taker *taker, const AlterDomainStmt *tree);

/* deed_change.c: a statement that drops, renames or changes something; false for any other. */
bool take_changing(struct taker *taker, const Node *tree);

/* deed_table.c: what makes and alters tables. */
void take_create_table(struct taker *taker, const CreateStmt *tree, thing_kind thing);
void take_alter_table(struct taker *taker, const AlterTableStmt *tree);
thing_kind taker_thing(ObjectType type);

/* deed_query.c: a query or an INSERT, UPDATE, DELETE, MERGE; with `runs`, the functions that it calls count. */
void take_query(struct taker *taker, Node *tree, bool runs);
void take_copy(struct taker *taker, const CopyStmt *tree);

/* How a default is computed: 0, DEED_VOLATILE, DEED_UNSURE; then *calls is the function, or NULL where there are several. */
uint32_t expression_volatility(Node *expression, const char **calls);

/* type_name.c */
const struct type_name *take_type(struct taker *taker, const TypeName *tree);

#endif

/* deed_make.c - statements that make something, see deed_take.h */
#define _POSIX_C_SOURCE 200809L
#include "text.h"

#include <string.h>

/* Last: PostgreSQL's port.h renames printf and its kin. */
#include "deed_take.h"

#include "catalog/pg_class.h"
#include "nodes/value.h"

/* Has the index, or one of its columns, more to it than a name? */
static bool is_intricate(const IndexStmt *tree)
{
    bool intricate = tree->options != NIL || tree->indexIncludingParams != NIL || tree->tableSpace != NULL || tree->nulls_not_distinct;
    ListCell *cell;
    foreach (cell, tree->indexParams) {
        const IndexElem *column = lfirst(cell);
        intricate |= column->opclass != NIL || column->collation != NIL || column->ordering != SORTBY_DEFAULT ||
                     column->nulls_ordering != SORTBY_NULLS_DEFAULT;
    }
    return intricate;
}

static void take_index(struct taker *taker, const IndexStmt *tree)
{
    struct object on = taker_relation(taker, tree->relation);
    struct deed *deed = taker_add(taker, DEED_CREATE, THING_INDEX, on, tree->relation->location);
    deed->lock = tree->concurrent ? LOCK_SHARE_UPDATE_EXCLUSIVE : LOCK_SHARE;
    deed->flags |= (tree->concurrent ? DEED_CONCURRENTLY : 0) | (tree->unique ? DEED_UNIQUE : 0) |
                   (tree->if_not_exists ? DEED_IF : 0) | (tree->whereClause != NULL ? DEED_WHERE : 0) |
                   (is_intricate(tree) ? DEED_USING : 0);
    deed->other = (struct object){on.schema, taker_name(taker, tree->idxname)};
    deed->words = tree->relation->inh ? NULL : "ONLY";
    deed->part = taker_name(taker, tree->accessMethod);
    deed->columns = NULL;
    const char **columns = memory_get(taker->memory, (size_t)list_length(tree->indexParams), sizeof *columns);
    ListCell *cell;
    foreach (cell, tree->indexParams)
        columns[deed->column_count++] = taker_name(taker, ((const IndexElem *)lfirst(cell))->name);
    deed->columns = columns;
}

/* A view or a table that a query fills; NULL for one that was prepared. The query of a view is only written down. */
void take_query_relation(struct taker *taker, const RangeVar *relation, thing_kind thing, uint32_t flags, Node *query)
{
    bool temporary = relation->relpersistence == RELPERSISTENCE_TEMP;
    struct deed *deed = taker_add(taker, DEED_CREATE, thing, taker_relation(taker, relation), relation->location);
    deed->flags |= flags | DEED_QUERY | (temporary ? DEED_TEMPORARY : 0);
    deed->lock = flags & DEED_REPLACE ? LOCK_ACCESS_EXCLUSIVE : LOCK_NONE;
    if (query != NULL)
        take_query(taker, query, thing != THING_VIEW);
}

static void take_create_as(struct taker *taker, const CreateTableAsStmt *tree)
{
    if (IsA(tree->query, ExecuteStmt))
        taker_add(taker, DEED_ANYTHING, THING_OTHER, (struct object){0}, -1);
    size_t made = taker->migration->deed_count;
    take_query_relation(taker, tree->into->rel, taker_thing(tree->objtype), tree->if_not_exists ? DEED_IF : 0,
                        IsA(tree->query, ExecuteStmt) ? NULL : tree->query);
    taker->migration->deeds[made].words = tree->into->skipData ? "WITH NO DATA" : NULL;
}

static void take_sequence(struct taker *taker, const CreateSeqStmt *tree)
{
    struct deed *deed = taker_add(taker, DEED_CREATE, THING_SEQUENCE, taker_relation(taker, tree->sequence),
                                  tree->sequence->location);
    deed->flags |= (tree->if_not_exists ? DEED_IF : 0) |
                   (tree->sequence->relpersistence == RELPERSISTENCE_TEMP ? DEED_TEMPORARY : 0);
}

static void take_composite(struct taker *taker, const CompositeTypeStmt *tree)
{
    struct object on = taker_relation(taker, tree->typevar);
    taker_add(taker, DEED_CREATE, THING_COMPOSITE, on, tree->typevar->location);
}

struct deed *take_named(struct taker *taker, deed_kind kind, thing_kind thing, const List *names)
{
    return taker_add(taker, kind, thing, taker_names(taker, names), taker_find(taker, tree_last_name(names), -1));
}

static void take_domain(struct taker *taker, const CreateDomainStmt *tree)
{
    const struct type_name *type = take_type(taker, tree->typeName);
    struct deed *deed = take_named(taker, DEED_CREATE, THING_TYPE, tree->domainname);
    deed->type = type;
    ListCell *cell;
    foreach (cell, tree->constraints) {
        ConstrType kind = ((const Constraint *)lfirst(cell))->contype;
        deed->constraint = kind == CONSTR_CHECK     ? CONSTRAINT_CHECK
                           : kind == CONSTR_NOTNULL && deed->constraint == CONSTRAINT_NONE ? CONSTRAINT_NOT_NULL
                                                                                            : deed->constraint;
    }
}

/* ALTER DOMAIN ... ADD CHECK, SET NOT NULL read every table that has such a column. */
void take_domain_change(struct taker *taker, const AlterDomainStmt *tree)
{
    const Constraint *constraint = (const Constraint *)tree->def;
    bool check = tree->subtype == 'C' && constraint->contype == CONSTR_CHECK;
    if (tree->subtype != 'C' && tree->subtype != 'O')
        return;
    struct deed *deed = take_named(taker, DEED_ADD_CONSTRAINT, THING_TYPE, tree->typeName);
    deed->constraint = check ? CONSTRAINT_CHECK : CONSTRAINT_NOT_NULL;
    deed->part = tree->subtype == 'C' ? taker_name(taker, constraint->conname) : NULL;
    deed->flags |= check && constraint->skip_validation ? DEED_NOT_VALID : 0;
}

static void take_trigger(struct taker *taker, const CreateTrigStmt *tree)
{
    struct deed *deed = taker_add(taker, DEED_CREATE, THING_TRIGGER, taker_relation(taker, tree->relation),
                                  tree->relation->location);
    deed->lock = LOCK_SHARE_ROW_EXCLUSIVE;
    deed->flags |= tree->replace ? DEED_REPLACE : 0;
    deed->part = taker_name(taker, tree->trigname);
}

static void take_rule(struct taker *taker, const RuleStmt *tree)
{
    struct deed *deed = taker_add(taker, DEED_CREATE, THING_RULE, taker_relation(taker, tree->relation),
                                  tree->relation->location);
    deed->lock = LOCK_ACCESS_EXCLUSIVE;
    deed->flags |= tree->replace ? DEED_REPLACE : 0;
    deed->part = taker_name(taker, tree->rulename);
}

void take_policy(struct taker *taker, deed_kind kind, const RangeVar *table, const char *name)
{
    struct deed *deed = taker_add(taker, kind, THING_POLICY, taker_relation(taker, table), table->location);
    deed->lock = LOCK_ACCESS_EXCLUSIVE;
    deed->part = taker_name(taker, name);
}

static void take_schema(struct taker *taker, const CreateSchemaStmt *tree)
{
    const char *name = tree->schemaname != NULL ? tree->schemaname
                       : tree->authrole != NULL ? tree->authrole->rolename
                                                : NULL;
    struct object on = {NULL, taker_name(taker, name)};
    taker_add(taker, DEED_CREATE, THING_SCHEMA, on, -1)->flags |= tree->if_not_exists ? DEED_IF : 0;
    taker->schema = on.name;
    ListCell *cell;
    foreach (cell, tree->schemaElts)
        take_tree(taker, lfirst(cell));
    taker->schema = NULL;
}

/* CREATE FUNCTION ... ROWS: a function may be there several times, with other arguments. */
/* Does the text hold this word, in any case of letters? */
static bool has_word(const char *text, const char *word)
{
    for (const char *at = text; *at != '\0';) {
        const char *begin = at;
        while (is_letter(*at) || is_digit(*at) || *at == '_')
            at++;
        if (spells(begin, (size_t)(at - begin), word))
            return true;
        at += at == begin;
    }
    return false;
}

/*
 * May a function make or rename something when it runs? A trigger runs it without being asked, as a default does. Its text tells by a word;
 * what it prepares in a string runs through EXECUTE. Of a function in C, nobody knows; those come with extensions.
 */
static bool may_make(const Node *body)
{
    static const char *const words[] = {"create", "execute", "rename", "alter"};
    bool may = false;
    ListCell *cell;
    if (body == NULL || !IsA(body, List))
        return false;
    foreach (cell, (const List *)body)
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            may |= has_word(strVal(lfirst(cell)), words[i]);
    return may;
}

static void take_function(struct taker *taker, const CreateFunctionStmt *tree)
{
    const DefElem *volatility = NULL, *body = NULL;
    ListCell *cell;
    foreach (cell, tree->options) {
        const DefElem *option = lfirst(cell);
        if (strcmp(option->defname, "volatility") == 0)
            volatility = option;
        if (strcmp(option->defname, "as") == 0)
            body = option;
    }
    bool steady = volatility != NULL && strcmp(strVal(volatility->arg), "volatile") != 0;
    take_named(taker, DEED_CREATE, THING_FUNCTION, tree->funcname)->flags |=
        (tree->replace ? DEED_REPLACE : 0) | (steady ? 0 : DEED_VOLATILE) |
        (body != NULL && may_make(body->arg) ? DEED_DATA : 0) |
        (tree->returnType != NULL && strcmp(tree_last_name(tree->returnType->names), "event_trigger") == 0 ? DEED_LOCAL : 0);
}

/* ------------------------------------------------------------- the switch */

/* What makes something; false for the rest. */
bool take_making(struct taker *taker, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_CreateStmt:
        take_create_table(taker, (const CreateStmt *)tree, THING_TABLE);
        return true;
    case T_CreateForeignTableStmt:
        take_create_table(taker, &((const CreateForeignTableStmt *)tree)->base, THING_FOREIGN_TABLE);
        return true;
    case T_CreateTableAsStmt:
        take_create_as(taker, (const CreateTableAsStmt *)tree);
        return true;
    case T_ViewStmt:
        take_query_relation(taker, ((const ViewStmt *)tree)->view, THING_VIEW,
                            ((const ViewStmt *)tree)->replace ? DEED_REPLACE : 0, ((const ViewStmt *)tree)->query);
        return true;
    case T_IndexStmt:
        take_index(taker, (const IndexStmt *)tree);
        return true;
    case T_CreateSeqStmt:
        take_sequence(taker, (const CreateSeqStmt *)tree);
        return true;
    case T_CreateSchemaStmt:
        take_schema(taker, (const CreateSchemaStmt *)tree);
        return true;
    case T_CompositeTypeStmt:
        take_composite(taker, (const CompositeTypeStmt *)tree);
        return true;
    case T_CreateEnumStmt:
        take_named(taker, DEED_CREATE, THING_TYPE, ((const CreateEnumStmt *)tree)->typeName);
        return true;
    case T_CreateRangeStmt:
        take_named(taker, DEED_CREATE, THING_TYPE, ((const CreateRangeStmt *)tree)->typeName);
        return true;
    case T_CreateDomainStmt:
        take_domain(taker, (const CreateDomainStmt *)tree);
        return true;
    case T_DefineStmt:
        if (((const DefineStmt *)tree)->kind == OBJECT_TYPE)
            take_named(taker, DEED_CREATE, THING_TYPE, ((const DefineStmt *)tree)->defnames);
        return true;
    case T_CreateFunctionStmt:
        take_function(taker, (const CreateFunctionStmt *)tree);
        return true;
    case T_CreateTrigStmt:
        take_trigger(taker, (const CreateTrigStmt *)tree);
        return true;
    case T_RuleStmt:
        take_rule(taker, (const RuleStmt *)tree);
        return true;
    case T_CreatePolicyStmt:
        take_policy(taker, DEED_CREATE, ((const CreatePolicyStmt *)tree)->table, ((const CreatePolicyStmt *)tree)->policy_name);
        return true;
    case T_CreateExtensionStmt: {
        struct object name = {NULL, taker_name(taker, ((const CreateExtensionStmt *)tree)->extname)};
        taker_add(taker, DEED_CREATE, THING_EXTENSION, name, -1)->flags |=
            ((const CreateExtensionStmt *)tree)->if_not_exists ? DEED_IF : 0;
        return true;
    }
    default:
        return false;
    }
}

#define _POSIX_C_SOURCE 200809L
#include <string.h>

/* Last: PostgreSQL's port.h renames printf and its kin. */
#include "tree.h"

#include "nodes/value.h"

const char *tree_last_name(const List *names)
{
    return names == NIL ? "" : strVal(llast(names));
}

const char *tree_schema_name(const List *names)
{
    return list_length(names) < 2 ? NULL : strVal(list_nth(names, list_length(names) - 2));
}

const DefElem *tree_option(const List *options, const char *name)
{
    ListCell *cell;
    foreach (cell, options) {
        const DefElem *option = lfirst(cell);
        if (strcmp(option->defname, name) == 0)
            return option;
    }
    return NULL;
}

bool tree_is_on(const List *options, const char *name, bool otherwise)
{
    const DefElem *option = tree_option(options, name);
    if (option == NULL)
        return otherwise;
    if (option->arg == NULL)
        return true;
    if (IsA(option->arg, Integer))
        return intVal(option->arg) != 0;
    if (IsA(option->arg, Boolean))
        return boolVal(option->arg);
    const char *value = IsA(option->arg, String) ? strVal(option->arg) : "";
    return strcmp(value, "false") != 0 && strcmp(value, "off") != 0;
}

const RangeVar *tree_created(const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_CreateStmt:
        return ((const CreateStmt *)tree)->relation;
    case T_CreateTableAsStmt:
        return ((const CreateTableAsStmt *)tree)->into->rel;
    case T_CreateSeqStmt:
        return ((const CreateSeqStmt *)tree)->sequence;
    case T_ViewStmt:
        return ((const ViewStmt *)tree)->view;
    case T_SelectStmt: {
        const SelectStmt *select = (const SelectStmt *)tree;
        while (select->op != SETOP_NONE) /* INTO of a UNION stands in its leftmost SELECT */
            select = select->larg;
        return select->intoClause == NULL ? NULL : select->intoClause->rel;
    }
    default:
        return NULL;
    }
}

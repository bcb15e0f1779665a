/* deed_query.c - what queries and changes of rows read, write and call, see deed_take.h */
#define _POSIX_C_SOURCE 200809L
#include "functions.h"

#include <string.h>

/* Last: PostgreSQL's port.h renames printf and its kin. */
#include "deed_take.h"

#include "nodes/nodeFuncs.h"
#include "nodes/value.h"

/* Deeper trees are generated data (a sum of 10,000 terms), and longer statements are data: their names aren't asked for. */
enum { DEEPEST = 2000, LONGEST = 64 * 1024 };

struct walk {
    struct taker *taker;
    const char **queries; /* the names of WITH */
    size_t query_count, query_capacity;
    int depth;
    bool runs;    /* the functions are called, not just written down */
    bool unknown; /* one of them may do anything */
};

static bool walk(Node *node, struct walk *walk);

static void walk_each(Node *node, struct walk *state)
{
    if (node != NULL)
        walk(node, state);
}

/* ----------------------------------------------------------------- reading */

static bool is_query(const struct walk *walk, const RangeVar *relation)
{
    for (size_t i = 0; i < walk->query_count && relation->schemaname == NULL; i++)
        if (strcmp(walk->queries[i], relation->relname) == 0)
            return true;
    return false;
}

/* Does the statement do this to the relation already? */
static bool is_noted(const struct taker *taker, deed_kind kind, const RangeVar *relation)
{
    const struct migration *migration = taker->migration;
    for (size_t i = taker->first; i < migration->deed_count; i++) {
        const struct deed *deed = &migration->deeds[i];
        bool same_schema = deed->on.schema == NULL || relation->schemaname == NULL
                               ? deed->on.schema == relation->schemaname
                               : strcmp(deed->on.schema, relation->schemaname) == 0;
        if (deed->kind == kind && same_schema && deed->on.name != NULL && strcmp(deed->on.name, relation->relname) == 0)
            return true;
    }
    return false;
}

static void note_read(struct walk *walk, const RangeVar *relation)
{
    struct taker *taker = walk->taker;
    if (is_query(walk, relation) || is_noted(taker, DEED_READ, relation))
        return;
    struct deed *deed = taker_add(taker, DEED_READ, THING_TABLE, taker_relation(taker, relation), relation->location);
    deed->lock = LOCK_ACCESS_SHARE;
}

static void note_queries(struct walk *walk, const WithClause *with)
{
    ListCell *cell;
    foreach (cell, with == NULL ? NIL : with->ctes) {
        walk->queries = memory_grow(walk->taker->memory, walk->queries, walk->query_count, &walk->query_capacity,
                                    sizeof *walk->queries);
        walk->queries[walk->query_count++] = ((const CommonTableExpr *)lfirst(cell))->ctename;
    }
}

/* ----------------------------------------------------------------- writing */

/* The columns that an INSERT or UPDATE names. */
static void note_targets(struct taker *taker, size_t index, const List *targets)
{
    uint32_t count = 0;
    const char **names = memory_get(taker->memory, (size_t)list_length(targets), sizeof *names);
    ListCell *cell;
    foreach (cell, targets)
        names[count++] = taker_name(taker, ((const ResTarget *)lfirst(cell))->name);
    taker->migration->deeds[index].columns = names;
    taker->migration->deeds[index].column_count = count;
}

/* The column, where one side is it and the other a constant: x = 5, x = 'a'::uuid. */
static const char *compared_column(const A_Expr *test)
{
    const Node *left = test->lexpr, *right = test->rexpr;
    bool equals = test->kind == AEXPR_OP && strcmp(tree_last_name(test->name), "=") == 0;
    if ((!equals && test->kind != AEXPR_IN) || left == NULL || right == NULL || !IsA(left, ColumnRef))
        return NULL;
    while (IsA(right, TypeCast))
        right = ((const TypeCast *)right)->arg;
    const Node *name = llast(((const ColumnRef *)left)->fields);
    bool constant = IsA(right, A_Const) || (test->kind == AEXPR_IN && IsA(right, List));
    return constant && IsA(name, String) && strcmp(tree_last_name(test->name), "<>") != 0 ? strVal(name) : NULL;
}

/* What holds of every row that the filter lets through: the terms of its outermost AND. */
static void note_fixed(struct taker *taker, size_t index, const Node *filter)
{
    const List *terms = filter != NULL && IsA(filter, BoolExpr) && ((const BoolExpr *)filter)->boolop == AND_EXPR
                            ? ((const BoolExpr *)filter)->args
                            : NIL;
    uint32_t count = 0;
    const char **names = memory_get(taker->memory, (size_t)list_length(terms) + 1, sizeof *names);
    for (int i = 0; filter != NULL && i < (terms == NIL ? 1 : list_length(terms)); i++) {
        const Node *term = terms == NIL ? filter : list_nth(terms, i);
        const char *name = IsA(term, A_Expr) ? compared_column((const A_Expr *)term) : NULL;
        if (name != NULL)
            names[count++] = taker_name(taker, name);
    }
    taker->migration->deeds[index].fixed = names;
    taker->migration->deeds[index].fixed_count = count;
}

static size_t note_change(struct walk *walk, deed_kind kind, const RangeVar *relation, uint32_t flags)
{
    struct taker *taker = walk->taker;
    struct deed *deed = taker_add(taker, kind, THING_TABLE, taker_relation(taker, relation), relation->location);
    deed->lock = LOCK_ROW_EXCLUSIVE;
    deed->flags |= flags;
    return taker->migration->deed_count - 1;
}

/* The rows of VALUES are data; all else of it may name tables. */
static void walk_source(struct walk *walk, const SelectStmt *source)
{
    if (source != NULL && source->valuesLists == NIL)
        walk_each((Node *)source, walk);
    else if (source != NULL)
        walk_each((Node *)source->withClause, walk);
}

static void walk_insert(struct walk *walk, const InsertStmt *tree)
{
    const SelectStmt *source = (const SelectStmt *)tree->selectStmt;
    bool query = source != NULL && source->valuesLists == NIL && (source->fromClause != NIL || source->op != SETOP_NONE);
    note_queries(walk, tree->withClause);
    size_t index = note_change(walk, DEED_INSERT, tree->relation,
                               (query ? DEED_QUERY : 0) | (tree->onConflictClause != NULL ? DEED_CONFLICT : 0) |
                                   (source != NULL && source->whereClause != NULL ? DEED_WHERE : 0));
    note_targets(walk->taker, index, tree->cols);
    walk_each((Node *)tree->withClause, walk);
    walk_source(walk, source);
    walk_each((Node *)tree->onConflictClause, walk);
}

static void walk_update(struct walk *walk, const UpdateStmt *tree)
{
    note_queries(walk, tree->withClause);
    size_t index = note_change(walk, DEED_UPDATE, tree->relation, tree->whereClause != NULL ? DEED_WHERE : 0);
    note_targets(walk->taker, index, tree->targetList);
    note_fixed(walk->taker, index, tree->whereClause);
    walk_each((Node *)tree->withClause, walk);
    walk_each((Node *)tree->targetList, walk);
    walk_each((Node *)tree->fromClause, walk);
    walk_each(tree->whereClause, walk);
}

static void walk_delete(struct walk *walk, const DeleteStmt *tree)
{
    note_queries(walk, tree->withClause);
    size_t index = note_change(walk, DEED_DELETE, tree->relation, tree->whereClause != NULL ? DEED_WHERE : 0);
    note_fixed(walk->taker, index, tree->whereClause);
    walk_each((Node *)tree->withClause, walk);
    walk_each((Node *)tree->usingClause, walk);
    walk_each(tree->whereClause, walk);
}

/* A MERGE is taken for an UPDATE with a filter, or a DELETE where it has one. */
static void walk_merge(struct walk *walk, const MergeStmt *tree)
{
    deed_kind kind = DEED_UPDATE;
    ListCell *cell;
    foreach (cell, tree->mergeWhenClauses)
        if (((const MergeWhenClause *)lfirst(cell))->commandType == CMD_DELETE)
            kind = DEED_DELETE;
    note_queries(walk, tree->withClause);
    note_change(walk, kind, tree->relation, DEED_WHERE);
    walk_each((Node *)tree->withClause, walk);
    walk_each(tree->sourceRelation, walk);
}

static void walk_select(struct walk *state, SelectStmt *tree)
{
    note_queries(state, tree->withClause);
    if (tree->lockingClause != NIL) /* FOR UPDATE and its kin: of the tables directly in FROM */
        for (int i = 0; i < list_length(tree->fromClause); i++) {
            const RangeVar *relation = list_nth(tree->fromClause, i);
            if (!IsA(relation, RangeVar) || is_query(state, relation))
                continue;
            note_read(state, relation);
            state->taker->migration->deeds[state->taker->migration->deed_count - 1].lock = LOCK_ROW_SHARE;
        }
    raw_expression_tree_walker((Node *)tree, walk, state);
}

/* --------------------------------------------------------------- the walk */

static void note_call(struct walk *walk, const FuncCall *call)
{
    if (walk->runs && !function_only_reads(tree_schema_name(call->funcname), tree_last_name(call->funcname)))
        walk->unknown = true;
}

static bool walk_inner(Node *node, struct walk *state)
{
    uint32_t flags = state->taker->flags;
    state->taker->flags |= DEED_IN_QUERY;
    switch (nodeTag(node)) {
    case T_InsertStmt:
        walk_insert(state, (const InsertStmt *)node);
        break;
    case T_UpdateStmt:
        walk_update(state, (const UpdateStmt *)node);
        break;
    case T_DeleteStmt:
        walk_delete(state, (const DeleteStmt *)node);
        break;
    default:
        walk_merge(state, (const MergeStmt *)node);
        break;
    }
    state->taker->flags = flags;
    return false;
}

static bool walk(Node *node, struct walk *state)
{
    if (node == NULL || state->depth == DEEPEST)
        return false;
    state->depth++;
    switch (nodeTag(node)) {
    case T_RangeVar:
        note_read(state, (const RangeVar *)node);
        break;
    case T_SelectStmt:
        walk_select(state, (SelectStmt *)node);
        break;
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
        walk_inner(node, state);
        break;
    case T_FuncCall:
        note_call(state, (const FuncCall *)node);
        raw_expression_tree_walker(node, walk, state);
        break;
    default:
        raw_expression_tree_walker(node, walk, state);
        break;
    }
    state->depth--;
    return false;
}

static bool is_long(const struct statement *statement)
{
    return statement->table.end - statement->table.begin > LONGEST;
}

/* Of long data, only what it is written to. */
static void take_long(struct walk *state, Node *tree)
{
    if (IsA(tree, InsertStmt))
        note_targets(state->taker, note_change(state, DEED_INSERT, ((const InsertStmt *)tree)->relation, 0),
                     ((const InsertStmt *)tree)->cols);
    else if (IsA(tree, UpdateStmt))
        note_change(state, DEED_UPDATE, ((const UpdateStmt *)tree)->relation,
                    ((const UpdateStmt *)tree)->whereClause != NULL ? DEED_WHERE : 0);
    else if (IsA(tree, DeleteStmt))
        note_change(state, DEED_DELETE, ((const DeleteStmt *)tree)->relation,
                    ((const DeleteStmt *)tree)->whereClause != NULL ? DEED_WHERE : 0);
}

void take_query(struct taker *taker, Node *tree, bool runs)
{
    struct walk state = {.taker = taker, .runs = runs};
    uint32_t flags = taker->flags;
    if (is_long(taker->statement)) {
        take_long(&state, tree);
        return;
    }
    if (IsA(tree, InsertStmt))
        walk_insert(&state, (const InsertStmt *)tree);
    else if (IsA(tree, UpdateStmt))
        walk_update(&state, (const UpdateStmt *)tree);
    else if (IsA(tree, DeleteStmt))
        walk_delete(&state, (const DeleteStmt *)tree);
    else if (IsA(tree, MergeStmt))
        walk_merge(&state, (const MergeStmt *)tree);
    else
        walk(tree, &state);
    taker->flags = flags;
    if (state.unknown)
        taker_add(taker, DEED_ANYTHING, THING_OTHER, (struct object){0}, -1);
}

void take_copy(struct taker *taker, const CopyStmt *tree)
{
    if (tree->query != NULL) {
        take_query(taker, tree->query, true);
        return;
    }
    struct object on = taker_relation(taker, tree->relation);
    struct deed *deed = taker_add(taker, tree->is_from ? DEED_INSERT : DEED_READ, THING_TABLE, on, tree->relation->location);
    deed->lock = tree->is_from ? LOCK_ROW_EXCLUSIVE : LOCK_ACCESS_SHARE;
    deed->flags |= tree->is_from ? DEED_DATA : 0;
    deed->columns = taker_strings(taker, tree->attlist, &deed->column_count);
}

/* ---------------------------------------------------------------- defaults */

struct volatility {
    uint32_t flags;
    const char *calls;
    int depth, unknown;
};

static bool find_volatile(Node *node, struct volatility *found)
{
    if (node == NULL || found->depth == DEEPEST)
        return false;
    if (IsA(node, FuncCall)) {
        const List *name = ((const FuncCall *)node)->funcname;
        uint32_t flags = function_is_volatile(tree_last_name(name)) ? DEED_VOLATILE
                         : function_is_steady(tree_schema_name(name), tree_last_name(name)) ? 0u
                                                                                              : DEED_UNSURE;
        found->flags |= flags;
        if (flags & DEED_UNSURE)
            found->calls = found->unknown++ == 0 ? tree_last_name(name) : NULL;
    }
    found->depth++;
    raw_expression_tree_walker(node, find_volatile, found);
    found->depth--;
    return false;
}

uint32_t expression_volatility(Node *expression, const char **calls)
{
    struct volatility found = {0};
    find_volatile(expression, &found);
    *calls = found.calls;
    return found.flags & DEED_VOLATILE ? DEED_VOLATILE : found.flags;
}

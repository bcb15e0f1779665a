/* demand_tree.c - what only a statement's tree tells of its demands, see demand.h */
#define _POSIX_C_SOURCE 200809L
#include "demand_take.h"

#include <string.h>

/* Last: PostgreSQL's port.h renames printf and its kin. */
#include "deed_take.h"

#include "nodes/value.h"

/* Does it read and write the rows of what it names, now? A view only writes its query down. */
static bool runs_rows(const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_SelectStmt:
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_CopyStmt:
        return true;
    case T_CreateTableAsStmt:
        return !((const CreateTableAsStmt *)tree)->into->skipData;
    default:
        return false;
    }
}

/* ------------------------------------------------------------------- owners */

/* To give something away, one must be able to become that role. CURRENT_USER and its kin are nobody else. */
static void take_new_owner(struct demander *demander, struct taker *taker, const RoleSpec *role)
{
    if (role != NULL && role->roletype == ROLESPEC_CSTRING)
        demand_add(demander, STELE_NEEDS_MEMBERSHIP, NULL, taker_name(taker, role->rolename));
}

static void take_table_owner(struct demander *demander, struct taker *taker, const AlterTableStmt *tree)
{
    ListCell *cell;
    foreach (cell, tree->cmds) {
        const AlterTableCmd *command = lfirst(cell);
        if (command->subtype != AT_ChangeOwner)
            continue;
        take_new_owner(demander, taker, command->newowner);
        demand_of(demander, STELE_CHANGES, taker_relation(taker, tree->relation));
    }
}

/* The name of a type or function, however the tree has it. */
static struct object named(struct taker *taker, const Node *object)
{
    if (object == NULL)
        return (struct object){0};
    if (IsA(object, ObjectWithArgs))
        return taker_names(taker, ((const ObjectWithArgs *)object)->objname);
    if (IsA(object, TypeName))
        return taker_names(taker, ((const TypeName *)object)->names);
    if (IsA(object, String))
        return (struct object){NULL, taker_name(taker, strVal(object))};
    return IsA(object, List) ? taker_names(taker, (const List *)object) : (struct object){0};
}

/* What owning it is called; STELE_NEEDS_UNTOLD for what isn't asked about. */
static uint32_t owning(ObjectType type)
{
    switch (taker_thing(type)) {
    case THING_TYPE:
        return STELE_NEEDS_TYPE;
    case THING_FUNCTION:
        return STELE_NEEDS_FUNCTION;
    case THING_SCHEMA:
        return STELE_NEEDS_SCHEMA;
    case THING_EXTENSION:
        return STELE_NEEDS_EXTENSION;
    default:
        return STELE_NEEDS_UNTOLD;
    }
}

static void take_owner(struct demander *demander, struct taker *taker, const AlterOwnerStmt *tree)
{
    uint32_t kind = owning(tree->objectType);
    if (kind == STELE_NEEDS_UNTOLD) {
        demand_untold(demander);
        return;
    }
    struct object object = named(taker, tree->object);
    demand_of(demander, kind, object);
    take_new_owner(demander, taker, tree->newowner);
    if (kind == STELE_NEEDS_SCHEMA)
        demand_changes_all(demander);
    else
        demand_of(demander, STELE_CHANGES, object);
}

/* -------------------------------------------------------------------- files */

/* COPY with a file or a program of the server's. */
static void take_copy_file(struct demander *demander, const CopyStmt *tree)
{
    if (tree->filename != NULL)
        demand_add(demander, STELE_NEEDS_MEMBERSHIP, NULL, tree->is_program  ? "pg_execute_server_program"
                                                           : tree->is_from ? "pg_read_server_files"
                                                                            : "pg_write_server_files");
}

/* ---------------------------------------------------------- other statements */

/* Of relations, the deeds tell. */
static void take_comment(struct demander *demander, struct taker *taker, const CommentStmt *tree)
{
    if (owning(tree->objtype) != STELE_NEEDS_UNTOLD)
        demand_of(demander, owning(tree->objtype), named(taker, tree->object));
    else if (demander->statement->deed_count == 0)
        demand_untold(demander);
}

/* Those whose needs nobody asks about, since there are none, or another statement has them. */
static bool needs_nothing(const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_SelectStmt:
    case T_TransactionStmt:
    case T_VariableSetStmt:
    case T_VariableShowStmt:
    case T_ConstraintsSetStmt:
    case T_VacuumStmt:
    case T_LockStmt:
    case T_ListenStmt:
    case T_UnlistenStmt:
    case T_NotifyStmt:
    case T_PrepareStmt:
    case T_DeallocateStmt:
    case T_DiscardStmt:
    case T_DeclareCursorStmt:
    case T_FetchStmt:
    case T_ClosePortalStmt:
        return true;
    default:
        return false;
    }
}

/* What makes somebody a member of a role, or gives rights on more than one table. */
static bool changes_rights(const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_GrantStmt: {
        const GrantStmt *grant = (const GrantStmt *)tree;
        return grant->is_grant && (grant->targtype != ACL_TARGET_OBJECT || grant->objtype == OBJECT_SCHEMA ||
                                   grant->objtype == OBJECT_DATABASE || grant->objtype == OBJECT_SEQUENCE);
    }
    case T_GrantRoleStmt:
    case T_CreateRoleStmt:
    case T_AlterRoleStmt:
    case T_ReassignOwnedStmt:
    case T_CreateEventTrigStmt:
        return true;
    default:
        return false;
    }
}

static void take_rest(struct demander *demander, struct taker *taker, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_AlterTableStmt:
        take_table_owner(demander, taker, (const AlterTableStmt *)tree);
        break;
    case T_AlterOwnerStmt:
        take_owner(demander, taker, (const AlterOwnerStmt *)tree);
        break;
    case T_AlterFunctionStmt:
        demand_of(demander, STELE_NEEDS_FUNCTION, named(taker, (const Node *)((const AlterFunctionStmt *)tree)->func));
        break;
    case T_AlterTypeStmt:
        demand_of(demander, STELE_NEEDS_TYPE, taker_names(taker, ((const AlterTypeStmt *)tree)->typeName));
        break;
    case T_CreateSchemaStmt:
        take_new_owner(demander, taker, ((const CreateSchemaStmt *)tree)->authrole);
        break;
    case T_CopyStmt:
        take_copy_file(demander, (const CopyStmt *)tree);
        break;
    case T_CommentStmt:
        take_comment(demander, taker, (const CommentStmt *)tree);
        break;
    case T_GrantStmt:
        break; /* without any right to grant it is passed by with a warning */
    default:
        if (demander->statement->deed_count == 0 && !needs_nothing(tree))
            demand_untold(demander);
        break;
    }
}

/* ------------------------------------------------------------------- public */

/* The names that a parameter stands in aren't known yet. What such a statement changes may be anything. */
static void take_open(struct demander *demander, size_t first)
{
    struct migration *migration = demander->migration;
    bool changes = false;
    for (size_t i = first; i < migration->demand_count; i++)
        changes |= migration->demands[i].kind == STELE_CHANGES || migration->demands[i].kind == STELE_CHANGES_ALL;
    migration->demand_count = first;
    if (changes)
        demand_changes_all(demander);
    else
        demand_untold(demander);
}

static bool is_open(const struct migration *migration, const struct statement *statement)
{
    for (uint32_t i = 0; i < statement->deed_count; i++)
        if (migration->deeds[statement->first_deed + i].flags & DEED_OPEN)
            return true;
    return false;
}

/* Rows of VALUES for one table in thousands of statements have one deed, and one demand. */
static bool is_taken(const struct migration *migration, const struct statement *statement)
{
    return statement > migration->statements && statement->deed_count == 1 && statement[-1].deed_count > 0 &&
           statement[-1].part == statement->part && statement[-1].first_deed == statement->first_deed;
}

/* IF NOT EXISTS and IF EXISTS: what isn't needed where it is there, or isn't. */
static void take_conditions(struct demander *demander, const Node *tree)
{
    const struct statement *statement = demander->statement;
    const struct deed *deed = statement->deed_count == 0 ? NULL : &demander->migration->deeds[statement->first_deed];
    if (IsA(tree, CreateStmt))
        demander->creates_at_most = ((const CreateStmt *)tree)->if_not_exists;
    else if (IsA(tree, CreateForeignTableStmt))
        demander->creates_at_most = ((const CreateForeignTableStmt *)tree)->base.if_not_exists;
    else if (deed != NULL && (deed->flags & DEED_IF_THERE))
        demander->only = deed->on.name;
}

/* CREATE TABLE IF NOT EXISTS ... AS asks for nothing where the table is there. */
static bool may_do_nothing(const Node *tree)
{
    return IsA(tree, CreateTableAsStmt) && ((const CreateTableAsStmt *)tree)->if_not_exists;
}

/* Each INSERT, UPDATE and DELETE within a MERGE needs what it does; which are there, the deeds don't tell. */
static void take_statement(struct demander *demander, struct taker *taker, const Node *tree)
{
    if (IsA(tree, MergeStmt) || may_do_nothing(tree)) {
        demand_untold(demander);
        return;
    }
    if (changes_rights(tree)) {
        demand_changes_all(demander);
        return;
    }
    take_conditions(demander, tree);
    demand_take_deeds(demander, runs_rows(tree));
    take_rest(demander, taker, tree);
}

void demands_take(struct history *history, struct migration *migration, const struct statement *statement, const void *tree)
{
    struct demander demander = {.memory = history->memory, .migration = migration, .statement = statement};
    struct taker taker = {.history = history, .memory = history->memory, .migration = migration, .statement = statement};
    size_t first = migration->demand_count;
    if (statement->part == PART_VERIFY || is_taken(migration, statement))
        return;
    take_statement(&demander, &taker, tree);
    if (taker.open || is_open(migration, statement))
        take_open(&demander, first);
    else if (demander.lost)
        demand_untold(&demander);
}

/* deed_change.c - statements that drop, rename or change something, see deed_take.h */
#define _POSIX_C_SOURCE 200809L
#include <string.h>

/* Last: PostgreSQL's port.h renames printf and its kin. */
#include "deed_take.h"

#include "catalog/pg_class.h"
#include "nodes/value.h"

/* ---------------------------------------------------------------- dropping */

/* A trigger, rule, policy or column is named behind its table. */
static struct object table_of(struct taker *taker, const List *names)
{
    int length = list_length(names);
    return taker_object(taker, length > 2 ? strVal(list_nth(names, length - 3)) : NULL,
                       length > 1 ? strVal(list_nth(names, length - 2)) : "");
}

static void drop_part(struct taker *taker, const DropStmt *tree, const List *names, uint32_t flags)
{
    struct object table = table_of(taker, names);
    struct deed *deed = taker_add(taker, DEED_DROP, taker_thing(tree->removeType), table,
                                  taker_find(taker, tree_last_name(names), -1));
    deed->part = taker_name(taker, tree_last_name(names));
    deed->lock = LOCK_ACCESS_EXCLUSIVE;
    deed->flags |= flags;
}

static void drop_one(struct taker *taker, const DropStmt *tree, const Node *object, uint32_t flags)
{
    thing_kind thing = taker_thing(tree->removeType);
    struct deed *deed;
    if ((thing == THING_TRIGGER || thing == THING_RULE || thing == THING_POLICY) && IsA(object, List)) {
        drop_part(taker, tree, (const List *)object, flags);
        return;
    }
    if (IsA(object, List))
        deed = take_named(taker, DEED_DROP, thing, (const List *)object);
    else if (IsA(object, TypeName))
        deed = take_named(taker, DEED_DROP, thing, ((const TypeName *)object)->names);
    else if (IsA(object, ObjectWithArgs))
        deed = take_named(taker, DEED_DROP, thing, ((const ObjectWithArgs *)object)->objname);
    else if (IsA(object, String))
        deed = taker_add(taker, DEED_DROP, thing, (struct object){NULL, taker_name(taker, strVal(object))}, -1);
    else
        return;
    deed->flags |= flags;
    if (thing_is_relation(thing))
        deed->lock = tree->concurrent ? LOCK_SHARE_UPDATE_EXCLUSIVE : LOCK_ACCESS_EXCLUSIVE;
}

static void take_drop(struct taker *taker, const DropStmt *tree)
{
    uint32_t flags = (tree->missing_ok ? DEED_IF : 0) | (tree->behavior == DROP_CASCADE ? DEED_CASCADE : 0) |
                     (tree->concurrent ? DEED_CONCURRENTLY : 0);
    ListCell *cell;
    foreach (cell, tree->objects)
        drop_one(taker, tree, lfirst(cell), flags);
}

/* --------------------------------------------------------- renaming, moving */

static void take_rename(struct taker *taker, const RenameStmt *tree)
{
    static const struct {
        ObjectType type;
        deed_kind kind;
    } parts[] = {{OBJECT_COLUMN, DEED_RENAME_COLUMN}, {OBJECT_ATTRIBUTE, DEED_RENAME_COLUMN},
                 {OBJECT_TABCONSTRAINT, DEED_RENAME_CONSTRAINT}};
    deed_kind kind = DEED_RENAME;
    thing_kind thing = taker_thing(tree->renameType);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i].type == tree->renameType) {
            kind = parts[i].kind;
            thing = taker_thing(tree->relationType);
        }
    struct object on = {0};
    int location = -1;
    if (tree->relation != NULL) {
        on = taker_relation(taker, tree->relation);
        location = tree->relation->location;
    } else if (tree->object != NULL && IsA(tree->object, List)) {
        on = taker_names(taker, (const List *)tree->object);
    } else if (tree->object != NULL && IsA(tree->object, ObjectWithArgs)) {
        on = taker_names(taker, ((const ObjectWithArgs *)tree->object)->objname);
    } else if (tree->object == NULL) {
        on.name = taker_name(taker, tree->subname);
    }
    struct deed *deed = taker_add(taker, kind, thing, on, location);
    deed->part = tree->relation == NULL ? NULL : taker_name(taker, tree->subname);
    deed->other.name = taker_name(taker, tree->newname);
    deed->flags |= tree->missing_ok ? DEED_IF_THERE : 0;
    if (tree->relation != NULL)
        deed->lock = tree->renameType == OBJECT_INDEX ? LOCK_SHARE_UPDATE_EXCLUSIVE : LOCK_ACCESS_EXCLUSIVE;
}

static void take_move(struct taker *taker, const AlterObjectSchemaStmt *tree)
{
    struct object on = {0};
    if (tree->relation != NULL)
        on = taker_relation(taker, tree->relation);
    else if (IsA(tree->object, List))
        on = taker_names(taker, (const List *)tree->object);
    else if (IsA(tree->object, ObjectWithArgs))
        on = taker_names(taker, ((const ObjectWithArgs *)tree->object)->objname);
    else if (IsA(tree->object, String))
        on.name = taker_name(taker, strVal(tree->object));
    struct deed *deed = taker_add(taker, DEED_MOVE, taker_thing(tree->objectType), on,
                                  tree->relation == NULL ? -1 : tree->relation->location);
    deed->other.schema = taker_name(taker, tree->newschema);
    deed->flags |= tree->missing_ok ? DEED_IF_THERE : 0;
    deed->lock = tree->relation == NULL ? LOCK_NONE : LOCK_ACCESS_EXCLUSIVE;
}

/* ---------------------------------------------------------- other changes */

static struct deed *take_alter(struct taker *taker, const RangeVar *relation, thing_kind thing, lock_mode lock, uint32_t flags)
{
    struct object on = relation == NULL ? (struct object){0} : taker_relation(taker, relation);
    struct deed *deed = taker_add(taker, DEED_ALTER, thing, on, relation == NULL ? -1 : relation->location);
    deed->lock = lock;
    deed->flags |= flags;
    return deed;
}

/* COMMENT ON TABLE, VIEW, COLUMN ...: the object is a plain list; of a column, its table before it. */
static void take_comment(struct taker *taker, const CommentStmt *tree)
{
    thing_kind thing = taker_thing(tree->objtype);
    bool column = tree->objtype == OBJECT_COLUMN;
    if ((!thing_is_relation(thing) && !column) || !IsA(tree->object, List))
        return;
    const List *names = (const List *)tree->object;
    struct object on = column ? table_of(taker, names) : taker_names(taker, names);
    struct deed *deed = taker_add(taker, DEED_COMMENT, column ? THING_TABLE : thing, on,
                                  taker_find(taker, tree_last_name(names), -1));
    deed->part = column ? taker_name(taker, tree_last_name(names)) : NULL;
    deed->lock = LOCK_SHARE_UPDATE_EXCLUSIVE;
}

static void take_enum(struct taker *taker, const AlterEnumStmt *tree)
{
    struct deed *deed = take_named(taker, tree->oldVal == NULL ? DEED_ADD_VALUE : DEED_ALTER, THING_TYPE, tree->typeName);
    deed->part = taker_name(taker, tree->oldVal == NULL ? tree->newVal : tree->oldVal);
    deed->other.name = taker_name(taker, tree->newValNeighbor);
    deed->flags |= tree->skipIfNewValExists ? DEED_IF : 0;
}

static void take_truncate(struct taker *taker, const TruncateStmt *tree)
{
    ListCell *cell;
    foreach (cell, tree->relations) {
        const RangeVar *relation = lfirst(cell);
        struct deed *deed = taker_add(taker, DEED_TRUNCATE, THING_TABLE, taker_relation(taker, relation), relation->location);
        deed->lock = LOCK_ACCESS_EXCLUSIVE;
        deed->flags |= tree->behavior == DROP_CASCADE ? DEED_CASCADE : 0;
    }
}

static void take_lock(struct taker *taker, const LockStmt *tree)
{
    ListCell *cell;
    foreach (cell, tree->relations) {
        const RangeVar *relation = lfirst(cell);
        taker_add(taker, DEED_LOCK, THING_TABLE, taker_relation(taker, relation), relation->location)->lock = (lock_mode)tree->mode;
    }
}

static void take_grant(struct taker *taker, const GrantStmt *tree)
{
    ListCell *cell;
    if (tree->objtype != OBJECT_TABLE || tree->targtype != ACL_TARGET_OBJECT)
        return;
    foreach (cell, tree->objects) {
        const RangeVar *relation = lfirst(cell);
        taker_add(taker, tree->is_grant ? DEED_GRANT : DEED_REVOKE, THING_TABLE, taker_relation(taker, relation),
                  relation->location);
    }
}

/* VACUUM FULL writes tables anew; VACUUM and ANALYZE go beside everything but each other. */
static void take_vacuum(struct taker *taker, const VacuumStmt *tree)
{
    bool full = tree->is_vacuumcmd && tree_is_on(tree->options, "full", false);
    ListCell *cell;
    foreach (cell, tree->rels)
        take_alter(taker, ((const VacuumRelation *)lfirst(cell))->relation, THING_TABLE,
                   full ? LOCK_ACCESS_EXCLUSIVE : LOCK_SHARE_UPDATE_EXCLUSIVE, full ? DEED_REWRITES : 0)->words =
            full ? "VACUUM FULL" : "VACUUM";
}

static void take_reindex(struct taker *taker, const ReindexStmt *tree)
{
    bool concurrently = tree_is_on(tree->params, "concurrently", false);
    if (tree->relation != NULL)
        take_alter(taker, tree->relation, tree->kind == REINDEX_OBJECT_INDEX ? THING_INDEX : THING_TABLE,
                   concurrently ? LOCK_SHARE_UPDATE_EXCLUSIVE : LOCK_SHARE,
                   DEED_SCANS | (concurrently ? DEED_CONCURRENTLY : 0))->part = "reindex";
}

static void take_refresh(struct taker *taker, const RefreshMatViewStmt *tree)
{
    take_alter(taker, tree->relation, THING_MATVIEW, tree->concurrent ? LOCK_EXCLUSIVE : LOCK_ACCESS_EXCLUSIVE,
               tree->concurrent ? DEED_CONCURRENTLY : tree->skipData ? 0 : DEED_REWRITES)->words = "REFRESH";
}

static void take_drop_database(struct taker *taker, const DropdbStmt *tree)
{
    struct object on = {NULL, taker_name(taker, tree->dbname)};
    struct deed *deed = taker_add(taker, DEED_DROP, THING_OTHER, on, -1);
    deed->words = "DROP DATABASE";
    deed->flags |= tree->missing_ok ? DEED_IF : 0;
}

/* ------------------------------------------------------------- the switch */

/* What changes something that is there; false for the rest. */
bool take_changing(struct taker *taker, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_AlterTableStmt:
        take_alter_table(taker, (const AlterTableStmt *)tree);
        return true;
    case T_DropStmt:
        take_drop(taker, (const DropStmt *)tree);
        return true;
    case T_RenameStmt:
        take_rename(taker, (const RenameStmt *)tree);
        return true;
    case T_AlterObjectSchemaStmt:
        take_move(taker, (const AlterObjectSchemaStmt *)tree);
        return true;
    case T_AlterDomainStmt:
        take_domain_change(taker, (const AlterDomainStmt *)tree);
        return true;
    case T_DropdbStmt:
        take_drop_database(taker, (const DropdbStmt *)tree);
        return true;
    case T_AlterEnumStmt:
        take_enum(taker, (const AlterEnumStmt *)tree);
        return true;
    case T_AlterPolicyStmt:
        take_policy(taker, DEED_ALTER, ((const AlterPolicyStmt *)tree)->table, ((const AlterPolicyStmt *)tree)->policy_name);
        return true;
    case T_AlterSeqStmt:
        take_alter(taker, ((const AlterSeqStmt *)tree)->sequence, THING_SEQUENCE, LOCK_SHARE_ROW_EXCLUSIVE,
                   ((const AlterSeqStmt *)tree)->missing_ok ? DEED_IF_THERE : 0);
        return true;
    case T_CommentStmt:
        take_comment(taker, (const CommentStmt *)tree);
        return true;
    case T_GrantStmt:
        take_grant(taker, (const GrantStmt *)tree);
        return true;
    case T_TruncateStmt:
        take_truncate(taker, (const TruncateStmt *)tree);
        return true;
    case T_LockStmt:
        take_lock(taker, (const LockStmt *)tree);
        return true;
    case T_VacuumStmt:
        take_vacuum(taker, (const VacuumStmt *)tree);
        return true;
    case T_ReindexStmt:
        take_reindex(taker, (const ReindexStmt *)tree);
        return true;
    case T_RefreshMatViewStmt:
        take_refresh(taker, (const RefreshMatViewStmt *)tree);
        return true;
    case T_ClusterStmt:
        if (((const ClusterStmt *)tree)->relation != NULL)
            take_alter(taker, ((const ClusterStmt *)tree)->relation, THING_TABLE, LOCK_ACCESS_EXCLUSIVE, DEED_REWRITES)->words = "CLUSTER";
        return true;
    default:
        return false;
    }
}

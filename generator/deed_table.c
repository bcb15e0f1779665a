/* deed_table.c - what makes and alters tables, see deed_take.h */
#define _POSIX_C_SOURCE 200809L
#include <string.h>

/* Last: PostgreSQL's port.h renames printf and its kin. */
#include "deed_take.h"

#include "catalog/pg_class.h"
#include "nodes/value.h"

/* A table as the deeds of one statement name it. */
struct table {
    struct object name;
    thing_kind thing;
    int location;
    uint32_t flags;  /* of all its deeds: DEED_NEW, DEED_IF_THERE */
    lock_mode lock;
};

static struct deed *add(struct taker *taker, const struct table *table, deed_kind kind, const char *part, int location)
{
    struct deed *deed = taker_add(taker, kind, table->thing, table->name, location < 0 ? table->location : location);
    deed->flags |= table->flags;
    deed->lock = table->lock;
    deed->part = taker_name(taker, part);
    return deed;
}

/* ------------------------------------------------------------- constraints */

static constraint_kind kind_of(const Constraint *constraint)
{
    switch (constraint->contype) {
    case CONSTR_CHECK:
        return CONSTRAINT_CHECK;
    case CONSTR_NOTNULL:
        return CONSTRAINT_NOT_NULL;
    case CONSTR_UNIQUE:
        return CONSTRAINT_UNIQUE;
    case CONSTR_PRIMARY:
        return CONSTRAINT_PRIMARY;
    case CONSTR_FOREIGN:
        return CONSTRAINT_FOREIGN;
    case CONSTR_EXCLUSION:
        return CONSTRAINT_EXCLUDE;
    default:
        return CONSTRAINT_NONE;
    }
}

/*
 * "x IS NOT NULL", by itself or as a term of an AND, names x: such a check lets SET NOT NULL do without reading the table. Returns the names,
 * whose number is *count, at most `most`.
 */
static void find_never_null(struct taker *taker, const Node *check, const char **names, uint32_t *count, uint32_t most)
{
    const NullTest *test = (const NullTest *)check;
    if (check != NULL && IsA(check, BoolExpr) && ((const BoolExpr *)check)->boolop == AND_EXPR) {
        ListCell *cell;
        foreach (cell, ((const BoolExpr *)check)->args)
            find_never_null(taker, lfirst(cell), names, count, most);
        return;
    }
    if (check == NULL || *count == most || !IsA(check, NullTest) || test->nulltesttype != IS_NOT_NULL || !IsA(test->arg, ColumnRef))
        return;
    const List *fields = ((const ColumnRef *)test->arg)->fields;
    if (list_length(fields) == 1 && IsA(linitial(fields), String))
        names[(*count)++] = taker_name(taker, strVal(linitial(fields)));
}

/* The columns of a constraint, of a check those that it keeps from being null; `column` is that of a column's own one. */
static void set_columns(struct taker *taker, struct deed *deed, const Constraint *constraint, const char *column)
{
    enum { MOST = 8 };
    const List *names = deed->constraint == CONSTRAINT_FOREIGN ? constraint->fk_attrs : constraint->keys;
    if (deed->constraint == CONSTRAINT_CHECK) {
        const char **checked = memory_get(taker->memory, MOST, sizeof *checked);
        find_never_null(taker, constraint->raw_expr, checked, &deed->column_count, MOST);
        deed->columns = checked;
    } else if (names == NIL && column != NULL) {
        const char **one = memory_get(taker->memory, 1, sizeof *one);
        one[0] = taker_name(taker, column);
        deed->columns = one;
        deed->column_count = 1;
    } else {
        deed->columns = taker_strings(taker, names, &deed->column_count);
    }
}

/* CHECK (false): the table holds no row, and never will; its children do. */
static bool is_false(const Node *check)
{
    const A_Const *value = (const A_Const *)check;
    return check != NULL && IsA(check, A_Const) && !value->isnull && IsA(&value->val, Boolean) && !value->val.boolval.boolval;
}

/* A key is checked by an index, and a new index takes the strong lock; a foreign key locks both tables. */
static void take_constraint(struct taker *taker, const struct table *table, const Constraint *constraint, const char *column,
                            uint32_t flags)
{
    constraint_kind kind = kind_of(constraint);
    if (kind == CONSTRAINT_NONE)
        return;
    struct deed *deed = add(taker, table, DEED_ADD_CONSTRAINT, constraint->conname, constraint->location);
    deed->constraint = kind;
    deed->flags |= flags | (constraint->skip_validation && !(table->flags & DEED_NEW) ? DEED_NOT_VALID : 0) |
                   (constraint->indexname != NULL ? DEED_USING_INDEX : 0);
    if (table->lock != LOCK_NONE)
        deed->lock = kind == CONSTRAINT_FOREIGN && !(flags & DEED_WITH_COLUMN) ? LOCK_SHARE_ROW_EXCLUSIVE
                                                                                 : LOCK_ACCESS_EXCLUSIVE;
    set_columns(taker, deed, constraint, column);
    deed->other.name = taker_name(taker, constraint->indexname);
    deed->words = kind == CONSTRAINT_CHECK && is_false(constraint->raw_expr) ? "CHECK (false)" : NULL;
    if (kind != CONSTRAINT_FOREIGN)
        return;
    struct object referred = deed->other = taker_relation(taker, constraint->pktable);
    deed = taker_add(taker, DEED_REFERRED, THING_TABLE, referred, constraint->pktable->location);
    deed->lock = LOCK_SHARE_ROW_EXCLUSIVE;
    deed->other = table->name;
    deed->flags |= flags;
}

/* ----------------------------------------------------------------- columns */

static bool is_serial(const struct type_name *type)
{
    static const char *const names[] = {"serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (type != NULL && type->name.schema == NULL && strcmp(type->name.name, names[i]) == 0)
            return true;
    return false;
}

/* What a column's own constraints say of it. */
static uint32_t column_flags(const ColumnDef *column, const char **calls)
{
    uint32_t flags = column->is_not_null ? DEED_NOT_NULL : 0;
    ListCell *cell;
    foreach (cell, column->constraints) {
        const Constraint *constraint = lfirst(cell);
        switch (constraint->contype) {
        case CONSTR_NOTNULL:
        case CONSTR_PRIMARY:
            flags |= DEED_NOT_NULL;
            break;
        case CONSTR_DEFAULT: /* DEFAULT NULL is none */
            if (!IsA(constraint->raw_expr, A_Const) || !((const A_Const *)constraint->raw_expr)->isnull)
                flags |= DEED_DEFAULT | expression_volatility(constraint->raw_expr, calls);
            break;
        case CONSTR_IDENTITY:
            flags |= DEED_IDENTITY | DEED_NOT_NULL | DEED_DEFAULT | DEED_VOLATILE;
            break;
        case CONSTR_GENERATED:
            flags |= DEED_STORED;
            break;
        default:
            break;
        }
    }
    return flags;
}

static void take_column(struct taker *taker, const struct table *table, const ColumnDef *column, uint32_t flags)
{
    const struct type_name *type = take_type(taker, column->typeName);
    const char *calls = NULL;
    flags |= column_flags(column, &calls) | (is_serial(type) ? DEED_SERIAL | DEED_NOT_NULL | DEED_DEFAULT | DEED_VOLATILE : 0);
    struct deed *deed = add(taker, table, DEED_ADD_COLUMN, column->colname, column->location);
    deed->type = type;
    deed->flags |= flags;
    deed->calls = taker_name(taker, calls);
    ListCell *cell;
    foreach (cell, column->constraints) {
        const Constraint *constraint = lfirst(cell);
        if (constraint->contype != CONSTR_NOTNULL)
            take_constraint(taker, table, constraint, column->colname,
                            table->flags & DEED_NEW ? 0 : DEED_WITH_COLUMN | (flags & DEED_DEFAULT));
    }
}

/* ------------------------------------------------------------ CREATE TABLE */

static void take_parents(struct taker *taker, const struct table *table, const CreateStmt *tree)
{
    ListCell *cell;
    foreach (cell, tree->inhRelations) {
        const RangeVar *parent = lfirst(cell);
        struct object name = taker_relation(taker, parent);
        struct deed *deed = taker_add(taker, DEED_ATTACH, THING_TABLE, name, parent->location);
        deed->lock = tree->partbound != NULL ? LOCK_ACCESS_EXCLUSIVE : LOCK_SHARE_UPDATE_EXCLUSIVE;
        deed->other = table->name;
        deed->flags |= DEED_ATTACHED | (tree->partbound != NULL ? DEED_PARTITIONED : 0);
    }
}

void take_create_table(struct taker *taker, const CreateStmt *tree, thing_kind thing)
{
    struct table table = {.name = taker_relation(taker, tree->relation), .thing = thing, .location = tree->relation->location,
                          .flags = DEED_NEW | (tree->relation->relpersistence == RELPERSISTENCE_TEMP ? DEED_TEMPORARY : 0)};
    struct deed *deed = add(taker, &table, DEED_CREATE, NULL, -1);
    deed->flags |= (tree->partspec != NULL ? DEED_PARTITIONED : 0) | (tree->ofTypename != NULL ? DEED_QUERY : 0) |
                   (tree->inhRelations != NIL ? DEED_ATTACHED : 0) | (tree->if_not_exists ? DEED_IF : 0);
    ListCell *cell;
    foreach (cell, tree->tableElts) {
        const Node *element = lfirst(cell);
        if (IsA(element, ColumnDef)) {
            take_column(taker, &table, (const ColumnDef *)element, 0);
        } else if (IsA(element, Constraint)) {
            take_constraint(taker, &table, (const Constraint *)element, NULL, 0);
        } else if (IsA(element, TableLikeClause)) {
            struct object like = taker_relation(taker, ((const TableLikeClause *)element)->relation);
            add(taker, &table, DEED_LIKE, NULL, ((const TableLikeClause *)element)->relation->location)->other = like;
        }
    }
    take_parents(taker, &table, tree);
}

/* ------------------------------------------------------------- ALTER TABLE */

thing_kind taker_thing(ObjectType type)
{
    switch (type) {
    case OBJECT_TABLE:
        return THING_TABLE;
    case OBJECT_FOREIGN_TABLE:
        return THING_FOREIGN_TABLE;
    case OBJECT_VIEW:
        return THING_VIEW;
    case OBJECT_MATVIEW:
        return THING_MATVIEW;
    case OBJECT_SEQUENCE:
        return THING_SEQUENCE;
    case OBJECT_INDEX:
        return THING_INDEX;
    case OBJECT_TYPE:
    case OBJECT_DOMAIN:
        return THING_TYPE;
    case OBJECT_SCHEMA:
        return THING_SCHEMA;
    case OBJECT_EXTENSION:
        return THING_EXTENSION;
    case OBJECT_TRIGGER:
        return THING_TRIGGER;
    case OBJECT_RULE:
        return THING_RULE;
    case OBJECT_POLICY:
        return THING_POLICY;
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE:
    case OBJECT_AGGREGATE:
        return THING_FUNCTION;
    default:
        return THING_OTHER;
    }
}

/* fillfactor, toast_tuple_target and autovacuum's settings can be set beside everything but each other; others need the strong lock. */
static lock_mode options_lock(const List *options)
{
    ListCell *cell;
    foreach (cell, options) {
        const DefElem *option = lfirst(cell);
        if (strncmp(option->defname, "autovacuum_", 11) != 0 && strncmp(option->defname, "vacuum_", 7) != 0 &&
            strncmp(option->defname, "log_autovacuum", 14) != 0 && strcmp(option->defname, "fillfactor") != 0 &&
            strcmp(option->defname, "toast_tuple_target") != 0 && strcmp(option->defname, "parallel_workers") != 0)
            return LOCK_ACCESS_EXCLUSIVE;
    }
    return LOCK_SHARE_UPDATE_EXCLUSIVE;
}

/* What PostgreSQL's AlterTableGetLockLevel says of those that need less than the strong lock. */
static lock_mode command_lock(const AlterTableCmd *command)
{
    switch (command->subtype) {
    case AT_SetStatistics:
    case AT_ClusterOn:
    case AT_DropCluster:
    case AT_SetOptions:
    case AT_ResetOptions:
    case AT_ValidateConstraint:
    case AT_AttachPartition:
    case AT_DetachPartitionFinalize:
        return LOCK_SHARE_UPDATE_EXCLUSIVE;
    case AT_DetachPartition:
        return ((const PartitionCmd *)command->def)->concurrent ? LOCK_SHARE_UPDATE_EXCLUSIVE : LOCK_ACCESS_EXCLUSIVE;
    case AT_EnableTrig:
    case AT_EnableAlwaysTrig:
    case AT_EnableReplicaTrig:
    case AT_EnableTrigAll:
    case AT_EnableTrigUser:
    case AT_DisableTrig:
    case AT_DisableTrigAll:
    case AT_DisableTrigUser:
        return LOCK_SHARE_ROW_EXCLUSIVE;
    case AT_SetRelOptions:
    case AT_ResetRelOptions:
    case AT_ReplaceRelOptions:
        return options_lock((const List *)command->def);
    default:
        return LOCK_ACCESS_EXCLUSIVE;
    }
}

/* A partition that comes or goes. */
static void take_partition(struct taker *taker, const struct table *table, const AlterTableCmd *command)
{
    const PartitionCmd *partition = (const PartitionCmd *)command->def;
    bool attach = command->subtype == AT_AttachPartition;
    struct object name = taker_relation(taker, partition->name);
    struct deed *deed = add(taker, table, attach ? DEED_ATTACH : DEED_DETACH, NULL, -1);
    deed->other = name;
    deed->flags |= DEED_PARTITIONED | (partition->concurrent ? DEED_CONCURRENTLY : 0);
    deed = taker_add(taker, DEED_ALTER, THING_TABLE, name, partition->name->location);
    deed->lock = partition->concurrent ? LOCK_SHARE_UPDATE_EXCLUSIVE : LOCK_ACCESS_EXCLUSIVE;
    deed->flags |= attach ? DEED_SCANS : 0;
}

/* INHERIT, NO INHERIT: the command's own table is altered, and the parent is locked as well. */
static void take_parent(struct taker *taker, const struct table *table, const AlterTableCmd *command)
{
    const RangeVar *parent = (const RangeVar *)command->def;
    bool attach = command->subtype == AT_AddInherit;
    add(taker, table, DEED_ALTER, NULL, -1);
    struct deed *deed = taker_add(taker, attach ? DEED_ATTACH : DEED_DETACH, THING_TABLE, taker_relation(taker, parent), parent->location);
    deed->lock = attach ? LOCK_SHARE_UPDATE_EXCLUSIVE : LOCK_ACCESS_SHARE;
    deed->other = table->name;
}

/* USING x::text says no more than the new type does. */
static bool is_cast_of(const Node *expression, const char *column)
{
    while (IsA(expression, TypeCast))
        expression = ((const TypeCast *)expression)->arg;
    const List *fields = IsA(expression, ColumnRef) ? ((const ColumnRef *)expression)->fields : NIL;
    return list_length(fields) == 1 && IsA(linitial(fields), String) && strcmp(strVal(linitial(fields)), column) == 0;
}

static void take_type_change(struct taker *taker, const struct table *table, const AlterTableCmd *command, int place)
{
    const ColumnDef *column = (const ColumnDef *)command->def;
    const struct type_name *type = take_type(taker, column->typeName);
    struct deed *deed = add(taker, table, DEED_SET_TYPE, command->name, place);
    deed->type = type;
    deed->flags |= column->raw_default != NULL && !is_cast_of(column->raw_default, command->name) ? DEED_USING : 0;
}

/* Those that are known by a name of their own; false for the rest. */
static bool take_column_command(struct taker *taker, const struct table *table, const AlterTableCmd *command, int place)
{
    static const struct {
        AlterTableType type;
        deed_kind kind;
    } kinds[] = {
        {AT_DropColumn, DEED_DROP_COLUMN},         {AT_SetNotNull, DEED_SET_NOT_NULL},
        {AT_DropNotNull, DEED_DROP_NOT_NULL},      {AT_ValidateConstraint, DEED_VALIDATE},
        {AT_DropConstraint, DEED_DROP_CONSTRAINT},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].type == command->subtype) {
            add(taker, table, kinds[i].kind, command->name, place)->flags |=
                (command->missing_ok ? DEED_IF : 0) | (command->behavior == DROP_CASCADE ? DEED_CASCADE : 0);
            return true;
        }
    if (command->subtype != AT_ColumnDefault)
        return false;
    add(taker, table, command->def == NULL ? DEED_DROP_DEFAULT : DEED_SET_DEFAULT, command->name, place);
    return true;
}

/* Those that write the table anew, as they are written; NULL for others. */
static const char *rewriting_words(const AlterTableCmd *command)
{
    static const struct {
        AlterTableType type;
        const char *words;
    } all[] = {{AT_SetLogged, "SET LOGGED"},
               {AT_SetUnLogged, "SET UNLOGGED"},
               {AT_SetAccessMethod, "SET ACCESS METHOD"},
               {AT_SetTableSpace, "SET TABLESPACE"},
               {AT_SetExpression, "SET EXPRESSION"}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].type == command->subtype)
            return all[i].words;
    return NULL;
}

static bool disables_triggers(const AlterTableCmd *command)
{
    return command->subtype == AT_DisableTrig || command->subtype == AT_DisableTrigAll || command->subtype == AT_DisableTrigUser;
}

static void take_command(struct taker *taker, struct table *table, const AlterTableCmd *command)
{
    int place = command->name == NULL ? -1 : taker_find(taker, command->name, table->location);
    table->lock = command_lock(command);
    switch (command->subtype) {
    case AT_AddColumn:
        take_column(taker, table, (const ColumnDef *)command->def, command->missing_ok ? DEED_IF : 0);
        return;
    case AT_AddConstraint:
        take_constraint(taker, table, (const Constraint *)command->def, NULL, 0);
        return;
    case AT_AlterColumnType:
        take_type_change(taker, table, command, place);
        return;
    case AT_AttachPartition:
    case AT_DetachPartition:
        take_partition(taker, table, command);
        return;
    case AT_AddInherit:
    case AT_DropInherit:
        take_parent(taker, table, command);
        return;
    default:
        break;
    }
    if (take_column_command(taker, table, command, place))
        return;
    struct deed *deed = add(taker, table, DEED_ALTER, command->name, place);
    if (command->subtype == AT_EnableRowSecurity || command->subtype == AT_ForceRowSecurity)
        deed->thing = THING_POLICY;
    deed->words = disables_triggers(command) ? "DISABLE TRIGGER" : rewriting_words(command);
    deed->flags |= (rewriting_words(command) != NULL ? DEED_REWRITES : 0) | (command->subtype == AT_AddIdentity ? DEED_IDENTITY : 0);
}

/* ALTER TYPE of a composite type has the same tree. */
void take_alter_table(struct taker *taker, const AlterTableStmt *tree)
{
    struct table table = {.name = taker_relation(taker, tree->relation), .thing = taker_thing(tree->objtype),
                          .location = tree->relation->location, .flags = tree->missing_ok ? DEED_IF_THERE : 0};
    if (table.thing == THING_TYPE)
        table.thing = THING_COMPOSITE;
    ListCell *cell;
    foreach (cell, tree->cmds)
        take_command(taker, &table, lfirst(cell));
}

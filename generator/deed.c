#define _POSIX_C_SOURCE 200809L
#include "deed.h"

#include "text.h"

#include <string.h>

/* Last: PostgreSQL's port.h renames printf and its kin. */
#include "deed_take.h"

#include "catalog/pg_class.h"
#include "nodes/value.h"

/* ------------------------------------------------------------------- names */

/* Does the name come from a parameter, whose value only the runtime has? parse.c put p's there, or left it in quotes. */
static bool is_open(const struct taker *taker, const char *name)
{
    const struct references *references = &taker->migration->references;
    if (references->count == 0)
        return false;
    if (strstr(name, "${") != NULL)
        return true;
    size_t length = strlen(name);
    if (strspn(name, "p") != length)
        return false;
    for (size_t i = 0; i < references->count; i++) {
        const stele_reference *reference = &references->list[i];
        if (reference->begin >= taker->statement->table.begin && reference->end <= taker->statement->table.end &&
            reference->end - reference->begin == length)
            return true;
    }
    return false;
}

const char *taker_name(struct taker *taker, const char *name)
{
    if (name == NULL)
        return NULL;
    taker->open |= is_open(taker, name);
    return memory_copy(taker->memory, name, strlen(name));
}

/* What CREATE SCHEMA makes is in that schema. */
static struct object make_object(struct taker *taker, const char *schema, const char *name)
{
    schema = schema == NULL ? taker->schema : schema;
    return (struct object){taker_name(taker, schema), taker_name(taker, name)};
}

struct object taker_relation(struct taker *taker, const RangeVar *relation)
{
    return make_object(taker, relation->schemaname, relation->relname);
}

struct object taker_names(struct taker *taker, const List *names)
{
    return make_object(taker, tree_schema_name(names), tree_last_name(names));
}

const char *const *taker_strings(struct taker *taker, const List *list, uint32_t *count)
{
    const char **names = memory_get(taker->memory, (size_t)list_length(list), sizeof *names);
    ListCell *cell;
    *count = 0;
    foreach (cell, list)
        names[(*count)++] = taker_name(taker, strVal(lfirst(cell)));
    return names;
}

int taker_find(const struct taker *taker, const char *word, int location)
{
    const char *text = taker->migration->source.text;
    uint32_t begin = location < 0 ? taker->statement->table.begin : taker->base + (uint32_t)location;
    size_t length = strlen(word);
    for (uint32_t at = begin; at + length <= taker->statement->table.end; at++)
        if ((memcmp(text + at, word, length) == 0 || spells(text + at, length, word)) && !is_name_byte(text[at + length]) &&
            (at == begin || !is_name_byte(text[at - 1])))
            return (int)(at - taker->base);
    return -1;
}

struct deed *taker_add(struct taker *taker, deed_kind kind, thing_kind thing, struct object on, int location)
{
    struct migration *migration = taker->migration;
    migration->deeds = memory_grow(taker->memory, migration->deeds, migration->deed_count, &migration->deed_capacity,
                                   sizeof *migration->deeds);
    struct deed *deed = &migration->deeds[migration->deed_count++];
    *deed = (struct deed){.kind = kind, .thing = thing, .on = on, .flags = taker->flags,
                          .offset = location < 0 ? taker->statement->table.begin : taker->base + (uint32_t)location};
    return deed;
}

/* ---------------------------------------------------------------- creating */

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
static void take_query_relation(struct taker *taker, const RangeVar *relation, thing_kind thing, uint32_t flags, Node *query)
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

static struct deed *take_named(struct taker *taker, deed_kind kind, thing_kind thing, const List *names)
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
static void take_domain_change(struct taker *taker, const AlterDomainStmt *tree)
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

static void take_policy(struct taker *taker, deed_kind kind, const RangeVar *table, const char *name)
{
    struct deed *deed = taker_add(taker, kind, THING_POLICY, taker_relation(taker, table), table->location);
    deed->lock = LOCK_ACCESS_EXCLUSIVE;
    deed->part = taker_name(taker, name);
}

static void take_tree(struct taker *taker, const Node *tree);

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

/* ---------------------------------------------------------------- dropping */

/* A trigger, rule, policy or column is named behind its table. */
static struct object table_of(struct taker *taker, const List *names)
{
    int length = list_length(names);
    return make_object(taker, length > 2 ? strVal(list_nth(names, length - 3)) : NULL,
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

/* ---------------------------------------------------------------- settings */

/* The schema that names without one are made in; NULL where the SET doesn't tell. */
static const char *first_schema(struct taker *taker, const VariableSetStmt *tree)
{
    if (tree->kind != VAR_SET_VALUE || tree->args == NIL)
        return NULL;
    const A_Const *value = linitial(tree->args);
    if (!IsA(value, A_Const) || value->isnull || !IsA(&value->val, String))
        return NULL;
    const char *name = value->val.sval.sval;
    return name[0] == '\0' || name[0] == '$' || strchr(name, ',') != NULL ? NULL : taker_name(taker, name);
}

/* A string constant; NULL for anything else. */
static const char *string_of(const Node *value)
{
    const A_Const *constant = (const A_Const *)value;
    return value != NULL && IsA(value, A_Const) && !constant->isnull && IsA(&constant->val, String) ? constant->val.sval.sval : NULL;
}

/* SET search_path = '', and SELECT set_config('search_path', '', false): then no schema is looked into but PostgreSQL's own. */
static bool is_empty_path(const List *values)
{
    const char *only = list_length(values) == 1 ? string_of(linitial(values)) : NULL;
    return only != NULL && only[0] == '\0';
}

static void take_set(struct taker *taker, const VariableSetStmt *tree)
{
    bool all = tree->kind == VAR_RESET_ALL;
    bool path = all || (tree->name != NULL && strcmp(tree->name, "search_path") == 0);
    if (tree->name != NULL && strncmp(tree->name, "TRANSACTION", 11) == 0)
        return;
    const char *schema = path ? first_schema(taker, tree) : NULL;
    struct deed *deed = taker_add(taker, path ? DEED_SET_PATH : DEED_SET, THING_OTHER, (struct object){0}, -1);
    bool reset = all || tree->kind == VAR_RESET || tree->kind == VAR_SET_DEFAULT;
    deed->part = taker_name(taker, tree->name == NULL ? "all" : tree->name);
    deed->other.schema = schema;
    deed->other.name = path && is_empty_path(tree->args) ? "" : NULL;
    deed->flags |= (tree->is_local ? DEED_LOCAL : 0) | (reset ? DEED_RESET : 0);
}

static bool empties_path(const SelectStmt *tree)
{
    const ResTarget *target = list_length(tree->targetList) == 1 ? linitial(tree->targetList) : NULL;
    const FuncCall *call = target == NULL || !IsA(target->val, FuncCall) ? NULL : (const FuncCall *)target->val;
    const char *name = call == NULL || list_length(call->args) != 3 ? NULL : string_of(linitial(call->args));
    const char *value = name == NULL ? NULL : string_of(lsecond(call->args));
    return value != NULL && value[0] == '\0' && strcmp(name, "search_path") == 0 &&
           strcmp(tree_last_name(call->funcname), "set_config") == 0;
}

/* SELECT set_config('search_path', '', false), as pg_dump writes it, and others. */
static void take_set_config(struct taker *taker, const SelectStmt *tree)
{
    const char *text = taker->migration->source.text + taker->statement->table.begin;
    size_t length = taker->statement->table.end - taker->statement->table.begin;
    const char *copy = memory_copy(taker->memory, text, length);
    struct deed *deed = taker_add(taker, strstr(copy, "search_path") != NULL ? DEED_SET_PATH : DEED_SET, THING_OTHER,
                                  (struct object){0}, -1);
    deed->part = strstr(copy, "search_path") != NULL ? "search_path" : "set_config";
    deed->other.name = empties_path(tree) ? "" : NULL;
    deed->flags |= DEED_QUERY;
}

/* ------------------------------------------------------------- the switch */

static void take_anything(struct taker *taker)
{
    taker_add(taker, DEED_ANYTHING, THING_OTHER, (struct object){0}, -1);
}

/* What makes something; false for the rest. */
static bool take_making(struct taker *taker, const Node *tree)
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

/* What changes something that is there; false for the rest. */
static bool take_changing(struct taker *taker, const Node *tree)
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

static void take_running(struct taker *taker, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_SelectStmt: {
        const RangeVar *created = tree_created(tree);
        if (created != NULL)
            take_query_relation(taker, created, THING_TABLE, 0, (Node *)tree);
        else
            take_query(taker, (Node *)tree, true);
        if (taker->statement->sets_config)
            take_set_config(taker, (const SelectStmt *)tree);
        break;
    }
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
        take_query(taker, (Node *)tree, true);
        break;
    case T_CopyStmt:
        take_copy(taker, (const CopyStmt *)tree);
        break;
    case T_VariableSetStmt:
        take_set(taker, (const VariableSetStmt *)tree);
        break;
    case T_TransactionStmt:
        if (((const TransactionStmt *)tree)->kind == TRANS_STMT_ROLLBACK_TO)
            taker_add(taker, DEED_ROLLBACK, THING_OTHER, (struct object){0}, -1);
        break;
    case T_DoStmt:
    case T_CallStmt:
    case T_ExecuteStmt:
    case T_ExplainStmt:
    case T_DropOwnedStmt:
    case T_ImportForeignSchemaStmt:
    case T_AlterExtensionStmt:
    case T_AlterDatabaseSetStmt: /* search_path may be another one from the next migration on */
    case T_AlterRoleSetStmt:
        take_anything(taker);
        break;
    default:
        break;
    }
}

static void take_tree(struct taker *taker, const Node *tree)
{
    if (!take_making(taker, tree) && !take_changing(taker, tree))
        take_running(taker, tree);
}

/* ------------------------------------------------------------------ public */

static bool is_same_name(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Rows of VALUES, for the table that the statement before filled? Thousands of those are one deed. */
static bool repeats(const struct migration *migration, const struct statement *before, const InsertStmt *tree)
{
    const SelectStmt *source = (const SelectStmt *)tree->selectStmt;
    if (before->deed_count != 1 || source == NULL || source->valuesLists == NIL || tree->withClause != NULL ||
        tree->onConflictClause != NULL)
        return false;
    const struct deed *deed = &migration->deeds[before->first_deed];
    return deed->kind == DEED_INSERT && deed->flags == 0 && is_same_name(deed->on.name, tree->relation->relname) &&
           is_same_name(deed->on.schema, tree->relation->schemaname);
}

static void note(const struct migration *migration, struct statement *statement, size_t first)
{
    statement->first_deed = (uint32_t)first;
    statement->deed_count = (uint32_t)(migration->deed_count - first);
}

void deeds_take(struct history *history, struct migration *migration, struct statement *statement, const void *tree, uint32_t base)
{
    struct taker taker = {.history = history, .memory = history->memory, .migration = migration, .statement = statement,
                          .base = base, .first = migration->deed_count};
    if (IsA(tree, InsertStmt) && statement > migration->statements && repeats(migration, statement - 1, tree)) {
        statement->first_deed = statement[-1].first_deed;
        statement->deed_count = 1;
        return;
    }
    take_tree(&taker, tree);
    for (size_t i = taker.first; i < migration->deed_count && taker.open; i++)
        migration->deeds[i].flags |= DEED_OPEN;
    note(migration, statement, taker.first);
}

void deeds_take_unknown(struct history *history, struct migration *migration, struct statement *statement)
{
    struct taker taker = {.history = history, .memory = history->memory, .migration = migration, .statement = statement,
                          .first = migration->deed_count};
    take_anything(&taker);
    note(migration, statement, taker.first);
}

#define _POSIX_C_SOURCE 200809L
#include "uses.h"

#include "names.h"

#include <stdlib.h>
#include <string.h>

/* Last: PostgreSQL's port.h renames printf and its kin. */
#include "tree.h"

#include "catalog/pg_class.h"
#include "nodes/value.h"

/* ----------------------------------------------------------------- noting */

struct noter {
    struct memory *memory;
    struct migration *migration;
    const struct statement *statement;
    size_t first; /* the statement's first use */
};

static struct use *add(struct noter *noter, use_kind how, name_kind kind, const char *schema, const char *name)
{
    struct migration *migration = noter->migration;
    struct memory *memory = noter->memory;
    migration->uses = memory_grow(memory, migration->uses, migration->use_count, &migration->use_capacity,
                                  sizeof *migration->uses);
    struct use *use = &migration->uses[migration->use_count++];
    *use = (struct use){.how = how, .kind = kind, .part = noter->statement->part, .least = -1, .most = -1,
                        .name = memory_copy(memory, name, strlen(name)),
                        .schema = schema == NULL ? NULL : memory_copy(memory, schema, strlen(schema)),
                        .offset = noter->statement->table.begin, .migration = migration};
    return use;
}

static void add_list(struct noter *noter, use_kind how, name_kind kind, const List *names)
{
    add(noter, how, kind, tree_schema_name(names), tree_last_name(names));
}

/* A function takes as many arguments as it has input parameters, less by those with a default, any more with VARIADIC. */
static void make_function(struct noter *noter, const CreateFunctionStmt *tree)
{
    struct use *use = add(noter, USE_MAKES, NAME_FUNCTION, tree_schema_name(tree->funcname), tree_last_name(tree->funcname));
    ListCell *cell;
    use->least = use->most = 0;
    foreach (cell, tree->parameters) {
        const FunctionParameter *parameter = lfirst(cell);
        if (parameter->mode == FUNC_PARAM_TABLE || (parameter->mode == FUNC_PARAM_OUT && !tree->is_procedure))
            continue;
        use->most += 1;
        use->least += parameter->defexpr == NULL && parameter->mode != FUNC_PARAM_VARIADIC;
        if (parameter->mode == FUNC_PARAM_VARIADIC)
            use->most += FUNC_MAX_ARGS;
    }
}

static void note_made(struct noter *noter, const Node *tree)
{
    const RangeVar *created = tree_created(tree);
    if (created != NULL && created->relpersistence != RELPERSISTENCE_TEMP)
        add(noter, USE_MAKES, NAME_RELATION, created->schemaname, created->relname);
    switch (nodeTag(tree)) {
    case T_CreateFunctionStmt:
        make_function(noter, (const CreateFunctionStmt *)tree);
        break;
    case T_DefineStmt:
        if (((const DefineStmt *)tree)->kind == OBJECT_AGGREGATE)
            add_list(noter, USE_MAKES, NAME_FUNCTION, ((const DefineStmt *)tree)->defnames);
        else if (((const DefineStmt *)tree)->kind == OBJECT_TYPE)
            add_list(noter, USE_MAKES, NAME_TYPE, ((const DefineStmt *)tree)->defnames);
        break;
    case T_CompositeTypeStmt:
        add(noter, USE_MAKES, NAME_TYPE, ((const CompositeTypeStmt *)tree)->typevar->schemaname,
            ((const CompositeTypeStmt *)tree)->typevar->relname);
        break;
    case T_CreateEnumStmt:
        add_list(noter, USE_MAKES, NAME_TYPE, ((const CreateEnumStmt *)tree)->typeName);
        break;
    case T_CreateRangeStmt:
        add_list(noter, USE_MAKES, NAME_TYPE, ((const CreateRangeStmt *)tree)->typeName);
        break;
    case T_CreateDomainStmt:
        add_list(noter, USE_MAKES, NAME_TYPE, ((const CreateDomainStmt *)tree)->domainname);
        break;
    case T_RenameStmt:
        if (((const RenameStmt *)tree)->relation != NULL && ((const RenameStmt *)tree)->subname == NULL)
            add(noter, USE_MAKES, NAME_RELATION, ((const RenameStmt *)tree)->relation->schemaname,
                ((const RenameStmt *)tree)->newname);
        break;
    default:
        break;
    }
}

/* DROP ... IF EXISTS is how a versioned migration makes way for a repeatable one; without it, it needs what it drops. */
static void note_drop(struct noter *noter, const DropStmt *tree)
{
    ListCell *cell;
    foreach (cell, tree->objects) {
        const Node *object = lfirst(cell);
        const List *names = IsA(object, List)             ? (const List *)object
                            : IsA(object, ObjectWithArgs) ? ((const ObjectWithArgs *)object)->objname
                            : IsA(object, TypeName)       ? ((const TypeName *)object)->names
                                                          : NIL;
        bool relation = tree->removeType == OBJECT_VIEW || tree->removeType == OBJECT_MATVIEW ||
                        tree->removeType == OBJECT_TABLE || tree->removeType == OBJECT_SEQUENCE;
        if (names == NIL || (IsA(object, List) && !relation)) /* the trigger of a table, and such */
            continue;
        name_kind kind = relation ? NAME_RELATION : IsA(object, TypeName) ? NAME_TYPE : NAME_FUNCTION;
        if (!tree->missing_ok)
            add_list(noter, USE_NEEDS, kind, names);
        add_list(noter, USE_DROPS, kind, names);
    }
}

/* COMMENT ON VIEW and COLUMN name it by a plain list. */
static void note_comment(struct noter *noter, const CommentStmt *tree)
{
    if (!IsA(tree->object, List))
        return;
    const List *names = (const List *)tree->object;
    int length = list_length(names);
    if (tree->objtype == OBJECT_VIEW || tree->objtype == OBJECT_MATVIEW || tree->objtype == OBJECT_TABLE)
        add_list(noter, USE_NEEDS, NAME_RELATION, names);
    else if (tree->objtype == OBJECT_COLUMN && length > 1)
        add(noter, USE_NEEDS, NAME_RELATION, length > 2 ? strVal(list_nth(names, length - 3)) : NULL,
            strVal(list_nth(names, length - 2)));
}

/* As they are written. */
static bool is_same_schema(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Does the statement itself make what has this name? A view's own name stands in its tree like any other. */
static bool is_made_by_itself(const struct noter *noter, const struct name *name)
{
    for (size_t i = noter->first; i < noter->migration->use_count; i++) {
        const struct use *use = &noter->migration->uses[i];
        if (use->how == USE_MAKES && strcmp(use->name, name->name) == 0 && is_same_schema(use->schema, name->schema))
            return true;
    }
    return false;
}

static void note_used(struct noter *noter, const Node *tree, uint32_t base)
{
    struct names names = {0};
    const stele_statement *table = &noter->statement->table;
    if (table->end - table->begin > NAMES_LONGEST)
        return;
    names_collect(&names, noter->memory, tree);
    for (size_t i = 0; i < names.count; i++) {
        const struct name *name = &names.list[i];
        if (is_made_by_itself(noter, name) || (name->schema != NULL && strcmp(name->schema, "pg_catalog") == 0))
            continue;
        struct use *use = add(noter, USE_NEEDS, name->kind, name->schema, name->name);
        use->least = use->most = name->arguments;
        if (name->location >= 0 && base + (uint32_t)name->location < table->end)
            use->offset = base + (uint32_t)name->location;
    }
}

void uses_note(struct history *history, struct migration *migration, const struct statement *statement, const void *tree,
               uint32_t base)
{
    struct noter noter = {history->memory, migration, statement, migration->use_count};
    if (!history->has_repeatables || (migration->repeatable && statement->part != PART_UP))
        return;
    note_made(&noter, tree);
    if (migration->repeatable)
        return;
    if (IsA(tree, DropStmt)) {
        note_drop(&noter, tree);
        return;
    }
    if (IsA(tree, CommentStmt))
        note_comment(&noter, tree);
    note_used(&noter, tree, base);
}

/* --------------------------------------------------------------- checking */

struct checker {
    struct history *all;
    const struct use **makers; /* what repeatable ones make, by name */
    size_t maker_count;
    const struct use **made; /* of these, what the history itself has made so far */
    size_t made_count;
};

static int by_name(const void *a, const void *b)
{
    const struct use *p = *(const struct use *const *)a, *q = *(const struct use *const *)b;
    return strcmp(p->name, q->name);
}

/* Could these two be about one thing? A relation is a type, too; a name without a schema may be in any. */
static bool is_same(const struct use *use, const struct use *made)
{
    bool same_kind = use->kind == made->kind || (use->kind == NAME_TYPE && made->kind == NAME_RELATION);
    bool same_schema = use->schema == NULL || made->schema == NULL || strcmp(use->schema, made->schema) == 0;
    bool takes = use->least < 0 || made->least < 0 || (use->most >= made->least && use->least <= made->most);
    return same_kind && same_schema && takes && strcmp(use->name, made->name) == 0;
}

/* The first maker of this name; the count where there is none. */
static size_t find_maker(const struct checker *checker, const char *name)
{
    size_t low = 0, high = checker->maker_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(checker->makers[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct use *maker_of(const struct checker *checker, const struct use *use)
{
    for (size_t i = find_maker(checker, use->name);
         i < checker->maker_count && strcmp(checker->makers[i]->name, use->name) == 0; i++)
        if (is_same(use, checker->makers[i]))
            return checker->makers[i];
    return NULL;
}

static bool is_made(const struct checker *checker, const struct use *use)
{
    for (size_t i = 0; i < checker->made_count; i++)
        if (is_same(use, checker->made[i]))
            return true;
    return false;
}

static void complain(const struct checker *checker, const struct use *use, const struct use *maker)
{
    diag_error(checker->all->diag, &use->migration->source, use->offset,
               "\"%s\" is made by \"%s\", which runs behind all versioned migrations", use->name,
               maker->migration->source.name);
    diag_hint(checker->all->diag, "make it in a versioned migration, or use it in a repeatable one; if another one is "
                                  "meant, write into either file: -- stele: allow use-of-repeatable \"why\"");
}

static void drop(struct checker *checker, const struct use *use)
{
    size_t kept = 0;
    for (size_t i = 0; i < checker->made_count; i++)
        if (!is_same(use, checker->made[i]))
            checker->made[kept++] = checker->made[i];
    checker->made_count = kept;
}

/* Was it told about this migration already? */
static bool is_told(const struct use *use)
{
    for (const struct use *other = use->migration->uses; other < use; other++)
        if (other->how == USE_NEEDS && other->kind == use->kind && strcmp(other->name, use->name) == 0 &&
            is_same_schema(other->schema, use->schema))
            return true;
    return false;
}

static void take(struct checker *checker, const struct use *use)
{
    const struct use *maker = maker_of(checker, use);
    bool named = find_maker(checker, use->name) < checker->maker_count &&
                 strcmp(checker->makers[find_maker(checker, use->name)]->name, use->name) == 0;
    if (!named)
        return;
    if (use->how == USE_MAKES)
        checker->made[checker->made_count++] = use;
    else if (use->how == USE_DROPS)
        drop(checker, use);
    else if (maker != NULL && !is_made(checker, use) && !use->migration->allows_use && !is_told(use))
        complain(checker, use, maker);
}

/* What a down or verify part makes and drops, the migrations after this one don't see. */
static void check_one(struct checker *checker, const struct migration *migration)
{
    for (size_t i = 0; i < migration->use_count; i++)
        if (migration->uses[i].part == PART_UP)
            take(checker, &migration->uses[i]);
    size_t count = checker->made_count;
    const struct use **made = memory_get(checker->all->memory, count, sizeof *made);
    if (count > 0)
        memcpy(made, checker->made, count * sizeof *made);
    for (size_t i = 0; i < migration->use_count; i++)
        if (migration->uses[i].part != PART_UP)
            take(checker, &migration->uses[i]);
    if (count > 0)
        memcpy(checker->made, made, count * sizeof *made);
    checker->made_count = count;
}

static void collect_makers(struct checker *checker)
{
    struct history *all = checker->all;
    size_t count = 0;
    for (size_t i = 0; i < all->repeatable_count; i++)
        count += all->repeatables[i]->use_count;
    checker->makers = memory_get(all->memory, count, sizeof *checker->makers);
    for (size_t i = 0; i < all->repeatable_count; i++)
        for (size_t j = 0; j < all->repeatables[i]->use_count && !all->repeatables[i]->allows_use; j++)
            checker->makers[checker->maker_count++] = &all->repeatables[i]->uses[j];
    if (checker->maker_count > 0)
        qsort(checker->makers, checker->maker_count, sizeof *checker->makers, by_name);
}

void uses_check(struct history *all)
{
    struct checker checker = {.all = all};
    size_t makes = 0;
    collect_makers(&checker);
    if (checker.maker_count == 0)
        return;
    for (size_t i = 0; i < all->count; i++)
        makes += all->migrations[i]->use_count;
    checker.made = memory_get(all->memory, makes, sizeof *checker.made);
    for (size_t i = 0; i < all->count; i++)
        check_one(&checker, all->migrations[i]);
}

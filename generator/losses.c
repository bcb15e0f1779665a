#define _POSIX_C_SOURCE 200809L
#include "losses.h"

#include "functions.h"
#include "names.h"
#include "text.h"

#include <string.h>

/* Last: PostgreSQL's port.h renames printf and its kin. */
#include "tree.h"

#include "nodes/value.h"

/* One statement being looked at. */
struct noter {
    struct memory *memory;
    struct migration *migration;
    const struct statement *statement;
};

/* ---------------------------------------------------------------- noting */

static void add(struct noter *noter, uint32_t kind, const char *relation, const char *column)
{
    struct migration *migration = noter->migration;
    migration->losses = memory_grow(noter->memory, migration->losses, migration->loss_count, &migration->loss_capacity,
                                    sizeof *migration->losses);
    size_t at = migration->loss_count++;
    uint32_t begin = noter->statement->table.begin;
    for (; at > 0 && migration->losses[at - 1].begin > begin; at--) /* statements without a tree come last */
        migration->losses[at] = migration->losses[at - 1];
    migration->losses[at] = (stele_loss){.kind = kind, .relation = relation, .column = column, .begin = begin};
}

/* Only running it would tell. Once for a statement. */
static void add_unknown(struct noter *noter)
{
    const struct migration *migration = noter->migration;
    const stele_loss *last = migration->loss_count == 0 ? NULL : &migration->losses[migration->loss_count - 1];
    if (last == NULL || last->kind != STELE_LOSES_UNKNOWN || last->begin != noter->statement->table.begin)
        add(noter, STELE_LOSES_UNKNOWN, NULL, NULL);
}

static void remember(struct noter *noter, const char ***list, size_t *count, size_t *capacity, const char *name)
{
    *list = memory_grow(noter->memory, *list, *count, capacity, sizeof **list);
    (*list)[(*count)++] = memory_copy(noter->memory, name, strlen(name));
}

static bool is_in(const char *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

/* Does the name come from a parameter, whose value only the runtime has? parse.c put p's there, or left it in quotes. */
static bool is_open(const struct noter *noter, const char *name)
{
    const struct migration *migration = noter->migration;
    if (strstr(name, "${") != NULL)
        return true;
    size_t length = strlen(name);
    for (size_t i = 0; i < migration->references.count; i++) {
        const stele_reference *reference = &migration->references.list[i];
        if (reference->begin >= noter->statement->table.begin && reference->end <= noter->statement->table.end &&
            reference->end - reference->begin == length && strspn(name, "p") == length)
            return true;
    }
    return false;
}

/*
 * Can this name be looked up before the down part runs? Not one from a parameter, nor one that an earlier statement has
 * given to something else, nor one that another search_path finds.
 */
static bool is_known(const struct noter *noter, const char *schema, const char *name)
{
    const struct migration *migration = noter->migration;
    return name[0] != '\0' && !is_open(noter, name) && !is_in(migration->given, migration->given_count, name) &&
           (schema == NULL || (!is_open(noter, schema) && !is_in(migration->given, migration->given_count, schema))) &&
           (schema != NULL || !migration->path_changed);
}

static bool is_made_here(const struct noter *noter, const char *quoted)
{
    return is_in(noter->migration->made, noter->migration->made_count, quoted);
}

/* ------------------------------------------------------------ kinds of loss */

static void lose_table(struct noter *noter, const char *schema, const char *name)
{
    const char *quoted = quote_name(noter->memory, schema, name);
    if (is_made_here(noter, quoted))
        return;
    if (is_known(noter, schema, name))
        add(noter, STELE_LOSES_TABLE, quoted, NULL);
    else
        add_unknown(noter);
}

static void lose_column(struct noter *noter, const RangeVar *relation, const char *column)
{
    const char *quoted = quote_name(noter->memory, relation->schemaname, relation->relname);
    if (is_made_here(noter, quoted))
        return;
    if (is_known(noter, relation->schemaname, relation->relname) && is_known(noter, "", column))
        add(noter, STELE_LOSES_COLUMN, quoted, memory_copy(noter->memory, column, strlen(column)));
    else
        add_unknown(noter);
}

static void lose_schema(struct noter *noter, const char *name)
{
    if (is_known(noter, "", name))
        add(noter, STELE_LOSES_SCHEMA, quote_name(noter->memory, NULL, name), NULL);
    else
        add_unknown(noter);
}

static void note_dropped(struct noter *noter, const DropStmt *tree)
{
    ListCell *cell;
    foreach (cell, tree->objects) {
        const void *object = lfirst(cell);
        if (tree->removeType == OBJECT_TABLE)
            lose_table(noter, tree_schema_name(object), tree_last_name(object));
        else
            lose_schema(noter, strVal(object));
    }
}

/* What depends on it goes with CASCADE: columns of a dropped type, an extension's type. */
static void note_drop(struct noter *noter, const DropStmt *tree)
{
    bool cascade = tree->behavior == DROP_CASCADE;
    switch (tree->removeType) {
    case OBJECT_TABLE:
        note_dropped(noter, tree);
        break;
    case OBJECT_SCHEMA: /* without CASCADE the server takes an empty one only */
        if (cascade)
            note_dropped(noter, tree);
        break;
    case OBJECT_EXTENSION:
    case OBJECT_TYPE:
    case OBJECT_DOMAIN:
    case OBJECT_COLLATION:
        if (cascade)
            add_unknown(noter);
        break;
    default:
        break;
    }
}

static void note_alter(struct noter *noter, const AlterTableStmt *tree)
{
    ListCell *cell;
    foreach (cell, tree->cmds) {
        const AlterTableCmd *command = lfirst(cell);
        if (command->subtype != AT_DropColumn || tree->objtype == OBJECT_FOREIGN_TABLE)
            continue;
        if (tree->objtype == OBJECT_TYPE) /* which tables have it as a column isn't told here */
            add_unknown(noter);
        else
            lose_column(noter, tree->relation, command->name);
    }
}

static void note_truncate(struct noter *noter, const TruncateStmt *tree)
{
    ListCell *cell;
    foreach (cell, tree->relations) {
        const RangeVar *relation = lfirst(cell);
        lose_table(noter, relation->schemaname, relation->relname);
    }
    if (tree->behavior == DROP_CASCADE) /* and whatever refers to it */
        add_unknown(noter);
}

/* A DELETE, or the ones in a WITH. */
static void note_with(struct noter *noter, const WithClause *with);

static void note_delete(struct noter *noter, const DeleteStmt *tree)
{
    lose_table(noter, tree->relation->schemaname, tree->relation->relname);
    note_with(noter, tree->withClause);
}

static void note_with(struct noter *noter, const WithClause *with)
{
    ListCell *cell;
    foreach (cell, with == NULL ? NIL : with->ctes) {
        const CommonTableExpr *query = lfirst(cell);
        if (IsA(query->ctequery, DeleteStmt))
            note_delete(noter, (const DeleteStmt *)query->ctequery);
    }
}

/* ------------------------------------------------------------- SELECT of calls */

static void note_select(struct noter *noter, const SelectStmt *tree)
{
    struct names names = {0};
    const stele_statement *table = &noter->statement->table;
    note_with(noter, tree->withClause);
    if (!noter->statement->calls)
        return;
    if (table->end - table->begin > NAMES_LONGEST) {
        add_unknown(noter);
        return;
    }
    names_collect(&names, noter->memory, tree);
    for (size_t i = 0; i < names.count; i++)
        if (names.list[i].kind == NAME_FUNCTION && !function_only_reads(names.list[i].schema, names.list[i].name))
            add_unknown(noter);
}

/* ------------------------------------------------- what later statements see */

static void give(struct noter *noter, const char *name)
{
    struct migration *migration = noter->migration;
    if (name != NULL)
        remember(noter, &migration->given, &migration->given_count, &migration->given_capacity, name);
}

/* May a name without a schema mean another thing after this SET? A role has a schema in its path. */
static bool sets_path(const VariableSetStmt *tree)
{
    return tree->name == NULL || strcmp(tree->name, "search_path") == 0 || strcmp(tree->name, "role") == 0;
}

/* Tables that this part makes; names that it moves to other things. Looking them up beforehand would find something else. */
static void note_names(struct noter *noter, const Node *tree)
{
    struct migration *migration = noter->migration;
    const RangeVar *created = tree_created(tree);
    bool there = (IsA(tree, CreateStmt) && ((const CreateStmt *)tree)->if_not_exists) ||
                 (IsA(tree, CreateTableAsStmt) && ((const CreateTableAsStmt *)tree)->if_not_exists);
    if (created != NULL && !there)
        remember(noter, &migration->made, &migration->made_count, &migration->made_capacity,
                 quote_name(noter->memory, created->schemaname, created->relname));
    if (IsA(tree, RenameStmt))
        give(noter, ((const RenameStmt *)tree)->newname);
    if (IsA(tree, AlterObjectSchemaStmt) && ((const AlterObjectSchemaStmt *)tree)->relation != NULL)
        give(noter, ((const AlterObjectSchemaStmt *)tree)->relation->relname);
    migration->path_changed |=
        noter->statement->sets_config || (IsA(tree, VariableSetStmt) && sets_path((const VariableSetStmt *)tree));
}

/* ------------------------------------------------------------------ public */

void losses_note(struct memory *memory, struct migration *migration, const struct statement *statement, const void *tree)
{
    struct noter noter = {memory, migration, statement};
    switch (nodeTag(tree)) {
    case T_DropStmt:
        note_drop(&noter, tree);
        break;
    case T_AlterTableStmt:
        note_alter(&noter, tree);
        break;
    case T_TruncateStmt:
        note_truncate(&noter, tree);
        break;
    case T_DeleteStmt:
        note_delete(&noter, tree);
        break;
    case T_InsertStmt:
        note_with(&noter, ((const InsertStmt *)tree)->withClause);
        break;
    case T_UpdateStmt:
        note_with(&noter, ((const UpdateStmt *)tree)->withClause);
        break;
    case T_SelectStmt:
        note_select(&noter, tree);
        break;
    case T_DropOwnedStmt:
    case T_DropdbStmt:
    case T_DoStmt:
    case T_CallStmt:
    case T_ExecuteStmt:
        add_unknown(&noter);
        break;
    default:
        break;
    }
    note_names(&noter, tree);
}

void losses_note_unparsed(struct memory *memory, struct migration *migration, const struct statement *statement)
{
    struct noter noter = {memory, migration, statement};
    add_unknown(&noter);
}

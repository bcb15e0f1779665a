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
struct object taker_object(struct taker *taker, const char *schema, const char *name)
{
    schema = schema == NULL ? taker->schema : schema;
    return (struct object){taker_name(taker, schema), taker_name(taker, name)};
}

struct object taker_relation(struct taker *taker, const RangeVar *relation)
{
    return taker_object(taker, relation->schemaname, relation->relname);
}

struct object taker_names(struct taker *taker, const List *names)
{
    return taker_object(taker, tree_schema_name(names), tree_last_name(names));
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

/* The offset of the word, whatever its case, in [begin, end) of the text; `end` where it isn't there. */
static uint32_t find_word(const char *text, const char *word, uint32_t begin, uint32_t end)
{
    size_t length = strlen(word);
    for (uint32_t at = begin; at + length <= end; at++)
        if ((memcmp(text + at, word, length) == 0 || spells(text + at, length, word)) && !is_name_byte(text[at + length]) &&
            (at == begin || !is_name_byte(text[at - 1])))
            return at;
    return end;
}

int taker_find(struct taker *taker, const char *word, int location)
{
    const char *text = taker->migration->source.text;
    uint32_t begin = location < 0 ? taker->statement->table.begin : taker->base + (uint32_t)location, end = taker->statement->table.end;
    uint32_t from = taker->found > begin ? taker->found : begin, at = find_word(text, word, from, end);
    if (at == end && from > begin)
        at = find_word(text, word, begin, end);
    if (at == end)
        return -1;
    taker->found = at;
    return (int)(at - taker->base);
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

void take_anything(struct taker *taker)
{
    taker_add(taker, DEED_ANYTHING, THING_OTHER, (struct object){0}, -1);
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

void take_tree(struct taker *taker, const Node *tree)
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

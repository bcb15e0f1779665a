#define _POSIX_C_SOURCE 200809L
#include "derive.h"

#include "body.h"
#include "probe.h"
#include "text.h"

#include <string.h>

/* Last: PostgreSQL's port.h renames printf and its kin. */
#include "tree.h"

#include "catalog/pg_class.h"
#include "nodes/value.h"

/* --------------------------------------------------------- transactions */

/* One of the modes of BEGIN or SET TRANSACTION, in words. NULL for READ ONLY, which can't be. */
static const char *mode_text(struct memory *memory, const DefElem *mode)
{
    const A_Const *value = (const A_Const *)mode->arg;
    if (strcmp(mode->defname, "transaction_isolation") == 0) {
        char *level = memory_print(memory, "ISOLATION LEVEL %s", value->val.sval.sval);
        for (char *p = level; *p != '\0'; p++)
            if (*p >= 'a' && *p <= 'z')
                *p = (char)(*p - 'a' + 'A');
        return level;
    }
    if (strcmp(mode->defname, "transaction_read_only") == 0)
        return value->val.ival.ival != 0 ? NULL : "READ WRITE";
    return value->val.ival.ival != 0 ? "DEFERRABLE" : "NOT DEFERRABLE";
}

static void derive_modes(struct memory *memory, struct facts *facts, const List *modes)
{
    ListCell *cell;
    foreach (cell, modes) {
        const char *mode = mode_text(memory, lfirst(cell));
        if (mode == NULL)
            facts->refusal = "a read only transaction can't record the migration";
        else if (facts->modes == NULL)
            facts->modes = mode;
        else
            facts->modes = memory_print(memory, "%s, %s", facts->modes, mode);
    }
}

static void derive_transaction(struct memory *memory, struct facts *facts, const TransactionStmt *tree)
{
    switch (tree->kind) {
    case TRANS_STMT_BEGIN:
    case TRANS_STMT_START:
        facts->transaction = TRANSACTION_BEGIN;
        derive_modes(memory, facts, tree->options);
        break;
    case TRANS_STMT_COMMIT:
        facts->transaction = TRANSACTION_COMMIT;
        if (tree->chain)
            facts->refusal = "\"commit and chain\" can't be part of a migration";
        break;
    case TRANS_STMT_ROLLBACK:
        facts->transaction = TRANSACTION_ROLLBACK;
        if (tree->chain)
            facts->refusal = "\"rollback and chain\" can't be part of a migration";
        break;
    case TRANS_STMT_PREPARE:
    case TRANS_STMT_COMMIT_PREPARED:
    case TRANS_STMT_ROLLBACK_PREPARED:
        facts->transaction = TRANSACTION_PREPARED;
        facts->refusal = "a prepared transaction can't be part of a migration";
        break;
    case TRANS_STMT_SAVEPOINT:
    case TRANS_STMT_RELEASE:
    case TRANS_STMT_ROLLBACK_TO:
        break;
    }
}

/* SET of any kind: plain ones last for the session; SET TRANSACTION is about this transaction and must come first. */
static void derive_set(struct memory *memory, struct facts *facts, const VariableSetStmt *tree)
{
    if (tree->kind == VAR_SET_MULTI && strcmp(tree->name, "TRANSACTION") == 0) {
        facts->sets_modes = true;
        derive_modes(memory, facts, tree->args);
        return;
    }
    facts->is_set = true;
    if (!tree->is_local && !(tree->kind == VAR_SET_MULTI && strcmp(tree->name, "TRANSACTION SNAPSHOT") == 0))
        facts->flags |= STELE_SETS_SESSION;
}

/* ------------------------------------------------- DO, CALL, procedures */

static bool is_plpgsql(const List *options)
{
    const DefElem *language = tree_option(options, "language");
    return language == NULL || strcmp(strVal(language->arg), "plpgsql") == 0;
}

static bool ends_transaction(const struct history *history, const char *body)
{
    return body_ends_transaction(history->memory, body, history->procedures, history->procedure_count);
}

static const char *do_reason(const struct history *history, bool no_transaction, const DoStmt *tree)
{
    const DefElem *body = tree_option(tree->args, "as");
    if (no_transaction)
        return "DO in a file with \"no-transaction\"";
    if (body != NULL && is_plpgsql(tree->args) && ends_transaction(history, strVal(body->arg)))
        return "DO with a COMMIT or ROLLBACK in it";
    return NULL;
}

static const char *call_reason(const struct history *history, bool no_transaction, const CallStmt *tree)
{
    if (no_transaction)
        return "CALL in a file with \"no-transaction\"";
    for (size_t i = 0; i < history->procedure_count; i++)
        if (strcmp(history->procedures[i], tree_last_name(tree->funccall->funcname)) == 0)
            return "CALL of a procedure with a COMMIT or ROLLBACK in it";
    return NULL;
}

/* Remember a procedure that ends transactions: what calls it can't be in one. */
static void note_procedure(struct history *history, const CreateFunctionStmt *tree)
{
    const DefElem *body = tree_option(tree->options, "as");
    if (!tree->is_procedure || body == NULL || !IsA(body->arg, List) ||
        !ends_transaction(history, strVal(linitial((const List *)body->arg))))
        return;
    const char *name = tree_last_name(tree->funcname);
    history->procedures = memory_grow(history->memory, history->procedures, history->procedure_count,
                                      &history->procedure_capacity, sizeof *history->procedures);
    history->procedures[history->procedure_count++] = memory_copy(history->memory, name, strlen(name));
}

/* ------------------------------------ what can't run in a transaction */

static const char *reindex_reason(const ReindexStmt *tree)
{
    if (tree_is_on(tree->params, "concurrently", false))
        return "REINDEX CONCURRENTLY";
    switch (tree->kind) {
    case REINDEX_OBJECT_SCHEMA:
        return "REINDEX SCHEMA";
    case REINDEX_OBJECT_SYSTEM:
        return "REINDEX SYSTEM";
    case REINDEX_OBJECT_DATABASE:
        return "REINDEX DATABASE";
    case REINDEX_OBJECT_INDEX:
    case REINDEX_OBJECT_TABLE:
        break;
    }
    return NULL;
}

static const char *alter_table_reason(const AlterTableStmt *tree)
{
    ListCell *cell;
    foreach (cell, tree->cmds) {
        const AlterTableCmd *command = lfirst(cell);
        if (command->subtype == AT_DetachPartition && ((const PartitionCmd *)command->def)->concurrent)
            return "DETACH PARTITION CONCURRENTLY";
    }
    return NULL;
}

static const char *alter_subscription_reason(const AlterSubscriptionStmt *tree)
{
    switch (tree->kind) {
    case ALTER_SUBSCRIPTION_REFRESH:
        return "ALTER SUBSCRIPTION REFRESH";
    case ALTER_SUBSCRIPTION_SET_PUBLICATION:
    case ALTER_SUBSCRIPTION_ADD_PUBLICATION:
    case ALTER_SUBSCRIPTION_DROP_PUBLICATION:
        return tree_is_on(tree->options, "refresh", true) ? "ALTER SUBSCRIPTION with a refresh" : NULL;
    case ALTER_SUBSCRIPTION_OPTIONS:
        return tree_option(tree->options, "failover") != NULL || tree_option(tree->options, "two_phase") != NULL
                   ? "ALTER SUBSCRIPTION of its slot"
                   : NULL;
    default:
        return NULL;
    }
}

static const char *create_subscription_reason(const CreateSubscriptionStmt *tree)
{
    bool makes_slot = tree_is_on(tree->options, "create_slot", tree_is_on(tree->options, "connect", true));
    return makes_slot ? "CREATE SUBSCRIPTION" : NULL;
}

/* Why the server would refuse this statement in a transaction; or NULL. */
static const char *alone_reason(const struct history *history, bool no_transaction, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_IndexStmt:
        return ((const IndexStmt *)tree)->concurrent ? "CREATE INDEX CONCURRENTLY" : NULL;
    case T_DropStmt:
        return ((const DropStmt *)tree)->concurrent ? "DROP INDEX CONCURRENTLY" : NULL;
    case T_ReindexStmt:
        return no_transaction ? "REINDEX in a file with \"no-transaction\""
                              : reindex_reason((const ReindexStmt *)tree);
    case T_VacuumStmt:
        return ((const VacuumStmt *)tree)->is_vacuumcmd ? "VACUUM" : NULL;
    case T_ClusterStmt:
        if (no_transaction) /* of a partitioned table, which only the server can tell */
            return "CLUSTER in a file with \"no-transaction\"";
        return ((const ClusterStmt *)tree)->relation == NULL ? "CLUSTER without a table" : NULL;
    case T_CreatedbStmt:
        return "CREATE DATABASE";
    case T_DropdbStmt:
        return "DROP DATABASE";
    case T_AlterDatabaseStmt:
        return tree_option(((const AlterDatabaseStmt *)tree)->options, "tablespace") != NULL
                   ? "ALTER DATABASE SET TABLESPACE"
                   : NULL;
    case T_CreateTableSpaceStmt:
        return "CREATE TABLESPACE";
    case T_DropTableSpaceStmt:
        return "DROP TABLESPACE";
    case T_AlterSystemStmt:
        return "ALTER SYSTEM";
    case T_AlterTableStmt:
        return alter_table_reason((const AlterTableStmt *)tree);
    case T_CreateSubscriptionStmt:
        return create_subscription_reason((const CreateSubscriptionStmt *)tree);
    case T_AlterSubscriptionStmt:
        return alter_subscription_reason((const AlterSubscriptionStmt *)tree);
    case T_DropSubscriptionStmt:
        return "DROP SUBSCRIPTION";
    case T_DiscardStmt:
        return ((const DiscardStmt *)tree)->target == DISCARD_ALL ? "DISCARD ALL" : NULL;
    case T_DoStmt:
        return do_reason(history, no_transaction, (const DoStmt *)tree);
    case T_CallStmt:
        return call_reason(history, no_transaction, (const CallStmt *)tree);
    default:
        return NULL;
    }
}

/* ------------------------------------------- what it leaves in the session */

/* Whatever code a statement runs may change settings or make temporary tables. Functions that run by the way, in a
 * default or a trigger, are trusted not to: nearly every INSERT would be marked otherwise. */
static uint32_t session_flags(const struct statement *statement, const Node *tree)
{
    const uint32_t both = STELE_SETS_SESSION | STELE_MAKES_TEMP;
    switch (nodeTag(tree)) {
    case T_DoStmt:
    case T_CallStmt:
    case T_ExecuteStmt:
        return both;
    case T_SelectStmt:
    case T_ExplainStmt:
        return statement->calls ? both : 0;
    case T_DiscardStmt:
    case T_LoadStmt:
    case T_AlterDatabaseSetStmt: /* these two hold for the sessions after this one */
    case T_AlterRoleSetStmt:
        return STELE_SETS_SESSION;
    case T_PrepareStmt:
        return STELE_MAKES_TEMP;
    case T_DeclareCursorStmt:
        return ((const DeclareCursorStmt *)tree)->options & CURSOR_OPT_HOLD ? STELE_MAKES_TEMP : 0;
    default:
        return 0;
    }
}

/* ---------------------------------------------------------------- public */

bool derive_takes_data(const void *tree)
{
    const CopyStmt *copy = tree;
    return IsA(tree, CopyStmt) && copy->is_from && !copy->is_program && copy->filename == NULL;
}

/* COPY ... TO stdout, whose rows nobody wants, but which a pipeline can't hold. */
static bool gives_data(const Node *tree)
{
    const CopyStmt *copy = (const CopyStmt *)tree;
    return IsA(tree, CopyStmt) && !copy->is_from && !copy->is_program && copy->filename == NULL;
}

/* A value is added by ALTER TYPE; or in a DO, where it isn't there yet, as scripts do that may be run again. */
static bool adds_value(const Node *tree)
{
    if (IsA(tree, AlterEnumStmt))
        return ((const AlterEnumStmt *)tree)->oldVal == NULL;
    if (!IsA(tree, DoStmt))
        return false;
    const DefElem *body = tree_option(((const DoStmt *)tree)->args, "as");
    return body != NULL && body_adds_value(strVal(body->arg));
}

void derive(struct history *history, const struct migration *migration, struct statement *statement, const void *tree)
{
    const Node *node = tree;
    struct facts *facts = &statement->facts;
    facts->alone = alone_reason(history, migration->no_transaction[statement->part], node);
    facts->flags = session_flags(statement, node) | (statement->sets_config ? STELE_SETS_SESSION : 0) |
                   (statement->names_temp ? STELE_MAKES_TEMP : 0);
    const RangeVar *created = tree_created(node);
    if (created != NULL && created->relpersistence == RELPERSISTENCE_TEMP)
        facts->flags |= STELE_MAKES_TEMP;
    facts->adds_value = adds_value(node);
    if (gives_data(node))
        statement->table.kind = STELE_COPY_OUT;
    if (IsA(node, TransactionStmt))
        derive_transaction(history->memory, facts, (const TransactionStmt *)node);
    else if (IsA(node, VariableSetStmt))
        derive_set(history->memory, facts, (const VariableSetStmt *)node);
    else if (IsA(node, CreateFunctionStmt))
        note_procedure(history, (const CreateFunctionStmt *)node);
    facts->probe = probe_of(history, migration, statement, node);
}

void derive_unparsed(const struct migration *migration, struct statement *statement)
{
    statement->facts.flags = STELE_SETS_SESSION | STELE_MAKES_TEMP;
    if (migration->no_transaction[statement->part])
        statement->facts.alone = "a statement marked \"unparsed\" in a file with \"no-transaction\"";
    statement->facts.probe = probe_of_unparsed(migration, statement);
}

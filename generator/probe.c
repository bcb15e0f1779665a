#define _POSIX_C_SOURCE 200809L
#include "probe.h"

#include "text.h"

#include <string.h>

/* Last: PostgreSQL's port.h renames printf and its kin. */
#include "tree.h"

#include "nodes/value.h"

/* A statement whose names are being written down. */
struct prober {
    const struct history *history;
    const struct migration *migration;
    const struct statement *statement;
    stele_probe probe;
    bool open; /* a name isn't known: a parameter is in it, and not as the whole of a schema or of an unqualified name */
};

static const char *copy(const struct prober *prober, const char *name)
{
    return name == NULL ? NULL : memory_copy(prober->history->memory, name, strlen(name));
}

/* -------------------------------------------------- parameters in names */

/* Does the statement as it is written have so many p's in a row: a name that looks like a placeholder? */
static bool is_written(const struct prober *prober, size_t length)
{
    const char *text = prober->migration->source.text;
    size_t run = 0;
    for (uint32_t at = prober->statement->table.begin; at < prober->statement->table.end; at++) {
        run = text[at] == 'p' || text[at] == 'P' ? run + 1 : 0;
        if (run == length)
            return true;
    }
    return false;
}

static bool is_identifier(const struct prober *prober, const stele_reference *reference)
{
    uint32_t kind = prober->history->conf.parameters[reference->parameter].table.kind;
    return reference->where == STELE_AS_NAME || (reference->where == STELE_IN_SQL && kind == STELE_IDENTIFIER);
}

/*
 * Where a name is all a parameter, parse.c gave the grammar as many p's as the reference has bytes. Returns 1 + its index, or
 * 0 for a name that is no parameter; what may be either, or either of two, leaves the probe open.
 */
static uint32_t parameter_of(struct prober *prober, const char *name)
{
    const struct references *references = &prober->migration->references;
    const stele_statement *statement = &prober->statement->table;
    size_t length = strlen(name);
    uint32_t found = 0;
    prober->open |= references->count > 0 && strstr(name, "${") != NULL;
    if (strspn(name, "p") != length)
        return 0;
    for (size_t i = 0; i < references->count; i++) {
        const stele_reference *reference = &references->list[i];
        if (reference->begin < statement->begin || reference->end > statement->end || reference->end - reference->begin != length)
            continue;
        prober->open |= !is_identifier(prober, reference) || (found != 0 && found != reference->parameter + 1) || is_written(prober, length);
        found = reference->parameter + 1;
    }
    return found;
}

/* A name that must not be a parameter. */
static const char *plain(struct prober *prober, const char *name)
{
    prober->open |= name != NULL && parameter_of(prober, name) != 0;
    return copy(prober, name);
}

/* A relation, as to_regclass takes it; of a parameter that is its schema, or all of its name, only the number. */
static const char *relation(struct prober *prober, const char *schema, const char *name, uint32_t *parameter)
{
    *parameter = parameter_of(prober, schema != NULL ? schema : name);
    if (schema != NULL)
        plain(prober, name);
    else if (*parameter != 0)
        return NULL;
    return quote_name(prober->history->memory, *parameter != 0 ? NULL : schema, name);
}

static const char *range(struct prober *prober, const RangeVar *of, uint32_t *parameter)
{
    prober->open |= of->catalogname != NULL;
    return relation(prober, of->schemaname, of->relname, parameter);
}

/* -------------------------------------------------------- the statements */

static void probe_index(struct prober *prober, const IndexStmt *tree)
{
    stele_probe *probe = &prober->probe;
    probe->kind = STELE_PROBE_INDEX;
    probe->lenient = tree->if_not_exists;
    probe->on = range(prober, tree->relation, &probe->on_parameter);
    probe->name = plain(prober, tree->idxname);
}

/* The server takes one index with CONCURRENTLY, and refuses a list. */
static void probe_drop(struct prober *prober, const DropStmt *tree)
{
    stele_probe *probe = &prober->probe;
    const List *names = list_length(tree->objects) == 1 && IsA(linitial(tree->objects), List) ? linitial(tree->objects) : NIL;
    prober->open |= names == NIL || list_length(names) > 2;
    probe->kind = STELE_PROBE_NO_INDEX;
    probe->lenient = tree->missing_ok;
    probe->on = relation(prober, tree_schema_name(names), tree_last_name(names), &probe->on_parameter);
}

static void probe_reindex(struct prober *prober, const ReindexStmt *tree)
{
    stele_probe *probe = &prober->probe;
    probe->kind = STELE_PROBE_REPEAT;
    if (!tree_is_on(tree->params, "concurrently", false))
        return;
    switch (tree->kind) {
    case REINDEX_OBJECT_INDEX:
    case REINDEX_OBJECT_TABLE:
        probe->kind = tree->kind == REINDEX_OBJECT_INDEX ? STELE_PROBE_REINDEX_INDEX : STELE_PROBE_REINDEX_TABLE;
        probe->on = range(prober, tree->relation, &probe->on_parameter);
        break;
    case REINDEX_OBJECT_SCHEMA:
        probe->kind = STELE_PROBE_REINDEX_SCHEMA;
        probe->name = plain(prober, tree->name);
        break;
    case REINDEX_OBJECT_DATABASE:
        probe->kind = STELE_PROBE_REINDEX_DATABASE;
        break;
    case REINDEX_OBJECT_SYSTEM: /* refused with CONCURRENTLY */
        break;
    }
}

static void probe_detach(struct prober *prober, const AlterTableStmt *tree)
{
    stele_probe *probe = &prober->probe;
    const AlterTableCmd *command = linitial(tree->cmds);
    probe->kind = STELE_PROBE_DETACH;
    probe->lenient = tree->missing_ok;
    probe->on = range(prober, tree->relation, &probe->on_parameter);
    probe->name = range(prober, ((const PartitionCmd *)command->def)->name, &probe->name_parameter);
}

static void probe_named(struct prober *prober, uint32_t kind, const char *name, bool lenient)
{
    prober->probe.kind = kind;
    prober->probe.lenient = lenient;
    prober->probe.name = plain(prober, name);
}

/* What is set stays set, and a refresh finds what there is; to add or drop a publication twice is an error. */
static void probe_alter_subscription(struct prober *prober, const AlterSubscriptionStmt *tree)
{
    bool repeats = tree->kind == ALTER_SUBSCRIPTION_REFRESH || tree->kind == ALTER_SUBSCRIPTION_SET_PUBLICATION ||
                   tree->kind == ALTER_SUBSCRIPTION_OPTIONS;
    prober->probe.kind = repeats ? STELE_PROBE_REPEAT : STELE_PROBE_NONE;
}

static void probe_statement(struct prober *prober, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_IndexStmt:
        probe_index(prober, (const IndexStmt *)tree);
        break;
    case T_DropStmt:
        probe_drop(prober, (const DropStmt *)tree);
        break;
    case T_ReindexStmt:
        probe_reindex(prober, (const ReindexStmt *)tree);
        break;
    case T_AlterTableStmt:
        probe_detach(prober, (const AlterTableStmt *)tree);
        break;
    case T_CreatedbStmt:
        probe_named(prober, STELE_PROBE_DATABASE, ((const CreatedbStmt *)tree)->dbname, false);
        break;
    case T_DropdbStmt:
        probe_named(prober, STELE_PROBE_NO_DATABASE, ((const DropdbStmt *)tree)->dbname, ((const DropdbStmt *)tree)->missing_ok);
        break;
    case T_CreateTableSpaceStmt:
        probe_named(prober, STELE_PROBE_TABLESPACE, ((const CreateTableSpaceStmt *)tree)->tablespacename, false);
        break;
    case T_DropTableSpaceStmt:
        probe_named(prober, STELE_PROBE_NO_TABLESPACE, ((const DropTableSpaceStmt *)tree)->tablespacename,
                    ((const DropTableSpaceStmt *)tree)->missing_ok);
        break;
    case T_CreateSubscriptionStmt:
        probe_named(prober, STELE_PROBE_SUBSCRIPTION, ((const CreateSubscriptionStmt *)tree)->subname, false);
        break;
    case T_DropSubscriptionStmt:
        probe_named(prober, STELE_PROBE_NO_SUBSCRIPTION, ((const DropSubscriptionStmt *)tree)->subname,
                    ((const DropSubscriptionStmt *)tree)->missing_ok);
        break;
    case T_AlterSubscriptionStmt:
        probe_alter_subscription(prober, (const AlterSubscriptionStmt *)tree);
        break;
    case T_VacuumStmt:
    case T_ClusterStmt:
    case T_AlterDatabaseStmt: /* to the tablespace where it is already: nothing to do */
    case T_AlterSystemStmt:
    case T_DiscardStmt:
        prober->probe.kind = STELE_PROBE_REPEAT;
        break;
    default: /* DO, CALL: somebody's code, which commits where it likes */
        break;
    }
}

/* ---------------------------------------------------------------- public */

stele_probe probe_of(const struct history *history, const struct migration *migration, const struct statement *statement, const void *tree)
{
    struct prober prober = {.history = history, .migration = migration, .statement = statement};
    if (statement->facts.alone == NULL)
        return prober.probe;
    probe_statement(&prober, tree);
    if (prober.open) /* whatever its author says: an invalid index would be taken for a good one */
        return (stele_probe){.kind = STELE_PROBE_NONE};
    return prober.probe.kind == STELE_PROBE_NONE ? probe_of_unparsed(migration, statement) : prober.probe;
}

/* Of what can't be looked into, its author may say that it may be run twice. */
stele_probe probe_of_unparsed(const struct migration *migration, const struct statement *statement)
{
    bool repeats = statement->facts.alone != NULL && migration->idempotent;
    return (stele_probe){.kind = repeats ? STELE_PROBE_REPEAT : STELE_PROBE_NONE};
}

const char *probe_words(struct memory *memory, const stele_probe *probe)
{
    static const char stops[] = "nothing tells whether it took effect: stele stops, and asks";
    switch (probe->kind) {
    case STELE_PROBE_REPEAT:
        return "it is run again";
    case STELE_PROBE_INDEX:
        if (probe->name == NULL)
            return "run again where the table has no index that is newer; else stele stops, and asks";
        return memory_print(memory, "done when index \"%s\" is valid; an invalid one that it left is dropped, and it is run again", probe->name);
    case STELE_PROBE_NO_INDEX:
        return "done when the index is gone; else it is run again";
    case STELE_PROBE_REINDEX_INDEX:
    case STELE_PROBE_REINDEX_TABLE:
    case STELE_PROBE_REINDEX_SCHEMA:
    case STELE_PROBE_REINDEX_DATABASE:
        return "the invalid indexes that it left, _ccnew and _ccold, are dropped, and it is run again";
    case STELE_PROBE_DETACH:
        return "done when the partition is detached; a detachment that is pending is finalized; else it is run again";
    case STELE_PROBE_DATABASE:
        return "done when the database is there and is newer; else it is run again";
    case STELE_PROBE_TABLESPACE:
        return "done when the tablespace is there and is newer; else it is run again";
    case STELE_PROBE_NO_DATABASE:
        return "done when the database is gone; else it is run again";
    case STELE_PROBE_NO_TABLESPACE:
        return "done when the tablespace is gone; else it is run again";
    case STELE_PROBE_SUBSCRIPTION:
        return "run again where there is no such subscription; else stele stops, and asks";
    case STELE_PROBE_NO_SUBSCRIPTION:
        return "done when the subscription is gone; else it is run again";
    default:
        return stops;
    }
}

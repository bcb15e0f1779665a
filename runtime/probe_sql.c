/* The questions of a probe as SQL; see probe.h. */
#include <string.h>

#include "probe.h"
#include "psql.h"

/* The names that a text of this room holds: @on, @name, @began. */
static void put_name(stele_text *text, const stele_question *q, const char *word, size_t length)
{
    if (strncmp(word, "on", length) == 0)
        stele_psql_literal(text, q->on);
    else if (strncmp(word, "name", length) == 0)
        stele_psql_literal(text, q->name);
    else
        stele_text_string(text, q->began == NULL ? "NULL" : q->began);
}

/* A text with its names in place. */
static void put(stele_text *text, const stele_question *q, const char *sql)
{
    for (const char *at; (at = strchr(sql, '@')) != NULL;) {
        size_t length = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz");
        stele_text_bytes(text, sql, (size_t)(at - sql));
        put_name(text, q, at + 1, length);
        sql = at + 1 + length;
    }
    stele_text_string(text, sql);
}

static const char *take(stele_text *text, stele_arena *arena, bool *bad)
{
    const char *sql = text->failed || text->bytes == NULL ? NULL : stele_arena_copy(arena, text->bytes, text->length);
    stele_text_free(text);
    *bad |= sql == NULL;
    return sql;
}

/* Was it written behind the row that announced the step? `xmin` is that of a row of the catalogs. */
#define IS_YOUNG(xmin)                                                                                             \
    "pg_catalog.age(" xmin ") OPERATOR(pg_catalog.<) pg_catalog.age(@began::pg_catalog.xid)"

/* An index was made when its first column was; pg_class and pg_index have later changes, too. */
#define INDEX_IS_YOUNG                                                                                             \
    IS_YOUNG("(SELECT a.xmin FROM pg_catalog.pg_attribute AS a WHERE a.attrelid OPERATOR(pg_catalog.=) i.indexrelid" \
             " AND a.attnum OPERATOR(pg_catalog.=) 1)")

#define FROM_INDEX                                                                                                 \
    " FROM pg_catalog.pg_index AS i"                                                                               \
    " JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid"                                  \
    " JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"

/* An index of a partitioned table is none that could be built concurrently, and may be invalid for good reason. */
#define THE_INDEX                                                                                                  \
    FROM_INDEX " WHERE c.relname OPERATOR(pg_catalog.=) @name AND c.relkind OPERATOR(pg_catalog.=) 'i'"            \
               " AND i.indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(@on)"

#define DROP_IT "SELECT pg_catalog.format('DROP INDEX CONCURRENTLY IF EXISTS %I.%I', n.nspname, c.relname)"

/* ------------------------------------------------------------------ verdicts */

#define RUN_UNLESS(condition, otherwise) "SELECT CASE WHEN " condition " THEN '" otherwise "' ELSE 'run' END"

/* A partition that is detached has no parent; one on the way is pending, of our making when its row is young. */
static const char detached[] =
    "SELECT CASE WHEN pg_catalog.to_regclass(@on) IS NULL OR pg_catalog.to_regclass(@name) IS NULL THEN 'run'"
    " ELSE coalesce((SELECT CASE WHEN h.inhdetachpending AND " IS_YOUNG("h.xmin") " THEN 'finish' ELSE 'run' END"
    " FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(@name)"
    " AND h.inhparent OPERATOR(pg_catalog.=) pg_catalog.to_regclass(@on)), 'done') END";

/*
 * An unqualified name that isn't found is gone. One that is found may be another index, in a schema that comes later in
 * search_path, which that of the step hid until it was dropped: only in the first schema it is sure to be the same.
 */
static const char index_gone[] =
    "SELECT CASE WHEN pg_catalog.to_regclass(@on) IS NULL THEN 'done'"
    " WHEN pg_catalog.cardinality(pg_catalog.parse_ident(@on)) OPERATOR(pg_catalog.>) 1 THEN 'run'"
    " WHEN EXISTS (SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(@on)"
    " AND n.nspname OPERATOR(pg_catalog.=) (pg_catalog.current_schemas(false))[1]) THEN 'run' ELSE 'unknown' END";

static const char *verdict_of(const stele_question *q)
{
    switch (q->kind) {
    case STELE_PROBE_INDEX:
        if (q->name == NULL) /* which of the table's younger ones it is, if any, nothing tells */
            return RUN_UNLESS("EXISTS (SELECT" FROM_INDEX " WHERE i.indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(@on) AND " INDEX_IS_YOUNG ")", "unknown");
        return q->lenient ? RUN_UNLESS("EXISTS (SELECT" THE_INDEX " AND i.indisvalid)", "done")
                          : RUN_UNLESS("EXISTS (SELECT" THE_INDEX " AND i.indisvalid AND " INDEX_IS_YOUNG ")", "done");
    case STELE_PROBE_NO_INDEX:
        return index_gone;
    case STELE_PROBE_DETACH:
        return detached;
    case STELE_PROBE_DATABASE: /* one that can't be connected to is what a DROP left half done */
        return RUN_UNLESS("EXISTS (SELECT FROM pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) @name"
                          " AND d.datconnlimit OPERATOR(pg_catalog.<>) -2 AND " IS_YOUNG("d.xmin") ")", "done");
    case STELE_PROBE_NO_DATABASE:
        return RUN_UNLESS("NOT EXISTS (SELECT FROM pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) @name)", "done");
    case STELE_PROBE_TABLESPACE:
        return RUN_UNLESS("EXISTS (SELECT FROM pg_catalog.pg_tablespace AS t WHERE t.spcname OPERATOR(pg_catalog.=) @name AND " IS_YOUNG("t.xmin") ")", "done");
    case STELE_PROBE_NO_TABLESPACE:
        return RUN_UNLESS("NOT EXISTS (SELECT FROM pg_catalog.pg_tablespace AS t WHERE t.spcname OPERATOR(pg_catalog.=) @name)", "done");
#define THE_SUBSCRIPTION                                                                                           \
    "EXISTS (SELECT FROM pg_catalog.pg_subscription AS s JOIN pg_catalog.pg_database AS d ON d.oid OPERATOR(pg_catalog.=) s.subdbid" \
    " WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() AND s.subname OPERATOR(pg_catalog.=) @name)"
    case STELE_PROBE_SUBSCRIPTION: /* its xmin may be read by superusers only */
        return RUN_UNLESS(THE_SUBSCRIPTION, "unknown");
    case STELE_PROBE_NO_SUBSCRIPTION:
        return RUN_UNLESS("NOT " THE_SUBSCRIPTION, "done");
    case STELE_PROBE_NONE:
        return "SELECT 'unknown'";
    default:
        return "SELECT 'run'";
    }
}

const char *stele_question_verdict(const stele_question *q, bool in_doubt, stele_arena *arena, bool *bad)
{
    stele_text text = {0};
    bool may_be_half = q->kind == STELE_PROBE_DETACH; /* also where it failed */
    if (may_be_half && !in_doubt)
        stele_text_string(&text, "SELECT CASE v.word WHEN 'finish' THEN 'finish' ELSE 'run' END FROM (");
    put(&text, q, in_doubt || may_be_half ? verdict_of(q) : "SELECT 'run'");
    if (may_be_half && !in_doubt)
        stele_text_string(&text, ") AS v(word)");
    return take(&text, arena, bad);
}

/* ------------------------------------------------------------------ clearing */

/*
 * REINDEX CONCURRENTLY builds i_ccnew beside i, swaps their names, and drops what is i_ccold then; with a number behind where the
 * name is taken, and with the index's own name cut where it is too long. What is invalid of these, was changed since the step began and
 * belongs to an index that the step names, `o`, is its own.
 */
#define SUFFIX "'_cc(new|old)[0-9]*$'"
#define LEFT_BY_REINDEX                                                                                            \
    DROP_IT FROM_INDEX                                                                                             \
    " WHERE NOT i.indisvalid AND c.relkind OPERATOR(pg_catalog.=) 'i' AND c.relname OPERATOR(pg_catalog.~) " SUFFIX \
    " AND " IS_YOUNG("i.xmin")                                                                                     \
    " AND EXISTS (SELECT FROM pg_catalog.pg_index AS o"                                                            \
    " JOIN pg_catalog.pg_class AS oc ON oc.oid OPERATOR(pg_catalog.=) o.indexrelid"                                \
    " JOIN pg_catalog.pg_class AS ot ON ot.oid OPERATOR(pg_catalog.=) o.indrelid"                                  \
    " LEFT JOIN pg_catalog.pg_class AS owner ON owner.reltoastrelid OPERATOR(pg_catalog.=) ot.oid"                 \
    " WHERE o.indrelid OPERATOR(pg_catalog.=) i.indrelid AND o.indexrelid OPERATOR(pg_catalog.<>) i.indexrelid"    \
    " AND pg_catalog.starts_with(oc.relname::pg_catalog.text, pg_catalog.regexp_replace(c.relname::pg_catalog.text, " SUFFIX ", ''))"
#define OF_TREE "(SELECT pg_catalog.to_regclass(@on)::pg_catalog.oid UNION ALL SELECT p.relid::pg_catalog.oid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(@on)) AS p)"

static const char *clearing_of(const stele_question *q)
{
    switch (q->kind) {
    case STELE_PROBE_INDEX:
        return q->name == NULL ? NULL : DROP_IT THE_INDEX " AND NOT i.indisvalid AND " INDEX_IS_YOUNG;
    case STELE_PROBE_REINDEX_INDEX:
        return LEFT_BY_REINDEX " AND o.indexrelid OPERATOR(pg_catalog.=) ANY " OF_TREE ")";
    case STELE_PROBE_REINDEX_TABLE:
        return LEFT_BY_REINDEX " AND coalesce(owner.oid, ot.oid) OPERATOR(pg_catalog.=) ANY " OF_TREE ")";
    case STELE_PROBE_REINDEX_SCHEMA:
        return LEFT_BY_REINDEX " AND coalesce(owner.relnamespace, ot.relnamespace) OPERATOR(pg_catalog.=)"
                               " (SELECT s.oid FROM pg_catalog.pg_namespace AS s WHERE s.nspname OPERATOR(pg_catalog.=) @name))";
    case STELE_PROBE_REINDEX_DATABASE:
        return LEFT_BY_REINDEX ")";
    case STELE_PROBE_DETACH:
        return "SELECT pg_catalog.format('ALTER TABLE %I.%I DETACH PARTITION %I.%I FINALIZE', pn.nspname, p.relname, n.nspname, c.relname)"
               " FROM pg_catalog.pg_inherits AS h"
               " JOIN pg_catalog.pg_class AS p ON p.oid OPERATOR(pg_catalog.=) h.inhparent"
               " JOIN pg_catalog.pg_namespace AS pn ON pn.oid OPERATOR(pg_catalog.=) p.relnamespace"
               " JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) h.inhrelid"
               " JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
               " WHERE h.inhdetachpending AND h.inhrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(@name)"
               " AND h.inhparent OPERATOR(pg_catalog.=) pg_catalog.to_regclass(@on) AND " IS_YOUNG("h.xmin");
    default:
        return NULL;
    }
}

const char *stele_question_clearing(const stele_question *q, stele_arena *arena, bool *bad)
{
    stele_text text = {0};
    const char *sql = clearing_of(q);
    if (sql == NULL)
        return NULL;
    put(&text, q, sql);
    return take(&text, arena, bad);
}

/* --------------------------------------------------------- the index of a step */

bool stele_question_builds(const stele_question *q)
{
    return q->kind == STELE_PROBE_INDEX && q->name != NULL;
}

const char *stele_question_invalid(const stele_question *q, stele_arena *arena, bool *bad)
{
    stele_text text = {0};
    if (!stele_question_builds(q))
        return NULL;
    put(&text, q, "SELECT " INDEX_IS_YOUNG ", pg_catalog.format('DROP INDEX CONCURRENTLY %I.%I', n.nspname, c.relname)" THE_INDEX " AND NOT i.indisvalid");
    return take(&text, arena, bad);
}

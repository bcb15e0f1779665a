#include "relation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "../nearest.h"
#include "script_scan.h"

static const char self_sql[] =
    "SELECT c.oid, c.relkind, EXISTS (SELECT FROM pg_catalog.pg_am AS m WHERE m.oid OPERATOR(pg_catalog.=) c.relam AND m.amname OPERATOR(pg_catalog.=) 'heap'),"
    " c.relkind OPERATOR(pg_catalog.=) 'r' AND EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhparent OPERATOR(pg_catalog.=) c.oid),"
    " CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'r' THEN pg_catalog.pg_relation_size(c.oid) OPERATOR(pg_catalog./) pg_catalog.current_setting('block_size')::bigint ELSE 0 END,"
    " CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'p' THEN (SELECT CASE WHEN pg_catalog.min(l.reltuples) OPERATOR(pg_catalog.<) 0 AND"
    " pg_catalog.max(l.reltuples) OPERATOR(pg_catalog.<=) 0 THEN -1 ELSE pg_catalog.sum(greatest(l.reltuples, 0)) END"
    " FROM pg_catalog.pg_partition_tree(c.oid) AS t JOIN pg_catalog.pg_class AS l ON l.oid OPERATOR(pg_catalog.=) t.relid WHERE t.isleaf) ELSE c.reltuples END"
    " FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)";

/* A type as SQL writes it, whatever the search path is; -1 for the modifier: none. */
#define TYPE(type, modifier)                                                                                                                       \
    "CASE WHEN n.nspname OPERATOR(pg_catalog.=) 'pg_catalog' THEN pg_catalog.format_type(" type ".oid, " modifier ") ELSE"                         \
    " pg_catalog.format('%I.%I%s', n.nspname, " type ".typname, substring(pg_catalog.format_type(" type ".oid, " modifier ") from '\\([^()]*\\)$')) END"

/*
 * b is the base type of a domain, or the type itself; n is its schema. The last one: does search_path give this type's = or < others than the index goes by, those of another type that it can be
 * taken for, say? Types without operators of their own, such as enums, have those of pg_catalog.
 */
static const char columns_sql[] =
    "SELECT a.attname, " TYPE("b", "m.modifier") ", " TYPE("b", "-1") ", b.oid, b.typname, b.typarray, m.modifier,"
    " a.attnotnull AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conrelid OPERATOR(pg_catalog.=) a.attrelid AND k.contype OPERATOR(pg_catalog.=) 'n'"
    " AND NOT k.convalidated AND a.attnum OPERATOR(pg_catalog.=) ANY (k.conkey)),"
    " a.attgenerated OPERATOR(pg_catalog.<>) '', a.atthasdef OR a.attidentity OPERATOR(pg_catalog.<>) '' OR t.typdefault IS NOT NULL,"
    " CASE WHEN a.atttypid OPERATOR(pg_catalog.>=) 16384 THEN pg_catalog.format('%I.%I', pn.nspname, p.proname) END,"
    " EXISTS (SELECT FROM pg_catalog.pg_opclass AS oc JOIN pg_catalog.pg_am AS om ON om.oid OPERATOR(pg_catalog.=) oc.opcmethod AND om.amname OPERATOR(pg_catalog.=) 'btree'"
    " JOIN pg_catalog.pg_amop AS oo ON oo.amopfamily OPERATOR(pg_catalog.=) oc.opcfamily AND oo.amoplefttype OPERATOR(pg_catalog.=) b.oid AND oo.amoprighttype OPERATOR(pg_catalog.=) b.oid"
    " WHERE oc.opcintype OPERATOR(pg_catalog.=) b.oid AND oc.opcdefault AND NOT pg_catalog.pg_operator_is_visible(oo.amopopr))"
    " FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) a.atttypid CROSS JOIN LATERAL ("
    " WITH RECURSIVE up(oid, kind, base, modifier) AS (SELECT t.oid, t.typtype, t.typbasetype, CASE WHEN t.typtype OPERATOR(pg_catalog.=) 'd' THEN t.typtypmod ELSE a.atttypmod END"
    " UNION ALL SELECT u.oid, u.typtype, u.typbasetype, CASE WHEN u.typtype OPERATOR(pg_catalog.=) 'd' THEN u.typtypmod ELSE up.modifier END"
    " FROM up JOIN pg_catalog.pg_type AS u ON u.oid OPERATOR(pg_catalog.=) up.base WHERE up.kind OPERATOR(pg_catalog.=) 'd')"
    " SELECT up.oid, up.modifier FROM up WHERE up.kind OPERATOR(pg_catalog.<>) 'd') AS m"
    " JOIN pg_catalog.pg_type AS b ON b.oid OPERATOR(pg_catalog.=) m.oid JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) b.typnamespace"
    " LEFT JOIN pg_catalog.pg_proc AS p ON p.oid OPERATOR(pg_catalog.=) b.typsend LEFT JOIN pg_catalog.pg_namespace AS pn ON pn.oid OPERATOR(pg_catalog.=) p.pronamespace"
    " WHERE a.attrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped ORDER BY a.attnum";

/* Those that every row is in: not partial, of columns only. `orders` tells whether it gives the order that ORDER BY asks for; and the last, whether it holds at once, or can be deferred. */
enum { INDEX_NAME, INDEX_COLUMNS, INDEX_COUNT, INDEX_ORDERS, INDEX_AT_ONCE };
static const char indexes_sql[] =
    "SELECT ic.relname, pg_catalog.string_agg(a.attname, E'\\037' ORDER BY k.place), i.indnkeyatts, m.amname OPERATOR(pg_catalog.=) 'btree'"
    " AND pg_catalog.bool_and(o.opcdefault AND i.indcollation[k.place::integer OPERATOR(pg_catalog.-) 1] OPERATOR(pg_catalog.=) a.attcollation)"
    " AND pg_catalog.min(i.indoption[k.place::integer OPERATOR(pg_catalog.-) 1] OPERATOR(pg_catalog.&) 1::int2) OPERATOR(pg_catalog.=)"
    " pg_catalog.max(i.indoption[k.place::integer OPERATOR(pg_catalog.-) 1] OPERATOR(pg_catalog.&) 1::int2) AS orders,"
    " i.indimmediate"
    " FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS ic ON ic.oid OPERATOR(pg_catalog.=) i.indexrelid JOIN pg_catalog.pg_am AS m ON m.oid OPERATOR(pg_catalog.=) ic.relam"
    " CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)"
    " JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) i.indrelid AND a.attnum OPERATOR(pg_catalog.=) k.attnum"
    " JOIN pg_catalog.pg_opclass AS o ON o.oid OPERATOR(pg_catalog.=) i.indclass[k.place::integer OPERATOR(pg_catalog.-) 1]"
    " WHERE i.indrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL"
    " AND m.amname OPERATOR(pg_catalog.=) 'btree' AND k.place OPERATOR(pg_catalog.<=) i.indnkeyatts"
    " GROUP BY i.indexrelid, ic.relname, i.indnkeyatts, i.indisprimary, i.indimmediate, m.amname ORDER BY i.indisprimary DESC, orders DESC, ic.relname";

const char *stele_relation_self(const stele_relation *r, int column)
{
    return stele_rows_text(r->self, 0, column);
}

const char *stele_relation_cell(const stele_relation *r, int row, int column)
{
    const char *text = stele_rows_text(r->columns, row, column);
    return text == NULL ? "" : text;
}

void stele_relation_free(stele_relation *r)
{
    stele_rows_free(r->self);
    stele_rows_free(r->columns);
    stele_rows_free(r->indexes);
    *r = (stele_relation){0};
}

stele_status stele_relation_unmet(stele_error *error, const char *hint, const char *message)
{
    stele_status status = stele_error_set(error, STELE_UNMET, "%s", message);
    if (hint[0] != '\0')
        stele_error_hint(error, "%s", hint);
    return status;
}

/* What can't be gone through. */
static stele_status check_kind(const stele_relation *r, stele_error *error)
{
    char message[400];
    const char *kind = stele_relation_self(r, SELF_KIND);
    if (strcmp(stele_relation_self(r, SELF_PARENT), "t") == 0)
        return REFUSE("make a job for each of these tables", "other tables inherit from %s: no key is unique in all of them", r->name);
    if (strchr("rp", kind[0]) == NULL)
        return REFUSE("name the table that the rows are in", "%s is a %s, not a table", r->name,
                      kind[0] == 'v' ? "view" : kind[0] == 'm' ? "materialized view" : kind[0] == 'f' ? "foreign table" : "thing of another kind");
    return STELE_OK;
}

stele_status stele_relation_place(const stele_job *job, const char *key, const char *name, stele_status status, stele_error *error)
{
    if (status != STELE_UNMET || error == NULL || error->file[0] != '\0')
        return status;
    long at = stele_script_find(job->file->text, job->file->length, key);
    stele_error_file(error, job->file);
    if (at >= 0)
        stele_error_place(error, job->file, (size_t)(name == NULL ? at : stele_script_find_text(job->file->text, job->file->length, at, name)));
    return status;
}

/* The table that was probably meant; one of the same name in another schema before all others. */
static stele_status refuse_table(const stele_relation *r, stele_error *error)
{
    static const char sql[] =
        "SELECT pg_catalog.quote_ident(c.relname), pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.pg_table_is_visible(c.oid)"
        " FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace WHERE c.relkind IN ('r', 'p')"
        " AND n.nspname OPERATOR(pg_catalog.!~) '^(pg_|information_schema$)' ORDER BY 2 LIMIT 10000";
    char message[800];
    stele_rows *rows = NULL;
    stele_nearest nearest = {.name = r->name};
    const char *elsewhere = NULL;
    stele_status status = stele_link_query(&r->job->handle->link, sql, 0, NULL, &rows, error);
    for (int i = 0; status == STELE_OK && i < stele_rows_count(rows); i++) {
        const char *bare = stele_rows_text(rows, i, 0), *full = stele_rows_text(rows, i, 1);
        if (strchr(r->name, '.') != NULL)
            stele_nearest_offer(&nearest, full);
        else if (stele_rows_true(rows, i, 2))
            stele_nearest_offer(&nearest, bare);
        else if (elsewhere == NULL && strcmp(bare, r->name) == 0)
            elsewhere = full;
    }
    const char *best = elsewhere != NULL ? elsewhere : nearest.best;
    if (status == STELE_OK && best != NULL)
        status = REFUSE("the migration that makes it comes before the job", "there is no table %s; did you mean %s?", r->name, best);
    else if (status == STELE_OK)
        status = REFUSE("the migration that makes it comes before the job; or name it with its schema", "there is no table %s", r->name);
    stele_rows_free(rows);
    return stele_relation_place(r->job, r->key, NULL, status, error);
}

stele_status stele_relation_read(stele_job *job, stele_relation *r, const char *name, const char *key, stele_error *error)
{
    stele_link *link = &job->handle->link;
    r->job = job;
    r->name = name;
    r->key = key;
    stele_status status = stele_link_query(link, self_sql, 1, &name, &r->self, error);
    if (status == STELE_OK && stele_rows_count(r->self) == 0)
        return refuse_table(r, error);
    if (status == STELE_OK)
        status = stele_relation_place(job, key, NULL, check_kind(r, error), error);
    if (status != STELE_OK)
        return status;
    const char *oid = stele_relation_self(r, SELF_OID);
    status = stele_link_query(link, columns_sql, 1, &oid, &r->columns, error);
    return status == STELE_OK ? stele_link_query(link, indexes_sql, 1, &oid, &r->indexes, error) : status;
}

stele_status stele_relation_column(const stele_relation *r, const char *name, const char *key, int *row, stele_error *error)
{
    char message[400], hint[400] = "it has ";
    stele_nearest nearest = {.name = name};
    for (*row = 0; *row < stele_rows_count(r->columns); ++*row) {
        const char *column = stele_relation_cell(r, *row, COLUMN_NAME);
        size_t used = strlen(hint);
        if (strcmp(column, name) == 0)
            return STELE_OK;
        stele_nearest_offer(&nearest, column);
        if (used + strlen(column) + 8 < sizeof hint)
            snprintf(hint + used, sizeof hint - used, "%s%s", *row == 0 ? "" : ", ", column);
    }
    stele_status status = nearest.best != NULL ? REFUSE(hint, "the table %s has no column \"%s\"; did you mean \"%s\"?", r->name, name, nearest.best)
                                               : REFUSE(hint, "the table %s has no column \"%s\"", r->name, name);
    return stele_relation_place(r->job, key, name, status, error);
}

/* --------------------------------------------------------------------- the key */

/* Are these the index's columns: 1 in another order, 2 in this one; else 0. */
static int compare_columns(const stele_relation *r, int row, const stele_job_spec *spec)
{
    const char *at = stele_rows_text(r->indexes, row, INDEX_COLUMNS);
    bool same = true;
    if (strtoul(stele_rows_text(r->indexes, row, INDEX_COUNT), NULL, 10) != spec->key_count)
        return 0;
    for (size_t i = 0; i < spec->key_count; i++) {
        size_t length = strcspn(at, "\037"), found = 0;
        while (found < spec->key_count && (strlen(spec->keys[found]) != length || memcmp(spec->keys[found], at, length) != 0))
            found++;
        if (found == spec->key_count)
            return 0;
        same = same && found == i;
        at += length + (at[length] != '\0');
    }
    return same ? 2 : 1;
}

static void put_keys(char *out, size_t size, const stele_job_spec *spec)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < spec->key_count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i == 0 ? "" : ", ", spec->keys[i]);
}

/* The index's columns, as put_keys does it. */
static void put_index(char *out, size_t size, const char *columns)
{
    size_t used = 0;
    out[0] = '\0';
    for (; *columns != '\0' && used < size; columns += *columns != '\0') {
        size_t length = strcspn(columns, "\037");
        used += (size_t)snprintf(out + used, size - used, "%s%.*s", used == 0 ? "" : ", ", (int)length, columns);
        columns += length;
    }
}

stele_status stele_relation_check_key(const stele_relation *r, const stele_job_spec *spec, bool ordered, stele_error *error)
{
    char message[800], keys[200], hint[400];
    int best = 0, row, other = 0;
    put_keys(keys, sizeof keys, spec);
    for (int i = 0; i < stele_rows_count(r->indexes) && best < 2; i++) {
        int fit = stele_rows_true(r->indexes, i, INDEX_AT_ONCE) ? compare_columns(r, i, spec) : 0;
        if (fit == 2 && ordered && !stele_rows_true(r->indexes, i, INDEX_ORDERS))
            fit = 0;
        if (fit > best) {
            best = fit;
            other = i;
        }
    }
    snprintf(hint, sizeof hint, "name the columns of its primary key; or CREATE UNIQUE INDEX CONCURRENTLY ON %s (%s)", r->name, keys);
    if (best == 0)
        return REFUSE(hint, "%s has no unique index of exactly (%s) that holds for every row and at once%s", r->name, keys,
                      ordered ? ", in the order and collation that its columns have" : "");
    if (best == 1 && ordered) {
        char columns[200];
        put_index(columns, sizeof columns, stele_rows_text(r->indexes, other, INDEX_COLUMNS));
        return REFUSE("name them in the index's order: without it each page of rows would be sorted anew", "the unique index \"%s\" of %s is on (%s); the script's key is (%s)",
                      stele_rows_text(r->indexes, other, INDEX_NAME), r->name, columns, keys);
    }
    for (size_t i = 0; i < spec->key_count; i++) {
        stele_status status = stele_relation_column(r, spec->keys[i], "key", &row, error);
        if (status != STELE_OK)
            return status;
        if (strcmp(stele_relation_cell(r, row, COLUMN_NOT_NULL), "t") != 0)
            return REFUSE("have it NOT NULL: rows without a key would never be found",
                          "the key's column \"%s\" of %s may be NULL", spec->keys[i], r->name);
    }
    return STELE_OK;
}

stele_status stele_relation_check_conflict(const stele_relation *r, const stele_job_spec *spec, stele_error *error)
{
    char message[400], hint[400];
    for (int i = 0; i < stele_rows_count(r->indexes); i++) {
        const char *name = stele_rows_text(r->indexes, i, INDEX_NAME);
        if (stele_rows_true(r->indexes, i, INDEX_AT_ONCE) || compare_columns(r, i, spec) == 0)
            continue;
        snprintf(hint, sizeof hint, "drop it: ALTER TABLE %s DROP CONSTRAINT \"%s\"", r->name, name);
        return REFUSE(hint, "the unique constraint \"%s\" of %s is deferrable, and INSERT ... ON CONFLICT takes none of its columns", name, r->name);
    }
    return STELE_OK;
}

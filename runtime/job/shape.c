#include "job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "state.h"

/* ------------------------------------------------------------------ one table */

/* A table, and the rows that tell of its columns and its unique indexes. */
typedef struct relation {
    const char *name; /* as the script has it */
    stele_rows *self, *columns, *indexes;
} relation;

enum { SELF_OID, SELF_KIND, SELF_HEAP, SELF_PARENT, SELF_BLOCKS, SELF_ROWS };
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

/* b is the base type of a domain, or the type itself; n is its schema. */
enum { COLUMN_NAME, COLUMN_TYPE, COLUMN_BARE_TYPE, COLUMN_BASE, COLUMN_BASE_NAME, COLUMN_ARRAY, COLUMN_SIZE, COLUMN_NOT_NULL, COLUMN_GENERATED, COLUMN_HAS_VALUE, COLUMN_SEND };
static const char columns_sql[] =
    "SELECT a.attname, " TYPE("b", "m.modifier") ", " TYPE("b", "-1") ", b.oid, b.typname, b.typarray, m.modifier,"
    " a.attnotnull AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conrelid OPERATOR(pg_catalog.=) a.attrelid AND k.contype OPERATOR(pg_catalog.=) 'n'"
    " AND NOT k.convalidated AND a.attnum OPERATOR(pg_catalog.=) ANY (k.conkey)),"
    " a.attgenerated OPERATOR(pg_catalog.<>) '', a.atthasdef OR a.attidentity OPERATOR(pg_catalog.<>) '' OR t.typdefault IS NOT NULL,"
    " CASE WHEN a.atttypid OPERATOR(pg_catalog.>=) 16384 THEN pg_catalog.format('%I.%I', pn.nspname, p.proname) END"
    " FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) a.atttypid CROSS JOIN LATERAL ("
    " WITH RECURSIVE up(oid, kind, base, modifier) AS (SELECT t.oid, t.typtype, t.typbasetype, CASE WHEN t.typtype OPERATOR(pg_catalog.=) 'd' THEN t.typtypmod ELSE a.atttypmod END"
    " UNION ALL SELECT u.oid, u.typtype, u.typbasetype, CASE WHEN u.typtype OPERATOR(pg_catalog.=) 'd' THEN u.typtypmod ELSE up.modifier END"
    " FROM up JOIN pg_catalog.pg_type AS u ON u.oid OPERATOR(pg_catalog.=) up.base WHERE up.kind OPERATOR(pg_catalog.=) 'd')"
    " SELECT up.oid, up.modifier FROM up WHERE up.kind OPERATOR(pg_catalog.<>) 'd') AS m"
    " JOIN pg_catalog.pg_type AS b ON b.oid OPERATOR(pg_catalog.=) m.oid JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) b.typnamespace"
    " LEFT JOIN pg_catalog.pg_proc AS p ON p.oid OPERATOR(pg_catalog.=) b.typsend LEFT JOIN pg_catalog.pg_namespace AS pn ON pn.oid OPERATOR(pg_catalog.=) p.pronamespace"
    " WHERE a.attrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped ORDER BY a.attnum";

/* Those that every row is in, and that hold at once: not partial, not deferrable, of columns only. `orders` tells whether it gives the order that ORDER BY asks for. */
enum { INDEX_NAME, INDEX_COLUMNS, INDEX_COUNT, INDEX_ORDERS };
static const char indexes_sql[] =
    "SELECT ic.relname, pg_catalog.string_agg(a.attname, E'\\037' ORDER BY k.place), i.indnkeyatts, m.amname OPERATOR(pg_catalog.=) 'btree'"
    " AND pg_catalog.bool_and(o.opcdefault AND i.indcollation[k.place::integer OPERATOR(pg_catalog.-) 1] OPERATOR(pg_catalog.=) a.attcollation)"
    " AND pg_catalog.min(i.indoption[k.place::integer OPERATOR(pg_catalog.-) 1] OPERATOR(pg_catalog.&) 1::int2) OPERATOR(pg_catalog.=)"
    " pg_catalog.max(i.indoption[k.place::integer OPERATOR(pg_catalog.-) 1] OPERATOR(pg_catalog.&) 1::int2) AS orders"
    " FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS ic ON ic.oid OPERATOR(pg_catalog.=) i.indexrelid JOIN pg_catalog.pg_am AS m ON m.oid OPERATOR(pg_catalog.=) ic.relam"
    " CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)"
    " JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) i.indrelid AND a.attnum OPERATOR(pg_catalog.=) k.attnum"
    " JOIN pg_catalog.pg_opclass AS o ON o.oid OPERATOR(pg_catalog.=) i.indclass[k.place::integer OPERATOR(pg_catalog.-) 1]"
    " WHERE i.indrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL"
    " AND m.amname OPERATOR(pg_catalog.=) 'btree' AND k.place OPERATOR(pg_catalog.<=) i.indnkeyatts"
    " GROUP BY i.indexrelid, ic.relname, i.indnkeyatts, i.indisprimary, m.amname ORDER BY i.indisprimary DESC, orders DESC, ic.relname";

static const char *self(const relation *r, int column)
{
    return stele_rows_text(r->self, 0, column);
}

static const char *cell(const relation *r, int row, int column)
{
    const char *text = stele_rows_text(r->columns, row, column);
    return text == NULL ? "" : text;
}

static void relation_free(relation *r)
{
    stele_rows_free(r->self);
    stele_rows_free(r->columns);
    stele_rows_free(r->indexes);
    *r = (relation){0};
}

static stele_status unmet(stele_error *error, const char *hint, const char *message)
{
    stele_status status = stele_error_set(error, STELE_UNMET, "%s", message);
    if (hint[0] != '\0')
        stele_error_hint(error, "%s", hint);
    return status;
}
#define REFUSE(hint, ...) (snprintf(message, sizeof message, __VA_ARGS__), unmet(error, hint, message))

/* What can't be gone through. */
static stele_status check_kind(const relation *r, stele_error *error)
{
    char message[400];
    const char *kind = self(r, SELF_KIND);
    if (strcmp(self(r, SELF_PARENT), "t") == 0)
        return REFUSE("make a job for each of these tables", "other tables inherit from %s: no key is unique in all of them", r->name);
    if (strchr("rp", kind[0]) == NULL)
        return REFUSE("name the table that the rows are in", "%s is a %s, not a table", r->name,
                      kind[0] == 'v' ? "view" : kind[0] == 'm' ? "materialized view" : kind[0] == 'f' ? "foreign table" : "thing of another kind");
    return STELE_OK;
}

static stele_status read_relation(stele_job *job, relation *r, const char *name, stele_error *error)
{
    char message[400];
    stele_link *link = &job->handle->link;
    r->name = name;
    stele_status status = stele_link_query(link, self_sql, 1, &name, &r->self, error);
    if (status == STELE_OK && stele_rows_count(r->self) == 0)
        return REFUSE("the migration that makes it comes before the job; or name it with its schema", "there is no table %s", name);
    if (status == STELE_OK)
        status = check_kind(r, error);
    if (status != STELE_OK)
        return status;
    const char *oid = self(r, SELF_OID);
    status = stele_link_query(link, columns_sql, 1, &oid, &r->columns, error);
    return status == STELE_OK ? stele_link_query(link, indexes_sql, 1, &oid, &r->indexes, error) : status;
}

/* The row that tells of a column; UNMET when it isn't there. */
static stele_status find_column(const relation *r, const char *name, int *row, stele_error *error)
{
    char message[400];
    for (*row = 0; *row < stele_rows_count(r->columns); ++*row)
        if (strcmp(cell(r, *row, COLUMN_NAME), name) == 0)
            return STELE_OK;
    return REFUSE("", "the table %s has no column \"%s\"", r->name, name);
}

/* --------------------------------------------------------------------- the key */

/* Are these the index's columns: 1 in another order, 2 in this one; else 0. */
static int compare_columns(const relation *r, int row, const stele_job_spec *spec)
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

/* The unique index of exactly these columns; with `ordered`, one that gives their order. Each column must be NOT NULL. */
static stele_status check_key(const relation *r, const stele_job_spec *spec, bool ordered, stele_error *error)
{
    char message[800], keys[200], hint[400];
    int best = 0, row, other = 0;
    put_keys(keys, sizeof keys, spec);
    for (int i = 0; i < stele_rows_count(r->indexes) && best < 2; i++) {
        int fit = compare_columns(r, i, spec);
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
        const char *name = stele_rows_text(r->indexes, other, INDEX_NAME);
        return REFUSE("name them in the index's order: without it each page of rows would be sorted anew", "the unique index \"%s\" of %s has the columns (%s) in another order", name, r->name,
                      keys);
    }
    for (size_t i = 0; i < spec->key_count; i++) {
        stele_status status = find_column(r, spec->keys[i], &row, error);
        if (status != STELE_OK)
            return status;
        if (strcmp(cell(r, row, COLUMN_NOT_NULL), "t") != 0)
            return REFUSE("have it NOT NULL: rows without a key would never be found", "the key's column \"%s\" of %s may be NULL", spec->keys[i], r->name);
    }
    return STELE_OK;
}

/* Its text must be read back as the same value, in any session. */
static stele_status check_key_type(const relation *r, int row, stele_error *error)
{
    char message[400];
    const char *type = cell(r, row, COLUMN_BASE_NAME);
    if (strcmp(type, "money") == 0 || (strncmp(type, "reg", 3) == 0 && atoi(cell(r, row, COLUMN_BASE)) < 16384))
        return REFUSE("use another unique column", "a key of type %s can't be remembered: its text is another one in another session (column \"%s\" of %s)", type, cell(r, row, COLUMN_NAME), r->name);
    return STELE_OK;
}

/* ------------------------------------------------------------------ the columns */

static char *keep(stele_job *job, const char *text)
{
    return stele_arena_copy(&job->arena, text, strlen(text));
}

static stele_status take_keys(stele_job *job, const relation *r, stele_job_shape *shape, stele_error *error)
{
    const stele_job_spec *spec = job->spec;
    stele_status status = STELE_OK;
    int row;
    shape->key_types = stele_arena_get(&job->arena, spec->key_count, sizeof *shape->key_types);
    if (shape->key_types == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < spec->key_count && status == STELE_OK; i++) {
        status = find_column(r, spec->keys[i], &row, error);
        if (status == STELE_OK)
            status = check_key_type(r, row, error);
        if (status == STELE_OK && (shape->key_types[i] = keep(job, cell(r, row, COLUMN_TYPE))) == NULL)
            status = stele_error_memory(error);
    }
    return status;
}

/* NULL for a type of PostgreSQL's own; else the function that gives a column's bytes, and behind its zero byte the type that it is given. */
static stele_status take_bytes(stele_job *job, const relation *r, int row, const char **bytes, stele_error *error)
{
    char message[400];
    const char *function = stele_rows_text(r->columns, row, COLUMN_SEND), *type = cell(r, row, COLUMN_BARE_TYPE);
    *bytes = NULL;
    if (function == NULL)
        return STELE_OK;
    if (strcmp(function, ".") == 0)
        return REFUSE("leave it out of read; a generated column can have it as text", "column \"%s\" of %s has the type %s, which has no binary form", cell(r, row, COLUMN_NAME), r->name, type);
    size_t length = strlen(function) + 1;
    char *pair = stele_arena_get(&job->arena, length + strlen(type) + 1, 1);
    if (pair == NULL)
        return stele_error_memory(error);
    memcpy(pair, function, length);
    memcpy(pair + length, type, strlen(type) + 1);
    *bytes = pair;
    return STELE_OK;
}

static stele_status take_reads(stele_job *job, const relation *r, stele_job_shape *shape, stele_error *error)
{
    const stele_job_spec *spec = job->spec;
    stele_status status = STELE_OK;
    int row;
    const char **bytes = stele_arena_get(&job->arena, spec->read_count, sizeof *bytes);
    shape->read_types = stele_arena_get(&job->arena, spec->read_count, sizeof *shape->read_types);
    if (shape->read_types == NULL || bytes == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < spec->read_count && status == STELE_OK; i++) {
        status = find_column(r, spec->reads[i], &row, error);
        if (status == STELE_OK)
            status = take_bytes(job, r, row, &bytes[i], error);
        if (status == STELE_OK && (shape->read_types[i] = keep(job, cell(r, row, COLUMN_TYPE))) == NULL)
            status = stele_error_memory(error);
    }
    job->read_bytes = status == STELE_OK ? bytes : NULL;
    return status;
}

/* ------------------------------------------------------------- where vectors go */

static stele_status check_written(const relation *r, int row, stele_error *error)
{
    char message[400];
    if (strcmp(cell(r, row, COLUMN_GENERATED), "t") == 0)
        return REFUSE("", "column \"%s\" of %s is generated, and can't be written", cell(r, row, COLUMN_NAME), r->name);
    return STELE_OK;
}

static stele_status take_vector(stele_job *job, const relation *r, stele_job_shape *shape, stele_error *error)
{
    static const struct {
        const char *name;
        char kind;
    } types[] = {{"vector", 'v'}, {"halfvec", 'h'}, {"sparsevec", 's'}};
    char message[400];
    const stele_job_spec *spec = job->spec;
    int row;
    stele_status status = find_column(r, spec->vector, &row, error);
    if (status == STELE_OK)
        status = check_written(r, row, error);
    if (status != STELE_OK)
        return status;
    const char *type = cell(r, row, COLUMN_BASE_NAME);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(type, types[i].name) == 0)
            shape->vector_kind = types[i].kind;
    if (shape->vector_kind == '\0')
        return REFUSE("pgvector has the types vector, halfvec and sparsevec", "column \"%s\" of %s is of type %s, which holds no vectors", spec->vector, r->name, cell(r, row, COLUMN_TYPE));
    long dimensions = strtol(cell(r, row, COLUMN_SIZE), NULL, 10);
    if (dimensions > 0 && (unsigned)dimensions != spec->provider.dimensions)
        return REFUSE("the model's dimensions, in the script, and those of the column must be the same", "column \"%s\" of %s is of type %s, but the model \"%s\" has %u dimensions", spec->vector,
                      r->name, cell(r, row, COLUMN_TYPE), spec->provider.model == NULL ? "" : spec->provider.model, spec->provider.dimensions);
    if (spec->null_for_empty && strcmp(cell(r, row, COLUMN_NOT_NULL), "t") == 0)
        return REFUSE("let it be NULL; or leave empty = \"null\" out of the script: rows without text are then given up", "a row without text shall have no vector, but column \"%s\" of %s is NOT NULL",
                      spec->vector, r->name);
    shape->vector_oid = (uint32_t)strtoul(cell(r, row, COLUMN_BASE), NULL, 10);
    shape->vector_array_oid = (uint32_t)strtoul(cell(r, row, COLUMN_ARRAY), NULL, 10);
    shape->vector_type = keep(job, cell(r, row, COLUMN_TYPE));
    return shape->vector_type == NULL ? stele_error_memory(error) : STELE_OK;
}

static stele_status check_hash(const relation *r, const stele_job_spec *spec, stele_error *error)
{
    char message[400];
    int row;
    stele_status status = spec->hash == NULL ? STELE_OK : find_column(r, spec->hash, &row, error);
    if (status != STELE_OK || spec->hash == NULL)
        return status;
    if (strcmp(cell(r, row, COLUMN_BASE_NAME), "bytea") != 0)
        return REFUSE("", "column \"%s\" of %s is of type %s; the hash of what was read is a bytea", spec->hash, r->name, cell(r, row, COLUMN_TYPE));
    return check_written(r, row, error);
}

static bool is_written(const stele_job_spec *spec, const char *column)
{
    for (size_t i = 0; i < spec->key_count; i++)
        if (strcmp(spec->keys[i], column) == 0)
            return true;
    return strcmp(spec->vector, column) == 0 || (spec->hash != NULL && strcmp(spec->hash, column) == 0);
}

/* A table of its own: the same key, of the same types, and nothing else that must be there. */
static stele_status check_side(const relation *r, const stele_job_spec *spec, const stele_job_shape *shape, stele_error *error)
{
    char message[800];
    int row;
    stele_status status = STELE_OK;
    for (size_t i = 0; i < spec->key_count && status == STELE_OK; i++) {
        status = find_column(r, spec->keys[i], &row, error);
        if (status == STELE_OK && strcmp(cell(r, row, COLUMN_TYPE), shape->key_types[i]) != 0)
            status = REFUSE("the key must have the same types in both tables", "column \"%s\" is of type %s in %s, and of type %s in %s", spec->keys[i], shape->key_types[i], spec->table,
                            cell(r, row, COLUMN_TYPE), r->name);
    }
    if (status == STELE_OK)
        status = check_key(r, spec, false, error);
    for (row = 0; row < stele_rows_count(r->columns) && status == STELE_OK; row++)
        if (strcmp(cell(r, row, COLUMN_NOT_NULL), "t") == 0 && strcmp(cell(r, row, COLUMN_HAS_VALUE), "t") != 0 && !is_written(spec, cell(r, row, COLUMN_NAME)))
            status = REFUSE("give it a default", "column \"%s\" of %s is NOT NULL, and a job has no value for it", cell(r, row, COLUMN_NAME), r->name);
    return status;
}

static stele_status take_destination(stele_job *job, const relation *table, stele_job_shape *shape, stele_error *error)
{
    char message[400];
    relation side = {0};
    const stele_job_spec *spec = job->spec;
    const relation *into = table;
    stele_status status = STELE_OK;
    if (spec->into != NULL) {
        into = &side;
        status = read_relation(job, &side, spec->into, error);
        if (status == STELE_OK && strcmp(self(&side, SELF_OID), self(table, SELF_OID)) == 0)
            status = REFUSE("for a column of the same table, leave table out of into", "into names %s, which is the table that is read", spec->into);
        if (status == STELE_OK)
            status = check_side(&side, spec, shape, error);
    }
    if (status == STELE_OK)
        status = take_vector(job, into, shape, error);
    if (status == STELE_OK)
        status = check_hash(into, spec, error);
    if (status == STELE_OK)
        shape->into_oid = (uint32_t)strtoul(self(into, SELF_OID), NULL, 10);
    relation_free(&side);
    return status;
}

/* --------------------------------------------------------------------- the whole */

static stele_status take_order(const relation *r, const stele_job_spec *spec, stele_job_shape *shape, stele_error *error)
{
    char message[400];
    bool heap = stele_rows_true(r->self, 0, SELF_HEAP);
    shape->plain = self(r, SELF_KIND)[0] == 'r' && heap;
    if (spec->order == STELE_JOB_BY_BLOCKS && !shape->plain)
        return REFUSE("leave by = \"blocks\" out: it is then gone through by its key", "%s %s, and so has no blocks to go by", r->name, heap ? "isn't an ordinary table" : "is partitioned, or not kept in a heap");
    shape->by_blocks = shape->plain && spec->order != STELE_JOB_BY_KEY;
    shape->blocks = stele_job_read_number(self(r, SELF_BLOCKS));
    shape->rows = strtod(self(r, SELF_ROWS) == NULL ? "-1" : self(r, SELF_ROWS), NULL);
    if (shape->plain && shape->blocks == 0)
        shape->rows = 0;
    return check_key(r, spec, !shape->by_blocks, error);
}

stele_status stele_job_look_at(stele_job *job, stele_job_shape *shape, stele_error *error)
{
    relation table = {0};
    *shape = (stele_job_shape){.rows = -1};
    stele_status status = read_relation(job, &table, job->spec->table, error);
    if (status == STELE_OK)
        status = take_keys(job, &table, shape, error);
    if (status == STELE_OK)
        status = take_order(&table, job->spec, shape, error);
    if (status == STELE_OK)
        status = take_reads(job, &table, shape, error);
    if (status == STELE_OK) {
        shape->table_oid = (uint32_t)strtoul(self(&table, SELF_OID), NULL, 10);
        shape->into_oid = shape->table_oid;
    }
    if (status == STELE_OK && job->spec->kind == STELE_JOB_EMBEDS)
        status = take_destination(job, &table, shape, error);
    relation_free(&table);
    return status;
}

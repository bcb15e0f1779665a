#include "relation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "state.h"

/* Its text must be read back as the same value, in any session; and be compared as the index does it. */
static stele_status check_key_type(const stele_relation *r, int row, stele_error *error)
{
    char message[400], hint[400];
    const char *type = stele_relation_cell(r, row, COLUMN_BASE_NAME);
    if (strcmp(type, "money") == 0 || (strncmp(type, "reg", 3) == 0 && atoi(stele_relation_cell(r, row, COLUMN_BASE)) < 16384))
        return REFUSE("use another unique column",
                      "a key of type %s can't be remembered: its text is another one in another session (column \"%s\" of %s)",
                      type, stele_relation_cell(r, row, COLUMN_NAME), r->name);
    if (strcmp(stele_relation_cell(r, row, COLUMN_HIDES), "t") == 0) {
        snprintf(hint, sizeof hint, "put the schema of the type %.200s into search_path, for this role or database (ALTER ROLE ... SET search_path), before any with other operators of these names",
                 stele_relation_cell(r, row, COLUMN_BARE_TYPE));
        return REFUSE(hint, "the operators that compare the key's column \"%s\" of %s aren't found by the search_path: its rows would be gone through in another order than its index's",
                      stele_relation_cell(r, row, COLUMN_NAME), r->name);
    }
    return STELE_OK;
}

/* ------------------------------------------------------------------ the columns */

static char *keep(stele_job *job, const char *text)
{
    return stele_arena_copy(&job->arena, text, strlen(text));
}

static stele_status take_keys(stele_job *job, const stele_relation *r, stele_job_shape *shape, stele_error *error)
{
    const stele_job_spec *spec = job->spec;
    stele_status status = STELE_OK;
    int row;
    shape->key_types = stele_arena_get(&job->arena, spec->key_count, sizeof *shape->key_types);
    if (shape->key_types == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < spec->key_count && status == STELE_OK; i++) {
        status = stele_relation_column(r, spec->keys[i], "key", &row, error);
        if (status == STELE_OK)
            status = stele_relation_place(job, "key", spec->keys[i], check_key_type(r, row, error), error);
        if (status == STELE_OK && (shape->key_types[i] = keep(job, stele_relation_cell(r, row, COLUMN_TYPE))) == NULL)
            status = stele_error_memory(error);
    }
    return status;
}

/*
 * NULL for a type of PostgreSQL's own; else the function that gives a column's bytes, and behind its zero byte the type that it is given. A varchar is taken for the text that it is: whoever makes a text
 * of such a column changes no row, and no vector is made anew for it.
 */
static stele_status take_bytes(stele_job *job, const stele_relation *r, int row, const char **bytes, stele_error *error)
{
    static const char text_of_varchar[] = "\0pg_catalog.text";
    char message[400];
    const char *function = stele_rows_text(r->columns, row, COLUMN_SEND), *type = stele_relation_cell(r, row, COLUMN_BARE_TYPE);
    *bytes = strcmp(type, "character varying") == 0 ? text_of_varchar : NULL;
    if (function == NULL)
        return STELE_OK;
    if (strcmp(function, ".") == 0)
        return REFUSE("leave it out of read; a generated column can have it as text",
                      "column \"%s\" of %s has the type %s, which has no binary form", stele_relation_cell(r, row, COLUMN_NAME), r->name, type);
    size_t length = strlen(function) + 1;
    char *pair = stele_arena_get(&job->arena, length + strlen(type) + 1, 1);
    if (pair == NULL)
        return stele_error_memory(error);
    memcpy(pair, function, length);
    memcpy(pair + length, type, strlen(type) + 1);
    *bytes = pair;
    return STELE_OK;
}

static stele_status take_reads(stele_job *job, const stele_relation *r, stele_job_shape *shape, stele_error *error)
{
    const stele_job_spec *spec = job->spec;
    stele_status status = STELE_OK;
    int row;
    const char **bytes = stele_arena_get(&job->arena, spec->read_count, sizeof *bytes);
    shape->read_types = stele_arena_get(&job->arena, spec->read_count, sizeof *shape->read_types);
    if (shape->read_types == NULL || bytes == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < spec->read_count && status == STELE_OK; i++) {
        status = stele_relation_column(r, spec->reads[i], "read", &row, error);
        if (status == STELE_OK)
            status = stele_relation_place(job, "read", spec->reads[i], take_bytes(job, r, row, &bytes[i], error), error);
        if (status == STELE_OK && (shape->read_types[i] = keep(job, stele_relation_cell(r, row, COLUMN_TYPE))) == NULL)
            status = stele_error_memory(error);
    }
    job->read_bytes = status == STELE_OK ? bytes : NULL;
    return status;
}

/* --------------------------------------------------------------------- the whole */

/* Do the rows lie on the disk as the key orders them, as far as the statistics tell? Of a key of several columns they don't. */
static stele_status look_at_order(const stele_job *job, const stele_relation *r, bool *ordered, stele_error *error)
{
    const char *values[] = {stele_relation_self(r, SELF_OID), job->spec->keys[0]};
    stele_rows *rows = NULL;
    *ordered = job->spec->key_count == 1 && stele_relation_check_key(r, job->spec, true, NULL) == STELE_OK;
    if (!*ordered)
        return STELE_OK;
    stele_status status = stele_link_query(&job->handle->link,
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace JOIN pg_catalog.pg_stats AS s"
        " ON s.schemaname OPERATOR(pg_catalog.=) n.nspname AND s.tablename OPERATOR(pg_catalog.=) c.relname WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid"
        " AND s.attname OPERATOR(pg_catalog.=) $2 AND NOT s.inherited AND pg_catalog.abs(s.correlation) OPERATOR(pg_catalog.>) 0.95)", 2, values, &rows, error);
    *ordered = status == STELE_OK && stele_rows_true(rows, 0, 0);
    stele_rows_free(rows);
    return status;
}

/*
 * By blocks a table is read as it lies, but rows that move meanwhile are only found by going through it once more: where it lies in the order of its key, that is saved. And what a job changes in
 * the table itself moves rows: by key, each is met once.
 */
static stele_status choose_order(const stele_job *job, const stele_relation *r, stele_job_shape *shape, stele_error *error)
{
    const stele_job_spec *spec = job->spec;
    bool ordered = false;
    stele_status status = STELE_OK;
    shape->by_blocks = shape->plain && (spec->order == STELE_JOB_BY_BLOCKS || (spec->order == STELE_JOB_ANY_ORDER && spec->into != NULL));
    if (shape->by_blocks && spec->order == STELE_JOB_ANY_ORDER)
        status = look_at_order(job, r, &ordered, error);
    shape->by_blocks = shape->by_blocks && !ordered;
    return status;
}

static stele_status take_order(const stele_job *job, const stele_relation *r, stele_job_shape *shape, stele_error *error)
{
    char message[400];
    const stele_job_spec *spec = job->spec;
    bool heap = stele_rows_true(r->self, 0, SELF_HEAP);
    shape->lockable = strchr("rpv", stele_relation_self(r, SELF_KIND)[0]) != NULL;
    shape->plain = stele_relation_self(r, SELF_KIND)[0] == 'r' && heap;
    if (spec->order == STELE_JOB_BY_BLOCKS && !shape->plain)
        return stele_relation_place(r->job, "by", NULL, REFUSE("leave by = \"blocks\" out: it is then gone through by its key", "%s %s, and so has no blocks to go by", r->name,
                                                               heap ? "isn't an ordinary table" : "is partitioned, or not kept in a heap"), error);
    stele_status status = choose_order(job, r, shape, error);
    shape->blocks = stele_job_read_number(stele_relation_self(r, SELF_BLOCKS));
    shape->rows = strtod(stele_relation_self(r, SELF_ROWS) == NULL ? "-1" : stele_relation_self(r, SELF_ROWS), NULL);
    if (shape->plain && shape->blocks == 0)
        shape->rows = 0;
    shape->wanted = shape->rows;
    return status == STELE_OK ? stele_relation_check_key(r, spec, !shape->by_blocks, error) : status;
}

stele_status stele_job_look_at(stele_job *job, stele_job_shape *shape, stele_error *error)
{
    stele_relation table = {0};
    *shape = (stele_job_shape){.rows = -1};
    stele_status status = stele_job_need_script(job, error);
    if (status == STELE_OK)
        status = stele_relation_read(job, &table, job->spec->table, "table", error);
    if (status == STELE_OK)
        status = take_keys(job, &table, shape, error);
    if (status == STELE_OK)
        status = take_order(job, &table, shape, error);
    if (status == STELE_OK)
        status = take_reads(job, &table, shape, error);
    if (status == STELE_OK) {
        shape->table_oid = (uint32_t)strtoul(stele_relation_self(&table, SELF_OID), NULL, 10);
        shape->into_oid = shape->table_oid;
    }
    if (status == STELE_OK && job->spec->kind == STELE_JOB_EMBEDS)
        status = stele_shape_destination(job, &table, shape, error);
    stele_relation_free(&table);
    return stele_relation_place(job, "key", NULL, status, error);
}

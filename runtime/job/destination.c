#include "relation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"

static stele_status check_written(const stele_relation *r, int row, stele_error *error)
{
    char message[400];
    if (strcmp(stele_relation_cell(r, row, COLUMN_GENERATED), "t") == 0)
        return REFUSE("", "column \"%s\" of %s is generated, and can't be written", stele_relation_cell(r, row, COLUMN_NAME), r->name);
    return STELE_OK;
}

static stele_status take_vector(stele_job *job, const stele_relation *r, stele_job_shape *shape, stele_error *error)
{
    static const struct {
        const char *name;
        char kind;
    } types[] = {{"vector", 'v'}, {"halfvec", 'h'}, {"sparsevec", 's'}};
    char message[400];
    const stele_job_spec *spec = job->spec;
    int row;
    stele_status status = stele_relation_column(r, spec->vector, "into.vector", &row, error);
    if (status == STELE_OK)
        status = check_written(r, row, error);
    if (status != STELE_OK)
        return status;
    const char *type = stele_relation_cell(r, row, COLUMN_BASE_NAME);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(type, types[i].name) == 0)
            shape->vector_kind = types[i].kind;
    if (shape->vector_kind == '\0')
        return REFUSE("pgvector has the types vector, halfvec and sparsevec",
                      "column \"%s\" of %s is of type %s, which holds no vectors", spec->vector, r->name, stele_relation_cell(r, row, COLUMN_TYPE));
    long dimensions = strtol(stele_relation_cell(r, row, COLUMN_SIZE), NULL, 10);
    if (dimensions > 0 && (unsigned)dimensions != spec->provider.dimensions)
        return REFUSE("the model's dimensions, in the script, and those of the column must be the same",
                      "column \"%s\" of %s is of type %s, but the model \"%s\" has %u dimensions", spec->vector,
                      r->name, stele_relation_cell(r, row, COLUMN_TYPE), spec->provider.model == NULL ? "" : spec->provider.model, spec->provider.dimensions);
    if (spec->null_for_empty && strcmp(stele_relation_cell(r, row, COLUMN_NOT_NULL), "t") == 0)
        return REFUSE("let it be NULL; or leave empty = \"null\" out of the script: rows without text are then given up",
                      "a row without text shall have no vector, but column \"%s\" of %s is NOT NULL",
                      spec->vector, r->name);
    shape->vector_oid = (uint32_t)strtoul(stele_relation_cell(r, row, COLUMN_BASE), NULL, 10);
    shape->vector_array_oid = (uint32_t)strtoul(stele_relation_cell(r, row, COLUMN_ARRAY), NULL, 10);
    const char *sql_type = stele_relation_cell(r, row, COLUMN_TYPE);
    shape->vector_type = stele_arena_copy(&job->arena, sql_type, strlen(sql_type));
    return shape->vector_type == NULL ? stele_error_memory(error) : STELE_OK;
}

static stele_status check_hash(const stele_relation *r, const stele_job_spec *spec, stele_error *error)
{
    char message[400];
    int row;
    stele_status status = spec->hash == NULL ? STELE_OK : stele_relation_column(r, spec->hash, "into.hash", &row, error);
    if (status != STELE_OK || spec->hash == NULL)
        return status;
    if (strcmp(stele_relation_cell(r, row, COLUMN_BASE_NAME), "bytea") != 0)
        return REFUSE("",
                      "column \"%s\" of %s is of type %s; the hash of what was read is a bytea", spec->hash, r->name, stele_relation_cell(r, row, COLUMN_TYPE));
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
static stele_status check_side(const stele_relation *r, const stele_job_spec *spec, const stele_job_shape *shape, stele_error *error)
{
    char message[800];
    int row;
    stele_status status = STELE_OK;
    for (size_t i = 0; i < spec->key_count && status == STELE_OK; i++) {
        status = stele_relation_column(r, spec->keys[i], "key", &row, error);
        if (status == STELE_OK && strcmp(stele_relation_cell(r, row, COLUMN_TYPE), shape->key_types[i]) != 0)
            status = REFUSE("the key must have the same types in both tables", "column \"%s\" is of type %s in %s, and of type %s in %s", spec->keys[i], shape->key_types[i], spec->table,
                            stele_relation_cell(r, row, COLUMN_TYPE), r->name);
    }
    if (status == STELE_OK)
        status = stele_relation_check_key(r, spec, false, error);
    if (status == STELE_OK)
        status = stele_relation_check_conflict(r, spec, error);
    for (row = 0; row < stele_rows_count(r->columns) && status == STELE_OK; row++)
        if (strcmp(stele_relation_cell(r, row, COLUMN_NOT_NULL), "t") == 0 && strcmp(stele_relation_cell(r, row, COLUMN_HAS_VALUE), "t") != 0 && !is_written(spec, stele_relation_cell(r, row, COLUMN_NAME)))
            status = REFUSE("give it a default", "column \"%s\" of %s is NOT NULL, and a job has no value for it", stele_relation_cell(r, row, COLUMN_NAME), r->name);
    return status;
}

stele_status stele_shape_destination(stele_job *job, const stele_relation *table, stele_job_shape *shape, stele_error *error)
{
    char message[400];
    stele_relation side = {0};
    const stele_job_spec *spec = job->spec;
    const stele_relation *into = table;
    stele_status status = STELE_OK;
    if (spec->into != NULL) {
        into = &side;
        status = stele_relation_read(job, &side, spec->into, "into.table", error);
        if (status == STELE_OK && strcmp(stele_relation_self(&side, SELF_OID), stele_relation_self(table, SELF_OID)) == 0)
            status = REFUSE("for a column of the same table, leave table out of into", "into names %s, which is the table that is read", spec->into);
        stele_relation_place(job, "into.table", NULL, status, error);
    }
    if (status == STELE_OK)
        status = stele_relation_place(job, "into.vector", NULL, take_vector(job, into, shape, error), error);
    if (status == STELE_OK)
        status = stele_relation_place(job, "into.hash", NULL, check_hash(into, spec, error), error);
    if (status == STELE_OK && spec->into != NULL)
        status = stele_relation_place(job, "into.table", NULL, check_side(&side, spec, shape, error), error);
    if (status == STELE_OK)
        shape->into_oid = (uint32_t)strtoul(stele_relation_self(into, SELF_OID), NULL, 10);
    stele_relation_free(&side);
    return status;
}

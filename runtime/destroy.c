#include <stdlib.h>
#include <string.h>

#include "back.h"
#include "error.h"

/* What makes the query that counts the rows of a loss: no row, or NULL, when there is nothing by that name. */
static const char *const makers[] = {
    [STELE_LOSES_TABLE] = "SELECT CASE WHEN pg_catalog.to_regclass($1) IS NOT NULL THEN"
                          " pg_catalog.format('SELECT pg_catalog.count(*) FROM %s', pg_catalog.to_regclass($1)) END",
    [STELE_LOSES_COLUMN] = "SELECT pg_catalog.format('SELECT pg_catalog.count(%I) FROM %s', a.attname, a.attrelid::pg_catalog.regclass)"
                           " FROM pg_catalog.pg_attribute AS a WHERE a.attrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)"
                           " AND a.attname OPERATOR(pg_catalog.=) $2 AND NOT a.attisdropped",
    [STELE_LOSES_SCHEMA] = "SELECT pg_catalog.format('SELECT pg_catalog.count(*) FROM %s', c.oid::pg_catalog.regclass)"
                           " FROM pg_catalog.pg_class AS c WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.to_regnamespace($1)"
                           " AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}'::\"char\"[]) AND NOT c.relispartition",
};

/* Another process dropped it between the two looks. */
static bool is_gone(const char *sqlstate)
{
    return strcmp(sqlstate, "42P01") == 0 || strcmp(sqlstate, "42703") == 0 || strcmp(sqlstate, "3F000") == 0;
}

/* Count by one query. What may not be counted, or can't, isn't known to be empty: -1. */
static stele_status count_by(stele_link *link, const char *sql, int64_t *rows, stele_error *error)
{
    stele_rows *counted;
    stele_error why = {0};
    stele_status status = stele_link_query(link, sql, 0, NULL, &counted, &why);
    if (status == STELE_FAILED && why.sqlstate[0] != '\0') {
        *rows = is_gone(why.sqlstate) ? *rows : -1;
        return stele_link_run(link, "ROLLBACK TO SAVEPOINT stele_count", error);
    }
    if (status != STELE_OK && error != NULL)
        *error = why;
    if (status == STELE_OK && *rows >= 0)
        *rows += strtoll(stele_rows_text(counted, 0, 0), NULL, 10);
    stele_rows_free(counted);
    return status;
}

static stele_status count_rows(stele_link *link, const stele_loss *loss, int64_t *rows, stele_error *error)
{
    const char *values[] = {loss->relation, loss->column};
    stele_rows *queries;
    *rows = loss->kind >= STELE_LOSES_UNKNOWN ? -1 : 0;
    if (*rows < 0)
        return STELE_OK;
    stele_status status = stele_link_query(link, makers[loss->kind], loss->kind == STELE_LOSES_COLUMN ? 2 : 1, values, &queries, error);
    for (int i = 0; status == STELE_OK && i < stele_rows_count(queries) && *rows >= 0; i++)
        if (stele_rows_text(queries, i, 0) != NULL)
            status = count_by(link, stele_rows_text(queries, i, 0), rows, error);
    stele_rows_free(queries);
    return status;
}

/* In a transaction where a policy that hides rows is an error: hidden ones are destroyed too. */
stele_status stele_casualties_count(stele *handle, const stele_migration *migration, stele_casualty **casualties, size_t *count,
                                    stele_arena *arena, stele_error *error)
{
    stele_link *link = &handle->link;
    *casualties = stele_arena_get(arena, migration->loss_count, sizeof **casualties);
    *count = 0;
    if (*casualties == NULL)
        return stele_error_memory(error);
    if (migration->loss_count == 0)
        return STELE_OK;
    stele_status status = stele_link_run(link, "BEGIN READ ONLY; SET LOCAL row_security = off; SAVEPOINT stele_count", error);
    for (uint32_t i = 0; i < migration->loss_count && status == STELE_OK; i++) {
        int64_t rows;
        status = count_rows(link, &migration->losses[i], &rows, error);
        if (status == STELE_OK && rows != 0)
            (*casualties)[(*count)++] = (stele_casualty){&migration->losses[i], rows};
    }
    stele_link_rollback(link);
    return status;
}

stele_status stele_casualties_refuse(const stele_reversal *reversal, stele_error *error)
{
    const stele_migration *migration = reversal->migration;
    const stele_casualty *casualty = &reversal->casualties[0];
    const stele_loss *loss = casualty->loss;
    const char *file = migration->file, *many = casualty->rows == 1 ? "" : "s";
    long long rows = (long long)casualty->rows;
    stele_error_file(error, migration);
    if (!reversal->from_ledger)
        stele_error_place(error, migration, loss->begin);
    if (loss->kind == STELE_LOSES_UNKNOWN)
        stele_error_set(error, STELE_UNMET, "taking \"%s\" back may destroy data: only running it would tell", file);
    else if (rows < 0)
        stele_error_set(error, STELE_UNMET, "taking \"%s\" back destroys rows of %s that can't be counted", file, loss->relation);
    else if (loss->kind == STELE_LOSES_COLUMN)
        stele_error_set(error, STELE_UNMET, "taking \"%s\" back destroys %lld value%s of column \"%s\" of %s", file, rows, many,
                        loss->column, loss->relation);
    else
        stele_error_set(error, STELE_UNMET, "taking \"%s\" back destroys %lld row%s of %s%s", file, rows, many,
                        loss->kind == STELE_LOSES_SCHEMA ? "the schema " : "", loss->relation);
    stele_error_hint(error, "nothing was taken back; plan --down shows all that would be destroyed, --allow-destructive destroys it");
    return STELE_UNMET;
}

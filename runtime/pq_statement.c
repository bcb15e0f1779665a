#include "pq_statement.h"

#include <stdlib.h>

#include "error.h"
#include "pq_inside.h"

stele_status stele_statement_describe(stele_link *link, const char *sql, uint32_t *types, int room, int *count,
                                      stele_error *error)
{
    stele_status status = stele_pq_ready(link, error);
    *count = 0;
    if (status != STELE_OK)
        return status;
    if (PQsendPrepare(link->connection, "", sql, 0, NULL) != 1)
        return stele_pq_fail(link, NULL, error);
    PGresult *result = stele_pq_only_result(link);
    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        PQclear(result);
        if (PQsendDescribePrepared(link->connection, "") != 1)
            return stele_pq_fail(link, NULL, error);
        result = stele_pq_only_result(link);
    }
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        status = stele_pq_fail(link, result, error);
    *count = status == STELE_OK ? PQnparams(result) : 0;
    for (int i = 0; i < *count && i < room; i++)
        types[i] = PQparamtype(result, i);
    PQclear(result);
    return status;
}

stele_status stele_statement_send(stele_link *link, const char *sql, const stele_arguments *arguments, bool singly,
                                  stele_error *error)
{
    const stele_arguments *a = arguments;
    stele_status status = stele_pq_ready(link, error);
    int sent;
    if (status != STELE_OK)
        return status;
    if (sql == NULL)
        sent = PQsendQueryPrepared(link->connection, "", a->count, a->values, a->lengths, a->formats, 0);
    else
        sent = PQsendQueryParams(link->connection, sql, a->count, a->types, a->values, a->lengths, a->formats, 0);
    if (sent != 1)
        return stele_pq_fail(link, NULL, error);
    if (singly)
        PQsetSingleRowMode(link->connection);
    return STELE_OK;
}

stele_status stele_statement_next(stele_link *link, stele_rows **rows, stele_error *error)
{
    *rows = stele_pq_result(link);
    if (*rows == NULL)
        return stele_link_alive(link) ? STELE_OK : stele_pq_fail(link, NULL, error);
    if (stele_pq_succeeded(*rows))
        return STELE_OK;
    stele_status status;
    if (stele_pq_end_copy(link, *rows))
        status = stele_error_set(error, STELE_FAILED, "COPY can't be run here");
    else
        status = stele_pq_fail(link, *rows, error);
    PQclear(*rows);
    *rows = NULL;
    stele_statement_drop(link);
    return status;
}

void stele_statement_drop(stele_link *link)
{
    PGresult *result;
    while (stele_link_alive(link) && (result = stele_pq_result(link)) != NULL) {
        stele_pq_end_copy(link, result);
        PQclear(result);
    }
}

bool stele_link_in_transaction(const stele_link *link)
{
    return PQtransactionStatus(link->connection) == PQTRANS_INTRANS;
}

bool stele_link_is_idle(const stele_link *link)
{
    return !link->piping && stele_link_alive(link) && PQtransactionStatus(link->connection) == PQTRANS_IDLE;
}

int64_t stele_rows_affected(const stele_rows *rows)
{
    return strtoll(PQcmdTuples((PGresult *)rows), NULL, 10);
}

const char *stele_rows_name(const stele_rows *rows, int column)
{
    return PQfname(rows, column);
}

uint32_t stele_rows_type(const stele_rows *rows, int column)
{
    return PQftype(rows, column);
}

size_t stele_rows_memory(const stele_rows *rows)
{
    return PQresultMemorySize(rows);
}

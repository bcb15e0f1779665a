#include "pq_inside.h"

#include <string.h>

#include "error.h"
#include "mem.h"

bool stele_pq_end_copy(stele_link *link, const PGresult *result)
{
    char *line;
    ExecStatusType kind = PQresultStatus(result);
    if (kind == PGRES_COPY_IN)
        PQputCopyEnd(link->connection, "COPY can't be run here");
    else if (kind == PGRES_COPY_OUT || kind == PGRES_COPY_BOTH)
        while (stele_pq_copy_data(link, &line) > 0)
            PQfreemem(line);
    return kind == PGRES_COPY_IN || kind == PGRES_COPY_OUT || kind == PGRES_COPY_BOTH;
}

/* Drop the results of what was sent, as they come; the first failure is kept. */
static stele_status drop_results(stele_link *link, stele_error *error)
{
    stele_status status = STELE_OK;
    PGresult *result;
    while ((result = stele_pq_result(link)) != NULL) {
        if (!stele_pq_end_copy(link, result) && !stele_pq_succeeded(result) && status == STELE_OK)
            status = stele_pq_fail(link, result, error);
        stele_pq_take_tag(link, result);
        PQclear(result);
        if (PQstatus(link->connection) != CONNECTION_OK)
            break;
    }
    return status;
}

static stele_status query(stele_link *link, const char *sql, int count, const char *const *values, int format,
                          stele_rows **rows, stele_error *error)
{
    if (rows != NULL)
        *rows = NULL;
    stele_status status = stele_pq_ready(link, error);
    if (status != STELE_OK)
        return status;
    if (PQsendQueryParams(link->connection, sql, count, NULL, values, NULL, NULL, format) != 1)
        return stele_pq_fail(link, NULL, error);
    PGresult *result = stele_pq_only_result(link);
    if (stele_pq_end_copy(link, result)) {
        status = stele_error_set(error, STELE_FAILED, "COPY can't be run here");
        drop_results(link, NULL);
    } else if (!stele_pq_succeeded(result)) {
        status = stele_pq_fail(link, result, error);
    } else if (rows != NULL) {
        *rows = result;
        result = NULL;
    }
    PQclear(result);
    return status;
}

stele_status stele_link_query(stele_link *link, const char *sql, int count, const char *const *values, stele_rows **rows,
                              stele_error *error)
{
    return query(link, sql, count, values, 0, rows, error);
}

stele_status stele_link_query_binary(stele_link *link, const char *sql, stele_rows **rows, stele_error *error)
{
    return query(link, sql, 0, NULL, 1, rows, error);
}

/* A cursor and its fetches, all sent at once. False: libpq says why. */
static bool send_chunks(PGconn *connection, const char *declare, int count, const char *const *values, int64_t expected)
{
    enum { CHUNK = 250 }; /* about what a socket buffers: the server need not wait for us */
    bool sent = PQsendQueryParams(connection, "BEGIN READ ONLY", 0, NULL, NULL, NULL, NULL, 0) == 1 &&
                PQsendQueryParams(connection, declare, count, NULL, values, NULL, NULL, 0) == 1;
    for (int64_t left = expected; sent && left > CHUNK; left -= CHUNK)
        sent = PQsendQueryParams(connection, "FETCH FORWARD 250 FROM stele_ledger", 0, NULL, NULL, NULL, NULL, 1) == 1;
    return sent && PQsendQueryParams(connection, "FETCH ALL FROM stele_ledger", 0, NULL, NULL, NULL, NULL, 1) == 1 &&
           PQsendQueryParams(connection, "COMMIT", 0, NULL, NULL, NULL, NULL, 0) == 1 && PQpipelineSync(connection) == 1;
}

/* Read what send_chunks asked for, up to the sync. */
static stele_status take_chunks(stele_link *link, bool (*take)(void *data, stele_rows *rows), void *data,
                                stele_error *error)
{
    stele_status status = STELE_OK;
    for (bool synced = false; !synced && stele_link_alive(link);) {
        PGresult *result = stele_pq_result(link);
        ExecStatusType kind = PQresultStatus(result);
        synced = kind == PGRES_PIPELINE_SYNC;
        if (kind == PGRES_TUPLES_OK && status == STELE_OK) {
            status = take(data, result) ? STELE_OK : stele_error_memory(error);
            continue;
        }
        if (kind == PGRES_FATAL_ERROR && result != NULL && status == STELE_OK)
            status = stele_pq_fail(link, result, error);
        PQclear(result);
    }
    return status == STELE_OK && !stele_link_alive(link) ? stele_pq_fail(link, NULL, error) : status;
}

stele_status stele_link_query_chunks(stele_link *link, const char *sql, int count, const char *const *values, int64_t expected,
                                     bool (*take)(void *data, stele_rows *rows), void *data, stele_error *error)
{
    stele_text declare = {0};
    stele_status status = stele_pq_ready(link, error);
    if (status != STELE_OK)
        return status;
    stele_text_print(&declare, "DECLARE stele_ledger BINARY NO SCROLL CURSOR FOR %s", sql);
    if (declare.failed)
        status = stele_error_memory(error);
    else if (PQenterPipelineMode(link->connection) != 1 ||
             !send_chunks(link->connection, declare.bytes, count, values, expected))
        status = stele_pq_fail(link, NULL, error);
    else
        status = take_chunks(link, take, data, error);
    stele_text_free(&declare);
    if (stele_link_alive(link))
        PQexitPipelineMode(link->connection);
    if (status != STELE_OK)
        stele_link_rollback(link);
    return status;
}

stele_status stele_link_run(stele_link *link, const char *sql, stele_error *error)
{
    stele_status status = stele_pq_ready(link, error);
    if (status != STELE_OK)
        return status;
    if (PQsendQuery(link->connection, sql) != 1)
        return stele_pq_fail(link, NULL, error);
    PQsetSingleRowMode(link->connection);
    return drop_results(link, error);
}

stele_status stele_link_run_rows(stele_link *link, const char *sql, bool (*take)(void *data, stele_rows *rows), void *data,
                                 stele_error *error)
{
    stele_status status = stele_pq_ready(link, error);
    PGresult *result;
    bool more = true;
    if (status != STELE_OK)
        return status;
    if (PQsendQuery(link->connection, sql) != 1)
        return stele_pq_fail(link, NULL, error);
    while ((result = stele_pq_result(link)) != NULL && stele_link_alive(link)) {
        ExecStatusType kind = PQresultStatus(result);
        if (kind == PGRES_TUPLES_OK && more && status == STELE_OK) {
            more = take(data, result);
            continue;
        }
        if (!stele_pq_end_copy(link, result) && !stele_pq_succeeded(result) && status == STELE_OK)
            status = stele_pq_fail(link, result, error);
        PQclear(result);
    }
    PQclear(result);
    if (status == STELE_OK && !stele_link_alive(link))
        status = stele_pq_fail(link, NULL, error);
    return status;
}

/* `*whole`: that was all. Else what comes back tells why, unless there is an error: what libpq doesn't take when it has nothing else to send, it has no memory for. */
static stele_status put_pieces(stele_link *link, stele_copy_next *next, void *data, bool *whole, stele_error *error)
{
    const char *piece;
    size_t length;
    do {
        stele_status status = next(data, &piece, &length, error);
        *whole = status == STELE_OK && length == 0;
        if (status != STELE_OK || *whole)
            return status;
        if (PQputCopyData(link->connection, piece, (int)length) != 1)
            return stele_link_alive(link) ? stele_error_memory(error) : stele_pq_fail(link, NULL, error);
    } while (stele_pq_flush(link));
    return stele_link_alive(link) ? STELE_OK : stele_pq_fail(link, NULL, error);
}

stele_status stele_link_copy_from(stele_link *link, const char *sql, stele_copy_next *next, void *data, stele_error *error)
{
    stele_status status = stele_pq_ready(link, error);
    if (status != STELE_OK)
        return status;
    if (PQsendQuery(link->connection, sql) != 1)
        return stele_pq_fail(link, NULL, error);
    PGresult *result = stele_pq_only_result(link);
    if (PQresultStatus(result) != PGRES_COPY_IN) {
        if (stele_pq_succeeded(result))
            status = stele_error_set(error, STELE_FAILED, "the server did not ask for the data of this COPY");
        else
            status = stele_pq_fail(link, result, error);
        PQclear(result);
        return status;
    }
    PQclear(result);
    bool whole = false;
    status = put_pieces(link, next, data, &whole, error);
    PQputCopyEnd(link->connection, whole ? NULL : "its data could not be made");
    stele_status answered = drop_results(link, error);
    return status == STELE_OK ? answered : status;
}

typedef struct text_source {
    const char *at;
    size_t left;
} text_source;

static stele_status next_piece(void *data, const char **piece, size_t *length, stele_error *error)
{
    enum { PIECE = 256 * 1024 };
    text_source *source = data;
    (void)error;
    *piece = source->at;
    *length = source->left < PIECE ? source->left : PIECE;
    source->at += *length;
    source->left -= *length;
    return STELE_OK;
}

stele_status stele_link_copy(stele_link *link, const char *sql, const char *data, size_t length, stele_error *error)
{
    return stele_link_copy_from(link, sql, next_piece, &(text_source){data, length}, error);
}

void stele_link_rollback(stele_link *link)
{
    if (stele_link_alive(link) && PQtransactionStatus(link->connection) != PQTRANS_IDLE)
        if (PQsendQuery(link->connection, link->prepares ? "ROLLBACK; DEALLOCATE ALL" : "ROLLBACK") == 1)
            PQclear(stele_pq_only_result(link));
}


#include "pq_statement.h"

#include "error.h"
#include "pq_inside.h"

static bool send_all(PGconn *connection, const stele_batched *batch, size_t count)
{
    bool sent = true;
    for (size_t i = 0; sent && i < count; i++) {
        const stele_arguments *a = &batch[i].arguments;
        sent = PQsendQueryParams(connection, batch[i].sql, a->count, a->types, a->values, a->lengths, a->formats, 0) == 1;
    }
    return PQpipelineSync(connection) == 1 && sent;
}

/* Everything up to the answer to the sync, which comes whatever failed before it. */
static stele_status take_answers(stele_link *link, stele_batched *batch, size_t count, size_t *failed, stele_error *error)
{
    stele_status status = STELE_OK;
    size_t at = 0;
    for (bool synced = false; !synced && stele_link_alive(link);) {
        PGresult *result = stele_pq_result(link);
        synced = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        if (result == NULL) {
            at++; /* behind each statement's results */
        } else if (stele_pq_succeeded(result) && at < count && batch[at].rows == NULL) {
            batch[at].rows = result;
            continue;
        } else if (!synced && !stele_pq_succeeded(result) && PQresultStatus(result) != PGRES_PIPELINE_ABORTED && status == STELE_OK) {
            status = stele_pq_fail(link, result, error);
            *failed = at;
        }
        PQclear(result);
    }
    return status == STELE_OK && !stele_link_alive(link) ? stele_pq_fail(link, NULL, error) : status;
}

void stele_batch_free(stele_batched *batch, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        stele_rows_free(batch[i].rows);
        batch[i].rows = NULL;
    }
}

stele_status stele_link_batch(stele_link *link, stele_batched *batch, size_t count, size_t *failed, stele_error *error)
{
    stele_status status = stele_pq_ready(link, error);
    *failed = count;
    if (status != STELE_OK)
        return status;
    if (PQenterPipelineMode(link->connection) != 1)
        return stele_pq_fail(link, NULL, error);
    bool sent = send_all(link->connection, batch, count);
    if (!sent)
        status = stele_pq_fail(link, NULL, error);
    stele_status answered = take_answers(link, batch, count, failed, error);
    if (status == STELE_OK)
        status = answered;
    if (stele_link_alive(link))
        PQexitPipelineMode(link->connection);
    if (status != STELE_OK)
        stele_batch_free(batch, count);
    return status;
}

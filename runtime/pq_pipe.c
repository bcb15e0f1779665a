#include "pq_inside.h"

#include "error.h"

stele_status stele_pipe_start(stele_link *link, stele_error *error)
{
    stele_status status = stele_pq_ready(link, error);
    if (status != STELE_OK)
        return status;
    if (PQenterPipelineMode(link->connection) != 1)
        return stele_pq_fail(link, NULL, error);
    link->first = link->inflight = 0;
    link->piping = true;
    return STELE_OK;
}

/* Read the answer to the oldest statement in flight. */
static stele_status read_answer(stele_link *link, stele_error *error)
{
    uint64_t item = link->items[link->first];
    stele_status status = STELE_OK;
    stele_rows *last = NULL;
    PGresult *result;
    /* Rows of a migration's SELECT are dropped one by one: nobody knows how many there are. */
    PQsetSingleRowMode(link->connection);
    while ((result = stele_pq_result(link)) != NULL) {
        if (!stele_pq_succeeded(result) && status == STELE_OK) {
            status = stele_pq_fail(link, result, error);
            link->failed_item = item;
        }
        stele_pq_take_tag(link, result);
        if (PQresultStatus(result) == PGRES_SINGLE_TUPLE && last == NULL)
            last = result;
        else
            PQclear(result);
        if (PQstatus(link->connection) != CONNECTION_OK) {
            if (status == STELE_OK)
                status = stele_pq_fail(link, NULL, error);
            break;
        }
    }
    link->first = (link->first + 1) % STELE_PIPE_LIMIT;
    link->inflight--;
    if (status == STELE_OK && link->answered != NULL)
        link->answered(link->answered_data, item, last);
    PQclear(last);
    return status;
}

/* Wait until at most `left` statements are in flight. */
static stele_status read_answers(stele_link *link, unsigned left, stele_error *error)
{
    stele_status status = link->inflight > left ? stele_pipe_push(link, error) : STELE_OK;
    while (status == STELE_OK && link->inflight > left)
        status = read_answer(link, error);
    return status;
}

stele_status stele_pipe_send(stele_link *link, uint64_t item, const char *sql, int count, const char *const *values,
                             stele_error *error)
{
    stele_status status = stele_pq_ready(link, error);
    if (status != STELE_OK) {
        link->failed_item = item;
        return status;
    }
    if (link->inflight == STELE_PIPE_LIMIT)
        status = read_answers(link, STELE_PIPE_LIMIT / 2, error);
    if (status != STELE_OK)
        return status;
    if (PQsendQueryParams(link->connection, sql, count, NULL, values, NULL, NULL, 0) != 1) {
        link->failed_item = item;
        return stele_pq_fail(link, NULL, error);
    }
    link->items[(link->first + link->inflight) % STELE_PIPE_LIMIT] = item;
    link->inflight++;
    return STELE_OK;
}

stele_status stele_pipe_push(stele_link *link, stele_error *error)
{
    if (PQsendFlushRequest(link->connection) != 1 || PQflush(link->connection) < 0)
        return stele_pq_fail(link, NULL, error);
    return STELE_OK;
}

stele_status stele_pipe_wait(stele_link *link, stele_error *error)
{
    return read_answers(link, 0, error);
}

stele_status stele_pipe_stop(stele_link *link, stele_error *error)
{
    if (!link->piping)
        return STELE_OK;
    link->piping = false;
    if (!stele_link_alive(link))
        return stele_error_set(error, STELE_NO_CONNECTION, "the connection was lost");
    if (PQpipelineSync(link->connection) != 1)
        return stele_pq_fail(link, NULL, error);
    /* What was sent behind a failure comes back as aborted; the sync ends it. */
    stele_status status = STELE_OK;
    for (bool synced = false; !synced && stele_link_alive(link);) {
        PGresult *result = stele_pq_result(link);
        ExecStatusType kind = PQresultStatus(result);
        synced = kind == PGRES_PIPELINE_SYNC;
        if (result != NULL && !synced && kind != PGRES_PIPELINE_ABORTED && !stele_pq_succeeded(result) && status == STELE_OK)
            status = stele_pq_fail(link, result, error);
        PQclear(result);
    }
    link->inflight = 0;
    if (!stele_link_alive(link) || PQexitPipelineMode(link->connection) != 1)
        return stele_pq_fail(link, NULL, error);
    return status;
}


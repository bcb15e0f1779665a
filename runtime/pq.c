#include "pq.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "mem.h"

/* ------------------------------------------------------------------ errors */

/* The server's last words arrive before libpq sees the connection end: whatever is FATAL has ended it. */
static bool is_fatal(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

/* Does the server not write at all? A standby refuses BEGIN READ WRITE as something it doesn't support. */
static bool is_read_only(const stele_link *link, const char *sqlstate)
{
    const char *standby = PQparameterStatus(link->connection, "in_hot_standby");
    return strcmp(sqlstate, "25006") == 0 || (strcmp(sqlstate, "0A000") == 0 && standby != NULL && strcmp(standby, "on") == 0);
}

static stele_status status_of(const stele_link *link, const PGresult *result, const char *sqlstate)
{
    if (PQstatus(link->connection) != CONNECTION_OK || is_fatal(result))
        return STELE_NO_CONNECTION;
    if (is_read_only(link, sqlstate))
        return STELE_UNMET;
    return strcmp(sqlstate, "55P03") == 0 ? STELE_LOCKED : STELE_FAILED;
}

/* libpq's own messages have several lines, indented: the first is the message, the others are detail. */
static void split_message(stele_error *error)
{
    char *rest = strchr(error->message, '\n');
    if (rest == NULL)
        return;
    *rest++ = '\0';
    rest += strspn(rest, " \t");
    if (error->detail[0] == '\0')
        stele_error_copy(error->detail, sizeof error->detail, rest);
}

/*
 * A result that libpq has made itself: mostly a connection that broke. When it broke as something was written, libpq keeps
 * CONNECTION_OK until it has read the end of it as well; a few reads, since the server's last words may come first.
 */
static void look_at_socket(stele_link *link)
{
    for (int i = 0; i < 8 && PQstatus(link->connection) == CONNECTION_OK; i++)
        if (PQconsumeInput(link->connection) == 0)
            break;
}

/* Make an error of what the server said. Without a result, of what libpq says of the connection. */
static stele_status fail(stele_link *link, const PGresult *result, stele_error *error)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (result != NULL && sqlstate == NULL)
        look_at_socket(link);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    if (message == NULL)
        message = result != NULL ? PQresultErrorMessage(result) : PQerrorMessage(link->connection);
    link->position = position == NULL ? 0 : (unsigned)strtoul(position, NULL, 10);
    stele_status status = status_of(link, result, sqlstate == NULL ? "" : sqlstate);
    if (error == NULL || error->status != STELE_OK)
        return status;
    stele_error_set(error, status, "%s", "");
    stele_error_copy(error->message, sizeof error->message, message);
    stele_error_copy(error->sqlstate, sizeof error->sqlstate, sqlstate);
    stele_error_copy(error->detail, sizeof error->detail, PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL));
    stele_error_copy(error->hint, sizeof error->hint, PQresultErrorField(result, PG_DIAG_MESSAGE_HINT));
    stele_error_copy(error->context, sizeof error->context, PQresultErrorField(result, PG_DIAG_CONTEXT));
    split_message(error);
    if (status == STELE_UNMET && error->hint[0] == '\0')
        stele_error_copy(error->hint, sizeof error->hint, "this server, or this session, only reads: connect to the primary");
    return status;
}

static bool is_success(const PGresult *result)
{
    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
    case PGRES_EMPTY_QUERY:
        return true;
    default:
        return false;
    }
}

/* Of rows that come singly, only the result behind them has the tag. */
static void take_tag(stele_link *link, PGresult *result)
{
    if (PQresultStatus(result) != PGRES_SINGLE_TUPLE)
        link->affected = strtoll(PQcmdTuples(result), NULL, 10);
}

/* ----------------------------------------------------------- open and close */

static void receive_notice(void *data, const PGresult *result)
{
    stele_link *link = data;
    if (link->notice == NULL)
        return;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    link->notice(link->notice_data, severity == NULL ? "NOTICE" : severity, sqlstate == NULL ? "" : sqlstate,
                 message == NULL ? "" : message);
}

static stele_status take_over(stele_link *link, stele_error *error)
{
    PGconn *connection = link->connection;
    if (PQstatus(connection) != CONNECTION_OK)
        return stele_error_set(error, STELE_NO_CONNECTION, "the connection that was passed in is not open");
    if (PQtransactionStatus(connection) != PQTRANS_IDLE)
    {
        stele_error_set(error, STELE_USAGE, "the connection that was passed in has a transaction open");
        stele_error_hint(error, "commit or roll back first: each migration has a transaction of its own");
        return STELE_USAGE;
    }
    if (PQpipelineStatus(connection) != PQ_PIPELINE_OFF || PQisnonblocking(connection))
        return stele_error_set(error, STELE_USAGE, "the connection that was passed in is in pipeline or nonblocking mode");
    const char *encoding = PQparameterStatus(connection, "client_encoding");
    if (encoding != NULL && strcmp(encoding, "UTF8") != 0) {
        stele_error_copy(link->old_encoding, sizeof link->old_encoding, encoding); /* libpq's text goes with the change */
        if (PQsetClientEncoding(connection, "UTF8") != 0)
            return fail(link, NULL, error);
    }
    return STELE_OK;
}

/*
 * libpq's own complaint about a connection string quotes it, password and all; so a
 * string that can't be parsed is refused here, without quoting it.
 */
static stele_status check_conninfo(const char *conninfo, stele_error *error)
{
    bool uri = strncmp(conninfo, "postgresql://", 13) == 0 || strncmp(conninfo, "postgres://", 11) == 0;
    if (!uri && strchr(conninfo, '=') == NULL)
        return STELE_OK; /* a database name */
    PQconninfoOption *parsed = PQconninfoParse(conninfo, NULL);
    if (parsed == NULL) {
        stele_error_set(error, STELE_NO_CONNECTION, "the connection string can't be parsed");
        stele_error_hint(error, "write postgresql://USER@HOST:PORT/DATABASE?KEY=VALUE, or KEY=VALUE pairs with values that hold "
                                "blanks in single quotes; in a URI, characters such as @ : / %% are written %%40 %%3A %%2F %%25");
        return STELE_NO_CONNECTION;
    }
    PQconninfoFree(parsed);
    return STELE_OK;
}

bool stele_conninfo_has_password(const char *conninfo)
{
    PQconninfoOption *parsed = PQconninfoParse(conninfo, NULL);
    bool found = false;
    for (PQconninfoOption *option = parsed; option != NULL && option->keyword != NULL; option++)
        found |= strcmp(option->keyword, "password") == 0 && option->val != NULL && option->val[0] != '\0';
    PQconninfoFree(parsed);
    return found;
}

static stele_status connect_own(stele_link *link, const stele_options *options, stele_error *error)
{
    const char *conninfo = options->conninfo == NULL ? "" : options->conninfo;
    const char *application = options->application == NULL ? "stele" : options->application;
    const char *keys[] = {"dbname", "fallback_application_name", "client_encoding", NULL};
    const char *values[] = {conninfo, application, "UTF8", NULL};
    stele_status status = check_conninfo(conninfo, error);
    if (status != STELE_OK)
        return status;
    link->connection = PQconnectdbParams(keys, values, 1);
    link->own = true;
    if (link->connection == NULL)
        return stele_error_memory(error);
    if (PQstatus(link->connection) != CONNECTION_OK)
        return fail(link, NULL, error);
    return STELE_OK;
}

stele_status stele_link_open(stele_link *link, const stele_options *options, stele_error *error)
{
    *link = (stele_link){.connection = options->connection};
    stele_status status = link->connection == NULL ? connect_own(link, options, error) : take_over(link, error);
    if (status == STELE_OK) {
        if (link->own)
            PQsetNoticeReceiver(link->connection, receive_notice, link);
    } else {
        if (link->own)
            PQfinish(link->connection);
        *link = (stele_link){0};
    }
    return status;
}

stele_status stele_link_renew(stele_link *link, stele_error *error)
{
    if (!link->own)
        return STELE_OK;
    PQreset(link->connection);
    return PQstatus(link->connection) == CONNECTION_OK ? STELE_OK : fail(link, NULL, error);
}

void stele_link_close(stele_link *link)
{
    if (link->connection == NULL)
        return;
    if (link->own)
        PQfinish(link->connection);
    else if (link->old_encoding[0] != '\0')
        PQsetClientEncoding(link->connection, link->old_encoding);
    *link = (stele_link){0};
}

bool stele_link_alive(const stele_link *link)
{
    return link->connection != NULL && PQstatus(link->connection) == CONNECTION_OK;
}

const char *stele_link_user(const stele_link *link)
{
    return PQuser(link->connection);
}

int stele_link_version(const stele_link *link)
{
    return PQserverVersion(link->connection);
}

/* ------------------------------------------------------- one thing at a time */

/* Asked for more, libpq complains of the mode that a connection was in when it ended, not that it ended. */
static bool is_lost(const stele_link *link, stele_error *error)
{
    bool lost = !stele_link_alive(link);
    if (lost && error != NULL && error->status == STELE_OK)
        stele_error_set(error, STELE_NO_CONNECTION, "the connection was lost");
    return lost;
}

static stele_status query(stele_link *link, const char *sql, int count, const char *const *values, int format,
                          stele_rows **rows, stele_error *error)
{
    if (rows != NULL)
        *rows = NULL;
    if (is_lost(link, error))
        return STELE_NO_CONNECTION;
    PGresult *result = PQexecParams(link->connection, sql, count, NULL, values, NULL, NULL, format);
    stele_status status = STELE_OK;
    if (!is_success(result))
        status = fail(link, result, error);
    else if (rows != NULL) {
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
        PGresult *result = PQgetResult(link->connection);
        ExecStatusType kind = PQresultStatus(result);
        synced = kind == PGRES_PIPELINE_SYNC;
        if (kind == PGRES_TUPLES_OK && status == STELE_OK) {
            status = take(data, result) ? STELE_OK : stele_error_memory(error);
            continue;
        }
        if (kind == PGRES_FATAL_ERROR && result != NULL && status == STELE_OK)
            status = fail(link, result, error);
        PQclear(result);
    }
    return status == STELE_OK && !stele_link_alive(link) ? fail(link, NULL, error) : status;
}

stele_status stele_link_query_chunks(stele_link *link, const char *sql, int count, const char *const *values, int64_t expected,
                                     bool (*take)(void *data, stele_rows *rows), void *data, stele_error *error)
{
    stele_text declare = {0};
    stele_status status = STELE_OK;
    stele_text_print(&declare, "DECLARE stele_ledger BINARY NO SCROLL CURSOR FOR %s", sql);
    if (declare.failed)
        status = stele_error_memory(error);
    else if (PQenterPipelineMode(link->connection) != 1 ||
             !send_chunks(link->connection, declare.bytes, count, values, expected))
        status = fail(link, NULL, error);
    else
        status = take_chunks(link, take, data, error);
    stele_text_free(&declare);
    if (stele_link_alive(link))
        PQexitPipelineMode(link->connection);
    if (status != STELE_OK)
        stele_link_rollback(link);
    return status;
}

static void drop_copy(PGconn *connection)
{
    char *line;
    while (PQgetCopyData(connection, &line, 0) > 0)
        PQfreemem(line);
}

/* Drop the results of what was sent, as they come; the first failure is kept. */
static stele_status drop_results(stele_link *link, stele_error *error)
{
    stele_status status = STELE_OK;
    PGresult *result;
    while ((result = PQgetResult(link->connection)) != NULL) {
        if (PQresultStatus(result) == PGRES_COPY_OUT) {
            drop_copy(link->connection);
        } else if (!is_success(result) && status == STELE_OK) {
            status = fail(link, result, error);
        }
        take_tag(link, result);
        PQclear(result);
        if (PQstatus(link->connection) != CONNECTION_OK)
            break;
    }
    return status;
}

stele_status stele_link_run(stele_link *link, const char *sql, stele_error *error)
{
    if (is_lost(link, error))
        return STELE_NO_CONNECTION;
    if (PQsendQuery(link->connection, sql) != 1)
        return fail(link, NULL, error);
    PQsetSingleRowMode(link->connection);
    return drop_results(link, error);
}

stele_status stele_link_run_rows(stele_link *link, const char *sql, bool (*take)(void *data, stele_rows *rows), void *data,
                                 stele_error *error)
{
    stele_status status = STELE_OK;
    PGresult *result;
    bool more = true;
    if (PQsendQuery(link->connection, sql) != 1)
        return fail(link, NULL, error);
    while ((result = PQgetResult(link->connection)) != NULL && stele_link_alive(link)) {
        ExecStatusType kind = PQresultStatus(result);
        if (kind == PGRES_TUPLES_OK && more && status == STELE_OK) {
            more = take(data, result);
            continue;
        }
        if (kind == PGRES_COPY_OUT)
            drop_copy(link->connection);
        else if (kind == PGRES_COPY_IN)
            PQputCopyEnd(link->connection, "no data here"); /* and a result of that error follows */
        else if (!is_success(result) && status == STELE_OK)
            status = fail(link, result, error);
        PQclear(result);
    }
    PQclear(result);
    if (status == STELE_OK && !stele_link_alive(link))
        status = fail(link, NULL, error);
    return status;
}

stele_status stele_link_copy(stele_link *link, const char *sql, const char *data, size_t length, stele_error *error)
{
    enum { CHUNK = 256 * 1024 };
    PGresult *result = PQexec(link->connection, sql);
    if (PQresultStatus(result) != PGRES_COPY_IN) {
        stele_status status;
        if (is_success(result))
            status = stele_error_set(error, STELE_FAILED, "the server did not ask for the data of this COPY");
        else
            status = fail(link, result, error);
        PQclear(result);
        return status;
    }
    PQclear(result);
    int sent = 1;
    for (size_t at = 0; at < length && sent == 1; at += CHUNK) {
        size_t rest = length - at;
        sent = PQputCopyData(link->connection, data + at, (int)(rest < CHUNK ? rest : CHUNK));
    }
    if (sent == 1)
        sent = PQputCopyEnd(link->connection, NULL);
    if (sent != 1 && PQstatus(link->connection) != CONNECTION_OK)
        return fail(link, NULL, error);
    return drop_results(link, error);
}

void stele_link_rollback(stele_link *link)
{
    if (stele_link_alive(link) && PQtransactionStatus(link->connection) != PQTRANS_IDLE)
        PQclear(PQexec(link->connection, "ROLLBACK"));
}

/* ------------------------------------------------------------------ pipeline */

stele_status stele_pipe_start(stele_link *link, stele_error *error)
{
    if (PQsetnonblocking(link->connection, 1) != 0 || PQenterPipelineMode(link->connection) != 1)
        return fail(link, NULL, error);
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
    while ((result = PQgetResult(link->connection)) != NULL) {
        if (!is_success(result) && status == STELE_OK) {
            status = fail(link, result, error);
            link->failed_item = item;
        }
        take_tag(link, result);
        if (PQresultStatus(result) == PGRES_SINGLE_TUPLE && last == NULL)
            last = result;
        else
            PQclear(result);
        if (PQstatus(link->connection) != CONNECTION_OK) {
            if (status == STELE_OK)
                status = fail(link, NULL, error);
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

/*
 * Send all that is queued. PQgetResult would do it as well, but waits to write only: when the server waits to write at that
 * moment, both wait for ever. What comes meanwhile libpq keeps; that nothing more will come, reading it tells.
 */
static stele_status send_all(stele_link *link, stele_error *error)
{
    int left;
    while ((left = PQflush(link->connection)) > 0) {
        struct pollfd socket = {.fd = PQsocket(link->connection), .events = POLLIN | POLLOUT};
        if (poll(&socket, 1, -1) > 0 && (socket.revents & ~POLLOUT) != 0 && PQconsumeInput(link->connection) != 1)
            return STELE_OK;
    }
    return left < 0 ? fail(link, NULL, error) : STELE_OK;
}

/* Wait until at most `left` statements are in flight. */
static stele_status read_answers(stele_link *link, unsigned left, stele_error *error)
{
    stele_status status = link->inflight > left ? stele_pipe_push(link, error) : STELE_OK;
    if (status == STELE_OK && link->inflight > left)
        status = send_all(link, error);
    while (status == STELE_OK && link->inflight > left)
        status = read_answer(link, error);
    return status;
}

stele_status stele_pipe_send(stele_link *link, uint64_t item, const char *sql, int count, const char *const *values,
                             stele_error *error)
{
    stele_status status = STELE_OK;
    if (link->inflight == STELE_PIPE_LIMIT)
        status = read_answers(link, STELE_PIPE_LIMIT / 2, error);
    if (status != STELE_OK)
        return status;
    if (PQsendQueryParams(link->connection, sql, count, NULL, values, NULL, NULL, 0) != 1) {
        link->failed_item = item;
        return fail(link, NULL, error);
    }
    link->items[(link->first + link->inflight) % STELE_PIPE_LIMIT] = item;
    link->inflight++;
    return STELE_OK;
}

stele_status stele_pipe_push(stele_link *link, stele_error *error)
{
    if (PQsendFlushRequest(link->connection) != 1 || PQflush(link->connection) < 0)
        return fail(link, NULL, error);
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
    if (PQpipelineSync(link->connection) != 1 || send_all(link, error) != STELE_OK)
        return fail(link, NULL, error);
    /* What was sent behind a failure comes back as aborted; the sync ends it. */
    stele_status status = STELE_OK;
    for (bool synced = false; !synced && stele_link_alive(link);) {
        PGresult *result = PQgetResult(link->connection);
        ExecStatusType kind = PQresultStatus(result);
        synced = kind == PGRES_PIPELINE_SYNC;
        if (result != NULL && !synced && kind != PGRES_PIPELINE_ABORTED && !is_success(result) && status == STELE_OK)
            status = fail(link, result, error);
        PQclear(result);
    }
    link->inflight = 0;
    if (!stele_link_alive(link) || PQexitPipelineMode(link->connection) != 1 || PQsetnonblocking(link->connection, 0) != 0)
        return fail(link, NULL, error);
    return status;
}

/* ------------------------------------------------------ for the second half of this room */

stele_status stele_link_fail(stele_link *link, const stele_rows *rows, stele_error *error)
{
    return fail(link, rows, error);
}

bool stele_rows_succeeded(const stele_rows *rows)
{
    return is_success(rows);
}

/* ---------------------------------------------------------------------- rows */

int stele_rows_columns(const stele_rows *rows)
{
    return PQnfields(rows);
}

int stele_rows_count(const stele_rows *rows)
{
    return PQntuples(rows);
}

const char *stele_rows_text(const stele_rows *rows, int row, int column)
{
    return PQgetisnull(rows, row, column) ? NULL : PQgetvalue(rows, row, column);
}

const char *stele_rows_bytes(const stele_rows *rows, int row, int column, size_t *length)
{
    *length = (size_t)PQgetlength(rows, row, column);
    return *length == 0 && PQgetisnull(rows, row, column) ? NULL : PQgetvalue(rows, row, column);
}

bool stele_rows_true(const stele_rows *rows, int row, int column)
{
    const char *text = stele_rows_text(rows, row, column);
    return text != NULL && text[0] == 't';
}

void stele_rows_free(stele_rows *rows)
{
    PQclear(rows);
}

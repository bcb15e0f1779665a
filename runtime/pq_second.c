/*
 * pq_second.c - a second connection to the same server, that nobody waits for
 *
 * It is used from inside the wait for the first one, so it never blocks: each turn does what can be done at once.
 */
#include "pq_inside.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

enum { PARAMETERS = 100 };

/* What decides which server it is: here that is decided, it is the one that the first connection has. */
static bool is_decided(const char *keyword)
{
    static const char *const keywords[] = {"host", "hostaddr", "port", "dbname", "user", "password", "target_session_attrs", "load_balance_hosts",
                                           "service", "servicefile", "application_name", "fallback_application_name", "client_encoding"};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (strcmp(keywords[i], keyword) == 0)
            return true;
    return false;
}

static void add(const char *keys[], const char *values[], int *count, const char *key, const char *value)
{
    if (value == NULL || value[0] == '\0' || *count == PARAMETERS)
        return;
    keys[*count] = key;
    values[(*count)++] = value;
}

void stele_second_open(stele_second *second, const stele_link *link, const char *name)
{
    const PGconn *first = link->connection;
    const char *keys[PARAMETERS + 1] = {0}, *values[PARAMETERS + 1] = {0}, *host = PQhost(first);
    int count = 0;
    PQconninfoOption *options = PQconninfo(link->connection);
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
        if (!is_decided(option->keyword))
            add(keys, values, &count, option->keyword, option->val);
    add(keys, values, &count, "host", host);
    if (host != NULL && host[0] != '/' && host[0] != '@')
        add(keys, values, &count, "hostaddr", PQhostaddr(first));
    add(keys, values, &count, "port", PQport(first));
    add(keys, values, &count, "dbname", PQdb(first));
    add(keys, values, &count, "user", PQuser(first));
    add(keys, values, &count, "password", PQpass(first));
    add(keys, values, &count, "application_name", name != NULL ? name : PQparameterStatus(first, "application_name"));
    add(keys, values, &count, "client_encoding", "UTF8");
    *second = (stele_second){.connection = PQconnectStartParams(keys, values, 0), .polling = PGRES_POLLING_WRITING};
    PQconninfoFree(options);
    bool begun = second->connection != NULL && PQstatus(second->connection) != CONNECTION_BAD;
    second->state = begun ? STELE_SECOND_CONNECTING : STELE_SECOND_LOST;
}

static void ignore_notice(void *data, const PGresult *result)
{
    (void)data;
    (void)result;
}

/* One step of connecting, if the socket is ready for it. */
static void connect_on(stele_second *second)
{
    struct pollfd socket = {.fd = PQsocket(second->connection), .events = second->polling == PGRES_POLLING_READING ? POLLIN : POLLOUT};
    while (socket.fd >= 0 && poll(&socket, 1, 0) > 0) {
        second->polling = PQconnectPoll(second->connection);
        if (second->polling == PGRES_POLLING_FAILED)
            second->state = STELE_SECOND_LOST;
        if (second->polling == PGRES_POLLING_OK) {
            PQsetNoticeReceiver(second->connection, ignore_notice, NULL);
            second->state = PQsetnonblocking(second->connection, 1) == 0 ? STELE_SECOND_IDLE : STELE_SECOND_LOST;
        }
        if (second->state != STELE_SECOND_CONNECTING)
            return;
        socket = (struct pollfd){.fd = PQsocket(second->connection), .events = second->polling == PGRES_POLLING_READING ? POLLIN : POLLOUT};
    }
}

/* The first failure is what it is about: what was sent behind it wasn't run. */
static void keep_failure(stele_second *second, const PGresult *result)
{
    if (PQresultStatus(result) != PGRES_FATAL_ERROR || second->failure[0] != '\0')
        return;
    stele_error_copy(second->sqlstate, sizeof second->sqlstate, PQresultErrorField(result, PG_DIAG_SQLSTATE));
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    stele_error_copy(second->failure, sizeof second->failure, message != NULL ? message : PQresultErrorMessage(result));
}

/* Take what has come; the rows of the last statement that has any are kept. */
static void read_on(stele_second *second)
{
    PGresult *result;
    if (PQflush(second->connection) < 0 || PQconsumeInput(second->connection) != 1) {
        second->state = STELE_SECOND_LOST;
        return;
    }
    while (!PQisBusy(second->connection)) {
        if ((result = PQgetResult(second->connection)) == NULL) {
            second->state = PQstatus(second->connection) == CONNECTION_OK ? STELE_SECOND_ANSWERED : STELE_SECOND_LOST;
            return;
        }
        keep_failure(second, result);
        if (PQresultStatus(result) == PGRES_TUPLES_OK) {
            PQclear(second->rows);
            second->rows = result;
        } else {
            PQclear(result);
        }
    }
}

stele_second_state stele_second_turn(stele_second *second)
{
    if (second->state == STELE_SECOND_CONNECTING)
        connect_on(second);
    else if (second->state == STELE_SECOND_BUSY)
        read_on(second);
    return second->state;
}

bool stele_second_ask(stele_second *second, const char *sql, int count, const char *const *values)
{
    if (second->state != STELE_SECOND_IDLE)
        return false;
    second->sqlstate[0] = second->failure[0] = '\0';
    int sent = count == 0 ? PQsendQuery(second->connection, sql) : PQsendQueryParams(second->connection, sql, count, NULL, values, NULL, NULL, 0);
    bool flushed = sent == 1 && PQflush(second->connection) >= 0;
    second->state = flushed ? STELE_SECOND_BUSY : STELE_SECOND_LOST;
    return flushed;
}

stele_rows *stele_second_answer(stele_second *second)
{
    stele_rows *rows = second->rows;
    second->rows = NULL;
    if (second->state == STELE_SECOND_ANSWERED)
        second->state = STELE_SECOND_IDLE;
    return rows;
}

void stele_second_cancel(const stele_second *second)
{
    char unused[256];
    PGcancel *request = second->connection == NULL ? NULL : PQgetCancel(second->connection);
    if (request != NULL)
        PQcancel(request, unused, sizeof unused);
    PQfreeCancel(request);
}

short stele_second_rest(const stele_second *second, int fd, short events, int milliseconds)
{
    bool writes = second->state == STELE_SECOND_CONNECTING && second->polling != PGRES_POLLING_READING;
    bool waits = second->state == STELE_SECOND_CONNECTING || second->state == STELE_SECOND_BUSY;
    struct pollfd sockets[] = {{.fd = fd, .events = events}, {.fd = waits ? PQsocket(second->connection) : -1, .events = writes ? POLLOUT : POLLIN}};
    return poll(sockets, 2, milliseconds) > 0 ? sockets[0].revents : 0;
}

void stele_second_close(stele_second *second)
{
    PQclear(second->rows);
    PQfinish(second->connection);
    *second = (stele_second){0};
}

#include "pq_inside.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

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
            return stele_pq_fail(link, NULL, error);
    }
    return STELE_OK;
}

static stele_status connect_own(stele_link *link, const stele_options *options, stele_error *error)
{
    const char *conninfo = options->conninfo == NULL ? "" : options->conninfo;
    const char *application = options->application == NULL ? "stele" : options->application;
    /* A network that is gone is noticed after two minutes, not two hours; what the string itself says goes before, since it comes behind. */
    const char *keys[] = {"keepalives_idle", "keepalives_interval", "keepalives_count", "dbname", "fallback_application_name", "client_encoding", NULL};
    const char *values[] = {"60", "15", "4", conninfo, application, "UTF8", NULL};
    stele_status status = stele_pq_check_conninfo(conninfo, error);
    if (status != STELE_OK)
        return status;
    link->connection = PQconnectdbParams(keys, values, 1); /* blocks: only so does libpq keep to connect_timeout, host by host */
    link->own = true;
    if (link->connection == NULL)
        return stele_error_memory(error);
    return PQstatus(link->connection) == CONNECTION_OK ? STELE_OK : stele_pq_connect_failed(link, error);
}

stele_status stele_link_open(stele_link *link, const stele_options *options, stele_error *error)
{
    *link = (stele_link){.connection = options->connection};
    stele_status status = link->connection == NULL ? connect_own(link, options, error) : take_over(link, error);
    if (status == STELE_OK && PQsetnonblocking(link->connection, 1) != 0)
        status = stele_pq_fail(link, NULL, error);
    if (status == STELE_OK) {
        link->interrupted = options->interrupted;
        link->interrupted_data = options->data;
        link->role = options->role;
        if (link->own)
            PQsetNoticeReceiver(link->connection, receive_notice, link);
        status = stele_pq_take_role(link, error);
    }
    if (status != STELE_OK)
        stele_link_close(link);
    return status;
}

stele_status stele_link_renew(stele_link *link, stele_error *error)
{
    if (!link->own)
        return STELE_OK;
    PQreset(link->connection);
    bool fine = PQstatus(link->connection) == CONNECTION_OK && PQsetnonblocking(link->connection, 1) == 0;
    return fine ? stele_pq_take_role(link, error) : stele_pq_fail(link, NULL, error);
}

void stele_link_close(stele_link *link)
{
    if (link->connection == NULL)
        return;
    if (link->own) {
        PQfinish(link->connection);
    } else {
        PQsetnonblocking(link->connection, 0);
        stele_pq_give_role_back(link);
        if (link->old_encoding[0] != '\0')
            PQsetClientEncoding(link->connection, link->old_encoding);
    }
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

bool stele_link_superuser(const stele_link *link)
{
    const char *reported = PQparameterStatus(link->connection, "is_superuser");
    return reported != NULL && strcmp(reported, "on") == 0;
}

int stele_link_version(const stele_link *link)
{
    return PQserverVersion(link->connection);
}

int stele_link_backend(const stele_link *link)
{
    return PQbackendPID(link->connection);
}

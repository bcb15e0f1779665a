#include "pq_inside.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

/* The server's last words arrive before libpq sees the connection end: whatever is FATAL has ended it. PgBouncer's own have no severity but the one that a server would translate. */
static bool is_fatal(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity == NULL)
        severity = PQresultErrorField(result, PG_DIAG_SEVERITY);
    return severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

/* Does the server not write at all? A standby refuses BEGIN READ WRITE as something it doesn't support. */
static bool is_read_only(const stele_link *link, const char *sqlstate)
{
    const char *standby = PQparameterStatus(link->connection, "in_hot_standby");
    return strcmp(sqlstate, "25006") == 0 || (strcmp(sqlstate, "0A000") == 0 && standby != NULL && strcmp(standby, "on") == 0);
}

/* Why, and so what helps: the server is a standby, or this role's sessions begin read-only. */
static const char *hint_of_read_only(const stele_link *link)
{
    const char *standby = PQparameterStatus(link->connection, "in_hot_standby"), *begins = PQparameterStatus(link->connection, "default_transaction_read_only");
    if (standby != NULL && strcmp(standby, "off") == 0 && begins != NULL && strcmp(begins, "on") == 0)
        return "this server writes, but the sessions of this role or database begin read-only: ALTER ROLE or ALTER DATABASE ... SET default_transaction_read_only = off;"
               " or connect to the primary, if it was set to keep writers away";
    return "this server, or this session, only reads: connect to the primary";
}

static const char hint_of_cancelled[] = "it took longer than statement_timeout, which a migration (-- stele: statement-timeout), a role, a database or a connection may set: raise it there;"
                                        " or somebody cancelled it";

static stele_status status_of(const stele_link *link, const PGresult *result, const char *sqlstate)
{
    if (link->stop == STELE_LINK_IS_ASKED && strcmp(sqlstate, "57014") == 0)
        return STELE_CANCELLED;
    if (PQstatus(link->connection) != CONNECTION_OK || is_fatal(result))
        return STELE_NO_CONNECTION;
    if (is_read_only(link, sqlstate))
        return STELE_UNMET;
    return strcmp(sqlstate, "55P03") == 0 ? STELE_LOCKED : STELE_FAILED;
}

/* Both have the same SQLSTATE, a right that is missing and a policy of row security that one row doesn't meet; the message may be in any language. */
static bool is_of_one_row(const PGresult *result, const char *sqlstate)
{
    const char *routine = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
    return strcmp(sqlstate, "42501") == 0 && routine != NULL && strcmp(routine, "ExecWithCheckOptions") == 0;
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

stele_status stele_pq_fail(stele_link *link, const PGresult *result, stele_error *error)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (result != NULL && sqlstate == NULL)
        look_at_socket(link);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    if (message == NULL)
        message = result != NULL ? PQresultErrorMessage(result) : PQerrorMessage(link->connection);
    link->position = position == NULL ? 0 : (unsigned)strtoul(position, NULL, 10);
    link->of_one_row = is_of_one_row(result, sqlstate == NULL ? "" : sqlstate);
    stele_status status = status_of(link, result, sqlstate == NULL ? "" : sqlstate);
    if (status == STELE_NO_CONNECTION && link->stop == STELE_LINK_IS_ASKED) {
        status = STELE_CANCELLED;
        link->stop = STELE_LINK_HAS_STOPPED;
        message = "interrupted, and the connection was lost: the server may go on with what it was at";
    } else if (status == STELE_CANCELLED) {
        link->stop = STELE_LINK_HAS_STOPPED;
        message = "interrupted: the statement that was running was cancelled";
    }
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
        stele_error_copy(error->hint, sizeof error->hint, hint_of_read_only(link));
    if (status == STELE_FAILED && strcmp(error->sqlstate, "57014") == 0 && error->hint[0] == '\0')
        stele_error_hint(error, "%s", hint_of_cancelled);
    return status;
}

bool stele_pq_succeeded(const PGresult *result)
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

void stele_pq_take_tag(stele_link *link, PGresult *result)
{
    if (PQresultStatus(result) != PGRES_SINGLE_TUPLE)
        link->affected = strtoll(PQcmdTuples(result), NULL, 10);
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

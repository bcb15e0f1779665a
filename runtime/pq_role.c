/*
 * pq_role.c - the role that all of a link's statements run as, where the caller wants another one than the connection was made as
 *
 * It is set for the session, so it holds for what is read, run and written without a word more. Behind a pooler a session isn't ours: the role
 * would stay with whoever gets it next, and not come along. There the process that libpq connected to isn't the one that answers, which is
 * looked at in the same breath, before anything is set.
 */
#include "pq_inside.h"

#include <stdio.h>
#include <string.h>

#include "error.h"

/* Add what to do, of two halves with the names of login and role as SQL takes them. */
static void hint(const stele_link *link, const char *before, const char *between, bool role_first, stele_error *error)
{
    char *role = PQescapeIdentifier(link->connection, link->role, strlen(link->role));
    char *user = PQescapeIdentifier(link->connection, PQuser(link->connection), strlen(PQuser(link->connection)));
    if (role != NULL && user != NULL)
        stele_error_hint(error, "%s%s%s%s", before, role_first ? role : user, between, role_first ? user : role);
    PQfreemem(role);
    PQfreemem(user);
}

static stele_status refuse_pooler(const stele_link *link, stele_error *error)
{
    stele_error_set(error, STELE_UNMET, "role \"%s\" can't be set through a connection pooler, whose sessions are everybody's", link->role);
    hint(link, "connect to the server itself, or have each session of this login begin with the role: ALTER ROLE ", " SET role = ", false, error);
    return STELE_UNMET;
}

/* What there is to do: make it; or, unless it may do everything, be a member of it. */
static void advise(stele_link *link, stele_error *error)
{
    const char *values[] = {link->role};
    stele_rows *rows = NULL;
    stele_status status = stele_link_query(link, "SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname OPERATOR(pg_catalog.=) $1", 1, values,
                                           &rows, NULL);
    if (status == STELE_OK && stele_rows_count(rows) == 0)
        hint(link, "make it, with this login as a member: CREATE ROLE ", " ROLE ", true, error);
    else if (status == STELE_OK && strcmp(stele_rows_text(rows, 0, 0), "t") == 0)
        stele_error_hint(error, "\"%s\" is a superuser: connect as that one, with --db, or take a role that may do no more than this needs", link->role);
    else
        hint(link, "--role takes a role that this login is a member of: GRANT ", " TO ", true, error);
    stele_rows_free(rows);
}

/* It isn't there, or isn't one that this login may become. */
static stele_status explain(stele_link *link, stele_status status, stele_error *error)
{
    if (strcmp(error->sqlstate, "42501") != 0 && strcmp(error->sqlstate, "22023") != 0)
        return status;
    advise(link, error);
    return error->status = STELE_UNMET;
}

stele_status stele_pq_take_role(stele_link *link, stele_error *error)
{
    static const char sql[] =
        "SELECT pg_catalog.current_setting('role'), pg_catalog.pg_backend_pid(), CASE WHEN pg_catalog.current_setting('role') OPERATOR(pg_catalog.<>) $1"
        " AND pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) $2::pg_catalog.int4 THEN pg_catalog.set_config('role', $1, false) END";
    char pid[24];
    snprintf(pid, sizeof pid, "%d", PQbackendPID(link->connection));
    const char *values[] = {link->role, pid};
    stele_rows *rows;
    stele_error failure = {0};
    if (link->role == NULL)
        return STELE_OK;
    stele_status status = stele_link_query(link, sql, 2, values, &rows, &failure);
    if (status == STELE_OK) {
        const char *before = stele_rows_text(rows, 0, 0);
        bool set = stele_rows_text(rows, 0, 2) != NULL;
        link->role_set = set;
        if (set && !link->own)
            stele_error_copy(link->old_role, sizeof link->old_role, before);
        if (!set && strcmp(before, link->role) != 0)
            status = refuse_pooler(link, &failure);
    } else {
        status = explain(link, status, &failure);
    }
    stele_rows_free(rows);
    if (status != STELE_OK && error != NULL && error->status == STELE_OK)
        *error = failure;
    return status;
}

stele_status stele_link_query_as_login(stele_link *link, const char *sql, int count, const char *const *values, stele_rows **rows,
                                       stele_error *error)
{
    static const char set[] = "SELECT pg_catalog.set_config('role', $1, false)";
    const char *none = "none";
    if (!link->role_set)
        return stele_link_query(link, sql, count, values, rows, error);
    if (rows != NULL)
        *rows = NULL;
    stele_status status = stele_link_query(link, set, 1, &none, NULL, error);
    if (status != STELE_OK)
        return status;
    status = stele_link_query(link, sql, count, values, rows, error);
    stele_status back = stele_link_query(link, set, 1, &link->role, NULL, status == STELE_OK ? error : NULL);
    return status != STELE_OK ? status : back;
}

void stele_pq_give_role_back(stele_link *link)
{
    const char *values[] = {link->old_role};
    if (link->old_role[0] != '\0' && PQtransactionStatus(link->connection) == PQTRANS_IDLE)
        PQclear(PQexecParams(link->connection, "SELECT pg_catalog.set_config('role', $1, false)", 1, NULL, values, NULL, NULL, 0));
    link->old_role[0] = '\0';
}

/*
 * one_query CONNINFO: the least that a program with a database can do, connect and ask one thing.
 * What `check` is measured against.
 */
#include <libpq-fe.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    PGconn *connection = PQconnectdb(argc > 1 ? argv[1] : "");
    PGresult *rows = PQexec(connection, "SELECT 1");
    int ok = PQresultStatus(rows) == PGRES_TUPLES_OK;

    if (!ok)
        fprintf(stderr, "one_query: %s", PQerrorMessage(connection));
    PQclear(rows);
    PQfinish(connection);
    return ok ? 0 : 1;
}

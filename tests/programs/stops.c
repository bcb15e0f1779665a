/*
 * stops.c - an `up` on the application's own connection, which asks to stop at the Nth time that it can be asked
 *
 *     stops CONNINFO N
 *
 * Prints the status, how often it was asked, and how many advisory locks the connection is left with.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "stele.h"

extern const stele_migrations migrations;

struct count {
    unsigned long asked, stop_at;
};

static int interrupted(void *data)
{
    struct count *count = data;
    return ++count->asked == count->stop_at;
}

int main(int argc, char **argv)
{
    struct count count = {0};
    stele_error error;
    if (argc != 3)
        return 2;
    PGconn *connection = PQconnectdb(argv[1]);
    count.stop_at = strtoul(argv[2], NULL, 10);
    const stele_options options = {.connection = connection, .interrupted = interrupted, .data = &count};
    stele_status status = stele_up(&migrations, &options, NULL, &error);
    PGresult *left = PQexec(connection, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()");
    printf("%d %lu %s\n", (int)status, count.asked, PQresultStatus(left) == PGRES_TUPLES_OK ? PQgetvalue(left, 0, 0) : PQerrorMessage(connection));
    PQclear(left);
    PQfinish(connection);
    return 0;
}

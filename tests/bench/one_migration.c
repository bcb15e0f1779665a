/*
 * one_migration CONNINFO FILE: a migration as a program written by hand for just that would apply it. It
 * connects, reads the ledger's rows, sends the file and one INSERT in a transaction. What an
 * `up` with one pending migration is measured against. The INSERT goes to a table of its own, `applied`.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

/* The file's text, to be freed; NULL when it can't be read. */
static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 65536);
    size_t length = file != NULL && text != NULL ? fread(text, 1, 65535, file) : 0;
    if (file != NULL)
        fclose(file);
    if (length == 0) {
        free(text);
        return NULL;
    }
    return text;
}

static int done(PGconn *connection, PGresult *result)
{
    int ok = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
    if (!ok)
        fprintf(stderr, "one_migration: %s", PQerrorMessage(connection));
    PQclear(result);
    return ok;
}

int main(int argc, char **argv)
{
    char *text = argc == 3 ? read_file(argv[2]) : NULL;
    if (text == NULL) {
        fprintf(stderr, "usage: one_migration CONNINFO FILE\n");
        return 2;
    }
    const char *values[] = {argv[2], text};
    PGconn *connection = PQconnectdb(argv[1]);
    int ok = done(connection, PQexec(connection, "SELECT * FROM stele.ledger ORDER BY component, seq")) &&
             done(connection, PQexec(connection, "BEGIN")) &&
             done(connection, PQexec(connection, text)) &&
             done(connection, PQexecParams(connection, "INSERT INTO applied (file, text) VALUES ($1, $2)", 2, NULL, values,
                                           NULL, NULL, 0)) &&
             done(connection, PQexec(connection, "COMMIT"));
    PQfinish(connection);
    free(text);
    return ok ? 0 : 1;
}

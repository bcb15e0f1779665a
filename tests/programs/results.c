/*
 * results CONNECTION FILE SCHEMA [FILE SCHEMA]... - how many statements the server sees in each file
 *
 * A file's text goes to the server as it is, in one simple query, so that the server's own parser takes it apart: it answers
 * with a result for each statement. Prints that number, or "error: " and the server's message. Names without a schema are
 * those of SCHEMA. An empty query is no statement.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_file(const char *path)
{
    enum { MOST = 4 * 1024 * 1024 };
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, MOST);
    if (file == NULL || text == NULL || fread(text, 1, MOST - 1, file) == MOST - 1) {
        perror(path);
        exit(1);
    }
    fclose(file);
    return text;
}

/* Throw away the rows of a COPY ... TO stdout. */
static void drain(PGconn *connection)
{
    char *row;
    while (PQgetCopyData(connection, &row, 0) > 0)
        PQfreemem(row);
}

static void count(PGconn *connection, const char *text)
{
    int statements = 0;
    char problem[1000] = "";
    if (!PQsendQuery(connection, text))
        snprintf(problem, sizeof problem, "error: %s", PQerrorMessage(connection));
    for (PGresult *result; (result = PQgetResult(connection)) != NULL; PQclear(result)) {
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_COPY_OUT)
            drain(connection); /* and a result of the command follows */
        else if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
            statements++;
        else if (status != PGRES_EMPTY_QUERY)
            snprintf(problem, sizeof problem, "error: %s", PQresultErrorMessage(result));
        if (status == PGRES_COPY_IN && PQputCopyEnd(connection, "the data isn't there") < 0)
            exit(1);
    }
    problem[strcspn(problem, "\n")] = '\0';
    if (problem[0] != '\0')
        puts(problem);
    else
        printf("%d\n", statements);
}

int main(int argc, char **argv)
{
    for (int i = 2; i + 1 < argc; i += 2) {
        PGconn *connection = PQconnectdb(argv[1]);
        char path[200], *text = read_file(argv[i]);
        snprintf(path, sizeof path, "SET search_path = %s", argv[i + 1]);
        PQclear(PQexec(connection, path));
        count(connection, strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text);
        free(text);
        PQfinish(connection);
    }
    return 0;
}

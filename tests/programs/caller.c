/*
 * An application that hands its own connection to stele, for tests/t/250-sessions.t: it does what its arguments
 * say, one after the other, and prints what came of each.
 *
 *     caller CONNINFO STEP...
 *
 *     sql:STATEMENT   run it, print its first value
 *     up  up:VERSION  stele_open with the connection, stele_apply, stele_close
 *     check  audit    the same with these
 *     pipeline        put the connection into pipeline mode
 *     threads:OTHER   stele_up on CONNINFO and on OTHER, in two threads at once
 */
#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "stele.h"

extern const stele_migrations migrations;

static void print_event(void *data, const stele_event *event)
{
    static const char *const names[] = {"wait", "start", "step", "applied", "notice"};
    (void)data;
    printf("event %s %s %zu/%zu", names[event->kind], event->migration == NULL ? "-" : event->migration->version, event->index, event->total);
    if (event->kind == STELE_EVENT_STEP)
        printf(" step %u/%u", event->step, event->steps);
    if (event->kind == STELE_EVENT_NOTICE)
        printf(" %s %s %s", event->severity, event->sqlstate, event->message);
    if (event->kind == STELE_EVENT_APPLIED && event->microseconds < 0)
        printf(" before it began");
    putchar('\n');
}

static void print_notice(void *data, const char *message)
{
    (void)data;
    printf("notice %s", message);
}

static int print_finding(void *data, const stele_finding *finding)
{
    (void)data;
    if (!finding->ok)
        printf("finding %s\n", finding->message);
    return 0;
}

static void print_outcome(stele_status status, const stele_result *result, const stele_error *error)
{
    printf("status %d applied %zu pending %zu version \"%s\" head %.6s\n", (int)status, result->applied, result->pending,
           result->version, result->head);
    if (status != STELE_OK && status != STELE_PENDING)
        printf("error %d [%s] %s:%u:%u %s | %s\n", (int)error->status, error->sqlstate, error->file, error->line, error->column,
               error->message, error->source);
    else if (error->status != STELE_OK || error->message[0] != '\0')
        printf("error without a failure\n");
}

static void run_stele(PGconn *connection, const char *step)
{
    stele_options options = {.connection = connection, .progress = print_event};
    /* Rubbish, which the call must overwrite. */
    stele_result result;
    stele_error error;
    memset(&result, 'x', sizeof result);
    memset(&error, 'x', sizeof error);
    stele *handle;
    stele_status status = stele_open(&handle, &migrations, &options, &error);
    if (status != STELE_OK) {
        printf("open %d %s%s\n", (int)status, error.message, handle == NULL ? "" : " and a handle");
        return;
    }
    if (strcmp(step, "check") == 0)
        status = stele_check(handle, &result, &error);
    else if (strcmp(step, "audit") == 0) {
        status = stele_audit(handle, NULL, print_finding, NULL, &error);
        memset(&result, 0, sizeof result);
    } else
        status = stele_apply(handle, step[2] == ':' ? step + 3 : NULL, &result, &error);
    print_outcome(status, &result, &error);
    stele_close(handle);
}

static void run_sql(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0)
        printf("sql %s\n", PQgetvalue(result, 0, 0));
    else if (PQresultStatus(result) != PGRES_COMMAND_OK)
        printf("sql failed: %s", PQresultErrorMessage(result));
    PQclear(result);
}

static void *bring_up(void *conninfo)
{
    stele_options options = {.conninfo = conninfo};
    static const int failed;
    return stele_up(&migrations, &options, NULL, NULL) == STELE_OK ? NULL : (void *)&failed;
}

static void run_threads(char *one, char *other)
{
    pthread_t threads[2];
    void *results[2];
    pthread_create(&threads[0], NULL, bring_up, one);
    pthread_create(&threads[1], NULL, bring_up, other);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], &results[i]);
    printf("threads %s %s\n", results[0] == NULL ? "ok" : "failed", results[1] == NULL ? "ok" : "failed");
}

int main(int argc, char **argv)
{
    PGconn *connection = argc > 1 ? PQconnectdb(argv[1]) : NULL;
    if (PQstatus(connection) != CONNECTION_OK) {
        fprintf(stderr, "caller: %s", connection == NULL ? "usage: caller CONNINFO STEP...\n" : PQerrorMessage(connection));
        return 1;
    }
    PQsetNoticeProcessor(connection, print_notice, NULL);
    for (int i = 2; i < argc; i++) {
        if (strncmp(argv[i], "sql:", 4) == 0)
            run_sql(connection, argv[i] + 4);
        else if (strncmp(argv[i], "threads:", 8) == 0)
            run_threads(argv[1], argv[i] + 8);
        else if (strcmp(argv[i], "pipeline") == 0)
            printf("pipeline %d\n", PQenterPipelineMode(connection));
        else
            run_stele(connection, argv[i]);
        fflush(stdout);
    }
    printf("transaction %d pipeline %d nonblocking %d encoding %s\n", (int)PQtransactionStatus(connection),
           (int)PQpipelineStatus(connection), PQisnonblocking(connection), PQparameterStatus(connection, "client_encoding"));
    PQfinish(connection);
    return 0;
}

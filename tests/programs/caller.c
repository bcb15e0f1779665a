/*
 * An application that hands its own connection to stele, for tests/t/250-sessions.t: it does what its arguments
 * say, one after the other, and prints what came of each.
 *
 *     caller CONNINFO STEP...
 *
 *     sql:STATEMENT   run it, print its first value
 *     up  up:VERSION  stele_open with the connection, stele_apply, stele_close
 *     check  audit    the same with these
 *     down  down:VERSION  redo  verify  plan-down   and with these; destruction is allowed
 *     down-plain      without a way back that says more: the last one
 *     down-stopped    stops it when the first is shown
 *     role:NAME       from here on with options.role
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
    static const char *const names[] = {"wait", "start", "step", "applied", "notice", "reverted", "recorded", "print"};
    (void)data;
    printf("event %s %s %zu/%zu", names[event->kind], event->migration == NULL ? "-" : event->migration->version, event->index, event->total);
    if (event->kind == STELE_EVENT_STEP)
        printf(" step %u/%u", event->step, event->steps);
    if (event->kind == STELE_EVENT_NOTICE)
        printf(" %s %s %s", event->severity, event->sqlstate, event->message);
    if (event->deed != NULL && strcmp(event->deed, "apply") != 0)
        printf(" %s", event->deed);
    if ((event->kind == STELE_EVENT_APPLIED || event->kind == STELE_EVENT_REVERTED) && event->microseconds < 0)
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

static int print_verdict(void *data, const stele_verdict *verdict)
{
    (void)data;
    printf("verdict %d %s:%u %s\n", verdict->ok, verdict->migration->file, verdict->line, verdict->title);
    return 0;
}

/* Stops after the first when told to. */
static int print_reversal(void *data, const stele_reversal *reversal)
{
    printf("reversal %s from %d destroys %zu\n", reversal->migration->version, reversal->from_ledger, reversal->casualty_count);
    return data != NULL;
}

/* The steps that write to no result leave one of zeros. */
static stele_status run_back(stele *handle, const char *step, stele_result *result, stele_error *error)
{
    const char *colon = strchr(step, ':');
    stele_way_back way = {.target = colon == NULL ? NULL : colon + 1, .allow_destructive = 1, .show = print_reversal};
    if (strncmp(step, "verify", 6) == 0 || strncmp(step, "plan-down", 9) == 0)
        memset(result, 0, sizeof *result);
    if (strncmp(step, "verify", 6) == 0)
        return stele_verify(handle, way.target, print_verdict, NULL, error);
    if (strncmp(step, "plan-down", 9) == 0)
        return stele_plan_down(handle, &way, print_reversal, NULL, error);
    if (strcmp(step, "down-stopped") == 0)
        way.data = result;
    return strncmp(step, "redo", 4) == 0 ? stele_redo(handle, &way, result, error)
                                         : stele_down(handle, strcmp(step, "down-plain") == 0 ? NULL : &way, result, error);
}

static void print_outcome(stele_status status, const stele_result *result, const stele_error *error)
{
    printf("status %d applied %zu pending %zu version \"%s\" head %.6s\n", (int)status, result->applied, result->pending,
           result->version, result->head);
    if (result->reverted > 0)
        printf("reverted %zu\n", result->reverted);
    if (status != STELE_OK && status != STELE_PENDING)
        printf("error %d [%s] %s:%u:%u %s | %s\n", (int)error->status, error->sqlstate, error->file, error->line, error->column,
               error->message, error->source);
    else if (error->status != STELE_OK || error->message[0] != '\0')
        printf("error without a failure\n");
}

static void run_stele(PGconn *connection, const char *role, const char *step)
{
    stele_options options = {.connection = connection, .role = role, .progress = print_event};
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
    } else if (strncmp(step, "up", 2) != 0)
        status = run_back(handle, step, &result, &error);
    else
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
    const char *role = NULL;
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
        else if (strncmp(argv[i], "role:", 5) == 0)
            role = argv[i] + 5;
        else
            run_stele(connection, role, argv[i]);
        fflush(stdout);
    }
    printf("transaction %d pipeline %d nonblocking %d encoding %s\n", (int)PQtransactionStatus(connection),
           (int)PQpipelineStatus(connection), PQisnonblocking(connection), PQparameterStatus(connection, "client_encoding"));
    PQfinish(connection);
    return 0;
}

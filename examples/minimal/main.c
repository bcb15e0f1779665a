/*
 * An application that brings its database up to date when it boots, on the
 * connection that it uses anyway. $DATABASE_URL names the database.
 */
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "migrations.h"
#include "stele.h"

/* What the model puts out and what the columns hold: the compiler sees to it that they agree. */
enum { MODEL_DIM = 384 };
_Static_assert(MODEL_DIM == STELE_PARAM_embedding_dim, "the schema was built for another embedding model");

static void show(void *data, const stele_event *event)
{
    (void)data;
    if (event->kind == STELE_EVENT_APPLIED)
        printf("applied %s in %.1f ms\n", event->migration->file, (double)event->microseconds / 1000);
}

/* Ctrl-C, and whoever stops the service: the running statement is cancelled, what is in stays, and the next start goes on from there. */
static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

static int is_stopped(void *data)
{
    (void)data;
    return stopped;
}

/* An error may be about a place, a file, or none; the server may have had a part in it, or not. */
static void complain(const stele_error *error)
{
    if (error->line > 0)
        fprintf(stderr, "%s:%u:%u: ", error->file, error->line, error->column);
    else if (error->file[0] != '\0')
        fprintf(stderr, "%s: ", error->file);
    fprintf(stderr, "error: %s", error->message);
    if (error->sqlstate[0] != '\0')
        fprintf(stderr, " [%s]", error->sqlstate);
    fputc('\n', stderr);
    if (error->detail[0] != '\0')
        fprintf(stderr, "detail: %s\n", error->detail);
    if (error->hint[0] != '\0')
        fprintf(stderr, "hint: %s\n", error->hint);
}

int main(void)
{
    const char *url = getenv("DATABASE_URL");
    PGconn *connection = PQconnectdb(url != NULL ? url : "");
    stele_options options = {.connection = connection, .progress = show, .interrupted = is_stopped};
    stele_result result;
    stele_error error;
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    stele_status status = stele_up(&migrations, &options, &result, &error);

    if (status == STELE_OK)
        printf("schema %s, %zu migrations applied\n", result.version, result.applied);
    else
        complain(&error);
    /* Here the application goes to work, on the same connection. */
    PQfinish(connection);
    return (int)status;
}

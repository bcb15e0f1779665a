/*
 * For tests/t/470-threads.t: two threads, each with a handle and a database of its own, do all that the library can do, at once.
 *
 *     threads ROUNDS CONNINFO CONNINFO
 *
 * Each round takes everything back and brings it up again. Exits 1 when a call fails that must not.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "stele.h"

extern const stele_migrations migrations;

typedef struct worker {
    const char *conninfo;
    int rounds, events, findings, failed, asked;
} worker;

static void take_event(void *data, const stele_event *event)
{
    worker *self = data;
    self->events += event->kind >= 0;
}

static int take_finding(void *data, const stele_finding *finding)
{
    worker *self = data;
    self->findings += !finding->ok;
    return 0;
}

static int take_verdict(void *data, const stele_verdict *verdict)
{
    worker *self = data;
    self->findings += !verdict->ok;
    return 0;
}

static int take_reversal(void *data, const stele_reversal *reversal)
{
    worker *self = data;
    self->events += reversal->migration != NULL;
    return 0;
}

static int is_interrupted(void *data)
{
    worker *self = data;
    self->asked++;
    return 0;
}

static int is_well(worker *self, const char *call, stele_status status, stele_status other, const stele_error *error)
{
    if (status == STELE_OK || status == other)
        return 1;
    fprintf(stderr, "%s on %s: %d %s\n", call, self->conninfo, (int)status, error->message);
    self->failed = 1;
    return 0;
}

static void do_round(worker *self, stele *handle)
{
    stele_result result;
    stele_error error;
    stele_way_back way = {.component = "main", .all = 1, .allow_destructive = 1, .show = take_reversal, .data = self};
    is_well(self, "check", stele_check(handle, &result, &error), STELE_PENDING, &error);
    is_well(self, "apply", stele_apply(handle, NULL, &result, &error), STELE_OK, &error);
    is_well(self, "verify", stele_verify(handle, NULL, take_verdict, self, &error), STELE_OK, &error);
    is_well(self, "audit", stele_audit(handle, NULL, take_finding, self, &error), STELE_OK, &error);
    is_well(self, "redo", stele_redo(handle, &(stele_way_back){.component = "main", .allow_destructive = 1}, &result, &error), STELE_OK, &error);
    is_well(self, "down", stele_down(handle, &way, &result, &error), STELE_OK, &error);
}

static void *work(void *data)
{
    worker *self = data;
    stele_options options = {.conninfo = self->conninfo, .progress = take_event, .data = self, .interrupted = is_interrupted};
    stele_error error;
    for (int i = 0; i < self->rounds && !self->failed; i++) {
        stele *handle;
        if (!is_well(self, "open", stele_open(&handle, &migrations, &options, &error), STELE_OK, &error))
            break;
        do_round(self, handle);
        stele_close(handle);
        is_well(self, "up", stele_up(&migrations, &options, NULL, &error), STELE_OK, &error);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[2];
    worker workers[2] = {{0}, {0}};
    if (argc != 4) {
        fprintf(stderr, "usage: threads ROUNDS CONNINFO CONNINFO\n");
        return 2;
    }
    for (int i = 0; i < 2; i++) {
        workers[i] = (worker){.conninfo = argv[2 + i], .rounds = atoi(argv[1])};
        if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0)
            return 1;
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 2; i++)
        printf("%s: %d events, %d findings\n", workers[i].failed ? "failed" : "well", workers[i].events, workers[i].findings);
    return workers[0].failed || workers[1].failed;
}

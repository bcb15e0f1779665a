/* What an application is told of a database that is ahead of it: skew CONNINFO. */
#include <stdio.h>

#include "stele.h"

extern const stele_migrations migrations;

static void show(void *data, const stele_event *event)
{
    (void)data;
    if (event->kind == STELE_EVENT_AHEAD)
        printf("ahead %zu: %s\n", event->total, event->message);
}

static void print(const char *what, stele_status status, const stele_result *result)
{
    printf("%s %d, %zu ahead, %zu pending, at %s\n", what, (int)status, result->ahead, result->pending, result->version);
}

int main(int argc, char **argv)
{
    stele_options options = {.conninfo = argc > 1 ? argv[1] : NULL};
    stele_result result;
    stele *handle;
    if (stele_open(&handle, &migrations, &options, NULL) != STELE_OK)
        return 1;
    print("check", stele_check(handle, &result, NULL), &result);
    stele_close(handle);
    options.progress = show;
    print("up", stele_up(&migrations, &options, &result, NULL), &result);
    options.exact = 1;
    options.progress = NULL;
    printf("exact %d\n", (int)stele_up(&migrations, &options, &result, NULL));
    return 0;
}

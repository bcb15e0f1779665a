/*
 * interrupts - ask an `up` to stop at the Nth time that it can be asked
 *
 *     interrupts CONNINFO N
 *
 * Prints the status, how often it was asked, and the error. N of 0: never. Exits 1 when it was asked again after it had been told to stop.
 */
#include <stdio.h>
#include <stdlib.h>

#include "stele.h"

extern const stele_migrations migrations;

struct count {
    unsigned long asked, stop_at, after;
};

static int interrupted(void *data)
{
    struct count *count = data;
    if (count->stop_at != 0 && count->asked >= count->stop_at)
        count->after++;
    return ++count->asked == count->stop_at;
}

int main(int argc, char **argv)
{
    struct count count = {0};
    stele_error error;
    if (argc != 3)
        return 2;
    count.stop_at = strtoul(argv[2], NULL, 10);
    const stele_options options = {.conninfo = argv[1], .interrupted = interrupted, .data = &count};
    stele_status status = stele_up(&migrations, &options, NULL, &error);
    printf("%d %lu %s|%s\n", (int)status, count.asked, error.file, error.message);
    return count.after != 0;
}

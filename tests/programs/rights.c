/*
 * rights.c - each migration of the table as a plan of its own: what the role lacks for it
 *
 * Prints "FILE STATUS" and, behind that, "lacks WHAT" or "unknown WHAT" for each right, one a line.
 */
#include <stdio.h>

#include "stele.h"

extern const stele_migrations migrations;

static int print_right(void *data, const stele_right *right)
{
    const stele_migration *migration = data;
    printf("%s %s %s\n", migration->file, right->missing ? "lacks" : "unknown", right->what);
    return 0;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; i < migrations.count; i++) {
        stele_migrations one = migrations;
        stele_options options = {.conninfo = argc > 1 ? argv[1] : NULL};
        stele_error error;
        stele *handle;
        one.migrations += i;
        one.count = 1;
        stele_status status = stele_open(&handle, &one, &options, &error);
        if (status == STELE_OK)
            status = stele_plan_rights(handle, NULL, print_right, (void *)(uintptr_t)one.migrations, &error);
        printf("%s %d %s\n", one.migrations->file, (int)status, error.message);
        stele_close(handle);
    }
    return 0;
}

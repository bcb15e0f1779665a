#include "cli.h"

static void print_result(const cli *c, const stele_result *result)
{
    if (c->quiet)
        return;
    size_t forgot = result->recorded - c->squashed - c->kept;
    if (result->applied > 0)
        printf("applied %zu %s", result->applied, cli_plural(result->applied, "migration", "migrations"));
    else if (forgot > 0)
        printf("forgot %zu %s", forgot, cli_plural(forgot, "migration", "migrations"));
    else if (c->kept > 0)
        printf("nothing to apply; recorded what was given");
    else if (c->squashed == 0)
        printf(result->pending == 0 && result->ahead == 0 ? "up to date: nothing to do" : "nothing to do");
    if (c->squashed > 0)
        printf("%srecorded %zu %s in the place of those before", result->applied + result->recorded > c->squashed ? ", " : "", c->squashed,
               cli_plural(c->squashed, "migration", "migrations"));
    if (result->pending > 0)
        printf(", %zu still pending", result->pending);
    if (result->version[0] != '\0')
        cli_printf(stdout, "; the database is at %s", result->version);
    putchar('\n');
    cli_print_heads(c, stdout, result);
}

int cli_up(cli *c)
{
    stele *handle;
    stele_result result = {0};
    stele_error error;
    c->options.progress = cli_progress;
    stele_status status = cli_open(c, &handle, &error);
    if (status == STELE_OK)
        status = stele_apply(handle, c->target, &result, &error);
    stele_close(handle);
    if (status != STELE_OK) {
        cli_end_progress(c);
        cli_error(c, &error);
    }
    if (c->json) {
        cli_json_begin("result");
        cli_json_number("status", cli_exit_code(status));
        cli_json_number("applied", (long long)result.applied);
        cli_json_number("pending", (long long)result.pending);
        cli_json_number("ahead", (long long)result.ahead);
        cli_json_field("version", result.version);
        cli_json_field("head", status == STELE_NO_CONNECTION ? "" : result.head); /* it may not have reached the disk */
        cli_json_end();
    } else if (status == STELE_OK) {
        print_result(c, &result);
    } else if (result.applied > 0) {
        /* Without a server nobody can say what of it had reached the disk. */
        fprintf(stderr, "%s: %zu %s%s\n", c->program, result.applied,
                cli_plural(result.applied, "migration was applied before that", "migrations were applied before that"),
                status == STELE_NO_CONNECTION ? "; if the server crashed, the last of that may be lost, and the next up does it again"
                : result.applied == 1         ? ", and stays"
                                              : ", and stay");
        if (status != STELE_NO_CONNECTION)
            cli_print_heads(c, stderr, &result);
    }
    return (int)status;
}

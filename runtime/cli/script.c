#include <string.h>

#include "cli.h"

static int print_script(void *data, const char *bytes, size_t length)
{
    (void)data;
    return fwrite(bytes, 1, length, stdout) == length ? 0 : 1;
}

static stele_status with_connection(cli *c, stele_error *error)
{
    stele *handle;
    stele_status status = cli_open(c, &handle, error);
    if (status == STELE_OK && (c->given & CLI_DOWN) != 0)
        status = stele_script_down(handle, &c->back, print_script, NULL, error);
    else if (status == STELE_OK)
        status = stele_script_up(handle, c->target, print_script, NULL, error);
    stele_close(handle);
    return status;
}

/* A colon makes a range, which needs no connection; and says all that there is to say. */
int cli_script(cli *c)
{
    stele_error error;
    bool range = c->target != NULL && strchr(c->target, ':') != NULL;
    if (range && (c->given & (CLI_COMPONENT | CLI_FROM_LEDGER | CLI_OUT_OF_ORDER)) != 0) {
        fprintf(stderr, "%s: --component, --from-ledger and --out-of-order have no meaning for a plan of \"%s\"\n", c->program, c->target);
        return STELE_USAGE;
    }
    stele_status status = range ? stele_script_offline(c->migrations, &c->options, c->target, (c->given & CLI_DOWN) != 0, print_script, NULL, &error)
                                : with_connection(c, &error);
    if (status != STELE_OK)
        cli_error(c, &error);
    return (int)status;
}

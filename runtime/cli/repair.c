#include <string.h>

#include "cli.h"

static const struct {
    const char *word;
    stele_repair_kind kind;
    bool has_target;
} kinds[] = {
    {"accept", STELE_ACCEPT, true}, {"done", STELE_DONE, true},       {"forget", STELE_FORGET, true},
    {"retry", STELE_RETRY, true},   {"set", STELE_SET, true},        {"reseal", STELE_RESEAL, false},
    {"guards", STELE_GUARDS, false},
};

static void mend_json(const stele_mend *mend)
{
    cli_json_begin("repair");
    cli_json_field("action", mend->action);
    cli_json_migration(mend->migration);
    if (mend->step > 0)
        cli_json_number("step", mend->step);
    cli_json_field("note", mend->note);
    cli_json_end();
}

/* What will be written, before it is. */
static int print_mend(void *data, const stele_mend *mend)
{
    const cli *c = data;
    if (c->json) {
        mend_json(mend);
        return 0;
    }
    if (c->quiet)
        return 0;
    cli_style(c, stdout, "1");
    cli_printf(stdout, "%s", mend->action);
    cli_style(c, stdout, NULL);
    if (mend->step > 0)
        printf(" %u", mend->step);
    if (mend->migration->version[0] != '\0') {
        putchar(' ');
        cli_print_name(c, mend->migration);
    } else if (cli_has_components(c))
        cli_printf(stdout, " component %s", mend->migration->component);
    cli_printf(stdout, ": %s\n", mend->note);
    fflush(stdout);
    return 0;
}

static void print_result(const cli *c, stele_status status, const stele_result *result)
{
    if (c->json) {
        cli_json_begin("result");
        cli_json_number("status", cli_exit_code(status));
        cli_json_number("recorded", (long long)result->recorded);
        cli_json_number("pending", (long long)result->pending);
        cli_json_field("version", result->version);
        cli_json_field("head", result->head);
        cli_json_end();
    } else if (result->head[0] != '\0' && !c->quiet) {
        printf("%zu %s written", result->recorded, cli_plural(result->recorded, "row", "rows"));
        if (result->version[0] != '\0')
            cli_printf(stdout, "; the database is at %s", result->version);
        putchar('\n');
        cli_print_heads(c, stdout, result);
    }
}

static int run_repair(cli *c, const stele_repair *repair)
{
    stele *handle;
    stele_result result = {0};
    stele_error error;
    stele_status status = cli_open(c, &handle, &error);
    if (status == STELE_OK)
        status = stele_plan_repair(handle, repair, print_mend, c, &error);
    if (status == STELE_OK)
        status = stele_make_repair(handle, repair, &result, &error);
    stele_close(handle);
    if (status != STELE_OK)
        cli_error(c, &error);
    print_result(c, status, &result);
    return (int)status;
}

static int misuse(const cli *c, const char *what)
{
    cli_printf(stderr, "%s: %s\nhint: %s --help lists commands and options\n", c->program, what, c->program);
    return STELE_USAGE;
}

int cli_baseline(cli *c)
{
    const stele_repair repair = {.kind = STELE_BASELINE, .target = c->target, .component = c->back.component, .reason = c->reason};
    if (c->target == NULL)
        return misuse(c, "baseline takes a VERSION: the last one that is there already");
    return run_repair(c, &repair);
}

int cli_repair(cli *c)
{
    stele_repair repair = {.component = c->back.component, .step = c->step, .reason = c->reason};
    size_t i = 0;
    while (c->target != NULL && i < sizeof kinds / sizeof *kinds && strcmp(kinds[i].word, c->target) != 0)
        i++;
    if (c->target == NULL || i == sizeof kinds / sizeof *kinds)
        return misuse(c, "repair takes accept, done, retry, forget, set, reseal or guards");
    repair.kind = kinds[i].kind;
    repair.target = c->word_count > 1 ? c->words[1] : NULL;
    if (kinds[i].has_target != (repair.target != NULL))
        return misuse(c, kinds[i].has_target ? repair.kind == STELE_SET ? "repair set takes NAME=VALUE" : "this repair takes a VERSION"
                                             : "repair reseal and repair guards take no VERSION");
    if (repair.step != 0 && repair.kind != STELE_DONE && repair.kind != STELE_RETRY)
        return misuse(c, "--step has a meaning for repair done and repair retry only");
    return run_repair(c, &repair);
}

int cli_grant(cli *c)
{
    stele *handle;
    stele_error error;
    if (c->role == NULL)
        return misuse(c, "grant takes --read ROLE");
    stele_status status = cli_open(c, &handle, &error);
    if (status == STELE_OK)
        status = stele_grant(handle, c->role, &error);
    stele_close(handle);
    if (status != STELE_OK)
        cli_error(c, &error);
    cli_json_result(c, status);
    if (status == STELE_OK && !c->json && !c->quiet)
        printf("%s may read the ledger, but for its scripts\n", c->role);
    return (int)status;
}

#include <string.h>

#include "cli.h"

/* What is shown before it is done, or instead of that. */
typedef struct shower {
    cli *c;
    size_t count, destructive;
} shower;

/* "destroys table \"a\": 3 rows". A name comes quoted. */
static void print_casualty(const cli *c, const stele_casualty *casualty)
{
    static const char *const kinds[] = {"table", "column", "schema"};
    const stele_loss *loss = casualty->loss;
    cli_style(c, stdout, "31");
    if (loss->kind == STELE_LOSES_UNKNOWN)
        fputs("  may destroy data: only running it would tell", stdout);
    else if (loss->kind == STELE_LOSES_COLUMN)
        cli_printf(stdout, "  destroys column \"%s\" of %s", loss->column, loss->relation);
    else
        cli_printf(stdout, "  destroys %s %s", kinds[loss->kind], loss->relation);
    if (casualty->rows > 0)
        printf(": %lld %s", (long long)casualty->rows,
               loss->kind == STELE_LOSES_COLUMN ? cli_plural((size_t)casualty->rows, "value", "values")
                                                : cli_plural((size_t)casualty->rows, "row", "rows"));
    else if (loss->kind != STELE_LOSES_UNKNOWN)
        fputs(": nobody can tell how many rows", stdout);
    cli_style(c, stdout, NULL);
    putchar('\n');
}

static void casualty_json(const stele_migration *migration, const stele_casualty *casualty)
{
    static const char *const kinds[] = {"table", "column", "schema", "unknown"};
    cli_json_begin("loss");
    cli_json_field("file", migration->file);
    cli_json_field("kind", kinds[casualty->loss->kind]);
    cli_json_field("relation", casualty->loss->relation);
    cli_json_field("column", casualty->loss->column);
    if (casualty->rows >= 0)
        cli_json_number("rows", casualty->rows);
    cli_json_end();
}

static void reversal_json(const stele_reversal *reversal)
{
    const stele_migration *migration = reversal->migration;
    cli_json_begin("reversal");
    cli_json_migration(migration);
    cli_json_field("from", reversal->from_ledger ? "ledger" : "program");
    cli_json_field("applied_at", reversal->row->started);
    cli_json_number("steps", migration->down.step_count);
    if (reversal->from_ledger)
        cli_json_field("script", migration->text);
    cli_json_end();
    for (uint32_t i = 0; i < migration->module_count && reversal->from_ledger; i++) {
        cli_json_begin("module");
        cli_json_field("name", migration->modules[i]->name);
        cli_json_field("file", migration->modules[i]->file);
        cli_json_field("script", migration->modules[i]->text);
        cli_json_end();
    }
    for (size_t i = 0; i < reversal->casualty_count; i++)
        casualty_json(migration, &reversal->casualties[i]);
    cli_part_json(migration, &migration->down, 1);
}

/* A script of the ledger is shown whole: this program has never seen it. */
static void print_script(const stele_migration *migration)
{
    cli_indented("    ", migration->text);
    for (uint32_t i = 0; i < migration->module_count; i++) {
        cli_printf(stdout, "  with the module \"%s\", %s:\n", migration->modules[i]->name, migration->modules[i]->file);
        cli_indented("    ", migration->modules[i]->text);
    }
}

static int show(void *data, const stele_reversal *reversal)
{
    shower *s = data;
    const cli *c = s->c;
    s->count++;
    s->destructive += reversal->casualty_count > 0;
    if (c->json)
        reversal_json(reversal);
    if (c->json || c->quiet)
        return 0;
    cli_style(c, stdout, "1");
    cli_print_name(c, reversal->migration);
    cli_style(c, stdout, "2");
    cli_printf(stdout, "  applied %.19sZ, taken back by %s\n", reversal->row->started, reversal->from_ledger ? "the ledger's script:" : "this program");
    cli_style(c, stdout, NULL);
    if (reversal->from_ledger)
        print_script(reversal->migration);
    else
        cli_print_part(reversal->migration, &reversal->migration->down, 1);
    for (size_t i = 0; i < reversal->casualty_count; i++)
        print_casualty(c, &reversal->casualties[i]);
    fflush(stdout);
    return 0;
}

int cli_plan_down(cli *c)
{
    stele *handle;
    stele_error error;
    shower s = {.c = c};
    stele_status status = cli_open(c, &handle, &error);
    if (status == STELE_OK)
        status = stele_plan_down(handle, &c->back, show, &s, &error);
    if (status == STELE_OK)
        status = stele_plan_down_rights(handle, &c->back, cli_print_right, c, &error);
    else if (status == STELE_UNMET)
        stele_plan_down_rights(handle, &c->back, cli_print_right, c, NULL);
    stele_close(handle);
    if (status != STELE_OK)
        cli_error(c, &error);
    else if (!c->json && s.count == 0)
        puts("nothing to take back");
    else if (!c->json)
        printf("%zu %s to take back%s\n", s.count, cli_plural(s.count, "migration", "migrations"),
               s.destructive == 0 ? "" : "; down needs --allow-destructive");
    cli_json_result(c, status);
    return (int)status;
}

static void result_json(stele_status status, const stele_result *result)
{
    cli_json_begin("result");
    cli_json_number("status", cli_exit_code(status));
    cli_json_number("reverted", (long long)result->reverted);
    cli_json_number("applied", (long long)result->applied);
    cli_json_number("pending", (long long)result->pending);
    cli_json_field("version", result->version);
    cli_json_field("head", result->head);
    cli_json_end();
}

static void print_result(const cli *c, const stele_result *result)
{
    if (c->quiet)
        return;
    if (result->reverted > 0)
        printf("took back %zu %s", result->reverted, cli_plural(result->reverted, "migration", "migrations"));
    else
        printf("nothing to take back");
    if (result->applied > 0)
        printf(", applied %zu again", result->applied);
    if (result->pending > 0)
        printf(", %zu pending", result->pending);
    if (result->head[0] != '\0')
        cli_printf(stdout, result->version[0] == '\0' ? "; nothing is applied%s" : "; the database is at %s", result->version);
    putchar('\n');
    cli_print_heads(c, stdout, result);
}

/* What stays done after a failure. Without a server nobody can say what of it had reached the disk. */
static void print_rest(const cli *c, stele_status status, const stele_result *result)
{
    if (result->reverted + result->applied == 0)
        return;
    fprintf(stderr, "%s: before that, %zu %s taken back", c->program, result->reverted,
            cli_plural(result->reverted, "migration was", "migrations were"));
    if (result->applied > 0)
        fprintf(stderr, " and %zu applied again", result->applied);
    if (status == STELE_NO_CONNECTION) {
        fputs("; if the server crashed, the last of that may be lost: status says what is in\n", stderr);
        return;
    }
    fputs("; that stays\n", stderr);
    cli_print_heads(c, stderr, result);
}

static int go(cli *c, stele_status run(stele *handle, const stele_way_back *way, stele_result *result, stele_error *error))
{
    stele *handle;
    stele_result result = {0};
    stele_error error;
    shower s = {.c = c};
    c->options.progress = cli_progress;
    c->back.show = show;
    c->back.data = &s;
    stele_status status = cli_open(c, &handle, &error);
    if (status == STELE_OK)
        status = run(handle, &c->back, &result, &error);
    stele_close(handle);
    if (status != STELE_OK) {
        cli_end_progress(c);
        cli_error(c, &error);
    }
    if (c->json)
        result_json(status, &result);
    else if (status == STELE_OK)
        print_result(c, &result);
    else
        print_rest(c, status, &result);
    return (int)status;
}

int cli_down(cli *c)
{
    return go(c, stele_down);
}

int cli_redo(cli *c)
{
    return go(c, stele_redo);
}

#include "cli.h"

typedef struct printer {
    const cli *c;
    size_t count;
} printer;

static void finding_json(const stele_finding *finding)
{
    cli_json_begin("check");
    printf(",\"ok\":%s", finding->ok ? "true" : "false");
    cli_json_field("check", finding->check);
    cli_json_field("title", finding->title);
    cli_json_field("message", finding->message);
    cli_json_field("file", finding->file);
    cli_json_field("detail", finding->detail);
    cli_json_field("hint", finding->hint);
    cli_json_end();
}

static int print_finding(void *data, const stele_finding *finding)
{
    printer *p = data;
    p->count++;
    if (p->c->json) {
        finding_json(finding);
    } else if ((p->c->given & CLI_TAP) != 0) {
        printf("%s %zu - ", finding->ok ? "ok" : "not ok", p->count);
        cli_tap_title(finding->title);
        cli_indented("# ", finding->detail);
        cli_indented("# hint: ", finding->hint);
    } else {
        cli_style(p->c, stdout, finding->ok ? "32" : "1;31");
        fputs(finding->ok ? "  ok      " : "  WRONG   ", stdout);
        cli_style(p->c, stdout, NULL);
        cli_printf(stdout, "%s\n", finding->title);
        cli_indented("          ", finding->detail);
        cli_indented("          hint: ", finding->hint);
    }
    return 0;
}

int cli_audit(cli *c)
{
    stele *handle;
    stele_error error;
    printer p = {.c = c};
    stele_status status = cli_open(c, &handle, &error);
    if (status == STELE_OK)
        status = stele_audit(handle, c->head, print_finding, &p, &error);
    stele_close(handle);
    bool tap = (c->given & CLI_TAP) != 0;
    bool audited = status == STELE_OK || status == STELE_TAMPERED || status == STELE_AHEAD;
    if (tap && audited)
        printf("1..%zu\n", p.count);
    else if (tap)
        puts("Bail out! the audit could not be made");
    if (status != STELE_OK)
        cli_error(c, &error);
    cli_json_result(c, status);
    if (status == STELE_OK && !tap && !c->json)
        printf("%zu %s, all well\n", p.count, cli_plural(p.count, "check", "checks"));
    return (int)status;
}

#include "job.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "../pq.h"

/* ------------------------------------------------------------------- numbers */

const char *cli_count(cli_number buffer, int64_t number)
{
    char digits[24];
    size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRId64, number), sign = digits[0] == '-', used = 0;
    for (size_t i = 0; i < length; i++) {
        if (i > sign && (length - i) % 3 == 0)
            buffer[used++] = ',';
        buffer[used++] = digits[i];
    }
    buffer[used] = '\0';
    return buffer;
}

const char *cli_rows(int64_t number)
{
    return number == 1 ? "row" : "rows";
}

const char *cli_bytes(cli_number buffer, double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1024;
        unit++;
    }
    snprintf(buffer, sizeof(cli_number), unit == 0 || bytes >= 100 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
    return buffer;
}

/* Two digits behind the point; of what is less than one, as many as it takes for two that aren't 0. */
const char *cli_cost(cli_number buffer, double cost)
{
    enum { MOST = 12 };
    int digits = 2;
    for (double small = cost; small > 0 && small < 1 && digits < MOST; small *= 10)
        digits++;
    size_t length = (size_t)snprintf(buffer, sizeof(cli_number), "%.*f", digits > 2 ? digits - 1 : digits, cost);
    for (digits -= digits > 2; digits > 2 && buffer[length - 1] == '0'; digits--)
        buffer[--length] = '\0';
    return buffer;
}

const char *cli_time(cli_number buffer, double seconds)
{
    int64_t whole = seconds < 1e15 ? (int64_t)(seconds + 0.5) : INT64_C(1000000000000000);
    if (whole < 60)
        snprintf(buffer, sizeof(cli_number), "%d s", (int)whole);
    else if (whole < 3600)
        snprintf(buffer, sizeof(cli_number), "%d min %d s", (int)(whole / 60), (int)(whole % 60));
    else if (whole < 86400)
        snprintf(buffer, sizeof(cli_number), "%d h %d min", (int)(whole / 3600), (int)(whole / 60 % 60));
    else
        snprintf(buffer, sizeof(cli_number), "%" PRId64 " d %d h", whole / 86400, (int)(whole / 3600 % 24));
    return buffer;
}

/* Never 100 before it is. */
const char *cli_percent(cli_number buffer, double fraction)
{
    double percent = fraction < 1 ? floor(fraction * 1000) / 10 : 100;
    snprintf(buffer, sizeof(cli_number), fraction < 1 ? "%.1f %%" : "%.0f %%", percent);
    return buffer;
}

const char *cli_job_standing(const stele_job_report *report)
{
    static const char *const words[][2] = {
        [STELE_JOB_NEW] = {"not run yet", "not run yet"},
        [STELE_JOB_LOAD] = {"load", "load, paused"},
        [STELE_JOB_DRAIN] = {"drain", "drain, paused"},
        [STELE_JOB_INDEX] = {"index", "index, paused"},
        [STELE_JOB_VERIFY] = {"verify", "verify, paused"},
        [STELE_JOB_READY] = {"ready", "ready, paused"},
        [STELE_JOB_SWITCHED] = {"switched", "switched, paused"},
        [STELE_JOB_DONE] = {"done", "done"},
        [STELE_JOB_CANCELLED] = {"cancelled", "cancelled"},
    };
    return words[report->state][report->paused != 0];
}

/* -------------------------------------------------------------------- a line */

static bool has_shares(const stele_job_report *r)
{
    return r->read_share + r->call_share + r->write_share + r->wait_share > 0;
}

static void print_shares(FILE *stream, const stele_job_report *r)
{
    fprintf(stream, "read %.0f %%, ", 100 * r->read_share);
    if (r->call_share > 0)
        fprintf(stream, "http %.0f %%, ", 100 * r->call_share);
    fprintf(stream, "write %.0f %%, wait %.0f %%", 100 * r->write_share, 100 * r->wait_share);
}

static void print_server(FILE *stream, const stele_job_report *r)
{
    cli_number rate, budget;
    fprintf(stream, "WAL %s/s", cli_bytes(rate, r->wal_rate));
    if (r->wal_budget > 0)
        fprintf(stream, " of %s/s", cli_bytes(budget, r->wal_budget));
    if (r->lag >= 0)
        fprintf(stream, ", lag %.1f s", r->lag);
}

static void print_cost(FILE *stream, const stele_job_report *r)
{
    cli_number cost;
    fprintf(stream, "cost %s", cli_cost(cost, r->cost));
    if (r->expected_cost > r->cost)
        fprintf(stream, " of about %s", cli_cost(cost, r->expected_cost));
}

/* So that somebody has to work at it, or it stays where it is. */
static bool is_under_way(const stele_job_report *r)
{
    return !r->paused && (r->state == STELE_JOB_LOAD || r->state == STELE_JOB_DRAIN || r->state == STELE_JOB_INDEX || r->state == STELE_JOB_VERIFY);
}

bool cli_job_is_blocked(const stele_job_report *r)
{
    return strncmp(r->bound, "blocked by ", strlen("blocked by ")) == 0;
}

void cli_job_line(FILE *stream, const char *name, const stele_job_report *r)
{
    cli_number number;
    fprintf(stream, "%s: %s", name, cli_job_standing(r));
    if (cli_job_is_blocked(r)) {
        fputs(" | ", stream);
        cli_print_foreign(stream, r->bound);
        return;
    }
    if (r->state == STELE_JOB_NEW) {
        fputs(r->reason[0] == '\0' ? "" : " | ", stream);
        cli_print_foreign(stream, r->reason);
        return;
    }
    fprintf(stream, " | %s", cli_percent(number, r->fraction));
    fprintf(stream, ", %s %s", cli_count(number, r->rows), cli_rows(r->rows));
    if (r->rate > 0)
        fprintf(stream, ", %.*f/s", r->rate < 10 ? 1 : 0, r->rate);
    if (has_shares(r)) {
        fputs(" | ", stream);
        print_shares(stream, r);
    }
    if (r->workers > 0) {
        fputs(" | ", stream);
        print_server(stream, r);
    } else if (is_under_way(r)) {
        fputs(" | no worker (job run)", stream);
    }
    if (r->cost > 0) {
        fputs(" | ", stream);
        print_cost(stream, r);
    }
    if (r->dead > 0)
        fprintf(stream, " | dead %s", cli_count(number, r->dead));
    if (r->dirty > 0)
        fprintf(stream, " | dirty %s", cli_count(number, r->dirty));
    if (r->seconds_left >= 0)
        fprintf(stream, " | ETA %s", cli_time(number, r->seconds_left));
    if (r->bound[0] != '\0') {
        fputs(" | limited by ", stream);
        cli_print_foreign(stream, r->bound);
    }
    for (int i = 0; i < 2; i++) {
        const char *text = i == 0 ? r->message : r->reason;
        fputs(text[0] == '\0' ? "" : " | ", stream);
        cli_print_foreign(stream, text);
    }
}

/* A line that is longer than the terminal is wide would stay where it is: so it isn't wrapped meanwhile. */
void cli_job_live(const cli *c, const char *name, const stele_job_report *report)
{
    if (c->live)
        fputs("\r\033[K\033[?7l", stdout);
    cli_job_line(stdout, name, report);
    fputs(report->state == STELE_JOB_NEW ? " | waits for its first run (job run)" : "", stdout);
    fputs(c->live ? "\033[?7h" : "\n", stdout);
    fflush(stdout);
}

bool cli_job_is_news(const cli *c, cli_job_said *said, const stele_job_report *report)
{
    enum { LIVE = 500000, PLAIN = 10000000 }; /* microseconds from line to line */
    bool live = c->live && !c->json, troubled = strstr(report->bound, "; retried for ") != NULL || cli_job_is_blocked(report);
    bool moved = troubled != said->troubled || strcmp(said->standing, cli_job_standing(report)) != 0;
    int64_t now = stele_clock();
    if (!moved && (now - said->at < (live ? LIVE : PLAIN) || (report->state == STELE_JOB_NEW && !live && !cli_job_is_blocked(report))))
        return false;
    said->at = now;
    said->troubled = troubled;
    snprintf(said->standing, sizeof said->standing, "%s", cli_job_standing(report));
    return true;
}

/* -------------------------------------------------------------------- a page */

static void print_label(const cli *c, const char *label)
{
    cli_style(c, stdout, "2");
    printf("  %-10s", label);
    cli_style(c, stdout, NULL);
}

static void print_rows(const cli *c, const stele_job_report *r)
{
    cli_number number;
    print_label(c, "rows");
    printf("%s written", cli_count(number, r->rows));
    printf(", of about %s", cli_count(number, r->expected));
    printf(r->fraction < 1 ? ": %s\n" : "; %s gone through\n", cli_percent(number, r->fraction)); /* which is not to say that it was written */
    if (r->dead > 0 || r->dirty > 0) {
        print_label(c, "to do");
        printf("%s given up (job dead list), ", cli_count(number, r->dead));
        printf("%s to be done again\n", cli_count(number, r->dirty));
    }
}

static void print_speed(const cli *c, const stele_job_report *r)
{
    cli_number number;
    print_label(c, "workers");
    printf("%u", r->workers);
    if (r->workers == 0 && is_under_way(r))
        fputs(": job run goes on with it", stdout);
    if (r->rate > 0)
        printf(", %.1f rows a second", r->rate);
    if (r->seconds_left >= 0)
        printf(", %s left", cli_time(number, r->seconds_left));
    if (r->bound[0] != '\0') {
        fputs("; limited by ", stdout);
        cli_print_foreign(stdout, r->bound);
    }
    putchar('\n');
    if (has_shares(r)) {
        print_label(c, "time");
        print_shares(stdout, r);
        putchar('\n');
    }
}

static void print_provider(const cli *c, const stele_job_report *r)
{
    cli_number number;
    if (r->calls == 0)
        return;
    print_label(c, "provider");
    printf("%s requests", cli_count(number, r->calls));
    if (r->refused > 0)
        printf(" (%s answered with 429)", cli_count(number, r->refused));
    printf(", %s tokens", cli_count(number, r->tokens));
    if (r->cost > 0) {
        fputs(", ", stdout);
        print_cost(stdout, r);
    }
    putchar('\n');
}

void cli_job_page(const cli *c, const char *name, const stele_job_report *r)
{
    const struct {
        const char *label, *text;
    } texts[] = {{"now", r->message}, {"reason", r->reason}};
    cli_number number;
    cli_style(c, stdout, "1");
    fputs(name, stdout);
    cli_style(c, stdout, NULL);
    printf(": %s\n", cli_job_standing(r));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].text[0] == '\0')
            continue;
        print_label(c, texts[i].label);
        cli_print_foreign(stdout, texts[i].text);
        putchar('\n');
    }
    if (r->state == STELE_JOB_NEW)
        return;
    print_rows(c, r);
    print_speed(c, r);
    print_provider(c, r);
    print_label(c, "server");
    if (r->workers > 0) {
        print_server(stdout, r);
        fputs(", ", stdout);
    }
    printf("%s dead row versions in what is written\n", cli_count(number, r->dead_tuples));
}

/* -------------------------------------------------------------------- JSON */

static void json_real(const char *key, double number)
{
    printf(",\"%s\":%.10g", key, number);
}

void cli_job_json(const char *name, const stele_job_report *r)
{
    static const char *const states[] = {"", "load", "drain", "index", "verify", "ready", "switched", "done", "cancelled"};
    cli_json_begin("job");
    cli_json_field("job", name);
    cli_json_field("state", states[r->state]);
    printf(",\"paused\":%s", r->paused ? "true" : "false");
    cli_json_field("reason", r->reason);
    cli_json_field("bound", r->bound);
    cli_json_field("message", r->message);
    json_real("fraction", r->fraction);
    cli_json_number("rows", r->rows);
    cli_json_number("dead", r->dead);
    cli_json_number("dirty", r->dirty);
    cli_json_number("expected", r->expected);
    cli_json_number("calls", r->calls);
    cli_json_number("tokens", r->tokens);
    cli_json_number("refused", r->refused);
    json_real("cost", r->cost);
    json_real("expected_cost", r->expected_cost);
    json_real("rate", r->rate);
    json_real("seconds_left", r->seconds_left);
    json_real("read_share", r->read_share);
    json_real("call_share", r->call_share);
    json_real("write_share", r->write_share);
    json_real("wait_share", r->wait_share);
    json_real("wal_rate", r->wal_rate);
    json_real("wal_budget", r->wal_budget);
    json_real("lag", r->lag);
    cli_json_number("dead_tuples", r->dead_tuples);
    cli_json_number("workers", r->workers);
    cli_json_end();
}

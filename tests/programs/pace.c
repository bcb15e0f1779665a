/*
 * pace CONNINFO - the pace of a job, driven by hand
 *
 * Reads commands, one a line, and prints what came of each:
 *
 *     set NAME VALUE     a knob
 *     sample             ask the server: "GO", "SLOW" or "STOP", the rows of the next write, lag, rate of WAL in kB/s, the reason
 *     settle SECONDS     sample when it is due, for so long; prints the last
 *     until VERDICT SECONDS  sample when it is due, until the verdict is that, at most for so long; prints the last
 *     run SQL            a statement of its own, with nothing asked
 *     write SQL          a write as a job does it: what the pace asks, and the statement, in one transaction
 *     work SECONDS SQL   write as fast as the pace allows, SQL with :rows as the number of rows; prints rows, writes, the worst lag in ms and all reasons that were told
 *     press SECONDS SQL  the same, until the pace says a reason not to
 *     resume SECONDS SQL the same, until one was written
 *     mark SQL           SQL returns a process, which belongs to the job from now on
 *     table NAME         this is the table that the job writes into
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "job/pace.h"

static stele handle;
static stele_knobs knobs;
static stele_pace pace;
static stele_error failure;
static int marks[2];
static const char *const verdicts[] = {"GO", "SLOW", "STOP"};

static void print_failure(const char *what)
{
    printf("%s failed: %s: %s\n", what, failure.sqlstate, failure.message);
    stele_error_clear(&failure);
}

static bool sample(void)
{
    bool sampled = stele_pace_sample(&pace, &handle, marks, &failure) == STELE_OK;
    if (!sampled)
        print_failure("sample");
    if (pace.notice[0] != '\0')
        printf("notice: %s\n", pace.notice);
    pace.notice[0] = '\0';
    return sampled;
}

static void print_pace(void)
{
    printf("%s rows %u lag %.1f wal %.0f kB/s: %s\n", verdicts[pace.verdict], pace.rows, pace.lag, pace.wal_rate / 1024, pace.reason);
}

static void take(void *data, uint64_t item, const stele_rows *rows)
{
    (void)data;
    if (item != 0)
        stele_pace_answer(&pace, item == 2, rows);
}

static stele_status ask(bool last)
{
    const char *question = stele_pace_question(&pace, last);
    return question == NULL ? STELE_OK : stele_pipe_send(&handle.link, last ? 2 : 1, question, 0, NULL, &failure);
}

static bool write_once(const char *sql, unsigned rows)
{
    stele_link *link = &handle.link;
    int64_t began = stele_clock();
    link->answered = take;
    stele_status status = stele_pipe_start(link, &failure);
    if (status == STELE_OK)
        status = stele_pipe_send(link, 0, "BEGIN", 0, NULL, &failure);
    if (status == STELE_OK)
        status = ask(false);
    if (status == STELE_OK)
        status = stele_pipe_send(link, 0, sql, 0, NULL, &failure);
    if (status == STELE_OK)
        status = ask(true);
    if (status == STELE_OK)
        status = stele_pipe_send(link, 0, "COMMIT", 0, NULL, &failure);
    if (status == STELE_OK)
        status = stele_pipe_wait(link, &failure);
    stele_pipe_stop(link, &failure);
    stele_link_rollback(link);
    stele_pace_wrote(&pace, rows, stele_clock() - began, status != STELE_OK);
    if (status != STELE_OK)
        print_failure("write");
    return status == STELE_OK;
}

static void settle(double seconds, const char *verdict)
{
    for (int64_t end = stele_clock() + (int64_t)(seconds * 1000000); stele_clock() < end && (verdict == NULL || strcmp(verdicts[pace.verdict], verdict) != 0);) {
        if (stele_clock() >= pace.sample_at && !sample())
            return;
        stele_link_pause(&handle.link, 20000, &failure);
    }
}

/* The reasons without their numbers, each once. */
static void note_reason(char *reasons, size_t size)
{
    char word[16];
    snprintf(word, sizeof word, "%.11s", pace.reason);
    if (pace.reason[0] != '\0' && strstr(reasons, word) == NULL)
        snprintf(reasons + strlen(reasons), size - strlen(reasons), " (%s)", word);
}

static void work(double seconds, const char *sql, char how)
{
    char reasons[500] = "", text[4000];
    double worst = 0;
    unsigned long total = 0, writes = 0;
    const char *place = strstr(sql, ":rows");
    for (int64_t end = stele_clock() + (int64_t)(seconds * 1000000); stele_clock() < end && !(how == 'p' && reasons[0] != '\0') && !(how == 'r' && writes > 0);) {
        if (stele_clock() >= pace.sample_at && !sample())
            return;
        worst = pace.lag > worst ? pace.lag : worst;
        note_reason(reasons, sizeof reasons);
        if (pace.verdict == STELE_PACE_STOP || stele_clock() < pace.not_before) {
            stele_link_pause(&handle.link, 2000, &failure);
            continue;
        }
        unsigned rows = pace.rows;
        snprintf(text, sizeof text, "%.*s%u%s", (int)(place - sql), sql, rows, place + 5);
        if (!write_once(text, rows))
            return;
        total += rows;
        writes++;
    }
    printf("rows %lu writes %lu lag %.0f%s\n", total, writes, worst * 1000, reasons);
}

static void set_mark(const char *sql)
{
    stele_rows *rows;
    if (stele_link_query(&handle.link, sql, 0, NULL, &rows, &failure) != STELE_OK) {
        print_failure("mark");
        return;
    }
    marks[0] = atoi(stele_rows_text(rows, 0, 0));
    stele_rows_free(rows);
}

static void set_table(const char *name)
{
    stele_rows *rows;
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT '%s'::regclass::oid", name);
    if (stele_link_query(&handle.link, sql, 0, NULL, &rows, &failure) != STELE_OK) {
        print_failure("table");
        return;
    }
    stele_pace_watch(&pace, (uint32_t)strtoul(stele_rows_text(rows, 0, 0), NULL, 10), 0);
    stele_rows_free(rows);
}

static void set_knob(char *text)
{
    char *value = strchr(text, ' ');
    if (value != NULL)
        *value++ = '\0';
    if (stele_knob_read(&knobs, text, value == NULL ? "" : value, &failure) != STELE_OK)
        print_failure("set");
}

static void obey(char *line)
{
    char *rest = strchr(line, ' ');
    if (rest != NULL)
        *rest++ = '\0';
    if (strcmp(line, "set") == 0) {
        set_knob(rest);
    } else if (strcmp(line, "sample") == 0) {
        if (sample())
            print_pace();
    } else if (strcmp(line, "settle") == 0) {
        settle(atof(rest), NULL);
        print_pace();
    } else if (strcmp(line, "until") == 0) {
        char *seconds = strchr(rest, ' ');
        *seconds++ = '\0';
        settle(atof(seconds), rest);
        print_pace();
    } else if (strcmp(line, "run") == 0) {
        if (stele_link_run(&handle.link, rest, &failure) != STELE_OK)
            print_failure("run");
    } else if (strcmp(line, "write") == 0) {
        if (write_once(rest, pace.rows))
            print_pace();
    } else if (strcmp(line, "work") == 0 || strcmp(line, "press") == 0 || strcmp(line, "resume") == 0) {
        work(atof(rest), strchr(rest, ' ') + 1, line[0]);
    } else if (strcmp(line, "mark") == 0) {
        set_mark(rest);
    } else if (strcmp(line, "table") == 0) {
        set_table(rest);
    }
}

int main(int argc, char **argv)
{
    static char lines[64][4000]; /* a knob's text is not copied */
    stele_options options = {.conninfo = argc > 1 ? argv[1] : NULL};
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (stele_link_open(&handle.link, &options, &failure) != STELE_OK) {
        print_failure("open");
        return 1;
    }
    stele_knobs_default(&knobs);
    stele_pace_start(&pace, &knobs);
    for (size_t i = 0; i < 64 && fgets(lines[i], sizeof lines[i], stdin) != NULL; i++) {
        lines[i][strcspn(lines[i], "\n")] = '\0';
        obey(lines[i]);
    }
    stele_link_close(&handle.link);
    return 0;
}

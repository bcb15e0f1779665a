/*
 * worker.c - a program with jobs, for tests/t/66x, 67x and tests/torture/jobs-*
 *
 *     worker CONNINFO up
 *     worker CONNINFO JOB run|status|pause|resume|cancel|dead|verify
 *     worker CONNINFO JOB retry [CODE]
 *     worker CONNINFO JOB set KNOB VALUE
 *     worker CONNINFO JOB each VERB ...       one after the other, on one handle; sql:STATEMENT is one, too
 *     worker CONNINFO JOB compare QUERY       the query gives text, and a vector as text or as vector_send gives it: compare each with what the tests' provider answers for that text; MODEL, DIMENSIONS
 *                                             from the environment
 *
 * The provider of callback{...} gives the same vectors as the tests' provider does. SIGINT and SIGTERM ask it to stop. Prints what it found; exits with the status.
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handle.h"
#include "pq.h"
#include "stele_job.h"
#include "test_vector.h"

extern const stele_migrations migrations;

/* ------------------------------------------------------------------- what is lent */

static volatile sig_atomic_t asked;

static void ask(int number)
{
    (void)number;
    asked = 1;
}

static int interrupted(void *data)
{
    (void)data;
    return asked;
}

static int embed(void *data, const char *model, const char *const *texts, const size_t *lengths, size_t count, unsigned dimensions, float *vectors, char *message, size_t message_size)
{
    (void)data, (void)message, (void)message_size;
    for (size_t i = 0; i < count; i++)
        test_vector(vectors + i * dimensions, model, texts[i], lengths[i], dimensions);
    return 0;
}

/* ------------------------------------------------------------------- what is printed */

static void print_report(const stele_job_report *r)
{
    static const char *const words[] = {"new", "load", "drain", "index", "verify", "ready", "switched", "done", "cancelled"};
    printf("state=%s paused=%d rows=%" PRId64 " dead=%" PRId64 " dirty=%" PRId64 " calls=%" PRId64 " refused=%" PRId64 " workers=%u fraction=%.3f\nreason=%s\nmessage=%s\ntokens=%" PRId64 " cost=%.4f\n", words[r->state],
           r->paused, r->rows, r->dead, r->dirty, r->calls, r->refused, r->workers, r->fraction, r->reason, r->message, r->tokens, r->cost);
}

static void print_dead(void *data, const stele_job_dead *dead)
{
    (void)data;
    printf("dead %s|%s|%s|%s\n", dead->key, dead->stage, dead->code, dead->message);
}

static void print_check(void *data, const stele_job_check *check)
{
    (void)data;
    printf("%s %s: %s%s%s\n", check->ok ? "ok" : "NOT OK", check->name, check->title, check->detail[0] != '\0' ? " | " : "", check->detail);
}

/* ------------------------------------------------------------------- vectors */

static int hexadecimal(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c - 'a' + 10;
}

/* The next number of a vector as text, or of one as the hexadecimal digits of its binary form. */
static bool next_number(const char **at, bool binary, float *number)
{
    if (binary) {
        uint32_t bits = 0;
        for (int i = 0; i < 8; i++)
            bits = bits << 4 | (uint32_t)hexadecimal(*(*at)++);
        memcpy(number, &bits, sizeof bits);
        return true;
    }
    if (**at != '[' && **at != ',')
        return false;
    char *end;
    *number = strtof(*at + 1, &end);
    *at = end;
    return true;
}

static bool is_right(const char *text, const char *vector, const char *model, unsigned dimensions)
{
    float want[4096], number;
    bool binary = vector[0] == '\\';
    test_vector(want, model, text, strlen(text), dimensions);
    if (binary && strlen(vector) != 2 + 8 + (size_t)dimensions * 8)
        return false;
    vector += binary ? 2 + 8 : 0;
    for (unsigned i = 0; i < dimensions; i++) {
        if (!next_number(&vector, binary, &number))
            return false;
        if (!(fabs((double)number - (double)want[i]) < 1e-5))
            return false;
    }
    return binary || *vector == ']';
}

static stele_status compare(stele *handle, const char *sql, stele_error *error)
{
    const char *model = getenv("MODEL"), *number = getenv("DIMENSIONS");
    unsigned dimensions = number == NULL ? 8 : (unsigned)strtoul(number, NULL, 10);
    stele_rows *rows = NULL;
    int wrong = 0;
    stele_status status = stele_link_query(&handle->link, sql, 0, NULL, &rows, error);
    int count = status == STELE_OK ? stele_rows_count(rows) : 0;
    for (int i = 0; i < count; i++) {
        const char *text = stele_rows_text(rows, i, 0), *vector = stele_rows_text(rows, i, 1);
        if ((text == NULL || vector == NULL || dimensions > 4096 || !is_right(text, vector, model == NULL ? "m" : model, dimensions)) && wrong++ < 3)
            printf("stale: \"%s\" has %.60s\n", text == NULL ? "" : text, vector == NULL ? "NULL" : vector);
    }
    printf("compared=%d wrong=%d\n", count, wrong);
    stele_rows_free(rows);
    return status;
}

/* ------------------------------------------------------------------- verbs */

static stele_status run(stele_job *job, stele_error *error)
{
    stele_job_report report;
    stele_status status = stele_job_run(job, &report, error);
    print_report(&report);
    return status;
}

static stele_status do_verb(stele *handle, stele_job *job, char **words, stele_error *error);

static stele_status do_each(stele *handle, stele_job *job, char **words, stele_error *error)
{
    stele_status status = STELE_OK;
    for (; *words != NULL && status == STELE_OK; words++)
        status = strncmp(*words, "sql:", 4) == 0 ? stele_link_query(&handle->link, *words + 4, 0, NULL, NULL, error) : do_verb(handle, job, (char *[]){*words, NULL}, error);
    return status;
}

static stele_status do_verb(stele *handle, stele_job *job, char **words, stele_error *error)
{
    const char *verb = words[0];
    stele_job_report report;
    int64_t count;
    if (strcmp(verb, "each") == 0)
        return do_each(handle, job, words + 1, error);
    if (strcmp(verb, "run") == 0)
        return run(job, error);
    if (strcmp(verb, "verify") == 0)
        return stele_job_verify(job, print_check, NULL, error);
    if (strcmp(verb, "compare") == 0)
        return compare(handle, words[1], error);
    if (strcmp(verb, "dead") == 0)
        return stele_job_list_dead(job, print_dead, NULL, error);
    if (strcmp(verb, "set") == 0)
        return stele_job_set(job, words[1], words[2], error);
    if (strcmp(verb, "retry") == 0) {
        stele_status status = stele_job_retry_dead(job, words[1], &count, error);
        printf("retry=%" PRId64 "\n", count);
        return status;
    }
    if (strcmp(verb, "status") != 0)
        return stele_job_want(job, verb[0] == 'p' ? STELE_JOB_PAUSE : verb[0] == 'r' ? STELE_JOB_RESUME : STELE_JOB_CANCEL, NULL, error);
    stele_status status = stele_job_status(job, &report, error);
    if (status == STELE_OK)
        print_report(&report);
    return status;
}

int main(int argc, char **argv)
{
    stele_error error = {0};
    stele *handle = NULL;
    stele_job *job = NULL;
    if (argc < 3)
        return 2;
    sigaction(SIGINT, &(struct sigaction){.sa_handler = ask}, NULL);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = ask}, NULL);
    const stele_options options = {.conninfo = argv[1], .interrupted = interrupted};
    const stele_job_options lends = {.embed = embed};
    stele_status status;
    if (strcmp(argv[2], "up") == 0) {
        status = stele_up(&migrations, &options, NULL, &error);
    } else {
        status = stele_open(&handle, &migrations, &options, &error);
        if (status == STELE_OK)
            status = stele_job_open(handle, argv[2], &lends, &job, &error);
        if (status == STELE_OK)
            status = do_verb(handle, job, argv + 3, &error);
    }
    if (status != STELE_OK)
        fprintf(stderr, "%s\ndetail: %s\nhint: %s\n", error.message, error.detail, error.hint);
    stele_job_close(job);
    stele_close(handle);
    return (int)status;
}

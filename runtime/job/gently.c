/* Statements that hold nobody up: short waits for locks, tried again; and queries that are given up when they take too long. */
#include <stdio.h>
#include <string.h>

#include "../error.h"
#include "after.h"

bool stele_job_may_try_again(const stele_error *error)
{
    static const char *const states[] = {"55P03", "40P01", "40001", "23505", "42710", NULL};
    return stele_sqlstate_is(error->sqlstate, states) || (strcmp(error->sqlstate, "XX000") == 0 && strstr(error->message, "concurrently") != NULL);
}

stele_status stele_job_wait_within(stele_job *job, int64_t began, unsigned limit, unsigned tries, const stele_error *first, stele_error *error)
{
    int64_t most = INT64_C(250000) << (tries < 5 ? tries : 5), now = stele_clock();
    int64_t left = began + (int64_t)limit * 1000 - now;
    if (limit == STELE_FOR_EVER || left > 0)
        return stele_link_pause(&job->handle->link, most / 2 + now * 1000 % (most / 2), error);
    if (error == NULL)
        return STELE_LOCKED;
    *error = *first;
    error->status = STELE_LOCKED;
    if (error->hint[0] == '\0')
        stele_error_hint(error, "others held what it needs for %u s: run it again when fewer long transactions are open", (unsigned)((now - began) / 1000000));
    return STELE_LOCKED;
}

static stele_status wait_again(stele_job *job, int64_t began, unsigned tries, const stele_error *first, stele_error *error)
{
    unsigned limit = job->handle->options.lock_retry_ms;
    return stele_job_wait_within(job, began, limit == 0 ? 120000 : limit, tries, first, error);
}

stele_status stele_job_gently(stele_job *job, const char *sql, unsigned wait, stele_error *error)
{
    stele_text text = {0};
    int64_t began = stele_clock();
    stele_status status;
    stele_text_print(&text, "BEGIN READ WRITE, ISOLATION LEVEL READ COMMITTED;\nSET LOCAL lock_timeout = %u;\n%s\nCOMMIT", wait, sql);
    if (text.failed)
        status = stele_error_memory(error);
    else
        for (unsigned tries = 0;; tries++) {
            stele_error first = {0};
            status = stele_link_run(&job->handle->link, text.bytes, &first);
            stele_link_rollback(&job->handle->link);
            if (status == STELE_OK)
                break;
            if (stele_job_may_try_again(&first)) {
                if ((status = wait_again(job, began, tries, &first, error)) == STELE_OK)
                    continue;
            } else if (error != NULL) {
                *error = first;
            }
            break;
        }
    stele_text_free(&text);
    return status;
}

stele_status stele_job_bounded(stele_job *job, unsigned milliseconds, const char *settings, const char *sql, int count, const char *const *values,
                               stele_rows **rows, stele_error *error)
{
    stele_link *link = &job->handle->link;
    stele_text text = {0};
    stele_error first = {0};
    *rows = NULL;
    stele_text_print(&text, "BEGIN READ ONLY, ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = %u; %s", milliseconds, settings == NULL ? "" : settings);
    stele_status status = text.failed ? stele_error_memory(&first) : stele_link_run(link, text.bytes, &first);
    if (status == STELE_OK)
        status = stele_link_query(link, sql, count, values, rows, &first);
    stele_link_rollback(link);
    stele_text_free(&text);
    if (status == STELE_FAILED && strcmp(first.sqlstate, "57014") == 0)
        return STELE_OK;
    if (status != STELE_OK && error != NULL && error->status == STELE_OK)
        *error = first;
    return status;
}

/* printf writes the decimal point of the application's locale; SQL has one only. */
void stele_job_print_real(char out[32], double number)
{
    char text[64];
    size_t length = 0;
    snprintf(text, sizeof text, "%.9g", number);
    for (const char *c = text; *c != '\0' && length < 31; c++) {
        bool plain = (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') || *c == '+' || *c == '-';
        if (plain || length == 0 || out[length - 1] != '.')
            out[length++] = *c;
        if (!plain)
            out[length - 1] = '.';
    }
    out[length] = '\0';
}

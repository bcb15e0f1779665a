/*
 * trial.c - some rows for real, provider and all, rolled back
 *
 * Each row is written in a transaction of its own, together with the questions how it was before and how it is then; so constraints, types and triggers have their say. Nothing of stele's own is
 * read or written: a try may be made before the job's tables are there, and while others work at the job.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../error.h"
#include "../pq_statement.h"
#include "compute.h"
#include "planning.h"
#include "write.h"
#include "write_sql.h"

enum { INPUT = 204, VALUE = 120, SHOWN = 5, WAIT_SECONDS = 120 };

typedef struct trial {
    stele_job *job;
    stele_job_shape shape;
    stele_page page;
    stele_writer writer;
    stele_provider *provider;
    double seconds; /* that it took */
    stele_arena arena;
    const char **inputs, **results;
    void (*each)(void *data, const stele_job_trial *trial);
    void *data;
} trial;

/* ----------------------------------------------------------------------- computing */

/* A text of ours that shows the beginning of another one. */
static const char *cut(trial *t, const char *text, size_t size)
{
    char buffer[INPUT];
    stele_error_copy(buffer, size < sizeof buffer ? size : sizeof buffer, text);
    return stele_arena_print(&t->arena, "%s%s", buffer, strlen(buffer) < strlen(text) ? "..." : "");
}

static stele_status compute_text(trial *t, int row, stele_error *error)
{
    stele_script_text text;
    int first = stele_page_reads(t->job);
    stele_status status = stele_script_row_text(t->job->script, t->page.rows, row, stele_page_seen_keys(t->job), first, &text, error);
    if (status == STELE_OK && !text.failed && !text.is_nil && (t->inputs[row] = cut(t, text.text, INPUT)) == NULL)
        status = stele_error_memory(error);
    return status == STELE_OK ? stele_slot_take_text(t->job, t->provider, &t->page.slots[row], &text, (uint64_t)row, error) : status;
}

static stele_status compute_map(trial *t, int row, stele_error *error)
{
    stele_script_columns columns;
    stele_text text = {0};
    int first = stele_page_reads(t->job);
    stele_status status = stele_script_row_map(t->job->script, t->page.rows, row, stele_page_seen_keys(t->job), first, &columns, error);
    if (status != STELE_OK)
        return status;
    for (size_t i = 0; !columns.failed && !columns.is_nil && i < columns.count; i++) {
        const char *value = columns.values[i] == NULL ? "NULL" : cut(t, columns.values[i], VALUE);
        stele_text_print(&text, "%s%s = %s", i > 0 ? ", " : "", columns.names[i], value == NULL ? "" : value);
    }
    if (text.bytes != NULL)
        t->inputs[row] = cut(t, text.bytes, INPUT);
    bool failed = text.failed || t->inputs[row] == NULL;
    stele_text_free(&text);
    return failed ? stele_error_memory(error) : stele_slot_take_columns(t->job, &t->page.slots[row], &columns, error);
}

static stele_status compute(trial *t, stele_error *error)
{
    stele_status status = STELE_OK;
    for (int row = 0; row < t->page.count && status == STELE_OK; row++) {
        t->inputs[row] = t->results[row] = "";
        if (t->job->spec->kind == STELE_JOB_EMBEDS)
            status = compute_text(t, row, error);
        else if (t->job->spec->kind == STELE_JOB_MAPS)
            status = compute_map(t, row, error);
        else
            t->page.slots[row].state = STELE_SLOT_WRITES;
    }
    return status;
}

/* ------------------------------------------------------------------------ embedding */

/* "vector(1024), norm 1.00: [0.013, -0.2, ..." */
static const char *show_vector(trial *t, const float *vector)
{
    unsigned dimensions = t->job->spec->provider.dimensions;
    double sum = 0;
    char number[32];
    stele_text text = {0};
    for (unsigned i = 0; i < dimensions; i++)
        sum += (double)vector[i] * vector[i];
    stele_job_print_real(number, round(sqrt(sum) * 1000) / 1000);
    stele_text_print(&text, "%s(%u), norm %s: [", t->shape.vector_kind == 'v' ? "vector" : t->shape.vector_kind == 'h' ? "halfvec" : "sparsevec", dimensions, number);
    for (unsigned i = 0; i < dimensions && i < SHOWN; i++) {
        stele_job_print_real(number, round((double)vector[i] * 10000) / 10000);
        stele_text_print(&text, "%s%s", i > 0 ? ", " : "", number);
    }
    stele_text_string(&text, dimensions > SHOWN ? ", ...]" : "]");
    const char *copy = text.failed ? NULL : stele_arena_copy(&t->arena, text.bytes, text.length);
    stele_text_free(&text);
    return copy;
}

static stele_status take_answers(trial *t, stele_error *error)
{
    stele_embedding e;
    stele_status status = STELE_OK;
    while (status == STELE_OK && stele_provider_next(t->provider, &e)) {
        if (e.vector != NULL && (t->results[e.tag] = show_vector(t, e.vector)) == NULL)
            return stele_error_memory(error);
        status = stele_slot_take_vector(t->job, &t->shape, &t->page.slots[e.tag], &e, error);
    }
    return status;
}

static bool waits(const trial *t)
{
    for (int row = 0; row < t->page.count; row++)
        if (t->page.slots[row].state == STELE_SLOT_WAITS)
            return true;
    return false;
}

/* What it waits for, once a second. */
static void tell_wait(const trial *t, const stele_provider_news *news, int64_t now, int64_t *told)
{
    stele_job_report report = {.seconds_left = -1, .lag = -1};
    if (t->job->options.told == NULL || now - *told < 1000000)
        return;
    *told = now;
    snprintf(report.bound, sizeof report.bound, "provider: %.240s", news->bound == NULL || news->bound[0] == '\0' ? "its answers" : news->bound);
    t->job->options.told(t->job->options.data, &report);
}

static stele_status wait_for_answers(trial *t, stele_error *error)
{
    enum { UNREACHABLE = 2 };
    stele_provider_news news;
    stele_status status = STELE_OK;
    int64_t began = stele_clock(), told = began, until = began + (int64_t)WAIT_SECONDS * 1000000;
    stele_provider_flush(t->provider);
    while (status == STELE_OK && waits(t)) {
        if (stele_link_is_asked(&t->job->handle->link))
            return stele_link_pause(&t->job->handle->link, 0, error);
        stele_provider_wait(t->provider, -1, 0, 100);
        status = take_answers(t, error);
        stele_provider_tell(t->provider, &news);
        if (status != STELE_OK || !waits(t))
            break;
        if (news.stopped) {
            if (error != NULL)
                *error = news.error;
            return news.error.status == STELE_OK ? STELE_FAILED : news.error.status;
        }
        if (news.unreachable >= UNREACHABLE) {
            stele_error_set(error, STELE_FAILED, "the provider can't be reached: %.300s", news.bound);
            stele_error_hint(error, "is `url` in the script, or the parameter that it is, right, and does the server run?");
            return STELE_FAILED;
        }
        tell_wait(t, &news, stele_clock(), &told);
        if (stele_clock() > until)
            return stele_error_set(error, STELE_FAILED, "the provider didn't answer within %d s", WAIT_SECONDS);
    }
    stele_provider_tell(t->provider, &news);
    if (t->job->spec->provider.kind != STELE_PROVIDER_FIXED && news.calls > 0)
        t->seconds = (double)(stele_clock() - began) / 1e6;
    return status;
}

/* -------------------------------------------------------------------------- writing */

static void put_value(trial *t, stele_text *text, const char *value)
{
    const char *shown = value == NULL ? "NULL" : cut(t, value, VALUE);
    stele_text_string(text, shown == NULL ? "" : shown);
}

/* The columns that are others then: "email: 'a' -> NULL". */
static void put_changes(trial *t, stele_text *text, const stele_write_seen *seen)
{
    size_t begin = text->length;
    if (stele_rows_count(seen->before) == 0 || stele_rows_count(seen->after) == 0) {
        stele_text_string(text, stele_rows_count(seen->before) == 0 ? "the row was gone before" : "the row is gone");
        return;
    }
    for (int i = 0; i < stele_rows_columns(seen->before) && i < stele_rows_columns(seen->after); i++) {
        const char *old = stele_rows_text(seen->before, 0, i), *now = stele_rows_text(seen->after, 0, i);
        if (old == now || (old != NULL && now != NULL && strcmp(old, now) == 0))
            continue;
        stele_text_print(text, "%s%s: ", text->length > begin ? ", " : "", stele_rows_name(seen->before, i));
        put_value(t, text, old);
        stele_text_string(text, " -> ");
        put_value(t, text, now);
    }
    if (text->length == begin)
        stele_text_string(text, "the row stays as it is");
}

static stele_status show_seen(trial *t, int row, const stele_write_seen *seen, stele_error *error)
{
    stele_text text = {0};
    const stele_job_spec *spec = t->job->spec;
    stele_slot *slot = &t->page.slots[row];
    if (spec->kind != STELE_JOB_RUNS_SQL && seen->written == 0)
        return stele_slot_give_up(slot, "write", "missed", "nothing was written: the row was changed meanwhile, or a trigger or a policy keeps it as it is", error);
    if (spec->kind == STELE_JOB_EMBEDS && slot->is_null)
        t->results[row] = "NULL, since there is no text";
    if (spec->kind == STELE_JOB_EMBEDS)
        return STELE_OK;
    if (spec->kind == STELE_JOB_RUNS_SQL)
        stele_text_print(&text, "%lld rows; ", (long long)seen->written);
    put_changes(t, &text, seen);
    t->results[row] = text.failed ? NULL : stele_arena_copy(&t->arena, text.bytes, text.length);
    stele_text_free(&text);
    return t->results[row] == NULL ? stele_error_memory(error) : STELE_OK;
}

/* Is it this row that was refused, or by chance? What is wrong with the statement or with the rights is the same for all of them. */
static bool is_the_rows(const stele_error *error)
{
    static const char *const chances[] = {"40", "55", "57014", NULL};
    return stele_write_is_the_rows(error->sqlstate) || stele_sqlstate_is(error->sqlstate, chances);
}

static stele_status write_row(trial *t, int row, stele_error *error)
{
    stele_slot *slot = &t->page.slots[row];
    stele_write_row one = {&t->page, row};
    const stele_batch batch = {.rows = &one, .count = 1};
    stele_write_seen seen;
    stele_error own;
    char message[1024];
    if (slot->state == STELE_SLOT_LEAVES)
        t->results[row] = "the row stays as it is";
    if (slot->state != STELE_SLOT_WRITES)
        return STELE_OK;
    stele_error_clear(&own);
    stele_status status = stele_batch_try(&t->writer, &batch, &seen, &own);
    if (status == STELE_OK)
        status = show_seen(t, row, &seen, &own);
    stele_rows_free(seen.before);
    stele_rows_free(seen.after);
    if (status == STELE_FAILED && is_the_rows(&own)) {
        snprintf(message, sizeof message, "%.500s%s%.400s", own.message, own.detail[0] != '\0' ? ": " : "", own.detail);
        return stele_slot_give_up(slot, "write", own.sqlstate, message, error);
    }
    if (status != STELE_OK && error != NULL)
        *error = own;
    return status;
}

/* -------------------------------------------------------------------------- telling */

static stele_status tell(trial *t, int row, stele_error *error)
{
    const stele_slot *slot = &t->page.slots[row];
    stele_text key = {0}, problem = {0};
    for (size_t i = 0; i < t->job->spec->key_count; i++)
        stele_text_print(&key, "%s%s", i == 0 ? "(" : ", ", stele_rows_text(t->page.rows, row, STELE_PAGE_KEYS + (int)i));
    stele_text_string(&key, ")");
    if (slot->state == STELE_SLOT_DEAD) {
        const char *stage = slot->fault, *code = stage + strlen(stage) + 1, *message = code + strlen(code) + 1;
        stele_text_print(&problem, "%s, %s: %s", stage, code, message);
    }
    bool failed = key.failed || problem.failed;
    if (!failed && t->each != NULL) {
        const stele_job_trial one = {.key = key.bytes, .input = t->inputs[row], .result = slot->state == STELE_SLOT_DEAD ? "" : t->results[row],
                                     .seconds = t->seconds,
                                     .problem = problem.bytes == NULL ? "" : problem.bytes};
        t->each(t->data, &one);
    }
    stele_text_free(&key);
    stele_text_free(&problem);
    return failed ? stele_error_memory(error) : STELE_OK;
}

/* ------------------------------------------------------------------------ the whole */

static stele_status take_sample(trial *t, unsigned rows, stele_error *error)
{
    stele_planning_size size = {0};
    char part[64];
    stele_status status = stele_planning_measure(t->job, &t->shape, &size, error);
    if (status != STELE_OK)
        return status;
    stele_planning_part(&size, 10.0 * rows, part);
    status = stele_page_sample(t->job, part, rows, &t->page, error);
    if (status == STELE_OK && t->page.count < (int)rows && part[0] != '\0') { /* few of them are what `where` asks for */
        stele_page_free(&t->page);
        status = stele_page_sample(t->job, "", rows, &t->page, error);
    }
    if (status != STELE_OK)
        return status;
    t->inputs = stele_arena_get(&t->arena, (size_t)t->page.count + 1, sizeof *t->inputs);
    t->results = stele_arena_get(&t->arena, (size_t)t->page.count + 1, sizeof *t->results);
    return t->inputs == NULL || t->results == NULL ? stele_error_memory(error) : STELE_OK;
}

static stele_status open_provider(trial *t, stele_error *error)
{
    const stele_knobs *knobs = &t->job->knobs;
    const stele_provider_limits limits = {.concurrency = knobs->concurrency, .requests_per_minute = knobs->rpm, .tokens_per_minute = knobs->tpm, .retry_for_ms = WAIT_SECONDS * 500};
    if (t->job->spec->kind != STELE_JOB_EMBEDS)
        return STELE_OK;
    stele_status status = stele_provider_open(&t->provider, &t->job->spec->provider, &t->job->options, error);
    if (status == STELE_OK)
        stele_provider_limit(t->provider, &limits);
    return status;
}

static stele_status try_rows(trial *t, unsigned rows, stele_error *error)
{
    stele_status status = stele_job_look_at(t->job, &t->shape, error);
    if (status == STELE_OK)
        status = stele_job_check_rights(t->job, &t->shape, error);
    if (status == STELE_OK)
        status = stele_job_check_sql(t->job, &t->shape, error);
    if (status != STELE_OK)
        return status;
    stele_writer_start(&t->writer, t->job, &t->shape, NULL);
    status = stele_writer_know(&t->writer, error);
    if (status == STELE_OK)
        status = take_sample(t, rows, error);
    if (status == STELE_OK)
        status = open_provider(t, error);
    if (status == STELE_OK)
        status = compute(t, error);
    if (status == STELE_OK && t->provider != NULL)
        status = wait_for_answers(t, error);
    for (int row = 0; row < t->page.count && status == STELE_OK; row++) {
        status = write_row(t, row, error);
        if (status == STELE_OK)
            status = tell(t, row, error);
    }
    return status;
}

stele_status stele_job_try(stele_job *job, unsigned rows, void (*each)(void *data, const stele_job_trial *trial), void *data, stele_error *error)
{
    trial t = {.job = job, .each = each, .data = data};
    stele_error own;
    stele_error_clear(error);
    stele_error_clear(&own);
    stele_status status = try_rows(&t, rows, &own);
    stele_provider_close(t.provider);
    if (t.writer.job != NULL)
        stele_writer_end(&t.writer);
    stele_page_free(&t.page);
    stele_arena_free(&t.arena);
    if (status != STELE_OK && error != NULL)
        *error = own;
    return status;
}

/*
 * For tests/t/64*.t: what a job's control rooms do, called one by one, without a script.
 *
 *     jobs CONNINFO [NAME=VALUE ...] VERB [ARGUMENT] ...
 *
 * Names are of the job's spec: name (default: job), table, key (names, with commas), read, into, where, model, price, sql, text; and of the knobs, as the script's pace.
 * The verbs run in turn, on one handle, and print what they found; the first that fails ends it, with its status. `until QUERY` waits until that says t. `threads N` begins them
 * N times at once.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "job/job.h"

extern const stele_migrations migrations;

enum { MOST = 16 };

typedef struct setting {
    stele_job_spec spec;
    stele_migration file;
    const char *keys[8], *reads[8];
    stele_job_pair pace[MOST];
} setting;

static size_t split(char *list, const char **out, size_t most)
{
    size_t count = 0;
    for (char *one = strtok(list, ","); one != NULL && count < most; one = strtok(NULL, ","))
        out[count++] = one;
    return count;
}

static void set_one(setting *s, char *name, char *value)
{
    if (strcmp(name, "name") == 0)
        s->spec.name = value;
    else if (strcmp(name, "table") == 0)
        s->spec.table = value;
    else if (strcmp(name, "key") == 0)
        s->spec.key_count = split(value, s->keys, 8);
    else if (strcmp(name, "read") == 0)
        s->spec.read_count = split(value, s->reads, 8);
    else if (strcmp(name, "into") == 0)
        s->spec.into = value;
    else if (strcmp(name, "where") == 0)
        s->spec.where = value;
    else if (strcmp(name, "model") == 0)
        s->spec.provider.model = value;
    else if (strcmp(name, "price") == 0)
        s->spec.provider.price = strtod(value, NULL);
    else if (strcmp(name, "text") == 0)
        s->file.length = (uint32_t)strlen(s->file.text = value);
    else if (strcmp(name, "by") == 0)
        s->spec.order = strcmp(value, "key") == 0 ? STELE_JOB_BY_KEY : STELE_JOB_BY_BLOCKS;
    else
        s->pace[s->spec.pace_count++] = (stele_job_pair){name, value};
}

static void print_report(const stele_job_report *r)
{
    printf("state=%s paused=%d fraction=%.4f rows=%" PRId64 " dead=%" PRId64 " dirty=%" PRId64 " expected=%" PRId64 " calls=%" PRId64 " tokens=%" PRId64
           " refused=%" PRId64 " cost=%.4f expected_cost=%.4f rate=%.3f left=%.1f shares=%.2f/%.2f/%.2f/%.2f wal=%.0f/%.0f lag=%.1f tuples=%" PRId64 " workers=%u\n",
           stele_job_state_word(r->state), r->paused, r->fraction, r->rows, r->dead, r->dirty, r->expected, r->calls, r->tokens, r->refused, r->cost, r->expected_cost,
           r->rate, r->seconds_left, r->read_share, r->call_share, r->write_share, r->wait_share, r->wal_rate, r->wal_budget, r->lag, r->dead_tuples, r->workers);
    printf("reason=%s\nbound=%s\nmessage=%s\n", r->reason, r->bound, r->message);
}

static void print_knob(void *data, const char *knob, const char *value, const char *from, const char *what)
{
    (void)data;
    printf("%s=%s (%s) %s\n", knob, value, from, what[0] == '\0' ? "undescribed" : "");
}

static void print_dead(void *data, const stele_job_dead *dead)
{
    (void)data;
    printf("%s|%s|%s|%s|%s|%d\n", dead->key, dead->stage, dead->code, dead->message, dead->when, dead->attempts);
}

static stele_status enter(stele_job *job, stele_error *error)
{
    stele_job_shape shape;
    stele_job_row row;
    stele_status status = stele_job_make_tables(job, error);
    if (status == STELE_OK)
        status = stele_job_look_at(job, &shape, error);
    if (status == STELE_OK)
        status = stele_job_enter(job, &shape, &row, error);
    if (status == STELE_OK)
        printf("entered %s round=%d workers=%u blocks=%" PRId64 " by=%s\n", stele_job_state_word(row.state), row.round, row.workers, row.blocks, row.by_blocks ? "blocks" : "key");
    return status;
}

static stele_job_counts counts; /* as it was last told */

static stele_status tick(stele_job *job, int64_t rows, stele_error *error)
{
    counts = (stele_job_counts){.rows = rows, .calls = rows / 10, .tokens = rows * 100, .read_us = 1000, .call_us = 2000, .write_us = 1000, .lag = -1, .bound = "a test"};
    stele_job_row row;
    stele_status status = stele_job_tick(job, &counts, &row, error);
    if (status == STELE_OK)
        printf("tick %s %s workers=%u write=%u\n", stele_job_state_word(row.state), row.desired, row.workers, job->knobs.write_ms);
    return status;
}

static stele_status wait_until(stele_job *job, const char *query, stele_error *error)
{
    for (;;) {
        stele_rows *rows = NULL;
        stele_status status = stele_link_query(&job->handle->link, query, 0, NULL, &rows, error);
        bool is_so = status == STELE_OK && strcmp(stele_rows_text(rows, 0, 0), "t") == 0;
        stele_rows_free(rows);
        if (status != STELE_OK || is_so)
            return status;
        if ((status = stele_link_pause(&job->handle->link, 10000, error)) != STELE_OK)
            return status;
    }
}

static stele_status do_verb(stele_job *job, const char *verb, char ***words, stele_error *error)
{
    stele_job_report report;
    stele_job_row row;
    int64_t count;
    bool moved;
    char *value;
    if (strcmp(verb, "tables") == 0)
        return stele_job_make_tables(job, error);
    if (strcmp(verb, "find") == 0)
        return stele_job_find(job, &row, error);
    if (strcmp(verb, "writers") == 0) {
        stele_status status = stele_job_find(job, &row, error);
        printf("writers=%u workers=%u\n", row.writers, row.workers);
        return status;
    }
    if (strcmp(verb, "enter") == 0)
        return enter(job, error);
    if (strcmp(verb, "tick") == 0)
        return tick(job, strtol(*(*words)++, NULL, 10), error);
    if (strcmp(verb, "sleep") == 0)
        return stele_link_pause(&job->handle->link, strtol(*(*words)++, NULL, 10) * 1000, error);
    if (strcmp(verb, "until") == 0)
        return wait_until(job, *(*words)++, error);
    if (strcmp(verb, "hold") == 0) {
        job->held[job->held_count++] = strtol(*(*words)++, NULL, 10);
        return STELE_OK;
    }
    if (strcmp(verb, "leave") == 0) {
        stele_job_leave(job, &counts);
        return STELE_OK;
    }
    if (strcmp(verb, "done") == 0)
        return stele_job_move(job, STELE_JOB_LOAD, STELE_JOB_DONE, NULL, &moved, error);
    if (strcmp(verb, "pause") == 0 || strcmp(verb, "resume") == 0 || strcmp(verb, "cancel") == 0)
        return stele_job_want(job, verb[0] == 'p' ? STELE_JOB_PAUSE : verb[0] == 'r' ? STELE_JOB_RESUME : STELE_JOB_CANCEL, NULL, error);
    if (strcmp(verb, "knobs") == 0)
        return stele_job_knobs(job, print_knob, NULL, error);
    if (strcmp(verb, "set") == 0) {
        char *name = *(*words)++;
        if ((value = strchr(name, '=')) != NULL)
            *value++ = '\0';
        return stele_job_set(job, name, value, error);
    }
    if (strcmp(verb, "dead") == 0)
        return stele_job_list_dead(job, print_dead, NULL, error);
    if (strcmp(verb, "retry") == 0) {
        const char *code = *(*words)++;
        stele_status status = stele_job_retry_dead(job, code[0] == '\0' ? NULL : code, &count, error);
        printf("retry %" PRId64 "\n", count);
        return status;
    }
    stele_status status = stele_job_status(job, &report, error);
    if (status == STELE_OK)
        print_report(&report);
    return status;
}

int main(int argc, char **argv)
{
    static setting s;
    stele_error error = {0};
    stele *handle = NULL;
    char **words = argv + 2, *value;
    if (argc < 3)
        return 2;
    s.spec = (stele_job_spec){.name = "job", .kind = STELE_JOB_MAPS, .table = "doc", .keys = s.keys, .reads = s.reads, .key_count = 1, .read_count = 1, .pace = s.pace,
                              .vector = "embedding", .hash = "input", .provider = {.dimensions = 3}};
    s.keys[0] = "id";
    s.reads[0] = "content";
    s.file = (stele_migration){.component = "main", .version = "J", .name = "job", .file = "J_job.lua", .source = "s2:11", .tokens = "t1:11", .text = "one\ntwo\n", .length = 8};
    for (; *words != NULL && (value = strchr(*words, '=')) != NULL; words++) {
        *value++ = '\0';
        set_one(&s, *words, value);
    }
    if (s.spec.provider.model != NULL)
        s.spec.kind = STELE_JOB_EMBEDS;
    const stele_options options = {.conninfo = argv[1]};
    stele_status status = stele_open(&handle, &migrations, &options, &error);
    stele_job job = {.handle = handle, .file = &s.file, .spec = &s.spec};
    if (status == STELE_OK) {
        job.schema = handle->schema;
        stele_knobs_default(&job.knobs);
        status = stele_job_take_version(&job, &error);
    }
    while (status == STELE_OK && *words != NULL) {
        const char *verb = *words++;
        status = do_verb(&job, verb, &words, &error);
        fflush(stdout);
    }
    if (status != STELE_OK)
        fprintf(stderr, "%s\ndetail: %s\nhint: %s\n", error.message, error.detail, error.hint);
    stele_arena_free(&job.arena);
    stele_arena_free(&job.knob_arena);
    stele_close(handle);
    return (int)status;
}

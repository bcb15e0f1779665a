/*
 * What comes behind the load of a job, one room at a time, for tests/t/65x: a spec without a script, and what to do with it. Script, provider and knobs are doubles, so that each
 * fault can be had.
 *
 *     after CONNINFO [role=ROLE] NAME=VALUE... STEP...
 *
 *     table= key=a,b read=a,b where= into= vector= hash= index= metric= space= dimensions= follow=trigger|sweep|none   of the spec
 *     recall= norm=LEAST,MOST resample= cosine= zero= check=COLUMN     and of its verification; check compares the first column that is read with COLUMN
 *     fault=none|company|noise|model|down|row                  of the provider: others beside a text change its vector, or but a little; it has another model; doesn't answer; refuses one text
 *     enter  triggers  has  drop  tally  index  verify  leave   the function of that name; it prints what came of it
 *     load                                                     embed all that isn't right, and write it, in place of a worker
 */
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "job/after.h"

extern const stele_migrations migrations;

/* --------------------------------------------------------------------- doubles */

static stele_job_spec spec = {.name = "reembed", .metric = "cosine", .space = "reembed", .follows = true, .triggers = true,
                              .verify = {.distinct = 0.01, .recall_at = 10, .recall_queries = 50, .sample = 100}};

static struct stele_script {
    char text[10000];
} script;

/* text(row) has all columns, a blank between. */
stele_status stele_script_row_text(stele_script *self, const stele_rows *rows, int row, int keys, int first, stele_script_text *out, stele_error *error)
{
    (void)error, (void)keys;
    *out = (stele_script_text){.text = self->text};
    self->text[0] = '\0';
    for (size_t i = 0; i < spec.read_count; i++) {
        const char *value = stele_rows_text(rows, row, first + (int)i);
        out->length += (size_t)snprintf(self->text + out->length, sizeof self->text - out->length, "%s%s", i == 0 ? "" : " ", value == NULL ? "" : value);
    }
    return STELE_OK;
}

stele_status stele_script_row_check(stele_script *self, const stele_rows *rows, int row, int keys, int first, stele_script_text *out, stele_error *error)
{
    const char *one = stele_rows_text(rows, row, first), *other = stele_rows_text(rows, row, first + (int)spec.read_count);
    (void)error, (void)keys;
    *out = (stele_script_text){.is_nil = one != NULL && other != NULL && strcmp(one, other) == 0, .text = self->text};
    out->length = (size_t)snprintf(self->text, sizeof self->text, "it is %s", other == NULL ? "NULL" : other);
    return STELE_OK;
}

enum { QUEUE = 4096, DIMENSIONS = 64 };
static struct stele_provider {
    uint64_t tags[QUEUE], seeds[QUEUE];
    size_t first, count, company;
    float vector[DIMENSIONS];
    bool refuses[QUEUE];
} provider;
static const char *fault = "none";

/* A vector of norm 1 that follows from a seed. */
static void make_vector(uint64_t seed, float *out, unsigned dimensions)
{
    double sum = 0;
    for (unsigned i = 0; i < dimensions; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        out[i] = (float)((double)(seed >> 33) / 4294967296.0 - 0.25);
        sum += (double)out[i] * out[i];
    }
    for (unsigned i = 0; i < dimensions; i++)
        out[i] = (float)(out[i] / sqrt(sum));
}

static uint64_t seed_of(const char *text, size_t length)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    return hash;
}

stele_status stele_provider_open(stele_provider **out, const stele_job_provider *of, const stele_job_options *options, stele_error *error)
{
    (void)of, (void)options, (void)error;
    *out = &provider;
    return STELE_OK;
}
void stele_provider_close(stele_provider *self) { (void)self; }
void stele_provider_limit(stele_provider *self, const stele_provider_limits *limits) { (void)self, (void)limits; }
void stele_provider_flush(stele_provider *self) { self->company = self->count; }
int stele_provider_wait(stele_provider *self, int fd, short events, int milliseconds) { return (void)self, (void)fd, (void)events, (void)milliseconds, 0; }

stele_status stele_provider_submit(stele_provider *self, uint64_t tag, const char *text, size_t length, stele_error *error)
{
    size_t at = (self->first + self->count++) % QUEUE;
    (void)error;
    self->tags[at] = tag;
    self->seeds[at] = seed_of(text, length) + (strcmp(fault, "model") == 0);
    self->refuses[at] = strcmp(fault, "row") == 0 && tag == 3;
    return STELE_OK;
}

bool stele_provider_next(stele_provider *self, stele_embedding *out)
{
    size_t at = self->first % QUEUE;
    if (self->count == 0 || strcmp(fault, "down") == 0)
        return false;
    make_vector(self->seeds[at] + (self->company > 1 && strcmp(fault, "company") == 0), self->vector, spec.provider.dimensions);
    for (unsigned i = 0; strcmp(fault, "noise") == 0 && self->company > 1 && i < spec.provider.dimensions; i++)
        self->vector[i] *= i % 2 == 0 ? 0.99f : 1.01f;
    *out = (stele_embedding){.tag = self->tags[at], .vector = self->refuses[at] ? NULL : self->vector, .code = "400", .message = "content refused"};
    self->first++;
    self->count--;
    return true;
}

void stele_provider_tell(const stele_provider *self, stele_provider_news *news)
{
    *news = (stele_provider_news){.stopped = self->count > 0 && strcmp(fault, "down") == 0, .error = {.message = "401: the key isn't taken"}};
}

/* ------------------------------------------------------------------------ the spec */

static stele_migration file = {.component = "", .version = "", .name = "reembed", .directory = "lua", .file = "J_reembed.lua", .text = "return {}", .length = 9,
                                 .source = "s1:0000000000000000000000000000000000000000000000000000000000000001", .tokens = "t1:0000000000000000000000000000000000000000000000000000000000000001"};

static const char **split(char *list, size_t *count)
{
    const char **names = calloc(16, sizeof *names);
    for (char *name = strtok(list, ","); names != NULL && name != NULL && *count < 16; name = strtok(NULL, ","))
        names[(*count)++] = name;
    return names;
}

static int take(const char *name, char *value)
{
    const struct {
        const char *name, **place;
    } texts[] = {{"table", &spec.table}, {"where", &spec.where}, {"into", &spec.into}, {"vector", &spec.vector}, {"hash", &spec.hash},
                 {"index", &spec.index}, {"metric", &spec.metric}, {"space", &spec.space}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(name, texts[i].name) == 0)
            return *texts[i].place = value, 1;
    if (strcmp(name, "key") == 0)
        spec.keys = split(value, &spec.key_count);
    else if (strcmp(name, "read") == 0)
        spec.reads = split(value, &spec.read_count);
    else if (strcmp(name, "check") == 0)
        spec.verify.check_reads = split(value, &spec.verify.check_read_count), spec.verify.has_check = true;
    else if (strcmp(name, "zero") == 0)
        spec.verify.zero = memcpy(calloc(1, sizeof value), &value, sizeof value), spec.verify.zero_count = 1;
    else if (strcmp(name, "recall") == 0)
        spec.verify.recall = atof(value);
    else if (strcmp(name, "resample") == 0)
        spec.verify.resample = (unsigned)atoi(value);
    else if (strcmp(name, "norm") == 0)
        sscanf(value, "%lf,%lf", &spec.verify.norm_least, &spec.verify.norm_most);
    else if (strcmp(name, "cosine") == 0)
        spec.verify.cosine = strtod(value, NULL);
    else if (strcmp(name, "fault") == 0)
        fault = value;
    else if (strcmp(name, "dimensions") == 0)
        spec.provider.dimensions = (unsigned)atoi(value);
    else if (strcmp(name, "follow") == 0) {
        spec.triggers = strcmp(value, "trigger") == 0;
        spec.follows = strcmp(value, "none") != 0;
    } else
        return 0;
    return 1;
}

static stele_status print_progress(void *data, const char *message, stele_error *error)
{
    static char last[200];
    (void)data, (void)error;
    if (strcmp(last, message) != 0)
        printf("progress %s\n", message);
    snprintf(last, sizeof last, "%s", message);
    return STELE_OK;
}

static stele_status print_tally(stele_job *job, const stele_job_shape *shape, stele_error *error)
{
    stele_job_tally t;
    stele_status status = stele_job_take_tally(job, shape, true, &t, error);
    if (status == STELE_OK)
        printf("rows %" PRId64 " good %" PRId64 " dead %" PRId64 " dirty %" PRId64 " stale %" PRId64 " nulls %" PRId64 " left %" PRId64 " %s %s %s\n", t.rows, t.good, t.dead,
               t.dirty, t.stale, t.nulls, t.left, t.stale_key, t.null_key, t.left_key);
    return status;
}

static stele_status print_has(stele_job *job, const stele_job_shape *shape, stele_error *error)
{
    bool all;
    stele_status status = stele_job_has_triggers(job, shape, &all, error);
    if (status == STELE_OK)
        printf("has %d\n", all);
    return status;
}

static void print_check(void *data, const stele_job_check *check)
{
    (void)data;
    printf("%s %s: %s%s%s\n", check->ok ? "ok" : "NOT OK", check->name, check->title, check->detail[0] == '\0' ? "" : " | ", check->detail);
}

/* Rows that have no vector of their input: each gets one, in a statement of its own. */
static stele_status load(stele_job *job, stele_error *error)
{
    stele_text sql = {0}, vector = {0};
    stele_rows *rows = NULL;
    stele_text_string(&sql, "SELECT ");
    stele_job_key_array(job, &sql, "s");
    stele_text_string(&sql, ", ");
    stele_job_hash(job, &sql, "s");
    stele_text_string(&sql, ", ");
    stele_job_columns(&sql, "s.", spec.reads, spec.read_count);
    stele_text_print(&sql, " FROM %s AS s WHERE ", spec.table);
    stele_job_pin(&sql);
    stele_text_print(&sql, " AND (%s)", spec.where == NULL ? "true" : spec.where);
    stele_status status = stele_link_query(&job->handle->link, sql.bytes, 0, NULL, &rows, error);
    for (int i = 0; status == STELE_OK && i < stele_rows_count(rows); i++) {
        stele_script_text text;
        float numbers[DIMENSIONS];
        stele_script_row_text(&script, rows, i, 0, 2, &text, error);
        make_vector(seed_of(text.text, text.length), numbers, spec.provider.dimensions);
        vector.length = sql.length = 0;
        for (unsigned d = 0; d < spec.provider.dimensions; d++)
            stele_text_print(&vector, "%s%.9g", d == 0 ? "[" : ",", (double)numbers[d]);
        stele_text_string(&vector, "]");
        const char *values[] = {stele_rows_text(rows, i, 0), stele_rows_text(rows, i, 1), vector.bytes};
        if (spec.into != NULL)
            stele_text_print(&sql, "INSERT INTO %s AS t (%s, %s, %s) VALUES (($1::text[])[1]::bigint, $2::bytea, $3::public.vector) ON CONFLICT (%s) DO UPDATE SET (%s, %s) ="
                                   " (excluded.%s, excluded.%s)", spec.into, spec.keys[0], spec.hash, spec.vector, spec.keys[0], spec.hash, spec.vector, spec.hash, spec.vector);
        else
            stele_text_print(&sql, "UPDATE %s SET (%s, %s) = ($2::bytea, $3::public.vector) WHERE %s = ($1::text[])[1]::bigint", spec.table, spec.hash, spec.vector, spec.keys[0]);
        status = stele_link_query(&job->handle->link, sql.bytes, 3, values, NULL, error);
    }
    stele_rows_free(rows);
    stele_text_free(&sql);
    stele_text_free(&vector);
    return status;
}

static stele_status step(stele_job *job, const char *what, stele_error *error)
{
    stele_job_shape shape;
    stele_job_row row = {0};
    stele_status status = stele_job_look_at(job, &shape, error);
    if (status != STELE_OK)
        return status;
    if (strcmp(what, "enter") == 0) {
        status = stele_job_make_tables(job, error);
        return status == STELE_OK ? stele_job_enter(job, &shape, &row, error) : status;
    }
    if ((status = stele_job_find(job, &row, error)) != STELE_OK)
        return status;
    if (strcmp(what, "triggers") == 0)
        return stele_job_make_triggers(job, &shape, error);
    if (strcmp(what, "has") == 0)
        return print_has(job, &shape, error);
    if (strcmp(what, "drop") == 0)
        return stele_job_drop_triggers(job, STELE_JOB_END_CANCELLED, error);
    if (strcmp(what, "tally") == 0)
        return print_tally(job, &shape, error);
    if (strcmp(what, "index") == 0)
        return stele_job_build_index(job, &shape, print_progress, NULL, error);
    if (strcmp(what, "load") == 0)
        return load(job, error);
    if (strcmp(what, "verify") == 0)
        return stele_job_verify(job, print_check, NULL, error);
    if (strcmp(what, "leave") == 0)
        return stele_job_leave(job, &(stele_job_counts){0}), STELE_OK;
    return stele_error_set(error, STELE_USAGE, "no step %s", what);
}

static volatile sig_atomic_t stops;
static void stop(int number)
{
    (void)number;
    stops = 1;
}
static int is_stopped(void *data)
{
    (void)data;
    return stops;
}

int main(int argc, char **argv)
{
    stele *handle = NULL;
    stele_error error;
    stele_options options = {.conninfo = argc > 1 ? argv[1] : "", .lock_retry_ms = 3000};
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGINT, stop);
    options.interrupted = is_stopped;
    if (argc > 2 && strncmp(argv[2], "role=", 5) == 0)
        options.role = argv[2] + 5;
    stele_status status = stele_open(&handle, &migrations, &options, &error);
    stele_job job = {.handle = handle, .file = &file, .script = &script, .spec = &spec, .version = file.tokens, .making = "", .code = file.text};
    if (status == STELE_OK)
        job.schema = handle->schema;
    job.knobs.lease_ms = 30000;
    for (int i = options.role != NULL ? 3 : 2; i < argc && status == STELE_OK; i++) {
        char *equals = strchr(argv[i], '=');
        if (equals != NULL && strcspn(argv[i], " =") == (size_t)(equals - argv[i])) {
            *equals = '\0';
            if (!take(argv[i], equals + 1))
                return printf("no %s\n", argv[i]), 2;
            continue;
        }
        status = step(&job, argv[i], &error);
        printf("%s: %d%s%s%s%s%s%s\n", argv[i], (int)status, status == STELE_OK ? "" : " ", status == STELE_OK ? "" : error.message,
               status == STELE_OK || error.detail[0] == '\0' ? "" : " | ", status == STELE_OK ? "" : error.detail, status == STELE_OK || error.hint[0] == '\0' ? "" : " | ",
               status == STELE_OK ? "" : error.hint);
    }
    if (handle == NULL)
        printf("%s\n", error.message);
    stele_arena_free(&job.arena);
    stele_arena_free(&job.knob_arena);
    stele_close(handle);
    return (int)status;
}

/*
 * Opens a job's script, for tests/t/610 and on, and prints what it says; then runs one of its functions on the rows of a query.
 *
 *     script CONNINFO FILE [--steps N] [--memory N] [--parameter NAME=VALUE]... [--quiet] [--text SQL | --map SQL | --check SQL] [--repeat N]
 *            [--columns TABLE] [--interrupt] [NAME=FILE]...
 *
 * The query's columns are the key's, then those that are read. NAME=FILE is a module. With --repeat each row is given that many times, and only how long
 * that took and how much memory grew is printed. With --columns map may return the columns of that table. With --interrupt
 * somebody wants to stop, from the first row on. CONNINFO may be "-": no server.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "job/script.h"
#include "pq_statement.h"
#include "read_all.h"

enum { MANY = 8 };

static void print_line(void *data, const char *text)
{
    (void)data;
    printf("print %s\n", text);
}

static void print_error(const char *what, stele_status status, const stele_error *error)
{
    printf("%s %d %s:%u:%u: %s [%s]\ndetail %s\nhint %s\nsource %s\ncontext %s\n", what, (int)status, error->file, error->line, error->column, error->message,
           error->sqlstate, error->detail, error->hint, error->source, error->context);
}

static void print_list(const char *name, const char *const *list, size_t count)
{
    printf("%s", name);
    for (size_t i = 0; i < count; i++)
        printf(" %s", list[i]);
    printf("\n");
}

static void print_pairs(const char *name, const stele_job_pair *pairs, const bool *secret, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%s %s = %s%s\n", name, pairs[i].name, secret != NULL && secret[i] ? "secret " : "", pairs[i].value);
}

static const char *shown(const char *text)
{
    return text == NULL ? "-" : text;
}

static void print_spec(const stele_job_spec *spec)
{
    const stele_job_provider *p = &spec->provider;
    const stele_job_verification *v = &spec->verify;
    printf("name %s\nkind %d\ntable %s\n", spec->name, (int)spec->kind, spec->table);
    print_list("key", spec->keys, spec->key_count);
    print_list("read", spec->reads, spec->read_count);
    printf("where %s\norder %d\n", shown(spec->where), (int)spec->order);
    if (spec->kind == STELE_JOB_EMBEDS)
        printf("into %s %s %s\nembed %d %s %s %u %d %s %s %u %u %u %u %u %d %g %s\nempty %d\nindex %s\nmetric %s\nspace %s\n", shown(spec->into), spec->vector,
               shown(spec->hash), (int)p->kind, shown(p->url), p->model, p->dimensions, p->send_dimensions, shown(p->key), shown(p->encoding), p->max_inputs,
               p->max_tokens, p->max_bytes, p->max_input_tokens, p->timeout_ms, p->clip, p->price, shown(p->ca_file), spec->null_for_empty, shown(spec->index),
               spec->metric, spec->space);
    printf("sql %s\nfollow %d %d\n", shown(spec->sql), spec->triggers, spec->follows);
    print_pairs("bind", spec->binds, spec->bind_is_secret, spec->bind_count);
    print_pairs("pace", spec->pace, NULL, spec->pace_count);
    printf("verify %g %u %u %g %g %u %g %g %u %d\n", v->recall, v->recall_at, v->recall_queries, v->norm_least, v->norm_most, v->resample, v->cosine, v->distinct, v->sample,
           v->has_check);
    print_list("zero", v->zero, v->zero_count);
    print_list("check", v->check_reads, v->check_read_count);
    print_pairs("parameter", spec->parameters, NULL, spec->parameter_count);
    printf("switch %d %s %s\n", spec->switches, shown(spec->switch_sql), shown(spec->undo_sql));
}

static int interrupted(void *data)
{
    (void)data;
    return 1;
}

static void fail(const char *what, const stele_error *error)
{
    fprintf(stderr, "script: %s: %s\n", what, error->message);
    exit(2);
}

/* ---------------------------------------------------------------------- rows */

static bool quiet, interrupting;

static void print_failed(const stele_error *error)
{
    if (!quiet)
        print_error("failed", error->status, error);
}

static stele_status one_row(stele_script *script, char kind, const stele_rows *rows, int row, int keys, stele_error *error)
{
    static stele_script_text text;
    static stele_script_columns columns;
    stele_status status;
    if (kind == 'm') {
        status = stele_script_row_map(script, rows, row, 0, keys, &columns, error);
        if (status != STELE_OK)
            return status;
        if (columns.failed)
            print_failed(&columns.error);
        else if (!quiet) {
            printf("map%s", columns.is_nil ? " nil" : "");
            for (size_t i = 0; i < columns.count; i++)
                printf(" %s=%s/%zu", columns.names[i], shown(columns.values[i]), columns.lengths[i]);
            printf("\n");
        }
        return STELE_OK;
    }
    status = (kind == 't' ? stele_script_row_text : stele_script_row_check)(script, rows, row, 0, keys, &text, error);
    if (status != STELE_OK)
        return status;
    if (text.failed)
        print_failed(&text.error);
    else if (!quiet)
        printf("text %s/%zu\n", text.is_nil ? "nil" : text.text, text.length);
    return STELE_OK;
}

/* The processor's time, in microseconds: on a machine that is busy, the wall's clock tells nothing. */
static long long busy(void)
{
    return (long long)clock() * 1000000 / CLOCKS_PER_SEC;
}

static void run_rows(stele_script *script, char kind, const stele_rows *rows, long repeat)
{
    struct rusage before, after;
    stele_error error = {0};
    int keys = (int)stele_script_spec(script)->key_count;
    stele_status status = STELE_OK;
    long long began = busy();
    getrusage(RUSAGE_SELF, &before);
    for (long n = 0; n < repeat && status == STELE_OK; n++)
        for (int i = 0; i < stele_rows_count(rows) && status == STELE_OK; i++) {
            long long start = busy();
            status = one_row(script, kind, rows, i, keys, &error);
            if (repeat == 1 && getenv("SCRIPT_TIMES") != NULL)
                printf("took %lld us\n", busy() - start);
            if (n == repeat / 10)
                getrusage(RUSAGE_SELF, &before); /* by now it has all it needs */
        }
    getrusage(RUSAGE_SELF, &after);
    if (status != STELE_OK)
        print_error("status", status, &error);
    if (repeat > 1)
        printf("took %lld us\ngrew %ld kB\n", busy() - began, after.ru_maxrss - before.ru_maxrss);
}

static void take_types(stele_script *script, stele *handle, const char *table)
{
    const char *names[64];
    uint32_t types[64];
    stele_error error = {0};
    stele_rows *rows = NULL;
    if (stele_link_query(&handle->link, "SELECT attname, atttypid FROM pg_catalog.pg_attribute WHERE attrelid = $1::regclass AND attnum > 0", 1, &table, &rows,
                         &error) != STELE_OK)
        fail("columns", &error);
    int count = stele_rows_count(rows);
    for (int i = 0; i < count && i < 64; i++) {
        names[i] = stele_rows_text(rows, i, 0);
        types[i] = (uint32_t)strtoul(stele_rows_text(rows, i, 1), NULL, 10);
    }
    if (stele_script_take_types(script, names, types, (size_t)count, &error) != STELE_OK)
        fail("types", &error);
    stele_rows_free(rows);
}

/* --------------------------------------------------------------------- all of it */

static stele_parameter parameters[MANY];
static const char *values[MANY];
static stele_module modules[MANY];
static const stele_module *pointers[MANY];
static stele_migration migration = {.version = "J", .name = "m", .directory = "lua", .source = "s1:00", .modules = pointers, .lua = 1};
static stele_migrations table = {.parameters = parameters};
static const char *sql, *columns;
static char kind;
static long repeat = 1;

static void read_arguments(int argc, char **argv)
{
    for (int i = 3; i < argc; i++) {
        char *equals;
        if (strcmp(argv[i], "--quiet") == 0)
            quiet = true;
        else if (strcmp(argv[i], "--interrupt") == 0)
            interrupting = true;
        else if (strcmp(argv[i], "--memory") == 0)
            migration.lua_memory = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--steps") == 0)
            migration.lua_steps = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--repeat") == 0)
            repeat = strtol(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--columns") == 0)
            columns = argv[++i];
        else if (strcmp(argv[i], "--parameter") == 0) {
            equals = strchr(argv[++i], '=');
            if (equals != NULL)
                *equals = '\0';
            parameters[table.parameter_count].kind = strncmp(argv[i], "int_", 4) == 0 ? STELE_INTEGER : STELE_LITERAL;
            parameters[table.parameter_count].name = argv[i];
            values[table.parameter_count++] = equals == NULL ? NULL : equals + 1;
        } else if (strncmp(argv[i], "--", 2) == 0) {
            kind = argv[i][2];
            sql = argv[++i];
        } else {
            stele_module *module = &modules[migration.module_count];
            equals = strchr(argv[i], '=');
            *equals = '\0';
            module->name = argv[i];
            module->text = read_all("script", equals + 1, &module->length);
            module->file = strrchr(equals + 1, '/') + 1;
            pointers[migration.module_count++] = module;
        }
    }
}

int main(int argc, char **argv)
{
    static stele handle;
    stele_script *script = NULL;
    stele_rows *rows = NULL;
    stele_error error = {0};
    if (argc < 3)
        return 2;
    read_arguments(argc, argv);
    migration.file = strrchr(argv[2], '/') + 1;
    migration.text = read_all("script", argv[2], &migration.length);
    stele_options options = {.conninfo = argv[1]};
    handle.table = &table;
    handle.values.values = values;
    if (strcmp(argv[1], "-") != 0 && stele_link_open(&handle.link, &options, &error) != STELE_OK)
        fail("connect", &error);
    stele_status status = stele_script_open(&script, &handle, &migration, print_line, NULL, &error);
    if (status != STELE_OK)
        print_error("status", status, &error);
    else if (!quiet)
        print_spec(stele_script_spec(script));
    if (script != NULL && columns != NULL)
        take_types(script, &handle, columns);
    if (script != NULL && sql != NULL) {
        if (stele_link_query(&handle.link, sql, 0, NULL, &rows, &error) != STELE_OK)
            fail("query", &error);
        if (interrupting)
            handle.link.interrupted = interrupted;
        run_rows(script, kind, rows, repeat);
        stele_rows_free(rows);
    }
    stele_script_close(script);
    stele_link_close(&handle.link);
    free((void *)migration.text);
    for (uint32_t i = 0; i < migration.module_count; i++)
        free((void *)modules[i].text);
    return 0;
}

/*
 * estimate.c - what a job takes: texts, tokens, money, bytes, time
 *
 * Of the sample each row's text, or what map returns, is computed, and all is taken to be like it. Tokens are a quarter of the text's bytes, as providers' own rules of thumb have it for most
 * languages; stele_provider_tokens, which is what requests are packed by, tells what there may be at most.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "planning.h"
#include "stripe.h"
#include "write.h"

/* Of one row of the sample, on average. */
typedef struct average {
    double texts;         /* the share of rows that have a text, or of which map returned something */
    double bytes, tokens; /* of all rows */
    double most_tokens;   /* as requests are packed */
    double key;           /* the bytes of the key's columns that have no fixed length */
} average;

/* ------------------------------------------------------------------------- texts */

/* So many rows at which the script takes all of its time are enough to know it: each takes as long again. */
enum { RUN_OUT = 5 };

static void add_text(const stele_job_provider *provider, const stele_script_text *text, average *sum)
{
    double bytes = (double)text->length, most = stele_provider_tokens(text->text, text->length), limit = provider->max_input_tokens;
    if (text->failed || text->is_nil || (limit > 0 && most > limit && !provider->clip))
        return;
    if (limit > 0 && most > limit) {
        bytes *= limit / most;
        most = limit;
    }
    sum->texts++;
    sum->bytes += bytes;
    sum->tokens += ceil(bytes / 4);
    sum->most_tokens += most;
}

static void note_failure(stele_planning *plan, const stele_error *why)
{
    plan->ran_out += stele_script_ran_out(plan->job->script);
    if (plan->failed++ == 0)
        snprintf(plan->first_failure, sizeof plan->first_failure, "%.200s:%u: %.250s", why->file, why->line, why->message);
}

static stele_status add_map(stele_planning *plan, int row, average *sum, stele_error *error)
{
    stele_job *job = plan->job;
    stele_script_columns columns;
    stele_status status = stele_script_row_map(job->script, plan->page.rows, row, stele_page_seen_keys(job), stele_page_reads(job), &columns, error);
    if (status == STELE_OK && columns.failed)
        note_failure(plan, &columns.error);
    if (status != STELE_OK || columns.failed || columns.is_nil || columns.count == 0)
        return status;
    sum->texts++;
    for (size_t i = 0; i < columns.count; i++)
        sum->bytes += columns.values[i] == NULL ? 0 : strncmp(columns.values[i], "\\x", 2) == 0 ? (double)columns.lengths[i] / 2 : (double)columns.lengths[i];
    return STELE_OK;
}

static stele_status average_rows(stele_planning *plan, average *sum, stele_error *error)
{
    stele_job *job = plan->job;
    stele_writer writer;
    stele_script_text text;
    *sum = (average){0};
    stele_writer_start(&writer, job, &plan->shape, NULL);
    stele_status status = stele_writer_know(&writer, error);
    for (int row = 0; row < plan->page.count && status == STELE_OK && plan->ran_out < RUN_OUT; row++) {
        plan->looked++;
        for (size_t i = 0; i < job->spec->key_count; i++)
            sum->key += (double)strlen(stele_rows_text(plan->page.rows, row, STELE_PAGE_KEYS + (int)i));
        if (job->spec->kind == STELE_JOB_MAPS) {
            status = add_map(plan, row, sum, error);
        } else if (job->spec->kind == STELE_JOB_EMBEDS) {
            status = stele_script_row_text(job->script, plan->page.rows, row, stele_page_seen_keys(job), stele_page_reads(job), &text, error);
            if (status == STELE_OK && text.failed)
                note_failure(plan, &text.error);
            plan->blank += status == STELE_OK && !text.failed && text.is_nil;
            if (status == STELE_OK)
                add_text(&job->spec->provider, &text, sum);
        }
    }
    stele_writer_end(&writer);
    double count = plan->looked > 0 ? plan->looked : 1;
    plan->estimate.sample = plan->looked;
    *sum = (average){sum->texts / count, sum->bytes / count, sum->tokens / count, sum->most_tokens / count, sum->key / count};
    return status;
}

/* ------------------------------------------------------------------------ provider */

static void estimate_provider(stele_planning *plan, const average *one)
{
    const stele_job_provider *provider = &plan->job->spec->provider;
    const stele_knobs *knobs = &plan->job->knobs;
    stele_job_estimate *e = &plan->estimate;
    double rows = (double)e->rows, each = provider->max_inputs > 0 ? provider->max_inputs : 64, seconds = 0;
    e->tokens = round(rows * one->tokens);
    e->cost = e->tokens / 1e6 * provider->price;
    if (one->texts <= 0)
        return;
    if (provider->max_tokens > 0)
        each = fmin(each, provider->max_tokens * one->texts / fmax(1, one->tokens));
    if (provider->max_bytes > 0)
        each = fmin(each, provider->max_bytes * one->texts / fmax(1, one->bytes));
    if (knobs->rpm > 0)
        seconds = rows * one->texts / fmax(1, floor(each)) / knobs->rpm * 60;
    if (knobs->tpm > 0)
        seconds = fmax(seconds, e->tokens / knobs->tpm * 60);
    e->seconds_provider = seconds;
}

/* -------------------------------------------------------------------------- bytes */

/* The destination's columns in their order; of the table: rows are as long as they are on the disk. */
enum { COLUMN_ATTRIBUTE, COLUMN_LENGTH, COLUMN_ALIGNS, COLUMN_STORES, COLUMN_DEFAULTS, COLUMN_FILL, COLUMN_SORTED, COLUMN_IMAGES, COLUMN_INDEXES, COLUMN_HEAP };
static const char destination_sql[] =
    "SELECT a.attname, a.attlen, a.attalign, a.attstorage, a.atthasdef, coalesce((SELECT pg_catalog.max(o.option_value) FROM pg_catalog.pg_options_to_table(c.reloptions) AS o"
    " WHERE o.option_name OPERATOR(pg_catalog.=) 'fillfactor'), '100'), (SELECT pg_catalog.abs(t.correlation) FROM pg_catalog.pg_stats AS t JOIN pg_catalog.pg_namespace AS n"
    " ON n.nspname OPERATOR(pg_catalog.=) t.schemaname JOIN pg_catalog.pg_class AS sc ON sc.relnamespace OPERATOR(pg_catalog.=) n.oid AND sc.relname OPERATOR(pg_catalog.=) t.tablename"
    " WHERE sc.oid OPERATOR(pg_catalog.=) $2::pg_catalog.oid AND NOT t.inherited AND t.attname OPERATOR(pg_catalog.=) $3), pg_catalog.current_setting('full_page_writes'),"
    " (SELECT pg_catalog.count(*) FROM pg_catalog.pg_index AS i WHERE i.indrelid OPERATOR(pg_catalog.=) c.oid),"
    " CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'r' THEN pg_catalog.pg_relation_size(c.oid) END"
    " FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) c.oid"
    " WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped ORDER BY a.attnum";

static double number_of(const stele_rows *rows, int row, int column)
{
    const char *text = stele_rows_text(rows, row, column);
    return text == NULL ? 0 : strtod(text, NULL);
}

static bool is_key(const stele_job_spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->key_count; i++)
        if (strcmp(spec->keys[i], name) == 0)
            return true;
    return false;
}

static double align_to(double at, const char *alignment)
{
    double to = alignment[0] == 'd' ? 8 : alignment[0] == 'i' ? 4 : alignment[0] == 's' ? 2 : 1;
    return ceil(at / to) * to;
}

/* What a value of such a column takes behind `at`; short ones of variable length have one byte before them, and aren't aligned. */
static double behind(const stele_rows *rows, int row, double at, double bytes)
{
    double length = number_of(rows, row, COLUMN_LENGTH);
    if (length > 0)
        return align_to(at, stele_rows_text(rows, row, COLUMN_ALIGNS)) + length;
    return bytes <= 126 ? at + 1 + bytes : align_to(at, stele_rows_text(rows, row, COLUMN_ALIGNS)) + 4 + bytes;
}

/* A row of a table of its own: key, hash, vector, and what has a default. `*toasted`: its vector is outside. */
static double side_row(const stele_planning *plan, const stele_rows *rows, const average *one, double datum, double *key, bool *toasted)
{
    const stele_job_spec *spec = plan->job->spec;
    double ends[2] = {24, 24}; /* with the vector in the row, and with a pointer to it */
    bool plain = false;
    for (int i = 0; i < stele_rows_count(rows); i++) {
        const char *name = stele_rows_text(rows, i, COLUMN_ATTRIBUTE);
        bool vector = strcmp(name, spec->vector) == 0, hash = strcmp(name, spec->hash) == 0;
        if (!vector && !hash && !is_key(spec, name) && !stele_rows_true(rows, i, COLUMN_DEFAULTS))
            continue;
        plain |= vector && strcmp(stele_rows_text(rows, i, COLUMN_STORES), "p") == 0;
        ends[0] = vector ? behind(rows, i, ends[0], datum - 4) : behind(rows, i, ends[0], hash ? 32 : one->key);
        ends[1] = vector ? ends[1] + 18 : behind(rows, i, ends[1], hash ? 32 : one->key);
        if (is_key(spec, name))
            *key = behind(rows, i, *key, one->key);
    }
    *toasted = ends[0] > 2032 && !plain;
    return *toasted ? ends[1] : ends[0];
}

/* Rows by COPY, some dozen in a record; the key's index; and outside of the rows the vectors. */
static void estimate_side(stele_planning *plan, const stele_rows *rows, const average *one)
{
    stele_job_estimate *e = &plan->estimate;
    double count = (double)e->rows, datum = stele_datum_bytes(plan->shape.vector_kind, plan->job->spec->provider.dimensions), key = 0;
    double vectors = plan->job->spec->null_for_empty ? one->texts : 1;
    bool toasted, sorted = !plan->shape.by_blocks || number_of(rows, 0, COLUMN_SORTED) > 0.9;
    if (!plan->job->spec->null_for_empty)
        count *= one->texts; /* rows without a text are given up */
    double row = side_row(plan, rows, one, datum, &key, &toasted), fill = number_of(rows, 0, COLUMN_FILL) / 100;
    e->table_bytes = stele_heap_bytes(count, row, fill) + stele_btree_bytes(count, key, sorted ? 0.9 : 0.7);
    e->wal_bytes = count * (row - 24 + 10 + 64 + key + 12);
    if (toasted) {
        e->table_bytes += stele_toast_bytes(count * vectors, datum);
        e->wal_bytes += count * vectors * stele_toast_wal(datum);
    }
    if (!sorted && strcmp(stele_rows_text(rows, 0, COLUMN_IMAGES), "on") == 0)
        e->wal_bytes += stele_btree_bytes(count, key, 0.7);
}

/* The share of rows that leave their page: what has no room on it as it will be, beside the old versions that one write leaves there. `old` is a row's part of its page. */
static double share_moved(double old, double row)
{
    double each = fmax(1, 8192 / old), stay = 8192 / (row + 4) - fmax(1, each / STELE_STRIPE_WRITES);
    return fmin(1, fmax(0, 1 - stay / each));
}

/*
 * Each row has a new version, with what is new: most on their page, in the place of one before (see stripe.h), which takes a record of the WAL and a share of one that cleans the page up. Those that
 * leave it are a row more of the table, and an entry more of each index. Each page is once in the WAL as a whole, where the server writes images of them.
 */
static void estimate_in_place(stele_planning *plan, const stele_rows *rows, const average *one)
{
    const stele_job_spec *spec = plan->job->spec;
    stele_job_estimate *e = &plan->estimate;
    double changed = (double)e->rows * (spec->kind == STELE_JOB_EMBEDS && spec->null_for_empty ? 1 : one->texts), heap = number_of(rows, 0, COLUMN_HEAP);
    double old = heap > 0 && plan->all_rows > 0 ? heap / plan->all_rows : 100, more = one->bytes / fmax(one->texts, 1e-9), datum = 0;
    double fill = number_of(rows, 0, COLUMN_FILL) / 100;
    plan->moved = share_moved(old, old * fill - 4);
    if (spec->kind == STELE_JOB_RUNS_SQL)
        return; /* what a statement does, nobody can tell */
    if (spec->kind == STELE_JOB_EMBEDS) {
        datum = stele_datum_bytes(plan->shape.vector_kind, spec->provider.dimensions);
        bool toasted = datum + old + 33 > 2032;
        more = (toasted ? 18 : datum) + (spec->hash == NULL ? 0 : 33);
        datum = toasted ? datum : 0;
    }
    double row = old * fill - 4 + more, indexes = number_of(rows, 0, COLUMN_INDEXES);
    plan->moved = share_moved(old, row);
    double moved = changed * plan->moved;
    e->table_bytes = stele_heap_bytes(moved, row, fill) + indexes * stele_btree_bytes(moved, 8, 0.9) + (datum > 0 ? stele_toast_bytes(changed * one->texts, datum) : 0);
    e->wal_bytes = moved * (row + 100 + indexes * 72) + (changed - moved) * (110 + more) + changed * (one->key + 8) + (datum > 0 ? changed * one->texts * stele_toast_wal(datum) : 0);
    if (strcmp(stele_rows_text(rows, 0, COLUMN_IMAGES), "on") == 0)
        e->wal_bytes += heap;
}

static stele_status estimate_bytes(stele_planning *plan, const average *one, stele_error *error)
{
    char table[16], into[16];
    const char *values[] = {into, table, plan->job->spec->keys[0]};
    stele_rows *rows;
    stele_index_size index;
    snprintf(table, sizeof table, "%u", plan->shape.table_oid);
    snprintf(into, sizeof into, "%u", plan->shape.into_oid);
    stele_status status = stele_link_query(&plan->job->handle->link, destination_sql, 3, values, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) > 0) {
        if (stele_job_in_place(plan->job))
            estimate_in_place(plan, rows, one);
        else
            estimate_side(plan, rows, one);
    }
    stele_rows_free(rows);
    stele_index_measure(plan->job, &plan->shape, (double)plan->estimate.rows * one->texts, &index);
    plan->estimate.index_bytes = index.bytes;
    plan->estimate.wal_bytes += index.wal;
    return status;
}

/* What most of the job's rows would meet, too. */
static void tell_failures(stele_planning *plan)
{
    int count = plan->looked;
    const char *hint = "job try shows rows with what becomes of them; a row that fails is given up, and max_dead pauses the job at so many of them";
    if (plan->ran_out >= RUN_OUT && plan->looked < plan->page.count)
        stele_planning_danger(plan, false, "look for a loop without an end; or raise the limit", "at %d rows of the sample the script ran into the limit of its steps: the other %d weren't looked at", plan->ran_out,
                              plan->page.count - plan->looked);
    if (plan->failed > 0 && plan->failed == count)
        stele_planning_danger(plan, true, "put the function right: as it is, every row would be given up", "the script fails at all of the %d rows of the sample; at the first: %s", count, plan->first_failure);
    else if (plan->failed > 0)
        stele_planning_danger(plan, false, hint, "the script fails at %d of the %d rows of the sample; at the first of them: %s", plan->failed, count, plan->first_failure);
    if (plan->blank > 0 && plan->blank == count && !plan->job->spec->null_for_empty)
        stele_planning_danger(plan, true, "have text(row) return one; or say empty = \"null\"", "none of the %d rows of the sample has a text: all of them would be given up", count);
}

stele_status stele_planning_estimate(stele_planning *plan, stele_error *error)
{
    average one;
    stele_status status = average_rows(plan, &one, error);
    if (status != STELE_OK)
        return status;
    tell_failures(plan);
    if (plan->failed > 0 && plan->failed == plan->looked)
        return STELE_OK; /* nothing is known of any row */
    if (plan->job->spec->kind == STELE_JOB_EMBEDS) {
        plan->estimate.texts_bytes = round((double)plan->estimate.rows * one.bytes);
        estimate_provider(plan, &one);
    }
    status = estimate_bytes(plan, &one, error);
    if (plan->job->knobs.wal > 0)
        plan->estimate.seconds_database = plan->estimate.wal_bytes / plan->job->knobs.wal;
    return status;
}

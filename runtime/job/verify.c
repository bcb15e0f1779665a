/*
 * verify.c - is what was made right? The order of the checks, and those that need no vectors
 *
 * Wrong vectors are silent: a search goes on and finds less. So each check looks for one of the ways in which providers, and we, have been seen to go wrong. Nothing here holds a
 * transaction for longer than a statement, and what isn't read as a whole is a random sample; the words of each check say how large.
 */
#include "verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "sql.h"

/* --------------------------------------------------------------------- telling */

void stele_verify_note(stele_verifying *v, const char *format, ...)
{
    va_list list;
    char text[sizeof v->detail];
    size_t length = strlen(v->detail);
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (length > 0 && length + 2 < sizeof v->detail) {
        memcpy(v->detail + length, "; ", 3);
        length += 2;
    }
    stele_error_copy(v->detail + length, sizeof v->detail - length, text);
}

void stele_verify_tell(stele_verifying *v, const char *name, bool ok, const char *title, ...)
{
    va_list list;
    char text[512];
    va_start(list, title);
    vsnprintf(text, sizeof text, title, list);
    va_end(list);
    const stele_job_check check = {.ok = ok, .name = name, .title = text, .detail = ok ? "" : v->detail};
    v->failed |= !ok;
    if (v->each != NULL)
        v->each(v->data, &check);
    v->detail[0] = '\0';
}

const char *stele_verify_schema(const stele_verifying *v)
{
    const char *type = v->shape->vector_type, *end = strchr(type, '(') == NULL ? type + strlen(type) : strrchr(type, '(');
    while (end > type && *end != '.')
        end--;
    return stele_arena_copy(&v->job->arena, type, (size_t)(end - type));
}

enum { FEW_BLOCKS = 1000, SAMPLE_BLOCKS = 60 };

stele_status stele_verify_part(stele_verifying *v, uint32_t relation, unsigned rows, stele_text *text, stele_error *error)
{
    static const char sql[] =
        "SELECT pg_catalog.sum(greatest(c.reltuples, 0)), pg_catalog.sum(pg_catalog.pg_relation_size(c.oid)) OPERATOR(pg_catalog./)"
        " pg_catalog.current_setting('block_size')::pg_catalog.int8 FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid"
        " OR c.oid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree($1::pg_catalog.oid::pg_catalog.regclass) AS t WHERE t.isleaf)";
    stele_rows *out;
    stele_status status = stele_sql_ask_about(v->job, sql, relation, &out, error);
    if (status != STELE_OK)
        return status;
    double all = strtod(stele_rows_text(out, 0, 0), NULL), blocks = strtod(stele_rows_text(out, 0, 1), NULL);
    stele_rows_free(out);
    /* Never analyzed: a block has hardly more than two hundred. Whole blocks are taken, so of a few too many or none; in thousandths of a percent, since printf may write a comma. */
    double most = all > blocks ? all : blocks * 200, share = most <= 0 ? 1 : 2.0 * rows / most, least = blocks < FEW_BLOCKS ? 1 : SAMPLE_BLOCKS / blocks;
    if (share < least)
        share = least;
    if (share < 1)
        stele_text_print(text, " TABLESAMPLE SYSTEM (%lu / 1000.0)", (unsigned long)(share * 100000) + 1);
    return STELE_OK;
}

/* ---------------------------------------------------------------- count, stale, index */

static void tell_count(stele_verifying *v, const stele_job_tally *t)
{
    const stele_job_spec *spec = v->job->spec;
    bool nulls = t->nulls > 0 && !spec->null_for_empty, adds_up = t->good + t->dead + t->dirty == t->rows && t->left == 0;
    if (nulls)
        stele_verify_note(v, "%" PRId64 " vectors are NULL, that of %s first; a row without text isn't meant to have one here (empty = \"null\")", t->nulls, t->null_key);
    if (t->left > 0)
        stele_verify_note(v, "%" PRId64 " vectors belong to no row, that of %s first", t->left, t->left_key);
    if (t->stale > 0)
        stele_verify_note(v, "%" PRId64 " rows are neither done nor given up, %s first", t->stale, t->stale_key);
    stele_verify_tell(v, "count", adds_up && !nulls, "%" PRId64 " rows: %" PRId64 " have their vector, %" PRId64 " were given up, %" PRId64 " wait to be done again", t->rows, t->good, t->dead,
                      t->dirty);
}

/* Without triggers a row that was written a moment ago is found by the next sweep only; and with follow = "none" it isn't looked for. */
static void tell_stale(stele_verifying *v, const stele_job_tally *t)
{
    bool matters = v->job->spec->follows;
    if (t->stale > 0)
        stele_verify_note(v, "the row %s has none, or that of another text than it has now", t->stale_key);
    if (t->left > 0)
        stele_verify_note(v, "the vector %s is left over", t->left_key);
    v->stale = matters && t->stale + t->left > 0;
    stele_verify_tell(v, "stale", !matters || t->stale + t->left == 0, "%" PRId64 " rows are stale, %" PRId64 " vectors are left over%s%s", t->stale, t->left,
                      matters ? "" : "; what is written after the load isn't followed", v->due ? "; all rows are to be compared, which the next job run does" : "");
}

/*
 * Where all is to be compared, nobody noted which rows differ. Who only looks is told of those that do. A worker does that compare as soon as it has verified: for it they wait, as those do whose
 * keys were noted. The question comes last, since a note is committed with what it is of.
 */
static stele_status look_at_due(stele_verifying *v, stele_job_tally *t, stele_error *error)
{
    stele_status status = stele_job_is_all_due(v->job, &v->due, error);
    if (status == STELE_OK && v->due && v->job->worker != 0) {
        t->dirty += t->stale;
        t->stale = t->left = 0;
    }
    return status;
}

/* What isn't a vector can't be compared with what it was made of; but that it should be, can be told. */
static stele_status tell_due(stele_verifying *v, stele_error *error)
{
    bool due;
    stele_status status = stele_job_is_all_due(v->job, &due, error);
    v->due = status == STELE_OK && due && v->job->worker == 0;
    if (v->due)
        stele_verify_tell(v, "stale", false, "nobody noted which rows were changed: all are to be gone through, which the next job run does");
    return status;
}

static stele_status verify_tally(stele_verifying *v, stele_error *error)
{
    stele_job_tally tally = {0};
    if (v->job->spec->kind != STELE_JOB_EMBEDS)
        return tell_due(v, error);
    stele_status status = stele_job_take_tally(v->job, v->shape, true, &tally, error);
    if (status == STELE_OK)
        status = look_at_due(v, &tally, error);
    if (status != STELE_OK)
        return status;
    tell_count(v, &tally);
    tell_stale(v, &tally);
    return STELE_OK;
}

static stele_status verify_index(stele_verifying *v, stele_error *error)
{
    char name[300];
    bool valid;
    if (v->job->spec->kind != STELE_JOB_EMBEDS || v->job->spec->index == NULL)
        return STELE_OK;
    stele_status status = stele_job_find_index(v->job, v->shape, name, &valid, error);
    if (status != STELE_OK)
        return status;
    if (name[0] == '\0')
        stele_verify_note(v, "it isn't there: it is not built yet, or somebody dropped it");
    else if (!valid)
        stele_verify_note(v, "an INVALID index is kept up to date, but answers no query; the next run builds it anew");
    stele_verify_tell(v, "index", valid, "the index %s is %s", name[0] == '\0' ? v->job->spec->index : name, valid ? "valid and ready" : name[0] == '\0' ? "missing" : "not valid");
    return STELE_OK;
}

/* ------------------------------------------------------------------------- zero */

/* 0, false, NULL, or no row. */
static bool is_zero(const stele_rows *rows)
{
    const char *text = stele_rows_count(rows) == 0 || stele_rows_columns(rows) == 0 ? NULL : stele_rows_text(rows, 0, 0);
    return text == NULL || strcmp(text, "0") == 0 || strcmp(text, "f") == 0 || (text[0] != '\0' && text[strspn(text, "0.-")] == '\0');
}

static stele_status verify_zero(stele_verifying *v, const char *sql, stele_error *error)
{
    stele_error failure = {0};
    stele_rows *rows;
    stele_status status = stele_job_bounded(v->job, STELE_VERIFY_SECONDS * 1000, NULL, sql, 0, NULL, &rows, &failure);
    bool refused = status != STELE_NO_CONNECTION && status != STELE_CANCELLED && failure.sqlstate[0] != '\0'; /* also by its transaction, which only reads */
    if (status == STELE_FAILED || refused) {
        stele_verify_note(v, "%s%s%s%s", failure.message, refused ? " [" : "", failure.sqlstate, refused ? "]" : "");
        stele_verify_tell(v, "zero", false, "the query failed: %.300s", sql);
        return STELE_OK;
    }
    if (status != STELE_OK) {
        if (error != NULL)
            *error = failure;
        return status;
    }
    if (rows == NULL) {
        stele_verify_note(v, "it ran for more than %d s", STELE_VERIFY_SECONDS);
        stele_verify_tell(v, "zero", false, "the query wasn't answered in time: %.300s", sql);
        return STELE_OK;
    }
    bool zero = is_zero(rows);
    if (!zero)
        stele_verify_note(v, "it returned %s", stele_rows_text(rows, 0, 0));
    stele_verify_tell(v, "zero", zero, "%s: %.300s", zero ? "nothing is found by" : "something is found by", sql);
    stele_rows_free(rows);
    return STELE_OK;
}

static stele_status verify_zeros(stele_verifying *v, stele_error *error)
{
    const stele_job_verification *verify = &v->job->spec->verify;
    stele_status status = STELE_OK;
    for (size_t i = 0; i < verify->zero_count && status == STELE_OK; i++)
        if ((status = stele_job_between(v->job, error)) == STELE_OK)
            status = verify_zero(v, verify->zero[i], error);
    return status;
}

/* --------------------------------------------------------------------- the whole */

/* What to do where a check failed. Of what isn't a vector nothing tells which rows it is; and one that is done isn't gone on with, so there is nothing to resume. */
static void hint_at_way(const stele_verifying *v, stele_job_state state, stele_error *error)
{
    const char *name = v->job->spec->name;
    bool embeds = v->job->spec->kind == STELE_JOB_EMBEDS;
    if (v->due)
        stele_error_hint(error, "%s: job run %s does that%s", embeds ? "all rows are to be compared" : "all rows are to be gone through", name, embeds ? ", and does those again that differ" : "");
    else if (v->stale)
        stele_error_hint(error, "job cancel %s, then job run %s, goes through all of the table once more, and does what is stale", name, name);
    else if (state == STELE_JOB_DONE || state == STELE_JOB_CANCELLED)
        stele_error_hint(error, "put right what the checks that failed tell; job verify %s then checks again; job cancel %s, then job run %s, goes through all of the table once more", name, name, name);
    else
        stele_error_hint(error, "put right what the checks that failed tell; job verify %s then checks again, and where the job is paused, job resume %s has it go on", name, name);
}

static stele_status verify_now(stele_job *job, const stele_job_shape *shape, const stele_job_row *row, void (*each)(void *data, const stele_job_check *check), void *data, stele_error *error)
{
    static stele_status (*const checks[])(stele_verifying *v, stele_error *error) = {
        verify_tally, stele_verify_vectors, stele_verify_distinct, verify_index, stele_verify_recall, stele_verify_provider, stele_verify_check, verify_zeros};
    stele_verifying v = {.job = job, .shape = shape, .each = each, .data = data};
    stele_status status = STELE_OK;
    for (size_t i = 0; i < sizeof checks / sizeof *checks && status == STELE_OK; i++)
        if ((status = stele_job_between(job, error)) == STELE_OK)
            status = checks[i](&v, error);
    if (status == STELE_OK && v.failed) {
        stele_error_set(error, STELE_UNMET, "the job \"%s\": what it made isn't right", job->spec->name);
        hint_at_way(&v, row->state, error);
        return STELE_UNMET;
    }
    return status;
}

stele_status stele_job_verify(stele_job *job, void (*each)(void *data, const stele_job_check *check), void *data, stele_error *error)
{
    stele_job_shape shape;
    stele_job_row row = {0};
    stele_error_clear(error);
    stele_status status = stele_job_look_at(job, &shape, error);
    if (status == STELE_OK)
        status = stele_job_find(job, &row, error);
    if (status == STELE_OK && job->id == 0) {
        stele_error_set(error, STELE_UNMET, "the job \"%s\" was never run: there is nothing to verify", job->spec->name);
        return STELE_UNMET;
    }
    if (status == STELE_OK)
        status = stele_job_check_script(job, error); /* of another one, all that was made may look stale */
    if (status != STELE_OK)
        return status;
    status = verify_now(job, &shape, &row, each, data, error);
    if (status == STELE_UNMET && (row.state == STELE_JOB_LOAD || row.state == STELE_JOB_DRAIN || row.state == STELE_JOB_INDEX))
        stele_error_hint(error, "the job is in state \"%s\", and what it hasn't made yet is missing: job run %s goes on, and verifies all of it at the end", stele_job_state_word(row.state), job->spec->name);
    return status;
}

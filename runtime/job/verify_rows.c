/* Random rows: are different texts told apart, and what does the script's own check say? */
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "sql.h"
#include "verify.h"

/* ------------------------------------------------------------------------ rows */

/* The table, with what is asked of it, and where the vectors are elsewhere, those. */
static stele_status put_from(stele_verifying *v, stele_text *text, stele_error *error)
{
    const stele_job *job = v->job;
    const stele_job_spec *spec = job->spec;
    stele_status status;
    if (spec->into == NULL) {
        stele_text_print(text, "%s AS s", spec->table);
        status = stele_verify_part(v, v->shape->table_oid, STELE_VERIFY_TEXTS, text, error);
        stele_text_string(text, " WHERE true");
        stele_sql_where(job, text);
        return status;
    }
    stele_text_print(text, "%s AS t", spec->into);
    status = stele_verify_part(v, v->shape->into_oid, STELE_VERIFY_TEXTS, text, error);
    stele_text_print(text, " JOIN (SELECT s.* FROM %s AS s WHERE true", spec->table);
    stele_sql_where(job, text);
    stele_text_string(text, ") AS s ON ");
    stele_sql_same_key(job, text, "s", "t");
    stele_text_string(text, " WHERE true");
    return status;
}

/* What the script's functions see. */
static void put_row(const stele_job *job, stele_text *text)
{
    stele_text_string(text, ", ");
    stele_job_columns(text, "s.", job->spec->keys, job->spec->key_count);
    stele_text_string(text, job->spec->read_count > 0 ? ", " : "");
    stele_job_columns(text, "s.", job->spec->reads, job->spec->read_count);
}

/* Which rows is settled first: only of those that are taken the values are fetched. */
stele_status stele_verify_rows(stele_verifying *v, unsigned rows, bool digest, stele_rows **out, stele_error *error)
{
    const stele_job *job = v->job;
    const char *schema = stele_verify_schema(v), *type = v->shape->vector_kind == 'v' ? "vector" : v->shape->vector_kind == 'h' ? "halfvec" : "sparsevec";
    stele_text text = {0};
    *out = NULL;
    stele_text_string(&text, "SELECT ");
    stele_job_key_array(job, &text, "s");
    stele_text_print(&text, ", pg_catalog.encode(%s%s.%s_send(s.\"stele vector\")%s, 'hex')", digest ? "pg_catalog.sha256(" : "", schema == NULL ? "" : schema, type, digest ? ")" : "");
    put_row(job, &text);
    stele_text_print(&text, " FROM (SELECT s.*, %s.", job->spec->into != NULL ? "t" : "s");
    stele_job_name(&text, job->spec->vector);
    stele_text_string(&text, " AS \"stele vector\" FROM ");
    stele_status status = schema == NULL ? stele_error_memory(error) : put_from(v, &text, error);
    stele_sql_done(job, &text);
    stele_text_print(&text, " ORDER BY pg_catalog.random() LIMIT %u) AS s WHERE ", rows);
    stele_job_pin(&text);
    if (status == STELE_OK)
        status = text.failed ? stele_error_memory(error) : stele_job_bounded(v->job, STELE_VERIFY_SECONDS * 1000, NULL, text.bytes, 0, NULL, out, error);
    stele_text_free(&text);
    return status;
}

stele_status stele_verify_text(stele_verifying *v, const stele_rows *rows, int row, stele_arena *arena, const char **text, size_t *length, stele_error *error)
{
    stele_script_text out;
    *text = NULL;
    stele_status status = stele_script_row_text(v->job->script, rows, row, STELE_VERIFY_ROW, STELE_VERIFY_ROW + (int)v->job->spec->key_count, &out, error);
    if (status != STELE_OK || out.failed || out.is_nil)
        return status;
    *text = stele_arena_copy(arena, out.text, *length = out.length);
    return *text == NULL ? stele_error_memory(error) : STELE_OK;
}

/* -------------------------------------------------------------------- distinct */

/* A text, with the digest of its vector. */
typedef struct twin {
    const char *digest, *key, *text;
    size_t length;
} twin;

static int compare_texts(const twin *a, const twin *b)
{
    size_t least = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->text, b->text, least);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare_twins(const void *a, const void *b)
{
    const twin *x = a, *y = b;
    int order = strcmp(x->digest, y->digest);
    return order != 0 ? order : compare_texts(x, y);
}

static stele_status take_twins(stele_verifying *v, const stele_rows *rows, twin *twins, size_t *count, stele_arena *arena, stele_error *error)
{
    stele_status status = STELE_OK;
    *count = 0;
    for (int i = 0; i < stele_rows_count(rows) && status == STELE_OK; i++) {
        twin *one = &twins[*count];
        *one = (twin){.digest = stele_rows_text(rows, i, STELE_VERIFY_VECTOR), .key = stele_rows_text(rows, i, STELE_VERIFY_KEY)};
        status = stele_verify_text(v, rows, i, arena, &one->text, &one->length, error);
        *count += one->text != NULL;
    }
    return status;
}

/* Of the texts, how many share their vector with another text. */
static size_t count_shared(stele_verifying *v, const twin *twins, size_t count, size_t *texts)
{
    size_t shared = 0;
    *texts = 0;
    for (size_t begin = 0, end; begin < count; begin = end) {
        size_t different = 0;
        for (end = begin; end < count && strcmp(twins[end].digest, twins[begin].digest) == 0; end++)
            different += end == begin || compare_texts(&twins[end], &twins[end - 1]) != 0;
        *texts += different;
        if (different < 2)
            continue;
        if (shared == 0)
            stele_verify_note(v, "%s and %s have one vector, and other texts", twins[begin].key, twins[end - 1].key);
        shared += different;
    }
    return shared;
}

stele_status stele_verify_distinct(stele_verifying *v, stele_error *error)
{
    stele_rows *rows = NULL;
    stele_arena arena = {0};
    size_t count = 0, texts;
    if (v->job->spec->kind != STELE_JOB_EMBEDS)
        return STELE_OK;
    stele_status status = stele_verify_rows(v, STELE_VERIFY_TEXTS, true, &rows, error);
    twin *twins = rows == NULL ? NULL : stele_arena_get(&arena, (size_t)stele_rows_count(rows) + 1, sizeof *twins);
    if (status == STELE_OK && rows == NULL) {
        stele_verify_tell(v, "distinct", false, "no rows were read within %d s", STELE_VERIFY_SECONDS);
    } else if (status == STELE_OK) {
        status = twins == NULL ? stele_error_memory(error) : take_twins(v, rows, twins, &count, &arena, error);
        if (status == STELE_OK) {
            qsort(twins, count, sizeof *twins, compare_twins);
            size_t shared = count_shared(v, twins, count, &texts);
            stele_verify_tell(v, "distinct", (double)shared <= v->job->spec->verify.distinct * (double)texts, "of %zu texts, %zu have the vector of another one; %.2f %% may", texts, shared,
                              100 * v->job->spec->verify.distinct);
        }
    }
    stele_rows_free(rows);
    stele_arena_free(&arena);
    return status;
}

/* ----------------------------------------------------------------------- check */

static stele_status ask_script(stele_verifying *v, const stele_rows *rows, int row, size_t *wrong, stele_error *error)
{
    stele_script_text out;
    stele_status status = stele_script_row_check(v->job->script, rows, row, 1, 1 + (int)v->job->spec->key_count, &out, error);
    if (status != STELE_OK || (!out.failed && out.is_nil))
        return status;
    if ((*wrong)++ < 3) {
        if (out.failed)
            stele_verify_note(v, "%s: %s", stele_rows_text(rows, row, 0), out.error.message);
        else
            stele_verify_note(v, "%s: %.*s", stele_rows_text(rows, row, 0), (int)(out.length < 200 ? out.length : 200), out.text);
    }
    return STELE_OK;
}

static stele_status read_check_rows(stele_verifying *v, stele_rows **rows, stele_error *error)
{
    const stele_job *job = v->job;
    const stele_job_verification *verify = &job->spec->verify;
    stele_text text = {0};
    stele_text_string(&text, "SELECT ");
    stele_job_key_array(job, &text, "s");
    put_row(job, &text);
    stele_text_string(&text, verify->check_read_count > 0 ? ", " : "");
    stele_job_columns(&text, "s.", verify->check_reads, verify->check_read_count);
    stele_text_print(&text, " FROM (SELECT s.* FROM %s AS s", job->spec->table);
    stele_status status = stele_verify_part(v, v->shape->table_oid, verify->sample, &text, error);
    stele_text_string(&text, " WHERE true");
    if (job->spec->kind == STELE_JOB_EMBEDS) /* of the others, `where` mostly says what isn't done yet */
        stele_sql_where(job, &text);
    stele_text_print(&text, " ORDER BY pg_catalog.random() LIMIT %u) AS s WHERE ", verify->sample);
    stele_job_pin(&text);
    if (status == STELE_OK)
        status = text.failed ? stele_error_memory(error) : stele_job_bounded(v->job, STELE_VERIFY_SECONDS * 1000, NULL, text.bytes, 0, NULL, rows, error);
    stele_text_free(&text);
    return status;
}

stele_status stele_verify_check(stele_verifying *v, stele_error *error)
{
    stele_rows *rows = NULL;
    size_t wrong = 0;
    if (!v->job->spec->verify.has_check)
        return STELE_OK;
    stele_status status = read_check_rows(v, &rows, error);
    int count = rows == NULL ? 0 : stele_rows_count(rows);
    for (int i = 0; i < count && status == STELE_OK; i++)
        if ((status = stele_job_between(v->job, error)) == STELE_OK)
            status = ask_script(v, rows, i, &wrong, error);
    if (status == STELE_OK && rows == NULL)
        stele_verify_tell(v, "check", false, "no rows were read within %d s", STELE_VERIFY_SECONDS);
    else if (status == STELE_OK && count == 0)
        stele_verify_tell(v, "check", true, "verify.check was called for no row: %s has none%s", v->job->spec->table,
                          v->job->spec->kind == STELE_JOB_EMBEDS && v->job->spec->where != NULL ? " that `where` asks for" : "");
    else if (status == STELE_OK)
        stele_verify_tell(v, "check", wrong == 0, "verify.check refuses %zu of %d rows", wrong, count);
    stele_rows_free(rows);
    return status;
}

/* What a vector looks like by itself: its dimensions, its numbers, its length. */
#include <stdio.h>
#include <string.h>

#include "../error.h"
#include "verify.h"

/* Its norm and dimensions, by functions of pgvector's. */
static void put_measures(const stele_verifying *v, const char *schema, stele_text *text)
{
    char kind = v->shape->vector_kind;
    if (kind == 's')
        stele_text_string(text, "pg_catalog.split_part(x.v::pg_catalog.text, '/', 2)::pg_catalog.int4 AS d");
    else
        stele_text_print(text, "%s.vector_dims(x.v) AS d", schema);
    stele_text_print(text, ", %s.%s(x.v) AS n", schema, kind == 'v' ? "vector_norm" : "l2_norm");
}

/* One key for each fault, which is seen at once with how many there are. */
static void put_faults(stele_text *text, const char *const *faults, size_t count)
{
    for (size_t i = 0; i < count; i++)
        stele_text_print(text, ", pg_catalog.count(*) FILTER (WHERE %s), pg_catalog.min(m.k::pg_catalog.text) FILTER (WHERE %s)", faults[i], faults[i]);
}

enum { OF_DIMENSIONS = 3, OF_FINITE = 5, OF_ZERO = 7, OF_BAND = 9 }; /* columns: how many, and the key of one */

/*
 * Out of the band: $2 and $3 are its ends. An infinite number has an infinite norm; of a norm that is none its square overflowed or a number is none.
 */
static stele_status measure(stele_verifying *v, stele_rows **rows, stele_error *error)
{
    static const char *const faults[] = {"m.d OPERATOR(pg_catalog.<>) $1::pg_catalog.int4", "m.n OPERATOR(pg_catalog.=) ANY ('{NaN,Infinity}'::pg_catalog.float8[])",
                                         "m.n OPERATOR(pg_catalog.=) 0", "m.n NOT BETWEEN $2::pg_catalog.float8 AND $3::pg_catalog.float8"};
    const stele_job_verification *verify = &v->job->spec->verify;
    bool band = verify->norm_most > 0;
    char numbers[3][32];
    const char *values[] = {numbers[0], numbers[1], numbers[2]}, *schema = stele_verify_schema(v);
    stele_text text = {0};
    snprintf(numbers[0], sizeof numbers[0], "%u", v->job->spec->provider.dimensions);
    stele_job_print_real(numbers[1], band ? verify->norm_least : 0);
    stele_job_print_real(numbers[2], band ? verify->norm_most : 1e300);
    stele_text_string(&text, "SELECT pg_catalog.count(*), pg_catalog.min(m.n), pg_catalog.max(m.n)");
    put_faults(&text, faults, sizeof faults / sizeof *faults);
    stele_text_string(&text, " FROM (SELECT x.k, ");
    put_measures(v, schema == NULL ? "" : schema, &text);
    stele_text_string(&text, " FROM (SELECT ");
    stele_job_key_array(v->job, &text, "t");
    stele_text_string(&text, " AS k, t.");
    stele_job_name(&text, v->job->spec->vector);
    stele_text_print(&text, " AS v FROM %s AS t", stele_job_target(v->job));
    stele_status status = schema == NULL ? stele_error_memory(error) : stele_verify_part(v, v->shape->into_oid, STELE_VERIFY_ROWS, &text, error);
    stele_text_string(&text, " WHERE ");
    stele_job_pin(&text);
    stele_text_string(&text, ") AS x WHERE x.v IS NOT NULL OFFSET 0) AS m");
    if (status == STELE_OK)
        status = text.failed ? stele_error_memory(error) : stele_job_bounded(v->job, STELE_VERIFY_SECONDS * 1000, NULL, text.bytes, 3, values, rows, error);
    stele_text_free(&text);
    return status;
}

static bool note(stele_verifying *v, const stele_rows *rows, int column, const char *what)
{
    const char *count = stele_rows_text(rows, 0, column);
    if (strcmp(count, "0") == 0)
        return true;
    stele_verify_note(v, "%s %s, that of %s first", count, what, stele_rows_text(rows, 0, column + 1));
    return false;
}

static void tell(stele_verifying *v, const stele_rows *rows)
{
    const stele_job_verification *verify = &v->job->spec->verify;
    const char *count = stele_rows_text(rows, 0, 0);
    char least[32], most[32];
    bool ok = note(v, rows, OF_DIMENSIONS, "have others");
    stele_verify_tell(v, "dimensions", ok, "each of %s vectors has %u dimensions", count, v->job->spec->provider.dimensions);
    ok = note(v, rows, OF_FINITE, "aren't finite");
    stele_verify_tell(v, "finite", ok, "each of %s vectors has finite numbers only", count);
    ok = note(v, rows, OF_ZERO, "are all zero");
    ok &= note(v, rows, OF_BAND, "are outside of the band");
    stele_job_print_real(least, verify->norm_least);
    stele_job_print_real(most, verify->norm_most);
    stele_verify_tell(v, "norm", ok, "the norms of %s vectors are between %.12s and %.12s; %s%s%s%s", count, stele_rows_text(rows, 0, 1) == NULL ? "-" : stele_rows_text(rows, 0, 1),
                      stele_rows_text(rows, 0, 2) == NULL ? "-" : stele_rows_text(rows, 0, 2), verify->norm_most > 0 ? "asked for is " : "none is zero", verify->norm_most > 0 ? least : "",
                      verify->norm_most > 0 ? " to " : "", verify->norm_most > 0 ? most : "");
}

stele_status stele_verify_vectors(stele_verifying *v, stele_error *error)
{
    stele_rows *rows = NULL;
    if (v->job->spec->kind != STELE_JOB_EMBEDS)
        return STELE_OK;
    stele_status status = measure(v, &rows, error);
    if (status == STELE_OK && rows != NULL) {
        tell(v, rows);
    } else if (status == STELE_OK) {
        stele_verify_note(v, "%d s were not enough", STELE_VERIFY_SECONDS);
        stele_verify_tell(v, "norm", false, "the vectors weren't read in time");
    }
    stele_rows_free(rows);
    return status;
}

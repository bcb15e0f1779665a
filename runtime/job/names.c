#include "job.h"

#include <string.h>

void stele_job_name(stele_text *text, const char *name)
{
    stele_text_string(text, "\"");
    for (; *name != '\0'; name++) {
        if (*name == '"')
            stele_text_string(text, "\"");
        stele_text_bytes(text, name, 1);
    }
    stele_text_string(text, "\"");
}

void stele_job_columns(stele_text *text, const char *prefix, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        stele_text_string(text, i == 0 ? "" : ", ");
        stele_text_string(text, prefix);
        stele_job_name(text, names[i]);
    }
}

/*
 * sha256(version of the script || record_send(ROW(a, b))): an edit of what makes no vector pays for nothing again. The binary form of a row is the same in every session, whatever DateStyle, TimeZone or extra_float_digits are there, which
 * ROW(a, b)::text isn't. It is cheaper, too: 1.3 us a row of a text of 800 bytes, to 3.9 us of convert_to(ROW(a, b)::text, 'UTF8'), with PostgreSQL 17. It holds the number of each type:
 * those of PostgreSQL's own are the same everywhere, but the number of a type that an extension or somebody made is another one after a dump and a restore, and all rows would seem changed,
 * and be paid for again. So a column of such a type goes in as the bytes that its send function gives; and a varchar, without a function, as text.
 */
void stele_job_hash(const stele_job *job, stele_text *text, const char *alias)
{
    if (job->read_bytes == NULL || job->version == NULL) {
        text->failed = 1;
        return;
    }
    stele_text_string(text, "pg_catalog.sha256(pg_catalog.convert_to('");
    stele_text_string(text, job->version); /* a tag and hex digits */
    stele_text_string(text, "', 'UTF8') OPERATOR(pg_catalog.||) pg_catalog.record_send(ROW(");
    for (size_t i = 0; i < job->spec->read_count; i++) {
        const char *function = job->read_bytes[i];
        stele_text_string(text, i == 0 ? "" : ", ");
        stele_text_string(text, function == NULL ? "" : function);
        stele_text_string(text, function == NULL ? "" : "(CAST(");
        stele_text_string(text, alias);
        stele_text_string(text, ".");
        stele_job_name(text, job->spec->reads[i]);
        if (function != NULL) {
            stele_text_string(text, " AS ");
            stele_text_string(text, function + strlen(function) + 1);
            stele_text_string(text, "))");
        }
    }
    stele_text_string(text, ")))");
}

/*
 * A subquery without a reference to what is around it is an InitPlan, and a condition of nothing else a One-Time Filter: it is evaluated before the first row. Set locally, the values are
 * gone when the statement is. All output functions, those that the server calls for the wire as well, run after it.
 */
void stele_job_pin(stele_text *text)
{
    static const char *const settings[][2] = {{"DateStyle", "ISO, YMD"}, {"IntervalStyle", "iso_8601"}, {"TimeZone", "UTC"}, {"extra_float_digits", "1"}, {"bytea_output", "hex"}};
    stele_text_string(text, "(SELECT pg_catalog.concat(");
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        stele_text_print(text, "%spg_catalog.set_config('%s', '%s', true)", i == 0 ? "" : ", ", settings[i][0], settings[i][1]);
    stele_text_string(text, ")) IS NOT NULL");
}

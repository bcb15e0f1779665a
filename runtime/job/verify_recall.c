/*
 * verify_recall.c - does the index find what an exact search finds?
 *
 * Some stored vectors serve as questions. Each is asked twice, in short transactions of its own: with the index, and without. What of the exact answer's distance the index's answer
 * has as well is the recall; the row that the question comes from doesn't count. The operator is the index's own, with the settings that the session has.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "verify.h"

enum { SECONDS = 120 };

/* How the index is asked. */
typedef struct way {
    const char *expression, *type, *operator, *condition, *index, *method; /* of its first column; condition "" where it isn't partial */
    stele_rows *rows;
} way;

/* The script's index; or one that somebody made. hnsw and ivfflat order by an operator of their operator class. */
static const char ways[] =
    "SELECT pg_catalog.pg_get_indexdef(i.indexrelid, 1, true), pg_catalog.format_type(a.atttypid, a.atttypmod), pg_catalog.format('OPERATOR(%I.%s)', p.nspname, o.oprname),"
    " coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), ''), c.relname, m.amname"
    " FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid"
    " JOIN pg_catalog.pg_am AS m ON m.oid OPERATOR(pg_catalog.=) c.relam"
    " JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attnum OPERATOR(pg_catalog.=) 1"
    " JOIN pg_catalog.pg_opclass AS k ON k.oid OPERATOR(pg_catalog.=) i.indclass[0]"
    " JOIN pg_catalog.pg_amop AS f ON f.amopfamily OPERATOR(pg_catalog.=) k.opcfamily AND f.amoppurpose OPERATOR(pg_catalog.=) 'o' AND f.amoplefttype OPERATOR(pg_catalog.=) k.opcintype"
    " JOIN pg_catalog.pg_operator AS o ON o.oid OPERATOR(pg_catalog.=) f.amopopr JOIN pg_catalog.pg_namespace AS p ON p.oid OPERATOR(pg_catalog.=) o.oprnamespace"
    " WHERE i.indrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND i.indisvalid AND m.amname OPERATOR(pg_catalog.=) ANY ('{hnsw,ivfflat}'::pg_catalog.name[])"
    " AND pg_catalog.strpos(pg_catalog.pg_get_indexdef(i.indexrelid, 1, true), pg_catalog.quote_ident($2)) OPERATOR(pg_catalog.>) 0"
    " ORDER BY pg_catalog.strpos($3, pg_catalog.quote_ident(c.relname)) OPERATOR(pg_catalog.>) 0 DESC, c.oid LIMIT 1";

static stele_status find_way(stele_verifying *v, way *w, stele_error *error)
{
    char oid[16], name[300] = "";
    bool valid;
    const char *values[] = {oid, v->job->spec->vector, name};
    snprintf(oid, sizeof oid, "%u", v->shape->into_oid);
    stele_status status = v->job->spec->index == NULL ? STELE_OK : stele_job_find_index(v->job, v->shape, name, &valid, error);
    if (status == STELE_OK)
        status = stele_link_query(&v->job->handle->link, ways, 3, values, &w->rows, error);
    if (status != STELE_OK || stele_rows_count(w->rows) == 0)
        return status;
    const char **const texts[] = {&w->expression, &w->type, &w->operator, &w->condition, &w->index, &w->method};
    for (int i = 0; i < 6; i++)
        *texts[i] = stele_rows_text(w->rows, 0, i);
    return STELE_OK;
}

/* ------------------------------------------------------------------- the questions */

/* Vectors as text, with the key of each. */
static stele_status read_questions(stele_verifying *v, const way *w, stele_rows **rows, stele_error *error)
{
    stele_text text = {0};
    stele_text_string(&text, "SELECT ");
    stele_job_key_array(v->job, &text, "t");
    stele_text_print(&text, ", (%s)::pg_catalog.text FROM (SELECT t.* FROM %s AS t", w->expression, stele_job_target(v->job));
    stele_status status = stele_verify_part(v, v->shape->into_oid, v->job->spec->verify.recall_queries, &text, error);
    stele_text_print(&text, " WHERE (%s) IS NOT NULL%s%s%s ORDER BY pg_catalog.random() LIMIT %u) AS t WHERE ", w->expression, w->condition[0] == '\0' ? "" : " AND (", w->condition,
                     w->condition[0] == '\0' ? "" : ")", v->job->spec->verify.recall_queries);
    stele_job_pin(&text);
    if (status == STELE_OK)
        status = text.failed ? stele_error_memory(error) : stele_job_bounded(v->job, SECONDS * 1000, NULL, text.bytes, 0, NULL, rows, error);
    stele_text_free(&text);
    return status;
}

/* The nearest, with their distances; one more than is asked for, since the first may be the question itself. */
static void put_search(const stele_verifying *v, const way *w, stele_text *text)
{
    stele_text_string(text, "SELECT q.d FROM (SELECT ");
    stele_job_key_array(v->job, text, "t");
    stele_text_print(text, " AS k, (%s) %s $1::%s AS d FROM %s AS t", w->expression, w->operator, w->type, stele_job_target(v->job));
    if (w->condition[0] != '\0')
        stele_text_print(text, " WHERE (%s)", w->condition);
    stele_text_print(text, " ORDER BY (%s) %s $1::%s LIMIT %u) AS q WHERE ", w->expression, w->operator, w->type, v->job->spec->verify.recall_at + 1);
    stele_job_pin(text);
    stele_text_string(text, " AND q.k OPERATOR(pg_catalog.<>) $2::pg_catalog.text[] ORDER BY q.d");
}

static const char with_index[] = "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off;";
static const char without_index[] = "SET LOCAL enable_indexscan = off;";

/* Is it the index that answers? Else the recall of an exact search would be told. */
static stele_status uses_index(stele_verifying *v, const way *w, const char *search, const char *const *values, bool *uses, stele_error *error)
{
    stele_rows *rows = NULL;
    stele_text text = {0};
    stele_text_print(&text, "EXPLAIN (COSTS OFF) %s", search);
    stele_status status = text.failed ? stele_error_memory(error) : stele_job_bounded(v->job, SECONDS * 1000, with_index, text.bytes, 2, values, &rows, error);
    *uses = false;
    for (int i = 0; rows != NULL && i < stele_rows_count(rows); i++)
        *uses |= strstr(stele_rows_text(rows, i, 0), "Index Scan") != NULL && strstr(stele_rows_text(rows, i, 0), w->index) != NULL;
    stele_rows_free(rows);
    stele_text_free(&text);
    return status;
}

/* A number that the server wrote: its point is one, whatever the locale has. */
static double read_real(const char *text)
{
    double number = 0, place = 0;
    bool negative = *text == '-';
    for (text += negative; (*text >= '0' && *text <= '9') || *text == '.'; text++) {
        if (*text == '.')
            place = 1;
        else if (place > 0)
            number += (*text - '0') * (place /= 10);
        else
            number = number * 10 + (*text - '0');
    }
    if (*text == 'e')
        number *= pow(10, (double)strtol(text + 1, NULL, 10));
    return negative ? -number : number;
}

/* How many of the exact answer's first are in the other: by distance, so that of several that are equally near either is right. */
static void count_found(stele_verifying *v, const stele_rows *exact, const stele_rows *found, int64_t *hits, int64_t *wanted)
{
    int most = (int)v->job->spec->verify.recall_at, count = stele_rows_count(exact) < most ? stele_rows_count(exact) : most, near = 0;
    if (count == 0)
        return;
    double furthest = read_real(stele_rows_text(exact, count - 1, 0));
    furthest += 1e-6 * (fabs(furthest) > 1 ? fabs(furthest) : 1);
    for (int i = 0; i < stele_rows_count(found) && near < count; i++)
        near += read_real(stele_rows_text(found, i, 0)) <= furthest;
    *hits += near;
    *wanted += count;
}

/* ------------------------------------------------------------------------- the check */

typedef struct measured {
    int64_t hits, wanted;
    int asked;
    bool uses;
} measured;

static stele_status measure(stele_verifying *v, const way *w, const stele_rows *questions, measured *m, stele_error *error)
{
    int64_t until = stele_clock() + (int64_t)SECONDS * 1000000;
    stele_text search = {0};
    put_search(v, w, &search);
    stele_status status = search.failed ? stele_error_memory(error) : STELE_OK;
    for (int i = 0; i < stele_rows_count(questions) && status == STELE_OK; i++) {
        const char *values[] = {stele_rows_text(questions, i, 1), stele_rows_text(questions, i, 0)};
        stele_rows *found = NULL, *exact = NULL;
        int64_t left = (until - stele_clock()) / 1000;
        if (left <= 0)
            break;
        status = stele_job_between(v->job, error);
        if (status == STELE_OK && i == 0)
            status = uses_index(v, w, search.bytes, values, &m->uses, error);
        if (status == STELE_OK && !m->uses)
            break;
        if (status == STELE_OK)
            status = stele_job_bounded(v->job, (unsigned)left, with_index, search.bytes, 2, values, &found, error);
        if (status == STELE_OK && found != NULL)
            status = stele_job_bounded(v->job, (unsigned)left, without_index, search.bytes, 2, values, &exact, error);
        if (status == STELE_OK && exact != NULL) {
            count_found(v, exact, found, &m->hits, &m->wanted);
            m->asked++;
        }
        stele_rows_free(found);
        stele_rows_free(exact);
    }
    stele_text_free(&search);
    return status;
}

static void tell(stele_verifying *v, const way *w, const measured *m)
{
    const stele_job_verification *verify = &v->job->spec->verify;
    double recall = m->wanted == 0 ? 1 : (double)m->hits / (double)m->wanted;
    if (!m->uses && m->asked == 0) {
        stele_verify_note(v, "the planner doesn't use the index \"%s\" for the nearest of a vector", w->index);
        stele_verify_tell(v, "recall", false, "recall@%u couldn't be measured", verify->recall_at);
        return;
    }
    if (m->asked == 0) {
        stele_verify_note(v, "an exact search takes longer than %d s", SECONDS);
        stele_verify_tell(v, "recall", false, "recall@%u couldn't be measured", verify->recall_at);
        return;
    }
    stele_verify_note(v, "%s finds too little: a higher %s finds more, in more time; or build it with more", w->index, strcmp(w->method, "hnsw") == 0 ? "hnsw.ef_search" : "ivfflat.probes");
    stele_verify_tell(v, "recall", recall >= verify->recall, "recall@%u of %d queries is %.3f, at least %.3f is asked for", verify->recall_at, m->asked, recall, verify->recall);
}

stele_status stele_verify_recall(stele_verifying *v, stele_error *error)
{
    way w = {0};
    measured m = {0};
    stele_rows *questions = NULL;
    if (v->job->spec->kind != STELE_JOB_EMBEDS || v->job->spec->verify.recall <= 0)
        return STELE_OK;
    stele_status status = find_way(v, &w, error);
    if (status == STELE_OK && w.expression == NULL) {
        stele_verify_note(v, "there is no valid index, hnsw or ivfflat, on \"%s\"", v->job->spec->vector);
        stele_verify_tell(v, "recall", false, "recall@%u couldn't be measured", v->job->spec->verify.recall_at);
    } else if (status == STELE_OK) {
        status = read_questions(v, &w, &questions, error);
        bool any = questions != NULL && stele_rows_count(questions) > 0;
        if (status == STELE_OK && any)
            status = measure(v, &w, questions, &m, error);
        if (status == STELE_OK && any)
            tell(v, &w, &m);
        else if (status == STELE_OK)
            stele_verify_tell(v, "recall", true, "recall@%u: there are no vectors to ask for", v->job->spec->verify.recall_at);
    }
    stele_rows_free(questions);
    stele_rows_free(w.rows);
    return status;
}

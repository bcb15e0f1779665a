/* follow_function.c - the function that the triggers call: what it notes, and as whom */
#include <stdio.h>
#include <string.h>

#include "../error.h"
#include "follow_inside.h"
#include "sql.h"

void stele_follow_name(const stele_job *job, stele_text *text)
{
    stele_text_print(text, "%s.follow_%d", job->schema, job->id);
}

/* SELECT key FROM one of the transition tables, of the rows that the job is about. With a `weight`, what text and map see as well, as stele_job_hash takes it. */
static void put_rows(const stele_job *job, stele_text *text, const char *table, const char *weight)
{
    const stele_job_spec *spec = job->spec;
    stele_text_string(text, "SELECT ");
    stele_job_key_array(job, text, "s");
    stele_text_string(text, " AS k");
    if (weight != NULL) {
        stele_text_string(text, ", pg_catalog.record_send(ROW(");
        stele_job_columns(text, "s.", spec->reads, spec->read_count);
        stele_text_print(text, ")) AS i, %s AS w", weight);
    }
    stele_text_print(text, " FROM %s AS s WHERE true", table);
    stele_sql_where(job, text);
}

/* The keys of rows that came, went, or were changed: what is in both sets weighs nothing. */
static void put_changes(const stele_job *job, stele_text *text)
{
    stele_text_string(text, "SELECT DISTINCT d.k FROM (SELECT b.k FROM (");
    put_rows(job, text, "stele_new", "1");
    stele_text_string(text, " UNION ALL ");
    put_rows(job, text, "stele_old", "-1");
    stele_text_string(text, ") AS b GROUP BY b.k, b.i HAVING pg_catalog.sum(b.w) OPERATOR(pg_catalog.<>) 0) AS d");
}

static void put_case(stele_text *text, const char *condition)
{
    stele_text_print(text, "%s\n    keys := (SELECT pg_catalog.array_agg(c.k::pg_catalog.text) FROM (", condition);
}

/*
 * The keys are gathered first, in a block that writes nothing and so takes no transaction number of its own; then they are noted. Where they can't be, or are too
 * many for an array, a key that is NULL says: everything.
 */
static void put_body(const stele_job *job, const char *tree, stele_text *text)
{
    stele_text_print(text, STELE_FOLLOW_OF "%s\nDECLARE keys pg_catalog.text[];\nBEGIN\n  BEGIN\n", tree);
    put_case(text, "    IF TG_OP OPERATOR(pg_catalog.=) 'INSERT' THEN");
    put_rows(job, text, "stele_new", NULL);
    put_case(text, ") AS c);\n    ELSIF TG_OP OPERATOR(pg_catalog.=) 'UPDATE' THEN");
    put_changes(job, text);
    put_case(text, ") AS c);\n    ELSIF TG_OP OPERATOR(pg_catalog.=) 'DELETE' THEN");
    put_rows(job, text, "stele_old", NULL);
    stele_text_print(text,
                     ") AS c);\n    ELSE\n      keys := ARRAY[NULL];\n    END IF;\n"
                     "  EXCEPTION WHEN OTHERS THEN\n    keys := ARRAY[NULL];\n  END;\n"
                     "  INSERT INTO %s.dirty (job, key) SELECT %d, k::pg_catalog.text[] FROM pg_catalog.unnest(keys) AS k;\n"
                     "  RETURN NULL;\nEND ",
                     job->schema, job->id);
}

/*
 * The schemas that `where` may find its functions in: those of this session's path where not everybody may put some, since they run as the owner of the function; and
 * the table's whole name, which needs no path; and which tables it is.
 */
typedef struct place {
    stele_rows *rows;
    const char *path, *table, *tree;
} place;

static stele_status find_place(stele_job *job, const stele_job_shape *shape, place *found, stele_error *error)
{
    static const char sql[] =
        STELE_FOLLOW_TREE " SELECT 'pg_catalog, ' OPERATOR(pg_catalog.||) coalesce(pg_catalog.string_agg(pg_catalog.quote_ident(p.name) OPERATOR(pg_catalog.||) ', ', '' ORDER BY p.at), '')"
        " OPERATOR(pg_catalog.||) 'pg_temp', (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class AS c"
        " JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid), " STELE_FOLLOW_NUMBERS
        " FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS p(name, at)"
        " WHERE p.name OPERATOR(pg_catalog.<>) 'pg_catalog' AND NOT pg_catalog.has_schema_privilege('public', p.name::pg_catalog.text, 'CREATE')";
    char oid[16];
    const char *value = oid;
    snprintf(oid, sizeof oid, "%u", shape->table_oid);
    stele_status status = stele_link_query(&job->handle->link, sql, 1, &value, &found->rows, error);
    if (status == STELE_OK && (found->table = stele_rows_text(found->rows, 0, 1)) == NULL)
        status = stele_error_set(error, STELE_UNMET, "the table %s isn't there any more", job->spec->table);
    if (status == STELE_OK) {
        found->path = stele_rows_text(found->rows, 0, 0);
        found->tree = stele_rows_text(found->rows, 0, 2);
    }
    return status;
}

/* Is the text of such a key the same whatever a session has set? */
static bool is_steady(const char *type)
{
    static const char *const types[] = {"smallint", "integer", "bigint", "numeric", "text", "character varying", "character", "uuid", "boolean"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strncmp(type, types[i], strlen(types[i])) == 0 && strchr("(", type[strlen(types[i])]) != NULL)
            return true;
    return false;
}

/* Of the other keys it is that of stele_job_pin. Not always, since each SET costs every statement of the application some microseconds. */
static void put_settings(const stele_job *job, const stele_job_shape *shape, stele_text *text)
{
    for (size_t i = 0; shape != NULL && i < job->spec->key_count; i++)
        if (!is_steady(shape->key_types[i])) {
            stele_text_string(text, " SET datestyle = 'ISO, YMD' SET intervalstyle = 'iso_8601' SET extra_float_digits = '1' SET bytea_output = 'hex' SET timezone = 'UTC'");
            return;
        }
}

/* CREATE FUNCTION, with a body; quoted so that no `where` can end it. */
static void put_create(const stele_job *job, const stele_job_shape *shape, stele_text *text, const char *path, const stele_text *body)
{
    stele_text_string(text, "CREATE OR REPLACE FUNCTION ");
    stele_follow_name(job, text);
    stele_text_print(text, "() RETURNS pg_catalog.trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = %s", path);
    put_settings(job, shape, text);
    stele_text_string(text, " AS ");
    text->failed |= body->failed;
    if (!text->failed)
        stele_psql_dollars(text, body->bytes, body->length);
    stele_text_string(text, ";\nREVOKE ALL ON FUNCTION ");
    stele_follow_name(job, text);
    stele_text_string(text, "() FROM PUBLIC;\n");
}

void stele_follow_put_idle(const stele_job *job, stele_text *text)
{
    stele_text idle = {0};
    stele_text_string(&idle, STELE_FOLLOW_IDLE);
    put_create(job, NULL, text, "pg_catalog, pg_temp", &idle);
    stele_text_free(&idle);
}

/* Is it a function, a type, a table, a schema, an operator that wasn't found? */
static bool is_unknown_name(const char *sqlstate)
{
    static const char *const states[] = {"42883", "42704", "42P01", "3F000", "42725", NULL};
    return stele_sqlstate_is(sqlstate, states);
}

/*
 * " FROM ...": a row, where there is the function already, though it or a trigger is missing or was off: what was changed meanwhile, nobody noted. Before the first chunk is made, nothing was
 * read that could have been changed since; it's another worker then who is about to make them.
 */
static void put_gap(const stele_job *job, stele_text *text)
{
    stele_text name = {0};
    stele_follow_name(job, &name);
    stele_text_string(&name, "()");
    text->failed |= name.failed;
    if (!text->failed) {
        stele_text_string(text, " FROM pg_catalog.pg_proc AS p WHERE p.oid OPERATOR(pg_catalog.=) pg_catalog.to_regprocedure(");
        stele_psql_literal(text, name.bytes);
        stele_text_print(text, ")::pg_catalog.oid AND EXISTS (SELECT FROM %s.chunk WHERE job OPERATOR(pg_catalog.=) %d)", job->schema, job->id);
    }
    stele_text_free(&name);
}

/* Then everything is to be looked at. Only of a job that embeds, since its hashes tell what was done; another one would do each row twice. */
static void put_everything(const stele_job *job, stele_text *text)
{
    if (job->spec->kind != STELE_JOB_EMBEDS)
        return;
    stele_text_print(text, "INSERT INTO %s.dirty (job, key) SELECT %d, NULL", job->schema, job->id);
    put_gap(job, text);
    stele_text_string(text, ";\n");
}

/* Of another one, all that can be done is to say so. */
stele_status stele_follow_find_gap(stele_job *job, bool *gap, stele_error *error)
{
    stele_text text = {0};
    stele_rows *rows = NULL;
    *gap = false;
    if (job->spec->kind == STELE_JOB_EMBEDS)
        return STELE_OK;
    stele_text_string(&text, "SELECT 1");
    put_gap(job, &text);
    stele_status status = text.failed ? stele_error_memory(error) : stele_link_query(&job->handle->link, text.bytes, 0, NULL, &rows, error);
    *gap = status == STELE_OK && stele_rows_count(rows) > 0;
    stele_rows_free(rows);
    stele_text_free(&text);
    return status;
}

stele_status stele_follow_make_function(stele_job *job, const stele_job_shape *shape, stele_error *error)
{
    stele_text text = {0}, body = {0};
    place found = {0};
    stele_status status = find_place(job, shape, &found, error);
    if (status == STELE_OK) {
        put_body(job, found.tree, &body);
        put_everything(job, &text);
        put_create(job, shape, &text, found.path, &body);
        if (job->spec->where != NULL)
            stele_text_print(&text, "SET LOCAL search_path = %s;\nSELECT FROM %s AS s WHERE (%s\n) LIMIT 0;\n", found.path, found.table, job->spec->where);
        status = text.failed ? stele_error_memory(error) : stele_job_gently(job, text.bytes, STELE_FOLLOW_CREATE_WAIT, error);
    }
    if (status == STELE_FAILED && error != NULL && job->spec->where != NULL && is_unknown_name(error->sqlstate)) {
        error->status = status = STELE_UNMET;
        stele_error_hint(error, "the triggers run as this role, and so with search_path = %s: write the names in `where` with their schemas", found.path);
    }
    stele_rows_free(found.rows);
    stele_text_free(&text);
    stele_text_free(&body);
    return status;
}

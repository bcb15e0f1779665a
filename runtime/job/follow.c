/*
 * follow.c - triggers that note the keys of rows that are changed while a job lasts
 *
 * One function for each job, in the ledger's schema and of its owner; and for each of the table, its partitions and children, four triggers, since a
 * statement that names a partition fires only that one's. They are triggers of statements, with transition tables: what an application pays is one more
 * INSERT per statement, of the keys of rows whose input was changed: measured with PostgreSQL 17, some 70 us a statement, and of rows of 800 bytes 8 to 18 us each. They see rows that come by INSERT, COPY, MERGE, ON CONFLICT, cascades, and rows that
 * move between partitions; not those of ATTACH and DETACH PARTITION, nor what logical replication applies. A writer needs no right on stele's tables, and a writer is never
 * failed by them: what can't be evaluated any more, after a column went, notes that everything is to be looked at.
 */
#include <stdio.h>
#include <string.h>

#include "../error.h"
#include "../lock.h"
#include "after.h"
#include "sql.h"

enum { CREATE_WAIT = 1000, DROP_WAIT = 200 }; /* milliseconds: whoever waits behind us for the table waits so long, too */

/* The events, and the transition tables of each. */
static const struct event {
    const char *name, *tables;
} events[] = {{"insert", " REFERENCING NEW TABLE AS stele_new"},
              {"update", " REFERENCING OLD TABLE AS stele_old NEW TABLE AS stele_new"},
              {"delete", " REFERENCING OLD TABLE AS stele_old"},
              {"truncate", ""}};
enum { EVENTS = sizeof events / sizeof *events };

/* ------------------------------------------------------------- the function */

static void put_function(const stele_job *job, stele_text *text)
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
static void put_body(const stele_job *job, stele_text *text)
{
    stele_text_string(text, "DECLARE keys pg_catalog.text[];\nBEGIN\n  BEGIN\n");
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
 * the table's whole name, which needs no path.
 */
typedef struct place {
    stele_rows *rows;
    const char *path, *table;
} place;

static stele_status find_place(stele_job *job, const stele_job_shape *shape, place *found, stele_error *error)
{
    static const char sql[] =
        "SELECT 'pg_catalog, ' OPERATOR(pg_catalog.||) coalesce(pg_catalog.string_agg(pg_catalog.quote_ident(p.name) OPERATOR(pg_catalog.||) ', ', '' ORDER BY p.at), '')"
        " OPERATOR(pg_catalog.||) 'pg_temp', (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class AS c"
        " JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid)"
        " FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS p(name, at)"
        " WHERE p.name OPERATOR(pg_catalog.<>) 'pg_catalog' AND NOT pg_catalog.has_schema_privilege('public', p.name::pg_catalog.text, 'CREATE')";
    char oid[16];
    const char *value = oid;
    snprintf(oid, sizeof oid, "%u", shape->table_oid);
    stele_status status = stele_link_query(&job->handle->link, sql, 1, &value, &found->rows, error);
    if (status == STELE_OK && (found->table = stele_rows_text(found->rows, 0, 1)) == NULL)
        status = stele_error_set(error, STELE_UNMET, "the table %s isn't there any more", job->spec->table);
    if (status == STELE_OK)
        found->path = stele_rows_text(found->rows, 0, 0);
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
    put_function(job, text);
    stele_text_print(text, "() RETURNS pg_catalog.trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = %s", path);
    put_settings(job, shape, text);
    stele_text_string(text, " AS ");
    text->failed |= body->failed;
    if (!text->failed)
        stele_psql_dollars(text, body->bytes, body->length);
    stele_text_string(text, ";\nREVOKE ALL ON FUNCTION ");
    put_function(job, text);
    stele_text_string(text, "() FROM PUBLIC;\n");
}

/* Is it a function, a type, a table, a schema, an operator that wasn't found? */
static bool is_unknown_name(const char *sqlstate)
{
    static const char *const states[] = {"42883", "42704", "42P01", "3F000", "42725"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(sqlstate, states[i]) == 0)
            return true;
    return false;
}

/* What the function does when its triggers are about to be dropped: nothing. Where they then weren't, it has to be made anew. */
#define IDLE "BEGIN RETURN NULL; END"

/*
 * " FROM ...": a row, where there is the function already, though it or a trigger is missing or was off: what was changed meanwhile, nobody noted. Before the first chunk is made, nothing was
 * read that could have been changed since; it's another worker then who is about to make them.
 */
static void put_gap(const stele_job *job, stele_text *text)
{
    stele_text name = {0};
    put_function(job, &name);
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
static stele_status find_gap(stele_job *job, bool *gap, stele_error *error)
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

/* Make the function; and see that `where` means something there, now and not when somebody writes. */
static stele_status make_function(stele_job *job, const stele_job_shape *shape, stele_error *error)
{
    stele_text text = {0}, body = {0};
    place found = {0};
    stele_status status = find_place(job, shape, &found, error);
    if (status == STELE_OK) {
        put_body(job, &body);
        put_everything(job, &text);
        put_create(job, shape, &text, found.path, &body);
        if (job->spec->where != NULL)
            stele_text_print(&text, "SET LOCAL search_path = %s;\nSELECT FROM %s AS s WHERE (%s\n) LIMIT 0;\n", found.path, found.table, job->spec->where);
        status = text.failed ? stele_error_memory(error) : stele_job_gently(job, text.bytes, CREATE_WAIT, error);
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

/* ------------------------------------------------------------ the triggers */

/* The table, with all below it: those that haven't got all four, or in which one is off; or all, where their function does nothing. */
static const char without_triggers[] =
    "WITH RECURSIVE tree(oid) AS (SELECT $1::pg_catalog.oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN tree AS t"
    " ON i.inhparent OPERATOR(pg_catalog.=) t.oid)"
    " SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.pg_has_role(c.relowner, 'USAGE'), c.relkind OPERATOR(pg_catalog.=) 'f'"
    " FROM tree AS t JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) t.oid"
    " JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " WHERE (SELECT pg_catalog.count(*) FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid OPERATOR(pg_catalog.=) c.oid"
    " AND g.tgfoid OPERATOR(pg_catalog.=) pg_catalog.to_regprocedure($2)::pg_catalog.oid"
    " AND g.tgenabled OPERATOR(pg_catalog.=) ANY ('{O,A}'::\"char\"[])) OPERATOR(pg_catalog.<) 4 OR EXISTS (SELECT FROM pg_catalog.pg_proc AS p"
    " WHERE p.oid OPERATOR(pg_catalog.=) pg_catalog.to_regprocedure($2)::pg_catalog.oid AND p.prosrc OPERATOR(pg_catalog.=) '" IDLE "') ORDER BY t.oid";

/* The ledger's schema, the job and the event; the number tells jobs apart. */
static void put_trigger(const stele_job *job, stele_text *text, const char *event)
{
    char schema[41], name[80];
    const char *own = job->handle->options.schema;
    stele_error_copy(schema, sizeof schema, own == NULL ? "stele" : own);
    snprintf(name, sizeof name, "%s_%d_%s", schema, job->id, event);
    stele_job_name(text, name);
}

/* Of one table; ALWAYS, so that session_replication_role doesn't keep them from firing, where this role owns the table. */
static void put_triggers(const stele_job *job, stele_text *text, const char *table, bool owned)
{
    for (size_t i = 0; i < EVENTS; i++) {
        stele_text_string(text, "CREATE OR REPLACE TRIGGER ");
        put_trigger(job, text, events[i].name);
        stele_text_print(text, " AFTER %s ON %s%s FOR EACH STATEMENT EXECUTE FUNCTION ", events[i].name, table, events[i].tables);
        put_function(job, text);
        stele_text_string(text, "();\n");
        if (!owned)
            continue;
        stele_text_print(text, "ALTER TABLE %s ENABLE ALWAYS TRIGGER ", table);
        put_trigger(job, text, events[i].name);
        stele_text_string(text, ";\n");
    }
}

static stele_status find_without(stele_job *job, const stele_job_shape *shape, stele_rows **rows, stele_error *error)
{
    char oid[16];
    stele_text function = {0};
    snprintf(oid, sizeof oid, "%u", shape->table_oid);
    put_function(job, &function);
    stele_text_string(&function, "()");
    const char *values[] = {oid, function.bytes};
    *rows = NULL;
    stele_status status = function.failed ? stele_error_memory(error) : stele_link_query(&job->handle->link, without_triggers, 2, values, rows, error);
    stele_text_free(&function);
    return status;
}

/* Not being allowed to is no fault: the sweep finds what was changed, too. */
static stele_status explain(const stele_job *job, stele_status status, const char *table, stele_error *error)
{
    if (status != STELE_FAILED || error == NULL || (strcmp(error->sqlstate, "42501") != 0 && strcmp(error->sqlstate, "42809") != 0))
        return status;
    error->status = STELE_UNMET;
    stele_error_hint(error, "triggers on %s need its right TRIGGER, their function CREATE on the schema %s, where it belongs to the role that began the job; without them follow = \"sweep\""
                            " finds what was changed, by reading all of it again", table, job->schema);
    return STELE_UNMET;
}

static stele_status make_for(stele_job *job, const stele_rows *rows, int row, stele_error *error)
{
    const char *table = stele_rows_text(rows, row, 0);
    stele_text text = {0};
    if (stele_rows_true(rows, row, 2)) {
        stele_error_set(error, STELE_UNMET, "%s is a foreign table, whose triggers can't see which rows a statement changes", table);
        stele_error_hint(error, "follow = \"sweep\" finds what was changed, by reading all of it again");
        return STELE_UNMET;
    }
    put_triggers(job, &text, table, stele_rows_true(rows, row, 1));
    stele_status status = text.failed ? stele_error_memory(error) : stele_job_gently(job, text.bytes, CREATE_WAIT, error);
    stele_text_free(&text);
    return explain(job, status, table, error);
}

stele_status stele_job_make_triggers(stele_job *job, const stele_job_shape *shape, stele_error *error)
{
    stele_rows *rows;
    bool gap = false;
    stele_status status = find_without(job, shape, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) > 0)
        status = find_gap(job, &gap, error);
    if (status == STELE_OK && stele_rows_count(rows) > 0)
        status = explain(job, make_function(job, shape, error), job->spec->table, error);
    for (int i = 0; status == STELE_OK && i < stele_rows_count(rows); i++)
        status = make_for(job, rows, i, error);
    stele_rows_free(rows);
    if (status == STELE_OK && gap)
        status = stele_job_warn(job, "the triggers were disabled, did nothing, or were missing for a while: rows that were changed meanwhile weren't noted, and aren't done again; where there were any, job cancel,"
                                     " then run, goes through all of the table", error);
    return status;
}

stele_status stele_job_has_triggers(stele_job *job, const stele_job_shape *shape, bool *all, stele_error *error)
{
    stele_rows *rows;
    stele_status status = find_without(job, shape, &rows, error);
    *all = status == STELE_OK && stele_rows_count(rows) == 0;
    stele_rows_free(rows);
    return status;
}

stele_status stele_job_is_followed(stele_job *job, bool *followed, stele_error *error)
{
    static const char sql[] =
        "SELECT FROM pg_catalog.pg_proc AS p WHERE p.oid OPERATOR(pg_catalog.=) pg_catalog.to_regprocedure($1)::pg_catalog.oid AND p.prosrc OPERATOR(pg_catalog.<>) '" IDLE "'";
    stele_text function = {0};
    stele_rows *rows = NULL;
    put_function(job, &function);
    stele_text_string(&function, "()");
    const char *value = function.bytes;
    stele_status status = function.failed ? stele_error_memory(error) : stele_link_query(&job->handle->link, sql, 1, &value, &rows, error);
    *followed = status == STELE_OK && stele_rows_count(rows) > 0;
    stele_rows_free(rows);
    stele_text_free(&function);
    return status;
}

/* -------------------------------------------------------------------- the end */

/* To drop a trigger, its table has to be locked against readers as well; so first the function is made to do nothing, which needs no lock. */
static const char none_left[] =
    "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.string_agg(pg_catalog.format('DROP TRIGGER IF EXISTS %I ON %I.%I;', g.tgname, n.nspname, c.relname), ' ')"
    " FROM pg_catalog.pg_trigger AS g JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) g.tgrelid"
    " JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " WHERE g.tgfoid OPERATOR(pg_catalog.=) pg_catalog.to_regprocedure($1)::pg_catalog.oid GROUP BY c.oid, n.nspname, c.relname ORDER BY c.oid";

/* Whoever may make a trigger may not therefore drop it. What is left notes nothing, and costs next to nothing; with the function it goes. */
static stele_status explain_drop(const stele_job *job, stele_status status, const char *function, stele_error *error)
{
    if (status != STELE_FAILED || error == NULL || strcmp(error->sqlstate, "42501") != 0)
        return status;
    error->status = STELE_UNMET;
    stele_error_hint(error, "triggers are dropped by the owner of their table, their function by the role that began the job: run it again as one that is a member of both; or, as the latter, DROP FUNCTION %s CASCADE"
                            " takes those of %s along", function, job->spec->table);
    return STELE_UNMET;
}

static stele_status drop_all(stele_job *job, const stele_rows *rows, const char *function, stele_error *error)
{
    stele_text text = {0}, idle = {0};
    stele_text_string(&idle, IDLE);
    put_create(job, NULL, &text, "pg_catalog, pg_temp", &idle);
    stele_status status = text.failed ? stele_error_memory(error) : stele_job_gently(job, text.bytes, CREATE_WAIT, error);
    for (int i = 0; status == STELE_OK && i < stele_rows_count(rows); i++) {
        status = stele_job_gently(job, stele_rows_text(rows, i, 1), DROP_WAIT, error);
        if (status == STELE_LOCKED)
            stele_error_detail(error, "the triggers on %s, which note nothing any more, couldn't be dropped", stele_rows_text(rows, i, 0));
    }
    text.length = 0;
    stele_text_print(&text, "DROP FUNCTION IF EXISTS %s;", function);
    if (status == STELE_OK)
        status = text.failed ? stele_error_memory(error) : stele_job_gently(job, text.bytes, CREATE_WAIT, error);
    stele_text_free(&text);
    stele_text_free(&idle);
    return explain_drop(job, status, function, error);
}

stele_status stele_job_drop_triggers(stele_job *job, stele_error *error)
{
    stele_text function = {0};
    stele_rows *rows = NULL, *there = NULL;
    put_function(job, &function);
    stele_text_string(&function, "()");
    if (function.failed)
        return stele_error_memory(error);
    const char *value = function.bytes;
    stele_status status = stele_link_query(&job->handle->link, "SELECT pg_catalog.to_regprocedure($1) IS NOT NULL", 1, &value, &there, error);
    bool exists = status == STELE_OK && stele_rows_true(there, 0, 0);
    if (exists)
        status = stele_link_query(&job->handle->link, none_left, 1, &value, &rows, error);
    if (exists && status == STELE_OK)
        status = drop_all(job, rows, function.bytes, error);
    stele_rows_free(rows);
    stele_rows_free(there);
    stele_text_free(&function);
    return status;
}

/*
 * follow.c - triggers that note the keys of rows that are changed while a job lasts
 *
 * One function for each job, in the ledger's schema and of its owner; and for each of the table, its partitions and children, four triggers, since a
 * statement that names a partition fires only that one's. They are triggers of statements, with transition tables: what an application pays is one more
 * INSERT per statement, of the keys of rows whose input was changed: measured with PostgreSQL 17, some 70 us a statement, and of rows of 800 bytes 8 to 18 us each. They see rows that come by INSERT, COPY, MERGE, ON CONFLICT, cascades, and rows that
 * move between partitions; not those of ATTACH and DETACH PARTITION, which the next run finds, nor what logical replication applies. A writer needs no right on stele's tables, and a writer is never
 * failed by them: what can't be evaluated any more, after a column went, notes that everything is to be looked at.
 */
#include <stdio.h>
#include <string.h>

#include "../error.h"
#include "../lock.h"
#include "follow_inside.h"

/* The events, and the transition tables of each. */
static const struct event {
    const char *name, *tables;
} events[] = {{"insert", " REFERENCING NEW TABLE AS stele_new"},
              {"update", " REFERENCING OLD TABLE AS stele_old NEW TABLE AS stele_new"},
              {"delete", " REFERENCING OLD TABLE AS stele_old"},
              {"truncate", ""}};
enum { EVENTS = sizeof events / sizeof *events };

/* ------------------------------------------------------------ the triggers */

/*
 * The table, with all below it: those that haven't got all four, or in which one is off; or all, where their function does nothing. Of a job that embeds, $3, the table as well where it had other
 * ones below it. With $4, also those of which one was off, and is enabled again: the owner's fire always (see put_triggers), and it doesn't any more.
 */
static const char without_triggers[] =
    STELE_FOLLOW_TREE ", p AS (SELECT p.oid, p.prosrc FROM pg_catalog.pg_proc AS p WHERE p.oid OPERATOR(pg_catalog.=) pg_catalog.to_regprocedure($2)::pg_catalog.oid)"
    " SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.pg_has_role(c.relowner, 'USAGE'), c.relkind OPERATOR(pg_catalog.=) 'f'"
    " FROM tree AS t JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) t.oid"
    " JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " WHERE (SELECT pg_catalog.count(*) FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid OPERATOR(pg_catalog.=) c.oid"
    " AND g.tgfoid OPERATOR(pg_catalog.=) (SELECT p.oid FROM p)"
    " AND g.tgenabled OPERATOR(pg_catalog.=) ANY (CASE WHEN $4::pg_catalog.bool AND pg_catalog.pg_has_role(c.relowner, 'USAGE') THEN '{A}'::\"char\"[] ELSE '{O,A}' END)) OPERATOR(pg_catalog.<) 4"
    " OR EXISTS (SELECT FROM p WHERE p.prosrc OPERATOR(pg_catalog.=) '" STELE_FOLLOW_IDLE "')"
    " OR ($3::pg_catalog.bool AND t.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND NOT EXISTS (SELECT FROM p WHERE pg_catalog.starts_with(p.prosrc,"
    " '" STELE_FOLLOW_OF "' OPERATOR(pg_catalog.||) " STELE_FOLLOW_NUMBERS " OPERATOR(pg_catalog.||) E'\\n')))"
    " ORDER BY t.oid";

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
        stele_follow_name(job, text);
        stele_text_string(text, "();\n");
        if (!owned)
            continue;
        stele_text_print(text, "ALTER TABLE %s ENABLE ALWAYS TRIGGER ", table);
        put_trigger(job, text, events[i].name);
        stele_text_string(text, ";\n");
    }
}

static stele_status find_without(stele_job *job, const stele_job_shape *shape, bool was_off, stele_rows **rows, stele_error *error)
{
    char oid[16];
    stele_text function = {0};
    snprintf(oid, sizeof oid, "%u", shape->table_oid);
    stele_follow_name(job, &function);
    stele_text_string(&function, "()");
    const char *values[] = {oid, function.bytes, job->spec->kind == STELE_JOB_EMBEDS ? "t" : "f", was_off ? "t" : "f"};
    *rows = NULL;
    stele_status status = function.failed ? stele_error_memory(error) : stele_link_query(&job->handle->link, without_triggers, 4, values, rows, error);
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
    stele_status status = text.failed ? stele_error_memory(error) : stele_job_gently(job, text.bytes, STELE_FOLLOW_CREATE_WAIT, error);
    stele_text_free(&text);
    return explain(job, status, table, error);
}

stele_status stele_job_make_triggers(stele_job *job, const stele_job_shape *shape, stele_error *error)
{
    stele_rows *rows;
    bool gap = false;
    stele_status status = find_without(job, shape, true, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) > 0)
        status = stele_follow_find_gap(job, &gap, error);
    if (status == STELE_OK && stele_rows_count(rows) > 0)
        status = explain(job, stele_follow_make_function(job, shape, error), job->spec->table, error);
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
    stele_status status = find_without(job, shape, false, &rows, error);
    *all = status == STELE_OK && stele_rows_count(rows) == 0;
    stele_rows_free(rows);
    return status;
}

stele_status stele_job_is_followed(stele_job *job, bool *followed, stele_error *error)
{
    static const char sql[] =
        "SELECT FROM pg_catalog.pg_proc AS p WHERE p.oid OPERATOR(pg_catalog.=) pg_catalog.to_regprocedure($1)::pg_catalog.oid AND p.prosrc OPERATOR(pg_catalog.<>) '" STELE_FOLLOW_IDLE "'";
    stele_text function = {0};
    stele_rows *rows = NULL;
    stele_follow_name(job, &function);
    stele_text_string(&function, "()");
    const char *value = function.bytes;
    stele_status status = function.failed ? stele_error_memory(error) : stele_link_query(&job->handle->link, sql, 1, &value, &rows, error);
    *followed = status == STELE_OK && stele_rows_count(rows) > 0;
    stele_rows_free(rows);
    stele_text_free(&function);
    return status;
}

/*
 * follow_end.c - the end of the triggers, when a job is cancelled or finished
 *
 * To drop a trigger, its table has to be locked against readers as well; so first their function is made to do nothing, which needs no lock. What then goes wrong leaves triggers that note nothing,
 * and cost next to nothing; the error says that, and who can do the rest.
 */
#include <string.h>

#include "../error.h"
#include "follow_inside.h"

/* What is to be dropped, as it was found. */
typedef struct ending {
    stele_job *job;
    stele_job_end end;
    stele_text function;  /* its name, with brackets */
    stele_rows *owner;    /* of the function: none where there is no function */
    stele_rows *tables;   /* that have such triggers */
    bool idle;            /* the function does nothing any more */
} ending;

static const char function_sql[] =
    "SELECT pg_catalog.pg_get_userbyid(p.proowner) FROM pg_catalog.pg_proc AS p"
    " WHERE p.oid OPERATOR(pg_catalog.=) pg_catalog.to_regprocedure($1)::pg_catalog.oid";

enum { TABLE, DROP, OWNER, MAY }; /* of a table */
static const char tables_sql[] =
    "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.string_agg(pg_catalog.format('DROP TRIGGER IF EXISTS %I ON %I.%I;', g.tgname, n.nspname, c.relname), ' '),"
    " pg_catalog.pg_get_userbyid(c.relowner), pg_catalog.pg_has_role(c.relowner, 'USAGE') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')"
    " FROM pg_catalog.pg_trigger AS g JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) g.tgrelid"
    " JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " WHERE g.tgfoid OPERATOR(pg_catalog.=) pg_catalog.to_regprocedure($1)::pg_catalog.oid GROUP BY c.oid, n.oid, n.nspname, c.relname, c.relowner ORDER BY c.oid";

static stele_status find(ending *e, stele_error *error)
{
    stele_follow_name(e->job, &e->function);
    stele_text_string(&e->function, "()");
    if (e->function.failed)
        return stele_error_memory(error);
    const char *value = e->function.bytes;
    stele_status status = stele_link_query(&e->job->handle->link, function_sql, 1, &value, &e->owner, error);
    if (status == STELE_OK && stele_rows_count(e->owner) > 0)
        status = stele_link_query(&e->job->handle->link, tables_sql, 1, &value, &e->tables, error);
    return status;
}

/* The first whose triggers aren't this role's to drop; -1: there is none. */
static int find_other(const ending *e)
{
    for (int i = 0; i < stele_rows_count(e->tables); i++)
        if (!stele_rows_true(e->tables, i, MAY))
            return i;
    return -1;
}

/* What is known beforehand is refused before anything is changed. */
static stele_status check(const ending *e, stele_error *error)
{
    int other = find_other(e);
    if (e->end == STELE_JOB_END_CANCELLED || other < 0)
        return STELE_OK;
    stele_error_set(error, STELE_UNMET, "this role may not drop those on %s", stele_rows_text(e->tables, other, TABLE));
    if (error != NULL)
        stele_error_copy(error->sqlstate, sizeof error->sqlstate, "42501");
    return STELE_UNMET;
}

static stele_status drop(ending *e, stele_error *error)
{
    stele_text text = {0};
    stele_follow_put_idle(e->job, &text);
    stele_status status = text.failed ? stele_error_memory(error) : stele_job_gently(e->job, text.bytes, STELE_FOLLOW_CREATE_WAIT, error);
    e->idle = status == STELE_OK;
    for (int i = 0; status == STELE_OK && i < stele_rows_count(e->tables); i++) {
        status = stele_job_gently(e->job, stele_rows_text(e->tables, i, DROP), STELE_FOLLOW_DROP_WAIT, error);
        if (status == STELE_LOCKED)
            stele_error_detail(error, "the triggers on %s, which note nothing any more, couldn't be dropped", stele_rows_text(e->tables, i, TABLE));
    }
    text.length = 0;
    stele_text_print(&text, "DROP FUNCTION IF EXISTS %s;", e->function.bytes);
    if (status == STELE_OK)
        status = text.failed ? stele_error_memory(error) : stele_job_gently(e->job, text.bytes, STELE_FOLLOW_CREATE_WAIT, error);
    stele_text_free(&text);
    return status;
}

/* Whoever may make a trigger may not therefore drop it; but with the function it goes. */
static void tell_who(const ending *e, stele_error *error)
{
    int other = find_other(e);
    const char *table = other < 0 ? e->job->spec->table : stele_rows_text(e->tables, other, TABLE), *owner = e->owner == NULL ? "?" : stele_rows_text(e->owner, 0, 0);
    error->status = STELE_UNMET;
    error->hint[0] = '\0';
    stele_error_hint(error, "triggers are dropped by the owner of their table%s%s, with USAGE on its schema, their function by the role that began the job, %s: job %s %s once more, as one that is a member of both; or, as"
                            " the latter, DROP FUNCTION %s CASCADE takes those of %s along", other < 0 ? "" : ", ", other < 0 ? "" : stele_rows_text(e->tables, other, OWNER), owner,
                     e->end == STELE_JOB_END_CANCELLED ? "cancel" : "finish", e->job->spec->name, e->function.bytes, table);
}

/* What it failed with, and what holds now. Of a connection that was lost nobody knows what the server still did. */
static stele_status explain(const ending *e, const stele_error *why, stele_error *error)
{
    static const char *const heads[] = {"is cancelled, but", "is not finished, since"};
    bool cancelled = e->end == STELE_JOB_END_CANCELLED, known = stele_link_alive(&e->job->handle->link);
    stele_error told = {0};
    stele_error_set(&told, why->status, "the job \"%s\" %s its triggers could not be dropped: %.250s%s", e->job->spec->name, heads[e->end], why->message,
                    e->idle ? "; they note nothing any more" : !known ? "" : cancelled ? "; they go on to note what is changed" : "; nothing was changed");
    stele_error_copy(told.sqlstate, sizeof told.sqlstate, why->sqlstate);
    stele_error_detail(&told, "%s", why->detail);
    stele_error_hint(&told, "%s", why->hint);
    if (strcmp(why->sqlstate, "42501") == 0 && (why->status == STELE_FAILED || why->status == STELE_UNMET))
        tell_who(e, &told);
    else if (told.hint[0] == '\0')
        stele_error_hint(&told, "job %s %s once more drops them", cancelled ? "cancel" : "finish", e->job->spec->name);
    if (error != NULL)
        *error = told;
    return told.status;
}

stele_status stele_job_drop_triggers(stele_job *job, stele_job_end end, stele_error *error)
{
    ending e = {.job = job, .end = end};
    stele_error why = {0};
    stele_status status = find(&e, &why);
    if (status == STELE_OK && e.tables != NULL)
        status = check(&e, &why);
    if (status == STELE_OK && e.tables != NULL)
        status = drop(&e, &why);
    if (status != STELE_OK)
        status = explain(&e, &why, error);
    stele_rows_free(e.owner);
    stele_rows_free(e.tables);
    stele_text_free(&e.function);
    return status;
}

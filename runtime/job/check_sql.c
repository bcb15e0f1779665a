/*
 * check_sql.c - does the server take the SQL of a script? Asked before the job is begun: a script with a slip of the pen can then be mended, and nothing has to be cancelled for that
 *
 * EXPLAIN is one message. The server's own way to look at a statement, prepare and describe, are two, and a pooler may send the second one to another server.
 */
#include "write_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "relation.h"
#include "sql.h"

/* How many rows the planner takes it for: "Seq Scan on doc s  (cost=0.00..35.50 rows=2550 width=0)". */
static double read_estimate(const stele_rows *rows)
{
    const char *line = stele_rows_count(rows) == 0 ? NULL : stele_rows_text(rows, 0, 0), *cost = line == NULL ? NULL : strstr(line, "(cost=");
    const char *found = cost == NULL ? NULL : strstr(cost, " rows=");
    return found == NULL ? -1 : strtod(found + strlen(" rows="), NULL);
}

/* All of the parameters are NULL. `*estimate`, which may be NULL, is how many rows the planner expects. */
static stele_status explain(stele_job *job, stele_text *sql, const stele_given *given, double *estimate, stele_error *error)
{
    stele_arguments arguments = stele_given_arguments(given);
    stele_link *link = &job->handle->link;
    stele_rows *rows = NULL;
    stele_status status = sql->failed ? stele_error_memory(error) : stele_statement_send(link, sql->bytes, &arguments, false, error);
    while (status == STELE_OK && (status = stele_statement_next(link, &rows, error)) == STELE_OK && rows != NULL) {
        if (estimate != NULL && stele_rows_count(rows) > 0)
            *estimate = read_estimate(rows);
        stele_rows_free(rows);
    }
    stele_text_free(sql);
    return status;
}

static bool is_word(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '"';
}

/* Our name of the table, "s.tenant", is none that the script has: in whatever language and quotes the server says it, the column alone is left. */
static void leave_alias_out(char *hint)
{
    char *out = hint;
    for (const char *p = hint; *p != '\0'; *out++ = *p++)
        if (p[0] == 's' && p[1] == '.' && is_word(p[2]) && (p == hint || p[-1] == '"' || !is_word(p[-1])))
            p += 2;
    *out = '\0';
}

/* What the server says of one key's SQL; `within` is the key of the script's table that it stands in. */
static stele_status tell(const stele_job *job, const char *within, const char *key, stele_status status, stele_error *own, stele_error *error)
{
    if (status == STELE_OK)
        return STELE_OK;
    bool is_refused = status == STELE_USAGE || (status == STELE_FAILED && own->sqlstate[0] != '\0');
    if (is_refused && !stele_write_may_pass(own->sqlstate)) {
        char message[sizeof own->message];
        snprintf(message, sizeof message, "in `%s`: %.400s", key, own->message);
        stele_error_copy(own->message, sizeof own->message, message);
        own->status = status = STELE_UNMET;
        own->line = own->column = 0; /* of the text, which isn't the file */
        if (strcmp(key, "where") == 0)
            leave_alias_out(own->hint);
        stele_relation_place(job, within, NULL, status, own);
    }
    if (error != NULL)
        *error = *own;
    return status;
}

static stele_status explain_part(stele_job *job, const char *key, stele_text *sql, const stele_given *given, double *estimate, stele_error *error)
{
    stele_error own;
    stele_error_clear(&own);
    stele_status status = explain(job, sql, given, estimate, &own);
    return tell(job, key, key, status, &own, error);
}

/* One that only takes too long now stops the worker for as long as it does. */
static stele_status check_stop(stele_job *job, const char *text, stele_error *error)
{
    stele_error own;
    stele_error_clear(&own);
    stele_status status = text[0] == '\0' ? STELE_OK : stele_pace_check_stop_when(job->handle, text, &own);
    if (status == STELE_USAGE && stele_write_may_pass(own.sqlstate))
        return STELE_OK;
    return tell(job, "pace", "stop_when", status, &own, error);
}

/*
 * The statement that writes vectors. A first load needs none, it copies; but what is changed later does, and a column that can only be copied, or a rule that has INSERT do something else, would be
 * met when all was paid for. It asks for the lock of a writer: where somebody holds the table for longer than a write waits, the job begins without.
 */
static stele_status check_vectors(stele_job *job, const stele_job_shape *shape, stele_error *error)
{
    const uint32_t types[] = {STELE_OID_BYTEA_ARRAY, shape->vector_array_oid};
    const size_t keys = job->spec->key_count;
    stele_error own;
    size_t failed;
    stele_transaction *t = calloc(1, sizeof *t);
    if (t == NULL)
        return stele_error_memory(error);
    stele_error_clear(&own);
    stele_add_plain(t, "BEGIN");
    stele_add_limits(t);
    stele_given *given = stele_add_statement(t);
    for (size_t i = 0; i < keys + 2; i++) {
        stele_give_text(given, NULL);
        given->types[i] = i < keys ? STELE_OID_TEXT_ARRAY : types[i - keys];
    }
    stele_text_string(&t->sql[t->count - 1], "EXPLAIN ");
    stele_sql_write_vectors(job, shape, false, &t->sql[t->count - 1]);
    stele_add_plain(t, "ROLLBACK");
    stele_status status = stele_close_statements(t, &own);
    if (status == STELE_OK)
        status = stele_link_batch(&job->handle->link, t->statements, t->count, &failed, &own);
    stele_link_rollback(&job->handle->link);
    stele_free_transaction(t);
    return stele_write_may_pass(own.sqlstate) && status != STELE_CANCELLED && status != STELE_NO_CONNECTION ? STELE_OK : tell(job, "into", "into", status, &own, error);
}

stele_status stele_job_check_sql(stele_job *job, stele_job_shape *shape, stele_error *error)
{
    const stele_job_spec *spec = job->spec;
    stele_given given = {0};
    stele_text sql = {0};
    stele_status status = STELE_OK;
    if (spec->where != NULL) {
        stele_text_print(&sql, "EXPLAIN SELECT FROM %s AS s WHERE true", spec->table);
        stele_sql_where(job, &sql);
        double wanted = -1;
        status = explain_part(job, "where", &sql, &given, &wanted, error);
        if (wanted >= 0 && wanted < shape->rows)
            shape->wanted = wanted;
    }
    for (size_t i = 0; status == STELE_OK && i < spec->pace_count; i++)
        if (strcmp(spec->pace[i].name, "stop_when") == 0)
            status = check_stop(job, spec->pace[i].value, error);
    if (status == STELE_OK && spec->kind == STELE_JOB_EMBEDS)
        return check_vectors(job, shape, error);
    if (status != STELE_OK || spec->kind != STELE_JOB_RUNS_SQL)
        return status;
    for (size_t i = 0; i < spec->key_count + spec->bind_count && given.count < PARAMETERS; i++) {
        stele_give_text(&given, NULL);
        given.types[i] = i < spec->key_count ? STELE_OID_TEXT_ARRAY : 0;
    }
    stele_text_string(&sql, "EXPLAIN ");
    stele_sql_user(job, shape, &sql);
    return explain_part(job, "sql", &sql, &given, NULL, error);
}

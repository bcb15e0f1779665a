/* What is dangerous about a job's tables: whoever is told of each changed row, and what a changed row leaves behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "planning.h"
#include "sql.h"
#include "state.h"

enum { BIG_BLOCKS = 4096, OLD_SECONDS = 300 };

static stele_status ask(stele_planning *plan, const char *sql, stele_rows **rows, stele_error *error)
{
    char table[16], into[16];
    const char *values[] = {table, into};
    snprintf(table, sizeof table, "%u", plan->shape.table_oid);
    snprintf(into, sizeof into, "%u", plan->shape.into_oid);
    return stele_link_query(&plan->job->handle->link, sql, 2, values, rows, error);
}

/* The table that is written, and all below it: $2. Every statement has $1, too, so that its type is known. */
#define WRITTEN                                                                                                                                          \
    "(SELECT $2::pg_catalog.oid AS oid, $1::pg_catalog.oid AS source UNION ALL SELECT h.relid, $1::pg_catalog.oid FROM pg_catalog.pg_partition_tree($2::pg_catalog.oid::pg_catalog.regclass) AS h" \
    " WHERE h.relid::pg_catalog.oid OPERATOR(pg_catalog.<>) $2::pg_catalog.oid)"

/* ------------------------------------------------------------------------ triggers */

/* Those that fire in our sessions, but for our own; behind it goes the ledger's schema, as a text. */
static const char triggers_sql[] =
    "SELECT t.tgname, c.relname, (t.tgtype::pg_catalog.int4 OPERATOR(pg_catalog.&) 20), (SELECT pg_catalog.string_agg(a.attname, E'\\037') FROM pg_catalog.pg_attribute AS a"
    " WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attnum OPERATOR(pg_catalog.=) ANY (t.tgattr::pg_catalog.int2[]))"
    " FROM " WRITTEN " AS w JOIN pg_catalog.pg_trigger AS t ON t.tgrelid OPERATOR(pg_catalog.=) w.oid JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) t.tgrelid"
    " JOIN pg_catalog.pg_proc AS p ON p.oid OPERATOR(pg_catalog.=) t.tgfoid"
    " WHERE NOT t.tgisinternal AND t.tgparentid OPERATOR(pg_catalog.=) 0 AND t.tgenabled OPERATOR(pg_catalog.=) ANY (CASE WHEN pg_catalog.current_setting('session_replication_role')"
    " OPERATOR(pg_catalog.=) 'replica' THEN '{R,A}' ELSE '{O,A}' END::\"char\"[]) AND (t.tgtype::pg_catalog.int4 OPERATOR(pg_catalog.&) 20) OPERATOR(pg_catalog.<>) 0"
    " AND (p.proname OPERATOR(pg_catalog.!~) '^follow_[0-9]+$' OR p.pronamespace OPERATOR(pg_catalog.<>) pg_catalog.to_regnamespace(";

/* Is it one for all columns, or for one that is written? `columns` has 037 between; NULL: all. */
static bool is_touched(const stele_job_spec *spec, const char *columns)
{
    if (columns == NULL || spec->kind != STELE_JOB_EMBEDS)
        return true;
    for (const char *at = columns; *at != '\0'; at += strcspn(at, "\037"), at += *at != '\0') {
        size_t length = strcspn(at, "\037");
        if ((strlen(spec->vector) == length && memcmp(spec->vector, at, length) == 0) || (spec->hash != NULL && strlen(spec->hash) == length && memcmp(spec->hash, at, length) == 0))
            return true;
    }
    return false;
}

/* Of updates, and where rows come anew, of inserts. */
static stele_status look_for_triggers(stele_planning *plan, stele_error *error)
{
    enum { INSERTS = 4, UPDATES = 16 };
    bool in_place = stele_job_in_place(plan->job);
    stele_rows *rows = NULL;
    stele_text text = {0};
    stele_text_string(&text, triggers_sql);
    stele_psql_literal(&text, plan->job->schema);
    stele_text_string(&text, ")) ORDER BY t.tgname");
    stele_status status = text.failed ? stele_error_memory(error) : ask(plan, text.bytes, &rows, error);
    for (int i = 0; status == STELE_OK && i < stele_rows_count(rows); i++) {
        long events = strtol(stele_rows_text(rows, i, 2), NULL, 10);
        bool touched = is_touched(plan->job->spec, stele_rows_text(rows, i, 3));
        if (in_place ? touched && (events & UPDATES) != 0 : touched || (events & INSERTS) != 0)
            stele_planning_danger(plan, false, "let it leave alone what only a job changes: WHEN (OLD.* IS DISTINCT FROM NEW.*) or UPDATE OF with the application's columns",
                              "the table %s has the trigger \"%s\", which fires at each of the job's %s", stele_rows_text(rows, i, 1), stele_rows_text(rows, i, 0), in_place ? "updates" : "rows");
    }
    stele_rows_free(rows);
    stele_text_free(&text);
    return status;
}

/* --------------------------------------------------------------------- what is changed */

static stele_status look_at_columns(stele_planning *plan, stele_error *error)
{
    static const char sql[] =
        "SELECT pg_catalog.string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute AS a WHERE a.attrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid"
        " AND $2::pg_catalog.oid IS NOT NULL AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped AND a.attgenerated OPERATOR(pg_catalog.=) 's'";
    stele_rows *rows;
    if (!stele_job_in_place(plan->job))
        return STELE_OK;
    stele_status status = ask(plan, sql, &rows, error);
    if (status == STELE_OK && stele_rows_text(rows, 0, 0) != NULL)
        stele_planning_danger(plan, false, "that is work for the server, and where such a column has an index no update is a HOT one that changes it", "%s has generated columns, which are computed anew at each update: %s",
                          plan->job->spec->table, stele_rows_text(rows, 0, 0));
    stele_rows_free(rows);
    return status;
}

static stele_status look_at_fill(stele_planning *plan, stele_error *error)
{
    static const char sql[] =
        "SELECT pg_catalog.bool_or(NOT EXISTS (SELECT FROM pg_catalog.pg_options_to_table(c.reloptions) AS o WHERE o.option_name OPERATOR(pg_catalog.=) 'fillfactor'"
        " AND o.option_value::pg_catalog.int4 OPERATOR(pg_catalog.<) 100)) FROM " WRITTEN " AS w JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) w.oid WHERE c.relkind OPERATOR(pg_catalog.=) 'r'";
    const double many = 0.2;
    stele_rows *rows;
    if (!stele_job_in_place(plan->job) || plan->moved < many)
        return STELE_OK;
    stele_status status = ask(plan, sql, &rows, error);
    if (status == STELE_OK && stele_rows_true(rows, 0, 0))
        stele_planning_danger(plan, false, "ALTER TABLE ... SET (fillfactor = 90) leaves room on pages that are written from then on; or give the vectors a table of their own",
                          "the fillfactor of %s is 100, and some %.0f %% of its rows have no room on their page for what is written: they go to other pages, and every index gets an entry for each",
                          plan->job->spec->table, 100 * plan->moved);
    stele_rows_free(rows);
    return status;
}

/* Without an identity the server refuses updates of what is published. */
static stele_status look_at_publications(stele_planning *plan, stele_error *error)
{
    static const char sql[] =
        "SELECT p.pubname, c.relname, c.relreplident, c.relreplident OPERATOR(pg_catalog.=) 'n' OR (c.relreplident OPERATOR(pg_catalog.=) 'd' AND NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i"
        " WHERE i.indrelid OPERATOR(pg_catalog.=) c.oid AND i.indisprimary)) FROM " WRITTEN " AS w JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) w.oid"
        " JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace JOIN pg_catalog.pg_publication_tables AS t ON t.schemaname OPERATOR(pg_catalog.=) n.nspname"
        " AND t.tablename OPERATOR(pg_catalog.=) c.relname JOIN pg_catalog.pg_publication AS p ON p.pubname OPERATOR(pg_catalog.=) t.pubname WHERE p.pubupdate ORDER BY 1, 2";
    stele_rows *rows;
    stele_status status = ask(plan, sql, &rows, error);
    for (int i = 0; status == STELE_OK && i < stele_rows_count(rows); i++) {
        const char *publication = stele_rows_text(rows, i, 0), *table = stele_rows_text(rows, i, 1);
        if (stele_rows_true(rows, i, 3))
            stele_planning_danger(plan, true, "ALTER TABLE ... REPLICA IDENTITY USING INDEX, or FULL; or give it a primary key", "%s is published by \"%s\" and has no replica identity: the server refuses to update it", table, publication);
        else
            stele_planning_danger(plan, false, "take it out of the publication, or see that the subscribers keep up", "%s is published by \"%s\": all that the job writes there goes to its subscribers%s", table, publication,
                              stele_rows_text(rows, i, 2)[0] == 'f' ? ", with each old row as a whole, since its replica identity is FULL" : "");
    }
    stele_rows_free(rows);
    return status;
}

/* A side table's hash without NOT NULL: whoever else writes vectors there may leave it out. */
static stele_status look_at_hash(stele_planning *plan, stele_error *error)
{
    const stele_job_spec *spec = plan->job->spec;
    static const char sql[] = "SELECT a.attname FROM pg_catalog.pg_attribute AS a WHERE a.attrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND a.attname OPERATOR(pg_catalog.=) $2 AND NOT a.attnotnull";
    char into[16];
    const char *values[] = {into, spec->hash};
    stele_rows *rows;
    if (spec->into == NULL || spec->hash == NULL)
        return STELE_OK;
    snprintf(into, sizeof into, "%u", plan->shape.into_oid);
    stele_status status = stele_link_query(&plan->job->handle->link, sql, 2, values, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) > 0)
        stele_planning_danger(plan, false, "have it NOT NULL: who writes vectors there beside the job, writes it as well", "column \"%s\" of %s may be NULL: a vector without it counts as stale, and is made and paid for again",
                          spec->hash, spec->into);
    stele_rows_free(rows);
    return status;
}

/* --------------------------------------------------------------------- the server */

/* What an old snapshot may see, isn't cleaned up: dead versions pile up, and pages aren't pruned. */
static stele_status look_at_horizon(stele_planning *plan, stele_error *error)
{
    static const char sql[] =
        "SELECT o.what, o.seconds::pg_catalog.int8 FROM (SELECT pg_catalog.format('the transaction of process %s (%s)', a.pid, coalesce(a.application_name, '')),"
        " extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) a.xact_start) FROM pg_catalog.pg_stat_activity AS a"
        " WHERE a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid() AND (a.backend_xid IS NOT NULL OR a.backend_xmin IS NOT NULL) AND a.xact_start IS NOT NULL"
        " UNION ALL SELECT pg_catalog.format('the prepared transaction %L', p.gid), extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) p.prepared) FROM pg_catalog.pg_prepared_xacts AS p"
        " WHERE p.database OPERATOR(pg_catalog.=) pg_catalog.current_database()) AS o(what, seconds) ORDER BY o.seconds DESC LIMIT 1";
    stele_rows *rows;
    stele_status status = stele_link_query(&plan->job->handle->link, sql, 0, NULL, &rows, error);
    int64_t seconds = status == STELE_OK && stele_rows_count(rows) > 0 ? stele_job_read_number(stele_rows_text(rows, 0, 1)) : 0;
    if (seconds > OLD_SECONDS)
        stele_planning_danger(plan, false, "end it first: nothing that dies after its begin is cleaned up, in no table", "%s is open since %lld min", stele_rows_text(rows, 0, 0), (long long)seconds / 60);
    stele_rows_free(rows);
    return status;
}

/* Where few rows are wanted and no index leads to them, all of a large table is read for them. */
static stele_status look_at_where(stele_planning *plan, stele_error *error)
{
    const stele_job_spec *spec = plan->job->spec;
    stele_rows *rows = NULL;
    stele_text sql = {0};
    bool scans = false;
    if (spec->where == NULL || plan->estimate.blocks < BIG_BLOCKS || plan->all_rows <= 0 || (double)plan->estimate.rows > plan->all_rows / 10)
        return STELE_OK;
    stele_text_print(&sql, "EXPLAIN (COSTS OFF) SELECT FROM %s AS s WHERE true", spec->table);
    stele_sql_where(plan->job, &sql);
    stele_status status = stele_sql_run(plan->job, &sql, 0, NULL, &rows, error);
    for (int i = 0; status == STELE_OK && i < stele_rows_count(rows); i++)
        scans |= strstr(stele_rows_text(rows, i, 0), "Seq Scan on") != NULL;
    if (scans)
        stele_planning_danger(plan, false, "an index for it, or a partial one of the key WHERE it holds, spares that", "only some %.1f %% of %s are what `where` asks for, no index leads there, and so all of its %lld blocks are read",
                          100 * (double)plan->estimate.rows / plan->all_rows, spec->table, (long long)plan->estimate.blocks);
    stele_rows_free(rows);
    return status;
}

/* There the server takes any bytes for text, and gives none to a client that aren't UTF-8. */
static stele_status look_at_encoding(stele_planning *plan, stele_error *error)
{
    stele_rows *rows;
    stele_status status = stele_link_query(&plan->job->handle->link, "SELECT pg_catalog.current_setting('server_encoding') OPERATOR(pg_catalog.=) 'SQL_ASCII'", 0, NULL, &rows, error);
    if (status == STELE_OK && stele_rows_true(rows, 0, 0))
        stele_planning_danger(plan, false, "leave such rows out by `where`, or convert the database", "the encoding of the database is SQL_ASCII: rows that are read and aren't UTF-8 pause the job");
    stele_rows_free(rows);
    return status;
}

/* How much is free, no query tells. */
static void look_at_disk(stele_planning *plan)
{
    const stele_job_estimate *e = &plan->estimate;
    const double gigabyte = 1024.0 * 1024 * 1024;
    double needed = e->table_bytes + e->index_bytes;
    if (needed + e->wal_bytes > gigabyte)
        stele_planning_danger(plan, false, "see that there is room: the server doesn't tell how much it has", "it takes some %.1f GB of the disk, %.1f for the table and %.1f for the index, and %.1f GB of WAL, as long as that is kept",
                          needed / gigabyte, e->table_bytes / gigabyte, e->index_bytes / gigabyte, e->wal_bytes / gigabyte);
}

/* ------------------------------------------------------------------------ the switch */

static const stele_migration *find_placeholder(const stele_migrations *table, const char *parameter)
{
    char placeholder[128];
    size_t length = (size_t)snprintf(placeholder, sizeof placeholder, "${%s}", parameter);
    for (size_t i = 0; i < table->count && length < sizeof placeholder; i++)
        if (strstr(table->migrations[i].text, placeholder) != NULL)
            return &table->migrations[i];
    return NULL;
}

/* A column keeps the type it was made with. What else is made of a migration's text, has the new value. */
static void look_at_switch(stele_planning *plan)
{
    const stele_job_spec *spec = plan->job->spec;
    for (size_t i = 0; i < spec->parameter_count; i++) {
        const char *name = spec->parameters[i].name;
        const stele_migration *in = find_placeholder(plan->job->handle->table, name);
        if (in != NULL)
            stele_planning_danger(plan, false, "switch a parameter that no migration's text has, declared for the program alone", "the switch changes the parameter \"%s\", which stands in %s: for a program that is"
                              " built with the new value its `verify` and STELE_DIM don't tell what this database has, and a new database gets another schema", name, in->file);
    }
}

stele_status stele_planning_tables(stele_planning *plan, stele_error *error)
{
    static stele_status (*const looks[])(stele_planning *, stele_error *) = {look_for_triggers, look_at_columns, look_at_fill, look_at_publications, look_at_hash, look_at_horizon, look_at_where, look_at_encoding};
    stele_status status = STELE_OK;
    for (size_t i = 0; i < sizeof looks / sizeof *looks && status == STELE_OK; i++)
        status = looks[i](plan, error);
    if (status == STELE_OK) {
        look_at_disk(plan);
        look_at_switch(plan);
    }
    return status;
}

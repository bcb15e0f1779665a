#include "lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

enum { SECOND = 1000000, CONNECT_WAIT = 5 * SECOND };

/* ---------------------------------------------------------------- taking it */

/* Who serves us, in which database of which system; and a mark that nobody else has. */
static stele_status meet(stele_run *run, stele_error *error)
{
    stele_link *link = &run->handle->link;
    stele_lease *lease = &run->lease;
    stele_rows *rows;
    stele_status status = stele_link_query_as_login(
        link,
        "SELECT pg_catalog.pg_backend_pid(), (SELECT pg_catalog.to_char(backend_start AT TIME ZONE 'UTC',"
        " 'YYYY-MM-DD HH24:MI:SS.US+00') FROM pg_catalog.pg_stat_activity WHERE pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()), (SELECT system_identifier FROM pg_catalog.pg_control_system()),"
        " (SELECT oid FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database()),"
        " pg_catalog.left(pg_catalog.md5(pg_catalog.concat(pg_catalog.random(), pg_catalog.clock_timestamp(), pg_catalog.pg_backend_pid())), 16),"
        " pg_catalog.current_setting('application_name')",
        0, NULL, &rows, error);
    if (status != STELE_OK)
        return status;
    const char *pid = stele_rows_text(rows, 0, 0), *since = stele_rows_text(rows, 0, 1), *mark = stele_rows_text(rows, 0, 4);
    lease->pooled = (int)strtol(pid, NULL, 10) != stele_link_backend(link);
    snprintf(lease->mark, sizeof lease->mark, "/* stele %s */ ", mark);
    snprintf(lease->name, sizeof lease->name, "stele %s", mark);
    stele_error_copy(lease->application, sizeof lease->application, stele_rows_text(rows, 0, 5));
    if (lease->pooled)
        snprintf(lease->who, sizeof lease->who, "through a pooler");
    else
        snprintf(lease->who, sizeof lease->who, "process %s since %s", pid, since == NULL ? "?" : since);
    snprintf(lease->where, sizeof lease->where, "system %s, database %s, mark %s", stele_rows_text(rows, 0, 2), stele_rows_text(rows, 0, 3), mark);
    stele_rows_free(rows);
    return STELE_OK;
}

/*
 * Through a pooler: a transaction of a second connection holds the lock; it has no snapshot between its statements, so that no concurrent
 * build waits for it. It is idle for as long as the step takes, which no timeout of the role's or the database's may end. A pool of one
 * connection would now have none left for the first: then it does without.
 */
static stele_status guard(stele_run *run, bool *taken, stele_error *error)
{
    stele_watch *watch = &run->tries->watch;
    const stele_lock *lock = &run->tries->lock;
    char sql[500];
    snprintf(sql, sizeof sql,
             "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_catalog.set_config(name, '0', true) FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=)"
             " ANY ('{idle_in_transaction_session_timeout,transaction_timeout}'::pg_catalog.text[]); SELECT pg_catalog.pg_try_advisory_xact_lock(%s, %s)",
             lock->key1, lock->key3);
    stele_rows *rows = stele_watch_ask(watch, sql, CONNECT_WAIT);
    *taken = rows == NULL || stele_rows_true(rows, 0, 0);
    watch->holds = rows != NULL && *taken;
    stele_rows_free(rows);
    if (!watch->holds) {
        stele_watch_close(watch);
        return STELE_OK;
    }
    watch->hungry = true;
    stele_status status = stele_link_query(&run->handle->link, "SELECT 1", 0, NULL, NULL, error);
    watch->hungry = false;
    return status;
}

stele_status stele_lease_take(stele_run *run, bool *taken, stele_error *error)
{
    stele_lease *lease = &run->lease;
    stele_status status = meet(run, error);
    *taken = false;
    if (status != STELE_OK)
        return status;
    status = lease->pooled ? guard(run, taken, error) : stele_lock_session(&run->tries->lock, run->handle, taken, error);
    bool unguarded = lease->pooled && !run->tries->watch.holds;
    snprintf(lease->said, sizeof lease->said, "%s, %s%s", lease->who, lease->where, unguarded ? ", unguarded" : "");
    return status;
}

stele_status stele_lease_keep(stele_run *run, bool *taken, stele_error *error)
{
    *taken = true;
    return run->lease.pooled ? STELE_OK : stele_lock_session(&run->tries->lock, run->handle, taken, error);
}

void stele_lease_release(stele_run *run)
{
    stele_watch *watch = &run->tries->watch;
    if (watch->holds) {
        stele_rows_free(stele_watch_ask(watch, "ROLLBACK", SECOND));
        stele_watch_close(watch);
    }
    stele_lock_release(&run->tries->lock, run->handle);
}

/* ------------------------------------------------------------- looking at it */

/* What stands behind a word in a lease, up to a comma; "" where it isn't there. */
static void word_after(const char *lease, const char *word, char *out, size_t size)
{
    const char *found = lease == NULL ? NULL : strstr(lease, word);
    size_t length = found == NULL ? 0 : strcspn(found + strlen(word), found[0] == 's' && found[1] == 'i' ? "," : ", ");
    snprintf(out, size, "%.*s", (int)(length < size ? length : size - 1), found == NULL ? "" : found + strlen(word));
}

static const char at_work[] =
    "SELECT a.pid, pg_catalog.format('process %s, application \"%s\", from %s%s%s', a.pid, coalesce(nullif(a.application_name, ''), 'unnamed'),"
    " coalesce(pg_catalog.host(a.client_addr), 'this host'), ', since ' OPERATOR(pg_catalog.||) pg_catalog.to_char(a.query_start, 'HH24:MI:SS'),"
    " ', running: ' OPERATOR(pg_catalog.||) " STELE_SHOWN_QUERY ")"
    " FROM pg_catalog.pg_stat_activity AS a JOIN pg_catalog.pg_database AS d ON d.oid OPERATOR(pg_catalog.=) a.datid"
    " CROSS JOIN pg_catalog.pg_control_system() AS s"
    " WHERE a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid() AND d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()"
    " AND d.oid::pg_catalog.text OPERATOR(pg_catalog.=) $4 AND s.system_identifier::pg_catalog.text OPERATOR(pg_catalog.=) $3"
    " AND (a.state OPERATOR(pg_catalog.=) 'active' AND pg_catalog.starts_with(a.query, '/* stele ' OPERATOR(pg_catalog.||) $5)"
    " OR a.application_name OPERATOR(pg_catalog.=) ('stele ' OPERATOR(pg_catalog.||) $5) AND EXISTS (SELECT FROM pg_catalog.pg_locks AS l WHERE"
    " l.locktype OPERATOR(pg_catalog.=) 'virtualxid' AND l.pid OPERATOR(pg_catalog.=) a.pid)"
    " OR a.pid::pg_catalog.text OPERATOR(pg_catalog.=) $1 AND coalesce(a.backend_start OPERATOR(pg_catalog.=) nullif($2, '')::pg_catalog.timestamptz, true)"
    " AND coalesce(a.state, 'active') OPERATOR(pg_catalog.=) ANY ('{active,disabled}'::pg_catalog.text[]))"
    " UNION ALL SELECT NULL, 'somebody who began it through a pooler less than half a minute ago' WHERE"
    " pg_catalog.clock_timestamp() OPERATOR(pg_catalog.<) (nullif($6, '')::pg_catalog.timestamptz OPERATOR(pg_catalog.+) '30 s'::pg_catalog.interval)"
    " LIMIT 1";

/* Who still runs what this row has begun: in words, "" for nobody; and the process, 0 where it isn't known. */
static stele_status find_worker(stele *handle, const stele_entry *entry, char *who, size_t size, int *pid, stele_error *error)
{
    char process[16], since[48], system[32], database[16], mark[40];
    const char *lease = entry->row.reason;
    stele_row_texts texts;
    stele_row row = stele_entry_row(entry, &texts);
    word_after(lease, "process ", process, sizeof process);
    word_after(lease, "since ", since, sizeof since);
    if (strcmp(since, "?") == 0) /* its login couldn't see that itself */
        since[0] = '\0';
    word_after(lease, "system ", system, sizeof system);
    word_after(lease, "database ", database, sizeof database);
    word_after(lease, "mark ", mark, sizeof mark);
    who[0] = '\0';
    *pid = 0;
    if (mark[0] == '\0') /* a row from before there were leases, or of a script */
        return STELE_OK;
    bool unguarded = strstr(lease, ", unguarded") != NULL;
    const char *values[] = {process, since, system, database, mark, unguarded ? row.started : ""};
    stele_rows *rows;
    stele_status status = stele_link_query_as_login(&handle->link, at_work, 6, values, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) > 0) {
        const char *text = stele_rows_text(rows, 0, 0);
        *pid = text == NULL ? 0 : (int)strtol(text, NULL, 10);
        stele_error_copy(who, size, stele_rows_text(rows, 0, 1));
    }
    stele_rows_free(rows);
    return status;
}

static stele_status terminate(stele *handle, int pid, stele_error *error)
{
    char text[16];
    const char *values[] = {text};
    snprintf(text, sizeof text, "%d", pid);
    stele_status status = stele_link_query_as_login(&handle->link, "SELECT pg_catalog.pg_terminate_backend($1::pg_catalog.int4)", 1, values, NULL, error);
    if (status == STELE_FAILED && error != NULL) {
        error->status = status = STELE_UNMET;
        stele_error_hint(error, "process %s still runs a step that was interrupted; ending it needs its own role, or pg_signal_backend", text);
    }
    return status;
}

/* One that is on its way in or out. Its row, if it is a begin, says who is at it. */
static stele_status look_at(stele *handle, const stele_place *place, stele_tries *tries, bool *busy, stele_error *error)
{
    stele_lock *lock = &tries->lock;
    const stele_row *row = &place->entry->row;
    int pid = 0;
    size_t length;
    stele_status status = STELE_OK;
    stele_lock_name(lock, handle, row->component);
    lock->worker[0] = '\0';
    if (place->in_doubt)
        status = find_worker(handle, place->entry, lock->worker, sizeof lock->worker, &pid, error);
    if (status == STELE_OK && lock->worker[0] != '\0') {
        snprintf(lock->work, sizeof lock->work, "step %d of \"%.200s\"", row->step, row->file);
        *busy = true;
        bool end = handle->options.terminate && pid != 0;
        if (end)
            status = terminate(handle, pid, error);
        length = strlen(lock->worker);
        snprintf(lock->worker + length, sizeof lock->worker - length, " (%s, begun before%s)", lock->work,
                 end ? ": it is being ended" : pid != 0 ? "; --terminate ends it" : "");
    } else if (status == STELE_OK) {
        *busy = stele_lock_is_held(lock, handle);
    }
    return status;
}

stele_status stele_lease_look(stele *handle, const stele_survey *survey, stele_tries *tries, bool *busy, stele_error *error)
{
    stele_status status = STELE_OK;
    *busy = false;
    for (size_t i = 0; i < survey->count && !*busy && status == STELE_OK; i++)
        if (survey->places[i].entry != NULL && !survey->places[i].in)
            status = look_at(handle, &survey->places[i], tries, busy, error);
    return status;
}

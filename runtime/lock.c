#include "lock.h"

#include <stdio.h>
#include <string.h>

#include "error.h"

/* FNV-1a: other ledgers in this database, and other components, have other locks. */
static uint32_t hash_name(uint32_t hash, const char *name)
{
    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash * 16777619u;
}

void stele_lock_name(stele_lock *lock, const stele *handle, const char *component)
{
    uint32_t hash = hash_name(hash_name(2166136261u, handle->schema), component);
    snprintf(lock->key1, sizeof lock->key1, "%d", 0x7374656c); /* "stel" */
    snprintf(lock->key2, sizeof lock->key2, "%ld", (long)(hash & INT32_MAX));
    snprintf(lock->key3, sizeof lock->key3, "%ld", (long)(hash_name(hash, "steps") & INT32_MAX));
}

/* Who holds it, in words; "" when nobody does. Two keys are objsubid 2 in pg_locks. */
static stele_status find_holder(stele_lock *lock, stele *handle, char *holder, size_t size, stele_error *error)
{
    const char *values[] = {lock->key1, lock->key2, lock->key3};
    stele_rows *rows;
    stele_status status = stele_link_query(
        &handle->link,
        "SELECT l.pid, coalesce(nullif(a.application_name, ''), 'unnamed'), coalesce(pg_catalog.host(a.client_addr), 'this host'),"
        " pg_catalog.to_char(a.xact_start, 'HH24:MI:SS'), " STELE_SHOWN_QUERY ""
        " FROM pg_catalog.pg_locks AS l LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid OPERATOR(pg_catalog.=) l.pid"
        " WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.granted AND l.mode OPERATOR(pg_catalog.=) 'ExclusiveLock'"
        " AND l.classid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND l.objid OPERATOR(pg_catalog.=) ANY (ARRAY[$2::pg_catalog.oid,"
        " $3::pg_catalog.oid]) AND l.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()"
        " AND l.objsubid OPERATOR(pg_catalog.=) 2"
        " AND l.database OPERATOR(pg_catalog.=) (SELECT oid FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=)"
        " pg_catalog.current_database()) LIMIT 1",
        3, values, &rows, error);
    holder[0] = '\0';
    if (status == STELE_OK && stele_rows_count(rows) > 0) {
        const char *since = stele_rows_text(rows, 0, 3), *query = stele_rows_text(rows, 0, 4);
        snprintf(holder, size, "process %s, application \"%s\", from %s%s%s%s%s", stele_rows_text(rows, 0, 0),
                 stele_rows_text(rows, 0, 1), stele_rows_text(rows, 0, 2), since == NULL ? "" : ", since ",
                 since == NULL ? "" : since, query == NULL ? "" : ", running: ", query == NULL ? "" : query);
    }
    stele_rows_free(rows);
    return status;
}

bool stele_lock_is_held(stele_lock *lock, stele *handle)
{
    char holder[sizeof lock->holder];
    return find_holder(lock, handle, holder, sizeof holder, NULL) == STELE_OK && holder[0] != '\0';
}

/* Twenty milliseconds at first, up to a quarter of a second; between half and all of it, so that waiters spread. */
static stele_status pause_a_little(stele_link *link, unsigned tries, stele_error *error)
{
    int64_t most = 20000 << (tries < 4 ? tries : 4);
    if (most > 250000)
        most = 250000;
    return stele_link_pause(link, most / 2 + stele_clock() * 1000 % (most / 2), error);
}

static void report_holder(stele_lock *lock, stele *handle, const char *holder)
{
    if (holder[0] == '\0' || strcmp(holder, lock->holder) == 0)
        return;
    stele_error_copy(lock->holder, sizeof lock->holder, holder);
    if (handle->options.progress != NULL) {
        stele_event event = {.kind = STELE_EVENT_WAIT, .head = "", .message = lock->holder, .severity = "", .sqlstate = ""};
        handle->options.progress(handle->options.data, &event);
    }
}

stele_status stele_lock_wait(stele_lock *lock, stele *handle, stele_error *error)
{
    int64_t now = stele_clock();
    unsigned wait = handle->options.lock_wait_ms == 0 ? 60000 : handle->options.lock_wait_ms;
    if (lock->deadline == 0)
        lock->deadline = now + (handle->options.no_wait ? 0 : (int64_t)wait * 1000);
    char holder[sizeof lock->holder];
    stele_status status = STELE_OK;
    stele_error_copy(holder, sizeof holder, lock->worker);
    if (holder[0] == '\0')
        status = find_holder(lock, handle, holder, sizeof holder, error);
    if (status != STELE_OK)
        return status;
    if (now >= lock->deadline && lock->worker[0] != '\0') {
        stele_error_set(error, STELE_LOCKED, "%s, which was begun before, is still being run", lock->work);
        stele_error_detail(error, "by %s", holder);
        stele_error_hint(error, "wait until it is done, --lock-wait says how long; or end it, with --terminate");
        return STELE_LOCKED;
    }
    if (now >= lock->deadline) {
        stele_error_set(error, STELE_LOCKED, "another process is migrating this database");
        stele_error_detail(error, "the lock is held by %s", holder[0] == '\0' ? "nobody any more" : holder);
        stele_error_hint(error, "run it again when that process is done; --lock-wait says how long to wait");
        return STELE_LOCKED;
    }
    report_holder(lock, handle, holder);
    if (holder[0] != '\0' || lock->tries > 0)
        status = pause_a_little(&handle->link, lock->tries, error);
    lock->tries++;
    return status;
}

stele_status stele_lock_session(stele_lock *lock, stele *handle, bool *taken, stele_error *error)
{
    const char *values[] = {lock->key1, lock->key2, lock->key3};
    stele_rows *rows;
    stele_status status = stele_link_query(
        &handle->link,
        "SELECT CASE WHEN pg_catalog.pg_try_advisory_lock($1::pg_catalog.int4, $2::pg_catalog.int4) THEN CASE WHEN"
        " pg_catalog.pg_try_advisory_lock($1::pg_catalog.int4, $3::pg_catalog.int4) THEN true"
        " ELSE NOT pg_catalog.pg_advisory_unlock($1::pg_catalog.int4, $2::pg_catalog.int4) END ELSE false END", 3, values, &rows, error);
    *taken = status == STELE_OK && stele_rows_true(rows, 0, 0);
    lock->held += *taken;
    stele_rows_free(rows);
    return status;
}

/* Only what is held: the server would warn of the rest, and libpq print that. */
void stele_lock_release(stele_lock *lock, stele *handle)
{
    const char *values[] = {lock->key1, lock->key2, lock->key3};
    bool deaf = handle->link.deaf;
    handle->link.deaf = true; /* on a caller's connection they would stay for as long as it does */
    for (; lock->held > 0 && stele_link_alive(&handle->link); lock->held--)
        stele_link_query(&handle->link,
                         "SELECT pg_catalog.pg_advisory_unlock($1::pg_catalog.int4, key::pg_catalog.int4) FROM"
                         " pg_catalog.unnest(ARRAY[$2::pg_catalog.int4, $3::pg_catalog.int4]) AS key WHERE EXISTS (SELECT"
                         " FROM pg_catalog.pg_locks AS l WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory'"
                         " AND l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()"
                         " AND l.classid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND l.objid OPERATOR(pg_catalog.=) key::pg_catalog.oid)",
                         3, values, NULL, NULL);
    handle->link.deaf = deaf;
    lock->held = 0;
}

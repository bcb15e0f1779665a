/*
 * pace_ask.c - what the server is asked
 *
 * One query has all of it, made of parts: on a server that doesn't answer one of them (a right that was taken away, a function that a hosted server hasn't), the others still are asked.
 */
#include "pace_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"

/* ---------------------------------------------------------------- the parts */

enum part { WAL, WAITING, REPLICAS, SESSIONS, SLOTS, NUDGE, PARTS };

#define POSITION(lsn) "pg_catalog.pg_wal_lsn_diff(" lsn ", '0/0')"
#define WAITS_FOR(processes)                                                                                                                                    \
    "SELECT pg_catalog.count(*), pg_catalog.max(extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) l.waitstart)) FROM pg_catalog.pg_locks AS l" \
    " WHERE NOT l.granted AND pg_catalog.pg_blocking_pids(l.pid) OPERATOR(pg_catalog.&&) (ARRAY[" processes "]::pg_catalog.int4[])"

/*
 * Each is a row of so many columns. What a replica by logical decoding says to have replayed is what it has confirmed, which it does when it likes: its slot is looked at, not its lag.
 */
static const struct {
    const char *sql;
    int columns;
    const char *without; /* what it means when it isn't answered */
} parts[PARTS] = {
    [WAL] = {"SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL ELSE " POSITION("pg_catalog.pg_current_wal_insert_lsn()") " END,"
             " CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL ELSE " POSITION("pg_catalog.pg_current_wal_flush_lsn()") " END",
             2, "how much WAL is written is not known, so \"wal\" and \"lag\" have no effect"},
    [WAITING] = {WAITS_FOR("pg_catalog.pg_backend_pid()%s"), 2, "who waits for this job is not known"},
    [REPLICAS] = {"SELECT f.*, h.* FROM (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication AS r WHERE r.state IS NULL) AS h(hidden) LEFT JOIN"
                  " (SELECT " POSITION("r.replay_lsn") ", extract(epoch FROM r.replay_lag), r.application_name FROM pg_catalog.pg_stat_replication AS r"
                  " WHERE r.replay_lsn IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots AS s WHERE s.active_pid OPERATOR(pg_catalog.=) r.pid"
                  " AND s.slot_type OPERATOR(pg_catalog.=) 'logical') ORDER BY r.replay_lsn LIMIT 1) AS f ON true",
                  4, "replicas are not looked at"},
    [SESSIONS] = {"SELECT pg_catalog.count(a.state), NOT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') FROM pg_catalog.pg_stat_activity AS a"
                  " WHERE a.state OPERATOR(pg_catalog.=) 'active' AND a.backend_type OPERATOR(pg_catalog.=) 'client backend'"
                  " AND a.pid OPERATOR(pg_catalog.<>) ALL (ARRAY[pg_catalog.pg_backend_pid()%s]::pg_catalog.int4[])"
                  " AND NOT (a.application_name OPERATOR(pg_catalog.=) pg_catalog.current_setting('application_name')"
                  " AND pg_catalog.starts_with(a.application_name, 'stele'))",
                  2, "sessions are not counted, so \"sessions\" has no effect"},
    [SLOTS] = {"SELECT s.slot_name, s.safe, s.safe OPERATOR(pg_catalog./) nullif(s.safe OPERATOR(pg_catalog.+) s.used, 0) FROM (SELECT 1) AS one LEFT JOIN"
               " (SELECT s.slot_name, s.safe_wal_size::pg_catalog.float8 AS safe, CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL"
               " ELSE pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), s.restart_lsn)::pg_catalog.float8 END AS used"
               " FROM pg_catalog.pg_replication_slots AS s WHERE s.safe_wal_size IS NOT NULL ORDER BY s.safe_wal_size LIMIT 1) AS s ON true",
               3, "replication slots are not looked at"},
    /* A replica tells how far it is when WAL arrives, or when it has replayed all. While a job waits for it, nothing may arrive for ten seconds. So a little does; and nobody waits for that. */
    [NUDGE] = {"SELECT pg_catalog.set_config('synchronous_commit', 'local', true) IS NOT NULL"
               " AND pg_catalog.pg_logical_emit_message(true, 'stele', ''::pg_catalog.text) IS NOT NULL WHERE NOT pg_catalog.pg_is_in_recovery()",
               1, "replicas may tell up to ten seconds late how far they are"},
};

static const char clock_part[] = "SELECT extract(hour FROM t.at) OPERATOR(pg_catalog.*) 60 OPERATOR(pg_catalog.+) extract(minute FROM t.at)"
                                 " FROM (SELECT pg_catalog.timezone('UTC', pg_catalog.clock_timestamp())) AS t(at)";

/* Is it of use now? */
static bool is_wanted(const stele_pace *pace, enum part part)
{
    return (pace->blind & 1u << part) == 0 && (part != SESSIONS || pace->knobs->sessions > 0) && (part != REPLICAS || pace->knobs->lag > 0) &&
           (part != NUDGE || (pace->knobs->lag > 0 && pace->lag >= pace->knobs->lag / 2));
}

/* ", 12, 13": numbers, which need no quotes. */
static void list_marks(char *list, size_t size, const int *marks)
{
    list[0] = '\0';
    for (size_t i = 0; marks != NULL && marks[i] != 0; i++)
        snprintf(list + strlen(list), size - strlen(list), ", %d", marks[i]);
}

static void put_part(stele_text *sql, enum part part, const char *marks)
{
    const char *text = parts[part].sql, *place = strstr(text, "%s");
    stele_text_bytes(sql, text, place == NULL ? strlen(text) : (size_t)(place - text));
    if (place != NULL) {
        stele_text_string(sql, marks);
        stele_text_string(sql, place + 2);
    }
}

/* All parts side by side; one that isn't asked leaves its columns empty. `only`: this one alone, PARTS: all. */
static void put_question(stele_text *sql, const stele_pace *pace, enum part only, const char *marks)
{
    stele_text_print(sql, "SELECT * FROM (%s) AS clock", clock_part);
    for (enum part part = 0; part < PARTS; part++) {
        stele_text_string(sql, " LEFT JOIN (");
        if (is_wanted(pace, part) && (only == PARTS || only == part))
            put_part(sql, part, marks);
        else
            for (int i = 0; i < parts[part].columns; i++)
                stele_text_string(sql, i == 0 ? "SELECT NULL" : ", NULL");
        stele_text_print(sql, ") AS part%d ON true", (int)part);
    }
}

static stele_status ask(stele_pace *pace, stele_link *link, enum part only, const char *marks, stele_rows **rows, stele_error *error)
{
    stele_text sql = {0};
    stele_status status;
    put_question(&sql, pace, only, marks);
    status = sql.failed ? stele_error_memory(error) : stele_link_query(link, sql.bytes, 0, NULL, rows, error);
    stele_text_free(&sql);
    return status;
}

/* --------------------------------------------------------------- the answer */

static double number(const stele_rows *rows, int column, double unknown)
{
    const char *text = stele_rows_text(rows, 0, column);
    double whole = 0, below = 0, size = 1;
    bool negative = text != NULL && *text == '-';
    if (text == NULL)
        return unknown;
    for (text += negative; *text >= '0' && *text <= '9'; text++)
        whole = whole * 10 + (*text - '0');
    for (text += *text == '.'; *text >= '0' && *text <= '9'; text++)
        below += (*text - '0') * (size /= 10);
    return negative ? -whole - below : whole + below;
}

static int64_t position(const stele_rows *rows, int column)
{
    const char *text = stele_rows_text(rows, 0, column);
    return text == NULL ? -1 : strtoll(text, NULL, 10);
}

enum { MINUTE, WRITTEN, FLUSHED, WAITERS, WAITED, REPLAYED, REPLAY_LAG, REPLICA, HIDDEN, ACTIVE, ACTIVE_HIDDEN, SLOT, SLOT_LEFT, SLOT_SHARE };

static void take_answer(stele_load *load, const stele_rows *rows)
{
    load->minute = (int)number(rows, MINUTE, -1);
    load->written = position(rows, WRITTEN);
    load->flushed = position(rows, FLUSHED);
    load->waiting = (unsigned)number(rows, WAITERS, 0);
    load->waited = number(rows, WAITED, 0);
    load->replayed = position(rows, REPLAYED);
    load->replay_lag = number(rows, REPLAY_LAG, -1);
    stele_error_copy(load->replica, sizeof load->replica, stele_rows_text(rows, 0, REPLICA));
    load->hidden = (int)number(rows, HIDDEN, 0);
    load->sessions = stele_rows_true(rows, 0, ACTIVE_HIDDEN) ? -1 : (int)number(rows, ACTIVE, -1);
    stele_error_copy(load->slot, sizeof load->slot, stele_rows_text(rows, 0, SLOT));
    load->slot_left = number(rows, SLOT_LEFT, -1);
    load->slot_share = number(rows, SLOT_SHARE, -1);
    if (load->slot[0] != '\0' && load->slot_left < 0)
        load->slot_share = 0;
    else if (load->slot[0] == '\0')
        load->slot_share = -1;
}

/* ------------------------------------------------------- what can't be seen */

/* Once for each thing. */
__attribute__((format(printf, 3, 4))) static void tell(stele_pace *pace, unsigned which, const char *format, ...)
{
    va_list list;
    char words[1400];
    if ((pace->told & 1u << which) != 0)
        return;
    pace->told |= 1u << which;
    va_start(list, format);
    vsnprintf(words, sizeof words, format, list);
    va_end(list);
    size_t length = strlen(pace->notice);
    if (length > 0 && length + 2 < sizeof pace->notice) {
        memcpy(pace->notice + length, "; ", 3);
        length += 2;
    }
    stele_error_copy(pace->notice + length, sizeof pace->notice - length, words);
}

static void tell_hidden(stele_pace *pace, const stele_load *load, bool sessions_hidden)
{
    pace->no_monitor = load->hidden > 0 || sessions_hidden;
    if (load->hidden > 0)
        tell(pace, PARTS, "this role may not see how far behind replicas are, so \"lag\" has no effect: GRANT pg_monitor to it");
    else if (sessions_hidden)
        tell(pace, PARTS + 1, "this role may not see what other sessions do, so \"sessions\" has no effect: GRANT pg_monitor to it");
}

static bool may_go_on(stele_status status)
{
    return status != STELE_NO_CONNECTION && status != STELE_CANCELLED;
}

/* The question failed: which part is it? That one isn't asked any more, for a minute. */
static stele_status find_blind(stele_pace *pace, stele_link *link, const char *marks, stele_error *error)
{
    for (enum part part = 0; part < PARTS; part++) {
        stele_error why = {0};
        stele_rows *rows = NULL;
        if (!is_wanted(pace, part))
            continue;
        stele_status status = ask(pace, link, part, marks, &rows, &why);
        stele_rows_free(rows);
        if (!may_go_on(status))
            return stele_error_set(error, status, "%s", why.message);
        if (status == STELE_OK)
            continue;
        pace->blind |= 1u << part;
        pace->blind_until = stele_clock() + 60 * (int64_t)STELE_SECOND;
        tell(pace, (unsigned)part, "%s: %s", parts[part].without, why.message);
    }
    return STELE_OK;
}

static stele_status ask_for_all(stele_pace *pace, stele_link *link, const char *marks, stele_load *load, stele_error *error)
{
    stele_error why = {0};
    stele_rows *rows = NULL;
    if (pace->blind != 0 && stele_clock() >= pace->blind_until)
        pace->blind = 0;
    stele_status status = ask(pace, link, PARTS, marks, &rows, &why);
    if (status != STELE_OK && may_go_on(status)) {
        status = find_blind(pace, link, marks, error);
        if (status != STELE_OK)
            return status;
        stele_error_clear(&why);
        status = ask(pace, link, PARTS, marks, &rows, &why);
    }
    if (!may_go_on(status))
        return stele_error_set(error, status, "%s", why.message);
    if (status == STELE_OK && stele_rows_count(rows) == 1) {
        take_answer(load, rows);
        tell_hidden(pace, load, stele_rows_true(rows, 0, ACTIVE_HIDDEN));
    }
    stele_rows_free(rows);
    return STELE_OK;
}

/* ---------------------------------------------------------------- stop_when */

static void take_stop(void *data, uint64_t item, const stele_rows *rows)
{
    stele_load *load = data;
    if (item == 1 && rows != NULL)
        load->stop = stele_rows_true(rows, 0, 0);
}

/* A brake of which nobody knows whether it works is taken for drawn. */
static void take_failure(stele_load *load, const stele_error *why)
{
    load->stop = true;
    if (strcmp(why->sqlstate, "57014") == 0)
        snprintf(load->stop_reason, sizeof load->stop_reason, "stop_when takes longer than a second");
    else
        snprintf(load->stop_reason, sizeof load->stop_reason, "stop_when fails: %.70s", why->message);
}

/*
 * In a transaction of its own that may not write, in one round trip. As an expression within a statement with parameters: so it is one query, of one value, and whatever else the text may have,
 * the server refuses it.
 */
static stele_status send_stop_when(stele_link *link, const char *sql, stele_error *error)
{
    static const char settings[] = "SELECT pg_catalog.set_config('statement_timeout', '1s', true), pg_catalog.set_config('lock_timeout', '200ms', true)";
    stele_status status = stele_pipe_start(link, error);
    if (status == STELE_OK)
        status = stele_pipe_send(link, 0, "BEGIN READ ONLY", 0, NULL, error);
    if (status == STELE_OK)
        status = stele_pipe_send(link, 0, settings, 0, NULL, error);
    if (status == STELE_OK)
        status = stele_pipe_send(link, 1, sql, 0, NULL, error);
    if (status == STELE_OK)
        status = stele_pipe_send(link, 0, "ROLLBACK", 0, NULL, error);
    if (status == STELE_OK)
        status = stele_pipe_wait(link, error);
    stele_status stopped = stele_pipe_stop(link, error);
    stele_link_rollback(link);
    return status != STELE_OK ? status : stopped;
}

/* The query, without the semicolon that may end it, as one that returns a boolean. */
static void put_stop_when(stele_text *sql, const char *text)
{
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n;", text[length - 1]) != NULL)
        length--;
    stele_text_string(sql, "SELECT (");
    stele_text_bytes(sql, text, length);
    stele_text_string(sql, "\n)::pg_catalog.bool");
}

static stele_status ask_stop_when(stele_pace *pace, stele_link *link, stele_load *load, stele_error *error)
{
    stele_text sql = {0};
    stele_error why = {0};
    void (*answered)(void *, uint64_t, const stele_rows *) = link->answered;
    void *data = link->answered_data;
    stele_status status;
    if (pace->knobs->stop_when == NULL)
        return STELE_OK;
    snprintf(load->stop_reason, sizeof load->stop_reason, "stop_when is true");
    put_stop_when(&sql, pace->knobs->stop_when);
    link->answered = take_stop;
    link->answered_data = load;
    status = sql.failed ? stele_error_memory(&why) : send_stop_when(link, sql.bytes, &why);
    link->answered = answered;
    link->answered_data = data;
    stele_text_free(&sql);
    if (!may_go_on(status))
        return stele_error_set(error, status, "%s", why.message);
    if (status != STELE_OK)
        take_failure(load, &why);
    return STELE_OK;
}

/* Where in the text a character of it stands, counted from 1: what is behind its end is the end. */
static void place_in_text(stele_error *error, const char *text, unsigned position)
{
    error->line = error->column = 1;
    for (; *text != '\0' && position > 1; text++) {
        if (*text == '\n') {
            error->line++;
            error->column = 0;
        }
        if (((unsigned char)text[1] & 0xC0) != 0x80) {
            error->column++;
            position--;
        }
    }
}

stele_status stele_pace_check_stop_when(stele *handle, const char *text, stele_error *error)
{
    static const char before[] = "EXPLAIN ";
    enum { BEFORE = sizeof before - 1 + 8 }; /* with "SELECT (" */
    stele_text sql = {0};
    stele_error why = {0};
    stele_text_string(&sql, before);
    put_stop_when(&sql, text);
    stele_status status = sql.failed ? stele_error_memory(&why) : stele_link_query(&handle->link, sql.bytes, 0, NULL, NULL, &why);
    if (status == STELE_FAILED && why.sqlstate[0] != '\0' && handle->link.position > BEFORE)
        place_in_text(&why, text, handle->link.position - BEFORE);
    if (status != STELE_OK && error != NULL)
        *error = why;
    stele_text_free(&sql);
    return status;
}

/* ------------------------------------------------------------------ outside */

stele_status stele_pace_sample(stele_pace *pace, stele *handle, const int *marks, stele_error *error)
{
    stele_load load;
    char list[256];
    stele_load_clear(&load);
    list_marks(list, sizeof list, marks);
    stele_status status = ask_for_all(pace, &handle->link, list, &load, error);
    if (status == STELE_OK)
        status = ask_stop_when(pace, &handle->link, &load, error);
    if (status == STELE_OK)
        stele_pace_judge(pace, &load, stele_clock());
    return status;
}

const char *stele_pace_question(const stele_pace *pace, bool last)
{
    static const char written[] = "SELECT " POSITION("pg_catalog.pg_current_wal_insert_lsn()");
    static const char both[] = "SELECT " POSITION("pg_catalog.pg_current_wal_insert_lsn()") ", w.* FROM (" WAITS_FOR("pg_catalog.pg_backend_pid()") ") AS w";
    bool budget = pace->knobs->wal > 0 && pace->wal_written >= 0;
    if (!last || (pace->blind & 1u << WAITING) != 0)
        return budget ? written : NULL;
    return pace->wal_written >= 0 ? both : NULL;
}

void stele_pace_answer(stele_pace *pace, bool last, const stele_rows *rows)
{
    bool more = rows != NULL && stele_rows_columns(rows) == 3;
    if (rows != NULL)
        stele_pace_saw(pace, last, position(rows, 0), more ? (unsigned)number(rows, 1, 0) : 0, more ? number(rows, 2, 0) : 0, stele_clock());
}

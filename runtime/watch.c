#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "lock.h"
#include "mem.h"

enum { SECOND = 1000000, LOOK_EVERY = SECOND, CONNECT_AGAIN = 10 * SECOND };

/* ------------------------------------------------------------ what is asked */

/* Who holds what it waits for. A transaction that was prepared has no process any more. */
static const char blockers[] =
    "SELECT 'blocker', b.pid::pg_catalog.text, CASE WHEN b.pid OPERATOR(pg_catalog.=) 0 THEN 'a prepared transaction (see pg_prepared_xacts)'"
    " ELSE pg_catalog.format('process %s, application \"%s\", from %s, %s%s%s', b.pid,"
    " coalesce(nullif(a.application_name, ''), 'unnamed'), coalesce(pg_catalog.host(a.client_addr), 'this host'),"
    " coalesce(a.state, 'of another role'),"
    " ' for ' OPERATOR(pg_catalog.||) pg_catalog.floor(extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) a.xact_start))"
    "::pg_catalog.text OPERATOR(pg_catalog.||) ' s',"
    " CASE WHEN a.state IS NULL THEN NULL WHEN a.state OPERATOR(pg_catalog.=) 'active' THEN ', running: ' ELSE ', last ran: ' END"
    " OPERATOR(pg_catalog.||) " STELE_SHOWN_QUERY ") END"
    " FROM w CROSS JOIN LATERAL (SELECT DISTINCT pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) AS pid) AS b"
    " LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid OPERATOR(pg_catalog.=) b.pid";

/* A view of the server's that tells how far a command is: by the first of its pairs of numbers that has a total. */
static const struct progress {
    int version; /* of the first server that has it */
    const char *view, *what, *done[3], *total[3];
} progress[] = {
    {120000, "pg_stat_progress_create_index", "p.phase",
     {"blocks_done", "tuples_done", "lockers_done"}, {"blocks_total", "tuples_total", "lockers_total"}},
    {120000, "pg_stat_progress_cluster", "p.phase", {"heap_blks_scanned", NULL, NULL}, {"heap_blks_total", NULL, NULL}},
    {120000, "pg_stat_progress_vacuum", "p.phase", {"heap_blks_scanned", NULL, NULL}, {"heap_blks_total", NULL, NULL}},
    {130000, "pg_stat_progress_analyze", "p.phase", {"sample_blks_scanned", NULL, NULL}, {"sample_blks_total", NULL, NULL}},
    {140000, "pg_stat_progress_copy", "'copying'", {"bytes_processed", NULL, NULL}, {"bytes_total", NULL, NULL}},
};

static void put_progress(stele_text *sql, const struct progress *p)
{
    stele_text_print(sql, " UNION ALL SELECT 'progress', '', pg_catalog.concat(%s, CASE", p->what);
    for (size_t i = 0; i < 3 && p->done[i] != NULL; i++)
        stele_text_print(sql, " WHEN p.%s OPERATOR(pg_catalog.>) 0 THEN pg_catalog.format(%s, p.%s OPERATOR(pg_catalog.*) 100 OPERATOR(pg_catalog./) p.%s,"
                              " p.%s, p.%s)",
                         p->total[i], i == 2 ? "', %2$s of %3$s transactions waited for'" : "', %1$s %%'", p->done[i], p->total[i], p->done[i], p->total[i]);
    stele_text_print(sql, " END) FROM pg_catalog.%s AS p JOIN w ON p.pid OPERATOR(pg_catalog.=) w.pid", p->view);
}

/* Inside a transaction the server shows the same activity again and again, unless it is told to look anew. */
static void put_question(stele_text *sql, const stele_watch *watch)
{
    stele_text_string(sql, "SELECT pg_catalog.pg_stat_clear_snapshot(); WITH w(pid) AS (");
    if (watch->mark != NULL)
        stele_text_print(sql, "SELECT a.pid FROM pg_catalog.pg_stat_activity AS a WHERE a.state OPERATOR(pg_catalog.=) 'active'"
                              " AND pg_catalog.starts_with(a.query, '%s') AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()", watch->mark);
    else
        stele_text_print(sql, "SELECT %d", watch->backend);
    stele_text_print(sql, ") SELECT 'running', '', pg_catalog.left(a.query, 120) FROM pg_catalog.pg_stat_activity AS a JOIN w ON a.pid"
                          " OPERATOR(pg_catalog.=) w.pid UNION ALL %s", blockers);
    for (size_t i = 0; i < sizeof progress / sizeof *progress; i++)
        if (stele_link_version(watch->link) >= progress[i].version)
            put_progress(sql, &progress[i]);
}

/* ---------------------------------------------------------- what is answered */

static void append(char *buffer, size_t size, const char *between, const char *text)
{
    size_t length = strlen(buffer);
    snprintf(buffer + length, size - length, "%s%s", length == 0 ? "" : between, text);
}

static void take_answer(stele_watch *watch, const stele_rows *rows)
{
    char pids[sizeof watch->pids] = "", how_far[sizeof watch->progress] = "";
    watch->blockers[0] = watch->running[0] = '\0';
    for (int i = 0; i < stele_rows_count(rows); i++) {
        const char *kind = stele_rows_text(rows, i, 0), *pid = stele_rows_text(rows, i, 1), *text = stele_rows_text(rows, i, 2);
        if (kind == NULL || pid == NULL || text == NULL)
            continue;
        if (kind[0] == 'r') {
            stele_error_copy(watch->running, sizeof watch->running, text);
        } else if (kind[0] == 'b') {
            append(watch->blockers, sizeof watch->blockers, "\n", text);
            append(pids, sizeof pids, " ", pid);
        } else {
            append(how_far, sizeof how_far, "; ", text);
        }
    }
    bool others = strcmp(pids, watch->pids) != 0, further = strcmp(how_far, watch->progress) != 0;
    stele_error_copy(watch->pids, sizeof watch->pids, pids);
    stele_error_copy(watch->progress, sizeof watch->progress, how_far);
    if (watch->tell != NULL && others && pids[0] != '\0')
        watch->tell(watch->data, STELE_EVENT_BLOCKED, watch->blockers);
    if (watch->tell != NULL && further && how_far[0] != '\0')
        watch->tell(watch->data, STELE_EVENT_PROGRESS, how_far);
}

/* --------------------------------------------------------------------- turns */

static void ask(stele_watch *watch)
{
    stele_text sql = {0};
    put_question(&sql, watch);
    if (!sql.failed)
        stele_second_ask(&watch->second, sql.bytes, 0, NULL);
    stele_text_free(&sql);
}

void stele_watch_meanwhile(void *data, int64_t waited)
{
    stele_watch *watch = data;
    stele_second *second = &watch->second;
    int64_t now = stele_clock();
    bool known = !watch->off && (watch->mark != NULL || watch->backend != 0);
    if (watch->hungry && waited > 3 * SECOND) {
        stele_watch_close(watch);
        return;
    }
    if (second->state == STELE_SECOND_NONE && known && waited >= watch->patience && now >= watch->next)
        stele_second_open(second, watch->link, "stele watch");
    for (int i = 0; i < 4; i++) {
        stele_second_turn(second);
        if (second->state == STELE_SECOND_ANSWERED) {
            stele_rows *rows = stele_second_answer(second);
            if (rows != NULL)
                take_answer(watch, rows);
            stele_rows_free(rows);
        }
        if (second->state == STELE_SECOND_IDLE && known && waited >= watch->patience && now >= watch->next) {
            watch->next = now + LOOK_EVERY;
            ask(watch);
        }
        if (second->state != STELE_SECOND_CONNECTING && second->state != STELE_SECOND_BUSY)
            break;
        stele_second_rest(second, -1, 0, 5);
    }
    if (second->state == STELE_SECOND_LOST) {
        stele_watch_close(watch);
        watch->next = now + CONNECT_AGAIN;
    }
}

stele_rows *stele_watch_ask(stele_watch *watch, const char *sql, int64_t patience)
{
    stele_second *second = &watch->second;
    int64_t end = stele_clock() + patience;
    bool asked = false;
    if (watch->off)
        return NULL;
    if (second->state == STELE_SECOND_NONE)
        stele_second_open(second, watch->link, "stele watch");
    while (stele_clock() < end && second->state != STELE_SECOND_LOST && !stele_link_is_asked(watch->link)) {
        stele_second_turn(second);
        if (second->state == STELE_SECOND_ANSWERED) {
            stele_rows *rows = stele_second_answer(second);
            if (asked)
                return rows;
            stele_rows_free(rows);
        }
        if (second->state == STELE_SECOND_IDLE && !asked)
            asked = stele_second_ask(second, sql, 0, NULL);
        stele_second_rest(second, -1, 0, 20);
    }
    stele_watch_close(watch);
    return NULL;
}

void stele_watch_close(stele_watch *watch)
{
    stele_second_close(&watch->second);
    watch->holds = false;
}

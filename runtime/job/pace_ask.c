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

/* ------------------------------------------------------------ the question */

/* Is it of use now? */
static bool is_wanted(const stele_pace *pace, stele_pace_part part)
{
    const stele_knobs *knobs = pace->knobs;
    if ((pace->blind & 1u << part) != 0)
        return false;
    switch (part) {
    case STELE_PACE_SESSIONS: return knobs->sessions > 0;
    case STELE_PACE_REPLICAS: return knobs->lag > 0;
    case STELE_PACE_NUDGE: return knobs->lag > 0 && pace->lag >= knobs->lag / 2;
    case STELE_PACE_HORIZON:
    case STELE_PACE_VACUUM: return knobs->horizon > 0;
    case STELE_PACE_ARCHIVER: return knobs->archive > 0;
    default: return true;
    }
}

/* ", 12, 13": numbers, which need no quotes. */
static void list_marks(char *list, size_t size, const int *marks)
{
    list[0] = '\0';
    for (size_t i = 0; marks != NULL && marks[i] != 0; i++)
        snprintf(list + strlen(list), size - strlen(list), ", %d", marks[i]);
}

/* {mine} and {tables} stand for what they are called. */
static void put_part(stele_text *sql, const stele_pace *pace, stele_pace_part part, const char *marks)
{
    static const char mine[] = "{mine}", tables[] = "{tables}";
    for (const char *text = stele_pace_parts[part].sql, *place;; text = place) {
        place = strchr(text, '{');
        stele_text_bytes(sql, text, place == NULL ? strlen(text) : (size_t)(place - text));
        if (place == NULL)
            return;
        bool is_mine = strncmp(place, mine, sizeof mine - 1) == 0, is_tables = strncmp(place, tables, sizeof tables - 1) == 0;
        stele_text_string(sql, is_mine ? marks : is_tables ? pace->tables : "{");
        place += is_mine ? sizeof mine - 1 : is_tables ? sizeof tables - 1 : 1;
    }
}

/* All parts side by side; one that isn't asked leaves its columns empty. `only`: this one alone, STELE_PACE_PARTS: all. */
static void put_question(stele_text *sql, const stele_pace *pace, stele_pace_part only, const char *marks)
{
    stele_text_print(sql, "SELECT * FROM (%s) AS clock", stele_pace_clock);
    for (stele_pace_part part = 0; part < STELE_PACE_PARTS; part++) {
        stele_text_string(sql, " LEFT JOIN (");
        if (is_wanted(pace, part) && (only == STELE_PACE_PARTS || only == part))
            put_part(sql, pace, part, marks);
        else
            for (int i = 0; i < stele_pace_parts[part].columns; i++)
                stele_text_string(sql, i == 0 ? "SELECT NULL" : ", NULL");
        stele_text_print(sql, ") AS part%d ON true", (int)part);
    }
}

static stele_status ask(stele_pace *pace, stele_link *link, stele_pace_part only, const char *marks, stele_rows **rows, stele_error *error)
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

/* As the parts have them, in their order. */
enum {
    MINUTE, WRITTEN, FLUSHED, WAITERS, WAITED, OTHERS_WRITE, REPLAYED, REPLAY_LAG, REPLICA, HIDDEN, ACTIVE, ACTIVE_HIDDEN, SLOT, SLOT_LEFT, SLOT_SHARE, HELD_XID, HELD_SINCE, HELD_BY,
    SESSIONS_HIDDEN, FREEZE_DATABASE, FREEZE_AGE, FREEZE_DANGER, VACUUM_SINCE, VACUUM_TABLE, VACUUMS_HIDDEN, ARCHIVER_FAILS, ARCHIVER_BEHIND
};

static void take_answer(stele_load *load, const stele_rows *rows)
{
    load->minute = (int)number(rows, MINUTE, -1);
    load->written = position(rows, WRITTEN);
    load->flushed = position(rows, FLUSHED);
    load->waiting = (unsigned)number(rows, WAITERS, 0);
    load->waited = number(rows, WAITED, 0);
    load->others_write = stele_rows_true(rows, 0, OTHERS_WRITE);
    load->replayed = position(rows, REPLAYED);
    load->replay_lag = number(rows, REPLAY_LAG, -1);
    stele_error_copy(load->replica, sizeof load->replica, stele_rows_text(rows, 0, REPLICA));
    load->hidden = (int)number(rows, HIDDEN, 0);
    load->sessions = stele_rows_true(rows, 0, ACTIVE_HIDDEN) ? -1 : (int)number(rows, ACTIVE, -1);
    stele_error_copy(load->slot, sizeof load->slot, stele_rows_text(rows, 0, SLOT));
    load->slot_left = number(rows, SLOT_LEFT, -1);
    load->slot_share = number(rows, SLOT_SHARE, -1);
    stele_error_copy(load->held_xid, sizeof load->held_xid, stele_rows_text(rows, 0, HELD_XID));
    load->held_since = number(rows, HELD_SINCE, -1);
    stele_error_copy(load->held_by, sizeof load->held_by, stele_rows_text(rows, 0, HELD_BY));
    stele_error_copy(load->freeze_database, sizeof load->freeze_database, stele_rows_text(rows, 0, FREEZE_DATABASE));
    load->freeze_age = number(rows, FREEZE_AGE, 0);
    load->freeze_danger = number(rows, FREEZE_DANGER, -1);
    load->vacuum_since = number(rows, VACUUM_SINCE, -1);
    stele_error_copy(load->vacuum_table, sizeof load->vacuum_table, stele_rows_text(rows, 0, VACUUM_TABLE));
    load->vacuum_hidden = number(rows, SESSIONS_HIDDEN, 0) + number(rows, VACUUMS_HIDDEN, 0) > 0;
    load->archiver_fails = stele_rows_true(rows, 0, ARCHIVER_FAILS);
    load->archiver_behind = number(rows, ARCHIVER_BEHIND, -1);
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
        tell(pace, STELE_PACE_PARTS, "this role may not see how far behind replicas are, so \"lag\" has no effect: GRANT pg_monitor to it");
    else if (sessions_hidden)
        tell(pace, STELE_PACE_PARTS + 1, "this role may not see what other sessions do, so \"sessions\" has no effect: GRANT pg_monitor to it");
    if (load->vacuum_hidden)
        tell(pace, STELE_PACE_PARTS + 2, "this role may not see who of all holds vacuum back, so \"horizon\" may have no effect: GRANT pg_monitor to it");
}

static bool may_go_on(stele_status status)
{
    return status != STELE_NO_CONNECTION && status != STELE_CANCELLED;
}

/* The question failed: which part is it? That one isn't asked any more, for a minute. */
static stele_status find_blind(stele_pace *pace, stele_link *link, const char *marks, stele_error *error)
{
    for (stele_pace_part part = 0; part < STELE_PACE_PARTS; part++) {
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
        tell(pace, (unsigned)part, "%s: %s", stele_pace_parts[part].without, why.message);
    }
    return STELE_OK;
}

static stele_status ask_for_all(stele_pace *pace, stele_link *link, const char *marks, stele_load *load, stele_error *error)
{
    stele_error why = {0};
    stele_rows *rows = NULL;
    if (pace->blind != 0 && stele_clock() >= pace->blind_until)
        pace->blind = 0;
    stele_status status = ask(pace, link, STELE_PACE_PARTS, marks, &rows, &why);
    if (status != STELE_OK && may_go_on(status)) {
        status = find_blind(pace, link, marks, error);
        if (status != STELE_OK)
            return status;
        stele_error_clear(&why);
        status = ask(pace, link, STELE_PACE_PARTS, marks, &rows, &why);
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

/* ------------------------------------------------------------------ outside */

stele_status stele_pace_sample(stele_pace *pace, stele *handle, const int *marks, stele_error *error)
{
    stele_load load;
    char list[256];
    stele_load_clear(&load);
    list_marks(list, sizeof list, marks);
    stele_status status = ask_for_all(pace, &handle->link, list, &load, error);
    if (status == STELE_OK)
        status = stele_pace_stop_when(pace, &handle->link, &load, error);
    if (status == STELE_OK)
        stele_pace_judge(pace, &load, stele_clock());
    return status;
}

const char *stele_pace_question(const stele_pace *pace, bool last)
{
    bool budget = pace->knobs->wal > 0 && pace->wal_written >= 0;
    if (!last || (pace->blind & 1u << STELE_PACE_WAITING) != 0)
        return budget ? stele_pace_written : NULL;
    return pace->wal_written >= 0 ? pace->question : NULL;
}

void stele_pace_answer(stele_pace *pace, bool last, const stele_rows *rows)
{
    bool more = rows != NULL && stele_rows_columns(rows) == 4;
    int64_t now = stele_clock();
    if (more && stele_rows_true(rows, 0, 3))
        pace->others_at = now;
    if (rows != NULL)
        stele_pace_saw(pace, last, position(rows, 0), more ? (unsigned)number(rows, 1, 0) : 0, more ? number(rows, 2, 0) : 0, now);
}

/*
 * pace_stop.c - the query of the knob "stop_when", by which anybody may stop a job
 */
#include "pace_inside.h"

#include <stdio.h>
#include <string.h>

#include "../error.h"

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

stele_status stele_pace_stop_when(stele_pace *pace, stele_link *link, stele_load *load, stele_error *error)
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
    if (status == STELE_NO_CONNECTION || status == STELE_CANCELLED)
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

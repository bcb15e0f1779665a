/*
 * pace_stop.c - the query of the knob "stop_when", by which anybody may stop a job
 */
#include "pace_inside.h"

#include <stdio.h>
#include <string.h>

#include "../error.h"

#define EXAMPLE "it is one SELECT that returns one row of one boolean, whatever there is: SELECT count(*) > 100 FROM queue; or SELECT EXISTS (SELECT FROM queue WHERE late)"

/* What one look at it gave. */
typedef struct answer {
    bool is_true;
    char wrong[96]; /* what it returned instead of one boolean; or "" */
} answer;

enum { ASKED = 1 };

/* All of its rows as one array, and the type of that. */
static void take_answer(void *data, uint64_t item, const stele_rows *rows)
{
    answer *found = data;
    if (item != ASKED || rows == NULL)
        return;
    const char *type = stele_rows_text(rows, 0, 0), *values = stele_rows_text(rows, 0, 1);
    if (strcmp(type, "boolean[]") != 0)
        snprintf(found->wrong, sizeof found->wrong, "returns %.*s, not boolean", (int)(strlen(type) - strlen("[]")), type);
    else if (strncmp(values, "{{", 2) == 0)
        snprintf(found->wrong, sizeof found->wrong, "returns boolean[], not boolean");
    else if (strcmp(values, "{}") == 0)
        snprintf(found->wrong, sizeof found->wrong, "returns no row");
    else if (strchr(values, ',') != NULL)
        snprintf(found->wrong, sizeof found->wrong, "returns more than one row");
    else
        found->is_true = values[1] == 't';
}

/*
 * In a transaction of its own that may not write, in one round trip. As a part of a statement with parameters: so it is one query, of one column, and whatever else the text may have, the server
 * refuses it.
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
        status = stele_pipe_send(link, ASKED, sql, 0, NULL, error);
    if (status == STELE_OK)
        status = stele_pipe_send(link, 0, "ROLLBACK", 0, NULL, error);
    if (status == STELE_OK)
        status = stele_pipe_wait(link, error);
    stele_status stopped = stele_pipe_stop(link, error);
    stele_link_rollback(link);
    return status != STELE_OK ? status : stopped;
}

/* OFFSET 0 keeps the server from asking twice. */
static const char before[] = "SELECT pg_catalog.pg_typeof(a)::pg_catalog.text, a FROM (SELECT ARRAY(SELECT * FROM (";
static const char behind[] = "\n) AS stop_when LIMIT 2) AS a OFFSET 0) AS answer";

/* The query, without the semicolon that may end it, within one that tells what it returned. */
static void put_stop_when(stele_text *sql, const char *text)
{
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n;", text[length - 1]) != NULL)
        length--;
    stele_text_string(sql, before);
    stele_text_bytes(sql, text, length);
    stele_text_string(sql, behind);
}

/* Of a connection that is lost meanwhile nobody knows whether it was this query that ended it. */
static stele_status ask(stele_link *link, const char *text, answer *found, stele_error *error)
{
    stele_text sql = {0};
    stele_error why = {0};
    void (*answered)(void *, uint64_t, const stele_rows *) = link->answered;
    void *data = link->answered_data;
    *found = (answer){0};
    put_stop_when(&sql, text);
    link->answered = take_answer;
    link->answered_data = found;
    stele_status status = sql.failed ? stele_error_memory(&why) : send_stop_when(link, sql.bytes, &why);
    link->answered = answered;
    link->answered_data = data;
    stele_text_free(&sql);
    if (status == STELE_NO_CONNECTION) {
        stele_error_set(error, status, "the connection was lost while stop_when was asked: %.300s", why.message);
        stele_error_hint(error, "where that happens again, it is the query that ends its own session: stop_when must only look");
    } else if (status != STELE_OK) {
        *error = why;
    }
    return status;
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

stele_status stele_pace_stop_when(stele_pace *pace, stele_link *link, stele_load *load, stele_error *error)
{
    answer found;
    stele_error why = {0};
    if (pace->knobs->stop_when == NULL)
        return STELE_OK;
    stele_status status = ask(link, pace->knobs->stop_when, &found, &why);
    pace->stop_lost = status == STELE_NO_CONNECTION ? pace->stop_lost + 1 : 0;
    if (status == STELE_NO_CONNECTION || status == STELE_CANCELLED)
        return stele_error_set(error, status, "%s", why.message);
    load->stop = found.is_true || found.wrong[0] != '\0';
    snprintf(load->stop_reason, sizeof load->stop_reason, found.wrong[0] == '\0' ? "stop_when is true" : "stop_when %.80s", found.wrong);
    if (status != STELE_OK)
        take_failure(load, &why);
    return STELE_OK;
}

bool stele_pace_stop_ends_session(const stele_pace *pace)
{
    enum { ENOUGH = 3 };
    return pace->stop_lost >= ENOUGH;
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

/* What the server said of it: that it can't be so, or that it can't be now. */
static stele_status refuse(stele_link *link, const char *text, const stele_error *why, stele_error *error)
{
    bool is_late = strcmp(why->sqlstate, "57014") == 0, is_locked = strcmp(why->sqlstate, "55P03") == 0;
    if (is_late || is_locked) {
        stele_error_set(error, STELE_USAGE, is_late ? "it takes longer than a second" : "it had to wait for a lock");
        stele_error_hint(error, is_late ? "it is asked once a second, by each worker: have it look at less, or give it an index" : "try again when nobody alters what it reads");
    } else {
        stele_error_set(error, STELE_USAGE, "%s", why->message);
        stele_error_hint(error, "%s", strcmp(why->sqlstate, "25006") == 0 ? "it is asked in a transaction that only reads" : why->hint[0] != '\0' ? why->hint : EXAMPLE);
    }
    if (error != NULL)
        stele_error_copy(error->sqlstate, sizeof error->sqlstate, why->sqlstate);
    if (error != NULL && link->position >= sizeof before)
        place_in_text(error, text, link->position - (unsigned)(sizeof before - 1));
    return STELE_USAGE;
}

stele_status stele_pace_check_stop_when(stele *handle, const char *text, stele_error *error)
{
    answer found;
    stele_error why = {0};
    stele_link *link = &handle->link;
    stele_status status = ask(link, text, &found, &why);
    if (status == STELE_OK && found.wrong[0] != '\0') {
        stele_error_set(error, status = STELE_USAGE, "it %s", found.wrong);
        stele_error_hint(error, EXAMPLE);
    } else if (status != STELE_OK && status != STELE_NO_CONNECTION && status != STELE_CANCELLED && why.sqlstate[0] != '\0') {
        status = refuse(link, text, &why, error);
    } else if (status != STELE_OK && error != NULL) {
        *error = why;
    }
    return status;
}

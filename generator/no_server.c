#include "no_server.h"

#include "../runtime/error.h"
#include "../runtime/pq_statement.h"

/*
 * The runtime's Lua asks the server for types it doesn't know, and a migration's for more. When a program is built there is none, and none of the scripts that are looked at then has `db`:
 * so each of these says that there is no connection, and stelec isn't linked with libpq.
 */
static stele_status none(stele_error *error)
{
    return stele_error_set(error, STELE_NO_CONNECTION, "there is no server when a program is built");
}

void no_server(void)
{
}

bool stele_link_alive(const stele_link *link)
{
    (void)link;
    return false;
}

bool stele_link_in_transaction(const stele_link *link)
{
    (void)link;
    return false;
}

bool stele_link_is_idle(const stele_link *link)
{
    (void)link;
    return false;
}

bool stele_link_is_asked(stele_link *link)
{
    (void)link;
    return false;
}

stele_status stele_link_pause(stele_link *link, int64_t microseconds, stele_error *error)
{
    (void)link, (void)microseconds;
    return none(error);
}

stele_status stele_link_run(stele_link *link, const char *sql, stele_error *error)
{
    (void)link, (void)sql;
    return none(error);
}

stele_status stele_statement_describe(stele_link *link, const char *sql, uint32_t *types, int room, int *count, stele_error *error)
{
    (void)link, (void)sql, (void)types, (void)room;
    *count = 0;
    return none(error);
}

stele_status stele_statement_send(stele_link *link, const char *sql, const stele_arguments *arguments, bool singly, stele_error *error)
{
    (void)link, (void)sql, (void)arguments, (void)singly;
    return none(error);
}

stele_status stele_statement_next(stele_link *link, stele_rows **rows, stele_error *error)
{
    (void)link;
    *rows = NULL;
    return none(error);
}

void stele_statement_drop(stele_link *link)
{
    (void)link;
}

/* No rows. */

int stele_rows_count(const stele_rows *rows)
{
    (void)rows;
    return 0;
}

int stele_rows_columns(const stele_rows *rows)
{
    (void)rows;
    return 0;
}

int64_t stele_rows_affected(const stele_rows *rows)
{
    (void)rows;
    return 0;
}

size_t stele_rows_memory(const stele_rows *rows)
{
    (void)rows;
    return 0;
}

const char *stele_rows_text(const stele_rows *rows, int row, int column)
{
    (void)rows, (void)row, (void)column;
    return NULL;
}

const char *stele_rows_bytes(const stele_rows *rows, int row, int column, size_t *length)
{
    (void)rows, (void)row, (void)column;
    *length = 0;
    return NULL;
}

const char *stele_rows_name(const stele_rows *rows, int column)
{
    (void)rows, (void)column;
    return "";
}

uint32_t stele_rows_type(const stele_rows *rows, int column)
{
    (void)rows, (void)column;
    return 0;
}

void stele_rows_free(stele_rows *rows)
{
    (void)rows;
}

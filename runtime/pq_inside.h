/*
 * pq_inside.h - what the files of the room that talks to the server share
 *
 *     pq_open.c       connect, take over, connect anew, close
 *     pq_conninfo.c   connection strings, and that nobody quotes them
 *     pq_role.c       another role than the one that the connection was made as
 *     pq_wait.c       the one place where the server is waited for: interruption, and whoever else has something to do meanwhile
 *     pq_query.c      one thing at a time: a query, a script, a COPY
 *     pq_pipe.c       statements sent without waiting
 *     pq_statement.c  one statement with typed parameters, for Lua
 *     pq_second.c     a second connection, that nobody waits for
 *     pq_error.c      what the server said, as a stele_error; rows
 *
 * A connection is in libpq's nonblocking mode for as long as it is a link: nothing but pq_wait.c ever waits.
 */
#ifndef STELE_PQ_INSIDE_H
#define STELE_PQ_INSIDE_H

#include <libpq-fe.h>

#include "pq.h"

/* Refuse what isn't surely the connection string that it was meant to be. Doesn't connect. Returns OK or NO_CONNECTION. */
stele_status stele_pq_check_conninfo(const char *conninfo, stele_error *error);

/* Make an error of a connection that didn't come about. */
stele_status stele_pq_connect_failed(stele_link *link, stele_error *error);

/* Set link->role, if there is one. Returns OK; UNMET where it can't be. And what a caller's connection had before. */
stele_status stele_pq_take_role(stele_link *link, stele_error *error);
void stele_pq_give_role_back(stele_link *link);

/* Make an error of what the server said. Without a result, of what libpq says of the connection. */
stele_status stele_pq_fail(stele_link *link, const PGresult *result, stele_error *error);

/* Is it the answer to something that went well? */
bool stele_pq_succeeded(const PGresult *result);

/* Note how many rows a statement affected. Of rows that come singly, only the result behind them has the tag. */
void stele_pq_take_tag(stele_link *link, PGresult *result);

/*
 * May more be sent? Not over a connection that is gone, nor when the caller wants to stop: OK, NO_CONNECTION or CANCELLED.
 */
stele_status stele_pq_ready(stele_link *link, stele_error *error);

/* Send what libpq has buffered. False: that isn't possible any more; the next result says why. */
bool stele_pq_flush(stele_link *link);

/* As PQgetResult and PQgetCopyData, but interruptible. */
PGresult *stele_pq_result(stele_link *link);
int stele_pq_copy_data(stele_link *link, char **line);

/* Has the server begun a COPY, which nobody here serves? Then it is ended: what it would take fails, which the next result says; what it gives is dropped. */
bool stele_pq_end_copy(stele_link *link, const PGresult *result);

/* The first result that failed, or the last of all: what PQexec would return. NULL: no memory, or no connection. */
PGresult *stele_pq_only_result(stele_link *link);

#endif

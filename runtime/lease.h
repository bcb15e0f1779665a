/*
 * lease.h - who runs a statement outside a transaction, and is it still at it?
 *
 * A transaction that holds the lock ends with its process. A statement that can't run in a transaction doesn't: the server goes on with it
 * when its client was killed, and behind a pooler no lock of a session is to be had at all. So the row that announces such a step (begin, down-begin)
 * says who runs it, in its reason; whoever finds that row without an end looks whether that process is still at it.
 *
 *     process 4711 since 2026-11-26 04:44:28.123456+00, system 7312345678901234567, database 16384, mark 0123456789abcdef
 *     through a pooler, system 7312345678901234567, database 16384, mark 0123456789abcdef
 *
 * Through a pooler, the statement is sent behind a comment with its mark, by which it is found among the server's activities, whatever
 * process it is given to; and the session is called "stele MARK" then, which roles see that may not see its statement. System and database tell a copy: in a database that was restored from a backup, nobody is at it. The mark's owner,
 * while it lives, also holds a lock: for the session, or where there is a pooler, in a transaction of a second connection. Where no second
 * one is to be had, the reason ends in ", unguarded", and half a minute must have gone by before anybody else begins.
 */
#ifndef STELE_LEASE_H
#define STELE_LEASE_H

#include "run.h"

/*
 * Before the steps of a migration: find out who serves us, and take the lock that outlasts a transaction. `*taken` is false when somebody
 * else has it. Returns OK, or as a query does.
 */
stele_status stele_lease_take(stele_run *run, bool *taken, stele_error *error);

/* Before each further step outside a transaction: the session may have lost it. */
stele_status stele_lease_keep(stele_run *run, bool *taken, stele_error *error);

void stele_lease_release(stele_run *run);

/*
 * Is one of the survey's migrations, begun and not ended, still being worked on by somebody else? Then tries->lock says who. With options->terminate the
 * process that runs it is ended. Returns OK; UNMET when that isn't allowed; or as a query does.
 */
stele_status stele_lease_look(stele *handle, const stele_survey *survey, stele_tries *tries, bool *busy, stele_error *error);

#endif

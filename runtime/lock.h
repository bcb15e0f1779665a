/*
 * lock.h - one migrator at a time
 *
 * The lock is an advisory lock named after the ledger and the component. A transaction takes it with the first statement, tried and never waited for:
 * who waits inside a statement holds a snapshot, and deadlocks with CREATE INDEX CONCURRENTLY. Waiting is
 * polling, between statements. A migration that leaves the transaction holds the same lock for the session, and a second one, which
 * through a pooler is all that it can hold.
 */
#ifndef STELE_LOCK_H
#define STELE_LOCK_H

#include "handle.h"

typedef struct stele_lock {
    char key1[16], key2[16]; /* as parameters */
    char key3[16];           /* with key1: the lock on the steps that leave the transaction */
    int64_t deadline;        /* of the wait, by stele_clock; 0 before it began */
    unsigned tries;
    unsigned held;           /* how often the session holds it */
    char holder[512];        /* who held it at the last look */
    char worker[512];        /* who still runs a step that was begun before; "" for nobody; see lease.h */
    char work[256];          /* and which */
} stele_lock;

/*
 * As SQL: how others' query a.query is shown: on one line, without the comment that has a step's mark, and from where a password is
 * told not at all.
 */
#define STELE_SHOWN_QUERY                                                                                              \
    "pg_catalog.left(pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(a.query,"           \
    " '^/[*] stele [0-9a-f]+ [*]/ ', ''), '(password|secret).*', '...', 'i'), '[[:space:]]+', ' ', 'g'), 80)"

/* The sqlstates that stele's own functions raise. */
#define STELE_MOVED "ST001"  /* the ledger is not where it was: somebody else applied something */
#define STELE_TAKEN "ST002"  /* another process holds the lock */

/* Name the lock of one component of the handle's ledger; "" is the lock under which the ledger is made. */
void stele_lock_name(stele_lock *lock, const stele *handle, const char *component);

/*
 * Wait a little, until the lock seems free or it is time to look at the ledger again. Reports a new holder to
 * the progress callback. Returns OK to go on; LOCKED when the time is up, saying who holds it.
 */
stele_status stele_lock_wait(stele_lock *lock, stele *handle, stele_error *error);

/* Does another process hold it now? False also when that can't be told. */
bool stele_lock_is_held(stele_lock *lock, stele *handle);

/*
 * Take the lock for the session; `taken` tells whether it was free. Taken again before each step that leaves the
 * transaction: a DISCARD ALL in the step before may have dropped it. Release gives all of them back.
 */
stele_status stele_lock_session(stele_lock *lock, stele *handle, bool *taken, stele_error *error);
void stele_lock_release(stele_lock *lock, stele *handle);

#endif

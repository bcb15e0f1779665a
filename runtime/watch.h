/*
 * watch.h - what is seen of a statement that takes long, over a second connection
 *
 * Half a second after a statement was sent, and then every second, somebody else asks the server what it is at: who stands in its way,
 * and how far it has come. Where there is no second connection to be had, nothing is known, and nothing else changes.
 */
#ifndef STELE_WATCH_H
#define STELE_WATCH_H

#include "pq.h"

typedef struct stele_watch {
    stele_link *link;      /* what is watched */
    stele_second second;
    bool off;              /* no second connection may be opened */
    int backend;           /* the process that serves it; 0: unknown, or changing */
    const char *mark;      /* what the statement begins with that runs outside a transaction; NULL where there is none */
    int64_t patience;      /* before the first look, in microseconds */
    int64_t next;          /* when to look again, and, after a failure, to connect again; by stele_clock */
    char blockers[768];    /* who stands in the way, in words, as of the last look; "" for nobody */
    char pids[128];        /* the same, to tell whether it is the same ones */
    char progress[160];    /* how far it is; "" where that isn't known */
    bool holds;            /* the second connection holds a lock, in a transaction; see lease.h */
    bool hungry;           /* and gives it up, with the connection, when the first one gets no answer meanwhile */
    char running[128];     /* how the statement begins that was run at the last look; "" where that isn't known */
    void (*tell)(void *data, stele_event_kind kind, const char *message); /* BLOCKED and PROGRESS */
    void *data;
} stele_watch;

/* For link->meanwhile; `data` is the watch. */
void stele_watch_meanwhile(void *data, int64_t waited);

/*
 * Ask over the second connection, and wait for the answer up to a time, in microseconds. NULL: no connection, no answer in time, or
 * an error. The caller frees the rows.
 */
stele_rows *stele_watch_ask(stele_watch *watch, const char *sql, int64_t patience);

void stele_watch_close(stele_watch *watch);

#endif

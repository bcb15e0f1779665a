/*
 * flow.h - the chunks that a worker is at, each with its pages, from being read to being written
 *
 *     flow.c        one step after the other, until no chunk is left
 *     flow_read.c   pages are read: on the first connection, or on a second one while the first is busy
 *     flow_fill.c   what the script and the provider make of them
 *     flow_write.c  what has come to its end is written
 *     flow_keys.c   the same for one page that was read by keys
 *
 * While a write is under way the second connection reads what comes next; and when all of the write was sent, its COMMIT as well, so that nothing waits for this worker, what was read is
 * computed. No code of the user's - text, map, a callback - runs while a transaction waits for this worker: not between a write's first message and its last, nor while an answer is on its way
 * on the second connection, which would have to be taken for its statement to end.
 */
#ifndef STELE_JOB_FLOW_H
#define STELE_JOB_FLOW_H

#include "worker.h"

enum { STELE_FLOW_PAGES = 64, STELE_FLOWS = 3, STELE_FLOW_ROWS = 500 };

/* A chunk that is being worked at. While the last texts of one are with the provider, the next one is begun already, so that the provider is never without work. */
typedef struct stele_flow {
    stele_job_chunk chunk;
    stele_page pages[STELE_FLOW_PAGES]; /* that were read and aren't written yet, oldest first */
    uint64_t serial;       /* of the first page; its tag's upper half */
    unsigned count;
    unsigned computed;     /* so many of them the script has seen */
    int next_row;          /* of the first page: the first that isn't written */
    int64_t ready_since;   /* since when there is something that could be written; 0: there isn't */
    int64_t held_since;    /* since when its first row keeps too many behind it from being written; 0: it doesn't */
    const char *after[STELE_KEY_COLUMNS]; /* where reading goes on; in the chunk's arena */
    bool reads_on, read_any;
} stele_flow;

/* What is read ahead. Nothing depends on it: without a second connection, and when it is lost, all is read on the first. */
typedef struct stele_ahead {
    stele_second second;
    stele_flow *flow;       /* whose page is on its way; NULL: none's, or that of a chunk that was lost meanwhile */
    stele_page_query query; /* for that page; its sql was sent */
    int64_t since;          /* stele_clock: when it was asked, or connecting began */
    int64_t not_before;     /* connect then, or never: INT64_MAX */
} stele_ahead;

typedef struct stele_stream {
    stele_worker *worker;
    stele_flow flows[STELE_FLOWS]; /* those with a chunk */
    int64_t left;          /* chunks that aren't done, when last one was asked for */
    bool no_more;          /* there is none to take now */
    int64_t asked_at;      /* stele_clock: for one to take */
    bool writes;           /* a write is under way */
    stele_ahead ahead;
    int (*wait)(void *data, int fd, short events, int milliseconds); /* the link's, and its data, before */
    void *wait_data;
    stele_status failed;   /* what failed during a wait, told when that is over */
    stele_error error;
} stele_stream;

/* ------------------------------------------------------------- flow_read.c */

/* The chunk that is being read: the last one that was taken. NULL: none is. */
stele_flow *stele_stream_reading(stele_stream *s);

/* What was answered and isn't written yet, a worker that is killed loses, and it is paid for again. So there is never more of it than two writes take; or a page, where these are small. */
bool stele_stream_is_behind(const stele_stream *s);

/* Is as much held, in bytes, as should be, however few rows that are? */
bool stele_stream_is_full(const stele_stream *s);

/* Before any of it is read, on whichever connection: fix the order of its keys, where rows are changed in place. */
stele_status stele_stream_list(stele_stream *s, stele_error *error);

/* Read its next page, now, unless there is one that nothing was done to yet, or one is on its way. */
stele_status stele_stream_read(stele_stream *s, bool *read, stele_error *error);

/* Whether there may be a second connection is found out at the load's begin; none is left at its end. */
void stele_ahead_start(stele_stream *s);
void stele_ahead_end(stele_stream *s);

/* The second connection may be to where the first one isn't any more: another one is made, when there is something to read. */
void stele_ahead_renew(stele_stream *s);

/* Take what has come, and while something is written have more read, if that is wanted. Never waits. */
void stele_ahead_turn(stele_stream *s);

/* Is a page on its way? */
bool stele_ahead_is_busy(const stele_stream *s);

/* ------------------------------------------------------------- flow_fill.c */

/* The next page that was read and wasn't computed is, if the provider has use for it: one, since a script may take its time. */
stele_status stele_stream_compute(stele_stream *s, bool *computed, stele_error *error);

/* What the provider answered goes to its slots. */
stele_status stele_stream_take_answers(stele_stream *s, bool *taken, stele_error *error);

/* The keys of two rows that texts were of, "(1, a) and (2, b)"; "" where they aren't held any more. */
void stele_stream_name(stele_stream *s, const uint64_t tags[2], char *names, size_t size);

/* Is anything with the provider still, or an answer there that wasn't taken yet? They are paid for. */
bool stele_worker_has_flying(const stele_worker *worker);

/* For link->wait: what there is to do while the server works. */
int stele_stream_wait(void *data, int fd, short events, int milliseconds);

/* ------------------------------------------------------------- flow_write.c */

/* Has the row come to its end; and is there something of it to write? */
bool stele_slot_is_settled(const stele_slot *slot);
bool stele_slot_is_paid(const stele_slot *slot);

/* How many rows of a page, from that one on, have an answer that isn't written yet. */
int64_t stele_page_answered(const stele_page *page, int from);

/* Some of its rows may be written: a chunk that was another's already may have them behind where it stands. */
bool stele_flow_may_be_there(const stele_worker *worker, const stele_flow *f);

/* How many rows the next write of any chunk has at most. */
size_t stele_stream_write_rows(const stele_stream *s);

/* Write what has come to its end, if it is time to. */
stele_status stele_flow_write(stele_stream *s, stele_flow *f, bool *wrote, stele_error *error);

/*
 * What was answered behind a row that wasn't is paid for, too. It is written, and the chunk stays where it is: whoever takes it next finds by the hash that these are done, and this worker
 * leaves them. Only where something is paid for.
 */
stele_status stele_flow_write_behind(stele_worker *worker, stele_flow *f, bool *lost, stele_error *error);

/* Forget its chunk and its pages. A page of it that is on its way is dropped when it comes. */
void stele_flow_end(stele_stream *s, stele_flow *f);

#endif

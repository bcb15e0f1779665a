/*
 * pq.h - the one room that talks to the server
 *
 * A link is a connection with what stele needs of it: one query, a pipeline of
 * statements, a COPY, notices; pq_statement.h goes on, and pq_inside.h tells what is in which file. No other file of the library
 * includes libpq-fe.h. Every function below may wait for the network, and then looks up now and then; those that return a status fill
 * `error`, and return CANCELLED, without having sent anything, once the caller wants to stop.
 */
#ifndef STELE_PQ_H
#define STELE_PQ_H

#include <stdbool.h>

#include "stele.h"

enum { STELE_PIPE_LIMIT = 256 }; /* statements sent and not answered yet */

typedef struct pg_result stele_rows;

typedef struct stele_link {
    struct pg_conn *connection;
    bool own;                  /* opened here, closed here */
    char old_encoding[64];     /* "" when it was UTF8 */
    const char *role;          /* that all statements run as; NULL: whichever the session has */
    bool role_set;             /* it had to be set: the session didn't begin with it */
    char old_role[64];         /* of a caller's connection; "" when it wasn't changed */

    /*
     * Where notices go, on a connection of our own; set by whoever runs statements. A caller's connection keeps
     * the caller's receiver: libpq tells what function that is, but not with what argument, so it couldn't be put back.
     */
    void (*notice)(void *data, const char *severity, const char *sqlstate, const char *message);
    void *notice_data;

    /* The pipeline: what was sent and not answered, oldest first. */
    void (*answered)(void *data, uint64_t item, const stele_rows *rows);
    void *answered_data;
    uint64_t items[STELE_PIPE_LIMIT];
    unsigned first, inflight;
    bool piping;
    uint64_t failed_item; /* after a failure: the item that failed */

    /*
     * While the server works, at least ten times a second: does the caller want to stop? And whoever else has something to do then;
     * `waited` is in microseconds, since what is waited for was last heard of. It must not use this link.
     */
    int (*interrupted)(void *data);
    void *interrupted_data;
    bool prepares; /* what was begun may have prepared statements, which a rollback leaves: the next try, or who gets a pool's session, has none */
    bool deaf; /* nobody is asked: what just happened has to be written down first */
    enum { STELE_LINK_GOES_ON, STELE_LINK_IS_ASKED, STELE_LINK_HAS_STOPPED } stop;
    void (*meanwhile)(void *data, int64_t waited);
    void *meanwhile_data;
    int64_t waits_since, look_at, cancel_at, asked_at; /* by stele_clock */
    /*
     * Instead of poll: wait until `fd` is ready for `events` or the time is over, and return the events, or 0. For who has other connections
     * to serve meanwhile. NULL: poll.
     */
    int (*wait)(void *data, int fd, short events, int milliseconds);
    void *wait_data;

    int64_t affected;  /* how many rows the last statement affected or returned, as its tag says; 0 where that has no number */
    unsigned position; /* after a failure: where in the statement, in characters from 1; or 0 */
    bool of_one_row;   /* after a failure: it was a policy of row security that refused what one row is to become */
} stele_link;

/* Connect, or take over options->connection, and set options->role. Returns OK, NO_CONNECTION, USAGE or UNMET. */
stele_status stele_link_open(stele_link *link, const stele_options *options, stele_error *error);

/*
 * Connect anew, as before: a session without a past. Does nothing to a caller's connection. Nothing may be open.
 * Returns OK, NO_CONNECTION or UNMET.
 */
stele_status stele_link_renew(stele_link *link, stele_error *error);

/* Does a connection string hold a password? May this word be one, so that no message should quote it? Neither talks to the server. */
bool stele_conninfo_has_password(const char *conninfo);
bool stele_is_like_conninfo(const char *word);

/* Close what stele_link_open opened; give back what it took over. A link that was never opened is fine. */
void stele_link_close(stele_link *link);

/* Does the caller want to stop, and was not told yet that it did? */
bool stele_link_is_asked(stele_link *link);

/* Wait for a time. Returns OK, or CANCELLED when the caller wants to stop. Doesn't talk to the server. */
stele_status stele_link_pause(stele_link *link, int64_t microseconds, stele_error *error);

/* Microseconds of a clock that only goes forward. */
int64_t stele_clock(void);

/* Is the connection still there, as far as libpq knows? Doesn't talk to the server. */
bool stele_link_alive(const stele_link *link);

/* The role that the connection was made as. Doesn't talk to the server. */
const char *stele_link_user(const stele_link *link);

/* Is the role that is in force a superuser, as the server reported? False where it didn't. Doesn't talk to the server. */
bool stele_link_superuser(const stele_link *link);

/* The server's version: 170002. Doesn't talk to the server. */
int stele_link_version(const stele_link *link);

/*
 * Run one statement with text parameters (NULL for null), in one round trip. `rows` may be NULL;
 * else the caller frees what it gets there, also NULL. Not while a pipeline is open.
 */
stele_status stele_link_query(stele_link *link, const char *sql, int count, const char *const *values, stele_rows **rows,
                              stele_error *error);

/*
 * The same as the role that the connection was made as, whatever link->role is: what other processes of ours do, the server shows to that
 * one. Not within a transaction. Where the session began with that role, it stays: behind a pooler nothing may be set.
 */
stele_status stele_link_query_as_login(stele_link *link, const char *sql, int count, const char *const *values, stele_rows **rows,
                                       stele_error *error);

/* The same without parameters, and with every column in PostgreSQL's binary form: for stele_rows_bytes. */
stele_status stele_link_query_binary(stele_link *link, const char *sql, stele_rows **rows, stele_error *error);

/*
 * The same, in one round trip too, with every column in PostgreSQL's binary form (for stele_rows_bytes), and the rows
 * handed over in pieces as they arrive: the server goes on while the caller works. `take` owns the rows it gets, and
 * returns false when it has no memory for more. `expected` is how many rows are expected, 0 if nobody knows.
 */
stele_status stele_link_query_chunks(stele_link *link, const char *sql, int count, const char *const *values, int64_t expected,
                                     bool (*take)(void *data, stele_rows *rows), void *data, stele_error *error);

/* Run statements as they stand with the simple protocol; results are dropped as they come. */
stele_status stele_link_run(stele_link *link, const char *sql, stele_error *error);

/*
 * The same, and every result that has rows is handed over, whole, in text form; `take` owns it, and returns false when it
 * wants no more (the rest is dropped).
 */
stele_status stele_link_run_rows(stele_link *link, const char *sql, bool (*take)(void *data, stele_rows *rows), void *data,
                                 stele_error *error);

/* COPY ... FROM stdin with its data. */
stele_status stele_link_copy(stele_link *link, const char *sql, const char *data, size_t length, stele_error *error);

/*
 * The same with data that is made while the server takes what came before it: `next` gives a piece, which must be good until it is called again or all is over; behind the last one, of length 0.
 * When it returns other than OK, having set the error, the COPY fails, and that is returned.
 */
typedef stele_status stele_copy_next(void *data, const char **piece, size_t *length, stele_error *error);
stele_status stele_link_copy_from(stele_link *link, const char *sql, stele_copy_next *next, void *data, stele_error *error);

/* End a transaction that is open, whatever its state. Errors are of no use here and are dropped. */
void stele_link_rollback(stele_link *link);

/*
 * The pipeline. Between start and stop, statements are sent without waiting; `answered` is
 * called for each, in order, as its answer arrives, with the rows or NULL. After a failure nothing more is
 * executed, whatever was sent: stop, then roll back.
 */
stele_status stele_pipe_start(stele_link *link, stele_error *error);
stele_status stele_pipe_send(stele_link *link, uint64_t item, const char *sql, int count, const char *const *values,
                             stele_error *error);
/* Have the server send what it has so far, without waiting for it. */
stele_status stele_pipe_push(stele_link *link, stele_error *error);
/* Wait until everything sent is answered. */
stele_status stele_pipe_wait(stele_link *link, stele_error *error);
/* Leave pipeline mode. Call it after a failure too; `error` keeps the first one. */
stele_status stele_pipe_stop(stele_link *link, stele_error *error);

/*
 * A second connection to the same server and database, for looks at what the first one waits for, and for reading ahead. None of its functions waits, but for the
 * one that says so: call turn until the state is the one that is wanted.
 */
typedef enum stele_second_state {
    STELE_SECOND_NONE, /* as {0} */
    STELE_SECOND_CONNECTING,
    STELE_SECOND_IDLE,
    STELE_SECOND_BUSY,
    STELE_SECOND_ANSWERED,
    STELE_SECOND_LOST
} stele_second_state;

typedef struct stele_second {
    struct pg_conn *connection;
    stele_second_state state;
    unsigned polling; /* what connecting waits for */
    stele_rows *rows; /* of the answer */
    char sqlstate[6], failure[256]; /* of what was asked last, when it failed; or "" */
} stele_second;

/* `name` is what the server shows of it; NULL: what the first one is called. */
void stele_second_open(stele_second *second, const stele_link *link, const char *name);
stele_second_state stele_second_turn(stele_second *second);

/* When idle: send statements, in one text; or one with text parameters, where there are any. False: it is lost. */
bool stele_second_ask(stele_second *second, const char *sql, int count, const char *const *values);

/* When answered: the rows of the last statement that had any, which the caller frees, or NULL when it failed; it is idle again. */
stele_rows *stele_second_answer(stele_second *second);

/* Have what it runs cancelled; it is still to be waited for. */
void stele_second_cancel(const stele_second *second);

/* Wait until there may be something to do, or the time is over; or until `fd` (-1: none) is ready for `events`, which are returned, or 0. */
short stele_second_rest(const stele_second *second, int fd, short events, int milliseconds);

void stele_second_close(stele_second *second);

/* The process that libpq was told serves this connection: another than pg_backend_pid() tells when a pooler is in between. */
int stele_link_backend(const stele_link *link);

/* Rows, counted from 0. A text lives as long as the rows; NULL for null. */
int stele_rows_count(const stele_rows *rows);
int stele_rows_columns(const stele_rows *rows);
const char *stele_rows_text(const stele_rows *rows, int row, int column);
const char *stele_rows_bytes(const stele_rows *rows, int row, int column, size_t *length); /* with a zero byte behind */
bool stele_rows_true(const stele_rows *rows, int row, int column);
void stele_rows_free(stele_rows *rows);

#endif

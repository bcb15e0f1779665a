/*
 * pq_wait.c - the one place where the server is waited for
 *
 * Whatever the library waits for, it looks up at least ten times a second: does the caller want to stop? Then the running statement
 * is cancelled, again and again until it has ended, since a cancellation that arrives between two statements has no effect. What
 * ends a run for another reason, or tidies up behind it, is waited for in the same way; but nobody is asked any more once
 * the caller was told that the run was interrupted.
 */
#define _POSIX_C_SOURCE 200809L

#include "pq_inside.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "error.h"

enum { LOOK_UP = 100, CANCEL_AGAIN = 300000, GIVE_UP = 30000000 }; /* milliseconds; microseconds */

int64_t stele_clock(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ------------------------------------------------------------ interruption */

bool stele_link_is_asked(stele_link *link)
{
    if (link->deaf)
        return false;
    if (link->stop == STELE_LINK_GOES_ON && link->interrupted != NULL && link->interrupted(link->interrupted_data) != 0) {
        link->stop = STELE_LINK_IS_ASKED;
        link->asked_at = stele_clock();
    }
    return link->stop == STELE_LINK_IS_ASKED;
}

static stele_status tell_interrupted(stele_link *link, stele_error *error)
{
    link->stop = STELE_LINK_HAS_STOPPED;
    return stele_error_set(error, STELE_CANCELLED, "interrupted");
}

stele_status stele_pq_ready(stele_link *link, stele_error *error)
{
    if (!stele_link_alive(link)) /* asked for more, libpq complains of the mode that a connection was in when it ended */
        return stele_error_set(error, STELE_NO_CONNECTION, "the connection was lost");
    return stele_link_is_asked(link) ? tell_interrupted(link, error) : STELE_OK;
}

static void cancel(stele_link *link)
{
    char unused[256];
    PGcancel *request = PQgetCancel(link->connection);
    if (request != NULL)
        PQcancel(request, unused, sizeof unused);
    PQfreeCancel(request);
}

/*
 * While the server works: is there anything else to do? A cancellation that has no effect for half a minute hasn't reached anybody: then
 * the connection is as good as gone, and is made so.
 */
static void look_up(stele_link *link)
{
    int64_t now = stele_clock();
    if (stele_link_is_asked(link) && now >= link->cancel_at) {
        cancel(link);
        now = stele_clock();
        link->cancel_at = now + CANCEL_AGAIN;
        if (now - link->asked_at > GIVE_UP)
            shutdown(PQsocket(link->connection), SHUT_RDWR);
    }
    if (link->meanwhile != NULL && now >= link->look_at) {
        link->look_at = now + LOOK_UP * 1000;
        link->meanwhile(link->meanwhile_data, now - link->waits_since);
    }
}

stele_status stele_link_pause(stele_link *link, int64_t microseconds, stele_error *error)
{
    int64_t end = stele_clock() + microseconds, left;
    while (!stele_link_is_asked(link) && (left = end - stele_clock()) > 0) {
        struct timespec nap = {.tv_nsec = (long)(left < LOOK_UP * 500 ? left : LOOK_UP * 500) * 1000};
        nanosleep(&nap, NULL);
    }
    return link->stop == STELE_LINK_IS_ASKED ? tell_interrupted(link, error) : STELE_OK;
}

/* ------------------------------------------------------------------ waiting */

/* Wait for the socket; false when it can't be read any more. */
static bool wait_for(stele_link *link, short events)
{
    struct pollfd socket = {.fd = PQsocket(link->connection), .events = events};
    int ready;
    if (link->wait != NULL)
        ready = socket.revents = (short)link->wait(link->wait_data, socket.fd, events, LOOK_UP);
    else
        ready = poll(&socket, 1, LOOK_UP);
    if (ready < 0 && errno != EINTR)
        return false;
    look_up(link);
    return ready <= 0 || (socket.revents & ~POLLOUT) == 0 || PQconsumeInput(link->connection) == 1;
}

/*
 * Both directions at once: when the server waits to write at that moment, and we wait to write only, both wait for ever. What comes
 * meanwhile libpq keeps; that nothing more will come, reading it tells.
 */
bool stele_pq_flush(stele_link *link)
{
    int left;
    link->waits_since = stele_clock();
    while ((left = PQflush(link->connection)) > 0)
        if (!wait_for(link, POLLIN | POLLOUT))
            return false;
    return left == 0;
}

PGresult *stele_pq_result(stele_link *link)
{
    bool open = stele_pq_flush(link);
    while (open && PQisBusy(link->connection))
        open = wait_for(link, POLLIN);
    return PQgetResult(link->connection);
}

int stele_pq_copy_data(stele_link *link, char **line)
{
    int length;
    link->waits_since = stele_clock();
    while ((length = PQgetCopyData(link->connection, line, 1)) == 0)
        if (!wait_for(link, POLLIN))
            return -2;
    return length;
}

PGresult *stele_pq_only_result(stele_link *link)
{
    PGresult *kept = NULL, *result;
    while ((result = stele_pq_result(link)) != NULL) {
        ExecStatusType kind = PQresultStatus(result);
        if (kept != NULL && !stele_pq_succeeded(kept)) {
            PQclear(result);
        } else {
            PQclear(kept);
            kept = result;
        }
        if (kind == PGRES_COPY_IN || kind == PGRES_COPY_OUT || kind == PGRES_COPY_BOTH || !stele_link_alive(link))
            break;
    }
    return kept;
}

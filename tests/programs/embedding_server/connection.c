#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "server.h"

double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

void hang_up(connection *c)
{
    if (c->embeds)
        stats.flying--;
    if (c->tls != NULL)
        SSL_free(c->tls);
    close(c->socket);
    stele_text_free(&c->in);
    stele_text_free(&c->out);
    *c = (connection){.socket = -1};
}

static ssize_t receive(connection *c, char *bytes, size_t size)
{
    c->wants_write = false;
    if (c->tls == NULL)
        return recv(c->socket, bytes, size, 0);
    int n = SSL_read(c->tls, bytes, (int)size);
    if (n > 0)
        return n;
    int why = SSL_get_error(c->tls, n);
    ERR_clear_error();
    c->wants_write = why == SSL_ERROR_WANT_WRITE;
    errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
    return errno == EAGAIN ? -1 : 0;
}

static ssize_t transmit(connection *c, const char *bytes, size_t size)
{
    if (c->tls == NULL)
        return send(c->socket, bytes, size, MSG_NOSIGNAL);
    int n = SSL_write(c->tls, bytes, size > (1 << 20) ? 1 << 20 : (int)size);
    if (n > 0)
        return n;
    int why = SSL_get_error(c->tls, n);
    ERR_clear_error();
    errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
    return -1;
}

void read_from(connection *c)
{
    static char bytes[1 << 18];
    for (;;) {
        ssize_t n = receive(c, bytes, sizeof bytes);
        if (n > 0) {
            stele_text_bytes(&c->in, bytes, (size_t)n);
            continue;
        }
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            c->ended = true;
        break;
    }
    if (!c->ended)
        look_at(c);
}

void write_to(connection *c)
{
    size_t until = c->stop_at != 0 ? c->stop_at : c->out.length;
    while (c->sent < until) {
        ssize_t n = transmit(c, c->out.bytes + c->sent, until - c->sent);
        if (n < 0) {
            c->ended |= errno != EAGAIN && errno != EINTR;
            return;
        }
        c->sent += (size_t)n;
    }
    if (c->stop_at != 0) {
        c->silent = true;
        return;
    }
    if (c->embeds)
        stats.flying--;
    c->embeds = false;
    c->due = 0;
    c->ended |= c->close_after;
    if (!c->ended)
        look_at(c);
}

/*
 * embedding_server [CERTIFICATE KEY] [NAME=VALUE ...] - a provider of embeddings for tests, benches and demos, which misbehaves when it is told to
 *
 * Listens on a free port of 127.0.0.1, prints it, and ends when its standard input does. With a certificate it speaks TLS. Its vectors depend on model, text
 * and dimensions only: see test_vector.h; or, with the setting `words`, on the text's words, so that a search finds something.
 *
 *     POST /v1/embeddings         as OpenAI's
 *     GET /vector?text=...        the vector of a text, as pgvector reads it; also with model=... and dimensions=..., encoded as in a form
 *     GET /stats                  what was counted: lines of NAME VALUE
 *     POST /control               lines of NAME VALUE, for the settings in server.h; "reset" alone sets all of them, and what was counted, back
 */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server.h"

enum { MOST = 256 };

static connection connections[MOST]; /* without a socket: -1 */
static SSL_CTX *context;             /* NULL: without TLS */

static void accept_one(int listener)
{
    int socket = accept(listener, NULL, NULL), on = 1;
    for (size_t i = 0; socket >= 0 && i < MOST; i++) {
        if (connections[i].socket >= 0)
            continue;
        fcntl(socket, F_SETFL, O_NONBLOCK);
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connections[i] = (connection){.socket = socket};
        stats.connections++;
        if (context != NULL) {
            connections[i].tls = SSL_new(context);
            SSL_set_fd(connections[i].tls, socket);
            SSL_set_accept_state(connections[i].tls);
        }
        return;
    }
    close(socket);
}

static short events_of(const connection *c, double t, double *wait)
{
    if (c->silent || c->due == 0)
        return (short)(POLLIN | (c->wants_write ? POLLOUT : 0));
    if (c->due <= t)
        return POLLOUT;
    if (c->due - t < *wait)
        *wait = c->due - t;
    return 0;
}

static void serve(int listener)
{
    struct pollfd polls[MOST + 2];
    size_t which[MOST + 2], count = 2;
    double t = now(), wait = 1000;
    polls[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    polls[1] = (struct pollfd){.fd = 0, .events = POLLIN};
    for (size_t i = 0; i < MOST; i++) {
        if (connections[i].socket < 0)
            continue;
        which[count] = i;
        polls[count++] = (struct pollfd){.fd = connections[i].socket, .events = events_of(&connections[i], t, &wait)};
    }
    poll(polls, count, (int)ceil(wait));
    char byte;
    if (polls[1].revents != 0 && read(0, &byte, 1) <= 0)
        exit(0);
    for (size_t i = 2; i < count; i++) {
        connection *c = &connections[which[i]];
        if (polls[i].revents & (POLLERR | POLLHUP | POLLNVAL))
            c->ended = true;
        else if (polls[i].revents & POLLOUT && c->due != 0 && !c->silent)
            write_to(c);
        else if (polls[i].revents != 0)
            read_from(c);
        if (c->ended)
            hang_up(c);
    }
    if (polls[0].revents != 0)
        accept_one(listener);
}

/* A socket that listens on a free port, or -1. */
static int open_listener(unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 256) != 0 || getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        return -1;
    *port = ntohs(address.sin_port);
    return listener;
}

static bool open_tls(const char *certificate, const char *key)
{
    context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return SSL_CTX_use_certificate_file(context, certificate, SSL_FILETYPE_PEM) == 1 && SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1;
}

int main(int argc, char **argv)
{
    unsigned port;
    int listener = open_listener(&port);
    signal(SIGPIPE, SIG_IGN);
    if (listener < 0) {
        perror("embedding_server");
        return 1;
    }
    if (argc > 2 && strchr(argv[1], '=') == NULL && !open_tls(argv[1], argv[2])) {
        ERR_print_errors_fp(stderr);
        return 1;
    }
    for (size_t i = 0; i < MOST; i++)
        connections[i].socket = -1;
    reset();
    for (int i = 1; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (equals == NULL)
            continue;
        *equals = ' ';
        if (!control(argv[i])) {
            fprintf(stderr, "embedding_server: there is no setting %s\n", argv[i]);
            return 2;
        }
    }
    printf("%u\n", port);
    fflush(stdout);
    for (;;)
        serve(listener);
}

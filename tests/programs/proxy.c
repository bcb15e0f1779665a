/*
 * Stands between a program and PostgreSQL, knows where messages begin and end, and does harm at one of them.
 *
 *     proxy SERVER FOLDER TRACE RULE... -- COMMAND...
 *
 * Listens on FOLDER/.s.PGSQL.5432, hands what comes on to the socket SERVER and back, and runs COMMAND, whose exit status is
 * its own. TRACE gets a line for each message that was passed on: side (c: from the client, s: from the server), its number on
 * that side, its type, its length, the connection. A RULE is one of
 *
 *     none
 *     cut SIDE N OFFSET       hang up on everybody behind the N-th message of SIDE, OFFSET bytes (-1, 0, 1) behind its end;
 *                             N = 0: at the first byte. Who calls again is refused
 *     cut-one SIDE N OFFSET   the same on this connection only
 *     cut-bytes SIDE N        behind N bytes of SIDE
 *     stall SIDE N NUMBER     pass nothing on from there, and hang up on nobody; send the command that signal, each second
 *     kill SIDE N NUMBER      send the command a signal there
 *     signal SIDE N NUMBER    send a signal to the server's process there, within a millisecond after it got the message
 *     hook SIDE N SHELL       run a shell command there, with $CLIENT, the command's process, and $BACKEND, the server's; then go on
 *
 * Connections are counted together, in the order in which their messages come.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 16, MOST = 16, CLIENT = 0, SERVER = 1 };

/* One direction of a connection: what was read from its side and not yet passed on. */
typedef struct {
    unsigned char bytes[ROOM];
    size_t length;
    uint64_t known;  /* bytes from the front of `bytes` that belong to messages whose header was seen; may exceed length */
    int startup;     /* messages have no type byte yet */
    int one_byte;    /* the answer to a request for encryption comes next */
    int opaque;      /* encrypted: no messages can be seen */
    int ended;
} stream;

typedef struct {
    int used, number;
    int sockets[2];
    long backend;
    stream streams[2];
} connection;

static connection connections[MOST];
static int connection_count, listener, refusing, stalled, fired;
static unsigned long messages[2];
static uint64_t passed[2];   /* bytes */
static uint64_t trigger;     /* with `armed`: so many more bytes of the rule's side may pass on `armed` */
static connection *armed;
static FILE *trace;
static pid_t command;

static const char *rule, *hook;
static int rule_side, rule_offset;
static unsigned long rule_number;

static void die(const char *what)
{
    fprintf(stderr, "proxy: %s: %s\n", what, strerror(errno));
    exit(125);
}

static int is_rule(const char *name)
{
    return strcmp(rule, name) == 0;
}

static uint32_t number_at(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void hang_up(connection *one)
{
    close(one->sockets[CLIENT]);
    close(one->sockets[SERVER]);
    one->used = 0;
}

static void hang_up_all(void)
{
    refusing = 1;
    close(listener);
    for (int i = 0; i < MOST; i++)
        if (connections[i].used)
            hang_up(&connections[i]);
}

static void run_hook(const connection *one)
{
    char client[24], backend[24];
    snprintf(client, sizeof client, "%ld", (long)command);
    snprintf(backend, sizeof backend, "%ld", one->backend);
    setenv("CLIENT", client, 1);
    setenv("BACKEND", backend, 1);
    fflush(NULL);
    int status = system(hook);
    if (status != 0)
        fprintf(stderr, "proxy: the hook ended with %d\n", status);
}

/* While it is at work on the message: up to a millisecond. */
static void pause_a_little(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct timespec nap = {.tv_nsec = now.tv_nsec % 1000 * 1000};
    nanosleep(&nap, NULL);
}

static void fire(connection *one)
{
    int number = atoi(hook);
    fired = 1;
    armed = NULL;
    fprintf(trace, "fired %s\n", rule);
    if (is_rule("cut") || is_rule("cut-bytes"))
        hang_up_all();
    else if (is_rule("cut-one"))
        hang_up(one);
    else if (is_rule("hook"))
        run_hook(one);
    else if (!is_rule("signal"))
        kill(command, number);
    else if (one->backend > 0) {
        pause_a_little();
        kill((pid_t)one->backend, number);
    }
    stalled = is_rule("stall");
}

/* A message whose header stands at the end of what is known; false: its header isn't whole yet. */
static int see_message(connection *one, int side)
{
    stream *from = &one->streams[side];
    if (from->known >= from->length)
        return 0;
    const unsigned char *at = from->bytes + from->known;
    size_t there = from->length - (size_t)from->known;
    uint64_t length;
    int type = '.';
    if (from->opaque) {
        from->known = from->length;
        return 0;
    }
    if (from->one_byte) {
        from->one_byte = 0;
        length = 1;
        type = *at;
        if (type != 'N')
            one->streams[CLIENT].opaque = from->opaque = 1;
        else
            one->streams[CLIENT].startup = 1;
    } else if (from->startup) {
        if (there < 8)
            return 0;
        length = number_at(at);
        uint32_t code = number_at(at + 4);
        type = code == 80877102 ? 'X' : code == 80877103 || code == 80877104 ? '?' : '0';
        from->startup = 0;
        one->streams[SERVER].one_byte = type == '?';
    } else {
        if (there < 5)
            return 0;
        type = *at;
        length = 1 + (uint64_t)number_at(at + 1);
        if (side == SERVER && type == 'K' && there >= 9)
            one->backend = (long)number_at(at + 5);
    }
    messages[side]++;
    fprintf(trace, "%c %lu %c %lu %d\n", side == CLIENT ? 'c' : 's', messages[side], type, (unsigned long)length, one->number);
    from->known += length;
    if (!fired && side == rule_side && messages[side] == rule_number && !is_rule("cut-bytes") && !is_rule("none")) {
        armed = one;
        trigger = from->known + (uint64_t)(int64_t)rule_offset;
    }
    return 1;
}

/* How many bytes may be passed on now. */
static size_t passable(connection *one, int side)
{
    const stream *from = &one->streams[side];
    uint64_t most = from->known < from->length ? from->known : from->length;
    if (stalled)
        return 0;
    if (armed == one && side == rule_side && trigger < most)
        most = trigger;
    if (is_rule("cut-bytes") && !fired && side == rule_side && passed[side] + most > rule_number)
        most = rule_number - passed[side];
    if (from->ended && armed != one && !is_rule("cut-bytes")) /* half a header at the end of all */
        most = from->length;
    return (size_t)most;
}

/* The moment of the rule: what is before it has been passed on. A byte behind a message needs that byte to be there. */
static int is_due(connection *one, int side)
{
    if (fired || side != rule_side)
        return 0;
    if (is_rule("cut-bytes"))
        return passed[side] >= rule_number;
    if (rule_number == 0 && !is_rule("none"))
        return one->streams[side].length > 0;
    return armed == one && trigger == 0;
}

static void look(connection *one, int side)
{
    while (see_message(one, side)) {}
}

/* Pass on what may be; false: the connection is no more. */
static int hand_on(connection *one, int side)
{
    stream *from = &one->streams[side];
    look(one, side);
    if (is_due(one, side)) {
        fire(one);
        if (!one->used)
            return 0;
    }
    size_t most = passable(one, side);
    if (most > 0) {
        ssize_t written = send(one->sockets[!side], from->bytes, most, MSG_NOSIGNAL);
        if (written < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
            from->length = 0; /* nobody hears it any more */
            from->known = 0;
            armed = armed == one ? NULL : armed;
            return 1;
        }
        size_t done = written < 0 ? 0 : (size_t)written;
        memmove(from->bytes, from->bytes + done, from->length - done);
        from->length -= done;
        from->known = from->known > done ? from->known - done : 0;
        passed[side] += done;
        if (armed == one && side == rule_side)
            trigger -= done;
    }
    if (is_due(one, side))
        fire(one);
    return one->used;
}

static void take_call(const char *server)
{
    int client = accept(listener, NULL, NULL);
    if (client < 0)
        return;
    connection *one = connections;
    while (one < connections + MOST && one->used)
        one++;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", server);
    int to = socket(AF_UNIX, SOCK_STREAM, 0);
    if (one == connections + MOST || to < 0 || connect(to, (struct sockaddr *)&address, sizeof address) != 0) {
        close(client);
        close(to);
        return;
    }
    memset(one, 0, sizeof *one);
    one->used = 1;
    one->number = ++connection_count;
    one->sockets[CLIENT] = client;
    one->sockets[SERVER] = to;
    one->streams[CLIENT].startup = 1;
    for (int side = 0; side < 2; side++) {
        fcntl(one->sockets[side], F_SETFL, O_NONBLOCK);
        fcntl(one->sockets[side], F_SETFD, FD_CLOEXEC);
    }
}

static void take_bytes(connection *one, int side)
{
    stream *from = &one->streams[side];
    ssize_t count = read(one->sockets[side], from->bytes + from->length, ROOM - from->length);
    if (count > 0)
        from->length += (size_t)count;
    else if (count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
        from->ended = 1;
}

/* Who hung up is hung up on once all he said has been passed on. */
static void end_if_over(connection *one)
{
    if (!one->used || stalled)
        return;
    for (int side = 0; side < 2; side++)
        if (one->streams[side].ended && one->streams[side].length == 0) {
            hang_up(one);
            return;
        }
}

static void start_command(char **arguments, int *alive)
{
    int ends[2];
    if (pipe(ends) != 0)
        die("pipe");
    command = fork();
    if (command < 0)
        die("fork");
    if (command == 0) {
        close(ends[0]);
        close(listener);
        execvp(arguments[0], arguments);
        die(arguments[0]);
    }
    close(ends[1]); /* the command alone has it: the other end ends with it */
    *alive = ends[0];
}

/* Has somebody been said something that he has not heard yet? */
static int is_owed(void)
{
    for (int i = 0; i < MOST; i++)
        if (connections[i].used && (connections[i].streams[CLIENT].length > 0 || connections[i].streams[SERVER].length > 0))
            return 1;
    return 0;
}

/* Poll once; false: the command is gone, and nobody says anything any more. */
static int turn(const char *server, int alive)
{
    struct pollfd polled[2 + 2 * MOST];
    connection *whose[2 + 2 * MOST];
    nfds_t count = 0;
    polled[count++] = (struct pollfd){.fd = alive, .events = POLLIN};
    polled[count++] = (struct pollfd){.fd = refusing ? -1 : listener, .events = POLLIN};
    for (int i = 0; i < MOST; i++)
        for (int side = 0; side < 2 && connections[i].used; side++) {
            stream *from = &connections[i].streams[side];
            short events = (short)((!from->ended && from->length < ROOM && !stalled ? POLLIN : 0) | (passable(&connections[i], !side) > 0 ? POLLOUT : 0));
            whose[count] = &connections[i];
            polled[count++] = (struct pollfd){.fd = events == 0 ? -1 : connections[i].sockets[side], .events = events};
        }
    int ready = poll(polled, count, alive < 0 && !is_owed() ? 0 : 1000);
    if (ready < 0 && errno != EINTR)
        die("poll");
    if (ready == 0 && stalled)
        kill(command, atoi(hook));
    int busy = 0;
    if (polled[1].revents != 0)
        take_call(server);
    for (nfds_t i = 2; i < count; i++) {
        int side = (int)(i % 2);
        busy |= polled[i].revents != 0;
        if (whose[i]->used && (polled[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && (polled[i].events & POLLIN) != 0)
            take_bytes(whose[i], side);
    }
    for (int i = 0; i < MOST; i++)
        if (connections[i].used && hand_on(&connections[i], CLIENT) && hand_on(&connections[i], SERVER))
            end_if_over(&connections[i]);
    return alive < 0 ? busy : polled[0].revents == 0;
}

static void read_rule(char **words, int count)
{
    rule = words[0];
    rule_side = count > 1 && words[1][0] == 's' ? SERVER : CLIENT;
    rule_number = count > 2 ? strtoul(words[2], NULL, 10) : 0;
    rule_offset = count > 3 && strncmp(rule, "cut", 3) == 0 ? atoi(words[3]) : 0;
    hook = count > 3 ? words[3] : "";
    static const char *const rules[] = {"none", "cut", "cut-one", "cut-bytes", "stall", "kill", "signal", "hook"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (is_rule(rules[i]))
            return;
    fprintf(stderr, "proxy: no such rule: %s\n", rule);
    exit(125);
}

int main(int argc, char **argv)
{
    int words = 4;
    while (words < argc && strcmp(argv[words], "--") != 0)
        words++;
    if (words + 1 >= argc || words == 4) {
        fprintf(stderr, "usage: proxy SERVER FOLDER TRACE RULE... -- COMMAND...\n");
        return 125;
    }
    read_rule(argv + 4, words - 4);
    trace = fopen(argv[3], "we");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432", argv[2]);
    unlink(address.sun_path);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (trace == NULL || listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, MOST) != 0)
        die(argv[2]);
    fcntl(listener, F_SETFD, FD_CLOEXEC);
    int alive, status = 0;
    start_command(argv + words + 1, &alive);
    while (turn(argv[1], alive)) {}
    while (waitpid(command, &status, 0) < 0 && errno == EINTR) {}
    if (stalled)
        hang_up_all();
    while (!stalled && turn(argv[1], -1)) {}
    fclose(trace);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

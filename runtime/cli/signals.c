/*
 * signals.c - SIGINT and SIGTERM
 *
 * A signal belongs to the process, and so does what is remembered of it: the one piece of state in the library that hangs from no
 * handle. Only a program whose main is stele_main has it.
 */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#include "cli.h"

static const int signals[] = {SIGINT, SIGTERM};
enum { SIGNALS = sizeof signals / sizeof *signals };

static atomic_int caught; /* 0, or the signal that came: several threads of a job look at it */
static struct sigaction before[SIGNALS];
static bool taken[SIGNALS];

static void note_signal(int number)
{
    if (caught != 0) { /* the second: whatever is waited for, it takes too long */
        signal(number, SIG_DFL);
        raise(number);
    }
    caught = number;
}

static int is_interrupted(void *data)
{
    (void)data;
    return caught;
}

static void take_signals(void)
{
    struct sigaction ours = {.sa_handler = note_signal}; /* without SA_RESTART: who waits looks up at once */
    sigemptyset(&ours.sa_mask);
    for (size_t i = 0; i < SIGNALS; i++) {
        if (taken[i] || sigaction(signals[i], NULL, &before[i]) != 0 || before[i].sa_handler != SIG_DFL)
            continue;
        taken[i] = sigaction(signals[i], &ours, NULL) == 0;
    }
}

stele_status cli_open(cli *c, stele **handle, stele_error *error)
{
    c->options.interrupted = is_interrupted;
    c->options.data = c;
    stele_status status = stele_open(handle, c->migrations, &c->options, error);
    if (status == STELE_OK)
        take_signals();
    return status;
}

int cli_exit_code(stele_status status)
{
    return status == STELE_CANCELLED && caught != 0 ? 128 + caught : (int)status;
}

void cli_release_signals(void)
{
    for (size_t i = 0; i < SIGNALS; i++) {
        if (taken[i])
            sigaction(signals[i], &before[i], NULL);
        taken[i] = false;
    }
    caught = 0;
}

/*
 * pairs COUNT PREPARE... -- A... -- B...
 *
 * Runs two commands in turn, COUNT times each, and prints the median time of A and of B in
 * milliseconds, the median of A/B over the pairs, and the most memory that each took, in kB. PREPARE is run, unmeasured, before
 * each. Whatever else the machine does meets both of a pair; that is why ratios are taken per
 * pair, why A and B take turns in going first, and why a shell, which would be a
 * millisecond of every time, isn't used. Standard output is dropped. One pair goes unmeasured.
 */
#define _DEFAULT_SOURCE /* for wait4 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

/* Run a command to its end: how long it took, and, if that is more than before, how much memory. One that fails ends the benchmark. */
static double run(char **command, long *memory)
{
    struct rusage usage = {0};
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status = 0;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    double start = now();
    int failed = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
    while (failed == 0 && wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
        ;
    double end = now();
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0 || status != 0) {
        fprintf(stderr, "pairs: \"%s\" failed: %s\n", command[0], failed != 0 ? strerror(failed) : "see above");
        exit(1);
    }
    if (usage.ru_maxrss > *memory)
        *memory = usage.ru_maxrss;
    return end - start;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_size);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* The words up to the next "--", which becomes their end. */
static char **take_command(char ***words)
{
    char **command = *words;
    while (**words != NULL && strcmp(**words, "--") != 0)
        (*words)++;
    if (**words != NULL)
        *(*words)++ = NULL;
    return command;
}

static double prepared_run(char **prepare, char **command, long *memory)
{
    long nobodys = 0;
    if (prepare[0] != NULL)
        run(prepare, &nobodys);
    return run(command, memory);
}

static void measure(char **prepare, char **a, char **b, size_t count, double *times)
{
    long a_memory = 0, b_memory = 0;
    double *of_a = times, *of_b = times + count, *ratios = times + 2 * count;
    prepared_run(prepare, a, &a_memory);
    prepared_run(prepare, b, &b_memory);
    for (size_t i = 0; i < count; i++) {
        if (i % 2 == 0)
            of_a[i] = prepared_run(prepare, a, &a_memory);
        of_b[i] = prepared_run(prepare, b, &b_memory);
        if (i % 2 == 1)
            of_a[i] = prepared_run(prepare, a, &a_memory);
        ratios[i] = of_a[i] / of_b[i];
    }
    printf("%.3f %.3f %.4f %ld %ld\n", median(of_a, count), median(of_b, count), median(ratios, count), a_memory, b_memory);
}

int main(int argc, char **argv)
{
    char **words = argv + 2;
    long count = argc > 4 ? strtol(argv[1], NULL, 10) : 0;
    if (count <= 0 || count > 1000000) {
        fprintf(stderr, "usage: pairs COUNT [PREPARE...] -- A... -- B...\n");
        return 2;
    }
    char **prepare = take_command(&words), **a = take_command(&words), **b = take_command(&words);
    double *times = a[0] != NULL && b[0] != NULL ? calloc((size_t)count * 3, sizeof *times) : NULL;
    if (times == NULL) {
        fprintf(stderr, "pairs: two commands and memory are needed\n");
        return 2;
    }
    measure(prepare, a, b, (size_t)count, times);
    free(times);
    return 0;
}

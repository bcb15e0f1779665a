/*
 * neighbour CONNINFO TABLE KEYS RATE SECONDS [KEY COLUMN [PAIRS OFF ON]] - how an application beside a job fares
 *
 * RATE times a second: UPDATE of COLUMN (default: touched) to itself plus 1, of one row, then SELECT of it, in one transaction; the row by KEY (default: id), from 1 to KEYS at random. The
 * transactions begin by the clock, whatever the one before took: a time begins when it should have begun, so that waiting in line counts as well. Prints
 * "transactions N failed N p50 MS p95 MS p99 MS max MS".
 *
 * With PAIRS: so many times twice SECONDS, once after the statement OFF was run, by another connection, and once after ON, in the order off, on, on, off: what else the machine does meets
 * both. Three seconds after each of these statements aren't counted; the transactions go on. Prints such a line for each, with "off" or "on" before it, and at the end
 * "p50 OFF ON p95 OFF ON p99 OFF ON ratio R": the medians of the lines, and of what each pair has as p99 with ON, divided by what it has with OFF.
 */
#define _POSIX_C_SOURCE 200809L

#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SECOND = 1000000 };

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * SECOND + time.tv_nsec / 1000;
}

static void sleep_until(int64_t moment)
{
    int64_t left;
    while ((left = moment - now()) > 0) {
        struct timespec nap = {.tv_sec = (time_t)(left / SECOND), .tv_nsec = (long)(left % SECOND) * 1000};
        nanosleep(&nap, NULL);
    }
}

/* A number below `limit`, the same ones in each run. */
static unsigned long random_below(unsigned long limit)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned long)(state % limit);
}

/* Two statements and what is around them, in one message: as a well-behaved application would. */
static int transact(PGconn *connection, const char *const *statements, unsigned long key)
{
    char sql[1000];
    int failed = 0;
    PGresult *result;
    snprintf(sql, sizeof sql, "BEGIN; %s%lu; %s%lu; COMMIT", statements[0], key, statements[1], key);
    if (PQsendQuery(connection, sql) != 1)
        return 1;
    while ((result = PQgetResult(connection)) != NULL) {
        failed |= PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK;
        PQclear(result);
    }
    if (failed)
        PQclear(PQexec(connection, "ROLLBACK"));
    return failed;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double share(const int64_t *times, size_t count, double part)
{
    size_t i = (size_t)((double)count * part);
    return count == 0 ? 0 : (double)times[i < count ? i : count - 1] / 1000;
}

/* One median, of what is sorted for it. */
static double median(double *numbers, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = i; k > 0 && numbers[k - 1] > numbers[k]; k--) {
            double other = numbers[k];
            numbers[k] = numbers[k - 1];
            numbers[k - 1] = other;
        }
    return count == 0 ? 0 : (numbers[(count - 1) / 2] + numbers[count / 2]) / 2;
}

enum { UNCOUNTED = 3, MOST_PAIRS = 1000, SHARES = 3 };
static const double shares[SHARES] = {0.5, 0.95, 0.99};

typedef struct neighbour {
    PGconn *connection;
    const char *statements[2];
    unsigned long keys;
    double rate;
    int64_t *times;
} neighbour;

/* For so many seconds. `title`: NULL for those that aren't counted; else what they were is printed, and returned in `found`. */
static void work(const neighbour *n, double seconds, const char *title, double *found)
{
    size_t count = (size_t)(n->rate * seconds), failed = 0;
    int64_t begin = now();
    for (size_t i = 0; i < count; i++) {
        int64_t due = begin + (int64_t)((double)i * SECOND / n->rate);
        sleep_until(due);
        failed += (size_t)transact(n->connection, n->statements, 1 + random_below(n->keys));
        n->times[i] = now() - due;
        if (PQstatus(n->connection) != CONNECTION_OK)
            PQreset(n->connection);
    }
    if (title == NULL)
        return;
    qsort(n->times, count, sizeof *n->times, compare);
    for (size_t i = 0; i < SHARES; i++)
        found[i] = share(n->times, count, shares[i]);
    printf("%stransactions %zu failed %zu p50 %.2f p95 %.2f p99 %.2f max %.2f\n", title, count, failed, found[0], found[1], found[2], share(n->times, count, 1));
    fflush(stdout);
}

static int work_in_pairs(const neighbour *n, double seconds, size_t pairs, const char *const *switches, const char *conninfo)
{
    static const char *const titles[] = {"off ", "on "};
    static double found[2][SHARES][MOST_PAIRS], ratios[MOST_PAIRS];
    PGconn *other = PQconnectdb(conninfo);
    int failed = PQstatus(other) != CONNECTION_OK;
    for (size_t i = 0; i < 2 * pairs && !failed; i++) {
        size_t on = (i + 1) / 2 % 2;
        double one[SHARES];
        PGresult *result = PQexec(other, switches[on]);
        failed = PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK;
        PQclear(result);
        work(n, UNCOUNTED, NULL, NULL);
        work(n, seconds, titles[on], one);
        for (size_t k = 0; k < SHARES; k++)
            found[on][k][i / 2] = one[k];
    }
    if (failed)
        fprintf(stderr, "neighbour: %s\n", PQerrorMessage(other));
    PQfinish(other);
    for (size_t i = 0; i < pairs; i++)
        ratios[i] = found[1][SHARES - 1][i] / found[0][SHARES - 1][i];
    for (size_t k = 0; k < SHARES && !failed; k++)
        printf("p%.0f %.2f %.2f ", shares[k] * 100, median(found[0][k], pairs), median(found[1][k], pairs));
    if (!failed)
        printf("ratio %.3f\n", median(ratios, pairs));
    return failed;
}

int main(int argc, char **argv)
{
    if (argc != 6 && argc != 8 && argc != 11) {
        fputs("usage: neighbour CONNINFO TABLE KEYS RATE SECONDS [KEY COLUMN [PAIRS OFF ON]]\n", stderr);
        return 2;
    }
    const char *table = argv[2], *key = argc > 6 ? argv[6] : "id", *column = argc > 7 ? argv[7] : "touched";
    double seconds = atof(argv[5]), found[SHARES];
    size_t pairs = argc > 8 ? strtoul(argv[8], NULL, 10) : 0;
    char update[400], select[400];
    neighbour n = {.connection = PQconnectdb(argv[1]), .statements = {update, select}, .keys = strtoul(argv[3], NULL, 10), .rate = atof(argv[4])};
    int failed = 0;
    n.times = calloc((size_t)(n.rate * (seconds > UNCOUNTED ? seconds : UNCOUNTED)) + 1, sizeof *n.times);
    if (n.times == NULL || PQstatus(n.connection) != CONNECTION_OK || n.keys == 0 || n.rate <= 0 || pairs > MOST_PAIRS) {
        fprintf(stderr, "neighbour: %s\n", PQerrorMessage(n.connection));
        return 1;
    }
    snprintf(update, sizeof update, "UPDATE %s SET %s = %s + 1 WHERE %s = ", table, column, column, key);
    snprintf(select, sizeof select, "SELECT * FROM %s WHERE %s = ", table, key);
    if (argc > 8)
        failed = work_in_pairs(&n, seconds, pairs, (const char *const *)argv + 9, argv[1]);
    else
        work(&n, seconds, "", found);
    PQfinish(n.connection);
    free(n.times);
    return failed;
}

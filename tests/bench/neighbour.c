/*
 * neighbour CONNINFO TABLE KEYS RATE SECONDS [KEY [COLUMN]] - how an application beside a job fares
 *
 * RATE times a second: UPDATE of COLUMN (default: touched) to itself plus 1, of one row, then SELECT of it, in one transaction; the row by KEY (default: id), from 1 to KEYS at random. The
 * transactions begin by the clock, whatever the one before took: a time begins when it should have begun, so that waiting in line counts as well. Prints
 * "transactions N failed N p50 MS p95 MS p99 MS max MS".
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

int main(int argc, char **argv)
{
    if (argc < 6) {
        fputs("usage: neighbour CONNINFO TABLE KEYS RATE SECONDS [KEY [COLUMN]]\n", stderr);
        return 2;
    }
    const char *table = argv[2], *key = argc > 6 ? argv[6] : "id", *column = argc > 7 ? argv[7] : "touched";
    unsigned long keys = strtoul(argv[3], NULL, 10);
    double rate = atof(argv[4]), seconds = atof(argv[5]);
    size_t count = (size_t)(rate * seconds), failed = 0;
    int64_t *times = calloc(count + 1, sizeof *times), begin;
    char update[400], select[400];
    const char *const statements[] = {update, select};
    PGconn *connection = PQconnectdb(argv[1]);
    if (times == NULL || PQstatus(connection) != CONNECTION_OK || keys == 0 || rate <= 0) {
        fprintf(stderr, "neighbour: %s\n", PQerrorMessage(connection));
        return 1;
    }
    snprintf(update, sizeof update, "UPDATE %s SET %s = %s + 1 WHERE %s = ", table, column, column, key);
    snprintf(select, sizeof select, "SELECT * FROM %s WHERE %s = ", table, key);
    begin = now();
    for (size_t i = 0; i < count; i++) {
        int64_t due = begin + (int64_t)((double)i * SECOND / rate);
        sleep_until(due);
        failed += (size_t)transact(connection, statements, 1 + random_below(keys));
        times[i] = now() - due;
        if (PQstatus(connection) != CONNECTION_OK)
            PQreset(connection);
    }
    qsort(times, count, sizeof *times, compare);
    printf("transactions %zu failed %zu p50 %.2f p95 %.2f p99 %.2f max %.2f\n", count, failed, share(times, count, 0.5), share(times, count, 0.95), share(times, count, 0.99),
           share(times, count, 1));
    PQfinish(connection);
    free(times);
    return 0;
}

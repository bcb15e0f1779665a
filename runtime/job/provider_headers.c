#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "http.h"

/* Nobody has to wait for longer than a day, whatever a header says: numbers of any size come from gateways that subtract clocks, and a date of the year 9999 stands for "never". */
static const double LONGEST_MS = 86400000;

void stele_rate_headers_start(stele_rate_headers *headers)
{
    *headers = (stele_rate_headers){.limit = {-1, -1}, .remaining = {-1, -1}, .reset_ms = {-1, -1}, .retry_after_ms = -1};
}

/* ------------------------------------------------------------------- values */

/* A number without a sign; -1 where there is none. Not strtod, which asks the locale. */
static double read_number(const char **at)
{
    double value = 0, unit = 1;
    const char *begin = *at;
    for (; **at >= '0' && **at <= '9'; ++*at)
        value = value * 10 + (**at - '0');
    if (*at == begin)
        return -1;
    if (**at == '.')
        for (++*at; **at >= '0' && **at <= '9'; ++*at)
            value += (**at - '0') * (unit /= 10);
    return value < 1e15 ? value : 1e15;
}

/* "1s", "6m0s", "12ms", "1h2m3.5s", and seconds without a unit; in milliseconds. -1 where it is none. */
static double read_duration(const char *at)
{
    static const struct {
        const char *name;
        double milliseconds;
    } units[] = {{"ms", 1}, {"us", 0.001}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    double sum = 0;
    do {
        double value = read_number(&at);
        if (value < 0)
            return -1;
        size_t unit = 0;
        while (unit < sizeof units / sizeof *units && strncmp(at, units[unit].name, strlen(units[unit].name)) != 0)
            unit++;
        bool known = unit < sizeof units / sizeof *units;
        if (!known && *at != '\0')
            return -1;
        sum += value * (known ? units[unit].milliseconds : 1000);
        at += known ? strlen(units[unit].name) : 0;
    } while (*at != '\0');
    return sum;
}

/* Days since 1970 of a day of the Gregorian calendar. */
static int64_t days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = year / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT", in seconds since 1970; -1 where it is none. */
static int64_t read_date(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int day, year, hour, minute, second;
    char month[4];
    if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT", &day, month, &year, &hour, &minute, &second) != 6 || strlen(month) != 3)
        return -1;
    const char *found = strstr(months, month);
    if (found == NULL || (found - months) % 3 != 0 || year < 1970 || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 || second < 0)
        return -1;
    return days_of(year, (int)(found - months) / 3 + 1, day) * 86400 + hour * 3600 + minute * 60 + second;
}

/* -1 stays. */
static double at_most_a_day(double milliseconds)
{
    return milliseconds < LONGEST_MS ? milliseconds : LONGEST_MS;
}

static void read_retry_after(stele_rate_headers *headers, const char *value, int64_t seconds)
{
    const char *at = value;
    double number = read_number(&at);
    if (number >= 0 && *at == '\0') {
        if (headers->retry_after_ms < 0) /* retry-after-ms is more exact, wherever it stands */
            headers->retry_after_ms = at_most_a_day(number * 1000);
        return;
    }
    int64_t date = read_date(value);
    if (date >= 0 && headers->retry_after_ms < 0)
        headers->retry_after_ms = date > seconds ? at_most_a_day((double)(date - seconds) * 1000) : 0;
}

/* -------------------------------------------------------------------- lines */

static void read_value(stele_rate_headers *headers, const char *name, const char *value, int64_t seconds)
{
    static const char *const kinds[] = {"requests", "tokens"};
    const char *at = value;
    char full[64];
    if (strcasecmp(name, "retry-after") == 0) {
        read_retry_after(headers, value, seconds);
    } else if (strcasecmp(name, "retry-after-ms") == 0) {
        double number = read_number(&at);
        if (number >= 0)
            headers->retry_after_ms = at_most_a_day(number);
    }
    for (size_t i = 0; i < 2; i++) {
        snprintf(full, sizeof full, "x-ratelimit-limit-%s", kinds[i]);
        if (strcasecmp(name, full) == 0)
            headers->limit[i] = read_number(&at);
        snprintf(full, sizeof full, "x-ratelimit-remaining-%s", kinds[i]);
        if (strcasecmp(name, full) == 0)
            headers->remaining[i] = read_number(&at);
        snprintf(full, sizeof full, "x-ratelimit-reset-%s", kinds[i]);
        if (strcasecmp(name, full) == 0)
            headers->reset_ms[i] = at_most_a_day(read_duration(value));
    }
}

void stele_rate_headers_line(stele_rate_headers *headers, const char *line, size_t length, int64_t seconds)
{
    char copy[256];
    while (length > 0 && (line[length - 1] == '\r' || line[length - 1] == '\n' || line[length - 1] == ' '))
        length--;
    if (length >= sizeof copy || memchr(line, '\0', length) != NULL || (*line != 'x' && *line != 'X' && *line != 'r' && *line != 'R'))
        return;
    memcpy(copy, line, length);
    copy[length] = '\0';
    char *value = strchr(copy, ':');
    if (value == NULL)
        return;
    *value++ = '\0';
    read_value(headers, copy, value + strspn(value, " \t"), seconds);
}

#include "knob_value.h"

#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    double size;
};

/* The largest first: written is the largest that leaves few digits. */
static const struct unit times[] = {{"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0}};
static const struct unit rates[] = {{"GB/s", 1073741824}, {"MB/s", 1048576}, {"kB/s", 1024}, {"B/s", 1},
                             {"GiB/s", 1073741824}, {"MiB/s", 1048576}, {"KiB/s", 1024}, {"KB/s", 1024}, {NULL, 0}};
static const struct unit shares[] = {{"", 1}, {"%", 0.01}, {NULL, 0}};
static const struct unit plain[] = {{"", 1}, {NULL, 0}};

static const struct unit *units_of(stele_knob_kind kind)
{
    return kind == STELE_KNOB_TIME ? times : kind == STELE_KNOB_RATE ? rates : kind == STELE_KNOB_SHARE ? shares : plain;
}

/* ------------------------------------------------------------------ reading */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static double power_of_ten(int exponent)
{
    double power = 1;
    for (int i = exponent < 0 ? -exponent : exponent; i > 0; i--)
        power *= 10;
    return exponent < 0 ? 1 / power : power;
}

/* Digits, with a point or without; and as Lua writes small and large ones, "1e-05". NULL: it's none. */
static const char *read_decimal(const char *p, double *number)
{
    enum { MOST = 30 };
    const char *begin = p;
    double digits = 0;
    int exponent = 0, sign = 1, power = 0;
    for (; is_digit(*p); p++)
        digits = digits * 10 + (*p - '0');
    if (p == begin)
        return NULL;
    if (*p == '.') {
        if (!is_digit(*++p))
            return NULL;
        for (; is_digit(*p); p++, exponent--)
            digits = digits * 10 + (*p - '0');
    }
    if (p - begin > MOST)
        return NULL;
    if (*p == 'e' && (is_digit(p[1]) || ((p[1] == '+' || p[1] == '-') && is_digit(p[2])))) {
        sign = *++p == '-' ? -1 : 1;
        for (p += !is_digit(*p); is_digit(*p); p++)
            power = power < MOST ? power * 10 + (*p - '0') : MOST;
    }
    exponent += sign * power;
    *number = exponent < 0 ? digits / power_of_ten(-exponent) : digits * power_of_ten(exponent);
    return p;
}

bool stele_knob_number(stele_knob_kind kind, const char *text, double *number)
{
    double found;
    const char *rest = read_decimal(text, &found);
    if (rest == NULL)
        return false;
    rest += *rest == ' ';
    for (const struct unit *unit = units_of(kind); unit->name != NULL; unit++) {
        if (strcmp(rest, unit->name) != 0)
            continue;
        *number = found * unit->size;
        return true;
    }
    *number = 0;
    return found == 0 && *rest == '\0';
}

static const char *read_time_of_day(const char *p, unsigned *minute)
{
    if (!is_digit(p[0]) || !is_digit(p[1]) || p[2] != ':' || !is_digit(p[3]) || !is_digit(p[4]))
        return NULL;
    unsigned hours = (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0'), minutes = (unsigned)(p[3] - '0') * 10 + (unsigned)(p[4] - '0');
    *minute = hours * 60 + minutes;
    return minutes < 60 && *minute <= 24 * 60 ? p + 5 : NULL;
}

bool stele_knob_window(const char *text, unsigned *since, unsigned *until)
{
    unsigned from = 0, to = 0;
    if (strcmp(text, "always") != 0) {
        const char *p = read_time_of_day(text, &from);
        if (p == NULL || *p != '-' || (p = read_time_of_day(p + 1, &to)) == NULL || *p != '\0' || from == to || from == 24 * 60)
            return false;
    }
    *since = from;
    *until = to;
    return true;
}

/* ------------------------------------------------------------------ writing */

/* At most six digits behind the point, and no zeros at the end. */
static void print_decimal(char *buffer, size_t size, double number, const char *unit)
{
    unsigned long long whole = (unsigned long long)number;
    unsigned parts = (unsigned)((number - (double)whole) * 1000000 + 0.5);
    char digits[16];
    whole += parts / 1000000;
    snprintf(digits, sizeof digits, ".%06u", parts % 1000000);
    for (size_t i = strlen(digits); i > 0 && (digits[i - 1] == '0' || digits[i - 1] == '.'); i--) {
        bool point = digits[i - 1] == '.';
        digits[i - 1] = '\0';
        if (point)
            break;
    }
    snprintf(buffer, size, "%llu%s%s", whole, digits, unit);
}

/* Is it a number of few digits in this unit? */
static bool is_short(double number)
{
    double thousands = number * 1000;
    return number >= 1 && thousands < 1e15 && thousands == (double)(unsigned long long)thousands;
}

void stele_knob_print(char *buffer, size_t size, stele_knob_kind kind, double number)
{
    const struct unit *unit = units_of(kind);
    if (number == 0 || unit[0].name[0] == '\0') {
        print_decimal(buffer, size, number, "");
        return;
    }
    /* Times read "90min", not "1.5h". */
    while (unit->size > 1 && (kind == STELE_KNOB_TIME && unit->size > 1000 ? number / unit->size != (double)(unsigned long long)(number / unit->size)
                                                                          : !is_short(number / unit->size)))
        unit++;
    print_decimal(buffer, size, number / unit->size, unit->name);
}

void stele_knob_print_window(char *buffer, size_t size, unsigned since, unsigned until)
{
    if (since == 0 && until == 0)
        snprintf(buffer, size, "always");
    else
        snprintf(buffer, size, "%02u:%02u-%02u:%02u", since / 60, since % 60, until / 60, until % 60);
}

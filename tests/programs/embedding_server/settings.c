#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"

enum { DIMENSIONS = 1024 };

struct settings set;
static const struct settings defaults = {.dimensions = DIMENSIONS, .window = 60000, .retry_after = -1, .refuse_status = 400, .token_bytes = 4};

static const struct {
    const char *name;
    double *number;
    char *text;
    size_t size;
} names[] = {
#define N(name) {#name, &set.name, NULL, 0}
#define T(name) {#name, NULL, set.name, sizeof set.name}
    N(dimensions), N(latency), N(latency_each), N(requests), N(tokens), N(window), N(retry_after), N(no_headers), N(status), N(times), N(share), N(stall), N(close), N(cut), N(trickle),
    N(wrong_times), N(wrong_above), N(refuse_names), N(refuse_status), N(longest), N(max_inputs), N(max_tokens), N(degrade_above), N(chunked), N(escape), N(no_usage), N(index_last),
    N(token_bytes), N(words), T(wrong), T(wrong_word), T(refuse), T(silent), T(force), T(key), T(retry_form), T(says), T(location),
};

void reset(void)
{
    set = defaults;
    count_anew();
}

bool control(char *line)
{
    char *value = line + strcspn(line, " ");
    if (*value != '\0')
        *value++ = '\0';
    if (strcmp(line, "reset") == 0) {
        reset();
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i].name, line) != 0)
            continue;
        if (names[i].number != NULL)
            *names[i].number = atof(value);
        else
            snprintf(names[i].text, names[i].size, "%s", value);
        return true;
    }
    return false;
}

bool take(double *times)
{
    if (*times > 0)
        --*times;
    else if (*times == 0)
        return false;
    return true;
}

/*
 * embed NAME=VALUE... - give texts to a provider (runtime/job/provider.h), and say what came of them
 *
 * The texts are the lines of standard input; or, with texts=N, as many made up ones of about length=BYTES. Each vector is compared with the one that the tests' server
 * gives. Prints a line for each text that failed, then lines of NAME VALUE.
 */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "job/provider.h"
#include "pq.h"
#include "test_vector.h"

static stele_job_provider spec = {.kind = STELE_PROVIDER_HTTP, .model = "test", .dimensions = 1024, .encoding = "base64", .max_inputs = 64, .max_tokens = 100000,
                                  .max_bytes = 1000000, .timeout_ms = 5000};
static stele_provider_limits limits = {.concurrency = 4};
static char **texts;
static size_t *lengths, count;
static unsigned char *state; /* of each text: 0 nothing, 1 right, 2 wrong, 3 failed */
static const char *poison = "";
static long callbacks, give_up_after = 240000, restarts, print_vectors, with_socket;

static const struct {
    const char *name;
    const char **text;
    unsigned *number;
    long *other;
    double *real;
} names[] = {
    {"url", &spec.url, NULL, NULL, NULL}, {"model", &spec.model, NULL, NULL, NULL}, {"key", &spec.key, NULL, NULL, NULL}, {"encoding", &spec.encoding, NULL, NULL, NULL},
    {"ca", &spec.ca_file, NULL, NULL, NULL}, {"dimensions", NULL, &spec.dimensions, NULL, NULL}, {"max_inputs", NULL, &spec.max_inputs, NULL, NULL},
    {"max_tokens", NULL, &spec.max_tokens, NULL, NULL}, {"max_bytes", NULL, &spec.max_bytes, NULL, NULL}, {"max_input_tokens", NULL, &spec.max_input_tokens, NULL, NULL},
    {"timeout", NULL, &spec.timeout_ms, NULL, NULL}, {"concurrency", NULL, &limits.concurrency, NULL, NULL}, {"retry_for", NULL, &limits.retry_for_ms, NULL, NULL},
    {"rpm", NULL, NULL, NULL, &limits.requests_per_minute}, {"tpm", NULL, NULL, NULL, &limits.tokens_per_minute}, {"give_up", NULL, NULL, &give_up_after, NULL},
    {"restarts", NULL, NULL, &restarts, NULL}, {"poison", &poison, NULL, NULL, NULL}, {"print", NULL, NULL, &print_vectors, NULL},
    {"socket", NULL, NULL, &with_socket, NULL},
};

static void take_argument(const char *argument, size_t *made, size_t *length)
{
    const char *value = strchr(argument, '=');
    size_t size = value == NULL ? 0 : (size_t)(value - argument);
    for (size_t i = 0; value != NULL && i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i].name) != size || memcmp(names[i].name, argument, size) != 0)
            continue;
        if (names[i].text != NULL)
            *names[i].text = value + 1;
        else if (names[i].number != NULL)
            *names[i].number = (unsigned)strtoul(value + 1, NULL, 10);
        else if (names[i].other != NULL)
            *names[i].other = strtol(value + 1, NULL, 10);
        else
            *names[i].real = atof(value + 1);
        return;
    }
    if (strncmp(argument, "kind=", 5) == 0)
        spec.kind = strcmp(argument + 5, "fixed") == 0 ? STELE_PROVIDER_FIXED : strcmp(argument + 5, "callback") == 0 ? STELE_PROVIDER_CALLBACK : STELE_PROVIDER_HTTP;
    else if (strcmp(argument, "clip=1") == 0)
        spec.clip = true;
    else if (strcmp(argument, "send_dimensions=1") == 0)
        spec.send_dimensions = true;
    else if (strncmp(argument, "texts=", 6) == 0)
        *made = strtoul(argument + 6, NULL, 10);
    else if (strncmp(argument, "length=", 7) == 0)
        *length = strtoul(argument + 7, NULL, 10);
    else {
        fprintf(stderr, "embed: what is %s?\n", argument);
        exit(2);
    }
}

/* Memory of this program itself; without it, it can't tell anything. */
static void *need(void *memory)
{
    if (memory == NULL)
        exit(9);
    return memory;
}

static void add_text(const char *bytes, size_t length)
{
    if (count % 1024 == 0) {
        texts = need(realloc(texts, (count + 1024) * sizeof *texts));
        lengths = need(realloc(lengths, (count + 1024) * sizeof *lengths));
    }
    texts[count] = need(malloc(length + 1));
    memcpy(texts[count], bytes, length);
    texts[count][length] = '\0';
    lengths[count++] = length;
}

static void read_texts(void)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    while ((length = getline(&line, &size, stdin)) > 0)
        add_text(line, (size_t)length - (line[length - 1] == '\n'));
    free(line);
}

static void make_texts(size_t made, size_t about)
{
    char *text = need(malloc(about * 2 + 64));
    for (size_t i = 0; i < made; i++) {
        size_t length = about / 2 + (i * 7919) % (about + 1), n = (size_t)sprintf(text, "text number %zu:", i);
        while (n < length) {
            text[n] = n % 7 == 6 ? ' ' : (char)('a' + (i + n * n) % 26);
            n++;
        }
        add_text(text, n);
    }
    free(text);
}

static int embed(void *data, const char *model, const char *const *given, const size_t *given_lengths, size_t given_count, unsigned dimensions, float *vectors, char *message,
                 size_t message_size)
{
    (void)data;
    callbacks++;
    for (size_t i = 0; i < given_count; i++) {
        test_vector(vectors + i * dimensions, model, given[i], given_lengths[i], dimensions);
        if (poison[0] != '\0' && strstr(given[i], poison) != NULL) {
            snprintf(message, message_size, "I don't like \"%s\"", poison);
            return 1;
        }
    }
    return 0;
}

static void take_result(const stele_embedding *e, float *expected)
{
    size_t i = (size_t)e->tag;
    if (i >= count || state[i] != 0) {
        printf("twice %zu\n", i);
        return;
    }
    if (e->vector == NULL) {
        printf("failed %zu %s %s\n", i, e->code, e->message);
        state[i] = 3;
        return;
    }
    test_vector(expected, spec.model, texts[i], lengths[i], spec.dimensions);
    state[i] = memcmp(expected, e->vector, spec.dimensions * sizeof(float)) == 0 ? 1 : 2;
    if (print_vectors != 0) {
        printf("vector %zu", i);
        for (unsigned d = 0; d < spec.dimensions; d++)
            printf(" %.9g", (double)e->vector[d]);
        printf("\n");
    }
}

static void tell(const stele_provider *provider, int64_t began)
{
    size_t states[4] = {0};
    stele_provider_news news;
    struct rusage usage;
    stele_provider_tell(provider, &news);
    getrusage(RUSAGE_SELF, &usage);
    for (size_t i = 0; i < count; i++)
        states[state[i]]++;
    printf("texts %zu\nright %zu\nwrong %zu\nfailed %zu\nleft %zu\n", count, states[1], states[2], states[3], states[0]);
    printf("calls %lld\ntokens %lld\nrefused %lld\nfaults %lld\nrepeated %lld\n", (long long)news.calls, (long long)news.tokens, (long long)news.refused,
           (long long)news.faults, (long long)news.repeated);
    printf("queued %zu\nflying %zu\nready %zu\nbusy %lld\nmilliseconds %lld\ncallbacks %ld\n", news.queued, news.flying, news.ready, (long long)news.busy_us / 1000,
           (long long)(stele_clock() - began) / 1000, callbacks);
    printf("cpu %ld\nmemory %ld\n", usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000, usage.ru_maxrss);
    printf("stopped %d\nerror %s\nhint %s\n", news.stopped, news.error.message, news.error.hint);
}

/* Give it what it wants, take what it has, until all have come to their end. */
static void run(stele_provider *provider)
{
    size_t next = 0, done = 0, most = 0;
    int64_t began = stele_clock();
    char bound[64] = "";
    float *expected = need(malloc(spec.dimensions * sizeof *expected));
    int ends[2];
    if (pipe(ends) != 0)
        exit(1);
    while (done < count && (stele_clock() - began) / 1000 < give_up_after) {
        stele_error error = {0};
        stele_embedding e;
        stele_provider_news news;
        for (size_t room = stele_provider_room(provider); room > 0 && next < count; room--, next++)
            if (stele_provider_submit(provider, next, texts[next], lengths[next], &error) != STELE_OK) {
                printf("submit %s\n", error.message);
                break;
            }
        if (next == count)
            stele_provider_flush(provider);
        stele_provider_wait(provider, with_socket != 0 ? ends[0] : -1, POLLIN, 100);
        while (stele_provider_next(provider, &e)) {
            take_result(&e, expected);
            done++;
        }
        stele_provider_tell(provider, &news);
        if (news.queued + news.flying + news.ready > most)
            most = news.queued + news.flying + news.ready;
        if (news.bound[0] != '\0' && strcmp(news.bound, bound) != 0)
            printf("bound %s\n", snprintf(bound, sizeof bound, "%s", news.bound) > 0 ? bound : "");
        if (news.stopped && restarts-- <= 0)
            break;
        if (news.stopped)
            stele_provider_restart(provider);
    }
    printf("most %zu\n", most);
    tell(provider, began);
    free(expected);
}

int main(int argc, char **argv)
{
    size_t made = 0, length = 200;
    stele_error error = {0};
    stele_provider *provider;
    for (int i = 1; i < argc; i++)
        take_argument(argv[i], &made, &length);
    if (made > 0)
        make_texts(made, length);
    else
        read_texts();
    state = need(calloc(count + 1, 1));
    stele_job_options options = {.embed = spec.kind == STELE_PROVIDER_CALLBACK && strcmp(poison, "none") != 0 ? embed : NULL};
    if (stele_provider_open(&provider, &spec, &options, &error) != STELE_OK) {
        printf("open %d %s | %s\n", (int)error.status, error.message, error.hint);
        return 0;
    }
    stele_provider_limit(provider, &limits);
    run(provider);
    stele_provider_close(provider);
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
    free(lengths);
    free(state);
    return 0;
}

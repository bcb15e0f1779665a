/*
 * server.h - what the files of the tests' provider of embeddings share
 *
 *     main.c         its arguments, and the loop over its connections
 *     connection.c   bytes from a socket and to it, plain or by TLS
 *     http.c         requests found in those bytes, and answers to them
 *     paths.c        who answers which path: /vector, /stats, /control
 *     embeddings.c   /v1/embeddings: a request read, decided on, and answered
 *     vectors.c      an answer's body: the vectors, or what `wrong` makes of them
 *     faults.c       requests that are refused or that fail, as it was told
 *     limits.c       so many requests and tokens in a window, and the headers that tell of it
 *     settings.c     what it is told
 *     counts.c       what it counts
 *
 * One thread, and a program of its own: what is set and counted is global.
 */
#ifndef TESTS_EMBEDDING_SERVER_H
#define TESTS_EMBEDDING_SERVER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include "job/json.h"

/* ----------------------------------------------------------------- settings.c */

extern struct settings {
    double dimensions;       /* where the request doesn't say */
    double latency;          /* milliseconds before each answer */
    double latency_each;     /* the same for each text */
    double requests, tokens; /* limits, in each window; 0: none */
    double window;           /* milliseconds, 60000 */
    double retry_after;      /* seconds, with a 429 or what `status` says; -1: the time until it goes on, 0: no header */
    double no_headers;       /* 1: no x-ratelimit ones */
    double status, times;    /* answer this status, so many times (-1: always) */
    double share;            /* answer `status` to such a share of the requests, too */
    double stall, close, cut; /* so many requests are not answered; hung up on; hung up on in the midst of the answer */
    double trickle;          /* so many answers begin, and stop in their midst */
    double wrong_times;      /* `wrong`, so many times; -1: always */
    double wrong_above;      /* `wrong` only when there are more texts than that */
    double refuse_names;     /* say which text is refused */
    double refuse_status;    /* 400 */
    double longest;          /* bytes of one text, else 400 */
    double max_inputs;       /* else 413 */
    double max_tokens;       /* else 400 */
    double degrade_above;    /* with more texts than that, vectors are slightly other ones */
    double words;            /* 1: vectors as fixed{} computes them */
    double chunked, escape, no_usage, index_last; /* 1: other forms of a right answer */
    double token_bytes;      /* bytes that are a token: 4 */
    /*
     * short, long, order (which is right!), duplicate, missing-index, dimension, nan, infinite, zero, constant, base64, json, empty, text, error. With wrong_word, those of one vector are only
     * for texts with this word in them.
     */
    char wrong[32], wrong_word[64];
    char refuse[64];         /* 400 for a request in which a text has this word */
    char silent[64];         /* no answer to a request in which a text has this word */
    char force[16];          /* "float" or "base64", whatever is asked for */
    char key[128];           /* 401 without it */
    char retry_form[16];     /* "date", "ms"; else seconds */
    char says[512];          /* the message of `status` and of a refusal */
    char location[512];      /* where the redirection at /elsewhere/ leads to; else to /v1/embeddings */
} set;

/* All settings, and what was counted, as they were at first. */
void reset(void);

/* Do what a line says: "NAME VALUE" or "reset"; it is cut in two. False: there is no such setting. */
bool control(char *line);

/* Takes one of a number of times; -1 is without end. */
bool take(double *times);

/* ------------------------------------------------------------------- counts.c */

extern struct counts {
    long requests, good, inputs, refused, bad, flying, most_flying, tokens, repeated, good_inputs, connections;
    double first_at, last_at; /* of good requests */
} stats;

/* A text was answered. Was it before? */
bool see(const char *text, size_t length);

/* All are 0 but those that are under way. */
void count_anew(void);

void print_counts(stele_text *out);

/* --------------------------------------------------------------- connection.c */

typedef struct connection {
    int socket;
    SSL *tls;
    bool wants_write, close_after, embeds, ended;
    stele_text in, out;
    size_t sent, stop_at; /* of out; stop_at: then be silent */
    double due;           /* when the answer may go; 0: none is there */
    bool silent;          /* never answer */
} connection;

/* What has come, and the answer as far as it goes. */
void read_from(connection *c);
void write_to(connection *c);
void hang_up(connection *c);

/* Milliseconds of a clock that only goes on. */
double now(void);

/* --------------------------------------------------------------------- http.c */

/* Take a request if it is there as a whole. */
void look_at(connection *c);

/* `headers` are whole lines. */
void answer(connection *c, int status, const char *headers, const char *body, size_t length);

/* An error, as OpenAI's servers tell it. */
void complain(connection *c, int status, const char *headers, const char *code, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* -------------------------------------------------------------------- paths.c */

/* `head` is the first line with all headers, and ends with a zero byte. */
void take_request(connection *c, char *head, char *body, size_t length);

/* --------------------------------------------------------------- embeddings.c */

typedef struct request {
    stele_json_text *texts;
    size_t count, room;
    char model[128];
    unsigned dimensions;
    bool base64;
} request;

void take_embeddings(connection *c, const char *head, char *body, size_t length);

bool has_word(const stele_json_text *text, const char *word);
double tokens_of(const request *r);

/* ------------------------------------------------------------------ vectors.c */

/* Write the body of the answer. False: `wrong` has it say that it failed, or nothing. */
bool put_answer(stele_text *out, const request *r);

/* ------------------------------------------------------------------- faults.c */

/* Chosen faults of the whole server; true when it was answered. */
bool fails(connection *c, const request *r, stele_text *headers);

/* What is wrong with the request itself; true when it was answered. */
bool refuses(connection *c, const request *r, const char *headers);

bool is_silent(const request *r);

/* ------------------------------------------------------------------- limits.c */

/* Is there room in the window? Then it is taken; else `wait` is how long there is none. */
bool fits(double tokens, double *wait);

/* x-ratelimit-..., and when to come again. */
void limit_headers(stele_text *headers);
void retry_header(stele_text *headers, double milliseconds);

#endif

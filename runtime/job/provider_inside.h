/*
 * provider_inside.h - what the files of the provider's room share
 *
 *     provider.c           what the outside sees
 *     provider_work.c      what goes next, and waiting
 *     provider_pack.c      texts that wait, and which of them make a request
 *     provider_limit.c     when a request may go: buckets, pauses, how many at once
 *     provider_headers.c   what the headers of an answer say of limits
 *     provider_class.c     which class of fault an answer is of
 *     provider_settle.c    what becomes of a request that has come to its end
 *     provider_search.c    which of several texts the fault is
 *     provider_trust.c     vectors that are the same for different texts
 *     provider_call.c      a request's way to whoever answers it: http.c, the callback, fixed.c
 *
 * A text is in one place at a time: it waits in the queue, belongs to a batch, is accused, or is ready to be fetched.
 */
#ifndef STELE_PROVIDER_INSIDE_H
#define STELE_PROVIDER_INSIDE_H

#include "../mem.h"
#include "answer.h"
#include "http.h"
#include "provider.h"

enum { SECOND_US = 1000000, STELE_KNOWN = 16 };

/* Vectors that came together, until the last of them was fetched. */
typedef struct stele_vectors {
    size_t left;
    float numbers[];
} stele_vectors;

typedef struct stele_item {
    struct stele_item *next;
    uint64_t tag, number; /* the order in which they came */
    stele_vectors *vectors; /* once it is ready */
    float *vector;        /* NULL: it failed */
    uint64_t digest;      /* of it */
    size_t length;
    uint32_t tokens;      /* at most, by estimate */
    bool sent, canary;
    char code[16];
    char *message;        /* of a failure; NULL where there was no memory for it */
    char text[];
} stele_item;

/* How a batch is sent: whole; or the first half of it to find what is wrong in it. */
typedef enum stele_batch_mode {
    STELE_BATCH_WHOLE,
    STELE_BATCH_SEARCH, /* what wasn't sent is known to be wrong when what was sent was right: the fault is one text's */
    STELE_BATCH_HALVES  /* then it may be right as well: the fault is the batch's size */
} stele_batch_mode;

/* Texts that are sent together, or were, and that are searched for the one that is at fault. */
typedef struct stele_provider_batch {
    struct stele_provider_batch *next;
    stele_batch_mode mode;
    size_t count, sent;        /* of these, so many from the front are in the request */
    unsigned faults, wrong;    /* how often it failed as a whole: no answer, and a wrong one */
    unsigned alone;            /* faults since it is one text */
    bool pointed;              /* a text was sent alone because the answer pointed to it; it isn't believed twice */
    size_t half;               /* of these, so many were right when they were sent by themselves just now */
    bool behind;               /* whatever else there is goes first: to see whether that fails as well */
    int64_t successes_then;    /* of the provider, at the first fault */
    unsigned inputs_then, tokens_then, bytes_then; /* limits before it was halved; 0: it wasn't */
    double tokens;             /* taken from the bucket */
    int64_t sent_at;
    stele_item *items[];
} stele_provider_batch;

typedef struct stele_batches {
    stele_provider_batch *first, **end;
} stele_batches;

typedef struct stele_items {
    stele_item *first, **end;
    size_t count;
} stele_items;

/* Fills at `rate` a second, up to `most`. May be in debt: what costs more than `most` goes when it is full. */
typedef struct stele_bucket {
    double rate, most, level; /* rate 0: no limit */
    int64_t at;
} stele_bucket;

typedef struct stele_limit {
    stele_provider_limits set;
    stele_bucket requests, tokens;
    double factor;             /* of the rates: less after a 429 */
    double window;             /* requests that may be in flight; grows and shrinks */
    double ratio;              /* real tokens for an estimated one */
    int64_t ratio_samples;
    int64_t pause_until, failing_since; /* 0: no */
    unsigned failures;         /* in a row */
    int64_t paused_at;         /* what was sent before that tells nothing new */
    int64_t recovered_at;
    uint64_t random;
    int why;                   /* of the pause: a status of HTTP, or 0 for no answer */
    const char *bound;         /* what holds up the next request; or "" */
} stele_limit;

void stele_limit_start(stele_limit *limit, int64_t now);
void stele_limit_set(stele_limit *limit, const stele_provider_limits *set, int64_t now);
/* Microseconds until a request of so many estimated tokens may go, with so many in flight; 0: now; -1: when one of those has come back. */
int64_t stele_limit_wait(stele_limit *limit, double estimated, unsigned flying, int64_t now);
/* Returns what was taken of real tokens: give it to stele_limit_learn. */
double stele_limit_take(stele_limit *limit, double estimated);
void stele_limit_learn(stele_limit *limit, double taken, double estimated, int64_t used);
void stele_limit_success(stele_limit *limit);
/* It failed as a whole. `wait_ms` is how long the provider asks to wait; -1: it doesn't say. */
void stele_limit_fault(stele_limit *limit, int status, int64_t wait_ms, int64_t sent_at, int64_t now);
/* What the headers of an answer say. */
void stele_limit_headers(stele_limit *limit, const stele_rate_headers *headers, int64_t now);
/* The estimated tokens that a request should have, at most, so that it fits into the limits; 0: any number. */
double stele_limit_request(const stele_limit *limit);
/* Has nothing succeeded for too long? */
bool stele_limit_is_over(const stele_limit *limit, int64_t now);

/* Limits of a request, as learned. */
typedef struct stele_caps {
    unsigned inputs, tokens, bytes;
} stele_caps;

typedef struct stele_queue {
    stele_item **items;
    size_t count, room, bytes;
    double tokens;
    bool sorted, flushed;
    int64_t grown_at;          /* by stele_clock: when the latest came */
} stele_queue;

bool stele_queue_reserve(stele_queue *queue, size_t count);
void stele_queue_put(stele_queue *queue, stele_item *item); /* room must be reserved */
/* The texts of the next request: neighbours by length, and the oldest is among them. NULL: no memory. */
stele_provider_batch *stele_queue_pack(stele_queue *queue, const stele_caps *caps);
/* Is there enough for a request? */
bool stele_queue_is_full(const stele_queue *queue, const stele_caps *caps);
size_t stele_queue_per_request(const stele_queue *queue, const stele_caps *caps);

struct stele_provider {
    const stele_job_provider *spec;
    stele_job_options options;
    char *key;                 /* or NULL */
    stele_http *http;
    stele_limit limit;
    stele_caps caps;
    stele_queue queue;
    stele_batches again, flying; /* to be sent once more; in flight */
    stele_items ready, accused; /* accused: refused, when nothing was ever accepted */
    stele_item *fetched;       /* the vector of this one is the caller's until the next call */
    stele_text body;
    uint64_t number;
    size_t in_flight;          /* texts */
    double reserved;           /* tokens of what is in flight, as estimated */
    double lacks;              /* see stele_provider_news */
    unsigned requests;         /* in flight */
    bool hold, stopped, working;
    stele_error error;
    char bound[256], trouble[256]; /* trouble: the latest that was no text's fault */
    int64_t successes, calls, tokens, refused, faults, repeated, busy_us, busy_since;
    unsigned unreachable;      /* requests in a row that found nobody */
    unsigned wrong_run;        /* wrong answers in a row */
    unsigned halved;           /* batches whose halves were right, where the whole was wrong */
    uint64_t constant;         /* the digest of a vector that different texts got; 0: none. See provider_trust.c for these: */
    uint64_t known[STELE_KNOWN + 1]; /* 0-ended */
    size_t knows;
    uint64_t latest, latest_tag; /* the vector taken last, and its text */
    stele_text latest_text;
    uint64_t twins[2];         /* two texts that got the same, lately */
    bool has_twins;
    unsigned run;
    bool varied;
};

void stele_batches_put(stele_batches *list, stele_provider_batch *batch);
stele_provider_batch *stele_batches_take(stele_batches *list, stele_provider_batch *batch); /* that one; or the first, for NULL */
void stele_items_put(stele_items *list, stele_item *item);
stele_item *stele_items_take(stele_items *list);
void stele_item_free(stele_item *item);

/* What a request came to. */
typedef enum stele_class {
    STELE_CLASS_OK,
    STELE_CLASS_DOWN,    /* 429, 503, no connection: all wait, nothing is charged, nothing is split */
    STELE_CLASS_FAULT,   /* 500, no answer in time, the connection cut in its midst: the same, but it may be because of a text */
    STELE_CLASS_STOP,    /* nothing will be accepted until a human looks */
    STELE_CLASS_SIZE,    /* the request is too large: halve it */
    STELE_CLASS_LONG,    /* one of the texts is too long */
    STELE_CLASS_TEXT,    /* one of the texts is refused */
    STELE_CLASS_WRONG    /* an answer that isn't right */
} stele_class;

typedef struct stele_outcome {
    stele_class class;
    int status;              /* of HTTP; 0: there was none */
    int64_t wait_ms;         /* -1: it doesn't say */
    int64_t suspect;         /* of the texts that were sent, or STELE_NO_SUSPECT */
    int64_t used;            /* tokens; -1 */
    bool unreachable;        /* no such host, or nobody listens there */
    bool of_inputs, of_tokens; /* SIZE: what it has too many of */
    stele_vectors *vectors;  /* OK */
    char code[16];
    char message[256];       /* for humans, cleaned */
} stele_outcome;

/* The class of a status and what was said with it. */
void stele_classify(stele_outcome *outcome, int status, const stele_complaint *complaint, const char *key);

void stele_provider_settle(stele_provider *provider, stele_provider_batch *batch, stele_outcome *outcome, int64_t now);
void stele_provider_stop(stele_provider *provider, const char *hint, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Stop it when nothing has succeeded for too long. */
void stele_provider_look_at_time(stele_provider *provider, int64_t now);
void stele_provider_fail_item(stele_provider *provider, stele_item *item, const char *code, const char *message);
void stele_provider_unpack(stele_provider *provider, stele_provider_batch *batch); /* its texts back to the queue */

/* What of the batch wasn't sent is under no suspicion any more: back to the queue. */
void stele_provider_release(stele_provider *provider, stele_provider_batch *batch);

/* Send less of the batch, so that it is found out which text it is. `lone`: send that one alone. Never of a single text. */
void stele_provider_search(stele_provider *provider, stele_provider_batch *batch, stele_batch_mode mode, int64_t lone);

/* Is there something wrong with the vectors of what was sent, seen together? Fills `answer`'s fault. */
bool stele_provider_trusts(stele_provider *provider, const stele_provider_batch *batch, stele_answer *answer);
/* A vector is taken. When it is the same for one text after another, the provider is stopped. */
void stele_provider_took(stele_provider *provider, const stele_item *item);

/* A copy of a text, numbered; NULL: no memory. */
stele_item *stele_provider_make_item(stele_provider *provider, uint64_t tag, const char *text, size_t length);

/* Limits of the next request, as learned. */
stele_caps stele_provider_caps(const stele_provider *provider);
/* Does the budget pay for a request of so many estimated tokens? What it lacks is told. */
bool stele_provider_affords(stele_provider *provider, double estimated);

/* Send a batch that is not listed anywhere; false: it stopped for lack of memory, and the batch goes again. */
bool stele_provider_send(stele_provider *provider, stele_provider_batch *batch, int64_t now);
/* See to what has come, and to what is to be computed here if `may_compute`. */
void stele_provider_receive(stele_provider *provider, bool may_compute);
/* Fixed vectors. */
void stele_fixed_vector(const char *text, size_t length, unsigned dimensions, float *vector);

#endif

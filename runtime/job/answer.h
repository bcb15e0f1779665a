/*
 * answer.h - what a provider answered: the vectors, or what it complains of
 *
 * Answers are untrusted: what is not exactly one vector of the right dimension, of finite numbers that aren't all zero, for each text that was sent, is a fault and
 * never taken for right. Touches no network, so that it can be fuzzed.
 */
#ifndef STELE_ANSWER_H
#define STELE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json.h"

enum { STELE_NO_SUSPECT = -1 };

typedef struct stele_answer {
    size_t count;        /* given: how many vectors it has to have, */
    unsigned dimensions; /* of so many numbers, */
    float *vectors;      /* into here, in the order of the texts */
    int64_t tokens;      /* by `usage`; -1 where it doesn't say */
    int64_t suspect;     /* the text whose vector is wrong, or STELE_NO_SUSPECT */
    size_t given;        /* the fault is that a vector has so many numbers instead; or 0 */
    bool is_cut;         /* the fault is that the answer ends in its midst */
    char fault[160];     /* what is wrong; "" when all is right */
} stele_answer;

/* Read the body of an answer of success, base64 or numbers, whichever it has. Writes into `body`. False: see `fault`; "" there stands for memory. */
bool stele_answer_read(stele_answer *answer, char *body, size_t length);

/* Look at vectors that came in any other way. */
bool stele_answer_check(stele_answer *answer);

/*
 * Have two different texts the same vector, to the last bit? Texts that differ in spaces, punctuation and ASCII case only aren't different. Of the digests in `known`, which are 0-ended, it is
 * known that a few texts have that vector, and rightly: then it takes a quarter of all. `digests` are those of the vectors. Returns such a text, or STELE_NO_SUSPECT; no memory to find out
 * counts as none.
 */
int64_t stele_answer_twins(const stele_answer *answer, const stele_json_text *texts, const uint64_t *digests, const uint64_t *known);

/* Stands for what counts of a text, as above. */
uint64_t stele_answer_text_digest(const char *text, size_t length);

/* Stands for a vector: equal for equal ones. Never 0. */
uint64_t stele_answer_digest(const float *vector, unsigned dimensions);

/* What a provider complains of, in one of the many forms there are. */
typedef struct stele_complaint {
    int status;          /* a number of HTTP that stands in it; or 0 */
    int64_t suspect;     /* the text that it names, counted from 0; or STELE_NO_SUSPECT */
    bool is_error;       /* an object of JSON with an error in it */
    char code[64];       /* "insufficient_quota"; its code, else its type; or "" */
    char message[1024];  /* as it came; or "" */
} stele_complaint;

void stele_complaint_read(stele_complaint *complaint, char *body, size_t length);

/* How many bytes the character of UTF-8 has that begins here; 0: it is none. A zero byte stands behind the text. */
size_t stele_utf8_character(const char *text);

/* Copy what a stranger said as one line: no control characters, only whole characters of UTF-8, cut; no part of `key` (may be NULL) of 8 characters or more, nor all of it. */
void stele_clean(char *buffer, size_t size, const char *text, const char *key);

#endif

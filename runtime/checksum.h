/*
 * checksum.h - the digests that stele stands on, and the order of versions
 *
 * Shared by the generator and the runtime. Nothing here talks to a server. The
 * byte formats are written down, with test vectors, in docs/ledger.md; they can't change:
 * another format gets another tag and stands beside these.
 */
#ifndef STELE_CHECKSUM_H
#define STELE_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STELE_DIGEST_SIZE = 32,   /* bytes of a SHA-256 */
    STELE_CHECKSUM_SIZE = 68  /* "s1:", 64 hex digits and the zero byte */
};

/* A SHA-256 being computed. A failure (a field of 2 GB) makes it fail for good; stele_digest_end tells. Nothing is to be freed. */
typedef struct stele_digest {
    union {
        long long alignment;
        unsigned char bytes[128];
    } state; /* libcrypto's SHA256_CTX, so that its header need not be included here */
    unsigned char waiting[512]; /* bytes that it is yet to take in: most fields are short, and each call of libcrypto has its price */
    size_t waiting_length;
    bool failed;
} stele_digest;

/* Start one. */
void stele_digest_begin(stele_digest *digest);

/* Add bytes as they are. */
void stele_digest_bytes(stele_digest *digest, const void *bytes, size_t length);

/* Add a field: its length as 4 bytes, big-endian, then the bytes. NULL: four bytes of 0xff. */
void stele_digest_field(stele_digest *digest, const void *bytes, size_t length);

/* Add a text field; NULL as above. */
void stele_digest_text(stele_digest *digest, const char *text);

/* Finish, into `out`. False when any call failed; `out` is then all zero. */
bool stele_digest_end(stele_digest *digest, uint8_t out[STELE_DIGEST_SIZE]);

/* Finish, and begin another. */
bool stele_digest_next(stele_digest *digest, uint8_t out[STELE_DIGEST_SIZE]);

/* Write "TAG:hex" into `out`; `tag` has two characters. */
void stele_checksum_write(char out[STELE_CHECKSUM_SIZE], const char *tag, const uint8_t digest[STELE_DIGEST_SIZE]);

/* Read "TAG:hex" back. False when the tag is another or it isn't 64 hex digits in lower case. */
bool stele_checksum_read(const char *text, const char *tag, uint8_t digest[STELE_DIGEST_SIZE]);

/* The checksum of a migration's canonical text (UTF-8, no BOM, LF): "s1:", what sha256sum prints for such a file. */
bool stele_source_checksum(char out[STELE_CHECKSUM_SIZE], const void *text, size_t length);

/* What a migration's meaning hangs on besides its own text: a Lua module, or a repeatable that it comes directly after. */
typedef struct stele_source_member {
    const char *name; /* "text.split", "R_views" */
    const char *text; /* the module's text, or the repeatable's own source checksum */
    size_t length;
} stele_source_member;

/*
 * The checksum of a migration with its members, which stand in the order of their names, by bytes: "s2:". Without any it
 * is that of stele_source_checksum, "s1:".
 */
bool stele_source_checksum_of(char out[STELE_CHECKSUM_SIZE], const void *text, size_t length,
                              const stele_source_member *members, size_t count);

/*
 * The digest of a component's applied set. It starts from the component's name
 * and takes in (version, name, source) of each member, in the order of
 * stele_version_compare; so it depends on the set only, not on how it came about.
 */
bool stele_state_start(uint8_t state[STELE_DIGEST_SIZE], const char *component);
bool stele_state_add(uint8_t state[STELE_DIGEST_SIZE], const char *version, const char *name, const char *source);

/*
 * Compare two versions: the runs of digits from left to right, each as a number of any
 * length; where one has no more runs, the shorter comes first. So 4.9 < 4.105, 0009 < 00010,
 * and 001 = 1. Versions without a digit come after all others, by bytes.
 * Returns <0, 0, >0; 0 means that they can't stand side by side in one component.
 */
int stele_version_compare(const char *a, const char *b);

#endif

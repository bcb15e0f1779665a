/*
 * seal.h - values that only who has the key can read, or make: AES-256-GCM
 *
 * A sealed value is
 *
 *     1 byte    1: the version of this form
 *     4 bytes   which key: the first bytes of the SHA-256 of its 32 bytes
 *     12 bytes  a nonce, random, anew for each value
 *     n bytes   the ciphertext, as long as what was sealed
 *     16 bytes  the tag
 *
 * The associated data of GCM are what the caller gives, as they are, and nothing else: given a row's key, a value that was moved to another row
 * doesn't open. Any library with AES-256-GCM reads it: nonce and tag have the usual lengths. One key is good for 4,000 million values (2^32), after
 * which two nonces may be the same.
 */
#ifndef STELE_JOB_SEAL_H
#define STELE_JOB_SEAL_H

#include <stdbool.h>
#include <stddef.h>

#include "../stele.h"

enum { STELE_SEAL_VERSION = 1, STELE_SEAL_NONCE = 12, STELE_SEAL_TAG = 16 };
enum { STELE_SEAL_HEAD = 1 + 4 + STELE_SEAL_NONCE, STELE_SEAL_MORE = STELE_SEAL_HEAD + STELE_SEAL_TAG };

typedef struct stele_seal_key {
    unsigned char bytes[32], id[4];
} stele_seal_key;

typedef struct stele_bytes {
    const void *bytes;
    size_t length;
} stele_bytes;

/*
 * Read a key from an environment variable: 32 bytes, as 64 hexadecimal digits or 44 characters of base64 (43 without the =). Returns OK; UNMET where
 * it isn't set, or something else.
 */
stele_status stele_seal_key_read(stele_seal_key *key, const char *variable, stele_error *error);

/* Make one of 32 bytes; forget one, so that nothing of it stays in memory. */
bool stele_seal_key_make(stele_seal_key *key, const unsigned char bytes[32]);
void stele_seal_key_forget(stele_seal_key *key);

/*
 * Seal into `sealed`, which has room for STELE_SEAL_MORE bytes more than `plain` has. With `nonce` NULL, a fresh one; another is for tests. Returns
 * OK or FAILED.
 */
stele_status stele_seal(const stele_seal_key *key, stele_bytes plain, stele_bytes associated, const unsigned char *nonce, unsigned char *sealed,
                        stele_error *error);

/*
 * Open into `plain`, which has room for STELE_SEAL_MORE bytes less than `sealed`. FAILED for what isn't sealed, is by another key, of another row, or
 * was changed; `plain` then has nothing of it.
 */
stele_status stele_unseal(const stele_seal_key *key, stele_bytes sealed, stele_bytes associated, unsigned char *plain, stele_error *error);

#endif

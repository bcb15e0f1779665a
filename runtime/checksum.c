/*
 * libcrypto's SHA-256 is called by its own name, not through EVP: EVP reads configuration and fetches providers at its first
 * use, which takes a millisecond of every boot. The names are deprecated for new designs, and stay.
 */
#define OPENSSL_API_COMPAT 0x10100000L

#include "checksum.h"

#include <openssl/sha.h>
#include <string.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(((stele_digest *)0)->state), "stele_digest has room for a SHA256_CTX");

static SHA256_CTX *context(stele_digest *digest)
{
    return (SHA256_CTX *)(void *)&digest->state;
}

void stele_digest_begin(stele_digest *digest)
{
    digest->waiting_length = 0;
    digest->failed = SHA256_Init(context(digest)) != 1;
}

static void take_in(stele_digest *digest, const void *bytes, size_t length)
{
    if (!digest->failed && length > 0 && SHA256_Update(context(digest), bytes, length) != 1)
        digest->failed = true;
}

static void take_in_waiting(stele_digest *digest)
{
    take_in(digest, digest->waiting, digest->waiting_length);
    digest->waiting_length = 0;
}

void stele_digest_bytes(stele_digest *digest, const void *bytes, size_t length)
{
    if (length > sizeof digest->waiting - digest->waiting_length)
        take_in_waiting(digest);
    if (length > sizeof digest->waiting) {
        take_in(digest, bytes, length);
    } else if (length > 0) {
        memcpy(digest->waiting + digest->waiting_length, bytes, length);
        digest->waiting_length += length;
    }
}

static void put_length(stele_digest *digest, uint32_t length)
{
    uint8_t bytes[4] = {(uint8_t)(length >> 24), (uint8_t)(length >> 16), (uint8_t)(length >> 8), (uint8_t)length};
    stele_digest_bytes(digest, bytes, sizeof bytes);
}

void stele_digest_field(stele_digest *digest, const void *bytes, size_t length)
{
    if (bytes == NULL) {
        put_length(digest, UINT32_MAX);
    } else if (length >= INT32_MAX) {
        digest->failed = true;
    } else {
        put_length(digest, (uint32_t)length);
        stele_digest_bytes(digest, bytes, length);
    }
}

void stele_digest_text(stele_digest *digest, const char *text)
{
    stele_digest_field(digest, text, text == NULL ? 0 : strlen(text));
}

bool stele_digest_end(stele_digest *digest, uint8_t out[STELE_DIGEST_SIZE])
{
    take_in_waiting(digest);
    if (!digest->failed && SHA256_Final(out, context(digest)) != 1)
        digest->failed = true;
    if (digest->failed)
        memset(out, 0, STELE_DIGEST_SIZE);
    return !digest->failed;
}

bool stele_digest_next(stele_digest *digest, uint8_t out[STELE_DIGEST_SIZE])
{
    bool fine = stele_digest_end(digest, out);
    if (fine)
        stele_digest_begin(digest);
    return fine;
}

void stele_checksum_write(char out[STELE_CHECKSUM_SIZE], const char *tag, const uint8_t digest[STELE_DIGEST_SIZE])
{
    static const char hex[] = "0123456789abcdef";
    *out++ = tag[0];
    *out++ = tag[1];
    *out++ = ':';
    for (size_t i = 0; i < STELE_DIGEST_SIZE; i++) {
        *out++ = hex[digest[i] >> 4];
        *out++ = hex[digest[i] & 15];
    }
    *out = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool stele_checksum_read(const char *text, const char *tag, uint8_t digest[STELE_DIGEST_SIZE])
{
    if (strlen(text) != STELE_CHECKSUM_SIZE - 1 || text[0] != tag[0] || text[1] != tag[1] || text[2] != ':')
        return false;
    text += 3;
    for (size_t i = 0; i < STELE_DIGEST_SIZE; i++, text += 2) {
        int high = hex_value(text[0]), low = hex_value(text[1]);
        if (high < 0 || low < 0)
            return false;
        digest[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool stele_source_checksum(char out[STELE_CHECKSUM_SIZE], const void *text, size_t length)
{
    uint8_t bytes[STELE_DIGEST_SIZE];
    stele_digest digest;
    stele_digest_begin(&digest);
    stele_digest_bytes(&digest, text, length);
    bool fine = stele_digest_end(&digest, bytes);
    stele_checksum_write(out, "s1", bytes);
    return fine;
}

bool stele_source_checksum_of(char out[STELE_CHECKSUM_SIZE], const void *text, size_t length,
                              const stele_source_member *members, size_t count)
{
    static const char heading[] = "stele-source-2\n";
    uint8_t bytes[STELE_DIGEST_SIZE];
    stele_digest digest;
    if (count == 0)
        return stele_source_checksum(out, text, length);
    stele_digest_begin(&digest);
    stele_digest_bytes(&digest, heading, sizeof heading - 1);
    stele_digest_field(&digest, text, length);
    for (size_t i = 0; i < count; i++) {
        stele_digest_text(&digest, members[i].name);
        stele_digest_field(&digest, members[i].text, members[i].length);
    }
    bool fine = stele_digest_end(&digest, bytes);
    stele_checksum_write(out, "s2", bytes);
    return fine;
}

bool stele_state_start(uint8_t state[STELE_DIGEST_SIZE], const char *component)
{
    static const char heading[] = "stele-state-1\n";
    stele_digest digest;
    stele_digest_begin(&digest);
    stele_digest_bytes(&digest, heading, sizeof heading - 1);
    stele_digest_text(&digest, component);
    return stele_digest_end(&digest, state);
}

bool stele_state_add(uint8_t state[STELE_DIGEST_SIZE], const char *version, const char *name, const char *source)
{
    stele_digest digest;
    stele_digest_begin(&digest);
    stele_digest_bytes(&digest, state, STELE_DIGEST_SIZE);
    stele_digest_text(&digest, version);
    stele_digest_text(&digest, name);
    stele_digest_text(&digest, source);
    return stele_digest_end(&digest, state);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The next run of digits, without leading zeros. False when there is none. */
static bool next_number(const char **text, const char **digits, size_t *length)
{
    const char *p = *text;
    while (*p != '\0' && !is_digit(*p))
        p++;
    if (*p == '\0')
        return false;
    while (*p == '0' && is_digit(p[1]))
        p++;
    *digits = p;
    while (is_digit(*p))
        p++;
    *length = (size_t)(p - *digits);
    *text = p;
    return true;
}

int stele_version_compare(const char *a, const char *b)
{
    const char *p = a, *q = b;
    for (bool first = true;; first = false) {
        const char *m, *n;
        size_t i, j;
        bool more = next_number(&p, &m, &i), other = next_number(&q, &n, &j);
        if (!more || !other) {
            if (more != other)
                return (more ? 1 : -1) * (first ? -1 : 1);
            return first ? strcmp(a, b) : 0;
        }
        if (i != j)
            return i < j ? -1 : 1;
        int order = memcmp(m, n, i);
        if (order != 0)
            return order;
    }
}

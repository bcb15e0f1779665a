#include "seal.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#include "../error.h"
#include "secret.h"

/* ----------------------------------------------------------------------- keys */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_hex(const char *text, size_t length, unsigned char bytes[32])
{
    if (length != 64)
        return false;
    for (size_t i = 0; i < 32; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

/* Of base64, in either alphabet; 64 for what is none of it. */
static unsigned sextet(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c == '\0' ? NULL : strchr(digits, c == '-' ? '+' : c == '_' ? '/' : c);
    return found == NULL ? 64 : (unsigned)(found - digits);
}

/* 43 characters are 258 bits: the last two must be 0, or two texts would be one key. */
static bool read_base64(const char *text, size_t length, unsigned char bytes[32])
{
    unsigned held = 0, bits = 0;
    size_t count = 0;
    if (length != 43 && !(length == 44 && text[43] == '='))
        return false;
    for (size_t i = 0; i < 43; i++) {
        unsigned value = sextet(text[i]);
        if (value > 63)
            return false;
        held = (held << 6 | value) & 0xFFFF;
        bits += 6;
        if (bits >= 8 && count < 32) {
            bits -= 8;
            bytes[count++] = (unsigned char)(held >> bits);
        }
    }
    return (held & 3) == 0;
}

bool stele_seal_key_make(stele_seal_key *key, const unsigned char bytes[32])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    memmove(key->bytes, bytes, sizeof key->bytes);
    if (EVP_Digest(bytes, sizeof key->bytes, digest, NULL, EVP_sha256(), NULL) != 1)
        return false;
    memcpy(key->id, digest, sizeof key->id);
    return true;
}

void stele_seal_key_forget(stele_seal_key *key)
{
    OPENSSL_cleanse(key, sizeof *key);
}

stele_status stele_seal_key_read(stele_seal_key *key, const char *variable, stele_error *error)
{
    unsigned char bytes[32];
    stele_status status = STELE_OK;
    const char *text = stele_secret_read(variable, error);
    if (text == NULL)
        return STELE_UNMET;
    size_t length = strlen(text);
    if (!read_hex(text, length, bytes) && !read_base64(text, length, bytes)) {
        status = stele_error_set(error, STELE_UNMET, "the environment variable %s has no key for sealing: that is 32 bytes, as 64 hexadecimal digits or 44 "
                                 "characters of base64, and nothing else", variable);
        stele_error_hint(error, "make one with: openssl rand -hex 32");
    } else if (!stele_seal_key_make(key, bytes)) {
        status = stele_error_set(error, STELE_FAILED, "libcrypto has no SHA-256 here");
    }
    OPENSSL_cleanse(bytes, sizeof bytes);
    return status;
}

/* ---------------------------------------------------------------------- sealing */

/* Both ways alike: key, nonce, associated data, and the text from `from` to `to`. EVP counts in int. */
static bool begin(EVP_CIPHER_CTX *context, int encrypt, const stele_seal_key *key, const unsigned char *nonce, stele_bytes associated, const void *from,
                  size_t length, unsigned char *to)
{
    int done;
    return context != NULL && length <= INT_MAX && associated.length <= INT_MAX &&
           EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, key->bytes, nonce, encrypt) == 1 &&
           (associated.length == 0 || EVP_CipherUpdate(context, NULL, &done, associated.bytes, (int)associated.length) == 1) &&
           (length == 0 || EVP_CipherUpdate(context, to, &done, from, (int)length) == 1);
}

stele_status stele_seal(const stele_seal_key *key, stele_bytes plain, stele_bytes associated, const unsigned char *nonce, unsigned char *sealed,
                        stele_error *error)
{
    unsigned char *place = sealed + 1 + sizeof key->id, *text = sealed + STELE_SEAL_HEAD;
    int done;
    sealed[0] = STELE_SEAL_VERSION;
    memcpy(sealed + 1, key->id, sizeof key->id);
    if (nonce != NULL)
        memcpy(place, nonce, STELE_SEAL_NONCE);
    else if (RAND_bytes(place, STELE_SEAL_NONCE) != 1)
        return stele_error_set(error, STELE_FAILED, "libcrypto has no random numbers here");
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool sealing = begin(context, 1, key, place, associated, plain.bytes, plain.length, text) &&
                   EVP_CipherFinal_ex(context, text + plain.length, &done) == 1 &&
                   EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, STELE_SEAL_TAG, text + plain.length) == 1;
    EVP_CIPHER_CTX_free(context);
    return sealing ? STELE_OK : stele_error_set(error, STELE_FAILED, "libcrypto can't seal a value of %zu bytes here", plain.length);
}

static stele_status check_head(const stele_seal_key *key, stele_bytes sealed, stele_error *error)
{
    const unsigned char *head = sealed.bytes;
    if (sealed.length < STELE_SEAL_MORE || head[0] != STELE_SEAL_VERSION)
        return stele_error_set(error, STELE_FAILED, "the value isn't one that was sealed");
    if (memcmp(head + 1, key->id, sizeof key->id) == 0)
        return STELE_OK;
    stele_error_set(error, STELE_FAILED, "the value was sealed with another key");
    stele_error_detail(error, "it was sealed with the key %02x%02x%02x%02x; this is %02x%02x%02x%02x", head[1], head[2], head[3], head[4], key->id[0],
                       key->id[1], key->id[2], key->id[3]);
    return STELE_FAILED;
}

stele_status stele_unseal(const stele_seal_key *key, stele_bytes sealed, stele_bytes associated, unsigned char *plain, stele_error *error)
{
    const unsigned char *head = sealed.bytes;
    unsigned char tag[STELE_SEAL_TAG];
    int done;
    if (check_head(key, sealed, error) != STELE_OK)
        return STELE_FAILED;
    size_t length = sealed.length - STELE_SEAL_MORE;
    memcpy(tag, head + STELE_SEAL_HEAD + length, sizeof tag);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool opened = begin(context, 0, key, head + 1 + sizeof key->id, associated, head + STELE_SEAL_HEAD, length, plain) &&
                  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, STELE_SEAL_TAG, tag) == 1 &&
                  EVP_CipherFinal_ex(context, plain + length, &done) == 1;
    EVP_CIPHER_CTX_free(context);
    if (opened)
        return STELE_OK;
    OPENSSL_cleanse(plain, length);
    return stele_error_set(error, STELE_FAILED, "the sealed value was changed, or belongs to another row");
}

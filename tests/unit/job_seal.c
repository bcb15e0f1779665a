/*
 * job/seal.c: the vectors of AES-256-GCM that its authors gave to NIST (McGrew and Viega, test cases 13 to 16), keys in each form, and what doesn't open.
 */
#include "job/seal.h"

#include <stdlib.h>
#include <string.h>

#include "job/secret.h"
#include "tap.h"

static size_t unhex(const char *text, unsigned char *bytes)
{
    size_t length = strlen(text) / 2;
    for (size_t i = 0; i < length; i++) {
        char digits[] = {text[2 * i], text[2 * i + 1], '\0'};
        bytes[i] = (unsigned char)strtoul(digits, NULL, 16);
    }
    return length;
}

static const char key_0[] = "0000000000000000000000000000000000000000000000000000000000000000";
static const char key_1[] = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";

static const struct {
    const char *name, *key, *nonce, *plain, *associated, *text, *tag;
} vectors[] = {
    {"case 13, of nothing", key_0, "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"case 14, one block", key_0, "000000000000000000000000", "00000000000000000000000000000000", "", "cea7403d4d606b6e074ec5d3baf39d18",
     "d0d1c8a799996bf0265b98b5d48ab919"},
    {"case 15, four blocks", key_1, "cafebabefacedbaddecaf888",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255", "",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"case 16, with associated data", key_1, "cafebabefacedbaddecaf888",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

static void test_vector(size_t i)
{
    unsigned char key_bytes[32], nonce[12], plain[128], associated[128], sealed[192], expected[192], opened[128];
    stele_seal_key key;
    stele_error error = {0};
    unhex(vectors[i].key, key_bytes);
    unhex(vectors[i].nonce, nonce);
    stele_bytes text = {plain, unhex(vectors[i].plain, plain)}, more = {associated, unhex(vectors[i].associated, associated)};
    stele_seal_key_make(&key, key_bytes);
    bool sealing = stele_seal(&key, text, more, nonce, sealed, &error) == STELE_OK;
    expected[0] = 1;
    memcpy(expected + 1, key.id, 4);
    memcpy(expected + 5, nonce, 12);
    unhex(vectors[i].text, expected + 17);
    unhex(vectors[i].tag, expected + 17 + text.length);
    ok(sealing && memcmp(sealed, expected, text.length + STELE_SEAL_MORE) == 0, "%s is sealed as it has to be", vectors[i].name);
    stele_bytes whole = {sealed, text.length + STELE_SEAL_MORE};
    ok(stele_unseal(&key, whole, more, opened, &error) == STELE_OK && memcmp(opened, plain, text.length) == 0, "%s is opened", vectors[i].name);
    bool refused = true;
    for (size_t bit = 0; bit < whole.length * 8; bit++) {
        sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
        memset(opened, 7, sizeof opened);
        refused = refused && stele_unseal(&key, whole, more, opened, NULL) == STELE_FAILED;
        for (size_t j = 0; j < text.length; j++) /* nothing of it is left there */
            refused = refused && (opened[j] == 0 || opened[j] == 7);
        sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    ok(refused, "%s isn't opened with any one bit of it changed", vectors[i].name);
    bool cut = true;
    for (size_t length = 0; length < whole.length; length++)
        cut = cut && stele_unseal(&key, (stele_bytes){sealed, length}, more, opened, NULL) == STELE_FAILED;
    ok(cut, "%s isn't opened when it was cut", vectors[i].name);
    ok(stele_unseal(&key, whole, (stele_bytes){"x", 1}, opened, NULL) == STELE_FAILED, "%s isn't opened in another place", vectors[i].name);
}

/* Is this text of a variable a key, and the one of all these bytes? */
static bool reads(const char *text, unsigned char byte)
{
    stele_seal_key key;
    unsigned char bytes[32];
    stele_error error = {0};
    memset(bytes, byte, sizeof bytes);
    setenv("STELE_TEST_KEY", text, 1);
    if (stele_seal_key_read(&key, "STELE_TEST_KEY", &error) == STELE_OK)
        return memcmp(key.bytes, bytes, 32) == 0;
    ok(strlen(text) < 5 || strstr(error.message, text) == NULL, "the message doesn't have the text");
    return false;
}

int main(void)
{
    unsigned char zero[32] = {0}, one[64], other[64];
    stele_seal_key key, copy;
    stele_error error = {0};
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        test_vector(i);
    ok(reads("abababABABababababababababababababababababababababababababababab", 0xAB), "a key of 64 hexadecimal digits");
    ok(reads("q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=", 0xAB), "a key of base64");
    ok(reads("q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s", 0xAB), "without the sign at its end");
    ok(reads("//////////////////////////////////////////8=", 0xFF) && reads("__________________________________________8", 0xFF), "in either alphabet");
    ok(!reads("//////////////////////////////////////////9=", 0xFF), "not one with bits too many");
    ok(!reads("abababababababababababababababababababababababababababababababa", 0xAB) && !reads("geheim", 0) &&
           !reads("ababababababababababababababababababababababababababababababababab", 0xAB) &&
           !reads("q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s==", 0xAB) && !reads("q6urq6urq6urq6urq6urq6urq6urq6urq6ur q6urq6s", 0xAB) &&
           !reads("zbababababababababababababababababababababababababababababababab", 0xAB),
       "nor one that is too short, too long, or no text of that kind");
    unsetenv("STELE_TEST_KEY");
    ok(stele_seal_key_read(&key, "STELE_TEST_KEY", &error) == STELE_UNMET && strstr(error.message, "STELE_TEST_KEY") != NULL && strstr(error.message, "not set") != NULL,
       "a variable that isn't set is named");
    ok(stele_secret_is_name("_A1b") && !stele_secret_is_name("") && !stele_secret_is_name("1A") && !stele_secret_is_name("A-B") && !stele_secret_is_name("A=B"),
       "what a variable may be called");
    stele_seal_key_make(&key, zero);
    ok(key.id[0] == 0x66 && key.id[1] == 0x68 && key.id[2] == 0x7a && key.id[3] == 0xad, "a key is known by its SHA-256");
    stele_seal(&key, (stele_bytes){"same", 4}, (stele_bytes){"", 0}, NULL, one, &error);
    stele_seal(&key, (stele_bytes){"same", 4}, (stele_bytes){"", 0}, NULL, other, &error);
    ok(memcmp(one + 5, other + 5, STELE_SEAL_NONCE) != 0 && memcmp(one + 17, other + 17, 4) != 0, "a value is sealed in another way each time");
    memset(&copy, 0, sizeof copy);
    memset(key.bytes, 1, sizeof key.bytes);
    stele_seal_key_forget(&key);
    ok(memcmp(&key, &copy, sizeof key) == 0, "a key that is forgotten is gone");
    return done();
}

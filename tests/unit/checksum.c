/* checksum.c: digests whose values are known from elsewhere, and the order of versions. */
#include "checksum.h"

#include <string.h>

#include "tap.h"

static void test_source(void)
{
    char out[STELE_CHECKSUM_SIZE];
    ok(stele_source_checksum(out, "", 0) &&
           strcmp(out, "s1:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855") == 0,
       "s1 of nothing");
    ok(stele_source_checksum(out, "abc", 3) &&
           strcmp(out, "s1:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") == 0,
       "s1 of abc is what FIPS 180 says");
}

static void test_source_of(void)
{
    char out[STELE_CHECKSUM_SIZE];
    static const char text[] = "return require \"m\"\n", module[] = "return 1\n";
    static const char empty[] = "s1:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const stele_source_member m = {"m", module, sizeof module - 1}, r = {"R_a", empty, sizeof empty - 1};
    ok(stele_source_checksum_of(out, "", 0, NULL, 0) && strcmp(out, empty) == 0, "the source of a text without members is its s1");
    ok(stele_source_checksum_of(out, text, sizeof text - 1, &m, 1) &&
           strcmp(out, "s2:893a7a44f1149f4d68e3c44b95062fed558ebf9212832c780a0e53332b110870") == 0,
       "s2 with a module");
    ok(stele_source_checksum_of(out, "", 0, &r, 1) &&
           strcmp(out, "s2:702680bfed9a60ee58866a1bb73cb9180bcbcf4acbd85604debdce660b7f7cee") == 0,
       "s2 with a repeatable");
}

static void test_written(void)
{
    uint8_t digest[STELE_DIGEST_SIZE], back[STELE_DIGEST_SIZE];
    char text[STELE_CHECKSUM_SIZE];
    for (int i = 0; i < STELE_DIGEST_SIZE; i++)
        digest[i] = (uint8_t)(i * 37);
    stele_checksum_write(text, "r1", digest);
    ok(stele_checksum_read(text, "r1", back) && memcmp(digest, back, sizeof back) == 0, "a checksum is read as it was written");
    ok(!stele_checksum_read(text, "s1", back), "one with another tag is not");
    bool refused = true;
    for (size_t i = 0; text[i] != '\0'; i++) {
        char damaged[STELE_CHECKSUM_SIZE];
        memcpy(damaged, text, sizeof damaged);
        damaged[i] = 'G';
        refused &= !stele_checksum_read(damaged, "r1", back);
        damaged[i] = '\0';
        refused &= !stele_checksum_read(damaged, "r1", back);
    }
    ok(refused, "nor one that is damaged or cut, wherever");
}

/* The fields of a digest can't run into each other. */
static void test_fields(void)
{
    static const struct {
        const char *a, *b;
    } cases[] = {{"ab", "c"}, {"a", "bc"}, {"abc", ""}, {"", "abc"}, {"abc", NULL}, {NULL, "abc"}, {NULL, NULL}, {"", ""}};
    enum { COUNT = sizeof cases / sizeof *cases };
    uint8_t digests[COUNT][STELE_DIGEST_SIZE];
    bool distinct = true;
    for (size_t i = 0; i < COUNT; i++) {
        stele_digest digest;
        stele_digest_begin(&digest);
        stele_digest_text(&digest, cases[i].a);
        stele_digest_text(&digest, cases[i].b);
        distinct &= stele_digest_end(&digest, digests[i]);
        for (size_t j = 0; j < i; j++)
            distinct &= memcmp(digests[i], digests[j], STELE_DIGEST_SIZE) != 0;
    }
    ok(distinct, "fields with the same text between them, empty ones and missing ones have other digests");
}

/* In order; those in one line are equal. */
static const char *const versions[][3] = {{"0"}, {"0.0"}, {"0.1"}, {"1", "001", "01"}, {"1.0", "001.000"}, {"1.9"}, {"1.10", "1.010"}, {"1.10.1"}, {"4.9"},
    {"4.105"}, {"0009", "9"}, {"00010", "10"}, {"20250117000001"}, {"20250117000002"}, {"99999999999999999999999998"},
    {"99999999999999999999999999", "0099999999999999999999999999"}, {"100000000000000000000000000"}};

static void test_versions(void)
{
    enum { COUNT = sizeof versions / sizeof *versions };
    for (size_t i = 0; i < COUNT; i++) {
        bool right = true;
        for (size_t j = 0; j < COUNT; j++)
            for (size_t m = 0; m < 3 && versions[i][m] != NULL; m++)
                for (size_t n = 0; n < 3 && versions[j][n] != NULL; n++) {
                    int order = stele_version_compare(versions[i][m], versions[j][n]);
                    right &= i < j ? order < 0 : i > j ? order > 0 : order == 0;
                }
        ok(right, "%s is in its place", versions[i][0]);
    }
}

int main(void)
{
    test_source();
    test_source_of();
    test_written();
    test_fields();
    test_versions();
    return done();
}

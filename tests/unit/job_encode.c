#include "job/encode.h"

#include <math.h>
#include <string.h>

#include "tap.h"

static bool is_bytes(const stele_text *text, const char *bytes, size_t length)
{
    return !text->failed && text->length == length && memcmp(text->bytes, bytes, length) == 0;
}

static void test_arrays(void)
{
    stele_binary_array array = {0};
    stele_array_start(&array, STELE_OID_TEXT);
    ok(stele_array_close(&array) && is_bytes(&array.bytes, "\0\0\0\0\0\0\0\0\0\0\0\31", 12), "an array of nothing has no dimension");
    stele_array_start(&array, STELE_OID_TEXT);
    stele_array_add(&array, "ab", 2);
    stele_array_add(&array, NULL, 0);
    stele_array_add(&array, "", 0);
    ok(stele_array_close(&array) && is_bytes(&array.bytes, "\0\0\0\1\0\0\0\1\0\0\0\31\0\0\0\3\0\0\0\1\0\0\0\2ab\377\377\377\377\0\0\0\0", 34),
       "texts, one of them NULL, one of them empty");
    stele_array_free(&array);
}

static void test_vectors(void)
{
    static const float numbers[] = {1.0f, 0.0f, -2.5f};
    stele_text out = {0};
    float back[3];
    ok(stele_vector_write(&out, 'v', numbers, 3) == STELE_VECTOR_FITS && is_bytes(&out, "\0\3\0\0\77\200\0\0\0\0\0\0\300\40\0\0", 16), "vector");
    ok(stele_vector_read(out.bytes, out.length, 'v', back, 3) && memcmp(back, numbers, sizeof back) == 0, "and back");
    ok(!stele_vector_read(out.bytes, out.length, 'v', back, 2) && !stele_vector_read(out.bytes, out.length - 1, 'v', back, 3), "not as another one");
    out.length = 0;
    ok(stele_vector_write(&out, 'h', numbers, 3) == STELE_VECTOR_FITS && is_bytes(&out, "\0\3\0\0\74\0\0\0\301\0", 10), "halfvec");
    ok(stele_vector_read(out.bytes, out.length, 'h', back, 3) && memcmp(back, numbers, sizeof back) == 0, "and back");
    out.length = 0;
    ok(stele_vector_write(&out, 's', numbers, 3) == STELE_VECTOR_FITS &&
       is_bytes(&out, "\0\0\0\3\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\2\77\200\0\0\300\40\0\0", 28), "sparsevec has no zeros");
    ok(stele_vector_read(out.bytes, out.length, 's', back, 3) && memcmp(back, numbers, sizeof back) == 0, "and back");
    stele_text_free(&out);
}

static void test_what_does_not_fit(void)
{
    static const float large[] = {65520.0f, 0.0f}, most[] = {65519.0f, 0.0f};
    stele_text out = {0};
    ok(stele_vector_write(&out, 'h', large, 2) == STELE_VECTOR_TOO_LARGE && out.length == 0, "65,520 is rounded to what halfvec hasn't");
    ok(stele_vector_write(&out, 'h', most, 2) == STELE_VECTOR_FITS, "65,519 isn't");
    stele_text_free(&out);
}

/* One number that is none, or isn't 0, is seen wherever it stands, in vectors of every length. */
static void test_finite(void)
{
    static const float bad[] = {INFINITY, -INFINITY, NAN, -NAN}, small[] = {1.401298464e-45f, -1.401298464e-45f, 3.402823466e+38f};
    float numbers[9] = {0};
    bool zero, right = true;
    for (unsigned length = 1; length <= 9; length++) {
        numbers[0] = -0.0f;
        right &= stele_vector_is_finite(numbers, length, &zero) && zero;
        for (unsigned at = 0; at < length; at++) {
            for (unsigned i = 0; i < 4; i++) {
                numbers[at] = bad[i];
                right &= !stele_vector_is_finite(numbers, length, &zero) && (at == 0 || stele_vector_is_finite(numbers, at, &zero));
            }
            for (unsigned i = 0; i < 3; i++) {
                numbers[at] = small[i];
                right &= stele_vector_is_finite(numbers, length, &zero) && !zero;
            }
            numbers[at] = 0;
        }
    }
    ok(right, "infinite numbers and NaN are found at every place, and what isn't 0");
}

/* Every half is a float: there and back it is the same. Between two neighbours, the nearer one is taken, and the even one in the middle. */
static void test_all_halves(void)
{
    unsigned wrong = 0, wrong_between = 0;
    for (unsigned half = 0; half < 0x7c00; half++) {
        char bytes[6] = {0, 1, 0, 0, (char)(half >> 8), (char)half};
        float number, next, middle, got;
        stele_text out = {0};
        stele_vector_read(bytes, sizeof bytes, 'h', &number, 1);
        stele_vector_write(&out, 'h', &number, 1);
        wrong += out.length != 6 || memcmp(out.bytes, bytes, 6) != 0;
        bytes[4] = (char)((half + 1) >> 8);
        bytes[5] = (char)(half + 1);
        stele_vector_read(bytes, sizeof bytes, 'h', &next, 1);
        middle = number / 2 + next / 2;
        out.length = 0;
        if (half < 0x7bff && stele_vector_write(&out, 'h', &middle, 1) == STELE_VECTOR_FITS && stele_vector_read(out.bytes, out.length, 'h', &got, 1))
            wrong_between += got != ((half & 1) == 0 ? number : next);
        stele_text_free(&out);
    }
    ok(wrong == 0, "all halves there and back: %u are wrong", wrong);
    ok(wrong_between == 0, "ties go to the even one: %u are wrong", wrong_between);
}

int main(void)
{
    test_arrays();
    test_vectors();
    test_what_does_not_fit();
    test_finite();
    test_all_halves();
    return done();
}

#include "comparison.h"

#include "tap.h"

static void test_signs_are_read_as_they_are_written(void)
{
    uint32_t comparison;
    for (uint32_t i = STELE_ROWS_EQUAL; i <= STELE_ROWS_OTHER; i++)
        ok(stele_comparison_of(stele_comparison_sign(i), &comparison) && comparison == i, "%s", stele_comparison_sign(i));
    ok(!stele_comparison_of("==", &comparison), "== is none");
    ok(!stele_comparison_of("", &comparison), "nothing is none");
}

/* Each comparison with fewer rows than expected, as many, and more. */
static void test_what_holds(void)
{
    static const bool holds[][3] = {
        [STELE_ROWS_EQUAL] = {false, true, false}, [STELE_ROWS_AT_LEAST] = {false, true, true},
        [STELE_ROWS_AT_MOST] = {true, true, false}, [STELE_ROWS_MORE] = {false, false, true},
        [STELE_ROWS_LESS] = {true, false, false},  [STELE_ROWS_OTHER] = {true, false, true},
    };
    for (uint32_t i = STELE_ROWS_EQUAL; i <= STELE_ROWS_OTHER; i++)
        for (int64_t rows = 4; rows <= 6; rows++)
            ok(stele_comparison_holds(i, rows, 5) == holds[i][rows - 4], "%lld %s 5", (long long)rows, stele_comparison_sign(i));
    ok(!stele_comparison_holds(STELE_ROWS_OTHER + 1, 5, 5), "an unknown comparison never holds");
}

static void test_numbers(void)
{
    static const char *const none[] = {"", "-", "1.0", " 1", "1 ", "+1", "x", "1e3", "1000000000000000000"};
    int64_t rows;
    ok(stele_rows_number("0", &rows) && rows == 0, "0");
    ok(stele_rows_number("-12", &rows) && rows == -12, "-12");
    ok(stele_rows_number("999999999999999999", &rows) && rows == INT64_C(999999999999999999), "18 digits");
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        ok(!stele_rows_number(none[i], &rows), "\"%s\" is no number of rows", none[i]);
}

int main(void)
{
    test_signs_are_read_as_they_are_written();
    test_what_holds();
    test_numbers();
    return done();
}

#include "comparison.h"

#include <string.h>

static const char *const signs[] = {"=", ">=", "<=", ">", "<", "<>"};
enum { SIGN_COUNT = sizeof signs / sizeof signs[0] };

const char *stele_comparison_sign(uint32_t comparison)
{
    return comparison < SIGN_COUNT ? signs[comparison] : "?";
}

bool stele_comparison_of(const char *sign, uint32_t *comparison)
{
    for (*comparison = 0; *comparison < SIGN_COUNT; ++*comparison)
        if (strcmp(signs[*comparison], sign) == 0)
            return true;
    return false;
}

bool stele_comparison_holds(uint32_t comparison, int64_t rows, int64_t expected)
{
    switch (comparison) {
    case STELE_ROWS_EQUAL:
        return rows == expected;
    case STELE_ROWS_AT_LEAST:
        return rows >= expected;
    case STELE_ROWS_AT_MOST:
        return rows <= expected;
    case STELE_ROWS_MORE:
        return rows > expected;
    case STELE_ROWS_LESS:
        return rows < expected;
    case STELE_ROWS_OTHER:
        return rows != expected;
    default:
        return false;
    }
}

bool stele_rows_number(const char *text, int64_t *rows)
{
    bool negative = *text == '-';
    text += negative;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 18 || text[digits] != '\0')
        return false;
    *rows = 0;
    for (; *text != '\0'; text++)
        *rows = *rows * 10 + (*text - '0');
    if (negative)
        *rows = -*rows;
    return true;
}

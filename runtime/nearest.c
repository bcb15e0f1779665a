#include "nearest.h"

#include <string.h>

enum { LONGEST = 64 };

/* How many letters must be put in, left out, replaced, or swapped with the next one. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][LONGEST + 1] = {{0}}, *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= b_length; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            best = last[j] + 1 < best ? last[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        size_t *oldest = before;
        before = last;
        last = now;
        now = oldest;
    }
    return last[b_length];
}

void stele_nearest_offer(stele_nearest *nearest, const char *candidate)
{
    size_t length = strlen(nearest->name), other = strlen(candidate);
    if (length > LONGEST || other > LONGEST)
        return;
    size_t far = distance(nearest->name, length, candidate, other);
    if (far > (length + 2) / 3 || (nearest->best != NULL && far >= nearest->distance))
        return;
    nearest->best = candidate;
    nearest->distance = far;
}

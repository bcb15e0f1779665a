/* An answer of a provider of embeddings: any bytes. What is taken for right is finite, and not all zero. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../runtime/job/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const float *vectors, size_t count, unsigned dimensions)
{
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (unsigned d = 0; d < dimensions; d++)
            sum += fabs((double)vectors[i * dimensions + d]);
        if (!(sum > 0) || isinf(sum))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    size_t count = data[0] % 8 + 1;
    unsigned dimensions = data[1] % 8 + 1;
    float *vectors = calloc(count * dimensions, sizeof *vectors);
    char *body = malloc(size), clean[256];
    stele_answer answer = {.count = count, .dimensions = dimensions, .vectors = vectors};
    stele_complaint complaint;
    memcpy(body, data + 2, size - 2);
    if (stele_answer_read(&answer, body, size - 2))
        check(vectors, count, dimensions);
    memcpy(body, data + 2, size - 2);
    stele_complaint_read(&complaint, body, size - 2);
    stele_clean(clean, sizeof clean, complaint.message, "secret-key-of-some-length");
    for (const char *at = clean; *at != '\0'; at += stele_utf8_character(at))
        if ((unsigned char)*at < 0x20 || stele_utf8_character(at) == 0)
            abort();
    if (strstr(clean, "secret-k") != NULL)
        abort();
    free(body);
    free(vectors);
    return 0;
}

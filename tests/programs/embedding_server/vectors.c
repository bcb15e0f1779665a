#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <string.h>

#include "../test_vector.h"
#include "job/provider_inside.h"
#include "server.h"

/* Is it wrong in this way? */
static bool goes(bool is_wrong, const char *way)
{
    return is_wrong && strcmp(set.wrong, way) == 0;
}

static void put_base64(stele_text *out, const unsigned char *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *to = stele_text_room(out, (length + 2) / 3 * 4);
    for (size_t i = 0; i < length; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16 | (i + 1 < length ? (uint32_t)bytes[i + 1] << 8 : 0) | (i + 2 < length ? (uint32_t)bytes[i + 2] : 0);
        *to++ = digits[three >> 18];
        *to++ = digits[three >> 12 & 63];
        *to++ = i + 1 < length ? digits[three >> 6 & 63] : '=';
        *to++ = i + 2 < length ? digits[three & 63] : '=';
    }
}

static void put_escaped(stele_text *out, size_t from)
{
    stele_text copy = {0};
    for (size_t i = from; i < out->length; i++) {
        if (out->bytes[i] == '/')
            stele_text_string(&copy, "\\/");
        else if (out->bytes[i] == '+')
            stele_text_string(&copy, "\\u002B");
        else
            stele_text_bytes(&copy, out->bytes + i, 1);
    }
    out->length = from;
    stele_text_bytes(out, copy.bytes, copy.length);
    stele_text_free(&copy);
}

static void put_vector(stele_text *out, const request *r, size_t i, bool is_wrong)
{
    static float vector[1 << 16];
    unsigned dimensions = r->dimensions;
    bool one = is_wrong && (set.wrong_word[0] == '\0' || has_word(&r->texts[i], set.wrong_word));
    if (set.words != 0)
        stele_fixed_vector(r->texts[i].bytes, r->texts[i].length, dimensions, vector);
    else
        test_vector(vector, r->model, r->texts[i].bytes, r->texts[i].length, dimensions);
    if (set.degrade_above > 0 && (double)r->count > set.degrade_above)
        for (unsigned d = 0; d < dimensions; d++)
            vector[d] *= d % 2 ? 1.1f : 0.9f;
    if (goes(one, "nan"))
        vector[dimensions / 2] = NAN;
    if (goes(one, "infinite"))
        vector[dimensions / 2] = INFINITY;
    if (goes(one, "zero"))
        memset(vector, 0, sizeof vector);
    if (goes(one, "constant"))
        test_vector(vector, r->model, "", 0, dimensions);
    if (goes(one, "dimension"))
        dimensions--;
    if (set.force[0] != '\0' ? strcmp(set.force, "base64") == 0 : r->base64) {
        stele_text_bytes(out, "\"", 1);
        size_t from = out->length;
        put_base64(out, (unsigned char *)vector, dimensions * sizeof(float));
        if (set.escape != 0)
            put_escaped(out, from);
        if (goes(one, "base64"))
            out->bytes[out->length - 3] = '!';
        stele_text_bytes(out, "\"", 1);
    } else {
        for (unsigned d = 0; d < dimensions; d++)
            stele_text_print(out, isnan(vector[d]) ? "%sNaN" : isinf(vector[d]) ? "%sInfinity" : "%s%.9g", d == 0 ? "[" : ",", vector[d]);
        stele_text_bytes(out, "]", 1);
    }
}

static void put_entry(stele_text *out, const request *r, size_t i, size_t index, bool is_wrong)
{
    bool no_index = goes(is_wrong, "missing-index");
    stele_text_string(out, out->bytes[out->length - 1] == '[' ? "{\"object\":\"embedding\"" : ",{\"object\":\"embedding\"");
    if (!no_index && set.index_last == 0)
        stele_text_print(out, ",\"index\":%zu", index);
    stele_text_string(out, ",\"embedding\":");
    if (goes(is_wrong, "text"))
        stele_text_string(out, "true");
    else
        put_vector(out, r, i, is_wrong);
    if (!no_index && set.index_last != 0)
        stele_text_print(out, ",\"index\":%zu", index);
    stele_text_bytes(out, "}", 1);
}

bool put_answer(stele_text *out, const request *r)
{
    bool is_wrong = set.wrong[0] != '\0' && (set.wrong_above == 0 || (double)r->count > set.wrong_above) && take(&set.wrong_times);
    size_t count = r->count - goes(is_wrong, "short");
    if (goes(is_wrong, "error") || goes(is_wrong, "empty")) {
        stele_text_string(out, goes(is_wrong, "error") ? "{\"error\":{\"message\":\"Provider returned error\",\"code\":502}}" : "");
        return false;
    }
    stele_text_string(out, "{\"object\":\"list\",\"data\":[");
    for (size_t n = 0; n < count; n++) {
        size_t i = goes(is_wrong, "order") ? count - 1 - n : n;
        put_entry(out, r, i, goes(is_wrong, "duplicate") && i == count - 1 ? 0 : i, is_wrong);
    }
    if (goes(is_wrong, "long"))
        put_entry(out, r, 0, count, true);
    stele_text_string(out, goes(is_wrong, "json") ? "}" : "]");
    stele_text_string(out, ",\"model\":");
    stele_json_put(out, r->model, strlen(r->model));
    if (set.no_usage == 0)
        stele_text_print(out, ",\"usage\":{\"prompt_tokens\":%.0f,\"total_tokens\":%.0f}", tokens_of(r), tokens_of(r));
    stele_text_string(out, "}");
    return true;
}

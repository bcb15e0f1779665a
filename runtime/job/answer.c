#include "answer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "json.h"

typedef struct reader {
    stele_answer *answer;
    unsigned char *seen; /* by index */
    size_t entries;
} reader;

static bool wrong(stele_answer *answer, int64_t suspect, const char *format, ...) __attribute__((format(printf, 3, 4)));

static bool wrong(stele_answer *answer, int64_t suspect, const char *format, ...)
{
    va_list list;
    if (answer->fault[0] != '\0')
        return false;
    va_start(list, format);
    vsnprintf(answer->fault, sizeof answer->fault, format, list);
    va_end(list);
    answer->suspect = suspect;
    return false;
}

/* ------------------------------------------------------------------- base64 */

static const signed char digits[256] = {
#define D(c) [c] = (c) - 'A' + 1
    D('A'), D('B'), D('C'), D('D'), D('E'), D('F'), D('G'), D('H'), D('I'), D('J'), D('K'), D('L'), D('M'),
    D('N'), D('O'), D('P'), D('Q'), D('R'), D('S'), D('T'), D('U'), D('V'), D('W'), D('X'), D('Y'), D('Z'),
#undef D
#define D(c) [c] = (c) - 'a' + 27
    D('a'), D('b'), D('c'), D('d'), D('e'), D('f'), D('g'), D('h'), D('i'), D('j'), D('k'), D('l'), D('m'),
    D('n'), D('o'), D('p'), D('q'), D('r'), D('s'), D('t'), D('u'), D('v'), D('w'), D('x'), D('y'), D('z'),
#undef D
    ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64};

/* Three bytes of four characters, without padding; false where one of them is no digit. `quad` is what they say. */
static bool read_quad(const unsigned char *at, uint32_t *quad)
{
    int a = digits[at[0]], b = digits[at[1]], c = digits[at[2]], d = digits[at[3]];
    *quad = (uint32_t)(a - 1) << 18 | (uint32_t)(b - 1) << 12 | (uint32_t)(c - 1) << 6 | (uint32_t)(d - 1);
    return a != 0 && b != 0 && c != 0 && d != 0;
}

/* In place: the bytes never catch up with the characters. Returns how many there are; or -1. */
static int64_t decode(char *bytes, size_t length)
{
    unsigned char *to = (unsigned char *)bytes;
    const unsigned char *at = to;
    while (length > 0 && length % 4 == 0 && length >= 4 && at[length - 1] == '=' && length > 1) {
        length--; /* at most two: a third leaves a remainder that is refused below */
        if (length % 4 == 1)
            return -1;
        if (at[length - 1] == '=') {
            length--;
            break;
        }
    }
    size_t whole = length / 4 * 4, rest = length - whole;
    uint32_t quad;
    for (size_t i = 0; i < whole; i += 4, to += 3) {
        if (!read_quad(at + i, &quad))
            return -1;
        to[0] = (unsigned char)(quad >> 16);
        to[1] = (unsigned char)(quad >> 8);
        to[2] = (unsigned char)quad;
    }
    if (rest == 1)
        return -1;
    if (rest > 1) {
        unsigned char last[4] = {at[whole], at[whole + 1], rest == 3 ? at[whole + 2] : 'A', 'A'};
        if (!read_quad(last, &quad))
            return -1;
        *to++ = (unsigned char)(quad >> 16);
        if (rest == 3)
            *to++ = (unsigned char)(quad >> 8);
    }
    return to - (unsigned char *)bytes;
}

static bool be_other(stele_answer *answer, int64_t index, size_t count)
{
    answer->given = count;
    return wrong(answer, index, "a vector has %zu dimensions, not %u", count, answer->dimensions);
}

/* Numbers of 4 bytes, the lowest first. */
static void read_floats(float *vector, const unsigned char *bytes, unsigned dimensions)
{
    for (unsigned i = 0; i < dimensions; i++, bytes += 4) {
        uint32_t bits = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
        memcpy(&vector[i], &bits, sizeof bits);
    }
}

static bool read_base64(reader *r, stele_json *json, int64_t index, float *vector)
{
    stele_json_text text;
    if (!stele_json_string(json, &text))
        return false;
    int64_t length = decode(text.bytes, text.length);
    if (length < 0 || length % 4 != 0)
        return wrong(r->answer, index, "a vector is invalid base64");
    if (length / 4 != r->answer->dimensions)
        return be_other(r->answer, index, (size_t)length / 4);
    read_floats(vector, (unsigned char *)text.bytes, r->answer->dimensions);
    return true;
}

/* ------------------------------------------------------------------ vectors */

static bool read_numbers(reader *r, stele_json *json, int64_t index, float *vector)
{
    size_t count = 0;
    double number;
    for (bool first = true; stele_json_element(json, &first); count++) {
        if (stele_json_peek(json) != '0')
            return wrong(r->answer, index, "a vector has something in it that is no number");
        if (!stele_json_number(json, &number))
            return false;
        if (count < r->answer->dimensions)
            vector[count] = number > 3.4e38 ? INFINITY : number < -3.4e38 ? -INFINITY : (float)number;
    }
    if (!json->bad && count != r->answer->dimensions)
        return be_other(r->answer, index, count);
    return !json->bad;
}

static bool check_vector(stele_answer *answer, int64_t index, const float *vector)
{
    bool zero;
    if (!stele_vector_is_finite(vector, answer->dimensions, &zero))
        return wrong(answer, index, "a vector has NaN or an infinite number in it");
    return !zero || wrong(answer, index, "a vector is all zero");
}

bool stele_answer_check(stele_answer *answer)
{
    answer->fault[0] = '\0';
    answer->suspect = STELE_NO_SUSPECT;
    for (size_t i = 0; i < answer->count; i++)
        if (!check_vector(answer, (int64_t)i, answer->vectors + i * answer->dimensions))
            return false;
    return true;
}

/* ------------------------------------------------------------------ entries */

static bool read_index(reader *r, stele_json *json, int64_t *index)
{
    double number;
    if (stele_json_peek(json) != '0')
        return wrong(r->answer, STELE_NO_SUSPECT, "an index is no number");
    if (!stele_json_number(json, &number))
        return false;
    if (!(number >= 0) || number >= (double)r->answer->count || number != floor(number))
        return wrong(r->answer, STELE_NO_SUSPECT, "the index %g is none of 0 to %zu", number, r->answer->count - 1);
    *index = (int64_t)number;
    return true;
}

/* Read the vector that begins at `json`, now that its index is known. */
static bool read_vector(reader *r, stele_json *json, int64_t index)
{
    if (r->seen[index])
        return wrong(r->answer, STELE_NO_SUSPECT, "the index %lld is there twice", (long long)index);
    r->seen[index] = 1;
    float *vector = r->answer->vectors + (size_t)index * r->answer->dimensions;
    char kind = stele_json_peek(json);
    if (kind != '"' && kind != '[')
        return wrong(r->answer, index, "an embedding is neither base64 nor a list of numbers");
    bool ok = kind == '"' ? read_base64(r, json, index, vector) : read_numbers(r, json, index, vector);
    return ok && check_vector(r->answer, index, vector);
}

/* {"index": 0, "embedding": ...}, in any order. */
static bool read_entry(reader *r, stele_json *json)
{
    stele_json_text name;
    stele_json later = {0};
    int64_t index = -1;
    bool there = false;
    if (stele_json_peek(json) != '{')
        return wrong(r->answer, STELE_NO_SUSPECT, "an entry of \"data\" is no object");
    for (bool first = true; stele_json_member(json, &first, &name);) {
        if (stele_json_is(&name, "index")) {
            if (!read_index(r, json, &index))
                return false;
        } else if (stele_json_is(&name, "embedding") && !there) {
            there = true;
            if (index < 0) {
                later = *json;
                stele_json_skip(json);
            } else if (!read_vector(r, json, index)) {
                return false;
            }
        } else {
            stele_json_skip(json);
        }
    }
    if (json->bad)
        return false;
    if (index < 0 || !there)
        return wrong(r->answer, STELE_NO_SUSPECT, "an entry of \"data\" has no %s", there ? "index" : "embedding");
    r->entries++;
    return later.at == NULL || read_vector(r, &later, index);
}

static bool read_data(reader *r, stele_json *json)
{
    if (stele_json_peek(json) != '[')
        return wrong(r->answer, STELE_NO_SUSPECT, "\"data\" is no list");
    for (bool first = true; stele_json_element(json, &first);)
        if (!read_entry(r, json))
            return false;
    return !json->bad;
}

static void read_usage(reader *r, stele_json *json)
{
    stele_json_text name;
    double number;
    if (stele_json_peek(json) != '{') {
        stele_json_skip(json);
        return;
    }
    for (bool first = true; stele_json_member(json, &first, &name);) {
        bool total = stele_json_is(&name, "total_tokens"), prompt = stele_json_is(&name, "prompt_tokens");
        if ((!total && !prompt) || stele_json_peek(json) != '0')
            stele_json_skip(json);
        else if (stele_json_number(json, &number) && number >= 0 && number < 1e12 && (total || r->answer->tokens < 0))
            r->answer->tokens = (int64_t)number;
    }
}

static bool read_body(reader *r, stele_json *json)
{
    stele_json_text name;
    bool data = false;
    if (stele_json_peek(json) != '{')
        return wrong(r->answer, STELE_NO_SUSPECT, "the answer is no object of JSON");
    for (bool first = true; stele_json_member(json, &first, &name);) {
        if (stele_json_is(&name, "data") && !data) {
            data = true;
            if (!read_data(r, json))
                break;
        } else if (stele_json_is(&name, "usage")) {
            read_usage(r, json);
        } else {
            stele_json_skip(json);
        }
    }
    if (r->answer->fault[0] != '\0')
        return false;
    if (json->bad) {
        r->answer->is_cut = true;
        return wrong(r->answer, STELE_NO_SUSPECT, "the answer is invalid JSON, or cut");
    }
    if (!data)
        return wrong(r->answer, STELE_NO_SUSPECT, "the answer has no \"data\"");
    return r->entries == r->answer->count ||
           wrong(r->answer, STELE_NO_SUSPECT, "the answer has %zu vectors for %zu texts", r->entries, r->answer->count);
}

bool stele_answer_read(stele_answer *answer, char *body, size_t length)
{
    reader r = {.answer = answer, .seen = calloc(answer->count == 0 ? 1 : answer->count, 1)};
    stele_json json = {.at = body, .end = body + length};
    answer->fault[0] = '\0';
    answer->tokens = -1;
    answer->suspect = STELE_NO_SUSPECT;
    answer->given = 0;
    answer->is_cut = false;
    bool ok = r.seen != NULL && read_body(&r, &json);
    free(r.seen);
    return ok;
}

#include "json.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { DEPTH = 64 };

static bool fail(stele_json *json)
{
    json->bad = true;
    json->at = json->end;
    return false;
}

char stele_json_peek(stele_json *json)
{
    while (json->at < json->end && (*json->at == ' ' || *json->at == '\n' || *json->at == '\r' || *json->at == '\t'))
        json->at++;
    if (json->at == json->end)
        return '\0';
    char c = *json->at;
    if ((c >= '0' && c <= '9') || c == '-' || c == 'N' || c == 'I')
        return '0';
    return c != '\0' && strchr("{[\"tfn", c) != NULL ? c : '\0';
}

/* ------------------------------------------------------- arrays and objects */

/* Behind the comma, or behind what opens it; or out, at what closes it. */
static bool go_on(stele_json *json, bool *first, char open, char close)
{
    char next = stele_json_peek(json);
    if (*first) {
        if (next != open)
            return fail(json);
        json->at++;
        next = stele_json_peek(json);
    }
    if (json->at < json->end && *json->at == close) {
        json->at++;
        return false;
    }
    if (!*first) {
        if (json->at == json->end || *json->at != ',')
            return fail(json);
        json->at++;
        next = stele_json_peek(json);
    }
    *first = false;
    return next != '\0' || fail(json);
}

bool stele_json_element(stele_json *json, bool *first)
{
    return go_on(json, first, '[', ']');
}

bool stele_json_member(stele_json *json, bool *first, stele_json_text *name)
{
    if (!go_on(json, first, '{', '}') || !stele_json_string(json, name))
        return false;
    stele_json_peek(json);
    if (json->at == json->end || *json->at != ':')
        return fail(json);
    json->at++;
    return stele_json_peek(json) != '\0' || fail(json);
}

bool stele_json_is(const stele_json_text *text, const char *what)
{
    return text->length == strlen(what) && memcmp(text->bytes, what, text->length) == 0;
}

/* ------------------------------------------------------------------ strings */

/* The end of the string that begins here: its quote. */
static char *find_quote(const stele_json *json)
{
    for (char *at = json->at + 1; at < json->end; at++) {
        at = memchr(at, '"', (size_t)(json->end - at));
        if (at == NULL)
            return NULL;
        size_t escapes = 0;
        while (at - 1 - escapes > json->at && at[-1 - (ptrdiff_t)escapes] == '\\')
            escapes++;
        if (escapes % 2 == 0)
            return at;
    }
    return NULL;
}

/* Four hexadecimal digits; or -1. */
static int32_t read_hex(const char *at, const char *end)
{
    int32_t value = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static char *put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *to++ = (char)(0xE0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    } else {
        *to++ = (char)(0xF0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3F));
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    }
    return to;
}

/* What stands behind "\u"; half of a pair becomes U+FFFD. Takes at least as many bytes as it writes. */
static const char *read_unicode(const char *at, const char *end, char **to)
{
    int32_t c = read_hex(at, end);
    if (c < 0)
        return NULL;
    at += 4;
    if (c >= 0xD800 && c < 0xE000) {
        int32_t low = c < 0xDC00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u' ? read_hex(at + 2, end) : -1;
        bool pair = low >= 0xDC00 && low < 0xE000;
        c = pair ? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
        at += pair ? 6 : 0;
    }
    *to = put_utf8(*to, (uint32_t)c);
    return at;
}

static bool replace_escapes(char *bytes, size_t *length)
{
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *at = bytes, *end = bytes + *length;
    char *to = bytes;
    while (at < end) {
        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }
        if (++at == end)
            return false;
        const char *name = *at == '\0' ? NULL : strchr(names, *at);
        if (name != NULL) {
            *to++ = meant[name - names];
            at++;
        } else if (*at != 'u' || (at = read_unicode(at + 1, end, &to)) == NULL) {
            return false;
        }
    }
    *length = (size_t)(to - bytes);
    return true;
}

bool stele_json_string(stele_json *json, stele_json_text *text)
{
    char *quote = stele_json_peek(json) == '"' ? find_quote(json) : NULL;
    if (quote == NULL)
        return fail(json);
    text->bytes = json->at + 1;
    text->length = (size_t)(quote - text->bytes);
    json->at = quote + 1;
    if (memchr(text->bytes, '\\', text->length) != NULL && !replace_escapes(text->bytes, &text->length))
        return fail(json);
    return true;
}

/* ------------------------------------------------------------------ numbers */

static bool take_word(stele_json *json, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(json->end - json->at) < length || memcmp(json->at, word, length) != 0)
        return false;
    json->at += length;
    return true;
}

/* The digits from here; those that don't fit into `mantissa` only count. Returns how many there were. */
static int read_digits(stele_json *json, uint64_t *mantissa, int *dropped)
{
    char *begin = json->at;
    for (; json->at < json->end && *json->at >= '0' && *json->at <= '9'; json->at++) {
        if (*mantissa < UINT64_C(1000000000000000000))
            *mantissa = *mantissa * 10 + (uint64_t)(*json->at - '0');
        else
            ++*dropped;
    }
    return json->at - begin > 100000 ? 100000 : (int)(json->at - begin);
}

static bool read_exponent(stele_json *json, int *exponent)
{
    uint64_t value = 0;
    int dropped = 0;
    json->at++;
    bool negative = json->at < json->end && *json->at == '-';
    if (json->at < json->end && (*json->at == '-' || *json->at == '+'))
        json->at++;
    if (read_digits(json, &value, &dropped) == 0)
        return false;
    if (value > 100000)
        value = 100000;
    *exponent += negative ? -(int)value : (int)value;
    return true;
}

static double scale(double value, int exponent)
{
    static const double tens[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    for (; exponent > 22 && value != 0 && !isinf(value); exponent -= 22)
        value *= 1e22;
    for (; exponent < -22 && value != 0; exponent += 22)
        value /= 1e22;
    return value == 0 || isinf(value) ? value : exponent < 0 ? value / tens[-exponent] : value * tens[exponent];
}

bool stele_json_number(stele_json *json, double *number)
{
    if (stele_json_peek(json) != '0')
        return fail(json);
    bool negative = *json->at == '-';
    json->at += negative;
    *number = NAN;
    if (take_word(json, "NaN"))
        return true;
    *number = negative ? -INFINITY : INFINITY;
    if (take_word(json, "Infinity"))
        return true;
    uint64_t mantissa = 0;
    int exponent = 0, dropped = 0;
    if (read_digits(json, &mantissa, &exponent) == 0)
        return fail(json);
    if (json->at < json->end && *json->at == '.') {
        json->at++;
        int digits = read_digits(json, &mantissa, &dropped);
        if (digits == 0)
            return fail(json);
        exponent -= digits - (dropped < digits ? dropped : digits);
    }
    if (json->at < json->end && (*json->at == 'e' || *json->at == 'E') && !read_exponent(json, &exponent))
        return fail(json);
    *number = scale((double)mantissa, exponent);
    if (negative)
        *number = -*number;
    return true;
}

/* -------------------------------------------------------------- all the rest */

static void skip(stele_json *json, unsigned depth)
{
    stele_json_text text;
    double number;
    bool first = true;
    switch (depth > DEPTH ? '\0' : stele_json_peek(json)) {
    case '{':
        while (stele_json_member(json, &first, &text))
            skip(json, depth + 1);
        break;
    case '[':
        while (stele_json_element(json, &first))
            skip(json, depth + 1);
        break;
    case '"':
        text.bytes = find_quote(json);
        if (text.bytes == NULL)
            fail(json);
        else
            json->at = text.bytes + 1;
        break;
    case '0':
        stele_json_number(json, &number);
        break;
    default:
        if (!take_word(json, "true") && !take_word(json, "false") && !take_word(json, "null"))
            fail(json);
    }
}

void stele_json_skip(stele_json *json)
{
    skip(json, 0);
}

void stele_json_put(stele_text *text, const char *bytes, size_t length)
{
    static const char hex[] = "0123456789abcdef";
    size_t from = 0;
    stele_text_bytes(text, "\"", 1);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        stele_text_bytes(text, bytes + from, i - from);
        from = i + 1;
        if (c >= 0x20)
            stele_text_bytes(text, (char[]){'\\', (char)c}, 2);
        else
            stele_text_bytes(text, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    }
    stele_text_bytes(text, bytes + from, length - from);
    stele_text_bytes(text, "\"", 1);
}

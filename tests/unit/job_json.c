/* job/json.c: what strangers send as JSON. */
#include "job/json.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

static stele_json start(char *copy, const char *text)
{
    strcpy(copy, text);
    return (stele_json){.at = copy, .end = copy + strlen(text)};
}

static void test_numbers(void)
{
    static const struct {
        const char *text;
        double value;
    } good[] = {{"0", 0}, {"-0.5", -0.5}, {"1e3", 1000}, {"1.25E-2", 0.0125}, {"12345678901234567890", 12345678901234567890.0}, {"0.1", 0.1}, {"1e400", INFINITY}, {"-1e400", -INFINITY},
        {"1e-400", 0}, {"3.4028235e38", 3.4028235e38}, {"0.0000000000000000000000000000000000000000123", 1.23e-41}, {"Infinity", INFINITY}, {"-Infinity", -INFINITY},
        {"100000000000000000000000000000000000000000000000000e-50", 1}, {"1e999999999999999999999", INFINITY}};
    static const char *const bad[] = {"", "-", ".5", "1.", "1e", "1e+", "+1", "e5", "Inf", "--1", "0x10"};
    char copy[256];
    double value;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        stele_json json = start(copy, good[i].text);
        bool read = stele_json_number(&json, &value);
        ok(read && (value == good[i].value || fabs(value - good[i].value) <= fabs(good[i].value) * 1e-15), "%s is %g", good[i].text, value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        stele_json json = start(copy, bad[i]);
        stele_json_number(&json, &value);
        ok(json.bad || json.at != json.end, "\"%s\" is no number", bad[i]);
    }
    stele_json json = start(copy, "NaN");
    ok(stele_json_number(&json, &value) && isnan(value), "NaN is none, and one can tell");
}

/* What is printed with nine digits comes back as the same float: of many, nearly all. */
static void test_floats(void)
{
    uint64_t state = 42;
    unsigned other = 0;
    for (int i = 0; i < 100000; i++) {
        char text[64];
        double value;
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        float number = (float)((double)(int64_t)state / 9.3e18);
        snprintf(text, sizeof text, i % 2 ? "%.9g" : "%.17g", (double)number);
        stele_json json = {.at = text, .end = text + strlen(text)};
        other += !stele_json_number(&json, &value) || (float)value != number;
    }
    ok(other == 0, "100,000 floats are read as they were written (%u aren't)", other);
}

static void test_strings(void)
{
    static const struct {
        const char *json, *text;
    } good[] = {{"\"\"", ""}, {"\"a\\\"b\\\\\"", "a\"b\\"}, {"\"\\/\\b\\f\\n\\r\\t\"", "/\b\f\n\r\t"}, {"\"\\u00fc\\u20AC\"", "\xc3\xbc\xe2\x82\xac"}, {"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80"},
        {"\"\\ud83dx\"", "\xef\xbf\xbdx"}, {"\"\\ude00\"", "\xef\xbf\xbd"}, {"\"\\ud83d\\u0041\"", "\xef\xbf\xbd" "A"}};
    static const char *const bad[] = {"", "a", "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\\", "'a'"};
    char copy[256];
    stele_json_text text;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        stele_json json = start(copy, good[i].json);
        ok(stele_json_string(&json, &text) && stele_json_is(&text, good[i].text) && json.at == json.end, "%s", good[i].json);
        stele_text put = {0};
        stele_json_put(&put, good[i].text, strlen(good[i].text));
        json = (stele_json){.at = put.bytes, .end = put.bytes + put.length};
        ok(stele_json_string(&json, &text) && stele_json_is(&text, good[i].text), "... and back");
        stele_text_free(&put);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        stele_json json = start(copy, bad[i]);
        ok(!stele_json_string(&json, &text) && json.bad, "%s is no string", bad[i]);
    }
}

static void test_skip(void)
{
    static const char *const good[] = {"null", "true", " false ", "[]", "{}", "[1,[2,{\"a\":\"]\\\"\"}],-3.5e2]", "{\"a\":{\"b\":[null,true]},\"c\":\"}\"}"};
    static const char *const bad[] = {"", "nul", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "{a:1}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "]", "}", "[}", "\x01"};
    char copy[4096];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        stele_json json = start(copy, good[i]);
        stele_json_skip(&json);
        ok(!json.bad && stele_json_peek(&json) == '\0' && json.at == json.end, "%s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        stele_json json = start(copy, bad[i]);
        stele_json_skip(&json);
        ok(json.bad, "%s is none", bad[i]);
    }
    memset(copy, '[', 2000);
    copy[2000] = '\0';
    stele_json json = {.at = copy, .end = copy + 2000};
    stele_json_skip(&json);
    ok(json.bad, "too deep is refused");
}

int main(void)
{
    test_numbers();
    test_floats();
    test_strings();
    test_skip();
    return done();
}

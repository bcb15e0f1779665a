/* job/answer*.c: answers of providers, right and wrong. */
#include "job/answer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

/* 1.0, 2.0 and 3.0, -4.0. */
#define FIRST "AACAPwAAAEA="
#define SECOND "AABAQAAAgMA="

static float vectors[8];

static stele_answer read_answer(const char *body)
{
    stele_answer answer = {.count = 2, .dimensions = 2, .vectors = vectors};
    char *copy = malloc(strlen(body) + 1);
    strcpy(copy, body);
    memset(vectors, 0, sizeof vectors);
    bool good = stele_answer_read(&answer, copy, strlen(body));
    if (!good && answer.fault[0] == '\0')
        strcpy(answer.fault, "memory");
    free(copy);
    return answer;
}

static void test_good(void)
{
    static const char *const bodies[] = {
        "{\"data\":[{\"index\":0,\"embedding\":\"" FIRST "\"},{\"index\":1,\"embedding\":\"" SECOND "\"}],\"usage\":{\"prompt_tokens\":7,\"total_tokens\":7}}",
        "{\"usage\":{\"total_tokens\":7},\"data\":[{\"index\":1,\"embedding\":\"" SECOND "\"},{\"index\":0,\"embedding\":[1,2.0]}]}",
        "{\"data\":[{\"embedding\":[3e0,-4],\"x\":{\"index\":9},\"index\":1},{\"embedding\":\"AACAPwAAAEA\",\"index\":0}],\"usage\":{\"prompt_tokens\":7,\"cost\":null}}",
        "{\"data\":[{\"index\":0,\"embedding\":\"AACAPwAAAEA\\u003d\"},{\"index\":1.0,\"embedding\":\"" SECOND "\"}],\"usage\":{\"total_tokens\":7.0}} ",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        stele_answer answer = read_answer(bodies[i]);
        ok(answer.fault[0] == '\0' && vectors[0] == 1 && vectors[1] == 2 && vectors[2] == 3 && vectors[3] == -4 && answer.tokens == 7, "%s %s", bodies[i], answer.fault);
    }
}

static void test_wrong(void)
{
    static const struct {
        const char *body, *fault;
        int suspect;
    } cases[] = {
        {"", "no object", -1}, {"[]", "no object", -1}, {"{}", "no \"data\"", -1}, {"{\"data\":{}}", "no list", -1}, {"{\"data\":[1]}", "no object", -1},
        {"{\"data\":[]}", "0 vectors for 2", -1}, {"{\"data\":[{\"index\":0,\"embedding\":[1,2]}]}", "1 vectors for 2", -1},
        {"{\"data\":[{\"index\":0,\"embedding\":[1,2]},{\"index\":0,\"embedding\":[1,3]}]}", "0 is there twice", -1},
        {"{\"data\":[{\"index\":0,\"embedding\":[1,2]},{\"index\":2,\"embedding\":[1,3]}]}", "index 2 is none of 0 to 1", -1},
        {"{\"data\":[{\"index\":-1,\"embedding\":[1,2]}]}", "index -1", -1}, {"{\"data\":[{\"index\":0.5,\"embedding\":[1,2]}]}", "index 0.5", -1},
        {"{\"data\":[{\"index\":1e99,\"embedding\":[1,2]}]}", "index 1e+99", -1}, {"{\"data\":[{\"index\":NaN,\"embedding\":[1,2]}]}", "index nan", -1},
        {"{\"data\":[{\"index\":\"0\",\"embedding\":[1,2]}]}", "an index is no number", -1}, {"{\"data\":[{\"embedding\":[1,2]}]}", "has no index", -1},
        {"{\"data\":[{\"index\":0}]}", "has no embedding", -1}, {"{\"data\":[{\"index\":0,\"embedding\":null}]}", "neither", 0},
        {"{\"data\":[{\"index\":1,\"embedding\":[1]}]}", "1 dimensions, not 2", 1}, {"{\"data\":[{\"index\":1,\"embedding\":[1,2,3]}]}", "3 dimensions, not 2", 1},
        {"{\"data\":[{\"index\":1,\"embedding\":[]}]}", "0 dimensions", 1}, {"{\"data\":[{\"index\":1,\"embedding\":[1,null]}]}", "no number", 1},
        {"{\"data\":[{\"index\":1,\"embedding\":[1,NaN]}]}", "NaN", 1}, {"{\"data\":[{\"index\":1,\"embedding\":[1,1e39]}]}", "infinite", 1},
        {"{\"data\":[{\"index\":1,\"embedding\":[0,-0.0]}]}", "all zero", 1}, {"{\"data\":[{\"embedding\":[0,0],\"index\":1}]}", "all zero", 1},
        {"{\"data\":[{\"index\":1,\"embedding\":\"\"}]}", "0 dimensions", 1}, {"{\"data\":[{\"index\":1,\"embedding\":\"====\"}]}", "base64", 1},
        {"{\"data\":[{\"index\":1,\"embedding\":\"A\"}]}", "base64", 1}, {"{\"data\":[{\"index\":1,\"embedding\":\"AACAPwAAAE!=\"}]}", "base64", 1},
        {"{\"data\":[{\"index\":1,\"embedding\":\"AACA\xc3\xbcwAAAEA=\"}]}", "base64", 1}, {"{\"data\":[{\"index\":1,\"embedding\":\"AACAPwAA\"}]}", "base64", 1},
        {"{\"data\":[{\"index\":1,\"embedding\":\"AACAPwAAAE==\"}]}", "base64", 1}, {"{\"data\":[{\"index\":1,\"embedding\":\"AADAfwAAAEA=\"}]}", "NaN", 1},
        {"{\"data\":[{\"index\":1,\"embedding\":[1,2]", "cut", -1}, {"{\"data\":[{\"index\":1,\"embedding\":\"AACA", "cut", -1}, {"{\"data\":[{\"index\":0,\"embedding\":[1,2]},", "cut", -1},
        {"{\"data\":[{\"index\":0,\"embedding\":[1,2]},{\"index\":1,\"embedding\":[1,3]}]", "cut", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stele_answer answer = read_answer(cases[i].body);
        ok(strstr(answer.fault, cases[i].fault) != NULL && answer.suspect == cases[i].suspect, "%s: %s", cases[i].body, answer.fault);
    }
}

static int64_t twins(const stele_answer *answer, const stele_json_text *texts, const uint64_t *known)
{
    uint64_t digests[64];
    for (size_t i = 0; i < answer->count; i++)
        digests[i] = stele_answer_digest(answer->vectors + i * answer->dimensions, answer->dimensions);
    return stele_answer_twins(answer, texts, digests, known);
}

static void test_twins(void)
{
    enum { COUNT = 40 };
    static float numbers[COUNT * 2];
    stele_json_text texts[COUNT];
    static char names[COUNT][16];
    const uint64_t none[] = {0};
    stele_answer answer = {.count = COUNT, .dimensions = 2, .vectors = numbers};
    for (int i = 0; i < COUNT; i++) {
        numbers[2 * i] = (float)i;
        numbers[2 * i + 1] = 1;
        texts[i] = (stele_json_text){.bytes = names[i], .length = (size_t)snprintf(names[i], sizeof *names, "text %d", i)};
    }
    ok(twins(&answer, texts, none) == STELE_NO_SUSPECT, "different vectors");
    numbers[2 * 30] = 7;
    ok(twins(&answer, texts, none) == 30, "two texts with one vector");
    const uint64_t known[] = {stele_answer_digest(numbers + 14, 2), 0};
    ok(twins(&answer, texts, known) == STELE_NO_SUSPECT, "which is known to be right");
    for (int i = 0; i < COUNT; i++)
        numbers[2 * i] = 7;
    ok(twins(&answer, texts, known) >= 0, "but not for all texts");
    for (int i = 0; i < COUNT; i++)
        texts[i] = (stele_json_text){.bytes = i % 2 ? "Some, text!" : "some  TEXT", .length = i % 2 ? 11 : 10};
    ok(twins(&answer, texts, none) == STELE_NO_SUSPECT, "texts that hardly differ may have it");
    ok(stele_answer_text_digest("a-B", 3) == stele_answer_text_digest("ab", 2) && stele_answer_text_digest("a", 1) != stele_answer_text_digest("b", 1), "what counts of a text");
}

static void test_complaints(void)
{
    static const struct {
        const char *body, *message, *code;
        int status, suspect;
    } cases[] = {
        {"{\"error\":{\"message\":\"no\",\"type\":\"t\",\"param\":\"input[3]\",\"code\":\"c\"}}", "no", "c", 0, 3},
        {"{\"error\":{\"code\":null,\"type\":\"t\",\"message\":\"$.input[12] is invalid\"}}", "$.input[12] is invalid", "t", 0, 12},
        {"{\"error\":\"too big\",\"error_type\":\"Validation\"}", "too big", "Validation", 0, -1},
        {"{\"object\":\"error\",\"message\":\"m\",\"type\":\"T\",\"code\":404}", "m", "T", 404, -1},
        {"{\"detail\":\"d\"}", "d", "", 0, -1}, {"{\"detail\":[{\"loc\":[\"body\",3],\"msg\":\"field required\",\"type\":\"missing\"}]}", "field required", "missing", 0, -1},
        {"<html><head><title>502 Bad Gateway</title></head>\n<hr>nginx</html>", "502 Bad Gateway \n nginx ", "", 0, -1}, {"", "", "", 0, -1}, {"{", "", "", 0, -1},
        {"{\"error\":{\"message\":\"Provider error\",\"code\":502,\"metadata\":{\"message\":\"other\"}}}", "Provider error", "", 502, -1},
        {"[[[[[[[[[[[{\"message\":\"deep\"}]]]]]]]]]]]", "", "", 0, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char copy[512];
        stele_complaint complaint;
        strcpy(copy, cases[i].body);
        stele_complaint_read(&complaint, copy, strlen(copy));
        ok(strcmp(complaint.message, cases[i].message) == 0 && strcmp(complaint.code, cases[i].code) == 0 && complaint.status == cases[i].status && complaint.suspect == cases[i].suspect,
           "%s: \"%s\", \"%s\", %d, %d", cases[i].body, complaint.message, complaint.code, complaint.status, (int)complaint.suspect);
    }
}

static void test_clean(void)
{
    static const struct {
        const char *text, *key, *clean;
    } cases[] = {
        {"plain", NULL, "plain"}, {"two\r\n  lines\t", NULL, "two lines"}, {"\x1b[31mred\x7f\xc2\x9b", NULL, "[31mred"}, {"bad \xff\xfe", NULL, "bad ??"}, {"Gr\xc3\xbc\xc3\x9f", NULL, "Gr\xc3\xbc\xc3\x9f"},
        {"key sk-12345678 x", "sk-12345678", "key *** x"}, {"key sk-1234567 x", "sk-12345678", "key *** x"}, {"key 45678901", "sk-123456789012", "key ***"}, {"sk-1234", "sk-12345678", "sk-1234"},
        {"abc abc", "abc", "*** ***"}, {"0123456789012345678901234567890123456789", NULL, "0123456789012345678901234567890"}, {"012345678901234567890123456789\xc3\xbc", NULL, "012345678901234567890123456789"},
        {"abcdefghijabcdefghijabcdef sk-12345678", "sk-12345678", "abcdefghijabcdefghijabcdef ***"}, {"abcdefghijabcdefghijabcdefgh sk-12345678", "sk-12345678", "abcdefghijabcdefghijabcdefgh"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char buffer[32];
        stele_clean(buffer, sizeof buffer, cases[i].text, cases[i].key);
        ok(strcmp(buffer, cases[i].clean) == 0, "%s", buffer);
    }
}

int main(void)
{
    test_good();
    test_wrong();
    test_twins();
    test_complaints();
    test_clean();
    return done();
}

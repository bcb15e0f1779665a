/*
 * value.c: where a position in a statement as it was sent lies in the file. For every character of a statement
 * with references of every kind: what stands there in the file is what was sent, or it is the reference.
 */
#include "value.h"

#include <string.h>

#include "tap.h"

static const stele_parameter parameters[] = {{.name = "p", .kind = STELE_LITERAL, .given_at_run = 1}, {.name = "n", .kind = STELE_INTEGER, .given_at_run = 1}};

/* Find the references of a text by their names, one character each. */
static uint32_t find_references(const char *text, stele_reference *references)
{
    uint32_t count = 0;
    for (const char *p = text; (p = strstr(p, "${")) != NULL; p += 4) {
        uint32_t begin = (uint32_t)(p - text);
        references[count++] = (stele_reference){begin, begin + 4, p[2] == 'n', p > text && p[-1] == '<' ? STELE_IN_STRING : STELE_IN_SQL};
    }
    return count;
}

static size_t next_character(const char *text, size_t at)
{
    do
        at++;
    while (((unsigned char)text[at] & 0xC0) == 0x80);
    return at;
}

static bool is_inside(const stele_reference *references, uint32_t count, size_t at)
{
    for (uint32_t i = 0; i < count; i++)
        if (at == references[i].begin)
            return true;
    return false;
}

static void test_text(const char *text, const char *value, const char *number)
{
    stele_reference references[16];
    stele_statement statement = {.begin = 0, .end = (uint32_t)strlen(text)};
    stele_migration migration = {.component = "m", .text = text, .length = statement.end, .references = references,
                                 .reference_count = find_references(text, references)};
    stele_migrations table = {.migrations = &migration, .count = 1, .parameters = parameters, .parameter_count = 2};
    const char *given[] = {value, number};
    stele_values values = {.values = given};
    stele_text sent = {0};
    stele_text_string(&sent, "");
    stele_render(&sent, &values, &table, &migration, &statement);
    bool right = !sent.failed;
    unsigned position = 1;
    size_t last = 0;
    for (size_t at = 0; right && at < sent.length; at = next_character(sent.bytes, at), position++) {
        size_t origin = stele_render_origin(&values, &table, &migration, &statement, position);
        size_t size = next_character(sent.bytes, at) - at;
        right = origin >= last && origin <= statement.end &&
                (is_inside(references, migration.reference_count, origin) ||
                 (origin + size <= statement.end && memcmp(text + origin, sent.bytes + at, size) == 0));
        if (!right)
            printf("# character %u of \"%s\" is said to be byte %zu\n", position, sent.bytes, origin);
        last = origin;
    }
    right = right && stele_render_origin(&values, &table, &migration, &statement, position) == statement.end &&
            stele_render_origin(&values, &table, &migration, &statement, position + 1000) == statement.end;
    ok(right, "%s with %s and %s", text, value, number);
    stele_text_free(&sent);
}

int main(void)
{
    static const char *const texts[] = {"SELECT 1", "SELECT ${p}", "${p}", "${p}${p}", "SELECT ${n}, ${p}, '<${p}>', x",
                                        "SELECT '\xc3\xa9\xe2\x82\xac', ${p}, \xf0\x9f\x98\x80, ${n}", "${n} \xe6\x97\xa5${p}\xe6\x9c\xac", ""};
    static const char *const literals[] = {"", "x", "a longer value than its reference", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "'", "\\", "'\\'"};
    static const char *const numbers[] = {"7", "-7", "1234567890"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t j = 0; j < sizeof literals / sizeof *literals; j++)
            test_text(texts[i], literals[j], numbers[j % 3]);
    return done();
}

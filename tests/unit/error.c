/* error.c and mem.c: texts that are cut at a character, an error that is set once, memory that can't be had. */
#include "error.h"

#include <stdint.h>
#include <string.h>

#include "mem.h"
#include "tap.h"

/* Is it whole UTF-8, as far as the lengths of its characters go? */
static bool is_whole(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0';) {
        int more = *p < 0x80 ? 0 : *p < 0xC0 ? -1 : *p < 0xE0 ? 1 : *p < 0xF0 ? 2 : 3;
        if (more < 0)
            return false;
        for (p++; more > 0; more--, p++)
            if ((*p & 0xC0) != 0x80)
                return false;
    }
    return true;
}

static void test_cutting(void)
{
    static const char *const characters[] = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    bool copied = true, printed = true;
    for (size_t c = 0; c < 4; c++)
        for (size_t shift = 0; shift < 4; shift++) {
            char text[3000] = "";
            memset(text, '.', shift);
            while (strlen(text) < sizeof text - 8)
                strcat(text, characters[c]);
            for (size_t size = 1; size < 40; size++) {
                char buffer[64];
                memset(buffer, 'x', sizeof buffer);
                stele_error_copy(buffer, size, text);
                copied &= is_whole(buffer) && strlen(buffer) < size && strlen(buffer) + 4 >= size && buffer[size] == 'x';
            }
            stele_error error = {0};
            stele_error_set(&error, STELE_FAILED, "%s", text);
            stele_error_detail(&error, "%s", text);
            printed &= is_whole(error.message) && strlen(error.message) + 4 >= sizeof error.message && is_whole(error.detail);
        }
    ok(copied, "a copied text is cut at a character, and fills its buffer");
    ok(printed, "so is a printed one");
}

static void test_first_one(void)
{
    stele_error error = {0};
    ok(stele_error_set(&error, STELE_TAMPERED, "first") == STELE_TAMPERED &&
           stele_error_set(&error, STELE_FAILED, "second") == STELE_FAILED && error.status == STELE_TAMPERED && strcmp(error.message, "first") == 0,
       "the first failure is kept");
    stele_error_clear(&error);
    ok(error.status == STELE_OK && error.message[0] == '\0', "until it is cleared");
    stele_error_clear(NULL);
    stele_error_detail(NULL, "x");
    stele_error_hint(NULL, "x");
    ok(stele_error_set(NULL, STELE_LOCKED, "x") == STELE_LOCKED, "NULL is allowed");
}

static void test_place(void)
{
    static const char text[] = "first\n\xc3\xa9\t\xf0\x9f\x98\x80 x\n\nlast";
    stele_migration migration = {.text = text, .length = sizeof text - 1};
    static const struct {
        size_t offset;
        unsigned line, column;
        const char *source;
    } cases[] = {{0, 1, 1, "first"}, {5, 1, 6, "first"}, {6, 2, 1, "\xc3\xa9\t\xf0\x9f\x98\x80 x"}, {14, 2, 5, "\xc3\xa9\t\xf0\x9f\x98\x80 x"},
                 {16, 3, 1, ""}, {17, 4, 1, "last"}, {21, 4, 5, "last"}, {1000, 4, 5, "last"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stele_error error = {0};
        stele_error_place(&error, &migration, cases[i].offset);
        ok(error.line == cases[i].line && error.column == cases[i].column && strcmp(error.source, cases[i].source) == 0,
           "byte %zu is in line %u, column %u", cases[i].offset, cases[i].line, cases[i].column);
    }
}

static void test_memory(void)
{
    stele_arena arena = {0};
    ok(stele_arena_get(&arena, SIZE_MAX, 2) == NULL && stele_arena_get(&arena, SIZE_MAX / 2, 3) == NULL && stele_arena_get(&arena, SIZE_MAX, 1) == NULL,
       "what overflows can't be had");
    bool aligned = true, zero = true, kept = true;
    unsigned char *pieces[200];
    for (size_t i = 0; i < 200; i++) {
        size_t size = i * i;
        pieces[i] = stele_arena_get(&arena, size, 1);
        aligned &= pieces[i] != NULL && (uintptr_t)pieces[i] % _Alignof(max_align_t) == 0;
        for (size_t j = 0; j < size; j++)
            zero &= pieces[i][j] == 0;
        memset(pieces[i], (int)i, size);
    }
    for (size_t i = 0; i < 200; i++)
        for (size_t j = 0; j < i * i; j++)
            kept &= pieces[i][j] == (unsigned char)i;
    ok(aligned && zero && kept, "what an arena gives is aligned, zero, and nobody else's");
    stele_arena_free(&arena);
    ok(strcmp(stele_arena_print(&arena, "%d %s", 42, "x"), "42 x") == 0, "and it can be used again when it was freed");
    stele_arena_free(&arena);

    stele_text text = {0};
    for (int i = 0; i < 10000; i++)
        stele_text_print(&text, "%d,", i % 10);
    stele_text_bytes(&text, "\0y", 2);
    ok(!text.failed && text.length == 20002 && memcmp(text.bytes + 19998, "9,\0y", 5) == 0, "a text grows, zero bytes and all");
    stele_text_free(&text);
    stele_text_free(&text);
}

int main(void)
{
    test_cutting();
    test_first_one();
    test_place();
    test_memory();
    return done();
}

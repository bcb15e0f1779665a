/*
 * The lexer against PostgreSQL's own scanner: texts made of the pieces that lexers stumble over, put together at
 * random (but the same each run), must come apart at the same places.
 */
#include "lexer.h"

#include <pg_query.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 60000, MOST_PIECES = 12, MOST_TOKENS = 400, LONGEST = 400 };

static const char *const pieces[] = {
    "'", "''", "'a'", "E'", "e'\\''", "E'\\\\'", "b'1'", "X'1f'", "U&'", "u&\"", "\"", "\"\"", "\"a\"", "N", "n'x'",
    "$", "$$", "$a$", "$b", "$1", "$_1$", "$\xc3\xa9$", "1", "1.", ".5", "1..2", "1e5", "1e", "1.5e-3", "0x1F", "1_000",
    "a", "a$", "E", "_b1", "\xc3\xa9t\xc3\xa9", "select", "--", "-- c\n", "-- c", "/*", "*/", "/* c */", "/", "*", "-",
    "+", "<", ">=", "@-", "=-", "~", "!", "?", "|", "::", ":=", ":", "..", ".", ";", ",", "(", ")", "[", "]", "{", "}",
    " ", "\n", "\r", "\t", "\f", "\v", "\n'b'",
    " \n 'b\\''", " -- c\n 'b'", "UESCAPE", "U", "&", "%", "^", "#", "0", "''\n'"};

struct piece {
    int begin, end;
};

/* A small generator of our own: rand() differs between C libraries. */
static unsigned next_random(unsigned long long *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(*state >> 33);
}

/* -------------------------------------------- what PostgreSQL says */

static unsigned long varint(const unsigned char **p)
{
    unsigned long value = 0;
    for (int shift = 0;; shift += 7) {
        unsigned char byte = *(*p)++;
        value |= (unsigned long)(byte & 127) << shift;
        if ((byte & 128) == 0)
            return value;
    }
}

/* Those of pg_query_scan, whose protobuf is read by hand: message 2 has fields 1 (start) and 2 (end). -1: refused. */
static int scan_postgres(const char *text, struct piece *tokens)
{
    PgQueryScanResult result = pg_query_scan(text);
    int count = result.error == NULL ? 0 : -1;
    const unsigned char *p = (const unsigned char *)result.pbuf.data, *end = count < 0 ? p : p + result.pbuf.len;
    while (p < end) {
        unsigned long tag = varint(&p);
        if (tag != (2 << 3 | 2)) {
            varint(&p);
            continue;
        }
        unsigned long length = varint(&p);
        const unsigned char *last = p + length;
        struct piece token = {0, 0};
        while (p < last) {
            unsigned long field = varint(&p) >> 3, value = varint(&p);
            if (field == 1)
                token.begin = (int)value;
            else if (field == 2)
                token.end = (int)value;
        }
        tokens[count++] = token;
    }
    pg_query_free_scan_result(result);
    return count;
}

/* ------------------------------------------------- what stele says */

static int add(struct piece *tokens, int count, uint32_t begin, uint32_t end)
{
    tokens[count] = (struct piece){(int)begin, (int)end};
    return count + 1;
}

/*
 * Those of stele's lexer, as PostgreSQL counts: pieces of one string joined, N apart from its string. Up to *end:
 * what comes behind a psql command, or a comment between two pieces of a string, is no matter of libpg_query's
 * scanner, which takes comments for tokens where the server's takes them for white space.
 */
static int scan_stele(struct memory *memory, const char *text, struct piece *tokens, int *end)
{
    struct lexer lexer;
    int count = 0;
    lexer_start(&lexer, memory, NULL, text, (uint32_t)strlen(text));
    for (;;) {
        uint32_t goes_on = lexer.continue_at;
        struct token token = lexer_next(&lexer);
        bool continues = token.kind == TOKEN_STRING && token.begin == goes_on && count > 0;
        *end = (int)token.begin;
        if (token.kind == TOKEN_END || token.kind == TOKEN_PSQL ||
            (token.kind == TOKEN_COMMENT && goes_on != UINT32_MAX && token.begin < goes_on))
            return count;
        if (token.kind == TOKEN_BROKEN)
            return -1;
        if (continues)
            tokens[count - 1].end = (int)token.end;
        else if (token.kind == TOKEN_STRING && (text[token.begin] | 0x20) == 'n') {
            count = add(tokens, count, token.begin, token.begin + 1);
            count = add(tokens, count, token.begin + 1, token.end);
        } else {
            count = add(tokens, count, token.begin, token.end);
        }
    }
}

/* ----------------------------------------------------------- test */

static void make_text(char *text, unsigned long long *state)
{
    unsigned count = 1 + next_random(state) % MOST_PIECES;
    *text = '\0';
    for (unsigned i = 0; i < count && strlen(text) < LONGEST - 20; i++)
        strcat(text, pieces[next_random(state) % (sizeof pieces / sizeof pieces[0])]);
}

static void show(const char *name, const struct piece *tokens, int count)
{
    printf("# %s:", name);
    for (int i = 0; i < count; i++)
        printf(" %d-%d", tokens[i].begin, tokens[i].end);
    printf("%s\n", count < 0 ? " refused" : "");
}

static void show_text(const char *text)
{
    printf("# text: ");
    for (; *text != '\0'; text++)
        printf(*text < ' ' || *text > '~' ? "\\x%02x" : "%c", (unsigned)(unsigned char)*text);
    printf("\n");
}

/* Where PostgreSQL refuses a text, stele may go on (the grammar tells); where it doesn't, all must be the same. */
static bool agree(struct memory *memory, const char *text)
{
    struct piece ours[MOST_TOKENS], theirs[MOST_TOKENS];
    int end = 0, expected = scan_postgres(text, theirs);
    if (expected < 0)
        return true;
    int count = scan_stele(memory, text, ours, &end);
    while (count >= 0 && expected > 0 && theirs[expected - 1].begin >= end)
        expected--;
    bool same = count == expected;
    for (int i = 0; same && i < count; i++)
        same = ours[i].begin == theirs[i].begin && ours[i].end == theirs[i].end;
    if (!same) {
        show_text(text);
        show("postgres", theirs, expected);
        show("stele", ours, count);
    }
    return same;
}

int main(int argc, char **argv)
{
    struct memory memory = {0};
    unsigned long long state = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    char text[LONGEST];
    int failures = 0;
    for (int i = 0; i < ROUNDS && failures < 10; i++) {
        make_text(text, &state);
        failures += !agree(&memory, text);
    }
    printf("%sok 1 - %d random texts come apart as in PostgreSQL's scanner\n1..1\n", failures == 0 ? "" : "not ",
           ROUNDS);
    stele_arena_free(&memory.arena);
    return failures == 0 ? 0 : 1;
}

/*
 * Where a key stands in the text of a job's file: Lua's tables don't say. So the text is gone through, word by word, for the table behind the
 * last `return` that isn't within another table. A script that makes its table in another way has its errors without a line.
 */
#include "script_inside.h"

#ifndef STELE_NO_LUA

#include <string.h>

typedef enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_TEXT, TOKEN_MARK } token_kind;

typedef struct scanner {
    const char *text;
    size_t length, at;
    token_kind kind;
    size_t begin; /* of the token */
    char mark;    /* the character of a MARK; '~' for == */
} scanner;

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
}

static char peek(const scanner *s, size_t ahead)
{
    return s->at + ahead < s->length ? s->text[s->at + ahead] : '\0';
}

/* Behind [[ ]], [=[ ]=] and so on, that begins `ahead` of here; false when it isn't one. */
static bool skip_long(scanner *s, size_t ahead)
{
    size_t level = 0;
    if (peek(s, ahead) != '[')
        return false;
    while (peek(s, ahead + 1 + level) == '=')
        level++;
    if (peek(s, ahead + 1 + level) != '[')
        return false;
    for (s->at += ahead + level + 2; s->at < s->length; s->at++) {
        size_t same = 0;
        while (peek(s, 0) == ']' && same < level && peek(s, 1 + same) == '=')
            same++;
        if (peek(s, 0) == ']' && same == level && peek(s, 1 + level) == ']') {
            s->at += level + 2;
            break;
        }
    }
    return true;
}

static void skip_quoted(scanner *s)
{
    char quote = s->text[s->at++];
    while (s->at < s->length && s->text[s->at] != quote && s->text[s->at] != '\n')
        s->at += s->text[s->at] == '\\' && s->at + 1 < s->length ? 2 : 1;
    s->at += s->at < s->length;
}

static void skip_blank(scanner *s)
{
    for (;;) {
        while (s->at < s->length && strchr(" \t\r\n\f\v", s->text[s->at]) != NULL && s->text[s->at] != '\0')
            s->at++;
        if (peek(s, 0) != '-' || peek(s, 1) != '-')
            return;
        if (!skip_long(s, 2))
            while (s->at < s->length && s->text[s->at] != '\n')
                s->at++;
    }
}

static token_kind next(scanner *s)
{
    skip_blank(s);
    s->begin = s->at;
    if (s->at >= s->length)
        return s->kind = TOKEN_END;
    char c = s->text[s->at];
    if (is_letter(c)) {
        while (s->at < s->length && is_letter(s->text[s->at]))
            s->at++;
        return s->kind = TOKEN_WORD;
    }
    if (c == '"' || c == '\'') {
        skip_quoted(s);
        return s->kind = TOKEN_TEXT;
    }
    if (skip_long(s, 0))
        return s->kind = TOKEN_TEXT;
    s->mark = c;
    if (strchr("=~<>", c) != NULL && peek(s, 1) == '=') {
        s->mark = '~';
        s->at++;
    }
    s->at++;
    return s->kind = TOKEN_MARK;
}

static bool is_word(const scanner *s, const char *word, size_t length)
{
    return s->kind == TOKEN_WORD && s->at - s->begin == length && memcmp(s->text + s->begin, word, length) == 0;
}

static bool is_mark(const scanner *s, char mark)
{
    return s->kind == TOKEN_MARK && s->mark == mark;
}

/* How many blocks a word opens: function ... end; or, less than 0, closes. */
static int blocks_of(const scanner *s)
{
    static const struct {
        const char *word;
        int blocks;
    } words[] = {{"function", 1}, {"do", 1}, {"if", 1}, {"repeat", 1}, {"end", -1}, {"until", -1}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (is_word(s, words[i].word, strlen(words[i].word)))
            return words[i].blocks;
    return 0;
}

static int depth_of(const scanner *s)
{
    return s->kind != TOKEN_MARK ? 0 : strchr("{(", s->mark) != NULL ? 1 : strchr("})", s->mark) != NULL ? -1 : 0;
}

/* Behind the { of the table that the file returns. */
static bool find_table(scanner *s)
{
    size_t found = 0;
    for (int depth = 0; next(s) != TOKEN_END;) {
        if (depth == 0 && is_word(s, "return", 6)) {
            scanner ahead = *s;
            if (next(&ahead) == TOKEN_MARK && ahead.mark == '{')
                found = ahead.at;
        }
        depth += depth_of(s);
    }
    s->at = found;
    return found > 0;
}

/* The key of this name in the table that s is within; s is behind it then. */
static long find_key(scanner *s, const char *name, size_t length)
{
    int depth = 0, blocks = 0;
    while (next(s) != TOKEN_END && depth >= 0) {
        if (depth == 0 && blocks == 0 && is_word(s, name, length)) {
            scanner ahead = *s;
            if (next(&ahead) == TOKEN_MARK && ahead.mark == '=')
                return (long)s->begin;
        }
        depth += depth_of(s);
        blocks += blocks_of(s);
    }
    return -1;
}

long stele_script_find(const char *text, size_t length, const char *path)
{
    scanner s = {.text = text, .length = length};
    if (!find_table(&s))
        return -1;
    for (;;) {
        size_t part = strcspn(path, ".");
        long found = find_key(&s, path, part);
        if (found < 0 || path[part] == '\0')
            return found;
        while (next(&s) != TOKEN_END && !is_mark(&s, '{'))
            if (is_mark(&s, ','))
                return found; /* made elsewhere: where it is used is as near as can be told */
        path += part + 1;
    }
}

#endif

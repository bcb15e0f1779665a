#include "script_scan.h"

#include <string.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
}

static char peek(const stele_scan *s, size_t ahead)
{
    return s->at + ahead < s->length ? s->text[s->at + ahead] : '\0';
}

/* Behind [[ ]], [=[ ]=] and so on, that begins `ahead` of here; false when it isn't one. */
static bool skip_long(stele_scan *s, size_t ahead)
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

static void skip_quoted(stele_scan *s)
{
    char quote = s->text[s->at++];
    while (s->at < s->length && s->text[s->at] != quote && s->text[s->at] != '\n')
        s->at += s->text[s->at] == '\\' && s->at + 1 < s->length ? 2 : 1;
    s->at += s->at < s->length;
}

static void skip_blank(stele_scan *s)
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

stele_token_kind stele_scan_next(stele_scan *s)
{
    skip_blank(s);
    s->begin = s->at;
    if (s->at >= s->length)
        return s->kind = STELE_TOKEN_END;
    char c = s->text[s->at];
    if (is_letter(c)) {
        while (s->at < s->length && is_letter(s->text[s->at]))
            s->at++;
        return s->kind = STELE_TOKEN_WORD;
    }
    if (c == '"' || c == '\'') {
        skip_quoted(s);
        return s->kind = STELE_TOKEN_TEXT;
    }
    if (skip_long(s, 0))
        return s->kind = STELE_TOKEN_TEXT;
    s->mark = c;
    if (strchr("=~<>", c) != NULL && peek(s, 1) == '=') {
        s->mark = '~';
        s->at++;
    }
    s->at++;
    return s->kind = STELE_TOKEN_MARK;
}

bool stele_scan_is_word(const stele_scan *s, const char *word, size_t length)
{
    return s->kind == STELE_TOKEN_WORD && s->at - s->begin == length && memcmp(s->text + s->begin, word, length) == 0;
}

bool stele_scan_is_mark(const stele_scan *s, char mark)
{
    return s->kind == STELE_TOKEN_MARK && s->mark == mark;
}

int stele_scan_blocks(const stele_scan *s)
{
    static const struct {
        const char *word;
        int blocks;
    } words[] = {{"function", 1}, {"do", 1}, {"if", 1}, {"repeat", 1}, {"end", -1}, {"until", -1}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (stele_scan_is_word(s, words[i].word, strlen(words[i].word)))
            return words[i].blocks;
    return 0;
}

int stele_scan_depth(const stele_scan *s)
{
    return s->kind != STELE_TOKEN_MARK ? 0 : strchr("{(", s->mark) != NULL ? 1 : strchr("})", s->mark) != NULL ? -1 : 0;
}

bool stele_scan_table(stele_scan *s)
{
    size_t found = 0;
    for (int depth = 0; stele_scan_next(s) != STELE_TOKEN_END;) {
        if (depth == 0 && stele_scan_is_word(s, "return", 6)) {
            stele_scan ahead = *s;
            if (stele_scan_next(&ahead) == STELE_TOKEN_MARK && ahead.mark == '{')
                found = ahead.at;
        }
        depth += stele_scan_depth(s);
    }
    s->at = found;
    return found > 0;
}

#include "lua_lexer.h"

#include "text.h"

#include <string.h>

void lua_lexer_start(struct lua_lexer *lexer, const char *text, uint32_t length)
{
    *lexer = (struct lua_lexer){text, length, 0};
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* Lua's names are ASCII, whatever the locale. */
static bool starts_name(char c)
{
    return is_letter(c) || c == '_';
}

static bool is_hexadecimal(char c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static struct lua_token take(struct lua_lexer *lexer, lua_token_kind kind, uint32_t end)
{
    struct lua_token token = {kind, lexer->at, end};
    lexer->at = end;
    return token;
}

/* The length of [[, [=[ ... at `at`; 0 when there is none. */
static uint32_t bracket_length(const struct lua_lexer *lexer, uint32_t at)
{
    const char *p = lexer->text + at;
    uint32_t length = 1;
    if (p[0] != '[')
        return 0;
    while (p[length] == '=')
        length++;
    return p[length] == '[' ? length + 1 : 0;
}

/* What begins with the long bracket at `bracket`: to its closing one, which has as many signs between. */
static struct lua_token take_long(struct lua_lexer *lexer, lua_token_kind kind, uint32_t bracket, uint32_t length)
{
    const char *text = lexer->text, *end = text + lexer->length, *p = text + bracket + length;
    while ((p = memchr(p, ']', (size_t)(end - p))) != NULL) {
        size_t signs = strspn(p + 1, "=");
        if (signs == length - 2 && p[signs + 1] == ']')
            return take(lexer, kind, (uint32_t)(p - text) + length);
        p += signs + 1;
    }
    return take(lexer, LUA_TOKEN_BROKEN, lexer->length);
}

static uint32_t line_end(const struct lua_lexer *lexer, uint32_t at)
{
    while (at < lexer->length && !is_line_end(lexer->text[at]))
        at++;
    return at;
}

static struct lua_token take_comment(struct lua_lexer *lexer)
{
    uint32_t length = bracket_length(lexer, lexer->at + 2);
    if (length > 0)
        return take_long(lexer, LUA_TOKEN_COMMENT, lexer->at + 2, length);
    return take(lexer, LUA_TOKEN_COMMENT, line_end(lexer, lexer->at));
}

/* What a backslash at `at` takes with it. \z swallows all white space, line ends too, and a line end may be CR LF. */
static uint32_t escape_end(const struct lua_lexer *lexer, uint32_t at)
{
    const char *text = lexer->text;
    if (++at == lexer->length)
        return at;
    if (text[at] == 'z') {
        for (at++; at < lexer->length && is_space(text[at]);)
            at++;
        return at;
    }
    bool pair = is_line_end(text[at]) && is_line_end(text[at + 1]) && text[at] != text[at + 1];
    return at + (pair ? 2 : 1);
}

static struct lua_token take_string(struct lua_lexer *lexer)
{
    const char *text = lexer->text;
    char quote = text[lexer->at];
    for (uint32_t at = lexer->at + 1; at < lexer->length;) {
        if (text[at] == quote)
            return take(lexer, LUA_TOKEN_STRING, at + 1);
        if (is_line_end(text[at]))
            return take(lexer, LUA_TOKEN_BROKEN, at);
        at = text[at] == '\\' ? escape_end(lexer, at) : at + 1;
    }
    return take(lexer, LUA_TOKEN_BROKEN, lexer->length);
}

/* All that touches a number, as Lua reads it: whether it is one, Lua says. A sign belongs to it behind an exponent. */
static struct lua_token take_number(struct lua_lexer *lexer)
{
    const char *text = lexer->text;
    uint32_t at = lexer->at;
    char exponent = 'e';
    if (text[at] == '0' && (text[at + 1] | 0x20) == 'x') {
        exponent = 'p';
        at += 2;
    }
    for (;; at++) {
        if ((text[at] | 0x20) == exponent && (text[at + 1] == '+' || text[at + 1] == '-'))
            at++;
        else if ((text[at] | 0x20) != exponent && !is_hexadecimal(text[at]) && text[at] != '.')
            break;
    }
    while (starts_name(text[at]) || is_digit(text[at]))
        at++;
    return take(lexer, LUA_TOKEN_NUMBER, at);
}

static bool is_keyword(const char *word, size_t length)
{
    static const char words[] = " and break do else elseif end false for function goto if in local nil not or repeat "
                                "return then true until while ";
    for (const char *p = words; (p = strchr(p, ' ')) != NULL && *++p != '\0';)
        if (strncmp(p, word, length) == 0 && p[length] == ' ')
            return true;
    return false;
}

static struct lua_token take_word(struct lua_lexer *lexer)
{
    uint32_t at = lexer->at;
    while (starts_name(lexer->text[at]) || is_digit(lexer->text[at]))
        at++;
    return take(lexer, is_keyword(lexer->text + lexer->at, at - lexer->at) ? LUA_TOKEN_KEYWORD : LUA_TOKEN_NAME, at);
}

static struct lua_token take_mark(struct lua_lexer *lexer)
{
    static const char *const longer[] = {"...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>"};
    const char *p = lexer->text + lexer->at;
    for (size_t i = 0; i < sizeof longer / sizeof longer[0]; i++)
        if (strncmp(p, longer[i], strlen(longer[i])) == 0)
            return take(lexer, LUA_TOKEN_MARK, lexer->at + (uint32_t)strlen(longer[i]));
    bool known = strchr("+-*/%^#&~|<>=(){}[];:,.", *p) != NULL;
    uint32_t size = known ? 1 : 0;
    while (!known && (size == 0 || ((unsigned char)p[size] & 0xc0) == 0x80)) /* a character of several bytes */
        size++;
    return take(lexer, known ? LUA_TOKEN_MARK : LUA_TOKEN_BROKEN, lexer->at + size);
}

struct lua_token lua_lexer_next(struct lua_lexer *lexer)
{
    if (lexer->at == 0 && lexer->text[0] == '#')
        return take(lexer, LUA_TOKEN_COMMENT, line_end(lexer, 0));
    while (lexer->at < lexer->length && is_space(lexer->text[lexer->at]))
        lexer->at++;
    const char *p = lexer->text + lexer->at;
    if (lexer->at >= lexer->length)
        return (struct lua_token){LUA_TOKEN_END, lexer->length, lexer->length};
    if (p[0] == '-' && p[1] == '-')
        return take_comment(lexer);
    if (p[0] == '"' || p[0] == '\'')
        return take_string(lexer);
    if (is_digit(p[0]) || (p[0] == '.' && is_digit(p[1])))
        return take_number(lexer);
    if (starts_name(p[0]))
        return take_word(lexer);
    uint32_t length = bracket_length(lexer, lexer->at);
    return length > 0 ? take_long(lexer, LUA_TOKEN_STRING, lexer->at, length) : take_mark(lexer);
}

bool lua_token_is(const char *text, struct lua_token token, const char *spelling)
{
    size_t length = strlen(spelling);
    return token.end - token.begin == length && memcmp(text + token.begin, spelling, length) == 0;
}

bool lua_token_same(const char *text, struct lua_token a, struct lua_token b)
{
    return a.end - a.begin == b.end - b.begin && memcmp(text + a.begin, text + b.begin, a.end - a.begin) == 0;
}

bool lua_token_plain_string(const char *text, struct lua_token token, uint32_t *begin, uint32_t *end)
{
    uint32_t quotes = 1;
    if (text[token.begin] == '[')
        quotes += 1 + (uint32_t)strspn(text + token.begin + 1, "=");
    *begin = token.begin + quotes;
    *end = token.end - quotes;
    return quotes > 1 || memchr(text + *begin, '\\', *end - *begin) == NULL;
}

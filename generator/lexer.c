#include "lexer.h"

#include "text.h"

#include <string.h>

void lexer_start(struct lexer *lexer, struct memory *memory, const struct conf *conf, const char *text, uint32_t length)
{
    *lexer = (struct lexer){.memory = memory, .conf = conf, .text = text, .length = length, .conforming = true,
                            .continue_at = UINT32_MAX, .unicode_reference = UINT32_MAX};
}

static bool starts_name(char c)
{
    return is_letter(c) || c == '_' || (unsigned char)c >= 0x80;
}

bool is_name_byte(char c)
{
    return starts_name(c) || is_digit(c) || c == '$';
}

static bool is_operator_byte(char c)
{
    return c != '\0' && strchr("~!@#^&|`?+-*/%<>=", c) != NULL;
}

bool token_is(const struct lexer *lexer, struct token token, const char *word)
{
    return token.kind == TOKEN_WORD && spells(lexer->text + token.begin, token.end - token.begin, word);
}

bool token_is_mark(const struct lexer *lexer, struct token token, char mark)
{
    return token.kind == TOKEN_MARK && lexer->text[token.begin] == mark;
}

/* ---------------------------------------------------------- references */

static char in_lower_case(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/* As conf_find, for a placeholder of Flyway's: in any case of letters, and with _ for what a parameter's name can't have. */
static long find_placeholder(const struct conf *conf, const char *name, size_t length)
{
    for (size_t i = 0; i < conf->parameter_count; i++) {
        const char *declared = conf->parameters[i].table.name;
        size_t same = 0;
        while (same < length && declared[same] != '\0' &&
               in_lower_case(declared[same]) == (strchr(".-:", name[same]) != NULL ? '_' : in_lower_case(name[same])))
            same++;
        if (same == length && declared[same] == '\0')
            return (long)i;
    }
    return -1;
}

/* The length of ${name} at `p` when name is declared, else 0. */
static uint32_t reference_length(const struct lexer *lexer, uint32_t at, uint32_t *parameter)
{
    const char *p = lexer->text + at;
    bool flyway = lexer->form == REFERENCE_FLYWAY;
    if (lexer->conf == NULL || p[0] != '$' || p[1] != '{')
        return 0;
    size_t length = 0;
    while (is_letter(p[2 + length]) || is_digit(p[2 + length]) || p[2 + length] == '_' ||
           (flyway && p[2 + length] != '\0' && strchr(".-:", p[2 + length]) != NULL))
        length++;
    size_t end = length;
    if (lexer->demanding && !flyway && p[2 + length] == ':' && p[3 + length] == '-') /* goose's ${NAME:-default} */
        end += strcspn(p + 2 + length, "}\n");
    if (p[2 + end] != '}')
        return 0;
    long found = flyway ? find_placeholder(lexer->conf, p + 2, length) : conf_find(lexer->conf, p + 2, length);
    if (found < 0)
        return 0;
    *parameter = (uint32_t)found;
    return (uint32_t)end + 3;
}

/* Note the ${...} at `at`, which isn't declared, where somebody must hear of it. */
static void note_stranger(struct lexer *lexer, uint32_t at)
{
    const char *p = lexer->text + at;
    size_t length = strcspn(p, "}\n");
    size_t count = lexer->stranger_count;
    if (!lexer->demanding || p[0] != '$' || p[1] != '{' || p[length] != '}' ||
        (count > 0 && lexer->strangers[count - 1].begin >= at))
        return;
    lexer->strangers = memory_grow(lexer->memory, lexer->strangers, count, &lexer->stranger_capacity,
                                   sizeof *lexer->strangers);
    lexer->strangers[lexer->stranger_count++] = (struct stranger){at, at + (uint32_t)length + 1};
}

static void add_reference(struct lexer *lexer, stele_reference reference)
{
    struct references *all = &lexer->references;
    all->list = memory_grow(lexer->memory, all->list, all->count, &all->capacity, sizeof *all->list);
    all->list[all->count++] = reference;
}

/* Note the reference at `at`, if there is one; returns its length. */
static uint32_t take_reference(struct lexer *lexer, uint32_t at, uint32_t where)
{
    uint32_t parameter = 0, length = reference_length(lexer, at, &parameter);
    if (length == 0)
        note_stranger(lexer, at);
    else
        add_reference(lexer, (stele_reference){at, at + length, parameter, where});
    return length;
}

static void take_references(struct lexer *lexer, uint32_t begin, uint32_t end, uint32_t where)
{
    if (lexer->conf == NULL || (lexer->conf->parameter_count == 0 && !lexer->demanding))
        return;
    const char *dollar;
    while (begin < end && (dollar = memchr(lexer->text + begin, '$', end - begin)) != NULL) {
        uint32_t at = (uint32_t)(dollar - lexer->text), length = take_reference(lexer, at, where);
        begin = at + (length == 0 ? 1 : length);
    }
}

/* ------------------------------------------------------------- strings */

static struct token broken(struct lexer *lexer, uint32_t begin, const char *problem)
{
    lexer->problem = problem;
    lexer->at = lexer->length;
    return (struct token){TOKEN_BROKEN, begin, lexer->length, false};
}

/*
 * A string may go on in the next line: quote, white space with a line end, quote. A comment counts as white space
 * there, a block comment doesn't. What goes on has the prefix of the first piece: so after E'a' a piece 'it\'s' is
 * one string, and without this rule it would be lexed as two.
 */
static void find_continuation(struct lexer *lexer, char prefix)
{
    const char *text = lexer->text;
    uint32_t at = lexer->at;
    bool line_end = false;
    lexer->continue_at = UINT32_MAX;
    for (;;) {
        if (is_space(text[at])) {
            line_end = line_end || text[at] == '\n' || text[at] == '\r';
            at++;
        } else if (text[at] == '-' && text[at + 1] == '-') {
            while (at < lexer->length && text[at] != '\n' && text[at] != '\r')
                at++;
        } else {
            break;
        }
    }
    if (line_end && text[at] == '\'') {
        lexer->continue_at = at;
        lexer->continue_prefix = prefix;
    }
}

/* Are backslashes escapes in a string with this prefix? */
static bool has_escapes(const struct lexer *lexer, char prefix)
{
    return prefix == 'e' || (!lexer->conforming && (prefix == 0 || prefix == 'n'));
}

/* '...' from its opening quote; `begin` is where its prefix stands. */
static struct token take_string(struct lexer *lexer, uint32_t begin, uint32_t quote, char prefix)
{
    const char *text = lexer->text;
    bool escapes = has_escapes(lexer, prefix), doubles = prefix != 'b' && prefix != 'x';
    uint32_t at = quote + 1;
    for (; at < lexer->length; at++) {
        if (escapes && text[at] == '\\')
            at++;
        else if (text[at] == '\'' && doubles && text[at + 1] == '\'')
            at++;
        else if (text[at] == '\'')
            break;
    }
    if (at >= lexer->length)
        return broken(lexer, begin, "unterminated string");
    size_t before = lexer->references.count;
    take_references(lexer, quote + 1, at, escapes ? STELE_IN_ESTRING : STELE_IN_STRING);
    if (prefix == 'u' && lexer->references.count > before && lexer->unicode_reference == UINT32_MAX)
        lexer->unicode_reference = lexer->references.list[before].begin;
    lexer->at = at + 1;
    find_continuation(lexer, prefix);
    return (struct token){TOKEN_STRING, begin, at + 1, false};
}

/* "..." from its opening quote. */
static struct token take_name(struct lexer *lexer, uint32_t begin, uint32_t quote)
{
    const char *text = lexer->text;
    uint32_t at = quote + 1;
    while (at < lexer->length && (text[at] != '"' || text[at + 1] == '"'))
        at += text[at] == '"' ? 2 : 1;
    if (at >= lexer->length)
        return broken(lexer, begin, "unterminated quoted identifier");
    take_references(lexer, quote + 1, at, STELE_IN_NAME);
    lexer->at = at + 1;
    return (struct token){TOKEN_NAME, begin, at + 1, false};
}

/* The length of the opening $tag$ at `at`, or 0 when it is none. */
static uint32_t dollar_length(const struct lexer *lexer, uint32_t at)
{
    const char *p = lexer->text + at + 1;
    uint32_t length = 0;
    if (starts_name(p[0]))
        while (starts_name(p[length]) || is_digit(p[length]))
            length++;
    return p[length] == '$' ? length + 2 : 0;
}

static struct token take_dollar(struct lexer *lexer, uint32_t length)
{
    const char *text = lexer->text, *p = text + lexer->at + length, *end = text + lexer->length;
    uint32_t begin = lexer->at;
    while ((p = memchr(p, '$', (size_t)(end - p))) != NULL) {
        if ((size_t)(end - p) >= length && memcmp(p, text + begin, length) == 0)
            break;
        p++;
    }
    if (p == NULL)
        return broken(lexer, begin, "unterminated dollar-quoted string");
    take_references(lexer, begin + length, (uint32_t)(p - text), STELE_IN_DOLLAR);
    lexer->at = (uint32_t)(p - text) + length;
    return (struct token){TOKEN_STRING, begin, lexer->at, false};
}

/* -------------------------------------------------------- other tokens */

static struct token take_line_comment(struct lexer *lexer)
{
    uint32_t begin = lexer->at;
    while (lexer->at < lexer->length && lexer->text[lexer->at] != '\n' && lexer->text[lexer->at] != '\r')
        lexer->at++;
    return (struct token){TOKEN_COMMENT, begin, lexer->at, false};
}

static struct token take_block_comment(struct lexer *lexer)
{
    const char *text = lexer->text;
    uint32_t begin = lexer->at, depth = 0, at = begin;
    while (at < lexer->length) {
        if (text[at] == '/' && text[at + 1] == '*') {
            depth++;
            at += 2;
        } else if (text[at] == '*' && text[at + 1] == '/') {
            depth--;
            at += 2;
            if (depth == 0) {
                lexer->at = at;
                return (struct token){TOKEN_COMMENT, begin, at, false};
            }
        } else {
            at++;
        }
    }
    return broken(lexer, begin, "unterminated comment");
}

/* An identifier, with the references that touch it: t_${n} is one word, since that is what the server will see. */
static struct token take_word(struct lexer *lexer)
{
    struct token token = {TOKEN_WORD, lexer->at, lexer->at, false};
    uint32_t at = lexer->at;
    for (;;) {
        uint32_t length = lexer->text[at] == '$' ? take_reference(lexer, at, STELE_IN_SQL) : 0;
        if (length > 0)
            token.reference = true;
        else if (is_name_byte(lexer->text[at]) && at < lexer->length)
            length = 1;
        else
            break;
        at += length;
    }
    token.end = lexer->at = at;
    return token;
}

/* A number with whatever letters touch it; that is junk, and the grammar says so. 1..2 is a 1, then two dots. */
static struct token take_number(struct lexer *lexer)
{
    const char *text = lexer->text;
    uint32_t begin = lexer->at, at = begin;
    while (is_digit(text[at]) || text[at] == '_')
        at++;
    if (text[at] == '.' && text[at + 1] != '.') {
        at++;
        while (is_digit(text[at]) || text[at] == '_')
            at++;
    }
    if ((text[at] == 'e' || text[at] == 'E') &&
        (is_digit(text[at + 1]) || ((text[at + 1] == '+' || text[at + 1] == '-') && is_digit(text[at + 2]))))
        at += 2;
    while (starts_name(text[at]) || is_digit(text[at]))
        at++;
    lexer->at = at;
    return (struct token){TOKEN_NUMBER, begin, at, false};
}

/*
 * An operator ends where a comment begins; and of several characters, it can't end in + or - unless it has one of
 * ~ ! @ # ^ & | ` ? %, so that =-1 is an = and a -1.
 */
static struct token take_operator(struct lexer *lexer)
{
    const char *text = lexer->text + lexer->at;
    uint32_t begin = lexer->at, length = 0;
    bool keeps_sign = false;
    while (is_operator_byte(text[length])) {
        if ((text[length] == '-' && text[length + 1] == '-') || (text[length] == '/' && text[length + 1] == '*'))
            break;
        keeps_sign = keeps_sign || strchr("~!@#^&|`?%", text[length]) != NULL;
        length++;
    }
    while (!keeps_sign && length > 1 && (text[length - 1] == '+' || text[length - 1] == '-'))
        length--;
    lexer->at += length;
    return (struct token){TOKEN_OPERATOR, begin, lexer->at, false};
}

static struct token take_marks(struct lexer *lexer, token_kind kind, uint32_t length)
{
    struct token token = {kind, lexer->at, lexer->at + length, false};
    lexer->at += length;
    return token;
}

/* The prefix of a string that begins at p: 'e', 'b', 'x', 'n', 'u'; or 0. *length is how far its quote is. */
static char string_prefix(const char *p, uint32_t *length)
{
    char letter = (char)(p[0] | 0x20);
    *length = 1;
    if (p[1] == '\'' && (letter == 'e' || letter == 'b' || letter == 'x' || letter == 'n'))
        return letter;
    *length = 2;
    return letter == 'u' && p[1] == '&' && p[2] == '\'' ? 'u' : 0;
}

static struct token take_dollar_or_mark(struct lexer *lexer)
{
    const char *p = lexer->text + lexer->at;
    uint32_t parameter, length;
    if (reference_length(lexer, lexer->at, &parameter) > 0)
        return take_word(lexer);
    note_stranger(lexer, lexer->at);
    if ((length = dollar_length(lexer, lexer->at)) > 0)
        return take_dollar(lexer, length);
    for (length = 1; is_digit(p[length]);)
        length++;
    return length > 1 ? take_marks(lexer, TOKEN_NUMBER, length) : take_marks(lexer, TOKEN_MARK, 1);
}

/*
 * A variable of psql's at a colon: :name, :'name', :"name", where such a parameter is declared. Others psql leaves as they
 * are, too. False when it is none.
 */
static bool take_variable(struct lexer *lexer, struct token *token)
{
    const char *p = lexer->text + lexer->at;
    char quote = p[1] == '\'' || p[1] == '"' ? p[1] : '\0';
    size_t begin = quote == '\0' ? 1 : 2, length = begin;
    while (is_letter(p[length]) || is_digit(p[length]) || p[length] == '_')
        length++;
    long found = length == begin ? -1 : conf_find(lexer->conf, p + begin, length - begin);
    if (found < 0 || (quote != '\0' && p[length] != quote))
        return false;
    uint32_t end = lexer->at + (uint32_t)length + (quote != '\0');
    uint32_t where = quote == '\'' ? STELE_AS_LITERAL : quote == '"' ? STELE_AS_NAME : STELE_IN_SQL;
    add_reference(lexer, (stele_reference){lexer->at, end, (uint32_t)found, where});
    *token = (struct token){TOKEN_WORD, lexer->at, end, true};
    lexer->at = end;
    return true;
}

static struct token take_lettered(struct lexer *lexer)
{
    const char *p = lexer->text + lexer->at;
    uint32_t length;
    char prefix = string_prefix(p, &length);
    if (prefix != 0)
        return take_string(lexer, lexer->at, lexer->at + length, prefix);
    if ((p[0] == 'u' || p[0] == 'U') && p[1] == '&' && p[2] == '"')
        return take_name(lexer, lexer->at, lexer->at + 2);
    return take_word(lexer);
}

static struct token take_psql(struct lexer *lexer)
{
    struct token token = take_line_comment(lexer);
    token.kind = TOKEN_PSQL;
    while (token.end > token.begin && is_space(lexer->text[token.end - 1]))
        token.end--;
    return token;
}

struct token lexer_next(struct lexer *lexer)
{
    while (is_space(lexer->text[lexer->at]))
        lexer->at++;
    uint32_t at = lexer->at;
    const char *p = lexer->text + at;
    if (at >= lexer->length)
        return (struct token){TOKEN_END, lexer->length, lexer->length, false};
    if (p[0] == '-' && p[1] == '-')
        return take_line_comment(lexer);
    if (p[0] == '/' && p[1] == '*')
        return take_block_comment(lexer);
    if (p[0] == '\'')
        return take_string(lexer, at, at, at == lexer->continue_at ? lexer->continue_prefix : 0);
    if (p[0] == '"')
        return take_name(lexer, at, at);
    if (p[0] == '$')
        return take_dollar_or_mark(lexer);
    if (starts_name(p[0]))
        return take_lettered(lexer);
    if (is_digit(p[0]) || (p[0] == '.' && is_digit(p[1])))
        return take_number(lexer);
    if (p[0] == '\\')
        return take_psql(lexer);
    if ((p[0] == ':' && (p[1] == ':' || p[1] == '=')) || (p[0] == '.' && p[1] == '.'))
        return take_marks(lexer, TOKEN_OPERATOR, 2);
    struct token variable;
    if (p[0] == ':' && lexer->form == REFERENCE_PSQL && take_variable(lexer, &variable))
        return variable;
    return is_operator_byte(p[0]) ? take_operator(lexer) : take_marks(lexer, TOKEN_MARK, 1);
}

struct token lexer_next_solid(struct lexer *lexer)
{
    struct token token;
    do
        token = lexer_next(lexer);
    while (token.kind == TOKEN_COMMENT);
    return token;
}

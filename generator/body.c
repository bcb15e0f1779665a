#include "body.h"

#include "lexer.h"

#include <string.h>

/* May a PL/pgSQL statement begin behind this token? */
static bool precedes_statement(const struct lexer *lexer, struct token before)
{
    static const char *const words[] = {"begin", "then", "else", "loop"};
    if (before.kind == TOKEN_END || token_is_mark(lexer, before, ';'))
        return true;
    if (before.kind == TOKEN_OPERATOR) /* of a <<label>> */
        return before.end - before.begin == 2 && lexer->text[before.begin] == '>';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (token_is(lexer, before, words[i]))
            return true;
    return false;
}

/* Behind CALL: does the last part of the name, which may be qualified, name one of the procedures? */
static bool calls_one(struct lexer lexer, const char *const *procedures, size_t count)
{
    struct token name = {.kind = TOKEN_END}, token;
    while ((token = lexer_next_solid(&lexer)).kind != TOKEN_END && !token_is_mark(&lexer, token, '('))
        name = token;
    for (size_t i = 0; i < count && name.kind != TOKEN_END; i++)
        if (token_is(&lexer, name, procedures[i]))
            return true;
    return false;
}

bool body_ends_transaction(struct memory *memory, const char *text, const char *const *procedures, size_t count)
{
    struct lexer lexer;
    lexer_start(&lexer, memory, NULL, text, (uint32_t)strlen(text));
    struct token before = {.kind = TOKEN_END}, token;
    while ((token = lexer_next_solid(&lexer)).kind != TOKEN_END) {
        bool ends = token_is(&lexer, token, "commit") || token_is(&lexer, token, "rollback");
        if (ends && precedes_statement(&lexer, before)) {
            struct lexer ahead = lexer;
            struct token next = lexer_next_solid(&ahead);
            if (token_is_mark(&lexer, next, ';') || token_is(&lexer, next, "and") || next.kind == TOKEN_END)
                return true;
        }
        if (token_is(&lexer, token, "call") && precedes_statement(&lexer, before) && calls_one(lexer, procedures, count))
            return true;
        before = token;
    }
    return false;
}

/* The word at `text`, whatever its case, and not a part of a longer one. Returns what follows it, or NULL. */
static const char *pass_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i < length; i++)
        if ((text[i] | 0x20) != word[i])
            return NULL;
    unsigned char next = (unsigned char)text[length] | 0x20;
    return (next >= 'a' && next <= 'z') || next == '_' ? NULL : text + length;
}

bool body_adds_value(const char *text)
{
    for (; *text != '\0'; text++) {
        const char *rest = pass_word(text, "add");
        if (rest != NULL && pass_word(rest + strspn(rest, " \t\r\n"), "value") != NULL)
            return true;
    }
    return false;
}

#include "conform.h"

#include "text.h"

#include <string.h>

static const char setting[] = "standard_conforming_strings";

void conform_start(struct conform *conform)
{
    *conform = (struct conform){.now = true, .session = true, .before = true};
}

/* Does a value, bare or in quotes, mean off? PostgreSQL takes prefixes that are clear: "of", "fa". */
static bool means_off(const struct lexer *lexer, struct token token)
{
    static const char *const values[] = {"off", "of", "false", "fals", "fal", "fa", "f", "no", "n", "0"};
    const char *text = lexer->text + token.begin;
    size_t length = token.end - token.begin;
    if (length > 2 && text[0] == '\'') {
        text++;
        length -= 2;
    }
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (spells(text, length, values[i]))
            return true;
    return false;
}

/* Is this the setting's name: bare, "in quotes", or 'as a string'? It may be written in any case, in each of these. */
static bool names_setting(const struct lexer *lexer, struct token token)
{
    const char *text = lexer->text + token.begin;
    size_t length = token.end - token.begin;
    if (token.kind == TOKEN_WORD)
        return spells(text, length, setting);
    return (token.kind == TOKEN_NAME || token.kind == TOKEN_STRING) && length == sizeof setting + 1 &&
           spells(text + 1, length - 2, setting);
}

static void change(struct conform *conform, bool value)
{
    conform->effect = CONFORM_CHANGES;
    conform->value = value;
}

/* The first word tells which statements can matter. Nearly all end here. */
static void look_at_first(struct conform *conform, const struct lexer *lexer, struct token token)
{
    static const struct {
        const char *word;
        conform_step step;
        conform_effect effect;
    } words[] = {
        {"set", CONFORM_SET, CONFORM_KEEPS},         {"reset", CONFORM_RESET, CONFORM_KEEPS},
        {"discard", CONFORM_RESET, CONFORM_KEEPS},   {"begin", CONFORM_NOTHING, CONFORM_BEGINS},
        {"start", CONFORM_NOTHING, CONFORM_BEGINS},  {"commit", CONFORM_NOTHING, CONFORM_COMMITS},
        {"end", CONFORM_NOTHING, CONFORM_COMMITS},   {"abort", CONFORM_NOTHING, CONFORM_ROLLS_BACK},
        {"rollback", CONFORM_UNDO, CONFORM_ROLLS_BACK}, {"select", CONFORM_CALLS, CONFORM_KEEPS},
    };
    conform->step = CONFORM_NOTHING;
    conform->local = false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (token_is(lexer, token, words[i].word)) {
            conform->step = words[i].step;
            conform->effect = words[i].effect;
        }
}

/* set_config('standard_conforming_strings', 'off', is_local), wherever it stands in a query. */
static void look_at_call(struct conform *conform, const struct lexer *lexer, struct token token)
{
    conform_step step = CONFORM_CALLS;
    if (token_is(lexer, token, "set_config"))
        step = CONFORM_CALLED;
    else if (conform->step == CONFORM_CALLED && token_is_mark(lexer, token, '('))
        step = CONFORM_OPENED;
    else if (conform->step == CONFORM_OPENED && token.kind == TOKEN_STRING && names_setting(lexer, token))
        step = CONFORM_NAMED;
    else if (conform->step == CONFORM_NAMED && token_is_mark(lexer, token, ','))
        step = CONFORM_COMMA;
    else if (conform->step == CONFORM_COMMA && token.kind == TOKEN_STRING)
        step = CONFORM_VALUE;
    else if (conform->step == CONFORM_VALUE && token_is_mark(lexer, token, ','))
        step = CONFORM_SCOPE;
    else if (conform->step == CONFORM_SCOPE)
        conform->local = token_is(lexer, token, "true");
    if (step == CONFORM_VALUE)
        change(conform, !means_off(lexer, token));
    conform->step = step;
}

/* SET [SESSION | LOCAL] name {= | TO} value. DEFAULT is no word for off, and the default is on. */
static void look_at_set(struct conform *conform, const struct lexer *lexer, struct token token)
{
    if (conform->step == CONFORM_NAME) {
        conform->step = CONFORM_EQUALS;
    } else if (conform->step == CONFORM_EQUALS) {
        change(conform, !means_off(lexer, token));
        conform->step = CONFORM_NOTHING;
    } else if (names_setting(lexer, token)) {
        conform->step = CONFORM_NAME;
    } else if (token_is(lexer, token, "local")) {
        conform->local = true;
    } else if (!token_is(lexer, token, "session")) {
        conform->step = CONFORM_NOTHING;
    }
}

void conform_look(struct conform *conform, const struct lexer *lexer, struct token token)
{
    switch (conform->step) {
    case CONFORM_NOTHING:
        break;
    case CONFORM_FIRST:
        look_at_first(conform, lexer, token);
        break;
    case CONFORM_SET:
    case CONFORM_NAME:
    case CONFORM_EQUALS:
        look_at_set(conform, lexer, token);
        break;
    case CONFORM_RESET:
        if (token_is(lexer, token, "all") || names_setting(lexer, token))
            change(conform, true);
        conform->step = CONFORM_NOTHING;
        break;
    case CONFORM_UNDO:
        if (token_is(lexer, token, "to"))
            conform->effect = CONFORM_KEEPS;
        break;
    default:
        look_at_call(conform, lexer, token);
        break;
    }
}

bool conform_close(struct conform *conform)
{
    switch (conform->effect) {
    case CONFORM_KEEPS:
        break;
    case CONFORM_CHANGES:
        conform->now = conform->value;
        if (!conform->local)
            conform->session = conform->value;
        break;
    case CONFORM_BEGINS:
        if (!conform->in_transaction)
            conform->before = conform->session;
        conform->in_transaction = true;
        break;
    case CONFORM_ROLLS_BACK:
        if (conform->in_transaction)
            conform->session = conform->before;
        /* fall through */
    case CONFORM_COMMITS:
        conform->now = conform->session;
        conform->in_transaction = false;
        break;
    }
    return conform->now;
}

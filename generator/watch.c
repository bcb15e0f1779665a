#include "watch.h"

#include "text.h"

#include <string.h>

void watch_start(struct watch *watch)
{
    memset(watch, 0, sizeof *watch);
}

bool watch_is_complete(const struct watch *watch)
{
    return watch->parens == 0 && watch->bodies == 0;
}

static void note_parens(struct watch *watch, const struct lexer *lexer, struct token token)
{
    if (token_is_mark(lexer, token, '(')) {
        if (watch->parens++ == 0)
            watch->paren_at = token.begin;
    } else if (token_is_mark(lexer, token, ')') && watch->parens > 0) {
        watch->parens--;
    }
}

/* create [or replace] function|procedure: the first words, by their initials, as psql does it. */
static void note_creation(struct watch *watch, const struct lexer *lexer, struct token token)
{
    static const char *const words[] = {"create", "or", "replace", "function", "procedure"};
    if (watch->word_count < sizeof watch->initials)
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            if (token_is(lexer, token, words[i]))
                watch->initials[watch->word_count] = words[i][0];
    watch->word_count++;
}

static bool creates_routine(const struct watch *watch)
{
    const char *initials = watch->initials;
    char last = initials[1] == 'o' && initials[2] == 'r' ? initials[3] : initials[1];
    return initials[0] == 'c' && (last == 'f' || last == 'p');
}

/* The token after this one. */
static struct token look_ahead(const struct lexer *lexer)
{
    struct lexer ahead = *lexer;
    ahead.conf = NULL;
    return lexer_next_solid(&ahead);
}

static bool is_one_of(const struct lexer *lexer, struct token token, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (token_is(lexer, token, words[i]))
            return true;
    return false;
}

/* SELECT 1 case: a column may be called so without AS. Then something follows that no expression begins with. */
static bool is_bare_label(const struct lexer *lexer)
{
    static const char *const words[] = {"from",  "where",  "group", "having",    "window", "union", "intersect", "except",
                                        "order", "offset", "limit", "fetch", "for", "into"};
    struct token next = look_ahead(lexer);
    return token_is_mark(lexer, next, ',') || token_is_mark(lexer, next, ';') || token_is_mark(lexer, next, ')') ||
           is_one_of(lexer, next, words, sizeof words / sizeof words[0]);
}

/*
 * Count BEGIN ATOMIC, CASE and END in the body of a routine. A label (AS end) or a column (t.end) is no key word; and
 * the END of the body stands where a statement might begin, so a label without AS is none, either.
 */
static void note_body(struct watch *watch, const struct lexer *lexer, struct token token)
{
    if (watch->parens > 0 || !creates_routine(watch) || token_is(lexer, watch->before, "as") ||
        token_is_mark(lexer, watch->before, '.'))
        return;
    bool begins = token_is_mark(lexer, watch->before, ';') || token_is(lexer, watch->before, "atomic");
    if (watch->bodies == 0 && token_is(lexer, token, "begin") && token_is(lexer, look_ahead(lexer), "atomic")) {
        watch->bodies = 1;
        watch->body_at = token.begin;
    } else if (watch->bodies > 0 && token_is(lexer, token, "case") && !is_bare_label(lexer)) {
        watch->bodies++;
    } else if (watch->bodies > 0 && token_is(lexer, token, "end") && (begins || watch->bodies > 1)) {
        watch->bodies--;
    }
}

/* COPY ... FROM stdin. The grammar takes FROM stdout for the same thing. */
static void note_copy(struct watch *watch, const struct lexer *lexer, struct token token)
{
    if (watch->tokens == 0)
        watch->is_copy = token_is(lexer, token, "copy");
    else if (watch->is_copy && watch->parens == 0 && token_is(lexer, watch->before, "from") &&
             (token_is(lexer, token, "stdin") || token_is(lexer, token, "stdout")))
        watch->from_stdin = true;
}

/* Words before a parenthesis that are no function. The list may lack some: then more is put back than need be. */
static bool calls_nothing(const struct lexer *lexer, struct token token)
{
    static const char *const words[] = {"in",   "values", "and",   "or",     "not", "as",     "on",     "using",
                                        "over", "from",   "where", "select", "any", "all",    "some",   "exists",
                                        "when", "then",   "else",  "union",  "by",  "except", "having", "limit"};
    return is_one_of(lexer, token, words, sizeof words / sizeof words[0]);
}

static void note_call(struct watch *watch, const struct lexer *lexer, struct token token)
{
    if (!watch->calls && token_is_mark(lexer, token, '('))
        watch->calls = watch->before.kind == TOKEN_NAME ||
                       (watch->before.kind == TOKEN_WORD && !calls_nothing(lexer, watch->before));
}

/* Look for set_config and pg_temp around each underscore: a DO body may be long, and is searched once. */
static void note_dangers(struct watch *watch, const struct lexer *lexer, struct token token)
{
    const char *text = lexer->text + token.begin, *p = text, *end = lexer->text + token.end;
    if (token.kind != TOKEN_WORD && token.kind != TOKEN_STRING && token.kind != TOKEN_NAME)
        return;
    for (; p < end && (p = memchr(p, '_', (size_t)(end - p))) != NULL; p++) {
        if (p - text >= 3 && end - p > 6 && spells(p - 3, 10, "set_config"))
            watch->sets_config = true;
        if (p - text >= 2 && end - p > 4 && spells(p - 2, 7, "pg_temp"))
            watch->names_temp = true;
    }
}

void watch_token(struct watch *watch, const struct lexer *lexer, struct token token)
{
    if (token.kind == TOKEN_WORD) {
        note_creation(watch, lexer, token);
        note_body(watch, lexer, token);
        note_copy(watch, lexer, token);
    }
    note_call(watch, lexer, token);
    note_parens(watch, lexer, token);
    note_dangers(watch, lexer, token);
    watch->before = token;
    watch->tokens++;
}

#include "psql.h"

#include <stdbool.h>
#include <string.h>

/* ----------------------------------------------------------------- literals */

void stele_psql_literal(stele_text *text, const char *value)
{
    if (value == NULL) {
        stele_text_string(text, "NULL");
        return;
    }
    stele_text_string(text, strchr(value, '\\') != NULL ? "E'" : "'");
    for (; *value != '\0'; value++) {
        if (*value == '\'' || *value == '\\')
            stele_text_bytes(text, value, 1);
        stele_text_bytes(text, value, 1);
    }
    stele_text_string(text, "'");
}

static bool holds(const char *bytes, size_t length, const char *word)
{
    size_t size = strlen(word);
    const char *end = bytes + length;
    for (const char *p = bytes; (size_t)(end - p) >= size && (p = memchr(p, '$', (size_t)(end - p) - size + 1)) != NULL; p++)
        if (memcmp(p, word, size) == 0)
            return true;
    return false;
}

/* The tag is looked for without its last dollar: the text may end in the rest of it. */
void stele_psql_dollars(stele_text *text, const char *bytes, size_t length)
{
    stele_text tag = {0};
    if (bytes == NULL) {
        stele_text_string(text, "NULL");
        return;
    }
    stele_text_string(&tag, "$stele");
    for (unsigned n = 1; !tag.failed && holds(bytes, length, tag.bytes); n++) {
        tag.length = 0;
        stele_text_print(&tag, "$stele_%u", n);
    }
    text->failed |= tag.failed;
    if (!text->failed) {
        stele_text_print(text, "%s$", tag.bytes);
        stele_text_bytes(text, bytes, length);
        stele_text_print(text, "%s$", tag.bytes);
    }
    stele_text_free(&tag);
}

void stele_psql_argument(stele_text *text, const char *word)
{
    stele_text_string(text, "'");
    for (; *word != '\0'; word++) {
        if (*word == '\'' || *word == '\\')
            stele_text_bytes(text, word, 1);
        stele_text_bytes(text, *word == '\n' ? " " : word, 1);
    }
    stele_text_string(text, "'");
}

void stele_psql_comment(stele_text *text, const char *words)
{
    stele_text_string(text, "-- ");
    for (; *words != '\0'; words++)
        stele_text_bytes(text, *words == '\n' || *words == '\r' ? " " : words, 1);
    stele_text_string(text, "\n");
}

/* --------------------------------------------------------------- statements */

/* A look at a statement with psql's eyes. It gives up at whatever psql might see in another way. */
typedef struct view {
    const char *at, *end;
    int depth;      /* of parentheses */
    bool creates;   /* it begins with CREATE */
    unsigned words; /* seen so far */
    bool odd;       /* gave up */
} view;

static bool begins_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_of_word(char c)
{
    return begins_word(c) || (c >= '0' && c <= '9');
}

/* Behind the next `mark`; to the end, and odd, when there is none. */
static void skip_past(view *v, const char *mark, size_t length)
{
    for (; (size_t)(v->end - v->at) >= length; v->at++) {
        if (memcmp(v->at, mark, length) == 0) {
            v->at += length;
            return;
        }
    }
    v->at = v->end;
    v->odd = true;
}

/* '...' with a backslash is one thing or another, as standard_conforming_strings has it; E'...' isn't. */
static void skip_string(view *v, bool escapes)
{
    for (v->at++; v->at < v->end && *v->at != '\''; v->at++) {
        if (*v->at == '\\' && escapes && v->at + 1 < v->end)
            v->at++;
        else if (*v->at == '\\')
            v->odd = true;
    }
    v->odd |= v->at >= v->end;
    v->at += v->at < v->end;
}

static void skip_comment(view *v)
{
    unsigned depth = 0;
    do {
        bool two = v->end - v->at >= 2;
        if (!two)
            v->odd = true;
        depth += two && memcmp(v->at, "/*", 2) == 0;
        bool closes = two && memcmp(v->at, "*/", 2) == 0;
        depth -= closes;
        v->at += two && (closes || memcmp(v->at, "/*", 2) == 0) ? 2 : 1;
    } while (depth > 0 && !v->odd);
}

static void skip_dollars(view *v)
{
    const char *tag = v->at++;
    if (v->at < v->end && begins_word(*v->at))
        while (v->at < v->end && is_of_word(*v->at))
            v->at++;
    if (v->at >= v->end || *v->at != '$')
        return; /* $1 */
    v->at++;
    skip_past(v, tag, (size_t)(v->at - tag));
}

static bool is_word(const char *word, size_t length, const char *lower)
{
    bool same = strlen(lower) == length;
    for (size_t i = 0; same && i < length; i++)
        same = (word[i] | 0x20) == lower[i];
    return same;
}

/* In a CREATE FUNCTION, psql takes the word BEGIN for that of BEGIN ATOMIC, and no semicolon for an end until END. */
static void skip_word(view *v)
{
    const char *word = v->at;
    while (v->at < v->end && (is_of_word(*v->at) || *v->at == '$'))
        v->at++;
    size_t length = (size_t)(v->at - word);
    if (v->words++ == 0)
        v->creates = is_word(word, length, "create");
    v->odd |= v->creates && is_word(word, length, "begin");
    if (v->at < v->end && *v->at == '\'' && is_word(word, length, "e"))
        skip_string(v, true);
}

/* :: is a cast and := an assignment; another colon before a name or a quote may be a variable. */
static void skip_colons(view *v)
{
    size_t count = 0;
    for (; v->at < v->end && *v->at == ':'; v->at++)
        count++;
    v->odd |= count % 2 == 1 && v->at < v->end && (is_of_word(*v->at) || strchr("'\"{", *v->at) != NULL);
}

static void skip_one(view *v)
{
    char c = *v->at, next = '\0';
    if (v->at + 1 < v->end)
        next = v->at[1];
    if (begins_word(c)) {
        skip_word(v);
    } else if (c == '\'') {
        skip_string(v, false);
    } else if (c == '"') {
        v->at++;
        skip_past(v, "\"", 1);
    } else if (c == '$') {
        skip_dollars(v);
    } else if (c == '-' && next == '-') {
        while (v->at < v->end && *v->at != '\n')
            v->at++;
    } else if (c == '/' && next == '*') {
        skip_comment(v);
    } else if (c == ':') {
        skip_colons(v);
    } else {
        v->depth += (c == '(') - (c == ')');
        v->odd |= c == '\\' || (c == ';' && v->depth <= 0);
        v->at++;
    }
}

bool stele_psql_is_plain(const char *sql, size_t length)
{
    view v = {.at = sql, .end = sql + length};
    while (v.at < v.end && !v.odd)
        skip_one(&v);
    return !v.odd && v.depth == 0 && v.words > 0;
}

/* The last line may be a comment: so a line end comes before the semicolon if there is one. */
void stele_psql_statement(stele_text *text, const char *sql, size_t length)
{
    if (stele_psql_is_plain(sql, length)) {
        const char *line = sql;
        for (size_t i = 0; i < length; i++)
            line = sql[i] == '\n' ? sql + i + 1 : line;
        stele_text_bytes(text, sql, length);
        bool comment = false;
        for (const char *p = line; p + 1 < sql + length && !comment; p++)
            comment = p[0] == '-' && p[1] == '-';
        stele_text_string(text, comment ? "\n;\n" : ";\n");
        return;
    }
    stele_text_string(text, "SELECT ");
    stele_psql_dollars(text, sql, length);
    stele_text_string(text, " \\gexec\n");
}

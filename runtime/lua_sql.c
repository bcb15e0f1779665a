#include "lua_sql.h"

#include <string.h>

/* A word of a statement, in capitals; longer ones don't matter. */
typedef struct word {
    char text[16];
} word;

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The end of what stands in quotes, from behind the opening one. */
static const char *skip_quoted(const char *p, char quote, bool escapes)
{
    for (; *p != '\0'; p++) {
        if (escapes && *p == '\\' && p[1] != '\0')
            p++;
        else if (*p == quote && p[1] == quote)
            p++;
        else if (*p == quote)
            return p + 1;
    }
    return p;
}

/* A comment may hold comments. */
static const char *skip_comment(const char *p)
{
    int depth = 0;
    for (; *p != '\0'; p++) {
        if (p[0] == '/' && p[1] == '*') {
            depth++;
            p++;
        } else if (p[0] == '*' && p[1] == '/') {
            depth--;
            p++;
            if (depth == 0)
                return p + 1;
        }
    }
    return p;
}

/* $1, or $tag$...$tag$, or a mere dollar. */
static const char *skip_dollar(const char *p, int *parameters)
{
    const char *end = p + 1;
    if (is_digit(*end)) {
        int number = 0;
        for (; is_digit(*end); end++)
            number = number > 99999 ? number : number * 10 + (*end - '0');
        if (number > *parameters)
            *parameters = number;
        return end;
    }
    while (is_letter(*end) || is_digit(*end))
        end++;
    if (*end != '$')
        return p + 1;
    size_t length = (size_t)(end - p) + 1;
    for (end++; *end != '\0'; end++)
        if (*end == '$' && strncmp(end, p, length) == 0)
            return end + length;
    return end;
}

static const char *read_word(const char *p, word *w)
{
    size_t length = 0;
    for (; is_letter(*p) || is_digit(*p) || *p == '$'; p++)
        if (length < sizeof w->text - 1)
            w->text[length++] = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
    w->text[length] = '\0';
    return p;
}

/*
 * The next token: true at the statement's end. `w` is its text when it is a word, else empty.
 */
static bool next_token(const char **at, word *w, int *parameters)
{
    const char *p = *at;
    w->text[0] = '\0';
    for (;;) {
        p += strspn(p, " \t\r\n\f\v");
        if (p[0] == '-' && p[1] == '-')
            p += strcspn(p, "\r\n");
        else if (p[0] == '/' && p[1] == '*')
            p = skip_comment(p);
        else
            break;
    }
    bool end = *p == '\0';
    if (is_letter(*p)) {
        p = read_word(p, w);
        if (*p == '\'' && strcmp(w->text, "E") == 0)
            p = skip_quoted(p + 1, '\'', true);
    } else if (is_digit(*p)) {
        p = read_word(p, &(word){{0}});
    } else if (*p == '\'' || *p == '"') {
        p = skip_quoted(p + 1, *p, false);
    } else if (*p == '$') {
        p = skip_dollar(p, parameters);
    } else if (!end) {
        p++;
    }
    *at = p;
    return end;
}

static bool is_one_of(const word *w, const char *words)
{
    size_t length = strlen(w->text);
    for (const char *p = words; length > 0 && (p = strstr(p, w->text)) != NULL; p += length)
        if ((p == words || p[-1] == ' ') && (p[length] == ' ' || p[length] == '\0'))
            return true;
    return false;
}

static void judge(stele_lua_sql *scanned, const word *first, const word *second, bool copies_here)
{
    bool ends = is_one_of(first, "BEGIN START COMMIT END ROLLBACK ABORT");
    if (ends || (is_one_of(first, "PREPARE") && is_one_of(second, "TRANSACTION"))) {
        scanned->refused = "a Lua migration can't begin or end a transaction";
        scanned->hint = "it runs in the migration's own, which commits when the function returns and is rolled back when it fails";
    } else if (is_one_of(first, "SAVEPOINT RELEASE")) {
        scanned->refused = "a Lua migration can't set savepoints itself";
        scanned->hint = "db:try(function() ... end) undoes what its function did when that fails";
    } else if (is_one_of(first, "COPY") && copies_here) {
        scanned->refused = "COPY from stdin or to stdout can't be run from Lua";
        scanned->hint = "use db:exec with INSERT, with arrays as parameters and unnest for many rows; or a COPY in an SQL migration";
    }
}

void stele_lua_scan(const char *sql, stele_lua_sql *scanned)
{
    word first = {{0}}, second = {{0}}, w;
    const char *p = sql;
    bool changes = false, into = false, sets = false, copies_here = false, ended = false;
    *scanned = (stele_lua_sql){0};
    for (unsigned words = 0; !next_token(&p, &w, &scanned->parameters);) {
        scanned->several |= ended;
        ended |= p[-1] == ';';
        if (w.text[0] == '\0')
            continue;
        if (words++ == 0)
            first = w;
        else if (words == 2)
            second = w;
        changes |= is_one_of(&w, "INSERT UPDATE DELETE MERGE");
        into |= is_one_of(&w, "INTO");
        sets |= is_one_of(&w, "SET_CONFIG"); /* the search_path, say */
        copies_here |= is_one_of(&w, "STDIN STDOUT");
    }
    judge(scanned, &first, &second, copies_here);
    scanned->plain = is_one_of(&first, "SELECT VALUES TABLE WITH INSERT UPDATE DELETE MERGE") && !into;
    scanned->plain |= is_one_of(&first, "INSERT MERGE");
    scanned->plain &= !sets;
    scanned->cursor = is_one_of(&first, "SELECT VALUES TABLE") && !into;
    scanned->cursor |= is_one_of(&first, "WITH") && !into && !changes;
}

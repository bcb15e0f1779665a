#include "bind.h"

#include <stdbool.h>
#include <string.h>

static bool begins_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 128;
}

static bool in_name(char c)
{
    return begins_name(c) || (c >= '0' && c <= '9') || c == '$';
}

/* Behind a string or a quoted name; in E'...' a backslash takes the next character with it. `*open`, here and below: it has no end. */
static const char *behind_quote(const char *p, bool escapes, bool *open)
{
    char quote = *p++;
    for (; *p != '\0' && *p != quote; p++)
        if (escapes && *p == '\\' && p[1] != '\0')
            p++;
    *open = *p == '\0';
    return *open ? p : p + 1; /* a doubled quote begins the next string */
}

static const char *behind_comment(const char *p, bool *open)
{
    int depth = 0;
    if (*p == '-')
        return p + strcspn(p, "\r\n");
    do {
        if (p[0] == '/' && p[1] == '*') {
            depth++;
            p += 2;
        } else if (p[0] == '*' && p[1] == '/') {
            depth--;
            p += 2;
        } else {
            p++;
        }
    } while (depth > 0 && *p != '\0');
    *open = depth > 0;
    return p;
}

/* Behind $tag$...$tag$; NULL where no such string begins. */
static const char *behind_dollars(const char *p, bool *open)
{
    const char *tag_end = p + 1;
    if (begins_name(*tag_end))
        while (in_name(*tag_end) && *tag_end != '$')
            tag_end++;
    if (*tag_end != '$')
        return NULL;
    size_t length = (size_t)(tag_end - p) + 1;
    for (const char *at = tag_end + 1; (at = strchr(at, '$')) != NULL; at++)
        if (strncmp(at, p, length) == 0)
            return at + length;
    *open = true;
    return p + strlen(p);
}

/* Behind whatever has no names in it and begins here; `p` itself where that is none. */
static const char *behind_other(const char *p, bool *open)
{
    *open = false;
    if (*p == '\'' || *p == '"')
        return behind_quote(p, false, open);
    if ((*p == 'e' || *p == 'E') && p[1] == '\'')
        return behind_quote(p + 1, true, open);
    if ((p[0] == '-' && p[1] == '-') || (p[0] == '/' && p[1] == '*'))
        return behind_comment(p, open);
    if (*p == '$') {
        const char *end = behind_dollars(p, open);
        return end == NULL ? p + 1 : end;
    }
    if (in_name(*p)) {
        while (in_name(*p))
            p++;
        return p;
    }
    if (p[0] == ':' && (p[1] == ':' || p[1] == '='))
        return p + 2;
    return p;
}

size_t stele_bind(stele_text *out, const char *sql, int (*put)(void *data, stele_text *out, const char *name, size_t length), void *data)
{
    size_t known = 0;
    bool open;
    for (const char *p = sql; *p != '\0';) {
        const char *end = behind_other(p, &open);
        if (end == p && *p == ':' && begins_name(p[1])) {
            for (end = p + 1; in_name(*end);)
                end++;
            if (put(data, out, p + 1, (size_t)(end - p - 1)) != 0) {
                known++;
                p = end;
                continue;
            }
        }
        if (end == p)
            end = p + 1;
        stele_text_bytes(out, p, (size_t)(end - p));
        p = end;
    }
    return known;
}

/* Behind blanks and comments. */
static const char *behind_blanks(const char *p)
{
    bool open;
    for (;;) {
        p += strspn(p, " \t\r\n\f\v");
        if ((p[0] != '-' || p[1] != '-') && (p[0] != '/' || p[1] != '*'))
            return p;
        p = behind_comment(p, &open);
    }
}

stele_sql_flaw stele_sql_look(const char *sql)
{
    int depth = 0;
    stele_sql_flaw found = STELE_SQL_SOUND;
    for (const char *p = sql, *end; *p != '\0'; p = end) {
        bool open;
        end = behind_other(p, &open);
        if (open)
            return STELE_SQL_OPEN;
        if (*p == '$' && p[1] >= '0' && p[1] <= '9')
            return STELE_SQL_PARAMETER;
        if (*p == ';' && *behind_blanks(p + 1) != '\0')
            return STELE_SQL_SEVERAL;
        if (*p == ';')
            found = STELE_SQL_SEMICOLON;
        depth += (*p == '(') - (*p == ')');
        if (depth < 0)
            return STELE_SQL_PARENTHESES;
        end += end == p;
    }
    return depth > 0 ? STELE_SQL_PARENTHESES : found;
}

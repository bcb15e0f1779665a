#include "lua_syntax.h"

#include "lua_lexer.h"
#include "text.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

/*
 * Lua gets the text byte by byte: when it gives up, what it has taken so far says where, which its message, with only a
 * line, doesn't. It reads one byte ahead.
 */
struct reader {
    const struct source *source;
    uint32_t at;
};

static const char *read_byte(lua_State *state, void *data, size_t *size)
{
    struct reader *reader = data;
    (void)state;
    *size = reader->at < reader->source->length ? 1 : 0;
    return reader->source->text + reader->at++;
}

static void *allocate(void *data, void *block, size_t old_size, size_t size)
{
    (void)data, (void)old_size;
    if (size > 0)
        return realloc(block, size);
    free(block);
    return NULL;
}

/* The last token before `limit`. */
static struct lua_token last_token(const struct source *source, uint32_t limit)
{
    struct lua_lexer lexer;
    struct lua_token token, last = {LUA_TOKEN_END, 0, 0};
    lua_lexer_start(&lexer, source->text, source->length);
    while ((token = lua_lexer_next(&lexer)).kind != LUA_TOKEN_END && token.begin < limit)
        if (token.kind != LUA_TOKEN_COMMENT)
            last = token;
    return last;
}

/* The last token before `limit` that is spelled so; or UINT32_MAX. */
static uint32_t find_before(const struct source *source, uint32_t limit, const char *spelling)
{
    struct lua_lexer lexer;
    struct lua_token token;
    uint32_t found = UINT32_MAX;
    lua_lexer_start(&lexer, source->text, source->length);
    while ((token = lua_lexer_next(&lexer)).kind != LUA_TOKEN_END && token.begin < limit)
        if (lua_token_is(source->text, token, spelling))
            found = token.begin;
    return found;
}

/* The word between quotes behind `mark` in the message; or NULL. */
static const char *quoted_after(struct memory *memory, const char *message, const char *mark)
{
    const char *at = strstr(message, mark);
    if (at == NULL)
        return NULL;
    at += strlen(mark);
    return memory_copy(memory, at, strcspn(at, "'>"));
}

/* What Lua tells of only when a block has ended is far behind its place: then the message names the line. */
static uint32_t line_limit(const struct source *source, const char *message, uint32_t limit)
{
    const char *at = strstr(message, "at line ");
    unsigned long line = at == NULL || strstr(message, "to close") != NULL ? 0 : strtoul(at + 8, NULL, 10);
    if (line == 0 || line > source->line_count)
        return limit;
    return line < source->line_count ? source->lines[line] : source->length;
}

/* Lua gave up inside a string that ends: at an escape, the last backslash that it has seen. */
static bool is_in_escape(struct lua_token last, uint32_t taken)
{
    return last.kind == LUA_TOKEN_STRING && taken < last.end;
}

static uint32_t escape_before(const struct source *source, uint32_t at)
{
    while (source->text[at] != '\\')
        at--;
    return at;
}

/* What stops Lua at the end of the text is told of the end of its last token, which is easier found than an empty line. */
static uint32_t place_of(const struct source *source, struct memory *memory, const char *message, uint32_t taken,
                         struct lua_token last)
{
    uint32_t limit = line_limit(source, message, taken), at = UINT32_MAX;
    const char *name = quoted_after(memory, message, "const variable '");
    if (name == NULL)
        name = quoted_after(memory, message, "no visible label '");
    if (name == NULL)
        name = quoted_after(memory, message, "<goto ");
    if (name == NULL)
        name = quoted_after(memory, message, "unknown attribute '");
    if (name == NULL && strstr(message, "break outside") != NULL)
        name = "break";
    if (name != NULL)
        at = find_before(source, limit, name);
    if (at != UINT32_MAX)
        return at;
    if (is_in_escape(last, taken))
        return escape_before(source, taken - 1);
    return taken >= source->length && last.kind != LUA_TOKEN_BROKEN && strstr(message, "<eof>") != NULL ? last.end
                                                                                                        : last.begin;
}

/* In our words: without the file and the line that stand in front, and with our quotes around names. */
static char *message_of(struct memory *memory, const char *message, bool in_escape)
{
    const char *colon = strchr(message, ':');
    if (colon != NULL && is_digit(colon[1])) {
        const char *rest = colon + 1 + strspn(colon + 1, "0123456789");
        message = *rest == ':' ? rest + 1 + strspn(rest + 1, " ") : message;
    }
    const char *near = in_escape ? strstr(message, " near ") : NULL; /* the string so far: the caret shows it */
    char *text = memory_copy(memory, message, near == NULL ? strlen(message) : (size_t)(near - message));
    for (char *p = text; *p != '\0'; p++) {
        if (*p != '\'' || (p > text && p[-1] != ' ' && p[-1] != '('))
            continue;
        *p = '"';
        for (p++; *p != '\0' && (p[0] != '\'' || strchr(" )", p[1]) == NULL);) /* strchr finds the zero, too */
            p++;
        if (*p == '\0')
            break;
        *p = '"';
    }
    char *end = strstr(text, "near <eof>");
    return end == NULL ? text : memory_print(memory, "%.*sat the end of the file", (int)(end - text), text);
}

static void complain(const struct source *source, struct memory *memory, struct diag *diag, const char *message,
                     uint32_t taken)
{
    if (source->text[0] == '\033') {
        diag_error(diag, source, SOURCE_WHOLE, "file is Lua bytecode");
        diag_hint(diag, "put the source here: what is sealed has to be read");
        return;
    }
    struct lua_token last = last_token(source, taken);
    uint32_t at = place_of(source, memory, message, taken, last), size = utf8_length(source->text + at);
    if (last.kind == LUA_TOKEN_BROKEN && size > 1) /* Lua speaks of its first byte */
        diag_error(diag, source, at, "unexpected character \"%.*s\"", (int)size, source->text + at);
    else
        diag_error(diag, source, at, "%s", message_of(memory, message, is_in_escape(last, taken)));
}

/* Lua ends a line at a CR without LF too, and editors don't: from there on every line it tells of would be another. */
static bool has_lone_return(const struct source *source, struct diag *diag)
{
    const char *found = memchr(source->text, '\r', source->length);
    if (found == NULL)
        return false;
    diag_error(diag, source, (uint32_t)(found - source->text), "a carriage return without a line feed");
    diag_hint(diag, "end lines with LF or CR LF; in a string write \\r");
    return true;
}

bool lua_syntax_check(const struct source *source, struct memory *memory, struct diag *diag)
{
    if (has_lone_return(source, diag))
        return false;
    struct reader reader = {source, 0};
    lua_State *state = lua_newstate(allocate, NULL);
    if (state == NULL)
        memory_exhausted(memory);
    if (source->text[0] == '#') /* lua(1) passes such a line over */
        reader.at = (uint32_t)strcspn(source->text, "\n");
    int status = lua_load(state, read_byte, &reader, "=lua", "t");
    char *message = NULL;
    if (status != LUA_OK && status != LUA_ERRMEM)
        message = memory_copy(memory, lua_tostring(state, -1), strlen(lua_tostring(state, -1)));
    lua_close(state);
    if (status == LUA_ERRMEM)
        memory_exhausted(memory);
    if (message != NULL)
        complain(source, memory, diag, message, reader.at == 0 ? 0 : reader.at - 1);
    return message == NULL;
}

const char *lua_syntax_name(void)
{
    return "Lua " LUA_VERSION_MAJOR "." LUA_VERSION_MINOR;
}

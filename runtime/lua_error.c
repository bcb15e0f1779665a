/*
 * What went wrong in Lua, as a stele_error: message, file, line, the line's text, and the traceback.
 *
 * An error value may be anything. Strings mostly begin with "file:line: ", as Lua writes it, with the file cut to 60 bytes:
 * that is the place that the author of error() meant, so it is taken out of the message and used. A failure of the database
 * is an error value of its own, with fields; it is also kept aside: the transaction is lost, whether Lua code catches it or not.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua_state.h"

#ifndef STELE_NO_LUA

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

static const char FAILURE[] = "stele.failure";

/* ------------------------------------------------------------------- places */

/* One of the files of this run. */
typedef struct lua_file {
    char path[256];
    const char *text;
    size_t length;
} lua_file;

/* The number-th file: 0 is the migration, the modules follow. */
static bool file_at(const stele_lua *state, uint32_t number, lua_file *file)
{
    const stele_migration *migration = state->migration;
    stele_error named = {0};
    if (number > migration->module_count)
        return false;
    if (number == 0) {
        stele_error_file(&named, migration);
        stele_error_copy(file->path, sizeof file->path, named.file);
        file->text = migration->text;
        file->length = migration->length;
    } else {
        const stele_module *module = migration->modules[number - 1];
        stele_error_copy(file->path, sizeof file->path, module->file);
        file->text = module->text;
        file->length = module->length;
    }
    return true;
}

/* Is `name` how Lua writes this path? It cuts long ones in front. */
static bool is_called(const lua_file *file, const char *name, size_t length)
{
    size_t whole = strlen(file->path);
    if (length > 3 && memcmp(name, "...", 3) == 0 && whole >= length - 3)
        return memcmp(file->path + whole - (length - 3), name + 3, length - 3) == 0;
    return whole == length && memcmp(file->path, name, length) == 0;
}

/* Fill in the place, if there is a file of this name. */
static bool set_place(const stele_lua *state, stele_error *error, const char *name, size_t length, int line)
{
    lua_file file;
    for (uint32_t i = 0; file_at(state, i, &file); i++) {
        if (!is_called(&file, name, length))
            continue;
        size_t at = 0;
        for (int n = 1; n < line && at < file.length; at++)
            n += file.text[at] == '\n';
        size_t end = at + strcspn(file.text + at, "\n");
        snprintf(error->source, sizeof error->source, "%.*s", (int)(end - at < 500 ? end - at : 500), file.text + at);
        stele_error_copy(error->file, sizeof error->file, file.path);
        error->line = (unsigned)line;
        error->column = (unsigned)strspn(error->source, " \t") + 1;
        return true;
    }
    return false;
}

void stele_lua_pass_by(lua_State *L, const lua_Debug *where)
{
    stele_lua *state = stele_lua_of(L);
    if (where->currentline <= 0 && where->linedefined <= 0)
        return;
    stele_error_copy(state->near_file, sizeof state->near_file, where->source + 1);
    state->near_line = where->currentline > 0 ? where->currentline : where->linedefined;
}

void stele_lua_place(lua_State *L, stele_error *error)
{
    stele_lua *state = stele_lua_of(L);
    lua_Debug where;
    for (int level = 0; lua_getstack(L, level, &where) == 1; level++)
        if (lua_getinfo(L, "Sl", &where) != 0 && where.currentline > 0 && where.source[0] == '@') {
            set_place(state, error, where.source + 1, strlen(where.source + 1), where.currentline);
            return;
        }
    if (!set_place(state, error, state->near_file, strlen(state->near_file), state->near_line))
        stele_error_file(error, state->migration);
}

void stele_lua_pass_caller(lua_State *L)
{
    lua_Debug where = {.currentline = 0};
    for (int level = 1; where.currentline <= 0 && lua_getstack(L, level, &where) == 1; level++)
        if (lua_getinfo(L, "Sl", &where) != 0 && where.currentline > 0)
            stele_lua_pass_by(L, &where);
}

/* Lua cuts a long path in front, and then several files may be called so: a function that is running tells which it is. */
static const char *whole_name(lua_State *L, const char *name, size_t *length, int line)
{
    lua_Debug where;
    for (int level = 0; strncmp(name, "...", 3) == 0 && lua_getstack(L, level, &where) == 1; level++)
        if (lua_getinfo(L, "Sl", &where) != 0 && where.currentline == line && strlen(where.short_src) == *length &&
            memcmp(where.short_src, name, *length) == 0 && where.source[0] == '@') {
            *length = strlen(where.source + 1);
            return where.source + 1;
        }
    return name;
}

/* "lua/a.lua:12: message": take the place out of a message. Returns where the message itself begins. */
static const char *take_place(lua_State *L, stele_error *error, const char *message)
{
    for (const char *colon = strchr(message, ':'); colon != NULL; colon = strchr(colon + 1, ':')) {
        char *end;
        long line = strtol(colon + 1, &end, 10);
        if (end == colon + 1 || end[0] != ':' || end[1] != ' ' || line <= 0 || line >= 10000000)
            continue;
        size_t length = (size_t)(colon - message);
        const char *name = whole_name(L, message, &length, (int)line);
        if (set_place(stele_lua_of(L), error, name, length, (int)line))
            return end + 2;
    }
    return NULL;
}

/* --------------------------------------------------------------- error values */

static int failure_field(lua_State *L)
{
    const stele_error *failure = luaL_checkudata(L, 1, FAILURE);
    const char *name = luaL_checkstring(L, 2);
    const struct {
        const char *name, *value;
    } fields[] = {{"message", failure->message}, {"sqlstate", failure->sqlstate}, {"detail", failure->detail},
                  {"hint", failure->hint},       {"context", failure->context},   {"file", failure->file}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (strcmp(name, fields[i].name) == 0) {
            lua_pushstring(L, fields[i].value);
            return 1;
        }
    if (strcmp(name, "line") == 0)
        lua_pushinteger(L, failure->line);
    else
        lua_pushnil(L);
    return 1;
}

static int failure_text(lua_State *L)
{
    const stele_error *failure = luaL_checkudata(L, 1, FAILURE);
    if (failure->sqlstate[0] == '\0')
        lua_pushstring(L, failure->message);
    else
        lua_pushfstring(L, "%s [%s]", failure->message, failure->sqlstate);
    return 1;
}

void stele_lua_open_error(lua_State *L)
{
    static const luaL_Reg methods[] = {{"__index", failure_field}, {"__tostring", failure_text}, {NULL, NULL}};
    luaL_newmetatable(L, FAILURE);
    luaL_setfuncs(L, methods, 0);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

/* Add a line to the context. */
static void add_line(stele_error *error, const char *line)
{
    size_t length = strlen(error->context);
    if (length > 0 && length + 2 < sizeof error->context)
        error->context[length++] = '\n';
    stele_error_copy(error->context + length, sizeof error->context - length, line);
}

/* Add the traceback to the context. Lua indents it; here each call has a line of its own. */
static void add_traceback(lua_State *L, stele_error *error)
{
    luaL_traceback(L, L, NULL, 1);
    const char *trace = lua_tostring(L, -1);
    char line[256];
    while ((trace = strchr(trace, '\n')) != NULL) {
        trace += strspn(trace, "\n\t");
        size_t length = strcspn(trace, "\n");
        snprintf(line, sizeof line, "%.*s", length > 255 ? 255 : (int)length, trace);
        if (strncmp(line, "[C]: in ?", 9) != 0)
            add_line(error, line);
    }
    lua_pop(L, 1);
}

/* ------------------------------------------------------- failures of the database */

/* "in: SELECT x" with the line of the statement that the server complains of; all of it may be much. */
static void quote_statement(stele_error *error, const char *sql, unsigned position)
{
    const char *line = sql + strspn(sql, " \t\n"), *p = sql;
    unsigned number = 1, column = 0;
    for (unsigned at = 1; position > 0 && at < position && *p != '\0'; p++) {
        at += ((unsigned char)p[1] & 0xC0) != 0x80;
        if (*p == '\n') {
            line = p + 1;
            number++;
        }
    }
    for (const char *q = line; position > 0 && q <= p && *q != '\0'; q++)
        column += ((unsigned char)*q & 0xC0) != 0x80;
    char text[480];
    int length = (int)strcspn(line, "\n");
    if (position > 0)
        snprintf(text, sizeof text, "statement, line %u, column %u: %.*s", number, column, length > 400 ? 400 : length, line);
    else
        snprintf(text, sizeof text, "statement: %.*s", length > 400 ? 400 : length, line);
    add_line(error, text);
}

int stele_lua_raise(lua_State *L, const stele_error *error, const char *sql, unsigned position)
{
    stele_lua *state = stele_lua_of(L);
    if (!state->failed) {
        state->first = *error;
        state->failed = true;
        stele_lua_place(L, &state->first);
        quote_statement(&state->first, sql, position);
        add_traceback(L, &state->first);
    }
    return stele_lua_raise_first(L);
}

void stele_lua_push_failure(lua_State *L, const stele_error *error)
{
    stele_error *failure = lua_newuserdatauv(L, sizeof *failure, 0);
    *failure = *error;
    luaL_setmetatable(L, FAILURE);
}

int stele_lua_raise_first(lua_State *L)
{
    stele_lua_push_failure(L, &stele_lua_of(L)->first);
    return lua_error(L);
}

static int complain(lua_State *L, stele_status status, const char *message, const char *hint)
{
    stele_error error = {0};
    stele_error_set(&error, status, "%s", message);
    stele_error_hint(&error, "%s", hint);
    stele_lua_place(L, &error);
    add_traceback(L, &error);
    stele_lua_push_failure(L, &error);
    return lua_error(L);
}

int stele_lua_complain(lua_State *L, const char *message, const char *hint)
{
    return complain(L, STELE_FAILED, message, hint);
}

int stele_lua_complain_unmet(lua_State *L, const char *message, const char *hint)
{
    return complain(L, STELE_UNMET, message, hint);
}

/* ------------------------------------------------------------- the last handler */

/* An error that is no string: what it calls itself, if it can, or its field `message`. Pushes it. */
static const char *describe(lua_State *L)
{
    if (luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL)
        return luaL_tolstring(L, 1, NULL);
    if (lua_istable(L, 1)) {
        lua_pushliteral(L, "message");
        if (lua_rawget(L, 1) == LUA_TSTRING)
            return lua_tostring(L, -1);
    }
    return lua_pushfstring(L, "an error was raised that is no text but a %s value", luaL_typename(L, 1));
}

/* It is called again for an error in itself, and for one in a __close on the way out: the last word counts. */
int stele_lua_note(lua_State *L)
{
    stele_lua *state = stele_lua_of(L);
    stele_error *error = &state->error;
    const stele_error *failure = luaL_testudata(L, 1, FAILURE);
    stele_error_clear(error);
    if (failure != NULL) {
        *error = *failure;
        return 1;
    }
    error->status = STELE_FAILED;
    stele_lua_place(L, error);
    if (state->limit == STELE_LUA_WITHIN) {
        snprintf(error->message, sizeof error->message, "the error value's __tostring failed");
        const char *message = lua_isstring(L, 1) ? lua_tostring(L, 1) : describe(L);
        const char *rest = take_place(L, error, message);
        stele_error_copy(error->message, sizeof error->message, rest == NULL ? message : rest);
    }
    add_traceback(L, error);
    lua_settop(L, 1);
    return 1;
}

#endif

/*
 * One key of a table that a job's script gives: its type, its limits, and what to say where it is wrong. Tables are read as they are, without metamethods.
 */
#define _POSIX_C_SOURCE 200809L

#include "script_inside.h"

#ifndef STELE_NO_LUA

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "../utf8.h"

enum { NAME = 63 }; /* bytes of an identifier in PostgreSQL */

void *stele_reader_get(lua_State *L, size_t count, size_t size)
{
    stele_lua *state = stele_lua_of(L);
    void *memory = stele_arena_get(&state->script->arena, count, size);
    if (memory == NULL) {
        state->limit = STELE_LUA_MEMORY;
        stele_lua_give_up(L);
    }
    return memory;
}

char *stele_reader_keep(lua_State *L, const char *bytes, size_t length)
{
    char *copy = stele_reader_get(L, length + 1, 1);
    memcpy(copy, bytes, length);
    return copy;
}

/* ----------------------------------------------------------------------- messages */

/* "into.vector" */
static void name_key(const stele_reader *reader, const char *key, char path[128])
{
    const char *separator = reader->path[0] == '\0' || key == NULL ? "" : ".";
    snprintf(path, 128, "%s%s%s", reader->path, separator, key == NULL ? "" : key);
}

static void place(const stele_reader *reader, const char *key, stele_error *error)
{
    const stele_migration *file = stele_lua_of(reader->L)->migration;
    char path[128];
    name_key(reader, key, path);
    long at = path[0] == '\0' ? -1 : stele_script_find(file->text, file->length, path);
    if (at < 0)
        at = reader->path[0] == '\0' ? -1 : stele_script_find(file->text, file->length, reader->path);
    if (at < 0)
        stele_error_file(error, file);
    else
        stele_error_place(error, file, (size_t)at);
}

int stele_reader_fail(const stele_reader *reader, const char *key, const char *hint, const char *format, ...)
{
    stele_error error = {0};
    char message[512];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    /* What is missing may be there when every parameter has its value. */
    stele_lua_of(reader->L)->script->wrong = key != NULL || stele_lua_of(reader->L)->script->open == 0;
    stele_error_set(&error, STELE_FAILED, "%s", message);
    if (hint != NULL)
        stele_error_hint(&error, "%s", hint);
    place(reader, key, &error);
    stele_lua_push_failure(reader->L, &error);
    return lua_error(reader->L);
}

/* "\"into.vector\" has to be X, and is a number" */
static void fail_type(const stele_reader *reader, const char *key, const char *expected)
{
    char path[128];
    name_key(reader, key, path);
    const char *found = stele_script_secret(reader->L, -1) != NULL ? "secret" : luaL_typename(reader->L, -1);
    stele_reader_fail(reader, key, NULL, "\"%s\" has to be %s, and is a %s", path, expected, found);
}

static void fail_value(const stele_reader *reader, const char *key, const char *problem)
{
    char path[128];
    name_key(reader, key, path);
    stele_reader_fail(reader, key, NULL, "\"%s\" %s", path, problem);
}

/* ------------------------------------------------------------------- tables and keys */

stele_reader stele_reader_open(lua_State *L, int index, const char *path, const char *const *keys)
{
    stele_reader reader = {.L = L, .table = lua_absindex(L, index), .path = path};
    luaL_checkstack(L, 16, "job");
    if (!lua_istable(L, index))
        fail_type(&reader, NULL, "a table");
    lua_pushnil(L);
    for (; lua_next(L, reader.table) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            stele_reader_fail(&reader, NULL, NULL, "%s%s%s has a key that is no name but a %s", path[0] == '\0' ? "the job's table" : "\"", path,
                              path[0] == '\0' ? "" : "\"", luaL_typename(L, -2));
    }
    if (keys != NULL)
        stele_reader_check_keys(&reader, keys);
    return reader;
}

bool stele_reader_knows(const stele_reader *reader)
{
    return stele_lua_of(reader->L)->script->open == 0;
}

/* Is the value on top not known yet? It is popped then. */
static bool take_open(const stele_reader *reader)
{
    bool open = stele_script_is_open(reader->L, -1);
    lua_pop(reader->L, open);
    return open;
}

bool stele_reader_push(const stele_reader *reader, const char *key)
{
    lua_pushstring(reader->L, key);
    if (lua_rawget(reader->L, reader->table) != LUA_TNIL)
        return true;
    lua_pop(reader->L, 1);
    return false;
}

bool stele_reader_has(const stele_reader *reader, const char *key)
{
    bool there = stele_reader_push(reader, key);
    lua_pop(reader->L, there);
    return there;
}

void stele_reader_require(const stele_reader *reader, const char *key)
{
    if (stele_reader_has(reader, key))
        return;
    if (reader->path[0] == '\0')
        stele_reader_fail(reader, NULL, NULL, "the key \"%s\" is missing", key);
    else
        stele_reader_fail(reader, NULL, NULL, "\"%s\" lacks the key \"%s\"", reader->path, key);
}

/* -------------------------------------------------------------------------- texts */

/* The text on top, kept, also an empty one; it is popped. */
static const char *take_any_text(const stele_reader *reader, const char *key)
{
    size_t length;
    if (take_open(reader)) {
        char name[32]; /* such as any could be, and no other one's */
        return stele_reader_keep(reader->L, name, (size_t)snprintf(name, sizeof name, "unknown%u", ++stele_lua_of(reader->L)->script->open));
    }
    if (lua_type(reader->L, -1) != LUA_TSTRING)
        fail_type(reader, key, "a text");
    const char *text = lua_tolstring(reader->L, -1, &length);
    if (strlen(text) != length || stele_utf8_valid(text, length) != length)
        fail_value(reader, key, "has bytes that are no text");
    text = stele_reader_keep(reader->L, text, length);
    lua_pop(reader->L, 1);
    return text;
}

static const char *take_text(const stele_reader *reader, const char *key)
{
    const char *text = take_any_text(reader, key);
    if (text[strspn(text, " \t\r\n")] == '\0')
        fail_value(reader, key, "is empty");
    return text;
}

const char *stele_reader_text(const stele_reader *reader, const char *key)
{
    return stele_reader_push(reader, key) ? take_text(reader, key) : NULL;
}

static const char *take_column(const stele_reader *reader, const char *key)
{
    const char *name = take_text(reader, key);
    if (strlen(name) > NAME)
        fail_value(reader, key, "is longer than the name of a column can be, 63 bytes");
    if (name[0] == '"')
        fail_value(reader, key, "has the name of a column in quotes; it is written without them here");
    return name;
}

const char *stele_reader_column(const stele_reader *reader, const char *key)
{
    return stele_reader_push(reader, key) ? take_column(reader, key) : NULL;
}

/* Behind one identifier as SQL has it; NULL where there is none. */
static const char *skip_identifier(const char *p)
{
    const char *begin = p;
    if (*p == '"') {
        for (p++; *p != '\0'; p++)
            if (*p == '"' && *++p != '"')
                return p - begin > 2 ? p : NULL;
        return NULL;
    }
    while (*p == '_' || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (unsigned char)*p >= 0x80 ||
           (p > begin && ((*p >= '0' && *p <= '9') || *p == '$')))
        p++;
    return p > begin ? p : NULL;
}

const char *stele_reader_table(const stele_reader *reader, const char *key)
{
    const char *name = stele_reader_text(reader, key), *end = name == NULL ? NULL : skip_identifier(name);
    if (name == NULL)
        return NULL;
    if (end != NULL && *end == '.')
        end = skip_identifier(end + 1);
    if (end == NULL || *end != '\0')
        fail_value(reader, key, "is no name of a table, as SQL writes it: docs, app.docs, \"S\".docs");
    return name;
}

const char **stele_reader_list(const stele_reader *reader, const char *key, bool columns, size_t most, size_t *count)
{
    lua_State *L = reader->L;
    *count = 0;
    if (!stele_reader_push(reader, key))
        return NULL;
    if (!lua_istable(L, -1)) {
        const char **one = stele_reader_get(L, 1, sizeof *one);
        *one = columns ? take_column(reader, key) : take_text(reader, key);
        *count = 1;
        return one;
    }
    size_t length = lua_rawlen(L, -1), keys = 0;
    lua_pushnil(L);
    for (; lua_next(L, -2) != 0; lua_pop(L, 1))
        keys++;
    if (length == 0 || length != keys)
        fail_value(reader, key, keys == 0 ? "is an empty list" : "is no list: it has other keys than 1 to n");
    if (length > most)
        fail_value(reader, key, "has too many elements");
    const char **list = stele_reader_get(L, length, sizeof *list);
    for (size_t i = 0; i < length; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        list[i] = columns ? take_column(reader, key) : take_text(reader, key);
        for (size_t j = 0; columns && j < i; j++)
            if (strcmp(list[i], list[j]) == 0)
                fail_value(reader, key, "names a column twice");
    }
    lua_pop(L, 1);
    *count = length;
    return list;
}

int stele_reader_word(const stele_reader *reader, const char *key, const char *const *words, int missing)
{
    char path[128], all[256] = "";
    if (!stele_reader_push(reader, key) || take_open(reader))
        return missing;
    const char *word = take_text(reader, key);
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0)
            return i;
        size_t length = strlen(all);
        snprintf(all + length, sizeof all - length, "%s\"%s\"", i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ", words[i]);
    }
    name_key(reader, key, path);
    return stele_reader_fail(reader, key, NULL, "\"%s\" is \"%.64s\"; it can be %s", path, word, all);
}

/* ------------------------------------------------------------------------ numbers */

double stele_reader_number(const stele_reader *reader, const char *key, double least, double most, double missing)
{
    char path[128];
    if (!stele_reader_push(reader, key))
        return missing;
    if (take_open(reader))
        return least;
    if (lua_type(reader->L, -1) != LUA_TNUMBER)
        fail_type(reader, key, "a number");
    double number = lua_tonumber(reader->L, -1);
    name_key(reader, key, path);
    if (!(number >= least && number <= most))
        stele_reader_fail(reader, key, NULL, "\"%s\" is %.14g; it can be %.14g to %.14g", path, number, least, most);
    lua_pop(reader->L, 1);
    return number;
}

unsigned stele_reader_whole(const stele_reader *reader, const char *key, unsigned least, unsigned most, unsigned missing)
{
    double number = stele_reader_number(reader, key, least, most, missing);
    if (number != (double)(unsigned)number)
        fail_value(reader, key, "has to be a whole number");
    return (unsigned)number;
}

bool stele_reader_flag(const stele_reader *reader, const char *key, bool missing)
{
    if (!stele_reader_push(reader, key) || take_open(reader))
        return missing;
    if (!lua_isboolean(reader->L, -1))
        fail_type(reader, key, "true or false");
    bool flag = lua_toboolean(reader->L, -1) != 0;
    lua_pop(reader->L, 1);
    return flag;
}

unsigned stele_reader_duration(const stele_reader *reader, const char *key, unsigned least, unsigned most, unsigned missing)
{
    static const struct {
        const char *unit;
        double milliseconds;
    } units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}};
    char path[128], *end;
    if (!stele_reader_push(reader, key) || take_open(reader))
        return missing;
    if (lua_type(reader->L, -1) != LUA_TSTRING)
        fail_type(reader, key, "a time in words, \"500ms\", \"30s\" or \"2min\"");
    const char *text = take_text(reader, key);
    double value = text[0] >= '0' && text[0] <= '9' ? strtod(text, &end) : -1;
    name_key(reader, key, path);
    for (size_t i = 0; value >= 0 && i < sizeof units / sizeof units[0]; i++) {
        double milliseconds = value * units[i].milliseconds;
        if (strcmp(end, units[i].unit) != 0)
            continue;
        if (!(milliseconds >= least && milliseconds <= most))
            stele_reader_fail(reader, key, NULL, "\"%s\" is \"%.32s\"; it can be %ums to %us", path, text, least, most / 1000);
        return (unsigned)milliseconds;
    }
    return (unsigned)stele_reader_fail(reader, key, NULL, "\"%s\" is \"%.32s\"; a time is written \"500ms\", \"30s\" or \"2min\"", path, text);
}

bool stele_reader_function(const stele_reader *reader, const char *key)
{
    if (!stele_reader_push(reader, key))
        return false;
    if (!lua_isfunction(reader->L, -1))
        fail_type(reader, key, "a function");
    lua_pop(reader->L, 1);
    return true;
}

/* -------------------------------------------------------------------------- pairs */

static int compare_pairs(const void *a, const void *b)
{
    return strcmp(((const stele_job_pair *)a)->name, ((const stele_job_pair *)b)->name);
}

/* The value on top: a text, or a number as one. */
static const char *take_value(const stele_reader *pairs, const char *key)
{
    char text[32];
    if (lua_type(pairs->L, -1) != LUA_TNUMBER)
        return take_any_text(pairs, key);
    if (lua_isinteger(pairs->L, -1)) {
        snprintf(text, sizeof text, "%lld", (long long)lua_tointeger(pairs->L, -1));
    } else {
        stele_lua_print_number(lua_tonumber(pairs->L, -1), text);
        size_t length = strlen(text);
        if (length > 2 && strcmp(text + length - 2, ".0") == 0)
            text[length - 2] = '\0';
    }
    lua_pop(pairs->L, 1);
    return stele_reader_keep(pairs->L, text, strlen(text));
}

/* In the order of their names: of a table of Lua's it is another one each time. */
static stele_job_pair *push_names(const stele_reader *pairs, const char *key, size_t *count)
{
    lua_State *L = pairs->L;
    size_t i = 0;
    *count = 0;
    lua_pushnil(L);
    for (; lua_next(L, pairs->table) != 0; lua_pop(L, 1))
        ++*count;
    if (*count > 1000)
        fail_value(pairs, key, "has too many keys");
    stele_job_pair *made = stele_reader_get(L, *count + 1, sizeof *made);
    lua_pushnil(L);
    for (; lua_next(L, pairs->table) != 0; lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        made[i++].name = take_text(pairs, NULL);
    }
    qsort(made, *count, sizeof *made, compare_pairs);
    return made;
}

const stele_job_pair *stele_reader_pairs(const stele_reader *reader, const char *key, const bool **is_secret, size_t *count)
{
    char path[128];
    *count = 0;
    if (!stele_reader_push(reader, key))
        return NULL;
    name_key(reader, key, path);
    stele_reader pairs = stele_reader_open(reader->L, -1, stele_reader_keep(reader->L, path, strlen(path)), NULL);
    stele_job_pair *made = push_names(&pairs, NULL, count);
    bool *secret = stele_reader_get(reader->L, *count + 1, sizeof *secret);
    for (size_t i = 0; i < *count; i++) {
        stele_reader_push(&pairs, made[i].name);
        const char *variable = is_secret == NULL ? NULL : stele_script_secret(reader->L, -1);
        secret[i] = variable != NULL;
        if (take_open(&pairs))
            continue;
        if (variable == NULL) {
            made[i].value = take_value(&pairs, made[i].name);
            continue;
        }
        made[i].value = stele_reader_keep(reader->L, variable, strlen(variable));
        lua_pop(reader->L, 1);
    }
    lua_pop(reader->L, 1);
    if (is_secret != NULL)
        *is_secret = secret;
    return made;
}

#endif

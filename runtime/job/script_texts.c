#define _POSIX_C_SOURCE 200809L

#include "script_read.h"

#ifndef STELE_NO_LUA

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../utf8.h"

enum { NAME = 63 }; /* bytes of an identifier in PostgreSQL */

/* The text on top, kept, also an empty one; it is popped. */
static const char *take_any_text(const stele_reader *reader, const char *key)
{
    size_t length;
    if (stele_reader_take_open(reader)) {
        char name[32]; /* such as any could be, and no other one's */
        return stele_reader_keep(reader->L, name, (size_t)snprintf(name, sizeof name, "unknown%u", ++stele_lua_of(reader->L)->script->unknown));
    }
    if (lua_type(reader->L, -1) != LUA_TSTRING)
        stele_reader_fail_type(reader, key, "a text");
    const char *text = lua_tolstring(reader->L, -1, &length);
    if (strlen(text) != length || stele_utf8_valid(text, length) != length)
        stele_reader_fail_value(reader, key, "has bytes that are no text");
    text = stele_reader_keep(reader->L, text, length);
    lua_pop(reader->L, 1);
    return text;
}

const char *stele_reader_take_text(const stele_reader *reader, const char *key)
{
    const char *text = take_any_text(reader, key);
    if (text[strspn(text, " \t\r\n")] == '\0')
        stele_reader_fail_value(reader, key, "is empty");
    return text;
}

const char *stele_reader_text(const stele_reader *reader, const char *key)
{
    return stele_reader_push(reader, key) ? stele_reader_take_text(reader, key) : NULL;
}

static const char *take_column(const stele_reader *reader, const char *key)
{
    const char *name = stele_reader_take_text(reader, key);
    if (strlen(name) > NAME)
        stele_reader_fail_value(reader, key, "is longer than the name of a column can be, 63 bytes");
    if (name[0] == '"')
        stele_reader_fail_value(reader, key, "has the name of a column in quotes; it is written without them here");
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
        stele_reader_fail_value(reader, key, "is no name of a table, as SQL writes it: docs, app.docs, \"S\".docs");
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
        *one = columns ? take_column(reader, key) : stele_reader_take_text(reader, key);
        *count = 1;
        return one;
    }
    size_t length = lua_rawlen(L, -1), keys = 0;
    lua_pushnil(L);
    for (; lua_next(L, -2) != 0; lua_pop(L, 1))
        keys++;
    if (length == 0 || length != keys)
        stele_reader_fail_value(reader, key, keys == 0 ? "is an empty list" : "is no list: it has other keys than 1 to n");
    if (length > most)
        stele_reader_fail_value(reader, key, "has too many elements");
    const char **list = stele_reader_get(L, length, sizeof *list);
    for (size_t i = 0; i < length; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        list[i] = columns ? take_column(reader, key) : stele_reader_take_text(reader, key);
        for (size_t j = 0; columns && j < i; j++)
            if (strcmp(list[i], list[j]) == 0)
                stele_reader_fail_value(reader, key, "names a column twice");
    }
    lua_pop(L, 1);
    *count = length;
    return list;
}

int stele_reader_word(const stele_reader *reader, const char *key, const char *const *words, int missing)
{
    char path[STELE_READER_PATH], all[256] = "";
    if (!stele_reader_push(reader, key) || stele_reader_take_open(reader))
        return missing;
    const char *word = stele_reader_take_text(reader, key);
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0)
            return i;
        size_t length = strlen(all);
        snprintf(all + length, sizeof all - length, "%s\"%s\"", i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ", words[i]);
    }
    stele_reader_path(reader, key, path);
    return stele_reader_fail(reader, key, NULL, "\"%s\" is \"%.64s\"; it can be %s", path, word, all);
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
        stele_reader_fail_value(pairs, key, "has too many keys");
    stele_job_pair *made = stele_reader_get(L, *count + 1, sizeof *made);
    lua_pushnil(L);
    for (; lua_next(L, pairs->table) != 0; lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        made[i++].name = stele_reader_take_text(pairs, NULL);
    }
    qsort(made, *count, sizeof *made, compare_pairs);
    return made;
}

const stele_job_pair *stele_reader_pairs(const stele_reader *reader, const char *key, const bool **is_secret, size_t *count)
{
    stele_reader pairs;
    *count = 0;
    if (!stele_reader_enter(reader, key, NULL, &pairs))
        return NULL;
    stele_job_pair *made = push_names(&pairs, NULL, count);
    bool *secret = stele_reader_get(reader->L, *count + 1, sizeof *secret);
    for (size_t i = 0; i < *count; i++) {
        stele_reader_push(&pairs, made[i].name);
        const char *variable = is_secret == NULL ? NULL : stele_script_secret(reader->L, -1);
        secret[i] = variable != NULL;
        if (stele_reader_take_open(&pairs))
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

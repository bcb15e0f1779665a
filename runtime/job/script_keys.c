/* The keys of a script's tables: each has to be one that is known. */
#include "script_read.h"

#ifndef STELE_NO_LUA

#include <stdio.h>
#include <string.h>

#include "../nearest.h"

static bool is_key(const char *name, const char *const *keys)
{
    while (*keys != NULL && strcmp(*keys, name) != 0)
        keys++;
    return *keys != NULL;
}

/* By the alphabet the next one behind `last`, or NULL: a table hands its keys out in another order each time. */
static const char *next_unknown(const stele_reader *reader, const char *const *keys, const char *last)
{
    const char *next = NULL;
    lua_pushnil(reader->L);
    for (; lua_next(reader->L, reader->table) != 0; lua_pop(reader->L, 1)) {
        const char *name = lua_tostring(reader->L, -2);
        if (!is_key(name, keys) && (last == NULL || strcmp(name, last) > 0) && (next == NULL || strcmp(name, next) < 0))
            next = name;
    }
    return next;
}

static void add(char *text, size_t size, const char *before, const char *name, const char *behind)
{
    size_t length = strlen(text);
    snprintf(text + length, size - length, "%s%.64s%s", before, name, behind);
}

/* One of them is the error, the others are its hint. */
static void fail_unknown(const stele_reader *reader, const char *key, const char *const *keys)
{
    stele_nearest nearest = {.name = key};
    char all[768] = "", owner[128] = "a job";
    for (const char *other = next_unknown(reader, keys, key); other != NULL && strlen(all) < sizeof all / 3; other = next_unknown(reader, keys, other))
        add(all, sizeof all, all[0] == '\0' ? "nor \"" : ", \"", other, "\"");
    add(all, sizeof all, all[0] == '\0' ? "" : "; ", "it may have: ", "");
    for (size_t i = 0; keys[i] != NULL; i++) {
        add(all, sizeof all, i > 0 ? ", " : "", keys[i], "");
        stele_nearest_offer(&nearest, keys[i]);
    }
    key = stele_reader_keep(reader->L, key, strlen(key));
    for (const char *one = key; one != NULL; one = next_unknown(reader, keys, one)) {
        one = stele_reader_keep(reader->L, one, strlen(one));
        stele_reader_drop(reader, one);
    }
    if (nearest.best != NULL && !stele_reader_has(reader, nearest.best))
        stele_reader_replace(reader, nearest.best);
    if (reader->path[0] != '\0')
        snprintf(owner, sizeof owner, "\"%s\"", reader->path);
    if (nearest.best != NULL)
        stele_reader_fail(reader, key, all, "%s has no key \"%.64s\"; did you mean \"%s\"?", owner, key, nearest.best);
    else
        stele_reader_fail(reader, key, all, "%s has no key \"%.64s\"", owner, key);
}

void stele_reader_check_keys(const stele_reader *reader, const char *const *keys)
{
    const char *unknown = next_unknown(reader, keys, NULL);
    if (unknown != NULL)
        fail_unknown(reader, unknown, keys);
}

#endif

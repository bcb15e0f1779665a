#define _POSIX_C_SOURCE 200809L

#include "script_read.h"

#ifndef STELE_NO_LUA

#include <stdlib.h>
#include <string.h>

double stele_reader_number(const stele_reader *reader, const char *key, double least, double most, double missing)
{
    char path[STELE_READER_PATH];
    if (!stele_reader_push(reader, key))
        return missing;
    if (stele_reader_take_open(reader))
        return least;
    if (lua_type(reader->L, -1) != LUA_TNUMBER)
        stele_reader_fail_type(reader, key, "a number");
    double number = lua_tonumber(reader->L, -1);
    stele_reader_path(reader, key, path);
    if (!(number >= least && number <= most))
        stele_reader_fail(reader, key, NULL, "\"%s\" is %.14g; it can be %.14g to %.14g", path, number, least, most);
    lua_pop(reader->L, 1);
    return number;
}

unsigned stele_reader_whole(const stele_reader *reader, const char *key, unsigned least, unsigned most, unsigned missing)
{
    double number = stele_reader_number(reader, key, least, most, missing);
    if (number != (double)(unsigned)number)
        stele_reader_fail_value(reader, key, "has to be a whole number");
    return (unsigned)number;
}

bool stele_reader_flag(const stele_reader *reader, const char *key, bool missing)
{
    if (!stele_reader_push(reader, key) || stele_reader_take_open(reader))
        return missing;
    if (!lua_isboolean(reader->L, -1))
        stele_reader_fail_type(reader, key, "true or false");
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
    char path[STELE_READER_PATH], *end;
    if (!stele_reader_push(reader, key) || stele_reader_take_open(reader))
        return missing;
    if (lua_type(reader->L, -1) != LUA_TSTRING)
        stele_reader_fail_type(reader, key, "a time in words, \"500ms\", \"30s\" or \"2min\"");
    const char *text = stele_reader_take_text(reader, key);
    double value = text[0] >= '0' && text[0] <= '9' ? strtod(text, &end) : -1;
    stele_reader_path(reader, key, path);
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
    if (stele_reader_take_open(reader))
        return true;
    if (!lua_isfunction(reader->L, -1))
        stele_reader_fail_type(reader, key, "a function");
    lua_pop(reader->L, 1);
    return true;
}

#endif

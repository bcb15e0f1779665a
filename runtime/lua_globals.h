/*
 * lua_globals.h - the globals that a Lua migration sees: all of them, and nothing else
 *
 * stelec refuses a file that uses another name, by line, when the program is built; the runtime puts exactly
 * these into the sandbox. Both read them here, so that they can't come to disagree. What Lua has and this list
 * hasn't (os, io, debug, load, dofile, collectgarbage, string.dump, _G ...) reaches out of the sandbox, around
 * its limits, or back to the untyped source; generator/lua_names.c says which is why.
 *
 * The functions a file may define itself - up, down and verify - are not here.
 */
#ifndef STELE_LUA_GLOBALS_H
#define STELE_LUA_GLOBALS_H

/* X(name): what stands in the globals by itself. `null` is SQL's NULL, where nil can't stand: inside a table. */
#define STELE_LUA_GLOBALS(X) \
    X(_VERSION) X(assert) X(error) X(getmetatable) X(ipairs) X(next) X(null) X(pairs) X(pcall) X(print) \
    X(rawequal) X(rawget) X(rawlen) X(rawset) X(require) X(select) X(setmetatable) X(tonumber) X(tostring) \
    X(type) X(xpcall)

/* X(library, name): what stands in a table among the globals, ordered by bytes. */
#define STELE_LUA_FIELDS(X) \
    X(coroutine, close) X(coroutine, create) X(coroutine, isyieldable) X(coroutine, resume) X(coroutine, running) \
    X(coroutine, status) X(coroutine, wrap) X(coroutine, yield) \
    X(json, array) X(json, decode) X(json, encode) X(json, null) \
    X(math, abs) X(math, acos) X(math, asin) X(math, atan) X(math, ceil) X(math, cos) X(math, deg) X(math, exp) \
    X(math, floor) X(math, fmod) X(math, huge) X(math, log) X(math, max) X(math, maxinteger) X(math, min) \
    X(math, mininteger) X(math, modf) X(math, pi) X(math, rad) X(math, random) X(math, randomseed) X(math, sin) \
    X(math, sqrt) X(math, tan) X(math, tointeger) X(math, type) X(math, ult) \
    X(string, byte) X(string, char) X(string, find) X(string, format) X(string, gmatch) X(string, gsub) \
    X(string, len) X(string, lower) X(string, match) X(string, pack) X(string, packsize) X(string, rep) \
    X(string, reverse) X(string, sub) X(string, unpack) X(string, upper) \
    X(table, concat) X(table, insert) X(table, move) X(table, pack) X(table, remove) X(table, sort) \
    X(table, unpack) \
    X(utf8, char) X(utf8, charpattern) X(utf8, codepoint) X(utf8, codes) X(utf8, len) X(utf8, offset)

/*
 * X(name): what a job's script (J_name.lua) sees besides. `http`, `callback` and `fixed` make a provider of a table; `secret` names an environment variable, whose
 * value no Lua ever sees; `parameter` gives a parameter's value; `seal` and `unseal` encrypt and decrypt with a secret.
 */
#define STELE_LUA_JOB_GLOBALS(X) X(callback) X(fixed) X(http) X(parameter) X(seal) X(secret) X(unseal)

#endif

/*
 * How much a Lua migration may use: memory in the allocator, steps in a hook. A limit that was hit is an error that
 * nothing catches: each protected call that Lua code can make looks whether it was one, and raises it again.
 *
 * The hook sees instructions. What runs long within one is counted by its size before it begins (string.rep, table.move),
 * or as it goes (patterns, in lua_text.c; what table.sort compares); and for what is left (comparing long strings, next in a table that was emptied) each
 * microsecond of processor time counts as a step at least, in a job as several. A coroutine that the hook has ended must not be closed: it would run
 * its __close with hooks off, for ever if it likes. So nothing is closed any more once a limit was hit.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua_state.h"

#ifndef STELE_NO_LUA

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "error.h"

enum { TICK = 1000, DEEP = 50000 }; /* microseconds that the processor's time is not asked for; calls within each other, for a hint */
enum { NEW = 100, ASK = 10000 }; /* steps that a new coroutine counts as; microseconds between two questions whether the caller wants to stop */

/* ------------------------------------------------------------------ memory */

void *stele_lua_allocate(void *data, void *block, size_t old_size, size_t size)
{
    stele_lua *state = data;
    if (block == NULL)
        old_size = 0; /* what Lua passes then is a kind of object */
    if (size == 0) {
        free(block);
        state->memory -= old_size;
        return NULL;
    }
    uint64_t used = state->memory + state->outside;
    if (size > old_size && (used > state->memory_limit || size - old_size > state->memory_limit - used)) {
        state->refused = true;
        return NULL;
    }
    void *moved = realloc(block, size);
    if (moved == NULL && size > old_size)
        return NULL;
    state->memory += size - old_size; /* modulo 2^64: right when it shrinks, too */
    if (state->memory + state->outside > state->peak)
        state->peak = state->memory + state->outside;
    return moved == NULL ? block : moved;
}

/*
 * Lua's own buffers don't collect garbage before they give up, as other allocations do: so that garbage is collected in time.
 */
static void collect(lua_State *L)
{
    stele_lua *state = stele_lua_of(L);
    uint64_t used = state->memory + state->outside;
    if (used < state->memory_limit / 2 || used < state->collected + state->memory_limit / 8)
        return;
    lua_gc(L, LUA_GCCOLLECT);
    state->collected = state->memory + state->outside;
}

void stele_lua_hold(lua_State *L, size_t bytes)
{
    stele_lua *state = stele_lua_of(L);
    state->outside += bytes;
    if (state->memory + state->outside > state->peak)
        state->peak = state->memory + state->outside;
    if (state->memory + state->outside <= state->memory_limit)
        return;
    lua_gc(L, LUA_GCCOLLECT);
    if (state->memory + state->outside <= state->memory_limit)
        return;
    state->refused = true;
    state->limit = STELE_LUA_MEMORY;
    stele_lua_give_up(L);
}

/* ------------------------------------------------------------------- steps */

static int64_t microseconds(clockid_t clock)
{
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/*
 * Asking for the processor's time is dear, for the wall's cheap: the first can't have grown by more than the second, nor since it was last
 * asked for, which may be long ago.
 */
static void count_time(stele_lua *state)
{
    int64_t now = microseconds(CLOCK_MONOTONIC), passed = now - state->looked;
    if (passed > TICK) {
        int64_t busy = microseconds(CLOCK_THREAD_CPUTIME_ID);
        if (busy - state->busy_until < passed)
            passed = busy - state->busy_until;
        state->busy_until = busy;
    }
    if (now - state->asked > ASK) {
        state->asked = now;
        if (stele_link_is_asked(state->link))
            state->limit = STELE_LUA_PATIENCE;
    }
    uint64_t counted = (uint64_t)(passed > 0 ? passed : 0) * state->step_rate;
    if (counted > state->interval)
        state->steps += counted - state->interval;
    state->looked = now;
}

static void enforce(lua_State *L)
{
    stele_lua *state = stele_lua_of(L);
    if (state->limit == STELE_LUA_WITHIN && state->steps > state->step_limit)
        state->limit = STELE_LUA_STEPS;
    if (state->limit != STELE_LUA_WITHIN)
        stele_lua_give_up(L);
}

static void tick(lua_State *L, lua_Debug *where)
{
    stele_lua *state = stele_lua_of(L);
    if (state->limit == STELE_LUA_WITHIN) {
        state->steps += (uint64_t)lua_gethookcount(L);
        count_time(state);
        lua_getinfo(L, "Sl", where);
        stele_lua_pass_by(L, where);
        state->deep = lua_getstack(L, DEEP, where) == 1;
        collect(L);
    }
    enforce(L);
}

void stele_lua_count(lua_State *L)
{
    stele_lua *state = stele_lua_of(L);
    state->looked = microseconds(CLOCK_MONOTONIC);
    state->steps = 0;
    lua_sethook(L, tick, LUA_MASKCOUNT, (int)(state->step_limit < state->interval ? state->step_limit + 1 : state->interval));
}

void stele_lua_charge(lua_State *L, uint64_t steps)
{
    stele_lua *state = stele_lua_of(L);
    if (state->limit == STELE_LUA_WITHIN) {
        if (steps > state->interval) /* it may take long, and so may the one before have done */
            count_time(state);
        state->steps += steps < UINT64_MAX / 2 - state->steps ? steps : UINT64_MAX / 2 - state->steps;
        collect(L);
    }
    if (state->limit == STELE_LUA_WITHIN && state->steps > state->step_limit)
        stele_lua_pass_caller(L);
    enforce(L);
}

/* --------------------------------------------------------- nothing catches it */

int stele_lua_give_up(lua_State *L)
{
    static const char limit; /* an error value that takes no memory */
    lua_sethook(L, tick, LUA_MASKCOUNT, 1);
    lua_pushlightuserdata(L, (void *)&limit);
    return lua_error(L);
}

/* Lua's buffers raise an ordinary error with these words when they get no memory. */
static bool is_about_memory(lua_State *L, int status)
{
    return status == LUA_ERRMEM || (status != LUA_OK && stele_lua_of(L)->refused && lua_type(L, -1) == LUA_TSTRING &&
                                    strcmp(lua_tostring(L, -1), "not enough memory") == 0);
}

void stele_lua_pass_on(lua_State *L, int status)
{
    stele_lua *state = stele_lua_of(L);
    if (state->limit == STELE_LUA_WITHIN && is_about_memory(L, status))
        state->limit = STELE_LUA_MEMORY;
    if (state->limit != STELE_LUA_WITHIN)
        stele_lua_give_up(L);
}

const char *stele_lua_part_name(const stele_lua *state, char buffer[96])
{
    if (state->part == NULL)
        return "the outer level of the file";
    snprintf(buffer, 96, "the function \"%s\"", state->part);
    return buffer;
}

void stele_lua_explain(stele_lua *state, stele_error *error)
{
    char name[96];
    if (state->limit == STELE_LUA_STEPS) {
        stele_error_set(error, STELE_FAILED, "%s ran more than %llu steps%s", stele_lua_part_name(state, name), (unsigned long long)state->step_limit,
                        state->script == NULL ? "" : " (-- stele: lua-steps raises that)"); /* what is kept of a row has no hint */
        stele_error_hint(error, "look for a loop without an end; if there is that much to do%s raise the limit with -- stele: lua-steps",
                         state->script == NULL ? ", let the server do it in SQL, or" : " for one row,");
    } else if (state->limit == STELE_LUA_PATIENCE) {
        stele_link_pause(state->link, 0, error); /* says so */
    } else if (state->refused) {
        bool even = state->memory_limit % (1 << 20) == 0;
        stele_error_set(error, STELE_FAILED, "%s needs more than %llu %s of memory", stele_lua_part_name(state, name),
                        (unsigned long long)(even ? state->memory_limit >> 20 : state->memory_limit), even ? "MB" : "bytes");
        stele_error_hint(error, "%s", state->deep ? "look for a function that calls itself without end"
                                      : state->script == NULL ? "read with db:rows, which streams, and keep less; or raise the limit with -- stele: lua-memory"
                                                              : "keep less; or raise the limit with -- stele: lua-memory");
    } else {
        stele_error_memory(error);
    }
}

/* ------------------------------------------------------------ protected calls */

static int finish_pcall(lua_State *L, int status, lua_KContext below)
{
    if (status == LUA_OK || status == LUA_YIELD)
        return lua_gettop(L) - (int)below;
    stele_lua_pass_on(L, status);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

static int protected_call(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    return finish_pcall(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_pcall), 0);
}

/* The message handler of xpcall: the given one, but not for limits. */
static int handle(lua_State *L)
{
    stele_lua *state = stele_lua_of(L);
    if (state->limit != STELE_LUA_WITHIN || is_about_memory(L, LUA_ERRRUN)) {
        if (state->limit == STELE_LUA_WITHIN)
            state->limit = STELE_LUA_MEMORY;
        return 1;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static int handled_call(lua_State *L)
{
    int count = lua_gettop(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, handle, 1);
    lua_replace(L, 2);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2); /* handler, true and function below the arguments */
    return finish_pcall(L, lua_pcallk(L, count - 2, LUA_MULTRET, 2, 2, finish_pcall), 2);
}

/* A finalizer would run with hooks off; and only setmetatable makes a table one that has a finalizer. */
static int set_metatable(lua_State *L)
{
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "__gc is not available here");
        lua_pop(L, 1);
    }
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* ---------------------------------------------------------------- coroutines */

/* What came of lua_resume: a failure is left on top of L, and a limit goes on. */
static void take_failure(lua_State *L, lua_State *coroutine)
{
    int status = lua_status(coroutine);
    stele_lua_pass_on(L, status == LUA_ERRMEM ? status : LUA_ERRRUN);
}

static int resume(lua_State *L)
{
    lua_State *coroutine = lua_tothread(L, 1);
    int count = lua_tocfunction(L, lua_upvalueindex(1))(L);
    if (!lua_toboolean(L, -count))
        take_failure(L, coroutine);
    return count;
}

/* A new coroutine has a count of its own, that begins at zero: without a charge, many short ones would cost nothing. */
static int create(lua_State *L)
{
    stele_lua_charge(L, NEW);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static int run_wrapped(lua_State *L)
{
    lua_State *coroutine = lua_tothread(L, lua_upvalueindex(1));
    int given = lua_gettop(L), count = 0;
    if (!lua_checkstack(coroutine, given))
        return luaL_error(L, "too many arguments to resume");
    lua_xmove(L, coroutine, given);
    int status = lua_resume(coroutine, L, given, &count);
    if (status == LUA_OK || status == LUA_YIELD) {
        luaL_checkstack(L, count, "too many results");
        lua_xmove(coroutine, L, count);
        return count;
    }
    lua_xmove(coroutine, L, 1);
    take_failure(L, coroutine);
    status = lua_status(coroutine);
    if (status != LUA_OK && status != LUA_YIELD) { /* it is dead: have it close what it has open */
        lua_pushvalue(L, -1);
        lua_xmove(L, coroutine, 1);
        if (lua_resetthread(coroutine) != LUA_OK) {
            lua_xmove(coroutine, L, 1);
            take_failure(L, coroutine);
        }
    }
    return lua_error(L);
}

static int wrap(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    stele_lua_charge(L, NEW);
    lua_State *coroutine = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, coroutine, 1);
    lua_pushcclosure(L, run_wrapped, 1);
    return 1;
}

static int close_coroutine(lua_State *L)
{
    if (stele_lua_of(L)->limit != STELE_LUA_WITHIN)
        return stele_lua_give_up(L);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* ------------------------------------------------------- loops in C, by their size */

static int repeat(lua_State *L)
{
    size_t length, separator = 0;
    luaL_checklstring(L, 1, &length);
    luaL_optlstring(L, 3, "", &separator);
    lua_Integer times = luaL_checkinteger(L, 2);
    uint64_t steps = times > 0 ? (uint64_t)times : 0, limit = stele_lua_of(L)->memory_limit;
    if (length + separator > 0) /* then it gets no memory for more, before it begins */
        steps = (steps < limit ? steps : limit) / 8;
    stele_lua_charge(L, steps);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* So long a text that going over it a thousand times, until the hook looks, would be long. */
static void charge_text(lua_State *L, size_t length)
{
    enum { LONG = 4096 };
    stele_lua *state = stele_lua_of(L);
    if (length < LONG)
        return;
    if (state->limit == STELE_LUA_WITHIN)
        count_time(state);
    stele_lua_charge(L, length / 64);
}

static int over_text(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TSTRING)
        charge_text(L, lua_rawlen(L, 1));
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* What sort compares by when it is given nothing: a long text in a hundred thousand places takes hours, within one call. */
static int less(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TSTRING && lua_type(L, 2) == LUA_TSTRING) {
        size_t a = lua_rawlen(L, 1), b = lua_rawlen(L, 2);
        charge_text(L, a < b ? a : b);
    }
    lua_pushboolean(L, lua_compare(L, 1, 2, LUA_OPLT));
    return 1;
}

/* table.insert, remove, concat, sort and unpack go over as many places as the table says it has. */
static int over_table(lua_State *L)
{
    if (lua_istable(L, 1)) {
        lua_Integer length = luaL_len(L, 1);
        if (length > 0)
            stele_lua_charge(L, (uint64_t)length / 4);
    }
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static int sort(lua_State *L)
{
    if (lua_isnoneornil(L, 2)) {
        lua_settop(L, 1);
        lua_pushcfunction(L, less);
    }
    return over_table(L);
}

static int move(lua_State *L)
{
    lua_Integer from = luaL_checkinteger(L, 2), to = luaL_checkinteger(L, 3);
    if (to > from)
        stele_lua_charge(L, (uint64_t)to - (uint64_t)from);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

void stele_lua_guard(lua_State *L, int globals)
{
    static const struct {
        const char *library, *name;
        lua_CFunction function;
    } guarded[] = {
        {NULL, "pcall", protected_call},      {NULL, "xpcall", handled_call},       {NULL, "setmetatable", set_metatable},
        {"coroutine", "create", create},      {"coroutine", "resume", resume},      {"coroutine", "wrap", wrap},
        {"coroutine", "close", close_coroutine}, {"string", "rep", repeat},         {"table", "concat", over_table},
        {"table", "insert", over_table},      {"table", "remove", over_table},      {"table", "sort", sort},
        {"table", "unpack", over_table},      {"table", "move", move},              {"string", "pack", over_text},
        {"string", "packsize", over_text},    {"string", "unpack", over_text},      {"string", "lower", over_text},
        {"string", "upper", over_text},       {"string", "reverse", over_text},     {"utf8", "len", over_text},
        {"utf8", "offset", over_text},
    };
    for (size_t i = 0; i < sizeof guarded / sizeof guarded[0]; i++) {
        lua_pushvalue(L, globals);
        if (guarded[i].library != NULL)
            lua_getfield(L, globals, guarded[i].library);
        lua_getfield(L, -1, guarded[i].name); /* Lua's own, that most of these call */
        lua_pushcclosure(L, guarded[i].function, 1);
        lua_setfield(L, -2, guarded[i].name);
        lua_settop(L, globals);
    }
}

#endif

/*
 * The object db: exec, rows, one, try. Every value is bound by the type that the server says its place has; the types of a
 * statement are asked for once. The server's unnamed statement is used: a loop that sends one again and again has it parsed once.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua_state.h"

#ifndef STELE_NO_LUA

#include <stdlib.h>
#include <string.h>

#include "error.h"

static const char DB[] = "stele.db", TYPES[] = "stele.types";

enum { REMEMBERED = 256, MOST_VALUES = 65535 }; /* statements whose types are; what the protocol can count */

/* The types of a statement's parameters. */
typedef struct signature {
    int count;
    uint32_t types[];
} signature;

/* ------------------------------------------------------------------- sending */

static void drain(stele_lua *state)
{
    stele_rows_free(state->rows);
    state->rows = NULL;
    if (state->in_flight)
        stele_statement_drop(state->link);
    state->in_flight = false;
}

/* Push an empty table for signatures: at first, when it is full, and when a type may have changed. */
static void forget_types(lua_State *L)
{
    stele_lua *state = stele_lua_of(L);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, TYPES);
    state->parsed = NULL;
    state->statements = 0;
    state->type_count = 0;
}

static void fail(lua_State *L, stele_error *error, const char *sql)
{
    stele_lua *state = stele_lua_of(L);
    unsigned position = state->link->position > state->prefix ? state->link->position - state->prefix : 0;
    if (state->several && position == 0 && strcmp(error->sqlstate, "42601") == 0)
        stele_error_hint(error, "give each statement a call of its own");
    state->in_flight = false;
    stele_lua_raise(L, error, sql, position);
}

/* Push the signature of a statement, asking the server if it isn't known. */
static const signature *push_signature(lua_State *L, const char *sql, int count)
{
    stele_lua *state = stele_lua_of(L);
    stele_error error = {0};
    int told = 0;
    if (lua_getfield(L, LUA_REGISTRYINDEX, TYPES) != LUA_TTABLE || state->statements >= REMEMBERED) {
        lua_pop(L, 1);
        forget_types(L);
    }
    if (lua_getfield(L, -1, sql) == LUA_TUSERDATA)
        return lua_touserdata(L, -1);
    lua_pop(L, 1);
    signature *made = lua_newuserdatauv(L, sizeof *made + (size_t)count * sizeof made->types[0], 0);
    state->parsed = NULL;
    if (stele_statement_describe(state->link, sql, made->types, count, &told, &error) != STELE_OK)
        fail(L, &error, sql);
    if (told != count)
        luaL_error(L, "expected %d values for the parameters of the statement, got %d", told, count);
    made->count = count;
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, sql);
    state->statements++;
    state->parsed = made;
    return made;
}

static void check(lua_State *L, const stele_lua_sql *scanned, int count)
{
    stele_lua *state = stele_lua_of(L);
    if (state->failed)
        stele_lua_raise_first(L);
    if (scanned->refused != NULL)
        stele_lua_complain(L, scanned->refused, scanned->hint);
    if (count > MOST_VALUES)
        luaL_error(L, "a statement takes %d values at most, got %d", MOST_VALUES, count);
    if (scanned->parameters != count)
        luaL_error(L, "expected %d values for the parameters of the statement, got %d", scanned->parameters, count);
    drain(state);
    state->several = scanned->several;
    state->prefix = 0;
}

void stele_lua_send(lua_State *L, const char *prefix, const char *sql, const stele_lua_sql *scanned, int first, int count,
                    bool singly)
{
    stele_lua *state = stele_lua_of(L);
    stele_arguments arguments = {0};
    const signature *known = NULL;
    stele_error error = {0};
    int top = lua_gettop(L);
    stele_lua_pass_caller(L);
    check(L, scanned, count);
    if (!scanned->plain) {
        forget_types(L);
        lua_pop(L, 1);
    }
    luaL_checkstack(L, 8, "statement");
    if (count > 0) {
        known = push_signature(L, sql, count);
        stele_lua_bind(L, first, count, known->types, &arguments);
    }
    const char *text = prefix == NULL ? sql : lua_pushfstring(L, "%s%s", prefix, sql);
    bool again = prefix == NULL && known != NULL && state->parsed == known;
    state->parsed = prefix == NULL ? known : NULL;
    state->prefix = prefix == NULL ? 0 : (unsigned)strlen(prefix);
    if (stele_statement_send(state->link, again ? NULL : text, &arguments, singly, &error) != STELE_OK)
        fail(L, &error, sql);
    state->in_flight = true;
    lua_settop(L, top);
}

const stele_rows *stele_lua_receive(lua_State *L, const char *sql)
{
    stele_lua *state = stele_lua_of(L);
    stele_error error = {0};
    stele_rows_free(state->rows);
    state->rows = NULL;
    if (!state->in_flight)
        return NULL;
    if (stele_statement_next(state->link, &state->rows, &error) != STELE_OK)
        fail(L, &error, sql);
    state->in_flight = state->rows != NULL;
    return state->rows;
}

void stele_lua_run_sql(lua_State *L, const char *sql)
{
    stele_lua *state = stele_lua_of(L);
    stele_error error = {0};
    if (state->failed)
        stele_lua_raise_first(L);
    drain(state);
    state->parsed = NULL;
    state->prefix = 0;
    state->several = false;
    if (stele_link_run(state->link, sql, &error) != STELE_OK)
        fail(L, &error, sql);
}

/* ------------------------------------------------------------------- methods */

/* The statement of a call, looked over. */
static const char *take_sql(lua_State *L, stele_lua_sql *scanned)
{
    size_t length;
    if (luaL_testudata(L, 1, DB) == NULL)
        luaL_error(L, "call it with a colon: db:exec(sql, ...)");
    const char *sql = luaL_checklstring(L, 2, &length);
    if (strlen(sql) != length)
        luaL_error(L, "a statement can't hold a zero byte");
    stele_lua_scan(sql, scanned);
    return sql;
}

/* db:exec(sql, ...): the number of rows that were affected, or returned. */
static int db_exec(lua_State *L)
{
    stele_lua_sql scanned;
    const char *sql = take_sql(L, &scanned);
    lua_Integer affected = 0;
    const stele_rows *rows;
    stele_lua_send(L, NULL, sql, &scanned, 3, lua_gettop(L) - 2, true);
    while ((rows = stele_lua_receive(L, sql)) != NULL)
        affected = stele_rows_affected(rows);
    lua_pushinteger(L, affected);
    return 1;
}

/* db:one(sql, ...): the row, or nil when there is none. */
static int db_one(lua_State *L)
{
    stele_lua_sql scanned;
    const char *sql = take_sql(L, &scanned);
    const stele_rows *rows;
    stele_lua_send(L, NULL, sql, &scanned, 3, lua_gettop(L) - 2, true);
    lua_settop(L, 2);
    lua_pushnil(L);
    while ((rows = stele_lua_receive(L, sql)) != NULL) {
        if (stele_rows_count(rows) == 0)
            continue;
        if (!lua_isnil(L, 3)) {
            drain(stele_lua_of(L));
            stele_lua_complain(L, "the statement gave more than one row", "use db:rows to go over several, or LIMIT 1");
        }
        stele_lua_push_shape(L, rows, NULL);
        stele_lua_push_row(L, -1, rows, 0, NULL);
        lua_replace(L, 3);
        lua_settop(L, 3);
    }
    return 1;
}

static int db_rows(lua_State *L)
{
    stele_lua_sql scanned;
    const char *sql = take_sql(L, &scanned);
    return stele_lua_iterate(L, sql, &scanned, 3);
}

/* Undo what was done since the savepoint, with what the server forgets by that. */
static void undo(lua_State *L, stele_lua *state)
{
    stele_error error = {0};
    drain(state);
    state->parsed = NULL;
    state->failed = false;
    stele_lua_cursors_gone(state, state->depth);
    if (stele_link_run(state->link, "ROLLBACK TO SAVEPOINT stele_lua; RELEASE SAVEPOINT stele_lua", &error) != STELE_OK)
        fail(L, &error, "ROLLBACK TO SAVEPOINT stele_lua");
    state->depth--;
}

/* db:try(function, ...): true and what it returns; or false and the error, with all undone that it did in the database. */
static int db_try(lua_State *L)
{
    stele_lua *state = stele_lua_of(L);
    if (luaL_testudata(L, 1, DB) == NULL)
        return luaL_error(L, "call it with a colon: db:try(function, ...)");
    luaL_checktype(L, 2, LUA_TFUNCTION);
    stele_lua_run_sql(L, "SAVEPOINT stele_lua");
    state->depth++;
    int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
    if (status != LUA_OK)
        stele_lua_pass_on(L, status);
    if (status == LUA_OK && !state->failed) {
        stele_lua_run_sql(L, "RELEASE SAVEPOINT stele_lua");
        stele_lua_cursors_kept(state, state->depth--);
        lua_pushboolean(L, 1);
        lua_replace(L, 1);
        return lua_gettop(L);
    }
    if (state->failed && !stele_link_alive(state->link))
        return stele_lua_raise_first(L);
    if (status == LUA_OK) /* it caught the failure itself, which undid its work all the same */
        stele_lua_push_failure(L, &state->first);
    undo(L, state);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

/* False, and nothing pushed, when it has more than 64 bits: Lua would make a float of it. */
static bool push_integer(lua_State *L, const char *text)
{
    if (lua_stringtonumber(L, text) == 0)
        return false;
    if (lua_isinteger(L, -1))
        return true;
    lua_pop(L, 1);
    return false;
}

static void push_parameters(lua_State *L, const stele_lua_host *host)
{
    lua_newtable(L);
    for (size_t i = 0; i < host->parameter_count; i++) {
        if (host->values[i] == NULL)
            continue;
        if (host->parameters[i].kind != STELE_INTEGER || !push_integer(L, host->values[i]))
            lua_pushstring(L, host->values[i]);
        lua_setfield(L, -2, host->parameters[i].name);
    }
}

void stele_lua_open_db(lua_State *L)
{
    static const luaL_Reg methods[] = {{"exec", db_exec}, {"one", db_one}, {"rows", db_rows}, {"try", db_try}, {NULL, NULL}};
    lua_newuserdatauv(L, 0, 0);
    luaL_newmetatable(L, DB);
    luaL_newlib(L, methods);
    push_parameters(L, stele_lua_of(L)->host);
    lua_setfield(L, -2, "parameters");
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
}

#endif

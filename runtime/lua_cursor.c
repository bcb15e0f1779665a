/*
 * db:rows: the rows of a query, a few at a time, through a cursor of the server's. What no cursor can be made of (INSERT ...
 * RETURNING, SHOW) is read whole, and its rows wait in Lua's memory.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua_state.h"

#ifndef STELE_NO_LUA

#include <stdio.h>

static const char CURSOR[] = "stele.cursor";

enum { FIRST = 10, MOST = 1000, TARGET = 256 * 1024 }; /* rows and bytes of one FETCH */

/* Its user values: the shape, the table of waiting rows, the statement. */
typedef struct stele_lua_cursor {
    stele_lua *state;
    struct stele_lua_cursor *next; /* of those open in the server */
    unsigned serial;               /* in its name */
    int depth;                     /* of db:try, where it was opened */
    bool open;                     /* in the server */
    bool ended;                    /* there is nothing more to fetch */
    bool lost;                     /* what there was is gone: db:try was undone, which opened it */
    int batch;                     /* rows to fetch next */
    stele_rows *rows;              /* those that wait, from `at` on */
    int at;
    size_t held;
    lua_Integer waiting;           /* the next of the table */
} stele_lua_cursor;

static void forget(stele_lua_cursor *cursor)
{
    stele_lua_cursor **at = &cursor->state->open;
    while (*at != NULL && *at != cursor)
        at = &(*at)->next;
    if (*at != NULL)
        *at = cursor->next;
    cursor->open = false;
}

static void free_rows(stele_lua_cursor *cursor)
{
    stele_rows_free(cursor->rows);
    cursor->state->outside -= cursor->held;
    cursor->rows = NULL;
    cursor->held = 0;
    cursor->at = 0;
}

void stele_lua_cursors_gone(stele_lua *state, int depth)
{
    stele_lua_cursor *next;
    for (stele_lua_cursor *cursor = state->open; cursor != NULL; cursor = next) {
        next = cursor->next;
        if (cursor->depth >= depth) {
            forget(cursor);
            cursor->lost = !cursor->ended;
            cursor->ended = true;
        }
    }
}

void stele_lua_cursors_kept(stele_lua *state, int depth)
{
    for (stele_lua_cursor *cursor = state->open; cursor != NULL; cursor = cursor->next)
        if (cursor->depth == depth)
            cursor->depth--;
}

static int collect_cursor(lua_State *L)
{
    stele_lua_cursor *cursor = luaL_checkudata(L, 1, CURSOR);
    free_rows(cursor);
    forget(cursor);
    return 0;
}

/* Have the server forget it, if the transaction still lives. */
static void close_in_server(lua_State *L, stele_lua_cursor *cursor)
{
    char sql[64];
    if (!cursor->open)
        return;
    forget(cursor);
    snprintf(sql, sizeof sql, "CLOSE stele_lua_%u", cursor->serial);
    stele_lua_run_sql(L, sql);
}

static int close_cursor(lua_State *L)
{
    stele_lua_cursor *cursor = luaL_checkudata(L, 1, CURSOR);
    free_rows(cursor);
    cursor->ended = true;
    cursor->waiting = 0;
    if (!cursor->state->failed && cursor->state->limit == STELE_LUA_WITHIN)
        close_in_server(L, cursor);
    return 0;
}

/* Fetch what comes next. The cursor is at index 1. */
static void fetch(lua_State *L, stele_lua_cursor *cursor)
{
    static const stele_lua_sql plain = {.plain = true};
    char sql[96];
    snprintf(sql, sizeof sql, "FETCH FORWARD %d FROM stele_lua_%u", cursor->batch, cursor->serial);
    free_rows(cursor);
    lua_getiuservalue(L, 1, 3);
    const char *query = lua_tostring(L, -1); /* what a failure is about */
    stele_lua_send(L, NULL, sql, &plain, 0, 0, false);
    stele_lua_receive(L, query);
    cursor->rows = cursor->state->rows;
    cursor->state->rows = NULL;
    stele_lua_receive(L, query);
    cursor->held = stele_rows_memory(cursor->rows);
    stele_lua_hold(L, cursor->held);
    int count = stele_rows_count(cursor->rows);
    cursor->ended = count < cursor->batch;
    size_t wanted = count == 0 ? 1 : TARGET / (cursor->held / (size_t)count + 1);
    int most = cursor->batch * 8 < MOST ? cursor->batch * 8 : MOST;
    cursor->batch = wanted < 1 ? 1 : wanted > (size_t)most ? most : (int)wanted;
    if (lua_getiuservalue(L, 1, 1) == LUA_TNIL) {
        stele_lua_push_shape(L, cursor->rows, NULL);
        lua_setiuservalue(L, 1, 1);
    }
    lua_settop(L, 1);
    if (cursor->ended)
        close_in_server(L, cursor);
}

/* The iterator: its upvalue is the cursor. */
static int next_row(lua_State *L)
{
    lua_settop(L, 0);
    lua_pushvalue(L, lua_upvalueindex(1));
    stele_lua_cursor *cursor = luaL_checkudata(L, 1, CURSOR);
    if (cursor->waiting > 0) {
        lua_getiuservalue(L, 1, 2);
        if (lua_rawgeti(L, 2, cursor->waiting) == LUA_TNIL)
            return 0;
        lua_pushnil(L); /* it is the loop's alone from here on */
        lua_rawseti(L, 2, cursor->waiting++);
        return 1;
    }
    if (cursor->rows == NULL || cursor->at >= stele_rows_count(cursor->rows)) {
        if (cursor->lost)
            stele_lua_complain(L, "the rows that were left are lost: they were asked for in a db:try that was undone",
                               "read them to the end in there, or ask for them outside of it");
        if (cursor->ended)
            return 0;
        fetch(L, cursor);
        if (stele_rows_count(cursor->rows) == 0)
            return 0;
    }
    lua_getiuservalue(L, 1, 1);
    stele_lua_push_row(L, -1, cursor->rows, cursor->at++, NULL);
    return 1;
}

static void open_in_server(lua_State *L, stele_lua_cursor *cursor, const char *sql, const stele_lua_sql *scanned, int first)
{
    char prefix[64];
    stele_lua *state = cursor->state;
    cursor->serial = ++state->cursors;
    snprintf(prefix, sizeof prefix, "DECLARE stele_lua_%u NO SCROLL CURSOR FOR ", cursor->serial);
    stele_lua_send(L, prefix, sql, scanned, first, lua_gettop(L) - first + 1, false);
    while (stele_lua_receive(L, sql) != NULL)
        continue;
    cursor->depth = state->depth;
    cursor->batch = FIRST;
    cursor->next = state->open;
    cursor->open = true;
    state->open = cursor;
}

/* Read all rows into a table, the second user value of the cursor, which is at index 1. */
static void read_all(lua_State *L, stele_lua_cursor *cursor, const char *sql, const stele_lua_sql *scanned, int first)
{
    const stele_rows *rows;
    stele_lua_send(L, NULL, sql, scanned, first, lua_gettop(L) - first + 1, true);
    lua_settop(L, 2);
    lua_newtable(L);
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, 1, 2);
    while ((rows = stele_lua_receive(L, sql)) != NULL) {
        if (stele_rows_count(rows) == 0)
            continue;
        if (cursor->waiting == 0)
            stele_lua_push_shape(L, rows, NULL);
        stele_lua_push_row(L, 4, rows, 0, NULL);
        lua_rawseti(L, 3, ++cursor->waiting);
    }
    cursor->waiting = cursor->waiting > 0;
    cursor->ended = true;
}

int stele_lua_iterate(lua_State *L, const char *sql, const stele_lua_sql *scanned, int first)
{
    stele_lua_cursor *cursor = lua_newuserdatauv(L, sizeof *cursor, 3);
    *cursor = (stele_lua_cursor){.state = stele_lua_of(L)};
    luaL_setmetatable(L, CURSOR);
    lua_replace(L, 1);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, 1, 3);
    if (scanned->cursor)
        open_in_server(L, cursor, sql, scanned, first);
    else
        read_all(L, cursor, sql, scanned, first);
    lua_pushvalue(L, 1);
    lua_pushcclosure(L, next_row, 1);
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, 1);
    return 4; /* the last is closed when the loop is left */
}

void stele_lua_open_cursor(lua_State *L)
{
    static const luaL_Reg methods[] = {{"__gc", collect_cursor}, {"__close", close_cursor}, {NULL, NULL}};
    luaL_newmetatable(L, CURSOR);
    luaL_setfuncs(L, methods, 0);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

#endif

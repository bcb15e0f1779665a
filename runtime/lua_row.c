/*
 * A row: a copy of its bytes, in memory of Lua's, so that it lives as long as Lua code keeps it and counts as memory of its.
 * Values are made when they are looked at. What the rows of a result have in common is their shape.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua_state.h"

#ifndef STELE_NO_LUA

#include <string.h>

static const char ROW[] = "stele.row", SHAPE[] = "stele.shape";

/* Its user value is a table: from a name to the column's number, from 1, or to false where several have it; and back. */
typedef struct shape {
    int columns;
    uint32_t types[];
} shape;

/* Its user value is the shape. Behind the ends are the bytes, each value with a zero byte behind. */
typedef struct row {
    int columns;
    size_t ends[]; /* behind the zero byte of each; the same as the one before for NULL */
} row;

static const char *bytes_of(const row *r)
{
    return (const char *)(r->ends + r->columns);
}

void stele_lua_push_shape(lua_State *L, const stele_rows *rows, const stele_lua_columns *some)
{
    int columns = some == NULL ? stele_rows_columns(rows) : some->count;
    shape *s = lua_newuserdatauv(L, sizeof *s + (size_t)columns * sizeof s->types[0], 1);
    s->columns = columns;
    luaL_setmetatable(L, SHAPE);
    lua_newtable(L);
    for (int i = 0; i < columns; i++) {
        s->types[i] = stele_rows_type(rows, some == NULL ? i : some->numbers[i]);
        lua_pushstring(L, some == NULL ? stele_rows_name(rows, i) : some->names[i]);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, i + 1);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, -3) == LUA_TNIL)
            lua_pushinteger(L, i + 1);
        else
            lua_pushboolean(L, 0);
        lua_remove(L, -2);
        lua_rawset(L, -3);
    }
    lua_setiuservalue(L, -2, 1);
}

void stele_lua_push_row(lua_State *L, int shape_index, const stele_rows *rows, int number, const stele_lua_columns *some)
{
    int columns = some == NULL ? stele_rows_columns(rows) : some->count;
    size_t size = 0, length;
    shape_index = lua_absindex(L, shape_index);
    for (int i = 0; i < columns; i++)
        if (stele_rows_bytes(rows, number, some == NULL ? i : some->numbers[i], &length) != NULL)
            size += length + 1;
    row *r = lua_newuserdatauv(L, sizeof *r + (size_t)columns * sizeof r->ends[0] + size, 1);
    r->columns = columns;
    char *to = (char *)(r->ends + columns);
    size = 0;
    for (int i = 0; i < columns; i++) {
        const char *bytes = stele_rows_bytes(rows, number, some == NULL ? i : some->numbers[i], &length);
        if (bytes != NULL) {
            memcpy(to + size, bytes, length);
            to[size + length] = '\0';
            size += length + 1;
        }
        r->ends[i] = size;
    }
    lua_pushvalue(L, shape_index);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, ROW);
}

/* Push column i, from 0, of the row at index 1. */
static void push_column(lua_State *L, const row *r, int i)
{
    size_t begin = i == 0 ? 0 : r->ends[i - 1];
    if (begin == r->ends[i]) {
        lua_pushnil(L);
        return;
    }
    lua_getiuservalue(L, 1, 1);
    const shape *s = luaL_checkudata(L, -1, SHAPE);
    stele_lua_push_value(L, s->types[i], bytes_of(r) + begin, r->ends[i] - begin - 1);
}

/* The columns that there are, for a message. At most the first twenty. */
static const char *push_names(lua_State *L, int table, int columns)
{
    lua_pushliteral(L, "");
    for (int i = 1; i <= columns && i <= 20; i++) {
        lua_pushstring(L, i > 1 ? ", " : "");
        lua_rawgeti(L, table, i);
        lua_concat(L, 3);
    }
    if (columns > 20) {
        lua_pushliteral(L, " ...");
        lua_concat(L, 2);
    }
    return lua_tostring(L, -1);
}

static int index_by_name(lua_State *L, const row *r)
{
    lua_getiuservalue(L, 1, 1);
    lua_getiuservalue(L, -1, 1);
    int table = lua_gettop(L);
    lua_pushvalue(L, 2);
    int found = lua_rawget(L, table);
    if (found == LUA_TBOOLEAN)
        return luaL_error(L, "several columns of the row are named \"%s\"; give them other names with AS", lua_tostring(L, 2));
    if (found != LUA_TNUMBER)
        return luaL_error(L, "the row has no column \"%s\"; it has %s", lua_tostring(L, 2), push_names(L, table, r->columns));
    push_column(L, r, (int)lua_tointeger(L, -1) - 1);
    return 1;
}

static int row_index(lua_State *L)
{
    const row *r = luaL_checkudata(L, 1, ROW);
    if (lua_type(L, 2) == LUA_TSTRING)
        return index_by_name(L, r);
    lua_Integer i = luaL_checkinteger(L, 2);
    if (i == r->columns + 1) /* where ipairs looks last */
        return 0;
    if (i < 1 || i > r->columns)
        return luaL_error(L, "the row has no column %d; it has %d", (int)i, r->columns);
    push_column(L, r, (int)i - 1);
    return 1;
}

static int row_length(lua_State *L)
{
    const row *r = luaL_checkudata(L, 1, ROW);
    lua_pushinteger(L, r->columns);
    return 1;
}

/* The next name and value. Upvalue: how many were given; the name won't do, as several columns may have it. */
static int row_next(lua_State *L)
{
    const row *r = luaL_checkudata(L, 1, ROW);
    int i = (int)lua_tointeger(L, lua_upvalueindex(1));
    if (i >= r->columns)
        return 0;
    lua_pushinteger(L, i + 1);
    lua_replace(L, lua_upvalueindex(1));
    lua_settop(L, 1);
    lua_getiuservalue(L, 1, 1);
    lua_getiuservalue(L, -1, 1);
    lua_rawgeti(L, -1, i + 1);
    lua_insert(L, 2);
    push_column(L, r, i);
    lua_pushvalue(L, 2);
    lua_insert(L, -2);
    return 2;
}

static int row_pairs(lua_State *L)
{
    luaL_checkudata(L, 1, ROW);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, row_next, 1);
    lua_pushvalue(L, 1);
    return 2;
}

static int row_refuse(lua_State *L)
{
    return luaL_error(L, "a row can't be changed: use UPDATE, or copy what you need into a table");
}

void stele_lua_open_row(lua_State *L)
{
    static const luaL_Reg methods[] = {{"__index", row_index}, {"__newindex", row_refuse}, {"__len", row_length},
                                       {"__pairs", row_pairs}, {NULL, NULL}};
    luaL_newmetatable(L, ROW);
    luaL_setfuncs(L, methods, 0);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    luaL_newmetatable(L, SHAPE);
    lua_pop(L, 1);
}

#endif

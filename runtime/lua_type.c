/*
 * What there is to know of a type, by its oid: the built-in ones by heart, the others from the server, once each. A domain is
 * what it is made of.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua_state.h"

#ifndef STELE_NO_LUA

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

/* From the server's catalog of built-in types, whose oids never change. */
static const stele_lua_type built_in[] = {
    {16, 0, STELE_LUA_BOOLEAN, ',', "boolean"},
    {17, 0, STELE_LUA_BYTEA, ',', "bytea"},
    {18, 0, STELE_LUA_TEXT, ',', "\"char\""},
    {19, 0, STELE_LUA_TEXT, ',', "name"},
    {20, 0, STELE_LUA_INTEGER, ',', "bigint"},
    {21, 0, STELE_LUA_INTEGER, ',', "smallint"},
    {23, 0, STELE_LUA_INTEGER, ',', "integer"},
    {25, 0, STELE_LUA_TEXT, ',', "text"},
    {26, 0, STELE_LUA_INTEGER, ',', "oid"},
    {114, 0, STELE_LUA_JSON, ',', "json"},
    {199, 114, STELE_LUA_ARRAY, ',', "json[]"},
    {700, 0, STELE_LUA_FLOAT, ',', "real"},
    {701, 0, STELE_LUA_FLOAT, ',', "double precision"},
    {1000, 16, STELE_LUA_ARRAY, ',', "boolean[]"},
    {1001, 17, STELE_LUA_ARRAY, ',', "bytea[]"},
    {1005, 21, STELE_LUA_ARRAY, ',', "smallint[]"},
    {1007, 23, STELE_LUA_ARRAY, ',', "integer[]"},
    {1009, 25, STELE_LUA_ARRAY, ',', "text[]"},
    {1015, 1043, STELE_LUA_ARRAY, ',', "character varying[]"},
    {1016, 20, STELE_LUA_ARRAY, ',', "bigint[]"},
    {1021, 700, STELE_LUA_ARRAY, ',', "real[]"},
    {1022, 701, STELE_LUA_ARRAY, ',', "double precision[]"},
    {1042, 0, STELE_LUA_TEXT, ',', "character"},
    {1043, 0, STELE_LUA_TEXT, ',', "character varying"},
    {1082, 0, STELE_LUA_TEXT, ',', "date"},
    {1114, 0, STELE_LUA_TEXT, ',', "timestamp"},
    {1184, 0, STELE_LUA_TEXT, ',', "timestamptz"},
    {1186, 0, STELE_LUA_TEXT, ',', "interval"},
    {1231, 1700, STELE_LUA_ARRAY, ',', "numeric[]"},
    {1700, 0, STELE_LUA_NUMERIC, ',', "numeric"},
    {2950, 0, STELE_LUA_TEXT, ',', "uuid"},
    {2951, 2950, STELE_LUA_ARRAY, ',', "uuid[]"},
    {3802, 0, STELE_LUA_JSON, ',', "jsonb"},
    {3807, 3802, STELE_LUA_ARRAY, ',', "jsonb[]"},
};

static const stele_lua_type *find(const stele_lua_type *types, size_t count, uint32_t oid)
{
    for (size_t i = 0; i < count; i++)
        if (types[i].oid == oid)
            return &types[i];
    return NULL;
}

/* Ask the server. A domain's name and oid with the rest of its base type: its oid is what the parameter is sent as. */
static void look_up(lua_State *L, uint32_t oid, stele_lua_type *type)
{
    static const char sql[] =
        "SELECT t.typbasetype, CASE WHEN t.typinput OPERATOR(pg_catalog.=) 'pg_catalog.array_in'::pg_catalog.regproc"
        " THEN t.typelem ELSE 0 END, t.typname, t.typdelim, t.typtype FROM pg_catalog.pg_type AS t"
        " WHERE t.oid OPERATOR(pg_catalog.=) $1";
    stele_lua *state = stele_lua_of(L);
    char number[16];
    const char *values[] = {number};
    const uint32_t text[] = {26};
    const stele_arguments arguments = {.count = 1, .types = text, .values = values};
    stele_error error = {0};
    snprintf(number, sizeof number, "%lu", (unsigned long)oid);
    state->parsed = NULL;
    if (stele_statement_send(state->link, sql, &arguments, false, &error) != STELE_OK)
        stele_lua_raise(L, &error, sql, 0);
    state->in_flight = true;
    const stele_rows *rows = stele_lua_receive(L, sql);
    uint32_t base = 0;
    if (rows != NULL && stele_rows_count(rows) == 1) {
        base = (uint32_t)strtoul(stele_rows_text(rows, 0, 0), NULL, 10);
        type->element = (uint32_t)strtoul(stele_rows_text(rows, 0, 1), NULL, 10);
        stele_error_copy(type->name, sizeof type->name, stele_rows_text(rows, 0, 2));
        type->delimiter = stele_rows_text(rows, 0, 3)[0];
        bool is_base = stele_rows_text(rows, 0, 4)[0] == 'b';
        type->kind = type->element != 0 ? STELE_LUA_ARRAY
                     : is_base && strcmp(type->name, "vector") == 0 ? STELE_LUA_VECTOR
                     : is_base && strcmp(type->name, "halfvec") == 0 ? STELE_LUA_HALFVEC
                                                                          : STELE_LUA_TEXT;
    }
    while (stele_lua_receive(L, sql) != NULL)
        continue;
    if (base == 0)
        return;
    const stele_lua_type *of = stele_lua_type_of(L, base);
    type->kind = of->kind;
    type->element = of->element;
}

const stele_lua_type *stele_lua_type_of(lua_State *L, uint32_t oid)
{
    stele_lua *state = stele_lua_of(L);
    const stele_lua_type *known = find(built_in, sizeof built_in / sizeof built_in[0], oid);
    size_t count = state->type_count < STELE_LUA_TYPES ? state->type_count : STELE_LUA_TYPES;
    if (known == NULL)
        known = find(state->types, count, oid);
    if (known != NULL)
        return known;
    stele_lua_type type = {.oid = oid, .delimiter = ',', .name = "unknown"};
    /* After a failure nobody can be asked; what is there is text. A job asks between two statements, without a transaction. */
    bool asked = !state->failed && !state->in_flight &&
                 (stele_link_in_transaction(state->link) || (state->script != NULL && stele_link_is_idle(state->link)));
    if (asked)
        look_up(L, oid, &type);
    stele_lua_type *place = &state->types[state->type_count % STELE_LUA_TYPES];
    *place = type;
    state->type_count += asked;
    return place;
}

#endif

/*
 * One run of a migration's function: a new Lua state, one protected call in it, and what came of that.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua_run.h"

#include "error.h"

#ifdef STELE_NO_LUA

bool stele_lua_is_there(void)
{
    return false;
}

stele_status stele_lua_run(stele_link *link, const stele_migration *migration, const char *part,
                           const stele_lua_host *host, stele_error *error)
{
    (void)link;
    (void)part;
    (void)host;
    stele_error_set(error, STELE_UNMET, "this program was built without Lua, which \"%s\" needs", migration->file);
    stele_error_hint(error, "build libstele without STELE_NO_LUA");
    stele_error_file(error, migration);
    return STELE_UNMET;
}

#else

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua_state.h"

bool stele_lua_is_there(void)
{
    return true;
}

/* Push the function of a part: what the file returned, or has in the table that it returned, or among the globals. */
static void find_part(lua_State *L, const stele_lua *state)
{
    if (lua_isfunction(L, -1) && strcmp(state->part, "up") == 0)
        return;
    if (lua_istable(L, -1))
        lua_getfield(L, -1, state->part);
    else
        lua_getglobal(L, state->part);
    if (!lua_isfunction(L, -1))
        luaL_error(L, "there is no function \"%s\" in this file", state->part);
}

/* A check that returns false has failed; with a second value that says why. */
static int judge(lua_State *L)
{
    if (!lua_isboolean(L, -2) || lua_toboolean(L, -2))
        return 0;
    if (!lua_isstring(L, -1))
        return luaL_error(L, "the function \"verify\" returned false");
    return lua_error(L);
}

/* All that may raise an error. */
static int run(lua_State *L)
{
    stele_lua *state = stele_lua_of(L);
    lua_Debug where;
    stele_lua_begin(L);
    stele_lua_open_cursor(L);
    stele_lua_run_sql(L, "SELECT pg_catalog.set_config('DateStyle', 'ISO', true), pg_catalog.set_config('IntervalStyle',"
                         " 'postgres', true), pg_catalog.set_config('extra_float_digits', '1', true),"
                         " pg_catalog.set_config('bytea_output', 'hex', true)");
    stele_lua_count(L);
    stele_lua_run_file(L);
    find_part(L, state);
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &where);
    where.currentline = 0;
    stele_lua_pass_by(L, &where);
    stele_lua_open_db(L);
    lua_call(L, 1, 2);
    return strcmp(state->part, "verify") == 0 ? judge(L) : 0;
}

static void call(stele_lua *state, stele_error *error)
{
    int status = stele_lua_call(state, run, NULL);
    stele_lua_conclude(state, status, error);
    if (error->status == STELE_OK && !stele_link_in_transaction(state->link)) {
        stele_error_set(error, STELE_FAILED, "the transaction is not open any more after the function \"%s\"", state->part);
        stele_error_file(error, state->migration);
    }
}

stele_status stele_lua_run(stele_link *link, const stele_migration *migration, const char *part,
                           const stele_lua_host *host, stele_error *error)
{
    static const stele_lua_host nobody;
    stele_error failure = {0};
    stele_lua *state = stele_lua_open(link, migration, host == NULL ? &nobody : host);
    if (state == NULL) {
        stele_error_memory(&failure);
    } else {
        state->part = part;
        call(state, &failure);
        if (state->host->usage != NULL)
            *state->host->usage = (stele_lua_usage){.peak = state->peak, .steps = state->steps};
        stele_lua_close(state);
    }
    if (error != NULL && error->status == STELE_OK)
        *error = failure;
    return failure.status;
}

#endif

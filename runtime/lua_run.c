/*
 * One run: a new Lua state, one protected call in it, and what came of that.
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
    stele_lua *state = lua_touserdata(L, 1);
    const stele_migration *migration = state->migration;
    lua_Debug where;
    stele_lua_open_error(L);
    stele_lua_open_row(L);
    stele_lua_open_cursor(L);
    stele_lua_open_sandbox(L);
    stele_lua_run_sql(L, "SELECT pg_catalog.set_config('DateStyle', 'ISO', true), pg_catalog.set_config('IntervalStyle',"
                         " 'postgres', true), pg_catalog.set_config('extra_float_digits', '1', true),"
                         " pg_catalog.set_config('bytea_output', 'hex', true)");
    stele_lua_count(L);
    if (stele_lua_load(L, migration->directory, migration->file, migration->text, migration->length) != LUA_OK)
        return lua_error(L);
    lua_call(L, 0, 1);
    find_part(L, state);
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &where);
    where.currentline = 0;
    stele_lua_pass_by(L, &where);
    stele_lua_open_db(L);
    lua_call(L, 1, 2);
    return strcmp(state->part, "verify") == 0 ? judge(L) : 0;
}

/* Where a limit was hit: for memory, the last line that was noted may be an old one. */
static void place_limit(stele_lua *state, stele_error *error)
{
    stele_lua_explain(state, error);
    stele_lua_place(state->main, error);
    if (state->limit == STELE_LUA_MEMORY && state->error.line != 0) {
        stele_error_copy(error->file, sizeof error->file, state->error.file);
        stele_error_copy(error->source, sizeof error->source, state->error.source);
        error->line = state->error.line;
        error->column = state->error.column;
    }
    stele_error_copy(error->context, sizeof error->context, state->error.context);
}

/* What came of it all: the database's failure first, for that is why the transaction is lost. */
static void conclude(stele_lua *state, int status, stele_error *error)
{
    if (status == LUA_ERRMEM && state->limit == STELE_LUA_WITHIN)
        state->limit = STELE_LUA_MEMORY;
    if (state->failed)
        *error = state->first;
    else if (state->limit != STELE_LUA_WITHIN)
        place_limit(state, error);
    else if (status != LUA_OK && state->error.status != STELE_OK)
        *error = state->error;
    else if (status != LUA_OK)
        stele_error_set(error, STELE_FAILED, "the function \"%s\" failed, and so did telling why", state->part);
    else if (!stele_link_in_transaction(state->link))
        stele_error_set(error, STELE_FAILED, "the transaction is not open any more after the function \"%s\"", state->part);
    if (error->status != STELE_OK && error->file[0] == '\0')
        stele_error_file(error, state->migration);
}

static void call(stele_lua *state, stele_error *error)
{
    lua_State *L = lua_newstate(stele_lua_allocate, state);
    if (L == NULL) {
        stele_error_memory(error);
        return;
    }
    state->main = L;
    *(stele_lua **)lua_getextraspace(L) = state;
    lua_pushcfunction(L, stele_lua_note);
    lua_pushcfunction(L, run);
    lua_pushlightuserdata(L, state);
    int status = lua_pcall(L, 1, 0, 1);
    if (status != LUA_OK)
        lua_sethook(L, NULL, 0, 0);
    stele_rows_free(state->rows);
    state->rows = NULL;
    if (state->in_flight)
        stele_statement_drop(state->link);
    conclude(state, status, error);
    lua_close(L);
}

stele_status stele_lua_run(stele_link *link, const stele_migration *migration, const char *part,
                           const stele_lua_host *host, stele_error *error)
{
    static const stele_lua_host nobody;
    stele_error failure = {0};
    stele_lua *state = calloc(1, sizeof *state);
    /* Numbers are written with a point, and strings compared by bytes, whatever the application's locale is. */
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (state == NULL || plain == (locale_t)0) {
        stele_error_memory(&failure);
    } else {
        state->link = link;
        state->migration = migration;
        state->part = part;
        state->host = host == NULL ? &nobody : host;
        state->memory_limit = migration->lua_memory == 0 ? UINT64_C(64) << 20 : migration->lua_memory;
        state->step_limit = migration->lua_steps == 0 ? UINT64_C(10000000000) : migration->lua_steps;
        snprintf(state->near_file, sizeof state->near_file, "%s%s%s", migration->directory,
                 migration->directory[0] == '\0' ? "" : "/", migration->file);
        state->near_line = 1;
        state->locale = uselocale(plain);
        call(state, &failure);
        uselocale(state->locale);
        if (state->host->usage != NULL)
            *state->host->usage = (stele_lua_usage){.peak = state->peak, .steps = state->steps};
    }
    if (plain != (locale_t)0)
        freelocale(plain);
    free(state);
    if (error != NULL && error->status == STELE_OK)
        *error = failure;
    return failure.status;
}

#endif

/*
 * A state of Lua from its beginning to its end: a migration's for one call, a job's for as many as it has rows.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua_state.h"

#ifndef STELE_NO_LUA

#include <stdio.h>
#include <stdlib.h>

#include "error.h"

stele_lua *stele_lua_open(stele_link *link, const stele_migration *migration, const stele_lua_host *host)
{
    stele_lua *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->link = link;
    state->migration = migration;
    state->host = host;
    state->memory_limit = migration->lua_memory == 0 ? UINT64_C(64) << 20 : migration->lua_memory;
    state->step_limit = migration->lua_steps == 0 ? UINT64_C(10000000000) : migration->lua_steps;
    state->step_rate = 1;
    state->interval = 1000;
    snprintf(state->near_file, sizeof state->near_file, "%s%s%s", migration->directory, migration->directory[0] == '\0' ? "" : "/",
             migration->file);
    state->near_line = 1;
    state->plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    state->main = state->plain == (locale_t)0 ? NULL : lua_newstate(stele_lua_allocate, state);
    if (state->main == NULL) {
        stele_lua_close(state);
        return NULL;
    }
    *(stele_lua **)lua_getextraspace(state->main) = state;
    return state;
}

int stele_lua_call(stele_lua *state, lua_CFunction function, void *data)
{
    lua_State *L = state->main;
    state->error.status = STELE_OK;
    state->refused = false;
    state->locale = uselocale(state->plain);
    lua_pushcfunction(L, stele_lua_note);
    lua_pushcfunction(L, function);
    lua_pushlightuserdata(L, data);
    int status = lua_pcall(L, 1, 0, 1);
    if (status == LUA_ERRMEM && state->limit == STELE_LUA_WITHIN)
        state->limit = STELE_LUA_MEMORY;
    if (state->limit != STELE_LUA_WITHIN)
        lua_sethook(L, NULL, 0, 0); /* nothing runs in it any more but what closes it */
    lua_settop(L, 0);
    uselocale(state->locale);
    stele_rows_free(state->rows);
    state->rows = NULL;
    if (state->in_flight)
        stele_statement_drop(state->link);
    state->in_flight = false;
    return status;
}

void stele_lua_begin(lua_State *L)
{
    stele_lua_open_error(L);
    stele_lua_open_row(L);
    stele_lua_open_sandbox(L);
}

void stele_lua_run_file(lua_State *L)
{
    const stele_migration *migration = stele_lua_of(L)->migration;
    if (stele_lua_load(L, migration->directory, migration->file, migration->text, migration->length) != LUA_OK)
        lua_error(L);
    lua_call(L, 0, 1);
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

/* The database's failure first, for that is why the transaction is lost. */
void stele_lua_conclude(stele_lua *state, int status, stele_error *error)
{
    char name[96];
    if (state->failed)
        *error = state->first;
    else if (state->limit != STELE_LUA_WITHIN)
        place_limit(state, error);
    else if (status != LUA_OK && state->error.status != STELE_OK)
        *error = state->error;
    else if (status != LUA_OK)
        stele_error_set(error, STELE_FAILED, "%s failed, and so did telling why", stele_lua_part_name(state, name));
    if (error->status != STELE_OK && error->file[0] == '\0')
        stele_error_file(error, state->migration);
}

void stele_lua_close(stele_lua *state)
{
    if (state == NULL)
        return;
    if (state->main != NULL) {
        locale_t before = uselocale(state->plain);
        lua_close(state->main);
        uselocale(before);
    }
    if (state->plain != (locale_t)0)
        freelocale(state->plain);
    free(state);
}

#endif

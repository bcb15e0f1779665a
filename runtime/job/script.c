/*
 * A script's state of Lua: made, its outer level run; thrown away once a limit was hit, and made anew for the next row.
 */
#define _POSIX_C_SOURCE 200809L

#include "script_read.h"

#include <stdlib.h>
#include <string.h>

#include "../error.h"

#ifdef STELE_NO_LUA

stele_status stele_script_open(stele_script **script, stele *handle, const stele_migration *file, void (*print)(void *data, const char *line), void *data,
                               stele_error *error)
{
    (void)handle;
    (void)print;
    (void)data;
    *script = NULL;
    stele_error_set(error, STELE_UNMET, "this program was built without Lua, which \"%s\" needs", file->file);
    stele_error_hint(error, "build libstele.a without STELE_NO_LUA");
    stele_error_file(error, file);
    return STELE_UNMET;
}

stele_status stele_script_check(stele *handle, const stele_migration *file, void (*each)(void *data, const stele_error *error), void *data)
{
    (void)handle;
    (void)file;
    (void)each;
    (void)data;
    return STELE_UNMET;
}

/* There is no script, so nobody can call these. */
void stele_script_close(stele_script *script)
{
    (void)script;
}

const stele_job_spec *stele_script_spec(const stele_script *script)
{
    (void)script;
    return NULL;
}

stele_status stele_script_take_types(stele_script *script, const char *const *names, const uint32_t *types, size_t count, stele_error *error)
{
    (void)script;
    (void)names;
    (void)types;
    (void)count;
    return stele_error_set(error, STELE_UNMET, "this program was built without Lua");
}

stele_status stele_script_row_text(stele_script *script, const stele_rows *rows, int row, int keys, int first, stele_script_text *out, stele_error *error)
{
    (void)script;
    (void)rows;
    (void)row;
    (void)keys;
    (void)first;
    (void)out;
    return stele_error_set(error, STELE_UNMET, "this program was built without Lua");
}

stele_status stele_script_row_check(stele_script *script, const stele_rows *rows, int row, int keys, int first, stele_script_text *out, stele_error *error)
{
    return stele_script_row_text(script, rows, row, keys, first, out, error);
}

stele_status stele_script_row_map(stele_script *script, const stele_rows *rows, int row, int keys, int first, stele_script_columns *out, stele_error *error)
{
    (void)out;
    return stele_script_row_text(script, rows, row, keys, first, NULL, error);
}

#else

/* All of the outer level that may raise an error. */
static int run_outer(lua_State *L)
{
    stele_script *script = stele_lua_of(L)->script;
    stele_lua_begin(L);
    stele_script_open_globals(L);
    stele_script_open_frozen(L);
    stele_lua_count(L);
    stele_lua_run_file(L);
    if (!lua_istable(L, -1))
        luaL_error(L, "the file returns a %s; a job's file returns a table that says what to do", luaL_typename(L, -1));
    if (!script->read)
        stele_script_read_all(L);
    if (script->faults > 0)
        return 0;
    stele_script_keep_functions(L);
    stele_script_freeze(L);
    return 0;
}

void stele_script_forget(stele_script *script)
{
    if (script->state == NULL)
        return;
    memcpy(script->types, script->state->types, sizeof script->types);
    script->type_count = script->state->type_count;
    stele_lua_close(script->state);
    script->state = NULL;
}

stele_status stele_script_ready(stele_script *script, stele_error *error)
{
    if (script->state != NULL)
        return STELE_OK;
    stele_lua *state = script->state = stele_lua_open(&script->handle->link, script->file, &script->host);
    stele_error failure = {0};
    if (state == NULL)
        return stele_error_memory(error);
    memcpy(state->types, script->types, sizeof state->types);
    state->type_count = script->type_count;
    memset(script->shapes, 0, sizeof script->shapes);
    script->calls = 0;
    script->step_limit = script->file->lua_steps == 0 ? STELE_SCRIPT_STEPS : script->file->lua_steps;
    uint64_t rate = script->step_limit / (STELE_SCRIPT_STEPS / STELE_SCRIPT_RATE);
    state->step_rate = rate < 1 ? 1 : rate < STELE_SCRIPT_RATE ? (unsigned)rate : STELE_SCRIPT_RATE;
    state->interval = STELE_SCRIPT_INTERVAL;
    state->step_limit = script->step_limit < STELE_SCRIPT_STEPS ? STELE_SCRIPT_STEPS : script->step_limit;
    if (state->step_limit < UINT64_MAX / 10)
        state->step_limit *= 10;
    state->script = script;
    script->host.print = script->read ? NULL : script->print; /* what it prints, it printed before */
    int status = stele_lua_call(state, run_outer, NULL);
    script->host.print = script->print;
    stele_lua_conclude(state, status, &failure);
    state->step_limit = script->step_limit;
    if (failure.status == STELE_OK) {
        script->read = true;
        return STELE_OK;
    }
    stele_script_forget(script);
    if (error != NULL && error->status == STELE_OK)
        *error = failure;
    return failure.status;
}

static stele_script *make(stele *handle, const stele_migration *file)
{
    stele_script *script = calloc(1, sizeof *script);
    if (script != NULL) {
        script->handle = handle;
        script->file = file;
    }
    return script;
}

stele_status stele_script_open(stele_script **opened, stele *handle, const stele_migration *file, void (*print)(void *data, const char *line), void *data,
                               stele_error *error)
{
    stele_script *script = make(handle, file);
    *opened = NULL;
    if (script == NULL)
        return stele_error_memory(error);
    script->print = print;
    script->host = (stele_lua_host){.print = print, .data = data};
    stele_status status = stele_script_ready(script, error);
    if (status == STELE_OK)
        *opened = script;
    else
        stele_script_close(script);
    return status;
}

stele_status stele_script_check(stele *handle, const stele_migration *file, void (*each)(void *data, const stele_error *error), void *data)
{
    stele_script *script = make(handle, file);
    stele_error own = {0};
    stele_status status = script == NULL ? stele_error_memory(&own) : STELE_OK;
    if (script != NULL) {
        script->checks = true;
        script->each = each;
        script->each_data = data;
        status = stele_script_ready(script, &own);
        if (status == STELE_FAILED && script->open > 0 && !script->wrong)
            status = STELE_OK;
    }
    if (status != STELE_OK)
        each(data, &own);
    else if (script->faulty)
        status = STELE_FAILED;
    stele_script_close(script);
    return status;
}

void stele_script_close(stele_script *script)
{
    if (script == NULL)
        return;
    stele_lua_close(script->state);
    stele_arena_free(&script->arena);
    for (unsigned i = 0; i < STELE_SCRIPT_KEYS; i++)
        stele_seal_key_forget(&script->keys[i].key);
    free(script);
}

const stele_job_spec *stele_script_spec(const stele_script *script)
{
    return &script->spec;
}

#endif

/*
 * The functions of a script, a row at a time. A row that fails has failed alone: after a plain error the state is used again, after a limit it is thrown away.
 */
#define _POSIX_C_SOURCE 200809L

#include "script_inside.h"

#ifndef STELE_NO_LUA

#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "../nearest.h"
#include "../utf8.h"

/* Their addresses are keys in Lua's registry. */
static const char function_keys[STELE_SCRIPT_FUNCTIONS] = {0}, shape_keys[STELE_SCRIPT_FUNCTIONS] = {0}, result_keys[STELE_SCRIPT_COLUMNS] = {0}, names_key = 0;

static const char *const function_names[] = {"text", "map", "verify.check"};

static void keep_function(lua_State *L, int table, const char *name, stele_script_function function)
{
    lua_Debug *place = &stele_lua_of(L)->script->places[function];
    lua_pushstring(L, name);
    if (lua_rawget(L, table) == LUA_TFUNCTION) {
        lua_pushvalue(L, -1);
        lua_getinfo(L, ">S", place);
        place->currentline = 0;
    }
    lua_rawsetp(L, LUA_REGISTRYINDEX, &function_keys[function]);
}

void stele_script_keep_functions(lua_State *L)
{
    int table = lua_gettop(L);
    keep_function(L, table, "text", STELE_SCRIPT_TEXT);
    keep_function(L, table, "map", STELE_SCRIPT_MAP);
    lua_pushliteral(L, "verify");
    if (lua_rawget(L, table) == LUA_TTABLE)
        keep_function(L, table + 1, "check", STELE_SCRIPT_CHECK);
    lua_settop(L, table);
}

/* ------------------------------------------------------------------------ the row */

/* What can't be asked for now isn't the row's fault. */
static const stele_lua_type *learn_type(lua_State *L, uint32_t oid)
{
    const stele_lua_type *type = stele_lua_type_of(L, oid);
    stele_error error = {0};
    if (strcmp(type->name, "unknown") != 0 || oid == 705)
        return type;
    stele_error_set(&error, STELE_FAILED, "the type %u can't be asked for: the connection is in use, or the type is gone", (unsigned)oid);
    stele_lua_raise(L, &error, "", 0);
    return type;
}

/* What the rows have in common is pushed once for many: as long as the types are the same. */
static void push_shape(lua_State *L, stele_script *script)
{
    const stele_script_row *row = &script->row;
    uint32_t *types = script->shapes[row->function];
    bool same = true;
    for (int i = 0; i < row->columns.count; i++) {
        uint32_t type = stele_rows_type(row->rows, row->numbers[i]);
        same = same && type == types[i];
        types[i] = type;
    }
    if (same && lua_rawgetp(L, LUA_REGISTRYINDEX, &shape_keys[row->function]) == LUA_TUSERDATA)
        return;
    types[0] = 0; /* if this fails, it isn't the same next time */
    for (int i = 0; i < row->columns.count; i++) {
        const stele_lua_type *type = learn_type(L, stele_rows_type(row->rows, row->numbers[i]));
        if (type->kind == STELE_LUA_ARRAY)
            learn_type(L, type->element);
    }
    stele_lua_push_shape(L, row->rows, &row->columns);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &shape_keys[row->function]);
    types[0] = stele_rows_type(row->rows, row->numbers[0]);
}

/* Call the function with the row; leaves two results. */
static void call_function(lua_State *L)
{
    stele_script *script = stele_lua_of(L)->script;
    lua_settop(L, 0);
    push_shape(L, script);
    stele_lua_count(L);
    stele_lua_pass_by(L, &script->places[script->row.function]);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &function_keys[script->row.function]);
    stele_lua_push_row(L, 1, script->row.rows, script->row.number, &script->row.columns);
    script->running = true;
    lua_call(L, 1, 2);
    script->running = false;
}

/* ------------------------------------------------------------------------ results */

/* A text of the result; what it points to stays until the next call. */
static void take_text(lua_State *L, int index, const char *what, stele_script_text *out)
{
    const char *text = lua_tolstring(L, index, &out->length);
    if (strlen(text) != out->length)
        luaL_error(L, "%s returned a text with a zero byte, at byte %d", what, (int)strlen(text) + 1);
    size_t valid = stele_utf8_valid(text, out->length);
    if (valid < out->length) {
        const char *message = lua_pushfstring(L, "%s returned a text that isn't UTF-8, at byte %d", what, (int)valid + 1);
        stele_lua_complain(L, message, "string.sub counts bytes, and cuts characters in two; utf8.offset says where one begins");
    }
    lua_pushvalue(L, index);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &result_keys[0]);
    out->text = text;
    out->is_nil = false;
}

static bool is_blank(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (strchr(" \t\r\n\f\v", text[i]) == NULL || text[i] == '\0')
            return false;
    return true;
}

static int run_text(lua_State *L)
{
    stele_script_text *out = stele_lua_of(L)->script->text;
    call_function(L);
    if (lua_isnil(L, 2) || stele_lua_is_null(L, 2))
        return 0;
    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "text(row) returned a %s, and has to return a text, or nil", luaL_typename(L, 2));
    take_text(L, 2, "text(row)", out);
    if (is_blank(out->text, out->length))
        *out = (stele_script_text){.is_nil = true};
    return 0;
}

/* true and nil: it is right. false, with a text or without, and a text: it isn't. */
static int run_check(lua_State *L)
{
    stele_script_text *out = stele_lua_of(L)->script->text;
    call_function(L);
    if (lua_isnil(L, 2) || (lua_isboolean(L, 2) && lua_toboolean(L, 2)))
        return 0;
    if (lua_isboolean(L, 2) && lua_isstring(L, 3)) {
        lua_replace(L, 2);
    } else if (lua_isboolean(L, 2)) {
        lua_pushliteral(L, "check(row) returned false");
        lua_replace(L, 2);
    }
    if (!lua_isstring(L, 2))
        return luaL_error(L, "check(row) returned a %s, and has to return true, or what is wrong", luaL_typename(L, 2));
    take_text(L, 2, "check(row)", out);
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Which columns there are, by name. */
static void list_columns(lua_State *L, const stele_script *script, stele_script_columns *out)
{
    lua_pushnil(L);
    for (; lua_next(L, 2) != 0; lua_pop(L, 1)) {
        size_t length;
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "map(row) returned a table with a key that is no column's name but a %s", luaL_typename(L, -2));
        const char *name = lua_tolstring(L, -2, &length);
        if (length == 0 || length > 63 || strlen(name) != length)
            luaL_error(L, "map(row) returned a table with a key that can't be a column's name");
        if (out->count == STELE_SCRIPT_COLUMNS)
            luaL_error(L, "map(row) returned more than %d columns", STELE_SCRIPT_COLUMNS);
        for (size_t i = 0; i < script->spec.key_count; i++)
            if (strcmp(name, script->spec.keys[i]) == 0)
                luaL_error(L, "map(row) returned the column \"%s\", which is the key's: a key isn't changed", name);
        out->names[out->count++] = name;
    }
    qsort(out->names, out->count, sizeof out->names[0], compare_names);
}

static int compare_targets(const void *name, const void *target)
{
    return strcmp(name, ((const stele_script_target *)target)->name);
}

/* The type of a column. Where nobody said which there are, it is what the value is. */
static const stele_lua_type *type_of(lua_State *L, const stele_script *script, const char *name, int index)
{
    static const stele_lua_type unknown = {.kind = STELE_LUA_TEXT, .delimiter = ',', .name = "text"},
                                of_table = {.kind = STELE_LUA_JSON, .delimiter = ',', .name = "jsonb"};
    if (script->targets == NULL)
        return lua_istable(L, index) ? &of_table : &unknown;
    const stele_script_target *found = bsearch(name, script->targets, script->target_count, sizeof *found, compare_targets);
    if (found != NULL && found->type == 0)
        luaL_error(L, "map(row) returned the column \"%s\", which is generated always and can't be set", name);
    if (found != NULL)
        return learn_type(L, found->type);
    stele_nearest nearest = {.name = name};
    for (size_t i = 0; i < script->target_count; i++)
        if (script->targets[i].type != 0)
            stele_nearest_offer(&nearest, script->targets[i].name);
    if (nearest.best != NULL)
        luaL_error(L, "map(row) returned the column \"%s\", which the table hasn't; did you mean \"%s\"?", name, nearest.best);
    luaL_error(L, "map(row) returned the column \"%s\", which the table hasn't", name);
    return NULL;
}

/* The value on top as text, which stays in the registry. */
static void take_value(lua_State *L, stele_script *script, size_t i)
{
    stele_script_columns *out = script->columns;
    int index = lua_gettop(L);
    out->values[i] = NULL;
    out->lengths[i] = 0;
    stele_lua_of(L)->column = out->names[i];
    const stele_lua_type *type = type_of(L, script, out->names[i], index);
    if (!stele_lua_is_null(L, index)) {
        stele_lua_push_text(L, type, index);
        out->values[i] = lua_tolstring(L, -1, &out->lengths[i]);
        size_t valid = stele_utf8_valid(out->values[i], out->lengths[i]);
        if (valid < out->lengths[i])
            luaL_error(L, "column \"%s\": the text isn't UTF-8, at byte %d; for bytes, as seal returns them, the column has to be bytea, and is %s", out->names[i], (int)valid + 1, type->name);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &result_keys[i]);
    }
    lua_settop(L, index - 1);
}

static int run_map(lua_State *L)
{
    stele_script *script = stele_lua_of(L)->script;
    stele_script_columns *out = script->columns;
    call_function(L);
    if (lua_isnil(L, 2) || stele_lua_is_null(L, 2))
        return 0;
    if (!lua_istable(L, 2))
        return luaL_error(L, "map(row) returned a %s, and has to return a table of columns, or nil", luaL_typename(L, 2));
    list_columns(L, script, out);
    lua_pushvalue(L, 2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &names_key); /* it holds the names */
    for (size_t i = 0; i < out->count; i++) {
        lua_pushstring(L, out->names[i]);
        lua_rawget(L, 2);
        take_value(L, script, i);
    }
    out->is_nil = out->count == 0;
    return 0;
}

/* ------------------------------------------------------------------------ one call */

static void see(stele_script_row *row, const char *name, int number)
{
    for (int i = 0; i < row->columns.count; i++)
        if (strcmp(row->names[i], name) == 0)
            return;
    row->names[row->columns.count] = name;
    row->numbers[row->columns.count++] = number;
}

static void look_at_row(stele_script *script, stele_script_function function, const stele_rows *rows, int number, int keys, int first)
{
    const stele_job_spec *spec = &script->spec;
    stele_script_row *row = &script->row;
    row->function = function;
    row->rows = rows;
    row->number = number;
    row->columns = (stele_lua_columns){.numbers = row->numbers, .names = row->names};
    for (size_t i = 0; i < spec->read_count; i++)
        see(row, spec->reads[i], first + (int)i);
    for (size_t i = 0; i < spec->key_count; i++)
        see(row, spec->keys[i], keys + (int)i);
    for (size_t i = 0; function == STELE_SCRIPT_CHECK && i < spec->verify.check_read_count; i++)
        see(row, spec->verify.check_reads[i], first + (int)(spec->read_count + i));
}

/* Was it the row's own failure? No memory, no connection, an interruption and a secret that isn't there are everybody's. */
static bool is_own(const stele_lua *state, const stele_error *failure)
{
    return !state->failed && failure->status == STELE_FAILED && state->limit != STELE_LUA_PATIENCE &&
           !(state->limit == STELE_LUA_MEMORY && !state->refused);
}

/*
 * Memory that ran out may have been taken by the rows before, which left it in a local of the outer level: then the row is
 * tried once more, in a new state.
 */
static stele_status call(stele_script *script, lua_CFunction function, bool *failed, stele_error *failure, stele_error *error)
{
    for (bool again = true; again;) {
        stele_status status = stele_script_ready(script, error);
        if (status != STELE_OK)
            return status;
        stele_lua *state = script->state;
        script->seeded = script->ran_out = *failed = false;
        state->part = function_names[script->row.function];
        int outcome = stele_lua_call(state, function, NULL);
        script->running = false;
        if (outcome == LUA_OK) {
            script->calls = 1;
            return STELE_OK;
        }
        stele_error_clear(failure);
        stele_lua_conclude(state, outcome, failure);
        *failed = is_own(state, failure);
        script->ran_out = *failed && state->limit == STELE_LUA_STEPS;
        again = *failed && state->limit == STELE_LUA_MEMORY && script->calls > 0;
        script->calls = 1;
        if (state->limit != STELE_LUA_WITHIN || state->failed)
            stele_script_forget(script);
    }
    if (*failed)
        return STELE_OK;
    if (error != NULL && error->status == STELE_OK)
        *error = *failure;
    return failure->status;
}

bool stele_script_ran_out(const stele_script *script)
{
    return script->ran_out;
}

static stele_status call_for_text(stele_script *script, lua_CFunction function, stele_script_text *out, stele_error *error)
{
    out->failed = false;
    out->is_nil = true;
    out->text = NULL;
    out->length = 0;
    script->text = out;
    return call(script, function, &out->failed, &out->error, error);
}

stele_status stele_script_row_text(stele_script *script, const stele_rows *rows, int row, int keys, int first, stele_script_text *out, stele_error *error)
{
    look_at_row(script, STELE_SCRIPT_TEXT, rows, row, keys, first);
    return call_for_text(script, run_text, out, error);
}

stele_status stele_script_row_check(stele_script *script, const stele_rows *rows, int row, int keys, int first, stele_script_text *out, stele_error *error)
{
    look_at_row(script, STELE_SCRIPT_CHECK, rows, row, keys, first);
    return call_for_text(script, run_check, out, error);
}

stele_status stele_script_row_map(stele_script *script, const stele_rows *rows, int row, int keys, int first, stele_script_columns *out, stele_error *error)
{
    look_at_row(script, STELE_SCRIPT_MAP, rows, row, keys, first);
    out->failed = false;
    out->is_nil = true;
    out->count = 0;
    script->columns = out;
    stele_status status = call(script, run_map, &out->failed, &out->error, error);
    if (out->failed || status != STELE_OK)
        out->count = 0;
    return status;
}

/* ------------------------------------------------------------- the columns of the table */

static int order_targets(const void *a, const void *b)
{
    return strcmp(((const stele_script_target *)a)->name, ((const stele_script_target *)b)->name);
}

stele_status stele_script_take_types(stele_script *script, const char *const *names, const uint32_t *types, size_t count, stele_error *error)
{
    stele_script_target *targets = stele_arena_get(&script->arena, count, sizeof *targets);
    for (size_t i = 0; targets != NULL && i < count; i++) {
        targets[i] = (stele_script_target){.name = stele_arena_copy(&script->arena, names[i], strlen(names[i])), .type = types[i]};
        if (targets[i].name == NULL)
            targets = NULL;
    }
    if (targets == NULL)
        return stele_error_memory(error);
    qsort(targets, count, sizeof *targets, order_targets);
    script->targets = targets;
    script->target_count = count;
    return STELE_OK;
}

#endif

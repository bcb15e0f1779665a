/*
 * What a job's script sees besides what a migration in Lua does: providers, secrets, parameters, sealing.
 */
#define _POSIX_C_SOURCE 200809L

#include "script_inside.h"

#ifndef STELE_NO_LUA

#include <string.h>

#include "../error.h"
#include "../nearest.h"
#include "secret.h"

static const char PROVIDER[] = "stele.provider", SECRET[] = "stele.secret", OPEN[] = "stele.parameter";

/* ------------------------------------------------------------------- providers */

static int make_provider(lua_State *L, stele_provider_kind kind)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    stele_provider_kind *made = lua_newuserdatauv(L, sizeof *made, 1);
    *made = kind;
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, PROVIDER);
    return 1;
}

static int http(lua_State *L)
{
    return make_provider(L, STELE_PROVIDER_HTTP);
}

static int callback(lua_State *L)
{
    return make_provider(L, STELE_PROVIDER_CALLBACK);
}

static int fixed(lua_State *L)
{
    return make_provider(L, STELE_PROVIDER_FIXED);
}

bool stele_script_push_provider(lua_State *L, int index, stele_provider_kind *kind)
{
    const stele_provider_kind *made = luaL_testudata(L, index, PROVIDER);
    if (made == NULL)
        return false;
    *kind = *made;
    lua_getiuservalue(L, index, 1);
    return true;
}

static int provider_text(lua_State *L)
{
    static const char *const names[] = {"http", "callback", "fixed"};
    const stele_provider_kind *kind = luaL_checkudata(L, 1, PROVIDER);
    lua_pushfstring(L, "%s{...}", names[*kind]);
    return 1;
}

/* --------------------------------------------------------------------- secrets */

/* What is no name may be the secret itself: it isn't shown, and neither is its line. */
static int secret(lua_State *L)
{
    size_t length;
    const char *name = luaL_checklstring(L, 1, &length);
    if (strlen(name) != length || length >= 64 || !stele_secret_is_name(name)) {
        stele_error error = {0};
        stele_error_set(&error, STELE_FAILED, "secret takes the name of an environment variable: letters, digits and _, 63 at most");
        stele_error_hint(&error, "what was given isn't shown, in case it is the secret itself: that belongs into the environment, not into a file");
        stele_lua_place(L, &error);
        error.source[0] = '\0';
        stele_lua_push_failure(L, &error);
        return lua_error(L);
    }
    memcpy(lua_newuserdatauv(L, length + 1, 0), name, length + 1);
    luaL_setmetatable(L, SECRET);
    return 1;
}

const char *stele_script_secret(lua_State *L, int index)
{
    return luaL_testudata(L, index, SECRET);
}

static int secret_text(lua_State *L)
{
    lua_pushfstring(L, "secret \"%s\"", (const char *)luaL_checkudata(L, 1, SECRET));
    return 1;
}

/* ------------------------------------------------------------------- parameters */

static int no_parameter(lua_State *L, const stele_migrations *table, const char *name)
{
    stele_nearest nearest = {.name = name};
    for (size_t i = 0; i < table->parameter_count; i++)
        stele_nearest_offer(&nearest, table->parameters[i].name);
    if (nearest.best != NULL)
        return luaL_error(L, "this program has no parameter \"%s\"; did you mean \"%s\"?", name, nearest.best);
    return luaL_error(L, "this program has no parameter \"%s\"", name);
}

bool stele_script_is_open(lua_State *L, int index)
{
    return luaL_testudata(L, index, OPEN) != NULL;
}

void stele_script_push_open(lua_State *L)
{
    lua_newuserdatauv(L, 1, 0);
    luaL_setmetatable(L, OPEN);
}

/* What isn't known yet; also what is made of it by putting texts together. */
static int push_open(lua_State *L)
{
    stele_lua_of(L)->script->open++;
    stele_script_push_open(L);
    return 1;
}

static int open_text(lua_State *L)
{
    lua_pushliteral(L, "a parameter without a value");
    return 1;
}

static int parameter(lua_State *L)
{
    const stele *handle = stele_lua_of(L)->script->handle;
    const char *name = luaL_checkstring(L, 1);
    size_t i = 0;
    while (i < handle->table->parameter_count && strcmp(handle->table->parameters[i].name, name) != 0)
        i++;
    if (i == handle->table->parameter_count)
        return no_parameter(L, handle->table, name);
    const char *value = handle->values.values == NULL ? NULL : handle->values.values[i];
    if (value == NULL && stele_lua_of(L)->script->checks)
        return push_open(L);
    if (value == NULL) {
        const char *message = lua_pushfstring(L, "the parameter \"%s\" has no value", name);
        const char *hint = lua_pushfstring(L, "give it one: up -D %s=VALUE puts it into the ledger, for all that come; or -D %s=VALUE with each command; or a default where it is declared",
                                           name, name);
        return stele_lua_complain_unmet(L, message, hint);
    }
    if (handle->table->parameters[i].kind == STELE_INTEGER && lua_stringtonumber(L, value) != 0 && lua_isinteger(L, -1))
        return 1;
    lua_pushstring(L, value);
    return 1;
}

/* ---------------------------------------------------------------------- sealing */

static int fail(lua_State *L, stele_error *error)
{
    stele_lua_place(L, error);
    stele_lua_push_failure(L, error);
    return lua_error(L);
}

static const stele_seal_key *find_key(lua_State *L, int index)
{
    stele_script *script = stele_lua_of(L)->script;
    const char *name = stele_script_secret(L, index);
    stele_error error = {0};
    unsigned i = 0;
    if (name == NULL)
        luaL_argerror(L, index, "the key is given as secret \"NAME\"");
    while (i < script->key_count && strcmp(script->keys[i].name, name) != 0)
        i++;
    if (i < script->key_count)
        return &script->keys[i].key;
    i = script->key_count < STELE_SCRIPT_KEYS ? script->key_count : STELE_SCRIPT_KEYS - 1;
    if (stele_seal_key_read(&script->keys[i].key, name, &error) != STELE_OK) {
        script->key_count = i;
        fail(L, &error);
    }
    memcpy(script->keys[i].name, name, strlen(name) + 1);
    script->key_count = i + 1;
    return &script->keys[i].key;
}

/* The associated data: a text or a whole number, as text; or none. */
static stele_bytes take_associated(lua_State *L)
{
    stele_bytes associated = {"", 0};
    if (lua_isnoneornil(L, 3))
        return associated;
    if (lua_type(L, 3) != LUA_TSTRING && !lua_isinteger(L, 3))
        luaL_argerror(L, 3, "a text or a whole number is expected: the row's key");
    associated.bytes = lua_tolstring(L, 3, &associated.length);
    return associated;
}

/* What is sealed or opened: nil and null are NULL, which stays one. */
static bool take_bytes(lua_State *L, stele_bytes *bytes)
{
    if (lua_isnil(L, 1) || stele_lua_is_null(L, 1))
        return false;
    if (lua_type(L, 1) != LUA_TSTRING)
        luaL_argerror(L, 1, "a text or a bytea is expected");
    bytes->bytes = lua_tolstring(L, 1, &bytes->length);
    stele_lua_charge(L, bytes->length / 16);
    return true;
}

static int seal(lua_State *L)
{
    stele_bytes plain;
    luaL_Buffer out;
    stele_error error = {0};
    const stele_seal_key *key = find_key(L, 2);
    stele_bytes associated = take_associated(L);
    if (!take_bytes(L, &plain)) {
        stele_lua_push_null(L);
        return 1;
    }
    unsigned char *sealed = (unsigned char *)luaL_buffinitsize(L, &out, plain.length + STELE_SEAL_MORE);
    if (stele_seal(key, plain, associated, NULL, sealed, &error) != STELE_OK)
        return fail(L, &error);
    luaL_pushresultsize(&out, plain.length + STELE_SEAL_MORE);
    return 1;
}

static int unseal(lua_State *L)
{
    stele_bytes sealed;
    luaL_Buffer out;
    stele_error error = {0};
    const stele_seal_key *key = find_key(L, 2);
    stele_bytes associated = take_associated(L);
    if (!take_bytes(L, &sealed)) {
        stele_lua_push_null(L);
        return 1;
    }
    size_t room = sealed.length > STELE_SEAL_MORE ? sealed.length - STELE_SEAL_MORE : 0;
    unsigned char *plain = (unsigned char *)luaL_buffinitsize(L, &out, room + 1);
    if (stele_unseal(key, sealed, associated, plain, &error) != STELE_OK)
        return fail(L, &error);
    luaL_pushresultsize(&out, room);
    return 1;
}

/* -------------------------------------------------------------------- all of them */

static void open_type(lua_State *L, const char *name, lua_CFunction text)
{
    luaL_newmetatable(L, name);
    lua_pushcfunction(L, text);
    lua_setfield(L, -2, "__tostring");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

void stele_script_open_globals(lua_State *L)
{
    open_type(L, PROVIDER, provider_text);
    open_type(L, SECRET, secret_text);
    open_type(L, OPEN, open_text);
    luaL_getmetatable(L, OPEN);
    lua_pushcfunction(L, push_open);
    lua_setfield(L, -2, "__concat");
    lua_pop(L, 1);
#define PUT(name) lua_pushcfunction(L, name); lua_setfield(L, -2, #name);
    STELE_LUA_JOB_GLOBALS(PUT)
#undef PUT
}

#endif

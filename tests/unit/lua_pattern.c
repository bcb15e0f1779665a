/*
 * lua_pattern.c and lua_text.c against Lua's own: some ten thousand patterns over few characters, good and bad, on short
 * subjects; every result and every message is the same.
 */
#include "tap.h"

#ifdef STELE_NO_LUA

int main(void)
{
    puts("1..0 # SKIP built without Lua");
    return 0;
}

#else

#include <lualib.h>

#include "lua_state.h"

static const char script[] =
    "local pieces = {'a', 'b', '.', '%a', '%d', '%W', '%%', '[ab]', '[^a]', '[a-c%d]', '[]]', '[^]]', '(', ')', '()', '*', '+', '-',\n"
    "  '?', '^', '$', '%1', '%2', '%b()', '%bab', '%f[%a]', '%f[^a]', '%', '[', '[%', '%f', '%b', '%ba', '[a-', '[a-]', '-', '\\0', '1'}\n"
    "local letters = {'a', 'b', 'c', '1', ' ', '(', ')', '-', ']', '%', '\\0', '\\xe9'}\n"
    "local replacements = {'<%0>', '%1', '%%', '%2%1', '%', '%x', '', {a = 1, b = false, ab = 'AB'}, {['1'] = {}},\n"
    "  function(x, y) return x ~= 'a' and y end, function() return {} end}\n"
    "local function draw(from, most)\n"
    "  local t = {}\n"
    "  for i = 1, math.random(0, most) do t[i] = from[math.random(#from)] end\n"
    "  return table.concat(t)\n"
    "end\n"
    "local function show(...)\n"
    "  local t = table.pack(...)\n"
    "  for i = 1, t.n do t[i] = math.type(t[i]) == 'integer' and '#' .. t[i] or tostring(t[i]) end\n"
    "  return table.concat(t, '|')\n"
    "end\n"
    "local function all(library, s, p, init)\n"
    "  local t, n = {}, 0\n"
    "  for a, b in library.gmatch(s, p, init) do n = n + 1 t[n] = show(a, b) end\n"
    "  return table.concat(t, ';')\n"
    "end\n"
    "math.randomseed(1)\n"
    "local failed = 0\n"
    "for i = 1, 20000 do\n"
    "  local s, p, init = draw(letters, 8), draw(pieces, 5), math.random(-10, 10)\n"
    "  local r, most = replacements[math.random(#replacements)], math.random(0, 3)\n"
    "  for _, call in ipairs({\n"
    "    function(l) return l.find(s, p, init) end, function(l) return l.find(s, p, init, true) end,\n"
    "    function(l) return l.match(s, p, init) end, function(l) return all(l, s, p, init) end,\n"
    "    function(l) return l.gsub(s, p, r) end, function(l) return l.gsub(s, p, r, most) end}) do\n"
    "    local theirs, ours = show(pcall(call, string)), show(pcall(call, ours))\n"
    "    if theirs ~= ours then\n"
    "      failed = failed + 1\n"
    "      if failed < 10 then print(('# %q %q %d %s: %s, not %s'):format(s, p, init, tostring(r), ours, theirs)) end\n"
    "    end\n"
    "  end\n"
    "end\n"
    "return failed\n";

int main(void)
{
    stele_link nobody = {0}; /* who is asked now and then whether it should go on */
    stele_lua state = {.link = &nobody, .memory_limit = UINT64_C(1) << 30, .step_limit = UINT64_C(1) << 40};
    lua_State *L = lua_newstate(stele_lua_allocate, &state);
    *(stele_lua **)lua_getextraspace(L) = &state;
    luaL_openlibs(L);
    lua_newtable(L);
    stele_lua_open_text(L);
    lua_setglobal(L, "ours");
    bool ran = luaL_dostring(L, script) == LUA_OK;
    if (!ran)
        printf("# %s\n", lua_tostring(L, -1));
    ok(ran && lua_tointeger(L, -1) == 0, "find, match, gmatch and gsub do what Lua's do");
    ok(state.steps > 1000, "and count their steps");
    lua_close(L);
    ok(state.memory == 0, "all memory is given back and accounted for");
    return done();
}

#endif

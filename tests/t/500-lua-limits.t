#!/usr/bin/perl
# What a Lua migration can't do: use more than its share, reach out of the sandbox, or hide that it failed. Each attack
# is a subtest: a file, what the error says, and where. An attack that worked would time out, or print "survived".

use strict;
use warnings;

use Stele::Lua;
use Stele::Test;
use Test::More;

plan(skip_all => 'built without Lua') unless has_lua();
my $db = fresh_database();
my @few = (arguments => ['--steps', 3_000_000]);
my $steps  = qr/^the function "up" ran more than \d+ steps$/;
my $memory = qr/^the function "up" needs more than 64 MB of memory$/;

# name, text, what the message must match, line, options
sub refused {
    my ($name, $text, $message, $line, @options) = @_;
    subtest $name => sub {
        my $ran = lua($db, $text, @options);
        is($ran->{status}, '1', 'it fails') or diag($ran->{all});
        like($ran->{message}, $message, 'the message says why');
        like($ran->{error}, qr{^lua/m\.lua:$line:\d+: }, "at line $line") if $line;
        is("@{$ran->{print}}", '', 'nothing went on after it');
    };
}

# ------------------------------------------------------------------- memory

my $survived = 'print("survived")';
refused('a string that doubles, in pcall', qq{function up(db)\n  local s = "x"\n  while true do pcall(function() s = s .. s end) end\nend}, $memory, 3);
refused('a table that grows', "function up(db)\n  local t = {}\n  while true do t[#t + 1] = {} end\nend", $memory, 3);
refused('string.rep of too much', "function up(db)\n  pcall(string.rep, 'x', 100000000)\n  $survived\nend", $memory, 2);
refused('table.concat of too much', "function up(db)\n  local t = {}\n  for i = 1, 30 do t[i] = ('x'):rep(10) end\n  t[1] = ('x'):rep(3000000)\n" .
    "  for i = 2, 30 do t[i] = t[1] end\n  pcall(table.concat, t)\n  $survived\nend", $memory, 6);
refused('string.format of too much', "function up(db)\n  local s = ('x'):rep(30000000)\n  xpcall(string.format, function() return 1 end, '%s%s%s', s, s, s)\n  $survived\nend", $memory, 3);
refused('gsub that grows', "function up(db)\n  local s = ('x'):rep(1000)\n  while true do s = s:gsub('x', 'xxxx') end\nend", $memory, 3);
refused('JSON that grows', "function up(db)\n  local t = {('x'):rep(1000)}\n  for i = 1, 20 do t = {t, t} end\n  pcall(json.encode, t)\n  $survived\nend", $memory, 4);
refused('rows that are kept', "function up(db)\n  local t = {}\n  for r in db:rows('SELECT repeat(\$\$x\$\$, 10000) FROM generate_series(1, 20000)') do t[#t + 1] = r end\n  $survived\nend", $memory, 3);
refused('rows that no cursor can stream', "function up(db)\n  db:exec('CREATE TABLE k (t text)')\n  pcall(db.rows, db, 'INSERT INTO k SELECT repeat(\$\$x\$\$, 10000) FROM generate_series(1, 20000) RETURNING t')\n  $survived\nend", $memory, 3);
refused('memory in a coroutine', "function up(db)\n  local c = coroutine.create(function() local s = 'x' while true do s = s .. s end end)\n  coroutine.resume(c)\n  $survived\nend", $memory, 3);
refused('memory in a wrapped coroutine', "function up(db)\n  pcall(coroutine.wrap(function() local s = 'x' while true do s = s .. s end end))\n  $survived\nend", $memory, 2);
refused('memory in db:try', "function up(db)\n  db:try(function() local s = 'x' while true do s = s .. s end end)\n  $survived\nend", $memory, 2);

subtest 'garbage is collected before a limit is one' => sub {
    my $ran = lua($db, "function up(db)\n  for i = 1, 60 do local s = ('x'):rep(10000000) end\n  print('done')\nend");
    is("@{$ran->{print}}", 'done', '600 MB went through 64') or diag($ran->{all});
};
subtest 'a limit of its own' => sub {
    my $text = "function up(db)\n  local s = ('x'):rep(100000)\n  print(#s)\nend";
    is(lua($db, $text)->{status}, '0', 'what fits, fits');
    my $ran = lua($db, $text, arguments => ['--memory', 100000]);
    is($ran->{message}, 'the function "up" needs more than 100000 bytes of memory', 'what does not, does not');
    like($ran->{hint}, qr/lua-memory/, 'the hint says how to raise it');
};

# -------------------------------------------------------------------- loops

my $loop = 'while true do end';
refused('a loop', "function up(db)\n  $loop\nend", $steps, 2, @few);
refused('a loop of tail calls', "function up(db)\n  local function f() return f() end\n  f()\nend", $steps, 2, @few);
refused('a loop in the file itself', "$loop", $steps, 1, @few);
refused('a loop in pcall', "function up(db)\n  while true do pcall(function() $loop end) end\nend", $steps, 2, @few);
refused('a loop in the handler of xpcall', "function up(db)\n  xpcall(error, function() $loop end)\n  $survived\nend", $steps, 2, @few);
refused('a loop in both', "function up(db)\n  while true do xpcall(function() $loop end, function() $loop end) end\nend", $steps, 2, @few);
refused('a loop in db:try', "function up(db)\n  db:try(function() $loop end)\n  $survived\nend", $steps, 2, @few);
refused('a loop in a coroutine', "function up(db)\n  local c = coroutine.create(function()\n    $loop end)\n  coroutine.resume(c)\n  $survived\nend", $steps, 3, @few);
refused('a loop in a wrapped coroutine', "function up(db)\n  pcall(coroutine.wrap(function() $loop end))\n  $survived\nend", $steps, 2, @few);
refused('a loop of coroutines', "function up(db)\n  while true do coroutine.wrap(function() end)() end\nend", $steps, 2, @few);
refused('a loop in a metamethod', "function up(db)\n  local t = setmetatable({}, {__index = function() $loop end})\n  pcall(function() return t.x end)\n  $survived\nend", $steps, 2, @few);
refused('a loop in __tostring of an error', "function up(db)\n  error(setmetatable({}, {__tostring = function() $loop end}))\nend", $steps, 2, @few);
refused('a loop in __close', "function up(db)\n  do local x <close> = setmetatable({}, {__close = function() $loop end}) end\n  $survived\nend", $steps, 2, @few);
refused('a loop in __close after a loop', "function up(db)\n  local x <close> = setmetatable({}, {__close = function() $loop end})\n  $loop\nend", $steps, 0, @few);
refused('the same in a coroutine', "function up(db)\n  pcall(coroutine.wrap(function() local x <close> = setmetatable({}, {__close = function() $loop end})\n  $loop end))\n  $survived\nend", $steps, 3, @few);
refused('the same, closed by another __close', "function up(db)\n  local c\n  local y <close> = setmetatable({}, {__close = function() coroutine.close(c) end})\n" .
    "  c = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() $loop end}) $loop end)\n  coroutine.resume(c)\nend", $steps, 0, @few);
refused('a loop in a comparator', "function up(db)\n  local t = {}\n  for i = 1, 100 do t[i] = i end\n  pcall(table.sort, t, function() $loop end)\n  $survived\nend", $steps, 4, @few);
refused('a comparator without order', "function up(db)\n  local t = {}\n  for i = 1, 10000 do t[i] = i end\n  while true do pcall(table.sort, t, function() return true end) end\nend", $steps, 0, @few);
refused('one long string in many places, sorted', "function up(db)\n  local s, t = ('x'):rep(20000000), {}\n  for i = 1, 100000 do t[i] = s end\n" .
    "  pcall(table.sort, t)\n  $survived\nend", $steps, 4, arguments => ['--steps', 6_000_000]);
refused('a long format', "function up(db)\n  local s = (' '):rep(30000000)\n  while true do string.packsize(s) end\n  $survived\nend", $steps, 3,
    arguments => ['--steps', 5_000_000]);
for my $find (qw(find match gsub)) {
    my $more = $find eq 'gsub' ? ', ""' : '';
    refused("a pattern that goes back and forth, in $find", "function up(db)\n  local s, p = ('a'):rep(100000), ('.-'):rep(20) .. 'b'\n  pcall(string.$find, s, p$more)\n  $survived\nend", $steps, 3, @few);
}
refused('a pattern that goes back and forth, in gmatch', "function up(db)\n  for x in ('a'):rep(100000):gmatch(('a-'):rep(20) .. 'b') do end\n  $survived\nend", $steps, 2, @few);
refused('string.rep of nothing', "function up(db)\n  pcall(string.rep, '', 1 << 62)\n  $survived\nend", $steps, 2, @few);
refused('table.move of nothing', "function up(db)\n  pcall(table.move, {}, 1, math.maxinteger - 1, 2)\n  $survived\nend", $steps, 2, @few);
refused('table.insert into what says it is long', "function up(db)\n  pcall(table.insert, setmetatable({}, {__len = function() return 1 << 53 end}), 1, 1)\n  $survived\nend", $steps, 2, @few);
refused('table.concat of what says it is long', "function up(db)\n  pcall(table.concat, setmetatable({}, {__len = function() return 1 << 60 end, __index = function() return '' end}))\n  $survived\nend", $steps, 2, @few);
refused('slow work in C', "function up(db)\n  local a, b = ('x'):rep(15000000), ('x'):rep(14999999) .. 'x'\n  while a == b do end\n  $survived\nend", $steps, 3, arguments => ['--steps', 6_000_000]);

# ---------------------------------------------------------------- recursion

subtest 'a function that calls itself' => sub {
    my $ran = lua($db, "function up(db)\n  local function f() return 1 + f() end\n  f()\nend");
    is($ran->{status}, '1', 'it fails');
    like("$ran->{message} $ran->{hint}", qr/stack overflow|calls itself without end/, 'it says what to look for');
};
refused('calls through C', "function up(db)\n  local f = tostring\n  for i = 1, 1000 do local g = f f = function(x) return (x:gsub('x', g)) end end\n  f('x')\n  $survived\nend", qr/C stack overflow/, 3);
refused('coroutines in coroutines', "function up(db)\n  local f = function() end\n  for i = 1, 300 do local g = f f = coroutine.wrap(function() g() end) end\n  f()\n  $survived\nend", qr/C stack overflow/, 0);
refused('JSON that holds itself', "function up(db)\n  local t = {}\n  t[1] = t\n  json.encode(t)\n  $survived\nend", qr/nested too deep, or holds itself/, 4);
refused('JSON nested deep', "function up(db)\n  json.decode(('['):rep(100000))\n  $survived\nend", qr/too deep a nesting/, 2);

# ------------------------------------------------------------------ the walls

subtest 'what leads out of the sandbox is not there' => sub {
    my $ran = lua($db, 'function up(db) print(os, io, load, loadstring, dofile, loadfile, debug, package, collectgarbage, warn, _G,' .
        ' string.dump, ("").dump, table.dump, coroutine.dump) end');
    is("@{$ran->{print}}", join("\t", ('nil') x 15), 'none of it') or diag($ran->{all});
};
refused('bytecode', "\eLua\x54\x00\x19\x93\r\n\x1a\n\x04\x08\x08", qr/binary chunk/, 1);
refused('bytecode in a module', "local m = require('b')\n", qr/binary chunk/, 1, modules => {b => "\eLua\x54"});
refused('__gc', "function up(db)\n  setmetatable({}, {__gc = function() print('ran') end})\nend", qr/^__gc is not available here$/, 2);
refused('__gc behind __index', "function up(db)\n  local m = setmetatable({}, {__index = {__gc = function() print('ran') end}})\n  setmetatable({}, m)\n  m.__gc = print\n  setmetatable({}, m)\nend", qr/^__gc is not available here$/, 5);
subtest '__gc put in afterwards' => sub {
    my $ran = lua($db, "function up(db)\n  local m = {}\n  local t = setmetatable({}, m)\n  m.__gc = function() print('ran') $loop end\n  t = nil\n" .
        "  for i = 1, 100000 do local x = {} end\n  print('done')\nend", @few);
    is("@{$ran->{print}} $ran->{status}", 'done 0', 'never runs');
};
subtest 'metatables of ours are nobody\'s' => sub {
    my $ran = lua($db, 'function up(db) print(getmetatable(db), getmetatable(""), getmetatable(null), getmetatable(db:one("SELECT 1")),' .
        ' getmetatable(db:one("SELECT $1::json AS j", {}).j), getmetatable(json.array()), pcall(setmetatable, json.array(), {})) end');
    is($ran->{print}[0], join("\t", ('false') x 7, 'cannot change a protected metatable'), 'none is given out') or diag($ran->{all});
};
subtest 'random numbers are the same every time' => sub {
    my $text = 'function up(db) print(math.random(1 << 40), math.random()) math.randomseed() print(math.random(1 << 40)) math.randomseed(5) print(math.random(100)) end';
    is_deeply(lua($db, $text)->{print}, lua($db, $text)->{print}, 'twice');
};

# -------------------------------------------------------------- error values

refused('no error value', "function up(db)\n  error()\nend", qr/^an error was raised that is no text but a nil value$/, 2);
refused('a table', "function up(db)\n  error({code = 5})\nend", qr/^an error was raised that is no text but a table value$/, 2);
refused('a table with a message', "function up(db)\n  error({message = 'so it is'})\nend", qr/^so it is$/, 2);
refused('a number', "function up(db)\n  error(42)\nend", qr/^42$/, 2);
refused('null', "function up(db)\n  error(null)\nend", qr/^null$/, 2);
refused('one whose __tostring fails', "function up(db)\n  error(setmetatable({}, {__tostring = function() error('within') end}))\nend", qr/^within$/, 2);
refused('one whose __tostring gives no text', "function up(db)\n  error(setmetatable({}, {__tostring = function() return {} end}))\nend", qr/'__tostring' must return a string/, 2);
refused('one that blames its caller', "local function check(x)\n  error('bad ' .. x, 2)\nend\nfunction up(db)\n  check('x')\nend", qr/^bad x$/, 5);
refused('a mistake', "function up(db)\n  local x\n    x.y = 1\nend", qr/^attempt to index a nil value \(local 'x'\)$/, 3);
refused('a text that is no Lua', "function up(db)\n  x = = 1\nend", qr/^unexpected symbol near '='$/, 2);
refused('no such function', 'return {down = function(db) end}', qr/^there is no function "up" in this file$/, 1);

subtest 'a traceback goes through modules' => sub {
    my $ran = lua($db, "local deep = require('deep')\nfunction up(db)\n  deep.call()\n  print('survived')\nend",
        modules => {deep => "local M = {}\nfunction M.call()\n  local n = nil + 1\nend\nreturn M"});
    like($ran->{error}, qr/^deep\.lua:3:3: attempt to perform arithmetic on a nil value/, 'the place is in the module');
    is($ran->{source}, '  local n = nil + 1', 'with its line');
    like($ran->{context}, qr/^deep\.lua:3: in [^\n]*'(?:deep\.)?call'\nlua\/m\.lua:3: in function 'up'$/m, 'the traceback has both') or diag($ran->{all});
};

# ------------------------------------------------------------------- modules

subtest 'modules' => sub {
    my $ran = lua($db, "local a, b = require('a'), require 'text.b'\nfunction up(db) print(a, b, require('a') == a, require('nothing')) end",
        modules => {a => "print('a is loaded')\nreturn {}", 'text.b' => "require 'a' return ...", nothing => ''});
    is($ran->{print}[0], 'a is loaded', 'each is run once');
    like($ran->{print}[1], qr/^table: \S+\ttext\.b\ttrue\ttrue$/, 'and gives what it returns, or true') or diag($ran->{all});
    $ran = lua($db, "print(pcall(require, 'a')) print(pcall(require, 'a')) function up() end", modules => {a => 'error("no")'});
    is($ran->{print}[0], "false\ta.lua:1: no", 'one that fails, fails');
    like($ran->{print}[1], qr/requires itself, or has failed before/, 'and is not run again');
    is(lua($db, "require 'a'", modules => {a => "require 'b'", b => "require 'a'"})->{message}, 'module "a" requires itself, or has failed before', 'a circle is an error');
    is(lua($db, "require 'os'")->{message}, 'there is no module "os" in this program', 'nothing else can be required');
};

subtest 'each form of file' => sub {
    my @forms = ('return function(db) print("up") end', 'return {up = function(db) print("up") end}', 'function up(db) print("up") end',
        "#!/usr/bin/lua\nlocal M = {} function M.up(db) print('up') end return M");
    is("@{lua($db, $_)->{print}}", 'up', (split /\n/)[0]) for @forms;
    is(lua($db, 'function verify(db) return db:one("SELECT true AS ok").ok end', part => 'verify')->{status}, '0', 'a check that holds');
    my $ran = lua($db, "function verify(db)\n  return false\nend", part => 'verify');
    is($ran->{error}, 'lua/m.lua:1:1: the function "verify" returned false []', 'one that does not');
    is(lua($db, 'function verify(db) return false, "3 are missing" end', part => 'verify')->{message}, '3 are missing', 'and says why');
};

done_testing();

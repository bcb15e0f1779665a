#!/usr/bin/perl
# A row's function that uses more than its share is stopped soon, and only its own row has failed: the next ones are called as if nothing had been.

use strict;
use warnings;

use List::Util qw(max);
use Stele::Script;
use Stele::Test;
use Test::More;

plan(skip_all => 'built without Lua') unless has_lua();
my $db = fresh_database();
my $slow = read_file(built('settings')) =~ /-fsanitize/;

# Rows 0 to 3, of which row 1 does this.
sub rows {
    my ($deed, %option) = @_;
    my $text = ($option{outer} // '') . "\nreturn { table = 't', key = 'id', read = 'a', embed = fixed { dimensions = 3 }, into = { vector = 'v' },\n"
        . "  text = function(row)\n    " . ($option{always} ? '' : 'if row.id == 1 then ') . $deed . ($option{always} ? '' : ' end') . "\n    return 'ok ' .. row.id\n  end }\n";
    return script($text, database => $db, arguments => ['--quiet', @{$option{arguments} || []}, '--text', "SELECT g, 'x' FROM generate_series(0, 3) g"],
        env => {SCRIPT_TIMES => 1, K => '0' x 64});
}

my $steps = qr/^the function "text" ran more than 20000000 steps \(-- stele: lua-steps raises that\)$/;
my $memory = qr/^the function "text" needs more than 64 MB of memory$/;
my $any = qr/more than/;
# What a plain loop of as many steps takes here; all of them are about as long.
my $plain = max(@{rows('while true do end')->{took}});
my ($longest, @slow) = (0);
for my $case (
    ['a loop', 'while true do end', $steps],
    ['a loop in pcall', 'pcall(function() while true do end end) while true do pcall(error) end', $steps],
    ['a loop in a coroutine', 'local c = coroutine.wrap(function() while true do end end) c()', $steps],
    ['many coroutines', 'while true do coroutine.wrap(function() end)() end', $steps],
    ['a loop in a metamethod', 'local t = setmetatable({}, {__index = function() while true do end end}) return t.x', $steps],
    ['a loop in __close', 'local x <close> = setmetatable({}, {__close = function() while true do end end}) while true do end', $steps],
    ['a loop in __tostring of an error', 'error(setmetatable({}, {__tostring = function() while true do end end}))', $steps],
    ['a loop in the handler of xpcall', 'xpcall(error, function() while true do end end)', $steps],
    ['a pattern that backtracks', 'return ("a"):rep(100000):find((".-"):rep(20) .. "b")', $steps],
    ['gsub', 'return ("a"):rep(30000):gsub("a*a*a*a*b", "")', $steps],
    ['a comparator', 'local t = {} for i = 1, 1e6 do t[i] = i % 1000 end table.sort(t, function(a, b) return a < b end)', $any],
    ['string.rep of too much', 'pcall(string.rep, "x", 1e9)', $any],
    ['string.rep again and again', 'for i = 1, 1e9 do local s = ("x"):rep(1e6) end', $steps],
    ['a string that doubles', 'local s = "x" while true do pcall(function() s = s .. s end) end', $memory],
    ['a table that grows', 'local t = {} while true do t[#t + 1] = {} end', $any],
    ['long strings that are compared', 'local s = ("x"):rep(1e7) local t = s .. "y" for i = 1, 1e9 do local b = s < t end', $steps],
    ['table.concat', 'local t = {} for i = 1, 1000 do t[i] = ("x"):rep(1000) end while true do table.concat(t) end', $steps],
    ['JSON', 'local t = {} for i = 1, 1000 do t[i] = ("x"):rep(100) end while true do json.encode(t) end', $steps],
    ['sealing', 'local s = ("x"):rep(1e6) while true do seal(s, secret "K") end', $steps],
    ['next in a table that was emptied', 'local t = {} for i = 1, 1e5 do t[i] = i end for i = 1, 1e5 do t[i] = nil end while true do next(t) end', $steps],
    ['string.format', 'while true do string.format("%99.99f", 1e300) end', $steps],
    ['a function that calls itself', 'local function f() return 1 + f() end f()', qr/more than|stack overflow/],
) {
    my ($name, $deed, $message) = @{$case};
    my $ran = rows($deed);
    my $took = max(0, @{$ran->{took}});
    ok(@{$ran->{failed}} == 0 && @{$ran->{took}} == 4 && !defined $ran->{status}, "$name: four rows came to their end") or diag($ran->{all});
    $ran = script("return { table = 't', key = 'id', read = 'a', map = function(row)\n if row.id == 1 then $deed end return { a = row.id } end }", database => $db,
        arguments => ['--map', "SELECT g, 'x' FROM generate_series(0, 3) g"], env => {K => '0' x 64});
    (my $expected = $message) =~ s/"text"/"map"/;
    ok(@{$ran->{failed}} == 1 && $ran->{failed}[0] =~ $expected, "$name: one of them failed") or diag($ran->{all});
    is("@{$ran->{rows}}", 'map a=0/1 map a=2/1 map a=3/1', "$name: the others didn't");
    $longest = max($longest, $took);
    push(@slow, sprintf('%s: %d ms', $name, $took / 1000)) if $took > 8 * $plain;
}
SKIP: {
    skip('a sanitizer is slow', 1) if $slow;
    is("@slow", '', sprintf('none took long: a plain loop takes %d ms, the longest %d ms', $plain / 1000, $longest / 1000));
}

# ------------------------------------------------------------------ what the file says

my $count = 'local n = 0 for i = 1, 3000 do n = n + 1 end';
is(scalar(@{script("return { table = 't', key = 'id', read = 'a', map = function(row) $count return { a = n } end }", database => $db,
    arguments => ['--steps', 5000, '--map', "SELECT g, 'x' FROM generate_series(0, 3) g"])->{failed}}), 4, 'a limit of its own: too few steps for any row');
is(scalar(@{script("return { table = 't', key = 'id', read = 'a', map = function(row) $count return { a = n } end }", database => $db,
    arguments => ['--steps', 50000, '--map', "SELECT g, 'x' FROM generate_series(0, 3) g"])->{rows}}), 4, 'and enough: they are counted anew for each row');

# --------------------------------------------------------------- what rows leave behind

my $ran = script("local kept = {}\nreturn { table = 't', key = 'id', read = 'a', map = function(row) kept[#kept + 1] = (row.a .. row.id):rep(1000000) return { a = #kept } end }",
    database => $db, arguments => ['--map', "SELECT g, 'x' FROM generate_series(1, 200) g"]);
is(scalar(@{$ran->{failed}}) . ' ' . @{$ran->{rows}}, '0 200', 'what rows leave in a local, until no memory is left, fails none of them: a new state is made') or diag($ran->{all});
cmp_ok(scalar(grep { $_ eq 'map a=1/1' } @{$ran->{rows}}), '>', 2, 'more than once');
$ran = script("print('outer')\nreturn { table = 't', key = 'id', read = 'a', map = function(row) print('row') if row.id < 3 then while true do end end return {} end }", database => $db,
    arguments => ['--map', "SELECT g, 'x' FROM generate_series(1, 3) g"]);
is("@{$ran->{print}}", 'outer row row row', 'and what the outer level prints, it prints once');

# ----------------------------------------------------------- what isn't the row's fault

$ran = rows('while true do end', arguments => ['--interrupt']);
is("$ran->{status} " . @{$ran->{failed}}, '130 0', 'who wants to stop need not wait for a loop, and no row has failed by that') or diag($ran->{all});

done_testing();

#!/usr/bin/perl
# A script's functions see rows as the server has them, value by value; what they return is taken exactly, or refused; and nothing is left behind for the next row.

use strict;
use warnings;

use Stele::Script;
use Stele::Test;
use Test::More;

plan(skip_all => 'built without Lua') unless has_lua();
my $db = fresh_database();
my %env = (K => '00' x 32, L => ('01' x 32), SHORT => 'geheim', EMPTY => '');

# A job with this function as text, map or check, and these columns.
sub job {
    my ($kind, $body, $read, $outer) = @_;
    my $reads = $read ? '"' . join('", "', @{$read}) . '"' : '"a"';
    my $what = $kind eq 'text' ? "embed = fixed { dimensions = 3 }, into = { vector = \"v\" }, text = f" : $kind eq 'map' ? 'map = f'
        : 'map = f, verify = { check = f, read = { "extra", "a" } }';
    return ($outer // '') . "\nlocal function f(row) $body end\nreturn { table = \"t\", key = \"id\", read = { $reads }, $what }\n";
}

sub rows {
    my ($kind, $body, $sql, %option) = @_;
    return script(job($kind, $body, $option{read}, $option{outer}), database => $db, arguments => ['--quiet', @{$option{arguments} || []}, "--$kind", $sql],
        env => \%env, modules => $option{modules}) if $option{quiet};
    return script(job($kind, $body, $option{read}, $option{outer}), database => $db, arguments => [@{$option{arguments} || []}, "--$kind", $sql], env => \%env,
        modules => $option{modules});
}

# --------------------------------------------------------------- what a function sees

my @types = (['smallint', '1', 'integer 1'], ['bigint', '9223372036854775807', 'integer 9223372036854775807'],
    ['numeric', '12345678901234567890.123456789', 'string 12345678901234567890.123456789'], ['real', '0.1', 'float 0.1'], ['float8', '1e308', 'float 1e+308'],
    ['boolean', 't', 'boolean true'], ['bytea', '\\x00ff41', 'string <0><255>A'], ['jsonb', '{"a":[1,null]}', 'userdata {"a": [1, null]}'],
    ['int[]', '{1,NULL,3}', 'table [1,null,3]'], ['text[]', '{"a,b",c}', 'table ["a,b","c"]'], ['date', '2024-02-29', 'string 2024-02-29'],
    ['timestamptz', '2024-03-01 12:00:00.123456+00', 'string 2024-03-01 12:00:00.123456+00'], ['text', 'a', 'string a']);
my $ran = rows('text', <<'END', 'SELECT 7::bigint, ' . join(', ', map { "'$_->[1]'::$_->[0]" } @types) . ', NULL::int', read => [(map { "c$_" } 1 .. @types), 'nothing']);
    local out = {}
    for i = 1, 13 do
        local v = row["c" .. i]
        local text = type(v) == "string" and v:gsub("[^ -~]", function(c) return ("<%d>"):format(c:byte()) end) or type(v) == "boolean" and "true" or json.encode(v)
        out[i] = (math.type(v) or type(v)) .. " " .. text
    end
    assert(row.id == 7 and row.nothing == nil and #row == 15 and row.c8.a[2] == null)
    return table.concat(out, "; ")
END
is((split('/', $ran->{rows}[0] // $ran->{all}))[0], 'text ' . join('; ', map { $_->[2] } @types), 'values keep their types, and the key is there, too') or diag($ran->{all});

$ran = rows('text', 'return row.a', q{SELECT 1, 'x' UNION ALL SELECT 2, NULL UNION ALL SELECT 3, E' \n\t' UNION ALL SELECT 4, ''});
is("@{$ran->{rows}}", 'text x/1 text nil/0 text nil/0 text nil/0', 'nil, and what is blank, is nothing to embed');
is(rows('text', 'return null', 'SELECT 1, 2')->{rows}[0], 'text nil/0', 'so is null');
is(rows('text', 'return row.nope', 'SELECT 1, 2')->{failed}[0], 'the row has no column "nope"; it has a, id', 'a column that was not read is an error, not nil');
is(rows('text', 'row.a = 1', 'SELECT 1, 2')->{failed}[0], q{a row can't be changed: use UPDATE, or copy what you need into a table}, 'a row is not written to');
is(rows('text', 'return 5', 'SELECT 1, 2')->{failed}[0], 'text(row) returned a number, and has to return a text, or nil', 'a number is no text');
is(rows('text', 'return row.a:sub(1, 1)', q{SELECT 1, 'ä'})->{failed}[0], q{text(row) returned a text that isn't UTF-8, at byte 1}, 'nor is half a character');
is(rows('text', 'return "a\0b"', 'SELECT 1, 2')->{failed}[0], 'text(row) returned a text with a zero byte, at byte 2', 'nor what has a zero byte');
is(rows('text', 'return ("ä€😀"):rep(1000)', 'SELECT 1, 2')->{rows}[0] =~ m{/(\d+)$} ? $1 : '', '9000', 'long texts of all planes are');

psql($db, q{CREATE EXTENSION vector; CREATE DOMAIN raw AS bytea; CREATE TYPE mood AS ENUM ('sad', 'glad');
    CREATE TABLE t (id bigint PRIMARY KEY, a text, n int, f float8, x numeric, b bool, j jsonb, y bytea, d raw, l int[], e vector(2), m mood, h text[])});
$ran = rows('text', 'return ("%s %s %s %s"):format(row.e[1], #row.e, row.m[1], row.d:byte(1))',
    q{SELECT 1, '[0.5,2]'::vector, '{sad}'::mood[], '\x05'::raw}, read => ['e', 'm', 'd']);
is($ran->{rows}[0], 'text 0.5 2 sad 5/11', 'types that are not built in are asked for, without a transaction') or diag($ran->{all});
psql($db, "ALTER DATABASE $db SET bytea_output = 'escape'");
is(rows('text', 'return ("%d %d %d %d %d"):format(#row.a, row.a:byte(1, 4))', q{SELECT 1, '\x005c41ff'::bytea})->{rows}[0], 'text 4 0 92 65 255/13', 'a bytea is read in its other form, too');
psql($db, "ALTER DATABASE $db RESET bytea_output");

# ---------------------------------------------------------------- what map returns

my @types_of_t = (arguments => ['--columns', 't']);
$ran = rows('map', <<'END', q{SELECT 1, 'x'}, @types_of_t);
    return { a = "plain", n = 9007199254740993 // 3, f = 0.1, x = "1.50", b = true, j = { k = { 1, 2.5, null } }, y = "a\0\xff", d = "\0", l = { 1, null, 3 },
        e = { 0.5, -1 }, m = "sad", h = { "a,b", 'c"d' } }
END
is($ran->{rows}[0], 'map a=plain/5 b=true/4 d=\x00/4 e=[0.5,-1]/8 f=0.1/3 h={"a,b","c\"d"}/14 j={"k":[1,2.5,null]}/18 l={"1",NULL,"3"}/14 m=sad/3 n=3002399751580331/16 x=1.50/4 y=\x6100ff/8',
    'each value is text of its column\'s type, a bytea byte by byte') or diag($ran->{all});
is(rows('map', 'return { a = null, j = null }', 'SELECT 1, 2', @types_of_t)->{rows}[0], 'map a=-/0 j=-/0', 'null is NULL');
is(rows('map', 'return { a = nil }', 'SELECT 1, 2', @types_of_t)->{rows}[0], 'map nil', 'nil leaves a column alone');
is(rows('map', 'return nil', 'SELECT 1, 2', @types_of_t)->{rows}[0], 'map nil', 'and so the row');
is(rows('map', 'return { a = 5, n = 3.0 }', 'SELECT 1, 2', @types_of_t)->{rows}[0], 'map a=5/1 n=3/1', 'a number is a text where the column is one');
for my $case (
    ['return { n = 1.5 }', 'column "n": 1.5 is no whole number that fits 64 bits, and the type is integer'],
    ['return { n = true }', q{column "n": a boolean can't be a value of type integer}],
    ['return { n = {} }', q{column "n": a table can't be a value of type integer}],
    ['return { a = "a\0" }', q{column "a": a zero byte can't be in a value of type text, only in a bytea}],
    ['return { a = "a\xff" }', q{column "a": the text isn't UTF-8, at byte 2; for bytes, as seal returns them, the column has to be bytea, and is text}],
    ['return { a = function() end }', q{column "a": a function can't be a value of type text}],
    ['return { y = 5 }', q{column "y": a number can't be a value of type bytea}],
    ['return { a = secret "K" }', q{column "a": a stele.secret can't be a value of type text}, 'userdata'],
    ['return { id = 2 }', q{map(row) returned the column "id", which is the key's: a key isn't changed}],
    ['return { ab = 2 }', q{map(row) returned the column "ab", which the table hasn't; did you mean "a"?}],
    ['return { zzz = 2 }', q{map(row) returned the column "zzz", which the table hasn't}],
    ['return { zzz = null }', q{map(row) returned the column "zzz", which the table hasn't}],
    ['return { 5 }', q{map(row) returned a table with a key that is no column's name but a number}],
    ['return "x"', 'map(row) returned a string, and has to return a table of columns, or nil'],
    ['local t = {} for i = 1, 65 do t["c" .. i] = 1 end return t', 'map(row) returned more than 64 columns'],
    ['local t = {} t.t = t return { j = t }', 'a table for JSON is nested too deep, or holds itself'],
) {
    my $message = rows('map', $case->[0], 'SELECT 1, 2', @types_of_t)->{failed}[0] // 'nothing';
    $message =~ s/a userdata can't/a stele.secret can't/;
    is($message, $case->[1], $case->[0]);
}
$ran = rows('map', 'return { a = "x", n = 5, f = 0.5, b = false, j = { 1 }, u = null }', 'SELECT 1, 2');
is($ran->{rows}[0], 'map a=x/1 b=false/5 f=0.5/3 j=[1]/3 n=5/1 u=-/0', 'where nobody says which columns there are, values go by what they are');

# ------------------------------------------------------------------------ check

$ran = rows('check', 'local e = row.extra if e == 1 then return true elseif e == 2 then return false elseif e == 3 then return false, "three" elseif e == 4 then return "four" elseif e == 6 then return {} end',
    q{SELECT g, 'x', g FROM generate_series(1, 6) g});
is("@{$ran->{rows}}", 'text nil/0 text check(row) returned false/25 text three/5 text four/4 text nil/0', 'what check says is told') or diag($ran->{all});
is($ran->{failed}[0], 'check(row) returned a table, and has to return true, or what is wrong', 'but no table');

# --------------------------------------------------------------------- between rows

$ran = rows('text', 'if row.id == 2 then error("no twos") end return "ok " .. row.id', q{SELECT g, 'x' FROM generate_series(1, 3) g});
is("@{$ran->{rows}} | @{$ran->{failed}} | @{$ran->{failed_lines}}", 'text ok 1/4 text ok 3/4 | no twos | 2', 'a row that fails, with its line, harms no other');

my $outer = "local raw, kept = rawset, {} helper = { x = 1 }\nfunction twice(s) return s .. s end";
$ran = rows('text', 'local r = twice(row.a) g = 1 return r', q{SELECT 1, 'x'}, outer => $outer);
is($ran->{failed}[0], q{the global "g" can't be set in a row's function}, 'a row sets no global');
like($ran->{hint}, qr/^write "local" before it/, 'the hint says what to do');
for my $deed ('twice = nil', 'string.rep = nil', 'string.new = 1', 'math.pi = 3', 'rawset(_ENV, "g", 1)', 'raw(string, "rep", 1)', 'table.insert(string, 1)', 'setmetatable(_ENV, nil)',
    'json.encode = nil', 'getmetatable(_ENV).__index = nil', 'local f <const> = debug.x') {
    is(scalar(@{rows('text', "$deed return 'survived'", q{SELECT 1, 'x'}, outer => $outer)->{failed}}), 1, "nor does it do: $deed");
}
is(rows('text', 'return twice(("x"):rep(2)) .. math.type(1) .. string.upper("a") .. json.encode({1}) .. m.n', q{SELECT 1, 'x'}, outer => $outer . ' m = require "m1"',
    modules => {m1 => 'return {n = "!"}'})->{rows}[0], 'text xxxxintegerA[1]!/16', 'all that the outer level made is there');
$ran = rows('text', 'return ("%d %d"):format(math.random(1000000), math.random(1000000))', q{SELECT g % 2, 'x' FROM generate_series(1, 4) g});
is("$ran->{rows}[0] $ran->{rows}[1]", "$ran->{rows}[2] $ran->{rows}[3]", 'random numbers are those of the row');
isnt($ran->{rows}[0], $ran->{rows}[1], 'and of another row others');
isnt(($ran->{rows}[0] =~ /text (\d+) (\d+)/)[0], ($ran->{rows}[0] =~ /text (\d+) (\d+)/)[1], 'one after the other');

# ---------------------------------------------------------------------- sealing

$ran = rows('map', 'return { a = unseal(seal(row.a, secret "K", row.id), secret "K", row.id), n = #seal(row.a, secret "K"), b = seal(row.a, secret "K") ~= seal(row.a, secret "K"), x = unseal(seal("", secret "K"), secret "K") == "" and 1 or 0 }',
    q{SELECT 1, 'läs' UNION ALL SELECT 2, NULL}, @types_of_t);
is($ran->{rows}[0], 'map a=läs/4 b=true/4 n=37/2 x=1/1', 'what was sealed is opened again, and sealed otherwise each time') or diag($ran->{all});
is(rows('map', 'return { y = seal(row.a, secret "K") , a = unseal(row.a, secret "K") }', 'SELECT 1, NULL', @types_of_t)->{rows}[0], 'map a=-/0 y=-/0', 'NULL stays NULL');
for my $case (
    ['unseal(seal("x", secret "K", 1), secret "K", 2)', 'the sealed value was changed, or belongs to another row'],
    ['unseal(seal("x", secret "K", 1), secret "K")', 'the sealed value was changed, or belongs to another row'],
    ['unseal(seal("x", secret "K"), secret "L")', 'the value was sealed with another key'],
    ['unseal(seal("x", secret "K") .. "y", secret "K")', 'the sealed value was changed, or belongs to another row'],
    ['unseal("", secret "K")', q{the value isn't one that was sealed}],
    ['unseal(("\1"):rep(32), secret "K")', q{the value isn't one that was sealed}],
    ['unseal(("\2"):rep(50), secret "K")', q{the value isn't one that was sealed}],
    ['seal("x", "K")', q{bad argument #2 to 'seal' (the key is given as secret "NAME")}],
    ['seal({}, secret "K")', q{bad argument #1 to 'seal' (a text or a bytea is expected)}],
    ['seal("x", secret "K", 1.5)', q{bad argument #3 to 'seal' (a text or a whole number is expected: the row's key)}],
) {
    is(rows('map', "return { a = $case->[0] }", 'SELECT 1, 2', @types_of_t)->{failed}[0], $case->[1], $case->[0]);
}
for my $name ('SHORT', 'EMPTY', 'MISSING_ONE') {
    $ran = rows('map', "return { a = seal(row.a, secret \"$name\") }", q{SELECT 1, 'x' UNION ALL SELECT 2, 'x'}, @types_of_t);
    ok(($ran->{status} // '') eq '9' && !@{$ran->{failed}} && $ran->{message} =~ /environment variable $name\b/ && $ran->{all} !~ /geheim/, "without a key no row is to blame: $name")
        or diag($ran->{all});
}

# --------------------------------------------------------------- many rows, and how fast

SKIP: {
    skip('a sanitizer is slow, and keeps memory for a while', 3) if read_file(built('settings')) =~ /-fsanitize/;
    $ran = rows('text', 'return row.a .. " " .. row.id', q{SELECT 1, repeat('hello ', 30)}, quiet => 1, arguments => ['--repeat', 200000]);
    my ($grew) = $ran->{out} =~ /^grew (\d+) kB$/m;
    ok(defined $grew && $grew < 1000, 'memory stays what it is over 200,000 rows') or diag($ran->{all});
    my $each = ($ran->{took}[0] // 1e9) / 200000;
    cmp_ok($each, '<', 50, sprintf('a row takes %.2f microseconds', $each));
    $ran = rows('map', 'if row.a == "x" then error({}) end return { y = seal(row.a, secret "K", row.id), j = { row.a, row.id } }', q{SELECT 1, 'x' UNION ALL SELECT 2, 'y'},
        quiet => 1, arguments => ['--columns', 't', '--repeat', 50000]);
    ($grew) = $ran->{out} =~ /^grew (\d+) kB$/m;
    ok(defined $grew && $grew < 1000, 'also where rows fail, and columns come out') or diag($ran->{all});
}

done_testing();

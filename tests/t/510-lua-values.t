#!/usr/bin/perl
# Values between Lua and the server, both ways and exactly; and db: exec, rows, one, try, and what it refuses.

use strict;
use warnings;

use Stele::Lua;
use Stele::Test;
use Test::More;

plan(skip_all => 'built without Lua') unless has_lua();
my $db = fresh_database();
psql($db, q{CREATE EXTENSION vector; CREATE TYPE mood AS ENUM ('sad', 'ok, "fine"'); CREATE DOMAIN positive AS int8 CHECK (VALUE > 0);
    CREATE DOMAIN tags AS text[]; CREATE TYPE pair AS (a int, b text)});

# What the body of `up` prints.
sub prints {
    my ($name, $body, @expected) = @_;
    my $ran = lua($db, "local function quiet(f) local ok, e = pcall(f) print(ok, (tostring(e):gsub('^.-:%d+: ', ''))) end\nfunction up(db)\n$body\nend");
    is_deeply($ran->{print}, \@expected, $name) or diag($ran->{all});
    return;
}

# ---------------------------------------------------------------- there and back

# A value in Lua, a type, and what comes back.
for my $case (
    ['9007199254740993', 'int8', 'integer 9007199254740993', '2^53 + 1'],
    ['math.mininteger', 'int8', 'integer -9223372036854775808', 'the least int8'],
    ['3.0', 'int4', 'integer 3', 'a whole float into an int4'],
    ['"0x10"', 'text', 'string 0x10', 'a string'],
    ['7', 'int2', 'integer 7', 'an int2'],
    ['42', 'oid', 'integer 42', 'an oid'],
    ['"12345678901234567890.1234567890123456789000"', 'numeric', 'string 12345678901234567890.1234567890123456789000', 'a numeric of 42 digits'],
    ['0.1', 'numeric', 'string 0.1', 'a float into a numeric, in its shortest form'],
    ['9007199254740993', 'numeric', 'string 9007199254740993', 'an integer into a numeric'],
    ['0.1', 'float8', 'float 0.1', 'a float8'],
    ['1e300 * 1e10', 'float8', 'float inf', 'infinity'],
    ['0.1', 'float4', 'float 0.1', 'a float4, in its shortest form'],
    ['true', 'boolean', 'true', 'true'],
    ['false', 'boolean', 'false', 'false, which is not nil'],
    ['nil', 'text', 'nil', 'nil, which is NULL'],
    ['null', 'int4', 'nil', 'null, which is NULL'],
    ['"a\'b\\\\c\"\nz"', 'text', 'string a\'b\\c"|z', 'a text that would need quoting'],
    ['5', 'text', 'string 5', 'a number into a text'],
    ['"ok, \"fine\""', 'mood', 'string ok, "fine"', 'an enum'],
    ['5', 'positive', 'integer 5', 'a domain'],
    ['"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"', 'uuid', 'string a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a uuid'],
    ['"2024-02-03 04:05:06.789012+02"', 'timestamptz', 'string 2024-02-03 02:05:06.789012+00', 'a timestamptz'],
    ['"1 day 02:03:04"', 'interval', 'string 1 day 02:03:04', 'an interval'],
    ['"(1,x)"', 'pair', 'string (1,x)', 'a row type, as text'],
    ['"[1,5)"', 'int4range', 'string [1,5)', 'a range, as text'],
    ['{1, null, -3}', 'int4[]', 'table {1,null,-3}', 'an array with a NULL'],
    ['{null, null}', 'int8[]', 'table {null,null}', 'an array of NULLs'],
    ['{}', 'text[]', 'table {}', 'an empty array'],
    ['{"a,b", "{}", "", "NULL", "q\"\\\\", null}', 'text[]', 'table {a,b,{},,NULL,q"\\,null}', 'an array of awkward texts'],
    ['{{1, 2}, {3, null}}', 'int4[]', 'table {{1,2},{3,null}}', 'an array of two dimensions'],
    ['"{{true,false}}"', 'boolean[]', 'table {{true,false}}', 'an array given as text'],
    ['"[0:1]={5,6}"', 'int4[]', 'string [0:1]={5,6}', 'an array that begins elsewhere, as text'],
    ['{"\0\255", null}', 'bytea[]', "table {\\0\xff,null}", 'an array of bytes'],
    ['{"a", "b"}', 'tags', 'table {a,b}', 'a domain over an array'],
    ['{"sad", null}', 'mood[]', 'table {sad,null}', 'an array of enums'],
    ['{5, 6}', 'positive[]', 'table {5,6}', 'an array of domains'],
    ['{{a = 1}, {2}}', 'jsonb[]', 'table {{"a": 1},[2]}', 'an array of JSON'],
    ['{1.5, -2, 0.1}', 'vector', 'table {1.5,-2.0,0.1}', 'a vector'],
    ['"[1,2]"', 'vector(2)', 'table {1.0,2.0}', 'a vector given as text'],
    ['{1.5, 0.25}', 'halfvec', 'table {1.5,0.25}', 'a halfvec'],
    ['{{1.0, 2.0}, null}', 'vector[]', 'table {{1.0,2.0},null}', 'an array of vectors'],
    ['"{1:0.5}/3"', 'sparsevec', 'string {1:0.5}/3', 'a sparsevec, as text'],
    ['{b = {1, null, {}}, a = 9007199254740993}', 'json', 'userdata {"a":9007199254740993,"b":[1,null,{}]}', 'a json, with its keys in order'],
    ['"{\"a\" :  1}"', 'json', 'userdata {"a" :  1}', 'a json given as text, kept as it is'],
    ['json.array()', 'jsonb', 'userdata []', 'an empty array'],
    ['true', 'jsonb', 'userdata true', 'a scalar'],
) {
    my ($value, $type, $expected, $name) = @{$case};
    my $ran = lua($db, <<"END");
local function show(v)
  if type(v) ~= "table" then return (tostring(v):gsub("\\n", "|"):gsub("\\0", "\\\\0")) end
  local t = {}
  for i, e in ipairs(v) do t[i] = show(e) end
  return "{" .. table.concat(t, ",") .. "}"
end
function up(db)
  local v = db:one("SELECT \$1::$type AS v", $value).v
  print((type(v) == "number" and math.type(v) .. " " or (type(v) == "nil" or type(v) == "boolean") and "" or type(v) .. " ") .. show(v))
  assert(v == nil or db:one("SELECT \$1::${type}::text IS NOT DISTINCT FROM \$2::${type}::text AS same", v, $value).same)
end
END
    is("@{$ran->{print}} $ran->{status}", "$expected 0", "$name ($type)") or diag($ran->{all});
}

prints('all bytes', 'local b = {} for i = 0, 255 do b[#b + 1] = string.char(i) end b = table.concat(b)
    local r = db:one("SELECT $1::bytea AS b, length($1::bytea) AS n", b) print(r.b == b, #r.b, r.n)', "true\t256\t256");
psql($db, "ALTER DATABASE $db SET DateStyle = 'German'; ALTER DATABASE $db SET extra_float_digits = 0; ALTER DATABASE $db SET bytea_output = 'escape'");
prints('the session\'s settings for output do not matter', q{print(db:one("SELECT date '2024-02-03' AS d").d, db:one("SELECT $1::float8 AS f", 0.1 + 0.2).f == 0.1 + 0.2,
    db:one("SELECT $1::bytea AS b", "\\\\\0").b == "\\\\\0", db:one("SELECT $1::bytea[] AS b", {"\0\255"}).b[1] == "\0\255")}, "2024-02-03\ttrue\ttrue\ttrue");
psql($db, "ALTER DATABASE $db RESET ALL");

# ------------------------------------------------------------------- refusals

# An expression that fails, with a message, and leaves the transaction whole.
for my $case (
    ['"a\0b"', 'text', qr/^parameter \$1: a zero byte can't be in a value of type text, only in a bytea$/, 'a zero byte in a text'],
    ['{"a\0b"}', 'text[]', qr/a zero byte/, 'a zero byte in an array'],
    ['1.5', 'int4', qr/^parameter \$1: 1\.5 is no whole number/, 'a fraction into an integer'],
    ['1e30', 'int8', qr/is no whole number that fits 64 bits/, 'a float that is too large'],
    ['true', 'int4', qr/^parameter \$1: a boolean can't be a value of type integer$/, 'a boolean into an integer'],
    ['1', 'boolean', qr/a number can't be a value of type boolean/, 'a number into a boolean'],
    ['{}', 'text', qr/a table can't be a value of type text/, 'a table into a text'],
    ['print', 'text', qr/a function can't be a value of type text/, 'a function'],
    ['db', 'jsonb', qr/a userdata can't be a value of type jsonb/, 'an object'],
    ['{1, nil, 3}', 'int4[]', qr/has keys 1 to n, without a gap|has a gap/, 'an array with a gap'],
    ['{{1, 2, [4] = 5}, {3, 4}}', 'int4[]', qr/has keys 1 to n, without a gap/, 'a gap in a further dimension'],
    ['{{1, 2, x = 5}, {3, 4}}', 'int4[]', qr/has keys 1 to n, without a gap/, 'a name in a further dimension'],
    ['{1, 2, [4] = 5}', 'vector', qr/^parameter \$1: a table for vector has keys 1 to n, without a gap/, 'a vector with a gap'],
    ['{1, 2, x = 5}', 'halfvec', qr/a table for halfvec has keys 1 to n/, 'a halfvec with a name'],
    ['{{1, 2, [4] = 5}}', 'vector[]', qr/a table for vector has keys 1 to n/, 'a vector with a gap in an array'],
    ['{[0] = "a", [2] = "b"}', 'jsonb', qr/keys 1 to n, without a gap, or strings/, 'a table that begins at 0 and has a gap into JSON'],
    ['{[-1] = "a", [2] = "b"}', 'jsonb', qr/keys 1 to n, without a gap, or strings/, 'a place below 0 into JSON'],
    ['{[1.5] = "a", [2] = "b"}', 'jsonb', qr/keys 1 to n, without a gap, or strings/, 'a fraction of a place into JSON'],
    ['{[true] = "a", [2] = "b"}', 'jsonb', qr/keys 1 to n, without a gap, or strings/, 'a key that is no place into JSON'],
    ['json.array {[true] = "a", [2] = "b"}', 'jsonb', qr/keys 1 to n, without a gap, or strings/, '... in what is said to be an array'],
    ['{a = 1}', 'int4[]', qr/has keys 1 to n/, 'a table with names into an array'],
    ['{1, a = 2}', 'jsonb', qr/keys 1 to n, without a gap, or strings/, 'a mixed table into JSON'],
    ['{0 / 0}', 'jsonb', qr/JSON has no number that is infinite or none/, 'a number that is none into JSON'],
    ['{1, "x"}', 'vector', qr/element 2 of a vector is no number/, 'a text in a vector'],
) {
    my ($value, $type, $message, $name) = @{$case};
    my $ran = lua($db, "function up(db)\n  local ok, e = pcall(db.one, db, 'SELECT \$1::$type', $value)\n  print(e)\n  db:exec('SELECT 1')\nend");
    like($ran->{print}[0], $message, $name) or diag($ran->{all});
    is($ran->{status}, '0', '... and the transaction goes on');
}
my $transaction = 'a Lua migration can\'t begin or end a transaction';
for my $case (
    ['BEGIN', $transaction], ['/* x /* y */ */ -- z\n Commit', $transaction], ['end;', $transaction], ['ABORT', $transaction],
    ['START TRANSACTION', $transaction], ['ROLLBACK TO x', $transaction], ['PREPARE TRANSACTION $$x$$', $transaction],
    ['SAVEPOINT a', 'a Lua migration can\'t set savepoints itself'], ['RELEASE a', 'a Lua migration can\'t set savepoints itself'],
    ['COPY pg_class TO STDOUT', 'COPY from stdin or to stdout can\'t be run from Lua'],
) {
    my $ran = lua($db, "function up(db)\n  db:exec(\"$case->[0]\")\nend");
    is($ran->{error}, "lua/m.lua:2:3: $case->[1] []", "$case->[0] is refused");
    isnt($ran->{hint}, undef, '... with a hint');
}
is(lua($db, 'function up(db) local p, t = {}, {} for i = 1, 65536 do p[i], t[i] = "$" .. i, 1 end db:exec("SELECT " .. table.concat(p, ","), table.unpack(t)) end')->{message},
    'a statement takes 65535 values at most, got 65536', 'more values than the protocol can count are refused');
is(lua($db, 'function up(db) print(pcall(json.decode, "[1e400]")) end')->{print}[0], "false\tthe number 1e400 of the JSON text does not fit a float; take it out in SQL, as text",
    'so is a number of JSON that no float holds');
is(lua($db, 'function up(db) db:exec("SELECT 1; SELECT 2") end')->{hint}, 'give each statement a call of its own', 'several statements are refused');
is(lua($db, 'function up(db) db:exec("SELECT $1::int, $2::int", 1) end')->{message}, 'expected 2 values for the parameters of the statement, got 1', 'so are values that are too few');
is(lua($db, 'function up(db) db:exec("SELECT 1", nil) end')->{message}, 'expected 0 values for the parameters of the statement, got 1', '... or too many');
is(lua($db, 'function up(db) db.exec("SELECT 1") end')->{message}, 'call it with a colon: db:exec(sql, ...)', 'and a point for a colon');
prints('what only looks like a parameter or transaction control is none', q{local r = db:one([[SELECT $1::int AS "begin", '$2' AS b, $x$$3$x$ AS c, E'\'' /* $4 */ -- $5
  , 'commit' AS "commit; $6"]], 1) print(r.begin, r.b, r.c, r["commit; $6"])}, "1\t\$2\t\$3\tcommit");

# ----------------------------------------------------------------------- rows

prints('a row', q{local r = db:one("SELECT 1 AS a, NULL::text AS n, 'x' AS b")
    print(#r, r.a, r.n, r[3])
    for i, v in ipairs(r) do print(i, v) end
    for name, value in pairs(r) do print(name, value) end
    quiet(function() return r.c end) quiet(function() r.a = 2 end) quiet(function() return r[5] end)},
    "3\t1\tnil\tx", "1\t1", "a\t1", "n\tnil", "b\tx", "false\tthe row has no column \"c\"; it has a, n, b",
    "false\ta row can't be changed: use UPDATE, or copy what you need into a table", "false\tthe row has no column 5; it has 3");
prints('columns of one name', q{local r = db:one("SELECT 1 AS x, 2 AS x") for name, value in pairs(r) do print(name, value) end quiet(function() return r.x end)},
    "x\t1", "x\t2", "false\tseveral columns of the row are named \"x\"; give them other names with AS");
prints('db:exec counts', q{print(db:exec("CREATE TABLE n (x int)"), db:exec("INSERT INTO n SELECT generate_series(1, 3)"), db:exec("UPDATE n SET x = 0 WHERE x > $1", 1),
    db:exec("SELECT * FROM n"), db:exec("DELETE FROM n WHERE false"))}, "0\t3\t2\t3\t0");
prints('db:one', q{print(db:one("SELECT 1 AS x").x, db:one("SELECT 1 WHERE false"), db:one("CREATE TABLE o ()"))
    print(pcall(db.one, db, "SELECT generate_series(1, 100000)")) print(db:one("INSERT INTO n VALUES ($1) RETURNING x", 7).x)},
    "1\tnil\tnil", "false\tthe statement gave more than one row", '7');

subtest '100,000 rows stream in flat memory' => sub {
    my $text = q{
        function up(db)
          local n, changed = 0, 0
          for row in db:rows("SELECT g AS id, repeat('x', 500) AS t FROM generate_series(1, $1) AS g", db.parameters.count) do
            n = n + row.id
            if row.id % 20 == 0 then changed = changed + db:exec("INSERT INTO n VALUES ($1)", row.id) end
          end
          print(n, changed)
        end};
    my $small = lua($db, $text, arguments => ['--parameter', 'count=5000']);
    my $large = lua($db, $text, arguments => ['--parameter', 'count=100000']);
    is("@{$small->{print}} @{$large->{print}}", "12502500\t250 5000050000\t5000", 'each once, with other statements in the loop') or diag($large->{all});
    cmp_ok($large->{peak}, '<', 2 * $small->{peak}, "in $large->{peak} bytes, of 50 MB");
};
prints('rows of wide values come one by one', q{local n = 0
    for row in db:rows("SELECT repeat('x', 3000000) AS t FROM generate_series(1, 30)") do n = n + #row.t // 3000000 end print(n)}, '30');
prints('a loop that is left closes its cursor, also by an error', q{
    for row in db:rows("SELECT generate_series(1, 1000) AS x") do if row.x == 20 then break end end
    pcall(function() for row in db:rows("SELECT generate_series(1, 1000) AS x") do error("x") end end)
    for row in db:rows("SELECT generate_series(1, 1000) AS x") do end
    print(db:one("SELECT count(*) AS n FROM pg_cursors WHERE name LIKE 'stele%'").n)}, '0');
prints('loops in loops, statements without a cursor, and none at all', q{local n, last = 0
    for a in db:rows("SELECT generate_series(1, 20) AS x") do
      for b in db:rows("VALUES ($1::int), (2), (3), (4), (5)", a.x) do n, last = n + 1, b[1] end
    end
    print(n, last)
    db:exec("CREATE TABLE w (x int)")
    for r in db:rows("WITH i AS (INSERT INTO w VALUES (1), (2) RETURNING x) SELECT * FROM i ORDER BY x") do print(r.x) end
    db:exec("SET LOCAL search_path = public")
    for r in db:rows("SHOW search_path") do print(r.search_path) end
    for r in db:rows("SELECT * FROM w WHERE false") do print("never") end
    for r in db:rows("(SELECT 3 AS x, 1 AS y) -- end") do print(r.x, r.y) end}, "100\t5", '1', '2', 'public', "3\t1");
prints('a type that changes between two calls of one statement', q{db:exec("CREATE TABLE c (v int)") db:exec("INSERT INTO c VALUES ($1)", 1)
    print(#db:one("SELECT * FROM c"))
    db:exec("ALTER TABLE c ALTER v TYPE text, ADD w text DEFAULT 'y'")
    db:exec("INSERT INTO c VALUES ($1)", "x")
    local r = db:one("SELECT * FROM c WHERE v = $1", "x") print(r.v, r.w, #r)}, '1', "x\ty\t2");

# ----------------------------------------------------------------------- JSON

prints('a JSON value looks into itself', q{local j = db:one([[SELECT '{"b": ["one", "two", null], "a": 9007199254740993}'::jsonb AS j]]).j
    print(j.a, j.b[2], j.b[3] == null, tostring(j))
    local n = 0 for k, v in pairs(j) do n = n + 1 end print(n, #db:one("SELECT $1::jsonb AS j", {1, 2, 3}).j)
    for i, v in ipairs(j.b) do print(i, v) end
    quiet(function() return db:one("SELECT to_jsonb(5) AS j").j.x end) quiet(function() j.a = 1 end)
    print(json.decode(db:one("SELECT to_jsonb(5) AS j").j))},
    "9007199254740993\ttwo\ttrue\t{\"a\": 9007199254740993, \"b\": [\"one\", \"two\", null]}", "2\t3", "1\tone", "2\ttwo", "3\tnull",
    "false\tthis JSON value is no object and no array; json.decode gives what it is",
    "false\ta value of the database can't be changed; json.decode gives a table that can", '5');
prints('json.encode and json.decode', q{local t = {a = json.array(), b = {}, c = {1, 1.5, 1e300, "\1\"\\\\/"}, d = null}
    print(json.encode(t)) print(json.encode(json.decode(json.encode(t))) == json.encode(t))
    print(json.decode('"\\\\u00e9\\\\ud83d\\\\ude00"')) print(math.type(json.decode("1.0")), math.type(json.decode("-0")))},
    '{"a":[],"b":{},"c":[1,1.5,1e+300,"\u0001\"\\\\/"],"d":null}', 'true', "\xc3\xa9\xf0\x9f\x98\x80", "float\tinteger");
for my $bad ('', '{', '[1,]', '{"a" 1}', '{1:2}', '"a', '"\\x"', '"\\ud800"', '01x', 'nul', '1 2', '[1', '99999999999999999999', "\"\n\"", '-', '1e', '+1', '01', '.5', '1.', '0x10', "1\0") {
    (my $quoted = $bad) =~ s/([^a-z])/sprintf('\\x%02x', ord $1)/ge;
    is(lua($db, "function up(db) json.decode('$quoted') end")->{status}, '1', "no JSON: $quoted");
}

# ------------------------------------------------------------- failures, db:try

subtest 'a failure of the database' => sub {
    my $ran = lua($db, "function up(db)\n  db:exec([[SELECT 1,\n    nope\n  FROM pg_class]])\nend");
    is($ran->{error}, 'lua/m.lua:2:3: column "nope" does not exist [42703]', 'has the line of the call');
    like($ran->{context}, qr/^statement, line 2, column 5:     nope\n/, 'and the place in the statement') or diag($ran->{all});
    $ran = lua($db, "function up(db)\n  for r in db:rows('SELECT nope, \$1::int', 1) do end\nend");
    like($ran->{context}, qr/^statement, line 1, column 8: SELECT nope/, 'also behind the words that make it a cursor');
    $ran = lua($db, "function up(db)\n  for r in db:rows('SELECT 1 / (15 - g) FROM generate_series(1, 20) AS g') do end\nend");
    is("$ran->{error} " . ($ran->{context} =~ /^(.*)/)[0], 'lua/m.lua:2:3: division by zero [22012] statement: SELECT 1 / (15 - g) FROM generate_series(1, 20) AS g', 'and on the way');
    $ran = lua($db, "function up(db)\n  db:exec([[DO \$\$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'ST001', DETAIL = 'd', HINT = 'h'; END \$\$]])\nend");
    is("$ran->{error} $ran->{detail} $ran->{hint}", 'lua/m.lua:2:3: no [ST001] d h', 'with detail and hint');
};
subtest 'a failure that was caught is the migration\'s all the same' => sub {
    my $ran = lua($db, "function up(db)\n  pcall(db.exec, db, 'SELECT nope')\n  print(select(2, pcall(db.exec, db, 'SELECT nope2')))\nend");
    is($ran->{error}, 'lua/m.lua:2:3: column "nope" does not exist [42703]', 'the first one');
    is("@{$ran->{print}}", 'column "nope" does not exist [42703]', 'which every later call repeats');
    $ran = lua($db, "function up(db)\n  db:try(db.one, db, 'SELECT pg_terminate_backend(pg_backend_pid())')\n  print('survived')\nend");
    is("$ran->{status} @{$ran->{print}}", '3 ', 'a lost connection is one, also in db:try');
};
my $lost = 'the rows that were left are lost: they were asked for in a db:try that was undone';
prints('db:try', q{print(db:try(function(a, b) db:exec("CREATE TABLE y (x int)") return a + b, "x" end, 1, 2))
    local ok, e = db:try(function() db:exec("DROP TABLE y")
      db:exec("SELECT nope") end)
    print(ok, e, e.sqlstate, e.line)
    print(db:try(error, "plain"))
    print(db:try(function() pcall(db.exec, db, "SELECT nope2") end))
    print(db:try(function() for r in db:rows("SELECT generate_series(1, 100)") do db:try(error) db:exec("SELECT 1 / 0") end end))
    for r in db:rows("SELECT 1 AS x UNION ALL SELECT 2 ORDER BY 1") do db:try(error, "x") print(r.x) end
    local kept db:try(function() kept = db:rows("SELECT 1 AS x") end) print(kept().x)
    local gone db:try(function() gone = db:rows("SELECT 1 AS x") error("x") end) quiet(gone)
    local some db:try(function() some = db:rows("SELECT generate_series(1, 11)") for i = 1, 10 do some() end error("x") end) quiet(some)
    local none db:try(function() none = db:rows("SELECT 1") none() error("x") end) print(none())
    print(db:one("SELECT to_regclass('y') IS NOT NULL AS there").there)},
    "true\t3\tx", "false\tcolumn \"nope\" does not exist [42703]\t42703\t5", "false\tplain", "false\tcolumn \"nope2\" does not exist [42703]",
    "false\tdivision by zero [22012]", '1', '2', '1', ("false\t$lost") x 2, '', 'true');
is(lua($db, "function up(db)\n  local ok, e = db:try(db.exec, db, 'SELECT nope')\n  error(e)\nend")->{error}, 'lua/m.lua:2:3: column "nope" does not exist [42703]', 'what db:try gave can be raised again, with its place');
is(lua($db, 'function up(db) print(db.parameters.big, db.parameters.least) end', arguments => ['--parameter', 'big=9223372036854775808', '--parameter', 'least=-9223372036854775808'])->{print}[0],
    "9223372036854775808\t-9223372036854775808", 'an integer parameter that 64 bits do not hold is its digits');
prints('the types of a statement are asked for anew when the search_path has changed', q{db:exec("CREATE SCHEMA one") db:exec("CREATE SCHEMA two") db:exec("CREATE TABLE one.t (x int)")
    db:exec("CREATE TABLE two.t (x text)")
    for _, s in ipairs {"one", "two"} do db:one("SELECT pg_catalog.set_config('search_path', $1, true)", s) db:exec("INSERT INTO t VALUES ($1)", s == "one" and 5 or "five") end
    print(db:one("SELECT x FROM two.t").x) error("undo")}, "five");
prints('there are no parameters unless given', 'print(db.parameters.count, next(db.parameters))', "nil\tnil");

done_testing();

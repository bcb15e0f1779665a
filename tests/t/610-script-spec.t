#!/usr/bin/perl
# What a job's script says, and what is said of one that says something else: each wrong key, type and combination is an error of its own, with its line.

use strict;
use warnings;

use Stele::Script;
use Stele::Test;
use Test::More;

plan(skip_all => 'built without Lua') unless has_lua();

my $embeds = <<'END';
-- Every memory anew
local m = require "m1"
return {
    table = "app.\"Docs\"", key = { "tenant", "id" }, read = { "title", "body" }, where = "deleted_at IS NULL", by = "blocks",
    embed = http { url = parameter "url", model = m.model, dimensions = 1024, key = secret "EMBEDDING_KEY", send_dimensions = true, encoding = "float",
        max_inputs = 32, max_tokens = 16384, max_bytes = 2000000, max_input_tokens = 512, timeout = "2min", too_long = "clip", price = 0.02, ca_file = "/ca.pem" },
    text = function(row) return row.title .. row.body end,
    into = { table = "docs_1024", vector = "embedding", hash = "input" }, empty = "null", metric = "ip", space = "docs",
    index = "USING hnsw (embedding vector_cosine_ops)",
    pace = { write = "100ms", rpm = 3000, nice = 0.1, tpm = 4e6 },
    follow = "sweep",
    verify = { recall = 0.95, recall_at = 5, recall_queries = 50, norm = { 0.99, 1.01 }, resample = 50, cosine = 0.9995, distinct = 0.5, zero = { "SELECT 0", "SELECT 1" },
        sample = 7, read = { "lang", "body" }, check = function(row) return true end },
    switch = { parameters = { int_dim = 1024, url = parameter "url" }, sql = "SELECT 1", undo = "SELECT 2" },
}
END
my @parameters = ('--parameter', 'url=http://localhost:1/v1', '--parameter', 'int_dim=3', '--parameter', 'unset');
my $ran = script($embeds, arguments => \@parameters, modules => {m1 => 'return {model = "bge-m3"}'});
is($ran->{out}, <<'END', 'everything that can be said of a job that embeds arrives');
name m
kind 0
table app."Docs"
key tenant id
read title body
where deleted_at IS NULL
order 2
into docs_1024 embedding input
embed 0 http://localhost:1/v1 bge-m3 1024 1 EMBEDDING_KEY float 32 16384 2000000 512 120000 1 0.02 /ca.pem
empty 1
index USING hnsw (embedding vector_cosine_ops)
metric ip
space docs
sql -
follow 0 1
pace nice = 0.1
pace rpm = 3000
pace tpm = 4000000
pace write = 100ms
verify 0.95 5 50 0.99 1.01 50 0.9995 0.5 7 1
zero SELECT 0 SELECT 1
check lang body
parameter int_dim = 1024
parameter url = http://localhost:1/v1
switch 1 SELECT 1 SELECT 2
END

$ran = script('return { table = "t", key = "id", read = "a", embed = callback { dimensions = 3 }, into = { vector = "v" }, text = function() end }');
is($ran->{out}, <<'END', 'and what is not said has a value that is safe');
name m
kind 0
table t
key id
read a
where -
order 0
into - v -
embed 1 - callback 3 0 - - 256 100000 1048576 0 0 0 0 -
empty 0
index -
metric cosine
space m
sql -
follow 1 1
verify 0 10 100 0 0 0 0 0.01 0 0
zero
check
switch 0 - -
END

$ran = script('return { table = "e", key = "id", sql = "UPDATE e SET a = :k FROM :batch b WHERE e.id = b.id AND :n::int > 1", bind = { k = secret "K", n = 5 } }');
like($ran->{out}, qr/^kind 2\n.*^key id\nread\n.*^follow 0 0\nbind k = secret K\nbind n = 5\n/ms, 'a statement, with a secret and a number') or diag($ran->{all});
$ran = script('return { table = "e", key = "id", read = "a", by = "key", map = function() end, follow = "trigger", verify = { zero = "SELECT 0" } }');
like($ran->{out}, qr/^kind 1\n.*^order 1\n.*^follow 1 1\n.*^zero SELECT 0$/ms, 'a map') or diag($ran->{all});

# ------------------------------------------------------------------ what is wrong

# Replace something in a script that is right: what is said of it, and in which line.
my $right = <<'END';
local unused = { table = 1, vector = 2, url = 3 } -- table = "x"
return {
    table = "docs", -- return { key = 1
    key = "id",
    read = { "a", "b" },
    text = function(row) local vector = [[ into = { ]] return row.a end,
    embed = http {
        url = "https://api.example.com/v1",
        model = "m",
        dimensions = 3,
    },
    into = {
        vector = "v",
        hash = "h",
    },
    verify = { recall = 0.5,
        norm = { 0, 2 } },
    switch = {
        sql = "SELECT 1", undo = "SELECT 2",
    },
}
END

sub wrong {
    my ($from, $to, $message, $line, %option) = @_;
    (my $text = $right) =~ s/\Q$from\E/$to/ or die "no $from\n";
    my $status = delete $option{status} // 1;
    $ran = script($text, arguments => \@parameters, %option);
    (my $shown = $to) =~ s/\s+/ /g;
    ok(($ran->{status} // '') eq $status && ($ran->{message} // '') =~ $message && ($line == 0 || $ran->{line} == $line), "$shown: " . ($ran->{message} // 'nothing'))
        or diag("expected $message at line $line\n$ran->{all}");
    return;
}

is(script($right)->{message}, undef, 'the script that is made wrong in what follows is right');

wrong('table = "docs"', 'tabel = "docs"', qr/^a job has no key "tabel"; did you mean "table"\?$/, 3);
like($ran->{hint}, qr/^it may have: table, key, read, /, 'the hint has all that it may have');
for (1 .. 5) {
    wrong('key = "id",', 'kye = "id", zzzz = 1, abc = 1,', qr/^a job has no key "abc"$/, 4);
    like($ran->{hint}, qr/^nor "kye", "zzzz"; it may have: table, key, /, '... of several the first, whatever their order, and the hint has the others');
}
wrong('table = "docs"', 'zzzz = "docs"', qr/^a job has no key "zzzz"$/, 3);
wrong('table = "docs",', '', qr/^the key "table" is missing$/, 0);
wrong('key = "id",', '', qr/^the key "key" is missing$/, 0);
wrong('read = { "a", "b" },', '', qr/^the key "read" is missing$/, 0);
wrong('key = "id"', 'key = {}', qr/^"key" is an empty list$/, 4);
wrong('key = "id"', 'key = { "id", x = 1 }', qr/^"key" is no list/, 4);
wrong('key = "id"', 'key = 5', qr/^"key" has to be a text, and is a number$/, 4);
wrong('key = "id"', 'key = { "id", 5 }', qr/^"key" has to be a text, and is a number$/, 4);
wrong('key = "id"', 'key = "  "', qr/^"key" is empty$/, 4);
wrong('key = "id"', 'key = "\\"Id\\""', qr/^"key" has the name of a column in quotes/, 4);
wrong('key = "id"', 'key = "a\\0b"', qr/^"key" has bytes that are no text$/, 4);
wrong('key = "id"', 'key = "a\\xffb"', qr/^"key" has bytes that are no text$/, 4);
wrong('key = "id"', 'key = ("x"):rep(64)', qr/^"key" is longer than/, 4);
wrong('{ "a", "b" }', '{ "a", "a" }', qr/^"read" names a column twice$/, 5);
wrong('key = "id"', 'key = { "a", "b", "c", "d", "e", "f", "g", "h", "i" }', qr/^"key" has too many elements$/, 4);
wrong('{ "a", "b" }', '{ "a", "v" }', qr/^"read" has "v", which this job writes: it would never be done$/, 5);
wrong('"docs"', '"docs; DROP TABLE x"', qr/^"table" is no name of a table, as SQL writes it/, 3);
wrong('"docs"', '"a.b.c"', qr/^"table" is no name of a table/, 3);
wrong('"docs"', '"\\"docs"', qr/^"table" is no name of a table/, 3);
wrong('"docs"', '1', qr/^"table" has to be a text, and is a number$/, 3);
wrong('text = function(row)', 'text = true, f = function(row)', qr/^a job has no key "f"$/, 6);
wrong('text =', 'map =', qr/^a job has one of "embed", "map" and "sql"; this one has "embed" and "map"$/, 6);
wrong('embed =', 'space = "s", by =', qr/^a job has one of "embed", "map" and "sql"; this one has none$/, 0);
wrong('read =', 'sql = "SELECT", read =', qr/this one has "embed" and "sql"$/, 5);
wrong('read =', 'bind = {}, read =', qr/^"bind" is for a job that has "sql"; this one has "embed"$/, 5);
wrong('read =', 'by = "Blocks", read =', qr/^"by" is "Blocks"; it can be "key" or "blocks"$/, 5);
wrong('read =', 'follow = "maybe", read =', qr/^"follow" is "maybe"; it can be "trigger", "sweep" or "none"$/, 5);
wrong('read =', '[1] = 2, read =', qr/^the job's table has a key that is no name but a number$/, 0);
wrong('return {', 'return nil, {', qr/^the file returns a nil; a job's file returns a table that says what to do$/, 0);

wrong('embed = http {', 'embed = {', qr/^"embed" has to be what http\{\.\.\.\}, callback\{\.\.\.\} or fixed\{\.\.\.\} gives, and is a table$/, 7);
wrong('http {', 'fixed {', qr/^"embed" has no key "url"$/, 8);
wrong('model = "m"', 'modle = "m"', qr/^"embed" has no key "modle"; did you mean "model"\?$/, 9);
wrong('model = "m",', '', qr/^"embed" lacks the key "model"$/, 7);
wrong('dimensions = 3', 'dimensions = 0', qr/^"embed.dimensions" is 0; it can be 1 to 16000$/, 10);
wrong('dimensions = 3', 'dimensions = 2.5', qr/^"embed.dimensions" has to be a whole number$/, 10);
wrong('dimensions = 3', 'dimensions = 0/0', qr/^"embed.dimensions" is -?nan; it can be 1 to 16000$/, 10);
wrong('dimensions = 3', 'dimensions = "3"', qr/^"embed.dimensions" has to be a number, and is a string$/, 10);
wrong('"https://api.example.com/v1"', '"ftp://x"', qr/^"embed.url" is no address that begins with/, 8);
wrong('"https://api.example.com/v1"', '"https://me:geheim@x/v1"', qr/^"embed.url" has a user or a password in it$/, 0);
unlike($ran->{all}, qr/geheim/, 'and the password is not shown');
wrong('model = "m"', 'model = "m", key = "sk-geheim"', qr/^"embed.key" has to be secret "NAME", which names an environment variable, and is a string$/, 0);
unlike($ran->{all}, qr/geheim/, 'nor is a key that stands in the file');
wrong('model = "m"', 'model = "m", key = secret "sk-geheim"', qr/^secret takes the name of an environment variable/, 9);
unlike($ran->{all}, qr/geheim/, 'nor one that was taken for a name');
wrong('model = "m"', 'model = secret "M"', qr/^"embed.model" has to be a text, and is a secret$/, 9);
wrong('model = "m"', 'model = "m", timeout = 30', qr/^"embed.timeout" has to be a time in words/, 9);
wrong('model = "m"', 'model = "m", timeout = "30"', qr/^"embed.timeout" is "30"; a time is written "500ms", "30s" or "2min"$/, 9);
wrong('model = "m"', 'model = "m", timeout = "0s"', qr/^"embed.timeout" is "0s"; it can be 1ms to 3600s$/, 9);
wrong('model = "m"', 'model = "m", timeout = "nan"', qr/^"embed.timeout" is "nan"; a time is written/, 9);
wrong('model = "m"', 'model = "m", too_long = "clip"', qr/^"embed" has too_long = "clip", and no max_input_tokens to clip at$/, 9);
wrong('model = "m"', 'model = "m", max_input_tokens = 200000', qr/^"embed.max_input_tokens" is 200000, and more than max_tokens, 100000/, 9);
wrong('model = "m"', 'model = "m", send_dimensions = 1', qr/^"embed.send_dimensions" has to be true or false, and is a number$/, 9);
wrong('model = "m"', 'model = parameter "urk"', qr/^this program has no parameter "urk"; did you mean "url"\?$/, 9);
wrong('model = "m"', 'model = parameter "unset"', qr/^the parameter "unset" has no value$/, 9, status => 9);

wrong('vector = "v"', 'vektor = "v"', qr/^"into" has no key "vektor"; did you mean "vector"\?$/, 13);
wrong('vector = "v",', '', qr/^"into" lacks the key "vector"$/, 12);
wrong('vector = "v"', 'vector = "id"', qr/^"into.vector" is "id", a column of the key$/, 13);
wrong('hash = "h"', 'hash = "v"', qr/^"into" has one column for both "vector" and "hash"$/, 14);
wrong('hash = "h"', 'table = "x"', qr/^"into" names a table, and lacks the key "hash"$/, 12);
wrong('hash = "h"', 'hash = "h", table = "docs"', qr/^"into.table" is the table that is read/, 14);

wrong('recall = 0.5', 'recall = 1.5', qr/^"verify.recall" is 1.5; it can be 0 to 1$/, 16);
wrong('recall = 0.5', 'recall_at = 5', qr/^"verify" says how recall is to be measured/, 16);
wrong('recall = 0.5', 'check = 5', qr/^"verify.check" has to be a function, and is a number$/, 16);
wrong('recall = 0.5', 'sample = 5', qr/^"verify.sample" is for check, a function, which isn't there$/, 16);
wrong('{ 0, 2 }', '{ 2, 1 }', qr/^"verify.norm" has to be two numbers/, 17);
wrong('{ 0, 2 }', '{ 0, 2, x = 3 }', qr/^"verify.norm" has to be two numbers/, 17);
wrong('{ 0, 2 }', '1', qr/^"verify.norm" has to be two numbers/, 17);
wrong('{ 0, 2 }', '{ 0, 2 }, zero = { "SELECT 0", false }', qr/^"verify.zero" has to be a text, and is a boolean$/, 17);
wrong(', undo = "SELECT 2"', '', qr/^"switch" has "sql", and lacks "undo"/, 19);
wrong('sql = "SELECT 1", ', '', qr/^"switch" has "undo", and no "sql" that it could take back$/, 19);
wrong('sql = "SELECT 1"', 'parameters = { int_dmi = 3 }, sql = "SELECT 1"', qr/^this program has no parameter "int_dmi"; did you mean "int_dim"\?$/, 19);
wrong('sql = "SELECT 1"', 'parameters = { int_dim = secret "X" }, sql = "SELECT 1"', qr/^"switch.parameters.int_dim" has to be a text, and is a secret$/, 19);
wrong('switch =', 'pace = { write = {} }, switch =', qr/^"pace.write" has to be a text, and is a table$/, 18);
wrong('switch =', "pace = {\n wriet = 1 }, switch =", qr/"wriet"/, 19);
wrong('switch =', "pace = { write = 'soon' }, switch =", qr/"?write"?/, 18);

# Of other kinds.
my $sql = 'return { table = "e", key = "id", sql = "UPDATE e SET a = :k FROM :batch b", bind = { k = secret "K" } }';
sub wrong_sql {
    my ($from, $to, $message) = @_;
    (my $text = $sql) =~ s/\Q$from\E/$to/ or die "no $from\n";
    my $said = script($text)->{message};
    $message ? like($said, $message, $to) : is($said, undef, $to);
    return;
}
wrong_sql(':batch', 'batch', qr/^"sql" doesn't use :batch, so each batch would do all of it$/);
wrong_sql(':batch', '::batch', qr/^"sql" doesn't use :batch/);
wrong_sql(':batch', ':batches', qr/^"sql" doesn't use :batch/);
wrong_sql(':k', ':kk', qr/^"bind" has the name "k", and "sql" has no :k$/);
wrong_sql('k = secret', '["a b"] = 1, k = secret', qr/^"bind" has the name "a b", which :name can't be in the statement$/);
wrong_sql('key =', 'verify = { recall = 0.5 }, key =', qr/^"verify.recall" is for a job that embeds$/);
wrong_sql('key =', 'index = "x", key =', qr/^"index" is for a job that has "embed"; this one has "sql"$/);
wrong_sql(':batch b', ':batch b; UPDATE e SET a = 1', qr/^"sql" has several statements, and may be one only$/);
wrong_sql(':batch b', ':batch b WHERE $1 > 0', qr/^"sql" has a parameter, such as \$1$/);
wrong_sql(':batch b', ':batch b; -- all of it', undef);
my $open = qr/a string, a quoted name or a comment without an end$/;
for my $where (['true) OR (true', qr/parentheses that don't match$/], ['(a > 1', qr/parentheses/], ['a > 1; DROP TABLE e', qr/a ;$/], ['a > 1;', qr/a ;$/], ["a = 'x", $open], ['"a > 1', $open], ['true /* a', $open],
    ['a = $x$ b', $open], ['a > $1', qr/a parameter, such as \$1$/], ["a = ');' OR \"(\" > 1 -- )\n AND (b > \$x\$ ;( \$x\$ /* ; */)", undef]) {
    my ($text, $message) = @{$where};
    my $said = script($sql =~ s/key =/where = [==[$text]==], key =/r)->{message};
    $message ? like($said, qr/^"where" has $message/, "where: $text") : is($said, undef, "where: $text");
}

# ------------------------------------------------------------- the outer level itself

$ran = script("return {\n  table = nope.x\n}");
is("$ran->{line} $ran->{status}", '2 1', 'an error in Lua has its line') or diag($ran->{all});
like(script("return {")->{message}, qr/expected/, 'so has text that is no Lua');
is(script('while true do end')->{message}, 'the outer level of the file ran more than 200000000 steps (-- stele: lua-steps raises that)', 'a loop without end is stopped');
is(script('local s = "x" while true do s = s .. s end')->{message}, 'the outer level of the file needs more than 64 MB of memory', 'so is one that takes all memory');
is(script('print(secret "A", http {}, type(os), type(db), getmetatable(secret "A")) error("x")')->{print}[0], "secret \"A\"\thttp{...}\tnil\tnil\tfalse",
    'a secret shows its name, and there is neither os nor db');
like(script('local x = "a" .. secret "A"')->{message}, qr/^attempt to concatenate a stele.secret value/, 'and is no text');

done_testing();

#!/usr/bin/perl
# malloc fails while a job's script is opened and its functions run: at the first request, at the second, and so on. It is an ordinary error each time, and never a row's.

use strict;
use warnings;

use Stele::Script;
use Stele::Test;
use Test::More;

plan(skip_all => 'built without Lua') unless has_lua();
my ($preload, $why) = preloadable('failing_malloc');
plan(skip_all => $why) unless $preload;

my $db = fresh_database();
psql($db, q{CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (id int, a text, j jsonb, m mood, l int[], y bytea)});
my %job = (map => [<<'END', q{SELECT g, 'x', '{"a": [1]}'::jsonb, 'sad'::mood FROM generate_series(1, 3) g}, '0', 3], text => [<<'END', q{SELECT g, 'x' FROM generate_series(1, 3) g}, '0', 3]);
local m = require "m1"
return { table = "t", key = "id", read = { "a", "j", "m" }, verify = { zero = { "SELECT 0", "SELECT 0" } }, pace = { write = "1ms", rpm = 5 },
    map = function(row)
        pcall(function() error(row.a:rep(1000)) end)
        if row.id == 2 then while true do end end
        return { a = row.a .. m.name, j = { row.j.a[1], row.m }, l = { 1, null }, y = seal(row.a:rep(100), secret "K", row.id) }
    end }
END
local m = require "m1"
return { table = "t", key = "id", read = "a", embed = http { url = "http://x/", model = m.name, dimensions = 3, key = secret "K" },
    into = { vector = "v", hash = "h" }, text = function(row) return (row.a:gsub("x", m.name)) end }
END

# Run with the n-th request failing: what came of it, and how many requests there were.
sub starved {
    my ($kind, $n) = @_;
    my $count = temporary();
    my $ran = script($job{$kind}[0], database => $db, arguments => ['--quiet', '--columns', 't', "--$kind", $job{$kind}[1]], modules => {m1 => 'return {name = "m1"}'},
        env => {LD_PRELOAD => $preload, FAILING_MALLOC => $n, FAILING_MALLOC_COUNT => $count, K => '0' x 64, SCRIPT_TIMES => 1});
    return ($ran, -e $count ? 0 + read_file($count) : 0);
}

for my $kind ('map', 'text') {
    my ($ran, $requests) = starved($kind, 0);
    is("$ran->{exit} " . @{$ran->{took}}, '0 3', "$kind: with all the memory it wants, it succeeds") or diag($ran->{all});
    cmp_ok($requests, '>', 100, "$kind: and asks for some $requests times");
    my $step = int($requests / 150) + 1;
    my ($felt, @wrong) = (0);
    for (my $n = 1; $n <= $requests; $n += $step) {
        ($ran) = starved($kind, $n);
        next if ($ran->{exit} == 0 && !defined $ran->{status}) || ($ran->{exit} == 2 && $ran->{all} =~ /^script: .*(?:can't be read|out of memory)/m);
        $felt++;
        push(@wrong, "request $n: $ran->{all}") if $ran->{exit} != 0 || ($ran->{status} // '') ne '1' || ($ran->{message} // $ran->{error}) !~ /\bout of memory\b/;
    }
    cmp_ok($felt, '>', 0, "$kind: $felt failures were felt; for the others, garbage was collected");
    is(join("\n", @wrong), '', "$kind: each is an ordinary error");
}

done_testing();

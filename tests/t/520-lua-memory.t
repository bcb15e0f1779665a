#!/usr/bin/perl
# malloc fails while Lua runs: at the first request, at the second, and so on. It is an ordinary error each time, and no pcall
# hides it.

use strict;
use warnings;

use Stele::Lua;
use Stele::Test;
use Test::More;

plan(skip_all => 'built without Lua') unless has_lua();
my ($preload, $why) = preloadable('failing_malloc');
plan(skip_all => $why) unless $preload;

my $db = fresh_database();
my $text = <<'END';
local m = require "m1"
function up(db)
  db:exec("CREATE TEMPORARY TABLE t (a int[], j jsonb) ON COMMIT DROP")
  pcall(function() db:exec("INSERT INTO t VALUES ($1, $2)", {1, null}, {a = {m.name:rep(10000)}}) end)
  for row in db:rows("SELECT * FROM t, generate_series(1, 30)") do pcall(function() assert(#row.j.a[1] == 20000) end) end
  db:try(function() db:exec("SELECT nope") end)
  pcall(coroutine.wrap(function() local s = m.name:gsub("m", "n") error(s) end))
  print("done")
end
END

# Run with the n-th request failing: what came of it, and how many requests there were.
sub starved {
    my ($n) = @_;
    my $count = temporary();
    my $ran = lua($db, $text, modules => {m1 => 'return {name = "m1"}'},
        env => {LD_PRELOAD => $preload, FAILING_MALLOC => $n, FAILING_MALLOC_COUNT => $count});
    return ($ran, -e $count ? 0 + read_file($count) : 0);
}

my ($ran, $requests) = starved(0);
is("$ran->{status} @{$ran->{print}}", '0 done', 'with all the memory it wants, it succeeds') or diag($ran->{all});
cmp_ok($requests, '>', 100, "and asks for some $requests times");
my $step = int($requests / 250) + 1;
my ($felt, @wrong) = (0);
for (my $n = 1; $n <= $requests; $n += $step) {
    ($ran) = starved($n);
    next if ($ran->{status} // '') eq '0' || ($ran->{exit} == 2 && $ran->{all} =~ /^lua: .*(?:can't be read|out of memory)/m);
    $felt++;
    push(@wrong, "request $n: $ran->{all}") if ($ran->{status} // '') ne '1' || ($ran->{message} // '') ne 'out of memory';
}
cmp_ok($felt, '>', 0, "$felt failures were felt; for the others, garbage was collected");
is(join("\n", @wrong), '', 'each is an ordinary error');

done_testing();

#!/usr/bin/perl
# Memory runs out at the first request of plan --sql, at the second, and so on: an ordinary error each time, and no
# half of a script.

use strict;
use warnings;

use Stele::Test;
use Test::More;

my ($preload, $why) = preloadable('failing_malloc');
plan(skip_all => $why) unless $preload;
my ($exit, $out, $err);

my $program = program(migrations({
    'stele.conf' => "parameter v literal run 'x'\n",
    '001_a.sql' => "-- stele: needs server >= 12\nSET search_path = public;\nCREATE TABLE a (t text DEFAULT \${v}, n int[]);\n-- stele: down\nDROP TABLE a;\n",
    '002_b.sql' => "CREATE TABLE b (x int);\n-- stele: expect rows >= (SELECT 1) if table not empty\nINSERT INTO b VALUES (2);\n-- stele: expect rows = 1\nCOPY b FROM stdin;\n1\n\\.\nCREATE INDEX CONCURRENTLY b_x ON b (x);\nALTER TABLE b ADD y int;\nSELECT n[1:x] FROM a, b;\n-- stele: down\nDROP TABLE b;\n",
    'R_f.sql' => "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n",
}));
my $database = fresh_database();
my $url = url($database);

sub starved {
    my ($n, @arguments) = @_;
    my $count = temporary();
    my @result = run($program, 'plan', '--sql', @arguments, {env => {LD_PRELOAD => $preload, FAILING_MALLOC => $n, FAILING_MALLOC_COUNT => $count}});
    return (@result, -e $count ? 0 + read_file($count) : 0);
}

for my $arguments ([':'], ['001:'], ['--down', ':'], ['--db', $url]) {
    my @wrong;
    my ($status, $whole, $complaint, $requests) = starved(0, @{$arguments});
    is($status, 0, "plan --sql $arguments->[0], with all the memory it wants");
    for my $n (1 .. $requests) {
        ($exit, $out, $err) = starved($n, @{$arguments});
        push(@wrong, "request $n: exit $exit: $err") if $exit && ($exit != 1 || $err !~ /error: out of memory/);
        push(@wrong, "request $n: another script") if $out ne ($exit ? '' : $whole);
    }
    is(join("\n", @wrong), '', "all of its $requests requests may fail");
}

done_testing();

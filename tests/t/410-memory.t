#!/usr/bin/perl
# Memory runs out at the first request, at the second, and so on until the command succeeds: it is an ordinary
# error each time, nothing is half done, and the next run completes.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

my %setting = read_file(built('settings')) =~ /^(\w+)='(.*)'$/mg;
plan(skip_all => "a sanitizer has a malloc of its own") if $setting{CFLAGS} =~ /-fsanitize/;
my $preload = temporary() . '.so';
my ($exit, $out, $err) = run($setting{CC}, '-O2', '-fPIC', '-shared', '-o', $preload, top() . '/tests/programs/failing_malloc.c');
plan(skip_all => "malloc can't be replaced here: $err") if $exit;

my $program = program(migrations({
    'stele.conf' => "parameter v literal run 'x'\n",
    '001_a.sql' => "SET search_path = public;\nCREATE TABLE a (t text DEFAULT \${v});\n-- stele: down\nDROP TABLE a;\n",
    '002_b.sql' => "CREATE TABLE b (x int);\nCOPY b FROM stdin;\n1\n\\.\nCREATE INDEX CONCURRENTLY ON b (x);\n",
    '003_c.sql' => "-- stele: component other\nCREATE TABLE c (x int);\n",
}));
my $db = fresh_database();

# Run a command with the n-th request failing: exit, stdout, stderr, and how many requests there were.
sub starved {
    my ($n, @arguments) = @_;
    my $count = temporary();
    my @result = stele($program, $db, @arguments, {env => {LD_PRELOAD => $preload, FAILING_MALLOC => $n, FAILING_MALLOC_COUNT => $count}});
    return (@result, -e $count ? 0 + read_file($count) : 0);
}

sub clear { return psql($db, 'DROP SCHEMA IF EXISTS stele CASCADE; DROP TABLE IF EXISTS a, b, c') }

my (undef, undef, undef, $requests) = starved(0, 'up');
is(psql($db, 'SELECT count(*) FROM stele.ledger WHERE action = $$apply$$'), '3', 'with all the memory it wants, up succeeds');
cmp_ok($requests, '>', 10, "and asks for some $requests times");
my ($failures, @wrong) = (0);
for my $n (1 .. $requests) {
    clear();
    ($exit, $out, $err) = starved($n, 'up');
    $failures += $exit == 1;
    push(@wrong, "request $n: exit $exit without the work done") if !$exit && psql($db, q{SELECT count(*) FROM stele.ledger WHERE action = 'apply'}) ne '3';
    push(@wrong, "request $n: exit $exit: $out$err") if $exit && ($exit != 1 || $err !~ /error: out of memory/);
    my ($audit, $found) = stele($program, $db, 'audit');
    push(@wrong, "request $n: audit exits $audit: $found") if $audit;
    ($exit, $out, $err) = stele($program, $db, 'up');
    push(@wrong, "request $n: the next up exits $exit: $err") if $exit;
}
cmp_ok($failures, '>', $requests / 2, "$failures of the failures were felt");
is(join("\n", @wrong), '', 'up without memory is an ordinary error, and the next one completes');

for my $command ('check', 'up', 'status', 'history', 'plan', 'audit') {
    @wrong = ();
    (undef, undef, undef, $requests) = starved(0, $command);
    for my $n (1 .. $requests) {
        ($exit, $out, $err) = starved($n, $command);
        push(@wrong, "request $n: exit $exit: $out$err") if $exit && ($exit != 1 || $err !~ /error: out of memory/);
    }
    is(join("\n", @wrong), '', "$command with nothing pending: all of $requests requests may fail");
}

done_testing();

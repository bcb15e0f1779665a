#!/usr/bin/perl
# Memory runs out at the first request, at the second, and so on until the command succeeds: it is an ordinary
# error each time, nothing is half done, and the next run completes.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

my ($preload, $why) = preloadable('failing_malloc');
plan(skip_all => $why) unless $preload;
my ($exit, $out, $err);

my $program = program(migrations({
    'stele.conf' => "parameter v literal run 'x'\n",
    '001_a.sql' => "SET search_path = public;\nCREATE TABLE a (t text DEFAULT \${v});\n-- stele: down\nDROP TABLE a;\n",
    '002_b.sql' => "CREATE TABLE b (x int);\n-- stele: expect rows >= (SELECT 1) if table not empty\nINSERT INTO b VALUES (2);\n-- stele: expect rows = 1\nCOPY b FROM stdin;\n1\n\\.\nCREATE INDEX CONCURRENTLY ON b (x);\n",
    '003_c.sql' => "-- stele: component other\nCREATE TABLE c (x int);\n",
}));
my $db = fresh_database();

# Run a command with the n-th request failing: exit, stdout, stderr, and how many requests there were.
sub starved {
    my ($n, @arguments) = @_;
    my $count = temporary();
    my $run = ref $arguments[0] ? ${shift @arguments} : $program;
    my @result = stele($run, $db, @arguments, {env => {LD_PRELOAD => $preload, FAILING_MALLOC => $n, FAILING_MALLOC_COUNT => $count}});
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

# The way back and verify.
my %reversible = (
    '001_a.sql' => "SET search_path = public;\nCREATE TABLE a (t text);\nINSERT INTO a VALUES ('x');\n-- stele: down\nDROP TABLE a;\n-- stele: verify\nSELECT count(*) = 1 FROM a;\n",
);
my $folder = migrations(\%reversible);
my $older = program($folder);
migrations({
    '002_b.sql' => "CREATE TABLE b (x int);\n-- stele: down\n-- stele: expect rows = (SELECT 1) if table not empty\nINSERT INTO b VALUES (1);\nCOPY b FROM stdin;\n1\n\\.\nCREATE INDEX CONCURRENTLY bi ON b (x);\nDROP TABLE b;\n-- stele: verify\nSELECT true;\n",
    '003_c.sql' => "CREATE TABLE c (x int);\n-- stele: down\nDROP TABLE c;\n",
    'R_r.sql' => "SELECT 1;\n",
}, $folder);
my $newer = program($folder);
psql($db, 'DROP SCHEMA stele CASCADE; DROP TABLE a, b, c');
for my $case (
    [$newer, ['down', '--all', '--allow-destructive']],
    [$older, ['down', '1', '--from-ledger', '--allow-destructive', '--json']],
    [$newer, ['redo', '-2', '--verify', '--allow-destructive']],
) {
    my ($run, $command) = @{$case};
    my $name = "@{$command}";
    is((stele($newer, $db, 'up'))[0], 0, 'up');
    (undef, undef, undef, $requests) = starved(0, \$run, @{$command});
    @wrong = ();
    $failures = 0;
    for my $n (1 .. $requests) {
        stele($newer, $db, 'down', '--quiet', '--allow-destructive', '--all'); # what the last failure left half taken back
        ($exit, $out, $err) = stele($newer, $db, 'up', '--quiet');
        push(@wrong, "before request $n: up exits $exit: $err") if $exit;
        ($exit, $out, $err) = starved($n, \$run, @{$command});
        $failures++ if $exit;
        push(@wrong, "request $n: exit $exit: $out$err") if $exit && ($exit != 1 || "$out$err" !~ /out of memory/);
        my ($audit, $found) = stele($newer, $db, 'audit');
        push(@wrong, "request $n: audit exits $audit: $found") if $audit;
    }
    is(join("\n", @wrong), '', "$name: any of $requests requests may fail");
    note("$failures were felt");
    stele($newer, $db, 'down', '--quiet', '--allow-destructive', '--all');
}
is((stele($newer, $db, 'up'))[0], 0, 'up');
write_file((my $script = temporary()) . '.sql', "SELECT '1..1';\nSELECT 'ok 1 - one';\n");
for my $case ([$newer, 'verify'], [$newer, 'verify', '--tap', "$script.sql"], [$newer, 'plan', '--down', '--all'], [$older, 'plan', '--down', '--from-ledger', '-2']) {
    my ($run, @command) = @{$case};
    @wrong = ();
    (undef, undef, undef, $requests) = starved(0, \$run, @command);
    for my $n (1 .. $requests) {
        ($exit, $out, $err) = starved($n, \$run, @command);
        push(@wrong, "request $n: exit $exit: $out$err") if $exit && ($exit != 1 || "$out$err" !~ /out of memory/);
    }
    is(join("\n", @wrong), '', join(' ', grep { !m{/} } @command) . ": all of $requests requests may fail");
}

done_testing();

#!/usr/bin/perl
# Memory runs out while a database is ahead of the program, or while a file is recorded for those that it stands for: at the first request, at
# the second, and so on. It is an ordinary error each time, and nothing is half done.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

my ($preload, $why) = preloadable('failing_malloc');
plan(skip_all => $why) unless $preload;

my $folder = migrations({'001_a.sql' => "CREATE TABLE a (x int);\n", '002_b.sql' => "CREATE TABLE b (x int);\n", 'R_v.sql' => "CREATE OR REPLACE VIEW v AS SELECT x FROM a;\n"});
my $release = program($folder);
my ($state) = read_file("$folder/stele.lock") =~ /(d1:\w+) main 002 /;
migrations({'001_a.sql' => undef, '002_b.sql' => undef,
    '002.1_base.sql' => "-- stele: squashes 002 $state \"release 1\"\nCREATE TABLE a (x int);\nCREATE TABLE b (x int);\n"}, $folder);
my $squashed = program($folder);
migrations({'003_c.sql' => "CREATE TABLE c (x int);\n", 'R_v.sql' => "CREATE OR REPLACE VIEW v AS SELECT x, 1 AS one FROM a;\n"}, $folder);
my $newer = program($folder);
my $old = fresh_database();
is((stele($release, $old, 'up'))[0], 0, 'a database of the release');
my $ahead = tampered($old, '');
is((stele($newer, $ahead, 'up'))[0], 0, 'and one that is ahead of it');

# Run a command with the n-th request failing: exit, stdout and stderr, and how many requests there were.
sub starved {
    my ($n, $program, $database, @arguments) = @_;
    my $count = temporary();
    my @result = stele($program, $database, @arguments, {env => {LD_PRELOAD => $preload, FAILING_MALLOC => $n, FAILING_MALLOC_COUNT => $count}});
    return ($result[0], "$result[1]$result[2]", -e $count ? 0 + read_file($count) : 0);
}

for my $case ([$release, $ahead, 'check'], [$release, $ahead, 'up'], [$squashed, $ahead, 'plan'], [$release, $ahead, 'audit'], [$release, $ahead, 'status'], [$squashed, $ahead, 'verify']) {
    my ($program, $database, $command) = @{$case};
    my ($status, $all, $requests) = starved(0, $program, $database, $command);
    is($status, 0, "$command of an older program");
    my @wrong;
    for my $n (1 .. $requests) {
        ($status, $all) = starved($n, $program, $database, $command);
        push(@wrong, "request $n: exit $status: $all") if $status && ($status != 1 || $all !~ /error: out of memory/);
    }
    is(join("\n", @wrong), '', "$command: all of $requests requests may fail");
}

my (undef, undef, $requests) = starved(0, $squashed, my $copy = tampered($old, ''), 'up');
my @wrong;
for my $n (1 .. $requests) {
    if (psql($copy, q{SELECT count(*) FROM stele.ledger WHERE action = 'squash'}) ne '0') {
        push(@wrong, "before request $n: the audit finds something") if (stele($squashed, $copy, 'audit'))[0];
        $copy = tampered($old, '');
    }
    my ($status, $all) = starved($n, $squashed, $copy, 'up');
    push(@wrong, "request $n: exit $status: $all") if $status && ($status != 1 || $all !~ /error: out of memory/);
}
is(join("\n", @wrong), '', "a file is recorded, or not: all of $requests requests may fail");
is((stele($squashed, $copy, 'up'))[0], 0, 'and then it is');
is((stele($squashed, $copy, 'audit'))[0], 0, 'and the ledger is sound');

done_testing();

#!/usr/bin/perl
# A comment that was meant for a directive would be passed over, and the part below it applied: stelec warns of it. Of
# prose that begins with the same word it doesn't.
use strict;
use warnings;
use Test::More;
use Stele::Test;

# What stelec says about a file that begins with this line.
sub said {
    my ($line) = @_;
    my $work = temporary(1);
    migrations({'001_a.sql' => "$line\nSELECT 1;\n"}, "$work/m");
    my ($exit, $out, $err) = run(built('stelec'), '-o', 'm.c', 'm', {cwd => $work});
    return "$exit|$out|$err";
}

for (
    ['-- stelle: down' => 'down'],
    ['-- Stele: down' => 'down'],
    ['-- stele down' => 'down'],
    ['--stele down' => 'down'],
    ['-- STELE DOWN' => 'down'],
    ['-- stele; verify' => 'verify'],
    ['-- stele : down' => 'down'],
    ['--- stele: down' => 'down'],
    ["\t--  setle:verify" => 'verify'],
    ['-- Stele: dwon' => 'down'],
    ['-- Stele: no-transaction' => 'no-transaction'],
    ['-- stele needs vector >= 0.5' => 'needs'],
    ['-- stele one-way "nothing to take back"' => 'one-way'],
    ['-- stele after 001, 002' => 'after'],
    ['-- Stele: lock-timeout' => 'lock-timeout'],
    ['-- stele compiles this into C' => undef],
    ['-- stele needs PostgreSQL 14 or later' => undef],
    ['-- stele: this would be an error' => 'error'],
    ['-- Stele: alter table is cut here' => undef],
    ['-- stele after all is only a program' => undef],
    ['-- stele' => undef],
    ['-- Stele:' => undef],
    ['-- stale after 5 minutes' => undef],
    ['-- style down' => undef],
    ['-- stele "down"' => undef],
    ['SELECT 0; -- stele down' => undef],
    ['/* Stele: down */' => undef],
    ["SELECT '\n-- Stele: down\n';" => undef],
) {
    my ($line, $meant) = @$_;
    if (!defined $meant) {
        is(said($line), '0||', "$line: is prose");
    } elsif ($meant eq 'error') {
        like(said($line), qr{^1\|\|m/001_a.sql:1:11: error: unknown directive}, "$line");
    } else {
        like(said($line), qr{^0\|\|m/001_a.sql:1:\d: warning: a comment that is nearly a directive\n.*\n.*\nhint: did you mean "-- stele: \Q$meant\E"\?\n\z},
            "$line: is told");
    }
}

done_testing();

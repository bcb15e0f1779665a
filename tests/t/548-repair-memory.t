#!/usr/bin/perl
# Memory runs out in a repair, at one request after the other: it is an ordinary error, nothing is half
# written, and the same command succeeds when there is memory.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

my ($preload, $why) = preloadable('failing_malloc');
plan(skip_all => $why) unless $preload;
my ($exit, $out, $err);

my %files = ('stele.conf' => "parameter v literal run x\n", '001_a.sql' => "CREATE TABLE a (t text DEFAULT '\${v}');\n-- stele: down\nDROP TABLE a; -- \${v}\n",
    '002_b.sql' => "CREATE TABLE b (x int);\nCREATE INDEX CONCURRENTLY bi ON b (x);\nSELECT 1/0;\n", '003_c.sql' => "-- stele: component other\nCREATE TABLE c (x int);\n");
my $program = program(migrations({%files}));
my $edited = program(migrations({%files, '001_a.sql' => "CREATE TABLE a (t varchar);\n", '002_b.sql' => "CREATE TABLE b (x int);\nCREATE INDEX CONCURRENTLY bi ON b (x);\nSELECT 1;\n"}));
my $half = fresh_database();
($exit, $out, $err) = stele($program, $half, 'up');
is($exit, 1, 'a half applied migration to begin with') or diag($out, $err);

for my $case (
    ['baseline', fresh_database(), 'baseline', 'main/002'],
    ['accept', tampered($half, ''), 'repair', 'accept', '001'],
    ['accept, half applied', tampered($half, ''), 'repair', 'accept', '002'],
    ['done', tampered($half, ''), 'repair', 'done', '003'],
    ['forget', tampered($half, ''), 'repair', 'forget', '002'],
    ['set', tampered($half, ''), 'repair', 'set', 'v=y'],
    ['reseal', tampered($half, q{UPDATE stele.ledger SET host = 'x' WHERE seq = 1}), 'repair', 'reseal'],
    ['guards', tampered($half, 'CREATE RULE r AS ON INSERT TO stele.ledger DO INSTEAD NOTHING; DROP VIEW stele.history'), 'repair', 'guards'],
    ['grant', tampered($half, ''), 'grant', '--read', 'public'],
) {
    my ($name, $database, @command) = @{$case};
    push(@command, '--reason', 'x') if $command[0] ne 'grant';
    my $rows = sub { psql($database, q{SELECT to_regclass('stele.ledger') IS NOT NULL}) eq 't' ? psql($database, 'SELECT count(*) FROM stele.ledger') : 0 };
    my ($before, @wrong) = ($rows->());
    my $n = 0;
    for ($n = 1; $n < 2000; $n++) {
        ($exit, $out, $err) = stele($edited, $database, @command, {env => {LD_PRELOAD => $preload, FAILING_MALLOC => $n, FAILING_MALLOC_COUNT => temporary()}});
        last if $exit != 1;
        push(@wrong, "request $n: exit $exit: $out$err") if $err !~ /out of memory/;
    }
    is(join("\n", @wrong), '', "$name: each of " . ($n - 1) . ' failures is an ordinary error');
    is($exit, 0, "$name: then it succeeds") or diag($out, $err);
    cmp_ok($n, '>', 3, "$name: some failures were felt");
    cmp_ok($rows->(), '>', $before, "$name: it wrote what it should") if $name ne 'grant';
    my @sealed = grep { $_->{action} eq 'reseal' } ledger_rows($database);
    cmp_ok(scalar(@sealed), '<=', 1, "$name: and nothing twice");
    ($exit, $out, $err) = stele($edited, $database, 'audit');
    unlike($out, qr/WRONG.*(?:row \d|chain|digest|trigger|function|rule)/, "$name: the ledger is in order");
}

done_testing();

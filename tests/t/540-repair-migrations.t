#!/usr/bin/perl
# What stele refuses about a migration, the repair that its hint names, and that all is well after it:
# edited, reformatted, renamed, half applied, half taken back, missing, skipped.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

my ($exit, $out, $err);

# Give a command that must come to this exit code; stdout and stderr are kept.
sub gives {
    my ($code, $program, $database, @arguments) = @_;
    ($exit, $out, $err) = stele($program, $database, @arguments);
    return is($exit, $code, "@arguments: exit $code") || diag($out, $err);
}

# Everything is content, and the last of the history is told so.
sub content {
    my ($name, $program, $database, @story) = @_;
    gives(0, $program, $database, 'up');
    gives(0, $program, $database, 'check');
    gives(0, $program, $database, 'audit');
    my @all = deeds($program, $database);
    is_deeply([@all[-@story .. -1]], \@story, "$name: the history tells it");
    return;
}

# Refused with this message; then the repair that the hint names.
sub mended {
    my ($program, $database, $kind, $code, $message, @command) = @_;
    gives($code, $program, $database, @command ? @command : 'up');
    like($err, $message, 'says what is wrong');
    ($exit, $out, $err) = follow($program, $database, $err, $kind);
    is($exit, 0, "repair $kind, as the hint has it") or diag($out, $err);
    like($out, qr/^1 row written.*\nhead r1:/m, 'one row is written');
    my @rows = ledger_rows($database);
    is($rows[-1]{reason}, "we were told: $kind", 'with its reason');
    return;
}

my %files = (
    '001_a.sql' => "CREATE TABLE a (x int);\n-- stele: down\nDROP TABLE a;\n",
    '002_b.sql' => "CREATE TABLE b (x int);\n-- stele: down\nDROP TABLE b;\n",
    '003_c.sql' => "CREATE TABLE c (x int);\n-- stele: down\nDROP TABLE c;\n",
);
my $program = program(migrations({%files}));
my $applied = fresh_database();
gives(0, $program, $applied, 'up');

sub with_files {
    my %change = @_;
    my %all = (%files, %change);
    return program(migrations({map { defined $all{$_} ? ($_ => $all{$_}) : () } keys %all}));
}

# ------------------------------------------------------------------- another file

for my $case (
    ['edited', {'002_b.sql' => "CREATE TABLE b (x bigint);\n-- stele: down\nDROP TABLE b;\n"}, qr/"002_b.sql" was edited after it was applied/, '002_b.sql'],
    ['reformatted', {'002_b.sql' => "-- b\nCREATE TABLE b (x int);\n-- stele: down\nDROP TABLE b;\n"}, qr/was reformatted after it was applied/, '002_b.sql'],
    ['renamed', {'002_b.sql' => undef, '002_bb.sql' => $files{'002_b.sql'}}, qr/"002_bb.sql" was renamed after it was applied as "002_b.sql"/, '002_bb.sql'],
    ['the last one edited', {'003_c.sql' => "CREATE TABLE c (y int);\n-- stele: down\nDROP TABLE c;\n"}, qr/"003_c.sql" was edited/, '003_c.sql'],
) {
    my ($name, $change, $message, $file) = @{$case};
    my $other = with_files(%{$change});
    my $database = tampered($applied, '');
    mended($other, $database, 'accept', 6, $message);
    content($name, $other, $database, 'apply 003_c.sql', "accept $file");
    my @rows = ledger_rows($database);
    is($rows[-1]{source}, source_checksum($change->{$file}), "$name: the row has the new file");
    gives(6, $program, $database, 'up');
    gives(0, $other, $database, 'down', '--all');
    is(psql($database, q{SELECT to_regclass('b') IS NULL AND to_regclass('c') IS NULL}), 't', "$name: and it can be taken back");
    gives(0, $other, $database, 'audit');
}
gives(2, $program, $applied, 'repair', 'accept', '002', '--reason', 'x');
like($err, qr/"002_b.sql" is applied, and is what this program has: there is nothing to accept/, 'nothing to accept');
{
    my $database = tampered($applied, q{UPDATE stele.ledger SET down = 'DROP TABLE a' WHERE seq = 2});
    gives(6, $program, $database, 'audit');
    ($exit, $out, $err) = follow($program, $database, $out, 'accept');
    is($exit, 0, 'a changed script is replaced by the program\'s') or diag($err);
    like($out, qr/accept 002_b.sql: this program's down script takes the place of one that was changed/, 'and that is said');
    content('a changed script', $program, $database, 'accept 002_b.sql');
    like(join('', map { $_->{down} // '' } (ledger_rows($database))[-1]), qr/DROP TABLE b/, 'the new row has the script');
}

# --------------------------------------------------------------------- half applied

my $half = sub {
    my ($third, $more) = @_;
    return with_files('004_d.sql' => "CREATE TABLE d (x int);\nINSERT INTO d VALUES (1), (1);\nCREATE UNIQUE INDEX CONCURRENTLY di ON d (x);\n$third"
        . "-- stele: down\nDROP TABLE d;\n", %{$more // {}});
};
my $failing = $half->("ALTER TABLE d ADD y int;\n");
my $fixed = program(migrations({%files,
    '004_d.sql' => "CREATE TABLE d (x int);\nINSERT INTO d VALUES (1), (1);\nCREATE INDEX CONCURRENTLY di ON d (x);\nALTER TABLE d ADD y int;\n-- stele: down\nDROP TABLE d;\n"}));
my $broken = tampered($applied, '');
gives(1, $failing, $broken, 'up');
like($err, qr/1 of 3 steps of "004_d.sql" are in/, 'one of three steps is in');
{
    my $database = tampered($broken, '');
    mended($fixed, $database, 'accept', 6, qr/"004_d.sql" was edited after 1 of its steps was applied/);
    gives(0, $fixed, $database, 'status');
    like($out, qr/interrupted 004_d.sql +1 of 3 steps are in/, 'it is still half applied');
    content('the step that failed was edited', $fixed, $database, 'step 1 004_d.sql', 'begin 2 004_d.sql', 'fail 2 004_d.sql',
        'accept 2 004_d.sql', 'begin 2 004_d.sql', 'step 2 004_d.sql', 'step 3 004_d.sql', 'apply 004_d.sql');
    is(psql($database, q{SELECT indisvalid AND NOT indisunique FROM pg_index WHERE indexrelid = 'di'::regclass}), 't', 'the leftover index is gone');
}
{
    my $database = tampered($broken, '');
    psql($database, 'DROP TABLE d');
    mended($fixed, $database, 'forget', 6, qr/"004_d.sql" was edited after 1 of its steps/);
    content('cleaned up by hand', $fixed, $database, 'forget 004_d.sql', 'step 1 004_d.sql', 'begin 2 004_d.sql', 'step 2 004_d.sql', 'step 3 004_d.sql', 'apply 004_d.sql');
}
{
    my $database = tampered($broken, '');
    my $short = with_files('004_d.sql' => "CREATE TABLE d (x int);\n-- stele: down\nDROP TABLE d;\n");
    mended($short, $database, 'accept', 6, qr/was edited/);
    content('all the steps that are left were taken out', $short, $database, 'accept 2 004_d.sql', 'apply 004_d.sql');
    my $empty = with_files('004_d.sql' => "-- nothing\n-- stele: down\n");
    $database = tampered($broken, '');
    gives(2, $empty, $database, 'repair', 'accept', '004', '--reason', 'x');
    like($err, qr/1 steps of "004_d.sql" are in, but in this program it has only 0/, 'fewer steps than are in');
    like($err, qr/repair forget main\/004 --reason TEXT/, 'can only be forgotten');
}

# ------------------------------------------------------------------- done by hand

{
    my $database = tampered($broken, '');
    gives(2, $failing, $database, 'repair', 'done', '004', '--step', '3', '--reason', 'x');
    like($err, qr/step 3 of "004_d.sql" can't be the next one: 1 of 3 steps are done/, 'no step can be left out');
    psql($database, 'DROP INDEX di; DELETE FROM d WHERE ctid = (SELECT min(ctid) FROM d); CREATE UNIQUE INDEX di ON d (x)');
    gives(0, $failing, $database, 'repair', 'done', '004', '--step', '2', '--reason', 'built it myself');
    like($out, qr/^step 2 004_d.sql: step 2 of 3 counts as done; it is not run$/m, 'which is shown');
    content('a step by hand', $failing, $database, 'step 2 004_d.sql', 'step 3 004_d.sql', 'apply 004_d.sql');
}
{
    my $database = tampered($broken, '');
    psql($database, 'DROP INDEX di; ALTER TABLE d ADD y int');
    gives(0, $failing, $database, 'repair', 'done', '004', '--reason', 'one') for 2, 3;
    gives(5, $failing, $database, 'check');
    content('all steps by hand', $failing, $database, 'step 2 004_d.sql', 'step 3 004_d.sql', 'apply 004_d.sql');
    gives(2, $failing, $database, 'repair', 'done', '004', '--reason', 'x');
    like($err, qr/is applied, and is what this program has: there is nothing to be done/, 'then there is nothing left');
}
{
    my $database = fresh_database();
    psql($database, 'CREATE TABLE a (x int); CREATE TABLE b (x int)');
    gives(2, $program, $database, 'repair', 'done', '002', '--reason', 'x');
    like($err, qr/"001_a.sql" comes before it, and is not applied/, 'in order');
    ($exit, $out, $err) = follow($program, $database, $err, 'done');
    is($exit, 0, 'the hint names the first') or diag($err);
    gives(0, $program, $database, 'repair', 'done', 'main/2', '--reason', 'x');
    content('marked', $program, $database, 'mark 001_a.sql', 'mark 002_b.sql', 'apply 003_c.sql');
    gives(0, $program, $database, 'down', '--all');
    is(psql($database, q{SELECT to_regclass('a') IS NULL}), 't', 'what was marked can be taken back');
}
{
    my $database = fresh_database();
    gives(0, with_files('002_b.sql' => undef), $database, 'up');
    psql($database, 'CREATE TABLE b (x int)');
    mended($program, $database, 'done', 6, qr/"002_b.sql" is not applied, though a later migration/);
    content('skipped, and there', $program, $database, 'mark 002_b.sql');
}

# ------------------------------------------------------------------ half taken back

my $stepwise = with_files('004_d.sql' => "CREATE TABLE d (x int);\n-- stele: down\nDROP INDEX CONCURRENTLY IF EXISTS di;\nDROP INDEX CONCURRENTLY di2;\nDROP TABLE d;\n");
my $back = tampered($applied, '');
gives(0, $stepwise, $back, 'up');
gives(1, $stepwise, $back, 'down');
{
    my $database = tampered($back, '');
    psql($database, 'DROP TABLE d');
    mended($stepwise, $database, 'done', 1, qr/"004_d.sql" is half taken back: 1 of 3 steps of its down section are done/);
    gives(5, $stepwise, $database, 'check');
    content('the rest by hand', $stepwise, $database, 'down-fail 2 004_d.sql', 'revert 004_d.sql', 'apply 004_d.sql');
}
{
    my $database = tampered($back, '');
    gives(0, $stepwise, $database, 'repair', 'done', '004', '--step', 2, '--reason', 'there is no such index');
    gives(0, $stepwise, $database, 'down', '003');
    is_deeply([(deeds($stepwise, $database))[-3 .. -1]], ['down-step 2 004_d.sql', 'down-step 3 004_d.sql', 'revert 004_d.sql'], 'one step by hand, the rest by down');
    gives(0, $stepwise, $database, 'audit');
}
{
    my $database = tampered($back, '');
    psql($database, 'DROP TABLE d');
    gives(0, $stepwise, $database, 'repair', 'forget', '004', '--reason', 'gone');
    content('forgotten', $stepwise, $database, 'forget 004_d.sql', 'apply 004_d.sql');
}

# -------------------------------------------------------------------------- missing

{
    my $database = tampered($applied, '');
    my $without = with_files('002_b.sql' => undef);
    psql($database, 'DROP TABLE b');
    mended($without, $database, 'forget', 6, qr/"002_b.sql" was applied, but is missing from this program/);
    content('missing', $without, $database, 'forget 002_b.sql');
    gives(2, $without, $database, 'repair', 'forget', '002', '--reason', 'x');
    like($err, qr/there is no migration "002", neither in this program nor applied/, 'nothing to forget any more');
    gives(2, $without, $database, 'repair', 'forget', '003', '--reason', 'x');
    like($err, qr/"003_c.sql" is applied, and is what this program has: there is nothing to forget\nhint: down takes it back/, 'what is fine is not forgotten');
}
{
    my $database = tampered($applied, '');
    my $older = program(migrations({map { $_ => $files{$_} } '001_a.sql', '002_b.sql'}));
    gives(7, $older, $database, 'up', '--exact');
    like($err, qr/down --from-ledger/, 'a database that is ahead: the hint names the way back');
    psql($database, 'DROP TABLE c');
    gives(0, $older, $database, 'repair', 'forget', '003', '--reason', 'dropped');
    content('ahead', $older, $database, 'forget 003_c.sql');
}

# Half applied, and not in this program: the ledger's script can't take back what isn't whole, so no hint may say that it does.
{
    my $steps = with_files('004_d.sql' => "CREATE TABLE d1 (x int);\nVACUUM a;\nCREATE TABLE d (x nothing);\n-- stele: down\nDROP TABLE d, d1;\n");
    my $database = tampered($applied, '');
    gives(1, $steps, $database, 'up');
    my $is = qr/is ahead of this program: "004_d.sql" is half applied\n.*\n?hint: run a program that .*; or, once what is in was cleaned up, .*: repair forget main\/004/;
    gives(7, $program, $database, 'audit', '--exact');
    like($out, qr/WRONG.*"004_d.sql" is half applied\n(?s:.*)repair forget main\/004/, 'audit says what it is');
    for my $command (['down'], ['down', '--from-ledger'], ['redo'], ['plan', '--down']) {
        gives(7, $program, $database, @{$command});
        like($err, $is, 'the hint says what helps');
    }
    my $edited = with_files('004_d.sql' => "CREATE TABLE d1 (x int);\nVACUUM b;\nCREATE TABLE d (x int);\n-- stele: down\nDROP TABLE d, d1;\n");
    gives(6, $edited, $database, 'down');
    like($err, qr/"004_d.sql" was edited after 2 of its steps were applied\n(?s:.*)repair accept main\/004/, 'edited half-way: down says what up says, which refuses, too');
    gives(6, with_files('005_e.sql' => 'CREATE TABLE e (x int);'), $database, 'down');
    like($err, qr/"004_d.sql" is half applied, but is missing from this program/, 'missing, half applied');
    psql($database, 'DROP TABLE d1');
    ($exit, $out, $err) = follow($steps, $database, (stele($steps, $database, 'down'))[2], 'forget');
    is($exit, 0, 'down of a half applied migration names the repair') or diag($err);
    content('half applied and cleaned up', $program, $database, 'forget 004_d.sql');
}

# ---------------------------------------------------------------------- repeatables

{
    my $views = with_files('R_v.sql' => "CREATE OR REPLACE VIEW v AS SELECT x FROM a;\n");
    my $database = tampered($applied, '');
    gives(0, $views, $database, 'up');
    psql($database, 'DROP VIEW v');
    gives(0, $views, $database, 'repair', 'forget', 'R_v', '--reason', 'dropped by accident');
    content('a repeatable forgotten runs again', $views, $database, 'forget R_v.sql', 'apply R_v.sql');
    is(psql($database, q{SELECT to_regclass('v') IS NOT NULL}), 't', 'and makes its view');
    my $changed = with_files('R_v.sql' => "CREATE OR REPLACE VIEW v AS SELECT x AS x FROM a;\n");
    like((stele($changed, $database, 'status'))[1], qr/^  pending     R_v\.sql +changed since \d{4}-\S+ \S+Z$/m, 'status tells since when one is out of date');
    gives(0, $changed, $database, 'repair', 'done', 'R_v', '--reason', 'same');
    content('a changed one can be marked', $changed, $database, 'mark R_v.sql');
}

# --------------------------------------------------------------------- command line

for my $case (
    [['repair'], qr/repair takes accept, done, retry, forget, set, reseal or guards/], [['repair', 'all', '--reason', 'x'], qr/repair takes/],
    [['repair', 'accept', '--reason', 'x'], qr/takes a VERSION/], [['repair', 'reseal', '002', '--reason', 'x'], qr/take no VERSION/],
    [['repair', 'accept', '002'], qr/a reason has to be given/], [['repair', 'accept', '002', '--reason', ' '], qr/a reason has to be given/],
    [['repair', 'accept', '002', '--step', '1', '--reason', 'x'], qr/--step has a meaning for repair done and repair retry only/],
    [['repair', 'done', '002', '--step', '0', '--reason', 'x'], qr/--step takes a number from 1/],
    [['repair', 'accept', '002', '--component', 'other', '--reason', 'x'], qr/there is no component "other"/],
    [['up', '--reason', 'x'], qr/--reason has no meaning for "up"/], [['baseline'], qr/baseline takes a VERSION/],
    [['baseline', '002'], qr/a reason has to be given/], [['grant'], qr/grant takes --read ROLE/],
) {
    my ($words, $message) = @{$case};
    gives(2, $program, $applied, @{$words});
    like($err, $message, 'says why');
}
is(scalar(ledger_rows($applied)), 3, 'nothing was written by any of these');
gives(0, with_files('002_b.sql' => "-- x\n$files{'002_b.sql'}"), tampered($applied, ''), 'repair', 'accept', '002', '--reason', 'x', '--json');
my @lines = json_lines($out);
is_deeply([map { $_->{event} } @lines], ['repair', 'result'], 'JSON: what is written, and the result');
is_deeply([@{$lines[0]}{qw(action version file)}], ['accept', '002', '002_b.sql'], 'with what it is about');
is($lines[1]{recorded}, 1, 'and how many rows');

done_testing();

#!/usr/bin/perl
# A database that another tool or a person made: baseline counts what is there as applied, and up goes on. And grant --read:
# a role that sees everything but the scripts.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

my ($exit, $out, $err);

sub gives {
    my ($code, $program, $database, @arguments) = @_;
    ($exit, $out, $err) = stele($program, $database, @arguments);
    return is($exit, $code, "@arguments: exit $code") || diag($out, $err);
}

my %files = (
    'stele.conf' => "parameter size integer run 3\n",
    map { ("00${_}_m$_.sql" => "CREATE TABLE m$_ (x int, s char(\${size}));\n-- stele: down\nDROP TABLE m$_; -- \${size}\n") } 1 .. 4);
my $program = program(migrations({%files, 'R_v.sql' => "CREATE OR REPLACE VIEW v AS SELECT x FROM m3;\n"}));

sub made_by_hand {
    my $database = fresh_database();
    psql($database, join('', map { "CREATE TABLE m$_ (x int, s char(5));" } 1 .. 3));
    return $database;
}

# -------------------------------------------------------------------------- baseline

{
    my $database = made_by_hand();
    gives(1, $program, $database, 'up');
    like($err, qr/error: relation "m1" already exists .*\n(?s:.*)hint: where the database had its schema before stele: baseline VERSION/, 'what to do is said');
    is(psql($database, q{SELECT count(*) FROM stele.ledger}), 0, 'up fails on what is there') ;
    gives(0, $program, $database, 'baseline', '003', '--reason', 'made with psql in 2019', '-D', 'size=5');
    like($out, qr/^baseline 001_m1.sql: it counts as applied; it is not run$/m, 'what is written is shown');
    like($out, qr/^3 rows written; the database is at 003$/m, 'and where the database is');
    gives(5, $program, $database, 'check');
    gives(9, $program, $database, 'check', '-D', 'size=3');
    gives(0, $program, $database, 'up');
    like($out, qr/004_m4.sql.*R_v.sql/s, 'up goes on from there');
    gives(0, $program, $database, 'check');
    gives(0, $program, $database, 'audit');
    is_deeply([deeds($program, $database)], ['baseline 001_m1.sql', 'baseline 002_m2.sql', 'baseline 003_m3.sql', 'apply 004_m4.sql', 'apply R_v.sql'], 'the history');
    my @rows = ledger_rows($database);
    is_deeply([@{$rows[1]}{qw(reason parameters source statements duration)}],
        ['made with psql in 2019', '{"size":"5"}', source_checksum($files{'002_m2.sql'}), 0, 0], 'a row has reason, parameters and source');
    like($rows[1]{down}, qr/DROP TABLE m2;? -- 5|DROP TABLE m2/, 'and the way back');
    psql($database, 'DROP VIEW v');
    gives(0, $program, $database, 'down', '--all');
    is(psql($database, q{SELECT count(*) FROM pg_class WHERE relname ~ '^m\d'}), 0, 'so that it can be taken back');
    gives(0, $program, $database, 'audit');
    gives(0, $program, $database, 'baseline', '001', '--reason', 'once more');
}
{
    my $database = made_by_hand();
    gives(0, $program, $database, 'baseline', '001', '--reason', 'x');
    my $before = psql($database, 'SELECT count(*) FROM stele.ledger');
    gives(0, $program, $database, 'baseline', '003', '--reason', 'one that was cut off is gone on with');
    is_deeply([deeds($program, $database)], [map { "baseline 00${_}_m$_.sql" } 1 .. 3], 'without a row twice');
    for my $version ('002', '003') {
        gives(2, $program, $database, 'baseline', $version, '--reason', 'x');
        like($err, qr/the baseline of component "main" is at "00\d_m\d.sql" already, or beyond/, 'but not back');
    }
    gives(0, $program, $database, 'up');
    gives(2, $program, $database, 'baseline', '004', '--reason', 'x');
    like($err, qr/component "main" has a history here: "004_m4.sql" is applied\nhint: .*repair done main\/VERSION/, 'not where something was applied');
}
for my $case (['009', qr/there is no migration "009" in this program/], ['R_v', qr/there is no migration "R_v"/], ['other/001', qr/there is no migration/]) {
    my $database = fresh_database();
    gives(2, $program, $database, 'baseline', $case->[0], '--reason', 'x');
    like($err, $case->[1], 'says why');
    is(psql($database, q{SELECT to_regnamespace('stele') IS NULL}), 't', 'and makes no ledger');
}
{
    my $database = fresh_database();
    gives(2, $program, $database, 'baseline', '003');
    like($err, qr/a reason has to be given/, 'a reason must be given');
    my $edited = program(migrations({%files, '002_m2.sql' => "CREATE TABLE m2 (x int);\n"}));
    gives(0, $program, $database, 'baseline', '2', '--reason', 'x');
    gives(6, $edited, $database, 'up');
    ($exit, $out, $err) = follow($edited, $database, $err, 'accept');
    is($exit, 0, 'a baseline may be accepted anew') or diag($err);
    gives(0, $edited, $database, 'audit');
}

# ----------------------------------------------------------------------------- grant

my $database = made_by_hand();
gives(2, $program, $database, 'grant', '--read', 'reader');
like($err, qr/there is no ledger yet/, 'nothing to read yet');
gives(0, $program, $database, 'baseline', '003', '--reason', 'x');
gives(0, $program, $database, 'up');
psql($database, q{CREATE ROLE "odd ""reader" LOGIN; CREATE ROLE anybody LOGIN});
gives(1, $program, $database, 'grant', '--read', 'nobody at all');
like($err, qr/role "nobody at all" does not exist/, 'a role that does not exist');
gives(0, $program, $database, 'grant', '--read', 'odd "reader');

sub as_role {
    my ($role, $code, @arguments) = @_;
    my $host = server();
    ($exit, $out, $err) = run($program, @arguments, '--db', "host=$host dbname=$database user='$role'");
    return is($exit, $code, "as $role: @arguments: exit $code") || diag($out, $err);
}
my $newer = program(migrations({%files, 'R_v.sql' => "CREATE OR REPLACE VIEW v AS SELECT x FROM m3;\n", '005_m5.sql' => 'CREATE TABLE m5 (x int);'}));
as_role('odd "reader', 0, $_) for 'check', 'up', 'status', 'plan', 'history', 'audit';
like($out, qr/ok +the down scripts were not looked at: this role may not read them/, 'audit says what it could not see');
for my $query ('SELECT down FROM stele.ledger', 'SELECT * FROM stele.ledger', q{INSERT INTO stele.anchor VALUES ('x', 1, 1, 1, '', '', '{}')}, 'DELETE FROM stele.ledger') {
    my $host = server();
    ($exit, $out, $err) = run(postgres('psql'), '-XqAt', '-d', "host=$host dbname=$database user='odd \"reader'", '-c', $query);
    isnt($exit, 0, "it may not $query");
    like($err, qr/permission denied/, 'says the server');
}
as_role('anybody', 9, 'check');
like($err, qr/hint: have it granted by the role that owns the schema "stele", which up itself needs: grant --read anybody/, 'who has nothing is told what to ask for');
as_role('odd "reader', 9, 'grant', '--read', 'anybody');
like($err, qr/grant needs the role that owns the schema "stele"/, 'and a reader can grant nothing');
gives(0, $program, $database, 'grant', '--read', 'public');
as_role('anybody', 0, $_) for 'check', 'audit';
as_role('anybody', 9, 'repair', 'forget', 'R_v', '--reason', 'x');
gives(0, $program, $database, 'audit');

done_testing();

#!/usr/bin/perl
# A history that begins with one file for all that was before it: it is run on an empty database, recorded where exactly that was applied, and
# nowhere else.

use strict;
use warnings;

use JSON::PP;
use Stele::Ledger;
use Stele::Test;
use Test::More;

my ($exit, $out, $err);
my %release = (
    '001_a.sql'  => "CREATE TABLE a (x int);\n-- stele: down\nDROP TABLE a;\n",
    '002_b.sql'  => "CREATE TABLE b (x int);\nCREATE INDEX CONCURRENTLY b_x ON b (x);\n-- stele: down\nDROP TABLE b;\n",
    '003_c.sql'  => "ALTER TABLE a ADD COLUMN y int;\n-- stele: down\nALTER TABLE a DROP COLUMN y;\n",
    'R_view.sql' => "CREATE OR REPLACE VIEW v AS SELECT x FROM a;\n",
);
my $folder = migrations({%release});
my $release = program($folder);
my ($state) = read_file("$folder/stele.lock") =~ /(d1:\w+) main 003 /;
my $base = "-- stele: squashes 003 $state \"release 1.4\"\nCREATE TABLE a (x int, y int);\nCREATE TABLE b (x int);\nCREATE INDEX b_x ON b (x);\n"
    . "-- stele: down\nDROP VIEW IF EXISTS v;\nDROP TABLE b;\nDROP TABLE a;\n";
my %after = ('003.1_base.sql' => $base, 'R_view.sql' => $release{'R_view.sql'});
my %next = ('004_d.sql' => "CREATE TABLE d (x int);\n-- stele: down\nDROP TABLE d;\n");

# The same folder goes on: stele.lock has what the first file stands for, until it doesn't.
migrations({(map { $_ => undef } '001_a.sql', '002_b.sql', '003_c.sql'), %after}, $folder);
($exit, $out, $err) = run(built('stelec'), 'seal', '--check', '--sealed', $folder);
is($exit, 1, 'a lock that still has it is out of date');
like($err, qr/stele\.lock still has what "003\.1_base\.sql" stands for/, 'as CI is told');
($exit, $out, $err) = run(built('stelec'), 'seal', $folder);
is("$exit|$err", '0|', 'the file is sealed in the place of the others');
is($out, "removed 001_a.sql\nremoved 002_b.sql\nremoved 003_c.sql\nsealed 003.1_base.sql\n", 'as is told');
is((run(built('stelec'), 'seal', '--check', '--sealed', $folder))[0], 0, 'and stays so');
my $squashed = program($folder);
migrations({%next}, $folder);
my $newer = program($folder);

sub deed { return join(' ', @{$_[0]}{qw(action version)}, $_[0]{step} // ()) }
sub story { return join(', ', map { deed($_) } ledger_rows($_[0])) }
sub set { my ($database, @set) = @_; return is((ledger_rows($database))[-1]{state}, state_digest('main', @set), 'the digest is that of the set') }
my @in_base = ['003.1', 'base', source_checksum($base)];
my @in_view = ['R', 'view', source_checksum($release{'R_view.sql'})];
my @in_next = ['004', 'd', source_checksum($next{'004_d.sql'})];

# --- an empty database
my $empty = fresh_database();
is((stele($newer, $empty, 'up'))[0], 0, 'on an empty database it is run');
is(story($empty), 'apply 003.1, apply 004, apply R', 'like any other');
is(psql($empty, "SELECT compat FROM stele.ledger WHERE version = '003.1'"), "squash 003 $state: release 1.4", 'the ledger says what it stands for');
set($empty, @in_base, @in_next, @in_view);

# --- a database that has exactly what it stands for
my $old = fresh_database();
is((stele($release, $old, 'up'))[0], 0, 'a database of the release');
my $schema = pg_dump_schema($old);
my $done = tampered($old, '');
($exit, $out, $err) = stele($newer, $done, 'check', '--json');
is($exit, 5, 'check: something is pending');
is((json_lines($out))[-1]{pending}, 2, 'the record, and what comes after');
($exit, $out, $err) = stele($newer, $done, 'plan');
like($out, qr/^003\.1_base\.sql  stands for those before it, which are in: to be recorded, and not run\n004_d\.sql$/ms, 'plan') or diag($out, $err);
($exit, $out, $err) = stele($newer, $done, 'status');
like($out, qr/^  pending     003\.1_base\.sql.*^  covered     001_a\.sql/ms, 'status');
is((stele($newer, $done, 'audit'))[0], 0, 'nothing is wrong with it');
($exit, $out, $err) = stele($squashed, $done, 'up');
is("$exit|$err", '0|', 'up of the squashed program') or diag($out);
like($out, qr/^  003\.1_base\.sql +squash\n.*^recorded 1 migration in the place of those before; the database is at 003\.1$/ms, 'tells it');
is(story($done), 'apply 001, step 002 1, begin 002 2, step 002 2, apply 002, apply 003, apply R, squash 003.1', 'one row is written');
is(pg_dump_schema($done), $schema, 'and nothing is run');
set($done, @in_base, @in_view);
my ($row) = (ledger_rows($done))[-1];
is_deeply([@{$row}{qw(reason statements compat one_way down)}],
    ['release 1.4', 0, "squash 003 $state: release 1.4", 'it was recorded in the place of others, and not run', undef], 'the row');
is((stele($squashed, $done, split(/ /, $_)))[0], 0, "then $_ has nothing to do") for 'check', 'up', 'plan', 'audit', 'status --exit-code';
is((stele($newer, $done, 'up'))[0], 0, 'and the next version comes behind it');
set($done, @in_base, @in_next, @in_view);
is((stele($newer, $done, 'audit'))[0], 0, 'the audit agrees');
($exit, $out, $err) = stele($newer, $done, 'status');
is((split(/\n/, $out))[-1], '3 migrations: 3 applied', 'and status has nothing else') or diag($out);

my $both = tampered($old, '');
is((stele($newer, $both, 'up'))[0], 0, 'both in one run');
is(story($both), story($done), 'to the same rows');

# --- by a script
my $by_psql = tampered($old, '');
($exit, $out, $err) = stele($newer, $by_psql, 'plan', '--sql');
write_file(my $script = temporary(), $out);
($exit, $out, $err) = run(postgres('psql'), '-Xq', '-d', url($by_psql), '-f', $script);
is("$exit|$err", '0|', 'a script of the same') or diag($out);
is(story($by_psql), story($done), 'leaves the same rows');
is((stele($newer, $by_psql, 'audit'))[0], 0, 'and the audit agrees');

# --- the way back
($exit, $out, $err) = stele($newer, $both, 'down');
is($exit, 0, 'what came after it is taken back');
for my $command ('down', 'down --all', 'redo', 'plan --down', 'down --from-ledger') {
    ($exit, $out, $err) = stele($newer, $both, split(/ /, $command), '--allow-destructive') if $command !~ /plan/;
    ($exit, $out, $err) = stele($newer, $both, split(/ /, $command)) if $command =~ /plan/;
    is($exit, $command =~ /redo.*ledger/ ? 2 : 9, "$command past the record") or diag($out);
    like($err, qr/"003\.1_base\.sql" has no way back: it was recorded in the place of others, and not run/, 'is refused');
}
is((stele($newer, $empty, 'down', '--all', '--allow-destructive'))[0], 0, 'where it was run it can be taken back');
is((stele($newer, $empty, 'up'))[0], 0, 'and run again');

# --- below, half-way, something else
sub refused {
    my ($name, $database, $status, $message, $hint) = @_;
    my $rows = psql($database, 'SELECT count(*) FROM stele.ledger');
    for my $command ('up', 'check', 'plan', 'audit') {
        ($exit, $out, $err) = stele($newer, $database, $command);
        is($exit, $status, "$name: $command") or diag($out, $err);
        like("$out$err", $message, "$name: $command says why");
        like("$out$err", $hint, "$name: $command says what to do");
    }
    is((stele($newer, $database, 'status', '--exit-code'))[0], $status, "$name: status --exit-code");
    is(psql($database, 'SELECT count(*) FROM stele.ledger'), $rows, "$name: nothing was written");
    return;
}
my $below = fresh_database();
is((stele($release, $below, 'up', '002'))[0], 0, 'a database below');
refused('below', $below, 7, qr/the database is at "002"; this program begins at "003"/, qr/hint: run release 1\.4 first, which brings it to "003"/);
is((stele($release, $below, 'up'))[0], 0, 'so it is done');
is((stele($newer, $below, 'up'))[0], 0, 'and then it goes on');
is((stele($newer, $below, 'audit'))[0], 0, 'the audit agrees');

my $half = fresh_database();
psql($half, 'CREATE TABLE b_x ()');
is((stele($release, $half, 'up'))[0], 1, 'a database that is half-way');
refused('half-way', $half, 7, qr/"002_b\.sql" is half done in the database, and "003\.1_base\.sql" stands for it/, qr/hint: run release 1\.4 first, which has that file/);

my $edited = program(migrations({%release, '002_b.sql' => "CREATE TABLE b (x int, z int);\n"}));
my $other = fresh_database();
is((stele($edited, $other, 'up'))[0], 0, 'a database of other files');
refused('others', $other, 6, qr/the database is at "003", but not by the files that "003\.1_base\.sql" stands for/, qr/hint: run audit of release 1\.4/);

my $gap = program(migrations({%release, '003.0_x.sql' => "SELECT 1;\n"}));
$other = fresh_database();
is((stele($gap, $other, 'up'))[0], 0, 'a database with one more');
refused('one more', $other, 6, qr/the database is at "003\.0", but not by the files/, qr/hint: run audit of release 1\.4/);

# --- ahead: a program of the squashed history that is older than the database
is((stele($squashed, $done, 'up'))[0], 0, 'a squashed program that is older can live with an expanding one');
like((stele($squashed, $done, 'up'))[1], qr/ahead of this program by 1 migration, .*: 004_d\.sql$/m, 'and says so');

# --- the release itself, on a database that was squashed
for my $database ($done, $empty) {
    for my $command ('check', 'up', 'plan', 'audit') {
        ($exit, $out, $err) = stele($release, $database, $command);
        is($exit, 0, "$command of the release that has what was squashed") or diag($err);
        like($out, qr/the database is ahead of this program by 2 migrations, which older programs can live with: 003\.1_base\.sql, 004_d\.sql$/m, 'says so');
    }
    ($exit, $out, $err) = stele($release, $database, 'status');
    like($out, qr/^6 migrations: 4 applied, 2 newer$/m, 'status of it');
    is((stele($release, $database, 'down'))[0], 7, 'it takes nothing back by itself');
    is((stele($release, $database, 'check', '--exact'))[0], 7, 'check --exact refuses');
}
my %earlier = map { $_ => $release{$_} } '001_a.sql', '002_b.sql', 'R_view.sql';
for my $program (program(migrations({%earlier})), $edited) {
    for my $command ('check', 'up', 'plan', 'audit') {
        ($exit, $out, $err) = stele($program, $done, $command);
        is($exit, 7, "$command of a program with other files") or diag($out, $err);
        like("$out$err", qr/the database's history begins with "003\.1_base\.sql", which stands for all up to "003" of release 1\.4/, 'is refused, with the reason');
    }
}
# Taking back what is above the file, by the older program, leaves the set right.
{
    my $copy = tampered($done, '');
    is((stele($release, $copy, 'down', '--from-ledger'))[0], 0, 'the release takes back what came after');
    set($copy, @in_base);
    ($exit, $out, $err) = stele($release, $copy, 'down', '--from-ledger');
    is($exit, 9, 'and not the file that stands for its own') or diag($out, $err, story($copy));
    is((stele($newer, $copy, 'up'))[0], 0, 'up again');
    is((stele($newer, $copy, 'audit'))[0], 0, 'the audit agrees');
}

# --- where later versions were there already, and only the begin is squashed
{
    my $dir = migrations({%release, '005_e.sql' => "CREATE TABLE e (x int);\n"});
    my $full = program($dir);
    my $database = fresh_database();
    is((stele($full, $database, 'up'))[0], 0, 'a database with more than that');
    migrations({(map { $_ => undef } '001_a.sql', '002_b.sql', '003_c.sql'), %after}, $dir);
    my $part = program($dir);
    ($exit, $out, $err) = stele($part, $database, 'up');
    is("$exit|$err", '0|', 'the begin alone is put into one file') or diag($out);
    set($database, @in_base, ['005', 'e', source_checksum("CREATE TABLE e (x int);\n")], @in_view);
    is((stele($part, $database, $_))[0], 0, "$_ has nothing to do") for 'check', 'audit', 'up';
    ($exit, $out, $err) = stele($full, $database, 'up');
    is($exit, 0, 'and the program before it goes on') or diag($err);
    my $new = fresh_database();
    is((stele($part, $new, 'up'))[0], 0, 'an empty one, too');
    is((stele($full, $new, 'check'))[0], 0, 'for both');
}

# --- another component comes after what was squashed
{
    my $needs = program(migrations({'stele.conf' => "component auth\n", '001_x.sql' => "-- stele: after main/002\nSELECT 1;\n"}));
    is((stele($needs, tampered($empty, ''), 'up'))[0], 0, 'what a file stands for is there, where it was run');
    is((stele($needs, tampered($done, ''), 'up'))[0], 0, 'and where it was recorded');
    my $not = program(migrations({'stele.conf' => "component auth\n", '001_x.sql' => "-- stele: after main/005\nSELECT 1;\n"}));
    is((stele($not, tampered($empty, ''), 'up'))[0], 9, 'but not what comes later');
    my $gone = tampered($empty, '');
    is((stele($newer, $gone, 'down', '--all', '--allow-destructive'))[0], 0, 'nor where it was taken back');
    is((stele($needs, $gone, 'up'))[0], 9, 'which is seen');
    ($exit, $out, $err) = run($needs, 'plan', '--sql', ':');
    write_file(my $file = temporary(), $out);
    for my $case ([$empty, 0], [$done, 0], [$gone, 3], [$old, 0]) {
        ($exit, $out, $err) = run(postgres('psql'), '-Xq', '-d', url(tampered($case->[0], '')), '-f', $file);
        is($exit, $case->[1], 'a script sees the same') or diag($err);
    }
    # In one program: stelec puts the file in its place.
    my $after = migrations({'stele.conf' => "component auth\n", '001_x.sql' => "-- stele: after main/002\nCREATE TABLE x (x int);\n"});
    for my $main ($folder, migrations({%release})) {
        ($exit, $out, $err) = run(top() . '/generator/build-program', "main=$main auth=$after", my $path = temporary(), {env => {STELE_BUILD => built('')}});
        is($exit, 0, 'a program of both') or diag($err);
        for my $database (map { tampered($_, '') } $empty, $done) {
            ($exit, $out, $err) = run($path, 'up', '--db', url($database));
            is($exit, 0, 'is applied') or diag($err);
            is(psql($database, q{SELECT to_regclass('x') IS NOT NULL}), 't', 'whole');
        }
    }
}

# --- several in a row: a file that stands for one that stood for others
{
    my ($first) = read_file("$folder/stele.lock") =~ /(d1:\w+) main 004 /;
    migrations({'003.1_base.sql' => undef, '004_d.sql' => undef,
        '010_base.sql' => "-- stele: squashes 004 $first \"release 2.0\"\nCREATE TABLE a (x int, y int);\nCREATE TABLE b (x int);\nCREATE TABLE d (x int);\n"}, $folder);
    my $again = program($folder);
    my $copy = tampered($done, '');
    ($exit, $out, $err) = stele($again, $copy, 'up');
    is("$exit|$err", '0|', 'squashed once more');
    is((stele($again, $copy, 'audit'))[0], 0, 'the audit agrees');
    is((stele($newer, $copy, 'check'))[0], 0, 'and the program before it goes on');
    ($exit, $out, $err) = stele($again, $old, 'up');
    is($exit, 7, 'one that is two behind');
    like($err, qr/the database is at "003"; this program begins at "004"\n(?s:.*)run release 2\.0 first/, 'is told which one to run');
}

done_testing();

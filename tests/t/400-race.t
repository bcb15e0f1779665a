#!/usr/bin/perl
# Many processes that boot at once on the same database: each exits 0, each migration is applied
# once, whoever dies.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

use constant PROCESSES => 50;

my %plain = map { sprintf('%03d_m.sql', $_) => "CREATE TABLE m$_ (x int);\nINSERT INTO m$_ VALUES (1);\n" } 1 .. 8;
my %steps = (%plain, '003.5_index.sql' => <<'SQL', '009_other.sql' => "-- stele: component other\nCREATE TABLE other (x int);\n");
CREATE TABLE indexed AS SELECT i AS x FROM generate_series(1, 1000) AS i;
CREATE INDEX CONCURRENTLY indexed_x ON indexed (x);
ALTER INDEX indexed_x SET (fillfactor = 80);
SQL

# Start so many `up`, hand their process ids to `meanwhile`, and wait; the exits, by how often, and the outputs.
sub boot {
    my ($program, $database, $meanwhile, @arguments) = @_;
    my @running = map { start($program, 'up', @arguments, '--db', url($database)) } 1 .. PROCESSES;
    $meanwhile->(map { $_->{pid} } @running) if $meanwhile;
    my (%exits, @out);
    for my $one (@running) {
        my ($exit, $out, $err) = finish($one);
        $exits{$exit}++;
        push(@out, $exit ? "$out$err" : $out);
    }
    return (join(' ', map { "$exits{$_} x $_" } sort keys %exits), @out);
}

# Is the database what one undisturbed `up` makes of it?
sub is_whole {
    my ($name, $program, $database, $count) = @_;
    is(psql($database, q{SELECT count(*), count(DISTINCT (component, version)) FROM stele.ledger WHERE action = 'apply'}), "$count|$count",
        "$name: each migration is applied once");
    my @twice = grep { psql($database, "SELECT count(*) FROM m$_") ne '1' } grep { psql($database, "SELECT to_regclass('m$_') IS NOT NULL") eq 't' } 1 .. 8;
    is("@twice", '', "$name: each ran once");
    my ($exit, $out, $err) = stele($program, $database, 'audit');
    is($exit, 0, "$name: the ledger is sound") or diag($out, $err);
    is((stele($program, $database, 'check'))[0], 0, "$name: nothing is pending");
    is(psql('postgres', "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = '$database')"), '0',
        "$name: no lock stays behind");
    return;
}

for my $case (['an empty database', \%plain, 8], ['a concurrent index among them', \%steps, 10]) {
    my ($name, $files, $count) = @{$case};
    my $program = program(migrations($files));
    my $database = fresh_database();
    my $start = time();
    my ($exits, @out) = boot($program, $database);
    is($exits, PROCESSES . ' x 0', "$name: every process exits 0") or diag(grep { /error/ } @out);
    note(sprintf('%.1f s', time() - $start));
    my $applied = 0;
    $applied += $_ for map { /^applied (\d+) migration/m } @out;
    is($applied, $count, "$name: together they say that they applied each once");
    is_whole($name, $program, $database, $count);
}

# On top of a history that is there.
{
    my $dir = migrations({map { $_ => $plain{$_} } grep { /^00[1-3]/ } keys %plain});
    my $database = fresh_database();
    stele(program($dir), $database, 'up');
    my $program = program(migrations({%plain}, $dir));
    my ($exits, @out) = boot($program, $database);
    is($exits, PROCESSES . ' x 0', 'more on top of a history: every process exits 0') or diag(grep { /error/ } @out);
    is_whole('more on top', $program, $database, 8);
}

# Some are killed; one more `up` completes. No index is built concurrently here: what became of one whose client was
# killed is for the catalog probes, which come later.
my %slow = map { $_ => $steps{$_} . "SELECT pg_sleep(0.05);\n" } grep { $_ ne '003.5_index.sql' } keys %steps;
for my $case (['killed', 'KILL'], ['terminated', 'TERM']) {
    my ($name, $signal) = @{$case};
    my $program = program(migrations(\%slow));
    my $database = fresh_database();
    my $killed = 0;
    my ($exits) = boot($program, $database, sub {
        my @pids = @_;
        for my $round (1 .. 10) {
            sleep(0.03);
            $killed += kill($signal, splice(@pids, int(rand(@pids)), 1)) for 1 .. 3;
        }
    });
    cmp_ok($killed, '>=', 20, "$name: many were");
    like($exits, qr/^(?:\d+ x (?:0|137|143) ?)+$/, "$name: the others exit 0 ($exits)");
    my ($exit, $out, $err) = stele($program, $database, 'up');
    is($exit, 0, "$name: one more up completes") or diag($err);
    is_whole($name, $program, $database, 9);
}

# A process that must not wait says who holds the lock, and one that waits does too.
{
    my $database = fresh_database();
    my $program = program(migrations({'001_slow.sql' => "CREATE TABLE slow (x int);\nSELECT pg_sleep(2);\n"}));
    my $first = start($program, 'up', '--db', url($database));
    1 while psql($database, q{SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' AND pid <> pg_backend_pid()}) eq '0';
    my ($exit, $out, $err) = stele($program, $database, 'up', '--lock-wait', '0');
    is($exit, 4, 'who must not wait exits 4');
    like($err, qr/error: another process is migrating this database\ndetail: the lock is held by process \d+, application "stele", .*running: /, 'and says who holds the lock');
    my $start = time();
    ($exit, $out, $err) = stele($program, $database, 'up', '--lock-wait', '0.3');
    is($exit, 4, 'who waits too short a time exits 4');
    cmp_ok(time() - $start, '>=', 0.3, 'after that time');
    is((stele($program, $database, 'check'))[0], 5, 'check does not wait for the lock');
    ($exit, $out, $err) = stele($program, $database, 'up');
    is($exit, 0, 'who waits long enough finds it done');
    like($err, qr/waiting: the lock is held by process \d+, application "stele"/, 'having said for whom he waits');
    like($out, qr/^up to date/, 'and does nothing');
    is((finish($first))[0], 0, 'the first one is undisturbed');
}

done_testing();

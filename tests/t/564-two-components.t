#!/usr/bin/perl
# Two programs of two components in one database never wait for each other: not while one of them runs for long, in a transaction or outside
# of one, not the first time, when there is no ledger yet, and not when psql runs a script of one.

use strict;
use warnings;

use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

my ($exit, $out, $err);
my @now = ('--lock-wait', '0');    # who has to wait fails

# The keys of the lock under which the ledger is made, as docs/ledger.md has them: a hash of the schema, and of no component.
my @making = (0x7374656c, 2166136261);
for my $name ('"stele"', '') {
    $making[1] = (($making[1] ^ $_) * 16777619) & 0xffffffff for unpack('C*', $name);
    $making[1] = ($making[1] * 16777619) & 0xffffffff;
}
$making[1] &= 0x7fffffff;

sub other { return program(migrations({'stele.conf' => "component other\n", @_})) }
my $fast = other('001_x.sql' => "CREATE TABLE x (x int);\nINSERT INTO x VALUES (1);\n", '002_y.sql' => "CREATE TABLE y (x int);\nVACUUM y;\n",
    'R_v.sql' => "CREATE OR REPLACE VIEW v AS SELECT * FROM x;\n");
my $dependent = other('001_x.sql' => "-- stele: after slow/001\nCREATE TABLE x (x int);\n");

my $writing = 'BEGIN; INSERT INTO gate VALUES (1); SELECT pg_sleep(600)';
for my $case (
    ['a transaction that waits', "LOCK TABLE gate;\n", q{wait_event_type = 'Lock' AND query LIKE '%LOCK TABLE gate%'}],
    ['a step outside of a transaction that waits', "CREATE INDEX CONCURRENTLY gate_x ON gate (x);\n", q{wait_event_type = 'Lock' AND query LIKE 'CREATE INDEX CONCURRENTLY gate_x%'}],
) {
    my ($name, $text, $waits) = @{$case};
    my $slow = program(migrations({'stele.conf' => "component slow\n", '001_a.sql' => "-- stele: lock-timeout 10min\n$text"}));
    my $database = fresh_database();
    psql($database, 'CREATE TABLE gate (x int)');
    my $gate = start(postgres('psql'), '-Xq', '-d', url($database), '-c', $writing);
    ok(wait_for($database, q{SELECT count(*) > 0 FROM pg_locks WHERE relation = 'gate'::regclass AND mode = 'RowExclusiveLock' AND granted}), "$name: the gate is closed");
    my $up = start($slow, 'up', '--db', url($database));
    ok(wait_for($database, "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND $waits"), "$name: the slow one is at it, and has made the ledger");
    is(psql($database, sprintf(q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %d AND objid = %d}, @making)), 0,
        "$name: the lock under which it was made is free again");

    ($exit, $out, $err) = stele($dependent, $database, 'up', @now);
    is($exit, 9, "$name: what comes after it") or diag($out);
    like($err, qr{"001_x\.sql" comes after slow/001, which is not applied\n(?s:.*)hint: apply that first, with the program that carries component "slow"}, "$name: is told as much");

    ($exit, $out, $err) = stele($fast, $database, 'up', @now);
    is("$exit|$err", '0|', "$name: another component is applied meanwhile, in and out of transactions") or diag($out);
    is((stele($fast, $database, $_))[0], 0, "$name: $_ of it") for 'check', 'status', 'audit', 'plan';
    ok(wait_for($database, "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND $waits"), "$name: the slow one is still at it");
    psql($database, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()});
    finish($gate);
    ($exit, $out, $err) = finish($up);
    is($exit, 0, "$name: the slow one ends well") or diag($out, $err);
    is((stele($slow, $database, 'audit'))[0], 0, "$name: both chains hold");
}

# The first time, a script of one, while the program of the other is at it.
{
    my $slow = program(migrations({'stele.conf' => "component slow\n", '001_a.sql' => "-- stele: lock-timeout 10min\nLOCK TABLE gate;\n"}));
    my $database = fresh_database();
    psql($database, 'CREATE TABLE gate (x int)');
    ($exit, $out, $err) = run($fast, 'plan', '--sql', ':001');
    is($exit, 0, 'a script from nothing');
    write_file(my $script = temporary(), $out);
    my $gate = start(postgres('psql'), '-Xq', '-d', url($database), '-c', $writing);
    ok(wait_for($database, q{SELECT count(*) > 0 FROM pg_locks WHERE relation = 'gate'::regclass AND mode = 'RowExclusiveLock' AND granted}), 'the gate is closed');
    my $up = start($slow, 'up', '--db', url($database));
    ok(wait_for($database, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%LOCK TABLE gate%'}), 'the slow one is at it');
    ($exit, $out, $err) = run(postgres('psql'), '-Xq', '-d', url($database), '-f', $script);
    is("$exit|$err", '0|', 'psql does not wait for it') or diag($out);
    psql($database, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()});
    finish($gate);
    is((finish($up))[0], 0, 'the slow one ends well');
    is((stele($fast, $database, 'up'))[0], 0, 'the other goes on where the script ended');
    is((stele($slow, $database, 'audit'))[0], 0, 'and both chains hold');
}

# The lock under which the ledger is made, held by somebody: it matters only where there is no ledger.
{
    my $database = fresh_database();
    my $holder = start(postgres('psql'), '-Xq', '-d', url($database), '-c', sprintf('SELECT pg_advisory_lock(%d, %d); SELECT pg_sleep(600)', @making));
    ok(wait_for($database, q{SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND granted}), 'somebody holds it');
    ($exit, $out, $err) = stele($fast, $database, 'up', @now);
    is($exit, 4, 'a ledger can not be made then') or diag($out, $err);
    psql($database, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()});
    finish($holder);
    is((stele($fast, $database, 'up', '001'))[0], 0, 'it is made when the lock is free');
    $holder = start(postgres('psql'), '-Xq', '-d', url($database), '-c', sprintf('SELECT pg_advisory_lock(%d, %d); SELECT pg_sleep(600)', @making));
    ok(wait_for($database, q{SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND granted}), 'somebody holds it again');
    is((stele($fast, $database, 'up', @now))[0], 0, 'where there is a ledger, nobody minds');
    psql($database, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()});
    finish($holder);
}

done_testing();

#!/usr/bin/perl
# examples/minimal: it compiles as its Makefile says, and migrates when it boots.

use strict;
use warnings;

use Stele::Test;
use Test::More;

# The library may have been built with another compiler or with sanitizers: then so is the example.
my %setting = settings();
my ($program, $build) = (temporary(), temporary());
symlink(built('.'), $build) or die;    # make can't read a path with blanks
my ($exit, $out, $err) = run('make', '-C', top() . '/examples/minimal', "CC=$setting{CC}", "CFLAGS=$setting{CFLAGS}",
    "BUILD=$build", "PROGRAM=$program");
is($exit, 0, 'it compiles') or BAIL_OUT("$out$err");

my $database = fresh_database();
my %database = (env => {DATABASE_URL => url($database)});

($exit, $out, $err) = run($program, \%database);
is($exit, 0, 'the first start') or diag($err);
is(scalar(() = $out =~ /^applied \d{3}_\w+\.sql in [\d.]+ ms$/mg), 9, 'applies nine migrations in SQL');
like($out, qr/^schema 010, 10 migrations applied$/m, 'and says so');

($exit, $out, $err) = run($program, \%database);
is("$exit $out$err", "0 schema 010, 0 migrations applied\n", 'the second finds nothing to do');

psql($database, q{UPDATE stele.anchor SET state = 'd1:' || repeat('0', 64)});
($exit, $out, $err) = run($program, \%database);
is($exit, 6, 'a ledger whose anchor was changed is refused');
like($err, qr/error: /, 'with a reason');

($exit, $out, $err) = run($program, {env => {DATABASE_URL => 'host=' . server() . ' port=1'}});
is($exit, 3, 'no server, exit 3');
like($err, qr/^error: /, 'with a reason');
unlike($err, qr/\[\]|:0:/, 'and without a place or an SQLSTATE that there is not');

# Somebody edited what was applied: a file, and no line.
$database = fresh_database();
%database = (env => {DATABASE_URL => url($database)});
run($program, \%database);
psql($database, q{ALTER TABLE stele.ledger DISABLE TRIGGER ALL; UPDATE stele.anchor SET state = 'd1:' || repeat('0', 64); UPDATE stele.ledger SET source = 's1:' || repeat('0', 64), tokens = 't1:' || repeat('0', 64) WHERE version = '002'});
($exit, $out, $err) = run($program, \%database);
is($exit, 6, 'an edit is refused');
unlike($err, qr/\[\]|:0:/, 'and told without a place that there is not') or diag($err);

# Somebody holds a table, and the service is stopped.
$database = fresh_database();
psql($database, 'CREATE SCHEMA stele');
my $holder = start(postgres('psql'), '-Xq', '-d', url($database), '-c', 'BEGIN; CREATE TABLE agent_memory (x int); SELECT pg_sleep(600)');
ok(wait_for($database, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()}), 'somebody makes the table');
my $stopped = start($program, {env => {DATABASE_URL => url($database)}});
ok(wait_for($database, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'}), 'the example waits for that');
kill('TERM', $stopped->{pid});
($exit, $out, $err) = finish($stopped);
is($exit, 130, 'SIGTERM stops it') or diag("$out$err");
like($err, qr/error: interrupted/, 'and it says so');
psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()});
finish($holder);

done_testing();

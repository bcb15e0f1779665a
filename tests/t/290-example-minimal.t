#!/usr/bin/perl
# examples/minimal: it compiles as its Makefile says, and migrates when it boots.

use strict;
use warnings;

use Stele::Test;
use Test::More;

# The library may have been built with another compiler or with sanitizers: then so is the example.
my %setting = read_file(built('settings')) =~ /^(\w+)='(.*)'$/mg;
my ($program, $build) = (temporary(), temporary());
symlink(built('.'), $build) or die;    # make can't read a path with blanks
my ($exit, $out, $err) = run('make', '-C', top() . '/examples/minimal', "CC=$setting{CC}", "CFLAGS=$setting{CFLAGS}",
    "BUILD=$build", "PROGRAM=$program");
is($exit, 0, 'it compiles') or BAIL_OUT("$out$err");

my $database = fresh_database();
my %database = (env => {DATABASE_URL => url($database)});

($exit, $out, $err) = run($program, \%database);
is($exit, 0, 'the first start') or diag($err);
is(scalar(() = $out =~ /^applied \d{3}_\w+\.sql in [\d.]+ ms$/mg), 8, 'applies eight migrations');
like($out, qr/^schema 009, 9 migrations applied$/m, 'and says so');

($exit, $out, $err) = run($program, \%database);
is("$exit $out$err", "0 schema 009, 0 migrations applied\n", 'the second finds nothing to do');

psql($database, q{UPDATE stele.anchor SET state = 'd1:' || repeat('0', 64)});
($exit, $out, $err) = run($program, \%database);
is($exit, 6, 'a ledger whose anchor was changed is refused');
like($err, qr/error: /, 'with a reason');

($exit, $out, $err) = run($program, {env => {DATABASE_URL => 'host=' . server() . ' port=1'}});
is($exit, 3, 'no server, exit 3');
like($err, qr/^error: /, 'with a reason');

done_testing();

#!/usr/bin/perl
# What `stelec explain` says of locks and rewrites, against what the server does: each statement of tests/locks.sql is run in a
# transaction on the schema that the file begins with, and the locks that the transaction then holds, and the tables whose rows lie in
# another file than before, are compared. A new statement is added there, nowhere else.
use strict;
use warnings;
use JSON::PP;
use Test::More;
use Stele::Test;

my ($setup, @statements) = split /^-- \*\*\*\n/m, read_file(top() . '/tests/locks.sql');
@statements = map { s/\s+\z//r } map { split /^\n/m, $_ } @statements;
my $db = fresh_database();
psql($db, $setup);
my %is_table = map { $_ => 1 } split /\n/, psql($db, "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm')");
my %strength;
$strength{$_} = keys %strength
    for 'none', 'ACCESS SHARE', 'ROW SHARE', 'ROW EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE', 'SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE',
    'ACCESS EXCLUSIVE';

# One session runs them all, each in a transaction of its own: what it prints, cut at a mark before each.
sub run_all {
    my $tables = "c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname = 'public'";
    my $script = join '', "SET client_min_messages = warning;\n", map { <<"END" } @_;
SELECT '\@\@';
CREATE TEMP TABLE before AS SELECT c.oid, c.relname, pg_relation_filenode(c.oid) AS node FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE $tables;
BEGIN;
$_;
SELECT 'lock', b.relname, l.mode, pg_relation_filenode(b.oid) IS DISTINCT FROM b.node AND b.oid IN (SELECT oid FROM pg_class)
  FROM before b JOIN pg_locks l ON l.relation = b.oid AND l.pid = pg_backend_pid() AND l.locktype = 'relation';
ROLLBACK;
DROP TABLE before;
END
    my ($exit, $out, $err) = run(postgres('psql'), '-XqAt', '-d', url($db), '-f', '-', {stdin => $script});
    is("$exit|$err", '0|', 'the server runs all of them');
    return (split /^\@\@\n/m, $out)[1 .. @_];
}

# The strongest lock on each of the tables that were there, and whether its rows were written anew.
sub on_server {
    my ($out) = @_;
    my %locks;
    for (split /\n/, $out) {
        my ($table, $mode, $anew) = /^lock\|(.*)\|(\w+)Lock\|([tf])$/ or next;
        $mode = uc($mode =~ s/(?<=[a-z])(?=[A-Z])/ /gr);
        die "no such lock: $mode\n" unless defined $strength{$mode};
        my $old = $locks{$table} || {lock => 'none'};
        $old->{lock} = $mode if $strength{$mode} > $strength{$old->{lock}};
        $old->{anew} = $anew eq 't';
        $locks{$table} = $old;
    }
    return \%locks;
}

# The same as stelec tells it.
sub explained {
    my ($statement) = @_;
    my $dir = migrations({'001_setup.sql' => $setup, '002_x.sql' => "$statement\n;"});
    my ($exit, $out, $err) = run(built('stelec'), 'explain', '-w', '--json', "$dir/002_x.sql");
    die "$statement\n$out$err" if $exit;
    my %locks;
    for my $effect (map { @{$_->{statement}{effects}} } grep { $_->{statement} } map { decode_json($_) } split /\n/, $out) {
        my $old = $locks{$effect->{on}} || {lock => 'none'};
        my $lock = $effect->{lock} || 'none';
        $old->{lock} = $lock if $strength{$lock} > $strength{$old->{lock}};
        $old->{anew} ||= $effect->{rewrites} && !$effect->{perhaps};
        $old->{perhaps} ||= $effect->{perhaps} || $effect->{destroys}; # a TRUNCATE is another file, too
        $locks{$effect->{on}} = $old;
    }
    return \%locks;
}

my @outcomes = run_all(@statements);
for my $i (0 .. $#statements) {
    (my $name = $statements[$i]) =~ s/\s+/ /g;
    my ($server, $said) = (on_server($outcomes[$i]), explained($statements[$i]));
    for my $table (sort keys %{$server}) {
        my $is = $server->{$table};
        # A catalog's entry that is only looked up, and the weakest locks of inner checks, are no matter.
        next if $strength{$is->{lock}} <= $strength{'ROW SHARE'} && !$said->{$table};
        my $told = $said->{$table} || {lock => 'none'};
        is($told->{lock}, $is->{lock}, "$name: the lock on $table");
        is($told->{anew} ? 1 : 0, $is->{anew} ? 1 : 0, "$name: whether $table is written anew") unless $told->{perhaps};
    }
    for my $table (sort keys %{$said}) {
        next if $server->{$table} || $said->{$table}{lock} eq 'none' || !$is_table{$table};
        fail("$name: no lock on $table");
    }
}

done_testing();

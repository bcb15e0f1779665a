#!/usr/bin/perl
# What a run must not leave behind, or lose on the way: locks on an application's connection, prepared statements of a try that is made
# again, and the lock that guards a step behind a pooler.

use strict;
use warnings;

use Stele::Pooler;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

# Somebody who holds a lock; and an end to that.
sub hold {
    my ($db, $sql) = @_;
    my $holder = start(postgres('psql'), '-Xq', '-d', url($db), '-c', "BEGIN; $sql; SELECT pg_sleep(300)");
    ok(wait_for($db, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()}), "somebody holds: $sql");
    return $holder;
}

sub let_go {
    my ($db, $holder) = @_;
    psql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()});
    finish($holder);
    return;
}

my %first = ('001_a.sql' => "CREATE TABLE a (x int);\n");
my $first = program(migrations({%first}));

# --- a host asks to stop while the locks of the last steps are given back
{
    my $host = application('stops', migrations({%first, '002_b.sql' => "CREATE INDEX CONCURRENTLY ai ON a (x);\nVACUUM a;\n"}));
    my ($exit, $out) = run($host, url(fresh_database()), 0);
    my ($most) = $out =~ /^0 (\d+) 0$/ or diag($out);
    my @wrong;
    for my $n (1 .. $most) {
        my $db = fresh_database();
        ($exit, $out) = run($host, url($db), $n);
        push(@wrong, "asked at $n: $out") unless $out =~ /^(0|130) \d+ 0$/;
        psql('postgres', "DROP DATABASE $db");
    }
    is(join('', @wrong), '', "asked at each of $most moments, no lock stays on the application's connection");
}

# --- a try that is made again begins without what the one before it has prepared
my @ways = (['directly', \&url]);
for my $version ((poolers())[-1 .. -1]) {
    my $pooler = defined $version ? pooler($version, {default_pool_size => 5}) : undef;
    push(@ways, ["through PgBouncer $version", sub { "$pooler->{conninfo} dbname=$_[0]" }]) if $pooler;
}
for my $way (@ways) {
    my ($how, $to) = @{$way};
    my $program = program(migrations({%first, '002_b.sql' => "PREPARE p AS SELECT 1;\nALTER TABLE a ADD COLUMN y int;\nEXECUTE p;\n"}));
    my $db = fresh_database();
    run($first, 'up', '--db', $to->($db));
    my $holder = hold($db, 'LOCK TABLE a IN ACCESS SHARE MODE');
    my $up = start($program, 'up', '--lock-timeout', '0.2', '--db', $to->($db));
    sleep(1.5);
    let_go($db, $holder);
    my ($exit, $out, $err) = finish($up);
    is($exit, 0, "$how: PREPARE, and a lock that is had at a later try") or diag($err);
    like($err, qr/begins again/, '... as it was');
    my $bad = program(migrations({%first, '002_b.sql' => "PREPARE p AS SELECT 1;\nSELECT nothing;\n"}));
    $db = fresh_database();
    for my $try (1, 2) {
        ($exit, undef, $err) = run($bad, 'up', '--db', $to->($db));
        like($err, qr/column "nothing" does not exist/, "$how, try $try: a failure leaves no prepared statement");
    }
}

# --- the lock that guards a step behind a pooler is idle in a transaction, which no timeout ends
for my $way (@ways[1 .. $#ways]) {
    my ($how, $to) = @{$way};
    my $program = program(migrations({%first, '002_b.sql' => "CREATE INDEX CONCURRENTLY ai ON a (x);\n"}));
    my $db = fresh_database();
    psql($db, "ALTER DATABASE $db SET idle_in_transaction_session_timeout = '500ms'");
    run($first, 'up', '--db', $to->($db));
    my $holder = hold($db, 'INSERT INTO a VALUES (1)');
    my $up = start($program, 'up', '--db', $to->($db));
    ok(wait_for($db, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%CREATE INDEX CONC%' AND pid <> pg_backend_pid()}), 'it builds');
    sleep(2);
    is(psql($db, q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'}), '1', "$how: the lock outlives idle_in_transaction_session_timeout");
    let_go($db, $holder);
    my ($exit, undef, $err) = finish($up);
    is($exit, 0, '... and up completes') or diag($err);
}

done_testing();

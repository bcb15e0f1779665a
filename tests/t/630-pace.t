#!/usr/bin/perl
# What slows a job on a real server: who waits for it, directly and through a pooler; its window, its query, the sessions of others. A knob that makes no sense, a query that fails and a
# server that doesn't answer stop nobody but the one they are for.

use strict;
use warnings;

use Stele::Pooler;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

my $pace = helper('pace');
my $db = fresh_database();
psql($db, <<'SQL');
CREATE TABLE t (id int PRIMARY KEY, x text NOT NULL);
INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 20000) AS i;
-- Hold a row until somebody waits for it.
CREATE FUNCTION hold(int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE t SET x = x WHERE id = $1;
    FOR i IN 1 .. 50000 LOOP
        EXIT WHEN EXISTS (SELECT FROM pg_locks AS l WHERE NOT l.granted AND pg_backend_pid() = ANY (pg_blocking_pids(l.pid)));
        PERFORM pg_sleep(0.002);
    END LOOP;
    PERFORM pg_sleep(0.1);
END $$;
SQL

# Give it commands; what it printed, by lines.
sub drive {
    my ($to, @commands) = @_;
    my ($exit, $out, $err) = run($pace, $to, {stdin => join("\n", @commands, '')});
    is("$exit$err", '0', 'it runs through') or diag($out);
    return split(/\n/, $out);
}

# Somebody who updates a row again and again.
sub neighbour {
    my ($id) = @_;
    my $work = start(postgres('psql'), '-Xq', '-d', url($db), '-c',
        "DO \$\$ BEGIN FOR i IN 1 .. 1000000 LOOP UPDATE t SET x = x WHERE id = $id; COMMIT; PERFORM pg_sleep(0.001); END LOOP; END \$\$");
    ok(wait_for($db, "SELECT count(*) > 0 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO%id = $id;%' AND pid <> pg_backend_pid()"), 'a neighbour works');
    return $work;
}

sub send_away {
    my ($work) = @_;
    psql($db, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'DO%' AND pid <> pg_backend_pid()");
    finish($work);
    return;
}

# ------------------------------------------------------------------ fair weather
{
    my @said = drive(url($db), 'sample', 'work 1 UPDATE t SET x = md5(x) WHERE id <= :rows', 'sample');
    like($said[0], qr/^GO rows 16 lag -1\.0 wal 0 kB\/s: $/, 'an idle server: it goes, and there is no replica');
    my ($rows) = $said[1] =~ /^rows (\d+) writes \d+ lag 0$/ or diag($said[1]);
    cmp_ok($rows // 0, '>', 100, 'it works');
    like($said[2], qr/^GO rows (?!16 )[1-9]\d+ lag -1\.0 wal [1-9]\d* kB/, 'writes have grown, and WAL is counted');
}

# ----------------------------------------------------------- who waits for a job
my @ways = (['directly', url($db)]);
for my $version (poolers()) {
    my $pooler = pooler($version, {default_pool_size => 3});
    push(@ways, ["through PgBouncer $version", "$pooler->{conninfo} dbname=$db"]) if $pooler;
}
for my $way (@ways) {
    my ($how, $to) = @{$way};
    my $other = neighbour(7);
    my @said = drive($to, 'sample', 'write SELECT hold(7)', 'write SELECT hold(7)', 'sample', 'settle 2.5', 'sample');
    my ($first) = $said[1] =~ /^SLOW rows (\d+) .*: 1 session waits for this job, for \d+\.\d s$/ or diag($said[1]);
    my ($second) = $said[2] =~ /^SLOW rows (\d+) /;
    cmp_ok($first // 99, '<=', 8, "$how: whoever waits for a write is seen in it, and its size is halved");
    cmp_ok($second // 99, '<', 8, "$how: and again");
    like($said[3], qr/^SLOW .*: 1 session waits for this job/, "$how: it is the reason for a while");
    like($said[5], qr/^GO /, "$how: and then not any more");
    send_away($other);
}

{
    # Whom another connection of this worker makes wait, the sample sees.
    my $holder = start(postgres('psql'), '-Xq', '-d', url($db), '-c', "BEGIN; UPDATE t SET x = x WHERE id = 9; SELECT pg_sleep(600) AS holder");
    ok(wait_for($db, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%AS holder' AND wait_event = 'PgSleep'}), 'somebody holds a row');
    my $other = neighbour(9);
    ok(wait_for($db, 'SELECT count(*) > 0 FROM pg_locks WHERE NOT granted'), 'and somebody waits for it');
    my @said = drive(url($db), 'sample', "mark SELECT pid FROM pg_stat_activity WHERE query LIKE '%AS holder' AND wait_event = 'PgSleep'", 'sample');
    like($said[0], qr/^GO /, 'that is none of this job');
    like($said[1], qr/^SLOW rows 8 .*: 1 session waits for this job(, for \d+\.\d s)?$/, 'unless it is');
    psql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%AS holder' AND pid <> pg_backend_pid()});
    finish($holder);
    send_away($other);
}

# -------------------------------------------------------------------- stop_when
psql($db, <<'SQL');
CREATE TABLE queue (id int);
INSERT INTO queue VALUES (1), (2);
CREATE TABLE one AS SELECT true;
CREATE FUNCTION nasty() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN DELETE FROM queue; RETURN false; END $$;
SQL
{
    my %queries = (
        'SELECT count(*) > 1 FROM queue;' => qr/^STOP .*: stop_when is true$/,
        'SELECT count(*) > 2 FROM queue' => qr/^GO /,
        'SELECT NULL::bool' => qr/^GO /,
        'SELECT true WHERE false' => qr/^STOP .*: stop_when returns no row$/,
        'SELECT true -- a comment' => qr/^STOP .*: stop_when is true$/,
        'SELECT true FROM queue' => qr/^STOP .*: stop_when returns more than one row$/,
        'SELECT true, false' => qr/^STOP .*: stop_when fails: subquery must return only one column$/,
        'SELECT 12.5' => qr/^STOP .*: stop_when returns numeric, not boolean$/,
        'SELECT 1' => qr/^STOP .*: stop_when returns integer, not boolean$/,
        q{SELECT '{t,f}'::bool[]} => qr/^STOP .*: stop_when returns boolean\[\], not boolean$/,
        'TABLE one' => qr/^STOP .*: stop_when is true$/,
        'SELECT true FROM nowhere' => qr/^STOP .*: stop_when fails: relation "nowhere" does not exist$/,
        'SELECT pg_sleep(5) IS NULL' => qr/^STOP .*: stop_when takes longer than a second$/,
        'SELECT nasty()' => qr/^STOP .*: stop_when fails: cannot execute DELETE in a read-only transaction$/,
        'SELECT true) AS s) AS a) AS t; DROP TABLE queue; SELECT * FROM (SELECT ARRAY(SELECT * FROM (SELECT true' => qr/^STOP .*: stop_when fails: cannot insert multiple commands/,
        'COMMIT' => qr/^STOP .*: stop_when fails: syntax error/,
        'SELECT set_config(\'statement_timeout\', \'7s\', false) IS NULL' => qr/^GO /,
    );
    for my $way (@ways) {
        my ($how, $to) = @{$way};
        my @names = sort keys %queries;
        my @said = drive($to, (map { ("set stop_when $_", 'sample') } @names), 'set stop_when', 'sample',
            q{run DO $$ BEGIN ASSERT current_setting('statement_timeout') = '0' AND current_setting('lock_timeout') = '0' AND current_setting('transaction_read_only') = 'off'; END $$},
            'write UPDATE t SET x = x WHERE id = 1');
        like($said[$_], $queries{$names[$_]}, "$how: stop_when = $names[$_]") for 0 .. $#names;
        like($said[@names], qr/^GO /, "$how: none any more");
        like($said[@names + 1], qr/^GO /, "$how: nothing of it stays in the session, and writes go on");
        is(psql($db, 'SELECT count(*) FROM queue'), '2', "$how: none of them changed anything");
    }
}

# ------------------------------------------------------------ window and sessions
{
    my ($minute) = psql($db, q{SELECT extract(hour FROM now() AT TIME ZONE 'UTC') * 60 + extract(minute FROM now() AT TIME ZONE 'UTC')}) =~ /^(\d+)/;
    my $time = sub { my $at = ($minute + $_[0]) % 1440; return sprintf('%02d:%02d', $at / 60, $at % 60) };
    my @said = drive(url($db, 'postgres') . '&options=-c%20TimeZone%3DAsia/Tokyo', 'set window ' . $time->(-60) . '-' . $time->(60), 'sample',
        'set window ' . $time->(60) . '-' . $time->(-60), 'sample', 'set window tomorrow', 'sample', 'set window always', 'sample');
    like($said[0], qr/^GO /, 'within the window it works, whatever the time zone of the session');
    like($said[1], qr/^STOP .*: it is \d\d:\d\d UTC; the window is \d\d:\d\d-\d\d:\d\d$/, 'outside it doesn\'t');
    like($said[2], qr/^set failed: : "tomorrow" is no value for the knob "window"$/, 'what is no window is refused');
    like($said[3], qr/^STOP /, 'and the last good one stays');
    like($said[4], qr/^GO /, 'always');

    my @busy = map { start(postgres('psql'), '-Xq', '-d', url('postgres'), '-c', 'SELECT pg_sleep(600) AS busy') } 1 .. 3;
    ok(wait_for('postgres', q{SELECT count(*) = 3 AND bool_and(query LIKE '%AS busy') FROM pg_stat_activity WHERE backend_type = 'client backend' AND state = 'active' AND pid <> pg_backend_pid()}), 'three sessions are active');
    @said = drive(url($db), 'set sessions 4', 'sample', 'set sessions 3', 'sample', 'set sessions 0', 'sample');
    like($said[0], qr/^GO /, 'fewer than asked for');
    like($said[1], qr/^STOP .*: 3 sessions of others are active; it stops at 3$/, 'as many');
    like($said[2], qr/^GO /, 'nobody looks');
    psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%AS busy' AND pid <> pg_backend_pid()});
    finish($_) for @busy;
}

# ---------------------------------------------------------- a server that refuses
psql($db, <<'SQL');
CREATE ROLE plain LOGIN;
GRANT ALL ON ALL TABLES IN SCHEMA public TO plain;
SQL
{
    my @said = drive(url($db, 'plain'), 'set sessions 3', 'sample', 'sample', 'set wal 8MB/s', 'sample', 'work 0.5 UPDATE t SET x = md5(x) WHERE id <= :rows');
    like($said[0], qr/^notice: this role may not see what other sessions do, so "sessions" has no effect: GRANT pg_monitor to it; this role may not see who of all holds vacuum back, so "horizon" may have no effect: GRANT pg_monitor to it$/, 'a role that may not see others says so');
    like($_, qr/^GO /, 'once, and goes on') for @said[1 .. 3];
    like($said[4], qr/^rows [1-9]\d* writes/, 'the budget works for it, too');

    my $poor = fresh_database();
    psql($poor, <<'SQL');
CREATE TABLE t (id int PRIMARY KEY, x text NOT NULL);
INSERT INTO t SELECT i, 'x' FROM generate_series(1, 20000) AS i;
GRANT ALL ON t TO plain;
REVOKE EXECUTE ON FUNCTION pg_blocking_pids(int) FROM public;
REVOKE EXECUTE ON FUNCTION pg_current_wal_insert_lsn() FROM public;
SQL
    @said = drive(url($poor, 'plain'), 'set wal 8MB/s', 'sample', 'sample', 'write UPDATE t SET x = x', 'work 0.5 UPDATE t SET x = md5(x) WHERE id <= :rows');
    like($said[0], qr/^notice: how much WAL is written is not known, so "wal" and "lag" have no effect: permission denied .*; who waits for this job is not known: permission denied/,
        'functions that are taken away are named');
    like($_, qr/^GO /, 'and it goes on without') for @said[1 .. 3];
    like($said[4], qr/^rows [1-9]\d* writes/, 'also in a write, which must not fail by the question');
}

# The connection is lost: that isn't hidden.
{
    my ($exit, $out) = run($pace, url($db), {stdin => "sample\nrun SELECT pg_terminate_backend(pg_backend_pid())\nsample\n"});
    like($out, qr/sample failed: /, 'a lost connection is told');
}

done_testing();

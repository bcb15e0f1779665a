#!/usr/bin/perl
# A real replica that can't follow slows a job, and one that stands still stops it. Who may not see replicas is told. A slot that is about to lose its WAL stops it, too.

use strict;
use warnings;

use Stele::Replica;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

server('-c', 'max_slot_wal_keep_size=96MB', '-c', 'max_wal_size=64MB', '-c', 'min_wal_size=32MB');
my $pace = helper('pace');
my $db = fresh_database();
psql($db, q{CREATE TABLE t (id int PRIMARY KEY, x text NOT NULL); INSERT INTO t SELECT i, repeat('x', 300) FROM generate_series(1, 20000) AS i});
my $update = 'UPDATE t SET x = repeat(md5(random()::text), 50) WHERE id <= :rows';

sub drive {
    my ($to, @commands) = @_;
    my ($exit, $out, $err) = run($pace, $to, {stdin => join("\n", @commands, '')});
    is("$exit$err", '0', 'it runs through') or diag($out);
    return split(/\n/, $out);
}

my $west = replica(name => 'west');
ok(caught_up($west), 'a replica follows');

# ------------------------------------------------------- one that stands still
{
    psql_at($west, 'postgres', 'SELECT pg_wal_replay_pause()');
    my @said = drive(url($db), 'set lag 500ms', 'sample', "run INSERT INTO t VALUES (0, '')", 'settle 1.7', "run DELETE FROM t WHERE id = 0", 'settle 0.7');
    like($said[0], qr/^GO .* lag 0\.0 /, 'nothing was written: nothing is behind');
    my ($lag) = ($said[1] // '') =~ /^STOP .* lag (\d\.\d) .*: replica lag \d\.\d s \("west"\)$/;
    ok(defined $lag && $lag >= 0.9 && $lag <= 2.1, 'a replica that stands still stops it, and the lag is its age') or diag($said[1]);
    like($said[2], qr/^STOP /, 'for as long as it does');

    # It goes on while the job looks.
    my $job = start($pace, url($db), {stdin => "set lag 500ms\nsample\nrun UPDATE t SET x = x WHERE id <= 100\nsettle 1.2\nsettle 1.5\n"});
    ok(wait_for($db, q{SELECT count(*) > 0 FROM t WHERE xmax = 0 AND id <= 100 AND ctid >= '(800,0)'}), 'a job writes');
    sleep(1.2);
    psql_at($west, 'postgres', 'SELECT pg_wal_replay_resume()');
    my ($exit, $out) = finish($job);
    @said = split(/\n/, $out);
    like($said[1], qr/^STOP /, 'it stops');
    like($said[2], qr/^(?:GO|SLOW) .* lag 0\.0 /, 'and goes on when the replica does');
}

# --------------------------------------------------------- one that is too slow
{
    ok(caught_up($west), 'it follows again');
    # The process that replays works for 3 ms of 60.
    my ($startup) = map { chomp; $_ } grep { read_file("/proc/$_/cmdline") =~ /startup/ } split(' ', `cat $west->{folder}/data/postmaster.pid | head -n 1 | xargs -I{} ps -o pid= --ppid {}`);
    ok($startup, 'the process that replays is found');
    my $brake = fork();
    if (!$brake) {
        $SIG{TERM} = sub { kill('CONT', $startup); POSIX::_exit(0) };
        while (getppid() != 1) {
            kill('STOP', $startup);
            select(undef, undef, undef, 0.057);
            kill('CONT', $startup);
            select(undef, undef, undef, 0.003);
        }
        kill('CONT', $startup);
        POSIX::_exit(0);
    }
    my @said = drive(url($db), 'sample', "work 7 $update", 'set lag 0', "work 1 $update");
    my ($rows, $lag) = ($said[1] // '') =~ /^rows (\d+) writes \d+ lag (\d+)/;
    cmp_ok($lag // 1e9, '<', 4000, 'a replica that reads slowly is never behind by twice the target') or diag("@said");
    like($said[1], qr/\(replica lag\)/, 'and it is what limits the job');
    my ($free) = ($said[2] // '') =~ /^rows (\d+) /;
    cmp_ok(7 * ($free // 0), '>', 1.5 * ($rows // 1e9), "which is slower than without looking ($rows in 7 s, $free in 1 s)");
    cmp_ok($rows // 0, '>', 1000, 'though not at a stand');
    kill('TERM', $brake);
    waitpid($brake, 0);
    ok(caught_up($west), 'it catches up');
}

# ---------------------------------------------------------- a role that can't see
{
    psql($db, 'CREATE ROLE plain LOGIN; CREATE ROLE monitor LOGIN IN ROLE pg_monitor; GRANT ALL ON t TO plain, monitor');
    psql_at($west, 'postgres', 'SELECT pg_wal_replay_pause()');
    my @commands = ('set lag 200ms', 'sample', 'run UPDATE t SET x = x WHERE id = 1', 'settle 1');
    my @said = drive(url($db, 'plain'), @commands);
    like($said[0], qr/^notice: this role may not see how far behind replicas are, so "lag" has no effect: GRANT pg_monitor to it$/, 'who may not see replicas is told so');
    like($said[1], qr/^GO .* lag -1\.0 /, 'and goes on');
    like($said[2], qr/^GO .* lag -1\.0 /, 'told once');
    @said = drive(url($db, 'monitor'), @commands);
    like($said[1], qr/^STOP .*replica lag .*"west"/, 'pg_monitor is enough');
    psql_at($west, 'postgres', 'SELECT pg_wal_replay_resume()');
}

# -------------------------------------------------------------------- a standby
{
    my @said = drive(replica_url($west, $db), 'set wal 1MB/s', 'sample', 'sample');
    like($said[0], qr/^GO rows \d+ lag -1\.0 wal 0 kB\/s: $/, 'a standby has nothing to say of WAL, and that is no failure');
}

# ------------------------------------------------------------------------ slots
{
    psql($db, q{SELECT pg_create_physical_replication_slot('forgotten', true)});
    psql($db, 'CREATE TABLE filler (x text)');
    my @said = drive(url($db), 'set lag 0', 'sample', (q{run INSERT INTO filler SELECT repeat('y', 1000) FROM generate_series(1, 4500)}, 'sample') x 22);
    like($said[0], qr/^GO /, 'a slot that keeps little');
    my ($slow) = grep { $said[$_] =~ /^SLOW .*: replication slot "forgotten" loses its WAL in [12]\d MB$/ } 0 .. $#said;
    my ($stop) = grep { $said[$_] =~ /^STOP .*: replication slot "forgotten" loses its WAL in \d+ MB$/ } 0 .. $#said;
    ok(defined $slow && defined $stop && $slow < $stop, 'one that is about to lose its WAL slows it, and then stops it') or diag(join("\n", @said));
    psql($db, q{SELECT pg_drop_replication_slot('forgotten')});
    @said = drive(url($db), 'set lag 0', 'sample');
    like($said[0], qr/^GO /, 'and without it, it goes on');
}

done_testing();

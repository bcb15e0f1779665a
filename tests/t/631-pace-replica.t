#!/usr/bin/perl
# A real replica that can't follow slows a job, and one that stands still stops it. Who may not see replicas is told. A slot that is about to lose its WAL stops it, too.

use strict;
use warnings;

use IO::Handle;
use IPC::Open2;
use List::Util qw(max min);
use POSIX ();
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

# Let a replica replay so many bytes a second: a process that lets the one that replays go on, looks how far it came, and stops it until that is due.
# It looks only while that one goes on: stopped it may hold a spinlock that whoever looks would wait for.
sub brake {
    my ($replica, $startup, $rate) = @_;
    my $pid = fork();
    return $pid if $pid;
    $SIG{TERM} = sub { kill('CONT', $startup); POSIX::_exit(0) };
    my $psql = open2(my $out, my $in, postgres('psql'), '-XqAt', '-d', replica_url($replica, 'postgres'));
    my $replayed = sub {
        print {$in} "SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0');\n";
        return scalar <$out>;
    };
    $in->autoflush(1);
    my ($before, $began) = ($replayed->(), time());
    while (getppid() != 1) {
        my $early = ($replayed->() - $before) / $rate - (time() - $began);
        kill('STOP', $startup) if $early > 0;
        sleep(min(max($early, 0.005), 0.2));
        kill('CONT', $startup);
    }
    POSIX::_exit(0);
}

# The replica has no slot: the server keeps what it may still ask for, so that one that is slow isn't lost.
my $keep = sub { psql('postgres', "ALTER SYSTEM SET wal_keep_size = '$_[0]'"), psql('postgres', 'SELECT pg_reload_conf()') };
$keep->('16GB');
my $west = replica(name => 'west');
ok(caught_up($west), 'a replica follows');

# ------------------------------------------------------- one that stands still
{
    psql_at($west, 'postgres', 'SELECT pg_wal_replay_pause()');
    my @said = drive(url($db), 'set lag 500ms', 'sample', "run INSERT INTO t VALUES (0, '')", 'settle 3', "run DELETE FROM t WHERE id = 0", 'settle 0.7');
    like($said[0], qr/^GO .* lag 0\.0 /, 'nothing was written: nothing is behind');
    my ($lag) = ($said[1] // '') =~ /^STOP .* lag ([\d.]+) .*: replica lag [\d.]+ s \("west"\)$/;
    ok(defined $lag && $lag >= 0.5 && $lag <= 60, 'a replica that stands still stops it, and the lag is its age') or diag($said[1]);
    like($said[2], qr/^STOP /, 'for as long as it does');

    # It goes on while the job looks.
    psql($db, 'CREATE TABLE stopped ()');
    my $job = start($pace, url($db), {stdin => "set lag 500ms\nsample\nrun UPDATE t SET x = x WHERE id <= 100\nuntil STOP 60\nrun INSERT INTO stopped DEFAULT VALUES\nuntil GO 60\n"});
    ok(wait_for($db, 'SELECT count(*) > 0 FROM stopped'), 'a job writes, and is stopped');
    psql_at($west, 'postgres', 'SELECT pg_wal_replay_resume()');
    my ($exit, $out) = finish($job);
    @said = split(/\n/, $out);
    like($said[1], qr/^STOP /, 'it stops');
    like($said[2], qr/^GO .* lag 0\.0 /, 'and goes on when the replica does');
}

# --------------------------------------------------------- one that is too slow
{
    ok(caught_up($west), 'it follows again');
    # The process that replays may read a sixth of what this machine writes when nobody looks.
    my $written = sub { psql($db, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')") };
    my $before = $written->();
    my ($free) = (drive(url($db), 'set lag 0', "work 2 $update"))[0] =~ /^rows (\d+) /;
    my $rate = ($written->() - $before) / 2;
    ok(caught_up($west), 'it follows without a brake');
    my ($startup) = map { chomp; $_ } grep { read_file("/proc/$_/cmdline") =~ /startup/ } split(' ', `cat $west->{folder}/data/postmaster.pid | head -n 1 | xargs -I{} ps -o pid= --ppid {}`);
    ok($startup, 'the process that replays is found');
    my $brake = brake($west, $startup, $rate / 6);
    # It begins slowly, and goes on until it has to look at the replica; from then on it's counted. (How near to the target it stays is for the benchmark to say.)
    my @said = drive(url($db), 'sample', "press 60 $update", "work 4 $update", "resume 60 $update");
    like($said[1], qr/^rows \d+ writes \d+ lag \d+ \(replica lag\)$/, 'a replica that reads slowly limits the job');
    my ($rows, $lag) = ($said[2] // '') =~ /^rows (\d+) writes \d+ lag (\d+)/;
    cmp_ok($lag // 1e9, '<', 20_000, 'and is never far behind') or diag("@said");
    cmp_ok(2 * $free, '>', 1.5 * ($rows // 1e9), "the job is slower than without looking ($rows in 4 s, $free in 2 s)");
    like($said[3], qr/^rows [1-9]\d* /, 'though not at a stand');
    kill('TERM', $brake);
    waitpid($brake, 0);
    ok(caught_up($west), 'it catches up');
}

# ---------------------------------------------------------- a role that can't see
{
    psql($db, 'CREATE ROLE plain LOGIN; CREATE ROLE monitor LOGIN IN ROLE pg_monitor; GRANT ALL ON t TO plain, monitor');
    psql_at($west, 'postgres', 'SELECT pg_wal_replay_pause()');
    my @commands = ('set lag 200ms', 'sample', 'run UPDATE t SET x = x WHERE id = 1', 'settle 2.5');
    my @said = drive(url($db, 'plain'), @commands, 'sample');
    like($said[0], qr/^notice: this role may not see how far behind replicas are, so "lag" has no effect: GRANT pg_monitor to it(?:;|$)/, 'who may not see replicas is told so');
    like($said[1], qr/^GO .* lag -1\.0 /, 'and goes on');
    is(scalar(grep { /"lag" has no effect/ } @said), 1, 'told once');
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
    stop_replica($west);
    $keep->(0);
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

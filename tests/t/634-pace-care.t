#!/usr/bin/perl
# What an administrator would slow a job for, or stop it, on a real server: somebody holds vacuum back, a vacuum of the table, the archiver, a wraparound, others who write to the same table.

use strict;
use warnings;

use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

server('-c', 'max_prepared_transactions=4', '-c', 'archive_mode=on', '-c', 'archive_command=test ! -e broken', '-c', 'autovacuum_freeze_max_age=100000', '-c', 'vacuum_failsafe_age=0',
    '-c', 'synchronous_commit=off');
my $pace = helper('pace');
my $db = fresh_database();
psql($db, q{CREATE TABLE t (id int PRIMARY KEY, x text NOT NULL); INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 20000) AS i; CREATE TABLE u (id int)});

sub drive {
    my ($to, @commands) = @_;
    my ($exit, $out, $err) = run($pace, $to, {stdin => join("\n", 'table t', @commands, '')});
    is("$exit$err", '0', 'it runs through') or diag($out);
    return split(/\n/, $out);
}

# A session that stays as it is; its name, what it runs, and what tells that it is there.
my %sessions;

sub session {
    my ($name, $sql, %option) = @_;
    my $to = url($option{db} || $db, $option{role}) . "&application_name=$name";
    pipe(my $read, my $write) or die "pipe: $!\n";
    my $pid = fork() // die "fork: $!\n";
    if (!$pid) {
        close($write);
        open(STDIN, '<&', $read);
        open(STDOUT, '>', '/dev/null');
        open(STDERR, '>', '/dev/null');
        exec(postgres('psql'), '-Xq', '-d', $to) or POSIX::_exit(1);
    }
    close($read);
    $write->autoflush(1);
    print {$write} "$sql\n";
    $sessions{$name} = [$pid, $write];
    my $there = $option{there} || "state = 'idle in transaction'";
    ok(wait_for('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = '$name' AND $there"), "$name is there");
    return psql('postgres', "SELECT pid FROM pg_stat_activity WHERE application_name = '$name'");
}

sub gone {
    my ($name) = @_;
    my ($pid, $write) = @{delete $sessions{$name}};
    psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '$name'");
    close($write);
    waitpid($pid, 0);
    return;
}

# ------------------------------------------------------------- who holds vacuum back
{
    my @look = ('set horizon 1s', 'run UPDATE u SET id = 1', 'sample', 'settle 1.5');
    my @said = drive(url($db), @look);
    like($said[-1], qr/^GO /, 'nobody does');

    my $old = session('report', 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM u;');
    @said = drive(url($db), @look);
    like($said[-1], qr/^SLOW .*: vacuum is held back for \d+ (?:s|min) by pid $old \(report\)$/, 'an old snapshot');
    @said = drive(url($db), 'set horizon 1h', @look[1 .. 3]);
    like($said[-1], qr/^GO /, 'one that isn\'t old yet');
    @said = drive(url($db), 'set horizon 0', @look[1 .. 3]);
    like($said[-1], qr/^GO /, 'nobody looks');

    # Who may not see it.
    psql($db, 'CREATE ROLE plain LOGIN; CREATE ROLE monitor LOGIN IN ROLE pg_monitor; GRANT ALL ON t, u TO plain, monitor');
    @said = drive(url($db, 'plain'), @look);
    like($said[0], qr/^notice: this role may not see who of all holds vacuum back, so "horizon" may have no effect: GRANT pg_monitor to it$/, 'who may not see it is told so');
    is(scalar(grep { /notice/ } @said), 1, 'once');
    like($said[-1], qr/^GO /, 'and goes on');
    @said = drive(url($db, 'monitor'), @look);
    like($said[-1], qr/^SLOW .*by pid $old \(report\)$/, 'pg_monitor is enough');
    gone('report');

    # One who has changed something holds it back as well; one who has only begun, or is elsewhere, doesn't.
    $old = session('writer', 'BEGIN; INSERT INTO u VALUES (2);');
    @said = drive(url($db), @look);
    like($said[-1], qr/^SLOW .*by pid $old \(writer\)$/, 'a transaction that wrote');
    gone('writer');
    session('idler', 'BEGIN; SELECT 1;');
    session('elsewhere', 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;', db => 'postgres');
    @said = drive(url($db), @look);
    like($said[-1], qr/^GO /, 'a transaction without a snapshot, and one of another database');
    gone($_) for qw(idler elsewhere);

    psql($db, q{BEGIN; INSERT INTO u VALUES (3); PREPARE TRANSACTION 'left'});
    @said = drive(url($db), @look);
    like($said[-1], qr/^SLOW .*by prepared transaction "left"$/, 'a prepared transaction');
    psql($db, q{ROLLBACK PREPARED 'left'});
}

# ------------------------------------------------------------------- a vacuum of the table
{
    session('vacuum', "SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 1; VACUUM (DISABLE_PAGE_SKIPPING) t;", there => "query LIKE '%VACUUM (%' AND pid IN (SELECT pid FROM pg_stat_progress_vacuum)");
    my @said = drive(url($db), 'set horizon 1s', 'run UPDATE u SET id = 1', 'sample', 'settle 1.5');
    like($said[-1], qr/^SLOW .*: vacuum is at t, for \d+ (?:s|min)$/, 'a vacuum that takes long; it holds nobody else back');
    @said = drive(url($db), 'table u', 'set horizon 1s', 'run UPDATE u SET id = 1', 'sample', 'settle 1.5');
    like($said[-1], qr/^GO /, 'of another table');
    gone('vacuum');
}

# -------------------------------------------------------------------------- others who write
{
    # Whether it was a reason in any of the looks of so many seconds.
    my $told = sub {
        my ($seconds, $to, @first) = @_;
        my @said = drive($to, 'set horizon 0', @first, 'sample', "work $seconds UPDATE t SET x = x WHERE id <= :rows");
        return join(' ', grep { /^rows [1-9]/ } @said);
    };
    like($told->(1.2, url($db)), qr/^rows \d+ writes \d+ lag 0$/, 'nobody else writes');

    session('reader', 'BEGIN; SELECT count(*) FROM t;');
    like($told->(1.2, url($db)), qr/^rows \d+ writes \d+ lag 0$/, 'who only reads isn\'t hindered');
    gone('reader');

    session('writer', 'BEGIN; UPDATE t SET x = x WHERE id = 20000;');
    like($told->(2.5, url($db)), qr/\(others writ\)/, 'somebody else writes');
    like($told->(2.5, url($db, 'plain')), qr/\(others writ\)/, 'everybody may see that');
    like($told->(1.2, url($db), 'set beside 1'), qr/^rows \d+ writes \d+ lag 0$/, 'nobody looks');
    like($told->(1.2, url($db), 'table u'), qr/^rows \d+ writes \d+ lag 0$/, 'to another table');
    gone('writer');

    # A fellow has the same name.
    my $other = start($pace, url($db), {stdin => "run BEGIN\nrun UPDATE t SET x = x WHERE id = 20000\nrun SELECT pg_sleep(100)\n"});
    ok(wait_for($db, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND application_name LIKE 'stele%'}), 'another worker writes');
    like($told->(1.2, url($db)), qr/^rows \d+ writes \d+ lag 0$/, 'a fellow is no other');
    psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
    finish($other);
}

# ------------------------------------------------------------------------------ the archiver
{
    my $next = 'INSERT INTO u SELECT 1; SELECT pg_switch_wal()';
    psql($db, $next);
    ok(wait_for('postgres', 'SELECT archived_count > 0 FROM pg_stat_archiver'), 'it archives');
    my @said = drive(url($db), 'sample');
    like($said[0], qr/^GO /, 'an archiver that works');
    my $broken = psql('postgres', 'SHOW data_directory') . '/broken';
    write_file($broken, '');
    psql($db, $next) for 1 .. 6;
    ok(wait_for('postgres', 'SELECT last_failed_time > last_archived_time FROM pg_stat_archiver'), 'it fails');
    @said = drive(url($db, 'plain'), 'set horizon 0', 'sample', 'set archive 2', 'sample', 'set archive 0', 'sample');
    like($said[0], qr/^SLOW .*: the archiver fails: [56] segments of WAL wait for it$/, 'one that fails; everybody may see that');
    like($said[1], qr/^STOP .*: the archiver fails: [56] segments of WAL wait for it$/, '... and by too much');
    like($said[2], qr/^GO /, 'nobody looks');
    unlink($broken);
    psql($db, $next);
    ok(wait_for('postgres', 'SELECT last_failed_time < last_archived_time FROM pg_stat_archiver'), 'it works again');
    @said = drive(url($db), 'sample');
    like($said[0], qr/^GO /, 'and so does the job');
}

# ------------------------------------------------------------------------------ a wraparound
{
    # Somebody holds it back, or autovacuum would freeze at once.
    psql($db, q{BEGIN; INSERT INTO u VALUES (3); PREPARE TRANSACTION 'left'});
    my $spend = sub { psql($db, "DO \$\$ BEGIN FOR i IN 1 .. $_[0] LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END \$\$") };
    my $age = sub { return psql($db, 'SELECT max(age(datfrozenxid)) FROM pg_database') };
    $spend->(103000 - $age->());
    my @said = drive(url($db, 'plain'), 'set horizon 0', 'sample');
    like($said[0], qr/^SLOW .*: a wraparound comes near: database "\w+" has 0\.1 million transactions to freeze$/, 'vacuum is late with freezing') or diag($age->());
    $spend->(105100 - $age->());
    @said = drive(url($db), 'set horizon 0', 'sample');
    like($said[0], qr/^STOP .*: a wraparound comes near/, 'and does nothing else any more') or diag($age->());
    psql($db, q{ROLLBACK PREPARED 'left'});
}

done_testing();

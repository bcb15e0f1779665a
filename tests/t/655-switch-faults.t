#!/usr/bin/perl
# A switch among writers, one that is killed, one that is held up; the way back beside clients that hold prepared statements; and keys that a trigger couldn't tell.

use strict;
use warnings;

use IPC::Open2;
use Stele::Reembed;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep);

# A psql that stays.
sub client {
    my ($database) = @_;
    my $pid = open2(my $out, my $in, 'sh', '-c', 'exec "$@" 2>&1', 'sh', postgres('psql'), '-XqAt', '-d', url($database));
    return {pid => $pid, in => $in, out => $out};
}

sub ask {
    my ($client, $sql) = @_;
    my $said = '';
    print {$client->{in}} "$sql;\n\\echo =====\n";
    $client->{in}->flush();
    while (defined(my $line = readline($client->{out}))) {
        return $said if $line eq "=====\n";
        $said .= $line;
    }
    return "${said}gone";
}

my $folder = migrations(reembed(sql => "CREATE EXTENSION vector;\nCREATE TABLE slow (a int);\n", script => <<'LUA'));
    space = "memory",
    switch = { parameters = { embedding_dim = 8 }, sql = "INSERT INTO slow VALUES (1)", undo = "DELETE FROM slow" },
LUA
my $program = application('job', $folder);
my $new = application('job', $folder, '-D', 'embedding_dim=8'); # a worker of a job that is switched
my $db = fresh_database();
sub by {
    my ($exit, $out, $err) = run(shift, url($db), @_);
    return $out . $err;
}
sub job { return by($program, @_) }
sub state { return psql($db, q{SELECT state || (before IS NOT NULL) || ' ' || (SELECT parameters->>'embedding_dim' FROM stele.anchor) || ' ' || (SELECT count(*) FROM stele.space)
    || ' ' || (SELECT count(*) FROM slow) || ' ' || (SELECT count(*) FROM stele.ledger WHERE action = 'set') FROM stele.job}) }
sub wrong { return psql($db, 'SELECT (SELECT count(*) FROM stele.dirty) || \' \' || (SELECT count(*) FROM memory FULL JOIN memory_8 USING (id) WHERE content IS NULL OR input IS NULL)') }

is(job(qw(reembed up)), '', 'the database is made');
psql($db, q{INSERT INTO memory SELECT i, 'memory number ' || i FROM generate_series(1, 500) i});
like(job(qw(reembed run)), qr/^ready rows=500/, 'the job is ready');

# A writer that doesn't let go.
my $holder = client($db);
ask($holder, q{BEGIN; UPDATE memory SET content = 'held' WHERE id = 1});
my $out = job(qw(retry=2500 reembed switch why));
like($out, qr/^failed: 4\nerror: .*lock timeout/m, 'LOCKED, where a writer holds the table for ever') or diag($out);
is(state(), 'readyfalse 4 0 0 0', 'and nothing was changed');
ask($holder, 'COMMIT');

# Killed in its midst: the server waits within the script's own statement.
my $block = client($db);
ask($block, 'BEGIN; LOCK TABLE slow IN ACCESS EXCLUSIVE MODE');
my $pid = fork();
if (!$pid) {
    open(STDOUT, '>', '/dev/null');
    exec($program, url($db), qw(reembed switch killed)) or exit(127);
}
ok(wait_for($db, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DO %INSERT INTO slow%'}), 'a switch is in the midst of it');
kill('KILL', $pid);
waitpid($pid, 0);
ask($block, 'COMMIT');
ok(wait_for($db, q{SELECT count(*) = 0 FROM pg_stat_activity WHERE query LIKE 'DO %INSERT INTO slow%' AND query NOT LIKE '%pg_stat_activity%' AND state <> 'idle'}), 'its server process is gone');
is(state(), 'readyfalse 4 0 0 0', 'killed there, it left nothing');

# Writers that never rest: where there is no moment in which all is done, some rows may wait for the next run.
psql($db, q{UPDATE stele.job SET knobs = knobs || '{"behind": "1000"}'});
my @writers;
for my $writer (1 .. 3) {
    my $child = fork();
    if (!$child) {
        my $session = client($db);
        for (my $i = 0; ; $i++) {
            my $id = 1000 * $writer + $i % 200;
            ask($session, "INSERT INTO memory VALUES ($id, 'by $writer, $i') ON CONFLICT (id) DO UPDATE SET content = excluded.content");
            ask($session, 'DELETE FROM memory WHERE id = ' . ($id - 3)) if $i % 5 == 0;
            sleep(0.01);
        }
    }
    push @writers, $child;
}
like($out = job(qw(reembed switch among)), qr/\Aswitch took \d+ ms\n\z/, 'switched among writers') or diag($out);
is(state(), 'switchedtrue 8 1 1 1', 'all of it');

# Clients with prepared statements, and a transaction that is open: they hold nothing up.
my $client = client($db);
ask($client, 'PREPARE search AS SELECT id FROM memory_8 ORDER BY embedding <=> $1::vector LIMIT 3');
my $search = q{EXECUTE search('[1,0,0,0,0,0,0,0]')};
ask($client, "BEGIN; $search");
like($out = job(qw(reembed undo back)), qr/\Aundo took (\d{1,4}) ms\n\z/, 'undone among them, in less than ten seconds') or diag($out);
is(state(), 'readyfalse 4 0 0 2', 'all of it');
is(join('', map { ask($client, $_) =~ tr/\n// } $search, 'COMMIT', $search), '303', 'the client goes on, with its prepared statement');
like($out = job(qw(reembed switch again)), qr/\Aswitch took \d+ ms\n\z/, 'switched once more') or diag($out);
kill('KILL', @writers);
waitpid($_, 0) for @writers;
like(by($new, qw(reembed run)), qr/^switched .* dead=0 dirty=0/, 'what they wrote after it is done by a run');
is(wrong(), '0 0', 'and nothing is missing');
is(by($new, qw(reembed audit)), '', 'the audit passes');

# A key that nobody could tell: all of it is looked at, and a job that is switched stays so.
psql($db, q{DELETE FROM memory_8 WHERE id = 7; INSERT INTO stele.dirty (job, key) SELECT id, NULL FROM stele.job});
like($out = by($new, qw(reembed run)), qr/^switched .* dead=0 dirty=0/, 'a NULL in dirty of a job that is switched') or diag($out);
is(wrong() . ' ' . state(), '0 0 switchedtrue 8 1 1 3', 'what was missing is found, and it still is switched');
like(job(qw(reembed undo back)), qr/undo took/, 'and can be taken back');
psql($db, q{DELETE FROM memory_8 WHERE id = 8; INSERT INTO stele.dirty (job, key) SELECT id, NULL FROM stele.job});
like($out = job(qw(reembed run)), qr/^ready .* dead=0 dirty=0/, 'the same of one that is ready') or diag($out);
is(wrong(), '0 0', 'what was missing is found');
psql($db, 'TRUNCATE memory');
like(job(qw(reembed run)), qr/^ready/, 'after a TRUNCATE');
is(psql($db, 'SELECT count(*) FROM memory_8'), '0', 'nothing is left over');

done_testing();

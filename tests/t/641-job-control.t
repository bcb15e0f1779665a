#!/usr/bin/perl
# What somebody wants of a job: by the calls, and by plain SQL, through a pooler, and by several workers at once.

use strict;
use warnings;

use Stele::Jobs qw(kind place worker_run);
use Stele::Pooler;
use Stele::Test;
use Test::More;

my $folder = migrations({'001_doc.sql' => "CREATE TABLE doc (id bigint PRIMARY KEY, content text);\n"});
my $jobs = application('jobs', $folder);
my $template = fresh_database();
is((stele(program($folder), $template, 'up'))[0], 0, 'up');
psql($template, "INSERT INTO doc SELECT i, 'x' FROM generate_series(1, 1000) AS i; ANALYZE doc");
my $db = fresh_database($template);
my ($exit, $out, $err);

sub jobs {
    ($exit, $out, $err) = run($jobs, url($db), @_);
    return $exit;
}

sub row { return psql($db, 'SELECT state, desired, reason, knobs FROM stele.job') =~ s/(?<=postgres)@[-.\w]+ with \S+, \d+-\d\d-\d\d \d\d:\d\d:\d\d UTC/ there and then/r }

# ----------------------------------------------------------------- never run

for my $verb ('pause', 'resume', 'cancel', 'set write=80ms', 'retry ') {
    is(jobs(split(/ /, $verb, -1)), 9, "$verb of a job that was never run");
    like($err, qr/^the job "job" was never run\n.*\nhint: its first run begins it/, '... says so');
}
is(jobs('set', 'wrte=80ms'), 2, 'a knob that is none');
like($err, qr/^there is no knob "wrte"\n.*^hint: .*"write"/ms, '... is told with the nearest');
is(jobs('dead'), 0, 'nothing was given up') or diag($err);
is($out, '', '... nothing is listed');
is(jobs('write=70ms', 'knobs'), 0, 'knobs, before the first run') or diag($err);
like($out, qr/^write=70ms \(script\)/m, '... are the script\'s');

# --------------------------------------------------- eight make it at once

my @ends = map { [finish($_)] } map { start($jobs, url($db), 'enter', 'tick', 0) } 1 .. 8;
is(join(' ', map { $_->[0] } @ends), '0 0 0 0 0 0 0 0', 'eight processes make the tables and the job at once') or diag(map { $_->[2] } @ends);
is(psql($db, 'SELECT (SELECT count(*) FROM stele.job), (SELECT count(*) FROM stele.worker)'), '1|8', '... one job, of eight workers');
psql($db, 'DELETE FROM stele.worker');

# ----------------------------------------------------------- the verbs, and SQL

is(jobs('pause'), 0, 'pause') or diag($err);
is(row(), 'load|pause|paused by postgres there and then|{}', '... says who did it');
psql($db, "UPDATE stele.job SET reason = 'too many dead rows'");
is(jobs('pause'), 0, 'again');
is(row(), 'load|pause|too many dead rows|{}', '... keeps the first reason');
psql($db, "UPDATE stele.job SET reason = repeat('\x{c3}\x{a4}', 100000)");
is(jobs('status'), 0, 'a reason of 200 kB, written with SQL') or diag($err);
like($out, qr/^reason=(?:\x{c3}\x{a4}){100,}\.\.\.$/m, '... is shown in part');
cmp_ok(length($1), '<', 600, '... a small one') if $out =~ /^reason=(.*)$/m;
is(jobs('resume'), 0, 'resume') or diag($err);
is(row(), 'load|run||{}', '... takes it back, and the reason');
is(jobs('pause'), 0, 'paused once more');
psql($db, "UPDATE stele.job SET desired = 'run'");
is(row(), 'load|run||{}', 'resumed in psql, it has no reason any more');
psql($db, "UPDATE stele.job SET desired = 'pause', reason = 'by hand'");
psql($db, "UPDATE stele.job SET desired = 'pause'");
is(row(), 'load|pause|by hand|{}', 'a reason is kept while it is paused');
psql($db, "UPDATE stele.job SET desired = 'run'; UPDATE stele.job SET desired = 'pause'");
is(row(), 'load|pause||{}', '... and the next pause in psql has no reason but its own');
psql($db, "UPDATE stele.job SET reason = 'a note', desired = 'run'; UPDATE stele.job SET knobs = knobs");
is(row(), 'load|run|a note|{}', 'what is noted while it runs stays');
psql($db, "DROP TRIGGER wish ON stele.job");
is(jobs('enter', 'leave'), 0, 'tables without that trigger') or diag($err);
psql($db, "UPDATE stele.job SET desired = 'pause'; UPDATE stele.job SET desired = 'run'");
is(row(), 'load|run||{}', '... get it from the next worker');
is(jobs('set', 'write=80ms', 'set', 'wal=8MB/s'), 0, 'set') or diag($err);
is(row(), 'load|run||{"wal": "8MB/s", "write": "80ms"}', '... is kept');
is(jobs('knobs'), 0, 'knobs');
like($out, qr/^write=80ms \(set\).*^wal=8MB\/s \(set\)/ms, '... says that they were set');
is(jobs('set', 'write=9 bananas'), 2, 'a value that is none');
like($err, qr/^"9 bananas" is no value for the knob "write"/, '... is refused');
is(jobs('set', 'lease=1ms'), 2, 'and one that is out of range');
is(jobs('set', 'write=80"ms'), 2, 'and one with a quote');
is(jobs('set', "stop_when=SELECT 'a\"b\\c' = '\x{c3}\x{a9}'"), 0, 'a query with all quotes is kept') or diag($err);
is(psql($db, "SELECT knobs->>'stop_when' FROM stele.job"), "SELECT 'a\"b\\c' = '\x{c3}\x{a9}'", '... as it is');
for my $wrong (['SELECT truee', 'column "truee" does not exist', 'line 1, column 8'], ["SELECT '\x{c3}\x{a9}' = 'a'\n  FORM doc", 'syntax error at or near "doc"', 'line 2, column 8'], ['SELECT true FROM (doc', 'syntax error at or near ")"', 'line 1, column \d+'],
    ['SELECT true, false', 'subquery must return only one column', undef], ['DELETE FROM doc', 'syntax error at or near "FROM"', 'line 1, column 8'],
    ['SELECT 1', 'it returns integer, not boolean', undef], ["SELECT 'true'", 'it returns text, not boolean', undef], ['SELECT ARRAY[true]', 'it returns boolean[], not boolean', undef], ['SELECT true FROM doc', 'it returns more than one row', undef],
    ['SELECT true WHERE false', 'it returns no row', undef], ['SELECT pg_sleep(5) IS NULL', 'it takes longer than a second', undef], ['WITH d AS (DELETE FROM doc RETURNING 1) SELECT true', 'WITH clause containing a data-modifying statement must be at the top level', 'line 1, column 6'],
    ['SELECT true) AS s) AS a) AS t; DROP TABLE doc; SELECT * FROM (SELECT ARRAY(SELECT * FROM (SELECT true', 'cannot insert multiple commands', undef]) {
    my ($query, $says, $where) = @{$wrong};
    is(jobs('set', "stop_when=$query"), 2, "stop_when = $query");
    like($err, qr/^stop_when can't be this query: \Q$says\E.*^hint: \S/ms, '... is refused, with what is wrong, and what would be right');
    like($err, qr/^detail: at $where of it$/m, '... and where') if defined $where;
}
for my $blank (' ', "\n\t ") {
    is(jobs('set', "stop_when=$blank"), 2, 'blanks');
    like($err, qr/^the knob "stop_when" can't be blank\n.*^hint: It is a query that returns true or false\.$/ms, '... are no query');
}
is(jobs('set', 'stop_when=SELECT pg_terminate_backend(pg_backend_pid())'), 3, 'a query that ends its own session');
like($err, qr/^the connection was lost while stop_when was asked: terminating connection.*^hint: .* it is the query that ends its own session/ms, '... is told as that');
is(psql($db, "SELECT knobs->>'stop_when' FROM stele.job"), "SELECT 'a\"b\\c' = '\x{c3}\x{a9}'", '... and what was set stays');
is(jobs('set', 'stop_when='), 0, 'an empty one') or diag($err);
is(jobs('knobs'), 0, 'the knobs');
like($out, qr/^stop_when= \(set\)/m, '... is none, whatever the script says');
is(jobs('set', 'stop_when', 'set', 'wal'), 0, 'set back') or diag($err);
is(row(), 'load|run||{"write": "80ms"}', '... to what the script says');
is(jobs('set', 'nothing'), 2, 'a knob that is none can\'t be set back, either');

# A worker follows, and tells; whoever wants it.
is(jobs('enter', 'tick', 0, 'set', 'write=50ms', 'pause', 'tick', 0, 'resume', 'tick', 10, 'cancel', 'tick', 10, 'leave'), 0, 'a worker goes along') or diag($err);
like($out, qr/^tick load run workers=1 write=80\ntick load pause workers=1 write=50\ntick load run workers=1 write=50\ntick cancelled cancel workers=1 write=50\n/m, '... and sees each at its next tick');
is(row(), 'cancelled|cancel|cancelled by postgres there and then|{"write": "50ms"}', 'cancelled');
my $moved = psql($db, 'SELECT moved FROM stele.job');
is(jobs('cancel'), 0, 'cancelling again changes nothing') or diag($err);
is(psql($db, 'SELECT moved FROM stele.job'), $moved, '... not even when it was');
for my $verb ('pause', 'resume', 'retry ') {
    is(jobs(split(/ /, $verb, -1)), 9, "a cancelled job: $verb");
    like($err, qr/was cancelled.*^hint: job run job begins it anew/ms, '... is refused, and says what can be done');
}
is(jobs('find', 'enter', 'leave'), 0, 'it is begun anew') or diag($err);
like($out, qr/^entered load round=2 /m, '... in another round');
is(row(), 'load|run||{"write": "50ms"}', '... with the knobs that were set');
is(jobs('enter', 'cancel', 'leave', 'enter', 'leave'), 0, 'a second run on the same handle') or diag($err);
like($out, qr/^entered load round=2.*\nentered load round=3/, '... begins it anew, too');
is(jobs('find', 'enter', 'tick', 0, 'cancel', 'enter'), 0, 'but one of several that are started together does not, when another one of them was through') or diag($err);
like($out, qr/^entered load round=3.*\n.*\nentered cancelled round=3/, '... it finds that it is over');
psql($db, "UPDATE stele.job SET state = 'switched', desired = 'run'");
is(jobs('cancel'), 9, 'what is switched can\'t be cancelled');
like($err, qr/^the job "job" is switched.*^hint: take the switch back first \(job undo/ms, '... but undone');
is(jobs('pause'), 0, 'it can be paused') or diag($err);
psql($db, "UPDATE stele.job SET state = 'done', desired = 'run'");
is(jobs('pause'), 9, 'what is done can\'t be paused');
like($err, qr/^the job "job" is done.*^hint: to have it begun anew/ms, '... and it says what can be');

# A run begins anew what was cancelled before it, also where its handle has looked before that.
{
    my $place = place(kind('map'), rows => 100);
    my $cancels = "sql:UPDATE stele.job SET state = 'cancelled', desired = 'cancel', moved = clock_timestamp()";
    my ($done, $said, $why) = worker_run($place, 'each', 'run', 'cancel', 'run', 'status', $cancels, 'run');
    is($done, 0, 'run, cancel and run on one handle, by itself and by somebody else') or diag($why);
    is(psql($place->{db}, 'SELECT min(n), max(n) FROM doc'), '3|3', '... each run does all of it');
}

# ------------------------------------------------------- rows that were given up

my $id = psql($db, "UPDATE stele.job SET state = 'load' RETURNING id");
psql($db, "DELETE FROM stele.worker; INSERT INTO stele.dead (job, key, stage, code, message, died, attempts) VALUES
    ($id, '{7}', 'embed', '400', 'too long', '2026-01-02 03:04:05.678+02', 2), ($id, '{\"a b\",\"1,2\"}', 'map', 'lua', 'an error', '2026-01-03 00:00:00+00', 1), ($id, '{8}', 'embed', '400', '', now(), 1)");
psql($db, "UPDATE stele.dead SET resolved = now() WHERE key = '{8}'");
is(jobs('dead'), 0, 'the list') or diag($err);
is($out, "7|embed|400|too long|2026-01-02 01:04:05.678000+00|2\n(a b, 1,2)|map|lua|an error|2026-01-03 00:00:00.000000+00|1\n", '... of those that still count');
is(jobs('retry', '22P02'), 0, 'of a code that none has');
is($out, "retry 0\n", '... none');
is(jobs('retry', '400'), 0, 'of a code');
is($out, "retry 1\n", '... one');
is(psql($db, 'SELECT key FROM stele.dirty'), '{7}', '... which waits to be done again');
is(jobs('retry', '', 'status'), 0, 'and all the others');
like($out, qr/^retry 1\nstate=load .* dead=0 dirty=2 /, '... so none is left');

# --------------------------------------------------------------- what may not change

is(jobs('enter', 'leave'), 0, 'the same script');
for my $other (['table=other', 'table: doc', 'table: other'], ['where=id > 3', undef, 'where: id > 3'], ['read=id,content', 'read: content', 'read: id, content']) {
    psql($db, 'CREATE TABLE IF NOT EXISTS other (id bigint PRIMARY KEY, content text)');
    is(jobs($other->[0], 'enter'), 9, "$other->[0] is another job");
    like($err, qr/^the job "job" was begun with another table, model or destination$/m, '... which is refused');
    my ($detail) = $err =~ /^detail: (.*?)^hint: /ms;
    is($detail, (defined $other->[1] ? "- $other->[1]\n" : '') . "+ $other->[2]\n", '... with the difference');
}
is(jobs("text=one\nthree\n", 'enter'), 9, 'another script');
like($err, qr/^the job "job" was begun with another script\ndetail: - two\n\+ three\nhint: go on with the program that it was begun with; or give it up \(job cancel job\)/, '... with the lines that differ');
is(psql($db, 'SELECT count(*) FROM stele.worker'), '0', 'none of these became a worker');

# ------------------------------------------------------------------ two workers

is(jobs('enter', 'tick', 0, 'sleep', 600, 'tick', 300, 'status', 'leave', 'status'), 0, 'a worker at work') or diag($err);
my ($rate, $calls, $before) = $out =~ /calls=(\d+) .*? rate=(\S+)/ ? ($2, $1) : ();
ok($rate > 1 && $rate < 550, '... its rate is of the time since it came') or diag($out);
like($out, qr/calls=30 .*rate=0\.000.*workers=0\n.*\z/s, '... and what it counted stays, when it leaves');
my @ticks = ('tick', 10, 'until', 'SELECT count(*) = 4 FROM stele.chunk', 'tick', 20, 'leave');
my ($first, $second) = map { start($jobs, url($db), 'lease=1h', 'enter', 'hold', 1, 'hold', 2, @ticks) } 1, 2;
ok(wait_for($db, 'SELECT count(*) = 2 FROM stele.worker WHERE rows > 0'), 'two workers');
my @workers = split(/\n/, psql($db, 'SELECT id FROM stele.worker ORDER BY id'));
psql($db, "INSERT INTO stele.chunk (job, no, round, state, worker, lease_until) SELECT $id, i, 3, 1, w, now() + interval '1 min' FROM (VALUES (1, $workers[0]), (2, $workers[1]), (3, $workers[1] + 7), (4, $workers[0])) AS v(i, w)");
is(join(' ', (finish($first))[0], (finish($second))[0]), '0 0', '... each to its end');
is(psql($db, "SELECT string_agg((lease_until > now() + interval '10 min')::text, ' ' ORDER BY no) FROM stele.chunk"), 'true true false false', 'each makes the leases of its own chunks longer, and of no other, nor of one that it doesn\'t know to be its own');
is(psql($db, "SELECT calls FROM stele.job"), '34', 'and both counted');

my $source = psql($db, 'SELECT source FROM stele.job');

# Whose row is gone, whose job is gone, or another's, is told.
$first = start($jobs, url($db), 'enter', 'tick', 1, 'until', 'SELECT count(*) = 0 FROM stele.worker', 'tick', 2);
ok(wait_for($db, 'SELECT count(*) = 1 FROM stele.worker WHERE rows > 0'), 'a worker');
psql($db, 'DELETE FROM stele.worker');
($exit, $out, $err) = finish($first);
like("$exit $err", qr/^9 this worker of the job "job" was given up: nothing was heard of it for too long/, '... that was given up stops');
$first = start($jobs, url($db), 'enter', 'tick', 1, 'until', "SELECT source = 't1:33' FROM stele.job", 'tick', 2);
ok(wait_for($db, 'SELECT count(*) = 1 FROM stele.worker WHERE rows > 0'), 'a worker');
psql($db, "UPDATE stele.job SET source = 't1:33'");
($exit, $out, $err) = finish($first);
like("$exit $err", qr/^9 the job "job" was cancelled, and begun anew with another script than this worker has/, '... of an older script stops');
psql($db, "UPDATE stele.job SET source = '$source'; DELETE FROM stele.worker");
$first = start($jobs, url($db), 'enter', 'tick', 1, 'until', 'SELECT count(*) = 0 FROM stele.job', 'tick', 2);
ok(wait_for($db, 'SELECT count(*) = 1 FROM stele.worker WHERE rows > 0'), 'a worker');
psql($db, 'DELETE FROM stele.job');
($exit, $out, $err) = finish($first);
like("$exit $err", qr/^9 the job "job" is gone: somebody deleted its row/, '... of a job that was deleted stops');

# ---------------------------------------------------------------- through a pooler

SKIP: {
    my ($version) = poolers() or skip('there is no pgbouncer on this host', 2);
    my $pooler = pooler($version, {default_pool_size => 2}) or skip("PgBouncer $version does not start here", 2);
    my $pooled = fresh_database($template);
    @ends = map { [finish($_)] } map { start($jobs, "$pooler->{conninfo} dbname=$pooled", 'find', 'enter', 'tick', 1, 'set', 'write=80ms', 'pause', 'tick', 2, 'resume', 'status', 'knobs', 'dead', 'leave') } 1 .. 8;
    is(join(' ', map { $_->[0] } @ends), '0 0 0 0 0 0 0 0', 'eight through two sessions of a pool') or diag(map { $_->[2] } @ends);
    is(psql($pooled, 'SELECT state, desired, knobs, calls, (SELECT count(*) FROM stele.worker) FROM stele.job'), 'load|run|{"write": "80ms"}|0|0', '... all of it as ever');
}

done_testing();

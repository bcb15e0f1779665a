#!/usr/bin/perl
# A run that begins, and has to wait for somebody's lock, says whose that is; and ends when it is interrupted.

use strict;
use warnings;

use Stele::Session;
use Stele::Test;
use Test::More;

my $folder = migrations({
    '001_a.sql' => "CREATE TABLE doc (id bigint PRIMARY KEY, content text, n int);\n",
    'J_m.lua' => "return { table = 'doc', key = 'id', read = 'content', follow = 'trigger', map = function(row) return { n = #row.content } end }\n",
});
my $program = program($folder);
my $db = fresh_database();
is((stele($program, $db, 'up'))[0], 0, 'up');
psql($db, "INSERT INTO doc SELECT i, 'text ' || i FROM generate_series(1, 100) AS i; ANALYZE doc");

# A lock that is held until hang_up.
sub lock { return ask($db, "BEGIN; LOCK TABLE doc IN ACCESS EXCLUSIVE MODE; SELECT pg_backend_pid()") =~ s/\n//r }
sub run_it { return start($program, 'job', 'run', 'm', '--db', url($db), @_) }
my $blocked = qr/process \d+, application "harness", from [^|\n]+, idle in transaction for \d+ s, last ran: [^|\n]*/;

my $holder = lock();
my $run = run_it();
ok(printed($run, qr/^m: not run yet \| blocked by process $holder, application "harness"/m), 'a run that waits says who is in its way');
ok(printed($run, qr/^m: \S.* \| blocked by $blocked/m), '... and what they do');
hang_up($db);
my ($exit, $out, $err) = finish($run);
is($exit, 0, '... and goes on when the lock is gone') or diag($err);
like($out, qr/^m is done: 100 rows written/m, '... to its end');
is(psql($db, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'stele watch'"), 0, '... no connection is left');

$holder = lock();
$run = run_it('--json');
ok(printed($run, qr/"state":"done","paused":false,"reason":"","bound":"blocked by process $holder, /), 'of a job that has a state, that is told, too');
kill('INT', $run->{pid});
($exit, $out, $err) = finish($run);
is($exit, 130, '... an interrupt ends it');
hang_up($db);
is(psql($db, 'SELECT state, (SELECT count(*) FROM stele.worker) FROM stele.job'), 'done|0', '... and leaves the job as it is');

done_testing();

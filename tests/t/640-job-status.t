#!/usr/bin/perl
# How a job stands: from what its workers wrote down, and never more than all of it, whatever is written there.

use strict;
use warnings;

use Stele::Test;
use Test::More;

my $folder = migrations({'001_doc.sql' => "CREATE TABLE doc (id bigint PRIMARY KEY, content text) WITH (autovacuum_enabled = off);\n"});
my $jobs = application('jobs', $folder);
my $db = fresh_database();
my ($exit, $out, $err, %found);

# What stele_job_status says, as a hash.
sub status {
    my @spec = @_;
    ($exit, $out, $err) = run($jobs, url($db), @spec, 'status');
    is($exit, 0, 'status') or diag($err);
    %found = $out =~ /(\w+)=(\S*)/g;
    ($found{$_}) = $out =~ /^$_=(.*)$/m for qw(reason bound message);
    return $found{state};
}

is(status(), '', 'without any table, a job is new');
is($out =~ s/\n.*//sr, 'state= paused=0 fraction=0.0000 rows=0 dead=0 dirty=0 expected=0 calls=0 tokens=0 refused=0 cost=0.0000 expected_cost=0.0000 rate=0.000 '
    . 'left=-1.0 shares=0.00/0.00/0.00/0.00 wal=0/0 lag=-1.0 tuples=0 workers=0', '... and all is zero');
is(psql($db, "SELECT count(*) FROM pg_class WHERE relname = 'job'"), '0', '... and nothing is made');

($exit, $out, $err) = run($jobs, url($db), 'enter');
is($exit, 9, 'before the first up no job is begun');
like($err, qr/^hint: bring the database up to date first/m, '... and it says what comes first');
is((stele(program($folder), $db, 'up'))[0], 0, 'up');
psql($db, 'INSERT INTO doc SELECT i, repeat($$x$$, 770) FROM generate_series(1, 1000) AS i; ANALYZE doc');
($exit, $out, $err) = run($jobs, url($db), 'by=blocks', 'enter', 'leave');
is($exit, 0, 'a job is begun') or diag($err);
is($out, "entered load round=1 workers=0 blocks=100 by=blocks\n", '... by blocks');
my $id = psql($db, 'SELECT id FROM stele.job');
is(status(), 'load', 'it is at the load');
is("$found{fraction} $found{expected} $found{left}", '0.0000 1000 -1.0', '... and nothing of it is done');

# Blocks that are done, and those up to a cursor.
psql($db, "INSERT INTO stele.chunk (job, no, round, by_blocks, lo, hi, state, rows, dead, \"cursor\") VALUES ($id, 1, 1, true, NULL, '{30}', 2, 290, 10, '{\"(29,9)\"}'),
    ($id, 2, 1, true, '{30}', '{60}', 1, 95, 0, '{\"(39,10)\"}'), ($id, 3, 1, true, '{60}', '{90}', 0, 0, 0, NULL)");
psql($db, "INSERT INTO stele.dead (job, key, stage, code) SELECT $id, ARRAY[i::text], 'map', 'E' FROM generate_series(1, 10) AS i; INSERT INTO stele.dirty (job, key) VALUES ($id, '{5}'), ($id, NULL)");
status('price=2', 'model=m');
is($found{fraction}, '0.3900', 'blocks of what is done, and those up to the cursor');
is("$found{rows} $found{dead} $found{dirty} $found{expected}", '385 10 2 1012', 'rows, dead, dirty; and what that makes of all');

# Workers: those that are heard of, and those that aren't.
psql($db, "INSERT INTO stele.worker (job, name, heartbeat, rate, calls, tokens, refused, read_us, call_us, write_us, wait_us, bound, wal_rate, lag) VALUES
    ($id, 'a', clock_timestamp(), 2, 10, 500000, 1, 10, 70, 10, 10, 'replica lag', 1000, 0.5), ($id, 'b', clock_timestamp(), 3, 10, 250000, 0, 10, 70, 10, 10, 'replica lag', 1200, -1),
    ($id, 'gone', clock_timestamp() - interval '30 min', 99, 10, 250000, 0, 0, 0, 0, 0, 'nothing', 9e9, 99);
    UPDATE stele.job SET tokens = 1000000, knobs = '{\"wal\": \"1MB/s\"}'");
status('price=2', 'model=m');
is("$found{workers} $found{rate} $found{left}", '2 5.000 123.4', 'those alive work, at their rate, and what is left takes so long');
is("$found{calls} $found{tokens} $found{refused}", '30 2000000 1', 'what those that are gone have counted counts');
is("$found{cost} $found{expected_cost}", '4.0000 10.2481', 'cost, and what it will be');
is("$found{shares} $found{wal} $found{lag} $found{bound}", '0.10/0.70/0.10/0.10 1200/1048576 0.5 replica lag', 'where the time goes; WAL; lag; what limits it');
status();
is("$found{cost} $found{expected_cost}", '0.0000 0.0000', 'without a provider there is no cost');
status('lease=1h');
is($found{workers}, '3', 'the lease says for how long a worker may be silent');
status('price=2', 'model=m', 'into=doc');
psql($db, 'UPDATE doc SET content = content || $$y$$;');
ok(wait_for($db, "SELECT n_dead_tup > 0 FROM pg_stat_all_tables WHERE relid = 'doc'::regclass"), 'an update leaves dead rows');
status();
is($found{tuples}, psql($db, "SELECT n_dead_tup FROM pg_stat_all_tables WHERE relid = 'doc'::regclass"), '... which are told');

# A pause.
psql($db, "UPDATE stele.job SET desired = 'pause', reason = 'for lunch'");
status();
is("$found{paused} $found{reason} $found{left} $found{bound}", '1 for lunch -1.0 ', 'while it is paused, nobody knows when it is done');
psql($db, "UPDATE stele.job SET desired = 'cancel'");
is(status(), 'cancelled', 'cancelled in SQL: it is over, though no worker has seen it yet');
psql($db, "UPDATE stele.job SET desired = 'run', reason = ''");

# A knob that is set wrong in SQL.
psql($db, q(UPDATE stele.job SET knobs = '{"write": "banana", "lag": "5s", "nothing": 1, "nice": null, "wal": {"a": 1}}'));
status();
like($found{reason}, qr/^(?:"banana" is no value for the knob "write"|there is no knob "nothing"|.*"nice"|.*"wal").*; it stays as the script has it\z/, 'a knob that is set wrong is told');
($exit, $out) = run($jobs, url($db), 'write=70ms', 'knobs');
like($out, qr/^write=70ms \(script\) $/m, '... and what the script says holds');
like($out, qr/^lag=5s \(set\) $/m, '... and one that is right is taken');
like($out, qr/^chunk=5000 \(default\) $/m, '... and the others have their defaults');
unlike($out, qr/undescribed/, 'each is described');
for my $knob ('chunk', 'stop_when') {
    psql($db, qq(UPDATE stele.job SET knobs = '{"$knob": null}'));
    status();
    is($found{reason}, qq(the knob "$knob" was set to null, which is no value; it stays as the script has it), "null for $knob");
}
psql($db, q(UPDATE stele.job SET knobs = '{}'));

# By key, with statistics that are wrong in each direction.
psql($db, "UPDATE stele.job SET by_blocks = false, expected = 1000, blocks = 0; DELETE FROM stele.chunk; DELETE FROM stele.dead; DELETE FROM stele.worker;
    INSERT INTO stele.chunk (job, no, round, lo, hi, state, rows) VALUES ($id, 1, 1, NULL, '{100}', 2, 100), ($id, 2, 1, '{100}', '{200}', 1, 50)");
status('chunk=100');
is($found{fraction}, '0.1500', 'by key: what is done of what is expected');
psql($db, 'UPDATE stele.job SET expected = 5');
status('chunk=100');
is($found{fraction}, '0.5000', 'far more than expected: what is done, the rest of what is under way, and at least one more');
psql($db, 'UPDATE stele.job SET expected = 0, planned = true');
status('chunk=100');
is($found{fraction}, '0.7500', 'all is planned: only what is under way is left');
psql($db, 'UPDATE stele.chunk SET state = 2');
status('chunk=100');
is($found{fraction}, '1.0000', 'all is done');
psql($db, 'UPDATE stele.chunk SET state = 0, rows = 0; UPDATE stele.job SET planned = false, expected = 1000');
psql($db, 'UPDATE stele.chunk SET state = 2, rows = 1 WHERE no = 1');
status('chunk=100', 'where=true');
is($found{fraction}, '0.1000', 'where most rows are not to be written, a chunk is as large as chunks are');
status('chunk=100', 'model=m', 'into=doc');
is("$found{fraction} $found{expected}", '0.1000 10', '... and of one that embeds, where most are found done; what is expected is what is to be written');
status('chunk=100');
is($found{fraction}, '0.0010', '... but one that writes each row has counted them');

for my $absurd ("UPDATE stele.job SET expected = -5", "UPDATE stele.job SET expected = 9223372036854775807", "UPDATE stele.chunk SET rows = 9223372036854775807",
    "UPDATE stele.chunk SET rows = -9223372036854775808, dead = -1", "UPDATE stele.job SET by_blocks = true, blocks = 1", "UPDATE stele.job SET blocks = -1",
    "UPDATE stele.chunk SET by_blocks = true, lo = '{100}', hi = '{5}'", "UPDATE stele.chunk SET lo = '{x}', hi = '{99999999999999999999999}', \"cursor\" = '{\"(a,b)\"}'",
    "UPDATE stele.chunk SET hi = '{}', state = 2", "UPDATE stele.chunk SET hi = '{4000000000}', lo = NULL", "UPDATE stele.job SET blocks = 100", 'UPDATE stele.job SET tokens = 9223372036854775807, calls = -3',
    "INSERT INTO stele.worker (job, name, rate, lag, wal_rate, tokens, wait_us) VALUES ($id, 'x', 'NaN', 'NaN', 'Infinity', 9223372036854775807, -5)",
    "UPDATE stele.job SET state = 'drain'", "UPDATE stele.job SET state = 'switched', round = 77") {
    psql($db, $absurd);
    status('price=1', 'model=m');
    ok($found{fraction} >= 0 && $found{fraction} <= 1 && $found{fraction} !~ /n/i, "never above 1, nor below 0: $absurd") or diag($out);
    unlike($out, qr/\b(?:nan|inf)\b|=-(?!1\.0)/, '... and no number that makes no sense');
}

# Once more through all of it: it is all done, and the message has how far that is.
psql($db, "DELETE FROM stele.chunk; DELETE FROM stele.worker; UPDATE stele.job SET state = 'load', round = 2, by_blocks = false, expected = 1000, planned = false, message = 'looks for what was missed';
    INSERT INTO stele.chunk (job, no, round, by_blocks, hi, state, rows) VALUES ($id, 1, 1, true, '{100}', 2, 1000), ($id, 2, 2, false, '{250}', 2, 250)");
status('chunk=250');
is("$found{fraction} $found{message}", '1.0000 looks for what was missed, 25 %', 'a second time through all of it');

# Who may only read sees all of it.
psql($db, 'CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA stele TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA stele TO reader');
($exit, $out, $err) = run($jobs, url($db, 'reader'), 'status', 'knobs', 'dead');
is($exit, 0, 'the right to read is enough to look') or diag($err);
for my $verb ('pause', 'resume', 'cancel', 'set write=5ms', 'retry ') {
    ($exit, $out, $err) = run($jobs, url($db, 'reader'), split(/ /, $verb, -1));
    is($exit, 9, "... but not to change: $verb");
    like($err, qr/permission denied.*hint: .*needs SELECT, INSERT, UPDATE and DELETE on them.*grant them to reader/s, '... and it says what is needed');
}
psql($db, 'CREATE ROLE nobody LOGIN');
($exit, $out, $err) = run($jobs, url($db, 'nobody'), 'status');
is($exit, 9, 'and who may not even read is told so');

# Many chunks: those that are done are added up once, which nobody sees, whatever is asked next.
for my $by_blocks ('false', 'true') {
    psql($db, "UPDATE stele.job SET state = 'load', desired = 'run', message = '', round = 2, by_blocks = $by_blocks, planned = false, expected = 15000, blocks = 1500, calls = 0, tokens = 0, knobs = '{}';
        DELETE FROM stele.chunk; DELETE FROM stele.worker;
        INSERT INTO stele.chunk (job, no, round, kind, by_blocks, lo, hi, state, rows, again, dead) SELECT $id, i, 2, CASE i WHEN 600 THEN 1 ELSE 0 END, $by_blocks, ARRAY[(i - 1)::text], ARRAY[i::text],
            CASE WHEN i IN (700, 1200) THEN 1 ELSE 2 END, 9, 1, 1 FROM generate_series(1, 1300) AS i");
    status('chunk=10');
    is($found{rows}, 1300 * 8, 'many chunks');
    my $once = $out;
    ($exit, $out, $err) = run($jobs, url($db), 'chunk=10', 'status', 'status', 'status');
    is($out, $once x 3, '... are told the same again and again');
    ($exit, $out, $err) = run($jobs, url($db), 'chunk=10', 'status', 'status', 'set', 'chunk=1000', 'status');
    my $other = $out =~ s/^(?:\Q$once\E){2}//r;
    ($exit, $out, $err) = run($jobs, url($db), 'chunk=10', 'status');
    is($other, $out, '... and anew where the size of chunks is another one');
}

done_testing();

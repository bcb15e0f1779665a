# Triggers that somebody disabled: what was changed meanwhile is found where something tells it, and else it is said.

use strict;
use warnings;

use Stele::Faults;
use Stele::Jobs;
use Stele::Test;
use Test::More;

my $idle = 'ALTER TABLE doc DISABLE TRIGGER ALL;';
my $enabled = "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'doc'::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A')";

my $place = here(100);
runs($place, 'a job that embeds');
psql($place->{db}, "$idle UPDATE doc SET content = 'changed ' || id WHERE id <= 10; DELETE FROM doc WHERE id > 90; INSERT INTO doc VALUES (101, 'new')");
is(psql($place->{db}, 'SELECT count(*) FROM stele.dirty'), '0', 'while its triggers are disabled, they note nothing');
runs($place, 'the next run');
is(psql($place->{db}, $enabled), '4', '... enables them');
compared($place, 91, '... and finds what was changed');
is(psql($place->{db}, 'SELECT count(*) FROM side'), '91', '... and what went');
is(psql($place->{db}, 'SELECT reason FROM stele.job'), '', '... so that there is nothing to say');

# Until that run, a verification tells the truth.
psql($place->{db}, "TRUNCATE doc; $idle INSERT INTO doc SELECT i, 'again ' || i FROM generate_series(1, 50) AS i; ALTER TABLE doc ENABLE TRIGGER ALL");
my @said = worker_run($place, 'verify');
is($said[0], 9, 'after a TRUNCATE, when all is to be compared, a verification fails') or diag(@said[1, 2]);
like($said[1], qr/^NOT OK stale: 50 rows are stale, 41 vectors are left over; all rows are to be compared, which the next job run does/m, '... and tells what differs');
like($said[2], qr/^hint: all rows are to be compared: job run job does that, and does those again that differ$/m, '... and what to do');
like((worker_run($place, 'status'))[1], qr/^message=all rows are to be compared$/m, '... as the status does');
runs($place, '... which is done');
like((worker_run($place, 'status'))[1], qr/^message=$/m, '... and not told any more');
is((worker_run($place, 'verify'))[0], 0, '... and then all is well');

# A worker that verifies does that itself.
$place = place({%{job(more => "index = 'USING hnsw (embedding vector_cosine_ops)'")}, name => 'job'}, rows => 100);
psql($place->{db}, 'CREATE TABLE held (id int)');
my $holder = start(postgres('psql'), '-Xq', '-d', url($place->{db}), '-c', "BEGIN; LOCK TABLE side IN ROW EXCLUSIVE MODE; INSERT INTO held VALUES (1); SELECT pg_sleep(600)");
ok(wait_for($place->{db}, "SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)' AND wait_event = 'PgSleep'"), 'while somebody keeps the index from being built');
my $worker = start($place->{program}, $place->{conninfo}, 'job', 'run');
ok(wait_for($place->{db}, "SELECT to_regclass('stele.space') IS NOT NULL") && wait_for($place->{db}, "SELECT count(*) = 1 FROM stele.job WHERE state = 'index'"), '... all is loaded');
psql($place->{db}, "TRUNCATE doc; INSERT INTO doc SELECT i, 'again ' || i FROM generate_series(1, 50) AS i");
psql($place->{db}, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)' AND pid <> pg_backend_pid()");
finish($holder);
is((finish($worker))[0], 0, 'what is truncated then is no fault of the job');
compared($place, 50, '... which goes through all of it once more');
is(psql($place->{db}, 'SELECT count(*) FROM side'), '50', '... and takes away what is left over');

# Rows go with a partition, or come with it, and no trigger tells.
my $parts = <<"SQL";
CREATE TABLE doc (id bigint PRIMARY KEY, content text) PARTITION BY RANGE (id);
CREATE TABLE low PARTITION OF doc FOR VALUES FROM (0) TO (51);
CREATE TABLE high PARTITION OF doc FOR VALUES FROM (51) TO (1000);
INSERT INTO doc SELECT i, 'text ' || i FROM generate_series(1, ROWS) AS i;
SQL
$place = place({%{job()}, sql => $parts . $side}, rows => 100);
runs($place, 'a job over partitions');
for my $how (['ALTER TABLE doc DETACH PARTITION high', 50], ["UPDATE high SET content = 'meanwhile'; ALTER TABLE doc ATTACH PARTITION high FOR VALUES FROM (51) TO (1000)", 100], ['DROP TABLE low', 50]) {
    psql($place->{db}, $how->[0]);
    runs($place, "after $how->[0], a run");
    is(psql($place->{db}, 'SELECT count(*) FROM side'), $how->[1], '... takes away what is left over');
    compared($place, $how->[1], '... and does what came');
    is((worker_run($place, 'verify'))[0], 0, '... so that all is well');
}

my $kind = job(map => 'function(row) return { loud = row.content:upper() } end', more => "follow = 'trigger'");
$kind->{sql} .= "ALTER TABLE doc ADD loud text;\n";
$place = place($kind, rows => 100);
runs($place, 'a job that maps');
psql($place->{db}, "UPDATE doc SET content = 'seen' WHERE id = 1; $idle UPDATE doc SET content = 'unseen' WHERE id = 2");
runs($place, 'the next run, when they were disabled');
is(psql($place->{db}, $enabled), '4', '... enables them');
is(psql($place->{db}, 'SELECT string_agg(loud, \' \' ORDER BY id) FROM doc WHERE id < 3'), 'SEEN TEXT 2', '... and does what was noted');
like((worker_run($place, 'status'))[1], qr/^reason=the triggers were disabled, did nothing, or were missing for a while: .* job cancel, then run, goes through all of the table$/m, '... and says that this may not be all');
runs($place, 'one more');
like((worker_run($place, 'status'))[1], qr/^reason=the triggers were disabled/m, '... as long as nobody did something about it');
is((worker_run($place, 'cancel'))[0], 0, 'which is');
runs($place, '... to begin anew');
is(psql($place->{db}, 'SELECT count(*) FROM doc WHERE loud IS DISTINCT FROM upper(content)'), '0', '... then all is done');
is(psql($place->{db}, 'SELECT reason FROM stele.job'), '', '... and nothing to say');

# What isn't a vector can't be compared; that it should be, is told.
psql($place->{db}, "TRUNCATE doc; $idle INSERT INTO doc SELECT i, 'again ' || i FROM generate_series(1, 50) AS i; ALTER TABLE doc ENABLE TRIGGER ALL");
@said = worker_run($place, 'verify');
is($said[0], 9, 'after a TRUNCATE a verification fails');
like($said[1], qr/^NOT OK stale: nobody noted which rows were changed: all are to be gone through, which the next job run does$/m, '... and says why');
like($said[2], qr/^hint: all rows are to be gone through: job run job does that$/m, '... and what to do');
runs($place, '... which it does');
is(psql($place->{db}, q{SELECT count(*) FROM doc WHERE loud LIKE 'AGAIN%'}), '50', '... so that all is done');
is((worker_run($place, 'verify'))[0], 0, '... and then all is well');

# ------------------------------------------------------- and enabled again, before anybody looked

my $again = 'ALTER TABLE doc ENABLE TRIGGER ALL;';
$place = here(100);
runs($place, 'a job that embeds');
psql($place->{db}, "$idle UPDATE doc SET content = 'changed ' || id WHERE id <= 10; DELETE FROM doc WHERE id > 90; $again");
runs($place, 'the next run, when its triggers were off and are on again');
compared($place, 90, '... finds what was changed meanwhile');
is(psql($place->{db}, 'SELECT count(*) FROM side'), '90', '... and what went');
is(psql($place->{db}, "SELECT string_agg(tgenabled, '') FROM pg_trigger WHERE tgrelid = 'doc'::regclass AND NOT tgisinternal"), 'AAAA', '... and they fire always, as before');
psql($place->{db}, 'TRUNCATE stele.dirty');
runs($place, 'one more');
is(psql($place->{db}, 'SELECT round FROM stele.job'), '2', '... has nothing to look for');

# While it goes on, only the verification finds it. Nobody can see that they were off: then what it finds has the whole table gone through.
my $unseen = q{DO $$ DECLARE n text; BEGIN FOR n IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'doc'::regclass AND NOT tgisinternal LOOP EXECUTE format('ALTER TABLE doc ENABLE ALWAYS TRIGGER %I', n); END LOOP; END $$;};
psql($place->{db}, "$idle UPDATE doc SET content = 'changed again ' || id WHERE id <= 10; DELETE FROM doc WHERE id > 80; $unseen UPDATE stele.job SET state = 'verify'");
runs($place, 'a verification that finds stale rows', 9);
like($err, qr/is not right yet: .* rows are neither done nor given up.*^hint: .*job resume job, then job run job, goes through all of the table once more, and does what is stale$/ms, '... says how they are done');
runs($place, 'as long as it is paused, it goes no further', 5);
is((worker_run($place, 'resume'))[0], 0, 'resumed') or diag($err);
runs($place, '... the next run');
compared($place, 80, '... does that');
is(psql($place->{db}, 'SELECT count(*) FROM side'), '80', '... and takes away what is left over');

# Of a map, all that can be done is to say so.
$kind = job(map => 'function(row) return { loud = row.content:upper() } end', more => "follow = 'trigger', verify = { read = { 'loud', 'content' }, check = function(row) if row.loud ~= row.content:upper() then return 'quiet' end end }");
$kind->{sql} .= "ALTER TABLE doc ADD loud text;\n";
$place = place($kind, rows => 100);
runs($place, 'a job that maps');
psql($place->{db}, "$idle UPDATE doc SET content = 'unseen' WHERE id = 2; $again");
runs($place, 'the next run, when its triggers were off and are on again');
like((worker_run($place, 'status'))[1], qr/^reason=the triggers were disabled/m, '... says so');
psql($place->{db}, "UPDATE stele.job SET state = 'verify'");
runs($place, 'its verification finds the row', 9);
like($err, qr/verify.check refuses 1 of 100 rows.*^hint: .*by job cancel job, then job run job, which goes through all of the table$/ms, '... and says what helps');
runs($place, 'a run of it', 5);
like($err, qr/^hint: .*by job cancel job, then job run job, which goes through all of the table$/m, '... too');
is((worker_run($place, 'resume'))[0], 0, 'to resume it');
runs($place, '... does not help', 9);
is((worker_run($place, 'cancel'))[0], 0, 'cancelled');
runs($place, '... and begun anew');
is(psql($place->{db}, 'SELECT count(*) FROM doc WHERE loud IS DISTINCT FROM upper(content)'), '0', '... all is done');

done_testing();

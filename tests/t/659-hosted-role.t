#!/usr/bin/perl
# A role as hosted servers give one: no superuser, nothing of pg_monitor, nothing to be made in the database but in a schema of its own. It does a job from its plan to its end; what it
# may not see or do is told once, with what to grant, and is done without where that can be.

use strict;
use warnings;

use JSON::PP qw(decode_json);
use Stele::Reembed;
use Stele::Test;
use Test::More;

my $folder = migrations(reembed(sql => "CREATE TABLE gate AS SELECT false AS closed;\n", script => <<'LUA'));
    index = "USING hnsw (embedding vector_cosine_ops)",
    pace = { lag = "2s", sessions = 50, wal = "1GB/s", stop_when = "SELECT closed FROM gate" },
    verify = { recall = 0.9, resample = 10 },
    switch = { parameters = { embedding_dim = 8 }, sql = "COMMENT ON TABLE memory IS 'new'", undo = "COMMENT ON TABLE memory IS NULL" },
LUA
my ($old, $new) = map { program($folder, '-D', "embedding_dim=$_") } 4, 8;

my ($db, $exit, $out, $err, @schema);

# A database, of which the role has one schema; the ledger lies there, too, or in one that was made for it.
sub place {
    $db = fresh_database();
    psql($db, <<"SQL");
SET client_min_messages = error;
DROP ROLE IF EXISTS app;
CREATE ROLE app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
REVOKE ALL ON DATABASE $db FROM PUBLIC;
GRANT CONNECT ON DATABASE $db TO app;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA extensions;
GRANT USAGE ON SCHEMA extensions TO app;
CREATE EXTENSION vector SCHEMA extensions;
CREATE SCHEMA app AUTHORIZATION app;
ALTER ROLE app IN DATABASE $db SET search_path = app, extensions;
SQL
    return;
}

sub is_done {
    my ($program, $words, $status, $what, @like) = @_;
    ($exit, $out, $err) = run($program, @{$words}, @schema, '--db', url($db, 'app'));
    is($exit, $status, $what) or diag("$out$err");
    like("$out$err", $_, '... it says') for @like;
    return;
}
sub state { return psql($db, "SELECT state FROM $_[0].job") }

for my $ledger ('app', 'stele') {
    place();
    @schema = $ledger eq 'app' ? ('--schema', 'app') : ();
    if ($ledger eq 'stele') {
        is_done($old, ['up'], 9, 'without a schema for the ledger', qr/hint: .*CREATE SCHEMA "stele" AUTHORIZATION/);
        psql($db, 'CREATE SCHEMA stele AUTHORIZATION app');
    }
    is_done($old, ['up'], 0, "up, with the ledger in $ledger");
    psql($db, q{SET ROLE app; INSERT INTO app.memory SELECT i, 'memory number ' || i FROM generate_series(1, 300) i});
    is_done($old, ['job', 'plan'], 0, 'plan', qr/about 300 rows/);
    is_done($old, ['job', 'try', '3'], 0, 'try', qr/^3 rows were tried, 0 of them would be given up/m);
    psql($db, 'UPDATE app.gate SET closed = true');
    my $worker = start($old, 'job', 'run', @schema, '--db', url($db, 'app'));
    ok(printed($worker, qr/^reembed: load .*\| this role may not see what other sessions do, so "sessions" has no effect: GRANT pg_monitor to it$/m), 'what it may not see is told while the table is gone through');
    psql($db, 'UPDATE app.gate SET closed = false');
    ($exit, $out, $err) = finish($worker);
    is($exit, 0, '... and it goes on') or diag("$out$err");
    like($out, qr/^reembed is ready: 300 rows written/m, '... to the end');
    is(psql($db, q{SELECT count(*) FROM pg_trigger WHERE tgrelid = 'app.memory'::regclass AND NOT tgisinternal}), '4', '... with its triggers');
    is_done($old, ['job', 'status'], 0, 'status', qr/^reembed: ready$/m);
    is_done($old, ['job', 'verify'], 0, 'verify', qr/recall\@10/);
    psql($db, q{SET ROLE app; UPDATE app.memory SET content = 'changed' WHERE id <= 10; DELETE FROM app.memory WHERE id = 11});
    is_done($old, ['job', 'switch', '--reason', 'better'], 0, 'switch');
    is(state($ledger), 'switched', '... is done');
    is_done($old, ['check'], 9, 'the old program', qr/embedding_dim/);
    is_done($new, ['check'], 0, 'the new one');
    psql($db, q{SET ROLE app; UPDATE app.memory SET content = 'later' WHERE id = 20});
    is_done($new, ['job', 'run'], 0, 'a run after it');
    is_done($new, ['job', 'undo', '--reason', 'back'], 0, 'undo');
    is(state($ledger), 'ready', '... is done');
    is_done($old, ['job', 'switch', '--reason', 'again'], 0, 'switch again');
    is_done($new, ['job', 'finish'], 0, 'finish');
    is(state($ledger), 'done', '... is done');
    is(psql($db, q{SELECT count(*) FROM pg_trigger WHERE tgrelid = 'app.memory'::regclass AND NOT tgisinternal}), '0', '... without triggers');
    is_done($new, ['audit'], 0, 'audit');
    psql($db, 'DROP OWNED BY app CASCADE');
}

# ------------------------------------------------------------------ somebody else's table

# It may read it, and no more: nobody notes what is changed, so it is compared.
{
    place();
    @schema = ('--schema', 'app');
    is_done($old, ['up'], 0, 'up, of a table that is somebody else\'s');
    psql($db, q{CREATE ROLE landlord; ALTER TABLE app.memory OWNER TO landlord; GRANT SELECT ON app.memory TO app; INSERT INTO app.memory SELECT i, 'memory number ' || i FROM generate_series(1, 300) i});
    is_done($old, ['job', 'plan'], 0, 'plan', qr/this role may make no trigger on memory/);
    for my $case (['an index that is not its to make', 'ALTER TABLE app.memory_8 OWNER TO landlord; GRANT SELECT, INSERT, UPDATE, DELETE ON app.memory_8 TO app', qr/this role may make no index on memory_8\nhint: run it as the table's owner/, 'ALTER TABLE app.memory_8 OWNER TO app'],
        ['rows that row security hides', 'ALTER TABLE app.memory ENABLE ROW LEVEL SECURITY', qr/row security hides rows of memory.*\nhint: .*BYPASSRLS/, 'ALTER TABLE app.memory DISABLE ROW LEVEL SECURITY'],
        ['a table that it may not read', 'REVOKE SELECT ON app.memory FROM app', qr/this role may not SELECT the columns of memory.*\nhint: .*grant it/, 'GRANT SELECT ON app.memory TO app'],
        ['a table that it may not write', 'REVOKE INSERT ON app.memory_8 FROM app', qr/this role may not SELECT, INSERT and DELETE in memory_8/, 'GRANT INSERT ON app.memory_8 TO app']) {
        my ($what, $harms, $like, $mends) = @{$case};
        psql($db, $harms);
        is_done($old, ['job', $_], 9, "$what: $_", $like) for 'try', 'run';
        psql($db, $mends);
    }
    is(psql($db, 'SELECT count(*) FROM app.job'), '0', '... nothing was begun');
    is_done($old, ['job', 'run'], 0, 'run', qr/reembed is ready: 300 rows written/);
    is(psql($db, q{SELECT count(*) FROM pg_trigger WHERE tgrelid = 'app.memory'::regclass AND NOT tgisinternal}), '0', '... without triggers');
    psql($db, q{UPDATE app.memory SET content = 'changed' WHERE id <= 10; DELETE FROM app.memory WHERE id = 11});
    is_done($old, ['job', 'run'], 0, 'what was changed since is found');
    is(psql($db, q{SELECT count(*) FILTER (WHERE m.id IS NULL), count(*) FILTER (WHERE v.id IS NULL), count(DISTINCT v.embedding::text) FROM app.memory AS m FULL JOIN app.memory_8 AS v USING (id)}), '0|0|290',
        '... and what went');
    psql($db, q{UPDATE app.memory SET content = 'changed once more' WHERE id <= 10; DELETE FROM app.memory WHERE id = 12});
    is_done($old, ['job', 'switch', '--reason', 'better'], 9, 'a switch without the right to lock', qr/permission denied for table memory .*needs UPDATE, DELETE or TRUNCATE on it/s);
    psql($db, 'GRANT UPDATE ON app.memory TO app');
    is_done($old, ['job', 'switch', '--reason', 'better'], 1, 'one whose own statement is not its to make', qr/must be owner of table memory/);
    is(state('app'), 'ready', '... changes nothing');
    psql($db, 'ALTER TABLE app.memory OWNER TO app');
    is_done($old, ['job', 'switch', '--reason', 'better'], 0, 'switch');
    is(psql($db, q{SELECT count(*) FROM app.memory JOIN app.memory_8 USING (id)}) . psql($db, q{SELECT count(*) FROM app.memory_8}), '298298', '... which has found what was changed, and what went');
    is_done($new, ['job', 'undo', '--reason', 'back'], 0, 'undo');
    is_done($old, ['job', 'cancel'], 0, 'cancel');
}

# It may make triggers there, but not drop them: what then holds is said, and who can do the rest.
{
    psql($db, 'DROP OWNED BY app CASCADE');
    place();
    @schema = ();
    psql($db, 'CREATE SCHEMA stele AUTHORIZATION app');
    my $triggers = q{SELECT count(*) FROM pg_trigger WHERE tgrelid = 'app.memory'::regclass AND NOT tgisinternal};
    my $noted = 'SELECT count(*) FROM stele.dirty';
    is_done($old, ['up'], 0, 'up, of a table on which it may make triggers');
    psql($db, q{ALTER TABLE app.memory OWNER TO landlord; GRANT SELECT, UPDATE, TRIGGER ON app.memory TO app; INSERT INTO app.memory SELECT i, 'memory number ' || i FROM generate_series(1, 30) i});
    is_done($old, ['job', 'run'], 0, 'run');
    psql($db, "UPDATE stele.job SET state = 'switched'");
    is_done($old, ['job', 'finish'], 9, 'finish',
        qr/error: the job "reembed" is not finished, since its triggers could not be dropped: this role may not drop those on app\.memory; nothing was changed \[42501\]$/m,
        qr/^hint: triggers are dropped by the owner of their table, landlord, .* by the role that began the job, app: job finish reembed once more, as one that is a member of both; or, as the latter, DROP FUNCTION/m);
    is(state('stele'), 'switched', '... it is as it was');
    psql($db, "UPDATE app.memory SET content = 'noted' WHERE id = 1");
    is(psql($db, $noted), '1', '... and its triggers note what is changed');
    psql($db, "UPDATE stele.job SET state = 'ready'");
    is_done($old, ['job', 'cancel'], 9, 'cancel',
        qr/error: the job "reembed" is cancelled, but its triggers could not be dropped: must be owner of relation memory; they note nothing any more \[42501\]$/m, qr/^hint: .*landlord.* job cancel reembed once more/m);
    is(state('stele'), 'cancelled', '... it is cancelled');
    psql($db, "UPDATE app.memory SET content = 'not noted' WHERE id = 2");
    is(psql($db, "$noted; $triggers"), "1\n4", '... and they note nothing');
    psql($db, 'GRANT landlord TO app');
    is_done($old, ['job', 'cancel'], 0, 'as a member of both, once more', qr/^reembed is cancelled: what it wrote stays, its triggers are gone$/m);
    is(psql($db, $triggers), '0', '... they are gone');
    is_done($old, ['job', 'run'], 0, 'run anew');
    psql($db, 'ALTER SCHEMA app OWNER TO postgres');
    is_done($old, ['job', 'cancel'], 9, 'cancel, without USAGE on the schema', qr/error: the job "reembed" is cancelled, but its triggers could not be dropped: permission denied for schema app; they note nothing any more \[42501\]$/m,
        qr/^hint: .* with USAGE on its schema/m);
    is(state('stele'), 'cancelled', '... it is cancelled, too');
    psql($db, 'REVOKE landlord FROM app');
}

done_testing();

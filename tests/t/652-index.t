# The index of a job: built beside everything else, also after what interrupts it. Its predicate asks for a lock: who holds that has the build stand still.

use strict;
use warnings;

use Stele::Session;
use Stele::Test;
use Test::More;

my $after = application('after', migrations({'001_a.sql' => "CREATE TABLE nothing ();\n"}));
my $db = fresh_database();
my @spec = ('table=docs', 'key=id', 'read=body', 'into=side', 'vector=embedding', 'hash=input', 'dimensions=64', 'index=USING hnsw (embedding vector_cosine_ops) WHERE gate(id)');

psql($db, <<'SQL');
CREATE EXTENSION vector;
CREATE SCHEMA stele;
CREATE TABLE docs (id bigint PRIMARY KEY, body text);
CREATE TABLE side (id bigint PRIMARY KEY, input bytea NOT NULL, embedding vector(64));
INSERT INTO side SELECT i, '', (SELECT array_agg(random()) FROM generate_series(1, 64) AS d WHERE i > 0)::vector(64) FROM generate_series(1, 500) i;
CREATE FUNCTION gate(bigint) RETURNS bool IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN true; END $$;
CREATE ROLE hasty LOGIN SUPERUSER;
ALTER ROLE hasty SET statement_timeout = '1s';
CREATE ROLE worker LOGIN;
CREATE ROLE owner;
GRANT owner TO worker;
SQL

sub after {
    my ($exit, $out, $err) = run($after, url($db), @_);
    return $out . $err;
}

my $indexes = q{SELECT coalesce(string_agg(c.relname || ' ' || i.indisvalid || ' ' || i.indisready, ', '), '') FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = 'side'::regclass AND NOT i.indisprimary};
my $building = q{SELECT EXISTS (SELECT FROM pg_stat_progress_create_index WHERE relid = 'side'::regclass AND phase LIKE 'building%')};
my $quiet = q{SELECT NOT EXISTS (SELECT FROM pg_stat_progress_create_index)};
sub stand_still { ask($db, 'SELECT pg_advisory_lock(1)'); return }
sub go_on { ask($db, 'SELECT pg_advisory_unlock(1)'); return }

is(after(@spec, 'enter'), "enter: 0\n", 'the job is begun');

# ------------------------------------------------------------------ interrupted

stand_still();
my $one = start($after, url($db), @spec, 'index');
ok(wait_for($db, $building), 'it is being built');
kill('INT', $one->{pid});
my ($exit, $out) = finish($one);
like($out, qr/index: 130 /, 'an interruption ends it');
ok(wait_for($db, $quiet), 'in the server, too');
my $left = psql($db, $indexes);
like($left, qr/^side_embedding_[0-9a-f]{8} false/, 'and leaves an invalid one');

$one = start($after, url($db), @spec, 'index');
ok(wait_for($db, $building), 'the next one builds anew');
kill('KILL', $one->{pid});
finish($one);
is(psql($db, $building), 't', 'a client that was killed leaves a build that goes on');
my $oid = psql($db, q{SELECT max(indexrelid) FROM pg_index WHERE indrelid = 'side'::regclass});
$one = start($after, url($db), @spec, 'index');
ok(printed($one, qr/, \d+ of \d+ /), 'the next one waits for it');
go_on();
($exit, $out) = finish($one);
like($out, qr/^progress index side_embedding_[0-9a-f]{8}: building index.*, \d+ of \d+ (?:blocks|rows)$/m, '... and tells how far it is');
like($out, qr/^index: 0$/m, 'and takes it');
is(psql($db, q{SELECT max(indexrelid) FROM pg_index WHERE indrelid = 'side'::regclass}), $oid, 'as it is');
like(psql($db, $indexes), qr/^side_embedding_[0-9a-f]{8} true true$/, 'valid, and the only one');

# -------------------------------------------------------------- the second connection

stand_still();
psql($db, 'DROP INDEX ' . (split / /, psql($db, $indexes))[0]);
$one = start($after, url($db), @spec, 'index');
ok(wait_for($db, $building), 'it is being built');
psql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_progress_create_index});
($exit, $out) = finish($one);
like($out, qr/^index: 3 the second connection, which builds the index, was lost/m, 'a connection that is lost is told');
$one = start($after, url($db, 'hasty'), @spec, 'index');
ok(wait_for($db, q{SELECT EXISTS (SELECT FROM pg_stat_progress_create_index JOIN pg_stat_activity AS a USING (pid) WHERE phase LIKE 'building%' AND query_start < clock_timestamp() - interval '2 s')}), 'one takes longer than the statement_timeout');
go_on();
($exit, $out) = finish($one);
like($out, qr/^index: 0$/m, '... which doesn\'t end it');

# ------------------------------------------------------------- schemas and roles

psql($db, 'DROP INDEX ' . (split / /, psql($db, $indexes))[0]);
psql($db, q{DELETE FROM side WHERE id > 100; ALTER TABLE side OWNER TO owner; ALTER TABLE docs OWNER TO owner; ALTER SCHEMA stele OWNER TO owner; GRANT ALL ON ALL TABLES IN SCHEMA stele TO owner;
    GRANT CREATE ON SCHEMA public TO owner});
($exit, $out) = run($after, url($db, 'worker'), 'role=owner', @spec, 'index');
like($out, qr/^index: 0$/m, 'another role than that of the login builds it');
is(psql($db, q{SELECT relowner::regrole FROM pg_class WHERE relname LIKE 'side_embedding%'}), 'owner', 'as its own');
psql($db, 'CREATE TABLE many (id bigint, input bytea NOT NULL, embedding vector(64), PRIMARY KEY (id)) PARTITION BY RANGE (id)');
like(after(map({ s/^into=side$/into=many/r } @spec), 'index'), qr/^index: 9 public\.many is partitioned, so its index can't be built concurrently \| leave `index` out/, 'that of a partitioned table is refused');
done_testing();

# The triggers of a job: what they note is exactly the keys of the rows whose input was changed.

use strict;
use warnings;

use Stele::Test;
use Test::More;

my $after = application('after', migrations({'001_a.sql' => "CREATE TABLE nothing ();\n"}));
my $db = fresh_database();
my @spec = ('table=docs', 'key=id', 'read=title,body', 'into=side', 'vector=embedding', 'hash=input', 'dimensions=3', "where=NOT gone -- but those\n");

psql($db, <<'SQL');
CREATE EXTENSION vector;
CREATE SCHEMA stele;
CREATE TABLE docs (id bigint PRIMARY KEY, title text, body text, seen int NOT NULL DEFAULT 0, gone boolean NOT NULL DEFAULT false, parent bigint REFERENCES docs ON DELETE CASCADE);
CREATE TABLE side (id bigint PRIMARY KEY, input bytea NOT NULL, embedding vector(3));
CREATE ROLE writer LOGIN;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON docs TO writer;
CREATE ROLE worker LOGIN;
GRANT CREATE ON SCHEMA stele TO worker;
GRANT USAGE ON SCHEMA stele TO worker;
GRANT SELECT, INSERT ON docs, side TO worker;
SQL

sub after {
    my @arguments = @_;
    my ($exit, $out, $err) = run($after, url($db), @arguments);
    return $out . $err;
}

# What was noted since the last time, sorted; then forgotten.
sub noted {
    return psql($db, q{WITH d AS (DELETE FROM stele.dirty RETURNING key) SELECT coalesce(string_agg(DISTINCT coalesce(key::text, 'all'), ' ' ORDER BY coalesce(key::text, 'all')), '') FROM d});
}

is(after(@spec, qw(enter triggers has)), "enter: 0\ntriggers: 0\nhas 1\nhas: 0\n", 'the triggers are made');
is(after(@spec, qw(triggers has)), "triggers: 0\nhas 1\nhas: 0\n", 'and, asked for again, are left as they are');
is(psql($db, "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'docs'::regclass AND tgenabled = 'A' AND NOT tgisinternal"), 4, 'there are four, which session_replication_role leaves on');
is(psql($db, "SELECT bool_or(has_function_privilege('writer', oid, 'EXECUTE')) FROM pg_proc WHERE proname LIKE 'follow%'"), 'f', 'nobody else may call their function');

my @cases = (
    ['an INSERT',                 q{INSERT INTO docs SELECT i, 't' || i, 'b' FROM generate_series(1, 5) i}, '{1} {2} {3} {4} {5}'],
    ['one outside of where',      q{INSERT INTO docs VALUES (6, 't', 'b', 0, true)}, ''],
    ['another column',            q{UPDATE docs SET seen = seen + 1}, ''],
    ['the same value',            q{UPDATE docs SET title = title}, ''],
    ['one of the columns read',   q{UPDATE docs SET body = 'c' WHERE id IN (2, 3)}, '{2} {3}'],
    ['NULL for a value',          q{UPDATE docs SET body = NULL WHERE id = 2}, '{2}'],
    ['NULL is not empty',         q{UPDATE docs SET body = '' WHERE id = 2}, '{2}'],
    ['a value that moves over',   q{UPDATE docs SET title = '', body = title WHERE id = 2}, '{2}'],
    ['one that leaves where',     q{UPDATE docs SET gone = true WHERE id = 3}, '{3}'],
    ['one that comes into where', q{UPDATE docs SET gone = false WHERE id IN (3, 6)}, '{3} {6}'],
    ['a key',                     q{UPDATE docs SET id = 60 WHERE id = 6}, '{60} {6}'],
    ['keys that change places',   q{ALTER TABLE docs DROP CONSTRAINT docs_pkey CASCADE; UPDATE docs SET id = 5 - id WHERE id IN (1, 4); ALTER TABLE docs ADD PRIMARY KEY (id)}, '{1} {4}'],
    ['ON CONFLICT',               q{INSERT INTO docs VALUES (1, 'x', 'y'), (7, 'x', 'y') ON CONFLICT (id) DO UPDATE SET title = excluded.title}, '{1} {7}'],
    ['ON CONFLICT DO NOTHING',    q{INSERT INTO docs VALUES (1, 'x', 'y') ON CONFLICT (id) DO NOTHING}, ''],
    ['MERGE',                     q{MERGE INTO docs USING (VALUES (1), (2), (8)) AS v(id) ON v.id = docs.id WHEN MATCHED AND docs.id = 1 THEN DELETE WHEN MATCHED THEN UPDATE SET title = 'm'
                                    WHEN NOT MATCHED THEN INSERT (id, title) VALUES (v.id, 'n')}, '{1} {2} {8}'],
    ['COPY',                      qq{COPY docs (id, title) FROM stdin;\n9\tnine\n10\tten\n\\.\n}, '{10} {9}'],
    ['a DELETE',                  q{DELETE FROM docs WHERE id IN (9, 10)}, '{10} {9}'],
    ['a writable CTE',            q{WITH d AS (DELETE FROM docs WHERE id = 8 RETURNING *) INSERT INTO docs SELECT 11, title FROM d}, '{11} {8}'],
    ['a function of its own',     q{SET session_replication_role = replica; INSERT INTO docs VALUES (12, 'r')}, '{12}'],
    ['nothing',                   q{DELETE FROM docs WHERE false; UPDATE docs SET title = 'x' WHERE false}, ''],
    ['what was rolled back',      q{BEGIN; DELETE FROM docs; ROLLBACK}, ''],
    ['a writer without rights',   q{SET ROLE writer; INSERT INTO docs VALUES (13, 'w'); UPDATE docs SET title = 'v' WHERE id = 13; DELETE FROM docs WHERE id = 13}, '{13}'],
    ['a hostile search_path',     q{CREATE SCHEMA evil; CREATE FUNCTION evil.array_agg(text) RETURNS text LANGUAGE sql AS 'SELECT 1/0'; SET search_path = evil, public, pg_catalog;
                                    INSERT INTO docs VALUES (14, 'w')}, '{14}'],
    ['another DateStyle',         q{SET datestyle = 'SQL, DMY'; SET extra_float_digits = 0; INSERT INTO docs VALUES (15, 'w')}, '{15}'],
    ['TRUNCATE',                  q{TRUNCATE docs}, 'all'],
);
for my $case (@cases) {
    my ($what, $sql, $expected) = @{$case};
    psql($db, $sql);
    is(noted(), $expected, $what);
}

psql($db, 'ALTER TABLE docs ADD FOREIGN KEY (parent) REFERENCES docs ON DELETE CASCADE; INSERT INTO docs VALUES (1), (2), (3); UPDATE docs SET parent = 1 WHERE id > 1');
noted();
psql($db, 'DELETE FROM docs WHERE id = 1');
is(noted(), '{1} {2} {3}', 'what a cascade deletes');

# Where nothing can be evaluated any more, a writer goes on.
psql($db, 'ALTER TABLE docs RENAME body TO content; INSERT INTO docs VALUES (20); UPDATE docs SET title = 1; DELETE FROM docs');
is(noted(), 'all {20}', 'after a column was renamed, all is to be looked at, and no writer fails');
psql($db, 'ALTER TABLE docs RENAME content TO body');

# The job's row is nothing that writers touch.
is(psql($db, q{BEGIN; INSERT INTO docs VALUES (30); SELECT count(*) FROM pg_locks WHERE relation = 'stele.job'::regclass AND pid = pg_backend_pid(); COMMIT}), 0, 'a writer locks nothing of the job');
noted();

# --------------------------------------------------------------- making them

{
    my $holder = start(postgres('psql'), '-XqAt', '-d', url($db), '-c', 'BEGIN; LOCK TABLE docs IN ROW EXCLUSIVE MODE; SELECT pg_sleep(1.5); COMMIT');
    ok(wait_for($db, "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'docs'::regclass AND mode = 'RowExclusiveLock' AND granted)"), 'somebody writes');
    is(after(@spec, qw(drop has)), "drop: 0\nhas 0\nhas: 0\n", 'dropping them waits for a gap');
    finish($holder);
}
is(psql($db, q{SELECT count(*) FROM pg_proc WHERE proname LIKE 'follow%'}), 0, 'and leaves nothing');

# What was read already may have been changed since.
psql($db, 'INSERT INTO stele.chunk (job, no, round, state) SELECT id, 1000, 1, 2 FROM stele.job');

# Dropping begins with a function that does nothing; whoever is interrupted there leaves triggers that look like working ones.
after(@spec, 'triggers');
psql($db, q{CREATE OR REPLACE FUNCTION stele.follow_1() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NULL; END'; INSERT INTO docs VALUES (33)});
is(noted(), '', 'of a drop that was interrupted triggers are left that note nothing');
is(after(@spec, qw(has triggers has)), "has 0\nhas: 0\ntriggers: 0\nhas 1\nhas: 0\n", '... which is seen, and they are made anew');
psql($db, 'INSERT INTO docs VALUES (34)');
is(noted(), 'all {34}', '... all is to be looked at, and from then on they note');
psql($db, 'DELETE FROM docs WHERE id IN (33, 34)');
noted();
is(after(@spec, qw(drop has)), "drop: 0\nhas 0\nhas: 0\n", '... and they can be dropped');

is(after(@spec, qw(drop)), "drop: 0\n", 'nor fails when there is nothing');
psql($db, 'INSERT INTO docs VALUES (31)');
is(noted(), '', 'without them nothing is noted');

{
    my $holder = start(postgres('psql'), '-XqAt', '-d', url($db), '-c', 'BEGIN; LOCK TABLE docs IN ROW EXCLUSIVE MODE; SELECT pg_sleep(600); COMMIT');
    ok(wait_for($db, "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'docs'::regclass AND mode = 'RowExclusiveLock' AND granted)"), 'somebody writes');
    like(after(@spec, 'triggers'), qr/^triggers: 4 canceling statement due to lock timeout .*run it again when fewer long transactions are open/, 'a table that leaves no gap is told');
    kill('KILL', -$holder->{pid});
    psql($db, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()");
}

{
    my $worker = sub { my ($exit, $out, $err) = run($after, url($db, 'worker'), @_); $out . $err };
    psql($db, 'GRANT ALL ON ALL TABLES IN SCHEMA stele TO worker; GRANT ALL ON ALL SEQUENCES IN SCHEMA stele TO worker');
    like($worker->(@spec, 'triggers'), qr/^triggers: 9 must be owner of function follow_1 .*belongs to the role that began the job/, 'a function of another role is not replaced');
    psql($db, 'DROP FUNCTION stele.follow_1()');
    like($worker->(@spec, 'triggers'), qr/^triggers: 9 permission denied for table docs .*follow = "sweep"/, 'without the right TRIGGER the sweep has to do');
    psql($db, 'GRANT TRIGGER ON docs TO worker');
    is($worker->(@spec, qw(triggers has)), "triggers: 0\nhas 1\nhas: 0\n", 'with it, the owner of the table need not make them');
    psql($db, q{SET ROLE writer; INSERT INTO docs VALUES (32)});
    is(noted(), 'all {32}', 'and they note; what was changed before, nobody did, so all is to be looked at');
    like($worker->(@spec, 'drop'), qr/^drop: 9 the job "\w+" is cancelled, but its triggers could not be dropped: must be owner of relation docs; they note nothing any more .*dropped by the owner of their table, postgres, .*began the job, worker: .*DROP FUNCTION "stele"\.follow_1\(\) CASCADE/, '... but only the owner drops them, which is told');
    psql($db, 'INSERT INTO docs VALUES (36)');
    is(noted(), '', '... those that are left note nothing');
    psql($db, 'SET ROLE worker; DROP FUNCTION stele.follow_1() CASCADE');
    is(psql($db, "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'docs'::regclass AND NOT tgisinternal AND tgname LIKE 'stele%'"), 0, '... and go with their function, as the hint says');
    is($worker->(@spec, 'drop'), "drop: 0\n", '... then nothing is left to be dropped');
}

{
    after(@spec, 'triggers');
    my $holder = start(postgres('psql'), '-XqAt', '-d', url($db), '-c', 'BEGIN; LOCK TABLE docs IN ROW EXCLUSIVE MODE; SELECT pg_sleep(600); COMMIT');
    ok(wait_for($db, "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'docs'::regclass AND mode = 'RowExclusiveLock' AND granted)"), 'somebody writes, when they are to be dropped');
    like(after(@spec, 'drop'), qr/^drop: 4 the job "\w+" is cancelled, but its triggers could not be dropped: canceling statement due to lock timeout; they note nothing any more .*run it again when fewer/, '... what then holds is told');
    kill('KILL', -$holder->{pid});
    psql($db, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()");
    is(after(@spec, 'drop'), "drop: 0\n", '... and once more drops them');
    noted();
}

# ---------------------------------------------------------------------- where

{
    psql($db, 'CREATE FUNCTION public.is_new(text) RETURNS boolean LANGUAGE sql AS $$ SELECT $1 IS NOT NULL $$; GRANT CREATE ON SCHEMA public TO PUBLIC');
    my @own = map { /^where/ ? 'where=is_new(title)' : $_ } @spec;
    like(after(@own, 'triggers'), qr/^triggers: 9 function is_new\(text\) does not exist .*write the names in `where` with their schemas/,
        'names are not looked for where everybody may put some');
    is(after(map({ /^where/ ? 'where=public.is_new(title)' : $_ } @spec), qw(triggers has)), "triggers: 0\nhas 1\nhas: 0\n", 'with its schema it is found');
    psql($db, q{INSERT INTO docs (id, title) VALUES (40, 'a'), (41, NULL)});
    is(noted(), '{40}', 'and asked');
    psql($db, q{CREATE OR REPLACE FUNCTION public.is_new(text) RETURNS boolean LANGUAGE sql AS $$ SELECT 1 / 0 > 1 $$; INSERT INTO docs (id) VALUES (42)});
    is(noted(), 'all', 'what it raises fails no writer');
    after(@own, 'drop');
    psql($db, 'REVOKE CREATE ON SCHEMA public FROM PUBLIC');
}

# ------------------------------------------------------------------------ keys

{
    psql($db, 'CREATE TABLE dated (at timestamptz, part float8, body text, PRIMARY KEY (at, part)); CREATE TABLE dated_side (at timestamptz, part float8, input bytea NOT NULL, embedding vector(3),'
        . ' PRIMARY KEY (at, part))');
    my @dated = ('table=dated', 'key=at,part', 'read=body', 'into=dated_side', 'vector=embedding', 'hash=input', 'dimensions=3');
    is(after(@dated, qw(triggers has)), "triggers: 0\nhas 1\nhas: 0\n", 'of a key whose text depends on settings');
    psql($db, q{SET timezone = 'Asia/Tokyo'; SET datestyle = 'German'; SET extra_float_digits = -5; INSERT INTO dated VALUES ('2024-03-01 12:00:00.123456+00', 0.1::float8 + 0.2)});
    is(noted(), '{"2024-03-01 12:00:00.123456+00",0.30000000000000004}', 'it is the same in each session');
    like(after(@dated, 'drop', 'tally'), qr/rows 1 good 0 dead 0 dirty 0 stale 1/, 'forgotten, the row is stale');
    psql($db, q{INSERT INTO stele.dirty (job, key) VALUES (1, '{"2024-03-01 12:00:00.123456+00",0.30000000000000004}')});
    like(after(@dated, 'tally'), qr/rows 1 good 0 dead 0 dirty 1 stale 0/, 'noted, it waits');
    noted();
}

# ------------------------------------------------------------------ partitions

{
    psql($db, <<'SQL');
CREATE TABLE parts (tenant int NOT NULL, id text COLLATE "C" NOT NULL, body text, PRIMARY KEY (tenant, id)) PARTITION BY LIST (tenant);
CREATE TABLE part1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE part2 (id text COLLATE "C" NOT NULL, extra int, tenant int NOT NULL, body text);
ALTER TABLE part2 DROP COLUMN extra, ADD PRIMARY KEY (tenant, id);
ALTER TABLE parts ATTACH PARTITION part2 FOR VALUES IN (2);
CREATE TABLE parts_side (tenant int NOT NULL, id text COLLATE "C" NOT NULL, input bytea NOT NULL, embedding vector(3), PRIMARY KEY (tenant, id));
SQL
    my @parts = ('table=parts', 'key=tenant,id', 'read=body', 'into=parts_side', 'vector=embedding', 'hash=input', 'dimensions=3');
    is(after(@parts, qw(triggers has)), "triggers: 0\nhas 1\nhas: 0\n", 'of a partitioned table');
    psql($db, q{INSERT INTO parts VALUES (1, 'a', 'x'), (2, 'b "q" \\,', 'y')});
    is(noted(), q({1,a} {2,"b \"q\" \\\\,"}), 'a statement that names it');
    psql($db, q{INSERT INTO part2 (tenant, id, body) VALUES (2, 'c', 'z'); UPDATE part2 SET body = 'zz' WHERE id = 'c'});
    is(noted(), '{2,c}', 'one that names a partition, whose columns stand in another order');
    psql($db, q{UPDATE parts SET tenant = 1 WHERE id = 'c'});
    is(noted(), '{1,c} {2,c}', 'a row that moves to another one');
    psql($db, q{TRUNCATE part1});
    is(noted(), 'all', 'a TRUNCATE of one');
    psql($db, 'CREATE TABLE part3 PARTITION OF parts FOR VALUES IN (3)');
    psql($db, 'INSERT INTO stele.chunk (job, no, round, state) SELECT id, 1000, 1, 2 FROM stele.job ON CONFLICT DO NOTHING');
    noted();
    is(after(@parts, qw(has triggers has)), "has 0\nhas: 0\ntriggers: 0\nhas 1\nhas: 0\n", 'a new one has none, which is seen, and gets them');
    is(noted(), 'all', '... and what it came with is to be looked at');
    for my $how ('ALTER TABLE parts DETACH PARTITION part3', 'ALTER TABLE parts ATTACH PARTITION part3 FOR VALUES IN (3)', 'DROP TABLE part3') {
        psql($db, $how);
        is(after(@parts, qw(has triggers has)), "has 0\nhas: 0\ntriggers: 0\nhas 1\nhas: 0\n", "$how is seen, whether there are triggers or not");
        is(noted(), 'all', '... and all is to be looked at');
    }
    is(after(@parts, qw(triggers)), "triggers: 0\n", 'once');
    is(noted(), '', '... only');
    is(after(@parts, qw(drop has)), "drop: 0\nhas 0\nhas: 0\n", 'and all are dropped');
    is(psql($db, "SELECT count(*) FROM pg_trigger WHERE tgrelid::regclass::text LIKE 'part%' AND NOT tgisinternal"), 0, 'of each');
}

done_testing();

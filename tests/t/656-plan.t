# A look ahead: what it estimates, against what a run then takes; and each danger, shown and absent.

use strict;
use warnings;

use Stele::Provider;
use Stele::Test;
use Test::More;

my $provider = Stele::Provider->new;
server('-c', 'autovacuum=off'); # which would write WAL beside the job
my $db = fresh_database();
$ENV{KEY} = 'k';
my $url = $provider->url;
sub embeds {
    my (%with) = @_;
    my $more = join('', map { "    $_ = $with{$_},\n" } grep { !/^(?:dimensions|provider|into|table)$/ } sort keys %with);
    return "return {\n    table = \"" . ($with{table} // 'docs') . "\", key = \"id\", read = { \"body\" },\n    embed = http { url = \"$url\", model = \"m\", key = secret \"KEY\", dimensions = "
        . ($with{dimensions} // 1024) . ($with{provider} // '') . " },\n    text = function(row) return row.body end,\n    into = " . ($with{into} // '{ table = "side", vector = "embedding", hash = "input" }') . ",\n$more}\n";
}
my %files = (
    '001_a.sql' => <<'SQL',
CREATE EXTENSION vector;
CREATE TABLE docs (id bigint PRIMARY KEY, body text, gone boolean NOT NULL DEFAULT false);
CREATE TABLE side (id bigint PRIMARY KEY, input bytea NOT NULL, embedding vector(1024));
CREATE TABLE half (id bigint PRIMARY KEY, input bytea, embedding halfvec(64));
CREATE TABLE wide (id bigint PRIMARY KEY, input bytea NOT NULL, embedding vector(3072));
CREATE TABLE own (id bigint PRIMARY KEY, body text, embedding vector(1024), input bytea) WITH (fillfactor = 90);
CREATE TABLE people (id bigint PRIMARY KEY, body text, copy text) WITH (fillfactor = 90);
SQL
    'J_side.lua' => embeds(provider => ', price = 2', pace => '{ rpm = 60, tpm = 6000 }', index => '"USING hnsw (embedding vector_cosine_ops)"'),
    'J_half.lua' => embeds(dimensions => 64, into => '{ table = "half", vector = "embedding", hash = "input" }', where => '"NOT gone"'),
    'J_wide.lua' => embeds(dimensions => 3072, into => '{ table = "wide", vector = "embedding", hash = "input" }', index => '"USING hnsw (embedding vector_cosine_ops)"'),
    'J_own.lua' => embeds(table => 'own', into => '{ vector = "embedding", hash = "input" }'),
    'J_people.lua' => 'return { table = "people", key = "id", read = { "body" }, map = function(row) return { copy = row.body } end }',
    'J_sql.lua' => 'return { table = "people", key = "id", read = { "body" }, sql = [[UPDATE people p SET copy = :k FROM :batch b WHERE p.id = b.id]], bind = { k = secret "KEY" } }',
);
my $folder = migrations(\%files);
my $job = application('look_ahead', $folder);

sub job {
    my ($name, @steps) = @_;
    my ($exit, $out, $err) = run($job, url($db), $name, @steps, {timeout => 300});
    return $out . $err;
}
sub ahead {
    my ($out) = job(@_, 'plan');
    my %plan = (out => $out, map { /^(\w+) (-?[\d.]+)$/ ? ($1, $2) : () } split(/\n/, $out));
    $plan{status} = $1 if $out =~ /^plan: (\d+)$/m;
    return \%plan;
}
sub near {
    my ($got, $right, $share, $what) = @_;
    my $is = $right ? $got / $right : 0;
    ok($is >= 1 - $share && $is <= 1 + $share, $what) or diag("estimated $got, it is $right: " . sprintf('%.3f', $is));
}

like(job('side', 'plan'), qr/^fatal migrations are pending \| apply them first.*\nfatal there is no table docs \|.*\n(?:\w+ 0\.?0*\n)*plan: 9\nerror the job "side" can't be run like this: migrations are pending/m, 'before the migrations were applied')
    or diag(job('side', 'plan'));
is(job('side', 'apply'), "apply: 0\n", 'applied');
is(ahead('side')->{rows}, 0, 'an empty table has no rows');
psql($db, <<'SQL');
INSERT INTO docs SELECT i, i || repeat(' word', 20 + (i * 7919 % 60)::int), i % 4 = 0 FROM generate_series(1, 2000) i ORDER BY md5(i::text);
INSERT INTO own SELECT id, body FROM docs; INSERT INTO people SELECT id, body FROM docs; ANALYZE;
SQL
my $before = psql($db, q{SELECT string_agg(oid::regclass::text, ' ' ORDER BY oid) FROM pg_class});
my $plan = ahead('side');
is($plan->{status}, 0, 'nothing is fatal') or diag($plan->{out});
is($plan->{rows}, 2000, 'rows');
is($plan->{sample}, 1000, 'of which 1,000 were looked at');
is($plan->{by_blocks}, 1, 'by blocks');
is($provider->stats->{requests}, 0, 'no provider is called');
is(psql($db, q{SELECT string_agg(oid::regclass::text, ' ' ORDER BY oid) FROM pg_class}), $before, 'and nothing is made, no tables of jobs either');
unlike($plan->{out}, qr/^(?:danger|fatal)/m, 'nothing is dangerous') or diag($plan->{out});
near($plan->{cost}, $plan->{tokens} * 2 / 1e6, 0.001, 'the cost is by the price');
near($plan->{seconds_provider}, $plan->{tokens} / 6000 * 60, 0.2, 'the time by the tighter limit');

# ------------------------------------------------------------------ against a run

write_file("$folder/J_side.lua", $files{'J_side.lua'} =~ s/rpm = 60, tpm = 6000//r);
$job = application('look_ahead', $folder);
sub sizes { psql($db, "SELECT pg_total_relation_size('$_[0]')") }
my $lsn = psql($db, 'CHECKPOINT; SELECT pg_current_wal_lsn()');
my $empty = sizes('side');
my $ran = job('side', 'run');
like($ran, qr/^run: 0$/m, 'it is run') or diag($ran);
my $wal = psql($db, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '$lsn')");
my $index = psql($db, q{SELECT sum(pg_relation_size(indexrelid)) FROM pg_index WHERE indrelid = 'side'::regclass AND NOT indisprimary});
near($plan->{tokens}, $ran =~ /^used (\d+)$/m ? $1 : 0, 0.05, 'tokens');
near($plan->{table_bytes}, sizes('side') - $index - $empty, 0.1, 'bytes of the table');
near($plan->{index_bytes}, $index, 0.1, 'bytes of the index');
near($plan->{wal_bytes}, $wal, 0.1, 'WAL');

$plan = ahead('half');
near($plan->{rows}, 1500, 0.01, 'rows with where');
like($plan->{out}, qr/^danger column "input" of half may be NULL.* \| have it NOT NULL/m, 'a hash that may be NULL');
$provider->control(dimensions => 64);
$ran = job('half', 'run');
like($ran, qr{^run: 0$}m, 'it is run') or diag($ran);
near($plan->{tokens}, $ran =~ /^used (\d+)$/m ? $1 : 0, 0.05, 'tokens with where');
near($plan->{table_bytes}, sizes('half'), 0.1, 'bytes of small vectors, which are in the rows');

$provider->control(dimensions => 1024);
$plan = ahead('own');
($lsn, $empty) = (psql($db, 'CHECKPOINT; SELECT pg_current_wal_lsn()'), sizes('own'));
$ran = job('own', 'run');
like($ran, qr/^run: 0$/m, 'a column of the same table') or diag($ran);
near($plan->{wal_bytes}, psql($db, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '$lsn')"), 0.1, 'WAL in place');
near($plan->{table_bytes}, sizes('own') - $empty, 0.1, 'bytes in place');

# ------------------------------------------------------------------ dangers

# What a plan says with the SQL done, and when it is undone again.
sub danger {
    my ($what, $name, $sql, $undo, $like, @role) = @_;
    psql($db, $sql);
    like(ahead($name, @role)->{out}, qr/^$like/m, $what) or diag(ahead($name, @role)->{out});
    psql($db, $undo);
    unlike(ahead($name)->{out}, qr/^$like/m, "$what: not without");
}

psql($db, "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'");
danger('a trigger', 'own', 'CREATE TRIGGER touch BEFORE UPDATE ON own FOR EACH ROW EXECUTE FUNCTION touch()', 'DROP TRIGGER touch ON own', 'danger the table own has the trigger "touch", which fires at each of the job\'s updates');
danger('a trigger of a column that is written', 'own', 'CREATE TRIGGER touch BEFORE UPDATE OF embedding ON own FOR EACH ROW EXECUTE FUNCTION touch()', 'DROP TRIGGER touch ON own; CREATE TRIGGER touch BEFORE UPDATE OF body ON own FOR EACH ROW EXECUTE FUNCTION touch()', 'danger the table own has the trigger');
danger('a trigger that is disabled', 'people', 'CREATE TRIGGER touch BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION touch()', 'ALTER TABLE people DISABLE TRIGGER touch', 'danger the table people has the trigger');
danger('a trigger on the table of vectors', 'side', 'CREATE TRIGGER touch BEFORE INSERT ON side FOR EACH ROW EXECUTE FUNCTION touch()', 'DROP TRIGGER touch ON side', 'danger the table side has the trigger "touch"');
danger('a live index on the column', 'half', 'CREATE INDEX live ON half USING hnsw (embedding halfvec_l2_ops)', 'DROP INDEX live', 'danger the hnsw index "live" is on the column that is written');
danger('a live index beside the column', 'own', 'ALTER TABLE own ADD other vector(3); CREATE INDEX live ON own USING ivfflat (other vector_l2_ops) WITH (lists = 1)', 'DROP INDEX live', 'danger the ivfflat index "live" of own gets an entry');
danger('an old pgvector', 'people', "ALTER TABLE people ADD v vector(3); CREATE INDEX live ON people USING hnsw (v vector_l2_ops); UPDATE pg_extension SET extversion = '0.8.3' WHERE extname = 'vector'",
    "UPDATE pg_extension SET extversion = '0.8.10' WHERE extname = 'vector'", 'fatal pgvector 0\.8\.3 may leave an HNSW index broken');
danger('generated columns', 'people', 'ALTER TABLE people ADD g int GENERATED ALWAYS AS (length(body)) STORED', 'ALTER TABLE people DROP g', 'danger people has generated columns, .*: g');
danger('a fillfactor of 100', 'people', 'ALTER TABLE people RESET (fillfactor)', 'ALTER TABLE people SET (fillfactor = 90)', 'danger the fillfactor of people is 100');
danger('a publication', 'people', 'CREATE PUBLICATION p FOR TABLE people', 'DROP PUBLICATION p', 'danger people is published by "p": all that the job writes there goes to its subscribers \|');
danger('without an identity', 'people', 'CREATE PUBLICATION p FOR TABLE people; ALTER TABLE people REPLICA IDENTITY NOTHING', 'ALTER TABLE people REPLICA IDENTITY FULL', 'fatal people is published by "p" and has no replica identity');
like(ahead('people')->{out}, qr/^danger people is published by "p": .* since its replica identity is FULL/m, 'and with FULL, so it is said');
psql($db, 'DROP PUBLICATION p');
danger('much to write', 'half', q{ALTER TABLE half ALTER embedding TYPE halfvec; UPDATE pg_class SET relpages = 1, reltuples = 1e9 WHERE relname = 'docs'; INSERT INTO docs SELECT i, repeat(md5(i::text), 60) FROM generate_series(10001, 30000) i},
    'DELETE FROM docs WHERE id > 10000; VACUUM FULL ANALYZE docs', 'danger it takes some [\d.]+ GB of the disk');
danger('no index for where', 'half', q{UPDATE docs SET gone = true; ALTER TABLE docs SET (fillfactor = 10); INSERT INTO docs SELECT i, repeat('x', 700), i > 10100 FROM generate_series(10001, 15000) i; VACUUM FULL ANALYZE docs},
    'CREATE INDEX there ON docs (id) WHERE NOT gone; ANALYZE docs', 'danger only some [\d.]+ % of docs are what `where` asks for, no index leads there');
psql($db, 'DELETE FROM docs WHERE id > 10000; UPDATE docs SET gone = false; ALTER TABLE docs RESET (fillfactor); VACUUM FULL ANALYZE docs');
like(ahead('wide')->{out}, qr/^fatal an hnsw index of vector has up to 2000 dimensions, and the model has 3072 \| use halfvec.*\n(?:.*\n)*plan: 9/m, 'more dimensions than an index may have');
psql($db, "ALTER DATABASE $db SET maintenance_work_mem = '1MB'");
my $memory = qr/^danger the graph of the HNSW index takes some (\d+) MB while it is built, and maintenance_work_mem is 1MB/m;
unlike(ahead('side')->{out}, $memory, 'an index that is built already needs no memory');
psql($db, 'DROP INDEX ' . psql($db, q{SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'side'::regclass AND NOT indisprimary}));
like(ahead('side')->{out}, $memory, 'too little memory for the graph');
psql($db, "ALTER DATABASE $db RESET maintenance_work_mem");
unlike(ahead('side')->{out}, $memory, 'but enough else');

# Nobody waits for five minutes: a prepared transaction could be made older, a session's can't.
unlike(ahead('side')->{out}, qr/is open since/, 'no transaction is old');

# -------------------------------------------------------------------- rights

psql($db, q{DROP ROLE IF EXISTS worker; CREATE ROLE worker; GRANT USAGE ON SCHEMA stele TO worker; GRANT SELECT ON ALL TABLES IN SCHEMA stele TO worker});
my $all = 'GRANT SELECT, TRIGGER ON docs TO worker; GRANT SELECT, INSERT, UPDATE, DELETE ON side, half TO worker; GRANT CREATE ON SCHEMA stele TO worker';
my $works = 'GRANT SELECT, INSERT, UPDATE, DELETE ON stele.job, stele.chunk, stele.dead, stele.dirty, stele.worker TO worker';
like(ahead('side', 'role=worker')->{out}, qr/^fatal this role may not SELECT the columns of docs.*\n(?:.*\n)*fatal this role may not UPDATE side .*\nfatal this role may not SELECT, INSERT and DELETE in side/m, 'no rights at all')
    or diag(ahead('side', 'role=worker')->{out});
psql($db, $all);
my $out = ahead('side', 'role=worker')->{out};
like($out, qr/^fatal this role may not SELECT, INSERT, UPDATE and DELETE in the tables of jobs in "stele" \|/m, 'it may only look at the tables of jobs');
psql($db, $works);
$out = ahead('side', 'role=worker')->{out};
like($out, qr/^fatal this role may make no index on side/m, 'the index is its owner\'s');
unlike($out, qr/may not|no trigger/, 'and with the rights nothing is missing');
like($out, qr/^danger this role can make triggers on docs, and can't drop them/m, 'but triggers are dropped by the owner of the table');
unlike(ahead('side')->{out}, qr/can't drop them/, '... who is not told so');
psql($db, 'REVOKE TRIGGER ON docs FROM worker');
like(ahead('half', 'role=worker')->{out}, qr/^danger this role may make no trigger on docs/m, 'no trigger: a sweep');
psql($db, 'ALTER TABLE docs ENABLE ROW LEVEL SECURITY');
like(ahead('half', 'role=worker')->{out}, qr/^fatal row security hides rows of docs/m, 'row security');
unlike(ahead('half')->{out}, qr/row security/, 'which is not for the owner');
psql($db, 'ALTER TABLE half ENABLE ROW LEVEL SECURITY');
like(ahead('half', 'role=worker')->{out}, qr/^danger row security is in force for this role on half/m, '... of a table beside, a job does with it');
psql($db, 'ALTER TABLE half DISABLE ROW LEVEL SECURITY');
psql($db, 'ALTER TABLE docs DISABLE ROW LEVEL SECURITY; DROP OWNED BY worker; DROP ROLE worker');
{
    local $ENV{KEY};
    delete $ENV{KEY};
    like(ahead('sql')->{out}, qr/^fatal the environment has no KEY, which the statement needs as :k/m, 'a secret that is not set');
    like(ahead('side')->{out}, qr/^fatal .*KEY/m, 'and that of the provider');
}
psql($db, 'CLUSTER docs USING docs_pkey; ANALYZE docs');
is(ahead('side')->{by_blocks}, 0, 'by key, where the rows lie in that order');

# What a switch changes is of the program, not of the tables that were made before.
{
    my %scripts = map { ("J_$_.lua" => "return { table = 'docs', key = 'id', read = { 'body' }, embed = fixed { dimensions = 4 }, text = function(row) return row.body end,
        into = { table = 'docs_v', vector = 'v', hash = 'input' }, switch = { parameters = { $_ = 8 } } }\n") } 'made_dim', 'search_dim';
    my $switches = program(migrations({'stele.conf' => "parameter made_dim integer build 4\nparameter search_dim integer build 4\n", %scripts,
        '001_docs.sql' => 'CREATE EXTENSION vector; CREATE TABLE docs (id int PRIMARY KEY, body text); CREATE TABLE docs_v (id int PRIMARY KEY, v vector(${made_dim}), input bytea NOT NULL);'}));
    my ($fresh) = fresh_database();
    is((stele($switches, $fresh, 'up'))[0], 0, 'a history whose tables are made with a parameter');
    my ($exit, $out, $err) = stele($switches, $fresh, 'job', 'plan', 'made_dim');
    is($exit, 0, '... which a job switches');
    like($out . $err, qr/the switch changes the parameter "made_dim", which stands in 001_docs\.sql/, '... is told');
    unlike(join('', stele($switches, $fresh, 'job', 'plan', 'search_dim')), qr/the switch changes/, '... one that is in no migration is none to tell of');
}

done_testing();

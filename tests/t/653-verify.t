# Each check of a verification, on what is right, and made to fail by what is wrong.

use strict;
use warnings;

use Stele::Test;
use Test::More;

my $after = application('after', migrations({'001_a.sql' => "CREATE TABLE nothing ();\n"}));
my $db = fresh_database();
my @table = ('table=docs', 'key=id', 'read=title,body', 'dimensions=8', 'where=NOT gone', 'recall=0.95', 'norm=0.99,1.01', 'resample=20', 'zero=SELECT count(*) FROM docs WHERE bad');
my @side = (@table, 'into=side', 'vector=embedding', 'hash=input', 'index=USING hnsw (embedding vector_cosine_ops)', 'check=copy');

psql($db, <<'SQL');
CREATE EXTENSION vector;
CREATE SCHEMA stele;
CREATE TABLE docs (id bigint PRIMARY KEY, title text, body text, copy text, bad boolean NOT NULL DEFAULT false, gone boolean NOT NULL DEFAULT false);
CREATE TABLE side (id bigint PRIMARY KEY, input bytea NOT NULL, embedding vector(8));
INSERT INTO docs SELECT i, 't' || i, 'b', 't' || i FROM generate_series(1, 400) i;
INSERT INTO docs SELECT i, 't' || i, 'b', 'gone', false, true FROM generate_series(401, 420) i;
SQL

sub after {
    my ($exit, $out, $err) = run($after, url($db), @_);
    return $out . $err;
}

# What a verification of the table with that SQL done to it says of one check; then it is undone.
sub check {
    my ($name, $sql, @arguments) = @_;
    psql($db, "CREATE TABLE saved AS TABLE side; CREATE TABLE saved_docs AS TABLE docs; $sql");
    my $out = after(@side, @arguments, 'verify');
    psql($db, 'TRUNCATE side, docs, stele.dead, stele.dirty; INSERT INTO side TABLE saved; INSERT INTO docs TABLE saved_docs; DROP TABLE saved, saved_docs');
    my ($line) = $out =~ /^((?:ok|NOT OK) $name: .*)$/m;
    my @failed = $out =~ /^NOT OK (\w+)/mg;
    return ($line // $out, join(' ', @failed));
}

sub fails {
    my ($name, $sql, $like, $what, @arguments) = @_;
    my ($line, $failed) = check($name, $sql, @arguments);
    like($line, qr/^NOT OK $name: .*$like/, $what);
    return $failed;
}

is(after(@side, 'enter'), "enter: 0\n", 'the job is begun');
like(after(@side, qw(load index)), qr/^load: 0\n(?:progress .*\n)*index: 0\n\z/, 'loaded, and its index built');
my $right = after(@side, 'verify');
like($right, qr/^verify: 0$/m, 'what is right passes') or diag($right);
is(join(' ', $right =~ /^ok (\w+)/mg), 'count stale dimensions finite norm distinct index recall canary resample check zero', 'by all of the checks, in this order');
like($right, qr/^ok count: 400 rows: 400 have their vector, 0 were given up, 0 wait to be done again$/m, 'with numbers: count');
like($right, qr/^ok recall: recall\@10 of 50 queries is 1\.000, at least 0\.950 is asked for$/m, 'recall');
like($right, qr/^ok norm: the norms of 400 vectors are between .*; asked for is 0\.99 to 1\.01$/m, 'norm');
like($right, qr/^ok canary: 8 texts embedded together and one by one: the least cosine is 1\.00000/m, 'canary');

fails('count', 'DELETE FROM side WHERE id = 7', '1 rows are neither done nor given up, \{7\}', 'a vector that is missing');
fails('count', "INSERT INTO side SELECT 500, input, embedding FROM side WHERE id = 1", '1 vectors belong to no row, that of \{500\}', 'one too many');
fails('count', 'DELETE FROM docs WHERE id = 5', '1 vectors belong to no row, that of \{5\}', 'a row that was deleted');
fails('count', 'UPDATE docs SET gone = true WHERE id = 5', '1 vectors belong to no row, that of \{5\}', 'a row that left where');
fails('count', 'UPDATE side SET embedding = NULL WHERE id = 9', '1 vectors are NULL, that of \{9\}', 'a NULL');
fails('stale', "UPDATE docs SET body = 'c' WHERE id = 3", 'the row \{3\} has none, or that of another text', 'a row that was changed');
# What was noted to be done again is looked at as a whole, not once for each row.
{
    my $scans = q{SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = 'dirty'};
    my $before = psql($db, $scans);
    my ($line) = check('count', "UPDATE docs SET body = 'c' WHERE id <= 300; INSERT INTO stele.dirty (job, key) SELECT job.id, ARRAY[docs.id::text] FROM stele.job, docs WHERE docs.id <= 300");
    is($line, 'ok count: 400 rows: 100 have their vector, 0 were given up, 300 wait to be done again', 'rows that wait to be done again are right');
    my $more = psql($db, $scans) - $before;
    cmp_ok($more, '<', 50, "... and found in $more looks at the notes");
}
fails('norm', "UPDATE side SET embedding = '[0,0,0,0,0,0,0,0]' WHERE id = 4", '1 are all zero, that of \{4\}', 'all zero');
fails('norm', "UPDATE side SET embedding = '[2,0,0,0,0,0,0,0]' WHERE id = 4", '1 are outside of the band, that of \{4\}', 'out of the band');
fails('distinct', 'UPDATE side SET embedding = (SELECT embedding FROM side WHERE id = 1) WHERE id BETWEEN 2 AND 6', 'of 400 texts, 6 have the vector of another one; 1.00 % may \| \{\d\} and \{\d\}', 'one vector for several texts');
fails('distinct', 'UPDATE side SET embedding = (SELECT embedding FROM side WHERE id = 1)', 'of 400 texts, 400 have', 'one vector for all');
fails('resample', 'UPDATE side SET embedding = s.embedding FROM side AS s WHERE s.id = side.id % 400 + 1', 'the least cosine to what is stored is', 'vectors of other rows');
fails('resample', '', '\{\d+\}: -?0\.', 'another model', 'fault=model');
fails('canary', '', 'the least cosine is', 'vectors that depend on what else is in the request', 'fault=company');
like((check('canary', '', 'fault=noise'))[0], qr/^ok canary: .* the least cosine is 0\.9999\d+, at least 0\.9999 is right; .*at least 0\.999$/, 'what depends on it as little as rounding does passes');
fails('canary', '', 'the least cosine is 0\.9999\d+, at least 0\.99999 is right; .*at least 0\.99999', 'unless more is asked for', 'fault=noise', 'cosine=0.99999');
fails('resample', '', 'the least cosine to what is stored is 0\.9999\d+, at least 0\.99999 is right', '... of those that are embedded again, too', 'fault=noise', 'cosine=0.99999');
like((check('canary', '', 'cosine=0.999999'))[0], qr/^ok canary: .*at least 0\.999999 is right/, 'which is given by who gives the same for the same');
fails('canary', '', "couldn't be embedded again \\| 401: the key isn't taken", 'a provider that is down', 'fault=down');
fails('canary', '', "couldn't be embedded again \\| \\{\\d+\\}: 400 content refused", 'a text that is refused', 'fault=row');
fails('check', "UPDATE docs SET copy = 'x' WHERE id % 2 = 0", 'verify.check refuses \d+ of 100 rows \| \{\d+\}: it is x', 'what the script refuses');
fails('zero', 'UPDATE docs SET bad = true WHERE id < 3', 'something is found by: SELECT count.* \| it returned 2', 'what a query finds');
fails('zero', 'ALTER TABLE docs RENAME bad TO worse', 'the query failed: .* \| column "bad" does not exist \[42703\]', 'a query that fails') ;
psql($db, 'ALTER TABLE docs RENAME worse TO bad');

# What is rightly so.
my ($line) = check('count', q{INSERT INTO docs VALUES (501, 'n', 'n', 'n'); INSERT INTO stele.dirty (job, key) VALUES (1, '{501}')});
is($line, 'ok count: 401 rows: 400 have their vector, 0 were given up, 1 wait to be done again', 'a row that a trigger noted waits');
($line) = check('stale', q{UPDATE docs SET title = 'n', copy = 'n' WHERE id = 5; DELETE FROM docs WHERE id = 6; INSERT INTO stele.dirty (job, key) VALUES (1, '{5}'), (1, '{6}')});
is($line, 'ok stale: 0 rows are stale, 0 vectors are left over', 'so does one that was changed, and one that was deleted');
# That all is to be compared says nothing of a row: those that differ are told.
my $all = 'INSERT INTO stele.dirty (job) VALUES (1)';
my $due = 'all rows are to be compared, which the next job run does';
fails('stale', "DELETE FROM docs; $all", "0 rows are stale, 400 vectors are left over; $due", 'nobody noted which rows went with a TRUNCATE');
is(fails('stale', "UPDATE docs SET title = 'n', copy = 'n' WHERE id = 5; $all", "1 rows are stale, 0 vectors are left over; $due \\| the row \\{5\\}", 'nor what was changed'), 'count stale', '... as its count is wrong');
($line) = check('stale', "UPDATE docs SET title = 'n', copy = 'n' WHERE id = 5; INSERT INTO stele.dirty (job, key) VALUES (1, '{5}'); $all");
is($line, "ok stale: 0 rows are stale, 0 vectors are left over; $due", 'what was noted waits all the same, and what is right is right');
my $hash = psql($db, 'SELECT input FROM side WHERE id = 8');
($line) = check('count', qq{DELETE FROM side WHERE id = 8; INSERT INTO stele.dead (job, key, stage, code, input) VALUES (1, '{8}', 'embed', '400', '$hash')});
is($line, 'ok count: 400 rows: 399 have their vector, 1 were given up, 0 wait to be done again', 'a row that was given up');
fails('stale', qq{DELETE FROM side WHERE id = 8; UPDATE docs SET title = 'new' WHERE id = 8; INSERT INTO stele.dead (job, key, stage, code, input) VALUES (1, '{8}', 'embed', '400', '$hash')},
    'the row \{8\}', 'but not one that was changed since');
($line) = check('stale', q{UPDATE docs SET title = 'n' WHERE id = 5}, 'follow=none');
like($line, qr/^ok stale: 1 rows are stale.*isn't followed/, 'with follow = "none" it is told only');

# ---------------------------------------------------------------------- index

my $index = psql($db, q{SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'side'::regclass AND NOT indisprimary});
like($index, qr/^side_embedding_[0-9a-f]{8}$/, 'the index has a name that follows from table, column and definition');
is(after(@side, 'index'), "index: 0\n", 'it is not built again');
psql($db, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '$index'::regclass");
like(after(@side, 'verify'), qr/^NOT OK index: the index public\.$index is not valid/m, 'an invalid one is no index');
like(after(@side, 'verify'), qr/^NOT OK recall: recall\@10 couldn't be measured \| there is no valid index/m, 'and has no recall');
my $old = psql($db, "SELECT '$index'::regclass::oid");
like(after(@side, 'index'), qr/^(?:progress .*\n)*index: 0\n\z/, 'it is dropped, and built anew');
isnt(psql($db, "SELECT '$index'::regclass::oid"), $old, 'as another one');
psql($db, "DROP INDEX $index");
like(after(@side, 'verify'), qr/^NOT OK index: .* is missing/m, 'a missing one is told');
like(after(@side, 'index=USING hnsw (embedding vector_no_ops)', 'index'), qr/^index: 1 operator class "vector_no_ops" does not exist for access method "hnsw" \| CREATE INDEX CONCURRENTLY/m, 'what the server says of it is told');
like(after(@side, 'index=USING ivfflat (embedding vector_l2_ops) WITH (lists = 40)', 'index', 'verify'), qr/^NOT OK recall: recall\@10 of 50 queries is 0\.\d+, at least 0\.950 is asked for \| .* ivfflat\.probes/m,
    'an index that finds too little is told');

# --------------------------------------------------------- other types and places

for my $type ('halfvec', 'sparsevec') {
    psql($db, "DROP TABLE side; CREATE TABLE side (id bigint PRIMARY KEY, input bytea NOT NULL, embedding $type(8))");
    my @typed = map { /^index=/ ? "index=USING hnsw (embedding ${type}_cosine_ops)" : $_ } @side;
    my $out = after(@typed, qw(load index verify));
    like($out, qr/^verify: 0$/m, "$type: what is right passes") or diag($out);
    psql($db, "UPDATE side SET embedding = (SELECT embedding FROM side WHERE id = 1) WHERE id < 350");
    like(after(@typed, 'verify'), qr/^NOT OK distinct.*\n(?:.*\n)*NOT OK resample/m, "$type: what is wrong doesn't");
}
{
    psql($db, 'DROP TABLE side; CREATE TABLE side (id bigint PRIMARY KEY, input bytea NOT NULL, embedding vector)');
    my @untyped = map { /^index=/ ? 'index=USING hnsw ((embedding::vector(8)) vector_cosine_ops)' : $_ } @side;
    my $out = after(@untyped, qw(load index verify));
    like($out, qr/^verify: 0$/m, 'a column without dimensions, whose index has an expression, passes') or diag($out);
    psql($db, "DROP INDEX " . psql($db, q{SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'side'::regclass AND NOT indisprimary}));
    psql($db, "UPDATE side SET embedding = '[1,0]' WHERE id = 4");
    like(after(@untyped, 'verify'), qr/^NOT OK dimensions: .* \| 1 have others, that of \{4\}/m, 'but not one of other dimensions');
}
psql($db, 'ALTER TABLE docs ADD embedding vector(8), ADD input bytea');
my @column = (@table, 'vector=embedding', 'hash=input', 'index=USING hnsw (embedding vector_l2_ops) WHERE embedding IS NOT NULL', 'check=copy');
my $out = after(@column, qw(load index verify));
like($out, qr/^verify: 0$/m, 'in a column of the same table what is right passes') or diag($out);
psql($db, q{UPDATE docs SET embedding = NULL WHERE id = 3; UPDATE docs SET title = 'other' WHERE id = 4});
like(after(@column, 'verify'), qr/^NOT OK count: 400 rows: 399 .*1 vectors are NULL, that of \{3\} .*1 rows are neither.*\{4\}/m, "what is wrong doesn't");
done_testing();
